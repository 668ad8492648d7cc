"""Every metric against hand arithmetic in a town of two communities: A with 300 residents, B with 1,200."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.metrics import METRICS
from livingcircle.kernel.metrics.limits import band, worst_by_unit
from livingcircle.kernel.metrics.walking import distance_of_share
from livingcircle.model.rule import Metric
from rule_town import STUDY, A, B, S, facilities, facts, homes, judged, rule, units

STATIONS = ((500, "station"), (1500, "station clinic"))


def found(metric, known, unit=A, **more):
    """Return the verdict of a rule that anything but a negative value meets."""
    return judged(rule(metric, ">=", more.pop("value", 0.0), **more), known)[unit]


def test_the_whole_vocabulary_is_measured():
    assert set(METRICS) == set(get_args(Metric))


# ── Walking ─────────────────────────────────────────────────────────────────


def test_minutes_are_those_within_which_the_share_of_residents_lives():
    known = facts(facilities(*STATIONS), seconds={"station": [60, 1000, 120, 900]})
    asked = rule("walk_minutes", "<=", 15, minimum_share=0.9)
    rows = judged(asked, known)
    # A: 100 of 300 residents within 900 s, 270 are asked; the 270th walks 1,000 s.
    assert rows[A]["value"] == pytest.approx(1000 / 60)
    assert (rows[A]["verdict"], rows[A]["supply"], rows[A]["demand"]) == ("unmet", 100, 300)
    assert rows[A]["shortfall"] == pytest.approx(0.9 * 300 - 100)
    # B: exactly 15 minutes is within 15 minutes.
    assert (rows[B]["verdict"], rows[B]["value"], rows[B]["margin"], rows[B]["shortfall"]) == ("met", 15, 0, 0)


def test_metres_are_walked_metres_whatever_the_minutes_are():
    known = facts(facilities(*STATIONS), seconds={"station": [9e9] * 4}, metres={"station": [300, 300.0, 300.05, 10]})
    rows = judged(rule("walk_metres", "<=", 300, minimum_share=1.0), known)
    assert (rows[A]["verdict"], rows[B]["verdict"]) == ("met", "unmet")
    assert rows[B]["value"] == pytest.approx(300.05)
    assert rows[B]["shortfall"] == 400


def test_the_base_says_whom_a_walk_counts():
    known = facts(
        facilities(*STATIONS),
        seconds={"station": [60, 1000, 60, 1000]},
        of=homes(footprint_m2=np.array([900.0, 100, 100, 100]), households=np.array([8.0, 2, 5, 5])),
    )
    shares = {}
    for base in ("", "households", "homes", "land"):
        row = found("share_within_walk", known, within_minutes=15, base=base)
        shares[base] = row["value"]
    assert shares == pytest.approx({"": 100 / 300, "households": 0.8, "homes": 0.5, "land": 0.9})
    for metric, more in (("share_within_walk", {"within_minutes": 15}), ("walk_minutes", {})):
        rows = judged(rule(metric, ">=" if more else "<=", 15, **more), known)
        assert rows[A]["shares"] == pytest.approx([1 / 3, 0.8, 0.5, 0.9])
        assert rows[STUDY]["shares"] == pytest.approx([500 / 1500, 13 / 20, 0.5, 1000 / 1200])
    assert np.isnan(found("count", known)["shares"]).all()


def test_the_circle_needs_every_service_that_is_asked_for_at_its_level():
    known = facts(
        facilities(*STATIONS),
        seconds={"station": [60, 60, 60, 60], "clinic": [60, 1000, 60, 1000]},
    )
    asked = rule("share_within_walk", ">=", 0.5, "circle", members=("station", "clinic"), within_minutes=15)
    assert judged(asked, known)[A]["value"] == pytest.approx(1 / 3)
    one = rule("share_within_walk", ">=", 0.5, "circle", members=("station",), within_minutes=15)
    assert judged(one, known)[A]["value"] == 1


def test_a_circle_with_a_service_nobody_knows_of_can_fail_but_never_pass():
    known = facts(facilities(*STATIONS), seconds={"station": [60, 60, 60, 1000]})
    asked = rule("walk_minutes", "<=", 15, "circle", members=("station", "park"))
    rows = judged(asked, known)
    assert (rows[A]["verdict"], rows[A]["reason"]) == ("no_data", "missing:facilities")
    assert (rows[B]["verdict"], rows[B]["reason"]) == ("unmet", "at_least:facilities")


def test_land_is_within_reach_of_any_and_the_radius_stands_beside_the_walk():
    places = facilities((150, "park"), (1050, "stop"))
    known = facts(places, metres={"park": [60, 5000, 9000, 9000], "stop": [999, 250, 200, 5000]})
    asked = rule(
        "share_of_land_within",
        ">",
        0.5,
        "park",
        members=("park", "stop"),
        measure="radius",
        within_metres=300,
        level="all",
        statistic="aggregate",
    )
    row = judged(asked, known)[STUDY]
    assert (row["value"], row["verdict"]) == (0.75, "met")  # homes 0, 1 and 2 of equal land
    assert row["radius_value"] == 0.75  # 900 m is 150 m from the stop
    closer = judged(rule("walk_metres", "<=", 300, "stop", measure="radius", minimum_share=0.5), known)
    assert closer[B]["radius_value"] == 850  # two thirds of the residents of B live at 1,900 m


def test_land_of_unknown_size_leaves_no_verdict():
    known = facts(facilities((150, "park")), metres={"park": [0, 0, 0, 0]}, of=homes(footprint_m2=np.full(4, np.nan)))
    row = judged(rule("share_of_land_within", ">", 0.8, "park", level="all"), known)[STUDY]
    assert (row["verdict"], row["reason"]) == ("no_data", "missing:footprint_m2")


def test_homes_that_cannot_walk_there_are_within_no_limit():
    known = facts(facilities(*STATIONS), seconds={"station": [np.nan, 60, np.inf, 60]})
    row = found("share_within_walk", known, within_minutes=15)
    assert row["supply"] == 200
    walk = judged(rule("walk_minutes", "<=", 15), known)
    assert (walk[A]["value"], walk[A]["verdict"]) == (np.inf, "unmet")


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.integers(1, 500), st.integers(-1, 2)), min_size=1, max_size=40),
    st.floats(0.05, 1.0),
)
def test_distance_of_a_share_is_within_a_limit_just_when_the_share_is(rows, share):
    distance, weight, unit = (np.array(column) for column in zip(*rows, strict=True))
    weight, unit = weight.astype(float), unit.astype(np.int32)
    demand = np.bincount(unit[unit >= 0], weight[unit >= 0], minlength=3).astype(float)
    found_at = distance_of_share(distance, unit, weight, demand, share)
    for number in range(3):
        mine = unit == number
        if not mine.any():
            assert np.isnan(found_at[number])
            continue
        for limit in distance[mine]:
            within = weight[mine & (distance <= limit)].sum()
            assert (found_at[number] <= limit) == (within >= share * demand[number] * (1 - 1e-9))


# ── Presence ────────────────────────────────────────────────────────────────


def test_places_are_counted_in_the_unit_that_holds_them():
    known = facts(facilities((100, "station"), (200, "station"), (1500, "clinic")))
    rows = judged(rule("count", ">=", 1), known)
    assert [rows[unit]["value"] for unit in (A, B)] == [2, 0]
    assert rows[A]["evidence"] == [0, 1]
    assert (rows[B]["verdict"], rows[B]["shortfall"]) == ("unmet", 1)
    assert (rows[STUDY]["verdict"], rows[STUDY]["supply"], rows[STUDY]["demand"]) == ("unmet", 1, 2)


def test_a_second_station_stands_in_for_no_other_community():
    known = facts(facilities((100, "station"), (200, "station")))
    for metric in ("share_of_units_with", "one_per_unit"):
        row = judged(rule(metric, ">=", 1, statistic="aggregate"), known)[STUDY]
        assert (row["value"], row["supply"], row["demand"], row["verdict"]) == (0.5, 1, 2, "unmet")
        assert row["shortfall"] == 1
    total = judged(rule("count_total", ">=", 2, statistic="aggregate"), known)[STUDY]
    assert (total["value"], total["verdict"]) == (2, "met")


def test_what_the_input_holds_nowhere_is_unknown_unless_it_was_surveyed():
    asked = rule("presence", ">=", 1, "park")
    assert judged(asked, facts())[A]["reason"] == "missing:facilities"
    surveyed = judged(asked, facts(surveyed=("park",)))[A]
    assert (surveyed["verdict"], surveyed["value"]) == ("unmet", 0)
    assert judged(rule("named", "include", service="station"), facts())[A]["verdict"] == "met"


def test_what_is_planned_is_not_there_yet():
    known = facts(facilities((100, "station"), (200, "station"), status=["planned", ""], floor_m2=[900, 100]))
    assert found("count", known)["value"] == 1
    assert found("floor_m2", known)["value"] == 100


def test_a_list_is_met_by_all_of_its_members():
    known = facts(facilities((100, "station"), (200, "clinic"), (1500, "stop")))
    asked = rule("facility_list", "include", 2, members=("station", "clinic"))
    rows = judged(asked, known)
    assert (rows[A]["value"], rows[A]["verdict"]) == (2, "met")
    assert (rows[B]["value"], rows[B]["verdict"], rows[B]["shortfall"]) == (0, "unmet", 2)
    longer = judged(rule("facility_list", "include", 2, members=("station", "park")), known)
    assert longer[S]["verdict"] == "no_data"  # parks are laid out for 15 minutes: no community is asked to have its own
    assert longer[S]["reason"] == "missing:facilities;provided_at:15min;circle:15min=street"
    nowhere = judged(rule("facility_list", "include", 2, members=("clinic", "stop")), facts(facilities((100, "stop"))))
    assert (nowhere[A]["verdict"], nowhere[A]["reason"]) == ("no_data", "missing:facilities")
    assert nowhere[B]["verdict"] == "unmet"  # it has no stop, whatever is known of clinics
    unlisted = judged(rule("facility_list", "include", 12), known)
    assert (unlisted[A]["verdict"], unlisted[A]["reason"]) == ("no_data", "ask:list")


def test_spaces_per_household():
    known = facts(facilities((100, "station"), capacity=[75]))
    row = found("count_per_resident", known, value=1, base="dwellings")
    assert (row["value"], row["shortfall"]) == (0.5, 75)  # 75 spaces for 150 households
    assert found("count_per_resident", known)["value"] == 0.25


# ── Floor and land ──────────────────────────────────────────────────────────


def test_a_shared_room_counts_once():
    known = facts(facilities((500, "station clinic"), floor_m2=[300]))
    circle = rule("floor_m2_per_1000_residents", ">=", 0, "circle", members=("station", "clinic"))
    assert judged(circle, known)[A]["value"] == 1000
    assert found("floor_m2", known)["value"] == found("floor_m2", known, service="clinic")["value"] == 300


def test_floor_and_land_per_head():
    known = facts(facilities(*STATIONS, floor_m2=[300, 240], land_m2=[30, 12]))
    assert [found("floor_m2_per_100_households", known, unit)["value"] for unit in (A, B)] == [200, 40]
    assert [found("floor_m2_per_1000_residents", known, unit)["value"] for unit in (A, B)] == [1000, 200]
    assert [found("land_m2_per_1000_residents", known, unit)["value"] for unit in (A, B)] == [100, 10]
    assert [found("land_m2_per_resident", known, unit)["value"] for unit in (A, B)] == [0.1, 0.01]
    short = found("floor_m2_per_100_households", known, B, value=43.0)
    assert (short["verdict"], short["shortfall"]) == ("unmet", pytest.approx(18))  # 3 m² per 100 of 600 households


def test_a_park_of_an_upper_level_does_not_stand_in_for_one_of_the_lower():
    known = facts(facilities((100, "clinic"), (200, "park clinic"), (1500, "park clinic"), land_m2=[90, 900, 9000]))
    asked = rule("land_m2_per_resident", ">=", 1, "clinic", excluded=("park",))
    rows = judged(asked, known)
    assert (rows[A]["value"], rows[A]["shortfall"], rows[A]["evidence"]) == (0.3, pytest.approx(210), [0])
    assert (rows[B]["value"], rows[B]["verdict"], rows[B]["evidence"]) == (0, "unmet", [])
    assert judged(replace(asked, excluded=()), known)[B]["verdict"] == "met"
    upper = judged(rule("land_m2_per_resident", ">=", 1, "park", level="street"), known)
    assert upper[S]["value"] == pytest.approx(9900 / 1500)


def test_unknown_floor_is_no_data_unless_what_is_known_is_enough():
    known = facts(facilities((100, "station"), (200, "station"), floor_m2=[300, np.nan]))
    enough = judged(rule("floor_m2", ">=", 300), known)[A]
    assert (enough["verdict"], enough["value"], enough["reason"]) == ("met", 300, "at_least:floor_m2")
    unsure = judged(rule("floor_m2", ">=", 301), known)[A]
    assert (unsure["verdict"], unsure["reason"], unsure["supply"]) == ("no_data", "missing:floor_m2", 300)
    assert np.isnan(unsure["value"])
    assert np.isnan(unsure["shortfall"])
    too_much = judged(rule("floor_m2", "<=", 299), known)[A]
    assert (too_much["verdict"], too_much["reason"]) == ("unmet", "at_least:floor_m2")
    assert judged(rule("floor_m2", "<=", 300), known)[A]["verdict"] == "no_data"
    assert judged(rule("floor_m2", "between", 200, value_max=400), known)[A]["verdict"] == "no_data"
    assert judged(rule("floor_m2", "between", 100, value_max=200), known)[A]["verdict"] == "unmet"


def test_single_facilities_are_as_large_as_the_smallest():
    known = facts(facilities((100, "station"), (200, "station"), (1500, "station"), floor_m2=[300, 100, 250]))
    rows = judged(rule("floor_m2", ">=", 120, base="facility"), known)
    assert (rows[A]["value"], rows[A]["verdict"], rows[A]["shortfall"]) == (100, "unmet", 20)
    assert (rows[A]["supply"], rows[A]["demand"]) == (1, 2)
    assert rows[B]["verdict"] == "met"
    band_of = judged(rule("land_m2", "between", 1, value_max=2, base="facility"), known)[A]
    assert (band_of["verdict"], band_of["reason"]) == ("no_data", "missing:land_m2")


def test_without_a_place_there_is_no_single_size():
    known = facts(facilities((100, "station"), floor_m2=[300]))
    row = judged(rule("floor_m2", ">=", 120, base="facility"), known)[B]
    assert (row["verdict"], row["reason"]) == ("not_applicable", "no_facility")
    assert judged(rule("floor_m2", ">=", 120), known)[B]["verdict"] == "unmet"


def test_activity_share_and_share_of_buildings():
    known = facts(facilities((100, "station"), (200, "station"), floor_m2=[300, 100], activity_m2=[150, 90]))
    row = found("activity_share_of_floor", known, value=0.6)
    assert (row["value"], row["verdict"], row["shortfall"]) == (0.6, "met", 0)
    assert found("share_of_building_floor", known)["value"] == pytest.approx(400 / 3000)
    unknown = facts(facilities((100, "station"), floor_m2=[300]))
    assert found("activity_share_of_floor", unknown, value=0.6)["reason"] == "missing:activity_m2"
    points = facts(facilities((100, "station"), floor_m2=[300]), of=homes(floor_m2=np.full(4, np.nan)))
    assert found("share_of_building_floor", points, value=0.1)["reason"] == "missing:home_floor_m2"


def test_area_per_bed():
    known = facts(facilities((100, "station"), (200, "station"), floor_m2=[350, 700], land_m2=[80, 100], beds=[10, 10]))
    assert found("floor_m2_per_bed", known, value=35)["verdict"] == "met"
    assert found("land_m2_per_bed", known, value=9)["value"] == 8
    assert found("land_m2_per_bed", known, value=11)["shortfall"] == (11 - 8) * 10 + (11 - 10) * 10


# ── People, staff, offer ────────────────────────────────────────────────────


def test_people_of_a_unit_and_per_place():
    known = facts(facilities((100, "station"), (200, "station")))
    circle = judged(rule("residents_per_unit", "between", 300, "circle", value_max=1000), known)
    assert (circle[A]["verdict"], circle[A]["margin"]) == ("met", 0)
    assert (circle[B]["verdict"], circle[B]["excess"], circle[B]["threshold"]) == ("unmet", 200, 1000)
    assert circle[B]["shortfall"] == 0
    assert found("residents_per_unit", known)["value"] == 150
    dwellings = found("dwellings_per_unit", known, service="circle")
    assert (dwellings["value"], dwellings["reason"]) == (150, "assumed:dwellings=households")
    assert judged(rule("households_per_community", "<=", 150), known)[A]["verdict"] == "met"
    assert found("residents_per_unit", known, B)["reason"] == "no_facility"


def test_places_that_too_many_share_are_missing_and_those_too_few_share_are_too_many():
    known = facts(facilities((100, "station"), (200, "station")))  # 300 residents in A
    crowded = judged(rule("residents_per_unit", "<=", 100), known)[A]
    assert (crowded["value"], crowded["shortfall"], crowded["excess"]) == (150, 1, 0)
    idle = judged(rule("residents_per_unit", "between", 200, value_max=400), known)[A]
    assert (idle["verdict"], idle["shortfall"], idle["excess"]) == ("unmet", 0, 1)  # 300 are enough for one place only


def test_no_part_of_a_place_is_missing():
    known = facts(facilities((100, "station"), (200, "station")))
    assert judged(rule("residents_per_unit", "<=", 140), known)[A]["shortfall"] == 1  # 300 ÷ 140 = 2.14: three
    assert judged(rule("residents_per_unit", "<=", 150), known)[A]["shortfall"] == 0


def test_single_facilities_that_are_too_large_lack_nothing():
    known = facts(facilities((100, "station"), (200, "station"), (300, "station"), floor_m2=[300, 100, 450]))
    row = judged(rule("floor_m2", "between", 200, value_max=250, base="facility"), known)[A]
    assert (row["value"], row["shortfall"], row["excess"]) == (450, 100, 50 + 200)


def test_staff():
    known = facts(facilities(*STATIONS, staff=[3, 6]))
    assert [found("staff_per_10000_residents", known, unit)["value"] for unit in (A, B)] == [100, 50]
    ceiling = rule("staff_per_community", "<=", 5, least_units=100, most_units=599)
    rows = judged(ceiling, known)
    assert (rows[A]["verdict"], rows[B]["reason"]) == ("met", "size_band")  # 150 and 600 households
    larger = judged(rule("staff_per_community", "<=", 5, least_units=600), known)
    assert (larger[B]["verdict"], larger[B]["shortfall"], larger[B]["excess"]) == ("unmet", 0, 1)


def test_beds_classes_hours_and_width_are_those_of_the_worst_place():
    places = facilities((100, "station"), (200, "station"), beds=[20, 30], classes=[6, 40], width_metres=[8, 9])
    known = facts(places, hours=[8, 7.5])
    assert found("beds", known, value=25)["value"] == 20
    assert judged(rule("classes", "<=", 36), known)[A]["value"] == 40
    assert (found("hours_per_day", known, value=8)["value"], found("width_metres", known, value=8)["value"]) == (7.5, 8)
    assert found("hours_per_day", facts(places), value=8)["reason"] == "missing:hours"


def test_beds_for_the_elderly_need_their_number():
    places = facilities((100, "station"), beds=[3])
    assert found("beds_per_1000_elderly", facts(places))["reason"] == "missing:age_60+"
    aged = homes(residents_by_age=np.array([[25.0], [50], [100], [200]]), age_groups=("60+",))
    assert found("beds_per_1000_elderly", facts(places, of=aged))["value"] == 40


def test_services_under_one_roof_and_next_door():
    known = facts(facilities((100, "station clinic"), (400, "station"), (449, "stop"), (1500, "station")))
    assert found("services_per_site", known, value=2)["value"] == 1
    assert found("services_per_site", known, value=1, members=("station",))["verdict"] == "met"
    beside = judged(rule("colocation", "require", members=("clinic", "stop")), known)
    assert (beside[A]["verdict"], beside[B]["verdict"]) == ("met", "unmet")
    tight = judged(rule("colocation", "require", members=("clinic", "stop"), within_metres=48), known)
    assert (tight[A]["verdict"], tight[A]["shortfall"]) == ("unmet", 1)
    assert judged(rule("colocation", "require"), known)[A]["reason"] == "ask:list"
    assert judged(rule("colocation", "require", members=("park",)), known)[A]["reason"] == "missing:facilities"


# ── The place ───────────────────────────────────────────────────────────────


def test_streets_are_cut_at_the_outline():
    known = facts(streets=[[(500, 500), (1500, 500)], [(0, 200), (1000, 200)]])
    row = found("street_km_per_km2", known, service="walk_network")
    assert row["value"] == pytest.approx(1.5)  # 500 m of the one, 1,000 m of the other, in 1 km²
    assert found("street_km_per_km2", known, B, service="walk_network")["value"] == pytest.approx(0.5)
    spacing = found("spacing_metres", known, service="walk_network")
    assert spacing["value"] == pytest.approx(2 * 1e6 / 1500)


def test_without_roads_of_the_city_the_streets_are_what_is_missing():
    rows = judged(rule("street_km_per_km2", ">=", 8, "walk_network"), facts())
    assert (rows[A]["verdict"], rows[A]["reason"]) == ("no_data", "missing:streets")


def test_walking_routes_are_more_than_roads():
    """A is 1 km² with 1,500 m of road and, beside it, 3,000 m of path: walking routes are 2 · 10⁶ ÷ 4,500 m = 444 m apart."""
    roads = [[[0, 300], [1000, 300]], [[500, 0], [500, 500]]]
    paths = [[[0, y], [1000, y]] for y in (500, 600, 700)]
    known = facts(streets=roads)
    lines = np.asarray(shapely.linestrings(np.array([*roads, *paths], float)), object)
    known = replace(known, walkway_lines=lines, walkway_metres=shapely.length(lines))
    row = found("spacing_metres", known, service="walk_network", base="walkways")
    assert row["value"] == pytest.approx(2e6 / 4500)
    assert found("spacing_metres", known, service="walk_network")["value"] == pytest.approx(2e6 / 1500)


def test_spacing_of_places():
    known = facts(facilities((100, "station"), (350, "station"), (1500, "station")))
    rows = judged(rule("spacing_metres", "<=", 300), known)
    assert (rows[A]["value"], rows[A]["verdict"], rows[B]["value"]) == (250, "met", 1150)


def test_told_and_kept():
    rows = judged(rule("register_share", ">=", 0.5, statistic="aggregate"), facts())
    assert (rows[STUDY]["verdict"], rows[STUDY]["reason"]) == ("no_data", "ask:register")
    assert judged(rule("checklist", "require"), facts())[A]["reason"] == "ask:checklist"
    assert judged(rule("design", "require"), facts())[STUDY]["reason"] == "design"


# ── Whatever is measured ────────────────────────────────────────────────────


def test_a_larger_district_holds_what_its_communities_hold():
    known = facts(facilities(*STATIONS, floor_m2=[300, 240]))
    row = judged(rule("floor_m2_per_100_households", ">=", 30, level="street"), known)[S]
    assert row["value"] == pytest.approx(100 * 540 / 750)
    assert len(units(known, "15min")) == 0
    assert units(known, "all").position.tolist() == [STUDY]


@given(st.lists(st.integers(0, 1999), min_size=1, max_size=8), st.integers(0, 1999))
def test_one_more_place_never_lowers_a_count(places, more):
    before = facts(facilities(*((x, "station") for x in places)))
    after = facts(facilities(*((x, "station") for x in [*places, more])))
    for metric in ("count", "presence", "one_per_unit", "share_of_units_with"):
        asked = rule(metric, ">=", 1)
        old, new = judged(asked, before), judged(asked, after)
        assert all(new[unit]["value"] >= old[unit]["value"] for unit in (A, B))


@given(st.permutations(range(4)), st.permutations(range(3)))
def test_the_order_of_rows_changes_nothing(of_homes, of_places):
    listed = [(500, "station"), (1500, "station clinic"), (900, "clinic")]
    areas = np.array([300.0, 240, 90])
    walks = np.array([60.0, 1000, 120, 900])
    people = homes()
    for metric in ("floor_m2_per_100_households", "count", "services_per_site"):
        one = judged(rule(metric, ">=", 1), facts(facilities(*listed, floor_m2=areas)))
        shuffled = facts(facilities(*(listed[place] for place in of_places), floor_m2=areas[list(of_places)]))
        other = judged(rule(metric, ">=", 1), shuffled)
        assert [one[unit]["value"] for unit in one] == [other[unit]["value"] for unit in other]
    order = np.array(of_homes)
    asked = rule("walk_minutes", "<=", 15)
    one = judged(asked, facts(facilities(*STATIONS), seconds={"station": walks}))
    other = judged(asked, facts(facilities(*STATIONS), seconds={"station": walks[order]}, of=people.take(order)))
    assert [one[unit]["value"] for unit in one] == [other[unit]["value"] for unit in other]


def test_one_failing_place_decides_before_one_that_is_unknown():
    asked = band(rule("beds", ">=", 10))
    value, row = np.array([5, np.nan, 20, np.nan, 12]), np.array([0, 0, 1, 1, 2])
    least, most, missing, excess = worst_by_unit(asked, value, row, 4)
    assert (least[0], most[0], missing[0], excess[0]) == (5, 5, 5, 0)
    assert (least[1], most[1]) == (-np.inf, np.inf)
    assert (least[2], most[2]) == (12, 12)
    assert np.isnan(least[3])
