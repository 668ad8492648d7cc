"""Compiled loops of serving with capacities: who is sent where, and prices that bound every choice from below.

The table is read by rows, as in `median_loops`, with costs per person, and by options (`by_option`, `row_of`, `entry_of`).
"""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.siting.median_loops import cheapest, settled
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, SmallArray

_NOTHING = 1e-9
"""People fewer than this, per person of the demand, are the rounding of sums."""


@compiled
def transport(
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    weight: FloatArray,
    unserved: FloatArray,
    capacity: FloatArray,
    is_open: BoolArray,
    most: float,
    sent: FloatArray,
    left: FloatArray,
    marginal: FloatArray,
) -> float:
    """Send everybody to open options, or leave them unserved, at least cost; return it, or `inf` once it is sure to be above `most`.

    `sent` (e,) and `left` (d,) become people, `marginal` (o,) what one person more at an open option would cost the others, `inf` at closed
    ones. Everybody begins at the cheapest; then overloaded options pass people on along the cheapest
    chains of displacements to where there is room: successive shortest paths (Busacker and Gowen 1960; Ahuja, Magnanti and Orlin 1993,
    Network Flows, section 9.7), on a graph of the open options only. Being unserved is an option with room for all.
    """
    options, demands = len(by_option) - 1, len(weight)
    slot_of = np.full(options, -1, np.int32)
    slots = 0
    for j in range(options):
        if is_open[j]:
            slot_of[j] = slots
            slots += 1
    nobody = slots
    opened = np.empty(slots, np.int32)
    room = np.empty(slots + 1)
    for j in range(options):
        if slot_of[j] >= 0:
            opened[slot_of[j]] = j
            room[slot_of[j]] = capacity[j]
    room[nobody] = np.inf
    step = np.full((slots + 1, slots + 1), np.inf)  # cheapest displacement from one slot to another, and whose it is
    who = np.full((slots + 1, slots + 1), -1, np.int32)
    sent[:] = 0.0
    left[:] = 0.0
    value = 0.0
    for row in range(demands):
        least, best = unserved[row], -1
        for entry in range(indptr[row], indptr[row + 1]):
            if slot_of[option[entry]] >= 0 and cost[entry] < least:
                least, best = cost[entry], entry
        value += least * weight[row]
        if best < 0:
            left[row] = weight[row]
        else:
            sent[best] = weight[row]
            room[slot_of[option[best]]] -= weight[row]
    for slot in range(slots):
        displacements(
            slot, indptr, option, cost, by_option, row_of, entry_of, unserved, slot_of, opened, sent, step, who
        )
    rounding = 0.0
    for row in range(demands):
        rounding = max(rounding, 1e-12 * unserved[row])
    far, before = np.empty(slots + 1), np.empty(slots + 1, np.int32)
    for source in range(slots):
        while room[source] < -_NOTHING * max(capacity[opened[source]], 1.0):
            if value > most:
                return np.inf
            far[:] = np.inf
            before[:] = -1
            far[source] = 0.0
            for _turn in range(slots + 1):
                changed = False
                for a in range(slots):
                    if far[a] < np.inf:
                        for b in range(slots + 1):
                            if b != source and far[a] + step[a, b] < far[b] - (rounding if far[b] < np.inf else 0.0):
                                far[b] = far[a] + step[a, b]
                                before[b] = a
                                changed = True
                if not changed:
                    break
            target = nobody
            for b in range(slots):
                if room[b] > _NOTHING * max(capacity[opened[b]], 1.0) and far[b] < far[target]:
                    target = b
            amount = min(-room[source], room[target])
            b = target
            while b != source:
                a = before[b]
                amount = min(amount, sent[who[a, b]])
                b = a
            value += amount * far[target]
            room[source] += amount
            room[target] -= amount
            b = target
            while b != source:
                a = before[b]
                entry = who[a, b]
                row = row_at(indptr, entry)
                sent[entry] -= amount
                if b == nobody:
                    left[row] += amount
                else:
                    for other in range(indptr[row], indptr[row + 1]):
                        if option[other] == opened[b]:
                            sent[other] += amount
                            displace(row, other, b, indptr, option, cost, unserved, slot_of, step, who)
                if sent[entry] <= _NOTHING * weight[row]:
                    sent[entry] = 0.0
                    displacements(
                        a, indptr, option, cost, by_option, row_of, entry_of, unserved, slot_of, opened, sent, step, who
                    )
                b = a
    far[:] = np.inf
    far[nobody] = 0.0
    for a in range(slots):
        if room[a] > _NOTHING * max(capacity[opened[a]], 1.0):
            far[a] = 0.0
    for _turn in range(slots):
        changed = False
        for a in range(slots):
            for b in range(slots + 1):
                if step[a, b] + far[b] < far[a] - rounding:
                    far[a] = step[a, b] + far[b]
                    changed = True
        if not changed:
            break
    marginal[:] = np.inf
    for a in range(slots):
        marginal[opened[a]] = max(far[a], 0.0)
    return value


