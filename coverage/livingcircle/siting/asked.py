"""A siting task in the terms of the kernel: services, the people they are for, candidates that may be used, and the walks to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from livingcircle.counting import limits_in_metres, plain_study
from livingcircle.errors import SitingError
from livingcircle.faults import Detail, Fault, several
from livingcircle.kernel.edge import district_of
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.siting.closing import OpenClause, open_clauses
from livingcircle.kernel.siting.solution import Solution
from livingcircle.kernel.siting.tabulate import Sought, Walks
from livingcircle.kernel.units import CIRCLES, units_at
from livingcircle.model.ages import group_named
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import Anchors
from livingcircle.model.outcome import Assessment, ReachTable
from livingcircle.model.plan import PlanStatus, PlanTask
from livingcircle.model.rule import Rule
from livingcircle.model.siting_model import SitingModel
from livingcircle.model.standard import Words, seconds_of
from livingcircle.model.study import Study
from livingcircle.questions import service_ids, service_position, siting_limits, walk_of
from livingcircle.settings import SitedService, SitingTask
from livingcircle.settings.base import Title

EXAMPLES_SHOWN = 3
USUAL_MINUTES = 15.0
"""Within which a place counts for residents where only its presence, number or area is asked for."""
WALKED: frozenset[SitingModel] = frozenset({"least_walk", "shortest_worst_walk", "most_served"})
"""Models that send everybody to one place."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A task in the terms of the kernel: services, the people they are for, candidates that may be used, and the walks to them."""

    study: Study
    assessment: Assessment
    task: SitingTask
    model: SitingModel
    services: tuple[Sought, ...]
    groups: tuple[str, ...]
    clauses: tuple[OpenClause, ...]
    cover: Walks
    closable: tuple[tuple[Walks, IntArray], ...] | None
    usable: BoolArray
    required: BoolArray
    cost_wan_yuan: FloatArray
    counts_money: bool
    remarks: tuple[Fault, ...]

    @property
    def plan_task(self) -> PlanTask:
        """Return what the plan was asked for."""
        task, tiers = self.task, [len(one.limits_seconds) for one in self.services]
        return PlanTask(
            name=_both(task.name),
            model=self.model,
            services=tuple(np.repeat([one.service for one in self.services], tiers).tolist()),
            limits_seconds=tuple(limit for one in self.services for limit in one.limits_seconds),
            sites=task.sites,
            budget_wan_yuan=task.budget_wan_yuan,
            target_share=task.target_share,
            floor_share=task.floor_share,
            least_metres_apart=task.least_metres_apart,
            backup=task.backup,
            years=tuple(one.year for one in task.years),
            most_closed=task.most_closed,
            groups=tuple(group for group, many in zip(self.groups, tiers, strict=True) for _ in range(many)),
            level=task.floor_level or "",
        )

    def named(self, position: int) -> dict[str, str]:
        """Return the names of a service sought, for faults."""
        name = self.study.standard.services[self.services[position].service].name
        return {"service_zh": name.zh, "service_en": name.en}

    def called(self, position: int) -> str:
        """Return what a service is called where there is no telling in which language."""
        return self.named(position)["service_zh"] or self.named(position)["service_en"]

    def unit(self, unit: int) -> dict[str, str]:
        """Return the name of a district or drawn circle, for faults; that of the whole study for -1."""
        if unit < 0:
            return {"unit_zh": "全研究区", "unit_en": "the whole study"}
        name = str(np.concatenate([self.study.districts.names, self.study.circles.names])[unit])
        return {"unit_zh": name, "unit_en": name}


