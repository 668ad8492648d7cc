"""Options that no better choice opens, and those that every better choice opens, by what they collect at the prices of the bound.

Opening an option that collects less than the last of those that make up the bound costs the difference; so does leaving out one that
collects more. Where bound − difference does not beat the value in hand, the option is decided (reduced-cost fixing; Dantzig, Fulkerson and
Johnson 1954, Operations Research 2:393-410). What is left is reduced again: with fewer options more demands are equal.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from livingcircle.kernel.siting.reduction import ReducedCovering, columns_of, rows_of, smaller
from livingcircle.kernel.siting.relaxation import Relaxation, sound_bound
from livingcircle.model.columns import BoolArray, FloatArray, IntArray


def fixed(problem: ReducedCovering, relaxed: Relaxation, value: float) -> ReducedCovering:
    """Return the problem of finding something better than `value`; nothing better is lost, worse choices may be.

    `relaxed` belongs to this problem, and `value` is in its own terms, without what is covered already. Positions are new ones;
    `original` still names the options.
    """
    least = value + 1.0 if problem.whole else value
    out, kept_in = _decided(problem, relaxed, least)
    return restricted(problem, ~out & ~kept_in, kept_in)


def restricted(problem: ReducedCovering, left: BoolArray, opened: BoolArray) -> ReducedCovering:
    """Return the problem with some options opened (m,), some left to choose (m,), and the rest closed."""
    table = csr_array(
        (np.ones(len(problem.demand), np.int8), problem.demand, problem.indptr),
        shape=(problem.options, len(problem.weight)),
    )
    done = np.zeros(len(problem.weight), bool)
    done[table[np.flatnonzero(opened)].indices] = True
    rows = np.flatnonzero(left)
    rest, weight, kept = smaller(
        columns_of(rows_of(table, rows), np.flatnonzero(~done)), problem.weight[~done], problem.cost[rows]
    )
    columns = rest.tocsc()
    columns.sort_indices()
    return replace(
        problem,
        weight=weight,
        indptr=rest.indptr.astype(np.int32),
        demand=rest.indices.astype(np.int32),
        starts=columns.indptr.astype(np.int32),
        option=columns.indices.astype(np.int32),
        cost=problem.cost[rows[kept]],
        original=problem.original[rows[kept]],
        decided=np.sort(np.concatenate([problem.decided, problem.original[opened]])).astype(np.int32),
        covered_already=problem.covered_already + float(problem.weight[done].sum()),
        most=min(max(problem.most - int(opened.sum()), 0), len(kept)),
        budget=problem.budget - float(problem.cost[opened].sum()),
    )


def positions(problem: ReducedCovering, original: IntArray) -> IntArray:
    """Return the positions of options that are still in the problem; others are left out."""
    at = np.minimum(np.searchsorted(problem.original, original), max(problem.options - 1, 0))
    there = problem.original[at] == original if problem.options else np.zeros(len(original), bool)
    return np.asarray(at[there], np.int32)


def _decided(problem: ReducedCovering, relaxed: Relaxation, least: float) -> tuple[BoolArray, BoolArray]:
    """Return which options (m,) cannot, and which must, be open in a choice that covers `least`."""
    net = relaxed.collected - relaxed.price_of_cost * problem.cost
    last, following = _edges(np.maximum(net, 0.0), problem.most)
    bound = sound_bound(relaxed.bound, whole=False)
    out = bound - (last - net) < least
    kept_in = bound - (net - following) < least
    return np.asarray(out & ~kept_in), np.asarray(kept_in & ~out)


def _edges(net: FloatArray, most: int) -> tuple[float, float]:
    """Return what the last option within the number collects, and the first one beyond it."""
    if most >= len(net):
        return 0.0, 0.0
    ordered = np.partition(net, (len(net) - most - 1, len(net) - most))
    return float(ordered[len(net) - most]), float(ordered[len(net) - most - 1])
