from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from livingcircle.sources.entrances import entrances_from_layer, entrances_from_osm, entrances_of, no_entrances
from livingcircle.sources.layers import LayerSource

CRS = "EPSG:32650"
EAST, NORTH = 500_000, 3_540_000
SCHOOL = shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)
PARK = shapely.box(EAST + 200, NORTH, EAST + 300, NORTH + 100)
SHOP = shapely.Point(EAST + 50, NORTH)
PLACES = np.array([SCHOOL, PARK, SHOP], object)


def lonlat(x: float, y: float) -> tuple[float, float]:
    point = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y)], crs=CRS).to_crs("EPSG:4326").iloc[0]
    return point.x, point.y


def mapped(write_osm, **points):
    path = write_osm(points=dict(enumerate(points.values(), start=1)))
    return entrances_from_osm(path, CRS).value


def found(*sources):
    pairs = entrances_of(PLACES, sources)
    at = (pairs.xy - (EAST, NORTH)).round().astype(int).tolist()
    return [
        (place, *xy, alone) for place, xy, alone in zip(pairs.place.tolist(), at, pairs.alone.tolist(), strict=True)
    ]


def test_gates_near_and_doors_on_the_outline_are_entrances_if_one_may_pass(write_osm):
    points = mapped(
        write_osm,
        gate=(lonlat(50, -4), {"barrier": "gate"}),
        far_gate=(lonlat(50, 107), {"barrier": "gate"}),
        door=(lonlat(100, 50), {"entrance": "yes"}),
        door_next_door=(lonlat(103, 50), {"entrance": "yes"}),
        locked=(lonlat(0, 20), {"barrier": "gate", "access": "no"}),
        pupils=(lonlat(0, 60), {"barrier": "gate", "access": "private"}),
        park=(lonlat(200, 50), {"entrance": "main"}),
    )
    assert found(points) == [(0, 50, -4, False), (0, 100, 50, False), (0, 0, 60, False), (1, 200, 50, False)]


def test_stated_entrances_go_before_mapped_ones_of_the_same_area(write_osm, tmp_path):
    lon, lat = lonlat(50, -10)
    path = tmp_path / "gates.csv"
    path.write_text(f"经度,纬度\n{lon},{lat}\n", encoding="utf-8")
    stated = entrances_from_layer(LayerSource(path), CRS).value
    points = mapped(
        write_osm, school=(lonlat(100, 50), {"entrance": "yes"}), park=(lonlat(200, 50), {"entrance": "yes"})
    )
    assert found(stated, points) == [(0, 50, -10, True), (1, 200, 50, False)]


def test_without_points_or_areas_there_are_none():
    assert found() == found(no_entrances()) == []
    assert len(entrances_of(PLACES[2:], [no_entrances()])) == 0
