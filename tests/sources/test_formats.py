"""Every format as offices and programs write it: read back equal, and told how it was understood."""

from __future__ import annotations

import csv
import datetime as dt
import io
import struct
import zipfile
from pathlib import Path
from unittest import mock

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.sources import tables
from livingcircle.sources.columns import number_column, text_column
from livingcircle.sources.formats import read_rows
from livingcircle.sources.layers import LayerSource, open_layer, read_layer

POINTS = [shapely.Point(118.75, 32.06), shapely.Point(118.78, 32.02), shapely.Point(118.8, 32.1)]
FRAME = gpd.GeoDataFrame(
    {"code": ["001", "010", "100"], "名称": ["颐和路小学", "夫子庙", "卫生服务站"], "floor": [1200.5, 3.0, 0.25]},
    geometry=POINTS,
    crs="EPSG:4326",
)


def written(path: Path, frame: gpd.GeoDataFrame = FRAME, **options) -> Path:
    if "parquet" in path.suffix:
        frame.to_parquet(path)
    else:
        frame.to_file(path, **options)
    return path


def zipped(path: Path, *files: Path, names: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, (names or {}).get(file.name, file.name))
    return path


def rewritten(path: Path, old: bytes, new: bytes) -> None:
    """Change the first sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        content = {member: archive.read(member) for member in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in content[sheet]
    content[sheet] = content[sheet].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(member, data)


def notes_of(path: Path, layer: str | None = None, stated=()) -> dict[str, object]:
    notes = read_rows(path, layer, stated)[1]
    assert not any("{" in note.sentence(language) for note in notes for language in ("zh", "en"))
    return {note.kind: note for note in notes}


def fault_of(path: Path, layer: str | None = None):
    with pytest.raises(InputError) as raised:
        read_rows(path, layer)
    (fault,) = raised.value.faults
    for language in ("zh", "en"):
        assert "{" not in fault.sentence(language)
    return fault


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in pd.DataFrame(frame).to_numpy().tolist()]


# ── Round trips ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.gpkg", {}),
        ("a.geojson", {}),
        ("a.json", {"driver": "GeoJSON"}),
        ("a.fgb", {"SPATIAL_INDEX": "NO"}),  # which would order the rows
        ("a.parquet", {}),
        ("a.geoparquet", {}),
        ("a.kml", {"driver": "LIBKML"}),
        ("a.kml", {"driver": "KML"}),
        ("a.shp", {"encoding": "UTF-8"}),
        ("a.shp", {"encoding": "GB18030"}),
    ],
)
def test_vectors_come_back_as_they_were_written(tmp_path, name, options):
    read = read_layer(LayerSource(written(tmp_path / name, **options)), needed="points").value
    assert read.crs == "EPSG:4326"
    assert read["code"].tolist() == FRAME["code"].tolist()
    assert read["名称"].tolist() == FRAME["名称"].tolist()
    assert read["floor"].astype(float).tolist() == FRAME["floor"].tolist()
    assert shapely.get_coordinates(read.geometry) == pytest.approx(shapely.get_coordinates(FRAME.geometry))


def test_a_shapefile_in_capitals(tmp_path):
    written(tmp_path / "a.shp", encoding="GB18030")
    for part in list(tmp_path.iterdir()):
        part.rename(tmp_path / part.name.upper())
    assert read_layer(LayerSource(tmp_path / "A.SHP"), needed="points").value["名称"].tolist() == FRAME["名称"].tolist()


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".csv"])
def test_a_zipped_layer_comes_back_as_it_was_written(tmp_path, suffix):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    if suffix == ".csv":
        rows = "code,名称,lon,lat\n001,颐和路小学,118.75,32.06\n"
        (folder / "设施.csv").write_text(rows, encoding="gb18030")
    else:
        written(folder / f"设施{suffix}")
    path = zipped(tmp_path / "a.zip", *folder.iterdir())
    layer = open_layer(LayerSource(path), needed="points")
    assert layer.faults == ()
    assert text_column(layer, "名称")[0] == "颐和路小学"
    assert layer.frame.geometry[0].equals(POINTS[0])
    taken = next(note for note in layer.warnings if note.kind == "taken_from_archive")
    assert (taken.file, taken.value) == (str(path), f"设施{suffix}")


def test_a_zipped_shapefile_packed_on_a_chinese_windows(tmp_path):
    written(tmp_path / "x.shp", encoding="GB18030")
    (tmp_path / "x.cpg").unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("x.*"):
            # Its packer writes names in GBK without saying so, which Python reads as code page 437.
            member = zipfile.ZipInfo(f"数据/设施{part.suffix}".encode("gbk").decode("cp437"))
            member.flag_bits = 0
            archive.writestr(member, part.read_bytes())
    content = (tmp_path / "a.zip").read_bytes()
    layer = open_layer(LayerSource(tmp_path / "a.zip"), needed="points")
    assert content
    assert text_column(layer, "名称").tolist() == FRAME["名称"].tolist()
    assert {note.kind for note in layer.warnings} >= {"taken_from_archive", "encoding_found"}


def test_kmz_is_the_kml_in_it(tmp_path):
    kml = written(tmp_path / "x.kml", driver="LIBKML")
    path = zipped(tmp_path / "a.kmz", kml, names={"x.kml": "doc.kml"})
    assert read_layer(LayerSource(path), needed="points").value["名称"].tolist() == FRAME["名称"].tolist()


def test_all_folders_of_a_kml_are_read(tmp_path):
    placemark = "<Placemark><name>{}</name><Point><coordinates>{},32</coordinates></Point></Placemark>"
    folders = "".join(
        f"<Folder><name>{n}</name>{placemark.format(n, 118 + i)}</Folder>" for i, n in enumerate("甲乙丙")
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    frame = read_layer(LayerSource(tmp_path / "a.kml"), needed="points").value
    assert frame["Name"].tolist() == ["甲", "乙", "丙"]
    assert shapely.get_x(frame.geometry).tolist() == [118, 119, 120]


def test_an_extract_is_a_layer_of_the_objects_with_one_tag(write_osm):
    square = [(118.0, 32.0), (118.1, 32.0), (118.1, 32.1), (118.0, 32.1)]
    path = write_osm(
        points={1: ((118.05, 32.05), {"amenity": "school", "name": "点"})},
        areas={7: (square, {"boundary": "administrative", "admin_level": "10", "name": "颐和路社区"})},
    )
    frame = read_layer(LayerSource(path, layer="admin_level=10"), needed="areas").value
    assert (frame["id"].tolist(), frame["name"].tolist()) == (["way/7"], ["颐和路社区"])
    assert frame.crs == "EPSG:4326"
    assert fault_of(path).kind == "extract_layer"
    assert fault_of(path, "admin_level").kind == "extract_layer"
    assert fault_of(path, "admin_level=99").kind == "empty_layer"


# ── Text ────────────────────────────────────────────────────────────────────

ROWS = 'id,名称,lon,lat\n001,颐和路小区,118.75,32.06\n002,"夫子庙,\n街道 ""老门东""",118.78,32.02\n'


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("gbk", "GB18030"),
        ("gb2312", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_text_with_quotes_and_line_breaks_in_every_encoding(tmp_path, encoding, said):
    (tmp_path / "a.csv").write_bytes(ROWS.encode(encoding))
    frame, notes = read_rows(tmp_path / "a.csv", None)
    assert frame["名称"].tolist() == ["颐和路小区", '夫子庙,\n街道 "老门东"']
    assert [note.value for note in notes if note.kind == "encoding_found"] == ([said] if said else [])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path, separator, end):
    text = end.join(separator.join(row) for row in (["id", "lon", "lat"], ["007", "1.5", "2.5"]))
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert cells(read_rows(tmp_path / "a.csv", None)[0]) == [["007", "1.5", "2.5"]]


