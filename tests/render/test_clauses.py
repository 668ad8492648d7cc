import io
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from rich.console import Console

import livingcircle
from clause_town import ROWS, RULES, clause_town, verdicts_by_hand
from livingcircle.model.outcome import Verdict
from livingcircle.model.rule import Binding, Metric, Operator, Statistic
from livingcircle.model.standard import Words
from livingcircle.render import sheets, tables
from livingcircle.render.clauses import (
    METRICS,
    SHARES,
    asked_of,
    difference_of,
    measured_in,
    requirement_of,
    shown_number,
    shown_short,
    why,
)
from livingcircle.render.columns import COLUMNS
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.summary import about, overview, summary
from livingcircle.render.terminal import Terminal
from livingcircle.render.words import LANGUAGES, WORDS
from livingcircle.sources.standards import read_conditions

NAN = float("nan")


@pytest.fixture(scope="module")
def judged(town):
    return clause_town(town)


@pytest.fixture(scope="module")
def all_tables(judged):
    return tables.tables_of(judged)


def row(frame, **conditions):
    for column, value in conditions.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def said(judged, language="zh", width=80):
    console = Console(width=width, record=True, file=io.StringIO())
    Terminal(console, language).show(summary(judged), "clauses")
    return console.export_text()


# ── Words ───────────────────────────────────────────────────────────────────


def test_everything_that_can_be_coded_has_words():
    for group, codes in (
        ("metric", get_args(Metric)),
        ("verdict", get_args(Verdict)),
        ("binding", get_args(Binding)),
        ("statistic", get_args(Statistic)),
        ("comparison", get_args(Operator)),
        ("operator", get_args(Operator)),
    ):
        assert {code for code in codes if f"{group}.{code}" not in WORDS} == set()
    without = SHARES | {"presence", "named", "colocation", "register_value", "checklist", "design"}
    assert {metric for metric in METRICS if f"metric_unit.{metric}" not in WORDS} == without


def test_every_reason_the_judge_can_give_has_words():
    kernel = Path(livingcircle.__file__).parent / "kernel"
    source = "\n".join(path.read_text(encoding="utf-8") for path in [kernel / "judge.py", *kernel.glob("metrics/*.py")])
    lacking = set(re.findall(r'lacking="([a-z_0-9:]+)"', source)) | {
        "activity_m2",
        "floor_m2",
        "home_floor_m2",
        "staff",
    }
    lacking |= set(re.findall(r'unknown\(units, "([a-z_:]+)"\)', source))
    codes = {f"missing:{what}" if ":" not in what else what for what in lacking}
    codes |= set(re.findall(r'empty="([a-z_]+)"', source))
    codes |= {"stand_in_units", "baseline"}
    codes |= {"no_households", "no_elderly", "told", "exempt", "size_band", "whole_study", "permission", "no_threshold"}
    codes |= {"circle:15min=street", "assumed:urban_residents=residents", "statistic:mean", "nothing_to_measure"}
    codes |= {f"condition:{condition}" for condition in read_conditions()}
    for code in codes:
        for part in (why(code).zh, why(code).en):
            assert part, code
            assert not re.search(r"[a-z]+_[a-z]", part), f"{code} → {part}"
        assert re.search(r"[\u4e00-\u9fff]", why(code).zh), code


def test_no_reason_leaves_a_code_in_a_chinese_sentence():
    said = why("assumed:dwellings=households;assumed:urban_residents=residents;circle:5min=community").zh
    assert not re.search(r"[a-z]{3}", said), said


def test_several_reasons_are_said_one_after_another():
    assert why("circle:15min=street;missing:floor_m2").zh == "15分钟生活圈以街道（乡镇）代替；缺少资料：建筑面积"
    assert why("of_a_later_version:x").zh == "of_a_later_version:x"
    assert why("").zh == ""


# ── Figures as people read them ─────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1500.0, "1,500"),
        (18.5, "18.5"),
        (0.125, "0.12"),
        (0.0012, "0.0012"),
        (1353.25, "1,353.2"),
        (0.0, "0"),
        (-0.004, "-0.004"),
    ],
)
def test_numbers_have_no_needless_digits(number, text):
    assert shown_number(number) == text


def test_what_is_missing_a_little_never_reads_as_nothing():
    floor, walk = RULES[0], RULES[2]
    assert shown_short(20.4, floor, "zh") == "21 平方米"
    assert shown_short(0.3, walk, "zh") == "1 人"
    assert shown_short(0.0, floor, "zh") == ""
    assert shown_short(NAN, floor, "zh") == ""


