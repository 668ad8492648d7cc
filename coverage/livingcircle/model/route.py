"""One walk, explained: where it goes, how long it is, and what made it take its time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from livingcircle.model.columns import Columns, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.network import Crossing

if TYPE_CHECKING:
    import shapely


class StepKind(StrEnum):
    """What one walks on."""

    LEAVE = "leave"
    """From the door to the street."""
    STREET = "street"
    """A street with a carriageway."""
    PATH = "path"
    """A footway, path or square."""
    STAIRS = "stairs"
    ENTER = "enter"
    """From the street to the door."""


@dataclass(frozen=True, slots=True, eq=False)
class Legs(Columns):
    """A walk street by street (l rows): the way to the street, one row per street piece, the way from the street.

    `edge` is the row of the network's streets, -1 for the first and last leg; a leg runs from `from_fraction` to `to_fraction` of it, 0 at
    its start and 1 at its end (NaN off the street). `seconds` include what is waited at crossings. `lines` run in walking direction.
    """

    edge: IntArray
    from_fraction: FloatArray
    to_fraction: FloatArray
    metres: FloatArray
    seconds: FloatArray
    lines: GeometryArray


@dataclass(frozen=True, slots=True, eq=False)
class Steps(Columns):
    """The same walk as one would tell it: pieces of one street are one step, and what is too short to tell joins a neighbour.

    `kind` is a `StepKind`; `name` is empty where the street has none. Metres and seconds add up to those of the walk.
    """

    kind: TextArray
    name: TextArray
    metres: FloatArray
    seconds: FloatArray
    lines: GeometryArray


@dataclass(frozen=True, slots=True)
class Wait:
    """How often a walk waits at crossings of one kind, and how long in all."""

    crossing: Crossing
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TimeParts:
    """What the seconds of a walk are made of; they add up exactly.

    `level_seconds` is what the streets would take if they were level, without stairs and waiting. `slope_seconds` may be negative: a walk
    downhill can save time.
    """

    access_seconds: float
    level_seconds: float
    slope_seconds: float
    stairs_seconds: float
    crossing_seconds: float

    @property
    def seconds(self) -> float:
        """All of them together."""
        parts = (self.access_seconds, self.level_seconds, self.slope_seconds, self.stairs_seconds)
        return round(sum(parts) + self.crossing_seconds, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The shortest walk from a home to a facility, both positions in their records.

    `seconds` equals the time in `Reach` exactly. `straight_metres` is measured to the facility's nearest point, in the plane.
    """

    home: int
    facility: int
    seconds: float
    metres: float
    straight_metres: float
    parts: TimeParts
    waits: tuple[Wait, ...]
    legs: Legs
    steps: Steps
    line: shapely.LineString

    @property
    def detour_ratio(self) -> float:
        """Metres walked ÷ metres in a straight line; NaN where home and facility are at one place."""
        return self.metres / self.straight_metres if self.straight_metres > 0 else float("nan")


class NoRoute(StrEnum):
    """Why there is no walk from a home to a facility."""

    HOME_UNJOINED = "home_unjoined"
    """The home is too far from every street."""
    NO_FACILITY = "no_facility"
    """The input holds no facility of the service."""
    FACILITY_UNJOINED = "facility_unjoined"
    """The facility, or every facility of the service, is too far from every street."""
    NO_WAY = "no_way"
    """Streets do not connect them: another part of the network, a barred direction, a gate."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to how one gets from a home to a service: the route, or the reason why there is none.

    `home`, `service` and `facility` are positions; `facility` is the one asked for, -1 for the nearest.
    """

    home: int
    service: int
    facility: int
    route: Route | None
    reason: NoRoute | None
