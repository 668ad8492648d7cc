"""Ways, tagged nodes and area relations of an OpenStreetMap file, as columns: the reference reader, for every format osmium knows.

What a reader returns says nothing about walking: `livingcircle.sources.walkability` judges each distinct combination of tags once, and
`livingcircle.sources.street_pieces` cuts the ways. Any faster reader must return the same record.
"""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import osmium
from osmium.filter import EntityFilter, IdFilter, KeyFilter
from osmium.osm import NODE, RELATION, WAY

from livingcircle.model.columns import Columns, FloatArray, IntArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

PER_DEGREE = 10_000_000
"""OpenStreetMap keeps coordinates in whole ten-millionths of a degree."""
_FARTHEST = 1_800_000_000
"""180° in that unit; osmium marks nodes that are not in the file by a number beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class Relations(Columns):
    """Multipolygon relations (r rows, ascending `ids`; q members that are ways).

    The members of relation `i` are the ways `way[first[i]:first[i + 1]]` (their numbers; some may be missing in the file), in the order of
    the file. `tag_set` (r,) is a position in `TaggedWays.tag_sets`.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "way"})

    ids: NDArray[np.int64]
    tag_set: IntArray
    first: NDArray[np.int64]
    way: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TaggedWays(Columns):
    """Ways of an extract (w rows, ascending `ids`, each once), their k node references, and m tagged nodes.

    The nodes of way `i` are `node[first[i]:first[i + 1]]`, at `lon` and `lat` (k,) in degrees (WGS84, whole ten-millionths), NaN where the
    file does not hold the node. `tag_set` (w,) is a position in `tag_sets`: the distinct combinations of the tags that were asked for, in
    any order, possibly with an empty one. `node_ids` (m,) ascending are the nodes that carry one of the node keys, with `node_tag_set`,
    `node_lon` and `node_lat` (m,). `relations` are multipolygons that carry one of the way keys; the ways they consist of are among the
    ways whatever their own tags. `bounds` is west, south, east, north in degrees from the header of the file, None without one.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset(
        {"first", "node", "lon", "lat", "node_ids", "node_tag_set", "node_lon", "node_lat"}
    )

    ids: NDArray[np.int64]
    tag_set: IntArray
    first: NDArray[np.int64]
    node: NDArray[np.int64]
    lon: FloatArray
    lat: FloatArray
    node_ids: NDArray[np.int64]
    node_tag_set: IntArray
    node_lon: FloatArray
    node_lat: FloatArray
    relations: Relations
    tag_sets: tuple[Mapping[str, str], ...]
    bounds: tuple[float, float, float, float] | None


class _TagSets:
    """Number every distinct combination of the tags that are read."""

    def __init__(self, tags_read: Iterable[str]) -> None:
        self._read = frozenset(tags_read)
        self._numbers: dict[frozenset[tuple[str, str]], int] = {}

    def number(self, tags: Iterable[Any]) -> int:
        return self._numbers.setdefault(
            frozenset((tag.k, tag.v) for tag in tags if tag.k in self._read), len(self._numbers)
        )

    def all(self) -> tuple[Mapping[str, str], ...]:
        return tuple(dict(sorted(tags)) for tags in self._numbers)


def read_extract(path: str, way_keys: Iterable[str], node_keys: Iterable[str], tags_read: Iterable[str]) -> TaggedWays:
    """Read the ways that carry one of `way_keys`, the nodes that carry one of `node_keys`, and the areas that ways make up together.

    Objects that files glued together hold twice are taken as they come first. Nodes may follow the ways, as in answers of Overpass. What is
    deleted, in a file with history or by an editor that has not uploaded yet, is not there.

    Raises
    ------
    RuntimeError
        When the file cannot be read.
    """
    way_keys, node_keys = tuple(way_keys), tuple(node_keys)
    tag_sets = _TagSets(tags_read)
    deleted = deleted_by_editor(path)
    relations = _relations(path, way_keys, tag_sets, deleted["relation"])
    ways: dict[int, tuple[int, list[tuple[int, int, int]]]] = {}
    nodes: dict[int, tuple[int, int, int]] = {}
    item: Any
    processor = osmium.FileProcessor(path, NODE | WAY).with_locations()
    for item in processor.with_filter(KeyFilter(*way_keys, *node_keys)):
        if not item.visible or item.id in deleted["node" if item.is_node() else "way"]:
            continue
        if item.is_node():
            if item.id not in nodes and any(key in item.tags for key in node_keys):
                nodes[item.id] = (tag_sets.number(item.tags), item.location.x, item.location.y)
        elif item.id not in ways and any(key in item.tags for key in way_keys):
            ways[item.id] = (tag_sets.number(item.tags), [(node.ref, node.x, node.y) for node in item.nodes])
    bare = set(relations.way.tolist()) - ways.keys()
    if bare:
        processor = osmium.FileProcessor(path, NODE | WAY).with_locations()
        for item in processor.with_filter(EntityFilter(WAY)).with_filter(IdFilter(sorted(bare))):
            if item.id not in ways and item.visible and item.id not in deleted["way"]:
                ways[item.id] = (tag_sets.number(item.tags), [(node.ref, node.x, node.y) for node in item.nodes])
    return _columns(path, ways, nodes, relations, tag_sets)


def deleted_by_editor(path: str) -> Mapping[str, frozenset[int]]:
    """Return what JOSM marks as deleted in a file it saved but did not upload: the numbers of nodes, ways and relations.

    osmium does not know the mark. Only plain XML is looked through; editors save nothing else.
    """
    found: dict[str, set[int]] = {"node": set(), "way": set(), "relation": set()}
    if path.lower().endswith(".osm") and Path(path).stat().st_size:
        with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            if _DELETED.search(text):
                for tag in _OBJECT.finditer(text):
                    number = _NUMBER.search(tag[0])
                    if number and _DELETED.search(tag[0]):
                        found[tag[1].decode()].add(int(number[1]))
    return {kind: frozenset(numbers) for kind, numbers in found.items()}


_DELETED = re.compile(rb"""\saction=(?:'delete'|"delete")""")
_OBJECT = re.compile(rb"<(node|way|relation)\s[^>]*>")
_NUMBER = re.compile(rb"""\sid=['"](-?\d+)['"]""")


