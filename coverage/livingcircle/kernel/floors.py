"""Floor area and residents of buildings, where nobody has counted them: one chain of stated assumptions for every source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import BoolArray, FloatArray

MOST_LEVELS = 200
"""Taller than any building there is; more is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class FloorAssumptions:
    """What is assumed where a building does not say: its levels, how high a level is, and how much floor a resident has."""

    floor_m2_per_resident: float
    default_levels: float
    metres_per_level: float = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class FloorEstimate:
    """What follows for each building (r,): residential floor area, residents, and where its levels come from."""

    floor_m2: FloatArray
    residents: FloatArray
    from_height: BoolArray
    from_default: BoolArray


def residents_by_floor(
    footprint_m2: FloatArray,
    levels: FloatArray,
    height_metres: FloatArray,
    residential_share: FloatArray,
    assumed: FloorAssumptions,
) -> FloorEstimate:
    """Estimate residential floor area and residents of buildings.

    `floor_m2 = footprint_m2 × levels × residential_share`; `residents = floor_m2 ÷ floor_m2_per_resident`. Levels that are unknown are
    `height_metres ÷ metres_per_level`, to the nearest whole number and at least 1; without a height `default_levels`.

    Parameters
    ----------
    footprint_m2
        (r,) built-up area on the ground; NaN (a point) leaves floor and residents NaN.
    levels, height_metres
        (r,) above ground; NaN, 0 and more than `MOST_LEVELS` levels are unknown.
    residential_share
        (r,) share of the floor that is lived in, 0 to 1.
    assumed
        The assumptions.
    """
    stated = (levels > 0) & (levels <= MOST_LEVELS)
    by_height = np.maximum(np.round(height_metres / assumed.metres_per_level), 1)
    from_height = ~stated & (height_metres > 0) & (by_height <= MOST_LEVELS)
    used = np.where(stated, levels, np.where(from_height, by_height, assumed.default_levels))
    floor_m2 = footprint_m2 * used * residential_share
    return FloorEstimate(floor_m2, floor_m2 / assumed.floor_m2_per_resident, from_height, ~stated & ~from_height)
