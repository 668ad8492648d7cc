"""The checklist as a table: every question people have to answer, with what was answered, and open ones told as open."""

from __future__ import annotations

import openpyxl
import pytest

from clause_town import clause_town
from livingcircle.render import sheets
from livingcircle.render.tables import checklist, tables_of


@pytest.fixture(scope="module")
def rich(town):
    return clause_town(town)


def test_questions_stand_beside_their_answers(rich):
    found = checklist(rich.study)
    rows = {(row.rule_id, row.district_name): row for row in found.itertuples()}
    assert set(rows) == {("R-ask", ""), ("R-register", ""), ("R-register", "宁海路街道")}
    told = rows["R-register", "宁海路街道"]
    assert (told.answered, told.answer_zh, told.answer_en) == (True, "90.0 %", "90.0 %")
    assert (told.told_by, told.told_on, told.remark) == ("王", "2026-03-01", "=1+1")
    exempt = rows["R-register", ""]
    assert (exempt.answered, exempt.answer_zh, exempt.answer_en) == (True, "不适用", "not applicable")
    asked = rows["R-ask", ""]
    assert (asked.answered, asked.answer_zh, asked.told_by) == (False, "", "")
    assert "用房不得挪作他用" in asked.question_zh


def test_the_workbook_has_it(rich, tmp_path):
    sheets.write_workbook(tmp_path / "book.xlsx", tables_of(rich), "zh", "题", [])
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["核查表"]
    head, *rows = sheet.iter_rows(values_only=True)
    answered = {(row[0], row[head.index("已答复")]) for row in rows}
    assert len(rows) == 3
    assert {state for _, state in answered} == {"是", "否"}


def test_a_standard_that_asks_nobody_has_no_sheet(town, tmp_path):
    assert not len(checklist(town.study))
    sheets.write_workbook(tmp_path / "book.xlsx", tables_of(town), "zh", "题", [])
    assert "核查表" not in openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames
