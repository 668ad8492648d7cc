"""Layers and tables."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import (
    Settings,
    StudyPath,
)

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09", "bd09mc"]


class LayerSettings(Settings):
    """A layer or table on disk."""

    path: StudyPath
    """GeoPackage, GeoJSON, shapefile, GeoParquet, FlatGeobuf, KML, KMZ, CSV or Excel, also one of them in a ZIP archive; an OpenStreetMap
    extract; or a query to PostGIS in a `.sql` file (docs/inputs.md)."""
    layer: str | None = None
    """Layer of a GeoPackage, sheet of a workbook or file of an archive, the first when left out; of an OpenStreetMap extract the tag of its
    objects, e.g. boundary=administrative."""
    database: str | None = None
    """For a `.sql` file: name of the environment variable that holds the connection (LIVING_CIRCLE_DATABASE when left out), or an address
    without a password, e.g. postgresql://planner@db.example.cn/plan; passwords stay in the environment or in ~/.pgpass."""
    crs: str | None = None
    """Coordinate reference system, e.g. EPSG:4326, where the file does not say; tables with lon and lat are EPSG:4326.

    Zones of CGCS2000 may be named as offices do (`CGCS2000 3-degree zone 40`, `CGCS2000 / 3°带 120E`); where all eastings of a table
    begin with the number of their zone nothing need be stated. Beijing 1954 and Xian 1980 are refused.
    """
    datum: Datum | None = None
    """What the coordinates refer to; `wgs84` when left out, which at this scale is `cgcs2000` too.

    State `gcj02` for data of Amap or Tencent, `bd09` for Baidu's degrees, `bd09mc` for Baidu's metres: they are converted when read.
    """
    attribution: str = ""
    """Credit that every output must show, e.g. the name and licence of the publisher."""


class PointColumns(Settings):
    """Names of columns; those left out are recognised by the names they go by in Chinese and English files (docs/inputs.md)."""

    id: str | None = None
    """Unique id (id, 编号, 编码, 代码 …); row numbers where there is none."""
    lon: str | None = None
    """Longitude (lon, lng, 经度, x …), or easting (easting, 东坐标, 横坐标 …) in a table with a projected `crs`."""
    lat: str | None = None
    """Latitude (lat, 纬度, y …), or northing (northing, 北坐标, 纵坐标 …) in a table with a projected `crs`."""
