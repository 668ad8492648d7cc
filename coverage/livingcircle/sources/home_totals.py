"""Homes beside a population table: how far they differ, district by district, and homes scaled so that they no longer do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from livingcircle.faults import Fault
from livingcircle.kernel.totals import nearest_listed, remainders, rolled_up, scaled_to_districts
from livingcircle.model.columns import FloatArray, TextArray
from livingcircle.model.places import Districts, Homes
from livingcircle.model.population import HOUSEHOLDS, RESIDENTS, PopulationCheck, PopulationTotals
from livingcircle.sources.reading import Reading

TOLERATED_SHARE = 0.1
"""Homes and table may differ by as much before it is warned of: they are rarely of the same day."""
ROUNDING = 0.5
"""Numbers of people that differ by less are equal."""
EXAMPLES_SHOWN = 3
WORDS = {RESIDENTS: ("居民数", "residents"), HOUSEHOLDS: ("户数", "households")}


def compared_with_table(homes: Homes, districts: Districts, table: PopulationTotals) -> Reading[PopulationCheck]:
    """Return what homes hold beside what the table says, for every figure and district it has, with a warning where residents differ."""
    rows = []
    for figure, totals in zip(table.figures, table.totals, strict=True):
        listed = np.flatnonzero(np.isfinite(totals))
        in_homes = rolled_up(_summed(homes, districts, _values(homes, figure)), districts.parent)
        names = np.full(len(listed), figure, object)
        rows.append((names, listed.astype(np.int32), in_homes[listed], totals[listed]))
    found = PopulationCheck(*(np.concatenate(column) for column in zip(*rows, strict=True)))
    apart = np.abs(found.in_homes - found.in_table)
    far = (found.figure == RESIDENTS) & (apart > np.maximum(TOLERATED_SHARE * found.in_table, ROUNDING))
    worst = np.flatnonzero(far)[np.argsort(-apart[far], kind="stable")]
    if not len(worst):
        return Reading(found)
    examples = "; ".join(
        f"{districts.names[found.district[one]]} {found.in_homes[one]:,.0f} / {found.in_table[one]:,.0f}"
        for one in worst[:EXAMPLES_SHOWN]
    )
    return Reading(found, (Fault("population_differs", details={"count": len(worst), "examples": examples}),))


def scaled_to_table(homes: Homes, districts: Districts, table: PopulationTotals) -> Reading[Homes]:
    """Return the homes with residents, households and age groups that sum to the table in every district it has a number of.

    Each figure is shared out in proportion to what homes have of it, an age group that homes do not have in proportion to their residents.
    Where the table has numbers of several levels, homes in a smaller district sum to its own, the others to what the larger one has beyond.
    Age groups that the table does not have keep their share of the residents. Homes outside all districts of the table stay as they are;
    those have nobody in a group that only the table has, which is warned of.
    """
    said: list[Fault] = []
    scaled = homes
    order = sorted(
        range(len(table.figures)), key=lambda row: table.figures[row] != RESIDENTS
    )  # age groups follow residents
    for row in order:
        figure, totals = table.figures[row], table.totals[row]
        before = _values(scaled, figure)
        weights = scaled.residents if before is None else before
        known = np.zeros(len(homes)) if before is None else before
        after, faults = _scaled(weights, known, scaled, districts, totals, figure)
        said.extend(faults)
        if before is None:
            listed = nearest_listed(scaled.district, np.isfinite(totals), districts.parent) >= 0
            unknown = float(scaled.residents[~listed].sum())
            after = np.where(listed, after, 0.0)
            if unknown:
                said.append(Fault("age_group_unknown", details={"group": figure, "residents": unknown}))
        scaled = _with_values(scaled, figure, after)
    return Reading(scaled, tuple(said))


def _scaled(
    weights: FloatArray, before: FloatArray, homes: Homes, districts: Districts, totals: FloatArray, figure: str
) -> tuple[FloatArray, Iterable[Fault]]:
    what_zh, what_en = WORDS.get(figure, (f"{figure} 岁居民", f"residents aged {figure}"))
    words: dict[str, str | float] = {"what_zh": what_zh, "what_en": what_en}
    left = remainders(totals, districts.parent)
    said = []
    short = np.flatnonzero(left < -ROUNDING)
    if len(short):
        examples = _few(districts.names[short])
        said.append(Fault("population_levels_disagree", details={**words, "count": len(short), "examples": examples}))
    target = nearest_listed(homes.district, np.isfinite(totals), districts.parent)
    after, unplaced = scaled_to_districts(weights, target, np.maximum(left, 0.0))
    here = target >= 0
    details = {"districts": int(np.isfinite(totals).sum()), "before": float(before[here].sum())}
    said.append(Fault("population_scaled", details={**words, **details, "after": float(after[here].sum())}))
    empty = np.flatnonzero(unplaced > ROUNDING)
    if len(empty):
        lost: dict[str, str | float] = {"count": float(unplaced[empty].sum()), "districts": len(empty)}
        said.append(Fault("population_unplaced", details={**words, **lost, "examples": _few(districts.names[empty])}))
    return after, said


def _values(homes: Homes, figure: str) -> FloatArray | None:
    """Return what homes have of a figure (r,), None of an age group they do not have."""
    if figure in WORDS:
        values: FloatArray = getattr(homes, figure)
        return values
    return homes.residents_by_age[:, homes.age_groups.index(figure)] if figure in homes.age_groups else None


def _with_values(homes: Homes, figure: str, values: FloatArray) -> Homes:
    """Return the homes with one figure changed; with residents, every age group keeps its share of them."""
    if figure == HOUSEHOLDS:
        return replace(homes, households=values)
    if figure == RESIDENTS:
        factor = np.divide(values, homes.residents, out=np.zeros(len(homes)), where=homes.residents > 0)
        return replace(homes, residents=values, residents_by_age=homes.residents_by_age * factor[:, None])
    if figure in homes.age_groups:
        by_age = homes.residents_by_age.copy()
        by_age[:, homes.age_groups.index(figure)] = values
        return replace(homes, residents_by_age=by_age)
    by_age = np.column_stack([homes.residents_by_age, values])
    return replace(homes, residents_by_age=by_age, age_groups=(*homes.age_groups, figure))


def _summed(homes: Homes, districts: Districts, values: FloatArray | None) -> FloatArray:
    """Return what the homes of each district hold (d,); NaN where homes do not know."""
    if values is None:
        return np.full(len(districts), np.nan)
    within = homes.district >= 0
    return np.bincount(homes.district[within], values[within], minlength=len(districts)).astype(float)


def _few(names: TextArray) -> str:
    return "; ".join(str(name) for name in names[:EXAMPLES_SHOWN]) + ("…" if len(names) > EXAMPLES_SHOWN else "")
