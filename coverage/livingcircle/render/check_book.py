"""The check as a workbook: an overview, the problems with a link to each cell, and a sheet for each file with its bad cells marked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from livingcircle.faults import Fault, Language
from livingcircle.model.checking import FileChecked
from livingcircle.model.standard import Words
from livingcircle.render.check_page import role_of, totals
from livingcircle.render.check_terminal import file_facts, verdict
from livingcircle.render.sheets import write_sheet
from livingcircle.render.words import say, shown_moment

MOST_ROWS = 50_000
MOST_FINDINGS = 50_000
LONGEST_CELL = 32_767
"""Characters a cell of Excel can hold."""
LONGEST_SHOWN = 500
"""Characters of a cell that are repeated: longer ones would only be scrolled past."""

LARGEST_EXACT = 1e15
"""Numbers beyond are written as text: Excel keeps 15 digits."""

_TAKEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_NAME = 31
_FILLS = {"fault": "#f6c5bf", "warning": "#fbe6ad", "note": "#e3e8ec"}
_INKS = {"fault": "#a8201a", "warning": "#7a5000", "note": "#4c5862"}
_HEADER = "#0b4a7d"
_RULE = "#cfd6dc"
_OWN_COLUMNS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of one file as they were read; `first_row` is what the user's program calls the first."""

    frame: pd.DataFrame
    first_row: int


