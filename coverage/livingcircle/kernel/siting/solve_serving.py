"""Solve a problem of serving: inputs looked through, the right method, every number checked on the problem as it was asked."""

from __future__ import annotations

import numpy as np

from livingcircle.errors import SitingError
from livingcircle.faults import Fault, several
from livingcircle.kernel.siting.capacitated import CapacitatedTable, Division, capacitated_table, least_divided
from livingcircle.kernel.siting.center import Cover, aside, cover_within, least_worst
from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.highs import branch_and_bound
from livingcircle.kernel.siting.median import least_total
from livingcircle.kernel.siting.median_table import MedianTable, median_table
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.serving_check import TOLERANCE, nearest_open, rows_of, verify_serving
from livingcircle.kernel.siting.solution import PROVEN, Solution, Status, Watch, relative_gap
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

_EXAMPLES = 5


def solve_serving(problem: ServingProblem, watch: Watch, *, seed: int = 0) -> Solution:
    """Return the best choice of options found within the watch's limits, and its proof.

    Whoever has to be served (`unserved_cost` is `inf`) is served. With capacities `served` (e,) says how many people go where, and
    `served_by` where most of a demand go; without, everybody goes to the nearest.

    Raises
    ------
    SitingError
        When the input cannot be right, or when nothing can be chosen: then the faults name what stands in the way and what would do.
    """
    faults = faults_of_serving(problem)
    if faults:
        raise SitingError(faults)
    limited = bool(np.isfinite(problem.capacity[problem.state != OptionState.FORBIDDEN]).any())
    if limited:
        solution = (
            _worst_divided(problem, watch, seed)
            if problem.objective == "least_worst"
            else _divided(problem, watch, seed)
        )
    else:
        solution = _nearest(problem, watch, seed)
    verify_serving(problem, solution)
    return solution


def faults_of_serving(problem: ServingProblem) -> list[Fault]:
    """Return everything that is wrong with a problem before it is solved: numbers that are none, and who cannot be served at all."""
    row = rows_of(problem)
    unreached = (
        np.bincount(row[problem.state[problem.option] != OptionState.FORBIDDEN], minlength=len(problem.weight)) == 0
    )
    pairs = row.astype(np.int64) * max(problem.options, 1) + problem.option
    wrong = {
        "serving_weight": ~(np.isfinite(problem.weight) & (problem.weight > 0)),
        "serving_unserved_cost": np.isnan(problem.unserved_cost) | (problem.unserved_cost < 0),
        "serving_cost": np.bincount(
            row[~(np.isfinite(problem.cost) & (problem.cost >= 0))], minlength=len(problem.weight)
        )
        > 0,
        "serving_twice": np.isin(
            np.arange(len(problem.weight)), np.sort(pairs)[1:][np.diff(np.sort(pairs)) == 0] // max(problem.options, 1)
        ),
        "serving_capacity": ~(problem.capacity >= 0),
        "serving_price": ~(np.isfinite(problem.cost_wan_yuan) & (problem.cost_wan_yuan >= 0)),
        "serving_unreached": unreached & np.isinf(problem.unserved_cost),
    }
    faults = []
    for kind, where in wrong.items():
        if where.any():
            examples = several(np.flatnonzero(where), _EXAMPLES)
            people = float(problem.weight[where].sum()) if kind == "serving_unreached" else 0.0
            faults.append(Fault(kind, details={"count": int(where.sum()), "examples": examples, "people": people}))
    return faults + _limits(problem)


def _limits(problem: ServingProblem) -> list[Fault]:
    """Return whether what is required alone breaks the limits."""
    required = problem.state == OptionState.REQUIRED
    number, money = int(required.sum()), float(problem.cost_wan_yuan[required].sum())
    faults = []
    if problem.most_sites is not None and (problem.most_sites < 0 or number > problem.most_sites):
        faults.append(Fault("serving_needs_sites", details={"needed": max(number, 0), "allowed": problem.most_sites}))
    if problem.budget_wan_yuan is not None and not money <= problem.budget_wan_yuan * (1 + TOLERANCE):
        faults.append(Fault("serving_needs_money", details={"needed": money, "allowed": problem.budget_wan_yuan}))
    return faults


