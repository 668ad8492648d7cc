"""与上年对比: what changed since another study, through which of the inputs, and which places came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from livingcircle.render.report.document import Block, Bullets, Cell, Column, Origin, Paragraph, Section, Table
from livingcircle.render.report.material import Material, limit_head, shown_as
from livingcircle.render.words import say, say_code, shown_count, shown_limit

MOST_FACILITIES = 60
MOST_FIGURES = 80
MOST_DISTRICTS = 20
NARROW_FACTORS = 2
"""As many inputs as can be told beside each other on upright paper."""


def chapter(of: Material) -> Iterator[Section]:
    """Yield figures before and after, facilities that came and went, and homes; nothing without another study."""
    change = of.change
    if change is None:
        return
    if not change.factors:
        intro = of.say("change.same", before=change.before.said(of.language))
    else:
        parts = say("compare.between", of.language).join(say(f"factor.{one}", of.language) for one in change.factors)
        intro = of.say("change.intro", before=change.before.said(of.language), factors=parts, runs=change.runs)
    figures = change.figures
    required = figures[figures["figure"] == "requirement"]
    whole = required[required["scope"] == "study"]
    found = tuple(_table(of, "change", whole.index[:MOST_FIGURES].tolist(), len(whole)))
    nothing = (Paragraph(of.say("change.no_figures")),)
    yield Section(1, of.say("chapter.change"), (Paragraph(intro), *_turned(of)))
    wide = len(change.factors) > NARROW_FACTORS
    yield Section(2, of.say("section.change_figures"), found or nothing, wide=wide)
    units = required[(required["scope"] == "district") & (required["value_change"].abs() > 0)]
    if len(units):
        largest = units["value_change"].abs().sort_values(ascending=False, kind="stable").index
        most = tuple(_table(of, "change_districts", largest[:MOST_DISTRICTS].tolist(), len(units)))
        yield Section(2, of.say("section.change_districts"), most, wide=wide)
    yield Section(2, of.say("section.change_places"), tuple(_places(of)))


def _turned(of: Material) -> Iterator[Block]:
    """Say how many clauses have another verdict, of the whole study and of all units."""
    if of.change is None:
        return
    figures = of.change.figures
    clauses = figures[(figures["figure"] == "clause") & (figures["verdict_before"] != figures["verdict_after"])]
    if not len(clauses):
        yield Paragraph(of.say("change.none_turned"))
        return
    counts = Counter(zip(clauses["verdict_before"], clauses["verdict_after"], strict=True))
    said = []
    for verdicts, count in sorted(counts.items()):
        before, after = (
            say_code("verdict", one, of.language) if one else say("compare.absent", of.language) for one in verdicts
        )
        said.append(of.say("change.turned", before=before, after=after, count=shown_count(count)))
    yield Paragraph(of.say("change.turned_intro"))
    yield Bullets(tuple(said))


def _table(of: Material, name: str, rows: Sequence[int], total: int) -> Iterator[Table]:
    """Figures before and after, and the change by what it comes from; `rows` are positions in the figures compared."""
    change = of.change
    if change is None or not rows:
        return
    by_unit = name != "change"
    columns = (
        *([Column(of.column("district_name"), 1.5)] if by_unit else []),
        Column(of.say("head.service"), 1.9),
        Column(limit_head(of, change.figures.loc[list(rows)]), 1.0, "right"),
        Column(say("compare.before", of.language), 1.1, "right"),
        Column(say("compare.after", of.language), 1.0, "right"),
        Column(of.say("head.change"), 1.15, "right"),
        *(Column(of.say("head.by", factor=say(f"factor.{one}", of.language)), 1.1, "right") for one in change.factors),
        Column(of.say("head.order_effect"), 1.0, "right"),
        Column(of.say("head.verdict"), 1.3, "centre"),
    )
    kinds = {
        "value_before": "share",
        "value_after": "share",
        "value_change": "points",
        **{f"change_by_{one}": "points" for one in change.factors},
        "order_effect": "points",
    }
    body = []
    for row, one in zip(rows, change.figures.loc[list(rows)].to_dict("records"), strict=True):
        numbers = [_cell(one[column], kind, row, column) for column, kind in kinds.items()]
        verdicts = [
            say_code("verdict", str(one[f"verdict_{side}"]), of.language) if one[f"verdict_{side}"] else "—"
            for side in ("before", "after")
        ]
        limit = shown_limit(float(one["limit_minutes"]), float(one["limit_metres"]), of.language)
        told = verdicts[1] if verdicts[0] == verdicts[1] else " → ".join(verdicts)
        unit = [Cell(str(one["district_name"]))] if by_unit else []
        body.append((*unit, Cell(str(one[of.both("service")])), Cell(limit), *numbers, Cell(told)))
    note = of.say("change.note")
    if total > len(rows):
        note = " ".join((note, of.say("change.more", shown=len(rows), total=shown_count(total))))
    yield Table(name, of.say(f"table.{name}"), columns, tuple(body), "compare_figures", note)


def _places(of: Material) -> Iterator[Block]:
    change = of.change
    if change is None:
        return
    homes = change.homes
    whole = homes[homes["district_id"] == ""]
    if len(whole):
        row = whole.iloc[0]
        names = ("homes_new", "homes_gone", "residents_before", "residents_after")
        yield Paragraph(
            say("compare.homes", of.language, **{name: shown_count(row[name]) for name in names}) + of.say("stop")
        )
    places = change.facilities
    if not len(places):
        yield Paragraph(of.say("change.no_places"))
        return
    columns = (
        Column(of.say("head.place_change"), 0.7),
        Column(of.say("head.facility"), 2.0),
        Column(of.say("head.services"), 2.0),
        Column(of.say("head.moved"), 0.9, "right"),
    )
    body = tuple(
        (
            Cell(say_code("place_change", str(one["place_change"]), of.language)),
            Cell(str(one["facility_name"])),
            Cell(str(one[of.both("services")])),
            _cell(one["moved_metres"], "metres", row, "moved_metres", "compare_facilities")
            if one["place_change"] == "moved"
            else Cell("—"),
        )
        for row, one in zip(range(MOST_FACILITIES), places.to_dict("records"), strict=False)
    )
    more = len(places) > MOST_FACILITIES
    note = of.say("change.more", shown=MOST_FACILITIES, total=shown_count(len(places))) if more else ""
    yield Table("change_places", of.say("table.change_places"), columns, body, "compare_facilities", note)


def _cell(value: float, kind: str, row: int, column: str, table: str = "compare_figures") -> Cell:
    known = pd.notna(value)
    number = float(value) if known else float("nan")
    return Cell(shown_as(number, kind), number if known else None, origin=Origin(table, row, column))
