"""Places, choice, score and ages from the study file to every output, by arithmetic on one street.

Homes lie 100, 300, 500, 700, 1000 and 1400 m east of pharmacy A, with 1, 2, 4 … 32 residents; pharmacy B is at 1400 m. 15 minutes are
1,125 m, so A is within reach of 31 residents, B of all but the first home.
"""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import written_town as w
from livingcircle import cases
from livingcircle.errors import InputError, SettingsError
from livingcircle.render.access_terminal import access_lines
from livingcircle.settings import read_study

TASKS = """\
capacity: [{service: pharmacy, demand: residents, per_person: 0.5, limit_minutes: 15, decay: {kind: none}}]
choice: [{service: pharmacy, nearest: 2, limit_minutes: 15}]
"""


@pytest.fixture
def study_file(tmp_path):
    """A has 10 places, of B nobody knows."""
    study = w.write_town(tmp_path)
    rows = [("A", *w.lonlat(0), "甲药店", 10), ("B", *w.lonlat(1400), "乙药店", "")]
    w.write_table(tmp_path / "pharmacies.csv", ("id", "lon", "lat", "名称", "capacity"), rows)
    return study


def with_lines(study_file, lines):
    study_file.write_text(study_file.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return read_study(study_file)


def table(done, name):
    return pd.read_csv(done.files["csv"] / f"{name}.csv", encoding="utf-8-sig")


def test_places_are_in_every_output(study_file):
    done = cases.run(with_lines(study_file, TASKS))
    whole = table(done, "capacity").iloc[0]
    # Half a place each: homes near A need 0.5, 1, 2, 4 and 8 of its 10 places; the nearest go first, the fifth home gets 2.5 of 8.
    assert (whole["needed"], whole["served"], whole["unmet"]) == (31.5, 10, 21.5)
    assert (whole["unmet_out_of_reach"], whole["unmet_maybe"]) == (0, 21.5)  # B is near, and may have places
    assert (whole["facilities_counted"], whole["facilities_unknown"]) == (1, 1)
    assert whole["served_share"] == pytest.approx(10 / 31.5)
    # Nothing is handed out twice: 10 places over 63 people, whatever the homes.
    assert whole["places_per_1000"] == pytest.approx(1000 * 10 / 63)
    assert whole["places_per_1000_decayed"] == pytest.approx(whole["places_per_1000"])
    assert (whole["places_reached"], whole["places_idle"]) == (10, 0)

    used = table(done, "capacity_facilities").set_index("facility_id")
    assert (used.loc["A", "filled"], used.loc["A", "utilisation"]) == (10, 1)
    assert used.loc["A", "facility_places_per_1000"] == pytest.approx(1000 * 10 / 31)
    metres = (0.5 * 100 + 1 * 300 + 2 * 500 + 4 * 700 + 2.5 * 1000) / 10
    assert used.loc["A", "mean_walk_minutes"] == pytest.approx(metres / 1.25 / 60, rel=0.01)
    assert used.loc["B", ["filled", "utilisation", "facility_places_per_1000"]].isna().all()

    homes = table(done, "homes")
    assert homes["unmet_pharmacy"].tolist() == pytest.approx([0, 0, 0, 0, 5.5, 16])
    assert homes["places_per_1000_pharmacy"].tolist() == pytest.approx([1000 * 10 / 31] * 5 + [0])
    assert homes["facilities_within_pharmacy"].tolist() == [1, 2, 2, 2, 2, 1]

    districts = gpd.read_file(done.files["geopackage"], layer="districts")
    assert districts["unmet_pharmacy"].sum() == pytest.approx(21.5)
    facilities = gpd.read_file(done.files["geopackage"], layer="facilities").set_index("facility_id")
    assert facilities.loc["A", "utilisation_pharmacy"] == 1
    figures = json.loads(done.files["record"].read_text(encoding="utf-8"))
    assert figures["capacity"][0]["unmet"] == 21.5
    sheets = pd.read_excel(done.files["tables"], sheet_name=None, engine="calamine")
    assert sheets["容量"]["未满足"].tolist()[0] == 21.5


def test_choice(study_file):
    whole = table(cases.run(with_lines(study_file, TASKS)), "choice").iloc[0]
    assert whole["choice_share"] == pytest.approx((2 + 4 + 8 + 16) / 63)
    assert whole["facilities_within_mean"] == pytest.approx((1 + 2 * 30 + 32) / 63)


def test_score_equity_and_ages_without_being_asked(study_file):
    done = cases.run(read_study(study_file))
    whole = table(done, "scores").iloc[0]
    # Only the pharmacy counts, within 5 minutes (375 m): the first two homes, and the last beside B. Nothing is known of kindergartens.
    assert (whole["services_counted"], whole["services_unknown"]) == (1, 1)
    assert whole["services_reached_share"] == pytest.approx(35 / 63)
    assert whole["weakest_link"] == pytest.approx(whole["closeness"])  # one service is its own weakest link
    assert whole["living_circle_score"] == pytest.approx((35 / 63 + 2 * whole["closeness"]) / 3)
    assert [whole[f"weight_{part}"] for part in ("reached", "closeness", "weakest")] == pytest.approx([1 / 3] * 3)
    coverage = table(done, "coverage")
    five = coverage[(coverage["service_id"] == "pharmacy") & (coverage["limit_minutes"] == 5)]
    assert table(done, "scores")["services_reached_share"].tolist() == pytest.approx(five["residents_share"].tolist())

    even = table(done, "equity")
    assert even["good"].tolist()[-2:] == ["closeness", "places"]
    places = even[even["good"] == "places"].iloc[0]
    # Within the standard's 5 minutes 3 people share A's places evenly; 60 have none.
    assert places["gini"] == pytest.approx(60 / 63)
    assert places["good_mean"] == pytest.approx(1000 * 10 / 63)
    assert places["worst_tenth_mean"] == 0
    assert places["theil_between"] + places["theil_within"] == pytest.approx(places["theil"])
    assert np.isnan(places["concentration"])  # no ages, no rank

    ages = table(done, "coverage_own_speed")
    whole = ages[(ages["scope"] == "study") & (ages["service_id"] == "pharmacy")].set_index("age_side")
    # 300 s are 240, 270 and 360 m: home 2, 300 m off, is reached by adults only.
    assert whole["residents_covered"].to_dict() == {"elderly": 33, "adult": 35, "children": 33}
    assert set(whole["residents_share_study_speed"]) == {35 / 63}
    assert ages[ages["service_id"] == "kindergarten"]["residents_share"].isna().all()


def test_a_service_without_any_capacity_is_not_empty_of_places(study_file, tmp_path):
    rows = [("A", *w.lonlat(0), "甲药店", ""), ("B", *w.lonlat(1400), "乙药店", "")]
    w.write_table(tmp_path / "pharmacies.csv", ("id", "lon", "lat", "名称", "capacity"), rows)
    whole = table(cases.run(with_lines(study_file, TASKS)), "capacity").iloc[0]
    assert (whole["facilities_counted"], whole["facilities_unknown"], whole["needed"]) == (0, 2, 31.5)
    nothing = ["places_known", "places_per_1000", "served", "unmet", "served_share"]
    assert whole[nothing].isna().all()


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ("capacity: [{service: 药铺}]", "unknown_service"),
        ("choice: [{service: nowhere}]", "unknown_service"),
        ("score: {services: {nowhere: 2}}", "unknown_service"),
        ("capacity: [{service: pharmacy, demand: 60+}]", "unknown_age_group"),
        ("equity: {rank_by: 60+}", "unknown_age_group"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_computed(study_file, lines, kind):
    with pytest.raises(InputError) as caught:
        cases.load(with_lines(study_file, lines + "\n"))
    assert {fault.kind for fault in caught.value.faults} == {kind}


@pytest.mark.parametrize(
    "lines",
    [
        "score: {reached: 0, closeness: 0, weakest: 0}",
        "score: {decay: {kind: steps, bands: [[0.5, 0.2], [1, 0.9]]}}",
        "equity: {speeds_metres_per_second: {elderly: 0}}",
        "capacity: [{service: pharmacy, per_person: 0}]",
    ],
)
def test_senseless_settings_are_refused(study_file, lines):
    with pytest.raises(SettingsError):
        with_lines(study_file, lines + "\n")


def test_an_age_group_ranks_homes_and_needs_places(study_file, tmp_path):
    old = (1, 2, 4, 8, 0, 0)  # all near A, nobody near B
    rows = [
        (f"H{number}", *w.lonlat(metres), people, aged)
        for number, (metres, people, aged) in enumerate(zip(w.HOME_METRES, w.RESIDENTS, old, strict=True), 1)
    ]
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "居民数", "60岁以上"), rows)
    task = 'capacity: [{service: pharmacy, demand: "60+", per_person: 1, limit_minutes: 15}]\n'
    done = cases.run(with_lines(study_file, task))
    whole = table(done, "capacity").iloc[0]
    assert (whole["people"], whole["served"], whole["unmet"]) == (15, 10, 5)
    score = table(done, "equity").iloc[0]
    assert score["rank_by"] == "60+"
    ages = table(done, "coverage_own_speed").query("scope == 'study' and service_id == 'pharmacy'")
    assert ages[["age_group", "age_side", "residents", "residents_covered"]].values.tolist() == [
        ["60+", "elderly", 15, 1]
    ]