def _nearest(problem: ServingProblem, watch: Watch, seed: int) -> Solution:
    """Solve without capacities: the p-center, or the p-median (covering as one in which whoever is not covered costs one)."""
    hard = np.isinf(problem.unserved_cost)
    row = rows_of(problem)
    if problem.objective == "least_worst":
        found = least_worst(problem, watch, seed=seed)
        if not np.isfinite(found.value):
            raise SitingError(_conflict(problem, watch))
        opened, value, bound = found.chosen, found.value, found.bound
    else:
        most = problem.objective == "most_served"
        cost = np.zeros(len(problem.cost)) if most else problem.weight[row] * problem.cost
        left = problem.weight if most else problem.weight * np.where(hard, 1.0, problem.unserved_cost)
        table = median_table(problem, cost, np.where(hard, np.inf, left))
        median = least_total(table, watch, seed=seed)
        if not np.isfinite(median.value):
            start = _feasible(problem, table, watch)
            median = least_total(table, watch, start=start, seed=seed)
        given = np.flatnonzero((problem.state == OptionState.EXISTING) | (problem.state == OptionState.REQUIRED))
        opened = np.sort(np.concatenate([given, table.which[median.chosen]])).astype(np.int32)
        whole = float(problem.weight.sum())
        value, bound = (whole - median.value, whole - median.bound) if most else (median.value, median.bound)
    served_by, _ = nearest_open(problem, opened)
    return _solution(problem, watch, opened, value, bound, served_by, None)


def _divided(problem: ServingProblem, watch: Watch, seed: int) -> Solution:
    """Solve with capacities: least cost, or most people served and then the least walking."""
    hard = np.isinf(problem.unserved_cost)
    most = problem.objective == "most_served"
    if most:
        table = capacitated_table(problem, np.zeros(len(problem.cost)), np.where(hard, np.inf, 1.0), walk=problem.cost)
    else:
        table = capacitated_table(problem, problem.cost, problem.unserved_cost)
    found = least_divided(table, watch, seed=seed)
    if not np.isfinite(found.value):
        raise SitingError(_conflict(problem, watch))
    whole = float(problem.weight.sum())
    value, bound = (whole - found.value, whole - found.bound) if most else (found.value, found.bound)
    return _with_division(problem, watch, table, found, value, bound)


def _worst_divided(problem: ServingProblem, watch: Watch, seed: int) -> Solution:
    """Solve the p-center with capacities: bisection over the costs that occur; each asks whether everybody finds a place within it."""
    costs = np.unique(np.concatenate([problem.cost, problem.unserved_cost[np.isfinite(problem.unserved_cost)], [0.0]]))
    low, high, best = -1, len(costs), None
    unsure = False
    while low + 1 < high:
        middle = (low + high) // 2
        must = problem.unserved_cost > costs[middle]
        cost = np.where(problem.cost <= costs[middle], 0.0, 2.0)
        table = capacitated_table(problem, cost, np.where(must, 1.0, 0.0))
        found = least_divided(
            table, aside(watch, costs[min(high, len(costs) - 1)], costs[low + 1]), seed=seed, enough=0.0
        )
        if found.value <= TOLERANCE:
            high, best = middle, (table, found)
        else:
            unsure = unsure or found.bound <= TOLERANCE
            low = middle
        if watch.tell("costs tried", costs[min(high, len(costs) - 1)], costs[min(low + 1, len(costs) - 1)]):
            break
    if best is None:
        raise SitingError(_conflict(problem, watch))
    bound = costs[high] if low + 1 >= high and not unsure else 0.0
    return _with_division(problem, watch, *best, float(costs[high]), float(bound))


def _with_division(
    problem: ServingProblem, watch: Watch, table: CapacitatedTable, found: Division, value: float, bound: float
) -> Solution:
    sent = np.zeros(len(problem.cost))
    sent[table.origin] = found.sent
    row = rows_of(problem)
    order = np.lexsort((problem.option, problem.cost, -sent, row))
    rows, first = np.unique(row[order], return_index=True)
    served_by = np.full(len(problem.weight), -1, np.int32)
    main = order[first]
    served_by[rows] = np.where(sent[main] > 0, problem.option[main], -1)
    opened = table.which[found.is_open]
    return _solution(problem, watch, opened, value, bound, served_by, sent)


