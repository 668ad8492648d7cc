"""Layers: any supported file of points or areas, checked row by row.

A reader opens its layers, takes the columns it needs (`livingcircle.sources.columns`) and asks for the geometry in the study's coordinate
reference system. What is wrong is gathered on the way; `Layer.projected` and `read_layer` raise all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from operator import index as position_of
from pathlib import Path
from typing import Literal, SupportsIndex

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Detail, Fault
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.places import Facilities
from livingcircle.sources.cells import plain_numbers, texts_of
from livingcircle.sources.column_names import match_column, matching_columns
from livingcircle.sources.coordinate_systems import DEGREES, Understood, in_wgs84, understood
from livingcircle.sources.datum import Datum, is_offset
from livingcircle.sources.formats import read_rows
from livingcircle.sources.map_pois import Provider, read_pois
from livingcircle.sources.misplaced import note_misplaced, note_swapped
from livingcircle.sources.postgis import read_query
from livingcircle.sources.reading import Reading
from livingcircle.sources.tables import FIRST_ROW
from livingcircle.sources.units import Unit

Needed = Literal["points", "lines", "areas", "any", "borders"]

POINTS = frozenset({shapely.GeometryType.POINT})
AREAS = frozenset({shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON})
LINES = frozenset({shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING})
NEEDED_TYPES: Mapping[Needed, frozenset[shapely.GeometryType]] = {
    "points": POINTS,
    "lines": LINES,
    "areas": AREAS,
    "any": POINTS | AREAS,
    "borders": LINES | AREAS,
}
NEEDED_WORDS: Mapping[Needed, tuple[str, str]] = {
    "points": ("点", "points"),
    "lines": ("线", "lines"),
    "areas": ("面", "polygons"),
    "any": ("点或面", "points or polygons"),
    "borders": ("线或面", "lines or polygons"),
}
LONGITUDE_LATITUDE = DEGREES
EXAMPLE_ROWS = 5
COORDINATE_FAULTS = frozenset(
    {"coordinate_range", "bad_coordinate", "swapped_coordinates", "metres_as_degrees", "zero_coordinate"}
)
MOST_ALIKE = 1000
"""Findings of one kind in one column that are told one by one: a list of a million says no more, and nobody reads it."""


@dataclass(frozen=True, slots=True)
class LayerSource:
    """Where a layer is.

    `layer` names a layer of a GeoPackage or a sheet of a workbook, None takes the first. `crs` says what the file does not; a table of
    coordinates without it is in EPSG:4326, unless its eastings tell a zone. `datum` says that degrees are offset, as web maps of China have
    them; what is read is WGS-84 then. `pois` says that it holds POIs as that provider answers (`livingcircle.sources.map_pois`).
    `database` is what the query in a `.sql` file is put to (`livingcircle.sources.postgis`).
    """

    path: Path
    layer: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    database: str | None = None
    pois: Provider | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer being read: its rows (index 0…n-1), and what was found so far.

    `readable` is False when there are no rows to look at; columns taken from it are then empty and add no further faults.
    `first_row` is what the user's program calls the first: 1 for features, usually 2 for tables, whose header is row 1. `columns` names the
    column of every field that was found, stated or recognised, `units` the unit of every column read as numbers; `source` is where the
    layer was read from. `not_open` are facilities it holds that do not count.
    """

    frame: gpd.GeoDataFrame
    file: str
    findings: list[Fault] = field(default_factory=list)
    readable: bool = True
    first_row: int = 1
    columns: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit | None] = field(default_factory=dict)
    source: LayerSource | None = None
    not_open: list[Facilities] = field(default_factory=list)

    def note(
        self,
        kind: str,
        *,
        index: SupportsIndex | None = None,
        column: str = "",
        value: object = "",
        **details: Detail,
    ) -> None:
        """Note one fault or warning; `index` is the position in `frame`."""
        row = None if index is None else self.row(index)
        self.findings.append(Fault(kind, file=self.file, row=row, column=column, value=str(value), details=details))

    def row(self, index: SupportsIndex) -> int:
        """Return the row of a position in `frame` as the user sees it."""
        return position_of(index) + self.first_row

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps the layer from being used; of one kind in one column the first `MOST_ALIKE`, and how many more."""
        return tuple(_counted_beyond(finding for finding in self.findings if finding.severity == "fault"))

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What every reader of the results must know, and the notes on how the layer was understood."""
        return tuple(_counted_beyond(finding for finding in self.findings if finding.severity != "fault"))

    def projected(self, crs: str) -> GeometryArray:
        """Return the geometry in the study's coordinate reference system, in the order of the rows.

        Raises
        ------
        InputError
            With every fault found so far, among them rows that have no place in that system or are swapped in view of it.
        """
        own = self.frame.crs
        if own is None or not (own.is_geographic or own.is_projected):  # nothing can be said of where its rows lie
            raise_faults(self)
        located = {fault.row for fault in self.findings if fault.kind in COORDINATE_FAULTS}
        note_swapped(self, crs)
        geometry: GeometryArray = np.array(self.frame.geometry.to_crs(crs).to_numpy(), dtype=object)
        for index in np.flatnonzero(~_finite(geometry)):
            if not located & {self.row(index), None}:  # None: the whole layer was named
                self.note("coordinate_range", index=index, value=_corner(self.frame.geometry.iloc[index]))
        raise_faults(self)
        return geometry