def write_check_book(
    path: Path,
    files: Sequence[FileChecked],
    rows: Sequence[Rows | None],
    figures: Mapping[str, Any],
    title: Words,
    language: Language,
    *,
    made: datetime,
    version: str,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write the workbook.

    Every text is written as text, whatever it begins with. A sheet shows the first `MOST_ROWS` rows of its file and the later ones that
    have problems; geometry is left out but for one point in it. A cell that is wrong is filled and carries problem and remedy as a note.

    Parameters
    ----------
    files, rows
        What was found in each file, and the rows it was found in, None where there are none.
    figures
        What `livingcircle.render.summary.check_summary` returns of them.
    tables
        What is to be looked at beside the files, by the names of tables; those without rows are left out.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(
            {"title": f"{title.said(language)} {say('check.title', language)}", "created": made.replace(tzinfo=None)}
        )
        styles = _styles(book)
        names = _sheet_names(files, figures, rows, language)
        overview = book.add_worksheet(names[-2])
        listed = book.add_worksheet(names[-1])
        cells: list[dict[int, str]] = []
        for file, table, name in zip(files, rows, names, strict=False):
            if table is None:
                cells.append({})
            else:
                sheet = book.add_worksheet(name)
                cells.append(_write_rows(sheet, file, table, names[-2], language, styles))
        _write_overview(overview, figures, title, names, rows, language, styles, made=made, version=version)
        _write_list(listed, files, names, cells, language, styles)
        for name, frame in (tables or {}).items():
            if len(frame):
                write_sheet(book, name, frame, language)


def _styles(book: Any) -> dict[str, Any]:
    plain = {"valign": "top", "font_size": 10}
    ruled = {**plain, "bottom": 1, "bottom_color": _RULE}
    styles = {
        "title": book.add_format({"bold": True, "font_size": 16, "valign": "vcenter", "font_color": _HEADER}),
        "header": book.add_format(
            {
                "bold": True,
                "bg_color": _HEADER,
                "font_color": "#ffffff",
                "text_wrap": True,
                "valign": "vcenter",
                "font_size": 10,
            }
        ),
        "plain": book.add_format(plain),
        "faint": book.add_format({**plain, "font_color": "#5b6873"}),
        "row": book.add_format({**plain, "font_color": "#5b6873", "align": "center"}),
        "number": book.add_format({**plain, "num_format": "0"}),
        "label": book.add_format({**ruled, "font_color": "#5b6873"}),
        "ruled": book.add_format({**ruled, "text_wrap": True}),
        "count": book.add_format({**ruled, "num_format": "#,##0", "align": "right"}),
        "link": book.add_format({**ruled, "font_color": _HEADER, "underline": 1}),
        "back": book.add_format(
            {**plain, "font_color": _HEADER, "bg_color": "#e3e8ec", "underline": 1, "valign": "vcenter"}
        ),
    }
    for severity, fill in _FILLS.items():
        styles[severity] = book.add_format({**plain, "bg_color": fill})
        styles[f"{severity} text"] = book.add_format({**plain, "font_color": _INKS[severity], "text_wrap": False})
        styles[f"{severity} tag"] = book.add_format({**ruled, "bg_color": fill})
    return styles


def _sheet_names(
    files: Sequence[FileChecked], figures: Mapping[str, Any], rows: Sequence[Rows | None], language: Language
) -> list[str]:
    """Return a name for the sheet of each file, then those of overview and list: each allowed and no two alike."""
    own = [say("check.overview", language), say("check.list", language)]
    taken = {name.casefold() for name in own} | {"history", ""}
    names = []
    for file, record, table in zip(files, figures["files"], rows, strict=True):
        wanted = f"{role_of(record)[language]} {Path(file.path).name} {file.layer or ''}" if table is not None else ""
        base = _TAKEN_IN_NAMES.sub("_", wanted).strip().strip("'")[:_LONGEST_NAME]
        name, repeats = base, 1
        while table is not None and name.casefold() in taken:
            repeats += 1
            name = f"{base[: _LONGEST_NAME - len(str(repeats)) - 1]} {repeats}"
        taken.add(name.casefold())
        names.append(name)
    return [*names, *own]


# ── One sheet for each file ─────────────────────────────────────────────────


def _write_rows(
    sheet: Any, file: FileChecked, table: Rows, overview: str, language: Language, styles: Mapping[str, Any]
) -> dict[int, str]:
    """Write the rows of a file, and return for each finding, by its position, the cell that is marked for it."""
    frame = _shown(table.frame, language)
    columns = {str(name): number for number, name in enumerate(frame.columns, start=_OWN_COLUMNS)}
    found = [(number, finding) for number, finding in enumerate(file.findings) if finding.row is not None]
    wrong = {finding.row - table.first_row for _, finding in found if finding.row is not None}
    later = sorted(index for index in wrong if MOST_ROWS <= index < len(frame))
    shown = np.concatenate([np.arange(min(len(frame), MOST_ROWS)), np.array(later, dtype=int)]).astype(int)
    top = 1
    if len(shown) < len(frame):
        sheet.write_string(
            0, 0, say("check.cut", language, rows=f"{MOST_ROWS:,}", all=f"{len(frame):,}"), styles["warning text"]
        )
        top = 2
    header = [say("check.file_row", language), say("check.problem", language), *map(str, frame.columns)]
    sheet.write_url(
        top - 1, 0, f"internal:'{_quoted(overview)}'!A1", styles["back"], header[0], say("check.back", language)
    )
    for column, text in enumerate(header[1:], start=1):
        sheet.write_string(top - 1, column, text[:LONGEST_CELL], styles["header"])
    sheet.set_row(top - 1, 32)

    marks, said = _marks(found, table.first_row, columns)
    position = {int(index): top + line for line, index in enumerate(shown)}
    for number, name in enumerate(frame.columns):
        column, values = number + _OWN_COLUMNS, frame.iloc[:, number].to_numpy(dtype=object)
        sheet.set_column(column, column, _width(str(name), values), styles["plain"])
        for index in shown:
            _write_cell(
                sheet, position[int(index)], column, values[index], styles[marks.get((int(index), column), "plain")]
            )
    for index in shown:
        sheet.write_number(position[int(index)], 0, int(index) + table.first_row, styles["row"])
    for index, findings in said.items():
        if index in position:
            worst = findings[0].severity
            text = (" ｜ " if language == "zh" else " | ").join(
                dict.fromkeys(finding.problem(language) for finding in findings)
            )
            sheet.write_string(position[index], 1, text[:LONGEST_CELL], styles[f"{worst} text"])
    sheet.set_column(0, 0, 11)
    sheet.set_column(1, 1, 36 if said else 12)
    sheet.freeze_panes(top, _OWN_COLUMNS)
    if len(shown):
        sheet.autofilter(top - 1, 0, top - 1 + len(shown), len(header) - 1)
    cells = {}
    notes: dict[tuple[int, int], list[str]] = {}
    for number, finding in found:
        index = (finding.row or 0) - table.first_row
        if index not in position:
            continue
        places = _columns_of(finding, columns) or [1]
        cells[number] = xl_rowcol_to_cell(position[index], places[0])
        for column in places:
            notes.setdefault((position[index], column), []).append(_note(finding, language))
    for (row, column), texts in notes.items():
        text = "\n\n".join(dict.fromkeys(texts))
        lines = sum(math.ceil(_columns_wide(line) / 44) for line in text.splitlines())
        sheet.write_comment(
            row, column, text[:LONGEST_CELL], {"x_scale": 2.4, "y_scale": max(0.8, 0.26 * lines), "font_size": 10}
        )
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top - 1)
    return cells


