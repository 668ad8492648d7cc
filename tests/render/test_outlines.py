import numpy as np
import pytest
import shapely

from livingcircle.render.outlines import Frame, frame_around, lonlat_of, slimmed
from small_town import CRS, ORIGIN


def read_back(outline, frame):
    """What the map's script does with a path."""
    return [
        np.cumsum([np.add(path[:2], frame.origin), *np.reshape(path[2:], (-1, 2))], axis=0) / 1e6 for path in outline
    ]


def placed(*positions):
    return ORIGIN + np.array(positions)


@pytest.fixture
def frame():
    return frame_around(ORIGIN + np.array([[0.0, 0.0], [1000.0, 1000.0]]), CRS)


def test_outlines_come_back_to_a_decimetre(frame):
    area = shapely.Polygon(
        placed([0, 0], [90, 0], [90, 90], [0, 90]), holes=[placed([30, 30], [60, 30], [60, 60], [30, 60])]
    )
    shapes = np.array([area, shapely.LineString(placed([5, 5], [7, 9])), shapely.Point(ORIGIN + 3), None], object)
    outlines = frame.outlines(shapes)
    assert [len(outline) for outline in outlines] == [2, 1, 1, 0]
    for outline, shape in zip(outlines, shapes, strict=True):
        found = [corner for path in read_back(outline, frame) for corner in path]
        expected = lonlat_of(shapely.get_coordinates(shape), CRS) if shape is not None else np.empty((0, 2))
        np.testing.assert_allclose(np.reshape(found, (-1, 2)), expected, atol=1e-6)


def test_multipart_areas_keep_all_their_rings_in_one_outline(frame):
    two = shapely.union_all([shapely.box(*ORIGIN, *(ORIGIN + 10)), shapely.box(*(ORIGIN + 20), *(ORIGIN + 30))])
    line = shapely.LineString([ORIGIN, ORIGIN + 5])
    outlines = frame.outlines(np.array([line, two, line], object))
    assert [len(outline) for outline in outlines] == [1, 2, 1]


def test_no_geometry_at_all(frame):
    assert frame.outlines(np.zeros(0, object)) == []
    assert frame.points(np.zeros((0, 2))) == []


def test_points_are_relative_to_the_origin():
    frame = Frame("EPSG:4326", (118_000_000, 32_000_000))
    assert frame.points(np.array([[118.5, 32.25]])) == [[500_000, 250_000]]


def test_slimming_stops_when_it_fits_and_never_empties():
    rounds = shapely.buffer(shapely.points(ORIGIN + 500 * np.arange(10)[:, None]), 200, quad_segs=64)
    slim = slimmed(rounds, 300, metres=0.5)
    assert shapely.get_num_coordinates(slim).sum() <= 300
    assert not shapely.is_empty(slim).any()
    assert (np.abs(shapely.area(slim) / shapely.area(rounds) - 1) < 0.1).all()
