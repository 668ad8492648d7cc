"""The cheapest remedy of each gap area, its gain computed and never guessed.

Gates and crossings are tried out one by one on a `Scenario` (`kernel.change`), which gives the times of a full run. Sites are places of a
reach table: existing stock and other candidates of the study and, where none helps, the middle of the area.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingcircle.errors import NetworkError
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.barriers import flat_beyond, ways_out, wide_junctions
from livingcircle.kernel.cause import home_walls
from livingcircle.kernel.change import Change, Scenario, add_crossing, add_gate, begin
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.seeds import key_seconds
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray
from livingcircle.model.diagnosis import COST_CLASS, NO_GAP_DIAGNOSIS, Cause, Causes, GapDiagnosis, GapMembers, Remedy
from livingcircle.model.network import Anchors, Lane, WalkNetwork
from livingcircle.model.outcome import GapAreas
from livingcircle.model.study import Study
from livingcircle.model.terrain import Grades

ENOUGH = 0.5
"""A remedy that brings at least this share of a gap area's residents within the limit is good enough to be asked for first."""
TRIALS_OF_AN_AREA = 4
"""Gates, and crossings, that are tried out for one area: those with the shortest way over them as the crow flies."""
TRIALS_IN_ALL = 80
"""No more than these are tried out in one run, the most severe areas first: each takes about 40 ms in a large city."""
UNKNOWN_CAUSES = (Cause.HOME_UNJOINED, Cause.EDGE_OF_DATA)


class Option(NamedTuple):
    """One remedy of one gap area, with what it brings."""

    remedy: Remedy
    gained: float
    closed: float
    xy: tuple[float, float] = (np.nan, np.nan)
    candidate: int = -1
    wall: int = -1


def diagnosed(
    study: Study, gaps: GapAreas, members: GapMembers, causes: Causes, seconds: FloatArray, *, threads: int = 1
) -> GapDiagnosis:
    """Say of each gap area (g rows) what it comes from, how grave it is, and what closes it at the least cost.

    `seconds` (s, r) are the walks as they are. `GapDiagnosis.place` is left at -1.
    """
    if not len(gaps):
        return NO_GAP_DIAGNOSIS
    ask = _Ask(study, gaps, members, seconds)
    share, severity, main = _shares(ask, causes)
    # One that is met twice by chance must come in the same order whatever that of the input.
    worst_first = np.lexsort((gaps.requirement, *np.round(_centres(gaps)).T, -severity))
    options: list[list[Option]] = [[] for _ in range(len(gaps))]
    for area, option in _sites(ask, threads):
        options[area].append(option)
    trials = np.zeros(len(gaps), np.int32)
    left = TRIALS_IN_ALL
    for area, tried in _openings(ask, causes, share, worst_first):
        if tried is not None:
            options[area].append(tried)
        trials[area] += 1
        left -= 1
        if left == 0:
            break
    chosen = [_cheapest(options[area], Cause(main[area]), ask.residents_of(area)) for area in range(len(gaps))]
    return GapDiagnosis(
        cause=main,
        share_by_cause=share,
        severity=severity,
        remedy=np.array([one.remedy for one in chosen], np.int8),
        xy=np.array([one.xy for one in chosen], float).reshape(-1, 2),
        candidate=np.array([one.candidate for one in chosen], np.int32),
        wall=np.array([one.wall for one in chosen], np.int32),
        residents_gained=np.array([one.gained for one in chosen], float),
        residents_closed=np.array([one.closed for one in chosen], float),
        trials=trials,
        place=np.full(len(gaps), -1, np.int32),
    )


