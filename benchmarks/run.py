"""How long a whole run takes, stage by stage: `python benchmarks/run.py [--json] [--write]`.

Each measurement is the command in a process of its own: `first` with nothing kept from earlier runs (nothing read, no machine code),
`again` with both kept. Python has the bytecode of all modules, as `pip install` leaves it. Seconds are wall clock from start to exit of
the process; memory is its peak. `--write` puts the table into docs/benchmarks.md. The city comes from LIVING_CIRCLE_DATA or ../shared/data
and is left out where that folder is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("LIVING_CIRCLE_DATA") or ROOT.parent / "shared" / "data")
REPORT = ROOT / "docs" / "benchmarks.md"
LIMITS = {  # seconds, GiB
    ("Helsinki", "first"): (15, None),
    ("Helsinki", "again"): (15, None),
    ("Las Palmas", "first"): (30, 2),
    ("Las Palmas", "again"): (10, 2),
}

LAS_PALMAS = """\
id: las-palmas
title: {{en: Las Palmas de Gran Canaria}}
network: {{kind: osm_file, path: {pbf}}}
homes:
  kind: osm_buildings
  path: {pbf}
  residential_buildings: [apartments, residential, house, detached, semidetached_house, terrace, dormitory, "yes"]
  minimum_footprint_m2: 1
  default_levels: 3
facilities: [{{kind: osm_tags, path: {pbf}}}]
candidates: {{kind: junctions, spacing_metres: 200}}
siting: [{{service: pharmacy, sites: 20, limit_minutes: 5}}]
outputs: {{folder: {runs}}}
"""


def studies(folder: Path) -> dict[str, Path]:
    """Give the studies that can be measured on this machine."""
    found = {"Helsinki": ROOT / "configs" / "helsinki.yaml"}
    pbf = DATA / "laspalmas" / "las_palmas_20230221.osm.pbf"
    if pbf.is_file():
        found["Las Palmas"] = folder / "las-palmas.yaml"
        found["Las Palmas"].write_text(LAS_PALMAS.format(pbf=pbf, runs=folder), encoding="utf-8")
    return found


def measure(study: Path, folder: Path) -> dict[str, Any]:
    """Run the command on one study, with its caches in `folder`; time, processor time and memory are the whole process's."""
    # A Python told to keep no bytecode, as in many containers, compiles the libraries anew every time, which takes it two seconds or more.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept = {"LIVING_CIRCLE_CACHE": "cache", "NUMBA_CACHE_DIR": "code", "PYTHONPYCACHEPREFIX": "../bytecode"}
    variables |= {name: str(folder / where) for name, where in kept.items()}
    subprocess.run([sys.executable, "-c", "import livingcircle.cases, numba"], env=variables, check=True)
    command = [sys.executable, "-m", "livingcircle", "run", str(study), "--output", str(folder / "run"), "--json"]
    started = time.perf_counter()
    with (folder / "figures.json").open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, env=variables, cwd=folder, stdout=stream)  # noqa: S603 - this program
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "stages": figures["provenance"]["stage_seconds"],
        "peak_gib": used.ru_maxrss / 2**20,
        "counts": figures["counts"],
        "gap": figures["plans"][0]["gap"],
    }


def measured() -> list[dict[str, Any]]:
    """Measure every study twice, first and again."""
    rows = []
    with tempfile.TemporaryDirectory() as root:
        for name, study in studies(Path(root)).items():
            folder = Path(root, name.replace(" ", "-"))
            folder.mkdir()
            for turn in ("first", "again"):
                rows.append({"study": name, "turn": turn, **measure(study, folder)})
                print(f"{name}, {turn}: {rows[-1]['seconds']:.1f} s", file=sys.stderr)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Lay the measurements out as Markdown."""
    stages = list(dict.fromkeys(stage for row in rows for stage in row["stages"]))
    lines = [
        "| | " + " | ".join(f"{row['study']}, {row['turn']}" for row in rows) + " |",
        "|---|" + "---:|" * len(rows),
    ]
    counts = {
        "homes": "homes",
        "facilities": "facilities",
        "nodes": "junctions",
        "edges": "street pieces",
        "candidates": "candidates",
    }
    lines += [
        f"| {name} | " + " | ".join(f"{row['counts'][key]:,}" for row in rows) + " |" for key, name in counts.items()
    ]
    for stage in stages:
        lines.append(f"| {stage}, s | " + " | ".join(f"{row['stages'].get(stage, 0):.2f}" for row in rows) + " |")
    imports = [row["seconds"] - sum(row["stages"].values()) for row in rows]
    lines.append("| imports, s | " + " | ".join(f"{seconds:.2f}" for seconds in imports) + " |")
    lines.append("| **whole run, s** | " + " | ".join(f"**{row['seconds']:.1f}**" for row in rows) + " |")
    wished = [LIMITS[row["study"], row["turn"]] for row in rows]
    lines.append("| processor time, s | " + " | ".join(f"{row['cpu_seconds']:.1f}" for row in rows) + " |")
    lines.append("| goal, s | " + " | ".join(f"≤ {seconds}" for seconds, _ in wished) + " |")
    lines.append("| peak memory, GiB | " + " | ".join(f"{row['peak_gib']:.2f}" for row in rows) + " |")
    lines.append("| proven gap of the plan | " + " | ".join(f"{row['gap']:.2%}" for row in rows) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Say when and on what this was measured."""
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = found[1] if found else model
    day = datetime.now(UTC).date()
    return f"{day}, {os.cpu_count()} × {model}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def write(rows: list[dict[str, Any]]) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- run -->\nMeasured {machine()}.\n\n{table(rows)}\n<!-- /run -->"
    REPORT.write_text(re.sub(r"<!-- run -->.*<!-- /run -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args()
    rows = measured()
    print(json.dumps({"machine": machine(), "rows": rows}, indent=1) if asked.json else table(rows))
    if asked.write:
        write(rows)


if __name__ == "__main__":
    main()
