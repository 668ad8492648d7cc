"""What if: a facility, a street or a gate comes, moves or goes, and only what that touches is worked out again.

A `Scenario` holds all that walking times follow from, with the key of every junction and home (`kernel.seeds`). Each operation returns a
new one, with times equal to a full run on the changed inputs to the last bit; the one before stays as it was, so to undo is to keep it.
Another walker or another limit changes every time: that is a full run, `begin`.

Numbers are kept: facilities, junctions and street rows are added after the last, and what goes is emptied, not removed. What a change cuts
off is not pruned as an island would be: whoever lives behind a closed street is cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel import search
from livingcircle.kernel.anchor import ABOUT_AS_NEAR_METRES, EQUALLY_NEAR_METRES, join_areas, join_points
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, limit_ticks, with_arcs
from livingcircle.kernel.impedance import Arcs, Impedance, impedance
from livingcircle.kernel.joints import Joints, timed
from livingcircle.kernel.new_street import SNAP_METRES, closed_streets, street_drawn
from livingcircle.kernel.reach import nearest_to_homes
from livingcircle.kernel.retiming import Timing, timed_again
from livingcircle.kernel.seeds import LABEL, UNREACHED, Seeds, ending_at, key_labels, key_seconds
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.compound import Walls
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.outcome import Reach

_Keys = NDArray[np.uint64]
_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """Walking times and all they follow from (n junctions, e street rows, r homes, f facilities, s services).

    `homes` (r,) are points, `shapes` (f,) points or areas; `serves` (f, s) what each offers, nothing once it is removed. `node_keys` and `home_keys` hold one
    array, (n,) and (r,), for each service; scenarios share those no change has touched. `boxes` (e, 4) bound the streets.
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
    walls: Walls | None
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
        walls=walls if walls is not None and len(walls.areas) else None,
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
    return _with_facility(scenario, facility, shape, scenario.serves[facility])


def remove_facility(scenario: Scenario, facility: int) -> Change:
    """Close a facility: it keeps its number and offers nothing."""
    return _with_facility(scenario, facility, scenario.shapes[facility], np.zeros(scenario.serves.shape[1], bool))


def close_streets(scenario: Scenario, rows: NDArray[np.integer]) -> Change:
    """Close street rows, or the rows of a gate: nobody walks there, and places that joined them join the nearest street left."""
    closed = np.unique(np.asarray(rows, np.intp))
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
    nearby = _rows_near(scenario.boxes, _bounds(np.array([line], object)), snap_metres)
    drawn = street_drawn(scenario.network.streets, line, nearby, snap_metres=snap_metres, **columns)
    return _with_streets(scenario, drawn.streets, drawn.closed)


# ── What a change touches ───────────────────────────────────────────────────


def _with_facility(scenario: Scenario, facility: int, shape: shapely.Geometry, serves: BoolArray) -> Change:
    before = scenario.facility_joints.rows(np.flatnonzero(scenario.facility_joints.place == facility))
    shapes = np.concatenate([scenario.shapes[:facility], np.array([shape], object), scenario.shapes[facility + 1 :]])
    offers = np.vstack([scenario.serves[:facility], serves, scenario.serves[facility + 1 :]])
    concerned = np.array(serves, bool)
    if facility < len(scenario.shapes):
        concerned |= scenario.serves[facility]
    after = replace(scenario, shapes=shapes, serves=offers)
    again = np.array([facility])
    anchors = _rejoined(scenario.facility_anchors, again, _joined_areas(after, again))
    joints = timed(anchors, scenario.network, scenario.walk)
    after = replace(after, facility_anchors=anchors, facility_joints=joints)
    now = joints.rows(np.flatnonzero(joints.place == facility))
    nodes = np.concatenate([before.start, before.end, now.start, now.end])
    streets = np.concatenate([before.edge, now.edge])
    return _worked_out(scenario, after, np.flatnonzero(concerned), nodes, streets, np.empty(0, np.intp))


def _with_streets(scenario: Scenario, streets: StreetEdges, closed: _Rows) -> Change:
    """Work out what changed streets touch: rows `closed`, and those added after the last."""
    before = scenario.network.streets
    if not len(closed) and len(streets) == len(before):
        return Change(scenario, np.empty(0, np.intp))
    added = np.arange(len(before), len(streets))
    network = with_arcs(streets)
    walk, retimed = timed_again(scenario.walk, network, scenario.timing, np.concatenate([closed, added]))
    boxes = np.concatenate([scenario.boxes, shapely.bounds(streets.lines[added])])
    after = replace(scenario, network=network, walk=walk, boxes=boxes)

    lines = streets.lines[np.concatenate([closed, added])]
    homes = _to_rejoin(scenario.home_anchors, scenario.homes, lines, scenario.walls, 0.0)
    places = _to_rejoin(scenario.facility_anchors, scenario.shapes, lines, scenario.walls, ABOUT_AS_NEAR_METRES)
    home_anchors = _rejoined(scenario.home_anchors, homes, _joined_points(after, homes))
    facility_anchors = _rejoined(scenario.facility_anchors, places, _joined_areas(after, places))
    after = replace(
        after,
        home_anchors=home_anchors,
        facility_anchors=facility_anchors,
        home_joints=timed(home_anchors, network, walk),
        facility_joints=timed(facility_anchors, network, walk),
    )
    joints = (scenario.facility_joints, after.facility_joints)
    moved = [side.rows(np.flatnonzero(np.isin(side.place, places))) for side in joints]
    rows = np.concatenate([closed, retimed, *(side.edge for side in moved)])
    nodes = np.concatenate([streets.start[rows], streets.end[rows]])
    return _worked_out(scenario, after, np.arange(len(scenario.node_keys)), nodes, rows, homes)


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


