"""Problems of serving as programs for HiGHS, gathered block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array

from livingcircle.kernel.siting.program import Program
from livingcircle.model.columns import BoolArray, FloatArray


@dataclass(slots=True)
class Rows:
    """Rows of a program as they are gathered: lower ≤ matrix · v ≤ upper."""

    row: list[FloatArray] = field(default_factory=list)
    column: list[FloatArray] = field(default_factory=list)
    amount: list[FloatArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    count: int = 0

    def add(self, lower: ArrayLike, upper: ArrayLike, *entries: tuple[ArrayLike, ArrayLike, ArrayLike]) -> None:
        """Add rows with these limits; entries are (row from 0, column, amount), any number of blocks."""
        lower, upper = np.broadcast_arrays(
            np.atleast_1d(np.asarray(lower, float)), np.atleast_1d(np.asarray(upper, float))
        )
        for row, column, amount in entries:
            rows, columns, amounts = np.broadcast_arrays(row, column, np.asarray(amount, float))
            self.row.append(rows.ravel() + self.count)
            self.column.append(columns.ravel())
            self.amount.append(amounts.ravel())
        self.lower.append(lower)
        self.upper.append(upper)
        self.count += len(lower)

    def minimised(self, cost: FloatArray, upper: FloatArray, integer: BoolArray, constant: float = 0.0) -> Program:
        """Return the program that makes `constant` + cost · v least, 0 ≤ v ≤ upper."""
        row, column, amount = (np.concatenate([np.zeros(0), *parts]) for parts in (self.row, self.column, self.amount))
        matrix = coo_array(
            (amount, (row.astype(np.int32), column.astype(np.int32))), shape=(self.count, len(cost))
        ).tocsr()
        matrix.eliminate_zeros()
        nothing = np.empty(0, np.int32)
        return Program(
            maximise=False,
            constant=constant,
            cost=np.asarray(cost, float),
            lower=np.zeros(len(cost)),
            upper=np.asarray(upper, float),
            integer=integer,
            matrix=matrix,
            row_lower=np.concatenate([np.zeros(0), *self.lower]),
            row_upper=np.concatenate([np.zeros(0), *self.upper]),
            condition=np.full(self.count, -1, np.int32),
            conditions=(),
            site_column=nothing,
            demand_column=nothing,
        )
