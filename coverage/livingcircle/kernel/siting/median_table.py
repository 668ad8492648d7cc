"""The table a p-median is solved on: only the options still to be decided, and for each demand only those that would save something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.model.columns import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MedianTable:
    """Open at most `sites` of the options, for no more than `budget`, so that `constant` + Σ least cost of each demand is least.

    Entries `indptr[i]:indptr[i + 1]` of demand i are its options (positions) and their `cost` (people × seconds), ascending, all below
    `base[i]`, its cost where none of them is open; `inf` where it has to be served. `price` (o,) is in 万元, and `which` (o,) says which
    option of the problem each one is. What is open already is in `base`.
    """

    indptr: IntArray
    option: IntArray
    cost: FloatArray
    base: FloatArray
    price: FloatArray
    which: IntArray
    sites: int
    budget: float
    constant: float

    @property
    def options(self) -> int:
        """Number of options."""
        return len(self.which)

    @cached_property
    def row(self) -> IntArray:
        """Demand of each entry (e,)."""
        return np.repeat(np.arange(len(self.base), dtype=np.int32), np.diff(self.indptr))

    @cached_property
    def by_option(self) -> tuple[IntArray, IntArray, IntArray]:
        """Where each option begins (o + 1,), and the demand and entry of everything it is in (e,)."""
        order = np.argsort(self.option, kind="stable")
        ends = np.concatenate([[0], np.cumsum(np.bincount(self.option, minlength=self.options))])
        return ends.astype(np.int32), self.row[order], order.astype(np.int32)

    @cached_property
    def grain(self) -> float:
        """What every value is a multiple of, as far as whole numbers show; 0 where costs are no whole numbers."""
        numbers = np.concatenate([self.cost, self.base[np.isfinite(self.base)], [self.constant]])
        if not len(numbers) or np.abs(numbers).sum() > 2**52 or (numbers != np.rint(numbers)).any():
            return 0.0
        return float(np.gcd.reduce(numbers.astype(np.int64)))

    @cached_property
    def soft_base(self) -> FloatArray:
        """`base`, with more than everything else together for each demand that has to be served (d,)."""
        hard = np.isinf(self.base)
        most = np.where(hard, 0.0, self.base)
        if hard.any():
            np.maximum.at(most, self.row, self.cost)
        return np.where(hard, most.sum() + 1.0, self.base)

    def value(self, chosen: IntArray) -> float:
        """Return what a choice of positions costs: `inf` where a demand that has to be served is not."""
        is_open = np.zeros(self.options, bool)
        is_open[chosen] = True
        least = self.base.copy()
        use = is_open[self.option]
        np.minimum.at(least, self.row[use], self.cost[use])
        return float(self.constant + least.sum())

    def rows_left(self, opened: BoolArray, closed: BoolArray) -> tuple[BoolArray, FloatArray]:
        """Return the demands that still depend on a choice once some options (o,) are open for good and others closed, and their base."""
        base = self.base.copy()
        use = opened[self.option]
        np.minimum.at(base, self.row[use], self.cost[use])
        rows = np.isinf(base)
        rows[self.row[~(opened | closed)[self.option] & (self.cost < base[self.row])]] = True
        return rows, base

    def with_decided(self, opened: BoolArray, closed: BoolArray) -> MedianTable:
        """Return the table that is left when some options (o,) are open for good and others closed."""
        rows, base = self.rows_left(opened, closed)
        left = ~(opened | closed)
        keep = left[self.option] & (self.cost < base[self.row])
        counts = np.bincount(self.row[keep], minlength=len(base))[rows]
        return MedianTable(
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            option=(np.cumsum(left) - 1).astype(np.int32)[self.option[keep]],
            cost=self.cost[keep],
            base=base[rows],
            price=self.price[left],
            which=self.which[left],
            sites=self.sites - int(opened.sum()),
            budget=self.budget - float(self.price[opened].sum()),
            constant=self.constant + float(base[~rows].sum()),
        )


def median_table(problem: ServingProblem, cost: FloatArray, unserved: FloatArray) -> MedianTable:
    """Return the table of a problem with these costs (e,) per entry and (d,) where nobody serves a demand.

    Both are for all people of a demand together. Existing and required options are open, forbidden ones closed.
    """
    row = np.repeat(np.arange(len(problem.weight)), np.diff(problem.indptr))
    order = np.lexsort((problem.option, cost, row))
    price = np.where(problem.state == OptionState.EXISTING, 0.0, problem.cost_wan_yuan)
    whole = MedianTable(
        indptr=problem.indptr.astype(np.int32),
        option=problem.option[order].astype(np.int32),
        cost=cost[order].astype(np.float64),
        base=unserved.astype(np.float64),
        price=price.astype(np.float64),
        which=np.arange(problem.options, dtype=np.int32),
        sites=problem.options if problem.most_sites is None else int(problem.most_sites),
        budget=np.inf if problem.budget_wan_yuan is None else float(problem.budget_wan_yuan) * (1 + 1e-12),
        constant=0.0,
    )
    existing, required = problem.state == OptionState.EXISTING, problem.state == OptionState.REQUIRED
    table = whole.with_decided(existing | required, problem.state == OptionState.FORBIDDEN)
    sites = min(whole.sites - int(required.sum()), table.options)
    return replace(table, sites=sites)
