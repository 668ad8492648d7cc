"""The page as a reader has it: the real server, a real browser, and no network beyond this machine."""

import re
from urllib.parse import urlsplit

import openpyxl
import pytest

from conftest import PATIENCE_MILLISECONDS, ROOT
from livingcircle import cases
from livingcircle.render.summary import summary
from livingcircle.render.words import say, shown_count
from livingcircle.settings import read_study

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect

HELSINKI = ROOT / "configs" / "helsinki.yaml"
VIEWPORT = {"width": 1366, "height": 768}
MAP = f'iframe[title="{say("page.map_name", "zh")}"]'
ENGLISH_MAP = f'iframe[title="{say("page.map_name", "en")}"]'
_SERVICE_ON_MAP = """([map, service]) => {
    const inside = document.querySelector(map).contentDocument;
    return inside.querySelector("select.lc-service")?.selectedOptions[0].text === service;
}"""


@pytest.fixture(scope="module")
def server(served):
    """The page of the sample study."""
    with served(HELSINKI) as address:
        yield address


NOT_OURS = re.compile(r"Unrecognized feature: |An iframe which has both allow-scripts and allow-same-origin")
"""What the browser says of the attributes Streamlit gives every frame."""


class Reader:
    """A reader of the page: what it asks of other machines, what the browser complains of, and how much it is sent."""

    def __init__(self, chromium, server):
        self.outside, self.complaints, self.received = [], [], 0
        self.page = chromium.new_page(viewport=VIEWPORT)
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.route("**/*", self._only_here)
        self.page.on("response", lambda r: r.status == 404 and self.complaints.append(r.url))
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("websocket", lambda link: link.on("framereceived", self._count))
        self.page.goto(server)
        self.page.locator(".lc-tiles").wait_for()

    def _only_here(self, route):
        here = urlsplit(route.request.url).hostname in {"127.0.0.1", None}
        if here:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _hear(self, message):
        if message.type in {"error", "warning"} and not NOT_OURS.match(message.text):
            self.complaints.append(message.text)

    def _count(self, frame):
        self.received += len(frame)

    def open_panel(self, name):
        self.page.get_by_role("tab", name=name, exact=True).click()


def test_on_paper_is_what_is_read_and_not_what_is_chosen_with(server, chromium):
    reader = Reader(chromium, server)
    reader.page.emulate_media(media="print")
    expect(reader.page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(reader.page.get_by_role("tablist")).to_be_hidden()
    expect(reader.page.locator(".lc-tiles")).to_be_visible()


def test_an_official_opens_the_page_and_takes_the_tables_along(server, chromium, tmp_path):
    figures = summary(cases.answer(read_study(HELSINKI)))
    reader = Reader(chromium, server)
    page = reader.page
    inside = page.frame_locator(MAP)
    expect(page).to_have_title(say("page.name", "zh"))
    expect(page.locator("h1").first).to_have_text(figures["title"]["zh"])
    expect(page.locator(".lc-tiles")).to_contain_text(f"{shown_count(figures['counts']['residents'])} 人")
    inside.locator("canvas").first.wait_for()
    expect(inside.locator(".lc-panel h1")).to_contain_text(figures["title"]["zh"])

    # Two choices made quickly, one after the other, both hold.
    choose_service(page, "药店")
    choose_service(page, "银行营业网点")
    reader.open_panel("覆盖率")
    page.wait_for_url("**service=bank**panel=coverage**")
    page.get_by_role("heading", name="银行营业网点覆盖率：各分区").wait_for()
    reader.open_panel("地图")

    # The map stays as it is while other things are looked at, is not sent again, and follows the service chosen.
    map_itself = page.locator(MAP).element_handle().content_frame()
    map_itself.evaluate("window.stillHere = true")
    sent = reader.received
    choose_service(page, "小学")
    page.wait_for_url("**service=primary_school**")
    inside.locator(".lc-figure b").wait_for()
    page.wait_for_function(_SERVICE_ON_MAP, arg=[MAP, "小学"])
    reader.open_panel("条文判定")
    page.locator(".lc-table:visible").first.wait_for()
    reader.open_panel("地图")
    assert map_itself.evaluate("window.stillHere") is True
    assert reader.received - sent < 200_000

    page.get_by_text("English", exact=True).click()
    page.get_by_role("heading", name=figures["title"]["en"]).wait_for()
    page.wait_for_url("**lang=en**")
    expect(page).to_have_title(say("page.name", "en"))
    page.frame_locator(ENGLISH_MAP).get_by_text("Walking limit").wait_for()
    page.wait_for_function(_SERVICE_ON_MAP, arg=[ENGLISH_MAP, "Primary school"])

    with page.expect_download() as download:
        page.get_by_role("button", name=say("page.download_tables", "en"), exact=True).click()
    workbook = tmp_path / download.value.suggested_filename
    download.value.save_as(workbook)
    sheets = openpyxl.load_workbook(workbook)
    assert workbook.name == "helsinki-tables.xlsx"
    assert sheets.sheetnames[0] == "Overview"
    services, limits, units = (
        len({row["service_id"] for row in figures["coverage"]}),
        len(figures["shown_limits"]),
        1 + figures["counts"]["districts"],
    )
    assert sheets["Coverage"].max_row == 1 + services * limits * units  # Helsinki asks for no other limits

    assert reader.outside == []
    assert reader.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off_on_an_office_screen(server, chromium, language):
    reader = Reader(chromium, f"{server}/?lang={language}")
    for panel in ("coverage", "verdicts", "gaps", "plan", "equity", "supply", "data"):
        reader.open_panel(say(f"page.panel_{panel}", language))
        reader.page.locator(".lc-table:visible, .lc-text:visible").first.wait_for()
        # Only the table with a column per requirement may be wider than the screen.
        for box in ('[data-testid="stMain"]', ".lc-tiles > div", ".lc-scroll:visible:not(:has(.lc-by-district))"):
            hidden = reader.page.locator(box).evaluate_all(
                "(all) => all.map((one) => one.scrollWidth - one.clientWidth)"
            )
            assert max(hidden, default=0) <= 0, (panel, box)
    assert (reader.outside, reader.complaints) == ([], [])


def choose_service(page, name):
    page.get_by_role("combobox").nth(1).click()
    page.get_by_role("option", name=name, exact=True).click()
