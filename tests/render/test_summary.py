import json
import math

import numpy as np
import pytest

from livingcircle.render import tables
from livingcircle.render.summary import overview, summary


@pytest.fixture(scope="module")
def figures(town):
    return summary(town)


def test_it_is_json_without_nan(figures):
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_every_figure_is_that_of_the_tables(town, figures):
    table = tables.coverage(town.study, town.assessment)
    asked = {(rule.service, rule.limit_minutes) for rule in town.study.standard.requirements}
    pairs = zip(table["service_id"], table["limit_minutes"], strict=True)
    table = table[
        (table["scope"] == "study") | np.array([pair in asked for pair in pairs])
    ]  # of districts at other limits, tables only
    assert len(figures["coverage"]) == len(table)
    for said, (_, row) in zip(figures["coverage"], table.iterrows(), strict=True):
        for column in ("residents_covered", "residents_share", "households_share", "homes_share"):
            if math.isnan(row[column]):
                assert said[column] is None
            else:
                assert said[column] == row[column]
    assert [said["verdict"] for said in figures["verdicts"]] == tables.verdicts(town.study, town.assessment)[
        "verdict"
    ].tolist()


def test_counts(figures):
    assert figures["counts"] == {
        "homes": 30,
        "homes_unjoined": 1,
        "residents": 4650.0,
        "households": 1860.0,
        "facilities": 3,
        "facilities_unjoined": 0,
        "candidates": 4,
        "districts": 2,
        "nodes": 30,
        "edges": 49,
        "street_kilometres": 12.25,
    }


def test_both_languages_stand_side_by_side(figures):
    assert figures["title"] == {"zh": "南京试验片区", "en": "Nanjing test town"}
    assert figures["coverage"][0]["service"] == {"zh": "社区卫生服务站", "en": "Community clinic"}
    assert set(figures["warnings"][0]["problem"]) == {"zh", "en"}


def test_plans_bring_their_sites(figures):
    (plan,) = figures["plans"]
    assert [site["candidate_id"] for site in plan["sites"]] == ["C4", "C1"]
    assert plan["status"] == "feasible"
    assert plan["share_before"] < plan["share_after"]


def test_estimates_are_announced(figures, town):
    assert figures["residents_estimated"]
    labels = [label for label, _ in overview(town, "zh")]
    assert "口径说明" in labels


def test_overview_counts_what_is_met_and_what_cannot_be_judged(town):
    said = dict(overview(town, "en"))
    assert said["Requirements met"] == "1 of 3"
    assert said["Insufficient data"].startswith("1;")
    assert said["Wording of clauses"].startswith("The wording of 2 requirements")
    assert said["Walker"] == "all residents, 1.25 m/s (4.5 km/h)"
    assert said["Made at (UTC)"] == town.provenance.started_utc
