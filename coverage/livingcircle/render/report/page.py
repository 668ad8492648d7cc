"""A report as one HTML file: pictures inside, no address of anything outside, to read on a screen, by a screen reader and on paper."""

from __future__ import annotations

import base64
import itertools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2

from livingcircle.render.report.document import Bullets, Cell, Figure, Paragraph, Pictures, Report, Section, Table
from livingcircle.render.report.pdf import LEAD, stands_together
from livingcircle.render.words import INK, VERDICT_FILLS, say

TEMPLATE = Path(__file__).with_name("page.html.jinja")
_TONES = ("met", "unmet", "no_data")


def write_page(path: Path, report: Report, pictures: Pictures) -> None:
    """Write a report as one HTML file; `pictures` holds every figure of it as PNG."""
    path.write_text(page_of(report, pictures), encoding="utf-8", newline="\n")


def page_of(report: Report, pictures: Pictures) -> str:
    """Return a report as HTML; the same report gives the same text."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.finalize = lambda value: value.replace(" %", "\u00a0%") if type(value) is str else value
    language = report.language
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        sections=list(_sections(report, pictures)),
        lang="zh-CN" if language == "zh" else "en",
        ink=INK,
        lead=LEAD,
        tones={tone: VERDICT_FILLS[tone] for tone in _TONES},
        contents=say("report.contents", language),
        skip=say("print.skip", language),
        credits=[say("report.credits", language, credits=credit) for credit in report.sources],
    )


def _sections(report: Report, pictures: Pictures) -> Iterator[dict[str, Any]]:
    counted = {"table": 0, "figure": 0}
    for number, section in enumerate(report.sections, start=1):
        yield {
            "level": section.level,
            "rank": min(section.level + 1, 6),
            "heading": section.heading,
            "anchor": f"section-{number}",
            "kind": _kind(section),
            "blocks": [
                {**_block(block, report, pictures, counted), "leads": isinstance(after, Table | Bullets)}
                for block, after in itertools.zip_longest(section.blocks, section.blocks[1:])
            ],
        }


def _kind(section: Section) -> str:
    kinds = [
        *(["chapter"] if section.level == 1 else []),
        *(["own"] if section.own_page else []),
        *(["wide"] if section.wide else []),
    ]
    return " ".join(kinds)


def _block(
    block: Paragraph | Bullets | Table | Figure, report: Report, pictures: Pictures, counted: dict[str, int]
) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"type": "paragraph", "kind": block.kind, "text": block.text}
    if isinstance(block, Bullets):
        return {"type": "bullets", "entries": block.items}
    kind = "figure" if isinstance(block, Figure) else "table"
    counted[kind] += 1
    told = {
        "type": kind,
        "anchor": f"{kind}-{counted[kind]}",
        "number": f"{say(f'report.{kind}_label', report.language)} {counted[kind]}",
        "caption": block.caption,
    }
    if isinstance(block, Figure):
        picture = pictures[block.name]
        wide, high = struct.unpack(">II", picture[16:24])  # where every PNG says how large it is
        data = base64.b64encode(picture).decode("ascii")
        return {
            **told,
            "picture": f"data:image/png;base64,{data}",
            "alternative": block.alternative,
            "wide": wide,
            "high": high,
            "share": round(100 * block.width_share),
        }
    whole = sum(column.width for column in block.columns)
    return {
        **told,
        "columns": [
            {"head": column.head, "align": column.align, "percent": round(100 * column.width / whole, 2)}
            for column in block.columns
        ],
        "rows": [
            [_cell(cell, column.align) for cell, column in zip(row, block.columns, strict=True)] for row in block.rows
        ],
        "wide": round(100 * block.width_share),
        "together": stands_together(block),
        "note": say("report.note", report.language, note=block.note) if block.note else "",
    }


def _cell(cell: Cell, align: str) -> dict[str, str]:
    return {"text": cell.text, "align": align, "look": align if cell.tone == "plain" else f"{align} {cell.tone}"}
