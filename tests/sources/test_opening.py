"""Hours a day from opening hours as written."""

from __future__ import annotations

import numpy as np
import pytest

from livingcircle.sources.opening import hours_per_day


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("08:00-17:00", 9),
        ("08:30-12:00,14:00-17:30", 7),
        ("08:30-12:00；14:00-17:30", 7),
        ("22:00-06:00", 8),
        ("24/7", 24),
        ("00:00-24:00", 24),
        ("", np.nan),
        ("Mo-Fr 08:00-17:00", np.nan),
        ("按预约", np.nan),
    ],
)
def test_hours(written, hours):
    assert hours_per_day(np.array([written], object)) == pytest.approx([hours], nan_ok=True)


def test_no_places():
    assert len(hours_per_day(np.empty(0, object))) == 0
