"""What the tests of the page share: the page run without a browser, and all the text a reader would see."""

from __future__ import annotations

import html
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from conftest import PATIENCE_MILLISECONDS, ROOT
from livingcircle.render.words import say

pytest.importorskip("streamlit", reason="the page is not installed: pip install 'living-circle[app]'")

APPS = ROOT / "apps"
SECONDS_TO_WAIT = 120


@pytest.fixture(autouse=True)
def _page_on_path(monkeypatch):
    """Streamlit puts the folder of the script on the path; its test bench does not."""
    monkeypatch.syspath_prepend(APPS)


@pytest.fixture(autouse=True)
def _own_main(monkeypatch):
    """Streamlit's test bench leaves the page as the main module, which processes that later tests start would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def open_page(monkeypatch):
    """Open the page as `streamlit run apps/streamlit_app.py -- ARGUMENTS` would, at an address."""
    from streamlit.testing.v1 import AppTest

    def opened(*arguments: Path, **address: str) -> Seen:
        monkeypatch.setattr(sys, "argv", ["streamlit_app.py", *map(str, arguments)])
        bench = AppTest.from_file(APPS / "streamlit_app.py", default_timeout=SECONDS_TO_WAIT)
        for name, value in address.items():
            bench.query_params[name] = value
        return Seen(bench.run())

    return opened


class Seen:
    """A page that has run, and what a reader sees of it."""

    def __init__(self, bench):
        self.bench = bench
        assert not bench.exception

    def choose(self, widget, name, value):
        """Choose in the widget that keeps `name` in the address."""
        getattr(self.bench, widget)(key=f"choice_{name}").set_value(value)
        return Seen(self.bench.run())

    @property
    def bodies(self):
        """Pieces of HTML on the page, without scripts and styles."""
        return [one.body for one in self.bench.html if not re.match(r"\s*<(script|style)", one.body)]

    @property
    def headings(self):
        return [text_of(found) for body in self.bodies for found in re.findall(r"<h[12]>.*?</h[12]>", body, re.DOTALL)]

    @property
    def tiles(self):
        """Headline figures by label."""
        found = re.findall(
            r"<div><span>(.*?)</span><b>(.*?)</b><small>(.*?)</small></div>", "".join(self.bodies), re.DOTALL
        )
        return {text_of(label): (text_of(figure), text_of(remark)) for label, figure, remark in found}

    def table(self, name):
        """Rows of a table as texts."""
        whole = re.search(rf'<table class="lc-table lc-{name}">(.*?)</table>', "".join(self.bodies), re.DOTALL).group(1)
        rows = re.findall(r"<tr class=.*?</tr>", whole, re.DOTALL)
        return [[text_of(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]

    @property
    def words(self):
        """Everything a reader can read, titles on hover included, but for the languages' own names."""
        bench = self.bench
        said = [text_of(body) for body in self.bodies]
        said += [title for body in self.bodies for title in re.findall(r'title="(.*?)"', body)]
        said += [
            one.label for kind in ("selectbox", "slider", "number_input", "button") for one in getattr(bench, kind)
        ]
        said += [option for box in bench.selectbox for option in box.options]
        said += [option for group in bench.segmented_control if group.key != "choice_lang" for option in group.options]
        said += [one.label for kind in (bench.tabs, bench.expander) for one in kind]
        said += [one.value for one in bench.caption]
        said += [one.proto.label for one in bench.get("download_button")]
        return said


def text_of(markup: str) -> str:
    """Return the text of markup, parts one space apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


# ── In a browser ────────────────────────────────────────────────────────────

OFFICE_SCREEN = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def served():
    """Serve the page on a free port of this machine with an argument, as a context; stopped whatever happens."""
    return _served


@contextmanager
def _served(argument: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    flags = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(APPS / "streamlit_app.py"), *flags, "--", str(argument)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def _wait_for(address: str, seconds: int = 60) -> None:
    for _ in range(seconds * 5):
        try:
            with urlopen(address, timeout=1):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the page did not start within {seconds} s")


@pytest.fixture
def visitor(chromium):
    """Open an address in a browser of its own, which reaches this machine only."""
    opened = []

    def visit(address: str) -> Visitor:
        opened.append(Visitor(chromium.new_context(viewport=OFFICE_SCREEN, accept_downloads=True), address))
        return opened[-1]

    yield visit
    for one in opened:
        one.context.close()


class Visitor:
    """Somebody at the page: what the page asks of other machines, what the browser complains of, and the dialogs it opens."""

    def __init__(self, context, address):
        self.context, self.outside, self.complaints, self.dialogs = context, [], [], []
        self._told = ""
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.route("**/*", self._only_here)
        self.page.on("response", lambda found: found.status >= 400 and self.complaints.append(found.url))
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._closed)
        self.page.on("websocket", self._listen)
        self.page.goto(address)

    def _only_here(self, route):
        if urlsplit(route.request.url).hostname in {"127.0.0.1", None}:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _closed(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _listen(self, link):
        """Keep what page and server tell each other: a question (?), the begin (<) and the end (>) of an answer."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        def sent(frame):
            if BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
                self._told += "?"

        def received(frame):
            kind = ForwardMsg.FromString(frame).WhichOneof("type")
            self._told += {"new_session": "<", "script_finished": ">"}.get(kind, "")

        link.on("framesent", sent)
        link.on("framereceived", received)

    def at_rest(self):
        """Wait until all that was asked is answered and on the page."""
        self.page.wait_for_timeout(100)
        last = time.monotonic() + PATIENCE_MILLISECONDS / 1000
        while not self._told.rpartition("?")[2].endswith("<>"):
            assert time.monotonic() < last, f"not answered: {self._told}"
            self.page.wait_for_timeout(50)
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
        )

    @property
    def unwanted(self):
        return self.outside, self.complaints, self.dialogs


