"""Gauss–Krüger zones of CGCS2000: by the names offices write, and by the zone number in front of eastings.

Surveyors write X for northing and Y for easting, and put the zone number before the easting: 40512345 is 12,345 m east of the
central meridian of zone 40. Zones 13–23 are 6° wide, zones 25–45 are 3° wide, so the number tells which.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from livingcircle.model.columns import BoolArray, FloatArray

if TYPE_CHECKING:
    import pyproj

SIX, THREE = range(13, 24), range(25, 46)
"""Numbers of the zones of 6° and 3° that cover China."""
_LIKE_MERCATOR = 16
"""Below this number an easting with its zone might as well be one of Web Mercator, whose eastings in China end at 15,040,000."""
_SOUTHMOST, _NORTHMOST = 300_000.0, 6_200_000.0
_FALSE_EASTING, _HALF_ZONE = 500_000.0, 350_000.0
_CODES = {3: (4513, THREE[0], 4534, 75), 6: (4491, SIX[0], 4502, 75)}
"""For each width: EPSG code of the first zone with its number in the eastings, that number; code without it, central meridian."""

_BARE = re.compile(r"(?:cgcs|国家|china)2000(?:坐标系?|大地坐标系?)?|2000国家(?:大地)?坐标系?|gcscgcs2000")
_NAME = re.compile(
    r"^(?:cgcs|国家|中国|china)?2000(?:国家大地坐标系?|坐标系?|大地坐标系?)?(?:高斯|gauss|克吕格|投影|kruger|krueger|gk)*"
    r"(?P<width>[36三六])(?:degrees?|deg|度|°)?(?:分带|高斯|gauss|克吕格|投影|kruger|krueger|gk)*"
    r"(?:(?:zone|带|第)*(?P<zone>\d\d)[带号]*|(?:cm|中央子午线|中央经线|带)+(?P<meridian>\d{2,3})[e°度]*)$"
)


class Zone(NamedTuple):
    """What eastings with a zone number tell: the EPSG code, and whether they stand in the second column."""

    code: str
    number: int
    easting_second: bool
    certain: bool


def system_named(name: str) -> str | None:
    """Return the EPSG code of CGCS2000 or a zone of it as offices name it, else None.

    Such as `国家2000`, `CGCS2000 3-degree zone 40`, `CGCS2000 / 3°带 120E`.
    """
    plain = re.sub(r"[\s_/\-–—,，:（）()、]", "", unicodedata.normalize("NFKC", name).casefold().replace("ü", "u"))
    if _BARE.fullmatch(plain):
        return "EPSG:4490"
    found = _NAME.match(plain)
    if found is None:
        return None
    width = {"3": 3, "6": 6, "三": 3, "六": 6}[found["width"]]
    zoned, first, centred, meridian = _CODES[width]
    if found["zone"]:
        number = int(found["zone"])
        return f"EPSG:{zoned + number - first}" if number in (THREE if width == 3 else SIX) else None
    steps, rest = divmod(int(found["meridian"]) - meridian, width)
    return f"EPSG:{centred + steps}" if rest == 0 and 0 <= steps <= (135 - 75) // width else None


def zone_of(x: FloatArray, y: FloatArray) -> Zone | None:
    """Return the zone whose number stands before every easting of points x (n,), y (n,); None where it does not, or not the same.

    It is not `certain` where Web Mercator or Baidu's metres would look the same.
    """
    for easting, northing, second in ((x, y, False), (y, x, True)):
        numbers = easting // 1e6
        if not len(numbers) or not (numbers == numbers[0]).all():
            continue
        number = int(numbers[0])
        if number in (*SIX, *THREE) and _fits(easting - number * 1e6, northing).all():
            code = 4491 + number - SIX[0] if number in SIX else 4513 + number - THREE[0]
            return Zone(f"EPSG:{code}", number, second, second or number >= _LIKE_MERCATOR)
    return None


def without_zone(x: FloatArray, y: FloatArray) -> bool:
    """Return whether points (n,) look like Gauss–Krüger or UTM coordinates in China whose eastings do not tell the zone."""
    return bool(len(x)) and bool(_fits(x, y).all() or _fits(y, x).all())


def like_mercator(x: FloatArray, y: FloatArray) -> bool:
    """Return whether points (n,) look like metres of Web Mercator, or Baidu's, in China."""
    return bool(len(x)) and bool(((x > 8.1e6) & (x < 15.2e6) & (y > 3e5) & (y < 7.2e6)).all())


def twin(crs: pyproj.CRS, easting: FloatArray) -> str | None:
    """Return the code that eastings (n,) ask for where they bear a zone number and `crs` has none, or the reverse; else None.

    Only zones of CGCS2000 have such a twin.
    """
    code = crs.to_epsg() or 0
    for zoned, first, centred, _ in _CODES.values():
        count = centred - zoned
        if zoned <= code < centred and (easting < 1e6).all():
            return f"EPSG:{code + count}"
        if centred <= code < centred + count:
            number = first + code - centred
            if (easting // 1e6 == number).all():
                return f"EPSG:{code - count}"
    return None


def _fits(easting: FloatArray, northing: FloatArray) -> BoolArray:
    fits: BoolArray = (
        (np.abs(easting - _FALSE_EASTING) < _HALF_ZONE) & (northing > _SOUTHMOST) & (northing < _NORTHMOST)
    )
    return fits
