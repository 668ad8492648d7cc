"""The zone chosen for a study is the one the register of coordinate systems gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj.database import query_utm_crs_info

from livingcircle.errors import InputError
from livingcircle.sources.projection import study_crs

ZONES = {f"EPSG:{zone.code}": zone.area_of_use for zone in query_utm_crs_info(datum_name="WGS 84")}


@given(st.integers(-1_800_000_000, 1_800_000_000), st.integers(-800_000_000, 840_000_000))
def test_the_zone_is_that_of_the_register(x: int, y: int):
    lon, lat = x / 1e7, y / 1e7
    zone = ZONES[study_crs(None, np.array([lon]), np.array([lat]))]
    assert zone.west <= lon <= zone.east
    assert zone.south <= lat <= zone.north


@pytest.mark.parametrize(("lon", "lat"), [(0, 84.1), (0, -80.1), (180.1, 0)])
def test_beyond_the_zones_a_system_must_be_named(lon: float, lat: float):
    with pytest.raises(InputError) as error:
        study_crs(None, np.array([lon]), np.array([lat]))
    assert [fault.kind for fault in error.value.faults] == ["unknown_crs"]
