from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.floors import FloorAssumptions, residents_by_floor

ASSUMED = FloorAssumptions(floor_m2_per_resident=40, default_levels=2, metres_per_level=3)
NAN = np.nan


def estimate(footprint_m2, levels=NAN, height_metres=NAN, share=1.0):
    columns = np.broadcast_arrays(
        *(np.atleast_1d(np.array(one, float)) for one in (footprint_m2, levels, height_metres, share))
    )
    return residents_by_floor(*columns, ASSUMED)


def test_footprint_times_levels_times_share_over_floor_per_resident():
    found = estimate(400, levels=6, share=0.5)
    assert found.floor_m2.tolist() == [1200]
    assert found.residents.tolist() == [30]


@pytest.mark.parametrize(
    ("levels", "height_metres", "used", "source"),
    [
        (6, 99, 6, "stated"),
        (NAN, 18, 6, "height"),
        (NAN, 17, 6, "height"),  # 5.7 levels
        (NAN, 1, 1, "height"),  # a shed has a level
        (NAN, NAN, 2, "default"),
        (0, NAN, 2, "default"),
        (201, 9, 3, "height"),
        (NAN, 3000, 2, "default"),  # a kilometre is no height of a home
        (NAN, 0, 2, "default"),
    ],
)
def test_where_levels_come_from(levels, height_metres, used, source):
    found = estimate(100, levels, height_metres)
    assert found.floor_m2.tolist() == [100 * used]
    assert (bool(found.from_height[0]), bool(found.from_default[0])) == (source == "height", source == "default")


def test_a_point_has_no_floor():
    assert np.isnan(estimate(NAN, levels=6).residents).all()


@given(st.floats(1, 1e5), st.integers(1, 60), st.floats(0, 1))
def test_people_grow_with_floor(footprint_m2, levels, share):
    found, taller = estimate(footprint_m2, levels, NAN, share), estimate(footprint_m2, levels + 1, NAN, share)
    assert 0 <= found.residents[0] <= taller.residents[0]
    assert found.residents[0] * ASSUMED.floor_m2_per_resident == pytest.approx(found.floor_m2[0])