# ── Joints of places ────────────────────────────────────────────────────────


def _to_rejoin(
    anchors: Anchors, shapes: GeometryArray, lines: GeometryArray, walls: Walls | None, margin_metres: float
) -> _Rows:
    """Return the places one of the changed `lines` is, or was, as near as the nearest street; joints reach `margin_metres` beyond that.

    Behind a wall the nearest street need not be the one that is joined: there it is all places of areas within the cap of the lines.
    """
    within = (anchors.nearest_metres + margin_metres + EQUALLY_NEAR_METRES)[:, None]
    changed, bounds = _bounds(lines), shapely.bounds(shapes).reshape(-1, 4)
    near = np.flatnonzero(
        ((bounds[:, :2] <= changed[2:] + within) & (bounds[:, 2:] >= changed[:2] - within)).all(axis=1)
    )
    drawing = shapely.multilinestrings(lines)
    near = near[shapely.distance(shapes[near], drawing) <= within[near, 0]]
    if walls is None:
        return np.asarray(near, np.intp)
    areas = walls.areas[shapely.distance(walls.areas, drawing) <= anchors.cap_metres + margin_metres]
    behind, _ = shapely.STRtree(areas).query(shapes, predicate="intersects")
    return np.union1d(near, behind)


def _joined_points(scenario: Scenario, homes: _Rows) -> Anchors:
    points, cap, walls = scenario.homes[homes], scenario.home_anchors.cap_metres, scenario.walls
    xy = shapely.get_coordinates(points)
    return _joined_nearby(scenario, points, cap, lambda network: join_points(xy, network, cap, walls=walls))


def _joined_areas(scenario: Scenario, facilities: _Rows) -> Anchors:
    shapes, cap, walls = scenario.shapes[facilities], scenario.facility_anchors.cap_metres, scenario.walls
    return _joined_nearby(scenario, shapes, cap, lambda network: join_areas(shapes, network, cap, walls=walls))


def _joined_nearby(
    scenario: Scenario, shapes: GeometryArray, cap: float, join: Callable[[WalkNetwork], Anchors]
) -> Anchors:
    """Join places to the streets within reach of their bounds; to all if a place then has none, for its distance is told all the same."""
    if scenario.walls is None:
        rows = _rows_near(scenario.boxes, _bounds(shapes), cap + ABOUT_AS_NEAR_METRES)
        anchors = join(replace(scenario.network, streets=scenario.network.streets.take(rows)))
        if anchors.joined.all():
            return replace(anchors, edge=rows[anchors.edge].astype(np.int32))
    return join(scenario.network)


def _rejoined(anchors: Anchors, places: _Rows, fresh: Anchors) -> Anchors:
    """Return the anchors with the joints of `places` replaced by `fresh`, whose place `i` is `places[i]`; numbers past the last are new."""
    count = max(anchors.places, int(places.max(initial=-1)) + 1)
    gone = np.zeros(count, bool)
    gone[places] = True
    both = anchors.take(~gone[anchors.place]).followed_by(replace(fresh, place=places[fresh.place].astype(np.int32)))
    nearest = np.full(count, np.inf)
    nearest[: anchors.places] = anchors.nearest_metres
    nearest[places] = fresh.nearest_metres
    order = np.argsort(both.place, kind="stable")
    return replace(both.take(order), nearest_metres=nearest)


def _bounds(shapes: GeometryArray) -> FloatArray:
    """Return the lowest and highest coordinates (4,) of all shapes together; bounds near which nothing lies if there is none."""
    each = shapely.bounds(shapes).reshape(-1, 4)
    return np.concatenate([each[:, :2].min(axis=0, initial=np.inf), each[:, 2:].max(axis=0, initial=-np.inf)])


def _rows_near(boxes: FloatArray, bounds: FloatArray, metres: float) -> _Rows:
    low, high = bounds[:2] - metres, bounds[2:] + metres
    return np.flatnonzero(
        (boxes[:, 0] <= high[0]) & (boxes[:, 2] >= low[0]) & (boxes[:, 1] <= high[1]) & (boxes[:, 3] >= low[1])
    )
