"""The verbs: what the command, the page and the batch can ask, each one function.

```
new        which files does a study need?
check      are the files of a study fit for use?
assess     who can walk where, and what does the standard say to that?
access     how much is there for people, for whom, and how evenly?
intervals  how far do the figures move when what was assumed does?
trace      where do the areas within 5, 10, 15 minutes lie, and where the gaps?
explain    how does one walk from this home to that service, and what makes it take its time?
what_if    what would it change if something came, moved or went?
diagnose   why are people left out, and what would bring them in at the least cost?
propose    where should the next ones go, and how good is that proven to be? (`plan_again`: and if it were asked otherwise?)
answer     all of them in one record
run        the same, written into one folder
report     the same, with a report in Word, as PDF and as a page
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from livingcircle.access import access_of
from livingcircle.checking import Checked, check_study
from livingcircle.counting import counted, gaps_of, reasons_of
from livingcircle.errors import InputError, SitingError
from livingcircle.faults import Fault, Language
from livingcircle.judging import judged_rules
from livingcircle.kernel.gap_places import gap_places
from livingcircle.kernel.gauge import verdict_table
from livingcircle.kernel.isochrone import catchments, isochrones, service_areas
from livingcircle.kernel.route import walk_route
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
from livingcircle.model.route import Explanation, NoRoute
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.standard import service_named
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.provenance import made_by, plain_settings, versions
from livingcircle.questions import (
    gaits_of,
    position_of,
    ranges_of,
    service_ids,
    service_limits,
    services_open,
    services_there,
    shown_limits_seconds,
    walk_of,
)
from livingcircle.readers import Report, read_answers, read_districts, unknown_service, words_of
from livingcircle.render.check_book import Rows, write_check_book
from livingcircle.render.check_page import check_page
from livingcircle.render.checklist import write_checklist as write_checklist_file
from livingcircle.render.corrections import write_corrections
from livingcircle.render.folder import (
    Documents,
    replaced_file,
    require_absent,
    write_geopackage_file,
    write_run_folder,
    write_sample,
    write_starter,
    write_text_file,
)
from livingcircle.render.report.material import Change
from livingcircle.render.routes import route_geojson
from livingcircle.render.sheets import write_csv
from livingcircle.render.summary import check_summary, fault_records, summary
from livingcircle.render.tables import Tables, to_look_at
from livingcircle.render.tables.scenarios import scenario_coverage
from livingcircle.scenarios import bench, tried
from livingcircle.settings import SitingTask, StudySettings
from livingcircle.settings.scenario import ScenarioSettings
from livingcircle.sources.corrections import Corrected, corrected
from livingcircle.sources.opening import hours_per_day
from livingcircle.sources.reading import Reading
from livingcircle.sources.standards import read_services, read_standard
from livingcircle.storing import require_store, store
from livingcircle.surfaces import surfaces

ANY_CRS = "EPSG:3857"
"""For layers of which only the names and ids are wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """The corrected copies that were written, and the list of their changes; None where there was nothing to correct."""

    copies: tuple[Corrected, ...]
    log: Path | None

    @property
    def figures(self) -> dict[str, Any]:
        """Return what was written, and how many changes of each kind, as plain values."""
        return {
            "log": None if self.log is None else str(self.log),
            "copies": [
                {
                    "path": str(copy.source),
                    "copy": str(copy.target),
                    "changes": dict(Counter(change.reason for change in copy.changes)),
                }
                for copy in self.copies
            ],
        }


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
    return check_study(settings, stages or Stages())


