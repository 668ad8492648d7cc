"""Loops compiled before the clock of a search starts: the first plan on a machine has the same time as every other.

`python -m livingcircle.kernel.siting.ready` compiles what every search for sites needs.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from livingcircle.kernel.siting.covering import plain_covering
from livingcircle.kernel.siting.maximal import maximal_covering
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve_serving import solve_serving


@cache
def covering_ready() -> None:
    """Cover a ring of five demands, of which the first and the last are alike, once in a process."""
    ring = np.array([0, 1, 4, 1, 2, 2, 3, 0, 3, 4], np.int32)
    maximal_covering(plain_covering(np.ones(5), np.array([0, 3, 5, 7, 10], np.int32), ring, 1), Watch())


@cache
def serving_ready() -> None:
    """Serve four demands of a ring, without capacities and with them, once in a process."""
    for room in (np.inf, 2.0):
        walks = ServingProblem(
            weight=np.ones(4),
            indptr=np.arange(0, 9, 2, dtype=np.int32),
            option=np.array([0, 1, 1, 2, 2, 3, 3, 0], np.int32),
            cost=np.arange(1.0, 9.0),
            unserved_cost=np.full(4, 9.0),
            state=np.zeros(4, np.int8),
            capacity=np.full(4, room),
            cost_wan_yuan=np.zeros(4),
            most_sites=1,
        )
        solve_serving(walks, Watch())


if __name__ == "__main__":
    covering_ready()
