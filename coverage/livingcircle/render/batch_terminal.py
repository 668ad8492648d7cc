"""Batches on a terminal: a line for each study as it ends, then the city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Language
from livingcircle.model.batch import Done
from livingcircle.render.words import say, shown_limit, shown_share

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 40
MOST_FAULTS = 5


def progress_line(done: Done, count: int, total: int, language: Language) -> str:
    """Return what became of one study, and of one that failed, why."""
    kind = "skipped" if done.skipped else done.status
    line = say(f"batch.{kind}", language, count=count, total=total, study=done.study, seconds=done.seconds)
    told = [fault[language] for fault in done.faults[:MOST_FAULTS]]
    if len(done.faults) > MOST_FAULTS:
        told.append(say("batch.more_faults", language, count=len(done.faults) - MOST_FAULTS))
    return "\n".join([line, *(f"    {one}" for one in told)])


def print_batch(figures: Mapping[str, Any], language: Language, console: Console) -> None:
    """Print how many studies are done, what must be known of them, and the coverage of the city, beside that of a few studies."""
    studies = figures["studies"]
    done = [one for one in studies if one["status"] == "done"]
    told = {"done": len(done), "skipped": sum(one["skipped"] for one in done), "failed": len(studies) - len(done)}
    title = figures["title"][language] or figures["title"]["zh"]
    console.print(Text(say("batch.summary", language, title=title, **told), style="bold"))
    for warning in figures["warnings"]:
        console.print(Text(f"! {warning[language]}"), soft_wrap=True)
    if not figures["coverage"]:
        return
    names = [one["study"] for one in done]
    shares = {
        (row["study"], (row["service_id"], row["limit_minutes"], row["limit_metres"])): row["residents_share"]
        for row in figures["coverage"]
    }
    said = {row["service_id"]: row["service"][language] for row in figures["coverage"]}
    limits = list(dict.fromkeys(limit for (_, limit), share in shares.items() if share is not None))
    table = Table(title=say("batch.city", language), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("terminal.service", language), overflow="fold")
    table.add_column(say("terminal.rule", language), justify="right", no_wrap=True)
    shown = names if len(names) <= 6 else []  # more do not fit beside each other; the ranking has them
    for name in (say("batch.whole", language), *shown):
        table.add_column(name, justify="right", no_wrap=True)
    for service, minutes, metres in limits[:MOST_ROWS]:
        cells = [shares.get((name, (service, minutes, metres))) for name in ("", *shown)]
        table.add_row(
            said[service],
            shown_limit(minutes, metres, language),
            *("—" if one is None else shown_share(one) for one in cells),
        )
    console.print(table)
    if len(limits) > MOST_ROWS:
        console.print(Text(say("batch.more_rows", language, count=len(limits) - MOST_ROWS), style="dim"))
    for name, path in figures["files"].items():
        console.print(Text(f"  {say(f'terminal.file.{name}', language)}: {path}"), soft_wrap=True)
