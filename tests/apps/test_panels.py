"""The panels without a browser: every figure and every sentence is that of the tables of the run folder, in both languages."""

import io
import json
import re
import zipfile
from functools import cache
from html.parser import HTMLParser

import docx
import openpyxl
import pyogrio
import pytest
from PIL import Image

import written_town as w
from conftest import ROOT
from livingcircle import cases
from livingcircle.errors import SitingError
from livingcircle.faults import Fault
from livingcircle.render.clauses import wording
from livingcircle.render.summary import plan_records, records, summary
from livingcircle.render.tables import table_of
from livingcircle.render.words import say, say_code, shown_count, shown_share
from livingcircle.settings import SitingTask, read_study

HELSINKI = ROOT / "configs" / "helsinki.yaml"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES = ("zh", "en")
TABLES = ("coverage", "rule_verdicts", "gap_list", "gap_causes", "scores", "equity", "capacity", "choice", "supply")


@pytest.fixture
def town(tmp_path):
    return w.write_town(tmp_path)


@pytest.fixture
def results(town):
    return cases.answer(read_study(town))


@pytest.fixture
def view(town, results):
    """Look at the town as the page does."""
    from desk.answers import Answers
    from desk.view import View

    settings = read_study(town)
    answers = Answers(str(town), settings, results, summary(results), [], [])
    return View(answers, "zh", file=town)


# ── The same figures and words as the command's ─────────────────────────────


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (0.0, "0"),
            (1.65e-17, "0"),
            (-4e-16, "0"),
            (0.000225, "0.0002"),
            (0.00003, "<0.0001"),
            (-0.00003, ">-0.0001"),
        ),
        *(
            (-0.00383, "-0.0038"),
            (0.0951, "0.0951"),
            (0.24, "0.24"),
            (0.388, "0.388"),
            (2414.163, "2,414.16"),
            (8, "8"),
        ),
    ],
)
def test_ratios_are_written_without_powers_of_ten(value, expected):
    from desk.rows import shown

    assert shown("needed", value, "zh") == expected


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("theil", 0.02, "0.0200"),
        ("theil", 0.00003, "<0.0001"),
        ("theil", -0.00003, ">−0.0001"),
        ("concentration", -0.00383, "−0.0038"),
        ("gini", 0.24, "0.240"),
        ("gini", 1e-17, "0.000"),
        ("palma", 8.0, "8.00"),
        ("good_mean", 2414.163, "2,414"),
    ],
)
def test_figures_of_a_column_have_the_same_decimals(column, value, expected):
    from desk.rows import shown

    assert shown(column, value, "zh") == expected


def test_what_supply_is_counted_in_and_for_whom_is_said_in_words():
    from desk.rows import shown
    from livingcircle.model.places import FACILITY_NUMBERS

    measures = set(FACILITY_NUMBERS) - {"opened_year", "closed_year", "width_metres"}
    assert [one for one in measures if not CHINESE.search(shown("supply_of", one, "zh"))] == []
    assert shown("demand_of", "residents", "zh") == "全体居民"
    assert shown("demand_of", "60+", "zh") == shown("figure", "60+", "zh") == "60 岁及以上"
    assert shown("figure", "households", "zh") == "户数"


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_the_page_are_those_of_the_tables_to_the_last_digit(view, results, table):
    from desk.rows import rows

    assert rows(view.answers, table) == records(table_of(results, table))


@pytest.mark.parametrize("language", LANGUAGES)
def test_verdicts_say_what_the_sheet_says(open_page, town, results, language):
    shown = open_page(town, panel="verdicts", lang=language).table("verdicts")
    expected = [row for row in records(table_of(results, "rule_verdicts")) if row["scope"] == "study"]
    assert len(shown) == len(expected) == 3
    for cells, row in zip(shown, expected, strict=True):
        assert cells[0].startswith(row["requirement"][language])
        assert row["basis"] in cells[0]
        assert cells[1] == say_code("verdict", row["verdict"], language)
        assert cells[2:6] == [
            " ".join(row[name][language].split()) for name in ("found", "asked", "difference", "explained")
        ]
        assert cells[6:] == [say_code("binding", row["binding"], language), row["checked"][language]]


def test_clauses_are_filtered_by_verdict_and_unit_and_the_address_keeps_it(open_page, town, results):
    every = records(table_of(results, "rule_verdicts"))
    page = open_page(town, panel="verdicts").choose("selectbox", "clause_units", "each")
    assert len(page.table("verdicts")) == len(every)
    page = page.choose("selectbox", "clause_verdict", "no_data")
    assert len(page.table("verdicts")) == sum(row["verdict"] == "no_data" for row in every)
    assert page.bench.query_params["clause_verdict"] == "no_data"


