"""Extracts fetched from Overpass: a server on this machine plays it, in good and bad moods."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from livingcircle.cli import app
from livingcircle.errors import InputError
from livingcircle.readers import OSM_ATTRIBUTION, attribution
from livingcircle.settings import settings_from
from livingcircle.sources.extract import extract_date, read_extract
from livingcircle.sources.online import area_of_box, fetch_extract
from livingcircle.sources.online.areas import LARGEST_KM2, TILE_DEGREES, tiles
from livingcircle.sources.online.patience import (
    ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    BusyError,
    overpass_servers,
    patiently,
)
from livingcircle.sources.osm import read_buildings
from livingcircle.sources.streets import streets_from_osm

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
TOWN = (RECORDED / "town.osm").read_text(encoding="utf-8")
START = TOWN.index("<node")
BOX = (118.8, 31.999, 118.805, 32.003)
TAGS = [{"amenity": "school"}, {"leisure": "park", "access": "yes"}, {"amenity": "school", "name": "x"}]


def answered(content=TOWN[START:], base="2026-03-01T12:00:00Z"):
    """Return what Overpass would answer with."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="Overpass API">\n<meta osm_base="{base}"/>\n'
    return (200, {}, (head + content).encode())


class Overpass:
    """Answers with each of `moods` in turn (status, headers, content), and with the last from then on."""

    def __init__(self, *moods):
        self.queries, self.agents, self.addresses = [], [], []
        left, overpass = list(moods or [answered()]), self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                overpass.queries.append(form["data"][0])
                overpass.agents.append(self.headers["User-Agent"])
                overpass.addresses.append(self.path)
                status, headers, content = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/api"


