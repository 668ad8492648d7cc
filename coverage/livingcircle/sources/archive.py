"""What was read once, kept between runs: one NumPy archive per file and question.

Nothing is pickled, so a kept file can do no harm; one that is damaged, or was written by another version, is read afresh from its source.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from shapely.errors import ShapelyError

T = TypeVar("T")
Arrays = Mapping[str, NDArray[Any]]

_log = logging.getLogger(__name__)


def kept(
    folder: Path,
    name: str,
    key_parts: Sequence[object],
    read: Callable[[], T],
    *,
    pack: Callable[[T], Arrays],
    unpack: Callable[[Arrays], T],
) -> T:
    """Return what `folder` keeps under `name` and these key parts, or `read` it and keep it.

    Parameters
    ----------
    folder
        Made when needed. That it cannot be written to is logged and costs only time.
    key_parts
        All that the answer depends on: the digest of the file's content (never its name), what was asked, the version of the reader.
    pack, unpack
        Turn the answer into plain arrays and back; no array may hold objects.
    """
    path = folder / f"{name}-{sha256(json.dumps(list(key_parts)).encode()).hexdigest()}.npz"
    found = _load(path, unpack)
    if found is not None:
        return found
    answer = read()
    try:
        _save(path, pack(answer))
    except OSError as error:
        _log.warning("%s were not kept in %s: %s", name, path, error)
    return answer


def _save(path: Path, arrays: Arrays) -> None:
    """Write under another name first, so that no one ever finds half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]  # its stub takes the arrays for flags
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _load(path: Path, unpack: Callable[[Arrays], T]) -> T | None:
    try:
        # Opened here, because NumPy forgets to close a file it cannot make sense of.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return unpack({column: archive[column] for column in archive.files})
    except FileNotFoundError:
        return None
    except (BadZipFile, EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError, ShapelyError) as error:
        _log.warning("%s is damaged and will be written anew: %s", path, error)
        return None
