"""Streets of a named place, through OSMnx, from servers on this machine that give recorded answers."""

from __future__ import annotations

import datetime as dt
import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import osmnx
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.sources.online import (
    WAY_FILTERS,
    area_of_box,
    area_of_place,
    download_walk_graph,
    walk_graph_date,
)
from livingcircle.sources.online.patience import ATTEMPTS
from livingcircle.sources.street_traits import WAY_TAGS
from livingcircle.sources.streets import streets_from_area, streets_from_graphml, streets_from_osm, streets_from_place

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
PLACE = "Gulou, Nanjing, China"


class Servers:
    """Nominatim and Overpass in one, on this machine; `asked` is what they were asked, and by whom.

    `status` is what Nominatim answers with; Overpass first answers with each of `busy`.
    """

    def __init__(self, status: int = 200, place: str | None = None, busy: tuple[int, ...] = ()) -> None:
        found = (RECORDED / "nominatim.json").read_text() if place is None else place
        self.asked: list[tuple[str, str]] = []
        refusals = list(busy)
        servers = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                servers.asked.append((self.path, self.headers["User-Agent"]))
                self.say(status, found if status == 200 else "overloaded")

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                query = form["data"][0]
                servers.asked.append((query, self.headers["User-Agent"]))
                if refusals:
                    self.say(refusals.pop(0), "<html>rate limited</html>")
                    return
                (key,) = (key for key in ("highway", "railway", "public_transport") if f'["{key}"' in query)
                self.say(200, (RECORDED / f"overpass_{key}.json").read_text())

            def say(self, code: int, text: str) -> None:
                content = text.encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self.server.server_address[1]


