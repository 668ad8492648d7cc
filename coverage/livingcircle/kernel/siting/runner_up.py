"""Who else could take the place of a pick: the best other candidate with everything else as it is, and what that would cost.

An exchange is weighed as the plan was: by the problem's own objective, and only if it keeps every limit, bound and floor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.explain import table_of
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

_SAME = 1e-9
"""Relative difference of two values below which they are one."""


@dataclass(frozen=True, slots=True, eq=False)
class RunnersUp:
    """For each pick (k,): the runner-up as an option (-1 none), the value it would cost, and how many others would cost the same.

    Where nobody could take its place, `loss` is NaN, for the plan would break a condition, or what the plan would be worth less without it.
    """

    option: IntArray
    loss: FloatArray
    ties: IntArray


def runners_up(problem: CoveringProblem, opened: IntArray, picks: IntArray, year: IntArray | None = None) -> RunnersUp:
    """Find the runner-up of every pick among free options of the same service, at another site, in the same year.

    A pick that is required has none. `opened` are all open options, `picks` (k,) those asked about, `year` (o,) of every option.
    """
    exchanges = _Exchanges(problem, opened)
    found = [exchanges.best(int(pick), year) for pick in picks]
    option, loss, ties = zip(*found, strict=True) if found else ((), (), ())
    return RunnersUp(np.array(option, np.int32), np.array(loss, np.float64), np.array(ties, np.int32))


class _Exchanges:
    """One problem and one choice, of which picks are taken out one at a time."""

    def __init__(self, problem: CoveringProblem, opened: IntArray) -> None:
        self.problem, self.opened = problem, opened
        self.table = table_of(problem)
        self.options_of = self.table.T.tocsr()
        self.reached = np.bincount(
            np.concatenate([np.empty(0, np.int32), *(problem.row(int(one)) for one in opened)]),
            minlength=len(problem.weight),
        )
        self.gain = np.asarray(self.table @ self._lacking_one(self.reached))
        self.is_open = np.zeros(problem.options, bool)
        self.is_open[opened] = True
        count = len(problem.floors)
        floor = np.repeat(np.arange(count), [len(one.demand) for one in problem.floors])
        demand = np.concatenate([np.empty(0, np.int32), *(one.demand for one in problem.floors)])
        weights = problem.weight[demand.astype(np.intp)]
        self.members = csr_array((weights, (demand, floor)), shape=(len(problem.weight), max(count, 1)))
        self.new = opened[problem.state[opened] != OptionState.EXISTING]
        self.on_site = np.bincount(problem.site[self.new], minlength=len(problem.site_cost_wan_yuan))
        self.amounts = _by_bound([(one.option, one.amount) for one in problem.bounds], problem.options)
        self.site_amounts = _by_bound([(one.site, one.site_amount) for one in problem.bounds], len(self.on_site))
        self.sums = self.amounts[opened].sum(axis=0) + self.site_amounts[np.flatnonzero(self.on_site)].sum(axis=0)
        self.least = np.array([bound.least for bound in problem.bounds] or [-np.inf])
        self.most = np.array([bound.most for bound in problem.bounds] or [np.inf])

    def best(self, pick: int, year: IntArray | None) -> tuple[int, float, int]:
        """Return runner-up, loss and ties of one pick."""
        problem = self.problem
        if problem.state[pick] != OptionState.FREE:
            return -1, np.nan, 0
        others = self.opened[self.opened != pick]
        reached = self.reached.copy()
        row = problem.row(pick)
        reached[row] -= 1
        gain = self._gain_without(row, reached)
        able = (problem.state == OptionState.FREE) & ~self.is_open & (problem.service == problem.service[pick])
        able &= problem.site != problem.site[pick]
        if year is not None:
            able &= year == year[pick]
        cost, sites = self._limits(others, able)
        rivals = np.flatnonzero(able)
        whole = float(problem.weight[self.reached >= problem.need].sum())
        without = float(problem.weight[reached >= problem.need].sum())
        now, value, sign = self._values(rivals, reached, without + gain[rivals], whole, cost[rivals], sites[rivals])
        if problem.objective == "most_covered":
            rivals, value = rivals[gain[rivals] > 0], value[gain[rivals] > 0]
        order = np.lexsort((rivals, cost[rivals], -gain[rivals], -sign * value))
        slack = _SAME * max(abs(now), 1.0)
        winners: list[int] = []
        best = np.nan
        for position in order.tolist():
            if winners and abs(value[position] - best) > slack:
                break
            rival = int(rivals[position])
            if self._keeps(pick, rival, reached):
                winners.append(rival)
                best = float(value[position])
        if not winners:
            keeps = problem.objective == "most_covered" and self._keeps(pick, -1, reached)
            return -1, whole - without if keeps else np.nan, 0
        loss = sign * (now - best)
        return winners[0], 0.0 if abs(loss) <= slack else loss, len(winners) - 1

    def _lacking_one(self, reached: NDArray[np.int64]) -> FloatArray:
        return np.where(reached == self.problem.need - 1, self.problem.weight, 0.0)

    def _gain_without(self, row: IntArray, reached: NDArray[np.int64]) -> FloatArray:
        """Return what each option (o,) would add once a pick is out: as with it, but for the demands of its row."""
        problem = self.problem
        change = np.where(reached[row] == problem.need[row] - 1, problem.weight[row], 0.0)
        change -= np.where(self.reached[row] == problem.need[row] - 1, problem.weight[row], 0.0)
        moved = np.flatnonzero(change)
        who = self.options_of[row[moved]]
        added = np.bincount(who.indices, np.repeat(change[moved], np.diff(who.indptr)), problem.options)
        return np.asarray(self.gain + added)

    def _limits(self, others: IntArray, able: BoolArray) -> tuple[FloatArray, IntArray]:
        """Take out of `able` what money, sites, floor area or distance forbid; return cost and sites (o,) of the plan with each option."""
        problem = self.problem
        new = others[problem.state[others] != OptionState.EXISTING]
        used = np.zeros(len(problem.site_cost_wan_yuan), bool)
        used[problem.site[new]] = True
        fresh = ~used[problem.site]
        cost = problem.cost_wan_yuan[new].sum() + problem.site_cost_wan_yuan[used].sum() + problem.cost_wan_yuan
        cost = cost + np.where(fresh, problem.site_cost_wan_yuan[problem.site], 0.0)
        sites = (used.sum() + fresh).astype(np.int32)
        if problem.most_sites is not None:
            able &= sites <= problem.most_sites
        if problem.budget_wan_yuan is not None:
            able &= cost <= problem.budget_wan_yuan * (1 + _SAME) + _SAME
        floor = np.bincount(problem.site[others], problem.floor_m2[others], len(problem.site_floor_m2))
        room = problem.site_floor_m2 - floor
        able &= problem.floor_m2 <= room[problem.site] + 1e-6
        near = np.zeros(len(used), bool)
        near[problem.apart[used[problem.apart[:, 0]], 1]] = True
        near[problem.apart[used[problem.apart[:, 1]], 0]] = True
        able &= ~near[problem.site]
        return cost, sites

    def _values(
        self,
        rivals: NDArray[np.intp],
        reached: NDArray[np.int64],
        covered: FloatArray,
        whole: float,
        cost: FloatArray,
        sites: IntArray,
    ) -> tuple[float, FloatArray, float]:
        """Return the value of the plan, that of each exchange, and 1 where more is better, -1 where less is."""
        problem = self.problem
        if problem.objective == "most_covered":
            return whole, covered, 1.0
        if problem.objective == "least_cost":
            own = problem.cost_wan_yuan[self.new].sum() + problem.site_cost_wan_yuan[self.on_site > 0].sum()
            return float(own), cost, -1.0
        if problem.objective == "fewest_sites":
            return float((self.on_site > 0).sum()), sites.astype(np.float64), -1.0
        already = np.array([floor.already for floor in problem.floors])
        total = np.array([floor.total_weight or np.nan for floor in problem.floors])  # a group of nobody is no worst
        gains = (self.table[rivals] @ self._only(reached == problem.need - 1)).toarray()
        share = (already + self._held(reached) + gains) / total
        return float(np.nanmin((already + self._held(self.reached)) / total)), np.nanmin(share, axis=1), 1.0

    def _only(self, which: BoolArray) -> csr_array:
        return csr_array(self.members.multiply(which[:, None].astype(np.float64)))

    def _held(self, reached: NDArray[np.int64]) -> FloatArray:
        """Return the weight that each floor's group (f,) holds covered."""
        return np.asarray(self.members.T @ (reached >= self.problem.need).astype(np.float64))

    def _keeps(self, pick: int, rival: int, reached: NDArray[np.int64]) -> bool:
        """Whether bounds and floors hold with a rival in the pick's place; rival -1 is nobody."""
        problem = self.problem
        if problem.bounds:
            site = problem.site[pick]
            sums = self.sums - _row(self.amounts, pick)
            if self.on_site[site] == 1:
                sums -= _row(self.site_amounts, site)
            if rival >= 0:
                sums += _row(self.amounts, rival)
                if not self.on_site[problem.site[rival]]:
                    sums += _row(self.site_amounts, problem.site[rival])
            slack = _SAME * np.maximum(np.abs(sums), 1.0)
            if (sums < self.least - slack).any() or (sums > self.most + slack).any():
                return False
        if problem.floors:
            after = reached.copy()
            if rival >= 0:
                after[problem.row(rival)] += 1
            for held, floor in zip(self._held(after).tolist(), problem.floors, strict=True):
                if held < floor.least_weight - _SAME * max(floor.total_weight, 1.0):
                    return False
        return True


