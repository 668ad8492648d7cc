"""What the page tells of a home, a square or a facility that was clicked: plain values, of services open to all only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livingcircle.faults import Language
from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import IntArray
from livingcircle.model.diagnosis import Cause
from livingcircle.model.outcome import Reach
from livingcircle.model.results import Results
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.standard import Requirement
from livingcircle.model.study import Study
from livingcircle.render.tables import is_open, present, published
from livingcircle.render.words import say, say_code, shown_count, shown_limit, shown_share


@dataclass(frozen=True, slots=True)
class Walk:
    """The walk from a home to the nearest facility of one service.

    `minutes` is in words, `before` that of today where a scenario changed it. `limits` name the requirements and whether each is met (None
    where nothing is known), `causes` why not.
    """

    service: int
    name: str
    minutes: str
    before: str
    facility: str
    limits: tuple[tuple[str, bool | None], ...]
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One place: a title, facts about it, and for homes the walk to every service."""

    title: str
    facts: tuple[tuple[str, str], ...]
    walks: tuple[Walk, ...] = ()


def home_told(results: Results, home: int, language: Language, tried: TriedScenario | None = None) -> Told:
    """Tell of one home: its walks, as a scenario has them where there is one, and the cause of every gap of today."""
    study = results.study
    facts = [
        (say("map.residents", language), _people(study.homes.residents[home], language)),
        *_district(study, home, language),
        *_score(results, home, language),
    ]
    known, causes = present(study), _causes(results, home, language)
    today = results.assessment.reach
    now, there, standard = (
        (today, study, study.standard) if tried is None else (tried.reach, tried.study, tried.standard)
    )
    walks = []
    for number, service in enumerate(study.standard.services):
        if not is_open(service):
            continue
        walk = _minutes(now, number, home, language) if known[number] or tried else say("verdict.no_data", language)
        before = "" if tried is None else _minutes(today, number, home, language)
        place = int(now.facility[number, home]) if np.isfinite(now.seconds[number, home]) else -1
        is_known = bool(there.facilities.serves[:, number].any()) and not np.isnan(now.seconds[number, home])
        limits = tuple(
            (
                shown_limit(rule.limit_minutes, rule.limit_metres, language),
                _is_met(results, rule, number, home, tried) if is_known else None,
            )
            for rule in standard.requirements
            if rule.service == service.id
        )
        walks.append(
            Walk(
                service=number,
                name=service.name.said(language),
                minutes=walk,
                before="" if before == walk else before,
                facility="" if place < 0 else str(there.facilities.names[place]) or say("map.untitled", language),
                limits=limits,
                causes=tuple(dict.fromkeys(causes.get(service.id, []))),
            )
        )
    return Told(say("map.home", language, id=study.homes.ids[home]), tuple(facts), tuple(walks))


def facility_told(results: Results, place: int, language: Language, tried: TriedScenario | None = None) -> Told:
    """Tell of one facility: whom it is nearest to and who of them is within the limit, by service, and how far it is used.

    Parameters
    ----------
    place
        Position in `Facilities`, of a scenario where there is one. Services of which nothing may be told place by place are left out.
    """
    study = results.study if tried is None else tried.study
    reach = results.assessment.reach if tried is None else tried.reach
    standard = study.standard if tried is None else tried.standard
    offered = [
        number for number in np.flatnonzero(study.facilities.serves[place]) if is_open(study.standard.services[number])
    ]
    residents = study.homes.residents
    between = say("gap.between", language)
    facts = [
        (
            say("map.facility_services", language),
            between.join(study.standard.services[one].name.said(language) for one in offered),
        )
    ]
    if not study.facility_anchors.joined[place]:
        return Told(
            _name(study, place, language),
            (*facts, (say("map.unjoined", language), say("map.facility_unjoined", language))),
        )
    for number in offered:
        service = study.standard.services[number]
        comes = np.isfinite(reach.seconds[number]) & (reach.facility[number] == place)
        said = [
            say("desk.nearest", language, count=shown_count(residents[comes].sum()), homes=shown_count(comes.sum()))
        ]
        for rule in standard.requirements:
            if rule.service == service.id:
                within = residents[comes & covered(reach.seconds[number], rule.limit_seconds)].sum()
                limit = shown_limit(rule.limit_minutes, rule.limit_metres, language)
                said.append(say("desk.nearest_within", language, limit=limit, count=shown_count(within)))
        facts.append((service.name.said(language), say("desk.clauses", language).join(said)))
    return Told(_name(study, place, language), (*facts, *_use(results, place, language)))


