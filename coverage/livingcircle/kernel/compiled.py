"""The one place that imports numba: `@compiled` turns a loop over arrays into machine code.

Why here and nowhere else: numba looks for coverage.py with `import coverage`. Where coverage.py is not installed and
the root of this project is on `sys.path` (as with `python -m` from that folder), the bare folder `coverage/` answers
to that name, and importing numba fails. `without_bare_folder` makes the folder invisible for that moment.

Machine code is made on the first call for each combination of argument types, and kept for the next process; where,
`kernel.machine_code` says. Loading numba takes half a second: modules of compiled loops are imported where a search
begins, not where a module begins.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar, cast

from livingcircle.kernel.machine_code import machine_code_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["compiled"]

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


if find_spec("numba") is None:
    NUMBA: Any = None
else:
    with without_bare_folder("coverage"):
        import numba as NUMBA  # noqa: N812 - a constant: the library, or None

MACHINE_CODE = machine_code_folder()


def compiled(function: Function) -> Function:
    """Compile a function of numbers and numpy arrays; other threads run on while it works.

    Only what numba can translate may stand in it: loops, arithmetic, array elements, other compiled functions. As
    with any C loop, indices are not checked against the array's bounds. Where numba is not installed the function stays
    as it is: it gives the same answers, some hundred times slower.
    """
    if NUMBA is None:
        return function
    before = NUMBA.config.CACHE_DIR
    NUMBA.config.CACHE_DIR = str(MACHINE_CODE or "")  # numba settles on the folder when a function is decorated
    try:
        return cast("Function", NUMBA.njit(cache=MACHINE_CODE is not None, nogil=True)(function))
    finally:
        NUMBA.config.CACHE_DIR = before
