"""Streets of a named place, through OSMnx, from servers on this machine that give recorded answers."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import osmnx
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.sources.online import WAY_FILTERS, download_walk_graph
from livingcircle.sources.street_traits import WAY_TAGS
from livingcircle.sources.streets import streets_from_graphml, streets_from_osm, streets_from_place

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
PLACE = "Gulou, Nanjing, China"
STATUS = "Connected as: 1\nCurrent time: now\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"


class Servers:
    """Nominatim and Overpass in one, on this machine; `asked` is what they were asked, and by whom."""

    def __init__(self, status: int = 200, place: str | None = None) -> None:
        found = (RECORDED / "nominatim.json").read_text() if place is None else place
        self.asked: list[tuple[str, str]] = []
        servers = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path == "/api/status":
                    self.say(200, STATUS)
                else:
                    servers.asked.append((self.path, self.headers["User-Agent"]))
                    self.say(status, found if status == 200 else "overloaded")

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                query = form["data"][0]
                servers.asked.append((query, self.headers["User-Agent"]))
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
    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"http://127.0.0.1:{port}/")
    monkeypatch.setattr(osmnx.settings, "overpass_url", f"http://127.0.0.1:{port}/api")
    monkeypatch.setattr("time.sleep", lambda _: None)  # OSMnx waits a second before asking Nominatim
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


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
    assert [warning.kind for warning in read.warnings] == ["streets_dropped", "private_streets"]
    for ours, theirs in zip(read.warnings, town.warnings, strict=True):
        assert ours.kind == theirs.kind
        assert ours.details == {**theirs.details, "kilometres": pytest.approx(theirs.details["kilometres"])}
        assert ours.file == PLACE


def test_every_kind_of_way_is_asked_for_under_our_name(servers, tmp_path):
    download_walk_graph(PLACE, 1500, tmp_path)
    questions = [question for question, _ in servers.asked]
    assert len(questions) == 1 + len(WAY_FILTERS)
    assert "q=Gulou%2C+Nanjing%2C+China" in questions[0]
    for question, filter_ in zip(questions[1:], WAY_FILTERS, strict=True):
        assert f"(way{filter_}(poly:" in question
    assert all(agent.startswith("living-circle") for _, agent in servers.asked)


def test_the_area_reaches_the_buffer_beyond_the_boundary(servers, tmp_path):
    """OSMnx asks for 500 m more, to cut streets cleanly."""
    download_walk_graph(PLACE, 1500, tmp_path)
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
    download_walk_graph(PLACE, 0, tmp_path)
    assert {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("_")} == before
    assert socket.getaddrinfo is look_up


def test_the_graph_keeps_every_tag_the_rule_reads(servers, tmp_path):
    graph = download_walk_graph(PLACE, 1500, tmp_path)
    kept = {tag for *_, data in graph.edges(data=True) for tag in data}
    assert {"highway", "railway", "access", "foot", "oneway:foot"} <= kept <= {*WAY_TAGS} | {
        "osmid", "oneway", "reversed", "length",
    }  # fmt: skip


def test_a_saved_download_yields_the_same_streets(servers, tmp_path, town):
    osmnx.save_graphml(download_walk_graph(PLACE, 1500, tmp_path), tmp_path / "town.graphml")
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
        with pytest.raises(InputError, match="downloading “Gulou, Nanjing, China” failed"):
            streets_from_place(PLACE, 1500, None, tmp_path)
    assert dict(vars(osmnx.settings)) == settings


@pytest.mark.parametrize("answer", ["[]", '[{"lat": "32", "lon": "118", "boundingbox": ["1", "2", "3", "4"]}]'])
def test_a_place_without_a_boundary(tmp_path, monkeypatch, answer):
    with running(Servers(place=answer)) as started:
        point_osmnx_at(monkeypatch, started.port)
        with pytest.raises(InputError) as caught:
            download_walk_graph(PLACE, 1500, tmp_path)
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
