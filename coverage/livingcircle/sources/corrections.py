"""Corrections that keep the meaning: what a reader understood without doubt, written out plainly, with a list of every change.

What could mean two things is left as it is and stays in the report of the check: ranges, “约”, repeated ids, missing values.

```
encoding    text in GB18030 or UTF-16 becomes UTF-8 with its mark, which every Excel opens right
blanks      blanks around a cell go
number      “１，２３４” and “1.2万㎡” become plain numbers in the unit the column is read in, where exactly that is written
swapped     longitude and latitude change places, in rows where one of them can only be the other
datum       GCJ-02 and BD-09, as declared, become WGS-84; headers stay
duplicate   rows that repeat another in every cell go
geometry    polygons that cross themselves become what the reader makes of them
```
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter
from python_calamine import CalamineWorkbook

from livingcircle.model.columns import FloatArray
from livingcircle.sources.column_names import header_parts
from livingcircle.sources.datum import DATUM_NAMES, converted, is_offset
from livingcircle.sources.formats import read_rows
from livingcircle.sources.layers import Layer
from livingcircle.sources.quantities import quantity
from livingcircle.sources.tables import ENCODING_NAMES, csv_rows
from livingcircle.sources.units import UNITS, Unit

Reason = Literal["encoding", "blanks", "number", "swapped", "datum", "duplicate", "geometry"]
Grid = list[list[Any]]

TEXTS = frozenset({".csv", ".tsv"})
WORKBOOKS = frozenset({".xlsx", ".xls"})
VECTORS = frozenset({".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".geoparquet", ".kml"})
DEGREE_DIGITS = 8
"""Decimals of converted degrees: a millimetre."""

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Correction:
    """One change; `row` is what the user's program calls it in the original, None for all rows."""

    row: int | None
    column: str
    before: str
    after: str
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """A corrected copy that can be written: where it comes from, where it belongs, what changed, and how it is written."""

    source: Path
    target: Path
    changes: tuple[Correction, ...]
    write: Callable[[Path], None]


def corrected(layer: Layer) -> Corrected | None:
    """Return the corrected copy of a file as its reader understood it, or None where nothing can be corrected.

    Tables keep everything else they hold, titles and sums too; of a workbook the sheet that was read, as values. Layers become GeoPackage.
    Archives, extracts of OpenStreetMap and answers of map services stay as they are.
    """
    source = layer.source
    if source is None or source.pois is not None or not layer.readable:
        return None
    suffix = source.path.suffix.lower()
    if suffix in TEXTS | WORKBOOKS:
        return _corrected_table(layer, source.path, source.layer)
    return _corrected_layer(layer, source.path, source.layer) if suffix in VECTORS else None


def _target(path: Path, layer: str | None, suffix: str) -> Path:
    part = re.sub(r"[^\w-]+", "_", layer) if layer else ""
    return path.with_name(".".join(filter(None, (path.stem, part, "fixed"))) + suffix)


# ── Tables ──────────────────────────────────────────────────────────────────


