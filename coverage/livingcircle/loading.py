"""From settings to a study: all faults of all files in one report, the streets as the walker finds them, places joined to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Fault, several
from livingcircle.generated import candidates_generated
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.completeness import network_completeness
from livingcircle.kernel.compound import GATE_METRES, NAMED_GATE_METRES, Unknown, Walled, walled
from livingcircle.kernel.edge import absent_outside, cut_nodes, district_of, margin_of, seconds_to_cut
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import Islands, build_network
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.sides import with_sides
from livingcircle.model.columns import TextArray
from livingcircle.model.completeness import POOR, NetworkCompleteness
from livingcircle.model.compound import Compounds, Gates, Walls, no_walls
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.people import Housing
from livingcircle.model.places import Candidates, Districts, Entrances, Facilities, Homes
from livingcircle.model.population import NO_POPULATION_CHECK, PopulationCheck, PopulationTotals
from livingcircle.model.standard import ServiceType, Standard
from livingcircle.model.study import InputFile, Study
from livingcircle.model.terrain import Grades
from livingcircle.model.walker import Walker
from livingcircle.progress import Stages
from livingcircle.readers import (
    FoundFacilities,
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
    read_footprints,
    read_homes,
    read_natural_border,
    read_population_table,
    read_streets,
    read_study_area,
    walker_of,
    words_of,
)
from livingcircle.render.completeness import completeness_remark
from livingcircle.render.words import LANGUAGES, say, say_code
from livingcircle.settings import LayerCompounds, OsmCompounds, StudySettings
from livingcircle.sources.detective import Witnesses, cross_examined, is_offset_here
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.elevation import check_elevation, elevation_along
from livingcircle.sources.home_districts import assign_districts, districts_without_people
from livingcircle.sources.home_totals import compared_with_table, scaled_to_table
from livingcircle.sources.layers import Layer, watching
from livingcircle.sources.reading import Reading
from livingcircle.sources.standards import read_services, read_standard
from livingcircle.task_faults import check_age_groups, check_services, check_sites, with_more_services

EXAMPLES_SHOWN = 3
LEAST_BUFFER_METRES = 1500.0


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
    _suspect_datums(
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
        report.warnings.extend(_incomplete(completeness, districts))
        ground, *cautious = _grounds(settings, walker, streets, estates, report)
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
        report.notes.extend(_areas_entered(facilities, entrances, joined["facilities"]))
        for layer, places in (("homes", homes), ("facilities", facilities), ("candidates", candidates)):
            _note_unjoined(layer, places.ids, joined[layer], report)
        if area is not None:
            for fault in _margin(settings, standard, area, network, homes, facilities):
                (report.faults if fault.severity == "fault" else report.warnings).append(fault)
        edge = _edge_effect(settings, standard, network, walk, homes, joined["homes"], guessed=guessed)
        report.warnings[:0] = [*edge, *_missing_services(services, facilities)]
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


def _suspect_datums(
    settings: StudySettings,
    streets: StreetEdges | None,
    housing: Housing | None,
    found: FoundFacilities | None,
    with_homes: Sequence[Layer],
    others: Sequence[Layer],
    report: Report,
) -> None:
    """Ask of every layer whether its places lie where its datum says; homes that are in doubt themselves are no witnesses."""
    asked = [layer for layer in (*with_homes, *others) if layer.source is not None]
    if streets is None or housing is None or found is None or not asked or not is_offset_here(streets):
        return
    homes, facilities = housing.homes, found.facilities
    footprints = read_footprints(settings, streets.crs)
    witnesses = Witnesses(streets.crs, shapely.STRtree(streets.lines), shapely.STRtree(footprints))
    said = [cross_examined(layer, witnesses) for layer in with_homes]
    if not any(said):
        footprints = np.concatenate([footprints, homes.geometry[~np.isnan(homes.footprint_m2)]])
        witnesses = replace(witnesses, footprints=shapely.STRtree(footprints))
    for layer in others:
        elsewhere = facilities.source != Path(layer.file).name
        named = replace(witnesses, names=facilities.names[elsewhere], named_xy=facilities.xy[elsewhere])
        said.append(cross_examined(layer, named))
    for fault in said:
        if fault is not None:
            (report.faults if fault.severity == "fault" else report.warnings).append(fault)


# ── The ground ──────────────────────────────────────────────────────────────


class _Ground(NamedTuple):
    """The streets as the walker finds them, with the walls between places and streets, under one assumption on unknown gates."""

    network: WalkNetwork
    islands: Islands
    walls: Walls
    grades: Grades | None

    def joined(
        self, homes: Homes, facilities: Facilities, candidates: Candidates, cap_metres: float, entrances: Entrances
    ) -> dict[str, Anchors]:
        """Join all places of a study to the streets."""
        return {
            "homes": join_points(homes.xy, self.network, cap_metres, walls=self.walls),
            "facilities": join_areas(
                facilities.geometry, self.network, cap_metres, walls=self.walls, entrances=entrances
            ),
            "candidates": join_areas(candidates.geometry, self.network, cap_metres, walls=self.walls),
        }


def _grounds(
    settings: StudySettings,
    walker: Walker,
    streets: StreetEdges,
    estates: tuple[Compounds, Gates] | None,
    report: Report,
) -> list[_Ground]:
    """Lay the ground once, or twice where unknown gates make a band: first as if those compounds were open, then with one gate each."""
    if settings.compounds is None or estates is None:
        return [_ground(settings, walker, streets, no_walls(), report)]
    _note_compounds_elsewhere(settings, streets, estates[0], report)
    chosen = settings.compounds.unknown_gates
    assumptions: tuple[Unknown, ...] = ("open", "one_gate") if chosen == "band" else (chosen,)
    at_minute, frontage_metres = settings.compounds.at_minute, settings.compounds.frontage_metres
    enclosed = [walled(streets, *estates, one, at_minute, frontage_metres) for one in assumptions]
    if not enclosed[0].enclosures.unknown.any():
        del enclosed[1:]
    report.warnings.extend(_gate_warnings(settings.compounds, estates[0], enclosed[0]))
    reports = [report, Report()]  # what is wrong with the streets is said once
    return [
        _ground(settings, walker, found.streets, found.walls, one)
        for found, one in zip(enclosed, reports, strict=False)
    ]


def _ground(settings: StudySettings, walker: Walker, streets: StreetEdges, walls: Walls, report: Report) -> _Ground:
    network, islands = build_network(_streets_of(walker, streets), settings.network.minimum_island_metres)
    if islands.count:
        details = {"count": islands.count, "kilometres": islands.metres / 1000}
        report.warnings.append(Fault("islands_pruned", details=details))
    grades = None
    if settings.elevation is not None and walker.slope != "level":
        grades = report.take(partial(elevation_along, settings.elevation.path, network.streets))
    return _Ground(network, islands, walls, grades)


def _note_compounds_elsewhere(
    settings: StudySettings, streets: StreetEdges, compounds: Compounds, report: Report
) -> None:
    """Refuse a layer of compounds none of which is anywhere near a street: walls there would change nothing, in silence."""
    cap = settings.network.join_cap_metres
    near, _ = shapely.STRtree(streets.lines).query(compounds.geometry, predicate="dwithin", distance=cap)
    if len(compounds) and not len(near):
        names = {f"layer_{language}": say_code("role", "compounds", language) for language in LANGUAGES}
        details: dict[str, str | float] = {"count": len(compounds), "metres": cap, **names}
        report.faults.append(Fault("all_outside_study", details=details))


def _gate_warnings(settings: LayerCompounds | OsmCompounds, compounds: Compounds, found: Walled) -> Iterable[Fault]:
    enclosures = found.enclosures
    unknown = enclosures.unknown
    if unknown.any():
        words = {f"assumption_{language}": say(f"gates.{settings.unknown_gates}", language) for language in LANGUAGES}
        details: dict[str, str | float] = {"count": int(unknown.sum()), "total": len(compounds), **words}
        yield Fault("gates_unknown", details=details)
    shut = np.flatnonzero(enclosures.assumed & (enclosures.shut > 0))
    if len(shut):
        examples = several(compounds.names[shut], EXAMPLES_SHOWN)
        yield Fault("gates_shut", details={"count": len(shut), "time": settings.time_of_day, "examples": examples})
    if found.gates_nowhere:
        details = {"count": found.gates_nowhere, "metres": GATE_METRES, "named_metres": NAMED_GATE_METRES}
        yield Fault("gates_nowhere", details=details)


def _streets_of(walker: Walker, streets: StreetEdges) -> StreetEdges:
    """Return the streets as one walker finds them; whose way is barred by stairs joins no place to them."""
    if walker.wide_roads == "crossings":
        streets = with_sides(streets)
    if walker.stairs_factor is None:
        streets = replace(streets, at_ground=streets.at_ground & ~streets.steps)
    return with_lanes(streets)


# ── What every reader of the results must know ──────────────────────────────


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


def _note_unjoined(layer: str, ids: TextArray, anchors: Anchors, report: Report) -> None:
    missed = np.flatnonzero(~anchors.joined)
    if not len(missed):
        return
    details: dict[str, str | float] = {
        "count": len(missed),
        "metres": anchors.cap_metres,
        "layer_zh": say_code("role", layer, "zh"),
        "layer_en": say_code("role", layer, "en"),
        "examples": ", ".join(str(name) for name in ids[missed[:EXAMPLES_SHOWN]]),
    }
    if len(missed) == anchors.places:
        report.faults.append(Fault("all_outside_study", details=details))
    else:
        report.warnings.append(Fault("outside_study", details=details))


def _areas_entered(facilities: Facilities, entrances: Entrances, anchors: Anchors) -> Iterable[Fault]:
    """Say how many areas are entered in which way."""
    is_area = (shapely.get_dimensions(facilities.geometry) == 2) & anchors.joined
    at_entrances, alone, crossed = (np.zeros(len(facilities), bool) for _ in range(3))
    at_entrances[entrances.place] = True
    alone[entrances.place[entrances.alone]] = True
    crossed[anchors.place[anchors.access_metres == 0]] = True
    if is_area.any():
        ways = {
            "stated": is_area & alone,
            "mapped": is_area & at_entrances & ~alone,
            "crossed": is_area & ~at_entrances & crossed,
            "bounded": is_area & ~at_entrances & ~crossed,
        }
        counts = {way: int(areas.sum()) for way, areas in ways.items()}
        yield Fault("areas_entered", details={"count": int(is_area.sum()), **counts})


def _missing_services(services: tuple[ServiceType, ...], facilities: Facilities) -> Iterable[Fault]:
    """Name the kinds of places of which there is none; no list is asked for what is no place, nor for what may not be located."""
    missing = [
        service.name
        for service, offered in zip(services, np.any(facilities.serves, axis=0).tolist(), strict=True)
        if service.kind == "facility" and service.privacy != "restricted" and not offered
    ]
    if missing:
        named = {
            "services_zh": "、".join(name.zh for name in missing),
            "services_en": ", ".join(name.en for name in missing),
        }
        yield Fault("no_facility", details={"count": len(missing), **named})


def _edge_effect(
    settings: StudySettings,
    standard: Standard,
    network: WalkNetwork,
    walk: Impedance,
    homes: Homes,
    home_anchors: Anchors,
    *,
    guessed: bool,
) -> Iterable[Fault]:
    """Say how many residents reach the end of the data within the longest limit, so that facilities beyond might serve them."""
    limit = _longest_limit_seconds(settings, standard)
    cut_seconds = seconds_to_cut(network, walk, home_anchors, homes.xy)
    near, residents = covered(cut_seconds, limit), homes.residents.sum()
    if residents > 0 and homes.residents[near].any():
        share = float(homes.residents[near].sum() / residents)
        metres = limit * settings.walker.speed_metres_per_second
        how = (
            {"how_zh": "（边缘位置为推测）", "how_en": " (as far as one can guess)"}
            if guessed
            else {"how_zh": "", "how_en": ""}
        )
        yield Fault("edge_effect", details={"share": share, "minutes": limit / 60, "metres": metres, **how})


def _incomplete(found: NetworkCompleteness, districts: Districts) -> Iterable[Fault]:
    """Say where streets are missing, as far as one can know, and what that does to walking times."""
    if found.grade[0] in POOR:
        said = {f"says_{one}": _bare(completeness_remark(found, one)) for one in LANGUAGES}
        yield Fault("network_incomplete", details=said)
    poor = np.flatnonzero((found.grade[1:] == "D") & districts.undivided)
    if len(poor):
        examples = several(districts.names[poor], EXAMPLES_SHOWN)
        yield Fault("districts_incomplete", details={"count": len(poor), "examples": examples})


def _bare(sentences: str) -> str:
    """Leave the last full stop to the fault's own sentence."""
    return sentences.rstrip("。.")


