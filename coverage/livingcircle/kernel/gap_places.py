"""Gap areas of several services as one place with a name and a number: the rows of the list of problems (问题清单)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.diagnosis import NO_PLACES, GapMembers, GapPlaces
from livingcircle.model.outcome import GapAreas
from livingcircle.model.study import Study

SAME_PLACE = 0.5
"""Gap areas of different services are one place when each holds at least this share of the other's residents."""
STREET_NEAR_METRES = 200.0
"""How far from a home the street may be that it is named after."""
NAMED_SHARE = 0.25
"""A second street is part of the name when at least this share of the residents live by it."""
ESTATE_SHARE = 0.5
"""A place is called after a compound that at least this share of its residents live in."""
ID_DIGITS = 6


def gap_places(study: Study, gaps: GapAreas, members: GapMembers, severity: FloatArray) -> tuple[GapPlaces, IntArray]:
    """Gather gap areas (g rows) into places, and tell the place (g,) of each.

    The most severe area that is in no place yet begins one; areas of other requirements whose people are largely the same join it. So two
    requirements on one service, of five and of ten minutes, stay apart where the longer concerns few of those the shorter does. A place is
    numbered by its first area's requirement and the first of its homes by id, whatever the order of the input, and keeps that
    number while both stay.
    """
    if not len(gaps):
        return NO_PLACES, np.empty(0, np.int32)
    place = _gathered(study, gaps, members, severity)
    count = int(place.max()) + 1
    homes = [
        np.unique(np.concatenate([members.of(int(area)) for area in np.flatnonzero(place == one)]))
        for one in range(count)
    ]
    total = np.bincount(place, severity, count).astype(float)
    first = [
        int(np.flatnonzero((place == one) & (severity == severity[place == one].max()))[0]) for one in range(count)
    ]
    ids = _ids([(study.standard.requirements[gaps.requirement[first[one]]].id, str(min(study.homes.ids[homes[one]], key=str)))
                for one in range(count)])  # fmt: skip
    order = np.lexsort((ids, -np.round(total, 6)))
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count)
    ordered = [homes[one] for one in order]
    by_street = _streets(study, ordered)
    district = _districts(study, ordered)
    shapes = [_outline(study, gaps.geometry[place == one], homes[one]) for one in order]
    people = study.homes
    return GapPlaces(
        ids=ids[order],
        estate=_estates(study, ordered),
        street=by_street.first,
        street_2=by_street.second,
        street_share=by_street.share,
        streets=by_street.streets,
        district=district,
        geometry=_objects(shapes),
        residents=np.array([people.residents[one].sum() for one in ordered]),
        households=np.array([people.households[one].sum() for one in ordered]),
        homes=np.array([float(len(one)) for one in ordered]),
        severity=total[order],
        facility=np.full(count, -1, np.int32),
    ), rank[place]


def _gathered(study: Study, gaps: GapAreas, members: GapMembers, severity: FloatArray) -> NDArray[np.intp]:
    """Return the place (g,) of each gap area, numbered as they begin."""
    people = np.maximum(study.homes.residents, 1e-9)  # homes nobody is known to live in count, if for next to nothing
    ones = np.ones(len(members.home))
    lives = csr_array((ones, members.home, members.indptr), shape=(len(gaps), len(study.homes)))
    weight = lives @ people
    shared = csr_array((lives * people[None, :]) @ lives.T)
    centre = np.round(shapely.get_coordinates(shapely.centroid(gaps.geometry)), 1)
    order = np.lexsort((gaps.requirement, centre[:, 1], centre[:, 0], -np.round(severity, 6)))
    place = np.full(len(gaps), -1, np.intp)
    begun = 0
    for area in order.tolist():
        if place[area] >= 0:
            continue
        row = slice(shared.indptr[area], shared.indptr[area + 1])
        other, common = shared.indices[row], shared.data[row]
        same = common >= SAME_PLACE * np.maximum(weight[other], weight[area])
        joining = other[same & (place[other] < 0)]
        place[joining] = place[area] = begun
        begun += 1
    return place


