"""Mixed-integer programs for HiGHS, and their rows as they are gathered block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, csr_array

from livingcircle.model.columns import BoolArray, FloatArray, IntArray

_NO_COLUMNS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something a user asked for: `family` says what sort of constraint, `position` which floor or bound (0 otherwise)."""

    family: str
    position: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Maximise (or minimise) `constant` + cost · v, row_lower ≤ matrix · v ≤ row_upper, lower ≤ v ≤ upper; the first columns are options.

    `condition` (rows,) are positions in `conditions`, -1 for rows that only define what covered or opened means.
    """

    maximise: bool
    constant: float
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    condition: IntArray
    conditions: tuple[Condition, ...]
    site_column: IntArray
    demand_column: IntArray


@dataclass(slots=True)
class Rows:
    """Rows of a program as they are gathered: lower ≤ matrix · v ≤ upper."""

    row: list[IntArray] = field(default_factory=list)
    column: list[IntArray] = field(default_factory=list)
    amount: list[FloatArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    condition: list[IntArray] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        lower: ArrayLike,
        upper: ArrayLike,
        *entries: tuple[ArrayLike, ArrayLike, ArrayLike],
        condition: Condition | None = None,
    ) -> None:
        """Add rows with these limits, and what a user asked for by them; entries are (row from 0, column, amount), any number of blocks."""
        lower, upper = np.broadcast_arrays(
            np.atleast_1d(np.asarray(lower, float)), np.atleast_1d(np.asarray(upper, float))
        )
        for row, column, amount in entries:
            rows, columns, amounts = np.broadcast_arrays(row, column, np.asarray(amount, float))
            self.row.append((rows.ravel() + self.count).astype(np.int32))
            self.column.append(columns.ravel().astype(np.int32))
            self.amount.append(amounts.ravel())
        self.lower.append(lower)
        self.upper.append(upper)
        if condition is not None and condition not in self.conditions:
            self.conditions.append(condition)
        number = -1 if condition is None else self.conditions.index(condition)
        self.condition.append(np.full(len(lower), number, np.int32))
        self.count += len(lower)

    def program(
        self,
        cost: FloatArray,
        upper: FloatArray,
        integer: BoolArray,
        *,
        maximise: bool = False,
        constant: float = 0.0,
        site_column: IntArray = _NO_COLUMNS,
        demand_column: IntArray = _NO_COLUMNS,
    ) -> Program:
        """Return the program that makes `constant` + cost · v least, or most, 0 ≤ v ≤ upper."""
        row, column = (np.concatenate([_NO_COLUMNS, *parts]) for parts in (self.row, self.column))
        amount, row_lower, row_upper = (
            np.concatenate([np.zeros(0), *parts]) for parts in (self.amount, self.lower, self.upper)
        )
        matrix = coo_array((amount, (row, column)), shape=(self.count, len(cost))).tocsr()
        matrix.eliminate_zeros()
        return Program(
            maximise=maximise,
            constant=constant,
            cost=np.asarray(cost, float),
            lower=np.zeros(len(cost)),
            upper=np.asarray(upper, float),
            integer=integer,
            matrix=matrix,
            row_lower=row_lower,
            row_upper=row_upper,
            condition=np.concatenate([_NO_COLUMNS, *self.condition]),
            conditions=tuple(self.conditions),
            site_column=site_column,
            demand_column=demand_column,
        )
