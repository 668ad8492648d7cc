"""The siting problem as it is asked, and the same problem made small.

Maximal covering (MCLP; Church and ReVelle 1974, Papers of the Regional Science Association 32:101-118): open at most `sites` candidates so
that as many residents as possible, not yet covered by existing facilities, are within the limit of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import offsets
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.outcome import ReachTable


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """`cover` lists the homes each of c candidates reaches; `covered_before` (r,) are served by what exists and gain nothing."""

    cover: ReachTable
    residents: FloatArray
    covered_before: BoolArray
    sites: int

    def gained(self, chosen: IntArray) -> BoolArray:
        """Return the homes (r,) newly covered by a choice of candidates, straight from the problem as it was asked."""
        reached = np.zeros(self.cover.homes, bool)
        for candidate in chosen:
            reached[self.cover.row(int(candidate))] = True
        return reached & ~self.covered_before


@dataclass(frozen=True, slots=True, eq=False)
class ReducedProblem:
    """The same problem with homes of equal cover sets merged into demands, and what cannot matter left out.

    `weight` (d,) are residents per demand. `indptr`/`demand` list each remaining candidate's demands; `candidate` are their positions in
    the problem. A demand is worth the same as its homes, so every value and bound carries over unchanged.
    """

    weight: FloatArray
    indptr: IntArray
    demand: IntArray
    candidate: IntArray
    sites: int

    def row(self, position: int) -> IntArray:
        """Return the demands that a remaining candidate covers."""
        return self.demand[self.indptr[position] : self.indptr[position + 1]]


def reduced(problem: SitingProblem) -> ReducedProblem:
    """Merge homes reached by the same candidates; drop homes already covered or without residents, and candidates that then reach none."""
    cover = problem.cover
    candidate = np.repeat(np.arange(cover.places), np.diff(cover.indptr))
    open_home = ~problem.covered_before & (problem.residents > 0)
    useful = open_home[cover.home]
    candidate, home = candidate[useful], cover.home[useful]
    group, home_of_group = _equal_sets(home, candidate, cover.homes)
    grouped = np.flatnonzero(group >= 0)
    weight = np.bincount(group[grouped], weights=problem.residents[grouped], minlength=len(home_of_group))
    representative = np.zeros(cover.homes, bool)
    representative[home_of_group] = True
    first = representative[home]
    kept, position = np.unique(candidate[first], return_inverse=True)
    return ReducedProblem(
        weight=weight.astype(np.float64),
        indptr=offsets(position.astype(np.int32), len(kept)),
        demand=group[home[first]].astype(np.int32),
        candidate=kept.astype(np.int32),
        sites=min(problem.sites, len(kept)),
    )


def _equal_sets(home: IntArray, candidate: NDArray[np.intp], homes: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number homes by their set of candidates, -1 for those in none; also return the first home of each number.

    Sets are compared by the sum of two random 64-bit words per candidate: two of a million different sets are mistaken for one another
    with a probability below 10⁻²⁶.
    """
    words = np.random.default_rng(0).integers(0, 2**64, size=(2, int(candidate.max(initial=0)) + 1), dtype=np.uint64)
    sums = np.zeros((2, homes), np.uint64)
    for word, total in zip(words, sums, strict=True):
        np.add.at(total, home, word[candidate])
    reached = np.unique(home)
    _, first, number = np.unique(sums[:, reached], axis=1, return_index=True, return_inverse=True)
    group = np.full(homes, -1, np.intp)
    group[reached] = number.ravel()
    return group, reached[first].astype(np.intp)
