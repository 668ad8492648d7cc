"""The p-center: how long the longest walk must be, at least, and which sites do it.

A greatest cost r can be had if few enough options cover everybody within r (Minieka 1970, SIAM Review 12:138-139): a set covering problem.
Bisection over the costs that occur narrows r down by what is quick – covers found greedily and thinned out, linear relaxations that need
too many sites –, and what is left between is decided by small integer programs (Elloumi, Labbé and Pochet 2004, INFORMS Journal on
Computing 16:84-94, for how tight these relaxations are).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.highs import Known, branch_and_bound, relaxation
from livingcircle.kernel.siting.median import Median, searched
from livingcircle.kernel.siting.median_table import MedianTable, median_table
from livingcircle.kernel.siting.mixed_integer import Program, Rows
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.serving_check import nearest_open
from livingcircle.kernel.siting.solution import Watch, relative_gap
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

_MOST_FOR_DOMINANCE = 3_000
"""Rows and columns up to which a cover is thinned out: all pairs of them are compared at once."""
_RELAXATION_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Which options (o,) reach which demands; `reaches` (demands, options) has a one where they do."""

    reaches: csr_array
    price: FloatArray
    sites: int
    budget: float

    def program(self) -> Program:
        """Return the program of the fewest sites that reach everybody within the budget."""
        options = self.reaches.shape[1]
        rows = Rows()
        entry = self.reaches.tocoo()
        rows.add(np.ones(self.reaches.shape[0]), np.inf, (entry.row, entry.col, 1.0))
        if np.isfinite(self.budget):
            rows.add(-np.inf, self.budget, (0, np.arange(options), self.price))
        return rows.program(np.ones(options), np.ones(options), np.ones(options, bool))


def cover_within(table: MedianTable, most: float) -> tuple[Cover, IntArray] | None:
    """Return who has to be reached by whom so that no cost is above `most`, and the options left; None where that cannot be.

    Left out are demands that are reached whenever another one is, and options that reach no more than another one that costs no more.
    """
    hard = np.flatnonzero(table.base > most)
    use = (table.cost <= most) & (table.base > most)[table.row]
    position = np.full(len(table.base), -1, np.int32)
    position[hard] = np.arange(len(hard))
    ones = np.ones(int(use.sum()), np.float32)
    reaches = csr_array((ones, (position[table.row[use]], table.option[use])), shape=(len(hard), table.options))
    if (np.diff(reaches.indptr) == 0).any():
        return None
    options = np.flatnonzero(table.price <= table.budget).astype(np.int32)
    reaches = csr_array(reaches[:, options])
    while max(reaches.shape) <= _MOST_FOR_DOMINANCE and min(reaches.shape) > 0:
        common, size = _shared(reaches)
        rows = _first_ones(common == size[None, :], common == size[:, None], np.zeros(len(size)))  # contain another row
        reaches = csr_array(reaches[rows])
        common, size = _shared(csr_array(reaches.T))
        columns = _first_ones(
            common == size[:, None], common == size[None, :], table.price[options]
        )  # contained in another
        reaches = csr_array(reaches[:, columns])
        thinner = len(columns) < len(options)
        options = options[columns]
        if not thinner:
            break
    if (np.diff(reaches.indptr) == 0).any():
        return None
    return Cover(reaches, table.price[options], table.sites, table.budget), options


def _shared(sets: csr_array) -> tuple[FloatArray, FloatArray]:
    """Return how many elements each two rows share, and how many each has; counts below 2²⁴ are exact."""
    dense = sets.toarray()
    common = dense @ dense.T
    return common, np.diagonal(common)


def _first_ones(needless: BoolArray, needed: BoolArray, price: FloatArray) -> IntArray:
    """Return the rows that are not needless beside another one that costs no more; of rows needless beside each other the first."""
    order = np.arange(len(price))
    alike = needless & needed & (price[None, :] == price[:, None])
    out = needless & (price[None, :] <= price[:, None]) & (~alike | (order[None, :] < order[:, None]))
    return np.flatnonzero(~out.any(1)).astype(np.int32)


def aside(watch: Watch, value: float, bound: float) -> Watch:
    """Return a watch for a step with values of its own: whoever watches goes on to see those of the whole problem."""
    return Watch(watch.remaining_seconds, is_stopped=lambda _value, _bound: watch.is_stopped(value, bound))


