"""Faults of all readers in one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from livingcircle.errors import LivingCircleError
from livingcircle.faults import Fault, unreadable
from livingcircle.sources.reading import Reading

T = TypeVar("T")


class Report:
    """Faults of all readers, gathered so that one bad file does not hide another; warnings and notes of those that succeed."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.notes: list[Fault] = []

    def take(self, read: Callable[[], Reading[T]]) -> T | None:
        """Return what a reader gives, or None after noting its faults."""
        try:
            reading = read()
        except LivingCircleError as error:
            self.faults.extend(fault for fault in error.faults if fault not in self.faults)
            self.say(error.warnings)
            return None
        except OSError as error:  # a file that may not be read, or was there a moment ago
            self.faults.append(unreadable(error.filename or "", error))
            return None
        self.say(reading.warnings)
        return reading.value

    def say(self, said: Iterable[Fault]) -> None:
        """Note warnings and notes, each once."""
        for one in said:
            known = self.warnings if one.severity == "warning" else self.notes
            if one not in known:
                known.append(one)
