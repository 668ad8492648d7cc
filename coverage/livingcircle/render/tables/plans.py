"""Plans: projects in the order to build them, their proof, and what stays uncovered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingcircle.faults import Language
from livingcircle.kernel.siting.explain import yuan_per_resident
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.plan import Plan, PlanTask
from livingcircle.model.standard import Words
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import (
    is_open,
    limit_columns,
    lonlat_columns,
    named,
    present,
    published,
    service_columns,
    type_columns,
    unit_columns,
)
from livingcircle.render.words import LANGUAGES, say, shown_count, shown_share

REASONS = ("no_candidate", "not_chosen", "unjoined")
_NOBODY = np.array([""], object)


def limits_of(task: PlanTask) -> Mapping[int, float]:
    """Return the services a task seeks, in their order, with the longest walk that counts for each."""
    limits: dict[int, float] = {}
    for service, limit in zip(task.services, task.limits_seconds, strict=True):
        limits[service] = max(limit, limits.get(service, 0.0))
    return limits


def group_of(task: PlanTask, service: int) -> str:
    """Return the age group whose needs count for a service, `residents` for everybody."""
    groups = dict(zip(task.services, task.groups, strict=False))
    return groups.get(service, "") or "residents"


def counted_people(study: Study, task: PlanTask, service: int) -> FloatArray:
    """Return the people (r,) of each home who count for a service."""
    group, homes = group_of(task, service), study.homes
    if group not in homes.age_groups:
        return homes.residents
    return np.nan_to_num(homes.residents_by_age[:, homes.age_groups.index(group)])


def rows_of(plan: Plan, column: BoolArray | IntArray) -> Mapping[int, int]:
    """Return which row of `covered_after` or `gained_by` is about which service: of tiers the longest walk."""
    services = plan.task.services if len(column) == len(plan.task.services) else tuple(limits_of(plan.task))
    limits = plan.task.limits_seconds if len(column) == len(plan.task.services) else (0.0,) * len(services)
    rows = range(min(len(column), len(services)))
    return {services[row]: row for row in sorted(rows, key=lambda row: limits[row])}


def plan_sites(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the picks of every plan in the order to build them: a service at a site each."""
    parts = [_sites(study, number, plan) for number, plan in enumerate(plans, start=1)]
    return _stacked(parts, lambda: _sites(study, 0, _nothing()))


def _sites(study: Study, number: int, plan: Plan) -> pd.DataFrame:
    places, facilities, service = study.candidates, study.facilities, plan.service
    limits = limits_of(plan.task)
    limit = np.array([limits.get(int(one), np.nan) for one in service], float)
    total = plan.total_residents or np.nan
    known = present(study)[list(limits)].all() if limits else False
    ties = np.zeros(len(plan), np.int32) if plan.runner_up_ties is None else plan.runner_up_ties
    nearest = np.full(len(plan), -1, np.int32) if plan.nearest_facility is None else plan.nearest_facility
    metres = np.full(len(plan), np.nan) if plan.nearest_metres is None else plan.nearest_metres
    told = np.array([is_open(study.standard.services[one]) for one in service], bool)
    told &= np.append(published(study), True)[nearest]
    share = (plan.baseline_residents + plan.cumulative_residents) / total
    per_wan = np.divide(
        plan.marginal_residents, plan.cost_wan_yuan, out=np.full(len(plan), np.nan), where=plan.cost_wan_yuan > 0
    )
    return pd.DataFrame(
        {
            "plan": np.full(len(plan), number, np.int32),
            **service_columns(study, service),
            **limit_columns(study, service, limit),
            "rank": np.arange(1, len(plan) + 1, dtype=np.int32),
            "year": np.where(plan.year > 0, plan.year, np.nan),
            "candidate_id": places.ids[plan.candidate],
            "candidate_name": places.names[plan.candidate],
            "site_name": [place_name(study, int(one)) for one in plan.candidate],
            **lonlat_columns(study, places.xy[plan.candidate]),
            "floor_m2": plan.floor_m2,
            "investment_wan_yuan": plan.cost_wan_yuan,
            "demand_of": [group_of(plan.task, int(one)) for one in service],
            "marginal_residents": plan.marginal_residents,
            "cumulative_residents": plan.cumulative_residents,
            "marginal_value": np.full(len(plan), np.nan) if plan.marginal_value is None else plan.marginal_value,
            "plan_unit": np.full(len(plan), plan.unit, object),
            "share_after": share if known else np.full(len(plan), np.nan),
            "residents_per_wan_yuan": per_wan,
            "yuan_per_resident": yuan_per_resident(plan.cost_wan_yuan, plan.marginal_residents),
            "exclusive_residents": plan.exclusive_residents,
            "homes_gained": plan.homes_gained,
            "clauses_closed": plan.clauses_closed,
            "runner_up_id": named(places.ids, plan.runner_up),
            **{
                f"runner_up_{language}": [runner_up_said(study, plan, row, language) for row in range(len(plan))]
                for language in LANGUAGES
            },
            "runner_up_loss": plan.runner_up_loss,
            "runner_up_ties": ties,
            "nearest_name": np.where(told, np.append(facilities.names, _NOBODY)[nearest], ""),
            "nearest_metres": np.where(told, metres, np.nan),
            "kept_share": plan.kept_share,
            "gap_share": np.full(len(plan), np.nan if plan.task.model == "ranking" else plan.gap),
        }
    )


