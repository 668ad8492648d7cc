"""Why a plan is what it is: what each pick adds, what only it covers, and who else could take its place.

Everything is counted again from the problem as it was asked, never taken from a solver. The weight that picks add one after another is
the weight of their union: every demand is credited to the one pick that makes it covered, and to no other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from livingcircle.kernel.siting.covering import CoveringProblem, Floor, OptionState
from livingcircle.model.columns import FloatArray, IntArray, SmallArray

BEFORE = -1
"""Covered before anything is built."""
NEVER = -2
"""Not covered by the plan."""
COVERED, NO_CANDIDATE, NOT_CHOSEN = 0, 1, 2
"""Why a demand is (not) covered: it is; no option that may open reaches it, or too few; some do, and none of them was chosen."""


def table_of(problem: CoveringProblem) -> csr_array:
    """Return which demand each option reaches, as a matrix (o, d) of ones."""
    shape = (problem.options, len(problem.weight))
    return csr_array((np.ones(len(problem.demand)), problem.demand, problem.indptr), shape=shape)


def new_options(problem: CoveringProblem, opened: IntArray) -> IntArray:
    """Return the open options that are to be built: those that do not exist."""
    return np.asarray(opened[problem.state[opened] != OptionState.EXISTING], np.int32)


def building_order(
    problem: CoveringProblem, opened: IntArray, year: IntArray | None = None
) -> tuple[IntArray, IntArray]:
    """Put the new options in the order to build them, and credit every demand to one.

    Years come first, as planned; within one the greatest gain comes first, of equal gains the cheaper, then the one listed first. An
    option that alone covers nothing, for a demand needs two, waits until it does.

    Parameters
    ----------
    opened
        Open options, with existing ones that stay.
    year
        Year of each option (o,); without, all are free to come first.

    Returns
    -------
    order
        (k,) options to build.
    covered_by
        (d,) position in `order` of the pick that makes each demand covered, else `BEFORE` or `NEVER`.
    """
    new, existing = new_options(problem, opened), opened[problem.state[opened] == OptionState.EXISTING]
    missing = problem.need.astype(np.int64) - _reached(problem, existing)
    covered_by = np.where(missing <= 0, BEFORE, NEVER).astype(np.int32)
    rows = table_of(problem)[new]
    options_of = rows.T.tocsr()
    gain = np.asarray(rows @ np.where(missing == 1, problem.weight, 0.0))
    years = np.zeros(len(new), np.int32) if year is None else year[new]
    left, order = np.ones(len(new), bool), []
    for place in range(len(new)):
        able = np.flatnonzero(left & (years == years[left].min()))
        slack = 1e-9 * max(float(np.abs(gain[able]).max()), 1.0)  # gains are kept by adding and taking away
        best = able[gain[able] >= gain[able].max() - slack]
        pick = int(min(best, key=lambda one: (problem.cost_wan_yuan[new[one]], new[one])))
        left[pick] = False
        order.append(int(new[pick]))
        touched = problem.row(order[-1])
        missing[touched] -= 1
        done, nearly = touched[missing[touched] == 0], touched[missing[touched] == 1]
        covered_by[done] = place
        for changed, sign in ((done, -1.0), (nearly, 1.0)):
            who = options_of[changed]
            change = np.repeat(sign * problem.weight[changed], np.diff(who.indptr))
            gain += np.bincount(who.indices, change, len(new))
    return np.array(order, np.int32), covered_by


def credited(covered_by: IntArray, picks: int, weight: FloatArray) -> FloatArray:
    """Sum a weight of the demands (d,) or several (d, g) over those credited to each pick (k,) or (k, g)."""
    own = covered_by >= 0
    if weight.ndim == 1:
        return np.bincount(covered_by[own], weight[own], picks).astype(np.float64)
    columns = [np.bincount(covered_by[own], weight[own, group], picks) for group in range(weight.shape[1])]
    return np.array(columns, np.float64).T.reshape(picks, weight.shape[1])


def homes_gained(covered_by: IntArray, picks: int, home: IntArray) -> FloatArray:
    """Count the homes of which each pick is the first to cover a demand they lacked; `home` (d,) are positions."""
    own = np.flatnonzero(covered_by >= 0)
    own = own[np.argsort(covered_by[own], kind="stable")]
    _, first = np.unique(home[own], return_index=True)
    return np.bincount(covered_by[own[first]], minlength=picks).astype(np.float64)


def exclusive_weight(problem: CoveringProblem, opened: IntArray, order: IntArray) -> FloatArray:
    """Return the weight (k,) that nobody would cover if one pick alone were left out."""
    alone = np.where((_reached(problem, opened) == problem.need) & (problem.need > 0), problem.weight, 0.0)
    return np.array([alone[problem.row(int(option))].sum() for option in order], np.float64)


def floors_turned(floors: Sequence[Floor], covered_by: IntArray, weight: FloatArray, picks: int) -> IntArray:
    """Return which pick brings each floor (f,) to its least weight, `BEFORE` where it stood there already, else `NEVER`."""
    turned = np.full(len(floors), NEVER, np.int32)
    for number, floor in enumerate(floors):
        by, own = covered_by[floor.demand], weight[floor.demand]
        before = own[by == BEFORE].sum()
        reached = before + np.cumsum(credited(by, picks, own))
        enough = floor.least_weight - 1e-9 * max(floor.total_weight, 1.0)
        if before >= enough:
            turned[number] = BEFORE
        elif picks and reached[-1] >= enough:
            turned[number] = int(np.argmax(reached >= enough))
    return turned


def uncovered_reasons(problem: CoveringProblem, opened: IntArray) -> SmallArray:
    """Say of each demand (d,) whether it is covered, out of reach of all that may open, or left out by the choice."""
    may = np.flatnonzero(problem.state != OptionState.FORBIDDEN)
    reachable = _reached(problem, np.asarray(may, np.int32)) >= problem.need
    return np.where(problem.covered(opened), COVERED, np.where(reachable, NOT_CHOSEN, NO_CANDIDATE)).astype(np.int8)


def nearest_existing(xy: FloatArray, existing_xy: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearest of the existing places to each point (k, 2), -1 and NaN where there are none, and the straight metres to it."""
    if not len(existing_xy) or not len(xy):
        return np.full(len(xy), -1, np.int32), np.full(len(xy), np.nan)
    metres, position = cKDTree(existing_xy).query(xy)
    return position.astype(np.int32), np.asarray(metres, np.float64)


