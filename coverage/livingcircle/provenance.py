"""What made a result: the settings, the standard, this program and its libraries, and the machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from livingcircle.model.outcome import Provenance
from livingcircle.model.study import Study
from livingcircle.readers import cache_folder
from livingcircle.settings import StudySettings
from livingcircle.sources.standards import builtin_standards, read_services

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


def made_by(study: Study, settings: StudySettings, started: datetime, stage_seconds: Mapping[str, float]) -> Provenance:
    """Record what a result is made of, as the run ends that began at `started` (UTC)."""
    return Provenance(
        settings_sha256=hashlib.sha256(json.dumps(plain_settings(settings), sort_keys=True).encode()).hexdigest(),
        standard=f"{study.standard.id} {study.standard.edition}",
        versions=versions(),
        started_utc=started.isoformat(timespec="seconds"),
        stage_seconds=stage_seconds,
    )


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


def versions() -> dict[str, str]:
    """Name this program, Python and the libraries that decide results, with their versions."""
    found = {"living-circle": importlib.metadata.version("living-circle"), "python": platform.python_version()}
    return {**found, **{name: importlib.metadata.version(name) for name in LIBRARIES}}


def plain_settings(settings: StudySettings) -> dict[str, Any]:
    """Return the settings as plain values; of paths only the names, so that a study is the same study on every machine."""

    def plain(value: object) -> object:
        return value.name if isinstance(value, Path) else value

    return dict(json.loads(json.dumps(settings.model_dump(mode="python"), default=plain)))