def place_name(study: Study, candidate: int) -> str:
    """Return what a candidate is called: its name, else its id."""
    return str(study.candidates.names[candidate] or study.candidates.ids[candidate])


def runner_up_said(study: Study, plan: Plan, row: int, language: Language) -> str:
    """Say who would take the place of a pick best, and what that would cost."""
    rival, loss = int(plan.runner_up[row]), float(plan.runner_up_loss[row])
    if rival < 0:
        if not np.isnan(loss):
            return say("runner.none", language)
        return "—" if plan.task.model == "ranking" else say("runner.not_compared", language)
    name = place_name(study, rival)
    key = "runner.tied" if loss == 0 else f"runner.{plan.unit}"
    text = say(key, language, name=name, loss=amount_said(loss, plan.unit))
    ties = 0 if plan.runner_up_ties is None else int(plan.runner_up_ties[row])
    return text + (say("runner.ties", language, count=ties) if ties else "")


def amount_said(amount: float, unit: str) -> str:
    """Write a difference of two values of a plan as people read it: seconds as minutes, shares in per cent."""
    if unit in {"resident_seconds", "seconds"}:
        minutes = amount / 60
        return f"{minutes:,.1f}" if unit == "seconds" else shown_count(minutes)
    if unit == "share":
        return shown_share(amount)
    if unit == "wan_yuan":
        return f"{amount:,.1f}".removesuffix(".0")
    return "<1" if 0 < amount < 0.5 else shown_count(amount)


