"""How long a city takes: 16 districts of 20,000 homes each, by one worker and by two; what a kill costs; and a metropolis in tiles.

    python -m benchmarks.batch [--districts 16] [--homes 20000] [--write] [--json]

The districts are made up: streets on a grid whose corners are moved about, homes and places along them, from a fixed seed. Each is a study
of its own with its own files, so that nothing is shared but the compiled loops. Time is that of the whole command, imports and all; memory
is the sum over all its processes (proportional set size, in which pages they share count once), taken every second, for asking takes
time that workers would have.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from benchmarks.run import REPORT, machine

BLOCK_DEGREES = 0.0011
"""About 110 m."""
ORIGIN = (117.0, 36.6)
SERVICES = ("pharmacy", "kindergarten", "primary_school", "bus_stop", "park_5", "bank", "nursery", "wet_market")
SEED = 20_261_122
KILLED_AFTER = 0.5
"""A batch is killed when it has run for this share of the time that one needs."""
MOMENTS = (0.25, 0.4, 0.55, 0.7, 0.85)
"""And a short one, a study for each worker, at all of these."""

STUDY = """\
id: {name}
title: {{zh: {name} 区, en: District {name}}}
network: {{kind: street_layer, path: streets.gpkg, attribution: made up}}
homes: {{kind: layer, path: homes.csv, columns: {{id: id, residents: residents}}, residents_per_household: 2.5}}
facilities: [{{kind: layer, path: places.csv, columns: {{id: id, name: name, service: service}}}}]
districts: {{path: districts.geojson, columns: {{id: code, name: name}}}}
"""
CITY = """\
id: city
title: {{zh: 测试城市, en: A city}}
studies: [districts/*/d*.yaml]
defaults: {{standard: gb50180_2018}}
folder: {folder}
"""


def write_district(folder: Path, number: int, side: int, homes: int) -> None:
    """Write the files of one district: `side` blocks each way, at its place in a square of districts that overlap by ten blocks."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(SEED + number)
    across, up = number % 4, number // 4
    corner = np.array(ORIGIN) + np.array([across, up]) * (side - 10) * BLOCK_DEGREES
    grid = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1)
    xy = corner + BLOCK_DEGREES * (grid + random.uniform(-0.25, 0.25, grid.shape))
    ends = [(xy[:-1], xy[1:]), (xy[:, :-1], xy[:, 1:])]
    start, end = (np.concatenate([one[which].reshape(-1, 2) for one in ends]) for which in (0, 1))
    kept = random.random(len(start)) < 0.93
    lines = np.asarray(shapely.linestrings(np.stack([start[kept], end[kept]], axis=1)), object)
    kinds = random.choice(["residential", "tertiary", "secondary", "footway"], len(lines), p=[0.6, 0.2, 0.1, 0.1])
    streets = geopandas.GeoDataFrame({"highway": kinds}, geometry=lines, crs="EPSG:4326")
    streets.to_file(folder / "streets.gpkg", engine="pyogrio")

    def along(count: int) -> np.ndarray[Any, Any]:
        line = random.integers(0, len(lines), count)
        points = shapely.line_interpolate_point(lines[line], random.random(count), normalized=True)
        return shapely.get_coordinates(points) + random.normal(0, 8e-5, (count, 2))

    def table(xy: np.ndarray[Any, Any], letter: str) -> dict[str, Any]:
        return {"id": [f"{letter}{number}-{row}" for row in range(len(xy))], "lon": xy[:, 0], "lat": xy[:, 1]}

    people = {"residents": random.integers(10, 150, homes)}
    pd.DataFrame({**table(along(homes), "H"), **people}).to_csv(folder / "homes.csv", index=False)
    count = max(homes // 20, len(SERVICES))
    services = np.resize(SERVICES, count)
    named = {"name": [f"{service} {row}" for row, service in enumerate(services)], "service": services}
    pd.DataFrame({**table(along(count), "P"), **named}).to_csv(folder / "places.csv", index=False)
    parts = 4
    edges = np.linspace(5, side - 5, parts + 1) * BLOCK_DEGREES
    west, south = corner
    boxes = [
        (
            f"{number:02}{i}{j}",
            shapely.box(west + edges[i], south + edges[j], west + edges[i + 1], south + edges[j + 1]),
        )
        for i in range(parts)
        for j in range(parts)
    ]
    districts = {"code": [code for code, _ in boxes], "name": [f"社区 {code}" for code, _ in boxes]}
    shapes = geopandas.GeoDataFrame(districts, geometry=[box for _, box in boxes], crs="EPSG:4326")
    shapes.to_file(folder / "districts.geojson", driver="GeoJSON", engine="pyogrio")
    (folder / f"d{number:02}.yaml").write_text(STUDY.format(name=f"d{number:02}"), encoding="utf-8")


def write_city(folder: Path, districts: int, homes: int) -> None:
    """Write a city: about two homes to a block's side, as many as Las Palmas has."""
    side = max(12, round((homes / 2) ** 0.5))
    for number in range(districts):
        write_district(folder / "districts" / f"{number:02}", number, side, homes)


class Memory(threading.Thread):
    """Watches how much memory a process and all it started take together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak_mib, self.largest_mib, self.done = pid, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        """Look every second."""
        while not self.done.wait(1.0):
            sizes = [_proportional_mib(pid) for pid in _family(self.pid)]
            self.peak_mib, self.largest_mib = max(self.peak_mib, sum(sizes)), max([self.largest_mib, *sizes])


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        with suppress(OSError):
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
            found += [int(child) for child in children.split()]
    return found


def _proportional_mib(pid: int) -> float:
    with suppress(OSError):
        found = re.search(
            r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE
        )
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def command(folder: Path, name: str, workers: int, *more: str) -> tuple[list[str], dict[str, str]]:
    """Return the command that computes the city into a folder of its own, with caches of its own but for the compiled loops."""
    city = folder / f"{name}.yaml"
    city.write_text(CITY.format(folder=f"out-{name}"), encoding="utf-8")
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    variables["LIVING_CIRCLE_CACHE"] = str(folder / f"cache-{name}")
    called = [sys.executable, "-m", "livingcircle", "batch", str(city), "--workers", str(workers), "--json", *more]
    return called, variables


def measure(folder: Path, name: str, workers: int, *more: str) -> dict[str, Any]:
    """Run a batch and return seconds, processor seconds, memory and what it said."""
    asked, variables = command(folder, name, workers, *more)
    started = time.perf_counter()
    before = os.times()
    with subprocess.Popen(  # noqa: S603 - this program
        asked, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        memory = Memory(process.pid)
        memory.start()
        said, _ = process.communicate()
        memory.done.set()
    after = os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(asked)} failed: {said.decode()[-2000:]}")
    figures = json.loads(said)
    return {
        "name": name,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": after.children_user + after.children_system - before.children_user - before.children_system,
        "peak_gib": memory.peak_mib / 1024,
        "largest_gib": memory.largest_mib / 1024,
        "studies": len(figures["studies"]),
        "skipped": sum(one["skipped"] for one in figures["studies"]),
        "study_seconds": max(one["seconds"] for one in figures["studies"]),
        "disk_mib": sum(file.stat().st_size for file in (folder / f"out-{name}").rglob("*") if file.is_file()) / 2**20,
    }


def killed(folder: Path, name: str, workers: int, after_seconds: float) -> int:
    """Begin a batch, kill it with everything it started, and return how many studies it had done."""
    asked, variables = command(folder, name, workers)
    with subprocess.Popen(  # noqa: S603 - this program
        asked, env=variables, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        time.sleep(after_seconds)
        os.killpg(process.pid, signal.SIGKILL)
    return len(list((folder / f"out-{name}" / ".batch").glob("*.json")))


def tables_of(folder: Path, name: str) -> dict[str, bytes]:
    """Return the tables of a city."""
    return {file.name: file.read_bytes() for file in sorted((folder / f"out-{name}" / "city").glob("*.csv"))}


def measured(districts: int, homes: int) -> dict[str, Any]:
    """Measure one worker, two, and two that are killed half-way and go on."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        write_city(folder, districts, homes)
        print(f"{districts} districts of {homes:,} homes written", file=sys.stderr)
        rows = []
        for name, workers in (("one", 1), ("two", 2)):
            rows.append({"workers": workers, **measure(folder, name, workers)})
            print(f"{name}: {rows[-1]['seconds']:.1f} s, {rows[-1]['peak_gib']:.2f} GiB", file=sys.stderr)
        done = killed(folder, "killed", 2, KILLED_AFTER * rows[-1]["seconds"])
        again = measure(folder, "killed", 2)
        if not (tables_of(folder, "one") == tables_of(folder, "two") == tables_of(folder, "killed")):
            raise SystemExit("the tables of the city differ")
        return {
            "districts": districts,
            "homes": homes,
            "rows": rows,
            "done_when_killed": done,
            "again": again,
            "losses": losses(folder / "short", homes),
        }


def losses(folder: Path, homes: int) -> dict[str, Any]:
    """Kill a batch of two studies on two workers at several moments; return the seconds each kill cost in all."""
    write_city(folder, 2, homes)
    whole, lost = measure(folder, "whole", 2)["seconds"], []
    for number, share in enumerate(MOMENTS):
        name = f"killed-{number}"
        killed(folder, name, 2, share * whole)
        lost.append(share * whole + measure(folder, name, 2)["seconds"] - whole)
        if tables_of(folder, name) != tables_of(folder, "whole"):
            raise SystemExit("the tables of the city differ")
        print(f"killed after {share * whole:.1f} of {whole:.1f} s: {lost[-1]:.1f} s lost", file=sys.stderr)
    return {"whole_seconds": whole, "lost_seconds": lost}


def table(found: dict[str, Any]) -> str:
    """Lay the measurements out as Markdown."""
    one, two = found["rows"]
    again = found["again"]
    lost = KILLED_AFTER * two["seconds"] + again["seconds"] - two["seconds"]
    killed_said = (
        f"Killed (SIGKILL, all processes) after {KILLED_AFTER:.0%} of that time, with {found['done_when_killed']} studies done: the "
        f"same command took {again['seconds']:.1f} s more and computed {again['studies'] - again['skipped']}; the tables are the same "
        f"to the byte. The kill cost {lost:.1f} s in all: starting again, and what the studies in flight had done since they last kept it."
    )
    short = found["losses"]
    moments = ", ".join(f"{share:.0%}" for share in MOMENTS)
    short_said = (
        f"Two such districts on two workers, {short['whole_seconds']:.1f} s undisturbed, killed after {moments} of that: the kills cost "
        f"{', '.join(f'{lost:.1f}' for lost in short['lost_seconds'])} s in all, starting again included."
    )
    return "\n".join(
        [
            f"{found['districts']} districts of {found['homes']:,} homes.",
            "",
            "| | one worker | two workers |",
            "|---|---:|---:|",
            *(
                f"| {said} | {one[key]:{form}} | {two[key]:{form}} |"
                for said, key, form in (
                    ("whole command, s", "seconds", ".1f"),
                    ("processor time, s", "cpu_seconds", ".1f"),
                    ("longest study, s", "study_seconds", ".1f"),
                    ("memory of all processes at the peak, GiB", "peak_gib", ".2f"),
                    ("of the largest of them, GiB", "largest_gib", ".2f"),
                    ("on disk, MiB", "disk_mib", ".0f"),
                )
            ),
            f"| **times as fast** (goal ≥ 1.8) | 1 | **{one['seconds'] / two['seconds']:.2f}** |",
            "",
            killed_said,
            "",
            short_said,
        ]
    )


def write(found: dict[str, Any]) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- batch -->\nMeasured {machine()}.\n\n{table(found)}\n<!-- /batch -->"
    REPORT.write_text(
        re.sub(r"<!-- batch -->.*<!-- /batch -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--districts", type=int, default=16)
    parser.add_argument("--homes", type=int, default=20_000, help="in each district")
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args()
    found = measured(asked.districts, asked.homes)
    print(json.dumps({"machine": machine(), **found}, indent=1) if asked.json else table(found))
    if asked.write:
        write(found)


if __name__ == "__main__":
    main()
