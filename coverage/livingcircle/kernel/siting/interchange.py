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

from dataclasses import dataclass

import numpy as np

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.siting.reduction import ReducedCovering
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import FloatArray, IntArray

_HOT, _COOL = 0.06, 0.002
"""Temperatures at the beginning and the end, in parts of what an open option covers on average."""
_STEPS_TOGETHER = 8192
"""After so many steps the watch is asked."""
_NEAR = 0.75
"""Part of the exchanges tried between options that share a demand."""
_TOLERANCE = 1e-9


@dataclass(slots=True, eq=False)
class Standing:
    """A choice, and what every exchange needs to know about it.

    `times` (d,) says how many open options cover a demand and `owners` (d,) is the sum of their positions, which names it where it is one.
    `gain` (m,) is what opening an option would add, `loss` (m,) what closing an open one would take away. `place` (m,) is where it stands
    in `chosen`, -1 for closed ones. `totals` are the value, the cost and the number of open options.
    """

    times: IntArray
    owners: IntArray
    gain: FloatArray
    loss: FloatArray
    place: IntArray
    chosen: IntArray
    totals: FloatArray

    @property
    def value(self) -> float:
        """Weight that the choice covers."""
        return float(self.totals[0])

    @property
    def options(self) -> IntArray:
        """The open options, in no order."""
        return self.chosen[: int(self.totals[2])].copy()

    def arrays(self) -> tuple[IntArray | FloatArray, ...]:
        """Return what the loops take."""
        return self.times, self.owners, self.gain, self.loss, self.place, self.chosen, self.totals


def _table(problem: ReducedCovering) -> tuple[IntArray | FloatArray, ...]:
    return problem.indptr, problem.demand, problem.starts, problem.option, problem.weight, problem.cost


def standing(problem: ReducedCovering, chosen: IntArray | None = None) -> Standing:
    """Return the standing with these options open, none if not given."""
    options, demands = problem.options, len(problem.weight)
    entries = problem.weight[problem.demand]
    made = Standing(
        times=np.zeros(demands, np.int32),
        owners=np.zeros(demands, np.int64),
        gain=np.add.reduceat(entries, problem.indptr[:-1]) if options else np.zeros(0),
        loss=np.zeros(options),
        place=np.full(options, -1, np.int32),
        chosen=np.zeros(problem.most, np.int32),
        totals=np.zeros(3),
    )
    for option in () if chosen is None else chosen:
        open_option(int(option), *_table(problem), *made.arrays())
    return made


def greedy(problem: ReducedCovering) -> IntArray:
    """Return the options that are opened one after another, each the one that adds most; fewer than allowed when no other adds anything."""
    found = [standing(problem)]
    add_greedily(*_table(problem), float(_spendable(problem)), False, *found[0].arrays())  # noqa: FBT003 - a compiled loop
    if not problem.counted:
        found.append(standing(problem))
        add_greedily(*_table(problem), _spendable(problem), True, *found[1].arrays())  # noqa: FBT003
    return max(found, key=lambda one: one.value).options


def descend(problem: ReducedCovering, chosen: IntArray) -> IntArray:
    """Return a choice that no single exchange improves."""
    now = standing(problem, chosen)
    exchange(*_table(problem), _spendable(problem), *now.arrays())
    return now.options


def anneal(
    problem: ReducedCovering, chosen: IntArray, watch: Watch, *, steps: int, seed: int, hot: float = _HOT
) -> IntArray:
    """Return the best choice met on a random walk that cools down over `steps`, or until the watch has run out."""
    now = standing(problem, chosen)
    if problem.options <= problem.most and problem.counted or now.totals[2] == 0:
        return chosen
    random = np.random.default_rng(seed)
    best = np.zeros(problem.most + 2)
    remember(*now.arrays(), best)
    average = now.value / now.totals[2]
    for first in range(0, steps, _STEPS_TOGETHER):
        draws = random.random((_STEPS_TOGETHER, 5))
        ends = [
            average * hot * (_COOL / hot) ** (min(step, steps) / steps) for step in (first, first + _STEPS_TOGETHER)
        ]
        walk(*_table(problem), _spendable(problem), problem.counted, *ends, draws, *now.arrays(), best)
        if watch.remaining_seconds <= 0:
            break
    return descend(problem, best[2 : 2 + int(best[1])].astype(np.int32))


def _spendable(problem: ReducedCovering) -> float:
    """Return the budget with what rounding may add to a sum."""
    return problem.budget + 1e-9 * max(1.0, abs(problem.budget)) if np.isfinite(problem.budget) else np.inf