def scenario_of(study: Study, services: NDArray[np.integer], limit_seconds: float) -> Scenario:
    """Return the study as a scenario in which something may change, for some services and up to a limit."""

    def timing(part: WalkNetwork, rows: IntArray) -> Impedance:
        return walker_impedance(part, study.walker, _grades_of(study.grades, rows))

    return begin(
        study.network,
        walker_impedance(study.network, study.walker, study.grades),
        study.homes.xy,
        study.home_anchors,
        study.facilities.geometry,
        study.facility_anchors,
        study.facilities.serves[:, services],
        limit_seconds,
        timing=timing,
        walls=study.walls,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ask:
    """The gap areas of a study and the walks as they are."""

    study: Study
    gaps: GapAreas
    members: GapMembers
    seconds: FloatArray

    def service(self, area: int) -> int:
        requirement = self.study.standard.requirements[self.gaps.requirement[area]]
        return [one.id for one in self.study.standard.services].index(requirement.service)

    def limit(self, area: int) -> float:
        return float(self.study.standard.requirements[self.gaps.requirement[area]].limit_seconds)

    def uncovered(self, area: int) -> BoolArray:
        return ~covered(self.seconds[self.service(area)], self.limit(area))

    def residents_of(self, area: int) -> float:
        return float(self.study.homes.residents[self.members.of(area)].sum())

    def heaviest(self, homes: IntArray) -> int:
        """Return the home with the most residents, of equal ones the first by id."""
        residents, ids = self.study.homes.residents, self.study.homes.ids
        return int(min(homes.tolist(), key=lambda home: (-residents[home], str(ids[home]))))


def _shares(ask: _Ask, causes: Causes) -> tuple[FloatArray, FloatArray, NDArray[np.int8]]:
    """Return the shares of residents by cause (g, causes), the severity (g,), and the main cause (g,) of each area."""
    homes, limits = ask.study.homes, [rule.limit_seconds for rule in ask.study.standard.requirements]
    area = np.repeat(np.arange(len(ask.gaps)), np.diff(ask.members.indptr))
    here = ask.gaps.requirement[area].astype(np.int64) * len(homes) + ask.members.home
    row = np.searchsorted(causes.requirement.astype(np.int64) * len(homes) + causes.home, here)
    residents = homes.residents[ask.members.home]
    by_cause = np.zeros((len(ask.gaps), len(Cause)))
    # Where nobody is known to live, homes are counted: an area has a main cause in any case.
    weight = np.where((np.diff(ask.members.indptr) > 0) & (ask.gaps.residents > 0), 0.0, 1.0)[area] + residents
    np.add.at(by_cause, (area, causes.cause[row]), weight)
    limit = np.array(limits)[ask.gaps.requirement[area]]
    walk = np.where(np.isfinite(causes.walk_seconds[row]), causes.walk_seconds[row], np.inf)
    beyond = np.minimum(walk - limit, limit) / 60
    severity = np.bincount(area, residents * beyond, len(ask.gaps)).astype(float)
    share = by_cause / by_cause.sum(axis=1, keepdims=True)
    return share, severity, by_cause.argmax(axis=1).astype(np.int8)


def _cheapest(options: list[Option], cause: Cause, residents: float) -> Option:
    """Return the cheapest option that is enough, else the one that brings most; without any, what the cause asks for."""
    if cause in UNKNOWN_CAUSES:
        return Option(Remedy.COMPLETE_DATA, np.nan, np.nan)
    helping = [one for one in options if one.closed > 0]
    enough = [one for one in helping if one.closed >= ENOUGH * residents]
    if enough:
        return min(enough, key=lambda one: (COST_CLASS[one.remedy], one.remedy, -one.closed))
    if helping:
        return min(helping, key=lambda one: (-one.closed, COST_CLASS[one.remedy], one.remedy))
    return Option(Remedy.IMPROVE_WAY, 0.0, 0.0)


# ── Sites ───────────────────────────────────────────────────────────────────


def _sites(ask: _Ask, threads: int) -> Iterator[tuple[int, Option]]:
    """Yield the best candidate of each area and, beside it, a new site in its middle."""
    study = ask.study
    walk = walker_impedance(study.network, study.walker, study.grades)
    limits = np.array([ask.limit(area) for area in range(len(ask.gaps))])
    for limit in np.unique(limits):
        areas = np.flatnonzero(limits == limit)
        middles = np.array([study.homes.xy[_middle(ask, int(area))] for area in areas])
        near = _within(
            study.candidates.geometry, study.homes.xy, ask, areas, limit * study.walker.speed_metres_per_second
        )
        points = np.asarray(shapely.points(middles), object)
        at = join_areas(points, study.network, study.home_anchors.cap_metres, walls=study.walls)
        anchors = _both(_those(study.candidate_anchors, near), at)
        table = reach_table(study.network, walk, anchors, study.home_anchors, float(limit), threads=threads)
        cover = csr_array((np.ones(len(table.home)), table.home, table.indptr), shape=(table.places, len(study.homes)))
        closed = _closed(ask, areas, cover)
        for column, area in enumerate(areas.tolist()):
            gained = cover @ (study.homes.residents * ask.uncovered(area))
            own = closed[:, [column]].toarray().ravel()
            if len(near) and own[: len(near)].max() > 0:
                best = _best(study, near, own[: len(near)])
                place = int(near[best])
                kind = Remedy.REUSE_STOCK if np.isfinite(study.candidates.floor_m2[place]) else Remedy.NEW_SITE
                at_xy = (float(study.candidates.xy[place, 0]), float(study.candidates.xy[place, 1]))
                yield area, Option(kind, float(gained[best]), float(own[best]), at_xy, candidate=place)
            middle = len(near) + column
            new = (float(middles[column, 0]), float(middles[column, 1]))
            yield area, Option(Remedy.NEW_SITE, float(gained[middle]), float(own[middle]), new)


def _closed(ask: _Ask, areas: NDArray[np.intp], cover: csr_array) -> csr_array:
    """Return the residents (places, areas) that each place brings within the limit in each area."""
    homes = [ask.members.of(int(area)) for area in areas]
    column = np.repeat(np.arange(len(areas)), [len(one) for one in homes])
    home = np.concatenate(homes)
    lives = csr_array((ask.study.homes.residents[home], (home, column)), shape=(len(ask.study.homes), len(areas)))
    return csr_array(cover @ lives)


def _best(study: Study, near: NDArray[np.intp], closed: FloatArray) -> int:
    """Return the candidate that closes most; of equal ones the cheapest, then the first by id."""
    most = np.flatnonzero(closed >= closed.max())
    cost = np.where(np.isfinite(study.candidates.cost_wan_yuan), study.candidates.cost_wan_yuan, np.inf)
    return int(min(most.tolist(), key=lambda one: (cost[near[one]], str(study.candidates.ids[near[one]]))))


def _middle(ask: _Ask, area: int) -> int:
    """Return the home nearest to where its residents are on average."""
    homes = ask.members.of(area)
    xy, residents = ask.study.homes.xy[homes], ask.study.homes.residents[homes]
    centre = np.average(xy, axis=0, weights=residents) if residents.sum() > 0 else xy.mean(axis=0)
    metres = np.round(np.hypot(*(xy - centre).T), 3)
    nearest = np.flatnonzero(metres == metres.min())
    return int(min(homes[nearest].tolist(), key=lambda home: str(ask.study.homes.ids[home])))


def _within(
    candidates: GeometryArray, home_xy: FloatArray, ask: _Ask, areas: NDArray[np.intp], metres: float
) -> NDArray[np.intp]:
    """Return the candidates within some metres of a home of the areas: no walk to the others is in time."""
    if not len(candidates):
        return np.empty(0, np.intp)
    homes = np.unique(np.concatenate([ask.members.of(int(area)) for area in areas]))
    tree = shapely.STRtree(candidates)
    found = tree.query(np.asarray(shapely.points(home_xy[homes]), object), predicate="dwithin", distance=metres)
    return np.unique(found[1]).astype(np.intp)


def _those(anchors: Anchors, places: NDArray[np.intp]) -> Anchors:
    """Return the anchors of some places, numbered anew."""
    number = np.full(anchors.places, -1, np.int32)
    number[places] = np.arange(len(places))
    kept = anchors.take(number[anchors.place] >= 0)
    return Anchors(
        place=number[kept.place],
        edge=kept.edge,
        fraction=kept.fraction,
        access_metres=kept.access_metres,
        nearest_metres=anchors.nearest_metres[places],
        cap_metres=anchors.cap_metres,
    )


def _both(one: Anchors, other: Anchors) -> Anchors:
    """Return the places of both, those of `other` after those of `one`."""
    return Anchors(
        place=np.concatenate([one.place, other.place + np.int32(one.places)]),
        edge=np.concatenate([one.edge, other.edge]),
        fraction=np.concatenate([one.fraction, other.fraction]),
        access_metres=np.concatenate([one.access_metres, other.access_metres]),
        nearest_metres=np.concatenate([one.nearest_metres, other.nearest_metres]),
        cap_metres=other.cap_metres,
    )


# ── Gates and crossings ─────────────────────────────────────────────────────


def _openings(
    ask: _Ask, causes: Causes, share: FloatArray, worst_first: NDArray[np.intp]
) -> Iterator[tuple[int, Option | None]]:
    """Yield every gate and crossing that is tried out, None where there is nothing to open after all."""
    study, streets = ask.study, ask.study.network.streets
    wanted = share[:, Cause.OWN_WALL] + share[:, Cause.WIDE_ROAD] > 0
    if not wanted.any():
        return
    services = np.unique([ask.service(int(area)) for area in np.flatnonzero(wanted)])
    longest = max(ask.limit(int(area)) for area in np.flatnonzero(wanted))
    scenario = scenario_of(study, services, longest)
    behind = home_walls(study) if len(study.walls.areas) else np.full(len(study.homes), -1, np.int32)
    tails, _, wall = ways_out(streets, study.walls) if len(study.walls.areas) else (behind[:0], 0, behind[:0])
    out_xy = streets.node_xy[tails]
    wide = (streets.lane == Lane.LEFT).any()
    cross_xy = np.unique(streets.node_xy[wide_junctions(streets)[0]], axis=0) if wide else np.empty((0, 2))
    for area in worst_first[wanted[worst_first]].tolist():
        of_cause = _homes_by_cause(ask, causes, area)
        position = int(np.searchsorted(services, ask.service(area)))
        walled = of_cause(Cause.OWN_WALL)
        if len(walled):
            weight = np.bincount(behind[walled], study.homes.residents[walled])
            own = int(weight.argmax())
            home = ask.heaviest(walled[behind[walled] == own])
            through = _straight_through(ask, causes, area, home, study.walls.areas[own])
            points = np.unique(np.concatenate([out_xy[wall == own], through]), axis=0)
            for at in _promising(ask, causes, area, home, points):
                yield area, _tried(ask, area, position, scenario, add_gate, at, Remedy.OPEN_GATE, own)
        cut_off = of_cause(Cause.WIDE_ROAD)
        if len(cut_off):
            for at in _promising(ask, causes, area, ask.heaviest(cut_off), cross_xy):
                yield area, _tried(ask, area, position, scenario, add_crossing, at, Remedy.ADD_CROSSING, -1)


def _homes_by_cause(ask: _Ask, causes: Causes, area: int) -> Callable[[Cause], IntArray]:
    here = causes.requirement == ask.gaps.requirement[area]
    home, cause = causes.home[here], causes.cause[here]
    mine = np.isin(home, ask.members.of(area))
    return lambda wanted: home[mine & (cause == wanted)]


def _facility_xy(ask: _Ask, causes: Causes, area: int, home: int) -> FloatArray:
    """Return the point of the facility nearest to a home by a straight line."""
    row = np.flatnonzero((causes.requirement == ask.gaps.requirement[area]) & (causes.home == home))[0]
    shape = ask.study.facilities.geometry[causes.facility[row]]
    line = shapely.shortest_line(shapely.Point(ask.study.homes.xy[home]), shape)
    return np.asarray(shapely.get_coordinates(line)[-1])


def _straight_through(ask: _Ask, causes: Causes, area: int, home: int, wall: shapely.Geometry) -> FloatArray:
    """Return where the straight line from a home to its facility passes the wall (q, 2)."""
    line = shapely.LineString([ask.study.homes.xy[home], _facility_xy(ask, causes, area, home)])
    crossed = shapely.intersection(line, shapely.boundary(wall))
    return np.asarray(shapely.get_coordinates(crossed)).reshape(-1, 2)


def _promising(ask: _Ask, causes: Causes, area: int, home: int, points: FloatArray) -> list[tuple[float, float]]:
    """Return the points over which the way from a home to its facility is shortest as the crow flies."""
    start, end = ask.study.homes.xy[home], _facility_xy(ask, causes, area, home)
    over = np.hypot(*(points - start).T) + np.hypot(*(points - end).T)
    possible = np.flatnonzero(over <= ask.limit(area) * ask.study.walker.speed_metres_per_second)
    first = possible[np.argsort(np.round(over[possible], 3), kind="stable")][:TRIALS_OF_AN_AREA]
    return [(float(x), float(y)) for x, y in points[first]]


def _tried(
    ask: _Ask,
    area: int,
    service: int,
    scenario: Scenario,
    operation: Callable[[Scenario, tuple[float, float]], Change],
    at: tuple[float, float],
    remedy: Remedy,
    wall: int,
) -> Option | None:
    """Carry out a change and count whom it brings within the limit."""
    try:
        after = operation(scenario, at).after
    except NetworkError:  # a wall without a street on either side
        return None
    now = covered(key_seconds(after.home_keys[service]), ask.limit(area)) & after.home_anchors.joined
    new = now & ask.uncovered(area)
    residents = ask.study.homes.residents
    own = ask.members.of(area)
    return Option(remedy, float(residents[new].sum()), float(residents[own][new[own]].sum()), at, wall=wall)


def _grades_of(grades: Grades | None, rows: IntArray) -> Grades | None:
    """Return the grades of some streets; those beyond the last are level."""
    if grades is None:
        return None
    whole = flat_beyond(grades, max(grades.streets, int(rows.max(initial=-1)) + 1))
    if whole is None:
        return None
    first, count = whole.indptr[rows], np.diff(whole.indptr)[rows]
    ends = np.cumsum(count)
    run = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + count, count)
    return Grades(
        indptr=np.concatenate([[0], ends]).astype(np.int32),
        run_metres=whole.run_metres[run],
        gradient=whole.gradient[run],
    )


def _centres(gaps: GapAreas) -> FloatArray:
    return np.asarray(shapely.get_coordinates(shapely.centroid(gaps.geometry))).reshape(-1, 2)
