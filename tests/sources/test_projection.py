"""The zone chosen for a study is the one the register of coordinate systems gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info

from livingcircle.errors import InputError
from livingcircle.sources.projection import study_crs


@settings(max_examples=60)  # a look into the register takes a twentieth of a second
@given(st.integers(-1_800_000_000, 1_800_000_000), st.integers(-800_000_000, 840_000_000))
def test_the_zone_is_that_of_the_register(x: int, y: int):
    lon, lat = x / 1e7, y / 1e7
    around = AreaOfInterest(lon, lat, lon, lat)
    zones = {f"EPSG:{zone.code}" for zone in query_utm_crs_info(datum_name="WGS 84", area_of_interest=around)}
    assert study_crs(None, np.array([lon]), np.array([lat])) in zones


@pytest.mark.parametrize(("lon", "lat"), [(0, 84.1), (0, -80.1), (180.1, 0)])
def test_beyond_the_zones_a_system_must_be_named(lon: float, lat: float):
    with pytest.raises(InputError) as error:
        study_crs(None, np.array([lon]), np.array([lat]))
    assert [fault.kind for fault in error.value.faults] == ["unknown_crs"]
