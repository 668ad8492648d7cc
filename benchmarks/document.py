"""How long a whole report takes, all formats: `python -m benchmarks.document [--json] [--write]`.

`run` and `report` are the commands on the sample, each in a process of its own with the caches of earlier runs kept, as an office has
them; seconds are wall clock from start to exit of the process, memory is its peak. The parts of the report are timed in one process of
their own. `--write` puts the table into docs/benchmarks.md.
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
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.run import REPORT, ROOT, machine

SAMPLE = ROOT / "configs" / "qinghe.yaml"
GOAL_SECONDS = 30


def command(verb: str, folder: Path) -> dict[str, float]:
    """Time one verb on the sample; caches are those of this user."""
    arguments = [sys.executable, "-m", "livingcircle", verb, str(SAMPLE), "--output", str(folder / verb), "--quiet"]
    started = time.perf_counter()
    process = subprocess.Popen(arguments)  # noqa: S603 - this program
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_gib": used.ru_maxrss / 2**20,
    }


def parts(folder: Path) -> dict[str, Any]:
    """Time each part of a report, and count what is in it."""
    from livingcircle import cases
    from livingcircle.render.report.composing import report_of
    from livingcircle.render.report.page import write_page
    from livingcircle.render.report.pdf import write_pdf
    from livingcircle.render.report.pictures import pictures
    from livingcircle.render.report.word import write_word
    from livingcircle.render.tables import tables_of
    from livingcircle.settings import read_study

    results = cases.answer(read_study(SAMPLE, {}))
    tables = tables_of(results)
    list(tables.values())  # every table is made, as the workbook has made them by then
    seconds: dict[str, float] = {}

    def timed(name: str, make: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        made = make()
        seconds[name] = time.perf_counter() - started
        return made

    report = timed("chapters", lambda: report_of(results, tables, "zh"))
    drawn = timed("maps and charts", lambda: pictures(results, tables, report, "zh"))
    writers = {"Word": (write_word, "docx"), "PDF": (write_pdf, "pdf"), "page": (write_page, "html")}
    sizes = {}
    for name, (write, suffix) in writers.items():
        file = folder / f"report.{suffix}"
        timed(name, partial(write, file, report, drawn))
        sizes[name] = file.stat().st_size / 2**20
    return {
        "seconds": seconds,
        "mebibytes": sizes,
        "tables": len(list(report.tables())),
        "cells": sum(len(row) for table in report.tables() for row in table.rows),
        "figures": len(drawn),
    }


def table(found: dict[str, Any]) -> str:
    """Lay the measurements out as Markdown."""
    inside = found["parts"]
    lines = [
        f"The sample sub-district: {inside['tables']} tables with {inside['cells']:,} cells, {inside['figures']} maps and charts.",
        "",
        "| | wall, s | processor, s | peak, GiB | file, MiB |",
        "|---|---:|---:|---:|---:|",
    ]
    for verb in ("run", "report"):
        one = found[verb]
        goal = f" (goal ≤ {GOAL_SECONDS})" if verb == "report" else ""
        lines.append(
            f"| **`living-circle {verb}`** | **{one['seconds']:.1f}**{goal} | {one['cpu_seconds']:.1f} | {one['peak_gib']:.2f} | |"
        )
    for name, seconds in inside["seconds"].items():
        size = inside["mebibytes"].get(name)
        lines.append(f"| {name} | {seconds:.2f} | | | {'' if size is None else f'{size:.1f}'} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command("run", folder)  # what is kept from then on is kept by every later run
        found = {"run": command("run", folder), "report": command("report", folder), "parts": parts(folder)}
    print(json.dumps({"machine": machine(), **found}, indent=1) if asked.json else table(found))
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        block = f"<!-- document -->\nMeasured {machine()}.\n\n{table(found)}\n<!-- /document -->"
        pattern = r"<!-- document -->.*<!-- /document -->"
        REPORT.write_text(re.sub(pattern, lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
