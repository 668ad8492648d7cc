"""Maximal covering by spopt and by PuLP with CBC: `python -P benchmarks/peers/siting.py {spopt,pulp} CASE.npz SECONDS`.

A file to itself, run by its path: spopt imports numba, which must not find the folder `coverage` of this project in its way.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def rows(case):
    """Return the demands of every candidate."""
    return np.split(case["demand"], case["indptr"][1:-1])


def by_spopt(case, seconds):
    """Build from a matrix of 0 (covered) and 1, as spopt wants it, and solve with CBC."""
    import pulp
    from spopt.locate import MCLP

    costs = np.ones((len(case["weight"]), len(case["indptr"]) - 1))
    for candidate, homes in enumerate(rows(case)):
        costs[homes, candidate] = 0.0
    began = time.perf_counter(), time.process_time()
    model = MCLP.from_cost_matrix(costs, case["weight"], 0.5, int(case["sites"]))
    built = time.perf_counter() - began[0], time.process_time() - began[1]
    model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=seconds), results=False)
    return built, [place for place, variable in enumerate(model.fac_vars) if (variable.value() or 0) > 0.5]


def by_pulp(case, seconds):
    """Write the usual model down sparsely."""
    import pulp

    began = time.perf_counter(), time.process_time()
    model = pulp.LpProblem("cover", pulp.LpMaximize)
    opened = [pulp.LpVariable(f"x{place}", cat="Binary") for place in range(len(case["indptr"]) - 1)]
    covered = [pulp.LpVariable(f"y{home}", 0, 1) for home in range(len(case["weight"]))]
    reaching = [[] for _ in covered]
    for candidate, homes in enumerate(rows(case)):
        for home in homes:
            reaching[home].append(opened[candidate])
    model += pulp.LpAffineExpression(zip(covered, case["weight"].tolist(), strict=True))
    for variable, places in zip(covered, reaching, strict=True):
        model += variable <= pulp.lpSum(places)
    model += pulp.lpSum(opened) <= int(case["sites"])
    built = time.perf_counter() - began[0], time.process_time() - began[1]
    model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=seconds))
    return built, [place for place, variable in enumerate(opened) if (variable.value() or 0) > 0.5]


def main():
    """Answer on one line: seconds of building (by the clock, of the processor), seconds in all, and the value."""
    how, path, seconds = sys.argv[1:]
    with np.load(path) as arrays:
        case = dict(arrays)
    began = time.perf_counter()
    built, chosen = {"spopt": by_spopt, "pulp": by_pulp}[how](case, float(seconds))
    reached = np.zeros(len(case["weight"]), bool)
    for place in chosen[: int(case["sites"])]:
        reached[rows(case)[place]] = True
    print(
        json.dumps(
            {
                "build": built[1],
                "seconds": time.perf_counter() - began,
                "value": float(case["weight"][reached].sum()),
            }
        )
    )


if __name__ == "__main__":
    main()
