"""A report as data: chapters of paragraphs, tables and figures, which every writer (Word, PDF, page) sets in its own way.

Whatever a reader sees is decided here once: words in their language, numbers as they are shown, captions in order. Writers decide
fonts and paper only, so that a figure of the report is the same figure in every file. Every number says which row and column of which
table of the outcome it was taken from; a test follows them back.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from livingcircle.faults import Language

Align = Literal["left", "right", "centre"]
Tone = Literal["plain", "met", "unmet", "no_data", "strong"]
"""How a cell is coloured, beside what it says in words."""


class Origin(NamedTuple):
    """Where a cell is taken from: a table of the outcome, the position of the row in it, and the column."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text as shown, and the unrounded value it shows; None for words and for what is unknown.

    `origin` is where it comes from; None for labels and for what is counted from several rows.
    """

    text: str
    value: float | None = None
    tone: Tone = "plain"
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its head with the unit, and the share of the table's width it takes."""

    head: str
    width: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `name` is its anchor, `source` the table of the outcome its figures are taken from. Repeats its head on every page.

    `note` stands below it: what is left out and where it is, and what must be known to read it. `width_share` is what it takes of the width
    between the margins: few figures far from their names are hard to follow.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str
    note: str = ""
    width_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A map or a chart; `name` is its anchor and the stem of its file, `alternative` what it shows, for those who do not see it."""

    name: str
    caption: str
    alternative: str
    width_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a `finding` is set off, a `note` is small."""

    text: str
    kind: Literal["plain", "finding", "note"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short statements."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, until the next heading; `level` 1 is a chapter and begins a page.

    `number` is set before the title (`3.2`, `附录 A`). `own_page` begins a page for lower levels too; `wide` ones are set on paper turned
    sideways, and so begin one as well.
    """

    level: int
    title: str
    blocks: tuple[Block, ...]
    wide: bool = False
    own_page: bool = False
    number: str = ""

    @property
    def heading(self) -> str:
        """Return number and title as they are set."""
        return f"{self.number}  {self.title}" if self.number else self.title


Block = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: what its cover says, and its sections in order.

    `facts` are the cover's label and value pairs (standard, walker, data dates, made when, by which version);
    `sources` the credits that must stand with every map; `made` is when the results were computed (ISO 8601), for properties of files.
    """

    title: str
    subtitle: str
    language: Language
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    sources: tuple[str, ...]
    made: str = ""

    def tables(self) -> Iterator[Table]:
        """Yield every table in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Table))

    def texts(self) -> Iterator[str]:
        """Yield everything it says in words, in order, the credits after the cover."""
        yield from (self.title, self.subtitle, *itertools.chain.from_iterable(self.facts), *self.sources)
        for section in self.sections:
            yield section.heading
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    yield block.text
                elif isinstance(block, Bullets):
                    yield from block.items
                elif isinstance(block, Figure):
                    yield from (block.caption, block.alternative)
                else:
                    yield from (block.caption, block.note, *(column.head for column in block.columns))
                    yield from (cell.text for row in block.rows for cell in row)

    def figures(self) -> Iterator[Figure]:
        """Yield every figure in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Figure))


Pictures = Mapping[str, bytes]
"""Each figure as PNG, by its name."""
