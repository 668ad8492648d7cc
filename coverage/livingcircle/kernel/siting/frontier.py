"""What more sites or more money buy: plans none of which is better in every respect than another.

Number of sites or money is raised step by step (the ε-constraint method: Haimes, Lasdon and Wismer 1971, IEEE Transactions on Systems,
Man, and Cybernetics 1:296-297). At every step one plan is sought that covers most, one whose worst-off district fares best and, of all of
these, covers most, and one with the shortest walk. Each comes with the proof of what it was sought for; what another plan equals or
betters in every respect is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livingcircle.errors import SitingError
from livingcircle.kernel.equity import gini
from livingcircle.kernel.siting.covering import CoveringProblem, Floor, OptionState
from livingcircle.kernel.siting.explain import new_options
from livingcircle.kernel.siting.serving import ServingProblem
from livingcircle.kernel.siting.solution import Solution, Watch
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.plan import NO_FRONTIER, Frontier

By = Literal["sites", "money"]
SolveCovering = Callable[[CoveringProblem, Watch], Solution]
SolveServing = Callable[[ServingProblem, Watch], Solution]
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What plans of a frontier are compared by, beside the covered weight of their problem.

    `already` is weight covered whatever is chosen, and in no demand. `groups` are the districts (their `least_weight` does not matter).
    `walks` has the options of the problem and, as cost of not being served, the walk to what exists; None where walks are not compared.
    No walk should count as longer than a cap, or a plan that brings people far away to any place at all would seem worse.
    """

    already: float
    groups: tuple[Floor, ...] = ()
    walks: ServingProblem | None = None


