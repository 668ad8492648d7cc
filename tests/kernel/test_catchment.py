"""Floating catchments and choice: values by hand, nothing handed out twice or lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.catchment import conserved, facilities_in_reach, floating_catchment, nth_nearest_seconds
from livingcircle.kernel.decay import decayed
from livingcircle.model.access import Decay
from town import reach_rows

LIMIT = 900.0


def table(walks):
    return reach_rows(walks, LIMIT)


def test_two_steps_by_hand():
    # Homes of 100, 200 and 300; one facility of 30 reaches the first two, one of 60 the last two.
    reach = table([[300, 600, np.inf], [np.inf, 900, 200]])
    found = floating_catchment(reach, np.array([30.0, 60.0]), np.array([100.0, 200.0, 300.0]), LIMIT, Decay())
    assert found.ratio.tolist() == pytest.approx([30 / 300, 60 / 500])
    assert found.access.tolist() == pytest.approx([0.1, 0.1 + 0.12, 0.12])
    assert (found.supply_reached, found.supply_idle) == (90, 0)


def test_enhanced_by_hand_with_weights_for_three_thirds():
    # Luo & Qi: 300 s is the end of the first third, 600 s of the second, 601 s in the third.
    reach = table([[300, 600, 601]])
    found = floating_catchment(reach, np.array([10.0]), np.array([100.0, 100.0, 100.0]), LIMIT, Decay("steps"))
    ratio = 10 / (100 * (1 + 0.68 + 0.22))
    assert found.ratio[0] == pytest.approx(ratio)
    assert found.access.tolist() == pytest.approx([ratio, 0.68 * ratio, 0.22 * ratio])


def test_decay_is_one_at_the_door_and_nothing_beyond_the_range():
    walks = np.array([0.0, 450.0, 900.0, 900.05, np.inf, np.nan])
    assert decayed(walks, 900, Decay("none")).tolist() == [1, 1, 1, 0, 0, 0]
    assert decayed(walks, 900, Decay("linear")).tolist() == [1, 0.5, 0, 0, 0, 0]
    half = (np.exp(-1 / 8) - np.exp(-1 / 2)) / (1 - np.exp(-1 / 2))
    assert decayed(walks, 900, Decay("gaussian")).tolist() == pytest.approx([1, half, 0, 0, 0, 0])
    assert decayed(walks, 900, Decay("steps")).tolist() == [1, 0.68, 0.22, 0, 0, 0]


def test_a_facility_nobody_reaches_is_idle_and_one_of_unknown_supply_takes_no_part():
    reach = table([[np.inf, np.inf], [100, 100], [100, 200]])
    found = floating_catchment(reach, np.array([7.0, 10.0, np.nan]), np.array([5.0, 15.0]), LIMIT, Decay())
    assert np.isnan(found.ratio[[0, 2]]).all()
    assert found.access.tolist() == [0.5, 0.5]
    assert (found.supply_reached, found.supply_idle) == (10, 7)


def test_choice_counts_facilities_and_walks_to_the_next():
    reach = table([[300, 700, np.inf], [200, np.inf, np.inf], [900, 100, np.inf]])
    assert facilities_in_reach(reach, 600).tolist() == [2, 1, 0]
    assert facilities_in_reach(reach, 900).tolist() == [3, 2, 0]
    nearest = nth_nearest_seconds(reach, 3)
    assert nearest.T.tolist() == [[200, 300, 900], [100, 700, np.inf], [np.inf] * 3]


walks = st.integers(2, 5).flatmap(
    lambda homes: st.lists(
        st.lists(st.sampled_from([60.0, 300.0, 450.0, 899.95, 900.0, np.inf]), min_size=homes, max_size=homes),
        min_size=1,
        max_size=4,
    )
)


@given(walks=walks, kind=st.sampled_from(["none", "steps", "linear", "gaussian"]), data=st.data())
def test_what_is_handed_out_is_the_supply_in_reach_in_any_order(walks, kind, data):
    matrix = np.array(walks)
    facilities, homes = matrix.shape
    supply = np.array(
        data.draw(st.lists(st.sampled_from([0.0, 1, 10, 250, np.nan]), min_size=facilities, max_size=facilities))
    )
    demand = np.array(data.draw(st.lists(st.integers(0, 90), min_size=homes, max_size=homes)), float)
    found = floating_catchment(table(matrix), supply, demand, LIMIT, Decay(kind))
    assert conserved(found, demand)
    assert found.supply_reached + found.supply_idle == pytest.approx(np.nansum(supply))
    order, turn = (np.array(data.draw(st.permutations(range(count)))) for count in (homes, facilities))
    again = floating_catchment(table(matrix[turn][:, order]), supply[turn], demand[order], LIMIT, Decay(kind))
    assert again.access == pytest.approx(found.access[order])
