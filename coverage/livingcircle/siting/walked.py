"""Plans by walks: everybody goes to one place, the nearest, or as far as places have room."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingcircle.errors import SitingError
from livingcircle.faults import Detail, Fault, several
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.runner_up import serving_runners_up
from livingcircle.kernel.siting.serving import ServingObjective, ServingProblem
from livingcircle.kernel.siting.solution import Solution, Watch, relative_gap
from livingcircle.kernel.siting.solve_serving import solve_serving
from livingcircle.kernel.siting.tabulate import rows_of, tabulated
from livingcircle.kernel.siting.telling import told
from livingcircle.kernel.siting.walks import LONGEST_WALK_SECONDS, limited_places, nearest_walks
from livingcircle.model.columns import IntArray, TextArray
from livingcircle.model.plan import Plan, PlanUnit
from livingcircle.questions import walk_of
from livingcircle.siting.asked import EXAMPLES_SHOWN, Asked, plan_status, walks_to
from livingcircle.siting.binding import priced

OBJECTIVES: Mapping[str, tuple[ServingObjective, PlanUnit]] = MappingProxyType(
    {
        "least_walk": ("least_total", "resident_seconds"),
        "shortest_worst_walk": ("least_worst", "seconds"),
        "most_served": ("most_served", "residents"),
    }
)
"""What each model asks of the solver, and what its value is counted in."""


def walked_plan(asked: Asked, watch: Watch, started: float) -> Plan:
    """Solve a task of serving; what each pick adds is told by the limit all the same, or by the people it has room for.

    Raises
    ------
    SitingError
        When capacities are not known or too small, or the conditions exclude each other.
    """
    objective, unit = OBJECTIVES[asked.model]
    problem = _limited(asked) if asked.model == "most_served" else _nearest(asked, objective)
    candidates = len(asked.usable)
    states = problem.state.copy()
    (sought,) = asked.services
    free = np.zeros(problem.options, bool)
    free[sought.candidate] = True
    states[:candidates] = OptionState.FORBIDDEN
    states[np.flatnonzero(free)] = OptionState.FREE
    states[np.flatnonzero(free[:candidates] & asked.required)] = OptionState.REQUIRED
    costs = problem.cost_wan_yuan.copy()
    costs[:candidates] = asked.cost_wan_yuan
    problem = replace(
        problem,
        state=states,
        cost_wan_yuan=costs,
        most_sites=asked.task.sites,
        budget_wan_yuan=asked.task.budget_wan_yuan,
    )
    solution = solve_serving(problem, watch)
    if objective == "least_worst":
        solution = replace(solution, opened=_without_idle(problem, solution.opened))
    chosen = solution.opened[solution.opened < candidates]

    whole = tabulated(asked.cover, (sought.plain(),), keep_covered=True)
    whole = replace(whole, problem=priced(asked, whole))
    place = np.flatnonzero(np.isin(whole.candidate, chosen)).astype(np.int32)
    year = np.zeros(whole.problem.options, np.int32)  # told in the order of years, here of turns
    if asked.model == "least_walk":
        turn = np.zeros(candidates, np.int32)
        turn[_most_saved_first(problem, chosen)] = np.arange(len(chosen))
        year[place] = turn[whole.candidate[place]]
    limits = [sought.longest_seconds]
    tale = told(asked.study, whole, [sought.service], limits, place, year, asked.assessment.verdicts)
    picks = whole.candidate[tale.order]
    value, bound, columns = solution.value, solution.bound, dict(tale.columns)
    remarks = [*asked.remarks, *([Fault("plan_stopped")] if solution.status == "stopped" else [])]
    if asked.model == "most_served":
        served = np.array([_served(problem, picks[:count]) for count in range(len(picks) + 1)])
        value, bound = value - served[0], bound - served[0]
        columns |= {
            "marginal_residents": np.diff(served),
            "cumulative_residents": served[1:] - served[0],
            "exclusive_residents": np.array([served[-1] - _served(problem, picks[picks != one]) for one in picks]),
            "baseline_residents": float(served[0]),
        }
        left = float(sought.weight[columns["covered_after"][0]].sum()) - float(served[-1])
        if left > 0.5:  # people are counted whole
            remarks.append(
                Fault("plan_no_room", details={"residents": left, **_without_room(asked, problem, solution)})
            )
    else:
        worth = np.array([_walked(problem, picks[:count]) for count in range(len(picks) + 1)])
        columns["marginal_value"] = -np.diff(worth)
    rivals = serving_runners_up(problem, solution.opened, picks)
    return Plan(
        task=asked.plan_task,
        year=np.zeros(len(picks), np.int32),
        cost_wan_yuan=asked.study.candidates.cost_wan_yuan[picks],
        floor_m2=asked.study.candidates.floor_m2[picks],
        runner_up=np.where(rivals.option < candidates, rivals.option, -1).astype(np.int32),
        runner_up_loss=rivals.loss,
        runner_up_ties=rivals.ties,
        value=value,
        bound=bound,
        gap=relative_gap(value, bound),
        unit=unit,
        status=plan_status(solution, len(picks)),
        solve_seconds=time.monotonic() - started,
        stages=solution.stages,
        remarks=tuple(remarks),
        **columns,
    )


def _nearest(asked: Asked, objective: ServingObjective) -> ServingProblem:
    """Return the problem of the shortest walks, over walks as long as anybody's now."""
    (sought,) = asked.services
    study, now = asked.study, asked.assessment.reach.seconds[sought.service]
    longest = float(
        np.where(now < LONGEST_WALK_SECONDS, now, LONGEST_WALK_SECONDS)[study.home_anchors.joined].max(initial=1.0)
    )
    cover = reach_table(
        study.network,
        walk_of(study),
        study.candidate_anchors,
        study.home_anchors,
        longest,
        threads=threads_available(),
    )
    return nearest_walks(cover, now, sought.weight, objective)[0]


