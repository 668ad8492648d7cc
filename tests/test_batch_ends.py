"""Whatever ends a batch, at whatever moment: the next one goes on with the rest, and the result is the same to the byte."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import written_town as w
from city import begin_alike, call, city_tables, in_threads, write_city, write_copies
from livingcircle import cli
from livingcircle.batch import run_batch
from livingcircle.batch.executing import carried_out
from livingcircle.batch.state import begin_session, only_one, write_state
from livingcircle.batch.tasks import StudyTask, compute_study, count_tiles, cut_into_tiles, walk_tile
from livingcircle.cases import running
from livingcircle.checkpoint import Checkpoint
from livingcircle.errors import InputError
from livingcircle.kernel.machine_code import machine_code_folder
from livingcircle.model.batch import Done
from livingcircle.render import folder
from livingcircle.settings.batch import read_batch

STUDIES, KILLS, SEED = 3, 3, 8
DIES = """\
import os, signal
import livingcircle.settings as settings
real = settings.read_study
def read(file, *more, **named):
    if file.stem == os.environ.get("DIES"):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(file, *more, **named)
settings.read_study = read
"""
WAITS = """\
import time
import livingcircle.settings as settings
def read(file, *more, **named):
    file.with_suffix(".waits").touch()
    time.sleep(600)
