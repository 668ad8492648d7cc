"""Coverage and verdicts: residents as powers of two name exactly who was counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import town as t
from livingcircle.kernel.gap import gap_areas
from livingcircle.kernel.gauge import age_coverage_table, coverage_table, verdict_table
from livingcircle.model.standard import Citation, Requirement

SOURCE = Citation("TEST", "test", "1", "", "read_in_full")
LIMIT = 300.0
AT_BOTH = ((0, LIMIT), (0, 600.0), (1, LIMIT), (1, 600.0))


def requirement(service: str, minimum_share: float) -> Requirement:
    return Requirement(f"{service}-{minimum_share}", service, LIMIT, minimum_share, SOURCE)


HOMES = t.homes([(0, 0), (10, 0), (20, 0), (1000, 0), (1010, 0)], district=[0, 0, 1, 1, -1])
SECONDS = np.array([[299.95, 300.0, 300.05, np.inf, np.nan], [0, 0, 0, 0, 0]])
JOINED = np.array([True, True, True, True, False])
TABLE = coverage_table(SECONDS, HOMES, JOINED, AT_BOTH, parent=np.full(3, -1, np.int32))


def test_residents_covered_are_those_within_the_limit_and_no_other():
    whole, first, second, third = TABLE.rows(0, LIMIT)
    assert TABLE.residents_covered[whole] == 1 + 2
    assert TABLE.residents_covered[first] == 1 + 2
    assert TABLE.residents_covered[second] == 0
    assert TABLE.residents[[whole, first, second, third]].tolist() == [31, 3, 12, 0]
    assert TABLE.residents_unjoined[[whole, first, second]].tolist() == [16, 0, 0]
    assert TABLE.residents_covered[TABLE.rows(0, 600.0)[0]] == 1 + 2 + 4


def test_the_three_denominators_stand_side_by_side():
    whole = TABLE.rows(0, LIMIT)[0]
    assert TABLE.share("residents")[whole] == 3 / 31
    assert TABLE.share("households")[whole] == 3 / 31
    assert TABLE.share("homes")[whole] == 2 / 5
    assert np.isnan(TABLE.share()[TABLE.rows(0, LIMIT)[3]])


def test_districts_and_homes_in_none_add_up_to_the_whole():
    for column in ("residents", "residents_covered", "households", "homes", "homes_covered"):
        values = getattr(TABLE, column)[TABLE.rows(1, LIMIT)]
        in_none = {"residents": 16, "residents_covered": 16, "households": 8, "homes": 1, "homes_covered": 1}[column]
        assert values[0] == values[1:].sum() + in_none


def test_verdicts_are_met_unmet_no_data_and_not_applicable():
    rules = (requirement("a", 1.0), requirement("a", 3 / 31), requirement("b", 0.5))
    verdicts = verdict_table(TABLE, rules, ("a", "b"), np.array([True, False]), districts=3)
    said = verdicts.verdict.reshape(3, 4).tolist()
    assert said[0] == ["unmet", "met", "unmet", "not_applicable"]
    assert said[1][0] == "met"
    assert said[2] == ["no_data", "no_data", "no_data", "not_applicable"]
    assert verdicts.residents_short.reshape(3, 4)[0, :3].tolist() == [28, 0, 12]
    assert np.isnan(verdicts.residents_short.reshape(3, 4)[2]).all()


def test_a_limit_that_was_not_asked_for_is_an_error():
    with pytest.raises(KeyError):
        TABLE.rows(0, 301.0)


def test_gap_areas_group_neighbours_and_lose_nobody():
    gaps = gap_areas(SECONDS, HOMES, (requirement("a", 1.0), requirement("b", 1.0)), ("a", "b"), np.array([True, True]))
    assert gaps.requirement.tolist() == [0, 0]
    assert gaps.residents.tolist() == [8 + 16, 4]
    assert gaps.homes.tolist() == [2, 1]
    assert gaps.median_seconds.tolist() == [np.inf, 300.05]
    for area, inside in zip(gaps.geometry, ([(1000, 0), (1010, 0)], [(20, 0)]), strict=True):
        assert all(area.buffer(1).covers(t.shapely.Point(point)) for point in inside)


def test_a_service_the_input_does_not_hold_has_no_gaps():
    gaps = gap_areas(np.full((1, 5), np.inf), HOMES, (requirement("a", 1.0),), ("a",), np.array([False]))
    assert len(gaps) == 0


def test_gap_areas_are_valid_also_where_distances_are_whole_cells():
    xy = 20.0 * np.random.default_rng(5).integers(0, 60, (250, 2))
    homes = t.homes(xy, np.ones(250))
    gaps = gap_areas(np.full((1, 250), np.inf), homes, (requirement("a", 1.0),), ("a",), np.array([True]))
    assert all(area.is_valid for area in gaps.geometry)
    assert gaps.residents.sum() == homes.residents.sum()


def test_ages_are_counted_like_all_residents():
    everyone, none = HOMES.residents, np.zeros(len(HOMES))
    aged = replace(HOMES, residents_by_age=np.column_stack([everyone, none]), age_groups=("0+", "120+"))
    parent = np.array([2, 2, -1], np.int32)
    whole = coverage_table(SECONDS, aged, JOINED, AT_BOTH, parent)
    by_age = age_coverage_table(SECONDS, aged, AT_BOTH, parent)
    of_all, of_none = by_age.take(by_age.age_group == 0), by_age.take(by_age.age_group == 1)
    for name in ("service", "limit_seconds", "district", "residents", "residents_covered"):
        assert getattr(of_all, name).tolist() == getattr(whole, name).tolist()
    assert not of_none.residents.any()
    assert np.isnan(of_none.share()).all()
    assert len(age_coverage_table(SECONDS, HOMES, AT_BOTH, parent)) == 0
    assert len(age_coverage_table(SECONDS, aged, (), parent)) == 0


def test_a_service_is_counted_at_its_own_limits_only():
    of_first, of_second = ((0, LIMIT),), ((1, 600.0), (1, 900.0))
    parent = np.full(3, -1, np.int32)
    found = coverage_table(SECONDS, HOMES, JOINED, (*of_first, *of_second), parent)
    assert list(dict.fromkeys(zip(found.service.tolist(), found.limit_seconds.tolist(), strict=True))) == [
        (0, LIMIT), (1, 600.0), (1, 900.0),
    ]  # fmt: skip
    assert (
        found.residents_covered[found.rows(0, LIMIT)].tolist() == TABLE.residents_covered[TABLE.rows(0, LIMIT)].tolist()
    )
    with pytest.raises(KeyError):
        found.rows(0, 600.0)
    assert len(coverage_table(SECONDS, HOMES, JOINED, (), parent)) == 0
