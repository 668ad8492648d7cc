"""What people tell of rules that no map can answer: figures of registers and answers on the checklist, read back from a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, IntArray, TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Answers(Columns):
    """One answer per row: what is told of a rule in one unit.

    `rule` is a position in `Standard.rules`, `unit` one in `Districts`, -1 for the whole study. `value` is in the unit of the metric:
    a share as a fraction of 1, yes as 1 and no as 0; NaN where the cell was left empty. Any rule may be answered: for a metric that is told
    by people the answer is the figure; for any other it stands in only where the layers leave the figure unknown.

    `exempt` is where the answer was 不适用: the rule does not apply to that unit. `told_by`, `told_on` and `remark` are as written; all
    four are None where nobody was asked.
    """

    rule: IntArray
    unit: IntArray
    value: FloatArray
    exempt: BoolArray | None = None
    told_by: TextArray | None = None
    told_on: TextArray | None = None
    remark: TextArray | None = None

    def told(self, rule: int, units: IntArray) -> FloatArray:
        """Return what is told of a rule in each of some units (k,), NaN where nothing is; of several answers the last."""
        mine = (self.rule == rule) & ~np.isnan(self.value)
        values = dict(zip(self.unit[mine].tolist(), self.value[mine].tolist(), strict=True))
        return np.array([values.get(unit, np.nan) for unit in units.tolist()])

    def exempted(self, rule: int, units: IntArray) -> BoolArray:
        """Return in which of some units (k,) a rule does not apply because people say so; said of the whole study, it applies nowhere."""
        if self.exempt is None:
            return np.zeros(len(units), bool)
        where = self.unit[(self.rule == rule) & self.exempt]
        return np.isin(units, where) | bool((where == -1).any())


NO_ANSWERS = Answers(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
"""Nobody was asked yet."""