def _counted_beyond(findings: Iterable[Fault]) -> list[Fault]:
    """Return findings without those beyond the first `MOST_ALIKE` of a kind in a column, which one finding at the end counts."""
    alike: dict[tuple[str, str], int] = {}
    kept, last = [], {}
    for finding in findings:
        group = finding.kind, finding.column
        alike[group] = alike.get(group, 0) + 1
        if alike[group] <= MOST_ALIKE:
            kept.append(finding)
        else:
            last[group] = finding
    for group, finding in last.items():
        details = {"count": alike[group] - MOST_ALIKE, "shown": MOST_ALIKE, "last": finding.row or 0}
        words = {f"problem_{language}": finding.problem(language) for language in ("zh", "en")}
        kind = "more_faults" if finding.severity == "fault" else "more_warnings"
        kept.append(Fault(kind, file=finding.file, column=finding.column, details={**details, **words}))
    return kept


def raise_faults(*layers: Layer) -> None:
    """Raise every fault of every layer in one `InputError`; do nothing when there is none."""
    faults = [fault for layer in layers for fault in layer.faults]
    if faults:
        raise InputError(faults, [said for layer in layers for said in layer.warnings])


_WATCHED: ContextVar[list[Layer] | None] = ContextVar("watched", default=None)


@contextmanager
def watching() -> Iterator[list[Layer]]:
    """Give a list to which every layer is added that is opened meanwhile, whether its reader succeeds or not: what a check reports on."""
    opened: list[Layer] = []
    token = _WATCHED.set(opened)
    try:
        yield opened
    finally:
        _WATCHED.reset(token)
        if (outer := _WATCHED.get()) is not None:
            outer.extend(opened)


