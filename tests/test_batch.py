"""Batches: what is merged is what one study of the whole finds, and whatever ends a batch, the next one goes on with the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.batch import tasks
from livingcircle.batch import run_batch
from livingcircle.errors import SettingsError
from livingcircle.kernel.machine_code import machine_code_folder
from livingcircle.merging import merged_homes
from livingcircle.settings import read_study
from livingcircle.settings.batch import read_batch

CITY = """\
id: city
title: {zh: 两区之城, en: City of two}
studies: [west/study.yaml, east/east.yaml]
defaults: {walker: {speed_metres_per_second: 1.0}}
folder: out
workers: 2
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    if (kept := machine_code_folder()) is not None:  # or every process would compile all loops
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(kept.parent))
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def city(tmp_path) -> Path:
    """The town in two studies: the west holds the first four homes and the fifth beyond its border, the east the last three."""
    for name, homes in (("west", range(5)), ("east", range(3, 6))):
        (tmp_path / name).mkdir()
        file = w.write_town(tmp_path / name)
        w.change(file, "siting: [{service: pharmacy, sites: 1}]\n", "")
        rows = [(f"{name}{i}", *w.lonlat(w.HOME_METRES[i]), w.RESIDENTS[i]) for i in homes]
        w.write_table(tmp_path / name / "homes.csv", ("id", "lon", "lat", "居民数"), rows)
        districts = json.loads((tmp_path / name / "districts.geojson").read_text(encoding="utf-8"))
        districts["features"] = [districts["features"][("west", "east").index(name)]]
        (tmp_path / name / "districts.geojson").write_text(json.dumps(districts), encoding="utf-8")
        if name == "east":
            w.write_table(
                tmp_path / name / "pharmacies.csv", ("id", "lon", "lat", "名称"), [("P2", *w.lonlat(1300), "二")]
            )
            file.rename(tmp_path / name / "east.yaml")
    (tmp_path / "city.yaml").write_text(CITY, encoding="utf-8")
    return tmp_path / "city.yaml"


def call(*arguments: object):
    return CliRunner(env={"COLUMNS": "120"}).invoke(cli.app, ["batch", *map(str, arguments)])


def in_threads(city: Path, **more: object):
    """Run a batch without processes of its own, which take seconds to start."""
    with ThreadPoolExecutor(1) as executor:
        return run_batch(read_batch(city), executor=executor, **more)


def test_the_city_is_the_union_and_never_the_sum(city, tmp_path):
    done = call(city, "--json")
    assert done.exit_code == cli.DONE, done.output
    figures = json.loads(done.stdout)
    rows = {
        (row["study"] or "", row["limit_minutes"]): row
        for row in figures["coverage"]
        if row["service_id"] == "pharmacy"
    }
    # At 1 m/s 5 minutes are 300 m: 100 and 300 m from the one at 0, 1,000 and 1,400 m from the one at 1,300 m. Homes on both sides of
    # the border (700 and 1,000 m) count once, each in its own district, with the nearer of the two pharmacies.
    assert rows["", 5]["residents"] == w.TOTAL
    assert rows["", 5]["residents_covered"] == 1 + 2 + 16 + 32
    assert rows["", 10]["residents_covered"] == w.TOTAL
    assert (rows["study", 5]["residents"], rows["east", 5]["residents"]) == (1 + 2 + 4 + 8, 16 + 32)
    assert rows["study", 10]["residents_covered"] == 1 + 2 + 4 + 8
    whole = tmp_path / "whole"
    whole.mkdir()
    file = w.write_town(whole)
    both = [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1300), "二")]
    w.write_table(whole / "pharmacies.csv", ("id", "lon", "lat", "名称"), both)
    settings = read_study(file, {"walker": {"speed_metres_per_second": 1.0}})
    study = cases.load(settings)
    table = cases.assess(study, settings).coverage
    for minutes in (5, 10, 15):
        assert rows["", minutes]["residents_covered"] == table.residents_covered[table.rows(0, 60.0 * minutes)[0]]


def test_what_was_computed_is_not_computed_again(city):
    first, again = in_threads(city), in_threads(city)
    assert [(one.status, one.skipped) for one in first] == [("done", False)] * 2
    assert [one.skipped for one in again] == [True, True]
    w.write_table(
        city.parent / "east" / "pharmacies.csv", ("id", "lon", "lat", "名称"), [("P3", *w.lonlat(1200), "三")]
    )
    assert [one.skipped for one in in_threads(city)] == [True, False]
    assert [one.skipped for one in in_threads(city, fresh=True)] == [False, False]


def test_a_change_of_defaults_computes_everything_again(city):
    in_threads(city)
    w.change(city, "speed_metres_per_second: 1.0", "speed_metres_per_second: 1.1")
    assert [one.skipped for one in in_threads(city)] == [False, False]


