"""Which study files the page offers, and when a study has to be computed anew."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import streamlit as st

from livingcircle.composing import EXTRACTS
from livingcircle.errors import LivingCircleError
from livingcircle.faults import Language
from livingcircle.settings import StudySettings, read_study

REPOSITORY_CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def study_files(arguments: Sequence[str]) -> dict[str, Path]:
    """Return the study files to choose from by their short name.

    An argument is a study file, offered with the others of its folder, or a folder. Without one, `configs` of the working folder is
    taken, else that of the repository.
    """
    given = Path(arguments[0]).absolute() if arguments else None
    if given is not None and not given.is_dir():
        return {given.stem: given} | {path.stem: path for path in _beside(given.parent) if path != given}
    folder = given or next((path for path in configs_folders() if path.is_dir()), None)
    return {path.stem: path for path in _beside(folder)} if folder else {}


def first(arguments: Sequence[str], files: Mapping[str, Path]) -> str | None:
    """Return the study to open when the address asks for none: the one named on the command line, if it was not a folder."""
    named = bool(arguments) and not Path(arguments[0]).is_dir()
    return next(iter(files), None) if named else None


def extracts(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return the extracts of OpenStreetMap on this server by name: those that the studies use, and those of `LIVING_CIRCLE_EXTRACTS`."""
    found: dict[str, Path] = {}
    for path in files.values():
        try:
            network = read(path).network
        except LivingCircleError:
            continue
        if network.kind == "osm_file" and network.path.is_file():
            found.setdefault(network.path.name, network.path)
    folder = os.environ.get("LIVING_CIRCLE_EXTRACTS")
    if folder and Path(folder).is_dir():
        for file in sorted(Path(folder).iterdir()):
            if file.name.lower().endswith(EXTRACTS):
                found.setdefault(file.name, file.absolute())
    return found


def configs_folders() -> tuple[Path, ...]:
    """Return the folders searched when no study was named."""
    return Path.cwd() / "configs", REPOSITORY_CONFIGS


def read(path: Path) -> StudySettings:
    """Read a study file; what was read before and has not changed is taken from the cache.

    Raises
    ------
    SettingsError
        With every fault of the file.
    """
    return _settings(path, _stamp(path))


def titles(files: Mapping[str, Path], language: Language) -> dict[str, str]:
    """Name every study by its title, or by its file where it cannot be read; titles that several share carry the file too."""
    named = {code: _title(path, language) for code, path in files.items()}
    said = list(named.values())
    return {code: title if said.count(title) == 1 else f"{title} · {files[code].name}" for code, title in named.items()}


def language_of(path: Path | None) -> Language:
    """Return the language a study asks its results to be in; Chinese where that cannot be read."""
    try:
        return read(path).outputs.language if path else "zh"
    except LivingCircleError:
        return "zh"


def fingerprint(path: Path, settings: StudySettings) -> str:
    """Return a digest that changes with the study file and with every file it names; inputs are told by size and time of change."""
    digest = hashlib.sha256(path.read_bytes())
    for file in sorted({*_files_of(settings.model_dump()), Path(settings.standard)}):
        digest.update(repr((str(file), _stamp(file))).encode())
    return digest.hexdigest()


@st.cache_data(show_spinner=False, max_entries=64)
def _settings(path: Path, stamp: tuple[int, int] | None) -> StudySettings:  # noqa: ARG001 - the stamp is part of the cache's key
    return read_study(path)


def _title(path: Path, language: Language) -> str:
    try:
        title = read(path).title
    except LivingCircleError:
        return path.name
    return (title.zh or title.en) if language == "zh" else (title.en or title.zh)


def _beside(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _files_of(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _files_of(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _files_of(one)
