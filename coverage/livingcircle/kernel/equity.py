"""How evenly something good is spread over people: Lorenz curve, Gini, Palma, Theil, concentration, and the worst served.

All functions take the good each home enjoys, `values` (r,), not negative, and how many people enjoy it, `people` (r,). A home of five
residents counts as five equal people, so splitting or merging equal homes changes nothing, nor does the unit of the good. Homes without
people, or whose good is NaN, are left out. Where nobody has any of it there is nothing to be uneven: NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from livingcircle.model.columns import FloatArray, IntArray

TOP, BOTTOM, WORST = 0.1, 0.4, 0.1
"""Shares of people: the best and the worst served of the Palma ratio, and the worst-served tenth."""
_GRID = np.linspace(0.0, 1.0, 101)


class Lorenz(NamedTuple):
    """Corners of a Lorenz curve: the share of `people` (k,) with the least, and their share of all there is, `good` (k,); from 0 to 1."""

    people: FloatArray
    good: FloatArray

    def at(self, share: float | FloatArray) -> FloatArray:
        """Return the share of the good that the worst-served `share` of people has; exact, for the curve is straight between corners."""
        return np.asarray(np.interp(share, self.people, self.good))


class Theil(NamedTuple):
    """Theil's T and its two parts: between groups, and within them; NaN where there are no groups."""

    total: float
    between: float
    within: float


def lorenz(values: FloatArray, people: FloatArray, rank: FloatArray | None = None) -> Lorenz:
    """Return the Lorenz curve; with `rank` (r,) the concentration curve, people in that order and those of one rank as one group."""
    values, people, rank = _counted(values, people, values if rank is None else rank)
    _, place = np.unique(rank, return_inverse=True)
    good, heads = np.bincount(place, values * people), np.bincount(place, people)
    total = good.sum()
    with np.errstate(invalid="ignore"):
        shares = np.concatenate([[0.0], np.cumsum(good) / total]) if total > 0 else np.full(len(good) + 1, np.nan)
        return Lorenz(np.concatenate([[0.0], np.cumsum(heads) / max(heads.sum(), np.finfo(float).tiny)]), shares)


def lorenz_points(values: FloatArray, people: FloatArray) -> Lorenz:
    """Return the Lorenz curve at every hundredth of the people, for drawing."""
    return Lorenz(_GRID, lorenz(values, people).at(_GRID))


def gini(values: FloatArray, people: FloatArray) -> float:
    """Return the Gini coefficient: twice the area between the Lorenz curve and the diagonal; 0 even, towards 1 uneven.

    The same as Σᵢ Σⱼ pᵢ pⱼ |xᵢ - xⱼ| ÷ (2 P² μ), for whole populations: there is no correction for samples.
    """
    return _area(lorenz(values, people))


def concentration(values: FloatArray, people: FloatArray, rank: FloatArray) -> float:
    """Return the concentration index by `rank` (r,): above 0 where people of high rank have more, below 0 where less.

    The Gini's formula with people in the order of `rank` (Kakwani, Wagstaff & van Doorslaer 1997, Journal of Econometrics 77:87); those of
    one rank count as one group, so that their order does not matter.
    """
    return _area(lorenz(values, people, rank))


def palma(values: FloatArray, people: FloatArray) -> float:
    """Return the mean of the best-served tenth over that of the worst-served four tenths; 1 even, inf where the latter have nothing.

    As used for accessibility (Herszenhut et al. 2022): four times the ratio of shares that Palma 2011 (Development and Change 42:87) uses
    for incomes. A home that straddles a line is split there.
    """
    curve = lorenz(values, people)
    top, bottom = (1 - curve.at(1 - TOP)) / TOP, curve.at(BOTTOM) / BOTTOM
    if np.isnan(top):
        return float("nan")
    return float(top / bottom) if bottom > 0 else float("inf")


def theil(values: FloatArray, people: FloatArray, group: IntArray | None = None) -> Theil:
    """Return Theil's T = Σ (pᵢ/P) (xᵢ/μ) ln(xᵢ/μ), with 0 ln 0 = 0: 0 even, at most ln P.

    With `group` (r,), positions of districts (-1 is a group too), also its parts (Theil 1967): between = Σ s ln(s ÷ q) with s the share
    of the good and q that of the people of a group; within = Σ s T of the group.
    """
    keep = _kept(values, people)
    values, people = values[keep], people[keep]
    good = values * people
    if not good.sum() > 0:
        return Theil(np.nan, np.nan, np.nan)
    total = _divergence(good / good.sum(), people / people.sum())
    if group is None:
        return Theil(total, np.nan, np.nan)
    _, place = np.unique(group[keep], return_inverse=True)
    share, heads = np.bincount(place, good) / good.sum(), np.bincount(place, people) / people.sum()
    between = _divergence(share, heads)
    return Theil(total, between, max(total - between, 0.0))  # what rounding leaves below nothing is nothing


def mean(values: FloatArray, people: FloatArray) -> float:
    """Return the mean over people; NaN without any."""
    keep = _kept(values, people)
    heads = people[keep].sum()
    return float((values[keep] * people[keep]).sum() / heads) if heads > 0 else float("nan")


def worst_mean(values: FloatArray, people: FloatArray) -> float:
    """Return the mean of the worst-served tenth of the people; a home that straddles the line is split there."""
    average = mean(values, people)
    return 0.0 if average == 0 else float(lorenz(values, people).at(WORST) / WORST * average)


def quantile(values: FloatArray, people: FloatArray, share: float) -> float:
    """Return the least value that at least `share` of the people do not exceed; infinite values are the largest, NaN are left out."""
    keep = _kept(values, people)
    if not keep.any():
        return float("nan")
    values, people = values[keep], people[keep]
    order = np.argsort(values, kind="stable")
    heads = np.cumsum(people[order])
    at = np.searchsorted(heads, share * heads[-1] * (1 - 1e-12))
    return float(values[order][min(at, len(order) - 1)])


def _area(curve: Lorenz) -> float:
    return (
        float(1 - (np.diff(curve.people) * (curve.good[1:] + curve.good[:-1])).sum()) if len(curve.good) > 1 else np.nan
    )


def _divergence(share: FloatArray, heads: FloatArray) -> float:
    has = share > 0
    return float((share[has] * np.log(share[has] / heads[has])).sum())


def _kept(values: FloatArray, people: FloatArray) -> FloatArray:
    return np.asarray((people > 0) & ~np.isnan(values))


def _counted(values: FloatArray, people: FloatArray, rank: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    keep = _kept(values, people) & ~np.isnan(rank)
    return values[keep], people[keep], rank[keep]
