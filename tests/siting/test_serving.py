"""Problems of serving against every choice there is, and against what has to hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from livingcircle.errors import SitingError
from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.serving_check import nearest_open, rows_of
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve_serving import solve_serving

HALF_A_MINUTE = 30.0


@st.composite
def problems(draw, objective, *, capacities=False, most_options=7):
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    options, demands = draw(st.integers(1, most_options)), draw(st.integers(1, 8))
    share = draw(st.sampled_from([0.4, 0.8, 1.0]))
    listed = chance.random((demands, options)) < share
    whole = draw(st.booleans())
    cost = np.rint(chance.random((demands, options)) * 20) if whole else chance.random((demands, options)) * 20
    unserved = np.where(chance.random(demands) < draw(st.sampled_from([0.0, 0.3])), np.inf, 25.0)
    if draw(st.booleans()):
        state = np.zeros(options, np.int8)
    else:
        state = chance.choice(np.arange(4, dtype=np.int8), options, p=[0.7, 0.1, 0.1, 0.1])
    capacity = np.full(options, np.inf)
    if capacities:
        capacity = np.where(chance.random(options) < 0.8, np.rint(chance.random(options) * 30 + 1), np.inf)
        capacity[0] = 11.0
    return ServingProblem(
        weight=np.rint(chance.random(demands) * 9 + 1),
        indptr=np.concatenate([[0], np.cumsum(listed.sum(1))]).astype(np.int64),
        option=np.nonzero(listed)[1].astype(np.int32),
        cost=cost[listed],
        unserved_cost=unserved,
        state=state,
        capacity=capacity,
        cost_wan_yuan=np.rint(chance.random(options) * 5),
        objective=objective,
        most_sites=draw(st.sampled_from([None, 1, 2, 3])),
        budget_wan_yuan=draw(st.sampled_from([None, 4.0, 9.0])),
    )


def choices(problem):
    """Every choice of options that keeps to states, number and money."""
    kept = [
        int(o)
        for o in np.flatnonzero((problem.state == OptionState.EXISTING) | (problem.state == OptionState.REQUIRED))
    ]
    free = [int(o) for o in np.flatnonzero(problem.state == OptionState.FREE)]
    for size in range(len(free) + 1):
        for more in combinations(free, size):
            opened = np.array(sorted([*kept, *more]), np.int32)
            new = opened[problem.state[opened] != OptionState.EXISTING]
            if problem.most_sites is not None and len(new) > problem.most_sites:
                continue
            if problem.budget_wan_yuan is not None and problem.cost_wan_yuan[new].sum() > problem.budget_wan_yuan:
                continue
            yield opened


def value_of(problem, opened):
    """What a choice is worth: None where it leaves somebody who has to be served, found by a linear program of its own."""
    hard, row = np.isinf(problem.unserved_cost), rows_of(problem)
    if not np.isfinite(problem.capacity[problem.state != OptionState.FORBIDDEN]).any():
        served_by, cost = nearest_open(problem, opened)
        if np.isinf(cost).any():
            return None
        if problem.objective == "least_worst":
            return cost.max()
        return (
            problem.weight[served_by >= 0].sum()
            if problem.objective == "most_served"
            else (problem.weight * cost).sum()
        )
    most = problem.objective == "most_served"
    costs = np.zeros(len(row)) if most else problem.cost
    left = np.where(hard, 0.0, 1.0 if most else problem.unserved_cost)
    demands, entries = len(problem.weight), len(row)
    equal = np.zeros((demands, entries + demands))
    equal[row, np.arange(entries)] = 1
    equal[np.arange(demands), entries + np.arange(demands)] = 1
    finite = np.flatnonzero(np.isfinite(problem.capacity))
    room = np.zeros((len(finite), entries + demands))
    for position, option in enumerate(finite):
        room[position, :entries] = problem.option == option
    upper = np.concatenate([np.where(np.isin(problem.option, opened), np.inf, 0.0), np.where(hard, 0.0, np.inf)])
    found = linprog(
        np.concatenate([costs, left]), A_ub=room, b_ub=problem.capacity[finite], A_eq=equal, b_eq=problem.weight,
        bounds=np.column_stack([np.zeros(len(upper)), upper]),
    )  # fmt: skip
    if found.status == 2:
        return None
    return problem.weight.sum() - found.fun if most else found.fun


def best_of(problem):
    values = [value for opened in choices(problem) if (value := value_of(problem, opened)) is not None]
    if not values:
        return None
    return max(values) if problem.objective == "most_served" else min(values)


def agrees(problem):
    best = best_of(problem)
    if best is None:
        with pytest.raises(SitingError):
            solve_serving(problem, Watch(HALF_A_MINUTE))
        return
    solution = solve_serving(problem, Watch(HALF_A_MINUTE))
    assert solution.value == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert solution.gap <= 1e-6


@given(problems("least_total", most_options=12))
@settings(max_examples=60)
def test_median_equals_every_choice(problem):
    agrees(problem)


@given(problems("most_served", most_options=10))
@settings(max_examples=40)
def test_covering_equals_every_choice(problem):
    agrees(problem)


@given(problems("least_worst", most_options=10))
@settings(max_examples=60)
def test_center_equals_every_choice(problem):
    agrees(problem)


@given(problems("least_total", capacities=True, most_options=6))
@settings(max_examples=40)
def test_median_with_capacities_equals_every_choice(problem):
    agrees(problem)


@given(problems("most_served", capacities=True, most_options=6))
@settings(max_examples=40)
def test_covering_with_capacities_equals_every_choice(problem):
    agrees(problem)
