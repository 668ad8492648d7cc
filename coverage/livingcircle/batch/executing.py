"""Many studies on any executor: each a series of steps, of which those of one step may run at once.

Whatever happens to a worker, no study takes another with it. A pool of processes breaks when one of them dies, and does not say which it
was: so only as many calls are out as there are workers, and those that were out are called again, one at a time, when all else is done.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait as wait_for_end
from typing import Any

from livingcircle.kernel.search import threads_available

MOST_PROCESSES = 61 if sys.platform == "win32" else 1024
"""Processes a pool may have: Windows waits for no more."""
Call = tuple[Callable[..., Any], tuple[Any, ...]]
Steps = Generator[Sequence[Call], Sequence[Any], Any]
"""Yields calls that may run at once and is sent what they returned, in their order; returns what became of the study."""


@dataclass(frozen=True, slots=True)
class _Task:
    study: str
    position: int
    call: Call
    again: bool = False


@dataclass(slots=True)
class _Study:
    steps: Steps
    answers: list[Any] = field(default_factory=list)
    missing: int = 0


def carried_out(
    studies: Mapping[str, Steps],
    begin: Callable[[], AbstractContextManager[Executor]],
    failed: Callable[[str, Exception], Any],
    *,
    at_once: int | None = None,
) -> Iterator[Any]:
    """Carry out the steps of all studies and yield what became of each as it ends.

    `begin` gives an executor to enter, again whenever one broke. At most `at_once` calls are out, all of them when None. `failed` says what
    became of a study one of whose calls raised twice, the second time while nothing else ran: no call raises for what a user can mend.
    """
    open_studies = {name: _Study(steps) for name, steps in studies.items()}
    waiting: deque[_Task] = deque()
    suspects: deque[_Task] = deque()
    running: dict[Future[Any], _Task] = {}

    def goes_on(name: str, answers: Sequence[Any] | None) -> Iterator[Any]:
        """Send a study what its last step answered; queue the calls of its next one, or yield how it ended."""
        study = open_studies[name]
        try:
            calls = next(study.steps) if answers is None else study.steps.send(answers)
        except StopIteration as end:
            del open_studies[name]
            yield end.value
            return
        study.answers, study.missing = [None] * len(calls), len(calls)
        waiting.extend(_Task(name, position, call) for position, call in enumerate(calls))

    for name in studies:
        yield from goes_on(name, None)
    with ExitStack() as stack:
        executor = stack.enter_context(begin())
        stack.callback(lambda: [future.cancel() for future in running])
        while waiting or suspects or running:
            if not waiting and not running:
                waiting.append(suspects.popleft())
            while waiting and (at_once is None or len(running) < at_once):
                task = waiting.popleft()
                if task.study in open_studies:
                    running[_submitted(executor, task.call)] = task
            is_broken = False
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                task = running.pop(future)
                study = open_studies.get(task.study)
                try:
                    answer = future.result()
                except Exception as error:  # noqa: BLE001 - every scheduler has exceptions of its own for a worker that died
                    is_broken |= isinstance(error, BrokenExecutor)
                    if study is not None and not task.again:
                        suspects.append(replace(task, again=True))
                    elif study is not None:
                        del open_studies[task.study]
                        study.steps.close()
                        yield failed(task.study, error)
                    continue
                if study is None:
                    continue
                study.answers[task.position] = answer
                study.missing -= 1
                if not study.missing:
                    yield from goes_on(task.study, study.answers)
            if is_broken:
                stack.close()
                executor = stack.enter_context(begin())
            while suspects and suspects[0].study not in open_studies:
                suspects.popleft()


def _submitted(executor: Executor, call: Call) -> Future[Any]:
    """Submit a call; an executor that does not take it gives a future that says so."""
    try:
        return executor.submit(call[0], *call[1])
    except Exception as error:  # noqa: BLE001 - see `carried_out`
        refused: Future[Any] = Future()
        refused.set_exception(error)
        return refused


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of processes that share the processors of this machine evenly, and end when this process does, however it ends.

    An interruption (Ctrl-C) ends them at once; they take no notice of it themselves.
    """
    threads = max(1, threads_available() // workers)
    others = set(multiprocessing.active_children())
    # Started afresh: a forked process would share the locks of libraries that have threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker, initargs=(threads,)) as executor:
        try:
            with _interrupting_only_this_process():
                for _ in range(workers):  # each begins one more, as none is idle yet
                    executor.submit(os.getpid)
            yield executor
        except BaseException:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


@contextmanager
def _interrupting_only_this_process() -> Iterator[None]:
    """Keep Ctrl-C from processes that begin meanwhile, before they can say so themselves; this one hears of it afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker(threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("LIVING_CIRCLE_THREADS", str(threads))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process when the one that started it has ended: nobody asks for what it computes, and the next batch does it again."""
    wait_for_end([sentinel])
    os._exit(1)
