"""Datums: in which system the degrees of a file are, and the way from each to WGS-84.

WGS-84 and CGCS2000 differ by decimetres, the drift of the continents since 2000; at the scale of walks they are one. GCJ-02 (Amap,
Tencent) is off by 50 to 700 m, BD-09 (Baidu) by some 1,200 m. The three lie in a row, WGS-84 – GCJ-02 – BD-09, and so a conversion is
one or two steps.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, get_args

import numpy as np

from livingcircle.kernel.search import threads_available
from livingcircle.model.columns import FloatArray

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09", "bd09mc"]
DATUMS: tuple[Datum, ...] = get_args(Datum)

DATUM_NAMES = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09", "bd09mc": "BD-09MC"}

_PLACE = {"wgs84": 0, "cgcs2000": 0, "gcj02": 1, "bd09": 2, "bd09mc": 3}
_CALLED: dict[str, Datum] = {
    **dict.fromkeys(
        ["gcj02", "gcj", "gcj02ll", "mars", "amap", "gaode", "火星", "高德", "腾讯", "火星坐标", "国测局"], "gcj02"
    ),
    **dict.fromkeys(["bd09", "bd09ll", "baidu", "百度", "百度坐标", "百度经纬度"], "bd09"),
    **dict.fromkeys(["bd09mc", "baidumercator", "百度墨卡托", "百度米制"], "bd09mc"),
}
_POINTS_PER_BLOCK = 65_536


def offset_datum(name: str) -> Datum | None:
    """Return which offset system of Chinese web maps a name means, None for any other."""
    return _CALLED.get(re.sub(r"[\W_]|坐标系$|坐标$|\(.*\)|系$", "", name.casefold()))


def is_offset(datum: Datum | None) -> bool:
    """Return whether coordinates in this datum lie hundreds of metres beside WGS-84."""
    return datum is not None and _PLACE[datum] > 0


def converted(x: FloatArray, y: FloatArray, source: Datum, target: Datum = "wgs84") -> tuple[FloatArray, FloatArray]:
    """Return points x (n,), y (n,) of one datum in another.

    Longitude and latitude in degrees, for `bd09mc` easting and northing in Baidu's metres. Outside China's rectangle
    (`livingcircle.kernel.datum`) all datums are WGS-84. There and back again differs by less than 0.1 mm. Large arrays are shared out
    among the processors. NaN stays NaN, infinity becomes NaN.

    Raises
    ------
    ValueError
        When points are to become `bd09mc`, which only Baidu's own maps use.
    """
    if target == "bd09mc" != source:
        message = "nothing is converted to Baidu's metres"
        raise ValueError(message)
    from livingcircle.kernel import datum as steps

    up, down = (steps.TO_GCJ02, steps.TO_BD09), (steps.FROM_GCJ02, steps.FROM_BD09, steps.FROM_BD09MC)
    place, goal = _PLACE[source], _PLACE[target]
    way = up[place:goal] if goal > place else down[goal:place][::-1]
    x, y = np.array(x, np.float64), np.array(y, np.float64)
    for step in way:
        _take(step, x, y)
    return x, y


def _take(step: int, x: FloatArray, y: FloatArray) -> None:
    """Take one step with all points, in place."""
    from livingcircle.kernel import compiled
    from livingcircle.kernel import datum as steps

    def block(first: int) -> None:
        here = slice(first, first + _POINTS_PER_BLOCK)
        if compiled.NUMBA is None:
            with np.errstate(invalid="ignore"):
                x[here], y[here] = steps.ON_ARRAYS[step](x[here], y[here])
        else:
            steps.convert_each(step, x[here], y[here], x[here], y[here])

    firsts = range(0, len(x), _POINTS_PER_BLOCK)
    threads = min(threads_available(), len(firsts))
    if threads <= 1:
        for first in firsts:
            block(first)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(block, firsts))
