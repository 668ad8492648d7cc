"""Plans of the sample: what is claimed equals an assessment with the picks built, and the answers planted in the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from livingcircle import cases
from livingcircle.errors import InputError, SettingsError, SitingError
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.places import Facilities
from livingcircle.settings import read_study
from livingcircle.siting import proposed

STUDY = Path(__file__).parents[2] / "configs" / "qinghe.yaml"
STOCK = STUDY.parents[1] / "data" / "qinghe" / "qinghe.gpkg"
FITNESS = {"service": "outdoor_fitness", "limit_minutes": 5}
NAMED = [
    FITNESS,
    {"service": "elderly_day_care", "limit_minutes": 5},
    {"service": "社区卫生服务站", "limit_minutes": 5},
]


def settings_of(*tasks, **more):
    return read_study(STUDY, {"siting": list(tasks), **more})


@pytest.fixture(scope="module")
def qinghe():
    settings = settings_of(*({**one, "sites": 1} for one in NAMED))
    study = cases.load(settings)
    return study, settings, cases.assess(study, settings)


@pytest.fixture
def plan_of(qinghe):
    study, _, assessment = qinghe

    def found(**task):
        (asked,) = settings_of(task).siting
        return proposed(study, assessment, asked)

    return found


def ids(study, plan):
    return [str(one) for one in study.candidates.ids[plan.candidate]]


def built(study, plan):
    """Return the study with the picks among its facilities and what the plan closes gone."""
    count = len(study.facilities)
    serves = np.zeros((len(plan), study.facilities.serves.shape[1]), bool)
    serves[np.arange(len(plan)), plan.service] = True
    places = study.candidates
    new = Facilities.plain(
        ids=np.array([f"new-{one}" for one in range(len(plan))], object),
        names=places.names[plan.candidate],
        xy=places.xy[plan.candidate],
        geometry=places.geometry[plan.candidate],
        serves=serves,
        floor_m2=plan.floor_m2,
    )
    joints = [study.facility_anchors]
    for row, candidate in enumerate(plan.candidate):
        own = study.candidate_anchors.take(study.candidate_anchors.place == candidate)
        joints.append(replace(own, place=np.full(len(own), count + row, np.int32)))
    joined = joints[0]
    for one in joints[1:]:
        joined = joined.followed_by(one)
    metres = np.concatenate(
        [study.facility_anchors.nearest_metres, study.candidate_anchors.nearest_metres[plan.candidate]]
    )
    joined = replace(joined, nearest_metres=metres)
    facilities = study.facilities.followed_by(new)
    offered = facilities.serves.copy()
    offered[np.ix_(plan.closed, sorted(set(plan.service.tolist())))] = False
    return replace(study, facilities=replace(facilities, serves=offered), facility_anchors=joined)


TASKS = {
    "most covered": {**FITNESS, "sites": 2},
    "money": {**FITNESS, "budget_wan_yuan": 130},
    "elderly": {"service": "elderly_day_care", "limit_minutes": 5, "sites": 2},
    "several": {
        "services": [{"service": "elderly_day_care", "floor_m2": 300}, {"service": "社区卫生服务站", "floor_m2": 150}],
        "limit_minutes": 5,
        "sites": 2,
    },
    "tiers": {
        "service": "outdoor_fitness",
        "sites": 2,
        "tiers": [{"minutes": 5, "weight": 1}, {"minutes": 10, "weight": 0.5}],
    },
    "years": {**FITNESS, "years": [{"year": 2027, "sites": 1}, {"year": 2028, "sites": 1}]},
    "worst": {**FITNESS, "model": "best_worst_share", "sites": 2},
    "moved": {**FITNESS, "sites": 2, "most_closed": 1},
    "ranking": {**FITNESS, "ranking": True},
    "target": {**FITNESS, "target_share": 0.14, "group": "residents"},
}


@pytest.mark.parametrize("name", TASKS)
def test_what_a_plan_claims_equals_an_assessment_with_it_built(qinghe, plan_of, name):
    study, settings, _ = qinghe
    plan = plan_of(**TASKS[name])
    assert len(plan)
    after = cases.assess(built(study, plan), settings)
    services = list(dict.fromkeys(plan.task.services))
    for row, service in enumerate(services):
        limit = max(
            one for one, own in zip(plan.task.limits_seconds, plan.task.services, strict=True) if own == service
        )
        np.testing.assert_array_equal(plan.covered_after[row], covered(after.reach.seconds[service], limit))
    residents = _people(study, plan, services)
    assert plan.total_residents * plan.share_after == pytest.approx((residents * plan.covered_after).sum())
    assert plan.marginal_residents.sum() == pytest.approx(plan.gained_residents)
    assert (plan.marginal_value is not None) == ("tiers" in TASKS[name])


def test_what_picks_add_by_tiers_is_the_worth_of_the_walks(qinghe, plan_of):
    study, settings, before = qinghe
    plan = plan_of(**TASKS["tiers"])
    (service,) = set(plan.task.services)
    first = [built(study, plan.take(np.arange(count))) for count in range(1, len(plan) + 1)]
    seconds = [one.reach.seconds[service] for one in (before, *(cases.assess(one, settings) for one in first))]
    within = [covered(one, 300) * 1.0 + (covered(one, 600) & ~covered(one, 300)) * 0.5 for one in seconds]
    worth = [float((study.homes.residents * one).sum()) for one in within]
    np.testing.assert_allclose(plan.marginal_value, np.diff(worth))
    assert plan.marginal_value.sum() == pytest.approx(plan.value)


def _people(study, plan, services):
    group = dict(zip(plan.task.services, plan.task.groups, strict=True))
    of = {name: study.homes.residents_by_age[:, number] for number, name in enumerate(study.homes.age_groups)}
    return np.array([of.get(group[service], study.homes.residents) for service in services])


def test_backup_counts_who_is_near_two(qinghe, plan_of):
    assessment = qinghe[2]
    plan = plan_of(**FITNESS, sites=2, backup=2)
    single = plan_of(**FITNESS, sites=2)
    assert plan.covered_after.sum() < single.covered_after.sum()
    assert not (
        plan.covered_after & ~single.covered_after & ~covered(assessment.reach.seconds[plan.service[0]], 300)
    ).any()


def test_more_sites_or_money_never_cover_fewer(plan_of):
    values = [plan_of(**FITNESS, sites=sites).value for sites in (1, 2, 3)]
    assert values == sorted(values)
    values = [plan_of(**FITNESS, budget_wan_yuan=money).value for money in (40, 130, 500)]
    assert values == sorted(values)


def test_the_ranking_holds_every_plan_of_this_town(qinghe, plan_of):
    study = qinghe[0]
    ranking = plan_of(**FITNESS, ranking=True)
    assert ids(study, ranking) == ["C4", "C9", "C2"]
    assert (np.diff(ranking.marginal_residents) <= 0).all()


def test_candidates_are_required_forbidden_and_kept_apart(qinghe, plan_of):
    study = qinghe[0]
    assert ids(study, plan_of(**FITNESS, sites=1, required=["C2"])) == ["C2"]
    assert "C4" not in ids(study, plan_of(**FITNESS, sites=2, forbidden=["C4"]))
    plan = plan_of(**FITNESS, sites=2, least_metres_apart=50_000)
    assert len(plan) == 1


def test_the_services_a_building_may_hold_are_kept(qinghe, plan_of):
    study = qinghe[0]
    plan = plan_of(services=[{"service": "elderly_day_care"}, {"service": "社区卫生服务站"}], limit_minutes=5, sites=9)
    assert study.candidates.allowed[plan.candidate, plan.service].all()


def test_floor_area_bounds_what_shares_a_building(qinghe, plan_of):
    study = qinghe[0]
    both = [{"service": "elderly_day_care", "floor_m2": 300}, {"service": "居家养老服务站", "floor_m2": 200}]
    settings = settings_of({"services": both, "limit_minutes": 5, "sites": 9})
    study = cases.load(settings)
    assessment = cases.assess(study, settings)
    plan = proposed(study, assessment, settings.siting[0])
    used = np.bincount(plan.candidate, plan.floor_m2, len(study.candidates))
    assert (used <= study.candidates.floor_m2 + 1e-6).all()
    assert np.bincount(plan.candidate).max() == 2  # C5 and C7 have 560 and 480 m² and may hold both, but C7 has no 500
    assert ids(study, plan).count("C7") == 1


def test_unmet_clauses_are_closed_at_the_cost_planted_in_the_sample():
    """E1 of the answers: a station and a room for children share C3, a ground on C4, day care in C5."""
    settings = settings_of({"close_unmet": True}, standard="shandong_12")
    study = cases.load(settings)
    assessment = cases.assess(study, settings)
    plan = proposed(study, assessment, settings.siting[0])
    stock = gpd.read_file(STOCK, layer="存量空间").set_index("编号")
    picked = {
        (one, study.standard.services[service].id) for one, service in zip(ids(study, plan), plan.service, strict=True)
    }
    assert picked == {
        ("C3", "community_service_station"),
        ("C3", "children_activity"),
        ("C4", "outdoor_fitness"),
        ("C5", "elderly_day_care"),
    }
    assert plan.value == stock.loc[["C3", "C4", "C5"], "改造费用_万元"].sum() == 376
    assert (plan.unit, plan.status, plan.gap) == ("wan_yuan", "optimal", 0)
    assert plan.cost_wan_yuan.sum() == 376
    left = {fault.details["clause"] for fault in plan.remarks if fault.kind == "clause_left_unmet"}
    assert left == {"SD12-N21", "SD12-N07", "SD12-N08", "SD12-N05", "SD12-N14"}
    after = cases.assess(built(study, plan), settings)
    assert _unmet(study, assessment) - _unmet(study, after) == {"SD12-07", "SD12-12", "SD12-N13", "SD12-N38"}


def _unmet(study, assessment):
    said = assessment.rule_verdicts
    whole = (said.verdict == "unmet") & (said.unit < 0)
    return {study.standard.rules[rule].id for rule in said.rule[whole]}


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ({**FITNESS, "target_share": 0.9}, "target_out_of_reach"),
        ({**FITNESS, "sites": 2, "floor_share": 0.95}, "target_out_of_reach"),
        ({**FITNESS, "sites": 99}, "too_many_sites"),
        ({"service": "outdoor_fitness", "limit_minutes": 0.01, "sites": 1}, "no_candidate"),
    ],
)
def test_what_cannot_be_is_said(plan_of, task, kind):
    with pytest.raises(SitingError) as raised:
        plan_of(**task)
    assert {fault.kind for fault in raised.value.faults} == {kind}


def test_the_highest_share_that_can_be_asked_for_can_be_had(plan_of):
    with pytest.raises(SitingError) as raised:
        plan_of(**FITNESS, target_share=0.9, group="residents")
    best = raised.value.faults[0].details["best"]
    assert plan_of(**FITNESS, target_share=best - 1e-9, group="residents").share_after >= best - 1e-6


@pytest.mark.parametrize("limit", [{"sites": 1}, {"model": "fewest_sites", "budget_wan_yuan": 1}])
def test_conditions_that_exclude_each_other_are_named(plan_of, limit):
    with pytest.raises(SitingError) as raised:
        plan_of(**FITNESS, **limit, floor_share=0.05)
    assert raised.value.faults[0].kind == "siting_conflict"
    assert any("室外综合健身场地" in fault.sentence("zh") for fault in raised.value.faults)


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ({**FITNESS, "sites": 1, "required": ["C99"]}, "unknown_candidate"),
        ({**FITNESS, "sites": 1, "floor_share": 0.1, "floor_level": "prefecture"}, "siting_needs_districts"),
        ({"service": "助残服务与康复室", "sites": 1, "limit_minutes": 5}, "service_not_sited"),
        ({"service": "outdoor_fitness", "sites": 1, "group": "90+"}, "unknown_age_group"),
    ],
)
def test_faulty_tasks_are_refused_before_anything_is_computed(task, kind):
    with pytest.raises(InputError) as raised:
        cases.load(settings_of(task))
    assert [fault.kind for fault in raised.value.faults] == [kind]
    assert raised.value.faults[0].column.startswith("siting[1]")


def test_the_user_stops_the_search_and_keeps_the_best(qinghe):
    study, _, assessment = qinghe
    (task,) = settings_of({**FITNESS, "sites": 2}).siting
    plan = proposed(study, assessment, task, Watch(is_stopped=lambda _value, _bound: True))
    assert plan.status in {"stopped", "optimal"}
    assert plan.value <= plan.bound


@pytest.mark.parametrize(
    ("task", "column"),
    [
        ({**FITNESS, "sites": 2, "target_share": 0.9}, "target_share"),
        ({**FITNESS}, "sites"),
        ({**FITNESS, "sites": 1, "required": ["C1"], "forbidden": ["C1"]}, "forbidden"),
        ({**FITNESS, "close_unmet": True, "sites": 1}, "close_unmet"),
        ({**FITNESS, "ranking": True, "model": "least_walk"}, "ranking"),
        ({**FITNESS, "sites": 1, "tiers": [{"minutes": 5, "weight": 1}]}, "tiers"),
        (
            {"service": "bank", "sites": 1, "tiers": [{"minutes": 9, "weight": 0.1}, {"minutes": 5, "weight": 1}]},
            "tiers",
        ),
        ({**FITNESS, "years": [{"year": 2028, "sites": 1}, {"year": 2027, "sites": 1}]}, "years"),
        ({**FITNESS, "years": [{"year": 2028}]}, "years"),
        ({"sites": 1}, "service"),
        ({**FITNESS, "services": [{"service": "bank"}], "sites": 1}, "services"),
        ({**FITNESS, "sites": 1, "backup": 0}, "backup"),
    ],
)
def test_contradictions_name_their_key(task, column):
    with pytest.raises(SettingsError) as raised:
        settings_of(task)
    assert [fault.column for fault in raised.value.faults] == [f"siting[1].{column}"]


def test_all_contradictions_come_at_once():
    task = {**FITNESS, "sites": 2, "target_share": 0.9, "required": ["C1"], "forbidden": ["C1"], "backup": 0}
    with pytest.raises(SettingsError) as raised:
        settings_of(task)
    assert {fault.column for fault in raised.value.faults} == {
        "siting[1].target_share",
        "siting[1].forbidden",
        "siting[1].backup",
    }
