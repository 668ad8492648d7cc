"""What a reader gives back: the record, and what its readers must be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from livingcircle.faults import Fault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A record read from files, with the warnings and notes made on the way. Faults are raised instead, all in one `InputError`."""

    value: T
    warnings: tuple[Fault, ...] = ()
