"""Ways, tagged nodes and area relations of an `.osm.pbf` file, fast: what `livingcircle.sources.extract` returns, many times sooner.

The file is a row of blocks of about 8,000 objects, compressed one by one (https://wiki.openstreetmap.org/wiki/PBF_Format). All are
unpacked first; then relations are read, then ways, then nodes, so that of each only what the ones before ask for is taken. Loops of Python
run over blocks, over the objects kept to tell their tags apart, and over distinct combinations of tags; all else is arrays.

Whatever is unusual or damaged is left to osmium, whose judgement stands: blocks compressed otherwise, history files, broken bytes.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray
from livingcircle.sources.extract import PER_DEGREE, Relations, TaggedWays, degrees, read_extract
from livingcircle.sources.protobuf import Fields, Numbers, Spans, UnusualError, fields, signed, varints

_UNDERSTOOD = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})
_LARGEST_HEADER, _LARGEST_BLOCK = 64 * 1024, 32 * 1024 * 1024
_NANODEGREES = 100
"""In a ten-millionth of a degree, the unit of coordinates."""
_NOWHERE = np.iinfo(np.int64).max
"""Coordinate of a node that is not in the file."""
_MEMBER_WAY = 1
_Tags = frozenset[tuple[str, str]]


def read_pbf(path: str, way_keys: Iterable[str], node_keys: Iterable[str], tags_read: Iterable[str]) -> TaggedWays:
    """Read what `read_extract` reads, and return the same record.

    Raises
    ------
    RuntimeError
        When osmium cannot read the file either.
    OSError
        When the file cannot be opened.
    """
    way_keys, node_keys, tags_read = tuple(way_keys), tuple(node_keys), tuple(tags_read)
    try:
        return _read(Path(path).read_bytes(), way_keys, node_keys, tags_read)
    except UnusualError:
        return read_extract(path, way_keys, node_keys, tags_read)


def _read(data: bytes, way_keys: Iterable[str], node_keys: Iterable[str], tags_read: Iterable[str]) -> TaggedWays:
    way_key, node_key, read = (frozenset(key.encode() for key in keys) for keys in (way_keys, node_keys, tags_read))
    header, *blobs = _blobs(data)
    bounds = _bounds(fields(Spans.whole(_unpacked(header))))
    numbers: dict[_Tags, int] = {}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:  # zlib and compiled loops let other threads run
        blocks = list(threads.map(partial(_Block.unpacked, read=read), blobs))
        relations = _joined(threads.map(partial(_Block.areas, keys=way_key), blocks), numbers)
        members = np.unique(relations.parts[0])
        ways = _joined(threads.map(partial(_Block.lines, keys=way_key, members=members), blocks), numbers)
        wanted, visit = np.unique(ways.parts[0], return_inverse=True)
        found = list(threads.map(partial(_Block.places, keys=node_key, wanted=wanted), blocks))
    nodes = _joined((tagged for _, _, tagged in found), numbers)
    place = np.full((2, len(wanted)), _NOWHERE)
    for at, block_place, _ in reversed(found):  # of a node given twice the first counts: it is written last
        place[:, at] = block_place
    lon, lat = degrees(*place)
    node_lon, node_lat = degrees(*nodes.parts)
    return TaggedWays(
        ids=ways.ids,
        tag_set=ways.tags,
        first=ways.first,
        node=ways.parts[0],
        lon=lon[visit],
        lat=lat[visit],
        node_ids=nodes.ids,
        node_tag_set=nodes.tags,
        node_lon=node_lon,
        node_lat=node_lat,
        relations=Relations(relations.ids, relations.tags, relations.first, relations.parts[0]),
        tag_sets=tuple(dict(sorted(tags)) for tags in numbers),
        bounds=bounds,
    )


# ── Blocks ──────────────────────────────────────────────────────────────────


def _blobs(data: bytes) -> Iterator[Fields]:
    """Find the blocks as they lie in the file, still compressed: a header first, then data."""
    whole, at, expected = Spans.whole(data).data, 0, b"OSMHeader"
    while at < len(data):
        if at + 4 > len(data):
            raise UnusualError("a block is cut short")
        (length,) = struct.unpack_from(">I", data, at)
        start = at + 4 + length
        if length > _LARGEST_HEADER or start > len(data):
            raise UnusualError("a block's header is cut short")
        about = fields(Spans(whole, np.array([at + 4]), np.array([start])))
        kind, size = about.single(1), int(about.numbers(3)[0])
        at = start + size
        if kind.content(0) != expected or not 0 <= size <= _LARGEST_BLOCK or at > len(data):
            raise UnusualError("a block is cut short or of another kind")
        yield fields(Spans(whole, np.array([start]), np.array([at])))
        expected = b"OSMData"
    if expected == b"OSMHeader":
        raise UnusualError("the file is empty")


def _unpacked(blob: Fields) -> bytes:
    """Return a block's content, which is kept as it is or compressed by zlib."""
    raw, packed, size = blob.single(1), blob.single(3), int(blob.numbers(2, 0)[0])
    if (raw.stop > raw.start).any():
        return raw.content(0)
    if not 0 < size <= _LARGEST_BLOCK:
        raise UnusualError("a block is compressed in another way or too large")
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(
            packed.content(0), size + 1
        )  # a little more than there should be, and not all there is
    except zlib.error as error:
        raise UnusualError("a block is damaged") from error
    if len(content) != size or not stream.eof:
        raise UnusualError("a block is not as long as it says")
    return content