@compiled
def row_at(indptr: IntArray, entry: int) -> int:
    """Return the row an entry is in."""
    return int(np.searchsorted(indptr, entry, side="right")) - 1


@compiled
def displacements(
    slot: int,
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    unserved: FloatArray,
    slot_of: IntArray,
    opened: IntArray,
    sent: FloatArray,
    step: FloatArray,
    who: IntArray,
) -> None:
    """Find what it costs at least to send somebody of one slot to each other one, or nowhere, and the entry they leave."""
    step[slot, :] = np.inf
    who[slot, :] = -1
    which = opened[slot]
    for position in range(by_option[which], by_option[which + 1]):
        entry = entry_of[position]
        if sent[entry] <= 0.0:
            continue
        displace(row_of[position], entry, slot, indptr, option, cost, unserved, slot_of, step, who)


@compiled
def displace(
    row: int,
    entry: int,
    slot: int,
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    unserved: FloatArray,
    slot_of: IntArray,
    step: FloatArray,
    who: IntArray,
) -> None:
    """Lower the displacements from a slot to what one demand in it, at this entry, asks for."""
    nobody = step.shape[1] - 1
    if unserved[row] - cost[entry] < step[slot, nobody]:
        step[slot, nobody] = unserved[row] - cost[entry]
        who[slot, nobody] = entry
    for other in range(indptr[row], indptr[row + 1]):
        b = slot_of[option[other]]
        if b >= 0 and b != slot and cost[other] - cost[entry] < step[slot, b]:
            step[slot, b] = cost[other] - cost[entry]
            who[slot, b] = entry


@compiled
def fill_options(
    cost: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    weight: FloatArray,
    capacity: FloatArray,
    price: FloatArray,
    state: SmallArray,
    total: FloatArray,
    taken: FloatArray,
) -> None:
    """Fill each option that is not closed with those who pay it most; `total` (o,) is what that takes off, `taken` (e,) who they are."""
    taken[:] = 0.0
    for j in range(len(by_option) - 1):
        total[j] = 0.0
        if state[j] == 2:
            continue
        begin, end = by_option[j], by_option[j + 1]
        count, people = 0, 0.0
        for position in range(begin, end):
            if cost[entry_of[position]] < price[row_of[position]]:
                count += 1
                people += weight[row_of[position]]
        if people <= capacity[j]:
            for position in range(begin, end):
                entry, row = entry_of[position], row_of[position]
                if cost[entry] < price[row]:
                    taken[entry] = weight[row]
                    total[j] += weight[row] * (cost[entry] - price[row])
            continue
        at, less = np.empty(count, np.int32), np.empty(count)
        count = 0
        for position in range(begin, end):
            entry, row = entry_of[position], row_of[position]
            if cost[entry] < price[row]:
                at[count] = position
                less[count] = cost[entry] - price[row]
                count += 1
        room = capacity[j]
        for place in np.argsort(less, kind="mergesort"):
            if room <= 0.0:
                break
            position = at[place]
            amount = min(room, weight[row_of[position]])
            taken[entry_of[position]] = amount
            total[j] += amount * less[place]
            room -= amount


@compiled
def raise_people_prices(
    indptr: IntArray,
    option: IntArray,
    cost: FloatArray,
    by_option: IntArray,
    row_of: IntArray,
    entry_of: IntArray,
    weight: FloatArray,
    unserved: FloatArray,
    capacity: FloatArray,
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
    """Raise the bound by moving the prices per person along subgradients, as `raise_prices` does; return it, and the step at the end."""
    demands, options = len(weight), len(state)
    total, picked, here_worth = np.zeros(options), np.zeros(options, np.bool_), np.zeros(options)
    taken = np.zeros(len(cost))
    now, direction = price.copy(), np.zeros(demands)
    best, idle = -np.inf, 0
    for _turn in range(steps):
        fill_options(cost, by_option, row_of, entry_of, weight, capacity, now, state, total, taken)
        bound = cheapest(total, state, option_price, sites, budget, picked, here_worth)
        for row in range(demands):
            bound += now[row] * weight[row]
        best, idle, step, goes_back = settled(
            bound, goal, patience, picked, here_worth, now, direction, price, worth, use, best, idle, step
        )
        if best >= goal or step < shortest:
            break
        if goes_back:
            continue
        norm = 0.0
        for row in range(demands):
            way = weight[row]
            for entry in range(indptr[row], indptr[row + 1]):
                if picked[option[entry]]:
                    way -= taken[entry]
            way += 0.3 * direction[row]
            if (way > 0.0 and now[row] >= unserved[row]) or (way < 0.0 and now[row] <= 0.0):
                way = 0.0
            direction[row] = way
            norm += way * way
        if norm == 0.0:
            break
        length = step * (goal - bound) / norm
        for row in range(demands):
            now[row] = min(max(now[row] + length * direction[row], 0.0), unserved[row])
    return best, step
