"""Offset coordinates of Chinese web maps: WGS-84 ↔ GCJ-02 ↔ BD-09, and BD-09 from Baidu's Mercator metres.

The official algorithms are not published. The formulas here are the approximation that has circulated since 2010 and that every open
converter uses; their constants are those of `eviltransform` and of Baidu's own map script. Inverses are found by iteration.

All functions but `convert_each` are plain arithmetic, compiled for single points; as they stand, without numba, they take arrays and give
the same to the last bit. Sines of multiples of an angle come from that of the angle itself by the addition theorems, so a point costs two
short series instead of twelve sines. Division is `np.divide`: a compiled `/` looks for zero first, and would keep the loops from
working on several points at once. NaN and infinite coordinates give NaN.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from livingcircle.kernel.compiled import compiled
from livingcircle.model.columns import BoolArray, FloatArray

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The rectangle (degrees) inside which maps of China are offset; outside, all systems are WGS-84."""
REACH = 0.02
"""No offset moves a point farther than this, in degrees."""

TO_GCJ02, FROM_GCJ02, TO_BD09, FROM_BD09, FROM_BD09MC = range(5)
"""The steps of `convert_each`: WGS-84 → GCJ-02 and back, GCJ-02 → BD-09 and back, Baidu's metres → BD-09."""

_DEGREE = 180 / np.pi
_SINE = tuple((-1) ** term / factorial(2 * term + 1) for term in range(7, -1, -1))
_COSINE = tuple((-1) ** term / factorial(2 * term) for term in range(8, -1, -1))
_RADIUS, _ECCENTRICITY_2 = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, metres
_NORTH_METRES = _RADIUS * (1 - _ECCENTRICITY_2)
_SIN_35, _COS_35 = np.sin(35 / _DEGREE), np.cos(35 / _DEGREE)
_BAIDU_TURNS = 25 / 3
"""Turns of Baidu's waves for each degree; written as `π × 3000 / 180` radians elsewhere."""
_BAIDU_EAST, _BAIDU_NORTH = 0.0065, 0.006

_BAIDU_BANDS = np.array([0, 1678043.12, 3481989.83, 5591021.0, 8362377.87, 12890594.86])
_BAIDU_MERCATOR = np.array(
    [
        [2.890871144776878e-9, 8.983055095805407e-6, -3.068298e-8, 7.47137025468032, -3.53937994e-6,
         -0.02145144861037, -1.234426596e-5, 1.0322952773e-4, -3.23890364e-6, 826088.5],
        [3.09191371068437e-9, 8.983055096812155e-6, 6.995724062e-5, 23.10934304144901, -2.3663490511e-4,
         -0.6321817810242, -0.00663494467273, 0.03430082397953, -0.00466043876332, 2555164.4],
        [-1.981981304930552e-8, 8.983055099779535e-6, 0.03278182852591, 40.31678527705744, 0.65659298677277,
         -4.44255534477492, 0.85341911805263, 0.12923347998204, -0.04625736007561, 4482777.06],
        [-3.030883460898826e-8, 8.98305509983578e-6, 0.30071316287616, 59.74293618442277, 7.357984074871,
         -25.38371002664745, 13.45380521110908, -3.29883767235584, 0.32710905363475, 6856817.37],
        [-7.435856389565537e-9, 8.983055097726239e-6, -0.78625201886289, 96.32687599759846, -1.85204757529826,
         -59.36935905485877, 47.40033549296737, -16.50741931063887, 2.28786674699375, 10260144.86],
        [1.410526172116255e-8, 8.98305509648872e-6, -1.9939833816331, 200.9824383106796, -187.2403703815547,
         91.6087516669843, -23.38765649603339, 2.57121317296198, -0.03801003308653, 17337981.2],
    ]
)  # fmt: skip
"""For each band of northings: offset and degrees per metre of longitude, six powers of northing ÷ the last number for latitude."""


