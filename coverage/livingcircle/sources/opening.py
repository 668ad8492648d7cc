"""Hours a day from opening hours as written."""

from __future__ import annotations

import re

import numpy as np

from livingcircle.model.columns import FloatArray, TextArray
from livingcircle.sources.compounds import minutes_of

MINUTES_PER_DAY = 24 * 60.0
_BETWEEN = re.compile(r"[,;，；、\s]+(?=\d)")


def hours_per_day(hours: TextArray) -> FloatArray:
    """Return the hours (n,) each place is open on a day: "08:30-12:00,14:00-17:30" is open 7 hours, "24/7" 24.

    NaN where nothing is written, or what is written cannot be read, as days of the week cannot: then nobody knows the usual day.
    """
    written, place = np.unique(hours.astype(str), return_inverse=True)
    return np.array([_hours(text.strip()) for text in written], float)[place] if len(written) else np.empty(0)


def _hours(text: str) -> float:
    spans = [minutes_of(part) for part in _BETWEEN.split(text)] if text else []
    if not spans or None in spans:
        return np.nan
    open_for = [
        MINUTES_PER_DAY if np.isnan(span[0]) else (span[1] - span[0]) % MINUTES_PER_DAY for span in spans if span
    ]
    return min(sum(open_for), MINUTES_PER_DAY) / 60.0
