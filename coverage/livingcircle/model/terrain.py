"""The lie of the land, as streets feel it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from livingcircle.model.columns import Columns, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Grades(Columns):
    """How streets rise and fall: each of e streets as runs of even gradient (k rows), in the order of its line.

    Street `i` is made of runs `indptr[i]:indptr[i + 1]`, at least one each. `run_metres` is a run's length on the map, `gradient` its rise
    over its length, positive where the line climbs.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"indptr"})

    indptr: IntArray
    run_metres: FloatArray
    gradient: FloatArray

    def with_more(self, others: Grades) -> Grades:
        """Return these and, after the last, those of other streets."""
        return Grades(
            indptr=np.concatenate([self.indptr, self.indptr[-1] + others.indptr[1:]]).astype(np.int32),
            run_metres=np.concatenate([self.run_metres, others.run_metres]),
            gradient=np.concatenate([self.gradient, others.gradient]),
        )

    @property
    def streets(self) -> int:
        """Number of streets."""
        return len(self.indptr) - 1

    @property
    def climb_metres(self) -> FloatArray:
        """(e,) metres climbed from the start of each street to its end, whatever is lost between."""
        return self._sum_by_street(np.maximum(self.gradient, 0.0) * self.run_metres)

    @property
    def descent_metres(self) -> FloatArray:
        """(e,) metres gone down from start to end: what is climbed on the way back."""
        return self._sum_by_street(np.maximum(-self.gradient, 0.0) * self.run_metres)

    def _sum_by_street(self, metres: FloatArray) -> FloatArray:
        return np.add.reduceat(metres, self.indptr[:-1]) if self.streets else np.empty(0)
