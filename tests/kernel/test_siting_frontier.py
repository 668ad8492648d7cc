"""A frontier holds what brute force finds undominated."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.siting.covering import CoveringProblem, Floor, plain_covering
from livingcircle.kernel.siting.frontier import (
    Weighed,
    criteria,
    frontier,
    levels_up_to,
    mean_walk,
    thinned,
    undominated,
)
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.solution import Solution, relative_gap


def worth(problem: CoveringProblem, opened) -> float:
    covered = problem.covered(opened)
    if problem.objective == "most_covered":
        return float(problem.weight[covered].sum())
    return min(
        (one.already + problem.weight[one.demand[covered[one.demand]]].sum()) / one.total_weight
        for one in problem.floors
    )


def choices(problem):
    for count in range(problem.options + 1):
        for chosen in combinations(range(problem.options), count):
            opened = np.array(chosen, np.int32)
            if problem.most_sites is not None and count > problem.most_sites:
                continue
            if problem.budget_wan_yuan is not None and problem.cost_wan_yuan[opened].sum() > problem.budget_wan_yuan:
                continue
            yield opened


def brute_force(problem, _watch) -> Solution:
    def keeps(opened):
        covered = problem.covered(opened)
        return all(problem.weight[one.demand[covered[one.demand]]].sum() >= one.least_weight for one in problem.floors)

    best = max(filter(keeps, choices(problem)), key=lambda opened: worth(problem, opened))
    value = worth(problem, best)
    return Solution(best, value, value, relative_gap(value, value), "optimal")


def brute_force_walks(walks, _watch) -> Solution:
    best = min(choices(walks), key=lambda opened: mean_walk(walks, opened))
    value = mean_walk(walks, best) * walks.weight.sum()
    return Solution(best, value, value, 0.0, "optimal")


@st.composite
def towns(draw):
    homes, options = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    seconds = np.array(draw(st.lists(st.integers(0, 20), min_size=homes * options, max_size=homes * options)), float)
    seconds = seconds.reshape(homes, options)
    weight = np.array(draw(st.lists(st.integers(1, 9), min_size=homes, max_size=homes)), float)
    rows = [np.flatnonzero(seconds[:, option] <= 8) for option in range(options)]
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    problem = plain_covering(weight, indptr, np.concatenate(rows).astype(np.int32), options)
    cost = np.array(draw(st.lists(st.integers(1, 5), min_size=options, max_size=options)), float)
    half = homes // 2
    groups = tuple(
        Floor("district", number, own.astype(np.int32), 0.0, float(weight[own].sum()))
        for number, own in enumerate(np.split(np.arange(homes), [half]))
    )
    walks = ServingProblem(
        weight=weight,
        indptr=(np.arange(homes + 1) * options).astype(np.int32),
        option=np.tile(np.arange(options, dtype=np.int32), homes),
        cost=seconds.ravel(),
        unserved_cost=np.full(homes, 16.0),
        state=problem.state,
        capacity=np.full(options, np.inf),
        cost_wan_yuan=cost,
    )
    return replace(problem, cost_wan_yuan=cost), Weighed(0.0, groups, walks)


@given(towns(), st.sampled_from(["sites", "money"]))
def test_no_plan_betters_one_of_the_frontier_in_what_it_was_sought_for(town, by):
    problem, weighed = town
    levels = levels_up_to(problem, problem.options if by == "sites" else problem.cost_wan_yuan.sum(), by)
    found = frontier(problem, weighed, levels, by, brute_force, brute_force_walks, points=1000)
    assert undominated(criteria(found, by)).all()
    spent = found.sites if by == "sites" else found.cost_wan_yuan
    for opened in choices(replace(problem, most_sites=None)):
        covered = problem.weight[problem.covered(opened)].sum()
        walk = mean_walk(weighed.walks, opened)
        share = worth(replace(problem, objective="best_worst_share", floors=weighed.groups), opened)
        within = spent <= (len(opened) if by == "sites" else problem.cost_wan_yuan[opened].sum())
        if by == "money" and not any(np.isclose(problem.cost_wan_yuan[opened].sum(), levels)):
            continue  # between two steps of money
        if len(opened):
            assert found.covered_residents[within].max() >= covered
            assert found.worst_share[within].max() >= share - 1e-9
            assert found.mean_seconds[within].min() <= walk + 1e-9


@given(towns())
def test_figures_of_the_frontier_are_those_of_its_plans(town):
    problem, weighed = town
    weighed = replace(weighed, already=5.0)
    found = frontier(problem, weighed, [1.0, 2.0], "sites", brute_force, brute_force_walks)
    for row, opened in enumerate(found.opened):
        assert found.sites[row] == len(opened)
        assert found.covered_residents[row] == 5 + problem.weight[problem.covered(opened)].sum()
        assert found.cost_wan_yuan[row] == problem.cost_wan_yuan[opened].sum()
        assert found.mean_seconds[row] == mean_walk(weighed.walks, opened)


def test_dominated_rows_go_and_of_equals_the_first_stays():
    nan = float("nan")
    rows = np.array([[-1, 5, nan], [-1, 5, nan], [-2, 5, nan], [-2, 6, nan], [-3, 6.5, nan]])
    assert undominated(rows).tolist() == [True, False, False, True, True]
    assert undominated(np.empty((0, 3))).tolist() == []


def test_levels_are_thinned_evenly_up_to_the_last():
    assert thinned([1, 2, 3], 5) == [1, 2, 3]
    assert thinned(range(1, 11), 5) == [2, 4, 6, 8, 10]
    assert thinned(range(1, 8), 1) == [7]
