"""Cut ways into street pieces at the nodes they share.

Ways meet where they use the same node, and nowhere else: a bridge and the road under it cross on the map without a node in common, and are
not joined. Nothing here looks at geometry to decide that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.projection import ground_metres, projected, study_crs
from livingcircle.sources.reading import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ways(Columns):
    """Ways as a source delivers them (w ways, k node references in all), in the order their pieces shall have.

    The nodes of way `i` are `node[first[i]:first[i + 1]]`, numbers of any kind, at `lon` and `lat` in degrees (WGS84), NaN where the source
    does not know the node. `walked` ways take part in the network; the others were left out because of their access tags and are only
    measured. Doors may open onto ways `at_ground`.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "node", "lon", "lat"})

    walked: BoolArray
    at_ground: BoolArray
    forward: BoolArray
    backward: BoolArray
    first: NDArray[np.int64]
    node: NDArray[np.int64]
    lon: FloatArray
    lat: FloatArray


def street_pieces(ways: Ways, *, crs: str | None, file: str) -> Reading[StreetEdges]:
    """Cut the walked ways at their ends and wherever two of them, or two visits of one, share a node.

    A reference to an unknown node ends the piece there, as a clipped extract does; nothing bridges the gap. References that repeat the
    node before, and neighbours on a way at exactly the same place, count as one node, so no piece has length zero. Pieces follow the order
    of the ways and run in their direction; `crs` None chooses the UTM zone.

    Raises
    ------
    InputError
        When no piece is left, or `crs` is unfit (`livingcircle.sources.projection.study_crs`).
    """
    way = np.repeat(np.arange(len(ways)), np.diff(ways.first))
    known = np.isfinite(ways.lon) & np.isfinite(ways.lat)
    run = _runs(way, known)

    walked = known & ways.walked[way]
    _, place = np.unique(ways.node[walked], return_inverse=True)
    place = _contracted(place, ways.lon[walked], ways.lat[walked], run[walked])
    single = np.ones(len(place), bool)
    single[1:] = (place[1:] != place[:-1]) | (run[walked][1:] != run[walked][:-1])
    place, kept = place[single], np.flatnonzero(walked)[single]
    lon, lat, way_of, run_of = ways.lon[kept], ways.lat[kept], way[kept], run[kept]

    inside = run_of[1:] == run_of[:-1]  # whether the step from each reference to the next stays on its run
    cut = np.bincount(place)[place] > 1 if len(place) else np.zeros(0, bool)
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
    ends, end_of = np.unique(np.concatenate([place[begin], place[stop]]), return_inverse=True)
    # Every visit of a node has the same place on the map; the last one found stands for it.
    node_xy = np.empty((len(ends), 2))
    node_xy[end_of] = xy[np.concatenate([begin, stop])]
    streets = StreetEdges.plain(
        start=end_of[: len(begin)].astype(np.int32),
        end=end_of[len(begin) :].astype(np.int32),
        metres=metres,
        at_ground=ways.at_ground[way_of[begin]],
        forward=ways.forward[way_of[begin]],
        backward=ways.backward[way_of[begin]],
        lines=_lines(xy, begin, stop),
        node_xy=node_xy,
        crs=chosen_crs,
    )
    return Reading(streets, _warnings(ways, way, known, run, file))


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
    left_out = int((~ways.walked).sum())
    if left_out:
        step = (run[1:] == run[:-1]) & ~ways.walked[way[1:]]
        lon, lat = ways.lon, ways.lat
        metres = ground_metres(lon[:-1][step], lat[:-1][step], lon[1:][step], lat[1:][step]).sum()
        warnings.append(
            Fault("streets_dropped", file=file, details={"count": left_out, "kilometres": float(metres) / 1000})
        )
    return tuple(warnings)
