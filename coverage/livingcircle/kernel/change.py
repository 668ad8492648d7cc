"""What if: a facility, a street or a gate comes, moves or goes, and only what that touches is worked out again.

A `Scenario` holds all that walking times follow from, with the key of every junction and home (`kernel.seeds`). Each operation returns a
new one, with times equal to a full run on the changed inputs to the last bit; the one before stays as it was, so to undo is to keep it.
Another walker or another limit changes every time: that is a full run, `begin`.

Numbers are kept: facilities, junctions and street rows are added after the last, and what goes is emptied, not removed. What a change cuts
off is not pruned as an island would be: whoever lives behind a closed street is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.errors import NetworkError
from livingcircle.faults import Fault
from livingcircle.kernel import search
from livingcircle.kernel.anchor import ABOUT_AS_NEAR_METRES, Sheets
from livingcircle.kernel.barriers import wide_junctions, with_crossings
from livingcircle.kernel.compound import area_around
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, limit_ticks, with_arcs
from livingcircle.kernel.impedance import Arcs, Impedance, impedance
from livingcircle.kernel.joints import Joints, timed
from livingcircle.kernel.new_street import SNAP_METRES, closed_streets, gate_drawn, street_drawn
from livingcircle.kernel.reach import nearest_to_homes
from livingcircle.kernel.rejoining import Ground, bounds_of, rejoined_areas, rejoined_points, rows_near, to_rejoin
from livingcircle.kernel.retiming import Timing, timed_again
from livingcircle.kernel.seeds import LABEL, UNREACHED, Seeds, ending_at, key_labels, key_seconds
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.compound import Walls, no_walls
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.outcome import Reach

_Keys = NDArray[np.uint64]
_Rows = NDArray[np.intp]
_NONE: _Rows = np.empty(0, np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """Walking times and all they follow from (n junctions, e street rows, r homes, f facilities, s services).

    `homes` (r,) are points, `shapes` (f,) points or areas; `serves` (f, s) is what each offers, nothing once it is removed. `node_keys` and
    `home_keys` hold one array, (n,) and (r,), for each service; scenarios share those no change has touched. `boxes` (e, 4) bound the
    streets, `sheets` are the streets laid out by walled area.
    """

    network: WalkNetwork
    walk: Impedance
    homes: GeometryArray
    shapes: GeometryArray
    home_anchors: Anchors
    facility_anchors: Anchors
    serves: BoolArray
    limit: int
    timing: Timing
    walls: Walls
    sheets: Sheets
    home_joints: Joints
    facility_joints: Joints
    boxes: FloatArray
    node_keys: tuple[_Keys, ...]
    home_keys: tuple[_Keys, ...]

    def reach(self) -> Reach:
        """Return the times as `reach_nearest` does."""
        seconds = np.array([key_seconds(keys) for keys in self.home_keys])
        seconds[:, ~self.home_anchors.joined] = np.nan
        return Reach(
            seconds=seconds,
            facility=np.array([key_labels(keys) for keys in self.home_keys]),
            node_seconds=np.array([key_seconds(keys) for keys in self.node_keys]),
            node_facility=np.array([key_labels(keys) for keys in self.node_keys]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What an operation made: the scenario after it, and the homes whose time or nearest facility it changed for any service."""

    after: Scenario
    homes: _Rows


def begin(
    network: WalkNetwork,
    walk: Impedance,
    home_xy: FloatArray,
    home_anchors: Anchors,
    shapes: GeometryArray,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float = LONGEST_SEARCH_SECONDS,
    *,
    timing: Timing | None = None,
    walls: Walls | None = None,
) -> Scenario:
    """Run in full: the scenario all changes start from.

    Homes (r, 2) and shapes are joined to new streets as `join_points` and `join_areas` do, within the caps of their anchors and the
    `walls`. Without `timing` all walk at a constant speed, that of `walk`.
    """
    home_joints, facility_joints = timed(home_anchors, network, walk), timed(facility_anchors, network, walk)
    walls = no_walls() if walls is None else walls
    scenario = Scenario(
        network=network,
        walk=walk,
        homes=np.asarray(shapely.points(home_xy), object),
        shapes=shapes,
        home_anchors=home_anchors,
        facility_anchors=facility_anchors,
        serves=serves,
        limit=limit_ticks(limit_seconds),
        timing=timing or (lambda part, _: impedance(part, walk.speed_metres_per_second)),
        walls=walls,
        sheets=Sheets(network.streets, walls.areas),
        home_joints=home_joints,
        facility_joints=facility_joints,
        boxes=shapely.bounds(network.streets.lines),
        node_keys=(),
        home_keys=(),
    )
    offering = [_offering(scenario, service) for service in range(serves.shape[1])]
    node_keys = tuple(
        search.nearest(walk.toward, ending_at(joints, len(serves)), scenario.limit) for joints in offering
    )
    home_keys = tuple(
        nearest_to_homes(keys, home_joints, joints, home_anchors.places, scenario.limit)
        for keys, joints in zip(node_keys, offering, strict=True)
    )
    return replace(scenario, node_keys=node_keys, home_keys=home_keys)


