from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.model.places import Facilities
from livingcircle.sources.same_place import merge_facilities


def listed(*rows, **columns):
    """Facilities from (name, east, services, source); services are letters of "ab"."""
    points = np.asarray(shapely.points([[row[1], 0.0] for row in rows]), object)
    facilities = Facilities.plain(
        ids=np.array([str(number) for number in range(len(rows))], object),
        names=np.array([row[0] for row in rows], object),
        xy=np.array([[row[1], 0.0] for row in rows], float),
        geometry=points,
        serves=np.array([[letter in row[2] for letter in "ab"] for row in rows], bool),
        **{name: np.array(column, float) for name, column in columns.items()},
    )
    return facilities, np.array([row[3] for row in rows], np.int32)


def merged(one: str, other: str, metres: float = 30.0, services: str = "aa", sources=(0, 1)):
    places = listed((one, 0, services[0], sources[0]), (other, metres, services[1], sources[1]))
    facilities, log = merge_facilities(*places, 50.0)
    assert len(facilities) == 2 - len(log)
    return log.rule.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("金陵小学", "金陵小学"),
        ("南京市鼓楼区金陵小学", "鼓楼区金陵小学"),
        ("江苏省南京市金陵第一小学", "金陵第一小学"),
        ("金陵小学（东门）", "金陵小学"),
        ("ＡＢＣ幼儿园", "abc 幼儿园"),
        ("益丰大药房", "益丰大药房（中山路店）"),
        ("益丰大药房连锁有限公司", "益丰大药房连锁"),
        ("金陵小学1号楼", "金陵小学一号楼"),
    ],
)
def test_one_name_written_differently(one, other):
    assert merged(one, other) == ["same_name"]
    assert merged(other, one) == ["same_name"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("鼓楼医院一分院", "鼓楼医院二分院"),
        ("鼓楼医院", "鼓楼医院一分院"),
        ("1号公共厕所", "2号公共厕所"),
        ("金陵小学东校区", "金陵小学西校区"),
        ("金陵小学", "金陵小学分校"),
        ("第一幼儿园", "第三幼儿园"),
        ("益丰大药房(中山路店)", "益丰大药房(新街口店)"),
        ("中山路小学", "中山门小学"),
        ("阳光小区幼儿园", "幼儿园"),
        ("金陵小学", "汉口路小学"),
    ],
)
def test_branches_and_different_places_stay_apart(one, other):
    assert merged(one, other) == []
    assert merged(other, one, metres=5) == []


def test_a_name_with_words_left_out_is_the_same_where_a_service_is():
    assert merged("汉口路社区卫生服务中心", "汉口路卫生服务中心") == ["part_of_name"]
    assert merged("汉口路社区卫生服务中心", "汉口路卫生服务中心", services="ab") == []


def test_distance_and_service_decide_too():
    assert merged("金陵小学", "金陵小学", metres=50.0) == ["same_name"]
    assert merged("金陵小学", "金陵小学", metres=50.1) == []
    assert merged("金陵小学", "金陵小学", services="ab") == []


def test_rows_of_one_name_at_one_spot_are_one_place_with_all_its_services():
    facilities, log = merge_facilities(*listed(("便民中心", 0, "a", 0), ("便民中心", 4, "b", 0)), 50.0)
    assert (facilities.serves.tolist(), log.rule.tolist()) == ([[True, True]], ["one_spot"])
    assert merged("便民中心", "便民中心", metres=20, sources=(0, 0)) == []
    assert merged("老年食堂", "便民中心", metres=0, services="ab") == []  # two places in one house


def test_a_playground_in_the_park_of_its_name_stays_a_place_of_its_own():
    places, source = listed(("玄武公园", 0, "a", 0), ("玄武公园", 1, "b", 0))
    geometry = places.geometry.copy()
    geometry[0] = shapely.box(-200, -200, 200, 200)
    facilities, log = merge_facilities(replace(places, geometry=geometry), source, 50.0)
    assert (len(facilities), len(log)) == (2, 0)


def test_of_two_shops_of_a_chain_the_nearer_is_the_same():
    facilities, log = merge_facilities(
        *listed(("全家便利店", 0, "a", 0), ("全家便利店", 40, "a", 1), ("全家便利店", 15, "a", 1)), 50.0
    )
    assert facilities.ids.tolist() == ["0", "1"]
    assert (log.merged_ids.tolist(), log.distance_metres.tolist()) == (["2"], [15.0])


def test_the_first_source_that_knows_an_attribute_decides():
    nan = np.nan
    places = listed(
        ("金陵小学", 0, "a", 0), ("金陵小学", 1, "ab", 1), ("金陵小学", 2, "a", 2),
        beds=[nan, 5, 7], floor_m2=[100, 200, 300], staff=[nan, nan, 9],
    )  # fmt: skip
    facilities, log = merge_facilities(*places, 50.0)
    assert (facilities.beds[0], facilities.floor_m2[0], facilities.staff[0]) == (5, 100, 9)
    assert facilities.serves.tolist() == [[True, True]]
    assert (log.kept_ids.tolist(), log.merged_ids.tolist()) == (["0", "0"], ["1", "2"])


def test_an_unnamed_point_in_an_area_of_its_service_is_that_area_and_the_area_stays():
    places, source = listed(("", 0, "a", 0), ("金陵小学", 1, "a", 1))
    geometry = places.geometry.copy()
    geometry[1] = shapely.box(-20, -20, 20, 20)
    facilities, log = merge_facilities(
        Facilities.plain(ids=places.ids, names=places.names, xy=places.xy, geometry=geometry, serves=places.serves),
        source,
        50.0,
    )
    assert (log.rule.tolist(), facilities.names.tolist()) == (["unnamed_inside"], ["金陵小学"])
    assert shapely.area(facilities.geometry[0]) == 1600


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["金陵小学", "南京市金陵小学", "金陵小学一分校", "汉口路小学", ""]),
            st.integers(0, 200),
            st.sampled_from(["a", "b", "ab"]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_nothing_is_lost_and_every_merge_is_in_the_log(rows):
    rows = sorted(rows, key=lambda row: row[3])
    places, source = listed(*rows)
    facilities, log = merge_facilities(places, source, 50.0)
    assert len(facilities) + len(log) == len(places)
    assert sorted([*facilities.ids, *log.merged_ids]) == sorted(places.ids)
    assert set(log.kept_ids) <= set(facilities.ids)
    assert (facilities.serves.any(axis=0) == places.serves.any(axis=0)).all()
    again, nothing = merge_facilities(places, source, 0.0)
    assert (len(again), len(nothing)) == (len(places), 0)
