"""The fast reader of extracts says exactly what osmium says, of whole files, odd files and broken ones."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way

from livingcircle.errors import InputError
from livingcircle.sources import pbf, streets
from livingcircle.sources.extract import TaggedWays, read_extract
from livingcircle.sources.pbf import read_pbf
from livingcircle.sources.protobuf import Spans, UnusualError, fields, signed, varints

PACKAGE = Path(__file__).resolve().parents[2] / "coverage" / "livingcircle"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "helsinki" / "helsinki.osm.pbf"
CITIES = (
    "porto/porto_portugal.osm.pbf",
    "laspalmas/las_palmas_20230221.osm.pbf",
    "andorra/andorra_20260403.osm.pbf",
    "helsinki/Helsinki.osm.pbf",
)
ASKED = (
    ("highway", "railway", "public_transport"),
    ("barrier", "crossing", "entrance", "highway"),
    ("access", "barrier", "crossing", "foot", "highway", "name", "railway"),
)
KINDS = ("pbf", "pbf,pbf_dense_nodes=false", "pbf,pbf_compression=none")
BIG = 2**40 + 3

TOWN: tuple[Node | Way | Relation, ...] = (
    Node(id=-5, location=(-8.1, -41.2)),
    Node(id=1, location=(8.1, 41.2), tags={"highway": "crossing", "name": "人民路口"}),
    Node(id=2, location=(8.2, 41.2), tags={"shop": "bakery"}),
    Node(id=3, location=(8.3, 41.2)),
    Node(id=BIG, location=(-179.9999999, -89.1)),
    Node(id=BIG + 1, location=(0.0000001, -0.0000001), tags={"barrier": "gate", "access": "private"}),
    Way(id=-3, nodes=[-5, 1], tags={"highway": "path"}),
    Way(id=7, nodes=[1, 2, BIG, BIG + 1, 77], tags={"highway": "residential", "name": "人民路", "surface": "asphalt"}),
    Way(id=8, nodes=[2, 1], tags={"building": "yes"}),
    Way(id=9, nodes=[], tags={"highway": "path"}),
    Way(id=10, nodes=[1, 2, 3, 1], tags={}),
    Way(id=11, nodes=[3, 2], tags={"name": "人民路", "highway": "residential"}),
    Way(id=2**35, nodes=[3, 3], tags={"railway": "platform"}),
    Relation(
        id=4,
        members=[("w", 10, "outer"), ("w", 8, "inner"), ("n", 1, ""), ("w", 999, "inner"), ("r", 5, "outer")],
        tags={"type": "multipolygon", "highway": "pedestrian"},
    ),
    Relation(id=5, members=[("w", 9, "outer")], tags={"type": "route", "highway": "pedestrian"}),
    Relation(id=6, members=[("w", 9, "outer")], tags={"type": "multipolygon", "landuse": "grass"}),
)


def written(path: Path, objects: Iterable[Node | Way | Relation], kind: str = "pbf", box: object = None) -> Path:
    header = osmium.io.Header()
    if box is not None:
        header.add_box(box)
    with osmium.SimpleWriter(osmium.io.File(str(path), kind), header=header, overwrite=True) as writer:
        for item in objects:
            writer.add(item)
    return path


def read_fast(path: Path) -> TaggedWays:
    """Read without the help of osmium."""
    return pbf._read(path.read_bytes(), *ASKED)


def assert_same(fast: TaggedWays, slow: TaggedWays) -> None:
    assert fast.bounds == slow.bounds
    for ours, theirs, names in (
        (fast, slow, ("ids", "first", "node", "lon", "lat", "node_ids", "node_lon", "node_lat")),
        (fast.relations, slow.relations, ("ids", "first", "way")),
    ):
        for name in names:
            left, right = getattr(ours, name), getattr(theirs, name)
            assert left.dtype == right.dtype, name
            np.testing.assert_array_equal(left, right, name)
    for left, right in (
        (fast.tag_set, slow.tag_set),
        (fast.node_tag_set, slow.node_tag_set),
        (fast.relations.tag_set, slow.relations.tag_set),
    ):
        assert left.dtype == right.dtype
        assert [fast.tag_sets[number] for number in left] == [slow.tag_sets[number] for number in right]
    assert len({tuple(sorted(tags.items())) for tags in fast.tag_sets}) == len(fast.tag_sets)


# ── Whole files ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("box", [None, osmium.osm.Box(-9.1234567, -42.5, 9, 42.7654321)])
def test_a_town_is_read_as_osmium_reads_it(tmp_path: Path, kind: str, box: object):
    path = written(tmp_path / "town.osm.pbf", TOWN, kind, box)
    town = read_fast(path)
    assert_same(town, read_extract(str(path), *ASKED))
    assert town.ids.tolist() == [-3, 7, 8, 9, 10, 11, 2**35]  # 8 and 10 only because a square consists of them
    assert town.tag_sets[town.tag_set[1]] == {"highway": "residential", "name": "人民路"}
    assert town.tag_set[1] == town.tag_set[5]
    assert np.isnan(town.lon[town.node == 77]).all()
    assert town.lon[town.node == BIG].tolist() == [-179.9999999]
    assert town.node_ids.tolist() == [1, BIG + 1]
    assert town.relations.way.tolist() == [10, 8, 999]


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_file_changes_nothing(tmp_path: Path, kind: str):
    sorted_town = read_fast(written(tmp_path / "town.osm.pbf", TOWN, kind))
    for seed in range(5):
        path = written(tmp_path / f"{seed}.osm.pbf", random.Random(seed).sample(TOWN, len(TOWN)), kind)
        assert_same(read_fast(path), sorted_town)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_file_holds_twice_counts_once_as_it_comes_first(tmp_path: Path, kind: str):
    town = read_fast(written(tmp_path / "town.osm.pbf", TOWN, kind))
    later = (
        Node(id=3, location=(9.9, 49.9)),
        Node(id=1, location=(9.9, 49.9), tags={"highway": "stop"}),
        Way(id=7, nodes=[3, 1], tags={"highway": "steps"}),
        Way(id=10, nodes=[3, 1]),
        Relation(id=4, members=[], tags={"type": "multipolygon", "highway": "steps"}),
    )
    assert_same(read_fast(written(tmp_path / "again.osm.pbf", TOWN + later, kind)), town)


def test_a_way_counts_with_the_tags_that_were_asked_for(tmp_path: Path):
    """A copy without them, needed only by a square, comes first in the file and yields."""
    path = written(tmp_path / "town.osm.pbf", (*TOWN, Way(id=8, nodes=[3, 1], tags={"highway": "steps"})))
    town = read_fast(path)
    assert_same(town, read_extract(str(path), *ASKED))
    assert town.node[town.first[2] : town.first[3]].tolist() == [3, 1]


def test_nodes_across_many_blocks(tmp_path: Path):
    count = 50_000  # osmium puts 8,000 to a block
    chance = random.Random(1)
    nodes = [
        Node(id=5 * number, location=(chance.uniform(-180, 180), chance.uniform(-90, 90))) for number in range(count)
    ]
    ways = [
        Way(
            id=number,
            nodes=[5 * chance.randrange(count + 9) for _ in range(chance.randrange(2, 9))],
            tags={"highway": chance.choice(("path", "steps")), "name": str(chance.randrange(50))},
        )
        for number in range(20_000)
    ]
    path = written(tmp_path / "land.osm.pbf", nodes + ways)
    land = read_fast(path)
    assert_same(land, read_extract(str(path), *ASKED))
    assert len(land) == 20_000
    assert len(land.tag_sets) == 100


def test_a_file_without_streets(tmp_path: Path):
    path = written(tmp_path / "sea.osm.pbf", [Node(id=1, location=(1, 2))])
    assert_same(read_fast(path), read_extract(str(path), *ASKED))


def test_coarse_and_shifted_coordinates(tmp_path: Path):
    """By hand, since osmium writes neither: granularity 1,000, offsets of 7 and -150 nanodegrees, cut towards zero."""
    texts = message(1, b"") + message(1, b"highway") + message(1, b"path")
    nodes = message(2, message(1, zigzag(1, 1)) + message(8, zigzag(-3, 7)) + message(9, zigzag(2, -9)))
    way = message(3, number(1, 5) + message(2, varint(1)) + message(3, varint(2)) + message(8, zigzag(1, 1)))
    block = message(1, texts) + message(2, nodes) + message(2, way)
    block += number(17, 1000) + number(19, 7) + number(20, -150)
    path = tmp_path / "coarse.osm.pbf"
    path.write_bytes(blob(b"OSMHeader", message(4, b"OsmSchema-V0.6")) + blob(b"OSMData", block))
    coarse = read_fast(path)
    assert_same(coarse, read_extract(str(path), *ASKED))
    assert coarse.lon.tolist() == [18e-7, -71e-7]  # 1,850 and -7,150 nanodegrees
    assert coarse.lat.tolist() == [-29e-7, 40e-7]  # -2,993 and 4,007


def test_the_sample_is_read_as_osmium_reads_it():
    assert_same(read_fast(SAMPLE), read_extract(str(SAMPLE), *ASKED))


@pytest.mark.real_city
@pytest.mark.parametrize("city", CITIES)
def test_cities_are_read_as_osmium_reads_them(shared_data: Path, city: str):
    path = shared_data / city
    assert_same(read_fast(path), read_extract(str(path), *ASKED))


# ── Odd and broken files ────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["pbf,pbf_compression=lz4", "pbf,add_metadata=true"])
def test_what_the_fast_reader_does_not_know_osmium_reads(tmp_path: Path, kind: str):
    path = written(tmp_path / "town.osm.pbf", TOWN, kind)
    assert_same(read_pbf(str(path), *ASKED), read_extract(str(path), *ASKED))


def test_a_file_with_history_is_left_to_osmium(tmp_path: Path):
    path = tmp_path / "history.osh.pbf"
    required = message(4, b"OsmSchema-V0.6") + message(4, b"HistoricalInformation")
    path.write_bytes(blob(b"OSMHeader", required) + blob(b"OSMData", message(1, b"")))
    with pytest.raises(UnusualError):
        read_fast(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        bytes(1000),
        b"\xff" * 1000,
        b"<?xml version='1.0'?><osm/>",
        SAMPLE.read_bytes()[:-1],
        SAMPLE.read_bytes()[:90],
    ],
)
def test_what_is_no_extract_is_one_fault(tmp_path: Path, content: bytes):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        streets.streets_from_osm(path, None)
    assert [fault.kind for fault in error.value.faults] == ["unreadable_file"]


def test_a_bomb_is_not_unpacked():
    bomb = zlib.compress(bytes(2**26))
    for size in (10, 2**25, 2**26):
        with pytest.raises(UnusualError):
            pbf._unpacked(fields(Spans.whole(number(2, size) + message(3, bomb))))


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_does_harm(tmp_path: Path, kind: str):
    """Bytes cut off, changed and put in: the file is read or refused, and osmium's word on it is one the program expects."""
    path = written(tmp_path / "town.osm.pbf", TOWN, kind)
    whole = path.read_bytes()
    chance = random.Random(kind)
    refused = 0
    for _ in range(400):
        at = chance.randrange(len(whole))
        put_in = bytes(chance.choice((0, 127, 128, 255, chance.randrange(256))) for _ in range(chance.randrange(12)))
        path.write_bytes(
            chance.choice((whole[:at], whole[:at] + put_in + whole[at + chance.choice((0, len(put_in))) :]))
        )
        try:
            read_pbf(str(path), *ASKED)
        except (RuntimeError, UnicodeDecodeError):
            refused += 1
    assert 100 < refused <= 400