def _relations(path: str, keys: tuple[str, ...], tag_sets: _TagSets, deleted: frozenset[int]) -> Relations:
    found: dict[int, tuple[int, list[int]]] = {}
    item: Any
    for item in osmium.FileProcessor(path, RELATION).with_filter(KeyFilter(*keys)):
        if not item.visible or item.id in deleted:
            continue
        if item.tags.get("type") == "multipolygon" and item.id not in found:
            members = [member.ref for member in item.members if member.type == "w"]
            found[item.id] = (tag_sets.number(item.tags), members)
    order = sorted(found)
    members = list(itertools.chain.from_iterable(found[number][1] for number in order))
    return Relations(
        ids=np.array(order, np.int64),
        tag_set=np.array([found[number][0] for number in order], np.int32),
        first=_offsets([len(found[number][1]) for number in order]),
        way=np.array(members, np.int64),
    )


def _columns(
    path: str,
    ways: dict[int, tuple[int, list[tuple[int, int, int]]]],
    nodes: dict[int, tuple[int, int, int]],
    relations: Relations,
    tag_sets: _TagSets,
) -> TaggedWays:
    order = sorted(ways)
    references = itertools.chain.from_iterable(itertools.chain.from_iterable(ways[way][1] for way in order))
    node, x, y = np.fromiter(references, np.int64).reshape(-1, 3).T
    lon, lat = degrees(*_with_late_nodes(path, node, x, y))
    node_ids = sorted(nodes)
    node_tag_set, node_x, node_y = np.array([nodes[number] for number in node_ids], np.int64).reshape(-1, 3).T
    node_lon, node_lat = degrees(node_x, node_y)
    return TaggedWays(
        ids=np.array(order, np.int64),
        tag_set=np.array([ways[way][0] for way in order], np.int32),
        first=_offsets([len(ways[way][1]) for way in order]),
        node=node.copy(),
        lon=lon,
        lat=lat,
        node_ids=np.array(node_ids, np.int64),
        node_tag_set=node_tag_set.astype(np.int32),
        node_lon=node_lon,
        node_lat=node_lat,
        relations=relations,
        tag_sets=tag_sets.all(),
        bounds=_bounds(path),
    )


def _with_late_nodes(
    path: str, node: NDArray[np.int64], x: NDArray[np.int64], y: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fill in nodes that the file lists after the ways."""
    missing = np.abs(x) > _FARTHEST
    if not missing.any():
        return x, y
    places = osmium.index.create_map("sparse_mem_map")
    osmium.apply(osmium.io.Reader(path, NODE), osmium.NodeLocationsForWays(places))
    x, y = x.copy(), y.copy()
    for position in np.flatnonzero(missing & (node >= 0)):
        with suppress(KeyError):  # a clipped extract lacks it altogether
            place = places.get(int(node[position]))
            x[position], y[position] = place.x, place.y
    # Editors number what they draw below zero, and osmium's table of places passes that over.
    drawn = missing & (node < 0)
    if drawn.any():
        wanted: set[int] = set(node[drawn].tolist())
        found: dict[int, tuple[int, int]] = {}
        item: Any
        for item in osmium.FileProcessor(path, NODE):
            if item.id in wanted:
                found.setdefault(item.id, (item.location.x, item.location.y))
        nowhere = (_FARTHEST + 1, _FARTHEST + 1)
        x[drawn], y[drawn] = np.array([found.get(number, nowhere) for number in node[drawn].tolist()], np.int64).T
    return x, y


def degrees(x: NDArray[np.int64], y: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Turn whole ten-millionths into degrees, NaN for what is farther than any place on Earth."""
    unknown = (np.abs(x) > _FARTHEST) | (np.abs(y) > _FARTHEST // 2)
    return np.where(unknown, np.nan, x / PER_DEGREE), np.where(unknown, np.nan, y / PER_DEGREE)


def _bounds(path: str) -> tuple[float, float, float, float] | None:
    with osmium.io.Reader(path, RELATION) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


def extract_date(path: Path) -> str:
    """Return the day (YYYY-MM-DD, UTC) an extract says its data are of, `""` where it does not say or cannot be read."""
    try:
        with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
            return str(reader.header().get("osmosis_replication_timestamp", ""))[:10]
    except RuntimeError:
        return ""


def _offsets(counts: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
