"""A new study: what `new` writes can be filled in by an office and is then read right."""

from __future__ import annotations

import re

import numpy as np
import openpyxl
import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.render.starter import STUDY_NAME, forms
from livingcircle.settings import read_study
from livingcircle.sources.column_names import match_column
from livingcircle.sources.standards import read_services

FIELDS = {
    "homes.xlsx": {"id", "name", "lon", "lat", "households", "residents"},
    "facilities.xlsx": {"id", "name", "service", "lon", "lat", "status", "address", "floor_m2", "capacity", "beds", "staff", "hours"},
    "districts.xlsx": {"code", "name", "households", "residents"},
    "gates.xlsx": {"lon", "lat", "compound", "who", "hours"},
    "candidates.xlsx": {"id", "name", "lon", "lat", "floor_m2", "cost_wan_yuan"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


def call(*arguments: object):
    return CliRunner(env={"COLUMNS": "100"}).invoke(cli.app, [str(argument) for argument in arguments])


def fill(path, rows):
    """Write rows below the headers of the first sheet, each a mapping from header to cell."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=2):
        for header, value in row.items():
            sheet.cell(number, place[header], value)
    book.save(path)


def test_a_filled_study_passes_and_reads_right(tmp_path):
    town, folder = tmp_path / "town", tmp_path / "我的研究"
    town.mkdir()
    w.write_town(town)
    assert call("new", folder, "-l", "zh").exit_code == cli.DONE
    fill(
        folder / "homes.xlsx",
        [
            {"编号": "0042", "经度": lon, "纬度": lat, "户数（户）": 10, "常住人口（人）": 25}
            for lon, lat in [w.lonlat(300)]
        ],
    )
    lon, lat = w.lonlat(100)
    fill(folder / "facilities.xlsx", [{"编号": "F1", "名称": "一号药店", "服务类型": "药店", "经度": lon, "纬度": lat}])
    w.change(folder / STUDY_NAME, "streets.osm.pbf", str(town / "streets.osm"))
    done = call("check", folder / STUDY_NAME)
    assert done.exit_code == cli.DONE, done.output
    study = cases.load(read_study(folder / STUDY_NAME))
    assert study.title.zh == "我的研究"
    assert study.homes.ids.tolist() == ["0042"]
    assert (study.homes.residents.tolist(), study.homes.households.tolist()) == ([25.0], [10.0])
    assert study.facilities.names.tolist() == ["一号药店"]
    served = np.flatnonzero(study.facilities.serves[0])
    assert [study.standard.services[number].id for number in served] == ["pharmacy"]


def test_empty_templates_say_what_is_missing_and_read_no_example(tmp_path):
    call("new", tmp_path / "s")
    checked = cases.check(read_study(tmp_path / "s" / STUDY_NAME))
    assert {fault.kind for fault in checked.faults} == {"missing_file", "empty_layer"}


def test_headers_are_those_that_readers_recognise():
    for form in forms(read_services()):
        headers = [field.header for field in form.fields]
        found = {field: match_column(headers, field, None) for field in FIELDS[form.file]}
        assert all(found.values()), found
        assert set(found.values()) == set(headers)


def test_service_types_are_offered_in_a_list(tmp_path):
    call("new", tmp_path / "s")
    book = openpyxl.load_workbook(tmp_path / "s" / "facilities.xlsx")
    sheet = book.worksheets[0]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    column = next(cell.column_letter for cell in sheet[1] if cell.value == "服务类型")
    source = next(formula for cells, formula in lists.items() if cells.startswith(f"{column}2:"))
    offered = {row[0].value for row in book["选项 Choices"][source.split("!")[1].replace("$", "")]}
    assert offered == {service.name.zh for service in read_services()}
    assert all(cell.comment is not None and "\n" in cell.comment.text for cell in sheet[1])


def test_nothing_that_is_there_is_overwritten(tmp_path):
    (tmp_path / "homes.xlsx").write_text("mine")
    done = call("new", tmp_path, "-l", "en")
    assert done.exit_code == cli.INPUT_ERROR
    assert "already there" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["homes.xlsx"]
    assert (tmp_path / "homes.xlsx").read_text() == "mine"


def test_every_line_that_is_put_aside_can_be_used(tmp_path):
    path = cases.new_study(tmp_path / "s")[STUDY_NAME]
    lines = path.read_text(encoding="utf-8").splitlines()
    used = [line.replace("# ", "", 1) if re.match(r" *# ( *-| *[a-z_]+:)", line) else line for line in lines]
    path.write_text("\n".join(used), encoding="utf-8")
    settings = read_study(path)
    assert settings.population_table is not None
    assert settings.compounds is not None
    assert settings.compounds.gates is not None
    assert settings.candidates is not None
    assert [task.sites for task in settings.siting] == [2]
    assert settings.homes.datum == settings.facilities[0].datum == "gcj02"


@pytest.mark.parametrize("name", ["研究 '1': #a", "{x}", "-", "2024 Study $id"])
def test_any_folder_name_makes_a_study_file(tmp_path, name):
    settings = read_study(cases.new_study(tmp_path / name)[STUDY_NAME])
    assert settings.title.zh == name
