"""Streets kept between runs: the same to the last bit, and never from a damaged file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import shapely

from livingcircle.faults import Fault
from livingcircle.model.network import StreetEdges
from livingcircle.sources import street_cache
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.reading import Reading
from livingcircle.sources.street_cache import cached_streets
from livingcircle.sources.streets import streets_from_osm

TOWN = Path(__file__).resolve().parents[1] / "recorded" / "town.osm"
KEY = ("digest", "EPSG:32650")


class Reader:
    """Reads the town and counts how often it had to."""

    def __init__(self, reading: Reading[StreetEdges]) -> None:
        self.reading = reading
        self.times = 0

    def __call__(self) -> Reading[StreetEdges]:
        self.times += 1
        return self.reading


@pytest.fixture
def reader():
    return Reader(streets_from_osm(TOWN, None))


def assert_same(one, other):
    for column in ("start", "end", "metres", "forward", "backward", "node_xy"):
        kept, read = getattr(one, column), getattr(other, column)
        assert kept.dtype == read.dtype, column
        assert np.array_equal(kept, read), column
        assert not kept.flags.writeable, column
    assert shapely.equals_exact(one.lines, other.lines).all()
    assert one.crs == other.crs


def test_the_second_time_the_source_is_not_read(tmp_path, reader):
    first = cached_streets(KEY, tmp_path / "cache", reader, file=str(TOWN))
    second = cached_streets(KEY, tmp_path / "cache", reader, file=str(TOWN))
    assert reader.times == 1
    assert_same(first.value, reader.reading.value)
    assert_same(second.value, first.value)
    assert second.warnings == first.warnings
    assert second.warnings[0].sentence("zh") == first.warnings[0].sentence("zh")


def test_kept_warnings_name_the_file_of_today(tmp_path, reader):
    cached_streets(KEY, tmp_path, reader, file="old.osm")
    assert cached_streets(KEY, tmp_path, reader, file="new.osm").warnings[0].file == "new.osm"


def test_a_warning_without_a_file_stays_without(tmp_path, reader):
    reader.reading = Reading(reader.reading.value, (Fault("broken_ways", details={"count": 1}),))
    cached_streets(KEY, tmp_path, reader, file="old.osm")
    (warning,) = cached_streets(KEY, tmp_path, reader, file="new.osm").warnings
    assert warning == Fault("broken_ways", details={"count": 1})


@pytest.mark.parametrize("other", [("another digest", "EPSG:32650"), ("digest", "EPSG:4549"), ("digestEPSG:32650",)])
def test_another_content_or_coordinate_system_is_another_entry(tmp_path, reader, other):
    cached_streets(KEY, tmp_path, reader, file="")
    cached_streets(other, tmp_path, reader, file="")
    assert reader.times == 2


def test_another_version_of_the_reader_reads_again(tmp_path, reader, monkeypatch):
    cached_streets(KEY, tmp_path, reader, file="")
    monkeypatch.setattr(street_cache, "READER_VERSION", street_cache.READER_VERSION + 1)
    cached_streets(KEY, tmp_path, reader, file="")
    assert reader.times == 2


def damaged(content: bytes):
    yield b""
    yield b"no archive"
    for share in (0.1, 0.5, 0.9, 0.999):
        yield content[: int(len(content) * share)]
    for column in ("metres", "node_xy", "forward"):  # a byte within a column
        at = content.index(f"{column}.npy".encode()) + 200
        yield content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def test_a_damaged_file_is_read_afresh_and_rewritten(tmp_path, reader):
    cached_streets(KEY, tmp_path, reader, file="")
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for number, broken in enumerate(damaged(content)):
        path.write_bytes(broken)
        read = cached_streets(KEY, tmp_path, reader, file="")
        assert_same(read.value, reader.reading.value)
        assert reader.times == number + 2
        assert_same(cached_streets(KEY, tmp_path, reader, file="").value, reader.reading.value)
        assert reader.times == number + 2


def test_a_file_with_other_columns_is_read_afresh(tmp_path, reader):
    cached_streets(KEY, tmp_path, reader, file="")
    (path,) = tmp_path.iterdir()
    with np.load(path) as archive:
        columns = dict(archive)
    short = {**columns, "metres": columns["metres"][:-1]}
    missing = {name: column for name, column in columns.items() if name != "forward"}
    objects = {**columns, "metres": columns["metres"].astype(object)}  # pickled, so never opened
    for wrong in (short, missing, objects):
        np.savez(path, **wrong)
        before = reader.times
        assert_same(cached_streets(KEY, tmp_path, reader, file="").value, reader.reading.value)
        assert reader.times == before + 1


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path, reader, caplog):
    (tmp_path / "file").write_text("in the way")
    read = cached_streets(KEY, tmp_path / "file" / "cache", reader, file="")
    assert_same(read.value, reader.reading.value)
    assert "were not kept" in caplog.text


def test_no_half_written_file_is_left(tmp_path, reader, monkeypatch):
    def fail(stream, **_):
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    cached_streets(KEY, tmp_path, reader, file="")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_reader_leaves_nothing(tmp_path):
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cached_streets(KEY, tmp_path, fail, file="")
    assert list(tmp_path.iterdir()) == []


def test_digest_of_a_file(tmp_path):
    path = tmp_path / "some.bin"
    path.write_bytes(b"living circle" * 100_000)
    assert file_sha256(path) == (hashlib.sha256(path.read_bytes()).hexdigest(), 1_300_000)
