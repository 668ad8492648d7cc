"""What is broken, empty or extreme has a defined answer or one clear error, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely

import town as t
from livingcircle.errors import InputError, LivingCircleError, NetworkError, SettingsError
from livingcircle.kernel import search
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.graph import (
    LONGEST_SEARCH_SECONDS,
    LONGEST_STREET_TICKS,
    NO_WALK,
    TICKS_PER_SECOND,
    as_ticks,
    build_network,
    limit_ticks,
)
from livingcircle.kernel.impedance import impedance, timed_streets, walker_impedance
from livingcircle.kernel.joints import timed
from livingcircle.kernel.reach import reach_few, reach_nearest, reach_table
from livingcircle.kernel.seeds import UNREACHED, ending_at
from livingcircle.model.network import StreetEdges
from livingcircle.model.standard import Words
from livingcircle.model.walker import Walker
from livingcircle.sources.streets import streets_from_osm

TWO = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0))])
ONE = np.ones((1, 1), bool)


@pytest.fixture(autouse=True, params=["compiled", "scipy"])
def _searches(request, monkeypatch):
    """Whatever searches by machine code must hold where numba is missing too."""
    if request.param == "scipy":
        monkeypatch.setattr(search, "_compiled", lambda: None)


def fault_of(kind: type[LivingCircleError], work: Callable[[], object]) -> str:
    """Return the one fault of the error some work must raise, after making sure it speaks both languages."""
    with pytest.raises(kind) as caught:
        work()
    (fault,) = caught.value.faults
    chinese = {
        language: any("一" <= letter <= "鿿" for letter in fault.sentence(language)) for language in ("zh", "en")
    }
    assert chinese == {"zh": True, "en": False}
    return fault.kind


def along(*lengths: float, **columns: np.ndarray) -> StreetEdges:
    """Make streets one after another along a line, of these lengths; 0 is a street of two equal points."""
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    xy = np.stack([ends, np.zeros(len(ends))], axis=1)
    number = np.arange(len(ends), dtype=np.int32)
    lines = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), object)
    return StreetEdges.plain(start=number[:-1], end=number[1:], lines=lines, node_xy=xy, crs=t.CRS, **columns)


def point(x: float, y: float = 0.0) -> np.ndarray:
    return np.array([shapely.Point(x, y)], object)


# ── Streets ─────────────────────────────────────────────────────────────────


def test_no_street_at_all():
    assert fault_of(NetworkError, lambda: build_network(TWO.take(np.empty(0, np.intp)), 0)) == "no_network"
    shut = replace(TWO, forward=np.zeros(2, bool), backward=np.zeros(2, bool))
    assert fault_of(NetworkError, lambda: build_network(shut, 0)) == "no_network"


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_junction_at_no_place(wrong):
    xy = TWO.node_xy.copy()
    xy[1, 0] = wrong
    assert fault_of(NetworkError, lambda: build_network(replace(TWO, node_xy=xy), 0)) == "bad_length"


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0])
def test_a_length_that_is_none(wrong):
    streets = replace(TWO, metres=np.array([wrong, 100.0]))
    assert fault_of(NetworkError, lambda: build_network(streets, 0)) == "bad_length"


with np.errstate(invalid="ignore"):
    HOLED = shapely.LineString([(0, 0), (np.nan, np.nan), (100, 0)])


@pytest.mark.parametrize("wrong", [None, shapely.LineString(), HOLED])
def test_a_line_that_is_none(wrong):
    lines = TWO.lines.copy()
    lines[0] = wrong
    assert fault_of(NetworkError, lambda: build_network(replace(TWO, lines=lines), 0)) == "bad_length"


def test_streets_in_degrees(tmp_path):
    extract = tmp_path / "town.osm"
    extract.write_text(
        '<osm version="0.6"><node id="1" lat="28.1" lon="-15.4"/><node id="2" lat="28.2" lon="-15.4"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>',
        encoding="utf-8",
    )
    assert fault_of(InputError, lambda: streets_from_osm(extract, "EPSG:4326")) == "geographic_crs"


def test_only_streets_that_return_to_their_own_junction():
    ring = shapely.LineString([(0, 0), (0, 100), (100, 100), (100, 0), (0, 0)])
    loops = StreetEdges.plain(
        start=np.zeros(2, np.int32),
        end=np.zeros(2, np.int32),
        lines=np.array([ring, shapely.LineString([(0, 0), (-20, 0), (0, -20), (0, 0)])], object),
        node_xy=np.zeros((1, 2)),
        crs=t.CRS,
    )
    town = t.town(loops)
    assert town.reach([(100, 50)], [(0, 50)]).seconds.tolist() == [[200]]
    assert town.reach([(100, 50)], [(-20, 0)]).seconds.tolist() == [[150 + 20]]


def test_streets_without_length():
    town = t.town(along(0, 100, 0, 0, 50))
    assert town.network.nodes == 6
    assert town.reach([(-5, 0)], [(150, 0)]).seconds.tolist() == [[155]]
    assert town.reach([(150, 0)], [(100, 0)]).seconds.tolist() == [[50]]
    spot = t.town(along(0), minimum_island_metres=0)
    assert spot.reach([(3, 4)], [(0, 5)]).seconds.tolist() == [[10]]


def test_of_parallel_streets_the_shorter_counts():
    pair = [((0, 0), (100, 0))] * 3
    streets = replace(t.streets(pair), metres=np.array([300.0, 120.0, 200.0]))
    spurs = t.streets([((-10, 0), (0, 0)), ((100, 0), (110, 0))])
    joined = StreetEdges.plain(
        start=np.concatenate([streets.start + 1, [0, 2]]).astype(np.int32),
        end=np.concatenate([streets.end + 1, [1, 3]]).astype(np.int32),
        metres=np.concatenate([streets.metres, spurs.metres]),
        lines=np.concatenate([streets.lines, spurs.lines]),
        node_xy=np.array([(-10.0, 0.0), (0.0, 0.0), (100.0, 0.0), (110.0, 0.0)]),
        crs=t.CRS,
    )
    town = t.town(joined)
    assert town.reach([(-10, 0)], [(110, 0)]).seconds.tolist() == [[10 + 120 + 10]]
    walk, seeds = town.walk, ending_at(timed(town.join([(110, 0)]), town.network, town.walk), 1)
    keys = search.nearest(walk.toward, seeds, limit_ticks(1000))
    assert (keys >> np.uint64(32)).max() == 140 * TICKS_PER_SECOND


def test_parts_that_do_not_meet_are_kept_if_large_and_else_dropped():
    apart = t.streets([((0, 0), (100, 0)), ((1000, 0), (1050, 0)), ((2000, 0), (2010, 0))])
    network, islands = build_network(apart, 50)
    assert (len(network.streets), islands.count, islands.metres) == (2, 1, 10)
    town = t.Town(network, impedance(network, 1.0))
    reach = town.reach([(0, 0), (1000, 0), (2000, 0)], [(100, 0)])
    np.testing.assert_array_equal(reach.seconds, [[100, np.inf, np.nan]])
    assert reach.facility.tolist() == [[0, -1, -1]]


@pytest.mark.parametrize("minimum", [1e9, np.inf])
def test_the_longest_part_stays_however_short(minimum):
    network, islands = build_network(t.streets([((0, 0), (3, 0)), ((9, 0), (10, 0))]), minimum)
    assert (network.nodes, islands.count) == (2, 1)


# ── Speeds, limits, overflow ────────────────────────────────────────────────


@pytest.mark.parametrize("speed", [0.0, -1.0, np.nan, np.inf])
def test_a_speed_that_is_none(speed):
    network, _ = build_network(TWO, 0)
    assert fault_of(SettingsError, lambda: impedance(network, speed)) == "bad_speed"
    walker = Walker("nobody", Words("", ""), speed)
    assert fault_of(SettingsError, lambda: walker_impedance(network, walker, None)) == "bad_speed"


def test_light_takes_no_time():
    assert t.town(TWO, 3e8).reach([(0, 0)], [(200, 0)]).seconds.tolist() == [[0]]


def test_a_street_of_more_than_a_day_is_refused_and_a_walk_of_more_is_none():
    endless = along(1e7)
    assert fault_of(NetworkError, lambda: t.town(endless)) == "endless_street"
    assert fault_of(NetworkError, lambda: t.town(TWO, 1e-9)) == "endless_street"
    long = t.town(along(*[80_000.0] * 3))
    np.testing.assert_array_equal(long.reach([(0, 0), (160_001, 0)], [(240_000, 0)]).seconds, [[np.inf, 79_999]])


@pytest.mark.parametrize("wrong", [2**31 + 5, LONGEST_STREET_TICKS + 1, -1])
def test_ticks_that_could_overflow_a_sum_are_refused(wrong):
    network, _ = build_network(TWO, 0)
    ticks, none = np.array([wrong, 1], np.int64), np.zeros(2, np.int32)
    assert fault_of(NetworkError, lambda: timed_streets(network, ticks, ticks, none, none, 1.0)) == "endless_street"


def test_the_longest_streets_there_can_be_add_up_without_overflow():
    longest = np.full(2, LONGEST_STREET_TICKS)
    network, _ = build_network(TWO, 0)
    walk = timed_streets(network, longest, longest, *(np.zeros(2, np.int32),) * 2, 1.0)
    homes, places = join_points(np.array([(50.0, 0.0), (101.0, 0.0)]), network, 1), join_areas(point(200), network, 1)
    assert np.isinf(reach_nearest(network, walk, homes, places, ONE).seconds).all()
    access = as_ticks(np.array([LONGEST_SEARCH_SECONDS]))[0]
    assert access < 2**21
    assert LONGEST_STREET_TICKS < 2**23
    assert int(NO_WALK) + LONGEST_STREET_TICKS + 2 * int(access) < 2**31
    assert int(UNREACHED) + ((int(NO_WALK) + LONGEST_STREET_TICKS + 2 * int(access)) << 32) < 2**64


@pytest.mark.parametrize("limit", [-1.0, np.nan, -np.inf])
def test_a_limit_that_is_none(limit):
    town = t.town(TWO)
    homes, places = town.join([(10, 0)]), town.join([(20, 0)])
    network, walk = town.network, town.walk
    for work in (
        lambda: reach_nearest(network, walk, homes, places, ONE, limit),
        lambda: reach_few(network, walk, homes, places, ONE, 2, limit),
        lambda: reach_table(network, walk, places, homes, limit),
    ):
        assert fault_of(SettingsError, work) == "bad_limit"


def test_a_limit_of_nothing_reaches_who_is_there_already():
    town = t.town(TWO)
    homes, places = town.join([(10, 0), (20, 0), (100, 0), (21, 0)]), town.join([(20, 0), (100, 0)])
    reach = reach_nearest(town.network, town.walk, homes, places, np.ones((2, 1), bool), 0)
    assert reach.seconds.tolist() == [[np.inf, 0, 0, np.inf]]
    assert reach.facility.tolist() == [[-1, 0, 1, -1]]
    table = reach_table(town.network, town.walk, places, homes, 0)
    assert (table.indptr.tolist(), table.home.tolist()) == ([0, 1, 2], [1, 2])


def test_no_limit_is_a_day():
    assert limit_ticks(np.inf) == limit_ticks(LONGEST_SEARCH_SECONDS) == LONGEST_SEARCH_SECONDS * TICKS_PER_SECOND


# ── Places ──────────────────────────────────────────────────────────────────


def test_nobody_and_nothing():
    town = t.town(TWO)
    network, walk = town.network, town.walk
    nobody, nothing = town.join([]), join_areas(np.empty(0, object), network, 300)
    home, place = town.join([(10, 0)]), join_areas(point(20), network, 300)
    assert reach_nearest(network, walk, nobody, place, ONE).seconds.shape == (1, 0)
    without = reach_nearest(network, walk, home, nothing, np.ones((0, 2), bool))
    assert np.isinf(without.seconds).all()
    assert (without.facility == -1).all()
    assert np.isinf(without.node_seconds).all()
    assert reach_nearest(network, walk, home, place, np.ones((1, 0), bool)).seconds.shape == (0, 1)
    assert np.isinf(reach_nearest(network, walk, home, place, ~ONE).seconds).all()
    assert len(reach_table(network, walk, nothing, home, 100).home) == 0
    assert len(reach_table(network, walk, place, nobody, 100).home) == 0
    assert np.isinf(reach_few(network, walk, home, nothing, np.ones((0, 1), bool), 3, 100).seconds).all()


@pytest.mark.parametrize("wrong", [(np.nan, 0.0), (0.0, np.inf), (np.nan, np.nan)])
def test_a_home_at_no_place_joins_nothing_and_harms_nobody(wrong):
    town = t.town(TWO)
    homes = join_points(np.array([wrong, (10.0, 0.0)]), town.network, 300)
    assert homes.joined.tolist() == [False, True]
    reach = reach_nearest(town.network, town.walk, homes, town.join([(20, 0)]), ONE)
    np.testing.assert_array_equal(reach.seconds, [[np.nan, 10]])


@pytest.mark.parametrize("shape", [None, shapely.Point(), shapely.Polygon()])
def test_a_facility_without_a_shape_joins_nothing(shape):
    town = t.town(TWO)
    shapes = np.concatenate([np.array([shape], object), point(20)])
    anchors = join_areas(shapes, town.network, 300)
    assert anchors.joined.tolist() == [False, True]
    reach = reach_nearest(town.network, town.walk, town.join([(10, 0)]), anchors, np.ones((2, 1), bool))
    assert reach.facility.tolist() == [[1]]


@pytest.mark.parametrize(("cap", "joined"), [(0.0, [False, True]), (-1.0, [False, False]), (np.inf, [True, True])])
def test_caps_at_their_ends(cap, joined):
    network, _ = build_network(TWO, 0)
    assert join_points(np.array([(10.0, 5.0), (10.0, 0.0)]), network, cap).joined.tolist() == joined


def test_nowhere_to_join():
    below = t.town(t.streets([((0, 0), (100, 0))], below=[0]))
    reach = below.reach([(0, 0)], [(100, 0)])
    assert np.isnan(reach.seconds).all()


def test_searches_without_seeds_reach_nothing():
    town = t.town(TWO)
    seeds = ending_at(timed(town.join([]), town.network, town.walk), 0)
    assert (search.nearest(town.walk.toward, seeds, 100) == UNREACHED).all()
    assert search.rows(town.walk.toward, seeds, 100).indptr.tolist() == [0]
    assert (search.nearest_few(town.walk.toward, seeds, 3, 100) == UNREACHED).all()
