"""Walled compounds: detours from arithmetic, gates that open and shut, assumptions, and what must hold whatever the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.compound import GATE_METRES, WALL_METRES, Walled, walled
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.compound import Compounds, Gates, Passage
from livingcircle.model.network import Lane, Road, StreetEdges

GRID = t.grid_streets(6, 6)
ESTATE = shapely.box(110, 110, 290, 290)
"""A compound around the junction (200, 200), on whose four streets one meets its wall."""
INSIDE, WEST, EAST = (200, 200), (0, 200), (400, 200)
NOON = 12 * 60.0


def compounds(*polygons: shapely.Polygon, through: bool = False) -> Compounds:
    """Make compounds."""
    names = np.array([f"estate {number}" for number in range(len(polygons))], object)
    return Compounds(names, names.copy(), np.array(polygons, object), np.full(len(polygons), through))


def gates(
    *xy: tuple[float, float],
    who: Sequence[Passage] | Passage = Passage.EVERYONE,
    hours: tuple[float, float] = (np.nan, np.nan),
    compound: int = -1,
) -> Gates:
    """Make gates, all with the same hours (since midnight)."""
    count = len(xy)
    return Gates(
        xy=np.array(xy, float).reshape(-1, 2),
        who=np.broadcast_to(np.array(who, np.int8), count).copy(),
        opens=np.full(count, hours[0] * 60),
        closes=np.full(count, hours[1] * 60),
        compound=np.full(count, compound, np.int32),
    )


def walk(town: Walled, home: tuple[float, float], *facilities: tuple[float, float]) -> float:
    """Return the seconds from a home to the nearest facility at 1 m/s, in whole seconds."""
    network, _ = build_network(with_lanes(town.streets), 1)
    homes = join_points(np.array([home], float), network, 300, walls=town.walls)
    places = join_areas(shapely.points(np.array(facilities, float)), network, 300, walls=town.walls)
    reach = reach_nearest(network, impedance(network, 1.0), homes, places, np.ones((len(facilities), 1), bool))
    return float(np.round(reach.seconds[0, 0], 0))


def one_estate(known: Gates, unknown: str = "one_gate", at_minute: float = NOON, streets: StreetEdges = GRID) -> Walled:
    """Wall in the estate."""
    return walled(streets, compounds(ESTATE), known, unknown, at_minute)


EAST_GATE, WEST_GATE = (290, 200), (110, 200)


def test_one_gate_makes_the_detour_around_the_block():
    town = one_estate(gates(EAST_GATE))
    assert walk(town, INSIDE, EAST) == 200
    assert walk(town, INSIDE, WEST) == 100 + 100 + 200 + 100 + 100
    assert walk(town, WEST, INSIDE) == 600
    assert walk(one_estate(gates(EAST_GATE, WEST_GATE)), INSIDE, WEST) == 200


def test_strangers_walk_round_even_where_gates_face_each_other():
    both = gates(EAST_GATE, WEST_GATE)
    assert walk(one_estate(both), WEST, EAST) == 400 + 2 * 100
    open_estate = walled(GRID, compounds(ESTATE, through=True), both, "one_gate", NOON)
    assert walk(open_estate, WEST, EAST) == 400
    # With a single gate there is no way through, for whom ever.
    assert walk(walled(GRID, compounds(ESTATE, through=True), gates(EAST_GATE), "open", NOON), WEST, EAST) == 600


def test_neighbours_within_the_wall_stay_within():
    assert walk(one_estate(gates(EAST_GATE)), (150, 200), (200, 250)) == 100


def test_places_do_not_join_streets_across_the_wall():
    # The home is 8 m from the street outside and 92 m from the one inside; the facility opposite it is outside.
    town = one_estate(gates(EAST_GATE))
    assert walk(town, (150, 108), (150, 100)) == 8
    inner = walk(town, (150, 120), (150, 100))
    # To the street at x = 200 (50 m), up it 80 m, east 100 m, down 100 m, west 150 m.
    assert inner == 50 + 80 + 100 + 100 + 150


def test_a_facility_inside_is_reached_through_the_gate_and_one_outside_is_not_joined_inside():
    town = one_estate(gates(EAST_GATE))
    assert walk(town, (100, 150), (150, 190)) == 50 + 200 + 100 + 150 + 10


def test_shops_along_the_wall_are_entered_from_the_street_as_well():
    # The shop stands 10 m behind the wall at y = 113 (WALL_METRES inside the outline), 23 m from the street at y = 100.
    shop, strict = (150, 123), one_estate(gates(EAST_GATE))
    fronting = replace(strict, walls=replace(strict.walls, frontage_metres=15))
    assert walk(strict, (150, 100), shop) == 150 + 100 + 100 + 77 + 50
    assert walk(fronting, (150, 100), shop) == 23
    assert walk(fronting, INSIDE, shop) == walk(strict, INSIDE, shop) == 77 + 50
    deeper = (150, 129)
    assert walk(fronting, (150, 100), deeper) == walk(strict, (150, 100), deeper)
    # Homes are left by the gates, wherever they stand.
    assert walk(fronting, shop, (150, 100)) == 50 + 77 + 100 + 100 + 150


def test_residents_leave_by_their_own_gate_and_visitors_do_not_come_in_by_it():
    both = gates(EAST_GATE, WEST_GATE, who=[Passage.EVERYONE, Passage.RESIDENTS])
    town = one_estate(both)
    assert walk(town, INSIDE, WEST) == 200
    assert walk(town, WEST, INSIDE) == 600
    assert walk(town, WEST, EAST) == 600


def test_a_locked_gate_is_a_wall():
    town = one_estate(gates(EAST_GATE, WEST_GATE, who=[Passage.EVERYONE, Passage.NOBODY]))
    assert walk(town, INSIDE, WEST) == 600
    assert (town.enclosures.gates[0], town.enclosures.shut[0]) == (1, 1)


@pytest.mark.parametrize(
    ("hours", "hour", "seconds"),
    [((6, 22), 12, 200), ((6, 22), 23, 600), ((6, 22), 22, 200), ((18, 2), 1, 200), ((18, 2), 12, 600)],
)
def test_a_gate_is_a_wall_while_it_is_shut(hours, hour, seconds):
    always, sometimes = gates(EAST_GATE), gates(WEST_GATE, hours=hours)
    town = one_estate(always.followed_by(sometimes), at_minute=hour * 60)
    assert walk(town, INSIDE, WEST) == seconds


def test_nobody_is_locked_in_when_all_gates_are_shut():
    town = one_estate(gates(WEST_GATE, hours=(6, 22)), unknown="open", at_minute=23 * 60)
    assert town.enclosures.assumed.tolist() == [True]
    assert walk(town, INSIDE, WEST) == 200  # all crossings alike and equally central: the first from the west
    assert walk(town, INSIDE, EAST) == 600


def test_with_no_gate_known_the_wall_is_left_out_or_has_one_gate():
    nothing = gates()
    assert walk(one_estate(nothing, "open"), INSIDE, EAST) == 200
    assert walk(one_estate(nothing, "open"), WEST, EAST) == 400
    cautious = one_estate(nothing, "one_gate")
    assert walk(cautious, INSIDE, WEST) == 200
    assert walk(cautious, INSIDE, EAST) == 600
    assert walk(cautious, WEST, EAST) == 600
    assert cautious.enclosures.crossings.tolist() == [4]


def test_the_gate_assumed_is_towards_the_largest_street():
    road = np.where(
        (shapely.get_coordinates(shapely.centroid(GRID.lines)) == 300).any(axis=1), Road.PRIMARY, Road.MINOR
    )
    east_or_north = replace(
        GRID, road=np.where(GRID.node_xy[GRID.start][:, 0] == 300, road, Road.MINOR).astype(np.int8)
    )
    town = one_estate(gates(), streets=east_or_north)
    assert walk(town, INSIDE, EAST) == 200
    assert walk(town, INSIDE, WEST) == 600


def test_a_city_road_through_the_compound_stays_open():
    across = (GRID.node_xy[GRID.start][:, 1] == 200) & (GRID.node_xy[GRID.end][:, 1] == 200)
    road = np.where(across, Road.SECONDARY, Road.MINOR).astype(np.int8)
    town = one_estate(gates((200, 290)), streets=replace(GRID, road=road))
    assert walk(town, WEST, EAST) == 400
    # The inner street meets the road at (200, 200), where no gate is known; its gate is the northern one.
    assert walk(town, (200, 250), (200, 400)) == 150
    assert walk(town, (200, 250), (400, 200)) == 50 + 100 + 100 + 100


def test_streets_along_the_wall_and_passages_beneath_are_outside():
    along = compounds(shapely.box(100, 100, 300, 300))
    town = walled(GRID, along, gates(), "one_gate", NOON)
    assert walk(town, (100, 100), (300, 100)) == 200
    assert town.enclosures.crossings.tolist() == [4]
    vertical = GRID.node_xy[GRID.start][:, 0] == GRID.node_xy[GRID.end][:, 0]
    tunnels = replace(GRID, at_ground=np.where(vertical, True, GRID.node_xy[GRID.start][:, 1] != 200))
    under = one_estate(gates((200, 290)), streets=tunnels)
    assert walk(under, WEST, EAST) == 400
    assert walk(under, (200, 250), (200, 100)) == 50 + 100 + 200 + 100


def test_a_compound_without_streets_is_left_by_its_gates():
    # A compound within one block: its home stands at (150, 150), its gate at (190, 150).
    estate = compounds(shapely.box(110, 110, 190, 190))
    town = walled(GRID, estate, gates((190, 150)), "open", NOON)
    assert walk(town, (150, 150), (200, 120)) == 40 + 10 + 30
    assert walk(town, (150, 150), (100, 150)) == 40 + 10 + 50 + 100 + 50
    assert walk(town, (100, 150), (150, 150)) == 250
    second = walled(GRID, estate, gates((190, 150), (110, 150)), "open", NOON)
    assert walk(second, (150, 150), (100, 150)) == 50
    keyed = walled(GRID, estate, gates((190, 150), (110, 150), who=[Passage.EVERYONE, Passage.RESIDENTS]), "open", NOON)
    assert walk(keyed, (150, 150), (100, 150)) == 50
    assert walk(keyed, (100, 150), (150, 150)) == 250


def test_without_a_known_gate_a_compound_without_streets_is_open_or_has_one_towards_the_largest_street():
    estate = compounds(shapely.box(110, 110, 190, 190))
    west = (GRID.node_xy[GRID.start] == (100, 100)).all(axis=1) & (GRID.node_xy[GRID.end] == (100, 200)).all(axis=1)
    streets = replace(GRID, road=np.where(west, Road.SECONDARY, Road.MINOR).astype(np.int8))
    assert walk(walled(streets, estate, gates(), "open", NOON), (185, 150), (200, 150)) == 15
    town = walled(streets, estate, gates(), "one_gate", NOON)
    (gate,) = town.walls.gate_xy
    assert not town.walls.on_street.any()
    assert gate.tolist() == [110 + WALL_METRES, 150]
    assert walk(town, (185, 150), (200, 150)) == (185 - 100) + 50 + 100 + 50


def test_a_home_too_far_from_the_streets_inside_walks_straight_to_the_gate():
    # A large estate with a single stub of street at its western gate; the home is 397 m from it, beyond the cap of 300 m.
    estate = compounds(shapely.box(0, -300, 600, 300))
    streets = t.streets([((-100, -400), (-100, 0)), ((-100, 0), (20, 0)), ((-100, 0), (-100, 400))])
    town = walled(streets, estate, gates((0, 0)), "open", NOON)
    assert walk(town, (400, 0), (-100, 200)) == 397 + 103 + 200
    assert walk(town, (100, 0), (-100, 200)) == 80 + 120 + 200
    residents = walled(streets, estate, gates((0, 0), who=Passage.RESIDENTS), "open", NOON)
    assert walk(residents, (400, 0), (-100, 200)) == 700
    assert np.isnan(walk(town, (700, 0), (-100, 200)))


def test_two_compounds_share_a_wall_and_a_gate_in_it():
    # Estates left and right of x = 200; one street, y = 200, leads through both, with a gate between them.
    pair = compounds(shapely.box(110, 110, 200, 290), shapely.box(200, 110, 290, 290))
    streets = t.streets(
        [((100, 200), (300, 200)), ((100, 200), (100, 0)), ((100, 0), (300, 0)), ((300, 0), (300, 200))]
    )
    shut = walled(streets, pair, gates(WEST_GATE, EAST_GATE), "one_gate", NOON)
    assert walk(shut, (150, 200), (250, 200)) == 50 + 200 + 200 + 200 + 50
    joined = walled(streets, pair, gates(WEST_GATE, EAST_GATE, (200, 200)), "one_gate", NOON)
    assert walk(joined, (150, 200), (250, 200)) == 100
    assert walk(joined, (100, 200), (300, 200)) == 600


def test_a_gate_belongs_to_the_compound_it_names_or_to_those_whose_wall_is_near():
    far = gates((290 + GATE_METRES + 1, 200))
    assert one_estate(far).enclosures.gates.tolist() == [0]
    assert one_estate(replace(far, compound=np.array([0], np.int32))).enclosures.gates.tolist() == [1]


def test_every_street_is_cut_without_a_metre_lost():
    town = one_estate(gates(EAST_GATE))
    assert town.streets.metres.sum() == pytest.approx(GRID.metres.sum())
    assert shapely.length(town.streets.lines).sum() == pytest.approx(GRID.metres.sum())
    assert town.streets.private.sum() == 4
    ends = town.streets.node_xy[town.streets.start], town.streets.node_xy[town.streets.end]
    for position, end in enumerate(ends):
        corners = shapely.get_coordinates(shapely.get_point(town.streets.lines, -position))
        assert np.allclose(corners, end)


def test_no_compound_and_no_gate_change_nothing():
    town = walled(GRID, compounds(), gates(), "one_gate", NOON)
    assert len(town.streets) == len(GRID)
    assert len(town.walls.areas) == 0
    assert (town.streets.lane == Lane.STREET).all()
    assert not town.streets.private.any()


SPOT = st.tuples(st.integers(0, 500), st.integers(0, 500))
CROSSINGS = [EAST_GATE, WEST_GATE, (200, 110), (200, 290)]


@given(home=SPOT, place=SPOT, first=st.sampled_from(CROSSINGS), more=st.sampled_from(CROSSINGS))
def test_a_further_gate_never_lengthens_a_walk(home, place, first, more):
    assert walk(one_estate(gates(first, more)), home, place) <= walk(one_estate(gates(first)), home, place)


ON_STREET = st.tuples(st.integers(0, 5), st.integers(0, 500)).map(lambda spot: (100 * spot[0], spot[1]))


@given(home=ON_STREET, place=ON_STREET)
def test_one_gate_is_never_shorter_than_open(home, place):
    # Of places beside the streets this is not true: a wall may turn one to a farther street, to which it walks as the crow flies.
    assert walk(one_estate(gates(), "open"), home, place) <= walk(one_estate(gates(), "one_gate"), home, place)


def test_a_compound_within_another_is_left_by_its_own_gate_and_then_by_that_around_it():
    nested = compounds(shapely.box(50, 50, 450, 450), shapely.box(150, 150, 350, 350))
    both = walled(GRID, nested, gates((150, 200), (50, 200)), "open", NOON)
    assert walk(both, INSIDE, WEST) == walk(both, WEST, INSIDE) == 200
    assert walk(both, INSIDE, (200, 100)) == 100 + 100 + 100  # round by the gate, and never out of the wall around
    assert both.enclosures.crossings.tolist() == [16, 8]
    # Where no gate is known either has one, and nobody is locked in.
    assumed = walled(GRID, nested, gates(), "one_gate", NOON)
    assert np.isfinite(walk(assumed, INSIDE, WEST))


def test_a_compound_of_a_few_metres_encloses_nothing():
    tiny = compounds(shapely.box(198, 198, 202, 202), ESTATE)
    for unknown in ("open", "one_gate"):
        made = walled(GRID, tiny, gates((200, 198), (110, 200)), unknown, NOON)
        assert len(made.walls.areas) == 1
        assert walk(made, INSIDE, WEST) == 200
    assert not len(walled(GRID, compounds(shapely.box(198, 198, 202, 202)), gates(), "one_gate", NOON).walls.areas)
