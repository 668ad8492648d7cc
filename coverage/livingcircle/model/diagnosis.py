"""Why people are left out, and what would bring the service to them at the least cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import Columns, FloatArray, GeometryArray, IntArray, SmallArray, TextArray


class Cause(IntEnum):
    """The one main cause of a gap.

    Those up to `DETOUR` are why a walk is not in time; `kernel.cause` tries them in the order of `TESTS`. The others are what people in
    time of a facility lack there (`kernel.shortage`): a home may lack several of them, and they never hide that it lacks a walk.
    """

    HOME_UNJOINED = 0
    """The home met no street: nothing is known of its walks."""
    NO_FACILITY = 1
    """The data hold no facility of the service."""
    NONE_OPEN = 2
    """Facilities are listed, but each is planned or closed."""
    FACILITY_UNJOINED = 3
    """Facilities are listed, but none of them met a street."""
    OWN_WALL = 4
    """In time if the wall of its own compound could be left anywhere."""
    OTHER_WALL = 5
    """In time if compounds could be entered and passed anywhere."""
    PRIVATE_STREET = 6
    """In time if streets for residents only could be walked by all."""
    WIDE_ROAD = 7
    """In time if wide roads could be crossed at every junction."""
    SLOPE_OR_STAIRS = 8
    """In time on level ground."""
    CROSSING_WAIT = 9
    """In time without waits at crossings."""
    SEVERAL_BARRIERS = 10
    """In time if all of these were out of the way, but not without any one of them alone."""
    EDGE_OF_DATA = 11
    """The streets of the data end within the limit: a facility beyond may be in time."""
    TOO_FAR = 12
    """Too far even along a straight line, or along a way hardly longer than that."""
    DETOUR = 13
    """Near enough along a straight line, but the way there makes a large detour."""
    CAPACITY_USED_UP = 14
    """In time of a facility, but all places within the limit are taken."""
    CAPACITY_UNKNOWN = 15
    """In time of a facility whose places nobody stated, and left without one at the others."""
    SITE_TOO_SMALL = 16
    """In time of a facility that is smaller than a clause asks, or those of the unit are together."""
    UNDERSTAFFED = 17
    """In time of a facility, but the unit has fewer staff than a clause asks."""
    HOURS = 18
    """In time of a facility that is open for fewer hours than a clause asks."""


TESTS: tuple[Cause, ...] = tuple(Cause)[: Cause.DETOUR + 1]
"""What is not known goes first; then what can be shown to be in the way; then the edge of the data; distance is what is left."""


class Remedy(IntEnum):
    """What would close a gap, the cheapest first."""

    COMPLETE_DATA = 0
    """Complete the data: what is missing may be on paper only."""
    OPEN_GATE = 1
    EXTEND_HOURS = 2
    ADD_STAFF = 3
    ADD_CROSSING = 4
    ENLARGE = 5
    REUSE_STOCK = 6
    NEW_SITE = 7
    IMPROVE_WAY = 8
    """A ramp, a lift, a street: not designed here."""


COST_CLASS: dict[Remedy, int] = {
    Remedy.COMPLETE_DATA: 0,
    Remedy.OPEN_GATE: 1,
    Remedy.EXTEND_HOURS: 1,
    Remedy.ADD_STAFF: 2,
    Remedy.ADD_CROSSING: 2,
    Remedy.ENLARGE: 3,
    Remedy.REUSE_STOCK: 3,
    Remedy.NEW_SITE: 4,
    Remedy.IMPROVE_WAY: 4,
}
"""Our ranking, no price list: 0 desk work, 1 an order, 2 a small work or recurring pay, 3 building within walls that stand, 4 building."""


@dataclass(frozen=True, slots=True, eq=False)
class Causes(Columns):
    """One row (c) for each home and requirement that is not met, and the numbers its cause follows from.

    `requirement` is a position in `Standard.requirements`. `straight_metres` is the distance to the nearest facility that walkers can get
    to, `inf` without any, `facility` its position (-1). `walk_seconds` is the walk as it is (`inf` unreachable, NaN home not joined),
    `walk_to_straight` the walk, in metres at the walker's speed, over the straight distance. `freed_seconds` is the walk with the cause out
    of the way: NaN for causes that nothing can be taken out of.
    """

    home: IntArray
    requirement: IntArray
    cause: SmallArray
    facility: IntArray
    straight_metres: FloatArray
    walk_seconds: FloatArray
    walk_to_straight: FloatArray
    freed_seconds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class GapMembers:
    """The homes of each gap area (g rows): `home[indptr[i]:indptr[i + 1]]`."""

    indptr: IntArray
    home: IntArray

    def of(self, area: int) -> IntArray:
        """Return the homes of one area."""
        return self.home[self.indptr[area] : self.indptr[area + 1]]

    def __len__(self) -> int:
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True, eq=False)
class GapDiagnosis(Columns):
    """What each gap area (g rows, as in `GapAreas`) comes from, and its cheapest remedy.

    `share_by_cause` (g, causes) are shares of its residents. `severity` is the sum of residents times minutes beyond the limit, where a
    walk counts as no longer than twice the limit. `remedy` is the cheapest that brings `kernel.remedy.ENOUGH` of the residents within the
    limit, or the one that brings most; `xy` (g, 2) is where (NaN nowhere), `candidate` a position in `Candidates` (-1). `gates` holds the
    gates to be opened, a tuple of x, y and the position in `Walls.areas` for each. `residents_gained` are all residents of the study whom
    the remedy brings within the limit of this requirement, by a full what-if; `residents_closed` those of them who live in the area.
    `trials` counts the gates and crossings that were tried out. `place` is a position in `GapPlaces`.
    """

    cause: SmallArray
    share_by_cause: FloatArray
    severity: FloatArray
    remedy: SmallArray
    xy: FloatArray
    candidate: IntArray
    gates: TextArray
    residents_gained: FloatArray
    residents_closed: FloatArray
    trials: IntArray
    place: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class GapPlaces(Columns):
    """Where several gap areas are one place (p rows), the most severe first: the rows of the list of problems (问题清单).

    `ids` hold whatever the order of the input. `street` and `street_2` are names ("" none), `street_share` the share of its residents who
    live by these, of `streets` named ones by which any do; `estate` is a compound that most of its residents live in, `facility` the
    position of the facility that falls short (-1 where it is walks that do), `district` that of the district most of them live in (-1).
    Residents, households and homes count once, whatever they lack.
    """

    ids: TextArray
    estate: TextArray
    street: TextArray
    street_2: TextArray
    street_share: FloatArray
    streets: IntArray
    district: IntArray
    geometry: GeometryArray
    residents: FloatArray
    households: FloatArray
    homes: FloatArray
    severity: FloatArray
    facility: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Shortages(Columns):
    """What people within the limit of a service lack there (k rows), the most severe first: places, floor, staff or hours.

    A row is one facility and the homes for which it is the nearest, or one unit (`facility` -1) and its homes. `rule` is a position in
    `Standard.rules`, -1 where places are lacking. `people` are those concerned: those without a place, or all residents; `homes` how many
    homes they live in. `severity` is people × limit in minutes × the share that is missing, so that who finds no place weighs as much as
    who has no facility within twice the limit. `amount` in `unit` is what `remedy` adds (NaN where data are to be completed), `gained` the
    people it brings what they lack, computed again with it in place. `place` is a position in `GapPlaces`.
    `home[indptr[i]:indptr[i + 1]]` are the homes of row i, `home_people` how many of each are concerned.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"home", "home_people", "indptr"})

    service: IntArray
    limit_seconds: FloatArray
    cause: SmallArray
    facility: IntArray
    rule: IntArray
    unit_position: IntArray
    people: FloatArray
    homes: FloatArray
    severity: FloatArray
    remedy: SmallArray
    amount: FloatArray
    unit: TextArray
    gained: FloatArray
    place: IntArray
    indptr: IntArray
    home: IntArray
    home_people: FloatArray

    def of(self, row: int) -> IntArray:
        """Return the homes of one row."""
        return self.home[self.indptr[row] : self.indptr[row + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class UnitRemedies(Columns):
    """What would close each unmet clause of a unit (u rows): `row` is one of `RuleVerdicts`.

    `amount` is the shortfall in `unit`: `m2` (of floor), `land_m2`, `activity_m2` (of the floor there is), `metres`, `staff`, `facilities`,
    `neighbours` (facilities to share a site), `services`, `beds`, `classes`, `hours` or `residents`.
    """

    row: IntArray
    remedy: SmallArray
    amount: FloatArray
    unit: TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """Why homes are not covered or not served, and what to do: `members` and `areas` go with the rows of `GapAreas`."""

    causes: Causes
    members: GapMembers
    areas: GapDiagnosis
    places: GapPlaces
    units: UnitRemedies
    shortages: Shortages


def _none(*kinds: type) -> list[NDArray[Any]]:
    return [np.empty(0, kind) for kind in kinds]


NO_CAUSES = Causes(*_none(np.int32, np.int32, np.int8, np.int32, float, float, float, float))
"""Nobody left out."""
NO_MEMBERS = GapMembers(np.zeros(1, np.int32), np.empty(0, np.int32))
"""No gap areas."""
NO_PLACES = GapPlaces(
    *_none(object, object, object, object, float, np.int32, np.int32, object, float, float, float, float, np.int32)
)
"""No places that lack anything."""
NO_UNIT_REMEDIES = UnitRemedies(*_none(np.int32, np.int8, float, object))
"""No clause unmet."""
NO_GAP_DIAGNOSIS = GapDiagnosis(
    cause=np.empty(0, np.int8),
    share_by_cause=np.empty((0, len(Cause))),
    severity=np.empty(0),
    remedy=np.empty(0, np.int8),
    xy=np.empty((0, 2)),
    candidate=np.empty(0, np.int32),
    gates=np.empty(0, object),
    residents_gained=np.empty(0),
    residents_closed=np.empty(0),
    trials=np.empty(0, np.int32),
    place=np.empty(0, np.int32),
)
"""No gap areas."""
NO_SHORTAGES = replace(
    Shortages(
        *_none(np.int32, float, np.int8, np.int32, np.int32, np.int32, float, float, float, np.int8, float, object),
        *_none(float, np.int32, np.int32, np.int32, float),
    ),
    indptr=np.zeros(1, np.int32),
)
"""Nothing lacking within the limits."""
NO_DIAGNOSIS = Diagnosis(NO_CAUSES, NO_MEMBERS, NO_GAP_DIAGNOSIS, NO_PLACES, NO_UNIT_REMEDIES, NO_SHORTAGES)
"""Nothing was asked."""
