"""One study of everything its settings name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.generated import candidates_generated
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.completeness import network_completeness
from livingcircle.kernel.edge import cut_nodes, district_of
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.loading.ground import grounds
from livingcircle.loading.told import (
    areas_entered,
    edge_effect,
    incomplete,
    margin_told,
    missing_services,
    note_unjoined,
    suspect_datums,
)
from livingcircle.model.places import Candidates, Districts, Facilities, Homes
from livingcircle.model.population import NO_POPULATION_CHECK, PopulationCheck, PopulationTotals
from livingcircle.model.study import InputFile, Study
from livingcircle.progress import Stages
from livingcircle.readers import (
    Report,
    attribution,
    input_paths,
    placed_candidates,
    read_answers,
    read_candidates,
    read_circles,
    read_compounds,
    read_districts,
    read_entrances,
    read_facilities,
    read_homes,
    read_natural_border,
    read_population_table,
    read_streets,
    read_study_area,
    walker_of,
    words_of,
)
from livingcircle.settings import StudySettings
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.elevation import check_elevation
from livingcircle.sources.home_districts import assign_districts, districts_without_people
from livingcircle.sources.home_totals import compared_with_table, scaled_to_table
from livingcircle.sources.layers import Layer, watching
from livingcircle.sources.reading import Reading
from livingcircle.sources.standards import read_services, read_standard
from livingcircle.task_faults import check_age_groups, check_services, check_sites, with_more_services


def load_study(settings: StudySettings, stages: Stages, report: Report | None = None) -> Study:
    """Read every file a study names, build its walking network and join its places to it.

    What is found is also left in `report`, with the full paths of files, and for those who want it whether or not the study can be used.

    Raises
    ------
    InputError
        With all faults of all files; warnings are in `Study.warnings`.
    """
    report = report or Report()
    with stages("standard"):
        standard = report.take(lambda: Reading(read_standard(settings.standard, conditions=settings.conditions)))
        standard = None if standard is None else with_more_services(settings, standard, report)
        services = read_services() if standard is None else standard.services
        if standard is not None:
            check_services(settings, standard, report)
    with stages("streets"):
        streets = report.take(lambda: read_streets(settings))
    # Without streets the CRS is unknown or unfit; any will do to look for faults in the other files.
    crs = "EPSG:3857" if streets is None else streets.crs
    if settings.elevation is not None:
        report.take(partial(check_elevation, settings.elevation.path))
    with stages("homes"), watching() as with_homes:
        housing = report.take(lambda: read_homes(settings, crs))
    with stages("facilities"), watching() as with_facilities:
        found = read_facilities(settings, services, crs, report)
    with stages("districts"):
        districts = report.take(lambda: read_districts(settings, crs))
        area = read_study_area(settings, districts, crs, report)
        circles = read_circles(settings, crs, report)
        census = read_population_table(settings, districts, report)
        border, answers = (
            read_natural_border(settings, crs, report),
            read_answers(settings, standard, districts, report),
        )
    with stages("compounds"), watching() as with_compounds:
        estates = read_compounds(settings, crs, report)
    with stages("candidates"), watching() as with_candidates:
        listed = report.take(lambda: read_candidates(settings, services, crs))
    suspect_datums(
        settings, streets, housing, found, with_homes, [*with_facilities, *with_compounds, *with_candidates], report
    )
    if report.faults or standard is None or streets is None or housing is None or found is None or districts is None:
        raise InputError(report.faults)

    with stages("join"):
        facilities = found.facilities
        entrances = read_entrances(settings, facilities, crs, report)
        homes, population = _counted(
            settings, _placed(settings, housing.homes, districts, circles, report), districts, census, report
        )
        check_age_groups(settings, homes, report)
        cut, guessed = cut_nodes(streets, border)
        streets = replace(streets, node_cut=cut)
        walker = walker_of(settings)
        compounds, gates = estates or (None, None)
        completeness = network_completeness(streets, homes, districts, area, compounds, gates)
        report.warnings.extend(incomplete(completeness, districts))
        ground, *cautious = grounds(settings, walker, streets, estates, report)
        network = ground.network
        walk = walker_impedance(network, walker, ground.grades)
        join = partial(ground.joined, entrances=entrances)
        candidates = _with_placed(
            listed
            if listed is not None
            else candidates_generated(
                settings, standard, (network, walk, ground.grades), (homes, facilities), join, report
            ),
            settings,
            streets.crs,
        )
        check_sites(settings, candidates, districts, report)
        joined = ground.joined(homes, facilities, candidates, settings.network.join_cap_metres, entrances)
        report.notes.extend(areas_entered(facilities, entrances, joined["facilities"]))
        for layer, places in (("homes", homes), ("facilities", facilities), ("candidates", candidates)):
            note_unjoined(layer, places.ids, joined[layer], report)
        if area is not None:
            for fault in margin_told(settings, standard, area, network, homes, facilities):
                (report.faults if fault.severity == "fault" else report.warnings).append(fault)
        edge = edge_effect(settings, standard, network, walk, homes, joined["homes"], guessed=guessed)
        report.warnings[:0] = [*edge, *missing_services(services, facilities)]
        if report.faults:
            raise InputError(report.faults)
    study = Study(
        title=words_of(settings.title),
        crs=streets.crs,
        walker=walker,
        network=network,
        grades=ground.grades,
        homes=homes,
        facilities=facilities,
        review=found.review,
        merged=found.merged,
        candidates=candidates,
        districts=districts,
        home_anchors=joined["homes"],
        facility_anchors=joined["facilities"],
        candidate_anchors=joined["candidates"],
        standard=standard,
        # Results are passed on: they name files, not the folders of the machine they were made on.
        warnings=tuple(replace(warning, file=Path(warning.file).name) for warning in report.warnings),
        notes=tuple(report.notes),
        unplaced=housing.unplaced,
        quarantined=housing.quarantined,
        completeness=completeness,
        population=population,
        answers=answers,
        walls=ground.walls,
        compounds=compounds,
        not_open=_not_open(with_facilities),
        circles=circles,
        entrances=entrances,
        attribution=attribution(settings),
        inputs=tuple(InputFile(role, path.name, *file_sha256(path)) for role, path in input_paths(settings)),
    )
    for other in cautious:
        again = other.joined(homes, facilities, candidates, settings.network.join_cap_metres, entrances)
        with_one_gate = replace(
            study,
            network=other.network,
            grades=other.grades,
            home_anchors=again["homes"],
            facility_anchors=again["facilities"],
            candidate_anchors=again["candidates"],
            walls=other.walls,
        )
        study = replace(study, cautious=with_one_gate)
    return study


def with_placed(study: Study, settings: StudySettings) -> Study:
    """Return a study with the candidates that settings place by hand and it does not have yet, joined to its streets."""
    candidates = _with_placed(study.candidates, settings, study.crs)
    if len(candidates) == len(study.candidates):
        return study

    def joined(one: Study) -> Study:
        anchors = join_areas(candidates.geometry, one.network, settings.network.join_cap_metres, walls=one.walls)
        return replace(one, candidates=candidates, candidate_anchors=anchors)

    return replace(joined(study), cautious=None if study.cautious is None else joined(study.cautious))


def _with_placed(candidates: Candidates, settings: StudySettings, crs: str) -> Candidates:
    """Add the candidates placed by hand; one whose id is known is known."""
    known = set(candidates.ids.tolist())
    more = [one for one in {one.id: one for one in settings.placed_candidates}.values() if one.id not in known]
    return candidates.followed_by(placed_candidates(more, crs, candidates.allowed.shape[1])) if more else candidates


def _not_open(layers: Iterable[Layer]) -> Facilities | None:
    """Return the facilities of all lists that are planned or closed and do not count; None where there is none."""
    listed = [facilities for layer in layers for facilities in layer.not_open if len(facilities)]
    return reduce(Facilities.followed_by, listed) if listed else None


def _counted(
    settings: StudySettings, homes: Homes, districts: Districts, census: PopulationTotals | None, report: Report
) -> tuple[Homes, PopulationCheck]:
    """Compare homes with the population table, and scale them to it if asked to."""
    if census is None or settings.population_table is None:
        return homes, NO_POPULATION_CHECK
    compared = compared_with_table(homes, districts, census)
    report.say(compared.warnings)
    if settings.population_table.use == "scale":
        scaled = scaled_to_table(homes, districts, census)
        report.say(scaled.warnings)
        homes = scaled.value
    return homes, compared.value


def _placed(settings: StudySettings, homes: Homes, districts: Districts, circles: Districts, report: Report) -> Homes:
    """Put homes into districts, and say which of these nobody lives in, and how many people live in no circle that was drawn.

    A level none of whose circles holds anybody is no use.
    """
    assigned = assign_districts(homes, districts)
    report.say(assigned.warnings)
    file = str(getattr(settings.homes, "path", None) or "")
    report.warnings.extend(replace(fault, file=file) for fault in districts_without_people(assigned.value, districts))
    for level in dict.fromkeys(circles.level.tolist()):
        outside = district_of(homes.xy, circles.geometry[circles.level == level]) < 0
        if outside.any():
            details: dict[str, str | float] = {
                "minutes": level.removesuffix("min"),
                "count": int(outside.sum()),
                "residents": float(homes.residents[outside].sum()),
            }
            found = Fault("no_home_in_circles" if outside.all() else "homes_outside_circles", details=details)
            (report.faults if found.severity == "fault" else report.warnings).append(found)
    return assigned.value
