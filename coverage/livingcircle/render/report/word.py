"""A report as a Word file that an office can edit: its own headings, tables, captions, contents and page numbers.

Captions are numbered by fields (`SEQ`) that hold their number already, so that viewers which update no fields show it, and Word counts
anew when a table is added. The contents hold every heading and lead to it; their page numbers are known only where the file is laid out,
so that they are fields which are empty until then. Nothing asks to be updated on opening. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.shared import Mm

from livingcircle.render.report import word_parts as parts
from livingcircle.render.report.document import Block, Bullets, Figure, Paragraph, Pictures, Report, Section, Table
from livingcircle.render.report.word_styles import HIGH_MM, SIDE_MM, WIDE_MM, dress, fallback_fonts, paper
from livingcircle.render.words import say

CONTENTS_LEVELS = 2
_STYLES = {"plain": "BodyIndented", "finding": "Finding", "note": "Note"}
_TWIPS_PER_MM = 1440 / 25.4
_ZIPPED_AT = (1980, 1, 1, 0, 0, 0)
_HIGHEST_MM = 205.0
"""A picture and its caption stay on one page."""


def write_word(path: Path, report: Report, pictures: Pictures) -> None:
    """Write a report as .docx.

    Parameters
    ----------
    pictures
        PNG of every figure by its name.

    Raises
    ------
    KeyError
        When a figure has no picture: a defect of the caller.
    """
    document = Document()
    dress(document, report.language)
    fallback_fonts(document)
    _properties(document, report)
    writing = _Writing(document, report, pictures)
    writing.cover()
    writing.contents()
    for section in report.sections:
        writing.section(section)
    drawn = io.BytesIO()
    document.save(drawn)
    path.write_bytes(_without_clock(drawn))


@dataclass(slots=True)
class _Writing:
    """Where the writing of a document stands: which way the paper lies, and what has been counted."""

    document: Any
    report: Report
    pictures: Pictures
    wide: bool = False
    turned: bool = False
    counted: dict[str, int] = field(default_factory=lambda: {"table": 0, "figure": 0})
    marks: int = 0

    def say(self, key: str, **values: str | float) -> str:
        return say(f"report.{key}", self.report.language, **values)

    def cover(self) -> None:
        """Set title, facts and credits on a page without header."""
        section = self.document.sections[0]
        paper(section, wide=False)
        section.different_first_page_header_footer = True
        section.header.paragraphs[0].text = parts.clean(self.report.title)
        pages = self.say("page", page="\0", pages="\0").split("\0")
        fields = [parts.field("PAGE", "1"), parts.field("NUMPAGES", "1")]
        foot = section.footer.paragraphs[0]
        foot.alignment = 1
        for number, text in enumerate(pages):
            foot._p.append(parts.run(text))  # noqa: SLF001 - python-docx has no fields
            foot._p.extend(fields[number] if number < len(fields) else ())  # noqa: SLF001
        spacer = self.document.add_paragraph()
        spacer.paragraph_format.space_before = Mm(45)
        self.document.add_paragraph(parts.clean(self.report.title), style="Title")
        self.document.add_paragraph(parts.clean(self.report.subtitle), style="Subtitle")
        self._add(parts.facts(self.report.facts, round((WIDE_MM - 2 * SIDE_MM) * 0.86 * _TWIPS_PER_MM)))
        for credit in self.report.sources:
            self._add(parts.paragraph("Note", parts.run(self.say("credits", credits=credit)), align="centre"))

    def contents(self) -> None:
        """Set the headings of two levels, as bookmarks will be numbered."""
        title = parts.paragraph("ContentsTitle", parts.run(self.say("contents")))
        title.pPr.append(parts.element("w:pageBreakBefore"))
        listed = [
            (section.level, section.heading, f"_Toc{number:06d}")
            for number, section in enumerate(self.report.sections, start=1)
            if section.level <= CONTENTS_LEVELS
        ]
        self._add(parts.contents(listed, title, round((WIDE_MM - 2 * SIDE_MM) * _TWIPS_PER_MM)))

    def section(self, section: Section) -> None:
        """Set a heading and what stands under it, on paper of its own where it needs to be turned."""
        turned = section.wide != self.wide
        if turned:
            self.wide = section.wide
            paper(self.document.add_section(WD_SECTION.NEW_PAGE), wide=self.wide)
            self.document.paragraphs[-1].style = self.document.styles["Section End"]  # it holds the break
            self.document.sections[-1].different_first_page_header_footer = False
        heading = self.document.add_paragraph(style=f"Heading {min(section.level, 3)}")
        if turned:
            heading.paragraph_format.page_break_before = False  # the paper has begun one
        elif section.own_page or section.wide:
            heading.paragraph_format.page_break_before = True
        self.marks += 1
        heading._p.extend(  # noqa: SLF001 - python-docx has no bookmarks
            parts.bookmark(f"_Toc{self.marks:06d}", self.marks, parts.run(section.heading))
        )
        for block, after in zip_longest(section.blocks, section.blocks[1:]):
            self._block(block, leads=isinstance(after, Table))

    def _block(self, block: Block, *, leads: bool) -> None:
        """Set a block; a paragraph that `leads` to a table stands on the page where that begins."""
        if isinstance(block, Paragraph):
            text = parts.paragraph(_STYLES[block.kind], parts.run(block.text))
            if leads:
                text.pPr.insert(1, parts.element("w:keepNext"))
            self._add(text)
        elif isinstance(block, Bullets):
            for item in block.items:
                self._add(parts.paragraph("ListBullet", parts.run(item)))
        elif isinstance(block, Table):
            caption = parts.paragraph("Caption", *self._caption("table", block.caption))
            caption.pPr.insert(1, parts.element("w:keepNext"))
            self._add(caption)
            self._add(parts.table(block, round(self._width_mm() * block.width_share * _TWIPS_PER_MM)))
            if block.note:  # an empty paragraph might stand on a page of its own
                self._add(parts.paragraph("Note", parts.run(self.say("note", note=block.note))))
        else:
            self._picture(block)

    def _picture(self, figure: Figure) -> None:
        within = self.document.add_paragraph(style="Picture")
        shape = within.add_run().add_picture(
            io.BytesIO(self.pictures[figure.name]), width=Mm(self._width_mm() * figure.width_share)
        )
        highest = Mm(_HIGHEST_MM if not self.wide else _HIGHEST_MM * WIDE_MM / HIGH_MM)
        if shape.height > highest:
            shape.width, shape.height = int(shape.width * highest / shape.height), int(highest)
        told = shape._inline.docPr  # noqa: SLF001 - python-docx has no alternative texts
        told.set("descr", parts.clean(figure.alternative))
        told.set("name", figure.name)
        self._add(parts.paragraph("Caption", *self._caption("figure", figure.caption)))

    def _caption(self, kind: str, caption: str) -> Iterator[Any]:
        """Yield the runs of a numbered caption, in a bookmark by which text may refer to it."""
        self.counted[kind] += 1
        label = self.say(f"{kind}_label")
        number = parts.field(f"SEQ {label} \\* ARABIC", str(self.counted[kind]))
        place = 100_000 + 50_000 * (kind == "figure") + self.counted[kind]
        yield from parts.bookmark(f"_Ref{kind}{self.counted[kind]:04d}", place, parts.run(f"{label} "), *number)
        yield parts.run(f"  {caption}")

    def _width_mm(self) -> float:
        return (HIGH_MM if self.wide else WIDE_MM) - 2 * SIDE_MM

    def _add(self, made: Any) -> None:
        self.document.element.body.insert_element_before(made, "w:sectPr")


def _properties(document: Any, report: Report) -> None:
    about = document.core_properties
    made = datetime.fromisoformat(report.made) if report.made else datetime(2000, 1, 1, tzinfo=UTC)
    about.title, about.subject = parts.clean(report.title), parts.clean(report.subtitle)
    about.author = about.last_modified_by = "Living Circle"
    about.language = "zh-CN" if report.language == "zh" else "en"
    about.created = about.modified = made.replace(tzinfo=None)
    about.comments, about.keywords, about.revision = "", "", 1


def _without_clock(drawn: io.BytesIO) -> bytes:
    """Return the file with every part dated alike."""
    packed = io.BytesIO()
    with zipfile.ZipFile(drawn) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIPPED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return packed.getvalue()
