"""What a rule asks for: the band a value has to lie in, and how far from its edge it lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, FloatArray
from livingcircle.model.rule import Rule

DUST = 1e-9
"""Values this close to a threshold, relative to it, are equal to it: sums of floating-point numbers are no closer."""
DISTANCES = frozenset({"walk_minutes", "walk_metres"})


class Band(NamedTuple):
    """The values from `low` to `high`, both included unless `strict`."""

    low: float
    high: float
    strict: bool = False

    def margin(self, value: FloatArray) -> FloatArray:
        """Return how far values lie inside the band, negative where outside; 0 for what is as good as equal to its edge, NaN for NaN."""
        above = value - self.low if np.isfinite(self.low) else np.where(np.isnan(value), np.nan, np.inf)
        below = self.high - value if np.isfinite(self.high) else np.where(np.isnan(value), np.nan, np.inf)
        gap = np.minimum(above, below)
        edges = [abs(edge) for edge in (self.low, self.high) if np.isfinite(edge)]
        return np.where(np.abs(gap) <= DUST * max(1.0, *edges), 0.0, gap)

    def holds(self, value: FloatArray) -> BoolArray:
        """Return whether values lie in the band; NaN does not."""
        margin = self.margin(value)
        return np.asarray(margin > 0 if self.strict else margin >= 0)

    def certain(self, least: FloatArray, most: FloatArray) -> BoolArray:
        """Return whether every value between two bounds lies in the band."""
        return self.holds(least) & self.holds(most)

    def possible(self, least: FloatArray, most: FloatArray) -> BoolArray:
        """Return whether some value between two bounds lies in the band; not where they are NaN."""
        return self.holds(np.clip(self.low, least, most)) | self.holds(np.clip(self.high, least, most))

    def edge(self, value: FloatArray) -> FloatArray:
        """Return the threshold that decides about each value: the nearer edge of the band; for NaN the lower one, if there is one."""
        if not np.isfinite(self.high):
            return np.full(len(value), self.low)
        if not np.isfinite(self.low):
            return np.full(len(value), self.high)
        return np.where(value - self.low > self.high - value, self.high, self.low)


def band(rule: Rule) -> Band | None:
    """Return the band of a rule, None where it states no number and none is meant.

    Clauses that require, prefer or include something without a number mean at least one, or all members of their list; those that avoid
    it mean none. A walk asked to lie between two distances is a limit with a comfortable value below it: nobody lives too near.
    """
    value, more = (None if number is None else float(number) for number in (rule.value, rule.value_max))
    if rule.operator == "avoid":
        return Band(-np.inf, 0.0)
    if rule.metric == "facility_list" and rule.members:
        return Band(float(len(rule.members)), np.inf)
    if rule.operator in {"require", "prefer", "include"} or (
        value is None and rule.metric in {"presence", "named", "checklist"}
    ):
        return Band(1.0 if value is None else value, np.inf)
    if value is None:
        return None
    match rule.operator:
        case ">=" | ">":
            return Band(value, np.inf, rule.operator == ">")
        case "<=" | "<":
            return Band(-np.inf, value, rule.operator == "<")
        case "between":
            high = value if more is None else more
            return Band(-np.inf if rule.metric in DISTANCES else value, high)
        case _:
            return Band(value, value)


def worst_by_unit(
    asked: Band, value: FloatArray, row: NDArray[np.intp], units: int, times: FloatArray | float = 1.0
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the bounds of the value furthest out in each unit (k,), what all that fall short lack together, and what others exceed by.

    `value` (m,) are those of single facilities, NaN unknown, `row` (m,) the unit of each. One that is known to fail decides; otherwise
    one that is unknown leaves the unit unknown. NaN for units without any. `times` (m,) makes amounts of what a value is per: beds.
    """
    margin = asked.margin(value)
    order = np.lexsort((np.where(np.isnan(margin), np.inf, margin), row))
    first = np.ones(len(order), bool)
    first[1:] = row[order][1:] != row[order][:-1]
    worst = np.full(units, np.nan)
    worst[row[order][first]] = value[order][first]
    unsure = np.bincount(row[np.isnan(value)], minlength=units) > 0
    open_ = unsure & (np.isnan(worst) | asked.holds(worst))
    out = np.where(asked.holds(value) | np.isnan(value), 0.0, -margin * times)
    over = value > asked.high
    missing, excess = (
        np.bincount(row, np.where(which, out, 0.0), minlength=units).astype(float) for which in (~over, over)
    )
    return np.where(open_, -np.inf, worst), np.where(open_, np.inf, worst), missing, excess
