"""A replay on a terminal: whether it is the same, and if not, where, by how much, and what else has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from livingcircle.faults import Language
from livingcircle.render.words import say

if TYPE_CHECKING:
    from rich.console import Console

MOST_COLUMNS = 20
DIGITS = 16
"""Of a digest, as many as tell two files apart at a glance."""


def print_replay(figures: Mapping[str, Any], language: Language, console: Console) -> None:
    """Print the outcome, then files and columns that differ, then versions and standards that do."""
    title = figures["title"][language] or figures["title"]["zh"]
    console.print(Text(say("replay.title", language, title=title, started=figures["started_utc"]), style="bold"))
    files = figures["files"]
    same = [name for name, state in files.items() if state == "identical"]
    strange = {name: state for name, state in files.items() if state in {"differs", "missing"}}
    if strange:
        said = say("replay.differs", language, count=len(strange), all=len(files))
        console.print(Text(said, style="bold red"))
    else:
        key = "replay.identical" if len(same) == len(files) else "replay.reproduced"
        said = say(key, language, count=len(same), other=len(files) - len(same))
        console.print(Text(said, style="bold green"))
    for line in _lines(figures, strange, language):
        console.print(Text(f"  {line}"), soft_wrap=True)


def _lines(figures: Mapping[str, Any], strange: Mapping[str, str], language: Language) -> Iterator[str]:
    yield from _of_files(figures, language)
    told = set()
    for change in figures["columns"][:MOST_COLUMNS]:
        table, rows, before = change["table"], change["rows"], change["rows_before"]
        if rows != before and table not in told:
            told.add(table)
            yield say("replay.rows", language, table=table, rows=rows, before=before)
        where = {"table": table, "column": change["column"], "cells": change["cells"]}
        if change["greatest"] is None:
            yield say("replay.column", language, **where)
        else:
            yield say("replay.greatest", language, **where, greatest=f"{change['greatest']:.6g}")
    if len(figures["columns"]) > MOST_COLUMNS:
        yield say("replay.more", language, count=len(figures["columns"]) - MOST_COLUMNS)
    if figures["altered"]:
        yield say("replay.altered", language, names=", ".join(figures["altered"]))
    none = say("replay.none", language)
    for name, (before, after) in figures["versions"].items():
        yield say("replay.version", language, name=name, before=before or none, after=after or none)
    for name, (before, after) in figures["standards"].items():
        told_of = {"before": before[:DIGITS] or none, "after": after[:DIGITS] or none}
        yield say("replay.standard", language, name=name, **told_of)
    if figures["other_program"]:
        yield say("replay.program", language)
    for reason in ("downloaded", "cut_short"):
        if figures[reason] and strange:
            yield say(f"replay.{reason}", language)
    if figures["folder"]:
        yield say("replay.folder", language, folder=figures["folder"])


def _of_files(figures: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Say which files are not the same to the byte, and which were not compared, and why."""
    for name, state in figures["files"].items():
        if state != "identical":
            yield say(f"replay.file.{state}", language, name=name)
    left_out: dict[str, list[str]] = {}
    for name, why in figures["left_out"].items():
        left_out.setdefault(why, []).append(name)
    for why, names in left_out.items():
        yield say(f"replay.left_out.{why}", language, names=", ".join(names))
