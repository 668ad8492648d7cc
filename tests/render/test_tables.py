from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from livingcircle.model.diagnosis import NO_PLACES
from livingcircle.model.outcome import NO_GAPS
from livingcircle.render import tables
from livingcircle.render.columns import column_entry
from livingcircle.render.tables.diagnosis import place_name
from small_town import FORMULA_NAME, SCRIPT_NAME, UNJOINED_HOME, WALLED_HOME


@pytest.fixture(scope="module")
def all_tables(town):
    return tables.tables_of(town)


def row(frame, **conditions):
    for column, value in conditions.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_coverage_of_the_town_by_hand(all_tables):
    # 200 s per block: within 300 s are the homes at most one block from crossing 7 or 22.
    near = [1, 6, 7, 8, 13, 16, 21, 22, 23, 28]
    residents = sum(10.0 * (home + 1) for home in near)
    found = row(all_tables["coverage"], service_id="clinic", limit_minutes=5.0, scope="study")
    assert found["residents"] == sum(10.0 * number for number in range(1, 31))
    assert found["residents_covered"] == residents
    assert found["residents_share"] == residents / 4650
    assert found["homes_covered"] == len(near)
    assert found["residents_unjoined"] == 10.0 * (UNJOINED_HOME + 1)
    assert found["facilities"] == 2


def test_districts_add_up_to_the_whole(all_tables):
    table = all_tables["coverage"]
    for _, rows in table.groupby(["service_id", "limit_minutes"]):
        whole, parts = rows[rows["scope"] == "study"], rows[rows["scope"] == "district"]
        for column in ("residents", "households", "homes", "residents_covered"):
            assert parts[column].sum(min_count=1) == whole[column].iloc[0] or whole[column].isna().all()


def test_no_facility_means_unknown_not_nil(all_tables):
    found = row(all_tables["coverage"], service_id="canteen", limit_minutes=15.0, scope="study")
    assert found["facilities"] == 0
    assert np.isnan(found["residents_share"])
    assert np.isnan(found["residents_covered"])
    verdict = row(all_tables["verdicts"], requirement_id="canteen_15", scope="study")
    assert verdict["verdict"] == "no_data"
    assert np.isnan(verdict["residents_share"])
    homes = all_tables["homes"]
    assert homes["covered_canteen_15"].isna().all()
    assert homes["unreachable_canteen"].isna().all()


def test_verdicts_carry_their_clause(all_tables):
    found = row(all_tables["verdicts"], requirement_id="kindergarten_5", scope="study")
    assert found["verdict"] == "unmet"
    assert found["residents_short"] == pytest.approx(0.8 * 4650 - 1610)
    assert (found["document"], found["clause"]) == ("GB 50180-2018", "附录C")
    assert not found["verified"]
    shown = tables.labelled(all_tables["verdicts"], "zh")
    assert set(shown["判定"]) == {"达标", "不达标", "数据不足"}
    assert (shown.loc[~all_tables["verdicts"]["verified"], "条文核对情况"].str.contains("未核原文")).all()
    english = tables.labelled(all_tables["verdicts"], "en")
    assert "recalled, check the printed standard" in set(english["Verification"])


def test_unjoined_and_unreachable_are_told_apart(all_tables):
    homes = all_tables["homes"]
    walled, lost = homes.iloc[WALLED_HOME], homes.iloc[UNJOINED_HOME]
    assert np.isnan(walled["walk_minutes_kindergarten"])
    assert (walled["joined"], walled["unreachable_kindergarten"]) == (True, True)
    assert np.isnan(lost["walk_minutes_kindergarten"])
    assert (lost["joined"], lost["unreachable_kindergarten"]) == (False, False)
    assert lost["nearest_facility_clinic"] == ""
    assert (walled["covered_kindergarten_5"], lost["covered_kindergarten_5"]) == (False, False)


