"""Tables of text: where the header is, what stands above and below it, and CSV in the encodings of Chinese offices.

Every cell is text without surrounding blanks, so that a code such as 01023 keeps its zero; an empty cell is `""`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pandas as pd

from livingcircle.errors import InputError
from livingcircle.faults import Fault
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
    rows, _, encoding = csv_rows(path)
    frame, notes = table_of(rows, path, header_row(rows, stated))
    frame.attrs[ENCODING] = ENCODING_NAMES[encoding]
    if encoding != "utf-8-sig":
        notes.insert(0, Fault("encoding_found", file=str(path), value=ENCODING_NAMES[encoding]))
    return frame, notes


def csv_rows(path: Path) -> tuple[list[list[str]], str, str]:
    """Return the cells of a file as they are, the separator between them, and the encoding of the file; raises as `read_csv`."""
    text, encoding = _decoded(path)
    first_lines = "\n".join(text[:100_000].splitlines()[:HEADER_WITHIN])
    separator = "\t" if path.suffix.lower() == ".tsv" else max(SEPARATORS, key=first_lines.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        # The row a spreadsheet would show: a record may go over several lines, the one at fault comes after those that were read.
        kind = "oversized_cell" if "field limit" in str(error) else "broken_quotes"
        details = {"most": float(csv.field_size_limit())}
        raise InputError(Fault(kind, file=str(path), row=len(rows) + 1, details=details)) from error
    return rows, separator, encoding


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
        if min(zeros) * 10 < max(zeros):
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


def table_of(rows: Sequence[Sequence[str]], path: Path, top: int, header_rows: int = 1) -> Table:
    """Make a table of the rows of a file, none left out; its header is row `top` (from 0), or several, whose lowest cells name the columns.

    What stands above the header, and sums and remarks below the last row, are left out, which is noted. Empty rows after the last one are
    left out; those between count.
    """
    filled = [position for position, row in enumerate(rows) if any(cell and not cell.isspace() for cell in row)]
    if not filled:
        raise InputError(Fault("empty_layer", file=str(path)))
    notes: list[Fault] = []
    above = [position for position in filled if position < top]
    if above:
        titles = "; ".join(" ".join(cell.strip() for cell in rows[position] if cell.strip()) for position in above[:3])
        notes.append(Fault("header_found", file=str(path), row=top + 1, details={"titles": titles}))
    header = _header_names([list(rows[position]) for position in range(top, min(top + header_rows, len(rows)))])
    first, last = top + header_rows, filled[-1]
    width = len(header)
    if width > MOST_COLUMNS:
        raise InputError(Fault("too_many_columns", file=str(path), details={"columns": width, "most": MOST_COLUMNS}))
    left_out = []
    while last >= first and _is_below_table(rows[last], width):
        left_out.append(last)
        last -= 1
        while last >= first and not any(map(str.strip, rows[last])):
            last -= 1
    if left_out:
        texts = "; ".join(_joined(rows[position])[:60] for position in reversed(left_out))
        listed = ", ".join(str(position + 1) for position in reversed(left_out))
        notes.append(Fault("rows_below_table", file=str(path), details={"rows": listed, "texts": texts}))
    body = rows[first : last + 1]
    ragged = [
        Fault("too_many_cells", file=str(path), row=number, value=_joined(row[width:]), details={"width": width})
        for number, row in enumerate(body, start=first + 1)
        if len(row) > width and any(map(str.strip, row[width:]))
    ]
    if ragged:
        raise InputError(ragged)
    even = [row if len(row) == width else [*row, *[""] * width][:width] for row in body]
    cells = (
        {name: [cell.strip() for cell in column] for name, column in zip(header, zip(*even, strict=True), strict=True)}
        if even
        else {}
    )
    frame = pd.DataFrame(cells, columns=header, dtype=object)
    frame.attrs[FIRST_ROW] = first + 1
    return frame, notes


def header_row(rows: Sequence[Sequence[str]], stated: Collection[str]) -> int:
    """Return the position of the header.

    It is the first of the first `HEADER_WITHIN` rows that holds a stated column or two that go by a known name; where none does, the first
    with more than one cell filled, or the first.
    """
    filled = [position for position, row in enumerate(rows[:1000]) if any(map(str.strip, row))][:HEADER_WITHIN]
    for position in filled:
        names = {cell.strip() for cell in rows[position]} - {""}
        if names & set(stated) or sum(map(is_known_name, names)) >= 2:
            return position
    if not filled:
        return 0
    first = filled[0]
    if sum(bool(cell.strip()) for cell in rows[first]) == 1:
        return next((position for position in filled if sum(bool(cell.strip()) for cell in rows[position]) > 1), first)
    return first


def _header_names(header: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column: the lowest cell of its header; a repeated one is led by what stands above it."""
    stacks = [[cell.strip() for cell in column if cell.strip()] for column in zip(*header, strict=True)]
    lowest = Counter(stack[-1] for stack in stacks if stack)
    names = [
        " ".join(dict.fromkeys(stack)) if stack and lowest[stack[-1]] > 1 else "".join(stack[-1:]) for stack in stacks
    ]
    return _distinct(names)


def _is_below_table(row: Sequence[str], width: int) -> bool:
    """Return whether a row holds sums of the others, or remarks."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells:
        return False
    if plain(cells[0]).rstrip(":：") in _TOTALS:
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


def _joined(cells: Iterable[str]) -> str:
    return ", ".join(cell.strip() for cell in cells if cell.strip())
