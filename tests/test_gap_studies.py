"""Diagnosis from the study file to the tables, the command and the map; and a real city."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases
from livingcircle.cli import app
from livingcircle.model.diagnosis import Cause, Remedy
from livingcircle.render import tables
from livingcircle.render.scene import content_of, scene_of
from livingcircle.settings import read_study, settings_from


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def results(tmp_path):
    return cases.answer(read_study(w.write_town(tmp_path)))


def test_causes_add_up_to_who_is_not_covered(results):
    coverage, services = results.assessment.coverage, [one.id for one in results.study.standard.services]
    by_cause = tables.gap_causes(results).groupby("requirement_id")["residents"].sum()
    for rule in results.study.standard.requirements:
        whole = coverage.rows(services.index(rule.service), rule.limit_seconds)[0]
        assert by_cause.get(rule.id, 0.0) == coverage.residents[whole] - coverage.residents_covered[whole]
    causes = tables.home_causes(results)
    assert not causes.duplicated(["home_id", "requirement_id"]).any()
    assert len(causes) == tables.gap_causes(results)["homes"].sum()


def test_the_gap_list_and_its_areas_name_the_same_places(results):
    places, areas = tables.gap_list(results), tables.gap_findings(results)
    assert set(places["gap_id"]) == set(areas["gap_id"])
    assert len(results.diagnosis.members) == len(areas)
    assert results.gaps.residents.tolist() == [
        float(results.study.homes.residents[results.diagnosis.members.of(area)].sum()) for area in range(len(areas))
    ]
    assert places["severity_resident_minutes"].is_monotonic_decreasing
    assert places["severity_resident_minutes"].sum() == pytest.approx(areas["severity_resident_minutes"].sum())
    assert (areas["residents_closed"].fillna(0) <= areas["residents"] + 1e-9).all()


def test_the_command_prints_the_list_and_takes_one_service(tmp_path):
    file = w.write_town(tmp_path)
    said = CliRunner().invoke(app, ["diagnose", str(file), "--service", "药店", "--json"])
    assert said.exit_code == 0, said.output
    figures = json.loads(said.stdout)
    assert {row["service_id"] for row in figures["gaps"]} <= {"pharmacy"}
    assert {row["gap_id"] for row in figures["gap_list"]} == {row["gap_id"] for row in figures["gaps"]}
    words = CliRunner().invoke(app, ["diagnose", str(file)])
    assert words.exit_code == 0, words.output
    assert "问题清单" in words.output or "没有缺口片区" in words.output
    unknown = CliRunner().invoke(app, ["diagnose", str(file), "--service", "xyz"])
    assert unknown.exit_code == 3


def test_the_map_says_why_and_what_would_help(results):
    content = content_of(scene_of(results, "zh"))
    gaps = [gap for service in content["services"] for gap in service["gaps"]]
    labels = [[label for label, _ in gap["facts"]] for gap in gaps]
    assert len(gaps) == len(results.gaps)
    assert all({"成因", "建议", "清单编号"} <= set(one) for one in labels)


@pytest.mark.real_city
def test_las_palmas_is_explained_whole(shared_data, tmp_path):
    pbf = str(shared_data / "laspalmas" / "las_palmas_20230221.osm.pbf")
    content = {
        "id": "las-palmas",
        "title": {"en": "Las Palmas"},
        "network": {"kind": "osm_file", "path": pbf},
        "homes": {"kind": "osm_buildings", "path": pbf},
        "facilities": [{"kind": "osm_tags", "path": pbf}],
    }
    results = cases.answer(settings_from(content, Path(tmp_path / "study.yaml")))
    found, gaps = results.diagnosis, results.gaps
    causes = {Cause(code).name for code in np.unique(found.causes.cause)}
    assert {"EDGE_OF_DATA", "TOO_FAR", "DETOUR"} <= causes <= {*causes} - {"OWN_WALL", "WIDE_ROAD", "SLOPE_OR_STAIRS"}
    straight = found.causes.straight_metres
    walked = np.isfinite(found.causes.walk_seconds)
    # No walk is shorter than the straight line, but for the scale of the projection (0.04 %) and rounded ticks.
    metres = found.causes.walk_seconds * results.study.walker.speed_metres_per_second
    assert (metres[walked] >= straight[walked] * 0.9995 - 1).all()
    assert (np.bincount(found.members.home) <= len(results.study.standard.requirements)).all()
    assert found.areas.share_by_cause.sum(axis=1) == pytest.approx(1)
    building = found.areas.remedy == Remedy.NEW_SITE
    assert (found.areas.residents_closed[building] > 0).all()
    assert (found.areas.residents_closed[building] <= gaps.residents[building] + 1e-6).all()
    assert len(set(found.places.ids)) == len(found.places) > 50
    assert (found.places.street != "").mean() > 0.9
