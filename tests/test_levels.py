"""A town of communities, sub-districts and a county, from files to tables: every figure by arithmetic.

The street of `written_town`: homes of 1, 2, 4 … 32 residents at 100, 300, 500, 700, 1,000 and 1,400 m from its only pharmacy. 甲街道 ends
at 850 m, its two communities meet at 400 m; 乙街道 is not divided.
"""

from __future__ import annotations

import json
import sqlite3

import geopandas as gpd
import pytest
import shapely

import written_town as w
from livingcircle import cases
from livingcircle.errors import SettingsError
from livingcircle.render.summary import summary
from livingcircle.settings import read_study

LAYERS = """\
districts:
  - {path: county.geojson, columns: {id: code, name: name}}
  - {path: streets.geojson, columns: {id: code, name: name}}
  - {path: communities.geojson, columns: {id: code, name: name}}
"""
UNITS = {
    "county": [("320601", "崇川区", -200, 1700)],
    "streets": [("320601001", "甲街道", -200, 850), ("320601002", "乙街道", 850, 1700)],
    "communities": [("320601001001", "近社区", -200, 400), ("320601001002", "远社区", 400, 850)],
}


@pytest.fixture
def study_file(tmp_path):
    file = w.write_town(tmp_path)
    for layer, units in UNITS.items():
        shapes = [shapely.box(w.lonlat(a)[0], 31.97, w.lonlat(b)[0], 31.99) for *_, a, b in units]
        frame = gpd.GeoDataFrame(
            {"code": [u[0] for u in units], "name": [u[1] for u in units]}, geometry=shapes, crs=4326
        )
        frame.to_file(tmp_path / f"{layer}.geojson")
    w.change(file, "districts: {path: districts.geojson, columns: {id: code, name: name}}\n", LAYERS)
    return file


def at_15_minutes(rows):
    return [row for row in rows if row["service_id"] == "pharmacy" and row["limit_minutes"] == 15]


def test_coverage_of_every_level(study_file):
    figures = summary(cases.answer(read_study(study_file), areas=False, siting=False))
    rows = at_15_minutes(figures["coverage"])
    assert [(row["scope"], row["district_name"], row["residents"], row["residents_covered"]) for row in rows] == [
        ("study", "", 63, 31),
        ("district", "近社区", 3, 3),
        ("district", "远社区", 12, 12),
        ("larger_district", "甲街道", 15, 15),
        ("district", "乙街道", 48, 16),
        ("larger_district", "崇川区", 63, 31),
    ]
    assert [(row["district_level"], row["parent_id"], row["district_within"]) for row in rows] == [
        ("", "", ""),
        ("community", "320601001", "甲街道, 崇川区"),
        ("community", "320601001", "甲街道, 崇川区"),
        ("subdistrict", "320601", "崇川区"),
        ("subdistrict", "320601", "崇川区"),
        ("county", "", ""),
    ]
    verdicts = [row for row in figures["verdicts"] if row["requirement_id"] == "far"]
    assert [row["verdict"] for row in verdicts] == ["unmet", "met", "met", "met", "unmet", "unmet"]


def test_own_and_outside_facilities_are_told_apart_at_every_level(study_file):
    figures = summary(cases.answer(read_study(study_file), areas=False, siting=False))
    told = {
        row["district_name"]: (
            row["residents"], row["residents_by_own"], row["residents_from_outside"], row["outsiders_served"],
        )
        for row in at_15_minutes(figures["exchange"])
    }  # fmt: skip
    # The pharmacy is in 近社区, so in 甲街道 and 崇川区 as well.
    assert told == {
        "近社区": (3, 3, 0, 12 + 16),
        "远社区": (12, 0, 12, 0),
        "甲街道": (15, 15, 0, 16),
        "乙街道": (48, 0, 16, 0),
        "崇川区": (63, 31, 0, 0),
    }


