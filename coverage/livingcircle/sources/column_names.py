"""Which column of a file holds what: the one that is stated, or the one whose name is among those the field goes by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livingcircle.sources.layers import Layer

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "编码", "代码"),
    "name": ("name", "名称"),
}
"""What each field is called in Chinese and English files, the likeliest first; capitals, blanks and underscores do not matter."""


def match_column(present: Iterable[object], field: str, stated: str | None) -> str | None:
    """Return the column that holds a field: the stated one, whether present or not, else the first known name; None where there is none."""
    if stated is not None:
        return stated
    columns = {_plain(str(column)): str(column) for column in present}
    return next((columns[name] for name in map(_plain, NAMES.get(field, ())) if name in columns), None)


def match_columns(layer: Layer, stated: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the column of every field; those found by their name are noted, since nothing may be guessed in silence."""
    found = {field: match_column(layer.frame.columns, field, column) for field, column in stated.items()}
    present = set(layer.frame.columns)
    layer.columns.update({field: column for field, column in found.items() if column is not None and column in present})
    guessed = {field: column for field, column in found.items() if column is not None and stated[field] is None}
    if guessed:
        layer.note("columns_matched", columns="; ".join(f"{column} → {field}" for field, column in guessed.items()))
    return found


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").casefold()
