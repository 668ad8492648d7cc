"""The one place that imports numba: `@compiled` turns a loop over arrays into machine code.

Why here and nowhere else: numba looks for coverage.py with `import coverage`. Where coverage.py is not installed and
the root of this project is on `sys.path` (as with `python -m` from that folder), the bare folder `coverage/` answers
to that name, and importing numba fails. `without_bare_folder` makes the folder invisible for that moment.

Machine code is made on the first call for each combination of argument types, and kept for the next process. Left to
itself numba keeps it as long as the file of the function is the same, even if a function it calls in *another* file
has changed: after an upgrade or an edit the old code would run on. So it is kept in a folder named after the content
of all kernel files: beside them, or in the user's cache folder where the package cannot be written to.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["compiled"]

KERNEL = Path(__file__).resolve().parent
Function = TypeVar("Function", bound="Callable[..., Any]")


@contextmanager
def without_bare_folder(name: str) -> Iterator[None]:
    """Make `import name` fail meanwhile, if all it would find is a folder that is not a package.

    A package called `name` is left as it is, and so is everything once this is over.
    """
    spec = find_spec(name)
    if spec is None or spec.origin is not None:
        yield
        return
    loaded = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        yield
    finally:
        del sys.modules[name]
        if loaded is not None:
            sys.modules[name] = loaded


with without_bare_folder("coverage"):
    from numba import config as numba_config
    from numba import njit

NUMBA: Any = numba_config  # its values are made as the program runs


def machine_code_folder() -> Path | None:
    """Choose where this version of the kernel keeps its machine code; None if nothing can be written anywhere.

    `NUMBA_CACHE_DIR` comes first, then `__pycache__` beside this file, then the user's cache folder. What an earlier
    version kept in the same `__pycache__` is removed.
    """
    content = sha256()
    for source in sorted(KERNEL.rglob("*.py")):
        content.update(source.relative_to(KERNEL).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    name = f"machine-code-{content.hexdigest()[:12]}"
    beside = KERNEL / "__pycache__"
    asked = [Path(NUMBA.CACHE_DIR)] if NUMBA.CACHE_DIR else []
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


MACHINE_CODE = machine_code_folder()


def compiled(function: Function) -> Function:
    """Compile a function of numbers and numpy arrays; other threads run on while it works.

    Only what numba can translate may stand in it: loops, arithmetic, array elements, other compiled functions. As
    with any C loop, indices are not checked against the array's bounds.
    """
    before = NUMBA.CACHE_DIR
    NUMBA.CACHE_DIR = str(MACHINE_CODE or "")  # numba settles on the folder when a function is decorated
    try:
        return cast("Function", njit(cache=MACHINE_CODE is not None, nogil=True)(function))
    finally:
        NUMBA.CACHE_DIR = before
