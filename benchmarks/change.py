"""How long a planner waits for one change beside a full run: `python -m benchmarks.change [--json] [--write]`.

In each of two cities facilities open, move and close, streets are closed and drawn, one change after another.
Milliseconds are processor time of one thread. The full run is what the same change costs without keeping anything: for streets, arcs,
ticks, joints and times of all services; for a facility, its joints and the times of all services. Both must give the same answers, or this
stops. `--write` puts the table into docs/benchmarks.md. Extracts come from LIVING_CIRCLE_DATA or ../shared/data.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from benchmarks.cities import EXTRACTS, MINIMUM_ISLAND_METRES
from benchmarks.run import DATA, REPORT, machine
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.change import (
    Change,
    Scenario,
    add_facility,
    add_street,
    begin,
    close_streets,
    move_facility,
    remove_facility,
)
from livingcircle.kernel.graph import build_network, with_arcs
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.facilities import facilities_from_osm_tags
from livingcircle.sources.homes import homes_from_osm_buildings
from livingcircle.sources.standards import read_services
from livingcircle.sources.streets import streets_from_osm

CAP_METRES, SPEED, LIMIT_SECONDS = 300.0, 1.25, 1800.0
STREET_METRES = 250.0
PORTO_HOMES, PORTO_SERVICES, PORTO_FACILITIES = 60_000, 20, 200
KINDS = {
    "open": "a facility opens",
    "move": "it is dragged 100 m",
    "remove": "a facility closes",
    "close": "a street is closed",
    "draw": "a street is drawn",
}
HOMES = ("apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory", "yes")


@dataclass(frozen=True)
class Done:
    """One change: what it cost, what it touched, and what a full run costs."""

    kind: str
    milliseconds: float
    full_milliseconds: float
    homes: int


def las_palmas() -> Scenario:
    """Return the city as OpenStreetMap has it: every residential building, every service."""
    path = DATA / EXTRACTS["las palmas"]
    streets = streets_from_osm(path, None).value
    homes = homes_from_osm_buildings(
        path,
        streets.crs,
        residential_buildings=HOMES,
        minimum_footprint_m2=1,
        default_levels=3,
        floor_m2_per_resident=40,
        residents_per_household=3,
    ).value.homes
    facilities = facilities_from_osm_tags(path, read_services(), streets.crs).value
    return _begun(streets, homes.xy, facilities.geometry, facilities.serves)


def porto() -> Scenario:
    """Return the streets of a larger extract, which holds no buildings: homes and facilities near junctions drawn by lot."""
    streets = streets_from_osm(DATA / EXTRACTS["porto"], None).value
    chance = np.random.default_rng(1)
    homes = chance.choice(streets.node_xy, PORTO_HOMES) + chance.normal(0, 20, (PORTO_HOMES, 2))
    places = chance.choice(streets.node_xy, PORTO_FACILITIES * PORTO_SERVICES)
    serves = np.repeat(np.eye(PORTO_SERVICES, dtype=bool), PORTO_FACILITIES, axis=0)
    return _begun(streets, homes, np.asarray(shapely.points(places), object), serves)


def _begun(streets: StreetEdges, home_xy: FloatArray, shapes: GeometryArray, serves: BoolArray) -> Scenario:
    network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
    homes, places = join_points(home_xy, network, CAP_METRES), join_areas(shapes, network, CAP_METRES)
    return begin(network, impedance(network, SPEED), home_xy, homes, shapes, places, serves, LIMIT_SECONDS)


TOWNS = {"las palmas": las_palmas, "porto": porto}


def changes(chance: np.random.Generator, kind: str, now: Scenario) -> Callable[[], Change]:
    """Draw a change of one kind near homes, where planners make them."""
    home = shapely.get_coordinates(now.homes[chance.integers(len(now.homes))])[0]
    offered = np.flatnonzero(now.serves.any(axis=1))
    if kind == "open":
        service = np.arange(now.serves.shape[1]) == chance.integers(now.serves.shape[1])
        return lambda: add_facility(now, shapely.Point(home), service)
    if kind == "move":
        last = len(now.shapes) - 1
        point = shapely.get_coordinates(shapely.centroid(now.shapes[last]))[0] + chance.normal(0, 70, 2)
        return lambda: move_facility(now, last, shapely.Point(point))
    if kind == "remove":
        facility = int(chance.choice(offered))
        return lambda: remove_facility(now, facility)
    if kind == "close":
        streets = now.network.streets
        near = np.flatnonzero((np.abs(now.boxes[:, :2] - home) < STREET_METRES).all(axis=1) & streets.forward)
        rows = chance.choice(near, 1) if len(near) else np.flatnonzero(streets.forward)[:1]
        return lambda: close_streets(now, rows)
    angle = chance.uniform(0, 2 * np.pi)
    line = shapely.LineString([home, home + STREET_METRES * np.array([np.cos(angle), np.sin(angle)])])
    return lambda: add_street(now, line, snap_metres=CAP_METRES)


def in_full(now: Scenario, *, streets: bool) -> Any:
    """Work a scenario out with nothing kept but its inputs."""
    network, walk, homes = now.network, now.walk, now.home_anchors
    if streets:
        network = with_arcs(network.streets)
        walk = impedance(network, SPEED)
        homes = join_points(shapely.get_coordinates(now.homes), network, CAP_METRES)
    places = join_areas(now.shapes, network, CAP_METRES)
    return reach_nearest(network, walk, homes, places, now.serves, LIMIT_SECONDS)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor milliseconds of work, and its result."""
    started = time.process_time()
    result = work()
    return (time.process_time() - started) * 1000, result


