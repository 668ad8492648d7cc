"""Where to open places, in which order, and with what proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from livingcircle.model.columns import BoolArray, Columns, FloatArray, IntArray

SitingModel = Literal[
    "most_covered",
    "least_cost",
    "fewest_sites",
    "best_worst_share",
    "least_walk",
    "shortest_worst_walk",
    "most_served",
    "close_unmet",
    "ranking",
]
"""What a plan is best at: MCLP and its kin, partial covering by money or sites, max-min, p-median, p-center, capacities, every unmet
clause of the standard, and the greedy order of a long list."""


@dataclass(frozen=True, slots=True)
class PlanTask:
    """What a plan was asked for, with the study's defaults filled in.

    `services` are positions in `Standard.services`, `limits_seconds` their walking limits, the same order (several per service where
    coverage is tiered). None is no limit of that kind.
    """

    name: str
    model: SitingModel
    services: tuple[int, ...]
    limits_seconds: tuple[float, ...]
    sites: int | None = None
    budget_wan_yuan: float | None = None
    target_share: float | None = None
    floor_share: float | None = None
    least_metres_apart: float | None = None
    backup: int = 1
    years: tuple[int, ...] = ()
    most_closed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Plan(Columns):
    """A plan, its proof and its explanation; columns are its picks (k rows) in the order to build.

    A pick is one service at one site: `candidate` is a position in `Candidates`, `service` one in `Standard.services`, `year` the year it
    is built in (0 where a plan has none). `marginal_residents` is what it adds to those before it, `cumulative_residents` their running
    sum, `exclusive_residents` those whom no other pick and no existing facility covers; `marginal_by_age` (k, g) follows
    `Homes.age_groups`. `homes_gained` belongs to the marginal ones. `clauses_closed` counts requirements and districts that turn from
    unmet to met with it. `runner_up` is the candidate that would take its place best (-1 none), `runner_up_loss` how much `value` that
    would cost. `kept_share` is the share of interval members whose plan holds the site (NaN where none were computed).

    `value` and `bound` are in `unit`: no other choice under the same conditions is better than `bound`; `gap` = |bound − value| ÷ |bound|.
    `closed` are positions in `Facilities` that the plan closes. `total_residents` and `baseline_residents` (covered before) count residents
    once per service. `unreachable` (r,) homes that are not covered and that no candidate reaches. `covered_after` (services of the task,
    r).
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"closed", "unreachable", "covered_after"})

    task: PlanTask
    candidate: IntArray
    service: IntArray
    year: IntArray
    cost_wan_yuan: FloatArray
    floor_m2: FloatArray
    marginal_residents: FloatArray
    cumulative_residents: FloatArray
    exclusive_residents: FloatArray
    marginal_by_age: FloatArray
    homes_gained: FloatArray
    clauses_closed: IntArray
    runner_up: IntArray
    runner_up_loss: FloatArray
    kept_share: FloatArray
    closed: IntArray
    unreachable: BoolArray
    covered_after: BoolArray
    total_residents: float
    baseline_residents: float
    value: float
    bound: float
    gap: float
    unit: Literal["residents", "wan_yuan", "sites", "share", "resident_seconds", "seconds"]
    status: Literal["optimal", "feasible", "stopped", "nothing_to_gain"]
    solve_seconds: float

    @property
    def gained_residents(self) -> float:
        """Residents newly covered by all picks together, once per service."""
        return float(self.cumulative_residents[-1]) if len(self.cumulative_residents) else 0.0

    @property
    def share_before(self) -> float:
        """Share of residents covered by existing facilities."""
        return self.baseline_residents / self.total_residents

    @property
    def share_after(self) -> float:
        """Share of residents covered once the plan is built."""
        return (self.baseline_residents + self.gained_residents) / self.total_residents
