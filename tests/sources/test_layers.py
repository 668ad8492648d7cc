from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.sources.columns import id_column, number_column, text_column
from livingcircle.sources.formats import FORMATS
from livingcircle.sources.layers import LayerSource, inner_points, open_layer, raise_faults, read_layer

SQUARE = shapely.box(118.0, 32.0, 118.1, 32.1)
BOW_TIE = shapely.Polygon([(118, 32), (118.1, 32.1), (118.1, 32), (118, 32.1)])
VECTORS = ("a.gpkg", "a.geojson", "a.shp", "a.fgb", "a.parquet")


def compounds(count: int = 3, **columns) -> gpd.GeoDataFrame:
    cells = {"code": [f"0{row:05d}" for row in range(count)], "name": [f"小区{row}" for row in range(count)], **columns}
    return gpd.GeoDataFrame(cells, geometry=[SQUARE] * count, crs="EPSG:4326")


def write(frame: gpd.GeoDataFrame, path: Path, **options) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, **options)
    return path


def faults_of(source: LayerSource, needed="any", **options):
    with pytest.raises(InputError) as raised:
        read_layer(source, needed=needed, **options)
    assert len(raised.value.report("zh").splitlines()) == len(raised.value.report("en").splitlines())
    return raised.value.faults


def only_fault(source: LayerSource, needed="any", **options):
    (fault,) = faults_of(source, needed, **options)
    return fault


# ── Formats ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", VECTORS)
def test_vector_formats_keep_codes_names_and_crs(tmp_path, name):
    reading = read_layer(LayerSource(write(compounds(), tmp_path / name)), needed="areas")
    assert reading.value["code"].tolist() == ["000000", "000001", "000002"]
    assert reading.value["name"].tolist() == ["小区0", "小区1", "小区2"]
    assert reading.value.crs == "EPSG:4326"
    assert reading.value.index.tolist() == [0, 1, 2]
    assert reading.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_text_tables_in_every_encoding(tmp_path, encoding, name, separator):
    rows = [
        ["id", "名称", "lon", "lat"],
        ["001", "颐和路小区", "118.75", "32.06"],
        ["002", "夫子庙", "118.78", "32.02"],
    ]
    path = tmp_path / name
    path.write_text("\n".join(separator.join(row) for row in rows), encoding=encoding)
    frame = read_layer(LayerSource(path), needed="points").value
    assert frame["id"].tolist() == ["001", "002"]
    assert frame["名称"].tolist() == ["颐和路小区", "夫子庙"]
    assert frame.geometry.x.tolist() == [118.75, 118.78]
    assert frame.crs == "EPSG:4326"


def test_excel_keeps_codes_and_names_its_sheets(tmp_path):
    path = tmp_path / "a.xlsx"
    table = pd.DataFrame({"id": ["007", "010"], "户数": [12, 3.5], "lon": [118.7, 118.8], "lat": [32.0, 32.1]})
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"说明": ["首页"]}).to_excel(writer, sheet_name="封面", index=False)
        table.to_excel(writer, sheet_name="住宅", index=False)
    frame = read_layer(LayerSource(path, layer="住宅"), needed="points").value
    assert frame["id"].tolist() == ["007", "010"]
    assert frame["户数"].tolist() == ["12", "3.5"]
    fault = only_fault(LayerSource(path, layer="学校"))
    assert (fault.kind, fault.value, fault.details["layers"]) == ("missing_layer", "学校", "封面, 住宅")
    assert {fault.kind for fault in faults_of(LayerSource(path))} == {"missing_column"}


