"""Cut ways into street pieces at the nodes they share, and tell what is known of every piece and node.

Ways meet where they use the same node, and nowhere else: a bridge and the road under it cross on the map without a node in common, and are
not joined. Nothing here looks at geometry to decide that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, SmallArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.projection import ground_metres, projected, study_crs
from livingcircle.sources.reading import Reading
from livingcircle.sources.street_traits import StreetTraits

if TYPE_CHECKING:
    from numpy.typing import NDArray


CUT_METRES = 30.0
"""A dead end nearer than this to the edge of an extract is taken for a street that goes on outside."""
_DEGREE_METRES = 111_320.0


@dataclass(frozen=True, slots=True, eq=False)
class Outlines(Columns):
    """Squares and other areas that are walked all over (s rows), as what bounds them: the ways at `way[first[i]:first[i + 1]]`.

    A single way is closed; of several, each is a stretch of an outer ring or of a hole. `trait` is that of the area.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "way"})

    trait: IntArray
    first: NDArray[np.int64]
    way: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Ways(Columns):
    """Ways as a source delivers them (w ways, k node references in all), in the order their pieces shall have.

    `ids` are their numbers in the source, -1 unknown. `trait` (w,) is a row of `traits`; ways that are not walked are only measured. The
    nodes of way `i` are `node[first[i]:first[i + 1]]`, numbers of any kind, at `lon` and `lat` in degrees (WGS84), NaN where the source
    does not know the node. `marked` (m,) ascending are nodes of which something is known: `crossing` (`Crossing`), and `closed`, which
    nobody walks past. `squares` are made of some of the ways. `bounds` is west, south, east, north of the source in degrees, None where
    it does not say.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "node", "lon", "lat", "marked", "crossing", "closed"})

    ids: NDArray[np.int64]
    trait: IntArray
    traits: StreetTraits
    first: NDArray[np.int64]
    node: NDArray[np.int64]
    lon: FloatArray
    lat: FloatArray
    marked: NDArray[np.int64]
    crossing: SmallArray
    closed: BoolArray
    squares: Outlines
    bounds: tuple[float, float, float, float] | None

    @property
    def walked(self) -> BoolArray:
        """(w,) whether each way takes part in the network."""
        walked: BoolArray = self.traits.walked[self.trait]
        return walked


def closed_ways(first: NDArray[np.int64], node: NDArray[np.int64]) -> BoolArray:
    """Return the ways (w,) that end where they began and enclose something: at least three corners."""
    closed: BoolArray = np.diff(first) > 3  # a triangle closes with its fourth reference
    closed[closed] = node[first[:-1][closed]] == node[first[1:][closed] - 1]
    return closed


def street_pieces(ways: Ways, *, crs: str | None, file: str) -> Reading[StreetEdges]:
    """Cut the walked ways at their ends, where two of them or two visits of one share a node, and where a road is crossed.

    A reference to an unknown node ends the piece there, as a clipped extract does; nothing bridges the gap. References that repeat the
    node before, and neighbours on a way at exactly the same place, count as one node, so no piece has length zero. At a closed node every
    piece ends for itself. Pieces follow the order of the ways and run in their direction; `crs` None chooses the UTM zone.

    Raises
    ------
    InputError
        When no piece is left, or `crs` is unfit (`livingcircle.sources.projection.study_crs`).
    """
    way = np.repeat(np.arange(len(ways)), np.diff(ways.first))
    known = np.isfinite(ways.lon) & np.isfinite(ways.lat)
    run = _runs(way, known)

    walked = known & ways.walked[way]
    nodes, place = np.unique(ways.node[walked], return_inverse=True)
    crossing, closed = (_at_nodes(nodes, ways.marked, mark)[place] for mark in (ways.crossing, ways.closed))
    place = _contracted(place, ways.lon[walked], ways.lat[walked], run[walked])
    single = np.ones(len(place), bool)
    single[1:] = (place[1:] != place[:-1]) | (run[walked][1:] != run[walked][:-1])
    broken = _breaks(way, known)[walked]
    crossing, closed, broken = (_strongest(place, mark)[single] for mark in (crossing, closed, broken))
    place, kept = place[single], np.flatnonzero(walked)[single]
    lon, lat, way_of, run_of = ways.lon[kept], ways.lat[kept], way[kept], run[kept]
    trait = ways.trait[way_of]

    inside = run_of[1:] == run_of[:-1]  # whether the step from each reference to the next stays on its run
    cut = closed | ((crossing > 0) & (ways.traits.road[trait] > 0))
    if len(place):
        cut |= np.bincount(place)[place] > 1
    cut[1:] |= ~inside
    cut[:-1] |= ~inside
    cut[:1] = cut[-1:] = True
    cuts = np.flatnonzero(cut)
    whole = run_of[cuts[:-1]] == run_of[cuts[1:]]
    begin, stop = cuts[:-1][whole], cuts[1:][whole]
    if not len(begin):
        raise InputError(Fault("no_network", file=file))

    step_metres = np.where(inside, ground_metres(lon[:-1], lat[:-1], lon[1:], lat[1:]), 0.0)
    metres = np.bincount(np.cumsum(cut)[:-1] - 1, weights=step_metres, minlength=len(cuts) - 1)[whole]
    chosen_crs = study_crs(crs, lon, lat)
    xy = projected(lon, lat, chosen_crs)
    at = np.concatenate([begin, stop])
    # Behind a closed node a number of its own for every end: they lie at one place and do not meet.
    ends, end_of = np.unique(np.where(closed[at], len(nodes) + np.arange(len(at)), place[at]), return_inverse=True)
    # Every visit of a node has the same place on the map; the last one found stands for it.
    node_at = np.empty(len(ends), np.intp)
    node_at[end_of] = at
    trait = trait[begin]
    start, end = end_of[: len(begin)].astype(np.int32), end_of[len(begin) :].astype(np.int32)
    road = ways.traits.road[trait]
    streets = StreetEdges.plain(
        start=start,
        end=end,
        metres=metres,
        at_ground=ways.traits.at_ground[trait],
        forward=ways.traits.forward[trait],
        backward=ways.traits.backward[trait],
        private=ways.traits.private[trait],
        steps=ways.traits.steps[trait],
        road=road,
        city_road=ways.traits.city_road[trait],
        wide=ways.traits.wide[trait],
        way=ways.ids[way_of[begin]],
        name=ways.traits.name[trait],
        names=ways.traits.names,
        lines=_lines(xy, begin, stop),
        node_xy=xy[node_at],
        node_crossing=_crossings(crossing[node_at], start, end, road, ways.traits.crossing[trait]),
        node_cut=broken[node_at] | _cut_short(end_of, lon[node_at], lat[node_at], ways.bounds),
        **_closed_stretches(ways, way, run, chosen_crs),
        crs=chosen_crs,
    )
    return Reading(streets, _warnings(ways, way, known, run, file))


def _closed_stretches(ways: Ways, way: NDArray[np.int64], run: NDArray[np.int64], crs: str) -> dict[str, FloatArray]:
    """Return the middles and lengths of the steps along ways that nobody may walk."""
    step = np.flatnonzero((run[1:] == run[:-1]) & ~ways.walked[way[1:]])
    lon, lat = ways.lon, ways.lat
    return {
        "closed_xy": projected((lon[step] + lon[step + 1]) / 2, (lat[step] + lat[step + 1]) / 2, crs),
        "closed_metres": ground_metres(lon[step], lat[step], lon[step + 1], lat[step + 1]),
    }


def _at_nodes(nodes: NDArray[np.int64], marked: NDArray[np.int64], mark: NDArray[Any]) -> NDArray[Any]:
    """Return for every one of `nodes` (ascending) its mark, 0 for those without."""
    marks = np.zeros(len(nodes), mark.dtype)
    position = np.searchsorted(nodes, marked)
    there = np.flatnonzero(position < len(nodes))
    there = there[nodes[position[there]] == marked[there]]
    marks[position[there]] = mark[there]
    return marks


def _strongest(place: NDArray[np.intp], mark: NDArray[Any]) -> NDArray[Any]:
    """Give every reference the highest mark of its place, which may have been several nodes."""
    marks = np.zeros(int(place.max(initial=-1)) + 1, mark.dtype)
    marked = np.flatnonzero(mark)
    np.maximum.at(marks, place[marked], mark[marked])
    return marks[place]


def _breaks(way: NDArray[np.int64], known: BoolArray) -> BoolArray:
    """Return the references beside an unknown one on the same way."""
    broken = np.zeros(len(way), bool)
    same = way[1:] == way[:-1]
    broken[1:] |= same & ~known[:-1]
    broken[:-1] |= same & ~known[1:]
    return broken


def _crossings(at_node: SmallArray, start: IntArray, end: IntArray, road: SmallArray, across: SmallArray) -> SmallArray:
    """Return what helps across at each node: what is said of it, or of a way drawn across the road there, whichever helps more."""
    on_road = np.zeros(len(at_node), bool)
    on_road[start[road > 0]] = on_road[end[road > 0]] = True
    best = at_node.copy()
    for ends in (start, end):
        drawn = np.flatnonzero((across > 0) & (road == 0) & on_road[ends])
        np.maximum.at(best, ends[drawn], across[drawn])
    return best


def _cut_short(
    end_of: NDArray[np.intp], lon: FloatArray, lat: FloatArray, bounds: tuple[float, float, float, float] | None
) -> BoolArray:
    """Return the dead ends at the edge of the source or beyond it: extracts made of whole ways lack what continues them."""
    dead_end = np.bincount(end_of, minlength=len(lon)) == 1
    if bounds is None:
        return np.zeros(len(lon), bool)
    west, south, east, north = bounds
    up, right = CUT_METRES / _DEGREE_METRES, CUT_METRES / (_DEGREE_METRES * np.cos(np.radians(lat)))
    inside = (lon > west + right) & (lon < east - right) & (lat > south + up) & (lat < north - up)
    cut_short: BoolArray = dead_end & ~inside
    return cut_short


def _runs(way: NDArray[np.int64], known: BoolArray) -> NDArray[np.int64]:
    """Number the unbroken stretches of known nodes; an unknown node is a stretch of its own."""
    new = np.ones(len(way), bool)
    new[1:] = (way[1:] != way[:-1]) | ~known[1:] | ~known[:-1]
    return np.cumsum(new)


def _contracted(place: NDArray[np.intp], lon: FloatArray, lat: FloatArray, run: NDArray[np.int64]) -> NDArray[np.intp]:
    """Make one node of neighbours on a way that lie at exactly the same place."""
    here, there = slice(None, -1), slice(1, None)
    same = (
        (run[here] == run[there])
        & (lon[here] == lon[there])
        & (lat[here] == lat[there])
        & (place[here] != place[there])
    )
    if not same.any():
        return place
    nodes = int(place.max()) + 1
    links = coo_array(
        (np.ones(int(same.sum()), np.int8), (place[here][same], place[there][same])), shape=(nodes, nodes)
    )
    _, together = connected_components(links, directed=False)
    return np.asarray(together, np.intp)[place]


def _lines(xy: FloatArray, begin: NDArray[np.intp], stop: NDArray[np.intp]) -> GeometryArray:
    """Return the line through references `begin` to `stop`, both included, of each piece."""
    counts = stop - begin + 1
    piece = np.repeat(np.arange(len(begin)), counts)
    within = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    lines: GeometryArray = shapely.linestrings(xy[begin[piece] + within], indices=piece)
    return lines


def _warnings(
    ways: Ways, way: NDArray[np.int64], known: BoolArray, run: NDArray[np.int64], file: str
) -> tuple[Fault, ...]:
    warnings = []
    broken = int((~known & ways.walked[way]).sum())
    if broken:
        warnings.append(Fault("broken_ways", file=file, details={"count": broken}))
    for kind, chosen in (("streets_dropped", ~ways.walked), ("private_streets", ways.traits.private[ways.trait])):
        if chosen.any():
            step = (run[1:] == run[:-1]) & chosen[way[1:]]
            lon, lat = ways.lon, ways.lat
            metres = float(ground_metres(lon[:-1][step], lat[:-1][step], lon[1:][step], lat[1:][step]).sum())
            warnings.append(Fault(kind, file=file, details={"count": int(chosen.sum()), "kilometres": metres / 1000}))
    return tuple(warnings)
