"""Take the pictures of the desk again: every page of the sample study, in both languages, into `docs/images`.

`python3 dev.py screenshots` runs this.

They show an office screen of 1366 × 768. The browser reaches this machine only; what else the page asked for is an error.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright

from livingcircle.faults import Language
from livingcircle.render.words import LANGUAGES, say

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
STUDY = ROOT / "configs" / "qinghe.yaml"
SAMPLE = ROOT / "data" / "qinghe"
SCREEN = {"width": 1366, "height": 768}
PANELS = ("map", "verdicts", "coverage", "gaps", "plan", "equity", "supply", "data")
PATIENCE_MILLISECONDS = 120_000
COLOURS = 192
PLACES = (100.332689, 36.798740), (100.334300, 36.799750)
_MAP = "Object.entries(window).find(([name, one]) => /^map_/.test(name) && one && one.livingCircle)[1]"
_SPOT = f"([lon, lat]) => {{ const spot = {_MAP}.latLngToContainerPoint([lat, lon]); return [spot.x, spot.y]; }}"
_LOOK_AT = f"([lon, lat, zoom]) => {{ {_MAP}.setView([lat, lon], zoom, {{ animate: false }}); }}"
_READY = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning" """


def main(pages: Sequence[str]) -> None:
    """Serve the page, and go through it in both languages; `pages` are the panels to look at, and `start` for what comes before them."""
    asked: set[str] = set()

    def only_here(route: Any) -> None:
        if urlsplit(route.request.url).hostname in {"127.0.0.1", None}:
            route.continue_()
        else:
            asked.add(route.request.url)
            route.abort()

    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        for language in LANGUAGES:
            page = browser.new_page(viewport=SCREEN)
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            page.route("**/*", only_here)
            if "start" in pages:
                page.goto(f"{address}/?study=.start&lang={language}")
                page.get_by_role("button", name=say("start.upload_open", language)).wait_for()
                picture(page, "start", language)
                upload(page, address, language)
            for panel in (panel for panel in PANELS if panel in pages):
                page.goto(f"{address}/?study={STUDY.stem}&lang={language}&panel={panel}")
                page.locator(".lc-tiles").wait_for()
                if panel == "map":
                    page.frame_locator("iframe").first.locator("canvas").first.wait_for()
                picture(page, panel, language)
            if "scenario" in pages:
                page.goto(f"{address}/?study={STUDY.stem}&lang={language}&panel=map&service=kindergarten")
                scenario(page, language)
            page.close()
        browser.close()
    if asked:
        sys.exit(f"the page asked for other machines: {sorted(asked)}")


def upload(page: Page, address: str, language: Language) -> None:
    """Upload the sample's files as if they were somebody's own, and check them."""
    page.goto(f"{address}/?study=.upload&lang={language}")
    files = {"network": ["streets.osm"], "homes": ["houses.zip"], "facilities": ["facilities.xlsx", "pois_gcj02.csv"]}
    for role, names in files.items():
        box = page.locator(f'section[aria-label="{say(f"start.file_{role}", language)}"] input').last
        box.set_input_files([SAMPLE / name for name in names])
        for name in names:
            page.get_by_text(say("start.kept", language, name=name, size="|").partition("|")[0][:-1]).first.wait_for()
        settle(page)
    picture(page, "upload", language)
    to_top(page, "start.step_columns", language)
    picture(page, "columns", language)
    page.get_by_role("button", name=say("start.check", language), exact=True).click()
    page.locator(f'iframe[title="{say("start.report", language)}"]').wait_for()
    page.get_by_role("button", name=say("start.compute", language)).wait_for()
    to_top(page, "start.step_check", language)
    picture(page, "check", language)


def scenario(page: Page, language: Language) -> None:
    """Draw a kindergarten and a footpath, keep that, close a facility, keep that as well, and look at both."""
    map_ = page.frame_locator("iframe").first
    map_.locator(".lc-tools").wait_for()
    settle(page)
    inside = next(one for one in page.frames if one.parent_frame)
    frame = page.locator("iframe").first

    def draw(tool: str, *places: tuple[float, float]) -> None:
        last = inside.evaluate("document.documentElement.dataset.scenario || ''")
        map_.locator(f".lc-tool-{tool}").click()
        for place in places:
            spot, box = inside.evaluate(_SPOT, list(place)), frame.bounding_box()
            page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
        if len(places) > 1:
            page.keyboard.press("Enter")
        inside.wait_for_function("(last) => (document.documentElement.dataset.scenario || '') !== last", arg=last)

    def keep(name: str) -> None:
        page.get_by_text(say("desk.what_if", language), exact=True).click()
        page.get_by_text(say("desk.save", language), exact=True).first.click()
        page.get_by_label(say("desk.save_name", language)).fill(name)
        page.get_by_role("button", name=say("desk.save", language), exact=True).click()
        page.locator("table.lc-compared").wait_for()

    inside.evaluate(_LOOK_AT, [*PLACES[0], 16])
    draw("site", PLACES[0])
    draw("path", *PLACES)
    map_.locator(".lc-tool-look").click()
    picture(page, "drawing", language)
    page.locator("table.lc-scenario").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    picture(page, "scenario", language)
    keep("甲" if language == "zh" else "A")
    draw("site", PLACES[1])
    keep("乙" if language == "zh" else "B")
    page.locator("table.lc-compared").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    picture(page, "compare", language)


def to_top(page: Page, heading: str, language: Language) -> None:
    """Scroll until a heading is the first thing to be seen."""
    settle(page)
    page.get_by_role("heading", name=say(heading, language)).evaluate("(one) => one.scrollIntoView()")


def settle(page: Page) -> None:
    """Wait until the page has nothing more to do."""
    page.wait_for_timeout(500)
    page.wait_for_function(_READY)


def picture(page: Page, name: str, language: Language) -> None:
    """Keep what is to be seen, in few colours so that the file is small."""
    settle(page)
    page.wait_for_timeout(1500)  # the map fades in
    file = IMAGES / f"desk-{name}-{language}.png"
    page.screenshot(path=file)
    with Image.open(file) as shot:
        shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(file.relative_to(ROOT), f"{file.stat().st_size // 1024} KB", flush=True)


@contextmanager
def served() -> Iterator[str]:
    """Serve the page on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    flags = [f"--server.{name}={value}" for name, value in options.items()]
    script = ROOT / "apps" / "streamlit_app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags, "--", str(STUDY)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    with urlopen(f"{address}/_stcore/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.2)
            yield address
        finally:
            running.terminate()


if __name__ == "__main__":
    main(sys.argv[1:] or ["start", *PANELS, "scenario"])
