"""Registers of estates as offices keep them: ages, uses and levels of buildings, and rows that cannot be right."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.kernel.floors import FloorAssumptions
from livingcircle.sources.ages import age_group
from livingcircle.sources.building_floors import BuildingEstimate
from livingcircle.sources.homes import homes_from_layer
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.plausible import Bounds, doubts

CRS = "EPSG:32650"
EAST, NORTH = 500_000, 3_540_000
ESTIMATE = BuildingEstimate(FloorAssumptions(40, 2, 3.0), residential_shares={"住宅": 1.0, "商住": 0.5})


def square(x, side=10.0):
    return shapely.box(EAST + x, NORTH, EAST + x + side, NORTH + side)


def read(tmp_path, shapes, columns=None, residents_per_household=2, **options):
    named = columns or {}
    path = tmp_path / "homes.gpkg"
    gpd.GeoDataFrame(options.pop("table"), geometry=list(shapes), crs=CRS).to_file(path)
    return homes_from_layer(LayerSource(path), named, CRS, residents_per_household=residents_per_household, **options)


def estates(tmp_path, rows, **options):
    """A list of estates with the headers offices give them; places are 0.001° (94 m) apart."""
    table = pd.DataFrame(rows)
    table.insert(0, "编号", [f"E{number}" for number in range(1, len(table) + 1)])
    if "经度" not in table:
        table["经度"] = 117 + 0.001 * np.arange(len(table))
    table["纬度"] = 32.0
    table.to_csv(tmp_path / "estates.csv", index=False)
    return homes_from_layer(LayerSource(tmp_path / "estates.csv"), {}, CRS, residents_per_household=2.5, **options)


def said(reading, kind):
    (fault,) = [fault for fault in reading.warnings if fault.kind == kind]
    assert fault.sentence("zh") != fault.sentence("en")
    return fault


# ── Residents from buildings ────────────────────────────────────────────────


def test_buildings_without_people_are_estimated_from_their_floor(tmp_path):
    table = {
        "层数": [6.0, np.nan, np.nan, 3.0, 4.0],
        "建筑高度": [np.nan, 12.0, np.nan, np.nan, np.nan],
        "用途": ["住宅", "住宅", "商住", "学校", None],
        "户数": [np.nan, np.nan, np.nan, np.nan, 7.0],
    }
    reading = read(tmp_path, [square(20 * at) for at in range(5)], table=table, estimate=ESTIMATE)
    homes = reading.value.homes
    # 100 m² × 6, 12 m ÷ 3 m = 4 levels, 2 levels half lived in; the school is no home; 7 households × 2
    assert homes.residents == pytest.approx([600 / 40, 400 / 40, 100 / 40, 14])
    assert homes.floor_m2 == pytest.approx([600, 400, 100, 400])
    assert homes.ids.tolist() == ["1", "2", "3", "5"]
    told = said(reading, "residents_from_floor").details
    assert (told["count"], told["from_height"], told["from_default"]) == (3, 1, 1)
    assert (told["floor_m2_per_resident"], told["metres_per_level"], told["default_levels"]) == (40, 3, 2)
    assert said(reading, "buildings_not_lived_in").details == {"count": 1, "uses": "学校 × 1"}
    assert homes.residents.sum() == pytest.approx(15 + 10 + 2.5 + 14)


def test_a_stated_floor_area_and_share_go_first(tmp_path):
    table = {"建筑面积": [800.0, np.nan], "居住占比": [0.1, 0.25], "层数": [6, 6]}
    homes = read(tmp_path, [square(0), square(20)], table=table, estimate=ESTIMATE).value.homes
    assert homes.residents == pytest.approx([800 / 40, 600 * 0.25 / 40])


def test_without_an_estimate_nobody_is_made_up(tmp_path):
    with pytest.raises(InputError) as raised:
        read(tmp_path, [square(0)], table={"层数": [6]})
    assert [fault.kind for fault in raised.value.faults] == ["no_people"]


def test_a_point_without_floor_cannot_be_estimated(tmp_path):
    point = shapely.Point(EAST, NORTH)
    with pytest.raises(InputError) as raised:
        read(tmp_path, [square(0), point], table={"层数": [6, 6]}, estimate=ESTIMATE)
    assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("missing_value", 2)]


def test_shares_and_levels_that_cannot_be(tmp_path):
    with pytest.raises(InputError) as raised:
        read(tmp_path, [square(0)], table={"居住占比": [80.0]}, estimate=ESTIMATE)
    assert [(fault.kind, fault.value) for fault in raised.value.faults] == [("share_above_one", "80")]
    reading = read(tmp_path, [square(0), square(20)], table={"层数": [0, 999]}, estimate=ESTIMATE)
    assert reading.value.homes.floor_m2 == pytest.approx([200, 200])
    assert said(reading, "levels_senseless").details["count"] == 2


def test_no_building_is_a_home(tmp_path):
    with pytest.raises(InputError) as raised:
        read(tmp_path, [square(0)], table={"用途": ["学校"]}, estimate=ESTIMATE)
    assert [fault.kind for fault in raised.value.faults] == ["no_homes"]


# ── Ages ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "group"),
    [
        ("60岁以上", "60+"),
        ("60岁及以上人口", "60+"),
        ("65周岁以上老年人", "65+"),
        ("80+", "80+"),
        ("aged 60+", "60+"),
        ("60 and over", "60+"),
        ("0-3岁", "0-3"),
        ("3—6岁儿童", "3-6"),
        ("6至12岁", "6-12"),
        ("12～15 岁（人）", "12-15"),
        ("0-3", "0-3"),
        ("户数", None),
        ("2020-2023", None),
        ("15-3", None),
        ("层数60", None),
        ("60", None),
    ],
)
def test_headers_that_name_an_age_group(header, group):
    assert age_group(header) == group


def test_ages_of_a_register_are_recognised_or_stated(tmp_path):
    rows = {"常住人口": [100, 50], "60岁以上": [20, 10], "0-3岁": [5, 4], "老人": [7, 8]}
    reading = estates(tmp_path, rows)
    assert reading.value.homes.age_groups == ("60+", "0-3")
    assert reading.value.homes.residents_by_age.tolist() == [[20, 5], [10, 4]]
    noted = [fault.details["columns"] for fault in reading.warnings if fault.kind == "columns_matched"]
    assert any("60岁以上 → 60+" in str(columns) for columns in noted)
    stated = estates(tmp_path, rows, age_groups={"elderly": "老人"}).value.homes
    assert (stated.age_groups, stated.residents_by_age.tolist()) == (("elderly",), [[7], [8]])


def test_ages_unknown_or_beyond_the_residents_are_warned_of(tmp_path):
    reading = estates(tmp_path, {"常住人口": [100, 50, 10], "60岁以上": [20, 51, None]})
    assert reading.value.homes.residents_by_age.tolist() == [[20], [51], [0]]
    assert said(reading, "age_unknown").details["count"] == 1
    assert said(reading, "age_exceeds_residents").details == {"group": "60+", "count": 1, "example": "E2"}


def test_ages_that_are_no_numbers_are_faults(tmp_path):
    with pytest.raises(InputError) as raised:
        estates(tmp_path, {"常住人口": [100, 50], "60岁以上": ["-3", "#REF!"]})
    assert {(fault.kind, fault.row) for fault in raised.value.faults} == {("negative_number", 2), ("formula_error", 3)}


# ── Rows that cannot be right ───────────────────────────────────────────────


def test_rows_over_ten_thousand_households_wait_for_review(tmp_path):
    reading = estates(tmp_path, {"小区名称": list("甲乙丙"), "户数": [800, 123_695, 10_000]})
    homes, waiting = reading.value.homes, reading.value.quarantined
    assert homes.ids.tolist() == ["E1", "E3"]
    assert homes.households.tolist() == [800, 10_000]
    assert waiting.ids.tolist() == ["E2"]
    assert waiting.rows.tolist() == [3]
    assert waiting.reasons.tolist() == ["many_households;many_residents"]
    assert waiting.kept.tolist() == [False]
    told = said(reading, "homes_quarantined").details
    assert (told["count"], told["households"], told["examples"]) == (1, 123_695, "E2")
    assert "户数过多 1 行" in str(told["reasons_zh"])


def test_a_confirmed_row_counts(tmp_path):
    reading = estates(tmp_path, {"户数": [800, 12_000]}, confirmed=["E2"])
    assert reading.value.homes.households.tolist() == [800, 12_000]
    assert reading.value.quarantined.kept.tolist() == [True]
    assert [fault.kind for fault in reading.warnings if "quarantined" in fault.kind] == []
    assert said(reading, "outliers_confirmed").details["count"] == 1


def test_who_confirms_a_row_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError) as raised:
        estates(tmp_path, {"户数": [800, 12_000]}, confirmed=["E22"])
    (fault,) = raised.value.faults
    assert (fault.kind, fault.value, fault.details["nearest"]) == ("confirmed_unknown", "E22", "E2")


def test_floor_per_resident_that_cannot_be(tmp_path):
    rows = {"建筑面积": [4_000.0, 400.0, 4_000_000.0, 4_000.0], "常住人口": [100, 100, 100, 0]}
    reading = estates(tmp_path, rows)
    waiting = reading.value.quarantined
    assert dict(zip(waiting.ids, waiting.reasons, strict=True)) == {"E2": "little_floor", "E3": "much_floor"}
    assert reading.value.homes.ids.tolist() == ["E1", "E4"]
    relaxed = estates(tmp_path, rows, bounds=Bounds(least_floor_m2_per_resident=4))
    assert relaxed.value.quarantined.ids.tolist() == ["E3"]


def test_a_footprint_holds_no_more_than_two_hundred_levels(tmp_path):
    # 100 m² × 200 levels ÷ 5 m² = 4,000 residents at the very most
    reading = read(tmp_path, [square(0), square(20)], {"residents": "people"}, table={"people": [4_000, 4_001]})
    assert reading.value.quarantined.ids.tolist() == ["2"]
    assert reading.value.quarantined.reasons.tolist() == ["little_floor"]


def test_a_copy_of_a_row_counts_once_and_a_name_near_by_is_pointed_out(tmp_path):
    rows = {
        "小区名称": ["幸福家园", "幸福家园", "幸福家园", "幸福家园", "平安里", "幸福家园"],
        "户数": [100, 100, 60, 90, 80, 70],
        "经度": [117.0, 117.0, 117.0, 117.0003, 117.0, 117.01],  # 28 m and 940 m to the east
    }
    reading = estates(tmp_path, rows)
    waiting = reading.value.quarantined
    assert dict(zip(waiting.ids, waiting.reasons, strict=True)) == {"E2": "duplicate", "E3": "alike", "E4": "alike"}
    assert waiting.kept.tolist() == [False, True, True]
    assert reading.value.homes.ids.tolist() == ["E1", "E3", "E4", "E5", "E6"]
    assert said(reading, "homes_quarantined").details["count"] == 1
    assert said(reading, "homes_alike").details["count"] == 2
    noted = [fault.row for fault in reading.warnings if fault.kind == "row_for_review"]
    assert noted == [3, 4, 5]
    assert estates(tmp_path, rows, bounds=Bounds(duplicate_metres=0)).value.quarantined.ids.tolist() == ["E2"]


def test_buildings_of_one_estate_are_no_copies_of_each_other(tmp_path):
    table = {"小区名称": ["幸福家园"] * 3, "户数": [24, 24, 24]}
    reading = read(tmp_path, [square(0), square(20), square(22)], table=table)
    # The third footprint lies on the second.
    assert reading.value.quarantined.ids.tolist() == ["3"]
    assert reading.value.quarantined.reasons.tolist() == ["alike"]
    assert reading.value.homes.households.sum() == 72


def test_nothing_but_doubtful_rows_is_a_fault(tmp_path):
    with pytest.raises(InputError) as raised:
        estates(tmp_path, {"户数": [20_000, 30_000]})
    (fault,) = raised.value.faults
    assert (fault.kind, fault.details["count"]) == ("all_quarantined", 2)


numbers = st.one_of(st.just(np.nan), st.floats(0, 1e7))


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(0, 400), numbers, numbers, numbers), max_size=12))
def test_doubts_do_not_depend_on_other_rows_but_for_copies(rows):
    def reasons(some):
        names, x, residents, households, floor_m2 = zip(*some, strict=True)
        objects = np.empty(len(some), object)
        objects[:] = names
        return doubts(
            names=objects,
            geometry=np.asarray(shapely.points(np.array(x, float), np.zeros(len(some))), object),
            xy=np.column_stack([np.array(x, float), np.zeros(len(some))]),
            residents=np.array(residents, float),
            households=np.array(households, float),
            floor_m2=np.array(floor_m2, float),
            footprint_m2=np.full(len(some), np.nan),
            bounds=Bounds(),
        ).tolist()

    if not rows:
        return
    together = reasons(rows)
    for at, row in enumerate(rows):
        alone = set(reasons([row])[0].split(";")) - {""}
        found = set(together[at].split(";")) - {""}
        assert found - {"duplicate", "alike"} == alone
        before = [other for other in rows[:at] if other[0] == row[0] and abs(other[1] - row[1]) <= 50]
        same = any(np.array_equal(other[1:4], row[1:4], equal_nan=True) for other in before)
        assert ("duplicate" in found) == same
        assert ("alike" in found) == (bool(before) and not same)