def _corrected_table(layer: Layer, path: Path, sheet: str | None) -> Corrected | None:
    changes: list[Correction] = []
    grid: Grid
    if path.suffix.lower() in TEXTS:
        rows, separator, encoding = csv_rows(path)
        grid = [[*row] for row in rows]
        suffix, write = path.suffix, partial(_write_csv, grid, separator)
        if encoding != "utf-8-sig":
            changes.append(Correction(None, "", ENCODING_NAMES[encoding], "UTF-8", "encoding"))
    else:
        book = CalamineWorkbook.from_path(str(path))
        name = sheet or book.sheet_names[0]
        grid = [[*row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        suffix, write = ".xlsx", partial(_write_sheet, grid, name)
    top = layer.first_row - 1
    body = grid[top : top + len(layer.frame)]
    names = [str(column) for column in layer.frame.columns if column != "geometry"]  # the points made of coordinates
    for row in body:
        row.extend([""] * (len(names) - len(row)))
    for position, column in enumerate(names):
        changes += _tidied(body, position, column, layer)
    changes += _placed(body, names, layer)
    repeated = _repeated(body)
    changes += [
        Correction(layer.row(index), "", " | ".join(map(_text, body[index])), "", "duplicate") for index in repeated
    ]
    for index in reversed(repeated):
        del grid[top + index]
    return Corrected(path, _target(path, sheet, suffix), tuple(changes), write) if changes else None


def _tidied(body: Grid, position: int, column: str, layer: Layer) -> Iterable[Correction]:
    """Take away blanks, and write numbers plainly, in place."""
    unit, is_number = layer.units.get(column), column in layer.units
    is_degrees = column in {layer.columns.get("lon"), layer.columns.get("lat")}
    known: dict[str, str | float] = {}
    for index, row in enumerate(body):
        cell = row[position]
        if not isinstance(cell, str) or not cell:
            continue
        text = cell.strip()
        if text and (is_number or is_degrees) and not _PLAIN_NUMBER.fullmatch(text):
            if text not in known:
                known[text] = _plain_degrees(text) if is_degrees else _plain_number(text, unit, column)
            if known[text] != text:
                row[position] = known[text]
                yield Correction(layer.row(index), column, cell, _text(known[text]), "number")
                continue
        if text != cell:
            row[position] = text
            yield Correction(layer.row(index), column, cell, text, "blanks")


def _plain_number(text: str, unit: Unit | None, column: str) -> str:
    """Return a quantity as digits where it is exact and its column has no unit of its own, else the text as it was."""
    remark = header_parts(column)[1]
    factor = UNITS[unit].get(remark, 1.0) if unit is not None else 1.0
    read = quantity(text, unit, factor) if factor == 1.0 else None
    return f"{read.value:.15g}" if read is not None and read.exact else text


def _plain_degrees(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain if _PLAIN_NUMBER.fullmatch(plain) else text


def _placed(body: Grid, names: Sequence[str], layer: Layer) -> Iterable[Correction]:
    """Swap longitude and latitude where they can only be swapped, and bring a declared datum to WGS-84, in place."""
    columns = [layer.columns.get("lon"), layer.columns.get("lat")]
    if layer.source is None or None in columns or not set(columns) <= set(names):
        return
    lon, lat = (names.index(column) for column in columns if column is not None)
    x, y = (np.array([_number(row[position]) for row in body]) for position in (lon, lat))
    swapped = _swapped_rows(layer, x, y)
    datum, moved = layer.source.datum, np.zeros(len(body), dtype=bool)
    if datum is not None and is_offset(datum) and layer.source.crs is None:
        x[swapped], y[swapped] = y[swapped], x[swapped].copy()
        moved = np.isfinite(x) & np.isfinite(y)
        x[moved], y[moved] = converted(x[moved], y[moved], datum)
    for index in np.flatnonzero(swapped | moved):
        row = body[index]
        before = [row[lon], row[lat]]
        numbers = isinstance(before[0], float | int)
        if swapped[index]:
            row[lon], row[lat] = before[1], before[0]
        if moved[index]:
            after = [f"{value:.{DEGREE_DIGITS}f}" for value in (x[index], y[index])]
            row[lon], row[lat] = [float(text) for text in after] if numbers else after
        for position, cell in zip((lon, lat), before, strict=True):
            if _text(cell) != _text(row[position]):
                reason: Reason = "datum" if moved[index] else "swapped"
                yield Correction(layer.row(index), names[position], _text(cell), _text(row[position]), reason)


def _swapped_rows(layer: Layer, x: FloatArray, y: FloatArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the rows that were found to be swapped, one by one or the whole layer, as far as each shows it by itself (n,)."""
    rows = np.zeros(len(x), dtype=bool)
    found = [finding for finding in layer.findings if finding.kind == "swapped_coordinates"]
    rows[[finding.row - layer.first_row for finding in found if finding.row is not None]] = True
    if any(finding.row is None for finding in found):
        rows |= (np.abs(y) > 90) & (np.abs(x) <= 90)
    return rows & np.isfinite(x) & np.isfinite(y)


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return math.nan


def _repeated(body: Grid) -> list[int]:
    """Return the positions of rows that hold the same as an earlier one in every cell; empty rows repeat nothing."""
    seen: set[tuple[str, ...]] = set()
    repeated = []
    for index, row in enumerate(body):
        cells = tuple(map(_text, row))
        if not any(cells):
            continue
        if cells in seen:
            repeated.append(index)
        seen.add(cells)
    return repeated


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _write_csv(grid: Grid, separator: str, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows(grid)


def _write_sheet(grid: Grid, name: str, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(name)
        day, moment = (book.add_format({"num_format": shape}) for shape in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        for row, cells in enumerate(grid):
            for column, cell in enumerate(cells):
                if isinstance(cell, bool):
                    sheet.write_boolean(row, column, cell)
                elif isinstance(cell, int | float):
                    sheet.write_number(row, column, cell)
                elif isinstance(cell, dt.datetime):
                    sheet.write_datetime(row, column, cell, moment)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(row, column, cell, day)
                elif cell not in {"", None}:
                    sheet.write_string(row, column, str(cell))


# ── Layers ──────────────────────────────────────────────────────────────────


def _corrected_layer(layer: Layer, path: Path, name: str | None) -> Corrected | None:
    read, _ = read_rows(path, name)
    if not isinstance(read, gpd.GeoDataFrame) or len(read) != len(layer.frame):
        return None
    geometry = np.array(layer.frame.geometry.to_numpy(), dtype=object)
    own = np.array(read.geometry.to_numpy(), dtype=object)
    attributes = pd.DataFrame(layer.frame).drop(columns=layer.frame.geometry.name).copy()
    changes = [
        Correction(None, "", finding.value, "UTF-8", "encoding")
        for finding in layer.findings
        if finding.kind == "encoding_found"
    ]
    repaired = ~shapely.is_valid(own) & shapely.is_valid(geometry) & ~shapely.is_empty(geometry)
    changes += [
        Correction(layer.row(index), "geometry", shapely.is_valid_reason(own[index]), "Valid Geometry", "geometry")
        for index in np.flatnonzero(repaired & ~shapely.is_missing(own))
    ]
    datum = None if layer.source is None else layer.source.datum
    if datum is not None and is_offset(datum):
        changes.append(Correction(None, "geometry", DATUM_NAMES[datum], "WGS-84", "datum"))
    for column in attributes.columns:
        if attributes[column].dtype == object or pd.api.types.is_string_dtype(attributes[column]):
            body = [["" if pd.isna(cell) else cell] for cell in attributes[column]]
            found = list(_tidied(body, 0, str(column), layer))
            if found:
                attributes[column] = pd.Series([row[0] for row in body], index=attributes.index, dtype=object)
                changes += found
    keys = attributes.astype(str).assign(_geometry=shapely.to_wkb(geometry))
    repeated = keys.duplicated().to_numpy()
    changes += [Correction(layer.row(index), "", "", "", "duplicate") for index in np.flatnonzero(repeated)]
    if not changes:
        return None
    frame = gpd.GeoDataFrame(attributes, geometry=geometry, crs=layer.frame.crs)[~repeated]
    write = partial(_write_layer, frame, name or path.stem)
    return Corrected(path, _target(path, name, ".gpkg"), tuple(changes), write)


def _write_layer(frame: gpd.GeoDataFrame, name: str, path: Path) -> None:
    plain = frame.copy()
    for column in plain.columns.drop([plain.geometry.name]):
        if plain[column].dtype == object:  # lists and the like, which GeoParquet has and a table has not
            plain[column] = plain[column].map(lambda cell: cell if cell is None or isinstance(cell, str) else str(cell))
    # A number of its own under a name nobody uses, so that a column `fid` of the original stays what it is.
    plain.to_file(path, driver="GPKG", layer=name, engine="pyogrio", layer_options={"FID": "_gpkg_fid"})
