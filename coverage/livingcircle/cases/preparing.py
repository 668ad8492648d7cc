"""Before a study is computed: begin it, check its files, ask people what no file says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from livingcircle.checking import Checked, check_study
from livingcircle.errors import InputError
from livingcircle.faults import Language
from livingcircle.progress import Stages
from livingcircle.provenance import versions
from livingcircle.readers import Report, read_answers, read_districts, words_of
from livingcircle.render.check_book import Rows, write_check_book
from livingcircle.render.check_page import check_page
from livingcircle.render.checklist import write_checklist as write_checklist_file
from livingcircle.render.corrections import write_corrections
from livingcircle.render.folder import (
    replaced_file,
    require_absent,
    write_sample,
    write_starter,
    write_text_file,
)
from livingcircle.render.summary import check_summary
from livingcircle.render.tables import to_look_at
from livingcircle.settings import StudySettings
from livingcircle.sources.corrections import Corrected, corrected
from livingcircle.sources.reading import Reading
from livingcircle.sources.standards import read_services, read_standard

ANY_CRS = "EPSG:3857"
"""For layers of which only the names and ids are wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """The corrected copies that were written, and the list of their changes; None where there was nothing to correct."""

    copies: tuple[Corrected, ...]
    log: Path | None

    @property
    def figures(self) -> dict[str, Any]:
        """Return what was written, and how many changes of each kind, as plain values."""
        return {
            "log": None if self.log is None else str(self.log),
            "copies": [
                {
                    "path": str(copy.source),
                    "copy": str(copy.target),
                    "changes": dict(Counter(change.reason for change in copy.changes)),
                }
                for copy in self.copies
            ],
        }


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist that was written: the file, how many questions it asks, in how many rows, and how many of these stand answered."""

    file: Path
    questions: int
    rows: int
    answered: int


def new_study(folder: Path, language: Language = "zh") -> Mapping[str, Path]:
    """Write the study file and the sheets of a new study, all of them or, where one is already there, none.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    return write_starter(folder, read_services(), language)


def copy_sample(folder: Path, language: Language = "zh") -> Mapping[str, Path]:
    """Write the sample sub-district, study file and data, into a folder: to run at once, and to replace file by file.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    return write_sample(folder, language)


def check(settings: StudySettings, stages: Stages | None = None) -> Checked:
    """Read every file of a study and say what is wrong with them, without raising."""
    return check_study(settings, stages or Stages())


def write_check(
    checked: Checked,
    settings: StudySettings,
    *,
    page: Path | None = None,
    book: Path | None = None,
    language: Language | None = None,
) -> None:
    """Write what a check found as a page (HTML), as a workbook (Excel), or both, each complete or not at all.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    said: Language = language or settings.outputs.language
    figures = check_summary(checked.study, checked.files)
    made, version = datetime.now().astimezone(), versions()["living-circle"]
    title = words_of(settings.title)
    if page is not None:
        write_text_file(page, check_page(figures, title, said, made=made, version=version))
    if book is not None:
        rows = [None if found is None else Rows(*found) for found in checked.rows]
        with replaced_file(book) as draft:
            tables = {} if checked.study is None else to_look_at(checked.study)
            write_check_book(
                draft, checked.files, rows, figures, title, said, made=made, version=version, tables=tables
            )


def write_checklist(settings: StudySettings, file: Path, language: Language | None = None) -> Checklist:
    """Write the questions of a study's standard that people have to answer, with its districts, as a sheet to fill in.

    What the study's registers and its checklist answer already is filled in, so that a sheet for another year or another standard does not
    begin empty; a checklist that is named but not there yet answers nothing. Nothing that is there is replaced: it may hold answers.
    Streets, homes and facilities are not read.

    Raises
    ------
    InputError
        With the faults of the standard, of the districts and of the answers, when the file is already there, or when it cannot be written.
    """
    require_absent([file])
    report = Report()
    standard = report.take(lambda: Reading(read_standard(settings.standard)))
    districts = report.take(lambda: read_districts(settings, ANY_CRS))
    if settings.checklist is not None and not Path(settings.checklist.path).exists():
        settings = settings.model_copy(update={"checklist": None})
    answers = read_answers(settings, standard, districts, report)
    if standard is None or districts is None or report.faults:
        raise InputError(report.faults)
    said = language or settings.outputs.language
    with replaced_file(file) as draft:
        questions, rows, answered = write_checklist_file(draft, standard, districts, said, answers)
    return Checklist(file, questions, rows, answered)


def write_fixed(checked: Checked, folder: Path) -> Fixed:
    """Write a corrected copy beside every file that can be corrected without changing what it means, and list each change.

    The list is `corrections.csv` in `folder`, that of the study; without corrections nothing is written. Originals are never touched.

    Raises
    ------
    InputError
        With every file that is already there, in which case nothing is written, or when one cannot be written.
    """
    copies = tuple(copy for layer in checked.layers if layer is not None and (copy := corrected(layer)) is not None)
    if not copies:
        return Fixed((), None)
    log = folder / "corrections.csv"
    require_absent([*(copy.target for copy in copies), log])
    for copy in copies:
        with replaced_file(copy.target) as draft:
            copy.write(draft)
    rows = [(copy.source.name, copy.target.name, change) for copy in copies for change in copy.changes]
    with replaced_file(log) as draft:
        write_corrections(draft, rows)
    return Fixed(copies, log)