def test_a_projected_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y\n388000,3540000\n", encoding="utf-8")
    frame = read_layer(LayerSource(path, crs="EPSG:32650"), needed="points", lon="x", lat="y").value
    assert frame.crs == "EPSG:32650"
    assert (frame.geometry.x[0], frame.geometry.y[0]) == (388000, 3540000)


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_shapefile_that_does_not_state_its_encoding(tmp_path, encoding):
    frame = gpd.GeoDataFrame({"名称": ["颐和路", "夫子庙街道"]}, geometry=[SQUARE] * 2, crs="EPSG:4326")
    path = write(frame, tmp_path / "a.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    read = read_layer(LayerSource(path), needed="areas").value
    assert read["名称"].tolist() == ["颐和路", "夫子庙街道"]


def test_western_names_are_not_taken_for_chinese(tmp_path):
    frame = gpd.GeoDataFrame({"name": ["Müller", "Café Größe"]}, geometry=[SQUARE] * 2, crs="EPSG:4326")
    path = write(frame, tmp_path / "a.shp", encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink()
    assert read_layer(LayerSource(path), needed="areas").value["name"].tolist() == ["Müller", "Café Größe"]


def test_the_first_layer_with_geometry_is_read_and_others_by_name(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"style": ["red"]}), path, layer="layer_styles")
    compounds(2).to_file(path, layer="homes")
    compounds(1).to_file(path, layer="parks")
    assert len(read_layer(LayerSource(path), needed="areas").value) == 2
    assert len(read_layer(LayerSource(path, layer="parks"), needed="areas").value) == 1
    fault = only_fault(LayerSource(path, layer="schools"))
    assert (fault.kind, fault.details["layers"]) == ("missing_layer", "homes, parks, layer_styles")


def test_a_parquet_table_without_geometry_takes_points_from_its_columns(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"lon": [118.5, 118.6], "lat": [32.0, 32.1]}).to_parquet(path)
    assert read_layer(LayerSource(path), needed="points").value.geometry.x.tolist() == [118.5, 118.6]


# ── Files that cannot be read ───────────────────────────────────────────────


def test_missing_file(tmp_path):
    fault = only_fault(LayerSource(tmp_path / "none.gpkg"))
    assert (fault.kind, fault.file) == ("missing_file", str(tmp_path / "none.gpkg"))


def test_unknown_format_names_the_known_ones(tmp_path):
    (tmp_path / "a.docx").write_text("x")
    fault = only_fault(LayerSource(tmp_path / "a.docx"))
    assert fault.kind == "unknown_format"
    assert fault.details["formats"] == ", ".join(FORMATS)


