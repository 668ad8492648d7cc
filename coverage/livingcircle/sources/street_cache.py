"""Streets kept between runs: reading an extract takes a second, reading these a few hundredths."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.network import StreetEdges
from livingcircle.sources.archive import Arrays, kept
from livingcircle.sources.reading import Reading

READER_VERSION = 8
"""Part of every key. Raise it whenever the same file would yield other streets: a rule of walkability, cutting, lengths, the record."""

_PLAIN_COLUMNS = (
    "start",
    "end",
    "metres",
    "at_ground",
    "forward",
    "backward",
    "private",
    "steps",
    "road",
    "city_road",
    "wide",
    "lane",
    "way",
    "name",
    "node_xy",
    "node_crossing",
    "node_cut",
    "closed_xy",
    "closed_metres",
)


def cached_streets(
    key_parts: Sequence[str], folder: Path, read: Callable[[], Reading[StreetEdges]], *, file: str
) -> Reading[StreetEdges]:
    """Return the streets kept in `folder` under these key parts, or `read` and keep them.

    Parameters
    ----------
    key_parts
        All that the streets depend on beside this program: the digest of the file's content (never its name) and the CRS asked for.
    folder
        Where they are kept; see `livingcircle.sources.archive`.
    read
        Reads the streets from their source.
    file
        What the source is called today. Kept warnings name it, even if it was elsewhere when they were written.
    """
    parts = (READER_VERSION, *key_parts)
    reading = kept(folder, "streets", parts, read, pack=_packed, unpack=_unpacked)
    warnings = tuple(replace(warning, file=file) if warning.file else warning for warning in reading.warnings)
    return replace(reading, warnings=warnings)


def _packed(reading: Reading[StreetEdges]) -> Arrays:
    streets = reading.value
    _, coordinates, (offsets,) = shapely.to_ragged_array(streets.lines)
    about = {
        "crs": streets.crs,
        "names": streets.names.tolist(),
        "warnings": [_plain(warning) for warning in reading.warnings],
    }
    columns = {column: getattr(streets, column) for column in _PLAIN_COLUMNS}
    return {"about": np.array(json.dumps(about)), "coordinates": coordinates, "offsets": offsets, **columns}


def _unpacked(arrays: Arrays) -> Reading[StreetEdges]:
    about = json.loads(str(arrays["about"]))
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, arrays["coordinates"], (arrays["offsets"],))
    columns = {column: arrays[column] for column in _PLAIN_COLUMNS}
    warnings = tuple(Fault(**warning) for warning in about["warnings"])
    return Reading(
        StreetEdges(**columns, lines=lines, names=np.array(about["names"], object), crs=about["crs"]), warnings
    )


def _plain(warning: Fault) -> dict[str, object]:
    return {**asdict(warning), "details": dict(warning.details)}
