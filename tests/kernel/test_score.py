"""The score of the living circle: its three parts by hand, and what they have to do with coverage."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from livingcircle.kernel.gauge import coverage_table
from livingcircle.kernel.score import living_circle_score, score_table, units_of
from livingcircle.model.access import Decay, ScoreWeights
from livingcircle.model.standard import Citation, Requirement
from town import homes

SERVICES = ("clinic", "school", "shop")
NO_CLAUSE = Citation("", "", "", "", "")
RULES = tuple(
    Requirement(service, service, limit, 0.9, NO_CLAUSE)
    for service, limit in (("clinic", 600.0), ("school", 900.0), ("shop", 300.0))
)
INF, NAN = np.inf, np.nan


def scored(walks, weights=None, present=(True, True, True), rules=RULES):
    found = living_circle_score(
        np.array(walks, float), rules, SERVICES, np.array(present), weights or ScoreWeights(), Decay("linear"), 2.0
    )
    assert found is not None
    return found


def test_three_parts_by_hand():
    # Linear over twice the limit: 600 of 1200 s is worth 0.5, 1350 of 1800 s 0.25, 60 of 600 s 0.9. The school is farthest.
    found = scored([[600], [1350], [60]])
    assert found.reached[0] == pytest.approx(2 / 3)
    assert found.closeness[0] == pytest.approx((0.5 + 0.25 + 0.9) / 3)
    assert found.weakest[0] == pytest.approx(0.25)
    assert (found.weakest_seconds[0], found.weakest_service[0]) == (1350, 1)
    assert found.score[0] == pytest.approx((2 / 3 + 0.55 + 0.25) / 3)


def test_weights_of_parts_and_of_services():
    weights = ScoreWeights(reached=3, closeness=1, weakest=0, services={"school": 0, "shop": 2})
    found = scored([[900], [9000], [60]], weights)
    assert found.reached[0] == pytest.approx((0 + 2) / 3)
    assert found.closeness[0] == pytest.approx((0.25 + 2 * 0.9) / 3)
    assert found.weakest_service[0] == 0  # what weighs nothing is not the weakest link
    assert found.score[0] == pytest.approx(0.75 * found.reached[0] + 0.25 * found.closeness[0])


def test_out_of_reach_and_not_joined_are_told_apart():
    found = scored([[60, NAN], [INF, NAN], [60, NAN]])
    assert (found.weakest_seconds[0], found.weakest[0], found.weakest_service[0]) == (INF, 0, 1)
    assert np.isnan([found.score[1], found.reached[1], found.weakest_seconds[1]]).all()
    assert found.weakest_service[1] == -1


def test_services_of_which_nothing_is_known_count_in_no_part():
    found = scored([[60], [INF], [60]], present=(True, False, True))
    assert found.reached[0] == 1
    assert found.unknown.tolist() == [1]
    assert found.services.tolist() == [0, 2]
    nothing = living_circle_score(
        np.full((3, 1), INF), RULES, SERVICES, np.zeros(3, bool), ScoreWeights(), Decay("linear"), 2.0
    )
    assert nothing is None


def test_a_service_with_two_requirements_counts_once_with_the_shorter_limit():
    lenient = Requirement("later", "clinic", 1200.0, 0.9, NO_CLAUSE)
    assert scored([[700], [60], [60]], rules=(lenient, *RULES)).reached[0] == pytest.approx(2 / 3)


def test_districts_show_means_over_residents_that_agree_with_coverage():
    places = homes([(0, 0)] * 4, residents=[10, 30, 60, 100], district=[0, 0, 1, -1])
    parent = np.array([2, 2, -1], np.int32)
    walks = np.array([[60, 700, 60, NAN], [60, 60, 1000, NAN], [60, INF, 60, NAN]])
    joined = np.array([True, True, True, False])
    table = score_table(scored(walks), places, parent)
    assert table.unit.tolist() == [-1, 0, 1, 2]
    assert table.residents.tolist() == [200, 40, 60, 100]
    coverage = coverage_table(walks, places, joined, tuple(product(range(len(walks)), (300.0, 600.0, 900.0))), parent)
    shares = [coverage.share()[coverage.rows(SERVICES.index(rule.service), rule.limit_seconds)] for rule in RULES]
    assert table.reached == pytest.approx(np.mean(shares, axis=0))
    assert table.all_reached.tolist() == pytest.approx([10 / 200, 10 / 40, 0, 10 / 100])
    assert table.weakest_median_seconds.tolist() == [INF, INF, 1000, 1000]
    assert table.weakest_service.tolist() == [1, 2, 1, 1]


def test_larger_units_hold_the_homes_of_the_smaller():
    found = dict(units_of(np.array([1, -1, 0, 1], np.int32), np.array([2, 2, 3, -1], np.int32)))
    assert {unit: members.tolist() for unit, members in found.items()} == {
        -1: [0, 1, 2, 3], 0: [2], 1: [0, 3], 2: [0, 2, 3], 3: [0, 2, 3],
    }  # fmt: skip
