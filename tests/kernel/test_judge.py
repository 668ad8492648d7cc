"""Verdicts: operators at their thresholds, statistics, units, conditions, answers; never a silent pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.judge import rule_verdicts, services_walked_to
from livingcircle.kernel.metrics.limits import Band
from livingcircle.kernel.units import units_at
from livingcircle.model.register import Answers
from rule_town import SERVICES, STUDY, A, B, S, circles_drawn, districts, facilities, facts, homes, judged, rule

FLOORS = facilities((100, "station"), (1500, "station"), floor_m2=[300, 240])
"""A: 300 m² for 150 households, B: 240 m² for 600."""


@pytest.mark.parametrize(
    ("operator", "value", "more", "verdict"),
    [
        (">=", 300, None, "met"),
        (">", 300, None, "unmet"),
        ("<=", 300, None, "met"),
        ("<", 300, None, "unmet"),
        ("=", 300, None, "met"),
        ("=", 300.1, None, "unmet"),
        ("between", 300, 400, "met"),
        ("between", 200, 300, "met"),
        ("between", 301, 400, "unmet"),
        ("between", 100, 299, "unmet"),
        ("require", None, None, "met"),
        ("prefer", 301, None, "unmet"),
        ("include", 300, None, "met"),
        ("avoid", None, None, "unmet"),
        (">=", None, None, "no_data"),
    ],
)
def test_operators_at_their_thresholds(operator, value, more, verdict):
    rows = judged(rule("floor_m2", operator, value, value_max=more), facts(FLOORS))
    row = rows.get(A, rows[STUDY])
    assert row["verdict"] == verdict
    if value is None and verdict == "no_data":
        assert row["reason"] == "no_threshold"


def test_sums_of_floating_numbers_meet_what_they_equal():
    places = facilities(*[(100, "station")] * 3, floor_m2=[0.1, 0.1, 0.1])
    assert sum([0.1] * 3) != 0.3
    for operator, verdict in ((">=", "met"), ("<=", "met"), ("=", "met"), (">", "unmet"), ("<", "unmet")):
        row = judged(rule("floor_m2", operator, 0.3), facts(places))[A]
        assert (row["verdict"], row["margin"]) == (verdict, 0)


def test_what_is_allowed_is_asked_of_nobody():
    row = judged(rule("colocation", "allow", 1), facts())[STUDY]
    assert (row["verdict"], row["reason"]) == ("not_applicable", "permission")


def test_margin_and_shortfall_are_in_their_own_units():
    rows = judged(rule("floor_m2_per_100_households", ">=", 43), facts(FLOORS))
    assert (rows[A]["margin"], rows[A]["shortfall"]) == (157, 0)
    assert (rows[B]["margin"], rows[B]["shortfall"]) == (-3, pytest.approx(18))


def test_above_a_band_is_an_excess_and_nothing_is_missing():
    rows = judged(rule("floor_m2", "between", 245, value_max=250), facts(FLOORS))  # 300 and 240 m²
    assert (rows[A]["verdict"], rows[A]["shortfall"], rows[A]["excess"]) == ("unmet", 0, 50)
    assert (rows[B]["verdict"], rows[B]["shortfall"], rows[B]["excess"]) == ("unmet", 5, 0)
    assert (rows[STUDY]["shortfall"], rows[STUDY]["excess"]) == (5, 50)  # they do not make up for each other
    per_household = judged(rule("floor_m2_per_100_households", "<=", 100), facts(FLOORS))[A]
    assert (per_household["shortfall"], per_household["excess"]) == (0, 150)  # 100 m² too much for each 100 of 150


def test_a_past_value_is_shown_and_not_judged():
    for statistic in ("each", "mean"):
        past = rule("floor_m2_per_100_households", "=", 41.1, statistic=statistic, binding="baseline")
        rows = judged(past, facts(FLOORS))
        assert {row["verdict"] for row in rows.values()} == {"not_applicable"}
        assert all(row["reason"].startswith("baseline") for row in rows.values())
        assert not any("excess" in row["reason"] for row in rows.values())  # of what is not asked there is no too much
        assert (rows[A]["value"], rows[B]["value"], rows[A]["threshold"]) == (200, 40, 41.1)
        assert np.isnan([rows[STUDY]["shortfall"], rows[STUDY]["excess"], rows[STUDY]["margin"]]).all()
    assert rows[STUDY]["value"] == 72


# ── Each, mean, all together ────────────────────────────────────────────────


def test_the_mean_may_pass_where_a_community_fails():
    each = judged(rule("floor_m2", ">=", 250), facts(FLOORS))
    mean = judged(rule("floor_m2", ">=", 250, statistic="mean"), facts(FLOORS))
    together = judged(rule("floor_m2", ">=", 250, statistic="aggregate"), facts(FLOORS))
    assert (each[STUDY]["verdict"], each[STUDY]["value"], each[STUDY]["shortfall"]) == ("unmet", 240, 10)
    assert (mean[STUDY]["verdict"], mean[STUDY]["value"], mean[STUDY]["demand"]) == ("met", 270, 2)
    assert (together[STUDY]["value"], together[STUDY]["evidence"]) == (540, [0, 1])
    assert [mean[unit]["verdict"] for unit in (A, B)] == ["not_applicable"] * 2
    assert (mean[B]["value"], mean[B]["reason"]) == (240, "statistic:mean")


def test_the_mean_of_a_ratio_counts_households_alike():
    row = judged(rule("floor_m2_per_100_households", ">=", 73, statistic="mean"), facts(FLOORS))[STUDY]
    assert (row["value"], row["supply"], row["demand"]) == (72, 540, 750)  # not (200 + 40) / 2
    assert row["shortfall"] == pytest.approx(7.5)


def test_one_community_without_data_keeps_the_study_from_passing():
    known = facts(facilities((100, "station"), (1500, "station"), floor_m2=[300, np.nan]))
    rows = judged(rule("floor_m2", ">=", 250), known)
    assert [rows[unit]["verdict"] for unit in (A, B, STUDY)] == ["met", "no_data", "no_data"]
    assert rows[STUDY]["reason"] == "missing:floor_m2"
    worse = judged(rule("floor_m2", ">=", 301), known)
    assert (worse[STUDY]["verdict"], worse[STUDY]["shortfall"]) == ("unmet", 1)


# ── Units ───────────────────────────────────────────────────────────────────


def test_circles_are_laid_on_the_units_declared_and_say_so():
    known = facts(FLOORS)
    near = judged(rule("floor_m2", ">=", 250, level="5min"), known)
    assert set(near) == {A, B, STUDY}
    assert near[A]["reason"] == "circle:5min=community"
    far = judged(rule("floor_m2", ">=", 250, level="15min"), known)
    assert (set(far), far[S]["reason"]) == ({S, STUDY}, "circle:15min=street")
    moved = judged(rule("floor_m2", ">=", 250, level="15min"), known, circles={"15min": "community"})
    assert set(moved) == {A, B, STUDY}


@pytest.mark.parametrize("metric", ["residents_per_unit", "dwellings_per_unit"])
def test_the_size_of_a_circle_is_not_asked_of_units_that_stand_in_for_it(metric):
    def sized(level, service="circle"):
        return judged(rule(metric, "between", 15000, service, value_max=25000, level=level), facts(FLOORS))

    for unit, row in sized("10min").items():
        assert row["verdict"] == "not_applicable", unit
        assert row["reason"].split(";")[:1] == ["stand_in_units"]
        assert "circle:10min=community" in row["reason"].split(";")
        assert np.isnan([row["shortfall"], row["excess"], row["margin"]]).all()
    assert sized("10min")[B]["value"] == sized("community")[B]["value"]  # shown all the same
    assert sized("community")[B]["verdict"] == "unmet"  # a clause for communities is about communities
    assert sized("10min", "station")[B]["verdict"] == "unmet"  # how many share a place is no size of the circle


# ── Circles: drawn, or stood in for ─────────────────────────────────────────

C0, C1 = 3, 4
"""Positions of circles: after the three districts."""


def sized(low, high, level="10min"):
    return rule("residents_per_unit", "between", low, "circle", value_max=high, level=level)


def test_what_lies_inside_is_not_judged_in_a_unit_that_is_no_such_circle():
    """A has 300 residents, B 1,200; a circle of 1,000 to 2,000 is asked to have a station."""
    asked, size = rule("count", ">=", 2, level="10min"), sized(1000, 2000)
    rows = judged(asked, facts(FLOORS), beside=[size])
    assert (rows[A]["verdict"], rows[A]["value"], rows[A]["supply"]) == ("no_data", 1, 1)  # shown all the same
    assert rows[A]["reason"] == "stand_in_size;circle:10min=community"
    assert np.isnan([rows[A]["margin"], rows[A]["shortfall"], rows[A]["excess"]]).all()
    assert (rows[B]["verdict"], rows[B]["reason"]) == ("unmet", "circle:10min=community")
    assert judged(asked, facts(FLOORS))[A]["verdict"] == "unmet"  # no rule says how large a circle is
    only_small = judged(asked, facts(FLOORS), beside=[sized(1, 299)])
    assert (only_small[STUDY]["verdict"], only_small[STUDY]["reason"]) == (
        "no_data",
        "stand_in_size;circle:10min=community",
    )


def test_walks_and_single_places_do_not_hang_on_the_size_of_a_unit():
    known = facts(FLOORS, seconds={"station": [60, 60, 60, 60]})
    size = sized(5000, 9000)
    assert judged(rule("walk_minutes", "<=", 10, level="10min"), known, beside=[size])[A]["verdict"] == "met"
    single = rule("floor_m2", ">=", 250, level="10min", base="facility")
    assert judged(single, known, beside=[size])[A]["verdict"] == "met"
    together = rule("floor_m2", ">=", 250, level="10min")
    assert judged(together, known, beside=[size])[A]["verdict"] == "no_data"


def test_a_ratio_over_all_units_does_not_hang_on_how_they_are_drawn():
    """540 m² for 1,500 residents are 360 m² per 1,000 however the study is divided; in single units they are not judged."""
    size = sized(5000, 9000)
    for service in ("station", "circle"):
        ratio = rule("floor_m2_per_1000_residents", ">=", 350, service, level="10min", members=("station",))
        each = judged(ratio, facts(FLOORS), beside=[size])
        assert [each[one]["verdict"] for one in (A, B, STUDY)] == ["no_data"] * 3
        together = judged(replace(ratio, statistic="mean"), facts(FLOORS), beside=[size])
        assert (together[STUDY]["verdict"], together[STUDY]["value"]) == ("met", 360)
    mean = judged(rule("floor_m2", ">=", 250, level="10min", statistic="mean"), facts(FLOORS), beside=[size])
    assert (mean[STUDY]["verdict"], mean[STUDY]["value"]) == ("no_data", 270)  # 540 m² by two units, or by how many?


def test_a_clause_for_communities_is_judged_in_communities_of_any_size():
    assert judged(rule("count", ">=", 1), facts(FLOORS), beside=[sized(5000, 9000)])[A]["verdict"] == "met"


def test_circles_that_were_drawn_are_the_units_and_their_size_is_judged():
    """One circle from 0 to 1,500 m (700 residents, one station) and one on to 2,000 m (800 residents, one station)."""
    drawn = circles_drawn((0, 1500), (1500.5, 2000))
    places = facilities((100, "station"), (1600, "station"))
    rows = judged(rule("count", ">=", 2, level="10min"), facts(places), drawn=drawn, beside=[sized(1, 10)])
    assert set(rows) == {C0, C1, STUDY}
    assert (rows[C0]["verdict"], rows[C0]["value"], rows[C0]["shortfall"], rows[C0]["reason"]) == ("unmet", 1, 1, "")
    residents = judged(sized(750, 900), facts(places), drawn=drawn)
    assert [(residents[one]["value"], residents[one]["verdict"]) for one in (C0, C1)] == [(700, "unmet"), (800, "met")]
    assert residents[C0]["shortfall"] == 50
    above = judged(rule("count", ">=", 1, level="15min"), facts(places), drawn=drawn)
    assert set(above) == {S, STUDY}  # circles of 10 minutes are none of 15


def test_what_people_tell_comes_by_district_whatever_circles_were_drawn():
    told = Answers(rule=np.array([0], np.int32), unit=np.array([S], np.int32), value=np.array([0.9]))
    known = facts(FLOORS, answers=told)
    drawn = circles_drawn((0, 2000), level="15min")
    row = judged(rule("register_share", ">=", 0.8, level="15min"), known, drawn=drawn)[S]
    assert (row["verdict"], row["value"]) == ("met", 0.9)


def test_a_home_in_no_circle_counts_in_none():
    rows = judged(sized(1, 250), facts(FLOORS), drawn=circles_drawn((0, 500), (1000, 1500)))
    assert [rows[one]["value"] for one in (C0, C1)] == [100, 400]


# ── Services that are only named ────────────────────────────────────────────


def test_a_service_that_is_only_named_is_asked_of_the_level_it_is_provided_at():
    """A park is laid out for 15 minutes: the sub-district is asked for one, not each of its communities."""
    known = facts(facilities((100, "park"), (200, "station")))
    rows = judged(rule("named", "include", service="park"), known)
    assert set(rows) == {S, STUDY}
    assert (rows[S]["verdict"], rows[S]["reason"]) == ("met", "provided_at:15min;circle:15min=street")
    own = judged(rule("named", "include"), known)
    assert [own[unit]["verdict"] for unit in (A, B)] == ["met", "unmet"]  # a station is a community's own
    counted = judged(rule("count", ">=", 1, "park"), known)
    assert counted[B]["verdict"] == "unmet"  # a clause that says "every community" means it
    wider = judged(rule("named", "include", level="15min"), known)
    assert set(wider) == {S, STUDY}  # and a wider clause is not narrowed


def test_a_service_provided_above_the_study_is_asked_of_nobody():
    known = facts(facilities((100, "park"), (200, "station")))
    areas = districts(levels=("community", "community", "county"))
    row = judged(rule("named", "include", service="park"), known, areas)[STUDY]
    assert (row["verdict"], row["reason"]) == ("not_applicable", "beyond_study:street")


# ── Above a band, and clauses for whole cities ──────────────────────────────


def test_above_a_band_is_called_an_excess():
    rows = judged(rule("floor_m2", "between", 100, value_max=250), facts(FLOORS))  # 300 and 240 m²
    assert (rows[A]["verdict"], rows[A]["reason"], rows[A]["excess"]) == ("unmet", "excess", 50)
    assert (rows[B]["verdict"], rows[B]["reason"]) == ("met", "")
    assert (rows[STUDY]["verdict"], rows[STUDY]["reason"]) == ("unmet", "excess")
    mixed = judged(rule("floor_m2", "between", 245, value_max=250), facts(FLOORS))
    assert (mixed[B]["reason"], mixed[STUDY]["reason"]) == ("", "excess_in_some")
    ceiling = judged(rule("floor_m2", "<=", 250), facts(FLOORS))[A]
    assert (ceiling["verdict"], ceiling["reason"], ceiling["excess"]) == ("unmet", "", 50)


def test_a_figure_of_the_city_is_not_asked_of_a_part_of_it():
    asked = rule("floor_m2", ">=", 600, level="all", statistic="aggregate", whole_city=True)
    part = judged(asked, facts(FLOORS))[STUDY]
    assert (part["verdict"], part["value"], part["reason"]) == ("not_applicable", 540, "part_of_city")
    city = judged(asked, facts(FLOORS), districts(levels=("community", "community", "county")))[STUDY]
    assert (city["verdict"], city["shortfall"], city["reason"]) == ("unmet", 60, "city_wide")


def test_an_upper_level_does_not_replace_a_lower_one():
    known = facts(facilities((100, "station clinic"), floor_m2=[5000]))
    rows = judged(rule("count", ">=", 1, "clinic", level="5min"), known)
    assert [rows[unit]["verdict"] for unit in (A, B)] == ["met", "unmet"]
    assert judged(rule("count", ">=", 1, "clinic", level="15min"), known)[S]["verdict"] == "met"


def test_a_level_the_study_is_not_divided_into_has_no_data():
    assert judged(rule("floor_m2", ">=", 1, level="district"), facts(FLOORS))[STUDY]["reason"] == "missing:districts"
    assert judged(rule("floor_m2", ">=", 1, level="block"), facts(FLOORS))[STUDY]["reason"] == "missing:districts"
    undivided = districts(levels=("", "", ""))
    row = judged(rule("floor_m2", ">=", 1), facts(FLOORS), undivided)[STUDY]
    assert (row["verdict"], row["reason"]) == ("no_data", "missing:districts")


def test_walks_need_no_districts():
    known = facts(FLOORS, seconds={"station": [60, 60, 60, 60]})
    row = judged(rule("walk_minutes", "<=", 15, level="district"), known)[STUDY]
    assert (row["verdict"], row["value"], row["reason"]) == ("met", 1, "whole_study")


def test_nothing_is_asked_where_nobody_lives():
    known = facts(FLOORS, of=homes(residents=np.array([0.0, 0, 400, 800])))
    rows = judged(rule("floor_m2", ">=", 250), known)
    assert set(rows) == {B, STUDY}
    units = units_at("community", districts(), known.homes, district_of(FLOORS.xy, districts().geometry))
    assert units.position.tolist() == [B]


def test_no_households_no_verdict():
    known = facts(FLOORS, of=homes(households=np.array([0.0, 0, 200, 400])))
    rows = judged(rule("floor_m2_per_100_households", ">=", 30), known)
    assert (rows[A]["verdict"], rows[A]["reason"]) == ("not_applicable", "no_households")
    assert rows[STUDY]["verdict"] == "met"


def test_places_outside_all_districts_count_for_none():
    known = facts(facilities((100, "station"), (5000, "station"), floor_m2=[300, 700]))
    row = judged(rule("floor_m2", ">=", 1, level="all", statistic="aggregate"), known)[STUDY]
    assert row["value"] == 300


# ── Conditions, bands, answers ──────────────────────────────────────────────


def test_a_condition_has_to_be_stated():
    asked = rule("floor_m2", ">=", 250, applies_when="new_development")
    row = judged(asked, facts(FLOORS))[STUDY]
    assert (row["verdict"], row["reason"]) == ("not_applicable", "condition:new_development")
    assert judged(asked, facts(FLOORS), conditions=("new_development",))[B]["verdict"] == "unmet"


def test_size_bands_hold_both_ends():
    for least, most, verdict in ((150, 150, "met"), (151, 200, "not_applicable"), (100, 149, "not_applicable")):
        row = judged(rule("floor_m2", ">=", 250, least_units=least, most_units=most), facts(FLOORS))[A]
        assert row["verdict"] == verdict
    circle = judged(rule("floor_m2", ">=", 250, level="15min", least_units=1500, most_units=1500), facts(FLOORS))
    assert circle[S]["verdict"] == "met"  # residents of a circle


def answers(*rows, exempt=None):
    columns = np.array(rows, float).reshape(-1, 3)
    spared = None if exempt is None else np.array(exempt)
    return Answers(columns[:, 0].astype(np.int32), columns[:, 1].astype(np.int32), columns[:, 2], spared)


def test_answers_fill_what_the_layers_leave_open():
    asked = rule("checklist", "require")
    rows = judged(asked, facts(answers=answers((0, A, 1), (0, B, 0))))
    assert [rows[unit]["verdict"] for unit in (A, B, STUDY)] == ["met", "unmet", "unmet"]
    assert rows[A]["reason"] == "told"
    for_all = judged(asked, facts(answers=answers((0, STUDY, 1))))
    assert [for_all[unit]["verdict"] for unit in (A, B, STUDY)] == ["met"] * 3
    share = rule("register_share", ">=", 0.8, statistic="aggregate")
    assert judged(share, facts(answers=answers((0, STUDY, 0.79))))[STUDY]["verdict"] == "unmet"


def test_an_answer_never_replaces_a_measurement():
    known = facts(FLOORS, answers=answers((0, A, 9999), (0, B, 9999)))
    assert judged(rule("floor_m2", ">=", 301), known)[A]["value"] == 300
    unknown = facts(facilities((100, "station")), answers=answers((0, A, 320)))
    row = judged(rule("floor_m2", ">=", 301), unknown)[A]
    assert (row["verdict"], row["value"], row["reason"]) == ("met", 320, "told")
    places = facilities((100, "station"), (200, "station"), floor_m2=[300, np.nan])
    enough = judged(rule("floor_m2", ">=", 300), facts(places, answers=answers((0, A, 10))))[A]
    assert (enough["verdict"], enough["reason"]) == ("met", "at_least:floor_m2")


def test_what_is_missing_by_an_answer_is_in_the_unit_of_the_rule():
    known = facts(
        facilities((100, "station"), (1500, "station"), floor_m2=[300, np.nan]), answers=answers((0, STUDY, 0.5))
    )
    rows = judged(rule("activity_share_of_floor", ">=", 0.6), known)
    assert (rows[A]["verdict"], rows[A]["supply"], rows[A]["shortfall"]) == ("unmet", 150, pytest.approx(30))
    assert np.isnan(rows[B]["shortfall"])  # a tenth of a floor nobody knows


def test_an_answer_may_say_that_a_rule_does_not_apply():
    known = facts(FLOORS, answers=answers((0, B, np.nan), exempt=[True]))
    rows = judged(rule("floor_m2", ">=", 250), known)
    assert (rows[B]["verdict"], rows[B]["reason"], rows[STUDY]["verdict"]) == ("not_applicable", "exempt", "met")


# ── The table ───────────────────────────────────────────────────────────────


def test_rows_come_by_rule_then_unit_with_their_own_evidence():
    rules = [rule("count", ">=", 1), rule("design", "require"), rule("floor_m2", ">=", 1, level="15min")]
    where = district_of(FLOORS.xy, districts().geometry)
    table = rule_verdicts(facts(FLOORS), rules, districts(), where)
    assert table.rule.tolist() == [0, 0, 0, 1, 2, 2]
    assert table.unit.tolist() == [A, B, STUDY, STUDY, S, STUDY]
    assert table.evidence_indptr.tolist() == [0, 1, 2, 2, 2, 4, 4]
    assert table.evidence.tolist() == [0, 1, 0, 1]
    assert len(rule_verdicts(facts(FLOORS), [], districts(), where)) == 0


def test_only_services_that_are_walked_to_are_searched():
    rules = [
        rule("walk_minutes", "<=", 15, "station"),
        rule("walk_metres", "<=", 300, "clinic"),
        rule("share_of_land_within", ">", 0.8, "stop", members=("park",)),
        rule("count", ">=", 1, "stop"),
    ]
    seconds, metres = services_walked_to(rules, SERVICES)
    assert seconds.tolist() == [True, False, False, False]
    assert metres.tolist() == [False, True, True, False]


def test_a_circle_holds_what_rules_ask_to_be_there_without_condition():
    rules = [
        rule("walk_metres", "<=", 300, "circle", level="5min"),
        rule("count", ">=", 1, "stop", level="5min"),
        rule("count", ">=", 1, "clinic", level="5min", binding="advisory"),
    ]
    assert services_walked_to(rules, SERVICES)[1].tolist() == [False, False, False, True]
    alone = services_walked_to(rules[:1], SERVICES)[1]
    assert alone.tolist() == [False, True, False, True]  # all that is laid out for the level


BOUNDS = st.floats(-100, 100)


@given(BOUNDS, BOUNDS, BOUNDS, BOUNDS, st.floats(0, 1))
def test_what_is_certain_holds_for_every_value_between(low, high, least, most, at):
    asked = Band(min(low, high), max(low, high))
    ends = np.array([min(least, most)]), np.array([max(least, most)])
    value = ends[0] + at * (ends[1] - ends[0])
    if asked.certain(*ends)[0]:
        assert asked.holds(value)[0]
    if asked.holds(value)[0]:
        assert asked.possible(*ends)[0]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1000)), min_size=1, max_size=6), st.floats(0, 1000))
def test_the_unknown_never_passes_or_fails_against_the_truth(floors, threshold):
    """Whatever the unknown floors turn out to be, a verdict given before stays."""
    floor = [np.nan if area is None else area for area in floors]
    places = [(100 + 10 * number, "station") for number in range(len(floor))]
    for operator in (">=", "<="):
        asked = rule("floor_m2", operator, threshold)
        before = judged(asked, facts(facilities(*places, floor_m2=floor)))[A]["verdict"]
        for filled in (0.0, 500.0, 1e6):
            truth = [filled if np.isnan(area) else area for area in floor]
            after = judged(asked, facts(facilities(*places, floor_m2=truth)))[A]["verdict"]
            assert before in {after, "no_data"}


@pytest.mark.parametrize(("metric", "asked", "short"), [("register_share", 0.1, 0.02), ("register_value", 10, 12)])
def test_shares_that_units_are_short_of_are_not_added_up(metric, asked, short):
    told = answers((0, A, 0.09 if asked < 1 else 5), (0, B, 0.08 if asked < 1 else 3))
    rows = judged(rule(metric, ">=", asked), facts(answers=told))
    assert rows[STUDY]["shortfall"] == pytest.approx(short)
