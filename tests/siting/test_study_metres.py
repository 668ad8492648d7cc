"""Limits in metres are sited by the metres walked, as coverage is counted, whatever stairs and waits take.

On the street of `written_town` stairs lead from 300 to 500 m; the walker, at 1.25 m/s, takes them at half that pace. Candidates are C1
at 700 m, C2 at 1,400 m. Within 500 m of the pharmacy, at 0 m, are the homes at 100, 300 and 500 m (7 residents), of C1 those at 300, 500,
700 and 1,000 m (2 + 4 + 8 + 16), of C2 those at 1,000 and 1,400 m (16 + 32). In the 400 s that 500 m take on the level nobody gets over the
stairs.
"""

from __future__ import annotations

import pytest

import written_town as w
from livingcircle import cases
from livingcircle.model.interval import Ranges
from livingcircle.settings import read_study
from livingcircle.siting import kept_shares, proposed
from test_metres_with_stairs import STAIRS, town  # noqa: F401 (a fixture)

NEEDED = """\
id: metres
title: {zh: 按米, en: In metres}
rules:
  - {id: pharmacy-500m, level: 10min, service: pharmacy, metric: walk_metres, operator: "<=", value: 500, unit: 米,
     minimum_share: SHARE, verification: read_in_full}
"""


@pytest.fixture
def street(town):  # noqa: F811
    folder = town.parent
    places = [("C1", *w.lonlat(700), "旧粮站", 30), ("C2", *w.lonlat(1400), "车库", 10)]
    w.write_table(folder / "candidates.csv", ("id", "lon", "lat", "名称", "改造费用"), places)

    def loaded(*tasks, share="0.9", more=""):
        (folder / "standard.yaml").write_text(NEEDED.replace("SHARE", share) + more, encoding="utf-8")
        settings = read_study(town, {"siting": [{"service": "pharmacy", **one} for one in tasks], **STAIRS})
        study = cases.load(settings)
        return study, cases.assess(study, settings), settings.siting

    return loaded


def planned(street, *, share="0.9", **task):
    study, assessment, (asked,) = street(task, share=share)
    return proposed(study, assessment, asked)


def test_sites_gain_whom_they_come_within_metres_of(street):
    plan = planned(street, sites=1)
    assert plan.baseline_residents == 7
    assert plan.candidate.tolist() == [1]
    assert plan.marginal_residents.tolist() == [48]
    both = planned(street, sites=2)
    assert both.marginal_residents.sum() == w.TOTAL - 7


def test_backup_counts_two_places_within_metres(street):
    """Within 500 m of two places are the homes at 300 and 500 m (the pharmacy and C1) and at 1,000 m (C1 and C2): 2 + 4 + 16."""
    plan = planned(street, sites=2, backup=2)
    assert plan.marginal_residents.sum() == 22
    assert plan.covered_after.tolist() == [[False, True, True, False, True, False]]


def test_what_may_be_closed_is_judged_in_metres(street):
    """C1 and C2 cover all but the home at 100 m, so that the pharmacy may go for 62 residents in all: 55 more than now, of 56."""
    plan = planned(street, sites=2, most_closed=1)
    assert len(plan.closed) == 0
    assert plan.covered_after.sum() == 6


def test_a_clause_in_metres_is_closed_in_metres(street):
    """34 % of 63 residents are 22: with C2 there are 7 + 48. The eastern community, without any, has all of its own."""
    plan = planned(street, share="0.34", service=None, close_unmet=True)
    assert plan.candidate.tolist() == [1]
    assert plan.clauses_closed.tolist() == [2]


def test_most_are_served_within_metres(street):
    """Of 7 residents within 500 m of the pharmacy and 48 of C2 all are served: a capacity of 48 is taken up whole."""
    plan = planned(street, sites=1, model="most_served", capacity=48, capacity_of_existing=7)
    assert plan.value == 48
    assert plan.baseline_residents == 7


def test_who_finds_no_room_is_told(street):
    """Of 48 residents within 500 m of C2 a capacity of 40 takes 40; nobody else would know of the other 8."""
    plan = planned(street, sites=1, model="most_served", capacity=40, capacity_of_existing=7)
    assert plan.value == 40
    (told,) = [fault for fault in plan.remarks if fault.kind == "plan_no_room"]
    assert told.details["residents"] == 8
    assert (told.details["count"], told.details["examples"]) == (1, ("车库",))


def test_minutes_of_a_task_are_the_walkers_own(street):
    """In 400 s the walker comes from the pharmacy to 300 m only: 3 residents; 500 m are behind the stairs."""
    plan = planned(street, sites=1, limit_minutes=400 / 60)
    assert plan.baseline_residents == 3


def test_pace_moves_no_plan_in_metres(street):
    study, assessment, (task,) = street({"sites": 1})
    plan = proposed(study, assessment, task)
    speeds = Ranges(
        speed_metres_per_second=(0.7, 1.9), crossing=(study.walker.crossing,) * 2, gates=False, join_cap_metres=(50, 50)
    )
    assert kept_shares(study, assessment, task, plan, speeds).tolist() == [1]


def test_clauses_on_shorter_walks_are_told_of_the_picks_that_close_them(street):
    """45 % within 350 m: C2 brings the home at 1,400 m, enough for the study (3 + 32 of 63) and the east, C1 those in the west.

    10 % within 500 m lacks the east alone, which C2 brings.
    """
    shorter = "\n".join(NEEDED.splitlines()[-2:]).replace("500", "350").replace("SHARE", "0.45")
    study, assessment, (task,) = street({"service": None, "close_unmet": True}, share="0.1", more=shorter)
    plan = proposed(study, assessment, task)
    assert plan.candidate.tolist() == [1, 0]
    assert plan.clauses_closed.tolist() == [3, 1]
    assert len(plan.turned) == 4
