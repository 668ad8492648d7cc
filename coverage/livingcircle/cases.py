"""The verbs: what the command, the page and the batch can ask, each one function.

```
check    are the files of a study fit for use?
assess   who can walk where, and what does the standard say to that?
trace    where do the areas within 5, 10, 15 minutes lie, and where the gaps?
propose  where should the next ones go, and how good is that proven to be?
answer   all of them in one record
run      the same, written into one folder
```
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livingcircle.errors import LivingCircleError, SitingError
from livingcircle.faults import Fault
from livingcircle.kernel.edge import district_of, exchange_table, own_seconds, seconds_to_cut
from livingcircle.kernel.gap import gap_areas
from livingcircle.kernel.gauge import coverage_table, covered, services_present, verdict_table
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.isochrone import isochrones
from livingcircle.kernel.reach import reach_nearest, reach_table
from livingcircle.kernel.siting.plan import maximal_covering
from livingcircle.kernel.siting.problem import SitingProblem
from livingcircle.loading import cache_folder, load_study
from livingcircle.model.columns import BoolArray
from livingcircle.model.outcome import (
    NO_EXCHANGE,
    NO_GAPS,
    NO_ISOCHRONES,
    Assessment,
    ExchangeTable,
    GapAreas,
    Isochrones,
    Plan,
    Provenance,
    Reach,
)
from livingcircle.model.results import Results
from livingcircle.model.standard import seconds_of, service_named
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.render.folder import write_geopackage_file, write_run_folder
from livingcircle.render.summary import summary
from livingcircle.settings import SitingTask, StudySettings
from livingcircle.sources.standards import builtin_standards, read_services

LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "osmium",
    "osmnx",
    "networkx",
    "rasterio",
    "highspy",
    "folium",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: the study if it is fit for use, and every fault or warning."""

    study: Study | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a run answered and where it wrote it; `figures` is the summary that `--json` prints."""

    results: Results
    figures: Mapping[str, Any]
    folder: Path
    files: Mapping[str, Path]


def load(settings: StudySettings, stages: Stages | None = None) -> Study:
    """Read a study; see `livingcircle.loading.load_study`."""
    return load_study(settings, stages or Stages())


def check(settings: StudySettings, stages: Stages | None = None) -> Checked:
    """Read every file of a study and say what is wrong with them, without raising."""
    try:
        study = load(settings, stages)
    except LivingCircleError as error:
        return Checked(study=None, faults=error.faults, warnings=())
    return Checked(study=study, faults=(), warnings=study.warnings)


def assess(study: Study, settings: StudySettings, stages: Stages | None = None) -> Assessment:
    """Compute walking times from every home to every service, coverage at every limit, and verdicts."""
    walk, limits = _walk(study), _limits_seconds(study, settings)
    with (stages or Stages())("reach"):
        reach = reach_nearest(study.network, walk, study.home_anchors, study.facility_anchors, study.facilities.serves)
        coverage = coverage_table(
            reach.seconds,
            study.homes,
            study.home_anchors.joined,
            limits,
            len(study.districts),
            seconds_to_cut(study.network, walk, study.home_anchors),
        )
        verdicts = verdict_table(
            coverage, study.standard.requirements, _service_ids(study), _present(study), len(study.districts)
        )
        exchange = _exchange(study, walk, reach, limits)
    return Assessment(reach=reach, coverage=coverage, verdicts=verdicts, exchange=exchange)


def trace(
    study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None
) -> tuple[Isochrones, GapAreas]:
    """Draw the isochrones of every service, and group the homes beyond each requirement into gap areas."""
    with (stages or Stages())("areas"):
        areas = isochrones(
            study.network,
            _walk(study),
            assessment.reach.node_seconds,
            study.facility_anchors,
            study.facilities.serves,
            tuple(seconds_of(minutes) for minutes in sorted(settings.outputs.isochrone_minutes)),
        )
        gaps = gap_areas(
            assessment.reach.seconds, study.homes, study.standard.requirements, _service_ids(study), _present(study)
        )
    return areas, gaps


def propose(
    study: Study, settings: StudySettings, assessment: Assessment, stages: Stages | None = None
) -> tuple[Plan, ...]:
    """Choose sites for every siting task of the study; existing facilities are always kept and counted.

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
                plans.append(_plan(study, assessment, task))
            except SitingError as error:
                faults.extend(error.faults)
    if faults:
        raise SitingError(faults)
    return tuple(plans)


def answer(
    settings: StudySettings, stages: Stages | None = None, *, areas: bool = True, siting: bool = True
) -> Results:
    """Load a study and answer its questions, writing nothing; without `areas` or `siting` those parts stay empty.

    Raises
    ------
    InputError, SitingError
        When an input is unfit, or a siting task has no feasible plan.
    """
    stages = stages or Stages()
    started = datetime.now(UTC)
    study = load(settings, stages)
    assessment = assess(study, settings, stages)
    drawn, gaps = trace(study, settings, assessment, stages) if areas else (None, None)
    plans = propose(study, settings, assessment, stages) if siting else ()
    provenance = Provenance(
        settings_sha256=hashlib.sha256(json.dumps(plain_settings(settings), sort_keys=True).encode()).hexdigest(),
        standard=f"{study.standard.id} {study.standard.edition}",
        versions=versions(),
        started_utc=started.isoformat(timespec="seconds"),
        stage_seconds=stages.seconds,
    )
    return Results(study, assessment, drawn or NO_ISOCHRONES, gaps or NO_GAPS, plans, provenance)