def test_what_is_asked_names_both_ends_of_a_range_and_the_share_of_a_walk():
    assert asked_of(RULES[7], 20.0, "zh") == "10–20 床"
    assert asked_of(RULES[2], 300.0, "zh") == "≤ 300 米（90 % 居民）"
    assert asked_of(RULES[3], 1.0, "en") == "= 100 %"
    assert asked_of(RULES[4], NAN, "zh") == "应设置"
    assert asked_of(RULES[5], 1.0, "zh") == "应符合条文"
    assert measured_in(RULES[0], "en") == "m² per 100 households"


# ── Tables ──────────────────────────────────────────────────────────────────


def test_a_verdict_carries_its_clause_its_figures_and_how_sure_it_is(all_tables):
    found = row(all_tables["rule_verdicts"], rule_id="R-walk", scope="study")
    assert (found["document"], found["clause"], found["quote"]) == (
        "GB50180",
        "附录C",
        "大意：服务半径不宜大于300m",
    )  # recalled
    assert (found["mark"], found["verified"]) == ("※", False)
    assert (found["value"], found["threshold"], found["margin"], found["radius_value"]) == (412.0, 300.0, -112.0, 350.0)
    assert (found["measured_in_zh"], found["short_in_zh"], found["measure"]) == ("米", "人", "radius")
    seen = row(all_tables["rule_verdicts"], rule_id="R-floor", district_id="320106")
    assert (seen["mark"], seen["shortfall"], seen["short_in_en"]) == ("", 20.0, "m²")
    assert seen["quote"] == "每百户不低于30平方米"
    assert (seen["evidence"], seen["system_zh"]) == ("F1", "卫生与养老")


def test_what_exceeds_a_band_is_said_to_exceed_it_and_not_to_be_missing(judged):
    table = judged.assessment.rule_verdicts
    nothing = np.zeros(len(table))
    excess = np.where((table.rule == 0) & (table.unit == -1), 10002.0, 0.0)
    over = replace(judged.assessment, rule_verdicts=replace(table, shortfall=nothing, excess=excess))
    found = replace(judged, assessment=over)
    told = row(tables.tables_of(found)["rule_verdicts"], rule_id="R-floor", scope="study")
    assert (told["shortfall"], told["excess"]) == (0, 10002)
    said_of = next(one for one in summary(found)["rule_verdicts"] if one["rule_id"] == "R-floor")
    assert said_of["short"] == {"zh": "超出 10,002 平方米", "en": "over by 10,002 m²"}


def test_places_that_too_many_share_are_short_of_places():
    shared = replace(RULES[0], metric="residents_per_unit", operator="<=")
    assert shown_short(1.2, shared, "zh") == "2 处"
    assert shown_short(1.2, replace(shared, service="circle"), "zh") == "2 人"
    assert shown_short(1.0, replace(shared, metric="register_value", unit_as_printed="个"), "zh") == "1 个"
    assert shown_short(75.0, replace(shared, metric="count_per_resident"), "zh") == "75 个位"


def test_each_clause_once_with_units_counted(all_tables):
    found = all_tables["rules"]
    assert found["rule_id"].tolist() == [rule.id for rule in RULES]
    floor = row(found, rule_id="R-floor")
    assert [floor[f"units_{verdict}"] for verdict in tables.VERDICTS] == [0, 1, 1, 0]
    assert floor["verdict"] == "unmet"
    assert found[[f"units_{verdict}" for verdict in tables.VERDICTS]].to_numpy().sum() == 5


def test_facilities_of_services_that_are_no_points_are_never_named(judged, all_tables, tmp_path):
    found = row(all_tables["rule_verdicts"], rule_id="R-beds", district_id="320102")
    assert (found["evidence"], found["evidence_count"], found["evidence_withheld"]) == ("", 1, True)
    for name in ("rules", "rule_verdicts", "disputes", "answers"):
        assert "F3" not in all_tables[name].to_csv()
    part = {name: all_tables[name] for name in ("rules", "rule_verdicts", "disputes", "answers")}
    sheets.write_csvs(tmp_path, part)
    assert "F3" not in (tmp_path / "rule_verdicts.csv").read_text(encoding="utf-8-sig")
    assert '"F3"' not in json.dumps(summary(judged)["rule_verdicts"])


def test_disputes_show_every_reading_and_the_treatment(all_tables):
    (found,) = all_tables["disputes"].itertuples()
    assert found.treatment_zh == "按每百户判定"
    assert found.rules_touched == 2
    first, second = found.readings_zh.split("；")
    assert first.endswith(" 一(二) 社区卫生服务站：每百户建筑面积 ≥ 30 平方米/百户 → 20 平方米/百户 不达标")
    assert " 导语※ 社区卫生服务站：千人建筑面积 ≥ 430 平方米/千人" in second
    assert "R-floor" not in first + second  # ids are for machines