@contextmanager
def running(servers):
    thread = threading.Thread(target=servers.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield servers
    finally:
        servers.server.shutdown()
        thread.join()
        servers.server.server_close()


@pytest.fixture
def servers(monkeypatch):
    with running(Servers()) as started:
        point_osmnx_at(monkeypatch, started.port)
        yield started


def point_osmnx_at(monkeypatch, port):
    monkeypatch.setenv("LIVING_CIRCLE_NOMINATIM", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", f"http://127.0.0.1:{port}/api/interpreter")
    monkeypatch.setattr("time.sleep", lambda _: None)  # pauses between questions
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def download(folder, buffer_metres=1500, date=None):
    return download_walk_graph(area_of_place(PLACE, buffer_metres, folder), folder, date)


def block_sockets(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def as_rows(streets):
    lines = [tuple(map(tuple, np.round(shapely.get_coordinates(line), 6))) for line in streets.lines]
    return sorted(zip(lines, np.round(streets.metres, 6), streets.forward, streets.backward, strict=True))


@pytest.fixture(scope="module")
def town():
    return streets_from_osm(RECORDED / "town.osm", None)


def test_a_download_yields_the_same_streets_as_the_extract(servers, tmp_path, town):
    read = streets_from_place(PLACE, 1500, None, tmp_path)
    assert as_rows(read.value) == as_rows(town.value)
    assert read.value.crs == town.value.crs
    assert len(read.value.node_xy) == len(town.value.node_xy)
    assert np.array_equal(read.value.metres, town.value.metres)  # in the same order, too
    for column in ("way", "private", "steps", "road", "wide", "name", "at_ground"):
        assert np.array_equal(getattr(read.value, column), getattr(town.value, column)), column
    assert [warning.kind for warning in read.warnings] == [
        "streets_dropped", "private_streets", "downloaded_streets",
    ]  # fmt: skip
    assert read.warnings[-1].details["date"] == "2026-01-01"  # as the answers say of themselves
    for ours, theirs in zip(read.warnings[:-1], town.warnings, strict=True):
        assert ours.kind == theirs.kind
        assert ours.details == {**theirs.details, "kilometres": pytest.approx(theirs.details["kilometres"])}
        assert ours.file == PLACE


def test_every_kind_of_way_is_asked_for_under_our_name(servers, tmp_path):
    download(tmp_path)
    questions = [question for question, _ in servers.asked]
    assert len(questions) == 1 + len(WAY_FILTERS)
    assert "q=Gulou%2C+Nanjing%2C+China" in questions[0]
    for question, filter_ in zip(questions[1:], WAY_FILTERS, strict=True):
        assert f"(way{filter_}(poly:" in question
    assert all(agent.startswith("living-circle") for _, agent in servers.asked)


def test_the_area_reaches_the_buffer_beyond_the_boundary(servers, tmp_path):
    """OSMnx asks for 500 m more, to cut streets cleanly."""
    download(tmp_path)
    corners = np.array(servers.asked[1][0].split("'")[1].split(), float).reshape(-1, 2)[:, ::-1]
    south, north = corners[:, 1].min(), corners[:, 1].max()
    assert (32.0 - south) * 110_900 == pytest.approx(2000, abs=5)
    assert (north - 32.003) * 110_900 == pytest.approx(2000, abs=5)


def test_answers_are_kept_and_the_second_time_nobody_is_asked(servers, tmp_path, town, monkeypatch):
    streets_from_place(PLACE, 1500, None, tmp_path)
    asked = len(servers.asked)
    block_sockets(monkeypatch)
    again = streets_from_place(PLACE, 1500, None, tmp_path)
    assert len(servers.asked) == asked
    assert as_rows(again.value) == as_rows(town.value)


def test_settings_of_osmnx_and_the_name_look_up_are_put_back(servers, tmp_path):
    before = {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("_")}
    look_up = socket.getaddrinfo
    download(tmp_path, 0)
    assert {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("_")} == before
    assert socket.getaddrinfo is look_up


def test_the_graph_keeps_every_tag_the_rule_reads(servers, tmp_path):
    graph = download(tmp_path)
    kept = {tag for *_, data in graph.edges(data=True) for tag in data}
    assert {"highway", "railway", "access", "foot", "oneway:foot"} <= kept <= {*WAY_TAGS} | {
        "osmid", "oneway", "reversed", "length",
    }  # fmt: skip


def test_a_saved_download_yields_the_same_streets(servers, tmp_path, town):
    osmnx.save_graphml(download(tmp_path), tmp_path / "town.graphml")
    read = streets_from_graphml(tmp_path / "town.graphml", None)
    assert as_rows(read.value) == as_rows(town.value)


def test_a_server_that_refuses(tmp_path, monkeypatch):
    with running(Servers(status=500)) as started:
        point_osmnx_at(monkeypatch, started.port)
        with pytest.raises(InputError) as caught:
            streets_from_place(PLACE, 1500, None, tmp_path)
    (fault,) = caught.value.faults
    assert fault.kind == "download_failed"
    assert fault.value == PLACE
    assert "500" in fault.details["reason"]


def test_no_connection(tmp_path, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        point_osmnx_at(monkeypatch, unused.getsockname()[1])
        settings = dict(vars(osmnx.settings))
        with pytest.raises(InputError, match="no server can be reached to download “Gulou, Nanjing, China”"):
            streets_from_place(PLACE, 1500, None, tmp_path)
    assert dict(vars(osmnx.settings)) == settings


def test_a_busy_server_is_asked_again_and_then_no_more(tmp_path, monkeypatch, town):
    with running(Servers(busy=(429, 504))) as started:
        point_osmnx_at(monkeypatch, started.port)
        assert as_rows(streets_from_place(PLACE, 1500, None, tmp_path).value) == as_rows(town.value)
        assert len(started.asked) == 1 + len(WAY_FILTERS) + 2
    with running(Servers(busy=(504,) * 99)) as started:
        point_osmnx_at(monkeypatch, started.port)
        with pytest.raises(InputError) as caught:
            streets_from_place(PLACE, 1500, None, tmp_path / "elsewhere")
        assert len(started.asked) == 1 + ATTEMPTS
    (fault,) = caught.value.faults
    assert fault.kind == "server_busy"
    assert "504" in fault.details["reason"]


def test_the_past_is_asked_for_and_told(servers, tmp_path):
    day = dt.date(2025, 1, 1)
    read = streets_from_place(PLACE, 1500, None, tmp_path, day)
    assert all('[date:"2025-01-01T00:00:00Z"]' in question for question, _ in servers.asked[1:])
    assert read.warnings[-1].details["date"] == "2025-01-01"
    # What is kept for one day, and for none, does not answer for another.
    assert walk_graph_date(PLACE, 1500, tmp_path) == ""
    streets_from_place(PLACE, 1500, None, tmp_path)
    assert walk_graph_date(PLACE, 1500, tmp_path) == "2026-01-01"
    assert len(servers.asked) == 1 + 2 * len(WAY_FILTERS)


def test_streets_of_a_box_and_its_margin(servers, tmp_path, town):
    read = streets_from_area(area_of_box((118.8, 32.0, 118.805, 32.003), 500), None, tmp_path)
    assert as_rows(read.value) == as_rows(town.value)
    corners = np.array(servers.asked[0][0].split("'")[1].split(), float).reshape(-1, 2)
    assert (32.0 - corners[:, 0].min()) * 110_900 == pytest.approx(1000, abs=5)  # OSMnx asks for 500 m more


@pytest.mark.parametrize(
    "box", [(118.8, 32.0, 118.7, 32.1), (118.8, 32.1, 118.9, 32.0), (118.8, 32.0, 118.9), (0, 0, np.nan, 1), (0, 0, 200, 1)]
)  # fmt: skip
def test_what_is_no_box(box):
    with pytest.raises(InputError) as caught:
        area_of_box(box, 100)
    assert caught.value.faults[0].kind == "bad_box"


@pytest.mark.parametrize("answer", ["[]", '[{"lat": "32", "lon": "118", "boundingbox": ["1", "2", "3", "4"]}]'])
def test_a_place_without_a_boundary(tmp_path, monkeypatch, answer):
    with running(Servers(place=answer)) as started:
        point_osmnx_at(monkeypatch, started.port)
        with pytest.raises(InputError) as caught:
            download(tmp_path)
    assert caught.value.faults[0].kind == "download_failed"


def test_an_unfit_coordinate_system_is_reported_before_anything_is_asked(tmp_path, monkeypatch):
    block_sockets(monkeypatch)
    with pytest.raises(InputError) as caught:
        streets_from_place(PLACE, 1500, "EPSG:4326", tmp_path)
    assert caught.value.faults[0].kind == "geographic_crs"


def test_importing_the_reader_does_not_import_osmnx():
    import subprocess

    code = "import livingcircle.sources.streets, sys; sys.exit('osmnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
