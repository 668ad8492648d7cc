"""What made a result: settings, inputs, standards, this program and its libraries, and the machine; and whether any of it has changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from livingcircle.model.outcome import Provenance
from livingcircle.model.study import Study
from livingcircle.readers import cache_folder, data_days, file_parts, input_paths, named_sources
from livingcircle.settings import StudySettings
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.standards import BUILT_IN, builtin_standards, read_services, standard_files

LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "osmium",
    "osmnx",
    "networkx",
    "rasterio",
    "highspy",
    "folium",
)
SHARED_STANDARDS = ("services.yaml", "profiles.yaml", "inconsistencies.yaml")
"""Files that every standard rests on, beside its own."""
SEEDS = {"highs": 0, "local_search": 0}
"""What random choices begin from: HiGHS and the searches for sites, the only ones that make any."""
DOWNLOADED = frozenset({"osm_place", "osm_area"})
"""Kinds of networks that come from the net."""
WITHOUT_EFFECT = ("folder",)
"""Of the settings of outputs, what changes no result."""


def made_by(study: Study, settings: StudySettings, started: datetime, stage_seconds: Mapping[str, float]) -> Provenance:
    """Record what a result is made of, as the run ends that began at `started` (UTC)."""
    return Provenance(
        settings_sha256=settings_sha256(plain_settings(settings)),
        standard=f"{study.standard.id} {study.standard.edition}",
        versions=versions(),
        started_utc=started.isoformat(timespec="seconds"),
        stage_seconds=stage_seconds,
        fingerprint=fingerprint_of(settings),
        program_sha256=program_sha256(),
        standard_files=standard_digests(settings),
        input_files=input_digests(settings),
        seeds=SEEDS,
        machine={"system": platform.platform(terse=True), "processors": os.cpu_count() or 1},
    )


def made_of(settings: StudySettings) -> dict[str, Any]:
    """Return what a study that others are compared with is made of, in the form that the record of a run has for its own."""
    plain = plain_settings(settings)
    made = {
        "settings_sha256": settings_sha256(plain),
        "fingerprint": fingerprint_of(settings),
        "standard_files": standard_digests(settings),
        "input_files": input_digests(settings),
    }
    return {"settings": plain, "provenance": made}


def about() -> dict[str, Any]:
    """Tell what is installed, what is built in, and what this machine offers."""
    return {
        "versions": versions(),
        "standards": list(builtin_standards()),
        "services": [service.id for service in read_services()],
        "threads": os.cpu_count() or 1,
        "cache_folder": str(cache_folder()),
        "package_folder": str(Path(__file__).parent),
    }


# ── What a result follows from ──────────────────────────────────────────────


def fingerprint_of(settings: StudySettings) -> str:
    """Return the SHA-256 of all that results follow from: settings, the content of files, standards and everything that computes.

    Of streets that were downloaded it is their day that counts. What a database answers is known only when it is asked: a study with a
    query never has the fingerprint it had before.
    """
    files = sorted((role, path.name, file_sha256(path)[0]) for role, path in input_paths(settings) if path.is_file())
    downloaded = next(iter(data_days(settings)), "") if settings.network.kind in DOWNLOADED else ""
    asked = uuid4().hex if queries(settings) else ""
    data = [settings_sha256(plain_settings(settings)), files, downloaded, asked]
    made_of = [data, standard_digests(settings), versions(), program_sha256()]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def queries(settings: StudySettings) -> list[str]:
    """Name the files of a study that ask a database."""
    return [path.name for _, path, _ in named_sources(settings) if path.suffix.lower() == ".sql"]


def versions() -> dict[str, str]:
    """Name this program, Python and the libraries that decide results, with their versions."""
    found = {"living-circle": importlib.metadata.version("living-circle"), "python": platform.python_version()}
    return {**found, **{name: importlib.metadata.version(name) for name in LIBRARIES}}


@cache
def program_sha256() -> str:
    """Return the SHA-256 of this program's own text: two states of it may go by the same version."""
    package, content = Path(__file__).parent, hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        content.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()


def standard_digests(settings: StudySettings) -> dict[str, str]:
    """Return the SHA-256 of every file the standard of a study is made of: built-in ones, and those of one's own by their names."""
    shared = [BUILT_IN / name for name in SHARED_STANDARDS]
    return {
        path.relative_to(BUILT_IN).as_posix() if path.is_relative_to(BUILT_IN) else path.name: file_sha256(path)[0]
        for path in [*standard_files(settings.standard), *shared]
        if path.is_file()
    }


def input_digests(settings: StudySettings) -> dict[str, dict[str, str]]:
    """Return for every setting that names a file, such as `facilities.2.path`, the SHA-256 of each file that belongs to it.

    Files go by their path relative to the folder of the first: a shapefile is several, and so is a standard that extends another.
    """
    return {
        key: {os.path.relpath(part, path.parent).replace(os.sep, "/"): file_sha256(part)[0] for part in parts}
        for key, path, parts in _named_files(settings)
    }


def _named_files(settings: StudySettings) -> Iterator[tuple[str, Path, list[Path]]]:
    for key, path in _paths(settings.model_dump(mode="python", exclude={"outputs"})):
        yield key, path, [part for part in file_parts(path) if part.is_file()]
    own = [path for path in standard_files(settings.standard) if not path.is_relative_to(BUILT_IN)]
    if own:
        yield "standard", own[0], own


def _paths(value: Any, *keys: str) -> Iterator[tuple[str, Path]]:
    """Give every path in nested settings with the keys that lead to it; entries of a list count from 1, as in messages."""
    if isinstance(value, Path):
        yield ".".join(keys), value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, *keys, str(key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _paths(inner, *keys, str(number))


# ── The settings as a record ────────────────────────────────────────────────


def plain_settings(settings: StudySettings) -> dict[str, Any]:
    """Return the settings as plain values; of paths only the names, so that a study is the same study on every machine."""

    def plain(value: object) -> object:
        return value.name if isinstance(value, Path) else value

    values = dict(json.loads(json.dumps(settings.model_dump(mode="python"), default=plain)))
    standard = Path(settings.standard)
    return values | ({"standard": standard.name} if standard.suffix.lower() in {".yaml", ".yml"} else {})


def settings_sha256(plain: Mapping[str, Any]) -> str:
    """Return the SHA-256 of settings as plain values, whatever folder the results go to; 50 and 50.0 are one number."""
    outputs = {key: value for key, value in plain["outputs"].items() if key not in WITHOUT_EFFECT}
    same = _with_one_kind_of_number({**plain, "outputs": outputs})
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def _with_one_kind_of_number(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_one_kind_of_number(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_one_kind_of_number(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