def _without_idle(problem: ServingProblem, opened: IntArray) -> IntArray:
    """Leave out new places without which the longest walk is no longer, the dearest first: nobody is to pay for what changes nothing."""
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    least = _walked(problem, np.flatnonzero(is_open))
    new = opened[problem.state[opened] == OptionState.FREE]
    for option in new[np.argsort(-problem.cost_wan_yuan[new], kind="stable")]:
        is_open[option] = False
        is_open[option] = _walked(problem, np.flatnonzero(is_open)) > least
    return np.flatnonzero(is_open).astype(np.int32)


def _most_saved_first(problem: ServingProblem, chosen: IntArray) -> IntArray:
    """Return candidates in the order to build: each saves most walking (residents × seconds) beyond those before it."""
    demand = np.repeat(np.arange(len(problem.weight)), np.diff(problem.indptr))
    there, new = problem.state[problem.option] == OptionState.EXISTING, np.isin(problem.option, chosen)
    walk = problem.unserved_cost.copy()
    np.minimum.at(walk, demand[there], problem.cost[there])
    demand, cost, pick = demand[new], problem.cost[new], np.searchsorted(chosen, problem.option[new])
    order: list[int] = []
    for _ in chosen:
        saved = problem.weight[demand] * np.maximum(walk[demand] - cost, 0.0)
        by_pick = np.bincount(pick, saved, len(chosen))
        by_pick[order] = -1.0
        order.append(int(by_pick.argmax()))
        own = pick == order[-1]
        np.minimum.at(walk, demand[own], cost[own])
    return chosen[order]


def _walked(problem: ServingProblem, opened: NDArray[np.integer[Any]]) -> float:
    """Return the walks of all (residents × seconds), or the longest where that counts, with these options open and what exists."""
    demand = np.repeat(np.arange(len(problem.weight)), np.diff(problem.indptr))
    is_open = problem.state == OptionState.EXISTING
    is_open[opened] = True
    own, walk = is_open[problem.option], problem.unserved_cost.copy()
    np.minimum.at(walk, demand[own], problem.cost[own])
    return float(walk.max(initial=0.0) if problem.objective == "least_worst" else problem.weight @ walk)


def _limited(asked: Asked) -> ServingProblem:
    """Return the problem of serving most people within the limit and what places have room for."""
    (sought,) = asked.services
    study, task = asked.study, asked.task
    offering = np.flatnonzero(study.facilities.serves[:, sought.service]).astype(np.int32)
    (by_metres,) = sought.in_metres
    around = walks_to(study, study.facility_anchors, sought.longest_seconds, sought.in_metres).by(in_metres=by_metres)
    own = study.candidates.capacity
    capacity = np.where(np.isnan(own), np.nan if task.capacity is None else task.capacity, own)
    there = study.facilities.capacity[offering]
    existing = np.where(
        np.isnan(there), np.nan if task.capacity_of_existing is None else task.capacity_of_existing, there
    )
    choice = np.zeros(len(own), bool)
    choice[sought.candidate] = True
    faults: list[Fault] = []
    if (choice & np.isnan(capacity)).any():
        faults.append(_unknown("候选点", "candidates", study.candidates.ids[choice & np.isnan(capacity)]))
    if np.isnan(existing).any():
        faults.append(_unknown("现有设施", "existing facilities", study.facilities.ids[offering[np.isnan(existing)]]))
    people = sought.weight[sought.weight > 0]
    small = choice & (capacity < people.min(initial=np.inf))
    if len(people) and small.any():
        ids = study.candidates.ids[small]
        details: dict[str, Detail] = {"count": len(ids), "examples": several(ids, EXAMPLES_SHOWN)}
        faults.append(Fault("capacity_below_home", details=details))
    if faults:
        raise SitingError(faults)
    table = rows_of(around, offering)
    return limited_places(asked.cover.by(in_metres=by_metres), table, sought.weight, np.nan_to_num(capacity), existing)[
        0
    ]


def _unknown(place_zh: str, place_en: str, ids: TextArray) -> Fault:
    details: dict[str, Detail] = {
        "count": len(ids),
        "examples": several(ids, EXAMPLES_SHOWN),
        "place_zh": place_zh,
        "place_en": place_en,
    }
    return Fault("capacity_unknown", details=details)


def _without_room(asked: Asked, problem: ServingProblem, solution: Solution) -> dict[str, Detail]:
    """Return the places that those who find no room could walk to."""
    (sought,) = asked.services
    study, row = asked.study, np.repeat(np.arange(len(problem.weight)), np.diff(problem.indptr))
    served = np.zeros(len(row)) if solution.served is None else solution.served
    left = problem.weight - np.bincount(row, served, len(problem.weight))
    near = np.unique(problem.option[(left[row] > 0.5) & np.isin(problem.option, solution.opened)])
    offering = np.flatnonzero(study.facilities.serves[:, sought.service])
    names = np.concatenate([study.candidates.names, study.facilities.names[offering]])[near]
    ids = np.concatenate([study.candidates.ids, study.facilities.ids[offering]])[near]
    called = (name or code for name, code in zip(names, ids, strict=True))
    return {"count": len(near), "examples": several(called, EXAMPLES_SHOWN)}


def _served(problem: ServingProblem, chosen: IntArray) -> float:
    """Return how many people are served when just these candidates are opened beside what exists."""
    states = problem.state.copy()
    new = states != OptionState.EXISTING
    states[new] = OptionState.FORBIDDEN
    states[chosen] = OptionState.REQUIRED
    fixed = replace(problem, state=states, most_sites=None, budget_wan_yuan=None)
    return float(solve_serving(fixed, Watch()).value)
