"""A report as data: every figure is that of its table, both languages are built alike, and what is missing is said, not guessed."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from functools import reduce
from types import MappingProxyType

import pandas as pd
import pytest

from clause_town import clause_town
from livingcircle.faults import Fault
from livingcircle.model.standard import Words
from livingcircle.render import words
from livingcircle.render.report.chapters import gaps, summary
from livingcircle.render.report.composing import report_of
from livingcircle.render.report.document import Bullets, Figure, Paragraph, Table
from livingcircle.render.report.material import Change, Material, Of, shown_as, table_of
from livingcircle.render.tables import tables_of
from livingcircle.render.words import LANGUAGES, shown_count, shown_share
from small_town import objects

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(the|of|and|with|for|are|residents|within|not)\b")


@pytest.fixture(scope="module")
def rich(town):
    """The town with clauses, disputes, answers and a service that may not be located."""
    return clause_town(town)


@pytest.fixture(scope="module")
def tables(rich):
    return tables_of(rich)


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request, rich, tables):
    return report_of(rich, tables, request.param)


def table_named(report, name):
    return next(table for table in report.tables() if table.name == name)


def section_titled(report, key):
    return next(section for section in report.sections if section.title == words.say(key, report.language))


# ── Figures ─────────────────────────────────────────────────────────────────


def test_every_cell_says_what_its_table_says(report, tables):
    followed = 0
    for table in report.tables():
        for row in table.rows:
            assert len(row) == len(table.columns)
            for cell in row:
                if cell.origin is None:
                    continue
                source = tables[cell.origin.table][cell.origin.column].loc[cell.origin.row]
                if cell.value is not None:
                    assert cell.value == float(source)
                    kinds = ("count", "share", "minutes", "metres", "number", "score", "points")
                    shown = {shown_as(cell.value, kind) for kind in kinds}
                    assert any(text in cell.text for text in shown) or cell.text.split()[0] == f"{source:g}"
                elif pd.api.types.is_number(source) and not isinstance(source, bool):
                    assert math.isnan(source), cell
                followed += 1
    assert followed > 100


def test_rows_are_taken_from_one_row_each(report):
    for name in ("verdicts", "plan_quality", "clauses"):
        for row in table_named(report, name).rows:
            assert len({cell.origin.row for cell in row}) == 1


def test_key_figures_are_those_of_the_town(report, rich):
    shown = {label.text: figure.text for label, figure in table_named(report, "key").rows}
    say = {key: words.say(f"report.key.{key}", report.language) for key in ("residents", "homes", "clauses_unmet")}
    assert shown[say["residents"]] == shown_count(sum(10 * number for number in range(1, 31)))
    assert shown[say["homes"]] == "30"
    whole = rich.assessment.rule_verdicts
    assert shown[say["clauses_unmet"]] == str(int(((whole.verdict == "unmet") & (whole.unit < 0)).sum()))


def test_coverage_stands_where_its_service_and_limit_meet(report, rich, tables):
    coverage = tables["coverage"]
    table = table_named(report, "coverage")
    for row in table.rows:
        for cell, minutes in zip(row[2:], (5, 10, 15), strict=True):
            own = coverage.loc[cell.origin.row]
            assert own[f"service_{report.language}"] == row[0].text
            assert own["limit_minutes"] == minutes
            assert own["scope"] == "study"
            assert cell.text == shown_share(own["residents_share"])


def test_districts_stand_beside_requirements(report, tables):
    verdicts = tables["verdicts"]
    found = [table for table in report.tables() if table.name.startswith("system_districts")]
    assert found
    for table in found:
        for row in table.rows:
            for cell in row[1:]:
                own = verdicts.loc[cell.origin.row]
                assert own["district_name"] == row[0].text
                assert cell.tone == own["verdict"]


def test_verdicts_of_districts_are_counted_once(report, tables):
    judged = tables["rule_verdicts"]
    counted = Counter((row.district_name, row.verdict) for row in judged[judged["scope"] == "district"].itertuples())
    for row in table_named(report, "beside").rows:
        numbers = [int(cell.value) for cell in row[-5:-1]]
        verdicts = ("met", "unmet", "no_data", "not_applicable")
        assert numbers == [counted[row[0].text, verdict] for verdict in verdicts]


def test_sentences_have_the_figures_of_the_tables(report, tables):
    said = " ".join(report.texts())
    for row in tables["verdicts"][tables["verdicts"]["scope"] == "study"].itertuples():
        if row.verdict == "unmet":
            assert f"{shown_share(row.residents_share)}" in said
            assert shown_count(row.residents_short) in said


# ── Languages ───────────────────────────────────────────────────────────────


def shape(report):
    blocks = {Paragraph: "paragraph", Bullets: "bullets", Figure: "figure"}
    return [
        (
            section.level,
            section.number.split()[-1],
            section.wide,
            section.own_page,
            [
                (block.name, len(block.columns), len(block.rows)) if isinstance(block, Table) else blocks[type(block)]
                for block in section.blocks
            ],
        )
        for section in report.sections
    ]


def test_both_languages_are_built_alike(rich, tables):
    chinese, english = (report_of(rich, tables, language) for language in LANGUAGES)
    assert shape(chinese) == shape(english)
    assert [figure.name for figure in chinese.figures()] == [figure.name for figure in english.figures()]
    numbers = [
        [cell.value for table in one.tables() for row in table.rows for cell in row if cell.value is not None]
        for one in (chinese, english)
    ]
    assert numbers[0] == numbers[1]


def test_chinese_reports_hold_no_english_and_english_ones_no_chinese(rich, tables):
    study = rich.study
    stated = {*study.districts.names, *study.facilities.names, *study.candidates.names}
    stated |= {part for rule in study.standard.rules for part in (rule.citation.title, rule.citation.clause)}
    stated |= {part for one in study.standard.requirements for part in (one.citation.title, one.citation.clause)}
    stated |= {rule.citation.quote for rule in study.standard.rules}
    for language, foreign in (("zh", ENGLISH), ("en", CHINESE)):
        for text in report_of(rich, tables, language).texts():
            own = reduce(lambda rest, name: rest.replace(name, ""), sorted(stated - {""}, key=len, reverse=True), text)
            assert not foreign.search(own), text


def test_a_missing_phrase_fails(rich, tables, monkeypatch):
    short = {key: said for key, said in words.WORDS.items() if key != "report.chapter.limits"}
    monkeypatch.setattr(words, "WORDS", MappingProxyType(short))
    with pytest.raises(KeyError):
        report_of(rich, tables, "zh")


def test_what_a_study_says_in_both_languages_is_said_in_one(town, tables):
    chinese, english = (Material(town, tables, language) for language in LANGUAGES)
    assert chinese.own("一室多用 / Under one roof") == "一室多用"
    assert english.own("一室多用 / Under one roof") == "Under one roof"
    assert chinese.own("东 / 西") == english.own("东 / 西") == "东 / 西"
    assert chinese.own("© OpenStreetMap") == "© OpenStreetMap"


def test_districts_are_called_what_they_are(town, tables):
    assert Material(town, tables, "zh").say("chapter.districts") == "各区县评估"
    districts = replace(town.study.districts, level=objects(["community", "subdistrict"]))
    mixed = replace(town, study=replace(town.study, districts=districts))
    assert Material(mixed, tables, "en").say("chapter.districts") == "Sheets by district"
    assert Material(mixed, tables, "zh").say("chapter.districts") == "各分区评估"
    assert not [key for key, said in words.WORDS.items() if key.startswith("report.") and "分{unit}" in said.zh]


# ── What is told, and what is left out ──────────────────────────────────────


def test_estimated_residents_are_told_first_and_among_the_limits(report):
    summary = section_titled(report, "report.chapter.summary")
    assert any(isinstance(block, Paragraph) and block.kind == "finding" for block in summary.blocks)
    limits = section_titled(report, "report.chapter.limits")
    said = words.say("report.limit.estimated", report.language, unit="区县" if report.language == "zh" else "county")
    assert any(isinstance(block, Bullets) and said in block.items for block in limits.blocks)


def test_without_estimates_nothing_is_called_one(rich):
    study = replace(
        rich.study, warnings=(Fault("no_facility", details={"count": 1, "services_zh": "甲", "services_en": "A"}),)
    )
    other = replace(rich, study=study)
    said = " ".join(report_of(other, tables_of(other), "zh").texts())
    assert "估算值" not in said
    assert words.say("report.data.stated", "zh") in said


def test_services_that_may_not_be_located_are_on_no_map(report, rich):
    hidden = [service.id for service in rich.study.standard.services if not service.is_open]
    assert hidden
    assert not any(name in figure.name for name in hidden for figure in report.figures())
    name = rich.study.standard.services[-1].name.said(report.language)
    assert any(
        words.say("report.services.not_located", report.language, service=name) in text for text in report.texts()
    )


def test_clauses_not_seen_in_print_are_marked(report, tables):
    marked = int((tables["rule_verdicts"].query("scope == 'study'")["mark"] != "").sum())
    assert marked
    said = words.say("report.clauses.unverified", report.language, mark="※", count=str(marked))
    assert said in list(report.texts())


def test_long_lists_say_where_the_rest_is(rich, tables, monkeypatch):
    monkeypatch.setattr(gaps, "MOST_LISTED", 1)
    rows = tables["gap_list"]
    longer = pd.concat([rows if len(rows) else _gap(tables), _gap(tables), _gap(tables)], ignore_index=True)
    table = table_named(report_of(rich, MappingProxyType({**tables, "gap_list": longer}), "zh"), "gap_list")
    assert len(table.rows) == 1
    assert f"共 {len(longer)} 行" in table.note
    assert "csv/gap_list.csv" in table.note


def _gap(tables):
    """A gap by hand."""
    told: dict[str, object] = dict.fromkeys(tables["gap_list"].columns, "")
    told |= {"gap_id": "G-1", "place_rank": 1, "residents": 120.0, "services_missing": 2, "district_id": "320106"}
    return pd.DataFrame([told])


def test_a_study_with_nothing_but_homes_still_has_a_report(rich, tables):
    """Tables without rows leave their chapters out, and the numbers close the gap."""
    kept = {"coverage", "inputs", "dictionary", "facilities", "homes"}
    bare = MappingProxyType({name: frame if name in kept else frame.iloc[:0] for name, frame in tables.items()})
    for language in LANGUAGES:
        report = report_of(rich, bare, language)
        chapters = [section.number for section in report.sections if section.level == 1]
        assert [number for number in chapters if number.isdigit()] == [str(at) for at in range(1, 8)]
        titles = [section.title for section in report.sections]
        assert words.say("report.chapter.plans", language) not in titles
        assert words.say("report.chapter.equity", language) not in titles
        assert words.say("report.gaps.none", language) in list(report.texts())
        assert words.say("report.verdicts.none", language) in list(report.texts())


def test_long_lists_of_services_are_cut_in_print(rich, tables):
    services = tuple(
        replace(rich.study.standard.services[0], id=f"s{at}", name=Words(f"甲{at}、乙", f"A {at}")) for at in range(12)
    )
    study = replace(rich.study, standard=replace(rich.study.standard, services=services))
    of = Material(replace(rich, study=study), tables, "zh")
    rows = pd.DataFrame({"lacking_ids": [";".join(one.id for one in services), "s3;gone"]})
    (table,) = table_of(of, "gap_list", "gap_list", (Of("lacking_ids", 1.0, "lacking", "services"),), rows)
    long, short = (row[0].text for row in table.rows)
    assert long == "、".join(f"甲{at}、乙" for at in range(10)) + "等 12 类"
    assert short == "甲3、乙、gone"


def said_in(report):
    return "\n".join(report.texts())


def with_rows(tables, name, **columns):
    return MappingProxyType({**tables, name: tables[name].assign(**columns)})


def test_plans_say_whom_they_count(rich, tables):
    """A share of people of 60 and over is no share of residents."""
    assert len(tables["plan_quality"])
    for group, zh, en in (
        ("60+", "新增覆盖60 岁及以上居民", "more residents aged 60 and over"),
        ("households", "新增覆盖住户", "more households"),
        ("residents", "新增覆盖居民", "more residents"),
    ):
        counted = with_rows(tables, "plan_quality", demand_of=group, share_after=0.5, sites_chosen=1)
        for language, words_said in (("zh", zh), ("en", en)):
            report = report_of(rich, counted, language)
            said = [text for text in report.texts() if words_said in text]
            assert len(said) >= 2, (group, language)  # among the findings and with the plan


def test_all_that_are_lowest_together_are_named(rich, tables):
    shares = tables["verdicts"].assign(residents_share=0.0, verdict="unmet")
    units = shares[shares["scope"] == "district"]
    lowest = report_of(rich, MappingProxyType({**tables, "verdicts": shares}), "zh")
    names = units["district_name"].drop_duplicates().tolist()
    assert len(names) > 1
    assert f"{'、'.join(names)}最低，为 0.0 %" in said_in(lowest)
    own = units[units["district_name"] == names[0]]["service_zh"].drop_duplicates()
    assert f"覆盖率最低的是{'、'.join(own)}，为 0.0 %" in said_in(lowest)


def test_walks_that_follow_from_clauses_are_told_apart(rich, tables):
    """Requirements on walks may be more than all clauses: those that follow from a clause are none themselves."""
    verdicts = tables["verdicts"]
    other = verdicts.assign(requirement_id=verdicts["requirement_id"] + "-walk")
    count = int((other["scope"] == "study").sum())
    told = words.say("report.finding.derived", "zh", count=count)
    assert told in said_in(report_of(rich, MappingProxyType({**tables, "verdicts": other}), "zh"))


def test_clauses_that_do_not_apply_are_counted(rich, tables):
    rules = tables["rules"].assign(verdict="not_applicable")
    report = report_of(rich, MappingProxyType({**tables, "rules": rules}), "zh")
    assert f"不适用 {len(rules)} 条" in said_in(report)
    row = next(row for row in table_named(report, "key").rows if row[0].text == "全部条文：不适用（条）")
    assert row[1].value == len(rules)


def test_without_districts_none_are_spoken_of(rich, tables):
    whole = {name: frame[frame["scope"] == "study"] if "scope" in frame else frame for name, frame in tables.items()}
    study = replace(rich.study, districts=rich.study.districts.take(objects([])[:0].astype(int)))
    report = report_of(replace(rich, study=study), MappingProxyType(whole), "zh")
    for key in ("report.overview.intro", "report.clauses.note"):
        assert not any(words.say(key, "zh", unit=name, units=name) in said_in(report) for name in ("分区", "区县"))
        assert words.say(key + "_whole", "zh") in said_in(report)


def test_plans_have_limits_only_where_there_are_plans(rich, tables):
    said = words.say("report.limit.candidates", "zh")
    assert said in said_in(report_of(rich, tables, "zh"))
    none = MappingProxyType({**tables, "plan_quality": tables["plan_quality"].iloc[:0]})
    assert said not in said_in(report_of(rich, none, "zh"))


@pytest.mark.parametrize(("change", "told"), [(0.0004, "持平 1 项"), (0.0006, "上升 1 项"), (-0.0006, "下降 1 项")])
def test_a_change_that_reads_nought_is_none(rich, tables, change, told):
    figures = pd.DataFrame([{"figure": "requirement", "scope": "study", "value_change": change}])
    since = Change(Words("上年", "before"), (), 1, figures, pd.DataFrame(), pd.DataFrame())
    said = list(summary.findings(Material(rich, tables, "zh", since)))
    assert told in said[-1]
    assert (shown_as(change, "points") == "0.0") == ("持平 1 项" in said[-1])


def test_limits_in_metres_are_explained_where_there_are_any(rich, tables):
    said = words.say("report.method.metres", "zh")
    assert said not in said_in(report_of(rich, tables, "zh"))
    first, *others = rich.study.standard.requirements
    standard = replace(rich.study.standard, requirements=(replace(first, limit_metres=500.0), *others))
    assert said in said_in(report_of(replace(rich, study=replace(rich.study, standard=standard)), tables, "zh"))


def test_where_nobody_lives_there_is_no_score_to_speak_of(rich, tables):
    """Requirements that do not apply are counted, and no sentence has a dash for a figure."""
    none = {
        "scores": tables["scores"].assign(living_circle_score=math.nan, services_reached_share=math.nan),
        "equity": tables["equity"].assign(gini=math.nan, good_mean=math.nan),
        "verdicts": tables["verdicts"].assign(verdict="not_applicable"),
    }
    for language in LANGUAGES:
        report = report_of(rich, MappingProxyType({**tables, **none}), language)
        bullets = next(
            one for one in section_titled(report, "report.chapter.summary").blocks if isinstance(one, Bullets)
        )
        assert not [text for text in bullets.items if " — " in text]
        count = int((tables["verdicts"]["scope"] == "study").sum())
        assert any(
            str(count) in text and words.say("verdict.not_applicable", language) in text for text in bullets.items
        )


def test_limits_stand_under_time_or_distance_as_clauses_have_them(rich, tables):
    def heads(metres):
        changed = {name: frame.assign(limit_metres=metres) for name, frame in tables.items() if "limit_metres" in frame}
        found = {}
        for language in LANGUAGES:
            report = report_of(rich, MappingProxyType({**tables, **changed}), language)
            every = [one.head for table in report.tables() for one in table.columns if one.head in HEADS]
            assert len(every) > 2
            found[language] = set(every), report
        return found

    for language, (told, report) in heads(1000.0).items():
        assert told == {words.say("report.head.limit_metres", language)}
        said = said_in(report)
        assert ("步行距离 1000 米" if language == "zh" else "walking distance: 1,000 m") in said
        assert not re.search(r"步行时限 \d+ 米|time: [\d,]+ m\b", said)
    for language, (told, _) in heads(math.nan).items():
        assert told == {words.say("report.head.limit_minutes", language)}


HEADS = {
    words.say(f"report.head.limit_{kind}", language) for kind in ("minutes", "metres", "both") for language in LANGUAGES
}


def with_scores(tables, *scores):
    """Scores of the whole study, then of A街, B街, …"""
    rows = [("study", "", 0.4), *(("district", f"{chr(ord('A') + at)}街", one) for at, one in enumerate(scores))]
    frame = pd.DataFrame(rows, columns=["scope", "district_name", "living_circle_score"])
    shares = dict.fromkeys(("services_reached_share", "all_reached_share"), 0.5)
    frame = frame.assign(**shares, weakest_service_zh="药店", weakest_service_en="pharmacy")
    return MappingProxyType({**tables, "scores": frame})


@pytest.mark.parametrize(
    ("scores", "zh", "en"),
    [
        ((0.5, 0.4, 0.3), "A街得分最高（50.0 分），C街最低（30.0 分）", "50.0 (A街), the lowest 30.0 (C街)"),
        ((0.5, 0.3, 0.30001), "B街、C街（2 个并列）最低（30.0 分）", "the lowest 30.0 (B街, C街, 2 alike)"),
        ((0.5, 0.3, 0.3, 0.3, 0.3), "B街、C街、D街等（4 个并列）最低", "B街, C街, D街 and others, 4 alike"),
        ((0.3, 0.3), "得分相同，均为 30.0 分", "the same score, 30.0"),
    ],
)
def test_districts_that_stand_alike_are_all_told(rich, tables, scores, zh, en):
    for language, told in (("zh", zh), ("en", en)):
        said = " ".join(summary.findings(Material(rich, with_scores(tables, *scores), language)))
        assert told in said
        weakest = words.say("report.finding.weakest", language, worst="C街", weakest="\0").split("\0")[0]
        assert (weakest in said) == (scores == (0.5, 0.4, 0.3))


def test_remarks_on_data_hold_no_words_of_the_program(rich):
    """What to write into which setting is for whoever runs the study; the workbook has it."""
    faults = (Fault("planned_left_out", "a.csv", details={"count": 1}),)
    warned = replace(rich, study=replace(rich.study, warnings=faults))
    for language in LANGUAGES:
        report = report_of(warned, tables_of(warned), language)
        said = said_in(report)
        assert faults[0].problem(language) in said
        assert not re.search(r"\b[a-z]+_[a-z]+\b(?!\.(csv|json|geojson|xlsx))", said.replace("csv/", ""))


def test_the_time_of_the_run_says_whose_time_it_is(rich, tables):
    made = replace(rich.provenance, started_utc="2026-05-06T18:30:15+00:00")
    for language, told in (("zh", "2026-05-07 02:30（北京时间）"), ("en", "2026-05-06 18:30 UTC")):
        report = report_of(replace(rich, provenance=made), tables, language)
        assert told in dict(report.facts).values()
