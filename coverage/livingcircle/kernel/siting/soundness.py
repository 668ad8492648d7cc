"""What is wrong with a problem of covering before anything is solved: all of it, in one report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from livingcircle.faults import Fault
from livingcircle.faults.plans import BOUNDS
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.simplify import coverable
from livingcircle.model.columns import BoolArray, IntArray

Names = Mapping[str, Sequence[str]]
"""What the subjects of floors and bounds, and sites (`site`), are called, by rule; `apart` is how many metres sites are to be apart."""


def name_of(names: Names, rule: str, subject: int) -> str:
    """Return what the subject of a rule is called, its number where it has no name."""
    known = names.get(rule, ())
    if 0 <= subject < len(known):
        return str(known[subject])
    return f"{rule} {subject + 1}" if subject >= 0 else rule


def bound_names(names: Names, rule: str, subject: int) -> dict[str, str]:
    """Return what a bound is called in both languages."""
    name = name_of(names, rule, subject)
    zh, en = BOUNDS.get(rule, ("{name}", "{name}"))
    return {"name_zh": zh.format(name=name), "name_en": en.format(name=name)}


def faults_of(problem: CoveringProblem, names: Names | None = None) -> tuple[Fault, ...]:
    """Return every fault and warning of a problem; one with faults must not be solved.

    What no choice at all could reach is only looked for where the problem makes sense otherwise.
    """
    names = names or {}
    found = [*_wrong_columns(problem), *_wrong_limits(problem, names)]
    if not any(fault.severity == "fault" for fault in found):
        found += [*_unreachable_floors(problem, names), *_unreachable_bounds(problem, names)]
    return tuple(found)


def _wrong_columns(problem: CoveringProblem) -> Iterator[Fault]:
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    order = np.lexsort((problem.demand, option))
    twice = np.zeros(problem.options, bool)
    again = (np.diff(problem.demand[order]) == 0) & (np.diff(option[order]) == 0)
    twice[option[order][1:][again]] = True
    yield from _counted("siting_demand_twice", twice)
    with np.errstate(invalid="ignore"):
        yield from _counted("siting_weight_wrong", ~(problem.weight >= 0) | np.isinf(problem.weight))
        yield from _counted("siting_weight_zero", problem.weight == 0)
        new = (problem.state == OptionState.FREE) | (problem.state == OptionState.REQUIRED)
        if problem.budget_wan_yuan is not None or problem.objective == "least_cost":
            price = problem.cost_wan_yuan + problem.site_cost_wan_yuan[problem.site]
            negative = (problem.cost_wan_yuan < 0) | (problem.site_cost_wan_yuan[problem.site] < 0)
            yield from _counted("siting_cost_wrong", new & (negative | ~np.isfinite(price)))
        holds = problem.state != OptionState.FORBIDDEN
        room = problem.site_floor_m2[problem.site]
        wrong = ~(problem.floor_m2 >= 0) | np.isinf(problem.floor_m2) | ~(room >= 0)
        yield from _counted("siting_floor_area_wrong", holds & wrong)
        wanted = (problem.weight > 0) & (problem.need > 0)
        useful = np.bincount(option, wanted[problem.demand], problem.options) > 0
        yield from _counted("siting_option_useless", (problem.state == OptionState.FREE) & ~useful)
    if len(problem.apart):
        yield from _counted("siting_pair_of_one", problem.apart[:, 0] == problem.apart[:, 1], problem.apart[:, 0])


def _counted(kind: str, wrong: BoolArray, number: IntArray | None = None) -> Iterator[Fault]:
    if wrong.any():
        first = int(wrong.argmax())
        shown = first if number is None else int(number[first])
        yield Fault(kind, details={"count": int(wrong.sum()), "first": shown + 1})


def _wrong_limits(problem: CoveringProblem, names: Names) -> Iterator[Fault]:
    limits = (
        ("新增场地数上限", "the number of sites", problem.most_sites),
        ("预算（万元）", "the budget (10,000 yuan)", problem.budget_wan_yuan),
        ("关闭设施数上限", "the number of facilities that may be closed", problem.most_closed),
    )
    for name_zh, name_en, amount in limits:
        if amount is not None and not amount >= 0:
            yield Fault("siting_limit_wrong", details={"name_zh": name_zh, "name_en": name_en, "amount": amount})
    for floor in problem.floors:
        if not np.isfinite([floor.least_weight, floor.total_weight, floor.already]).all():
            name = name_of(names, floor.rule, floor.subject)
            details = {"name_zh": f"“{name}”的覆盖要求", "name_en": f"the floor of “{name}”"}
            yield Fault("siting_limit_wrong", details={**details, "amount": floor.least_weight})
    for bound in problem.bounds:
        amounts = np.concatenate([bound.amount, bound.site_amount])
        if not bound.least <= bound.most or not np.isfinite(amounts).all():
            named = bound_names(names, bound.rule, bound.subject)
            yield Fault("siting_bound_inverted", details={**named, "least": bound.least, "most": bound.most})
    if problem.objective == "best_worst_share" and not any(floor.total_weight > 0 for floor in problem.floors):
        yield Fault("siting_share_of_nobody")


def _unreachable_floors(problem: CoveringProblem, names: Names) -> Iterator[Fault]:
    for floor, most in zip(problem.floors, coverable(problem), strict=True):
        if most < floor.least_weight - 1e-6 * max(1.0, floor.least_weight):
            total = max(floor.total_weight, 1e-12)
            yield Fault(
                "siting_floor_unreachable",
                details={
                    "name": name_of(names, floor.rule, floor.subject),
                    "asked": (floor.already + floor.least_weight) / total,
                    "reachable": (floor.already + most) / total,
                    "people": float(problem.weight[floor.demand].sum() - most),
                },
            )


def _unreachable_bounds(problem: CoveringProblem, names: Names) -> Iterator[Fault]:
    usable = problem.state != OptionState.FORBIDDEN
    for bound in problem.bounds:
        most = np.maximum(bound.amount[usable[bound.option]], 0).sum() + np.maximum(bound.site_amount, 0).sum()
        if most < bound.least - 1e-6 * max(1.0, abs(bound.least)):
            named = bound_names(names, bound.rule, bound.subject)
            yield Fault("siting_bound_unreachable", details={**named, "asked": bound.least, "reachable": float(most)})