def place_on_map(study: Study, number: int) -> int:
    """Return the position in `Facilities` of a facility by its number on the map, which shows published ones only; -1 for none.

    Facilities a scenario opened follow those of the map.
    """
    shown = np.flatnonzero(published(study))
    return int(shown[number]) if 0 <= number < len(shown) else -1


def home_at(study: Study, homes: IntArray) -> int:
    """Return the home with most residents among some: the one a square is asked about."""
    return int(homes[np.argmax(study.homes.residents[homes])])


def _is_met(results: Results, rule: Requirement, service: int, home: int, tried: TriedScenario | None) -> bool | None:
    """Whether a requirement is met; None in a scenario for limits in metres where those are counted by walks of their own."""
    plain = results.assessment.plain_seconds
    if rule.limit_metres is not None and plain is not None:
        return None if tried else bool(covered(plain[service, [home]], rule.limit_seconds)[0])
    reach = results.assessment.reach if tried is None else tried.reach
    return bool(covered(reach.seconds[service, [home]], rule.limit_seconds)[0])


def _minutes(reach: Reach, service: int, home: int, language: Language) -> str:
    seconds = reach.seconds[service, home]
    if np.isnan(seconds):
        return say("map.unjoined", language)
    if np.isinf(seconds):
        return say("map.unreachable", language)
    # Rounded up, as on the map: what is shown as 15.0 is never past 15 minutes.
    return say("map.minutes", language, minutes=f"{np.ceil(seconds / 6) / 10:.1f}")


def _causes(results: Results, home: int, language: Language) -> dict[str, list[str]]:
    """Return the causes of every gap of a home in words, by service id."""
    found, standard = results.diagnosis.causes, results.study.standard
    said: dict[str, list[str]] = {}
    for row in np.flatnonzero(found.home == home):
        service = standard.requirements[found.requirement[row]].service
        said.setdefault(service, []).append(_cause(found.cause[row], language))
    lacks = results.diagnosis.shortages
    for row in np.searchsorted(lacks.indptr, np.flatnonzero(lacks.home == home), side="right") - 1:
        kind = standard.services[lacks.service[row]]
        if is_open(kind):
            said.setdefault(kind.id, []).append(_cause(lacks.cause[row], language))
    return said


def _cause(code: int, language: Language) -> str:
    return say_code("cause", Cause(int(code)).name.lower(), language)


def _district(study: Study, home: int, language: Language) -> Iterable[tuple[str, str]]:
    unit = int(study.homes.district[home])
    return [(say("map.district", language), str(study.districts.names[unit]))] if unit >= 0 else []


def _score(results: Results, home: int, language: Language) -> Iterable[tuple[str, str]]:
    found = results.access.score
    if found is None or np.isnan(found.score[home]):
        return []
    return [(say("desk.score", language), f"{100 * found.score[home]:.0f}")]


def _use(results: Results, place: int, language: Language) -> Iterable[tuple[str, str]]:
    """Say how many places of a facility are taken, by service; as today, for scenarios do not allocate anew."""
    said: list[tuple[str, str]] = []
    for found in results.access.capacity:
        service = results.study.standard.services[found.asked.service]
        row = np.flatnonzero(found.facility == place)
        if not len(row) or not is_open(service):
            continue
        supply = float(found.supply[row[0]])
        if np.isnan(supply):
            text = say("desk.places_unknown", language)
        elif found.allocation is None:
            text = say("desk.places", language, places=shown_count(supply))
        else:
            filled = float(found.allocation.filled[row[0]])
            share = shown_share(filled / supply) if supply else "—"
            text = say(
                "desk.places_used", language, places=shown_count(supply), filled=shown_count(filled), share=share
            )
        said.append((say("desk.use", language, service=service.name.said(language)), text))
    return said


def _name(study: Study, place: int, language: Language) -> str:
    return str(study.facilities.names[place]) or say("map.untitled", language)


def _people(count: float, language: Language) -> str:
    return say("map.people", language, count=shown_count(count))


def popup_of(told: Told, lonlat: Sequence[float], language: Language, service: int = -1) -> dict[str, Any]:
    """Return what the map's popup shows of a place: facts, the walk to the service looked at, and of the others those not in time.

    The panel beside the map has them all.
    """
    facts = [list(fact) for fact in told.facts]
    for walk in told.walks:
        states = {met for _, met in walk.limits}
        if walk.service != service and False not in states and not walk.before:
            continue
        before = say("desk.before", language, minutes=walk.before) if walk.before else ""
        met = (
            "" if not states or None in states else say("map.uncovered" if False in states else "map.covered", language)
        )
        why = say("gap.between", language).join(walk.causes)
        said = [walk.minutes + before, met, why]
        facts.append([walk.name, say("map.between", language).join(one for one in said if one)])
    return {"title": told.title, "facts": facts, "at": list(lonlat)}
