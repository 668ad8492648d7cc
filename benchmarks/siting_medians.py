"""The p-median and the p-center on published instances: `python -m benchmarks.siting_medians [--json] [--quick] [NUMBER …]`.

OR-Library pmed1 to pmed40 (Beasley 1985, European Journal of Operational Research 21:270-273; files and optima in `siting` of
LIVING_CIRCLE_DATA or ../shared/data), and a city of 20,000 homes and 1,000 candidates drawn by seed. Seconds are processor time.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.run import DATA, machine
from livingcircle.kernel.siting.serving import ServingObjective, ServingProblem
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve_serving import solve_serving
from livingcircle.model.columns import FloatArray, IntArray

FILES = DATA / "siting"
NUMBERS = tuple(range(1, 41))
LIMIT_SECONDS = 120.0
OBJECTIVES: tuple[ServingObjective, ...] = ("least_total", "least_worst")


def distances(file: Path) -> tuple[FloatArray, int]:
    """Return the shortest paths between all nodes (n, n) of an OR-Library file, and p.

    A later line for the same edge replaces an earlier one, as the published optima take it.
    """
    numbers = np.array(file.read_text(encoding="ascii").split(), int)
    nodes, lines, sites = numbers[:3]
    edges = {
        (min(a, b) - 1, max(a, b) - 1): length for a, b, length in numbers[3 : 3 + 3 * lines].reshape(-1, 3).tolist()
    }
    ends = np.array(list(edges), int)
    graph = coo_array((np.array(list(edges.values()), float), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes)).tocsr()
    return dijkstra(graph, directed=False), int(sites)


def all_pairs(costs: FloatArray, sites: int, weight: FloatArray | None = None) -> ServingProblem:
    """Return the p-median of a table (d, o) in which everybody has to be served."""
    demands, options = costs.shape
    return ServingProblem(
        weight=np.ones(demands) if weight is None else weight,
        indptr=np.arange(0, demands * options + 1, options, dtype=np.int32),
        option=np.tile(np.arange(options, dtype=np.int32), demands),
        cost=costs.astype(float).ravel(),
        unserved_cost=np.full(demands, np.inf),
        state=np.zeros(options, np.int8),
        capacity=np.full(options, np.inf),
        cost_wan_yuan=np.zeros(options),
        most_sites=sites,
    )


def optima() -> dict[tuple[str, int], float]:
    """Return the published optimum of each model and file."""
    found: dict[tuple[str, int], float] = {}
    with (FILES / "published_optima.csv").open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            if line["problem"] == "p-median" and line["instance"].startswith("pmed"):
                found["least_total", int(line["instance"][4:])] = float(line["value"])
    for name, radius in (line.split() for line in (FILES / "kcenteropt.txt").read_text(encoding="ascii").splitlines()):
        found["least_worst", int(name[4:])] = float(radius)
    return found


def city(homes: int, candidates: int, sites: int, *, seed: int = 0) -> ServingProblem:
    """Return a city of 12 km × 12 km: homes around 30 centres, candidates anywhere, walks as the crow flies within 30 minutes."""
    chance = np.random.default_rng(seed)
    side, limit_seconds, speed = 12_000.0, 1800.0, 1.25
    centres = chance.random((30, 2)) * side
    at = (centres[chance.integers(0, 30, homes)] + chance.normal(0, side / 12, (homes, 2))) % side
    there = chance.random((candidates, 2)) * side
    near = [np.sort(np.array(found, np.int32)) for found in cKDTree(there).query_ball_point(at, limit_seconds * speed)]
    counts: IntArray = np.array([len(found) for found in near], np.int32)
    option = np.concatenate(near)
    row = np.repeat(np.arange(homes), counts)
    return ServingProblem(
        weight=chance.integers(1, 60, homes).astype(float),
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        option=option,
        cost=np.rint(np.hypot(*(at[row] - there[option]).T) / speed * 10) / 10,
        unserved_cost=np.full(homes, limit_seconds),
        state=np.zeros(candidates, np.int8),
        capacity=np.full(candidates, np.inf),
        cost_wan_yuan=np.zeros(candidates),
        most_sites=sites,
    )


def run(problem: ServingProblem, seconds: float = LIMIT_SECONDS) -> dict[str, Any]:
    """Solve one problem; tell value, bound, gap and processor seconds."""
    began, wall = time.process_time(), time.perf_counter()
    solution = solve_serving(problem, Watch(seconds))
    return {
        "value": solution.value,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": time.process_time() - began,
        "wall_seconds": time.perf_counter() - wall,
        "first_seconds": solution.stages[0].seconds if solution.stages else 0.0,
    }


def orlib(numbers: tuple[int, ...] = NUMBERS) -> list[dict[str, Any]]:
    """Solve the files as p-median and as p-center."""
    published = optima()
    rows = []
    for number in numbers:
        costs, sites = distances(FILES / f"pmed{number}.txt")
        problem = all_pairs(costs, sites)
        row: dict[str, Any] = {"file": f"pmed{number}", "n": len(costs), "p": sites}
        for objective in OBJECTIVES:
            found = run(replace(problem, objective=objective))
            best = published[objective, number]
            row[objective] = found | {
                "published": best,
                "found": found["value"] == best,
                "proved": found["bound"] == found["value"],
            }
        rows.append(row)
    return rows


def cities() -> list[dict[str, Any]]:
    """Solve cities of planner's size: the p-median, and with capacities."""
    rows = [
        {"case": f"p-median, 20,000 × 1,000, {sites} sites"} | run(city(20_000, 1_000, sites), 60)
        for sites in (40, 100)
    ]
    limited = city(5_000, 200, 20)
    limited = replace(limited, capacity=np.random.default_rng(3).integers(1_500, 6_000, 200).astype(float))
    names: dict[ServingObjective, str] = {
        "most_served": "covering with capacities",
        "least_total": "p-median with capacities",
    }
    for objective, name in names.items():
        rows.append({"case": f"{name}, 5,000 × 200, 20 sites"} | run(replace(limited, objective=objective), 60))
    return rows


