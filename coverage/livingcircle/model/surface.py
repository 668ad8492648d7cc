"""A figure of every place on the ground, whoever lives there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from numpy.typing import NDArray

if TYPE_CHECKING:
    import numpy as np

Measure = Literal["travel_time", "services_within", "living_circle_score", "places_per_1000"]
"""Seconds to the nearest facility of a service; required services within their limits; their score, 0 to 1; 2SFCA of a service."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A measure as a raster: `values` (rows, columns), NaN where there is no street near or no walk; `service` is -1 where it is of all.

    Rows run northwards; `west` and `south` are the centre of the first cell, in metres of the study's CRS.
    """

    measure: Measure
    service: int
    values: NDArray[np.float32]
    west: float
    south: float
    cell_metres: float
