"""A check on a terminal: file by file, what was understood and what was found, alike findings told together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from livingcircle.faults import Language
from livingcircle.render.words import WORDS, say, say_code, shown_count

Print = Callable[[str, str], None]
"""Prints one line in a style."""

SIGNS = {"fault": ("✗", "red"), "warning": ("!", "yellow"), "note": ("·", "dim")}
MOST_GROUPS = 20
MOST_PLACES = 6
LONGEST_VALUE = 40
_TOKENS = re.compile(
    r"(?:[≥≤＞＜=] )?[!-~–²※○‡]+(?: %[^\s]?)? *|(?:平方公里|平方米|百户|千人|分钟|.)[，。；：、）”！？]*"
)
"""What stays on one line: a word, a figure with what it is compared by, a unit, a sign with the marks that close after it."""


def folded(text: str, columns: int) -> list[str]:
    """Break a text into lines between words and between Chinese characters, never before a closing sign."""
    lines = [""]
    for token in _TOKENS.findall(text):
        if lines[-1] and cell_len(lines[-1]) + cell_len(token.rstrip()) > columns:
            lines.append("")
        lines[-1] += token
    return [line.rstrip() for line in lines]


def print_check(figures: Mapping[str, Any], language: Language, write: Print) -> None:
    """Print the verdict, then every file; the study as a whole comes last."""
    write(*verdict(figures, language))
    if "counts" in figures:
        places = ("residents", "homes", "facilities")
        numbers = {name: shown_count(figures["counts"][name]) for name in places}
        kilometres = shown_count(figures["counts"]["street_kilometres"])
        write(say("terminal.counts", language, **numbers, kilometres=kilometres), "")
    for file in figures["files"]:
        write("", "")
        counted = [(part, len(file[part])) for part in ("faults", "warnings", "notes") if file[part]]
        said = "，" if language == "zh" else ", "
        found = said.join(say(f"check.{part}", language, count=count) for part, count in counted)
        style = "bold red" if file["faults"] else "bold"
        write(f"{file_title(file, language)}  {found or say('check.clean', language)}", style)
        facts = [fact for _, fact in file_facts(file, language)]
        if facts:
            write(f"  {' · '.join(facts)}", "dim")
        if file["columns"]:
            listed = [f"{column} → {said}" for column, said in column_words(file, language)]
            write(
                f"  {say('check.columns', language)}{'；'.join(listed) if language == 'zh' else '; '.join(listed)}",
                "dim",
            )
        for part in ("faults", "warnings", "notes"):
            _print_findings(file[part], language, write)


def verdict(figures: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """Return the verdict on all files, and the style it is printed in."""
    faults, warnings = len(figures["faults"]), len(figures["warnings"])
    if faults:
        return say("check.failed", language, faults=faults, warnings=warnings), "bold red"
    if warnings:
        return say("check.passed_warnings", language, warnings=warnings), "bold yellow"
    return say("check.passed", language), "bold green"


def file_title(file: Mapping[str, Any], language: Language) -> str:
    """Return what a file is used for, and its name."""
    if not file["path"]:
        return say("check.whole", language)
    roles = ("、" if language == "zh" else ", ").join(say_code("role", role, language) for role in file["roles"])
    return f"{roles or say('check.other', language)}  {Path(file['path']).name}"


def column_words(file: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Return what each column was understood to hold, with its unit where it has one."""
    found = []
    for name, column in file["columns"].items():
        unit, said = f"unit.{file['units'].get(column)}", say_code("field", name, language)
        found.append((column, f"{said} [{say(unit, language)}]" if unit in WORDS else said))
    return found


def file_facts(file: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Return what is known of a file, each fact with the key of its name: layer, format, encoding, coordinate system, datum, rows."""
    facts = [
        ("layer", say("check.layer", language, layer=file["layer"]) if file["layer"] else ""),
        ("format", file["format"]),
        ("encoding", file["encoding"]),
        ("crs", file["crs"]),
        ("datum", file["datum"]),
        ("row_count", "" if file["rows"] is None else say("check.rows", language, rows=shown_count(file["rows"]))),
    ]
    return [(name, fact) for name, fact in facts if fact]


def _print_findings(findings: Sequence[Mapping[str, Any]], language: Language, write: Print) -> None:
    groups = list(_alike(findings, language))
    for group in groups[:MOST_GROUPS]:
        sign, style = SIGNS[group[0]["severity"]]
        for line, text in enumerate(_lines(group, language)):
            write(f"  {sign} {text}" if line == 0 else f"    {text}", style if line == 0 else "dim")
    if len(groups) > MOST_GROUPS:
        write(f"    {say('check.more_groups', language, count=len(groups) - MOST_GROUPS)}", "dim")


def _alike(findings: Iterable[Mapping[str, Any]], language: Language) -> Iterator[list[Mapping[str, Any]]]:
    """Put together what has the same words in the same column, in the order of its first row."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for finding in findings:
        key = finding["column"], _general(finding, language), finding["remedy"][language]
        groups.setdefault(key, []).append(finding)
    yield from groups.values()


def _lines(group: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """Return column and problem, then the rows and values it was found at, then the remedy."""
    first, between = group[0], "、" if language == "zh" else ", "
    problem = first["problem"][language] if len(group) == 1 else _general(first, language)
    column = first["column"]
    if column and f"“{column}”" not in problem:
        problem = f"列“{column}”：{problem}" if language == "zh" else f"column “{column}”: {problem}"
    places = between.join(
        place for finding in group[:MOST_PLACES] if (place := _place(finding, language, alone=len(group) == 1))
    )
    if len(group) > MOST_PLACES:
        places += f" … {say('check.more', language, count=len(group))}"
    return [line for line in (problem, places, first["remedy"][language]) if line]


def _general(finding: Mapping[str, Any], language: Language) -> str:
    """Return the problem without the value, which is told with the row."""
    value, problem = finding["value"], str(finding["problem"][language])
    return problem.replace(f"“{value}”", "“…”") if value else problem


def _place(finding: Mapping[str, Any], language: Language, *, alone: bool) -> str:
    row = "" if finding["row"] is None else say("check.at_row", language, row=finding["row"])
    value = finding["value"]
    if not value or (alone and f"“{value}”" in finding["problem"][language]):
        return row
    shown = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return (row + say("check.at_value", language, value=shown)).strip()
