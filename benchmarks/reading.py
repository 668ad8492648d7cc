"""How fast an extract becomes a walking network, beside its peers: `python benchmarks/reading.py [--json] [--write]`.

Each measurement is a process of its own; seconds are processor seconds of all its threads, the median of three readings after one that is
not counted (of one reading where that takes long); machine code is compiled before. The extracts come from LIVING_CIRCLE_DATA or
../shared/data; the largest is Porto nine times, three by three, written anew. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("LIVING_CIRCLE_DATA") or ROOT.parent / "shared" / "data")
REPORT = ROOT / "docs" / "benchmarks.md"
CITIES = {
    "Helsinki": "helsinki/Helsinki.osm.pbf",
    "Las Palmas": "laspalmas/las_palmas_20230221.osm.pbf",
    "Andorra": "andorra/andorra_20260403.osm.pbf",
    "Porto": "porto/porto_portugal.osm.pbf",
}
NINE = "Porto × 9"
TILES = 3
MINIMUM_ISLAND_METRES = 1000.0
LONG = frozenset({"loop", "filtered", "pyrosm", "osmnx"})
"""Read once only."""
SMALL_ONLY = {"pyrosm": {"Helsinki", "Las Palmas"}, "osmnx": {"Helsinki"}}
TITLES = {
    "ours": "**Living Circle**",
    "filtered": "osmium's filters, then a loop of Python",
    "loop": "osmium, then a loop of Python",
    "pyrosm": "pyrosm, `get_network`",
    "osmnx": "OSMnx, `graph_from_xml` (the XML written before)",
    "kept": "**Living Circle**, streets kept from the run before",
}
Seconds = dict[str, list[float]]


@contextmanager
def timed(seconds: Seconds, step: str) -> Iterator[None]:
    """Add what a step takes of the processor."""
    started = time.process_time()
    yield
    seconds.setdefault(step, []).append(time.process_time() - started)


# ── One reading ─────────────────────────────────────────────────────────────


def ours(path: Path, seconds: Seconds) -> int:
    """Read with the product's reader; return the number of junctions."""
    from livingcircle.sources.pbf import read_pbf

    return _network(path, read_pbf, seconds)


def filtered(path: Path, seconds: Seconds) -> int:
    """Read the same with osmium, which keeps what Python need not see to itself."""
    from livingcircle.sources.extract import read_extract

    return _network(path, read_extract, seconds)


def _network(path: Path, reader: Callable[..., Any], seconds: Seconds) -> int:
    from livingcircle.kernel.graph import build_network
    from livingcircle.sources.roads import NODE_KEYS, NODE_TAGS
    from livingcircle.sources.street_traits import WAY_KEYS, WAY_TAGS
    from livingcircle.sources.streets import _streets
    from livingcircle.sources.walked_ways import walked_ways

    with timed(seconds, "read"):
        extract = reader(str(path), WAY_KEYS, NODE_KEYS, {*WAY_TAGS, *NODE_TAGS})
    with timed(seconds, "cut"):
        streets = _streets(walked_ways(extract), None, str(path)).value
    with timed(seconds, "order"):
        network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
    return network.nodes


def kept(path: Path, seconds: Seconds) -> int:
    """Load the streets kept by an earlier run."""
    from livingcircle.kernel.graph import build_network
    from livingcircle.sources.street_cache import cached_streets
    from livingcircle.sources.streets import streets_from_osm

    folder = path.with_suffix(".kept")
    if not folder.exists():
        cached_streets([path.name], folder, lambda: streets_from_osm(path, None), file=str(path))

    def refuse() -> Any:
        message = "nothing was kept"
        raise AssertionError(message)

    with timed(seconds, "read"):
        streets = cached_streets([path.name], folder, refuse, file=str(path)).value
    with timed(seconds, "order"):
        network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
    return network.nodes