def asked_of(study: Study, assessment: Assessment, task: SitingTask) -> Asked:
    """Work out a task.

    Raises
    ------
    SitingError
        With everything that is wrong with it.
    """
    faults: list[Fault] = []
    remarks: list[Fault] = []
    places = study.candidates
    usable = (places.status != "forbidden") & ~np.isin(places.ids, np.array(task.forbidden, object))
    required = (places.status == "required") | np.isin(places.ids, np.array(task.required, object))
    for place in np.flatnonzero(required & ~(usable & study.candidate_anchors.joined)).tolist():
        reason = {"reason_zh": "未接入步行路网", "reason_en": "it is not joined to the streets"}
        if not usable[place]:
            reason = {"reason_zh": "已标为不可用", "reason_en": "it is forbidden"}
        faults.append(Fault("required_not_possible", value=str(places.ids[place]), details=reason))
    usable &= study.candidate_anchors.joined
    clauses = _clauses(study, assessment, task)
    wanted = task.asked or _services_of(study, clauses)
    limits = _limits(study, task, wanted, clauses)
    in_metres = _in_metres(study, task, wanted, limits)
    if task.sites is not None and task.sites > len(places) and not task.ranking:
        raise SitingError(Fault("too_many_sites", details={"sites": task.sites, "candidates": len(places)}))
    longest = max((limit for own in limits for limit in own), default=seconds_of(USUAL_MINUTES))
    counted_by = {flag for own in in_metres for flag in own}
    cover = walks_to(study, study.candidate_anchors, longest, counted_by)
    if wanted and not (len(cover.own.home) or len(cover.plain.home)):
        raise SitingError(Fault("no_candidate", details={**_named(study, wanted), "minutes": longest / 60}))
    around = None
    if task.backup > 1 or task.most_closed:
        around = walks_to(study, study.facility_anchors, longest, counted_by)
    services, groups = [], []
    for one, own, metres in zip(wanted, limits, in_metres, strict=True):
        people, group = _people(study, one, all_residents=task.close_unmet)
        if people.sum() <= 0:
            faults.append(Fault("nobody_to_serve", details=_named(study, (one,))))
        services.append(_sought(study, assessment, task, one, own, metres, people, usable, around))
        groups.append(group)
    closable = None
    if task.most_closed and around is not None:
        offered = [np.flatnonzero(study.facilities.serves[:, one.service]).astype(np.int32) for one in services]
        closable = tuple((around.of(own), own) for own in offered)
    model = _model(task, places.cost_wan_yuan[usable])
    counts_money = model == "least_cost" or task.budget_wan_yuan is not None
    counts_money |= any(year.budget_wan_yuan is not None for year in task.years)
    counts_money |= model == "close_unmet" and bool(np.isfinite(places.cost_wan_yuan[usable]).all())
    choice = np.zeros(len(places), bool)
    for sought in services:
        choice[sought.candidate] = True
    if counts_money:
        _check_costs(study, choice, faults, remarks)
    if any(one.floor_m2 is not None for one in wanted):
        unknown = choice & np.isnan(places.floor_m2)
        if unknown.any():
            faults.append(Fault("candidate_floor_unknown", details=counted(study, unknown)))
    if faults:
        raise SitingError(faults)
    return Asked(
        study,
        assessment,
        task,
        model,
        tuple(services),
        tuple(groups),
        clauses,
        cover,
        closable,
        usable,
        required,
        np.nan_to_num(places.cost_wan_yuan) if counts_money else np.zeros(len(places)),
        counts_money,
        tuple(remarks),
    )


def _model(task: SitingTask, cost_wan_yuan: FloatArray) -> SitingModel:
    if task.close_unmet or task.ranking:
        return "close_unmet" if task.close_unmet else "ranking"
    if task.model is not None:
        return task.model
    if task.target_share is not None:
        return "least_cost" if np.isfinite(cost_wan_yuan).all() else "fewest_sites"
    return "most_covered"


def _clauses(study: Study, assessment: Assessment, task: SitingTask) -> tuple[OpenClause, ...]:
    """Return the unmet clauses that are to be closed: of the services named, else of all that may be sited."""
    if not task.close_unmet:
        return ()
    standard = study.standard
    found = open_clauses(
        standard.requirements,
        assessment.verdicts,
        standard.rules,
        assessment.rule_verdicts,
        service_ids(study),
        partial(_units_without, study),
    )
    wanted = {service_position(study, one.service) for one in task.asked}
    wanted = wanted or {number for number, service in enumerate(standard.services) if service.is_open}
    own = (replace(clause, services=tuple(one for one in clause.services if one in wanted)) for clause in found)
    return tuple(clause for clause in own if clause.services)


def _units_without(study: Study, rule: Rule, facilities: IntArray) -> IntArray:
    """Return the districts of a rule's level in which none of these facilities lies; none where the city drew circles of its own."""
    if (study.circles.level == rule.level).any():
        return np.empty(0, np.int32)
    here = district_of(study.facilities.xy, study.districts.geometry)
    units = units_at(CIRCLES.get(rule.level, rule.level), study.districts, study.homes, here)
    return units.position[~np.isin(np.arange(len(units)), units.facility[facilities])]


def _services_of(study: Study, clauses: Sequence[OpenClause]) -> tuple[SitedService, ...]:
    positions = sorted({service for clause in clauses for service in clause.services})
    return tuple(SitedService(service=service_ids(study)[position]) for position in positions)


def _limits(
    study: Study, task: SitingTask, wanted: Sequence[SitedService], clauses: Sequence[OpenClause]
) -> list[tuple[float, ...]]:
    """Return the limits of each service, the shorter first."""
    if not task.close_unmet:
        own = siting_limits(study, task)
        return [
            tuple(limit for service, limit in own if service == service_position(study, one.service)) for one in wanted
        ]
    found = []
    for one in wanted:
        position = service_position(study, one.service)
        walks = {clause.limit_seconds for clause in clauses if clause.kind == "walk" and position in clause.services}
        usual = {seconds_of(one.limit_minutes or USUAL_MINUTES)}
        found.append(tuple(sorted(walks or usual)))
    return found