def _by_bound(parts: Sequence[tuple[IntArray, FloatArray]], rows: int) -> csr_array:
    """Return amounts as a matrix of options or sites by bounds."""
    bound = np.repeat(np.arange(len(parts)), [len(subject) for subject, _ in parts])
    subject = np.concatenate([np.empty(0, np.int32), *(subject for subject, _ in parts)])
    amount = np.concatenate([np.empty(0), *(amount for _, amount in parts)])
    return csr_array((amount, (subject, bound)), shape=(rows, max(len(parts), 1)))


def _row(matrix: csr_array, row: int) -> FloatArray:
    start, end = matrix.indptr[row : row + 2]
    return np.bincount(matrix.indices[start:end], matrix.data[start:end], matrix.shape[1]).astype(np.float64)


def serving_runners_up(problem: ServingProblem, opened: IntArray, picks: IntArray) -> RunnersUp:
    """Find the runner-up of every pick of a plan without capacities; loss in the objective: people × cost, or the greatest cost.

    Where options have capacities, an exchange moves people between all of them and none is told: -1 and NaN.
    """
    nobody = RunnersUp(np.full(len(picks), -1, np.int32), np.full(len(picks), np.nan), np.zeros(len(picks), np.int32))
    if np.isfinite(problem.capacity).any():
        return nobody
    exchanges = list(_served_exchanges(problem, opened, picks))
    option, loss, ties = zip(*exchanges, strict=True) if exchanges else ((), (), ())
    return RunnersUp(np.array(option, np.int32), np.array(loss, np.float64), np.array(ties, np.int32))


