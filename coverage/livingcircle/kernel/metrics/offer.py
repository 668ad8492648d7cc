"""What places offer: beds, classes, hours, how many services under one roof, and what is next door."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from livingcircle.kernel.metrics.area import of_each
from livingcircle.kernel.metrics.facts import BESIDE_METRES, Facts, Measured, inside, ratio, summed, unknown
from livingcircle.kernel.units import Units
from livingcircle.model.ages import group_named
from livingcircle.model.columns import FloatArray
from livingcircle.model.rule import Rule

ELDERLY = "60+"


def beds(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Beds of each place (`beds`): value = those of the place furthest from the threshold. GB 50180-2018 appendix C."""
    return _column(rule, facts, units, facts.facilities.beds, "beds")


def classes(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Classes of each school (`classes`): value = those of the school furthest from the threshold. GB 50180-2018 appendix C."""
    return _column(rule, facts, units, facts.facilities.classes, "classes")


def hours_per_day(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Hours a day (`hours_per_day`): value = those of the place open shortest, or furthest from the threshold. 每天不少于8小时, HN14-09."""
    return _column(rule, facts, units, facts.hours_per_day, "hours")


def width_metres(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Width of a park or ground (`width_metres`): value = that of the place furthest from the threshold. GB 50180-2018 4.0.4.

    Taken from the column only: the width of an outline is a matter of judgement.
    """
    return _column(rule, facts, units, facts.facilities.width_metres, "width_metres")


def services_per_site(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Services under one roof (`services_per_site`): value = service types a place offers, of the members where the clause names them.

    That of the place furthest from the threshold. 国办函〔2023〕121号, QRDZ-03.
    """
    members = [facts.position[name] for name in rule.members if name in facts.position]
    counted = facts.facilities.serves[:, members] if rule.members else facts.facilities.serves
    return _column(rule, facts, units, counted.sum(axis=1).astype(float), "services")


def colocation(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Same site or next door (`colocation`): value = 1 where a place offers one of the members itself or has one within x metres, else 0.

    Of several places in a unit the worst. x is `within_metres`, in a straight line, 50 m where the clause has no number: the texts give
    none. Places of unknown members leave it unknown. 同址或邻近设置, HN14-08, GB 50437-2007.
    """
    members = np.array([facts.position[name] for name in rule.members if name in facts.position], np.intp)
    if not len(members):
        return unknown(units, "ask:list")
    partners = facts.offering(members)
    facility, row = inside(facts.offering(facts.named(rule)), units)
    within = BESIDE_METRES if rule.within_metres is None else rule.within_metres
    metres = np.full(len(facility), np.inf)
    if len(partners) and len(facility):
        metres = cKDTree(facts.facilities.xy[partners]).query(facts.facilities.xy[facility])[0]
    beside = (metres <= within).astype(float)
    if not facts.known(members).all():
        beside[beside == 0] = np.nan
    return of_each(rule, facts, units, beside, "facilities", facility, row)


def beds_per_1000_elderly(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Beds per 1,000 residents of 60 and over (`beds_per_1000_elderly`): value = 1000 · Σ beds ÷ Σ residents 60+. GB 50437-2007 3.1.2."""
    group = group_named(ELDERLY, facts.homes.age_groups)
    if group is None:
        return unknown(units, "age_60+")
    elderly = facts.homes.residents_by_age[:, facts.homes.age_groups.index(group)]
    found = summed(rule, facts, units, facts.facilities.beds, "beds")
    return ratio(found, units.of_homes(elderly), 1000.0, "no_elderly")


def _column(rule: Rule, facts: Facts, units: Units, values: FloatArray, lacking: str) -> Measured:
    facility, row = inside(facts.offering(facts.named(rule)), units)
    return of_each(rule, facts, units, values[facility], lacking, facility, row)
