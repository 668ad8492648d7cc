"""Every tool of the map in a real browser, on the sample study: the page shows what the command works out from the same scenario."""

import json

import pytest
from typer.testing import CliRunner

from conftest import ROOT
from livingcircle import cli
from livingcircle.render.words import say, say_code, shown_count

pytestmark = pytest.mark.browser

STUDY = ROOT / "configs" / "qinghe.yaml"
expect = pytest.importorskip("playwright.sync_api").expect

NOTHING = ([], [], [])
SITE, AWAY = (100.332689, 36.798740), (100.335926, 36.800771)
"""Two junctions; a path between them is a short cut for 190 homes."""
WALL = (100.326828, 36.792164)
AVENUE = (100.326342, 36.794557)
"""In the wall of a compound; and a junction of the avenue of six lanes, which has no crossing there."""


@pytest.fixture(scope="module")
def server(served):
    with served(STUDY) as address:
        yield address


def test_every_service_of_the_districts_fits_an_office_screen(server, visitor):
    found = visitor(f"{server}/?study=qinghe&lang=zh&panel=coverage")
    tables = found.page.locator("table")
    expect(tables).to_have_count(2)
    found.at_rest()
    widths = tables.evaluate_all("all => all.map(one => [one.scrollWidth, one.parentElement.clientWidth])")
    assert [one for one in widths if one[0] > one[1]] == []


def test_what_is_drawn_is_what_the_command_works_out(server, visitor, at_map, tmp_path):
    found = visitor(f"{server}/?study=qinghe&service=kindergarten&panel=map")
    page, planner = found.page, at_map(found, "zh")
    share = planner.inside.locator(".lc-scenario b")
    steps = page.locator("table.lc-steps tbody tr")

    def draw(tool, at, *more):
        planner.look_at(middle(at, *more), 16.5)
        planner.tool(tool)
        with planner.worked_out():
            planner.click(at)
            for one in more:
                planner.click(one)
            if more:
                page.keyboard.press("Enter")

    # A site, dropped and then dragged: the share on the map changes each time.
    draw("site", SITE)
    share.wait_for()
    dropped = share.inner_text()
    planner.tool("look")
    with planner.worked_out():
        planner.drag(SITE, AWAY)
    page.get_by_text(say_code("change", "move_facility", "zh")).first.wait_for()
    planner.inside.locator(".lc-work-site").wait_for()
    expect(share).not_to_have_text(dropped)

    # A facility of today, dragged by its dot.
    x, y = planner.map.evaluate(_FIRST_FACILITY)
    planner.look_at((x, y), 16.5)
    planner.tool("move")
    with planner.worked_out():
        planner.drag((x, y), (x + 0.002, y))
    planner.inside.locator(".lc-work-moved").wait_for()

    draw("gate", WALL)
    draw("crossing", AVENUE)
    draw("path", SITE, AWAY)
    draw("street", middle(SITE, AWAY))  # the path again: it closes
    draw("close", (x + 0.002, y))
    kinds = [
        "add_site",
        "move_facility",
        "move_facility",
        "add_gate",
        "add_crossing",
        "add_path",
        "close_street",
        "close_facility",
    ]
    expect(steps).to_have_count(len(kinds))
    told = [row.locator("td").all_inner_texts() for row in steps.all()]
    assert [cells[1].partition("：")[0] for cells in told] == [say_code("change", kind, "zh") for kind in kinds]
    expect(planner.inside.locator(".lc-hint-fault")).to_have_count(0)
    drawn = share.inner_text()

    # Saved, taken along, and worked out by the command: the same figures to the last digit shown.
    page.get_by_text(say("desk.save", "zh"), exact=True).first.click()
    page.get_by_role("button", name=say("desk.save", "zh"), exact=True).click()
    page.locator("table.lc-compared").wait_for()
    found.at_rest()
    with page.expect_download() as download:
        page.get_by_role("button", name=say("desk.download", "zh")).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    outcome = CliRunner().invoke(cli.app, ["what-if", str(STUDY), str(file), "--json"])
    assert outcome.exit_code == 0, outcome.output
    (figures,) = json.loads(outcome.stdout)["scenarios"]
    assert [change["change"] for change in figures["changes"]] == kinds
    assert [shown_count(change["homes_changed"]) for change in figures["changes"]] == [cells[2] for cells in told]
    whole = [row for row in figures["coverage"] if row["scope"] == "study" and row["service_id"] == "kindergarten"]
    assert f"{whole[0]['share_after']:.1%}".replace("%", " %") == drawn

    # Brought back in another session, it is the same scenario.
    other = visitor(f"{server}/?study=qinghe&service=kindergarten&panel=map")
    again = at_map(other, "zh")
    other.page.get_by_text(say("desk.compare", "zh"), exact=True).click()
    other.page.locator('input[type="file"]').set_input_files(file)
    other.page.locator("table.lc-compared").wait_for()
    expect(again.inside.locator(".lc-scenario b")).to_have_text(drawn)
    for one in (found, other):
        assert one.unwanted == NOTHING


def middle(*places):
    return tuple(sum(along) / len(places) for along in zip(*places, strict=True))


def test_candidates_are_chosen_on_the_map_and_a_plan_uses_them(server, visitor, at_map):
    found = visitor(f"{server}/?study=qinghe&service=kindergarten&panel=map")
    page, planner = found.page, at_map(found, "zh")
    planner.look_at(AWAY, 16.5)
    planner.tool("candidate")
    for one, count in ((AWAY, 1), (SITE, 2), (AWAY, 1)):  # two are placed, and the first is taken away again
        planner.look_at(one, 16.5)
        planner.click(one)
        planner.map.wait_for_function("(count) => document.documentElement.dataset.chosen === String(count)", arg=count)
    found.at_rest()
    page.get_by_role("tab", name=say("page.panel_plan", "zh"), exact=True).click()
    found.at_rest()
    page.get_by_text(say("page.siting_candidates", "zh")).click()
    page.locator('[data-lc-pick="candidate:required/placed-2"]').check()
    page.get_by_text(say("page.siting_candidates_note", "zh", count=10, required=1, forbidden=0)).wait_for()
    found.at_rest()
    page.get_by_role("button", name=say("page.siting_run", "zh"), exact=True).click()
    page.get_by_role("button", name=say("page.siting_forget", "zh")).wait_for()
    expect(page.locator(".lc-plan").first).to_contain_text(say("desk.placed", "zh", number=2))
    found.at_rest()
    with page.expect_download() as download:
        page.get_by_role("button", name=say("page.siting_task_download", "zh")).click()
    assert "placed_candidates:" in download.value.path().read_text("utf-8")
    assert found.unwanted == NOTHING


_FIRST_FACILITY = """() => {
    const map = Object.entries(window).find(([name, one]) => /^map_/.test(name) && one && one.livingCircle)[1];
    const at = map.livingCircle.state.layers.facilities.getLayers()[0].getLatLng();
    return [at.lng, at.lat];
}"""
