"""The run folder: everything a run leaves behind, put in place complete or not at all.

```
results.gpkg   homes, facilities, districts, gaps, gap_list, isochrones, candidates, plan, areas of facilities; `about` tells of them
tables.xlsx    the same tables for an office
csv/           the same tables for machines
map.html       the map; opens with no internet
plans/         a page on every site of a plan, and what more or less would do as a chart
geoparquet/    the layers as GeoParquet, if asked for
rasters/       walking times to every service, and what lies within its limit, if asked for
datapackage.json   what every file is, and of every column its type, unit and meaning
run.json       every figure of the summary, settings, inputs with digests, versions, times
```
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyogrio.errors import DataLayerError, DataSourceError
from xlsxwriter.exceptions import XlsxWriterException

from livingcircle.errors import InputError
from livingcircle.faults import Fault, Language, reasons
from livingcircle.model.results import Results
from livingcircle.model.standard import ServiceType
from livingcircle.model.surface import Surface
from livingcircle.render import sample, starter
from livingcircle.render.drafts import beside, beside_file, clear_left_over
from livingcircle.render.maps import write_map
from livingcircle.render.package import PACKAGE, package
from livingcircle.render.sheets import layers_of, write_csvs, write_geopackage, write_geoparquet, write_workbook
from livingcircle.render.site_page import frontier_charts, site_pages
from livingcircle.render.summary import about, overview
from livingcircle.render.tables import Tables, dictionary, tables_of

if TYPE_CHECKING:
    import pandas as pd

RECORD = "run.json"
RECORD_EDITION = 1
"""Raised whenever a record can no longer be replayed as earlier ones are."""
NAMES_SHOWN = 3
LEAST_ROOM_BYTES = 500_000
"""With less than this left, a disk is full, whatever a library says of it."""
WRITE_ERRORS = (OSError, DataLayerError, DataSourceError, XlsxWriterException)
"""What the writers raise when a disk is full, a folder closed or a file in use."""
Draw = Callable[[Path], None]
Documents = Callable[[Path, Results, Tables], Mapping[str, str]]
"""Writes more files into a folder of results, from them and their tables, and returns the names of the files by what they are."""


def write_run_folder(
    folder: Path,
    results: Results,
    figures: Mapping[str, Any],
    *,
    language: Language,
    settings: Mapping[str, Any],
    rasters: Iterable[Surface] = (),
    formats: Collection[str] = (),
    documents: Documents | None = None,
    drawn: Callable[[Path, Draw], None] | None = None,
) -> Mapping[str, Path]:
    """Write all results, with `figures` and `settings` in the run record, and return the paths by name.

    `rasters` are written one after another, `formats` are those the layers are wanted
    in beside the GeoPackage. `documents` writes what else is wanted. `drawn` is told where the map is wanted and what would draw it, the
    longest part of the writing, and may put there one that was kept.

    An earlier run in `folder` is replaced.

    Raises
    ------
    InputError
        When `folder` holds something that is not a run, or cannot be written; it is left as it was.
    """
    folder = folder.resolve()
    with replaced_folder(folder) as draft:
        tables = tables_of(results)
        notes = about(results)

        def draw(file: Path) -> None:
            write_map(file, results, language, tables)

        if drawn is None:
            draw(draft / "map.html")
        else:
            drawn(draft / "map.html", draw)
        write_geopackage(draft / "results.gpkg", results, tables, notes)
        write_workbook(
            draft / "tables.xlsx",
            tables,
            language,
            results.study.title.said(language),
            overview(results, language),
            made=results.provenance.started_utc,
        )
        (draft / "csv").mkdir()
        write_csvs(draft / "csv", {"about": notes, **tables})
        if "geoparquet" in formats:
            write_geoparquet(draft / "geoparquet", layers_of(results, tables))
        _write_plans(draft / "plans", results, tables, language)
        _write_rasters(draft / "rasters", results, rasters, language)
        more = {} if documents is None else documents(draft, results, tables)
        _write_record(draft, results, tables, figures, settings, language)
    return {**run_files(folder), **{name: folder / file for name, file in more.items()}}


def run_files(folder: Path) -> dict[str, Path]:
    """Return the files of a run folder that a person opens, by name."""
    names = {"map": "map.html", "tables": "tables.xlsx", "geopackage": "results.gpkg", "csv": "csv", "record": RECORD}
    return {name: folder / file for name, file in names.items()}


def write_tables_folder(
    folder: Path,
    results: Results,
    figures: Mapping[str, Any],
    names: Sequence[str],
    *,
    language: Language,
    settings: Mapping[str, Any],
) -> None:
    """Write some tables of results, by name, as a workbook and as CSVs, with the run record: a run folder without anything drawn.

    Raises
    ------
    InputError
        As `write_run_folder` does.
    """
    with replaced_folder(folder.resolve()) as draft:
        every = tables_of(results)
        tables = {name: every[name] for name in names}
        tables["dictionary"] = dictionary(tables)
        notes, title = overview(results, language), results.study.title.said(language)
        write_workbook(draft / "tables.xlsx", tables, language, title, notes, made=results.provenance.started_utc)
        (draft / "csv").mkdir()
        write_csvs(draft / "csv", {"about": about(results), **tables})
        _write_record(draft, results, tables, figures, settings, language)


def _write_record(
    draft: Path,
    results: Results,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, Any],
    settings: Mapping[str, Any],
    language: Language,
) -> None:
    """Write the run record, which makes the folder a run, and before it what describes the folder to others."""
    files = {path.relative_to(draft).as_posix(): _described(path) for path in sorted(draft.rglob("*.*"))}
    described = package(results, tables, files, language, name=str(settings["id"]))
    (draft / PACKAGE).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    files[PACKAGE] = _described(draft / PACKAGE)
    record = {"record_edition": RECORD_EDITION, **figures, "settings": settings, "files": files}
    (draft / RECORD).write_text(_as_json(record), encoding="utf-8")


def _write_plans(folder: Path, results: Results, tables: Tables, language: Language) -> None:
    """Write a page on every site (选址说明) and a chart of every frontier."""
    for name, page in [*site_pages(results, tables, language), *frontier_charts(tables, language)]:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(page, encoding="utf-8", newline="\n")


def _write_rasters(folder: Path, results: Results, rasters: Iterable[Surface], language: Language) -> None:
    for surface in rasters:
        from livingcircle.render.rasters import (
            raster_name,
            write_surface,
        )  # GDAL's raster half, for those who ask for it

        folder.mkdir(exist_ok=True)
        write_surface(folder / raster_name(results.study, surface), results.study, surface, language)


def write_geopackage_file(file: Path, results: Results) -> None:
    """Write the layers of `results.gpkg` alone, to any path, complete or not at all.

    Raises
    ------
    InputError
        When the file cannot be written; what was there is left as it was.
    """
    with replaced_file(file) as draft:
        write_geopackage(draft, results, tables_of(results), about(results))


def write_text_file(file: Path, text: str) -> None:
    """Write a text to any path, complete or not at all.

    Raises
    ------
    InputError
        When the file cannot be written; what was there is left as it was.
    """
    with replaced_file(file) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def replaced_file(file: Path) -> Iterator[Path]:
    """Give a draft to write to; it takes the file's place when all is written, and is removed when anything fails.

    Drafts of it that killed processes left behind are removed.
    """
    file = file.resolve()
    draft = beside_file(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        clear_left_over(file.parent, file.name)
        yield draft
        draft.replace(file)
    except WRITE_ERRORS as error:
        raise _unwritable(file, error) from error
    finally:
        with suppress(OSError):  # where its folder could not be made there is no draft either
            draft.unlink(missing_ok=True)


def write_starter(folder: Path, services: Sequence[ServiceType], language: Language) -> Mapping[str, Path]:
    """Write the study file and the sheets of a new study, and return them by name; nothing that is there is touched.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    forms = starter.forms(services)
    files = {form.file: (folder / form.file).resolve() for form in forms}
    study = (folder / starter.STUDY_NAME).resolve()
    require_absent([study, *files.values()])
    for form in forms:
        with replaced_file(files[form.file]) as draft:
            starter.write_form(draft, form)
    write_text_file(study, starter.study_text(folder.resolve(), language))
    return {starter.STUDY_NAME: study, **files}


