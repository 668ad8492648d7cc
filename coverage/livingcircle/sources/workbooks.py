"""Excel workbooks as offices make them: titles and merged cells above and beside the data, formulas, dates, several sheets."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.sources.safety import inflated, zip_members
from livingcircle.sources.tables import Table, columns_of, header_row, missing_layer, stripped, table_of

MOST_CELLS = 40_000_000
"""From the first filled cell of a sheet to the last: a million rows of forty columns. The library sets room aside for all of them."""
EXAMPLE_CELLS = 5
MOST_DIGITS = 10**15
"""Excel keeps fifteen digits of a number; from here on the last ones are zeros."""
NOT_CALCULATED = "#NOT CALCULATED"
"""Stands in a cell whose formula has no result in the file."""

_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+[0-9]+)"[^>]*(?<!/)>(?!</)')
_LETTERS_BLANK = bytes(32 if 65 <= sign <= 90 else sign for sign in range(256))
_ERROR_OR_FORMULA = re.compile(rb't="e"|<(?:\w+:)?f[\s>/]')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+[0-9]+)"[^>]*?\bt="e"[^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<',
    re.DOTALL,
)
_UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c\s(?![^>]*\bt="str")[^>]*?\br="([A-Z]+[0-9]+)"[^>]*>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last row and column of merged cells, from 0."""


@dataclass(slots=True)
class _Scan:
    """What the XML of a sheet says that the library does not: `texts` by row and column from 0."""

    rows: int = 0
    columns: int = 0
    texts: dict[tuple[int, int], str] = field(default_factory=dict)


def read_excel(path: Path, sheet: str | None, stated: Collection[str] = ()) -> Table:
    """Read one sheet of an `.xlsx` or `.xls` workbook; the first that is not hidden when `sheet` is None.

    Whole numbers are written without decimals and dates as YYYY-MM-DD; formulas are their results. A text that several rows share in one
    merged cell is repeated for each; a number is not, for nobody says how it is divided. A code that Excel holds as a number has lost its
    leading zeros before it comes here.

    Raises
    ------
    InputError
        With the fault that keeps the sheet from being read.
    """
    scans = _scanned(path) if zipfile.is_zipfile(path) else []
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise InputError(missing_layer(path, sheet, names))
        if not names:
            raise InputError(Fault("empty_layer", file=str(path)))
        shown = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
        chosen = sheet or (shown or names)[0]
        opened = workbook.get_sheet_by_name(chosen)
        values = opened.to_python(skip_empty_area=False)
        merged: Sequence[Range] = getattr(opened, "merged_cell_ranges", None) or ()
    except PasswordError as error:
        raise InputError(Fault("password_protected", file=str(path))) from error
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(unreadable(path, error)) from error
    rows = [[stripped(cell) if isinstance(cell, str) else _text(cell) for cell in row] for row in values]
    notes: list[Fault] = []
    if sheet is None and len(names) > 1:
        others = ", ".join(name for name in names if name != chosen)
        notes.append(Fault("layer_chosen", file=str(path), value=chosen, details={"others": others}))
    if len(scans) == len(names):
        notes += _put_texts(rows, scans[names.index(chosen)], path)
    notes += _long_numbers(values, path)
    top, depth = _header_rows(rows, merged, header_row(columns_of(rows[:1000]), stated))
    notes += _spread_merged(rows, values, merged, top, depth, path)
    if notes and notes[0].kind == "layer_chosen" and not any(map(any, rows[top + depth :])):
        raise InputError(replace(notes[0], kind="empty_first_sheet"))
    frame, found = table_of(columns_of(rows), path, top, depth)
    return frame, notes + found


# ── What the library does not tell ──────────────────────────────────────────


