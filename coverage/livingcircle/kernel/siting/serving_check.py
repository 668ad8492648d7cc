"""What a choice is worth, straight from the problem of serving as it was asked, and whether it keeps to it."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.solution import Solution
from livingcircle.model.columns import FloatArray, IntArray

TOLERANCE = 1e-6
"""Share by which sums of people, money and time may differ from what they should be: rounding, and what HiGHS allows itself."""


def rows_of(problem: ServingProblem) -> IntArray:
    """Return the demand of each entry (e,)."""
    return np.repeat(np.arange(len(problem.weight), dtype=np.int32), np.diff(problem.indptr))


def nearest_open(problem: ServingProblem, opened: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the option each demand (d,) is served by, -1 for none, and what that costs it; of equally near ones the first."""
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    row = rows_of(problem)
    use = np.flatnonzero(is_open[problem.option] & (problem.cost <= problem.unserved_cost[row]))
    order = use[np.lexsort((problem.option[use], problem.cost[use], row[use]))]
    rows, first = np.unique(row[order], return_index=True)
    served_by, cost = np.full(len(problem.weight), -1, np.int32), problem.unserved_cost.astype(np.float64)
    served_by[rows] = problem.option[order[first]]
    cost[rows] = problem.cost[order[first]]
    return served_by, cost


def worth(problem: ServingProblem, solution: Solution) -> float:
    """Return the value of a solution in the problem's own objective, from who is served where."""
    if solution.served is not None:
        row = rows_of(problem)
        left = np.maximum(problem.weight - np.bincount(row, solution.served, minlength=len(problem.weight)), 0.0)
        if problem.objective == "most_served":
            return float(solution.served.sum())
        unserved = left > TOLERANCE * np.maximum(problem.weight, 1.0)
        if problem.objective == "least_worst":
            used = solution.served > TOLERANCE * np.maximum(problem.weight[row], 1.0)
            return float(max(problem.cost[used].max(initial=0.0), problem.unserved_cost[unserved].max(initial=0.0)))
        finite = np.isfinite(problem.unserved_cost)
        hard = float(np.inf) if (unserved & ~finite).any() else 0.0
        return (
            float((solution.served * problem.cost).sum() + (left[finite] * problem.unserved_cost[finite]).sum()) + hard
        )
    served_by, cost = nearest_open(problem, solution.opened)
    if problem.objective == "most_served":
        return float(problem.weight[served_by >= 0].sum())
    if problem.objective == "least_worst":
        return float(cost.max(initial=0.0))
    return float((problem.weight * cost).sum())


def verify_serving(problem: ServingProblem, solution: Solution) -> None:
    """Check every constraint and number of a solution against the problem as it was asked; AssertionError names a defect."""
    state, opened = problem.state, np.zeros(problem.options, bool)
    opened[solution.opened] = True
    _must(len(np.unique(solution.opened)) == len(solution.opened), "an option is opened twice")
    _must(
        bool(opened[(state == OptionState.EXISTING) | (state == OptionState.REQUIRED)].all()),
        "an option that is there or required is not open",
    )
    _must(not opened[state == OptionState.FORBIDDEN].any(), "a forbidden option is open")
    new = opened & (state != OptionState.EXISTING)
    _must(problem.most_sites is None or int(new.sum()) <= problem.most_sites, "too many sites")
    spent = float(problem.cost_wan_yuan[new].sum())
    _must(
        problem.budget_wan_yuan is None or spent <= problem.budget_wan_yuan * (1 + TOLERANCE), "the budget is exceeded"
    )
    row = rows_of(problem)
    if solution.served is None:
        _must(
            not np.isfinite(problem.capacity[opened]).any() or problem.objective == "least_worst",
            "capacities without a division of people",
        )
        served_by, _ = nearest_open(problem, solution.opened)
        _must(
            solution.served_by is not None and np.array_equal(served_by, solution.served_by),
            "somebody is not sent to the nearest",
        )
        unserved = served_by < 0
    else:
        sent = solution.served
        _must(
            bool((sent >= 0).all() and not sent[~opened[problem.option]].any()), "people are sent to what is not open"
        )
        total = np.bincount(row, sent, minlength=len(problem.weight))
        room = np.maximum(problem.weight, 1.0)
        _must(bool((total <= problem.weight + TOLERANCE * room).all()), "more people are sent than there are")
        taken = np.bincount(problem.option, sent, minlength=problem.options)
        _must(bool((taken <= problem.capacity * (1 + TOLERANCE) + TOLERANCE).all()), "a capacity is exceeded")
        unserved = total < problem.weight - TOLERANCE * room
    _must(not np.isinf(problem.unserved_cost[unserved]).any(), "somebody who has to be served is not")
    value = worth(problem, solution)
    near = TOLERANCE * max(abs(value), abs(solution.value), 1.0)
    _must(abs(value - solution.value) <= near, f"the value is {value}, not {solution.value}")
    better = solution.value - solution.bound if problem.objective == "most_served" else solution.bound - solution.value
    _must(better <= near, "the bound is on the wrong side")


def _must(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise AssertionError(otherwise)
