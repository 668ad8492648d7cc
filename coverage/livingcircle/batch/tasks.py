"""What workers are asked to do: to compute a study, or to cut one into tiles, to walk each of them, and to count what they found.

Each function may run in a process of its own, leaves its results in the batch's folder, complete or not at all, and never raises for
what a user can mend.
"""

from __future__ import annotations

import json
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livingcircle.batch.executing import Call, Steps
from livingcircle.batch.state import (
    begun_folder,
    failed,
    parts_of,
    read_state,
    require_session,
    tiles_folder,
    write_state,
)
from livingcircle.checkpoint import read_kept, write_kept
from livingcircle.errors import InputError, LivingCircleError
from livingcircle.faults import Fault
from livingcircle.merging import write_parts
from livingcircle.model.batch import Done
from livingcircle.model.outcome import NO_GAPS, NO_ISOCHRONES
from livingcircle.model.results import Results
from livingcircle.provenance import fingerprint_of, made_by, plain_settings
from livingcircle.readers import data_days
from livingcircle.render.folder import replaced_file, write_tables_folder, write_text_file
from livingcircle.render.summary import summary
from livingcircle.settings import StudySettings, read_study

if TYPE_CHECKING:
    from livingcircle.tiling import Cut

_NOTE = "tiles.json"
_SECONDS = "seconds"
COUNTED = ("coverage", "coverage_by_age", "verdicts", "population_check", "network_completeness", "warnings", "inputs")
"""The tables of a study in tiles: those that its walks up to the longest limit decide."""


@dataclass(frozen=True, slots=True)
class StudyTask:
    """One study of a batch: its file, the keys it shares with the others, where its results go, in how many tiles, and for which batch."""

    file: Path
    defaults: Mapping[str, Any]
    folder: Path
    tiles: int | None = None
    session: str = ""

    @property
    def name(self) -> str:
        """What the study is called in the batch."""
        return self.file.stem

    def settings(self) -> StudySettings:
        """Read the study file."""
        return read_study(self.file, defaults=self.defaults)

    def fingerprint(self, settings: StudySettings) -> str:
        """Return what its results follow from."""
        own = fingerprint_of(settings)
        return own if self.tiles is None else f"{own} in tiles"

    def require_session(self, *_: object) -> dict[str, str]:
        """See to it that nobody has begun another batch there, and name no files: the last document that a run asks for.

        Raises
        ------
        InputError
            When somebody has.
        """
        require_session(self.folder, self.session, self.name)
        return {}


def steps_of(task: StudyTask) -> Steps:
    """Return the steps that compute a study: one, or for a study in tiles the cut, all tiles at once, and the counting."""
    if task.tiles is None:
        (done,) = yield [(compute_study, (task,))]
        return done
    (cut,) = yield [(cut_into_tiles, (task,))]
    if isinstance(cut, Done):
        return cut
    waiting: Sequence[Call] = [(walk_tile, (task, number)) for number in cut]
    for outcome in (yield waiting) if waiting else ():
        if isinstance(outcome, Done):
            return outcome
    (done,) = yield [(count_tiles, (task,))]
    return done


def compute_study(task: StudyTask) -> Done:
    """Compute one study and leave its run folder, what the merging needs, and its state."""
    if (done := _done_already(task)) is not None:
        return done
    with _told(task) as telling:
        from livingcircle.cases import run
        from livingcircle.checkpoint import Checkpoint

        task.require_session()
        settings = task.settings()
        fingerprint = task.fingerprint(settings)
        begun = Checkpoint(begun_folder(task.folder, task.name) / fingerprint[:16], fingerprint)
        computed = run(settings, folder=task.folder / task.name, checkpoint=begun, documents=task.require_session)
        telling.before = begun.seconds
        task.require_session()
        write_parts(computed.results, parts_of(task.folder, task.name))
        done = telling.done(fingerprint, settings)
        shutil.rmtree(begun_folder(task.folder, task.name), ignore_errors=True)
        return done
    return telling.outcome


def cut_into_tiles(task: StudyTask) -> Done | list[int]:
    """Load a study, cut it and write its tiles; return the numbers of those that wait for their walks."""
    if _done_already(task) is not None:
        return []
    with _told(task) as telling:
        from livingcircle.cases import load
        from livingcircle.tiling import cut_study

        task.require_session()
        settings = task.settings()
        folder, made_of = tiles_folder(task.folder, task.name), f"{task.fingerprint(settings)} {task.tiles}"
        if _note(folder).get("made_of") != made_of:
            shutil.rmtree(folder, ignore_errors=True)
            cut, tiles = cut_study(load(settings), settings, task.tiles or 1)
            task.require_session()
            write_kept(folder / "cut.pickle", cut)
            for number, tile in enumerate(tiles):
                write_kept(folder / f"tile-{number}.pickle", tile)
            note = {"made_of": made_of, "tiles": len(cut.homes), "seconds": telling.seconds}
            write_text_file(folder / _NOTE, json.dumps(note))
        return [number for number in range(_note(folder)["tiles"]) if not _walks(folder, number).is_file()]
    return telling.outcome


