"""Answers of people through the whole house: the sheet written, filled in, read back, judged and shown."""

import json

import openpyxl
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle.cli import INPUT_ERROR, STANDARD_NOT_MET, app
from livingcircle.render.checklist import COLUMNS

STANDARD = """\
id: asked
title: {zh: 问答标准, en: Standard of questions}
edition: "2026"
note: {zh: 测试用, en: for tests}
documents: {TOWN: 小镇标准}
rules:
  - {id: T-ask, document: TOWN, clause: "1", service: pharmacy, level: all, metric: checklist, operator: require,
     quote: 不得挪作他用, verification: read_in_full, confidence: high, statistic: each, binding: mandatory,
     zh: 用房不得挪作他用。, en: Rooms are not put to other uses.}
  - {id: T-share, document: TOWN, clause: "2", service: pharmacy, level: all, metric: register_share, operator: ">=", value: 0.85,
     unit: "%", quote: 达到85%, verification: recall_unverified, confidence: low, statistic: each, binding: advisory,
     zh: 有证人员 ÷ 全部人员。, en: Staff with a licence ÷ all.}
"""


@pytest.fixture
def study(tmp_path):
    file = w.write_town(tmp_path)
    (tmp_path / "asked.yaml").write_text(STANDARD, encoding="utf-8")
    text = file.read_text(encoding="utf-8").replace("standard: standard.yaml", "standard: asked.yaml")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("siting"))
    file.write_text(text + "\n", encoding="utf-8")
    return file


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def fill(folder, study, *answers):
    path = folder / "checklist.xlsx"
    assert run("checklist", study).exit_code == 0
    book = openpyxl.load_workbook(path)
    for row, answer in enumerate(answers, start=2):
        book.worksheets[0].cell(row, COLUMNS.index("answer") + 1).value = answer
        book.worksheets[0].cell(row, COLUMNS.index("told_by") + 1).value = "民政办"
    book.save(path)
    study.write_text(study.read_text(encoding="utf-8") + "checklist: {path: checklist.xlsx}\n", encoding="utf-8")


def verdicts(*arguments):
    result = run("assess", "--json", *arguments)
    figures = json.loads(result.stdout)
    return result.exit_code, {row["rule_id"]: row["verdict"] for row in figures["rule_verdicts"]}, figures


def test_unanswered_questions_have_no_data_and_fail_nothing(study):
    code, found, _ = verdicts(study, "--fail-if-unmet", "--advisory-too")
    assert found == {"T-ask": "no_data", "T-share": "no_data"}
    assert code == 0


def test_answers_become_verdicts_and_say_who_gave_them(tmp_path, study):
    fill(tmp_path, study, "是", 0.9)
    _, found, figures = verdicts(study)
    assert found == {"T-ask": "met", "T-share": "met"}
    assert [row["told_by"] for row in figures["answers"]] == ["民政办", "民政办"]
    assert "checklist" in [row["role"] for row in figures["inputs"]]


@pytest.mark.parametrize(
    ("answers", "options", "code"),
    [
        (("否", 0.9), (), 0),
        (("否", 0.9), ("--fail-if-unmet",), STANDARD_NOT_MET),
        (("是", 0.5), ("--fail-if-unmet",), 0),
        (("是", 0.5), ("--fail-if-unmet", "--advisory-too"), STANDARD_NOT_MET),
        (("不适用", 0.9), ("--fail-if-unmet",), 0),
    ],
)
def test_only_clauses_that_bind_fail_a_run_unless_asked_otherwise(tmp_path, study, answers, options, code):
    fill(tmp_path, study, *answers)
    assert verdicts(study, *options)[0] == code


def test_a_checklist_is_never_written_over(tmp_path, study):
    fill(tmp_path, study, "是")
    before = (tmp_path / "checklist.xlsx").read_bytes()
    assert run("checklist", study).exit_code == INPUT_ERROR
    assert (tmp_path / "checklist.xlsx").read_bytes() == before


def test_a_wrong_answer_stops_the_run_and_names_its_row(tmp_path, study):
    fill(tmp_path, study, "大概", 85)
    result = run("assess", study)
    assert result.exit_code == INPUT_ERROR
    assert "“大概”" in result.output
    assert "超过 100%" in result.output
    assert "第2行" in result.output


def test_a_register_is_read_beside_the_checklist_which_goes_before_it(tmp_path, study):
    fill(tmp_path, study, "是", 0.9)
    (tmp_path / "register.csv").write_text("条文编号,答复\nT-share,10%\nT-ask,否\n", encoding="utf-8")
    study.write_text(study.read_text(encoding="utf-8") + "registers: [{path: register.csv}]\n", encoding="utf-8")
    assert verdicts(study)[1] == {"T-ask": "met", "T-share": "met"}
