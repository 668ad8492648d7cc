"""The places of a study: where people live, what serves them, where something could be built, and how the city is divided."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Homes(Columns):
    """Residential footprints or points, one row each (r rows).

    `xy` (r, 2) is the point a home walks from, in metres of the study's CRS. `residents` and `households` are never NaN here: what is
    unknown has been estimated, with a warning, by `livingcircle.sources.homes`. `floor_m2` and `footprint_m2` are NaN for points.
    `district` is a position in `Districts`, or -1 for a home in none. `residents_by_age` (r, g) counts the residents of each of
    `age_groups`, which may overlap (`60+` holds `65+`); without any, (r, 0).
    """

    ids: TextArray
    xy: FloatArray
    geometry: GeometryArray
    residents: FloatArray
    households: FloatArray
    floor_m2: FloatArray
    footprint_m2: FloatArray
    district: IntArray
    residents_by_age: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    age_groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.age_groups:
            object.__setattr__(self, "residents_by_age", np.empty((len(self.ids), 0)))
        Columns.__post_init__(self)  # `super()` does not find its class where slots are asked for


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
