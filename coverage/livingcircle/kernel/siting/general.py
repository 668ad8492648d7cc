"""Covering with anything that may bind it: make it small, find a plan, bound it, fix what the bound decides, finish exactly.

Small problems go straight to branch and bound with the plan at hand. For large ones the relaxation's prices bound the best plan (safely,
see `highs.relaxation`), settle the options that no better plan can have or lack (reduced-cost fixing), and show which few options are worth
a search of their own (kernel search; Angelelli, Mansini and Speranza 2010, Computers & Operations Research 37:2017-2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from livingcircle.kernel.siting.construct import constructed, rounded, tidied
from livingcircle.kernel.siting.covering import CoveringProblem
from livingcircle.kernel.siting.fewest import Halving, turned_round
from livingcircle.kernel.siting.first_bound import first_bound
from livingcircle.kernel.siting.highs import Known, branch_and_bound, relaxation
from livingcircle.kernel.siting.mixed_integer import Program
from livingcircle.kernel.siting.program import program, start_values
from livingcircle.kernel.siting.simplify import simplified
from livingcircle.kernel.siting.solution import PROVEN, Watch, relative_gap
from livingcircle.kernel.siting.verify import broken, value_of
from livingcircle.model.columns import FloatArray, IntArray

SMALL_PROGRAM = 60_000
"""Entries of the matrix up to which branch and bound begins at once."""
STEPS_FOR_SMALL = 20
WORTH_A_LOOK = 0.02
"""Part of an option that the relaxation opens, from which it takes part in the search among few."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best choice (None if there is none) and a bound on all; `infeasible` says that there can be none."""

    opened: IntArray | None
    bound: float
    infeasible: bool = False


def general_covering(problem: CoveringProblem, watch: Watch, *, seed: int = 0) -> Found:
    """Solve any sound problem of covering to the gap of the watch, or as far as its time allows."""
    reduced = simplified(problem)
    small = reduced.problem
    written = program(small)
    search = _Search(small, written, watch)
    is_small = written.matrix.nnz <= SMALL_PROGRAM
    search.offer(constructed(small, watch, seed, steps=STEPS_FOR_SMALL if is_small else None))
    search.tell("construct")
    search.halve(seed)
    infeasible = search.small() if is_small else search.large()
    best = None if search.best is None else reduced.option[tidied(small, search.best)]
    return Found(best, search.bound, infeasible)


class _Search:
    """The best choice and the best bound so far."""

    def __init__(self, problem: CoveringProblem, written: Program, watch: Watch) -> None:
        self.problem, self.written, self.watch = problem, written, watch
        self.best: IntArray | None = None
        self.value = -np.inf if written.maximise else np.inf
        self.bound = _whole(problem, first_bound(problem))

    @property
    def done(self) -> bool:
        return self.watch.remaining_seconds <= 0 or (
            self.best is not None and relative_gap(self.value, self.bound) <= max(self.watch.gap, PROVEN)
        )

    def tell(self, stage: str) -> None:
        """Tell the watch how far things are."""
        self.watch.tell(stage, self.value, self.bound)

    def offer(self, opened: IntArray | None) -> None:
        """Take a choice if it is better, whatever made it, after checking it."""
        if opened is not None and next(broken(self.problem, opened), None) is None:
            value = value_of(self.problem, opened)
            if self.best is None or (value > self.value if self.written.maximise else value < self.value):
                self.best, self.value = opened, value

    def tighten(self, bound: float) -> None:
        """Take a bound if it is better; a bound of whole numbers is rounded."""
        if np.isfinite(bound):
            bound = _whole(self.problem, bound)
            self.bound = min(self.bound, bound) if self.written.maximise else max(self.bound, bound)

    def halve(self, seed: int) -> None:
        """Ask maximal covering how many sites are enough, and how many too few, where that is all there is to ask."""
        turned = None if self.best is None or self.done else turned_round(self.problem)
        if turned is None:
            return
        halving = Halving(self.problem, turned, self.watch, (self.value, self.bound), seed)
        halving.run()
        self.offer(halving.opened)
        self.tighten(float(halving.too_few + 1))
        self.tell("sites tried")

    def small(self) -> bool:
        return False if self.done else self._branch(self.written, "branch and bound", proves=True)

    def large(self) -> bool:
        if self.done:
            return False
        relaxed = relaxation(self.written, self.watch, Known(self.value, self.bound), interior=True)
        if relaxed.outcome == "infeasible":
            return True
        self.tighten(relaxed.bound)
        self.tell("relaxation")
        if self.done:
            return False
        options = self.problem.options
        values = relaxed.values[:options] if len(relaxed.values) else np.zeros(options)
        self.offer(rounded(self.problem, values, self.watch))
        if self.done:
            return False
        few = values >= WORTH_A_LOOK
        if self.best is not None:
            few[self.best] = True
        if 0 < few.sum() < 0.7 * options:
            upper = self.written.upper.copy()
            upper[:options][~few] = self.written.lower[:options][~few]
            self._branch(replace(self.written, upper=upper), "few options", proves=False, part=0.5)
        if self.done:
            return False
        return self._branch(self._fixed(relaxed.bound, relaxed.reduced_cost), "branch and bound", proves=True)

    def _fixed(self, bound: float, reduced_cost: FloatArray) -> Program:
        """Settle the options which a better choice than the best cannot have, or cannot lack."""
        if self.best is None:
            return self.written
        room = abs(bound - self.value) * (1 + 1e-6) + 1e-6
        lower, upper = self.written.lower.copy(), self.written.upper.copy()
        whole = self.written.integer & (lower == 0) & (upper == 1)
        upper[whole & (reduced_cost < -room)] = 0
        lower[whole & (reduced_cost > room)] = 1
        return replace(self.written, lower=lower, upper=upper)

    def _branch(self, written: Program, stage: str, *, proves: bool, part: float = 1.0) -> bool:
        start = None if self.best is None else start_values(self.problem, written, self.best)
        known = Known(self.value, self.bound, proves)
        seconds = part * self.watch.remaining_seconds
        answer = branch_and_bound(written, self.watch, start, seconds=seconds, known=known)
        if answer.values is not None:
            self.offer(np.flatnonzero(answer.values[: self.problem.options] > 0.5).astype(np.int32))
        if not proves:
            self.tell(stage)
            return False
        if answer.outcome == "infeasible":
            if self.best is None:
                return True
            self.tighten(self.value)  # what was settled leaves nothing better than the best
        else:
            self.tighten(self._no_better_than_best(answer.bound))
            if answer.outcome == "optimal" and abs(self.bound - self.value) <= 1e-6 * max(1.0, abs(self.value)):
                self.bound = self.value
        self.tell(stage)
        return False

    def _no_better_than_best(self, bound: float) -> float:
        """A bound of the program with settled options holds for what is better than the best; the best itself may be left out of it."""
        if self.best is None:
            return bound
        return max(bound, self.value) if self.written.maximise else min(bound, self.value)


def _whole(problem: CoveringProblem, bound: float) -> float:
    """Round a bound to the next whole number that a value can have."""
    if problem.objective == "fewest_sites":
        return float(np.ceil(bound - 1e-6))
    if problem.objective == "most_covered" and np.all(problem.weight == np.rint(problem.weight)):
        return float(np.floor(bound + 1e-6))
    if problem.objective == "least_cost":
        prices = np.concatenate([problem.cost_wan_yuan, problem.site_cost_wan_yuan])
        if np.all(prices == np.rint(prices)):
            return float(np.ceil(bound - 1e-6))
    return bound
