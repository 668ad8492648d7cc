"""How sure a site is: whether it stays in the plan when walking speed, waits, gates and the joining cap are other than assumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from livingcircle.counting import plain_study
from livingcircle.errors import SitingError
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.reach import nearest_seconds
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.walks import LONGEST_WALK_SECONDS
from livingcircle.kernel.sweep import member_studies
from livingcircle.model.columns import FloatArray
from livingcircle.model.interval import Ranges
from livingcircle.model.outcome import Assessment
from livingcircle.model.plan import Plan
from livingcircle.model.standard import at_pace
from livingcircle.model.study import Study
from livingcircle.settings import SitingTask
from livingcircle.siting.asked import WALKED
from livingcircle.siting.proposing import proposed

SECONDS_EACH, GAP_EACH = 2.0, 0.01
"""How long, and how near the best possible, the plan of each member is sought."""


def kept_shares(
    study: Study,
    assessment: Assessment,
    task: SitingTask,
    plan: Plan,
    ranges: Ranges,
    is_stopped: Callable[[float, float], bool] | None = None,
) -> FloatArray:
    """Return the share of members of the interval whose plan holds each pick (k,): the same service at the same candidate.

    The first member is the study itself, whose plan this is. Where there are as many equally good sites, a pick may give way to another
    for no reason but the order they are listed in. A member without any plan holds nothing. Where `is_stopped`, that of `Watch`, ends it
    before all members were asked, the shares are unknown (NaN).
    """
    own = list(zip(plan.candidate.tolist(), plan.service.tolist(), strict=True))
    kept, members = np.ones(len(own)), 1
    again = task.model_copy(update={"frontier": None})
    for _, other in member_studies(study, ranges):
        if is_stopped is not None and is_stopped(plan.value, plan.bound):
            return np.full(len(own), np.nan)
        members += 1
        member = _at_own_pace(other)
        try:
            found = proposed(
                member, _as_assumed(member, assessment, plan), again, Watch(SECONDS_EACH, max(GAP_EACH, task.gap))
            )
        except SitingError:
            continue
        there = set(zip(found.candidate.tolist(), found.service.tolist(), strict=True))
        kept += [pick in there for pick in own]
    return np.asarray(kept / members, np.float64)


def _at_own_pace(study: Study) -> Study:
    """Return the study with limits in metres as long as they take its walker: 500 m stay 500 m at any speed."""
    requirements = at_pace(study.standard.requirements, study.walker.speed_metres_per_second)
    return replace(study, standard=replace(study.standard, requirements=requirements))


def _as_assumed(study: Study, assessment: Assessment, plan: Plan) -> Assessment:
    """Return the assessment with the walks of another member to the services of a plan."""
    services = sorted(set(plan.task.services))
    limits = [*plan.task.limits_seconds, *(one.limit_seconds for one in study.standard.requirements)]
    longest = LONGEST_WALK_SECONDS if plan.task.model in WALKED else max(limits, default=0.0)

    def walks(by: Study) -> FloatArray:
        walk = walker_impedance(by.network, by.walker, by.grades)
        serves, threads = by.facilities.serves[:, services], threads_available()
        seconds = assessment.reach.seconds.copy()
        seconds[services] = nearest_seconds(
            by.network, walk, by.home_anchors, by.facility_anchors, serves, longest, threads=threads
        )
        return seconds

    plain = plain_study(study)
    return replace(
        assessment,
        reach=replace(assessment.reach, seconds=walks(study)),
        plain_seconds=None if plain is None else walks(plain),
    )
