"""Whole studies judged by rules: from files to verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from livingcircle.cases import assess, load
from livingcircle.errors import InputError
from livingcircle.settings import read_study
from written_town import RESIDENTS, TOTAL, write_town

STANDARD = """\
id: town
title: {zh: 小镇标准, en: Town standard}
edition: "2026"
note: {zh: 测试用, en: for tests}
documents: {TOWN: 小镇标准}
unless_stated: {level: all, statistic: aggregate, binding: mandatory, verification: read_in_full, confidence: high}
rules:
  - {id: walk, clause: "1", quote: "", service: pharmacy, metric: walk_minutes, operator: "<=", value: 10, unit: 分钟}
  - {id: metres, clause: "2", quote: "", service: pharmacy, metric: walk_metres, operator: "<=", value: 500, unit: 米}
  - {id: share, clause: "3", quote: "", service: pharmacy, metric: share_within_walk, operator: ">=",
     value: 0.2, unit: "%", within_minutes: 10}
  - {id: play, clause: "4", quote: "", service: kindergarten, metric: count, operator: ">=", value: 1, unit: 处}
  - {id: hours, clause: "5", quote: "", service: pharmacy, metric: hours_per_day, operator: ">=", value: 8, unit: 小时/天}
  - {id: new, clause: "6", quote: "", service: pharmacy, metric: count, operator: ">=", value: 9, unit: 处, applies_when: new_development}
"""


@pytest.fixture
def judged_town(tmp_path):
    """The town of one street, judged by six rules of its own; its pharmacy at 0 m is open 8 hours."""
    study = write_town(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    path = tmp_path / "pharmacies.csv"
    lines = path.read_text(encoding="gb18030").splitlines()
    hours = ["开放时间", *["09:00-17:00"] * (len(lines) - 1)]
    path.write_text("\n".join(f"{line},{more}" for line, more in zip(lines, hours, strict=True)), encoding="gb18030")
    return study


def whole(study, **overrides):
    """Return the row of the whole study for each rule."""
    settings = read_study(study, {"siting": [], **overrides})
    loaded = load(settings)
    table = assess(loaded, settings).rule_verdicts
    rows = {}
    for row in np.flatnonzero(table.unit == -1):
        rows[loaded.standard.rules[table.rule[row]].id] = {
            name: getattr(table, name)[row] for name in ("verdict", "value", "supply", "reason", "shortfall")
        }
    return rows


def test_rules_are_judged_from_files(judged_town):
    rows = whole(judged_town)
    # 90 % of 63 residents include the sixth home, 1,400 m away: 1,120 s at 1.25 m/s.
    assert (rows["walk"]["verdict"], rows["walk"]["supply"]) == ("unmet", sum(RESIDENTS[:4]))
    assert rows["walk"]["value"] == pytest.approx(1400 / 1.25 / 60, abs=0.05)
    assert rows["metres"]["value"] == pytest.approx(1400, abs=2)
    assert rows["metres"]["shortfall"] == pytest.approx(0.9 * TOTAL - sum(RESIDENTS[:3]))
    assert (rows["share"]["verdict"], rows["share"]["value"]) == ("met", 15 / 63)
    assert (rows["play"]["verdict"], rows["play"]["reason"]) == ("no_data", "missing:facilities")
    assert (rows["hours"]["verdict"], rows["hours"]["value"]) == ("met", 8)
    assert rows["new"]["reason"] == "condition:new_development"


def test_a_slow_walker_takes_longer_but_walks_no_farther(judged_town):
    rows = whole(judged_town, walker={"speed_metres_per_second": 0.625})
    assert rows["walk"]["value"] == pytest.approx(1400 / 0.625 / 60, abs=0.1)
    assert rows["metres"]["value"] == pytest.approx(1400, abs=2)


def test_conditions_and_surveys_are_stated_in_the_study(judged_town):
    rows = whole(judged_town, conditions=["new_development"], surveyed=["幼儿园"])
    assert (rows["new"]["verdict"], rows["new"]["shortfall"]) == ("unmet", 8)
    assert (rows["play"]["verdict"], rows["play"]["shortfall"]) == ("unmet", 1)


def test_a_misspelt_condition_or_service_stops_the_run(judged_town):
    settings = read_study(
        judged_town, {"siting": [], "conditions": ["new_developement", "old_city"], "surveyed": ["幼稚园"]}
    )
    with pytest.raises(InputError) as caught:
        load(settings)
    assert {(fault.kind, fault.column, fault.value) for fault in caught.value.faults} == {
        ("unknown_condition", "conditions[1]", "new_developement"),
        ("unknown_service", "surveyed[1]", "幼稚园"),
    }