def test_one_of_a_thing_is_one_thing():
    places = replace(RULES[0], metric="count", value=1.0)
    assert asked_of(places, 1.0, "en") == "≥ 1 place"
    assert asked_of(places, 2.0, "en") == "≥ 2 places"
    assert shown_short(1.0, places, "en") == "1 facility"


def test_requirements_say_what_is_measured():
    def said(rule, language="zh"):
        return requirement_of(rule, "社区服务站" if language == "zh" else "living circle", NAN, language)

    assert said(replace(RULES[0], metric="floor_m2", value=600.0)) == "社区服务站：建筑面积 ≥ 600 平方米"
    assert said(replace(RULES[0], metric="land_m2", value=600.0)) == "社区服务站：用地面积 ≥ 600 平方米"
    assert said(RULES[4]) == "社区服务站：应设置"
    answered = replace(
        RULES[0], metric="register_share", value=0.8, note=Words("满意的居民 ÷ 受访居民。另有说明。", "")
    )
    assert said(answered) == "社区服务站：满意的居民 ÷ 受访居民 ≥ 80 %"
    assert said(RULES[2], "en").startswith("Living circle: ")
    shared = replace(RULES[0], metric="residents_per_unit", operator="<=", value=50000.0)
    assert said(shared) == "社区服务站：每处服务人口 ≤ 50,000 人"
    assert said(replace(shared, service="circle")) == "社区服务站：单元人口 ≤ 50,000 人"


def test_a_list_asks_for_as_many_kinds_as_it_is_judged_by():
    listed = replace(RULES[0], metric="facility_list", operator="include", value=11.0, members=("shop", "bank"))
    assert asked_of(listed, NAN, "zh") == asked_of(listed, 2.0, "zh") == "应包括 2 项"
    assert asked_of(replace(listed, members=()), NAN, "zh") == "应包括 11 项"  # nobody gave the list yet


@pytest.mark.parametrize(
    ("short", "excess", "margin", "text"),
    [(20.0, 0.0, -2.0, "缺 20 平方米"), (5.0, 3.0, -1.0, "缺 5 平方米，超出 3 平方米"), (0.0, 0.0, 2.5, "有余 2.5 平方米/百户"),
     (0.0, 0.0, 0.0, "恰好达到"), (NAN, NAN, NAN, "")],
)  # fmt: skip
def test_the_difference_is_said_with_its_unit(short, excess, margin, text):
    assert difference_of(short, excess, margin, RULES[0], "zh") == text


def test_answers_tell_who_said_so(all_tables):
    found = all_tables["answers"]
    assert found["told_by"].tolist() == ["王", ""]
    assert found["exempt"].tolist() == [False, True]


def test_a_standard_without_clauses_adds_no_sheet(town, tmp_path):
    plain = tables.tables_of(town)
    assert {len(plain[name]) for name in ("rules", "rule_verdicts", "disputes", "answers")} == {0}
    sheets.write_workbook(tmp_path / "a.xlsx", plain, "zh", "题", overview(town, "zh"))
    assert not {"条文", "条文判定", "条文争议", "人工答复"} & set(
        openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    )
    assert summary(town)["rule_counts"]["all"] == 0


def test_rows_of_verdicts_keep_their_evidence():
    every = verdicts_by_hand()
    some = every.rows(every.unit == 1)
    assert some.evidence.tolist() == [1, 2]
    assert some.evidence_indptr.tolist() == [0, 1, 2]


# ── Files ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_recalled_is_marked_in_every_output(judged, all_tables, tmp_path, language):
    notes = overview(judged, language)
    assert any("※" in text for _, text in notes)
    sheets.write_workbook(tmp_path / "b.xlsx", all_tables, language, "题", notes)
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    for sheet in (book[WORDS[f"table.{name}"].said(language)] for name in ("rules", "rule_verdicts")):
        checked = next(
            cell.column for cell in sheet[1] if cell.value == COLUMNS[f"checked_{language}"].display(language)
        )
        seen = [sheet.cell(number, checked).value for number in range(2, sheet.max_row + 1)]
        assert {cell.startswith("※ ") for cell in seen} == {True, False}
        assert sheet.conditional_formatting
    assert "※" in said(judged, language)
    sheets.write_geopackage(tmp_path / "r.gpkg", judged, all_tables, about(judged))
    assert "※" in set(pyogrio.read_dataframe(tmp_path / "r.gpkg", layer="rule_verdicts")["mark"])
    districts = geopandas.read_file(tmp_path / "r.gpkg", layer="districts")
    assert districts["rules_unmet"].tolist() == [1, 1]
    assert districts["rules_met"].tolist() == [2, 0]
    marked = {record["mark"] for record in summary(judged)["rule_verdicts"] if not record["verified"]}
    assert marked == {"※"}


