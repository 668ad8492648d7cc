"""What is no file at all, whatever it is used as: folders, pipes, devices, nothing; zero bytes under every extension; what vanishes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import written_town as w
from livingcircle import cases
from livingcircle.errors import InputError
from livingcircle.settings import read_study
from livingcircle.sources.formats import FORMATS, read_rows

ROLES: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "homes": (".csv", lambda path: {"homes": {"path": path}}),
    "facilities": (
        ".xlsx",
        lambda path: {"facilities": [{"kind": "layer", "path": path, "service": "pharmacy"}]},
    ),
    "review": (
        ".csv",
        lambda path: {"facilities": [{"kind": "layer", "path": "pharmacies.csv", "classify": True, "review": path}]},
    ),
    "pois": (".json", lambda path: {"facilities": [{"kind": "amap", "path": path}]}),
    "districts": (".geojson", lambda path: {"districts": {"path": path}}),
    "population_table": (".csv", lambda path: {"population_table": {"path": path}}),
    "candidates": (".gpkg", lambda path: {"candidates": {"kind": "layer", "path": path}}),
    "boundary": (".shp", lambda path: {"boundary": {"path": path}}),
    "entrances": (".fgb", lambda path: {"entrances": {"path": path}}),
    "natural_border": (".kml", lambda path: {"edge": {"natural_border": {"path": path}}}),
    "compounds": (".parquet", lambda path: {"compounds": {"kind": "layer", "path": path}}),
    "gates": (".kmz", lambda path: {"compounds": {"kind": "osm", "path": "streets.osm", "gates": {"path": path}}}),
    "streets of an extract": (".osm", lambda path: {"network": {"kind": "osm_file", "path": path}}),
    "streets of a binary extract": (".osm.pbf", lambda path: {"network": {"kind": "osm_file", "path": path}}),
    "streets of a graph": (".graphml", lambda path: {"network": {"kind": "graphml", "path": path}}),
    "streets of a layer": (".gpkg", lambda path: {"network": {"kind": "street_layer", "path": path}}),
    "facilities of an extract": (
        ".osm",
        lambda path: {"facilities": [{"kind": "osm_tags", "path": path, "services": ["pharmacy"]}]},
    ),
    "homes of an extract": (".osm.pbf", lambda path: {"homes": {"kind": "osm_buildings", "path": path}}),
    "population raster": (
        ".tif",
        lambda path: {"homes": {"population": {"kind": "raster", "path": path, "unit": "count"}}},
    ),
    "population cells": (".geojson", lambda path: {"homes": {"population": {"path": path}}}),
    "elevation": (".tif", lambda path: {"elevation": {"path": path}, "walker": {"slope": "tobler"}}),
    "standard": (".yaml", lambda path: {"standard": path}),
}


def folder_of(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nothing(_: Path) -> None:
    pass


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def zero_bytes(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def link_to_another_name(path: Path) -> None:
    """A link to the sound homes, which only its own name calls a table."""
    (path.parent / "homes.csv").rename(path.parent / "blob")
    path.symlink_to("blob")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


def check(study: Path, role: str, path: str) -> cases.Checked:
    changes = ROLES[role][1](path)
    if (
        changes.get("homes", {}).get("kind") == "osm_buildings"
    ):  # keys of the same block are merged, and those of another kind unknown
        kept = [line for line in study.read_text(encoding="utf-8").splitlines() if not line.startswith("homes:")]
        study.write_text("\n".join(kept), encoding="utf-8")
    return cases.check(read_study(study, changes))


@pytest.mark.parametrize("role", ROLES)
def test_what_is_no_file_is_a_fault_of_every_role(tmp_path, role):
    study = w.write_town(tmp_path)
    suffix = ROLES[role][0]
    for make in (folder_of, os.mkfifo, device, nothing, link_to_itself, zero_bytes, noise):
        path = tmp_path / f"{make.__name__}{suffix}"
        make(path)
        checked = check(study, role, path.name)
        assert checked.faults, make.__name__
        assert all(path.name in fault.file for fault in checked.faults), [fault.sentence() for fault in checked.faults]
        assert len(checked.faults) < 5


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
@pytest.mark.parametrize("role", ROLES)
def test_what_may_not_be_read_is_a_fault_of_every_role(tmp_path, role):
    study = w.write_town(tmp_path)
    path = tmp_path / f"closed{ROLES[role][0]}"
    path.write_bytes(b"x")
    path.chmod(0)
    checked = check(study, role, path.name)
    assert checked.faults
    assert all(path.name in fault.file for fault in checked.faults)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("content", [b"", b"\0", b"\n", b" \n \n", b"\xef\xbb\xbf", b"\xff" * 100])
def test_next_to_nothing_under_every_extension(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_rows(path, "amenity=pharmacy" if suffix in {".osm", ".pbf"} else None)
    (fault,) = raised.value.faults
    assert fault.kind in {"wrong_content", "empty_layer", "unreadable_file", "broken_encoding", "unknown_encoding"}


@pytest.mark.parametrize("suffix", [suffix for suffix in FORMATS if suffix not in {".osm", ".pbf"}])
@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, OSError])
def test_a_file_that_vanishes_or_closes_while_it_is_read(tmp_path, monkeypatch, suffix, error):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"lon,lat\n1,2\n")

    def gone(*_: object, **__: object) -> None:
        raise error(5, "gone", str(path))

    monkeypatch.setattr(Path, "open", gone)
    with pytest.raises(InputError) as raised:
        read_rows(path, None)
    assert [fault.kind for fault in raised.value.faults] == ["unreadable_file"]


def test_a_link_is_read_by_its_own_name(tmp_path):
    study = w.write_town(tmp_path)
    link_to_another_name(tmp_path / "linked.csv")
    assert not check(study, "homes", "linked.csv").faults
