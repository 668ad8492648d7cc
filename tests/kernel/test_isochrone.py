"""Isochrones are drawn from the times: what they must hold, leave out and never decide."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.impedance import impedance, timed_streets
from livingcircle.kernel.isochrone import (
    CELL_METRES,
    OFF_STREET_METRES,
    TOLERANCE_CELLS,
    catchment_stretches,
    catchments,
    isochrones,
    service_areas,
    travel_times,
)
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.street_cells import lay_out
from livingcircle.kernel.stretches import reached_pieces
from livingcircle.model.network import Lane

GRID = t.town(t.grid_streets(12, 12))
EMPTY_POLYGON = shapely.MultiPolygon()


def joined(town, facility_xy):
    places = join_areas(shapely.points(np.array(facility_xy, float).reshape(-1, 2)), town.network, 300)
    serves = np.ones((len(facility_xy), 1), bool)
    return places, serves, reach_nearest(town.network, town.walk, town.join([(0, 0)]), places, serves)


def drawn(town, facility_xy, limits):
    places, serves, reach = joined(town, facility_xy)
    return isochrones(town.network, town.walk, reach.node_seconds, places, serves, limits).geometry


def divided(town, facility_xy, limits):
    places, serves, reach = joined(town, facility_xy)
    return service_areas(town.network, town.walk, reach.node_seconds, reach.node_facility, places, serves, limits)


def pieces_of(town, place, limit, *, toward=True):
    """The reached pieces of street of one place, as geometry, from the stretches cut exactly at the limit."""
    reached = catchment_stretches(town.network, town.walk, place, 20 * limit, toward=toward)
    pieces = reached_pieces(reached)
    return shapely.MultiLineString(
        [
            shapely.ops.substring(town.network.streets.lines[edge], begin, finish, normalized=True)
            for edge, begin, finish in zip(pieces.edge, pieces.begin, pieces.finish, strict=True)
            if finish > begin
        ]
    )


def random_town(seed, junctions=40, streets=60):
    """Streets between random points, crossing each other without meeting: bridges, hairpins, islands, streets alongside others."""
    rng = np.random.default_rng(seed)
    at = [tuple(map(float, point)) for point in rng.integers(0, 600, (junctions, 2))]
    near = [sorted(at, key=lambda other, one=one: np.hypot(one[0] - other[0], one[1] - other[1]))[1:6] for one in at]
    picks = rng.integers(0, junctions, streets)
    ends = [(at[pick], near[pick][number]) for pick, number in zip(picks, rng.integers(0, 5, streets), strict=True)]
    ends = [end for end in dict.fromkeys(ends) if end[0] != end[1]]
    return t.town(t.streets(ends, one_way=range(0, len(ends), 5)))


def test_a_single_street_is_drawn_as_a_band_that_ends_at_the_limit():
    straight = t.town(t.streets([((0, 0), (1000, 0))]))
    area = drawn(straight, [(500, 0)], (200.0,))[0]
    west, south, east, north = area.bounds
    assert (west, east) == pytest.approx((300, 700), abs=CELL_METRES)
    assert (south, north) == pytest.approx((-OFF_STREET_METRES, OFF_STREET_METRES), abs=CELL_METRES)


def test_pieces_are_cut_exactly_at_the_limit():
    cross = t.town(t.streets([((0, 0), (100, 0)), ((100, 0), (300, 0)), ((100, 0), (100, 90))]))
    pieces = pieces_of(cross, cross.join([(60, 0)]), 100)
    assert pieces.length == pytest.approx(60 + 40 + 60 + 60)
    assert pieces.bounds == pytest.approx((0, 0, 160, 60))


def test_a_street_reached_from_both_ends_is_one_piece_or_two():
    ring = t.town(t.streets([((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 100), (0, 100)), ((0, 100), (0, 0))]))
    corner = ring.join([(0, 0)])
    for limit, length in ((150, 300), (180, 360), (200, 400), (250, 400)):
        assert pieces_of(ring, corner, limit).length == pytest.approx(length)


def test_one_way_streets_are_followed_toward_a_place_and_away_from_it():
    street = t.town(t.streets([((0, 0), (500, 0))], one_way=[0]))
    place = street.join([(250, 0)])
    assert pieces_of(street, place, 100, toward=True).bounds == pytest.approx((150, 0, 250, 0))
    assert pieces_of(street, place, 100, toward=False).bounds == pytest.approx((250, 0, 350, 0))
    toward, away = (
        catchments(street.network, street.walk, place, (100.0,), toward=toward).geometry[0] for toward in (True, False)
    )
    assert toward.bounds[0] == pytest.approx(150, abs=CELL_METRES)
    assert away.bounds[2] == pytest.approx(350, abs=CELL_METRES)


def test_what_is_waited_at_a_junction_is_waited_once():
    street = t.town(t.streets([((0, 0), (100, 0)), ((100, 0), (400, 0))]))
    edge = int(np.argmax(street.network.streets.metres))
    wait = np.zeros(2, np.int32)
    wait[edge] = 20 * 30
    at_start = street.network.streets.node_xy[street.network.streets.start[edge], 0] == 100
    first, last = (wait, 0 * wait) if at_start else (0 * wait, wait)
    ticks = street.walk.forward + first + last
    walk = timed_streets(street.network, ticks, ticks, first, last, 1.0)
    waiting = replace(street, walk=walk)
    assert pieces_of(waiting, street.join([(0, 0)]), 200).bounds == pytest.approx((0, 0, 170, 0))
    assert pieces_of(waiting, street.join([(300, 0)]), 250).bounds == pytest.approx((80, 0, 400, 0))


def test_links_between_copies_of_a_street_are_not_drawn():
    pieces = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0))])
    lane = np.array([Lane.STREET, Lane.LINK], np.int8)
    lines = np.array([pieces.lines[0], shapely.LineString([(100, 0), (100, 0)])], object)
    linked = t.town(replace(pieces, lane=lane, lines=lines, metres=np.array([100.0, 0.0])))
    area = catchments(linked.network, linked.walk, linked.join([(50, 0)]), (300.0,)).geometry[0]
    assert area.is_valid
    assert area.bounds[2] == pytest.approx(100 + OFF_STREET_METRES, abs=CELL_METRES)


def test_reached_streets_lie_inside_and_unreached_junctions_outside():
    limit = 400.0
    area = drawn(GRID, [(550, 500)], (limit,))[0]
    streets = GRID.network.streets
    xy = streets.node_xy
    walk = np.abs(xy - (550, 500)).sum(axis=1)
    near, far = xy[walk <= limit], xy[walk > limit + CELL_METRES]
    assert shapely.contains_xy(area, near).all()
    assert not shapely.contains_xy(area, far).any()


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), limit=st.sampled_from((40, 100, 250, 500)), toward=st.booleans())
def test_declared_tolerance_holds_in_any_town(seed, limit, toward):
    town = random_town(seed)
    place = town.join([(300, 300)])
    reached = pieces_of(town, place, limit, toward=toward)
    if reached.is_empty:  # too far from a street, or joined to the end of one that leads no further
        return
    area = catchments(town.network, town.walk, place, (float(limit),), toward=toward).geometry[0]
    assert area.is_valid
    assert reached.difference(area.buffer(1e-6)).is_empty
    junctions = shapely.points(town.network.streets.node_xy)
    inside = junctions[shapely.intersects(area, junctions)]
    assert (shapely.distance(inside, reached) <= TOLERANCE_CELLS * CELL_METRES).all()
    assert area.boundary.difference(reached.buffer(OFF_STREET_METRES + 1.5 * CELL_METRES)).is_empty


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_longer_limits_hold_shorter_ones_and_areas_are_valid(seed):
    town = random_town(seed)
    areas = drawn(town, [(100, 100), (500, 400)], (30.0, 100.0, 101.0, 300.0, 900.0))
    assert all(area.is_valid for area in areas)
    for shorter, longer in pairwise(areas):
        assert shorter.difference(longer.buffer(CELL_METRES / 3)).is_empty


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), places=st.integers(1, 8), limit=st.sampled_from((60.0, 200.0, 800.0)))
def test_service_areas_divide_the_isochrone(seed, places, limit):
    town = random_town(seed)
    xy = np.random.default_rng(seed).integers(0, 600, (places, 2)).astype(float)
    whole, areas = drawn(town, xy, (limit,))[0], divided(town, xy, (limit,))
    assert shapely.is_valid(areas.geometry).all()
    union = shapely.union_all(areas.geometry)
    assert shapely.area(areas.geometry).sum() == pytest.approx(union.area, abs=1e-3)
    border = CELL_METRES * sum(area.length for area in (whole, *areas.geometry))
    assert union.symmetric_difference(whole).area <= border
    assert shapely.difference(union.buffer(-CELL_METRES), whole.buffer(CELL_METRES)).is_empty


def test_between_two_facilities_the_border_lies_half_way():
    areas = divided(GRID, [(300, 500), (760, 500)], (2000.0,))
    assert areas.facility.tolist() == [0, 1]
    street = shapely.LineString([(300, 500), (760, 500)])
    shares = shapely.length(shapely.intersection(areas.geometry, street))
    assert shares.sum() == pytest.approx(460)
    assert shares == pytest.approx([230, 230], abs=CELL_METRES)


def test_a_facility_that_is_never_the_nearest_has_no_service_area_but_a_catchment():
    xy = [(500, 500), (500, 500)]
    assert divided(GRID, xy, (300.0,)).facility.tolist() == [0]
    both = catchments(GRID.network, GRID.walk, GRID.join(xy), (300.0,)).geometry
    assert shapely.equals(both[0], both[1])


def test_catchments_of_one_place_are_its_isochrone():
    places, _, _ = joined(GRID, [(550, 500)])
    limits = (100.0, 300.0)
    own = catchments(GRID.network, GRID.walk, places, limits)
    assert own.place.tolist() == [0, 0]
    assert own.limit_seconds.tolist() == list(limits)
    assert shapely.equals(own.geometry, drawn(GRID, [(550, 500)], limits)).all()


def test_threads_and_blocks_change_no_catchment(monkeypatch):
    places = GRID.join([(100.0 * x, 70.0 * x) for x in range(10)])
    whole = catchments(GRID.network, GRID.walk, places, (200.0, 400.0)).geometry
    monkeypatch.setattr("livingcircle.kernel.isochrone._PLACES_AT_ONCE", 3)
    assert shapely.equals(whole, catchments(GRID.network, GRID.walk, places, (200.0, 400.0), threads=2).geometry).all()


def test_one_bad_origin_does_not_stop_the_others():
    xy = np.array([(550.0, 500.0), (90_000.0, 90_000.0), (550.0, 700.0), (1300.0, 550.0)])
    places = GRID.join(xy)
    areas = catchments(GRID.network, GRID.walk, places, (100.0,), xy=xy).geometry
    assert not places.joined[1]
    disc = np.pi * OFF_STREET_METRES**2
    assert shapely.is_valid(areas).all()
    assert areas[1].area == pytest.approx(disc, rel=0.1)  # joined to nothing, far off the map
    assert shapely.distance(areas[1], shapely.Point(xy[1])) == 0
    assert areas[3].area == pytest.approx(disc, rel=0.1)  # 200 m from the nearest street: not reached in 100 s
    assert min(areas[0].area, areas[2].area) > 10_000
    without = catchments(GRID.network, GRID.walk, places, (100.0,)).geometry
    assert without[1].is_empty
    assert without[3].is_empty


def test_a_large_hole_is_kept_a_small_one_closed_unless_it_holds_a_junction():
    def with_square(side, *, spur):
        """A ring of streets around a block; a spur leads in where one may only walk out of, so that its end is not reached."""
        ring = [((0, 0), (side, 0)), ((side, 0), (side, side)), ((side, side), (0, side)), ((0, side), (0, 0))]
        inner = [((side / 2, side / 2), (0, 0))] if spur else []
        return t.town(t.streets(ring + inner, one_way=[4] if spur else []))

    def holes(town):
        place = town.join([(0, 0)])
        area = catchments(town.network, town.walk, place, (2000.0,), toward=False).geometry[0]
        return sum(len(part.interiors) for part in area.geoms)

    assert holes(with_square(300, spur=False)) == 1
    assert holes(with_square(140, spur=False)) == 0
    assert holes(with_square(140, spur=True)) == 1


def test_no_junction_inside_a_closed_hole_belongs_to_an_island_of_its_own():
    town = t.town(t.grid_streets(6, 6))
    area = catchments(town.network, town.walk, town.join([(250, 200)]), (2000.0,)).geometry[0]
    assert area.is_valid
    assert len(area.geoms) == 1
    assert not area.geoms[0].interiors


def test_a_service_nobody_offers_has_an_empty_area():
    places = join_areas(shapely.points([[550.0, 500.0]]), GRID.network, 300)
    serves = np.array([[True, False]])
    reach = reach_nearest(GRID.network, GRID.walk, GRID.join([(0, 0)]), places, serves)
    shapes = isochrones(GRID.network, GRID.walk, reach.node_seconds, places, serves, (300.0,))
    assert shapes.geometry[1].is_empty
    assert not shapes.geometry[0].is_empty
    areas = service_areas(
        GRID.network, GRID.walk, reach.node_seconds, reach.node_facility, places, serves, (300.0, 600.0)
    )
    assert areas.service.tolist() == [0, 0]
    assert areas.limit_seconds.tolist() == [300, 600]


def test_no_limit_no_place_nothing_drawn():
    places, serves, reach = joined(GRID, [(550, 500)])
    given_times = reach.node_seconds, places, serves
    assert len(isochrones(GRID.network, GRID.walk, *given_times, ())) == 0
    assert len(catchments(GRID.network, GRID.walk, places, ())) == 0
    assert len(catchments(GRID.network, GRID.walk, GRID.join([]), (300.0,))) == 0
    nowhere = catchments(GRID.network, GRID.walk, places, (0.0,)).geometry[0]
    assert nowhere.area < 10_000
    assert shapely.distance(nowhere, shapely.Point(550, 500)) == 0


def test_being_inside_the_drawing_does_not_cover_a_home():
    # Two parallel streets 30 m apart that meet only 500 m away: the far home lies in the drawn area and is yet 1,030 m from the facility.
    hairpin = t.town(t.streets([((0, 0), (500, 0)), ((500, 0), (500, 30)), ((500, 30), (0, 30))]))
    area = drawn(hairpin, [(0, 0)], (300.0,))[0]
    reach = hairpin.reach([(0, 30)], [(0, 0)])
    assert area.buffer(CELL_METRES).covers(shapely.Point(0, 15))
    assert not area.covers(shapely.Point(0, 35))  # that is the land of the other street
    assert reach.seconds[0, 0] == 1030


def test_no_land_belongs_to_a_tunnel():
    town = t.town(t.streets([((0, 0), (300, 0)), ((300, 0), (900, 0))], below=[1]))
    area = catchments(town.network, town.walk, town.join([(200, 0)]), (500.0,)).geometry[0]
    assert area.covers(shapely.LineString([(0, 0), (700, 0)]))
    assert not area.intersects(shapely.Point(600, 25))
    assert area.intersects(shapely.Point(150, 25))


def test_raster_has_the_walk_of_every_cell():
    places, serves, reach = joined(GRID, [(550, 500)])
    times = travel_times(GRID.network, GRID.walk, reach.node_seconds[0], places, serves[:, 0])
    x, y = 800.0, 900.0
    row, column = round((y - times.south) / times.cell_metres), round((x - times.west) / times.cell_metres)
    assert times.seconds[row, column] == pytest.approx(250 + 400, abs=2 * CELL_METRES)
    assert np.isnan(times.seconds[0, 0])
    assert np.nanmin(times.seconds) == 0
    assert np.nanmax(times.seconds) == pytest.approx(550 + 600 + OFF_STREET_METRES, abs=2 * CELL_METRES)


def test_cells_grow_where_a_grid_would_not_fit(monkeypatch):
    monkeypatch.setattr("livingcircle.kernel.street_cells.NODES_AT_MOST", 10_000)
    cells = lay_out(GRID.network, CELL_METRES, OFF_STREET_METRES)
    assert cells.cell_metres > CELL_METRES
    area = catchments(GRID.network, GRID.walk, GRID.join([(550, 500)]), (300.0,), cells=cells).geometry[0]
    assert pieces_of(GRID, GRID.join([(550, 500)]), 300).difference(area.buffer(1e-6)).is_empty


def test_a_slower_walker_has_a_smaller_area():
    slow = impedance(GRID.network, 0.5)
    place = GRID.join([(550, 500)])
    areas = [catchments(GRID.network, walk, place, (400.0,)).geometry[0] for walk in (slow, GRID.walk)]
    assert areas[1].covers(areas[0].buffer(-CELL_METRES / 3))
    assert areas[0].area < areas[1].area / 2