# ── At the map ──────────────────────────────────────────────────────────────

_MAP = "Object.entries(window).find(([name, one]) => /^map_/.test(name) && one && one.livingCircle)[1]"
_SPOT = f"([lon, lat]) => {{ const spot = {_MAP}.latLngToContainerPoint([lat, lon]); return [spot.x, spot.y]; }}"

_PAINTED = """[...document.querySelectorAll(".leaflet-lc-near-pane canvas")].filter((tile) => {
    const content = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
    return content.some((value) => value);
}).length"""


@pytest.fixture
def at_map():
    """Somebody at the map of a page that is open."""
    return Planner


class Planner:
    """Somebody at the map of the page."""

    def __init__(self, visitor, language):
        self.visitor, self.page = visitor, visitor.page
        self.name = say("page.map_name", language)
        self.inside = self.page.frame_locator(f'iframe[title="{self.name}"]')
        self.inside.locator(".lc-tools").wait_for()
        self.map = next(one for one in self.page.frames if one.parent_frame and not one.is_detached())
        self._settled()

    def _settled(self):
        """Wait until the page is whole and has set the map's height; a click meanwhile would miss."""
        self.visitor.at_rest()
        box = last = None
        while box is None or box != last:
            last = box
            self.page.wait_for_timeout(400)
            box = self.page.locator(f'iframe[title="{self.name}"]').bounding_box()

    def spot(self, lonlat):
        """Return where on the screen a place is."""
        x, y = self.map.evaluate(_SPOT, list(lonlat))
        box = self.page.locator(f'iframe[title="{self.name}"]').bounding_box()
        return box["x"] + x, box["y"] + y

    def click(self, lonlat):
        """Click at a place."""
        self.page.mouse.click(*self.spot(lonlat))

    def look_at(self, lonlat, zoom):
        """Bring a place to the middle of the map."""
        self.map.evaluate(
            f"([lon, lat, zoom]) => {{ {_MAP}.setView([lat, lon], zoom, {{ animate: false }}); }}", [*lonlat, zoom]
        )

    def put_under(self, lonlat, spot):
        """Bring a place under a spot of the map, in pixels from its corner."""
        (x, y), (left, top) = self.map.evaluate(_SPOT, list(lonlat)), spot
        self.map.evaluate(f"([x, y]) => {{ {_MAP}.panBy([x, y], {{ animate: false }}); }}", [x - left, y - top])

    def shown_level(self, wanted=None):
        """Return the level of homes that is drawn (-1 the coarsest squares), once it is the one wanted."""
        if wanted is not None:
            self.map.wait_for_function(f"(level) => {_MAP}.livingCircle.state.layers.homes.shown === level", arg=wanted)
        return self.map.evaluate(f"{_MAP}.livingCircle.state.layers.homes.shown")

    def tiles_painted(self):
        """Return on how many tiles of homes something is drawn, once they are there."""
        self.map.wait_for_function("document.querySelector('.leaflet-lc-near-pane canvas.leaflet-tile-loaded')")
        return self.map.evaluate(_PAINTED)

    def drag(self, start, end):
        """Drag what is at one place to another."""
        (x, y), to = self.spot(start), self.spot(end)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + to[0]) / 2, (y + to[1]) / 2, steps=4)
        self.page.mouse.move(*to, steps=4)
        self.page.mouse.up()

    @contextmanager
    def worked_out(self):
        """Wait until what is done meanwhile has come back: as another scenario on the map, and all below it."""
        before = self.map.evaluate("document.documentElement.dataset.scenario || ''")
        yield
        self.map.wait_for_function("(last) => (document.documentElement.dataset.scenario || '') !== last", arg=before)
        self.visitor.at_rest()

    def tool(self, name):
        self.inside.locator(f".lc-tool-{name}").click()

    @property
    def walks(self):
        return self.page.locator("table.lc-walks")
