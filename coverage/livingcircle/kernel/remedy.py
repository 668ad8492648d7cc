"""The cheapest remedy of each gap area, its gain computed and never guessed.

Gates and crossings are tried out one by one on a `Scenario` (`kernel.change`), which gives the times of a full run. Sites are places of a
reach table: existing stock and other candidates of the study, and the home around which most residents of the area live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.spatial import cKDTree

from livingcircle.errors import NetworkError
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.barriers import flat_beyond, ways_out, wide_junctions, with_gates_all_along
from livingcircle.kernel.cause import home_walls
from livingcircle.kernel.change import Change, Scenario, add_crossing, add_gate, begin
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import Impedance, walker_impedance
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.seeds import key_seconds
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.diagnosis import COST_CLASS, NO_GAP_DIAGNOSIS, Cause, Causes, GapDiagnosis, GapMembers, Remedy
from livingcircle.model.network import Anchors, Lane, WalkNetwork
from livingcircle.model.outcome import GapAreas
from livingcircle.model.study import Study
from livingcircle.model.terrain import Grades

ENOUGH = 0.5
"""A remedy that brings at least this share of a gap area's residents within the limit is good enough to be asked for first."""
TRIALS_OF_AN_AREA = 3
"""Gates, and crossings, that are tried out for one area: those with the shortest way over them as the crow flies."""
WALLS_OF_AN_AREA = 6
"""Compounds of one area that get a gate, those with the most residents kept in first."""
LEAST_TRIALS, MOST_TRIALS, STREETS_TRIED = 30, 600, 3_000_000
"""So many gates and crossings are tried out in one run, at least and at most, or as many as all together go through this many streets.
Areas come in the order of how grave the part is that walls and wide roads cause. In a city of 150,000 streets a gate takes up to 0.6 s, in
a sub-district a hundredth of that."""
USUAL_DETOUR = 1.3
"""Walks are usually this much longer than the straight line; it only says where a new site is tried, never what it brings."""
SAMPLED_HOMES = 64
UNKNOWN_CAUSES = (Cause.HOME_UNJOINED, Cause.EDGE_OF_DATA)


