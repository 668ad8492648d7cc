"""Facilities and candidates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from livingcircle.model.outcome import Assessment
from livingcircle.model.places import FACILITY_NUMBERS
from livingcircle.model.standard import ServiceType
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import is_open, join_columns, lonlat_columns, published, type_columns


def facilities(study: Study, assessment: Assessment, more: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Every facility, with the homes and residents it is nearest to; each home counts once however many services it has there.

    Facilities that are not `published` are left out, and so is who comes for a service of which nothing is told place by place. Of what may
    be known of a facility only columns that tell something are shown; `more` are columns (f,) that stand beside those.
    """
    places = study.facilities
    types = study.standard.services
    told_of = np.array([is_open(service) for service in types], bool)
    nearest = assessment.reach.facility
    reached = np.isfinite(assessment.reach.seconds) & (nearest >= 0) & told_of[:, None]
    homes = len(study.homes)
    facility, home = np.divmod(np.unique(nearest[reached] * np.int64(homes) + np.nonzero(reached)[1]), homes)
    offered = [[types[number] for number in np.flatnonzero(row) if is_open(types[number])] for row in places.serves]
    known = {"facility_status": places.status, **{name: getattr(places, name) for name in FACILITY_NUMBERS}}
    known |= {"hours": places.hours, "address": places.address}
    told = {
        name: column
        for name, column in known.items()
        if (column != "" if column.dtype == object else ~np.isnan(column)).any()
    }
    if "facility_status" in told:
        told["facility_status"] = np.where(places.status == "", "unknown", places.status)
    frame = pd.DataFrame(
        {
            "facility_id": places.ids,
            "facility_name": places.names,
            **type_columns("services", offered),
            **lonlat_columns(study, places.xy),
            **join_columns(study.facility_anchors),
            "nearest_homes": np.bincount(facility, minlength=len(places)),
            "nearest_residents": np.bincount(facility, study.homes.residents[home], minlength=len(places)),
            **told,
            **(more or {}),
            "confidence": places.confidence,
            "source": places.source,
        }
    )
    frame.attrs["services"] = {kind.id: (kind.name.zh, kind.name.en) for kind in types}
    return frame[published(study)].reset_index(drop=True)


def facility_review(study: Study) -> pd.DataFrame:
    """Return the rows of lists whose services are in doubt, with a column for the decision of a person, and those already decided."""
    review = study.review
    return pd.DataFrame(
        {
            "facility_id": review.ids,
            "facility_name": review.names,
            "file": review.files,
            "row": review.rows,
            **type_columns("services", review.services),
            "confidence": review.confidence,
            "reason": review.reason,
            **type_columns("alternatives", review.alternatives),
            "decision": review.decisions,
        }
    )


def to_look_at(study: Study) -> Mapping[str, pd.DataFrame]:
    """Return the tables that a check shows beside the files: facilities in doubt, and what was merged."""
    return {"review": facility_review(study), "merged": merged_facilities(study)}


def merged_facilities(study: Study) -> pd.DataFrame:
    """Return what was merged into which facility, and why."""
    merged = study.merged
    return pd.DataFrame(
        {
            "kept_id": merged.kept_ids,
            "merged_id": merged.merged_ids,
            "distance_metres": merged.distance_metres,
            "kept_name": merged.kept_names,
            "merged_name": merged.merged_names,
            "rule": merged.rule,
        }
    )


def candidates(study: Study) -> pd.DataFrame:
    """Every candidate; of what may be known of one only columns that tell something are shown."""
    places = study.candidates
    listed = {
        "capacity": places.capacity,
        "former_use": places.use,
        **{name: np.array(column, object) for name, column in type_columns("may_hold", _may_hold(study)).items()},
        "candidate_status": np.where(places.status == "candidate", "", places.status),
        "origin": places.origin,
    }
    told = {
        name: column
        for name, column in listed.items()
        if (column != "" if column.dtype == object else ~np.isnan(column)).any()
    }
    if "candidate_status" in told:
        told["candidate_status"] = places.status
    return pd.DataFrame(
        {
            "candidate_id": places.ids,
            "candidate_name": places.names,
            **lonlat_columns(study, places.xy),
            "cost_wan_yuan": places.cost_wan_yuan,
            "floor_m2": places.floor_m2,
            **told,
            **join_columns(study.candidate_anchors),
        }
    )


def _may_hold(study: Study) -> list[list[ServiceType]]:
    """Return the services that may move into each candidate (c,), none where all may."""
    types, allowed = study.standard.services, study.candidates.allowed
    if not allowed.shape[1]:
        return [[] for _ in allowed]
    return [[] if row.all() else [types[number] for number in np.flatnonzero(row)] for row in allowed]
