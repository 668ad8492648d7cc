"""What binds a choice of sites: money, numbers, shares, distances, clauses to close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from livingcircle.errors import SitingError
from livingcircle.faults import Fault
from livingcircle.kernel.edge import district_of
from livingcircle.kernel.siting.closing import OpenClause
from livingcircle.kernel.siting.covering import Bound, CoveringProblem, Floor, Objective, OptionState
from livingcircle.kernel.siting.phases import YearLimit, phased
from livingcircle.kernel.siting.tabulate import Tabulated
from livingcircle.kernel.siting.telling import within_unit
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.study import Study
from livingcircle.siting.asked import EXAMPLES_SHOWN, Asked

TOLERANCE = 1e-6
"""How much of a person or square metre may be missing."""


def priced(asked: Asked, table: Tabulated) -> CoveringProblem:
    """Return the problem of a table with costs, areas and states of its options and sites."""
    problem, several = table.problem, len(asked.services) > 1
    new = table.candidate >= 0
    fitting = np.array([one.cost_wan_yuan for one in asked.services])[table.sought]
    cost = np.where(new, fitting if asked.counts_money else 0.0, 0.0)
    site_cost = problem.site_cost_wan_yuan.copy()
    if several:
        site_cost[: len(asked.usable)] = asked.cost_wan_yuan
    else:
        cost = cost + np.where(new, asked.cost_wan_yuan[table.candidate], 0.0)
    floor = np.zeros(problem.options)
    site_floor = problem.site_floor_m2.copy()
    if several:
        floor = np.where(new, option_floor_m2(asked, table), 0.0)
        known = asked.study.candidates.floor_m2
        if floor.any():
            site_floor[: len(known)] = np.where(np.isnan(known), np.inf, known)
        else:
            floor = np.zeros(problem.options)
    state = problem.state.copy()
    if not several and not asked.task.years:
        state[new & asked.required[table.candidate]] = OptionState.REQUIRED
    return replace(
        problem,
        cost_wan_yuan=cost,
        site_cost_wan_yuan=site_cost,
        floor_m2=floor,
        site_floor_m2=site_floor,
        state=state.astype(np.int8),
    )


def option_floor_m2(asked: Asked, table: Tabulated) -> FloatArray:
    """Return the floor area each option takes: what its service needs, else, where a clause asks for area, all there is."""
    need = np.array([one.floor_m2 for one in asked.services] or [0.0])[table.sought]
    by_area = {service for clause in asked.clauses if clause.kind == "floor" for service in clause.services}
    all_of_it = np.array([one.service in by_area for one in asked.services] or [False])[table.sought]
    whole = np.where(table.candidate >= 0, asked.study.candidates.floor_m2[table.candidate], 0.0)
    single = len(asked.services) == 1
    return np.where(need > 0, need, np.where(all_of_it | single, whole, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A problem with all that binds the choice; the clauses it closes, what is said of those it cannot, and what its parts are called."""

    problem: CoveringProblem
    clauses: tuple[OpenClause, ...]
    left: tuple[Fault, ...]
    names: dict[str, list[str]]


