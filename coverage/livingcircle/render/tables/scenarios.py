"""What a scenario comes to beside today: coverage, score, places and clauses; and what each of its changes did."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from livingcircle.model.columns import IntArray
from livingcircle.model.outcome import CoverageTable
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.standard import seconds_of
from livingcircle.render.tables.access import capacity, scores
from livingcircle.render.tables.clauses import verdict_rows
from livingcircle.render.tables.lookup import present, service_columns, service_numbers, unit_columns

_BEFORE = re.compile(r"(_zh|_en|)$")
"""Where in the name of a column it says that it is of today; the language stays last."""
_UNIT = ("scope", "district_id", "district_name", "district_level")
_SERVICE = ("service_id", "service_zh", "service_en")
_CLAUSE = (
    *("rule_id", "basis", "requirement_zh", "requirement_en", "judged_zh", "judged_en"),
    *("scope", "district_id", "district_name"),
)


def scenario_coverage(tried: TriedScenario, shown_minutes: tuple[float, ...]) -> pd.DataFrame:
    """Return coverage today and in a scenario: a row per limit and district, of every service somebody offers before or after.

    First come the requirements it is judged by, with both verdicts, then the limits in minutes that are shown for every service.
    """
    study = tried.study
    rules = tried.standard.requirements
    number = service_numbers(study, rules)
    units = len(study.districts) + 1
    asked = np.repeat(number, units).astype(np.int32)
    open_to = np.flatnonzero(present(study)).tolist()
    limits = [(service, seconds_of(minutes)) for service in open_to for minutes in shown_minutes]
    service = np.repeat(np.array([one for one, _ in limits], np.int32), units)
    before = np.concatenate([tried.verdicts_before.row, _rows(tried.coverage_before, limits)])
    after = np.concatenate([tried.verdicts.row, _rows(tried.coverage, limits)])
    seconds = np.concatenate(
        [tried.coverage.limit_seconds[tried.verdicts.row], np.repeat([s for _, s in limits], units)]
    )
    metres = np.repeat(np.array([rule.limit_metres or np.nan for rule in rules], float), units)
    none = np.full(len(service), "", object)
    everywhere = np.concatenate([asked, service])
    first, last = tried.coverage_before.share(), tried.coverage.share()
    people = tried.coverage_before.residents_covered, tried.coverage.residents_covered
    known = present(study)[everywhere]
    return pd.DataFrame(
        {
            "scenario": tried.id,
            **service_columns(study, everywhere),
            "limit_minutes": seconds / 60,
            "limit_metres": np.concatenate([metres, np.full(len(service), np.nan)]),
            "requirement_id": np.concatenate([np.repeat([rule.id for rule in rules], units).astype(object), none]),
            **unit_columns(study, tried.coverage.district[after]),
            "residents": tried.coverage.residents[after],
            "residents_covered_before": people[0][before],
            "residents_covered": people[1][after],
            "residents_change": people[1][after] - people[0][before],
            "share_before": np.where(known, first[before], np.nan),
            "share_after": np.where(known, last[after], np.nan),
            "verdict_before": np.concatenate([tried.verdicts_before.verdict, none]),
            "verdict": np.concatenate([tried.verdicts.verdict, none]),
        }
    )


def scenario_scores(tried: TriedScenario) -> pd.DataFrame:
    """Return the living-circle score today and in a scenario, by unit; no rows where there is none."""
    before, after = scores(tried.study, tried.standing_before.access), scores(tried.study, tried.standing.access)
    own = [*_UNIT, "residents", "living_circle_score", "all_reached_share"]
    return _beside(before[own], after[own], [*_UNIT, "residents"])


def scenario_capacity(tried: TriedScenario) -> pd.DataFrame:
    """Return places beside those who need them, today and in a scenario, by service and unit; NaN where nothing was known before."""
    own = [*_UNIT, *_SERVICE, "limit_minutes", "supply_of", "needed", "served", "unmet", "served_share"]
    before, after = (capacity(tried.study, one.access)[own] for one in (tried.standing_before, tried.standing))
    return _beside(before, after, [*_UNIT, *_SERVICE, "limit_minutes", "supply_of"])


def scenario_clauses(tried: TriedScenario) -> pd.DataFrame:
    """Return the clauses whose verdict or figure a scenario changes, by unit, with what was found today and in the scenario."""
    before, after = tried.standing_before.clauses, tried.standing.clauses
    same = (before.value == after.value) | (np.isnan(before.value) & np.isnan(after.value))
    differs = ~same | (before.verdict != after.verdict)
    own = [*_CLAUSE, "verdict", "found_zh", "found_en", "value", "shortfall"]
    first, last = (verdict_rows(tried.study, table.rows(differs))[own] for table in (before, after))
    return _beside(first, last, list(_CLAUSE))


def _beside(before: pd.DataFrame, after: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Put two tables of the same columns side by side; rows of `before` that are missing there are empty."""
    others = {name: _BEFORE.sub(r"_before\1", str(name), count=1) for name in after if name not in keys}
    joined = after.merge(before.rename(columns=others), on=keys, how="left", validate="one_to_one")
    return joined[[*keys, *(one for name, then in others.items() for one in (then, name))]]


def scenario_changes(tried: TriedScenario) -> pd.DataFrame:
    """Return what each change of a scenario did, in the order they were made."""
    effects = tried.effects
    return pd.DataFrame(
        {
            "scenario": tried.id,
            "rank": np.arange(1, len(effects) + 1, dtype=np.int32),
            "change": effects.kind,
            "homes_changed": effects.homes,
            "required_residents_gained": effects.residents_gained,
        }
    )


def _rows(coverage: CoverageTable, limits: list[tuple[int, float]]) -> IntArray:
    found = [coverage.rows(int(service), limit) for service, limit in limits]
    return np.concatenate([np.empty(0, np.int32), *found]).astype(np.int32)
