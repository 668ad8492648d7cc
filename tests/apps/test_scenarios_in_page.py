"""Scenarios in the page, without a browser: drawn by messages of the map or by the form, undone, saved, and the command's own figures."""

import json

import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.render.words import say
from livingcircle.settings import read_study
from livingcircle.settings.scenario import scenario_from, scenario_text


@pytest.fixture
def town(tmp_path):
    return w.write_town(tmp_path)


@pytest.fixture
def on(town):
    """The board of a town, as the page has it once its answers are there."""
    pytest.importorskip("streamlit")
    from desk.answers import Answers
    from desk.benches import Start
    from desk.board import Board
    from desk.view import View

    settings = read_study(town)
    results = cases.answer(settings)
    fields = dict.fromkeys(Answers.__dataclass_fields__) | {"key": "town", "settings": settings, "results": results}
    fields["start"] = Start()
    return Board(View(Answers(**fields), "zh"))


def drawn(on, tool, *lonlat, number=None):
    from desk.map_panel import _heard

    message = {"livingCircle": "drawn", "tool": tool, "service": 0, "lonlat": [list(one) for one in lonlat]}
    _heard(on, message if number is None else message | {"number": number})


def clicked(on, kind, number):
    from desk.map_panel import _heard

    lonlat = [0.0, 0.0]
    _heard(on, {"livingCircle": "clicked", "kind": kind, "number": number, "level": -1, "service": 0, "lonlat": lonlat})


def covered_5(on):
    """Residents within five minutes of a pharmacy, today and in the scenario."""
    tried = on.tried
    tables = tried.coverage_before, tried.coverage
    return tuple(float(table.residents_covered[table.rows(0, 300.0)[0]]) for table in tables)


def test_a_site_that_is_drawn_dragged_and_undone(on):
    drawn(on, "site", w.lonlat(1100))
    assert covered_5(on) == (w.COVERED_5, w.COVERED_5 + 16 + 32)
    drawn(on, "move", w.lonlat(600), number=1)  # the map shows one pharmacy; the new one follows it
    assert covered_5(on)[1] == w.COVERED_5 + 4 + 8  # homes at 500 and 700 m
    drawn(on, "undo")
    assert covered_5(on)[1] == w.COVERED_5 + 16 + 32
    drawn(on, "undo")
    assert on.tried is None
    drawn(on, "redo")
    assert covered_5(on)[1] == w.COVERED_5 + 16 + 32


def test_a_facility_closes_and_what_is_wrong_is_said(on):
    drawn(on, "close", w.lonlat(0), number=0)
    assert covered_5(on) == (w.COVERED_5, 0)
    drawn(on, "site", (122.5, 31.98))
    assert on.fault
    assert len(on.drafts.draft.scenario.changes) == 1
    drawn(on, "undo")
    assert on.fault == ""


@pytest.mark.parametrize(("kind", "number"), [("home", 99), ("facility", 7), ("square", 3), ("home", -1)])
def test_numbers_the_map_cannot_have_are_passed_over(on, kind, number):
    clicked(on, kind, number)
    assert on.asked is None
    drawn(on, "move", w.lonlat(0), number=50)
    assert on.tried is None


def test_a_home_is_told_with_its_walk_and_the_cause_of_its_gap(on):
    from desk.map_panel import _asked_overlay
    from desk.told_panel import explained

    clicked(on, "home", 3)  # at 700 m: 560 s, past five minutes
    told, walk = explained(on)
    pharmacy = told.walks[0]
    assert pharmacy.minutes == "9.4 分钟"
    assert False in {met for _, met in pharmacy.limits}
    assert pharmacy.causes
    overlay = _asked_overlay(on)
    assert overlay["route"]["line"][0] == pytest.approx(list(w.lonlat(700)), abs=2e-5)
    assert walk.route.seconds == 560
    drawn(on, "site", w.lonlat(600))
    told, _ = explained(on)
    assert (told.walks[0].minutes, told.walks[0].before) == ("1.4 分钟", "9.4 分钟")


def test_a_home_asked_for_by_its_id_is_brought_into_view_and_one_unknown_is_said_once(open_page, town):
    from desk.map_panel import _asked_overlay

    bench = open_page(town, panel="map").bench
    (on,) = bench.session_state["boards"].values()
    on.pointed = {"at": list(w.lonlat(0))}  # as the gap list does
    bench.text_input(key="desk_find_home").set_value("H4").run()
    assert _asked_overlay(on)["near"] == pytest.approx(list(w.lonlat(700)), abs=2e-5)
    bench.text_input(key="desk_find_home").set_value("H99").run()
    assert "H99" in on.unknown
    assert any("H99" in one.body for one in bench.html)
    assert on.fault == "", "the map says what was wrong with what was drawn"
    clicked(on, "home", 3)
    assert on.unknown == ""
    assert _asked_overlay(on)["near"] is None, "whoever clicks is there"


def test_a_facility_is_told_with_those_it_serves(on):
    from desk.told_panel import explained

    clicked(on, "facility", 0)
    said = " ".join(value for _, value in explained(on)[0].facts)
    assert f"5 分钟内 {w.COVERED_5} 人" in said


def test_only_what_changes_is_sent_to_the_map(on):
    from desk.map_panel import _scenario_overlay

    assert _scenario_overlay(on)["homes"] is None
    drawn(on, "site", w.lonlat(1100))
    overlay = _scenario_overlay(on)
    assert overlay["homes"]["at"] == [3, 4, 5]
    assert overlay["drawn"][0]["number"] == 1
    assert json.dumps(overlay, allow_nan=False)


