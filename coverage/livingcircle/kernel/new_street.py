"""Draw a street into a network: its ends meet junctions, or split the streets they meet.

Nothing is renumbered: new junctions and rows are added after the last, and a street that is split is closed and replaced by its pieces. So
whatever is known by number, keys of junctions above all, stays known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from livingcircle.errors import NetworkError
from livingcircle.faults import Fault
from livingcircle.kernel.anchor import EQUALLY_NEAR_METRES
from livingcircle.kernel.lanes import with_links
from livingcircle.model.columns import FloatArray
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges

SNAP_METRES = 15.0
"""An end drawn this near to a street is meant to meet it: a planner draws on a map in which a street is a few pixels wide."""
AT_JUNCTION_METRES = 2.0
"""An end that meets a street this near to its junction meets the junction."""


@dataclass(frozen=True, slots=True, eq=False)
class Redrawn:
    """Streets after a drawing: rows `closed` are walked no more, rows from `first_new` on are new."""

    streets: StreetEdges
    closed: NDArray[np.intp]
    first_new: int


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where one end of a new street meets a street row: at `fraction` of it, which is as good as at its `node` unless that is -1."""

    row: int
    node: int
    fraction: float


def closed_streets(streets: StreetEdges, rows: NDArray[np.integer]) -> StreetEdges:
    """Return the streets with some that are walked no more, joined by nobody and no road to wait at; they keep their numbers."""
    closed = np.zeros(len(streets), bool)
    closed[rows] = True
    return replace(
        streets,
        forward=streets.forward & ~closed,
        backward=streets.backward & ~closed,
        at_ground=streets.at_ground & ~closed,
        road=np.where(closed, Road.NONE, streets.road).astype(np.int8),
        city_road=streets.city_road & ~closed,
        lane=np.where(closed & (streets.lane == Lane.LINK), Lane.STREET, streets.lane).astype(np.int8),
    )


def street_drawn(
    streets: StreetEdges,
    line: shapely.LineString,
    nearby: NDArray[np.intp],
    *,
    snap_metres: float = SNAP_METRES,
    crossing: Crossing = Crossing.NONE,
    **columns: Any,
) -> Redrawn:
    """Add a street along `line`, in metres of the streets' CRS, open both ways and at ground except for what `columns` says.

    Either end is moved to the nearest street within `snap_metres` among the rows `nearby`; an end without one is a dead end. Only ends
    meet streets: a line that crosses one half-way is a bridge over it. A wide road with two sides is met on the side the line comes from. A
    private street is met as at a gate: those behind it may leave and be visited, nobody passes through. `crossing` tells what helps
    across the road at junctions that are new.

    Raises
    ------
    NetworkError
        When the line has no length or a coordinate that is no number, or neither end meets a street.
    """
    xy = shapely.get_coordinates(line)
    if len(xy) < 2 or not np.isfinite(xy).all() or shapely.length(line) == 0:
        raise NetworkError(Fault("bad_length"))
    ends = [_met(streets, nearby, xy[[0, 1]], snap_metres), _met(streets, nearby, xy[[-1, -2]], snap_metres)]
    if not ends[0] and not ends[1]:
        raise NetworkError(Fault("street_meets_nothing", details={"metres": snap_metres}))
    return _Plan(streets).carried_out(ends, xy, crossing, columns)


def gate_drawn(streets: StreetEdges, at: FloatArray, nearby: NDArray[np.intp], snap_metres: float) -> Redrawn | None:
    """Add a short street from the nearest open street over the point `at` (2,) to the nearest private one, among the rows `nearby`.

    The two may meet already, at a gate that is shut: then the street has no length. None where either is farther than `snap_metres`.
    """
    private = np.isin(streets.lane[nearby], (Lane.LEAVING, Lane.ARRIVING))
    beside = np.array([at, at])
    ends = [_met(streets, nearby[side], beside, snap_metres) for side in (~private, private)]
    if not ends[0] or not ends[1]:
        return None
    return _Plan(streets).carried_out(ends, np.array([at, at, at]), Crossing.NONE, {})


def _met(streets: StreetEdges, nearby: NDArray[np.intp], approach: FloatArray, snap_metres: float) -> list[_Meeting]:
    """Find the rows nearest to the first point of `approach`; the second tells the side it comes from."""
    point = shapely.Point(approach[0])
    rows = nearby[streets.at_ground[nearby] & (streets.lane[nearby] != Lane.LINK)]
    metres = shapely.distance(streets.lines[rows], point)
    if not len(rows) or metres.min() > snap_metres:
        return []
    rows = rows[metres <= metres.min() + EQUALLY_NEAR_METRES]
    meetings = []
    for row in rows.tolist():
        line = streets.lines[row]
        if streets.lane[row] in (Lane.LEFT, Lane.RIGHT) and _side(line, approach) != streets.lane[row]:
            continue
        at, length = line.project(point), line.length
        nearer = streets.start[row] if at <= length - at else streets.end[row]
        node = nearer if min(at, length - at) <= AT_JUNCTION_METRES else -1
        meetings.append(_Meeting(row, int(node), at / length if length else 0.0))
    return meetings