def _solution(
    problem: ServingProblem,
    watch: Watch,
    opened: IntArray,
    value: float,
    bound: float,
    served_by: IntArray,
    sent: FloatArray | None,
) -> Solution:
    gap = relative_gap(value, bound)
    free = (problem.state == OptionState.FREE).any()
    status: Status = "optimal" if gap <= PROVEN else "stopped" if watch.stopped else "feasible"
    if not free and gap <= PROVEN:
        status = "nothing_to_gain"
    return Solution(opened, value, bound, gap, status, tuple(watch.stages), served_by, sent)


def _fewest(problem: ServingProblem, table: MedianTable, watch: Watch) -> tuple[float, IntArray | None, float]:
    """Return how few free options serve who has to be served, which, and for how little money it can be done; no limit but reach."""
    found = cover_within(table, float(np.finfo(float).max))
    if found is None:
        return np.inf, None, np.inf
    cover, options = found
    written = Cover(cover.reaches, cover.price, problem.options, np.inf).program()
    answer = branch_and_bound(written, Watch(max(watch.remaining_seconds, 10.0)), gap=0.0)
    written.cost[:] = cover.price
    money = branch_and_bound(written, Watch(max(watch.remaining_seconds, 10.0)), gap=0.0)
    chosen = None if answer.values is None else options[answer.values > 0.5]
    return float(np.ceil(answer.bound - TOLERANCE)), chosen, money.bound


def _feasible(problem: ServingProblem, table: MedianTable, watch: Watch) -> IntArray:
    """Return a choice of positions that serves who has to be served, or say why there is none."""
    found = cover_within(table, float(np.finfo(float).max))
    if found is not None:
        cover, options = found
        answer = branch_and_bound(cover.program(), watch, gap=0.0)
        if answer.values is not None and int((answer.values > 0.5).sum()) <= table.sites:
            return options[answer.values > 0.5].astype(np.int32)
    raise SitingError(_conflict(problem, watch))


def _conflict(problem: ServingProblem, watch: Watch) -> list[Fault]:
    """Name what stands in the way of serving everybody who has to be served, the smallest set of conditions first, and what would do."""
    hard = np.isinf(problem.unserved_cost)
    usable = problem.state != OptionState.FORBIDDEN
    needed = float(problem.weight[hard].sum())
    table = median_table(problem, problem.cost, problem.unserved_cost)
    required = int((problem.state == OptionState.REQUIRED).sum())
    fixed_money = float(problem.cost_wan_yuan[problem.state == OptionState.REQUIRED].sum())
    if np.isfinite(problem.capacity[usable]).all():
        places = float(problem.capacity[usable].sum())
        reached = _most_places(problem, hard)
        if reached < needed * (1 - TOLERANCE):
            kind = "serving_needs_places" if places < needed else "serving_needs_places_near"
            return [Fault(kind, details={"needed": needed, "places": reached, "short": needed - reached})]
        allowed = problem.options if problem.most_sites is None else problem.most_sites
        new = np.sort(problem.capacity[usable & (problem.state != OptionState.EXISTING)])[::-1]
        held = float(problem.capacity[problem.state == OptionState.EXISTING].sum()) + np.concatenate(
            [[0.0], np.cumsum(new)]
        )
        by_places = int(np.searchsorted(held, needed * (1 - TOLERANCE)))
        if by_places > allowed:
            return [Fault("serving_needs_sites", details={"needed": by_places, "allowed": allowed})]
    sites, _, money = _fewest(problem, table, watch)
    sites, money = sites + required, money + fixed_money
    if problem.most_sites is not None and sites > problem.most_sites:
        return [Fault("serving_needs_sites", details={"needed": sites, "allowed": problem.most_sites})]
    if problem.budget_wan_yuan is not None and money > problem.budget_wan_yuan * (1 + TOLERANCE):
        return [Fault("serving_needs_money", details={"needed": money, "allowed": problem.budget_wan_yuan})]
    return [Fault("serving_not_found", details={"needed": needed})]


def _most_places(problem: ServingProblem, hard: BoolArray) -> float:
    """Return how many of those who have to be served find a place when everything is open."""
    row = rows_of(problem)
    keep = hard[row]
    table = capacitated_table(problem, np.where(keep, 0.0, 2.0), np.where(hard, 1.0, 0.0))
    sent, _ = table.divided(np.ones(len(table.which), bool))
    return float(sent.sum())
