"""Everything a study asks, answered and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from livingcircle.cases.answering import answer
from livingcircle.checkpoint import Checkpoint
from livingcircle.faults import Fault
from livingcircle.model.results import Results
from livingcircle.progress import Stages
from livingcircle.provenance import plain_settings
from livingcircle.render.folder import (
    Documents,
    write_geopackage_file,
    write_run_folder,
)
from livingcircle.render.report.material import Change
from livingcircle.render.summary import fault_records, summary
from livingcircle.render.tables import Tables
from livingcircle.run_record import COMPARED_WITH
from livingcircle.settings import StudySettings
from livingcircle.storing import require_store, store
from livingcircle.surfaces import surfaces


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a run answered and where it wrote it; `figures` is the summary that `--json` prints."""

    results: Results
    figures: Mapping[str, Any]
    folder: Path
    files: Mapping[str, Path]


def run(
    settings: StudySettings,
    stages: Stages | None = None,
    folder: Path | None = None,
    *,
    documents: Documents | None = None,
    checkpoint: Checkpoint | None = None,
    more: Mapping[str, Any] = MappingProxyType({}),
    started: datetime | None = None,
) -> Run:
    """Answer everything a study asks and write it to one folder, complete or not at all.

    The folder is `outputs.folder / id` unless given; what an earlier run left there is replaced. `documents` writes what else is wanted,
    and `more` is what else the record says.
    With a `checkpoint` what an earlier run has answered and drawn is taken from there, and what this one does is kept there. Files tell
    `started` as their time; that is now, but for one who makes a run again.

    Raises
    ------
    InputError, SitingError
        When there is nothing sound to write, or the folder will not take it; nothing is written then. Where the study names a database
        that does not take the results it stays as it was; the folder is written.
    """
    stages = stages or Stages()
    outputs = settings.outputs
    if outputs.postgis is not None:
        require_store(outputs.postgis)

    def answered() -> Results:
        return answer(settings, stages, started=started)

    results = answered() if checkpoint is None else checkpoint.answers(answered)
    folder = folder or outputs.folder / settings.id
    with stages("write"):
        figures = {**summary(results), **more}
        files = write_run_folder(
            folder,
            results,
            figures,
            language=outputs.language,
            settings=plain_settings(settings),
            rasters=surfaces(results.study, results.assessment, results.access) if outputs.rasters else (),
            formats=outputs.formats,
            documents=documents,
            drawn=None if checkpoint is None else checkpoint.drawn,
        )
        if outputs.postgis is not None:
            store(results, outputs.postgis, settings.id)
    figures["provenance"]["stage_seconds"] = dict(stages.seconds)  # with the writing, which the record cannot know
    return Run(results, figures, folder, files)


def report(
    settings: StudySettings,
    stages: Stages | None = None,
    folder: Path | None = None,
    change: Change | None = None,
    *,
    more: Mapping[str, Any] = MappingProxyType({}),
    started: datetime | None = None,
) -> Run:
    """Run a study and write its report beside the other results: Word, PDF, a page, maps and charts; all of it or nothing.

    `change` is what changed since another study, for the chapter on it; the record says what that study was made of, so that a replay
    makes the chapter again and a later report sees whether it has changed. `more` and `started` are those of `run`. Libraries of the
    `report` extra must be there.

    Raises
    ------
    InputError, SitingError
        As `run` does.
    """
    from livingcircle.render.report import FILES
    from livingcircle.render.report.writing import write_report

    told: list[Fault] = []

    def documents(draft: Path, results: Results, tables: Tables) -> Mapping[str, str]:
        told.extend(write_report(draft, results, tables, settings.outputs.language, change))
        return FILES

    if change is not None:
        more = {**more, COMPARED_WITH: change.made_of}
    done = run(settings, stages, folder, documents=documents, more=more, started=started)
    return replace(done, figures={**done.figures, "warnings": [*done.figures["warnings"], *fault_records(told)]})


def write_areas(results: Results, settings: StudySettings, file: Path | None = None) -> Path:
    """Write isochrones, gap areas and the places they were drawn from into one GeoPackage, complete or not at all.

    The file is `outputs.folder / id-areas.gpkg` unless given.
    """
    file = file or settings.outputs.folder / f"{settings.id}-areas.gpkg"
    write_geopackage_file(file, results)
    return file
