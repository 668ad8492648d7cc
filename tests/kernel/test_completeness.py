"""Measures of completeness from arithmetic: a grid of streets whose every trace of incompleteness is counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.completeness import graded, network_completeness
from livingcircle.model.completeness import GRADES, LEAST, MOST
from livingcircle.model.compound import Compounds, Gates, Passage
from livingcircle.model.network import StreetEdges
from livingcircle.model.places import Districts, Homes
from livingcircle.sources.districts import no_districts

CRS = "EPSG:32650"
# A square of 200 m walked around, a dead end of 100 m into it from the south, and 100 m that nothing joins far to the east.
NODES = np.array([[0, 0], [200, 0], [200, 200], [0, 200], [100, 0], [100, 100], [1000, 0], [1100, 0]], float)
STREETS = [(0, 4), (4, 1), (1, 2), (2, 3), (3, 0), (4, 5), (6, 7)]


def streets(**columns):
    columns.setdefault("road", np.array([1, 1, 1, 1, 1, 0, 1], np.int8))
    start, end = (np.array(column, np.int32) for column in zip(*STREETS, strict=True))
    lines = np.array([shapely.LineString(NODES[list(one)]) for one in STREETS], object)
    return StreetEdges.plain(start=start, end=end, lines=lines, node_xy=NODES.copy(), crs=CRS, **columns)


def homes(xy, residents, district=None):
    xy = np.array(xy, float)
    count = len(xy)
    columns = {name: np.full(count, np.nan) for name in ("floor_m2", "footprint_m2")}
    return Homes(
        ids=np.array([str(number) for number in range(count)], object),
        xy=xy,
        geometry=np.asarray(shapely.points(xy), object),
        residents=np.array(residents, float),
        households=np.array(residents, float) / 2,
        district=np.full(count, -1, np.int32) if district is None else np.array(district, np.int32),
        **columns,
    )


def boxes(*shapes):
    names = np.array([f"d{number}" for number in range(len(shapes))], object)
    geometry = np.array([shapely.box(*shape) for shape in shapes], object)
    return names, geometry


def compounds(*shapes):
    names, geometry = boxes(*shapes)
    return Compounds(names, names.copy(), geometry, np.zeros(len(shapes), bool))


def gates(*xy):
    count = len(xy)
    return Gates(
        xy=np.array(xy, float).reshape(-1, 2),
        who=np.full(count, Passage.EVERYONE, np.int8),
        opens=np.full(count, np.nan),
        closes=np.full(count, np.nan),
        compound=np.full(count, -1, np.int32),
    )


def measured(read=None, people=None, districts=None, area=None, estates=None, doors=None):
    read = streets() if read is None else read
    people = homes([[10, 10]], [1]) if people is None else people
    return network_completeness(read, people, districts or no_districts(), area, estates, doors)


def test_a_home_at_fifty_metres_is_near_and_one_beyond_is_far():
    people = homes([[-50, 100], [-50.01, 100], [0, 100], [600, 600]], [1, 2, 4, 8])
    found = measured(people=people)
    assert found.homes_far_share.tolist() == [2 / 4]
    assert found.residents_far_share.tolist() == [10 / 15]
    assert (found.grade[0], found.weakest[0]) == ("D", "residents_far_share")


def test_length_islands_and_dead_ends():
    found = measured()
    assert found.kilometres.tolist() == [1.0]
    assert found.parts.tolist() == [2]
    assert found.apart_share.tolist() == [pytest.approx(0.1)]
    assert found.dead_ends_per_km.tolist() == [3.0]  # the one inside the square, and both ends of the street apart


def test_neither_the_edge_of_the_data_nor_a_gate_is_a_dead_end():
    cut = np.zeros(len(NODES), bool)
    cut[7] = True
    found = measured(streets(node_cut=cut), doors=gates([100, 114]))
    assert found.dead_ends_per_km.tolist() == [1.0]  # the near end of the street that goes on beyond the data
    assert found.apart_share.tolist() == [0.0]  # which may be joined there
    assert found.parts.tolist() == [1]
    assert measured(streets(node_cut=cut), doors=gates([100, 116])).dead_ends_per_km.tolist() == [2.0]


def test_private_and_closed_streets_are_shares_of_length():
    private = np.array([True, True, *[False] * 5])
    closed = {"closed_xy": np.array([[50.0, 50], [60, 50]]), "closed_metres": np.array([100.0, 150])}
    found = measured(streets(private=private, **closed))
    assert found.private_share.tolist() == [0.2]
    assert found.dropped_share.tolist() == [0.2]
    assert found.paths_share.tolist() == [0.1]


def test_paths_are_looked_for_in_compounds_of_a_hectare():
    # 99 m across: too small to need a path; 196 m across inside the square: 97 m of path are inside the wall; nothing in the third.
    estates = compounds((300, 300, 399, 399), (2, 2, 198, 198), (300, 0, 400, 100))
    found = measured(estates=estates)
    assert found.compounds.tolist() == [2]
    assert found.compounds_without_path.tolist() == [1]
    assert found.compound_km_per_km2.tolist() == [pytest.approx((1000 * 95 / 196**2) / 2)]
    assert np.isnan(measured().compound_km_per_km2).all()


def test_districts_and_those_they_are_part_of():
    names, geometry = boxes((-10, -10, 210, 210), (900, -10, 1200, 210), (-10, -10, 1200, 210))
    districts = Districts(
        ids=names,
        names=names.copy(),
        geometry=geometry,
        level=np.array(["community", "community", "subdistrict"], object),
        parent=np.array([2, 2, -1], np.int32),
    )
    people = homes([[0, 0], [1000, 0], [1000, 150]], [1, 2, 4], district=[0, 1, 1])
    found = measured(people=people, districts=districts, area=shapely.box(-10, -10, 210, 210))
    assert found.district.tolist() == [-1, 0, 1, 2]
    assert found.kilometres.tolist() == [0.9, 0.9, 0.1, 1.0]
    assert found.apart_share.tolist() == [0, 0, 1, pytest.approx(0.1)]
    assert found.parts.tolist() == [1, 1, 1, 2]
    assert found.residents_far_share.tolist() == [4 / 7, 0, 4 / 6, 4 / 7]
    assert found.grade.tolist() == ["D", "A", "D", "D"]


def test_a_district_without_streets_or_homes_is_not_graded():
    names, geometry = boxes((5000, 5000, 5100, 5100))
    empty = Districts(names, names.copy(), geometry, np.array([""], object), np.array([-1], np.int32))
    found = measured(districts=empty)
    assert (found.grade[1], found.weakest[1], found.kilometres[1]) == ("", "", 0)


def test_the_worst_measure_grades_and_bounds_are_included():
    measures = {
        **{name: np.array(bounds) for name, bounds in MOST.items()},
        **{k: np.array(v) for k, v in LEAST.items()},
    }
    assert graded(measures)[0].tolist() == ["A", "B", "C"]
    measures["apart_share"] = np.array([0.0, 1.0, np.nan])
    grade, weakest = graded(measures)
    assert grade.tolist() == ["A", "D", "C"]
    assert weakest[1] == "apart_share"


@given(
    st.dictionaries(st.sampled_from([*MOST, *LEAST]), st.floats(0, 100)), st.sampled_from([*MOST]), st.floats(0, 100)
)
def test_more_of_what_is_missing_never_betters_the_grade(known, name, more):
    measures = {one: np.array([known.get(one, np.nan)]) for one in (*MOST, *LEAST)}
    measures[name] = np.nan_to_num(measures[name])
    worse = {**measures, name: measures[name] + more}
    assert GRADES.index(graded(measures)[0][0]) <= GRADES.index(graded(worse)[0][0])


@given(st.integers(0, len(STREETS) - 1))
def test_every_street_counts_the_same_whichever_way_it_is_drawn(number):
    read = streets()
    lines = read.lines.copy()
    lines[number] = shapely.reverse(lines[number])
    start, end = read.start.copy(), read.end.copy()
    start[number], end[number] = read.end[number], read.start[number]
    turned, found = measured(replace(read, lines=lines, start=start, end=end)), measured()
    assert turned.dead_ends_per_km == found.dead_ends_per_km
    assert turned.apart_share == pytest.approx(found.apart_share)
