"""Figures in words on a terminal: the same summary that `--json` prints, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Fault, Language
from livingcircle.render.words import say, say_code, shown_count, shown_share

if TYPE_CHECKING:
    from rich.console import Console

WIDE_ENOUGH_FOR_CLAUSES = 120
VERDICT_STYLES = {"met": "green", "unmet": "bold red", "no_data": "yellow", "not_applicable": "dim"}


class Terminal:
    """A console that says figures in one language; names of places are never read as markup."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language: Language = language

    def show(self, figures: Mapping[str, Any], *parts: str) -> None:
        """Print the parts asked for, in that order: check, coverage, areas, plans, warnings, files, about."""
        if "title" in figures:
            self._heading(figures)
        for part in parts:
            getattr(self, f"_{part}")(figures)

    def faults(self, faults: Iterable[Fault]) -> None:
        """Print every fault on a line of its own."""
        listed = list(faults)
        self._print(self._say("terminal.faults", count=len(listed)), style="bold red")
        for fault in listed:
            self._print(f"  {fault.sentence(self._language)}")

    def _heading(self, figures: Mapping[str, Any]) -> None:
        counts, standard = figures["counts"], figures["standard"]
        self._print(figures["title"][self._language], style="bold")
        self._print(
            self._say(
                "terminal.counts",
                residents=shown_count(counts["residents"]),
                homes=shown_count(counts["homes"]),
                facilities=shown_count(counts["facilities"]),
                kilometres=shown_count(counts["street_kilometres"]),
            )
        )
        speed = figures["walker"]["speed_metres_per_second"]
        title = standard["title"][self._language]
        self._print(self._say("terminal.standard", title=title, edition=standard["edition"], speed=speed))

    def _coverage(self, figures: Mapping[str, Any]) -> None:
        shares = {
            (row["service_id"], row["limit_minutes"]): row for row in figures["coverage"] if row["scope"] == "study"
        }
        limits = sorted({limit for _, limit in shares})
        table = self._table(self._say("terminal.coverage"))
        table.add_column(self._say("terminal.service"))
        for limit in limits:
            table.add_column(self._say("terminal.minutes", minutes=f"{limit:g}"), justify="right", no_wrap=True)
        table.add_column(self._say("terminal.rule"), justify="right", no_wrap=True)
        table.add_column(self._say("terminal.verdict"), no_wrap=True)
        table.add_column(self._say("terminal.short"), justify="right", no_wrap=True)
        with_clauses = self._console.width >= WIDE_ENOUGH_FOR_CLAUSES
        if with_clauses:
            table.add_column(self._say("terminal.clause"), no_wrap=True)
        for verdict in figures["verdicts"]:
            if verdict["scope"] != "study":
                continue
            rows = [shares[verdict["service_id"], limit] for limit in limits]
            said = say_code("verdict", verdict["verdict"], self._language)
            minutes, share = f"{verdict['limit_minutes']:g}", f"{100 * verdict['minimum_share']:.4g} %"
            clause = f"{verdict['document']} {verdict['clause']}"
            table.add_row(
                verdict["service"][self._language] + ("" if verdict["verified"] else " *"),
                *(_share(row["residents_share"]) for row in rows),
                self._say("terminal.rule_of", minutes=minutes, share=share),
                Text(said, style=VERDICT_STYLES[verdict["verdict"]]),
                _count(verdict["residents_short"]),
                *([clause] if with_clauses else []),
            )
        self._console.print(table)
        if any(not verdict["verified"] for verdict in figures["verdicts"]):
            self._print(self._say("terminal.unverified"), style="yellow")
        note = figures["standard"]["note"][self._language]
        if note:
            self._print(note, style="dim")

    def _areas(self, figures: Mapping[str, Any]) -> None:
        areas = {(row["service_id"], row["limit_minutes"]): row for row in figures["isochrones"]}
        limits = sorted({limit for _, limit in areas})
        table = self._table(self._say("terminal.areas"))
        table.add_column(self._say("terminal.service"))
        for limit in limits:
            table.add_column(self._say("terminal.minutes", minutes=f"{limit:g}"), justify="right")
        for service in dict.fromkeys(service for service, _ in areas):
            rows = [areas[service, limit] for limit in limits]
            table.add_row(
                rows[0]["service"][self._language],
                *("—" if row["area_km2"] is None else f"{row['area_km2']:.2f}" for row in rows),
            )
        self._console.print(table)
        for gap in figures["gaps"]:
            service, minutes = gap["service"][self._language], f"{gap['limit_minutes']:g}"
            areas, residents = gap["gap_areas"], shown_count(gap["residents"])
            self._print(self._say("terminal.gaps", service=service, minutes=minutes, areas=areas, residents=residents))

    def _plans(self, figures: Mapping[str, Any]) -> None:
        if not figures["plans"]:
            self._print(self._say("terminal.no_plans"))
        for plan in figures["plans"]:
            service, minutes = plan["service"][self._language], f"{plan['limit_minutes']:g}"
            sites = plan["sites"]
            title = self._say("terminal.plan", service=service, minutes=minutes, sites=len(sites))
            if plan["status"] == "nothing_to_gain":
                self._print(title, style="bold")
                self._print(self._say("terminal.plan_nothing"))
                continue
            table = self._table(title)
            table.add_column(self._say("terminal.rank"), justify="right")
            table.add_column(self._say("terminal.site"))
            table.add_column(self._say("terminal.marginal"), justify="right")
            table.add_column(self._say("terminal.cumulative"), justify="right")
            for site in sites:
                table.add_row(
                    str(site["rank"]),
                    Text(str(site["candidate_name"])),
                    _count(site["marginal_residents"]),
                    _count(site["cumulative_residents"]),
                )
            self._console.print(table)
            before, after = _share(plan["share_before"]), _share(plan["share_after"])
            value = shown_count(plan["value"])
            self._print(self._say("terminal.plan_result", before=before, after=after, value=value))
            if plan["share_before"] is None:
                self._print(self._say("terminal.plan_unknown"), style="yellow")
            if plan["sites_chosen"] < plan["sites_asked"]:
                self._print(self._say("terminal.plan_fewer", asked=plan["sites_asked"]))
            gap, bound = f"{plan['gap']:.2%}", shown_count(plan["bound"])
            self._print(self._say(f"terminal.plan_{plan['status']}", gap=gap, bound=bound))

    def _warnings(self, figures: Mapping[str, Any]) -> None:
        if figures["warnings"]:
            self._print(self._say("terminal.warnings"), style="bold yellow")
        for warning in figures["warnings"]:
            self._print(f"  · {warning['sentence'][self._language]}")
        for credit in figures.get("attribution", ()):
            self._print(f"  {credit}", style="dim")

    def _check(self, figures: Mapping[str, Any]) -> None:
        if figures["faults"]:
            self._print(self._say("terminal.faults", count=len(figures["faults"])), style="bold red")
            for fault in figures["faults"]:
                self._print(f"  {fault['sentence'][self._language]}")
        else:
            self._print(self._say("terminal.check_passed"), style="bold green")
        self._warnings(figures)

    def _files(self, figures: Mapping[str, Any]) -> None:
        self._print(self._say("terminal.files"), style="bold")
        for name, path in figures["files"].items():
            self._print(f"  {self._say(f'terminal.file.{name}')}: {path}")

    def _about(self, facts: Mapping[str, Any]) -> None:
        for name, fact in facts.items():
            said = ", ".join(f"{key} {value}" for key, value in fact.items()) if isinstance(fact, Mapping) else fact
            said = ", ".join(said) if isinstance(said, list | tuple) else str(said)
            self._print(f"{self._say(f'terminal.about.{name}')}: {said}")

    def _say(self, key: str, **values: str | float) -> str:
        return say(key, self._language, **values)

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(Text(text), style=style or "", soft_wrap=True)

    def _table(self, title: str) -> Table:
        return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def _share(value: float | None) -> str:
    return "—" if value is None else shown_share(value)


def _count(value: float | None) -> str:
    return "—" if value is None else shown_count(value)
