"""Places of a service that is published by district only cannot be found from any output: searched for in all files of a run."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from livingcircle import cases
from livingcircle.errors import InputError
from livingcircle.render import tables
from livingcircle.render.scene import content_of, scene_of
from livingcircle.settings import CapacityTask, read_study
from written_town import STANDARD, lonlat, write_table, write_town

PRIVATE = "阳光之家"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The town with a place for disabled people, and a requirement for it; everything that can be drawn is asked for."""
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    file = write_town(tmp_path)
    write_table(tmp_path / "private.csv", ("id", "lon", "lat", "名称"), [("S1", *lonlat(1400), PRIVATE)])
    (tmp_path / "standard.yaml").write_text(
        STANDARD
        + "  - {id: aid, service: disability_service, limit_minutes: 5,"
        + ' citation: {document: TOWN, clause: "4", quote: "", verification: read_in_full}}\n',
        encoding="utf-8",
    )
    text = file.read_text(encoding="utf-8").replace(
        "districts: {", "  - {kind: layer, path: private.csv, service: disability_service}\ndistricts: {", 1
    )
    file.write_text(text, encoding="utf-8")
    found = read_study(file)
    asked = {"catchments": "both", "rasters": True, "formats": ("geoparquet",)}
    return found.model_copy(update={"outputs": found.outputs.model_copy(update=asked), "siting": ()})


def test_coverage_and_verdicts_are_all_that_is_told(settings):
    made = cases.run(settings)
    may = {"coverage", "coverage_by_age", "exchange", "verdicts", "rules", "rule_verdicts", "elderly_and_children"}
    may |= {"coverage_own_speed", "dictionary", "answers", "unit_remedies", "capacity", "choice", "intervals"}
    told = {file.stem for file in made.folder.glob("csv/*.csv") if "disability_service" in file.read_text("utf-8-sig")}
    assert "coverage" in told
    assert told <= may
    for file in made.folder.glob("csv/*.csv"):
        text = file.read_text("utf-8-sig")
        assert PRIVATE not in text, file
        assert "_disability_service" not in text, file  # no column of it, home by home
        assert "covered_aid" not in text, file
    assert not [file for file in made.folder.rglob("*") if "disability" in file.name]
    book = openpyxl.load_workbook(next(made.folder.glob("*.xlsx")))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert not [cell for cell in cells if PRIVATE in cell or cell == "S1"]
    for file in made.folder.glob("*.html"):
        assert PRIVATE not in file.read_text("utf-8")
    assert PRIVATE not in json.dumps(made.figures, ensure_ascii=False)
    assert {row["service_id"] for row in made.figures["isochrones"]} == {"pharmacy", "kindergarten"}


def test_no_layer_draws_them(settings):
    made = cases.run(settings)
    file = made.files["geopackage"]
    for layer in ("homes", "facilities", "isochrones", "gaps", "gap_list", "catchments", "service_areas"):
        frame = gpd.read_file(file, layer=layer)
        assert len(frame)
        assert "disability_service" not in frame.drop(columns="geometry").to_csv(), layer
        assert "S1" not in frame.drop(columns="geometry").to_csv(), layer
    with sqlite3.connect(file) as base:
        assert PRIVATE not in "\n".join(base.iterdump())
    for file in (made.folder / "geoparquet").iterdir():
        told = gpd.read_parquet(file).drop(columns="geometry").to_csv()
        assert not [one for one in ("S1", PRIVATE) if one in told], file
        assert "disability_service" not in told or file.stem == "districts", file  # its share by district may be told


def test_no_raster_shows_where_they_are(settings, tmp_path):
    """Not by their absence either: the ground is the same wherever the place is, also where its beds are counted."""
    asked = settings.model_copy(update={"capacity": (CapacityTask(service="disability_service", limit_minutes=15),)})
    grounds = []
    for metres in (1400, 100):
        rows = [("S1", *lonlat(metres), PRIVATE, 10)]
        write_table(tmp_path / "private.csv", ("id", "lon", "lat", "名称", "床位"), rows)
        folder = cases.run(asked, folder=tmp_path / str(metres)).folder / "rasters"
        grounds.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert grounds[0] == grounds[1]
    assert {"services_within.tif", "living_circle_score.tif"} <= grounds[0].keys()


def test_the_map_leaves_them_out(settings):
    content = content_of(scene_of(cases.answer(settings), "zh"))
    assert len(content["services"]) == len(content["homes"]["classes"]) == 2
    assert len(content["facilities"]) == 1
    assert "助残" not in json.dumps(content["services"], ensure_ascii=False)


def test_no_walk_to_them_is_explained(settings):
    study = cases.load(settings)
    with pytest.raises(InputError) as refused:
        cases.explain(study, "H6", "disability_service", "S1")
    assert [fault.kind for fault in refused.value.faults] == ["service_not_located"]


def test_who_comes_for_it_is_not_counted_at_a_place_that_offers_other_services_too(settings):
    study = cases.load(settings)
    assessment = cases.assess(study, settings)
    private = [service.is_open for service in study.standard.services].index(False)
    at = int(np.flatnonzero(tables.published(study))[0])
    facility, seconds = assessment.reach.facility.copy(), assessment.reach.seconds.copy()
    seconds[:, 0] = np.inf  # the first home has nothing in reach, but
    assessment = replace(assessment, reach=replace(assessment.reach, seconds=seconds.copy()))
    facility[private], seconds[private] = at, 60.0
    reach = replace(assessment.reach, facility=facility, seconds=seconds)
    before, after = (tables.facilities(study, one) for one in (assessment, replace(assessment, reach=reach)))
    assert after["nearest_homes"].tolist() == before["nearest_homes"].tolist()
    assert before["nearest_homes"].iloc[0] < len(study.homes), "else nothing could be added"


def test_no_report_tells_of_them(settings):
    """Nor a map of them, nor the district of their gaps."""
    docx = pytest.importorskip("docx", reason="the extra `report` is not installed")
    made = cases.report(settings)
    document = docx.Document(made.folder / "report.docx")
    said = [one.text for one in document.paragraphs]
    said += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "药店" in "\n".join(said)
    assert not [text for text in said if PRIVATE in text or text == "S1"]
    assert PRIVATE not in (made.folder / "report.html").read_text("utf-8")
    drawn = {file.stem for file in (made.folder / "maps").iterdir()}
    assert "map-service-pharmacy" in drawn
    assert not [name for name in drawn if "disability" in name]
