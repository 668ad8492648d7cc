"""File formats: from a path to rows, or to the one fault that says why there are none."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.tables import missing_layer, read_csv, read_excel

# The first bytes of each format; GDAL opens whatever it recognises, so a wrong extension would otherwise pass unseen.
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_VECTORS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".gpkg": ("GeoPackage", (b"SQLite format 3\x00",)),
    ".geojson": ("GeoJSON", (b"{",)),
    ".json": ("GeoJSON", (b"{",)),
    ".shp": ("shapefile", (b"\x00\x00\x27\x0a",)),
    ".fgb": ("FlatGeobuf", (b"fgb\x03fgb",)),
}
_PARQUETS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".parquet": ("GeoParquet", (b"PAR1",)),
    ".geoparquet": ("GeoParquet", (b"PAR1",)),
}
_WORKBOOKS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".xlsx": ("Excel", (_ZIP,)),
    ".xls": ("Excel", (_COMPOUND, _ZIP)),
}
_TEXTS = (".csv", ".tsv")
_SIGNATURES = {**_VECTORS, **_PARQUETS, **_WORKBOOKS}
FORMATS = (*_VECTORS, *_PARQUETS, *_TEXTS, *_WORKBOOKS)


def read_rows(path: Path, layer: str | None, stated: Collection[str] = ()) -> tuple[pd.DataFrame, list[Fault]]:
    """Read the rows of one layer or sheet, the first with geometry when `layer` is None: a GeoDataFrame where they have geometry.

    Beside them is what must be said of how they were read. `stated` are columns that the header of a table is known by.

    Geometry that its driver cannot build, such as a ring that is not closed, is None.

    Raises
    ------
    InputError
        With the fault that keeps the file from being read.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise InputError(Fault("missing_file", file=str(path)))
    if suffix not in FORMATS or not path.is_file():
        raise InputError(Fault("unknown_format", file=str(path), details={"formats": ", ".join(FORMATS)}))
    _check_signature(path, suffix)
    if suffix in _TEXTS:
        rows = read_csv(path)
    elif suffix in _WORKBOOKS:
        rows = read_excel(path, layer)
    else:
        rows = _guarded(path, lambda: _read_parquet(path) if suffix in _PARQUETS else _read_vector(path, layer))
    if not len(rows):
        raise InputError(Fault("empty_layer", file=str(path)))
    return rows, []


def _check_signature(path: Path, suffix: str) -> None:
    with path.open("rb") as file:
        start = file.read(512)
    if suffix in _SIGNATURES:
        name, signatures = _SIGNATURES[suffix]
        if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(signatures) and not start.startswith(signatures):
            raise InputError(Fault("wrong_content", file=str(path), details={"format": name}))
    if suffix == ".shp" and 2 * int.from_bytes(start[24:28]) > path.stat().st_size:
        # The header states the length in 16-bit words; GDAL gives rows past the end an empty geometry instead of failing.
        raise InputError(Fault("truncated_file", file=str(path)))


def _guarded(path: Path, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Turn whatever a driver raises into one fault: libraries of this kind raise almost anything on a broken file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # drivers speak of repairs that are checked here row by row
            return read()
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).replace(str(path), path.name).split())
        raise InputError(Fault("unreadable_file", file=str(path), details={"reason": reason})) from error


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return gpd.read_parquet(path)
    except ValueError as error:
        if "geo metadata" not in str(error):
            raise
        return pd.read_parquet(path)


def _read_vector(path: Path, layer: str | None) -> pd.DataFrame:
    layers = [name for name, _ in pyogrio.list_layers(path)]
    if layer is not None and layer not in layers:
        raise InputError(missing_layer(path, layer, layers))
    frame = gpd.read_file(path, layer=layer, on_invalid="ignore")
    if path.suffix.lower() == ".shp":
        encoding = _true_encoding(path, frame)
        if encoding:
            frame = gpd.read_file(path, layer=layer, on_invalid="ignore", encoding=encoding)
    return frame


def _true_encoding(path: Path, frame: pd.DataFrame) -> str | None:
    """Return the encoding of a shapefile that does not state it, or None when it was read rightly.

    Without `.cpg` every byte of its text was taken for one Latin-1 letter. Put back into bytes, text that is valid UTF-8 is UTF-8; text
    that is GB18030 and, for four letters of five, made of the 6,763 common characters of GB 2312 is GB18030. Anything else, such as
    `Müller`, stays as it is.
    """
    if path.with_suffix(".cpg").exists() or path.with_suffix(".CPG").exists():
        return None
    attributes = pd.DataFrame(frame).drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame
    cells = {str(name) for name in attributes.columns}
    for name in attributes.columns:
        if not pd.api.types.is_numeric_dtype(attributes[name]):
            cells.update(cell for cell in attributes[name].dropna().unique() if isinstance(cell, str))
    foreign = [cell for cell in cells if not cell.isascii()]
    if not foreign:
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            letters = [letter for cell in foreign for letter in cell.encode("latin-1").decode(encoding)]
        except UnicodeError:
            continue
        beyond_ascii = [letter for letter in letters if not letter.isascii()]
        common = sum(bool(letter.encode("gb2312", "ignore")) for letter in beyond_ascii)
        if encoding == "utf-8" or common >= 0.8 * len(beyond_ascii):
            return encoding
    return None
