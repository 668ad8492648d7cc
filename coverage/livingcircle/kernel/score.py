"""How complete the living circle of each home is, in three parts that are always shown beside each other.

reached     share of the required services within their limit: what the standard asks, yes or no
closeness   their mean value decayed by time: a service at the door is worth more than one just within, one just beyond is not lost
weakest     the decayed value of the farthest of them, and its walk: what is missing most

The score is their weighted mean. Services of which the input holds no facility at all count in none of them: nothing is known of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livingcircle.kernel.decay import decayed
from livingcircle.kernel.equity import mean, quantile
from livingcircle.kernel.gauge import WHOLE_STUDY, covered
from livingcircle.model.access import Decay, LivingCircleScore, ScoreTable, ScoreWeights
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.places import Homes
from livingcircle.model.standard import Requirement

MOST_WALK_LESS = 0.9
"""Of the walk to the farthest required service, the one that this share of residents does not exceed is shown beside the median."""


def living_circle_score(
    seconds: FloatArray,
    requirements: tuple[Requirement, ...],
    services: tuple[str, ...],
    present: BoolArray,
    weights: ScoreWeights,
    decay: Decay,
    range_limits: float,
) -> LivingCircleScore | None:
    """Score every home; None where the standard requires no service that the input holds.

    `seconds` (s, r) are walks to the nearest of each of `services`, NaN for homes not joined to the streets; `present` (s,) tells which of
    them the input holds. A service with several requirements counts once, with the shortest limit.
    """
    limits = required_limits(requirements, services)
    counted = [service for service in sorted(limits) if present[service]]
    weight = np.array([weights.services.get(services[service], 1.0) for service in counted])
    if not weight.any():
        return None
    walks, limit = seconds[counted], np.array([limits[service] for service in counted])
    within = np.stack([covered(walk, most) for walk, most in zip(walks, limit, strict=True)])
    value = np.stack([decayed(walk, range_limits * most, decay) for walk, most in zip(walks, limit, strict=True)])
    asked = weight > 0
    joined = ~np.isnan(walks).any(axis=0)
    reached, closeness = weight @ within / weight.sum(), weight @ value / weight.sum()
    farthest = np.where(asked[:, None], np.nan_to_num(walks, nan=np.inf, posinf=np.inf), -np.inf)
    at = farthest.argmax(axis=0)
    weakest = value[asked].min(axis=0)
    parts = weights.parts()
    score = parts[0] * reached + parts[1] * closeness + parts[2] * weakest
    homes = np.arange(walks.shape[1])
    return LivingCircleScore(
        services=np.array(counted, np.int32),
        limits_seconds=limit,
        unknown=np.array([service for service in sorted(limits) if not present[service]], np.int32),
        weights=weights,
        decay=decay,
        range_limits=range_limits,
        reached=np.where(joined, reached, np.nan),
        closeness=np.where(joined, closeness, np.nan),
        weakest=np.where(joined, weakest, np.nan),
        weakest_seconds=np.where(joined, farthest[at, homes], np.nan),
        weakest_service=np.where(joined, np.array(counted, np.int32)[at], -1).astype(np.int32),
        score=np.where(joined, score, np.nan),
    )


def required_limits(requirements: tuple[Requirement, ...], services: tuple[str, ...]) -> dict[int, float]:
    """Return the shortest limit, in seconds, that is required of each service, by its position."""
    limits: dict[int, float] = {}
    for rule in requirements:
        service = services.index(rule.service)
        limits[service] = min(rule.limit_seconds, limits.get(service, np.inf))
    return limits


def score_table(score: LivingCircleScore, homes: Homes, parent: IntArray) -> ScoreTable:
    """Return the mean score over residents and its parts, for the whole study and each district.

    Homes not joined to the streets count as nothing reached, as they count as not covered elsewhere. `parent` (d,) as in `coverage_table`.
    """
    rows: list[tuple[float, ...]] = []
    for unit, members in units_of(homes.district, parent):
        people, walk = (
            homes.residents[members],
            np.nan_to_num(score.weakest_seconds[members], nan=np.inf, posinf=np.inf),
        )
        parts = [
            mean(np.nan_to_num(part[members]), people)
            for part in (score.score, score.reached, score.closeness, score.weakest)
        ]
        all_reached = mean((score.reached[members] >= 1 - 1e-12).astype(float), people)
        found = score.weakest_service[members]
        counts = np.bincount(found[found >= 0], people[found >= 0])
        farthest = int(counts.argmax()) if counts.any() else -1
        walks = [quantile(walk, people, share) for share in (0.5, MOST_WALK_LESS)]
        rows.append((unit, people.sum(), *parts, all_reached, *walks, farthest))
    units, residents, whole, reached, closeness, weakest, every, half, most, service = zip(*rows, strict=True)
    return ScoreTable(
        unit=np.array(units, np.int32),
        residents=np.array(residents),
        score=np.array(whole),
        reached=np.array(reached),
        closeness=np.array(closeness),
        weakest=np.array(weakest),
        all_reached=np.array(every),
        weakest_median_seconds=np.array(half),
        weakest_most_seconds=np.array(most),
        weakest_service=np.array(service, np.int32),
    )


def units_of(district: IntArray, parent: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Yield the whole study (-1), then every district, and the positions of the homes in each, its smaller districts included."""
    yield WHOLE_STUDY, np.arange(len(district), dtype=np.int32)
    home, unit = np.flatnonzero(district >= 0), district[district >= 0]
    homes, units = [home], [unit]
    while len(home):
        unit = parent[unit]
        home, unit = home[unit >= 0], unit[unit >= 0]
        homes.append(home)
        units.append(unit)
    every, of_unit = np.concatenate(homes), np.concatenate(units)
    order = np.lexsort((every, of_unit))
    ends = np.searchsorted(of_unit[order], np.arange(len(parent) + 1))
    for number in range(len(parent)):
        yield number, every[order[ends[number] : ends[number + 1]]].astype(np.int32)
