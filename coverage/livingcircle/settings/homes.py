"""Homes, and the people in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from livingcircle.settings.base import (
    Number,
    Positive,
    Settings,
    StudyPath,
)
from livingcircle.settings.layers import LayerSettings, PointColumns

Share = Annotated[Number, Field(ge=0, le=1)]
RESIDENTIAL_SHARES = {
    **dict.fromkeys(("住宅", "居住", "公寓", "宿舍", "residential", "apartments", "house", "dormitory"), 1.0),
    **dict.fromkeys(("商住", "mixed"), 0.7),
}
"""Share of the floor that is lived in, by use: an assumption, which a study may state otherwise."""


class PopulationSettings(LayerSettings):
    """Population cells (polygons) whose residents are spread over the homes by floor area; totals are kept."""

    kind: Literal["areas"] = "areas"
    residents: str | None = None
    """Column with the residents of each cell (residents, 人口, 常住人口, population …)."""
    age_columns: dict[str, str] = Field(default={})
    """Columns with the residents of age groups, by the name of the group, e.g. `"60+": aged_60_plus`."""


class PopulationRasterSettings(Settings):
    """A population raster such as WorldPop or GHS-POP, spread over the homes by floor area; totals are kept."""

    kind: Literal["raster"]
    path: StudyPath
    """GeoTIFF, `.vrt`, or one of them alone in a `.zip`; only the window around the homes is read."""
    unit: Literal["count", "per_km2"]
    """What a cell holds: its residents (WorldPop `ppp`, GHS-POP), or residents per km² (WorldPop `pd`). Files do not say so reliably."""
    band: Annotated[int, Field(ge=1, strict=True)] = 1
    """Which band holds all residents."""
    nodata: Number | None = None
    """Value of cells without data, where the file does not declare it."""
    crs: str | None = None
    """Coordinate reference system, where the file does not say."""
    age_groups: dict[str, StudyPath] = Field(default={})
    """A raster in the same unit for each age group, by the name of the group, e.g. `"60+": aged_60_plus.tif`."""
    attribution: str = ""
    """Credit that every output must show."""


def _areas_unless_stated(population: Any) -> Any:
    return {"kind": "areas", **population} if isinstance(population, dict) else population


AnyPopulation = Annotated[
    Annotated[PopulationSettings | PopulationRasterSettings, Field(discriminator="kind")],
    BeforeValidator(_areas_unless_stated),
]


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
    population: AnyPopulation | None = None
    """Spread these cells instead of estimating from floor area."""


class HomeColumns(PointColumns):
    """Names of the columns of a layer of homes."""

    name: str | None = None
    """Name of the estate; shows which rows may be there twice."""
    residents: str | None = None
    """Residents."""
    households: str | None = None
    """Households."""
    floor_m2: str | None = None
    """Residential floor area in m²."""
    levels: str | None = None
    """Levels above ground."""
    height_metres: str | None = None
    """Height above ground in metres; levels are derived from it where they are unknown."""
    residential_share: str | None = None
    """Share of the floor that is lived in, 0 to 1."""
    use: str | None = None
    """Use of the building; `estimate.residential_shares` says how much of each use is lived in."""


class FloorEstimateSettings(Settings):
    """Residents of buildings nobody has counted: footprint × levels × residential share ÷ floor area per resident. All assumptions."""

    floor_m2_per_resident: Positive = 40
    """Gross floor area per resident."""
    default_levels: Positive = 1
    """Levels of a building with neither levels nor height."""
    metres_per_level: Positive = 3.0
    """Height of a level, to derive levels from heights."""
    residential_share: Share = 1.0
    """Share of the floor that is lived in, where neither the column `residential_share` nor `use` says."""
    residential_shares: dict[str, Share] = Field(default=RESIDENTIAL_SHARES)
    """Share of the floor that is lived in, by the words in the column `use`. Buildings of other uses are no homes, which is warned of."""


class PlausibleSettings(Settings):
    """Beyond these bounds a row waits for review and is left out of all figures, until it is listed under `confirmed`."""

    most_households: Positive = 10_000
    """Households of one row."""
    most_residents: Positive = 30_000
    """Residents of one row."""
    least_floor_m2_per_resident: Positive = 5
    """Floor area per resident."""
    most_floor_m2_per_resident: Positive = 1000
    """Floor area per resident."""
    duplicate_metres: Annotated[Number, Field(ge=0)] = 50
    """Rows of one name nearer to each other than this are pointed out, and count; 0 points out none. Copies (same place, same numbers)
    are always left out."""


class LayerHomes(LayerSettings):
    """A layer or table of residential footprints or points."""

    kind: Literal["layer"]
    columns: HomeColumns = HomeColumns()
    """Names of its columns."""
    residents_per_household: Positive = 2.6
    """Used only where one of residents and households is missing."""
    estimate: FloorEstimateSettings | None = None
    """Estimate the residents of buildings from their floor area, where neither residents nor households are known."""
    population: AnyPopulation | None = None
    """Spread these cells over the homes by floor area (or footprint) instead of reading residents."""
    age_columns: dict[str, str] = Field(default={})
    """Columns with the residents of age groups, by the name of the group, e.g. `"60+": 60岁以上`; headers such as 60岁以上 or 0-3岁 are
    recognised when nothing is stated."""
    plausible: PlausibleSettings = PlausibleSettings()
    """What numbers can be right."""
    confirmed: tuple[str, ...] = ()
    """Ids of rows that were reviewed and are right, however implausible."""
