"""How much counts what is some way off."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.gauge import covered
from livingcircle.model.access import Decay
from livingcircle.model.columns import FloatArray


def decayed(seconds: FloatArray, range_seconds: float, decay: Decay) -> FloatArray:
    """Return the weight, 0 to 1, of walks of any shape: never more for a longer one, 0 beyond the range and where NaN or inf.

    A walk of exactly the range, or of exactly the end of a band, is within it.
    """
    within = covered(seconds, range_seconds)
    if decay.kind == "steps":
        weight = np.zeros(seconds.shape)
        for upto, value in sorted(decay.bands, reverse=True):
            weight[covered(seconds, upto * range_seconds)] = value
        return np.where(within, weight, 0.0)
    if decay.kind == "none":
        return within.astype(float)
    part = np.minimum(np.where(within, seconds, 0.0) / range_seconds, 1.0)
    last = np.exp(-0.5)
    weight = 1 - part if decay.kind == "linear" else (np.exp(-(part**2) / 2) - last) / (1 - last)
    return np.where(within, weight, 0.0)
