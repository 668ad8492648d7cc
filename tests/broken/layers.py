"""Broken layers of points and areas: GeoPackage, GeoJSON, shapefile, GeoParquet, FlatGeobuf, KML."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from broken.corpus import Changes, broken, cut, districts, homes, homes_at, readable
from livingcircle.model.study import Study

RESIDENTS = "居民数"
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf", ".kml": "LIBKML"}


def written(folder: Path, name: str, frame: gpd.GeoDataFrame | None = None, **options: object) -> Changes:
    """Write homes as a file, and name it in the study."""
    frame = homes() if frame is None else frame
    path = folder / name
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver=_DRIVERS[path.suffix], **options)
    return homes_at(name)


def with_shapes(shapes: Sequence[object]) -> gpd.GeoDataFrame:
    """Return the homes with other geometry, the last ones as they were."""
    frame = homes()
    geometry = frame.geometry.to_numpy().astype(object)
    geometry[: len(shapes)] = np.array([*shapes, None], object)[:-1]
    return frame.set_geometry(gpd.GeoSeries(geometry, crs=frame.crs))


# ── Cut short ───────────────────────────────────────────────────────────────


def _cut(name: str, wanted: str) -> None:
    """Register a case of a file of this name that ends in the middle."""

    def write(folder: Path) -> Changes:
        many = pd.concat([homes()] * 200, ignore_index=True)
        many["id"] = many.index.astype(str)
        changes = written(folder, name, many)
        cut(folder / name)
        return changes

    write.__name__ = f"{name.rpartition('.')[2]}_cut"
    broken("homes", wanted)(write)


for _name, _wanted in {
    "homes.gpkg": "unreadable_file",
    "homes.geojson": "unreadable_file",
    "homes.shp": "truncated_file",
    "homes.fgb": "unreadable_file",
    "homes.parquet": "unreadable_file",
    "homes.kml": "unreadable_file",
}.items():
    _cut(_name, _wanted)


@broken("homes", "unreadable_file")
def dbf_cut(folder: Path) -> Changes:
    changes = written(folder, "homes.shp")
    cut(folder / "homes.dbf")
    return changes


# ── Shapefiles and their parts ──────────────────────────────────────────────


def _short(folder: Path, *without: str, **options: object) -> Changes:
    changes = written(folder, "homes.shp", **options)
    for suffix in without:
        (folder / f"homes{suffix}").unlink()
    return changes


@readable("homes", "index_rebuilt")
def shapefile_without_index(folder: Path) -> Changes:
    return _short(folder, ".shx")


@broken("homes", ("missing_column", None, "id"), ("missing_column", None, RESIDENTS))
def shapefile_without_attributes(folder: Path) -> Changes:
    return _short(folder, ".dbf", ".cpg")


@broken("homes", "no_crs")
def shapefile_without_system(folder: Path) -> Changes:
    return _short(folder, ".prj")


@readable("homes", "encoding_found")
def shapefile_without_encoding(folder: Path) -> Changes:
    return _short(folder, ".cpg", encoding="gb18030")


@readable("homes", "encoding_found")
def shapefile_with_a_wrong_encoding(folder: Path) -> Changes:
    changes = _short(folder, encoding="gb18030")
    (folder / "homes.cpg").write_text("UTF-8")
    return changes


@broken("homes", "crs_conflict", "degrees_as_metres")
def shapefile_of_another_system_than_stated(folder: Path) -> Changes:
    written(folder, "homes.shp")
    return homes_at("homes.shp", crs="EPSG:4549")


@broken("homes", "no_crs")
def shapefile_whose_system_is_no_text(folder: Path) -> Changes:
    changes = written(folder, "homes.shp")
    (folder / "homes.prj").write_bytes(b"\xff\xfe\0garbage")
    return changes


@broken("homes", ("degrees_as_metres", None, ""))
def shapefile_with_the_system_of_another(folder: Path) -> Changes:
    changes = written(folder, "homes.shp")
    homes().to_crs("EPSG:4549").to_file(folder / "other.shp")
    (folder / "other.prj").replace(folder / "homes.prj")
    return changes


# ── GeoJSON and its kin ─────────────────────────────────────────────────────


def _json(folder: Path, change: object = None, **members: object) -> Changes:
    content = json.loads(homes().to_json(drop_id=True))
    content.pop("crs", None)
    content.update(members)
    text = json.dumps(content, ensure_ascii=False)
    (folder / "homes.geojson").write_text(text, encoding="utf-8")
    return homes_at("homes.geojson")


def _rewritten(folder: Path, before: str, after: str, count: int = -1) -> Changes:
    changes = _json(folder)
    path = folder / "homes.geojson"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, count), encoding="utf-8")
    return changes


@readable("homes")
def geojson_with_a_crs_member(folder: Path) -> Changes:
    content = json.loads(homes().to_crs("EPSG:4549").to_json(drop_id=True))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    (folder / "homes.geojson").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return homes_at("homes.geojson")


@broken("homes", "no_crs")
def geojson_with_a_crs_nobody_knows(folder: Path) -> Changes:
    return _json(folder, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}})


@readable("homes")
def geojson_with_a_byte_order_mark(folder: Path) -> Changes:
    return _rewritten(folder, '{"type": "FeatureCollection"', '\ufeff{"type": "FeatureCollection"')


@broken("homes", "wrong_content")
def geojson_in_utf16(folder: Path) -> Changes:
    changes = _json(folder)
    text = (folder / "homes.geojson").read_text(encoding="utf-8")
    (folder / "homes.geojson").write_text(text, encoding="utf-16")
    return changes


@broken("homes", "unreadable_file")
def geojson_with_comments(folder: Path) -> Changes:
    return _rewritten(folder, '"features": [', '"features": [ // homes\n')


@broken("homes", "wrong_content")
def geojson_of_a_list(folder: Path) -> Changes:
    _json(folder)
    content = json.loads((folder / "homes.geojson").read_text(encoding="utf-8"))["features"]
    (folder / "homes.geojson").write_text(json.dumps(content), encoding="utf-8")
    return homes_at("homes.geojson")


def _lines(folder: Path, mark: str) -> Changes:
    content = json.loads(homes().to_json(drop_id=True))["features"]
    lines = [mark + json.dumps(feature, ensure_ascii=False) for feature in content]
    (folder / "homes.geojson").write_text("\n".join(lines), encoding="utf-8")
    return homes_at("homes.geojson")


@readable("homes")
def geojson_line_by_line(folder: Path) -> Changes:
    return _lines(folder, "")


@broken("homes", "wrong_content")
def geojson_text_sequence(folder: Path) -> Changes:
    return _lines(folder, "\x1e")


@broken("homes", ("bad_coordinate", 1))
def geojson_with_coordinates_that_are_no_number(folder: Path) -> Changes:
    return _rewritten(folder, '"coordinates": [', '"coordinates": [NaN, ', 1)


@broken("homes", ("not_a_number", 1, RESIDENTS))
def geojson_of_mixed_types(folder: Path) -> Changes:
    return _rewritten(folder, f'"{RESIDENTS}": 1}}', f'"{RESIDENTS}": "many"}}')


@broken("homes", *(("not_a_number", row, RESIDENTS) for row in range(1, 7)))
def geojson_with_a_list_as_a_number(folder: Path) -> Changes:
    return _rewritten(folder, f'"{RESIDENTS}": 1}}', f'"{RESIDENTS}": [1, 2]}}')


@broken("homes", "empty_layer")
def geojson_without_features(folder: Path) -> Changes:
    return _json(folder, features=[])


@broken("homes", ("empty_geometry", 1), ("empty_geometry", 2))
def geojson_with_features_nowhere(folder: Path) -> Changes:
    return written(folder, "homes.geojson", with_shapes([None, shapely.Point()]))


@broken("homes", "unreadable_file")
def geojson_nested_without_end(folder: Path) -> Changes:
    (folder / "homes.geojson").write_text('{"a":' * 100_000, encoding="utf-8")
    return homes_at("homes.geojson")


# ── Geometry ────────────────────────────────────────────────────────────────

_LON, _LAT = 121.0, 31.98
_SQUARE = shapely.box(_LON, _LAT, _LON + 1e-4, _LAT + 1e-4)
_BOW = shapely.Polygon([(_LON, _LAT), (_LON + 1e-4, _LAT + 1e-4), (_LON + 1e-4, _LAT), (_LON, _LAT + 1e-4)])


@broken("homes", ("wrong_geometry", 1), ("wrong_geometry", 2))
def homes_as_collections_and_lines(folder: Path) -> Changes:
    line = shapely.LineString([(_LON, _LAT), (_LON, _LAT + 1e-3)])
    return written(folder, "homes.gpkg", with_shapes([shapely.GeometryCollection([_SQUARE, line]), line]))


@readable("homes")
def homes_with_heights_and_measures(folder: Path) -> Changes:
    place = np.array([*shapely.get_coordinates(homes().geometry.iloc[0])[0], 9, np.nan])
    return _with_blob(folder, _HEAD + b"\x01" + np.array([3001], "<u4").tobytes() + place.tobytes())


@broken("homes", ("bad_coordinate", 1), ("bad_coordinate", 2))
def homes_at_places_that_are_no_number(folder: Path) -> Changes:
    return written(folder, "homes.parquet", with_shapes([shapely.Point(np.inf, 1), shapely.Point(np.nan, 1)]))


@broken("homes", ("swapped_coordinates", None, ""))
def homes_with_latitude_first(folder: Path) -> Changes:
    return written(
        folder, "homes.fgb", homes().set_geometry(homes().geometry.map(lambda point: shapely.Point(point.y, point.x)))
    )


_HEAD = b"GP\x00\x01" + np.array([4326], "<i4").tobytes()


def _curve() -> bytes:
    """A circle around the first home as a curved polygon, in the words of a GeoPackage."""
    lon, lat = shapely.get_coordinates(homes().geometry.iloc[0])[0]
    ends = np.array([lon - 1e-4, lat, lon + 1e-4, lat, lon - 1e-4, lat])
    string = b"\x01" + np.array([8, 3], "<u4").tobytes() + ends.tobytes()
    return _HEAD + b"\x01" + np.array([10, 1], "<u4").tobytes() + string


def _with_blob(folder: Path, blob: bytes | None) -> Changes:
    changes = written(folder, "homes.gpkg", layer="homes")
    with sqlite3.connect(folder / "homes.gpkg") as base:
        for (trigger,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{trigger}"')
        base.execute("update homes set geom = ? where fid = 1", (blob,))
    base.close()
    return changes


@readable("homes")
def geopackage_with_a_curve(folder: Path) -> Changes:
    return _with_blob(folder, _curve())


@broken("homes", ("empty_geometry", 1))
def geopackage_with_a_broken_geometry(folder: Path) -> Changes:
    return _with_blob(folder, b"GP\x00\x01" + bytes(3))


@broken("homes", "no_crs")
def geopackage_of_no_system(folder: Path) -> Changes:
    changes = written(folder, "homes.gpkg", layer="homes")
    with sqlite3.connect(folder / "homes.gpkg") as base:
        base.execute("update gpkg_contents set srs_id = -1")
        base.execute("update gpkg_geometry_columns set srs_id = -1")
    base.close()
    return changes


@broken("homes", "missing_layer")
def geopackage_without_the_layer_asked_for(folder: Path) -> Changes:
    written(folder, "homes.gpkg", layer="homes")
    return homes_at("homes.gpkg", layer="小区")


@broken("homes", "empty_layer")
def geopackage_without_rows(folder: Path) -> Changes:
    return written(folder, "homes.gpkg", homes().iloc[:0])


# ── GeoParquet ──────────────────────────────────────────────────────────────


@broken("homes", ("missing_column", None, "lon"), ("missing_column", None, "lat"))
def parquet_that_says_nothing_of_its_geometry(folder: Path) -> Changes:
    frame = homes()
    columns = {"id": frame["id"], RESIDENTS: frame[RESIDENTS], "geometry": frame.to_wkb().geometry}
    pq.write_table(pa.table(columns), folder / "homes.parquet")
    return homes_at("homes.parquet")


@broken("homes", "unreadable_file")
def parquet_with_a_column_twice(folder: Path) -> Changes:
    written(folder, "homes.parquet")
    table = pq.read_table(folder / "homes.parquet")
    twice = pa.Table.from_arrays([*table.columns, table["id"]], names=[*table.column_names, "id"])
    pq.write_table(twice.replace_schema_metadata(table.schema.metadata), folder / "homes.parquet")
    return homes_at("homes.parquet")


@broken("homes", *(("not_a_number", row, RESIDENTS) for row in range(1, 7)))
def parquet_with_structures_as_numbers(folder: Path) -> Changes:
    frame = homes()
    frame[RESIDENTS] = [{"value": number, "parts": [1, None]} for number in frame[RESIDENTS]]
    return written(folder, "homes.parquet", frame)


@broken("homes", *(("not_a_number", row, RESIDENTS) for row in range(1, 7)))
def parquet_with_dates_as_numbers(folder: Path) -> Changes:
    frame = homes()
    frame[RESIDENTS] = pd.Timestamp("2024-05-01", tz="Asia/Shanghai")
    return written(folder, "homes.parquet", frame)


@broken("homes", ("missing_column", None, "lon"), ("missing_column", None, "lat"))
def parquet_whose_metadata_are_no_json(folder: Path) -> Changes:
    written(folder, "homes.parquet")
    table = pq.read_table(folder / "homes.parquet")
    pq.write_table(table.replace_schema_metadata({b"geo": b"{"}), folder / "homes.parquet")
    return homes_at("homes.parquet")


# ── KML ─────────────────────────────────────────────────────────────────────

_KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'


def _kml(folder: Path, places: str, head: str = "") -> Changes:
    (folder / "homes.kml").write_text(_KML.format(places).replace("?><kml", f"?>{head}<kml"), encoding="utf-8")
    return homes_at("homes.kml")


@broken("homes", ("empty_geometry", 1), ("missing_column", None, "id"), ("missing_column", None, RESIDENTS))
def kml_without_coordinates(folder: Path) -> Changes:
    return _kml(folder, "<Placemark><name>甲</name></Placemark>")


@broken("homes", ("zero_coordinate", 1), ("missing_column", None, "id"), ("missing_column", None, RESIDENTS))
def kml_with_words_as_coordinates(folder: Path) -> Changes:
    return _kml(folder, "<Placemark><Point><coordinates>here,there</coordinates></Point></Placemark>")


@broken("homes", "xml_entities")
def kml_with_a_bomb(folder: Path) -> Changes:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    return _kml(folder, "<Placemark><name>&b;</name></Placemark>", bomb)


# ── Districts ───────────────────────────────────────────────────────────────


def _districts(folder: Path, frame: gpd.GeoDataFrame, name: str = "areas.gpkg") -> Changes:
    frame.to_file(folder / name)
    return {"districts": {"path": name, "columns": {"id": "code", "name": "name"}}}


def _district_shape(folder: Path, shape: shapely.Geometry | None) -> Changes:
    frame = districts()
    shapes = np.array([shape, frame.geometry.iloc[1]], object)
    return _districts(folder, frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)))


def one_district_less(study: Study) -> None:
    assert len(study.districts) == 2


@readable("districts", "repaired_geometry", reads=one_district_less)
def a_district_that_crosses_itself(folder: Path) -> Changes:
    west, south, east, north = districts().geometry.iloc[0].bounds
    return _district_shape(folder, shapely.Polygon([(west, south), (east, north), (east, south), (west, north)]))


@broken("districts", ("empty_geometry", 1))
def a_district_without_shape(folder: Path) -> Changes:
    return _district_shape(folder, None)


@broken("districts", ("empty_geometry", 1))
def a_district_without_area(folder: Path) -> Changes:
    return _district_shape(folder, shapely.Polygon([(121, 31), (121.1, 31), (121.05, 31)]))


@broken("districts", ("wrong_geometry", 1))
def a_district_that_is_a_line(folder: Path) -> Changes:
    return _district_shape(folder, shapely.LineString([(121, 31), (121.1, 31)]))


@broken("districts", "empty_layer")
def no_districts(folder: Path) -> Changes:
    return _districts(folder, districts().iloc[:0])


@readable("districts")
def district_codes_as_floats(folder: Path) -> Changes:
    frame = districts()
    frame["code"] = frame["code"].astype(float)
    return _districts(folder, frame)


@readable("districts")
def district_codes_as_floats_in_json(folder: Path) -> Changes:
    path = folder / "districts.geojson"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"320601001"', "320601001.0").replace('"320601002"', "320601002.0"), encoding="utf-8")
    return None


@broken("districts", ("duplicate_id", 2, "code"))
def district_codes_twice(folder: Path) -> Changes:
    return _districts(folder, districts().assign(code="320601001"))


@readable("districts", "overlapping_districts", reads=one_district_less)
def districts_on_top_of_each_other(folder: Path) -> Changes:
    frame = districts()
    return _districts(folder, frame.set_geometry(shapely.buffer(frame.geometry.to_numpy(), 0.004), crs=frame.crs))


# ── Wrong extensions ────────────────────────────────────────────────────────


def _misnamed(suffix: str) -> None:
    def write(folder: Path) -> Changes:
        source, driver = ("a.gpkg", "GPKG") if suffix != ".gpkg" else ("a.fgb", "FlatGeobuf")
        homes().to_file(folder / source, driver=driver)
        (folder / source).rename(folder / f"homes{suffix}")
        return homes_at(f"homes{suffix}")

    write.__name__ = f"{suffix[1:]}_that_is_something_else"
    broken("homes", "wrong_content")(write)


for _suffix in (
    ".gpkg",
    ".geojson",
    ".json",
    ".shp",
    ".fgb",
    ".kml",
    ".kmz",
    ".zip",
    ".parquet",
    ".xlsx",
    ".xls",
    ".csv",
):
    _misnamed(_suffix)