def test_without_numba_osmium_reads(monkeypatch: pytest.MonkeyPatch):
    assert streets._reader(SAMPLE) is read_pbf
    monkeypatch.setitem(sys.modules, "livingcircle.sources.pbf", None)  # what cannot be imported for want of numba
    assert streets._reader(SAMPLE) is read_extract


# ── Protocol buffers ────────────────────────────────────────────────────────


def varint(value: int) -> bytes:
    """Write a number by the letter of the format, as a second opinion; a negative one as 64 bits of two's complement."""
    value %= 2**64
    digits = []
    while value >= 128:
        digits.append(value % 128 + 128)
        value //= 128
    return bytes([*digits, value])


def zigzag(*values: int) -> bytes:
    return b"".join(varint(2 * value if value >= 0 else -2 * value - 1) for value in values)


def number(field: int, value: int) -> bytes:
    return varint(8 * field) + varint(value)


def message(field: int, content: bytes) -> bytes:
    return varint(8 * field + 2) + varint(len(content)) + content


def blob(kind: bytes, content: bytes) -> bytes:
    packed = number(2, len(content)) + message(3, zlib.compress(content))
    header = message(1, kind) + number(3, len(packed))
    return len(header).to_bytes(4, "big") + header + packed


WHOLE = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.lists(WHOLE, max_size=5), max_size=5))
def test_numbers_come_back(lists: list[list[int]]):
    pieces = [b"".join(map(varint, numbers)) for numbers in lists]
    counts, values = varints(spans(pieces))
    assert counts.tolist() == list(map(len, lists))
    assert values.tolist() == list(itertools.chain.from_iterable(lists))