def test_utf8_with_one_broken_byte_is_not_taken_for_chinese(tmp_path):
    good = "".join(f"{row},颐和路小区,118,32\n" for row in range(20)).encode()
    (tmp_path / "a.csv").write_bytes(b"id,name,lon,lat\n" + good + b"21,\xe9\xa2,118,32\n" + good)
    fault = fault_of(tmp_path / "a.csv")
    assert (fault.kind, fault.row, fault.value) == ("broken_encoding", 22, "UTF-8")


def test_gbk_cut_in_the_middle_of_a_letter_is_named_by_row(tmp_path):
    (tmp_path / "a.csv").write_bytes("id,名称\n1,颐和路\n2,夫子庙".encode("gbk")[:-1])
    fault = fault_of(tmp_path / "a.csv")
    assert (fault.kind, fault.row, fault.value) == ("broken_encoding", 3, "GB18030")


def test_western_encodings_are_refused_rather_than_read_as_chinese(tmp_path):
    (tmp_path / "a.csv").write_bytes("id,name\n1,Müller Straße Höhe Äpfel\n".encode("latin-1"))
    assert fault_of(tmp_path / "a.csv").kind in {"unknown_encoding", "broken_encoding"}


def test_a_quotation_mark_that_does_not_close_is_a_fault_and_swallows_nothing(tmp_path):
    (tmp_path / "a.csv").write_text('id,name\n1,a\n2,"b\n3,c\n4,d\n')
    fault = fault_of(tmp_path / "a.csv")
    assert (fault.kind, fault.row) == ("broken_quotes", 3)


