"""Walkable streets from OpenStreetMap: extracts on disk, graphs saved by OSMnx, and downloads by place name."""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
from osmium.filter import EntityFilter, KeyFilter
from osmium.osm import NODE, WAY

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.network import StreetEdges
from livingcircle.sources.online import download_walk_graph
from livingcircle.sources.projection import crs_faults
from livingcircle.sources.reading import Reading
from livingcircle.sources.street_graphs import graph_ways
from livingcircle.sources.street_pieces import Ways, street_pieces
from livingcircle.sources.walkability import WalkAccess, is_at_ground, is_walked_kind, walk_access, walk_directions

if TYPE_CHECKING:
    from numpy.typing import NDArray

OSM_FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
GRAPHML_FORMATS = (".graphml",)

_PER_DEGREE = 10_000_000
"""OpenStreetMap keeps coordinates in whole ten-millionths of a degree."""
_FARTHEST = 1_800_000_000
"""180° in that unit; osmium marks nodes that are not in the file by a number beyond it."""


def streets_from_osm(path: Path, crs: str | None) -> Reading[StreetEdges]:
    """Read the walkable streets of an extract (`.osm.pbf`, `.osm`), in metres of `crs` or of the UTM zone of its centre.

    Warnings tell of nodes that a clipped extract lacks (`broken_ways`) and of ways left out because of their access tags
    (`streets_dropped`). Pieces are ordered by way number, then by their position on the way; the order of the file does not matter.

    Raises
    ------
    InputError
        When the file is missing, of another format or damaged, holds no walkable street, or `crs` is unfit.
    """
    _check(path, crs, OSM_FORMATS)
    try:
        ways = _osm_ways(str(path))
    except (RuntimeError, OSError) as error:
        reason = str(error).replace(str(path), path.name) or type(error).__name__
        raise InputError(Fault("unreadable_file", file=str(path), details={"reason": reason})) from error
    return street_pieces(ways, crs=crs, file=str(path))


def streets_from_graphml(path: Path, crs: str | None) -> Reading[StreetEdges]:
    """Read the walkable streets of a graph saved by OSMnx (`.graphml`), simplified or not.

    A street that the graph holds once for each direction becomes one street walked both ways, and one that is one-way for cars is walked
    both ways as well. Where simplification merged ways with different tags, the street is walked only if each of them would be. Tags that
    the graph was saved without cannot be judged: OSMnx keeps `highway` and `access`, but not `foot`, unless told to.

    Raises
    ------
    InputError
        When the file is missing, of another format or not a street graph, holds no walkable street, or `crs` is unfit.
    """
    _check(path, crs, GRAPHML_FORMATS)
    import networkx as nx
    import osmnx  # takes seconds to load

    try:
        graph = osmnx.load_graphml(path)
        ways = graph_ways(graph)
    # A graph of another program lacks attributes, or holds other types; XML that is cut short ends in a SyntaxError.
    except (AttributeError, KeyError, OSError, SyntaxError, TypeError, ValueError, nx.NetworkXException) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(Fault("unreadable_file", file=str(path), details={"reason": reason})) from error
    return street_pieces(ways, crs=crs, file=str(path))


def streets_from_place(place: str, buffer_metres: float, crs: str | None, cache_folder: Path) -> Reading[StreetEdges]:
    """Download the walkable streets of a place OpenStreetMap knows and of `buffer_metres` around it.

    Answers of the servers are kept in `cache_folder` and used again.

    Raises
    ------
    InputError
        When the download fails, brings no walkable street, or `crs` is unfit.
    """
    faults = [] if crs is None else crs_faults(crs)
    if faults:
        raise InputError(faults)
    ways = graph_ways(download_walk_graph(place, buffer_metres, cache_folder))
    return street_pieces(ways, crs=crs, file=place)


def _check(path: Path, crs: str | None, formats: tuple[str, ...]) -> None:
    """Raise what is wrong with the name of the file and with `crs`, before anything is read."""
    faults = [] if crs is None else crs_faults(crs)
    if not path.exists():
        faults.append(Fault("missing_file", file=str(path)))
    elif not (path.is_file() and path.name.lower().endswith(formats)):
        faults.append(Fault("unknown_format", file=str(path), details={"formats": ", ".join(formats)}))
    if faults:
        raise InputError(faults)


# ── Extracts ────────────────────────────────────────────────────────────────


def _osm_ways(path: str) -> Ways:
    """Read every way of a walked kind with its nodes."""
    found: dict[int, tuple[bool, bool, bool, bool]] = {}
    members: dict[int, list[tuple[int, int, int]]] = {}
    processor = osmium.FileProcessor(path).with_locations()
    processor.with_filter(EntityFilter(WAY)).with_filter(KeyFilter("highway", "railway", "public_transport"))
    item: Any
    for item in processor:
        tags = dict(item.tags)
        if is_walked_kind(tags) and item.id not in found:  # files that were glued together hold ways twice
            found[item.id] = (walk_access(tags) is WalkAccess.OPEN, is_at_ground(tags), *walk_directions(tags))
            members[item.id] = [(node.ref, node.x, node.y) for node in item.nodes]
    order = sorted(found)
    table = np.fromiter(
        itertools.chain.from_iterable(itertools.chain.from_iterable(members[way] for way in order)), np.int64
    ).reshape(-1, 3)
    node, x, y = table.T
    x, y = _with_late_nodes(path, node, x, y)
    unknown = (np.abs(x) > _FARTHEST) | (np.abs(y) > _FARTHEST)
    walked, at_ground, forward, backward = np.array([found[way] for way in order], bool).reshape(-1, 4).T
    return Ways(
        walked=walked,
        at_ground=at_ground,
        forward=forward,
        backward=backward,
        first=_offsets([len(members[way]) for way in order]),
        node=node,
        lon=np.where(unknown, np.nan, x / _PER_DEGREE),
        lat=np.where(unknown, np.nan, y / _PER_DEGREE),
    )


def _with_late_nodes(
    path: str, node: NDArray[np.int64], x: NDArray[np.int64], y: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fill in nodes that the file lists after the ways, as answers of Overpass do."""
    missing = np.abs(x) > _FARTHEST
    if not missing.any():
        return x, y
    places = osmium.index.create_map("sparse_mem_map")
    osmium.apply(osmium.io.Reader(path, NODE), osmium.NodeLocationsForWays(places))
    x, y = x.copy(), y.copy()
    for position in np.flatnonzero(missing):
        with suppress(KeyError):  # a clipped extract lacks it altogether
            place = places.get(int(node[position]))
            x[position], y[position] = place.x, place.y
    return x, y


def _offsets(counts: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
