"""Serving with capacities: which sites, and who goes where, when a site cannot take everybody.

minimise Σ cost · x + Σ unserved cost · z   subject to   Σ x + z = people,   Σ x ≤ capacity · y,   x ≤ people · y,   Σ y ≤ sites

with x the people sent along an entry of the table, z those nobody serves, y what is open. Covering with capacities is the same with costs
of 0 and 1; of equally good divisions of people it takes the one with the least walking. For a choice of sites x is a flow of least cost
(`transport`), found exactly; sites are swapped on that; prices per person, with every option filled by those who pay most, bound every
choice (Beasley 1988, European Journal of Operational Research 33:314-325); what the bound leaves open is an integer program.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.highs import branch_and_bound
from livingcircle.kernel.siting.median import searched
from livingcircle.kernel.siting.median_table import MedianTable
from livingcircle.kernel.siting.mixed_integer import Rows
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.serving_check import TOLERANCE, rows_of
from livingcircle.kernel.siting.solution import PROVEN, Watch
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, SmallArray

_FAILURES = 40
"""Swaps tried in a row without success before it is enough."""
_STEPS_OF_ROOT, _STEPS_TOGETHER, _SHORTEST_STEP = 1_200, 40, 1e-3
_ENTRIES_FOR_PROGRAM = 60_000


@dataclass(frozen=True, eq=False)
class CapacitatedTable:
    """The problem by rows (d,) and options (o,), forbidden ones left out; `state` is 1 for what is open whatever is chosen, else 0.

    `cost` (e,) and `unserved` (d,), `inf` for who has to be served, are per person and what the value is made of; `sorting_cost` and
    `sorting_unserved`, always finite, are what people are sent by: the same, or with the walk as a second aim. `sites` counts what is open
    already, `capacity` is no more than all people, `origin` (e,) are entries of the problem, `which` (o,) its options.
    """

    indptr: IntArray
    option: IntArray
    cost: FloatArray
    sorting_cost: FloatArray
    weight: FloatArray
    unserved: FloatArray
    sorting_unserved: FloatArray
    capacity: FloatArray
    price: FloatArray
    state: SmallArray
    sites: int
    budget: float
    origin: IntArray
    which: IntArray

    @cached_property
    def row(self) -> IntArray:
        """Demand of each entry (e,)."""
        return np.repeat(np.arange(len(self.weight), dtype=np.int32), np.diff(self.indptr))

    @cached_property
    def by_option(self) -> tuple[IntArray, IntArray, IntArray]:
        """Where each option begins (o + 1,), and the demand and entry of everything it is in (e,)."""
        order = np.argsort(self.option, kind="stable").astype(np.int32)
        ends = np.concatenate([[0], np.cumsum(np.bincount(self.option, minlength=len(self.which)))])
        return ends.astype(np.int32), self.row[order], order

    def may_open(self, is_open: BoolArray) -> bool:
        """Return whether this many sites, for this money, are allowed."""
        return int(is_open.sum()) <= self.sites and float(self.price[is_open].sum()) <= self.budget

    def divided(self, is_open: BoolArray) -> tuple[FloatArray, float]:
        """Return who is sent where (e,) when these are open, and its value: `inf` where somebody who has to be served is not."""
        sent, left, _, _ = self._sent(is_open, np.inf)
        return sent, self.worth(sent, left)

    def searched(self, is_open: BoolArray, most: float = np.inf) -> float:
        """Return what a choice costs in the costs people are sent by, `inf` where that is sure to be above `most`."""
        return self._sent(is_open, most)[3]

    def prices(self, is_open: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return what one person more of each demand would cost (d,) where these are open, and one more at each option (o,)."""
        _, _, marginal, _ = self._sent(is_open, np.inf)
        price = self.sorting_unserved.copy()
        np.minimum.at(price, self.row, self.sorting_cost + marginal[self.option])
        return price, marginal

    def _sent(self, is_open: BoolArray, most: float) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        from livingcircle.kernel.siting.capacitated_loops import transport

        sent, left, marginal = np.empty(len(self.cost)), np.empty(len(self.weight)), np.empty(len(self.which))
        cost = transport(
            self.indptr, self.option, self.sorting_cost, *self.by_option, self.weight, self.sorting_unserved, self.capacity,
            is_open, most, sent, left, marginal,
        )  # fmt: skip
        return sent, left, marginal, float(cost)

    def worth(self, sent: FloatArray, left: FloatArray) -> float:
        """Return the value of a division of people."""
        unserved = left > TOLERANCE * np.maximum(self.weight, 1.0)
        if np.isinf(self.unserved[unserved]).any():
            return float(np.inf)
        finite = np.isfinite(self.unserved)
        return float((sent * self.cost).sum() + (left[finite] * self.unserved[finite]).sum())