def test_a_district_has_verdicts_of_its_own(open_page, town, results):
    own = [row for row in records(table_of(results, "rule_verdicts")) if row["district_id"] == "320601002"]
    shown = open_page(town, panel="verdicts", district="320601002").table("verdicts")
    assert [cells[1] for cells in shown] == [say_code("verdict", row["verdict"], "zh") for row in own]


def test_coverage_has_four_denominators_side_by_side(open_page, town, results):
    shown = open_page(town, panel="coverage", service="pharmacy").table("coverage")
    land = {
        (row["district_id"], row["threshold"]): row["within_land_share"]
        for row in records(table_of(results, "rule_verdicts"))
        if row["service_id"] == "pharmacy"
    }
    asked = [
        row
        for row in records(table_of(results, "coverage"))
        if row["service_id"] == "pharmacy" and row["limit_minutes"] in {5.0, 15.0}
    ]
    for cells, row in zip(shown, asked, strict=True):
        shares = [row[f"{name}_share"] for name in ("residents", "households", "homes")]
        shares.append(land.get((row["district_id"], row["limit_minutes"])))
        assert cells[2:6] == ["—" if share is None else shown_share(share) for share in shares]


def test_districts_and_services_stand_in_one_grid(open_page, town, results):
    grid = open_page(town, panel="coverage").table("by-district")
    assert [row[0] for row in grid] == ["总体", "西社区", "东社区"]
    assert grid[0][1].startswith(shown_share(w.COVERED_5 / w.TOTAL))
    assert grid[0][1].endswith("▼")  # 3 of 63 is below one half


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gap_list_is_that_of_the_tables(open_page, town, results, language):
    page = open_page(town, panel="gaps", lang=language)
    shown = page.table("gaps")
    expected = records(table_of(results, "gap_list"))
    assert [cells[0] for cells in shown] == [str(row["place_rank"]) for row in expected]
    assert [cells[2] for cells in shown] == [shown_count(row["residents"]) for row in expected]
    for cells, row in zip(shown, expected, strict=True):
        assert row["gap_name"][language] in cells[1]
        assert cells[6].replace(" ", "") == row["remedy"][language].replace(" ", "")
        assert f'data-lc-pick="gap:{row["gap_id"]}"' in "".join(page.bodies)


def test_gaps_are_filtered_by_district_and_service(open_page, town, results):
    expected = records(table_of(results, "gap_list"))
    east = open_page(town, panel="gaps", district="320601002").table("gaps")
    assert len(east) == sum(row["district_id"] == "320601002" for row in expected) > 0
    none = open_page(town, panel="gaps", service="kindergarten")
    assert say("page.gaps_none", "zh") in " ".join(none.words)


def test_a_gap_is_pointed_at_on_the_map(view, results, monkeypatch):
    import streamlit as st

    from desk.panels import gaps

    monkeypatch.setattr(st, "rerun", lambda: None)
    row = records(table_of(results, "gap_list"))[0]
    gaps.focus(view, row)
    assert gaps.board(view).pointed["at"] == [row["lon"], row["lat"]]
    assert row["gap_name"]["zh"] in gaps.board(view).pointed["title"]


def test_score_and_inequality_are_those_of_the_tables(open_page, town, results):
    page = open_page(town, panel="equity")
    scores, equity = (records(table_of(results, name)) for name in ("scores", "equity"))
    assert [row[1] for row in page.table("scores")] == [shown_share(row["living_circle_score"]) for row in scores]
    gini = next(row["gini"] for row in equity if row["scope"] == "study" and row["good"] == "score")
    assert f"{gini:.3g}" in page.table("equity")[0]
    assert f"基尼系数 {gini:.3g}" in re.search(r'<img class="lc-chart" alt="(.*?)"', "".join(page.bodies)).group(1)


def test_a_study_without_capacities_says_so(open_page, town):
    assert say("page.supply_none", "zh") in " ".join(open_page(town, panel="supply").words)


