"""A run made again from its record: the same inputs, settings and standard, and whether they give the same files, byte by byte.

It is made as of the time of the first one, which maps, workbook and report tell. Of a workbook and a Word file whose bytes differ, as other
releases of the libraries that write them would have it, cells and words are compared.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
from python_calamine import CalamineWorkbook

from livingcircle.cases import report, run
from livingcircle.comparing import change_of, compare
from livingcircle.model.replay import ColumnChange, FileState, LeftOut, Replay
from livingcircle.progress import Stages
from livingcircle.provenance import (
    DOWNLOADED,
    program_sha256,
    queries,
    standard_digests,
    versions,
)
from livingcircle.render.folder import RECORD
from livingcircle.render.package import PACKAGE
from livingcircle.render.report import FILES as REPORT
from livingcircle.render.report import missing_libraries
from livingcircle.run_record import COMPARED_WITH, differing, read_record, recorded_studies

OF_ALL_TABLES = ("csv/about.csv", "csv/dictionary.csv")
"""What describes tables; a study in tiles has fewer of them."""
REPLAYED = "replayed_utc"
"""In the record of a replay: when it was made; `started_utc` is that of the run it repeats."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PRINTED = (".pdf", ".png")
"""Files whose bytes hang on the release of a library, and whose content cannot be read here."""
CUT_SHORT = frozenset({"feasible", "stopped"})
"""What became of searches for sites that ended by the clock or by hand."""


def replay(
    record: Path, inputs: Sequence[Path] = (), folder: Path | None = None, stages: Stages | None = None
) -> Replay:
    """Make a run again from its record and compare what it gives with what it gave.

    Parameters
    ----------
    record
        A run folder, or its `run.json` alone; then it is told which tables differ, but not in which columns.
    inputs
        Folders to look for inputs in, with all that is in them; this folder and that of the record when none is named.
    folder
        Where to leave the new run; nowhere when left out.

    Raises
    ------
    InputError
        When the record cannot be used; with every input that is missing or not what it was, both digests told; and as a run does.
    """
    file = record / RECORD if record.is_dir() else record
    told = read_record(file)
    settings, other = recorded_studies(told, inputs or (Path.cwd(), file.resolve().parent), file)
    left_out = _left_out(told)
    computed = run
    if told["files"].keys() & set(REPORT.values()) - left_out.keys():
        computed = partial(report, change=None if other is None else change_of(compare(other, settings, stages)))
    time = {REPLAYED: datetime.now(UTC).isoformat(timespec="seconds")}
    with _kept(folder) as place:
        done = computed(
            settings, stages, place, more=time, started=datetime.fromisoformat(told["provenance"]["started_utc"])
        )
        now = json.loads(done.files["record"].read_text(encoding="utf-8"))
        names = [name for name in told["files"] if name not in left_out]
        files = {name: _state(name, told["files"], now["files"], file.parent, done.folder) for name in names}
        tables = [name for name, state in files.items() if state == "differs" and name.endswith(".csv")]
        altered = tuple(
            name for name in told["files"] if _is_altered(file.parent / name, told["files"][name]["sha256"])
        )
        columns = tuple(
            change
            for name in tables
            if (file.parent / name).is_file() and name not in altered
            for change in table_changes(file.parent / name, done.folder / name, Path(name).stem)
        )
    made = told["provenance"]
    standards = differing(made["standard_files"], standard_digests(settings))
    if other is not None:
        standards |= differing(told[COMPARED_WITH]["provenance"]["standard_files"], standard_digests(other))
    return Replay(
        title=told["title"],
        started_utc=made["started_utc"],
        files=files,
        columns=columns,
        altered=altered,
        versions=differing(made["versions"], versions()),
        standards=standards,
        is_other_program=made["program_sha256"] != program_sha256(),
        is_downloaded=any(one and (one.network.kind in DOWNLOADED or queries(one)) for one in (settings, other)),
        is_cut_short=any(plan["status"] in CUT_SHORT for plan in told["plans"]),
        folder=folder,
        left_out=left_out,
    )


