"""Facilities: what OpenStreetMap maps under the tags of each service, or a layer that names the service of each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.places import Facilities, FacilityReview
from livingcircle.model.standard import ServiceType
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, text_column
from livingcircle.sources.facility_columns import facility_columns
from livingcircle.sources.facility_review import review_rows, with_decisions
from livingcircle.sources.layers import Layer, LayerSource, inner_points, missing_columns, open_layer, raise_faults
from livingcircle.sources.osm import read_tagged, reprojected
from livingcircle.sources.reading import Reading
from livingcircle.sources.service_types import classify
from livingcircle.sources.standards import read_amap_types, read_services

SAME_PLACE_METRES = 50.0
"""Two objects of one name and service no farther apart are the same facility, mapped twice."""

_BETWEEN_NAMES, _WITHIN_NAMES = re.compile("[;；|]"), re.compile("[、，,/]")
"""What only separates services, and what may also stand in the name of one, such as 公园、游园."""


def facilities_from_osm_tags(
    path: Path, services: Sequence[ServiceType], crs: str, cache_folder: Path | None = None
) -> Reading[Facilities]:
    """Read what OpenStreetMap maps under the tags of the services, ordered by type and number.

    A place serves every service one of whose tag sets it carries in full; where services share tags and the name says which is meant, that
    one (an `amenity=school` called 第一中学 is no primary school). What is mapped more than once, as happens with a point
    inside its own building, becomes one facility, with a warning:

    - objects of a common service and the same name, no more than 50 m apart;
    - a point inside an area of a common service, if it has no name, or if the area has none and no point of another name is in it.

    Of these the largest area stays (its entrances are where people arrive), or the first point; it takes over the services of the others,
    and a name if it has none.

    Parameters
    ----------
    path
        `.osm.pbf` or `.osm`.
    services
        The study's service types; `serves` has one column for each, in this order. A type without tags finds nothing.
    crs
        Projected coordinate reference system in metres.
    cache_folder
        Where places are kept between runs; nowhere when left out.

    Raises
    ------
    InputError
        When the file is missing or unreadable.
    """
    places = read_tagged(path, [tags for service in services for tags in service.osm_tags], cache_folder)
    names = np.array([_name(tags) for tags in places.tags], dtype=object)
    told = classify(services, names, tags=places.tags)
    serves = told.serves.copy()
    geometry = reprojected(places.geometry, crs)

    kept_by = _same_facility(names, geometry, serves)
    for duplicate in np.flatnonzero(kept_by != np.arange(len(places))):
        keeper = kept_by[duplicate]
        serves[keeper] |= serves[duplicate]
        names[keeper] = names[keeper] or names[duplicate]
    kept = kept_by == np.arange(len(places))
    merged = int((~kept).sum())
    facilities = Facilities.plain(
        ids=places.ids[kept],
        names=names[kept],
        xy=inner_points(geometry[kept]),
        geometry=geometry[kept],
        serves=serves[kept],
        hours=_tag_texts(places.tags[kept], "opening_hours"),
        address=_tag_texts(places.tags[kept], "addr:full", "addr:street", "addr:housenumber"),
        capacity=_tag_numbers(places.tags[kept], "capacity"),
        beds=_tag_numbers(places.tags[kept], "beds"),
        opened_year=_tag_numbers(places.tags[kept], "start_date", r"\d{4}(?!\d)"),
        source=np.full(int(kept.sum()), path.name, object),
        confidence=told.confidence[kept],
    )
    return Reading(
        facilities, (Fault("merged_duplicates", file=str(path), details={"count": merged}),) if merged else ()
    )


def facilities_from_layer(
    source: LayerSource,
    columns: Mapping[str, str | None],
    service: str | None,
    services: Sequence[ServiceType],
    crs: str,
    *,
    count_planned: bool = False,
) -> Reading[Facilities]:
    """Read a layer or table of points or polygons, in the order of its rows; closed facilities are left out.

    A service is named by its id or by its Chinese or English name; capitals do not matter. Several in one cell are separated by `;`, `、`,
    `,` or `/`.

    Parameters
    ----------
    source
        The layer.
    columns
        Names of the columns for `id`, `lon`, `lat`, `name`, `service` and the attributes of `Facilities`; None or absent where they are to
        be recognised by name.
    service
        The service of every row; None when `columns["service"]` names the column that tells it.
    services
        The study's service types; `serves` has one column for each, in this order. Rows that name only other built-in types are left out
        and counted in a note.
    crs
        Projected coordinate reference system in metres.
    count_planned
        Whether planned facilities are kept.

    Raises
    ------
    InputError
        With every fault of the layer; each unknown service is one fault, at the row where it first occurs.
    """
    layer = open_layer(source, needed="any", columns=columns)
    columns = match_columns(layer, columns, not_recognised=() if service is None else ("service",))
    if service is None and columns.get("service") is None and layer.readable:
        layer.findings.extend(missing_columns(["service"], layer.frame.columns, layer.file))
    serves = services_of_rows(layer, columns.get("service"), service, services)
    listed = _listed(layer, columns, crs, serves[:, : len(services)])
    others = serves.any(axis=1) & ~listed.serves.any(axis=1)
    if others.any():
        layer.note("other_services_left_out", count=int(others.sum()))
    counted = _counted(layer, listed, count_planned=count_planned)
    return Reading(listed.take(counted & ~others), layer.warnings)


def classified_from_layer(
    source: LayerSource,
    columns: Mapping[str, str | None],
    services: Sequence[ServiceType],
    crs: str,
    *,
    decided: Path | None = None,
    count_planned: bool = False,
) -> Reading[tuple[Facilities, FacilityReview]]:
    """Read a list whose services are told from names, typecodes and types in words, and the rows of it that a person should look at.

    Every built-in type takes part; rows of services that are none of the study's `services` are left out and counted in a note. Decisions
    in the sheet `decided` stand (`livingcircle.sources.facility_review`). For the rest see `facilities_from_layer`.

    Raises
    ------
    InputError
        With every fault of the layer, or of the sheet of decisions.
    """
    layer = open_layer(source, needed="any", columns=columns)
    columns = match_columns(layer, columns, not_recognised=("service",))
    codes, type_texts = (text_column(layer, columns.get(field)) for field in ("typecode", "type_text"))
    listed = _listed(layer, columns, crs, np.zeros((len(layer.frame), len(services)), bool))
    ids, names = listed.ids, listed.names
    known = _with_built_in(services)
    told = classify(
        known, names, type_texts=type_texts, codes=codes, land_m2=listed.land_m2, amap_types=read_amap_types()
    )
    decisions = np.full(len(ids), "", object)
    if decided is not None:
        told, decisions = with_decisions(layer, decided, ids, names, told, known)
        raise_faults(layer)
    listed = replace(listed, serves=told.serves[:, : len(services)], confidence=told.confidence)
    counted = _counted(layer, listed, count_planned=count_planned)
    here = listed.serves.any(axis=1)
    some = told.serves.any(axis=1)
    layer.note(
        "classified",
        count=len(names),
        kept=int(here.sum()),
        other=int((some & ~here).sum()),
        unknown=int((~some).sum()),
    )
    open_types = np.array([one.privacy != "restricted" for one in known], bool)
    considered = told.serves | told.alternatives
    doubtful = (
        told.doubtful & counted & considered[:, : len(services)].any(axis=1) & ~considered[:, ~open_types].any(axis=1)
    )
    if doubtful.any():
        layer.note("review_needed", count=int(doubtful.sum()), assigned=int((doubtful & here).sum()))
    review = review_rows(layer, ids, names, told, known, decisions, np.flatnonzero(doubtful | (decisions != "")))
    return Reading((listed.take(counted & here), review), layer.warnings)


def join_facilities(sources: Sequence[Facilities]) -> Facilities:
    """Put the facilities of several sources, one or more, into one record, in their order.

    Ids stay as they are, except those that occur in more than one source: they are preceded by the position of their source, as in
    `2:101`. The sources must know the same services. What two sources have in common is not merged.
    """
    owners: dict[str, set[int]] = {}
    for position, facilities in enumerate(sources, start=1):
        for own in facilities.ids:
            owners.setdefault(own, set()).add(position)
    ids = [
        f"{position}:{own}" if len(owners[own]) > 1 else own
        for position, facilities in enumerate(sources, start=1)
        for own in facilities.ids
    ]
    joined = sources[0]
    for more in sources[1:]:
        joined = joined.followed_by(more)
    return replace(joined, ids=np.array(ids, dtype=object))


def _listed(
    layer: Layer,
    columns: Mapping[str, str | None],
    crs: str,
    serves: BoolArray,
) -> Facilities:
    """Return every row of a layer, whatever its status."""
    known = facility_columns(layer, columns)
    ids, names = id_column(layer, columns.get("id")), text_column(layer, columns.get("name"))
    geometry = layer.projected(crs)
    area_m2 = shapely.area(geometry)
    known["land_m2"] = np.where(np.isnan(known["land_m2"]) & (area_m2 > 0), area_m2, known["land_m2"])
    return Facilities(
        ids=ids,
        names=names,
        xy=inner_points(geometry),
        geometry=geometry,
        serves=serves,
        source=np.full(len(ids), Path(layer.file).name, object),
        confidence=np.ones(len(ids)),
        **known,
    )


def _counted(layer: Layer, listed: Facilities, *, count_planned: bool) -> BoolArray:
    """Return which rows count (n,), and say what was left out."""
    closed, planned = listed.status == "closed", listed.status == "planned"
    if closed.any():
        layer.note("closed_left_out", count=int(closed.sum()))
    if planned.any():
        layer.note("planned_counted" if count_planned else "planned_left_out", count=int(planned.sum()))
    counted: BoolArray = ~closed & (count_planned | ~planned)
    layer.not_open.append(listed.take(~counted))
    return counted


def _tag_texts(tags: TextArray, *keys: str) -> TextArray:
    texts = [" ".join(own[key].strip() for key in keys if key in own) for own in tags]
    return np.array([*texts, ""], object)[:-1]


def _tag_numbers(tags: TextArray, key: str, pattern: str = r"\d+") -> FloatArray:
    """Return the number a tag begins with (n,), NaN where it begins with none: `120`, `2015-09`."""
    found = [re.match(pattern, own.get(key, "").strip()) for own in tags]
    return np.array([np.nan if match is None else float(match.group()) for match in found], float)


def _name(tags: Mapping[str, str]) -> str:
    return next((tags[key].strip() for key in ("name", "name:zh", "name:en", "brand") if key in tags), "")


def _with_built_in(services: Sequence[ServiceType]) -> tuple[ServiceType, ...]:
    """Return the study's services, then the built-in ones it does not ask for."""
    own = {service.id for service in services}
    return (*services, *(one for one in read_services() if one.id not in own))


