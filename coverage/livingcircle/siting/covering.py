"""Plans by covering: whether a place is within the limit, at what cost, for how many."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from livingcircle.faults import Fault
from livingcircle.kernel.siting.closing import OpenClause
from livingcircle.kernel.siting.covering import CoveringProblem, Objective, OptionState
from livingcircle.kernel.siting.explain import building_order
from livingcircle.kernel.siting.ranking import ranked
from livingcircle.kernel.siting.runner_up import runners_up
from livingcircle.kernel.siting.solution import Solution, Watch, relative_gap
from livingcircle.kernel.siting.solve import solve_covering
from livingcircle.kernel.siting.tabulate import Tabulated, tabulated
from livingcircle.kernel.siting.telling import told, within_unit
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.plan import Plan, PlanUnit
from livingcircle.siting.asked import Asked, plan_status
from livingcircle.siting.binding import TOLERANCE, Binding, amounts, bound_by, option_floor_m2, priced

UNITS: Mapping[Objective, PlanUnit] = MappingProxyType(
    {"most_covered": "residents", "least_cost": "wan_yuan", "fewest_sites": "sites", "best_worst_share": "share"}
)
"""What the value of a plan is counted in, by the objective it was solved for."""


def covering_plan(asked: Asked, watch: Watch, started: float) -> Plan:
    """Solve a task of covering; what was asked and what is told are two tables of the same walks."""
    task, study = asked.task, asked.study
    years = max(len(task.years), 1)
    plain = tuple(one.plain() for one in asked.services)
    table = tabulated(asked.cover, asked.services, backup=task.backup, years=years, closable=asked.closable)
    whole = tabulated(asked.cover, plain, backup=task.backup, closable=asked.closable, keep_covered=True)
    whole = replace(whole, problem=priced(asked, whole))
    binding = bound_by(asked, table)
    problem, clauses = binding.problem, binding.clauses
    solution = _solved(asked, binding, watch)
    opened = _once_built(table, solution.opened)
    number = {key: position for position, key in enumerate(_keys(whole))}
    place = np.array([number[key] for key in _keys(table)], np.int32)
    year = np.zeros(whole.problem.options, np.int32)
    year[place[opened]] = table.year[opened]
    in_tiers = any(len(one.limits_seconds) > 1 for one in asked.services) and problem.objective == "most_covered"
    if in_tiers:  # what is told counts the longest limit alone, so that the order by worth goes before it
        turns, _ = building_order(problem, opened, table.year)
        year[place[turns]] = np.arange(len(turns))
    on_area = [(clause, amounts(asked, whole, clause)) for clause in clauses if clause.kind != "walk"]
    tale = told(
        study,
        whole,
        [one.service for one in plain],
        [one.longest_seconds for one in plain],
        np.sort(place[opened]),
        year,
        asked.assessment.verdicts,
        on_area,
    )
    back = np.full(whole.problem.options, -1, np.int32)
    back[place[opened]] = opened
    picks = back[tale.order]
    columns = dict(tale.columns)
    sooner = _turned_sooner(asked, table, clauses, picks)
    turned = [*map(tuple, columns["turned"].tolist()), *sooner]
    columns["turned"] = np.array(sorted(turned), np.int32).reshape(-1, 3)
    columns["clauses_closed"] = columns["clauses_closed"] + np.bincount(
        [pick for pick, _, _ in sooner] or np.empty(0, np.int32), minlength=len(picks)
    ).astype(np.int32)
    ranking = asked.model == "ranking"
    rivals = None if ranking else runners_up(problem, opened, picks, table.year if years > 1 else None)
    if in_tiers:
        stays = opened[problem.state[opened] == OptionState.EXISTING]
        columns["marginal_value"] = np.diff([_worth(problem, stays, picks[:count]) for count in range(len(picks) + 1)])
    value, bound = solution.value, solution.bound
    if asked.closable is not None and problem.objective == "most_covered":
        before = float(problem.weight[problem.covered(np.flatnonzero(table.facility >= 0).astype(np.int32))].sum())
        value, bound = value - before, bound - before
    return Plan(
        task=asked.plan_task,
        year=np.array([one.year for one in task.years] or [0], np.int32)[table.year[picks]],
        cost_wan_yuan=_costs(asked, table, picks),
        floor_m2=option_floor_m2(asked, table)[picks],
        runner_up=np.full(len(picks), -1, np.int32) if rivals is None else _candidates(table, rivals.option),
        runner_up_loss=np.full(len(picks), np.nan) if rivals is None else rivals.loss,
        runner_up_ties=None if rivals is None else rivals.ties,
        value=value,
        bound=bound,
        gap=relative_gap(value, bound),
        unit=UNITS[problem.objective],
        status=plan_status(solution, len(picks)),
        solve_seconds=time.monotonic() - started,
        stages=solution.stages,
        remarks=(*asked.remarks, *binding.left, *_hopeless(asked, columns["unreachable"]), *_stopped(solution)),
        **columns,
    )


def _solved(asked: Asked, binding: Binding, watch: Watch) -> Solution:
    problem = binding.problem
    if asked.model == "ranking":
        return ranked(problem, asked.task.sites, submodular=asked.task.backup == 1)
    if asked.model == "close_unmet" and not binding.clauses:
        existing = np.flatnonzero(problem.state == OptionState.EXISTING).astype(np.int32)
        return Solution(existing, 0.0, 0.0, 0.0, "nothing_to_gain")
    return solve_covering(problem, watch, names=binding.names)


def _turned_sooner(
    asked: Asked, table: Tabulated, clauses: Sequence[OpenClause], picks: IntArray
) -> list[tuple[int, int, int]]:
    """Return pick, requirement and unit of each clause on a walk shorter than the longest of its service, by which plans are told."""
    problem, found = table.problem, []
    for clause in clauses:
        positions = [number for number, one in enumerate(asked.services) if one.service in clause.services]
        one = asked.services[positions[0]]
        if clause.kind != "walk" or clause.limit_seconds == one.longest_seconds:
            continue
        counts = (table.wanted == positions[0]) & (table.tier == one.limits_seconds.index(clause.limit_seconds))
        people = np.where(counts & within_unit(asked.study, clause.unit)[table.home], one.weight[table.home], 0.0)
        for number in range(len(picks)):
            if people[problem.covered(np.sort(picks[: number + 1]))].sum() >= clause.short - TOLERANCE:
                found.append((number, clause.requirement, clause.unit))
                break
    return found


def _worth(problem: CoveringProblem, stays: IntArray, picks: IntArray) -> float:
    """Return the weight that is covered with what exists, or stays, and these picks."""
    return float(problem.weight[problem.covered(np.concatenate([stays, picks]))].sum())


def _keys(table: Tabulated) -> list[tuple[int, int, int]]:
    """Name every option by its service and place, whatever its year."""
    return list(zip(table.sought.tolist(), table.candidate.tolist(), table.facility.tolist(), strict=True))


def _once_built(table: Tabulated, opened: IntArray) -> IntArray:
    """Leave out options of a later year for what is built already."""
    order = opened[np.argsort(table.year[opened], kind="stable")]
    keys = np.column_stack([table.sought, table.candidate, table.facility])[order]
    _, first = np.unique(keys, axis=0, return_index=True)
    return np.sort(order[first]).astype(np.int32)


def _candidates(table: Tabulated, option: IntArray) -> IntArray:
    return np.where(option >= 0, table.candidate[option], -1).astype(np.int32)


def _costs(asked: Asked, table: Tabulated, picks: IntArray) -> FloatArray:
    """Return what each pick costs in the order to build: the building with the first service that moves in."""
    stock = asked.study.candidates.cost_wan_yuan[table.candidate[picks]]
    fitting = (
        np.array([one.cost_wan_yuan for one in asked.services])[table.sought[picks]] if len(picks) else np.empty(0)
    )
    first = np.zeros(len(picks), bool)
    first[np.unique(table.candidate[picks], return_index=True)[1]] = True
    return np.where(first, stock, 0.0) + fitting


def _hopeless(asked: Asked, unreachable: BoolArray) -> list[Fault]:
    if not unreachable.any():
        return []
    people = np.array([one.weight for one in asked.services])  # those who count, as in the rest of the plan
    residents = float(np.where(unreachable, people, 0.0).max(axis=0).sum())
    homes = int(unreachable.any(axis=0).sum())
    return [Fault("homes_beyond_candidates", details={"count": homes, "residents": residents})]


def _stopped(solution: Solution) -> list[Fault]:
    return [Fault("plan_stopped")] if solution.status == "stopped" else []
