"""What became of a run that was made again from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

FileState = Literal["identical", "same_content", "unproven", "differs", "missing"]
"""What a file of the earlier run is now.

`same_content`: other bytes, as another release of a library writes them, but the same cells or words. `unproven`: other bytes, and
whether it shows the same cannot be told from here. `missing`: the replay made none.
"""
LeftOut = Literal["package", "tiles", "libraries"]
"""Why a file was not compared: it tells of the others only; a replay makes more than a study in tiles has; what writes it is not
installed."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column of a table that differs: in how many cells, and by how much at most where they are numbers (NaN where they are not).

    `rows` and `rows_before` are those of the whole table; where they differ cells are compared as far as both reach. A column that only one
    of the tables has differs in all its cells.
    """

    table: str
    column: str
    cells: int
    greatest: float
    rows_before: int
    rows: int


@dataclass(frozen=True, slots=True)
class Replay:
    """A run made again, beside its record.

    `versions` and `standards` hold what differs, as it was and as it is ("" where there is none). `altered` are files that somebody changed
    after the earlier run; `columns` tells of tables that differ where the earlier ones are still there as they were. `is_downloaded` where
    streets come from the net or layers from a database, `is_cut_short` where a search for sites ended by its time limit: either may differ
    for no other reason. `left_out` are files that were not compared, and why.
    """

    title: Mapping[str, str]
    started_utc: str
    files: Mapping[str, FileState]
    columns: tuple[ColumnChange, ...]
    altered: tuple[str, ...]
    versions: Mapping[str, tuple[str, str]]
    standards: Mapping[str, tuple[str, str]]
    is_other_program: bool
    is_downloaded: bool
    is_cut_short: bool
    folder: Path | None
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)

    @property
    def is_identical(self) -> bool:
        """Whether no file that was compared is another than it was."""
        return not {"differs", "missing"} & set(self.files.values())