def covered(
    cover: Cover, watch: Watch, known: Known, seed: int, *, exact: bool
) -> tuple[Literal["yes", "no", "open"], IntArray]:
    """Return whether few enough options reach everybody, and which: by swaps, by the relaxation, and if `exact` by branch and bound."""
    none = np.empty(0, np.int32)
    demands, options = cover.reaches.shape
    if demands == 0:
        return "yes", none
    if cover.sites <= 0 or options == 0:
        return "no", none
    table = MedianTable(
        indptr=cover.reaches.indptr.astype(np.int32),
        option=cover.reaches.indices.astype(np.int32),
        cost=np.zeros(cover.reaches.nnz),
        base=np.ones(demands),
        price=cover.price.astype(np.float64),
        which=np.arange(options, dtype=np.int32),
        sites=min(cover.sites, options),
        budget=cover.budget,
        constant=0.0,
    )
    chosen, missed = searched(table, watch, seed=seed, enough=0.0)
    if missed == 0:
        return "yes", chosen
    written = cover.program()
    watch = aside(watch, known.value, known.bound)
    relaxed = relaxation(written, watch, known, interior=False)
    if relaxed.outcome == "infeasible" or relaxed.bound > cover.sites + _RELAXATION_TOLERANCE:
        return "no", none
    if not exact:
        return "open", none
    answer = branch_and_bound(written, watch, gap=0.0)
    if answer.outcome == "infeasible":
        return "no", none
    if answer.values is None:
        return "open", none
    chosen = np.flatnonzero(answer.values > 0.5).astype(np.int32)
    if len(chosen) <= cover.sites:
        return "yes", chosen
    return ("no" if answer.bound > cover.sites + _RELAXATION_TOLERANCE else "open"), none


def least_worst(problem: ServingProblem, watch: Watch, *, seed: int = 0) -> Median:
    """Return the options of the problem with the least greatest cost, and its proof; `value` is `inf` where nothing was found."""
    table = median_table(problem, problem.cost, problem.unserved_cost)
    decided = np.flatnonzero((problem.state == OptionState.REQUIRED) | (problem.state == OptionState.EXISTING)).astype(
        np.int32
    )

    def whole(chosen: IntArray) -> IntArray:
        return np.sort(np.concatenate([decided, table.which[chosen]])).astype(np.int32)

    def worst(chosen: IntArray) -> float:
        return float(nearest_open(problem, whole(chosen))[1].max(initial=0.0))

    # nobody does better than with all options open: costs below the worst of these cannot be had
    everything = np.flatnonzero(problem.state != OptionState.FORBIDDEN).astype(np.int32)
    best_of_all = float(nearest_open(problem, everything)[1].max(initial=0.0))
    costs = np.concatenate([table.cost, table.base[np.isfinite(table.base)], [best_of_all]])
    costs = np.unique(costs[costs >= best_of_all])
    chosen, _ = (
        searched(table, watch, seed=seed) if table.sites > 0 and len(table.option) else (np.empty(0, np.int32), 0.0)
    )
    value = worst(chosen)
    low, high = -1, int(np.searchsorted(costs, value))
    undecided: list[int] = []
    exact = False
    watch.tell("swaps", value, best_of_all)
    while low + 1 < high and watch.remaining_seconds > 0 and relative_gap(value, costs[low + 1]) > watch.gap:
        top = undecided[0] if undecided and not exact else high
        middle = (low + top) // 2 if low + 1 < top else low + 1
        if low + 1 >= top and not exact:
            exact = True  # the relaxation says no more
            continue
        found = cover_within(table, costs[middle])
        known = Known(value, float(costs[low + 1]), proves=False)
        answer, picks = (
            ("no", np.empty(0, np.int32)) if found is None else covered(found[0], watch, known, seed, exact=exact)
        )
        if answer == "yes" and found is not None:
            chosen = found[1][picks]
            value = worst(chosen)
            high = int(np.searchsorted(costs, value))
            undecided = [position for position in undecided if position < high]
        elif answer == "no":
            low = middle
        elif exact:
            break  # the clock ran out
        else:
            undecided.insert(0, middle)
        if watch.tell("costs tried", value, costs[min(low + 1, len(costs) - 1)]):
            break
    bound = value if low + 1 >= high else float(costs[low + 1])
    return Median(whole(chosen), value, min(bound, value))
