"""Streets kept between runs, in one NumPy archive each: reading an extract takes a second, reading this a few hundredths.

Nothing is pickled, so a cache file can do no harm, and a damaged or outdated one is read afresh from its source.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.network import StreetEdges
from livingcircle.sources.reading import Reading

READER_VERSION = 2
"""Part of every key. Raise it whenever the same file would yield other streets: a rule of walkability, cutting, lengths, the record."""

_PLAIN_COLUMNS = ("start", "end", "metres", "at_ground", "forward", "backward", "node_xy")
_log = logging.getLogger(__name__)


def cached_streets(
    key_parts: Sequence[str], folder: Path, read: Callable[[], Reading[StreetEdges]], *, file: str
) -> Reading[StreetEdges]:
    """Return the streets kept in `folder` under these key parts, or `read` and keep them.

    Parameters
    ----------
    key_parts
        All that the streets depend on beside this program: the digest of the file's content (never its name) and the CRS asked for.
    folder
        Where cache files lie; made when needed. That it cannot be written to is logged and costs only time.
    read
        Reads the streets from their source.
    file
        What the source is called today. Kept warnings name it, even if it was elsewhere when they were written.
    """
    path = folder / f"streets-{_key(key_parts)}.npz"
    kept = _load(path, file)
    if kept is not None:
        return kept
    reading = read()
    try:
        _save(path, reading)
    except OSError as error:
        _log.warning("streets were not kept in %s: %s", path, error)
    return reading


def _key(parts: Sequence[str]) -> str:
    return sha256(json.dumps([READER_VERSION, *parts]).encode()).hexdigest()


def _save(path: Path, reading: Reading[StreetEdges]) -> None:
    """Write under another name first, so that no one ever finds half a file."""
    streets = reading.value
    _, coordinates, (offsets,) = shapely.to_ragged_array(streets.lines)
    about = json.dumps({"crs": streets.crs, "warnings": [_plain(warning) for warning in reading.warnings]})
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as stream:
            columns = {column: getattr(streets, column) for column in _PLAIN_COLUMNS}
            np.savez(stream, about=np.array(about), coordinates=coordinates, offsets=offsets, **columns)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _load(path: Path, file: str) -> Reading[StreetEdges] | None:
    try:
        # Opened here, because NumPy forgets to close a file it cannot make sense of.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
            lines = shapely.from_ragged_array(
                shapely.GeometryType.LINESTRING, archive["coordinates"], (archive["offsets"],)
            )
            columns = {column: archive[column] for column in _PLAIN_COLUMNS}
        warnings = tuple(Fault(**warning) for warning in about["warnings"])
        return Reading(
            StreetEdges(**columns, lines=lines, crs=about["crs"]),
            tuple(replace(warning, file=file) if warning.file else warning for warning in warnings),
        )
    except FileNotFoundError:
        return None
    except (BadZipFile, EOFError, KeyError, OSError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        _log.warning("%s is damaged and will be written anew: %s", path, error)
        return None


def _plain(warning: Fault) -> dict[str, object]:
    return {**asdict(warning), "details": dict(warning.details)}
