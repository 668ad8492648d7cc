"""What more or less would do: the frontier of a siting task, from its own walks and candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.errors import SitingError
from livingcircle.faults import Fault
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.siting.covering import CoveringProblem, Floor
from livingcircle.kernel.siting.frontier import Weighed, frontier, levels_up_to
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve import solve_covering
from livingcircle.kernel.siting.solve_serving import solve_serving
from livingcircle.kernel.siting.tabulate import Tabulated, tabulated
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.plan import NO_FRONTIER, Frontier, Plan
from livingcircle.questions import walk_of
from livingcircle.siting.asked import Asked, counted
from livingcircle.siting.binding import bound_by, priced

LONGEST_IN_LIMITS = 2.0
"""No walk counts as longer than so many times the limit, as in the severity of gaps."""


def frontier_of(asked: Asked, plan: Plan, watch: Watch | None = None) -> Frontier:
    """Find plans with fewer and more sites, or less and more money, than the plan has; none where the task does not ask.

    A resident counts once per service, within its longest limit, whatever tiers and years the plan has; candidates, areas, distances and
    what is required or forbidden are those of the task, its own number of sites and budget are not. Whoever stops the search of the plan,
    with its `watch`, stops this as well, and has no frontier where the plan itself was left at what it was.
    """
    task = asked.task
    if task.frontier is None or (watch is not None and watch.stopped):
        return NO_FRONTIER
    if task.frontier.by == "money":
        asked = _with_money(asked)
    services = tuple(one.plain() for one in asked.services)
    table = tabulated(asked.cover, services, backup=task.backup, closable=asked.closable)
    apart = bound_by(asked, table).problem.apart
    problem = replace(priced(asked, table), apart=apart, most_closed=task.most_closed)
    by, most = task.frontier.by, task.frontier.most
    if most is None:
        asked_for = task.sites if by == "sites" else task.budget_wan_yuan
        chosen = len(np.unique(plan.candidate)) if by == "sites" else float(np.nansum(plan.cost_wan_yuan))
        most = 2 * (asked_for or chosen)
    found = frontier(
        problem,
        _weighed(asked, table),
        levels_up_to(problem, most, by),
        by,
        solve_covering,
        solve_serving,
        points=task.frontier.points,
        seconds=task.frontier.time_limit_seconds,
        is_stopped=None if watch is None else lambda _value, _bound: watch.is_stopped(plan.value, plan.bound),
    )
    opened = np.empty(len(found), object)
    for row, options in enumerate(found.opened):
        opened[row] = np.unique(table.candidate[options])
    cost = np.array([_cost(asked, one) for one in opened], float) if by == "sites" else found.cost_wan_yuan
    return replace(found, opened=opened, cost_wan_yuan=cost)


def _with_money(asked: Asked) -> Asked:
    """Return the task with what candidates cost, whether its own aim counts money or not.

    Raises
    ------
    SitingError
        With the candidates whose cost is not known.
    """
    cost = asked.study.candidates.cost_wan_yuan
    unknown = np.zeros(len(cost), bool)
    for one in asked.services:
        unknown[one.candidate] |= np.isnan(cost[one.candidate])
    if unknown.any():
        raise SitingError(Fault("candidate_cost_unknown", details=counted(asked.study, unknown)))
    return replace(asked, cost_wan_yuan=np.nan_to_num(cost), counts_money=True)


def _cost(asked: Asked, candidates: IntArray) -> float:
    """Return what the buildings cost, NaN where that of any is not known."""
    return float(asked.study.candidates.cost_wan_yuan[candidates].sum())


def _weighed(asked: Asked, table: Tabulated) -> Weighed:
    homes, units = asked.study.homes, asked.study.districts
    already = np.zeros(len(homes))
    total = np.zeros(len(homes))
    for one in asked.services:
        total += one.weight
        if asked.closable is None:  # else what exists is among the options
            already += np.where(one.existing[-1] >= asked.task.backup, one.weight, 0.0)
    groups = tuple(
        Floor(
            "district",
            int(district),
            np.flatnonzero(inside[table.home]).astype(np.int32),
            0.0,
            float(total[inside].sum()),
            float(already[inside].sum()),
        )
        for district in np.flatnonzero(units.undivided)
        for inside in (homes.district == district,)
    )
    walks = _walks(asked, table.problem, table.candidate) if len(asked.services) == 1 else None
    return Weighed(float(already.sum()), groups, walks)


def _walks(asked: Asked, problem: CoveringProblem, candidate: IntArray) -> ServingProblem | None:
    """Return everybody's walk to every option, none counted as longer than the cap; None where existing places may be closed."""
    if asked.closable is not None:
        return None
    study, one = asked.study, asked.services[0]
    cap = LONGEST_IN_LIMITS * one.longest_seconds
    reach = reach_table(
        study.network, walk_of(study), study.candidate_anchors, study.home_anchors, cap, threads=threads_available()
    )
    option_of = np.full(reach.places, -1, np.int32)
    option_of[candidate] = np.arange(len(candidate), dtype=np.int32)
    option = option_of[np.repeat(np.arange(reach.places), np.diff(reach.indptr))]
    existing: FloatArray = np.nan_to_num(asked.assessment.reach.seconds[one.service], nan=cap, posinf=cap)
    now = np.minimum(existing, cap)
    kept = np.flatnonzero((option >= 0) & (reach.seconds < now[reach.home]))
    kept = kept[np.argsort(reach.home[kept], kind="stable")]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(reach.home[kept], minlength=reach.homes))])
    return ServingProblem(
        weight=one.weight,
        indptr=indptr.astype(np.int32),
        option=option[kept],
        cost=reach.seconds[kept].astype(np.float64),
        unserved_cost=now,
        state=problem.state,
        capacity=np.full(problem.options, np.inf),
        cost_wan_yuan=np.zeros(problem.options),
    )
