"""A report as PDF, set by Typst: paged, bookmarked, for screen readers (PDF/UA-1), its fonts inside, the same bytes for the same report.

What is said goes to the template as data, in a file of its own, so that no name of a facility can be read as markup.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingcircle.render.fonts import FOLDER, Fonts, fonts_for
from livingcircle.render.report.document import (
    Block,
    Bullets,
    Cell,
    Figure,
    Paragraph,
    Pictures,
    Report,
    Section,
    Table,
)
from livingcircle.render.words import INK, VERDICT_FILLS, say

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATE = Path(__file__).with_name("report.typ")
LEAD = "#08498e"
_LONG_RUN = re.compile(r"[!-~\u00a1-\u024f]{18,}")
_BREAK = "\u200b"
"""Where a long word may break, until the template has set it: no such sign is in the PDF."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def write_pdf(path: Path, report: Report, pictures: Pictures) -> Fonts:
    """Write a report as PDF, and return the fonts it is set in, for what they lack must be told.

    Parameters
    ----------
    pictures
        Every figure of the report as PNG.
    """
    import typst  # of the extra `report`

    fonts = fonts_for(report.texts())
    made = datetime.fromisoformat(report.made) if report.made else datetime(2000, 1, 1, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(TEMPLATE, folder / "main.typ")
        for figure in {one.name for one in report.figures()}:
            (folder / f"{figure}.png").write_bytes(pictures[figure])
        (folder / "report.json").write_text(
            json.dumps(_content(report, fonts), ensure_ascii=False), encoding="utf-8", errors="replace"
        )
        for file in fonts.files:
            shutil.copy(file, folder)
        try:
            content = _compiled(folder, made, ["ua-1"])
        except typst.TypstError:  # a character without any glyph, which no screen reader could say
            content = _compiled(folder, made, [])
    path.write_bytes(content)
    return fonts


def _compiled(folder: Path, made: datetime, standards: list[PDFStandard]) -> bytes:
    import typst

    content = typst.compile(
        folder / "main.typ",
        root=folder,
        font_paths=[FOLDER, folder],
        ignore_system_fonts=True,
        timestamp=made,
        pdf_standards=standards,
    )
    assert isinstance(content, bytes)  # noqa: S101 - a PDF is one file
    return content


_SIGNS_OF_A_LINE, _SIGNS_BESIDE_TEXT = 105, 2
"""Latin letters across a page at the size of tables, and what the margins of a cell take of them."""
_LINES_TOGETHER = 12
"""A table of no more lines stands on one page, with its note; a longer one begins where it is and goes on overleaf."""


def _content(report: Report, fonts: Fonts) -> dict[str, Any]:
    language = report.language
    return {
        "title": _clean(report.title) or _clean(report.subtitle),
        "subtitle": _clean(report.subtitle),
        "author": "Living Circle",
        "lang": language,
        "fonts": list(fonts.families),
        "colours": {
            "ink": INK,
            "lead": LEAD,
            "tones": {tone: VERDICT_FILLS[tone] for tone in ("met", "unmet", "no_data")},
        },
        "mark": _BREAK,
        "page": say("report.page", language, page="{page}", pages="{pages}"),
        "contents": say("report.contents", language),
        "table_label": say("report.table_label", language),
        "figure_label": say("report.figure_label", language),
        "facts": [[_breakable(label), _breakable(value)] for label, value in report.facts],
        "credits": [say("report.credits", language, credits=_breakable(credit)) for credit in report.sources],
        "runs": [
            {"wide": wide, "sections": [_section(section, report) for section in sections]}
            for wide, sections in itertools.groupby(report.sections, key=lambda section: section.wide)
        ],
    }


def _section(section: Section, report: Report) -> dict[str, Any]:
    return {
        "level": section.level,
        "heading": _breakable(section.heading),
        "breaks": section.level == 1 or section.own_page or section.wide,
        "blocks": [_block(block, report) for block in section.blocks],
    }


def _block(block: Block, report: Report) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"type": "paragraph", "kind": block.kind, "text": _breakable(block.text)}
    if isinstance(block, Bullets):
        return {"type": "bullets", "items": [_breakable(item) for item in block.items]}
    if isinstance(block, Figure):
        return {
            "type": "figure",
            "file": f"{block.name}.png",
            "caption": _breakable(block.caption),
            "alternative": _clean(block.alternative),
            "width": block.width_share,
        }
    return _table(block, report)


def _table(table: Table, report: Report) -> dict[str, Any]:
    return {
        "type": "table",
        "caption": _breakable(table.caption),
        "note": say("report.note", report.language, note=_breakable(table.note)) if table.note else "",
        "columns": [
            {"head": _breakable(column.head), "width": column.width, "align": column.align} for column in table.columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "width": table.width_share,
        "together": stands_together(table),
    }


def stands_together(table: Table) -> bool:
    """Tell whether a table is so short that all of it stands on one page."""
    return _lines(table) <= _LINES_TOGETHER


def _lines(table: Table) -> int:
    """Return about how many lines a table takes: signs of Chinese are two wide, and a column has its share of a line."""
    whole = sum(column.width for column in table.columns)
    rooms = [max(_SIGNS_OF_A_LINE * column.width / whole - _SIGNS_BESIDE_TEXT, 1.0) for column in table.columns]
    rows = [[column.head for column in table.columns], *([cell.text for cell in row] for row in table.rows)]
    return sum(
        max(
            math.ceil(len(text.encode("gb18030", "replace")) / room) or 1 for text, room in zip(row, rooms, strict=True)
        )
        for row in rows
    )


def _cell(cell: Cell) -> dict[str, str]:
    return {"text": _breakable(cell.text), "tone": cell.tone}


def _clean(text: str) -> str:
    """Return a text without control characters, a number never parted from its per cent."""
    return _CONTROLS.sub(" ", text).replace(_BREAK, "").replace(" %", "\u00a0%")


def _breakable(text: str) -> str:
    """Let long words without a space break where they do in addresses, or anywhere, so that they stay in their place."""
    return _LONG_RUN.sub(lambda run: _opened(run.group()), _clean(text))


def _opened(run: str) -> str:
    parts = re.findall(r"[^/_.\-,;:=]{1,10}[/_.\-,;:=]?|[/_.\-,;:=]", run)
    return _BREAK.join(parts)