@pytest.mark.parametrize("panel", ["verdicts", "coverage", "gaps", "plan", "equity", "supply", "data"])
def test_english_is_complete_on_every_panel(open_page, panel):
    page = open_page(HELSINKI, panel=panel, lang="en", service="pharmacy" if panel in {"equity", "gaps"} else "")
    bodies = [re.sub(r'<span lang="zh">.*?</span>|title="[^"]*"', "", body) for body in page.bodies]
    said = [re.sub(r"<[^>]*>", " ", body) for body in bodies]
    said += [word for word in page.words if word and not any(word in " ".join(body.split()) for body in page.bodies)]
    results = sample()
    # Districts have the names they have, documents and quotes are Chinese in every language.
    cited = " ".join(
        [*results.study.districts.names, *(wording(rule.citation) for rule in results.study.standard.rules)]
    )
    cited += repr(results.study.standard.rules)
    found = [words for body in said for words in re.findall(r"\S*[\u4e00-\u9fff]\S*", body)]
    assert [words for words in found if words not in cited] == []


@cache
def sample():
    """Return the answers of the sample."""
    return cases.answer(read_study(HELSINKI), areas=False, siting=False)


# ── Siting ──────────────────────────────────────────────────────────────────


def form(**stated):
    return {
        "services": ["pharmacy"], "aim": "most_covered", "sites": 2, "budget": 0.0, "target": 90.0, "floor": 0.0, "limit": 0.0,
        "seconds": 10.0, "capacity": 0.0, "capacity_of_existing": 0.0, "frontier": False, "required": set(), "forbidden": set(),
    } | stated  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "asked"),
    [
        ({}, {"service": "pharmacy", "sites": 2}),
        ({"services": ["pharmacy", "clinic"]}, {"services": [{"service": "pharmacy"}, {"service": "clinic"}], "sites": 2}),
        ({"sites": 0, "budget": 300.0, "limit": 10.0}, {"service": "pharmacy", "budget_wan_yuan": 300.0, "limit_minutes": 10.0}),
        ({"aim": "target", "target": 95.0}, {"service": "pharmacy", "target_share": 0.95}),
        ({"aim": "close_unmet", "services": []}, {"close_unmet": True}),
        ({"aim": "ranking"}, {"service": "pharmacy", "ranking": True}),
        ({"aim": "least_walk"}, {"service": "pharmacy", "model": "least_walk", "sites": 2}),
        ({"floor": 80.0, "required": {"C2"}}, {"service": "pharmacy", "sites": 2, "floor_share": 0.8, "required": ["C2"]}),
        ({"frontier": True}, {"service": "pharmacy", "sites": 2, "frontier": {"by": "sites"}}),
    ],
)  # fmt: skip
def test_a_form_is_the_task_a_study_file_would_state(stated, asked):
    from desk.panels.siting import asked_of

    made = asked_of(form(**stated))
    assert made == asked | {"time_limit_seconds": 10.0}
    assert SitingTask.model_validate(made)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"services": []}, "siting_no_service"),
        ({"sites": 0}, "siting_needs_means"),
        ({"aim": "least_walk", "services": ["pharmacy", "clinic"]}, "siting_one_service"),
    ],
)
def test_what_a_form_lacks_is_said(view, stated, said):
    from desk.panels.siting import task_of

    assert task_of(view, form(**stated)) == (None, (), view.say(said))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_is_the_one_that_propose_finds(open_page, town, language):
    asked = {
        "service": "pharmacy",
        "sites": 1,
        "time_limit_seconds": 10.0,
    }  # the task of the study, which the form begins with
    expected = cases.answer(read_study(town, {"siting": [asked]}), areas=False)
    (plan,) = plan_records(expected.study, expected.plans)
    page = open_page(town, panel="plan", service="pharmacy", lang=language)
    page.bench.button(key="siting_run").click().run()
    for _ in range(50):
        if "search" in page.bench.session_state and not page.bench.session_state["search"][1].is_running:
            break
        page.bench.session_state["search"][1].wait(5)
    page.bench.run()
    search = page.bench.session_state["search"][1]
    found = plan_records(search.results.study, search.results.plans)[0]
    for name in ("sites", "plan_value", "plan_bound", "gap_share", "share_before", "share_after", "proof", "uncovered"):
        assert found[name] == plan[name], name
    shown = page.__class__(page.bench).table("plan")
    assert [row[0] for row in shown] == [str(site["rank"]) for site in plan["sites"]]
    assert [row[1].split()[0] for row in shown] == [site["site_name"] for site in plan["sites"]]
    said, proven = " ".join(page.words), say_code("status", plan["status"], language)
    assert f"{proven} {plan['proof'][language][len(proven) :].lstrip('：: ')}" in said
    assert plan["proof"][language] not in said, "the badge says the beginning"


