"""Rows of a register of homes whose numbers cannot be right: put aside for review, never dropped in silence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.kernel.floors import MOST_LEVELS
from livingcircle.model.columns import BoolArray, FloatArray, TextArray
from livingcircle.model.people import REVIEW_REASONS


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the numbers of one row can be, and how near rows of one name are one estate."""

    most_households: float = 10_000
    most_residents: float = 30_000
    least_floor_m2_per_resident: float = 5
    most_floor_m2_per_resident: float = 1000
    duplicate_metres: float = 50


def doubts(
    *,
    names: TextArray,
    xy: FloatArray,
    residents: FloatArray,
    households: FloatArray,
    floor_m2: FloatArray,
    footprint_m2: FloatArray,
    bounds: Bounds,
) -> TextArray:
    """Return why each row cannot be right (n,), codes of `REVIEW_REASONS` joined by `;`; `""` where nothing speaks against it.

    Numbers that are unknown (NaN) are not looked at. Without a floor area even `MOST_LEVELS` levels on the footprint must give room for the
    residents. Of rows with one name within `duplicate_metres` the first stands.
    """
    most_floor_m2 = np.where(np.isnan(floor_m2), footprint_m2 * MOST_LEVELS, floor_m2)
    some = residents > 0
    found = (
        households > bounds.most_households,
        residents > bounds.most_residents,
        some & (most_floor_m2 < residents * bounds.least_floor_m2_per_resident),
        some & (floor_m2 > residents * bounds.most_floor_m2_per_resident),
        _repeated(names, xy, bounds.duplicate_metres),
    )
    reasons = np.full(len(names), "", object)
    for code, rows in zip(REVIEW_REASONS, found, strict=True):
        reasons[rows] = [f"{before};{code}" if before else code for before in reasons[rows]]
    return reasons


def _repeated(names: TextArray, xy: FloatArray, metres: float) -> BoolArray:
    """Return which rows (n,) have the name of an earlier row within some metres of them."""
    repeated = np.zeros(len(names), bool)
    named = np.flatnonzero(names != "")
    _, group = np.unique(names[named].astype(str), return_inverse=True)
    # Rows at one point are told by sorting, so that a file of nothing but copies makes no pairs of all with all.
    keys = np.column_stack([group, np.round(xy[named])])
    _, first = np.unique(keys, axis=0, return_index=True)
    alone = np.zeros(len(named), bool)
    alone[first] = True
    repeated[named[~alone]] = True
    several = first[np.bincount(group[first], minlength=int(group.max(initial=-1)) + 1)[group[first]] > 1]
    points = np.asarray(shapely.points(xy[named[several]]), object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=metres)
    later = (group[several][one] == group[several][other]) & (named[several][one] > named[several][other])
    repeated[named[several[one[later]]]] = True
    return repeated


def confirmed_rows(ids: TextArray, confirmed: Collection[str]) -> tuple[BoolArray, list[str]]:
    """Return which rows (n,) were reviewed and confirmed, and the confirmed ids that no row has."""
    present = set(ids.tolist())
    return np.isin(ids.astype(str), list(confirmed)), [name for name in confirmed if name not in present]


def reasons_said(reasons: TextArray) -> Mapping[Language, str]:
    """Say how many rows have each reason, in both languages."""
    given = [code for row in reasons for code in row.split(";")]
    counts = {code: given.count(code) for code in REVIEW_REASONS if code in given}
    return {
        "zh": "，".join(f"{REVIEW_REASONS[code].zh} {count} 行" for code, count in counts.items()),
        "en": ", ".join(f"{REVIEW_REASONS[code].en}: {count}" for code, count in counts.items()),
    }
