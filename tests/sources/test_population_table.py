"""Population tables: which row is which district, how far homes differ, and homes scaled to the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

import town as t
from livingcircle.errors import InputError
from livingcircle.model.places import Districts
from livingcircle.model.population import PopulationTotals
from livingcircle.sources.district_names import NameIndex, is_total, plain_name
from livingcircle.sources.home_totals import compared_with_table, scaled_to_table
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.population_table import population_from_table

NAMES = ["北门桥社区", "如意里社区", "幸福社区", "幸福社区", "新街口街道", "梅园街道"]
CODES = ["320102001001", "320102001002", "320102001003", "320102002001", "320102001", "320102002"]
PARENT = [4, 4, 4, 5, -1, -1]
DISTRICTS = Districts(
    ids=np.array(CODES, object),
    names=np.array(NAMES, object),
    geometry=np.array([shapely.box(0, 0, 1, 1)] * 6, object),
    level=np.array(["community"] * 4 + ["subdistrict"] * 2, object),
    parent=np.array(PARENT, np.int32),
)
COLUMNS = {"id": None, "name": None, "parent": None, "residents": None, "households": None}


def table(tmp_path, text, **columns):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    reading = population_from_table(LayerSource(path), COLUMNS | columns, {}, DISTRICTS)
    return (
        reading.value,
        [(said.kind, said.row) for said in reading.warnings if said.kind != "columns_matched"],
        reading,
    )


# ── Names ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("北门桥社区居民委员会", "北门桥社区"),
        ("北门桥社区居委会", "北门桥社区"),
        ("北门桥居委会", "北门桥社区"),
        (" 北门桥 社区 ", "北门桥社区"),
        ("李村村民委员会", "李村村"),
        ("新街口街道办事处", "新街口街道"),
        ("Ｎｏ１社区", "no1社区"),
        ("社区", "社区"),
        ("玄武区", "玄武区"),
    ],
)
def test_names_are_told_alike(written, plain):
    assert plain_name(written) == plain


def test_kinds_are_told_apart_unless_one_side_says_none():
    index = NameIndex(["新街口街道", "新街口社区", "梅园"])
    assert index.find("新街口街道办事处") == [0]
    assert index.find("新街口居委会") == [1]
    assert index.find("新街口") == [0, 1]
    assert index.find("梅园街道") == [2]
    assert index.find("新街口村") == []
    assert index.near("新街囗街道")[0] in {"新街口街道", "新街口社区"}  # 囗 for 口
    assert [is_total(name) for name in ("合 计", "总计：", "合计社区")] == [True, True, False]


# ── Rows ────────────────────────────────────────────────────────────────────


def test_rows_are_joined_by_code_else_by_name(tmp_path):
    found, said, _ = table(
        tmp_path,
        "统计用区划代码,名称,人口数,户数,60岁以上\n"
        "320102001001,(旧名),100,40,20\n合计,,600,120,50\n320102002000,,300,,\n,如意里居委会,200,80,30\n",
    )
    assert found.figures == ("residents", "households", "60+")
    assert found.totals[0].tolist() == pytest.approx([100, 200, np.nan, np.nan, np.nan, 300], nan_ok=True)
    assert found.totals[1].tolist() == pytest.approx([40, 80] + [np.nan] * 4, nan_ok=True)
    assert found.totals[2].tolist() == pytest.approx([20, 30] + [np.nan] * 4, nan_ok=True)
    assert said == [
        ("population_totals_skipped", None),
        ("population_by_name", None),
        ("districts_without_population", None),
    ]


def test_rows_without_a_partner_are_warned_of_with_names_near_them(tmp_path):
    _, said, reading = table(tmp_path, "名称,人口\n北门乔社区,100\n月球社区,5\n如意里社区,7\n")
    assert said[:2] == [("population_row_unmatched", 2), ("population_row_unmatched", 3)]
    near = [one.details["nearest"] for one in reading.warnings if one.kind == "population_row_unmatched"]
    assert near == ["北门桥社区", "—"]


def test_a_name_of_several_districts_is_told_apart_by_the_larger_one(tmp_path):
    found, said, _ = table(
        tmp_path, "名称,所属街道,人口\n幸福社区,新街口街道办事处,10\n幸福社区,梅园街道,20\n幸福社区,,40\n"
    )
    assert found.totals[0].tolist()[2:4] == [10, 20]
    assert said[0] == ("population_row_ambiguous", 4)


def test_two_rows_for_one_district_are_a_fault(tmp_path):
    with pytest.raises(InputError) as raised:
        table(tmp_path, "code,名称,人口\n320102001001,a,1\n,北门桥居委会,2\n")
    (fault,) = raised.value.faults
    assert (fault.kind, fault.row, fault.details["first"]) == ("population_row_repeated", 3, 2)


def test_rounded_codes_fall_back_to_names_and_numbers_keep_all_digits(tmp_path):
    found, said, _ = table(tmp_path, "code,名称,人口\n3.20102E+11,北门桥社区,100\n")
    assert found.totals[0, 0] == 100
    assert said[0] == ("population_code_rounded", 2)
    book = openpyxl.Workbook()
    for row in (["code", "人口"], [320102001002, 5]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    reading = population_from_table(LayerSource(tmp_path / "t.xlsx"), COLUMNS, {}, DISTRICTS)
    assert reading.value.totals[0, 1] == 5


@pytest.mark.parametrize(
    ("text", "kind"),
    [("人口,户数\n1,2\n", "population_without_key"), ("名称,备注\n北门桥社区,好\n", "population_without_figures")],
)
def test_a_table_of_no_use_says_why(tmp_path, text, kind):
    with pytest.raises(InputError) as raised:
        table(tmp_path, text)
    assert [fault.kind for fault in raised.value.faults] == [kind]


# ── Homes beside the table ──────────────────────────────────────────────────

NONE = np.nan
# One home in each of the first four communities, a second one in the first, one in 梅园 but in no community, one nowhere.
HOMES = t.homes([(x, 0) for x in range(7)], residents=[10, 30, 50, 100, 60, 40, 5], district=[0, 0, 1, 2, 3, 5, -1])


def totals(*rows, figures=("residents",)):
    return PopulationTotals(figures, np.array(rows, float))


def test_differences_are_told_for_every_level_and_large_ones_warned_of():
    reading = compared_with_table(HOMES, DISTRICTS, totals([40, 100, NONE, 66, NONE, 111]))
    found = reading.value
    assert found.district.tolist() == [0, 1, 3, 5]
    assert found.in_homes.tolist() == [40, 50, 60, 100]
    assert found.difference_share().tolist() == pytest.approx([0, -0.5, -1 / 11, -11 / 111])
    (warning,) = reading.warnings
    assert warning.details == {"count": 1, "examples": "如意里社区 50 / 100"}


def test_homes_are_scaled_to_the_smallest_district_with_a_number():
    # 梅园 has 200, of which 幸福社区 (60 in homes) 120: the home outside of it gets the other 80.
    reading = scaled_to_table(HOMES, DISTRICTS, totals([80, NONE, NONE, 120, 380, 200]))
    # 新街口 has 380, of which 北门桥 80: the other 300 go to homes of 50 and 100.
    assert reading.value.residents.tolist() == pytest.approx([20, 60, 100, 200, 120, 80, 5])
    assert {said.kind for said in reading.warnings} == {"population_scaled"}
    (said,) = reading.warnings
    assert (said.details["before"], said.details["after"], said.details["districts"]) == (290, 580, 4)


def test_what_cannot_be_placed_or_contradicts_itself_is_said():
    empty = replace(HOMES, residents=np.array([10, 30, 0, 100, 60, 40, 5.0]))
    kinds = {
        said.kind: said.details
        for said in scaled_to_table(empty, DISTRICTS, totals([40, 70, NONE, 300, NONE, 200])).warnings
    }
    assert kinds["population_unplaced"]["count"] == 70
    assert kinds["population_unplaced"]["examples"] == "如意里社区"
    assert kinds["population_levels_disagree"]["examples"] == "梅园街道"


def test_age_groups_follow_the_residents_or_come_from_the_table():
    aged = replace(HOMES, residents_by_age=HOMES.residents[:, None] * [[0.1, 0.5]], age_groups=("0-3", "15-59"))
    table = totals([80] + [NONE] * 5, [8, 5] + [NONE] * 4, [16] + [NONE] * 5, figures=("residents", "0-3", "60+"))
    reading = scaled_to_table(aged, DISTRICTS, table)
    homes = reading.value
    assert homes.age_groups == ("0-3", "15-59", "60+")
    by_age = homes.residents_by_age.T.tolist()
    assert by_age[0] == pytest.approx([2, 6, 5, 10, 6, 4, 0.5])  # the table's 8 and 5, else as they were
    assert by_age[1] == pytest.approx([10, 30, 25, 50, 30, 20, 2.5])  # half of the residents, scaled or not
    assert by_age[2] == pytest.approx([4, 12, 0, 0, 0, 0, 0])
    unknown = next(said for said in reading.warnings if said.kind == "age_group_unknown")
    assert unknown.details == {"group": "60+", "residents": 255}


@given(some.lists(some.one_of(some.none(), some.integers(0, 10_000)), min_size=6, max_size=6))
def test_every_number_of_the_table_is_reached_or_told(numbers):
    row = [NONE if number is None else float(number) for number in numbers]
    reading = scaled_to_table(HOMES, DISTRICTS, totals(row))
    held = compared_with_table(reading.value, DISTRICTS, totals(row)).value
    kinds = {said.kind for said in reading.warnings}
    if "population_levels_disagree" not in kinds and "population_unplaced" not in kinds:
        assert held.in_homes.tolist() == pytest.approx(held.in_table.tolist(), abs=1)
    assert (reading.value.residents >= 0).all()