def run(settings: StudySettings, stages: Stages | None = None, folder: Path | None = None) -> Run:
    """Answer everything a study asks and write it to one folder, complete or not at all.

    The folder is `outputs.folder / id` unless given; what an earlier run left there is replaced.

    Raises
    ------
    InputError, SitingError
        When there is nothing sound to write, or the folder will not take it; nothing is written then.
    """
    stages = stages or Stages()
    results = answer(settings, stages)
    folder = folder or settings.outputs.folder / settings.id
    with stages("write"):
        figures = summary(results)
        plain, language = plain_settings(settings), settings.outputs.language
        files = write_run_folder(folder, results, figures, language=language, settings=plain)
    figures["provenance"]["stage_seconds"] = dict(stages.seconds)  # with the writing, which the record cannot know
    return Run(results, figures, folder, files)


def write_areas(results: Results, settings: StudySettings, file: Path | None = None) -> Path:
    """Write isochrones, gap areas and the places they were drawn from into one GeoPackage, complete or not at all.

    The file is `outputs.folder / id-areas.gpkg` unless given.
    """
    file = file or settings.outputs.folder / f"{settings.id}-areas.gpkg"
    write_geopackage_file(file, results)
    return file


def about() -> dict[str, Any]:
    """Tell what is installed, what is built in, and what this machine offers."""
    return {
        "versions": versions(),
        "standards": list(builtin_standards()),
        "services": [service.id for service in read_services()],
        "threads": os.cpu_count() or 1,
        "cache_folder": str(cache_folder()),
        "package_folder": str(Path(__file__).parent),
    }


def versions() -> dict[str, str]:
    """Name this program, Python and the libraries that decide results, with their versions."""
    found = {"living-circle": importlib.metadata.version("living-circle"), "python": platform.python_version()}
    return {**found, **{name: importlib.metadata.version(name) for name in LIBRARIES}}


def plain_settings(settings: StudySettings) -> dict[str, Any]:
    """Return the settings as plain values; of paths only the names, so that a study is the same study on every machine."""

    def plain(value: object) -> object:
        return value.name if isinstance(value, Path) else value

    return dict(json.loads(json.dumps(settings.model_dump(mode="python"), default=plain)))


def _exchange(study: Study, walk: Impedance, reach: Reach, limits: tuple[float, ...]) -> ExchangeTable:
    if not len(study.districts):
        return NO_EXCHANGE
    here = district_of(study.facilities.xy, study.districts.geometry)
    own = own_seconds(
        study.network,
        walk,
        study.home_anchors,
        study.facility_anchors,
        study.facilities.serves,
        study.homes.district,
        here,
        max(limits, default=0.0),
    )
    return exchange_table(reach.seconds, own, reach.facility, study.homes, here, limits, len(study.districts))


def _plan(study: Study, assessment: Assessment, task: SitingTask) -> Plan:
    service = _service_ids(study).index(_service_of(study, task))
    limit_seconds = _siting_limit_seconds(study, task)
    name = study.standard.services[service].name
    details: dict[str, str | float] = {"service_zh": name.zh, "service_en": name.en, "minutes": limit_seconds / 60}
    if task.sites > len(study.candidates):
        raise SitingError(Fault("too_many_sites", details={"sites": task.sites, "candidates": len(study.candidates)}))
    before = covered(assessment.reach.seconds[service], limit_seconds)
    cover = reach_table(study.network, _walk(study), study.candidate_anchors, study.home_anchors, limit_seconds)
    if not len(cover.home):
        raise SitingError(Fault("no_candidate", details=details))
    problem = SitingProblem(cover, study.homes.residents, before, task.sites)
    return maximal_covering(problem, service, task.time_limit_seconds)


def _service_of(study: Study, task: SitingTask) -> str:
    """Return the id of a task's service, which loading has found to be there."""
    found = service_named(task.service, study.standard.services)
    return task.service if found is None else found.id


def _siting_limit_seconds(study: Study, task: SitingTask) -> float:
    if task.limit_minutes is not None:
        return seconds_of(task.limit_minutes)
    return min(rule.limit_seconds for rule in study.standard.requirements if rule.service == _service_of(study, task))


def _limits_seconds(study: Study, settings: StudySettings) -> tuple[float, ...]:
    """Return every limit that is asked for: those to be drawn, those of the standard, those of siting."""
    drawn = {seconds_of(minutes) for minutes in settings.outputs.isochrone_minutes}
    ruled = {requirement.limit_seconds for requirement in study.standard.requirements}
    return tuple(sorted(drawn | ruled | {_siting_limit_seconds(study, task) for task in settings.siting}))


def _walk(study: Study) -> Impedance:
    return walker_impedance(study.network, study.walker, study.grades)


def _service_ids(study: Study) -> tuple[str, ...]:
    return tuple(service.id for service in study.standard.services)


def _present(study: Study) -> BoolArray:
    return services_present(study.facilities.serves, study.facility_anchors.joined)
