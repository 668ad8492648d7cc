"""Maximal covering: the best choice that can be found, and a proof of how far from the best possible it can be at most.

reduce → greedy → exchange → annealing → relaxation → annealing among the options that the relaxation favours → fixing → branch and bound

Every stage leaves a choice that is allowed and a bound that holds, so it may be stopped after any. For p options out of thousands the bound
of the relaxation is usually within half a per cent of the best choice; where it is tighter, few options remain undecided and the best
choice is proven.
"""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.siting.branching import branch
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.fixing import fixed, positions, restricted
from livingcircle.kernel.siting.interchange import anneal, descend, greedy
from livingcircle.kernel.siting.reduction import ReducedCovering, affordable, option_costs, reduced
from livingcircle.kernel.siting.relaxation import Relaxation, relax, sound_bound
from livingcircle.kernel.siting.solution import Solution, Watch, relative_gap
from livingcircle.model.columns import IntArray

_FIRST_EFFORT, _ROUND_EFFORT = 0.1, 0.4
"""Work of the first annealing and of the first round among favoured options, in seconds of the machine the steps were counted on."""
_ROUNDS, _GROWTH = 14, 1.5
"""Each round takes so many times the steps of the one before: about four minutes in all."""
_LOOSE, _TIGHT = 4e-3, 5e-5
"""Relative distance at which the relaxation counts as solved: at first, and at the most."""
_PART_OF_GAP = 0.1
"""It is solved more closely where its distance is more than this part of the gap; elsewhere that would only take time."""
_FAVOURED = 8
"""So many options per one that is opened are favoured, besides those the relaxation opens in part."""
_SMALL_ENTRIES = 20_000
"""Up to so many entries of the cover table the rest is given to branch and bound before annealing goes on."""
_LARGE_ENTRIES = 300_000
"""Beyond so many, branch and bound has nothing to offer in any time that people wait."""
_SHARE = 0.5
"""Part of the time left that branch and bound gets while annealing has rounds to go."""


def is_plain(problem: CoveringProblem) -> bool:
    """Return whether this is maximal covering as `maximal_covering` solves it.

    Most weight covered, one open option is enough for each demand, nothing but the number of new sites and the budget limits the choice,
    nothing is closed, and options stand alone: each has a site of its own, or sites neither cost anything, nor share area, nor are counted.
    """
    alone = len(np.unique(problem.site)) == len(problem.site)
    sites_free = (
        problem.most_sites is None
        and bool((problem.site_cost_wan_yuan[problem.site] == 0).all())
        and bool(np.isinf(problem.site_floor_m2[problem.site]).all())
    )
    return (
        problem.objective == "most_covered"
        and bool((problem.need <= 1).all())
        and (alone or sites_free)
        and not problem.bounds
        and not problem.floors
        and len(problem.apart) == 0
        and (problem.most_closed == 0 or not bool((problem.state == OptionState.EXISTING).any()))
    )


def maximal_covering(problem: CoveringProblem, watch: Watch, *, seed: int = 0) -> Solution:
    """Solve a plain problem (`is_plain`).

    `value` and `bound` count the weight of demands with `need` 1 or more that the open options cover; demands covered from the start are
    not in it. Weights of 0 or less cover nothing; negative ones are not expected. The bound holds in floating point, and is rounded down
    where all weights are whole. Existing options stay open, cost nothing and are no new sites.

    Returns
    -------
    Solution
        `infeasible` if the required options alone exceed number or budget. `nothing_to_gain` if no option left adds anything.
        `optimal` at a gap of 0 but for rounding; otherwise `feasible`, or `stopped` by the user.
    """
    search = _Search(problem, watch, seed)
    if not _required_fit(problem):
        return search.solution("infeasible")
    search.run()
    return search.solution()


def _required_fit(problem: CoveringProblem) -> bool:
    required = problem.state == OptionState.REQUIRED
    fits = bool((problem.floor_m2 <= problem.site_floor_m2[problem.site])[required].all())
    if problem.most_sites is not None:
        fits = fits and int(required.sum()) <= problem.most_sites
    if problem.budget_wan_yuan is not None:
        fits = fits and bool(affordable(option_costs(problem)[required].sum(), problem.budget_wan_yuan))
    return fits