def _margin(
    settings: StudySettings,
    standard: Standard,
    area: shapely.Geometry,
    network: WalkNetwork,
    homes: Homes,
    facilities: Facilities,
) -> Iterable[Fault]:
    """Say where streets or facilities do not reach far enough beyond the study area, and whether homes lie outside it."""
    walked = _longest_limit_seconds(settings, standard) * settings.walker.speed_metres_per_second
    needed = settings.edge.buffer_metres or max(LEAST_BUFFER_METRES, walked)
    margin = margin_of(area, network.streets, needed)
    if margin.reached_metres < needed:
        kind = {"warn": "short_margin", "refuse": "clipped_network"}[settings.edge.when_short]
        details = {"needed": needed, "reached": margin.reached_metres, "share": margin.short_share}
        yield Fault(kind, details=details)
    absent = absent_outside(area, network.streets, facilities.xy, facilities.serves, needed)
    if len(absent):
        names = [standard.services[service].name for service in absent]
        yield Fault(
            "facilities_stop_at_boundary",
            details={
                "metres": needed,
                "services_zh": "、".join(name.zh for name in names),
                "services_en": ", ".join(name.en for name in names),
            },
        )
    outside = ~shapely.intersects_xy(area, *homes.xy.T)
    if outside.any() and settings.boundary is not None:  # beyond districts, `homes_without_district` says so
        details = {"count": int(outside.sum()), "residents": float(homes.residents[outside].sum())}
        yield Fault("homes_outside_boundary", details=details)


def _longest_limit_seconds(settings: StudySettings, standard: Standard) -> float:
    limits = [60 * minutes for minutes in settings.outputs.isochrone_minutes]
    return max([*limits, *(requirement.limit_seconds for requirement in standard.requirements)], default=0.0)