def test_geojson_in_gbk(tmp_path):
    text = '{"type":"Feature","properties":{"名称":"夫子庙街道"},"geometry":{"type":"Point","coordinates":[118,32]}}'
    (tmp_path / "a.geojson").write_bytes(text.encode("gbk"))
    frame, notes = read_rows(tmp_path / "a.geojson", None)
    assert frame["名称"].tolist() == ["夫子庙街道"]
    assert [note.kind for note in notes] == ["encoding_found"]


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('a 甲",;\n\t=１'), max_size=4), min_size=3, max_size=3), min_size=1, max_size=6
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_long_tables_are_split_as_short_ones(rows, end, quoted):
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    text = stream.getvalue()
    with mock.patch.object(tables, "_LONG_TEXT", 0):
        even = tables._even_columns(text, ",")
    if even is not None:
        found = tables.columns_of(tables._records(text, ",", Path("a.csv")))
        assert [column.tolist() for column in even] == [column.tolist() for column in found]


@settings(max_examples=1000)
@given(st.text(st.sampled_from('a",\n\r'), max_size=30))
def test_what_the_fast_way_splits_the_slow_way_splits_alike(text):
    with mock.patch.object(tables, "_LONG_TEXT", 0):
        even = tables._even_columns(text, ",")
    if even is not None and text:
        found = tables.columns_of(tables._records(text, ",", Path("a.csv")))
        assert [column.tolist() for column in even] == [column.tolist() for column in found]


# ── Tables as offices make them ─────────────────────────────────────────────


def office_sheet(path: Path) -> Path:
    """Titles over all columns, a header of two rows, merged streets, a sum and a remark below."""
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ["某区居住小区一览表", *[None] * 6],
        ["填报单位：某街道办事处", *[None] * 6],
        ["街道", "名称", "坐标", None, "规模", None, "建成时间"],
        [None, None, "经度", "纬度", "户数", "建筑面积（万㎡）", None],
        ["湖南路街道", "甲小区", 118.75, 32.06, 1200, 9.6, dt.date(1998, 5, 1)],
        [None, "乙小区", 118.76, 32.07, "约800户", "5.5", dt.datetime(2003, 1, 2)],  # noqa: DTZ001
        ["华侨路街道", "丙小区", 118.77, 32.05, "暂无资料", "3亩", None],
        ["合计", None, None, None, 2000, 15.1, None],
        ["注：数据截至2023年底", *[None] * 6],
    ]
    for row in rows:
        sheet.append(row)
    for cells_merged in ("A1:G1", "A2:G2", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:G4", "A5:A6", "A9:G9"):
        sheet.merge_cells(cells_merged)
    book.create_sheet("说明")
    book.save(path)
    return path


def test_an_office_sheet_is_read_whole(tmp_path):
    layer = open_layer(LayerSource(office_sheet(tmp_path / "a.xlsx")), needed="points")
    assert layer.faults == ()
    assert layer.frame.columns.tolist()[:7] == ["街道", "名称", "经度", "纬度", "户数", "建筑面积（万㎡）", "建成时间"]
    assert text_column(layer, "街道").tolist() == ["湖南路街道", "湖南路街道", "华侨路街道"]
    assert text_column(layer, "建成时间").tolist() == ["1998-05-01", "2003-01-02", ""]
    assert shapely.get_x(layer.frame.geometry).tolist() == [118.75, 118.76, 118.77]
    households = number_column(layer, "户数", "households")
    assert households[:2].tolist() == [1200, 800]
    assert np.isnan(households[2])
    assert number_column(layer, "建筑面积（万㎡）", "m2") == pytest.approx([96_000, 55_000, 2000])
    said = {note.kind: note for note in layer.warnings}
    assert said.keys() == {
        *("header_found", "rows_below_table", "layer_chosen", "merged_texts", "approximate_numbers", "empty_words"),
        *("header_unit", "units_read", "columns_matched"),
    }
    assert not any("{" in note.sentence(language) for note in layer.warnings for language in ("zh", "en"))
    assert said["header_found"].row == 3
    assert said["rows_below_table"].details["rows"] == "8, 9"
    assert said["merged_texts"].details["cells"] == "A5:A6"
    assert said["layer_chosen"].details["others"] == "说明"
    assert said["approximate_numbers"].details["rows"] == "6"
    assert "(row 6; " in said["approximate_numbers"].problem("en")
    assert "(rows 8, 9: " in said["rows_below_table"].problem("en")
    assert said["empty_words"].details["words"] == ("暂无资料 × 1",)
    assert layer.row(0) == 5


def test_repeated_names_of_a_merged_header_are_led_by_what_stands_above(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["名称", "2022年", None, "2023年", None], [None, "户数", "人口", "户数", "人口"], ["甲", 1, 2, 3, 4]):
        sheet.append(row)
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "a.xlsx")
    frame, _ = read_rows(tmp_path / "a.xlsx", None)
    assert frame.columns.tolist() == ["名称", "2022年 户数", "2022年 人口", "2023年 户数", "2023年 人口"]
    assert cells(frame) == [["甲", "1", "2", "3", "4"]]