@compiled
def sine_cosine(angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sine and cosine of an angle of at most 0.7 radians, by their series: right to 1e-16."""
    square = angle * angle
    sine = cosine = 0.0 * square
    for term in _SINE:
        sine = sine * square + term
    for term in _COSINE:
        cosine = cosine * square + term
    return sine * angle, cosine


@compiled
def is_offset_place(lon: FloatArray, lat: FloatArray, margin: float) -> BoolArray:
    """Return whether a place (degrees) lies in the rectangle, or no farther than `margin` outside."""
    return (lon > WEST - margin) & (lon < EAST + margin) & (lat > SOUTH - margin) & (lat < NORTH + margin)


@compiled
def gcj02_offset(lon: FloatArray, lat: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return how far GCJ-02 moves a place of WGS-84, in degrees; nothing where it is not `inside`."""
    x, y = (lon - 105) * inside, (lat - 35) * inside
    root = np.sqrt(np.abs(x))

    # Sines of 2, 5, 20, 60, 120 and 360 times πx/60, and of 6, 15, 60 and 180 times πy/180, which is the latitude less 35°.
    s, c = sine_cosine(x * (np.pi / 240))
    s, c = 2 * s * c, 1 - 2 * s * s
    s1, c1 = 2 * s * c, 1 - 2 * s * s
    s2, c2 = 2 * s1 * c1, 1 - 2 * s1 * s1
    s4, c4 = 2 * s2 * c2, 1 - 2 * s2 * s2
    s5, c5 = s4 * c1 + c4 * s1, c4 * c1 - s4 * s1
    s10, c10 = 2 * s5 * c5, 1 - 2 * s5 * s5
    s20, c20 = 2 * s10 * c10, 1 - 2 * s10 * s10
    s60, c60 = s20 * (3 - 4 * s20 * s20), c20 * (4 * c20 * c20 - 3)
    s120 = 2 * s60 * c60
    s360 = s120 * (3 - 4 * s120 * s120)
    t1, k1 = sine_cosine(y * (np.pi / 180))
    t3, k3 = t1 * (3 - 4 * t1 * t1), k1 * (4 * k1 * k1 - 3)
    t6, k6 = 2 * t3 * k3, 1 - 2 * t3 * t3
    t12, k12 = 2 * t6 * k6, 1 - 2 * t6 * t6
    t15, k15 = t12 * k3 + k12 * t3, k12 * k3 - t12 * t3
    t30, k30 = 2 * t15 * k15, 1 - 2 * t15 * t15
    t60 = 2 * t30 * k30
    t180 = t60 * (3 - 4 * t60 * t60)

    waves = 20 * (s360 + s120)
    east_metres = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_metres = east_metres + (2 / 3) * (waves + 20 * s60 + 40 * s20 + 150 * s5 + 300 * s2)
    north_metres = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_metres = north_metres + (2 / 3) * (waves + 20 * t180 + 40 * t60 + 160 * t15 + 320 * t6)

    sin_lat, cos_lat = t1 * _COS_35 + k1 * _SIN_35, k1 * _COS_35 - t1 * _SIN_35
    flattened = 1 - _ECCENTRICITY_2 * sin_lat * sin_lat
    along = np.sqrt(flattened)
    east = inside * east_metres * (_DEGREE / _RADIUS) * np.divide(along, cos_lat)
    return east, inside * north_metres * (_DEGREE / _NORTH_METRES) * (flattened * along)


@compiled
def gcj02_of_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return GCJ-02 of places in WGS-84, all in degrees."""
    east, north = gcj02_offset(lon, lat, is_offset_place(lon, lat, 0.0))
    return lon + east, lat + north


@compiled
def wgs84_of_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return WGS-84 of places in GCJ-02, all in degrees: the place whose offset leads there, right to 2e-11.

    The offset changes by less than 1/200 of the way one goes, so each look at where one came from makes the error 200 times
    smaller. Whether it lies in the rectangle is asked of the place found, which makes this the inverse everywhere inside; of places
    less than 700 m outside some are taken for places inside, as there the way out is not one-to-one.
    """
    near = is_offset_place(lon, lat, REACH)
    east, north = gcj02_offset(lon, lat, near)
    east, north = gcj02_offset(lon - east, lat - north, near)
    east, north = gcj02_offset(lon - east, lat - north, near)
    east, north = gcj02_offset(lon - east, lat - north, near)
    inside = is_offset_place(lon - east, lat - north, 0.0)
    return lon - inside * east, lat - inside * north


@compiled
def baidu_wave(degrees: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sine and cosine of Baidu's wave at a longitude or latitude."""
    turns = degrees * _BAIDU_TURNS
    s, c = sine_cosine((turns - np.floor(turns + 0.5)) * (np.pi / 4))
    s, c = 2 * s * c, 1 - 2 * s * s
    s, c = 2 * s * c, 1 - 2 * s * s
    return 2 * s * c, 1 - 2 * s * s


@compiled
def bd09_offset(lon: FloatArray, lat: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return how far BD-09 moves a place of GCJ-02, in degrees; nothing where it is not `inside`."""
    x, y = lon * inside, lat * inside
    sine, _ = baidu_wave(y)
    _, cosine = baidu_wave(x)
    turned = 3e-6 * cosine  # so small that two terms of sine and cosine are exact
    across, along = turned * (1 - turned * turned * (1 / 6)), -0.5 * turned * turned
    grown = np.divide(2e-5 * sine, np.sqrt(x * x + y * y) + (1 - inside))
    east, north = along * x - across * y, along * y + across * x
    east, north = east + grown * (x + east), north + grown * (y + north)
    return inside * (east + _BAIDU_EAST), inside * (north + _BAIDU_NORTH)


@compiled
def bd09_of_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return BD-09 of places in GCJ-02, all in degrees."""
    east, north = bd09_offset(lon, lat, is_offset_place(lon, lat, 0.0))
    return lon + east, lat + north


@compiled
def gcj02_of_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return GCJ-02 of places in BD-09, all in degrees: the inverse as in `wgs84_of_gcj02`, right to 2e-10."""
    near = is_offset_place(lon, lat, REACH)
    east, north = bd09_offset(lon - near * _BAIDU_EAST, lat - near * _BAIDU_NORTH, near)
    east, north = bd09_offset(lon - east, lat - north, near)
    east, north = bd09_offset(lon - east, lat - north, near)
    inside = is_offset_place(lon - east, lat - north, 0.0)
    return lon - inside * east, lat - inside * north


@compiled
def bd09_of_bd09mc(east_metres: FloatArray, north_metres: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return BD-09 (degrees) of Baidu's Mercator metres, by the polynomials of Baidu's map script."""
    north = np.abs(north_metres)
    band = np.searchsorted(_BAIDU_BANDS, north, side="right") - 1
    band = np.minimum(np.maximum(band, 0), 5)
    share = np.divide(north, _BAIDU_MERCATOR[band, 9])
    lat = _BAIDU_MERCATOR[band, 8]
    for power in range(7, 1, -1):
        lat = lat * share + _BAIDU_MERCATOR[band, power]
    lon = _BAIDU_MERCATOR[band, 0] + _BAIDU_MERCATOR[band, 1] * np.abs(east_metres)
    return np.copysign(lon, east_metres), np.copysign(lat, north_metres)


@compiled
def convert_each(step: int, x: FloatArray, y: FloatArray, to_x: FloatArray, to_y: FloatArray) -> None:
    """Take one step (`TO_GCJ02` …) with each point of x (n,) and y (n,), into `to_x` and `to_y`."""
    if step == TO_GCJ02:
        for point in range(len(x)):
            to_x[point], to_y[point] = gcj02_of_wgs84(x[point], y[point])
    elif step == FROM_GCJ02:
        for point in range(len(x)):
            to_x[point], to_y[point] = wgs84_of_gcj02(x[point], y[point])
    elif step == TO_BD09:
        for point in range(len(x)):
            to_x[point], to_y[point] = bd09_of_gcj02(x[point], y[point])
    elif step == FROM_BD09:
        for point in range(len(x)):
            to_x[point], to_y[point] = gcj02_of_bd09(x[point], y[point])
    else:
        for point in range(len(x)):
            to_x[point], to_y[point] = bd09_of_bd09mc(x[point], y[point])


ON_ARRAYS = (gcj02_of_wgs84, wgs84_of_gcj02, bd09_of_gcj02, gcj02_of_bd09, bd09_of_bd09mc)
"""What each step is on arrays, where nothing is compiled."""
