"""Drafts: what is written beside its final name takes it when all is written; what a killed process leaves of them is cleared.

Beside `name` lie, while it is written, `.name.WRITER.draft` and for a moment `.name.WRITER.former`, what stood there before. WRITER tells
process and machine, so that nobody takes away what another is still writing, be it on another machine with the same disk.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal
from uuid import uuid4

ABANDONED_SECONDS = 24 * 3600
"""Age of what another machine has left: whether its process still runs cannot be asked from here."""
_LEFT = re.compile(
    r"\.(?P<name>.+)\.(?P<process>\d+)(-(?P<machine>[0-9a-f]{8})-(?P<life>[0-9a-f]{4}))?\.(?P<kind>draft|former)(\.\w+)?"
)


def beside(path: Path, kind: Literal["draft", "former"]) -> Path:
    """Return where this process writes the folder that shall stand under `path`, or puts aside the one that does."""
    own = f"{os.getpid()}-{_machine()}-{_life()}"
    return path.with_name(f".{path.name}.{own}.{kind}")


def beside_file(path: Path) -> Path:
    """Return where this process writes a file: writers go by its suffix, so the draft keeps it."""
    draft = beside(path, "draft")
    return draft.with_name(draft.name + path.suffix)


def clear_left_over(folder: Path, name: str | None = None) -> None:
    """Remove drafts in a folder, those of `name` or all, whose processes are gone, and put back what they had put aside.

    What cannot be removed stays.
    """
    found = [(path, match) for path in folder.glob(".*") if (match := _LEFT.fullmatch(path.name)) is not None]
    for path, match in sorted(found, key=lambda one: one[0].name):
        if (name is not None and match["name"] != name) or _is_being_written(path, match):
            continue
        final = folder / match["name"]
        with suppress(OSError):
            if match["kind"] == "former" and not final.exists():
                path.rename(final)
            elif path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _is_being_written(path: Path, left: re.Match[str]) -> bool:
    if left["machine"] not in (None, _machine()):
        with suppress(OSError):
            return time.time() - path.stat().st_mtime < ABANDONED_SECONDS
        return False
    process = int(left["process"])
    # In a container every program may have the same number.
    return left["life"] == _life() if process == os.getpid() else is_running(process)


def is_running(process: int) -> bool:
    """Return whether a process of this machine runs; one that was killed and that nobody has asked for does not."""
    if sys.platform == "win32":
        return _is_running_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass  # somebody else's
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][0] != "Z"
    return True


def _is_running_on_windows(process: int) -> bool:
    import ctypes

    synchronize, access_denied, timed_out = 0x100000, 5, 0x102
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    handle = kernel.OpenProcess(synchronize, False, process)
    if not handle:
        return bool(ctypes.get_last_error() == access_denied)  # type: ignore[attr-defined, unused-ignore]
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timed_out)
    finally:
        kernel.CloseHandle(handle)


@cache
def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


@cache
def _life() -> str:
    return uuid4().hex[:4]
