"""Staff: floors by residents, ceilings by the size of the community."""

from __future__ import annotations

from livingcircle.kernel.metrics.facts import Facts, Measured, ratio, summed, total
from livingcircle.kernel.units import Units
from livingcircle.model.rule import Rule


def staff_per_community(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Staff of the unit (`staff_per_community`): value = Σ staff of its places.

    Ceilings hold for communities of a size (`least_units`, `most_units` households); outside of all bands nothing is asked. QA13-10 ff.
    """
    return total(summed(rule, facts, units, facts.facilities.staff, "staff"))


def staff_per_10000_residents(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Staff per 10,000 residents (`staff_per_10000_residents`): value = 10000 · Σ staff ÷ Σ residents. 每万城镇常住人口18人, HN14-04.

    The residents of the input stand for urban permanent residents.
    """
    found = summed(rule, facts, units, facts.facilities.staff, "staff")
    return ratio(found, units.of_homes(facts.homes.residents), 10_000.0, "no_residents")
