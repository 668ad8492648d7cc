"""Compiled loops of the p-median: swaps of one open option for another, and prices that bound every choice from below.

All of them read one table by rows: the entries `indptr[i]` to `indptr[i + 1]` of demand i name its options and what each would cost it,
ascending, and `base[i]` is what it costs where none of them is open; only entries below `base` are listed.

Swaps after Resende and Werneck 2007 (European Journal of Operational Research 174:54-68): for each demand its nearest and second nearest
open option are kept, and from them, changed only where a swap touches them,

gain(j) = what opening j saves,   loss(r) = what closing r costs,   extra(j, r) = what of that loss opening j at the same time avoids,

so that opening j for r saves gain(j) − loss(r) + extra(j, r). Prices after Cornuejols, Fisher and Nemhauser 1977 (Management Science
23:789-810) and Beasley 1985 (European Journal of Operational Research 21:270-273).
"""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.compiled import compiled
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, SmallArray

_LEAST_GAIN = 1e-9
"""A move counts if it saves this share of the value: less is the rounding of sums."""


@compiled
def two_nearest(
    row: int, indptr: IntArray, option: IntArray, cost: FloatArray, base: FloatArray, slot_of: IntArray
) -> tuple[int, float, float]:
    """Return the slot of the nearest open option of a demand, -1 for none, its cost and that of the second nearest."""
    first = -1
    nearest = base[row]
    for entry in range(indptr[row], indptr[row + 1]):
        slot = slot_of[option[entry]]
        if slot >= 0:
            if first >= 0:
                return first, nearest, cost[entry]
            first = slot
            nearest = cost[entry]
    return first, nearest, base[row]


@compiled
def count_in(
    row: int,
    sign: float,
    first: int,
    nearest: float,
    second: float,
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    gain: FloatArray,
    loss: FloatArray,
    extra: FloatArray,
) -> None:
    """Add what one demand contributes to gain, loss and extra, or take it away with `sign` -1."""
    if first >= 0:
        loss[first] += sign * (second - nearest)
    for entry in range(indptr[row], indptr[row + 1]):
        here = cost[entry]
        if here >= second:
            break
        if here < nearest:
            gain[option[entry]] += sign * (nearest - here)
            if first >= 0:
                extra[option[entry], first] += sign * (second - nearest)
        elif first >= 0:
            extra[option[entry], first] += sign * (second - here)


@compiled
def improve(
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    base: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    price: FloatArray,
    chosen: IntArray,
    sites: int,
    budget: float,
    kicks: int,
    strength: int,
    dice: FloatArray,
) -> tuple[IntArray, float]:
    """Swap until nothing is saved, then kick and swap again, `kicks` times; return the best choice found (k,) and its cost.

    `by_option` (o + 1,), `row_of` and `entry_of` list the demands of each option, and where in the table. A kick opens `strength` options,
    which the numbers `dice` (kicks, strength) in [0, 1) choose, each for the open one it hurts least to close, and is kept where it leads
    to no more cost.
    """
    options, demands, slots = len(by_option) - 1, len(base), sites + 1
    slot_of, held = np.full(options, -1, np.int32), np.full(slots, -1, np.int32)
    gain, loss, extra = np.zeros(options), np.zeros(slots), np.zeros((options, slots))
    first, nearest, second = np.full(demands, -1, np.int32), base.copy(), base.copy()
    value, spent, count = 0.0, 0.0, 0
    for row in range(demands):
        value += base[row]
        count_in(row, 1.0, -1, base[row], base[row], indptr, option, cost, gain, loss, extra)
    best, best_value = chosen.copy(), np.inf
    wanted, fresh = np.zeros(options, np.bool_), np.zeros(options, np.bool_)
    queue = np.empty(2 * slots, np.int32)
    turn, phase, number = 0, 0, 0
    while True:
        queued = 0
        if phase == 0:  # open what a start or a return to the best asks for, close the rest
            wanted[:] = False
            wanted[best] = True
            for closing in range(2):
                for j in range(options):
                    if wanted[j] == (closing == 1) and (slot_of[j] >= 0) == (closing == 0):
                        queue[queued] = j
                        queued += 1
            fresh[:] = False
            phase, number = 1, 0
        elif phase == 1:  # kick
            if turn == 0 or number == strength:
                phase = 2
                continue
            j = min(int(dice[turn - 1, number] * options), options - 1)
            number += 1
            if slot_of[j] >= 0:
                continue
            full = count >= sites or spent + price[j] > budget
            least, out = np.inf, -1
            for slot in range(slots):
                r = held[slot]
                if r >= 0 and not fresh[r] and spent - price[r] + price[j] <= budget:
                    harm = loss[slot] - extra[j, slot]
                    if harm < least:
                        least, out = harm, r
            if full and out < 0:
                continue
            fresh[j] = True
            queue[0] = j
            queue[1] = out
            queued = 2 if full else 1
        else:  # the best opening or swap
            most, add, out = _LEAST_GAIN * max(abs(value), 1e-300), -1, -1
            for j in range(options):
                if slot_of[j] >= 0 or gain[j] <= 0.0:
                    continue
                if count < sites and spent + price[j] <= budget:
                    if gain[j] > most:
                        most, add, out = gain[j], j, -1
                    continue
                for slot in range(slots):
                    r = held[slot]
                    if r >= 0:
                        saved = gain[j] - loss[slot] + extra[j, slot]
                        if saved > most and spent - price[r] + price[j] <= budget:
                            most, add, out = saved, j, r
            if add < 0:
                if value <= best_value + _LEAST_GAIN * abs(value):
                    best, best_value = np.sort(held[held >= 0]), value
                turn += 1
                if turn > kicks:
                    break
                phase = 0
                continue
            queue[0] = add
            queue[1] = out
            queued = 1 if out < 0 else 2
        for position in range(queued):
            value, spent, count = toggle(
                queue[position], indptr, option, cost, base, by_option, row_of, entry_of, price,
                slot_of, held, gain, loss, extra, first, nearest, second, value, spent, count,
            )  # fmt: skip
    return best, best_value


