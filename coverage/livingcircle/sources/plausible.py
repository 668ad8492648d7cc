"""Rows of a register of homes whose numbers cannot be right: put aside for review, never dropped in silence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from livingcircle.faults import Language
from livingcircle.kernel.floors import MOST_LEVELS
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, TextArray
from livingcircle.model.people import REVIEW_REASONS

ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the numbers of one row can be, and how near rows of one name may be one estate; 0 looks for none."""

    most_households: float = 10_000
    most_residents: float = 30_000
    least_floor_m2_per_resident: float = 5
    most_floor_m2_per_resident: float = 1000
    duplicate_metres: float = 50


def doubts(
    *,
    names: TextArray,
    geometry: GeometryArray,
    xy: FloatArray,
    residents: FloatArray,
    households: FloatArray,
    floor_m2: FloatArray,
    footprint_m2: FloatArray,
    bounds: Bounds,
) -> TextArray:
    """Return why each row cannot be right (n,), codes of `REVIEW_REASONS` joined by `;`; `""` where nothing speaks against it.

    Numbers that are unknown (NaN) are not looked at. Without a floor area even `MOST_LEVELS` levels on the footprint must give room for the
    residents. Of rows with one name, one place (to a metre) and the same numbers the first stands, the others are copies. Rows that only
    share their name with an earlier one near by are `alike`: two lists of one estate, or two buildings of it; nobody but the user can tell.
    """
    most_floor_m2 = np.where(np.isnan(floor_m2), footprint_m2 * MOST_LEVELS, floor_m2)
    some = residents > 0
    copies = _copies(names, xy, residents, households)
    found = (
        households > bounds.most_households,
        residents > bounds.most_residents,
        some & (most_floor_m2 < residents * bounds.least_floor_m2_per_resident),
        some & (floor_m2 > residents * bounds.most_floor_m2_per_resident),
        copies,
        _alike(names, geometry, xy, copies, bounds.duplicate_metres),
    )
    reasons = np.full(len(names), "", object)
    for code, rows in zip(REVIEW_REASONS, found, strict=True):
        reasons[rows] = [f"{before};{code}" if before else code for before in reasons[rows]]
    return reasons


def _copies(names: TextArray, xy: FloatArray, residents: FloatArray, households: FloatArray) -> BoolArray:
    """Return which rows (n,) say what an earlier one says."""
    copies = np.zeros(len(names), bool)
    named = np.flatnonzero(names != "")
    rows = {"name": names, "x": np.round(xy[:, 0]), "y": np.round(xy[:, 1]), "r": residents, "h": households}
    copies[named] = pd.DataFrame({column: values[named] for column, values in rows.items()}).duplicated().to_numpy()
    return copies


def _alike(names: TextArray, geometry: GeometryArray, xy: FloatArray, copies: BoolArray, metres: float) -> BoolArray:
    """Return which rows (n,) share the name of an earlier one near by; footprints only where they lie on each other."""
    alike = np.zeros(len(names), bool)
    named = np.flatnonzero((names != "") & ~copies)
    group, _ = pd.factorize(names[named])
    several = np.bincount(group)[group] > 1
    shared, group = named[several], group[several]
    if not metres or not len(shared):
        return alike
    # Rows at one point are told by hashing: a file whose rows all lie there makes no pairs of all with all.
    again = pd.DataFrame({"name": group, "x": np.round(xy[shared, 0]), "y": np.round(xy[shared, 1])}).duplicated()
    alike[shared[again]] = True
    shared, group = shared[~again], group[~again]
    is_area = shapely.get_dimensions(geometry[shared]) == 2
    points = np.asarray(shapely.points(xy[shared]), object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=metres)
    later = (group[one] == group[other]) & (shared[one] > shared[other])
    one, other = one[later], other[later]
    apart = is_area[one] & is_area[other]
    apart[apart] = ~shapely.intersects(geometry[shared[other[apart]]], points[one[apart]])
    alike[shared[one[~apart]]] = True
    return alike


def is_only_alike(reasons: TextArray) -> BoolArray:
    """Return which rows (q,) are merely pointed out: they count."""
    return np.asarray(reasons == ALIKE)


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
