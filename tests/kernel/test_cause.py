"""Why homes are left out: a tiny town for each cause, from arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gap_town as g
import town as t
from gap_town import CLINIC_300, GRID, estate
from livingcircle.kernel.cause import DETOUR_RATIO
from livingcircle.model.diagnosis import Cause
from livingcircle.model.network import Road
from livingcircle.model.walker import CrossingSeconds


def test_a_home_in_time_has_no_cause():
    assert g.cause_of(g.study(GRID, [(0, 0)], g.facilities([(300, 0)]), [CLINIC_300])) is None


def test_no_facility_in_the_data():
    one = g.study(GRID, [(0, 0)], g.facilities([(0, 0)]), [g.requirement("school", 300)])
    assert g.cause_of(one) == Cause.NO_FACILITY


def test_facilities_that_are_planned_or_closed_only():
    one = g.study(GRID, [(0, 0)], g.facilities([(0, 0)]), [g.requirement("school", 300)])
    assert g.cause_of(replace(one, not_open=g.facilities([], [(100, 0)]))) == Cause.NONE_OPEN


def test_a_home_that_met_no_street():
    assert g.cause_of(g.study(GRID, [(0, -900)], g.facilities([(0, 0)]), [CLINIC_300])) == Cause.HOME_UNJOINED


def test_facilities_that_met_no_street():
    assert g.cause_of(g.study(GRID, [(0, 0)], g.facilities([(0, -900)]), [CLINIC_300])) == Cause.FACILITY_UNJOINED


def test_too_far_even_along_a_straight_line():
    one = g.study(GRID, [(0, 0)], g.facilities([(400, 0)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.TOO_FAR
    rows = g.found(one)
    assert (rows.straight_metres[0], rows.walk_seconds[0], rows.walk_to_straight[0]) == (400, 400, 1)
    assert np.isnan(rows.freed_seconds[0])


def test_an_ordinary_way_that_is_too_long_is_no_detour():
    # 400 m along the grid, 283 m as the crow flies: 1.41 times as far.
    one = g.study(GRID, [(0, 0)], g.facilities([(200, 200)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.TOO_FAR
    assert g.found(one).walk_to_straight[0] == pytest.approx(2**0.5)


def test_a_large_detour():
    # Two streets 50 m apart that only meet 200 m to the west.
    u = t.streets([((0, 0), (200, 0)), ((0, 0), (0, 50)), ((0, 50), (200, 50))])
    one = g.study(u, [(200, 0)], g.facilities([(200, 50)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.DETOUR
    assert g.found(one).walk_to_straight[0] == 450 / 50 >= DETOUR_RATIO


def test_the_wall_of_its_own_compound():
    # Through the one gate, in the east, it is 600 m to the west side; straight out it would be 200.
    town, _ = estate((290, 200))
    one = g.study(town, [(200, 200), (400, 200)], g.facilities([(0, 200)]), [CLINIC_300])
    assert g.cause_of(one, 0) == Cause.OWN_WALL
    rows = g.found(one)
    assert (rows.walk_seconds[0], rows.freed_seconds[0], rows.straight_metres[0]) == (600, 200, 200)
    assert g.cause_of(one, 1) == Cause.TOO_FAR, "who is not behind the wall does not blame it"


def test_somebody_elses_compound():
    # 200 m through the compound, 400 m around it.
    town, _ = estate((110, 200), (290, 200))
    one = g.study(town, [(100, 200)], g.facilities([(300, 200)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.OTHER_WALL
    assert g.found(one).freed_seconds[0] == 200


def test_a_facility_behind_a_wall():
    town, _ = estate((290, 200))
    one = g.study(town, [(0, 200)], g.facilities([(200, 200)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.OTHER_WALL
    assert g.found(one).freed_seconds[0] == 200


def test_a_private_street():
    line = [((-100, 0), (0, 0)), ((0, 0), (100, 0)), ((100, 0), (200, 0))]
    around = [((0, 0), (0, 200)), ((0, 200), (100, 200)), ((100, 200), (100, 0))]
    closed = replace(t.streets([*line, *around]), private=np.arange(6) == 1)
    one = g.study(closed, [(-50, 0)], g.facilities([(150, 0)]), [CLINIC_300])
    assert g.cause_of(one) == Cause.PRIVATE_STREET
    rows = g.found(one)
    assert (rows.walk_seconds[0], rows.freed_seconds[0]) == (50 + 200 + 100 + 200 + 50, 200)


def test_a_wide_road_that_is_crossed_at_crossings_only():
    walker, streets = replace(g.WALKER, wide_roads="crossings"), g.wide_road()
    one = g.study(streets, [(300, 0)], g.facilities([(400, 200)]), [g.requirement("clinic", 320)], walker=walker)
    # Anywhere it is 100 + 100 + 100; as it is, the road is walked round where it ends, 300 m to the west and back.
    assert g.cause_of(one) == Cause.WIDE_ROAD
    rows = g.found(one)
    assert (rows.walk_seconds[0], rows.freed_seconds[0]) == (100 + 300 + 400 + 100, 300)
    assert g.cause_of(g.study(streets, [(300, 0)], g.facilities([(400, 200)]), [g.requirement("clinic", 320)])) is None


def test_stairs():
    line = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0))])
    stairs = replace(line, steps=np.array([False, True]))
    slow = replace(g.WALKER, stairs_factor=3.0)
    one = g.study(stairs, [(0, 0)], g.facilities([(200, 0)]), [CLINIC_300], walker=slow)
    assert g.cause_of(one) == Cause.SLOPE_OR_STAIRS
    rows = g.found(one)
    assert (rows.walk_seconds[0], rows.freed_seconds[0]) == (100 + 300, 200)


def test_waits_at_crossings():
    cross = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((100, -100), (100, 0)), ((100, 0), (100, 100))])
    road = replace(cross, road=np.array([0, 0, Road.PRIMARY, Road.PRIMARY], np.int8))
    waiting = replace(g.WALKER, crossing=CrossingSeconds(primary=60.0))
    one = g.study(road, [(0, 0)], g.facilities([(200, 0)]), [g.requirement("clinic", 220)], walker=waiting)
    assert g.cause_of(one) == Cause.CROSSING_WAIT
    rows = g.found(one)
    assert (rows.walk_seconds[0], rows.freed_seconds[0]) == (260, 200)


def test_the_edge_of_the_data():
    cut = replace(GRID, node_cut=(GRID.node_xy == (0, 0)).all(axis=1))
    one = g.study(cut, [(200, 0), (500, 0)], g.facilities([(500, 500)]), [CLINIC_300])
    assert [g.cause_of(one, home) for home in (0, 1)] == [Cause.EDGE_OF_DATA, Cause.TOO_FAR]


def test_as_many_residents_by_cause_as_are_not_covered():
    one = g.study(GRID, [(0, 0), (100, 0), (500, 0), (0, -900)], g.facilities([(400, 0)]), [CLINIC_300])
    rows = g.found(one)
    residents = np.bincount(rows.cause, one.homes.residents[rows.home], len(Cause))
    assert residents.tolist() == [8.0, *[0.0] * (Cause.TOO_FAR - 1), 1.0, *[0.0] * (len(Cause) - Cause.TOO_FAR - 1)]


@given(st.data())
def test_exactly_one_cause_for_each_home_and_requirement_that_is_not_met(data):
    spot = st.tuples(st.integers(-5, 55).map(lambda x: 10.0 * x), st.integers(-5, 55).map(lambda y: 10.0 * y))
    town, _ = estate((290, 200), streets=replace(GRID, node_cut=(GRID.node_xy == (0, 0)).all(axis=1)))
    rules = [g.requirement("clinic", 150), g.requirement("clinic", 300), g.requirement("school", 300)]
    one = g.study(
        town,
        data.draw(st.lists(spot, min_size=1, max_size=6)),
        g.facilities(data.draw(st.lists(spot, max_size=2)), data.draw(st.lists(spot, max_size=2))),
        rules,
        cap_metres=60.0,
    )
    seconds, rows = g.walks(one), g.found(one)
    beyond = np.array(
        [~(seconds[service] <= rule.limit_seconds) for service, rule in zip((0, 0, 1), rules, strict=True)]
    )
    assert np.column_stack([rows.requirement, rows.home]).tolist() == np.argwhere(beyond).tolist()
    # What is said to be in the way is: without it the walk is in time, and never shorter than the straight line by more than rounding.
    limit = np.array([rule.limit_seconds for rule in rules])[rows.requirement]
    freed = np.isfinite(rows.freed_seconds)
    assert (freed == np.isin(rows.cause, (Cause.OWN_WALL, Cause.OTHER_WALL, Cause.PRIVATE_STREET))).all()
    assert (rows.freed_seconds[freed] <= limit[freed]).all()
    assert (rows.freed_seconds[freed] >= rows.straight_metres[freed] - 0.1).all()
