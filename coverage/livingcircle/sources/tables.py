"""Tables of text: where the header is, what stands above and below it, and CSV in the encodings of Chinese offices.

Every cell is text without surrounding blanks, so that a code such as 01023 keeps its zero; an empty cell is `""`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import TextArray
from livingcircle.sources.column_names import is_known_name
from livingcircle.sources.units import plain

SEPARATORS = (",", ";", "\t")
HEADER_WITHIN = 30
"""A header is looked for among this many first rows that are not empty."""

MOST_COLUMNS = 16_384
"""As many as a spreadsheet has."""

FIRST_ROW = "first_row"
"""Attribute of a table: the row a spreadsheet shows for its first data row, the header and what stands above it counted."""

ENCODING = "encoding"
"""Attribute of a table of text: the encoding it was found to be in."""

ENCODING_NAMES = {"utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}

Table = tuple[pd.DataFrame, list[Fault]]
"""The rows of a file, and notes on how they were read."""

_TOTALS = frozenset(
    {"合计", "总计", "共计", "小计", "总数", "累计", "合計", "總計", "total", "grandtotal", "sum", "subtotal"}
)
_FOOTER_WORDS = (
    *("注", "备注", "说明", "数据来源", "资料来源", "来源", "制表", "填表", "审核", "统计", "单位负责人", "联系人"),
    *("note", "source", "prepared"),
)
_FOOTERS = re.compile(rf"(?:{'|'.join(_FOOTER_WORDS)})\w{{0,6}}\s*[:\uff1a\u3001]")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""Signs of no width that text copied from web pages and chats brings along: at the ends of a cell they are blanks."""
LONGEST_CELL = 131_072
"""Letters of one cell, as Python's reader of CSV has it; a spreadsheet holds a quarter of that."""

_LOOKED_AT = 1000
_LONG_TEXT = 1_000_000
_COMMON_SHARE = 0.8
_ENOUGH_LETTERS = 10


def read_csv(path: Path, stated: Collection[str] = ()) -> Table:
    """Read comma, semicolon or tab separated text in UTF-8, GB18030 (so GBK and GB2312) or UTF-16; other encodings than UTF-8 are noted.

    The separator is the one that occurs most often in the first lines; `.tsv` is always split at tabs. Quotation marks must close: one that
    does not would swallow the rest of the file.

    Raises
    ------
    InputError
        With the fault that keeps the file from being read.
    """
    text, encoding = _decoded(path)
    separator = _separator(text, path)
    even = _even_columns(text, separator)
    rows = _records(text, separator, path) if even is None else None
    columns = columns_of(rows) if rows is not None else even or []
    top = header_row(columns, stated)
    # Rows of other programs end where their last cell does, so the width of a table is that of its header.
    width = len(rows[top]) if rows else len(columns)
    frame, notes = table_of(columns, path, top, width=width)
    frame.attrs[ENCODING] = ENCODING_NAMES[encoding]
    if encoding != "utf-8-sig":
        notes.insert(0, Fault("encoding_found", file=str(path), value=ENCODING_NAMES[encoding]))
    return frame, notes


def csv_rows(path: Path) -> tuple[list[list[str]], str, str]:
    """Return the cells of a file as they are, the separator between them, and the encoding of the file; raises as `read_csv`."""
    text, encoding = _decoded(path)
    separator = _separator(text, path)
    return _records(text, separator, path), separator, encoding


def _separator(text: str, path: Path) -> str:
    first_lines = "\n".join(text[:100_000].splitlines()[:HEADER_WITHIN])
    return "\t" if path.suffix.lower() == ".tsv" else max(SEPARATORS, key=first_lines.count)


def _records(text: str, separator: str, path: Path) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        # The row a spreadsheet would show: a record may go over several lines, the one at fault comes after those that were read.
        kind = "oversized_cell" if "field limit" in str(error) else "broken_quotes"
        details = {"most": float(LONGEST_CELL)}
        raise InputError(Fault(kind, file=str(path), row=len(rows) + 1, details=details)) from error
    return rows