def write_sample(folder: Path, language: Language) -> Mapping[str, Path]:
    """Write the sample's study file and its data into a folder, ready to run; nothing that is there is touched.

    Raises
    ------
    InputError
        With every file that is already there, or when one cannot be written.
    """
    folder = folder.resolve()
    study, data = folder / sample.STUDY_NAME, folder / sample.DATA
    sources = sample.sample_data()
    require_absent([study, *(data / source.name for source in sources)])
    for source in sources:
        with replaced_file(data / source.name) as draft:
            shutil.copyfile(source, draft)
    write_text_file(study, sample.sample_text(language))
    return {sample.STUDY_NAME: study, sample.DATA: data}


def require_absent(files: Iterable[Path]) -> None:
    """Refuse to write where something is already.

    Raises
    ------
    InputError
        With every file that is already there.
    """
    there = [Fault("already_there", file=str(file)) for file in files if os.path.lexists(file)]
    if there:
        raise InputError(there)


def _not_of_a_run(folder: Path) -> list[str]:
    """Return what a folder holds that no earlier run left there; nothing else may be replaced."""
    if not folder.is_dir():
        return [folder.name] if folder.exists() else []
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return sorted(found - _of_its_run(folder))


def _of_its_run(folder: Path) -> set[str]:
    """Return the files a run left in a folder, by its record; none where that is not there or cannot be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {RECORD, *record["files"]} if "settings" in record else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Give a draft folder to write to; move it into place when all is written, and remove it when anything fails.

    What killed processes left of it is cleared first: drafts are removed, a run that was put aside stands there again.

    Raises
    ------
    InputError
        When `folder` holds something that is not a run, or cannot be written; it is left as it was.
    """
    try:
        clear_left_over(folder.parent, folder.name)
        strange = _not_of_a_run(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    if RECORD in strange:
        raise InputError(Fault("run_folder_damaged", file=str(folder / RECORD)))
    if strange:
        shown = ", ".join(strange[:NAMES_SHOWN]) + (" …" if len(strange) > NAMES_SHOWN else "")
        raise InputError(Fault("not_a_run_folder", file=str(folder), details={"names": shown}))
    draft, former = beside(folder, "draft"), beside(folder, "former")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        yield draft
        if folder.exists():
            folder.rename(former)
        draft.rename(folder)
        shutil.rmtree(former, ignore_errors=True)
    except WRITE_ERRORS as error:
        raise _unwritable(folder, error) from error
    finally:
        with suppress(OSError):
            if former.exists() and not folder.exists():
                former.rename(folder)
        shutil.rmtree(draft, ignore_errors=True)


def _unwritable(path: Path, error: Exception) -> InputError:
    """Say what failed, and how much room there is: of a full disk the libraries below tell only that something could not be written."""
    why = reasons(error, path)
    there = next(
        folder for folder in path.parents if os.access(folder, os.F_OK)
    )  # False for what may not be looked into
    with suppress(OSError):
        room = shutil.disk_usage(there).free
        if room < LEAST_ROOM_BYTES and not isinstance(error, OSError):
            why = reasons("no space left on device")
        free = f"{room / 1e6:,.0f} MB"
        why = {"reason_zh": f"{why['reason_zh']}（剩余 {free}）", "reason_en": f"{why['reason_en']} (free: {free})"}
    return InputError(Fault("unwritable_folder", file=str(path), details=why))


def _as_json(record: Mapping[str, Any]) -> str:
    """Return a record as JSON that people can read and compare: of every table a row in a line."""
    parts = []
    for name, value in record.items():
        said = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
        if isinstance(value, list) and value:
            rows = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in value)
            said = "[\n" + ",\n".join(rows) + "\n]"
        parts.append(f"{json.dumps(name, ensure_ascii=False)}: {said}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
