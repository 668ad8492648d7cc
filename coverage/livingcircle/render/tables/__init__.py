"""The tables of an outcome: the one place where positions become ids and names again, and the one source of every figure shown.

Columns have English snake_case names with their unit and hold unrounded values; `labelled` gives the same table as people read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from livingcircle.render.tables.checklist import checklist
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
    "checklist",
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
    "table_of",
    "tables_of",
    "to_look_at",
    "unit_remedies",
    "verdicts",
    "warnings",
]

_MAKERS: Mapping[str, Callable[[Results], pd.DataFrame]] = MappingProxyType(
    {
        "coverage": lambda of: coverage(of.study, of.assessment),
        "coverage_by_age": lambda of: coverage_by_age(of.study, of.assessment),
        "intervals": intervals,
        "interval_drivers": interval_drivers,
        "interval_members": interval_members,
        "scores": lambda of: scores(of.study, of.access),
        "equity": lambda of: equity(of.study, of.access),
        "lorenz": lambda of: lorenz(of.study, of.access),
        "coverage_own_speed": lambda of: coverage_own_speed(of.study, of.access),
        "elderly_and_children": lambda of: elderly_and_children(of.study, of.access),
        "capacity": lambda of: capacity(of.study, of.access),
        "capacity_facilities": lambda of: capacity_facilities(of.study, of.access),
        "supply": lambda of: supply(of.study),
        "choice": lambda of: choice(of.study, of.access),
        "exchange": lambda of: exchange(of.study, of.assessment),
        "verdicts": lambda of: verdicts(of.study, of.assessment, of.intervals),
        "rules": lambda of: clauses(of.study, of.assessment),
        "rule_verdicts": lambda of: rule_verdicts(of.study, of.assessment, verdict_remedies(of)),
        "disputes": lambda of: disputes(of.study, of.assessment),
        "answers": lambda of: answers(of.study),
        "checklist": lambda of: checklist(of.study),
        "isochrones": lambda of: isochrone_areas(of.study, of.isochrones),
        "gap_list": gap_list,
        "gaps": gap_findings,
        "gap_causes": gap_causes,
        "home_causes": home_causes,
        "shortages": shortages,
        "unit_remedies": unit_remedies,
        "plan": lambda of: plan_sites(of.study, of.plans),
        "plan_quality": lambda of: plan_quality(of.study, of.plans),
        "plan_frontier": lambda of: plan_frontier(of.study, of.plans),
        "plan_clauses": lambda of: plan_clauses(of.study, of.plans),
        "plan_ages": lambda of: plan_ages(of.study, of.plans),
        "plan_uncovered": lambda of: plan_uncovered(of.study, of.plans),
        "plan_dominated": lambda of: plan_dominated(of.study, of.plans),
        "plan_stages": lambda of: plan_stages(of.plans),
        "facilities": lambda of: facilities(of.study, of.assessment, facility_columns(of.study, of.access)),
        "review": lambda of: facility_review(of.study),
        "merged": lambda of: merged_facilities(of.study),
        "candidates": lambda of: candidates(of.study),
        "homes": lambda of: homes(of.study, of.assessment, home_columns(of.study, of.access)),
        "quarantined": lambda of: quarantined(of.study),
        "population_check": lambda of: population_check(of.study),
        "population_unplaced": lambda of: population_unplaced(of.study),
        "network_completeness": lambda of: network_completeness(of.study),
        "warnings": lambda of: warnings(of.study),
        "inputs": lambda of: inputs(of.study),
    }
)
"""Every table by name, in the order they are written."""


def table_of(results: Results, name: str) -> pd.DataFrame:
    """Return one table by name."""
    return _MAKERS[name](results)


class Tables(Mapping[str, pd.DataFrame]):
    """Every table of some results by name, in the order they are written; each is made once, when it is first asked for."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            of_all = name == "dictionary"
            self._made[name] = (
                dictionary({one: self[one] for one in _MAKERS}) if of_all else _MAKERS[name](self._results)
            )
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*_MAKERS, "dictionary"))

    def __len__(self) -> int:
        return len(_MAKERS) + 1


def tables_of(results: Results) -> Tables:
    """Return every table by name; to be handed on to all who read them."""
    return Tables(results)