def loop(path: Path, seconds: Seconds) -> int:
    """Do it the way most scripts do: every object passes through Python, and the graph is a dictionary."""
    import osmium

    with timed(seconds, "read"):
        objects: Any = osmium.FileProcessor(str(path)).with_locations()
        ways = [
            [(node.ref, node.lon, node.lat) for node in item.nodes if node.location.valid()]
            for item in objects
            if item.is_way() and "highway" in item.tags and item.tags.get("foot") != "no"
        ]
    with timed(seconds, "cut"):
        visits = Counter(node[0] for way in ways for node in way)
        arcs: dict[int, list[tuple[int, float]]] = {}
        for way in ways:
            metres, begin = 0.0, way[0][0] if way else 0
            for position, (here, there) in enumerate(pairwise(way), start=2):
                east = math.radians(there[1] - here[1]) * math.cos(math.radians(here[2]))
                metres += 6_371_009 * math.hypot(east, math.radians(there[2] - here[2]))
                if visits[there[0]] > 1 or position == len(way):
                    arcs.setdefault(begin, []).append((there[0], metres))
                    arcs.setdefault(there[0], []).append((begin, metres))
                    metres, begin = 0.0, there[0]
    return len(arcs)


def pyrosm(path: Path, seconds: Seconds) -> int:
    """Read nodes and edges of pyrosm's walking network."""
    import warnings

    from pyrosm import OSM  # type: ignore[import-untyped]

    warnings.simplefilter("ignore")
    with timed(seconds, "read"):
        nodes, _ = OSM(str(path)).get_network("walking", nodes=True)
    return len(nodes)


def osmnx(path: Path, seconds: Seconds) -> int:
    """Read and simplify with OSMnx, from XML."""
    import osmium
    import osmnx

    xml = path.with_suffix(".osm")
    if not xml.exists():
        with osmium.SimpleWriter(str(xml)) as writer:
            item: Any
            for item in osmium.FileProcessor(str(path)).with_locations():
                # It refuses a file that was clipped, so ways that were are left out.
                if not item.is_way() or all(node.location.valid() for node in item.nodes):
                    writer.add(item)
    with timed(seconds, "read"):
        graph = osmnx.graph_from_xml(xml, bidirectional=True, simplify=True)
    return len(graph)


READERS: dict[str, Callable[[Path, Seconds], int]] = {
    "ours": ours,
    "filtered": filtered,
    "loop": loop,
    "pyrosm": pyrosm,
    "osmnx": osmnx,
    "kept": kept,
}


def one(reader: str, path: Path) -> dict[str, Any]:
    """Measure one reader on one file, in this process; Python hunts for cycles as rarely as in the command, whoever reads."""
    gc.set_threshold(200_000, 50, 50)
    seconds: Seconds = {}
    if reader not in LONG:
        READERS[reader](path, {})
    junctions = READERS[reader](path, seconds)
    for _ in range(0 if reader in LONG else 2):
        READERS[reader](path, seconds)
    steps = {step: statistics.median(taken) for step, taken in seconds.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"steps": steps, "seconds": sum(steps.values()), "junctions": junctions, "peak_gib": peak}


# ── All of them ─────────────────────────────────────────────────────────────


