"""Where the next ones go, beside peers: `python -m benchmarks.siting [--json] [--write] [--quick]`.

Maximal covering on the streets of Porto (`benchmarks.siting_cases`): homes and candidates in a square of 9 km, 15 minutes' walk, weights of
1 to 99. Every contestant gets the same cover table and works in a process of its own on one core. Ours and HiGHS are given seconds of the
processor; spopt and PuLP, which let CBC work in yet another process, seconds by the clock. Values are counted anew from the table for
everybody. A peer that is missing, fails or takes too long is reported in the table.

Peers run under LIVING_CIRCLE_PEERS_PYTHON, or this Python. Extracts come from LIVING_CIRCLE_DATA or ../shared/data. `--write` puts the
tables into docs/benchmarks.md; `--quick` leaves out what takes longer than a minute, `--covering` medians and centers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks import siting_cases, siting_medians
from benchmarks.reach import ONE_THREAD, PEERS_PYTHON
from benchmarks.report import Goal
from benchmarks.run import DATA, REPORT, ROOT, machine

if TYPE_CHECKING:
    from livingcircle.kernel.siting.covering import CoveringProblem

PEER_SECONDS = 30.0
LONGEST_SECONDS = 420
"""A contestant that takes longer is stopped and reported."""
EXTRACT = "porto"
FIRST_SECONDS, MOST_MEBIBYTES, TIMES_SPOPT = 1.5, 1024.0, 100.0


class Size(NamedTuple):
    """A case on streets, the proven gap asked for in % after so many seconds each, and who else tries it."""

    homes: int
    candidates: int
    sites: int
    asked: tuple[tuple[float, float], ...]
    peers: tuple[str, ...] = ()


SIZES = (
    Size(2_000, 1_000, 20, ((0.0, 20.0),), ("spopt", "pulp", "highs")),
    Size(10_000, 1_000, 40, ((0.7, 10.0),), ("pulp", "highs")),
    Size(10_000, 5_000, 40, ((2.0, 6.0), (1.0, 60.0)), ("highs",)),
    Size(50_000, 1_000, 40, ((0.9, 30.0),)),
    Size(50_000, 5_000, 40, ((2.5, 15.0), (1.5, 120.0))),
)
QUICK = 2
"""So many of them."""


def contest(how: str, case: Path, seconds: float) -> dict[str, Any]:
    """Let one contestant work; its failure is an answer too."""
    if how in {"spopt", "pulp"}:
        command = [PEERS_PYTHON, "-P", str(ROOT / "benchmarks" / "peers" / "siting.py")]
        folder = case.parent  # away from the folder `coverage`, which numba would take for the package of that name
    else:
        command, folder = [sys.executable, "-m", "benchmarks.siting_contest"], ROOT
    try:
        done = subprocess.run(  # noqa: S603 - this program
            [*command, how, str(case), str(seconds)],
            cwd=folder,
            env={**os.environ, **ONE_THREAD},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        answer = {"error": f"stopped after {LONGEST_SECONDS} s"}
    except (subprocess.CalledProcessError, OSError, ValueError, IndexError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip()
        answer = {"error": said.splitlines()[-1] if said else type(error).__name__}
    figures = {name: figure for name, figure in answer.items() if name != "stages"}
    print(f"{case.stem}, {how}, {seconds:g} s: {figures}", file=sys.stderr, flush=True)
    return answer


def save(problem: CoveringProblem, path: Path) -> None:
    """Write what every contestant reads."""
    np.savez(
        path, weight=problem.weight, indptr=problem.indptr, demand=problem.demand, sites=np.array(problem.most_sites)
    )


def measured(*, quick: bool, medians: bool = True) -> dict[str, Any]:
    """Measure everything, or covering alone."""
    found: dict[str, Any] = {"machine": machine(), "cases": []}
    with tempfile.TemporaryDirectory() as root:
        for size in SIZES[:QUICK] if quick else SIZES:
            problem = siting_cases.city(DATA, EXTRACT, size.homes, size.candidates, size.sites)
            case = Path(root) / f"{size.homes}-{size.candidates}.npz"
            save(problem, case)
            row: dict[str, Any] = {"size": size._asdict(), "entries": len(problem.demand)}
            del problem
            row["ours"] = [contest("ours", case, seconds) for _, seconds in size.asked]
            failed = [answer["error"] for answer in row["ours"] if "error" in answer]
            if failed:
                raise SystemExit(f"our own solver failed: {failed}")
            row["peers"] = {how: contest(how, case, PEER_SECONDS) for how in size.peers}
            found["cases"].append(row)
    if medians:
        found["medians"] = siting_medians.measured(quick=quick)
    return found


def goals(found: dict[str, Any]) -> list[Goal]:
    """Hold what was measured against what was asked for."""
    lines = []
    for row in found["cases"]:
        size = Size(**row["size"])
        name = f"{size.homes:,} × {size.candidates:,}, {size.sites} sites"
        for (gap, seconds), ours in zip(size.asked, row["ours"], strict=True):
            what = f"{name}: proven gap in {seconds:g} s"
            lines.append(Goal(what, gap, 100 * ours["gap"], "%", at_most=True))
        lines.append(
            Goal(f"{name}: memory", MOST_MEBIBYTES, max(o["mebibytes"] for o in row["ours"]), "MiB", at_most=True)
        )
        if size == SIZES[-1]:
            first = max(ours["first"] for ours in row["ours"])
            lines.append(Goal(f"{name}: from the cover table to a first plan", FIRST_SECONDS, first, "s", at_most=True))
        spopt = row["peers"].get("spopt", {})
        if "build" in spopt:
            times = spopt["build"] / max(row["ours"][0]["build"], 1e-6)
            lines.append(Goal(f"{name}: set-up beside spopt", TIMES_SPOPT, times))
    return lines


def report(found: dict[str, Any]) -> str:
    """Return the tables."""
    lines = [
        f"Measured {found['machine']}.",
        "",
        "| homes × candidates, sites | solver | set-up, s | in all, s | covered | bound | gap | memory, MiB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found["cases"]:
        size = Size(**row["size"])
        name = f"{size.homes:,} × {size.candidates:,}, {size.sites}"
        answers = [("Living Circle", ours) for ours in row["ours"]] + list(row["peers"].items())
        lines += [f"| {name} | {who} | {_told(answer)}" for who, answer in answers]
    lines += ["", "| asked for | at least / at most | measured | met |", "|---|---:|---:|---|"]
    lines += [goal.line() for goal in goals(found)]
    if "medians" in found:
        lines += ["", siting_medians.report(found["medians"])]
    return "\n".join(lines)


def _told(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"{answer['error']} | | | | | |"
    bound, gap = answer.get("bound"), answer.get("gap")
    memory = answer.get("mebibytes")
    return (
        f"{answer['build']:.3f} | {answer['seconds']:.1f} | {answer['value']:,.0f} | "
        f"{f'{bound:,.0f}' if bound is not None else '–'} | {f'{100 * gap:.2f} %' if gap is not None else '–'} | "
        f"{f'{memory:.0f}' if memory is not None else '–'} |"
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="the smaller cases alone")
    parser.add_argument(
        "--covering", action="store_true", help="without the medians and centers of `benchmarks.siting_medians`"
    )
    asked = parser.parse_args()
    found = measured(quick=asked.quick, medians=not asked.covering)
    print(json.dumps(found, indent=1) if asked.json else report(found))
    if asked.write:
        block = f"<!-- siting -->\n{report(found)}\n<!-- /siting -->"
        text = REPORT.read_text(encoding="utf-8")
        REPORT.write_text(
            re.sub(r"<!-- siting -->.*<!-- /siting -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
