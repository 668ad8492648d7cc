"""Population rasters (WorldPop, GHS-POP) spread over homes: cells are found by arithmetic, and only those around the homes are read.

A cell is the quadrilateral between its corners, taken to the study's coordinate reference system. Neighbours share corners, so that cells
leave no gap between them; a cell of a raster in degrees is no rectangle in metres, which its area and what homes have in it allow for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.kernel.spread import spread
from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.model.people import AgeCounts
from livingcircle.sources.population import SpreadPeople, joined_people, shares_inside, unplaced_people, weights_of
from livingcircle.sources.raster_files import opened_raster

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

Unit = Literal["count", "per_km2"]
Index = NDArray[np.int64]

TILE_CELLS = 1024
"""Cells per side of what is read at once: memory does not grow with the raster, nor with the extent of the homes."""
MOST_LISTED = 100_000
"""Cells whose people could not be placed that are listed, those with the most people; all of them are counted."""
MOST_PER_KM2 = 1_000_000.0
"""More people than live anywhere on a square kilometre; such values mean that there are no data, whatever the file declares."""
M2_PER_KM2 = 1e6
_DENSITY_MARKS = ("_pd_", "/km", "km-2", "km^-2", "per km", "per sq", "density")


@dataclass(frozen=True, slots=True)
class PopulationRaster:
    """A raster with the residents of each cell (`count`) or residents per km² (`per_km2`), and one more for each age group.

    `nodata` and `crs` say what the files do not declare; the same holds for all of them.
    """

    path: Path
    unit: Unit
    band: int = 1
    nodata: float | None = None
    crs: str | None = None
    age_groups: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedRaster:
    """Population rasters that can be opened, with what is wrong with them before any cell is read."""

    raster: PopulationRaster
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def over_homes(self, homes: GeometryArray, floor_m2: FloatArray, crs: str) -> SpreadPeople:
        """Spread the residents of the cells over homes; see `spread_raster`."""
        ages = self.raster.age_groups
        people = spread_raster(self.raster, self.raster.path, self.raster.band, homes, floor_m2, crs)
        groups = [spread_raster(self.raster, path, 1, homes, floor_m2, crs, group) for group, path in ages.items()]
        by_age = np.column_stack([group.residents for group in groups]) if groups else np.empty((len(homes), 0))
        every = [people, *groups]
        return SpreadPeople(
            people.residents,
            AgeCounts(tuple(ages), by_age),
            joined_people([one.unplaced for one in every]),
            (*self.warnings, *(warning for one in every for warning in one.warnings)),
        )


def open_raster(raster: PopulationRaster) -> OpenedRaster:
    """Open every file of a population raster and close it again, to find what is wrong before homes are known."""
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for path, band in [(raster.path, raster.band), *((path, 1) for path in raster.age_groups.values())]:
        try:
            with _opened(raster, path, band) as (opened, _):
                said = " ".join(
                    str(part or "") for part in (path.name, opened.units[0], opened.descriptions[0])
                ).lower()
                if opened.nodata is None and raster.nodata is None:
                    warnings.append(Fault("population_no_nodata", file=str(path)))
                if raster.unit == "count" and any(mark in said for mark in _DENSITY_MARKS):
                    warnings.append(Fault("population_unit_doubtful", file=str(path), value=said.strip()))
        except InputError as error:
            faults.extend(error.faults)
    return OpenedRaster(raster, tuple(faults), tuple(warnings))


def spread_raster(
    raster: PopulationRaster,
    path: Path,
    band: int,
    homes: GeometryArray,
    floor_m2: FloatArray,
    crs: str,
    group: str = "",
) -> SpreadPeople:
    """Share the residents of one raster's cells among homes (r,), and say how many people could not be placed.

    As `livingcircle.sources.population.spread_over_homes` does for polygons: a cell's residents are shared by the floor area its homes
    have inside it; every cell keeps its total. Only the cells within the homes' extent are read, in tiles; a cell that the extent cuts is
    spread in full over the homes it holds. Cells without data and homes beyond the raster get nobody, which the warning counts. Of a
    density, a cell holds density × its area on the ground.

    Raises
    ------
    InputError
        When the file is unreadable, holds negative, infinite or impossibly large values that are not declared as no data, or when no
        home lies in a cell with residents.
    """
    weights, basis = weights_of(homes, floor_m2)
    with _opened(raster, path, band) as (opened, raster_crs):
        grid = _Grid(opened, raster_crs, crs)
        pairs = _pairs(grid, homes)
        touched, pair_cell = np.unique(pairs.cell, return_inverse=True)
        totals, empty_handed = _read(grid, path, band, raster, pairs.extent, touched)
        pair_weight = weights[pairs.home] * pairs.share
        residents, unplaced = spread(
            totals, pair_cell.astype(np.int32), pairs.home.astype(np.int32), pair_weight, home_count=len(homes)
        )
        if not residents.any():
            raise InputError(Fault("population_elsewhere", file=str(path)))
        left = np.flatnonzero(unplaced > 0)
        cells, people = (
            np.concatenate([touched[left], empty_handed.cell]),
            np.append(unplaced[left], empty_handed.people),
        )
        listed = unplaced_people(
            grid.names(cells), np.asarray(shapely.polygons(grid.corners(cells)), object), people, group
        )
    details: dict[str, str | float] = {
        **basis,
        "cells": int((totals > 0).sum()) + empty_handed.cells,
        "placed": float(residents.sum()),
        "unplaced": float(unplaced.sum()) + empty_handed.total,
        "empty": int((residents == 0).sum()),
        "group_zh": f"（{group}）" if group else "",
        "group_en": f" ({group})" if group else "",
    }
    warnings = (Fault("residents_spread_from_raster", file=str(path), details=details),)
    return SpreadPeople(residents, AgeCounts((), np.empty((len(homes), 0))), listed, warnings)


# ── Cells ───────────────────────────────────────────────────────────────────


class _Grid:
    """The cells of a raster by their number (row × width + column), as quadrilaterals of the study."""

    def __init__(self, opened: DatasetReader, raster_crs: pyproj.CRS, crs: str) -> None:
        self.opened, self.width, self.height, self.crs = opened, opened.width, opened.height, crs
        self._to_raster = pyproj.Transformer.from_crs(crs, raster_crs, always_xy=True)
        self._to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        self._projection = pyproj.Proj(crs)

    def positions(self, xy: FloatArray) -> FloatArray:
        """Return where points (p, 2) of the study lie, in columns and rows from the raster's first corner (p, 2)."""
        x, y = self._to_raster.transform(xy[:, 0], xy[:, 1])
        cell = ~self.opened.transform
        return np.column_stack([cell.a * x + cell.b * y + cell.c, cell.d * x + cell.e * y + cell.f])

    def corners(self, cells: Index) -> FloatArray:
        """Return the four corners of cells (c, 4, 2) in metres of the study, in turn."""
        row, column = np.divmod(cells, self.width)
        column, row = (axis[:, None] + np.array(step) for axis, step in ((column, (0, 1, 1, 0)), (row, (0, 0, 1, 1))))
        place = self.opened.transform
        x, y = place.a * column + place.b * row + place.c, place.d * column + place.e * row + place.f
        east, north = self._to_raster.transform(x, y, direction="INVERSE")
        return np.stack([east, north], axis=-1)

    def ground_m2(self, cells: Index) -> FloatArray:
        """Return the area of cells (c,) on the ground: that of their quadrilaterals, without what the projection stretches."""
        corners = self.corners(cells)
        x, y = np.moveaxis(corners - corners[:, :1], -1, 0)
        drawn_m2 = np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2
        lon, lat = self._to_degrees.transform(*corners.mean(axis=1).T)
        return np.asarray(drawn_m2 / self._projection.get_factors(lon, lat).areal_scale)

    def names(self, cells: Index) -> NDArray[np.object_]:
        """Return what cells are called: row and column, counted from 1 in the raster's upper left corner."""
        row, column = np.divmod(cells, self.width)
        return np.array([f"{r} / {c}" for r, c in zip((row + 1).tolist(), (column + 1).tolist(), strict=True)], object)


