"""Verdicts on clauses: one row per rule and unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, IntArray, TextArray

WHOLE_STUDY = -1
"""Stands for the whole study where others are units."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleVerdicts(Columns):
    """What every rule says of the whole study (unit -1) and of each district it is meant for.

    `rule` is a position in `Standard.rules`, `unit` one in `Districts`. `verdict` is `met`, `unmet`, `no_data` or `not_applicable`.
    `value` is what was found and `threshold` what was asked of this unit, both in the unit of the rule's metric (NaN unknown, `inf` for a
    walk to where no street leads); `margin` is how far the value is on the good side, negative where it is not. `supply` ÷ `demand` is the
    value where it is a ratio. Of a rule for each unit the study has the value of the unit furthest out; its `supply` are the units that
    meet it, its `demand` those judged. `shortfall` is how much is missing in the unit of the supply (m², staff, places, residents
    uncovered), `excess` how much there is too much where the value lies above what is allowed, which is never counted as missing: 0 where
    met, NaN where unknown. `radius_value` is the same by straight lines where the clause speaks of a service radius.
    `reason` says in codes, joined by ";", why there is no verdict and what was assumed ("missing:floor_m2", "no_households",
    "condition:…", "ask:checklist", "circle:15min=street"; docs/verdicts.md).
    `walk_shares` (n, 4) are the shares of residents, households, homes and residential land within a walking limit, whichever of them the
    rule is judged by; NaN for all other rules. Both are None where no rule was judged.
    `evidence[evidence_indptr[i]:evidence_indptr[i + 1]]` are the positions of the facilities row i counted.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"evidence", "evidence_indptr"})

    rule: IntArray
    unit: IntArray
    verdict: TextArray
    value: FloatArray
    threshold: FloatArray
    margin: FloatArray
    supply: FloatArray
    demand: FloatArray
    shortfall: FloatArray
    radius_value: FloatArray
    reason: TextArray
    evidence_indptr: IntArray
    evidence: IntArray
    walk_shares: FloatArray | None = None
    excess: FloatArray | None = None

    def rows(self, keep: BoolArray) -> RuleVerdicts:
        """Return some rows with their evidence."""
        lengths = np.diff(self.evidence_indptr)
        indptr = np.concatenate([[0], np.cumsum(lengths[keep])]).astype(np.int32)
        return replace(self.take(keep), evidence_indptr=indptr, evidence=self.evidence[np.repeat(keep, lengths)])


_NO_POSITIONS, _NO_NUMBERS, _NO_TEXTS = np.empty(0, np.int32), np.empty(0), np.empty(0, object)
NO_RULE_VERDICTS = RuleVerdicts(
    rule=_NO_POSITIONS,
    unit=_NO_POSITIONS,
    verdict=_NO_TEXTS,
    value=_NO_NUMBERS,
    threshold=_NO_NUMBERS,
    margin=_NO_NUMBERS,
    supply=_NO_NUMBERS,
    demand=_NO_NUMBERS,
    shortfall=_NO_NUMBERS,
    radius_value=_NO_NUMBERS,
    reason=_NO_TEXTS,
    evidence_indptr=np.zeros(1, np.int32),
    evidence=_NO_POSITIONS,
)
"""A standard without rules, or none that was judged."""