def _even_columns(text: str, separator: str) -> list[TextArray] | None:
    """Return the columns of a long text whose rows all have as many cells, None of any other: what `csv` would make of it, faster.

    Quotation marks may stand around cells and be doubled within; where one stands otherwise, `csv` says what is wrong.
    """
    count = text.partition("\n")[0].count(separator) + 1
    if len(text) < _LONG_TEXT or count < 2:
        return None
    if '"' in text:
        end = f"{separator}\r\n"
        whole_cells = rf'(?<![^{end}])"[^"]*(?:""[^"]*)*"(?![^{end}])'
        if '"' in re.sub(whole_cells, "", text):
            return None
    import pyarrow.compute as pc
    from pyarrow import ArrowInvalid, py_buffer, string
    from pyarrow import csv as arrow_csv

    try:
        table = arrow_csv.read_csv(
            py_buffer(text.encode()),
            arrow_csv.ReadOptions(column_names=[str(column) for column in range(count)]),
            arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(column_types={str(column): string() for column in range(count)}),
        )
    except ArrowInvalid:
        return None
    if any(pc.max(pc.utf8_length(column)).as_py() > LONGEST_CELL for column in table.columns):
        return None
    bare = (pc.utf8_trim(pc.utf8_trim_whitespace(column), INVISIBLE) for column in table.columns)
    return [pc.utf8_trim_whitespace(column).to_numpy() for column in bare]


def missing_layer(path: Path, layer: str, layers: Iterable[str]) -> Fault:
    """Say that the file has no such layer or sheet, and which it has."""
    return Fault("missing_layer", file=str(path), value=layer, details={"layers": ", ".join(layers)})


# ── Encodings ───────────────────────────────────────────────────────────────


def _decoded(path: Path) -> tuple[str, str]:
    """Return the text of a file, and the encoding it turned out to be in."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _as(content, "utf-16", path), "utf-16"
    if b"\0" in content[:4096]:
        zeros = content[:4096:2].count(0), content[1:4096:2].count(0)  # at even places, at odd ones
        # A stray zero is no sign of UTF-16: there separators, digits and line ends have one each.
        if min(zeros) * 10 < max(zeros) and max(zeros) * 40 > len(content[:4096]):
            return _as(content, "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", path), "utf-16"
    if b"\0" in content:
        raise InputError(Fault("wrong_content", file=str(path), details={"format": "CSV"}))
    try:
        return content.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "ignore")
        if sum(not letter.isascii() for letter in before) >= _ENOUGH_LETTERS:
            # So much of another encoding is never valid UTF-8 by chance: this is UTF-8 with a broken place.
            raise _broken_encoding(path, "UTF-8", content, error.start) from error
    text = _as(content, "gb18030", path)
    if not mostly_common_chinese(text[:1_000_000]):
        raise InputError(Fault("unknown_encoding", file=str(path)))
    return text, "gb18030"


def _as(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _broken_encoding(path, encoding.upper(), content, error.start) from error


def _broken_encoding(path: Path, encoding: str, content: bytes, position: int) -> InputError:
    row = content.count(b"\n", 0, position) + 1
    return InputError(Fault("broken_encoding", file=str(path), row=row, value=encoding))


def mostly_common_chinese(text: str) -> bool:
    """Return whether four of five letters beyond ASCII are among the 6,763 common characters and the signs of GB 2312.

    Text in a Western encoding is often valid GB18030, but what it says there is made of rare characters.
    """
    letters = Counter(letter for letter in text if not letter.isascii())
    common = sum(count for letter, count in letters.items() if letter.encode("gb2312", "ignore"))
    return common >= _COMMON_SHARE * letters.total()


# ── From rows to a table ────────────────────────────────────────────────────


def columns_of(rows: Sequence[Sequence[str]]) -> list[TextArray]:
    """Return the columns of rows, short ones filled up with empty cells, without blanks around their texts."""
    columns = []
    for column in zip_longest(*rows, fillvalue=""):
        cells = np.empty(len(column), dtype=object)
        cells[:] = [stripped(cell) for cell in column]
        columns.append(cells)
    return columns


def stripped(cell: str) -> str:
    """Return a cell without the blanks around it, those included that nobody can see."""
    return cell.strip() if cell.isascii() else cell.strip().strip(INVISIBLE).strip()


def table_of(
    columns: Sequence[TextArray], path: Path, top: int, header_rows: int = 1, *, width: int | None = None
) -> Table:
    """Make a table of the columns of a file, none of its rows left out; its header is row `top` (from 0), or several rows from there on.

    Columns are called by the lowest cells of the header. What stands above it, and sums and remarks below the last row, are left out, which
    is noted. Empty rows after the last one are left out; those between count.

    Parameters
    ----------
    width
        Columns the header has, when it may have fewer than the longest row; cells beyond it are faults.
    """
    filled = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for cells in columns:
        filled |= cells != ""
    if not filled.any():
        raise InputError(Fault("empty_layer", file=str(path)))
    width = len(columns) if width is None else width
    if width > MOST_COLUMNS:
        raise InputError(Fault("too_many_columns", file=str(path), details={"columns": width, "most": MOST_COLUMNS}))
    notes: list[Fault] = []
    if filled[:top].any():
        titles = "; ".join(" ".join(_filled_cells(columns, row)) for row in np.flatnonzero(filled[:top])[:3])
        notes.append(Fault("header_found", file=str(path), row=top + 1, details={"titles": titles}))
    first, last = top + header_rows, int(np.flatnonzero(filled)[-1])
    below = []
    while last >= first and (not filled[last] or _is_below_table(_filled_cells(columns, last), width)):
        below += [last] if filled[last] else []
        last -= 1
    if below:
        texts = "; ".join(", ".join(_filled_cells(columns, row))[:60] for row in reversed(below))
        rows = ", ".join(str(row + 1) for row in reversed(below))
        notes.append(
            Fault("rows_below_table", file=str(path), details={"count": len(below), "rows": rows, "texts": texts})
        )
    body = slice(first, last + 1)
    _check_cells(columns, width, body, path)
    names = _header_names([list(cells[top:first]) for cells in columns[:width]])
    written = {cell for cells in columns[:width] for cell in cells[top:first]}
    notes += _repeated_names(dict(zip(names, columns, strict=False)), written, body, path)
    frame = pd.DataFrame({name: cells[body] for name, cells in zip(names, columns, strict=False)}, dtype=object)
    frame.attrs[FIRST_ROW] = first + 1
    return frame, notes


def _check_cells(columns: Sequence[TextArray], width: int, body: slice, path: Path) -> None:
    """Raise for cells beyond the header, and for cells no table has."""
    beyond = np.zeros(len(range(*body.indices(len(columns[0])))), dtype=bool)
    for cells in columns[width:]:
        beyond |= cells[body] != ""
    faults = []
    for row in np.flatnonzero(beyond) + body.start:
        value = ", ".join(_filled_cells(columns[width:], row))
        faults.append(Fault("too_many_cells", file=str(path), row=int(row) + 1, value=value, details={"width": width}))
    for cells in columns:
        if max(map(len, cells), default=0) > LONGEST_CELL:
            row = next(row for row, cell in enumerate(cells) if len(cell) > LONGEST_CELL)
            faults.append(Fault("oversized_cell", file=str(path), row=row + 1, details={"most": LONGEST_CELL}))
    if faults:
        raise InputError(faults)


def _filled_cells(columns: Sequence[TextArray], row: int) -> list[str]:
    return [cells[row] for cells in columns if cells[row]]


def header_row(columns: Sequence[TextArray], stated: Collection[str]) -> int:
    """Return the position of the header.

    It is the first of the first `HEADER_WITHIN` rows that holds a stated column or two that go by a known name; where none does, the first
    with more than one cell filled, or the first.
    """
    rows = {row: _filled_cells(columns, row) for row in range(min(len(columns[0]) if columns else 0, _LOOKED_AT))}
    filled = [row for row, cells in rows.items() if cells][:HEADER_WITHIN]
    if not filled:
        return 0
    for row in filled:
        if set(rows[row]) & set(stated) or sum(map(is_known_name, set(rows[row]))) >= 2:
            return row
    several = (row for row in filled if len(rows[row]) > 1)
    return next(several, filled[0]) if len(rows[filled[0]]) == 1 else filled[0]


def _header_names(header: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column: the lowest cell of its header; a repeated one is led by what stands above it."""
    stacks = [[cell for cell in column if cell] for column in header]
    lowest = Counter(stack[-1] for stack in stacks if stack)
    return _distinct(
        " ".join(dict.fromkeys(stack)) if stack and lowest[stack[-1]] > 1 else "".join(stack[-1:]) for stack in stacks
    )


