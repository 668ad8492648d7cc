"""People: how many live in a unit, or for how many one place is there."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.metrics.area import ANYTHING
from livingcircle.kernel.metrics.facts import CIRCLE, Facts, Measured
from livingcircle.kernel.metrics.limits import DUST, band
from livingcircle.kernel.metrics.presence import count
from livingcircle.kernel.units import Units
from livingcircle.model.columns import FloatArray
from livingcircle.model.rule import Rule


def residents_per_unit(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Residents of the circle, or per place (`residents_per_unit`): value = Σ residents, or Σ residents ÷ places for a service.

    GB 50180-2018 3.0.4 gives bands for circles; appendix C residents per police station and the like. Where places have too many each, the
    places that would relieve them are missing; where too few, there are that many too many.
    """
    return _people(rule, facts, units, facts.homes.residents, "")


def dwellings_per_unit(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Dwellings of the circle, or per place (`dwellings_per_unit`): value = Σ households; a household is taken for a dwelling.

    GB 50180-2018 3.0.4 (住宅数量). Empty dwellings are in no input, so that this is a lower figure.
    """
    return _people(rule, facts, units, facts.homes.households, "assumed:dwellings=households")


def households_per_community(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Households of the unit (`households_per_community`): value = Σ households. 总体规模宜控制在3500户以内, QA13-14."""
    return _living(units.of_homes(facts.homes.households), "")


def _people(rule: Rule, facts: Facts, units: Units, people: FloatArray, remark: str) -> Measured:
    there = units.of_homes(people)
    if rule.service == CIRCLE:
        return _living(there, remark)
    places = count(rule, facts, units)
    value = np.divide(there, places.least, out=np.full(len(units), np.nan), where=places.least > 0)
    unsure = places.most != places.least
    asked = band(rule) or ANYTHING
    needed = np.ceil(there / asked.high * (1 - DUST))  # no part of a place can be built, nor closed
    most = np.floor(there / asked.low * (1 + DUST)) if asked.low > 0 else np.inf
    return Measured(
        np.where(unsure, 0.0, value),
        np.where(unsure, np.inf, value),
        there,
        places.least,
        lacking="facilities",
        empty="no_facility",
        kind="ratio",
        shortfall=np.maximum(needed - places.least, 0.0),
        excess=np.maximum(places.least - most, 0.0),
        row=places.row,
        facility=places.facility,
        remark=remark,
    )


def _living(people: FloatArray, remark: str) -> Measured:
    return Measured(people, people, people, np.full(len(people), np.nan), kind="total", remark=remark)