def with_children(tmp_path, study_file, header, children):
    """Give the town a kindergarten at A with 6 places, and its homes the residents of one age group."""
    rows = [
        (f"H{number}", *w.lonlat(metres), people, aged)
        for number, (metres, people, aged) in enumerate(zip(w.HOME_METRES, w.RESIDENTS, children, strict=True), 1)
    ]
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "居民数", header), rows)
    w.write_table(tmp_path / "kindergartens.csv", ("id", "lon", "lat", "capacity"), [("K", *w.lonlat(0), 6)])
    pharmacies = "  - {kind: layer, path: pharmacies.csv, service: pharmacy, columns: {id: id, name: 名称}}\n"
    kindergartens = "  - {kind: layer, path: kindergartens.csv, service: kindergarten, columns: {id: id}}\n"
    text = study_file.read_text(encoding="utf-8").replace(pharmacies, pharmacies + kindergartens)
    study_file.write_text(text, encoding="utf-8")
    return cases.run(read_study(study_file))


def of_kindergartens(done, name):
    return table(done, name).query("scope == 'study' and service_id == 'kindergarten'")


def test_kindergartens_are_for_children_of_their_age(study_file, tmp_path):
    done = with_children(tmp_path, study_file, "3～6周岁儿童", (1, 2, 1, 0, 0, 0))
    places = of_kindergartens(done, "capacity").iloc[0]
    # Within 5 minutes, 375 m, live 3 of 4 children: 2 places for each of them, none for the fourth.
    assert (places["demand_of"], places["people"]) == ("3-6", 4)
    assert places["places_per_1000"] == pytest.approx(1000 * 3 * 2 / 4)
    told = of_kindergartens(done, "elderly_and_children")
    # At 0.9 m/s 5 minutes are 270 m: one child, three at the pace of the study.
    assert told[["age_group", "age_side", "residents", "residents_covered"]].values.tolist() == [
        ["3-6", "children", 4, 1]
    ]
    said = [text for text, _ in access_lines(done.figures, "zh")]
    assert "  幼儿园：3–6 岁居民步速 0.9 米/秒，5 分钟内 25.0 %（按研究所设速度 75.0 %）" in said
    assert "幼儿园：每千 3–6 岁居民可及 1,500.0（容量）" in said


def test_nothing_is_said_of_children_nobody_counted(study_file, tmp_path):
    done = with_children(tmp_path, study_file, "6-12岁", (1, 2, 1, 0, 0, 0))
    places = of_kindergartens(done, "capacity").iloc[0]
    assert places["demand_of"] == "3-6"
    assert places[["people", "places_per_1000", "served"]].isna().all()
    assert places["places_known"] == 6
    told = of_kindergartens(done, "elderly_and_children")
    assert told["age_group"].tolist() == ["3-6"]
    assert told[["residents", "residents_covered", "residents_share"]].isna().all(axis=None)
    spread = table(done, "equity")
    assert not ((spread["good"] == "places") & (spread["service_id"] == "kindergarten")).any()
    said = "\n".join(text for text, _ in access_lines(done.figures, "en"))
    assert "nothing can be said of services for them" in said
    assert "homes do not tell how many residents are aged 3–6, nothing can be said" in said