def capacitated_table(
    problem: ServingProblem, cost: FloatArray, unserved: FloatArray, *, walk: FloatArray | None = None
) -> CapacitatedTable:
    """Return the table with these costs per person (e,) and (d,); with `walk` (e,), of equally good divisions the shortest is taken."""
    kept = problem.state != OptionState.FORBIDDEN
    row = rows_of(problem)
    use = kept[problem.option] & (cost <= unserved[row])
    by = cost if walk is None else walk
    found = np.flatnonzero(use)
    origin = found[np.lexsort((problem.option[found], by[found], row[found]))].astype(np.int32)
    counts = np.bincount(row[origin], minlength=len(problem.weight))
    sorting, nobody = cost, unserved
    if walk is not None:
        sorting = walk
        nobody = np.where(np.isinf(unserved), np.inf, unserved * _above(walk, kept))
    hard = np.isinf(nobody)
    most = np.concatenate([sorting, nobody[~hard]])
    state = problem.state[kept]
    given = (state == OptionState.EXISTING) | (state == OptionState.REQUIRED)
    existing = state == OptionState.EXISTING
    price = np.where(existing, 0.0, problem.cost_wan_yuan[kept])
    sites = int((~existing).sum()) if problem.most_sites is None else int(problem.most_sites)
    value_cost = cost[origin].astype(np.float64)
    return CapacitatedTable(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        option=(np.cumsum(kept) - 1).astype(np.int32)[problem.option[origin]],
        cost=value_cost,
        sorting_cost=value_cost if walk is None else sorting[origin].astype(np.float64),
        weight=problem.weight.astype(np.float64),
        unserved=unserved.astype(np.float64),
        sorting_unserved=np.where(hard, _above(most, kept), nobody),
        capacity=np.minimum(problem.capacity[kept], problem.weight.sum()).astype(np.float64),
        price=price.astype(np.float64),
        state=given.astype(np.int8),
        sites=sites + int(existing.sum()),
        budget=np.inf if problem.budget_wan_yuan is None else float(problem.budget_wan_yuan) * (1 + 1e-12),
        origin=origin,
        which=np.flatnonzero(kept).astype(np.int32),
    )


def _above(cost: FloatArray, options: BoolArray) -> float:
    """Return more than any chain of displacements through all options can cost."""
    return (int(options.sum()) + 2) * float(cost.max(initial=0.0)) + 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """What is open (o,), the people sent along each entry (e,), the value, and what no choice costs less than."""

    is_open: BoolArray
    sent: FloatArray
    value: float
    bound: float


def least_divided(table: CapacitatedTable, watch: Watch, *, seed: int = 0, enough: float = -np.inf) -> Division:
    """Return the best choice with its proof; stop where its cost is no more than `enough`, or none can be.

    `value` is `inf` where no choice was found that serves who has to be served.
    """
    is_open = _start(table, watch, seed)
    state, worth, use = table.state.copy(), np.zeros(len(table.which)), np.zeros(len(table.which))
    sent, value = table.divided(is_open)
    bound = 0.0
    stop = watch.tell("first choice", value, bound)
    if stop or value <= enough:
        return Division(is_open, sent, value, bound)
    is_open = _swapped(table, watch, is_open)
    sent, value = table.divided(is_open)
    if watch.tell("swaps", value, bound) or value <= enough:
        return Division(is_open, sent, value, bound)
    goal = value if np.isfinite(value) else table.searched(is_open)
    bound = max(bound, _raised(table, watch, state, _first_prices(table, is_open), goal, worth, use))
    if watch.tell("prices", value, min(bound, value)) or value <= enough or _proven(value, bound):
        return Division(is_open, sent, value, min(bound, value))
    room = (value - bound) * (1 + PROVEN) + PROVEN * abs(value)
    if np.isfinite(value):
        state[(state == 0) & (worth > room)] = 2
        state[(state == 0) & (worth < -room)] = 1
    if np.count_nonzero(state[table.option] != 2) <= _ENTRIES_FOR_PROGRAM:
        found, least, infeasible = _program(table, watch, state, is_open if np.isfinite(value) else None)
        bound = max(bound, value if infeasible else least)  # nothing is left that would be better
        if found is not None and table.may_open(found):
            sent_there, there = table.divided(found)
            if there < value:
                is_open, sent, value = found, sent_there, there
        watch.tell("branch and bound", value, min(bound, value))
    return Division(is_open, sent, value, min(bound, value))


