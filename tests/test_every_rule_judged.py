"""Every rule of every built-in document is judged: nothing is dropped, nothing passes without a value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.judge import rule_verdicts
from livingcircle.kernel.metrics import TOLD
from livingcircle.kernel.metrics.facts import Facts
from livingcircle.model.places import Facilities
from livingcircle.sources.standards import builtin_standards, document_ids, read_standard
from rule_town import districts, homes, objects

VERDICTS = {"met", "unmet", "no_data", "not_applicable"}
REASONS = {
    *("missing", "at_least", "ask", "no_households", "no_residents", "no_elderly", "no_facility", "no_threshold"),
    *(
        "condition",
        "circle",
        "assumed",
        "statistic",
        "size_band",
        "whole_study",
        "design",
        "baseline",
        "stand_in_units",
        "permission",
        "told",
    ),
    *("stand_in_size", "provided_at", "beyond_study", "city_wide", "part_of_city", "excess", "excess_in_some"),
    *("no_streets", "no_units", "nothing_to_measure", "exempt", ""),
}
"""What comes before the colon of a reason."""


def town(standard, offered, known):
    """Put one place of every third service into each community; `known` says whether anything is known of it."""
    services = standard.services
    count = 2 * len(services)
    serves = np.tile(np.eye(len(services), dtype=bool), (2, 1)) & (np.arange(len(services)) % 3 < offered)
    xy = np.column_stack([np.repeat([500.0, 1500.0], len(services)), np.tile(np.linspace(10, 990, len(services)), 2)])
    labels = objects(*(f"f{number}" for number in range(count)))
    numbers = ("floor_m2", "activity_m2", "land_m2", "width_metres", "staff", "capacity", "beds", "classes")
    places = Facilities.plain(
        ids=labels,
        names=labels,
        xy=xy,
        geometry=shapely.points(xy),
        serves=serves,
        **{name: np.full(count, 100.0 if known else np.nan) for name in numbers},
    )
    walks = np.where(serves.any(axis=0), 400.0, np.inf)[:, None] * np.ones(4)
    lines = shapely.linestrings([[[0.0, 500], [2000, 500]]])
    made = Facts(
        homes=homes(),
        facilities=places,
        services=services,
        seconds=walks,
        metres=walks,
        located=serves.any(axis=0),
        surveyed=np.zeros(len(services), bool),
        hours_per_day=np.full(count, 9.0 if known else np.nan),
        street_lines=np.asarray(lines, object),
        street_metres=shapely.length(lines),
    )
    return made, district_of(xy, districts().geometry)


@pytest.mark.parametrize("offered", [0, 1, 3])
@pytest.mark.parametrize("name", [*builtin_standards(), *document_ids()])
def test_every_rule_is_judged(name, offered):
    standard = read_standard(name)
    conditions = {rule.applies_when for rule in standard.rules}
    for known in (True, False):
        facts, where = town(standard, offered, known)
        table = rule_verdicts(facts, standard.rules, districts(), where, conditions=conditions)
        whole = table.unit == -1
        assert table.rule[whole].tolist() == list(range(len(standard.rules))), (
            "one row of the whole study for each rule"
        )
        assert set(table.verdict) <= VERDICTS
        decided = np.isin(table.verdict, ["met", "unmet"])
        assert not np.isnan(table.value[decided]).any()
        assert not np.isnan(table.threshold[decided]).any()
        assert (table.shortfall[table.verdict == "met"] == 0).all()
        assert (table.excess[table.verdict == "met"] == 0).all()
        assert np.isnan(table.shortfall[~decided]).all()
        assert np.isnan(table.excess[~decided]).all()
        out = table.shortfall + table.excess
        assert (out[table.verdict == "unmet"] > 0).all() or any(rule.operator in "<>" for rule in standard.rules)
        past = [number for number, rule in enumerate(standard.rules) if rule.binding == "baseline"]
        assert set(table.verdict[np.isin(table.rule, past)]) <= {"not_applicable"}, "a past value asks for nothing"
        assert all(reason for reason in table.reason[~decided]), "no verdict without a reason"
        codes = {code.partition(":")[0] for reason in table.reason for code in str(reason).split(";")}
        assert codes <= REASONS
        told = [number for number, rule in enumerate(standard.rules) if rule.metric in TOLD]
        assert not (table.verdict[np.isin(table.rule, told)] == "met").any(), "nobody was asked"


def test_without_any_place_nothing_that_needs_one_is_met():
    standard = read_standard("gb50180_2018")
    facts, where = town(standard, 0, known=True)
    table = rule_verdicts(facts, standard.rules, districts(), where)
    met = {standard.rules[number].metric for number in table.rule[table.verdict == "met"]}
    assert met <= {"residents_per_unit", "dwellings_per_unit", "street_km_per_km2", "spacing_metres"}
    surveyed = replace(facts, surveyed=np.ones(len(standard.services), bool))
    rules = [rule for rule in standard.rules if rule.metric == "count" and rule.level != "block"]
    table = rule_verdicts(surveyed, rules, districts(), where)
    assert set(table.verdict) == {"unmet"}
