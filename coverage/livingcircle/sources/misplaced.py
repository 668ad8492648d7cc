"""Rows whose coordinates cannot be meant: longitude and latitude swapped, metres for degrees and degrees for metres, 0,0.

A mistake of nearly all rows is one fault of the layer, not one for each of its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.sources.coordinate_systems import DEGREES, hint, middles

if TYPE_CHECKING:
    from livingcircle.sources.layers import Layer

NEARLY_ALL = 0.9
_WHOLE_TURN = 360.0
_AROUND_DEGREES = 1.0
"""How far beyond the area a coordinate reference system was made for its places may lie."""


def note_misplaced(layer: Layer, geometry: GeometryArray, usable: BoolArray, crs: pyproj.CRS, columns: str) -> None:
    """Note rows (n,) whose numbers cannot be of `crs`, among those that are `usable`."""
    x, y = middles(geometry).T
    nowhere = usable & (x == 0) & (y == 0)
    _note(layer, "zero_coordinate", nowhere, usable, geometry, columns)
    placed = usable & ~nowhere
    if crs.is_projected:
        _note(layer, "degrees_as_metres", placed & _in_range(x, y), placed, geometry, columns)
        return
    west, south, east, north = shapely.bounds(geometry).T
    outside = placed & ~(_in_range(west, south) & _in_range(east, north))
    if not outside.any():
        return
    metres = outside & (np.maximum(np.abs(x), np.abs(y)) > _WHOLE_TURN)
    hint_zh, hint_en = hint(x[metres], y[metres])
    _note(layer, "metres_as_degrees", metres, placed, geometry, columns, hint_zh=hint_zh, hint_en=hint_en)
    swapped = outside & ~metres & _in_range(y, x)
    _note(layer, "swapped_coordinates", swapped, placed, geometry, columns)
    _note(layer, "coordinate_range", outside & ~metres & ~swapped, None, geometry, columns)


def note_swapped(layer: Layer, crs: str) -> None:
    """Note rows that lie outside the area the study's system is made for, and inside once their two coordinates change places."""
    own, area = layer.frame.crs, pyproj.CRS(crs).area_of_use
    if own is None or area is None or not len(layer.frame):
        return
    geometry: GeometryArray = np.array(layer.frame.geometry.to_numpy(), object)
    x, y = middles(geometry).T
    outside = np.isfinite(x) & ~_within(*_lonlat(x, y, own), area.bounds)
    if outside.any():
        swapped = outside.copy()
        swapped[outside] = _within(*_lonlat(y[outside], x[outside], own), area.bounds)
        columns = ", ".join(layer.columns[field] for field in ("lon", "lat") if field in layer.columns)
        _note(layer, "swapped_coordinates", swapped, np.isfinite(x), geometry, columns)


def _note(
    layer: Layer,
    kind: str,
    rows: BoolArray,
    among: BoolArray | None,
    geometry: GeometryArray,
    columns: str,
    **hints: str,
) -> None:
    """Note each row, or the layer once where nearly all rows `among` which they are have the same fault."""
    found: list[int] = np.flatnonzero(rows).tolist()
    if among is not None and len(found) > 1 and len(found) >= NEARLY_ALL * among.sum():
        which = {
            "which_zh": f"整个图层（{len(found)} 行）",
            "which_en": f"in the whole layer ({len(found)} rows)",
            **hints,
        }
        layer.findings.append(Fault(kind, layer.file, None, columns, _corner(geometry[found[0]]), which))
        return
    one = {"which_zh": "该行", "which_en": "in this row", **hints}
    layer.findings.extend(
        Fault(kind, layer.file, layer.row(index), columns, _corner(geometry[index]), one) for index in found
    )


def _lonlat(x: FloatArray, y: FloatArray, crs: pyproj.CRS) -> tuple[FloatArray, FloatArray]:
    if crs.is_geographic:
        return x, y
    lon, lat = pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def _in_range(lon: FloatArray, lat: FloatArray) -> BoolArray:
    inside: BoolArray = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return inside


def _within(lon: FloatArray, lat: FloatArray, bounds: tuple[float, float, float, float]) -> BoolArray:
    west, south, east, north = bounds
    beyond = _AROUND_DEGREES
    inside: BoolArray = (lon > west - beyond) & (lon < east + beyond) & (lat > south - beyond) & (lat < north + beyond)
    return inside


def _corner(geometry: shapely.Geometry) -> str:
    x, y = shapely.get_coordinates(geometry)[0]
    return f"{x:.10g}, {y:.10g}"
