"""The street network: as read, as walked, and where places meet it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, SmallArray, TextArray


class Road(IntEnum):
    """How big the road is that a piece belongs to: what it takes to cross it grows with the class of OpenStreetMap."""

    NONE = 0
    """No carriageway: footways, paths, steps, platforms, cycleways, pedestrian streets and areas."""
    MINOR = 1
    """Residential and living streets, service roads, tracks, unclassified roads."""
    TERTIARY = 2
    SECONDARY = 3
    PRIMARY = 4
    TRUNK = 5


class Crossing(IntEnum):
    """What helps walkers across a road at a junction or at a point of the road."""

    NONE = 0
    """Nothing known."""
    UNMARKED = 1
    """A crossing point without signal or zebra, perhaps with an island."""
    ZEBRA = 2
    SIGNAL = 3


class Lane(IntEnum):
    """Which copy of a street a row is. As read, every row is a STREET; building the network makes copies of some (`kernel.lanes`)."""

    STREET = 0
    LEAVING = 1
    """A restricted street as walked by those who set out from behind its gate: the way from the door to the open streets."""
    ARRIVING = 2
    """The same street as walked by those who end their walk behind the gate. No walk leads from here back to the open streets."""
    LEFT = 3
    """The left side, in the direction of the line, of a road that is crossed at crossings only."""
    RIGHT = 4
    LINK = 5
    """No street: a step between copies at one place, of zero length. One with a `road` crosses that road."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetEdges(Columns):
    """Street pieces between junctions (e edges, n nodes).

    `start` and `end` are positions in `node_xy` (n, 2). `lines` run from start to end in metres of `crs`; `metres` is the length on the
    ground, which a projection distorts by up to 0.04 %. `forward` and `backward` say in which directions one may walk.
    Places join streets `at_ground` only: no door opens onto a tunnel, a bridge or a corridor below ground that happens to pass by.
    `private` streets may begin or end a walk but not lie in the middle of one. `steps` are stairs. `road` (`Road`) is the carriageway a
    piece belongs to, `city_road` whether that is one of the city's (城市道路), `wide` whether it is too wide to be crossed just anywhere,
    `lane` (`Lane`) which copy of a street the row is.
    `way` is its number in OpenStreetMap or another source (-1 unknown); `name` a position in `names`, -1 without a name.
    `node_crossing` (n,) (`Crossing`) tells what helps across the road at a node, `node_cut` (n,) where the data of the source end although
    the street goes on. `closed_xy` and `closed_metres` (q rows) are the middles and lengths of the stretches that the source holds as well,
    but that tags close to walkers: no part of the network, only counted.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset(
        {"node_xy", "node_crossing", "node_cut", "names", "closed_xy", "closed_metres"}
    )

    start: IntArray
    end: IntArray
    metres: FloatArray
    at_ground: BoolArray
    forward: BoolArray
    backward: BoolArray
    private: BoolArray
    steps: BoolArray
    road: SmallArray
    city_road: BoolArray
    wide: BoolArray
    lane: SmallArray
    way: NDArray[np.int64]
    name: IntArray
    lines: GeometryArray
    names: TextArray
    node_xy: FloatArray
    node_crossing: SmallArray
    node_cut: BoolArray
    closed_xy: FloatArray
    closed_metres: FloatArray
    crs: str

    @classmethod
    def plain(
        cls,
        *,
        start: IntArray,
        end: IntArray,
        lines: GeometryArray,
        node_xy: FloatArray,
        crs: str,
        **columns: NDArray[Any],
    ) -> StreetEdges:
        """Make streets that are open, level, two-way and at ground except for what `columns` says; `metres` is the length of the line."""
        count, nodes = len(start), len(node_xy)
        usual: dict[str, NDArray[Any]] = {
            "metres": np.asarray(shapely.length(lines), float),
            "at_ground": np.ones(count, bool),
            "forward": np.ones(count, bool),
            "backward": np.ones(count, bool),
            "private": np.zeros(count, bool),
            "steps": np.zeros(count, bool),
            "road": np.zeros(count, np.int8),
            "city_road": np.zeros(count, bool),
            "wide": np.zeros(count, bool),
            "lane": np.zeros(count, np.int8),
            "way": np.full(count, -1, np.int64),
            "name": np.full(count, -1, np.int32),
            "names": np.empty(0, object),
            "node_crossing": np.zeros(nodes, np.int8),
            "node_cut": np.zeros(nodes, bool),
            "closed_xy": np.empty((0, 2)),
            "closed_metres": np.empty(0),
        }
        return cls(start=start, end=end, lines=lines, node_xy=node_xy, crs=crs, **(usual | columns))

    @property
    def drawn(self) -> BoolArray:
        """(e,) the rows that show every street once: neither second copies nor links."""
        return np.isin(self.lane, (Lane.STREET, Lane.LEAVING, Lane.LEFT))


@dataclass(frozen=True, slots=True, eq=False)
class WalkNetwork:
    """A walking network ready for search: `streets` in Hilbert order of their nodes, and the arcs leaving each node.

    Arcs of node `i` are `indptr[i]:indptr[i + 1]`; `heads` is the node each arc leads to, `edge` the street it walks, `along` whether it
    walks that street from start to end. `by_head` lists the arcs by the node they lead to: those that lead to node `i` are
    `by_head[head_indptr[i]:head_indptr[i + 1]]`. No island remains.
    """

    streets: StreetEdges
    indptr: IntArray
    heads: IntArray
    edge: IntArray
    along: BoolArray
    head_indptr: IntArray
    by_head: NDArray[np.intp]

    @property
    def nodes(self) -> int:
        """Number of junctions."""
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Anchors(Columns):
    """Where places meet the streets (k joints for `places` places; a place may have several: gates, entrances, equally near streets).

    A joint lies at `fraction` of street `edge` (0 at its start, 1 at its end); `access_metres` is the walk from the place to it.
    `nearest_metres` (places,) is each place's distance to the nearest street, `inf` when there is none at all; places beyond the cap have
    no joint.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"nearest_metres"})

    place: IntArray
    edge: IntArray
    fraction: FloatArray
    access_metres: FloatArray
    nearest_metres: FloatArray
    cap_metres: float

    @property
    def places(self) -> int:
        """Number of places, joined or not."""
        return len(self.nearest_metres)

    @property
    def joined(self) -> BoolArray:
        """(places,) whether each place has at least one joint."""
        return self.nearest_metres <= self.cap_metres
