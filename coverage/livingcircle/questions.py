"""What a study asks, in the terms the kernel works with: limits in seconds, positions of ids, the walker as times of streets."""

from __future__ import annotations

import difflib
from dataclasses import asdict, replace

import numpy as np

from livingcircle.faults import Fault
from livingcircle.kernel.gauge import ServiceLimits, services_present
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.route import Gaits
from livingcircle.model.columns import BoolArray, TextArray
from livingcircle.model.interval import LONG_WAITS, Ranges
from livingcircle.model.standard import seconds_of, service_named
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds
from livingcircle.settings import IntervalSettings, SitingTask, StudySettings

IDS_SHOWN = 5
SLOWER, FASTER = 0.8, 1.12
"""How much slower and faster people are taken to walk where no range is declared: 1.0 to 1.4 m/s around 1.25."""


def service_limits(study: Study, settings: StudySettings) -> ServiceLimits:
    """Return which limits each service is counted at: those to be drawn, its own in the standard, those of its sites.

    Of the limits of other services nobody asks; a standard in metres has a dozen.
    """
    asked = {service: set(shown_limits_seconds(settings)) for service in service_ids(study)}
    for requirement in study.standard.requirements:
        asked[requirement.service].add(requirement.limit_seconds)
    for task in settings.siting:
        for service, limit in siting_limits(study, task):
            asked[service_ids(study)[service]].add(limit)
    return tuple((number, limit) for number, limits in enumerate(asked.values()) for limit in sorted(limits))


def shown_limits_seconds(settings: StudySettings) -> tuple[float, ...]:
    """Return the limits at which every service is counted and drawn, each once, the shorter first."""
    return tuple(sorted({seconds_of(minutes) for minutes in settings.outputs.isochrone_minutes}))


def siting_limits(study: Study, task: SitingTask) -> tuple[tuple[int, float], ...]:
    """Return the services a task names, by position, and the walking times it has to bring homes within: one of each, several in tiers.

    The limit is its own, or the shortest the standard sets for the service. Services that unmet clauses ask for have those of the clauses.
    """
    return tuple(
        (service_position(study, asked.service), limit)
        for asked in task.asked
        for limit in _limits_of(study, asked.service, asked.limit_minutes, task)
    )


def _limits_of(study: Study, name: str, minutes: float | None, task: SitingTask) -> list[float]:
    if task.tiers:
        return [seconds_of(tier.minutes) for tier in task.tiers]
    if minutes is not None:
        return [seconds_of(minutes)]
    service = service_ids(study)[service_position(study, name)]
    ruled = [rule.limit_seconds for rule in study.standard.requirements if rule.service == service]
    return [min(ruled)] if ruled else []


def service_position(study: Study, name: str) -> int:
    """Return the position of a service by its id or name, which loading has found to be there."""
    found = service_named(name, study.standard.services)
    return service_ids(study).index(name if found is None else found.id)


def service_ids(study: Study) -> tuple[str, ...]:
    """Return the ids of the services, in the order of all columns per service."""
    return tuple(service.id for service in study.standard.services)


def services_there(study: Study) -> BoolArray:
    """Return which services (s,) at least one facility offers that is joined to the streets."""
    return services_present(study.facilities.serves, study.facility_anchors.joined)


def services_open(study: Study) -> BoolArray:
    """Return which services (s,) may be drawn and told of home by home; of the others only figures by district are published."""
    return np.array([service.is_open for service in study.standard.services], bool)


def position_of(ids: TextArray, wanted: str, kind: str, faults: list[Fault]) -> int:
    """Return the position of an id, or -1 after noting what is near."""
    found = np.flatnonzero(ids == wanted)
    if len(found):
        return int(found[0])
    near = difflib.get_close_matches(wanted, [str(name) for name in ids], n=IDS_SHOWN, cutoff=0.5)
    faults.append(Fault(kind, value=wanted, details={"nearest": ", ".join(near) or "—"}))
    return -1


def ranges_of(study: Study, asked: IntervalSettings) -> Ranges:
    """Return between which values assumptions are moved, the favourable end first: those declared, or the usual ones around the study's."""
    speed, cap, own = study.walker.speed_metres_per_second, study.home_anchors.cap_metres, study.walker.crossing
    slow, quick = asked.speed_metres_per_second or (round(SLOWER * speed, 3), round(FASTER * speed, 3))
    narrow, wide = asked.join_cap_metres or (cap / 2, 2 * cap)
    longest = {kind: max(wait, getattr(own, kind)) for kind, wait in asdict(LONG_WAITS).items()}
    waits = (CrossingSeconds(), CrossingSeconds(**longest))
    if asked.crossing_seconds is not None:
        short, long = asked.crossing_seconds
        waits = (CrossingSeconds(**short.model_dump()), CrossingSeconds(**long.model_dump()))
    return Ranges((quick, slow), waits, (wide, narrow), asked.gates)


def walk_of(study: Study) -> Impedance:
    """Return the times of all streets for the study's walker."""
    return walker_impedance(study.network, study.walker, study.grades)


def gaits_of(study: Study) -> Gaits:
    """Return the walker as set, and without waits, without stairs that slow, without slope."""
    level = replace(study.walker, slope="level", stairs_factor=1.0, crossing=CrossingSeconds())
    sloped = replace(level, slope=study.walker.slope)
    with_stairs = replace(sloped, stairs_factor=study.walker.stairs_factor)
    walkers = (level, sloped, with_stairs, study.walker)
    return Gaits(*(walker_impedance(study.network, walker, study.grades) for walker in walkers))