def plan_quality(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return one row per plan: what it gains, what it takes, and how far from the best it can be.

    Coverage before and after is unknown where the input holds no facility of a service.
    """
    tasks, limits = [plan.task for plan in plans], [limits_of(plan.task) for plan in plans]
    services = [[study.standard.services[one] for one in each] for each in limits]
    single = [next(iter(each)) if len(each) == 1 else -1 for each in limits]
    seconds = [next(iter(each.values())) if len(set(each.values())) == 1 else np.nan for each in limits]
    said = limit_columns(study, np.array(single, np.int32), np.array(seconds, float))
    types = type_columns("service", services)
    known = np.array([bool(present(study)[list(each)].all()) for each in limits], bool)
    unproven = np.array([task.model == "ranking" for task in tasks], bool)

    def column(name: str) -> FloatArray:
        return np.array([getattr(plan, name) for plan in plans], float)

    def asked(name: str) -> FloatArray:
        return np.array([np.nan if getattr(task, name) is None else getattr(task, name) for task in tasks], float)

    return pd.DataFrame(
        {
            "plan": np.arange(1, len(plans) + 1, dtype=np.int32),
            "plan_name_zh": [task.name.zh for task in tasks],
            "plan_name_en": [task.name.en for task in tasks],
            "model": [task.model for task in tasks],
            "service_id": types["service"],
            "service_zh": types["service_zh"],
            "service_en": types["service_en"],
            **said,
            "demand_of": [_groups(task, each) for task, each in zip(tasks, limits, strict=True)],
            "sites_asked": asked("sites"),
            "budget_wan_yuan": asked("budget_wan_yuan"),
            "target_share": asked("target_share"),
            "sites_chosen": np.array([sites_of(plan) for plan in plans], np.int32),
            "plan_cost_wan_yuan": np.array([plan.cost_wan_yuan.sum() for plan in plans], float),
            "total_residents": column("total_residents"),
            "baseline_residents": np.where(known, column("baseline_residents"), np.nan),
            "added_residents": column("gained_residents"),
            "share_before": np.where(known, column("share_before"), np.nan),
            "share_after": np.where(known, column("share_after"), np.nan),
            "status": [plan.status for plan in plans],
            "plan_value": column("value"),
            "plan_bound": np.where(unproven, np.nan, column("bound")),
            "plan_unit": [plan.unit for plan in plans],
            "gap_share": np.where(unproven, np.nan, column("gap")),
            **{f"proof_{language}": [proof_said(study, plan, language) for plan in plans] for language in LANGUAGES},
            **{
                f"remarks_{language}": ["\n".join(one.sentence(language) for one in plan.remarks) for plan in plans]
                for language in LANGUAGES
            },
        }
    )


def _groups(task: PlanTask, services: Iterable[int]) -> str:
    groups = {group_of(task, service) for service in services}
    return groups.pop() if len(groups) == 1 else "several"


def sites_of(plan: Plan) -> int:
    """Count the places a plan builds at: a building that holds several services is one."""
    return len(np.unique(plan.candidate))


def proof_said(study: Study, plan: Plan, language: Language) -> str:
    """Say how far a plan is from the best possible; of one without sites, why it has none."""
    if plan.status == "nothing_to_gain":
        return say(_why_none(study, plan), language)
    if plan.task.model == "ranking":
        return say("proof.ranking", language)
    if plan.status == "optimal":
        return say(f"proof.optimal.{plan.unit}", language)
    rest = amount_said(abs(plan.bound - plan.value), plan.unit)
    return say(f"proof.feasible.{plan.unit}", language, gap=shown_share(plan.gap), rest=rest)


def _why_none(study: Study, plan: Plan) -> str:
    """Return the words for a plan without sites: who is in reach of candidates may still be out of reach of the money."""
    model = plan.task.model
    if model not in {"most_covered", "ranking"}:
        return f"proof.nothing.{model}"
    kept_out = any(
        ((reasons_of(study, plan, service) == 1) & (counted_people(study, plan.task, service) > 0)).any()
        for service in rows_of(plan, plan.covered_after)
    )
    return "proof.nothing.bound" if kept_out else "proof.nothing"


def plan_stages(plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the value and bound that each step of solving came to; the times are in the run record alone."""
    rows = [
        (number, step, stage.name, plan.unit, stage.value, stage.bound)
        for number, plan in enumerate(plans, start=1)
        for step, stage in enumerate(plan.stages, start=1)
    ]
    frame = pd.DataFrame(rows, columns=["plan", "step", "plan_stage", "plan_unit", "plan_value", "plan_bound"])
    frame = frame.astype({"plan": np.int32, "step": np.int32, "plan_value": float, "plan_bound": float})
    value, bound = frame["plan_value"].to_numpy(), frame["plan_bound"].to_numpy()
    finite = np.isfinite(value) & np.isfinite(bound) & (bound != 0)
    gap = np.divide(np.abs(bound - value), np.abs(bound), out=np.full(len(frame), np.nan), where=finite)
    return frame.assign(
        plan_value=np.where(np.isfinite(value), value, np.nan),
        plan_bound=np.where(np.isfinite(bound), bound, np.nan),
        gap_share=gap,
    )


def plan_ages(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the residents of each age group that each pick gains; groups may overlap."""
    groups = study.homes.age_groups
    parts = [
        pd.DataFrame(
            {
                "plan": np.int32(number),
                "rank": np.repeat(np.arange(1, len(plan) + 1, dtype=np.int32), len(groups)),
                "candidate_id": np.repeat(study.candidates.ids[plan.candidate], len(groups)),
                "candidate_name": np.repeat(study.candidates.names[plan.candidate], len(groups)),
                "age_group": list(groups) * len(plan),
                "marginal_residents": plan.marginal_by_age.ravel(),
            }
        )
        for number, plan in enumerate(plans, start=1)
        if plan.marginal_by_age.shape[1] == len(groups) > 0 and len(plan)
    ]
    columns = ["plan", "rank", "candidate_id", "candidate_name", "age_group", "marginal_residents"]
    return _stacked(parts, lambda: pd.DataFrame(columns=columns))


def plan_clauses(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return each clause and district that turns from unmet to met, with the pick that turns it."""
    rules = study.standard.requirements
    parts = []
    for number, plan in enumerate(plans, start=1):
        pick, requirement, district = plan.turned.T
        own = [rules[one] for one in requirement]
        service = np.array([_service_number(study, rule.service) for rule in own], np.int32)
        candidate = plan.candidate[pick]
        parts.append(
            pd.DataFrame(
                {
                    "plan": np.full(len(pick), number, np.int32),
                    "rank": (pick + 1).astype(np.int32),
                    "candidate_id": study.candidates.ids[candidate],
                    "candidate_name": study.candidates.names[candidate],
                    "requirement_id": [rule.id for rule in own],
                    **service_columns(study, service),
                    **unit_columns(study, district),
                    "minimum_share": np.array([rule.minimum_share for rule in own], float),
                    "document": [rule.citation.document for rule in own],
                    "document_title": [rule.citation.title for rule in own],
                    "clause": [rule.citation.clause for rule in own],
                }
            )
        )
    return _stacked(parts, lambda: plan_clauses(study, [_nothing()]))


def _service_number(study: Study, service: str) -> int:
    return next(number for number, one in enumerate(study.standard.services) if one.id == service)


def reasons_of(study: Study, plan: Plan, service: int) -> IntArray:
    """Say of every home (r,) why it is not covered for a service once the plan is built: a position in `REASONS`, -1 where it is."""
    covered = plan.covered_after[rows_of(plan, plan.covered_after)[service]]
    beyond = plan.unreachable[rows_of(plan, plan.covered_after)[service]]
    reason = np.where(study.home_anchors.joined, np.where(beyond, 0, 1), 2)
    return np.where(covered, -1, reason).astype(np.int32)


def plan_uncovered(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Count homes and residents still uncovered once a plan is built: by service, reason, and for the whole study and each district."""
    parts = [
        _uncovered(study, number, service, reasons_of(study, plan, service), counted_people(study, plan.task, service))
        for number, plan in enumerate(plans, start=1)
        for service in rows_of(plan, plan.covered_after)
    ]
    return _stacked(
        parts, lambda: _uncovered(study, 0, 0, np.full(len(study.homes), -1, np.int32), study.homes.residents)
    )


def _uncovered(study: Study, number: int, service: int, reason: IntArray, people: FloatArray) -> pd.DataFrame:
    left = np.flatnonzero((reason >= 0) & (people > 0))
    district = study.homes.district[left]
    # A row for the whole study before those of the districts.
    unit = np.concatenate([np.full(len(left), -1, np.int32), district[district >= 0]])
    home = np.concatenate([left, left[district >= 0]])
    key, row = np.unique(np.column_stack([unit, reason[home]]), axis=0, return_inverse=True)
    row = row.ravel()
    return pd.DataFrame(
        {
            "plan": np.full(len(key), number, np.int32),
            **service_columns(study, np.full(len(key), service, np.int32)),
            **unit_columns(study, key[:, 0].astype(np.int32)),
            "uncovered": [REASONS[code] for code in key[:, 1]],
            "homes_left": np.bincount(row, minlength=len(key)).astype(np.int32),
            "residents_left": np.bincount(row, people[home], len(key)),
        }
    )


def plan_homes(study: Study, plans: Sequence[Plan]) -> tuple[pd.DataFrame, IntArray]:
    """Return the homes that plans newly cover, with the pick that does, and their positions; of services shown by place only."""
    parts, found = [], [np.empty(0, np.int32)]
    for number, plan in enumerate(plans, start=1):
        for service, row in rows_of(plan, plan.gained_by).items():
            if is_open(study.standard.services[service]):
                home = np.flatnonzero(plan.gained_by[row] >= 0)
                parts.append(_gained(study, number, service, home, plan.gained_by[row][home], plan))
                found.append(home.astype(np.int32))
    nobody = np.empty(0, np.intp)
    return _stacked(parts, lambda: _gained(study, 0, 0, nobody, nobody, _nothing())), np.concatenate(found)


def _gained(
    study: Study, number: int, service: int, home: NDArray[np.intp], pick: NDArray[np.intp], plan: Plan
) -> pd.DataFrame:
    candidate = plan.candidate[pick]
    return pd.DataFrame(
        {
            "plan": np.full(len(home), number, np.int32),
            **service_columns(study, np.full(len(home), service, np.int32)),
            "rank": (pick + 1).astype(np.int32),
            "candidate_id": study.candidates.ids[candidate],
            "home_id": study.homes.ids[home],
            "residents": counted_people(study, plan.task, service)[home],
        }
    )


def plan_dominated(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the candidates that another one outdoes: it covers all they could gain, for no more money."""
    parts = []
    for number, plan in enumerate(plans, start=1):
        one = np.flatnonzero(plan.dominated_by >= 0)
        other, places = plan.dominated_by[one], study.candidates
        parts.append(
            pd.DataFrame(
                {
                    "plan": np.full(len(one), number, np.int32),
                    "candidate_id": places.ids[one],
                    "candidate_name": places.names[one],
                    "cost_wan_yuan": places.cost_wan_yuan[one],
                    "dominated_by_id": places.ids[other],
                    "dominated_by_name": places.names[other],
                }
            )
        )
    return _stacked(parts, lambda: plan_dominated(study, [_nothing()]))


def plan_frontier(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the points of every frontier: what each takes, what it does, and the proof of what it was sought for."""
    parts = []
    for number, plan in enumerate(plans, start=1):
        found = plan.frontier
        total = plan.total_residents or np.nan
        parts.append(
            pd.DataFrame(
                {
                    "plan": np.full(len(found), number, np.int32),
                    "point": np.arange(1, len(found) + 1, dtype=np.int32),
                    "frontier_by": np.full(len(found), found.by, object),
                    "sites_new": found.sites,
                    "plan_cost_wan_yuan": found.cost_wan_yuan,
                    "covered_residents": found.covered_residents,
                    "covered_share": found.covered_residents / total,
                    "worst_share": found.worst_share,
                    "districts_gini": found.gini,
                    "mean_walk_all_minutes": found.mean_seconds / 60,
                    "model": found.objective,
                    "status": found.status,
                    "gap_share": found.gap,
                    "site_names": ["; ".join(_names(study, opened)) for opened in found.opened],
                }
            )
        )
    return _stacked(parts, lambda: plan_frontier(study, [_nothing()]))


def _names(study: Study, candidates: Iterable[int]) -> list[str]:
    return list(dict.fromkeys(place_name(study, int(one)) for one in candidates))


def _stacked(parts: Sequence[pd.DataFrame], empty: object) -> pd.DataFrame:
    if parts:
        return pd.concat(parts, ignore_index=True)
    assert callable(empty)  # noqa: S101
    frame: pd.DataFrame = empty()
    return frame.iloc[:0]


def _nothing() -> Plan:
    """Return a plan without picks, for the columns of tables without rows."""
    none, positions = np.empty(0), np.empty(0, np.int32)
    return Plan(
        task=PlanTask(Words("", ""), "most_covered", (), ()),
        candidate=positions,
        service=positions,
        year=positions,
        cost_wan_yuan=none,
        floor_m2=none,
        marginal_residents=none,
        cumulative_residents=none,
        exclusive_residents=none,
        marginal_by_age=np.empty((0, 0)),
        homes_gained=none,
        clauses_closed=positions,
        runner_up=positions,
        runner_up_loss=none,
        kept_share=none,
        closed=positions,
        unreachable=np.empty((0, 0), bool),
        covered_after=np.empty((0, 0), bool),
        total_residents=0.0,
        baseline_residents=0.0,
        value=0.0,
        bound=0.0,
        gap=0.0,
        unit="residents",
        status="nothing_to_gain",
        solve_seconds=0.0,
    )
