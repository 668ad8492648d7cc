"""Figures in words on a terminal: the same summary that `--json` prints, as a person reads it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Fault, Language
from livingcircle.model.completeness import POOR
from livingcircle.render.access_terminal import access_lines
from livingcircle.render.check_terminal import folded, print_check
from livingcircle.render.clauses_terminal import print_clauses
from livingcircle.render.comparison_terminal import print_comparison
from livingcircle.render.plans_terminal import print_plans
from livingcircle.render.scenario_terminal import print_scenarios
from livingcircle.render.words import (
    in_one_language,
    say,
    say_code,
    shown_bounds,
    shown_count,
    shown_limit,
    shown_share,
)

if TYPE_CHECKING:
    from rich.console import Console

GAPS_SHOWN = 10
"""Rows of the gap list on the terminal."""
REQUIREMENTS_SHOWN = 20
"""Rows of the table of verdicts on the terminal; of more, the gravest are listed and the others counted."""
NAMES_AT_LEAST = 16
"""Cells that names of services keep: eight Chinese characters."""
WIDE_ENOUGH_FOR_CLAUSES = 120
WIDTH_OF_BANDS = 50
WIDE_ENOUGH_FOR_INTERVALS = 130
"""Narrower terminals show the interval at the limit of the rule only."""
_URGENCY = ("unmet", "no_data", "met", "not_applicable")
VERDICT_STYLES = {"met": "green", "unmet": "bold red", "no_data": "yellow", "not_applicable": "dim"}


class Terminal:
    """A console that says figures in one language; names of places are never read as markup."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language: Language = language

    def show(self, figures: Mapping[str, Any], *parts: str) -> None:
        """Print the parts asked for, in that order: check, coverage, clauses, areas, plans, warnings, files, about."""
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
        walker = {name: figures["walker"][name][self._language] for name in ("name", "assumptions")}
        self._print(self._say("terminal.walker", **walker), style="dim")

    def _coverage(self, figures: Mapping[str, Any]) -> None:
        shares = {
            (row["service_id"], row["limit_minutes"]): row for row in figures["coverage"] if row["scope"] == "study"
        }
        intervals = {
            (row["service_id"], row["limit_minutes"]): row for row in figures["intervals"] if row["scope"] == "study"
        }
        banded = not intervals and any(row["residents_share_one_gate"] is not None for row in shares.values())
        asked = [verdict for verdict in figures["verdicts"] if verdict["scope"] == "study"]
        listed = asked if len(asked) <= REQUIREMENTS_SHOWN else sorted(asked, key=_gravity)[:REQUIREMENTS_SHOWN]
        if listed:  # a standard may ask for no walks at all
            self._console.print(self._requirements(listed, shares, intervals, figures["shown_limits"], banded=banded))
        rest = Counter(verdict["verdict"] for verdict in asked) - Counter(verdict["verdict"] for verdict in listed)
        if rest:
            parts = self._say("rules.between").join(
                self._say("rules.part", verdict=say_code("verdict", verdict, self._language), count=count)
                for verdict, count in rest.items()
            )
            self._print(self._say("terminal.more_requirements", count=rest.total(), parts=parts))
        if banded:
            self._print(self._say("terminal.one_gate"))
        if intervals:
            self._intervals(figures)
        if any(verdict["met_if_uncertain_covered"] for verdict in figures["verdicts"] if verdict["scope"] == "study"):
            self._print(self._say("terminal.uncertain"), style="yellow")
        if any(verdict["verdict_certain"] is False for verdict in asked):
            self._print(self._say("terminal.verdict_moves"), style="yellow")
        if any(not verdict["verified"] for verdict in figures["verdicts"]):
            self._print(self._say("terminal.unverified"), style="yellow")
        for row in figures["network_completeness"][:1]:
            self._print(row["says"][self._language], style="yellow" if row["network_grade"] in POOR else "dim")
        note = figures["standard"]["note"][self._language]
        if note:
            self._print(note, style="dim")

    def _requirements(
        self,
        listed: Sequence[Mapping[str, Any]],
        shares: Mapping[tuple[str, float], Mapping[str, Any]],
        intervals: Mapping[tuple[str, float], Mapping[str, Any]],
        limits: Sequence[float],
        *,
        banded: bool,
    ) -> Table:
        """Return verdicts as a table, with as many of the `limits` all services share, in minutes, as leave room for names."""
        width = self._console.width
        in_cells = bool(intervals) and width >= WIDE_ENOUGH_FOR_INTERVALS
        beside = bool(intervals) and not in_cells
        with_clauses = width >= WIDE_ENOUGH_FOR_CLAUSES + (banded or in_cells) * WIDTH_OF_BANDS

        def with_limits(limits: Sequence[float], *, tight: bool) -> Table:
            table = self._table(self._say("terminal.coverage"))
            if tight or ((banded or intervals) and width < WIDE_ENOUGH_FOR_CLAUSES):
                # Ranges are long; names of services need what gaps and edges give.
                table.padding, table.show_edge = (0, 1, 0, 0), False
            names = [verdict["service"][self._language] + "*" * (not verdict["verified"]) for verdict in listed]
            needed = min(NAMES_AT_LEAST, max(map(cell_len, names)))
            table.add_column(self._say("terminal.service"), min_width=needed, overflow="fold")
            for limit in limits:
                table.add_column(shown_limit(limit, None, self._language), justify="right", no_wrap=True)
            elsewhere = any(row["limit_metres"] is not None or row["limit_minutes"] not in limits for row in listed)
            if elsewhere:
                table.add_column(self._say("terminal.own_limit"), justify="right", no_wrap=True)
            table.add_column(self._say("terminal.rule"), justify="right", no_wrap=True)
            if beside:
                table.add_column(self._say("terminal.interval"), justify="right", no_wrap=True)
            table.add_column(self._say("terminal.verdict"), no_wrap=True)
            if not beside:  # names of services need the room
                table.add_column(self._say("terminal.short"), justify="right", no_wrap=True)
            if with_clauses:
                table.add_column(self._say("terminal.clause"))
            for name, verdict in zip(names, listed, strict=True):
                keys = [(verdict["service_id"], limit) for limit in limits]
                rule = (verdict["service_id"], verdict["limit_minutes"])
                said = say_code("verdict", verdict["verdict"], self._language) + "※" * verdict["unmet_with_one_gate"]
                said += "†" * verdict["met_if_uncertain_covered"] + "≈" * (verdict["verdict_certain"] is False)
                share = f"{100 * verdict['minimum_share']:.4g} %"
                table.add_row(
                    name,
                    *(self._share_of(shares[key], intervals.get(key) if in_cells else None) for key in keys),
                    *([self._share_of(shares[rule], None)] if elsewhere else []),
                    self._say("terminal.rule_of", limit=self._limit(verdict), share=share),
                    *([_bounds(intervals.get(rule))] if beside else []),
                    Text(said, style=VERDICT_STYLES[verdict["verdict"]]),
                    *([] if beside else [_count(verdict["residents_short"])]),
                    *([f"{verdict['document']} {verdict['clause']}"] if with_clauses else []),
                )
            for column in table.columns[1 : None if not with_clauses else -1]:
                column.min_width = max(cell_len(str(cell)) for cell in (column.header, *column.cells))
            return table

        unbound = self._console.options.update(max_width=10 * width)
        for count, tight in product(range(len(limits), 0, -1), (False, True)):
            table = with_limits(limits[:count], tight=tight)
            if table.__rich_measure__(self._console, unbound).minimum <= width:
                return table
        return with_limits((), tight=True)

    def _intervals(self, figures: Mapping[str, Any]) -> None:
        """Say what was moved, and what moves the widest of the intervals."""
        self._print(self._say("interval.note", moved=figures["interval_ranges"][self._language]), style="dim")
        drivers = figures["interval_drivers"]
        if not drivers:
            return
        widest = max(drivers, key=lambda row: row["driver_points"])
        named = [
            self._say(
                "interval.driver",
                parameter=row["driver_name"][self._language],
                points=self._say("interval.points", points=row["driver_points"]),
            )
            for row in drivers
            if (row["service_id"], row["limit_minutes"]) == (widest["service_id"], widest["limit_minutes"])
        ]
        service, limit = widest["service"][self._language], self._limit(widest)
        listed = self._say("interval.between").join(named)
        self._print(self._say("interval.drivers", service=service, limit=limit, drivers=listed), style="dim")

    def _share_of(self, row: Mapping[str, Any], interval: Mapping[str, Any] | None) -> str:
        if interval is not None and interval["interval_low"] is not None:
            low, high = shown_bounds(interval["interval_low"], interval["interval_high"])
            return self._say("interval.share", share=_share(row["residents_share"]), low=low, high=high)
        share, lowest = _share(row["residents_share"]), row["residents_share_one_gate"]
        if lowest is None or _share(lowest) == share:
            return share
        return self._say("terminal.lowest_share", share=share, lowest=_share(lowest).removesuffix(" %"))

    def _access(self, figures: Mapping[str, Any]) -> None:
        for text, style in access_lines(figures, self._language):
            self._print(text, style=style)

    def _compared(self, figures: Mapping[str, Any]) -> None:
        print_comparison(figures, self._language, self._console)

    def _scenarios(self, figures: Mapping[str, Any]) -> None:
        print_scenarios(figures, self._language, self._console)

    def _clauses(self, figures: Mapping[str, Any]) -> None:
        print_clauses(figures, self._language, self._console)

    def _checklist(self, figures: Mapping[str, Any]) -> None:
        written = figures["checklist"]
        self._print(self._say("checklist.done", questions=written["questions"], rows=written["rows"]))
        self._print(f"  {written['file']}")
        if written["answered"]:
            self._print(self._say("checklist.answered", answered=written["answered"]))
        self._print(self._say("checklist.next", file=Path(written["file"]).name), style="dim")

    def _gap_list(self, figures: Mapping[str, Any]) -> None:
        """Print the causes of each requirement, then the gravest rows of the list of problems."""
        language, between = self._language, self._say("gap.between")
        self._print(self._say("terminal.cause_totals"))
        for _, rows in groupby(figures["gap_causes"], key=lambda row: row["requirement_id"]):
            listed = list(rows)
            causes = between.join(
                self._say(
                    "gap.cause_share",
                    cause=say_code("cause", row["cause"], language),
                    share="—" if row["cause_share"] is None else shown_share(row["cause_share"]),
                )
                for row in listed
            )
            service, limit = listed[0]["service"][language], self._limit(listed[0])
            self._print(self._say("terminal.cause_row", service=service, limit=limit, causes=causes))
        places = figures["gap_list"]
        self._print(self._say("terminal.gap_list" if places else "terminal.gap_none"), style="bold")
        for row in places[:GAPS_SHOWN]:
            name, residents = row["gap_name"][language], shown_count(row["residents"])
            line = self._say(
                "terminal.gap_row", rank=row["place_rank"], id=row["gap_id"], name=name, residents=residents
            )
            self._print(line)
            self._print(self._say("terminal.gap_services", services=row["lacking"][language]))
            self._print(self._say("terminal.gap_causes", causes=row["causes"][language]))
            self._print(self._say("terminal.gap_remedy", remedy=row["remedy"][language]))
        if len(places) > GAPS_SHOWN:
            self._print(self._say("terminal.gap_more", count=len(places) - GAPS_SHOWN), style="dim")

    def _areas(self, figures: Mapping[str, Any]) -> None:
        areas = {(row["service_id"], row["limit_minutes"]): row for row in figures["isochrones"]}
        limits = sorted({limit for _, limit in areas})
        table = self._table(self._say("terminal.areas"))
        table.add_column(self._say("terminal.service"))
        for limit in limits:
            table.add_column(shown_limit(limit, None, self._language), justify="right")
        for service in dict.fromkeys(service for service, _ in areas):
            rows = [areas[service, limit] for limit in limits]
            table.add_row(
                rows[0]["service"][self._language],
                *("—" if row["area_km2"] is None else f"{row['area_km2']:.2f}" for row in rows),
            )
        self._console.print(table)
        for gap in figures["gaps"]:
            service, limit = gap["service"][self._language], self._limit(gap)
            areas, residents = gap["gap_areas"], shown_count(gap["residents"])
            self._print(self._say("terminal.gaps", service=service, limit=limit, areas=areas, residents=residents))

    def _plans(self, figures: Mapping[str, Any]) -> None:
        if not figures["plans"]:
            self._print(self._say("terminal.no_plans"))
        print_plans(figures["plans"], self._language, self._console)

    def _warnings(self, figures: Mapping[str, Any]) -> None:
        if figures["warnings"]:
            self._print(self._say("terminal.warnings"), style="bold yellow")
        for warning in figures["warnings"]:
            self._print(f"  · {warning['sentence'][self._language]}")
        for credit in figures.get("attribution", ()):
            self._print(f"  {in_one_language(credit, self._language)}", style="dim")

    def _check(self, figures: Mapping[str, Any]) -> None:
        def write(text: str, style: str) -> None:
            lines = [text]
            if self._console.is_terminal:  # a person reads lines that stay indented; a pipe gets whole ones
                indent = text[: len(text) - len(text.lstrip())]
                lines = [indent + line for line in folded(text.strip(), self._console.width - len(indent))]
            for line in lines:
                self._print(line, style=style)

        print_check(figures, self._language, write)

    def _route(self, figures: Mapping[str, Any]) -> None:
        home, service = figures["home_id"], figures["service"][self._language]
        if figures["facility_name"] is None:
            self._print(self._say("route.no_title", home=home, service=service), style="bold")
        else:
            title = "route.title" if figures["facility_name"] else "route.untitled"
            said = self._say(title, home=home, service=service, facility=figures["facility_name"])
            which = self._say("route.named" if figures["asked_for"] else "route.nearest")
            self._print(f"{said}（{which}）" if self._language == "zh" else f"{said} ({which})", style="bold")
        if figures["reason"]:
            self._print(self._say(f"route.{figures['reason']}"), style="yellow")
        else:
            walker, metres = figures["walker"], shown_count(figures["metres"])
            minutes, straight = _minutes_up(figures["seconds"]), shown_count(figures["straight_metres"])
            name, speed = walker["name"][self._language], walker["speed_metres_per_second"]
            self._print(self._say("route.total", metres=metres, minutes=minutes, walker=name, speed=speed))
            ratio = figures["detour_ratio"]
            detour = "route.no_detour" if ratio is None else "route.detour"
            self._print(self._say(detour, straight=straight, ratio="" if ratio is None else f"{ratio:.2f}"))
        for rule in figures["requirements"]:
            if not figures["asked_for"]:
                self._route_requirement(rule, figures["seconds"])
        if figures["steps"]:
            self._route_steps(figures["steps"])
            self._route_parts(figures)
        self._print(figures["walker"]["assumptions"][self._language], style="dim")
        for note in figures["gates"]:
            self._print(note[self._language], style="dim")
        for credit in figures["attribution"]:
            self._print(f"  {in_one_language(credit, self._language)}", style="dim")

    def _route_requirement(self, rule: Mapping[str, Any], seconds: float | None) -> None:
        far = "unreached" if seconds is None else "uncovered"
        key = "no_data" if rule["covered"] is None else "covered" if rule["covered"] else far
        beyond = "" if seconds is None else _minutes_up(seconds - 60 * rule["limit_minutes"])
        limit, document, clause = self._limit(rule), rule["document"], rule["clause"]
        said = self._say(f"route.{key}", limit=limit, beyond=beyond, document=document, clause=clause)
        self._print(said, style={True: "green", False: "bold red", None: "yellow"}[rule["covered"]])

    def _route_steps(self, steps: Iterable[Mapping[str, Any]]) -> None:
        table = self._table("")
        table.add_column(self._say("route.step"))
        table.add_column(self._say("route.step_metres"), justify="right")
        table.add_column(self._say("route.step_minutes"), justify="right")
        for step in steps:
            if step["seconds"] or step["metres"]:
                text, minutes = Text(step["text"][self._language]), f"{step['seconds'] / 60:.1f}"
                table.add_row(text, shown_count(step["metres"]), minutes)
        self._console.print(table)

    def _route_parts(self, figures: Mapping[str, Any]) -> None:
        self._print(self._say("route.parts"), style="bold")
        kinds = [self._say(f"route.wait.{wait['crossing']}", times=wait["times"]) for wait in figures["waits"]]
        waits = self._say("route.waits", kinds=self._say("route.between").join(kinds)) if kinds else ""
        for part, seconds in figures["parts"].items():
            name = part.removesuffix("_seconds")
            if seconds or name == "level":
                said = self._say(f"route.part.{name}") + (waits if name == "crossing" else "")
                sign = "+" if name in ("slope", "stairs", "crossing") and seconds > 0 else ""
                self._print(f"  {said}  {sign}{seconds / 60:.1f}")

    def _files(self, figures: Mapping[str, Any]) -> None:
        self._print(self._say("terminal.files"), style="bold")
        for name, path in figures["files"].items():
            self._print(f"  {self._say(f'terminal.file.{name}')}: {path}")

    def _written(self, figures: Mapping[str, Any]) -> None:
        for name, path in figures["written"].items():
            self._print(f"{self._say(f'terminal.file.{name}')}: {path}")

    def _fixed(self, figures: Mapping[str, Any]) -> None:
        fixed = figures["fixed"]
        self._print("")
        self._print(self._say("fix.title" if fixed["copies"] else "fix.nothing"), style="bold")
        between = "；" if self._language == "zh" else "; "
        for copy in fixed["copies"]:
            changes = between.join(f"{self._say(f'fix.{reason}')} {count}" for reason, count in copy["changes"].items())
            self._print(f"  {copy['copy']}  {changes}")
        if any("datum" in copy["changes"] for copy in fixed["copies"]):
            self._print(f"  {self._say('fix.drop_datum')}", style="yellow")
        if fixed["log"]:
            self._print(f"  {self._say('fix.log', log=fixed['log'])}")

    def _new(self, figures: Mapping[str, Any]) -> None:
        for name, path in figures["new"].items():
            self._print(f"{path}  {self._say(f'new.{name}')}")
        study = figures["new"].get("qinghe.yaml")
        said = self._say("new.next") if study is None else self._say("new.next_sample", study=study)
        self._print(said, style="dim")

    def _about(self, facts: Mapping[str, Any]) -> None:
        for name, fact in facts.items():
            said = ", ".join(f"{key} {value}" for key, value in fact.items()) if isinstance(fact, Mapping) else fact
            said = ", ".join(said) if isinstance(said, list | tuple) else str(said)
            self._print(f"{self._say(f'terminal.about.{name}')}: {said}")

    def _limit(self, row: Mapping[str, Any]) -> str:
        return shown_limit(row["limit_minutes"], row["limit_metres"], self._language)

    def _say(self, key: str, **values: str | float) -> str:
        return say(key, self._language, **values)

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(Text(text), style=style or "", soft_wrap=True)

    def _table(self, title: str) -> Table:
        return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def _minutes_up(seconds: float) -> str:
    """Write minutes with one decimal, never fewer than there are: what is beyond a limit must not read as the limit."""
    return f"{math.ceil(seconds / 6 - 1e-9) / 10:.1f}"


def _gravity(verdict: Mapping[str, Any]) -> tuple[int, float]:
    """Put the unmet first, those most people are short of before others; then what is unknown, then the met."""
    return _URGENCY.index(verdict["verdict"]), -(verdict["residents_short"] or 0.0)


def _bounds(interval: Mapping[str, Any] | None) -> str:
    if interval is None or interval["interval_low"] is None:
        return "—"
    return "–".join(shown_bounds(interval["interval_low"], interval["interval_high"]))


def _share(value: float | None) -> str:
    return "—" if value is None else shown_share(value)


def _count(value: float | None) -> str:
    return "—" if value is None else shown_count(value)
