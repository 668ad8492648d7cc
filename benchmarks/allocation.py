"""How long a dense city takes to hand out its places: `python -m benchmarks.allocation`.

A made-up city of 20,000 homes on a plane, walks along a grid of streets, places of unequal size for a share of what is needed. The linear
program that is solved where numba is missing runs on the first case for comparison with `--program`.
"""

from __future__ import annotations

import sys
import time
from unittest import mock

import numpy as np

from livingcircle.kernel import allocation
from livingcircle.kernel.allocation import allocate
from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import ReachTable

LIMIT_SECONDS = 900.0
HOMES = 20_000
CASES = ((50, 0.7, 3000.0), (50, 1.0, 3000.0), (100, 0.9, 5000.0), (100, 1.1, 5000.0), (100, 1.1, 3000.0))
"""Facilities, places as a share of what is needed, side of the city in metres."""


def city(
    homes: int, facilities: int, share: float, side_metres: float, seed: int = 0
) -> tuple[ReachTable, FloatArray, FloatArray]:
    """Return who has what in reach, places and needs of a city without streets."""
    chance = np.random.default_rng(seed)
    home, facility = (chance.uniform(0, side_metres, (count, 2)) for count in (homes, facilities))
    walks = [np.rint(np.abs(home - one).sum(axis=1) / 1.25 * TICKS_PER_SECOND) / TICKS_PER_SECOND for one in facility]
    near = [np.flatnonzero(walk <= LIMIT_SECONDS).astype(np.int32) for walk in walks]
    table = ReachTable(
        np.concatenate([[0], np.cumsum([len(one) for one in near])]).astype(np.int32),
        np.concatenate(near),
        np.concatenate([walk[one] for walk, one in zip(walks, near, strict=True)]),
        homes,
        LIMIT_SECONDS,
    )
    needed = chance.integers(1, 60, homes) * 0.05
    return table, np.round(chance.dirichlet(np.full(facilities, 3.0)) * needed.sum() * share), needed


def main() -> None:
    """Print seconds for each case."""
    allocate(*city(300, 5, 0.9, 3000.0), LIMIT_SECONDS)  # compile
    for number, (facilities, share, side) in enumerate(CASES):
        table, places, needed = city(HOMES, facilities, share, side)
        began, busy = time.perf_counter(), time.process_time()
        found = allocate(table, places, needed, LIMIT_SECONDS)
        took, own = time.perf_counter() - began, time.process_time() - busy
        print(
            f"{facilities} facilities, {share:.0%} of places, {len(table.home):,} pairs: {took:.1f} s ({own:.1f} s of one core)"
        )
        print(f"  served {found.served.sum():,.1f}, walked {found.person_seconds / 3600:,.1f} h")
        if number == 0 and "--program" in sys.argv:
            with mock.patch.object(allocation, "_compiled", return_value=None):
                began = time.perf_counter()
                again = allocate(table, places, needed, LIMIT_SECONDS)
            print(
                f"  as a linear program {time.perf_counter() - began:.1f} s, walked {again.person_seconds / 3600:,.1f} h"
            )


if __name__ == "__main__":
    main()
