"""A metropolis in tiles: the study is loaded once, its homes are searched from tile by tile, and what all found is counted as one.

Everything that depends on the whole is settled before the cut: islands are pruned, places are joined to the streets, the ends of the data
are found. A tile (`kernel.tile`) then gives its homes the very walks the whole gives them, up to the longest limit asked for. So coverage,
by district and by age, and the verdicts on requirements follow from the tiles to the last bit.

What a tile does not know is not answered: walks beyond the longest limit, who crosses the lines between districts, gap areas and
isochrones, places set beside demand, clauses, sites.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingcircle.counting import Walks, by_limit, coverage_of, limits_in_metres, plain_study
from livingcircle.kernel.edge import seconds_to_cut
from livingcircle.kernel.gauge import verdict_table
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.tile import Tile, groups_of_homes, tile
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import NO_EXCHANGE, Assessment, Reach
from livingcircle.model.study import Study
from livingcircle.questions import service_ids, service_limits, services_there, shown_limits_seconds, walk_of
from livingcircle.settings import StudySettings


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A study that was cut: the homes of every tile, by position, and the walk of every home to the end of the data, by way of walking."""

    study: Study
    homes: tuple[NDArray[np.intp], ...]
    to_cut: Mapping[str, FloatArray]


Ways = Mapping[str, Tile]
"""One tile for every way of walking that is counted; see `ways_of`."""


def ways_of(study: Study) -> Mapping[str, Study]:
    """Return the study by each way of walking that its coverage is counted by.

    `own` is the walker's, `plain` that by which limits in metres are judged, each also `walled`, with one gate where a compound's are
    unknown; those that do not differ are left out.
    """
    ways = {"own": study, "plain": plain_study(study)}
    ways |= {f"{name} walled": None if way is None else way.cautious for name, way in ways.items()}
    return {name: way for name, way in ways.items() if way is not None}


def longest_limit_seconds(study: Study, settings: StudySettings) -> float:
    """Return the longest limit that anything is counted at: as far as a tile looks."""
    return max((limit for _, limit in service_limits(study, settings)), default=0.0)


def cut_study(study: Study, settings: StudySettings, tiles: int) -> tuple[Cut, Iterator[Ways]]:
    """Cut a study into at most `tiles` tiles of neighbouring homes, equally many in each; the tiles are made one at a time."""
    groups = groups_of_homes(study.homes.xy, tiles)
    ways, limit = ways_of(study), longest_limit_seconds(study, settings)
    walks = {name: walk_of(way) for name, way in ways.items()}
    to_cut = {
        name: seconds_to_cut(way.network, walks[name], way.home_anchors, study.homes.xy) for name, way in ways.items()
    }

    def around(name: str, homes: NDArray[np.intp]) -> Tile:
        way, serves = ways[name], study.facilities.serves
        return tile(way.network, walks[name], way.home_anchors, way.facility_anchors, serves, homes, limit)

    return Cut(study, tuple(groups), to_cut), ({name: around(name, homes) for name in ways} for homes in groups)


def walks_in(ways: Ways) -> Mapping[str, FloatArray]:
    """Return the seconds (s, r) of a tile's homes by each way of walking."""
    return {name: one.seconds(threads=threads_available()) for name, one in ways.items()}


def counted_together(cut: Cut, settings: StudySettings, walks: Sequence[Mapping[str, FloatArray]]) -> Assessment:
    """Count what the tiles found, in their order, as `cases.assess` counts what one search finds.

    Of the nearest facilities, of junctions and of what crosses the lines between districts the assessment says nothing; it has no verdicts
    on clauses.
    """
    study, limits = cut.study, service_limits(cut.study, settings)
    seconds = {name: _of_all(cut, [part[name] for part in walks]) for name in cut.to_cut}

    def walked(name: str) -> Walks:
        walled = f"{name} walled"
        return Walks(seconds[name], cut.to_cut[name], walked(walled) if walled in seconds else None)

    coverage, cautious, by_age = coverage_of(study, limits, walked("own"))
    plain = plain_study(study)
    if plain is not None:
        metres = limits_in_metres(study)
        again, cautious_again, age_again = coverage_of(plain, limits, walked("plain"))
        coverage, by_age = by_limit(coverage, again, metres), by_limit(by_age, age_again, metres)
        if cautious is not None and cautious_again is not None:
            cautious = by_limit(cautious, cautious_again, metres)
    own = seconds["own"]
    nobody = np.full(own.shape, -1, np.int32)
    return Assessment(
        reach=Reach(own, nobody, np.empty((len(own), 0)), np.empty((len(own), 0), np.int32)),
        coverage=coverage,
        exchange=NO_EXCHANGE,
        cautious=cautious,
        by_age=by_age,
        verdicts=verdict_table(
            coverage, study.standard.requirements, service_ids(study), services_there(study), len(study.districts)
        ),
        shown_limits_seconds=shown_limits_seconds(settings),
        plain_seconds=seconds.get("plain"),
    )


def _of_all(cut: Cut, parts: Sequence[FloatArray]) -> FloatArray:
    """Put what the tiles found (s, homes of the tile) into the order of the study's homes (s, r)."""
    every = np.full((cut.study.facilities.serves.shape[1], len(cut.study.homes)), np.nan)
    for homes, found in zip(cut.homes, parts, strict=True):
        every[:, homes] = found
    return every
