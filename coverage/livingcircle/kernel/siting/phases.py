"""Plans by years: what is built in a year stays, and every year has sites and money of its own.

The problem has an option for every year a place could be built in, which reaches the demands of that year and all later ones; so the best
plan of all years together is one choice (the multi-period covering of Schilling 1980, Management Science 26:1221-1229), and no year is
bought at the cost of a better later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livingcircle.kernel.siting.covering import Bound, CoveringProblem, OptionState
from livingcircle.model.columns import IntArray


@dataclass(frozen=True, slots=True)
class YearLimit:
    """What may be built within one year; None is no limit. What a year leaves is not carried into the next."""

    most_sites: int | None = None
    budget_wan_yuan: float | None = None


def phased(problem: CoveringProblem, year: IntArray, limits: Sequence[YearLimit]) -> CoveringProblem:
    """Bind options to the limits of the years they are built in.

    `year` (o,) are positions in `limits`. Each site becomes one for every year, numbered `site · years + year`: a building is fitted out
    in one year, with all that moves in (bound `once`), and is paid for in that year (`year_budget`) and counted in it (`year_sites`).
    Existing options have sites of their own, at which nothing new may open; they are there from the first year on, and copies of them for
    later years are left out.
    """
    years = len(limits)
    sites = len(problem.site_floor_m2)
    new = problem.state != OptionState.EXISTING
    site = (problem.site.astype(np.int64) * years + np.where(new, year, 0)).astype(np.int32)
    copies = np.arange(sites * years, dtype=np.int32).reshape(sites, years)
    bounds = [_by_site(bound, copies) for bound in problem.bounds]
    nothing, no_amount = np.empty(0, np.int32), np.empty(0)
    offered = np.zeros(sites * years, bool)
    offered[site[new]] = True
    bounds += [
        Bound("once", place, nothing, no_amount, most=1.0, site=copies[place], site_amount=np.ones(years))
        for place in np.flatnonzero(offered.reshape(sites, years).sum(axis=1) > 1).tolist()
    ]
    site_cost = np.repeat(problem.site_cost_wan_yuan, years)
    for position, limit in enumerate(limits):
        inside = copies[offered.reshape(sites, years)[:, position], position]
        if limit.most_sites is not None:
            ones = np.ones(len(inside))
            bounds.append(
                Bound("year_sites", position, nothing, no_amount, most=limit.most_sites, site=inside, site_amount=ones)
            )
        if limit.budget_wan_yuan is not None:
            own = np.flatnonzero(new & (year == position) & (problem.state != OptionState.FORBIDDEN)).astype(np.int32)
            bounds.append(
                Bound(
                    "year_budget",
                    position,
                    own,
                    problem.cost_wan_yuan[own],
                    most=limit.budget_wan_yuan,
                    site=inside,
                    site_amount=site_cost[inside],
                )
            )
    each = np.arange(years)
    one, other = (side.ravel() for side in np.meshgrid(each, each))
    pairs = [np.column_stack([copies[near, one], copies[far, other]]) for near, far in problem.apart.tolist()]
    return replace(
        problem,
        state=np.where(~new & (year > 0), OptionState.FORBIDDEN, problem.state).astype(np.int8),
        site=site,
        site_cost_wan_yuan=site_cost,
        site_floor_m2=np.repeat(problem.site_floor_m2, years),
        apart=np.concatenate([np.empty((0, 2), np.int32), *pairs]).astype(np.int32),
        bounds=tuple(bounds),
    )


def _by_site(bound: Bound, copies: IntArray) -> Bound:
    """Count a site of a bound in whatever year it is built."""
    amount = np.repeat(bound.site_amount, copies.shape[1])
    return replace(bound, site=copies[bound.site].ravel(), site_amount=amount)
