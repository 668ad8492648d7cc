"""What became of many studies that were computed in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livingcircle.model.standard import Words


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one study. `skipped` tells that an earlier batch had computed it already."""

    study: str
    status: str
    seconds: float
    faults: tuple[Mapping[str, str], ...] = ()
    skipped: bool = False

    @property
    def is_done(self) -> bool:
        """Whether its results are there."""
        return self.status == "done"


@dataclass(frozen=True, slots=True, eq=False)
class CityResults:
    """The studies of a batch, in the order of its file, and the files their results were merged into; none where none was done.

    `warnings` is what must be known of the city, in both languages.
    """

    title: Words
    studies: tuple[Done, ...]
    folder: Path
    files: Mapping[str, Path]
    warnings: tuple[Mapping[str, str], ...] = ()
