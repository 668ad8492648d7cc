"""Age groups in a register: which columns hold them, and how many residents of each group a home has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from livingcircle.faults import Fault
from livingcircle.model.ages import age_group
from livingcircle.model.columns import FloatArray
from livingcircle.model.people import AgeCounts
from livingcircle.sources.columns import number_column
from livingcircle.sources.layers import Layer

ROUNDING = 0.5
"""A group may exceed all residents by as much as rounding to whole people adds."""


def age_columns(layer: Layer, stated: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each age group: those stated, else those whose header names a group, which is noted."""
    if stated or not layer.readable:
        return dict(stated)
    found: dict[str, str] = {}
    for column in layer.frame.columns:
        group = age_group(str(column))
        if group is not None:
            found.setdefault(group, str(column))
    if found:
        layer.note("columns_matched", columns="; ".join(f"{column} → {group}" for group, column in found.items()))
    return found


def age_counts(layer: Layer, columns: Mapping[str, str]) -> AgeCounts:
    """Read the residents of each age group (n, g); empty cells count nobody, which is warned of."""
    counts = [number_column(layer, column, "residents") for column in columns.values()]
    by_age = np.column_stack(counts) if counts else np.empty((len(layer.frame), 0))
    unknown = int(np.isnan(by_age).any(axis=1).sum())
    if unknown and not layer.faults:
        layer.note("age_unknown", count=unknown, columns=", ".join(columns.values()))
    return AgeCounts(tuple(columns), np.nan_to_num(by_age))


def age_warnings(ages: AgeCounts, residents: FloatArray, ids: Iterable[object], file: str) -> tuple[Fault, ...]:
    """Say where a group has more residents than the home has in all; nothing is changed."""
    names = np.array(list(ids), object)
    found = []
    for number, group in enumerate(ages.groups):
        more = np.flatnonzero(ages.residents[:, number] > residents + ROUNDING)
        if len(more):
            details: dict[str, str | float] = {"group": group, "count": len(more), "example": str(names[more[0]])}
            found.append(Fault("age_exceeds_residents", file=file, details=details))
    return tuple(found)
