"""In which coordinate reference system a layer is: by what its file says, what was stated, and what its numbers show.

What is certain is used and noted; statements that contradict each other, or numbers that could be in two systems, are faults.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj
import shapely

from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.sources.datum import DATUM_NAMES, converted, is_offset, offset_datum
from livingcircle.sources.gauss_krueger import like_mercator, system_named, twin, without_zone, zone_of

if TYPE_CHECKING:
    from livingcircle.sources.layers import Layer, LayerSource

DEGREES = "EPSG:4326"
WEB_MERCATOR = 3857
_OBSOLETE = re.compile("beijing1954|xian1980|newbeijing|西安1980|北京1954")
_UNSTATED = {"wgs84": DEGREES, "cgcs2000": "EPSG:4490"}


class Understood(NamedTuple):
    """The coordinate reference system of a layer's numbers, and whether its northings come first."""

    crs: pyproj.CRS
    northing_first: bool = False


def understood(
    layer: Layer, source: LayerSource, own: pyproj.CRS | None, geometry: GeometryArray, *, implied: bool
) -> Understood | None:
    """Return the system a layer is in, or None after noting why it cannot be known.

    Parameters
    ----------
    layer
        Where findings are noted.
    source
        What the study file states: `crs`, `datum`.
    own
        What the file says of itself.
    geometry
        Places as they stand in the file (n,), for what their numbers show.
    implied
        Whether `own` is not the file's word but what is taken for granted: degrees in a table, or GeoJSON.
    """
    if own is not None and not (own.is_geographic or own.is_projected):
        own = None  # a local grid without a place on Earth
    stated = _stated(layer, source)
    if source.crs is not None and stated is None:
        return None
    explicit = stated or (None if implied else own)
    if stated is not None and own is not None and not implied and not _same(own, stated):
        layer.note("crs_conflict", value=source.crs or "", own=named(own))
    if explicit is not None and is_obsolete(explicit):
        layer.note("obsolete_datum", value=named(explicit))
        return None
    if is_offset(source.datum):
        return _offset(layer, source, explicit)
    x, y = middles(geometry).T
    if explicit is None:
        zone = zone_of(*_known(x, y))
        if zone is not None and zone.certain:
            order = (
                ("纵坐标在前、横坐标在后", "northing first") if zone.easting_second else ("横坐标在前", "easting first")
            )
            layer.note("zone_inferred", zone=zone.number, code=zone.code, order_zh=order[0], order_en=order[1])
            return Understood(pyproj.CRS(zone.code), zone.easting_second)
        if own is None and source.datum is None:
            layer.note("no_crs")
            return None
        return Understood(own or pyproj.CRS(_UNSTATED[source.datum or "wgs84"]))
    if explicit.is_projected:
        eastings = _known(x, y)[0]
        other = twin(explicit, eastings) if len(eastings) else None
        if other is not None:
            layer.note("zone_mismatch", value=f"{eastings[0]:.0f}", own=named(explicit), code=other)
            return None
    return Understood(explicit)


def in_wgs84(layer: Layer, source: LayerSource, crs: pyproj.CRS, geometry: GeometryArray) -> GeometryArray:
    """Return geometry of an offset datum in degrees of WGS-84, with a note; every coordinate is converted, missing places stay missing."""
    datum = source.datum
    if datum is None or not is_offset(datum):
        return geometry
    coordinates = shapely.get_coordinates(geometry)
    x, y = coordinates.T
    if crs.is_projected:
        x, y = pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True).transform(x, y)
    lonlat = np.column_stack(converted(np.asarray(x), np.asarray(y), datum))
    layer.note("datum_converted", datum=DATUM_NAMES[datum])
    return shapely.set_coordinates(geometry.copy(), lonlat)


def hint(x: FloatArray, y: FloatArray) -> tuple[str, str]:
    """Say in both languages what metres (n,) that were read as degrees look like."""
    x, y = _known(x, y)
    zone = zone_of(x, y)
    if zone is not None:
        code = zone.code.removeprefix("EPSG:")
        if zone.certain:
            return f"带号 {zone.number}，应写 crs: EPSG:{code}", f"zone {zone.number}: state `crs: EPSG:{code}`"
    if zone is not None or like_mercator(x, y):
        own_zh = f"，或 CGCS2000 第 {zone.number} 带（crs: {zone.code}）" if zone else ""
        own_en = f", or zone {zone.number} of CGCS2000 (`crs: {zone.code}`)" if zone else ""
        return (
            f"可能是 Web 墨卡托（crs: EPSG:3857）或百度米制坐标（datum: bd09mc）{own_zh}，请据数据来源选写其一",
            f"this may be Web Mercator (`crs: EPSG:3857`) or Baidu's metres (`datum: bd09mc`){own_en}; find out and state one",
        )
    if without_zone(x, y):
        return (
            "横坐标不含带号，请按中央经线写 crs（CGCS2000 3 度带为 EPSG:4534（75°）至 EPSG:4554（135°），例如 120° 为 EPSG:4549）",
            "the eastings do not tell the zone; state `crs` by the central meridian (3° zones: EPSG:4534 for 75° … EPSG:4554 for 135°)",
        )
    return "请写明 crs", "state `crs`"


def middles(geometry: GeometryArray) -> FloatArray:
    """Return the middle of each place's bounds (n, 2), NaN where there is none."""
    west, south, east, north = shapely.bounds(geometry).T
    return np.column_stack([(west + east) / 2, (south + north) / 2])


def named(crs: pyproj.CRS) -> str:
    """Return the code of a system, or its name where it has none."""
    return crs.to_string() if crs.to_epsg() else str(crs.name)


def _stated(layer: Layer, source: LayerSource) -> pyproj.CRS | None:
    if source.crs is None:
        return None
    offset = offset_datum(source.crs)
    if offset is not None:
        layer.note("offset_crs", value=source.crs, datum=offset)
        return None
    code = system_named(source.crs)
    if code is not None:
        layer.note("crs_understood", value=source.crs, code=code)
    try:
        return pyproj.CRS.from_user_input(code or source.crs)
    except pyproj.exceptions.CRSError:
        kind = "obsolete_datum" if _OBSOLETE.search(_plain(source.crs)) else "unknown_crs"
        layer.note(kind, value=source.crs)
        return None


def _offset(layer: Layer, source: LayerSource, explicit: pyproj.CRS | None) -> Understood | None:
    """Return what numbers in an offset datum are read as: degrees, or Web Mercator of such degrees; Baidu's metres have no other name."""
    degrees = pyproj.CRS(DEGREES)
    if explicit is None:
        return Understood(degrees)
    fits = explicit.is_geographic or explicit.to_epsg() == WEB_MERCATOR
    if source.datum == "bd09mc" or not fits:
        layer.note("datum_conflict", value=source.datum or "", own=named(explicit))
        return None
    return Understood(explicit if explicit.is_projected else degrees)


def is_obsolete(crs: pyproj.CRS) -> bool:
    """Return whether a system is Beijing 1954 or Xian 1980 without parameters: pyproj would take it for WGS-84 in silence."""
    geodetic = crs.geodetic_crs
    words = f"{crs.name} {geodetic.name if geodetic else ''} {crs.datum.name if crs.datum else ''}"
    return not crs.is_bound and bool(_OBSOLETE.search(_plain(words)))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _known(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the points that have a place, and not 0, 0 for one."""
    known = np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0))
    return x[known], y[known]


def _same(own: pyproj.CRS, stated: pyproj.CRS) -> bool:
    if own.equals(stated, ignore_axis_order=True):
        return True
    code = own.to_epsg()
    return code is not None and code == stated.to_epsg()