@given(st.lists(st.lists(st.integers(-(2**62), 2**62), max_size=5), max_size=5))
def test_differences_are_summed_list_by_list(lists: list[list[int]]):
    pieces = [zigzag(*(int(step) for step in np.diff(numbers, prepend=0))) for numbers in lists]
    counts, values = varints(spans(pieces), summed=True)
    assert counts.tolist() == list(map(len, lists))
    assert values.tolist() == list(itertools.chain.from_iterable(lists))


@given(st.lists(WHOLE))
def test_zigzag_is_undone(numbers: list[int]):
    _, coded = varints(spans([zigzag(*numbers)]))
    assert signed(coded).tolist() == numbers


@given(st.lists(st.tuples(st.integers(1, 2**20), st.one_of(WHOLE, st.binary(max_size=300)))))
def test_fields_are_found(content: list[tuple[int, int | bytes]]):
    data = b"".join(number(*pair) if isinstance(pair[1], int) else message(*pair) for pair in content)
    found = fields(spans([b"", data, b""]))
    assert (found.message == 1).all()
    assert (found.key >> 3).tolist() == [field for field, _ in content]
    for row, (_, value) in enumerate(content):
        if isinstance(value, int):
            assert found.value[row] == value
        else:
            assert data[found.value[row] : found.stop[row]] == value


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes):
    for read in (fields, varints):
        try:
            read(spans([data]))
        except UnusualError:
            continue