class _Search:
    """One run: the best choice so far, as positions in the problem as it was asked, and the lowest bound."""

    def __init__(self, problem: CoveringProblem, watch: Watch, seed: int) -> None:
        self.watch, self.seed = watch, seed
        self.whole_problem = problem
        self.reduced = reduced(problem)
        self.opened = self.reduced.opened(np.empty(0, np.int32))
        self.value = self.reduced.covered_already
        self.branched_value = -1.0
        self.bound = sound_bound(self.value + float(self.reduced.weight.sum()), whole=self.reduced.whole)

    def run(self) -> None:
        """Go through the stages until one of them is the last."""
        problem, watch = self.reduced, self.watch
        if problem.options == 0 or problem.most == 0:
            self.bound = self.value
            return
        chosen = greedy(problem)
        if self._tell("greedy", problem, chosen):
            return
        chosen = descend(problem, chosen)
        if self._tell("exchange", problem, chosen):
            return
        chosen = anneal(problem, chosen, watch, steps=_steps(problem, _FIRST_EFFORT), seed=self.seed)
        if self._tell("annealing", problem, chosen):
            return
        relaxed = relax(problem, watch, value=self.value - problem.covered_already, tolerance=_LOOSE)
        if self._bounded("relaxation", problem, relaxed):
            return
        tolerance = _LOOSE
        for number in range(_ROUNDS):
            favoured = self._favoured(relaxed)
            begun = positions(favoured, self.opened)
            steps = _steps(favoured, _ROUND_EFFORT * _GROWTH**number)
            chosen = anneal(favoured, begun, watch, steps=steps, seed=self.seed + 1 + number)
            if self._tell("annealing among favoured", favoured, chosen):
                return
            closer = max(_PART_OF_GAP * relative_gap(self.value, self.bound), _TIGHT)
            if closer < tolerance / 2:
                tolerance = closer
                value = self.value - problem.covered_already
                relaxed = relax(problem, watch, value=value, tolerance=tolerance, start=relaxed)
                if self._bounded("relaxation", problem, relaxed):
                    return
            if self._finished(relaxed, last=False):
                return
        self._finished(relaxed, last=True)

    def solution(self, status: str | None = None) -> Solution:
        """Return what was found."""
        gap = relative_gap(self.value, self.bound)
        if status is None:
            if self.reduced.options == 0:
                status = "nothing_to_gain"
            else:
                status = "optimal" if gap <= 1e-9 else "stopped" if self.watch.stopped else "feasible"
        return Solution(self.opened, self.value, self.bound, gap, status, tuple(self.watch.stages))  # type: ignore[arg-type]

    def _tell(self, stage: str, problem: ReducedCovering, chosen: IntArray) -> bool:
        value = problem.covered_already + problem.covered_weight(chosen)
        if value > self.value or not self.watch.stages:
            self.value, self.opened = value, problem.opened(chosen)
        self.bound = max(self.bound, self.value)
        return self.watch.tell(stage, self.value, self.bound)

    def _bounded(self, stage: str, problem: ReducedCovering, relaxed: Relaxation) -> bool:
        """Lower the bound, and see whether the parts of the relaxation, rounded, are a better choice."""
        bound = sound_bound(problem.covered_already + relaxed.bound, whole=problem.whole)
        self.bound = max(min(self.bound, bound), self.value)
        return self._tell(stage, problem, descend(problem, _rounded(problem, relaxed)))

    def _favoured(self, relaxed: Relaxation) -> ReducedCovering:
        problem = self.reduced
        net = relaxed.collected - relaxed.price_of_cost * problem.cost
        left = relaxed.opened > 1e-3
        left[np.argsort(-net, kind="stable")[: _FAVOURED * max(len(self.opened), 12)]] = True
        left[positions(problem, self.opened)] = True
        return restricted(problem, left, np.zeros(problem.options, bool))

    def _finished(self, relaxed: Relaxation, *, last: bool) -> bool:
        """Decide what the bound decides, and branch over the rest if it is small or nothing else is left to do."""
        problem, watch = self.reduced, self.watch
        rest = fixed(problem, relaxed, self.value - problem.covered_already)
        begun = positions(rest, self.opened)
        if len(begun) + len(rest.decided) < len(self.opened):
            begun = greedy(rest) if rest.options and rest.most else np.empty(0, np.int32)
        small = len(rest.demand) <= _SMALL_ENTRIES and self.value > self.branched_value
        if not small and not (last and len(rest.demand) <= _LARGE_ENTRIES):
            return False
        if rest.options == 0 or rest.most == 0:
            self.bound = max(self.value, rest.covered_already)
            return self._tell("fixing", rest, np.empty(0, np.int32))
        self.branched_value = self.value
        bound = self.bound - rest.covered_already
        branched = branch(rest, begun, bound, watch, share=1.0 if last else _SHARE)
        self.bound = min(
            self.bound, max(self.value, sound_bound(rest.covered_already + branched.bound, whole=problem.whole))
        )
        return self._tell("branch and bound", rest, branched.chosen)


def _rounded(problem: ReducedCovering, relaxed: Relaxation) -> IntArray:
    """Open what the relaxation opens most, as far as number and budget reach."""
    chosen: list[int] = []
    spent = 0.0
    for option in np.argsort(-relaxed.opened, kind="stable"):
        if len(chosen) == problem.most or relaxed.opened[option] <= 0:
            break
        if bool(affordable(spent + problem.cost[option], problem.budget)):
            chosen.append(int(option))
            spent += float(problem.cost[option])
    return np.array(chosen, np.int32)


def _steps(problem: ReducedCovering, effort: float) -> int:
    """Return how many steps of annealing are so much work; a step costs about what an option covers and what covers a demand."""
    entries = max(len(problem.demand), 1)
    covers, covered_by = entries / max(problem.options, 1), entries / max(len(problem.weight), 1)
    return int(effort * 1e9 / (250 + covers * np.sqrt(covered_by)))
