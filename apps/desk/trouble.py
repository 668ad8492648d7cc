"""What the page says when a study cannot be shown: every fault with its remedy, or, for a defect, what to report. Never a traceback."""

from __future__ import annotations

import logging
import platform
import traceback
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from desk import markup
from desk.markup import Header
from livingcircle.faults import Fault, Language
from livingcircle.render.words import say

_LOG = logging.getLogger("livingcircle.page")


def show_faults(faults: Sequence[Fault], language: Language) -> None:
    """Show every fault of a study: where it is, what is wrong, and what to do about it."""
    names = ("file", "row", "column", "value", "problem", "remedy")
    headers = [Header(say(f"page.fault_{name}", language), wide=name in {"problem", "remedy"}) for name in names]
    rows = [
        [
            markup.stacked(Path(fault.file).name, str(Path(fault.file).parent)) if fault.file else "",
            "" if fault.row is None else str(fault.row),
            fault.column,
            fault.value,
            fault.problem(language),
            fault.remedy(language),
        ]
        for fault in faults
    ]
    title = say("page.faults_title", language, count=len(rows))
    markup.show(markup.heading(title, say("page.faults_note", language)) + markup.table("faults", headers, rows))


def show_no_study(folders: Iterable[Path], language: Language) -> None:
    """Say where a study file is looked for."""
    folder = str(next(iter(folders)))
    markup.show(
        markup.heading(say("page.no_study_title", language), say("page.no_study_note", language, folder=folder))
    )


def show_defect(error: Exception, study: str, language: Language) -> None:
    """Say calmly that the program failed, and what the maintainers need; the traceback goes to the log."""
    _LOG.error("the page failed", exc_info=error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    markup.show(
        markup.heading(say("page.defect_title", language)) + markup.notice(say("page.defect_note", language), "fault")
    )
    st.code(
        f"living-circle {version('living-circle')} · Python {platform.python_version()} · {platform.system()}\n"
        f"{study}\n"
        f"{type(error).__name__}: {error}\n"
        f"{Path(last.filename).name}:{last.lineno} {last.name}",
        language=None,
    )