@pytest.mark.parametrize(
    "data", [b"\x80", b"\xff" * 10 + b"\x01", b"\x0a", b"\x0a\x05abcd", b"\x09abcdefg", b"\x0dabc", b"\x0b"]
)
def test_a_field_ends_within_its_message(data: bytes):
    after = spans([data, bytes(20)])  # what follows in the buffer is another's
    with pytest.raises(UnusualError):
        fields(after)


def spans(pieces: list[bytes]) -> Spans:
    stop = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
    start = stop - np.array([len(piece) for piece in pieces], np.int64)
    return Spans(np.frombuffer(b"".join(pieces), np.uint8), start, stop)


# ── Machine code ────────────────────────────────────────────────────────────

PROBE = """
import numpy as np
from livingcircle.sources.protobuf import Spans, varints
print(varints(Spans.whole(bytes([8, 150, 1])))[1].tolist())
"""


def test_a_changed_reader_is_compiled_anew(tmp_path: Path):
    """Machine code is kept in a folder named after the kernel's files, to which the reader does not belong."""
    package = tmp_path / "livingcircle"
    for name in (
        "__init__.py",
        "kernel/__init__.py",
        "kernel/compiled.py",
        "kernel/machine_code.py",
        "sources/__init__.py",
        "sources/protobuf.py",
    ):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / name, package / name)
    reader = package / "sources" / "protobuf.py"

    def numbers() -> str:
        kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
        result = subprocess.run(
            [sys.executable, "-c", PROBE],
            env={**kept, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    assert numbers() == "[8, 150]"
    text = reader.read_text(encoding="utf-8")
    assert "(byte & 127) << shift" in text
    reader.write_text(text.replace("(byte & 127) << shift", "(byte & 127) << 2 * shift"), encoding="utf-8")
    assert numbers() == f"[8, {150 - 128 + (1 << 14)}]"
