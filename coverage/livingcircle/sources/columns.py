"""Columns of a layer as arrays: numbers, texts and ids, with a fault for every cell that is wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from livingcircle.model.columns import BoolArray, FloatArray, TextArray
from livingcircle.sources.cells import plain_numbers, texts_of
from livingcircle.sources.column_names import header_parts
from livingcircle.sources.layers import EXAMPLE_ROWS, Layer, missing_columns
from livingcircle.sources.quantities import is_empty_word, is_range, quantity
from livingcircle.sources.units import KNOWN, SYMBOLS, UNITS, Unit

_LIKE_A_UNIT = re.compile(r"[米亩顷坪尺元]|^(?:sq|m|km|ft|acre|ha)")


def number_column(layer: Layer, column: str | None, unit: Unit | None = None) -> FloatArray:
    """Return a column of numbers that cannot be negative (n,), in `unit`.

    Plain numbers are multiplied by what the header says (“面积（亩）”), numbers with units of their own are converted; see
    `livingcircle.sources.quantities`. What was converted, what is only about right, and words that stand for unknown are noted, in one note
    each. Empty cells are NaN, as is the whole column when it is not named or missing. What is no number in that unit, a range, infinity and
    negative numbers are faults.
    """
    cells = _cells(layer, column)
    if cells is None or column is None:
        return np.full(len(layer.frame), np.nan)
    layer.units[column] = unit
    factor = _header_factor(layer, column, unit)
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        numbers: FloatArray = cells.to_numpy(dtype=float, na_value=np.nan)
        unread: BoolArray = np.isinf(numbers)
        texts = texts_of(cells) if (unread | (numbers < 0)).any() else None
    else:
        texts = texts_of(cells)
        numbers = plain_numbers(texts)
        unread = (texts != "") & ~np.isfinite(numbers)
    numbers = np.where(np.isfinite(numbers), numbers * factor, np.nan)
    if texts is None:
        return numbers
    wrong = _read_words(layer, column, texts, unread, numbers, unit, factor) if unread.any() else unread
    for index in np.flatnonzero(wrong | (numbers < 0)):
        text = texts[index]
        kind = "not_a_number" if wrong[index] else "negative_number"
        if wrong[index] and is_range(text):
            kind = "number_range"
        elif wrong[index] and text.startswith("#"):
            kind = "formula_error"
        layer.note(kind, index=index, column=column, value=text)
    return numbers


def _header_factor(layer: Layer, column: str, unit: Unit | None) -> float:
    """Return what the plain numbers of a column are multiplied by, and note it where that is not 1."""
    remark = header_parts(column)[1]
    if unit is None or not remark:
        return 1.0
    factor = UNITS[unit].get(remark)
    if factor is None:
        if remark in KNOWN or _LIKE_A_UNIT.search(remark):
            layer.note("unknown_unit", column=column, value=remark, unit=SYMBOLS[unit])
        return 1.0
    if factor != 1.0:
        layer.note("header_unit", column=column, value=remark, factor=factor, unit=SYMBOLS[unit])
    return factor


def _read_words(
    layer: Layer,
    column: str,
    texts: TextArray,
    unread: BoolArray,
    numbers: FloatArray,
    unit: Unit | None,
    factor: float,
) -> BoolArray:
    """Fill `numbers` where a cell is more than digits, each distinct text once, and note how; return which could not be read (n,)."""
    positions = np.flatnonzero(unread)
    codes, distinct = pd.factorize(texts[positions])
    readings = [quantity(text, unit, factor) for text in distinct]
    empty = np.array([is_empty_word(text) for text in distinct])
    numbers[positions] = np.array([np.nan if read is None else read.value for read in readings])[codes]
    about = np.array([read is not None and not read.exact for read in readings])
    converted = np.array([read is not None and read.exact and not read.plain and read.value >= 0 for read in readings])

    if empty.any():
        counts = np.bincount(codes, minlength=len(distinct))
        said = tuple(f"{text} × {counts[word]}" for word, text in enumerate(distinct) if empty[word])
        layer.note("empty_words", column=column, count=int(empty[codes].sum()), words=said)
    for kind, chosen in (("units_read", converted), ("approximate_numbers", about)):
        if chosen.any():
            found = positions[chosen[codes]]
            words = distinct[chosen][:EXAMPLE_ROWS]
            values = [readings[word].value for word in np.flatnonzero(chosen)[:EXAMPLE_ROWS]]
            examples = "; ".join(f"{text} → {value:,.10g}" for text, value in zip(words, values, strict=True))
            layer.note(
                kind,
                column=column,
                count=len(found),
                unit=SYMBOLS[unit] if unit else "",
                examples=examples,
                rows=_listed(layer, found),
            )
    wrong = np.zeros(len(texts), dtype=bool)
    wrong[positions] = (np.array([read is None for read in readings]) & ~empty)[codes]
    return wrong


def _listed(layer: Layer, positions: np.ndarray[Any, Any]) -> str:
    rows = ", ".join(str(layer.row(index)) for index in positions[:EXAMPLE_ROWS])
    return rows + ("…" if len(positions) > EXAMPLE_ROWS else "")


def text_column(layer: Layer, column: str | None) -> TextArray:
    """Return a column of text without surrounding blanks (n,); empty cells, and a column that is not named, are `""`."""
    cells = _cells(layer, column)
    return texts_of(cells) if cells is not None else np.full(len(layer.frame), "", dtype=object)


def id_column(layer: Layer, column: str | None) -> TextArray:
    """Return unique ids (n,): row numbers from 1 when no column is named. Empty and repeated ids are noted."""
    cells = _cells(layer, column)
    if cells is None:
        return np.array([str(row) for row in range(1, len(layer.frame) + 1)], dtype=object)
    ids = texts_of(cells)
    codes, distinct = pd.factorize(ids)
    first = np.full(len(distinct), -1)
    first[codes[::-1]] = np.arange(len(ids))[::-1]
    for index in np.flatnonzero((first[codes] != np.arange(len(ids))) | (ids == "")):
        if not ids[index]:
            layer.note("missing_value", index=index, column=column or "")
        else:
            layer.note(
                "duplicate_id", index=index, column=column or "", value=ids[index], first=layer.row(first[codes[index]])
            )
    return ids


def _cells(layer: Layer, column: str | None) -> pd.Series[Any] | None:
    """Return the column, or None when it is not named, or missing, which is noted."""
    if column is None or not layer.readable:
        return None
    if column not in layer.frame.columns:
        layer.findings.extend(missing_columns([column], layer.frame.columns, layer.file))
        return None
    return layer.frame[column]
