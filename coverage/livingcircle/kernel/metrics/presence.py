"""Presence: is there one, how many, and does every unit have its own. 设施覆盖率(行政口径), which says nothing about walking."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.metrics.facts import Facts, Measured, inside, ratio, summed, total
from livingcircle.kernel.units import Units
from livingcircle.model.rule import Rule


def count(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Number of places in the unit (`count`, `count_total`): value = places in use that offer the service, each counted once.

    `count_total` is for the study as a whole, where units do not matter: the sum over them. 每个社区有一个社区服务站; 建设…2000个.
    """
    return total(summed(rule, facts, units, np.ones(len(facts.facilities)), "facilities"))


def presence(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Whether the unit has any (`presence`, `named`): value = 1 where at least one place in use offers the service, else 0.

    For services a text names without a number, too: named means that there has to be one.
    """
    counted = count(rule, facts, units)
    least, most = np.minimum(counted.least, 1.0), np.minimum(counted.most, 1.0)
    nothing = np.full(len(units), np.nan)
    return Measured(
        least, most, least, nothing, lacking="facilities", kind="total", row=counted.row, facility=counted.facility
    )


def share_of_units(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Share of the units that have one (`share_of_units_with`, `one_per_unit`): value = units with at least one ÷ units.

    One to one: a unit is matched with a place that lies in it, and a second place there stands in for no other unit (5,594 stations do
    not serve 5,520 communities if one of these has none). Of a single unit the value is 1 or 0. HN14-01, GWY21-03, SD12-05.
    """
    parts = units.parts or units
    own = presence(rule, facts, parts)
    group = np.zeros(len(parts), np.intp) if units.parts is not None else np.arange(len(parts))
    least, most = (np.bincount(group, bound, minlength=len(units)).astype(float) for bound in (own.least, own.most))
    of = np.bincount(group, minlength=len(units)).astype(float)
    value, at_most = (np.divide(bound, of, out=np.full(len(units), np.nan), where=of > 0) for bound in (least, most))
    row = own.row if units.parts is None else np.zeros(len(own.row), np.intp)
    return Measured(
        value, at_most, least, of, lacking="facilities", empty="no_units", kind="ratio", row=row, facility=own.facility
    )


def count_per_resident(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Places per resident (`count_per_resident`), or per household where `base` says so: value = capacity ÷ people.

    What is counted is what a place holds (car spaces, school places); a place whose capacity is unknown leaves the figure unknown. A car
    space per dwelling, WZ20-26, counts households for dwellings.
    """
    found = summed(rule, facts, units, facts.facilities.capacity, "capacity")
    of_households = rule.base in {"households", "dwellings"}
    people = facts.homes.households if of_households else facts.homes.residents
    return ratio(found, units.of_homes(people), 1.0, "no_households" if of_households else "no_residents")


def facility_list(rule: Rule, facts: Facts, units: Units) -> Measured:
    """How much of a list is there (`facility_list`): value = members of which the unit has at least one.

    五室三站两栏一校一场所 without the list behind it cannot be judged: lacking `list` until the city gives it. Members of which the input
    holds none anywhere are unknown.
    """
    members = [facts.position[name] for name in rule.members if name in facts.position]
    present, unsure = np.zeros(len(units)), np.zeros(len(units))
    rows, facilities = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for member in members:
        service = np.array([member])
        facility, row = inside(facts.offering(service), units)
        has = np.bincount(row, minlength=len(units)) > 0
        present += has
        unsure += ~has & ~facts.known(service)[0]
        rows.append(row)
        facilities.append(facility)
    unsure += len(rule.members) - len(members)
    at_most = present + unsure if rule.members else np.full(len(units), np.inf)
    listed = np.full(len(units), float(len(rule.members)))
    lacking = "facilities" if rule.members else "ask:list"
    pairs = np.unique(np.column_stack([np.concatenate(rows), np.concatenate(facilities)]), axis=0)
    return Measured(present, at_most, present, listed, lacking=lacking, row=pairs[:, 0], facility=pairs[:, 1])
