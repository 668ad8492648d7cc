"""Slope: Tobler's function exactly, gradients from heights, bridges between their ends."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.slope import STEEPEST, grades_from, samples_along, slope_factors, tobler_factor, unknown_share
from livingcircle.model.network import StreetEdges
from livingcircle.model.standard import Words
from livingcircle.model.terrain import Grades
from livingcircle.model.walker import Walker
from town import CRS, Town, grid_streets, streets

HIKER = Walker("w", Words("", ""), 1.0, slope="tobler")


def tobler_kmh(gradient: float) -> float:
    return 6 * math.exp(-3.5 * abs(gradient + 0.05))


def graded(edges, height, spacing_metres: float = 30.0) -> Grades:
    """Grades of streets on ground whose height is a function of x and y."""
    samples = samples_along(edges, spacing_metres)
    return grades_from(edges, samples, np.array([height(x, y) for x, y in samples.xy], float))


def walked(edges, height, home, facility, walker: Walker = HIKER) -> float:
    network, _ = build_network(edges, 1.0)
    walk = walker_impedance(network, walker, graded(network.streets, height))
    return float(Town(network, walk).reach([home], [facility]).seconds[0, 0])


@pytest.mark.parametrize("gradient", [-0.3, -0.1, -0.05, -0.02, 0.0, 0.05, 0.12, 0.3])
def test_a_ramp_takes_what_tobler_says(gradient):
    ramp = streets([((0, 0), (1000, 0))])
    expected = 1000 * tobler_kmh(0) / tobler_kmh(gradient)
    assert walked(ramp, lambda x, _: gradient * x, (0, 0), (1000, 0)) == pytest.approx(expected, abs=0.05)
    assert walked(ramp, lambda x, _: -gradient * x, (1000, 0), (0, 0)) == pytest.approx(expected, abs=0.05)
    assert walked(ramp, lambda x, _: gradient * x, (0, 0), (1000, 0), replace(HIKER, slope="level")) == 1000


def test_samples_lie_evenly_along_bent_lines():
    bent = [shapely.LineString([(0, 0), (30, 40), (30, 41)]), shapely.LineString([(9, 9), (9, 9)])]
    bent.append(shapely.LineString([(500, 0), (500, 10), (510, 10), (600, 80)]))
    ends = np.array([0, 1, 2], np.int32)
    edges = StreetEdges.plain(start=ends, end=ends, lines=np.array(bent, object), node_xy=np.zeros((3, 2)), crs=CRS)
    samples = samples_along(edges, 7.0)
    for line, first, last in zip(bent, samples.indptr[:-1], samples.indptr[1:], strict=True):
        shares = np.linspace(0, 1, last - first)
        wanted = shapely.get_coordinates(shapely.line_interpolate_point(line, shares, normalized=True))
        assert samples.xy[first:last] == pytest.approx(wanted)


def test_gently_downhill_is_faster_and_the_way_there_and_back_never_is():
    assert tobler_factor(np.array([-0.05]))[0] == pytest.approx(math.exp(-0.175))
    gradients = np.linspace(-0.6, 0.6, 121)
    assert (tobler_factor(gradients) + tobler_factor(-gradients) >= 2).all()
    assert tobler_factor(np.array([STEEPEST, 0.5, 9.0])).std() == pytest.approx(0)


def test_a_hill_on_the_way_is_felt_even_where_both_ends_are_level():
    over = streets([((0, 0), (600, 0))])
    up_and_down = 300 * (tobler_kmh(0) / tobler_kmh(0.1) + tobler_kmh(0) / tobler_kmh(-0.1))
    assert walked(over, lambda x, _: 30 - abs(x - 300) / 10, (0, 0), (600, 0)) == pytest.approx(up_and_down, abs=0.05)
    grades = graded(over, lambda x, _: 30 - abs(x - 300) / 10)
    assert grades.climb_metres == pytest.approx([30])
    assert grades.descent_metres == pytest.approx([30])


def test_stairs_do_not_feel_the_slope_as_well():
    stairs = replace(streets([((0, 0), (100, 0))]), steps=np.array([True]))
    for gradient in (0.3, -0.3):
        time = walked(stairs, lambda x, _, g=gradient: g * x, (0, 0), (100, 0), replace(HIKER, stairs_factor=3.0))
        assert time == 300


def test_a_bridge_of_several_pieces_rises_evenly_over_the_valley():
    pieces = [((-100, 0), (0, 0)), ((0, 0), (50, 0)), ((50, 0), (200, 0)), ((200, 0), (300, 0))]
    edges = streets(pieces, below=[1, 2])

    def valley(x, _):
        return -80 if 0 < x < 200 else (10 if x >= 200 else 0)

    grades = graded(edges, valley)
    factors = slope_factors(grades)
    bridge = tobler_factor(np.array([10 / 200]))[0]
    assert factors[0][1:3] == pytest.approx([bridge, bridge])
    assert grades.climb_metres == pytest.approx([0, 2.5, 7.5, 0], abs=1e-4)


def test_a_bridge_in_mid_air_is_left_level():
    pieces = [((0, 0), (50, 0)), ((50, 0), (200, 0)), ((200, 0), (0, 0))]
    edges = streets(pieces, below=[0, 1, 2])
    samples = samples_along(edges, 30.0)
    grades = grades_from(edges, samples, np.full(len(samples.xy), np.nan))
    assert (grades.gradient == 0).all()


def test_ground_without_height_is_level_and_counted():
    edges = streets([((0, 0), (100, 0)), ((100, 0), (200, 0))])
    samples = samples_along(edges, 10.0)
    heights = np.where(samples.xy[:, 0] <= 100, samples.xy[:, 0] / 10, np.nan)
    factors = slope_factors(grades_from(edges, samples, heights))
    assert factors[0] == pytest.approx([tobler_factor(np.array([0.1]))[0], 1.0])
    assert unknown_share(edges, samples, heights) == pytest.approx(0.5 * 10 / 11)


def test_samples_are_as_far_apart_as_asked_or_a_little_nearer():
    edges = streets([((0, 0), (95, 0)), ((0, 0), (0, 4)), ((0, 4), (95, 0))], below=[2])
    samples = samples_along(edges, 30.0)
    assert np.diff(samples.indptr).tolist() == [5, 2, 2]
    assert samples.xy[:5, 0] == pytest.approx([0, 23.75, 47.5, 71.25, 95])


def test_a_street_of_no_length_is_level():
    link = replace(streets([((0, 0), (10, 0))]), lines=np.array([shapely.LineString([(5, 5), (5, 5)])], object))
    assert slope_factors(graded(link, lambda x, _: x))[0] == pytest.approx([1.0])


@given(st.lists(st.floats(-40, 40), min_size=16, max_size=16))
def test_what_is_climbed_one_way_is_gone_down_the_other(heights):
    network, _ = build_network(grid_streets(4, 4), 1.0)
    at = {tuple(xy): height for xy, height in zip(network.streets.node_xy, heights, strict=True)}
    grades = graded(network.streets, lambda x, y: at[x, y], spacing_metres=1000)
    walk = walker_impedance(network, HIKER, grades)
    reverse = walker_impedance(network, HIKER, replace(grades, gradient=-grades.gradient))
    assert (walk.forward == reverse.backward).all()
    assert (walk.forward + walk.backward >= 2 * 100 * 20).all()
    assert grades.climb_metres - grades.descent_metres == pytest.approx(
        [
            at[tuple(network.streets.node_xy[b])] - at[tuple(network.streets.node_xy[a])]
            for a, b in zip(network.streets.start, network.streets.end, strict=True)
        ],
        abs=1e-6,
    )