# ── Services by name ────────────────────────────────────────────────────────


def services_of_rows(
    layer: Layer,
    column: str | None,
    service: str | None,
    services: Sequence[ServiceType],
    *,
    may_be_empty: bool = False,
) -> BoolArray:
    """Return which services each row names (n, k), the study's first and the other built-in ones after; note names that no service has.

    `service` is that of every row where no column tells it. Cells without any are a fault unless they `may_be_empty`.
    """
    everything = _with_built_in(services)
    position: dict[str, int] = {}
    for index, known in enumerate(everything):
        for name in (known.id, known.name.zh, known.name.en):
            position.setdefault(name.casefold(), index)
    serves = np.zeros((len(layer.frame), len(everything)), dtype=bool)
    if service is not None:
        if service.strip().casefold() in position:
            serves[:, position[service.strip().casefold()]] = True
        else:
            layer.note("unknown_service", index=None, value=service, **_nearest(service, services))
        return serves
    nearest: dict[str, dict[str, str]] = {}
    noted = may_be_empty or column is None or column not in layer.frame.columns
    for index, cell in enumerate(text_column(layer, column)):
        named = [
            name
            for part in map(str.strip, _BETWEEN_NAMES.split(cell))
            for one in ([part] if part.casefold() in position else _WITHIN_NAMES.split(part))
            if (name := one.strip())
        ]
        if not named and not noted:
            layer.note("missing_value", index=index, column=column or "")
        for name in named:
            if name.casefold() in position:
                serves[index, position[name.casefold()]] = True
            else:
                if name not in nearest:
                    nearest[name] = _nearest(name, services)
                layer.note("unknown_service", index=index, column=column or "", value=name, **nearest[name])
    return serves


