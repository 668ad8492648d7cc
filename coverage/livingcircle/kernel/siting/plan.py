"""Maximal covering from problem to plan: reduce, choose greedily, improve and bound exactly, check against the problem as asked."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.siting.exact import PROVEN, prove
from livingcircle.kernel.siting.greedy import greedy, value
from livingcircle.kernel.siting.problem import SitingProblem, reduced
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import Plan


def maximal_covering(problem: SitingProblem, service: int, time_limit_seconds: float) -> Plan:
    """Choose at most `problem.sites` candidates that cover the most residents not yet covered.

    Returns fewer sites when more would gain nothing; `nothing_to_gain` when no candidate reaches an uncovered home. The plan is the better
    of the greedy and the exact one, ordered by gain, and has been checked against the problem before it is returned.
    """
    small = reduced(problem)
    start = greedy(small)
    start_value = value(small, start)
    proof = prove(small, start, start_value, time_limit_seconds)
    best = max(start, proof.chosen, key=lambda chosen: value(small, chosen))
    chosen = small.candidate[greedy(small, among=best)]
    marginal = _marginal_residents(problem, chosen)
    gained = float(marginal.sum())
    bound = max(proof.bound, gained)
    gap = (bound - gained) / bound if bound > 0 else 0.0
    if gap <= PROVEN:
        bound, gap = gained, 0.0
    plan = Plan(
        service=service,
        limit_seconds=problem.cover.limit_seconds,
        sites_asked=problem.sites,
        chosen=chosen,
        marginal_residents=marginal,
        cumulative_residents=np.cumsum(marginal),
        total_residents=float(problem.residents.sum()),
        baseline_residents=float(problem.residents[problem.covered_before].sum()),
        value=gained,
        bound=bound,
        gap=gap,
        status="nothing_to_gain" if not len(chosen) else "optimal" if gap == 0 else "feasible",
        covered_after=problem.covered_before | problem.gained(chosen),
    )
    check(plan, problem)
    return plan


def check(plan: Plan, problem: SitingProblem) -> None:
    """Verify every constraint and number of a plan on the original problem.

    Raises
    ------
    AssertionError
        When the plan opens too many sites or one twice, loses an existing facility, or claims residents it does not cover: a defect of the
        solver or of this program, never of the user's data.
    """
    covered = problem.covered_before.copy()
    for candidate in plan.chosen:
        covered[problem.cover.row(int(candidate))] = True
    residents = float(problem.residents[covered].sum())
    claims = {
        "opens at most the sites asked for": len(plan.chosen) <= problem.sites,
        "opens no site twice": len(set(plan.chosen.tolist())) == len(plan.chosen),
        "keeps all that is covered": bool(np.array_equal(covered, plan.covered_after)),
        "counts residents once": abs(residents - plan.baseline_residents - plan.value) <= 1e-6 * max(residents, 1.0),
        "does not pass its bound": plan.value <= plan.bound * (1 + 1e-9),
    }
    broken = [claim for claim, holds in claims.items() if not holds]
    if broken:
        raise AssertionError("; ".join(broken))


def _marginal_residents(problem: SitingProblem, chosen: IntArray) -> FloatArray:
    covered = problem.covered_before.copy()
    gains = np.zeros(len(chosen))
    for order, candidate in enumerate(chosen):
        row = problem.cover.row(int(candidate))
        gains[order] = problem.residents[row[~covered[row]]].sum()
        covered[row] = True
    return gains