def test_a_run_writes_levels_and_larger_districts_everywhere(study_file):
    run = cases.run(read_study(study_file))
    with sqlite3.connect(run.folder / "results.gpkg") as base:
        found = base.execute(
            "SELECT district_name, district_level, district_within, residents FROM districts"
        ).fetchall()
    assert found[0] == ("近社区", "community", "甲街道, 崇川区", 3)
    assert found[-1] == ("崇川区", "county", "", 63)
    header = (run.folder / "csv" / "coverage.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert {"district_level", "parent_id", "district_within"} <= set(header.replace('"', "").split(","))


def with_table(study_file, text, use):
    (study_file.parent / "people.csv").write_text(text, encoding="utf-8")
    table = f"population_table: {{path: people.csv, use: {use}}}\n"
    study_file.write_text(study_file.read_text(encoding="utf-8") + table, encoding="utf-8")
    return read_study(study_file)


def test_homes_are_checked_by_a_population_table_and_left_as_they_are(study_file):
    settings = with_table(
        study_file, "名称,人口,60岁以上\n近社区居委会,6,3\n甲街道办事处,15,5\n乙街道,48,\n合计,63,\n", "check"
    )
    results = cases.answer(settings, areas=False, siting=False)
    assert results.study.homes.residents.sum() == 63
    assert [fault.kind for fault in results.study.warnings if fault.kind.startswith("population")] == [
        "population_differs"
    ]
    rows = json.loads(json.dumps(summary(results)))["population_check"]
    assert [
        (row["figure"], row["district_name"], row["in_homes"], row["in_table"], row["difference"]) for row in rows
    ] == [
        ("residents", "近社区", 3, 6, -3),
        ("residents", "甲街道", 15, 15, 0),
        ("residents", "乙街道", 48, 48, 0),
        ("60+", "近社区", None, 3, None),
        ("60+", "甲街道", None, 5, None),
    ]


def test_homes_are_scaled_to_a_population_table(study_file):
    settings = with_table(study_file, "名称,人口,户数,60岁以上\n近社区,6,3,3\n甲街道,30,,\n乙街道,96,,48\n", "scale")
    study = cases.load(settings)
    # 30 less 6 for the homes of 4 and 8 residents; 96 for those of 16 and 32.
    assert study.homes.residents.tolist() == pytest.approx([2, 4, 8, 16, 32, 64])
    assert study.homes.households.tolist() == pytest.approx([1, 2, 2, 4, 8, 16])
    assert study.homes.age_groups == ("60+",)
    assert study.homes.residents_by_age[:, 0].tolist() == pytest.approx([1, 2, 0, 0, 16, 32])
    said = {fault.kind for fault in study.warnings}
    assert {"population_scaled", "age_group_unknown", "population_differs"} <= said
    assert [file.path for file in study.inputs if file.role == "population_table"] == ["people.csv"]


def test_a_population_table_needs_districts(study_file):
    w.change(study_file, LAYERS, "")
    with pytest.raises(SettingsError) as raised:
        with_table(study_file, "名称,人口\n近社区,6\n", "check")
    assert [(fault.kind, fault.column) for fault in raised.value.faults] == [("missing_setting", "districts")]


def test_faults_of_one_layer_or_several_are_told_where_they_are_written(study_file):
    w.change(study_file, "communities.geojson, columns: {id: code", "communities.geojson, columns: {iid: code")
    with pytest.raises(SettingsError) as raised:
        read_study(study_file)
    (fault,) = raised.value.faults
    assert (fault.column, fault.details["nearest"]) == ("districts[3].columns.iid", "id")
    w.change(
        study_file,
        LAYERS.replace("communities.geojson, columns: {id", "communities.geojson, columns: {iid"),
        "districts: {path: streets.geojson, colums: {}, level: 街道}\n",
    )
    with pytest.raises(SettingsError) as raised:
        read_study(study_file)
    assert [(fault.kind, fault.column) for fault in raised.value.faults] == [
        ("unknown_setting", "districts.colums"),
        ("wrong_setting", "districts.level"),
    ]
    assert raised.value.faults[0].details["nearest"] == "columns"
