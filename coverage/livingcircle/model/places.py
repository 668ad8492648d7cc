"""The places of a study: where people live, what serves them, where something could be built, and how the city is divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, TextArray

DistrictLevel = Literal["community", "subdistrict", "county", "prefecture", "province"]
DISTRICT_LEVELS: tuple[DistrictLevel, ...] = get_args(DistrictLevel)
"""Levels of administration, the smallest first: 社区(村), 街道(镇, 乡), 区县, 地级市, 省."""


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
    representative point in metres; `geometry` may be an area, whose entrances are found when it is joined to the streets. `status` is
    `open`, `planned` or "" where nothing is said; what is closed is no facility. Years, areas (gross floor, usable floor, floor open to
    residents' activities, land), `width_metres` (of a park or sidewalk), `staff` (persons), `capacity` (places, persons), `beds` and
    `classes` (of a school) are NaN where unknown. `hours` and `address` are as written, `source` the file a
    place is from. `confidence` is 0 to 1: how sure it is that the place offers these services; 1 where the source says so.
    """

    ids: TextArray
    names: TextArray
    xy: FloatArray
    geometry: GeometryArray
    serves: BoolArray
    status: TextArray
    opened_year: FloatArray
    closed_year: FloatArray
    floor_m2: FloatArray
    usable_m2: FloatArray
    activity_m2: FloatArray
    land_m2: FloatArray
    width_metres: FloatArray
    staff: FloatArray
    capacity: FloatArray
    beds: FloatArray
    classes: FloatArray
    hours: TextArray
    address: TextArray
    source: TextArray
    confidence: FloatArray

    @classmethod
    def plain(
        cls,
        *,
        ids: TextArray,
        names: TextArray,
        xy: FloatArray,
        geometry: GeometryArray,
        serves: BoolArray,
        **columns: NDArray[Any],
    ) -> Facilities:
        """Make facilities of which nothing more is known, except for what `columns` says; their services are certain."""
        count = len(ids)
        usual: dict[str, NDArray[Any]] = {
            **{name: np.full(count, np.nan) for name in FACILITY_NUMBERS},
            **{name: np.full(count, "", object) for name in FACILITY_TEXTS},
            "confidence": np.ones(count),
        }
        return cls(ids=ids, names=names, xy=xy, geometry=geometry, serves=serves, **(usual | columns))


FACILITY_NUMBERS = (
    "opened_year",
    "closed_year",
    "floor_m2",
    "usable_m2",
    "activity_m2",
    "land_m2",
    "width_metres",
    "staff",
    "capacity",
    "beds",
    "classes",
)
FACILITY_TEXTS = ("status", "hours", "address", "source")
"""What may be known of a facility beyond its name, place and services."""


@dataclass(frozen=True, slots=True, eq=False)
class FacilityReview(Columns):
    """Rows of lists whose services a person should confirm (v rows); the sheet made of it can be given back with decisions.

    `ids` and `rows` are those of the `files`. `services` and `alternatives` hold tuples of service types; `reason` is a key of
    `livingcircle.sources.service_types.CONFIDENCE`. `decisions` are those already taken, as written, "" where one is still to be taken.
    """

    ids: TextArray
    names: TextArray
    files: TextArray
    rows: IntArray
    services: TextArray
    confidence: FloatArray
    reason: TextArray
    alternatives: TextArray
    decisions: TextArray


@dataclass(frozen=True, slots=True, eq=False)
class MergedFacilities(Columns):
    """Facilities found to be one (m rows): which stays, which is taken into it, how far apart they were listed, and by which rule."""

    kept_ids: TextArray
    merged_ids: TextArray
    kept_names: TextArray
    merged_names: TextArray
    distance_metres: FloatArray
    rule: TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Entrances(Columns):
    """Where areas are entered (d rows): `place` is a position among the places joined, `xy` (d, 2) in metres of the study's CRS.

    A place is entered `alone` by its entrances where they are known to be all; else also where streets cross its outline.
    """

    place: IntArray
    xy: FloatArray
    alone: BoolArray


