"""Walled compounds from the study file to the figures: the band of unknown gates, its words, and a real city."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases
from livingcircle.cli import app
from livingcircle.errors import InputError, SettingsError
from livingcircle.render import tables
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.summary import summary
from livingcircle.render.words import shown_share
from livingcircle.settings import read_study, settings_from


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path) -> Path:
    """The town of one street with a compound across it, 440 to 560 m east of the pharmacy; its third home is inside."""
    (west, south), (east, north) = w.lonlat(440), w.lonlat(560)
    ring = [[west, south - 0.001], [east, south - 0.001], [east, north + 0.001], [west, north + 0.001]]
    feature = {
        "type": "Feature",
        "properties": {"code": "X1", "name": "锦绣苑"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
    (tmp_path / "compounds.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    return w.write_town(tmp_path)


COMPOUNDS = {"kind": "layer", "path": "compounds.geojson", "columns": {"id": "code", "name": "name"}}


def write_gates(folder: Path, *rows: tuple[float, str, str]) -> dict[str, object]:
    """Write gates at metres along the street and return their settings."""
    listed = [(*w.lonlat(metres), who, hours) for metres, who, hours in rows]
    w.write_table(folder / "gates.csv", ("lon", "lat", "who", "hours"), listed)
    return {"path": "gates.csv", "columns": {"who": "who", "hours": "hours"}}


def covered_residents(study_file: Path, **compounds: object) -> list[float]:
    """Return the residents covered within 5, 10 and 15 minutes."""
    results = cases.answer(read_study(study_file, {"compounds": {**COMPOUNDS, **compounds}}))
    table = results.assessment.coverage
    return [float(table.residents_covered[table.rows(0, limit)[0]]) for limit in (300.0, 600.0, 900.0)]


OPEN = [w.COVERED_5, w.COVERED_10, w.COVERED_15]
BEHIND = 1 + 2 + 4
"""The two homes west of the compound and the one inside; nobody walks through it."""


def test_unknown_gates_make_a_band(study_file):
    settings = read_study(study_file, {"compounds": COMPOUNDS})
    results = cases.answer(settings)
    frame = tables.coverage(results.study, results.assessment)
    whole = frame[(frame["scope"] == "study") & (frame["service_id"] == "pharmacy")].set_index("limit_minutes")
    assert whole["residents_covered"].loc[[5, 10, 15]].tolist() == OPEN
    assert whole["residents_covered_one_gate"].loc[[5, 10, 15]].tolist() == [1 + 2, BEHIND, BEHIND]
    assert whole["residents_share_one_gate"].loc[10] == BEHIND / w.TOTAL
    figures = summary(results)
    rows = [row for row in figures["coverage"] if row["scope"] == "study" and row["limit_minutes"] == 10]
    assert rows[0]["residents_share_one_gate"] == BEHIND / w.TOTAL
    (warning,) = [fault for fault in results.study.warnings if fault.kind == "gates_unknown"]
    assert "下限" in warning.sentence("zh")
    assert "compounds.geojson" in {entry.path for entry in results.study.inputs}


def test_the_map_says_what_hangs_on_unknown_gates(study_file):
    content = content_of(scene_of(cases.answer(read_study(study_file, {"compounds": COMPOUNDS})), "zh"))
    (caveat,) = content["services"][0]["limits"][1]["caveats"]
    assert shown_share(BEHIND / w.TOTAL) in caveat
    notes = "".join(note["text"] for note in content["notes"])
    assert "平路" in notes
    assert "出入口不详" in notes
    without = content_of(scene_of(cases.answer(read_study(study_file)), "zh"))
    assert not any("出入口" in said for limit in without["services"][0]["limits"] for said in limit["caveats"])


def test_either_end_of_the_band_can_be_asked_for_alone(study_file):
    assert covered_residents(study_file, unknown_gates="open") == OPEN
    assert covered_residents(study_file, unknown_gates="one_gate") == [1 + 2, BEHIND, BEHIND]
    results = cases.answer(read_study(study_file, {"compounds": {**COMPOUNDS, "unknown_gates": "one_gate"}}))
    assert results.assessment.cautious is None


def test_known_gates_leave_no_band(study_file):
    gates = write_gates(study_file.parent, (440, "", ""), (560, "", ""))
    results = cases.answer(read_study(study_file, {"compounds": {**COMPOUNDS, "gates": gates}}))
    assert results.assessment.cautious is None
    assert covered_residents(study_file, gates=gates) == [1 + 2, BEHIND, BEHIND]
    frame = tables.coverage(results.study, results.assessment)
    assert np.isnan(frame["residents_share_one_gate"]).all()


def test_gates_shut_at_the_hour_and_gates_nowhere_are_told(study_file):
    gates = write_gates(study_file.parent, (440, "", "06:00-22:00"), (900, "", ""))
    at_night = {**COMPOUNDS, "gates": gates, "time_of_day": "23:30"}
    study = cases.load(read_study(study_file, {"compounds": at_night}))
    kinds = {fault.kind: fault for fault in study.warnings}
    assert {"gates_shut", "gates_nowhere"} <= kinds.keys()
    assert "锦绣苑" in kinds["gates_shut"].sentence("zh")
    assert "23:30" in kinds["gates_shut"].sentence("en")
    assert study.cautious is None
    by_day = cases.load(read_study(study_file, {"compounds": {**at_night, "time_of_day": "12:00"}}))
    assert "gates_shut" not in {fault.kind for fault in by_day.warnings}


def test_faults_of_compounds_and_of_other_files_come_together(study_file):
    (study_file.parent / "homes.csv").unlink()
    gates = write_gates(study_file.parent, (440, "保安", "白天"))
    with pytest.raises(InputError) as raised:
        cases.load(read_study(study_file, {"compounds": {**COMPOUNDS, "gates": gates}}))
    assert {fault.kind for fault in raised.value.faults} >= {"missing_file", "unknown_passage", "bad_hours"}


def test_the_terminal_and_the_run_show_the_lower_bound(study_file, tmp_path):
    text = study_file.read_text(encoding="utf-8") + "compounds: " + json.dumps(COMPOUNDS) + "\n"
    study_file.write_text(text, encoding="utf-8")
    said = CliRunner().invoke(app, ["assess", str(study_file)], env={"COLUMNS": "200"})
    assert said.exit_code == 0, said.output
    share = f"{BEHIND / w.TOTAL:.1%}".replace("%", "").strip()
    assert "下限" in said.output
    assert share in said.output
    narrow = CliRunner().invoke(app, ["assess", str(study_file), "-l", "en"], env={"COLUMNS": "90"}).stdout
    assert "Pharmacy*" in narrow
    done = cases.run(read_study(study_file))
    assert any("lower" in warning["sentence"]["en"] for warning in done.figures["warnings"])


@pytest.mark.real_city
def test_the_residential_areas_of_nanjing_make_a_band(shared_data, tmp_path):
    osm = str(shared_data / "nanjing" / "nanjing_core_20210612.osm")
    content = {
        "id": "nanjing",
        "title": {"zh": "南京新街口"},
        "network": {"kind": "osm_file", "path": osm},
        "homes": {"kind": "osm_buildings", "path": osm, "residential_buildings": ["apartments", "residential", "yes"]},
        "facilities": [{"kind": "osm_tags", "path": osm}],
        "compounds": {"kind": "osm", "path": osm, "areas": "residential"},
        "outputs": {"folder": str(tmp_path)},
    }
    results = cases.answer(settings_from(content, tmp_path / "study.yaml"), areas=False)
    certain, table = results.assessment.cautious, results.assessment.coverage
    assert certain is not None
    assert (certain.residents_covered <= table.residents_covered).all()
    assert certain.residents_covered.sum() < table.residents_covered.sum()
    content["compounds"] = None
    plain = cases.answer(settings_from(content, tmp_path / "study.yaml"), areas=False).assessment.coverage
    assert np.array_equal(plain.residents_covered, table.residents_covered)


def test_a_time_of_day_that_is_none_is_answered_in_words(study_file):
    with pytest.raises(SettingsError) as raised:
        read_study(study_file, {"compounds": {**COMPOUNDS, "time_of_day": "25:00"}})
    (fault,) = raised.value.faults
    assert "10:00" in fault.problem("zh")
    assert "\\d" not in fault.problem("zh") + fault.problem("en")


def test_compounds_in_another_city_are_refused(study_file, tmp_path):
    text = (tmp_path / "compounds.geojson").read_text(encoding="utf-8")
    (tmp_path / "compounds.geojson").write_text(text.replace("[121.", "[117."), encoding="utf-8")
    with pytest.raises(InputError) as error:
        cases.load(read_study(study_file, {"compounds": COMPOUNDS}))
    assert [(fault.kind, fault.details["layer_zh"]) for fault in error.value.faults] == [("all_outside_study", "小区")]


def test_a_gate_far_from_the_compound_it_names_is_left_out_and_told(study_file, tmp_path):
    rows = [(*w.lonlat(440), "X1"), (*w.lonlat(800), "X1")]
    w.write_table(tmp_path / "gates.csv", ("lon", "lat", "compound"), rows)
    gates = {"path": "gates.csv", "columns": {"compound": "compound"}}
    study = cases.load(read_study(study_file, {"compounds": {**COMPOUNDS, "gates": gates}}))
    assert [warning.details["count"] for warning in study.warnings if warning.kind == "gates_nowhere"] == [1]