@contextmanager
def playing(*moods):
    overpass = Overpass(*moods)
    thread = threading.Thread(target=overpass.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield overpass
    finally:
        overpass.server.shutdown()
        thread.join()
        overpass.server.server_close()


@pytest.fixture
def waits(monkeypatch):
    """Nobody really waits; returns the seconds it would have been."""
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return waited


@pytest.fixture
def overpass(monkeypatch, waits):
    with playing() as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        yield started


def fetch(folder, box=BOX, **options):
    return fetch_extract(area_of_box(box, 0), TAGS, folder / "town.osm.pbf", folder / "cache", **options)


def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def streets_of(path):
    streets = streets_from_osm(path, None).value
    return sorted(shapely.to_wkt(streets.lines, rounding_precision=4).tolist())


# ── The extract ─────────────────────────────────────────────────────────────


def test_every_reader_takes_the_extract(overpass, tmp_path):
    fetched = fetch(tmp_path)
    assert streets_of(fetched.path) == streets_of(RECORDED / "town.osm")
    assert read_buildings(fetched.path).ids.tolist() == ["way/22"]
    assert fetched.streets == TOWN.count('k="highway"')
    assert sorted(tmp_path.iterdir()) == [tmp_path / "cache", fetched.path]


def test_the_header_tells_box_and_date(overpass, tmp_path):
    fetched = fetch(tmp_path)
    assert read_extract(str(fetched.path), ["highway"], [], []).bounds == pytest.approx(BOX)
    assert extract_date(fetched.path) == "2026-03-01"
    assert fetched.date == "2026-03-01T12:00:00Z"
    assert extract_date(RECORDED / "town.osm") == extract_date(tmp_path / "nothing.osm.pbf") == ""


def test_what_is_asked_for(overpass, tmp_path):
    fetch(tmp_path, date=dt.date(2025, 1, 1))
    (query,) = overpass.queries
    assert query.startswith("[out:xml]")
    assert '[bbox:31.999,118.8,32.003,118.805][date:"2025-01-01T00:00:00Z"];' in query
    for line in ('way["highway"];', 'way["building"];', 'nwr["barrier"];', 'nwr["amenity"="school"];'):
        assert f"  {line}\n" in query
    assert '  nwr["leisure"="park"]["access"="yes"];\n' in query
    assert '"name"' not in query  # schools called x are among the schools
    assert query.endswith("(._;>;);\nout body;\n")
    assert overpass.agents[0].startswith("living-circle")
    assert overpass.addresses == ["/api/interpreter"]
    assert extract_date(tmp_path / "town.osm.pbf") == "2025-01-01"  # not the day of the database


def test_tiles_hold_each_object_once(overpass, tmp_path):
    """Every tile is answered with the whole town here, as a way that crosses tiles is in each of them."""
    whole = fetch(tmp_path / "one")
    tiled = fetch(tmp_path / "four", (118.7, 31.95, 118.9, 32.1))
    assert tiled.tiles == len(overpass.queries) - 1 == 4
    assert tiled.streets == whole.streets
    assert streets_of(tiled.path) == streets_of(whole.path)


@given(west=st.floats(-179, 178), south=st.floats(-80, 79), width=st.floats(0.001, 0.4), height=st.floats(0.001, 0.4))
def test_tiles_fill_the_box(west, south, width, height):
    area = area_of_box((west, south, west + width, south + height), 0)
    box, cut = area.box, np.array(tiles(area))
    # Outwards to the next ten-thousandth of a degree; a hair inwards is rounding.
    outwards = (np.array(box) - (west, south, west + width, south + height)) * (-1, -1, 1, 1)
    assert outwards.min() >= -1e-7
    assert outwards.max() <= 1.0001e-4
    sides = cut[:, 2:] - cut[:, :2]
    assert sides.min() > 0
    assert sides[:, 1].max() <= TILE_DEGREES + 1e-6
    assert sides.prod(axis=1).sum() == pytest.approx((box[2] - box[0]) * (box[3] - box[1]), rel=1e-3)
    assert shapely.union_all(shapely.box(*cut.T)).symmetric_difference(shapely.box(*box)).area < 1e-6


def test_a_country_is_not_asked_for(overpass, tmp_path):
    with pytest.raises(InputError) as caught:
        fetch(tmp_path, (118, 31, 119, 32))
    (fault,) = caught.value.faults
    assert fault.kind == "area_too_large"
    # A degree of latitude is 111.32 km here, one of longitude its part at 31.5° north.
    assert fault.details["km2"] == pytest.approx(111.32**2 * np.cos(np.radians(31.5)), rel=1e-6)
    assert fault.details["most"] == LARGEST_KM2
    assert not overpass.queries


def test_nothing_is_mapped_there(waits, monkeypatch, tmp_path):
    with playing(answered("</osm>")) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        with pytest.raises(InputError) as caught:
            fetch(tmp_path)
    assert [fault.kind for fault in caught.value.faults] == ["nothing_there"]
    assert not list(tmp_path.glob("*town*"))


def test_only_pbf_is_written(overpass, tmp_path):
    with pytest.raises(InputError) as caught:
        fetch_extract(area_of_box(BOX, 0), TAGS, tmp_path / "town.osm", tmp_path)
    assert caught.value.faults[0].kind == "unknown_format"
    assert not overpass.queries


def test_the_outputs_credit_the_data_with_their_date(overpass, tmp_path):
    path = fetch(tmp_path).path.name
    settings = settings_from(
        {
            "id": "town",
            "title": {"en": "Town"},
            "network": {"kind": "osm_file", "path": path},
            "homes": {"kind": "osm_buildings", "path": path},
            "facilities": [{"kind": "osm_tags", "path": path}],
        },
        tmp_path / "study.yaml",
    )
    assert attribution(settings) == (f"{OSM_ATTRIBUTION} (2026-03-01)",)


# ── What is kept ────────────────────────────────────────────────────────────


def test_the_second_time_nobody_is_asked_unless_to_refresh(overpass, tmp_path):
    fetch(tmp_path)
    told = []
    again = fetch(tmp_path, tell=lambda *event: told.append(event))
    assert (again.kept, len(overpass.queries)) == (1, 1)
    assert told == [("tile", {"number": 1, "total": 1}), ("kept", {"number": 1, "date": "2026-03-01"})]
    assert fetch(tmp_path, refresh=True).kept == 0
    assert len(overpass.queries) == 2
    assert fetch(tmp_path, date=dt.date(2025, 1, 1)).kept == 0


def test_an_answer_damaged_since_is_thrown_away(overpass, tmp_path):
    fetch(tmp_path)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(gzip.compress(answered()[2][:-100]))
    with pytest.raises(InputError) as caught:
        fetch(tmp_path)
    assert caught.value.faults[0].kind == "download_failed"
    assert fetch(tmp_path).kept == 0


# ── Servers in bad moods ────────────────────────────────────────────────────

CUT = answered(TOWN[START:-200])
PAGE = (200, {}, b"<!DOCTYPE html><html><body>Please sign in</body></html>")
GAVE_UP = answered(
    TOWN[START:].replace("</osm>", '<remark> runtime error: Query timed out in "query" at line 3. </remark></osm>')
)
DROPPED = (200, {"Content-Length": "99999", "Connection": "close"}, b"<?xml version=")


@pytest.mark.parametrize(
    "mood", [(429, {}, b""), (504, {}, b"<html>busy</html>"), CUT, PAGE, GAVE_UP, DROPPED,
             (200, {"Content-Encoding": "gzip"}, gzip.compress(TOWN.encode())[:-50])],
    ids=["429", "504", "cut", "page", "gave up", "dropped", "cut gzip"],
)  # fmt: skip
def test_a_bad_mood_passes(waits, monkeypatch, tmp_path, mood):
    with playing(mood, mood, answered()) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        assert streets_of(fetch(tmp_path).path) == streets_of(RECORDED / "town.osm")
    assert len(started.queries) == 3
    first, second, pause = waits
    assert 2.5 <= first <= 5 <= second <= 10
    assert pause == 1


def test_a_bad_mood_that_lasts(waits, monkeypatch, tmp_path):
    with playing((504, {}, b"busy")) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        with pytest.raises(InputError) as caught:
            fetch(tmp_path)
    assert len(started.queries) == ATTEMPTS
    assert len(waits) == ATTEMPTS - 1
    (fault,) = caught.value.faults
    assert fault.kind == "server_busy"
    assert "504" in fault.details["reason"]
    assert not list(tmp_path.iterdir())


def test_what_the_server_says_of_waiting_is_kept_to(waits, monkeypatch, tmp_path):
    with playing((429, {"Retry-After": "17"}, b""), answered()) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        told = []
        fetch(tmp_path, tell=lambda *event: told.append(event))
    assert waits == [17, 1]
    assert told[1] == ("waiting", {"seconds": 17, "reason": "HTTP 429 Too Many Requests"})
    with playing((429, {"Retry-After": f"{LONGEST_WAIT_SECONDS + 1:g}"}, b"")) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        with pytest.raises(InputError, match="too busy"):
            fetch(tmp_path / "elsewhere")
    assert len(started.queries) == 1


def test_a_query_that_is_refused_is_not_repeated(waits, monkeypatch, tmp_path):
    with playing((400, {}, b"<html><p>Error: line 1: parse error</p></html>")) as started:
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", started.address)
        with pytest.raises(InputError) as caught:
            fetch(tmp_path)
    assert len(started.queries) == 1
    assert caught.value.faults[0].kind == "download_failed"
    assert "parse error" in caught.value.faults[0].details["reason"]


def test_the_next_server_answers_for_one_that_is_away_or_busy(waits, monkeypatch, tmp_path):
    with playing((504, {}, b"")) as busy, playing() as good:
        away = f"http://127.0.0.1:{closed_port()}/api"
        monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", f"{away}, {busy.address}/interpreter,{good.address}/")
        assert overpass_servers() == (away, busy.address, good.address)
        fetch(tmp_path)
        assert good.queries


def test_without_a_connection(waits, monkeypatch, tmp_path):
    away = [f"http://127.0.0.1:{closed_port()}/api", "http://no-such-name.invalid/api"]
    monkeypatch.setenv("LIVING_CIRCLE_OVERPASS", ",".join(away))
    with pytest.raises(InputError) as caught:
        fetch(tmp_path)
    (fault,) = caught.value.faults
    assert fault.kind == "offline"
    assert all(address in fault.details["reason"] for address in away)
    assert "living-circle fetch" in fault.remedy("zh")
    assert waits == []  # it does not help


@given(st.integers(0, 2**32))
def test_waits_grow_and_stay_bounded(seed):
    random.seed(seed)
    waited = []

    def ask(_):
        raise BusyError("busy")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", waited.append)
        with pytest.raises(InputError):
            patiently(ask, ("a", "b"), "there")
    assert len(waited) == ATTEMPTS - 1
    assert sum(waited) <= 5 * (2 ** (ATTEMPTS - 1) - 1)
    for attempt, seconds in enumerate(waited):
        longest = min(5 * 2**attempt, LONGEST_WAIT_SECONDS)
        assert longest / 2 <= seconds <= longest


# ── The command ─────────────────────────────────────────────────────────────


def run(*arguments):
    return CliRunner().invoke(app, ["fetch", *map(str, arguments)])


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


def test_the_command_fetches_a_box(overpass, cache, tmp_path):
    output = tmp_path / "town.osm.pbf"
    done = run("--box", *BOX, "--buffer", 0, "-o", output, "--date", "2025-01-01")
    assert done.exit_code == 0, done.output
    assert OSM_ATTRIBUTION in done.stdout.replace("\n", "")
    assert "2025-01-01" in done.stdout
    assert streets_of(output) == streets_of(RECORDED / "town.osm")
    assert 'nwr["amenity"="kindergarten"]' in overpass.queries[0]


def test_a_study_says_what_and_where_to(overpass, cache, tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(
        "{id: town, title: {en: Town}, network: {kind: osm_file, path: town.osm.pbf}, boundary: {path: town.geojson},"
        " homes: {kind: osm_buildings, path: town.osm.pbf}, facilities: [{kind: osm_tags, path: town.osm.pbf}]}"
    )
    (tmp_path / "town.geojson").write_text(shapely.to_geojson(shapely.box(*BOX)))
    done = run(study, "--buffer", 1000)
    assert done.exit_code == 0, done.output
    west, south, east, north = read_extract(str(tmp_path / "town.osm.pbf"), ["highway"], [], []).bounds
    assert (BOX[1] - south) * 110_900 == pytest.approx(1000, abs=15)
    assert (east - BOX[2]) * 111_320 * np.cos(np.radians(32)) == pytest.approx(1000, abs=15)
    assert (west < BOX[0], north > BOX[3]) == (True, True)
    again = run(study, "--buffer", 1000)
    assert again.exit_code == 3
    assert "--refresh" in again.stderr
    assert run(study, "--buffer", 1000, "--refresh").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-o", "a.osm.pbf"], 3, "--place"),
        (["--box", 1, 2, 3, 4], 3, "--output"),
        (["--box", 3, 2, 1, 4, "-o", "a.osm.pbf"], 3, "西"),
        (["--box", 1, 2, 3, 4, "--place", "x", "-o", "a.osm.pbf"], 2, "--box"),
        (["--area", "nothing.gpkg", "-o", "a.osm.pbf"], 3, "nothing.gpkg"),
    ],
)
def test_what_the_command_cannot_do(overpass, cache, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == code
    assert said in done.stderr
    assert not overpass.queries


def test_nothing_offline_imports_what_talks_to_servers():
    import subprocess
    import sys

    code = "import livingcircle.loading, livingcircle.downloads, sys; sys.exit('osmnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
