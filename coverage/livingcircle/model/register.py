"""What people tell of rules that no map can answer: figures of registers and answers on the checklist, read back from a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import Columns, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Answers(Columns):
    """One answer per row: what is told of a rule in one unit.

    `rule` is a position in `Standard.rules`, `unit` one in `Districts`, -1 for the whole study. `value` is in the unit of the metric:
    a share as a fraction of 1, yes as 1 and no as 0; NaN where the cell was left empty. Any rule may be answered: for a metric that is told
    by people the answer is the figure; for any other it stands in only where the layers leave the figure unknown.
    """

    rule: IntArray
    unit: IntArray
    value: FloatArray

    def told(self, rule: int, units: IntArray) -> FloatArray:
        """Return what is told of a rule in each of some units (k,), NaN where nothing is; of several answers the last."""
        mine = (self.rule == rule) & ~np.isnan(self.value)
        values = dict(zip(self.unit[mine].tolist(), self.value[mine].tolist(), strict=True))
        return np.array([values.get(unit, np.nan) for unit in units.tolist()])


NO_ANSWERS = Answers(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
"""Nobody was asked yet."""
