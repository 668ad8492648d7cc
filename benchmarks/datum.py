"""How fast coordinates are converted, beside other packages: `python -m benchmarks.datum [--peer PYTHON] [--write]`.

A million places all over China, one thread, processor time. `--peer` names the Python of an environment with `coord-convert`,
`prcoords` and `eviltransform`; these convert one place at a time and are asked for a hundred thousand, and what they return is compared
with ours. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import time
from itertools import pairwise

import numpy as np

from benchmarks.run import REPORT, machine
from livingcircle.model.columns import FloatArray
from livingcircle.sources.datum import DATUM_NAMES, Datum, converted
from livingcircle.sources.projection import ground_metres

PLACES, ASKED, ROUNDS = 1_000_000, 100_000, 5
WAYS: tuple[tuple[Datum, Datum], ...] = (
    ("wgs84", "gcj02"),
    ("gcj02", "wgs84"),
    ("wgs84", "bd09"),
    ("bd09", "wgs84"),
    ("bd09mc", "wgs84"),
)
PEER = """
import json, sys, time
import prcoords, eviltransform
from coord_convert import transform as c
P = prcoords.Coords
places = json.load(sys.stdin)
ways = {
    "coord-convert": {"wgs84 gcj02": c.wgs2gcj, "gcj02 wgs84": c.gcj2wgs, "wgs84 bd09": c.wgs2bd, "bd09 wgs84": c.bd2wgs},
    "prcoords": {
        "wgs84 gcj02": lambda x, y: prcoords.wgs_gcj(P(y, x), False)[::-1],
        "gcj02 wgs84": lambda x, y: prcoords.gcj_wgs_bored(P(y, x), False)[::-1],
        "wgs84 bd09": lambda x, y: prcoords.wgs_bd(P(y, x), False)[::-1],
        "bd09 wgs84": lambda x, y: prcoords.bd_wgs_bored(P(y, x), False)[::-1],
    },
    "eviltransform": {
        "wgs84 gcj02": lambda x, y: eviltransform.wgs2gcj(y, x)[::-1],
        "gcj02 wgs84": lambda x, y: eviltransform.gcj2wgs_exact(y, x)[::-1],
    },
}
out = {}
for package, functions in ways.items():
    for way, function in functions.items():
        began = time.process_time()
        there = [function(x, y)[:2] for x, y in places[way]]
        out[package + " " + way] = (time.process_time() - began, there[:2000])
json.dump(out, sys.stdout)
"""


def main() -> None:
    """Measure, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    report = table(asked.peer)
    print(report)
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        found = re.sub(
            r"(<!-- datum -->\n).*?(<!-- /datum -->)", lambda m: m[1] + report + "\n" + m[2], text, flags=re.DOTALL
        )
        REPORT.write_text(found, encoding="utf-8")


def table(peer: str | None) -> str:
    """Return the figures as Markdown: million places a second, and how far a place is off after there and back again."""
    chance = np.random.default_rng(1)
    wgs84 = chance.uniform(73.5, 135.0, PLACES), chance.uniform(3.5, 53.5, PLACES)
    numbers = {datum: converted(*wgs84, "wgs84", datum) for datum in ("wgs84", "gcj02", "bd09")}
    numbers["bd09mc"] = wgs84[0] * 111_320, wgs84[1] * 110_000
    theirs = {} if peer is None else _peers(peer, numbers)
    packages = list(dict.fromkeys(name.split()[0] for name in theirs))
    lines = [f"Measured {machine()}.", ""]
    lines.append("| million places a second | Living Circle | " + " | ".join(packages) + " |")
    lines.append("|---|" + "---:|" * (1 + len(packages)))
    for source, target in WAYS:
        alone = _rate(numbers[source], source, target)
        cells = [f"**{alone:.1f}**"]
        for package in packages:
            seconds, there = theirs.get(f"{package} {source} {target}", (0, []))
            if not there:
                cells.append("")
                continue
            ours = converted(*(axis[: len(there)] for axis in numbers[source]), source, target)
            apart = ground_metres(*ours, *np.array(there).T).max()
            cells.append(
                f"{ASKED / seconds / 1e6:.2f} ({alone * 1e6 / (ASKED / seconds):,.0f} ×; {_length(apart)} apart)"
            )
        lines.append(f"| {DATUM_NAMES[source]} → {DATUM_NAMES[target]} | " + " | ".join(cells) + " |")
    ends = [(datum, ground_metres(*wgs84, *converted(*numbers[datum], datum)).max()) for datum in ("gcj02", "bd09")]
    lines += [
        "",
        "Farthest off after there and back again: "
        + ", ".join(f"{DATUM_NAMES[datum]} {_length(far)}" for datum, far in ends)
        + ".",
    ]
    return "\n".join(lines)


def _rate(numbers: tuple[FloatArray, FloatArray], source: Datum, target: Datum) -> float:
    """Return million places a second of processor time, with one thread; the median of some rounds."""
    os.environ["LIVING_CIRCLE_THREADS"] = "1"
    ticks = [time.thread_time()]
    for _ in range(ROUNDS):
        converted(*numbers, source, target)
        ticks.append(time.thread_time())
    return PLACES / float(np.median([end - begin for begin, end in pairwise(ticks)])) / 1e6


def _peers(
    python: str, numbers: dict[Datum, tuple[FloatArray, FloatArray]]
) -> dict[str, tuple[float, list[list[float]]]]:
    places = {f"{source} {target}": np.column_stack(numbers[source])[:ASKED].tolist() for source, target in WAYS}
    command = [python, "-c", PEER]
    answer = subprocess.run(command, input=json.dumps(places), capture_output=True, text=True, check=True)  # noqa: S603 - whom the caller names
    found: dict[str, tuple[float, list[list[float]]]] = json.loads(answer.stdout)
    return found


def _length(metres: float) -> str:
    for unit, size in (("m", 1.0), ("cm", 1e-2), ("mm", 1e-3), ("µm", 1e-6)):
        if metres >= size:
            return f"{metres / size:.1f} {unit}"
    return "less than 1 µm"


if __name__ == "__main__":
    main()