def _proven(value: float, bound: float) -> bool:
    return bool(np.isfinite(value)) and value - bound <= PROVEN * abs(value)


def _first_prices(table: CapacitatedTable, is_open: BoolArray) -> FloatArray:
    """Begin with the prices of a choice; where people are sent by more than the value, with what being unserved costs."""
    same = table.sorting_cost is table.cost
    price = table.prices(is_open)[0]
    return (
        np.minimum(price, table.unserved) if same else np.where(np.isinf(table.unserved), price.max(), table.unserved)
    )


def _start(table: CapacitatedTable, watch: Watch, seed: int) -> BoolArray:
    """Choose as if nobody were turned away, then fill up with what holds most."""
    given, free = table.state == 1, table.state == 0
    whole = MedianTable(
        indptr=table.indptr,
        option=table.option,
        cost=table.sorting_cost * table.weight[table.row],
        base=table.sorting_unserved * table.weight,
        price=table.price,
        which=np.arange(len(table.which), dtype=np.int32),
        sites=table.sites,
        budget=table.budget,
        constant=0.0,
    )
    left = whole.with_decided(given, ~(given | free))
    is_open: BoolArray = given.copy()
    if left.sites > 0 and left.options:
        chosen, _ = searched(left, watch, seed=seed)
        is_open[left.which[chosen]] = True
    for option in np.argsort(-table.capacity, kind="stable"):
        more = is_open.copy()
        more[option] = True
        if table.may_open(more):
            is_open = more
    return is_open


def _raised(
    table: CapacitatedTable,
    watch: Watch,
    state: SmallArray,
    price: FloatArray,
    goal: float,
    worth: FloatArray,
    use: FloatArray,
) -> float:
    from livingcircle.kernel.siting.capacitated_loops import raise_people_prices

    bound, step, done = -np.inf, 1.0, 0
    while done < _STEPS_OF_ROOT and step >= _SHORTEST_STEP and bound < goal * (1 - PROVEN):
        bound, step = raise_people_prices(
            table.indptr, table.option, table.cost, *table.by_option, table.weight, table.unserved, table.capacity, table.price,
            table.sites, table.budget, state, price, goal, _STEPS_TOGETHER, step, _SHORTEST_STEP, 15, worth, use,
        )  # fmt: skip
        done += _STEPS_TOGETHER
        if watch.remaining_seconds <= 0:
            break
    return float(bound)


