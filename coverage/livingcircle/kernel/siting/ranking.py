"""A long list: every option in the order of what it adds to those before it."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.explain import building_order, credited, table_of
from livingcircle.kernel.siting.solution import PROVEN, Solution, Status, relative_gap

PREFIXES = 50
"""How many beginnings of the list a bound is taken from."""


def ranked(problem: CoveringProblem, sites: int | None = None, *, submodular: bool = True) -> Solution:
    """Open options in the order of their gain, all that gain anything or the first `sites`.

    No `sites` options cover more than any beginning of the list and the `sites` greatest gains after it (Nemhauser, Wolsey and Fisher
    1978, Mathematical Programming 14:265-294); where one option alone may gain nothing (not `submodular`), no more than all of them.
    """
    free = np.flatnonzero(problem.state != OptionState.FORBIDDEN).astype(np.int32)
    order, by = building_order(problem, free)
    gains = credited(by, len(order), problem.weight)
    useful = int(np.flatnonzero(gains > 0).max(initial=-1)) + 1
    count = useful if sites is None else min(sites, useful)
    value, bound = float(gains[:count].sum()), float(gains.sum())
    if submodular and count < useful:
        table, left = table_of(problem), np.where(problem.need > 0, problem.weight, 0.0)
        for place in range(min(count, PREFIXES) + 1):
            after = np.sort(table @ left)[::-1][:count]
            bound = min(bound, float(gains[:place].sum() + after.sum()))
            if place < count:
                left[problem.row(int(order[place]))] = 0.0
    gap = relative_gap(value, bound)
    status: Status = "nothing_to_gain" if not count else "optimal" if gap <= PROVEN else "feasible"
    return Solution(np.sort(order[:count]), value, bound, gap, status)
