"""Who finds a place where places are limited: a flow of minimum cost from homes to facilities.

minimise Σ (tᵢⱼ - M) xᵢⱼ   subject to   Σⱼ xᵢⱼ ≤ Dᵢ,   Σᵢ xᵢⱼ ≤ Sⱼ,   x ≥ 0

over the pairs within the limit. M is more than any chain of displacements can cost (each facility at most once, each by at most the limit),
so that a place for one more person goes before any walking saved. Facilities are few: chains of displacements among them lead to the
minimum (`kernel.displacement`). Without numba the linear program is solved by columns: it begins with the nearest facilities of each home,
and its prices tell which other pairs it lacks (Dantzig & Wolfe 1960); when no pair would improve it, it is optimal for all of them. HiGHS
is the solver then, and takes a minute or two where the compiled chains take seconds.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

import highspy
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.kernel.catchment import rows_of
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.model.access import Allocation
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.outcome import ReachTable

NEAREST_FIRST = 2
"""So many of the nearest facilities of each home the program begins with."""
DUST = 1e-12
"""Amounts up to this share of the largest need are nothing: they are what sums leave."""
_WORTH_IT = 1e-7
"""A pair joins the program where it would save this share of the limit per person; less is below the solver's own tolerance."""


class _Pairs(NamedTuple):
    """Homes that walk alike, as one, and the facilities they have within the limit: pairs (p,), sorted by home, then walk."""

    home: IntArray
    facility: IntArray
    seconds: FloatArray

    def only(self, keep: BoolArray) -> _Pairs:
        return _Pairs(self.home[keep], self.facility[keep], self.seconds[keep])


def allocate(table: ReachTable, supply: FloatArray, demand: FloatArray, limit_seconds: float) -> Allocation:
    """Give as many people as possible a place within the limit, and of all ways of doing so take the one with the least walking.

    No order of homes or facilities decides who finds a place, as it does when they are served one after another: rows are brought into an
    order of their own first, homes with the same walks are one, and get the same share. How many are served and how much is walked
    is unique; where several ways are equally good, that order decides. `supply` (f,) and `demand` (r,) are in one unit; facilities of
    unknown supply (NaN) take no part.
    """
    rank = _rank(table, supply)
    facility = rank[rows_of(table)]
    places = np.empty(table.places)
    places[rank] = np.where(supply > 0, supply, 0.0)
    use = covered(table.seconds, limit_seconds) & (places > 0)[facility] & (demand > 0)[table.home]
    alike, pairs = _alike(_Pairs(table.home[use], facility[use], table.seconds[use]), table.homes)
    members = np.flatnonzero(alike >= 0)
    members = members[np.lexsort((demand[members], alike[members]))]
    needed = np.bincount(alike[members], demand[members]).astype(
        float
    )  # summed up in order of size, whatever the order of homes
    flow = _flow(pairs, needed, places, limit_seconds)
    filled = np.bincount(pairs.facility, flow, minlength=table.places)
    walked = np.bincount(pairs.facility, flow * pairs.seconds, minlength=table.places)
    share = np.bincount(pairs.home, flow, minlength=len(needed)) / needed
    served = np.zeros(table.homes)
    served[members] = np.minimum(share, 1.0)[alike[members]] * demand[members]
    mean = np.divide(walked, filled, out=np.full(table.places, np.nan), where=filled > 0)
    return Allocation(
        filled=np.where(np.isnan(supply), np.nan, np.minimum(filled, places)[rank]),
        walk_seconds=mean[rank],
        served=served,
        person_seconds=float(walked.sum()),
    )


def _rank(table: ReachTable, supply: FloatArray) -> IntArray:
    """Return the rank of each facility (f,) by what it offers and who has it in reach, in whole numbers: the same in any order."""
    facility, ticks = rows_of(table), np.rint(table.seconds * TICKS_PER_SECOND).astype(np.int64)
    homes = np.diff(table.indptr)
    walks, least = np.zeros((2, table.places), np.int64), np.full(table.places, np.iinfo(np.int64).max)
    np.add.at(walks[0], facility, ticks)
    np.add.at(walks[1], facility, ticks**2)
    np.minimum.at(least, facility, ticks)
    rank = np.empty(table.places, np.int32)
    rank[np.lexsort((least, walks[1], walks[0], homes, supply))] = np.arange(table.places, dtype=np.int32)
    return rank