def test_a_folder_is_no_layer(tmp_path):
    (tmp_path / "a.gpkg").mkdir()
    assert only_fault(LayerSource(tmp_path / "a.gpkg")).kind == "not_a_file"


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".xlsx", ".xls"])
@pytest.mark.parametrize("content", [b"", b"<html>not what it says</html>"])
def test_content_that_is_not_what_the_extension_says(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert only_fault(LayerSource(path)).kind == "wrong_content"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", VECTORS)
def test_truncated_files_are_refused(tmp_path, name, share):
    path = write(compounds(2000), tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    (fault,) = faults_of(LayerSource(path))
    assert fault.kind in {"unreadable_file", "truncated_file", "empty_layer"}
    assert fault.file == str(path)


def test_a_truncated_attribute_table_of_a_shapefile_is_refused(tmp_path):
    path = write(compounds(2000), tmp_path / "a.shp")
    attributes = path.with_suffix(".dbf")
    attributes.write_bytes(attributes.read_bytes()[:5000])
    assert only_fault(LayerSource(path)).kind == "unreadable_file"


def test_a_truncated_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    pd.DataFrame({"lon": [1.0], "lat": [2.0]}).to_excel(path, index=False)
    path.write_bytes(path.read_bytes()[:2000])
    assert only_fault(LayerSource(path)).kind == "unreadable_file"


@pytest.mark.parametrize("content", ["", "\n\n", "id,lon,lat\n", "id,lon,lat\n,,\n"])
def test_empty_tables(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    assert only_fault(LayerSource(tmp_path / "a.csv")).kind == "empty_layer"


def test_empty_vector_layer(tmp_path):
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert only_fault(LayerSource(tmp_path / "a.geojson")).kind == "empty_layer"


def test_rows_with_more_cells_than_the_header_are_all_named(tmp_path):
    (tmp_path / "a.csv").write_text("name,lon,lat\nA,1,2\nB, C,1,2\nD,1,2,\nE,1,2,3,4\n")
    faults = faults_of(LayerSource(tmp_path / "a.csv"))
    assert [(fault.kind, fault.row, fault.value) for fault in faults] == [
        ("too_many_cells", 3, "2"),
        ("too_many_cells", 5, "3, 4"),
    ]


# ── Coordinate reference systems ────────────────────────────────────────────


def test_a_shapefile_without_prj_has_no_crs_unless_it_is_stated(tmp_path):
    path = write(compounds(), tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    assert only_fault(LayerSource(path)).kind == "no_crs"
    assert read_layer(LayerSource(path, crs="EPSG:4490"), needed="areas").value.crs == "EPSG:4490"


def test_a_local_grid_has_no_crs(tmp_path):
    path = write(compounds(), tmp_path / "a.gpkg")
    with sqlite3.connect(path) as base:
        base.execute("DROP TRIGGER IF EXISTS trigger_insert_feature_count_a")
        base.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
        base.execute("UPDATE gpkg_contents SET srs_id = -1")
    base.close()
    assert only_fault(LayerSource(path)).kind == "no_crs"


def test_unknown_crs(tmp_path):
    fault = only_fault(LayerSource(write(compounds(), tmp_path / "a.gpkg"), crs="EPSG:99999999"))
    assert (fault.kind, fault.value) == ("unknown_crs", "EPSG:99999999")


def test_a_stated_crs_must_not_contradict_the_file(tmp_path):
    path = write(compounds().to_crs("EPSG:32650"), tmp_path / "a.shp")
    assert read_layer(LayerSource(path, crs="EPSG:32650"), needed="areas").value.crs == "EPSG:32650"
    fault = only_fault(LayerSource(path, crs="EPSG:3857"))
    assert (fault.kind, fault.details["own"], fault.value) == ("crs_conflict", "EPSG:32650", "EPSG:3857")


def test_geojson_cannot_deny_a_crs_so_a_stated_one_holds(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "Point", "coordinates": [388000, 3540000]}')
    assert only_fault(LayerSource(path)).kind == "metres_as_degrees"
    assert read_layer(LayerSource(path, crs="EPSG:32650"), needed="points").value.crs == "EPSG:32650"


def test_projected_geometry_is_in_the_study_crs_and_keeps_the_order(tmp_path):
    frame = gpd.GeoDataFrame(geometry=shapely.points([[117.0, 0.0], [118.0, 0.0]]), crs="EPSG:4326")
    layer = open_layer(LayerSource(write(frame, tmp_path / "a.gpkg")), needed="points")
    geometry = layer.projected("EPSG:32650")
    assert shapely.get_x(geometry[0]) == pytest.approx(500_000)
    assert shapely.get_x(geometry[1]) - 500_000 == pytest.approx(111_275, rel=1e-3)


def test_a_place_the_study_crs_cannot_hold_is_a_fault(tmp_path):
    frame = gpd.GeoDataFrame(geometry=shapely.points([[117.0, 32.0], [-153.0, 0.0]]), crs="EPSG:4326")
    layer = open_layer(LayerSource(write(frame, tmp_path / "a.gpkg")), needed="points")
    with pytest.raises(InputError) as raised:
        layer.projected("EPSG:2433")
    assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("coordinate_range", 2)]


# ── Rows ────────────────────────────────────────────────────────────────────


def test_every_bad_row_of_a_table_is_in_one_report(tmp_path):
    (tmp_path / "a.csv").write_text(
        "id,lon,lat\n"
        "1,118.75,32.06\n"
        "2,32.06,118.75\n"  # swapped
        "3,118.75°E,32.06\n"
        "4,,32.06\n"
        "5,inf,nan\n"
        ",,\n"
        "7,118.75,32.06\n"
        "\n",
        encoding="utf-8",
    )
    faults = faults_of(LayerSource(tmp_path / "a.csv"))
    assert {(fault.kind, fault.row, fault.column, fault.value) for fault in faults} == {
        ("swapped_coordinates", 3, "lon, lat", "32.06, 118.75"),
        ("bad_coordinate", 4, "lon", "118.75°E"),
        ("empty_geometry", 5, "lon", ""),
        ("bad_coordinate", 6, "lon", "inf"),
        ("bad_coordinate", 6, "lat", "nan"),
        ("empty_geometry", 7, "lon", ""),
        ("empty_geometry", 7, "lat", ""),
    }


def test_missing_coordinate_columns_are_both_named_with_those_there_are(tmp_path):
    (tmp_path / "a.csv").write_text("编号,东,北,geometry\n1,118,32,POINT (118 32)\n", encoding="utf-8")
    faults = faults_of(LayerSource(tmp_path / "a.csv"))
    assert [(fault.kind, fault.column) for fault in faults] == [("missing_column", "lon"), ("missing_column", "lat")]
    assert faults[0].details["columns"] == "编号, 东, 北"


def test_a_wrong_layer_is_one_fault_and_wrong_rows_are_one_each(tmp_path):
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(118, 32), (118.1, 32)])] * 3, crs="EPSG:4326")
    fault = only_fault(LayerSource(write(lines, tmp_path / "lines.gpkg")))
    assert (fault.kind, fault.row, fault.value) == ("wrong_geometry", None, "LineString")
    assert "点或面" in fault.sentence("zh")
    assert "points or polygons" in fault.sentence("en")

    mixed = gpd.GeoDataFrame(geometry=[SQUARE, shapely.Point(118, 32), SQUARE, shapely.Point(118, 32)], crs="EPSG:4326")
    faults = faults_of(LayerSource(write(mixed, tmp_path / "mixed.geojson")), needed="areas")
    assert [(fault.row, fault.value) for fault in faults] == [(2, "Point"), (4, "Point")]


