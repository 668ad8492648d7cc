"""The study's coordinate system: check the one that is named, choose one where none is, and measure metres on the ground."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import FloatArray
from livingcircle.sources.coordinate_systems import is_obsolete
from livingcircle.sources.datum import offset_datum
from livingcircle.sources.gauss_krueger import system_named

LARGEST_DISTORTION = 0.01
"""A projection that stretches lengths by more than this at the study is refused. UTM stays below 0.001; EPSG:3857 reaches 0.15 at 30° N."""

_ELLIPSOID = pyproj.Geod(ellps="WGS84")
_NEAR_METRES = 1000.0


def crs_faults(crs: str) -> list[Fault]:
    """Return what makes `crs` unfit for measuring walks: unknown or without an EPSG code, of an old datum, in degrees, or not in metres.

    Zones of CGCS2000 may be named as offices name them.
    """
    if offset_datum(crs) is not None:
        return [Fault("geographic_crs", value=crs)]
    try:
        known = pyproj.CRS.from_user_input(system_named(crs) or crs)
    except CRSError:
        return [Fault("unknown_crs", value=crs)]
    if is_obsolete(known):
        return [Fault("obsolete_datum", value=crs)]
    if known.is_geographic:
        return [Fault("geographic_crs", value=crs)]
    if not known.is_projected or any(axis.unit_conversion_factor != 1 for axis in known.axis_info):
        return [Fault("not_metres", value=crs)]
    if known.to_epsg() is None:
        return [Fault("unknown_crs", value=crs)]
    return []


def study_crs(crs: str | None, lon: FloatArray, lat: FloatArray) -> str:
    """Return the coordinate system of a study that covers these points (degrees, WGS84), as `EPSG:…`.

    `crs` where it is given and fit, otherwise the UTM zone (WGS84) of the extent's centre.

    Raises
    ------
    InputError
        When `crs` is unfit, or made for another part of the world.
    """
    centre_lon, centre_lat = (float((column.min() + column.max()) / 2) for column in (lon, lat))
    if crs is None:
        if not (abs(centre_lon) <= 180 and -80 <= centre_lat <= 84):  # nearer to the poles UTM has no zones
            raise InputError(Fault("unknown_crs", value=f"UTM {centre_lon:.3f}, {centre_lat:.3f}"))
        zone = max(1, math.ceil((centre_lon + 180) / 6))
        return f"EPSG:{(32600 if centre_lat >= 0 else 32700) + zone}"
    faults = crs_faults(crs)
    if faults:
        raise InputError(faults)
    known = pyproj.CRS.from_user_input(system_named(crs) or crs)
    distortion = _distortion(known, centre_lon, centre_lat)
    if not distortion <= LARGEST_DISTORTION:
        raise InputError(Fault("distorting_crs", value=crs, details={"share": distortion}))
    return f"EPSG:{known.to_epsg()}"


def projected(lon: FloatArray, lat: FloatArray, crs: str) -> FloatArray:
    """Return points given in degrees (WGS84) as (n, 2) metres of `crs`, easting first."""
    x, y = _transformer("EPSG:4326", crs).transform(lon, lat)
    return np.column_stack([x, y])


def unprojected(xy: FloatArray, crs: object) -> tuple[FloatArray, FloatArray]:
    """Return longitude and latitude (WGS84, degrees) of points (n, 2) in any coordinate system pyproj understands."""
    lon, lat = _transformer(crs, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.asarray(lon), np.asarray(lat)


@lru_cache(maxsize=16)
def _transformer(source: object, target: object) -> pyproj.Transformer:
    """Return a transformation; to look one up takes forty times as long as to carry it out on a thousand points."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def ground_metres(from_lon: FloatArray, from_lat: FloatArray, to_lon: FloatArray, to_lat: FloatArray) -> FloatArray:
    """Return the lengths of straight segments on the ellipsoid (WGS84), which no projection distorts.

    Up to a kilometre, as nearly all segments of streets are, from the ellipsoid's two radii of curvature at the middle latitude: ten times
    as fast as the geodesic and equal to it within 2e-8 (to 75° of latitude). Longer ones are geodesics.
    """
    middle = np.radians((from_lat + to_lat) / 2)
    flattened = 1 - _ELLIPSOID.es * np.sin(middle) ** 2
    north = np.radians(to_lat - from_lat) * (_ELLIPSOID.a * (1 - _ELLIPSOID.es)) / flattened**1.5
    east = np.radians(to_lon - from_lon) * _ELLIPSOID.a * np.cos(middle) / np.sqrt(flattened)
    metres = np.hypot(north, east)
    far = np.flatnonzero(metres > _NEAR_METRES)
    if len(far):
        metres[far] = _ELLIPSOID.inv(from_lon[far], from_lat[far], to_lon[far], to_lat[far])[2]
    return np.asarray(metres, np.float64)


def _distortion(crs: pyproj.CRS, lon: float, lat: float) -> float:
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    return float(max(abs(factors.meridional_scale - 1), abs(factors.parallel_scale - 1)))
