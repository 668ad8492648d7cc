"""Apply limits and requirements to walking times: who is covered, how many, and what the standard says to that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from livingcircle.kernel.graph import TICKS_PER_SECOND, limit_ticks
from livingcircle.kernel.totals import rolled_up
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.outcome import NO_AGES, AgeCoverageTable, CoverageTable, VerdictTable
from livingcircle.model.places import Homes
from livingcircle.model.standard import Requirement

ServiceLimits = tuple[tuple[int, float], ...]
"""What is counted: services by position, in order, and the limits of each in seconds, the shorter first."""
WHOLE_STUDY = -1
"""Position that stands for all districts together, and for homes in none."""


def covered(seconds: FloatArray, limit_seconds: float) -> BoolArray:
    """Return who is covered: a walk of exactly the limit is; unreachable (`inf`) and unknown (NaN) are not.

    Walks are whole ticks, so the limit is too; nothing is rounded to minutes.
    """
    return seconds <= limit_ticks(limit_seconds) / TICKS_PER_SECOND


def uncertain(seconds: FloatArray, cut_seconds: FloatArray, limit_seconds: float) -> BoolArray:
    """Return who is not covered in the data but might be in truth: they reach the end of the data within the limit.

    `cut_seconds` (r,) is the walk to the nearest place where a street was cut off (`kernel.edge.seconds_to_cut`); every facility that the
    data do not show lies farther. Whoever is covered stays covered: what lies beyond makes no walk longer.
    """
    return ~covered(seconds, limit_seconds) & covered(cut_seconds, limit_seconds)


def services_present(serves: BoolArray, joined: BoolArray) -> BoolArray:
    """Return which services (s,) any facility offers that walkers can get to; of the others nothing is known.

    `serves` (f, s) says who offers what, `joined` (f,) which facilities met a street.
    """
    return np.asarray(serves[joined].any(axis=0))


def coverage_table(
    seconds: FloatArray,
    homes: Homes,
    joined: BoolArray,
    limits: ServiceLimits,
    parent: IntArray,
    cut_seconds: FloatArray | None = None,
) -> CoverageTable:
    """Count residents, households and homes within the limits of each service, for the whole study and each district.

    `limits` are the services and the limits each is counted at, seconds; `seconds` (s, r) are walking times, `joined` (r,) tells which
    homes met a street, `cut_seconds` (r,) how far they are from the end of the data; None when the data are known to end nowhere. `parent`
    (d,) is the district each district is part of, -1 for none: a home counts in its own and in all those. Rows come by service, limit, then
    the whole study before the districts in order.
    """
    districts = len(parent)
    weights = {"residents": homes.residents, "households": homes.households, "homes": np.ones(len(homes))}
    per_district = _Districts(homes.district, parent)
    totals = {name: per_district(weight) for name, weight in weights.items()}
    unjoined = per_district(homes.residents * ~joined)
    within = {
        name: [per_district(weight * covered(seconds[service], limit)) for service, limit in limits]
        for name, weight in weights.items()
    }
    beyond = np.full(len(homes), np.inf) if cut_seconds is None else cut_seconds
    unsure = [per_district(homes.residents * uncertain(seconds[service], beyond, limit)) for service, limit in limits]
    rows = districts + 1
    return CoverageTable(
        service=np.repeat([service for service, _ in limits], rows).astype(np.int32),
        limit_seconds=np.repeat([limit for _, limit in limits], rows).astype(float),
        district=np.tile(np.arange(WHOLE_STUDY, districts, dtype=np.int32), len(limits)),
        residents=np.tile(totals["residents"], len(limits)),
        residents_covered=np.concatenate([np.zeros(0), *within["residents"]]),
        households=np.tile(totals["households"], len(limits)),
        households_covered=np.concatenate([np.zeros(0), *within["households"]]),
        homes=np.tile(totals["homes"], len(limits)),
        homes_covered=np.concatenate([np.zeros(0), *within["homes"]]),
        residents_unjoined=np.tile(unjoined, len(limits)),
        residents_uncertain=np.concatenate([np.zeros(0), *unsure]),
    )


def residents_covered(seconds: FloatArray, homes: Homes, limits: ServiceLimits, parent: IntArray) -> FloatArray:
    """Count the residents within the limits of each service, in the rows of `coverage_table`, and nothing else of it."""
    per_district = _Districts(homes.district, parent)
    return np.concatenate(
        [np.zeros(0)] + [per_district(homes.residents * covered(seconds[service], limit)) for service, limit in limits]
    )


class _Districts(NamedTuple):
    """Sums over all homes, then over those of each district and what it holds: `district` (r,) of each home, `parent` (d,)."""

    district: IntArray
    parent: IntArray

    def __call__(self, weight: FloatArray) -> FloatArray:
        each = np.bincount(self.district + 1, weights=weight, minlength=len(self.parent) + 1)
        return np.concatenate([[weight.sum()], rolled_up(each[1:], self.parent)])


def age_coverage_table(seconds: FloatArray, homes: Homes, limits: ServiceLimits, parent: IntArray) -> AgeCoverageTable:
    """Count the residents of each age group within the limits of each service, for the whole study and each district.

    `seconds` (s, r) are walking times; `limits` and `parent` (d,) as in `coverage_table`. Rows come by service, limit, the whole
    study before the districts in order, then by group. No rows where no ages are known.
    """
    groups, units = len(homes.age_groups), len(parent) + 1
    if not groups or not limits:
        return NO_AGES

    def per_district(people: FloatArray) -> FloatArray:
        """(d + 1, g): all residents (r, g), then those of each district."""
        each = np.column_stack(
            [rolled_up(np.bincount(homes.district + 1, of_age, minlength=units)[1:], parent) for of_age in people.T]
        )
        return np.concatenate([people.sum(axis=0)[None], each])

    total = per_district(homes.residents_by_age)
    within = [
        per_district(homes.residents_by_age * covered(seconds[service], limit)[:, None]) for service, limit in limits
    ]
    return AgeCoverageTable(
        service=np.repeat([service for service, _ in limits], units * groups).astype(np.int32),
        limit_seconds=np.repeat([limit for _, limit in limits], units * groups).astype(float),
        district=np.tile(np.repeat(np.arange(WHOLE_STUDY, units - 1, dtype=np.int32), groups), len(limits)),
        age_group=np.tile(np.arange(groups, dtype=np.int32), len(limits) * units),
        residents=np.tile(total.ravel(), len(limits)),
        residents_covered=np.concatenate([each.ravel() for each in within]),
    )


def verdict_table(
    coverage: CoverageTable,
    requirements: tuple[Requirement, ...],
    services: tuple[str, ...],
    present: BoolArray,
    districts: int,
) -> VerdictTable:
    """Judge every requirement for the whole study and each district.

    `services` are the ids in the order of the coverage table, `present` (s,) tells which of them the input holds at all: a service that is
    nowhere in it gives `no_data`, not `unmet`, for the input may simply not record it. A district without residents is `not_applicable`.
    `residents_short` is how many more residents would have to be covered.
    """
    units = districts + 1
    row = np.concatenate(
        [coverage.rows(services.index(rule.service), rule.limit_seconds) for rule in requirements]
        or [np.empty(0, np.intp)]
    )
    minimum = np.repeat([rule.minimum_share for rule in requirements], units)
    known = np.repeat([present[services.index(rule.service)] for rule in requirements], units).astype(bool)
    share, residents = coverage.share("residents")[row], coverage.residents[row]
    verdict = np.where(share >= minimum, "met", "unmet").astype(object)
    verdict[~known] = "no_data"
    verdict[residents == 0] = "not_applicable"
    short = np.where(verdict == "met", 0.0, minimum * residents - coverage.residents_covered[row])
    short[(verdict == "no_data") | (verdict == "not_applicable")] = np.nan
    return VerdictTable(
        requirement=np.repeat(np.arange(len(requirements), dtype=np.int32), units),
        district=coverage.district[row],
        row=row.astype(np.int32),
        verdict=verdict,
        residents_short=short,
    )