TASKS = [
    {"service": "pharmacy", "sites": 1},
    {"service": "pharmacy", "sites": 2, "floor_share": 0.8, "limit_minutes": 7.5, "required": ["C2"]},
    {
        "services": [{"service": "pharmacy", "floor_m2": 120, "cost_wan_yuan": 12}],
        "budget_wan_yuan": 300,
    },
    {"service": "pharmacy", "target_share": 0.95, "model": "fewest_sites", "least_metres_apart": 400},
    {
        "service": "pharmacy",
        "sites": 1,
        "tiers": [{"minutes": 2, "weight": 1}, {"minutes": 9, "weight": 0.5}],
        "backup": 2,
    },
    {"service": "pharmacy", "years": [{"year": 2027, "sites": 1}, {"year": 2028, "budget_wan_yuan": 90}]},
    {"service": "pharmacy", "model": "least_walk", "sites": 1, "frontier": {"by": "sites", "most": 2}},
    {"service": "pharmacy", "model": "most_served", "sites": 1, "capacity": 200, "capacity_of_existing": 300},
    {"close_unmet": True, "most_closed": 1, "name": {"zh": "补齐", "en": "To close"}},
    {"service": "pharmacy", "ranking": True, "sites": 2, "group": "60+"},
]


@pytest.mark.parametrize("asked", TASKS, ids="-".join)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_begins_with_all_that_a_task_of_the_study_asks(view, asked, language):
    from dataclasses import replace

    from desk.panels.siting_task import asked_of, form_of, kept_said, task_name

    wanted = SitingTask.model_validate(asked)
    settings = view.answers.settings.model_copy(update={"siting": (wanted,)})
    looked = replace(view, answers=replace(view.answers, settings=settings), language=language)
    form = form_of(looked, 0)
    assert SitingTask.model_validate(asked_of(form)) == wanted
    said = kept_said(looked, form) + task_name(looked, 0)
    assert bool(CHINESE.search(said)) == (language == "zh")
    assert not re.search(r"_|\[|\{", said)
    if "floor_m2" in str(asked):
        assert "120" in said
    form["services"] = []
    assert not set(asked_of(form)) & {"tiers", "years", "backup", "least_metres_apart", "group"}, (
        "another task is another matter"
    )


def test_the_panel_begins_with_the_task_on_the_service_looked_at(open_page, town):
    text = town.read_text("utf-8")
    assert "siting: [{service: pharmacy, sites: 1}]" in text
    page = open_page(town, panel="plan")
    assert page.bench.multiselect[0].value == ["pharmacy"]
    assert next(one for one in page.bench.number_input if one.key.endswith("_sites")).value == 1
    chosen = next(one for one in page.bench.selectbox if one.key.endswith("_task"))
    chosen.set_value(-1)
    page.bench.run()
    assert page.bench.multiselect[0].value == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_says_whose_shares_it_tells_where_they_are_not_those_of_all(view, language):
    from dataclasses import replace

    from desk.panels.plans import _people

    said = [_people(replace(view, language=language), group) for group in ("residents", "60+")]
    assert said == (
        ["全体居民", "60 岁及以上居民"] if language == "zh" else ["residents", "residents aged 60 and over"]
    )


def test_a_search_that_has_no_plan_says_why(town, results, monkeypatch):
    from desk.searching import Search

    def refused(*_, **__):
        raise SitingError(Fault("too_many_sites", details={"sites": 9, "candidates": 2}))

    monkeypatch.setattr(cases, "plan_again", refused)
    search = Search(SitingTask(service="pharmacy", sites=9), read_study(town))
    search.run(results)
    assert [fault.kind for fault in search.faults] == ["too_many_sites"]
    assert not search.is_running


def test_a_search_that_is_stopped_keeps_its_best(town, results, monkeypatch):
    from desk.searching import Search

    told = iter([(5.0, 10.0), (6.0, 9.0), (7.0, 8.0)])
    search = Search(SitingTask(service="pharmacy", sites=1), read_study(town))

    def searched(found, _settings, _task, *, is_stopped):
        for value, bound in told:
            if value == 6.0:
                search.stop()
            if is_stopped(value, bound):
                return found
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(cases, "plan_again", searched)
    search.run(results)
    assert search.results is results
    assert (search.value, search.bound) == (6.0, 9.0)
    assert search.is_stopping


