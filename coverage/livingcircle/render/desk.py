"""What the page adds to the map that stands in it: the words of its tools, and backgrounds from elsewhere to choose from.

Nothing is asked of a background until a reader chooses it; the map starts with streets drawn from the study's own data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from livingcircle.faults import Language
from livingcircle.model.study import Study
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.words import WORDS, say

TIANDITU_KEY = "LIVING_CIRCLE_TIANDITU_KEY"
INTRANET_TILES = "LIVING_CIRCLE_TILES"
"""Environment: the key of Tianditu (天地图), and an XYZ address of tiles such as `http://10.0.0.8/{z}/{x}/{y}.png`."""
_ON_MAP = ("tool_", "hint_", "basemap", "tools", "pick_facility", "scenario")


def desk_content(study: Study, language: Language, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return words and basemaps; Tianditu is offered where `environment` has a key, an intranet map where it has an address."""
    words = {
        key.removeprefix("desk."): WORDS[key].said(language)
        for key in WORDS
        if key.startswith("desk.") and key.removeprefix("desk.").startswith(_ON_MAP)
    }
    return {"words": words, "basemaps": _basemaps(study, language, environment)}


def _basemaps(study: Study, language: Language, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [
        _basemap("osm", ["https://tile.openstreetmap.org/{z}/{x}/{y}.png"], "© OpenStreetMap contributors", language),
        _basemap(
            "amap",
            ["https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"],
            "© 高德地图",
            language,
            subdomains="1234",
            shift=gcj02_shift(study),
        ),
    ]
    if key := environment.get(TIANDITU_KEY, ""):
        tiles = "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
        tiles += "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=" + key
        urls = [tiles.replace("{layer}", layer) for layer in ("vec", "cva")]
        found.append(_basemap("tianditu", urls, "© 天地图", language, subdomains="01234567"))
    if address := environment.get(INTRANET_TILES, ""):
        found.append(_basemap("intranet", [address], "", language))
    return found


def gcj02_shift(study: Study) -> list[float] | None:
    """Return by how many degrees (lon, lat) GCJ-02 is off at the middle of a study; None where it is not.

    Over a city the offset varies by a few metres only, which is less than tiles can show.
    """
    from livingcircle.kernel import datum  # here, for it loads the compiler

    # One point is worked out before machine code for a million would be made.
    offset: Any = getattr(datum.gcj02_offset, "py_func", datum.gcj02_offset)
    is_inside: Any = getattr(datum.is_offset_place, "py_func", datum.is_offset_place)
    lon, lat = lonlat_of(study.homes.xy.mean(axis=0, keepdims=True), study.crs).T
    inside = is_inside(lon, lat, 0.0)
    if not inside.any():
        return None
    shift: list[float] = np.round(np.concatenate(offset(lon, lat, inside)), 7).tolist()
    return shift


def _basemap(
    name: str,
    urls: list[str],
    credit: str,
    language: Language,
    *,
    subdomains: str = "",
    shift: list[float] | None = None,
) -> dict[str, Any]:
    return {
        "name": say(f"desk.basemap_{name}", language),
        "urls": urls,
        "credit": credit,
        "subdomains": subdomains,
        "shift": shift,
    }