@dataclass(slots=True)
class _Labels:
    """Names of the subjects of floors and bounds, by rule."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, rule: str, label: str) -> int:
        """Return the number of a new name."""
        own = self.names.setdefault(rule, [])
        own.append(label)
        return len(own) - 1


def bound_by(asked: Asked, table: Tabulated) -> Binding:
    """Bind the choice by all that a task states.

    Raises
    ------
    SitingError
        When shares are asked for that all candidates together do not reach, with the highest that can be asked for in each unit.
    """
    task, labels = asked.task, _Labels()
    problem = priced(asked, table)
    bounds = [*_numbers(asked, table, labels)]
    shares = [*_shares(asked, table, labels)]
    if faults := [*_out_of_reach(asked, problem, shares)]:
        raise SitingError(faults)
    floors = [floor for _, _, floor in shares]
    kept, left = [], []
    for clause in asked.clauses:
        found = _closing(asked, table, problem, clause, labels)
        if isinstance(found, dict):
            left.append((clause, found))
            continue
        kept.append(clause)
        if isinstance(found, Floor):
            floors.append(found)
        else:
            bounds.append(found)
    said = [*_told_left(asked, left)]
    if task.close_unmet and not kept and not left:
        said.append(Fault("nothing_unmet"))
    study = asked.study
    labels.names["site"] = [*map(str, study.candidates.names), *map(str, study.facilities.names)]
    if task.least_metres_apart is not None:
        labels.add("apart", f"{task.least_metres_apart:g}")
    problem = replace(
        problem,
        objective=_objective(asked),
        most_sites=None if asked.model == "ranking" else task.sites,
        budget_wan_yuan=task.budget_wan_yuan,
        most_closed=task.most_closed,
        bounds=tuple(bounds),
        floors=tuple(floors),
        apart=_apart(asked),
    )
    if task.years:
        years = [str(one.year) for one in task.years]
        limits = [YearLimit(one.sites, one.budget_wan_yuan) for one in task.years]
        problem = phased(problem, table.year, limits)
        places = labels.names["site"]
        labels.names |= {"year_sites": years, "year_budget": years, "once": places}
        labels.names["site"] = [place for place in places for _ in years]
    return Binding(problem, tuple(kept), tuple(said), labels.names)


def _objective(asked: Asked) -> Objective:
    if asked.model == "close_unmet":
        return "least_cost" if asked.counts_money else "fewest_sites"
    aims: tuple[Objective, ...] = ("least_cost", "fewest_sites", "best_worst_share")
    return next((aim for aim in aims if aim == asked.model), "most_covered")


def _numbers(asked: Asked, table: Tabulated, labels: _Labels) -> Iterator[Bound]:
    """Yield what a task states of numbers of places, by service, and the candidates it requires."""
    new = table.candidate >= 0
    for position, one in enumerate(asked.services):
        if one.most_sites is not None:
            label = labels.add("sites_of_service", asked.called(position))
            own = np.flatnonzero(new & (table.sought == position))
            yield _count("sites_of_service", label, own, most=one.most_sites)
    if len(asked.services) > 1 or asked.task.years:
        for candidate in np.flatnonzero(asked.required):
            own = np.flatnonzero(table.candidate == candidate)
            if len(own):
                label = labels.add("required", str(asked.study.candidates.names[candidate]))
                yield _count("required", label, own, least=1.0)


def _count(
    rule: str, subject: int, options: NDArray[np.intp], *, least: float = -np.inf, most: float = np.inf
) -> Bound:
    return Bound(rule, subject, np.asarray(options, np.int32), np.ones(len(options)), least, most)


def _shares(asked: Asked, table: Tabulated, labels: _Labels) -> Iterator[tuple[int, int, Floor]]:
    """Yield service, unit and floor of the shares of residents that a task states."""
    task = asked.task
    for position in range(len(asked.services)):
        if task.floor_share is not None or asked.model == "best_worst_share":
            for district in _districts(asked):
                label = labels.add("floor_share", f"{asked.called(position)}，{asked.unit(district)['unit_zh']}")
                floor = _floor(asked, table, "floor_share", position, district, task.floor_share or 0.0)
                yield position, district, replace(floor, subject=label)
        if task.target_share is not None:
            label = labels.add("target_share", asked.called(position))
            floor = _floor(asked, table, "target_share", position, -1, task.target_share)
            yield position, -1, replace(floor, subject=label)


def _out_of_reach(asked: Asked, problem: CoveringProblem, floors: Sequence[tuple[int, int, Floor]]) -> Iterator[Fault]:
    """Say which shares even all candidates together do not reach."""
    for position, district, floor in floors:
        best = float(problem.weight[floor.demand].sum())
        if best < floor.least_weight - TOLERANCE:
            details: dict[str, str | float] = {
                **asked.named(position),
                **asked.unit(district),
                "asked": (floor.already + floor.least_weight) / floor.total_weight,
                "best": np.floor(1000 * (floor.already + best) / floor.total_weight)
                / 1000,  # what is said can be asked for
            }
            yield Fault("target_out_of_reach", details=details)


def _districts(asked: Asked) -> list[int]:
    """Return the districts a share holds in, those with somebody in them."""
    units = asked.study.districts
    chosen = units.undivided if asked.task.floor_level is None else units.level == asked.task.floor_level
    return np.flatnonzero(chosen).tolist()


def _floor(asked: Asked, table: Tabulated, rule: str, position: int, district: int, share: float) -> Floor:
    """Return the floor of one service in one district: its demands within the longest limit, in the last year."""
    one = asked.services[position]
    inside = within_unit(asked.study, district)
    last = len(one.limits_seconds) - 1
    demand = (table.wanted == position) & (table.tier == last) & (table.by_year == table.by_year.max(initial=0))
    demand = np.flatnonzero(demand & inside[table.home]).astype(np.int32)
    weight = float(table.problem.weight[demand].sum())
    # A demand weighs what its tier adds, and each year its part.
    scale = weight / float(one.weight[table.home[demand]].sum()) if len(demand) and weight else 1.0
    already = 0.0
    if asked.closable is None:
        already = float(one.weight[inside & (one.existing[last] >= asked.task.backup)].sum())
    total = float(one.weight[inside].sum())
    least = max(share * total - already, 0.0)
    return Floor(rule, district, demand, least * scale, total * scale, already * scale)


def _closing(
    asked: Asked, table: Tabulated, problem: CoveringProblem, clause: OpenClause, labels: _Labels
) -> Floor | Bound | dict[str, str]:
    """Return what a clause asks of the plan, or why no candidate can close it."""
    positions = [number for number, one in enumerate(asked.services) if one.service in clause.services]
    label = f"{asked.called(positions[0])}，{asked.unit(clause.unit)['unit_zh']}（{clause.rule}）"
    if clause.kind == "walk":
        one = asked.services[positions[0]]
        tier = one.limits_seconds.index(clause.limit_seconds)
        inside = within_unit(asked.study, clause.unit)
        demand = (table.wanted == positions[0]) & (table.tier == tier) & inside[table.home]
        demand = np.flatnonzero(demand).astype(np.int32)
        residents = one.weight[table.home[demand]]
        scale = float(problem.weight[demand].sum() / residents.sum()) if residents.sum() > 0 else 1.0
        total, best = float(one.weight[inside].sum()), float(residents.sum())
        already = float(one.weight[inside & (one.existing[tier] >= 1)].sum())
        if best < clause.short - TOLERANCE:
            share = (already + best) / total
            return {"reason_zh": f"最多覆盖 {share:.1%}", "reason_en": f"{share:.1%} can be covered at most"}
        return Floor(
            "requirement",
            labels.add("requirement", label),
            demand,
            clause.short * scale,
            total * scale,
            already * scale,
        )
    amount = amounts(asked, table, clause)
    option = np.flatnonzero(amount > 0).astype(np.int32)
    best = _most_together(table, amount, option)
    if best < clause.short - TOLERANCE:
        unit_zh, unit_en = ("处", " places") if clause.kind == "places" else ("㎡", " m²")
        return {
            "reason_zh": f"缺 {clause.short:,.0f} {unit_zh}，候选点最多提供 {best:,.0f} {unit_zh}",
            "reason_en": f"{clause.short:,.0f}{unit_en} are missing, candidates offer {best:,.0f}{unit_en} at most",
        }
    rule = "presence" if clause.kind == "places" else "floor_area_short"
    return Bound(rule, labels.add(rule, label), option, amount[option], least=clause.short)


def _most_together(table: Tabulated, amount: FloatArray, option: IntArray) -> float:
    """Return the most that options give together, of several at one candidate the best."""
    best = np.zeros(int(table.candidate.max(initial=-1)) + 1)
    np.maximum.at(best, table.candidate[option], amount[option])
    return float(best.sum())


def amounts(asked: Asked, table: Tabulated, clause: OpenClause) -> FloatArray:
    """Return what every option (o,) adds to a clause on places or floor area."""
    positions = [number for number, one in enumerate(asked.services) if one.service in clause.services]
    inside = _candidates_in(asked.study, clause.unit)
    own = (table.candidate >= 0) & np.isin(table.sought, positions) & inside[table.candidate]
    each = option_floor_m2(asked, table) if clause.kind == "floor" else np.ones(len(own))
    return np.where(own, np.nan_to_num(each), 0.0)


def _candidates_in(study: Study, unit: int) -> BoolArray:
    """Return which candidates (c,) lie in a district or drawn circle, all of them in the whole study."""
    if unit < 0:
        inside = district_of(study.candidates.xy, study.districts.geometry) >= 0
        return inside | (len(study.districts) == 0)
    shapes = np.concatenate([study.districts.geometry, study.circles.geometry])
    return np.asarray(shapely.intersects_xy(shapes[unit], *study.candidates.xy.T))


def _told_left(asked: Asked, left: Sequence[tuple[OpenClause, dict[str, str]]]) -> Iterator[Fault]:
    """Say which clauses no candidate can close, each once with the units it stays open in."""
    for rule in dict.fromkeys(clause.rule for clause, _ in left):
        own = [(clause, reason) for clause, reason in left if clause.rule == rule]
        clause = own[0][0]
        names = [asked.study.standard.services[service].name for service in clause.services]
        shown = own[:EXAMPLES_SHOWN]
        more = len(own) - len(shown)
        said_zh = "；".join(f"{asked.unit(one.unit)['unit_zh']}{why['reason_zh']}" for one, why in shown)
        said_en = "; ".join(f"{asked.unit(one.unit)['unit_en']}: {why['reason_en']}" for one, why in shown)
        details: dict[str, str | float] = {
            "service_zh": "、".join(name.zh for name in names),
            "service_en": ", ".join(name.en for name in names),
            "clause": rule,
            "count": len(own),
            "reason_zh": said_zh + (f"；另有 {more} 个单元" if more else ""),
            "reason_en": said_en + (f"; and {more} more" if more else ""),
        }
        yield Fault("clause_left_unmet", details=details)


def _apart(asked: Asked) -> IntArray:
    metres = asked.task.least_metres_apart
    usable = np.flatnonzero(asked.usable)
    if metres is None or not len(usable):
        return np.empty((0, 2), np.int32)
    xy = asked.study.candidates.xy[usable]
    pairs = cKDTree(xy).query_pairs(metres, output_type="ndarray")
    near = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) < metres
    pairs = np.sort(usable[pairs[near]], axis=1).astype(np.int32)
    return pairs[np.lexsort(pairs.T[::-1])]
