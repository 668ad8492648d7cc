"""Spread the residents of population cells over the homes in them, so that every cell's total is kept."""

from __future__ import annotations

import numpy as np

from livingcircle.model.columns import FloatArray, IntArray


def spread(
    cell_totals: FloatArray,
    pair_cell: IntArray,
    pair_home: IntArray,
    pair_weight: FloatArray,
    *,
    home_count: int,
) -> tuple[FloatArray, FloatArray]:
    """Share each cell's residents among its homes in proportion to weight.

    `home[h] = Σ total[c] · weight[c, h] / Σ weight[c, ·]` over the cells c that h lies in. A home in several cells receives from each.

    Parameters
    ----------
    cell_totals
        (c,) residents of each cell, not negative.
    pair_cell, pair_home
        (p,) positions: which home lies in which cell.
    pair_weight
        (p,) what the home has of its floor area inside the cell (m², or any one unit), not negative.
    home_count
        r, the number of homes.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        (r,) residents of each home, and (c,) residents that could not be placed because the cell's weights sum to 0.
        Both together sum to the cells' total, up to the rounding of floating point numbers.
    """
    cell_weights = np.bincount(pair_cell, weights=pair_weight, minlength=len(cell_totals))
    # The share is formed first: it lies in [0, 1], so neither tiny weights nor large totals overflow or vanish.
    weighted = pair_weight > 0
    shares = np.divide(pair_weight, cell_weights[pair_cell], out=np.zeros(len(pair_weight)), where=weighted)
    residents = np.bincount(pair_home, weights=cell_totals[pair_cell] * shares, minlength=home_count)
    return residents.astype(float), np.where(cell_weights > 0, 0.0, cell_totals)
