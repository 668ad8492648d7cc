"""Cells of a column as texts and as numbers, a million at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from livingcircle.model.columns import FloatArray, TextArray


def plain_numbers(texts: TextArray) -> FloatArray:
    """Return the numbers that texts (n,) without blanks around them spell in digits (n,), NaN for empty and other ones.

    “inf” and “nan” are such numbers too.
    """
    words = pa.array(texts, pa.string(), mask=texts == "")
    try:
        numbers: FloatArray = words.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:  # some text is none; slower, but each for itself
        numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers


def texts_of(cells: pd.Series[Any]) -> TextArray:
    """Write every cell as text: whole numbers without decimals, missing ones as `""`."""
    if pd.api.types.is_float_dtype(cells):
        # Whole numbers become floating point as soon as one of the column is missing.
        numbers = cells.to_numpy(dtype=float, na_value=np.nan).tolist()
        texts = ["" if cell != cell else str(int(cell)) if cell.is_integer() else str(cell) for cell in numbers]  # noqa: PLR0124 - NaN
        return _objects(texts)
    values = cells.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(values, skipna=False) == "string":
        return _objects(map(str.strip, values))
    return _objects("" if missing else str(cell).strip() for cell, missing in zip(values, cells.isna(), strict=True))


def _objects(texts: Iterable[str]) -> TextArray:
    listed = list(texts)
    result = np.empty(len(listed), dtype=object)
    result[:] = listed
    return result
