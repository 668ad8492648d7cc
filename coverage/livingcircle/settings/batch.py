"""The batch file: many studies with shared defaults, as frozen settings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault, Language
from livingcircle.settings.base import Settings, ShortName, StudyPath, Title, beside_study_file
from livingcircle.settings.districts import DistrictLayers
from livingcircle.settings.study import read_study
from livingcircle.yaml_text import needed, read_yaml, validated

Count = Annotated[int, Field(gt=0, strict=True)]
CITY = "city"
"""Folder of what is merged, beside those of the studies."""


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
    workers: Count | None = None
    """Studies computed at once; one for each processor when left out."""
    tiles: Count | Mapping[str, Count] | None = None
    """Into how many tiles studies are cut that are too large to be computed whole: a number for all of them, or one for each by the name of
    its file. Of a study in tiles there are coverage and verdicts, to the last bit as of the whole, but no areas, clauses and plans."""
    year: Annotated[int, Field(ge=1949, le=2200, strict=True)] | None = None
    """The year the data should be of; studies with data of another year are told."""
    districts: DistrictLayers = ()
    """Districts of the whole city, each of which some study should hold; those that none does are told."""
    prints: bool = False
    """Whether maps for print are drawn of the city, a sheet for every limit its standards ask for: PNG at 300 dpi, and PDF. About a second
    for each; they need the `report` extra."""
    language: Language = "zh"
    """Language of the city's workbook and maps, whatever those of its studies are."""

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
    """A batch that was read: `files` are its study files, each once, in order; `unfit` names those that cannot be computed, and why."""

    settings: BatchSettings
    files: tuple[Path, ...]
    unfit: Mapping[str, Fault] = field(default_factory=dict)

    def tiles_of(self, study: str) -> int | None:
        """Return into how many tiles a study is cut; None for one that is computed whole."""
        tiles = self.settings.tiles
        return tiles.get(study) if isinstance(tiles, Mapping) else tiles


def read_batch(path: Path) -> Batch:
    """Read a batch file; its study files are looked for, not read.

    A study that is not there, a pattern that finds nothing and study files whose results would go to one folder, that of another or of
    the city, stop no other: they are `unfit`.

    Raises
    ------
    SettingsError
        With every fault of the file, or when no study can be computed at all.
    """
    text = read_yaml(path)
    settings, faults = validated(BatchSettings, text, folder=path.resolve().parent)
    if settings is None:
        raise SettingsError(faults)
    files: dict[Path, None] = {}
    unfit: dict[str, Fault] = {}
    for position, pattern in enumerate(settings.studies):
        found = _files(Path(pattern))
        if not found:
            row, column = text.row(("studies", position)), f"studies[{position + 1}]"
            stem = Path(pattern).stem
            name = stem if "*" not in stem and stem not in unfit else os.path.relpath(pattern, path.resolve().parent)
            unfit[name] = Fault("missing_file", file=str(path), row=row, column=column, value=pattern)
        files |= dict.fromkeys(found)
    unfit |= {name: Fault("study_twice", file=str(path), value=name) for name in _twice(file.stem for file in files)}
    unfit |= {
        file.stem: Fault("study_named_city", file=str(path), value=file.stem)
        for file in files
        if file.stem.casefold() == CITY
    }
    fit = tuple(file for file in files if file.stem not in unfit)
    strange = sorted(set(settings.tiles) - {file.stem for file in files}) if isinstance(settings.tiles, Mapping) else []
    if strange or not fit:
        unknown = [Fault("unknown_study", file=str(path), column="tiles", value=name) for name in strange]
        raise SettingsError([*unfit.values(), *unknown])
    return Batch(settings, fit, unfit)


def batch_of_one(study: Path, tiles: int) -> Batch:
    """Return the batch that computes a single study in tiles; its results go to `<outputs.folder>/<id>-tiles`.

    Raises
    ------
    SettingsError
        With every fault of the study file.
    """
    own = read_study(study)
    folder = own.outputs.folder / f"{own.id}-tiles"
    made = {"id": own.id, "title": own.title, "studies": (str(study),), "folder": folder, "tiles": tiles}
    settings = BatchSettings.model_validate(
        {**made, "language": own.outputs.language}, context={"folder": study.parent}
    )
    return Batch(settings, (study,))


def language_of(path: Path) -> Language:
    """Return the language a batch file, or a study, asks its results in; Chinese where it says nothing that can be read."""
    try:
        content = read_yaml(path).content
    except SettingsError:
        return "zh"  # what is wrong is told when it is read in earnest
    said = content if isinstance(content, Mapping) else {}
    outputs = said.get("outputs")
    own = outputs.get("language") if isinstance(outputs, Mapping) else said.get("language")
    return "en" if own == "en" else "zh"


def is_study(path: Path) -> bool:
    """Return whether a file is a study rather than a batch of them."""
    content = read_yaml(path).content
    return isinstance(content, Mapping) and "studies" not in content


def _files(pattern: Path) -> list[Path]:
    if "*" not in str(pattern):
        return [pattern] if pattern.is_file() else []
    anchor = Path(pattern.anchor)
    return sorted(file for file in anchor.glob(str(pattern.relative_to(anchor))) if file.is_file())


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
