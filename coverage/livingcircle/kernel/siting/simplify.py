"""The same problem made small, whatever binds the choice.

Unlike the reductions of the plain problem (`reduction`), these hold with every side constraint: values, shares and constraints of the
small problem are those of the problem as it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.siting.covering import CoveringProblem, Floor, OptionState
from livingcircle.model.columns import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Simplified:
    """A small problem, and the options (positions in the problem as it was asked) that it kept."""

    problem: CoveringProblem
    option: IntArray


def simplified(problem: CoveringProblem) -> Simplified:
    """Leave out what cannot be opened, settle what is decided, and merge demands that nothing can tell apart."""
    problem = settled(problem)
    kept = np.flatnonzero(problem.state != OptionState.FORBIDDEN).astype(np.int32)
    return Simplified(merged(_restricted(problem, kept)), kept)


def settled(problem: CoveringProblem) -> CoveringProblem:
    """Take off every need what options that stay open give, and forbid those that cannot be afforded or do not fit.

    Existing options that may not be closed become required ones without cost; they keep their state, since they count as no new site.
    """
    state = problem.state.copy()
    stays = (state == OptionState.REQUIRED) | ((state == OptionState.EXISTING) & (problem.most_closed <= 0))
    held_m2 = np.bincount(problem.site[stays], problem.floor_m2[stays], len(problem.site_floor_m2))
    free = state == OptionState.FREE
    short = held_m2[problem.site] + problem.floor_m2 > problem.site_floor_m2[problem.site] * (1 + 1e-9) + 1e-9
    state[free & short] = OptionState.FORBIDDEN
    if problem.budget_wan_yuan is not None:
        price = problem.cost_wan_yuan + problem.site_cost_wan_yuan[problem.site]
        state[free & (price > problem.budget_wan_yuan * (1 + 1e-9) + 1e-9)] = OptionState.FORBIDDEN
    return _without_rows(replace(problem, state=state), stays)


def _without_rows(problem: CoveringProblem, stays: BoolArray) -> CoveringProblem:
    """Empty the rows of options that stay open, and lower the needs they meet."""
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    given = np.bincount(problem.demand[stays[option]], minlength=len(problem.need))
    left = ~stays[option]
    return replace(
        problem,
        need=(problem.need - given).astype(np.int32),
        indptr=_indptr(option[left], problem.options),
        demand=problem.demand[left],
    )


def _indptr(option: NDArray[np.integer], options: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(option, minlength=options))]).astype(np.int32)


def _restricted(problem: CoveringProblem, kept: IntArray) -> CoveringProblem:
    """Keep some options only."""
    position = np.full(problem.options, -1, np.int32)
    position[kept] = np.arange(len(kept), dtype=np.int32)
    option = position[np.repeat(np.arange(problem.options), np.diff(problem.indptr))]
    bounds = []
    for bound in problem.bounds:
        inside = position[bound.option] >= 0
        bounds.append(replace(bound, option=position[bound.option[inside]], amount=bound.amount[inside]))
    return replace(
        problem,
        indptr=_indptr(option[option >= 0], len(kept)),
        demand=problem.demand[option >= 0],
        site=problem.site[kept],
        service=problem.service[kept],
        cost_wan_yuan=problem.cost_wan_yuan[kept],
        floor_m2=problem.floor_m2[kept],
        state=problem.state[kept],
        bounds=tuple(bounds),
    )


def merged(problem: CoveringProblem) -> CoveringProblem:
    """Merge demands with the same options, need and floors; leave out those that cannot be covered or weigh nothing.

    Demands covered whatever is chosen are kept, merged, so that values stay what they are. Sets are compared by sums of two random 64-bit
    words: two of a million different ones are mistaken for one another with a probability below 10⁻²⁶.
    """
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    forbidden = problem.state == OptionState.FORBIDDEN
    covered = problem.need <= 0
    useful = ~forbidden[option] & ~covered[problem.demand]
    option, demand = option[useful], problem.demand[useful]
    demands = len(problem.weight)
    words = np.random.default_rng(0).integers(
        0, 2**64, size=(2, problem.options + len(problem.floors) + 1), dtype=np.uint64
    )
    sums = np.zeros((2, demands), np.uint64)
    for word, row in zip(words, sums, strict=True):
        np.add.at(row, demand, word[option])
        for position, floor in enumerate(problem.floors):
            row[floor.demand] += word[problem.options + position]
        row[:] += word[-1] * np.maximum(problem.need, 0).astype(np.uint64)
    reached = np.bincount(demand, minlength=demands)
    wanted = np.flatnonzero((covered | (reached >= problem.need)) & (problem.weight > 0))
    _, first, number = np.unique(sums[:, wanted], axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(first), np.int32)
    rank[order] = np.arange(len(first), dtype=np.int32)
    group = np.full(demands, -1, np.int32)
    group[wanted] = rank[number.ravel()]
    first = wanted[first[order]]
    is_first = np.zeros(demands, bool)
    is_first[first] = True
    entry = is_first[demand]
    rows, columns = option[entry], group[demand[entry]]
    by_row = np.lexsort((columns, rows))
    return replace(
        problem,
        weight=np.bincount(group[wanted], problem.weight[wanted], len(first)).astype(np.float64),
        need=np.maximum(problem.need[first], 0).astype(np.int32),
        indptr=_indptr(rows, problem.options),
        demand=columns[by_row].astype(np.int32),
        floors=tuple(_grouped(floor, group) for floor in problem.floors),
    )


def _grouped(floor: Floor, group: IntArray) -> Floor:
    inside = np.unique(group[floor.demand])
    return replace(floor, demand=inside[inside >= 0].astype(np.int32))


def coverable(problem: CoveringProblem) -> FloatArray:
    """Return what of each floor's weight can be covered at most, were everything open that may be, (floors,)."""
    free = np.flatnonzero(problem.state != OptionState.FORBIDDEN).astype(np.int32)
    covered = problem.covered(free)
    return np.array([problem.weight[floor.demand[covered[floor.demand]]].sum() for floor in problem.floors], float)
