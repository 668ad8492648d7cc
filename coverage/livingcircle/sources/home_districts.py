"""Which district each home lies in: each home in one, however borders were drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.faults import Fault, several
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.places import Districts, Homes
from livingcircle.sources.district_shapes import SLIVER_METRES
from livingcircle.sources.reading import Reading

EXAMPLES = 5
"""So many districts are named."""
ALIKE = 1e-9
"""Shares of a footprint that differ by less are equal."""


def assign_districts(homes: Homes, districts: Districts) -> Reading[Homes]:
    """Return the homes with the position of the smallest district that each lies in, or -1 where it lies in none.

    A footprint belongs where most of it is, in a district or outside all of them; a point, or a footprint that two districts hold
    alike, to the first. One that no district of a level holds any of belongs to the nearest within `SLIVER_METRES`: it stands in a
    sliver. Level by level, the smallest first, whatever homes the districts of one leave over go to those of the next. Homes in none,
    or in a larger district only, are counted in warnings.
    """
    position = np.full(len(homes), -1, np.int32)
    across = nearest = 0
    for level in dict.fromkeys(districts.level.tolist()):
        members = np.flatnonzero(districts.level == level)
        left = np.flatnonzero(position < 0)
        found, holders = _most_of(homes.geometry[left], districts.geometry[members])
        across += int(((holders > 1) & (found >= 0)).sum())
        beside = np.flatnonzero(holders == 0)
        found[beside] = _nearest(homes.geometry[left[beside]], districts.geometry[members])
        nearest += int((found[beside] >= 0).sum())
        position[left] = np.append(members, -1)[found]
    assigned = replace(homes, district=position)
    if not len(districts):
        return Reading(assigned)
    larger = np.append(~districts.undivided, False)[position]
    counts = {
        "homes_without_district": int((position < 0).sum()),
        "homes_in_larger_district_only": int(larger.sum()),
        "homes_across_districts": across,
        "homes_in_nearest_district": nearest,
    }
    said = [Fault(kind, details={"count": count, "metres": SLIVER_METRES}) for kind, count in counts.items() if count]
    return Reading(assigned, tuple(said))


def districts_without_people(homes: Homes, districts: Districts) -> Iterator[Fault]:
    """Yield a warning for districts in which nobody lives, and for those with residents but without households.

    Neither would be seen otherwise: clauses pass over the former, and over the latter where they count by household. What lies in a
    district lies in those that it is part of, too.
    """
    people, households = np.zeros(len(districts)), np.zeros(len(districts))
    for level in dict.fromkeys(districts.level.tolist()):
        inside = districts.at_level(homes.district, level)
        there = inside >= 0
        people += np.bincount(inside[there], homes.residents[there], minlength=len(districts))
        households += np.bincount(inside[there], homes.households[there], minlength=len(districts))
    empty = ~(people > 0)
    for kind, which in (
        ("districts_without_residents", empty),
        ("districts_without_households", ~empty & ~(households > 0)),
    ):
        if which.any():
            names = [str(name or code) for name, code in zip(districts.names[which], districts.ids[which], strict=True)]
            yield Fault(kind, details={"count": len(names), "examples": several(names, EXAMPLES)})


def _most_of(places: GeometryArray, districts: GeometryArray) -> tuple[IntArray, NDArray[np.intp]]:
    """Return which district holds most of each place (k,), -1 for outside, and how many hold some of it."""
    tree = shapely.STRtree(places)
    # The districts ask, not the places: GEOS prepares the shape that asks, and theirs have thousands of corners.
    district, place = tree.query(districts, predicate="intersects")
    whole = tree.query(districts, predicate="covers")
    key, whole_key = district * len(places) + place, whole[0] * len(places) + whole[1]
    is_area = shapely.get_dimensions(places[place]) == 2
    share: FloatArray = np.ones(len(place))
    cut = np.flatnonzero(is_area & ~np.isin(key, whole_key))
    inside_m2 = shapely.area(shapely.intersection(places[place[cut]], districts[district[cut]]))
    share[cut] = inside_m2 / shapely.area(places[place[cut]])
    order = np.lexsort((district, -np.round(share / ALIKE), place))
    which, first = np.unique(place[order], return_index=True)
    best = order[first]
    outside = 1 - np.bincount(place, share, minlength=len(places))[which]
    holders = np.bincount(place[is_area & (share > ALIKE)], minlength=len(places))
    holders[place[~is_area]] = 1  # a point is whole wherever it is
    found = np.full(len(places), -1, np.int32)
    inside = outside <= 0.5 + ALIKE
    found[which[inside]] = district[best[inside]]
    return found, holders


def _nearest(places: GeometryArray, districts: GeometryArray) -> IntArray:
    """Return the district (k,) nearest to each place, -1 where none is within `SLIVER_METRES`."""
    found = np.full(len(places), -1, np.int32)
    place, district = shapely.STRtree(districts).query_nearest(places, max_distance=SLIVER_METRES, all_matches=False)
    found[place] = district
    return found