@compiled
def open_option(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917 - a compiled loop takes arrays
    a, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
):  # fmt: skip
    """Open an option and put everything right that this changes."""
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
def close_option(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917 - a compiled loop takes arrays
    b, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
):  # fmt: skip
    """Close an option and put everything right that this changes."""
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
def add_greedily(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917 - a compiled loop takes arrays
    indptr, demand, starts, option, weight, cost, budget, by_cost, times, owners, gain, loss, place, chosen, totals
):  # fmt: skip
    """Open what adds most, or most per cost, and fits, until nothing does."""
    options = len(indptr) - 1
    least = 1e-12
    while totals[2] < len(chosen):
        best, most = -1, 0.0
        for j in range(options):
            if place[j] >= 0 or totals[1] + cost[j] > budget or gain[j] <= 1e-9 * weight[0]:
                continue
            worth = gain[j] / max(cost[j], least) if by_cost else gain[j]
            if worth > most:
                best, most = j, worth
        if best < 0:
            break
        open_option(
            best, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
        )


@compiled
def exchange(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917, PLR0912 - a compiled loop takes arrays
    indptr, demand, starts, option, weight, cost, budget, times, owners, gain, loss, place, chosen, totals
):  # fmt: skip
    """Go through the closed options again and again, open what fits and make the best exchange of each, until none improves anything."""
    options = len(indptr) - 1
    shared = np.zeros(options)
    unchanged = 0
    a = -1
    while unchanged < options:
        a = a + 1 if a + 1 < options else 0
        unchanged += 1
        least = 1e-9 * totals[0] / max(totals[2], 1.0)
        if place[a] >= 0 or gain[a] <= least:
            continue
        best, most = -1, least
        if totals[2] < len(chosen) and totals[1] + cost[a] <= budget:
            best = a
        else:
            for entry in range(indptr[a], indptr[a + 1]):
                i = demand[entry]
                if times[i] == 1:
                    shared[owners[i]] += weight[i]
            for position in range(int(totals[2])):
                b = chosen[position]
                if totals[1] - cost[b] + cost[a] <= budget:
                    added = gain[a] - loss[b] + shared[b]
                    if added > most:
                        best, most = b, added
                shared[b] = 0.0
        if best < 0:
            continue
        if best != a:
            close_option(
                best, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
            )
        open_option(a, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals)
        unchanged = 0


@compiled
def remember(times, owners, gain, loss, place, chosen, totals, best):  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917
    """Keep a choice: its value, its number and its options."""
    best[0], best[1] = totals[0], totals[2]
    for position in range(int(totals[2])):
        best[2 + position] = chosen[position]


@compiled
def walk(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917, PLR0912, PLR0915, C901 - a compiled loop takes arrays
    indptr, demand, starts, option, weight, cost, budget, counted, hot, cool, draws, times, owners, gain, loss, place, chosen, totals, best
):  # fmt: skip
    """Try a random exchange per row of `draws` (k, 5), accepting a loss of x with probability exp(−x ÷ temperature)."""
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
            if draws[step, 1] < 0.75:
                i = demand[indptr[b] + int(draws[step, 2] * (indptr[b + 1] - indptr[b]))]
                a = option[starts[i] + int(draws[step, 3] * (starts[i + 1] - starts[i]))]
            else:
                a = int(draws[step, 2] * options)
        threshold = temperature * np.log(max(draws[step, 4], 1e-300))
        if not counted and b >= 0 and draws[step, 1] > 0.97:
            if -loss[b] >= threshold:
                close_option(
                    b, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
                )
            continue
        if place[a] >= 0:
            continue
        if totals[2] < len(chosen) and totals[1] + cost[a] <= budget:
            if gain[a] <= 0.0:
                continue
        else:
            if b < 0 or gain[a] < threshold or totals[1] - cost[b] + cost[a] > budget:
                continue
            added = gain[a] - loss[b]
            if added < threshold:
                for entry in range(indptr[a], indptr[a + 1]):
                    i = demand[entry]
                    if times[i] == 1 and owners[i] == b:
                        added += weight[i]
                if added < threshold:
                    continue
            close_option(
                b, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals
            )
        open_option(a, indptr, demand, starts, option, weight, cost, times, owners, gain, loss, place, chosen, totals)
        if totals[0] > best[0]:
            remember(times, owners, gain, loss, place, chosen, totals, best)
