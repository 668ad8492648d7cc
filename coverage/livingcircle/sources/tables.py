"""Tables of text: CSV in the encodings of Chinese offices, and Excel workbooks.

Every cell is text without surrounding blanks, so that a code such as 01023 keeps its zero; an empty cell is `""`.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from livingcircle.errors import InputError
from livingcircle.faults import Fault

ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = (",", ";", "\t")

FIRST_ROW = "first_row"
"""Attribute of a table: the row a spreadsheet shows for its first data row, the header and what stands above it counted."""

ENCODING = "encoding"
"""Attribute of a table of text: the encoding it was found to be in."""

ENCODING_NAMES = {"utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


def read_csv(path: Path) -> pd.DataFrame:
    """Read comma, semicolon or tab separated text in UTF-8, GB18030 (so GBK and GB2312) or, with its mark, UTF-16.

    The separator is the one that occurs most often in the first line; `.tsv` is always split at tabs.

    Raises
    ------
    InputError
        With the fault that keeps the file from being read.
    """
    text, encoding = _decoded(path)
    first_line = text.lstrip().partition("\n")[0]
    separator = "\t" if path.suffix.lower() == ".tsv" else max(SEPARATORS, key=first_line.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError(Fault("unreadable_file", file=str(path), details={"reason": str(error)})) from error
    frame = _frame(rows, path)
    frame.attrs[ENCODING] = ENCODING_NAMES[encoding]
    return frame


def read_excel(path: Path, sheet: str | None) -> pd.DataFrame:
    """Read one sheet of an `.xlsx` or `.xls` workbook; the first when `sheet` is None.

    Whole numbers are written without decimals and dates as YYYY-MM-DD; a code that Excel holds as a number has lost its leading zeros
    before it comes here.

    Raises
    ------
    InputError
        With the fault that keeps the sheet from being read.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise InputError(missing_layer(path, sheet, names))
        rows = workbook.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False) if names else []
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(Fault("unreadable_file", file=str(path), details={"reason": str(error)})) from error
    return _frame([[_text(cell) for cell in row] for row in rows], path)


def missing_layer(path: Path, layer: str, layers: Iterable[str]) -> Fault:
    """Say that the file has no such layer or sheet, and which it has."""
    return Fault("missing_layer", file=str(path), value=layer, details={"layers": ", ".join(layers)})


def _decoded(path: Path) -> tuple[str, str]:
    """Return the text of a file, and the encoding it turned out to be in."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(Fault("wrong_content", file=str(path), details={"format": "UTF-8 / GB18030"}))


def _frame(rows: Sequence[Sequence[str]], path: Path) -> pd.DataFrame:
    """Make a table of rows whose first is the header.

    Empty rows before the header and after the last row are left out; those between count, so that row numbers are the user's.
    """
    stripped = [[cell.strip() for cell in row] for row in rows]
    filled = [position for position, row in enumerate(stripped) if any(row)]
    if not filled:
        raise InputError(Fault("empty_layer", file=str(path)))
    header, *body = stripped[filled[0] : filled[-1] + 1]
    width = len(header)
    ragged = [
        Fault("too_many_cells", file=str(path), row=number, value=_joined(row[width:]), details={"width": width})
        for number, row in enumerate(body, start=filled[0] + 2)
        if any(row[width:])
    ]
    if ragged:
        raise InputError(ragged)
    cells = [(row + [""] * width)[:width] for row in body]
    frame = pd.DataFrame(cells, columns=_distinct(header), dtype=object)
    frame.attrs[FIRST_ROW] = filled[0] + 2
    return frame


def _distinct(header: Iterable[str]) -> list[str]:
    """Number repeated and empty column names, so that each names one column: `name`, `name.2`; `column 3`."""
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        name, repeats = cell or f"column {position}", 1
        while name in names:
            repeats += 1
            name = f"{cell}.{repeats}"
        names.append(name)
    return names


def _joined(cells: Iterable[str]) -> str:
    return ", ".join(cell for cell in cells if cell)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