def _in_metres(
    study: Study, task: SitingTask, wanted: Sequence[SitedService], limits: Sequence[tuple[float, ...]]
) -> list[tuple[bool, ...]]:
    """Return which limits of each service are those that the standard writes in metres; what a task states is in minutes."""
    written = limits_in_metres(study)
    return [
        tuple(
            not task.tiers and one.limit_minutes is None and (service_position(study, one.service), limit) in written
            for limit in own
        )
        for one, own in zip(wanted, limits, strict=True)
    ]


def walks_to(study: Study, places: Anchors, longest_seconds: float, counted_by: Collection[bool]) -> Walks:
    """Return the homes within a limit of places, by the walks that limits in metres (True), or in minutes (False), are counted by."""

    def walks(by: Study) -> ReachTable:
        walk, threads = walk_of(by), threads_available()
        return reach_table(by.network, walk, places, by.home_anchors, longest_seconds, threads=threads)

    plain = plain_study(study) if True in counted_by else None
    if plain is None:
        own = walks(study)
        return Walks(own, own)
    by_metres = walks(plain)
    return Walks(walks(study) if False in counted_by else by_metres, by_metres)


def _people(study: Study, one: SitedService, *, all_residents: bool) -> tuple[FloatArray, str]:
    """Return whom a service counts (r,) and their age group, "" for all residents."""
    homes, meant = study.homes, study.standard.services[service_position(study, one.service)].ages
    group = None if all_residents or one.group == "residents" else group_named(one.group or meant, homes.age_groups)
    if group is None:
        return homes.residents, ""
    return np.nan_to_num(homes.residents_by_age[:, homes.age_groups.index(group)]), group


def _sought(
    study: Study,
    assessment: Assessment,
    task: SitingTask,
    one: SitedService,
    limits: tuple[float, ...],
    in_metres: tuple[bool, ...],
    people: FloatArray,
    usable: BoolArray,
    around: Walks | None,
) -> Sought:
    service = service_position(study, one.service)
    own, plain = assessment.reach.seconds, assessment.plain_seconds

    def count(limit: float, *, by_metres: bool) -> IntArray:
        """Return from how many existing places each home (r,) is within a limit; from one or none where nobody asks for more."""
        if around is None:
            return covered((plain if by_metres and plain is not None else own)[service], limit).astype(np.int32)
        table = around.by(in_metres=by_metres)
        offering = np.repeat(study.facilities.serves[:, service], np.diff(table.indptr))
        within = table.home[offering & covered(table.seconds, limit)]
        return np.bincount(within, minlength=table.homes).astype(np.int32)

    existing = np.array([count(limit, by_metres=by) for limit, by in zip(limits, in_metres, strict=True)], np.int32)
    fits = usable & study.candidates.allows(service)
    if one.floor_m2 is not None:
        fits &= ~(study.candidates.floor_m2 < one.floor_m2)
    worth = tuple(tier.weight for tier in task.tiers)
    if not worth:  # limits of several clauses are worth nothing by themselves
        worth = tuple(1.0 - number / len(limits) for number in range(len(limits)))
    return Sought(
        service,
        limits,
        in_metres,
        worth,
        people,
        existing,
        np.flatnonzero(fits).astype(np.int32),
        one.floor_m2 or 0.0,
        one.cost_wan_yuan,
        one.sites,
    )


def _check_costs(study: Study, choice: BoolArray, faults: list[Fault], remarks: list[Fault]) -> None:
    unknown = choice & np.isnan(study.candidates.cost_wan_yuan)
    free = choice & (study.candidates.cost_wan_yuan == 0)
    if unknown.any():
        faults.append(Fault("candidate_cost_unknown", details=counted(study, unknown)))
    if free.any():
        remarks.append(Fault("candidate_cost_zero", details=counted(study, free)))


def _both(name: Title | str) -> Words:
    """Return what a plan is called in each language; one text stands for both."""
    return Words(name, name) if isinstance(name, str) else Words(name.zh or name.en, name.en or name.zh)


def counted(study: Study, chosen: BoolArray) -> dict[str, Detail]:
    """Return how many candidates these are, and the ids of the first of them, as details of a fault."""
    return {"count": int(chosen.sum()), "examples": several(study.candidates.ids[chosen], EXAMPLES_SHOWN)}


def _named(study: Study, wanted: Iterable[SitedService]) -> dict[str, str]:
    names = [study.standard.services[service_position(study, one.service)].name for one in wanted]
    return {
        "service_zh": "、".join(name.zh for name in names),
        "service_en": ", ".join(name.en for name in names),
    }


def plan_status(solution: Solution, picks: int) -> PlanStatus:
    """Return how a plan ended: a proof that no site is needed is one that there is nothing to gain."""
    if solution.status == "infeasible":
        message = "a choice that is told as a plan is feasible"
        raise AssertionError(message)
    return "nothing_to_gain" if not picks and solution.status == "optimal" else solution.status