def yuan_per_resident(cost_wan_yuan: FloatArray, residents: FloatArray) -> FloatArray:
    """Return the cost of each resident gained in yuan; NaN where the cost is unknown or nobody is gained."""
    result = np.full(len(residents), np.nan)
    np.divide(cost_wan_yuan * 1e4, residents, out=result, where=residents > 0)
    return result


def dominated(problem: CoveringProblem) -> IntArray:
    """Return another option (o,) that reaches all that each does of what is still open, for no more money and floor, -1 if none.

    Both are of one service. Of two that are alike in all, the later is dominated by the earlier; an option that reaches nothing open is
    not told of.
    """
    lacking = (problem.need > 0) & (problem.weight > 0)
    entries = lacking[problem.demand]
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))[entries]
    shape = (problem.options, len(problem.weight))
    rows = csr_array((np.ones(len(option)), (option, problem.demand[entries])), shape=shape)
    options_of, many = rows.T.tocsr(), np.diff(rows.indptr)
    rare = np.diff(options_of.indptr)
    free = problem.state == OptionState.FREE
    total = problem.cost_wan_yuan + problem.site_cost_wan_yuan[problem.site]
    found = np.full(problem.options, -1, np.int32)
    for one in np.flatnonzero(free & (many > 0)):
        own = rows.indices[rows.indptr[one] : rows.indptr[one + 1]]
        scarce = own[np.argmin(rare[own])]
        rivals = options_of.indices[options_of.indptr[scarce] : options_of.indptr[scarce + 1]]
        able = (
            free[rivals]
            & (many[rivals] >= many[one])
            & (problem.service[rivals] == problem.service[one])
            & (problem.site[rivals] != problem.site[one])
            & (total[rivals] <= total[one])
            & (problem.floor_m2[rivals] <= problem.floor_m2[one])
        )
        rivals = rivals[able]
        if not len(rivals):
            continue
        shared = np.bincount(options_of[own].indices, minlength=problem.options)[rivals]
        alike = (many[rivals] == many[one]) & (total[rivals] == total[one])
        alike &= problem.floor_m2[rivals] == problem.floor_m2[one]
        rivals = rivals[(shared == many[one]) & (~alike | (rivals < one))]
        if len(rivals):
            found[one] = int(max(rivals, key=lambda rival: (many[rival], -total[rival], -rival)))
    return found


def _reached(problem: CoveringProblem, options: IntArray) -> NDArray[np.int64]:
    """Count how many of these options reach each demand (d,)."""
    parts = [problem.row(int(option)) for option in options]
    return np.bincount(np.concatenate([np.empty(0, np.int32), *parts]), minlength=len(problem.weight))