def test_missing_empty_and_infinite_geometry_is_named_by_row(tmp_path):
    shapes = [SQUARE, None, shapely.Point(), shapely.Point(np.inf, 32)]
    faults = faults_of(LayerSource(write(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326"), tmp_path / "a.parquet")))
    assert [(fault.kind, fault.row) for fault in faults] == [
        ("empty_geometry", 2),
        ("empty_geometry", 3),
        ("bad_coordinate", 4),
    ]


def test_a_ring_that_is_not_closed_spoils_its_row_and_not_the_file(tmp_path):
    ring = "[[118,32],[118.1,32],[118.1,32.1]]"
    closed = "[[118,32],[118.1,32],[118.1,32.1],[118,32]]"
    features = ",".join(
        f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[{corners}]}}}}'
        for corners in (closed, ring)
    )
    (tmp_path / "a.geojson").write_text(f'{{"type":"FeatureCollection","features":[{features}]}}')
    fault = only_fault(LayerSource(tmp_path / "a.geojson"))
    assert (fault.kind, fault.row) == ("empty_geometry", 2)


def test_invalid_polygons_are_repaired_with_a_warning(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[SQUARE, BOW_TIE, SQUARE, BOW_TIE], crs="EPSG:4326")
    reading = read_layer(LayerSource(write(frame, tmp_path / "a.gpkg")), needed="areas")
    assert reading.value.geometry.is_valid.all()
    assert shapely.area(reading.value.geometry[1]) == pytest.approx(0.1 * 0.1 / 2)
    (warning,) = reading.warnings
    assert (warning.kind, warning.details["count"], warning.details["rows"]) == ("repaired_geometry", 2, "2, 4")


def test_a_polygon_without_area_is_empty(tmp_path):
    flat = shapely.Polygon([(118, 32), (118.1, 32), (118.2, 32)])
    frame = gpd.GeoDataFrame(geometry=[SQUARE, flat], crs="EPSG:4326")
    fault = only_fault(LayerSource(write(frame, tmp_path / "a.gpkg")))
    assert (fault.kind, fault.row) == ("empty_geometry", 2)


def test_heights_are_dropped_and_a_multipoint_of_one_is_a_point(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[shapely.MultiPoint([(118, 32, 7)])], crs="EPSG:4326")
    read = read_layer(LayerSource(write(frame, tmp_path / "a.geojson")), needed="points").value
    assert read.geometry[0].wkt == "POINT (118 32)"


# ── Columns ─────────────────────────────────────────────────────────────────


def table(tmp_path: Path, *rows: str):
    text = "\n".join(("id,lon,lat,people,name", *rows))
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return open_layer(LayerSource(tmp_path / "t.csv"), needed="points")


def test_numbers_are_read_and_every_wrong_one_is_named(tmp_path):
    layer = table(
        tmp_path, "1,118,32, 12.5 ,", "2,118,32,,", "3,118,32,约30人,", "4,118,32,-1,", "5,118,32,inf,", "6,118,32,1_0,"
    )
    numbers = number_column(layer, "people")
    assert numbers[0] == 12.5
    assert np.isnan(numbers[1])
    assert [(fault.kind, fault.row, fault.column, fault.value) for fault in layer.faults] == [
        ("not_a_number", 4, "people", "约30人"),
        ("negative_number", 5, "people", "-1"),
        ("not_a_number", 6, "people", "inf"),
        ("not_a_number", 7, "people", "1_0"),
    ]


