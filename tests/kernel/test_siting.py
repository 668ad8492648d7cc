"""Siting against brute force, and that no broken plan gets out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.siting.greedy import greedy, value
from livingcircle.kernel.siting.junctions import junctions_near_homes
from livingcircle.kernel.siting.plan import check, maximal_covering
from livingcircle.kernel.siting.problem import SitingProblem, reduced
from livingcircle.model.outcome import ReachTable


def problem(rows, residents, covered=(), sites=1) -> SitingProblem:
    """Make a problem from the homes each candidate reaches."""
    before = np.zeros(len(residents), bool)
    before[list(covered)] = True
    home = np.array([home for row in rows for home in sorted(row)], np.int32)
    indptr = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int32)
    cover = ReachTable(indptr=indptr, home=home, seconds=np.zeros(len(home)), homes=len(residents), limit_seconds=900.0)
    return SitingProblem(cover, np.array(residents, float), before, sites)


def brute_force(asked: SitingProblem) -> float:
    best = 0.0
    for count in range(min(asked.sites, asked.cover.places) + 1):
        for chosen in combinations(range(asked.cover.places), count):
            best = max(best, float(asked.residents[asked.gained(np.array(chosen, np.int32))].sum()))
    return best


def solve(asked: SitingProblem):
    return maximal_covering(asked, service=0, time_limit_seconds=20)


def test_where_greed_fails_the_exact_plan_is_found():
    # The middle candidate reaches most at once, and yet the two outer ones together cover all.
    asked = problem([{0, 1, 2}, {1, 2, 3, 4}, {3, 4, 5}], [4, 3, 3, 3, 3, 4], sites=2)
    small = reduced(asked)
    assert value(small, greedy(small)) == 16
    plan = solve(asked)
    assert sorted(plan.chosen) == [0, 2]
    assert (plan.value, plan.bound, plan.gap, plan.status) == (20, 20, 0, "optimal")


def test_existing_facilities_are_kept_and_counted_once():
    asked = problem([{0, 1}, {1, 2}], [8, 4, 2], covered=[0], sites=1)
    plan = solve(asked)
    assert plan.chosen.tolist() == [1]
    assert (plan.baseline_residents, plan.value, plan.total_residents) == (8, 6, 14)
    assert (plan.share_before, plan.share_after) == (8 / 14, 1)
    assert plan.covered_after.all()


def test_marginal_gains_shrink_and_add_up():
    plan = solve(problem([{0, 1}, {1, 2}, {3}], [1, 2, 4, 8], sites=3))
    assert plan.marginal_residents.tolist() == [8, 6, 1]
    assert plan.cumulative_residents.tolist() == [8, 14, 15]


def test_no_more_sites_are_opened_than_gain_anything():
    plan = solve(problem([{0}, {0}, {1}], [1, 2], sites=3))
    assert sorted(plan.chosen) == [0, 2]
    assert plan.sites_asked == 3


@pytest.mark.parametrize("rows", [[], [set()], [{0}]])
def test_nothing_to_gain_is_said(rows):
    plan = solve(problem(rows, [5], covered=[0]))
    assert plan.status == "nothing_to_gain"
    assert (len(plan.chosen), plan.value, plan.bound, plan.gap) == (0, 0, 0, 0)


def test_homes_of_one_cover_set_become_one_demand():
    small = reduced(problem([{0, 1, 2}, {2, 3}], [1, 2, 4, 8]))
    assert sorted(small.weight) == [3, 4, 8]
    assert sum(small.weight) == 15


rows = st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(rows, st.lists(st.integers(0, 50), min_size=10, max_size=10), st.sets(st.integers(0, 9)), st.integers(1, 5))
def test_plans_equal_brute_force(rows, residents, covered, sites):
    asked = problem(rows, residents, covered, sites)
    best = brute_force(asked)
    plan = solve(asked)
    assert plan.value == pytest.approx(best)
    assert plan.bound == pytest.approx(best)
    small = reduced(asked)
    assert value(small, greedy(small)) >= (1 - 1 / np.e) * best - 1e-9


@settings(max_examples=30, deadline=None)
@given(rows, st.lists(st.integers(0, 50), min_size=10, max_size=10), st.integers(1, 4))
def test_more_sites_or_candidates_never_cover_fewer(rows, residents, sites):
    fewer = solve(problem(rows, residents, sites=sites)).value
    assert solve(problem(rows, residents, sites=sites + 1)).value >= fewer - 1e-9
    assert solve(problem([*rows, {0, 1}], residents, sites=sites)).value >= fewer - 1e-9


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"chosen": np.array([0, 1], np.int32)}, "at most the sites"),
        ({"value": 99.0, "bound": 99.0}, "counts residents once"),
        ({"covered_after": np.zeros(3, bool)}, "keeps all"),
        ({"bound": 1.0}, "its bound"),
    ],
)
def test_a_plan_that_breaks_its_problem_does_not_get_out(broken, reason):
    asked = problem([{0, 1}, {1, 2}], [8, 4, 2], covered=[0], sites=1)
    plan = solve(asked)
    with pytest.raises(AssertionError, match=reason):
        check(replace(plan, **broken), asked)


def test_junction_candidates_are_thinned_and_near_homes():
    town = t.town(t.grid_streets(10, 10))
    homes = np.array([(x, y) for x in (0.0, 100.0, 200.0, 300.0) for y in (0.0, 100.0)])
    found = junctions_near_homes(town.network, homes, spacing_metres=200)
    xy = town.network.streets.node_xy[found]
    assert len(np.unique(np.floor(xy / 200), axis=0)) == len(xy)
    assert (np.abs(xy[:, None] - homes).sum(axis=2).min(axis=1) <= 300).all()
    assert xy[:, 0].max() <= 450
