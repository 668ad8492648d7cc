"""Verbs that make again what was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Console

from livingcircle.cli.options import AsJson, In, Quiet
from livingcircle.cli.session import NOT_REPRODUCED, Session, print_json, progress, telling
from livingcircle.errors import InputError
from livingcircle.faults import Language

if TYPE_CHECKING:
    from livingcircle.settings import StudySettings

MOST_NAMED = 12


LAST = "last"
"""Stands for the run in the folder that is about to be written."""


class Report(NamedTuple):
    """What the folder of a report holds beside that of a run, by name, and the study it is compared with."""

    files: Mapping[str, str]
    other: StudySettings | None


def unchanged(session: Session, since: str, output: Path | None, report: Report | None = None) -> dict[str, Any] | None:
    """Return the figures of an earlier run where nothing has changed since; otherwise say what has, and return None.

    Where a `report` is asked for, the earlier run must have one, compared with the same study or with none.
    """
    from livingcircle.render.folder import RECORD, run_files
    from livingcircle.run_record import changes_since, is_whole, read_record

    settings = session.settings
    folder = (output or settings.outputs.folder / settings.id) if since == LAST else Path(since)
    try:
        record = read_record(folder / RECORD)
    except InputError as error:
        if since != LAST:
            raise
        session.tell("since.none", reason=error.faults[0].problem(session.language))
        return None
    changes = (*changes_since(record, settings), *(() if report is None else _compared_otherwise(record, report.other)))
    if changes:
        session.tell(
            "since.changed", names=", ".join(changes[:MOST_NAMED]) + (" …" if len(changes) > MOST_NAMED else "")
        )
        return None
    more = {} if report is None else report.files
    if not (is_whole(record, folder) and all((folder / name).exists() for name in more.values())):
        session.tell("since.incomplete", folder=str(folder))
        return None
    database, started_utc = settings.outputs.postgis, record["provenance"]["started_utc"]
    if database is not None:
        from livingcircle.storing import FILE, holds

        if not holds(database, settings.id, started_utc):  # it refused them, or somebody removed them
            session.tell("since.incomplete", folder=FILE)
            return None
    session.tell("since.unchanged", started=started_utc, folder=str(folder))
    files = {**run_files(folder), **{name: folder / file for name, file in more.items()}}
    return {**record, "files": {name: str(path) for name, path in files.items()}, "unchanged": True}


def _compared_otherwise(record: Mapping[str, Any], other: StudySettings | None) -> tuple[str, ...]:
    """Name the option where a report was compared with another study, or with one that has changed, or with none."""
    from livingcircle.provenance import fingerprint_of
    from livingcircle.run_record import COMPARED_WITH

    then = record[COMPARED_WITH]["provenance"]["fingerprint"] if COMPARED_WITH in record else ""
    return () if then == ("" if other is None else fingerprint_of(other)) else ("--before",)


def replay(
    record: Annotated[Path, typer.Argument(metavar="RUN", help="成果文件夹或 run.json / run folder, or its run.json")],
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="输入文件所在文件夹，可重复；默认当前文件夹和成果文件夹 / where inputs are; default: this folder and the record's",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="保留新成果的文件夹 / folder to keep the new run in")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """由运行记录重新计算，逐字节核对成果 / Make a run again from its record, and compare what it gives byte by byte."""
    said: Language = language or "zh"
    with telling(said, as_json), progress(shown=not (as_json or quiet)) as listener:
        from livingcircle.progress import Stages
        from livingcircle.render.words import say
        from livingcircle.replaying import replay as replayed
        from livingcircle.replaying import replay_figures

        staged = None if listener is None else lambda stage: listener(say(f"stage.{stage}", said))
        figures = replay_figures(replayed(record, inputs or (), output, Stages(staged)))
    if as_json:
        print_json(figures)
    elif not quiet:
        from livingcircle.render.replay_terminal import print_replay

        print_replay(figures, said, Console())
    if not figures["identical"]:
        raise typer.Exit(NOT_REPRODUCED)
