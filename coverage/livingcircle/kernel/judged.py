"""Rows of verdicts: what was measured in units, beside what a rule asks for, and how rows become others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.metrics.facts import Measured
from livingcircle.kernel.metrics.limits import Band
from livingcircle.kernel.metrics.walking import DENOMINATORS
from livingcircle.kernel.units import Units
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, TextArray
from livingcircle.model.rule import Rule
from livingcircle.model.verdict import WHOLE_STUDY

NOT_ADDED_UP = frozenset({"register_share", "hours_per_day", "spacing_metres", "width_metres"})
"""Metrics whose shortfalls are of a share or a measure of each, so that units have no sum of them: the largest stands for all."""
NO_SHARES = np.full((1, len(DENOMINATORS)), np.nan)


class Judged(NamedTuple):
    """The rows of one rule, without the columns that are the same for all."""

    unit: IntArray
    verdict: TextArray
    value: FloatArray
    threshold: FloatArray
    margin: FloatArray
    supply: FloatArray
    demand: FloatArray
    shortfall: FloatArray
    excess: FloatArray
    radius_value: FloatArray
    reason: TextArray
    evidence_counts: IntArray
    evidence: NDArray[np.intp]
    walk_shares: FloatArray


def judged_rows(
    asked: Band,
    found: Measured,
    units: Units,
    right_size: BoolArray,
    answered: BoolArray,
    exempt: BoolArray,
    remarks: Sequence[str],
) -> Judged:
    """Return the verdict of each unit on what was measured in it, as the bounds of what is known allow it.

    `right_size`, `answered` and `exempt` (u,) say which units a clause is for, which figures people told, and who is let off it.
    """
    least, most = found.least, found.most
    bounded = np.isfinite(asked.low)  # a ceiling alone is not exceeded but broken: too far to walk, too few to share it
    nothing = np.isnan(least) | np.isnan(most)
    met = asked.certain(least, most)
    open_ = ~met & asked.possible(least, most)
    verdict = np.full(len(units), "unmet", object)
    verdict[met], verdict[open_] = "met", "no_data"
    verdict[nothing | ~right_size | exempt] = "not_applicable"
    known = least == most
    # What is known suffices, or fails, whatever the rest: the bound that says so is shown.
    bound = np.where(np.isfinite(least), least, most)
    value = np.where(known, least, np.where(open_ | nothing, np.nan, bound))
    margin = asked.margin(value)
    threshold = asked.edge(value)
    judged = (verdict == "met") | (verdict == "unmet")
    amounts = _missing_and_over(found, asked, value, answered)
    shortfall, excess = (np.where(verdict == "met", 0.0, np.where(judged, amount, np.nan)) for amount in amounts)
    lacking = found.lacking if found.lacking.startswith("ask:") else f"missing:{found.lacking}"
    reason = np.full(len(units), "", object)
    reason[~known & judged] = f"at_least:{found.lacking}"
    reason[(verdict == "unmet") & (value > asked.high) & bounded] = "excess"
    reason[verdict == "no_data"] = lacking
    reason[nothing] = found.empty or "nothing_to_measure"
    reason[answered] = "told"
    reason[~right_size] = "size_band"
    reason[exempt] = "exempt"
    for remark in (*remarks, found.remark):
        if remark:
            reason = prefixed(reason, remark)
    order = np.argsort(found.row, kind="stable")
    nan = np.full(len(units), np.nan)
    return Judged(
        unit=units.position,
        verdict=verdict,
        value=value,
        threshold=threshold,
        margin=margin,
        supply=found.supply,
        demand=found.demand,
        shortfall=shortfall,
        excess=excess,
        radius_value=nan if found.radius is None else found.radius,
        reason=reason,
        evidence_counts=np.bincount(found.row, minlength=len(units)).astype(np.int32),
        evidence=found.facility[order],
        walk_shares=np.full((len(units), len(DENOMINATORS)), np.nan),
    )


def _missing_and_over(
    found: Measured, asked: Band, value: FloatArray, answered: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """How much would have to be added to the supply for the value to reach the band, and how much taken from it: above is no shortage."""
    gap = np.abs(np.minimum(asked.margin(value), 0.0))
    amount = gap * found.demand / found.per if found.kind == "ratio" else gap
    over = value > asked.high
    missing, excess = np.where(over, 0.0, amount), np.where(over, amount, 0.0)
    if found.shortfall is None:
        return missing, excess
    own = 0.0 if found.excess is None else found.excess
    return np.where(answered, missing, found.shortfall), np.where(answered, excess, own)


def every_unit(rule: Rule, rows: Judged, asked: Band, remarks: Sequence[str], shares: FloatArray) -> Judged:
    """The row of the whole study for a rule that every unit has to meet."""
    judged = rows.verdict != "not_applicable"
    met, unmet = rows.verdict == "met", rows.verdict == "unmet"
    verdict = (
        "unmet"
        if unmet.any()
        else "no_data"
        if (rows.verdict == "no_data").any()
        else "met"
        if met.any()
        else "not_applicable"
    )
    reason = ""
    if verdict in {"no_data", "not_applicable"}:
        alike = rows.reason[(rows.verdict == verdict)]
        reason = str(alike[0]).split(";")[0] if len(alike) else "no_units"
    above = np.array(["excess" in str(codes).split(";") for codes in rows.reason], bool)[unmet]
    if above.any():
        reason = "excess" if above.all() else "excess_in_some"
    worst = np.flatnonzero(judged & ~np.isnan(rows.margin))
    furthest = worst[np.argmin(rows.margin[worst])] if len(worst) and verdict != "no_data" else None
    value = np.nan if furthest is None else rows.value[furthest]
    radius = rows.radius_value[judged & ~np.isnan(rows.radius_value)]
    return Judged(
        unit=np.array([WHOLE_STUDY], np.int32),
        verdict=np.array([verdict], object),
        value=np.array([value]),
        threshold=asked.edge(np.array([value])),
        margin=asked.margin(np.array([value])),
        supply=np.array([float(met.sum())]),
        demand=np.array([float(judged.sum())]),
        shortfall=_together(rule, verdict, rows.shortfall[unmet]),
        excess=_together(rule, verdict, rows.excess[unmet]),
        radius_value=np.array([radius[np.argmin(asked.margin(radius))] if len(radius) else np.nan]),
        reason=np.array([joined(reason, *remarks)], object),
        evidence_counts=np.zeros(1, np.int32),
        evidence=np.empty(0, np.intp),
        walk_shares=shares,
    )


def _together(rule: Rule, verdict: str, amounts: FloatArray) -> FloatArray:
    """Return what units that fail lack, or have too much: (1,), as far as known; together, or the most where there is no sum."""
    if verdict == "met":
        return np.zeros(1)
    known = amounts[~np.isnan(amounts)]
    if not len(known):
        return np.full(1, np.nan)
    return np.array([known.max() if rule.metric in NOT_ADDED_UP else known.sum()])


def shown_only(rows: Judged, why: str) -> Judged:
    """Return what was found, without verdict, for the reason `why`."""
    nan = np.full(len(rows.unit), np.nan)
    reason = prefixed(why, without_excess(rows.reason))
    nobody = np.full(len(rows.unit), "not_applicable", object)
    return rows._replace(verdict=nobody, margin=nan, shortfall=nan, excess=nan, reason=reason)


def undecided(rows: Judged, unfit: BoolArray) -> Judged:
    """Return what was found without a verdict where a unit is no circle of the size the clause is about."""
    here = unfit & (rows.verdict != "not_applicable")
    margin, shortfall, excess = (np.where(here, np.nan, one) for one in (rows.margin, rows.shortfall, rows.excess))
    reason = np.where(here, prefixed("stand_in_size", rows.reason), rows.reason)
    verdict = np.where(here, "no_data", rows.verdict)
    return rows._replace(verdict=verdict, margin=margin, shortfall=shortfall, excess=excess, reason=reason)


def without_figures(unit: int, verdict: str, reason: str) -> Judged:
    """A single row without figures."""
    nan = np.full(1, np.nan)
    return Judged(
        unit=np.array([unit], np.int32),
        verdict=np.array([verdict], object),
        value=nan,
        threshold=nan,
        margin=nan,
        supply=nan,
        demand=nan,
        shortfall=nan,
        excess=nan,
        radius_value=nan,
        reason=np.array([reason], object),
        evidence_counts=np.zeros(1, np.int32),
        evidence=np.empty(0, np.intp),
        walk_shares=NO_SHARES,
    )


def followed(first: Judged, second: Judged) -> Judged:
    """Return the rows of both, one after the other."""
    return Judged(*(np.concatenate([one, other]) for one, other in zip(first, second, strict=True)))


def joined(*codes: str) -> str:
    """Join codes of a reason, leaving out empty ones."""
    return ";".join(code for code in codes if code)


def without_excess(reasons: TextArray) -> TextArray:
    """Return the codes of reasons of rows that are shown only: where nothing is asked, nothing is exceeded."""
    kept = (joined(*(code for code in str(codes).split(";") if not code.startswith("excess"))) for codes in reasons)
    return np.array([*kept, ""], object)[:-1]


def prefixed(first: str | TextArray, second: str | TextArray) -> TextArray:
    """Join codes of reasons row by row."""
    texts: TextArray = first if isinstance(first, np.ndarray) else np.full(len(second), first, object)
    more: TextArray = second if isinstance(second, np.ndarray) else np.full(len(texts), second, object)
    return np.array([joined(str(one), str(other)) for one, other in zip(texts, more, strict=True)], object)