class _Extent(NamedTuple):
    """First and last (not included) row and column."""

    top: int
    bottom: int
    left: int
    right: int


class _Pairs(NamedTuple):
    """Which home lies in which cell (p,), with which share of its footprint; and the part of the raster that homes lie in."""

    cell: Index
    home: Index
    share: FloatArray
    extent: _Extent


def _pairs(grid: _Grid, homes: GeometryArray) -> _Pairs:
    """Find the cells of each home. Most homes lie in one cell, as their corners show; only of the others footprints are cut."""
    xy, owner = shapely.get_coordinates(homes, return_index=True)
    first_of = np.flatnonzero(np.diff(owner, prepend=-1))
    positions = grid.positions(xy)
    positions[~np.isfinite(positions)] = -2.0  # no place in the raster's system: beyond the raster
    edges = np.array([grid.width, grid.height])
    low = np.floor(np.clip(np.minimum.reduceat(positions, first_of), -1, edges)).astype(np.int64)
    high = np.floor(np.clip(np.maximum.reduceat(positions, first_of), -1, edges)).astype(np.int64)
    columns, rows = (high - low + 1).T
    several = np.flatnonzero(columns * rows > 1)
    single = np.flatnonzero(columns * rows == 1)

    count = (columns * rows)[several]
    home = np.repeat(several, count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    down, right = np.divmod(within, columns[home])
    column = np.concatenate([low[single, 0], low[home, 0] + right])
    row = np.concatenate([low[single, 1], low[home, 1] + down])
    home = np.concatenate([single, home])
    there = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    cell, home, cut = (row * grid.width + column)[there], home[there], (np.arange(len(home)) >= len(single))[there]

    share = np.ones(len(home))
    cut &= shapely.get_dimensions(homes[home]) == 2
    needed, at = np.unique(cell[cut], return_inverse=True)
    quadrilaterals = np.asarray(shapely.polygons(grid.corners(needed)), object)
    share[cut] = shares_inside(homes[home[cut]], quadrilaterals[at])
    inside = low[:, 0] < grid.width, low[:, 1] < grid.height, high[:, 0] >= 0, high[:, 1] >= 0
    some = np.flatnonzero(np.logical_and.reduce(inside))
    if not len(some):
        return _Pairs(cell, home, share, _Extent(0, 0, 0, 0))
    left, top = np.maximum(low[some].min(axis=0), 0).tolist()
    right_end, bottom = np.minimum(high[some].max(axis=0) + 1, edges).tolist()
    return _Pairs(cell, home, share, _Extent(top, bottom, left, right_end))


# ── Values ──────────────────────────────────────────────────────────────────


class _EmptyHanded(NamedTuple):
    """Cells with people and without homes: those listed, and how many cells and people there are in all."""

    cell: Index
    people: FloatArray
    cells: int
    total: float


def _read(
    grid: _Grid, path: Path, band: int, raster: PopulationRaster, extent: _Extent, touched: Index
) -> tuple[FloatArray, _EmptyHanded]:
    """Return the residents of the cells that homes touch (c,), ascending numbers, and the other cells with people around them."""
    totals = np.zeros(len(touched))
    listed: list[tuple[Index, FloatArray]] = []
    count, total = 0, 0.0
    wrong = _Wrong()
    for top in range(extent.top, extent.bottom, TILE_CELLS):
        for left in range(extent.left, extent.right, TILE_CELLS):
            bottom, right = min(top + TILE_CELLS, extent.bottom), min(left + TILE_CELLS, extent.right)
            values = _values(grid.opened, band, raster.nodata, _Extent(top, bottom, left, right))
            wrong.look(values)
            row, column = np.nonzero(values > 0)
            cells = (row + top) * grid.width + column + left
            people = values[row, column]
            if raster.unit == "per_km2":
                people = people * grid.ground_m2(cells) / M2_PER_KM2
            if len(cells):
                wrong.look_at_density(grid, cells, people)
            position = np.searchsorted(touched, cells)
            lived_in = position < len(touched)
            lived_in[lived_in] = touched[position[lived_in]] == cells[lived_in]
            totals[position[lived_in]] = people[lived_in]
            count, total = count + int((~lived_in).sum()), total + float(people[~lived_in].sum())
            listed = _most_people([*listed, (cells[~lived_in], people[~lived_in])])
    faults = wrong.faults(path, grid.opened.nodata if raster.nodata is None else raster.nodata)
    if faults:
        raise InputError(faults)
    cells, people = listed[0] if listed else (np.empty(0, np.int64), np.empty(0))
    return totals, _EmptyHanded(cells, people, count, total)


def _values(opened: DatasetReader, band: int, nodata: float | None, tile: _Extent) -> FloatArray:
    """Return the values of a tile, NaN where there are no data."""
    from rasterio.windows import Window

    window = Window(tile.left, tile.top, tile.right - tile.left, tile.bottom - tile.top)
    cells = opened.read(band, window=window, masked=True)
    values: FloatArray = np.ma.filled(cells.astype(np.float64), np.nan)
    if nodata is not None:
        # -3.4e38 as written is not what a raster of single precision holds.
        held = float(cells.dtype.type(nodata)) if np.issubdtype(cells.dtype, np.floating) else nodata
        values[values == held] = np.nan
    return np.asarray(values * opened.scales[band - 1] + opened.offsets[band - 1])


def _most_people(listed: list[tuple[Index, FloatArray]]) -> list[tuple[Index, FloatArray]]:
    """Join what is listed, and keep the cells with the most people."""
    cells, people = (np.concatenate(parts) for parts in zip(*listed, strict=True))
    if len(cells) > MOST_LISTED:
        most = np.sort(np.argsort(-people, kind="stable")[:MOST_LISTED])
        cells, people = cells[most], people[most]
    return [(cells, people)]


class _Wrong:
    """Values that cannot be people, counted over all tiles with one example each."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}
        self._example: dict[str, float] = {}

    def look(self, values: FloatArray) -> None:
        """Look for negative and infinite values."""
        self._note("population_negative", values[values < 0])
        self._note("population_impossible", values[np.isposinf(values)])

    def look_at_density(self, grid: _Grid, cells: Index, people: FloatArray) -> None:
        """Look for more people than there is room for; cells of one tile are about as large as each other."""
        km2 = float(grid.ground_m2(cells[len(cells) // 2 :][:1])[0]) / M2_PER_KM2
        self._note("population_impossible", people[np.isfinite(people) & (people > MOST_PER_KM2 * km2)])

    def _note(self, kind: str, values: FloatArray) -> None:
        if len(values):
            self._count[kind] = self._count.get(kind, 0) + len(values)
            self._example.setdefault(kind, float(values[0]))

    def faults(self, path: Path, declared: float | None) -> list[Fault]:
        """Return one fault for each kind of wrong value."""
        said = {"declared": "—" if declared is None else f"{declared:g}"}
        return [
            Fault(kind, file=str(path), value=f"{self._example[kind]:g}", details={"count": count, **said})
            for kind, count in self._count.items()
        ]


@contextmanager
def _opened(raster: PopulationRaster, path: Path, band: int) -> Iterator[tuple[DatasetReader, pyproj.CRS]]:
    """Open one file, and say what coordinate reference system it is in."""
    with opened_raster(path) as opened:
        faults: list[Fault] = []
        own = None if opened.crs is None else pyproj.CRS.from_user_input(opened.crs)
        try:
            stated = None if raster.crs is None else pyproj.CRS.from_user_input(raster.crs)
        except pyproj.exceptions.CRSError:
            stated = None
            faults.append(Fault("unknown_crs", file=str(path), value=str(raster.crs)))
        if own is None and raster.crs is None:
            faults.append(Fault("no_crs", file=str(path)))
        elif own is not None and stated is not None and not own.equals(stated, ignore_axis_order=True):
            code = own.to_epsg()
            if code is None or code != stated.to_epsg():
                faults.append(
                    Fault("crs_conflict", file=str(path), value=str(raster.crs), details={"own": own.to_string()})
                )
        if band > opened.count:
            faults.append(Fault("no_such_band", file=str(path), value=str(band), details={"count": opened.count}))
        crs = stated or own
        if faults or crs is None:
            raise InputError(faults)
        yield opened, crs
