"""A first look at a file: its columns and first rows, and the layers there are to choose from, before anybody has said what it holds."""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.column_names import is_no_id
from livingcircle.sources.formats import FORMATS, read_rows
from livingcircle.sources.safety import zip_members
from livingcircle.sources.tables import LONGEST_CELL

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
CONTAINERS = frozenset({".gpkg", ".kml"})
SHOWN_ROWS = 5
SHOWN_CHARACTERS = 28


@dataclass(frozen=True, slots=True)
class Peeked:
    """What one layer of a file looks like.

    `layers` are the sheets, layers or files of an archive to choose from, none where there is nothing to choose; `first_rows` are texts,
    one for each of `columns`. In `no_ids` are columns whose rows are numbered within something else. `has_places` says that the rows have
    geometry of their own, `crs` what the file says it is in. With `faults` the file cannot be read, and there are no rows.
    """

    layers: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: int = 0
    first_rows: tuple[tuple[str, ...], ...] = ()
    no_ids: tuple[str, ...] = ()
    has_places: bool = False
    crs: str = ""
    notes: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()


def peek(path: Path, layer: str | None = None) -> Peeked:
    """Read a layer of a file, the first when none is named, and return what it looks like, without raising."""
    try:
        rows, notes = read_rows(path, layer)
    except InputError as error:
        several = any(fault.kind == "archive_layers" for fault in error.faults)
        return Peeked(layers=_layers(path) if several else (), faults=error.faults)
    has_places = isinstance(rows, gpd.GeoDataFrame)
    columns = [name for name in rows.columns if not has_places or name != rows.geometry.name]
    crs = rows.crs if has_places else None
    return Peeked(
        layers=_layers(path),
        columns=tuple(str(name) for name in columns),
        rows=len(rows),
        first_rows=tuple(
            tuple(_text(cell) for cell in row)
            for row in pd.DataFrame(rows)[columns].head(SHOWN_ROWS).itertuples(index=False, name=None)
        ),
        no_ids=tuple(str(name) for name in columns if is_no_id(name, rows[name])),
        has_places=has_places,
        crs="" if crs is None else _crs_name(pyproj.CRS(crs)),
        notes=tuple(notes),
    )


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def _text(cell: object) -> str:
    missing = (isinstance(cell, float) and math.isnan(cell)) or cell is None or cell is pd.NaT or cell is pd.NA
    if missing:
        return ""
    text = str(cell)[:LONGEST_CELL].strip()
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _layers(path: Path) -> tuple[str, ...]:
    """Return what can be chosen in a file that was looked through before; hidden sheets last."""
    suffix = path.suffix.lower()
    names: list[str] = []
    if suffix in WORKBOOKS:
        sheets = CalamineWorkbook.from_path(str(path)).sheets_metadata
        names = [one.name for one in sorted(sheets, key=lambda one: one.visible != SheetVisibleEnum.Visible)]
    elif suffix in CONTAINERS:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    elif suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = [PurePosixPath(member.filename) for member in zip_members(path, archive)]
        names = [
            str(name)
            for name in inside
            if name.suffix.lower() in FORMATS and not name.name.startswith(".") and "__MACOSX" not in name.parts
        ]
    return tuple(names) if len(names) > 1 else ()