@pytest.mark.parametrize("more", [{}, {"speed_metres_per_second": 0.8}, {"limit_minutes": 7.0}])
def test_figures_equal_those_of_the_command(on, town, more):
    drawn(on, "site", w.lonlat(1100))
    drawn(on, "path", w.lonlat(0), w.lonlat(1300))
    if more:
        said = {"speed": None, "limit_minutes": None, "standard": None}
        said |= {"speed" if name.startswith("speed") else name: value for name, value in more.items()}
        on.work(lambda drafts: drafts.with_assumptions(said["speed"], said["limit_minutes"], said["standard"]))
    file = town.with_name("scenario-1.yaml")
    file.write_text(scenario_text(on.drafts.draft.scenario), "utf-8")
    outcome = CliRunner().invoke(cli.app, ["what-if", str(town), str(file), "--json"])
    assert outcome.exit_code == 0, outcome.output
    command = json.loads(outcome.stdout)["scenarios"][0]
    page = json.loads(json.dumps(on.figures))
    assert page == command


def test_scenarios_are_kept_and_opened_again(on):
    from desk.scenario_compare import keep

    drawn(on, "site", w.lonlat(1100))
    keep(on, "东门")
    drawn(on, "close", w.lonlat(0), number=0)
    keep(on, "关一处")
    keep(on, "关一处")
    assert list(on.saved) == ["scenario-1", "scenario-2"]
    first = on.saved["scenario-1"].scenario
    again = scenario_from(json.loads(json.dumps(first.model_dump(mode="json", exclude_defaults=True))), "a.yaml")
    on.work(lambda drafts: drafts.with_scenario(again))
    assert covered_5(on)[1] == w.COVERED_5 + 16 + 32


def test_the_form_does_what_drawing_does(open_page, town):
    page = open_page(town, panel="map", service="pharmacy")
    bench = page.bench
    bench.segmented_control(key="desk_section").set_value("what_if")
    bench.run()
    lon, lat = w.lonlat(1100)
    bench.number_input(key="desk_form_lon").set_value(lon)
    bench.number_input(key="desk_form_lat").set_value(lat)
    bench.button(key="desk_form_add").click()
    bench.run()
    assert not bench.exception
    rows = page.table("scenario")
    assert rows[0][0] == "药店"
    assert rows[0][4] == "+48"
    bench.button(key="desk_save").click()
    bench.run()
    assert not bench.exception
    assert page.table("compared")[0][0] == "药店"
    bench.button(key="desk_open_scenario-1").click()
    bench.run()
    bench.button(key="desk_undo").click()
    bench.run()
    bench.button(key="desk_undo").click()
    bench.run()
    assert say("desk.no_steps", "zh") in " ".join(page.words)


# ── Candidates on the map ───────────────────────────────────────────────────


def test_candidates_are_marked_placed_and_removed_on_the_map(on):
    from desk.chosen import shown
    from desk.panels.siting import memory

    assert shown(on) is None
    drawn(on, "candidate", w.lonlat(600), number=0)
    assert memory(on.view)["required"] == {"C1"}
    drawn(on, "candidate", w.lonlat(600), number=0)
    assert (memory(on.view)["required"], memory(on.view)["forbidden"]) == (set(), {"C1"})
    drawn(on, "candidate", w.lonlat(1200))
    drawn(on, "candidate", w.lonlat(250))
    assert [mark["kind"] for mark in shown(on)["marks"]] == ["forbidden", "placed", "placed"]
    drawn(on, "candidate", w.lonlat(1200), number=2)  # the study has two
    assert [mark["at"] for mark in shown(on)["marks"]][1:] == [pytest.approx(list(w.lonlat(250)))]
    drawn(on, "candidate", (122.5, 31.98))
    assert on.fault
    assert len(memory(on.view)["placed"]) == 1


def test_a_placed_candidate_is_in_the_plan_and_in_the_study_file_that_gives_it_again(on, town):
    from desk.downloads import study_text
    from desk.panels.siting import memory, settings_of
    from livingcircle.settings import SitingTask

    drawn(on, "candidate", w.lonlat(1200))
    task = SitingTask(service="pharmacy", sites=1)
    settings = settings_of(on.view, memory(on.view))
    found = cases.plan_again(on.view.answers.results, settings, task)
    (plan,) = found.plans
    assert found.study.candidates.ids[plan.candidate].tolist() == ["placed-1"]
    town.write_text(study_text(town, [task], settings.placed_candidates), "utf-8")
    (again,) = cases.answer(read_study(town)).plans
    assert (again.candidate.tolist(), again.value) == (plan.candidate.tolist(), plan.value)


def test_places_added_on_the_map_are_weighed_by_their_cost(on):
    from desk.panels.siting import memory, placed_rows, settings_of
    from desk.panels.siting_task import empty_form
    from livingcircle.errors import SitingError
    from livingcircle.settings import SitingTask

    form = memory(on.view)  # without a page, one for all tests
    form.update(empty_form("pharmacy"))
    drawn(on, "candidate", w.lonlat(1200))
    task = SitingTask(service="pharmacy", budget_wan_yuan=50, forbidden=["C1", "C2"])
    with pytest.raises(SitingError) as raised:
        cases.plan_again(on.view.answers.results, settings_of(on.view, form), task)
    assert [fault.kind for fault in raised.value.faults] == ["candidate_cost_unknown"]
    form |= {"placed_cost": 40.0, "placed_floor": 120.0}
    (row,) = placed_rows(form)
    assert (row["cost_wan_yuan"], row["floor_m2"]) == (40, 120)
    found = cases.plan_again(on.view.answers.results, settings_of(on.view, form), task)
    (plan,) = found.plans
    assert found.study.candidates.ids[plan.candidate].tolist() == ["placed-1"]
    assert (plan.cost_wan_yuan.tolist(), plan.floor_m2.tolist()) == ([40], [120])
