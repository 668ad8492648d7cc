"""Walking: how far people have to the nearest facility, and the share of people or land within a limit.

The text says 步行时间, 步行距离 or 服务半径. Minutes are judged in seconds of the study's walker, metres as metres walked along the
streets, never one converted into the other. Where the text speaks of a straight radius, the walk decides and the radius is shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.gauge import covered
from livingcircle.kernel.metrics.facts import Facts, Measured
from livingcircle.kernel.metrics.limits import DUST
from livingcircle.kernel.units import Units
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Level, seconds_of

WALKED = frozenset({"walk_minutes", "walk_metres", "share_within_walk", "share_of_land_within"})
"""Metrics of homes, which need no units: without any, the study is judged as one."""
DENOMINATORS = ("residents", "households", "homes", "land")
"""Whom and what a share within a limit can count, shown side by side for every walking rule."""
LEVEL_MINUTES: Mapping[str, float] = {"5min": 5.0, "10min": 10.0, "15min": 15.0}
LEVEL_METRES: Mapping[str, float] = {"5min": 300.0, "10min": 500.0, "15min": 1000.0}
"""Walking distances of the circles, GB 50180-2018 table 3.0.4 (the outer limit of 800 to 1,000 m)."""


def walk(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Within how many minutes or metres the clause's share of people is (`walk_minutes`, `walk_metres`).

    value = the shortest distance within which `minimum_share` of the residents (or of `base`) of the unit reach the service; it meets a
    limit just when that share is within it. supply = those within the limit, demand = all. For the circle as a whole the furthest of its
    services counts. Homes that are not joined to the streets are within no limit. GB 50180-2018 3.0.4, TD/T 1062-2021.
    """
    metres = rule.metric == "walk_metres"
    services = facts.named(rule)
    there = services[_walkable(facts, services)]
    distance = _furthest(facts.metres if metres else facts.seconds, there, len(facts.homes))
    limit = _stated(rule)
    weight = weights(rule.base, facts)
    within = covered(distance, limit if metres else seconds_of(limit))
    demand, supply = units.of_homes(weight), units.of_homes(weight * within)
    least = distance_of_share(distance, units.home, weight, demand, rule.minimum_share) / (1.0 if metres else 60.0)
    unmeasured = np.isnan(demand)
    least = np.where(unmeasured, 0.0, least)
    most = np.where((demand == 0) | (~unmeasured & (len(there) == len(services) > 0)), least, np.inf)
    straight = None
    if rule.measure == "radius" and len(there):
        radius = np.max([facts.straight_metres(int(service)) for service in there], axis=0)
        straight = distance_of_share(radius, units.home, weight, demand, rule.minimum_share)
        straight = straight if metres else np.full(len(units), np.nan)
    unsure = np.isinf(most) & np.isfinite(least)
    row, facility = _nearest_used(rule, facts, there, within, units)
    return Measured(
        least,
        most,
        np.where(unsure, np.nan, supply),
        demand,
        lacking="footprint_m2" if unmeasured.any() else "facilities",
        empty="no_residents",
        shortfall=np.maximum(rule.minimum_share * demand - supply, 0.0),
        radius=straight,
        within=within if len(there) == len(services) > 0 else None,
        row=row,
        facility=facility,
    )