def _nearest(value: str, services: Sequence[ServiceType]) -> dict[str, str]:
    """Return what there is to say of a name that no service has: which are near, and which there are."""
    spoken = {
        name.casefold(): f"{known.id} {known.name.zh}".strip()
        for known in services
        for name in (known.name.en, known.name.zh, known.id)
    }
    close = get_close_matches(value.casefold(), spoken, n=6, cutoff=0.4)
    return {
        "nearest": ", ".join(list(dict.fromkeys(spoken[name] for name in close))[:3]) or "—",
        "known": ", ".join(f"{known.id} {known.name.zh}".strip() for known in services),
    }


# ── Places mapped more than once ────────────────────────────────────────────


def _same_facility(names: TextArray, geometry: GeometryArray, serves: BoolArray) -> IntArray:
    """Return for each place the position of the one that stands for it (n,), itself where it stays."""
    tree = shapely.STRtree(geometry)
    one, other = tree.query(geometry, predicate="dwithin", distance=SAME_PLACE_METRES)
    common = (one < other) & (serves[one] & serves[other]).any(axis=1)
    neighbours: dict[int, list[int]] = {}
    for a, b in zip(one[common], other[common], strict=True):
        neighbours.setdefault(int(a), []).append(int(b))
        neighbours.setdefault(int(b), []).append(int(a))

    spoken = np.array([name.casefold() for name in names], dtype=object)
    size_m2 = shapely.area(geometry)
    # Largest first: a place joins one that stays, never one that was itself merged, so a row of kiosks does not collapse into one.
    kept_by = np.arange(len(names), dtype=np.int32)
    for place in sorted(neighbours, key=lambda position: (-size_m2[position], position)):
        for keeper in sorted(neighbours[place], key=lambda position: (-size_m2[position], position)):
            is_before = (-size_m2[keeper], keeper) < (-size_m2[place], place)
            if is_before and kept_by[keeper] == keeper and _is_same(place, keeper, spoken, geometry, neighbours):
                kept_by[place] = keeper
                break
    return kept_by


def _is_same(
    place: int, keeper: int, names: TextArray, geometry: GeometryArray, neighbours: Mapping[int, Sequence[int]]
) -> bool:
    if names[place] and names[keeper]:
        return bool(names[place] == names[keeper])
    if not _is_point_in(geometry[place], geometry[keeper]):
        return False
    if not names[place]:
        return True
    rivals = {
        names[near] for near in neighbours[keeper] if names[near] and _is_point_in(geometry[near], geometry[keeper])
    }
    return rivals == {names[place]}


def _is_point_in(point: shapely.Geometry, area: shapely.Geometry) -> bool:
    return (
        shapely.get_dimensions(point) == 0
        and shapely.get_dimensions(area) == 2
        and bool(shapely.intersects(area, point))
    )