def test_a_number_shared_by_merged_rows_counts_once_and_is_warned_of(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["名称", "户数"], ["甲1栋", 3500], ["甲2栋", None], ["甲3栋", None]):
        sheet.append(row)
    sheet.merge_cells("B2:B4")
    book.save(tmp_path / "a.xlsx")
    frame, notes = read_rows(tmp_path / "a.xlsx", None)
    assert frame["户数"].tolist() == ["3500", "", ""]
    assert [(note.kind, note.severity, note.details["cells"]) for note in notes] == [
        ("merged_numbers", "warning", "B2:B4")
    ]


def test_formulas_are_their_results_and_what_has_none_is_told(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(("名称", "户数", "人口")):
            sheet.write(0, column, name)
        sheet.write(1, 0, "甲")
        sheet.write_formula(1, 1, "=1000+200", value=1200)
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
        sheet.write(2, 0, "乙")
        sheet.write_formula(2, 1, '=IF(1,"")', value="")
    rewritten(tmp_path / "a.xlsx", b'<c r="B3">', b'<c r="B3" t="str">')  # as Excel writes an empty text
    frame, notes = read_rows(tmp_path / "a.xlsx", None)
    assert frame["户数"].tolist() == ["1200", ""]
    assert frame["人口"].tolist() == ["#DIV/0!", ""]
    assert [(note.kind, note.details["cells"]) for note in notes] == [("formula_errors", "C2")]

    book = openpyxl.Workbook()
    book.active.append(["名称", "户数", "lon", "lat"])
    book.active.append(["甲", "=1000+200", 118, 32])
    book.save(tmp_path / "b.xlsx")
    layer = open_layer(LayerSource(tmp_path / "b.xlsx"), needed="points")
    number_column(layer, "户数")
    assert [(fault.kind, fault.row) for fault in layer.faults] == [("formula_error", 2)]
    assert [note.details["cells"] for note in layer.warnings if note.kind == "formulas_not_calculated"] == ["B2"]


def test_text_numbers_times_percents_and_long_codes_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "户数", "时间", "占比", "身份代码"])
    sheet.append(["00012", "1,200", dt.time(6, 30), 0.35, 320106001001234567])
    sheet["D2"].number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    frame, notes = read_rows(tmp_path / "a.xlsx", None)
    assert cells(frame)[0][:4] == ["00012", "1,200", "06:30:00", "0.35"]
    assert [(note.kind, note.details["cells"]) for note in notes] == [("long_numbers", "E2")]


