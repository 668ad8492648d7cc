"""Limits in metres where a walk takes more than its metres: on the street of `written_town`, from 300 to 500 m there are stairs.

The walker makes 1.25 m/s and takes stairs at half that pace, so that the home at 500 m walks (300 + 2 · 200) ÷ 1.25 = 560 s: more than
500 m would take on the level (400 s), and 500 m all the same. Within 500 m are 1 + 2 + 4 = 7 residents.
"""

from __future__ import annotations

import numpy as np
import pytest

import written_town as w
from livingcircle import cases
from livingcircle.render.levels import shares_of
from livingcircle.render.limit_scene import judged_by, limits_of
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.squares import gather, weights
from livingcircle.render.tables import tables_of
from livingcircle.settings import read_study
from test_limits_in_metres import STANDARD

STAIRS = {"walker": {"stairs_factor": 2.0}}


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    study = w.write_town(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD.replace("0.5", "0.1"), encoding="utf-8")
    streets = tmp_path / "streets.osm"
    refs = [f"<nd ref='{number}'/>" for number in range(1, 17)]
    ways = [(refs[:4], "residential"), (refs[3:6], "steps"), (refs[5:], "residential")]
    parts = [
        f"<way id='{number}' version='1'>{''.join(nodes)}<tag k='highway' v='{kind}'/></way>"
        for number, (nodes, kind) in enumerate(ways, 1)
    ]
    whole = f"<way id='1' version='1'>{''.join(refs)}<tag k='highway' v='residential'/></way>"
    w.change(streets, whole, "".join(parts))
    return study


def whole(frame):
    rows = frame[(frame["scope"] == "study") & (frame["service_id"] == "pharmacy")]
    return rows.set_index(rows["limit_metres"].fillna(rows["limit_minutes"]))


def answered(study, **more):
    return cases.answer(read_study(study, {"siting": [], "candidates": None, **STAIRS, **more}), siting=False)


def test_who_is_within_metres_does_not_hang_on_stairs(town):
    results = answered(town)
    tables = tables_of(results)
    coverage = whole(tables["coverage"])
    assert coverage.loc[500, "residents_covered"] == 7
    assert coverage.loc[10, "residents_covered"] == 7  # 560 s
    assert coverage.loc[5, "residents_covered"] == 3
    (verdict,) = tables["verdicts"].query("scope == 'study'").itertuples()
    (clause,) = tables["rule_verdicts"].query("scope == 'study'").itertuples()
    assert (verdict.verdict, clause.verdict) == ("met", "met")
    assert verdict.residents_share == pytest.approx(clause.within_residents_share)
    assert tables["homes"]["covered_pharmacy-500m"].tolist() == [True, True, True, False, False, False]
    assert results.gaps.residents.sum() == w.TOTAL - 7
    assert np.unique(results.diagnosis.members.home).tolist() == [3, 4, 5]
    assert sorted(results.diagnosis.causes.home.tolist()) == [3, 4, 5]


def test_the_map_colours_by_metres_whom_the_table_counts(town):
    """The third home keeps to 500 m in 560 s: on the map as in the table, and of its square it is told, too."""
    results = answered(town)
    limits = content_of(scene_of(results, "zh"))["services"][0]["limits"]
    assert {one["limit"]: one.get("within") for one in limits} == {
        **dict.fromkeys(("5 分钟", "10 分钟", "15 分钟")),
        "500 米": "111000",
    }
    judged = judged_by(results, 0, results.assessment.reach.seconds[0])
    homes = results.study.homes
    squares = gather(homes, 3)
    shares = shares_of([judged], [limits_of(results.assessment)[0]], weights(homes, squares), squares)
    (at,) = (number for number, one in enumerate(limits) if "within" in one)
    living = np.bincount(squares.square_of, homes.residents)
    assert np.dot(shares[0][at], living) / 100 == pytest.approx(7, abs=0.5)


def test_exchange_between_districts_adds_up_in_metres(town):
    tables = tables_of(answered(town))
    coverage = tables["coverage"].query("scope == 'district' and limit_metres == 500")
    exchange = tables["exchange"].query("limit_metres == 500")
    assert (exchange["residents_by_own"] + exchange["residents_from_outside"]).sum() == 7
    assert coverage["residents_covered"].sum() == 7


def test_metres_stay_metres_at_every_speed_of_an_interval(town):
    """Speeds from 0.7 to 1.9 m/s and waits move who is within 10 minutes, and nobody who is within 500 m."""
    intervals = {"speed_metres_per_second": [0.7, 1.9], "join_cap_metres": [50, 50]}
    for more in ({}, {"walker": {}}):
        tables = tables_of(answered(town, intervals=intervals, **more))
        rows = whole(tables["intervals"])
        assert (rows.loc[500, "interval_low"], rows.loc[500, "interval_high"]) == (7 / w.TOTAL, 7 / w.TOTAL)
        assert rows.loc[10, "interval_low"] < rows.loc[10, "interval_high"]
        (verdict,) = tables["verdicts"].query("scope == 'study'").itertuples()
        assert verdict.verdict_certain


def test_a_limit_in_metres_is_never_taken_for_one_in_minutes(town):
    """At 5/3 m/s 500 m take 300 s, as five minutes do: with stairs these are 3 residents, in metres 7."""
    walker = {"walker": {"stairs_factor": 2.0, "speed_metres_per_second": 500 / 300}}
    coverage = whole(tables_of(answered(town, **walker))["coverage"])
    assert coverage.loc[500, "residents_covered"] == 7
    assert coverage.loc[5, "residents_covered"] == 3
