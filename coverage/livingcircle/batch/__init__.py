"""Many studies in one go: all districts of a city, all cities of a province, a metropolis in tiles.

Every study, or every tile of one, is a task of its own for a `concurrent.futures.Executor`, a pool of processes on this machine or workers
of a cluster. It writes its run folder, then what the merging needs, then its state: each complete or not at all. So whatever ends a batch,
the next one goes on with the studies whose state does not say that the same inputs were computed by the same program. One that fails is
told, with its faults, and stops no other. What lies where is said in `livingcircle.batch.state`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from livingcircle.batch.executing import MOST_PROCESSES, carried_out, pool
from livingcircle.batch.state import (
    STATE,
    begin_session,
    clear_drafts,
    failed,
    forget,
    only_one,
    parts_of,
    read_record,
    read_state,
    require_session,
    said,
    take_over,
)
from livingcircle.batch.tasks import StudyTask, defect, steps_of
from livingcircle.errors import InputError, LivingCircleError, SettingsError
from livingcircle.faults import Fault
from livingcircle.kernel.search import threads_available
from livingcircle.merging import City, merge
from livingcircle.merging.parts import LONGITUDE_LATITUDE
from livingcircle.model.batch import CityResults, Done
from livingcircle.readers import read_district_layers, words_of
from livingcircle.settings.batch import CITY, Batch, batch_of_one, is_study, read_batch

Told = Callable[[Done, int, int], None]
"""Called with each study as it ends, how many have ended, and how many there are."""


def run_batch(
    batch: Batch,
    *,
    executor: Executor | None = None,
    fresh: bool = False,
    since: Path | None = None,
    tell: Told | None = None,
) -> tuple[Done, ...]:
    """Compute every study that has not been computed, in the order they end, and return what became of each, in the order of the file.

    Without `executor` a pool of `workers` processes computes them; a process that dies takes no other study with it. With `fresh`
    everything is computed again. What has not changed `since` another batch is taken over from its folder. Drafts that a killed batch
    left behind are removed.

    Raises
    ------
    InputError
        When another batch runs in the same folder, or has begun there from another machine, or it cannot be written; when no batch left
        anything in `since`.
    """
    folder = batch.settings.folder.resolve()
    if since is not None and not (since / STATE).is_dir():
        raise InputError(Fault("no_earlier_batch", file=str(since)))
    with only_one(folder):
        session = begin_session(folder)
        clear_drafts(folder)
        defaults = dict(batch.settings.defaults)
        tasks = [StudyTask(file, defaults, folder, batch.tiles_of(file.stem), session) for file in batch.files]
        names = [*batch.unfit, *(task.name for task in tasks)]
        found: dict[str, Done] = {}

        def ended(done: Done) -> None:
            found[done.study] = done
            if tell is not None:
                tell(done, len(found), len(names))

        for name, fault in batch.unfit.items():
            ended(Done(name, "failed", 0.0, said((fault,))))
        waiting = []
        for task in tasks:
            earlier = None if fresh else _earlier(task) or _taken_over(task, since)
            if earlier is None:
                forget(folder, task.name, begun=fresh)
                waiting.append(task)
            else:
                ended(earlier)
        for done in _computed(waiting, batch.settings.workers, executor):
            ended(done)
        require_session(folder, session)
    return tuple(found[name] for name in names)


def run_city(
    file: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    tiles: int | None = None,
    prints: bool | None = None,
    fresh: bool = False,
    since: Path | None = None,
    tell: Told | None = None,
) -> CityResults:
    """Compute the studies of a batch file and merge those that are done; see `run_batch`.

    With `scheduler`, the address of a Dask scheduler, its workers compute them; they must see the same files under the same paths. With
    `tiles` every study is cut into as many; `file` may be a single study then.

    Raises
    ------
    SettingsError
        With every fault of the batch file, or when Dask is not installed or does not answer.
    InputError
        When the merged files cannot be written.
    """
    batch = batch_of_one(file.resolve(), tiles) if tiles is not None and is_study(file) else read_batch(file)
    stated = {"workers": workers, "tiles": tiles, "prints": prints}
    update = {key: value for key, value in stated.items() if value is not None}
    batch = replace(batch, settings=batch.settings.model_copy(update=update))
    if scheduler is None:
        studies = run_batch(batch, fresh=fresh, since=since, tell=tell)
    else:
        with _cluster(scheduler) as executor:
            studies = run_batch(batch, executor=executor, fresh=fresh, since=since, tell=tell)
    return merged_city(batch, studies)


def merged_city(batch: Batch, studies: tuple[Done, ...]) -> CityResults:
    """Merge the studies that are done into the tables, the map and the homes of the city.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    settings, folder = batch.settings, batch.settings.folder.resolve()
    title = words_of(settings.title)
    parts = {done.study: parts_of(folder, done.study) for done in studies if done.is_done}
    left_over = [fault for done in studies if not done.is_done for fault in _left_over(folder, done.study)]
    if not parts:
        left_over += [Fault("earlier_city", file=str(folder / CITY))] if (folder / CITY).exists() else []
        return CityResults(title, studies, folder, {}, said(left_over))
    districts = None
    if settings.districts:
        try:
            districts = read_district_layers(settings.districts, LONGITUDE_LATITUDE).value
        except InputError as error:
            left_over += error.faults  # the studies are computed all the same
    days = {name: read_state(folder, name).get("data_days", ()) for name in parts}
    city = City(title, settings.language, settings.year, districts, tuple(left_over), settings.prints)
    merged = merge(folder / CITY, city, studies, parts, days)
    return CityResults(title, studies, folder, merged.files, said(merged.warnings))


