"""How evenly the goods of a living circle are spread: its score, how close each service is, and the places there are for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from livingcircle.kernel.decay import decayed
from livingcircle.kernel.equity import concentration, gini, lorenz_points, mean, palma, theil, worst_mean
from livingcircle.kernel.gauge import WHOLE_STUDY
from livingcircle.kernel.provision import people_of
from livingcircle.kernel.score import units_of
from livingcircle.model.access import EquityTable, LivingCircleScore, LorenzCurves, ServiceCapacity
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import Reach
from livingcircle.model.places import Districts, Homes

PLACES_PER = 1000.0
"""Places are counted for so many people."""


class Good(NamedTuple):
    """What each home (r,) enjoys, not negative, and for whom: `people` (r,)."""

    measure: str
    service: int
    values: FloatArray
    people: FloatArray


def goods(
    reach: Reach, homes: Homes, score: LivingCircleScore | None, capacity: Iterable[ServiceCapacity]
) -> tuple[Good, ...]:
    """Return the goods of which it is asked how evenly they are spread; homes not joined to the streets have none of them."""
    found = []
    if score is not None:
        found.append(Good("score", -1, np.nan_to_num(score.score), homes.residents))
        for service, limit in zip(score.services.tolist(), score.limits_seconds.tolist(), strict=True):
            near = decayed(reach.seconds[service], score.range_limits * limit, score.decay)
            found.append(Good("closeness", service, near, homes.residents))
    for table in capacity:
        if table.catchment is not None:
            people = people_of(homes, table.asked.demand_of)
            places = PLACES_PER * table.catchment.access * (table.asked.per_person or 1.0)
            found.append(Good("places", table.asked.service, places, people))
    return tuple(found)


def equity_table(asked: tuple[Good, ...], homes: Homes, districts: Districts, rank_by: str) -> EquityTable:
    """Measure every good for the whole study, and the score for every district too.

    Homes are ranked by the share of their residents who are of the age group `rank_by`, "" where that is not known. Theil's T is split by
    the smallest districts; homes in none are a group too.
    """
    rank = np.full(len(homes), np.nan)
    if rank_by:
        np.divide(people_of(homes, rank_by), homes.residents, out=rank, where=homes.residents > 0)
    nothing = float("nan")
    rows: list[tuple[float, ...]] = []
    labels: list[str] = []
    for good in asked:
        for unit, members in units_of(homes.district, districts.parent):
            if unit != WHOLE_STUDY and good.measure != "score":
                break
            values, people = good.values[members], good.people[members]
            inside = homes.district[members] if unit == WHOLE_STUDY and len(districts) else None
            parts = theil(values, people, inside)
            ranked = concentration(values, people, rank[members]) if rank_by else nothing
            even = gini(values, people), palma(values, people), *parts, ranked
            whole = people.sum(), mean(values, people), worst_mean(values, people)
            rows.append((good.service, unit, *whole, *even))
            labels.append(good.measure)
    columns = [np.array(column, float) for column in (zip(*rows, strict=True) if rows else [()] * 11)]
    service, unit_, people_, mean_, worst, gini_, palma_, total, between, within, ranked_ = columns
    return EquityTable(
        measure=np.array(labels, object),
        service=service.astype(np.int32),
        unit=unit_.astype(np.int32),
        residents=people_,
        mean=mean_,
        worst_mean=worst,
        gini=gini_,
        palma=palma_,
        theil=total,
        theil_between=between,
        theil_within=within,
        concentration=ranked_,
        rank_by=np.full(len(rows), rank_by, object),
    )


def lorenz_curves(asked: tuple[Good, ...]) -> LorenzCurves:
    """Return the Lorenz curve of every good, for drawing."""
    curves = [lorenz_points(good.values, good.people) for good in asked]
    points = [len(curve.people) for curve in curves]
    return LorenzCurves(
        measure=np.repeat(np.array([good.measure for good in asked], object), points),
        service=np.repeat(np.array([good.service for good in asked], np.int32), points),
        residents_share=np.concatenate([np.empty(0), *(curve.people for curve in curves)]),
        value_share=np.concatenate([np.empty(0), *(curve.good for curve in curves)]),
    )