def test_one_that_fails_is_told_and_stops_no_other(city):
    (city.parent / "west" / "homes.csv").unlink()
    done = call(city)
    assert done.exit_code == cli.INPUT_ERROR
    assert "homes.csv" in done.stderr
    assert "1 项完成" in done.stdout
    figures = json.loads(call(city, "--json").stdout)
    assert [(one["study"], one["status"], one["skipped"]) for one in figures["studies"]] == [
        ("study", "failed", False),
        ("east", "done", True),
    ]
    assert not (city.parent / "out" / "study").exists()


def test_a_defect_on_one_study_is_told_too(city, monkeypatch):
    real = tasks.read_study

    def broken(file, **more):
        if file.stem == "east" and more:
            raise ZeroDivisionError("east")
        return real(file, **more)

    monkeypatch.setattr(tasks, "read_study", broken)
    done = in_threads(city)
    assert [one.status for one in done] == ["done", "failed"]
    assert "ZeroDivisionError" in done[1].faults[0]["en"]


def test_faults_of_the_batch_file_stop_it_before_anything_is_computed(tmp_path, city):
    w.change(city, "workers: 2", "workers: 2\ncolour: red")
    with pytest.raises(SettingsError, match="colour"):
        read_batch(city)
    w.change(city, "colour: red", "tiles: {west: 3}")
    with pytest.raises(SettingsError, match="west"):
        read_batch(city)
    w.change(city, "tiles: {west: 3}", "")
    w.change(city, "[west/study.yaml, east/east.yaml]", "[east/none.yaml, south/*.yaml]")
    with pytest.raises(SettingsError, match=r"none\.yaml"):
        read_batch(city)


def test_a_study_that_is_not_there_stops_no_other(city):
    w.change(city, "east/east.yaml", "east/none.yaml, south/*.yaml")
    done = in_threads(city)
    assert [(one.study, one.status) for one in done] == [("none", "failed"), ("*", "failed"), ("study", "done")]
    assert "none.yaml" in done[0].faults[0]["en"]
    assert "studies[2]" in done[0].faults[0]["en"]


def test_two_studies_of_one_name_are_told_and_the_rest_is_computed(city, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "study.yaml").write_text("id: x", encoding="utf-8")
    w.change(city, "east/east.yaml", "east/east.yaml, more/study.yaml")
    done = in_threads(city)
    assert [(one.study, one.status) for one in done] == [("study", "failed"), ("east", "done")]
    assert "called “study”" in done[0].faults[0]["en"]


def test_a_batch_that_is_killed_goes_on_where_it_was(city, tmp_path):
    reference = tmp_path / "reference"
    w.change(city, "folder: out", f"folder: {reference}")
    in_threads(city)
    whole = cli_tables(city)
    w.change(city, f"folder: {reference}", "folder: out")
    command = [sys.executable, "-m", "livingcircle", "batch", str(city), "--workers", "1"]
    with subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list((tmp_path / "out" / ".batch").glob("*.json")):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)  # one study is done, the other has just begun
    done = in_threads(city)
    assert all(one.is_done for one in done)
    assert any(one.skipped for one in done)
    assert cli_tables(city) == whole
    assert not list((tmp_path / "out").glob(".*.draft"))


def cli_tables(city: Path) -> dict[str, bytes]:
    """The city's tables, merged of whatever the batch left."""
    assert call(city, "--quiet").exit_code == cli.DONE
    folder = read_batch(city).settings.folder / "city"
    return {name: (folder / f"{name}.csv").read_bytes() for name in ("coverage", "ranking")}


def test_a_worker_that_dies_takes_no_other_study_with_it(city, monkeypatch, tmp_path):
    killer = tmp_path / "sitecustomize.py"
    killer.write_text(
        "import os, signal\n"
        "import livingcircle.settings as s\n"
        "real = s.read_study\n"
        "def read(file, *a, **k):\n"
        "    if file.stem == 'east' and os.environ.get('KILL_EAST') == str(os.getppid()):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(file, *a, **k)\n"
        "s.read_study = read\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KILL_EAST", str(os.getpid()))
    done = run_batch(read_batch(city))
    assert [one.status for one in done] == ["done", "failed"]
    assert "memory" in done[1].faults[0]["en"]


def test_homes_at_one_place_in_one_study_all_stay(tmp_path):
    columns = {"home_id": ["a", "b"], "lon": [1.0, 1.0], "lat": [2.0, 2.0], "district_id": ["", ""]}
    first = pd.DataFrame(columns | {"residents": [1.0, 2.0], "households": [1.0, 1.0], "walk_seconds_x": [5.0, 9.0]})
    other = first.iloc[:1].assign(residents=1.0, walk_seconds_x=3.0, district_id="d")
    for name, frame in (("one", first), ("two", other)):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    alone = merged_homes({"one": tmp_path / "one.parquet"})
    assert alone["residents"].tolist() == [1.0, 2.0]
    both = merged_homes({name: tmp_path / f"{name}.parquet" for name in ("one", "two")})
    assert both["study"].tolist() == ["two"]
    assert both["walk_seconds_x"].tolist() == [3.0]
