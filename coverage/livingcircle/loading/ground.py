"""The streets as the walker finds them, with the walls between places and streets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import shapely

from livingcircle.faults import Fault, several
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.compound import GATE_METRES, NAMED_GATE_METRES, Unknown, Walled, walled
from livingcircle.kernel.graph import Islands, build_network
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.sides import with_sides
from livingcircle.model.compound import Compounds, Gates, Walls, no_walls
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.places import Candidates, Entrances, Facilities, Homes
from livingcircle.model.terrain import Grades
from livingcircle.model.walker import Walker
from livingcircle.readers import (
    Report,
)
from livingcircle.render.words import LANGUAGES, say, say_code
from livingcircle.settings import LayerCompounds, OsmCompounds, StudySettings
from livingcircle.sources.elevation import elevation_along

EXAMPLES_SHOWN = 3


class Ground(NamedTuple):
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


def grounds(
    settings: StudySettings,
    walker: Walker,
    streets: StreetEdges,
    estates: tuple[Compounds, Gates] | None,
    report: Report,
) -> list[Ground]:
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


def _ground(settings: StudySettings, walker: Walker, streets: StreetEdges, walls: Walls, report: Report) -> Ground:
    network, islands = build_network(_streets_of(walker, streets), settings.network.minimum_island_metres)
    if islands.count:
        details = {"count": islands.count, "kilometres": islands.metres / 1000}
        report.warnings.append(Fault("islands_pruned", details=details))
    grades = None
    if settings.elevation is not None and walker.slope != "level":
        grades = report.take(partial(elevation_along, settings.elevation.path, network.streets))
    return Ground(network, islands, walls, grades)


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
