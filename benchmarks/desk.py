"""How long the page makes people wait, in a browser: `python -m benchmarks.desk [--homes 1000 20000 100000] [--json] [--write]`.

The streets and facilities are those of Las Palmas as OpenStreetMap has them; homes are squares of 14 m beside its streets, as many as asked
for. The page is served as `living-circle app` serves it and opened in Chromium without a graphics card. The answers are computed when it
is first opened, which is not counted: what is timed is what a second reader waits for, and what follows a click. Seconds are wall clock.
Payload is everything that comes down the page's websocket, as sent. `--write` puts the table into docs/benchmarks.md. Extracts come from
LIVING_CIRCLE_DATA or ../shared/data.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.run import DATA, REPORT, ROOT, machine
from livingcircle.sources.streets import streets_from_osm

PBF = DATA / "laspalmas" / "las_palmas_20230221.osm.pbf"
HOME_METRES = 14.0
OFF_STREET_METRES = 18.0
RESIDENTS = 30
PATIENCE_SECONDS = 240
HIT_SECONDS = 8
ANSWERS_SECONDS = 3600
"""The first reader waits for all answers of the study, which is not what is timed."""
OFFICE_SCREEN = {"width": 1366, "height": 768}
STUDY = """\
id: desk-{homes}
title: {{zh: 测试城市, en: Benchmark city}}
network: {{kind: osm_file, path: {pbf}}}
homes: {{kind: layer, path: homes.gpkg, columns: {{id: id, residents: residents}}, residents_per_household: 3}}
facilities: [{{kind: osm_tags, path: {pbf}}}]
standard: quarter_hour
outputs: {{folder: runs}}
"""
COLUMNS = {
    "homes": "homes",
    "page_megabytes": "page sent (MB)",
    "first_paint": "until the map is drawn (s)",
    "service": "another service (s)",
    "near": "near: homes drawn (s)",
    "click": "click on a home (s)",
    "first_site": "first site (s)",
    "site": "another site (s)",
    "site_computed": "of which computing (s)",
    "site_kilobytes": "sent for it (kB)",
    "undo": "undo (s)",
}
_MAP = "Object.entries(window).find(([name, one]) => /^map_/.test(name) && one && one.livingCircle)[1]"
_PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
_CHOOSE = """async () => {
  const chooser = document.querySelector("select.lc-service"), started = performance.now();
  chooser.value = String((Number(chooser.value) + 1) %% chooser.options.length);
  chooser.dispatchEvent(new Event("change"));
  await %s;
  return (performance.now() - started) / 1000;
}"""
_NEAR = """async () => {
  const map = %s, started = performance.now(), layers = map.livingCircle.state.layers;
  const zoom = Math.max(16.5, ...(layers.homes._levels || []).map((one) => one.from_zoom));  // near enough for single homes
  map.setView(map.livingCircle.dense(), zoom, { animate: false });
  const drawn = (level) => {
    const tiles = Object.values(level._tiles).filter((one) => one.current);
    return tiles.length > 0 && tiles.every((one) => one.loaded);
  };
  const done = () => !layers.homes.level || (layers.homes.shown >= 0 && drawn(layers.homes.level(layers.homes.shown)));
  for (let i = 0; i < 3000 && !done(); i++) await new Promise((next) => setTimeout(next, 10));
  await %s;
  return (performance.now() - started) / 1000;
}"""


def write_city(folder: Path, homes: int) -> Path:
    """Write a study with so many homes and return its file."""
    streets = streets_from_osm(PBF, None).value
    random = np.random.default_rng(20_261)
    lines = streets.lines
    length = shapely.length(lines)
    along = random.uniform(0, length.sum(), homes)
    row = np.searchsorted(np.cumsum(length), along).clip(0, len(lines) - 1)
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[row], random.uniform(0, 1, homes), normalized=True)
    )
    angle = random.uniform(0, 2 * np.pi, homes)
    xy += OFF_STREET_METRES * np.column_stack([np.cos(angle), np.sin(angle)])
    half = HOME_METRES / 2
    squares = shapely.box(xy[:, 0] - half, xy[:, 1] - half, xy[:, 0] + half, xy[:, 1] + half)
    ids = [f"H{number}" for number in range(homes)]
    frame = gpd.GeoDataFrame({"id": ids, "residents": RESIDENTS}, geometry=squares, crs=streets.crs)
    frame.to_file(folder / "homes.gpkg")
    study = folder / "study.yaml"
    study.write_text(STUDY.format(homes=homes, pbf=PBF), encoding="utf-8")
    return study


@contextmanager
def served(study: Path) -> Iterator[str]:
    """Serve the page on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = str(ROOT / "apps" / "streamlit_app.py")
    options = [
        f"--server.port={port}",
        "--server.address=127.0.0.1",
        "--server.headless=true",
        "--server.fileWatcherType=none",
    ]
    command = [sys.executable, "-m", "streamlit", "run", page, *options, "--", str(study)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:  # noqa: S603 - our own page
        try:
            for _ in range(300):
                try:
                    with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/?lang=en&study={study.stem}&service=pharmacy"
        finally:
            running.terminate()


class Reader:
    """Somebody before the page: opens it, clicks and draws, and looks at the clock."""

    def __init__(self, browser: Any, address: str) -> None:
        self.bytes = 0
        self.page = browser.new_page(viewport=OFFICE_SCREEN)
        self.page.set_default_timeout(1000 * PATIENCE_SECONDS)
        self.page.on("websocket", lambda link: link.on("framereceived", self._count))
        started = time.perf_counter()
        self.page.goto(address)
        self.frame = self.page.locator('iframe[title="Map of walking access"]')
        self.inside = self.page.frame_locator('iframe[title="Map of walking access"]')
        self.inside.locator(".lc-tools").wait_for(timeout=1000 * ANSWERS_SECONDS)
        self.map = next(one for one in self.page.frames if one.parent_frame)
        self.map.evaluate(_PAINTED)
        self.first_paint = time.perf_counter() - started

    def _count(self, frame: str | bytes) -> None:
        self.bytes += len(frame)

    def click(self, x: float, y: float) -> float:
        """Click at a place of the map and return the time."""
        box = self.frame.bounding_box()
        started = time.perf_counter()
        self.page.mouse.click(box["x"] + x, box["y"] + y)
        return started

    def clicked_home(self) -> float:
        """Click a home, and return the seconds until its walks stand below the map; another one where none was hit."""
        from playwright.sync_api import TimeoutError as Late

        for spot in self.map.evaluate(_AIM):
            started = self.click(*spot)
            try:
                self.map.wait_for_function("() => document.documentElement.dataset.asked", timeout=1000 * HIT_SECONDS)
            except Late:
                continue
            self.page.locator(".lc-walks").wait_for()
            return time.perf_counter() - started
        raise RuntimeError("no home was hit")


def measured(study: Path, homes: int, browser: Any) -> dict[str, Any]:
    """Return what a reader waits for in one city."""
    with served(study) as address:
        Reader(browser, address).page.close()  # the first reader waits for the answers
        reader = Reader(browser, address)
        page, inside = reader.page, reader.inside
        found: dict[str, Any] = {
            "homes": homes,
            "page_megabytes": reader.bytes / 1e6,
            "first_paint": reader.first_paint,
        }
        found["service"] = reader.map.evaluate(_CHOOSE % _PAINTED)
        inside.locator("select.lc-service").select_option(label="Pharmacy")
        # Homes lie along all streets: the middle of the densest square will do.
        reader.map.evaluate(f"{_MAP}.livingCircle.dense = () => {_densest()}")
        found["near"] = reader.map.evaluate(_NEAR % (_MAP, _PAINTED))
        page.wait_for_timeout(1000)
        found["click"] = reader.clicked_home()
        for name in ("first_site", "site"):
            inside.locator(".lc-tool-look").click()  # a tool that is clicked twice is put away
            inside.locator(".lc-tool-site").click()
            before, token = reader.bytes, reader.map.evaluate("document.documentElement.dataset.scenario || ''")
            reader.map.evaluate(_BACK)  # the map has moved for the popup
            spots = reader.map.evaluate(_AIM)  # by homes, so near streets
            started = reader.click(*spots[-1 if name == "site" else 0])
            reader.map.wait_for_function(
                "(token) => (document.documentElement.dataset.scenario || '') !== token", arg=token
            )
            reader.map.evaluate(_PAINTED)
            found[name] = time.perf_counter() - started
            page.locator("table.lc-scenario").wait_for()
            page.wait_for_timeout(500)
            found["site_kilobytes"] = (reader.bytes - before) / 1e3
        said = re.search(
            r"([\d.]+) s\.", page.locator("div.lc-heading:visible").filter(has_text="Worked out in").first.inner_text()
        )
        found["site_computed"] = float(said[1]) if said else None
        token = reader.map.evaluate("document.documentElement.dataset.scenario")
        started = time.perf_counter()
        inside.locator(".lc-tool-undo").click()
        reader.map.wait_for_function("(token) => document.documentElement.dataset.scenario !== token", arg=token)
        reader.map.evaluate(_PAINTED)
        found["undo"] = time.perf_counter() - started
        page.close()
    return found


def _densest() -> str:
    return (
        "(() => { let best = null, most = -1; const c = " + _MAP + ".livingCircle; c.homeLayer.eachLayer((one) => {"
        " const n = c.homes.counts ? c.homes.counts[one.home] : 1; if (n > most) { most = n; best = one; } });"
        " return best.getBounds().getCenter(); })()"
    )


_BACK = "() => { const map = MAP; map.setView(map.livingCircle.dense(), map.getZoom(), { animate: false }); }".replace(
    "MAP", _MAP
)
# A home in the picture that no control hides: near, they are on tiles; few, they are shapes.
_AIM = """() => {
  const map = MAP, shown = map.livingCircle.state.layers.homes, size = map.getSize();
  const level = shown.level && shown.shown >= 0 ? shown.level(shown.shown) : null;
  const found = [];
  for (let y = 180; y < size.y - 120 && found.length < 12; y += 3) {
    for (let x = 200; x < 620; x += 3) {
      const where = map.containerPointToLatLng([x, y]);
      if (found.some(([a, b]) => Math.hypot(a - x, b - y) < 40)) continue;
      const inside = () => [[0, 0], [4, 4]].every(([a, b]) => level.at(map.containerPointToLatLng([x + a, y + b]), map.getZoom()) >= 0);
      if (level && inside()) found.push([x + 2, y + 2]);  // a click may land a pixel beside
      if (level) continue;
      let hit = false;
      const spot = map.latLngToLayerPoint(where);
      map.livingCircle.homeLayer.eachLayer((one) => {
        hit = hit || (one._pxBounds && one._pxBounds.contains(spot) && one._containsPoint(spot));
      });
      if (hit) found.push([x + 2, y + 2]);
    }
  }
  return found;
}""".replace("MAP", _MAP)


def table(rows: list[dict[str, Any]]) -> str:
    """Return the measurements as Markdown."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|" + "--:|" * len(COLUMNS)]
    for row in rows:
        cells = [f"{row[name]:,}" if name == "homes" else f"{row[name]:.3g}" for name in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(rows: list[dict[str, Any]]) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- desk -->\nMeasured {machine()}.\n\n{table(rows)}\n<!-- /desk -->"
    REPORT.write_text(
        re.sub(r"<!-- desk -->.*<!-- /desk -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
    )


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--homes", type=int, nargs="+", default=[1_000, 20_000, 100_000], help="how many homes")
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for homes in asked.homes:
            place = Path(folder) / str(homes)
            place.mkdir()
            rows.append(measured(write_city(place, homes), homes, browser))
            print(json.dumps(rows[-1]) if asked.json else table(rows[-1:]), flush=True)
    if asked.write:
        write(rows)


if __name__ == "__main__":
    main()