def test_columns_that_are_not_named_are_unknown_and_missing_ones_are_faults(tmp_path):
    layer = table(tmp_path, "1,118,32,1,a")
    assert np.isnan(number_column(layer, None)).all()
    assert text_column(layer, None).tolist() == [""]
    assert layer.faults == ()
    number_column(layer, "floors")
    (fault,) = layer.faults
    assert (fault.kind, fault.column, fault.details["columns"]) == (
        "missing_column",
        "floors",
        "id, lon, lat, people, name",
    )


def test_ids_are_unique_text(tmp_path):
    layer = table(tmp_path, "01,118,32,1,a", "02,118,32,1,b", "01,118,32,1,c", ",118,32,1,d", "01,118,32,1,e")
    assert id_column(layer, "id").tolist() == ["01", "02", "01", "", "01"]
    assert [(fault.kind, fault.row, fault.value) for fault in layer.faults] == [
        ("duplicate_id", 4, "01"),
        ("missing_value", 5, ""),
        ("duplicate_id", 6, "01"),
    ]
    assert "first in row 2" in layer.faults[0].sentence("en")
    assert id_column(layer, None).tolist() == ["1", "2", "3", "4", "5"]


def test_numeric_codes_lose_no_digits_when_one_is_missing(tmp_path):
    frame = compounds(3, number=[320106001, np.nan, 320106002.5])
    layer = open_layer(LayerSource(write(frame, tmp_path / "a.gpkg")), needed="areas")
    assert text_column(layer, "number").tolist() == ["320106001", "", "320106002.5"]


def test_coordinate_and_column_faults_come_in_one_report(tmp_path):
    layer = table(tmp_path, "1,118,320,-5,a", "1,118,32,x,b")
    id_column(layer, "id")
    number_column(layer, "people")
    with pytest.raises(InputError) as raised:
        layer.projected("EPSG:32650")
    assert [fault.kind for fault in raised.value.faults] == [
        "coordinate_range",
        "duplicate_id",
        "negative_number",
        "not_a_number",
    ]
    for language in ("zh", "en"):
        assert "{" not in raised.value.report(language)


def test_a_file_that_cannot_be_read_has_no_further_faults(tmp_path):
    layer = open_layer(LayerSource(tmp_path / "none.csv"), needed="points", file_label="homes")
    assert (len(id_column(layer, "id")), len(number_column(layer, "people"))) == (0, 0)
    with pytest.raises(InputError) as raised:
        raise_faults(layer)
    assert [(fault.kind, fault.file) for fault in raised.value.faults] == [("missing_file", "homes")]


def test_inner_points_lie_inside():
    horseshoe = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 0, 20, 29))
    shapes = np.array([shapely.box(0, 0, 10, 20), horseshoe, shapely.Point(3, 4)], dtype=object)
    points = inner_points(shapes)
    assert points[0].tolist() == [5, 10]
    assert points[2].tolist() == [3, 4]
    assert shapely.intersects(shapes, shapely.points(points)).all()


@pytest.mark.parametrize(
    ("name", "datum"),
    [
        ("GCJ-02", "gcj02"),
        ("gcj02", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("BD-09", "bd09"),
        ("百度坐标", "bd09"),
        ("BD09MC", "bd09mc"),
    ],
)
def test_a_datum_is_no_crs_and_the_fault_says_where_it_belongs(tmp_path, name, datum):
    (tmp_path / "a.csv").write_text("lon,lat\n118,32\n")
    (fault,) = faults_of(LayerSource(tmp_path / "a.csv", crs=name))
    assert fault.kind == "offset_crs"
    assert f"datum: {datum}" in fault.remedy("zh")


def test_rows_are_those_a_spreadsheet_shows_whatever_stands_above_the_header(tmp_path):
    (tmp_path / "a.csv").write_text("\n\nlon,lat\n118,32\nx,32\n")
    (fault,) = faults_of(LayerSource(tmp_path / "a.csv"))
    assert (fault.kind, fault.row) == ("bad_coordinate", 5)