def _repeated_names(
    columns: Mapping[str, TextArray], written: Collection[str], body: slice, path: Path
) -> Iterable[Fault]:
    """Warn of a column that is called like an earlier one and holds something else: only the first goes by that name."""
    for name, cells in columns.items():
        first = columns.get(name.rpartition(".")[0])
        if first is not None and name not in written and (first[body] != cells[body]).any():
            yield Fault("repeated_column", file=str(path), column=name.rpartition(".")[0], details={"name": name})


def _is_below_table(cells: Sequence[str], width: int) -> bool:
    """Return whether the filled cells of a row are sums of the others, or remarks."""
    if plain(cells[0]).rstrip(":\uff1a") in _TOTALS:
        return True
    return width > 1 and len(cells) <= 2 and all(_FOOTERS.match(cell.casefold()) for cell in cells)


def _distinct(header: Iterable[str]) -> list[str]:
    """Number repeated and empty column names, so that each names one column: `name`, `name.2`; `column 3`."""
    names: dict[str, None] = {}
    repeats: Counter[str] = Counter()
    for position, cell in enumerate(header, start=1):
        name = cell or f"column {position}"
        while name in names:
            repeats[cell] += 1
            name = f"{cell}.{repeats[cell] + 1}"
        names[name] = None
    return list(names)
