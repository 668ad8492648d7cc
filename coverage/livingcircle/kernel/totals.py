"""Totals of districts: summed over the smaller ones within the larger, and shared out among homes so that every total is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, FloatArray, IntArray


def rolled_up(own: NDArray[np.floating[Any] | np.integer[Any]], parent: IntArray) -> FloatArray:
    """Return what each district holds (d,), that of all districts within it included.

    Parameters
    ----------
    own
        (d,) what lies in the district and in none within it; NaN makes all that it is part of NaN.
    parent
        (d,) position of the district it is part of, -1 for none; without circles.
    """
    total: FloatArray = own.astype(float)
    carried = total.copy()
    inner = parent >= 0
    while carried[inner].any():
        carried = np.bincount(parent[inner], carried[inner], minlength=len(own)).astype(float)
        total += carried
    return total


def scaled_to_districts(values: FloatArray, district: IntArray, totals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scale the values of homes so that those of each district sum to its total.

    `scaled[h] = total[d] · value[h] / Σ value[homes of d]`. To share out a part of the residents, an age group for instance, give the
    homes' residents as `values` and the district's number of the group as `totals`.

    Parameters
    ----------
    values
        (r,) residents, households or any other weight of each home, not negative.
    district
        (r,) position of each home's district, -1 for none.
    totals
        (d,) what each district has to hold, not negative; NaN where that is unknown.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        (r,) scaled values; those of homes in no district, or in one whose total is unknown, stay as they are. And (d,) what could not be
        placed because no home of the district has a value. In each district both sum to its total, up to rounding.
    """
    known = np.append(np.isfinite(totals), False)[district]  # position -1, no district, has no total
    sums = np.bincount(district[known], values[known], minlength=len(totals))
    scaled: FloatArray = values.astype(float)
    there = known & (values > 0)
    # The share is formed first: it lies in [0, 1], so neither tiny values nor large totals overflow or vanish.
    scaled[there] = totals[district[there]] * (values[there] / sums[district[there]])
    return scaled, np.where((sums > 0) | np.isnan(totals), 0.0, totals)


def nearest_listed(district: IntArray, listed: BoolArray, parent: IntArray) -> IntArray:
    """Return the first listed district (k,) on the way up from each of some districts, itself included; -1 where there is none.

    `listed` and `parent` are (d,); a district of -1 is none and has none.
    """
    found = district.copy()
    end, larger = np.append(listed, True), np.append(parent, np.int32(-1))
    while not end[found].all():
        found = np.where(end[found], found, larger[found])
    return found


def remainders(totals: FloatArray, parent: IntArray) -> FloatArray:
    """Return what a table leaves for the homes of each district (d,) that lie in no smaller district with a total of its own.

    NaN where the table has no total; negative where those of the smaller districts sum to more.
    """
    listed = np.isfinite(totals)
    above = nearest_listed(parent, listed, parent)
    inner = listed & (above >= 0)
    return totals - np.bincount(above[inner], totals[inner], minlength=len(totals))
