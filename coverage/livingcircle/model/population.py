"""What a population table says of districts, and how homes compare with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import Columns, FloatArray, IntArray, TextArray

RESIDENTS, HOUSEHOLDS = "residents", "households"
"""Names of figures beside those of age groups."""


@dataclass(frozen=True, slots=True, eq=False)
class PopulationTotals:
    """The figures of a population table, put to districts.

    `totals` (q, d) are NaN where the table does not say; `figures` (q,) names the rows: residents, households or an age group (`60+`).
    """

    figures: tuple[str, ...]
    totals: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PopulationCheck(Columns):
    """Homes beside the population table: a row per figure and district that the table has a number of."""

    figure: TextArray
    district: IntArray
    in_homes: FloatArray
    in_table: FloatArray

    def difference_share(self) -> FloatArray:
        """Return (homes − table) ÷ table; NaN where the table says 0."""
        shares = np.full(len(self), np.nan)
        np.divide(self.in_homes - self.in_table, self.in_table, out=shares, where=self.in_table > 0)
        return shares


NO_POPULATION_CHECK = PopulationCheck(np.empty(0, object), np.empty(0, np.int32), np.empty(0), np.empty(0))
"""No table to compare with."""
