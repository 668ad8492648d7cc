"""File formats: from a path to rows, or to the one fault that says why there are none.

GeoPackage, GeoJSON, shapefile, FlatGeobuf and KML are read by GDAL, GeoParquet by Arrow, OpenStreetMap extracts by osmium, tables by
`livingcircle.sources.tables` and `.workbooks`; a ZIP archive (and KMZ) is unpacked for the one layer in it. Nothing is opened that is not
what its extension says, and no archive before it was looked through (`livingcircle.sources.safety`).
"""

from __future__ import annotations

import io
import os
import re
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.sources.osm import read_tagged
from livingcircle.sources.safety import check_is_file, check_xml, unpack, zip_members
from livingcircle.sources.tables import LONGEST_CELL, Table, missing_layer, mostly_common_chinese, read_csv
from livingcircle.sources.workbooks import read_excel

# The first bytes of each format; GDAL opens whatever it recognises, so a wrong extension would otherwise pass unseen.
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_VECTORS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".gpkg": ("GeoPackage", (b"SQLite format 3\x00",)),
    ".geojson": ("GeoJSON", (b"{",)),
    ".json": ("GeoJSON", (b"{",)),
    ".shp": ("shapefile", (b"\x00\x00\x27\x0a",)),
    ".fgb": ("FlatGeobuf", (b"fgb\x03fgb",)),
    ".kml": ("KML", (b"<", b"\xff\xfe", b"\xfe\xff")),
}
_PARQUETS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".parquet": ("GeoParquet", (b"PAR1",)),
    ".geoparquet": ("GeoParquet", (b"PAR1",)),
}
_WORKBOOKS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".xlsx": ("Excel", (_ZIP, _COMPOUND)),  # what has a password is a compound file, whatever its extension
    ".xlsm": ("Excel", (_ZIP, _COMPOUND)),
    ".xls": ("Excel", (_COMPOUND, _ZIP)),
}
_ARCHIVES: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".zip": ("ZIP", (_ZIP, b"PK\x05\x06")),
    ".kmz": ("KMZ", (_ZIP, b"PK\x05\x06")),
}
_TEXTS = (".csv", ".tsv", ".txt")
_EXTRACTS = (".pbf", ".osm")
_SIGNATURES = {**_VECTORS, **_PARQUETS, **_WORKBOOKS, **_ARCHIVES}
FORMATS = (*_VECTORS, *_PARQUETS, *_TEXTS, *_WORKBOOKS, *_ARCHIVES, *_EXTRACTS)
_IN_ARCHIVES = {".kmz": (".kml",), ".zip": (*_VECTORS, *_PARQUETS, *_TEXTS, *_WORKBOOKS)}

MOST_ROWS = 50_000_000
_JSON_CRS = re.compile(rb'"crs"\s*:\s*\{\s*"type"\s*:\s*"name"\s*,\s*"properties"\s*:\s*\{\s*"name"\s*:\s*"([^"]*)"')
_KML_DISPLAY = frozenset(
    {"timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet"}
)


def read_rows(path: Path, layer: str | None, stated: Collection[str] = ()) -> Table:
    """Read the rows of one layer or sheet, the first with geometry when `layer` is None: a GeoDataFrame where they have geometry.

    Beside them is what must be said of how they were read. `stated` are columns that the header of a table is known by. Geometry that its
    driver cannot build, such as a ring that is not closed, is None. Of an OpenStreetMap extract `layer` names the objects by their tag, as
    in `boundary=administrative`; their tags are the columns.

    Raises
    ------
    InputError
        With the fault that keeps the file from being read.
    """
    suffix = path.suffix.lower()
    check_is_file(path)
    if suffix not in FORMATS:
        raise InputError(Fault("unknown_format", file=str(path), details={"formats": ", ".join(FORMATS)}))
    try:
        _check_signature(path, suffix)
        rows, notes = _read(path, suffix, layer, stated)
    except OSError as error:  # it may not be read, or was there a moment ago
        raise InputError(unreadable(path, error)) from error
    if not len(rows):
        raise InputError(Fault("empty_layer", file=str(path)))
    if suffix in _VECTORS or suffix in _PARQUETS or suffix in _EXTRACTS:
        _check_cells(path, rows)
    return rows, notes