def _served_exchanges(problem: ServingProblem, opened: IntArray, picks: IntArray) -> Iterator[tuple[int, float, int]]:
    demands, demand = len(problem.weight), np.repeat(np.arange(len(problem.weight)), np.diff(problem.indptr))
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    spent = problem.cost_wan_yuan[is_open & (problem.state != OptionState.EXISTING)].sum()
    now = _worth(problem, _cheapest(problem, demand, is_open[problem.option]))
    for pick in picks.tolist():
        able = (problem.state == OptionState.FREE) & ~is_open
        if problem.budget_wan_yuan is not None:
            after = spent - problem.cost_wan_yuan[pick] + problem.cost_wan_yuan
            able &= after <= problem.budget_wan_yuan * (1 + _SAME) + _SAME
        rivals = np.flatnonzero(able)
        without = is_open.copy()
        without[pick] = False
        walk = _cheapest(problem, demand, without[problem.option])
        value = np.full(problem.options, np.inf)
        if problem.objective == "least_total" and np.isfinite(walk).all():
            saved = problem.weight[demand] * np.maximum(walk[demand] - problem.cost, 0.0)
            value = _worth(problem, walk) - np.bincount(problem.option, saved, problem.options)
        else:
            better = np.minimum(walk[demand], problem.cost)
            for rival in rivals:
                own = problem.option == rival
                tried = walk.copy()
                tried[demand[own]] = better[own]
                value[rival] = _worth(problem, tried)
        rivals = rivals[np.isfinite(value[rivals])]
        if problem.state[pick] != OptionState.FREE or not len(rivals) or not demands:
            yield -1, np.nan, 0
            continue
        best = rivals[np.lexsort((rivals, problem.cost_wan_yuan[rivals], value[rivals]))][0]
        slack = _SAME * max(abs(now), 1.0)
        loss = float(value[best] - now)
        ties = int((np.abs(value[rivals] - value[best]) <= slack).sum()) - 1
        yield int(best), 0.0 if abs(loss) <= slack else loss, ties


def _cheapest(problem: ServingProblem, demand: NDArray[np.intp], usable: BoolArray) -> FloatArray:
    """Return the least cost (d,) of each demand among these entries, or that of not being served."""
    least = problem.unserved_cost.astype(np.float64).copy()
    np.minimum.at(least, demand[usable], problem.cost[usable])
    return least


def _worth(problem: ServingProblem, cost: FloatArray) -> float:
    if problem.objective == "least_worst":
        return float(cost[problem.weight > 0].max(initial=0.0))
    return float((problem.weight * cost)[problem.weight > 0].sum())
