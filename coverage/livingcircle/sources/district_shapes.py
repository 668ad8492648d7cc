"""What the shapes of districts get wrong: overlaps, holes, slivers, separate parts, and a study area that is not theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.columns import GeometryArray, TextArray
from livingcircle.model.places import Districts
from livingcircle.sources.layers import Layer
from livingcircle.sources.projection import unprojected

SHARED_M2_IGNORED = 100.0
"""Land that neighbours may share, or leave between them, before it counts: borders are drawn to a metre at best."""
SLIVER_METRES = 2.0
"""A hole of less than this mean width is a sliver, for the same reason; homes in slivers belong to the nearest district this close."""
NOISE_M2 = 0.1
"""Less than this is left by arithmetic, not by whoever drew the borders."""
SHARE_IGNORED = 0.01
"""Share of a study area or district that may lie beyond the other's outline: they are rarely drawn from one another."""
EXAMPLES_SHOWN = 3


def check_shapes(districts: Districts, layers: Sequence[Layer], crs: str) -> None:
    """Note, level by level, what is wrong with shapes; `layers` (d,) are those the districts were read from."""
    for level in dict.fromkeys(districts.level.tolist()):
        own = np.flatnonzero(districts.level == level)
        layer, geometry, names = layers[own[0]], districts.geometry[own], districts.names[own]
        note_overlaps(layer, geometry, names)
        larger = np.unique(districts.parent[own])
        _note_holes(layer, geometry, names, districts.geometry[larger[larger >= 0]], crs)
        parts = np.flatnonzero(shapely.get_num_geometries(geometry) > 1)
        if len(parts):
            layer.note("districts_in_parts", count=len(parts), examples=_few(names[parts]))


def boundary_findings(area: shapely.Geometry, districts: Districts, file: str) -> Iterable[Fault]:
    """Say where a study area and its districts do not cover the same land; `file` holds the area."""
    if not len(districts):
        return
    area_m2, districts_m2 = float(shapely.area(area)), shapely.area(districts.geometry)
    lacking_m2 = shapely.area(shapely.difference(area, shapely.union_all(districts.geometry)))
    if lacking_m2 > SHARE_IGNORED * area_m2:
        details = {"hectares": lacking_m2 / 10_000, "share": lacking_m2 / area_m2}
        yield Fault("boundary_without_district", file=file, details=details)
    shapely.prepare(area)
    beyond_m2 = shapely.area(shapely.difference(districts.geometry, area))
    far = np.flatnonzero(
        districts.undivided & (beyond_m2 > np.maximum(SHARE_IGNORED * districts_m2, SHARED_M2_IGNORED))
    )
    if len(far):
        shown = far[np.argsort(-beyond_m2[far], kind="stable")]
        yield Fault(
            "districts_beyond_boundary",
            file=file,
            details={
                "count": len(far),
                "hectares": float(beyond_m2[far].sum()) / 10_000,
                "examples": _few(districts.names[shown]),
            },
        )


def note_overlaps(layer: Layer, geometry: GeometryArray, names: TextArray, kind: str = "overlapping_districts") -> None:
    """Note pairs of districts, or of other areas that should not, that share more land than a drawing's inaccuracy."""
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    pairs = np.flatnonzero(shared_m2 > SHARED_M2_IGNORED)
    if len(pairs):
        largest = pairs[np.argsort(-shared_m2[pairs], kind="stable")][:EXAMPLES_SHOWN]
        layer.note(
            kind,
            count=len(pairs),
            hectares=float(shared_m2[pairs].sum()) / 10_000,
            examples="; ".join(f"{names[one[pair]]} / {names[other[pair]]}" for pair in largest),
        )


def _note_holes(layer: Layer, geometry: GeometryArray, names: TextArray, larger: GeometryArray, crs: str) -> None:
    """Note holes between districts, the largest with size, neighbours and place, and count slivers; `larger` they should fill."""
    holes = _holes(geometry, larger)
    area_m2 = shapely.area(holes)
    thin = (area_m2 <= SHARED_M2_IGNORED) | (2 * area_m2 < SLIVER_METRES * shapely.length(holes))
    wide = np.flatnonzero(~thin)
    if len(wide):
        largest = wide[np.argsort(-area_m2[wide], kind="stable")][:EXAMPLES_SHOWN]
        inside = shapely.get_coordinates(shapely.point_on_surface(holes[largest]))
        beside = [_few(names[shapely.intersects(geometry, hole)]) for hole in holes[largest]]
        examples = [
            f"{lon:.5f}, {lat:.5f}: {m2 / 10_000:.2f} ha, {near}"
            for lon, lat, m2, near in zip(*unprojected(inside, crs), area_m2[largest], beside, strict=True)
        ]
        layer.note(
            "holes_between_districts",
            count=len(wide),
            hectares=float(area_m2[wide].sum()) / 10_000,
            examples=" | ".join(examples),
        )
    if thin.any():
        square_metres = float(area_m2[thin].sum())
        layer.note(
            "slivers_between_districts", count=int(thin.sum()), square_metres=square_metres, metres=SLIVER_METRES
        )


def _holes(geometry: GeometryArray, larger: GeometryArray) -> GeometryArray:
    """Return what districts leave of the land they enclose, and of larger ones they are part of, each piece as a polygon."""
    union = shapely.union_all(geometry)
    enclosed = np.asarray(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union))), object)
    left = shapely.get_parts(shapely.difference(shapely.union_all(np.append(enclosed, larger)), union))
    holes: GeometryArray = left[shapely.area(left) > NOISE_M2]
    return holes


def _few(names: TextArray) -> str:
    return "; ".join(str(name) for name in names[:EXAMPLES_SHOWN]) + ("…" if len(names) > EXAMPLES_SHOWN else "")