def test_the_study_file_with_the_task_gives_the_plan_again(town, results):
    from desk.downloads import study_text

    task = SitingTask(service="pharmacy", sites=2, limit_minutes=10)
    text = study_text(town, [task])
    assert text.startswith("# A town of one street.")
    again = town.with_name("again.yaml")
    again.write_text(text, "utf-8")
    settings = read_study(again)
    assert settings.siting == (task,)
    found = cases.plan_again(results, read_study(town), task).plans[0]
    assert cases.answer(settings, areas=False).plans[0].candidate.tolist() == found.candidate.tolist()


# ── Downloads ───────────────────────────────────────────────────────────────


class Page(HTMLParser):
    """Tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)


def test_every_download_opens(view, tmp_path):
    from desk.downloads import DOWNLOADS

    made = {one.label: one.make(view) for one in DOWNLOADS if one.is_there(view)}
    reports = ["report_word", "report_pdf"], ["picture", "report_page"]
    assert list(made) == [*reports[0], "tables", *reports[1], "map", "geopackage", "sites", "record", "study"]
    assert "一街小镇" in docx.Document(io.BytesIO(made["report_word"])).core_properties.title
    assert made["report_pdf"].startswith(b"%PDF-")
    assert "<script>alert" not in made["report_page"].decode()
    with Image.open(io.BytesIO(made["picture"])) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 800
    book = openpyxl.load_workbook(io.BytesIO(made["tables"]))
    assert say("table.rule_verdicts", "zh") in book.sheetnames
    assert {"html", "script"} <= Page(made["map"].decode()).tags
    layers = tmp_path / "layers.gpkg"
    layers.write_bytes(made["geopackage"])
    assert {"homes", "facilities", "plan"} <= {name for name, _ in pyogrio.list_layers(layers)}
    with zipfile.ZipFile(io.BytesIO(made["sites"])) as archive:
        assert archive.namelist() == ["plan-1-site-01-C2.html"] or archive.namelist() == ["plan-1-site-01-C1.html"]
        assert "table" in Page(archive.read(archive.namelist()[0]).decode()).tags
    assert json.loads(made["record"])["verdicts"] == view.answers.figures["verdicts"]
    assert made["study"] == view.file.read_bytes()


def test_what_a_study_does_not_have_is_not_offered(view):
    from dataclasses import replace

    from desk.downloads import DOWNLOADS

    bare = replace(view, file=None, answers=replace(view.answers, results=replace(view.answers.results, plans=())))
    assert [one.label for one in DOWNLOADS if one.is_there(bare)] == [
        *("report_word", "report_pdf", "tables", "picture", "report_page", "map", "geopackage", "record")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_sites_add_is_told_in_what_the_plan_is_best_at(open_page, town, language):
    walks = "{service: pharmacy, sites: 1, model: least_walk, name: {zh: 少走, en: Less to walk}}"
    tiers = "{service: pharmacy, sites: 1, tiers: [{minutes: 2, weight: 1}, {minutes: 9, weight: 0.5}]}"
    text = town.read_text("utf-8").replace("siting: [{service: pharmacy, sites: 1}]", f"siting: [{walks}, {tiers}]")
    town.write_text(text, "utf-8")
    settings = read_study(town)
    expected = cases.answer(settings, areas=False)
    saved, nearer = plan_records(expected.study, expected.plans)
    page = open_page(town, panel="plan", lang=language)
    said = " ".join(page.words)
    assert ("少走" if language == "zh" else "Less to walk") in page.headings
    for plan, unit in ((saved, "resident_seconds"), (nearer, "residents")):
        worth = sum(site["marginal_value"] for site in plan["sites"])
        assert worth > 0
        amount = shown_count(worth / 60 if unit == "resident_seconds" else worth)
        assert say(f"page.added_{unit}", language, amount=amount) in said
        assert say(f"page.adds_{unit}", language) in said
    assert saved["sites"][0]["marginal_value"] == pytest.approx(expected.plans[0].marginal_value[0]), (
        "as the tables of the run have it"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ranking_is_not_said_to_be_proven(open_page, town, language):
    text = town.read_text("utf-8")
    town.write_text(text.replace("[{service: pharmacy, sites: 1}]", "[{service: pharmacy, ranking: true}]"), "utf-8")
    page = open_page(town, panel="plan", lang=language)
    said = " ".join(page.words)
    assert say("proof.ranking", language) in said
    assert say("status.optimal", language) not in said
    assert any(say("model.ranking", "zh") in heading or "ranked" in heading for heading in page.headings)