def _swapped(table: CapacitatedTable, watch: Watch, is_open: BoolArray) -> BoolArray:
    """Swap one open option for another while that saves something, those first that the prices of the flow speak for.

    At these prices an option saves at most what the people who pay most would bring it, and closing one costs at least its own share.
    Every trial is a flow of least cost; it ends after `_FAILURES` of them in a row.
    """
    from livingcircle.kernel.siting.capacitated_loops import fill_options

    best, failures = table.searched(is_open), 0
    reserve = watch.remaining_seconds / 2  # a choice without a bound is worth little
    free = table.state == 0
    while failures < _FAILURES and watch.remaining_seconds > reserve:
        price, marginal = table.prices(is_open)
        total, taken = np.zeros(len(table.which)), np.empty(len(table.cost))
        fill_options(
            table.sorting_cost,
            *table.by_option,
            table.weight,
            table.capacity,
            price,
            (~free).astype(np.int8),
            total,
            taken,
        )
        gain = -total
        outs = np.flatnonzero(free & is_open)
        ins = np.flatnonzero(free & ~is_open)
        harm = (
            np.array([_harm(table, is_open, marginal, price, int(r)) for r in outs])
            + np.where(table.capacity[outs] > 0, marginal[outs], 0.0) * table.capacity[outs]
        )
        saved = np.concatenate([gain[ins][:, None] - harm[None, :], gain[ins][:, None]], axis=1)
        trials = np.argsort(-saved, axis=None, kind="stable")
        found = False
        for trial in trials[saved.ravel()[trials] > -0.05 * best]:
            there = is_open.copy()
            j, r = np.unravel_index(trial, saved.shape)
            there[ins[j]] = True
            if r < len(outs):
                there[outs[r]] = False
            if not table.may_open(there):
                continue
            value = table.searched(there, best)
            if value < best * (1 - PROVEN):
                is_open, best, failures, found = there, value, 0, True
                break
            failures += 1
            if failures >= _FAILURES or watch.remaining_seconds <= reserve:
                break
        if not found:
            break
    return is_open


def _harm(table: CapacitatedTable, is_open: BoolArray, marginal: FloatArray, price: FloatArray, closing: int) -> float:
    """Return what its own people would lose at these prices if an option closed."""
    ends, rows, entries = table.by_option
    mine = slice(ends[closing], ends[closing + 1])
    row, entry = rows[mine], entries[mine]
    nearest = table.sorting_cost[entry] + marginal[closing] <= price[row] * (1 + PROVEN)
    row = row[nearest]
    others = table.sorting_unserved.copy()
    use = is_open[table.option] & (table.option != closing)
    np.minimum.at(others, table.row[use], (table.sorting_cost + marginal[table.option])[use])
    return float((table.weight[row] * np.maximum(others[row] - price[row], 0.0)).sum())


def _program(
    table: CapacitatedTable, watch: Watch, state: SmallArray, start: BoolArray | None
) -> tuple[BoolArray | None, float, bool]:
    """Solve what is left as an integer program: what to open, its bound, and whether there is nothing (better) at all."""
    use = np.flatnonzero(state[table.option] != 2)
    row, option_of, options, entries = table.row[use], table.option[use], len(table.which), len(use)
    option, entry, hard = np.arange(options), np.arange(entries), np.isinf(table.unserved)
    nobody = np.where(hard, 0.0, table.unserved)
    served = np.bincount(row, minlength=len(hard)) > 0
    if (hard & ~served & (table.weight > 0)).any():
        return None, np.inf, True
    capacity = np.minimum(table.capacity, np.bincount(option_of, table.weight[row], minlength=options))
    share = np.minimum(1.0, capacity[option_of] / np.maximum(table.weight[row], 1e-300))
    rows = Rows()
    rows.add(np.where(hard & served, 1.0, 0.0), 1.0, (row, options + entry, 1.0))
    rows.add(np.full(entries, -np.inf), 0.0, (entry, options + entry, 1.0), (entry, option_of, -share))
    rows.add(
        np.full(options, -np.inf), 0.0, (option_of, options + entry, table.weight[row]), (option, option, -capacity)
    )
    rows.add(-np.inf, table.sites, (0, option, 1.0))
    rows.add(-np.inf, table.budget, (0, option, table.price))
    given = np.flatnonzero(state == 1)
    rows.add(len(given), np.inf, (0, given, 1.0))
    written = rows.program(
        np.concatenate([np.zeros(options), table.weight[row] * (table.cost[use] - nobody[row])]),
        np.concatenate([(state != 2).astype(float), np.ones(entries)]),
        np.arange(options + entries) < options,
        constant=float((table.weight * nobody).sum()),
    )
    values = None
    if start is not None:
        sent, _ = table.divided(start)
        values = np.concatenate([start.astype(float), sent[use] / np.maximum(table.weight[row], 1e-300)])
    answer = branch_and_bound(written, watch, values)
    found = None if answer.values is None else np.array(answer.values[:options] > 0.5, bool)
    return found, answer.bound, answer.outcome == "infeasible"
