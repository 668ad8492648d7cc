"""The edge of the data as a study meets it: margins, natural borders, lists that stop at the boundary, homes outside."""

from __future__ import annotations

import json

import pytest

import written_town as w
from livingcircle import cases
from livingcircle.errors import InputError
from livingcircle.settings import read_study


def write_area(path, west_metres, east_metres):
    (west, south), (east, _) = w.lonlat(west_metres), w.lonlat(east_metres)
    ring = [
        (west, south - 0.01),
        (east, south - 0.01),
        (east, south + 0.01),
        (west, south + 0.01),
        (west, south - 0.01),
    ]
    write_feature(path, {"type": "Polygon", "coordinates": [ring]})


def write_feature(path, geometry):
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")


@pytest.fixture
def study_file(tmp_path):
    """The one-street town, its area from 290 m to 710 m of a street that ends at 0 m and 1,500 m."""
    file = w.write_town(tmp_path)
    write_area(tmp_path / "area.geojson", 290, 710)
    with file.open("a", encoding="utf-8") as stream:
        stream.write("boundary: {path: area.geojson, attribution: Land office}\n")
    return file


def add(file, text):
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text + "\n")


def warned(file):
    study = cases.load(read_study(file))
    return {fault.kind: fault.details for fault in study.warnings}


def test_a_margin_that_reaches_far_enough_is_not_spoken_of(study_file):
    add(study_file, "edge: {buffer_metres: 280}")
    assert "short_margin" not in warned(study_file)


def test_a_short_margin_is_measured_and_warned_of(study_file):
    details = warned(study_file)["short_margin"]
    assert details["needed"] == 1500
    assert details["reached"] == pytest.approx(290, abs=1)
    assert details["share"] == 1
    add(study_file, "edge: {buffer_metres: 400}")
    details = warned(study_file)["short_margin"]
    assert 0 < details["share"] < 0.5


def test_a_short_margin_may_be_refused(study_file):
    add(study_file, "edge: {buffer_metres: 400, when_short: refuse}")
    with pytest.raises(InputError) as caught:
        cases.load(read_study(study_file))
    assert [fault.kind for fault in caught.value.faults] == ["clipped_network"]
    assert "400 米" in caught.value.faults[0].problem("zh")


def test_streets_that_end_at_a_coast_are_long_enough(study_file):
    (lon, lat) = w.lonlat(-20)
    write_feature(study_file.parent / "coast.geojson",
                  {"type": "LineString", "coordinates": [(lon, lat - 0.02), (lon, lat + 0.02)]})  # fmt: skip
    add(study_file, "edge: {buffer_metres: 400, when_short: refuse, natural_border: {path: coast.geojson}}")
    study = cases.load(read_study(study_file))
    assert study.network.streets.node_cut.sum() == 1
    assert {file.role for file in study.inputs} >= {"boundary", "natural_border"}
    assert "Land office" in study.attribution


def test_without_a_boundary_the_districts_are_the_study_area(tmp_path):
    file = w.write_town(tmp_path)
    assert warned(file)["short_margin"]["reached"] == 0
    w.change(file, "districts: {path: districts.geojson, columns: {id: code, name: name}}\n", "")
    assert "short_margin" not in warned(file)


def test_homes_outside_the_boundary_count_and_are_named(study_file):
    details = warned(study_file)["homes_outside_boundary"]
    assert (details["count"], details["residents"]) == (3, 1 + 16 + 32)
    study = cases.load(read_study(study_file))
    assert cases.assess(study, read_study(study_file)).coverage.residents[0] == w.TOTAL


def test_a_list_that_stops_at_the_boundary_is_noticed(study_file):
    rows = [(f"P{metres}", *w.lonlat(metres), "") for metres in (350, 450, 550, 650)]
    w.write_table(study_file.parent / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    assert "药店" in warned(study_file)["facilities_stop_at_boundary"]["services_zh"]
    w.write_table(
        study_file.parent / "pharmacies.csv", ("id", "lon", "lat", "名称"), [*rows, ("P0", *w.lonlat(50), "")]
    )
    assert "facilities_stop_at_boundary" not in warned(study_file)


def test_the_uncertain_are_counted_beside_the_covered(tmp_path):
    """H6 lives at 1,400 m, beyond fifteen minutes (1,125 m) from the pharmacy, and 100 m from where the street ends."""
    settings = read_study(w.write_town(tmp_path))
    study = cases.load(settings)
    coverage = cases.assess(study, settings).coverage
    assert coverage.residents_uncertain[coverage.rows(0, 900.0)[0]] == 32
    assert coverage.residents_uncertain[coverage.rows(0, 300.0)[0]] == 32
    (warning,) = (fault for fault in study.warnings if fault.kind == "edge_effect")
    assert warning.details["share"] == 1
    assert "推测" in warning.problem("zh")


def test_the_pharmacy_in_the_west_serves_the_east(tmp_path):
    settings = read_study(w.write_town(tmp_path))
    figures = cases.assess(cases.load(settings), settings).exchange
    (west, east) = (
        row for row in range(len(figures)) if figures.service[row] == 0 and figures.limit_seconds[row] == 900
    )
    assert figures.residents_by_own[[west, east]].tolist() == [15, 0]
    assert figures.residents_from_outside[[west, east]].tolist() == [0, 16]
    assert figures.outsiders_served[[west, east]].tolist() == [16, 0]
