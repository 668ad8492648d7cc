"""What if, for a study: its facilities, gates, paths and crossings changed one after another, or its assumptions.

A `Bench` holds a study ready to be changed, with the walking times of today. `changed` works out one change in milliseconds, and the bench
before it stays as it was: undoing is going back to it. `tried` counts what comes of it, beside today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from livingcircle.access import score_and_capacity
from livingcircle.counting import by_limit, limits_in_metres, plain_study
from livingcircle.errors import InputError, LivingCircleError
from livingcircle.faults import Fault
from livingcircle.judging import judged_rules
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
from livingcircle.kernel.gauge import ServiceLimits, coverage_table, covered, verdict_table
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.retiming import Timing
from livingcircle.kernel.seeds import key_seconds
from livingcircle.model.columns import BoolArray, IntArray
from livingcircle.model.network import WalkNetwork
from livingcircle.model.outcome import CoverageTable, VerdictTable
from livingcircle.model.places import FACILITY_NUMBERS, FACILITY_TEXTS, Facilities
from livingcircle.model.scenario import ChangeEffects, Standing, TriedScenario
from livingcircle.model.standard import at_pace, seconds_of, service_named
from livingcircle.model.study import Study
from livingcircle.model.terrain import Grades
from livingcircle.questions import position_of, service_ids, service_limits, services_there, walk_of
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

    `plain` has the walks that limits in metres are counted by, where these are others (`livingcircle.counting`), else it is None. `effects`
    has a row for each change so far, `changed_homes` the homes any of them touched. `not_judged` are services of the standard that the
    study does not hold. `standing` is that of a bench without changes, None after some (`counted` works it out).
    """

    study: Study
    settings: StudySettings
    town: Scenario
    plain: Scenario | None
    facilities: Facilities
    effects: ChangeEffects
    changed_homes: IntArray
    not_judged: tuple[str, ...] = ()
    standing: Standing | None = None


def bench(study: Study, settings: StudySettings) -> Bench:
    """Search a study in full: what changes start from."""
    plainly = plain_study(study)
    plain = None if plainly is None else _begun(plainly, settings)
    nothing = ChangeEffects(np.empty(0, object), np.empty(0, np.int32), np.empty(0))
    none = np.empty(0, np.int32)
    return _standing_too(Bench(study, settings, _begun(study, settings), plain, study.facilities, nothing, none))


def changed(at: Bench, change: ScenarioChange) -> Bench:
    """Make one change.

    Raises
    ------
    InputError
        When a facility or service is unknown, or a new place met no street.
    NetworkError
        When a gate, path or crossing meets nothing, or there is no street to close.
    """
    made, facilities = _made(at, at.town, change)
    plain = None if at.plain is None else _made(at, at.plain, change)[0].after
    unjoined = len(facilities) > len(at.facilities) or isinstance(change, MoveFacility)
    if unjoined and not made.after.facility_anchors.joined[_subject(at, change)]:
        metres = at.study.facility_anchors.cap_metres
        raise InputError(Fault("site_unjoined", value=_said(change), details={"metres": metres}))
    after = replace(at, town=made.after, plain=plain, facilities=facilities, standing=None)
    gained = _required_residents(after) - _required_residents(at)
    effect = ChangeEffects(
        np.array([change.kind], object), np.array([len(made.homes)], np.int32), np.array([gained], float)
    )
    touched = np.union1d(at.changed_homes, made.homes).astype(np.int32)
    effects = at.effects.followed_by(effect)
    return replace(after, effects=effects, changed_homes=touched)


def tried(today: Bench, scenario: ScenarioSettings, file: str = "") -> TriedScenario:
    """Compute a scenario from a bench without changes, and count what comes of it beside today.

    Raises
    ------
    InputError
        With the faults of every change that cannot be made; those after it are tried without it.
    """
    return counted(*made(today, scenario, file), scenario)


