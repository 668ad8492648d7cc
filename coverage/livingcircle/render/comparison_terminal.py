"""Two studies beside each other on a terminal: what moved most, and through which input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Language
from livingcircle.render.words import say, say_code, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 20


def print_comparison(figures: Mapping[str, Any], language: Language, console: Console) -> None:
    """Print the requirements whose share over the whole study moved, the most first, then places and verdicts that changed, in numbers."""
    found = figures["compared"]
    titles = {side: found[side]["title"][language] or found[side]["id"] for side in ("before", "after")}
    console.print(Text(say("compare.title", language, **titles), style="bold"))
    factors = [_factor(name, language) for name in found["factors"]]
    said = say("compare.between", language).join(factors) or say("compare.same", language)
    console.print(Text(say("compare.factors", language, factors=said, runs=found["runs"])), soft_wrap=True)
    rows = [row for row in found["figures"] if row["figure"] == "requirement" and row["scope"] == "study"]
    moved = sorted((row for row in rows if row["value_change"]), key=lambda row: -abs(row["value_change"]))
    if moved:
        console.print(_table(moved[:MOST_ROWS], found["factors"], language))
    if len(moved) > MOST_ROWS:
        console.print(Text(say("compare.more", language, count=len(moved) - MOST_ROWS), style="dim"))
    kinds = Counter(row["place_change"] for row in found["facilities"])
    if kinds:
        parts = [f"{say_code('place_change', kind, language)} {count}" for kind, count in sorted(kinds.items())]
        console.print(Text(say("compare.facilities", language, parts=say("compare.between", language).join(parts))))
    whole = next(row for row in found["homes"] if row["district_id"] == "")
    told = {
        name: shown_count(whole[name]) for name in ("homes_new", "homes_gone", "residents_before", "residents_after")
    }
    console.print(Text(say("compare.homes", language, **told)), soft_wrap=True)
    turned = Counter(
        (row["verdict_before"], row["verdict_after"])
        for row in found["figures"]
        if row["figure"] == "clause" and row["verdict_before"] != row["verdict_after"]
    )
    for (first, last), count in turned.most_common():
        verdicts = [
            say_code("verdict", one, language) if one else say("compare.absent", language) for one in (first, last)
        ]
        told = {"before": verdicts[0], "after": verdicts[1], "count": str(count)}
        console.print(Text(say("compare.turned", language, **told)))


def _table(rows: list[Mapping[str, Any]], factors: list[str], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("terminal.service", language), overflow="fold")
    table.add_column(say("terminal.rule", language), no_wrap=True, justify="right")
    for name in ("before", "after", "change"):
        table.add_column(say(f"compare.{name}", language), justify="right")
    for name in factors:
        table.add_column(_factor(name, language), justify="right")
    table.add_column(say("terminal.verdict", language))
    for row in rows:
        first, last = (say_code("verdict", row[f"verdict_{side}"], language) for side in ("before", "after"))
        table.add_row(
            row["service"][language],
            shown_limit(row["limit_minutes"], row["limit_metres"], language),
            shown_share(row["value_before"]),
            shown_share(row["value_after"]),
            *(_points(row[name]) for name in ("value_change", *(f"change_by_{factor}" for factor in factors))),
            last if first == last else f"{first} → {last}",
        )
    return table


def _factor(name: str, language: Language) -> str:
    return say(f"factor.{name}", language)


def _points(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:+.1f}".replace("-", "−")
