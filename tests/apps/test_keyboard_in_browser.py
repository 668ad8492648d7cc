"""The desk by keyboard and screen reader only: the real server, a real browser, no mouse."""

import re

import pytest

import written_town as w
from livingcircle.render.words import say

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect

NOTHING = ([], [], [])
MOST_STOPS = 60
_FOCUSED = """() => {
    const one = document.activeElement;
    const named = (one.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
    const labelled = named.map((label) => label?.textContent || "").join(" ");
    return one.getAttribute("aria-label") || labelled.trim() || one.labels?.[0]?.textContent || one.title || one.textContent;
}"""


@pytest.fixture(scope="module")
def server(served, tmp_path_factory):
    with served(w.write_town(tmp_path_factory.mktemp("town"))) as address:
        yield address


def tabbed_to(page, wanted):
    """Press Tab until what is wanted has the focus, as nobody could who finds no way there."""
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(_FOCUSED))
        if wanted in passed[-1]:
            return
    pytest.fail(f"{wanted} is not among {passed}")


def test_files_are_chosen_by_a_name_of_their_own(server, visitor):
    found = visitor(f"{server}/?study=.upload")
    page = found.page
    page.get_by_role("heading", name=say("start.step_compute", "zh")).wait_for()
    page.locator("summary").press("Enter")
    for role in ("network", "homes", "facilities", "districts", "population_table", "candidates"):
        label = say(f"start.file_{role}", "zh")
        page.locator(f'input[type="file"][aria-label="{label}"]').wait_for(state="attached")
        expect(page.get_by_role("button", name=f"{say('start.choose', 'zh')} – {label}")).to_have_count(1)
        page.get_by_label(label, exact=True).locator("visible=true").first.wait_for()
    found.at_rest()
    names = page.evaluate(
        "[...document.querySelectorAll('button, input')].map((one) => one.getAttribute('aria-label') || '')"
    )
    assert "file upload" not in names
    page.get_by_label(say("start.file_homes", "zh"), exact=True).and_(page.locator("input")).set_input_files(
        {"name": "homes.csv", "mimeType": "text/csv", "buffer": b"id,lon,lat,residents\n1,121,31.98,3\n"}
    )
    page.get_by_text("已上传：homes.csv").wait_for()
    assert found.unwanted == NOTHING


def test_no_control_is_named_in_english_on_a_chinese_page(server, visitor):
    found = visitor(f"{server}/?study=study&panel=plan&service=pharmacy")
    page = found.page
    page.get_by_text(say("page.siting_title", "zh"), exact=True).wait_for()
    page.get_by_role("button", name=say("page.siting_run", "zh"), exact=True).wait_for()
    found.at_rest()
    page.wait_for_function("document.querySelector('[role=tablist]').getAttribute('aria-label')")
    names = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] button, [data-testid=stSidebarUserContent] button')]"
        ".filter((one) => one.offsetParent).map((one) => one.getAttribute('aria-label') || one.textContent)"
    )
    assert [name for name in names if re.fullmatch(r"[A-Za-z ]+", name) and name != "English"] == []
    assert found.unwanted == NOTHING


def test_everything_of_a_study_is_reached_and_used(server, visitor, at_map):
    found = visitor(f"{server}/?study=study&service=pharmacy&panel=map")
    planner, page = at_map(found, "zh"), found.page
    press = page.keyboard.press

    # From the skip link on: language, study, service, downloads, panels.
    for name in ("跳到正文", "中文", "研究", "设施类型", "分区", "评估报告（Word）", "更多文件", "大字版", "地图"):
        tabbed_to(page, name)

    # The map: a home under the cross, a plan's pin, a tool and a new site, and back.
    planner.look_at(w.lonlat(0), 17)
    page.keyboard.press("Tab")
    assert planner.map.evaluate("document.activeElement.getAttribute('role')") == "application"
    expect(planner.inside.locator(".lc-cross")).to_be_visible()
    spot = planner.map.evaluate(
        "['left', 'top'].map((side) => parseFloat(document.querySelector('.lc-cross').style[side]))"
    )
    planner.put_under(w.lonlat(700), spot)
    press("Space")
    page.get_by_text("步行 700 米，9.4 分钟").wait_for()
    found.at_rest()
    planner.inside.locator(".lc-tool-site").press("Enter")
    planner.inside.locator(".lc-map").focus()
    planner.put_under(w.lonlat(1100), spot)
    with planner.worked_out():
        press("Enter")
    expect(planner.inside.locator(".lc-scenario b")).to_have_text("81.0 %")
    with planner.worked_out():
        planner.inside.locator(".lc-tool-undo").press("Enter")

    # Below the map: a home by its id, a facility from the list, a change by its form.
    sections = page.locator(".st-key-desk_section").get_by_role("radio")
    sections.nth(1).focus()
    press("ArrowLeft")
    press("Space")
    home = page.get_by_label(say("desk.find_home", "zh"))
    home.fill("H3")
    home.press("Enter")
    page.get_by_text("步行 500 米").wait_for()
    found.at_rest()
    tabbed_to(page, say("desk.find_facility", "zh"))
    press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    press("Enter")
    page.get_by_role("heading", name="<script>alert(1)</script>").wait_for()
    found.at_rest()
    sections.nth(0).focus()
    press("ArrowRight")
    press("Space")
    form = page.locator("summary").filter(has_text=say("desk.form", "zh"))
    form.wait_for()
    found.at_rest()
    form.press("Enter")
    tabbed_to(page, say("desk.form_add", "zh"))
    with planner.worked_out():
        press("Enter")
    expect(page.locator("table.lc-steps tbody tr")).to_have_count(1)
    assert found.unwanted == NOTHING
