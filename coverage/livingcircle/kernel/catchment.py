"""Facilities beside those who need them: how many there are to choose from, and how much there is for each in floating catchments.

All work on the rows of a `ReachTable`: its places are the facilities of one service (f), its homes (r) those of the study. `demand` (r,)
and `supply` (f,) are in one unit, whatever it is: persons and places, or square metres and square metres.
"""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.decay import decayed
from livingcircle.kernel.gauge import covered
from livingcircle.model.access import Decay, FloatingCatchment
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import ReachTable


def rows_of(table: ReachTable) -> IntArray:
    """Return the facility of each entry of the table."""
    return np.repeat(np.arange(table.places, dtype=np.int32), np.diff(table.indptr))


def facilities_in_reach(table: ReachTable, limit_seconds: float) -> IntArray:
    """Count the facilities within the limit of each home (r,): its choice."""
    within = covered(table.seconds, limit_seconds)
    return np.bincount(table.home[within], minlength=table.homes).astype(np.int32)


def nth_nearest_seconds(table: ReachTable, count: int) -> FloatArray:
    """Return the walk to the nearest, second … nearest facility (count, r); inf where there are fewer within the table's limit."""
    order = np.lexsort((table.seconds, table.home))
    home = table.home[order]
    rank = np.arange(len(home)) - np.searchsorted(home, home)
    nearest = np.full((count, table.homes), np.inf)
    few = rank < count
    nearest[rank[few], home[few]] = table.seconds[order][few]
    return nearest


def floating_catchment(
    table: ReachTable, supply: FloatArray, demand: FloatArray, range_seconds: float, decay: Decay
) -> FloatingCatchment:
    """Return supply per demand in two steps, each walk weighing f(t); without decay 2SFCA, with it the enhanced one.

    ratio_j = S_j ÷ Σ_i D_i f(t_ij), access_i = Σ_j ratio_j f(t_ij) (Luo & Wang 2003, Environment and Planning B 30:865; Luo & Qi 2009,
    Health & Place 15:1100). The walk is always the one from home to facility, so that one-way streets cannot be taken the wrong way round.
    Facilities of unknown supply (NaN) take no part.
    """
    facility, weight = rows_of(table), decayed(table.seconds, range_seconds, decay)
    wanted = np.bincount(facility, demand[table.home] * weight, minlength=table.places)
    known = ~np.isnan(supply)
    counts = known & (wanted > 0)
    ratio = np.full(table.places, np.nan)
    np.divide(supply, wanted, out=ratio, where=counts)
    access = np.bincount(table.home, np.where(counts, ratio, 0.0)[facility] * weight, minlength=table.homes).astype(
        float
    )
    return FloatingCatchment(ratio, access, float(supply[counts].sum()), float(supply[known & ~counts].sum()))


def conserved(found: FloatingCatchment, demand: FloatArray) -> bool:
    """Return whether Σ access × demand is the supply in reach, as it must be: nothing is handed out twice, nothing lost."""
    given = float((found.access * demand).sum())
    return abs(given - found.supply_reached) <= 1e-9 * max(abs(found.supply_reached), 1.0)
