import numpy as np
import openpyxl
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.model.places import Districts
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Citation, Standard, Words
from livingcircle.render.checklist import COLUMNS, questions_of, write_checklist
from livingcircle.render.words import LANGUAGES, say
from livingcircle.sources.answers import answers_from_table
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.standards import read_services, read_standard

SEEN = Citation("HN14", "规划", "五", "不得挪作他用", "read_in_full")
RECALLED = Citation("HN14", "规划", "六", "三级网络", "recall_unverified")
RULES = (
    Rule("Q-yes", "community_service_station", "checklist", "require", SEEN, level="all"),
    Rule("Q-three", "community_service_station", "checklist", "=", RECALLED, value=3.0),
    Rule("Q-may", "community_service_station", "checklist", "allow", SEEN),
    Rule("Q-share", "community_service_station", "register_share", ">=", SEEN, value=0.85, level="community"),
    Rule("Q-value", "circle", "register_value", ">=", SEEN, value=2.0, unit_as_printed="个", statistic="aggregate"),
    Rule("Q-floor", "community_service_station", "floor_m2", ">=", SEEN, value=300.0, level="community"),
)
SHARE, VALUE = 3, 4
DISTRICTS = Districts(
    ids=np.array(["320601001", "320601002", "320601"], object),
    names=np.array(["西社区", "东社区", "街道"], object),
    geometry=np.array([shapely.box(0, 0, 1, 1)] * 3, object),
    level=np.array(["community", "community", "subdistrict"], object),
    parent=np.array([2, 2, -1], np.int32),
)
STANDARD = Standard("test", Words("甲", "a"), "2026", Words("", ""), read_services(), (), RULES)
NONE = dict.fromkeys(("rule", "district", "answer", "told_by", "told_on", "remark"))
HEADER = "条文编号,分区编号,答复,填报人,日期,说明"


def read(tmp_path, *lines, header=HEADER):
    (tmp_path / "a.csv").write_text("\n".join((header, *lines)), encoding="utf-8")
    return answers_from_table(LayerSource(tmp_path / "a.csv"), NONE, RULES, DISTRICTS)


def faults(tmp_path, *lines, header=HEADER):
    with pytest.raises(InputError) as raised:
        read(tmp_path, *lines, header=header)
    return [(fault.kind, fault.row, fault.value) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("rule", "answer", "value"),
    [
        ("Q-yes", "是", 1.0), ("Q-yes", " YES ", 1.0), ("Q-yes", "否", 0.0), ("Q-yes", "1", 1.0),
        ("Q-three", "是", 3.0), ("Q-three", "2", 2.0), ("Q-three", "否", 0.0),
        ("Q-share", "85%", 0.85), ("Q-share", "８５％", 0.85), ("Q-share", "0.85", 0.85), ("Q-share", "1", 1.0),
        ("Q-value", "12", 12.0), ("Q-value", "１２", 12.0), ("Q-floor", '"1,200"', 1200.0),
    ],
)  # fmt: skip
def test_answers_are_understood_as_people_write_them(tmp_path, rule, answer, value):
    found = read(tmp_path, f"{rule},,{answer},,,").value
    assert found.value.tolist() == [value]
    assert found.unit.tolist() == [-1]
    assert found.exempt.tolist() == [False]


@pytest.mark.parametrize("answer", ["不适用", "n/a", "Not applicable"])
def test_a_rule_may_not_apply_in_one_unit_or_nowhere(tmp_path, answer):
    found = read(tmp_path, f"Q-share,320601001,{answer},,,").value
    units = np.array([0, 1, -1], np.int32)
    assert found.exempted(SHARE, units).tolist() == [True, False, False]
    assert np.isnan(found.told(SHARE, units)).all()
    everywhere = read(tmp_path, f"Q-share,,{answer},,,").value
    assert everywhere.exempted(SHARE, units).tolist() == [True, True, True]
    assert not everywhere.exempted(VALUE, units).any()


def test_empty_answers_stay_unanswered_and_who_said_so_is_kept(tmp_path):
    reading = read(tmp_path, "Q-share,320601002,90%,王,2026-03-01,台账", "Q-yes,,,,,", "Q-value,,,,,")
    found = reading.value
    assert (found.rule.tolist(), found.unit.tolist()) == ([SHARE], [1])
    assert (found.told_by.tolist(), found.told_on.tolist(), found.remark.tolist()) == (["王"], ["2026-03-01"], ["台账"])
    (note,) = [one for one in reading.warnings if one.kind == "answers_read"]
    assert dict(note.details) == {"count": 1, "exempt": 0, "empty": 2}


def test_every_fault_of_a_sheet_is_told_with_its_row(tmp_path):
    found = faults(
        tmp_path,
        "Q-yse,,是,,,", "Q-yes,,也许,,,", "Q-share,999,90%,,,", "Q-share,320601001,85,,,", "Q-value,,-2,,,",
        "Q-value,,50%,,,", "Q-floor,320601001,300,,,", "Q-floor,320601001,400,,,", ",,是,,,",
    )  # fmt: skip
    assert sorted(found, key=lambda one: one[1]) == [
        ("unknown_rule", 2, "Q-yse"),
        ("answer_not_understood", 3, "也许"),
        ("unknown_answer_unit", 4, "999"),
        ("answer_share_above_one", 5, "85"),
        ("answer_negative", 6, "-2"),
        ("answer_repeated", 7, "Q-value"),
        ("answer_repeated", 9, "Q-floor"),
        ("unknown_rule", 10, ""),
    ]
    assert faults(tmp_path, "1,2", header="甲,乙") == [("answers_without_columns", None, "")]


