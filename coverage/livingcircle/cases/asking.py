"""One question more about a study that is loaded: how one walks, and what a change would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.kernel.route import walk_route
from livingcircle.model.route import Explanation, NoRoute
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.standard import service_named
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.questions import (
    gaits_of,
    position_of,
)
from livingcircle.readers import unknown_service
from livingcircle.render.folder import (
    replaced_file,
    write_text_file,
)
from livingcircle.render.routes import route_geojson
from livingcircle.render.sheets import write_csv
from livingcircle.render.tables.scenarios import scenario_coverage
from livingcircle.scenarios import bench, tried
from livingcircle.settings import StudySettings
from livingcircle.settings.scenario import ScenarioSettings


def explain(study: Study, home_id: str, service: str, facility_id: str | None = None) -> Explanation:
    """Find the walk from a home to the nearest facility of a service, or to one facility, street by street.

    `service` is an id or a name.

    Raises
    ------
    InputError
        With every id that is unknown and those that resemble it, or when the facility does not offer the service, or its places may not
        be located.
    """
    faults: list[Fault] = []
    home = position_of(study.homes.ids, home_id, "unknown_home", faults)
    asked = -1 if facility_id is None else position_of(study.facilities.ids, facility_id, "unknown_facility", faults)
    kind = service_named(service, study.standard.services)
    if kind is None:
        faults.append(unknown_service(service, study.standard.services))
    elif not kind.is_open:
        details = {"service_zh": kind.name.zh, "service_en": kind.name.en}
        faults.append(Fault("service_not_located", value=service, details=details))
    elif asked >= 0 and not study.facilities.serves[asked, study.standard.services.index(kind)]:
        offered = [study.standard.services[number].name for number in np.flatnonzero(study.facilities.serves[asked])]
        details = {
            "service_zh": kind.name.zh,
            "service_en": kind.name.en,
            "offered_zh": "、".join(name.zh for name in offered) or "—",
            "offered_en": ", ".join(name.en for name in offered) or "—",
        }
        faults.append(Fault("facility_without_service", value=str(facility_id), details=details))
    if faults or kind is None:
        raise InputError(faults)
    position = study.standard.services.index(kind)
    offering = np.flatnonzero(study.facilities.serves[:, position]) if asked < 0 else np.array([asked])
    if not study.home_anchors.joined[home]:
        return Explanation(home, position, asked, None, NoRoute.HOME_UNJOINED)
    if not study.facility_anchors.joined[offering].any():
        reason = NoRoute.FACILITY_UNJOINED if len(offering) else NoRoute.NO_FACILITY
        return Explanation(home, position, asked, None, reason)
    route = walk_route(
        study.network,
        gaits_of(study),
        study.home_anchors,
        study.facility_anchors,
        home,
        study.homes.xy[home],
        offering,
        study.facilities.geometry,
    )
    return Explanation(home, position, asked, route, NoRoute.NO_WAY if route is None else None)


def write_route(study: Study, explanation: Explanation, file: Path) -> Path:
    """Write a walk as GeoJSON, complete or not at all.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    write_text_file(file, route_geojson(study, explanation))
    return file


def what_if(
    study: Study, settings: StudySettings, scenarios: Mapping[str, ScenarioSettings], stages: Stages | None = None
) -> tuple[TriedScenario, ...]:
    """Try scenarios, each from the study as it is; the keys name them in faults, as their files do.

    Raises
    ------
    InputError
        With every change of every scenario that cannot be made.
    """
    faults: list[Fault] = []
    done: list[TriedScenario] = []
    with (stages or Stages())("scenarios"):
        today = bench(study, settings)
        for file, scenario in scenarios.items():
            try:
                done.append(tried(today, scenario, file))
            except InputError as error:
                faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return tuple(done)


def write_scenarios(done: Sequence[TriedScenario], shown_minutes: tuple[float, ...], file: Path) -> None:
    """Write coverage and verdicts of scenarios beside those of today as one CSV, complete or not at all.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    with replaced_file(file) as draft:
        write_csv(draft, pd.concat([scenario_coverage(one, shown_minutes) for one in done], ignore_index=True))