def add_facility(scenario: Scenario, shape: shapely.Geometry, serves: BoolArray) -> Change:
    """Open a facility at a point or area that offers the services `serves` (s,); it gets the next number."""
    return _with_facility(scenario, len(scenario.shapes), shape, serves)


def move_facility(scenario: Scenario, facility: int, shape: shapely.Geometry) -> Change:
    """Move a facility to another point or area."""
    facility = range(len(scenario.shapes))[facility]
    return _with_facility(scenario, facility, shape, scenario.serves[facility])


def remove_facility(scenario: Scenario, facility: int) -> Change:
    """Close a facility: it keeps its number and offers nothing."""
    facility = range(len(scenario.shapes))[facility]
    return _with_facility(scenario, facility, scenario.shapes[facility], np.zeros(scenario.serves.shape[1], bool))


def close_streets(scenario: Scenario, rows: NDArray[np.integer]) -> Change:
    """Close street rows, or the rows of a gate: nobody walks there, and places that joined them join the nearest street left."""
    closed = np.unique(np.arange(len(scenario.network.streets))[rows])
    return _with_streets(scenario, closed_streets(scenario.network.streets, closed), closed)


def add_street(
    scenario: Scenario, line: shapely.LineString, snap_metres: float = SNAP_METRES, **columns: Any
) -> Change:
    """Open a street along `line`, or a gate: a short street through a wall. See `new_street.street_drawn` for what the ends meet.

    Raises
    ------
    NetworkError
        When the line is none, or neither end meets a street within `snap_metres`.
    """
    nearby = rows_near(scenario.boxes, bounds_of(np.array([line], object)), snap_metres)
    drawn = street_drawn(scenario.network.streets, line, nearby, snap_metres=snap_metres, **columns)
    return _with_streets(scenario, drawn.streets, drawn.closed)


def add_gate(scenario: Scenario, at: tuple[float, float], snap_metres: float = SNAP_METRES) -> Change:
    """Open a gate at a point of a wall, for everyone: out for those behind it, in for those who visit them, through for nobody.

    Where a private street and an open one both pass within `snap_metres`, the gate is a short street between them (`close_streets` shuts it
    again). Else it opens the nearest of the scenario's walls: homes and facilities behind that walk straight to it (`remove_gate`).

    Raises
    ------
    NetworkError
        When neither such streets nor a wall are that near.
    """
    point, walls = shapely.Point(at), scenario.walls
    nearby = rows_near(scenario.boxes, bounds_of(np.array([point], object)), snap_metres)
    drawn = gate_drawn(scenario.network.streets, np.array(at), nearby, snap_metres)
    if drawn is not None:
        return _with_streets(scenario, drawn.streets, drawn.closed)
    metres = shapely.distance(shapely.boundary(walls.areas), point)
    if metres.min(initial=np.inf) > snap_metres:
        raise NetworkError(Fault("street_meets_nothing", details={"metres": snap_metres}))
    area = np.array([metres.argmin()], np.int32)
    outside = area_around(np.array([point], object), walls.areas, other_than=area)
    gate = Walls(walls.areas, np.array([at]), area, outside, np.array([True]), np.array([False]))
    return _with_gates(scenario, walls.followed_by(gate), int(area[0]))


