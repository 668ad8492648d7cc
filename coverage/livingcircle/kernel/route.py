"""The one walk behind a time: street by street from a home to the facility it is nearest to.

The search for times keeps no trace, which is what makes it fast. A single walk is found afterwards from the times themselves: from the
home, follow streets along which the time to the facility falls by exactly what the street takes. On whole ticks "exactly" is meant
literally, so the walk takes what `Reach` says to the last tick.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from livingcircle.kernel import search
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, NO_WALK, TICKS_PER_SECOND, limit_ticks
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.joints import Joints, timed
from livingcircle.kernel.seeds import LABEL, ending_at
from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.model.network import Anchors, Crossing, Lane, StreetEdges, WalkNetwork
from livingcircle.model.route import Legs, Route, StepKind, Steps, TimeParts, Wait

TOO_SHORT_TO_TELL_METRES = 15.0
"""A piece of street shorter than this is no step of its own when a walk is told, unless it is stairs: mostly one crosses it."""


class Gaits(NamedTuple):
    """The same walker four times, each with one thing more that slows: `full` is the walker as set, the others tell the parts apart."""

    level: Impedance
    sloped: Impedance
    with_stairs: Impedance
    full: Impedance


class _Path(NamedTuple):
    """A walk as positions: the joints at both ends, and the streets between with their direction.

    The first street is entered at the home's joint and the last left at the facility's; when there is one street only, both lie on it.
    """

    home_joint: int
    place_joint: int
    edges: tuple[int, ...]
    along: tuple[bool, ...]


def walk_route(
    network: WalkNetwork,
    gaits: Gaits,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    home: int,
    home_xy: FloatArray,
    facilities: NDArray[np.intp],
    geometry: GeometryArray,
) -> Route | None:
    """Find the shortest walk from a home to the nearest of `facilities`, or None when no street leads there.

    Of equally near facilities the first is chosen, as everywhere; of equally long walks to it always the same one.

    Parameters
    ----------
    home_xy
        (2,) where the home walks from.
    facilities
        Positions of those that qualify: all of a service, or a single one.
    geometry
        (f,) of all facilities, for the last metres and the straight line.
    """
    mine = home_anchors.take(home_anchors.place == home)
    theirs = facility_anchors.take(np.isin(facility_anchors.place, facilities))
    homes, places = timed(mine, network, gaits.full), timed(theirs, network, gaits.full)
    path = _shortest(network, gaits.full, homes, places, facility_anchors.places)
    if path is None:
        return None

    ticks = _leg_ticks(path, homes, places, gaits.full)
    level, sloped, stairs = (
        _leg_ticks(path, timed(mine, network, gait), timed(theirs, network, gait), gait)[1:-1].sum()
        for gait in (gaits.level, gaits.sloped, gaits.with_stairs)
    )
    parts = TimeParts(*(
        float(part) / TICKS_PER_SECOND
        for part in (ticks[0] + ticks[-1], level, sloped - level, stairs - sloped, ticks[1:-1].sum() - stairs)
    ))  # fmt: skip
    facility = int(places.place[path.place_joint])
    legs = _legs(path, mine, theirs, network.streets, ticks, home_xy, geometry[facility])
    return Route(
        home=home,
        facility=facility,
        seconds=float(ticks.sum()) / TICKS_PER_SECOND,
        metres=float(legs.metres.sum()),
        straight_metres=float(shapely.distance(shapely.Point(home_xy), geometry[facility])),
        parts=parts,
        waits=_waits(path, network.streets, gaits, ticks),
        legs=legs,
        steps=_steps(legs, network.streets),
        line=_joined(legs.lines),
    )


# ── The walk ────────────────────────────────────────────────────────────────


def _shortest(network: WalkNetwork, walk: Impedance, homes: Joints, places: Joints, count: int) -> _Path | None:
    limit = limit_ticks(LONGEST_SEARCH_SECONDS)
    keys = search.nearest(walk.toward, ending_at(places, count), limit)
    best, setting_out = min(_ways_out(keys, homes, places), default=(0, None))
    if setting_out is None or best >> 32 > limit:
        return None
    joint, side, other = setting_out
    if other >= 0:
        return _Path(joint, other, (int(homes.edge[joint]),), (side == 1,))
    first = int(homes.end[joint] if side == 1 else homes.start[joint])
    nodes_edges, last = _down(network, walk, keys, first, _arrivals(keys, places))
    place_joint, entered_at_start = last
    edges = (int(homes.edge[joint]), *(edge for edge, _ in nodes_edges), int(places.edge[place_joint]))
    along = (side == 1, *(way for _, way in nodes_edges), entered_at_start)
    return _Path(joint, place_joint, edges, along)


def _ways_out(keys: NDArray[np.uint64], homes: Joints, places: Joints) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Yield the key of every way to set out: (key, (joint of the home, 1 towards the street's end, joint of a place met before it)).

    A place on the same street needs no junction; -1 stands for none.
    """
    for joint in range(len(homes.place)):
        access = int(homes.access[joint])
        sides = (
            (0, int(homes.start[joint]), int(homes.to_start[joint]), homes.from_end, places.from_end),
            (1, int(homes.end[joint]), int(homes.to_end[joint]), homes.from_start, places.from_start),
        )
        for side, node, ticks, mine, theirs in sides:
            if ticks >= NO_WALK:
                continue
            yield int(keys[node]) + ((access + ticks) << 32), (joint, side, -1)
            for other in np.flatnonzero(places.edge == homes.edge[joint]).tolist():
                ahead = int(theirs[other]) - int(mine[joint])
                if ahead >= 0:
                    ticks_all = access + ahead + int(places.access[other])
                    yield (ticks_all << 32) | int(places.place[other]), (joint, side, other)


