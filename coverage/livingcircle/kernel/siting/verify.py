"""Whether a solution is what it says: every constraint and every number, on the problem as it was asked.

Nothing of a solver is used here: a choice of options is all that is believed, and everything said about it is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.solution import PROVEN, Solution, relative_gap
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

TOLERANCE = 1e-6
"""Relative distance, beyond which two amounts count as different: what a solver of integer programs promises."""


def verify(problem: CoveringProblem, solution: Solution) -> None:
    """Check a solution of a problem of covering.

    Raises
    ------
    AssertionError
        A constraint is broken or a number is wrong: a defect of the solver; all of them are named.
    """
    wrong = list(broken(problem, solution.opened)) or list(_wrong_numbers(problem, solution))
    if wrong:
        raise AssertionError("; ".join(wrong))


def value_of(problem: CoveringProblem, opened: IntArray) -> float:
    """Return what a choice is worth in the problem's objective; NaN for the worst share of no floors."""
    if problem.objective == "least_cost":
        return cost_of(problem, opened)
    if problem.objective == "fewest_sites":
        return float(len(new_sites(problem, opened)))
    covered = problem.covered(opened)
    if problem.objective == "most_covered":
        return float(problem.weight[covered].sum())
    return min((share_of(problem, covered, floor) for floor in range(len(problem.floors))), default=np.nan)


def cost_of(problem: CoveringProblem, opened: IntArray) -> float:
    """Return what the new ones of a choice cost in 万元, each site once."""
    new = opened[problem.state[opened] != OptionState.EXISTING]
    return float(problem.cost_wan_yuan[new].sum() + problem.site_cost_wan_yuan[new_sites(problem, opened)].sum())


def new_sites(problem: CoveringProblem, opened: IntArray) -> IntArray:
    """Return the sites, ascending, that get a new option."""
    return np.unique(problem.site[opened[problem.state[opened] != OptionState.EXISTING]])


def share_of(problem: CoveringProblem, covered: BoolArray, position: int) -> float:
    """Return the covered share of the group of a floor, 1 for a group of nobody."""
    floor = problem.floors[position]
    if floor.total_weight <= 0:
        return 1.0
    inside: FloatArray = problem.weight[floor.demand]
    return float((floor.already + inside[covered[floor.demand]].sum()) / floor.total_weight)


def sum_of(problem: CoveringProblem, opened: IntArray, position: int) -> float:
    """Return what a bound sums up."""
    bound = problem.bounds[position]
    options = np.isin(bound.option, opened)
    sites = np.isin(bound.site, new_sites(problem, opened))
    return float(bound.amount[options].sum() + bound.site_amount[sites].sum())


def broken(problem: CoveringProblem, opened: IntArray) -> Iterator[str]:
    """Name every constraint that a choice breaks."""
    if len(opened) and (np.any(np.diff(opened) <= 0) or opened[0] < 0 or opened[-1] >= problem.options):
        yield "options are not numbered in ascending order"
        return
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    if np.any(problem.state[opened] == OptionState.FORBIDDEN):
        yield "a forbidden option is open"
    if np.any(~is_open[problem.state == OptionState.REQUIRED]):
        yield "a required option is not open"
    closed = int(np.count_nonzero((problem.state == OptionState.EXISTING) & ~is_open))
    if closed > problem.most_closed:
        yield f"{closed} existing options are closed, {problem.most_closed} may be"
    yield from _broken_sites(problem, opened)
    for position, bound in enumerate(problem.bounds):
        total = sum_of(problem, opened, position)
        if _above(total, bound.most) or _above(bound.least, total):
            yield f"{bound.rule} {bound.subject}: {total} is not within {bound.least} and {bound.most}"
    covered = problem.covered(opened)
    for floor in problem.floors:
        reached = float(problem.weight[floor.demand[covered[floor.demand]]].sum())
        if _above(floor.least_weight, reached, floor.total_weight):
            yield f"{floor.rule} {floor.subject}: {reached} are covered, {floor.least_weight} have to be"


def _broken_sites(problem: CoveringProblem, opened: IntArray) -> Iterator[str]:
    sites = new_sites(problem, opened)
    if problem.most_sites is not None and len(sites) > problem.most_sites:
        yield f"{len(sites)} sites are opened, {problem.most_sites} may be"
    if problem.budget_wan_yuan is not None and not cost_of(problem, opened) <= _slightly_above(problem.budget_wan_yuan):
        yield f"costs {cost_of(problem, opened)} of {problem.budget_wan_yuan}"
    floor_m2 = np.bincount(problem.site[opened], problem.floor_m2[opened], len(problem.site_floor_m2))
    if np.any(floor_m2 > problem.site_floor_m2 + TOLERANCE * np.maximum(1, floor_m2)):
        yield "a site holds more floor area than it has"
    if np.any(np.isin(problem.apart, sites).all(axis=1)):
        yield "two sites are too near each other"


def _wrong_numbers(problem: CoveringProblem, solution: Solution) -> Iterator[str]:
    value = value_of(problem, solution.opened)
    if not _near(value, solution.value):
        yield f"the value is {value}, said to be {solution.value}"
    best_is_most = problem.objective in ("most_covered", "best_worst_share")
    better, worse = (solution.value, solution.bound) if best_is_most else (solution.bound, solution.value)
    if not (np.isfinite(solution.bound) and better <= _slightly_above(worse)):
        yield f"the value {solution.value} is better than its bound {solution.bound}"
    if not _near(relative_gap(solution.value, solution.bound), solution.gap):
        yield f"the gap is said to be {solution.gap}"
    if solution.status in ("optimal", "nothing_to_gain") and solution.gap > PROVEN:
        yield f"said to be {solution.status} with a gap of {solution.gap}"
    if solution.status == "infeasible":
        yield "said to be infeasible beside a choice"


def _slightly_above(amount: float) -> float:
    return amount + TOLERANCE * max(1.0, abs(amount))


def _above(amount: float, most: float, scale: float = 1.0) -> bool:
    """Tell whether an amount is above another, as far as can be told; NaN is."""
    if most == np.inf or amount == -np.inf:
        return False
    return not amount <= most + TOLERANCE * max(1.0, abs(most), scale)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other))
