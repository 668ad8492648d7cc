"""Many studies in one go: all districts of a city, all cities of a province.

Every study is a task of its own for a `concurrent.futures.Executor`, a pool of processes on this machine or workers of a cluster. It writes
its run folder, then what the merging needs, then its state: each complete or not at all. So whatever ends a batch, the next one goes on
with the studies whose state does not say that the same inputs were computed by the same program. One that fails is told, with its
faults, and stops no other.

```
folder/<study>/         the run folder, as `living-circle run` writes it
folder/.batch/<study>.json       its state: done or failed, of which inputs, by which version, in how many seconds
folder/.batch/homes/study=<study>/part.parquet      walks of its homes to services that are open to all
folder/city/            what is merged of them
```
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from livingcircle.errors import LivingCircleError, SettingsError
from livingcircle.faults import Fault
from livingcircle.merging import merge
from livingcircle.model.batch import CityResults, Done
from livingcircle.provenance import fingerprint_of
from livingcircle.readers import words_of
from livingcircle.render.folder import replaced_file
from livingcircle.settings import read_study
from livingcircle.settings.batch import Batch, read_batch

STATE = ".batch"
CITY = "city"


Told = Callable[[Done, int, int], None]
"""Called with each study as it ends, how many have ended, and how many there are."""


def run_batch(
    batch: Batch, *, executor: Executor | None = None, fresh: bool = False, tell: Told | None = None
) -> tuple[Done, ...]:
    """Compute every study that has not been computed, in the order they end, and return what became of each, in the order of the file.

    Without `executor` a pool of `workers` processes computes them; a process that dies takes no other study with it. With `fresh`
    everything is computed again. Drafts that a killed batch left behind are removed.
    """
    folder = batch.settings.folder.resolve()
    (folder / STATE).mkdir(parents=True, exist_ok=True)
    _clear_drafts(folder)
    found: dict[str, Done] = {}
    waiting: list[Path] = []
    for file in batch.files:
        earlier = None if fresh else _earlier(file, batch, folder)
        if earlier is None:
            waiting.append(file)
        else:
            found[file.stem] = earlier
    for done in found.values():
        if tell is not None:
            tell(done, len([one for one in found.values() if one.skipped]), len(batch.files))
    defaults = dict(batch.settings.defaults)
    for done in _computed(waiting, defaults, folder, batch.settings.workers, executor):
        found[done.study] = done
        if tell is not None:
            tell(done, len(found), len(batch.files))
    return tuple(found[file.stem] for file in batch.files)


def run_city(
    file: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    fresh: bool = False,
    tell: Told | None = None,
) -> CityResults:
    """Compute the studies of a batch file and merge those that are done; see `run_batch`.

    With `scheduler`, the address of a Dask scheduler, its workers compute them; they must see the same files under the same paths.

    Raises
    ------
    SettingsError
        With every fault of the batch file, or when Dask is not installed.
    InputError
        When the merged files cannot be written.
    """
    batch = read_batch(file)
    if workers is not None:
        batch = replace(batch, settings=batch.settings.model_copy(update={"workers": workers}))
    if scheduler is None:
        studies = run_batch(batch, fresh=fresh, tell=tell)
    else:
        with _cluster(scheduler) as executor:
            studies = run_batch(batch, executor=executor, fresh=fresh, tell=tell)
    folder = batch.settings.folder.resolve()
    names = [done.study for done in studies if done.is_done]
    parts = {name: homes_file(folder, name) for name in names}
    records = [folder / name / "run.json" for name in names]
    files = merge(folder / CITY, parts, records) if names else {}
    return CityResults(words_of(batch.settings.title), studies, folder, files)


def batch_figures(results: CityResults) -> dict[str, Any]:
    """Return what became of a batch, and the city's coverage, as plain values."""
    coverage: list[dict[str, Any]] = []
    if "coverage" in results.files:
        from livingcircle.render.summary import records

        coverage = records(
            pd.read_csv(results.files["coverage"], keep_default_na=False, na_values=[""]).fillna({"study": ""})
        )
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
        "files": {f"city_{name}": str(path) for name, path in results.files.items()},
    }


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError(Fault("no_dask", value=address)) from error
    with Client(address) as client:  # type: ignore[no-untyped-call]
        yield client.get_executor(retries=1)


