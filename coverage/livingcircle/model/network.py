"""The street network: as read, as walked, and where places meet it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class StreetEdges(Columns):
    """Street pieces between junctions, as a source delivers them (e edges, n nodes).

    `start` and `end` are positions in `node_xy` (n, 2). `lines` run from start to end in metres of `crs`; `metres` is the length on the
    ground, which a projection distorts by up to 0.04 %. `forward` and `backward` say in which directions one may walk.
    Places join streets `at_ground` only: no door opens onto a tunnel, a bridge or a corridor below ground that happens to pass by.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"node_xy"})

    start: IntArray
    end: IntArray
    metres: FloatArray
    at_ground: BoolArray
    forward: BoolArray
    backward: BoolArray
    lines: GeometryArray
    node_xy: FloatArray
    crs: str


@dataclass(frozen=True, slots=True, eq=False)
class WalkNetwork:
    """A walking network ready for search: `streets` in Hilbert order of their nodes, and the arcs leaving each node.

    Arcs of node `i` are `indptr[i]:indptr[i + 1]`; `heads` is the node each arc leads to, `edge` the street it walks, `along` whether it
    walks that street from start to end. No island remains, no street is shorter than the resolution of the kernel.
    """

    streets: StreetEdges
    indptr: IntArray
    heads: IntArray
    edge: IntArray
    along: BoolArray

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