class Option(NamedTuple):
    """One remedy of one gap area, with what it brings."""

    remedy: Remedy
    gained: float
    closed: float
    xy: tuple[float, float] = (np.nan, np.nan)
    candidate: int = -1
    gates: tuple[tuple[float, float, int], ...] = ()


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
    most = min(max(STREETS_TRIED // max(len(study.network.streets), 1), LEAST_TRIALS), MOST_TRIALS)
    kept_out = np.round(severity * share[:, [Cause.OWN_WALL, Cause.WIDE_ROAD]].sum(axis=1), 6)
    for area, found in _openings(ask, causes, share, worst_first[np.argsort(-kept_out[worst_first], kind="stable")]):
        if found is not None:
            options[area].append(found)
        else:
            trials[area] += 1
        if trials.sum() >= most:
            break
    chosen = [_cheapest(options[area], Cause(main[area]), ask.residents_of(area)) for area in range(len(gaps))]
    return GapDiagnosis(
        cause=main,
        share_by_cause=share,
        severity=severity,
        remedy=np.array([one.remedy for one in chosen], np.int8),
        xy=np.array([one.xy for one in chosen], float).reshape(-1, 2),
        candidate=np.array([one.candidate for one in chosen], np.int32),
        gates=_objects([one.gates for one in chosen]),
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
    """Yield the best candidate of each area and, beside it, a new site where most of its residents are near."""
    study = ask.study
    walk = walker_impedance(study.network, study.walker, study.grades)
    limits = np.array([ask.limit(area) for area in range(len(ask.gaps))])
    for limit in np.unique(limits):
        areas = np.flatnonzero(limits == limit)
        middles = np.array([study.homes.xy[_heart(ask, int(area))] for area in areas])
        near = _within(
            study.candidates.geometry, study.homes.xy, ask, areas, limit * study.walker.speed_metres_per_second
        )
        points = np.asarray(shapely.points(middles), object)
        at = join_areas(points, study.network, study.home_anchors.cap_metres, walls=study.walls)
        anchors = _both(_those(study.candidate_anchors, near), at)
        table = reach_table(study.network, walk, anchors, study.home_anchors, float(limit), threads=threads)
        cover = csr_array((np.ones(len(table.home)), table.home, table.indptr), shape=(table.places, len(study.homes)))
        closed = _closed(ask, areas, cover)
        gained_by: dict[int, FloatArray] = {}
        for column, area in enumerate(areas.tolist()):
            requirement = int(ask.gaps.requirement[area])
            if requirement not in gained_by:
                gained_by[requirement] = cover @ (study.homes.residents * ask.uncovered(area))
            gained, own = gained_by[requirement], np.zeros(table.places)
            places = slice(*closed.indptr[column : column + 2])
            own[closed.indices[places]] = closed.data[places]
            here = np.where(_may_move_in(study, near, ask.service(area)), own[: len(near)], 0.0)
            if len(near) and here.max() > 0:
                best = _best(study, near, here)
                place = int(near[best])
                kind = Remedy.REUSE_STOCK if np.isfinite(study.candidates.floor_m2[place]) else Remedy.NEW_SITE
                at_xy = (float(study.candidates.xy[place, 0]), float(study.candidates.xy[place, 1]))
                yield area, Option(kind, float(gained[best]), float(own[best]), at_xy, candidate=place)
            middle = len(near) + column
            new = (float(middles[column, 0]), float(middles[column, 1]))
            yield area, Option(Remedy.NEW_SITE, float(gained[middle]), float(own[middle]), new)


def _closed(ask: _Ask, areas: NDArray[np.intp], cover: csr_array) -> csc_array:
    """Return the residents (places, areas) that each place brings within the limit in each area."""
    homes = [ask.members.of(int(area)) for area in areas]
    column = np.repeat(np.arange(len(areas)), [len(one) for one in homes])
    home = np.concatenate(homes)
    lives = csr_array((ask.study.homes.residents[home], (home, column)), shape=(len(ask.study.homes), len(areas)))
    return csc_array(cover @ lives)


def _may_move_in(study: Study, near: NDArray[np.intp], service: int) -> BoolArray:
    """Return whether a service may move into each candidate: no school into a shop, and nothing into what is ruled out."""
    candidates = study.candidates
    listed = candidates.allowed.shape[1] > 0  # where nothing is said, anything may
    allowed = candidates.allowed[near, service] if listed else np.ones(len(near), bool)
    return np.asarray(allowed & (candidates.status[near] != "forbidden"))


def _best(study: Study, near: NDArray[np.intp], closed: FloatArray) -> int:
    """Return the candidate that closes most; of equal ones the cheapest, then the first by id."""
    most = np.flatnonzero(closed >= closed.max())
    cost = np.where(np.isfinite(study.candidates.cost_wan_yuan), study.candidates.cost_wan_yuan, np.inf)
    return int(min(most.tolist(), key=lambda one: (cost[near[one]], str(study.candidates.ids[near[one]]))))


def _heart(ask: _Ask, area: int) -> int:
    """Return the home of an area, of `SAMPLED_HOMES` spread over it, around which most of its residents live as the crow flies."""
    homes = ask.members.of(area)
    if len(homes) == 1:
        return int(homes[0])
    xy, residents = ask.study.homes.xy[homes], ask.study.homes.residents[homes]
    by_place = np.lexsort((xy[:, 1], xy[:, 0]))
    sample = by_place[np.unique(np.arange(SAMPLED_HOMES) * (len(homes) - 1) // (SAMPLED_HOMES - 1))]
    metres = ask.limit(area) * ask.study.walker.speed_metres_per_second / USUAL_DETOUR
    around = cKDTree(xy).query_ball_point(xy[sample], metres)
    near = [round(sum(residents[one].tolist()), 6) for one in around]
    weight = residents + 1e-9
    middle = weight @ xy / weight.sum()
    off = np.round(np.hypot(*(xy[sample] - middle).T), 3)
    best = min(range(len(sample)), key=lambda one: (-near[one], off[one], str(ask.study.homes.ids[homes[sample[one]]])))
    return int(homes[sample[best]])


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
    """Yield None for every gate and crossing that is tried out, and what they bring: each crossing, and gates one after another."""
    study, streets = ask.study, ask.study.network.streets
    wanted = share[:, Cause.OWN_WALL] + share[:, Cause.WIDE_ROAD] > 0
    if not wanted.any():
        return
    services = np.unique([ask.service(int(area)) for area in np.flatnonzero(wanted)])
    longest = max(ask.limit(int(area)) for area in np.flatnonzero(wanted))
    scenario = scenario_of(study, services, longest)
    behind = home_walls(study) if len(study.walls.areas) else np.full(len(study.homes), -1, np.int32)
    tails, _, wall = ways_out(streets, study.walls) if len(study.walls.areas) else (behind[:0], 0, behind[:0])
    out_xy, anywhere = streets.node_xy[tails], with_gates_all_along(study.walls)
    wide = (streets.lane == Lane.LEFT).any()
    cross_xy = np.unique(streets.node_xy[wide_junctions(streets)[0]], axis=0) if wide else np.empty((0, 2))
    listed = worst_first[wanted[worst_first]]
    for area in listed.tolist():
        of_cause = _homes_by_cause(ask, causes, area)
        position = int(np.searchsorted(services, ask.service(area)))
        walled = of_cause(Cause.OWN_WALL)
        kept_in = np.bincount(behind[walled], study.homes.residents[walled] + 1e-9)
        now, gates, closed = scenario, tuple[tuple[float, float, int], ...](), 0.0
        fullest = np.argsort(-kept_in, kind="stable")[: min(WALLS_OF_AN_AREA, np.count_nonzero(kept_in))]
        for own in fullest.tolist():
            home = ask.heaviest(walled[behind[walled] == own])
            through = _straight_through(ask, causes, area, home, study.walls.areas[own])
            along = anywhere.gate_xy[anywhere.inside == own]
            points = np.unique(np.concatenate([out_xy[wall == own], along, through]), axis=0)
            best: tuple[Option, Scenario] | None = None
            for at in _promising(ask, causes, area, home, points):
                yield area, None
                tried = _tried(ask, area, position, now, add_gate, at, Option(Remedy.OPEN_GATE, 0, 0, at))
                if tried is not None and (best is None or tried[0].closed > best[0].closed):
                    best = tried
            if best is not None and best[0].closed > closed:
                last, now = best
                closed, gates = last.closed, (*gates, (*last.xy, own))
                yield area, last._replace(xy=gates[0][:2], gates=gates)
            if closed >= ENOUGH * ask.residents_of(area):
                break
        cut_off = of_cause(Cause.WIDE_ROAD)
        if len(cut_off):
            for at in _promising(ask, causes, area, ask.heaviest(cut_off), cross_xy):
                yield area, None
                crossed = _tried(ask, area, position, scenario, add_crossing, at, Option(Remedy.ADD_CROSSING, 0, 0, at))
                if crossed is not None:
                    yield area, crossed[0]


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
    option: Option,
) -> tuple[Option, Scenario] | None:
    """Carry out a change and count whom it brings, with those before it, within the limit."""
    try:
        after = operation(scenario, at).after
    except NetworkError:  # a wall without a street on either side
        return None
    now = covered(key_seconds(after.home_keys[service]), ask.limit(area)) & after.home_anchors.joined
    new = now & ask.uncovered(area)
    residents = ask.study.homes.residents
    own = ask.members.of(area)
    return option._replace(gained=float(residents[new].sum()), closed=float(residents[own][new[own]].sum())), after


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


def _objects(values: list[tuple[tuple[float, float, int], ...]]) -> TextArray:
    column = np.empty(len(values), object)
    for position, value in enumerate(values):
        column[position] = value
    return column
