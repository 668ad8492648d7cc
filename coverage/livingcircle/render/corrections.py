"""The list of corrections: every change of every copy in one CSV, with headers and reasons in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from livingcircle.render.sheets import like_formula
from livingcircle.render.words import LANGUAGES, say

LONGEST_CELL = 500


class Change(Protocol):
    """What is told of one change."""

    @property
    def row(self) -> int | None:
        """Row of the original, None for all."""

    @property
    def column(self) -> str:
        """Its column."""

    @property
    def before(self) -> str:
        """What was there."""

    @property
    def after(self) -> str:
        """What is there now."""

    @property
    def reason(self) -> str:
        """Which kind of correction it is."""


def write_corrections(path: Path, changes: Iterable[tuple[str, str, Change]]) -> None:
    """Write file, copy and change, one to a line; UTF-8 with its mark, and an apostrophe before what a spreadsheet would compute."""
    columns = ("file", "copy", "row", "column", "before", "after", "reason")
    words = {}
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            " / ".join(say(f"fix.column.{column}", language) for language in LANGUAGES) for column in columns
        )
        for file, copy, change in changes:
            if change.reason not in words:
                words[change.reason] = " / ".join(say(f"fix.{change.reason}", language) for language in LANGUAGES)
            row = "" if change.row is None else str(change.row)
            texts = (file, copy, row, change.column, change.before, change.after, words[change.reason])
            writer.writerow(f"'{text}"[:LONGEST_CELL] if like_formula(text) else text[:LONGEST_CELL] for text in texts)
