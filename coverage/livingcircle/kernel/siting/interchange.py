"""Good choices by exchange: what opening an option would add and closing one would lose is kept up to date, not worked out anew.

- `greedy`: open what adds most, again and again; at least 1 − 1/e of the best for a number of options (Nemhauser, Wolsey and Fisher 1978,
  Mathematical Programming 14:265-294). Under a budget, what adds most per 万元 and what adds most are both tried (Khuller, Moss and Naor
  1999, Information Processing Letters 70:39-45).
- `descend`: exchange one open option for a closed one while that adds anything (Teitz and Bart 1968, Operations Research 16:955-961).
- `anneal`: exchanges at random, mostly between neighbours, that may lose a little, ever less (Kirkpatrick, Gelatt and Vecchi 1983,
  Science 220:671-680).

An exchange of b for a adds gain(a) − loss(b) + what only b covers and a covers too. Searches stop by counted steps and draw from a seeded
generator: the choice is the same on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.siting.reduction import ReducedCovering
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import FloatArray, IntArray

_HOT, _COOL = 0.03, 0.005
"""Temperatures at the beginning and the end, in parts of what an open option covers on average."""
_STEPS_TOGETHER = 8192
"""After so many steps the watch is asked."""
_NEAR, _DROPPED = 0.75, 0.97
"""Below the first, an exchange between options that share a demand is tried; above the second, under a budget, closing one alone."""
_PASSES = 20
"""So often at most are all options gone through for exchanges that improve a choice."""
_NEARLY_FREE = 1e-12
"""What an option without cost counts as costing, 万元."""


class CoverTable(NamedTuple):
    """What the loops read: the arrays of a `ReducedCovering`, and `limits`: what may be spent, and whether money limits the choice."""

    indptr: IntArray
    demand: IntArray
    starts: IntArray
    option: IntArray
    weight: FloatArray
    cost: FloatArray
    limits: FloatArray


class Standing(NamedTuple):
    """A choice, and what every exchange needs to know about it; the loops change it in place.

    `times` (d,) says how many open options cover a demand and `owners` (d,) is the sum of their positions, which names it where it is one.
    `gain` (m,) is what opening an option would add, `loss` (m,) what closing an open one would take away. `place` (m,) is where it stands
    in `chosen`, -1 for closed ones. `totals` are the value, the cost and the number of open options. `best` is the best choice met: its
    value, its number and its options.
    """

    times: IntArray
    owners: NDArray[np.int64]
    gain: FloatArray
    loss: FloatArray
    place: IntArray
    chosen: IntArray
    totals: FloatArray
    best: FloatArray


def greedy(problem: ReducedCovering) -> IntArray:
    """Return the options that are opened one after another, each the one that adds most; fewer than allowed when no other adds anything."""
    table, found = _table(problem), []
    for by_cost in (0.0,) if problem.counted else (0.0, 1.0):
        now = _nothing_open(problem)
        add_greedily(table, now, by_cost)
        found.append(now)
    return _options(max(found, key=lambda one: float(one.totals[0])))


def descend(problem: ReducedCovering, chosen: IntArray) -> IntArray:
    """Return a choice that no single exchange improves."""
    table = _table(problem)
    now = _opened(problem, table, chosen)
    exchange(table, now)
    return _options(now)


def anneal(
    problem: ReducedCovering, chosen: IntArray, watch: Watch, *, steps: int, seed: int, hot: float = _HOT
) -> IntArray:
    """Return the best choice met on a random walk that cools down over `steps`, or until the watch has run out."""
    if (problem.options <= problem.most and problem.counted) or len(chosen) == 0:
        return chosen
    table = _table(problem)
    now = _opened(problem, table, chosen)
    remember(now)
    random = np.random.default_rng(seed)
    average = float(now.totals[0] / now.totals[2])
    for first in range(0, steps, _STEPS_TOGETHER):
        begin, end = (hot * (_COOL / hot) ** min(step / steps, 1.0) for step in (first, first + _STEPS_TOGETHER))
        walk(table, now, average * begin, average * end, random.random((_STEPS_TOGETHER, 5)))
        if watch.remaining_seconds <= 0:
            break
    return descend(problem, now.best[2 : 2 + int(now.best[1])].astype(np.int32))


def _table(problem: ReducedCovering) -> CoverTable:
    """Return what the loops read; the budget with what rounding may add to a sum."""
    budget = problem.budget if problem.counted else problem.budget + 1e-9 * max(1.0, abs(problem.budget))
    return CoverTable(
        problem.indptr,
        problem.demand,
        problem.starts,
        problem.option,
        problem.weight,
        problem.cost,
        np.array([budget, not problem.counted], np.float64),
    )


def _nothing_open(problem: ReducedCovering) -> Standing:
    options, demands = problem.options, len(problem.weight)
    return Standing(
        times=np.zeros(demands, np.int32),
        owners=np.zeros(demands, np.int64),
        gain=np.add.reduceat(problem.weight[problem.demand], problem.indptr[:-1]) if options else np.zeros(0),
        loss=np.zeros(options),
        place=np.full(options, -1, np.int32),
        chosen=np.zeros(problem.most, np.int32),
        totals=np.zeros(3),
        best=np.zeros(problem.most + 2),
    )


def _opened(problem: ReducedCovering, table: CoverTable, chosen: IntArray) -> Standing:
    now = _nothing_open(problem)
    for option in chosen:
        open_option(table, now, int(option))
    return now


def _options(now: Standing) -> IntArray:
    return np.sort(now.chosen[: int(now.totals[2])])


@compiled
def open_option(table: CoverTable, now: Standing, a: int) -> None:
    """Open an option and put everything right that this changes."""
    indptr, demand, starts, option, weight, cost, _limits = table
    times, owners, gain, loss, place, chosen, totals, _best = now
    totals[0] += gain[a]
    totals[1] += cost[a]
    place[a] = int(totals[2])
    chosen[place[a]] = a
    totals[2] += 1.0
    for entry in range(indptr[a], indptr[a + 1]):
        i = demand[entry]
        if times[i] == 0:
            for other in range(starts[i], starts[i + 1]):
                gain[option[other]] -= weight[i]
            loss[a] += weight[i]
        elif times[i] == 1:
            loss[owners[i]] -= weight[i]
        owners[i] += a
        times[i] += 1


@compiled
def close_option(table: CoverTable, now: Standing, b: int) -> None:
    """Close an option and put everything right that this changes."""
    indptr, demand, starts, option, weight, cost, _limits = table
    times, owners, gain, loss, place, chosen, totals, _best = now
    totals[0] -= loss[b]
    totals[1] -= cost[b]
    totals[2] -= 1.0
    last = chosen[int(totals[2])]
    chosen[place[b]] = last
    place[last] = place[b]
    place[b] = -1
    for entry in range(indptr[b], indptr[b + 1]):
        i = demand[entry]
        owners[i] -= b
        times[i] -= 1
        if times[i] == 0:
            for other in range(starts[i], starts[i + 1]):
                gain[option[other]] += weight[i]
        elif times[i] == 1:
            loss[owners[i]] += weight[i]
    loss[b] = 0.0


@compiled
def add_greedily(table: CoverTable, now: Standing, by_cost: float) -> None:
    """Open what adds most, or most per cost, and fits, until nothing does."""
    indptr, _demand, _starts, _option, _weight, cost, limits = table
    _times, _owners, gain, _loss, place, chosen, totals, _best = now
    options = len(indptr) - 1
    while totals[2] < len(chosen):
        best, most = -1, 0.0
        for j in range(options):
            if place[j] >= 0 or totals[1] + cost[j] > limits[0] or gain[j] <= 1e-12 * totals[0]:
                continue
            worth = gain[j] / max(cost[j], _NEARLY_FREE) if by_cost > 0.0 else gain[j]
            if worth > most:
                best, most = j, worth
        if best < 0:
            break
        open_option(table, now, best)


@compiled
def exchange(table: CoverTable, now: Standing) -> None:
    """Go through the closed options in turn, open what fits and make the best exchange of each, until none improves anything."""
    indptr, demand, _starts, _option, weight, cost, limits = table
    times, owners, gain, loss, place, chosen, totals, _best = now
    options = len(indptr) - 1
    shared = np.zeros(options)
    unchanged = 0
    for step in range(_PASSES * options):
        if unchanged >= options:
            break
        a = step % options
        unchanged += 1
        least = 1e-9 * totals[0] / max(totals[2], 1.0)
        if place[a] >= 0 or gain[a] <= least:
            continue
        best, most = -1, least
        if totals[2] < len(chosen) and totals[1] + cost[a] <= limits[0]:
            best = a
        else:
            for entry in range(indptr[a], indptr[a + 1]):
                i = demand[entry]
                if times[i] == 1:
                    shared[owners[i]] += weight[i]
            for position in range(int(totals[2])):
                b = chosen[position]
                if totals[1] - cost[b] + cost[a] <= limits[0]:
                    added = gain[a] - loss[b] + shared[b]
                    if added > most:
                        best, most = b, added
                shared[b] = 0.0
        if best < 0:
            continue
        if best != a:
            close_option(table, now, best)
        open_option(table, now, a)
        unchanged = 0


@compiled
def remember(now: Standing) -> None:
    """Keep a choice: its value, its number and its options."""
    _times, _owners, _gain, _loss, _place, chosen, totals, best = now
    best[0], best[1] = totals[0], totals[2]
    for position in range(int(totals[2])):
        best[2 + position] = chosen[position]


@compiled
def walk(table: CoverTable, now: Standing, hot: float, cool: float, draws: FloatArray) -> None:
    """Try a random exchange per row of `draws` (k, 5), accepting a loss of x with probability exp(−x ÷ temperature)."""
    indptr, demand, starts, option, weight, cost, limits = table
    times, owners, gain, loss, place, chosen, totals, best = now
    options = len(indptr) - 1
    cooling = (cool / hot) ** (1.0 / len(draws))
    temperature = hot
    for step in range(len(draws)):
        temperature *= cooling
        if totals[2] == 0.0:
            b = -1
            a = int(draws[step, 1] * options)
        else:
            b = chosen[int(draws[step, 0] * totals[2])]
            if draws[step, 1] < _NEAR:
                i = demand[indptr[b] + int(draws[step, 2] * (indptr[b + 1] - indptr[b]))]
                a = option[starts[i] + int(draws[step, 3] * (starts[i + 1] - starts[i]))]
            else:
                a = int(draws[step, 2] * options)
        threshold = temperature * np.log(max(draws[step, 4], 1e-300))
        if limits[1] > 0.0 and b >= 0 and draws[step, 1] > _DROPPED:
            if -loss[b] >= threshold:
                close_option(table, now, b)
            continue
        if place[a] >= 0:
            continue
        if totals[2] < len(chosen) and totals[1] + cost[a] <= limits[0]:
            if gain[a] <= 0.0:
                continue
        else:
            if b < 0 or gain[a] < threshold or totals[1] - cost[b] + cost[a] > limits[0]:
                continue
            added = gain[a] - loss[b]
            if added < threshold:
                for entry in range(indptr[a], indptr[a + 1]):
                    i = demand[entry]
                    if times[i] == 1 and owners[i] == b:
                        added += weight[i]
                if added < threshold:
                    continue
            close_option(table, now, b)
        open_option(table, now, a)
        if totals[0] > best[0]:
            remember(now)