def _bounds(header: Fields) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north; refuse files that need more than this reader understands."""
    required = header.repeated(4)
    if not {required.content(row) for row in range(len(required))} <= _UNDERSTOOD:
        raise UnusualError("the file needs features this reader does not know")
    box = header.single(1)
    if box.stop[0] == box.start[0]:
        return None
    sides = fields(box)
    west, east, north, south = (int(_units(signed(sides.numbers(number)))[0]) for number in (1, 2, 3, 4))
    if max(abs(west), abs(east)) > 180 * PER_DEGREE or max(abs(north), abs(south)) > 90 * PER_DEGREE:
        return None
    (west, east), (south, north) = sorted((west, east)), sorted((south, north))
    return west / PER_DEGREE, south / PER_DEGREE, east / PER_DEGREE, north / PER_DEGREE


def _units(nanodegrees: Numbers) -> Numbers:
    """Cut to ten-millionths of a degree, towards zero as osmium does."""
    return (nanodegrees - np.fmod(nanodegrees, _NANODEGREES)) // _NANODEGREES


# ── What is found in them ───────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Objects of one kind (n,) with the number of parts of each, and the parts (k,) of all, in one or two columns.

    Relations consist of ways, ways of nodes, and a node of its two coordinates. `tags` (n,) are positions in `tag_sets`;
    `asked` (n,) objects carry a key that was asked for, the others were only needed by those.
    """

    ids: Numbers
    asked: BoolArray
    tags: NDArray[np.int32]
    tag_sets: Sequence[_Tags]
    counts: Numbers
    parts: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """The same of the whole file: ascending `ids`, each once; the parts of object `i` are `parts[first[i]:first[i + 1]]`."""

    ids: Numbers
    tags: NDArray[np.int32]
    first: Numbers
    parts: tuple[Numbers, ...]


def _joined(blocks: Iterable[_Found], numbers: dict[_Tags, int]) -> _Joined:
    """Put the objects in order; of those given twice take the first that was asked for. New combinations of tags join `numbers`."""
    found = list(blocks)
    if not found:
        raise UnusualError("the file holds no data")
    tags = [
        np.array([numbers.setdefault(tags, len(numbers)) for tags in block.tag_sets], np.int32)[block.tags]
        for block in found
    ]
    ids, counts = (
        np.concatenate(columns) for columns in zip(*((block.ids, block.counts) for block in found), strict=True)
    )
    asked = np.concatenate([block.asked for block in found])
    order = np.lexsort((~asked, ids))
    new = np.ones(len(order), bool)
    new[1:] = np.diff(ids[order]) != 0
    rows = order[new]
    begin, first = _offsets(counts), _offsets(counts[rows])
    part = np.arange(first[-1]) + np.repeat(begin[rows] - first[:-1], counts[rows])
    columns = zip(*(block.parts for block in found), strict=True)
    return _Joined(
        ids[rows], np.concatenate(tags)[rows], first, tuple(np.concatenate(column)[part] for column in columns)
    )


