"""What a long run has done so far, kept so that the next one goes on from there after a kill.

```
folder/answers.pickle     the results, with what they were made of and how long that took
folder/map.html           the map of the study, drawn from them
```
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingcircle.errors import LivingCircleError
from livingcircle.model.results import Results
from livingcircle.render.folder import replaced_file


def write_kept(file: Path, value: object) -> None:
    """Keep a value in a file of our own, with a digest of what is written.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    kept = pickle.dumps(value, protocol=5)
    with replaced_file(file) as draft, draft.open("wb") as stream:
        stream.write(hashlib.sha256(kept).digest())
        stream.write(kept)


def read_kept(file: Path) -> Any:
    """Return what is kept in a file.

    Raises
    ------
    ValueError
        When it is not what was written there.
    """
    told = memoryview(file.read_bytes())
    if hashlib.sha256(told[32:]).digest() != told[:32]:
        raise ValueError(file)
    return pickle.loads(told[32:])  # noqa: S301 - our own


@dataclass(slots=True)
class Checkpoint:
    """A folder for what one run has done so far; `made_of` is the fingerprint of what its results follow from.

    What is there of another fingerprint, or damaged, is as good as not there. Where nothing can be kept nothing is: a run needs no
    checkpoint. The folder is this program's own, for whoever writes a pickle decides what a reader of it does.
    """

    folder: Path
    made_of: str
    seconds: float = 0.0
    """How long an earlier run took over what was found here."""

    def answers(self, answered: Callable[[], Results]) -> Results:
        """Return the results that are kept here, or else those that `answered` gives, and keep them."""
        file = self.folder / "answers.pickle"
        with suppress(Exception):  # whatever keeps it from being read, the study can be answered again
            made_of, seconds, results = read_kept(file)
            if made_of == self.made_of:
                self.seconds = seconds
                return results  # type: ignore[no-any-return]
        self.clear()
        began = time.perf_counter()
        results = answered()
        with suppress(LivingCircleError):
            write_kept(file, (self.made_of, time.perf_counter() - began, results))
        return results

    def drawn(self, file: Path, draw: Callable[[Path], None]) -> None:
        """Put the map that is kept here into `file`, or else the one that `draw` writes there, and keep it."""
        kept = self.folder / "map.html"
        if kept.is_file():
            shutil.copyfile(kept, file)
            return
        draw(file)
        with suppress(LivingCircleError), replaced_file(kept) as draft:
            shutil.copyfile(file, draft)

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
