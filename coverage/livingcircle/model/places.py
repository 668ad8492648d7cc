"""The places of a study: where people live, what serves them, where something could be built, and how the city is divided."""

from __future__ import annotations

from dataclasses import dataclass

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Homes(Columns):
    """Residential footprints or points, one row each (r rows).

    `xy` (r, 2) is the point a home walks from, in metres of the study's CRS. `residents` and `households` are never NaN here: what is
    unknown has been estimated, with a warning, by `livingcircle.sources.homes`. `floor_m2` and `footprint_m2` are NaN for points.
    `district` is a position in `Districts`, or -1 for a home in none.
    """

    ids: TextArray
    xy: FloatArray
    geometry: GeometryArray
    residents: FloatArray
    households: FloatArray
    floor_m2: FloatArray
    footprint_m2: FloatArray
    district: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Facilities(Columns):
    """Places that serve, one row each (f rows).

    `serves` (f, s) says which of the study's s service types a place offers; one address may offer several. `xy` (f, 2) is its
    representative point in metres; `geometry` may be an area, whose entrances are found when it is joined to the streets.
    """

    ids: TextArray
    names: TextArray
    xy: FloatArray
    geometry: GeometryArray
    serves: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Columns):
    """Places where a facility could be opened (c rows). `cost_wan_yuan` (10,000 yuan) and `floor_m2` are NaN where unknown."""

    ids: TextArray
    names: TextArray
    xy: FloatArray
    geometry: GeometryArray
    cost_wan_yuan: FloatArray
    floor_m2: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Districts(Columns):
    """Communities, sub-districts or other units the figures are reported by (d polygons)."""

    ids: TextArray
    names: TextArray
    geometry: GeometryArray
