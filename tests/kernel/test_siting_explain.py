"""Explanations add up, and runners-up are those that brute force finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.siting.covering import Bound, CoveringProblem, Floor, OptionState, plain_covering
from livingcircle.kernel.siting.explain import (
    BEFORE,
    NEVER,
    NO_CANDIDATE,
    NOT_CHOSEN,
    building_order,
    credited,
    dominated,
    exclusive_weight,
    floors_turned,
    homes_gained,
    nearest_existing,
    uncovered_reasons,
    yuan_per_resident,
)
from livingcircle.kernel.siting.runner_up import runners_up, serving_runners_up
from livingcircle.kernel.siting.serving import ServingProblem


def covering(rows, weight, **columns) -> CoveringProblem:
    """Make a problem of the demands each option reaches."""
    demand = np.array([one for row in rows for one in sorted(row)], np.int32)
    indptr = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int32)
    plain = plain_covering(np.array(weight, float), indptr, demand, columns.pop("sites", len(rows)))
    return replace(plain, **columns)


@st.composite
def problems(draw):
    demands, options = draw(st.integers(1, 8)), draw(st.integers(1, 7))
    rows = draw(st.lists(st.sets(st.integers(0, demands - 1)), min_size=options, max_size=options))
    weight = draw(st.lists(st.integers(0, 9), min_size=demands, max_size=demands))
    problem = covering(rows, weight)
    states = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=options, max_size=options))
    need = draw(st.lists(st.integers(0, 2), min_size=demands, max_size=demands))
    cost = draw(st.lists(st.integers(1, 5), min_size=options, max_size=options))
    problem = replace(
        problem,
        need=np.array(need, np.int32),
        state=np.array(states, np.int8),
        cost_wan_yuan=np.array(cost, float),
        most_sites=draw(st.integers(0, options)),
        budget_wan_yuan=draw(st.none() | st.integers(1, 20).map(float)),
        service=np.array(draw(st.lists(st.integers(0, 1), min_size=options, max_size=options)), np.int32),
    )
    opened = draw(st.lists(st.booleans(), min_size=options, max_size=options))
    return problem, np.flatnonzero(np.array(opened) & (problem.state != OptionState.FORBIDDEN)).astype(np.int32)


@given(problems())
def test_what_picks_add_is_the_union_they_cover(case):
    problem, opened = case
    order, covered_by = building_order(problem, opened)
    existing = opened[problem.state[opened] == OptionState.EXISTING]
    assert sorted([*order, *existing]) == sorted(opened)
    marginal = credited(covered_by, len(order), problem.weight)
    before, after = problem.covered(existing), problem.covered(opened)
    assert marginal.sum() == problem.weight[after].sum() - problem.weight[before].sum()
    assert np.array_equal(covered_by == BEFORE, before)
    assert np.array_equal(covered_by == NEVER, ~after)
    built = list(existing)
    for place, option in enumerate(order):  # and so at every step
        built.append(option)
        covered = problem.covered(np.array(built, np.int32))
        assert marginal[: place + 1].sum() == problem.weight[covered].sum() - problem.weight[before].sum()
        assert np.array_equal(covered, (covered_by >= BEFORE) & (covered_by <= place))


@given(problems())
def test_exclusive_is_what_is_lost_without_a_pick(case):
    problem, opened = case
    order, covered_by = building_order(problem, opened)
    exclusive = exclusive_weight(problem, opened, order)
    whole = problem.weight[problem.covered(opened)].sum()
    for option, weight in zip(order, exclusive, strict=True):
        rest = opened[opened != option]
        assert weight == whole - problem.weight[problem.covered(rest)].sum()
    if (problem.need <= 1).all():
        assert (exclusive <= credited(covered_by, len(order), problem.weight)).all()


@given(problems())
def test_the_greatest_gain_comes_first(case):
    problem, opened = case
    problem = replace(problem, need=np.minimum(problem.need, 1))
    order, covered_by = building_order(problem, opened)
    marginal = credited(covered_by, len(order), problem.weight)
    assert (np.diff(marginal) <= 1e-9).all()  # gains of single cover never grow


def test_years_come_before_gains():
    problem = covering([{0}, {1, 2}, {3, 4, 5}], [1, 1, 1, 1, 1, 1])
    order, covered_by = building_order(problem, np.arange(3, dtype=np.int32), np.array([2026, 2027, 2027], np.int32))
    assert order.tolist() == [0, 2, 1]
    assert credited(covered_by, 3, problem.weight).tolist() == [1, 3, 2]


def test_residents_by_age_and_homes_follow_the_same_credit():
    problem = covering([{0, 1}, {1, 2}], [4, 2, 1])
    _, covered_by = building_order(problem, np.array([0, 1], np.int32))
    ages = np.array([[1, 0], [1, 1], [0, 1]], float)
    assert credited(covered_by, 2, ages).tolist() == [[2, 1], [0, 1]]
    assert homes_gained(covered_by, 2, np.array([0, 0, 1])).tolist() == [1, 1]  # two demands of one home count once


def best_exchange(problem, opened, pick):
    """Try every other option in the place of a pick."""
    found = []
    for rival in range(problem.options):
        taken = np.sort(np.append(opened[opened != pick], rival))
        new = taken[problem.state[taken] != OptionState.EXISTING]
        if (
            rival in opened
            or problem.state[rival] != OptionState.FREE
            or problem.service[rival] != problem.service[pick]
            or len(new) > problem.most_sites
            or (problem.budget_wan_yuan is not None and problem.cost_wan_yuan[new].sum() > problem.budget_wan_yuan)
        ):
            continue
        gain = (
            problem.weight[problem.covered(taken)].sum() - problem.weight[problem.covered(opened[opened != pick])].sum()
        )
        if gain > 0:
            found.append(problem.weight[problem.covered(opened)].sum() - problem.weight[problem.covered(taken)].sum())
    return (min(found), sum(one == min(found) for one in found) - 1) if found else None


@given(problems())
def test_runners_up_equal_brute_force(case):
    problem, opened = case
    order, _ = building_order(problem, opened)
    found = runners_up(problem, opened, order)
    for option, rival, loss, ties in zip(order, found.option, found.loss, found.ties, strict=True):
        expected = best_exchange(problem, opened, option) if problem.state[option] == OptionState.FREE else None
        if expected is None:
            assert rival == -1
        else:
            assert (loss, ties) == expected
            taken = np.append(opened[opened != option], rival)
            lost = problem.weight[problem.covered(opened)].sum() - problem.weight[problem.covered(taken)].sum()
            assert lost == loss


def test_a_runner_up_keeps_bounds_floors_and_distances():
    problem = covering([{0, 1}, {0, 1}, {0, 2}, {1, 2}], [5, 4, 3], sites=1)
    opened = np.array([0], np.int32)
    assert runners_up(problem, opened, opened).option.tolist() == [1]
    apart = replace(problem, apart=np.array([[1, 3]], np.int32), most_sites=2)
    two = np.array([0, 3], np.int32)
    assert runners_up(apart, two, two).option.tolist() == [2, 2]
    bound = Bound("presence", 0, np.array([1, 2], np.int32), np.array([1.0, 1.0]), most=0.0)
    assert runners_up(replace(problem, bounds=(bound,)), opened, opened).option.tolist() == [3]
    none, third = np.empty(0, np.int32), np.array([3], np.int32)
    of_sites = Bound(
        "year_budget", 0, none, np.empty(0), most=0.0, site=np.arange(3, dtype=np.int32), site_amount=np.ones(3)
    )
    here = replace(problem, bounds=(of_sites,))
    assert runners_up(here, third, third).option.tolist() == [-1]
    assert runners_up(here, opened, opened).option.tolist() == [3]
    floor = Floor("community", 0, np.array([0], np.int32), 5.0, 5.0)
    found = runners_up(replace(problem, floors=(floor,)), opened, opened)
    assert (found.option.tolist(), found.loss.tolist()) == ([1], [0])
    alone = runners_up(replace(problem, floors=(floor,), state=np.array([0, 2, 2, 0], np.int8)), opened, opened)
    assert alone.option.tolist() == [-1]
    assert np.isnan(alone.loss).all()  # without it the floor breaks


def test_runners_up_in_money_and_in_the_worst_share():
    rows, weight = [{0, 1}, {0, 1}, {0}], [5, 5]
    floor = Floor("target", -1, np.array([0, 1], np.int32), 10.0, 10.0)
    cheap = covering(rows, weight, objective="least_cost", cost_wan_yuan=np.array([3.0, 8.0, 1.0]), floors=(floor,))
    opened = np.array([0], np.int32)
    found = runners_up(cheap, opened, opened)
    assert (found.option.tolist(), found.loss.tolist()) == ([1], [5])
    halves = tuple(Floor("district", one, np.array([one], np.int32), 0.0, 5.0) for one in range(2))
    fair = covering(rows[:1] + rows[2:], weight, objective="best_worst_share", floors=halves, sites=1)
    found = runners_up(fair, opened, opened)
    assert (found.option.tolist(), found.loss.tolist()) == ([1], [1])


def test_runners_up_of_serving():
    # Three people at 0, 10 and 30 on a line, places at 0, 12 and 30.
    cost = np.abs(np.subtract.outer([0.0, 10, 30], [0.0, 12, 30]))
    problem = ServingProblem(
        weight=np.ones(3),
        indptr=np.array([0, 3, 6, 9], np.int32),
        option=np.tile(np.arange(3, dtype=np.int32), 3),
        cost=cost.ravel(),
        unserved_cost=np.full(3, np.inf),
        state=np.zeros(3, np.int8),
        capacity=np.full(3, np.inf),
        cost_wan_yuan=np.zeros(3),
        most_sites=2,
    )
    opened = np.array([0, 2], np.int32)  # 0 + 10 + 0
    found = serving_runners_up(problem, opened, opened)
    assert (found.option.tolist(), found.loss.tolist()) == ([1, 1], [12 + 2 - 10, 2 + 18 - 10])
    worst = serving_runners_up(replace(problem, objective="least_worst"), opened, opened)
    assert (worst.option.tolist(), worst.loss.tolist()) == ([1, 1], [12 - 10, 18 - 10])
    full = serving_runners_up(replace(problem, capacity=np.ones(3)), opened, opened)
    assert full.option.tolist() == [-1, -1]


def test_floors_turn_at_the_pick_that_reaches_them():
    problem = covering([{0, 1}, {2}], [4, 4, 2])
    _, covered_by = building_order(problem, np.array([0, 1], np.int32))
    every = np.arange(3, dtype=np.int32)
    floors = [Floor("clause", 0, every, least, 10.0) for least in (0.0, 4.0, 9.0)]
    floors.append(Floor("clause", 0, every[2:], 3.0, 10.0))
    assert floors_turned(floors, covered_by, problem.weight, 2).tolist() == [BEFORE, 0, 1, NEVER]


def test_why_demands_stay_uncovered():
    problem = covering([{0}, {1}, {2}], [1, 1, 1, 1], state=np.array([0, 0, 2], np.int8))
    reasons = uncovered_reasons(problem, np.array([0], np.int32))
    assert reasons.tolist() == [0, NOT_CHOSEN, NO_CANDIDATE, NO_CANDIDATE]


def test_dominated_options_name_who_covers_all_they_do():
    problem = covering([{0, 1}, {0}, {0, 1}, {2}, {0, 1, 3}], [1, 1, 1, 0])
    assert dominated(problem).tolist() == [-1, 0, 0, -1, 0]  # nobody lives at 3: the last is no better than the first
    dear = replace(problem, cost_wan_yuan=np.array([9.0, 1, 5, 1, 9]))
    assert dominated(dear).tolist() == [2, -1, -1, -1, 2]


@given(problems())
def test_dominated_options_reach_nothing_that_their_better_does_not(case):
    problem, _ = case
    lacking = set(np.flatnonzero((problem.need > 0) & (problem.weight > 0)))
    for one, other in enumerate(dominated(problem)):
        if other >= 0:
            assert set(problem.row(one)) & lacking <= set(problem.row(int(other)))
            assert problem.cost_wan_yuan[other] <= problem.cost_wan_yuan[one]


def test_nearest_existing_place_and_yuan_per_resident():
    position, metres = nearest_existing(np.array([[0.0, 0], [9, 0]]), np.array([[3.0, 4], [9, 1]]))
    assert (position.tolist(), metres.tolist()) == ([0, 1], [5, 1])
    position, metres = nearest_existing(np.array([[0.0, 0]]), np.empty((0, 2)))
    assert position.tolist() == [-1]
    assert np.isnan(metres).all()
    each = yuan_per_resident(np.array([120.0, np.nan, 10]), np.array([400.0, 5, 0]))
    assert each[0] == pytest.approx(3000)
    assert np.isnan(each[1:]).all()
