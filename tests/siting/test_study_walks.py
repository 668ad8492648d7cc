"""Plans by walks: what they claim equals an assessment with the picks built."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from livingcircle import cases
from livingcircle.errors import SitingError
from livingcircle.kernel.reach import reach_table
from livingcircle.questions import walk_of
from livingcircle.settings import read_study
from livingcircle.siting import proposed

STUDY = Path(__file__).parents[2] / "configs" / "qinghe.yaml"
FITNESS = {"service": "outdoor_fitness", "limit_minutes": 10}


@pytest.fixture(scope="module")
def qinghe():
    settings = read_study(STUDY, {"siting": [{**FITNESS, "sites": 1}]})
    study = cases.load(settings)
    return study, cases.assess(study, settings)


@pytest.fixture
def plan_of(qinghe):
    study, assessment = qinghe

    def found(**task):
        (asked,) = read_study(STUDY, {"siting": [task]}).siting
        return proposed(study, assessment, asked)

    return found


@pytest.fixture(scope="module")
def walks(qinghe):
    """Walks (c + 1, r) to each candidate, and last to the nearest existing ground."""
    study, assessment = qinghe
    table = reach_table(study.network, walk_of(study), study.candidate_anchors, study.home_anchors, 3 * 3600.0)
    found = np.full((len(study.candidates) + 1, len(study.homes)), np.inf)
    for candidate in range(len(study.candidates)):
        own = slice(table.indptr[candidate], table.indptr[candidate + 1])
        found[candidate, table.home[own]] = table.seconds[own]
    service = [one.id for one in study.standard.services].index("outdoor_fitness")
    found[-1] = assessment.reach.seconds[service]
    may = np.flatnonzero(study.candidates.allows(service))
    return found[:, study.home_anchors.joined], study.homes.residents[study.home_anchors.joined], may


def test_the_shortest_walks_equal_trying_all_pairs(plan_of, walks):
    seconds, residents, may = walks
    plan = plan_of(**FITNESS, model="least_walk", sites=2, time_limit_seconds=120)
    tried = {pair: (residents * seconds[[*pair, -1]].min(axis=0)).sum() for pair in combinations(may.tolist(), 2)}
    assert plan.value == pytest.approx(min(tried.values()))
    assert plan.value == pytest.approx(tried[tuple(sorted(plan.candidate.tolist()))])
    assert (plan.unit, plan.status, plan.gap) == ("resident_seconds", "optimal", 0)
    walked = [(residents * seconds[[*plan.candidate[:count], -1]].min(axis=0)).sum() for count in range(3)]
    np.testing.assert_allclose(plan.marginal_value, -np.diff(walked))
    assert (plan.marginal_value > 0).all()


@pytest.mark.parametrize(
    "task",
    [
        {"model": "least_walk", "limit_minutes": 8},
        {"tiers": [{"minutes": 5, "weight": 1}, {"minutes": 8, "weight": 0.5}]},
    ],
)
def test_sites_are_listed_by_what_they_add_to_the_aim(plan_of, task):
    plan = plan_of(**{"service": "outdoor_fitness", "sites": 3, "time_limit_seconds": 120, **task})
    assert len(plan) == 3
    assert (np.diff(plan.marginal_value) < 0).all()
    assert plan.marginal_residents.sum() == pytest.approx(plan.gained_residents)


def test_the_shortest_longest_walk_equals_trying_all_pairs(plan_of, walks):
    seconds, residents, may = walks
    plan = plan_of(**FITNESS, model="shortest_worst_walk", sites=2, time_limit_seconds=120)
    lived_in = residents > 0
    tried = [seconds[[*pair, -1]].min(axis=0)[lived_in].max() for pair in combinations(may.tolist(), 2)]
    assert plan.value == pytest.approx(min(tried))
    assert plan.unit == "seconds"
    # The farthest home is near no candidate: money for sites would buy nothing.
    assert plan.value == seconds[-1][lived_in].max()
    assert (len(plan), plan.status) == (0, "nothing_to_gain")


def test_nobody_is_served_beyond_capacity_and_gains_add_up(plan_of):
    plan = plan_of(**FITNESS, model="most_served", sites=2, capacity=1500, capacity_of_existing=4000)
    assert plan.gained_residents <= 1500 * len(plan) + 1e-6
    assert plan.value == pytest.approx(plan.gained_residents)
    assert plan.value == pytest.approx(plan.marginal_residents.sum())
    roomier = plan_of(**FITNESS, model="most_served", sites=2, capacity=3000, capacity_of_existing=4000)
    assert roomier.value >= plan.value - 1e-6


def test_capacities_that_are_not_known_are_asked_for(qinghe, plan_of):
    with pytest.raises(SitingError) as raised:
        plan_of(**FITNESS, model="most_served", sites=2)
    assert [fault.kind for fault in raised.value.faults] == ["capacity_unknown"] * 2
    assert "现有设施" in raised.value.faults[1].sentence("zh")


def test_a_capacity_below_one_home_is_a_fault(qinghe):
    study, assessment = qinghe
    people = study.homes.residents[study.homes.residents > 0].min()
    small = np.full(len(study.candidates), people - 1)
    (asked,) = read_study(
        STUDY, {"siting": [{**FITNESS, "model": "most_served", "sites": 1, "capacity_of_existing": 4000}]}
    ).siting
    other = replace(study, candidates=replace(study.candidates, capacity=small))
    with pytest.raises(SitingError) as raised:
        proposed(other, assessment, asked)
    assert [fault.kind for fault in raised.value.faults] == ["capacity_below_home"]
