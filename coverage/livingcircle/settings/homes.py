"""Homes, and the people in them."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import (
    Positive,
    Settings,
    StudyPath,
)
from livingcircle.settings.layers import LayerSettings, PointColumns


class PopulationSettings(LayerSettings):
    """Population cells (polygons) whose residents are spread over the homes by floor area; totals are kept."""

    residents: str = "residents"
    """Column with the residents of each cell."""


class OsmBuildingHomes(Settings):
    """Residential buildings of an OpenStreetMap extract; residents are estimated from floor area unless `population` is given."""

    kind: Literal["osm_buildings"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    residential_buildings: tuple[str, ...] = (
        "apartments",
        "residential",
        "house",
        "detached",
        "semidetached_house",
        "terrace",
        "dormitory",
    )
    """Values of the `building` tag that are homes; `yes` counts buildings of unknown use unless another tag tells their use."""
    minimum_footprint_m2: Positive = 30
    """Smaller buildings are sheds."""
    default_levels: Positive = 1
    """Levels of a building whose tag is missing."""
    floor_m2_per_resident: Positive = 40
    """Gross floor area per resident: the declared assumption behind estimated residents."""
    residents_per_household: Positive = 2.6
    """The declared assumption behind estimated households."""
    population: PopulationSettings | None = None
    """Spread these cells instead of estimating from floor area."""


class HomeColumns(PointColumns):
    """Names of the columns of a layer of homes."""

    residents: str | None = None
    """Residents."""
    households: str | None = None
    """Households."""
    floor_m2: str | None = None
    """Residential floor area in m²."""


class LayerHomes(LayerSettings):
    """A layer or table of residential footprints or points."""

    kind: Literal["layer"]
    columns: HomeColumns = HomeColumns()
    """Names of its columns."""
    residents_per_household: Positive = 2.6
    """Used only where one of residents and households is missing."""
    population: PopulationSettings | None = None
    """Spread these cells over the homes by floor area (or footprint) instead of reading residents."""
