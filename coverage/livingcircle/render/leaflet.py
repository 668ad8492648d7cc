"""A folium map that asks nobody for anything: Leaflet and the map's own script come from this package.

Inlined, a map is one file that opens anywhere, from a stick or in a closed network. Behind a URL prefix, a page that serves the files of
`vendor/` itself (`ASSETS` names them) sends each only once. Attribution stays; Leaflet's own prefix is emptied.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import folium

VENDOR = Path(__file__).with_name("vendor")
ASSETS = (
    "leaflet/leaflet.js",
    "leaflet/leaflet.css",
    "livingcircle/homes.js",
    "livingcircle/near.js",
    "livingcircle/desk.js",
    "livingcircle/homes.css",
)
"""Files below `VENDOR` that maps of a study load, in their order."""
CITY_ASSETS = ("leaflet/leaflet.js", "leaflet/leaflet.css", "livingcircle/city.js", "livingcircle/homes.css")
"""Those of the map of many studies."""
_TYPES = {".js": "text/javascript", ".css": "text/css"}


class OfflineMap(folium.Map):
    """`folium.Map` without tiles, fonts or scripts from elsewhere.

    Parameters
    ----------
    assets
        `inline` to put Leaflet and the map's script into the file itself, or the URL below which the files of `VENDOR` are served,
        such as `/app/static/vendor`.
    files
        Those below `VENDOR` that the map loads.
    options
        Anything `folium.Map` takes.

    Notes
    -----
    folium's popups and plugins need further files (jQuery, …) and would ask for them; the map's script shows its own popups.
    """

    def __init__(self, *, assets: str = "inline", files: Sequence[str] = ASSETS, **options: object) -> None:
        super().__init__(tiles=None, **options)  # type: ignore[arg-type]
        self._name = "Map"  # folium names variables after it, and streamlit-folium looks for that name
        links = [(name.replace("/", "_").replace(".", "_"), asset_url(name, assets)) for name in files]
        self.default_js = [(label, url) for label, url in links if label.endswith("_js")]
        self.default_css = [(label, url) for label, url in links if label.endswith("_css")]


def asset_url(name: str, assets: str) -> str:
    """Return where a vendored file is loaded from: a `data:` URL for `inline`, else below the URL `assets`."""
    return _data_url(name) if assets == "inline" else f"{assets.rstrip('/')}/{name}"


@lru_cache(maxsize=len({*ASSETS, *CITY_ASSETS}))
def _data_url(name: str) -> str:
    file = VENDOR / name
    content = base64.b64encode(file.read_bytes()).decode("ascii")
    return f"data:{_TYPES[file.suffix]};charset=utf-8;base64,{content}"