# ── The same, or what differs ───────────────────────────────────────────────


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="living-circle-") as place:
        yield Path(place, "replay")


def _left_out(record: Mapping[str, Any]) -> dict[str, LeftOut]:
    """Return the files of a record that are not compared, and why."""
    files = record["files"]
    found: dict[str, LeftOut] = {PACKAGE: "package"} if PACKAGE in files else {}
    if "results.gpkg" not in files:  # what a later version writes besides changes none of the tables
        found |= dict.fromkeys(
            (name for name in files if name in OF_ALL_TABLES or not name.startswith("csv/")), "tiles"
        )
    of_report = [name for name in files if name.split("/")[0] in REPORT.values()]
    if of_report and missing_libraries():
        found |= dict.fromkeys(of_report, "libraries")
    return found


def _state(name: str, before: Mapping[str, Any], after: Mapping[str, Any], former: Path, folder: Path) -> FileState:
    """Return what a file is now: `before` and `after` describe it, `former` and `folder` hold it."""
    if name not in after:
        return "missing"
    if before[name]["sha256"] == after[name]["sha256"]:
        return "identical"
    suffix = Path(name).suffix
    if suffix in PRINTED:
        return "unproven"
    if suffix not in (".xlsx", ".docx"):
        return "differs"
    if not (former / name).is_file() or _is_altered(former / name, before[name]["sha256"]):
        return "unproven"
    read = cells_of if suffix == ".xlsx" else words_of
    return "same_content" if read(former / name) == read(folder / name) else "differs"


def cells_of(book: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of every sheet of a workbook."""
    with CalamineWorkbook.from_path(book) as opened:
        return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


def words_of(document: Path) -> list[str]:
    """Return the words of a Word file, paragraph by paragraph, those of tables with them."""
    with zipfile.ZipFile(document) as opened:
        body = ET.fromstring(opened.read("word/document.xml"))  # noqa: S314 - our own, proved by its digest
    return ["".join(text.text or "" for text in paragraph.iter(f"{_WORD}t")) for paragraph in body.iter(f"{_WORD}p")]


def _is_altered(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != digest


def table_changes(before: Path, after: Path, table: str) -> list[ColumnChange]:
    """Return in which columns two tables differ, in how many cells, and by how much."""
    first, second = (
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig") for path in (before, after)
    )
    rows = min(len(first), len(second))
    changes = []
    for column in [*first.columns, *(name for name in second.columns if name not in first.columns)]:
        if column not in first.columns or column not in second.columns:
            cells, greatest = max(len(first), len(second)), math.nan
        else:
            one, other = (frame[column].iloc[:rows].reset_index(drop=True) for frame in (first, second))
            differs = one != other
            cells = int(differs.sum()) + abs(len(first) - len(second))
            apart = (
                pd.to_numeric(one[differs], errors="coerce") - pd.to_numeric(other[differs], errors="coerce")
            ).abs()
            greatest = float(apart.max()) if apart.notna().any() else math.nan
        if cells:
            changes.append(ColumnChange(table, str(column), cells, greatest, len(first), len(second)))
    return changes


def replay_figures(done: Replay) -> dict[str, Any]:
    """Return what became of a replay as plain values."""
    return {
        "identical": done.is_identical,
        "title": dict(done.title),
        "started_utc": done.started_utc,
        "files": dict(done.files),
        "left_out": dict(done.left_out),
        "columns": [
            {
                "table": change.table,
                "column": change.column,
                "cells": change.cells,
                "greatest": None if math.isnan(change.greatest) else change.greatest,
                "rows_before": change.rows_before,
                "rows": change.rows,
            }
            for change in done.columns
        ],
        "altered": list(done.altered),
        "versions": {name: list(pair) for name, pair in done.versions.items()},
        "standards": {name: list(pair) for name, pair in done.standards.items()},
        "other_program": done.is_other_program,
        "downloaded": done.is_downloaded,
        "cut_short": done.is_cut_short,
        "folder": None if done.folder is None else str(done.folder),
    }
