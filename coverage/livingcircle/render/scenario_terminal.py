"""Scenarios beside today: as plain figures, and on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Language
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.study import Study
from livingcircle.render.summary import records
from livingcircle.render.tables.scenarios import (
    scenario_capacity,
    scenario_changes,
    scenario_clauses,
    scenario_coverage,
    scenario_scores,
)
from livingcircle.render.words import say, say_code, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 30


def scenario_figures(today: Study, tried: Sequence[TriedScenario], shown_minutes: tuple[float, ...]) -> dict[str, Any]:
    """Return scenarios as plain values: what changed, and coverage and verdicts beside those of today."""
    return {
        "scenarios": [
            {
                "id": one.id,
                "title": {"zh": one.title.zh, "en": one.title.en},
                "speed_metres_per_second": one.study.walker.speed_metres_per_second,
                "speed_metres_per_second_before": today.walker.speed_metres_per_second,
                "standard": {"zh": one.standard.title.zh, "en": one.standard.title.en},
                "standard_changed": one.standard.id != today.standard.id,
                "services_not_judged": list(one.not_judged),
                "homes_changed": len(one.changed_homes),
                "changes": records(scenario_changes(one)),
                "coverage": records(scenario_coverage(one, shown_minutes)),
                "score": records(scenario_scores(one)),
                "capacity": records(scenario_capacity(one)),
                "clauses_changed": records(scenario_clauses(one)),
            }
            for one in tried
        ]
    }


def print_scenarios(figures: Mapping[str, Any], language: Language, console: Console) -> None:
    """Print what each scenario changes, and the requirements it covers differently over the whole study, the largest change first."""
    for one in figures["scenarios"]:
        title = one["title"][language] or one["title"]["zh"] or one["title"]["en"]
        homes = shown_count(one["homes_changed"])
        console.print(Text(say("scenario.title", language, title=title, homes=homes), style="bold"))
        for remark in _assumptions(one, language):
            console.print(Text(f"  {remark}"), style="dim")
        for change in one["changes"]:
            gained = _signed(change["required_residents_gained"])
            told = {"rank": change["rank"], "change": say_code("change", change["change"], language), "gained": gained}
            homes = shown_count(change["homes_changed"])
            console.print(Text(say("scenario.change", language, homes=homes, **told)), soft_wrap=True)
        rows = [
            row
            for row in one["coverage"]
            if row["scope"] == "study" and row["requirement_id"] and (row["residents_change"] or row["verdict"] != row["verdict_before"])
        ]  # fmt: skip
        if not rows:
            console.print(Text(f"  {say('scenario.nothing', language)}"))
            continue
        rows.sort(key=lambda row: -abs(row["residents_change"]))
        console.print(_table(rows[:MOST_ROWS], language))


def _assumptions(one: Mapping[str, Any], language: Language) -> list[str]:
    speed, before = one["speed_metres_per_second"], one["speed_metres_per_second_before"]
    said = [] if speed == before else [say("scenario.speed", language, speed=speed, before=before)]
    if one["standard_changed"]:
        said.append(say("scenario.standard", language, title=one["standard"][language]))
    if one["services_not_judged"]:
        said.append(say("scenario.not_judged", language, count=len(one["services_not_judged"])))
    return said


def _table(rows: Sequence[Mapping[str, Any]], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("terminal.service", language), overflow="fold")
    table.add_column(say("terminal.rule", language), no_wrap=True, justify="right")
    for name in ("before", "after", "gained"):
        table.add_column(say(f"scenario.{name}", language), no_wrap=True, justify="right")
    table.add_column(say("terminal.verdict", language), no_wrap=True)
    for row in rows:
        before, after = (say_code("verdict", row[name], language) for name in ("verdict_before", "verdict"))
        table.add_row(
            row["service"][language],
            shown_limit(row["limit_minutes"], row["limit_metres"], language),
            *("—" if row[name] is None else shown_share(row[name]) for name in ("share_before", "share_after")),
            _signed(row["residents_change"]),
            after if before == after else f"{before} → {after}",
        )
    return table


def _signed(people: float) -> str:
    return ("+" if people > 0 else "−" if people < 0 else "") + shown_count(abs(people))
