"""Plans and how good they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from livingcircle.model.outcome import Plan
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import joined, limit_columns, lonlat_columns, present, service_columns


def plan_sites(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the sites of every plan in the order to build them."""
    chosen = joined([plan.chosen for plan in plans], np.int32)
    counts = [len(plan.chosen) for plan in plans]
    cumulative = joined([plan.cumulative_residents for plan in plans], float)
    baseline, total = (
        np.repeat(np.array([getattr(plan, name) for plan in plans], float), counts)
        for name in ("baseline_residents", "total_residents")
    )
    places = study.candidates
    service = np.repeat(np.array([plan.service for plan in plans], np.int32), counts)
    return pd.DataFrame(
        {
            "plan": np.repeat(np.arange(1, len(plans) + 1, dtype=np.int32), counts),
            **service_columns(study, service),
            **limit_columns(study, service, np.repeat(np.array([plan.limit_seconds for plan in plans], float), counts)),
            "rank": joined([np.arange(1, count + 1, dtype=np.int32) for count in counts], np.int32),
            "candidate_id": places.ids[chosen],
            "candidate_name": places.names[chosen],
            **lonlat_columns(study, places.xy[chosen]),
            "cost_wan_yuan": places.cost_wan_yuan[chosen],
            "marginal_residents": joined([plan.marginal_residents for plan in plans], float),
            "cumulative_residents": cumulative,
            "share_after": np.divide(baseline + cumulative, total, out=np.full(len(total), np.nan), where=total > 0),
        }
    )


def plan_quality(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return one row per plan: what it gains, and how far from the best it can be.

    Coverage before and after is unknown where the input holds no facility of the service.
    """
    service = np.array([plan.service for plan in plans], np.int32)
    known = present(study)[service]
    before, after = (
        np.where(known, np.array([getattr(plan, name) for plan in plans], float), np.nan)
        for name in ("share_before", "share_after")
    )
    baseline = np.where(known, np.array([plan.baseline_residents for plan in plans], float), np.nan)
    return pd.DataFrame(
        {
            "plan": np.arange(1, len(plans) + 1, dtype=np.int32),
            **service_columns(study, service),
            **limit_columns(study, service, np.array([plan.limit_seconds for plan in plans], float)),
            "sites_asked": [plan.sites_asked for plan in plans],
            "sites_chosen": [len(plan.chosen) for plan in plans],
            "status": [plan.status for plan in plans],
            "total_residents": [plan.total_residents for plan in plans],
            "baseline_residents": baseline,
            "added_residents": [plan.value for plan in plans],
            "bound_residents": [plan.bound for plan in plans],
            "gap_share": [plan.gap for plan in plans],
            "share_before": before,
            "share_after": after,
        }
    )