def made(today: Bench, scenario: ScenarioSettings, file: str = "") -> tuple[Bench, Bench]:
    """Make every change of a scenario: return the bench without changes that it is set beside, and the one it leads to.

    Raises
    ------
    InputError
        With the faults of every change that cannot be made; those after it are tried without it.
    """
    today = judged_by(today, scenario.standard)
    at = at_speed(today, scenario.speed_metres_per_second)
    faults: list[Fault] = []
    for position, change in enumerate(scenario.changes, start=1):
        try:
            at = changed(at, change)
        except LivingCircleError as error:
            faults += [replace(fault, file=file, column=f"changes[{position}]") for fault in error.faults]
    if faults:
        raise InputError(faults)
    return today, at


def at_speed(today: Bench, metres_per_second: float | None) -> Bench:
    """Return a bench without changes for another speed of walking; limits in metres stay as long as they are. None is its own speed."""
    study = today.study
    if metres_per_second in {None, study.walker.speed_metres_per_second}:
        return today
    assert metres_per_second is not None  # noqa: S101 - or it would have been its own
    study = replace(
        study,
        walker=replace(study.walker, speed_metres_per_second=metres_per_second),
        standard=replace(study.standard, requirements=at_pace(study.standard.requirements, metres_per_second)),
    )
    return replace(bench(study, today.settings), not_judged=today.not_judged)


def judged_by(today: Bench, standard: str | None) -> Bench:
    """Return a bench without changes under another standard: its requirements on the services the study holds. None is its own."""
    study = today.study
    if standard in {None, study.standard.id}:
        return today
    other = read_standard(str(standard), conditions=today.settings.conditions)
    held = set(service_ids(study))
    missing = tuple(dict.fromkeys(one.service for one in other.requirements if one.service not in held))
    kept = at_pace([one for one in other.requirements if one.service in held], study.walker.speed_metres_per_second)
    there = replace(other, services=study.standard.services, requirements=kept, rules=())
    study = replace(study, standard=there)
    plainly = plain_study(study)
    plain = None if plainly is None else today.plain or _begun(plainly, today.settings)
    return _standing_too(replace(today, study=study, plain=plain, not_judged=missing))


def counted(today: Bench, at: Bench, scenario: ScenarioSettings) -> TriedScenario:
    """Count coverage and verdicts of a bench with changes beside those of today, also at the limit the scenario adds."""
    extra = () if scenario.limit_minutes is None else (seconds_of(scenario.limit_minutes),)
    limits_before, limits_after = (_limits(one.study, today.settings, extra) for one in (today, at))
    first, last = today.town.reach(), at.town.reach()
    study = _changed_study(at)
    coverage_before, verdicts_before = _counts(today.study, today, limits_before)
    coverage, verdicts = _counts(study, at, limits_after)
    differs = (first.seconds != last.seconds) & ~(np.isnan(first.seconds) & np.isnan(last.seconds))
    differs |= first.facility != last.facility
    return TriedScenario(
        id=scenario.id,
        title=words_of(scenario.title),
        study=study,
        standard=at.study.standard,
        reach=last,
        coverage_before=coverage_before,
        coverage=coverage,
        verdicts_before=verdicts_before,
        verdicts=verdicts,
        standing_before=today.standing or standing_of(today),
        standing=at.standing or standing_of(at),
        effects=at.effects,
        changed_homes=np.flatnonzero(differs.any(axis=0)).astype(np.int32),
        not_judged=at.not_judged,
    )


def standing_of(at: Bench) -> Standing:
    """Return score, places and clauses of a study as changed, as `cases.access` and `cases.assess` find them."""
    study, reach = _changed_study(at), at.town.reach()
    access = score_and_capacity(study, at.settings, reach, at.town.walk)
    return Standing(access, judged_rules(study, at.settings, reach))


# ── Single changes ──────────────────────────────────────────────────────────


def _standing_too(today: Bench) -> Bench:
    return replace(today, standing=standing_of(today))


def _changed_study(at: Bench) -> Study:
    return replace(
        at.study,
        network=at.town.network,
        facilities=at.facilities,
        home_anchors=at.town.home_anchors,
        facility_anchors=at.town.facility_anchors,
        walls=at.town.walls,
        grades=_grades(at),
    )


