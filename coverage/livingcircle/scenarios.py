"""What if, for a study: its facilities, gates, paths and crossings changed one after another, or its assumptions.

A `Bench` holds a study ready to be changed, with the walking times of today. `changed` works out one change in milliseconds, and the bench
before it stays as it was: undoing is going back to it. `tried` counts what comes of it, beside today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from livingcircle.errors import InputError, LivingCircleError
from livingcircle.faults import Fault
from livingcircle.kernel.change import (
    Change,
    Scenario,
    add_crossing,
    add_facility,
    add_gate,
    add_street,
    begin,
    close_streets,
    move_facility,
    remove_facility,
)
from livingcircle.kernel.edge import seconds_to_cut
from livingcircle.kernel.gauge import ServiceLimits, coverage_table, covered, services_present, verdict_table
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.retiming import Timing
from livingcircle.kernel.seeds import key_seconds
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.network import WalkNetwork
from livingcircle.model.outcome import CoverageTable, Reach, VerdictTable
from livingcircle.model.places import FACILITY_NUMBERS, FACILITY_TEXTS, Facilities
from livingcircle.model.scenario import ChangeEffects, TriedScenario
from livingcircle.model.standard import Standard, at_pace, seconds_of, service_named
from livingcircle.model.study import Study
from livingcircle.questions import position_of, service_ids, service_limits, walk_of
from livingcircle.readers import unknown_service, words_of
from livingcircle.settings import StudySettings
from livingcircle.settings.scenario import (
    AddCrossing,
    AddGate,
    AddPath,
    AddSite,
    CloseFacility,
    CloseStreet,
    LonLat,
    MoveFacility,
    ScenarioChange,
    ScenarioSettings,
)
from livingcircle.sources.elevation import elevation_along
from livingcircle.sources.projection import projected
from livingcircle.sources.standards import read_standard

NEW = "new-{number}"
"""Ids of facilities that a scenario opens."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A study, ready to be changed: `town` has its walking times after the changes so far, `facilities` who is there then.

    `effects` has a row for each change so far, `changed_homes` the homes any of them touched.
    """

    study: Study
    settings: StudySettings
    town: Scenario
    facilities: Facilities
    effects: ChangeEffects
    changed_homes: IntArray


def bench(study: Study, settings: StudySettings, speed_metres_per_second: float | None = None) -> Bench:
    """Search a study in full, at its own speed of walking or another: what changes start from."""
    if speed_metres_per_second is not None:
        study = replace(study, walker=replace(study.walker, speed_metres_per_second=speed_metres_per_second))
    town = begin(
        study.network,
        walk_of(study),
        study.homes.xy,
        study.home_anchors,
        study.facilities.geometry,
        study.facility_anchors,
        study.facilities.serves,
        timing=_timing(study, settings),
        walls=study.walls,
    )
    nothing = ChangeEffects(np.empty(0, object), np.empty(0, np.int32), np.empty(0))
    return Bench(study, settings, town, study.facilities, nothing, np.empty(0, np.int32))


def changed(at: Bench, change: ScenarioChange) -> Bench:
    """Make one change.

    Raises
    ------
    InputError
        When a facility or service is unknown, or a new place met no street.
    NetworkError
        When a gate, path or crossing meets nothing, or there is no street to close.
    """
    made, facilities = _made(at, change)
    unjoined = len(facilities) > len(at.facilities) or isinstance(change, MoveFacility)
    if unjoined and not made.after.facility_anchors.joined[_subject(at, change)]:
        metres = at.study.facility_anchors.cap_metres
        raise InputError(Fault("site_unjoined", value=_said(change), details={"metres": metres}))
    gained = _required_residents(at, made.after) - _required_residents(at, at.town)
    effect = ChangeEffects(
        np.array([change.kind], object), np.array([len(made.homes)], np.int32), np.array([gained], float)
    )
    touched = np.union1d(at.changed_homes, made.homes).astype(np.int32)
    effects = at.effects.followed_by(effect)
    return replace(at, town=made.after, facilities=facilities, effects=effects, changed_homes=touched)


def tried(today: Bench, scenario: ScenarioSettings, file: str = "") -> TriedScenario:
    """Compute a scenario from a bench without changes, and count what comes of it beside today.

    Raises
    ------
    InputError
        With the faults of every change that cannot be made; those after it are tried without it.
    """
    speed, usual = scenario.speed_metres_per_second, today.study.walker.speed_metres_per_second
    at = today if speed in {None, usual} else bench(today.study, today.settings, speed)
    faults: list[Fault] = []
    for position, change in enumerate(scenario.changes, start=1):
        try:
            at = changed(at, change)
        except LivingCircleError as error:
            faults += [replace(fault, file=file, column=f"changes[{position}]") for fault in error.faults]
    if faults:
        raise InputError(faults)
    return counted(today, at, scenario)


def counted(today: Bench, at: Bench, scenario: ScenarioSettings) -> TriedScenario:
    """Count coverage and verdicts of a bench with changes beside those of today, under the limits and the standard of a scenario.

    Limits in metres take the seconds of whoever walks, before and after.
    """
    standard, missing = _standard(today, scenario.standard)
    before, after = (_at_pace(one.study, standard) for one in (today, at))
    extra = () if scenario.limit_minutes is None else (seconds_of(scenario.limit_minutes),)
    limits_before, limits_after = (_limits(one, today.settings, extra) for one in (before, after))
    first, last = today.town.reach(), at.town.reach()
    study = replace(
        after,
        network=at.town.network,
        facilities=at.facilities,
        home_anchors=at.town.home_anchors,
        facility_anchors=at.town.facility_anchors,
        walls=at.town.walls,
    )
    coverage_before, verdicts_before = _counts(before, first, limits_before, today.town.walk)
    coverage, verdicts = _counts(study, last, limits_after, at.town.walk)
    differs = (first.seconds != last.seconds) & ~(np.isnan(first.seconds) & np.isnan(last.seconds))
    differs |= first.facility != last.facility
    return TriedScenario(
        id=scenario.id,
        title=words_of(scenario.title),
        study=study,
        standard=standard,
        reach=last,
        coverage_before=coverage_before,
        coverage=coverage,
        verdicts_before=verdicts_before,
        verdicts=verdicts,
        effects=at.effects,
        changed_homes=np.flatnonzero(differs.any(axis=0)).astype(np.int32),
        not_judged=missing,
    )


# ── Single changes ──────────────────────────────────────────────────────────


def _made(at: Bench, change: ScenarioChange) -> tuple[Change, Facilities]:
    town, places = at.town, at.facilities
    match change:
        case AddSite():
            serves, point = _services(at, change.services), shapely.Point(_xy(at, change.lonlat))
            return add_facility(town, point, serves), places.followed_by(_opened(at, change, serves, point))
        case MoveFacility():
            number, point = _subject(at, change), shapely.Point(_xy(at, change.lonlat))
            return move_facility(town, number, point), _moved(places, number, point)
        case CloseFacility():
            number = _subject(at, change)
            serves = places.serves.copy()
            serves[number] = False
            return remove_facility(town, number), replace(places, serves=serves)
        case AddGate():
            return add_gate(town, _xy(at, change.lonlat)), places
        case AddCrossing():
            return add_crossing(town, _xy(at, change.lonlat)), places
        case AddPath():
            line = shapely.LineString([_xy(at, lonlat) for lonlat in change.line])
            return add_street(town, line), places
        case CloseStreet():
            point = shapely.Point(_xy(at, change.lonlat))
            nearest = int(shapely.distance(town.network.streets.lines, point).argmin())
            return close_streets(town, np.array([nearest])), places


def _subject(at: Bench, change: ScenarioChange) -> int:
    """Return the position of the facility a change is about: a known one, or the next."""
    if not isinstance(change, MoveFacility | CloseFacility):
        return len(at.facilities)
    faults: list[Fault] = []
    number = position_of(at.facilities.ids, change.facility, "unknown_facility", faults)
    if faults:
        raise InputError(faults)
    return number


def _services(at: Bench, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known = at.study.standard.services
    found = [service_named(name, known) for name in names]
    faults = [unknown_service(name, known) for name, one in zip(names, found, strict=True) if one is None]
    if faults:
        raise InputError(faults)
    return np.array([service in found for service in known], bool)


def _opened(
    at: Bench, change: AddSite, serves: np.ndarray[tuple[int], np.dtype[np.bool_]], point: shapely.Point
) -> Facilities:
    """One row of facilities: open, sure, and nothing more known of it."""
    name = NEW.format(number=1 + sum(str(one).startswith(NEW.format(number="")) for one in at.facilities.ids))
    unknown = {column: np.array([np.nan]) for column in FACILITY_NUMBERS}
    texts = {column: np.array([""], object) for column in FACILITY_TEXTS}
    return Facilities.plain(
        ids=np.array([name], object),
        names=np.array([change.name or name], object),
        xy=np.array([[point.x, point.y]]),
        geometry=np.array([point], object),
        serves=serves[None],
        **unknown,
        **texts | {"status": np.array(["open"], object)},
    )


def _moved(places: Facilities, number: int, point: shapely.Point) -> Facilities:
    xy, geometry = places.xy.copy(), places.geometry.copy()
    xy[number], geometry[number] = (point.x, point.y), point
    return replace(places, xy=xy, geometry=geometry)


def _xy(at: Bench, lonlat: LonLat) -> tuple[float, float]:
    x, y = projected(np.array([lonlat[0]]), np.array([lonlat[1]]), at.study.crs)[0]
    return float(x), float(y)


def _said(change: ScenarioChange) -> str:
    return getattr(change, "name", "") or getattr(change, "facility", "") or change.kind


# ── Counting ────────────────────────────────────────────────────────────────


def _counts(study: Study, reach: Reach, limits: ServiceLimits, walk: Impedance) -> tuple[CoverageTable, VerdictTable]:
    parent, joined = study.districts.parent, study.home_anchors.joined
    cut: FloatArray = seconds_to_cut(study.network, walk, study.home_anchors, study.homes.xy)
    coverage = coverage_table(reach.seconds, study.homes, joined, limits, parent, cut)
    there = services_present(study.facilities.serves, study.facility_anchors.joined)
    return coverage, verdict_table(coverage, study.standard.requirements, service_ids(study), there, len(parent))


def _required_residents(at: Bench, town: Scenario) -> float:
    """Residents within the limits of the requirements of the whole study, once per service and limit."""
    services = service_ids(at.study)
    asked = {(services.index(rule.service), rule.limit_seconds) for rule in at.study.standard.requirements}
    within = (covered(key_seconds(town.home_keys[service]), limit) for service, limit in asked)
    return float(sum(at.study.homes.residents[homes & town.home_anchors.joined].sum() for homes in within))


def _standard(today: Bench, name: str | None) -> tuple[Standard, tuple[str, ...]]:
    """Return the study's standard, or its services under the requirements of another, and the services of that which the study lacks."""
    own = today.study.standard
    if name is None or name == own.id:
        return own, ()
    other = read_standard(name, conditions=today.settings.conditions)
    held = set(service_ids(today.study))
    asked = dict.fromkeys(requirement.service for requirement in other.requirements)
    requirements = tuple(requirement for requirement in other.requirements if requirement.service in held)
    there = replace(other, services=own.services, requirements=requirements, rules=())
    return there, tuple(service for service in asked if service not in held)


def _at_pace(study: Study, standard: Standard) -> Study:
    pace = study.walker.speed_metres_per_second
    return replace(study, standard=replace(standard, requirements=at_pace(standard.requirements, pace)))


def _limits(study: Study, settings: StudySettings, extra: tuple[float, ...]) -> ServiceLimits:
    """Return the limits of a study and an extra one, for every service."""
    asked = set(service_limits(study, settings)) | {
        (number, limit) for number in range(len(study.standard.services)) for limit in extra
    }
    return tuple(sorted(asked))


def _timing(study: Study, settings: StudySettings) -> Timing:
    """Time small parts of the network for the study's walker, with the heights of new streets."""
    walker, elevation = study.walker, settings.elevation

    def timed(part: WalkNetwork, _rows: IntArray) -> Impedance:
        grades = None
        if study.grades is not None and elevation is not None:
            grades = elevation_along(elevation.path, part.streets).value
        return walker_impedance(part, walker, grades)

    return timed
