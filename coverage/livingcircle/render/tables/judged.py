"""Verdicts on requirements and on clauses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.interval import Intervals
from livingcircle.model.outcome import Assessment
from livingcircle.model.study import Study
from livingcircle.render.clauses import wording
from livingcircle.render.tables.lookup import present, service_columns, service_numbers, unit_columns


def verdicts(study: Study, assessment: Assessment, intervals: Intervals | None = None) -> pd.DataFrame:
    """Return the verdict on every requirement, with the clause beside it.

    `verdict_certain` says whether it is the same under every assumption of the `intervals`; empty where none were computed, or nothing
    was judged.
    """
    table = assessment.verdicts
    every = study.standard.requirements
    rules = [every[number] for number in table.requirement]
    service = service_numbers(study, every)[table.requirement] if rules else np.zeros(0, np.int32)
    share = assessment.coverage.share()[table.row]
    lowest = np.full(len(table), np.nan) if assessment.cautious is None else assessment.cautious.share()[table.row]
    highest = assessment.coverage.highest_share()[table.row]
    minimum = np.array([rule.minimum_share for rule in rules], float)
    least, most = _bounds(intervals, table.row)
    judged = np.isin(table.verdict.astype(str), ["met", "unmet"]) & ~np.isnan(least)
    certain = np.where(table.verdict == "met", least >= minimum, most < minimum)
    return pd.DataFrame(
        {
            "requirement_id": [rule.id for rule in rules],
            **service_columns(study, service),
            **unit_columns(study, table.district),
            "limit_minutes": [rule.limit_minutes for rule in rules],
            "limit_metres": np.array([rule.limit_metres or np.nan for rule in rules], float),
            "minimum_share": [rule.minimum_share for rule in rules],
            "residents_share": np.where(present(study)[service], share, np.nan),
            "residents_share_one_gate": np.where(present(study)[service], lowest, np.nan),
            "residents_share_highest": np.where(present(study)[service], highest, np.nan),
            "verdict": table.verdict,
            "unmet_with_one_gate": (table.verdict == "met") & (lowest < minimum),
            "met_if_uncertain_covered": (table.verdict == "unmet") & (highest >= minimum),
            "interval_low": np.where(judged, least, np.nan),
            "interval_high": np.where(judged, most, np.nan),
            "verdict_certain": pd.Series(certain, dtype="boolean").where(judged).array,
            "residents_short": table.residents_short,
            "document": [rule.citation.document for rule in rules],
            "document_title": [rule.citation.title for rule in rules],
            "clause": [rule.citation.clause for rule in rules],
            "quote": [wording(rule.citation) for rule in rules],
            "verification": [rule.citation.verification for rule in rules],
            "verified": [rule.citation.verified for rule in rules],
        }
    )


def _bounds(intervals: Intervals | None, row: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest share in these rows of coverage, NaN where no interval was computed."""
    if intervals is None or not len(row):
        return np.full(len(row), np.nan), np.full(len(row), np.nan)
    shares = intervals.shares[:, row]
    return shares.min(axis=0), shares.max(axis=0)
