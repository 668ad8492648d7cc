"""Building the network: what is refused, what is kept, and that no sum of ticks can overflow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import town as t
from livingcircle.errors import NetworkError
from livingcircle.kernel.graph import NO_WALK, TICKS_PER_SECOND, as_ticks, build_network, limit_ticks
from livingcircle.kernel.impedance import impedance

LINE = t.streets([((0, 0), (100, 0)), ((100, 0), (300, 0))])


def test_arcs_run_both_ways_unless_one_is_barred():
    network, _ = build_network(t.streets([((0, 0), (100, 0)), ((100, 0), (300, 0))], one_way=[1]), 1)
    assert len(network.heads) == 3
    assert network.nodes == 3
    assert np.diff(network.indptr).sum() == 3
    walk = impedance(network, 2.0)
    assert sorted(walk.forward) == [100 / 2 * TICKS_PER_SECOND, 200 / 2 * TICKS_PER_SECOND]
    assert (walk.backward == NO_WALK).sum() == 1


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_coordinates_and_lengths_that_are_no_numbers_are_refused(broken):
    xy = LINE.node_xy.copy()
    xy[0, 0] = broken
    with pytest.raises(NetworkError, match="not a finite number"):
        build_network(replace(LINE, node_xy=xy), 1)
    with pytest.raises(NetworkError, match="not a finite number"):
        build_network(replace(LINE, metres=np.array([broken, 1.0])), 1)


def test_a_street_longer_than_a_day_and_a_negative_one_are_refused():
    for seconds in (-1.0, 86_400.1):
        with pytest.raises(NetworkError):
            as_ticks(np.array([seconds]))


def test_no_street_that_may_be_walked_is_an_error():
    nothing = np.zeros(2, bool)
    with pytest.raises(NetworkError, match="no street"):
        build_network(replace(LINE, forward=nothing, backward=nothing), 1)


def test_the_longest_part_stays_even_if_it_is_short():
    network, islands = build_network(LINE, minimum_island_metres=10_000)
    assert len(network.streets) == 2
    assert islands.count == 0


def test_limits_are_inclusive_and_capped_at_a_day():
    assert limit_ticks(900) == 900 * TICKS_PER_SECOND
    assert limit_ticks(0.1 + 0.2) == 6
    assert limit_ticks(1e12) == limit_ticks(86_400)
    assert limit_ticks(86_400) + 2 * int(NO_WALK) < 2**32
