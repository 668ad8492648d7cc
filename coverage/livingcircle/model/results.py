"""Everything a study answers, in one record: what the map, the tables and the page are made from."""

from __future__ import annotations

from dataclasses import dataclass

from livingcircle.model.access import NO_ACCESS, Access
from livingcircle.model.diagnosis import NO_DIAGNOSIS, Diagnosis
from livingcircle.model.interval import Intervals
from livingcircle.model.outcome import (
    NO_CATCHMENTS,
    NO_SERVICE_AREAS,
    Assessment,
    Catchments,
    GapAreas,
    Isochrones,
    Provenance,
    ServiceAreas,
)
from livingcircle.model.plan import Plan
from livingcircle.model.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """A study and the answers to all its questions.

    `catchments` are those of its facilities, `intervals` how far coverage moves with what was assumed (None where that was not asked for),
    `access` what there is for whom, and how evenly.
    """

    study: Study
    assessment: Assessment
    isochrones: Isochrones
    gaps: GapAreas
    plans: tuple[Plan, ...]
    provenance: Provenance
    catchments: Catchments = NO_CATCHMENTS
    service_areas: ServiceAreas = NO_SERVICE_AREAS
    diagnosis: Diagnosis = NO_DIAGNOSIS
    intervals: Intervals | None = None
    access: Access = NO_ACCESS
