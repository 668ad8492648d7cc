"""Ages at their own speed: sides told from names, walks scaled or searched for again, shares by arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.age_walks import _quantiles, age_side, age_walks, seconds_at
from livingcircle.kernel.equity import quantile
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.access import AgeWalker
from livingcircle.model.network import Crossing, Road
from livingcircle.model.walker import CrossingSeconds
from small_town import build_town
from town import Town, streets

TOWN = build_town()


@pytest.mark.parametrize(
    ("group", "side"),
    [
        ("60+", "elderly"), ("65-79", "elderly"), ("55+", "adult"), ("0-3", "children"), ("12-15", "children"),
        ("12-18", "adult"), ("18-59", "adult"), ("常住", "adult"),
    ],
)  # fmt: skip
def test_side_of_an_age_group(group, side):
    assert age_side(group, elderly_from=60, children_to=15) == side


def test_walks_at_half_the_speed_take_twice_as_long():
    results = TOWN
    study, reach = results.study, results.assessment.reach
    slow = seconds_at(study, reach, study.walker.speed_metres_per_second / 2)
    finite = np.isfinite(reach.seconds)
    assert slow[finite] == pytest.approx(2 * reach.seconds[finite], abs=0.03)
    assert (np.isnan(slow) == np.isnan(reach.seconds)).all()
    assert (np.isinf(slow) == np.isinf(reach.seconds)).all()


def test_own_speed_is_the_study_itself():
    results = TOWN
    same = seconds_at(results.study, results.assessment.reach, results.study.walker.speed_metres_per_second)
    assert same is results.assessment.reach.seconds


def test_walks_are_searched_for_again_where_people_wait():
    # 300 m along the streets and one wait of 30 s at the signal half way: a wait does not grow where people walk slower.
    edges = streets([((0, 0), (0, 150)), ((0, 150), (0, 300)), ((-200, 150), (0, 150)), ((0, 150), (200, 150))])
    road = np.array([0, 0, Road.SECONDARY, Road.SECONDARY], np.int8)
    crossing = np.where((edges.node_xy == (0, 150)).all(axis=1), Crossing.SIGNAL, 0).astype(np.int8)
    network, _ = build_network(replace(edges, road=road, node_crossing=crossing), 1.0)
    walker = replace(TOWN.study.walker, speed_metres_per_second=1.0, crossing=CrossingSeconds(signal=30))
    walk = walker_impedance(network, walker, None)
    place = Town(network, walk)
    home, facility = place.join([(0, 0)]), place.join([(0, 300)])
    places = TOWN.study.facilities.take(np.array([0]))
    study = replace(
        TOWN.study,
        network=network,
        walker=walker,
        grades=None,
        home_anchors=home,
        facility_anchors=facility,
        facilities=replace(places, serves=np.ones((1, 1), bool)),
    )
    reach = reach_nearest(network, walk, home, facility, np.ones((1, 1), bool))
    assert reach.seconds[0, 0] == 330
    assert seconds_at(study, reach, 0.5)[0, 0] == 630


def test_fewer_are_covered_at_a_slower_pace_and_rows_add_up():
    results = TOWN
    study, reach = results.study, results.assessment.reach
    walkers = (AgeWalker("", "elderly", 0.8), AgeWalker("", "adult", study.walker.speed_metres_per_second))
    found = age_walks(study, reach, walkers)
    table = found.coverage
    slow, same = table.age_group == 0, table.age_group == 1
    assert (table.residents_covered[slow] <= table.residents_covered[same]).all()
    assert (table.residents_covered[slow] < table.residents_covered[same]).any()
    assert found.same_speed[same] == pytest.approx(table.residents_covered[same])
    coverage = results.assessment.coverage
    for row in np.flatnonzero(same):
        rows = coverage.rows(int(table.service[row]), float(table.limit_seconds[row]))
        of_unit = rows[coverage.district[rows] == table.district[row]]
        assert table.residents_covered[row] == pytest.approx(coverage.residents_covered[of_unit][0])


def test_who_is_within_metres_does_not_depend_on_the_pace_of_the_group():
    study, reach = TOWN.study, TOWN.assessment.reach
    speed = study.walker.speed_metres_per_second
    walkers = (AgeWalker("", "elderly", 0.8), AgeWalker("", "children", 0.9), AgeWalker("", "adult", speed))
    in_metres = tuple(replace(rule, limit_metres=rule.limit_seconds * speed) for rule in study.standard.requirements)
    standard = replace(study.standard, requirements=in_metres)
    by_time, by_metres = (age_walks(one, reach, walkers) for one in (study, replace(study, standard=standard)))
    assert by_metres.coverage.residents_covered == pytest.approx(by_metres.same_speed)
    assert (by_time.coverage.residents_covered < by_time.same_speed).any()
    assert by_metres.half_seconds.tolist() == by_time.half_seconds.tolist()  # the walks themselves are as long


@given(data=st.data())
def test_quantiles_of_all_units_at_once_are_those_of_each(data):
    homes = data.draw(st.integers(1, 8))
    walks = np.array(
        data.draw(
            st.lists(
                st.tuples(*[st.sampled_from([30.0, 60, 90, 600, np.inf, np.nan])] * 2), min_size=homes, max_size=homes
            )
        )
    )
    people = np.array(data.draw(st.lists(st.tuples(*[st.integers(0, 5)] * 2), min_size=homes, max_size=homes)), float)
    members = [
        np.arange(homes),
        *(np.array(data.draw(st.lists(st.integers(0, homes - 1), unique=True)), int) for _ in range(2)),
    ]
    home, unit = np.concatenate(members).astype(np.int32), np.repeat(np.arange(3), [len(there) for there in members])
    half, most = _quantiles(walks, people, home, unit, 3)
    for number, there in enumerate(members):
        for group in range(2):
            whole = np.nan_to_num(walks[there, group], nan=np.inf, posinf=np.inf)
            for found, share in ((half, 0.5), (most, 0.9)):
                expected = quantile(whole, people[there, group], share)
                assert found[number, group] == expected or np.isnan([found[number, group], expected]).all()
