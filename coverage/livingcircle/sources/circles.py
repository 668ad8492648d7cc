"""Living circles that a city drew, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np

from livingcircle.model.places import NO_CIRCLES, Districts
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, text_column
from livingcircle.sources.district_shapes import note_overlaps
from livingcircle.sources.layers import LayerSource, open_layer
from livingcircle.sources.reading import Reading


def circles_from_layer(
    source: LayerSource, columns: Mapping[str, str | None], level: str, crs: str
) -> Reading[Districts]:
    """Read the circles of one level, `5min`, `10min` or `15min`, in the order of the rows; a circle is part of no other.

    `columns` names those for `id` (level and row number where there is none, for those of several levels stand in one table) and `name`
    (the id when empty). Circles that share land are told in a warning: whoever lies in two belongs to the first.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layer = open_layer(source, needed="areas")
    found = match_columns(layer, columns)
    code = found.get("id")
    ids, names = id_column(layer, code), text_column(layer, found.get("name"))
    if code is None:
        ids = np.array([f"{level}-{one}" for one in ids], object)
    names = np.where(names == "", ids, names)
    geometry = layer.projected(crs)
    note_overlaps(layer, geometry, names, "circles_overlap")
    circles = Districts(ids, names, geometry, np.full(len(ids), level, object), np.full(len(ids), -1, np.int32))
    return Reading(circles, tuple(layer.warnings))


def together(levels: list[Districts]) -> Districts:
    """Return the circles of all levels, those of one after those of another."""
    return reduce(Districts.followed_by, levels, NO_CIRCLES)
