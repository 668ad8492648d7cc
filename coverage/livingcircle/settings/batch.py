"""The batch file: many studies with shared defaults, as frozen settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault
from livingcircle.settings.base import Settings, ShortName, StudyPath, Title, beside_study_file
from livingcircle.yaml_text import needed, read_yaml, validated


class BatchSettings(Settings):
    """Many studies under shared defaults: all districts of a city, all cities of a province."""

    id: ShortName
    """Short name."""
    title: Title
    """Title of the city's tables."""
    studies: Annotated[tuple[str, ...], Field(min_length=1)]
    """Study files, one district or city each; paths may hold `*`, as in `districts/*.yaml`."""
    defaults: Mapping[str, Any] = Field(default={})
    """Keys of a study file that hold for every study; what a study states itself goes before them. Paths in them are relative to the
    study files."""
    folder: StudyPath = Field(default=Path("runs"), validate_default=True)
    """Folder the results go to: a run folder for each study, and `city` with what is merged of them."""
    workers: Annotated[int, Field(gt=0, strict=True)] | None = None
    """Studies computed at once; one for each processor when left out."""

    @field_validator("studies")
    @classmethod
    def _beside_this_file(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return tuple(str(beside_study_file(Path(one), info)) for one in given)

    @field_validator("defaults")
    @classmethod
    def _no_names(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if {"id", "title"} & set(given):
            raise needed(
                "不含 id 和 title 的内容（各研究自有）", "keys without id and title, which every study has of its own"
            )
        return given


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was read: `files` are its study files, each once, in order."""

    settings: BatchSettings
    files: tuple[Path, ...]


def read_batch(path: Path) -> Batch:
    """Read a batch file; its study files are looked for, not read.

    Raises
    ------
    SettingsError
        With every fault of the file, a pattern that finds nothing, a study that is not there, or two study files of one name: their
        results would go to one folder.
    """
    text = read_yaml(path)
    settings, faults = validated(BatchSettings, text, folder=path.resolve().parent)
    if settings is None:
        raise SettingsError(faults)
    files: dict[Path, None] = {}
    more: list[Fault] = []
    for position, pattern in enumerate(settings.studies):
        found = _files(Path(pattern))
        row, column = text.row(("studies", position)), f"studies[{position + 1}]"
        if not found:
            more.append(Fault("missing_file", file=str(path), row=row, column=column, value=pattern))
        files |= dict.fromkeys(found)
    more += [Fault("study_twice", file=str(path), value=name) for name in _twice(file.stem for file in files)]
    if more:
        raise SettingsError(more)
    return Batch(settings, tuple(files))


def _files(pattern: Path) -> list[Path]:
    if "*" not in str(pattern):
        return [pattern] if pattern.is_file() else []
    anchor = Path(pattern.anchor)
    return sorted(file for file in anchor.glob(str(pattern.relative_to(anchor))) if file.is_file())


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
