"""What closes a gap at the least cost: every claimed gain is that of two full runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

import gap_town as g
import town as t
from gap_town import CLINIC_300, GRID, NOON, estate, gates
from livingcircle.errors import NetworkError
from livingcircle.kernel.change import add_crossing, add_gate
from livingcircle.kernel.compound import walled
from livingcircle.kernel.gap_places import gap_places
from livingcircle.kernel.remedy import ENOUGH, scenario_of
from livingcircle.kernel.unit_remedy import unit_remedies
from livingcircle.model.compound import Compounds
from livingcircle.model.diagnosis import COST_CLASS, Cause, Remedy
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Citation
from livingcircle.model.verdict import RuleVerdicts
from livingcircle.render.tables.shortages import unit_remedy_said

CITED = Citation("D", "Document", "1", "", "read_in_full")


def only(one):
    """Return the one gap area with its diagnosis."""
    areas, members, found = g.gaps_of(one)
    assert len(areas) == len(members) == len(found) == 1
    return areas, members, found


# ── Remedies ────────────────────────────────────────────────────────────────


def test_a_gate_is_opened_where_it_helps_and_brings_what_a_full_run_says():
    town, compounds = estate((290, 200))
    one = g.study(town, [(200, 200), (180, 200), (400, 200)], g.facilities([(0, 200), (500, 200)]), [CLINIC_300])
    # Through the east gate it is 300 m to the clinic in the east from the first home, 320 from the second, 100 from outside.
    _, members, found = only(one)
    assert members.of(0).tolist() == [1]
    assert (Cause(found.cause[0]), Remedy(found.remedy[0])) == (Cause.OWN_WALL, Remedy.OPEN_GATE)
    assert found.xy[0] == pytest.approx((113, 200), abs=4)  # the wall stands 3 m inside the outline
    again = walled(GRID, compounds, gates((290, 200), tuple(found.xy[0])), "one_gate", NOON)
    after = g.study(again, one.homes, one.facilities, [CLINIC_300])
    assert found.residents_gained[0] == found.residents_closed[0] == g.newly_covered(one, after) == 2
    assert found.trials[0] >= 1


def test_a_gate_counts_those_it_brings_elsewhere_too():
    town, compounds = estate((290, 200))
    # The second home, far from the first, is behind the same wall.
    one = g.study(town, [(200, 120), (200, 280)], g.facilities([(0, 200)]), [g.requirement("clinic", 290)])
    _, _, found = g.gaps_of(one)
    assert (found.remedy == Remedy.OPEN_GATE).all()
    for area in range(len(found)):
        again = walled(GRID, compounds, gates((290, 200), tuple(found.xy[area])), "one_gate", NOON)
        after = g.study(again, one.homes, one.facilities, one.standard.requirements)
        assert found.residents_gained[area] == g.newly_covered(one, after)


def test_a_gate_in_a_wall_without_streets_behind_it():
    # No street leads into the block between x = 100 and 200: its homes walk straight to the one gate, and on.
    shape = shapely.box(104, 104, 196, 196)
    name = g.texts("锦绣苑")
    compounds = Compounds(name, name.copy(), g.texts(shape), np.array([False]))
    town = walled(GRID, compounds, gates((196, 150)), "one_gate", NOON)
    one = g.study(town, [(150, 150)], g.facilities([(0, 150)]), [g.requirement("clinic", 250)])
    # East 43 m to the gate and 7 to the street, 50 down, 200 along, 50 up; west through the wall 50 + 50 + 100 + 50.
    assert g.found(one).walk_seconds[0] == 50 + 50 + 200 + 50
    _, _, found = only(one)
    assert Remedy(found.remedy[0]) == Remedy.OPEN_GATE
    again = walled(GRID, compounds, gates((196, 150), tuple(found.xy[0])), "one_gate", NOON)
    after = g.study(again, one.homes, one.facilities, one.standard.requirements)
    assert found.residents_gained[0] == g.newly_covered(one, after) == 1


def test_a_crossing():
    walker = replace(g.WALKER, wide_roads="crossings")
    one = g.study(g.wide_road(), [(300, 0)], g.facilities([(400, 200)]), [g.requirement("clinic", 320)], walker=walker)
    _, _, found = only(one)
    assert (Cause(found.cause[0]), Remedy(found.remedy[0])) == (Cause.WIDE_ROAD, Remedy.ADD_CROSSING)
    streets = g.wide_road()
    here = (streets.node_xy == found.xy[0]).all(axis=1)
    after = g.study(
        replace(streets, node_crossing=here.astype(np.int8)),
        one.homes,
        one.facilities,
        one.standard.requirements,
        walker=walker,
    )
    assert found.residents_gained[0] == g.newly_covered(one, after) == 1


def test_a_crossing_where_there_is_no_wide_road():
    one = g.study(GRID, [(0, 0)], g.facilities([(500, 0)]), [CLINIC_300])
    with pytest.raises(NetworkError):
        add_crossing(scenario_of(one, np.array([0]), 300.0), (100.0, 0.0))


def test_stock_that_covers_enough_is_cheaper_than_a_new_site():
    homes = [(0, 0), (100, 0), (200, 0)]
    stock = g.candidates((0, 300), (400, 0), floor_m2=500.0)
    one = g.study(GRID, homes, g.facilities([(500, 500)]), [CLINIC_300], listed=stock)
    _, _, found = only(one)
    # From the first it is 300, 400, 500 m to them; from the second 400, 300, 200.
    assert (Remedy(found.remedy[0]), found.candidate[0]) == (Remedy.REUSE_STOCK, 1)
    assert found.residents_gained[0] == g.newly_covered(one, g.with_facility(one, (400, 0))) == 2 + 4
    assert found.residents_closed[0] / one.homes.residents.sum() >= ENOUGH


def test_stock_that_the_service_may_not_move_into_is_no_remedy():
    homes = [(0, 0), (100, 0), (200, 0)]
    stock = g.candidates((0, 300), (400, 0), floor_m2=500.0)
    for barred in (
        replace(stock, allowed=np.array([[True, True], [False, True]])),  # a clinic, a school
        replace(stock, status=np.array(["candidate", "forbidden"], object)),
    ):
        one = g.study(GRID, homes, g.facilities([(500, 500)]), [CLINIC_300], listed=barred)
        _, _, found = only(one)
        assert (Remedy(found.remedy[0]), found.candidate[0]) == (Remedy.NEW_SITE, -1)


def test_stock_that_does_not_cover_enough_gives_way_to_a_new_site():
    homes = [(0, 0), (100, 0), (200, 0)]
    one = g.study(GRID, homes, g.facilities([(500, 500)]), [CLINIC_300], listed=g.candidates((0, 300), floor_m2=500.0))
    _, _, found = only(one)
    assert (Remedy(found.remedy[0]), found.candidate[0]) == (Remedy.NEW_SITE, -1)
    assert found.residents_gained[0] == g.newly_covered(one, g.with_facility(one, tuple(found.xy[0]))) == 7


def test_of_equally_good_candidates_the_cheapest_whatever_their_order():
    for order in ([0, 1], [1, 0]):
        stock = g.candidates((0, 100), (100, 0), floor_m2=500.0, cost=[90.0, 60.0]).take(np.array(order))
        one = g.study(GRID, [(0, 0)], g.facilities([(500, 500)]), [CLINIC_300], listed=stock)
        assert only(one)[2].xy[0].tolist() == [100, 0]


def test_where_the_data_end_they_are_to_be_completed_first():
    cut = replace(GRID, node_cut=(GRID.node_xy == (0, 0)).all(axis=1))
    one = g.study(cut, [(100, 0)], g.facilities([(500, 500)]), [CLINIC_300])
    _, _, found = only(one)
    assert Remedy(found.remedy[0]) == Remedy.COMPLETE_DATA
    assert np.isnan(found.residents_gained[0])


def test_shares_add_up_and_severity_is_residents_times_minutes_beyond_with_a_cap():
    one = g.study(GRID, [(0, 0), (100, 0), (0, -900)], g.facilities([(400, 0)]), [CLINIC_300, g.requirement("clinic", 60)])  # fmt: skip
    areas, _, found = g.gaps_of(one)
    assert found.share_by_cause.sum(axis=1) == pytest.approx(1)
    of_five = areas.requirement == 0
    # 400 m at 1 m/s is 100 s beyond 300; a home without a street counts as 300 s beyond.
    assert found.severity[of_five].sum() == pytest.approx((1 * 100 + 4 * 300) / 60)
    # Beyond one minute nobody counts for more than a minute.
    assert found.severity[~of_five].sum() == pytest.approx(7)
    assert (found.share_by_cause.argmax(axis=1) == found.cause).all()


def test_every_remedy_has_a_cost_class_and_they_come_cheapest_first():
    classes = [COST_CLASS[remedy] for remedy in Remedy]
    assert classes == sorted(classes)


# ── Places ──────────────────────────────────────────────────────────────────

TWO = [CLINIC_300, g.requirement("school", 300)]


def placed(one):
    """Return areas, their places and the place of each."""
    areas, members, found = g.gaps_of(one)
    places, place = gap_places(one, areas, members, found.severity)
    return areas, places, place


def test_what_the_same_people_lack_is_one_place():
    one = g.study(GRID, [(0, 0), (100, 0), (500, 500)], g.facilities([(500, 400)], [(500, 500)]), TWO)
    areas, places, place = placed(one)
    assert len(areas) == 2
    assert place.tolist() == [0, 0]
    assert (places.residents.tolist(), places.homes.tolist(), places.households.tolist()) == ([3], [2], [1.5])


def test_what_other_people_lack_is_another_place_and_the_gravest_comes_first():
    one = g.study(GRID, [(0, 0), (500, 500)], g.facilities([(500, 500)], [(0, 0)]), TWO)
    _, places, place = placed(one)
    assert places.residents.tolist() == [2, 1]
    assert place.tolist() == [1, 0]
    assert places.severity.tolist() == [10, 5]  # both are a kilometre away, which counts as five minutes beyond


def test_places_are_numbered_alike_whatever_the_order_of_homes_and_facilities():
    spots = [(0, 0), (100, 0), (500, 500), (400, 500), (0, 500)]
    first = t.homes(spots)
    places = g.facilities([(250, 300), (0, 300)], [(500, 0)])
    listed = []
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        one = g.study(GRID, first.take(np.array(order)), places, TWO)
        _, found, _ = placed(one)
        listed.append([found.ids.tolist(), found.residents.tolist(), found.severity.tolist()])
    assert listed[0] == listed[1]
    assert len(set(listed[0][0])) == len(listed[0][0])


def test_places_are_called_after_compounds_streets_and_districts():
    southern = np.maximum(GRID.node_xy[GRID.start][:, 1], GRID.node_xy[GRID.end][:, 1]) < 50
    streets = replace(GRID, name=np.where(southern, 0, -1).astype(np.int32), names=g.texts("汉口路"))
    west, east = shapely.box(-60, -60, 250, 600), shapely.box(250, -60, 600, 600)
    town, compounds = estate((290, 200), streets=streets)
    homes = [(0, 0), (100, 0), (200, 210)]
    one = g.study(
        town, t.homes(homes, district=[0, 0, 0]), g.facilities([(500, 500)]), [CLINIC_300],
        units=g.districts(west, east), compounds=compounds,
    )  # fmt: skip
    _, places, _ = placed(one)
    assert sorted(zip(places.street, places.estate, places.district.tolist(), strict=True)) == [
        ("", "锦绣苑", 0),
        ("汉口路", "", 0),
    ]


def test_how_many_live_by_the_streets_a_place_is_called_after_is_known():
    """Forty by the street in the south, fifteen by the one beside it, forty-five by the third."""
    start, end = (GRID.node_xy[ends] for ends in (GRID.start, GRID.end))
    level = np.where(start[:, 1] == end[:, 1], (start[:, 1] / 100).astype(int), -1)
    streets = replace(GRID, name=np.where(level < 3, level, -1).astype(np.int32), names=g.texts("南路", "中路", "北路"))
    homes = t.homes([(0, 0), (100, 0), (100, 100), (100, 200)], residents=[30, 10, 15, 45])
    one = g.study(streets, homes, g.facilities([(500, 500)]), [CLINIC_300])
    _, places, _ = placed(one)
    assert places.street.tolist() == ["北路"]
    assert places.street_2.tolist() == ["南路"]
    assert places.street_share == pytest.approx([0.85])
    assert places.streets.tolist() == [3]


def test_a_place_does_not_reach_into_districts_without_any_of_its_homes():
    west, east = shapely.box(-60, -60, 50, 600), shapely.box(50, -60, 600, 600)
    one = g.study(
        GRID, t.homes([(30, 0)], district=[0]), g.facilities([(500, 500)]), [CLINIC_300], units=g.districts(west, east)
    )
    areas, places, _ = placed(one)
    assert shapely.area(shapely.intersection(areas.geometry[0], east)) > 1000
    assert shapely.area(shapely.intersection(places.geometry[0], east)) == pytest.approx(0, abs=1e-6)
    assert shapely.area(places.geometry[0]) > 1000


# ── Unmet clauses ───────────────────────────────────────────────────────────


def rule(metric, operator=">="):
    """Make a rule of a metric."""
    return Rule(metric, "clinic", metric, operator, CITED, 1.0)


def verdicts(*rows):
    """Make verdicts from rule, verdict and shortfall."""
    count = len(rows)
    nan = np.full(count, np.nan)
    return RuleVerdicts(
        rule=np.array([row[0] for row in rows], np.int32),
        unit=np.arange(count, dtype=np.int32),
        verdict=g.texts(*(row[1] for row in rows)),
        value=nan,
        threshold=nan.copy(),
        margin=nan.copy(),
        supply=nan.copy(),
        demand=nan.copy(),
        shortfall=np.array([row[2] for row in rows], float),
        radius_value=nan.copy(),
        reason=g.texts(*[""] * count),
        evidence_indptr=np.zeros(count + 1, np.int32),
        evidence=np.empty(0, np.int32),
    )


def test_the_remedy_of_an_unmet_clause_is_its_shortfall():
    rules = tuple(
        rule(name) for name in ("floor_m2_per_100_households", "staff_per_10000_residents", "count", "hours_per_day")
    )
    found = unit_remedies(
        rules, verdicts((0, "unmet", 130.5), (1, "unmet", 1.2), (2, "unmet", 2.0), (3, "unmet", 1.5), (0, "met", 0.0))
    )
    assert found.row.tolist() == [0, 1, 2, 3]
    assert found.remedy.tolist() == [Remedy.ENLARGE, Remedy.ADD_STAFF, Remedy.NEW_SITE, Remedy.EXTEND_HOURS]
    assert list(zip(found.amount, found.unit, strict=True)) == [
        (130.5, "m2"),
        (2.0, "staff"),  # nobody employs a fifth of a person
        (2.0, "facilities"),
        (1.5, "hours"),
    ]


def test_remedies_are_in_the_measure_of_the_clause():
    names = ("activity_share_of_floor", "land_m2_per_resident", "services_per_site", "colocation", "count_per_resident")
    found = unit_remedies(
        tuple(rule(name) for name in names), verdicts(*((row, "unmet", 2.0000000000000004) for row in range(5)))
    )
    assert list(zip(found.amount.round(9), found.unit, strict=True)) == [
        (2.0, "activity_m2"),  # of the rooms there are: enlarging by as much leaves the share too small
        (2.0, "land_m2"),
        (2.0, "services"),  # at the place that is there
        (2.0, "neighbours"),
        (2.0, "places"),
    ]
    assert found.amount[2:].tolist() == [2.0, 2.0, 2.0]  # dust makes no third one


def test_what_is_told_rounds_as_the_shortfall_does():
    assert unit_remedy_said(Remedy.ENLARGE, 140.00000000000003, "land_m2", "zh") == "增加用地 140 平方米"
    assert unit_remedy_said(Remedy.ENLARGE, 1866.0000000000002, "m2", "zh") == "扩建 1,866 平方米"
    assert unit_remedy_said(Remedy.ENLARGE, 84.8, "activity_m2", "zh") == "从现有用房中调出 85 平方米供居民活动"
    assert (
        unit_remedy_said(Remedy.NEW_SITE, 120.0, "residents", "en") == "open facilities or ways for 120 more residents"
    )


def test_unknown_shortfalls_answers_and_broken_ceilings_have_no_remedy():
    rules = (rule("floor_m2"), rule("checklist"), rule("staff_per_community", "<="))
    found = unit_remedies(
        rules, verdicts((0, "unmet", np.nan), (1, "unmet", 3.0), (2, "unmet", 0.0), (0, "no_data", np.nan))
    )
    assert len(found) == 0


def test_gates_are_tried_on_the_whole_scenario():
    # The what-if has the same times as the study, so what it says of a change is what a full run says.
    town, _ = estate((290, 200))
    one = g.study(town, [(200, 200), (400, 200)], g.facilities([(0, 200)]), [CLINIC_300])
    scenario = scenario_of(one, np.array([0]), 2000.0)
    assert scenario.reach().seconds[0].tolist() == g.walks(one)[0].tolist()
    assert add_gate(scenario, (110.0, 200.0)).homes.tolist() == [0]
