"""A bound at once, before any relaxation: what each option gives if no other one gave the same people anything.

Covering a demand that needs k options takes k of them, so an option gives at most 1/k of its weight. What the largest givers give together
limits what is covered; how many of them, or at what price, reach what a floor asks for limits sites and money from below.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from livingcircle.kernel.siting.covering import CoveringProblem, Floor, OptionState
from livingcircle.model.columns import FloatArray, IntArray

ROUNDING = 1e-9


def first_bound(problem: CoveringProblem) -> float:
    """Return what no choice betters: the weight covered or the worst share at most, money or sites at least; weights are positive."""
    if problem.objective == "most_covered":
        everyone = np.arange(len(problem.weight), dtype=np.int32)
        return _most(problem, _given(problem, [everyone])[:, 0], everyone)
    floors = problem.floors
    given = _given(problem, [floor.demand for floor in floors])
    if problem.objective == "best_worst_share":
        shares = [
            (floor.already + _most(problem, given[:, number], floor.demand)) / floor.total_weight
            for number, floor in enumerate(floors)
            if floor.total_weight > 0
        ]
        return float(min([1.0, *shares]))
    if problem.objective == "fewest_sites":
        return max((_sites(problem, given[:, number], floor) for number, floor in enumerate(floors)), default=0.0)
    of_service: dict[int, float] = {}
    for number, floor in enumerate(floors):
        services = np.unique(problem.service[given[:, number] > 0])
        if len(services):  # options of different services are different options: what they cost adds up
            service = int(services[0]) if len(services) == 1 else -1
            of_service[service] = max(of_service.get(service, 0.0), _money(problem, given[:, number], floor))
    return max(sum(money for service, money in of_service.items() if service >= 0), of_service.get(-1, 0.0))


def _given(problem: CoveringProblem, groups: list[IntArray]) -> FloatArray:
    """Return what each option gives each group of demands at most (options, groups)."""
    demands = len(problem.weight)
    missing = problem.need > 0
    worth = np.where(missing, problem.weight / np.maximum(problem.need, 1), 0.0)
    table = csr_array((worth[problem.demand], problem.demand, problem.indptr), shape=(problem.options, demands))
    inside = np.concatenate([np.zeros(0, np.int32), *groups])
    column = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    members = csr_array((np.ones(len(inside)), (inside, column)), shape=(demands, len(groups)))
    return np.asarray((table @ members).toarray())


def _sure(problem: CoveringProblem, given: FloatArray, demand: IntArray) -> float:
    """Return what is covered from the start and what existing options may give, which cost nothing."""
    covered = float(problem.weight[demand[problem.need[demand] <= 0]].sum())
    return covered + float(given[problem.state == OptionState.EXISTING].sum())


def _by_site(problem: CoveringProblem, given: FloatArray) -> FloatArray:
    """Return what the new options of each site give together, the largest first."""
    new = (problem.state == OptionState.FREE) | (problem.state == OptionState.REQUIRED)
    of_site = np.asarray(np.bincount(problem.site[new], given[new], len(problem.site_floor_m2)), np.float64)
    return np.sort(of_site)[::-1]


def _most(problem: CoveringProblem, given: FloatArray, demand: IntArray) -> float:
    """Return how much of the weight of these demands can be covered at most."""
    largest = _by_site(problem, given)[: problem.most_sites]
    reached = (_sure(problem, given, demand) + float(largest.sum())) * (1 + ROUNDING)
    return min(float(problem.weight[demand].sum()), reached)


def _sites(problem: CoveringProblem, given: FloatArray, floor: Floor) -> float:
    """Return how many sites what a floor asks for takes at least."""
    short = floor.least_weight * (1 - ROUNDING) - _sure(problem, given, floor.demand)
    if short <= 0:
        return 0.0
    return float(np.searchsorted(np.cumsum(_by_site(problem, given)) * (1 + ROUNDING), short) + 1)


def _money(problem: CoveringProblem, given: FloatArray, floor: Floor) -> float:
    """Return what a floor costs at least, 万元, were options divisible; each pays its part of what opening its site costs."""
    short = floor.least_weight * (1 - ROUNDING) - _sure(problem, given, floor.demand)
    new = (problem.state == OptionState.FREE) | (problem.state == OptionState.REQUIRED)
    sharing = np.bincount(problem.site[new], minlength=len(problem.site_floor_m2))
    part = problem.site_cost_wan_yuan / np.maximum(sharing, 1)
    useful = np.flatnonzero(new & (given > 0))
    if short <= 0 or len(useful) == 0:
        return 0.0
    price, worth = (problem.cost_wan_yuan + part[problem.site])[useful], given[useful]
    order = np.argsort(price / worth, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(worth[order])[:-1]])
    taken = np.clip((short - before) / worth[order], 0.0, 1.0)
    return float((taken * price[order]).sum()) * (1 - ROUNDING)
