"""What every contestant is given: one street network, places on its junctions, and what is asked about them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LIMIT_TICKS = 15 * 60 * 20
"""Fifteen minutes in twentieths of a second."""
METRES_PER_TICK = 1200 / LIMIT_TICKS
"""1,200 m in fifteen minutes, so a tick is 1/15 m."""
ROWS = 1000
"""From so many origins what they reach is asked for, unless a part says otherwise."""
FEW = 5
"""How many of the nearest are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """An undirected network without loops or parallel edges, in whole ticks (n junctions in Hilbert order, e edges).

    `xy` (n, 2) is in metres; `tail`, `head`, `ticks` (e,) are the edges, each once, none of 0 ticks. `facility` (services, facilities) are
    the junctions of places, different ones within a service. `origins` are junctions to search from, `people` (n,) live at junctions, and
    `asked` are the junctions about which a contestant answers that works junction by junction: all, unless it is given a part.
    """

    xy: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    ticks: NDArray[np.int64]
    facility: NDArray[np.int64]
    origins: NDArray[np.int64]
    people: NDArray[np.int64]
    asked: NDArray[np.int64]

    @property
    def nodes(self) -> int:
        """Number of junctions."""
        return len(self.xy)

    def save(self, path: Path) -> None:
        """Write one `.npz` file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Town:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})

    def part(self, services: int | None = None, origins: int | None = None, every: int = 1) -> Town:
        """Return the same town with only the first services and origins, asked about every so manieth junction."""
        return replace(
            self, facility=self.facility[:services], origins=self.origins[:origins], asked=self.asked[::every]
        )

    def both_ways(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return tails, heads and ticks with every edge in both directions, sorted by tail, then head."""
        tail = np.concatenate([self.tail, self.head])
        head = np.concatenate([self.head, self.tail])
        order = np.lexsort((head, tail))
        return tail[order], head[order], np.concatenate([self.ticks, self.ticks])[order]
