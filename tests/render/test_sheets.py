import math
from dataclasses import replace

import geopandas
import openpyxl
import pandas as pd
import pyogrio
import pytest

from livingcircle.render import sheets, tables
from livingcircle.render.summary import about, overview
from livingcircle.render.words import say
from small_town import FORMULA_NAME


@pytest.fixture(scope="module")
def all_tables(town):
    return tables.tables_of(town)


OCCASIONAL = {
    *("coverage_by_age", "quarantined", "population_unplaced", "intervals", "interval_drivers", "interval_members"),
    *("rules", "rule_verdicts", "disputes", "answers"),
    *("scores", "equity", "lorenz", "coverage_own_speed", "elderly_and_children"),
    *("capacity", "capacity_facilities", "choice"),
    *("home_causes", "unit_remedies"),
}
"""Tables whose sheet is left out when they have no rows."""


def write(path, town, all_tables, language="zh"):
    notes = overview(town, language)
    sheets.write_workbook(path, all_tables, language, "评估结果", notes, made=town.provenance.started_utc)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook_holds_the_numbers_of_the_tables(tmp_path, town, all_tables, language):
    write(tmp_path / "book.xlsx", town, all_tables, language)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    shown_tables = {name: frame for name, frame in all_tables.items() if len(frame) or name not in OCCASIONAL}
    assert book.sheetnames == [say(f"table.{name}", language) for name in ("overview", *shown_tables)]
    for name, frame in shown_tables.items():
        sheet = book[say(f"table.{name}", language)]
        shown = tables.labelled(frame, language)
        cells = list(sheet.iter_rows(values_only=True))
        assert list(cells[0]) == list(shown.columns)
        assert len(cells) == len(shown) + 1
        for written, expected in zip(cells[1:], shown.itertuples(index=False), strict=True):
            for cell, value in zip(written, expected, strict=True):
                if pd.isna(value) or value == "":
                    assert cell is None
                elif isinstance(value, str):
                    assert cell == value
                else:
                    # xlsx keeps 16 significant digits.
                    assert math.isclose(cell, value, rel_tol=1e-14)


def test_workbook_shows_percent_people_and_frozen_headers(tmp_path, town, all_tables):
    write(tmp_path / "book.xlsx", town, all_tables)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["覆盖率"]
    headers = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, headers.index("居民覆盖率") + 1).number_format == "0.0 %"
    assert sheet.cell(2, headers.index("居民数（人）") + 1).number_format == "#,##0"
    people = sheet.column_dimensions[openpyxl.utils.get_column_letter(headers.index("覆盖居民数（人）") + 1)]
    assert people.width > 16  # eight Chinese signs on one line: no bracket alone on the next
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref is not None
    assert openpyxl.load_workbook(tmp_path / "book.xlsx")["达标判定"].conditional_formatting


def test_no_text_becomes_a_formula(tmp_path, town, all_tables):
    write(tmp_path / "book.xlsx", town, all_tables)
    for sheet in openpyxl.load_workbook(tmp_path / "book.xlsx"):
        assert all(cell.data_type != "f" and cell.hyperlink is None for row in sheet.iter_rows() for cell in row)
    found = openpyxl.load_workbook(tmp_path / "book.xlsx")["设施"]
    assert FORMULA_NAME in {cell.value for row in found.iter_rows() for cell in row}
    sheets.write_csvs(tmp_path, all_tables)
    names = pd.read_csv(tmp_path / "facilities.csv", encoding="utf-8-sig")["facility_name"]
    assert names[2] == "'" + FORMULA_NAME
    candidates = pd.read_csv(tmp_path / "candidates.csv", encoding="utf-8-sig")["candidate_name"]
    assert candidates.tolist() == ["闲置厂房", "老旧菜场", "'-空地", "'@车库"]


def test_equal_runs_write_equal_files(tmp_path, town, all_tables):
    for run in ("one", "two"):
        folder = tmp_path / run
        folder.mkdir()
        sheets.write_csvs(folder, all_tables)
        write(folder / "book.xlsx", town, all_tables)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_csvs_open_in_excel_and_give_their_numbers_back(tmp_path, town, all_tables):
    files = sheets.write_csvs(tmp_path, all_tables)
    assert sorted(file.stem for file in files) == sorted(all_tables)
    assert all(file.read_bytes().startswith(b"\xef\xbb\xbf") and b"\r" not in file.read_bytes() for file in files)
    found = pd.read_csv(tmp_path / "homes.csv", encoding="utf-8-sig")
    assert list(found.columns) == list(all_tables["homes"].columns)
    pd.testing.assert_series_equal(
        found["walk_minutes_clinic"], all_tables["homes"]["walk_minutes_clinic"], check_exact=True
    )
    assert "inf" not in (tmp_path / "homes.csv").read_text(encoding="utf-8-sig")


def test_a_table_too_long_for_a_sheet_is_named_in_the_overview(tmp_path, town, all_tables, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 29)
    write(tmp_path / "book.xlsx", town, all_tables)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert "住宅" not in book.sheetnames
    assert ("住宅", "共 30 行，见 homes.csv") in list(book["总览"].iter_rows(values_only=True))


def test_geopackage_layers(tmp_path, town, all_tables):
    path = tmp_path / "town.gpkg"
    sheets.write_geopackage(path, town, tables.tables_of(town), about(town))
    layers = [name for name, _ in pyogrio.list_layers(path)]
    assert layers == ["homes", "facilities", "districts", "gaps", "isochrones", "candidates", "plan", "about"]
    homes = geopandas.read_file(path, layer="homes")
    assert homes.crs.to_epsg() == 32650
    assert homes["home_id"].tolist() == all_tables["homes"]["home_id"].tolist()
    assert homes.geometry.geom_equals(geopandas.GeoSeries(town.study.homes.geometry, crs=homes.crs)).all()
    districts = geopandas.read_file(path, layer="districts")
    coverage = all_tables["coverage"]
    own = coverage[
        (coverage["service_id"] == "clinic") & (coverage["limit_minutes"] == 15) & (coverage["scope"] == "district")
    ]
    assert districts["share_clinic_15"].tolist() == own["residents_share"].tolist()
    assert districts["share_canteen_15"].isna().all()
    assert geopandas.read_file(path, layer="plan")["rank"].tolist() == [1, 2]


def test_geopackage_is_written_anew(tmp_path, town):
    path = tmp_path / "town.gpkg"
    for plans in (town.plans, ()):
        bare = replace(town, plans=plans)
        sheets.write_geopackage(path, bare, tables.tables_of(bare), about(bare))
    assert "plan" not in [name for name, _ in pyogrio.list_layers(path)]


def test_columns_are_wide_enough_for_chinese_longitudes(tmp_path, town, all_tables):
    sheets.write_workbook(tmp_path / "town.xlsx", all_tables, "zh", "南京", overview(town, "zh"))
    book = openpyxl.load_workbook(tmp_path / "town.xlsx")
    for sheet in book:
        for cell in sheet[1]:
            if cell.value and str(cell.value).startswith("经度"):
                assert sheet.column_dimensions[cell.column_letter].width >= len("118.796000") + 1