def _begun(study: Study, settings: StudySettings) -> Scenario:
    return begin(
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


def _made(at: Bench, town: Scenario, change: ScenarioChange) -> tuple[Change, Facilities]:
    """Make a change in one town, and in the list of facilities."""
    places = at.facilities
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


def _services(at: Bench, names: Sequence[str]) -> BoolArray:
    known = at.study.standard.services
    found = [service_named(name, known) for name in names]
    faults = [unknown_service(name, known) for name, one in zip(names, found, strict=True) if one is None]
    if faults:
        raise InputError(faults)
    return np.array([service in found for service in known], bool)


def _opened(at: Bench, change: AddSite, serves: BoolArray, point: shapely.Point) -> Facilities:
    """One row of facilities: open, sure, and no more known of it than the change says."""
    name = NEW.format(number=1 + sum(str(one).startswith(NEW.format(number="")) for one in at.facilities.ids))
    known = {"capacity": change.capacity, "beds": change.beds, "floor_m2": change.floor_m2}
    numbers = {column: np.array([known.get(column)], float) for column in FACILITY_NUMBERS}
    texts = {column: np.array([""], object) for column in FACILITY_TEXTS}
    return Facilities.plain(
        ids=np.array([name], object),
        names=np.array([change.name or name], object),
        xy=np.array([[point.x, point.y]]),
        geometry=np.array([point], object),
        serves=serves[None],
        **numbers,
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


def _counts(study: Study, at: Bench, limits: ServiceLimits) -> tuple[CoverageTable, VerdictTable]:
    """Count who is within the limits in the town of a bench, those in metres by its plain walks."""

    def table(town: Scenario) -> CoverageTable:
        cut = seconds_to_cut(town.network, town.walk, town.home_anchors, study.homes.xy)
        joined = town.home_anchors.joined
        return coverage_table(town.reach().seconds, study.homes, joined, limits, study.districts.parent, cut)

    coverage = table(at.town)
    if at.plain is not None:
        coverage = by_limit(coverage, table(at.plain), limits_in_metres(study))
    there, units = services_there(study), len(study.districts)
    return coverage, verdict_table(coverage, study.standard.requirements, service_ids(study), there, units)


def _required_residents(at: Bench) -> float:
    """Residents within the limits of the requirements of the whole study, once per service and limit."""
    services, metres = service_ids(at.study), limits_in_metres(at.study)
    asked = {(services.index(rule.service), rule.limit_seconds) for rule in at.study.standard.requirements}
    total = 0.0
    for service, limit in asked:
        town = at.town if at.plain is None or (service, limit) not in metres else at.plain
        within = covered(key_seconds(town.home_keys[service]), limit) & town.home_anchors.joined
        total += float(at.study.homes.residents[within].sum())
    return total


def _limits(study: Study, settings: StudySettings, extra: tuple[float, ...]) -> ServiceLimits:
    """Return the limits of a study and an extra one, for every service."""
    asked = set(service_limits(study, settings)) | {
        (number, limit) for number in range(len(study.standard.services)) for limit in extra
    }
    return tuple(sorted(asked))


def _grades(at: Bench) -> Grades | None:
    """Return the slopes of all streets, those that were added as well."""
    known, elevation, streets = at.study.grades, at.settings.elevation, at.town.network.streets
    if known is None or elevation is None or known.streets == len(streets):
        return known
    return known.with_more(elevation_along(elevation.path, streets.take(np.arange(known.streets, len(streets)))).value)


def _timing(study: Study, settings: StudySettings) -> Timing:
    """Time small parts of the network for the study's walker, with the heights of new streets."""
    walker, elevation = study.walker, settings.elevation

    def timed(part: WalkNetwork, _rows: IntArray) -> Impedance:
        grades = None
        if study.grades is not None and elevation is not None:
            grades = elevation_along(elevation.path, part.streets).value
        return walker_impedance(part, walker, grades)

    return timed
