"""From a choice of sites to a plan: in which order, what each adds, whom it leaves out, all counted anew from the walks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livingcircle.kernel.siting.closing import OpenClause
from livingcircle.kernel.siting.covering import Floor, OptionState
from livingcircle.kernel.siting.explain import (
    BEFORE,
    NEVER,
    building_order,
    credited,
    dominated,
    exclusive_weight,
    floors_turned,
    homes_gained,
    nearest_existing,
)
from livingcircle.kernel.siting.tabulate import Tabulated
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import VerdictTable
from livingcircle.model.standard import Requirement
from livingcircle.model.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The picks of a plan in the order to build, as options of `table`, and the columns of `Plan` that follow from walks alone."""

    order: IntArray
    columns: dict[str, Any]


def told(
    study: Study,
    table: Tabulated,
    services: Sequence[int],
    limits_seconds: Sequence[float],
    opened: IntArray,
    year: IntArray,
    verdicts: VerdictTable,
    clauses: Sequence[tuple[OpenClause, FloatArray]] = (),
) -> Told:
    """Return the columns of a plan.

    Parameters
    ----------
    study
        Homes, facilities and candidates.
    table
        Every home as a demand of every service within its longest limit (`keep_covered`), with costs and states of the options.
    services, limits_seconds
        The services and these limits, in the order of the table.
    opened
        Options that are open once the plan is built, ascending, with existing ones that stay.
    year
        (o,) Position of the year each option is built in.
    verdicts
        What the standard says now.
    clauses
        Unmet clauses on places and floor area, each with what every option (o,) adds to it.
    """
    problem, homes = table.problem, study.homes
    order, covered_by = building_order(problem, opened, year)
    picks = len(order)
    weight = problem.weight
    marginal = credited(covered_by, picks, weight)
    turned = _turned(study, table, services, limits_seconds, covered_by, picks, verdicts)
    closed = np.bincount(turned[:, 0], minlength=picks)
    for clause, amount in clauses:
        reached = np.cumsum(amount[order])
        if picks and reached[-1] >= clause.short - 1e-6:
            closed[int(np.argmax(reached >= clause.short - 1e-6))] += 1
    shape = len(services), len(homes)
    gained_by, after = np.full(shape, -1, np.int32), np.zeros(shape, bool)
    gained_by[table.wanted, table.home] = np.where(covered_by >= 0, covered_by, -1)
    after[table.wanted, table.home] = covered_by != NEVER
    own = [study.facilities.serves[:, services[one]] for one in table.sought[order]]
    xy = study.candidates.xy[table.candidate[order]]
    nearest = [_nearest(point, study, serves) for point, serves in zip(xy, own, strict=True)]
    stays = np.isin(np.arange(problem.options), opened)
    gone = (problem.state == OptionState.EXISTING) & ~stays
    return Told(
        order,
        {
            "candidate": table.candidate[order],
            "service": problem.service[order],
            "marginal_residents": marginal,
            "cumulative_residents": np.cumsum(marginal),
            "exclusive_residents": exclusive_weight(problem, opened, order),
            "marginal_by_age": credited(covered_by, picks, homes.residents_by_age[table.home]),
            "homes_gained": homes_gained(covered_by, picks, table.home),
            "clauses_closed": closed.astype(np.int32),
            "kept_share": np.full(picks, np.nan),
            "closed": np.unique(table.facility[gone]).astype(np.int32),
            "unreachable": np.asarray(table.hopeless & ~after),
            "covered_after": after,
            "total_residents": float(weight.sum()),
            "baseline_residents": float(weight[covered_by == BEFORE].sum()),
            "nearest_facility": np.array([position for position, _ in nearest], np.int32),
            "nearest_metres": np.array([metres for _, metres in nearest], float),
            "gained_by": gained_by,
            "turned": turned,
            "dominated_by": _dominated(table, len(study.candidates)),
        },
    )


def _turned(
    study: Study,
    table: Tabulated,
    services: Sequence[int],
    limits_seconds: Sequence[float],
    covered_by: IntArray,
    picks: int,
    verdicts: VerdictTable,
) -> IntArray:
    """Return pick, requirement and district (t, 3) of the walking limits that turn from unmet to met."""
    ids = [service.id for service in study.standard.services]
    residents = study.homes.residents[table.home]
    found: list[tuple[int, int]] = []
    floors: list[Floor] = []
    for row in np.flatnonzero(verdicts.verdict == "unmet").tolist():
        requirement, district = int(verdicts.requirement[row]), int(verdicts.district[row])
        asked: Requirement = study.standard.requirements[requirement]
        sought = _position(services, limits_seconds, ids.index(asked.service), asked.limit_seconds)
        if sought < 0:
            continue
        demand = np.flatnonzero((table.wanted == sought) & within_unit(study, district)[table.home]).astype(np.int32)
        total = float(residents[demand].sum())
        floors.append(Floor("requirement", district, demand, asked.minimum_share * total, total))
        found.append((requirement, district))
    by = floors_turned(floors, covered_by, residents, picks)
    rows = [(int(pick), *one) for pick, one in zip(by, found, strict=True) if pick >= 0]
    return np.array(sorted(rows), np.int32).reshape(-1, 3)


def within_unit(study: Study, district: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which homes (r,) are counted in a district, all of them in the whole study (-1)."""
    if district < 0:
        return np.ones(len(study.homes), bool)
    here, parent = study.homes.district.copy(), np.append(study.districts.parent, np.int32(-1))
    inside = here == district
    while (here >= 0).any():
        here = np.where(here >= 0, parent[here], -1)
        inside |= here == district
    return np.asarray(inside)


def _position(services: Sequence[int], limits: Sequence[float], service: int, limit_seconds: float) -> int:
    pairs = zip(services, limits, strict=True)
    return next((number for number, pair in enumerate(pairs) if pair == (service, limit_seconds)), -1)


def _nearest(point: FloatArray, study: Study, serves: np.ndarray[Any, Any]) -> tuple[int, float]:
    offering = np.flatnonzero(serves)
    position, metres = nearest_existing(point[None], study.facilities.xy[offering])
    return (int(offering[position[0]]), float(metres[0])) if position[0] >= 0 else (-1, np.nan)


def _dominated(table: Tabulated, candidates: int) -> IntArray:
    """Return the candidate (c,) that does all that each does for no more money, -1 none, and where several services are sought."""
    found = np.full(candidates, -1, np.int32)
    if len(np.unique(table.sought)) == 1:
        by = dominated(table.problem)
        own = by >= 0
        found[table.candidate[own]] = table.candidate[by[own]]
    return found
