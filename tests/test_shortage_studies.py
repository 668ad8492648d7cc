"""What people lack at facilities they reach in time: places, floor, hours; each gain compared with the study as it would then be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from livingcircle import cases
from livingcircle.access import access_of
from livingcircle.cli import app
from livingcircle.model.diagnosis import TESTS, Cause, Remedy
from livingcircle.model.outcome import NO_ISOCHRONES
from livingcircle.model.results import Results
from livingcircle.provenance import made_by
from livingcircle.render import tables
from livingcircle.settings import read_study

STUDY = Path(__file__).parents[1] / "configs" / "qinghe.yaml"


def answered(standard=None, **more):
    settings = read_study(STUDY, {"siting": [], **({"standard": standard} if standard else {}), **more})
    study = cases.load(settings)
    assessment = cases.assess(study, settings)
    access = cases.access(study, settings, assessment)
    _, gaps = cases.trace(study, settings, assessment)
    diagnosis = cases.diagnose(study, assessment, gaps, access=access)
    return settings, Results(
        study, assessment, NO_ISOCHRONES, gaps, (), made_by(study, settings, datetime.now(UTC), {}),
        diagnosis=diagnosis, access=access,
    )  # fmt: skip


@pytest.fixture(scope="module")
def plain():
    return answered()


@pytest.fixture(scope="module")
def by_clauses():
    return answered("WZ20", capacity=[])


# ── Places ──────────────────────────────────────────────────────────────────


def test_beds_are_lacking_as_many_as_arithmetic_says(plain):
    _, results = plain
    table = tables.shortages(results)
    beds = table[table["requirement_id"] == "capacity-nursing_home"]
    # 11,720 of 60 and over at 40 beds per 1,000 are 468.8; the one home for the aged has 250.
    assert beds["facility_name"].tolist() == ["清河街道养老院"]
    assert beds["cause"].tolist() == ["capacity_used_up"]
    assert beds["remedy_kind"].tolist() == ["enlarge"]
    assert beds["amount"].tolist() == [219]
    assert beds["amount_unit"].tolist() == ["beds"]
    assert beds["people_lacking"].tolist() == pytest.approx([218.8 / 0.04])


def test_places_added_are_taken_by_as_many_as_the_remedy_says(plain):
    settings, results = plain
    study, lacks = results.study, results.diagnosis.shortages
    (row,) = np.flatnonzero(lacks.cause == Cause.CAPACITY_USED_UP)
    facility = int(lacks.facility[row])
    beds = study.facilities.beds.copy()
    beds[facility] += lacks.amount[row]
    larger = replace(study, facilities=replace(study.facilities, beds=beds))

    def served(access):
        (found,) = (one for one in access.capacity if one.asked.service == lacks.service[row])
        return found.allocation.served.sum() / found.asked.per_person

    after = access_of(larger, settings, results.assessment)
    assert served(after) - served(results.access) == pytest.approx(lacks.gained[row])
    assert cases.diagnose(larger, results.assessment, results.gaps, access=after).shortages.cause.tolist() == []


def test_children_without_a_place_are_too_far_from_one_not_crowded_out(plain):
    _, results = plain
    table = tables.capacity(results.study, results.access)
    whole = table[(table["scope"] == "study") & (table["service_id"] == "kindergarten")].iloc[0]
    assert whole["places_known"] == 8 * 270 + 8 * 270 + 180  # 17 kindergartens of its own, one of them smaller
    assert whole["unmet"] == whole["unmet_out_of_reach"] > 0
    assert "capacity-kindergarten" not in set(tables.shortages(results)["requirement_id"])


def test_a_crowded_kindergarten_and_one_whose_places_nobody_stated():
    """With places for none, those with a kindergarten of unknown places in reach may be served there: data are to be completed."""
    _, results = answered(capacity=[{"service": "kindergarten", "per_person": 10, "limit_minutes": 15}])
    table = tables.shortages(results)
    assert set(table["cause"]) == {"capacity_used_up", "capacity_unknown"}
    unknown = table[table["cause"] == "capacity_unknown"]
    assert set(unknown["remedy_kind"]) == {"complete_data"}
    assert unknown["amount"].isna().all()
    assert unknown["facility_name"].str.startswith("邻近片区").all()
    (found,) = results.access.capacity
    unmet = (found.demand - found.allocation.served)[~found.out_of_reach].sum() / 10
    assert table["people_lacking"].sum() == pytest.approx(unmet)
    crowded = table[table["cause"] == "capacity_used_up"]
    known = results.study.facilities.ids[found.facility]
    beds = dict(zip(known, found.supply, strict=True))
    filled = dict(zip(known, found.allocation.filled, strict=True))
    assert all(filled[one] == pytest.approx(beds[one]) for one in crowded["facility_id"]), (
        "nobody is left out where there is room"
    )


# ── Clauses ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "facility", "amount", "unit"),
    [
        ("WZ20-03", "柳园幼儿园", 400.0, "m2"),
        ("WZ20-04", "柳园幼儿园", 500.0, "land_m2"),
        ("WZ20-20", "书院社区卫生服务站", 10.0, "m2"),
        ("WZ20-05", "南营托育园", 20.0, "m2"),
    ],
)
def test_sites_that_are_too_small(by_clauses, rule, facility, amount, unit):
    _, results = by_clauses
    row = tables.shortages(results).set_index("requirement_id").loc[rule]
    assert (row["facility_name"], row["cause"], row["remedy_kind"]) == (facility, "site_too_small", "enlarge")
    assert (row["amount"], row["amount_unit"]) == (amount, unit)


def test_with_what_is_added_the_clauses_are_met(by_clauses):
    settings, results = by_clauses
    study, lacks = results.study, results.diagnosis.shortages
    floor, land = study.facilities.floor_m2.copy(), study.facilities.land_m2.copy()
    mended = []
    for row in np.flatnonzero((lacks.facility >= 0) & (lacks.remedy == Remedy.ENLARGE)).tolist():
        rule = study.standard.rules[lacks.rule[row]]
        {"floor_m2": floor, "land_m2": land}[rule.metric][lacks.facility[row]] += lacks.amount[row]
        mended.append(int(lacks.rule[row]))
    larger = replace(study, facilities=replace(study.facilities, floor_m2=floor, land_m2=land))
    after = cases.assess(larger, settings).rule_verdicts
    assert mended
    assert set(after.verdict[np.isin(after.rule, mended)]) <= {"met", "not_applicable"}
    assert lacks.gained.tolist() == lacks.people.tolist()


def test_hours_that_are_too_short():
    _, results = answered("hunan_14", capacity=[])
    table = tables.shortages(results)
    row = table.set_index("requirement_id").loc["HN14-09"]
    assert (row["cause"], row["remedy_kind"], row["amount"], row["amount_unit"]) == (
        "hours",
        "extend_hours",
        0.5,
        "hours",
    )
    assert row["district_name"] == "清湾社区"


# ── In the outputs ──────────────────────────────────────────────────────────


def test_what_falls_short_is_in_the_list_of_problems(by_clauses):
    _, results = by_clauses
    places, lacks = tables.gap_list(results), tables.shortages(results)
    assert set(lacks["gap_id"]) <= set(places["gap_id"])
    own = places[places["gap_id"].isin(lacks["gap_id"])]
    assert own["causes_zh"].str.contains("面积或规模不足").all()
    assert own["remedy_zh"].str.contains("扩建|增加用地").all()
    assert places["severity_resident_minutes"].is_monotonic_decreasing
    assert places["place_rank"].tolist() == list(range(1, len(places) + 1))
    assert not places["gap_id"].duplicated().any()
    areas = tables.gap_findings(results)
    assert set(areas["gap_id"]) <= set(places["gap_id"]) - set(lacks["gap_id"])


def test_homes_are_told_what_they_lack(plain, by_clauses):
    for _, results in (plain, by_clauses):
        homes, totals = tables.home_causes(results), tables.gap_causes(results)
        lacks = tables.shortages(results)
        assert set(homes["cause"]) >= set(lacks["cause"])
        assert homes.groupby("requirement_id")["residents"].sum().to_dict() == pytest.approx(
            totals.groupby("requirement_id")["residents"].sum().to_dict()
        )
        assert len(homes) == totals["homes"].sum()
    assert max(TESTS) == Cause.DETOUR, "what is lacking at a facility is no cause of a walk"


def test_the_command_tells_of_them():
    said = CliRunner().invoke(app, ["diagnose", str(STUDY), "--service", "养老院", "--json"])
    assert said.exit_code == 0, said.output
    figures = json.loads(said.stdout)
    assert [row["cause"] for row in figures["shortages"]] == ["capacity_used_up"]
    assert [row["gap_id"] for row in figures["gap_list"]] == [row["gap_id"] for row in figures["shortages"]]


def test_the_estate_whose_gate_faces_the_wrong_way_is_to_open_another(plain):
    _, results = plain
    areas = tables.gap_findings(results)
    mine = areas[(areas["service_id"] == "community_health_centre") & areas["gap_name_zh"].str.startswith("新集社区")]
    row = mine.sort_values("residents").iloc[-1]
    assert row["remedy_kind"] == "open_gate"
    assert "清河锦园" in row["remedy_zh"]
    assert row["trials"] > 0
    assert row["residents_closed"] >= 1957
