"""The record of a run read again: what it says the run was made of, where that is now, and what of it has changed since.

A record holds no paths, for they differ from machine to machine. Inputs are found by name and proved by SHA-256, so that any copy that
is the same will do, and none that is not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from livingcircle.errors import InputError
from livingcircle.faults import Fault, reasons
from livingcircle.provenance import (
    fingerprint_of,
    input_digests,
    plain_settings,
    program_sha256,
    queries,
    settings_sha256,
    standard_digests,
    versions,
)
from livingcircle.readers import file_parts
from livingcircle.render.folder import RECORD_EDITION
from livingcircle.settings import StudySettings
from livingcircle.settings.study import settings_from
from livingcircle.sources.digest import file_sha256

COMPARED_WITH = "compared_with"
"""In the record of a report with a chapter on what changed: what the other study was made of (`provenance.made_of`)."""


def read_record(file: Path) -> dict[str, Any]:
    """Read the record of a run that this version can replay.

    Raises
    ------
    InputError
        When it is none, damaged or incomplete, when an earlier or a later version wrote it, or when somebody changed its settings since.
    """
    record = _json(file)
    made, edition = record["provenance"], record.get("record_edition", 0)
    named = made.get("versions") if isinstance(made, Mapping) else None
    version = str(named.get("living-circle", "?")) if isinstance(named, Mapping) else "?"
    if isinstance(edition, int) and edition < RECORD_EDITION:
        raise InputError(Fault("record_too_old", file=str(file), details={"version": version}))
    if isinstance(edition, int) and edition > RECORD_EDITION:
        details = {"version": version, "own": versions()["living-circle"]}
        raise InputError(Fault("record_too_new", file=str(file), details=details))
    if lacking := tuple(_lacking(record)):
        raise InputError(Fault("record_lacks", file=str(file), details={"names": lacking}))
    for study in _studies(record).values():
        if settings_sha256(study["settings"]) != study["provenance"]["settings_sha256"]:
            raise InputError(Fault("record_altered", file=str(file)))
    return record


def _json(file: Path) -> dict[str, Any]:
    """Read what stands in a record."""
    none = {"reason_zh": "内容不是运行记录", "reason_en": "the file is something else"}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(Fault("not_a_record", file=str(file), details=reasons(error, file))) from error
    except json.JSONDecodeError as error:
        cut = {
            "reason_zh": "自此行起内容中断或不是 JSON",
            "reason_en": "in this line it breaks off, or is no longer JSON",
        }
        raise InputError(Fault("record_damaged", file=str(file), row=error.lineno, details=cut)) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InputError(Fault("record_damaged", file=str(file), details=reasons(error, file))) from error
    if not isinstance(content, dict) or "provenance" not in content:
        raise InputError(Fault("not_a_record", file=str(file), details=none))
    return content


_NEEDED_OF_STUDY: Mapping[str, type] = {
    "settings": dict,
    "settings.outputs": dict,
    "provenance": dict,
    "provenance.fingerprint": str,
    "provenance.settings_sha256": str,
    "provenance.standard_files": dict,
    "provenance.input_files": dict,
}
_NEEDED_OF_RUN: Mapping[str, type] = {
    "record_edition": int,
    "title": dict,
    "files": dict,
    "plans": list,
    "provenance.versions": dict,
    "provenance.started_utc": str,
    "provenance.program_sha256": str,
}


def _studies(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a record says of its own study and, in the same form, of the one it was compared with, by what leads to its keys."""
    return {"": record, **{f"{key}.": record[key] for key in (COMPARED_WITH,) if key in record}}


def _lacking(record: Mapping[str, Any]) -> Iterator[str]:
    """Name what a record lacks, or has in another form, of what a replay needs."""
    yield from _missing(record, _NEEDED_OF_RUN)
    if isinstance(files := record.get("files"), Mapping):
        yield from (f"files.{name}" for name, of in files.items() if not _is_described(of))
    if isinstance(plans := record.get("plans"), list):
        yield from (f"plans.{at}" for at, plan in enumerate(plans, start=1) if not _has(plan, "status"))
    for way, study in _studies(record).items():
        if not isinstance(study, Mapping):
            yield way.removesuffix(".")
            continue
        yield from (way + key for key in (*_missing(study, _NEEDED_OF_STUDY), *_missing_inputs(study)))


def _missing(record: Mapping[str, Any], needed: Mapping[str, type]) -> Iterator[str]:
    """Name the keys that are not there, or of another kind; where what holds them is not there they are not named."""
    for key, kind in needed.items():
        *way, last = key.split(".")
        inner: Any = record
        for step in way:
            inner = inner.get(step)
            if not isinstance(inner, Mapping):
                break
        else:
            if not isinstance(inner.get(last), kind):
                yield key


def _missing_inputs(study: Mapping[str, Any]) -> Iterator[str]:
    """Name the inputs that no setting names, or whose digests are not told."""
    made = study.get("provenance")
    inputs = made.get("input_files") if isinstance(made, Mapping) else None
    for key, digests in inputs.items() if isinstance(inputs, Mapping) else ():
        try:
            _name(study.get("settings"), key)
        except (LookupError, TypeError, ValueError):
            yield f"settings.{key}"
        if not isinstance(digests, Mapping):
            yield f"provenance.input_files.{key}"


def _has(row: Any, name: str) -> bool:
    return isinstance(row, Mapping) and name in row


