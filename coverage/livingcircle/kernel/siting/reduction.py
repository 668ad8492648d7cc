"""The same covering problem made small: equal demands merged, options that cannot matter left out, decided ones taken as decided.

- Demands reached by the same options are covered together or not at all: they become one with their weights added up.
- An option whose demands another one reaches as well, for no more money, is never needed (dominance; ReVelle 1993, Environment and
  Planning B 20:147-169). Dropping it can make more demands equal, so both go round until nothing changes.
- Required options and existing ones that stay are open: what they cover is worth its weight already and leaves the problem with them.

Every choice of the small problem is one of the problem as it was asked and worth as much, and a best one of the small is a best one of
the other: values and bounds carry over with `covered_already` added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

_ROUNDS = 3
"""Merging and dropping more often changes next to nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class ReducedCovering:
    """What is left to choose: m options, d demands of positive weight that some option reaches and nothing covers yet.

    `demand[indptr[j]:indptr[j + 1]]` are the demands of option j, `option[starts[i]:starts[i + 1]]` the options of demand i, ascending.
    `original` (m,) are the positions of the options in the problem as it was asked, and `decided` those that are open in any case.
    At most `most` options (of m, if nothing limits their number) may be opened for at most `budget` (`inf` without limit) at `cost` (m,).
    """

    weight: FloatArray
    indptr: IntArray
    demand: IntArray
    starts: IntArray
    option: IntArray
    cost: FloatArray
    original: IntArray
    decided: IntArray
    covered_already: float
    most: int
    budget: float

    @property
    def options(self) -> int:
        """Number of options left."""
        return len(self.indptr) - 1

    @property
    def whole(self) -> bool:
        """Whether all weights are whole numbers, so that bounds may be rounded down."""
        return bool((self.weight == np.rint(self.weight)).all()) and self.covered_already == np.rint(
            self.covered_already
        )

    @property
    def counted(self) -> bool:
        """Whether the number of options alone limits the choice."""
        return not np.isfinite(self.budget)

    def row(self, option: int) -> IntArray:
        """Return the demands that an option reaches."""
        return self.demand[self.indptr[option] : self.indptr[option + 1]]

    def covered_weight(self, chosen: IntArray) -> float:
        """Return the weight that these options cover together."""
        reached = np.zeros(len(self.weight), bool)
        for option in chosen:
            reached[self.row(int(option))] = True
        return float(self.weight[reached].sum())

    def allows(self, chosen: IntArray) -> bool:
        """Return whether these options keep to the number and the budget."""
        return len(chosen) <= self.most and bool(affordable(self.cost[chosen].sum(), self.budget))

    def opened(self, chosen: IntArray) -> IntArray:
        """Return the open options (ascending) of the problem as it was asked."""
        return np.sort(np.concatenate([self.decided, self.original[chosen]])).astype(np.int32)


def affordable(cost: FloatArray, budget: float) -> BoolArray:
    """Return whether costs keep to a budget, but for the rounding of a sum."""
    return np.asarray(cost <= budget + 1e-9 * max(1.0, abs(budget)))


def reduced(problem: CoveringProblem) -> ReducedCovering:
    """Reduce a plain problem: one open option covers a demand, options stand alone, their number or their money is limited.

    What the required options take is taken off the number and the budget first.
    """
    new = problem.state != OptionState.EXISTING
    cost = np.where(new, option_costs(problem), 0.0)
    decided = np.flatnonzero((problem.state == OptionState.REQUIRED) | ~new)
    free = np.flatnonzero((problem.state == OptionState.FREE) & _fitting(problem))
    covers = csr_array(
        (np.ones(len(problem.demand), np.int8), problem.demand, problem.indptr),
        shape=(problem.options, len(problem.weight)),
    )
    done = np.zeros(len(problem.weight), bool)
    done[covers[decided].indices] = True
    wanted = problem.need > 0
    left = wanted & ~done & (problem.weight > 0)
    taken = int(new[decided].sum())
    most = len(free) if problem.most_sites is None else max(problem.most_sites - taken, 0)
    budget = np.inf if problem.budget_wan_yuan is None else problem.budget_wan_yuan - float(cost[decided].sum())
    free = free[affordable(cost[free], budget)]
    table = columns_of(rows_of(covers, free), np.flatnonzero(left))
    price = cost[free] if np.isfinite(budget) else np.zeros(len(free))
    table, weight, kept = smaller(table, problem.weight[left].astype(np.float64), price)
    by_demand = table.tocsc()
    by_demand.sort_indices()
    return ReducedCovering(
        weight=weight,
        indptr=table.indptr.astype(np.int32),
        demand=table.indices.astype(np.int32),
        starts=by_demand.indptr.astype(np.int32),
        option=by_demand.indices.astype(np.int32),
        cost=price[kept],
        original=free[kept].astype(np.int32),
        decided=decided.astype(np.int32),
        covered_already=float(problem.weight[wanted & done].sum()),
        most=min(most, len(kept)),
        budget=float(budget),
    )


def option_costs(problem: CoveringProblem) -> FloatArray:
    """Return what each option costs with its site (o,); for problems where a site has one option, or costs nothing."""
    return np.asarray(problem.cost_wan_yuan + problem.site_cost_wan_yuan[problem.site], np.float64)


def _fitting(problem: CoveringProblem) -> BoolArray:
    return np.asarray(problem.floor_m2 <= problem.site_floor_m2[problem.site])


