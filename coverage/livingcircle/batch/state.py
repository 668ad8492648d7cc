"""What a batch leaves behind so that the next one goes on from there, and where.

```
folder/<study>/                                     the run folder, as `living-circle run` writes it
folder/city/                                        what is merged of them
folder/.batch/session                               which batch began here last: what tasks of any other do counts no more
folder/.batch/<study>.json                          its state: done or failed, of which inputs, in how many seconds
folder/.batch/homes/study=<study>/part.parquet      walks of its homes to services that are open to all
folder/.batch/districts/study=<study>/part.parquet  its districts
folder/.batch/begun/<study>/                        of a study, until it is done: what it has answered and drawn
folder/.batch/tiles/<study>/                        of a study in tiles, until it is done: the study, the tiles, what each has found
```
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from livingcircle.errors import InputError, LivingCircleError
from livingcircle.faults import Fault, reasons, unreadable
from livingcircle.merging import Parts
from livingcircle.model.batch import Done
from livingcircle.render.drafts import clear_left_over
from livingcircle.render.folder import RECORD, replaced_file, replaced_folder, write_text_file
from livingcircle.settings.batch import CITY

STATE = ".batch"
LOCK, SESSION = "running", "session"
_BEYOND = 1 << 30
"""A byte of the lock file that is never written: the one that Windows locks."""


def parts_of(folder: Path, study: str) -> Parts:
    """Return where the files that are merged of one study are."""
    own = f"study={study}"
    homes, districts = folder / STATE / "homes" / own, folder / STATE / "districts" / own
    return Parts(homes / "part.parquet", districts / "part.parquet", folder / study / RECORD)


def tiles_folder(folder: Path, study: str) -> Path:
    """Return where the tiles of a study are until it is done."""
    return folder / STATE / "tiles" / study


def begun_folder(folder: Path, study: str) -> Path:
    """Return where a study keeps what it has done so far, until it is done."""
    return folder / STATE / "begun" / study


def read_state(folder: Path, study: str) -> Mapping[str, Any]:
    """Return what became of a study last time; empty where nothing is known, or what is written is damaged."""
    try:
        state = json.loads((folder / STATE / f"{study}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


_MERGED = {"title", "settings", "standard", "walker", "counts", "coverage", "verdicts", "rule_counts", "attribution"}
"""What the merging takes from a record."""


def read_record(file: Path) -> Mapping[str, Any]:
    """Return the run record of a study; empty where there is none that can be read."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        made = record["provenance"]
        return record if made["started_utc"] and made["versions"] and record.keys() >= _MERGED else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def begin_session(folder: Path) -> str:
    """Begin a batch in a folder and return its token.

    Workers of a cluster go on with what the client of an earlier batch asked of them, though it was killed. They find another token, and
    leave everything as it is.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    session = uuid4().hex
    write_text_file(folder / STATE / SESSION, session)
    return session


def require_session(folder: Path, session: str, study: str = "") -> None:
    """See to it that the batch of a token is still the last that began in a folder; "" is any.

    Raises
    ------
    InputError
        When another has begun since.
    """
    file = folder / STATE / SESSION
    if not session:
        return
    try:
        is_last = file.read_text(encoding="utf-8") == session
    except FileNotFoundError:
        is_last = False
    except OSError as error:
        raise InputError(unreadable(file, error)) from error
    if not is_last:
        raise InputError(Fault("batch_superseded", file=str(folder), value=study))


def write_state(done: Done, fingerprint: str, folder: Path, session: str, data_days: Sequence[str] = ()) -> None:
    """Write what became of a study, unless another batch has begun; where that cannot be written, the next batch computes it again."""
    state = {
        "status": done.status,
        "session": session,
        "fingerprint": fingerprint,
        "seconds": round(done.seconds, 3),
        "data_days": list(data_days),
        "parts_sha256": parts_of(folder, done.study).sha256 if done.is_done else "",
        "faults": list(done.faults),
        "ended_utc": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(LivingCircleError):
        require_session(folder, session)
        write_text_file(folder / STATE / f"{done.study}.json", json.dumps(state, ensure_ascii=False, indent=1))


def take_over(former: Path, folder: Path, study: str) -> None:
    """Copy what a batch in another folder left of a study, each part complete or not at all, and last that it is done.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    with replaced_folder(folder / study) as draft:
        shutil.copytree(former / study, draft, dirs_exist_ok=True)
    theirs, ours = parts_of(former, study), parts_of(folder, study)
    for source, target in ((theirs.homes, ours.homes), (theirs.districts, ours.districts)):
        if source.is_file():
            with replaced_file(target) as draft:
                shutil.copyfile(source, draft)
    with replaced_file(folder / STATE / f"{study}.json") as draft:
        shutil.copyfile(former / STATE / f"{study}.json", draft)


def forget(folder: Path, study: str, *, begun: bool) -> None:
    """Remove the state of a study that is computed again, and with `begun` what it had done so far.

    Raises
    ------
    InputError
        When it cannot be removed.
    """
    file = folder / STATE / f"{study}.json"
    try:
        file.unlink(missing_ok=True)
        for own in (begun_folder(folder, study), tiles_folder(folder, study)) if begun else ():
            if own.exists():
                shutil.rmtree(own)
    except OSError as error:
        raise InputError(Fault("unwritable_folder", file=str(file), details=reasons(error))) from error


def said(faults: Sequence[Fault]) -> tuple[Mapping[str, str], ...]:
    """Return faults as their kinds, severities and sentences in both languages."""
    return tuple(
        {"kind": one.kind, "severity": one.severity, "zh": one.sentence("zh"), "en": one.sentence("en")}
        for one in faults
    )


def failed(study: str, faults: Sequence[Fault], seconds: float, folder: Path, session: str) -> Done:
    """Return that a study has failed, and write it down."""
    outcome = Done(study, "failed", seconds, said(faults))
    write_state(outcome, "", folder, session)
    return outcome


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second batch out of the same folder while one runs; the lock goes with the process, however it ends.

    Raises
    ------
    InputError
        When another batch runs there, or the folder cannot be written.
    """
    lock = folder / STATE / LOCK
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise InputError(Fault("unwritable_folder", file=str(folder), details=reasons(error))) from error
    with stream:
        if not _locked(stream):
            stream.seek(0)
            raise InputError(Fault("batch_running", file=str(folder), details={"pid": stream.read() or "?"}))
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def _locked(stream: TextIO) -> bool:
    """Lock a file until it is closed; where the disk knows no locks every batch may run."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(
            stream.fileno(), _BEYOND, os.SEEK_SET
        )  # nobody else may read what is locked, and they shall read who runs
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def clear_drafts(folder: Path) -> None:
    """Remove what processes that no longer run were writing, and what was begun of studies that are done; what cannot be removed stays."""
    for left in [*begun_folder(folder, "").glob("*"), *tiles_folder(folder, "").glob("*")]:
        if read_state(folder, left.name).get("status") == "done":
            shutil.rmtree(left, ignore_errors=True)
    clear_left_over(folder)
    for inner in (folder / STATE, folder / CITY):
        for at in [inner, *(path for path in inner.rglob("*") if path.is_dir())]:
            clear_left_over(at)
