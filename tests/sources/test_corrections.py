"""Corrected copies: what is changed, what is left alone, and that the copy means what the original meant."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.sources.candidates import candidates_from_layer
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import number_column
from livingcircle.sources.corrections import corrected
from livingcircle.sources.datum import converted
from livingcircle.sources.layers import LayerSource, open_layer, watching

CRS = "EPSG:32650"
HEADER = ("编号", "名称", "经度", "纬度", "建筑面积（平方米）")
NANJING = (118.78, 32.05)


def write(path, rows, encoding="utf-8-sig", header=HEADER):
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def row(name="C1", lon=NANJING[0], lat=NANJING[1], area="350"):
    return (name, name, str(lon), str(lat), area)


def opened(path, **source):
    """Read as a list of candidates, whatever is found."""
    with watching() as layers:
        layer = open_layer(LayerSource(path, **source), needed="any")
        found = match_columns(layer, dict.fromkeys(("id", "name", "floor_m2")))
        number_column(layer, found["floor_m2"], "m2")
        with suppress(InputError):  # faults are in the findings
            layer.projected(CRS)
    return layers[0]


def fixed(path, **source):
    copy = corrected(opened(path, **source))
    if copy is not None:
        copy.write(copy.target)
    return copy


def cells(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def changes(copy):
    return [(change.reason, change.row, change.column, change.before, change.after) for change in copy.changes]


def test_a_sound_file_needs_no_copy(tmp_path):
    assert fixed(write(tmp_path / "c.csv", [row(), row("C2")])) is None


def test_encoding_becomes_utf8_and_nothing_else_changes(tmp_path):
    path = write(tmp_path / "c.csv", [row("旧粮站")], "gb18030")
    before = path.read_bytes()
    copy = fixed(path)
    assert copy.target == tmp_path / "c.fixed.csv"
    assert copy.target.read_bytes() == b"\xef\xbb\xbf" + before.decode("gb18030").encode()
    assert path.read_bytes() == before
    assert changes(copy) == [("encoding", None, "", "GB18030", "UTF-8")]


@pytest.mark.parametrize(
    ("before", "after"),
    [("３５０", "350"), ("1,350", "1350"), ("350平米", "350"), ("1.2万㎡", "12000"), ("１,２００ ㎡", "1200")],
)
def test_numbers_become_plain(tmp_path, before, after):
    copy = fixed(write(tmp_path / "c.csv", [row(area=before)]))
    assert changes(copy) == [("number", 2, HEADER[4], before, after)]
    assert cells(copy.target)[1][4] == after


@pytest.mark.parametrize("cell", ["约350平米", "300-400", "暂无资料", "abc", "-5", "350户", "", "0012"])
def test_what_could_mean_two_things_is_left_alone(tmp_path, cell):
    assert fixed(write(tmp_path / "c.csv", [row(area=cell), row("C2")])) is None


def test_numbers_under_a_header_with_another_unit_keep_it(tmp_path):
    path = write(tmp_path / "c.csv", [row(area="1,000 平米")], header=(*HEADER[:4], "建筑面积（亩）"))
    assert fixed(path) is None


def test_blanks_around_cells_go(tmp_path):
    copy = fixed(write(tmp_path / "c.csv", [(" C1", "旧粮站　", *row()[2:])]))
    assert changes(copy) == [("blanks", 2, "编号", " C1", "C1"), ("blanks", 2, "名称", "旧粮站　", "旧粮站")]


def test_exact_duplicates_go_and_repeated_ids_stay(tmp_path):
    copy = fixed(write(tmp_path / "c.csv", [row(), row("C2"), row(), row(area="351")]))
    assert [(change.reason, change.row) for change in copy.changes] == [("duplicate", 4)]
    assert [line[0] for line in cells(copy.target)] == ["编号", "C1", "C2", "C1"]


def test_titles_and_sums_stay_where_they_are(tmp_path):
    path = tmp_path / "c.csv"
    lines = [["二〇二六年闲置房屋"], list(HEADER), list(row(area="1,350")), ["合计", "", "", "", "1350"]]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(lines)
    copy = fixed(path)
    assert changes(copy) == [("number", 3, HEADER[4], "1,350", "1350")]
    lines[2][4] = "1350"
    assert [line[: len(wanted)] for line, wanted in zip(cells(copy.target), lines, strict=True)] == lines


def test_swapped_coordinates_change_places(tmp_path):
    lon, lat = NANJING
    path = write(tmp_path / "c.csv", [row(), row("C2"), row("C3", lat, lon)])
    copy = fixed(path)
    assert [(change.reason, change.row, change.column) for change in copy.changes] == [
        ("swapped", 4, "经度"),
        ("swapped", 4, "纬度"),
    ]
    assert cells(copy.target)[3][2:4] == [str(lon), str(lat)]
    assert not opened(copy.target).faults


def test_a_layer_swapped_throughout_is_swapped_throughout(tmp_path):
    lon, lat = NANJING
    copy = fixed(write(tmp_path / "c.csv", [row(f"C{number}", lat, lon + number / 1000) for number in range(5)]))
    assert {change.row for change in copy.changes} == {2, 3, 4, 5, 6}
    assert not opened(copy.target).faults


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_declared_datum_is_converted(tmp_path, datum):
    x, y = converted(np.array([NANJING[0]]), np.array([NANJING[1]]), "wgs84", datum)
    path = write(tmp_path / "c.csv", [row(lon=x[0], lat=y[0])])
    copy = fixed(path, datum=datum)
    assert {change.reason for change in copy.changes} == {"datum"}
    header, line = cells(copy.target)
    assert header == list(HEADER)
    assert np.allclose([float(line[2]), float(line[3])], NANJING, atol=1e-6)
    original = candidates_from_layer(LayerSource(path, datum=datum), {}, CRS).value
    assert np.abs(candidates_from_layer(LayerSource(copy.target), {}, CRS).value.xy - original.xy).max() < 0.01


def test_a_workbook_keeps_its_kinds_of_cells(tmp_path):
    path = tmp_path / "c.xlsx"
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["007", "旧粮站 ", *NANJING, "1,350 平米"])
    book.active.append(["008", "=1+2", *NANJING, 20.5])
    book.active["B3"].data_type = "s"
    book.save(path)
    copy = fixed(path)
    assert copy.target.name == "c.fixed.xlsx"
    sheet = openpyxl.load_workbook(copy.target).active
    assert [cell.value for cell in sheet[2]] == ["007", "旧粮站", *NANJING, "1350"]
    assert (sheet["B3"].value, sheet["B3"].data_type, sheet["E3"].value) == ("=1+2", "s", 20.5)
    assert {change.reason for change in copy.changes} == {"blanks", "number"}


def test_polygons_that_cross_themselves_are_repaired(tmp_path):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    square = shapely.box(5, 5, 6, 6)
    path = tmp_path / "areas.gpkg"
    gpd.GeoDataFrame({"id": ["A", "B"]}, geometry=[square, bow], crs=4326).to_file(path, layer="areas")
    copy = fixed(path)
    assert copy.target == tmp_path / "areas.fixed.gpkg"
    assert [(change.reason, change.row) for change in copy.changes] == [("geometry", 2)]
    read = pyogrio.read_dataframe(copy.target)
    assert read.geometry.is_valid.all()
    assert read.geometry[1].area == pytest.approx(2)
    assert read["id"].tolist() == ["A", "B"]


def test_columns_a_geopackage_would_not_take_are_kept(tmp_path):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    path = tmp_path / "areas.parquet"
    frame = gpd.GeoDataFrame({"fid": [7, 7], "tags": [["a"], None]}, geometry=[bow, shapely.box(5, 5, 6, 6)], crs=4326)
    frame.to_parquet(path)
    read = pyogrio.read_dataframe(fixed(path).target)
    assert read["fid"].tolist() == [7, 7]
    assert read["tags"].tolist()[0] == "['a']"
    assert read.geometry.is_valid.all()


def test_sheets_of_one_workbook_have_copies_of_their_own(tmp_path):
    path = tmp_path / "c.xlsx"
    book = openpyxl.Workbook()
    for name in ("甲", "乙/丙"[:1]):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(["1", " x ", *NANJING, 5])
    book.save(path)
    targets = {fixed(path, layer=name).target.name for name in ("甲", "乙")}
    assert targets == {"c.甲.fixed.xlsx", "c.乙.fixed.xlsx"}


def test_files_that_cannot_be_read_have_no_copy(tmp_path):
    assert fixed(tmp_path / "none.csv") is None


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
_AREA = st.one_of(_CELL, st.sampled_from(["１２", "3,500", "1.2万㎡", "约3", "3-5", " 7 ", "350平米", "=1", "无"]))


@given(st.lists(st.tuples(_CELL, _AREA), min_size=1, max_size=8))
def test_a_copy_reads_as_its_original_and_needs_no_copy_itself(tmp_path_factory, listed):
    folder = tmp_path_factory.mktemp("c")
    rows = [(f"K{number}", name, *map(str, NANJING), area) for number, (name, area) in enumerate(listed)]
    path = write(folder / "c.csv", rows)
    before = opened(path)
    copy = fixed(path)
    if copy is None:
        return
    after = opened(copy.target)
    assert corrected(after) is None
    assert len(after.frame) == len(before.frame)
    assert [(fault.kind, fault.row) for fault in after.faults] == [(fault.kind, fault.row) for fault in before.faults]
    areas = [number_column(layer, HEADER[4], "m2") for layer in (before, after)]
    assert np.array_equal(*areas, equal_nan=True)