def nine_times(source: Path, target: Path) -> None:
    """Lay a city out three by three, with numbers of their own in every copy."""
    import osmium
    from osmium.osm import NODE, RELATION, WAY

    box = osmium.io.Reader(str(source)).header().box()
    east, north = box.top_right.lon - box.bottom_left.lon, box.top_right.lat - box.bottom_left.lat
    item: Any
    with osmium.SimpleWriter(str(target)) as writer:
        for kind in (NODE, WAY, RELATION):
            for tile in range(TILES**2):
                more = tile << 36
                across, up = east * (tile % TILES), north * (tile // TILES)
                for item in osmium.FileProcessor(str(source), kind):
                    if kind == NODE:
                        place = (item.location.lon + across, item.location.lat + up)
                        writer.add(item.replace(id=item.id + more, location=place))
                    elif kind == WAY:
                        writer.add(item.replace(id=item.id + more, nodes=[node.ref + more for node in item.nodes]))
                    else:
                        members = [(member.type, member.ref + more, member.role) for member in item.members]
                        writer.add(item.replace(id=item.id + more, members=members))


def measured() -> dict[str, Any]:
    """Measure every reader on every file it is meant for."""
    rows: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, Path] = {}
        for name, place in CITIES.items():
            if (DATA / place).is_file():
                files[name] = Path(folder, f"{len(files)}.osm.pbf")
                files[name].symlink_to(DATA / place)
        if "Porto" in files:
            files[NINE] = Path(folder, "nine.osm.pbf")
            nine_times(files["Porto"], files[NINE])
        sizes = {name: path.stat().st_size / 1e6 for name, path in files.items()}
        for reader in READERS:
            for name, path in files.items():
                if name not in SMALL_ONLY.get(reader, files):
                    continue
                command = [sys.executable, __file__, "--one", reader, str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this program
                if done.returncode:
                    rows.setdefault(reader, {})[name] = {"error": done.stderr.strip().splitlines()[-1][:80]}
                else:
                    rows.setdefault(reader, {})[name] = json.loads(done.stdout.splitlines()[-1])
                print(f"{reader}, {name}: {rows[reader][name]}", file=sys.stderr)
    for name, row in rows["ours"].items():
        for reader in ("filtered", "kept"):
            assert rows[reader][name]["junctions"] == row["junctions"], f"{reader} reads {name} otherwise"
    return {"machine": machine(), "megabytes": sizes, "rows": rows}


def table(found: dict[str, Any]) -> str:
    """Lay the measurements out as Markdown: what ours takes step by step, then the peers in multiples of it."""
    names, rows = list(found["megabytes"]), found["rows"]
    lines = [
        f"Measured {found['machine']}.",
        "",
        "| processor seconds | " + " | ".join(f"{name}, {found['megabytes'][name]:.1f} MB" for name in names) + " |",
        "|---|" + "---:|" * len(names),
    ]
    mine = rows["ours"]
    lines.append("| junctions | " + " | ".join(f"{mine[name]['junctions']:,}" for name in names) + " |")
    steps = {
        "read": "the file → ways and nodes as arrays",
        "cut": "→ street pieces, squares crossed",
        "order": "→ network in Hilbert order",
    }
    lines += [
        f"| {title} | " + " | ".join(f"{mine[name]['steps'][step]:.2f}" for name in names) + " |"
        for step, title in steps.items()
    ]
    for reader, title in TITLES.items():
        row = rows.get(reader, {})
        whole = [_cell(row.get(name), mine[name], reader) for name in names]
        lines.append(f"| {title} | {' | '.join(whole)} |")
        if reader in {"filtered", "loop", "kept"}:
            read = [_cell(row.get(name), mine[name], reader, "read") for name in names]
            lines.append(f"| of that, reading | {' | '.join(read)} |")
    for reader in ("ours", "filtered", "loop"):
        peaks = (rows.get(reader, {}).get(name, {}).get("peak_gib") for name in names)
        lines.append(
            f"| peak memory, GiB: {TITLES[reader]} | {' | '.join('' if peak is None else f'{peak:.2f}' for peak in peaks)} |"
        )
    return "\n".join(lines)


def _cell(row: dict[str, Any] | None, ours: dict[str, Any], reader: str, step: str | None = None) -> str:
    """Write the seconds of all steps or of one, and how many times ours that is."""
    if row is None:
        return ""
    if "error" in row:
        return "failed"
    taken, mine = (row["steps"][step], ours["steps"][step]) if step else (row["seconds"], ours["seconds"])
    if reader == "ours":
        return f"**{taken:.2f}**"
    return f"{taken:.3f}" if reader == "kept" else f"{taken:.2f} ({taken / mine:.1f} ×)"


def machine() -> str:
    """Say when and on what this was measured."""
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        named = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = named[1] if named else model
    day = datetime.now(UTC).date()
    return f"{day}, {os.cpu_count()} × {model}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def write(found: dict[str, Any]) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- reading -->\n{table(found)}\n<!-- /reading -->"
    REPORT.write_text(
        re.sub(r"<!-- reading -->.*<!-- /reading -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--one", nargs=2, metavar=("READER", "FILE"), help="one reader on one file, as JSON")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one[0], Path(asked.one[1]))))
        return
    found = measured()
    print(json.dumps(found, indent=1) if asked.json else table(found))
    if asked.write:
        write(found)


if __name__ == "__main__":
    main()