def warm() -> None:
    """Compile every loop."""
    problem = city(50, 10, 2)
    limited = replace(problem, capacity=np.full(10, 200.0))
    for each in (problem, replace(problem, objective="least_worst"), limited):
        solve_serving(each, Watch())


def measured(*, quick: bool = False, numbers: tuple[int, ...] = NUMBERS) -> dict[str, Any]:
    """Measure everything; `quick` leaves out the cities."""
    warm()
    return {"orlib": orlib(numbers), "cities": [] if quick else cities()}


def report(found: dict[str, Any]) -> str:
    """Lay everything out as Markdown."""
    rows = found["orlib"]
    lines = [
        "| file | n | p | p-median | published | proved | s | p-center | published | proved | s |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|---|--:|",
    ]
    for row in rows:
        cells = [row["file"], row["n"], row["p"]]
        for objective in OBJECTIVES:
            one = row[objective]
            proved = "yes" if one["proved"] else f"within {one['gap']:.2%}"
            cells += [f"{one['value']:,.0f}", f"{one['published']:,.0f}", proved, f"{one['seconds']:.2f}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    cells = [f"{len(rows)} files", "", ""]
    for objective in OBJECTIVES:
        ones = [row[objective] for row in rows]
        cells += [f"{sum(one['found'] for one in ones)} found", "", f"{sum(one['proved'] for one in ones)} proved"]
        cells.append(f"{sum(one['seconds'] for one in ones):.1f}, longest {max(one['seconds'] for one in ones):.1f}")
    lines += [
        "| " + " | ".join(cells) + " |",
        "",
        "| city | value | bound | gap | first plan, s | all, s |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in found["cities"]:
        numbers = f"{row['value']:,.0f} | {row['bound']:,.0f} | {row['gap']:.2%} | {row['first_seconds']:.1f} | {row['seconds']:.1f}"
        lines.append(f"| {row['case']} | {numbers} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    numbers = tuple(int(word) for word in sys.argv[1:] if word.isdigit()) or NUMBERS
    found = {"machine": machine()} | measured(quick="--quick" in sys.argv, numbers=numbers)
    print(json.dumps(found, indent=1) if "--json" in sys.argv else f"Measured {found['machine']}.\n\n{report(found)}")


if __name__ == "__main__":
    main()