@compiled
def toggle(
    which: int,
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    base: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    price: FloatArray,
    slot_of: IntArray,
    held: IntArray,
    gain: FloatArray,
    loss: FloatArray,
    extra: FloatArray,
    first: IntArray,
    nearest: FloatArray,
    second: FloatArray,
    value: float,
    spent: float,
    count: int,
) -> tuple[float, float, int]:
    """Open an option or close it again, and bring everything kept up to date; return value, money spent and sites open."""
    opens = slot_of[which] < 0
    if opens:
        place = 0
        while held[place] >= 0:
            place += 1
        held[place] = which
        slot_of[which] = place
        spent += price[which]
        count += 1
    else:
        place = slot_of[which]
        held[place] = -1
        slot_of[which] = -1
        spent -= price[which]
        count -= 1
    for position in range(by_option[which], by_option[which + 1]):
        row = row_of[position]
        if cost[entry_of[position]] > second[row]:
            continue
        one, near, next_near = two_nearest(row, indptr, option, cost, base, slot_of)
        if one != first[row] or next_near != second[row] or near != nearest[row]:
            count_in(row, -1.0, first[row], nearest[row], second[row], indptr, option, cost, gain, loss, extra)
            value += near - nearest[row]
            first[row], nearest[row], second[row] = one, near, next_near
            count_in(row, 1.0, one, near, next_near, indptr, option, cost, gain, loss, extra)
    if not opens:
        loss[place] = 0.0
        extra[:, place] = 0.0
    return value, spent, count


@compiled
def sums_below(
    indptr: IntArray, option: IntArray, cost: FloatArray, price: FloatArray, state: SmallArray, total: FloatArray
) -> None:
    """Sum up for each option that is not closed (`state` 2) what it takes off the prices of its demands, as a number ≤ 0."""
    total[:] = 0.0
    for row in range(len(price)):
        paid = price[row]
        for entry in range(indptr[row], indptr[row + 1]):
            less = cost[entry] - paid
            if less >= 0.0:
                break
            total[option[entry]] += less
    for j in range(len(state)):
        if state[j] == 2:
            total[j] = 0.0