def _marks(
    found: Iterable[tuple[int, Fault]], first_row: int, columns: Mapping[str, int]
) -> tuple[dict[tuple[int, int], str], dict[int, list[Fault]]]:
    """Return which cells are wrong, by index and column, and how badly; and what is said of each index, the worst first."""
    marks: dict[tuple[int, int], str] = {}
    said: dict[int, list[Fault]] = {}
    for _, finding in found:  # faults come before warnings, and these before notes
        index = (finding.row or 0) - first_row
        said.setdefault(index, []).append(finding)
        for column in _columns_of(finding, columns):
            marks.setdefault((index, column), finding.severity)
    return marks, said


def _columns_of(finding: Fault, columns: Mapping[str, int]) -> list[int]:
    """Return where the column of a finding stands; a place may be two columns, as in `lon, lat`."""
    names = [finding.column] if finding.column in columns else finding.column.split(", ")
    return [columns[name] for name in names if name in columns]


def _note(finding: Fault, language: Language) -> str:
    end = "。" if language == "zh" else "."
    return f"{finding.problem(language)}{end}\n{finding.remedy(language)}{end}"


def _shown(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the attributes; of a layer's geometry one point in it, in the coordinates of the file."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    geometry = np.array(frame.geometry.to_numpy(), dtype=object)
    attributes = pd.DataFrame(frame).drop(columns=frame.geometry.name)
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    geometry[owner[~np.isfinite(coordinates).all(axis=1)]] = None
    geometry[shapely.is_empty(geometry)] = None
    points = shapely.point_on_surface(geometry)
    attributes[say("check.point_x", language)] = shapely.get_x(points)
    attributes[say("check.point_y", language)] = shapely.get_y(points)
    return attributes


def _write_cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value), style)
    elif isinstance(value, int | float | np.number) and abs(number := float(value)) < LARGEST_EXACT:
        sheet.write_number(row, column, number, style)
    else:
        text = str(value)
        sheet.write_string(row, column, text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…", style)


# ── Overview and list ───────────────────────────────────────────────────────


def _write_overview(
    sheet: Any,
    figures: Mapping[str, Any],
    title: Words,
    names: Sequence[str],
    rows: Sequence[Rows | None],
    language: Language,
    styles: Mapping[str, Any],
    *,
    made: datetime,
    version: str,
) -> None:
    sheet.hide_gridlines(2)
    for column, width in enumerate((18, 34, 18, 12, 34, 12, 9, 9, 9)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 32)
    sheet.write_string(0, 0, f"{title.said(language)} · {say('check.title', language)}", styles["title"])
    facts = [
        (say("check.result", language), verdict(figures, language)[0]),
        *((say(name, language), said[language]) for name, said in totals(figures)),
        (say("check.made", language), shown_moment(made.isoformat(), language)),
        (say("check.version", language), f"Living Circle {version}"),
    ]
    worst = "fault" if figures["faults"] else "warning" if figures["warnings"] else ""
    for row, (label, text) in enumerate(facts, start=2):
        sheet.write_string(row, 0, label, styles["label"])
        style = styles[f"{worst} tag"] if row == 2 and worst else styles["ruled"]
        sheet.merge_range(row, 1, row, 4, "", style)
        sheet.write_string(row, 1, text, style)
    top = len(facts) + 3
    sheet.write_string(top, 0, say("check.legend", language), styles["faint"])
    top += 2
    keys = (
        "role",
        "file",
        "format",
        "encoding",
        "crs",
        "row_count",
        "severity.fault",
        "severity.warning",
        "severity.note",
    )
    for column, key in enumerate(keys):
        sheet.write_string(top, column, say(f"check.{key}", language), styles["header"])
    sheet.set_row(top, 22)
    for row, (file, name, table) in enumerate(zip(figures["files"], names, rows, strict=False), start=top + 1):
        facts_of = dict(file_facts(file, language))
        texts = (
            role_of(file)[language],
            Path(file["path"]).name or "—",
            facts_of.get("format", ""),
            facts_of.get("encoding", ""),
            facts_of.get("crs", ""),
        )
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles["ruled"])
        if table is not None:
            sheet.write_url(row, 1, f"internal:'{_quoted(name)}'!A1", styles["link"], texts[1])
        if file["rows"] is None:
            sheet.write_string(row, 5, "—", styles["count"])
        else:
            sheet.write_number(row, 5, file["rows"], styles["count"])
        for column, part in enumerate(("faults", "warnings", "notes"), start=6):
            style = styles[f"{part[:-1]} tag"] if file[part] and part != "notes" else styles["count"]
            sheet.write_number(row, column, len(file[part]), style)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_list(
    sheet: Any,
    files: Sequence[FileChecked],
    names: Sequence[str],
    cells: Sequence[Mapping[int, str]],
    language: Language,
    styles: Mapping[str, Any],
) -> None:
    keys = ("severity", "file", "row", "column", "value", "problem", "remedy")
    for column, (key, width) in enumerate(zip(keys, (8, 26, 9, 18, 24, 52, 60), strict=True)):
        sheet.write_string(0, column, say(f"check.{key}", language), styles["header"])
        sheet.set_column(column, column, width)
    sheet.set_row(0, 24)
    every = [
        (severity, number, position, finding)
        for severity in ("fault", "warning", "note")
        for number, file in enumerate(files)
        for position, finding in enumerate(file.findings)
        if finding.severity == severity
    ]
    for row, (severity, number, position, finding) in enumerate(every[:MOST_FINDINGS], start=1):
        sheet.write_string(row, 0, say(f"check.severity.{severity}", language), styles[f"{severity} tag"])
        file = Path(files[number].path).name or say("check.whole", language)
        cell = cells[number].get(position)
        sheet.write_string(row, 1, file, styles["ruled"])
        if finding.row is None:
            sheet.write_blank(row, 2, None, styles["count"])
        elif cell is None:
            sheet.write_number(row, 2, finding.row, styles["count"])
        else:
            link = f"internal:'{_quoted(names[number])}'!{cell}"
            sheet.write_url(row, 2, link, styles["link"], str(finding.row), f"{names[number]}!{cell}")
        texts = (finding.column, finding.value, finding.problem(language), finding.remedy(language))
        for column, text in enumerate(texts, start=3):
            sheet.write_string(row, column, text[:LONGEST_CELL], styles["ruled"])
    if len(every) > MOST_FINDINGS:
        said = say("check.list_cut", language, rows=f"{MOST_FINDINGS:,}", all=f"{len(every):,}")
        sheet.write_string(MOST_FINDINGS + 1, 0, said, styles["warning text"])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, min(len(every), MOST_FINDINGS)), len(keys) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _quoted(name: str) -> str:
    return name.replace("'", "''")


def _width(header: str, values: Iterable[Any]) -> float:
    longest = max((_columns_wide(str(value)[:60]) for value in islice(values, 200)), default=0)
    return float(min(max(longest + 2, min(_columns_wide(header), 24) + 3, 9), 46))


def _columns_wide(text: str) -> int:
    """Return columns a text takes: Chinese characters are two wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