def test_rules_of_other_standards_are_left_out_with_a_warning(tmp_path):
    reading = read(tmp_path, "HN14-15,,90%,,,", "HN14-16,,90%,,,", "Q-yes,,是,,,")
    (warning,) = [one for one in reading.warnings if one.kind == "rules_of_other_standards"]
    assert "2 行答复属于其他标准的条文（HN14-15、HN14-16）" in warning.problem("zh")
    assert "2 answers are to rules of other standards (HN14-15, HN14-16)" in warning.problem("en")
    assert reading.value.rule.tolist() == [0]


# ── The sheet that is written ───────────────────────────────────────────────


def test_yes_or_no_is_asked_once_figures_in_every_unit_permissions_never():
    asked = [(question.rule.id, question.unit) for question in questions_of(STANDARD, DISTRICTS)]
    assert asked == [("Q-yes", -1), ("Q-three", -1), ("Q-share", 0), ("Q-share", 1), ("Q-value", -1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_checklist_filled_in_is_read_back(tmp_path, language):
    path = tmp_path / "checklist.xlsx"
    assert write_checklist(path, STANDARD, DISTRICTS, language) == (4, 5, 0)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    answer, by = COLUMNS.index("answer") + 1, COLUMNS.index("told_by") + 1
    filled = (say("checklist.yes", language), say("checklist.no", language), 0.9, say("checklist.exempt", language), 12)
    for row, value in enumerate(filled, start=2):
        sheet.cell(row, answer).value = value
        sheet.cell(row, by).value = "李"
    book.save(path)
    found = answers_from_table(LayerSource(path), NONE, RULES, DISTRICTS).value
    assert found.rule.tolist() == [0, 1, SHARE, SHARE, VALUE]
    assert found.unit.tolist() == [-1, -1, 0, 1, -1]
    np.testing.assert_array_equal(found.value, [1.0, 0.0, 0.9, np.nan, 12.0])
    assert found.exempt.tolist() == [False, False, False, True, False]
    assert set(found.told_by) == {"李"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_checklist_holds_the_answers_of_the_first(tmp_path, language):
    given = read(
        tmp_path,
        "Q-yes,,是,李,2025-11-03,现场看过",
        "Q-three,,2,,,",
        "Q-share,320601001,85%,王,2025-11-04,",
        "Q-share,320601002,不适用,王,,",
        "Q-floor,320601002,420,赵,,名录缺面积",  # not asked, for files tell it; answered all the same
        "Q-floor,,300,,,",
    ).value
    path = tmp_path / "next.xlsx"
    assert write_checklist(path, STANDARD, DISTRICTS, language, given) == (5, 7, 6)
    again = answers_from_table(LayerSource(path), NONE, RULES, DISTRICTS).value
    order, before = np.lexsort((again.unit, again.rule)), np.lexsort((given.unit, given.rule))
    for name in ("rule", "unit", "value", "exempt", "told_by", "told_on", "remark"):
        np.testing.assert_array_equal(getattr(again, name)[order], getattr(given, name)[before], err_msg=name)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    answers = [sheet.cell(row, COLUMNS.index("answer") + 1).value for row in range(2, 9)]
    assert answers[0] == say("checklist.yes", language)
    assert answers.count(None) == 1  # Q-value was never answered


def test_cells_offer_their_answers_and_unread_clauses_are_marked(tmp_path):
    path = tmp_path / "checklist.xlsx"
    write_checklist(path, STANDARD, DISTRICTS, "zh")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    offers = {str(one.sqref): (one.type, one.formula1) for one in sheet.data_validations.dataValidation}
    assert offers["H2"] == ("list", '"是,否,不适用"')
    assert offers["H4"][0] == "decimal"
    clauses = [sheet.cell(row, COLUMNS.index("clause") + 1).value for row in range(2, 7)]
    assert [clause.endswith("※") for clause in clauses] == [False, True, False, False, False]
    assert sheet["H4"].number_format == "0.##%"
    assert sheet.freeze_panes == "C2"


@pytest.mark.parametrize("name", ["hunan_14", "jiangsu_2007", "gb50180_2018"])
def test_every_question_of_built_in_standards_can_be_read_in_both_languages(tmp_path, name):
    standard = read_standard(name)
    for language in LANGUAGES:
        path = tmp_path / f"{language}.xlsx"
        questions, rows, answered = write_checklist(path, standard, DISTRICTS, language)
        assert answered == 0 < questions <= rows
        sheet = openpyxl.load_workbook(path).worksheets[0]
        asked = [sheet.cell(row, COLUMNS.index("question") + 1).value for row in range(2, rows + 2)]
        assert all(text and "。。" not in text and "{" not in text for text in asked)