def _is_described(of: Any) -> bool:
    return isinstance(of, Mapping) and isinstance(of.get("sha256"), str) and isinstance(of.get("size_bytes"), int)


# ── Inputs, wherever they are now ───────────────────────────────────────────


def recorded_studies(
    record: Mapping[str, Any], folders: Sequence[Path], file: Path
) -> tuple[StudySettings, StudySettings | None]:
    """Return the settings of a run, with inputs where they are now, and those of the study it was compared with, if with any.

    The database that took the results is left out.

    Raises
    ------
    InputError
        With every input that is not there, or is there only with another content.
    """
    studies = _studies(record)
    names = {_name(study["settings"], key) for study in studies.values() for key in study["provenance"]["input_files"]}
    there, faults = _by_name(folders, names), []
    found: dict[str, dict[str, Path]] = {}
    for way, study in studies.items():
        found[way] = {}
        for key, digests in study["provenance"]["input_files"].items():
            name = _name(study["settings"], key)
            place = _located(there.get(name, []), key, name, digests)
            if isinstance(place, Path):
                found[way][key] = place
            else:
                faults.append(replace(place, file=place.file or str(file), column=way + key))
    if faults:
        raise InputError(faults)
    own, *other = [_settings(study["settings"], found[way], file) for way, study in studies.items()]
    return own, other[0] if other else None


def _located(candidates: Sequence[Path], key: str, name: str, digests: Mapping[str, str]) -> Path | Fault:
    """Return which of the files of the right name has the right content, or what is told where none has."""
    same = next((path for path in candidates if _digests(path, key, digests) == dict(digests)), None)
    if same is not None:
        return same
    if not candidates:
        expected = digests.get(name, next(iter(digests.values()), ""))
        return Fault("input_missing", value=name, details={"expected": expected})
    held = _digests(candidates[0], key, digests)
    part = next(name for name in sorted({*digests, *held}) if digests.get(name) != held.get(name))
    details = {"expected": digests.get(part, "—"), "found": held.get(part, "—")}
    return Fault("input_changed", file=str(candidates[0]), value=part, details=details)


def _by_name(folders: Sequence[Path], names: set[str]) -> dict[str, list[Path]]:
    """Return every file and folder under some folders that has one of the names, nearest first; hidden folders are passed over."""
    found: dict[str, list[Path]] = {}
    for folder in folders:
        for at, inner, files in os.walk(folder.resolve()):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(names & {*inner, *files}):
                path = Path(at, name)
                if path not in found.setdefault(name, []):
                    found[name].append(path)
    return {name: sorted(paths, key=lambda path: len(path.parts)) for name, paths in found.items()}


def _digests(path: Path, key: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of the files of an input as its record has them; those of a standard are named by the record alone."""
    parts = [path.parent / name for name in wanted] if key == "standard" else file_parts(path)
    return {
        os.path.relpath(part, path.parent).replace(os.sep, "/"): file_sha256(part)[0]
        for part in parts
        if part.is_file()
    }


def _settings(recorded: Mapping[str, Any], found: Mapping[str, Path], file: Path) -> StudySettings:
    content = json.loads(json.dumps(recorded))
    content["outputs"]["postgis"] = None
    for key, path in found.items():
        *way, last = key.split(".")
        inner = content
        for step in way:
            inner = inner[_step(inner, step)]
        inner[_step(inner, last)] = str(path)
    return settings_from(content, file.resolve())


def _name(settings: Any, key: str) -> str:
    for step in key.split("."):
        settings = settings[_step(settings, step)]
    return str(settings)


def _step(inner: Any, step: str) -> str | int:
    return int(step) - 1 if isinstance(inner, list) else step


# ── What has changed since a run ────────────────────────────────────────────


def changes_since(record: Mapping[str, Any], settings: StudySettings) -> tuple[str, ...]:
    """Name what a study is made of today that the run of a record was not; nothing where it would give the same results.

    Inputs go by their files, settings by their keys, standards and libraries by their names; `program` is this program's own text. A query
    to a database is always among them: nobody knows what it would answer.
    """
    made = record["provenance"]
    if made["fingerprint"] == fingerprint_of(settings):
        return ()
    then, now = (
        {key: dict(files) for key, files in one.items()} for one in (made["input_files"], input_digests(settings))
    )
    files = [name for key in dict.fromkeys([*then, *now]) for name in differing(then.get(key, {}), now.get(key, {}))]
    keys = [key for key in _keys(record["settings"], plain_settings(settings)) if key != "outputs.folder"]
    standards = differing(made["standard_files"], standard_digests(settings))
    libraries = differing(made["versions"], versions())
    program = ["program"] if made["program_sha256"] != program_sha256() else []
    return tuple(dict.fromkeys([*files, *keys, *standards, *libraries, *program, *queries(settings)])) or ("?",)


def _keys(then: Any, now: Any, *way: str) -> Iterator[str]:
    """Give the keys of settings that differ, as they are named in messages."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*then, *now]):
            yield from _keys(then.get(key), now.get(key), *way, key)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (one, other) in enumerate(zip(then, now, strict=True), start=1):
            yield from _keys(one, other, *way, str(number))
    elif then != now:
        yield ".".join(way)


def is_whole(record: Mapping[str, Any], folder: Path) -> bool:
    """Whether every file of a run is there, in the size it had."""
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == of["size_bytes"]
        for name, of in record["files"].items()
    )


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what two lists of versions or digests do not agree on, by name: as it was and as it is, "" where there is none."""
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }
