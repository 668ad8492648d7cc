"""Why there is no plan: the named conditions really exclude each other, none is named for nothing, and the relaxations make room."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from covering_cases import FORBIDDEN, FREE, REQUIRED, best_value, covering, feasible, problems
from livingcircle.errors import SitingError
from livingcircle.faults import FAULT_KINDS
from livingcircle.kernel.siting.conflict import conflict, dropped, relaxed
from livingcircle.kernel.siting.covering import Bound, CoveringProblem, Floor
from livingcircle.kernel.siting.mixed_integer import Condition
from livingcircle.kernel.siting.program import program
from livingcircle.kernel.siting.simplify import merged
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve import solve_covering

some = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def only(problem: CoveringProblem, kept: set[Condition]) -> CoveringProblem:
    """The problem with some of its conditions."""
    for condition in program(merged(problem), tight=False).conditions:
        if condition not in kept:
            problem = dropped(problem, condition)
    return problem


@some
@given(problems(most_options=5))
def test_a_conflict_is_one_and_every_part_of_it_is_not(problem):
    assume(not feasible(problem))
    found = conflict(problem, Watch(30))
    assert found.is_smallest
    assert found.conditions
    assert not feasible(only(problem, set(found.conditions)))
    for part in combinations(found.conditions, len(found.conditions) - 1):
        assert feasible(only(problem, set(part)))


@some
@given(problems(most_options=5))
def test_relaxations_make_room(problem):
    assume(not feasible(problem))
    found = conflict(problem, Watch(30))
    for condition, needed in zip(found.conditions, found.alone, strict=True):
        if np.isnan(needed):
            assert not feasible(dropped(problem, condition))
        else:
            assert feasible(relaxed(problem, condition, needed))
    if np.isnan(found.alone).all():
        for condition, needed in found.together.items():
            problem = relaxed(problem, condition, needed)
        assert feasible(problem)


@some
@given(problems(most_options=4))
def test_infeasible_problems_are_told_in_words(problem):
    assume(best_value(problem) is None)
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(30))
    for language in ("zh", "en"):
        report = raised.value.report(language)
        assert "{" not in report
        assert "nan" not in report


def floor_of(demand: list[int], least: float, total: float, subject: int = 0) -> Floor:
    return Floor("floor", subject, np.array(demand, np.int32), least, total)


def test_three_sites_instead_of_two():
    """Each of three homes is reached by one option of its own; all have to be covered with two sites."""
    floors = tuple(floor_of([home], 10, 10, home) for home in range(3))
    problem = covering([{0}, {1}, {2}], [10, 10, 10], most_sites=2, floors=floors)
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(10), names={"floor": ["A", "B", "C"]})
    kinds = [fault.kind for fault in raised.value.faults]
    assert kinds[0] == "siting_conflict"
    assert sorted(kinds[1:]) == ["conflict_floor"] * 3 + ["conflict_sites"]
    report = raised.value.report("en")
    assert "Where the number of sites may be 3 instead of 2, there is a plan" in report
    assert "“B”" in report
    assert "至少需要 3 处" in raised.value.report("zh")


def test_a_floor_says_how_far_it_can_go():
    """With one site community A (100 people) can reach 74 %."""
    problem = covering([{0}, {1}], [74, 26], most_sites=1, floors=(floor_of([0, 1], 80, 100),))
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(10), names={"floor": ["A"]})
    assert "With everything else as asked it can reach 74.0%" in raised.value.report("en")


def test_what_nobody_can_reach_is_told_before_anything_is_solved():
    floors = (floor_of([0, 2], 90, 100), floor_of([1], 5, 5, 1))
    problem = covering([{0}, {1}], [60, 5, 40], state=[FREE, FORBIDDEN], floors=floors)
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(10), names={"floor": ["A", "B"]})
    assert [fault.kind for fault in raised.value.faults] == ["siting_floor_unreachable"] * 2
    assert raised.value.faults[0].details["reachable"] == pytest.approx(0.6)
    assert raised.value.faults[0].details["people"] == 40
    assert raised.value.faults[1].details["reachable"] == 0


def test_money_that_required_options_use_up():
    problem = covering([{0}, {1}], [1, 1], cost_wan_yuan=[8, 7], state=[REQUIRED, REQUIRED], budget_wan_yuan=10.0)
    found = conflict(problem, Watch(10))
    assert {one.family for one in found.conditions} == {"required", "budget"}
    told = dict(zip((one.family for one in found.conditions), found.alone, strict=True))
    assert told == {"required": 1, "budget": 15}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sites_too_near_each_other_are_named_with_the_distance(language):
    problem = covering(
        [{0}, {1}, {2}], [1, 1, 1], state=[REQUIRED, REQUIRED, FREE], apart=np.array([[0, 1], [1, 2]], np.int32)
    )
    names = {"site": ["旧仓库", "粮站", "空地"], "apart": ["800"]}
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(10), names=names)
    told = {fault.kind: fault.problem(language) for fault in raised.value.faults}
    assert "800 米" in told["conflict_apart"] if language == "zh" else "800 m" in told["conflict_apart"]
    assert "旧仓库–粮站" in told["conflict_apart"]
    assert "空地" not in told["conflict_apart"], "of all pairs those that are required"
    assert "旧仓库" in told["conflict_required"]
    assert "粮站" in told["conflict_required"]


def test_all_that_is_wrong_is_told_at_once():
    problem = covering(
        [{0}, {1}, set()],
        [3.0, np.nan, -1.0, 0.0],
        cost_wan_yuan=[np.nan, 1, 1],
        floor_m2=[-5, 1, 1],
        budget_wan_yuan=5.0,
        most_sites=-1,
        apart=np.array([[1, 1]], np.int32),
        bounds=(Bound("presence", 2, np.array([0], np.int32), np.array([1.0]), 3.0, 2.0),),
    )
    problem = replace(
        problem,
        indptr=np.array([0, 2, 3, 3], np.int32),
        demand=np.array([0, 0, 1], np.int32),
    )
    with pytest.raises(SitingError) as raised:
        solve_covering(problem, Watch(10))
    assert {fault.kind for fault in raised.value.faults} == {
        "siting_demand_twice",
        "siting_weight_wrong",
        "siting_cost_wrong",
        "siting_floor_area_wrong",
        "siting_pair_of_one",
        "siting_bound_inverted",
        "siting_limit_wrong",
    }
    assert {fault.kind for fault in raised.value.warnings} == {"siting_weight_zero", "siting_option_useless"}
    assert all(FAULT_KINDS[fault.kind].severity == "fault" for fault in raised.value.faults)


def test_costs_may_be_unknown_where_money_does_not_matter():
    problem = covering([{0}, {1}], [3, 4], cost_wan_yuan=[np.nan, np.nan], most_sites=1)
    assert solve_covering(problem, Watch(10)).value == 4


def test_the_best_worst_share_needs_groups():
    with pytest.raises(SitingError, match="no group"):
        solve_covering(covering([{0}], [1], objective="best_worst_share"), Watch(10))


def test_a_bound_nobody_can_meet():
    bound = Bound("presence", 0, np.array([0], np.int32), np.array([1.0]), 2.0)
    with pytest.raises(SitingError) as raised:
        solve_covering(covering([{0}], [1], bounds=(bound,)), Watch(10), names={"presence": ["clinic"]})
    assert [fault.kind for fault in raised.value.faults] == ["siting_bound_unreachable"]
    assert "clinic" in raised.value.report("en")
