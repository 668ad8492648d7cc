"""What a file is, whatever it is called."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file's content, in hexadecimal, and its size in bytes.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return digest.hexdigest(), stream.tell()
