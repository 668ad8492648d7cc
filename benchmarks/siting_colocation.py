"""Several services under one roof (一室多用, 1+N): which of 300 rooms in Las Palmas, and what to put into each.

`python -m benchmarks.siting_colocation [--json]`. Five services with limits of 5, 10 and 15 minutes and groups of their own, some
facilities there already; 300 rooms of 150 to 900 m², each paid for once; at most 25 rooms and a budget.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import shapely

from benchmarks import cities
from livingcircle.kernel.anchor import join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.siting.covering import CoveringProblem
from livingcircle.kernel.siting.solution import Solution, Watch
from livingcircle.kernel.siting.solve import solve_covering
from livingcircle.sources.streets import streets_from_osm

METRES_PER_SECOND = 4 / 3
OFF_STREET_METRES = 20.0
JOIN_CAP_METRES = 100.0
SIDE_METRES = 9000.0
MOST_PEOPLE = 100
LIMITS_SECONDS = np.array([300.0, 600.0, 600.0, 900.0, 900.0])
FLOOR_M2 = np.array([100.0, 150.0, 250.0, 300.0, 400.0])
COST_WAN_YUAN = np.array([20.0, 35.0, 60.0, 90.0, 110.0])
SHARES = np.array([1.0, 0.2, 0.15, 1.0, 0.3])
"""Of the people of a home, the part that wants each service."""
EXISTING = 6
"""Facilities of every service that are there already."""
TIME_LIMIT_SECONDS = 60.0
GAP_FLOOR = 0.01


def colocated(
    data: Path,
    homes: int = 12_000,
    rooms: int = 300,
    sites: int = 25,
    budget_wan_yuan: float = 4500.0,
    *,
    seed: int = 1,
) -> CoveringProblem:
    """Lay homes, rooms and facilities along the streets in the middle of Las Palmas; every room may hold any of five services."""
    network, _ = build_network(
        streets_from_osm(data / cities.EXTRACTS["las palmas"], None).value, cities.MINIMUM_ISLAND_METRES
    )
    streets = network.streets
    random = np.random.default_rng(seed)
    middle = np.abs(streets.node_xy - np.median(streets.node_xy, axis=0)).max(axis=1) <= SIDE_METRES / 2
    metres = streets.metres * (middle[streets.start] & middle[streets.end])

    def anywhere(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        chosen = random.choice(len(streets), count, p=metres / metres.sum())
        on_street = shapely.line_interpolate_point(streets.lines[chosen], random.uniform(0, 1, count), normalized=True)
        return shapely.get_coordinates(on_street) + random.uniform(-OFF_STREET_METRES, OFF_STREET_METRES, (count, 2))

    services = len(LIMITS_SECONDS)
    lived_at = join_points(anywhere(homes), network, JOIN_CAP_METRES)
    places = join_points(anywhere(rooms + services * EXISTING), network, JOIN_CAP_METRES)
    table = reach_table(network, impedance(network, METRES_PER_SECOND), places, lived_at, float(LIMITS_SECONDS.max()))
    people = random.integers(1, MOST_PEOPLE, homes)
    weight = np.rint(people[None, :] * SHARES[:, None]).astype(float)
    place = np.repeat(np.arange(table.places), np.diff(table.indptr))
    rows: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    for service, limit in enumerate(LIMITS_SECONDS):
        first = rooms + service * EXISTING
        there = (place >= first) & (place < first + EXISTING) & (table.seconds <= limit)
        weight[service, table.home[there]] = 0
    wanted = weight.ravel() > 0
    number = np.cumsum(wanted) - 1
    for room in range(rooms):
        here = slice(table.indptr[room], table.indptr[room + 1])
        for service, limit in enumerate(LIMITS_SECONDS):
            near = service * homes + table.home[here][table.seconds[here] <= limit].astype(np.int64)
            rows.append(number[near[wanted[near]]].astype(np.int32))
    option = np.arange(rooms * services)
    return CoveringProblem(
        weight=weight.ravel()[wanted],
        need=np.ones(int(wanted.sum()), np.int32),
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32),
        demand=np.concatenate(rows),
        site=(option // services).astype(np.int32),
        service=(option % services).astype(np.int32),
        cost_wan_yuan=COST_WAN_YUAN[option % services],
        floor_m2=FLOOR_M2[option % services],
        state=np.zeros(len(option), np.int8),
        site_cost_wan_yuan=np.rint(random.uniform(20, 90, rooms)),
        site_floor_m2=np.rint(random.uniform(150, 900, rooms)),
        most_sites=sites,
        budget_wan_yuan=budget_wan_yuan,
    )


def measured(problem: CoveringProblem) -> tuple[Solution, float, float]:
    """Solve it; return solution, wall-clock and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    solution = solve_covering(problem, Watch(TIME_LIMIT_SECONDS))
    return solution, time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Print what was reached, by stage."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = Path(os.environ.get("LIVING_CIRCLE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    problem = colocated(data)
    solution, wall, processor = measured(problem)
    figures = {
        "demands": len(problem.weight),
        "options": problem.options,
        "entries": len(problem.demand),
        "sites": problem.most_sites,
        "opened": len(solution.opened),
        "value": solution.value,
        "bound": solution.bound,
        "gap": solution.gap,
        "floor": GAP_FLOOR,
        "seconds": wall,
        "cpu_seconds": processor,
        "status": solution.status,
    }
    if asked.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:12} {figure}")
    for stage in solution.stages:
        print(f"  {stage.seconds:6.1f} s  {stage.name:18} {stage.value:12.0f} of {stage.bound:12.0f}")


if __name__ == "__main__":
    main()
