"""Units of floor area, people and money, as they stand in the headers and cells of Chinese and English tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal

Unit = Literal["m2", "households", "residents", "count", "beds", "levels", "wan_yuan", "metres", "share"]
"""What a column of numbers is in once it has been read: square metres, 万元 (10,000 yuan), a share of 1 …"""

MU_M2 = 2000 / 3
"""A mu (市亩) is a fifteenth of a hectare."""

_PEOPLE = {"人": 1.0, "口": 1.0, "名": 1.0, "位": 1.0, "persons": 1.0, "people": 1.0, "千人": 1e3, "万人": 1e4}
UNITS: Mapping[Unit, Mapping[str, float]] = {
    "m2": {
        **dict.fromkeys(
            ("m2", "平方米", "平米", "平方", "平", "方", "sqm", "sq.m", "squaremetres", "squaremeters"), 1.0
        ),
        **dict.fromkeys(("万m2", "万平方米", "万平米", "万平方", "万平", "万方"), 1e4),
        **dict.fromkeys(("公顷", "ha", "hm2", "hectares"), 1e4),
        **dict.fromkeys(("亩", "市亩", "mu"), MU_M2),
        **dict.fromkeys(("平方公里", "平方千米", "km2", "sqkm"), 1e6),
    },
    "households": {**dict.fromkeys(("户", "戶", "家", "households", "hh"), 1.0), "千户": 1e3, "万户": 1e4},
    "residents": {**_PEOPLE, "residents": 1.0, "百人": 1e2},
    "count": {**dict.fromkeys(("个", "處", "处", "栋", "幢", "座", "所", "间", "班", "座位", "学位"), 1.0), **_PEOPLE},
    "beds": dict.fromkeys(("张", "床", "张床", "床位", "张床位", "个", "个床位", "beds"), 1.0),
    "levels": dict.fromkeys(("层", "层楼", "楼", "f", "fl", "levels", "storeys", "floors"), 1.0),
    # A price of “120万” is 120 万元, whatever the header says.
    "wan_yuan": {
        **dict.fromkeys(("万元", "万", "万元人民币", "万人民币", "w元"), 1.0),
        **dict.fromkeys(("元", "元人民币", "rmb", "yuan"), 1e-4),
        "千元": 0.1,
        "百万元": 100.0,
        "千万元": 1e3,
        **dict.fromkeys(("亿元", "亿"), 1e4),
    },
    "metres": {**dict.fromkeys(("m", "米", "metres", "meters"), 1.0), **dict.fromkeys(("km", "公里", "千米"), 1e3)},
    "share": {"%": 1e-2, "‰": 1e-3, "percent": 1e-2},
}
"""For every unit a column can be read in: how it and its relatives are written (see `plain`), and the factor to it."""

SYMBOLS: Mapping[Unit, str] = {
    "m2": "m²",
    "households": "户",
    "residents": "人",
    "count": "",
    "beds": "床",
    "levels": "层",
    "wan_yuan": "万元",
    "metres": "m",
    "share": "",
}

KNOWN = frozenset(name for names in UNITS.values() for name in names)


def plain(text: str) -> str:
    """Return a text as it is compared: full-width and squared signs as ordinary ones, without capitals, blanks and underscores."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("_", "").casefold()
