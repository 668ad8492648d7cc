"""How fast a table of facilities is read and checked: `python benchmarks/inputs.py [--json] [--write] [--rows 1000000]`.

A table of Chinese names, types, coordinates and floor areas is written in several formats, and once with two faults in every row. Each is
read by a process of its own, with the checks a reader of facilities makes of columns and coordinates; seconds are processor seconds of that
reading and, beside them, the clock's; memory is the peak of the process. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "benchmarks.md"
HEADER = ("编号", "名称", "类型", "经度", "纬度", "建筑面积（㎡）")
TYPES = ("小学", "幼儿园", "社区卫生服务站", "菜市场", "养老院")
AREAS = ("350", "1,200", "约800", "1.2万㎡", "")
GOAL_SECONDS = 20
TITLES = {
    "gb18030.csv": "CSV in GB18030, areas such as 1,200 and 约800",
    "utf8.csv": "CSV in UTF-8",
    "quoted.csv": "CSV with quotation marks around every cell",
    "bad.csv": "CSV with two faults in every row",
    "points.gpkg": "GeoPackage",
    "points.parquet": "GeoParquet",
    "sheet.xlsx": "Excel",
}


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Yield facilities spread over a city."""
    chance = random.Random(1)  # noqa: S311 - a made-up city
    for number in range(count):
        place = f"{118.5 + chance.random() / 2:.6f}", f"{31.8 + chance.random() / 2:.6f}"
        kind = chance.choice(TYPES)
        yield f"{number:07d}", f"颐和路第{number}{kind}", kind, *place, chance.choice(AREAS)


def write(path: Path, count: int) -> None:
    """Write one of the tables."""
    if path.suffix == ".csv":
        encoding = "gb18030" if path.stem == "gb18030" else "utf-8"
        quoting = csv.QUOTE_ALL if path.stem == "quoted" else csv.QUOTE_MINIMAL
        with path.open("w", encoding=encoding, newline="") as stream:
            table = csv.writer(stream, quoting=quoting)
            table.writerow(HEADER)
            for row in rows(count):
                table.writerow((*row[:3], "东经", row[4], "很大") if path.stem == "bad" else row)
    elif path.suffix == ".xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADER)
            for position, row in enumerate(rows(count), start=1):
                for column, cell in enumerate(row):
                    if column in {3, 4}:
                        sheet.write_number(position, column, float(cell))
                    else:
                        sheet.write_string(position, column, cell)
    else:
        import geopandas
        import pandas as pd

        table = pd.DataFrame(rows(count), columns=HEADER)
        points = geopandas.points_from_xy(table.pop("经度").astype(float), table.pop("纬度").astype(float), crs=4326)
        frame = geopandas.GeoDataFrame(table, geometry=points)
        frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path, engine="pyogrio")


def read(path: Path) -> dict[str, Any]:
    """Read a table as a check does, in this process; return what it cost and what was found."""
    from livingcircle.errors import InputError
    from livingcircle.sources.column_names import match_columns
    from livingcircle.sources.columns import id_column, number_column, text_column
    from livingcircle.sources.layers import LayerSource, open_layer

    clock, processor = time.perf_counter(), time.process_time()
    fields = dict.fromkeys(("id", "name", "lon", "lat", "service", "floor_m2"))
    layer = open_layer(LayerSource(path), needed="any", columns=fields)
    columns = match_columns(layer, fields)
    id_column(layer, columns["id"])
    text_column(layer, columns["name"])
    text_column(layer, columns["service"])
    number_column(layer, columns["floor_m2"], "m2")
    faults = 0
    try:
        layer.projected("EPSG:32650")
    except InputError as error:
        faults = len(error.faults)
    return {
        "seconds": time.perf_counter() - clock,
        "cpu_seconds": time.process_time() - processor,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "faults": faults,
        "warnings": len(layer.warnings),
    }


def measured(count: int) -> dict[str, dict[str, Any]]:
    """Write and read every table."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in TITLES:
            path = Path(folder, name)
            write(path, count)
            asked = [sys.executable, __file__, "--read", str(path)]
            answer = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603 - this program
            found[name] = {**json.loads(answer.stdout), "mib": path.stat().st_size / 2**20}
            print(f"{name}: {found[name]['cpu_seconds']:.1f} s", file=sys.stderr)
            path.unlink()
    return found


def table(found: dict[str, dict[str, Any]], count: int) -> str:
    """Lay the measurements out as Markdown."""
    lines = [
        f"| {count:,} facilities | file, MiB | processor, s | clock, s | goal, s | peak memory, GiB | faults told | warnings, notes |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in found.items():
        cells = f"{row['mib']:.0f} | {row['cpu_seconds']:.1f} | {row['seconds']:.1f} | ≤ {GOAL_SECONDS} | {row['peak_gib']:.2f}"
        lines.append(f"| {TITLES[name]} | {cells} | {row['faults']:,} | {row['warnings']} |")
    return "\n".join(lines)


def machine() -> str:
    """Say when and on what this was measured, and how busy it was besides."""
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        named = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = named[1] if named else model
    busy = f"load {os.getloadavg()[0]:.0f}"
    day = datetime.now(UTC).date()
    return f"{day}, {os.cpu_count()} × {model}, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {busy}"


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many facilities")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read is not None:
        print(json.dumps(read(asked.read)))
        return
    found = measured(asked.rows)
    print(json.dumps({"machine": machine(), "rows": found}, indent=1) if asked.json else table(found, asked.rows))
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        block = f"<!-- inputs -->\nMeasured {machine()}.\n\n{table(found, asked.rows)}\n<!-- /inputs -->"
        text = re.sub(r"<!-- inputs -->.*<!-- /inputs -->", lambda _: block, text, flags=re.DOTALL)
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