def _none(*kinds: type) -> list[NDArray[Any]]:
    return [np.empty(0, kind) for kind in kinds]


NO_REVIEW = FacilityReview(*_none(object, object, object, np.int32, object, float, object, object, object))
"""Nothing to confirm."""
NO_MERGED = MergedFacilities(*_none(object, object, object, object, float, object))
"""Nothing merged."""
NO_ENTRANCES = Entrances(np.empty(0, np.int32), np.empty((0, 2)), np.empty(0, bool))
"""No area whose entrances are known."""


CandidateStatus = Literal["candidate", "required", "forbidden"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Columns):
    """Places where a facility could be opened (c rows). `cost_wan_yuan` (10,000 yuan) and `floor_m2` are NaN where unknown.

    `capacity` is how many people it could serve (NaN unknown), `use` what it is or was used for, as written, `status` one of
    `CandidateStatus`. `allowed` (c, s) says which of the study's s services may move in; (c, 0) where nothing is said, which allows all of
    them. `origin` says of places that were generated where they are from, "" of those that are listed.
    """

    ids: TextArray
    names: TextArray
    xy: FloatArray
    geometry: GeometryArray
    cost_wan_yuan: FloatArray
    floor_m2: FloatArray
    capacity: FloatArray = field(default_factory=lambda: np.empty(0))
    use: TextArray = field(default_factory=lambda: np.empty(0, object))
    status: TextArray = field(default_factory=lambda: np.empty(0, object))
    allowed: BoolArray = field(default_factory=lambda: np.empty((0, 0), bool))
    origin: TextArray = field(default_factory=lambda: np.empty(0, object))

    def __post_init__(self) -> None:
        count = len(self.ids)
        usual: dict[str, NDArray[Any]] = {
            "capacity": np.full(count, np.nan),
            "use": np.full(count, "", object),
            "status": np.full(count, "candidate", object),
            "allowed": np.empty((count, 0), bool),
            "origin": np.full(count, "", object),
        }
        for name, column in usual.items():
            if len(getattr(self, name)) == 0:
                object.__setattr__(self, name, column)
        Columns.__post_init__(self)

    def allows(self, service: int) -> BoolArray:
        """Return which candidates (c,) a service may move into."""
        return self.allowed[:, service] if self.allowed.shape[1] else np.ones(len(self), bool)


@dataclass(frozen=True, slots=True, eq=False)
class Districts(Columns):
    """Communities, sub-districts or other units the figures are reported by (d polygons), of one level or several.

    The smaller levels come first, so that the first district that holds a place is the smallest. `level` is one of `DISTRICT_LEVELS`, or
    `""` where it is not known; `parent` is the position of the district it is part of, -1 for none, and always after its own.
    """

    ids: TextArray
    names: TextArray
    geometry: GeometryArray
    level: TextArray
    parent: IntArray

    @property
    def undivided(self) -> BoolArray:
        """Return which districts (d,) have no smaller ones within: those in which every home counts once."""
        return np.asarray(~np.isin(np.arange(len(self)), self.parent))

    def at_level(self, district: IntArray, level: str) -> IntArray:
        """Return the district of one level that each of these positions is or is part of, -1 where there is none."""
        found = np.full(len(district), -1, np.int32)
        climbing = district.astype(np.int32)
        parents, levels = np.append(self.parent, np.int32(-1)), np.append(self.level, np.array([None], object))
        while (climbing >= 0).any():
            found = np.where((climbing >= 0) & (levels[climbing] == level), climbing, found)
            climbing = parents[climbing]
        return found


def _no_circles() -> Districts:
    ids, names, geometry, level = (np.empty(0, object) for _ in range(4))
    return Districts(ids, names, geometry, level, np.empty(0, np.int32))


NO_CIRCLES = _no_circles()
"""Nobody drew living circles: districts stand in for them."""
