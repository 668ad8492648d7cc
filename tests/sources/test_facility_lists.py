"""Lists of facilities as offices keep them: attributes, status, services told from names and codes, decisions given back."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from livingcircle.errors import InputError
from livingcircle.sources.facilities import classified_from_layer, facilities_from_layer
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.standards import read_services

CRS = "EPSG:32650"
SERVICES = tuple(one for one in read_services() if one.id in {"kindergarten", "pharmacy", "primary_school", "park_5"})
HEADER = "编号,名称,经度,纬度"
PLACE = "117.0,32.0"
FIELDS = (
    *("id", "lon", "lat", "name", "service", "typecode", "type_text", "status", "opened_year", "closed_year"),
    *("floor_m2", "usable_m2", "land_m2", "staff", "capacity", "beds", "hours", "address"),
)


def table(folder, header, *rows, name="list.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return LayerSource(path)


def columns(**stated):
    return {**dict.fromkeys(FIELDS), **stated}


def read(source, service="pharmacy", **options):
    return facilities_from_layer(source, columns(), service, SERVICES, CRS, **options)


def told(source, **options):
    reading = classified_from_layer(source, columns(), SERVICES, CRS, **options)
    return *reading.value, {said.kind: said for said in reading.warnings}


def kinds(reading):
    return {said.kind for said in reading.warnings}


# ── Attributes ──────────────────────────────────────────────────────────────


def test_attributes_are_read_in_their_units_and_unknown_is_nan(tmp_path):
    header = f"{HEADER},建筑面积（万㎡）,使用面积,用地面积(亩),职工数,学位数,床位,开办时间,营业时间,地址,状态"
    places = read(
        table(
            tmp_path, header,
            f"1,甲店,{PLACE},0.12,350平米,3,12人,,约20张,2015年9月,08:00-21:00,中山路1号,正常营业",
            f"2,乙店,{PLACE},,,,,,,,,,",
        )
    ).value  # fmt: skip
    assert places.floor_m2.tolist()[0] == pytest.approx(1200)
    assert (places.usable_m2[0], places.staff[0], places.beds[0], places.opened_year[0]) == (350, 12, 20, 2015)
    assert places.land_m2[0] == pytest.approx(2000)
    assert (places.hours[0], places.address[0], places.status[0]) == ("08:00-21:00", "中山路1号", "open")
    for name in ("floor_m2", "usable_m2", "land_m2", "staff", "capacity", "beds", "opened_year", "closed_year"):
        assert np.isnan(getattr(places, name)[1]), name
    assert (places.source.tolist(), places.confidence.tolist()) == (["list.csv"] * 2, [1.0, 1.0])


def test_closed_never_counts_and_planned_only_when_asked(tmp_path):
    source = table(
        tmp_path, f"{HEADER},状态,关闭年份",
        f"1,甲店,{PLACE},开放,", f"2,乙店,{PLACE},拟建,", f"3,丙店,{PLACE},停业,",
        f"4,丁店,{PLACE},,2020", f"5,戊店,{PLACE},营业,2020", f"6,己店,{PLACE},,",
    )  # fmt: skip
    today, tomorrow = read(source), read(source, count_planned=True)
    assert today.value.ids.tolist() == ["1", "5", "6"]
    assert tomorrow.value.ids.tolist() == ["1", "2", "5", "6"]
    assert {"closed_left_out", "planned_left_out", "closed_by_year", "closed_year_of_open"} <= kinds(today)
    assert {"closed_left_out", "planned_counted"} <= kinds(tomorrow)


def test_what_cannot_be_understood_is_a_fault_and_nothing_is_guessed(tmp_path):
    source = table(
        tmp_path, f"{HEADER},状态,开办年份",
        f"1,甲店,{PLACE},营业吧,去年", f"2,乙店,{PLACE},营业吧,", f"3,丙店,{PLACE},不详,不详",
    )  # fmt: skip
    with pytest.raises(InputError) as raised:
        read(source)
    found = [(fault.kind, fault.row, fault.value) for fault in raised.value.faults]
    assert sorted(found) == [("bad_year", 2, "去年"), ("unknown_status", 2, "营业吧")]


def test_hours_are_kept_as_written_and_those_of_several_spans_are_counted(tmp_path):
    source = table(
        tmp_path, f"{HEADER},营业时间,建筑面积,使用面积",
        f"1,甲店,{PLACE},周一至周五 9:00-12:00 14:00-17:00,100,120", f"2,乙店,{PLACE},全天,,",
    )  # fmt: skip
    reading = read(source)
    assert reading.value.hours.tolist() == ["周一至周五 9:00-12:00 14:00-17:00", "全天"]
    said = {one.kind: one.details for one in reading.warnings}
    assert said["hours_unread"]["count"] == 1
    assert said["usable_exceeds_floor"]["rows"] == "2"


@pytest.mark.parametrize(
    "cell", ["药店;幼儿园", "药店；幼儿园", "药店、幼儿园", "pharmacy/kindergarten", '"药店,幼儿园"']
)
def test_several_services_at_one_address(tmp_path, cell):
    source = table(tmp_path, f"{HEADER},设施类型", f"1,综合楼,{PLACE},{cell}", f'2,游园,{PLACE},"公园、游园"')
    places = facilities_from_layer(source, columns(service="设施类型"), None, SERVICES, CRS).value
    offered = [[SERVICES[number].id for number in np.flatnonzero(row)] for row in places.serves]
    assert [sorted(row) for row in offered] == [["kindergarten", "pharmacy"], ["park_5"]]


# ── Services told from lists ────────────────────────────────────────────────

POIS = (
    f"1,阳光幼儿园,{PLACE},141204",
    f"2,益丰大药房,{PLACE},090601",
    f"3,小学文具店,{PLACE},061000",
    f"4,金陵理发店,{PLACE},071100",
    f"5,月亮幼儿园,{PLACE},090601",
    f"6,街道社区矫正中心,{PLACE},",
)


def test_a_list_is_sorted_into_services_and_what_is_not_sure_goes_to_the_review(tmp_path):
    places, review, said = told(table(tmp_path, f"{HEADER},typecode", *POIS))
    assert places.ids.tolist() == ["1", "2", "5"]
    assert places.confidence.tolist() == [0.95, 0.95, 0.4]
    assert (review.ids.tolist(), review.rows.tolist(), review.decisions.tolist()) == (["5"], [6], [""])
    named = [[one.id for one in column[0]] for column in (review.services, review.alternatives)]
    assert (*named, review.reason[0]) == (["kindergarten"], ["pharmacy"], "contradiction")
    assert dict(said["classified"].details) == {"count": 6, "kept": 3, "other": 2, "unknown": 1}
    assert dict(said["review_needed"].details) == {"count": 1, "assigned": 1}


def write_decisions(folder, *rows):
    path = folder / "review.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["设施编号", "设施名称", "文件", "服务类型编号", "核对结果"])
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("药店", ["pharmacy"]),
        ("kindergarten；药店", ["kindergarten", "pharmacy"]),
        ("对", ["kindergarten"]),
        ("无", None),
    ],
)
def test_decisions_of_a_person_stand_and_are_kept(tmp_path, decision, expected):
    source = table(tmp_path, f"{HEADER},typecode", *POIS)
    sheet = write_decisions(tmp_path, ["5", "月亮幼儿园", "list.csv", "kindergarten", decision])
    places, review, said = told(source, decided=sheet)
    row = places.ids.tolist().index("5") if expected else -1
    served = [SERVICES[number].id for number in np.flatnonzero(places.serves[row])]
    assert ("5" in places.ids) is (expected is not None)
    if expected:
        assert (sorted(served), places.confidence[row]) == (expected, 1.0)
    assert review.decisions.tolist() == [decision]  # the next sheet still holds it
    assert said["decisions_used"].details["count"] == 1
    assert "review_needed" not in said


def test_decisions_on_rows_that_changed_are_not_used_and_unknown_services_are_faults(tmp_path):
    source = table(tmp_path, f"{HEADER},typecode", *POIS)
    stale = write_decisions(
        tmp_path,
        ["5", "改名了", "list.csv", "", "药店"],
        ["9", "没有了", "", "", "药店"],
        ["1", "别处", "other.csv", "", "药店"],
    )
    _, review, said = told(source, decided=stale)
    assert said["stale_decisions"].details["count"] == 2
    assert review.ids.tolist() == ["5"]
    wrong = write_decisions(tmp_path, ["5", "月亮幼儿园", "list.csv", "", "药铺子"])
    with pytest.raises(InputError) as raised:
        told(source, decided=wrong)
    assert [(fault.kind, fault.row, fault.value) for fault in raised.value.faults] == [("unknown_service", 2, "药铺子")]


def test_a_sheet_that_cannot_be_read_is_a_fault(tmp_path):
    source = table(tmp_path, f"{HEADER},typecode", *POIS)
    headless = table(tmp_path, "甲,乙", "1,2", name="no.csv").path
    for sheet, kind in ((tmp_path / "none.csv", "missing_file"), (headless, "missing_column")):
        with pytest.raises(InputError) as raised:
            told(source, decided=sheet)
        assert [fault.kind for fault in raised.value.faults] == [kind]


def test_what_is_wrong_is_said_once(tmp_path):
    source = table(tmp_path, f"{HEADER},typecode,用地面积", f"1,甲店,{PLACE},,3亩", f"1,乙店,{PLACE},,-3")
    with pytest.raises(InputError) as raised:
        told(source)
    assert sorted(fault.kind for fault in raised.value.faults) == ["duplicate_id", "negative_number"]
    _, _, said = told(table(tmp_path, f"{HEADER},用地面积", f"1,甲公园,{PLACE},30亩"))
    assert said["units_read"].details["count"] == 1
