"""Columns of a layer as arrays: numbers, texts and ids, with a fault for every cell that is wrong."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from livingcircle.model.columns import FloatArray, TextArray
from livingcircle.sources.layers import Layer, missing_columns


def number_column(layer: Layer, column: str | None) -> FloatArray:
    """Return a column of numbers that cannot be negative (n,).

    Empty cells are NaN, as is the whole column when it is not named or missing. Text, infinity and negative numbers are noted.
    """
    cells = _cells(layer, column)
    if cells is None:
        return np.full(len(layer.frame), np.nan)
    texts = _texts(cells)
    numbers: FloatArray = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )
    empty = texts == ""
    for index in np.flatnonzero(~empty & ~(np.isfinite(numbers) & (numbers >= 0))):
        kind = "negative_number" if np.isfinite(numbers[index]) else "not_a_number"
        layer.note(kind, index=index, column=column or "", value=texts[index])
    return np.where(np.isfinite(numbers), numbers, np.nan)


def text_column(layer: Layer, column: str | None) -> TextArray:
    """Return a column of text without surrounding blanks (n,); empty cells, and a column that is not named, are `""`."""
    cells = _cells(layer, column)
    return _texts(cells) if cells is not None else np.full(len(layer.frame), "", dtype=object)


def id_column(layer: Layer, column: str | None) -> TextArray:
    """Return unique ids (n,): row numbers from 1 when no column is named. Empty and repeated ids are noted."""
    cells = _cells(layer, column)
    if cells is None:
        return np.array([str(row) for row in range(1, len(layer.frame) + 1)], dtype=object)
    ids = _texts(cells)
    first: dict[str, int] = {}
    for index, value in enumerate(ids):
        if not value:
            layer.note("missing_value", index=index, column=column or "")
        elif first.setdefault(value, index) != index:
            layer.note("duplicate_id", index=index, column=column or "", value=value, first=layer.row(first[value]))
    return ids


def _cells(layer: Layer, column: str | None) -> pd.Series[Any] | None:
    """Return the column, or None when it is not named, or missing, which is noted."""
    if column is None or not layer.readable:
        return None
    if column not in layer.frame.columns:
        layer.findings.extend(missing_columns([column], layer.frame.columns, layer.file))
        return None
    return layer.frame[column]


def _texts(cells: pd.Series[Any]) -> TextArray:
    """Write every cell as text: whole numbers without decimals, missing ones as `""`."""
    if pd.api.types.is_float_dtype(cells):
        # Whole numbers become floating point as soon as one of the column is missing.
        numbers = cells.to_numpy(dtype=float, na_value=np.nan).tolist()
        texts = ["" if isnan(cell) else str(int(cell)) if cell.is_integer() else str(cell) for cell in numbers]
    else:
        texts = ["" if missing else str(cell).strip() for cell, missing in zip(cells, cells.isna(), strict=True)]
    result = np.empty(len(texts), dtype=object)
    result[:] = texts
    return result