def test_a_walk_of_exactly_the_limit_is_covered(town):
    seconds = town.assessment.reach.seconds.copy()
    seconds[0, 3], seconds[0, 4] = 900.0, np.nextafter(900.0, 1000)
    reach = replace(town.assessment.reach, seconds=seconds)
    homes = tables.homes(town.study, replace(town.assessment, reach=reach))
    assert homes["covered_clinic_15"].iloc[[3, 4]].tolist() == [True, False]


def test_walks_are_not_rounded(town, all_tables):
    minutes = all_tables["homes"]["walk_minutes_clinic"].to_numpy()
    seconds = town.assessment.reach.seconds[0]
    reached = np.isfinite(seconds)
    np.testing.assert_allclose(minutes[reached] * 60, seconds[reached], rtol=1e-15)
    assert len(np.unique(minutes[reached] % 1)) > 1


def test_each_home_counts_once_at_a_facility_of_two_services(town, all_tables):
    reach, residents = town.assessment.reach, town.study.homes.residents
    table = all_tables["facilities"]
    for number in range(len(table)):
        own = {
            home
            for service in range(3)
            for home in range(30)
            if np.isfinite(reach.seconds[service, home]) and reach.facility[service, home] == number
        }
        assert table["nearest_homes"][number] == len(own)
        assert table["nearest_residents"][number] == sum(residents[home] for home in own)


def test_names_are_kept_as_they_are(all_tables):
    assert all_tables["facilities"]["facility_name"].tolist()[1:] == [SCRIPT_NAME, FORMULA_NAME]
    assert all_tables["facilities"]["services_zh"].tolist()[1] == "社区卫生服务站；幼儿园"


def test_plan_shares_start_from_what_is_covered(all_tables):
    sites = all_tables["plan"]
    assert sites["candidate_id"].tolist() == ["C4", "C1"]
    assert sites["rank"].tolist() == [1, 2]
    assert sites["share_after"].tolist() == [(1610 + 420) / 4650, (1610 + 490) / 4650]
    quality = all_tables["plan_quality"].iloc[0]
    assert quality["share_after"] == sites["share_after"].iloc[-1]
    assert quality["plan_value"] == quality["added_residents"] == sites["marginal_residents"].sum()
    assert quality["plan_bound"] >= quality["plan_value"]


def test_runners_up_say_what_they_would_cost(all_tables):
    sites = all_tables["plan"]
    assert sites["runner_up_zh"].tolist() == ["无可替代的候选点", "老旧菜场（少覆盖 12 人），另有 1 处并列"]
    assert sites["runner_up_id"].tolist() == ["", "C2"]
    assert sites["yuan_per_resident"].iloc[0] == 1.2e6 / 420
    assert np.isnan(sites["residents_per_wan_yuan"].iloc[1])  # its cost is unknown


def test_what_stays_uncovered_adds_up(all_tables):
    left = all_tables["plan_uncovered"]
    whole, districts = (left[left["scope"] == scope] for scope in ("study", "district"))
    assert whole["residents_left"].tolist() == [290, 2200, 300]
    assert whole["uncovered"].tolist() == ["no_candidate", "not_chosen", "unjoined"]
    assert districts["residents_left"].sum() == 290 + 2200 + 300


def test_tables_of_plans_name_what_they_are_about(town, all_tables):
    clause = all_tables["plan_clauses"].iloc[0]
    assert (clause["candidate_id"], clause["requirement_id"], clause["scope"]) == ("C4", "kindergarten_5", "district")
    assert all_tables["plan_dominated"]["dominated_by_name"].tolist() == ["闲置厂房"]
    assert all_tables["plan_frontier"]["sites_new"].tolist() == [1, 2, 3]
    assert all_tables["plan_stages"]["gap_share"].isna().tolist() == [True, False]
    frame, position = tables.plan_homes(town.study, town.plans)
    assert frame["rank"].tolist() == [2, 1, 1] == [1 + town.plans[0].gained_by[0, home] for home in position]
    assert town.study.homes.ids[position].tolist() == frame["home_id"].tolist()


