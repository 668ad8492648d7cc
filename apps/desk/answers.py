"""The answers of a study, computed once for all readers of the page, and what is made from them.

Answers of a study that a session uploaded are kept by that session alone, and so is what is made from them. What computes is imported where
it is used: it takes seconds, and the page should say at once that it is at work.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from desk.benches import Start
from livingcircle.faults import Language
from livingcircle.progress import Stages
from livingcircle.render.words import say
from livingcircle.settings import StudySettings

if TYPE_CHECKING:
    from livingcircle.model.results import Results

STUDIES_KEPT = 6
OWN_STUDIES_KEPT = 2
PICTURE_MM = 240.0
"""Width of a map picture, wide enough for a slide."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the page shows: `figures` is the summary that the command prints, `coverage` and `gaps` are of tables it has no room for.

    `start` is what scenarios start from.
    """

    key: str
    settings: StudySettings
    results: Results
    figures: Mapping[str, Any]
    coverage: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    is_own: bool = False
    start: Start = field(default_factory=Start)


class Shelf:
    """The answers last asked for; one study is computed at a time, and whoever asks for the same meanwhile waits for it."""

    def __init__(self, most: int, *, is_own: bool = False) -> None:
        self._most = most
        self._is_own = is_own
        self._kept: OrderedDict[str, Answers] = OrderedDict()

    def find(self, key: str) -> Answers | None:
        """Return answers that are there."""
        return self._kept.get(key)

    def find_or_compute(self, key: str, settings: StudySettings, stages: Stages) -> Answers:
        """Return answers, computing them if need be; the oldest give way.

        Raises
        ------
        LivingCircleError
            When the study has faults; nothing is kept then.
        """
        from livingcircle import cases
        from livingcircle.render.summary import records, summary
        from livingcircle.render.tables import coverage, gap_areas

        with turn():
            if key not in self._kept:
                results = cases.answer(settings, stages)
                shares = records(coverage(results.study, results.assessment))
                areas = records(gap_areas(results.study, results.gaps))
                self._kept[key] = Answers(key, settings, results, summary(results), shares, areas, self._is_own)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[key]


def answers(key: str, settings: StudySettings, language: Language, *, own: bool = False) -> Answers:
    """Return the answers of a study, telling the reader its stages while they are computed.

    Those of a study that the reader uploaded (`own`) are kept in the session, and go with it.

    Raises
    ------
    LivingCircleError
        When the study has faults.
    """
    shelf = _own_shelf() if own else _shelf()
    found = shelf.find(key)
    if found is not None:
        return found
    with told(say("page.computing", language), language) as stages:
        return shelf.find_or_compute(key, settings, stages)


@contextmanager
def told(doing: str, language: Language) -> Iterator[Stages]:
    """Tell the reader what is being done, stage by stage, and take that away at the end."""
    place = st.empty()
    status = place.status(doing)
    between = "：" if language == "zh" else ": "

    def tell(stage: str) -> None:
        status.update(label=f"{doing}{between}{say(f'stage.{stage}', language)}")

    try:
        yield Stages(tell)
    finally:
        place.empty()


def map_page(answers: Answers, language: Language) -> str:
    """Return the map as one HTML page; the same text for every rerun, so that the browser keeps the map it has."""
    made = _own_map_page if answers.is_own else _map_page
    return made(answers.key, language, answers.results)


def result_file(answers: Answers, language: Language, name: str) -> bytes:
    """Return one file of the run folder, written as the command writes it.

    A download is made outside of the session, where what the session keeps cannot be read: of an own study it is made each time.
    """
    made = _made_files if answers.is_own else _run_files
    return made(answers.key, language, answers)[name]


def report_file(answers: Answers, language: Language, name: str) -> bytes:
    """Return one file of the report (`report_word`, `report_pdf`, `report_page`), as the command writes it."""
    made = _made_report if answers.is_own else _report_files
    return made(answers.key, language, answers)[name]


def map_picture(answers: Answers, language: Language, service: str) -> bytes:
    """Return the printed map of a service as PNG, with legend, scale and sources; without one, of the score or the gaps."""
    from livingcircle.render.report import figures
    from livingcircle.render.report.ground import ground_of
    from livingcircle.render.report.maps import draw_map
    from livingcircle.render.report.material import Material
    from livingcircle.render.tables import tables_of

    of = Material(answers.results, tables_of(answers.results), language)
    whole = figures.SCORE_MAP if figures.has_scores(of) else figures.GAPS_MAP
    return draw_map(ground_of(of), f"{figures.SERVICE_MAP}{service}" if service else whole, PICTURE_MM).png


@st.cache_resource(show_spinner=False)
def turn() -> threading.Lock:
    """Return the lock of whoever reads or computes a study: memory is there for one at a time."""
    return threading.Lock()


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf(STUDIES_KEPT)


def _own_shelf() -> Shelf:
    if "own_answers" not in st.session_state:
        st.session_state["own_answers"] = Shelf(OWN_STUDIES_KEPT, is_own=True)
    shelf: Shelf = st.session_state["own_answers"]
    return shelf


def _made_map(key: str, language: Language, _results: Results) -> str:  # noqa: ARG001 - the cache's key
    from livingcircle.render.desk import desk_content
    from livingcircle.render.maps import city_map

    page: str = (
        city_map(_results, language, desk=desk_content(_results.study, language, os.environ)).get_root().render()
    )
    return page


def _made_files(key: str, language: Language, _answers: Answers) -> dict[str, bytes]:  # noqa: ARG001
    from livingcircle.provenance import plain_settings
    from livingcircle.render.folder import write_run_folder

    with tempfile.TemporaryDirectory() as folder:
        settings = plain_settings(_answers.settings)
        files = write_run_folder(
            Path(folder) / "run", _answers.results, _answers.figures, language=language, settings=settings
        )
        return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def _made_report(key: str, language: Language, _answers: Answers) -> dict[str, bytes]:  # noqa: ARG001
    from livingcircle.render.report import FILES
    from livingcircle.render.report.writing import write_report
    from livingcircle.render.tables import tables_of

    with tempfile.TemporaryDirectory() as folder:
        write_report(Path(folder), _answers.results, tables_of(_answers.results), language)
        files = {name: Path(folder) / file for name, file in FILES.items()}
        return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


_map_page = st.cache_data(show_spinner=False, max_entries=2 * STUDIES_KEPT)(_made_map)
_run_files = st.cache_data(show_spinner=False, max_entries=STUDIES_KEPT)(_made_files)
_report_files = st.cache_data(show_spinner=False, max_entries=STUDIES_KEPT)(_made_report)
_own_map_page = st.cache_data(show_spinner=False, max_entries=2 * OWN_STUDIES_KEPT, scope="session")(_made_map)
