"""What if: after every change, times equal a full run on the changed inputs; only what a change touches is worked out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import town as t
from livingcircle.errors import NetworkError
from livingcircle.kernel import change
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.change import (
    Scenario,
    add_facility,
    add_gate,
    add_street,
    begin,
    close_streets,
    move_facility,
    remove_facility,
    remove_gate,
)
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import Impedance, impedance, walker_impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.seeds import UNREACHED
from livingcircle.kernel.sides import with_sides
from livingcircle.model.compound import Walls
from livingcircle.model.network import Lane, Road, StreetEdges, WalkNetwork
from livingcircle.model.standard import Words
from livingcircle.model.walker import CrossingSeconds, Walker
from livingcircle.sources.streets import streets_from_osm

CAP = 300.0
HALF_HOUR = 1800.0


def scenario(
    edges: StreetEdges, homes, shapes, serves=None, limit_seconds=HALF_HOUR, speed=1.0, walls=None
) -> Scenario:
    network, _ = build_network(edges, 0)
    xy = np.array(homes, float).reshape(-1, 2)
    places = np.array([shapely.Point(s) if isinstance(s, tuple) else s for s in shapes], object)
    return begin(
        network,
        impedance(network, speed),
        xy,
        join_points(xy, network, CAP, walls=walls),
        places,
        join_areas(places, network, CAP, walls=walls),
        np.ones((len(places), 1), bool) if serves is None else np.array(serves, bool),
        limit_seconds,
        walls=walls,
    )


def assert_like_a_full_run(after: Scenario) -> None:
    """Build, join and search all over from the streets as they are now, numbered anew; and search again by the numbers there are."""
    network, _ = build_network(after.network.streets, 0)
    walk = impedance(network, after.walk.speed_metres_per_second)
    limit_seconds = after.limit / 20
    homes = join_points(shapely.get_coordinates(after.homes), network, CAP, walls=after.walls)
    places = join_areas(after.shapes, network, CAP, walls=after.walls)
    full = reach_nearest(network, walk, homes, places, after.serves, limit_seconds)
    reach = after.reach()
    np.testing.assert_array_equal(reach.seconds, full.seconds)
    np.testing.assert_array_equal(reach.facility, full.facility)
    np.testing.assert_array_equal(after.home_anchors.nearest_metres, homes.nearest_metres)

    same = reach_nearest(
        after.network, after.walk, after.home_anchors, after.facility_anchors, after.serves, limit_seconds
    )
    for name in ("seconds", "facility", "node_seconds", "node_facility"):
        np.testing.assert_array_equal(getattr(reach, name), getattr(same, name))


GRID = t.grid_streets(6, 4)


def row_between(one: Scenario, a: tuple[float, float], b: tuple[float, float]) -> int:
    streets = one.network.streets
    wanted = shapely.LineString([a, b])
    return next(row for row in range(len(streets)) if streets.lines[row].equals(wanted) and streets.forward[row])


def test_a_new_facility_serves_those_it_is_nearest_to():
    before = scenario(GRID, [(0, 0), (500, 0)], [(100, 0)])
    made = add_facility(before, shapely.Point(400, 0), np.array([True]))
    assert made.after.reach().seconds.tolist() == [[100, 100]]
    assert made.homes.tolist() == [1]
    assert before.reach().seconds.tolist() == [[100, 400]], "the scenario before stays as it was"
    assert_like_a_full_run(made.after)


def test_a_facility_that_closes_sends_its_homes_to_the_next():
    before = scenario(GRID, [(0, 0), (500, 0)], [(100, 0), (400, 0)])
    made = remove_facility(before, 0)
    assert made.after.reach().seconds.tolist() == [[400, 100]]
    assert made.homes.tolist() == [0]
    assert_like_a_full_run(made.after)
    assert np.isinf(remove_facility(made.after, 1).after.reach().seconds).all()


def test_a_facility_is_dragged_along():
    now = scenario(GRID, [(0, 0)], [(100, 0)])
    for x in (150, 230, 500):
        now = move_facility(now, 0, shapely.Point(x, 0)).after
        assert now.reach().seconds[0, 0] == x
        assert_like_a_full_run(now)


def test_only_the_services_offered_are_searched_again():
    before = scenario(GRID, [(0, 0)], [(100, 0), (200, 0)], serves=[[1, 0], [0, 1]])
    after = add_facility(before, shapely.Point(0, 100), np.array([False, True])).after
    assert after.node_keys[0] is before.node_keys[0]
    assert after.reach().seconds.tolist() == [[100], [100]]


def test_a_closed_street_is_walked_round_and_left_by_its_homes():
    before = scenario(GRID, [(0, 0), (120, 10)], [(300, 0)])
    made = close_streets(before, np.array([row_between(before, (100, 0), (200, 0))]))
    # Over the next street up; who lived on the closed street joins the nearest left, that at x = 100, 20 m off.
    assert made.after.reach().seconds[0].tolist() == [5 * 100, 20 + 90 + 3 * 100]
    assert made.homes.tolist() == [0, 1]
    assert_like_a_full_run(made.after)


def test_who_is_cut_off_reaches_nothing():
    path = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((200, 0), (300, 0))])
    before = scenario(path, [(0, 0)], [(300, 0)])
    after = close_streets(before, np.array([row_between(before, (100, 0), (200, 0))])).after
    assert np.isinf(after.reach().seconds[0, 0])
    assert_like_a_full_run(after)


def test_a_new_path_splits_the_streets_at_its_ends():
    before = scenario(GRID, [(150, 0), (20, -5)], [(150, 300)])
    assert before.reach().seconds[0, 0] == 50 + 300 + 50
    made = add_street(before, shapely.LineString([(150, 3), (150, 297)]))
    assert made.after.reach().seconds[0].tolist() == [300, 5 + 130 + 300]
    assert made.after.network.nodes == before.network.nodes + 2
    assert_like_a_full_run(made.after)


def test_a_path_that_ends_near_a_junction_meets_it_there():
    before = scenario(GRID, [(0, 0)], [(500, 300)])
    made = add_street(before, shapely.LineString([(1, 1), (499, 299)]))
    assert made.after.network.nodes == before.network.nodes
    assert made.after.reach().seconds[0, 0] == pytest.approx(np.hypot(500, 300), abs=0.05)
    assert_like_a_full_run(made.after)


def test_homes_beside_a_new_street_join_it_and_others_keep_their_street():
    before = scenario(GRID, [(50, 40), (50, 10)], [(0, 50)])
    after = add_street(before, shapely.LineString([(0, 50), (100, 50)])).after
    assert after.reach().seconds[0].tolist() == [10 + 50, 10 + 50 + 50]
    assert_like_a_full_run(after)


def test_a_dead_end_needs_only_one_street():
    before = scenario(GRID, [(250, 550)], [(250, 300)])
    assert before.reach().seconds[0, 0] == 250
    after = add_street(before, shapely.LineString([(200, 300), (200, 550)])).after
    assert after.reach().seconds[0, 0] == 50 + 250 + 50
    with pytest.raises(NetworkError, match="street"):
        add_street(before, shapely.LineString([(2000, 0), (3000, 0)]))


def test_a_line_across_a_street_is_a_bridge_over_it():
    before = scenario(GRID, [(200, 150)], [(250, 0)])
    made = add_street(before, shapely.LineString([(250, 0), (250, 200)])).after
    assert made.reach().seconds[0, 0] == 50 + 100 + 50, "nobody gets down to the street at y = 100 half-way"


def test_a_loop_and_a_path_with_both_ends_on_one_street():
    before = scenario(GRID, [(110, 0)], [(190, 0)])
    loop = add_street(before, shapely.LineString([(150, 0), (160, 40), (140, 40), (150, 0)])).after
    assert loop.reach().seconds[0, 0] == 80
    assert_like_a_full_run(loop)
    beside = add_street(loop, shapely.LineString([(120, 0), (150, 20), (180, 0)])).after
    assert beside.reach().seconds[0, 0] == 80
    assert_like_a_full_run(beside)


def test_a_gate_lets_those_behind_it_out_and_nobody_through():
    # The street at y = 0 is private, with its only gate at (400, 0); the open street runs 50 m below it.
    pieces = [((0, 0), (400, 0)), ((400, 0), (400, -50)), ((400, -50), (0, -50)), ((0, -50), (-100, -50))]
    edges = t.streets(pieces)
    private = np.array([line.length == 400 and line.coords[0][1] == 0 for line in edges.lines])
    lanes = with_lanes(replace(edges, private=private))
    home, shop = (100.0, 0.0), (100.0, -50.0)
    before = scenario(lanes, [home], [shop])
    assert before.reach().seconds[0, 0] == 300 + 50 + 300
    made = add_street(before, shapely.LineString([(150, -50), (150, 0)]))
    assert made.after.reach().seconds[0, 0] == 50 + 50 + 50
    assert_like_a_full_run(made.after)
    # From the open street to the open street through both gates there is still no way.
    through = scenario(made.after.network.streets, [(400, -30)], [(-100, -50)])
    assert through.reach().seconds[0, 0] == 20 + 500
    gate = np.arange(len(before.network.streets), len(made.after.network.streets))
    links = gate[made.after.network.streets.lane[gate] == Lane.LINK]
    assert len(links) == 2
    shut = close_streets(made.after, links).after
    assert shut.reach().seconds[0, 0] == 300 + 50 + 300
    assert_like_a_full_run(shut)


def test_a_gate_is_opened_where_an_open_and_a_private_street_pass():
    pieces = [((0, 0), (400, 0)), ((400, 0), (400, -10)), ((400, -10), (0, -10))]
    edges = t.streets(pieces)
    private = np.array([line.coords[0][1] == 0 and line.coords[1][1] == 0 for line in edges.lines])
    before = scenario(with_lanes(replace(edges, private=private)), [(100, 0)], [(100, -10)])
    assert before.reach().seconds[0, 0] == 300 + 10 + 300
    made = add_gate(before, (150.0, -5.0))
    assert made.after.reach().seconds[0, 0] == 50 + 10 + 50
    assert_like_a_full_run(made.after)


def test_a_gate_that_is_shut_opens_only_when_asked():
    # The private street ends at the open one, but its gate there is shut: its own junction lies at the same place, with no step between.
    xy = np.array([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)])
    start, end = np.array([0, 1, 3, 4, 5], np.int32), np.array([1, 2, 4, 5, 0], np.int32)
    edges = t.StreetEdges.plain(
        start=start, end=end, lines=shapely.linestrings(np.stack([xy[start], xy[end]], axis=1)), node_xy=xy, crs=t.CRS
    )
    private = np.array([False, False, True, False, False])
    before = scenario(with_lanes(replace(edges, private=private)), [(100, 30)], [(150, 0)])
    assert before.reach().seconds[0, 0] == 20 + 100 + 50 + 100 + 50
    made = add_street(before, shapely.LineString([(100, 0), (100, -40)])).after
    assert made.reach().seconds[0, 0] == before.reach().seconds[0, 0], "a path that ends at the gate does not open it"
    opened = add_gate(made, (100.0, 0.0)).after
    assert opened.reach().seconds[0, 0] == 30 + 50
    assert_like_a_full_run(opened)


def test_a_gate_in_a_wall_without_streets_behind_it():
    # The estate lies north of the street, its only gate at x = 100; the homes stand 30 m and 20 m from the wall.
    estate = np.array([shapely.box(0, 5, 400, 100)], object)
    area, out = np.zeros(1, np.int32), np.full(1, -1, np.int32)
    walls = Walls(estate, np.array([(100.0, 5.0)]), area, out, np.ones(1, bool), np.zeros(1, bool))
    street = t.streets([((-100, 0), (200, 0)), ((200, 0), (500, 0))])
    before = scenario(street, [(100, 35), (300, 25), (250, -5)], [(400, 0)], walls=walls)
    across = np.hypot(200, 20)
    assert before.reach().seconds[0].tolist() == pytest.approx([30 + 5 + 300, across + 5 + 300, 5 + 150], abs=0.05)
    made = add_gate(before, (300.0, 4.0))
    assert made.homes.tolist() == [0, 1]
    after = made.after.reach().seconds[0].tolist()
    assert after == pytest.approx([np.hypot(200, 31) + 4 + 100, 21 + 4 + 100, 5 + 150], abs=0.05)
    assert_like_a_full_run(made.after)
    shut = remove_gate(made.after, 0).after
    assert_like_a_full_run(shut)
    none = remove_gate(shut, 0).after
    assert np.isnan(none.reach().seconds[0, :2]).all(), "behind a wall without a gate nobody meets a street"
    assert_like_a_full_run(none)
    inside = add_street(before, shapely.LineString([(300, 0), (300, 25)]))
    assert_like_a_full_run(inside.after)
    with pytest.raises(NetworkError):
        add_gate(before, (300.0, -80.0))
    on_street = replace(before, walls=replace(walls, on_street=np.ones(1, bool)))
    with pytest.raises(NetworkError, match="street leads through"):
        remove_gate(on_street, 0)
    with pytest.raises(IndexError):
        remove_gate(before, 1)


def test_a_wide_road_is_met_on_the_side_the_path_comes_from():
    # The road is crossed at its ends only; the path comes from the north, and to the south one walks round the eastern end.
    pieces = [((0, 0), (400, 0)), ((0, 0), (0, 100)), ((0, 100), (400, 100))]
    edges = t.streets(pieces)
    wide = np.array([shapely.get_coordinates(line)[:, 1].max() == 0 for line in edges.lines])
    road = np.where(wide, Road.PRIMARY, Road.NONE).astype(np.int8)
    sides = with_sides(replace(edges, wide=wide, road=road))
    before = scenario(sides, [(200, 110)], [(250, 5), (250, -5)], serves=[[1, 0], [0, 1]])
    made = add_street(before, shapely.LineString([(200, 100), (200, 0)]))
    assert before.reach().seconds[0, 0] == 10 + 200 + 100 + 250 + 5
    assert made.after.reach().seconds[:, 0].tolist() == [10 + 100 + 50 + 5, 10 + 100 + 200 + 150 + 5]
    assert_like_a_full_run(made.after)


@pytest.mark.parametrize("line", [[(0, 0), (0, 0)], [(0, 0), (np.inf, 0)], [(-9000, 0), (-9100, 0)]])
def test_a_line_that_is_no_street_is_refused(line):
    before = scenario(GRID, [(0, 0)], [(100, 0)])
    with np.errstate(invalid="ignore"), pytest.raises(NetworkError):
        add_street(before, shapely.LineString(line))


def test_what_is_not_there_cannot_change():
    before = scenario(GRID, [(0, 0)], [(100, 0)])
    for work in (
        lambda: remove_facility(before, 1),
        lambda: move_facility(before, 7, shapely.Point(0, 0)),
        lambda: close_streets(before, np.array([len(before.network.streets)])),
    ):
        with pytest.raises(IndexError):
            work()
    for shape in (shapely.Point(), shapely.Point(99_999, 0)):
        nowhere = add_facility(before, shape, np.array([True]))
        assert not len(nowhere.homes)
        assert nowhere.after.facility_anchors.joined.tolist() == [True, False]
    assert not len(close_streets(before, np.empty(0, np.intp)).homes)


def test_slower_walkers_keep_their_pace_on_new_streets():
    before = scenario(GRID, [(0, 0)], [(500, 300)], speed=0.5)
    after = add_street(before, shapely.LineString([(0, 0), (500, 300)])).after
    assert after.reach().seconds[0, 0] == pytest.approx(2 * np.hypot(500, 300), abs=0.05)


def test_the_walker_of_a_scenario_times_what_is_new_and_what_lies_beside_it():
    # Streets cost ten seconds for each street that meets their start: a timing that depends on the neighbours.
    def crowded(network: WalkNetwork, _: np.ndarray | None = None) -> Impedance:
        from livingcircle.kernel.impedance import timed_streets

        streets = network.streets
        walked = streets.forward | streets.backward
        ends = np.concatenate([streets.start[walked], streets.end[walked]])
        meet = np.bincount(ends, minlength=len(streets.node_xy)).astype(np.int32) * 200
        wait = meet[streets.start]
        ticks = np.rint(streets.metres * 20).astype(np.int32) + wait
        return timed_streets(network, ticks, ticks, wait, np.zeros(len(streets), np.int32), 1.0)

    network, _ = build_network(GRID, 0)
    xy, shapes = np.array([(0.0, 0.0), (130.0, 5.0)]), np.array([shapely.Point(500, 300)], object)
    homes, places = join_points(xy, network, CAP), join_areas(shapes, network, CAP)
    now = begin(network, crowded(network), xy, homes, shapes, places, np.ones((1, 1), bool), timing=crowded)
    for line in ([(150, 0), (250, 100)], [(200, 150), (400, 150)], [(200, 100), (300, 200)]):
        now = add_street(now, shapely.LineString(line)).after
        whole = crowded(now.network)
        for name in ("forward", "backward", "wait_at_start"):
            walked = now.network.streets.forward
            np.testing.assert_array_equal(getattr(now.walk, name)[walked], getattr(whole, name)[walked])
        full = reach_nearest(now.network, whole, now.home_anchors, now.facility_anchors, now.serves)
        np.testing.assert_array_equal(now.reach().seconds, full.seconds)


# ── Keys ────────────────────────────────────────────────────────────────────


def test_a_circle_of_steps_without_length_does_not_uphold_itself():
    # 1 and 2 lie at one place and lead to each other for nothing; once the way from 0 is closed nothing leads there.
    edges = t.StreetEdges.plain(
        start=np.array([0, 1, 1, 0], np.int32),
        end=np.array([1, 2, 2, 3], np.int32),
        lines=shapely.linestrings([[(0, 0), (100, 0)], [(100, 0), (100, 0)], [(100, 0), (100, 0)], [(0, 0), (0, 9)]]),
        node_xy=np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 0.0), (0.0, 9.0)]),
        crs=t.CRS,
    )
    before = scenario(edges, [], [(0, 0)])
    assert (before.node_keys[0] < UNREACHED).all()
    closed = close_streets(before, np.array([row_between(before, (0, 0), (100, 0))])).after
    assert (closed.node_keys[0] < UNREACHED).sum() == 2


def test_without_numba_answers_are_the_same(monkeypatch):
    before = scenario(GRID, [(0, 0), (150, 0)], [(300, 0), (100, 300)])
    with_loop = add_street(before, shapely.LineString([(150, 0), (150, 300)]))
    monkeypatch.setattr(change, "_loop", lambda: None)
    without = add_street(before, shapely.LineString([(150, 0), (150, 300)]))
    np.testing.assert_array_equal(with_loop.after.node_keys[0], without.after.node_keys[0])
    assert with_loop.homes.tolist() == without.homes.tolist()


# ── A real town ─────────────────────────────────────────────────────────────


@pytest.mark.real_city
def test_fifty_changes_in_helsinki_equal_full_runs(shared_data):
    """Waits at crossings, wide roads of two sides, private streets: each full run builds, times, joins and searches from the streets."""
    read = streets_from_osm(shared_data / "helsinki" / "Helsinki.osm.pbf", None).value
    walker = Walker(
        "everyone", Words("", ""), 1.25, stairs_factor=2.0, crossing=CrossingSeconds(20.0, 5.0, 8.0, 15.0, 25.0)
    )
    network, _ = build_network(with_lanes(with_sides(read)), 1000)
    chance = np.random.default_rng(7)

    def places(count: int) -> np.ndarray:
        return chance.choice(network.streets.node_xy, count) + chance.normal(0, 25, (count, 2))

    xy = places(500)
    shapes = np.array([shapely.Point(at).buffer(chance.choice([1, 60])) for at in places(30)], object)
    now = begin(
        network,
        walker_impedance(network, walker, None),
        xy,
        join_points(xy, network, CAP),
        shapes,
        join_areas(shapes, network, CAP),
        chance.random((30, 4)) < 0.4,
        HALF_HOUR,
        timing=lambda part, _: walker_impedance(part, walker, None),
    )
    changed = 0
    for turn in range(50):
        here, there = places(1)[0], chance.normal(0, 150, 2)
        if turn % 5 == 0:
            made = add_facility(now, shapely.Point(here), chance.random(4) < 0.5)
        elif turn % 5 == 1:
            made = move_facility(now, int(chance.integers(len(now.shapes))), shapely.Point(here).buffer(40))
        elif turn % 5 == 2:
            made = remove_facility(now, int(chance.integers(len(now.shapes))))
        elif turn % 5 == 3:
            made = close_streets(now, chance.integers(0, len(now.network.streets), 3))
        else:
            made = add_street(now, shapely.LineString([here, here + there]), 200.0)
        now = made.after
        changed += len(made.homes)
        built, _ = build_network(now.network.streets, 0)
        full = reach_nearest(
            built,
            walker_impedance(built, walker, None),
            join_points(xy, built, CAP),
            join_areas(now.shapes, built, CAP),
            now.serves,
            HALF_HOUR,
        )
        reach = now.reach()
        np.testing.assert_array_equal(reach.seconds, full.seconds, f"after change {turn}")
        np.testing.assert_array_equal(reach.facility, full.facility, f"after change {turn}")
    assert changed > 500


# ── Whatever happens ────────────────────────────────────────────────────────

ENDS = st.tuples(st.integers(-30, 330), st.integers(-30, 330)).map(lambda p: (float(p[0]), float(p[1])))
OPERATIONS = st.one_of(
    st.tuples(st.just("open"), ENDS, st.integers(1, 3)),
    st.tuples(st.just("park"), ENDS, st.integers(1, 3)),
    st.tuples(st.just("move"), ENDS, st.integers(0, 20)),
    st.tuples(st.just("remove"), st.integers(0, 20)),
    st.tuples(st.just("close"), st.lists(st.integers(0, 60), min_size=1, max_size=3)),
    st.tuples(st.just("draw"), ENDS, ENDS),
)


@st.composite
def random_town(draw):
    corner = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda c: (c[0] * 100.0, c[1] * 100.0))
    pieces = draw(st.lists(st.tuples(corner, corner).filter(lambda p: p[0] != p[1]), min_size=2, max_size=20))
    some = st.lists(st.integers(0, len(pieces) - 1), max_size=4)
    edges = t.streets(pieces, one_way=draw(some))
    return with_lanes(replace(edges, private=np.isin(np.arange(len(pieces)), draw(some))))


@settings(max_examples=150)
@given(
    random_town(),
    st.lists(ENDS, max_size=12),
    st.lists(ENDS, max_size=4),
    st.lists(OPERATIONS, min_size=1, max_size=6),
    st.sampled_from([200.0, HALF_HOUR]),
)
def test_any_changes_one_after_another_equal_a_full_run(edges, homes, places, operations, limit_seconds):
    serves = [[place % 2 == 0, True] for place in range(len(places))]
    now = scenario(edges, homes, places, np.array(serves, bool).reshape(-1, 2), limit_seconds)
    for operation, *words in operations:
        made = carried_out(now, operation, words)
        if made is None:
            continue
        was, is_ = now.reach(), made.after.reach()
        differs = ~((was.seconds == is_.seconds) | (np.isnan(was.seconds) & np.isnan(is_.seconds)))
        assert set(np.flatnonzero(differs.any(axis=0))) <= set(made.homes)
        now = made.after
        if (now.network.streets.forward | now.network.streets.backward).any():
            assert_like_a_full_run(now)


def carried_out(now: Scenario, operation: str, words):
    """Do one operation, or return None where it cannot be done."""
    if operation in ("open", "park"):
        point = shapely.Point(words[0])
        shape = point if operation == "open" else point.buffer(60)
        return add_facility(now, shape, np.array([words[1] & 1, words[1] & 2], bool))
    if operation in ("move", "remove") and not len(now.shapes):
        return None
    if operation == "move":
        return move_facility(now, words[1] % len(now.shapes), shapely.Point(words[0]))
    if operation == "remove":
        return remove_facility(now, words[0] % len(now.shapes))
    if operation == "close":
        return close_streets(now, np.array(words[0]) % len(now.network.streets))
    try:
        return add_street(now, shapely.LineString(words))
    except NetworkError:
        return None
