"""What solving gives: the choice, what it is worth, how much better any choice could be, and how that was found out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.plan import Stage

__all__ = ["PROVEN", "Solution", "Stage", "Status", "Watch", "relative_gap"]

PROVEN = 1e-9
"""Relative distance of value and bound at which a choice counts as optimal."""

Status = Literal["optimal", "feasible", "nothing_to_gain", "infeasible", "stopped"]
"""`stopped`: by the user; `feasible`: by the clock, or at the gap that was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A choice, checked against the problem as it was asked, and its proof.

    `opened` are the open options, ascending, with existing ones that stay. `value` is in the problem's own objective; no choice can be
    better than `bound`, and `gap` = |bound − value| ÷ |bound|, 0 where both are 0. For problems of serving `served_by` (d,) is the option
    of each demand, -1 unserved, and `served` (entries of the table) the people sent along each entry where capacities divide them.
    """

    opened: IntArray
    value: float
    bound: float
    gap: float
    status: Status
    stages: tuple[Stage, ...] = ()
    served_by: IntArray | None = None
    served: FloatArray | None = None


def _never(_value: float, _bound: float) -> bool:
    return False


@dataclass(slots=True)
class Watch:
    """When to stop: at a gap, at a time, or when the user says so. Solvers ask it between steps, and tell it how far they are.

    Heuristics stop by counts of steps that depend on the size of the problem alone, so that plans do not differ between machines; the clock
    is a guard for problems too large for that. `is_stopped` is called with value and bound and returns True to stop.
    """

    time_limit_seconds: float = 60.0
    gap: float = PROVEN
    is_stopped: Callable[[float, float], bool] = _never
    started: float = field(default_factory=time.monotonic)
    stages: list[Stage] = field(default_factory=list)
    stopped: bool = False

    def begin(self) -> None:
        """Start the clock anew: what was done before is no part of the search."""
        self.started = time.monotonic()

    @property
    def remaining_seconds(self) -> float:
        """Seconds that are left, 0 once stopped."""
        return 0.0 if self.stopped else max(0.0, self.started + self.time_limit_seconds - time.monotonic())

    def tell(self, stage: str, value: float, bound: float) -> bool:
        """Note a stage; return whether to stop."""
        self.stages.append(Stage(stage, value, bound, time.monotonic() - self.started))
        self.stopped = self.stopped or self.is_stopped(value, bound)
        return self.remaining_seconds <= 0 or relative_gap(value, bound) <= self.gap


def relative_gap(value: float, bound: float) -> float:
    """Return |bound − value| ÷ |bound|, 0 where both are 0."""
    distance = abs(bound - value)
    return 0.0 if distance == 0 else distance / max(abs(bound), 1e-12)
