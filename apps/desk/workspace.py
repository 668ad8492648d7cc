"""What one session has uploaded: a folder nobody else can name, gone when the session ends.

Streamlit forgets a session whose page was closed only when the next one is closed, so folders are looked after here: a watch deletes those
of sessions that have been away for some minutes, and the rest go with the server. Nothing in them is shared: answers of an uploaded study
are kept in the session as well (`desk.answers`).
"""

from __future__ import annotations

import io
import secrets
import shutil
import tempfile
import threading
import time
import weakref
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from livingcircle.composing import SINGLE, STUDY_NAME, Kind, Part, Role, file_name
from livingcircle.faults import Language

if TYPE_CHECKING:
    from livingcircle.settings.layers import Datum
    from livingcircle.sources.peek import Peeked

MOST_FILES = 20
MOST_FILE_BYTES = 300 * 2**20
MOST_BYTES = 600 * 2**20
"""Of all files of a session. The server's own limit for one file is in `.streamlit/config.toml`."""
SECONDS_AWAY, SECONDS_BETWEEN = 180.0, 30.0
"""A page that lost its connection for a moment finds its files again."""
SIDECARS = frozenset({".shx", ".dbf", ".prj", ".cpg"})
"""Parts of a shapefile, of no use alone."""


@dataclass(slots=True)
class Upload:
    """One file, and what its reader is to be told of it; `is_here` is false for an extract that lies on the server.

    `kind` is None until it was looked at.
    """

    role: Role
    path: Path
    is_here: bool = True
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    kind: Kind | None = None
    service: str | None = None
    estimate: bool = False

    @property
    def key(self) -> str:
        """Name of its widgets."""
        return f"upload_{self.role}_{self.path.name}"

    @property
    def stamp(self) -> tuple[str, int, int]:
        """What changes when the file does."""
        state = self.path.stat()
        return str(self.path), state.st_size, state.st_mtime_ns

    def part(self, folder: Path) -> Part:
        """Return it as a study in `folder` uses it."""
        file = self.path.relative_to(folder).as_posix() if self.is_here else str(self.path)
        kind = self.kind or "layer"
        return Part(self.role, file, self.layer, self.datum, self.crs, self.columns, kind, self.service, self.estimate)


@dataclass(frozen=True, slots=True)
class Report:
    """What the check of the files said, as pages and as files, and of which text and files that was."""

    of: object
    fit: bool
    counts: Mapping[str, int]
    page: Mapping[Language, str]
    book: bytes
    copies: bytes | None
    suspected: Mapping[str, Datum]
    untold: tuple[str, ...]


class Workspace:
    """The files of a session, in the order they came, and the study made of them."""

    def __init__(self, session: str = "") -> None:
        self.session = session
        self.away_since: float | None = None
        base = tempfile.mkdtemp(prefix="living-circle-")  # readable for its owner only
        self._end = weakref.finalize(self, shutil.rmtree, base, ignore_errors=True)
        self.folder = Path(base) / secrets.token_hex(16)
        self.folder.mkdir()
        self.uploads: list[Upload] = []
        self.rounds: dict[str, int] = {}
        self.title = ""
        self.standard = "quarter_hour"
        self.facility_tags = False
        self.peeked: dict[object, Peeked] = {}
        self.report: Report | None = None

    @property
    def study(self) -> Path:
        """The study file."""
        return self.folder / STUDY_NAME

    def of(self, role: Role) -> list[Upload]:
        """Return the files of a role."""
        return [upload for upload in self.uploads if upload.role == role]

    def refusal(self, sizes: Iterable[int]) -> tuple[str, dict[str, float]] | None:
        """Return why more files cannot be taken, as words and what fills them in; None where they can."""
        more = list(sizes)
        held = [path.stat().st_size for path in self.folder.rglob("*") if path.is_file() and path != self.study]
        megabytes = 2**20
        if max(more, default=0) > MOST_FILE_BYTES:
            return "start.too_large", {"most": MOST_FILE_BYTES // megabytes}
        if sum(more) + sum(held) > MOST_BYTES:
            return "start.too_much", {"most": MOST_BYTES // megabytes}
        if len(more) + len(held) > MOST_FILES:
            return "start.too_many", {"most": MOST_FILES}
        return None

    def add(self, role: Role, name: str, content: bytes | memoryview) -> Upload | None:
        """Keep a file; one of the same name takes its place and keeps what was said of it. A part of a shapefile is no file by itself.

        Raises
        ------
        OSError
            When it cannot be written; what was there stays.
        """
        path = self.folder / role / file_name(name)
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f"{path.name}.part")  # the file it replaces stays where the disk is full
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        if path.suffix.lower() in SIDECARS:
            return None
        known = next((upload for upload in self.of(role) if upload.path == path), None)
        if known is not None:
            return known
        for other in self.of(role) if role in SINGLE else []:
            self.remove(other)
        upload = Upload(role, path)
        self.uploads.append(upload)
        return upload

    def use_extract(self, path: Path) -> None:
        """Take the streets from an extract on the server."""
        for other in self.of("network"):
            self.remove(other)
        self.uploads.append(Upload("network", path, is_here=False))

    def remove(self, upload: Upload) -> None:
        """Forget a file, and delete it."""
        self.uploads.remove(upload)
        if upload.is_here:
            for path in upload.path.parent.glob("*"):
                if path == upload.path or (path.suffix.lower() in SIDECARS and path.stem == upload.path.stem):
                    path.unlink()

    def close(self) -> None:
        """Delete the folder and forget its files."""
        self._end()
        self.uploads.clear()
        self.peeked.clear()
        self.report = None


def workspace() -> Workspace:
    """Return that of this session."""
    found: Workspace | None = st.session_state.get("workspace")
    if found is None or not found.folder.is_dir():
        context = get_script_run_ctx(suppress_warning=True)
        found = Workspace("" if context is None else context.session_id)
        st.session_state["workspace"] = found
        _watched().add(found)
    return found


def sweep(held: Iterable[Workspace], is_here: Callable[[str], bool], now: float) -> None:
    """Close the workspaces of sessions that have been away for `SECONDS_AWAY`."""
    for one in list(held):
        if is_here(one.session):
            one.away_since = None
        elif one.away_since is None:
            one.away_since = now
        elif now - one.away_since >= SECONDS_AWAY:
            one.close()


@st.cache_resource(show_spinner=False)
def _watched() -> weakref.WeakSet[Workspace]:
    """Return the workspaces of all sessions; the first call starts the watch over them, where there is a server."""
    held: weakref.WeakSet[Workspace] = weakref.WeakSet()

    def watch() -> None:
        while runtime.exists():
            time.sleep(SECONDS_BETWEEN)
            if runtime.exists():
                sweep(held, runtime.get_instance().is_active_session, time.monotonic())

    if runtime.exists():
        threading.Thread(target=watch, name="uploads", daemon=True).start()
    return held


def own_study() -> Path | None:
    """Return the study this session made of its files, once it was checked and is fit for use."""
    held: Workspace | None = st.session_state.get("workspace")
    return held.study if held is not None and held.report is not None and held.report.fit else None


def zipped(files: Mapping[str, Path | bytes]) -> bytes:
    """Return files by name as one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return made.getvalue()
