"""The searches beside their peers: `python -m benchmarks.reach [--json] [--write] [--quick]`.

Every contestant gets the same streets in the same whole ticks, with places exactly on junctions so that ways of joining make no difference,
and works in a process of its own on one core. Figures are processor seconds (user and system), medians of three turns or more; what a
contestant does once per network is told apart from what it does per question. A slow one is given a part of the question and its time
multiplied (`~`). All answers are held against ours: where one differs, the benchmark stops.

Peers run under LIVING_CIRCLE_PEERS_PYTHON, or this Python (`pip install -e '.[peers]'`). Extracts come from LIVING_CIRCLE_DATA or
../shared/data. A peer that is missing or fails is reported in the table. `--write` puts the tables into docs/benchmarks.md; `--quick`
leaves the metropolis out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cities
from benchmarks.agreement import differing
from benchmarks.report import reach_report
from benchmarks.run import DATA, REPORT, ROOT, machine
from benchmarks.town import ROWS, Town

PEERS_PYTHON = os.environ.get("LIVING_CIRCLE_PEERS_PYTHON") or sys.executable
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "LIVING_CIRCLE_THREADS"), "1"
)
LONGEST_SECONDS = 900
"""A contestant that takes longer is stopped and reported."""

OURS = {
    "nearest": {"times": 5},
    "few": {"times": 3},
    "rows": {"times": 5},
    "rows_one": {"origins": 10_000, "times": 3},
    "rows_two": {"origins": 10_000, "times": 3},
    "counts": {"times": 3},
    "people": {"times": 3},
}
FLOOR = {"nearest": {"times": 5}, "rows": {"times": 5}}
CITY = {
    "pandana": {
        "nearest": {"services": 4, "times": 3},
        "nearest_which": {"services": 4, "times": 3},
        "few": {"services": 4, "times": 3},
        "rows": {"times": 3},
        "counts": {"services": 1, "times": 3},
        "people": {"times": 3},
        "precompute": {},
        "counts_again": {"services": 4, "times": 3},
        "people_again": {"times": 3},
    },
    "scipy": {
        "nearest": {"times": 3},
        "few": {"services": 2, "times": 3},
        "rows": {"origins": 200, "times": 3},
        "counts": {"services": 4, "times": 3},
        "people": {"every": 200, "times": 3},
    },
    "networkit": {"nearest": {"services": 4, "times": 3}},
    "igraph": {"nearest": {"services": 4, "times": 3}, "rows": {"origins": 20, "times": 3}},
    "rustworkx": {"nearest": {"services": 4, "times": 3}},
    "networkx": {"nearest": {"services": 4, "times": 3}, "rows": {"origins": 200, "times": 3}},
    "osmnx": {"rows": {"origins": 20, "times": 3}},
    "cityseer": {"nearest_and_counts": {"every": 20, "times": 3}, "people": {"every": 200, "times": 3}},
}
METROPOLIS = {
    "pandana": {
        "nearest": {"services": 1, "times": 3},
        "few": {"services": 1, "times": 3},
        "rows": {"times": 3},
        "people": {},
        "precompute": {},
        "counts_again": {"services": 1, "times": 3},
        "people_again": {"times": 3},
    },
    "scipy": {
        "nearest": {"services": 4, "times": 3},
        "rows": {"origins": 50, "times": 3},
        "counts": {"services": 1},
    },
    "networkit": {"nearest": {"services": 1, "times": 3}},
    "igraph": {"nearest": {"services": 1, "times": 3}},
}
"""The others keep streets in Python objects, or take minutes to be given them one by one."""


def contest(module: str, python: str, town: Path, tasks: dict[str, dict[str, int]]) -> tuple[dict[str, Any], Path]:
    """Let one contestant work in a process of its own; its failure is an answer too."""
    answers = town.with_name(f"{town.stem}-{module}.npz")
    command = [python, "-m", "benchmarks.contest", module, str(town), str(answers), json.dumps(tasks)]
    began = time.perf_counter()
    try:
        done = subprocess.run(  # noqa: S603 - this program
            command,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=True,
        )
        figures = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        figures = {"error": f"stopped after {LONGEST_SECONDS} s", "tasks": {}}
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip()
        figures = {"error": said.splitlines()[-1] if said else type(error).__name__, "tasks": {}}
    print(f"{town.stem}, {module}: {time.perf_counter() - began:.0f} s {figures.get('error', '')}", file=sys.stderr)
    return figures, answers


def against_peers(town: Town, file: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """Measure us, the floor and the peers on one town.

    Raises
    ------
    SystemExit
        When a peer's answer differs from ours, or ours fails.
    """
    rows: dict[str, Any] = {}
    rows["ours"], known = contest("benchmarks.ours", sys.executable, file, OURS)
    failed = rows["ours"].get("error") or [row["error"] for row in rows["ours"]["tasks"].values() if "error" in row]
    if failed:
        raise SystemExit(f"our own searches failed: {failed}")
    rows["ours"]["settled"] = _settled(known)
    rows["floor"], answers = contest("benchmarks.floor", sys.executable, file, FLOOR)
    _same("floor", town, known, answers, FLOOR)
    for name, tasks in plan.items():
        rows[name], answers = contest(f"benchmarks.peers.{name}", PEERS_PYTHON, file, tasks)
        _same(name, town, known, answers, {task: tasks[task] for task in rows[name]["tasks"]})
    return rows


def _same(name: str, town: Town, known: Path, answers: Path, tasks: dict[str, dict[str, int]]) -> None:
    if answers.exists():
        with np.load(known) as ours, np.load(answers) as theirs:
            faults = differing(name, town, ours, theirs, tasks)
        answers.unlink()
        if faults:
            raise SystemExit("answers differ: " + "; ".join(faults))


def _settled(answers: Path) -> dict[str, float]:
    """Return how many junctions each task has to settle, added up over all its searches.

    For people that is what all junctions reach, taken from the origins, which are drawn by lot.
    """
    with np.load(answers) as ours:
        return {
            "nearest": int(np.count_nonzero(ours["nearest 0"] >= 0)),
            "few": int(np.count_nonzero(ours["few 0"] >= 0)),
            "rows": len(ours["rows 0"]),
            "counts": float(ours["counts 0"].sum()),
            "people": len(ours["rows 0"]) / ROWS * len(ours["people 0"]),
        }


def growth(folder: Path) -> dict[str, dict[str, Any]]:
    """Measure us alone on towns of other sizes."""
    towns = {
        "core of Porto": lambda: cities.core(DATA, 4000),
        "Las Palmas": lambda: cities.extract(DATA, "las palmas"),
        "4 × 4 tiles": lambda: cities.metropolis(DATA, 4),
    }
    rows = {}
    for name, make in towns.items():
        town = make()
        town.save(folder / "town.npz")
        rows[name], answers = contest("benchmarks.ours", sys.executable, folder / "town.npz", OURS)
        rows[name] |= {"nodes": town.nodes, "edges": len(town.tail)}
        if answers.exists():
            rows[name]["settled"] = _settled(answers)
    return rows


def starting(folder: Path) -> dict[str, float | None]:
    """Measure what has to be paid before the first search: imports, and compiling with an empty and with a filled cache."""
    fresh = {**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": str(folder / "machine-code")}

    def processor_seconds(code: str, turns: int = 3) -> float | None:
        timing = f"import time; began = time.process_time(); {code}; print(time.process_time() - began)"
        try:
            done = [
                subprocess.run(  # noqa: S603 - this program
                    [sys.executable, "-c", timing], cwd=folder, env=fresh, capture_output=True, text=True, check=True
                )
                for _ in range(turns)
            ]
        except subprocess.CalledProcessError as error:
            print(error.stderr, file=sys.stderr)
            return None
        return min(float(one.stdout.splitlines()[-1]) for one in done)

    every_search = "from livingcircle.warm import main; main()"
    return {
        "import": processor_seconds("import livingcircle"),
        "command": processor_seconds("import livingcircle.cli"),
        "libraries": processor_seconds("import numpy, scipy.sparse.csgraph, shapely"),
        "first": processor_seconds(every_search, turns=1),
        "again": processor_seconds(every_search),
    }


def measured(*, quick: bool) -> dict[str, Any]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        found: dict[str, Any] = {"machine": machine(), "towns": {}, "starting": starting(folder)}
        towns = {"city": (lambda: cities.extract(DATA, "porto"), CITY)}
        if not quick:
            towns["metropolis"] = (lambda: cities.metropolis(DATA, 8), METROPOLIS)
        for name, (make, plan) in towns.items():
            town = make()
            town.save(folder / f"{name}.npz")
            found["towns"][name] = {
                "nodes": town.nodes,
                "edges": len(town.tail),
                "rows": against_peers(town, folder / f"{name}.npz", plan),
            }
        found["growth"] = {} if quick else growth(folder)
    return found


def write(report: str) -> None:
    """Put the tables between their marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- reach -->\n{report}\n<!-- /reach -->"
    REPORT.write_text(
        re.sub(r"<!-- reach -->.*<!-- /reach -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="the city alone")
    asked = parser.parse_args()
    missing = [path for path in cities.EXTRACTS.values() if not (DATA / path).is_file()]
    if missing:
        raise SystemExit(f"extracts are missing in {DATA}: {', '.join(missing)}; set LIVING_CIRCLE_DATA")
    found = measured(quick=asked.quick)
    report = reach_report(found)
    print(json.dumps(found, indent=1) if asked.json else report)
    if asked.write:
        write(report)


if __name__ == "__main__":
    main()
