"""Candidates: buildings and plots from a list, where a facility could be opened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from livingcircle.model.places import Candidates
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, number_column, text_column
from livingcircle.sources.layers import LayerSource, inner_points, open_layer
from livingcircle.sources.reading import Reading


def candidates_from_layer(source: LayerSource, columns: Mapping[str, str | None], crs: str) -> Reading[Candidates]:
    """Read a layer or table of points or polygons, in the order of its rows.

    `columns` names those for `id` (row numbers where there is none), `lon`, `lat`, `name` (the id when empty), `cost_wan_yuan` (10,000
    yuan) and `floor_m2`; those that are None are recognised by name, and what is unknown is NaN.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layer = open_layer(source, needed="any", columns=columns)
    columns = match_columns(layer, columns)
    ids = id_column(layer, columns.get("id"))
    names = text_column(layer, columns.get("name"))
    cost_wan_yuan = number_column(layer, columns.get("cost_wan_yuan"), "wan_yuan")
    floor_m2 = number_column(layer, columns.get("floor_m2"), "m2")
    geometry = layer.projected(crs)
    candidates = Candidates(
        ids=ids,
        names=np.where(names == "", ids, names),
        xy=inner_points(geometry),
        geometry=geometry,
        cost_wan_yuan=cost_wan_yuan,
        floor_m2=floor_m2,
    )
    return Reading(candidates, layer.warnings)
