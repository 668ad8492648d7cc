"""How much there is for people: choice, places and their use, the score of the living circle, and how evenly it all is spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, IntArray, TextArray

if TYPE_CHECKING:
    from livingcircle.model.outcome import AgeCoverageTable

AgeSide = Literal["elderly", "adult", "children"]
"""Groups of age that walk at speeds of their own."""
Supply = Literal["capacity", "beds", "classes", "staff", "floor_m2", "usable_m2"]
"""What a facility offers to as many as there is of it, by its column in `Facilities`."""


@dataclass(frozen=True, slots=True)
class Decay:
    """How much a facility counts that is some way off: 1 at the door, 0 beyond the end of its range.

    With u the walk as a share of the range: `none` is 1 up to u = 1; `steps` is the weight of the first of `bands` (u up to which it holds,
    weight) that holds u; `linear` is 1 - u; `gaussian` is (exp(-u²/2) - exp(-1/2)) ÷ (1 - exp(-1/2)), after Dai 2010 (Health & Place
    16:1038).
    """

    kind: Literal["none", "steps", "linear", "gaussian"] = "none"
    bands: tuple[tuple[float, float], ...] = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))
    """Weights of Luo & Qi 2009 for three thirds of the range (Health & Place 15:1100, the slower of their two sets)."""


@dataclass(frozen=True, slots=True)
class CapacityQuestion:
    """Of which service places are set beside those who need them.

    `supply_of` says which column of `Facilities` counts places, `demand_of` who needs them: `residents`, `households`, or an age group.
    `per_person` is how much each of them needs, None where nobody said. `decay` is that of the enhanced floating catchment.
    """

    service: int
    limit_seconds: float
    supply_of: Supply
    demand_of: str
    per_person: float | None
    decay: Decay


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """Of which service the nearest `count` are sought, and within which limit they are counted."""

    service: int
    limit_seconds: float
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class FloatingCatchment:
    """What two steps give: `ratio` (f,) of each facility, its supply per person weighted in reach; `access` (r,), their sum for each home.

    `ratio` is NaN where the supply is unknown or nobody who needs it is in reach. `supply_reached` is the supply of the others and equals
    Σ access × demand (Luo & Wang 2003); `supply_idle` is the known supply of facilities nobody has in reach.
    """

    ratio: FloatArray
    access: FloatArray
    supply_reached: float
    supply_idle: float


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Who finds a place, by a flow: as many as there can be, and of all such ways the one with the least walking.

    `filled` (f,) is what is taken of each facility, NaN where its supply is unknown; `served` (r,) how much of each home's demand finds a
    place. `walk_seconds` (f,) is the mean walk of those who come. `person_seconds` is the walking of all of them.
    """

    filled: FloatArray
    walk_seconds: FloatArray
    served: FloatArray
    person_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class ServiceCapacity:
    """The places of one service beside those who need them.

    `facility` (f,) are positions in `Facilities`, `supply` (f,) what they offer, NaN unknown. `demand` (r,) is what each home needs in the
    unit of the supply, or simply who is there where nobody said how much each needs. `out_of_reach` (r,) homes have no facility within
    the limit, `maybe_served` (r,) have one whose supply is unknown. `nearest_known` and `nearest_unknown` (r,) are the nearest facility
    within the limit whose supply is known, and is not, as positions in `facility` (-1 none). `catchment`, and `enhanced` with decay, are
    None where no supply is known, or the homes do not know the age group that needs it: nothing can be said then; `allocation` also where
    `asked.per_person` is None.
    """

    asked: CapacityQuestion
    facility: IntArray
    supply: FloatArray
    demand: FloatArray
    out_of_reach: BoolArray
    maybe_served: BoolArray
    nearest_known: IntArray
    nearest_unknown: IntArray
    catchment: FloatingCatchment | None
    enhanced: FloatingCatchment | None
    allocation: Allocation | None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """How many facilities of one service homes (r,) have within the limit, and the walk to the nearest, second … (asked.count, r)."""

    asked: ChoiceQuestion
    within: IntArray
    seconds: FloatArray