def share_within(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Share of people within a walk (`share_within_walk`): 步行可达人口覆盖率.

    value = Σ residents within the limit ÷ Σ residents; of the circle only those who reach every one of its services. The limit is
    `within_minutes` or `within_metres`, else that of the level. Says nothing about units that have a facility: see `presence`.
    """
    return _share(rule, facts, units, weights(rule.base, facts), every=True)


def share_of_land(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Share of residential land within reach (`share_of_land_within`): 服务半径覆盖率.

    value = Σ footprint of homes within the limit of any of the services ÷ Σ footprint of homes. Land is that under residential buildings,
    all of it that the input holds; the limit of a park is that of its size, i.e. of the level of its service type. GB 55014-2021,
    GB/T 51346-2019 4.4.7, GB 50220-95. Land, not people; the walk decides and the radius is shown beside it.
    """
    return _share(rule, facts, units, weights("land", facts), every=False)


def four_shares(within: BoolArray | None, facts: Facts, units: Units) -> FloatArray:
    """Return the share (k, 4) of residents, households, homes and residential land within a limit; NaN where unknown or none there."""
    shares = np.full((len(units), len(DENOMINATORS)), np.nan)
    if within is None:
        return shares
    for column, base in enumerate(DENOMINATORS):
        weight = weights(base, facts)
        demand = units.of_homes(weight)
        np.divide(units.of_homes(weight * within), demand, out=shares[:, column], where=demand > 0)
    return shares


def weights(base: str, facts: Facts) -> FloatArray:
    """Return what each home counts (r,) by the base of a rule: residents unless it names households, homes or land (footprint)."""
    homes = facts.homes
    match base:
        case "households" | "dwellings":
            return homes.households
        case "homes":
            return np.ones(len(homes))
        case "land":
            return homes.footprint_m2
        case _:
            return homes.residents


def distance_of_share(
    distance: FloatArray, unit: IntArray, weight: FloatArray, demand: FloatArray, share: float
) -> FloatArray:
    """Return the shortest distance (k,) within which a share of the weight of each unit lies; NaN where it has none.

    `distance` (r,) may be `inf`, and NaN counts as that; `unit` (r,) is -1 for homes in none; `demand` (k,) is the weight of each unit.
    """
    far = np.where(np.isnan(distance), np.inf, distance)
    narrow = unit.astype(np.int16 if len(demand) < np.iinfo(np.int16).max else np.int32)  # small numbers sort faster
    by_distance = np.argsort(far)
    order = by_distance[np.argsort(narrow[by_distance], kind="stable")]
    order = order[np.searchsorted(unit[order], 0) :]  # without homes in no unit
    if not len(order):
        return np.full(len(demand), np.nan)
    added = np.cumsum(weight[order])
    ends = np.searchsorted(unit[order], np.arange(len(demand)), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    before = np.where(starts > 0, added[starts - 1], 0.0)
    place = np.minimum(np.searchsorted(added, before + share * demand * (1 - DUST)), np.maximum(ends - 1, 0))
    return np.where(demand > 0, far[order][place], np.nan)


def _stated(rule: Rule) -> float:
    """The limit a clause states, in minutes or metres; of two the outer."""
    stated = [number for number in (rule.value, rule.value_max) if number is not None]
    return max(stated, default=np.nan)


def _walkable(facts: Facts, services: NDArray[np.intp]) -> BoolArray:
    return facts.located[services] | facts.surveyed[services]


def _furthest(distance: FloatArray, services: NDArray[np.intp], homes: int) -> FloatArray:
    return distance[services].max(axis=0) if len(services) else np.zeros(homes)


def in_metres(rule: Rule) -> bool:
    """Return whether a rule on walking is judged in metres walked: where it states metres, or speaks of a radius or of land."""
    if rule.metric in {"walk_minutes", "walk_metres"}:
        return rule.metric == "walk_metres"
    if rule.within_metres is not None or rule.within_minutes is not None:
        return rule.within_metres is not None
    return rule.measure == "radius" or rule.metric == "share_of_land_within"


def limit_of(rule: Rule, type_level: Level) -> float:
    """Return the metres or seconds a share is counted within: as stated, else those of the rule's level or of the service type's."""
    metres = in_metres(rule)
    level = rule.level if rule.level in LEVEL_MINUTES else type_level
    if metres:
        return LEVEL_METRES.get(level, LEVEL_METRES["15min"]) if rule.within_metres is None else rule.within_metres
    minutes = LEVEL_MINUTES.get(level, LEVEL_MINUTES["15min"]) if rule.within_minutes is None else rule.within_minutes
    return seconds_of(minutes)


def _share(rule: Rule, facts: Facts, units: Units, weight: FloatArray, *, every: bool) -> Measured:
    """Within the limit of every service, or of any: those that nothing is known of can only take from the one and add to the other."""
    combined = np.all if every else np.any
    services = facts.named(rule)
    known = _walkable(facts, services)
    there = services[known]
    limits = [limit_of(rule, facts.services[service].level) for service in there]
    distance = facts.metres if in_metres(rule) else facts.seconds
    nothing = np.full((1, len(facts.homes)), every)
    walks = [covered(distance[service], limit) for service, limit in zip(there, limits, strict=True)]
    within = combined([*nothing[: not walks], *walks], axis=0)
    demand, supply = units.of_homes(weight), units.of_homes(weight * within)
    value, straight = np.full(len(units), np.nan), np.full(len(units), np.nan)
    np.divide(supply, demand, out=value, where=demand > 0)
    if rule.measure == "radius" and walks and in_metres(rule):
        rows = [facts.straight_metres(int(service)) <= limit for service, limit in zip(there, limits, strict=True)]
        np.divide(units.of_homes(weight * combined(rows, axis=0)), demand, out=straight, where=demand > 0)
    unmeasured = np.isnan(demand)
    unsure = (demand > 0) & ((not known.all()) | (len(services) == 0))
    row, facility = _nearest_used(rule, facts, there, within, units)
    asked = 0.0 if rule.value is None else rule.value
    return Measured(
        np.where(unmeasured | (unsure & every), 0.0, value),
        np.where(unmeasured | (unsure & (not every)), 1.0, value),
        np.where(unsure, np.nan, supply),
        demand,
        lacking="footprint_m2" if unmeasured.any() else "facilities",
        empty="no_residents",
        kind="ratio",
        shortfall=np.maximum(asked * demand - supply, 0.0),
        radius=straight,
        within=within if known.all() and len(known) else None,
        row=row,
        facility=facility,
    )


def _nearest_used(
    rule: Rule, facts: Facts, services: NDArray[np.intp], within: BoolArray, units: Units
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The facilities that the homes within the limit of each unit walk to."""
    count = len(facts.facilities)
    leads_to = facts.nearest_in_metres if in_metres(rule) else facts.nearest
    if leads_to is None or not len(services):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    used = np.zeros((len(units), count), bool)
    inside = within & (units.home >= 0)
    for service in services:
        nearest = leads_to[service]
        chosen = inside & (nearest >= 0)
        used[units.home[chosen], nearest[chosen]] = True
    row, facility = np.nonzero(used)
    return row, facility
