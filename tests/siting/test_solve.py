"""Every model of covering against all choices there are, and what must hold of any of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from covering_cases import EXISTING, FREE, best_value, covering, feasible, plain_problems, problems
from livingcircle.errors import SitingError
from livingcircle.kernel.siting import construct, general
from livingcircle.kernel.siting.covering import Floor
from livingcircle.kernel.siting.general import general_covering
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve import solve_covering
from livingcircle.kernel.siting.verify import value_of

many = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def solved(problem):
    """The solution, None where there is no plan."""
    try:
        return solve_covering(problem, Watch(30))
    except SitingError:
        return None


def equals_trying_all_choices(problem):
    best = best_value(problem)
    solution = solved(problem)
    assert (solution is None) == (best is None)
    if best is not None:
        assert solution.value == pytest.approx(best, abs=1e-6)
        assert solution.bound == pytest.approx(best, abs=1e-6)
        assert solution.status in ("optimal", "nothing_to_gain")


@many
@given(problems())
def test_any_mixture_of_constraints_equals_trying_all_choices(problem):
    equals_trying_all_choices(problem)


@many
@given(problems(most_options=5))
def test_the_way_of_large_problems_gives_the_same(problem):
    best = best_value(problem)
    assume(best is not None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(general, "SMALL_PROGRAM", -1)
        patch.setattr(construct, "MOST_STEPS", 20)
        found = general_covering(problem, Watch(30))
    assert not found.infeasible
    assert found.bound == pytest.approx(best, abs=1e-6)
    assert value_of(problem, found.opened) == pytest.approx(best, abs=1e-6)


@many
@given(plain_problems())
def test_plain_problems_equal_trying_all_choices(problem):
    equals_trying_all_choices(problem)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(most_options=12))
def test_twelve_options(problem):
    equals_trying_all_choices(problem)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(most_options=6, objectives=("most_covered",)))
def test_more_sites_money_or_candidates_never_cover_less(problem):
    problem = replace(problem, most_sites=2 if problem.most_sites is None else problem.most_sites, budget_wan_yuan=12.0)
    before = solved(problem)
    assume(before is not None)
    assert solved(replace(problem, most_sites=problem.most_sites + 1)).value >= before.value - 1e-9
    assert solved(replace(problem, budget_wan_yuan=15.0)).value >= before.value - 1e-9
    opened = np.flatnonzero(problem.state == FREE)
    if len(opened):
        state = problem.state.copy()
        state[opened[-1]] = 2
        fewer = solved(replace(problem, state=state))
        assert fewer is None or fewer.value <= before.value + 1e-9


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(most_options=6))
def test_existing_ones_stay_open_but_for_those_that_may_be_closed(problem):
    solution = solved(problem)
    assume(solution is not None)
    existing = np.flatnonzero(problem.state == EXISTING)
    assert len(np.setdiff1d(existing, solution.opened)) <= problem.most_closed


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(most_options=6), st.integers(0, 5))
def test_the_same_seed_gives_the_same_plan(problem, seed):
    assume(feasible(problem))
    one, other = (solve_covering(problem, Watch(30), seed=seed) for _ in range(2))
    assert one.opened.tolist() == other.opened.tolist()


def test_nobody_is_reached_twice_for_nothing():
    problem = covering([{0, 1}, {1, 2}, {0, 1, 2}, {3}], [5, 5, 5, 1], most_sites=4)
    solution = solve_covering(problem, Watch(10))
    assert solution.opened.tolist() == [2, 3]
    assert solution.value == 16


def test_among_equally_few_sites_the_plan_covers_most():
    """One site is enough for the floor; the second also reaches the others."""
    floors = (Floor("floor", 0, np.array([0], np.int32), 5.0, 5.0),)
    problem = covering([{0}, {0, 1}], [5, 7], objective="fewest_sites", floors=floors)
    solution = solve_covering(problem, Watch(10))
    assert solution.opened.tolist() == [1]
    assert (solution.value, solution.bound) == (1, 1)


def test_one_building_holds_what_fits_and_is_paid_for_once():
    """Three services of 60, 50 and 40 m² in 100 m²: 60 + 40 is worth 9, 50 + 40 only 8; the building costs 7 once."""
    problem = covering(
        [{0}, {1}, {2}],
        [5, 4, 4],
        site=[0, 0, 0],
        floor_m2=[60, 50, 40],
        site_floor_m2=[100],
        cost_wan_yuan=[1, 1, 1],
        site_cost_wan_yuan=[7],
        budget_wan_yuan=9.0,
        most_sites=1,
    )
    solution = solve_covering(problem, Watch(10))
    assert solution.opened.tolist() == [0, 2]


def test_sites_too_near_each_other_are_not_both_opened():
    problem = covering([{0}, {1}, {2}], [5, 5, 1], most_sites=2, apart=np.array([[0, 1]], np.int32))
    assert solve_covering(problem, Watch(10)).value == 6


def test_a_user_may_stop():
    chance = np.random.default_rng(0)
    rows = [set(chance.choice(400, 30, replace=False).tolist()) for _ in range(120)]
    problem = covering(
        rows,
        chance.integers(1, 99, 400),
        most_sites=20,
        floors=(Floor("floor", 0, np.arange(50, dtype=np.int32), 1.0, 50.0),),
    )
    watch = Watch(60, is_stopped=lambda _value, _bound: True)
    solution = solve_covering(problem, watch)
    assert solution.status == "stopped"
    assert 0 < solution.value <= solution.bound