def walk_tile(task: StudyTask, number: int) -> Done | None:
    """Find the walks of one tile; None when they are written."""
    folder = tiles_folder(task.folder, task.name)
    if _walks(folder, number).is_file() or _done_already(task) is not None:
        return None
    with _told(task) as telling:
        from livingcircle.tiling import walks_in

        task.require_session()
        with _removed_where_damaged(folder / _NOTE, task.name):  # the next batch cuts it anew
            tile = read_kept(folder / f"tile-{number}.pickle")
        walks = walks_in(tile)
        task.require_session()
        with replaced_file(_walks(folder, number)) as draft:
            np.savez(draft, **{**walks, _SECONDS: np.array(telling.seconds)})  # type: ignore[arg-type]
        return None
    return telling.outcome


def count_tiles(task: StudyTask) -> Done:
    """Count what all tiles found, and leave the tables of the study, what the merging needs, and its state."""
    if (done := _done_already(task)) is not None:
        return done
    with _told(task) as telling:
        from livingcircle.tiling import counted_together

        task.require_session()
        settings, folder = task.settings(), tiles_folder(task.folder, task.name)
        with _removed_where_damaged(folder / _NOTE, task.name):
            cut: Cut = read_kept(folder / "cut.pickle")
        walks = []
        for file in (_walks(folder, number) for number in range(len(cut.homes))):
            with _removed_where_damaged(file, task.name), np.load(file) as found:
                walks.append(dict(found))
        seconds = {"cut": _note(folder)["seconds"], "walks": float(sum(found.pop(_SECONDS) for found in walks))}
        telling.before = sum(seconds.values())
        assessment = counted_together(cut, settings, walks)
        provenance = made_by(cut.study, settings, telling.started, seconds)
        results = Results(cut.study, assessment, NO_ISOCHRONES, NO_GAPS, (), provenance)
        plain, language = plain_settings(settings), settings.outputs.language
        task.require_session()
        write_tables_folder(
            task.folder / task.name, results, summary(results), COUNTED, language=language, settings=plain
        )
        write_parts(results, parts_of(task.folder, task.name))
        done = telling.done(task.fingerprint(settings), settings)
        shutil.rmtree(folder, ignore_errors=True)
        return done
    return telling.outcome


def _done_already(task: StudyTask) -> Done | None:
    """Return what became of a study if it was done in this batch.

    A cluster asks again for what a task has returned when the worker that kept it dies.
    """
    state = read_state(task.folder, task.name)
    is_done = state.get("status") == "done" and state.get("session") == task.session
    return Done(task.name, "done", float(state["seconds"])) if is_done else None


class _Telling:
    """How long a task took, and what became of it."""

    def __init__(self, task: StudyTask) -> None:
        self.task, self.began, self.started = task, time.perf_counter(), datetime.now(UTC)
        self.before = 0.0
        self.outcome: Done

    @property
    def seconds(self) -> float:
        """How long the study has taken so far, with what tasks before this one took."""
        return self.before + time.perf_counter() - self.began

    def done(self, fingerprint: str, settings: StudySettings) -> Done:
        """Write down that the study is done, and return it."""
        self.task.require_session()
        self.outcome = Done(self.task.name, "done", self.seconds)
        days = sorted({day for day in data_days(settings) if day})
        write_state(self.outcome, fingerprint, self.task.folder, self.task.session, days)
        return self.outcome

    def failed(self, faults: Sequence[Fault]) -> None:
        """Write down that it has failed, and why."""
        self.outcome = failed(self.task.name, faults, self.seconds, self.task.folder, self.task.session)


@contextmanager
def _told(task: StudyTask) -> Iterator[_Telling]:
    """Turn whatever is raised into what became of the study."""
    telling = _Telling(task)
    try:
        yield telling
    except LivingCircleError as error:
        telling.failed(error.faults)
    except Exception as error:  # noqa: BLE001 - a defect on one study must not end the batch
        traceback.print_exc()
        telling.failed((defect(task.name, error),))


def defect(study: str, error: Exception) -> Fault:
    """Return what is said where the program itself failed on a study."""
    return Fault("study_defect", value=study, details={"reason": f"{type(error).__name__}: {error}"[:200]})


def _note(folder: Path) -> Mapping[str, Any]:
    """Return of what a study was cut, into how many tiles and in how many seconds; empty while it is not."""
    try:
        return dict(json.loads((folder / _NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _walks(folder: Path, number: int) -> Path:
    return folder / f"walks-{number}.npz"


@contextmanager
def _removed_where_damaged(file: Path, study: str) -> Iterator[None]:
    """Remove a file of ours if something that was kept cannot be read, and say that the study is to be computed again.

    Raises
    ------
    InputError
        When it cannot.
    """
    try:
        yield
    except Exception as error:  # of whatever libraries find in it
        file.unlink(missing_ok=True)
        raise InputError(Fault("kept_damaged", value=study)) from error
