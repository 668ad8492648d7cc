"""Homes, footprints and the people who live there."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.floors import FloorAssumptions
from livingcircle.model.columns import GeometryArray
from livingcircle.model.people import Housing
from livingcircle.model.places import (
    Districts,
)
from livingcircle.model.population import PopulationTotals
from livingcircle.readers.named import cache_folder, source_of
from livingcircle.readers.report import Report
from livingcircle.settings import (
    AnyPopulation,
    FloorEstimateSettings,
    LayerHomes,
    OsmFileNetwork,
    PopulationRasterSettings,
    StudySettings,
)
from livingcircle.sources.building_floors import BuildingEstimate
from livingcircle.sources.homes import homes_from_layer, homes_from_osm_buildings
from livingcircle.sources.osm import read_buildings, reprojected
from livingcircle.sources.plausible import Bounds
from livingcircle.sources.population import PopulationCells
from livingcircle.sources.population_raster import PopulationRaster
from livingcircle.sources.population_table import population_from_table
from livingcircle.sources.reading import Reading


def read_homes(settings: StudySettings, crs: str) -> Reading[Housing]:
    """Read the homes from a layer, or from the buildings of an extract, with what is left for review."""
    homes = settings.homes
    if isinstance(homes, LayerHomes):
        return homes_from_layer(
            source_of(homes),
            homes.columns.model_dump(),
            crs,
            residents_per_household=homes.residents_per_household,
            estimate=None if homes.estimate is None else _estimate(homes.estimate),
            population=_population(homes.population),
            age_groups=homes.age_columns,
            bounds=Bounds(**homes.plausible.model_dump()),
            confirmed=homes.confirmed,
        )
    return homes_from_osm_buildings(
        homes.path,
        crs,
        residential_buildings=homes.residential_buildings,
        minimum_footprint_m2=homes.minimum_footprint_m2,
        default_levels=homes.default_levels,
        floor_m2_per_resident=homes.floor_m2_per_resident,
        residents_per_household=homes.residents_per_household,
        population=_population(homes.population),
        cache_folder=cache_folder() / "places",
    )


def _population(population: AnyPopulation | None) -> PopulationCells | PopulationRaster | None:
    if isinstance(population, PopulationRasterSettings):
        stated = population.model_dump(exclude={"kind", "attribution"})
        return PopulationRaster(**stated)
    if population is None:
        return None
    return PopulationCells(source_of(population), population.residents, population.age_columns)


def _estimate(estimate: FloorEstimateSettings) -> BuildingEstimate:
    assumed = FloorAssumptions(estimate.floor_m2_per_resident, estimate.default_levels, estimate.metres_per_level)
    return BuildingEstimate(assumed, estimate.residential_share, estimate.residential_shares)


def read_footprints(settings: StudySettings, crs: str) -> GeometryArray:
    """Return all buildings of the extract the streets are from, none where they are from elsewhere: witnesses to where other places are."""
    network = settings.network
    if not isinstance(network, OsmFileNetwork):
        return np.empty(0, object)
    return reprojected(read_buildings(network.path, cache_folder() / "places").geometry, crs)


def read_population_table(
    settings: StudySettings, districts: Districts | None, report: Report
) -> PopulationTotals | None:
    """Read what a table says of the districts' population, None where there is none or it could not be read."""
    table = settings.population_table
    if table is None or districts is None:
        return None
    columns = table.columns.model_dump()
    return report.take(lambda: population_from_table(source_of(table), columns, table.age_columns, districts))
