"""What all column records share: one length, and arrays nobody can change."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
SmallArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.object_]
GeometryArray = NDArray[np.object_]


class Columns:
    """Base of records whose array fields are columns of one table.

    Every array is made read-only; those not named in `unaligned` must have the same first dimension, which is the record's `len()`.

    Raises
    ------
    ValueError
        When two columns differ in length: a defect of the code that built the record, not of the user's data.
    """

    __slots__ = ()
    unaligned: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        lengths: dict[str, int] = {}
        for name, column in self._arrays():
            column.flags.writeable = False
            if name not in self.unaligned:
                lengths[name] = len(column)
        if len(set(lengths.values())) > 1:
            message = f"{type(self).__name__}: columns differ in length: {lengths}"
            raise ValueError(message)

    def __len__(self) -> int:
        return next(len(column) for name, column in self._arrays() if name not in self.unaligned)

    def take(self, index: NDArray[np.intp] | BoolArray) -> Self:
        """Return the record with only the rows of an index or mask, in that order; what is not aligned stays as it is."""
        taken = {name: column[index] for name, column in self._arrays() if name not in self.unaligned}
        return replace(self, **taken)  # type: ignore[type-var]  # every Columns is a dataclass

    def followed_by(self, more: Self) -> Self:
        """Return the rows of both; what is not aligned stays as it is here."""
        both = {
            name: np.concatenate([column, getattr(more, name)])
            for name, column in self._arrays()
            if name not in self.unaligned
        }
        return replace(self, **both)  # type: ignore[type-var]  # every Columns is a dataclass

    def _arrays(self) -> list[tuple[str, NDArray[Any]]]:
        values = [(field.name, getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        return [(name, value) for name, value in values if isinstance(value, np.ndarray)]