def add_crossing(scenario: Scenario, at: tuple[float, float], snap_metres: float = SNAP_METRES) -> Change:
    """Let walkers across a wide road at the nearest junction where they cannot cross; they wait there as without signal or zebra.

    Where more roads meet, across each of them.

    Raises
    ------
    NetworkError
        When there is no such junction that near: wide roads have sides only for walkers who cross at crossings.
    """
    streets = scenario.network.streets
    tails, heads, piece = wide_junctions(streets)
    metres = np.hypot(*(streets.node_xy[tails] - at).T)
    if metres.min(initial=np.inf) > snap_metres:
        raise NetworkError(Fault("street_meets_nothing", details={"metres": snap_metres}))
    here = metres == metres.min()
    crossed = with_crossings(streets, tails[here], heads[here], piece[here])
    # No door opens onto a crossing: everybody stays where they joined the streets.
    return _with_streets(scenario, crossed, _NONE, doors=False)


def remove_gate(scenario: Scenario, gate: int) -> Change:
    """Wall up a gate that no street leads through, by its position in `Scenario.walls`; those after it move up by one.

    Raises
    ------
    NetworkError
        When a street leads through it: `close_streets` shuts that gate.
    """
    walls = scenario.walls
    gate = range(len(walls))[gate]
    if walls.on_street[gate]:
        raise NetworkError(Fault("street_through_gate"))
    return _with_gates(scenario, walls.take(np.arange(len(walls)) != gate), int(walls.inside[gate]))


# ── What a change touches ───────────────────────────────────────────────────


def _with_facility(scenario: Scenario, facility: int, shape: shapely.Geometry, serves: BoolArray) -> Change:
    shapes = np.concatenate([scenario.shapes[:facility], np.array([shape], object), scenario.shapes[facility + 1 :]])
    offers = np.vstack([scenario.serves[:facility], serves, scenario.serves[facility + 1 :]])
    concerned = np.array(serves, bool)
    if facility < len(scenario.shapes):
        concerned |= scenario.serves[facility]
    after = replace(scenario, shapes=shapes, serves=offers)
    return _joined_again(scenario, after, _NONE, np.array([facility]), _NONE, np.flatnonzero(concerned))


def _with_streets(scenario: Scenario, streets: StreetEdges, closed: _Rows, *, doors: bool = True) -> Change:
    """Work out what changed streets touch: rows `closed`, and those added after the last."""
    before = scenario.network.streets
    added = np.arange(len(before), len(streets))
    if not len(closed) and not len(added):
        return Change(scenario, _NONE)
    network = with_arcs(streets)
    walk, retimed = timed_again(scenario.walk, network, scenario.timing, np.concatenate([closed, added]))
    boxes = np.concatenate([scenario.boxes, shapely.bounds(streets.lines[added])])
    sheets = Sheets(streets, scenario.walls.areas)
    after = replace(scenario, network=network, walk=walk, boxes=boxes, sheets=sheets)
    if not doors:
        return _joined_again(scenario, after, _NONE, _NONE, np.concatenate([closed, retimed]))
    lines = streets.lines[np.concatenate([closed, added])]
    homes = to_rejoin(scenario.home_anchors, scenario.homes, lines, scenario.walls, 0.0)
    places = to_rejoin(scenario.facility_anchors, scenario.shapes, lines, scenario.walls, ABOUT_AS_NEAR_METRES)
    return _joined_again(scenario, after, homes, places, np.concatenate([closed, retimed]))


def _with_gates(scenario: Scenario, walls: Walls, area: int) -> Change:
    """Work out what another gate of one walled area touches: all who are behind that wall."""
    tree = shapely.STRtree(walls.areas[[area]])
    homes, facilities = (
        np.unique(tree.query(shapes, predicate="intersects")[0]) for shapes in (scenario.homes, scenario.shapes)
    )
    return _joined_again(scenario, replace(scenario, walls=walls), homes, facilities, _NONE)


