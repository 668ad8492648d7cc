"""Coverage under other assumptions; answers by hand on one street, where a metre is a second."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.gauge import coverage_table
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.rejoining import recapped
from livingcircle.kernel.sweep import member_studies, members, swept
from livingcircle.model.interval import Member, Ranges
from livingcircle.model.network import Anchors, Road, StreetEdges
from livingcircle.model.outcome import Assessment, CoverageTable, Reach, VerdictTable
from livingcircle.model.places import NO_ENTRANCES, Candidates, Districts, Entrances, Facilities
from livingcircle.model.standard import ServiceType, Standard, Words
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds, Walker
from town import CRS, grid_streets, homes, streets

NO_WAIT = CrossingSeconds()
LIMITS = (150.0, 300.0)
CAP = 30.0
STILL = Ranges((1.0, 1.0), (NO_WAIT, NO_WAIT), (CAP, CAP), gates=False)
NOTHING = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, object), np.empty(0))


def study_of(
    edges: StreetEdges, home_xy, facilities, *, district=None, speed=1.0, cap=CAP, entrances: Entrances = NO_ENTRANCES
) -> Study:
    """A study of one service, joined to its streets."""
    network, _ = build_network(edges, 1.0)
    people = homes(home_xy, district=district)
    shapes = np.array([shape if isinstance(shape, shapely.Geometry) else shapely.Point(shape) for shape in facilities])
    inner = shapely.get_coordinates(shapely.centroid(shapes))
    names = np.array([f"f{number}" for number in range(len(shapes))], object)
    count = 0 if district is None else max(district) + 1
    return Study(
        title=Words("", ""),
        crs=CRS,
        walker=Walker("w", Words("", ""), speed),
        network=network,
        homes=people,
        facilities=Facilities.plain(
            ids=names, names=names.copy(), xy=inner, geometry=shapes, serves=np.ones((len(shapes), 1), bool)
        ),
        candidates=Candidates(
            np.empty(0, object), np.empty(0, object), np.empty((0, 2)), np.empty(0, object), np.empty(0), np.empty(0)
        ),
        districts=Districts(
            ids=np.array([str(number) for number in range(count)], object),
            names=np.array([str(number) for number in range(count)], object),
            geometry=np.full(count, shapely.Point(), object),
            level=np.full(count, "", object),
            parent=np.full(count, -1, np.int32),
        ),
        home_anchors=join_points(people.xy, network, cap),
        facility_anchors=join_areas(shapes, network, cap, entrances=entrances),
        candidate_anchors=join_points(np.empty((0, 2)), network, cap),
        standard=Standard("s", Words("", ""), "", Words("", ""), (ServiceType("a", Words("", ""), ()),), ()),
        warnings=(),
        attribution=(),
        inputs=(),
        entrances=entrances,
    )


def reached(study: Study) -> Reach:
    walk = walker_impedance(study.network, study.walker, study.grades)
    return reach_nearest(study.network, walk, study.home_anchors, study.facility_anchors, study.facilities.serves)


def assessed(study: Study) -> Assessment:
    """What the study says without a sweep."""

    def table(seconds) -> CoverageTable:
        limits = tuple(product(range(len(seconds)), LIMITS))
        return coverage_table(seconds, study.homes, study.home_anchors.joined, limits, study.districts.parent)

    reach, cautious = reached(study), None
    if study.cautious is not None:
        cautious = table(np.maximum(reach.seconds, reached(study.cautious).seconds))
    return Assessment(reach, table(reach.seconds), VerdictTable(*NOTHING), cautious=cautious)


def covered(study: Study, ranges: Ranges, row: int = 1) -> dict[str, float]:
    """Return the residents covered within 300 s under every member."""
    found = swept(study, assessed(study), ranges)
    return {
        f"{'+'.join(member.moved)} {member.side}".strip(): float(people[row])
        for member, people in zip(found.members, found.residents_covered, strict=True)
    }


STREET = grid_streets(11, 1)
ON_STREET = ((150, 0), (250, 0), (350, 0), (450, 0))
AT_END = [(0, 0)]


def test_speed_alone_moves_who_is_within_the_limit():
    # Within 300 s: 300 m at 1 m/s, 150 m at 0.5, 450 m at 1.5, the limit itself included.
    found = covered(study_of(STREET, ON_STREET, AT_END), replace(STILL, speed_metres_per_second=(1.5, 0.5)))
    assert found == {"base": 1 + 2, "speed favourable": 1 + 2 + 4 + 8, "speed unfavourable": 1}


def test_waits_count_beyond_the_road_only():
    # A primary road crosses at 200 m; with 60 s for it, 250 m become 310 s.
    roads = streets([((0, 0), (200, 0)), ((200, 0), (500, 0)), ((200, 0), (200, 100)), ((200, 0), (200, -100))])
    roads = replace(roads, road=np.array([Road.NONE, Road.NONE, Road.PRIMARY, Road.PRIMARY], np.int8))
    waits = (NO_WAIT, CrossingSeconds(primary=60))
    assert covered(study_of(roads, ON_STREET, AT_END), replace(STILL, crossing=waits)) == {
        "base": 1 + 2,
        "crossing unfavourable": 1,
    }


def test_a_wider_cap_joins_homes_farther_from_the_street():
    away = [*ON_STREET, (50, 40), (60, 20)]  # 40 and 20 m from the street
    assert covered(study_of(STREET, away, AT_END), replace(STILL, join_cap_metres=(50, 10))) == {
        "base": 1 + 2 + 32,
        "join_cap favourable": 1 + 2 + 16 + 32,
        "join_cap unfavourable": 1 + 2,
    }


def test_a_wider_cap_can_lengthen_the_walk_to_an_area_with_entrances():
    # From the street along the park's edge while its only gate, 60 m from the street beyond, counts as too far.
    edges = streets([((0, 0), (400, 0)), ((400, 0), (400, 400)), ((0, 400), (400, 400))])
    park = shapely.box(0, 20, 100, 340)
    gate = Entrances(np.zeros(1, np.int32), np.array([[50.0, 340.0]]), np.ones(1, bool))
    found = covered(study_of(edges, [(50, 0)], [park], entrances=gate), replace(STILL, join_cap_metres=(70, CAP)))
    assert found == {"base": 1, "join_cap favourable": 0}


def with_a_longer_way(study: Study, edges: StreetEdges) -> Study:
    """The same places under another assumption on gates: other streets."""
    other = build_network(edges, 1.0)[0]
    walled = replace(
        study,
        network=other,
        home_anchors=join_points(study.homes.xy, other, CAP),
        facility_anchors=join_areas(study.facilities.geometry, other, CAP),
    )
    return replace(study, cautious=walled)


RING = [((0, 0), (0, 300)), ((0, 300), (500, 300)), ((500, 0), (500, 300))]
THROUGH = streets([((0, 0), (200, 0)), ((200, 0), (500, 0)), *RING])
AROUND = streets([((0, 0), (200, 0)), ((210, 0), (500, 0)), *RING])
"""The same with a wall at 200 m: beyond it one walks around, 1,100 m and more."""


def test_gates_are_the_cautious_figure_and_take_part_in_the_corner():
    study = with_a_longer_way(study_of(THROUGH, ON_STREET, AT_END), AROUND)
    ranges = replace(STILL, gates=True, speed_metres_per_second=(1.5, 0.9))
    found = covered(study, ranges)
    assert found == {
        "base": 1 + 2,
        "speed favourable": 1 + 2 + 4 + 8,
        "speed unfavourable": 1 + 2,  # 270 m
        "gates unfavourable": 1,
        "speed+gates unfavourable": 1,
    }
    assert "gates unfavourable" not in covered(study, replace(ranges, gates=False))
    assert "gates unfavourable" not in covered(replace(study, cautious=None), ranges)


def test_corners_move_everything_at_once():
    away = [*ON_STREET, (50, 40)]
    ranges = replace(STILL, speed_metres_per_second=(1.5, 0.5), join_cap_metres=(50, 10))
    found = covered(study_of(STREET, away, AT_END), ranges)
    assert found["speed+join_cap favourable"] == 1 + 2 + 4 + 8 + 16
    assert found["speed+join_cap unfavourable"] == 1
    assert found["join_cap unfavourable"] == found["base"] == 1 + 2


def test_drivers_say_how_far_each_alone_moves_the_share():
    study = study_of(STREET, [*ON_STREET, (50, 40)], AT_END)
    found = swept(study, assessed(study), replace(STILL, speed_metres_per_second=(1.5, 0.5), join_cap_metres=(50, 10)))
    assert found.parameters == ("speed", "join_cap")
    assert found.drivers()[:, 1] == pytest.approx([(15 - 1) / 31, (19 - 3) / 31])
    low, high = found.spread("speed")
    assert (low[1], high[1]) == (1 / 31, 15 / 31)


def test_a_parameter_held_still_is_no_member():
    base = Member((), "base", 1.0, NO_WAIT, CAP, one_gate=False)
    assert members(base, STILL) == (base,)
    (_, only) = members(base, replace(STILL, speed_metres_per_second=(1.0, 0.8)))
    assert (only.moved, only.side) == (("speed",), "unfavourable")  # and no corner, which would be the same


def test_districts_and_the_whole_keep_the_rows_of_coverage():
    study = study_of(STREET, ON_STREET, AT_END, district=[0, 0, 1, 1])
    assessment = assessed(study)
    found = swept(study, assessment, replace(STILL, speed_metres_per_second=(1.5, 0.5)))
    assert found.coverage is assessment.coverage
    assert found.residents_covered[0].tolist() == assessment.coverage.residents_covered.tolist()
    fast = dict(
        zip(
            zip(assessment.coverage.limit_seconds, assessment.coverage.district, strict=True),
            found.residents_covered[1],
            strict=True,
        )
    )
    assert fast == {(150, -1): 1, (150, 0): 1, (150, 1): 0, (300, -1): 15, (300, 0): 3, (300, 1): 12}


def test_a_district_without_residents_has_no_interval():
    study = study_of(STREET, ON_STREET, AT_END, district=[0, 0, 2, 2])
    found = swept(study, assessed(study), replace(STILL, speed_metres_per_second=(1.5, 0.5)))
    empty = found.coverage.district == 1
    assert np.isnan(found.shares[:, empty]).all()
    assert np.isnan(found.drivers()[:, empty]).all()


places = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300)), min_size=1, max_size=6)
factors = st.floats(0.3, 1.0)


@given(places, places, factors, st.floats(1.0, 3.0), st.floats(0, 120), st.integers(0, 2**12 - 1))
def test_easier_walking_never_covers_fewer(home_xy, facility_xy, slower, faster, wait, which):
    edges = grid_streets(5, 4)
    primary = np.arange(len(edges)) % 5 == which % 5
    edges = replace(edges, road=np.where(primary, Road.PRIMARY, Road.NONE).astype(np.int8))
    open_ways = np.arange(len(edges)) % 7 != which % 7
    study = with_a_longer_way(study_of(edges, home_xy, facility_xy), edges.take(open_ways))
    ranges = Ranges((faster, slower), (NO_WAIT, CrossingSeconds(primary=wait)), (2 * CAP, CAP / 2), gates=True)
    found = swept(study, assessed(study), ranges)
    base = found.residents_covered[0]
    by_name = {
        (member.moved, member.side): row for member, row in zip(found.members, found.residents_covered, strict=True)
    }
    for (_, side), row in by_name.items():
        assert (row >= base).all() if side == "favourable" else (row <= base).all()
    corners = [row for (moved, _), row in by_name.items() if len(moved) > 1]
    if len(corners) == 2:  # points without walls between: every single move lies between the corners
        assert (found.residents_covered >= corners[1]).all()
        assert (found.residents_covered <= corners[0]).all()


@given(places, places, st.floats(0.5, 2.0), st.floats(0, 90))
def test_a_member_is_the_study_with_these_assumptions(home_xy, facility_xy, speed, wait):
    """A study that has a member's assumptions for its own says exactly the same, without a sweep."""
    edges = grid_streets(5, 4)
    edges = replace(edges, road=np.where(np.arange(len(edges)) % 3 == 0, Road.PRIMARY, Road.NONE).astype(np.int8))
    study, slow = study_of(edges, home_xy, facility_xy), CrossingSeconds(primary=wait)
    ranges = Ranges((1.0, speed), (NO_WAIT, slow), (CAP, 45.0), gates=False)
    found = swept(study, assessed(study), ranges)
    others = list(member_studies(study, ranges))
    assert [member for member, _ in others] == list(found.members[1:])
    for (_, other), people in zip(others, found.residents_covered[1:], strict=True):
        assert assessed(other).coverage.residents_covered.tolist() == people.tolist()
    for member, people in zip(found.members, found.residents_covered, strict=True):
        own = study_of(edges, home_xy, facility_xy, cap=member.join_cap_metres)
        walker = replace(own.walker, speed_metres_per_second=member.speed_metres_per_second, crossing=member.crossing)
        alone = assessed(replace(own, walker=walker)).coverage
        assert people.tolist() == alone.residents_covered.tolist()


