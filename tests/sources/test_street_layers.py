"""Street layers: the recorded town in every vector format gives the network of its extract; odd columns are understood or told."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.model.network import Road
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.street_layers import streets_from_layer

# A road from west to east, a footway that ends on it, a bridge across it, and a motorway.
WEST, EAST, MIDDLE = (500000.0, 3500000.0), (500200.0, 3500000.0), (500100.0, 3500000.0)
ROWS = [
    {"highway": "residential", "name": "中山路", "geometry": [WEST, EAST]},
    {"highway": "footway", "name": None, "geometry": [MIDDLE, (500100.0, 3500080.0)]},
    {"highway": "footway", "name": "天桥", "bridge": "yes", "geometry": [(500050.0, 3499950.0), (500050.0, 3500050.0)]},
    {"highway": "motorway", "name": None, "geometry": [WEST, (500000.0, 3500500.0)]},
]
CRS = "EPSG:32650"


def frame(rows=None, **columns):
    rows = ROWS if rows is None else rows
    data = pd.DataFrame([{key: value for key, value in row.items() if key != "geometry"} for row in rows])
    shapes = [shapely.LineString(row["geometry"]) for row in rows]
    return gpd.GeoDataFrame(data.assign(**columns), geometry=shapes, crs=CRS)


def written(tmp_path: Path, data: gpd.GeoDataFrame, name: str = "streets.parquet") -> LayerSource:
    path = tmp_path / name
    if path.suffix == ".parquet":
        data.to_parquet(path)
    elif path.suffix == ".geojson":
        data.to_crs(4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=10)
    else:
        # As offices save shapefiles: GBK leaves room for five Chinese letters in the name of a column, UTF-8 for three.
        data.to_file(path, encoding="GBK" if path.suffix == ".shp" else "utf-8")
    return LayerSource(path)


def read(tmp_path, data, name="streets.parquet", columns=None, **options):
    return streets_from_layer(written(tmp_path, data, name), columns or {}, CRS, **options)


def kinds(reading):
    return {said.kind: said for said in reading.warnings}


@pytest.mark.parametrize("name", ["streets.parquet", "streets.gpkg", "streets.shp", "streets.geojson", "streets.fgb"])
def test_every_format_gives_the_same_streets(tmp_path, name):
    streets = read(tmp_path, frame(), name).value
    assert len(streets) == 4  # the road in two, the footway, the bridge; no motorway
    assert len(streets.node_xy) == 6  # three of the road, the end of the footway, two of the bridge
    assert sorted(streets.names.tolist()) == ["中山路", "天桥"]
    assert streets.at_ground.tolist().count(False) == 1


def test_lengths_are_those_on_the_ground(tmp_path):
    streets = read(tmp_path, frame()).value
    # At the middle of a zone UTM shrinks by 0.04 %.
    assert sorted(streets.metres.tolist()) == pytest.approx(
        [80 / 0.9996, 100 / 0.9996, 100 / 0.9996, 100 / 0.9996], rel=1e-6
    )


def test_edges_of_osmnx_keep_their_index_and_count_once(tmp_path):
    rows = [
        {
            "u": 1,
            "v": 2,
            "key": 0,
            "osmid": "[5, 6]",
            "highway": "['residential', 'tertiary']",
            "geometry": [WEST, MIDDLE],
        },
        {
            "u": 2,
            "v": 1,
            "key": 0,
            "osmid": "[5, 6]",
            "highway": "['residential', 'tertiary']",
            "geometry": [MIDDLE, WEST],
        },
        {"u": 2, "v": 3, "key": 0, "osmid": "7", "highway": "footway", "geometry": [MIDDLE, EAST]},
    ]
    found = read(tmp_path, frame(rows).set_index(["u", "v", "key"]))
    streets = found.value
    assert (len(streets), len(streets.node_xy)) == (2, 3)
    assert streets.road.tolist() == [Road.TERTIARY, Road.NONE]  # the biggest of what was merged
    assert streets.way.tolist() == [-1, 7]
    assert kinds(found)["lines_joined"].details["twice"] == 1


def test_lists_in_cells_are_read_as_lists(tmp_path):
    data = frame(ROWS[:1], highway=[["footway", "residential"]])
    assert read(tmp_path, data).value.road.tolist() == [Road.MINOR]


def test_chinese_columns_and_classes(tmp_path):
    classes = ["主干路", "次干路", "支路", "人行天桥", "快速路", "高速公路"]
    rows = [
        {"道路等级": name, "路名": f"{name}甲", "geometry": [(x, 0 + 3.5e6), (x, 100 + 3.5e6)]}
        for name, x in zip(classes, range(500000, 500600, 100), strict=True)
    ]
    found = read(tmp_path, frame(rows), "streets.shp")
    streets = found.value
    assert streets.road.tolist() == [Road.PRIMARY, Road.SECONDARY, Road.TERTIARY, Road.NONE]
    assert streets.at_ground.tolist() == [True, True, True, False]
    assert streets.names.tolist().count("支路甲") == 1
    assert kinds(found)["trunk_roads_unjudged"].details["count"] == 1
    assert "道路等级 → highway" in kinds(found)["columns_matched"].problem("zh")


def test_a_trunk_road_with_a_pavement_is_walked(tmp_path):
    rows = [
        {"highway": "trunk", "sidewalk": side, "geometry": [(x, 3.5e6), (x, 3.5e6 + 9)]}
        for x, side in ((500000, "both"), (500100, None))
    ]
    found = read(tmp_path, frame(rows))
    assert len(found.value) == 1
    assert "trunk_roads_unjudged" not in kinds(found)


def test_an_unknown_class_is_walked_and_told(tmp_path):
    found = read(tmp_path, frame(ROWS[:2], highway=["三级", None]))
    assert len(found.value) == 3
    assert kinds(found)["unknown_street_class"].details["count"] == 2
    assert kinds(found)["unknown_street_class"].severity == "note"


def test_without_classes_every_line_is_walked_with_a_warning(tmp_path):
    found = read(tmp_path, frame()[["geometry"]])
    assert len(found.value) == 5
    assert kinds(found)["no_street_classes"].severity == "warning"


def test_tags_decide_who_walks(tmp_path):
    found = read(tmp_path, frame(access=["private", None, None, None], foot=[None, "no", None, None]))
    streets = found.value
    assert streets.private.tolist() == [True, False]  # the road in one piece, for nobody walks what ends on it
    assert kinds(found)["streets_dropped"].details["count"] == 1
    assert streets.closed_metres.sum() == pytest.approx(80 / 0.9996, rel=1e-6)


def test_wide_roads_are_known_by_their_width(tmp_path):
    assert read(tmp_path, frame(ROWS[:1], width=["14.0"])).value.wide.tolist() == [True]
    assert read(tmp_path, frame(ROWS[:1], width=["13.9 m"])).value.wide.tolist() == [False]


def test_a_stated_column_wins_and_must_exist(tmp_path):
    data = frame(ROWS[:1], klasse=["pedestrian"])
    assert read(tmp_path, data, columns={"highway": "klasse"}).value.road.tolist() == [Road.NONE]
    with pytest.raises(InputError, match="klasse2"):
        read(tmp_path, data, columns={"highway": "klasse2"})


def test_ways_of_openstreetmap_meet_at_inner_points(tmp_path):
    rows = [
        {"osm_id": "11", "highway": "footway", "geometry": [WEST, MIDDLE, EAST]},
        {"osm_id": "12", "highway": "footway", "geometry": [(500100.0, 3499900.0), MIDDLE, (500100.0, 3500100.0)]},
    ]
    joined = read(tmp_path, frame(rows))
    assert (len(joined.value), len(joined.value.node_xy)) == (4, 5)
    assert joined.value.way.tolist() == [11, 11, 12, 12]
    apart = read(tmp_path, frame(rows), joined_at="ends")
    assert len(apart.value) == 2
    assert kinds(apart)["inner_points_shared"].details["count"] == 1


def test_node_numbers_that_do_not_fit_are_told_and_ignored(tmp_path):
    rows = [
        {"u": 1, "v": 2, "highway": "path", "geometry": [WEST, MIDDLE]},
        {"u": 1, "v": 2, "highway": "path", "geometry": [MIDDLE, EAST]},
    ]
    found = read(tmp_path, frame(rows))
    assert "node_numbers_ignored" in kinds(found)
    assert len(found.value.node_xy) == 3


def test_points_are_no_streets(tmp_path):
    path = tmp_path / "points.gpkg"
    gpd.GeoDataFrame({"highway": ["crossing"]}, geometry=[shapely.Point(WEST)], crs=CRS).to_file(path)
    with pytest.raises(InputError) as caught:
        streets_from_layer(LayerSource(path), {}, CRS)
    assert [fault.kind for fault in caught.value.faults] == ["wrong_geometry"]


def test_an_unfit_system_and_motorways_only(tmp_path):
    with pytest.raises(InputError, match="degrees"):
        streets_from_layer(written(tmp_path, frame()), {}, "EPSG:4326")
    with pytest.raises(InputError, match="no street that may be walked"):
        read(tmp_path, frame(ROWS[3:]))