def test_the_header_of_a_csv_is_found_below_its_title(tmp_path):
    (tmp_path / "a.csv").write_text(
        "某市设施表,,,\n填报日期,2024,,\n设施名称,设施类型,经度,纬度\n甲,小学,118,32\n总计,1,,\n", encoding="gbk"
    )
    layer = open_layer(LayerSource(tmp_path / "a.csv"), needed="points")
    assert layer.faults == ()
    assert text_column(layer, "设施名称").tolist() == ["甲"]
    assert layer.row(0) == 4


def test_a_stated_column_finds_the_header_where_no_name_is_known(tmp_path):
    (tmp_path / "a.csv").write_text("甲表,乙,丙\nA1,B1,C1\nx,1,2\n", encoding="utf-8")
    assert read_rows(tmp_path / "a.csv", None)[0].columns.tolist() == ["甲表", "乙", "丙"]
    frame, notes = read_rows(tmp_path / "a.csv", None, ["B1"])
    assert frame.columns.tolist() == ["A1", "B1", "C1"]
    assert [(note.kind, note.row) for note in notes] == [("header_found", 2)]


def test_sums_between_the_rows_are_not_left_out(tmp_path):
    (tmp_path / "a.csv").write_text("名称,lon,lat\n甲,118,32\n小计,,\n乙,118,32\n", encoding="utf-8")
    layer = open_layer(LayerSource(tmp_path / "a.csv"), needed="points")
    assert {(fault.kind, fault.row) for fault in layer.faults} == {("empty_geometry", 3)}


# ── Shapefiles in pieces ────────────────────────────────────────────────────


def test_a_shapefile_without_its_index_is_read_and_its_folder_left_alone(tmp_path):
    path = written(tmp_path / "a.shp", encoding="GB18030")
    path.with_suffix(".shx").unlink()
    path.with_suffix(".cpg").unlink()
    before = sorted(tmp_path.iterdir())
    frame, notes = read_rows(path, None)
    assert frame["名称"].tolist() == FRAME["名称"].tolist()
    assert frame.crs == "EPSG:4326"
    assert sorted(note.kind for note in notes) == ["encoding_found", "index_rebuilt"]
    assert sorted(tmp_path.iterdir()) == before


def test_a_shapefile_whose_cpg_is_wrong_is_read_as_gb18030(tmp_path):
    path = written(tmp_path / "a.shp", encoding="GB18030")
    path.with_suffix(".cpg").write_text("UTF-8")
    frame, notes = read_rows(path, None)
    assert frame["名称"].tolist() == FRAME["名称"].tolist()
    assert [(note.kind, note.value) for note in notes] == [("encoding_found", "GB18030")]


def test_a_shapefile_without_attributes_is_warned_of(tmp_path):
    path = written(tmp_path / "a.shp")
    path.with_suffix(".dbf").unlink()
    frame, notes = read_rows(path, None)
    assert len(frame) == 3
    assert [(note.kind, note.severity) for note in notes] == [("no_attributes", "warning")]


@pytest.mark.parametrize("instructions", [[], [["填报说明：请于6月30日前上报"]]], ids=["blank", "one line"])
def test_a_first_sheet_without_data_names_the_other_sheets(tmp_path, instructions):
    book = openpyxl.Workbook()
    book.active.title = "填报说明"
    for row in instructions:
        book.active.append(row)
    other = book.create_sheet("设施汇总")
    other.append(["名称", "经度", "纬度"])
    other.append(["药店", 118.78, 32.04])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError) as raised:
        read_rows(tmp_path / "a.xlsx", None)
    assert [(one.kind, one.value) for one in raised.value.faults] == [("empty_first_sheet", "填报说明")]
    assert "设施汇总" in raised.value.faults[0].sentence("zh")


def test_the_first_layer_of_several_is_noted(tmp_path):
    path = tmp_path / "a.gpkg"
    FRAME.to_file(path, layer="学校")
    FRAME.to_file(path, layer="公园")
    assert notes_of(path)["layer_chosen"].details["others"] == "公园"
    assert notes_of(path, "学校") == {}


def test_header_bytes_are_what_the_formats_say():
    assert struct.pack(">i", 9994) == b"\x00\x00\x27\x0a"
    assert pyogrio.list_drivers()["LIBKML"]