def test_gaps_are_ranked_within_their_requirement(all_tables):
    gaps = all_tables["gaps"]
    assert gaps["gap_rank"].tolist() == [1, 2]
    assert gaps["residents"].is_monotonic_decreasing
    assert np.isnan(gaps["median_walk_minutes"].iloc[1])


def test_places_are_where_they_are(town, all_tables):
    homes = all_tables["homes"]
    assert homes["lon"].between(118.7, 118.9).all()
    assert homes["lat"].between(32.0, 32.1).all()
    assert homes["lon"].iloc[0] < homes["lon"].iloc[5]


def test_dictionary_describes_every_column_of_every_table(all_tables):
    described = set(zip(all_tables["dictionary"]["table"], all_tables["dictionary"]["column"], strict=True))
    for name, frame in all_tables.items():
        if name != "dictionary":
            assert {(name, column_entry(column)[0]) for column in frame.columns} <= described


@pytest.mark.parametrize("language", ["zh", "en"])
def test_labels_keep_numbers_and_need_no_second_language(all_tables, language):
    for frame in all_tables.values():
        shown = tables.labelled(frame, language)
        assert len(shown.columns) == len(tables.shown_columns(frame, language))
        for header, name in zip(shown.columns, tables.shown_columns(frame, language), strict=True):
            assert "{" not in header
            if pd.api.types.is_float_dtype(frame[name].dtype):
                pd.testing.assert_series_equal(shown[header], frame[name], check_names=False)


def test_headers_name_the_service_and_the_unit(all_tables):
    assert "步行至幼儿园（分钟）" in tables.labelled(all_tables["homes"], "zh").columns
    assert "Walk to Kindergarten (min)" in tables.labelled(all_tables["homes"], "en").columns


def test_an_undescribed_column_is_a_defect():
    with pytest.raises(KeyError):
        column_entry("mystery")


def test_tables_of_a_study_without_plans_or_gaps(town):
    found = tables.tables_of(replace(town, gaps=NO_GAPS, plans=()))
    full = tables.tables_of(town)
    for name in ("gaps", *(name for name in full if name.startswith("plan"))):
        assert len(found[name]) == 0
        assert list(found[name].columns) == list(full[name].columns)
        tables.labelled(found[name], "zh")


@pytest.mark.parametrize(
    ("second", "share", "streets", "zh", "en"),
    [
        ("", 0.5, 4, "甲路一带", "around 甲路"),
        ("乙路", 0.6, 2, "甲路、乙路一带", "around 甲路 and 乙路"),
        ("", 0.1, 120, "甲路等 120 条道路一带", "around 120 streets, such as 甲路"),
        ("乙路", 0.49, 3, "甲路等 3 条道路一带", "around 3 streets, such as 甲路"),
        ("", 0.2, 1, "甲路及周边", "around 甲路 and beyond"),  # most live by streets without a name
    ],
)
def test_a_wide_place_is_not_called_after_one_street(town, second, share, streets, zh, en):
    """Without districts the gaps of a whole city may be one place."""
    columns = {
        "ids": "G-1",
        "estate": "",
        "street": "甲路",
        "street_2": second,
        "street_share": share,
        "streets": streets,
        "district": -1,
        "facility": -1,
    }
    values = {name: np.array([value], object if isinstance(value, str) else None) for name, value in columns.items()}
    others = ("geometry", "residents", "households", "homes", "severity")
    places = replace(NO_PLACES, **values, **dict.fromkeys(others, np.ones(1)))
    one = replace(town, diagnosis=replace(town.diagnosis, places=places))
    assert place_name(one, 0, "zh") == zh
    assert place_name(one, 0, "en") == en
    most = replace(places, residents=np.array([0.6 * town.study.homes.residents.sum()]))
    said = place_name(replace(one, diagnosis=replace(town.diagnosis, places=most)), 0, "zh")
    assert said == (f"研究范围大部（甲路等 {streets} 条道路）" if share < 0.5 and streets > 1 else zh)
