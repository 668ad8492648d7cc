"""The written map, opened from disk in a browser that may not ask for anything."""

from dataclasses import replace

import numpy as np
import pytest

from livingcircle.render import maps, squares, words
from small_town import SCRIPT_NAME

pytestmark = pytest.mark.browser

VIEWPORT = {"width": 1366, "height": 768}


class Opened:
    """A page with everything it asked for and complained about."""

    def __init__(self, chromium, file):
        self.page = chromium.new_page(viewport=VIEWPORT)
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort()
        )
        self.page.goto(file.as_uri())
        self.page.wait_for_selector(".lc-panel .lc-class")
        self.settle()

    def settle(self):
        """Wait until what was asked is drawn: Leaflet paints its canvases on the next frame."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def choose(self, select, value):
        self.page.select_option(select, str(value))
        self.settle()

    def colours(self):
        return self.page.evaluate("map_city.livingCircle.homeLayer.getLayers().map((shape) => shape.options.fillColor)")

    def painted(self):
        """Return how many pixels of the top canvas are painted."""
        return self.page.evaluate(
            """() => {
                const canvas = document.querySelector(".leaflet-overlay-pane canvas");
                const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                let painted = 0;
                for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
                return painted;
            }"""
        )


@pytest.fixture
def opened(chromium, tmp_path, town):
    def open_map(language="zh", of=town):
        file = tmp_path / f"map_{language}.html"
        maps.write_map(file, of, language)
        pages.append(Opened(chromium, file))
        return pages[-1]

    pages = []
    yield open_map
    for one in pages:
        one.page.close()


def test_it_opens_without_asking_or_complaining(opened):
    found = opened()
    assert [url for url in found.asked if not url.startswith(("file:", "data:"))] == []
    assert found.complaints == []
    assert found.page.title() == "南京试验片区步行可达性评估图"
    assert found.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_homes_are_drawn_and_the_legend_is_there(opened):
    found = opened()
    assert len(found.colours()) == 30
    assert found.painted() > 5_000
    legend = found.page.inner_text(".lc-legend")
    for text in ("≤ 5 分钟", "5–10 分钟", "> 15 分钟", "未接入路网"):
        assert text in legend
    assert "93.5 %" in found.page.inner_text(".lc-headline")
    assert "达标" in found.page.inner_text(".lc-headline")
    assert "居民数为估算" in found.page.inner_text(".lc-notes")


def test_the_chooser_recolours_homes_and_follows_everywhere(opened):
    found = opened()
    before = found.colours()
    found.choose(".lc-service", 1)
    after = found.colours()
    assert before != after
    assert after.count(words.UNREACHABLE) == 1
    assert after.count(words.UNJOINED) == 1
    assert "34.6 %" in found.page.inner_text(".lc-headline")
    assert "条文未核原文" in found.page.inner_text(".lc-headline")
    assert found.page.locator(".lc-site").all_inner_texts() == ["1", "2"]
    assert "28.1 %" in found.page.inner_text(".lc-label >> nth=0")
    found.choose(".lc-limit", 2)
    assert found.page.locator(".lc-site").count() == 0
    assert "非标准时限" in found.page.inner_text(".lc-headline")
    assert found.complaints == []


def test_covered_or_not(opened):
    found = opened()
    found.choose(".lc-service", 1)
    found.choose(".lc-mode", "cover")
    colours = found.colours()
    assert {colour: colours.count(colour) for colour in set(colours)} == {
        words.COVERED: 9,
        words.UNCOVERED: 20,
        words.UNJOINED: 1,
    }


def test_covered_or_not_within_metres_that_another_walk_is_judged_by(opened, town):
    standard = town.study.standard
    service = standard.services[1].id
    own = [replace(one, limit_metres=500.0) if one.service == service else one for one in standard.requirements]
    plain = np.full_like(town.assessment.reach.seconds, np.inf)
    plain[1, :4] = next(one.limit_seconds for one in own if one.service == service)
    study = replace(town.study, standard=replace(standard, requirements=tuple(own)))
    found = opened(of=replace(town, study=study, assessment=replace(town.assessment, plain_seconds=plain)))
    found.choose(".lc-service", 1)
    found.choose(".lc-mode", "cover")
    assert found.colours().count(words.COVERED) == 4
    assert found.complaints == []


def test_a_service_without_data_is_grey_and_says_so(opened):
    found = opened()
    found.choose(".lc-service", 2)
    assert set(found.colours()) == {words.UNJOINED}
    assert "数据不足" in found.page.inner_text(".lc-headline")
    assert "%" not in found.page.inner_text(".lc-figure")


def test_a_name_that_is_a_script_is_shown_and_not_run(opened):
    found = opened()
    found.page.evaluate(
        """() => {
            const layers = [];
            map_city.eachLayer((layer) => { if (layer.place && layer.options.radius === 6) layers.push(layer); });
            const layer = layers.find((one) => one.place.title.includes("script"));
            layer.fire("click", { latlng: layer.getLatLng() }, true);
        }"""
    )
    popup = found.page.wait_for_selector(".lc-popup")
    assert SCRIPT_NAME in popup.inner_text()
    assert found.page.locator(".lc-popup script").count() == 0
    assert found.complaints == []


def test_a_click_on_a_home_tells_its_walks(opened):
    found = opened()
    spot = found.page.evaluate(
        """() => {
            const shape = map_city.livingCircle.homeLayer.getLayers()[10];
            const point = map_city.latLngToContainerPoint(shape.getBounds().getCenter());
            return [point.x, point.y];
        }"""
    )
    found.page.mouse.click(*spot)
    text = found.page.wait_for_selector(".lc-popup").inner_text()
    assert "住宅 H11" in text
    assert "110 人" in text
    assert "数据不足" in text
    assert "已覆盖" in text


def test_layers_can_be_switched(opened):
    found = opened()
    full = found.painted()
    found.page.uncheck(".lc-layer-homes")
    found.settle()
    assert found.painted() < full / 3
    found.page.check(".lc-layer-homes")
    found.settle()
    assert found.painted() == full


def test_the_panel_fits_a_projector_and_folds(opened):
    found = opened("en")
    box = found.page.locator(".lc-panel").bounding_box()
    assert box["y"] + box["height"] <= VIEWPORT["height"]
    found.page.click(".lc-fold")
    assert not found.page.locator(".lc-body").is_visible()
    assert found.page.inner_text(".leaflet-control-attribution") == "© OpenStreetMap contributors, ODbL 1.0"
    assert "ft" not in found.page.inner_text(".leaflet-control-scale")


def test_squares_are_drawn_where_homes_are_many(opened, monkeypatch):
    monkeypatch.setattr(squares, "MOST_HOMES", 29)
    found = opened()
    found.choose(".lc-mode", "cover")
    assert found.complaints == []
    legend = found.page.inner_text(".lc-legend")
    assert "部分覆盖" in legend
    assert "6.5 %" in legend  # not joined, and so not covered
    found.page.evaluate(
        """() => {
            const shape = map_city.livingCircle.homeLayer.getLayers()[0];
            shape.fire("click", { latlng: shape.getBounds().getCenter() }, true);
        }"""
    )
    assert "方格（1 处住宅）" in found.page.wait_for_selector(".lc-popup").inner_text()
