"""Tables, bars and tiles as HTML; every text is escaped, and styles are in `static/page.css`.

Tables are HTML rather than Streamlit's data grid: their text can be read aloud, searched, copied and printed, and speaks one language
throughout (the grid's menus are in English only).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup, escape

from livingcircle.render.words import shown_share

Cell = str | Markup
_NEARLY, _BREAKS = 16, "，；、 "
"""A text so little too long is not folded; and where a text is parted rather than within a word."""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a column; figures are set to the right, `wide` columns take what room is left."""

    text: str
    figures: bool = False
    wide: bool = False

    @property
    def style(self) -> str:
        """Class of its cells."""
        return "figures" if self.figures else "wide" if self.wide else "text"


def show(markup: Markup) -> None:
    """Put markup on the page; a number is not parted from its sign for per cent."""
    st.html(str(markup).replace(" %", "\N{NO-BREAK SPACE}%"))


def heading(title: str, note: str = "") -> Markup:
    """Return the heading of a panel, with a line under it."""
    line = Markup("<p>{}</p>").format(note) if note else Markup()
    return Markup('<div class="lc-heading"><h2>{}</h2>{}</div>').format(title, line)


def notice(text: Cell, kind: str = "note") -> Markup:
    """Return a paragraph that must not be overlooked; `kind` is `note`, `trial` or `fault`."""
    return Markup('<p class="lc-notice lc-{}">{}</p>').format(kind, text)


def small(text: str) -> Markup:
    """Return a remark."""
    return Markup('<p class="lc-small">{}</p>').format(text)


def table(
    name: str, headers: Sequence[Header], rows: Iterable[Sequence[Cell]], *, first_is_total: bool = False
) -> Markup:
    """Return a table; `name` is its class, for styles and tests."""
    titles = Markup().join(
        Markup('<th scope="col" class="{}">{}</th>').format(header.style, header.text) for header in headers
    )
    head = Markup("<thead><tr>{}</tr></thead>").format(titles) if any(header.text for header in headers) else Markup()
    body = Markup().join(_row(headers, row, total=first_is_total and not number) for number, row in enumerate(rows))
    return Markup('<div class="lc-scroll"><table class="lc-table lc-{}">{}<tbody>{}</tbody></table></div>').format(
        name, head, body
    )


def bar(share: float | None, minimum: float | None = None, kind: str = "residents") -> Markup:
    """Return a share as a bar with its figure, marked where the target lies."""
    if share is None:
        return Markup('<span class="lc-unknown">—</span>')
    target = Markup('<u style="left:{}"></u>').format(f"{minimum:.2%}") if minimum is not None else Markup()
    return Markup(
        '<div class="lc-share"><span class="lc-bar"><i class="lc-{}" style="width:{}"></i>{}</span><b>{}</b></div>'
    ).format(kind, f"{share:.2%}", target, shown_share(share))


def points(score: float | None) -> str:
    """Return a score between 0 and 1 as points out of a hundred."""
    return "—" if score is None else f"{100 * score:.1f}"


def share(value: float | None) -> str:
    """Return a share as it is read, without a bar."""
    return "—" if value is None else shown_share(value)


def badge(code: str, text: str) -> Markup:
    """Return a verdict or status as a coloured word."""
    return Markup('<span class="lc-badge lc-{}">{}</span>').format(code, text)


def stacked(first: Cell, *rest: Cell, title: str = "") -> Markup:
    """Return a cell of a main line and smaller ones below it."""
    below = Markup().join(Markup("<small>{}</small>").format(line) for line in rest if line)
    return Markup('<span class="lc-stack" title="{}">{}{}</span>').format(title, first, below)


def tiles(entries: Iterable[tuple[str, Cell, str]]) -> Markup:
    """Return headline figures: a label, a figure and a remark each."""
    made = Markup().join(
        Markup("<div><span>{}</span><b>{}</b><small>{}</small></div>").format(label, figure, remark)
        for label, figure, remark in entries
    )
    return Markup('<div class="lc-tiles">{}</div>').format(made)


def listed(lines: Iterable[str]) -> Markup:
    """Return a plain list."""
    return Markup('<ul class="lc-list">{}</ul>').format(
        Markup().join(Markup("<li>{}</li>").format(line) for line in lines)
    )


def joined(parts: Iterable[Markup]) -> Markup:
    """Return parts one after another."""
    return Markup().join(parts)


def folded(text: str, most: int) -> Cell:
    """Return a text whose rest is folded away where it is longer than `most` characters."""
    if len(text) <= most + _NEARLY:
        return text
    cut = most + max(text[most : most + _NEARLY].find(sign) + 1 for sign in _BREAKS)
    return Markup("<details><summary>{}</summary>{}</details>").format(text[:cut], text[cut:])


def paragraph(text: str) -> Markup:
    """Return running text."""
    return Markup('<p class="lc-text">{}</p>').format(text)


def _row(headers: Sequence[Header], cells: Sequence[Cell], *, total: bool) -> Markup:
    made = Markup().join(
        Markup('<td class="{}">{}</td>').format(header.style, escape(cell))
        for header, cell in zip(headers, cells, strict=True)
    )
    return Markup('<tr class="{}">{}</tr>').format("lc-total" if total else "", made)
