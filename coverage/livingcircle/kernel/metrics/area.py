"""Floor and land: how much there is, for whom, and which part of it is open to residents.

A place is one row with one area, however many services share its rooms: it is counted once. Only places in use count. Where the area of
some place is unknown, what is known may be enough; otherwise there is no verdict.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.metrics.facts import Facts, Measured, inside, ratio, summed, total
from livingcircle.kernel.metrics.limits import Band, band, worst_by_unit
from livingcircle.kernel.units import Units
from livingcircle.model.columns import FloatArray
from livingcircle.model.rule import Rule

ANYTHING = Band(-np.inf, np.inf)


def floor_m2(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Floor area (`floor_m2`): value = Σ gross floor of the places of the unit, m².

    With `base: facility` each place has to be as large on its own (单项规模, GB 50180-2018 appendix C); then value is that of the place
    furthest from the threshold. 每个社区的服务设施面积达到300平方米以上, SD12-06.
    """
    return _each(rule, facts, units, "floor_m2") if rule.base == "facility" else _all(rule, facts, units, "floor_m2")


def land_m2(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Land (`land_m2`): value = Σ land of the places of the unit, m²; with `base: facility` of each place. GB 50180-2018 4.0.4."""
    return _each(rule, facts, units, "land_m2") if rule.base == "facility" else _all(rule, facts, units, "land_m2")


def floor_m2_per_100_households(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Floor per 100 households (`floor_m2_per_100_households`): value = 100 · Σ gross floor ÷ Σ households. 每百户不低于30平方米."""
    return _per(rule, facts, units, "floor_m2", "households", 100.0)


def floor_m2_per_1000_residents(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Floor per 1,000 residents (`floor_m2_per_1000_residents`): value = 1000 · Σ gross floor ÷ Σ residents. GB 50180-2018 5.0.3."""
    return _per(rule, facts, units, "floor_m2", "residents", 1000.0)


def land_m2_per_1000_residents(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Land per 1,000 residents (`land_m2_per_1000_residents`): value = 1000 · Σ land ÷ Σ residents. GB 50180-2018 5.0.3."""
    return _per(rule, facts, units, "land_m2", "residents", 1000.0)


def land_m2_per_resident(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Land per head (`land_m2_per_resident`): value = Σ land ÷ Σ residents of all ages. 人均用地不少于0.1平方米: land, not floor.

    Of parks each counts at one level, the widest it is laid out for (`Rule.excluded`): GB 50180-2018 4.0.4, whose levels add up.
    """
    return _per(rule, facts, units, "land_m2", "residents", 1.0)


def activity_share_of_floor(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Share of the floor for residents' activities (`activity_share_of_floor`): value = Σ activity area ÷ Σ gross floor of the unit.

    A place of which either is unknown leaves the share between 0 and 1. 居民活动区域面积不低于60%, HN14-06.
    """
    facility, row = _places(rule, facts, units)
    activity, floor = facts.facilities.activity_m2[facility], facts.facilities.floor_m2[facility]
    unsure = (np.bincount(row[np.isnan(activity + floor)], minlength=len(units)) > 0) | _nowhere(rule, facts)
    supply = np.bincount(row, np.nan_to_num(activity), minlength=len(units)).astype(float)
    demand = np.bincount(row, floor, minlength=len(units)).astype(float)  # NaN where the floor of some place is
    value = np.divide(supply, demand, out=np.full(len(units), np.nan), where=demand > 0)
    lacking = "facilities" if _nowhere(rule, facts) else "activity_m2" if np.isnan(activity).any() else "floor_m2"
    return Measured(
        np.where(unsure, 0.0, value),
        np.where(unsure, 1.0, value),
        supply,
        demand,
        lacking=lacking,
        empty="no_facility",
        kind="ratio",
        row=row,
        facility=facility,
    )


def share_of_building_floor(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Share of the floor of all homes (`share_of_building_floor`): value = Σ gross floor of the places ÷ Σ floor of homes.

    Buildings are the residential ones, which the input holds; a home of unknown floor leaves its unit unknown.
    """
    floor = units.of_homes(facts.homes.floor_m2)
    found = summed(rule, facts, units, facts.facilities.floor_m2, "floor_m2")
    lacking = "home_floor_m2" if np.isnan(floor).any() else found.lacking
    return ratio(found._replace(lacking=lacking), floor, 1.0, "no_residents")


def floor_m2_per_bed(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Floor per bed (`floor_m2_per_bed`): value = gross floor ÷ beds of the place furthest from the threshold. GB 50437-2007.

    What is missing is floor: metres short per bed times beds.
    """
    return _per_bed(rule, facts, units, "floor_m2")


def land_m2_per_bed(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Land per bed (`land_m2_per_bed`): value = land ÷ beds of the place furthest from the threshold. GB 50437-2007 3.2.4."""
    return _per_bed(rule, facts, units, "land_m2")


def of_each(
    rule: Rule,
    facts: Facts,
    units: Units,
    value: FloatArray,
    lacking: str,
    facility: NDArray[np.intp],
    row: NDArray[np.intp],
    times: FloatArray | float = 1.0,
) -> Measured:
    """Return the worst value among the places of each unit; `value` (m,) is that of each, NaN where unknown, per one of `times` (m,)."""
    nowhere = _nowhere(rule, facts)
    asked = band(rule) or ANYTHING
    least, most, shortfall, excess = worst_by_unit(asked, value, row, len(units), times)
    if nowhere:
        least, most, lacking = np.full(len(units), -np.inf), np.full(len(units), np.inf), "facilities"
    places = np.bincount(row, minlength=len(units)).astype(float)
    passing = np.bincount(row[asked.holds(value)], minlength=len(units)).astype(float)
    return Measured(
        least,
        most,
        passing,
        places,
        lacking=lacking,
        empty="no_facility",
        shortfall=shortfall,
        excess=excess,
        row=row,
        facility=facility,
    )


Column = Literal["floor_m2", "land_m2"]


def _places(rule: Rule, facts: Facts, units: Units) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return inside(facts.offering(facts.named(rule)), units)


def _nowhere(rule: Rule, facts: Facts) -> bool:
    """Whether some service of the rule is nowhere in the input, so that its area is unknown rather than nothing."""
    return not facts.all_known(facts.named(rule))


def _all(rule: Rule, facts: Facts, units: Units, column: Column) -> Measured:
    return total(summed(rule, facts, units, getattr(facts.facilities, column), column))


def _each(rule: Rule, facts: Facts, units: Units, column: Column) -> Measured:
    facility, row = _places(rule, facts, units)
    return of_each(rule, facts, units, getattr(facts.facilities, column)[facility], column, facility, row)


def _per(
    rule: Rule, facts: Facts, units: Units, column: Column, people: Literal["households", "residents"], per: float
) -> Measured:
    found = summed(rule, facts, units, getattr(facts.facilities, column), column)
    return ratio(found, units.of_homes(getattr(facts.homes, people)), per, f"no_{people}")


def _per_bed(rule: Rule, facts: Facts, units: Units, column: Column) -> Measured:
    facility, row = _places(rule, facts, units)
    area, beds = getattr(facts.facilities, column)[facility], facts.facilities.beds[facility]
    value = np.divide(area, beds, out=np.full(len(facility), np.nan), where=beds > 0)
    return of_each(rule, facts, units, value, "beds" if np.isnan(beds).any() else column, facility, row, beds)
