"""What people lack at facilities they have within the limit: places, floor, staff, hours; and what would give it to them.

A walk in time says nothing of what is found at its end. Three things are looked at, for services open to all:

- Places that an allocation (`kernel.allocation`) leaves people without. All facilities within the limit of such a home are full, or it
  would have a place. Each is laid to the nearest of them, which is to be enlarged by as many places as it has such homes around it. That
  many more are served then, neither more nor fewer: so many can come at once, and no flow grows by more than what is added to it.
- Facilities that fall short of what a clause asks of every single one: floor, land, beds, classes, hours. It concerns the homes they are
  nearest to.
- Units whose facilities fall short together, as floor per 100 households: it concerns all homes of the unit in time of one. Where the unit
  has a single facility, that is the one to enlarge.

A clause for the study as a whole names no place; its remedy stands with those of units (`kernel.unit_remedy`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.gap import outline_around
from livingcircle.kernel.gap_places import ID_DIGITS
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.metrics.limits import band
from livingcircle.kernel.score import units_of
from livingcircle.kernel.unit_remedy import REMEDIES, WHOLE, whole
from livingcircle.model.access import ServiceCapacity, Supply
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.diagnosis import NO_SHORTAGES, Cause, GapPlaces, Remedy, Shortages
from livingcircle.model.outcome import Reach
from livingcircle.model.rule import Rule
from livingcircle.model.study import Study
from livingcircle.model.verdict import RuleVerdicts

USUAL_SECONDS = 900.0
"""How far people are taken to go where the standard has no limit for a service: a quarter-hour circle."""
SUPPLY_UNITS: dict[Supply, str] = {
    "capacity": "places",
    "beds": "beds",
    "classes": "classes",
    "staff": "staff",
    "floor_m2": "m2",
    "usable_m2": "m2",
}
OF_EACH = frozenset({"beds", "classes", "width_metres", "hours_per_day"})
"""Metrics judged facility by facility; floor and land are so where the clause says it (`base: facility`)."""
CAUSES = {
    Remedy.ENLARGE: Cause.SITE_TOO_SMALL,
    Remedy.ADD_STAFF: Cause.UNDERSTAFFED,
    Remedy.EXTEND_HOURS: Cause.HOURS,
}


class _Lack(NamedTuple):
    """One row: who (m,) lacks what; `people` (m,) of each home are concerned, `share` is how much of what is asked is missing."""

    service: int
    limit_seconds: float
    cause: Cause
    remedy: Remedy
    home: IntArray
    people: FloatArray
    share: float
    amount: float
    unit: str
    gained: float
    facility: int = -1
    rule: int = -1
    unit_position: int = -1


def shortages(
    study: Study,
    reach: Reach,
    verdicts: RuleVerdicts,
    capacity: tuple[ServiceCapacity, ...],
    hours_per_day: FloatArray,
) -> Shortages:
    """Find what is lacking where a facility is in time, the most severe first; `place` is left at -1.

    `hours_per_day` (f,) is NaN where unknown.
    """
    may = np.array([service.is_open for service in study.standard.services], bool)
    found = [lack for one in capacity if may[one.asked.service] for lack in _of_places(one)]
    found += _of_clauses(study, reach, verdicts, hours_per_day, may)
    if not found:
        return NO_SHORTAGES
    people = np.array([one.people.sum() for one in found], float)
    severity = people * [one.share * one.limit_seconds / 60 for one in found]
    texts = np.empty(len(found), object)
    texts[:] = [one.unit for one in found]

    def numbers(name: str, kind: type = np.int32) -> NDArray[Any]:
        return np.array([getattr(one, name) for one in found], kind)

    every = Shortages(
        service=numbers("service"),
        limit_seconds=numbers("limit_seconds", float),
        cause=numbers("cause", np.int8),
        facility=numbers("facility"),
        rule=numbers("rule"),
        unit_position=numbers("unit_position"),
        people=people,
        homes=np.array([len(one.home) for one in found], float),
        severity=severity,
        remedy=numbers("remedy", np.int8),
        amount=numbers("amount", float),
        unit=texts,
        gained=numbers("gained", float),
        place=np.full(len(found), -1, np.int32),
        indptr=np.zeros(1, np.int32),
        home=np.empty(0, np.int32),
        home_people=np.empty(0),
    )
    order = np.lexsort((_keys(study, every), -np.round(severity, 6)))
    listed = [found[row] for row in order]
    return replace(
        every.take(order),
        indptr=np.concatenate([[0], np.cumsum([len(one.home) for one in listed])]).astype(np.int32),
        home=np.concatenate([one.home for one in listed]).astype(np.int32),
        home_people=np.concatenate([one.people for one in listed]),
    )


def with_shortages(
    study: Study, places: GapPlaces, place: IntArray, lacks: Shortages
) -> tuple[GapPlaces, IntArray, Shortages]:
    """Put a facility, or a unit, that falls short into the list of places, by severity; also return the new place of each gap area.

    What falls short in several ways is one place. Of clauses on the same service that have the same cause the gravest weighs.
    """
    if not len(lacks):
        return places, place, lacks
    keys = np.column_stack([lacks.facility, np.where(lacks.facility < 0, lacks.unit_position, -1)])
    _, first, own = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    own = own.ravel().astype(np.int32)
    more = [_place(study, lacks, np.flatnonzero(own == number)) for number in range(len(first))]
    every = places
    for one in more:
        every = every.followed_by(one) if len(every) else one
    order = np.lexsort((every.ids.astype(str), -np.round(every.severity, 6)))
    rank = np.empty(len(every), np.int32)
    rank[order] = np.arange(len(every))
    moved = np.where(place >= 0, rank[place], -1).astype(np.int32) if len(place) else place
    return every.take(order), moved, replace(lacks, place=rank[len(places) + own])


def _of_places(found: ServiceCapacity) -> Iterator[_Lack]:
    """Yield the facilities whose places are used up, with those who find none, and those whose places nobody stated."""
    asked = found.asked
    if found.allocation is None or asked.per_person is None:
        return
    unmet = found.demand - found.allocation.served
    short = unmet > 1e-6 * np.maximum(found.demand, 1.0)
    unit = SUPPLY_UNITS[asked.supply_of]
    used_up = short & ~found.maybe_served & (found.nearest_known >= 0)
    for facility in np.unique(found.nearest_known[used_up]).tolist():
        home = np.flatnonzero(used_up & (found.nearest_known == facility)).astype(np.int32)
        people = unmet[home] / asked.per_person
        yield _Lack(
            service=asked.service,
            limit_seconds=asked.limit_seconds,
            cause=Cause.CAPACITY_USED_UP,
            remedy=Remedy.ADD_STAFF if unit == "staff" else Remedy.ENLARGE,
            home=home,
            people=people,
            share=1.0,
            amount=_whole(float(unmet[home].sum()), unit),
            unit=unit,
            gained=float(people.sum()),
            facility=int(found.facility[facility]),
        )
    unsure = short & found.maybe_served
    for facility in np.unique(found.nearest_unknown[unsure]).tolist():
        home = np.flatnonzero(unsure & (found.nearest_unknown == facility)).astype(np.int32)
        yield _Lack(
            service=asked.service,
            limit_seconds=asked.limit_seconds,
            cause=Cause.CAPACITY_UNKNOWN,
            remedy=Remedy.COMPLETE_DATA,
            home=home,
            people=unmet[home] / asked.per_person,
            share=1.0,
            amount=np.nan,
            unit=unit,
            gained=np.nan,
            facility=int(found.facility[facility]),
        )


def _of_clauses(
    study: Study, reach: Reach, verdicts: RuleVerdicts, hours_per_day: FloatArray, may: BoolArray
) -> list[_Lack]:
    """Return what unmet clauses on facilities and units lack, for the homes that have such a facility in time."""
    numbers = {service.id: number for number, service in enumerate(study.standard.services)}
    found: list[_Lack] = []
    done: set[tuple[int, int]] = set()
    members = dict(units_of(study.homes.district, study.districts.parent))
    for row in np.flatnonzero((verdicts.verdict == "unmet") & (verdicts.shortfall > 0)).tolist():
        rule = study.standard.rules[verdicts.rule[row]]
        remedy, unit = REMEDIES.get(rule.metric, (Remedy.NEW_SITE, ""))
        service = numbers.get(rule.service, -1)
        if remedy not in CAUSES or service < 0 or not may[service]:
            continue
        limit = _limit(study, rule.service)
        in_time = covered(reach.seconds[service], limit)
        evidence = verdicts.evidence[verdicts.evidence_indptr[row] : verdicts.evidence_indptr[row + 1]]
        lack = _Lack(
            service=service,
            limit_seconds=limit,
            cause=CAUSES[remedy],
            remedy=remedy,
            home=np.empty(0, np.int32),
            people=np.empty(0),
            share=0.0,
            amount=0.0,
            unit=unit,
            gained=0.0,
            rule=int(verdicts.rule[row]),
        )
        if rule.metric in OF_EACH or rule.base == "facility":
            missing, asked = _missing_of_each(study, rule, hours_per_day)
            for facility in evidence[missing[evidence] > 0].tolist():
                home = np.flatnonzero(in_time & (reach.facility[service] == facility)).astype(np.int32)
                if (lack.rule, facility) not in done and len(home):
                    done.add((lack.rule, facility))
                    share = _share(missing[facility], asked)
                    found.append(_concerning(study, lack, home, float(missing[facility]), share, facility=facility))
        elif (position := int(verdicts.unit[row])) >= 0:
            inside = members[position]
            home = inside[in_time[inside]].astype(np.int32)
            if len(home):
                share = _share(-float(verdicts.margin[row]), float(verdicts.threshold[row]))
                facility = int(evidence[0]) if len(evidence) == 1 else -1
                amount = float(verdicts.shortfall[row])
                found.append(
                    _concerning(study, lack, home, amount, share, facility=facility)._replace(unit_position=position)
                )
    return found


def _concerning(study: Study, lack: _Lack, home: IntArray, amount: float, share: float, *, facility: int) -> _Lack:
    """Return the row for some homes: what is missing is added, and all of them have what the clause asks."""
    people = study.homes.residents[home]
    return lack._replace(
        home=home,
        people=people,
        share=share,
        amount=_whole(amount, lack.unit),
        gained=float(people.sum()),
        facility=facility,
    )


def _missing_of_each(study: Study, rule: Rule, hours_per_day: FloatArray) -> tuple[FloatArray, float]:
    """Return what each facility (f,) lacks of what a clause asks of every one, 0 where it is unknown, and how much that is."""
    asked = band(rule)
    column = {"hours_per_day": hours_per_day}.get(rule.metric)
    values = getattr(study.facilities, rule.metric, None) if column is None else column
    if asked is None or values is None or not np.isfinite(asked.low):
        return np.zeros(len(study.facilities)), 0.0
    return np.maximum(asked.low - np.nan_to_num(values, nan=np.inf), 0.0), float(asked.low)


def _limit(study: Study, service: str) -> float:
    limits = [rule.limit_seconds for rule in study.standard.requirements if rule.service == service]
    return min(limits, default=USUAL_SECONDS)


def _share(missing: float, asked: float) -> float:
    """Return the share of what is asked that is missing, 1 where that is no share."""
    return min(missing / asked, 1.0) if np.isfinite(missing) and asked > 0 else 1.0


def _whole(amount: float, unit: str) -> float:
    return whole(amount) if unit in WHOLE else amount


def _keys(study: Study, lacks: Shortages) -> NDArray[np.str_]:
    """Return a text for each row that is the same whatever the order of the input."""
    facilities, units = np.append(study.facilities.ids, ""), np.append(study.districts.ids, "")
    rules = [*(rule.id for rule in study.standard.rules), ""]
    return np.array(
        [
            f"{facilities[facility]}\n{units[unit]}\n{study.standard.services[service].id}\n{rules[rule]}\n{cause}"
            for facility, unit, service, rule, cause in zip(
                lacks.facility, lacks.unit_position, lacks.service, lacks.rule, lacks.cause, strict=True
            )
        ]
    )


def _place(study: Study, lacks: Shortages, rows: NDArray[np.intp]) -> GapPlaces:
    """Return a facility or unit that falls short as a place."""
    homes = np.unique(np.concatenate([lacks.of(int(row)) for row in rows]))
    facility, unit = int(lacks.facility[rows[0]]), int(lacks.unit_position[rows[0]])
    gravest: dict[tuple[int, int], float] = {}
    for row in rows.tolist():
        key = int(lacks.service[row]), int(lacks.cause[row])
        gravest[key] = max(gravest.get(key, 0.0), float(lacks.severity[row]))
    named = str(study.facilities.ids[facility] if facility >= 0 else study.districts.ids[unit])
    digest = hashlib.sha256(f"shortage\n{facility >= 0}\n{named}".encode()).hexdigest().upper()
    weight = np.bincount(study.homes.district[homes] + 1, study.homes.residents[homes] + 1e-9)
    residents = np.zeros(len(study.homes))
    for row in rows.tolist():
        mine = slice(lacks.indptr[row], lacks.indptr[row + 1])
        np.maximum.at(residents, lacks.home[mine], lacks.home_people[mine])
    texts = {name: np.array([""], object) for name in ("estate", "street", "street_2")}
    geometry = np.empty(1, object)
    geometry[0] = outline_around(study.homes.xy[homes])
    return GapPlaces(
        ids=np.array([f"G-{digest[: ID_DIGITS + 2]}"], object),
        **texts,
        street_share=np.zeros(1),
        streets=np.zeros(1, np.int32),
        district=np.array([int(weight.argmax()) - 1 if facility >= 0 else unit], np.int32),
        geometry=geometry,
        residents=np.array([residents.sum()]),
        households=np.array([study.homes.households[homes].sum()]),
        homes=np.array([float(len(homes))]),
        severity=np.array([sum(gravest.values())]),
        facility=np.array([facility], np.int32),
    )
