"""The outline of the study area, and the natural borders around it."""

from __future__ import annotations

import numpy as np
import shapely

from livingcircle.sources.layers import LayerSource, Needed, open_layer
from livingcircle.sources.reading import Reading


def boundary_from_layer(source: LayerSource, crs: str) -> Reading[shapely.Geometry]:
    """Read the study area: the union of all polygons of a layer.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    return _union(source, "areas", crs)


def natural_border_from_layer(source: LayerSource, crs: str) -> Reading[shapely.Geometry]:
    """Read what nobody walks across: the union of the lines and polygons of a layer, such as a coast, a river or a state border.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    return _union(source, "borders", crs)


def _union(source: LayerSource, needed: Needed, crs: str) -> Reading[shapely.Geometry]:
    layer = open_layer(source, needed=needed)
    geometry = layer.projected(crs)
    return Reading(shapely.union_all(np.asarray(geometry, object)), layer.warnings)
