"""The questions of a study, one function each, and all of them in one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import shapely

from livingcircle.access import access_of
from livingcircle.counting import counted, gaps_of, reasons_of
from livingcircle.errors import InputError, SitingError
from livingcircle.faults import Fault
from livingcircle.judging import judged_rules
from livingcircle.kernel.gap_places import gap_places
from livingcircle.kernel.gauge import verdict_table
from livingcircle.kernel.isochrone import catchments, isochrones, service_areas
from livingcircle.kernel.machine_code import compiled_beside
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.shortage import shortages, with_shortages
from livingcircle.kernel.siting.solution import PROVEN, Watch
from livingcircle.kernel.sweep import swept
from livingcircle.kernel.unit_remedy import unit_remedies
from livingcircle.loading import load_study, with_placed
from livingcircle.model.access import NO_ACCESS, Access
from livingcircle.model.diagnosis import NO_DIAGNOSIS, Diagnosis
from livingcircle.model.interval import Intervals
from livingcircle.model.outcome import (
    NO_CATCHMENTS,
    NO_GAPS,
    NO_ISOCHRONES,
    NO_SERVICE_AREAS,
    Assessment,
    Catchments,
    GapAreas,
    Isochrones,
    ServiceAreas,
)
from livingcircle.model.plan import Plan
from livingcircle.model.results import Results
from livingcircle.model.standard import service_named
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.provenance import made_by
from livingcircle.questions import (
    ranges_of,
    service_ids,
    service_limits,
    services_open,
    services_there,
    shown_limits_seconds,
    walk_of,
)
from livingcircle.readers import unknown_service
from livingcircle.settings import SitingTask, StudySettings
from livingcircle.sources.opening import hours_per_day


def load(settings: StudySettings, stages: Stages | None = None) -> Study:
    """Read a study; see `livingcircle.loading.load_study`."""
    return load_study(settings, stages or Stages())


def assess(study: Study, settings: StudySettings, stages: Stages | None = None) -> Assessment:
    """Compute walking times from every home to every service, coverage at every limit, and verdicts."""
    with (stages or Stages())("reach"):
        found, plain_seconds = counted(study, service_limits(study, settings))
        verdicts = verdict_table(
            found.coverage, study.standard.requirements, service_ids(study), services_there(study), len(study.districts)
        )
    with (stages or Stages())("rules"):
        clauses = judged_rules(study, settings, found.reach)
    return Assessment(
        **found._asdict(),
        verdicts=verdicts,
        rule_verdicts=clauses,
        shown_limits_seconds=shown_limits_seconds(settings),
        plain_seconds=plain_seconds,
    )


def intervals(
    study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None
) -> Intervals | None:
    """Compute coverage again with speed, waits, gates and joining caps moved as the study declares; None where it asks for nothing."""
    if settings.intervals is None:
        return None
    with (stages or Stages())("intervals"):
        return swept(study, assessment, ranges_of(study, settings.intervals), threads=threads_available())


def access(study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None) -> Access:
    """Set places beside those who need them, score the living circle, and measure how evenly all of it is spread."""
    with (stages or Stages())("access"):
        return access_of(study, settings, assessment)


def trace(
    study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None
) -> tuple[Isochrones, GapAreas]:
    """Draw the isochrones of services open to all, and group the homes beyond each requirement into gap areas, by district."""
    drawn = np.flatnonzero(services_open(study)).astype(np.int32)
    with (stages or Stages())("areas"):
        areas = isochrones(
            study.network,
            walk_of(study),
            assessment.reach.node_seconds[drawn],
            study.facility_anchors,
            study.facilities.serves[:, drawn],
            shown_limits_seconds(settings),
        )
        areas = replace(areas, service=drawn[areas.service])
        gaps = gaps_of(study, assessment)
    return areas, gaps


def diagnose(
    study: Study, assessment: Assessment, gaps: GapAreas, stages: Stages | None = None, access: Access = NO_ACCESS
) -> Diagnosis:
    """Find why homes do not meet the requirements of open services, and the cheapest remedy of every gap area and unmet clause.

    What people lack at facilities in time of them is found as well: floor, staff and hours by the clauses, places by `access`.
    """
    with (stages or Stages())("diagnosis"):
        causes, members, areas = reasons_of(study, assessment, gaps)
        places, place = gap_places(study, gaps, members, areas.severity)
        units = unit_remedies(study.standard.rules, assessment.rule_verdicts)
        hours = hours_per_day(study.facilities.hours)
        lacks = shortages(study, assessment.reach, assessment.rule_verdicts, access.capacity, hours)
        places, place, lacks = with_shortages(study, places, place, lacks)
    return Diagnosis(causes, members, replace(areas, place=place), places, units, lacks)


def service_asked(study: Study, name: str | None) -> str | None:
    """Return the id of a service that is named by its id or name; None where none is asked for.

    Raises
    ------
    InputError
        When the study has no such service, with those that resemble it.
    """
    if name is None:
        return None
    found = service_named(name, study.standard.services)
    if found is None:
        raise InputError(unknown_service(name, study.standard.services))
    return found.id


def around_facilities(
    study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None
) -> tuple[Catchments, ServiceAreas]:
    """Draw the areas of single facilities as far as the study asks for them."""
    asked = settings.outputs.catchments
    if asked == "none":
        return NO_CATCHMENTS, NO_SERVICE_AREAS
    limits = shown_limits_seconds(settings)
    places, reach = study.facilities, assessment.reach
    drawn = np.flatnonzero(services_open(study)).astype(np.int32)
    each, divided = NO_CATCHMENTS, NO_SERVICE_AREAS
    with (stages or Stages())("areas"):
        if asked in {"each", "both"}:
            is_point = shapely.get_dimensions(places.geometry) == 0
            each = catchments(
                study.network,
                walk_of(study),
                study.facility_anchors,
                limits,
                toward=settings.outputs.catchment_direction == "to_facility",
                threads=threads_available(),
                xy=np.where(is_point[:, None], places.xy, np.nan),
            )
            each = each.take(np.any(places.serves[:, drawn], axis=1, keepdims=True)[each.place, 0])
        if asked in {"nearest", "both"}:
            divided = service_areas(
                study.network,
                walk_of(study),
                reach.node_seconds[drawn],
                reach.node_facility[drawn],
                study.facility_anchors,
                places.serves[:, drawn],
                limits,
            )
            divided = replace(divided, service=drawn[divided.service])
    return each, divided


def propose(
    study: Study,
    settings: StudySettings,
    assessment: Assessment,
    stages: Stages | None = None,
    *,
    is_stopped: Callable[[float, float], bool] | None = None,
) -> tuple[Plan, ...]:
    """Choose sites for every siting task of the study; existing facilities are always kept and counted.

    `is_stopped` is asked now and then, with the value of the best plan and its bound, whether to leave it at that.

    Raises
    ------
    SitingError
        With the reason for every task that has no feasible plan.
    """
    plans: list[Plan] = []
    faults: list[Fault] = []
    with (stages or Stages())("siting"):
        for task in settings.siting:
            try:
                plans.append(_plan(study, settings, assessment, task, is_stopped))
            except SitingError as error:
                faults.extend(error.faults)
    if faults:
        raise SitingError(faults)
    return tuple(plans)


def plan_again(
    results: Results,
    settings: StudySettings,
    task: SitingTask,
    stages: Stages | None = None,
    *,
    is_stopped: Callable[[float, float], bool] | None = None,
) -> Results:
    """Answer one more siting task on results that are there: the same results, with its plan in place of those they had.

    The plan is the one that `propose` finds where `task` is the study's only one. Candidates that are made for the tasks of a study are
    made for this one; those that `settings` place by hand are added; all else is kept. `is_stopped` is that of `propose`.

    Raises
    ------
    InputError, SitingError
        When there are no candidates for it, or no feasible plan.
    """
    own = settings.model_copy(update={"siting": (task,)})
    made_for_tasks = own.candidates is not None and own.candidates.kind == "gaps"
    study = load(own, stages) if made_for_tasks else with_placed(results.study, own)
    plans = propose(study, own, results.assessment, stages, is_stopped=is_stopped)
    return replace(results, study=study, plans=plans)


def answer(
    settings: StudySettings,
    stages: Stages | None = None,
    *,
    areas: bool = True,
    siting: bool = True,
    is_stopped: Callable[[float, float], bool] | None = None,
    started: datetime | None = None,
) -> Results:
    """Load a study and answer its questions, writing nothing; without `areas` or `siting` those parts stay empty.

    `is_stopped` is that of `propose`. Results tell `started` as when they were computed; that is now, but for one who makes a run again.

    Raises
    ------
    InputError, SitingError
        When an input is unfit, or a siting task has no feasible plan.
    """
    stages = stages or Stages()
    started = started or datetime.now(UTC)
    with compiled_beside("livingcircle.kernel.siting.ready", wanted=siting and bool(settings.siting)) as ready_to_site:
        study = load(settings, stages)
        assessment = assess(study, settings, stages)
        moved = intervals(study, settings, assessment, stages)
        shared = access(study, settings, assessment, stages)
        drawn, gaps = trace(study, settings, assessment, stages) if areas else (None, None)
        reasons = NO_DIAGNOSIS if gaps is None else diagnose(study, assessment, gaps, stages, shared)
        around = around_facilities(study, settings, assessment, stages) if areas else (NO_CATCHMENTS, NO_SERVICE_AREAS)
        ready_to_site()
        plans = propose(study, settings, assessment, stages, is_stopped=is_stopped) if siting else ()
    provenance = made_by(study, settings, started, stages.seconds)
    return Results(
        study,
        assessment,
        drawn or NO_ISOCHRONES,
        gaps or NO_GAPS,
        plans,
        provenance,
        *around,
        diagnosis=reasons,
        intervals=moved,
        access=shared,
    )


def _plan(
    study: Study,
    settings: StudySettings,
    assessment: Assessment,
    task: SitingTask,
    is_stopped: Callable[[float, float], bool] | None,
) -> Plan:
    from livingcircle.siting import kept_shares, proposed  # compiled loops: half a second, for those who ask for sites

    watch = Watch(task.time_limit_seconds, max(task.gap, PROVEN))
    if is_stopped is not None:
        watch.is_stopped = is_stopped
    plan = proposed(study, assessment, task, watch)
    if settings.intervals is None:
        return plan
    ranges = ranges_of(study, settings.intervals)
    return replace(plan, kept_share=kept_shares(study, assessment, task, plan, ranges, is_stopped))
