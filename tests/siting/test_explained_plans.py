"""The frontier and the steadiness of plans of the sample, told from its own walks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livingcircle import cases
from livingcircle.errors import SitingError
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.siting.frontier import criteria, undominated
from livingcircle.questions import ranges_of
from livingcircle.settings import read_study
from livingcircle.siting import kept_shares, proposed

STUDY = Path(__file__).parents[2] / "configs" / "qinghe.yaml"
TASK = {"service": "outdoor_fitness", "limit_minutes": 5, "sites": 2, "group": "residents"}


def asked(**more):
    (task,) = read_study(STUDY, {"siting": [TASK | more]}).siting
    return task


@pytest.fixture(scope="module")
def qinghe():
    settings = read_study(STUDY, {"siting": [TASK], "intervals": {}})
    study = cases.load(settings)
    return study, settings, cases.assess(study, settings)


def test_a_frontier_holds_the_plan_itself_and_nothing_dominated(qinghe):
    study, _, assessment = qinghe
    plan = proposed(study, assessment, asked(frontier={"most": 5}))
    found = plan.frontier
    assert undominated(criteria(found, "sites")).all()
    assert found.by == "sites"
    same = (found.sites == 2) & (found.objective == "most_covered")
    assert found.covered_residents[same].tolist() == [plan.baseline_residents + plan.value]
    assert [set(one) for one in found.opened[same]] == [set(plan.candidate)]
    assert (np.diff(found.sites) >= 0).all()
    costs = study.candidates.cost_wan_yuan
    assert found.cost_wan_yuan.tolist() == [costs[one].sum() for one in found.opened]
    assert found.mean_seconds.max() <= 600  # no walk counts as longer than twice the limit


def test_a_frontier_by_money_spends_no_more_than_it_may(qinghe):
    study, _, assessment = qinghe
    found = proposed(study, assessment, asked(frontier={"by": "money", "most": 300, "points": 9})).frontier
    assert found.by == "money"
    assert len(found) > 1
    assert (found.cost_wan_yuan <= 300).all()
    assert (found.cost_wan_yuan > 0).all()


def test_money_needs_costs(qinghe):
    study, _, assessment = qinghe
    unknown = np.full(len(study.candidates), np.nan)
    poor = replace(study, candidates=replace(study.candidates, cost_wan_yuan=unknown))
    with pytest.raises(SitingError) as caught:
        proposed(poor, assessment, asked(frontier={"by": "money", "most": 300}))
    assert [fault.kind for fault in caught.value.faults] == ["candidate_cost_unknown"]


def test_sites_that_stay_under_every_assumption_are_told_from_those_that_do_not(qinghe):
    study, settings, assessment = qinghe
    task = asked()
    plan = proposed(study, assessment, task)
    ranges = ranges_of(study, settings.intervals)
    kept = kept_shares(study, assessment, task, plan, ranges)
    assert kept.shape == (len(plan),)
    assert ((kept > 0) & (kept <= 1)).all()
    speed = study.walker.speed_metres_per_second
    still = type(ranges)(
        (speed, speed), (study.walker.crossing,) * 2, (study.home_anchors.cap_metres,) * 2, gates=False
    )
    assert kept_shares(study, assessment, task, plan, still).tolist() == [1.0] * len(plan)


def test_gains_by_age_and_homes_are_those_of_the_homes_told(qinghe):
    study, _, assessment = qinghe
    plan = proposed(study, assessment, asked())
    before = covered(assessment.reach.seconds[plan.service[0]], 300.0)
    for pick in range(len(plan)):
        own = plan.gained_by[0] == pick
        assert not (own & before).any()
        assert plan.homes_gained[pick] == own.sum()
        assert plan.marginal_residents[pick] == pytest.approx(study.homes.residents[own].sum())
        assert plan.marginal_by_age[pick] == pytest.approx(study.homes.residents_by_age[own].sum(axis=0))
    assert plan.exclusive_residents.sum() <= plan.gained_residents
