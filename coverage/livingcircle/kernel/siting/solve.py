"""One door to every problem of covering: sound it, solve it by what suits it, check what comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.errors import SitingError
from livingcircle.faults import Fault
from livingcircle.kernel.siting.conflict import conflict_of
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.general import Found, general_covering
from livingcircle.kernel.siting.maximal import is_plain, maximal_covering
from livingcircle.kernel.siting.solution import PROVEN, Solution, Status, Watch, relative_gap
from livingcircle.kernel.siting.soundness import Names, faults_of
from livingcircle.kernel.siting.verify import value_of, verify
from livingcircle.model.columns import IntArray

THEN_MOST_COVERED_GAP = 1e-4
"""Gap at which the choice among equally good plans ends: it is a courtesy, not the question."""


def solve_covering(problem: CoveringProblem, watch: Watch, *, seed: int = 0, names: Names | None = None) -> Solution:
    """Return the best choice of options, its value and its proof, checked against the problem.

    Where objective is the least cost, the fewest sites or the best worst share, the plan is one that also covers most among the equally
    good, as far as time allows. `names` are what faults call the subjects of floors, bounds and sites (`soundness.Names`).

    Raises
    ------
    SitingError
        The problem is unsound (all its faults), or no choice meets every condition: the smallest set that excludes each other, each with
        what it would have to be relaxed to; or time ran out before any plan was found.
    """
    found = faults_of(problem, names)
    faults = [fault for fault in found if fault.severity == "fault"]
    if faults:
        raise SitingError(faults, [fault for fault in found if fault.severity != "fault"])
    known = _with_known_costs(problem)
    if is_plain(known):
        solution = _plain(known, watch, seed, names)
    else:
        solution = _solution(known, general_covering(known, watch, seed=seed), watch, names)
    if problem.objective != "most_covered" and solution.gap <= PROVEN:
        solution = _covering_most(known, solution, watch, seed)
    verify(problem, solution)
    return solution


def _with_known_costs(problem: CoveringProblem) -> CoveringProblem:
    """Take costs that are not known for 0: a sound problem has them only where money does not matter."""
    return replace(
        problem,
        cost_wan_yuan=np.where(np.isfinite(problem.cost_wan_yuan), problem.cost_wan_yuan, 0.0),
        site_cost_wan_yuan=np.where(np.isfinite(problem.site_cost_wan_yuan), problem.site_cost_wan_yuan, 0.0),
    )


def _plain(problem: CoveringProblem, watch: Watch, seed: int, names: Names | None) -> Solution:
    """Solve a plain problem, and count what is covered from the start as everywhere else."""
    solution = maximal_covering(problem, watch, seed=seed)
    if solution.status == "infeasible":
        raise SitingError(conflict_of(problem, watch, names))
    sure = float(problem.weight[problem.need <= 0].sum())
    if sure == 0:
        return solution
    value, bound = solution.value + sure, solution.bound + sure
    stages = tuple(replace(stage, value=stage.value + sure, bound=stage.bound + sure) for stage in solution.stages)
    return replace(solution, value=value, bound=bound, gap=relative_gap(value, bound), stages=stages)


def _solution(problem: CoveringProblem, found: Found, watch: Watch, names: Names | None) -> Solution:
    if found.opened is None:
        raise SitingError(conflict_of(problem, watch, names) if found.infeasible else Fault("siting_nothing_found"))
    value = value_of(problem, found.opened)
    return _told(problem, found.opened, value, found.bound, watch)


def _told(problem: CoveringProblem, opened: IntArray, value: float, bound: float, watch: Watch) -> Solution:
    gap = relative_gap(value, bound)
    if gap <= PROVEN:
        bound, gap = value, 0.0
    status: Status = "stopped" if watch.stopped else "feasible"
    if gap <= PROVEN:
        nothing = problem.objective == "most_covered" and not np.any(problem.state[opened] != OptionState.EXISTING)
        status = "nothing_to_gain" if nothing else "optimal"
    return Solution(opened, value, bound, gap, status, tuple(watch.stages))


def _covering_most(problem: CoveringProblem, solution: Solution, watch: Watch, seed: int) -> Solution:
    """Among the plans as good as this one, look for the one that covers most."""
    changed = replace(problem, objective="most_covered")
    if problem.objective == "least_cost":
        budget = solution.value if problem.budget_wan_yuan is None else min(solution.value, problem.budget_wan_yuan)
        changed = replace(changed, budget_wan_yuan=budget)
    elif problem.objective == "fewest_sites":
        changed = replace(changed, most_sites=round(solution.value))
    else:
        kept = tuple(
            replace(floor, least_weight=max(floor.least_weight, solution.value * floor.total_weight - floor.already))
            for floor in problem.floors
        )
        changed = replace(changed, floors=kept)
    quick = Watch(
        watch.remaining_seconds,
        max(watch.gap, THEN_MOST_COVERED_GAP),
        lambda _value, _bound: watch.is_stopped(solution.value, solution.bound),
    )
    better = general_covering(changed, quick, seed=seed)
    watch.stopped = watch.stopped or quick.stopped
    if better.opened is None:
        return solution
    value = value_of(problem, better.opened)
    before, after = value_of(changed, solution.opened), value_of(changed, better.opened)
    if after <= before or relative_gap(value, solution.bound) > PROVEN:
        return solution
    return replace(
        solution, opened=better.opened, value=value, gap=relative_gap(value, solution.bound), stages=tuple(watch.stages)
    )
