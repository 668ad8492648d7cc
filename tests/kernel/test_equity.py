"""Measures of inequality: values by hand, and what must hold of them all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.equity import concentration, gini, lorenz, mean, palma, quantile, theil, worst_mean

ONE = np.ones


def test_gini_of_one_two_three_four():
    # Σᵢⱼ |xᵢ - xⱼ| = 2 (1+2+3+1+2+1) = 20; 20 ÷ (2 · 16 · 2.5) = 0.25
    assert gini(np.array([4.0, 1.0, 3.0, 2.0]), ONE(4)) == pytest.approx(0.25)


def test_gini_when_one_of_n_has_all_is_one_less_one_nth():
    assert gini(np.array([0.0, 0.0, 0.0, 0.0, 7.0]), ONE(5)) == pytest.approx(0.8)


def test_gini_of_two_groups_by_the_area():
    # 90 people share 30 %, 10 share 70 %: the curve bends once, at (0.9, 0.3), so the Gini is 0.9 - 0.3.
    assert gini(np.array([1 / 3, 7.0]), np.array([90.0, 10.0])) == pytest.approx(0.6)


def test_lorenz_curve_has_a_corner_for_every_group():
    curve = lorenz(np.array([3.0, 1.0, 1.0]), np.array([1.0, 1.0, 2.0]))
    assert curve.people.tolist() == [0, 0.75, 1]  # those with as much are one group
    assert curve.good.tolist() == [0, 0.5, 1]
    assert curve.at(0.375) == pytest.approx(0.25)


def test_palma_is_the_mean_of_the_best_tenth_over_that_of_the_worst_four_tenths():
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 20])
    assert palma(values, ONE(10)) == pytest.approx(20 / ((1 + 2 + 3 + 4) / 4))
    # Two homes: the best tenth lives in the one with 3, the worst four tenths in the one with 1 (half of all live there).
    assert palma(np.array([1.0, 3.0]), ONE(2)) == pytest.approx(3)
    assert palma(np.array([0.0, 0.0, 1.0]), ONE(3)) == math.inf


def test_theil_of_one_and_three():
    # μ = 2: T = ½ (½ ln ½ + 3/2 ln 3/2)
    assert theil(np.array([1.0, 3.0]), ONE(2)).total == pytest.approx(0.5 * (0.5 * math.log(0.5) + 1.5 * math.log(1.5)))


def test_theil_when_one_of_n_has_all_is_ln_n():
    assert theil(np.array([0.0, 0.0, 0.0, 5.0]), ONE(4)).total == pytest.approx(math.log(4))


def test_theil_between_is_that_of_the_means_and_within_that_of_each_weighed_by_its_share():
    values, group = np.array([1.0, 3.0, 2.0, 2.0]), np.array([0, 0, 1, 1])
    found = theil(values, ONE(4), group)
    assert found.between == pytest.approx(0, abs=1e-15)  # both means are 2
    assert found.within == pytest.approx(0.5 * theil(values[:2], ONE(2)).total)
    apart = theil(np.array([1.0, 1.0, 3.0, 3.0]), ONE(4), group)
    assert (apart.between, apart.within) == (pytest.approx(apart.total), pytest.approx(0, abs=1e-15))


def test_concentration_is_the_gini_where_ranks_agree_and_its_negative_where_they_are_reversed():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert concentration(values, ONE(4), values) == pytest.approx(0.25)
    assert concentration(values, ONE(4), -values) == pytest.approx(-0.25)
    assert concentration(values, ONE(4), np.zeros(4)) == pytest.approx(0)  # all of one rank


def test_concentration_by_covariance():
    # 2 cov(x, rank) ÷ μ with fractional ranks 1/8, 3/8, 5/8, 7/8: x = 2, 1, 4, 3.
    values, ranks = np.array([2.0, 1.0, 4.0, 3.0]), np.array([1, 3, 5, 7]) / 8
    expected = 2 * ((values - 2.5) * (ranks - 0.5)).mean() / 2.5
    assert concentration(values, ONE(4), np.arange(4.0)) == pytest.approx(expected)


def test_the_worst_served_tenth_may_end_within_a_home():
    assert worst_mean(np.array([0.0, 1.0]), np.array([5.0, 95.0])) == pytest.approx(0.5)


def test_quantile_counts_people_not_homes():
    walks, people = np.array([60.0, 600.0, math.inf]), np.array([8.0, 1.0, 1.0])
    assert [quantile(walks, people, share) for share in (0.5, 0.8, 0.9, 1.0)] == [60, 60, 600, math.inf]


def test_nothing_to_share_out_is_not_equality():
    for values, people in ((np.zeros(3), ONE(3)), (np.empty(0), np.empty(0)), (ONE(2), np.zeros(2))):
        assert math.isnan(gini(values, people))
        assert math.isnan(palma(values, people))
        assert math.isnan(theil(values, people).total)


def test_homes_of_unknown_good_are_left_out():
    values, people = np.array([1.0, np.nan, 3.0]), np.array([1.0, 100.0, 1.0])
    assert gini(values, people) == pytest.approx(0.25)
    assert mean(values, people) == pytest.approx(2)


goods = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=2, max_size=12).filter(
    lambda rows: sum(value for value, _ in rows) > 0
)
MEASURES = {
    "gini": gini,
    "palma": palma,
    "theil": lambda values, people: theil(values, people).total,
    "concentration": lambda values, people: concentration(values, people, np.floor(values / 3)),
}


def _arrays(rows):
    return tuple(np.array(column, float) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("name", MEASURES)
@given(rows=goods, data=st.data())
def test_neither_the_unit_nor_the_order_nor_the_number_of_people_alike_matters(name, rows, data):
    values, people = _arrays(rows)
    measure = MEASURES[name]
    found = measure(values, people)
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    copies = np.repeat(np.arange(len(rows)), people.astype(int))
    for again in (
        measure(values[order], people[order]),
        measure(values, 3 * people),
        measure(values[copies], np.ones(len(copies))),  # every person a home of their own
    ):
        assert again == pytest.approx(found, abs=1e-12)
    if name != "concentration":  # its ranks are made from the values here
        assert measure(values / 7, people) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(("name", "even"), [("gini", 0), ("palma", 1), ("theil", 0), ("concentration", 0)])
@given(people=st.lists(st.integers(1, 9), min_size=1, max_size=8), value=st.integers(1, 50))
def test_all_alike_is_even(name, even, people, value):
    weights = np.array(people, float)
    assert MEASURES[name](np.full(len(weights), float(value)), weights) == pytest.approx(even, abs=1e-12)


@pytest.mark.parametrize("name", ["gini", "theil"])
@given(values=st.lists(st.integers(0, 50), min_size=2, max_size=10), data=st.data())
def test_taking_from_one_who_has_more_and_giving_to_one_who_has_less_evens_out(name, values, data):
    ranked = np.array(sorted(values), float)
    low, high = sorted(data.draw(st.lists(st.integers(0, len(values) - 1), min_size=2, max_size=2, unique=True)))
    gap = ranked[high] - ranked[low]
    if gap <= 0:
        return
    moved = ranked.copy()
    part = gap * data.draw(st.floats(0.1, 0.9))
    moved[low] += part
    moved[high] -= part
    assert MEASURES[name](moved, ONE(len(moved))) < MEASURES[name](ranked, ONE(len(ranked)))


@given(rows=goods, data=st.data())
def test_theil_is_between_and_within_and_neither_is_negative(rows, data):
    values, people = _arrays(rows)
    group = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=len(rows), max_size=len(rows))))
    found = theil(values, people, group)
    inside = 0.0
    for number in set(group.tolist()):
        here = group == number
        if (values[here] * people[here]).sum() > 0:
            share = (values[here] * people[here]).sum() / (values * people).sum()
            inside += share * theil(values[here], people[here]).total
    assert found.within == pytest.approx(inside, abs=1e-12)
    assert found.between >= -1e-12
    assert found.total == pytest.approx(found.between + inside, abs=1e-12)


@given(rows=goods)
def test_the_gini_is_the_mean_difference_of_all_pairs(rows):
    values, people = _arrays(rows)
    pairs = np.abs(values[:, None] - values[None, :]) * people[:, None] * people[None, :]
    expected = pairs.sum() / (2 * people.sum() * (values * people).sum())
    assert gini(values, people) == pytest.approx(expected, abs=1e-12)
