"""Layers and tables."""

from __future__ import annotations

from livingcircle.settings.base import (
    Settings,
    StudyPath,
)


class LayerSettings(Settings):
    """A layer or table on disk."""

    path: StudyPath
    """GeoPackage, GeoJSON, shapefile, GeoParquet, FlatGeobuf, CSV or Excel."""
    layer: str | None = None
    """Layer of a GeoPackage or sheet of a workbook; the first when left out."""
    crs: str | None = None
    """Coordinate reference system, e.g. EPSG:4326, where the file does not say; tables with lon and lat are EPSG:4326."""
    attribution: str = ""
    """Credit that every output must show, e.g. the name and licence of the publisher."""


class PointColumns(Settings):
    """Names of columns; what is left out is looked for under this name itself."""

    id: str | None = None
    """Unique id; row numbers when left out."""
    lon: str = "lon"
    """Longitude, or easting in a table with a projected `crs`."""
    lat: str = "lat"
    """Latitude, or northing in a table with a projected `crs`."""
