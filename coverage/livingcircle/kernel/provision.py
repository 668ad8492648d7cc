"""The places of a study's services beside those who need them, and how many facilities people can choose from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.kernel.allocation import allocate
from livingcircle.kernel.catchment import conserved, facilities_in_reach, floating_catchment, rows_of
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.reach import reach_few, reach_table
from livingcircle.model.access import CapacityQuestion, Choice, ChoiceQuestion, Decay, ServiceCapacity
from livingcircle.model.ages import group_named
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import Anchors
from livingcircle.model.outcome import ReachTable
from livingcircle.model.places import Homes
from livingcircle.model.study import Study

LONGEST_CHOICE_SECONDS = 3600.0
"""Walks to the second, third … nearest facility are looked for this far."""


def service_capacity(study: Study, walk: Impedance, asked: CapacityQuestion, *, threads: int = 1) -> ServiceCapacity:
    """Set the supply of a service beside the demand of the homes that have it within the limit.

    Facilities whose supply is unknown are left out of every figure; where all of them are, or the homes do not know the age group it is
    for, only who has one in reach is known.
    """
    facility, table = _table(study, walk, asked.service, asked.limit_seconds, threads)
    supply = np.asarray(getattr(study.facilities, asked.supply_of)[facility], float)
    demand = people_of(study.homes, asked.demand_of) * (1.0 if asked.per_person is None else asked.per_person)
    unknown = np.isnan(supply)
    reached = facilities_in_reach(table, asked.limit_seconds) > 0
    within = covered(table.seconds, asked.limit_seconds)
    of_known = ~unknown[rows_of(table)]
    nearest_known, nearest_unknown = (_nearest(table, within & some) for some in (of_known, ~of_known))
    plain, enhanced, allocation = None, None, None
    if not unknown.all() and not np.isnan(demand).any():
        plain = floating_catchment(table, supply, demand, asked.limit_seconds, Decay())
        enhanced = floating_catchment(table, supply, demand, asked.limit_seconds, asked.decay)
        if not (conserved(plain, demand) and conserved(enhanced, demand)):
            raise AssertionError("a floating catchment hands out more or less than there is")
        if asked.per_person is not None:
            allocation = allocate(table, supply, demand, asked.limit_seconds)
    return ServiceCapacity(
        asked=asked,
        facility=facility,
        supply=supply,
        demand=demand,
        out_of_reach=~reached,
        maybe_served=nearest_unknown >= 0,
        nearest_known=nearest_known,
        nearest_unknown=nearest_unknown,
        catchment=plain,
        enhanced=enhanced,
        allocation=allocation,
    )


def choice(study: Study, walk: Impedance, asked: ChoiceQuestion, *, threads: int = 1) -> Choice:
    """Count the facilities of a service within the limit of every home, and find the walks to the nearest few."""
    _, table = _table(study, walk, asked.service, asked.limit_seconds, threads)
    few = reach_few(
        study.network,
        walk,
        study.home_anchors,
        study.facility_anchors,
        study.facilities.serves[:, [asked.service]],
        asked.count,
        max(LONGEST_CHOICE_SECONDS, asked.limit_seconds),
        threads=threads,
    )
    return Choice(asked, facilities_in_reach(table, asked.limit_seconds), few.seconds[0])


def people_of(homes: Homes, group: str) -> FloatArray:
    """Return the residents, households or people of an age group of each home (r,); NaN where the homes do not know the group."""
    if group in ("residents", "households"):
        return np.asarray(getattr(homes, group))
    known = group_named(group, homes.age_groups)
    if known is None:
        return np.full(len(homes), np.nan)
    return np.asarray(homes.residents_by_age[:, homes.age_groups.index(known)])


def _nearest(table: ReachTable, use: BoolArray) -> IntArray:
    """Return the place of the shortest of some walks to each home (r,), of equal ones the first; -1 without any."""
    place, home = rows_of(table)[use], table.home[use]
    order = np.lexsort((place, table.seconds[use], home))
    first = np.ones(len(order), bool)
    first[1:] = home[order][1:] != home[order][:-1]
    found = np.full(table.homes, -1, np.int32)
    found[home[order][first]] = place[order][first]
    return found


def _table(
    study: Study, walk: Impedance, service: int, limit_seconds: float, threads: int
) -> tuple[IntArray, ReachTable]:
    facility = np.flatnonzero(study.facilities.serves[:, service]).astype(np.int32)
    offering = _offering(study.facility_anchors, facility)
    return facility, reach_table(study.network, walk, offering, study.home_anchors, limit_seconds, threads=threads)


def _offering(anchors: Anchors, facility: IntArray) -> Anchors:
    """Return the joints of some places, counted anew."""
    number = np.full(anchors.places, -1, np.int32)
    number[facility] = np.arange(len(facility), dtype=np.int32)
    theirs = anchors.take(number[anchors.place] >= 0)
    return replace(theirs, place=number[theirs.place], nearest_metres=anchors.nearest_metres[facility])
