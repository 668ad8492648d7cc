"""The p-median: which sites bring a service nearest to everybody, and how much nearer any others could.

```
swaps from a greedy start, kicked and swapped again     a choice
prices of demands, raised along subgradients            a bound, and options that no better choice opens or closes
the options that are left                               branch and bound on the same prices, or an integer program where it is small
```

Few sites on many options leave a bound of a per cent and little to branch on; many sites leave almost no distance and a tiny program.
Literature: Resende and Werneck 2007 for the swaps; Beasley 1985 and Briant and Naddef 2004 (Operations Research 52:506-511) for prices and
branching; García, Labbé and Marín 2011 (INFORMS Journal on Computing 23:546-556) for how small the rest becomes.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from livingcircle.kernel.siting.highs import Known, branch_and_bound
from livingcircle.kernel.siting.median_table import MedianTable
from livingcircle.kernel.siting.mixed_integer import Rows
from livingcircle.kernel.siting.solution import PROVEN, Watch
from livingcircle.model.columns import FloatArray, IntArray, SmallArray

_KICKS = 400
_KICKS_TOGETHER = 50
_STEPS_TOGETHER = 100
_STEPS_OF_ROOT = 3000
_STEPS_OF_NODE = 60
_NODES_BEFORE_PROGRAM = {1: 5_000, 400: 40_000}
"""After so many parts, a program of no more than so many entries is the quicker way."""
_NODES_TOGETHER = 50
_SHORTEST_STEP = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Median:
    """The best choice of positions found, ascending, what it costs, and what no choice costs less than."""

    chosen: IntArray
    value: float
    bound: float


def least_total(table: MedianTable, watch: Watch, *, start: IntArray | None = None, seed: int = 0) -> Median:
    """Return the best choice and its proof; `start` is a choice of positions to begin with.

    `value` is `inf` where no choice was found that serves everybody who has to be served: `bound` says nothing then.
    """
    if table.sites <= 0 or not len(table.option) or not (table.price <= table.budget).any():
        value = table.value(np.empty(0, np.int32))
        return Median(np.empty(0, np.int32), value, value)
    chosen, value = searched(table, watch, start, seed=seed)
    least = table.constant  # costs are never negative
    if watch.tell("swaps", value, least) or not np.isfinite(value):
        return Median(chosen, value, least)
    return _Proof(table, watch, chosen, value).run()


def searched(
    table: MedianTable, watch: Watch, start: IntArray | None = None, *, seed: int = 0, enough: float = -np.inf
) -> tuple[IntArray, float]:
    """Return a choice of positions by swaps and kicks, and what it costs; stop where that is no more than `enough`."""
    from livingcircle.kernel.siting.median_loops import improve

    chance = np.random.default_rng(seed)
    strength = 2 + min(4, table.sites // 10)
    ends, row, entry = table.by_option
    chosen = np.empty(0, np.int32) if start is None else start.astype(np.int32)
    best, idle, kicks = np.inf, 0, 0
    while kicks <= _KICKS and idle < 3 and best > enough and (kicks == 0 or watch.remaining_seconds > 0):
        together = 1 if kicks == 0 else _KICKS_TOGETHER  # the clock is first looked at after the first descent
        chosen, value = improve(
            table.indptr, table.option, table.cost, table.soft_base, ends, row, entry, table.price, chosen.astype(np.int32),
            table.sites, table.budget, together, strength, chance.random((together, strength)),
        )  # fmt: skip
        idle = 0 if value < best - PROVEN * abs(best) or kicks <= 1 else idle + 1
        best = min(best, value)
        kicks += together
    chosen = chosen.astype(np.int32)
    return chosen, table.value(chosen)


def descended(table: MedianTable, chosen: IntArray) -> IntArray:
    """Return where swaps lead from a choice, without a kick."""
    from livingcircle.kernel.siting.median_loops import improve

    ends, row, entry = table.by_option
    found, _ = improve(
        table.indptr, table.option, table.cost, table.soft_base, ends, row, entry, table.price, chosen,
        table.sites, table.budget, 0, 0, np.empty((0, 0)),
    )  # fmt: skip
    return np.asarray(found, np.int32)


@dataclass(slots=True, eq=False)
class _Node:
    """A part of all choices: what is open (1) and closed (2) in it (o,), and the prices, bound and picks of the part it comes from."""

    bound: float
    state: SmallArray
    price: FloatArray
    use: FloatArray


class _Proof:
    """Branch and bound by prices, the most promising part first; what is found is in positions of the whole table."""

    def __init__(self, whole: MedianTable, watch: Watch, chosen: IntArray, value: float) -> None:
        self.whole, self.watch = whole, watch
        self.table = whole
        self.back = np.arange(whole.options, dtype=np.int32)
        self.forced = np.empty(0, np.int32)
        self.chosen, self.value = chosen, value

    @property
    def goal(self) -> float:
        """A bound of this much proves that nothing is better, or not by as much as the gap that was asked for."""
        enough = self.value - max(self.whole.grain * (1 - 1e-6), PROVEN * abs(self.value) * 0.5)
        return min(self.value, max(enough, self.value / (1 + self.watch.gap)))

    def run(self) -> Median:
        """Bound, fix, branch."""
        root = _Node(-np.inf, np.zeros(self.whole.options, np.int8), self._first_prices(), np.zeros(self.whole.options))
        worth = self._raise(root, _STEPS_OF_ROOT, 30)
        if not self._tell("prices", root.bound) and root.bound < self.goal:
            root = self._without_decided(root, worth)
            if self._tell("options decided", root.bound):
                return self._result(root.bound)
            return self._result(self._branch(root))
        return self._result(root.bound)

    def _result(self, bound: float) -> Median:
        proven = bound >= self.value - max(self.whole.grain * (1 - 1e-6), PROVEN * abs(self.value) * 0.5)
        return Median(np.sort(self.chosen), self.value, self.value if proven else min(bound, self.value))

    def _tell(self, stage: str, bound: float) -> bool:
        stages = self.watch.stages
        if stages and stages[-1].name == stage:
            stages.pop()  # of many looks at the branching, the last one is kept
        return self.watch.tell(stage, self.value, min(bound, self.value))

    def _first_prices(self) -> FloatArray:
        """Begin with what the choice in hand costs each demand."""
        table = self.table
        is_open = np.zeros(table.options, bool)
        is_open[self.chosen] = True
        price = table.base.copy()
        use = is_open[table.option]
        np.minimum.at(price, table.row[use], table.cost[use])
        return price

    def _raise(self, node: _Node, steps: int, patience: int) -> FloatArray:
        """Raise the bound of a node; return what each option is worth in it (o,), beside the last that is picked."""
        from livingcircle.kernel.siting.median_loops import raise_prices

        table = self.table
        worth = np.zeros(table.options)
        step, done = 1.0, 0
        while done < steps and step >= _SHORTEST_STEP and node.bound < self.goal:
            together = min(_STEPS_TOGETHER, steps - done)
            bound, step = raise_prices(
                table.indptr, table.option, table.cost, table.base, table.price, table.sites, table.budget, node.state, node.price,
                self.goal - table.constant, together, step, _SHORTEST_STEP, patience, worth, node.use,
            )  # fmt: skip
            node.bound = float(bound) + table.constant  # never less than before: it begins at the best prices so far
            done += together
            if self.watch.remaining_seconds <= 0:
                break
        return worth

    def _without_decided(self, root: _Node, worth: FloatArray) -> _Node:
        """Take what the root's bound decides out of the table, and start over with what is left."""
        room = self.goal - root.bound
        opened, closed = worth < -room, worth > room
        left = ~(opened | closed)
        rows, served = self.table.rows_left(opened, closed)
        self.forced = np.concatenate([self.forced, self.back[opened]])
        self.back = self.back[left]
        self.table = self.table.with_decided(opened, closed)
        price = np.minimum(root.price, served)[rows]
        return _Node(root.bound, np.zeros(self.table.options, np.int8), price, root.use[left])

    def _branch(self, root: _Node) -> float:
        """Split the rest until nothing better can be in any part; return the bound of what is left."""
        heap: list[tuple[float, int, int, _Node]] = [(root.bound, 0, 0, root)]
        number = 0
        while heap:
            bound, depth, _, node = heap[0]
            if bound >= self.goal:
                return bound
            if self.watch.remaining_seconds <= 0 or (
                number % _NODES_TOGETHER == 0 and number and self._tell("branching", bound)
            ):
                return bound
            if number in _NODES_BEFORE_PROGRAM:
                likely = root.price + (self.goal - root.bound) * (1 + PROVEN)
                if np.count_nonzero(self.table.cost <= likely[self.table.row]) <= _NODES_BEFORE_PROGRAM[number]:
                    return max(bound, self._program(likely))
            heapq.heappop(heap)
            number += 1
            for turn, child in enumerate(self._parts(node, _STEPS_OF_ROOT if number == 1 else _STEPS_OF_NODE)):
                heapq.heappush(heap, (child.bound, depth - 1, 2 * number + turn, child))
            if number % _NODES_TOGETHER == 1:
                self._try(node)
        return self.goal

    def _parts(self, node: _Node, steps: int) -> tuple[_Node, ...]:
        """Bound a node, decide what its bound decides, and split the rest by the option that is picked most often."""
        table = self.table
        worth = self._raise(node, steps, 30 if steps == _STEPS_OF_ROOT else 10)
        room = self.goal - node.bound
        if room <= 0:
            return ()
        state = node.state.copy()
        free = state == 0
        state[free & (worth > room)] = 2
        state[free & (worth < -room)] = 1
        opened = state == 1
        spent = float(table.price[opened].sum())
        state[(state == 0) & (spent + table.price > table.budget)] = 2
        count, possible = int(opened.sum()), np.flatnonzero(state != 2)
        if count > table.sites or spent > table.budget:
            return ()
        full = count == table.sites
        if full or (len(possible) <= table.sites and table.price[possible].sum() <= table.budget):
            self._found((np.flatnonzero(opened) if full else possible).astype(np.int32))
            return ()
        free = state == 0
        by = int(np.argmax(np.where(free, node.use, -1.0)))
        parts = []
        for value in (1, 2):
            part = state.copy()
            part[by] = value
            parts.append(_Node(node.bound, part, node.price.copy(), node.use.copy()))
        return tuple(parts)

    def _found(self, positions: IntArray) -> None:
        """Keep a choice of the table's positions if it is better."""
        chosen = np.concatenate([self.forced, self.back[positions]])
        value = self.whole.value(chosen)
        if value < self.value:
            self.chosen, self.value = chosen, value

    def _try(self, node: _Node) -> None:
        """Swap from what a node's prices pick most often."""
        table = self.table
        order = np.argsort(
            -node.use + np.where(node.state == 2, 2.0, 0.0) - np.where(node.state == 1, 2.0, 0.0), kind="stable"
        )
        chosen, spent = [], 0.0
        for option in order[: table.sites]:
            if spent + table.price[option] <= table.budget:
                chosen.append(option)
                spent += table.price[option]
        self._found(descended(table, np.array(chosen, np.int32)))

    def _program(self, likely: FloatArray) -> float:
        """Solve what is left as an integer program; return its bound.

        Whatever would serve a demand at more than `likely` (d,), its price at the root and what the root's bound leaves open, is not
        part of any better choice.
        """
        table = self.table
        use = table.cost <= likely[table.row]
        row, option_of, cost = table.row[use], table.option[use], table.cost[use]
        options, entries, hard = table.options, len(cost), table.base > likely
        option, entry = np.arange(options), np.arange(entries)
        left = np.where(hard, 0.0, table.base)
        rows = Rows()
        rows.add(np.where(hard, 1.0, 0.0), 1.0, (row, options + entry, 1.0))
        rows.add(np.full(entries, -np.inf), 0.0, (entry, options + entry, 1.0), (entry, option_of, -1.0))
        rows.add(-np.inf, table.sites, (0, option, 1.0))
        rows.add(-np.inf, table.budget, (0, option, table.price))
        written = rows.program(
            np.concatenate([np.zeros(options), cost - left[row]]),
            np.ones(options + entries),
            np.arange(options + entries) < options,
            constant=table.constant + float(left.sum()),
        )
        answer = branch_and_bound(written, self.watch, gap=0.0, known=Known(self.value, table.constant))
        if answer.values is not None:
            self._found(np.flatnonzero(answer.values[:options] > 0.5).astype(np.int32))
        return self.goal if answer.outcome == "infeasible" else answer.bound
