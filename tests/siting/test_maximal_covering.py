"""Maximal covering: every choice and bound against all choices there are, and against what must hold whatever the problem."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState, plain_covering
from livingcircle.kernel.siting.fixing import fixed
from livingcircle.kernel.siting.interchange import greedy
from livingcircle.kernel.siting.maximal import is_plain, maximal_covering
from livingcircle.kernel.siting.reduction import reduced
from livingcircle.kernel.siting.relaxation import relax
from livingcircle.kernel.siting.solution import Watch

MOST_OPTIONS = 12


def problem_of(rows: list[set[int]], weight: list[float], sites: int | None = None) -> CoveringProblem:
    ordered = [sorted(row) for row in rows]
    return replace(
        plain_covering(
            np.array(weight, np.float64),
            np.concatenate([[0], np.cumsum([len(row) for row in ordered])]).astype(np.int32),
            np.array([demand for row in ordered for demand in row], np.int32),
            0,
        ),
        most_sites=sites,
    )


@st.composite
def problems(draw: st.DrawFn) -> CoveringProblem:
    """Small problems of every plain kind: number, budget or both, decided options, weights whole or not, demands covered before."""
    options, demands = draw(st.integers(1, MOST_OPTIONS)), draw(st.integers(1, 14))
    rows = draw(st.lists(st.sets(st.integers(0, demands - 1), max_size=6), min_size=options, max_size=options))
    worth = st.integers(0, 20) if draw(st.booleans()) else st.floats(0, 20).map(lambda number: round(number, 3))
    weight = draw(st.lists(worth, min_size=demands, max_size=demands))
    kind = draw(st.sampled_from(["count", "budget", "both"]))
    problem = problem_of(rows, weight, None if kind == "budget" else draw(st.integers(0, options)))
    state = st.sampled_from(
        [OptionState.FREE] * 8 + [OptionState.REQUIRED, OptionState.FORBIDDEN, OptionState.EXISTING]
    )
    return replace(
        problem,
        need=np.array(draw(st.lists(st.sampled_from([1, 1, 1, 1, 0]), min_size=demands, max_size=demands)), np.int32),
        state=np.array(draw(st.lists(state, min_size=options, max_size=options)), np.int8),
        cost_wan_yuan=np.array(draw(st.lists(st.integers(0, 9), min_size=options, max_size=options)), np.float64),
        budget_wan_yuan=None if kind == "count" else float(draw(st.integers(0, 25))),
    )


def worth(problem: CoveringProblem, opened: np.ndarray) -> float:
    return float(problem.weight[problem.covered(opened) & (problem.need > 0)].sum())


def allowed(problem: CoveringProblem, opened: np.ndarray) -> bool:
    new = opened[problem.state[opened] != OptionState.EXISTING]
    must = np.flatnonzero((problem.state == OptionState.REQUIRED) | (problem.state == OptionState.EXISTING))
    return (
        set(must) <= set(opened)
        and not (problem.state[opened] == OptionState.FORBIDDEN).any()
        and (problem.most_sites is None or len(new) <= problem.most_sites)
        and (problem.budget_wan_yuan is None or problem.cost_wan_yuan[new].sum() <= problem.budget_wan_yuan)
    )


def best_of_all(problem: CoveringProblem) -> float | None:
    """Try every choice; None if none is allowed."""
    everything = range(problem.options)
    choices = (np.array(one, np.int32) for k in range(problem.options + 1) for one in combinations(everything, k))
    return max((worth(problem, one) for one in choices if allowed(problem, one)), default=None)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_nothing_is_better_than_the_choice(problem):
    assert is_plain(problem)
    solution = maximal_covering(problem, Watch())
    best = best_of_all(problem)
    if best is None:
        assert solution.status == "infeasible"
        return
    assert allowed(problem, solution.opened)
    assert solution.value == pytest.approx(worth(problem, solution.opened), abs=1e-9)
    assert solution.value == pytest.approx(best, abs=1e-9)
    assert solution.bound >= best - 1e-12
    assert solution.bound == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert solution.status in {"optimal", "nothing_to_gain"}


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 400))
def test_every_bound_of_the_relaxation_holds(problem, turns):
    best, small = best_of_all(problem), reduced(problem)
    if best is None or small.options == 0 or small.most == 0:
        return
    relaxed = relax(small, Watch(), value=0.0, tolerance=0.0, most_turns=turns + 1)
    assert small.covered_already + relaxed.bound >= best - 1e-9
    assert relaxed.value <= relaxed.bound + 1e-9


@settings(max_examples=100, deadline=None)
@given(problems())
def test_the_small_problem_holds_a_best_choice(problem):
    best, small = best_of_all(problem), reduced(problem)
    if best is None:
        return
    rows = [set(small.row(option).tolist()) for option in range(small.options)]
    again = replace(
        problem_of(rows, small.weight.tolist(), small.most),
        cost_wan_yuan=small.cost,
        budget_wan_yuan=None if small.counted else small.budget,
    )
    assert small.covered_already + (best_of_all(again) or 0.0) == pytest.approx(best, abs=1e-9)
    assert not any(a < b for a in rows for b in rows if small.counted)
    if small.options and small.most:
        relaxed = relax(small, Watch(), value=0.0, tolerance=1e-6, most_turns=2000)
        less = best - small.covered_already - 1.0  # a choice in hand that is worse: fixing must leave the best one
        rest = fixed(small, relaxed, less)
        chosen = replace(problem_of([set(rest.row(o).tolist()) for o in range(rest.options)], rest.weight.tolist(), rest.most),
                         cost_wan_yuan=rest.cost, budget_wan_yuan=None if rest.counted else rest.budget)  # fmt: skip
        assert rest.covered_already + (best_of_all(chosen) or 0.0) == pytest.approx(best, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_greedy_covers_at_least_its_share(problem):
    problem = replace(problem, state=np.zeros(problem.options, np.int8))
    best, small = best_of_all(problem), reduced(problem)
    found = small.covered_weight(greedy(small)) if small.options else 0.0
    assert small.allows(greedy(small)) if small.options else True
    assert found >= (1 - 1 / np.e) * best * (1 if small.counted else 0.5) - 1e-9


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_more_leave_never_covers_less_and_names_do_not_matter(problem, random):
    def value(asked: CoveringProblem) -> float:
        solution = maximal_covering(asked, Watch())
        return -1.0 if solution.status == "infeasible" else solution.value

    now = value(problem)
    if problem.most_sites is not None:
        assert value(replace(problem, most_sites=problem.most_sites + 1)) >= now - 1e-9
    if problem.budget_wan_yuan is not None:
        assert value(replace(problem, budget_wan_yuan=problem.budget_wan_yuan + 2)) >= now - 1e-9
    freed = np.where(problem.state == OptionState.FORBIDDEN, OptionState.FREE, problem.state).astype(np.int8)
    assert value(replace(problem, state=freed)) >= now - 1e-9
    order = list(range(problem.options))
    random.shuffle(order)
    rows = [set(problem.row(option).tolist()) for option in order]
    shuffled = replace(
        problem_of(rows, problem.weight.tolist(), problem.most_sites),
        need=problem.need,
        state=problem.state[order],
        cost_wan_yuan=problem.cost_wan_yuan[order],
        budget_wan_yuan=problem.budget_wan_yuan,
    )
    assert value(shuffled) == pytest.approx(now, abs=1e-9)


def plane(points: int, radius: float, sites: int) -> CoveringProblem:
    random = np.random.default_rng(3)
    xy = random.uniform(0, 1, (points, 2))
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= radius
    return problem_of([set(np.flatnonzero(row)) for row in near], random.integers(1, 100, points).tolist(), sites)


def test_the_first_thing_told_is_a_choice_and_later_ones_only_improve():
    watch = Watch()
    problem = plane(300, 0.1, 15)
    solution = maximal_covering(problem, watch)
    assert solution.stages[0].name == "greedy"
    assert solution.stages[0].value > 0
    values, bounds = [stage.value for stage in solution.stages], [stage.bound for stage in solution.stages]
    assert values == sorted(values)
    assert bounds == sorted(bounds, reverse=True)
    assert solution.value == worth(problem, solution.opened)


def test_stopped_by_the_user_after_the_first_stage_there_is_a_choice_and_a_bound():
    solution = maximal_covering(plane(300, 0.1, 15), Watch(is_stopped=lambda _value, _bound: True))
    assert solution.status == "stopped"
    assert len(solution.opened) == 15
    assert 0 < solution.value < solution.bound


def test_a_gap_that_was_asked_for_is_enough():
    solution = maximal_covering(plane(300, 0.1, 15), Watch(gap=0.05))
    assert 1e-9 < solution.gap <= 0.05
    assert solution.status == "feasible"


def test_the_same_seed_gives_the_same_choice():
    first, second = (maximal_covering(plane(400, 0.08, 20), Watch(gap=0.01), seed=5) for _ in range(2))
    assert first.opened.tolist() == second.opened.tolist()
    assert [stage.value for stage in first.stages] == [stage.value for stage in second.stages]


def test_where_everybody_can_be_covered_nothing_is_left_to_prove():
    problem = plane(200, 0.2, 60)
    solution = maximal_covering(problem, Watch())
    assert solution.value == problem.weight.sum() == solution.bound
    assert solution.status == "optimal"


def test_nothing_to_choose_from():
    solution = maximal_covering(problem_of([set(), set()], [1.0, 2.0], 2), Watch())
    assert (solution.value, solution.bound, solution.status) == (0.0, 0.0, "nothing_to_gain")


@pytest.mark.parametrize(
    "change",
    [
        {"objective": "least_cost"},
        {"most_closed": 1, "state": np.array([OptionState.EXISTING, 0], np.int8)},
        {"need": np.array([2, 1], np.int32)},
        {"apart": np.array([[0, 1]], np.int32)},
        {"site": np.array([0, 0], np.int32)},
    ],
)
def test_other_problems_are_not_plain(change):
    assert not is_plain(replace(problem_of([{0}, {1}], [1.0, 2.0], 1), **change))
