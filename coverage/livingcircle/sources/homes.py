"""Homes: residential buildings of OpenStreetMap, or a layer of footprints or points, with residents and households."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import FloatArray, GeometryArray, TextArray
from livingcircle.model.places import Homes
from livingcircle.sources.columns import id_column, number_column
from livingcircle.sources.dwellings import is_home, levels_above_ground
from livingcircle.sources.layers import (
    Layer,
    LayerSource,
    inner_points,
    open_layer,
    raise_faults,
)
from livingcircle.sources.osm import read_buildings, reprojected
from livingcircle.sources.population import PopulationCells, open_cells, spread_over_homes
from livingcircle.sources.reading import Reading

NO_DISTRICT = -1


def homes_from_osm_buildings(
    path: Path,
    crs: str,
    *,
    residential_buildings: Sequence[str],
    minimum_footprint_m2: float,
    default_levels: float,
    floor_m2_per_resident: float,
    residents_per_household: float,
    population: PopulationCells | None = None,
    cache_folder: Path | None = None,
) -> Reading[Homes]:
    """Read the residential buildings of an OpenStreetMap file, ordered by type and number.

    `floor_m2 = footprint_m2 × levels`; `residents = floor_m2 ÷ floor_m2_per_resident`, unless `population` is spread over the floor
    areas; `households = residents ÷ residents_per_household`. All of it is estimated, which the warnings say.

    Parameters
    ----------
    path
        `.osm.pbf` or `.osm`.
    crs
        Projected coordinate reference system in metres.
    residential_buildings
        Values of the `building` tag that are homes; see `livingcircle.sources.dwellings.is_home` for `yes`.
    minimum_footprint_m2
        Smaller buildings are sheds; one of exactly this size is a home.
    default_levels
        Levels of a building without `building:levels`.
    floor_m2_per_resident, residents_per_household
        The assumptions behind the estimates.
    population
        Cells whose residents are spread over the homes; a home outside all cells then has none.

    cache_folder
        Where buildings are kept between runs; nowhere when left out.

    Raises
    ------
    InputError
        With the faults of the file and of the population cells, or when there is no home.
    """
    cells = None if population is None else open_cells(population)
    faults = () if cells is None else cells.layer.faults
    try:
        buildings = read_buildings(path, cache_folder)
    except InputError as error:
        raise InputError((*error.faults, *faults)) from error
    lived_in = np.array([is_home(tags, residential_buildings) for tags in buildings.tags], dtype=bool)
    ids, tags = buildings.ids[lived_in], buildings.tags[lived_in]
    geometry = reprojected(buildings.geometry[lived_in], crs)
    footprint_m2: FloatArray = shapely.area(geometry)
    large = footprint_m2 >= minimum_footprint_m2
    if not large.any():
        faults = (Fault("no_homes", file=str(path)), *faults)
    if faults:
        raise InputError(faults)
    ids, tags, geometry, footprint_m2 = ids[large], tags[large], geometry[large], footprint_m2[large]

    known_levels = [levels_above_ground(own) for own in tags]
    floor_m2 = footprint_m2 * [default_levels if levels is None else levels for levels in known_levels]
    if cells is None:
        residents = floor_m2 / floor_m2_per_resident
        missing = sum(levels is None for levels in known_levels) / len(known_levels)
        assumed = {
            "floor_m2_per_resident": floor_m2_per_resident,
            "share": missing,
            "default_levels": default_levels,
        }
        warnings: tuple[Fault, ...] = (Fault("residents_estimated", file=str(path), details=assumed),)
    else:
        residents = spread_over_homes(cells, geometry, floor_m2, crs)
        warnings = cells.layer.warnings
    homes = _homes(ids, geometry, residents, residents / residents_per_household, floor_m2)
    return Reading(homes, (*warnings, _households_estimated(str(path), residents_per_household)))


def homes_from_layer(
    source: LayerSource,
    columns: Mapping[str, str | None],
    crs: str,
    *,
    residents_per_household: float,
    population: PopulationCells | None = None,
) -> Reading[Homes]:
    """Read a layer or table of residential footprints or points, in the order of its rows.

    Where a row has only one of residents and households, the other is estimated with `residents_per_household` and a warning; a row with
    neither is a fault. With `population`, residents come from its cells and the column of residents is not read.

    Parameters
    ----------
    source
        The layer.
    columns
        Names of the columns for `id`, `lon`, `lat`, `residents`, `households` and `floor_m2`; None or absent where there is none.
    crs
        Projected coordinate reference system in metres.
    residents_per_household
        The assumption behind what is estimated.
    population
        Cells whose residents are spread over the homes by `floor_m2`, or by footprint where that is unknown.

    Raises
    ------
    InputError
        With every fault of the layer and of the population cells.
    """
    layer = open_layer(source, needed="any", lon=columns.get("lon") or "lon", lat=columns.get("lat") or "lat")
    cells = None if population is None else open_cells(population)
    layers = [layer] if cells is None else [layer, cells.layer]
    ids = id_column(layer, columns.get("id"))
    households = number_column(layer, columns.get("households"))
    residents = number_column(layer, columns.get("residents") if cells is None else None)
    floor_m2 = number_column(layer, columns.get("floor_m2"))
    if cells is None:
        _note_missing_people(layer, columns, residents, households)
    raise_faults(*layers)

    geometry = layer.projected(crs)
    if cells is not None:
        residents = spread_over_homes(cells, geometry, floor_m2, crs)
    uncounted = np.isnan(residents)
    if uncounted.any():
        residents = np.where(uncounted, households * residents_per_household, residents)
        layer.note(
            "residents_from_households", count=int(uncounted.sum()), residents_per_household=residents_per_household
        )
    warnings = tuple(warning for one in layers for warning in one.warnings)
    unregistered = np.isnan(households)
    if unregistered.any():
        households = np.where(unregistered, residents / residents_per_household, households)
        warnings = (*warnings, _households_estimated(layer.file, residents_per_household))
    return Reading(_homes(ids, geometry, residents, households, floor_m2), warnings)


def _note_missing_people(
    layer: Layer, columns: Mapping[str, str | None], residents: FloatArray, households: FloatArray
) -> None:
    """Note a layer without people, or else its rows without them, unless their cells were noted already."""
    named = [column for column in (columns.get("residents"), columns.get("households")) if column]
    present = [column for column in named if column in layer.frame.columns]
    if not layer.readable or len(present) < len(named):
        return
    if not named or (not layer.faults and np.nansum(residents) + np.nansum(households) == 0):
        layer.note("no_people")
        return
    noted = {fault.row for fault in layer.faults if fault.column in present}
    for index in np.flatnonzero(np.isnan(residents) & np.isnan(households)):
        if layer.row(index) not in noted:
            layer.note("missing_value", index=index, column=" / ".join(present))


def _homes(
    ids: TextArray, geometry: GeometryArray, residents: FloatArray, households: FloatArray, floor_m2: FloatArray
) -> Homes:
    areas_m2: FloatArray = shapely.area(geometry)
    return Homes(
        ids=ids,
        xy=inner_points(geometry),
        geometry=geometry,
        residents=residents,
        households=households,
        floor_m2=floor_m2,
        footprint_m2=np.where(shapely.get_dimensions(geometry) == 2, areas_m2, np.nan),
        district=np.full(len(ids), NO_DISTRICT, dtype=np.int32),
    )


def _households_estimated(file: str, residents_per_household: float) -> Fault:
    return Fault("households_estimated", file=file, details={"residents_per_household": residents_per_household})
