"""Where lines meet: node numbers, ends, the tolerance, inner points on request, and never a bare crossing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.sources.street_joints import join_lines, numbers_of_ends


def lines(*rows):
    return np.array([shapely.LineString(row) for row in rows], object)


def rows_of(joined):
    """The nodes of each line, numbered as they come."""
    _, first, inverse = np.unique(joined.node, return_index=True, return_inverse=True)
    numbers = np.argsort(np.argsort(first))[inverse]
    return [row.tolist() for row in np.split(numbers, joined.first[1:-1])]


def nodes_met(joined):
    return len(joined.node) - len(np.unique(joined.node))


def test_ends_at_one_place_meet():
    assert rows_of(join_lines(lines([(0, 0), (10, 0)], [(10, 0), (20, 0)]), snap_metres=0)) == [[0, 1], [1, 2]]


def test_a_crossing_is_no_junction():
    cross = lines([(-10, 0), (10, 0)], [(0, -10), (0, 10)])
    assert nodes_met(join_lines(cross, snap_metres=0.5)) == 0
    assert nodes_met(join_lines(cross, snap_metres=0.5, at_inner_points=True)) == 0


def test_inner_points_meet_on_request_only():
    cross = lines([(-10, 0), (0, 0), (10, 0)], [(0, -10), (0, 0), (0, 10)])
    apart, met = (join_lines(cross, snap_metres=0.5, at_inner_points=asked) for asked in (False, True))
    assert (nodes_met(apart), apart.inner_points_shared) == (0, 1)
    assert rows_of(met) == [[0, 1, 2], [3, 1, 4]]


def test_a_line_that_crosses_itself_shares_nothing_with_another():
    loop = lines([(0, 0), (10, 0), (10, 10), (0, 0), (-5, -5)])
    assert join_lines(loop, snap_metres=0.5).inner_points_shared == 0


@pytest.mark.parametrize(("gap", "moved"), [(0.4, 1), (0.5, 1), (0.6, 0)])
def test_ends_within_the_tolerance_are_one(gap, moved):
    joined = join_lines(lines([(0, 0), (10, 0)], [(10 + gap, 0), (20, 0)]), snap_metres=0.5)
    assert (joined.ends_moved, nodes_met(joined)) == (moved, moved)


def test_an_end_on_a_line_meets_it_at_a_point_of_its_own():
    joined = join_lines(lines([(0, 0), (10, 0)], [(4, 0.3), (4, 10)]), snap_metres=0.5)
    assert rows_of(joined) == [[0, 1, 2], [1, 3]]
    assert joined.ends_on_lines == 1
    assert joined.point.tolist() == [0, 2, 1, 2, 3]  # the new point of the first line is where the second begins


def test_an_end_on_a_point_of_a_line_meets_it_there():
    joined = join_lines(lines([(0, 0), (4, 0), (10, 0)], [(4, 0), (4, 10)]), snap_metres=0)
    assert rows_of(joined) == [[0, 1, 2], [1, 3]]
    assert (joined.ends_on_lines, joined.inner_points_shared) == (1, 0)


def test_several_ends_on_one_line_keep_their_order():
    joined = join_lines(
        lines([(0, 0), (10, 0)], [(7, 0), (7, 5)], [(3, 0), (3, 5)], [(7, 0), (7, -5)]), snap_metres=0.5
    )
    along = rows_of(joined)[0]
    assert list(dict.fromkeys(along)) == [0, 1, 2, 3]  # at 3 and at 7, where two lines end
    assert along == sorted(along)


def test_a_line_drawn_twice_counts_once_in_either_direction():
    joined = join_lines(
        lines([(0, 0), (5, 1), (10, 0)], [(10, 0), (5, 1), (0, 0)], [(0, 0), (5, -1), (10, 0)]), snap_metres=0.5
    )
    assert joined.line.tolist() == [0, 2]
    assert joined.twice == 1


def test_numbers_join_what_lies_apart_and_nothing_else():
    numbers = np.array([[1, 2], [2, 3], [4, 5]])
    joined = join_lines(
        lines([(0, 0), (10, 0)], [(10.8, 0), (20, 0)], [(10, 0), (10, 9)]), snap_metres=0.5, numbers=numbers
    )
    assert rows_of(joined) == [[0, 1], [1, 2], [3, 4]]


def test_an_undirected_graph_names_its_ends_in_any_order():
    drawn = lines([(0, 0), (10, 0)], [(20, 0), (10, 0)], [(10, 0), (10, 9)], [(30, 0), (20, 0)])
    numbers = np.array([[1, 2], [2, 3], [2, 4], [3, 5]])
    assert numbers_of_ends(drawn, numbers, 1.0).tolist() == [[1, 2], [3, 2], [2, 4], [5, 3]]


def test_numbers_that_do_not_fit_the_drawing_are_none():
    assert numbers_of_ends(lines([(0, 0), (10, 0)], [(50, 0), (60, 0)]), np.array([[1, 2], [2, 3]]), 1.0) is None


points = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(st.lists(st.lists(points, min_size=2, max_size=4, unique=True), min_size=1, max_size=8), st.randoms())
def test_direction_and_order_change_nothing(rows, dice):
    turned = [row[::-1] if dice.random() < 0.5 else row for row in rows]
    dice.shuffle(turned)
    here, there = (join_lines(lines(*one), snap_metres=0.5) for one in (rows, turned))
    assert len(here) == len(there)
    assert len(np.unique(here.node)) == len(np.unique(there.node))
    assert (here.ends_on_lines, here.twice) == (there.ends_on_lines, there.twice)
