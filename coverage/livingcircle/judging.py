"""A study as rules see it, and what they say of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.judge import rule_verdicts, services_walked_to
from livingcircle.kernel.metrics.facts import Facts
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.units import CIRCLES
from livingcircle.model.columns import FloatArray
from livingcircle.model.network import Road
from livingcircle.model.outcome import Reach
from livingcircle.model.study import Study
from livingcircle.model.verdict import NO_RULE_VERDICTS, RuleVerdicts
from livingcircle.model.walker import plain_walker
from livingcircle.questions import services_there
from livingcircle.settings import StudySettings
from livingcircle.sources.opening import hours_per_day


def judged_rules(study: Study, settings: StudySettings, reach: Reach) -> RuleVerdicts:
    """Judge every rule of the standard; walks in metres are searched for the services that some rule judges by them."""
    rules, services = study.standard.rules, study.standard.services
    if not rules:
        return NO_RULE_VERDICTS
    _, asked = services_walked_to(rules, services)
    searched = np.flatnonzero(asked & services_there(study))
    metres, nearest = np.full(reach.seconds.shape, np.inf), np.full(reach.seconds.shape, -1, np.int32)
    if len(searched):
        in_metres = reach_nearest(
            study.network,
            metres_walk_of(study),
            study.home_anchors,
            study.facility_anchors,
            study.facilities.serves[:, searched],
            threads=threads_available(),
        )
        metres[searched], nearest[searched] = in_metres.seconds, in_metres.facility
    return rule_verdicts(
        replace(facts_of(study, settings, reach, metres), nearest_in_metres=nearest),
        rules,
        study.districts,
        district_of(study.facilities.xy, study.districts.geometry),
        circles={**CIRCLES, **settings.circle_levels},
        conditions=settings.conditions,
        drawn=study.circles if len(study.circles) else None,
    )


def metres_walk_of(study: Study) -> Impedance:
    """Return the lengths of all streets as walks of 1 m/s, on level ground and without waits: the seconds of such walks are metres.

    Whoever cannot use stairs does not use them here either.
    """
    walker = replace(plain_walker(study.walker), speed_metres_per_second=1.0)
    return walker_impedance(study.network, walker, None)


def facts_of(study: Study, settings: StudySettings, reach: Reach, metres: FloatArray) -> Facts:
    """Return what rules are judged by; `metres` (s, r) are the walks in metres, of the services they were asked for."""
    services, streets = study.standard.services, study.network.streets
    told = bool((streets.road > Road.NONE).any())
    drawn = streets.drawn & streets.city_road & ~streets.private if told else streets.drawn
    walkable = streets.drawn & ~streets.private
    surveyed = [
        settings.surveyed == "all" or any(word in settings.surveyed for word in service.words) for service in services
    ]
    return Facts(
        homes=study.homes,
        facilities=study.facilities,
        services=services,
        seconds=reach.seconds,
        metres=metres,
        located=services_there(study),
        surveyed=np.array(surveyed, bool),
        hours_per_day=hours_per_day(study.facilities.hours),
        street_lines=streets.lines[drawn],
        street_metres=streets.metres[drawn],
        nearest=reach.facility,
        walkway_lines=streets.lines[walkable],
        walkway_metres=streets.metres[walkable],
        answers=study.answers,
    )
