"""One siting task, answered."""

from __future__ import annotations

import time
from dataclasses import replace

from livingcircle.kernel.siting.ready import covering_ready, serving_ready
from livingcircle.kernel.siting.solution import PROVEN, Watch
from livingcircle.model.outcome import Assessment
from livingcircle.model.plan import Plan
from livingcircle.model.study import Study
from livingcircle.settings import SitingTask
from livingcircle.siting.asked import WALKED, asked_of
from livingcircle.siting.covering import covering_plan
from livingcircle.siting.frontier import frontier_of
from livingcircle.siting.walked import walked_plan


def proposed(study: Study, assessment: Assessment, task: SitingTask, watch: Watch | None = None) -> Plan:
    """Choose sites for one task, prove how good the choice is, and tell what each of them adds.

    Existing facilities are always counted; those that are planned or closed are none. Walks are those of the assessment, from homes to
    places. Without a `watch` the task's own time and gap end the search.

    Raises
    ------
    SitingError
        With every reason why there is no plan.
    """
    started = time.monotonic()
    watch = watch or Watch(time_limit_seconds=task.time_limit_seconds, gap=max(task.gap, PROVEN))
    asked = asked_of(study, assessment, task)
    covering_ready()
    if asked.model in WALKED or task.frontier is not None:
        serving_ready()
    watch.begin()
    plan = walked_plan(asked, watch, started) if asked.model in WALKED else covering_plan(asked, watch, started)
    if task.frontier is None:
        return plan
    return replace(plan, frontier=frontier_of(asked, plan, watch))