@compiled
def cheapest(
    total: FloatArray,
    state: SmallArray,
    option_price: FloatArray,
    sites: int,
    budget: float,
    picked: BoolArray,
    worth: FloatArray,
) -> float:
    """Pick the open options and the best of the free ones; return the least sum any choice can have, and the last one's worth.

    Money is priced: for any λ ≥ 0, Σ total ≥ Σ (total + λ price) − λ budget; the best λ is found by halving. `worth` (o,) becomes
    total + λ price.
    """
    options = len(total)
    spent, left, fixed = 0.0, sites, 0.0
    for j in range(options):
        if state[j] == 1:
            spent += option_price[j]
            left -= 1
    low, high = 0.0, 0.0
    limited = False
    if budget < np.inf:
        limited = True
        for j in range(options):
            if option_price[j] > 0.0:
                high = max(high, -total[j] / option_price[j])
    bound, edge = -np.inf, 0.0
    rate = 0.0
    for _ in range(40 if limited else 1):
        free = 0
        for j in range(options):
            picked[j] = state[j] == 1
            if state[j] == 0:
                free += 1
        values = np.empty(free)
        free = 0
        fixed = 0.0
        for j in range(options):
            value = total[j] + rate * option_price[j]
            if state[j] == 0:
                values[free] = value
                free += 1
            elif state[j] == 1:
                fixed += value
        edge = 0.0
        if left <= 0:
            edge = -np.inf
        elif free > left:
            edge = min(0.0, np.partition(values, left - 1)[left - 1])
        money, number = spent, 0
        sum_picked = fixed
        for turn in range(2):  # those below the edge first, then as many at it as there is room for
            for j in range(options):
                if state[j] != 0 or number >= left:
                    continue
                value = total[j] + rate * option_price[j]
                if (turn == 0 and value < edge) or (turn == 1 and value == edge and value < 0.0 and not picked[j]):
                    picked[j] = True
                    number += 1
                    money += option_price[j]
                    sum_picked += value
        here = sum_picked - (rate * budget if limited else 0.0)
        if here > bound:
            bound = here
            for j in range(options):
                worth[j] = total[j] + rate * option_price[j] - max(edge, -1e300)
        if not limited or (money <= budget and rate == 0.0):
            break
        if money > budget:
            low = rate
        else:
            high = rate
        rate = 0.5 * (low + high)
    return bound


@compiled
def settled(
    bound: float,
    goal: float,
    patience: int,
    picked: BoolArray,
    here_worth: FloatArray,
    now: FloatArray,
    direction: FloatArray,
    price: FloatArray,
    worth: FloatArray,
    use: FloatArray,
    best: float,
    idle: int,
    step: float,
) -> tuple[float, int, float, bool]:
    """Keep the prices `now` if no others gave a better bound; after `patience` moves without progress go back to the best, by less.

    Returns the best bound, the moves without progress, the step, and whether `now` went back to the best prices.
    """
    for j in range(len(use)):
        use[j] += 0.1 * ((1.0 if picked[j] else 0.0) - use[j])
    if bound > best:
        if bound > best + 1e-4 * (goal - best):
            idle = 0
        best = bound
        price[:] = now
        worth[:] = here_worth
    else:
        idle += 1
    goes_back = idle >= patience and best < goal
    if goes_back:
        step *= 0.6
        idle = 0
        now[:] = price
        direction[:] = 0.0
    return best, idle, step, goes_back


@compiled
def raise_prices(
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    base: FloatArray,
    option_price: FloatArray,
    sites: int,
    budget: float,
    state: SmallArray,
    price: FloatArray,
    goal: float,
    steps: int,
    step: float,
    shortest: float,
    patience: int,
    worth: FloatArray,
    use: FloatArray,
) -> tuple[float, float]:
    """Raise the bound by moving the prices of demands along subgradients; return it, and the step at the end.

    `price` (d,) becomes the best ones found; a step of 1 aims at `goal`, and it shrinks after `patience` moves without progress.

    Stops where the bound passes `goal`, after `steps`, or where the step has shrunk below `shortest`. `worth` (o,) becomes what an option
    is worth at the best prices beside the last that is picked (≤ 0 of those picked), `use` (o,) how often each was picked, on average.
    """
    demands, options = len(price), len(state)
    total, picked = np.zeros(options), np.zeros(options, np.bool_)
    here_worth = np.zeros(options)
    now = price.copy()
    direction = np.zeros(demands)
    best, idle = -np.inf, 0
    for _turn in range(steps):
        sums_below(indptr, option, cost, now, state, total)
        bound = cheapest(total, state, option_price, sites, budget, picked, here_worth)
        for row in range(demands):
            bound += now[row]
        best, idle, step, goes_back = settled(
            bound, goal, patience, picked, here_worth, now, direction, price, worth, use, best, idle, step
        )
        if best >= goal or step < shortest:
            break
        if goes_back:
            continue
        norm = 0.0
        for row in range(demands):
            served = 0
            paid = now[row]
            for entry in range(indptr[row], indptr[row + 1]):
                if cost[entry] >= paid:
                    break
                if picked[option[entry]]:
                    served += 1
            way = 1.0 - served + 0.3 * direction[row]
            if (way > 0.0 and paid >= base[row]) or (way < 0.0 and paid <= 0.0):
                way = 0.0
            direction[row] = way
            norm += way * way
        if norm == 0.0:
            break
        length = step * (goal - bound) / norm
        for row in range(demands):
            now[row] = min(max(now[row] + length * direction[row], 0.0), base[row])
    return best, step
