"""Where to open places, in which order, and with what proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, Columns, FloatArray, IntArray, TextArray
from livingcircle.model.siting_model import SitingModel
from livingcircle.model.standard import Words

PlanStatus = Literal["optimal", "feasible", "stopped", "nothing_to_gain"]
"""How a plan came to its end; `stopped` by the user, `feasible` by the clock or at the gap asked for."""
PlanUnit = Literal["residents", "wan_yuan", "sites", "share", "resident_seconds", "seconds"]
"""What the value of a plan is counted in."""


@dataclass(frozen=True, slots=True)
class PlanTask:
    """What a plan was asked for, with the study's defaults filled in.

    `services` are positions in `Standard.services`, `limits_seconds` their walking limits, the same order (several per service where
    coverage is tiered). None is no limit of that kind. `groups` are the age groups whose needs count, in the order of `services`, "" for
    all residents; `level` is that of the districts `floor_share` holds in, "" for the smallest.
    """

    name: Words
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
    groups: tuple[str, ...] = ()
    level: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way to a plan: its name, the best value and bound after it, and seconds since the start (only for reading)."""

    name: str
    value: float
    bound: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Frontier(Columns):
    """Plans none of which is better in every respect than another (p rows), the fewest sites first.

    `sites` and `cost_wan_yuan` are what a plan takes; `covered_residents` those covered by existing and new places; `worst_share` the share
    of the worst-off district, `gini` the inequality of the districts' shares (both NaN where the study is not divided); `mean_seconds` the
    mean walk of all residents, none of which counts as longer than a cap, NaN where walks were not compared. `objective` (`most_covered`,
    `best_worst_share`, `least_walk`) is what each plan was sought for; `value`, `bound`, `gap` and `status` are its proof in that objective
    (for `least_walk` residents × seconds). `opened` holds its new options, the candidates where one service is sought. `by` is
    what is put in.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset()

    sites: IntArray
    cost_wan_yuan: FloatArray
    covered_residents: FloatArray
    worst_share: FloatArray
    gini: FloatArray
    mean_seconds: FloatArray
    objective: TextArray
    value: FloatArray
    bound: FloatArray
    gap: FloatArray
    status: TextArray
    opened: TextArray
    by: Literal["sites", "money"] = "sites"


def _empty(kind: type, *shape: int) -> NDArray[Any]:
    return np.empty(shape or (0,), kind)


NO_FRONTIER = Frontier(
    sites=_empty(np.int32),
    cost_wan_yuan=_empty(float),
    covered_residents=_empty(float),
    worst_share=_empty(float),
    gini=_empty(float),
    mean_seconds=_empty(float),
    objective=_empty(object),
    value=_empty(float),
    bound=_empty(float),
    gap=_empty(float),
    status=_empty(object),
    opened=_empty(object),
)
"""No frontier was asked for."""


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
    `marginal_value` is what each pick adds to `value`, in `unit`, where that is not the residents it newly covers: walks saved, or
    residents by the worth of the tier they come into (None elsewhere). `runner_up_ties` counts the candidates that would do just as well as
    the runner-up, itself not among them. `nearest_facility` is the existing facility of the same service nearest to a pick (-1 none) and
    `nearest_metres` the straight distance to it (NaN none).
    `gained_by` (services of the task, r) is the pick that first covers a home, -1 where none does or it was covered before. `turned` (t, 3)
    lists pick, requirement and district (-1 the whole study) of each clause that turns to met; `dominated_by` (c,) is, of each candidate,
    another that covers all that it does, and more or for no more money, -1 none.

    `closed` are positions in `Facilities` that the plan closes. `total_residents` and `baseline_residents` (covered before) count residents
    once per service. `unreachable` (services of the task, r) are homes that are not covered and that no candidate reaches, `covered_after`
    (services of the task, r) those that are. `remarks` are what a reader of the plan must know: costs taken for granted, clauses that no
    candidate can close.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset(
        {"closed", "unreachable", "covered_after", "gained_by", "turned", "dominated_by"}
    )

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
    unit: PlanUnit
    status: PlanStatus
    solve_seconds: float
    marginal_value: FloatArray | None = None
    runner_up_ties: IntArray | None = None
    nearest_facility: IntArray | None = None
    nearest_metres: FloatArray | None = None
    gained_by: IntArray = field(default_factory=lambda: _empty(np.int32, 0, 0))
    turned: IntArray = field(default_factory=lambda: _empty(np.int32, 0, 3))
    dominated_by: IntArray = field(default_factory=lambda: _empty(np.int32))
    stages: tuple[Stage, ...] = ()
    frontier: Frontier = NO_FRONTIER
    remarks: tuple[Fault, ...] = ()

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
