"""Problems of serving against every choice there is, and against what has to hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

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
@settings(max_examples=25)
def test_covering_equals_every_choice(problem):
    agrees(problem)


@given(problems("least_worst", most_options=10))
@settings(max_examples=60)
def test_center_equals_every_choice(problem):
    agrees(problem)


@given(problems("least_total", capacities=True, most_options=5))
@settings(max_examples=25)
def test_median_with_capacities_equals_every_choice(problem):
    agrees(problem)


@given(problems("most_served", capacities=True, most_options=5))
@settings(max_examples=25)
def test_covering_with_capacities_equals_every_choice(problem):
    agrees(problem)


def line(*, sites, **changes):
    """Four homes of 10 people and four options on a line, 100 s apart; everybody has to be served."""
    cost = np.abs(np.arange(4.0)[:, None] - np.arange(4.0)) * 100.0
    plain = ServingProblem(
        weight=np.full(4, 10.0),
        indptr=np.arange(0, 17, 4, dtype=np.int32),
        option=np.tile(np.arange(4, dtype=np.int32), 4),
        cost=cost.ravel(),
        unserved_cost=np.full(4, np.inf),
        state=np.zeros(4, np.int8),
        capacity=np.full(4, np.inf),
        cost_wan_yuan=np.ones(4),
        most_sites=sites,
    )
    return replace(plain, **changes)


def all_pairs(cost, sites):
    """The p-median of a square table in which everybody has to be served."""
    nodes = len(cost)
    return line(
        sites=sites,
        weight=np.ones(nodes),
        indptr=np.arange(0, nodes**2 + 1, nodes, dtype=np.int32),
        option=np.tile(np.arange(nodes, dtype=np.int32), nodes),
        cost=cost.ravel(),
        unserved_cost=np.full(nodes, np.inf),
        state=np.zeros(nodes, np.int8),
        capacity=np.full(nodes, np.inf),
        cost_wan_yuan=np.zeros(nodes),
    )


def within(problem, seconds):
    """The same problem with the table cut at a walk of so many seconds."""
    keep = problem.cost <= seconds
    counts = np.bincount(rows_of(problem)[keep], minlength=len(problem.weight))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return replace(problem, indptr=indptr, option=problem.option[keep], cost=problem.cost[keep])


def fault_of(problem):
    with pytest.raises(SitingError) as raised:
        solve_serving(problem, Watch(HALF_A_MINUTE))
    (fault,) = raised.value.faults
    assert fault.sentence("en")
    assert fault.sentence("zh")
    return fault


@pytest.mark.parametrize("objective", ["least_total", "least_worst", "most_served"])
def test_too_few_sites_are_told_with_how_many_it_needs(objective):
    fault = fault_of(within(line(sites=1, objective=objective), 100.0))
    assert fault.kind == "serving_needs_sites"
    assert fault.details == {"needed": 2.0, "allowed": 1}


def test_too_little_money_is_told_with_how_much_it_needs():
    fault = fault_of(within(line(sites=None, budget_wan_yuan=1.5), 100.0))
    assert fault.kind == "serving_needs_money"
    assert fault.details == {"needed": pytest.approx(2.0), "allowed": 1.5}


@pytest.mark.parametrize("objective", ["least_total", "least_worst", "most_served"])
def test_places_that_are_short_are_counted(objective):
    fault = fault_of(line(sites=None, capacity=np.array([5.0, 10.0, 5.0, 10.0]), objective=objective))
    assert fault.kind == "serving_needs_places"
    assert fault.details["short"] == pytest.approx(10.0)


def test_places_that_are_short_within_reach_are_counted():
    fault = fault_of(within(line(sites=None, capacity=np.array([5.0, 4.0, 90.0, 90.0])), 100.0))
    assert fault.kind == "serving_needs_places_near"
    assert fault.details["short"] == pytest.approx(1.0)


def test_capacities_ask_for_sites():
    fault = fault_of(line(sites=2, capacity=np.full(4, 13.0)))
    assert fault.kind == "serving_needs_sites"
    assert fault.details == {"needed": 4, "allowed": 2}


def test_a_demand_nobody_reaches_is_named_first():
    problem = within(line(sites=4), 0.0)
    fault = fault_of(replace(problem, state=np.array([0, 2, 0, 0], np.int8)))
    assert fault.kind == "serving_unreached"
    assert fault.details["count"] == 1
    assert fault.details["people"] == 10.0


def test_all_faults_of_the_input_come_in_one_report():
    problem = line(
        sites=2,
        weight=np.array([0.0, np.nan, 1.0, 1.0]),
        capacity=np.array([-1.0, 5, 5, 5]),
        cost_wan_yuan=np.array([np.nan, 1, 1, 1]),
    )
    cost = problem.cost.copy()
    cost[5] = np.nan
    option = problem.option.copy()
    option[9] = option[8]
    with pytest.raises(SitingError) as raised:
        solve_serving(replace(problem, cost=cost, option=option), Watch(HALF_A_MINUTE))
    kinds = {fault.kind for fault in raised.value.faults}
    assert kinds == {"serving_weight", "serving_cost", "serving_twice", "serving_capacity", "serving_price"}


def test_people_of_one_home_go_to_two_sites_where_one_is_too_small():
    problem = line(sites=2, weight=np.array([30.0]), indptr=np.array([0, 2], np.int32), option=np.array([0, 1], np.int32),
                   cost=np.array([100.0, 200.0]), unserved_cost=np.array([np.inf]), capacity=np.array([20.0, 20.0, 0.0, 0.0]))  # fmt: skip
    solution = solve_serving(problem, Watch(HALF_A_MINUTE))
    assert solution.served is not None
    assert solution.served == pytest.approx([20.0, 10.0])
    assert solution.served_by is not None
    assert solution.served_by.tolist() == [0]


@pytest.mark.parametrize("objective", ["least_total", "least_worst", "most_served"])
def test_an_existing_option_counts_and_is_no_new_site(objective):
    problem = within(
        line(sites=1, state=np.array([OptionState.EXISTING, 0, 0, 0], np.int8), objective=objective), 100.0
    )
    solution = solve_serving(problem, Watch(HALF_A_MINUTE))
    assert 0 in solution.opened
    assert len(solution.opened) == 2


@given(problems("least_total", most_options=10))
@settings(max_examples=25)
def test_more_sites_never_cost_more(problem):
    problem = replace(
        problem, unserved_cost=np.full(len(problem.weight), 25.0), state=np.zeros(problem.options, np.int8)
    )
    values = [solve_serving(replace(problem, most_sites=sites), Watch(HALF_A_MINUTE)).value for sites in range(4)]
    assert all(more <= less + 1e-9 for less, more in pairwise(values))


@given(problems("most_served", capacities=True, most_options=5))
@settings(max_examples=15)
def test_larger_capacities_never_serve_fewer(problem):
    problem = replace(
        problem, unserved_cost=np.full(len(problem.weight), 25.0), state=np.zeros(problem.options, np.int8)
    )
    larger = replace(problem, capacity=problem.capacity * 1.5)
    assert (
        solve_serving(larger, Watch(HALF_A_MINUTE)).value >= solve_serving(problem, Watch(HALF_A_MINUTE)).value - 1e-6
    )


@given(problems("least_total", most_options=10), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_numbers_of_options_do_not_matter(problem, chance):
    problem = replace(
        problem, unserved_cost=np.full(len(problem.weight), 25.0), state=np.zeros(problem.options, np.int8)
    )
    names = list(range(problem.options))
    chance.shuffle(names)
    name = np.array(names, np.int32)
    price = np.empty(problem.options)
    price[name] = problem.cost_wan_yuan
    other = replace(problem, option=name[problem.option], cost_wan_yuan=price)
    values = [solve_serving(each, Watch(HALF_A_MINUTE)).value for each in (problem, other)]
    assert values[0] == pytest.approx(values[1])


def test_stopped_at_once_there_is_still_a_choice_and_a_bound():
    chance = np.random.default_rng(1)
    xy = chance.random((60, 2))
    cost = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    problem = all_pairs(cost, 5)
    whole = solve_serving(problem, Watch(HALF_A_MINUTE))
    assert whole.status == "optimal"
    hurried = solve_serving(problem, Watch(is_stopped=lambda _value, _bound: True))
    assert hurried.status == "stopped"
    assert hurried.bound <= whole.value <= hurried.value
    again = solve_serving(problem, Watch(HALF_A_MINUTE))
    assert again.opened.tolist() == whole.opened.tolist()


@pytest.mark.real_city
@pytest.mark.parametrize(
    ("number", "total", "radius"), [(1, 5819, 127), (2, 4093, 98), (3, 4250, 93), (4, 3034, 74), (5, 1355, 48)]
)
def test_published_optima(shared_data, number, total, radius):
    numbers = np.array((shared_data / "siting" / f"pmed{number}.txt").read_text().split(), int)
    nodes, lines, sites = (int(one) for one in numbers[:3])
    length = np.full((nodes, nodes), np.inf)
    for a, b, metres in numbers[3 : 3 + 3 * lines].reshape(-1, 3):
        length[a - 1, b - 1] = length[b - 1, a - 1] = metres
    np.fill_diagonal(length, 0.0)
    for via in range(nodes):
        length = np.minimum(length, length[:, via, None] + length[None, via])
    problem = all_pairs(length, sites)
    for objective, best in (("least_total", total), ("least_worst", radius)):
        solution = solve_serving(replace(problem, objective=objective), Watch(120))
        assert (solution.value, solution.bound, solution.status) == (best, best, "optimal")


def test_who_has_to_be_served_is_even_where_no_first_choice_does():
    """One site, and it has to be the one that few people go to: others promise more, and their bound is reached at once."""
    problem = ServingProblem(
        weight=np.array([2.0, 8.0, 4.0]),
        indptr=np.array([0, 1, 2, 4]),
        option=np.array([0, 1, 1, 2], np.int32),
        cost=np.array([4.0, 0.7, 9.1, 14.8]),
        unserved_cost=np.array([np.inf, 25.0, 25.0]),
        state=np.zeros(3, np.int8),
        capacity=np.array([11.0, 27.0, 30.0]),
        cost_wan_yuan=np.array([1.0, 1.0, 2.0]),
        objective="most_served",
        most_sites=1,
    )
    agrees(problem)
    assert solve_serving(problem, Watch(HALF_A_MINUTE)).opened.tolist() == [0]
