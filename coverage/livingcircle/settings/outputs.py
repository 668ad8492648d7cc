"""Where results go, and what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from livingcircle.settings.base import (
    Positive,
    Settings,
    ShortName,
    StudyPath,
)


class PostgisOutput(Settings):
    """A schema of a PostGIS database: layers and tables of the last run, replaced as a whole (docs/stores.md)."""

    schema_name: ShortName | None = None
    """Name of the schema, that of the study (`id`) when left out; made when it is not there. It holds one study: tables of any other,
    and those that are not of this program, are left alone."""
    database: str | None = None
    """Name of the environment variable that holds the connection (LIVING_CIRCLE_DATABASE when left out), or an address without a
    password such as `postgresql://planner@db.example.cn/plan`."""


class Outputs(Settings):
    """Where results go and what is drawn."""

    folder: StudyPath = Field(default=Path("runs"), validate_default=True)
    """Folder the run folder is made in."""
    isochrone_minutes: Annotated[tuple[Positive, ...], Field(max_length=12)] = (5, 10, 15)
    """Limits at which coverage is tabulated and isochrones are drawn, beside those of the standard."""
    catchments: Literal["none", "each", "nearest", "both"] = "none"
    """Areas of single facilities in the GeoPackage: of `each` whatever else is near, or only from where it is the `nearest`."""
    catchment_direction: Literal["to_facility", "from_facility"] = "to_facility"
    """Whether the area of each facility is from where one walks to it, or where one walks from it."""
    rasters: Annotated[bool, Field(strict=True)] = False
    """Whether rasters are written too (Cloud Optimized GeoTIFF): walking times to every service in seconds, how many required services
    are within their limits, their score, and places per 1,000 people."""
    formats: tuple[Literal["geoparquet"], ...] = ()
    """Formats the layers are written in beside the GeoPackage: GeoParquet, a file for each layer."""
    postgis: PostgisOutput | None = None
    """A PostGIS database that takes the results, too."""
    language: Literal["zh", "en"] = "zh"
    """Language of map, tables and messages."""
