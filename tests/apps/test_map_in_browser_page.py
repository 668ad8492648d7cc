"""The map in the page as a planner works at it: the real server, a real browser, and no network beyond this machine."""

import pytest

import written_town as w
from livingcircle.render.words import say

pytestmark = pytest.mark.browser

NOTHING = ([], [], [])


@pytest.fixture(scope="module")
def server(served, tmp_path_factory):
    with served(w.write_town(tmp_path_factory.mktemp("town"))) as address:
        yield address


def test_a_planner_clicks_a_home_drops_a_site_and_undoes_it(server, visitor, at_map):
    found = visitor(f"{server}/?study=study&service=pharmacy&panel=map")
    planner = at_map(found, "zh")
    page = planner.page

    # A home: its walk, its requirement and cause below the map, and the route on it.
    planner.click(w.lonlat(700))
    planner.walks.wait_for()
    first = planner.walks.locator("tr").nth(1).inner_text()
    assert "9.4 分钟" in first
    assert "5 分钟：未达" in first
    page.get_by_text("步行 700 米，9.4 分钟").wait_for()
    planner.inside.locator(".leaflet-popup").get_by_text("9.4 分钟").wait_for()
    assert planner.map.evaluate("document.documentElement.dataset.asked") != ""

    # A site: the number changes on the map and below it, once for one click.
    planner.tool("site")
    planner.click(w.lonlat(1100))
    planner.inside.locator(".lc-scenario b").wait_for()
    share = planner.inside.locator(".lc-scenario b").inner_text()
    assert share == "81.0 %"  # 51 of 63 residents
    table = page.locator("table.lc-scenario")
    assert "+48" in table.inner_text()
    assert page.locator("table.lc-steps tbody tr").count() == 1
    assert planner.inside.locator(".lc-work-site").count() == 1

    planner.tool("undo")
    planner.inside.locator(".lc-scenario").wait_for(state="detached")
    page.get_by_text(say("desk.no_steps", "zh")).wait_for()
    planner.tool("redo")
    planner.inside.locator(".lc-scenario b").wait_for()

    # The other language keeps the scenario.
    page.get_by_text("English", exact=True).click()
    planner = at_map(found, "en")
    planner.inside.locator(".lc-scenario b").wait_for()
    assert planner.inside.locator(".lc-scenario b").inner_text() == "81.0 %"
    assert planner.inside.locator(".lc-tool-site").inner_text() == "New site"
    assert found.unwanted == NOTHING


def test_names_from_data_are_text_on_the_map(server, visitor, at_map):
    found = visitor(f"{server}/?study=study&service=pharmacy&panel=map")
    planner = at_map(found, "zh")
    planner.click(w.lonlat(0))
    planner.inside.locator(".leaflet-popup").get_by_text("<script>alert(1)</script>").wait_for()
    planner.page.locator("table.lc-facts").wait_for()
    assert found.unwanted == NOTHING


def test_a_basemap_is_asked_for_only_when_it_is_chosen(server, visitor, at_map):
    found = visitor(f"{server}/?study=study&panel=map")
    planner = at_map(found, "zh")
    assert found.outside == []
    planner.inside.locator("select.lc-basemaps").select_option(index=1)
    planner.inside.get_by_text(say("desk.basemap_failed", "zh")).wait_for()
    assert {address.split("/")[2] for address in found.outside} == {"tile.openstreetmap.org"}


def test_many_homes_and_longer_limits(served, visitor, at_map, tmp_path):
    """More homes than are sent as outlines, and areas up to half an hour: squares first, single homes from near, a site all the same."""
    study = w.write_town(tmp_path)
    homes = [(f"H{number}", *w.lonlat(0.25 * number), 1) for number in range(5600)]
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    w.change(study, "outputs: {folder: runs}", "outputs: {folder: runs, isochrone_minutes: [5, 15, 30]}")
    with served(study) as address:
        found = visitor(f"{address}/?study=study&service=pharmacy&panel=map")
        planner = at_map(found, "zh")
        assert "30 分钟" in planner.inside.locator("select.lc-limit").inner_text()
        planner.click(w.lonlat(700))
        found.page.get_by_text(say("desk.square", "zh")).wait_for()
        planner.look_at(w.lonlat(700), 18)
        planner.tool("site")
        with planner.worked_out():
            planner.click(w.lonlat(700))
        planner.inside.locator(".lc-scenario b").wait_for()
        assert found.unwanted == NOTHING
