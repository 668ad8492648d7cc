"""Living circles from files to tables: circles that were drawn are units of their own, and nothing else stands in for them.

The street of `written_town`: homes of 1, 2, 4 … 32 residents at 100, 300, 500, 700, 1,000 and 1,400 m from its only pharmacy. The near
circle ends at 850 m and holds 1 + 2 + 4 + 8 = 15 residents and the pharmacy; the far one ends at 1,200 m and holds the 16 of the home at
1,000 m.
"""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

import written_town as w
from livingcircle import cases
from livingcircle.errors import InputError, SettingsError
from livingcircle.render.tables import tables_of
from livingcircle.settings import read_study

STANDARD = """\
id: town
title: {zh: 小镇标准, en: Town standard}
edition: "2026"
note: {zh: 测试用, en: for tests}
documents: {TOWN: 小镇标准}
unless_stated: {level: 10min, statistic: each, binding: mandatory, verification: read_in_full, confidence: high}
rules:
  - {id: size, clause: "1", quote: "", service: circle, metric: residents_per_unit, operator: between, value: 15, value_max: 25,
     unit: 人}
  - {id: there, clause: "2", quote: "", service: pharmacy, metric: count, operator: ">=", value: 1, unit: 处}
  - {id: walk, clause: "3", quote: "", service: pharmacy, metric: walk_metres, operator: "<=", value: 800, unit: 米}
"""
NEAR, FAR = ("C1", "近圈", -200, 850), ("C2", "远圈", 850.5, 1200)


def draw(folder, *circles):
    shapes = [shapely.box(w.lonlat(a)[0], 31.97, w.lonlat(b)[0], 31.99) for *_, a, b in circles]
    columns = {"编号": [one[0] for one in circles], "名称": [one[1] for one in circles]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(folder / "circles.gpkg", layer="十分钟")


@pytest.fixture
def town(tmp_path):
    study = w.write_town(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    draw(tmp_path, NEAR, FAR)
    return study


def rows_of(study, **overrides):
    """Return the rows of verdicts by rule and name of the unit, and the warnings of the study."""
    settings = read_study(study, {"siting": [], "candidates": None, **overrides})
    results = cases.answer(settings, areas=False, siting=False)
    table = tables_of(results)["rule_verdicts"]
    return {(row.rule_id, row.district_name): row for row in table.itertuples()}, results.study.warnings


DRAWN = {"circles": {"10min": {"path": "circles.gpkg", "layer": "十分钟"}}}


def test_circles_of_a_layer_are_judged_as_units_with_their_names(town):
    rows, warnings = rows_of(town, **DRAWN)
    near, far = rows["there", "近圈"], rows["there", "远圈"]
    assert (near.verdict, near.value, near.district_id, near.scope, near.district_level) == (
        *("met", 1, "C1", "circle", "10min"),
    )
    assert (far.verdict, far.shortfall, far.reason_code) == ("unmet", 1, "")
    assert [(rows["size", name].value, rows["size", name].verdict) for name in ("近圈", "远圈")] == [
        (15, "met"),
        (16, "met"),
    ]
    assert (rows["walk", "近圈"].verdict, rows["walk", "远圈"].verdict) == ("met", "unmet")
    [outside] = [one for one in warnings if one.kind == "homes_outside_circles"]
    assert (outside.details["count"], outside.details["residents"]) == (1, 32)


def test_without_circles_the_units_that_stand_in_are_not_judged_where_they_have_another_size(town):
    """The district in the west has 15 residents and may stand for a circle of 15 to 25; that in the east has 48 and may not."""
    levels = {"path": "districts.geojson", "columns": {"id": "code", "name": "name"}, "level": "community"}
    rows, _ = rows_of(town, districts=levels)
    west, east = rows["there", "西社区"], rows["there", "东社区"]
    assert (west.verdict, west.reason_code) == ("met", "circle:10min=community")
    assert (east.verdict, east.value) == ("no_data", 0)
    assert "circles" in east.why_zh
    assert rows["size", "西社区"].verdict == "not_applicable"
    assert rows["walk", "东社区"].verdict == "unmet"  # a walk is as long in a unit of any size


def test_circles_count_among_the_files_and_not_among_the_districts(town):
    settings = read_study(town, {"siting": [], "candidates": None, **DRAWN})
    study = cases.load(settings)
    assert [one.path for one in study.inputs if one.role == "circles"] == ["circles.gpkg"]
    assert (len(study.districts), study.circles.names.tolist()) == (2, ["近圈", "远圈"])


def test_circles_where_nobody_lives_are_refused(town, tmp_path):
    draw(tmp_path, ("C1", "空圈", 1550, 1650))
    with pytest.raises(InputError) as caught:
        cases.load(read_study(town, DRAWN))
    assert [fault.kind for fault in caught.value.faults] == ["no_home_in_circles"]


def test_circles_that_overlap_are_told(town, tmp_path):
    draw(tmp_path, NEAR, ("C2", "远圈", 700, 1700))
    _, warnings = rows_of(town, **DRAWN)
    assert "circles_overlap" in {one.kind for one in warnings}


def test_a_circle_is_a_level_or_a_layer(town):
    with pytest.raises(SettingsError):
        read_study(town, {"circles": {"10min": {"layer": "十分钟"}}})
    assert read_study(town, {"circles": {"10min": "street"}}).circle_levels == {"10min": "street"}