boxes = st.builds(
    lambda x, y, wide, high: shapely.box(x, y, x + wide, y + high),
    st.integers(-60, 380),
    st.integers(-60, 280),
    st.integers(5, 150),
    st.integers(5, 150),
)


@given(
    st.lists(boxes, min_size=1, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5), *[st.integers(2, 80)] * 2
)
def test_joining_again_what_another_cap_concerns_is_joining_everything(shapes, gated, before, after):
    network = build_network(grid_streets(5, 4), 1.0)[0]
    shapes = np.array([*shapes, shapely.Point(130, 152), shapely.Point(50, 20)], object)
    gates = np.array([number for number in range(len(shapes) - 2) if gated[number]], np.int32)
    corners = np.array([shapely.get_coordinates(shapes[gate])[0] for gate in gates]).reshape(-1, 2)
    doors = Entrances(gates, corners, np.zeros(len(gates), bool))

    def joined(cap: float, rows=None) -> Anchors:
        rows = np.arange(len(shapes)) if rows is None else rows
        kept = doors.take(np.isin(doors.place, rows))
        kept = replace(kept, place=np.searchsorted(rows, kept.place).astype(np.int32))
        return join_areas(shapes[rows], network, cap, entrances=kept)

    again = recapped(joined(before), after, lambda rows: joined(after, rows), np.isin(np.arange(len(shapes)), gates))
    whole = joined(after)
    for name in ("place", "edge", "fraction", "access_metres", "nearest_metres", "cap_metres"):
        assert np.array_equal(getattr(again, name), getattr(whole, name)), name
