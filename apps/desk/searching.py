"""One search for sites in the background: the page stays usable, tells how far it is, and can stop it with the best plan so far."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from livingcircle.errors import LivingCircleError
from livingcircle.faults import Fault
from livingcircle.settings import SitingTask, StudySettings

if TYPE_CHECKING:
    from livingcircle.model.results import Results

BOUND_AT_ONCE = 0.3
"""Seconds a search is waited for before the page shows that it runs: most are over by then."""


@dataclass(slots=True, eq=False)
class Search:
    """A search that runs or has ended: `results` hold its plan, or `faults` the reasons why there is none.

    `value` and `bound` are what it last told of itself (NaN at first); it writes them, the page reads them.
    """

    task: SitingTask
    settings: StudySettings
    results: Results | None = None
    faults: Sequence[Fault] = ()
    defect: Exception | None = None
    value: float = math.nan
    bound: float = math.nan
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)
    _stop: threading.Event = field(default_factory=threading.Event)
    _done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self._done.is_set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def passed_seconds(self) -> float:
        """Seconds since it began, or that it took."""
        return time.monotonic() - self.started if self.is_running else self.seconds

    @property
    def limit_seconds(self) -> float:
        """Seconds it may take: for the plan, and for what more would buy."""
        return self.task.time_limit_seconds + (self.task.frontier.time_limit_seconds if self.task.frontier else 0.0)

    def stop(self) -> None:
        """Ask it to end with the best plan so far."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait for its end, at most so long."""
        self._done.wait(seconds)

    def run(self, results: Results) -> None:
        """Search, in a thread of its own; nothing of Streamlit is touched here."""
        from livingcircle import cases

        try:
            self.results = cases.plan_again(results, self.settings, self.task, is_stopped=self._heard)
        except LivingCircleError as error:
            self.faults = error.faults
        except Exception as error:  # noqa: BLE001 - told by the page, which a thread cannot do
            self.defect = error
        finally:
            self.seconds = time.monotonic() - self.started
            self._done.set()

    def _heard(self, value: float, bound: float) -> bool:
        self.value, self.bound = value, bound
        return self._stop.is_set()


def begin(key: str, results: Results, settings: StudySettings, task: SitingTask) -> Search:
    """Begin a search on the answers with this key; one that runs already is stopped."""
    former = last(key)
    if former is not None:
        former.stop()
    search = Search(task, settings)
    st.session_state["search"] = (key, search)
    threading.Thread(target=search.run, args=(results,), daemon=True, name="siting").start()
    search.wait(BOUND_AT_ONCE)
    return search


def last(key: str) -> Search | None:
    """Return the last search on the answers with this key."""
    found_key, search = st.session_state.get("search", ("", None))
    return search if found_key == key else None


def forget() -> None:
    """Take the last search away, stopping it where it runs."""
    _, search = st.session_state.pop("search", ("", None))
    if search is not None:
        search.stop()
