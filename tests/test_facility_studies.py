"""Whole studies on lists of facilities: what is told from names, merged, decided, left out, and where it is shown."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from livingcircle.cases import check, run, write_check
from livingcircle.settings import read_study
from written_town import lonlat, write_town

PRIVATE = "街道社区矫正中心"


@pytest.fixture
def listed_town(tmp_path):
    """The town of one street with an export of points beside its list of pharmacies: its pharmacy again, and other things."""
    study = write_town(tmp_path)
    rows = [
        ("A1", "一街小镇益丰药房", 600, "090601", ""),
        ("A2", "幼儿园文具店", 620, "061000", ""),
        ("A3", "阳光幼儿园", 900, "090601", ""),
        ("A4", "同仁药店", 1200, "090601", "规划"),
        ("A5", PRIVATE, 700, "", ""),
        ("A6", "益丰药房", 610, "090601", ""),
    ]
    with (tmp_path / "pois.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "名称", "经度", "纬度", "typecode", "状态"])
        writer.writerows([(own, name, *lonlat(metres), code, status) for own, name, metres, code, status in rows])
    (tmp_path / "more.csv").write_text(
        "编号,名称,经度,纬度,床位\nB1,益丰药房(东门),{:.8f},{:.8f},3\n".format(*lonlat(625)), encoding="utf-8"
    )
    text = study.read_text(encoding="utf-8").replace(
        "facilities:\n",
        "facilities:\n  - {kind: layer, path: pois.csv, classify: true}\n  - {kind: layer, path: more.csv, service: pharmacy}\n",
    )
    study.write_text(text + "more_services: [correction_rehab, 社区食堂、老年助餐点]\n", encoding="utf-8")
    return study


def rows_of(made, name):
    with (made.folder / "csv" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_list_without_types_becomes_services_a_review_and_a_log(listed_town):
    made = run(read_study(listed_town))
    facilities = {row["facility_id"]: row for row in rows_of(made, "facilities")}
    assert set(facilities) == {"A1", "A3", "A6", "P1"}
    assert (facilities["A6"]["beds"], facilities["A6"]["confidence"], facilities["A6"]["source"]) == (
        "3",
        "1",
        "pois.csv",
    )
    merged = rows_of(made, "merged")
    assert [(row["kept_id"], row["merged_id"], row["rule"]) for row in merged] == [("A6", "B1", "same_name")]
    assert float(merged[0]["distance_metres"]) == pytest.approx(15, abs=0.1)
    (review,) = rows_of(made, "review")
    assert (review["facility_id"], review["row"], review["services"], review["decision"]) == (
        "A3",
        "4",
        "kindergarten",
        "",
    )
    served = {row["service_id"] for row in rows_of(made, "coverage")}
    assert served == {"pharmacy", "kindergarten", "correction_rehab", "elderly_meal"}


def test_a_decided_sheet_is_given_back_and_stays_decided(listed_town):
    made = run(read_study(listed_town))
    sheet = listed_town.parent / "decided.csv"
    text = (made.folder / "csv" / "review.csv").read_text(encoding="utf-8-sig")
    sheet.write_text(text.replace('"Pharmacy",""', '"Pharmacy","药店"'), encoding="utf-8")
    study = listed_town.read_text(encoding="utf-8").replace("classify: true", "classify: true, review: decided.csv")
    listed_town.write_text(study, encoding="utf-8")
    again = run(read_study(listed_town))
    (row,) = [row for row in rows_of(again, "facilities") if row["facility_id"] == "A3"]
    assert (row["services"], row["confidence"]) == ("pharmacy", "1")
    assert [row["decision"] for row in rows_of(again, "review")] == ["药店"]
    assert ("review", "decided.csv") in {(row["role"], row["file"]) for row in rows_of(again, "inputs")}


def test_restricted_services_are_in_no_file_of_a_run(listed_town):
    made = run(read_study(listed_town))
    kinds = {warning.kind for warning in made.results.study.warnings}
    assert {"restricted_left_out", "planned_left_out", "review_needed", "merged_across_sources"} <= kinds
    for path in made.folder.rglob("*"):
        if path.is_file() and path.suffix != ".xlsx":
            assert PRIVATE.encode() not in path.read_bytes(), path.name
    assert PRIVATE not in {str(name) for name in made.results.study.facilities.names}


def test_merging_can_be_turned_off(listed_town):
    study = listed_town.read_text(encoding="utf-8") + "merge_metres: 0\n"
    listed_town.write_text(study, encoding="utf-8")
    found = check(read_study(listed_town)).study
    assert found is not None
    assert len(found.merged) == 0
    assert "B1" in found.facilities.ids


def test_an_unknown_further_service_is_a_fault(listed_town):
    listed_town.write_text(
        listed_town.read_text(encoding="utf-8").replace("correction_rehab", "correction"), encoding="utf-8"
    )
    assert ("unknown_service", "more_services") in {
        (fault.kind, fault.column) for fault in check(read_study(listed_town)).faults
    }


def test_the_ways_areas_are_entered_are_counted(listed_town):
    lon, lat = lonlat(700)
    ring = [[lon, lat + 0.0002], [lon + 0.001, lat + 0.0002], [lon + 0.001, lat + 0.001], [lon, lat + 0.0002]]
    folder = listed_town.parent
    (folder / "parks.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    (folder / "gates.csv").write_text(f"lon,lat\n{lon + 0.001},{lat + 0.0002}\n", encoding="utf-8")
    text = listed_town.read_text(encoding="utf-8").replace(
        "facilities:\n", "facilities:\n  - {kind: layer, path: parks.geojson, service: pharmacy}\n"
    )
    for extra, way in (("", "bounded"), ("entrances: {path: gates.csv}\n", "stated")):
        listed_town.write_text(text + extra, encoding="utf-8")
        (said,) = [note for note in check(read_study(listed_town)).notes if note.kind == "areas_entered"]
        assert {key: count for key, count in said.details.items() if count} == {"count": 1, way: 1}


def test_a_check_has_the_review_and_the_log_in_its_workbook(listed_town, tmp_path):
    settings = read_study(listed_town)
    write_check(check(settings), settings, book=tmp_path / "check.xlsx", language="zh")
    book = openpyxl.load_workbook(tmp_path / "check.xlsx")
    assert [cell.value for cell in book["设施核对"][2]][:2] == ["A3", "阳光幼儿园"]
    assert book["设施核对"][1][-1].value == "核对结果"
    assert [cell.value for cell in book["合并记录"][2]][:2] == ["A6", "B1"]