def _alike(pairs: _Pairs, homes: int) -> tuple[IntArray, _Pairs]:
    """Take homes with the same walks to the same facilities as one: which one each is (r,), -1 for none, and the pairs of those."""
    order = np.lexsort((pairs.facility, pairs.seconds, pairs.home))
    pairs = _Pairs(pairs.home[order], pairs.facility[order], pairs.seconds[order])
    rows = np.empty(len(pairs.home), [("seconds", ">f8"), ("facility", ">i4")])
    rows["seconds"], rows["facility"] = pairs.seconds, pairs.facility
    ends = np.searchsorted(pairs.home, np.arange(homes + 1))
    keys = {home: rows[ends[home] : ends[home + 1]].tobytes() for home in np.flatnonzero(np.diff(ends)).tolist()}
    number = {key: position for position, key in enumerate(sorted(set(keys.values())))}
    alike = np.full(homes, -1, np.int32)
    alike[list(keys)] = [number[key] for key in keys.values()]
    _, first = np.unique(alike, return_index=True)
    kept = pairs.only(np.isin(pairs.home, first))
    order = np.argsort(alike[kept.home], kind="stable")
    return alike, _Pairs(alike[kept.home][order], kept.facility[order], kept.seconds[order])


def _flow(pairs: _Pairs, needed: FloatArray, places: FloatArray, limit_seconds: float) -> FloatArray:
    """Return how many take each pair (p,): everyone to the nearest where there is room for all, else what the program says."""
    flow = np.zeros(len(pairs.home))
    if not len(flow):
        return flow
    homes, facilities = len(needed), len(places)
    nearest = np.searchsorted(pairs.home, np.arange(homes))
    flow[nearest] = needed
    joined = coo_array((np.ones(len(flow)), (pairs.home, homes + pairs.facility)), shape=(homes + facilities,) * 2)
    _, part = connected_components(joined, directed=False)
    load = np.bincount(pairs.facility[nearest], needed, minlength=facilities)
    crowded = np.unique(part[homes:][load > places])
    hard = np.isin(part[pairs.home], crowded)
    if hard.any():
        loops, some = _compiled(), pairs.only(hard)
        if loops is None:
            flow[hard] = _program(some, needed, places, limit_seconds)
        else:
            flow[hard] = _displaced(loops, some, needed, places)
    return flow


@cache
def _compiled() -> ModuleType | None:
    """Import the compiled loops, which takes half a second, or find that numba is missing."""
    if find_spec("numba") is None:
        return None
    from livingcircle.kernel import displacement

    return displacement


def _displaced(loops: ModuleType, pairs: _Pairs, needed: FloatArray, places: FloatArray) -> FloatArray:
    """Return the same flow as `_program`, by chains of displacements."""
    homes, home = np.unique(pairs.home, return_inverse=True)
    facilities, facility = np.unique(pairs.facility, return_inverse=True)
    ticks = np.rint(pairs.seconds * TICKS_PER_SECOND).astype(np.int64)
    flow: FloatArray = loops.displaced(
        np.searchsorted(home, np.arange(len(homes) + 1)).astype(np.int64),
        facility.astype(np.int32),
        ticks,
        needed[homes],
        places[facilities],
        np.int64((len(facilities) + 1) * (int(ticks.max()) + 1)),
        DUST * float(needed[homes].max()),
    )
    return flow


def _program(pairs: _Pairs, needed: FloatArray, places: FloatArray, limit_seconds: float) -> FloatArray:
    homes, home = np.unique(pairs.home, return_inverse=True)
    facilities, facility = np.unique(pairs.facility, return_inverse=True)
    cost = pairs.seconds / limit_seconds - (len(facilities) + 1)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, setting in {"output_flag": False, "random_seed": 0, "threads": 1}.items():
        solver.setOptionValue(name, setting)
    room = np.concatenate([needed[homes], places[facilities]])
    solver.addRows(len(room), np.full(len(room), -highspy.kHighsInf), room, 0, np.zeros(len(room), np.int32), [], [])
    rank = np.arange(len(home)) - np.searchsorted(home, home)
    columns = np.empty(0, np.intp)
    more = np.flatnonzero(rank < NEAREST_FIRST)
    while len(more):
        count = len(more)
        ends = np.column_stack([home[more], len(homes) + facility[more]]).astype(np.int32).ravel()
        solver.addCols(
            count,
            cost[more],
            np.zeros(count),
            np.full(count, highspy.kHighsInf),
            2 * count,
            np.arange(0, 2 * count, 2, dtype=np.int32),
            ends,
            np.ones(2 * count),
        )
        columns = np.concatenate([columns, more])
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            message = f"the allocation ended as {solver.modelStatusToString(solver.getModelStatus())}"
            raise AssertionError(message)
        price = np.asarray(solver.getSolution().row_dual)
        saved = price[home] + price[len(homes) + facility] - cost
        saved[columns] = 0.0
        more = np.flatnonzero(saved > _WORTH_IT)
    flow = np.zeros(len(home))
    flow[columns] = np.maximum(solver.getSolution().col_value, 0.0)
    return flow
