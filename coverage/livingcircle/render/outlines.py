"""Geometry on its way out: longitude and latitude, and outlines written as short lists of whole numbers.

An outline is a list of paths; a path is a flat list of steps `[x0, y0, dx, dy, dx, dy, …]` in millionths of a degree, the first relative
to the map's origin. Steps have three or four digits where coordinates have nine, which more than halves a map of a city.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import Transformer

from livingcircle.model.columns import FloatArray, GeometryArray, IntArray

DEGREE_PARTS = 1_000_000
Outline = list[list[int]]
_MOST_DOUBLINGS = 6


def lonlat_of(xy: FloatArray, crs: str) -> FloatArray:
    """Turn metres of `crs` (k, 2) into WGS 84 longitude and latitude (k, 2)."""
    lon, lat = _transformer(crs, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def mercator_of(xy: FloatArray, crs: str) -> FloatArray:
    """Turn metres of `crs` (k, 2) into web Mercator (k, 2), the plane the map is drawn on."""
    x, y = _transformer(crs, "EPSG:3857").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([x, y])


def mercator_lonlat(xy: FloatArray) -> FloatArray:
    """Turn web Mercator (k, 2) into longitude and latitude."""
    return lonlat_of(xy, "EPSG:3857")


@lru_cache(maxsize=8)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where outlines are written: the study's CRS, and the origin (lon, lat in millionths of a degree) they start from."""

    crs: str
    origin: tuple[int, int]

    def points(self, xy: FloatArray) -> list[list[int]]:
        """Write points (k, 2) as `[x, y]` relative to the origin."""
        points: list[list[int]] = self._steps_from_origin(xy).tolist()
        return points

    def outlines(self, geometry: GeometryArray) -> list[Outline]:
        """Write lines, areas or points, one outline each; holes are further paths of their area, filled by the even-odd rule.

        Missing and empty geometries give an empty outline. A point gives one path of one position.
        """
        parts, owner = shapely.get_parts(geometry, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        bare = ~np.isin(shapely.get_type_id(parts), (3, 6))  # lines and points are paths as they are
        paths = np.concatenate([rings, parts[bare]])
        place = np.concatenate([owner[part], owner[bare]])
        order = np.argsort(place, kind="stable")
        return self._gathered(paths[order], place[order], len(geometry))

    def _gathered(self, paths: GeometryArray, place: IntArray, count: int) -> list[Outline]:
        xy, path = shapely.get_coordinates(paths, return_index=True)
        outlines: list[Outline] = [[] for _ in range(count)]
        if not len(xy):
            return outlines
        steps = self._steps_from_origin(xy)
        steps[1:] -= steps[:-1].copy()
        starts = np.flatnonzero(np.diff(path, prepend=-1))
        steps[starts] = self._steps_from_origin(xy[starts])
        moved = (steps != 0).any(axis=1)  # positions that fall on the one before say nothing
        moved[starts] = True
        flat = steps[moved].ravel().tolist()
        bounds = (2 * np.searchsorted(np.flatnonzero(moved), np.append(starts, len(xy)))).tolist()
        owners = place[path[starts]].tolist()
        for owner, first, end in zip(owners, bounds[:-1], bounds[1:], strict=True):
            outlines[owner].append(flat[first:end])
        return outlines

    def _steps_from_origin(self, xy: FloatArray) -> IntArray:
        whole: IntArray = np.rint(lonlat_of(xy, self.crs) * DEGREE_PARTS).astype(np.int64) - np.array(self.origin)
        return whole


def frame_around(xy: FloatArray, crs: str) -> Frame:
    """Return the frame whose origin is the south-west corner of positions `xy` (k, 2)."""
    lon, lat = np.floor(lonlat_of(xy, crs).min(axis=0) * DEGREE_PARTS).astype(int).tolist()
    return Frame(crs, (lon, lat))


def slimmed(geometry: GeometryArray, positions: int, metres: float = 1.0) -> GeometryArray:
    """Simplify drawings until they hold at most `positions` corners, starting at a tolerance of `metres`.

    The tolerance doubles until they fit, at most to 64 × `metres`: drawings may be coarse, but must stay recognisable. Steps on the way
    that cannot do are left out: twice the tolerance leaves about half the corners of a ragged outline, and more of a smooth one.
    """
    slim: GeometryArray = shapely.simplify(geometry, metres, preserve_topology=False)
    doublings = 0
    while (corners := int(shapely.get_num_coordinates(slim).sum())) > positions and doublings < _MOST_DOUBLINGS:
        doublings = min(doublings + max(1, int(np.log2(corners / max(positions, 1)))), _MOST_DOUBLINGS)
        slim = shapely.simplify(slim, metres * 2**doublings, preserve_topology=False)
    return slim
