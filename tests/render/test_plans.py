"""Pages, charts, map and terminal of plans say what the tables hold."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console

from livingcircle.kernel import siting
from livingcircle.model.siting_model import SitingModel
from livingcircle.model.study import Study
from livingcircle.render import tables
from livingcircle.render.charts import frontier_chart, scale_over
from livingcircle.render.plans_terminal import plan_title, print_plans
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.site_page import frontier_charts, page_name, site_pages
from livingcircle.render.sketch import sketch
from livingcircle.render.summary import summary
from livingcircle.render.tables.plans import proof_said
from livingcircle.render.words import WORDS


@pytest.fixture(scope="module")
def all_tables(town):
    return tables.tables_of(town)


@pytest.fixture(params=["zh", "en"])
def language(request):
    return request.param


def restricted(results):
    """Return the town with kindergartens published by district only."""
    study: Study = results.study
    services = tuple(
        replace(service, privacy="aggregate") if service.id == "kindergarten" else service
        for service in study.standard.services
    )
    return replace(results, study=replace(study, standard=replace(study.standard, services=services)))


def test_every_site_has_a_page_with_its_figures(town, all_tables, language):
    pages = dict(site_pages(town, all_tables, language))
    assert list(pages) == ["plan-1-site-01-C4.html", "plan-1-site-02-C1.html"]
    first, second = pages.values()
    for figure in ("420", "415", "2,857", "120", "640", "43.7 %"):
        assert figure in first
    assert "老旧菜场" in second
    for page in pages.values():
        assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        assert all_tables["plan_quality"][f"proof_{language}"].iloc[0] in page
        for said in ("290", "2,200"):  # who stays uncovered
            assert said in page
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # nothing is fetched
    assert "附录C" in first
    assert "附录C" not in second


def test_names_of_pages_are_names_of_files():
    assert page_name(2, 11, "A/..\\存量 7") == "plan-2-site-11-A-存量-7.html"
    assert page_name(1, 1, "***") == "plan-1-site-01.html"


def test_a_sketch_shows_what_its_legend_names(town, language):
    plan = town.plans[0]
    drawing, kinds = sketch(town.study, plan, 1, language)
    ET.fromstring(drawing)  # noqa: S314 - made here
    assert {"pick", "gained", "existing", "uncovered"} <= set(kinds)
    assert ("rival" in kinds) == ("stroke-dasharray" in drawing)


def test_services_shown_by_district_only_give_no_home_and_no_place_away(town, language):
    hidden = restricted(town)
    _, kinds = sketch(hidden.study, hidden.plans[0], 0, language)
    assert not {"gained", "existing", "covered", "uncovered"} & set(kinds)
    site = tables.plan_sites(hidden.study, hidden.plans).iloc[0]
    assert site["nearest_name"] == ""
    assert np.isnan(site["nearest_metres"])
    frame, homes = tables.plan_homes(hidden.study, hidden.plans)
    assert len(frame) == len(homes) == 0


def test_the_frontier_is_drawn_point_by_point(all_tables, language):
    points = all_tables["plan_frontier"]
    chart = frontier_chart(points, "A < B", language, by_money=False, own=2)
    root = ET.fromstring(chart)  # noqa: S314 - made here
    marks = [one for one in root.iter() if one.tag.split("}")[1] in ("circle", "polygon")]
    squares = [one for one in root.iter() if one.tag.endswith("rect")][1:]  # the first is the paper
    assert len(marks) + len(squares) == 3 * len(points) + points["model"].nunique()  # three panels and the legend
    assert [name for name, _ in frontier_charts(all_tables, language)] == ["plan-1-frontier.svg"]


def test_scales_hold_their_values_between_round_ends():
    scale = scale_over([0.43, 0.452], 100, 0, ends=(0, 1))
    assert scale.low <= 0.43
    assert scale.high >= 0.452
    assert scale.at(scale.low) == 100
    assert scale.at(scale.high) == 0
    assert scale_over([0.999, 1.0], 0, 1, ends=(0, 1)).high == 1
    single = scale_over([5.0], 0, 1)
    assert single.low < 5 < single.high


def test_the_map_numbers_picks_and_shows_who_gains(town, language):
    content = content_of(scene_of(town, language))
    number = [one["name"] for one in content["services"]].index("幼儿园" if language == "zh" else "Kindergarten")
    service = content["services"][number]
    assert [pick["rank"] for pick in service["plan"]] == [1, 2]
    facts = dict(map(tuple, service["plan"][1]["facts"]))
    assert any("老旧菜场" in text for text in facts.values())
    assert [one["homes"] for one in service["gained"]] == [[17, 23], [6]]
    assert len(service["runner_ups"]) == 1
    assert all(not one["plan"] for position, one in enumerate(content["services"]) if position != number)


def test_plans_fit_a_terminal_of_eighty_columns(town, language):
    plans = summary(town)["plans"]
    console = Console(width=80, record=True, file=io.StringIO())
    print_plans(plans, language, console)
    shown = console.export_text()
    assert "420" in shown
    assert plans[0]["proof"][language] in shown
    assert plan_title(plans[0], language) in shown
    assert plan_title({**plans[0], "plan_name": dict.fromkeys(("zh", "en"), "一号")}, language).startswith("一号 · ")


def test_a_plan_without_picks_says_so(town, language):
    plan = town.plans[0]
    none = replace(
        plan.take(np.zeros(0, int)),
        status="nothing_to_gain",
        turned=np.empty((0, 3), np.int32),
        gained_by=np.full((1, 30), -1, np.int32),
        marginal_by_age=np.empty((0, 0)),
        value=0.0,
        bound=0.0,
        gap=0.0,
    )
    empty = replace(town, plans=(none,))
    found = tables.tables_of(empty)
    assert len(found["plan"]) == 0
    assert list(site_pages(empty, found, language)) == []
    console = Console(width=80, record=True, file=io.StringIO())
    print_plans(summary(empty)["plans"], language, console)
    shown = console.export_text()
    assert ("放宽条件后仍有居民可以覆盖" if language == "zh" else "with others, some could be") in shown
    assert (
        "仍未覆盖" if language == "zh" else "Still uncovered"
    ) in shown  # a plan without sites leaves people out as well
    everyone = replace(none, covered_after=np.ones((1, 30), bool))
    assert ("无需新增" if language == "zh" else "already cover") in proof_said(town.study, everyone, language)


def test_a_pick_that_was_not_compared_is_not_called_irreplaceable(town, language):
    """Required ones are not, nor those that share people out by capacity: their loss is unknown."""
    plan = replace(town.plans[0], runner_up=np.array([-1, -1], np.int32), runner_up_loss=np.array([np.nan, 12.0]))
    first, second = tables.tables_of(replace(town, plans=(plan,)))["plan"][f"runner_up_{language}"]
    assert ("不作比较" if language == "zh" else "not compared") in first
    assert ("无可替代" if language == "zh" else "no candidate") in second


def test_every_aim_has_words_for_a_plan_without_picks(town, language):
    plan = replace(town.plans[0].take(np.zeros(0, int)), status="nothing_to_gain")
    for model in get_args(SitingModel):
        said = proof_said(town.study, replace(plan, task=replace(plan.task, model=model)), language)
        assert not said.startswith("proof.")


def test_every_stage_of_every_solver_has_words():
    """The solvers name their stages in `tell`; whoever reads the sheet gets no code."""
    folder = Path(siting.__file__).parent
    told = {
        name
        for source in folder.glob("*.py")
        for name in re.findall(
            r"(?:tell|_branch|_bounded)\((?:[^\"()]|\([^()]*\))*\"([a-z ]+)\"", source.read_text(encoding="utf-8")
        )
    }
    assert {"relaxation", "branch and bound", "few options", "swaps"} <= told
    assert all(f"plan_stage.{name}" in WORDS for name in told)