def test_counts_of_the_summary_by_hand(judged):
    counts = summary(judged)["rule_counts"]
    assert counts == {
        "all": 8, "met": 1, "unmet": 4, "no_data": 2, "not_applicable": 1, "unmet_mandatory": 3, "unverified": 3,
    }  # fmt: skip
    json.dumps(summary(judged), allow_nan=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_counts_verdicts_and_says_what_was_not_seen(judged, town, language):
    with_clauses = replace(
        town,
        study=replace(town.study, standard=replace(town.study.standard, rules=RULES)),
        assessment=replace(town.assessment, rule_verdicts=judged.assessment.rule_verdicts),
    )
    notes = [note["text"] for note in content_of(scene_of(with_clauses, language))["notes"]]
    assert any("应执行条文 3" in text or "3 of them mandatory" in text for text in notes)
    assert any("※ 3" in text for text in notes)
    assert not any("※" in note["text"] for note in content_of(scene_of(town, language))["notes"])


# ── The terminal ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_fits_eighty_columns_and_groups_by_system(judged, language):
    from rich.cells import cell_len

    text = said(judged, language)
    start = text.index("Verdicts on clauses (" if language == "en" else "条文判定（全域）")
    body = text[start : text.index("8 clauses" if language == "en" else "共 8 条")]
    assert max(cell_len(line) for line in body.splitlines()) <= 80
    order = [
        text.index(words) for words in (("卫生与养老", "救助") if language == "zh" else ("Health and care", "Relief"))
    ]
    assert order == sorted(order)


def test_unmet_mandatory_clauses_come_first_and_the_rest_is_counted(judged):
    text = said(judged, width=120)
    rows = [text.index(words) for words in ("每百户建筑面积 ≥ 30", "≤ 300 米", "千人建筑面积 ≥ 430", "应设置")]
    assert rows == sorted(rows)
    assert "21 平方米" in text
    assert "单元 1/1" in text
    assert "另有 2 条：数据不足 1，不适用 1" in text
    assert "应执行条文 3" in text
    assert "living-circle checklist" in text
    assert "‡ 有争议：面积指标的分母" in text
    assert ">99.9 %" in text  # 0.9996 is not all


def test_figures_told_by_people_are_short_in_points_or_as_any_ratio(judged):
    share = replace(RULES[3], metric="register_share", value=0.6)
    assert shown_short(0.1, share, "zh", told=True) == "10 个百分点"
    ratio = replace(RULES[3], metric="activity_share_of_floor", value=0.6)
    assert shown_short(84.8, ratio, "zh", told=True) == "85 平方米"  # short of what stands above the line
    rows = [row for row in ROWS if row[0] != 0] + [(0, 0, "unmet", 20.0, 30.0, -10.0, NAN, NAN, 10.0, NAN, "told", ())]
    frame = tables.rule_verdicts(judged.study, replace(judged.assessment, rule_verdicts=verdicts_by_hand(rows)))
    found = row(frame, rule_id="R-floor")
    assert (found["shortfall"], found["short_in_zh"]) == (10.0, "平方米")


def test_long_lists_are_capped(judged, monkeypatch):
    monkeypatch.setattr("livingcircle.render.clauses_terminal.MOST_ROWS", 2)
    text = said(judged)
    assert "另有 5 条：不达标 2，达标 1，数据不足 1，不适用 1" in text


def test_a_large_city_is_tabulated_without_a_loop_over_units(judged):
    every = verdicts_by_hand()
    rows = np.tile(np.arange(len(every)), 2000)
    many = replace(
        every.take(rows),
        evidence_indptr=np.zeros(len(rows) + 1, np.int32),
        evidence=np.empty(0, np.int32),
    )
    frame = tables.rule_verdicts(judged.study, replace(judged.assessment, rule_verdicts=many))
    assert len(frame) == 2000 * len(every)
    assert pd.Series(frame["asked_zh"]).nunique() == 8


def test_one_place_is_one_place_in_english_remedies_and_margins(town):
    from livingcircle.model.diagnosis import Remedy
    from livingcircle.render.clauses import cited, difference_of, unit_of
    from livingcircle.render.tables.shortages import unit_remedy_said

    rule = replace(clause_town(town).study.standard.rules[0], metric="count")
    assert difference_of(math.nan, math.nan, 1.0, rule, "en") == "1 place to spare"
    assert difference_of(math.nan, math.nan, 2.0, rule, "en") == "2 places to spare"
    assert unit_remedy_said(Remedy.NEW_SITE, 1.0, "facilities", "en") == "open 1 facility"
    assert unit_remedy_said(Remedy.NEW_SITE, 3.0, "facilities", "en") == "open 3 facilities"
    assert unit_of("1", "m²") == "m²"
    assert cited(rule) == f"{rule.citation.document} {rule.citation.clause}"
