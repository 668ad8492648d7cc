"""Where the machine code of the compiled loops is kept between runs.

Left to itself numba keeps it as long as the file of a function is the same, even if a function it calls in *another* file has changed:
after an upgrade or an edit the old code would run on. So it is kept in a folder named after the content of all kernel files with loops,
and of those they import: beside them, or in the user's cache folder where the package cannot be written to.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path

LONGEST_COMPILING_SECONDS = 120.0
KERNEL = Path(__file__).resolve().parent


def sources_of_loops() -> dict[str, bytes]:
    """Return what stands in every kernel file that loops can come from, by its name from the kernel on: `siting.median_loops`."""
    every = {
        ".".join(path.relative_to(KERNEL).with_suffix("").parts): path.read_bytes() for path in KERNEL.rglob("*.py")
    }
    found: dict[str, bytes] = {}
    waiting = [name for name, source in every.items() if re.search(rb"^@compiled", source, re.MULTILINE)]
    while waiting:
        name = waiting.pop()
        if name in every and name not in found:
            found[name] = every[name]
            waiting += [one.decode() for one in re.findall(rb"from livingcircle\.kernel\.([\w.]+) import", every[name])]
    return found


@cache
def machine_code_folder() -> Path | None:
    """Choose where this version of the kernel keeps its machine code; None if nothing can be written anywhere.

    `NUMBA_CACHE_DIR` comes first, then `__pycache__` beside this file, then the user's cache folder. What an earlier
    version kept in the same `__pycache__` is removed.
    """
    content = sha256()
    for name, source in sorted(sources_of_loops().items()):
        content.update(name.encode() + b"\0" + source + b"\0")
    name = f"machine-code-{content.hexdigest()[:12]}"
    beside = KERNEL / "__pycache__"
    asked = [Path(os.environ["NUMBA_CACHE_DIR"])] if os.environ.get("NUMBA_CACHE_DIR") else []
    for base in (*asked, beside, user_cache_path("living-circle", appauthor=False)):
        folder = base / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            if base == beside:
                for other in beside.glob("machine-code-*"):
                    if other.name != name:
                        shutil.rmtree(other, ignore_errors=True)
            return folder
    return None


def is_first_run() -> bool:
    """Return whether the loops have not been compiled yet, so that the first search will take some seconds longer."""
    folder = machine_code_folder()
    return folder is None or next(folder.rglob("*.nbi"), None) is None


@contextmanager
def compiled_beside(module: str, *, wanted: bool) -> Iterator[Callable[[], None]]:
    """On a first run let another process compile the loops that `python -m module` calls; yield what waits for it.

    It does so while this process reads and compiles what it needs before. Where nothing is `wanted`, machine code is there, there is one
    processor, or no process can be started, this process compiles when it comes to it.
    """
    beside = None
    if wanted and (os.cpu_count() or 1) > 1 and machine_code_folder() is not None and is_first_run():
        with suppress(OSError):
            beside = subprocess.Popen(  # noqa: S603 - this program
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def ready() -> None:
        if beside is not None:
            with suppress(subprocess.TimeoutExpired):
                beside.wait(LONGEST_COMPILING_SECONDS)

    try:
        yield ready
    finally:
        if beside is not None:
            beside.kill()
            beside.wait()
