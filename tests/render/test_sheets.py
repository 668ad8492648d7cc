import math
from dataclasses import replace

import geopandas
import openpyxl
import pandas as pd
import pyogrio
import pytest

from clause_town import clause_town
from livingcircle.render import sheets, tables
from livingcircle.render.columns import COLUMNS
from livingcircle.render.layout import SHEETS, arranged, in_order, sheets_of
from livingcircle.render.summary import about, overview
from livingcircle.render.words import say
from small_town import FORMULA_NAME


@pytest.fixture(scope="module")
def all_tables(town):
    return tables.tables_of(town)


OCCASIONAL = {
    *(
        "coverage_by_age",
        "checklist",
        "quarantined",
        "population_unplaced",
        "review",
        "merged",
        "intervals",
        "interval_drivers",
        "interval_members",
    ),
    *("rules", "rule_verdicts", "disputes", "answers"),
    *("plan_ages", "plan_clauses", "plan_dominated", "plan_frontier", "plan_stages", "plan_uncovered"),
    *("scores", "equity", "lorenz", "coverage_own_speed", "elderly_and_children"),
    *("capacity", "capacity_facilities", "supply", "choice"),
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
    parts = in_order(
        (part, frame)
        for name, frame in all_tables.items()
        if len(frame) or name not in OCCASIONAL
        for part in sheets_of(name)
    )
    assert book.sheetnames == [
        say(f"table.{name}", language) for name in ("overview", *(part.name for part, _ in parts))
    ]
    for part, frame in parts:
        sheet = book[say(f"table.{part.name}", language)]
        shown = tables.labelled(frame[arranged(part, frame, language)[0]], language)
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
    found = openpyxl.load_workbook(tmp_path / "book.xlsx")["设施台账"]
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


PLANNED = ("plan", "plan_runner_ups", "plan_homes")


def test_geopackage_layers(tmp_path, town, all_tables):
    path = tmp_path / "town.gpkg"
    sheets.write_geopackage(path, town, tables.tables_of(town), about(town))
    layers = [name for name, _ in pyogrio.list_layers(path)]
    assert layers == ["homes", "facilities", "districts", "gaps", "isochrones", "candidates", *PLANNED, "about"]
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


def shown_at_once(sheet):
    """The headers of the columns that are not folded away."""
    hidden = {
        number
        for column in sheet.column_dimensions.values()
        if column.hidden
        for number in range(column.min, column.max + 1)
    }
    return [cell.value for cell in sheet[1] if cell.column not in hidden]


def test_columns_are_wide_enough_for_what_comes_late(tmp_path, town, all_tables):
    """Long tables go service by service: the longest name may stand in their last rows."""
    isochrones = all_tables["isochrones"]
    last = isochrones.tail(1).assign(service_en="Nursery for under-threes")
    frame = pd.concat([*[isochrones.head(1)] * 300, last], ignore_index=True)
    write(tmp_path / "book.xlsx", town, {**all_tables, "isochrones": frame}, "en")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Isochrones"]
    assert sheet["A302"].value == "Nursery for under-threes"
    assert sheet.column_dimensions["A"].width > len("Nursery for under-threes")


def test_figures_of_a_column_have_the_same_decimals_and_stand_apart_from_words(tmp_path, town, all_tables):
    write(tmp_path / "book.xlsx", town, all_tables, "en")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    formats = {cell.number_format for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row}
    assert not {one for one in formats if one.endswith(".##")}  # a whole number would end in a point
    (areas,) = (one for one in book["Isochrones"].iter_cols() if one[0].value == "Isochrone area (km²)")
    assert {cell.number_format for cell in areas[1:]} == {"#,##0.00"}
    assert {(cell.alignment.horizontal, cell.alignment.indent) for cell in areas[1:]} == {("right", 1.0)}


def test_english_headers_say_what_is_counted_once():
    for name, column in COLUMNS.items():
        header = column.display("en").lower()
        unit = column.unit.said("en").lower()
        assert not unit or header.count(unit) == 1 or len(unit) < 3, (name, header)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_verdict_fits_a_screen_and_its_keys_are_a_click_away(tmp_path, town, language):
    judged = tables.tables_of(clause_town(town))
    sheets.write_workbook(tmp_path / "b.xlsx", judged, language, "题", [])
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    brief, details = (book[say(f"table.{name}", language)] for name in ("rule_verdicts", "rule_verdict_details"))
    assert len(shown_at_once(brief)) == brief.max_column == 10
    pixels = sum(7 * brief.column_dimensions[cell.column_letter].width + 5 for cell in brief[1])
    assert pixels <= 1366 - 40  # numbers of rows, scroll bar
    assert brief.freeze_panes == "B2"
    assert brief.auto_filter.ref == f"A1:J{brief.max_row}"
    assert (brief.page_setup.paperSize, brief.page_setup.orientation) == (9, "landscape")
    assert brief.print_title_rows == "$1:$1"
    rows = [
        dict(zip([cell.value for cell in brief[1]], row, strict=True)) for row in brief.iter_rows(2, values_only=True)
    ]
    (floor,) = (
        row
        for row in rows
        if row[COLUMNS["verdict"].display(language)] in {"不达标", "not met"}
        and "30" in str(list(row.values())[5])
        and list(row.values())[2] not in {"全域", "Whole study"}
    )
    said = {
        "zh": ("社区卫生服务站：每百户建筑面积 ≥ 30 平方米/百户", "≥ 30 平方米/百户", "缺 20 平方米"),
        "en": (
            "Community clinic: floor area per 100 households ≥ 30 m² per 100 households",
            "≥ 30 m² per 100 households",
            "20 m² short",
        ),
    }[language]
    assert (
        tuple(floor[COLUMNS[f"{name}_{language}"].display(language)] for name in ("requirement", "asked", "difference"))
        == said
    )
    assert brief.row_dimensions[2].height > 15  # texts that fold are seen whole
    headers = {cell.value for sheet in (brief, details) for cell in sheet[1]}
    assert set(tables.labelled(judged["rule_verdicts"], language).columns) <= headers
    assert len(shown_at_once(details)) < details.max_column


def test_columns_without_a_value_are_folded_away(tmp_path, town, all_tables):
    write(tmp_path / "book.xlsx", town, all_tables)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["覆盖率"]
    seen = shown_at_once(sheet)
    assert "步行距离上限（米）" not in seen  # no clause of the town is in metres
    assert {"设施类型", "居民覆盖率", "覆盖居民数（人）"} <= set(seen)
    assert {"设施类型编号", "分区编号"} & set(seen) == set()


def test_presence_reads_as_words_and_stays_a_number(tmp_path, town):
    judged = tables.tables_of(clause_town(town))
    sheets.write_workbook(tmp_path / "b.xlsx", judged, "zh", "题", [])
    details = openpyxl.load_workbook(tmp_path / "b.xlsx")["条文判定明细"]
    headers = [cell.value for cell in details[1]]
    row = next(row for row in details.iter_rows(2) if row[headers.index("条文编号")].value == "R-there")
    assert row[headers.index("现状值")].number_format == '[>0]"已设";"未设"'
    assert row[headers.index("要求值")].number_format == '"应设置"'
    found = judged["rule_verdicts"].set_index("rule_id").loc[["R-there"]]
    assert set(found["asked_zh"]) == {"应设置"}
    assert set(found["found_zh"]) <= {"已设", "未设", "—"}


def test_every_sheet_named_has_a_table_and_columns_that_exist(all_tables):
    for name, parts in SHEETS.items():
        for part in parts:
            assert {*part.only, *part.first, *part.without} <= set(all_tables[name].columns) | {"note_zh", "note_en"}


def test_verdicts_come_first_and_the_dictionary_last(tmp_path, town):
    sheets.write_workbook(tmp_path / "b.xlsx", tables.tables_of(clause_town(town)), "zh", "题", [])
    names = openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames
    assert names[:4] == ["总览", "条文", "条文判定", "条文争议"]
    assert names[-1] == "字段说明"


def test_headers_name_services_and_ages_in_words(tmp_path, town, all_tables):
    write(tmp_path / "book.xlsx", town, all_tables)
    headers = [cell.value for cell in openpyxl.load_workbook(tmp_path / "book.xlsx")["住宅"][1]]
    asked = [header for header in headers if header.startswith("满足要求：")]
    names = {service.name.zh: service.id for service in town.study.standard.services}
    assert len(asked) == len(town.study.standard.requirements)
    assert all(header.removeprefix("满足要求：").split(" ")[0] in names for header in asked)
    assert all(header.endswith((" 分钟", " 米")) for header in asked)
    assert tables.labelled(pd.DataFrame({"age_group": ["60+", "0-3"]}), "zh")["年龄组"].tolist() == [
        "60 岁及以上",
        "0–3 岁",
    ]
