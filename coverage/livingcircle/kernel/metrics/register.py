"""What people tell: figures of registers, answers on the checklist, and what the product itself keeps to."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.metrics.facts import Facts, Measured, unknown
from livingcircle.kernel.units import Units
from livingcircle.model.rule import Rule


def register(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Return that a figure (`register_value`) or a share (`register_share`) is to be asked for; answers are filled in by `kernel.judge`."""
    return unknown(units, "ask:register")


def checklist(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Return that a person has to say yes (1) or no (0), or how many (`checklist`)."""
    return unknown(units, "ask:checklist")


def design(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Return that there is nothing to measure (`design`): the clause binds this product, not the place."""
    nothing = np.full(len(units), np.nan)
    return Measured(nothing, nothing, nothing, nothing, empty="design")