settings.read_study = read
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    if (kept := machine_code_folder()) is not None:  # or every process would compile all loops
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(kept.parent))
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    begin_alike(tmp_path, monkeypatch)


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Make every process that is begun from now on die over the study of the name that is given."""
    begin_alike(tmp_path, monkeypatch, DIES)
    return partial(monkeypatch.setenv, "DIES")


class AtOnce(Executor):
    """Does what it is asked to there and then; `first` is called with each call before."""

    def __init__(self, first=lambda *_: None):
        self.first = first

    def submit(self, call, *arguments):
        self.first(call, *arguments)
        done = Future()
        done.set_result(call(*arguments))
        return done


def done_so_far(city: Path) -> dict[str, tuple[int, int]]:
    """When state and record were written of the studies that are done; what is there under its name is whole."""
    out = city.parent / "out"
    found = {}
    for state in (out / ".batch").glob("*.json"):
        assert json.loads(state.read_text(encoding="utf-8"))["status"] == "done"
        record = out / state.stem / "run.json"
        assert json.loads(record.read_text(encoding="utf-8"))["coverage"]
        found[state.stem] = state.stat().st_mtime_ns, record.stat().st_mtime_ns
    return found


def test_killed_at_random_a_batch_comes_to_the_same_and_does_nothing_twice(tmp_path):
    """Now the batch alone is killed, and its workers end by themselves; now all its processes are."""
    city = write_copies(tmp_path, STUDIES)
    w.change(city, "workers: 2", "workers: 2\ntiles: {c1: 3}")
    w.change(city, "folder: out", "folder: whole")
    in_threads(city)
    whole = city_tables(city)
    w.change(city, "folder: whole", "folder: out")
    chance, before = random.Random(SEED), {}
    for kill in range(KILLS):
        command = [sys.executable, "-m", "livingcircle", "batch", str(city)]
        with subprocess.Popen(
            command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.uniform(1, 7))
            with suppress(ProcessLookupError):
                (os.kill if kill % 2 else os.killpg)(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 120
        with suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(process.pid, 0)
                time.sleep(0.05)
            pytest.fail("workers outlived the batch")
        now = done_so_far(city)
        assert before.items() <= now.items()
        before = now
    done = in_threads(city)
    assert {one.study for one in done if one.skipped} == set(before)
    assert before.items() <= done_so_far(city).items()
    assert city_tables(city) == whole
    assert not [path for path in (tmp_path / "out").rglob(".*") if path.name != ".batch"]
    assert not (tmp_path / "out" / ".batch" / "tiles" / "c1").exists()


def test_tiles_that_were_walked_are_not_walked_again(tmp_path):
    city = write_city(tmp_path)
    w.change(city, "workers: 2", "tiles: {study: 4}")
    in_threads(city)
    whole = city_tables(city)
    tiles = tmp_path / "out" / ".batch" / "tiles" / "study"
    walked = []

    def third_tile(call, *arguments):
        """Interrupt the batch at the third tile."""
        if call is walk_tile:
            walked.append(arguments[-1])
            if len(walked) == 3:
                raise KeyboardInterrupt

    (tmp_path / "out" / ".batch" / "study.json").unlink()
    with pytest.raises(KeyboardInterrupt):
        run_batch(read_batch(city), executor=AtOnce(third_tile))
    assert {path.name for path in tiles.glob("walks*")} == {"walks-0.npz", "walks-1.npz"}
    walked.clear()
    assert all(one.is_done for one in run_batch(read_batch(city), executor=AtOnce(third_tile)))
    assert walked == [2, 3]
    assert city_tables(city) == whole
    tiles.mkdir(parents=True)  # as a batch leaves them that is ended after the state was written
    in_threads(city)
    assert not tiles.exists()


@pytest.mark.parametrize("kept", ["tile-2.pickle", "cut.pickle", "walks-1.npz"])
def test_what_is_damaged_of_tiles_is_told_and_made_anew(tmp_path, kept):
    city = write_city(tmp_path)
    w.change(city, "workers: 2", "tiles: {study: 4}")
    tiles = tmp_path / "out" / ".batch" / "tiles" / "study"

    def last_step(call, *_: object):
        if call is count_tiles or (call is walk_tile and kept == "tile-2.pickle"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(read_batch(city), executor=AtOnce(last_step))
    whole = (tiles / kept).read_bytes()
    (tiles / kept).write_bytes(
        whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :]
    )
    (failed,) = [one for one in in_threads(city) if not one.is_done]
    assert [fault["kind"] for fault in failed.faults] == ["kept_damaged"]
    assert all(one.is_done for one in in_threads(city))


@pytest.mark.parametrize(
    ("interrupted", "redone"), [("write_map", {"draw"}), ("write_geopackage", set())], ids=["answered", "drawn"]
)
def test_a_study_goes_on_from_what_it_had_done(tmp_path, monkeypatch, interrupted, redone):
    city = write_city(tmp_path)
    in_threads(city)
    tables = city_tables(city)
    whole = {path: path.read_bytes() for path in sorted((tmp_path / "out" / "study" / "csv").glob("*.csv"))}
    begun = tmp_path / "out" / ".batch" / "begun" / "study"
    assert not begun.exists()
    (tmp_path / "out" / ".batch" / "study.json").unlink()

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"livingcircle.render.folder.{interrupted}", killed)
        with pytest.raises(KeyboardInterrupt):
            run_batch(read_batch(city), executor=AtOnce())
    assert begun.is_dir()
    done = set()

    def told(name, call):
        def telling(*args, **named):
            done.add(name)
            return call(*args, **named)

        return telling

    monkeypatch.setattr("livingcircle.cases.running.answer", told("answer", running.answer))
    monkeypatch.setattr("livingcircle.render.folder.write_map", told("draw", folder.write_map))
    one = next(one for one in run_batch(read_batch(city), executor=AtOnce()) if one.study == "study")
    assert one.is_done
    assert done == redone
    assert {path: path.read_bytes() for path in whole} == whole
    assert not begun.exists()
    in_threads(city)
    assert city_tables(city) == tables
    run_batch(read_batch(city), executor=AtOnce(), fresh=True)
    assert done == {"answer", "draw"}


def test_what_was_begun_of_other_inputs_is_not_gone_on_from(tmp_path):
    kept = Checkpoint(tmp_path, "as it is")
    assert kept.answers(lambda: "old") == "old"
    kept.drawn(tmp_path / "here.html", lambda file: file.write_text("old"))
    assert Checkpoint(tmp_path, "as it is").answers(pytest.fail) == "old"
    changed = Checkpoint(tmp_path, "changed")
    assert changed.answers(lambda: "new") == "new"
    changed.drawn(tmp_path / "here.html", lambda file: file.write_text("new"))
    assert (tmp_path / "here.html").read_text() == "new"
    (tmp_path / "answers.pickle").write_bytes(b"\x80\x05 torn")
    assert Checkpoint(tmp_path, "changed").answers(lambda: "again") == "again"


def test_a_worker_that_dies_takes_no_other_study_with_it(tmp_path, deadly):
    city = write_copies(tmp_path, 3)
    deadly("c1")
    done = run_batch(read_batch(city))
    assert [(one.study, one.status) for one in done] == [("c0", "done"), ("c1", "failed"), ("c2", "done")]
    assert "memory" in done[1].faults[0]["en"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(os.name == "nt", reason="no signals to a group there")
def test_interrupted_a_batch_ends_at_once_and_says_so_itself_alone(tmp_path, monkeypatch):
    begin_alike(tmp_path, monkeypatch, WAITS)
    city = write_city(tmp_path)
    command = [sys.executable, "-m", "livingcircle", "batch", str(city)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as batch:
        until = time.monotonic() + 240
        while len(list(tmp_path.glob("*/*.waits"))) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        os.killpg(batch.pid, signal.SIGINT)
        _, said = batch.communicate(timeout=240)
    assert batch.returncode == 130
    assert said.startswith("已中断")
    assert "Traceback" not in said


def test_a_cluster_of_processes_one_of_which_is_killed(tmp_path, deadly):
    """Three studies on two workers, one of which is killed; then one over which every worker dies: it is told, the rest done."""
    distributed = pytest.importorskip("distributed")
    import dask

    city = write_copies(tmp_path, 3)
    w.change(city, "workers: 2", "tiles: {c1: 2}")
    w.change(city, "folder: out", "folder: whole")
    in_threads(city)
    whole = city_tables(city)
    w.change(city, "folder: whole", "folder: out")
    few = {"distributed.scheduler.allowed-failures": 1, "distributed.worker.daemon": False}
    with dask.config.set(few), cluster(distributed) as there, distributed.Client(there) as client:
        (first, *_) = client.run(os.getpid).values()
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(call, city, "--scheduler", there.scheduler_address, "--quiet")
            deadline = time.monotonic() + 240
            while not list((tmp_path / "out").rglob("*.draft*")) and time.monotonic() < deadline:
                time.sleep(0.01)
            os.kill(first, signal.SIGKILL)
            assert running.result().exit_code == cli.DONE, running.result().output
        assert city_tables(city) == whole
        there.scheduler.allowed_failures = 0  # each death costs a new worker
        deadly("c2")  # of those that are begun from now on
        client.run(lambda: os.environ.update(DIES="c2"))
        for name in ("c0", "c2"):
            (tmp_path / "out" / ".batch" / f"{name}.json").unlink()
        figures = json.loads(call(city, "--scheduler", there.scheduler_address, "--json").stdout)
    told = {one["study"]: (one["status"], one["skipped"]) for one in figures["studies"]}
    assert told == {"c0": ("done", False), "c1": ("done", True), "c2": ("failed", False)}
    assert "memory" in figures["studies"][2]["faults"][0]["en"]


def cluster(distributed):
    return distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit="2GiB"
    )


def test_what_tasks_of_a_killed_client_do_later_counts_no_more(tmp_path, monkeypatch):
    """A cluster goes on with what it was asked; the next batch has begun meanwhile, with other inputs."""
    city = write_city(tmp_path)
    w.change(city, "workers: 2", "tiles: {study: 2}")
    batch, out = read_batch(city), tmp_path / "out"
    (out / ".batch").mkdir(parents=True)
    session = begin_session(out)
    tiled, whole = (
        StudyTask(file, batch.settings.defaults, out, tiles, session)
        for file, tiles in zip(batch.files, (2, None), strict=True)
    )
    assert cut_into_tiles(tiled) == [0, 1]
    real = running.answer

    def overtaken(*args, **named):
        answered = real(*args, **named)
        begin_session(out)
        return answered

    with monkeypatch.context() as patch:
        patch.setattr("livingcircle.cases.running.answer", overtaken)
        late = compute_study(whole)
    assert [fault["kind"] for fault in late.faults] == ["batch_superseded"]
    assert "another batch has begun" in late.faults[0]["en"]
    for call_ in (lambda: walk_tile(tiled, 0), lambda: count_tiles(tiled), lambda: cut_into_tiles(tiled)):
        assert call_().faults[0]["kind"] == "batch_superseded"
    assert not list(out.glob("[!.]*"))
    assert not list((out / ".batch").glob("*.json"))
    assert not list(out.rglob("walks-*"))
    # What an earlier batch left done at the last moment is not taken for this one's.
    write_state(Done("east", "done", 1.0), "of other inputs", out, "")
    (again,) = (one for one in in_threads(city) if one.study == "east")
    assert (again.is_done, again.skipped) == (True, False)
    assert (out / "east" / "csv" / "coverage.csv").is_file()


def test_a_client_whose_folder_another_machine_has_taken_says_so(tmp_path):
    city = write_city(tmp_path)

    def taken(*_):
        begin_session(tmp_path / "out")

    with pytest.raises(InputError, match="another batch has begun"):
        run_batch(read_batch(city), executor=AtOnce(taken))
    assert not (tmp_path / "out" / "city").exists()


def test_a_scheduler_that_is_not_there_is_told(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")

    def nobody(address):
        raise OSError(f"Timed out trying to connect to {address}")

    monkeypatch.setattr(distributed, "Client", nobody)
    done = call(write_city(tmp_path), "--scheduler", "tcp://127.0.0.1:1")
    assert done.exit_code == cli.INPUT_ERROR
    assert "tcp://127.0.0.1:1" in done.stderr


def test_who_dies_once_while_others_run_is_asked_again_alone():
    """A call that raises is called again when nothing else runs; one that raises then too has failed, and the others are done."""
    asked = []

    def answer(name):
        asked.append(name)
        if name == "bad" or (name == "late" and asked.count("late") == 1):
            raise MemoryError(name)
        return name

    def steps(name):
        (first,) = yield [(answer, (name,))]
        return f"{first} done"

    with ThreadPoolExecutor(2) as executor:
        studies = {name: steps(name) for name in ("bad", "good", "late")}
        ended = list(carried_out(studies, lambda: nullcontext(executor), lambda name, error: f"{name}: {error}"))
    assert sorted(ended) == ["bad: bad", "good done", "late done"]
    assert asked[3:] in (["bad", "late"], ["late", "bad"])


def test_two_batches_do_not_run_in_one_folder(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    city = write_city(tmp_path)
    lock = tmp_path / "out" / ".batch" / "running"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        held.write("4711")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        done = call(city, "--language", "en")
        assert done.exit_code == cli.INPUT_ERROR
        assert "another batch is running in this folder (process 4711)" in done.stderr
    assert all(one.is_done for one in in_threads(city))  # whoever held it has ended


def test_nor_on_windows_whose_lock_is_another(tmp_path, monkeypatch):
    held = set()

    def locking(descriptor, mode, length):
        assert (mode, length) == (2, 1)
        byte = os.fstat(descriptor).st_ino, os.lseek(descriptor, 0, os.SEEK_CUR)
        assert byte[1] > 100  # beyond what others read
        if byte in held:
            raise PermissionError
        held.add(byte)

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    monkeypatch.setattr("livingcircle.batch.state.sys", SimpleNamespace(platform="win32"))
    with only_one(tmp_path):
        with pytest.raises(InputError) as caught, only_one(tmp_path):
            pass
        assert [(fault.kind, fault.details["pid"]) for fault in caught.value.faults] == [
            ("batch_running", str(os.getpid()))
        ]
