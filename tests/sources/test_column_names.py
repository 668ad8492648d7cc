"""Columns found by the names they go by in Chinese and English files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.composing import recognised
from livingcircle.errors import InputError
from livingcircle.model.compound import Compounds
from livingcircle.settings import FacilityColumns
from livingcircle.sources.candidates import candidates_from_layer
from livingcircle.sources.column_names import NAMES, header_parts, is_known_name, match_column, match_columns
from livingcircle.sources.compounds import gates_from_layer, no_gates
from livingcircle.sources.facilities import facilities_from_layer
from livingcircle.sources.formats import FORMATS
from livingcircle.sources.layers import LayerSource, open_layer
from livingcircle.sources.peek import peek
from livingcircle.sources.standards import read_services
from livingcircle.sources.units import UNITS, plain

FIELDS = dict.fromkeys(FacilityColumns.model_fields)
FIELDS_TOGETHER = (
    (
        "id",
        "name",
        "lon",
        "lat",
        "service",
        "typecode",
        "usable_m2",
        "floor_m2",
        "land_m2",
        "capacity",
        "beds",
        "staff",
        "hours",
        "status",
        "year",
        "address",
    ),
    ("id", "name", "lon", "lat", "residents", "households", "floor_m2", "levels"),
    ("id", "name", "lon", "lat", "cost_wan_yuan", "floor_m2"),
    ("lon", "lat", "who", "hours", "compound"),
    ("id", "name", "through"),
    ("name", "level", "parent", "residents", "households"),
)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("楼栋编码", "id"),
        ("楼栋编号", "id"),
        ("设施编号", "id"),
        ("小区编号", "id"),
        ("楼号", "id"),
        ("社区编号", "code"),
        ("类型代码", "typecode"),
        ("名称", "name"),
        ("名稱", "name"),
        ("小区名称", "name"),
        ("小区", "name"),
        (" NAME ", "name"),
        ("经度", "lon"),
        ("經度", "lon"),
        ("LNG", "lon"),
        ("Point_X", "lon"),
        ("X坐标", "lon"),
        ("横坐标", "lon"),
        ("纬度（WGS84）", "lat"),
        ("建筑面积(㎡)", "floor_m2"),
        ("建筑面积（万平方米）", "floor_m2"),
        ("面积_亩", "floor_m2"),
        ("使用面积 (m2)", "usable_m2"),
        ("用地面积（公顷）", "land_m2"),
        ("户数", "households"),
        ("总户数（户）", "households"),
        ("常住人口（2023年）", "residents"),
        ("床位数", "beds"),
        ("职工人数", "staff"),
        ("营业时间", "hours"),
        ("总投资（万元）", "cost_wan_yuan"),
        ("行政区划代码", "code"),
        ("＊户数＊", "households"),
        ("居民数", "residents"),
        ("居民数（人）", "residents"),
        ("常住人口数", "residents"),
        ("人口数", "residents"),
        ("住宅套数", "households"),
        ("核定床位（张）", "beds"),
        ("核定学位", "capacity"),
        ("托位数（个）", "capacity"),
        ("设施小类", "service"),
        ("类别", "service"),
        ("设施地址", "address"),
        ("地址", "address"),
        ("小区名", "name"),
        ("统一编号", "id"),
    ],
)
def test_names_in_both_languages(column, field):
    assert match_column(["其他", column, "备注"], field, None) == column
    assert is_known_name(column)


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("建筑面积（单位：万㎡）", ("建筑面积", "万m2")),
        ("面积_亩", ("面积", "亩")),
        ("户数（2023年）", ("户数", "2023年")),
        ("floor_m2", ("floorm2", "")),
        ("lon", ("lon", "")),
        ("land_m2", ("landm2", "")),
        ("面积/公顷", ("面积", "公顷")),
    ],
)
def test_headers_are_taken_apart(column, parts):
    assert header_parts(column) == parts


def test_no_name_stands_for_two_fields_of_one_reader():
    for fields in FIELDS_TOGETHER:
        seen: dict[str, str] = {}
        for field in fields:
            for name in NAMES[field]:
                assert seen.setdefault(plain(name), field) == field, f"{name} is {seen[plain(name)]} and {field}"


def test_names_are_written_as_they_are_compared():
    for names in NAMES.values():
        assert len(set(map(plain, names))) == len(names)


@given(st.sampled_from(sorted(NAMES)), st.data())
def test_every_name_is_found_however_it_is_spaced(field, data):
    name = data.draw(st.sampled_from(NAMES[field]))
    spaced = data.draw(
        st.sampled_from([name, name.upper(), f" {name} ", "_".join(name) if name.isascii() else " ".join(name)])
    )
    assert match_column([spaced], field, None) == spaced


def opened(tmp_path, header: str, row: str):
    (tmp_path / "a.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    return open_layer(LayerSource(tmp_path / "a.csv"), needed="points")


def matched(layer, *fields, **stated):
    return match_columns(layer, {**dict.fromkeys(fields), **stated})


def test_what_is_recognised_is_noted_and_what_is_stated_goes_first(tmp_path):
    layer = opened(tmp_path, "编号,名称,正式名称,经度,纬度", "1,a,b,118,32")
    assert matched(layer, "id", "lon", "lat", name="正式名称") == {
        "id": "编号",
        "lon": "经度",
        "lat": "纬度",
        "name": "正式名称",
    }
    assert {(note.kind, note.severity) for note in layer.warnings} == {("columns_matched", "note")}
    assert [note.details["columns"] for note in layer.warnings] == ["经度 → lon; 纬度 → lat", "编号 → id"]


def test_of_several_names_the_likelier_is_taken_and_the_others_are_named(tmp_path):
    layer = opened(tmp_path, "面积,建筑面积,lon,lat", "1,2,118,32")
    assert matched(layer, "floor_m2") == {"floor_m2": "建筑面积"}
    passed = next(note for note in layer.warnings if note.kind == "columns_passed_over")
    assert (passed.column, passed.details["others"]) == ("建筑面积", "面积")


@pytest.mark.parametrize(
    ("numbers", "known"), [(("1号楼", "2号楼"), "楼号"), (("1号楼", "1号楼"), None), (("1号楼", ""), None)]
)
def test_numbers_within_an_estate_are_ids_only_where_no_two_rows_share_one(tmp_path, numbers, known):
    rows = "\n".join(f"锦园{place},{number},118,3{place}" for place, number in enumerate(numbers))
    (tmp_path / "a.csv").write_text(f"小区名称,楼号,经度,纬度\n{rows}\n", encoding="utf-8")
    layer = open_layer(LayerSource(tmp_path / "a.csv"), needed="points")
    assert matched(layer, "id", "name")["id"] == known
    seen = peek(tmp_path / "a.csv")
    assert recognised(seen.columns, "homes", has_places=False, no_ids=seen.no_ids).get("id") == known, (
        "the page shows what the reader takes"
    )


def test_the_number_of_a_building_goes_before_that_of_its_row_or_estate(tmp_path):
    layer = opened(tmp_path, "序号,小区编号,楼栋编号,小区名称,lon,lat", "1,X7,QH-001,锦园,118,32")
    assert matched(layer, "id", "name") == {"id": "楼栋编号", "name": "小区名称"}


def test_of_columns_that_differ_by_unit_none_is_chosen(tmp_path):
    layer = opened(tmp_path, "建筑面积(㎡),建筑面积(亩),lon,lat", "1,2,118,32")
    assert matched(layer, "floor_m2") == {"floor_m2": None}
    (fault,) = layer.faults
    assert (fault.kind, fault.details["columns"]) == ("column_ambiguous", "建筑面积(㎡), 建筑面积(亩)")
    layer = opened(tmp_path, "建筑面积(㎡),建筑面积(亩),lon,lat", "1,2,118,32")
    assert matched(layer, floor_m2="建筑面积(亩)") == {"floor_m2": "建筑面积(亩)"}
    assert layer.faults == ()


def test_two_columns_of_longitude_are_a_fault(tmp_path):
    layer = opened(tmp_path, "经度(度),经度(原),纬度", "118,118,32")
    assert [fault.kind for fault in layer.faults] == ["column_ambiguous"]


def test_a_column_is_recognised_for_one_field_only(tmp_path):
    layer = opened(tmp_path, "类型,lon,lat", "小学,118,32")
    assert matched(layer, "service", name="类型") == {"service": None, "name": "类型"}
    assert match_columns(layer, {"service": None}, not_recognised=("service",)) == {"service": None}


def test_readers_need_no_settings_where_names_are_usual(tmp_path):
    (tmp_path / "c.csv").write_text(
        "编号,项目名称,经度,纬度,改造费用（元）,面积（公顷）\n7,原粮站,117,32,125000,0.03\n", encoding="gb18030"
    )
    candidates = candidates_from_layer(
        LayerSource(tmp_path / "c.csv"), dict.fromkeys(("id", "name", "cost_wan_yuan", "floor_m2")), "EPSG:32650"
    ).value
    assert (candidates.ids.tolist(), candidates.names.tolist()) == (["7"], ["原粮站"])
    assert (candidates.cost_wan_yuan[0], candidates.floor_m2[0]) == pytest.approx((12.5, 300))

    (tmp_path / "g.csv").write_text("经度,纬度,通行对象,开放时间\n117,32,居民,06:00-22:00\n", encoding="utf-8")
    fields = dict.fromkeys(("lon", "lat", "who", "hours", "compound"))
    none = Compounds(*(np.empty(0, dtype=object) for _ in range(3)), np.empty(0, bool))
    gates = gates_from_layer(LayerSource(tmp_path / "g.csv"), fields, none, "EPSG:32650").value
    assert (gates.opens[0], gates.closes[0]) == (360, 1320)
    assert len(no_gates().who) == 0


def test_the_page_on_inputs_names_every_field_name_and_unit():
    page = (Path(__file__).parents[2] / "docs" / "inputs.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    for field, names in NAMES.items():
        assert field in rows, f"docs/inputs.md does not tell how {field} is recognised"
        assert set(rows[field].split("、")) >= set(names[:3])
    for spellings in UNITS.values():
        for name in spellings:
            assert name in page
    for suffix in FORMATS:
        assert suffix in page or suffix == ".geoparquet"


def test_facilities_take_their_types_from_a_column_of_that_name_and_miss_it_where_there_is_none(tmp_path):
    kindergarten = next(service for service in read_services() if service.id == "kindergarten")
    (tmp_path / "f.csv").write_text("设施名称,设施类型,经度,纬度\n甲,幼儿园,117,32\n", encoding="utf-8")
    found = facilities_from_layer(LayerSource(tmp_path / "f.csv"), FIELDS, None, [kindergarten], "EPSG:32650").value
    assert found.serves.tolist() == [[True]]
    (tmp_path / "g.csv").write_text("设施名称,经度,纬度\n甲,117,32\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        facilities_from_layer(LayerSource(tmp_path / "g.csv"), FIELDS, None, [kindergarten], "EPSG:32650")
    assert [(fault.kind, fault.column) for fault in raised.value.faults] == [("missing_column", "service")]
