"""How much any choice could cover at most: the linear relaxation of maximal covering, solved without a simplex.

For prices 0 ≤ πᵢ ≤ wᵢ on the demands, no choice covers more than

    Σᵢ (wᵢ − πᵢ) + the most that allowed options can collect of   sⱼ = Σ_{i ∈ j} πᵢ

(the Lagrangian of Galvão and ReVelle 1996, European Journal of Operational Research 88:114-123). This holds for any prices, whatever they
come from, so a bound taken from it needs no trust in tolerances. The best prices are those of the linear relaxation

    max Σ wᵢ min(1, Σ_{j ∋ i} xⱼ)   over   0 ≤ x ≤ 1 within number and budget,

a game between x and π that the primal-dual method of Chambolle and Pock (2011, Journal of Mathematical Imaging and Vision 40:120-145) plays
with two passes over the table per turn, with diagonal steps (Pock and Chambolle 2011, ICCV) and restarts from the average (Applegate and
others 2021, NeurIPS 34). Its x tells where good choices are to be sought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.siting.reduction import ReducedCovering
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import FloatArray, IntArray

_TURNS = 40
"""So many turns are played between two looks at the distance of x and prices."""
_SLACK = 1e-11
"""Bounds are raised by this part of themselves: more than the rounding of their sums."""
_PRICE_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """`bound` on what is covered, the `prices` (d,) it comes from, their sums `collected` (m,) per option, and the parts `opened` (m,).

    `price_of_cost` is what a unit of budget is worth, `threshold` what an option has to collect (above its cost at that price) to be among
    the best. `value` is what the parts cover: the bound can fall no lower.
    """

    bound: float
    prices: FloatArray
    collected: FloatArray
    price_of_cost: float
    opened: FloatArray
    value: float
    balance: float
    """Of the lengths of the steps, to go on with."""


def sound_bound(bound: float, *, whole: bool) -> float:
    """Return a bound that holds although its sums were rounded, down to a whole number where all weights are whole."""
    raised = bound + _SLACK * max(1.0, abs(bound))
    return float(np.floor(raised)) if whole else raised


def most_collected(problem: ReducedCovering, collected: FloatArray) -> tuple[float, float]:
    """Return an upper bound on what allowed options collect, and the price of a unit of budget it is reached at.

    With a price λ on money that is λ × budget + the `most` largest positive sⱼ − λ costⱼ, which is least at the best λ and holds at any.
    """

    def at(price: float) -> float:
        net = np.maximum(collected - price * problem.cost, 0.0)
        best = (
            net if problem.most >= len(net) else np.partition(net, len(net) - problem.most)[len(net) - problem.most :]
        )
        return float(best.sum()) + (price * problem.budget if price else 0.0)

    if problem.counted or len(collected) == 0:
        return at(0.0), 0.0
    paid = problem.cost > 0
    low, high = 0.0, float((collected[paid] / problem.cost[paid]).max(initial=0.0))
    shrink = (np.sqrt(5) - 1) / 2
    for _ in range(_PRICE_STEPS):  # golden section: convex in the price
        left, right = high - shrink * (high - low), low + shrink * (high - low)
        if at(left) <= at(right):
            high = right
        else:
            low = left
    price = min((0.0, low, high), key=at)
    return at(price), price


def relax(
    problem: ReducedCovering,
    watch: Watch,
    *,
    value: float,
    tolerance: float,
    start: Relaxation | None = None,
    most_turns: int = 20_000,
) -> Relaxation:
    """Return the bound of the linear relaxation, to `tolerance` of it, or what was reached when the watch ran out.

    It stops as well where the bound proves `value` to be within the gap that the watch asks for. `start` is gone on from.
    """
    weight, degree = problem.weight, np.diff(problem.starts).astype(np.float64)
    whole = problem.whole
    reach = np.add.reduceat(weight[problem.demand], problem.indptr[:-1])
    price, limits = _limits(problem)
    limit = float(limits[0])
    if start is None:
        x, q = np.full(problem.options, min(limit / max(float(price.sum()), 1e-300), 1.0)), np.full(len(weight), 0.5)
    else:
        x, q = start.opened.copy(), start.prices / weight
    covered = _covered(problem, x)
    balance, shadow = (1.0 if start is None else start.balance), np.zeros(2)
    best = _judged(problem, x, covered, q) if start is None else start
    begun, begun_x, begun_q = np.inf, x.copy(), q.copy()
    last, turns_since = np.inf, 0
    sums = (np.zeros_like(x), np.zeros_like(covered), np.zeros_like(q))
    for turn in range(0, most_turns, _TURNS):
        play(
            problem.indptr, problem.demand, weight, degree, reach, price, limits, balance, _TURNS, x, covered, q, shadow, *sums,
        )  # fmt: skip
        turns_since += _TURNS
        mean_x, mean_covered, mean_q = (total / turns_since for total in sums)
        now = _judged(problem, x, covered, q)
        mean = _judged(problem, mean_x, mean_covered, mean_q)
        better, from_mean = (mean, True) if _distance(mean) < _distance(now) else (now, False)
        best = _joined(balance, best, now, mean)
        done = best.bound - best.value <= tolerance * best.bound
        proven = sound_bound(best.bound, whole=whole) - value <= watch.gap * best.bound
        if done or proven or watch.remaining_seconds <= 0:
            break
        distance = _distance(better)
        if (
            distance <= 0.2 * begun
            or (distance <= 0.8 * begun and distance > last)
            or turns_since >= max(0.36 * (turn + _TURNS), 4 * _TURNS)
        ):
            if from_mean:
                x, covered, q = mean_x, mean_covered, mean_q
            moved_x = float(np.sqrt((reach * (x - begun_x) ** 2).sum()))
            moved_q = float(np.sqrt((weight * degree * (q - begun_q) ** 2).sum()))
            if moved_x > 0 and moved_q > 0:
                balance = float(np.exp(0.5 * np.log(moved_x / moved_q) + 0.5 * np.log(balance)))
            begun, begun_x, begun_q = distance, x.copy(), q.copy()
            last, turns_since = np.inf, 0
            sums = (np.zeros_like(x), np.zeros_like(covered), np.zeros_like(q))
        else:
            last = distance
    return best


def _limits(problem: ReducedCovering) -> tuple[FloatArray, FloatArray]:
    """Return prices and limit of what x is projected on, money where it counts, else the number; and the number beside money."""
    if problem.counted:
        return np.ones(problem.options), np.array([problem.most, 0.0])
    return problem.cost, np.array([problem.budget, float(problem.most)])


def _covered(problem: ReducedCovering, x: FloatArray) -> FloatArray:
    return np.add.reduceat(x[problem.option], problem.starts[:-1])


def _distance(found: Relaxation) -> float:
    return found.bound - found.value


def _joined(balance: float, *found: Relaxation) -> Relaxation:
    """Keep the prices of the lowest bound and the parts of the highest value."""
    lowest = min(found, key=lambda one: one.bound)
    highest = max(found, key=lambda one: one.value)
    return Relaxation(
        lowest.bound, lowest.prices, lowest.collected, lowest.price_of_cost, highest.opened, highest.value, balance
    )


def _judged(problem: ReducedCovering, x: FloatArray, covered: FloatArray, q: FloatArray) -> Relaxation:
    prices = problem.weight * np.clip(q, 0.0, 1.0)
    collected = np.add.reduceat(prices[problem.demand], problem.indptr[:-1])
    most, price = most_collected(problem, collected)
    over = max(1.0, float(x.sum()) / max(problem.most, 1e-300))
    if not problem.counted:
        over = max(over, float((x * problem.cost).sum()) / max(problem.budget, 1e-300))
    value = float((problem.weight * np.minimum(1.0, covered / over)).sum())
    return Relaxation(float((problem.weight - prices).sum()) + most, prices, collected, price, x.copy(), value, 1.0)


@compiled
def play(
    indptr: IntArray,
    demand: IntArray,
    weight: FloatArray,
    degree: FloatArray,
    reach: FloatArray,
    price: FloatArray,
    limits: FloatArray,
    balance: float,
    turns: int,
    x: FloatArray,
    covered: FloatArray,
    q: FloatArray,
    shadow: FloatArray,
    sum_x: FloatArray,
    sum_covered: FloatArray,
    sum_q: FloatArray,
) -> None:
    """Play some turns of the primal-dual method in place; `shadow` keeps the price of the limit and that of the number beside a budget."""
    options, demands = len(indptr) - 1, len(weight)
    moved = np.empty(options)
    fresh = np.empty(demands)
    step = balance / reach
    for _ in range(turns):
        for j in range(options):
            collected = 0.0
            for entry in range(indptr[j], indptr[j + 1]):
                i = demand[entry]
                collected += weight[i] * q[i]
            moved[j] = x[j] + step[j] * (collected - shadow[1])
        shadow[0] = project(moved, step, price, limits[0], shadow[0])
        fresh[:] = 0.0
        number = 0.0
        for j in range(options):
            share = moved[j]
            number += 2.0 * share - x[j]
            if share > 0.0:
                for entry in range(indptr[j], indptr[j + 1]):
                    fresh[demand[entry]] += share
            x[j] = share
            sum_x[j] += share
        if limits[1] > 0.0:
            shadow[1] = max(0.0, shadow[1] + (number - limits[1]) / (balance * options) * reach.mean())
        for i in range(demands):
            ahead = 2.0 * fresh[i] - covered[i]
            q[i] = min(1.0, max(0.0, q[i] - (ahead - 1.0) / (balance * degree[i])))
            covered[i] = fresh[i]
            sum_covered[i] += fresh[i]
            sum_q[i] += q[i]


@compiled
def project(moved: FloatArray, step: FloatArray, price: FloatArray, limit: float, first: float) -> float:
    """Move onto 0 ≤ x ≤ 1, price · x ≤ limit, by the multiplier that is returned: Newton's method, kept between two bounds."""
    low, high = 0.0, np.inf
    multiplier = first
    for _ in range(60):
        spent, slope = 0.0, 0.0
        for j in range(len(moved)):
            share = moved[j] - multiplier * step[j] * price[j]
            if share >= 1.0:
                spent += price[j]
            elif share > 0.0:
                spent += price[j] * share
                slope += step[j] * price[j] * price[j]
        excess = spent - limit
        if abs(excess) <= 1e-9 * limit or (excess <= 0.0 and multiplier == 0.0):
            break
        if excess > 0.0:
            low = multiplier
        else:
            high = multiplier
        onward = multiplier + excess / slope if slope > 0.0 else np.inf
        if onward <= low or onward >= high:
            if onward <= low and low == 0.0:
                onward = 0.0
            elif high == np.inf:
                onward = 2.0 * multiplier + 1.0
            else:
                onward = 0.5 * (low + high)
        multiplier = onward
    for j in range(len(moved)):
        moved[j] = min(1.0, max(0.0, moved[j] - multiplier * step[j] * price[j]))
    return multiplier
