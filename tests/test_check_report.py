"""The check as people see it: file by file on screen, as a page, as a workbook, as JSON."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from rich.cells import cell_len
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.faults import Fault
from livingcircle.faults.fault import LONGEST_VALUE
from livingcircle.model.checking import FileChecked
from livingcircle.model.standard import Words
from livingcircle.render import check_book
from livingcircle.render.check_terminal import folded
from livingcircle.render.summary import check_summary
from livingcircle.settings import read_study
from livingcircle.sources.layers import MOST_ALIKE

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.org","x")'


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def sound(tmp_path):
    return w.write_town(tmp_path)


@pytest.fixture
def faulty(sound):
    """A town whose files hold faults of many kinds, in three files at once, one of which is missing."""
    rows = [
        (f"H{number}", *w.lonlat(100 * number), people)
        for number, people in enumerate(["12", SCRIPT, "-3", FORMULA, "many", "n persons"], start=1)
    ]
    w.write_table(sound.parent / "homes.csv", ("id", "lon", "lat", "居民数"), [*rows, ("H3", "", 31.98, "5")])
    (sound.parent / "candidates.csv").unlink()
    w.change(sound, "service: pharmacy, columns", "service: farmacy, columns")
    return sound


def call(*arguments: object, columns: int = 100):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(cli.app, [str(argument) for argument in arguments])


def by_role(checked):
    return {file.roles[0]: file for file in checked.files if file.roles}


# ── File by file ────────────────────────────────────────────────────────────


def test_every_file_is_told_as_it_was_understood(sound):
    checked = cases.check(read_study(sound))
    files = by_role(checked)
    assert list(files) == ["network", "homes", "facilities", "districts", "candidates", "standard"]
    homes = files["homes"]
    assert (homes.format, homes.encoding, homes.rows) == ("CSV", "GB18030", len(w.HOME_METRES))
    assert homes.crs.startswith("EPSG:4326")
    assert homes.columns["residents"] == "居民数"
    assert homes.columns["lon"] == "lon"
    assert homes.units["居民数"] == "residents"
    assert (files["districts"].format, files["districts"].rows) == ("GeoJSON", 2)
    assert files["network"].rows is None


def test_what_belongs_to_no_file_is_told_of_the_study_as_a_whole(sound):
    *_, whole = cases.check(read_study(sound)).files
    assert whole.path == ""
    assert "no_facility" in {warning.kind for warning in whole.warnings}


def test_faults_of_all_files_come_in_one_report(faulty):
    checked = cases.check(read_study(faulty))
    files = by_role(checked)
    assert {role: bool(file.faults) for role, file in files.items()} == {
        "network": False,
        "homes": True,
        "facilities": True,
        "districts": False,
        "candidates": True,
        "standard": False,
    }
    assert [fault.kind for fault in files["candidates"].faults] == ["missing_file"]
    assert sum(len(file.faults) for file in checked.files) == len(checked.faults)


def test_streets_that_cannot_be_read_hide_no_other_fault(faulty):
    (faulty.parent / "streets.osm").unlink()
    files = by_role(cases.check(read_study(faulty)))
    assert [fault.kind for fault in files["network"].faults] == ["missing_file"]
    assert {"negative_number", "duplicate_id"} <= {fault.kind for fault in files["homes"].faults}


def test_layers_of_one_file_are_told_apart(sound):
    layers = sound.parent / "layers.gpkg"
    points = shapely.points([w.lonlat(100), w.lonlat(300)])
    for name, ids in (("homes", ["H1", "H1"]), ("sites", ["S1", "S2"])):
        frame = gpd.GeoDataFrame({"id": ids, "居民数": [3, 4]}, geometry=points, crs=4326)
        frame.to_file(layers, layer=name, driver="GPKG")
    w.change(sound, "path: homes.csv", "path: layers.gpkg, layer: homes")
    w.change(sound, "path: candidates.csv, columns: {id: id, name: 名称}", "path: layers.gpkg, layer: sites")
    files = by_role(cases.check(read_study(sound)))
    assert (files["homes"].layer, files["candidates"].layer) == ("homes", "sites")
    assert [fault.kind for fault in files["homes"].faults] == ["duplicate_id"]
    assert not files["candidates"].faults


def test_a_million_alike_are_counted_not_listed(sound):
    extra = 7
    rows = [(f"H{number}", *w.lonlat(100), -1) for number in range(MOST_ALIKE + extra)]
    w.write_table(sound.parent / "homes.csv", ("id", "lon", "lat", "居民数"), rows)
    faults = by_role(cases.check(read_study(sound)))["homes"].faults
    *listed, last = [fault for fault in faults if fault.column == "居民数"]
    assert len(listed) == MOST_ALIKE
    assert last.kind == "more_faults"
    assert (last.details["count"], last.details["last"]) == (extra, MOST_ALIKE + extra + 1)


def test_long_and_steering_values_are_not_repeated_whole():
    assert len(Fault("not_a_number", value="9" * 10_000_000).value) == LONGEST_VALUE + 1
    assert "\x1b" not in Fault("not_a_number", value="\x1b[2J\u202eabc").value
    assert Fault("not_a_number", value="约三百　户").value == "约三百　户"


# ── On screen ───────────────────────────────────────────────────────────────


def test_the_screen_groups_files_and_alike_faults(faulty):
    done = call("check", faulty)
    assert done.exit_code == cli.INPUT_ERROR
    for words in ("未通过，不能计算", "住宅  homes.csv", "CSV · GB18030", "候选点位  candidates.csv", "文件不存在"):
        assert words in done.stdout
    assert done.stdout.count("“…”不是") == 1  # four cells, one problem
    assert SCRIPT in done.stdout


def test_the_screen_is_fit_for_pipes_and_narrow_terminals(faulty):
    for columns in (40, 80):
        assert "第3行" in call("check", faulty, columns=columns).stdout


def test_json_carries_files_with_their_notes(faulty):
    done = call("check", faulty, "--json")
    assert done.exit_code == cli.INPUT_ERROR
    figures = json.loads(done.stdout)
    assert not figures["fit_for_use"]
    homes = next(file for file in figures["files"] if file["roles"] == ["homes"])
    assert homes["notes"]
    assert homes["columns"]["residents"] == "居民数"
    assert {fault["row"] for fault in homes["faults"]} >= {3, 4, 5, 6, 7, 8}
    assert len(figures["faults"]) == sum(len(file["faults"]) for file in figures["files"])


def test_warnings_alone_leave_zero(sound):
    done = call("check", sound, "-l", "en")
    assert done.exit_code == cli.DONE
    assert "Fit for use" in done.stdout


# ── As a page ───────────────────────────────────────────────────────────────


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_holds_every_fault_escaped_and_needs_nothing_else(faulty, tmp_path):
    page = tmp_path / "out" / "report.html"
    assert call("check", faulty, "--html", page, "--quiet").exit_code == cli.INPUT_ERROR
    text = page.read_text(encoding="utf-8")
    tags = _Tags(text).tags
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in tags)
    assert "url(" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    for fault in cases.check(read_study(faulty)).faults:
        for language in ("zh", "en"):
            assert fault.problem(language).replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in text
    assert "一街小镇" in text
    assert "One-street town" in text


@pytest.mark.parametrize(("language", "opened"), [("zh", "zh"), ("en", "en")])
def test_the_page_opens_in_the_language_asked_for(sound, tmp_path, language, opened):
    page = tmp_path / "report.html"
    assert call("check", sound, "--html", page, "-q", "-l", language).exit_code == cli.DONE
    chosen = [
        tag["id"] for name, tag in _Tags(page.read_text(encoding="utf-8")).tags if name == "input" and "checked" in tag
    ]
    assert chosen == [opened]


# ── As a workbook ───────────────────────────────────────────────────────────


def test_the_workbook_marks_the_cells_and_links_to_them(faulty, tmp_path):
    file = tmp_path / "report.xlsx"
    assert call("check", faulty, "--excel", file, "-q").exit_code == cli.INPUT_ERROR
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["概况", "问题清单", "住宅 homes.csv", "设施 pharmacies.csv", "分区 districts.geojson"]
    sheet = book["住宅 homes.csv"]
    header = [cell.value for cell in sheet[1]]
    assert header == ["文件行号", "问题", "id", "lon", "lat", "居民数"]
    bad = sheet.cell(4, header.index("居民数") + 1)
    assert bad.value == "-3"
    assert bad.fill.fgColor.rgb == "FFF6C5BF"
    assert "不能为负数" in bad.comment.text
    assert "请更正" in bad.comment.text
    assert sheet.cell(2, header.index("居民数") + 1).comment is None
    assert "不能为负数" in sheet["B4"].value

    listed = book["问题清单"]
    links = {cell.row: cell.hyperlink.location for cell in listed["C"] if cell.hyperlink is not None}
    faults = [fault for fault in cases.check(read_study(faulty)).faults if fault.row is not None]
    assert len(links) == len(faults)
    target = next(links[row[0].row] for row in listed.iter_rows(min_row=2) if row[5].value == "不能为负数")
    assert target == "'住宅 homes.csv'!F4"


def test_nothing_in_the_workbook_is_a_formula(faulty, tmp_path):
    file = tmp_path / "report.xlsx"
    call("check", faulty, "--excel", file, "-q")
    with zipfile.ZipFile(file) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in parts.read(name)
        assert not any("externalLink" in name for name in parts.namelist())
    sheet = openpyxl.load_workbook(file)["住宅 homes.csv"]
    assert (sheet["F5"].value, sheet["F5"].data_type) == (FORMULA, "s")


def test_names_of_sheets_are_allowed_and_all_different(sound, tmp_path):
    folder = sound.parent / "数据"
    folder.mkdir()
    names = ["a" * 40 + f"[{number}]'.csv" for number in range(2)]
    for name in names:
        (folder / name).write_bytes((sound.parent / "pharmacies.csv").read_bytes())
    entry = "  - {kind: layer, path: pharmacies.csv, service: pharmacy, columns: {id: id, name: 名称}}\n"
    more = "".join(entry.replace("pharmacies.csv", f'"数据/{name}"') for name in names)
    w.change(sound, entry, entry + more)
    file = tmp_path / "report.xlsx"
    assert call("check", sound, "--excel", file, "-q").exit_code == cli.DONE
    sheets = openpyxl.load_workbook(file).sheetnames
    assert (
        len({name.casefold() for name in sheets}) == len(sheets) == 2 + 6 + 1
    )  # the same pharmacies thrice are merged
    assert all(len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in sheets)


def test_of_long_files_the_first_rows_and_the_bad_ones_are_shown(sound, tmp_path, monkeypatch):
    monkeypatch.setattr(check_book, "MOST_ROWS", 3)
    rows = [(f"H{number}", *w.lonlat(100 * number), 1) for number in range(1, 9)]
    rows[6] = (*rows[6][:3], -1)
    w.write_table(sound.parent / "homes.csv", ("id", "lon", "lat", "居民数"), rows)
    file = tmp_path / "report.xlsx"
    call("check", sound, "--excel", file, "-q")
    sheet = openpyxl.load_workbook(file)["住宅 homes.csv"]
    assert "8" in sheet["A1"].value
    assert [sheet.cell(row, 1).value for row in range(3, 7)] == [2, 3, 4, 8]
    assert sheet["F6"].comment is not None


def test_layers_show_a_point_instead_of_their_geometry(sound, tmp_path):
    file = tmp_path / "report.xlsx"
    call("check", sound, "--excel", file, "-q")
    sheet = openpyxl.load_workbook(file)["分区 districts.geojson"]
    header = [cell.value for cell in sheet[1]]
    assert header[-2:] == ["代表点 X", "代表点 Y"]
    west, east = w.lonlat(-200)[0], w.lonlat(850)[0]
    assert west < sheet.cell(2, len(header) - 1).value < east


def test_reports_that_cannot_be_written_are_a_fault(sound, tmp_path):
    (tmp_path / "file").write_text("")
    done = call("check", sound, "--html", tmp_path / "file" / "report.html", "-l", "en")
    assert done.exit_code == cli.INPUT_ERROR
    assert "cannot be written" in done.output


# ── Corrected copies ────────────────────────────────────────────────────────


def test_fix_writes_copies_and_lists_every_change(faulty):
    before = {path: path.read_bytes() for path in faulty.parent.iterdir() if path.is_file()}
    done = call("check", faulty, "--fix")
    assert done.exit_code == cli.INPUT_ERROR  # what cannot be corrected is still wrong
    assert all(path.read_bytes() == content for path, content in before.items())
    assert {path.name for path in faulty.parent.iterdir() if path.is_file()} - {path.name for path in before} == {
        "homes.fixed.csv",
        "pharmacies.fixed.csv",
        "corrections.csv",
    }
    listed = (faulty.parent / "corrections.csv").read_bytes().decode("utf-8-sig").splitlines()
    assert listed[0].startswith("文件 / File")
    assert any("homes.csv" in line and "GB18030" in line for line in listed)
    assert "homes.fixed.csv" in done.stdout
    figures = json.loads(call("check", faulty, "--json").stdout)
    assert "fixed" not in figures


def test_fix_overwrites_nothing(faulty):
    (faulty.parent / "homes.fixed.csv").write_text("mine")
    done = call("check", faulty, "--fix", "-l", "en")
    assert done.exit_code == cli.INPUT_ERROR
    assert "already there" in done.output
    assert (faulty.parent / "homes.fixed.csv").read_text() == "mine"
    assert not (faulty.parent / "pharmacies.fixed.csv").exists()


def test_nothing_to_fix_is_said(sound):
    for name in ("homes.csv", "pharmacies.csv", "candidates.csv"):
        path = sound.parent / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().decode("gb18030").encode())
    done = call("check", sound, "--fix", "-l", "en")
    assert done.exit_code == cli.DONE
    assert "nothing that could be corrected" in done.stdout
    assert not (sound.parent / "corrections.csv").exists()


@pytest.mark.parametrize("columns", [20, 41, 80])
def test_lines_are_folded_between_words_and_characters(columns):
    text = "100% 的居民步行 15 分钟以内即到路网资料的边缘，请在 edge.natural_border 中给出（至少 1,125 米）。"
    lines = folded(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= columns + 2 for line in lines)  # a closing sign may hang over
    assert any("edge.natural_border" in line for line in lines)
    assert not any(line[0] in "，。）" for line in lines)
    assert folded("one two three", 8) == ["one two", "three"]


def test_any_layer_can_be_shown(tmp_path):
    shapes = [shapely.Point(np.nan, 1), shapely.Point(np.inf, 2), None, shapely.Point(), shapely.box(0, 0, 2, 4)]
    frame = gpd.GeoDataFrame(
        {
            "any": [b"bytes", [1, 2], {"a": 1}, pd.NaT, "x" * 100_000],
            "when": pd.to_datetime(["2026-01-01"] * 5),
            "large": [1e308, -1e308, np.inf, np.nan, 12345678901234567890],
            "yes": pd.array([True, None, False, True, None], dtype="boolean"),
        },
        geometry=shapes,
        crs=4326,
    )
    frame.insert(1, "twice", [1, 2, 3, 4, 5])
    frame.insert(2, "twice", list("abcde"), allow_duplicates=True)
    fault = Fault("empty_geometry", file="any.gpkg", row=3)
    file = FileChecked(("homes",), "any.gpkg", rows=5, faults=(fault,))
    figures = check_summary(None, (file,))
    title, made = Words("研究", "Study"), datetime(2026, 1, 1, tzinfo=UTC)
    path = tmp_path / "report.xlsx"
    rows = [check_book.Rows(frame, 1)]
    check_book.write_check_book(path, (file,), rows, figures, title, "en", made=made, version="1")
    sheet = openpyxl.load_workbook(path).worksheets[2]
    header = [cell.value for cell in sheet[1]]
    assert [cell.value for cell in sheet[6]][-2:] == [1, 2]
    assert [sheet.cell(2, column).value for column, name in enumerate(header, 1) if name == "twice"] == [1, "a"]
    assert sheet["B4"].comment is not None  # a fault of the row itself
    assert len(sheet["C6"].value) <= check_book.LONGEST_SHOWN + 1