def new_study(folder: Path, language: Language = "zh") -> Mapping[str, Path]:
    """Write the study file and the sheets of a new study, all of them or, where one is already there, none.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    return write_starter(folder, read_services(), language)


def copy_sample(folder: Path, language: Language = "zh") -> Mapping[str, Path]:
    """Write the sample sub-district, study file and data, into a folder: to run at once, and to replace file by file.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    return write_sample(folder, language)


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist that was written: the file, how many questions it asks, in how many rows, and how many of these stand answered."""

    file: Path
    questions: int
    rows: int
    answered: int


def write_checklist(settings: StudySettings, file: Path, language: Language | None = None) -> Checklist:
    """Write the questions of a study's standard that people have to answer, with its districts, as a sheet to fill in.

    What the study's registers and its checklist answer already is filled in, so that a sheet for another year or another standard does not
    begin empty; a checklist that is named but not there yet answers nothing. Nothing that is there is replaced: it may hold answers.
    Streets, homes and facilities are not read.

    Raises
    ------
    InputError
        With the faults of the standard, of the districts and of the answers, when the file is already there, or when it cannot be written.
    """
    require_absent([file])
    report = Report()
    standard = report.take(lambda: Reading(read_standard(settings.standard)))
    districts = report.take(lambda: read_districts(settings, ANY_CRS))
    if settings.checklist is not None and not Path(settings.checklist.path).exists():
        settings = settings.model_copy(update={"checklist": None})
    answers = read_answers(settings, standard, districts, report)
    if standard is None or districts is None or report.faults:
        raise InputError(report.faults)
    said = language or settings.outputs.language
    with replaced_file(file) as draft:
        questions, rows, answered = write_checklist_file(draft, standard, districts, said, answers)
    return Checklist(file, questions, rows, answered)


def write_fixed(checked: Checked, folder: Path) -> Fixed:
    """Write a corrected copy beside every file that can be corrected without changing what it means, and list each change.

    The list is `corrections.csv` in `folder`, that of the study; without corrections nothing is written. Originals are never touched.

    Raises
    ------
    InputError
        With every file that is already there, in which case nothing is written, or when one cannot be written.
    """
    copies = tuple(copy for layer in checked.layers if layer is not None and (copy := corrected(layer)) is not None)
    if not copies:
        return Fixed((), None)
    log = folder / "corrections.csv"
    require_absent([*(copy.target for copy in copies), log])
    for copy in copies:
        with replaced_file(copy.target) as draft:
            copy.write(draft)
    rows = [(copy.source.name, copy.target.name, change) for copy in copies for change in copy.changes]
    with replaced_file(log) as draft:
        write_corrections(draft, rows)
    return Fixed(copies, log)


def write_check(
    checked: Checked,
    settings: StudySettings,
    *,
    page: Path | None = None,
    book: Path | None = None,
    language: Language | None = None,
) -> None:
    """Write what a check found as a page (HTML), as a workbook (Excel), or both, each complete or not at all.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    said: Language = language or settings.outputs.language
    figures = check_summary(checked.study, checked.files)
    made, version = datetime.now().astimezone(), versions()["living-circle"]
    title = words_of(settings.title)
    if page is not None:
        write_text_file(page, check_page(figures, title, said, made=made, version=version))
    if book is not None:
        rows = [None if found is None else Rows(*found) for found in checked.rows]
        with replaced_file(book) as draft:
            tables = {} if checked.study is None else to_look_at(checked.study)
            write_check_book(
                draft, checked.files, rows, figures, title, said, made=made, version=version, tables=tables
            )


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
) -> Results:
    """Load a study and answer its questions, writing nothing; without `areas` or `siting` those parts stay empty.

    `is_stopped` is that of `propose`.

    Raises
    ------
    InputError, SitingError
        When an input is unfit, or a siting task has no feasible plan.
    """
    stages = stages or Stages()
    started = datetime.now(UTC)
    study = load(settings, stages)
    assessment = assess(study, settings, stages)
    moved = intervals(study, settings, assessment, stages)
    shared = access(study, settings, assessment, stages)
    drawn, gaps = trace(study, settings, assessment, stages) if areas else (None, None)
    reasons = NO_DIAGNOSIS if gaps is None else diagnose(study, assessment, gaps, stages, shared)
    around = around_facilities(study, settings, assessment, stages) if areas else (NO_CATCHMENTS, NO_SERVICE_AREAS)
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


def run(
    settings: StudySettings,
    stages: Stages | None = None,
    folder: Path | None = None,
    *,
    documents: Documents | None = None,
) -> Run:
    """Answer everything a study asks and write it to one folder, complete or not at all.

    The folder is `outputs.folder / id` unless given; what an earlier run left there is replaced. `documents` writes what else is wanted.

    Raises
    ------
    InputError, SitingError
        When there is nothing sound to write, or the folder will not take it; nothing is written then. Where the study names a database
        that does not take the results it stays as it was; the folder is written.
    """
    stages = stages or Stages()
    outputs = settings.outputs
    if outputs.postgis is not None:
        require_store(outputs.postgis)
    results = answer(settings, stages)
    folder = folder or outputs.folder / settings.id
    with stages("write"):
        figures = summary(results)
        files = write_run_folder(
            folder,
            results,
            figures,
            language=outputs.language,
            settings=plain_settings(settings),
            rasters=surfaces(results.study, results.assessment, results.access) if outputs.rasters else (),
            formats=outputs.formats,
            documents=documents,
        )
        if outputs.postgis is not None:
            store(results, outputs.postgis, settings.id)
    figures["provenance"]["stage_seconds"] = dict(stages.seconds)  # with the writing, which the record cannot know
    return Run(results, figures, folder, files)


def report(
    settings: StudySettings, stages: Stages | None = None, folder: Path | None = None, change: Change | None = None
) -> Run:
    """Run a study and write its report beside the other results: Word, PDF, a page, maps and charts; all of it or nothing.

    `change` is what changed since another study, for the chapter on it. Libraries of the `report` extra must be there.

    Raises
    ------
    InputError, SitingError
        As `run` does.
    """
    from livingcircle.render.report.writing import FILES, write_report

    told: list[Fault] = []

    def documents(draft: Path, results: Results, tables: Tables) -> Mapping[str, str]:
        told.extend(write_report(draft, results, tables, settings.outputs.language, change))
        return FILES

    done = run(settings, stages, folder, documents=documents)
    return replace(done, figures={**done.figures, "warnings": [*done.figures["warnings"], *fault_records(told)]})


def write_areas(results: Results, settings: StudySettings, file: Path | None = None) -> Path:
    """Write isochrones, gap areas and the places they were drawn from into one GeoPackage, complete or not at all.

    The file is `outputs.folder / id-areas.gpkg` unless given.
    """
    file = file or settings.outputs.folder / f"{settings.id}-areas.gpkg"
    write_geopackage_file(file, results)
    return file


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
