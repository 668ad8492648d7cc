"""Who is told how far a run has come, and how long each stage took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

LOGGER = logging.getLogger("livingcircle")
LOGGER.addHandler(logging.NullHandler())  # or faults would also be printed, bare, where nobody listens
"""What every stage is told to as it ends; nobody listens unless a journal is asked for."""

STAGES = (
    "standard",
    "streets",
    "homes",
    "facilities",
    "districts",
    "compounds",
    "candidates",
    "join",
    "reach",
    "rules",
    "access",
    "areas",
    "diagnosis",
    "siting",
    "write",
)
"""Every stage a run may pass, in order; what they are called is in `livingcircle.render.words`."""


class Stages:
    """A stopwatch that calls `listener` with the name of each stage as it begins."""

    def __init__(self, listener: Callable[[str], None] | None = None) -> None:
        self._listener = listener
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time one stage; a stage entered twice adds up."""
        if self._listener is not None:
            self._listener(stage)
        started = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
            LOGGER.info("stage", extra={"facts": {"stage": stage, "seconds": round(seconds, 3)}})

    @property
    def seconds(self) -> Mapping[str, float]:
        """Seconds per stage so far."""
        return dict(self._seconds)