def _joined_again(
    before: Scenario, after: Scenario, homes: _Rows, facilities: _Rows, rows: _Rows, services: _Rows | None = None
) -> Change:
    """Join some homes and facilities again, and work out what that and changed street `rows` touch."""
    ground = Ground(after.network, after.boxes, after.walls, after.sheets)
    home_anchors = rejoined_points(after.home_anchors, homes, after.homes, ground)
    facility_anchors = rejoined_areas(after.facility_anchors, facilities, after.shapes, ground)
    same = after.walk is before.walk and not len(homes)
    after = replace(
        after,
        home_anchors=home_anchors,
        facility_anchors=facility_anchors,
        home_joints=before.home_joints if same else timed(home_anchors, after.network, after.walk),
        facility_joints=timed(facility_anchors, after.network, after.walk),
    )
    streets = after.network.streets
    edges = [side.edge[np.isin(side.place, facilities)] for side in (before.facility_joints, after.facility_joints)]
    rows = np.concatenate([rows, *edges])
    nodes = np.concatenate([streets.start[rows], streets.end[rows]])
    services = np.arange(len(before.node_keys)) if services is None else services
    return _worked_out(before, after, services, nodes, rows, homes)


def _worked_out(
    before: Scenario,
    after: Scenario,
    services: _Rows,
    nodes: NDArray[np.integer],
    rows: NDArray[np.integer],
    homes: _Rows,
) -> Change:
    """Mend the keys of `services`: of junctions from `nodes` on, and of homes there, on street `rows` and among `homes`."""
    touched = np.unique(nodes).astype(np.uint32)
    on_rows, rejoined = np.zeros(len(after.network.streets), bool), np.zeros(len(after.homes), bool)
    on_rows[rows] = True
    rejoined[homes] = True
    joints = after.home_joints
    always = on_rows[joints.edge] | rejoined[joints.place]
    node_keys, home_keys = list(before.node_keys), list(before.home_keys)
    changed = before.home_anchors.joined != after.home_anchors.joined
    for service in services:
        offering = _offering(after, service)
        seeds = ending_at(offering, len(after.serves))
        node_keys[service], moved = _mended(before.node_keys[service], after.walk, seeds, after.limit, touched)
        again = rejoined.copy()
        again[joints.place[always | moved[joints.start] | moved[joints.end]]] = True
        if not again.any():
            continue
        mine = joints.rows(np.flatnonzero(again[joints.place]))
        keys = nearest_to_homes(node_keys[service], mine, offering, len(again), after.limit)
        home_keys[service] = np.where(again, keys, before.home_keys[service])
        changed |= home_keys[service] != before.home_keys[service]
    return Change(replace(after, node_keys=tuple(node_keys), home_keys=tuple(home_keys)), np.flatnonzero(changed))


def _offering(scenario: Scenario, service: int) -> Joints:
    joints = scenario.facility_joints
    return joints.rows(np.flatnonzero(scenario.serves[joints.place, service]))


# ── Keys of junctions ───────────────────────────────────────────────────────


@cache
def _loop() -> ModuleType | None:
    if find_spec("numba") is None:
        return None
    from livingcircle.kernel import repair

    return repair


def mended(
    before: _Keys, toward: Arcs, away: Arcs, seeds: Seeds, limit: int, touched: NDArray[np.uint32]
) -> tuple[_Keys, NDArray[np.uint32]]:
    """Return the keys of junctions after a change, equal to `search.nearest(toward, seeds, limit)`, and the junctions whose key changed.

    `before` are the keys before it, of as many junctions as there were. `touched` are all junctions at which a seed or an arc of `away`
    came, went or changed, in the numbers after the change. Without numba this is a full search.
    """
    known = np.full(toward.nodes, UNREACHED, np.uint64)
    known[: len(before)] = before
    loop = _loop()
    if loop is None:
        keys = search.nearest(toward, seeds, limit)
        return keys, np.flatnonzero(keys != known).astype(np.uint32)
    keys = known.copy()
    order = np.argsort(seeds.node, kind="stable")
    seed_key = seeds.ticks.astype(np.uint64) << LABEL | seeds.label.astype(np.uint64)
    seen = loop.mend_keys(*toward, *away, seeds.node[order], seed_key[order], touched, limit, known, keys)
    return keys, np.unique(seen[keys[seen] != known[seen]])


def _mended(
    before: _Keys, walk: Impedance, seeds: Seeds, limit: int, touched: NDArray[np.uint32]
) -> tuple[_Keys, BoolArray]:
    keys, moved = mended(before, walk.toward, walk.away, seeds, limit, touched)
    mask = np.zeros(len(keys), bool)
    mask[moved] = True
    return (keys if len(moved) or len(keys) > len(before) else before), mask
