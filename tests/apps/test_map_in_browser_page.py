"""The map in the page as a planner works at it: the real server, a real browser, and no network beyond this machine."""

import pytest
from pyproj import Geod

import written_town as w
from livingcircle.render.words import say

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect

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
    first = planner.walks.locator("tr").nth(1)
    expect(first).to_contain_text("9.4 分钟")
    expect(first).to_contain_text("5 分钟：未达")
    page.get_by_text("步行 700 米，9.4 分钟").wait_for()
    planner.inside.locator(".leaflet-popup").get_by_text("9.4 分钟").wait_for()
    assert planner.map.evaluate("document.documentElement.dataset.asked") != ""
    # What is drawn for one home does not stand between the reader and the next.
    planner.click(w.lonlat(300))
    page.get_by_text("步行 300 米").wait_for()

    # A site: the number changes on the map and below it, once for one click.
    planner.tool("site")
    planner.click(w.lonlat(1100))
    expect(planner.inside.locator(".lc-scenario b")).to_have_text("81.0 %")  # 51 of 63 residents
    expect(page.locator("table.lc-scenario")).to_contain_text("+48")
    expect(page.locator("table.lc-steps tbody tr")).to_have_count(1)
    expect(planner.inside.locator(".lc-work-site")).to_have_count(1)

    planner.tool("undo")
    planner.inside.locator(".lc-scenario").wait_for(state="detached")
    page.get_by_text(say("desk.no_steps", "zh")).wait_for()
    planner.tool("redo")
    planner.inside.locator(".lc-scenario b").wait_for()

    # The other language keeps the scenario.
    page.get_by_text("English", exact=True).click()
    planner = at_map(found, "en")
    expect(planner.inside.locator(".lc-scenario b")).to_have_text("81.0 %")
    expect(planner.inside.locator(".lc-tool-site")).to_have_text("New site")
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
    found.at_rest()
    assert {address.split("/")[2] for address in found.outside} == {"tile.openstreetmap.org"}


# ── A city of more homes than are sent as outlines ─────────────────────────

ROWS, ROW_HOMES = 40, 150
"""Streets 200 m apart with a home every 100 m: 6,000 homes, each in a square of its own."""
OUT_OF_REACH = (16, 40)
"""Row and place of a home some 4 km from the only pharmacy."""


def place(row, number):
    middle = Geod(ellps="WGS84").fwd(*w.ORIGIN, 0, 200 * (row - ROWS / 2))[:2]
    return Geod(ellps="WGS84").fwd(*middle, 90, 100 * (number - ROW_HOMES / 2))[:2]


@pytest.fixture(scope="module")
def many_homes(served, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    study = w.write_town(folder)
    w.change(study, "outputs: {folder: runs}", "outputs: {folder: runs, isochrone_minutes: [5, 15, 30]}")
    w.change(study, "siting: [{service: pharmacy, sites: 1}]\n", "")
    xml = ["<?xml version='1.0' encoding='UTF-8'?>", "<osm version='0.6'>"]
    nodes = {(row, at): 3 * row + at + 1 for row in range(ROWS) for at in range(3)}
    for (row, at), name in nodes.items():
        lon, lat = place(row, at * ROW_HOMES / 2)
        xml.append(f"<node id='{name}' lat='{lat:.9f}' lon='{lon:.9f}' version='1'/>")
    lines = [[nodes[row, at] for at in range(3)] for row in range(ROWS)] + [[nodes[row, 1] for row in range(ROWS)]]
    for number, line in enumerate(lines, 1):
        refs = "".join(f"<nd ref='{name}'/>" for name in line)
        xml.append(f"<way id='{number}' version='1'>{refs}<tag k='highway' v='residential'/></way>")
    (folder / "streets.osm").write_text("\n".join([*xml, "</osm>"]), encoding="utf-8")
    homes = [(f"{row}-{number}", *place(row, number), 1) for row in range(ROWS) for number in range(ROW_HOMES)]
    w.write_table(folder / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    with served(study) as address:
        yield address


def test_squares_become_finer_and_then_homes_which_lie_above_their_gap(many_homes, visitor, at_map):
    found = visitor(f"{many_homes}/?study=study&service=pharmacy&panel=map")
    planner, page = at_map(found, "zh"), found.page
    expect(planner.inside.locator("select.lc-limit")).to_contain_text("30 分钟")
    home = place(*OUT_OF_REACH)

    # From afar squares of 150 m, nearer of 100 m, and from near the homes themselves.
    planner.shown_level(-1)
    planner.click(home)
    page.get_by_text(say("desk.square", "zh")).wait_for()
    planner.inside.locator(".leaflet-popup-close-button").click()
    for zoom, level in ((14.5, 0), (17, 1)):
        planner.look_at(home, zoom)
        planner.shown_level(level)
        assert planner.tiles_painted() > 0
    # A home within a gap area is what a click on it means; a click beside it means the area.
    planner.look_at(home, 17)
    planner.shown_level(1)
    planner.click(home)
    page.get_by_text(say("desk.square", "zh")).wait_for(state="detached")
    page.get_by_role("heading", name=say("map.home", "zh", id="16-40")).wait_for()
    planner.inside.locator(".leaflet-popup-close-button").click()
    asked = planner.map.evaluate("document.documentElement.dataset.asked")
    beside = (home[0] + 0.0002, home[1])
    planner.click(beside)
    planner.inside.locator(".leaflet-popup").get_by_text(say("map.gap_median", "zh")).wait_for()
    assert planner.map.evaluate("document.documentElement.dataset.asked") == asked

    # A site is dropped on a home all the same.
    planner.tool("site")
    with planner.worked_out():
        planner.click(home)
    planner.inside.locator(".lc-scenario b").wait_for()
    assert found.unwanted == NOTHING
