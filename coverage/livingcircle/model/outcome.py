"""What comes out: walking times, coverage, areas, plans, and how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import Columns, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.verdict import NO_RULE_VERDICTS, RuleVerdicts

Verdict = Literal["met", "unmet", "no_data", "not_applicable"]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Walking time from each of r homes to the nearest facility of each of s service types.

    `seconds` (s, r) is `inf` where none can be reached, NaN where the home is not joined to the streets. `facility` (s, r) is the
    position of that facility in `Facilities`, and has no meaning (-1) where `seconds` is not finite.
    `node_seconds` and `node_facility` (s, n) are the same at every junction, for drawing.
    """

    seconds: FloatArray
    facility: IntArray
    node_seconds: FloatArray
    node_facility: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ReachFew:
    """Walking time from each of r homes to the k nearest facilities of each of s service types, the nearest first.

    `seconds` (s, k, r) is `inf` where there are fewer, NaN where the home is not joined; `facility` (s, k, r) is -1 there.
    """

    seconds: FloatArray
    facility: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ReachTable:
    """Which homes each place reaches within a limit, as sparse rows: homes `home[indptr[i]:indptr[i + 1]]` at `seconds`."""

    indptr: IntArray
    home: IntArray
    seconds: FloatArray
    homes: int
    limit_seconds: float

    @property
    def places(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

    def row(self, place: int) -> IntArray:
        """Return the homes that `place` reaches."""
        return self.home[self.indptr[place] : self.indptr[place + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageTable(Columns):
    """The one table every figure comes from: a row per service type, limit and district.

    `district` is a position in `Districts`, -1 for the whole study. Totals count every home; homes that are not joined to the streets
    count as not covered and are shown on their own in `residents_unjoined`. Districts are disjoint, so covered residents are a union of
    catchments and never counted twice. `residents_uncertain` are not covered in the data, but reach the end of the data within the limit:
    a facility beyond might cover them (`kernel.gauge.uncertain`).
    """

    service: IntArray
    limit_seconds: FloatArray
    district: IntArray
    residents: FloatArray
    residents_covered: FloatArray
    households: FloatArray
    households_covered: FloatArray
    homes: FloatArray
    homes_covered: FloatArray
    residents_unjoined: FloatArray
    residents_uncertain: FloatArray

    def share(self, denominator: Literal["residents", "households", "homes"] = "residents") -> FloatArray:
        """Return covered ÷ total by `denominator`; NaN where a district holds none."""
        total: FloatArray = getattr(self, denominator)
        covered: FloatArray = getattr(self, f"{denominator}_covered")
        shares = np.full(len(total), np.nan)
        np.divide(covered, total, out=shares, where=total > 0)
        return shares

    def highest_share(self) -> FloatArray:
        """Return the share of residents covered if all who are uncertain were; NaN where a district holds none."""
        shares = np.full(len(self), np.nan)
        at_most = np.minimum(self.residents_covered + self.residents_uncertain, self.residents)
        np.divide(at_most, self.residents, out=shares, where=self.residents > 0)
        return shares

    def rows(self, service: int, limit_seconds: float) -> NDArray[np.intp]:
        """Return the rows of one service and limit: the whole study first, then the districts in order.

        Raises
        ------
        KeyError
            When the table was not made for that service and limit.
        """
        found = np.flatnonzero((self.service == service) & (self.limit_seconds == limit_seconds))
        if not len(found):
            raise KeyError((service, limit_seconds))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class VerdictTable(Columns):
    """The verdict on each requirement for the whole study (district -1) and each district; `row` is its row in the coverage table."""

    requirement: IntArray
    district: IntArray
    row: IntArray
    verdict: TextArray
    residents_short: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeTable(Columns):
    """What crosses the lines between districts: a row per service type, limit and district.

    `residents_by_own` have a facility within the limit in their own district; `residents_from_outside` have one only outside it. Together
    they are the residents covered. `outsiders_served` live elsewhere, and their nearest facility, within the limit, is here.
    """

    service: IntArray
    limit_seconds: FloatArray
    district: IntArray
    residents_by_own: FloatArray
    residents_from_outside: FloatArray
    outsiders_served: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class AgeCoverageTable(Columns):
    """Residents of each age group within each limit of each service: a row per service type, limit, district and group.

    `age_group` is a position in `Homes.age_groups`, `district` one in `Districts`, -1 for the whole study. Groups may overlap.
    """

    service: IntArray
    limit_seconds: FloatArray
    district: IntArray
    age_group: IntArray
    residents: FloatArray
    residents_covered: FloatArray

    def share(self) -> FloatArray:
        """Return covered ÷ all residents of the group; NaN where there are none."""
        shares = np.full(len(self), np.nan)
        np.divide(self.residents_covered, self.residents, out=shares, where=self.residents > 0)
        return shares


_NO_NUMBERS = np.empty(0)
_NO_POSITIONS = np.empty(0, np.int32)
NO_AGES = AgeCoverageTable(_NO_POSITIONS, _NO_NUMBERS, _NO_POSITIONS, _NO_POSITIONS, _NO_NUMBERS, _NO_NUMBERS)
"""A study that knows no ages."""
NO_EXCHANGE = ExchangeTable(
    np.empty(0, np.int32), _NO_NUMBERS, np.empty(0, np.int32), _NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS
)
"""A study that is not divided."""


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Who can walk where, and what the standard says to that: `verdicts` to its walking requirements, `rule_verdicts` to every clause.

    `cautious` is the coverage that is certain whatever gates compounds have, row by row as in `coverage`; None without unknown gates.
    `shown_limits_seconds` are the limits every service is counted and drawn at, ascending; each has its own in the standard besides.
    `plain_seconds` (s, r) are walks at the walker's pace without waits, slope and stairs, by which limits in metres are judged; None where
    these are the walker's own.
    """

    reach: Reach
    coverage: CoverageTable
    verdicts: VerdictTable
    exchange: ExchangeTable = NO_EXCHANGE
    cautious: CoverageTable | None = None
    by_age: AgeCoverageTable = NO_AGES
    rule_verdicts: RuleVerdicts = NO_RULE_VERDICTS
    shown_limits_seconds: tuple[float, ...] = ()
    plain_seconds: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Isochrones(Columns):
    """Areas from which some facility of a service is within `limit_seconds`; drawings of the times, never a basis of figures."""

    service: IntArray
    limit_seconds: FloatArray
    geometry: GeometryArray


@dataclass(frozen=True, slots=True, eq=False)
class ServiceAreas(Columns):
    """Areas from which `facility` is the nearest of a service and within `limit_seconds`: they divide the isochrone among facilities."""

    service: IntArray
    facility: IntArray
    limit_seconds: FloatArray
    geometry: GeometryArray


@dataclass(frozen=True, slots=True, eq=False)
class Catchments(Columns):
    """The area within `limit_seconds` of each place, whatever else is near: those of different places overlap."""

    place: IntArray
    limit_seconds: FloatArray
    geometry: GeometryArray


@dataclass(frozen=True, slots=True, eq=False)
class TravelTimes:
    """Walking time as a raster: `seconds` (rows, columns), NaN where there is no street near or no walk.

    Rows run northwards; `west` and `south` are the centre of the first cell, in metres of the study's CRS.
    """

    seconds: NDArray[np.float32]
    west: float
    south: float
    cell_metres: float


@dataclass(frozen=True, slots=True, eq=False)
class GapAreas(Columns):
    """Groups of neighbouring homes beyond the limit of a requirement, the most residents first within each requirement.

    `district` is the one that the homes of an area divided at borders are counted in, -1 for those in none and for areas not divided.
    """

    requirement: IntArray
    geometry: GeometryArray
    residents: FloatArray
    households: FloatArray
    homes: FloatArray
    median_seconds: FloatArray
    district: IntArray


NO_ISOCHRONES = Isochrones(np.empty(0, np.int32), np.empty(0), np.empty(0, object))
"""Nothing drawn."""
NO_SERVICE_AREAS = ServiceAreas(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0, object))
"""Nothing divided."""
NO_CATCHMENTS = Catchments(np.empty(0, np.int32), np.empty(0), np.empty(0, object))
"""No catchment drawn."""
NO_GAPS = GapAreas(
    np.empty(0, np.int32),
    np.empty(0, object),
    np.empty(0),
    np.empty(0),
    np.empty(0),
    np.empty(0),
    np.empty(0, np.int32),
)
"""No gap looked for."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a run came about; the only record that holds the clock.

    `fingerprint` is the SHA-256 of all that results follow from. `standard_files` and `input_files` hold the SHA-256 of files, those of
    inputs by the setting that names them; `seeds` what random choices begin from.
    """

    settings_sha256: str
    standard: str
    versions: Mapping[str, str]
    started_utc: str
    stage_seconds: Mapping[str, float]
    fingerprint: str = ""
    program_sha256: str = ""
    standard_files: Mapping[str, str] = field(default_factory=dict)
    input_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)
    machine: Mapping[str, str | int] = field(default_factory=dict)