def _arrivals(keys: NDArray[np.uint64], places: Joints) -> dict[int, tuple[int, bool]]:
    """Return the junctions from which a walk goes straight to a place, with its joint and whether it lies ahead of the street's start."""
    found: dict[int, tuple[int, bool]] = {}
    for at_start, nodes, ticks in ((True, places.start, places.from_start), (False, places.end, places.from_end)):
        key = (ticks.astype(np.uint64) + places.access.astype(np.uint64)) << LABEL | places.place.astype(np.uint64)
        for joint in np.flatnonzero(key == keys[nodes]).tolist():
            found.setdefault(int(nodes[joint]), (joint, at_start))
    return found


def _down(
    network: WalkNetwork,
    walk: Impedance,
    keys: NDArray[np.uint64],
    first: int,
    arrivals: dict[int, tuple[int, bool]],
) -> tuple[list[tuple[int, bool]], tuple[int, bool]]:
    """Follow falling times from a junction to the first arrival; breadth first, so that streets of no length cannot lead in circles."""
    came: dict[int, tuple[int, int, bool]] = {first: (-1, -1, True)}
    waiting = deque([first])
    while waiting:
        node = waiting.popleft()
        if node in arrivals:
            back: list[tuple[int, bool]] = []
            at = node
            while at != first:
                before, edge, way = came[at]
                back.append((edge, way))
                at = before
            return back[::-1], arrivals[node]
        here = int(keys[node])
        for arc in range(network.indptr[node], network.indptr[node + 1]):
            edge, way, head = int(network.edge[arc]), bool(network.along[arc]), int(network.heads[arc])
            ticks = int(walk.forward[edge] if way else walk.backward[edge])
            if head not in came and ticks < NO_WALK and int(keys[head]) + (ticks << 32) == here:
                came[head] = (node, edge, way)
                waiting.append(head)
    raise AssertionError("a junction with a time has no street that leads on")


# ── What it is made of ──────────────────────────────────────────────────────


def _leg_ticks(path: _Path, homes: Joints, places: Joints, walk: Impedance) -> NDArray[np.int64]:
    """Return the ticks of every leg, off the street at both ends, as one walker takes them."""
    out, into = path.home_joint, path.place_joint
    edges, along = path.edges, path.along
    if len(edges) == 1:
        mine, theirs = (homes.from_start, places.from_start) if along[0] else (homes.from_end, places.from_end)
        street = [int(theirs[into]) - int(mine[out])]
    else:
        between = [
            walk.forward[e] if way else walk.backward[e] for e, way in zip(edges[1:-1], along[1:-1], strict=True)
        ]
        left = homes.to_end[out] if along[0] else homes.to_start[out]
        entered = places.from_start[into] if along[-1] else places.from_end[into]
        street = [left, *between, entered]
    return np.array([homes.access[out], *street, places.access[into]], np.int64)


def _legs(
    path: _Path,
    mine: Anchors,
    theirs: Anchors,
    streets: StreetEdges,
    ticks: NDArray[np.int64],
    home_xy: FloatArray,
    facility: shapely.Geometry,
) -> Legs:
    edges = np.array(path.edges, np.int32)
    from_fraction = np.where(path.along, 0.0, 1.0)
    to_fraction = 1.0 - from_fraction
    from_fraction[0] = mine.fraction[path.home_joint]
    to_fraction[-1] = theirs.fraction[path.place_joint]
    ends = zip(edges, from_fraction, to_fraction, strict=True)
    walked = [_piece(streets.lines[edge], begin, end) for edge, begin, end in ends]
    outline = shapely.boundary(facility) if shapely.get_dimensions(facility) == 2 else facility
    entrance = shapely.shortest_line(shapely.get_point(walked[-1], -1), outline)
    leaving = shapely.LineString([home_xy, shapely.get_coordinates(walked[0])[0]])
    lines = np.empty(len(ticks), object)
    lines[:] = [leaving, *walked, entrance]
    nowhere = [np.nan]
    return Legs(
        edge=np.concatenate([[-1], edges, [-1]]).astype(np.int32),
        from_fraction=np.concatenate([nowhere, from_fraction, nowhere]),
        to_fraction=np.concatenate([nowhere, to_fraction, nowhere]),
        metres=np.concatenate([
            [mine.access_metres[path.home_joint]],
            streets.metres[edges] * np.abs(to_fraction - from_fraction),
            [theirs.access_metres[path.place_joint]],
        ]),
        seconds=ticks / TICKS_PER_SECOND,
        lines=lines,
    )  # fmt: skip


