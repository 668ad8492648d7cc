"""Totals of districts: what is rolled up counts once, what is shared out sums to the total again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.totals import rolled_up, scaled_to_districts


def test_smaller_districts_count_in_every_larger_one():
    # two communities and a home outside of them in one sub-district; that and another in one county
    parent = np.array([2, 2, 4, 4, -1], np.int32)
    assert rolled_up(np.array([1.0, 2, 4, 8, 16]), parent).tolist() == [1, 2, 7, 8, 31]
    assert rolled_up(np.empty(0), np.empty(0, np.int32)).tolist() == []


def test_homes_are_scaled_within_their_district_only():
    values, district = np.array([1.0, 3, 5, 7, 9]), np.array([0, 0, 1, -1, 2], np.int32)
    scaled, unplaced = scaled_to_districts(values, district, np.array([40.0, np.nan, 3.0, 6.0]))
    assert scaled.tolist() == [10, 30, 5, 7, 3]
    assert unplaced.tolist() == [0, 0, 0, 6]


def test_people_without_a_weighted_home_are_not_placed():
    scaled, unplaced = scaled_to_districts(np.zeros(2), np.zeros(2, np.int32), np.array([5.0]))
    assert scaled.tolist() == [0, 0]
    assert unplaced.tolist() == [5]


numbers = st.floats(0, 1e9, allow_subnormal=True)


@given(st.lists(st.tuples(numbers, st.integers(-1, 3)), max_size=30), st.lists(numbers, min_size=4, max_size=4))
def test_totals_are_conserved(homes, totals):
    values = np.array([value for value, _ in homes], float)
    district = np.array([position for _, position in homes], np.int32)
    scaled, unplaced = scaled_to_districts(values, district, np.array(totals))
    held = np.bincount(district[district >= 0], scaled[district >= 0], minlength=4)
    assert held + unplaced == pytest.approx(totals)
    assert scaled[district < 0].tolist() == values[district < 0].tolist()
    assert (scaled >= 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12), st.data())
def test_the_largest_districts_hold_everything_once(own, data):
    parent = [data.draw(st.integers(at, len(own))) for at in range(1, len(own) + 1)]
    up = np.array([-1 if at == len(own) else at for at in parent], np.int32)
    total = rolled_up(np.array(own), up)
    assert total[up < 0].sum() == pytest.approx(sum(own))