def batch_figures(results: CityResults) -> dict[str, Any]:
    """Return what became of a batch, and the city's coverage, as plain values."""
    coverage: list[dict[str, Any]] = []
    if "coverage" in results.files:
        from livingcircle.render.summary import records

        table = pd.read_csv(results.files["coverage"], keep_default_na=False, na_values=[""], dtype={"study": str})
        coverage = records(table.fillna({"study": ""}))
    return {
        "title": {"zh": results.title.zh, "en": results.title.en},
        "studies": [
            {
                "study": done.study,
                "status": done.status,
                "skipped": done.skipped,
                "seconds": round(done.seconds, 3),
                "faults": [dict(fault) for fault in done.faults],
            }
            for done in results.studies
        ],
        "coverage": coverage,
        "warnings": [dict(warning) for warning in results.warnings],
        "files": {f"city_{name}": str(path) for name, path in results.files.items()},
    }


def _computed(tasks: list[StudyTask], workers: int | None, executor: Executor | None) -> Iterator[Done]:
    """Yield what became of each study, computed by the executor or by processes of this machine."""
    steps = {task.name: steps_of(task) for task in tasks}

    def died(study: str, error: Exception) -> Done:
        """Say that a worker died twice over a study, or what a scheduler says instead."""
        is_death = isinstance(error, BrokenExecutor) or "Killed" in type(error).__name__
        fault = Fault("worker_died", value=study) if is_death else defect(study, error)
        return failed(study, (fault,), 0.0, tasks[0].folder, tasks[0].session)

    if not tasks:
        return
    if executor is not None:
        yield from carried_out(steps, lambda: nullcontext(executor), died)
        return
    calls = sum(task.tiles or 1 for task in tasks)
    at_once = min(workers or threads_available(), calls, MOST_PROCESSES)
    yield from carried_out(steps, lambda: pool(at_once), died, at_once=at_once)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError(Fault("no_dask", value=address)) from error
    try:
        client = Client(address)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SettingsError(Fault("no_scheduler", value=address, details={"reason": str(error)[:200]})) from error
    with client:
        # Dask itself gives a task whose worker died to another one, up to `distributed.scheduler.allowed-failures` times.
        yield client.get_executor(pure=False)  # type: ignore[no-untyped-call]


def _earlier(task: StudyTask) -> Done | None:
    """Return the outcome of an earlier batch if it computed the very same, and its results are still there."""
    state = read_state(task.folder, task.name)
    if state.get("status") != "done" or not _is_there(task, state):
        return None
    try:
        if state.get("fingerprint") != task.fingerprint(task.settings()):
            return None
    except (OSError, LivingCircleError):
        return None  # whatever is wrong is found, and told, when it is computed
    return Done(task.name, "done", float(state.get("seconds", 0.0)), skipped=True)


def _taken_over(task: StudyTask, since: Path | None) -> Done | None:
    """Copy the results of a study from the folder of another batch if that computed the very same; its state last."""
    if since is None or _earlier(replace(task, folder=since.resolve())) is None:
        return None
    try:
        take_over(since.resolve(), task.folder, task.name)
    except InputError:
        return None  # what keeps a study from its folder is told of that study, when it is computed
    return _earlier(task)


def _is_there(task: StudyTask, state: Mapping[str, Any]) -> bool:
    """Whether nothing of what a study has left is missing: no file of its run folder, and nothing that is merged, as it was written."""
    parts = parts_of(task.folder, task.name)
    files = read_record(parts.record).get("files", {})
    return (
        bool(files)
        and all((parts.record.parent / name).is_file() for name in files)
        and parts.sha256 == state.get("parts_sha256")
    )


def _left_over(folder: Path, study: str) -> Iterator[Fault]:
    """Say that a study which failed has a run folder of an earlier time, which nobody should take for this one's."""
    record = read_record(parts_of(folder, study).record)
    if record:
        made: Mapping[str, Any] = record["provenance"]
        details = {"day": made["started_utc"][:10], "version": made["versions"]["living-circle"]}
        yield Fault("earlier_results", value=study, details=details)
