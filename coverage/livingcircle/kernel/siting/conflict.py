"""Why there is no plan: the conditions that exclude each other, none of which can be left out, and what would make room.

The set is found by QuickXplain (Junker 2004, AAAI-04:167-172): nothing meets it, and something does as soon as any condition of it is
dropped. For each of its conditions, the least relaxation that lets every other one be kept comes from an elastic program (Chinneck 2008,
Feasibility and Infeasibility in Optimization, chapter 6); where no single one is enough, one program relaxes all, as little as it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from livingcircle.faults import Detail, Fault, several
from livingcircle.faults.plans import RELIEFS
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.highs import branch_and_bound
from livingcircle.kernel.siting.mixed_integer import Condition, Program
from livingcircle.kernel.siting.program import program
from livingcircle.kernel.siting.simplify import merged
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.soundness import Names, bound_names, name_of
from livingcircle.kernel.siting.verify import TOLERANCE, cost_of, new_sites, sum_of
from livingcircle.model.columns import IntArray

LEAST_SECONDS = 10.0
"""What finding the reason may take although the time for solving is over."""
_EXAMPLES = 3
"""Places that are named."""
KEPT_LAST = ("floor", "sites", "budget")
"""Families a user is told of rather than others, where there is a choice between conflicts."""

FAULT_OF: Mapping[str, str] = {
    "sites": "conflict_sites",
    "budget": "conflict_budget",
    "floor": "conflict_floor",
    "bound": "conflict_bound",
    "apart": "conflict_apart",
    "area": "conflict_area",
    "required": "conflict_required",
    "closed": "conflict_closed",
}
"""The words for each family of condition."""


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """Conditions that exclude each other, and relaxations that make room.

    `alone[i]` is what condition i would have to become, all others kept (NaN: not enough alone); `together` what conditions, in the set
    or not, have to become where none is enough alone. `is_smallest` is False where time ran out before the set was whittled down.
    """

    conditions: tuple[Condition, ...]
    alone: tuple[float, ...]
    together: Mapping[Condition, float]
    is_smallest: bool


def conflict_of(problem: CoveringProblem, watch: Watch, names: Names | None = None) -> tuple[Fault, ...]:
    """Return the faults that say why an infeasible problem has no plan."""
    again = Watch(
        max(watch.remaining_seconds, LEAST_SECONDS), is_stopped=lambda _value, _bound: watch.is_stopped(np.nan, np.nan)
    )
    return tuple(_faults(problem, conflict(problem, again), names or {}))


def conflict(problem: CoveringProblem, watch: Watch) -> Conflict:
    """Find a smallest conflicting set of an infeasible problem and its relaxations."""
    problem = merged(problem)
    written = program(problem, tight=False)
    oracle = _Oracle(written, watch)
    first = sorted(range(len(written.conditions)), key=lambda one: written.conditions[one].family not in KEPT_LAST)
    found = [_quick_explanation(oracle, [], first), _quick_explanation(oracle, [], first[::-1])]
    smallest = min(found, key=len)
    chosen = tuple(written.conditions[one] for one in sorted(smallest))
    alone = []
    for one in sorted(smallest):
        opened = _least_slack(problem, written, [one], watch)
        alone.append(np.nan if opened is None else amount_of(problem, opened, written.conditions[one]))
    together: dict[Condition, float] = {}
    if np.isnan(alone).all():
        opened = _least_slack(problem, written, list(range(len(written.conditions))), watch)
        if opened is not None:
            for condition in written.conditions:
                amount, asked = amount_of(problem, opened, condition), asked_of(problem, condition)
                if not _holds(problem, condition, amount, asked):
                    together[condition] = amount
    return Conflict(chosen, tuple(alone), together, oracle.is_sure)


class _Oracle:
    """Whether some of the conditions can be met together."""

    def __init__(self, written: Program, watch: Watch) -> None:
        self.written = replace(written, cost=np.zeros(len(written.cost)))
        self.watch, self.is_sure = watch, True
        self.known: dict[frozenset[int], bool] = {}

    def infeasible(self, active: Sequence[int]) -> bool:
        key = frozenset(active)
        if key not in self.known:
            self.known[key] = self._ask(active)
        return self.known[key]

    def _ask(self, active: Sequence[int]) -> bool:
        asked = np.isin(self.written.condition, [-1, *active])
        answer = branch_and_bound(
            replace(
                self.written,
                matrix=csr_array(self.written.matrix[np.flatnonzero(asked)]),
                row_lower=self.written.row_lower[asked],
                row_upper=self.written.row_upper[asked],
            ),
            self.watch,
        )
        self.is_sure &= answer.outcome != "unfinished" or answer.values is not None
        return answer.outcome == "infeasible"


def _quick_explanation(oracle: _Oracle, kept: list[int], among: list[int], *, is_new: bool = False) -> list[int]:
    """Return the conditions of `among` that, beside those `kept`, are a smallest conflict."""
    if is_new and oracle.infeasible(kept):
        return []
    if len(among) <= 1:
        return among
    half = len(among) // 2
    one, other = among[:half], among[half:]
    of_other = _quick_explanation(oracle, [*kept, *one], other, is_new=bool(one))
    of_one = _quick_explanation(oracle, [*kept, *of_other], one, is_new=bool(of_other))
    return [*of_one, *of_other]


def _least_slack(problem: CoveringProblem, written: Program, soft: list[int], watch: Watch) -> IntArray | None:
    """Return the choice that breaks some conditions by the least, in proportion to what they ask, and keeps the others."""
    rows = np.flatnonzero(np.isin(written.condition, soft))
    scale = np.array([max(1.0, abs(asked_of(problem, one))) for one in written.conditions])
    ways: list[tuple[IntArray, float]] = []
    for side, sign in ((written.row_lower, 1.0), (written.row_upper, -1.0)):
        ways.append((rows[np.isfinite(side[rows])].astype(np.int32), sign))
    row = np.concatenate([rows_of for rows_of, _ in ways])
    signs = np.concatenate([np.full(len(rows_of), sign) for rows_of, sign in ways])
    slacks = len(row)
    columns = len(written.cost)
    elastic = replace(
        written,
        maximise=False,
        constant=0.0,
        cost=np.concatenate([np.zeros(columns), 1 / scale[written.condition[row]]]),
        lower=np.zeros(columns + slacks),
        upper=np.concatenate([written.upper, np.full(slacks, np.inf)]),
        integer=np.concatenate([written.integer, np.zeros(slacks, bool)]),
        matrix=csr_array(
            hstack([written.matrix, coo_array((signs, (row, np.arange(slacks))), (len(written.row_lower), slacks))])
        ),
    )
    answer = branch_and_bound(elastic, watch)
    if answer.values is None or answer.outcome != "optimal":
        return None
    return np.flatnonzero(answer.values[: problem.options] > 0.5).astype(np.int32)


# ------------------------------------------------------------------------------------------------------- conditions in the user's terms


def asked_of(problem: CoveringProblem, condition: Condition) -> float:
    """Return what a condition asks for: sites, 万元, weight, m², options, or the limit of a bound that is nearer to being broken."""
    existing = int(np.count_nonzero(problem.state == OptionState.EXISTING))
    match condition.family:
        case "sites":
            return float(problem.most_sites or 0)
        case "budget":
            return float(problem.budget_wan_yuan or 0.0)
        case "floor":
            return problem.floors[condition.position].least_weight
        case "bound":
            bound = problem.bounds[condition.position]
            return bound.least if np.isfinite(bound.least) else bound.most
        case "area":
            return float(problem.site_floor_m2[condition.position])
        case "required":
            return 0.0
        case "closed":
            return float(min(problem.most_closed, existing))
        case _:
            return 0.0


def amount_of(problem: CoveringProblem, opened: IntArray, condition: Condition) -> float:
    """Return how a choice stands to a condition, in the same unit; for `apart` and `required` how many break it."""
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    match condition.family:
        case "sites":
            return float(len(new_sites(problem, opened)))
        case "budget":
            return cost_of(problem, opened)
        case "floor":
            demand = problem.floors[condition.position].demand
            return float(problem.weight[demand[problem.covered(opened)[demand]]].sum())
        case "bound":
            return sum_of(problem, opened, condition.position)
        case "area":
            return float(problem.floor_m2[is_open & (problem.site == condition.position)].sum())
        case "required":
            return float(np.count_nonzero((problem.state == OptionState.REQUIRED) & ~is_open))
        case "closed":
            return float(np.count_nonzero((problem.state == OptionState.EXISTING) & ~is_open))
        case _:
            near = problem.apart[np.isin(problem.apart, new_sites(problem, opened)).all(axis=1)]
            return float(len(np.unique(near[:, 1])))


def _holds(problem: CoveringProblem, condition: Condition, amount: float, asked: float) -> bool:
    slack = TOLERANCE * max(1.0, abs(asked))
    if condition.family == "floor":
        return amount >= asked - slack
    if condition.family == "bound":
        bound = problem.bounds[condition.position]
        return bound.least - slack <= amount <= bound.most + slack
    return amount <= asked + slack


def relaxed(problem: CoveringProblem, condition: Condition, amount: float) -> CoveringProblem:
    """Return the problem with one condition relaxed to an amount; `apart` and `required` are dropped."""
    match condition.family:
        case "sites":
            return replace(problem, most_sites=round(amount))
        case "budget":
            return replace(problem, budget_wan_yuan=amount)
        case "closed":
            return replace(problem, most_closed=round(amount))
        case "floor":
            floors = list(problem.floors)
            floors[condition.position] = replace(floors[condition.position], least_weight=amount)
            return replace(problem, floors=tuple(floors))
        case "bound":
            bounds = list(problem.bounds)
            bound = bounds[condition.position]
            bounds[condition.position] = replace(bound, least=min(bound.least, amount), most=max(bound.most, amount))
            return replace(problem, bounds=tuple(bounds))
        case "area":
            room = problem.site_floor_m2.copy()
            room[condition.position] = max(room[condition.position], amount)
            return replace(problem, site_floor_m2=room)
        case "required":
            state = np.where(problem.state == OptionState.REQUIRED, OptionState.FREE, problem.state)
            return replace(problem, state=state.astype(np.int8))
        case _:
            return replace(problem, apart=np.empty((0, 2), np.int32))


def dropped(problem: CoveringProblem, condition: Condition) -> CoveringProblem:
    """Return the problem without a condition."""
    match condition.family:
        case "sites":
            return replace(problem, most_sites=None)
        case "budget":
            return replace(problem, budget_wan_yuan=None)
        case "closed":
            return replace(problem, most_closed=int(np.count_nonzero(problem.state == OptionState.EXISTING)))
        case "floor":
            return relaxed(problem, condition, -np.inf)
        case "bound":
            bounds = list(problem.bounds)
            bounds[condition.position] = replace(bounds[condition.position], least=-np.inf, most=np.inf)
            return replace(problem, bounds=tuple(bounds))
        case _:
            return relaxed(problem, condition, np.inf)


def _faults(problem: CoveringProblem, found: Conflict, names: Names) -> Iterator[Fault]:
    kept = ("去掉其中任何一项即有方案", "and leaving any one of them out makes a plan possible")
    if not found.is_smallest:
        kept = ("但限定时间内未能确认是否还可精简", "though there was no time to see whether fewer do")
    yield Fault("siting_conflict", details={"count": len(found.conditions), "kept_zh": kept[0], "kept_en": kept[1]})
    others = [condition for condition in found.together if condition not in found.conditions]
    alone = dict(zip(found.conditions, found.alone, strict=True))
    for condition in (*found.conditions, *others):
        needed = alone.get(condition, np.nan)
        way = condition.family
        if np.isnan(needed):
            needed = found.together.get(condition, np.nan)
            way = "alone" if np.isnan(needed) else "together"
        yield _fault(problem, condition, needed, way, names)


def _fault(problem: CoveringProblem, condition: Condition, needed: float, way: str, names: Names) -> Fault:
    asked = asked_of(problem, condition)
    details: dict[str, Detail] = {}
    required = np.unique(problem.site[problem.state == OptionState.REQUIRED])
    if condition.family == "required":
        asked = float(np.count_nonzero(problem.state == OptionState.REQUIRED))
        details["examples"] = several((name_of(names, "site", int(one)) for one in required), _EXAMPLES)
    if condition.family == "apart":
        among = np.isin(problem.apart, required).all(axis=1)
        near = problem.apart[among] if among.any() else problem.apart
        pairs = ("–".join(name_of(names, "site", int(one)) for one in pair) for pair in near)
        details |= {"pairs": len(near), "examples": several(pairs, _EXAMPLES)}
        metres = next(iter(names.get("apart", ())), "")
        details |= {
            "asked_zh": f"不小于 {metres} 米" if metres else "",
            "asked_en": f" of {metres} m" if metres else "",
        }
    if condition.family == "floor":
        floor = problem.floors[condition.position]
        total = max(floor.total_weight, 1e-12)
        asked, needed = (floor.already + asked) / total, (floor.already + needed) / total
        details["name"] = name_of(names, floor.rule, floor.subject)
    elif condition.family == "bound":
        bound = problem.bounds[condition.position]
        details |= bound_names(names, bound.rule, bound.subject)
        below = (not np.isnan(needed) and needed < bound.least) or not np.isfinite(bound.most)
        asked = bound.least if below else bound.most
        details["asked_zh"] = f"不少于 {bound.least:g}" if below else f"不超过 {bound.most:g}"
        details["asked_en"] = f"of at least {bound.least:g}" if below else f"of at most {bound.most:g}"
    elif condition.family == "area":
        details["name"] = name_of(names, "site", condition.position)
    shown = format(needed, {"floor": ".1%", "budget": ",.2f"}.get(condition.family, "g"))
    relief = {
        f"relief_{language}": text.format(needed=needed, asked=asked, shown=shown)
        for language, text in zip(("zh", "en"), RELIEFS[way], strict=True)
    }
    return Fault(FAULT_OF[condition.family], details={**details, "asked": asked, **relief})
