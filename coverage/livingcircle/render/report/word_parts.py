"""Parts of a Word file that python-docx has no calls for: fields, bookmarks, contents, tables as Word's own.

Elements are made directly: a table of a thousand cells takes python-docx seconds, and these milliseconds. Lengths are twentieths of a
point (`twips`), as in the format (ECMA-376).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from livingcircle.render.report.document import Align, Cell, Table, Tone
from livingcircle.render.words import VERDICT_FILLS

HEADER_FILL, RULE = "EEF2F5", "9AA5AE"
_SHORT_ROWS = 10
_WORD = re.compile("[^ \n\u2e80-\uffff-]+-?")
"""What no line parts: neither Chinese nor compounds are such."""
_SIGNS, _CELL_ROOM_TWIPS, _LONGEST_WORD = ((132, ""), (110, "Small")), 150, 12
"""A bold letter in the widest face that may stand in for Arial, by style; the margins of a cell; signs of the longest word kept whole."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JUSTIFIED: dict[Align, str] = {"left": "left", "right": "right", "centre": "center"}


def element(name: str, /, *children: Any, **attributes: str | int) -> Any:
    """Return an element such as `w:tbl` with attributes of its own namespace."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    made.extend(children)
    return made


def clean(text: str) -> str:
    """Return a text without the signs XML cannot hold, for names may come from anywhere; no number is parted from its per cent."""
    return _NOT_XML.sub("", text).replace(" %", "\u00a0%")


def run(text: str, *, bold: bool = False) -> Any:
    """Return a run of text, its line feeds as breaks."""
    made = element("w:r")
    if bold:
        made.append(element("w:rPr", element("w:b"), element("w:bCs")))
    for number, line in enumerate(clean(text).split("\n")):
        if number:
            made.append(element("w:br"))
        said = element("w:t")
        said.text = line
        said.set(qn("xml:space"), "preserve")
        made.append(said)
    return made


def field(instruction: str, shown: str = "") -> Iterator[Any]:
    """Yield the runs of a field with the result that is shown until somebody updates it."""
    told = element("w:instrText")
    told.text = f" {instruction} "
    told.set(qn("xml:space"), "preserve")
    yield element("w:r", element("w:fldChar", fldCharType="begin"))
    yield element("w:r", told)
    yield element("w:r", element("w:fldChar", fldCharType="separate"))
    yield run(shown)
    yield element("w:r", element("w:fldChar", fldCharType="end"))


def bookmark(name: str, number: int, *inside: Any) -> Iterator[Any]:
    """Yield what a bookmark holds, between its ends."""
    yield element("w:bookmarkStart", id=number, name=name)
    yield from inside
    yield element("w:bookmarkEnd", id=number)


def paragraph(style: str, *inside: Any, align: Align | None = None) -> Any:
    """Return a paragraph of the style with this id."""
    looks = element("w:pPr", element("w:pStyle", val=style))
    if align is not None:
        looks.append(element("w:jc", val=_JUSTIFIED[align]))
    return element("w:p", looks, *inside)


def contents(entries: Sequence[tuple[int, str, str]], title: Any, width: int) -> Any:
    """Return a table of contents as Word's own, with entries in it that lead to their headings.

    Parameters
    ----------
    entries
        Level, text and bookmark of each heading. How the file is paged is known to whoever opens it only: numbers are fields that are
        empty until somebody prints or updates them, with no dots to lead to nothing; no wrong ones stand there before.
    title
        The paragraph above it.
    width
        What there is between the margins, twips.
    """
    paragraphs = []
    for level, text, mark in entries:
        number = (element("w:r", element("w:tab")), *field(f"PAGEREF {mark} \\h"))
        entry = paragraph(f"TOC{level}", element("w:hyperlink", run(text), *number, anchor=mark, history="1"))
        entry.pPr.append(element("w:tabs", element("w:tab", val="right", leader="none", pos=width)))
        paragraphs.append(entry)
    begin = list(field('TOC \\o "1-2" \\h \\z \\u'))
    if paragraphs:  # the field begins in the first entry and ends in the last one
        for made in reversed(begin[:3]):
            paragraphs[0].insert(1, made)
        paragraphs[-1].append(begin[-1])
    gallery = element("w:docPartObj", element("w:docPartGallery", val="Table of Contents"), element("w:docPartUnique"))
    return element("w:sdt", element("w:sdtPr", gallery), element("w:sdtContent", title, *paragraphs))


def table(of: Table, width: int) -> Any:
    """Return a table as Word's own: its head on every page, no row divided, columns of fixed width.

    Parameters
    ----------
    width
        What there is between the margins, twips.
    """
    widths, small = _widths(of, width)
    looks = element(
        "w:tblPr",
        element("w:tblStyle", val="LivingCircle"),
        element("w:tblW", w=sum(widths), type="dxa"),
        element("w:jc", val="center"),
        element("w:tblLayout", type="fixed"),
        element(
            "w:tblLook",
            val="0420",
            firstRow="1",
            lastRow="0",
            firstColumn="0",
            lastColumn="0",
            noHBand="0",
            noVBand="1",
        ),
        element("w:tblCaption", val=clean(of.caption)),
    )
    grid = element("w:tblGrid", *(element("w:gridCol", w=one) for one in widths))
    head = _row(
        [
            _cell(Cell(one.head), "centre", at, f"TableHead{small}", HEADER_FILL)
            for one, at in zip(of.columns, widths, strict=True)
        ]
    )
    head.trPr.append(element("w:tblHeader"))
    body = (
        _row(
            [
                _cell(cell, one.align, at, f"TableText{small}", _fill(cell.tone), keeps=_keeps(of, number))
                for cell, one, at in zip(row, of.columns, widths, strict=True)
            ]
        )
        for number, row in enumerate(of.rows)
    )
    return element("w:tbl", looks, grid, head, *body)


def facts(of: Sequence[tuple[str, str]], width: int) -> Any:
    """Return labels and what they say as a table without rules, for the cover."""
    left = width // 4
    rows = (
        _row(
            [
                _cell(Cell(label), "left", left, "TableHead", ""),
                _cell(Cell(text), "left", width - left, "TableText", ""),
            ]
        )
        for label, text in of
    )
    looks = element(
        "w:tblPr",
        element("w:tblStyle", val="LivingCircle"),
        element("w:tblW", w=width, type="dxa"),
        element("w:jc", val="center"),
        element("w:tblLayout", type="fixed"),
    )
    grid = element("w:tblGrid", element("w:gridCol", w=left), element("w:gridCol", w=width - left))
    return element("w:tbl", looks, grid, *rows)


def _widths(of: Table, width: int) -> tuple[list[int], str]:
    """Return the width of each column, twips, and which styles its words have room in.

    A column has its share, and no less than its longest word asks for, which the others make room for. Where there is not room for all
    words letters are small.
    """
    whole = sum(one.width for one in of.columns)
    shares = [width * one.width / whole for one in of.columns]
    said = zip(*([cell.text for cell in row] for row in of.rows), strict=True) if of.rows else ((),) * len(shares)
    words = [_longest_word((one.head, *texts)) for one, texts in zip(of.columns, said, strict=True)]
    for sign_twips, small in _SIGNS:
        least = [_CELL_ROOM_TWIPS + sign_twips * word for word in words]
        if sum(least) < width:
            spare = [max(share - low, 0.0) for share, low in zip(shares, least, strict=True)]
            part = (width - sum(least)) / sum(spare)
            return [round(low + part * more) for low, more in zip(least, spare, strict=True)], small
    return [round(width * word / sum(words)) for word in words], "Small"


def _longest_word(texts: Sequence[str]) -> int:
    """Return how many signs the longest word of a column's texts has; words of Chinese break anywhere, very long ones may."""
    return min(max((len(word) for text in texts for word in _WORD.findall(clean(text))), default=1), _LONGEST_WORD)


def _row(cells: Sequence[Any]) -> Any:
    return element("w:tr", element("w:trPr", element("w:cantSplit")), *cells)


def _keeps(of: Table, row: int) -> bool:
    """Whether a row stays with the next one: short tables are not parted, of others no less than three rows stand anywhere."""
    last = len(of.rows) - 1
    if row == last:
        return bool(of.note)
    return last < _SHORT_ROWS or row < 2 or row >= last - 2


def _cell(of: Cell, align: Align, width: int, style: str, fill: str, *, keeps: bool = False) -> Any:
    looks = element("w:tcPr", element("w:tcW", w=width, type="dxa"))
    if fill:
        looks.append(element("w:shd", val="clear", color="auto", fill=fill))
    looks.append(element("w:vAlign", val="center"))
    text = paragraph(style, run(of.text, bold=of.tone in {"strong", "unmet"}), align=align)
    if keeps:
        text.pPr.insert(1, element("w:keepNext"))
    return element("w:tc", looks, text)


def _fill(tone: Tone) -> str:
    return VERDICT_FILLS[tone].lstrip("#").upper() if tone in VERDICT_FILLS else ""
