"""The files of a report: Word, PDF, page, and the maps and charts they show, beside the other results of a run."""

from __future__ import annotations

from pathlib import Path

from livingcircle.faults import Fault, Language
from livingcircle.model.results import Results
from livingcircle.render.report import FILES
from livingcircle.render.report.composing import report_of
from livingcircle.render.report.material import Change
from livingcircle.render.report.page import write_page
from livingcircle.render.report.pdf import write_pdf
from livingcircle.render.report.pictures import pictures
from livingcircle.render.report.word import write_word
from livingcircle.render.tables import Tables


def write_report(
    folder: Path, results: Results, tables: Tables, language: Language, change: Change | None = None
) -> tuple[Fault, ...]:
    """Write a report and its pictures into a folder (`FILES`), and return what must be told: characters that no font has.

    Parameters
    ----------
    tables
        `tables_of(results)`; every figure is taken from them.
    """
    report = report_of(results, tables, language, change)
    drawn = pictures(results, tables, report, language)
    maps = folder / FILES["report_maps"]
    maps.mkdir()
    for name, picture in drawn.items():
        (maps / f"{name}.png").write_bytes(picture)
    write_word(folder / FILES["report_word"], report, drawn)
    fonts = write_pdf(folder / FILES["report_pdf"], report, drawn)
    write_page(folder / FILES["report_page"], report, drawn)
    return fonts.warnings