@dataclass(frozen=True, slots=True)
class ScoreWeights:
    """What the parts of the score weigh; only their proportions matter. `services` weighs services by id, 1 where nothing is said."""

    reached: float = 1.0
    closeness: float = 1.0
    weakest: float = 1.0
    services: Mapping[str, float] = field(default_factory=dict)

    def parts(self) -> FloatArray:
        """Return the three weights (3,), summing to 1."""
        weights = np.array([self.reached, self.closeness, self.weakest], float)
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True, slots=True, eq=False)
class LivingCircleScore:
    """The living circle of each home (r,) in three parts, and their weighted mean.

    `reached` is the share of required services within their limit, `closeness` their mean decayed by time, `weakest` the decayed value of
    the farthest one, which is `weakest_service` at `weakest_seconds` (inf where it cannot be reached). All lie between 0 and 1, NaN for
    homes not joined to the streets. `services` are the required services that count, at `limits_seconds`; of `unknown` ones the input holds
    no facility, so nothing is said of them. The decay ends at `range_limits` times the limit.
    """

    services: IntArray
    limits_seconds: FloatArray
    unknown: IntArray
    weights: ScoreWeights
    decay: Decay
    range_limits: float
    reached: FloatArray
    closeness: FloatArray
    weakest: FloatArray
    weakest_seconds: FloatArray
    weakest_service: IntArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable(Columns):
    """Means of the score and its parts over residents: a row for the whole study (unit -1) and for each district.

    `all_reached` is the share of residents with every counted service within its limit. `weakest_median_seconds` and
    `weakest_most_seconds` are the walks to the farthest required service that half and nine tenths of residents do not exceed (inf where
    they have none); `weakest_service` is the one that is farthest for most residents, -1 where nobody lives.
    """

    unit: IntArray
    residents: FloatArray
    score: FloatArray
    reached: FloatArray
    closeness: FloatArray
    weakest: FloatArray
    all_reached: FloatArray
    weakest_median_seconds: FloatArray
    weakest_most_seconds: FloatArray
    weakest_service: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class EquityTable(Columns):
    """How evenly one good is spread over residents: a row per good and unit (-1 the whole study).

    `measure` is `score` (of the living circle), `closeness` (of one service) or `places` (2SFCA, of one service); `service` is -1 for the
    score. `mean` is over residents, `worst_mean` over the worst-served tenth of them. `theil` = `theil_between` + `theil_within` where
    districts divide the study, else both are NaN. `concentration` is by the share of `rank_by`, "" where that is not known.
    """

    measure: TextArray
    service: IntArray
    unit: IntArray
    residents: FloatArray
    mean: FloatArray
    gini: FloatArray
    palma: FloatArray
    theil: FloatArray
    theil_between: FloatArray
    theil_within: FloatArray
    concentration: FloatArray
    rank_by: TextArray
    worst_mean: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LorenzCurves(Columns):
    """The Lorenz curve of each good of the whole study at every hundredth of the residents, from the worst served to the best."""

    measure: TextArray
    service: IntArray
    residents_share: FloatArray
    value_share: FloatArray


@dataclass(frozen=True, slots=True)
class AgeWalker:
    """An age group of the homes, the side it is on and its speed; the group "" is everybody, where no ages are known."""

    group: str
    side: AgeSide
    speed_metres_per_second: float


@dataclass(frozen=True, slots=True, eq=False)
class AgeWalks:
    """Who is covered when every age group walks at its own speed, within the required limit of every required service.

    Rows as in `AgeCoverageTable`, whose `age_group` counts in `walkers`. `same_speed` (rows,) are those covered at the study's own speed,
    `half_seconds` and `most_seconds` (rows,) the walks that half and nine tenths of the group do not exceed, inf where they have none.
    """

    walkers: tuple[AgeWalker, ...]
    coverage: AgeCoverageTable
    same_speed: FloatArray
    half_seconds: FloatArray
    most_seconds: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """All of it; a part that was not asked for, or of which nothing is known, is empty."""

    capacity: tuple[ServiceCapacity, ...] = ()
    choice: tuple[Choice, ...] = ()
    score: LivingCircleScore | None = None
    scores: ScoreTable | None = None
    equity: EquityTable | None = None
    lorenz: LorenzCurves | None = None
    ages: AgeWalks | None = None


NO_ACCESS = Access()
"""Nothing was asked."""
