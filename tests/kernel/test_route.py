"""A walk told street by street takes exactly what the search for times says it takes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

import town as t
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.graph import as_ticks, build_network
from livingcircle.kernel.impedance import impedance, timed_streets, walker_impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.route import Gaits, walk_route
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges
from livingcircle.model.route import StepKind
from livingcircle.model.standard import Words
from livingcircle.model.walker import CrossingSeconds, Walker


def explained(place, home_xy, facility_xy, home=0, facilities=None, gaits=None):
    """Return the route of one home and what the search for times says of all."""
    geometry = shapely.points(np.array(facility_xy, float).reshape(-1, 2))
    homes, places = place.join(home_xy), join_areas(geometry, place.network, 300)
    chosen = np.arange(len(geometry)) if facilities is None else np.array(facilities)
    gaits = gaits or Gaits(*[place.walk] * 4)
    serves = np.isin(np.arange(len(geometry)), chosen)[:, None]
    reach = reach_nearest(place.network, gaits.full, homes, places, serves)
    route = walk_route(
        place.network, gaits, homes, places, home, np.array(home_xy[home], float), chosen, np.asarray(geometry, object)
    )
    return route, reach.seconds[0, home], int(reach.facility[0, home])


def agrees(route, seconds, facility):
    """Check everything that must hold of a route that exists."""
    assert route.seconds == seconds
    assert route.facility == facility
    assert route.legs.seconds.sum() == pytest.approx(seconds, abs=1e-9)
    assert route.parts.seconds == pytest.approx(seconds, abs=1e-6)
    assert route.steps.seconds.sum() == pytest.approx(seconds, abs=1e-9)
    assert route.steps.metres.sum() == pytest.approx(route.metres)
    ends = [shapely.get_coordinates(line)[[0, -1]] for line in route.legs.lines]
    for before, after in itertools.pairwise(ends):
        assert np.allclose(before[1], after[0], atol=1e-6)
    assert route.line.length == pytest.approx(route.metres, abs=1e-3)


def test_round_two_corners_of_the_grid():
    place = t.town(t.grid_streets(4, 4))
    route, seconds, facility = explained(place, [(50, 10)], [(250, 110)])
    agrees(route, seconds, facility)
    assert seconds == 10 + 50 + 100 + 150 + 10
    assert route.metres == seconds
    assert route.straight_metres == pytest.approx(np.hypot(200, 100))
    assert route.detour_ratio == pytest.approx(320 / np.hypot(200, 100))
    assert route.steps.kind.tolist() == ["leave", "path", "enter"]
    assert route.parts.access_seconds == 20
    assert route.parts.level_seconds == 300
    assert [route.line.coords[0], route.line.coords[-1]] == [(50, 10), (250, 110)]


def test_home_and_facility_on_one_street_meet_no_junction():
    place = t.town(t.grid_streets(3, 3))
    route, seconds, facility = explained(place, [(20, 5)], [(80, -5)])
    agrees(route, seconds, facility)
    assert seconds == 5 + 60 + 5
    assert route.legs.edge.tolist().count(-1) == 2
    assert len(route.legs) == 3
    back, seconds, facility = explained(place, [(80, 5)], [(20, -5)])
    agrees(back, seconds, facility)
    assert back.legs.from_fraction[1] > back.legs.to_fraction[1]


def test_against_a_one_way_street_one_walks_round():
    pieces = [((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 100), (0, 100)), ((0, 100), (0, 0))]
    place = t.town(t.streets(pieces, one_way=[0]))
    route, seconds, facility = explained(place, [(80, 0)], [(20, 0)])
    agrees(route, seconds, facility)
    assert seconds == 20 + 100 + 100 + 100 + 20


def test_a_named_facility_may_be_farther_than_the_nearest():
    place = t.town(t.grid_streets(4, 4))
    nearest, *_ = explained(place, [(0, 0)], [(100, 0), (300, 0)])
    named, seconds, facility = explained(place, [(0, 0)], [(100, 0), (300, 0)], facilities=[1])
    assert (nearest.facility, nearest.seconds) == (0, 100)
    agrees(named, seconds, facility)
    assert (named.facility, named.seconds) == (1, 300)


def test_where_no_street_leads_there_is_no_route():
    place = t.town(t.streets([((0, 0), (100, 0)), ((0, 500), (100, 500))]))
    assert explained(place, [(50, 0)], [(50, 500)])[0] is None
    assert explained(place, [(50, 250 + 1e4)], [(50, 500)])[0] is None
    assert explained(place, [(50, 0)], [(50, 0)], facilities=[])[0] is None


def test_links_of_no_length_do_not_lead_in_circles():
    """Copies of one place, linked both ways without length: every walk along them takes the same time."""
    xy = np.array([(0, 0), (100, 0), (100, 0), (100, 0), (200, 0)], float)
    start, end = np.array([0, 1, 2, 3, 3], np.int32), np.array([1, 2, 3, 1, 4], np.int32)
    lane = np.array([Lane.STREET, Lane.LINK, Lane.LINK, Lane.LINK, Lane.STREET], np.int8)
    edges = StreetEdges.plain(
        start=start,
        end=end,
        lines=shapely.linestrings(np.stack([xy[start], xy[end]], axis=1)),
        node_xy=xy,
        crs=t.CRS,
        lane=lane,
        at_ground=lane != Lane.LINK,
    )
    route, seconds, facility = explained(t.town(edges), [(10, 0)], [(190, 0)])
    agrees(route, seconds, facility)
    assert seconds == 180


def test_an_area_is_entered_at_its_gate():
    place = t.town(t.grid_streets(3, 3))
    park = np.array([shapely.box(120, 120, 180, 250)], object)
    homes, places = place.join([(0, 0)]), join_areas(park, place.network, 300)
    gaits = Gaits(*[place.walk] * 4)
    route = walk_route(place.network, gaits, homes, places, 0, np.zeros(2), np.array([0]), park)
    reach = reach_nearest(place.network, place.walk, homes, places, np.ones((1, 1), bool))
    assert route.seconds == reach.seconds[0, 0] == 100 + 200 + 20
    assert route.straight_metres == pytest.approx(np.hypot(120, 120))


def test_what_slows_is_told_apart_and_adds_up():
    """200 m of street with 40 m of stairs between: slope +30 s, stairs +80 s, a signal and an unmarked crossing."""
    pieces = [((0, 0), (100, 0)), ((100, 0), (140, 0)), ((140, 0), (240, 0))]
    edges = t.streets(pieces)
    edges = replace(
        edges,
        steps=np.array([False, True, False]),
        road=np.array([Road.MINOR, Road.NONE, Road.MINOR], np.int8),
        name=np.array([0, -1, 1], np.int32),
        names=np.array(["中山路", "学前街"], object),
        node_crossing=np.array([0, Crossing.SIGNAL, 0, 0], np.int8),
    )
    network, _ = build_network(edges, 1)
    assert network.streets.metres.tolist() == [100, 40, 100]

    def gait(slope, stairs, waits):
        ticks = as_ticks(network.streets.metres + np.array([slope, 0, 0]) + np.array([0, stairs, 0]))
        before, after = as_ticks(np.array([0, 10, 4]) * waits), as_ticks(np.array([10, 4, 0]) * waits)
        return timed_streets(network, ticks + before + after, ticks + before + after, before, after, 1.0)

    gaits = Gaits(gait(0, 0, 0.0), gait(30, 0, 0.0), gait(30, 80, 0.0), gait(30, 80, 1.0))
    route, seconds, facility = explained(t.Town(network, gaits.full), [(0, 5)], [(240, 5)], gaits=gaits)
    assert (route.seconds, route.facility) == (seconds, facility)
    parts = route.parts
    assert (parts.access_seconds, parts.level_seconds) == (10, 240)
    assert (parts.slope_seconds, parts.stairs_seconds, parts.crossing_seconds) == (30, 80, 28)
    assert {(wait.crossing, wait.times, wait.seconds) for wait in route.waits} == {
        (Crossing.SIGNAL, 1, 20.0),
        (Crossing.NONE, 1, 8.0),
    }
    assert route.steps.kind.tolist() == ["leave", "street", "stairs", "street", "enter"]
    assert route.steps.name.tolist() == ["", "中山路", "", "学前街", ""]


def test_a_link_across_a_wide_road_is_a_wait():
    xy = np.array([(0, 0), (100, 0), (100, 0), (200, 0)], float)
    start, end = np.array([0, 1, 2], np.int32), np.array([1, 2, 3], np.int32)
    edges = StreetEdges.plain(
        start=start,
        end=end,
        lines=shapely.linestrings(np.stack([xy[start], xy[end]], axis=1)),
        node_xy=xy,
        crs=t.CRS,
        lane=np.array([0, Lane.LINK, 0], np.int8),
        road=np.array([0, Road.PRIMARY, 0], np.int8),
        at_ground=np.array([True, False, True]),
        node_crossing=np.array([0, Crossing.ZEBRA, Crossing.ZEBRA, 0], np.int8),
    )
    network, _ = build_network(edges, 1)
    walking, link = as_ticks(network.streets.metres), network.streets.lane == Lane.LINK
    none, wait = np.zeros(3, np.int32), np.where(link, as_ticks(np.full(3, 15.0)), 0).astype(np.int32)
    plain = timed_streets(network, walking, walking, none, none, 1.0)
    full = timed_streets(network, walking + wait, walking + wait, none, none, 1.0)
    route, seconds, _ = explained(t.Town(network, full), [(0, 0)], [(200, 0)], gaits=Gaits(plain, plain, plain, full))
    assert route.seconds == seconds == 215
    assert [(wait.crossing, wait.times, wait.seconds) for wait in route.waits] == [(Crossing.ZEBRA, 1, 15.0)]
    assert route.parts.crossing_seconds == 15


def test_short_unnamed_pieces_are_no_steps_of_their_own():
    pieces = [((0, 0), (100, 0)), ((100, 0), (110, 0)), ((110, 0), (200, 0)), ((200, 0), (250, 0))]
    edges = replace(t.streets(pieces), name=np.array([0, -1, 0, -1], np.int32), names=np.array(["中山路"], object))
    route, *_ = explained(t.town(edges), [(0, 5)], [(250, 5)])
    assert route.steps.name.tolist() == ["", "中山路", "", ""]
    assert route.steps.metres.tolist() == [5, 200, 50, 5]
    assert route.steps.kind.tolist() == [StepKind.LEAVE, StepKind.STREET, StepKind.PATH, StepKind.ENTER]


def test_private_streets_are_walked_at_both_ends_and_not_through():
    """Home and facility behind gates of their own, and a private short cut between: the walk goes round it."""
    pieces = [
        ((0, 0), (0, 100)), ((50, 100), (150, 100)), ((200, 100), (200, 0)),
        ((0, 100), (50, 100)), ((150, 100), (200, 100)),
        ((50, 100), (50, 200)), ((50, 200), (150, 200)), ((150, 200), (150, 100)),
    ]  # fmt: skip
    edges = replace(t.streets(pieces), private=np.arange(8) < 3)
    network, _ = build_network(with_lanes(edges), 1)
    place = t.Town(network, impedance(network, 1.0))
    route, seconds, facility = explained(place, [(5, 10)], [(195, 10)])
    agrees(route, seconds, facility)
    assert seconds == 5 + 90 + 50 + 300 + 50 + 90 + 5
    assert route.steps.metres.tolist() == [5, 580, 5]


@given(
    some.lists(some.sampled_from(list(Crossing)), min_size=16, max_size=16),
    some.lists(some.sampled_from(list(Road)), min_size=24, max_size=24),
    some.sets(some.integers(0, 23), max_size=6),
    some.tuples(some.integers(0, 300), some.integers(0, 300)),
)
def test_waits_listed_are_the_waits_counted(crossing, road, stairs, home):
    steps = np.isin(np.arange(24), list(stairs))
    edges = replace(
        t.grid_streets(4, 4),
        node_crossing=np.array(crossing, np.int8),
        road=np.where(steps, Road.NONE, np.array(road)).astype(np.int8),
        steps=steps,
    )
    network, _ = build_network(edges, 1)
    walker = Walker("slow", Words("", ""), 1.0, stairs_factor=3.0, crossing=CrossingSeconds(30, 10, 5, 15, 25))
    level = replace(walker, stairs_factor=1.0, crossing=CrossingSeconds())
    with_stairs = replace(level, stairs_factor=3.0)
    gaits = Gaits(*(walker_impedance(network, one, None) for one in (level, level, with_stairs, walker)))
    route, seconds, facility = explained(t.Town(network, gaits.full), [home], [(0, 0), (300, 250)], gaits=gaits)
    agrees(route, seconds, facility)
    assert sum(wait.seconds for wait in route.waits) == pytest.approx(route.parts.crossing_seconds)
    assert route.parts.slope_seconds == 0
    edge, metres = route.legs.edge[1:-1], route.legs.metres[1:-1]
    assert route.parts.stairs_seconds == pytest.approx(2 * metres[network.streets.steps[edge]].sum(), abs=0.2)


within = some.tuples(some.integers(-40, 340), some.integers(-40, 340))


@given(
    some.lists(within, min_size=1, max_size=4),
    some.lists(within, min_size=1, max_size=4),
    some.sets(some.integers(0, 23)),
    some.lists(some.sampled_from([0.0, 0.03, 1.0, 7.3, 100.0]), min_size=24, max_size=24),
)
def test_random_towns_agree_with_the_search(home_xy, facility_xy, one_way, metres):
    """Lengths that have nothing to do with the drawing, some of no tick at all, some streets one-way."""
    grid = t.grid_streets(4, 4)
    backward = ~np.isin(np.arange(24), list(one_way))
    network, _ = build_network(replace(grid, metres=np.array(metres), backward=backward), 1e-9)
    if len(network.streets) < 24:
        return
    place = t.Town(network, impedance(network, 1.1))
    for home in range(len(home_xy)):
        route, seconds, facility = explained(place, home_xy, facility_xy, home)
        if not np.isfinite(seconds):
            assert route is None
            continue
        assert (route.seconds, route.facility) == (seconds, facility)
        assert route.legs.seconds.sum() == pytest.approx(seconds, abs=1e-9)