def _offsets(counts: Numbers) -> Numbers:
    return np.concatenate([[0], np.cumsum(counts)])


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Tags of some objects: `owner` is an object's position, `key` and `value` are positions in the texts of the block."""

    owner: Numbers
    key: Numbers
    value: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One block of the file: its texts, its objects still encoded, and what its coordinates are measured in.

    A coordinate in nanodegrees is what the block says times `granularity`, and `offsets` (longitude, latitude) on top.
    """

    texts: Spans
    read: Collection[bytes]
    dense: Spans
    nodes: Spans
    ways: Spans
    relations: Spans
    granularity: int
    offsets: tuple[int, int]

    @classmethod
    def unpacked(cls, blob: Fields, read: Collection[bytes]) -> _Block:
        """Unpack a block; `read` are the keys of the tags that matter."""
        block = fields(Spans.whole(_unpacked(blob)))
        groups = fields(block.repeated(2))
        return cls(
            texts=fields(block.single(1)).repeated(1),
            read=read,
            nodes=groups.repeated(1),
            dense=groups.repeated(2),
            ways=groups.repeated(3),
            relations=groups.repeated(4),
            granularity=int(block.numbers(17, _NANODEGREES)[0]),
            offsets=(int(block.numbers(20, 0)[0]), int(block.numbers(19, 0)[0])),
        )

    def areas(self, keys: Collection[bytes]) -> _Found:
        """Find multipolygons with one of these keys, and the ways they consist of."""
        found = fields(self.relations)
        tags = self._pairs(found)
        typed = self._among(tags.key, {b"type"}) & self._among(tags.value, {b"multipolygon"})
        kept = self._carriers(tags, keys, len(found))
        kept[np.setdiff1d(np.flatnonzero(kept), tags.owner[typed])] = False
        counts, number = varints(found.single(9)[kept], summed=True)
        kinds, kind = varints(found.single(10)[kept])
        if (counts != kinds).any():
            raise UnusualError("a relation's members do not agree")
        way = kind == _MEMBER_WAY
        ways = np.bincount(np.repeat(np.arange(len(counts)), counts)[way], minlength=len(counts))
        return self._found(found.numbers(1), kept, kept, tags, ways, (number[way],))

    def lines(self, keys: Collection[bytes], members: Numbers) -> _Found:
        """Find ways with one of these keys or among `members` (ascending), and their nodes."""
        found = fields(self.ways)
        ids, tags = found.numbers(1), self._pairs(found)
        asked = self._carriers(tags, keys, len(found))
        kept = asked | np.isin(ids, members)
        counts, node = varints(found.single(8)[kept], summed=True)
        return self._found(ids, kept, asked, tags, counts, (node,))

    def places(self, keys: Collection[bytes], wanted: Numbers) -> tuple[NDArray[np.intp], Numbers, _Found]:
        """Find the nodes with one of these keys, and those among `wanted` (ascending): which of them, and where they are (2, n)."""
        dense_ids, dense_at, dense_tags = self._dense_nodes()
        plain_ids, plain_at, plain_tags = self._plain_nodes()
        ids = np.concatenate([dense_ids, plain_ids])
        at = np.concatenate([dense_at, plain_at], axis=1)
        tags = _Pairs(
            np.concatenate([dense_tags.owner, plain_tags.owner + len(dense_ids)]),
            np.concatenate([dense_tags.key, plain_tags.key]),
            np.concatenate([dense_tags.value, plain_tags.value]),
        )
        kept = self._carriers(tags, keys, len(ids))
        found = self._found(ids, kept, kept, tags, np.ones(int(kept.sum()), np.int64), tuple(self._place(at[:, kept])))
        if not len(ids):
            return np.empty(0, np.intp), at, found
        if (ids[1:] <= ids[:-1]).any():
            ids, first = np.unique(ids, return_index=True)
            at = at[:, first]
        low, high = np.searchsorted(wanted, ids[0]), np.searchsorted(wanted, ids[-1], side="right")
        near = wanted[low:high]
        row = np.searchsorted(ids, near)
        here = ids[row] == near
        return low + np.flatnonzero(here), self._place(at[:, row[here]]), found

    def _dense_nodes(self) -> tuple[Numbers, Numbers, _Pairs]:
        """Return ids (n,), coordinates as they are coded (2, n) and tags of the nodes that are kept in columns."""
        found = fields(self.dense)
        counts, ids = varints(found.single(1), summed=True)
        lats, lat = varints(found.single(8), summed=True)
        lons, lon = varints(found.single(9), summed=True)
        if (counts != lats).any() or (counts != lons).any():
            raise UnusualError("nodes and coordinates do not agree")
        # Key, value, key, value, … and a 0 after each node; nothing at all where none of a group has tags.
        texts, text = varints(found.single(10))
        ends = np.flatnonzero(text == 0)
        group_of_end = np.searchsorted(np.cumsum(texts), ends, side="right")
        if (np.bincount(group_of_end, minlength=len(counts)) != np.where(texts, counts, 0)).any():
            raise UnusualError("nodes and tags do not agree")
        tagged = np.diff(ends, prepend=-1) - 1
        if (tagged % 2).any() or (len(text) and text[-1] != 0):
            raise UnusualError("a tag is cut short")
        text = text[text != 0]
        owner = np.repeat(np.flatnonzero(np.repeat(texts > 0, counts)), tagged // 2)
        return ids, np.stack([lon, lat]), _Pairs(owner, text[::2], text[1::2])

    def _plain_nodes(self) -> tuple[Numbers, Numbers, _Pairs]:
        """Return the same of nodes that are kept one by one."""
        found = fields(self.nodes)
        ids, lat, lon = (signed(found.numbers(number)) for number in (1, 8, 9))
        return ids, np.stack([lon, lat]), self._pairs(found)

    def _place(self, coded: Numbers) -> Numbers:
        return _units(coded * self.granularity + np.array(self.offsets)[:, None])

    # Tags

    def _pairs(self, found: Fields) -> _Pairs:
        """Return the tags of objects that keep theirs in two lists."""
        counts, key = varints(found.single(2))
        values, value = varints(found.single(3))
        if (counts != values).any():
            raise UnusualError("keys and values do not agree")
        return _Pairs(np.repeat(np.arange(len(found)), counts), key, value)

    def _check(self, positions: Numbers) -> None:
        if len(positions) and not 0 <= positions.min() <= positions.max() < len(self.texts):
            raise UnusualError("a text is missing")

    def _among(self, positions: Numbers, texts: Collection[bytes]) -> BoolArray:
        """Return which positions have one of these texts; each that occurs is looked at once."""
        self._check(positions)
        chosen = np.zeros(len(self.texts), bool)
        for position in np.flatnonzero(np.bincount(positions)).tolist():
            chosen[position] = self.texts.content(position) in texts
        return chosen[positions]

    def _carriers(self, tags: _Pairs, keys: Collection[bytes], objects: int) -> BoolArray:
        """Return which of the objects carry one of these keys."""
        carries = np.zeros(objects, bool)
        carries[tags.owner[self._among(tags.key, keys)]] = True
        return carries

    def _found(
        self, ids: Numbers, kept: BoolArray, asked: BoolArray, tags: _Pairs, counts: Numbers, parts: tuple[Numbers, ...]
    ) -> _Found:
        """Number the combinations of those tags that are read; `counts` and `parts` are of the objects kept, all else of all."""
        mine = kept[tags.owner]
        owner, key, value = tags.owner[mine], tags.key[mine], tags.value[mine]
        self._check(value)
        mine = self._among(key, self.read)
        pair = key[mine] * len(self.texts) + value[mine]
        ends = (np.cumsum(np.bincount(owner[mine], minlength=len(ids))[kept]) * pair.itemsize).tolist()
        coded = pair.tobytes()
        numbers: dict[bytes, int] = {}
        positions = [
            numbers.setdefault(coded[start:end], len(numbers)) for start, end in zip([0, *ends], ends, strict=False)
        ]
        texts = {code: self._texts(*divmod(code, len(self.texts))) for code in np.unique(pair).tolist()}
        tag_sets = [frozenset(map(texts.__getitem__, np.frombuffer(codes, np.int64).tolist())) for codes in numbers]
        return _Found(ids[kept], asked[kept], np.array(positions, np.int32), tag_sets, counts, parts)

    def _texts(self, key: int, value: int) -> tuple[str, str]:
        try:
            return self.texts.content(key).decode(), self.texts.content(value).decode()
        except UnicodeDecodeError as error:
            raise UnusualError("a tag is not UTF-8") from error