def measured(name: str, each: int, seed: int = 4) -> dict[str, Any]:
    """Make `each` changes of every kind, one after another, and hold every answer against a full run."""
    now, chance, done = TOWNS[name](), np.random.default_rng(seed), []
    start = now
    for kind in KINDS:  # machine code is made before the clock starts
        changes(chance, kind, start)()
    in_full(start, streets=True)
    for turn in range(each):
        for kind in KINDS:
            milliseconds, made = timed(changes(chance, kind, now))
            full_milliseconds, full = timed(
                lambda made=made, kind=kind: in_full(made.after, streets=kind in ("close", "draw"))
            )
            now, reach = made.after, made.after.reach()
            for column in ("seconds", "facility", "node_seconds", "node_facility"):
                assert np.array_equal(getattr(reach, column), getattr(full, column), equal_nan=True), (name, kind, turn)
            done.append(Done(kind, milliseconds, full_milliseconds, len(made.homes)))
    return {
        "city": name.title(),
        "junctions": start.network.nodes,
        "homes": len(start.homes),
        "services": start.serves.shape[1],
        "facilities": len(start.shapes),
        "changes": {kind: _summary([one for one in done if one.kind == kind]) for kind in KINDS},
    }


def _summary(done: list[Done]) -> dict[str, float]:
    return {
        "milliseconds": float(np.median([one.milliseconds for one in done])),
        "longest_milliseconds": max(one.milliseconds for one in done),
        "full_milliseconds": float(np.median([one.full_milliseconds for one in done])),
        "homes": float(np.median([one.homes for one in done])),
        "most_homes": max(one.homes for one in done),
    }


def table(towns: list[dict[str, Any]]) -> str:
    """Lay the measurements out as Markdown."""
    lines = [
        "| | one change, ms | the longest, ms | full run, ms | times as fast | homes changed | at most |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for town in towns:
        lines.append(
            f"| **{town['city']}**: {town['junctions']:,} junctions, {town['homes']:,} homes, {town['facilities']:,} "
            f"facilities, {town['services']} services | | | | | | |"
        )
        for kind, one in town["changes"].items():
            lines.append(
                f"| {KINDS[kind]} | {one['milliseconds']:.1f} | {one['longest_milliseconds']:.1f} | {one['full_milliseconds']:.0f} | "
                f"{one['full_milliseconds'] / one['milliseconds']:.0f} | {one['homes']:,.0f} | {one['most_homes']:,} |"
            )
    return "\n".join(lines)


def write(towns: list[dict[str, Any]]) -> None:
    """Put the table between its marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- change -->\nMeasured {machine()}.\n\n{table(towns)}\n<!-- /change -->"
    text = re.sub(r"<!-- change -->.*<!-- /change -->", lambda _: block, text, flags=re.DOTALL)
    REPORT.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--each", type=int, default=20, help="how many changes of each kind (default: 20)")
    asked = parser.parse_args()
    towns = []
    for name in TOWNS:
        if (DATA / EXTRACTS[name]).is_file():
            towns.append(measured(name, asked.each))
        else:
            print(f"{name}: no extract in {DATA}", file=sys.stderr)
    print(json.dumps(towns, indent=1) if asked.json else table(towns))
    if asked.write and towns:
        write(towns)


if __name__ == "__main__":
    main()
