"""与上年对比: what changed since another study, through which of the inputs, and which places came and went."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingcircle.render.report.document import Block, Cell, Column, Origin, Paragraph, Section, Table
from livingcircle.render.report.material import Material, shown_as
from livingcircle.render.words import say, say_code, shown_count, shown_limit

MOST_FACILITIES = 60
MOST_FIGURES = 80


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
    yield Section(1, of.say("chapter.change"), (Paragraph(intro),))
    yield Section(2, of.say("section.change_figures"), tuple(_figures(of)), wide=True)
    yield Section(2, of.say("section.change_places"), tuple(_places(of)))


def _figures(of: Material) -> Iterator[Block]:
    """Requirements of the whole study, before and after, and the change by what it comes from."""
    change = of.change
    if change is None:
        return
    figures = change.figures
    rows = figures[(figures["figure"] == "requirement") & (figures["scope"] == "study")]
    if not len(rows):
        yield Paragraph(of.say("change.no_figures"))
        return
    columns = (
        Column(of.say("head.service"), 2.0),
        Column(of.say("head.limit"), 0.9, "right"),
        Column(say("compare.before", of.language), 0.9, "right"),
        Column(say("compare.after", of.language), 0.9, "right"),
        Column(say("compare.change", of.language), 1.0, "right"),
        *(Column(of.say("head.by", factor=say(f"factor.{one}", of.language)), 1.0, "right") for one in change.factors),
        Column(of.say("head.order_effect"), 1.0, "right"),
        Column(of.say("head.verdict"), 1.3),
    )
    kinds = {
        "value_before": "share",
        "value_after": "share",
        "value_change": "points",
        **{f"change_by_{one}": "points" for one in change.factors},
        "order_effect": "points",
    }
    body = []
    for row in rows.index[:MOST_FIGURES].tolist():
        one = rows.loc[row]
        numbers = [_cell(one[name], kind, row, name) for name, kind in kinds.items()]
        verdicts = [
            say_code("verdict", str(one[f"verdict_{side}"]), of.language) if one[f"verdict_{side}"] else "—"
            for side in ("before", "after")
        ]
        limit = shown_limit(float(one["limit_minutes"]), float(one["limit_metres"]), of.language)
        told = verdicts[1] if verdicts[0] == verdicts[1] else " → ".join(verdicts)
        body.append((Cell(str(one[of.both("service")])), Cell(limit), *numbers, Cell(told)))
    note = of.say("change.note")
    if len(rows) > MOST_FIGURES:
        note += of.say("change.more", shown=MOST_FIGURES, total=shown_count(len(rows)))
    yield Table("change", of.say("table.change"), columns, tuple(body), "compare_figures", note)


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
