"""Rasters of a study: walking times to every service, and what they add up to at every place on the ground.

A place counts as a home would that is entered there: times come from the same search as those of homes, limits, weights and decays are
those of the study. Services that may not be located are left out of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.decay import decayed
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import TICKS_PER_SECOND, limit_ticks
from livingcircle.kernel.isochrone import catchment_stretches, street_cells, travel_times
from livingcircle.kernel.time_field import FAR, windows
from livingcircle.model.access import Access, LivingCircleScore, ServiceCapacity
from livingcircle.model.outcome import Assessment
from livingcircle.model.study import Study
from livingcircle.model.surface import Surface
from livingcircle.questions import services_open, services_there, walk_of

PER_HEADS = 1000.0
"""Places are told per so many people, as in the tables."""


def surfaces(study: Study, assessment: Assessment, access: Access) -> Iterator[Surface]:
    """Yield walking times to every open service somebody offers, one at a time, then services within limits, their score, and places.

    Of the last three those the study has answers for: a score where its standard has requirements, places where their number is known.
    """
    score, open_services = access.score, services_open(study)
    parts = None if score is None else _Parts(score, tuple(service.id for service in study.standard.services))
    known: NDArray[np.bool_] | None = None
    for service in np.flatnonzero(services_there(study) & open_services):
        times = travel_times(
            study.network,
            walk_of(study),
            assessment.reach.node_seconds[service],
            study.facility_anchors,
            study.facilities.serves[:, service],
        )
        place = (times.west, times.south, times.cell_metres)
        reached = np.isfinite(times.seconds)
        known = reached if known is None else known | reached
        if parts is not None:
            parts.add(int(service), times.seconds)
        yield Surface("travel_time", int(service), times.seconds, *place)
    if known is None:
        return
    cells = street_cells(study.network)
    place = (cells.west, cells.south, cells.cell_metres)
    if parts is not None:
        yield Surface("services_within", -1, _where(known, parts.count), *place)
        yield Surface("living_circle_score", -1, _where(known, parts.score), *place)
    for capacity in access.capacity:
        if capacity.catchment is not None and open_services[capacity.asked.service]:
            yield Surface("places_per_1000", capacity.asked.service, _where(known, _places(study, capacity)), *place)


class _Parts:
    """The parts of the living-circle score of every cell, added up service by service, so that few rasters are in memory at once."""

    def __init__(self, score: LivingCircleScore, services: tuple[str, ...]) -> None:
        self._score = score
        self._limits = dict(zip(score.services.tolist(), score.limits_seconds.tolist(), strict=True))
        self._weights = {service: score.weights.services.get(services[service], 1.0) for service in self._limits}
        self._count: Any = 0.0
        self._reached: Any = 0.0
        self._closeness: Any = 0.0
        self._weakest: Any = 1.0

    def add(self, service: int, seconds: NDArray[np.float32]) -> None:
        """Add one service, if it counts."""
        if service not in self._limits:
            return
        limit, weight = self._limits[service], self._weights[service]
        walk = seconds.astype(float)
        within = covered(walk, limit)
        value = decayed(walk, self._score.range_limits * limit, self._score.decay)
        self._count = self._count + within
        self._reached = self._reached + weight * within
        self._closeness = self._closeness + weight * value
        if weight > 0:
            self._weakest = np.minimum(self._weakest, value)

    @property
    def count(self) -> NDArray[np.float64]:
        """How many of the required services are within their limit."""
        return np.asarray(self._count)

    @property
    def score(self) -> NDArray[np.float64]:
        """The weighted mean of the three parts, as homes have it."""
        total, parts = sum(self._weights.values()), self._score.weights.parts()
        found = parts[0] * self._reached / total + parts[1] * self._closeness / total + parts[2] * self._weakest
        return np.asarray(found)


def _places(study: Study, capacity: ServiceCapacity) -> NDArray[np.float64]:
    """Return how many places per 1,000 of those they are for each cell has within the limit (2SFCA): the second step, from the ground."""
    asked, found = capacity.asked, capacity.catchment
    cells = street_cells(study.network)
    total = np.zeros((cells.rows, cells.columns))
    if found is None:
        return total
    anchors = study.facility_anchors
    offered = np.zeros(anchors.places, bool)
    offered[capacity.facility] = True
    mine = anchors.take(np.flatnonzero(offered[anchors.place]))
    walk, limit = walk_of(study), limit_ticks(asked.limit_seconds)
    reached = catchment_stretches(study.network, walk, mine, limit)
    ratio = np.full(anchors.places, np.nan)
    ratio[capacity.facility] = found.ratio
    for number, window in enumerate(windows(cells, walk, reached, anchors.places)):
        if window is not None and np.isfinite(ratio[number]):
            near = np.flatnonzero((window.ticks < FAR) & (window.beyond <= 0))
            row, column = np.divmod(near, window.width)
            within = covered(window.ticks[near] / TICKS_PER_SECOND, asked.limit_seconds)
            total[row + window.south, column + window.west] += ratio[number] * within
    return PER_HEADS * (asked.per_person or 1.0) * total


def _where(known: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.where(known, values, np.nan).astype(np.float32)