def _read(path: Path, suffix: str, layer: str | None, stated: Collection[str]) -> Table:
    if suffix in _ARCHIVES:
        return _read_archive(path, layer, stated)
    if suffix in _TEXTS:
        return read_csv(path, stated)
    if suffix in _WORKBOOKS:
        return read_excel(path, layer, stated)
    if suffix in _EXTRACTS:
        return _read_extract(path, layer), []
    if suffix in _PARQUETS:
        return _guarded(path, lambda: _read_parquet(path)), []
    notes: list[Fault] = []
    return _guarded(path, lambda: _read_vector(path, layer, notes)), notes


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


def _check_cells(path: Path, rows: pd.DataFrame) -> None:
    """Refuse cells that no layer has: a name of ten million letters would be carried through every output."""
    faults = []
    for name in rows.columns:
        if pd.api.types.is_string_dtype(rows[name]):
            lengths = rows[name].astype("str").str.len().to_numpy(dtype=float, na_value=0)
            if lengths.max() > LONGEST_CELL:
                row = int(lengths.argmax()) + 1
                faults.append(Fault("oversized_cell", str(path), row, str(name), details={"most": LONGEST_CELL}))
    if faults:
        raise InputError(faults)


def _guarded(path: Path, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Turn whatever a driver raises into one fault: libraries of this kind raise almost anything on a broken file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # drivers speak of repairs that are checked here row by row
            return read()
    except InputError:
        raise
    except Exception as error:
        raise InputError(unreadable(path, error)) from error


# ── One file ────────────────────────────────────────────────────────────────


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    rows = pq.read_metadata(path).num_rows
    if rows > MOST_ROWS:
        raise InputError(Fault("layer_too_large", file=str(path), details={"rows": rows, "most": MOST_ROWS}))
    try:
        frame = gpd.read_parquet(path)
        named = [name for name in frame.index.names if name is not None]
        return frame.reset_index(named) if named else frame  # as edges of OSMnx: u, v, key
    except ValueError as error:
        if "geo metadata" not in str(error):
            raise
        return pd.read_parquet(path)


def _read_extract(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    key, equals, value = (layer or "").partition("=")
    if not (key.strip() and equals and value.strip()):
        raise InputError(Fault("extract_layer", file=str(path), value=layer or ""))
    places = read_tagged(path, [{key.strip(): value.strip()}])
    tags = pd.DataFrame([{"id": own, **tags} for own, tags in zip(places.ids, places.tags, strict=True)], dtype=object)
    return gpd.GeoDataFrame(tags, geometry=places.geometry, crs="EPSG:4326")


def _read_vector(path: Path, layer: str | None, notes: list[Fault]) -> pd.DataFrame:
    suffix = path.suffix.lower()
    if suffix == ".shp":
        return _read_shapefile(path, notes)
    if suffix in {".geojson", ".json"} and (text := _text_in_gb18030(path)) is not None:
        notes.append(Fault("encoding_found", file=str(path), value="GB18030"))
        return gpd.read_file(io.BytesIO(text.encode()), layer=layer, on_invalid="ignore")
    if suffix == ".kml":
        check_xml(path)
    layers = [name for name, _ in pyogrio.list_layers(path)]
    if layer is not None and layer not in layers:
        raise InputError(missing_layer(path, layer, layers))
    if suffix == ".kml":
        return _read_kml(path, [layer] if layer is not None else layers)
    frame = gpd.read_file(path, layer=layer, on_invalid="ignore")
    if suffix in {".geojson", ".json"} and _names_unknown_crs(path):
        frame = gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=frame.geometry.to_numpy())
    if layer is None and len(layers) > 1:
        notes.append(Fault("layer_chosen", file=str(path), value=layers[0], details={"others": ", ".join(layers[1:])}))
    return frame


def _names_unknown_crs(path: Path) -> bool:
    """Return whether GeoJSON names a coordinate reference system that nobody knows; its driver would take that for WGS-84 in silence."""
    with path.open("rb") as file:
        named = _JSON_CRS.search(file.read(100_000))
    try:
        return named is not None and pyproj.CRS.from_user_input(named[1].decode("utf-8", "replace")) is None
    except pyproj.exceptions.CRSError:
        return True


def _read_kml(path: Path, folders: Sequence[str]) -> pd.DataFrame:
    """Read the placemarks of all folders, in their order, without what only says how they are drawn."""
    frames = [gpd.read_file(path, layer=folder, on_invalid="ignore") for folder in folders]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    unused = [name for name in frame.columns if name in _KML_DISPLAY or frame[name].isna().all()]
    return frame.drop(columns=[name for name in unused if name != frame.geometry.name])


def _text_in_gb18030(path: Path) -> str | None:
    """Return the text of a file that is not in UTF-8 but in GB18030, None of any other."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            return None
        return text if mostly_common_chinese(text[:1_000_000]) else None
    return None


# ── Shapefiles ──────────────────────────────────────────────────────────────


def _read_shapefile(path: Path, notes: list[Fault]) -> pd.DataFrame:
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    if ".dbf" not in parts:
        notes.append(Fault("no_attributes", file=str(path)))
    if ".shx" not in parts:
        notes.append(Fault("index_rebuilt", file=str(path)))
        with tempfile.TemporaryDirectory() as folder, _rebuilding_index():
            # The index is written beside the file, which is the user's: links to its parts stand in another folder.
            for suffix, part in parts.items():
                os.symlink(part.resolve(), Path(folder, f"layer{suffix}"))  # noqa: PTH211 - the same
            return _read_shapefile_parts(Path(folder, "layer.shp"), parts, path, notes)
    return _read_shapefile_parts(path, parts, path, notes)


@contextmanager
def _rebuilding_index() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _read_shapefile_parts(opened: Path, parts: Mapping[str, Path], path: Path, notes: list[Fault]) -> pd.DataFrame:
    try:
        frame = gpd.read_file(opened, on_invalid="ignore")
        encoding = None if ".cpg" in parts else _true_encoding(frame)
        if encoding is None:
            return frame
    except UnicodeDecodeError:
        encoding = "gb18030"  # what its .cpg says is wrong; text that is not GB18030 either is refused now
    notes.append(Fault("encoding_found", file=str(path), value=encoding.upper()))
    return gpd.read_file(opened, on_invalid="ignore", encoding=encoding)


def _true_encoding(frame: pd.DataFrame) -> str | None:
    """Return the encoding of a shapefile that does not state it, or None when it was read rightly.

    Without `.cpg` every byte of its text was taken for one Latin-1 letter. Put back into bytes, text that is valid UTF-8 is UTF-8; text
    that is GB18030 and made of common characters is GB18030. Anything else, such as `Müller`, stays as it is.
    """
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
            text = "".join(cell.encode("latin-1").decode(encoding) for cell in foreign)
        except UnicodeError:
            continue
        if encoding == "utf-8" or mostly_common_chinese(text):
            return encoding
    return None


# ── Archives ────────────────────────────────────────────────────────────────


def _read_archive(path: Path, layer: str | None, stated: Collection[str]) -> Table:
    """Read the one layer in an archive, or the file in it that `layer` names."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = zip_members(path, archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise InputError(unreadable(path, error)) from error
    names = {member: PurePosixPath(_spelled(member).replace("\\", "/")) for member in members}
    wanted = _IN_ARCHIVES[path.suffix.lower()]
    found = [
        member
        for member, name in names.items()
        if name.suffix.lower() in wanted and not name.name.startswith(".") and "__MACOSX" not in name.parts
    ]
    by_name = [member for member in found if layer in {names[member].name, names[member].stem, str(names[member])}]
    if by_name:
        found, layer = by_name, None
    if path.suffix.lower() == ".kmz":
        found = [member for member in found if names[member].name == "doc.kml"] or found
    if len(found) != 1:
        listed = ", ".join(str(names[member]) for member in found) or "—"
        raise InputError(Fault("archive_layers", file=str(path), details={"count": len(found), "layers": listed}))
    own = names[found[0]]
    parts = [
        m
        for m, name in names.items()
        if m in found or (name.with_suffix("") == own.with_suffix("") and own.suffix.lower() == ".shp")
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(path, parts, Path(folder))
        inside = next(file for file in files if file.suffix == own.suffix.lower())
        try:
            rows, notes = read_rows(inside, layer, stated)
        except InputError as error:
            raise InputError([_in_archive(fault, path) for fault in error.faults]) from error
    taken = Fault("taken_from_archive", file=str(path), value=str(own))
    return rows, [taken, *(_in_archive(note, path) for note in notes)]


def _in_archive(fault: Fault, path: Path) -> Fault:
    return replace(fault, file=str(path))


def _spelled(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; without the flag for UTF-8 it is what the maker's system wrote, in China GBK."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    try:
        written = member.filename.encode("cp437")
        return written.decode("utf-8" if _is_utf8(written) else "gb18030")
    except UnicodeError:
        return member.filename


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
