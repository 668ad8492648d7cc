"""A city of two studies on the street of `written_town`, and batches of it.

The west holds the first four homes and the fifth beyond its border, the east the last three; each knows one pharmacy, at 0 and at 1,300 m.
The walker makes 1 m/s.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from typer.testing import CliRunner

import written_town as w
from livingcircle import cli, provenance
from livingcircle.batch import run_batch
from livingcircle.settings.batch import read_batch

CITY = """\
id: city
title: {zh: 两区之城, en: City of two}
studies: [west/study.yaml, east/east.yaml]
defaults: {walker: {speed_metres_per_second: 1.0}}
folder: out
workers: 2
"""
HEADER = ("id", "lon", "lat", "名称")


def write_city(folder: Path) -> Path:
    """Write the files of both studies and return the batch file."""
    for name, homes in (("west", range(5)), ("east", range(3, 6))):
        (folder / name).mkdir()
        file = w.write_town(folder / name)
        w.change(file, "siting: [{service: pharmacy, sites: 1}]\n", "")
        w.change(file, "一街小镇, en: One-street town", f"{name}, en: {name}")
        rows = [(f"{name}{i}", *w.lonlat(w.HOME_METRES[i]), w.RESIDENTS[i]) for i in homes]
        w.write_table(folder / name / "homes.csv", ("id", "lon", "lat", "居民数"), rows)
        districts = json.loads((folder / name / "districts.geojson").read_text(encoding="utf-8"))
        districts["features"] = [districts["features"][("west", "east").index(name)]]
        (folder / name / "districts.geojson").write_text(json.dumps(districts), encoding="utf-8")
        if name == "east":
            w.write_table(folder / name / "pharmacies.csv", HEADER, [("P2", *w.lonlat(1300), "二")])
            file.rename(folder / name / "east.yaml")
    (folder / "city.yaml").write_text(CITY, encoding="utf-8")
    return folder / "city.yaml"


def write_copies(folder: Path, copies: int) -> Path:
    """Write a city of several studies of the west, c0 and so on, and return the batch file."""
    city = write_city(folder)
    for number in range(copies):
        own = folder / f"c{number}"
        shutil.copytree(folder / "west", own)
        (own / "study.yaml").rename(own / f"c{number}.yaml")
        w.change(own / f"c{number}.yaml", "west, en: west", f"c{number}, en: c{number}")
    w.change(city, "[west/study.yaml, east/east.yaml]", "['c*/c*.yaml']")
    return city


def begin_alike(folder: Path, monkeypatch, more: str = "") -> None:
    """Make this process, and every Python begun from now on, take the program for unchanged: its authors work on while tests run.

    `more` is done by those that are begun.
    """
    monkeypatch.setattr(provenance, "program_sha256", lambda: "")
    begin = "import livingcircle.provenance as provenance\nprovenance.program_sha256 = lambda: ''\n"
    (folder / "begin").mkdir(exist_ok=True)
    (folder / "begin" / "sitecustomize.py").write_text(begin + more, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder / "begin"))


def call(*arguments: object):
    """Run the command in this process."""
    return CliRunner(env={"COLUMNS": "120"}).invoke(cli.app, ["batch", *map(str, arguments)])


def in_threads(city: Path, **more: object):
    """Run a batch without processes of its own, which take seconds to start."""
    with ThreadPoolExecutor(1) as executor:
        return run_batch(read_batch(city), executor=executor, **more)


def city_tables(city: Path) -> dict[str, bytes]:
    """Return the city's tables and homes, merged of whatever the batch left; nothing is computed again."""
    done = call(city, "--json")
    assert done.exit_code == cli.DONE, done.output
    assert all(one["skipped"] for one in json.loads(done.stdout)["studies"])
    folder = read_batch(city).settings.folder / "city"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in {".csv", ".parquet"}
    }
