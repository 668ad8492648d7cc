"""Verdicts on clauses on a terminal: by service system, what fails first, as much as one can read; the rest is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Language
from livingcircle.render.check_terminal import folded
from livingcircle.render.clauses import IN_WORDS, WALKS
from livingcircle.render.words import say, say_code

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]
MOST_ROWS = 8
"""Clauses listed of one system."""
MOST_DISPUTES = 3
WIDEST = 120
STYLES = {"met": "green", "unmet": "bold red", "no_data": "yellow", "not_applicable": "dim"}
_ORDER = {"unmet": 0, "met": 1, "no_data": 2, "not_applicable": 3}
_NOT_BINDING = "○"
_TOLD_BY_ITS_UNIT = WALKS | IN_WORDS | {"count", "count_total", "one_per_unit", "facility_list", "beds", "classes"}
"""Metrics that need no name beside the unit of what is asked; floor and land do, both in m²."""


def print_clauses(figures: Mapping[str, Any], language: Language, console: Console) -> None:
    """Print the verdicts on the whole study, grouped by service system; nothing for a standard without judged clauses.

    Within a system come unmet mandatory clauses, other unmet ones, met ones, those without data; clauses that do not apply and those that
    people have to answer are counted only.
    """
    rows: Sequence[Row] = figures["rule_verdicts"]
    if not rows:
        return
    units = {row["rule_id"]: (row["units_unmet"], row["units_met"] + row["units_unmet"]) for row in figures["rules"]}
    systems: dict[str, list[Row]] = {}
    for row in rows:
        systems.setdefault(row["system"][language] or say("rules.system_other", language), []).append(row)
    widths = _widths(min(console.width, WIDEST))
    console.print(Text(say("rules.title", language), style="bold"))
    console.print(_table([[Text(say(f"rules.{name}", language), style="bold") for name in widths]], widths, ruled=True))
    for system, held in systems.items():
        listed = sorted((row for row in held if _is_listed(row)), key=_urgency)[:MOST_ROWS]
        console.print(Text(system, style="bold underline"))
        if listed:
            cells = [_cells(row, units.get(row["rule_id"], (0, 0)), language) for row in listed]
            console.print(_table(cells, widths))
        shown = {row["rule_id"] for row in listed}
        rest = Counter(row["verdict"] for row in held if row["rule_id"] not in shown)
        if rest:
            parts = say("rules.between", language).join(
                say("rules.part", language, verdict=say_code("verdict", verdict, language), count=rest[verdict])
                for verdict in _ORDER
                if rest[verdict]
            )
            console.print(Text(f"  {say('rules.rest', language, count=rest.total(), parts=parts)}"), style="dim")
    console.print()
    for text, style in _remarks(figures, rows, language):
        console.print(Text(text), style=style, soft_wrap=True)


def _widths(width: int) -> Mapping[str, int]:
    """Divide the width of a console among the columns, one blank between two."""
    verdict, short = 11, 13
    rest = width - verdict - short - 4
    asked, found = rest * 29 // 100, rest * 27 // 100
    return {"rule": rest - asked - found, "asked": asked, "found": found, "verdict": verdict, "short": short}


def _table(rows: Iterable[Iterable[Text]], widths: Mapping[str, int], *, ruled: bool = False) -> Table:
    """Return rows as a table; every table has the same columns, so that they stand under each other."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        table.add_column(width=width, justify="right" if name == "short" else "left")
    for cells in rows:
        table.add_row(*(_folded(cell, width) for cell, width in zip(cells, widths.values(), strict=True)))
    if ruled:
        table.add_row(*(Text("─" * width, style="dim") for width in widths.values()))
    return table


def _folded(cell: Text, width: int) -> Text:
    """Break a cell into lines as people read them, each part in its style."""
    whole = Text(style=cell.style)
    for number, line in enumerate(_parted(cell, width).split("\n")):
        style = line.spans[0].style if line.spans else ""
        whole.append("\n" * bool(number)).append("\n".join(folded(line.plain, width)), style=style)
    return whole


def _parted(cell: Text, width: int) -> Text:
    """Put what stands in brackets on a line of its own where a line would have to be broken anyway."""
    bracket = cell.plain.find("（")
    if cell_len(cell.plain) <= width or bracket <= 0 or "\n" in cell.plain:
        return cell
    return cell[:bracket].append("\n").append(cell[bracket:])


def _is_listed(row: Row) -> bool:
    asked_of_people = row["verdict"] == "no_data" and "ask:" in row["reason_code"]
    return row["verdict"] != "not_applicable" and not asked_of_people


def _urgency(row: Row) -> tuple[int, bool]:
    return _ORDER[row["verdict"]], row["binding"] != "mandatory"


def _cells(row: Row, units: tuple[int, int], language: Language) -> Iterable[Text]:
    marks = row["mark"] + _NOT_BINDING * (row["binding"] != "mandatory") + "‡" * bool(row["dispute_id"])
    subject, _, measured = row["requirement"][language].partition("：" if language == "zh" else ": ")
    asked = row["asked"][language] if row["metric"] in _TOLD_BY_ITS_UNIT else measured
    name = Text(f"{subject}{marks}")
    clause = f"{row['document']} {row['clause']}"
    name.append(f"\n{clause}", style="dim")
    verdict = Text().append(say_code("verdict", row["verdict"], language), style=STYLES[row["verdict"]])
    if "excess" in row["reason_code"].split(";"):
        verdict.append("\n" + say("rules.exceeds", language), style=STYLES[row["verdict"]])
    unmet, judged = units
    if unmet:
        verdict.append("\n" + say("rules.units", language, unmet=unmet, all=judged), style="dim")
    found = Text(row["found"][language])
    if row["verdict"] == "no_data":
        found = Text(row["why"][language], style="yellow")
    yield from (name, Text(asked), found, verdict, Text(row["short"][language]))


def _remarks(figures: Mapping[str, Any], rows: Sequence[Row], language: Language) -> Iterable[tuple[str, str]]:
    number = figures["rule_counts"]
    counted = {name: number[name] for name in ("all", "met", "unmet", "no_data", "not_applicable")}
    yield say("rules.counts", language, binding=number["unmet_mandatory"], **counted), "bold"
    if number["unverified"]:
        yield say("rules.unverified", language), "yellow"
    yield say("rules.units_note", language), "dim"
    if any(row["binding"] != "mandatory" for row in rows):
        yield say("rules.advisory", language), "dim"
    touched = [dispute for dispute in figures["disputes"] if dispute["rules_touched"]]
    for dispute in touched[:MOST_DISPUTES]:
        topic, treatment = dispute["topic"][language], dispute["treatment"][language]
        yield say("rules.disputed", language, topic=topic, treatment=treatment), "dim"
        yield f"  {dispute['readings'][language]}", "dim"
    if len(touched) > MOST_DISPUTES:
        yield say("rules.disputes_more", language, count=len(touched) - MOST_DISPUTES), "dim"
    to_ask = sum(row["verdict"] == "no_data" and "ask:" in row["reason_code"] for row in rows)
    if to_ask:
        yield say("rules.to_ask", language, count=to_ask), "yellow"
