"""Geometry onto matplotlib's axes: many shapes at once, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from livingcircle.model.columns import FloatArray, GeometryArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

_MOVE, _LINE, _CLOSE = 1, 2, 79
"""Codes of matplotlib's paths."""


def draw_lines(axes: Axes, lines: GeometryArray, *, colour: str, points: float, zorder: float, **look: Any) -> None:
    """Draw lines of one colour and width."""
    from matplotlib.collections import LineCollection

    parts = shapely.get_parts(lines)
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    runs = np.split(xy, np.flatnonzero(np.diff(owner)) + 1) if len(xy) else []
    axes.add_collection(LineCollection(runs, colors=colour, linewidths=points, zorder=zorder, **look))


def draw_areas(
    axes: Axes,
    areas: GeometryArray,
    *,
    fill: Sequence[str] | str,
    zorder: float,
    edge: Sequence[str] | str = "none",
    points: float = 0.0,
    **look: Any,
) -> None:
    """Draw areas with their holes; `fill` is one colour or one for each. Empty ones draw nothing."""
    from matplotlib.collections import PathCollection

    held = np.flatnonzero(shapely.get_num_coordinates(areas) > 0)
    if not len(held):
        return
    fills = fill if isinstance(fill, str) else [fill[place] for place in held.tolist()]
    edges = edge if isinstance(edge, str) else [edge[place] for place in held.tolist()]
    paths = _paths(areas[held])
    axes.add_collection(
        PathCollection(paths, facecolors=fills, edgecolors=edges, linewidths=points, zorder=zorder, **look)
    )


def draw_dots(axes: Axes, xy: FloatArray, *, colour: str, points: float, zorder: float, marker: str = "o") -> None:
    """Draw places as discs with a white rim, `points` wide."""
    axes.scatter(
        xy[:, 0], xy[:, 1], s=points**2, c=colour, marker=marker, edgecolors="#ffffff", linewidths=0.5, zorder=zorder
    )


def as_areas(geometry: GeometryArray, half_side: float) -> GeometryArray:
    """Return shapes with every point as a square, `half_side` metres to its edge."""
    flat = shapely.get_dimensions(geometry) < 2
    areas = geometry.copy()
    areas[flat] = shapely.buffer(geometry[flat], half_side, cap_style="square")
    return areas


def _paths(areas: GeometryArray) -> list[Path]:
    """Return each area as one path of all its rings."""
    from matplotlib.path import Path

    parts, owner = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    area = owner[part]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(xy), _LINE, np.uint8)
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[starts] = _MOVE
    codes[np.append(starts[1:], len(xy)) - 1] = _CLOSE
    ends = np.searchsorted(area[ring], np.arange(1, len(areas)))
    return [Path(at, code) for at, code in zip(np.split(xy, ends), np.split(codes, ends), strict=True)]