def _side(line: shapely.LineString, approach: FloatArray) -> Lane:
    """Tell on which side of a street lies what comes from the farther point of `approach`."""
    at = line.project(shapely.Point(approach[0]))
    before = line.interpolate(max(at - 1, 0)).coords[0]
    behind = line.interpolate(min(at + 1, line.length)).coords[0]
    ahead, beside = np.subtract(behind, before), approach[1] - before
    return Lane.LEFT if ahead[0] * beside[1] - ahead[1] * beside[0] > 0 else Lane.RIGHT


class _Plan:
    """What is to be done to the streets, gathered end by end: junctions to add, streets to split, steps between copies."""

    def __init__(self, streets: StreetEdges) -> None:
        self.streets = streets
        self.new_xy: list[FloatArray] = []
        self.cuts: dict[int, list[tuple[float, int]]] = {}
        self.links: list[tuple[int, int]] = []

    def junction(self, meetings: Sequence[_Meeting], drawn: FloatArray) -> int:
        """Return the junction one end leads to, and note what must be done for it to be there.

        Where an open street is met, a private one that begins there is not: its gate stays as it is.
        """
        lanes = self.streets.lane
        open_ = [one for one in meetings if lanes[one.row] not in (Lane.LEAVING, Lane.ARRIVING)]
        place = self._place(meetings[0]) if meetings else drawn
        junction = self._joined(open_, place) if open_ else self._new(place)
        for lane in (Lane.LEAVING, Lane.ARRIVING):
            behind_gate = [one for one in meetings if lanes[one.row] == lane]
            if behind_gate and not open_:
                copy = self._joined(behind_gate, place)
                self.links.append((copy, junction) if lane == Lane.LEAVING else (junction, copy))
        return junction

    def _joined(self, meetings: Sequence[_Meeting], place: FloatArray) -> int:
        """Return one junction for all meetings: the first that exists, or a new one, at which the other streets are split."""
        known = next((one.node for one in meetings if one.node >= 0), -1)
        junction = known if known >= 0 else self._new(place)
        for one in meetings:
            if one.node != junction:
                self.cuts.setdefault(one.row, []).append((one.fraction, junction))
        return junction

    def _new(self, place: FloatArray) -> int:
        self.new_xy.append(place)
        return len(self.streets.node_xy) + len(self.new_xy) - 1

    def _place(self, meeting: _Meeting) -> FloatArray:
        if meeting.node >= 0:
            return np.asarray(self.streets.node_xy[meeting.node])
        line = self.streets.lines[meeting.row]
        return np.array(line.interpolate(meeting.fraction, normalized=True).coords[0])

    def carried_out(
        self, ends: Sequence[Sequence[_Meeting]], xy: FloatArray, crossing: Crossing, columns: dict[str, Any]
    ) -> Redrawn:
        """Return the streets with a new one along `xy`, from what its first end meets to what its last does."""
        junctions = [self.junction(meetings, point) for meetings, point in zip(ends, xy[[0, -1]], strict=True)]
        old, count = self.streets, len(self.new_xy)
        new_xy = np.array(self.new_xy, float).reshape(-1, 2)
        cut_rows = np.array(sorted(self.cuts), np.intp)
        streets = replace(
            closed_streets(old, cut_rows),
            node_xy=np.concatenate([old.node_xy, new_xy]),
            node_crossing=np.concatenate([old.node_crossing, np.full(count, crossing, np.int8)]),
            node_cut=np.concatenate([old.node_cut, np.zeros(count, bool)]),
        )
        for row in cut_rows.tolist():
            streets = streets.followed_by(_pieces(old, row, sorted(self.cuts[row])))
        path = xy.copy()
        path[[0, -1]] = streets.node_xy[list(junctions)]
        street = StreetEdges.plain(
            start=np.array(junctions[:1], np.int32),
            end=np.array(junctions[1:], np.int32),
            lines=np.array([shapely.LineString(path)], object),
            node_xy=streets.node_xy,
            crs=old.crs,
            **{name: np.array([value]) for name, value in columns.items()},
        )
        streets = streets.followed_by(street)
        if self.links:
            tails, heads = np.array(self.links, np.int32).T
            streets = with_links(streets, tails, heads)
        return Redrawn(streets, cut_rows, len(old))


def _pieces(streets: StreetEdges, row: int, cuts: Sequence[tuple[float, int]]) -> StreetEdges:
    """Divide a street where it is cut; the length on the ground is divided as the line is."""
    line = streets.lines[row]
    at = [0.0, *(fraction for fraction, _ in cuts), 1.0]
    nodes = [streets.start[row], *(node for _, node in cuts), streets.end[row]]
    pieces = [substring(line, *between, normalized=True) for between in pairwise(at)]
    # A piece of no length is a point, which no street is: both ends of the new street met the same spot.
    lines = [shapely.LineString([piece, piece]) if piece.geom_type == "Point" else piece for piece in pieces]
    return replace(
        streets.take(np.full(len(lines), row, np.intp)),
        start=np.array(nodes[:-1], np.int32),
        end=np.array(nodes[1:], np.int32),
        metres=streets.metres[row] * np.diff(at),
        lines=np.array(lines, object),
    )
