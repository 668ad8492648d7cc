"""Take every picture of `docs/images` again: the pages of the desk, maps, and a report of a check, in both languages where both are shown.

`python3 dev.py screenshots` runs this.

They show an office screen of 1366 × 768. The browser reaches this machine only; what else the page asked for is an error.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
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
from livingcircle.sources.standards import read_services

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
STUDY = ROOT / "configs" / "qinghe.yaml"
SAMPLE = ROOT / "data" / "qinghe"
SCREEN = {"width": 1366, "height": 768}
PANELS = ("map", "verdicts", "coverage", "gaps", "plan", "equity", "supply", "data")
PATIENCE_MILLISECONDS = 120_000
COLOURS = 192
HELSINKI = ROOT / "configs" / "helsinki.yaml"
OTHERS = ("page", "maps", "faults")
MAPS = ((HELSINKI, "pharmacy", "map-{language}", ("zh", "en")), (STUDY, "community_health_centre", "qinghe", ("zh",)))
"""Study, service, name of the picture and languages of each map that stands by itself."""
FAULTY_HOMES = """\
楼栋编号,小区名称,经度,纬度,常住人口（人）
QH001-01,清河小区,100.3262,36.7935,42
QH001-02,清河小区,100.3264,36.7935,约300
QH001-03,清河小区,100.3266,36.7935,三百二
QH001-04,清河小区,36.7935,100.3268,43
QH001-05,清河小区,100.3270,36.7935,
QH001-06,清河小区,,,-12
QH001-07,清河小区,100.3274,36.7935,410人
QH001-03,清河小区,100.3276,36.7935,43
"""
"""What can be wrong with a list of homes: numbers in words, places the wrong way round or missing, cells empty, ids twice."""
PLACES = (100.332689, 36.798740), (100.334300, 36.799750)
_MAP = "Object.entries(window).find(([name, one]) => /^map_/.test(name) && one && one.livingCircle)[1]"
_SPOT = f"([lon, lat]) => {{ const spot = {_MAP}.latLngToContainerPoint([lat, lon]); return [spot.x, spot.y]; }}"
_LOOK_AT = f"([lon, lat, zoom]) => {{ {_MAP}.setView([lat, lon], zoom, {{ animate: false }}); }}"
_READY = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning" """


def main(pages: Sequence[str]) -> None:
    """Serve the page, and go through it in both languages.

    `pages` are the panels to look at, `start` for what comes before them, `page`, `maps` and `faults` for what else there is.
    """
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
            if "page" in pages:
                page.goto(f"{address}/?study={HELSINKI.stem}&lang={language}&panel=coverage")
                page.locator(".lc-tiles").wait_for()
                picture(page, "page", language, prefix="")
            page.close()
        if "maps" in pages:
            maps(browser)
        if "faults" in pages:
            faults(browser)
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

    def save(name: str) -> None:
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
    save("甲" if language == "zh" else "A")
    draw("site", PLACES[1])
    save("乙" if language == "zh" else "B")
    page.locator("table.lc-compared").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    picture(page, "compare", language)


def maps(browser: Browser) -> None:
    """Look at the maps that a run leaves, each of one service."""
    with tempfile.TemporaryDirectory() as folder:
        for study, service, name, languages in MAPS:
            for language in languages:
                made = Path(folder) / f"{study.stem}-{language}"
                living_circle("run", study, "--output", made, "--language", language, "--quiet")
                page = browser.new_page(viewport=SCREEN)
                page.goto((made / "map.html").as_uri())
                names = {one.id: one.name.said(language) for one in read_services()}
                page.locator(".lc-row select").first.select_option(label=names[service])
                page.locator("canvas").first.wait_for()
                page.wait_for_timeout(1500)
                keep(page, IMAGES / f"{name.format(language=language)}.png")
                page.close()


def faults(browser: Browser) -> None:
    """Check the sample with a list of homes in which much is wrong, and look at the page."""
    with tempfile.TemporaryDirectory() as folder:
        living_circle("new", Path(folder) / "study", "--sample", "--quiet")
        study = Path(folder) / "study" / STUDY.name
        (study.parent / "data" / "homes.csv").write_text(FAULTY_HOMES, "gb18030")
        study.write_text(study.read_text("utf-8").replace("data/houses.zip", "data/homes.csv"), "utf-8")
        made = Path(folder) / "check.html"
        living_circle("check", study, "--html", made, "--quiet", may_fail=True)
        page = browser.new_page(viewport={"width": 1120, "height": 1640})
        page.goto(made.as_uri())
        keep(page, IMAGES / "check-zh.png")
        page.close()


def living_circle(*arguments: str | Path, may_fail: bool = False) -> None:
    """Run the command."""
    subprocess.run([sys.executable, "-m", "livingcircle", *map(str, arguments)], check=not may_fail, cwd=ROOT)


def to_top(page: Page, heading: str, language: Language) -> None:
    """Scroll until a heading is the first thing to be seen."""
    settle(page)
    page.get_by_role("heading", name=say(heading, language)).evaluate("(one) => one.scrollIntoView()")


def settle(page: Page) -> None:
    """Wait until the page has nothing more to do."""
    page.wait_for_timeout(500)
    page.wait_for_function(_READY)


def picture(page: Page, name: str, language: Language, prefix: str = "desk-") -> None:
    """Keep what is to be seen of the desk."""
    settle(page)
    page.wait_for_timeout(1500)  # the map fades in
    keep(page, IMAGES / f"{prefix}{name}-{language}.png")


def keep(page: Page, file: Path) -> None:
    """Keep a picture, in few colours so that the file is small."""
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
    main(sys.argv[1:] or ["start", *PANELS, "scenario", *OTHERS])