def _ids(names: list[tuple[str, str]]) -> NDArray[np.object_]:
    """Return a short number for each pair of texts, longer where two would be alike."""
    digests = [hashlib.sha256("\n".join(pair).encode()).hexdigest().upper() for pair in names]
    digits = ID_DIGITS
    while len({digest[:digits] for digest in digests}) < len(set(digests)):
        digits += 1
    return _objects([f"G-{digest[:digits]}" for digest in digests])


def _outline(study: Study, areas: GeometryArray, homes: IntArray) -> shapely.Geometry:
    """Return the areas as one shape, cut at the borders of the districts that its homes are in."""
    shape = shapely.union_all(areas)
    here = np.unique(study.homes.district[homes])
    if not len(here) or here[0] < 0:
        return shape
    cut = shapely.intersection(shape, shapely.union_all(study.districts.geometry[here]))
    parts = shapely.get_parts(cut)
    cut = shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
    return shape if shapely.is_empty(cut) else cut


def _districts(study: Study, places: list[IntArray]) -> IntArray:
    """Return the district most residents of each place live in, of equal ones the first; -1 outside all."""
    found = np.full(len(places), -1, np.int32)
    for position, homes in enumerate(places):
        own = study.homes.district[homes]
        weight = np.bincount(own + 1, study.homes.residents[homes] + 1e-9)
        found[position] = int(weight.argmax()) - 1
    return found


class _ByStreet(NamedTuple):
    """Of each place (p,) the street, and a second one, that most of its people live by ("" none), their share, and how many streets."""

    first: NDArray[np.object_]
    second: NDArray[np.object_]
    share: FloatArray
    streets: IntArray


def _streets(study: Study, places: list[IntArray]) -> _ByStreet:
    streets, count = study.network.streets, len(places)
    found = _ByStreet(
        np.full(count, "", object), np.full(count, "", object), np.zeros(count), np.zeros(count, np.int32)
    )
    named = np.flatnonzero((streets.name >= 0) & streets.drawn)
    if not len(named):
        return found
    every = np.unique(np.concatenate(places))
    points = np.asarray(shapely.points(study.homes.xy[every]), object)
    tree = shapely.STRtree(streets.lines[named])
    home, line = tree.query_nearest(points, max_distance=STREET_NEAR_METRES, all_matches=False)
    name = np.full(len(study.homes), -1, np.int64)
    name[every[home]] = streets.name[named[line]]
    for position, homes in enumerate(places):
        own = name[homes]
        weight = np.bincount(own + 1, study.homes.residents[homes] + 1e-9)
        total, weight[0] = weight.sum(), 0.0
        if weight.sum() == 0:
            continue
        by_name = sorted(
            np.flatnonzero(weight), key=lambda one: (-round(float(weight[one]), 6), str(streets.names[one - 1]))
        )
        told = 1 + (len(by_name) > 1 and weight[by_name[1]] >= NAMED_SHARE * weight.sum())
        for names, one in zip((found.first, found.second), by_name[:told], strict=False):
            names[position] = str(streets.names[one - 1])
        found.share[position] = weight[by_name[:told]].sum() / total
        found.streets[position] = len(by_name)
    return found


def _estates(study: Study, places: list[IntArray]) -> NDArray[np.object_]:
    """Return the name of the compound that most residents of each place live in, "" where there is none."""
    found = np.full(len(places), "", object)
    compounds = study.compounds
    if compounds is None or not len(compounds):
        return found
    every = np.unique(np.concatenate(places))
    tree = shapely.STRtree(compounds.geometry)
    home, inside = tree.query(np.asarray(shapely.points(study.homes.xy[every]), object), predicate="within")
    compound = np.full(len(study.homes), -1, np.int64)
    compound[every[home]] = inside
    for position, homes in enumerate(places):
        weight = np.bincount(compound[homes] + 1, study.homes.residents[homes] + 1e-9)
        best = int(weight[1:].argmax()) if len(weight) > 1 else -1
        if best >= 0 and weight[best + 1] >= ESTATE_SHARE * weight.sum():
            found[position] = str(compounds.names[best])
    return found


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column