def smaller(table: csr_array, weight: FloatArray, cost: FloatArray) -> tuple[csr_array, FloatArray, IntArray]:
    """Merge the equal columns (demands) of a cover table and drop dominated rows (options), in turn.

    Returns
    -------
    tuple
        The table that is left with ascending rows, the weights of its columns, and which rows they were.
    """
    kept = np.arange(table.shape[0])
    for _ in range(_ROUNDS):
        table, weight = _merged(table, weight)
        needed = _undominated(table, cost[kept])
        if needed.all():
            break
        table, kept = table[needed], kept[needed]
    return table, weight, kept.astype(np.int32)


def _merged(table: csr_array, weight: FloatArray) -> tuple[csr_array, FloatArray]:
    """Merge equal columns and leave out empty ones.

    Columns are compared by two random 63-bit words per row, combined by exclusive or: two of a million different columns are mistaken for
    one another with a probability below 10⁻²⁵.
    """
    random = np.random.default_rng(0)
    first_words, second_words = (random.integers(1, 2**63, table.shape[0], dtype=np.int64) for _ in range(2))
    first_hash, second_hash = fingerprints(*_int32(table), first_words, second_words, table.shape[1])
    reached = np.flatnonzero(first_hash | second_hash)
    order = reached[np.lexsort((first_hash[reached], second_hash[reached]))]
    new = np.ones(len(order), bool)
    new[1:] = (first_hash[order[1:]] != first_hash[order[:-1]]) | (second_hash[order[1:]] != second_hash[order[:-1]])
    group = np.cumsum(new) - 1
    first = np.minimum.reduceat(order, np.flatnonzero(new)) if len(order) else order
    rank = np.argsort(np.argsort(first))  # demands keep the order of their first member, which is one of place
    sums = np.bincount(rank[group], weights=weight[order], minlength=len(first))
    return columns_of(table, np.sort(first)), sums.astype(np.float64)


def columns_of(table: csr_array, columns: NDArray[np.intp]) -> csr_array:
    """Return the table with these columns alone, which are ascending; rows stay in their order."""
    if len(columns) == table.shape[1]:
        return table
    number = np.full(table.shape[1], -1, np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    indptr, kept = renumbered(*_int32(table), number)
    return csr_array((table.data[: len(kept)], kept, indptr), shape=(table.shape[0], len(columns)))


def _int32(table: csr_array) -> tuple[IntArray, IntArray]:
    return table.indptr.astype(np.int32, copy=False), table.indices.astype(np.int32, copy=False)


def rows_of(table: csr_array, rows: NDArray[np.intp]) -> csr_array:
    """Return the table with these rows alone, which are ascending."""
    return table if len(rows) == table.shape[0] else table[rows]


@compiled
def fingerprints(
    indptr: IntArray, demand: IntArray, first: NDArray[np.int64], second: NDArray[np.int64], demands: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Combine the words of the rows that hold each column by exclusive or; 0 for a column in none."""
    one, other = np.zeros(demands, np.int64), np.zeros(demands, np.int64)
    for row in range(len(indptr) - 1):
        for entry in range(indptr[row], indptr[row + 1]):
            one[demand[entry]] ^= first[row]
            other[demand[entry]] ^= second[row]
    return one, other


def _undominated(table: csr_array, cost: FloatArray) -> BoolArray:
    """Return which rows (m,) no other one makes superfluous; of equal ones the first of the cheapest stays."""
    columns = table.tocsc()
    marks = np.random.default_rng(1).integers(0, 63, table.shape[1], dtype=np.int64)
    return np.asarray(
        undominated(
            *_int32(table),
            *_int32(columns),
            np.left_shift(np.int64(1), marks),
            cost,
        )
    )


@compiled
def renumbered(indptr: IntArray, demand: IntArray, number: IntArray) -> tuple[IntArray, IntArray]:
    """Give columns new numbers and leave out those below 0."""
    rows = len(indptr) - 1
    bounds, kept = np.empty(rows + 1, np.int32), np.empty(len(demand), np.int32)
    bounds[0] = 0
    entries = 0
    for row in range(rows):
        for entry in range(indptr[row], indptr[row + 1]):
            kept[entries] = number[demand[entry]]
            entries += kept[entries] >= 0
        bounds[row + 1] = entries
    return bounds, kept[:entries].copy()


@compiled
def undominated(
    indptr: IntArray, demand: IntArray, starts: IntArray, option: IntArray, mark: NDArray[np.int64], cost: FloatArray
) -> BoolArray:
    """Compare each row with those that share its rarest column; sets of 63 marks rule nearly all of them out at once."""
    options = len(indptr) - 1
    signature = np.zeros(options, np.int64)
    for row in range(options):
        for entry in range(indptr[row], indptr[row + 1]):
            signature[row] |= mark[demand[entry]]
    kept = np.ones(options, np.bool_)
    for row in range(options):
        begin, end = indptr[row], indptr[row + 1]
        if begin == end:
            kept[row] = False
            continue
        rarest = demand[begin]
        for entry in range(begin + 1, end):
            column = demand[entry]
            if starts[column + 1] - starts[column] < starts[rarest + 1] - starts[rarest]:
                rarest = column
        for place in range(starts[rarest], starts[rarest + 1]):
            other = option[place]
            wider = indptr[other + 1] - indptr[other] - (end - begin)
            if other == row or not kept[other] or wider < 0 or cost[other] > cost[row]:
                continue
            if wider == 0 and cost[other] == cost[row] and other > row:
                continue
            if signature[row] & ~signature[other] != 0:
                continue
            entry, there = begin, indptr[other]
            while entry < end and indptr[other + 1] - there >= end - entry:
                if demand[there] == demand[entry]:
                    entry += 1
                elif demand[there] > demand[entry]:
                    break
                there += 1
            if entry == end:
                kept[row] = False
                break
    return kept