def compute_study(file: Path, defaults: Mapping[str, Any], folder: Path) -> Done:
    """Compute one study and leave its results, what the merging needs, and its state in `folder`; never raises for what a user can mend.

    Runs in a process of its own.
    """
    started, name = time.perf_counter(), file.stem
    faults: tuple[Fault, ...] = ()
    fingerprint = ""
    try:
        from livingcircle.cases import run
        from livingcircle.merging import write_homes

        settings = read_study(file, defaults=defaults)
        fingerprint = fingerprint_of(settings)
        done = run(settings, folder=folder / name)
        write_homes(done.results, folder / STATE / "homes", name)
    except LivingCircleError as error:
        faults = error.faults
    except Exception as error:  # noqa: BLE001 - a defect on one study must not end the batch
        traceback.print_exc()
        faults = (Fault("study_defect", value=name, details={"reason": f"{type(error).__name__}: {error}"[:200]}),)
    outcome = Done(name, "failed" if faults else "done", time.perf_counter() - started, said(faults))
    _write_state(outcome, fingerprint, folder)
    return outcome


def said(faults: Sequence[Fault]) -> tuple[Mapping[str, str], ...]:
    """Return faults as sentences in both languages."""
    return tuple({"zh": fault.sentence("zh"), "en": fault.sentence("en")} for fault in faults)


# ── One after another, or many at once ──────────────────────────────────────


def _computed(
    files: Sequence[Path], defaults: Mapping[str, Any], folder: Path, workers: int | None, executor: Executor | None
) -> Iterator[Done]:
    if executor is not None:
        futures = {executor.submit(compute_study, file, defaults, folder): file for file in files}
        for future in as_completed(futures):
            yield _outcome(future, futures[future], folder)
        return
    ended: set[Path] = set()
    try:
        with _pool(min(workers or os.cpu_count() or 1, max(len(files), 1))) as pool:
            futures = {pool.submit(compute_study, file, defaults, folder): file for file in files}
            for future in as_completed(futures):
                done = future.result()
                ended.add(futures[future])
                yield done
    except BrokenProcessPool:
        # A process that dies takes the pool along: what was not done is begun again, one at a time, so that it is known which it was.
        yield from _alone([file for file in files if file not in ended], defaults, folder)


def _alone(files: Sequence[Path], defaults: Mapping[str, Any], folder: Path) -> Iterator[Done]:
    """Compute studies one at a time, each in a process of its own."""
    for file in files:
        with _pool(1) as pool:
            yield _outcome(pool.submit(compute_study, file, defaults, folder), file, folder)


def _outcome(future: Future[Done], file: Path, folder: Path) -> Done:
    """Return what a task returned; one whose worker died, or that a cluster gave up, has failed."""
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - every scheduler has exceptions of its own for a worker that died
        died = isinstance(error, BrokenProcessPool) or "Killed" in type(error).__name__
        reason = {} if died else {"reason": f"{type(error).__name__}: {error}"[:200]}
        fault = Fault("worker_died" if died else "study_defect", value=file.stem, details=reason)
        outcome = Done(file.stem, "failed", 0.0, said((fault,)))
        _write_state(outcome, "", folder)
        return outcome


def _pool(workers: int) -> ProcessPoolExecutor:
    # Started afresh: a forked process would share the locks of libraries that have threads.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


# ── State ───────────────────────────────────────────────────────────────────


def _earlier(file: Path, batch: Batch, folder: Path) -> Done | None:
    """Return the outcome of an earlier batch if it computed the very same, and its results are still there."""
    try:
        state = json.loads((folder / STATE / f"{file.stem}.json").read_text(encoding="utf-8"))
        there = (folder / file.stem / "run.json").is_file() and homes_file(folder, file.stem).is_file()
        if not there or state["status"] != "done":
            return None
        settings = read_study(file, defaults=dict(batch.settings.defaults))
        if state["fingerprint"] != fingerprint_of(settings):
            return None
        return Done(file.stem, "done", float(state["seconds"]), skipped=True)
    except (OSError, ValueError, KeyError, TypeError, LivingCircleError):
        return None  # whatever is wrong is found, and told, when it is computed


def homes_file(folder: Path, study: str) -> Path:
    """Return where the walks of the homes of one study are."""
    return folder / STATE / "homes" / f"study={study}" / "part.parquet"


def _write_state(done: Done, fingerprint: str, folder: Path) -> None:
    state = {
        "status": done.status,
        "fingerprint": fingerprint,
        "seconds": round(done.seconds, 3),
        "faults": list(done.faults),
        "ended_utc": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(LivingCircleError), replaced_file(folder / STATE / f"{done.study}.json") as draft:
        draft.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")


def _clear_drafts(folder: Path) -> None:
    """Remove what processes that no longer run were writing."""
    import shutil

    for draft in [*folder.glob(".*.draft"), *folder.glob(".*.former")]:
        shutil.rmtree(draft, ignore_errors=True)
    for draft in (folder / STATE).rglob(".*.draft*"):
        draft.unlink(missing_ok=True)
