"""What the tasks of a study ask for, held against what there is: services, conditions, candidates, districts, age groups."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from livingcircle.faults import Fault
from livingcircle.model.ages import group_named
from livingcircle.model.places import Candidates, Districts, Homes
from livingcircle.model.standard import Standard, at_pace, seconds_of, service_named
from livingcircle.readers import Report, named_service, walker_of
from livingcircle.render.words import LANGUAGES, say_code
from livingcircle.settings import StudySettings
from livingcircle.sources.standards import read_conditions, read_services


def with_more_services(settings: StudySettings, standard: Standard, report: Report) -> Standard:
    """Return the standard with the built-in services that the study asks for beside its own, by name or by a task.

    Its limits in metres are taken at the pace of the study's walker.
    """
    own = {service.id for service in standard.services}
    known = (*standard.services, *(service for service in read_services() if service.id not in own))
    asked = [named_service(name, known, "more_services", report) for name in settings.more_services]
    tasks = [one.service for task in settings.siting for one in task.asked]
    tasks += [task.service for task in settings.capacity] + [task.service for task in settings.choice]
    asked += [service_named(name, known) for name in tasks]  # `check_services` tells unknown ones
    more = [service for service in asked if service is not None and service.id not in own]
    pace = walker_of(settings).speed_metres_per_second
    return replace(
        standard,
        services=(*standard.services, *{service.id: service for service in more}.values()),
        requirements=at_pace(
            standard.requirements, pace, [seconds_of(one) for one in settings.outputs.isochrone_minutes]
        ),
    )


def check_services(settings: StudySettings, standard: Standard, report: Report) -> None:
    """Find the services, limits and conditions that tasks and clauses are stated for."""
    _check_siting(settings, standard, report)
    _check_rules(settings, standard, report)
    _check_access(settings, standard, report)


def _check_siting(settings: StudySettings, standard: Standard, report: Report) -> None:
    """Find the services of the siting tasks and their limits; places of services that are not published are not sought."""
    ruled = {requirement.service for requirement in standard.requirements}
    for position, task in enumerate(settings.siting, start=1):
        single = f"siting[{position}].service"
        for number, asked in enumerate(task.asked, start=1):
            column = single if task.service is not None else f"siting[{position}].services[{number}].service"
            found = named_service(asked.service, standard.services, column, report)
            if found is None:
                continue
            if not found.is_open:
                details = {"service_zh": found.name.zh, "service_en": found.name.en}
                report.faults.append(Fault("service_not_sited", column=column, value=asked.service, details=details))
            elif asked.limit_minutes is None and not task.tiers and not task.close_unmet and found.id not in ruled:
                report.faults.append(Fault("no_limit", column=column, value=asked.service))


def check_sites(settings: StudySettings, candidates: Candidates, districts: Districts, report: Report) -> None:
    """Find the candidates that siting tasks name, and the districts their shares are counted by."""
    for position, task in enumerate(settings.siting, start=1):
        for key, named in (("required", task.required), ("forbidden", task.forbidden)):
            for number, name in enumerate(named, start=1):
                found = np.flatnonzero(candidates.ids == name)
                column = f"siting[{position}].{key}[{number}]"
                if not len(found):
                    near = tuple(get_close_matches(name, candidates.ids.tolist(), cutoff=0.3)) or "—"
                    report.faults.append(
                        Fault("unknown_candidate", column=column, value=name, details={"nearest": near})
                    )
                elif key == "required" and candidates.status[found[0]] == "forbidden":
                    report.faults.append(Fault("candidate_decided_twice", column=column, value=name))
        by_unit = [key for key in ("floor_share", "floor_level") if getattr(task, key) is not None]
        if task.model == "best_worst_share":
            by_unit.append("model")
        there = set(districts.level.tolist())
        if by_unit and (not len(districts) or (task.floor_level is not None and task.floor_level not in there)):
            level = {
                f"level_{one}": say_code("district_level", task.floor_level, one) if task.floor_level else ""
                for one in LANGUAGES
            }
            level["level_en"] = f" of level {level['level_en']}" if level["level_en"] else ""
            report.faults.append(
                Fault("siting_needs_districts", column=f"siting[{position}].{by_unit[-1]}", details=level)
            )


def _check_access(settings: StudySettings, standard: Standard, report: Report) -> None:
    """Find the services that capacity, choice and weights are stated for."""
    asked = [
        (f"capacity[{position}].service", task.service) for position, task in enumerate(settings.capacity, start=1)
    ]
    asked += [(f"choice[{position}].service", task.service) for position, task in enumerate(settings.choice, start=1)]
    for column, name in (*asked, *(("score.services", name) for name in settings.score.services)):
        named_service(name, standard.services, column, report)


def check_age_groups(settings: StudySettings, homes: Homes, report: Report) -> None:
    """Find the age groups that demand and ranks are stated by."""
    asked = [
        (f"capacity[{position}].demand", task.demand)
        for position, task in enumerate(settings.capacity, start=1)
        if task.demand not in ("", "residents", "households")
    ]
    asked += [
        (f"siting[{position}].group", one.group)
        for position, task in enumerate(settings.siting, start=1)
        for one in task.asked
        if one.group not in ("", "residents")
    ]
    asked += [("equity.rank_by", settings.equity.rank_by)] if settings.equity.rank_by else []
    for column, group in asked:
        if group_named(group, homes.age_groups) is None:
            known = ", ".join(homes.age_groups) or "—"
            report.faults.append(Fault("unknown_age_group", column=column, value=group, details={"known": known}))


def _check_rules(settings: StudySettings, standard: Standard, report: Report) -> None:
    """Conditions have to be those of some clause, surveyed services known ones, if perhaps of another standard."""
    known = list(
        dict.fromkeys([rule.applies_when for rule in standard.rules if rule.applies_when] + [*read_conditions()])
    )
    for position, condition in enumerate(settings.conditions, start=1):
        if condition not in known:
            details = {"known": ", ".join(known)}
            report.faults.append(
                Fault("unknown_condition", column=f"conditions[{position}]", value=condition, details=details)
            )
    surveyed = () if settings.surveyed == "all" else settings.surveyed
    for position, service in enumerate(surveyed, start=1):
        named_service(service, read_services(), f"surveyed[{position}]", report)
