"""What can be taken along: a list, of which a file that does not exist for a study is not shown."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from desk import markup, saving
from desk.answers import map_picture, report_file, result_file
from desk.panels.plans import zipped
from desk.panels.siting import pages_of
from desk.view import View
from livingcircle.faults import Language
from livingcircle.settings import SitingTask
from livingcircle.settings.candidates import PlacedCandidate

if TYPE_CHECKING:
    from livingcircle.model.results import Results

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_AT_ONCE = 4
REPORT_MODULES = ("docx", "matplotlib", "typst")


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take along: the key of its label, its name, its type, how it is made, and whether a study has it."""

    label: str
    name: str
    mime: str
    make: Callable[[View], bytes]
    is_there: Callable[[View], bool] = lambda _view: True


def _of_run(name: str) -> Callable[[View], bytes]:
    return lambda view: result_file(view.answers, view.language, name)


def _of_report(name: str) -> Callable[[View], bytes]:
    return lambda view: report_file(view.answers, view.language, name)


def _picture(view: View) -> bytes:
    return map_picture(view.answers, view.language, view.service if view.on_map is not None else "")


def _can_report(_view: View) -> bool:
    return all(find_spec(module) is not None for module in REPORT_MODULES)


def _study_file(view: View) -> bytes:
    return view.file.read_bytes() if view.file else b""


DOWNLOADS: Sequence[Download] = (
    Download("report_word", "{id}-report.docx", DOCX, _of_report("report_word"), _can_report),
    Download("report_pdf", "{id}-report.pdf", "application/pdf", _of_report("report_pdf"), _can_report),
    Download("tables", "{id}-tables.xlsx", XLSX, _of_run("tables")),
    Download("picture", "{id}-map.png", "image/png", _picture, _can_report),
    Download("report_page", "{id}-report.html", "text/html", _of_report("report_page"), _can_report),
    Download("map", "{id}-map.html", "text/html", _of_run("map")),
    Download("geopackage", "{id}.gpkg", "application/geopackage+sqlite3", _of_run("geopackage")),
    Download(
        "sites", "{id}-sites.zip", "application/zip",
        lambda view: zipped(pages_of(view)), lambda view: bool(view.answers.results.plans),
    ),
    Download("record", "{id}-run.json", "application/json", _of_run("record")),
    Download("study", "{file}", "application/yaml", _study_file, lambda view: view.file is not None),
)  # fmt: skip
"""In the order of the sidebar; what needs libraries of the `report` extra is offered where they are, and else the way to them."""


def downloads(view: View) -> None:
    """Offer every file there is, made only when it is asked for; those asked for most first, the others folded away."""
    st.caption(view.say("downloads"))
    there = [one for one in DOWNLOADS if one.is_there(view)]
    if not _can_report(view):
        missing = view.say("between").join(name for name in REPORT_MODULES if find_spec(name) is None)
        markup.show(markup.small(view.say("downloads_need", missing=missing)))
    for one in there[:MOST_AT_ONCE]:
        _offered(view, one)
    with st.expander(view.say("downloads_more")):
        for one in there[MOST_AT_ONCE:]:
            _offered(view, one)


def _offered(view: View, one: Download) -> None:
    names: Mapping[str, str] = {"id": view.answers.settings.id, "file": view.file.name if view.file else ""}
    saving.offer(
        view.say(f"download_{one.label}"),
        partial(one.make, view),
        one.name.format(**names),
        one.mime,
        key=f"download_{one.label}",
        language=view.language,
    )


def study_text(file: Path, siting: Sequence[SitingTask], placed: Sequence[PlacedCandidate] = ()) -> str:
    """Return the text of a study file with other siting tasks and candidates placed by hand, its remarks kept."""
    from livingcircle.composing import study_with

    tasks = [task.model_dump(mode="json", exclude_defaults=True) for task in siting]
    more = [one.model_dump(mode="json", exclude_defaults=True) for one in placed]
    return study_with(file.read_text("utf-8-sig"), {"siting": tasks} | ({"placed_candidates": more} if more else {}))


def tables_with(results: Results, language: Language) -> bytes:
    """Return the workbook of results with another plan."""
    from livingcircle.render.sheets import write_workbook
    from livingcircle.render.summary import overview
    from livingcircle.render.tables import tables_of

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.xlsx"
        title = results.study.title.said(language)
        notes = overview(results, language)
        write_workbook(file, tables_of(results), language, title, notes, made=results.provenance.started_utc)
        return file.read_bytes()
