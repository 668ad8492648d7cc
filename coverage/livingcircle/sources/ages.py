"""Age groups in a register: which columns hold them, and how many residents of each group a home has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from livingcircle.faults import Fault
from livingcircle.model.columns import FloatArray
from livingcircle.model.people import AgeCounts
from livingcircle.sources.columns import number_column
from livingcircle.sources.layers import Layer

_PEOPLE = r"(?:的)?(?:人|人口|人数|人口数|老人|老年人|老年人口|儿童|幼儿|儿童数|residents|people|persons)?"
_FROM = re.compile(rf"(?:ages?|aged)?(\d{{1,3}})(?:岁|周岁)?(?:\+|及?以上|plus|andover|andolder|andabove){_PEOPLE}")
_BETWEEN = re.compile(
    rf"(?:ages?|aged)?(\d{{1,3}})(?:岁|周岁)?(?:[-–—~～至到]|to)(\d{{1,3}})(?:岁|周岁|years)?{_PEOPLE}"
)
_IGNORED = re.compile(r"[\s_()（）]")
ROUNDING = 0.5
"""A group may exceed all residents by as much as rounding to whole people adds."""


def age_group(header: str) -> str | None:
    """Return the age group a header names, None for any other: `60岁以上`, `60岁及以上人口` and `aged 60+` are `60+`, `0-3岁` is `0-3`."""
    plain = _IGNORED.sub("", header).casefold()
    if found := _FROM.fullmatch(plain):
        return f"{int(found[1])}+"
    if (found := _BETWEEN.fullmatch(plain)) and int(found[1]) < int(found[2]) <= 120:
        return f"{int(found[1])}-{int(found[2])}"
    return None


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