def _scanned(path: Path) -> list[_Scan]:
    """Look through the XML of every sheet, in the order of the workbook, before the library opens it; empty where that cannot be told.

    Raises
    ------
    InputError
        When the workbook is too large unpacked, or a sheet has too many cells.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = zip_members(path, archive)
            order = _sheet_files(archive)
    except zipfile.BadZipFile as error:
        raise InputError(unreadable(path, error)) from error
    scans = {}
    with path.open("rb") as stream:
        for member in members:
            scan, rest = _Scan(), b""
            is_sheet = member.filename.startswith("xl/worksheets/")
            for content in inflated(path, stream, member):
                if is_sheet:
                    rest = _look_through(rest + content, scan)
            if is_sheet:
                _look_through(rest + b"row>", scan)
                scans[member.filename] = scan
            if scan.rows * scan.columns > MOST_CELLS:
                details = {"rows": scan.rows, "columns": scan.columns, "most": MOST_CELLS}
                raise InputError(Fault("sheet_too_large", file=str(path), details=details))
    return [scans.get(name, _Scan()) for name in order]


def _sheet_files(archive: zipfile.ZipFile) -> list[str]:
    """Return the files of the sheets in the order of the workbook."""
    try:
        book, relations = archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return []
    targets = {_attribute(found, "Id"): _attribute(found, "Target") for found in _RELATION.findall(relations)}
    wanted = [targets.get(_attribute(found, r"\w+:id"), "") for found in _SHEET.findall(book)]
    return [name.lstrip("/") if name.startswith("/") else f"xl/{name}" for name in wanted]


def _attribute(attributes: bytes, name: str) -> str:
    found = re.search(rf'(?:^|\s){name}="([^"]*)"'.encode(), attributes)
    return found[1].decode("utf-8", "replace") if found else ""


def _look_through(xml: bytes, scan: _Scan) -> bytes:
    """Look through whole rows; return what is left of one that goes on."""
    end = xml.rfind(b"row>") + 4
    if end < 4:
        return xml
    if cells := b" ".join(_CELL.findall(xml, 0, end)):
        letters = set(cells.translate(None, b"0123456789").split())
        numbers = set(cells.translate(_LETTERS_BLANK).split())
        scan.columns = max(scan.columns, *map(_column_number, letters))
        scan.rows = max(scan.rows, *map(int, numbers))
    for pattern in (_ERROR, _UNCALCULATED) if _ERROR_OR_FORMULA.search(xml, 0, end) else ():
        for cell in pattern.finditer(xml, 0, end):
            scan.texts[_position(cell[1])] = cell[2].decode() if pattern is _ERROR else NOT_CALCULATED
    return xml[end:]


def _position(reference: bytes) -> tuple[int, int]:
    letters = reference.rstrip(b"0123456789")
    return int(reference[len(letters) :]) - 1, _column_number(letters) - 1


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _put_texts(rows: list[list[str]], scan: _Scan, path: Path) -> list[Fault]:
    """Write errors of formulas into their cells, which the library leaves empty, and say where formulas have no result."""
    put: dict[str, list[str]] = {}
    for (row, column), text in sorted(scan.texts.items()):
        if row < len(rows):
            rows[row] += [""] * (column + 1 - len(rows[row]))
            rows[row][column] = text
            kind = "formulas_not_calculated" if text == NOT_CALCULATED else "formula_errors"
            put.setdefault(kind, []).append(cell_name(row, column))
    return [
        Fault(kind, file=str(path), details={"count": len(cells), "cells": _some(cells)}) for kind, cells in put.items()
    ]


def cell_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell (both from 0): `B7`."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _long_numbers(values: Sequence[Sequence[object]], path: Path) -> list[Fault]:
    cells = [
        cell_name(row, column)
        for row, line in enumerate(values)
        for column, cell in enumerate(line)
        if isinstance(cell, float) and abs(cell) >= MOST_DIGITS
    ]
    return (
        [Fault("long_numbers", file=str(path), details={"count": len(cells), "cells": _some(cells)})] if cells else []
    )


# ── Merged cells ────────────────────────────────────────────────────────────


def _header_rows(rows: Sequence[Sequence[str]], merged: Sequence[Range], lowest: int) -> tuple[int, int]:
    """Return the first row of the header one of whose rows was found, and how many it has.

    Rows above belong to it that are merged down into it, or that group its columns by merged cells; a title is one cell, not several.
    """
    top = lowest
    while top > 0 and sum(map(bool, rows[top - 1])) > 1 and any(first == top - 1 for (first, _), _ in merged):
        top -= 1
    own = [((row, column), last) for (row, column), last in merged if row == top]
    deep = max((last[0] - top for _, last in own), default=0)
    wide = any(last[0] == top and last[1] > column for (_, column), last in own)
    return top, 1 + max(lowest - top, deep, int(wide))


def _spread_merged(
    rows: list[list[str]], values: Sequence[Sequence[object]], merged: Sequence[Range], top: int, depth: int, path: Path
) -> list[Fault]:
    """Repeat the text of merged cells: over the columns of the header, and down the rows of the data."""
    texts, numbers = [], []
    for (first, left), (last, right) in merged:
        if first < top or last >= len(rows):
            continue
        value = rows[first][left]
        if first < top + depth:
            for column in range(left, min(right + 1, len(rows[first]))):
                rows[first][column] = value
        elif last > first and value:
            named = cell_name(first, left) + ":" + cell_name(last, left)
            if isinstance(values[first][left], int | float):
                numbers.append(named)
                continue
            texts.append(named)
            for row in range(first, last + 1):
                rows[row][left] = value
    found = (("merged_texts", texts), ("merged_numbers", numbers))
    return [
        Fault(kind, file=str(path), details={"count": len(cells), "cells": _some(cells)})
        for kind, cells in found
        if cells
    ]


def _some(cells: Sequence[str]) -> str:
    return ", ".join(cells[:EXAMPLE_CELLS]) + ("…" if len(cells) > EXAMPLE_CELLS else "")


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
