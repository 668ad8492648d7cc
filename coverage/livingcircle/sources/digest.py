"""What a file is, whatever it is called."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def file_sha256(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file's content, in hexadecimal, and its size in bytes.

    One extract often serves as network, homes and facilities; it is digested once as long as its size and time stay as they are.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    found = path.stat()
    return _sha256(path, found.st_size, found.st_mtime_ns), found.st_size


@lru_cache(maxsize=64)
def _sha256(path: Path, _size_bytes: int, _modified: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