def read_layer(
    source: LayerSource,
    *,
    needed: Needed,
    columns: Mapping[str, str | None] | None = None,
    lon: str | None = None,
    lat: str | None = None,
    file_label: str | None = None,
) -> Reading[gpd.GeoDataFrame]:
    """Read and check one layer, in its own coordinate reference system, its rows in the order of the file.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    layer = open_layer(source, needed=needed, columns=columns, lon=lon, lat=lat, file_label=file_label)
    raise_faults(layer)
    return Reading(layer.frame, layer.warnings)


def open_layer(
    source: LayerSource,
    *,
    needed: Needed,
    columns: Mapping[str, str | None] | None = None,
    lon: str | None = None,
    lat: str | None = None,
    file_label: str | None = None,
) -> Layer:
    """Read one layer and note what is wrong with it, without raising.

    See `livingcircle.sources.formats` for what is read. Tables, and layers without geometry, take points from their columns of longitude
    and latitude, stated or recognised by name. Codes in tables stay text. Heights are dropped; a multipoint of one point is that point.
    Invalid polygons are repaired, with a warning.

    Parameters
    ----------
    source
        The file, and what it does not say of itself.
    needed
        What the rows must be: points, areas (polygons), any of the two, or borders (lines or polygons).
    columns
        The columns that are stated, by field: what the header of a table is known by, and where `lon` and `lat` may be among them.
    lon, lat
        Columns of tables that hold longitude and latitude, or easting and northing where `source.crs` is projected; they go before
        `columns`, and without either they are recognised by name.
    file_label
        What faults call the file; its path when left out.
    """
    stated = {**(columns or {}), **{field: column for field, column in (("lon", lon), ("lat", lat)) if column}}
    layer = replace(_opened(source, needed, stated, file_label), source=source)
    if (watched := _WATCHED.get()) is not None:
        watched.append(layer)
    return layer


def open_table(source: LayerSource, columns: Mapping[str, str | None]) -> Layer:
    """Read rows that have no place of their own, such as a table of districts, and note what is wrong with them, without raising."""
    label = str(source.path)
    try:
        table, notes = read_rows(source.path, source.layer, [name for name in columns.values() if name])
    except InputError as error:
        layer = Layer(
            gpd.GeoDataFrame(geometry=[]), label, _renamed(error.faults, label), readable=False, source=source
        )
    else:
        first_row = int(table.attrs.get(FIRST_ROW, 1))
        rows = table.reset_index(drop=True)
        if not isinstance(rows, gpd.GeoDataFrame):
            rows = gpd.GeoDataFrame(rows, geometry=np.full(len(rows), None, dtype=object))
        layer = Layer(rows, label, _renamed(notes, label), first_row=first_row, source=source)
    if (watched := _WATCHED.get()) is not None:
        watched.append(layer)
    return layer


def _opened(source: LayerSource, needed: Needed, stated: Mapping[str, str | None], file_label: str | None) -> Layer:
    label = file_label or str(source.path)
    try:
        table, notes = _rows(source, stated)
    except InputError as error:
        return Layer(gpd.GeoDataFrame(geometry=[]), label, _renamed(error.faults, label), readable=False)
    first_row = int(table.attrs.get(FIRST_ROW, 1))
    table = table.reset_index(drop=True)
    findings = _renamed(notes, label)
    places: dict[str, str] = {}
    if isinstance(table, gpd.GeoDataFrame):
        frame, own_crs = table, table.crs
    else:
        places = _coordinate_columns(table, stated, label, findings)
        frame = _located(table, places, label, first_row, findings)
        own_crs = None if source.crs else pyproj.CRS(LONGITUDE_LATITUDE)
    layer = Layer(frame, label, findings, first_row=first_row, columns=places)
    crs = _placed(layer, source, own_crs, is_table=not isinstance(table, gpd.GeoDataFrame))
    if isinstance(table, gpd.GeoDataFrame) or len(places) == 2:
        _check_geometry(layer, needed, crs, ", ".join(places.values()))
    return layer if crs is None else replace(layer, frame=frame.set_crs(crs, allow_override=True))


def _rows(source: LayerSource, stated: Mapping[str, str | None]) -> tuple[pd.DataFrame, list[Fault]]:
    if source.pois is not None:
        return read_pois(source.path, source.pois)
    if source.path.suffix.lower() == ".sql" and source.path.is_file():
        return read_query(source.path, source.database)
    return read_rows(source.path, source.layer, [name for name in stated.values() if name])


def _renamed(findings: Iterable[Fault], label: str) -> list[Fault]:
    return [replace(found, file=label) for found in findings]


# ── Tables of points ────────────────────────────────────────────────────────


def _coordinate_columns(
    table: pd.DataFrame, stated: Mapping[str, str | None], label: str, findings: list[Fault]
) -> dict[str, str]:
    """Return the columns of `lon` and `lat`, as far as there are any, and note what is missing or could be several."""
    places = {}
    for field_name in ("lon", "lat"):
        column = match_column(table.columns, field_name, stated.get(field_name))
        if column in table.columns:
            places[field_name] = str(column)
        elif column is None and (groups := matching_columns(table.columns, field_name)):
            details = {"field": field_name, "columns": ", ".join(groups[0])}
            findings.append(Fault("column_ambiguous", file=label, details=details))
        else:
            findings.extend(missing_columns([column or field_name], table.columns, label))
    told = [f"{name} → {own}" for own, name in places.items() if stated.get(own) is None and name.casefold() != own]
    if told:
        findings.append(Fault("columns_matched", file=label, details={"columns": "; ".join(told)}))
    return places


def _located(
    table: pd.DataFrame, places: Mapping[str, str], label: str, first_row: int, findings: list[Fault]
) -> gpd.GeoDataFrame:
    """Make points of two columns of a table; NaN stands for what is no number, and is noted."""
    if len(places) < 2:
        return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object))
    axes = []
    for column in places.values():
        cells = table[column]
        numbers = plain_numbers(texts_of(cells))
        for index in np.flatnonzero(~np.isfinite(numbers)):
            text = "" if pd.isna(cells.iloc[index]) else str(cells.iloc[index]).strip()
            kind = "bad_coordinate" if text else "empty_geometry"
            findings.append(Fault(kind, label, int(index) + first_row, column, text))
        axes.append(np.where(np.isfinite(numbers), numbers, np.nan))
    points = np.array(shapely.points(np.column_stack(axes)), dtype=object)
    points[np.isnan(axes[0]) | np.isnan(axes[1])] = None
    return gpd.GeoDataFrame(table, geometry=points)


def missing_columns(absent: Iterable[str], present: Iterable[object], label: str) -> list[Fault]:
    """Say which columns are missing, and which there are."""
    columns = ", ".join(str(column) for column in present if column != "geometry")
    return [Fault("missing_column", file=label, column=column, details={"columns": columns}) for column in absent]


# ── Coordinate reference systems and geometry ───────────────────────────────


def _placed(layer: Layer, source: LayerSource, own: pyproj.CRS | None, *, is_table: bool) -> pyproj.CRS | None:
    """Bring the geometry into a known system, and return which, or None after noting why it cannot be known.

    Heights are dropped, a multipoint of one point is that point; what is offset becomes WGS-84, and eastings come first.
    """
    geometry: GeometryArray = np.array(layer.frame.geometry.to_numpy(), dtype=object)
    if shapely.has_z(geometry).any():
        geometry = shapely.force_2d(geometry)
    single = (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(geometry) == 1
    )
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    # GeoJSON cannot say that it has no coordinate reference system: EPSG:4326 is what it is taken for.
    implied = is_table or (source.path.suffix.lower() in {".geojson", ".json"} and own == LONGITUDE_LATITUDE)
    found = understood(layer, source, own, geometry, implied=implied)
    if found is not None and found.northing_first:
        geometry = shapely.set_coordinates(geometry, shapely.get_coordinates(geometry)[:, ::-1])
    if found is not None and is_offset(source.datum):
        geometry = in_wgs84(layer, source, found.crs, geometry)
        found = Understood(pyproj.CRS(LONGITUDE_LATITUDE))
    layer.frame.geometry = geometry
    return None if found is None else found.crs


def _check_geometry(layer: Layer, needed: Needed, crs: pyproj.CRS | None, columns: str) -> None:
    """Note rows without a usable place, and repair polygons."""
    frame = layer.frame
    geometry: GeometryArray = np.array(frame.geometry.to_numpy(), dtype=object)
    present: BoolArray = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if not columns:
        for index in np.flatnonzero(~present):
            layer.note("empty_geometry", index=index)
    finite: BoolArray = present & _finite(geometry)
    for index in np.flatnonzero(present & ~finite):
        layer.note("bad_coordinate", index=index, column=columns, value=_corner(geometry[index]))

    fitting: BoolArray = np.isin(shapely.get_type_id(geometry), list(NEEDED_TYPES[needed]))
    _note_types(layer, geometry, present & ~fitting, needed, all_rows=not (present & fitting).any())
    if crs is not None:
        note_misplaced(layer, geometry, finite, crs, columns)
    frame.geometry = _repaired(layer, geometry, finite & fitting)


def _note_types(layer: Layer, geometry: GeometryArray, wrong: BoolArray, needed: Needed, *, all_rows: bool) -> None:
    needed_zh, needed_en = NEEDED_WORDS[needed]
    seen: set[str] = set()
    for index in np.flatnonzero(wrong):
        name = geometry[index].geom_type
        if all_rows and name in seen:
            continue  # a wrong layer is one fault, not one for each of its rows
        seen.add(name)
        layer.note(
            "wrong_geometry", index=None if all_rows else index, value=name, needed_zh=needed_zh, needed_en=needed_en
        )


def _repaired(layer: Layer, geometry: GeometryArray, usable: BoolArray) -> GeometryArray:
    invalid = np.flatnonzero(usable & ~shapely.is_valid(geometry))
    if not len(invalid):
        return geometry
    geometry[invalid] = shapely.make_valid(geometry[invalid], method="structure", keep_collapsed=False)
    lost = invalid[shapely.is_empty(geometry[invalid])]
    for index in lost:
        layer.note("empty_geometry", index=index)
    kept = np.setdiff1d(invalid, lost)
    if len(kept):
        rows = ", ".join(str(layer.row(index)) for index in kept[:EXAMPLE_ROWS]) + (
            "…" if len(kept) > EXAMPLE_ROWS else ""
        )
        layer.note("repaired_geometry", count=len(kept), rows=rows)
    return geometry


def _finite(geometry: GeometryArray) -> BoolArray:
    """Return which geometries have finite coordinates only (n,); missing ones have none that are not."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _corner(geometry: shapely.Geometry) -> str:
    x, y = shapely.get_coordinates(geometry)[0]
    return f"{x:.10g}, {y:.10g}"


def inner_points(geometry: GeometryArray) -> FloatArray:
    """Return one point for each geometry (n, 2): the point itself; of an area the centroid, or a point inside it.

    The centroid of a horseshoe or of a block around a courtyard lies outside the area; GEOS' point on the surface does not.
    """
    centroids = shapely.centroid(geometry)
    outside = ~shapely.intersects(geometry, centroids)
    centroids[outside] = shapely.point_on_surface(geometry[outside])
    return np.column_stack([shapely.get_x(centroids), shapely.get_y(centroids)])
