"""The tables of an outcome: the one place where positions become ids and names again, and the one source of every figure shown.

Columns have English snake_case names with their unit and hold unrounded values; `labelled` gives the same table as people read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from livingcircle.model.results import Results
from livingcircle.render.tables.access import (
    capacity,
    capacity_facilities,
    choice,
    coverage_own_speed,
    district_access,
    elderly_and_children,
    equity,
    facility_columns,
    home_columns,
    lorenz,
    scores,
)
from livingcircle.render.tables.areas import catchments, gap_areas, gap_totals, isochrone_areas, service_areas
from livingcircle.render.tables.clauses import VERDICTS, answers, clauses, disputes, district_verdicts, rule_verdicts
from livingcircle.render.tables.diagnosis import (
    gap_causes,
    gap_findings,
    gap_list,
    home_causes,
    unit_remedies,
    verdict_remedies,
)
from livingcircle.render.tables.intervals import interval_drivers, interval_members, intervals, ranges_said
from livingcircle.render.tables.judged import verdicts
from livingcircle.render.tables.labels import dictionary, labelled, shown_columns
from livingcircle.render.tables.lookup import district_columns, is_open, present, published
from livingcircle.render.tables.origins import inputs, network_completeness, warnings
from livingcircle.render.tables.people import homes, population_check, population_unplaced, quarantined
from livingcircle.render.tables.places import candidates, facilities, facility_review, merged_facilities, to_look_at
from livingcircle.render.tables.plans import (
    place_name,
    plan_ages,
    plan_clauses,
    plan_dominated,
    plan_frontier,
    plan_homes,
    plan_quality,
    plan_sites,
    plan_stages,
    plan_uncovered,
    rows_of,
    runner_up_said,
)
from livingcircle.render.tables.shares import coverage, coverage_by_age, exchange
from livingcircle.render.tables.shortages import shortages
from livingcircle.render.tables.supply import supply

__all__ = [
    "VERDICTS",
    "Tables",
    "answers",
    "candidates",
    "capacity",
    "capacity_facilities",
    "catchments",
    "choice",
    "clauses",
    "coverage",
    "coverage_by_age",
    "coverage_own_speed",
    "dictionary",
    "disputes",
    "district_access",
    "district_columns",
    "district_verdicts",
    "elderly_and_children",
    "equity",
    "exchange",
    "facilities",
    "facility_review",
    "gap_areas",
    "gap_causes",
    "gap_findings",
    "gap_list",
    "gap_totals",
    "home_causes",
    "homes",
    "inputs",
    "interval_drivers",
    "interval_members",
    "intervals",
    "is_open",
    "isochrone_areas",
    "labelled",
    "lorenz",
    "merged_facilities",
    "network_completeness",
    "place_name",
    "plan_ages",
    "plan_clauses",
    "plan_dominated",
    "plan_frontier",
    "plan_homes",
    "plan_quality",
    "plan_sites",
    "plan_stages",
    "plan_uncovered",
    "population_check",
    "population_unplaced",
    "present",
    "published",
    "quarantined",
    "ranges_said",
    "rows_of",
    "rule_verdicts",
    "runner_up_said",
    "scores",
    "service_areas",
    "shortages",
    "shown_columns",
    "supply",
    "tables_of",
    "to_look_at",
    "unit_remedies",
    "verdicts",
    "warnings",
]

Tables = Mapping[str, pd.DataFrame]


def tables_of(results: Results) -> Tables:
    """Return every table by name, in the order they are written."""
    study, assessment, plans = results.study, results.assessment, results.plans
    tables = {
        "coverage": coverage(study, assessment),
        "coverage_by_age": coverage_by_age(study, assessment),
        "intervals": intervals(results),
        "interval_drivers": interval_drivers(results),
        "interval_members": interval_members(results),
        "scores": scores(study, results.access),
        "equity": equity(study, results.access),
        "lorenz": lorenz(study, results.access),
        "coverage_own_speed": coverage_own_speed(study, results.access),
        "elderly_and_children": elderly_and_children(study, results.access),
        "capacity": capacity(study, results.access),
        "capacity_facilities": capacity_facilities(study, results.access),
        "supply": supply(study),
        "choice": choice(study, results.access),
        "exchange": exchange(study, assessment),
        "verdicts": verdicts(study, assessment, results.intervals),
        "rules": clauses(study, assessment),
        "rule_verdicts": rule_verdicts(study, assessment, verdict_remedies(results)),
        "disputes": disputes(study, assessment),
        "answers": answers(study),
        "isochrones": isochrone_areas(study, results.isochrones),
        "gap_list": gap_list(results),
        "gaps": gap_findings(results),
        "gap_causes": gap_causes(results),
        "home_causes": home_causes(results),
        "shortages": shortages(results),
        "unit_remedies": unit_remedies(results),
        "plan": plan_sites(study, plans),
        "plan_quality": plan_quality(study, plans),
        "plan_frontier": plan_frontier(study, plans),
        "plan_clauses": plan_clauses(study, plans),
        "plan_ages": plan_ages(study, plans),
        "plan_uncovered": plan_uncovered(study, plans),
        "plan_dominated": plan_dominated(study, plans),
        "plan_stages": plan_stages(plans),
        "facilities": facilities(study, assessment, facility_columns(study, results.access)),
        "review": facility_review(study),
        "merged": merged_facilities(study),
        "candidates": candidates(study),
        "homes": homes(study, assessment, home_columns(study, results.access)),
        "quarantined": quarantined(study),
        "population_check": population_check(study),
        "population_unplaced": population_unplaced(study),
        "network_completeness": network_completeness(study),
        "warnings": warnings(study),
        "inputs": inputs(study),
    }
    tables["dictionary"] = dictionary(tables)
    return MappingProxyType(tables)
