"""What chapters are made of: the results, their tables and the language; and how a table of the outcome becomes one of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.model.standard import Words
from livingcircle.render.clauses import shown_number
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.report.document import Align, Cell, Column, Origin, Table, Tone
from livingcircle.render.tables import Tables, labelled
from livingcircle.render.words import (
    WORDS,
    in_one_language,
    say,
    say_code,
    shown_ages,
    shown_count,
    shown_limit,
    shown_share,
)

UNKNOWN = "—"
MOST_SERVICES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What changed since another study, such as last year's: the tables of a comparison, and the parts in which the two differ.

    `made_of` says what the other study was made of (`provenance.made_of`), for the record.
    """

    before: Words
    factors: tuple[str, ...]
    runs: int
    figures: pd.DataFrame
    facilities: pd.DataFrame
    homes: pd.DataFrame
    made_of: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a chapter is written from. `tables` are those of `results`; a comparison adds its own, named `compare_…`."""

    results: Results
    tables: Tables
    language: Language
    change: Change | None = None

    def say(self, key: str, **values: str | float) -> str:
        """Return the words of the report for `key`, which go without their prefix here."""
        named = {name: say(f"report.{name}.{self.level}", self.language) for name in ("unit", "units")}
        return say(f"report.{key}", self.language, **named, **values)

    @property
    def level(self) -> str:
        """Return what the smallest districts are: `community`, `subdistrict`, `county`, or `other` where that is unknown or mixed."""
        units = self.results.study.districts
        levels = set(units.level[units.undivided].tolist())
        level = levels.pop() if len(levels) == 1 else "other"
        return level if f"report.unit.{level}" in WORDS else "other"

    def own(self, text: str) -> str:
        """Return a text that a study states in both languages in the one of the report; see `in_one_language`."""
        return in_one_language(text, self.language)

    def cause(self, code: str) -> str:
        """Return the words for a cause of gaps."""
        return say_code("cause", code, self.language)

    def gained(self, plan: pd.Series) -> str:
        """Say how many a plan brings in time, and who they are: its shares are of these."""
        group, added = str(plan["demand_of"]), shown_count(plan["added_residents"])
        ages = shown_ages(group, self.language)
        if ages == group:
            return self.say(f"gained.{group}", added=added)
        return self.say("gained.ages", ages=ages, added=added)

    def column(self, name: str) -> str:
        """Return the head of a column of the outcome."""
        return COLUMNS[column_entry(name)[0]].display(self.language)

    def both(self, column: str) -> str:
        """Return the name of a column that is there in two languages."""
        return f"{column}_{self.language}"

    def whole(self, table: str) -> pd.DataFrame:
        """Return the rows of a table that speak of the whole study."""
        frame = self.tables[table]
        return frame[frame["scope"] == "study"] if len(frame) else frame

    def smallest(self, table: str) -> pd.DataFrame:
        """Return the rows of a table that speak of districts not divided further."""
        frame = self.tables[table]
        return frame[frame["scope"] == "district"] if len(frame) else frame


@dataclass(frozen=True, slots=True)
class Of:
    """A column of the report: what it takes from the source table, how wide it is, and how it is shown.

    `column` without `_zh` or `_en` stands for that of the language. `head` is the key of other words for its head; `shown` is a kind of
    number other than that of the column: `score` (of 100 points), `ratio` (two decimals), `limit` (as the clause writes it), `points`;
    `unit` is the name of a district or what stands for the whole study, `first` the first part of a list,
    `services` the names of services whose ids are listed, as many as a cell holds.
    """

    column: str
    width: float = 1.0
    head: str = ""
    shown: str = ""


def table_of(
    of: Material,
    name: str,
    source: str,
    columns: Sequence[Of],
    rows: pd.DataFrame | None = None,
    /,
    *,
    most: int | None = None,
    note: str = "",
    strong: Callable[[Any], bool] | None = None,
    **said: str,
) -> Iterable[Table]:
    """Yield a table of the report, or nothing where it has no rows.

    Parameters
    ----------
    source
        Table of the outcome.
    rows
        Rows of it, with their index; all of them if None.
    most
        As many rows as an office prints; the note then says how many there are and where.
    strong
        Whether a row (a named tuple) is set in bold, as totals are.
    said
        What the words of the caption, `report.table.<name up to the first hyphen>`, take.
    """
    frame = of.tables[source] if rows is None else rows
    if not len(frame):
        return
    shown = frame if most is None else frame.head(most)
    if len(shown) < len(frame):
        note = " ".join(part for part in (note, more_said(of, source, len(shown), len(frame))) if part)
    heads, cells = [], []
    for one in columns:
        column = one.column if one.column in frame.columns else of.both(one.column)
        if column not in frame.columns:
            raise KeyError(column)
        head = limit_head(of, shown) if one.shown == "limit" else _head(of, one, column)
        heads.append(Column(head, one.width, _align(_kind(one, column), column)))
        cells.append(list(_cells(of, source, shown, column, _kind(one, column))))
    body = tuple(zip(*cells, strict=True))
    if strong is not None:
        marks = [strong(row) for row in shown.itertuples()]
        body = tuple(
            tuple(Cell(c.text, c.value, "strong" if bold and c.tone == "plain" else c.tone, c.origin) for c in row)
            for row, bold in zip(body, marks, strict=True)
        )
    caption = of.say(f"table.{name.split('-', maxsplit=1)[0]}", **said)
    yield Table(name, caption, tuple(heads), body, source, note)


def more_said(of: Material, source: str, shown: int, total: int) -> str:
    """Say that a table goes on elsewhere."""
    sheet = say(f"table.{source}", of.language)
    return of.say(
        "more_rows", shown=shown_count(shown), total=shown_count(total), sheet=sheet, file=f"csv/{source}.csv"
    )


def cell_of(of: Material, source: str, row: int, column: str, kind: str = "", tone: Tone = "plain") -> Cell:
    """Return one cell taken from the row of that index of a table of the outcome."""
    frame = of.tables[source].loc[[row]]
    found = next(iter(_cells(of, source, frame, column, kind or COLUMNS[column_entry(column)[0]].kind)))
    return found if tone == "plain" else Cell(found.text, found.value, tone, found.origin)


def limit_head(of: Material, rows: pd.DataFrame) -> str:
    """Return the head of a column of walking limits: of time, of distance, or of both, as clauses have them."""
    metres = rows["limit_metres"].notna() if "limit_metres" in rows else pd.Series(False, rows.index)
    return of.say("head.limit_metres" if metres.all() else "head.limit_both" if metres.any() else "head.limit_minutes")


def shown_as(value: float, kind: str) -> str:
    """Write a number as reports show its kind; a dash where it is unknown."""
    if not math.isfinite(value):
        return UNKNOWN
    if kind == "share":
        return shown_share(value)
    if kind == "count":
        return shown_count(value)
    if kind == "score":
        return f"{100 * value:.1f}"
    if kind == "points":
        text = f"{100 * value:+.1f}".replace("-", "−")
        return text[1:] if text[1:] == "0.0" else text
    if kind in {"minutes", "metres"}:
        return f"{value:,.1f}" if kind == "minutes" else f"{value:,.0f}"
    if kind == "ratio":  # of one column all have two decimals
        return f"{value:,.2f}"
    if kind == "degrees":
        return f"{value:.6f}"
    return shown_number(value)


def _cells(of: Material, source: str, frame: pd.DataFrame, column: str, kind: str) -> Iterable[Cell]:
    values = frame[column]
    if kind == "limit":
        metres = frame["limit_metres"] if "limit_metres" in frame else pd.Series(math.nan, frame.index)
        for row, minutes, long in zip(frame.index, values, metres, strict=True):
            text = shown_limit(float(minutes), float(long), of.language) if pd.notna(minutes) else UNKNOWN
            yield Cell(text, float(minutes), "plain", Origin(source, int(row), column))
    elif kind == "services":
        names = {service.id: service.name.said(of.language) for service in of.results.study.standard.services}
        for row, ids in zip(frame.index, values, strict=True):
            said = [names.get(one, one) for one in str(ids).split(";") if one]
            text = of.say("between").join(said[:MOST_SERVICES])
            if len(said) > MOST_SERVICES:
                text = of.say("and_more", services=text, count=len(said))
            yield Cell(text or UNKNOWN, None, "plain", Origin(source, int(row), column))
    elif kind == "unit":
        for row, text, scope in zip(frame.index, values, frame["scope"], strict=True):
            yield Cell(
                str(text) or say_code("scope", scope, of.language), None, "plain", Origin(source, int(row), column)
            )
    elif pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        for row, value in zip(frame.index, values.astype(float), strict=True):
            known = math.isfinite(value)
            yield Cell(shown_as(value, kind), value if known else None, "plain", Origin(source, int(row), column))
    elif kind in {
        "count",
        "share",
        "minutes",
        "metres",
        "number",
        "ratio",
        "score",
        "points",
    }:  # a column without any value
        for row, value in zip(frame.index, pd.to_numeric(values, errors="coerce").astype(float), strict=True):
            known = math.isfinite(value)
            yield Cell(shown_as(value, kind), value if known else None, "plain", Origin(source, int(row), column))
    else:
        texts = labelled(frame[[column]].reset_index(drop=True), of.language).iloc[:, 0].fillna("").astype(str)
        if kind == "first":  # of a list in a sentence
            texts = texts.str.split(say("report.parts", of.language)).str[0]
        for row, text, code in zip(frame.index, texts, values, strict=True):
            tone = tone_of(str(code)) if column == "verdict" else "plain"
            yield Cell(text or UNKNOWN, None, tone, Origin(source, int(row), column))


def tone_of(verdict: str) -> Tone:
    """Return how a verdict is coloured."""
    tones: dict[str, Tone] = {"met": "met", "unmet": "unmet", "no_data": "no_data"}
    return tones.get(verdict, "plain")


def _kind(one: Of, column: str) -> str:
    return one.shown or COLUMNS[column_entry(column)[0]].kind


def _align(kind: str, column: str) -> Align:
    if column == "verdict":
        return "centre"
    return "left" if kind in {"text", "unit", "first", "services"} else "right"


def _head(of: Material, one: Of, column: str) -> str:
    return of.say(f"head.{one.head}") if one.head else COLUMNS[column_entry(column)[0]].display(of.language)
