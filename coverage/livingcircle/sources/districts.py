"""Districts: communities, sub-districts or other units to report by, and which of them each home lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.kernel.edge import district_of
from livingcircle.model.places import Districts, Homes
from livingcircle.sources.columns import id_column, text_column
from livingcircle.sources.layers import Layer, LayerSource, open_layer
from livingcircle.sources.reading import Reading

SHARED_M2_IGNORED = 100.0
"""Land that neighbours may share before it counts as an overlap: borders are drawn to a metre at best."""
EXAMPLES_SHOWN = 3


def districts_from_layer(source: LayerSource, columns: Mapping[str, str | None], crs: str) -> Reading[Districts]:
    """Read a layer of polygons, in the order of its rows.

    `columns` names those for `id` (row numbers when None) and `name`; a district without a name is called by its id. Overlaps are
    warned of; see `assign_districts`.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layer = open_layer(source, needed="areas")
    ids = id_column(layer, columns.get("id"))
    names = text_column(layer, columns.get("name"))
    geometry = layer.projected(crs)
    unknown, none = np.full(len(ids), "", dtype=object), np.full(len(ids), -1, np.int32)
    districts = Districts(ids, np.where(names == "", ids, names), geometry, unknown, none)
    _note_overlaps(layer, districts)
    return Reading(districts, layer.warnings)


def _note_overlaps(layer: Layer, districts: Districts) -> None:
    """Note pairs of districts that share more land than a drawing's inaccuracy."""
    geometry = districts.geometry
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    pairs = np.flatnonzero(shared_m2 > SHARED_M2_IGNORED)
    if len(pairs):
        largest = pairs[np.argsort(-shared_m2[pairs], kind="stable")][:EXAMPLES_SHOWN]
        layer.note(
            "overlapping_districts",
            count=len(pairs),
            hectares=float(shared_m2[pairs].sum()) / 10_000,
            examples="; ".join(f"{districts.names[one[pair]]} / {districts.names[other[pair]]}" for pair in largest),
        )


def no_districts() -> Districts:
    """Return the districts of a study that is not divided: none."""
    ids, names, geometry, level = (np.empty(0, dtype=object) for _ in range(4))
    return Districts(ids, names, geometry, level, np.empty(0, np.int32))


def assign_districts(homes: Homes, districts: Districts) -> Reading[Homes]:
    """Return the homes with the position of the district that holds their `xy`, or -1 where none does.

    A home on a shared border, or where districts overlap, belongs to the first of them. Homes in no district are counted in a warning,
    unless there are no districts at all.
    """
    position = district_of(homes.xy, districts.geometry)
    outside = position < 0
    assigned = replace(homes, district=position)
    if len(districts) and outside.any():
        return Reading(assigned, (Fault("homes_without_district", details={"count": int(outside.sum())}),))
    return Reading(assigned)