def _piece(line: shapely.LineString, begin: float, end: float) -> shapely.LineString:
    """Return the part of a line between two fractions, in that direction; a line even where it has no length."""
    if {begin, end} == {0.0, 1.0}:
        return line if begin < end else line.reverse()
    part = substring(line, begin, end, normalized=True)
    return shapely.LineString([part, part]) if part.geom_type == "Point" else part


def _waits(path: _Path, streets: StreetEdges, gaits: Gaits, ticks: NDArray[np.int64]) -> tuple[Wait, ...]:
    """Gather what is waited by what helps across.

    A junction's wait is shared by the streets that meet there; a link across a wide road is nothing but waiting.
    """
    times = dict.fromkeys(Crossing, 0)
    waited = dict.fromkeys(Crossing, 0)

    def note(node: int, wait: int) -> None:
        if wait > 0:
            times[Crossing(streets.node_crossing[node])] += 1
            waited[Crossing(streets.node_crossing[node])] += wait

    edges = np.array(path.edges)
    along = np.array(path.along)
    across = (streets.lane[edges] == Lane.LINK) & (streets.road[edges] > 0)
    at_start, at_end = gaits.full.wait_at_start[edges], gaits.full.wait_at_end[edges]
    entering, leaving = np.where(along, at_start, at_end), np.where(along, at_end, at_start)
    heads = np.where(along, streets.end[edges], streets.start[edges])
    for leg in range(len(edges)):
        if across[leg]:
            note(int(heads[leg]), int(ticks[leg + 1]))
        if leg + 1 < len(edges):
            wait = (0 if across[leg] else leaving[leg]) + (0 if across[leg + 1] else entering[leg + 1])
            note(int(heads[leg]), int(wait))
    return tuple(
        Wait(crossing, times[crossing], waited[crossing] / TICKS_PER_SECOND) for crossing in Crossing if times[crossing]
    )


# ── The walk as one would tell it ───────────────────────────────────────────


def _steps(legs: Legs, streets: StreetEdges) -> Steps:
    told = [_told(edge, streets) for edge in legs.edge[1:-1].tolist()]
    begin = [leg for leg in range(len(told)) if leg == 0 or told[leg] != told[leg - 1]]
    length = np.add.reduceat(legs.metres[1:-1], begin)
    worth = [
        leg
        for leg, metres in zip(begin, length, strict=True)
        if metres >= TOO_SHORT_TO_TELL_METRES or told[leg][0] is StepKind.STAIRS
    ] or [begin[int(np.argmax(length))]]
    first = [leg for number, leg in enumerate(worth) if number == 0 or told[leg] != told[worth[number - 1]]]
    starts = np.array([0, 1, *(leg + 1 for leg in first[1:]), len(legs) - 1])
    kinds = [StepKind.LEAVE, *(told[leg][0] for leg in first), StepKind.ENTER]
    names = ["", *(told[leg][1] for leg in first), ""]
    lines = np.empty(len(starts), object)
    lines[:] = [_joined(part) for part in np.split(legs.lines, starts[1:])]
    return Steps(
        kind=np.array([str(kind) for kind in kinds], object),
        name=np.array(names, object),
        metres=np.add.reduceat(legs.metres, starts),
        seconds=np.add.reduceat(legs.seconds, starts),
        lines=lines,
    )


def _told(edge: int, streets: StreetEdges) -> tuple[StepKind, str]:
    position = int(streets.name[edge])
    name = str(streets.names[position]) if position >= 0 else ""
    if streets.steps[edge]:
        return StepKind.STAIRS, name
    return (StepKind.STREET if streets.road[edge] > 0 or name else StepKind.PATH), name


def _joined(lines: GeometryArray) -> shapely.LineString:
    """Lay lines end to end; a line even where it has no length."""
    xy = shapely.get_coordinates(lines)
    moved = np.concatenate([[True], (np.diff(xy, axis=0) != 0).any(axis=1)])
    kept = xy[moved]
    return shapely.LineString(kept if len(kept) > 1 else np.repeat(kept, 2, axis=0))