def frontier(
    problem: CoveringProblem,
    weighed: Weighed,
    levels: Sequence[float],
    by: By,
    solve: SolveCovering,
    solve_walks: SolveServing | None = None,
    *,
    points: int = 15,
    seconds: float = 30.0,
    is_stopped: Callable[[float, float], bool] | None = None,
) -> Frontier:
    """Solve at every level, and keep what nothing dominates.

    Parameters
    ----------
    problem
        What is asked, with whatever binds it beside the level; its own objective is not used.
    levels
        Numbers of sites or amounts in 万元, ascending; levels that no plan can meet are left out.
    solve, solve_walks
        The solvers. Without `solve_walks` no plan is sought for the shortest walk, but those found still tell their own.
    points
        At most so many plans are sought; where levels × aims are more, levels are thinned out evenly.
    seconds
        For all of them together; a step that ends early leaves its time to the others.
    is_stopped
        That of `Watch`: what was found until then is returned.
    """
    aims = ["most_covered", "best_worst_share", "least_walk"]
    if len(weighed.groups) < 2:  # one district has no worst
        aims.remove("best_worst_share")
    if solve_walks is None or weighed.walks is None:
        aims.remove("least_walk")
    chosen = thinned(levels, max(1, points // len(aims)))
    watch = Watch(time_limit_seconds=seconds)
    steps = [(_limited(problem, level, by), aim) for level in chosen for aim in aims]
    found: list[Frontier] = []
    for number, (bound, aim) in enumerate(steps):
        own = Watch(time_limit_seconds=watch.remaining_seconds / (len(steps) - number))
        if is_stopped is not None:
            own.is_stopped = is_stopped
        try:
            solution = _sought(bound, weighed, aim, own, solve, solve_walks)
        except SitingError:
            continue
        found.append(_weigh(problem, weighed, solution, aim))
        if own.stopped:
            break
    if not found:
        return NO_FRONTIER
    every = found[0]
    for one in found[1:]:
        every = every.followed_by(one)
    every = every.take(np.lexsort((-every.covered_residents, every.sites if by == "sites" else every.cost_wan_yuan)))
    return replace(every.take(undominated(criteria(every, by))), by=by)


def thinned(levels: Sequence[float], most: int) -> list[float]:
    """Return at most so many levels, evenly taken, the last always among them."""
    ordered = sorted(set(levels))
    if len(ordered) <= most:
        return ordered
    place = np.unique(np.rint(np.linspace(len(ordered) / most - 1, len(ordered) - 1, most)).astype(int))
    return [ordered[one] for one in place]


def criteria(plans: Frontier, by: By) -> FloatArray:
    """Return what plans are compared by (p, 4), more being better: sites or money, covered, worst share, mean walk."""
    spent = plans.sites.astype(np.float64) if by == "sites" else plans.cost_wan_yuan
    return np.column_stack([-spent, plans.covered_residents, plans.worst_share, -plans.mean_seconds])


def undominated(worth: FloatArray) -> BoolArray:
    """Return which rows (p,) no other equals or betters in every column; of rows alike the first stays. Unknown counts as equal."""
    worth = np.where(np.isnan(worth), 0.0, worth)
    slack = _SAME * np.maximum(np.abs(worth).max(axis=0, initial=0.0), 1.0)
    stays = np.ones(len(worth), bool)
    for row, own in enumerate(worth):
        no_worse = (worth >= own - slack).all(axis=1)
        better = (worth > own + slack).any(axis=1)
        alike = no_worse & ~better & (np.arange(len(worth)) < row)
        stays[row] = not (no_worse & better).any() and not alike.any()
    return stays


def _limited(problem: CoveringProblem, level: float, by: By) -> CoveringProblem:
    if by == "sites":
        return replace(problem, objective="most_covered", most_sites=int(level))
    return replace(problem, objective="most_covered", budget_wan_yuan=float(level))


def _sought(
    problem: CoveringProblem,
    weighed: Weighed,
    aim: str,
    watch: Watch,
    solve: SolveCovering,
    solve_walks: SolveServing | None,
) -> Solution:
    if aim == "most_covered":
        return solve(problem, watch)
    if aim == "best_worst_share":
        return _fairest(problem, weighed.groups, watch, solve)
    assert weighed.walks is not None and solve_walks is not None  # noqa: S101, PT018 - aims name it only then
    walks = replace(
        weighed.walks,
        objective="least_total",
        state=problem.state,
        cost_wan_yuan=problem.cost_wan_yuan + problem.site_cost_wan_yuan[problem.site],
        most_sites=problem.most_sites,
        budget_wan_yuan=problem.budget_wan_yuan,
    )
    return solve_walks(walks, watch)


def _fairest(problem: CoveringProblem, groups: tuple[Floor, ...], watch: Watch, solve: SolveCovering) -> Solution:
    """Find the best worst share; then, of all plans that reach it, the one that covers most."""
    populated = tuple(replace(group, least_weight=0.0) for group in groups if group.total_weight > 0)
    half = Watch(time_limit_seconds=watch.remaining_seconds / 2)
    fair = solve(replace(problem, objective="best_worst_share", floors=(*problem.floors, *populated)), half)
    kept = tuple(
        replace(group, least_weight=max(0.0, fair.value * group.total_weight - group.already) * (1 - _SAME))
        for group in populated
    )
    try:
        most = solve(replace(problem, floors=(*problem.floors, *kept)), watch)
    except SitingError:  # the share is reached, if only by what was found first
        return fair
    return replace(fair, opened=most.opened)


def _weigh(problem: CoveringProblem, weighed: Weighed, solution: Solution, aim: str) -> Frontier:
    opened = solution.opened
    new = new_options(problem, opened)
    sites = np.unique(problem.site[new])
    covered = problem.covered(opened)
    total = np.array([group.total_weight for group in weighed.groups])
    held = np.array([problem.weight[group.demand[covered[group.demand]]].sum() for group in weighed.groups])
    already = np.array([group.already for group in weighed.groups])
    peopled = total > 0
    shares = (already + held)[peopled] / total[peopled] if peopled.any() else np.empty(0)
    opened_ = np.empty(1, object)
    opened_[0] = new
    return Frontier(
        sites=np.array([len(sites)], np.int32),
        cost_wan_yuan=np.array([problem.cost_wan_yuan[new].sum() + problem.site_cost_wan_yuan[sites].sum()]),
        covered_residents=np.array([weighed.already + problem.weight[covered].sum()]),
        worst_share=np.array([shares.min() if len(shares) > 1 else np.nan]),
        gini=np.array([gini(shares, total[peopled]) if len(shares) > 1 else np.nan]),
        mean_seconds=np.array([np.nan if weighed.walks is None else mean_walk(weighed.walks, opened)]),
        objective=np.array([aim], object),
        value=np.array([solution.value]),
        bound=np.array([solution.bound]),
        gap=np.array([solution.gap]),
        status=np.array([solution.status], object),
        opened=opened_,
    )


def mean_walk(walks: ServingProblem, opened: IntArray) -> float:
    """Return the mean walk of all people to the nearest of what exists and what is opened; NaN of nobody."""
    is_open = np.zeros(walks.options, bool)
    is_open[opened] = True
    usable = is_open[walks.option]
    demand = np.repeat(np.arange(len(walks.weight)), np.diff(walks.indptr))[usable]
    least = walks.unserved_cost.astype(np.float64).copy()
    np.minimum.at(least, demand, walks.cost[usable])
    people = walks.weight.sum()
    return float((least * walks.weight)[walks.weight > 0].sum() / people) if people > 0 else float("nan")


def levels_up_to(problem: CoveringProblem, most: float, by: By) -> list[float]:
    """Return every number of sites up to `most`, or twenty equal steps of money; not fewer than what is required takes."""
    required = problem.state == OptionState.REQUIRED
    sites = np.unique(problem.site[required])
    if by == "sites":
        free = len(np.unique(problem.site[problem.state == OptionState.FREE]))
        return [float(one) for one in range(max(1, len(sites)), min(int(most), free + len(sites)) + 1)]
    least = problem.cost_wan_yuan[required].sum() + problem.site_cost_wan_yuan[sites].sum()
    return [float(one) for one in np.linspace(0, most, 21)[1:] if one >= least]
