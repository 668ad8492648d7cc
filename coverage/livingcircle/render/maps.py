"""The city map: one HTML file that recolours itself by the service chosen and asks nothing of the network."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from branca.element import Figure, MacroElement
from folium.template import Template

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.render.leaflet import OfflineMap
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.tables import Tables

_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class CityLayers(MacroElement):
    """Everything on the map, drawn by the vendored script from one JSON object."""

    _template = Template(
        "{% macro script(this, kwargs) %}livingCircle.draw({{ this._parent.get_name() }}, {{ this.content }});{% endmacro %}"
    )

    def __init__(self, city: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CityLayers"
        self.bounds = city["bounds"]
        self.content = as_script(city)

    def _get_self_bounds(self) -> list[list[float | None]]:
        """Tell folium, and the page that embeds the map, where it is."""
        bounds: list[list[float | None]] = self.bounds
        return bounds


def city_map(
    results: Results,
    language: Language,
    *,
    assets: str = "inline",
    desk: Mapping[str, Any] | None = None,
    tables: Tables | None = None,
) -> OfflineMap:
    """Draw a study: homes by walking time, facilities, isochrones, gaps and plans of the service chosen on the map.

    Parameters
    ----------
    assets
        Where the map's scripts come from; see `OfflineMap`.
    desk
        What a page that the map stands in adds to it (`livingcircle.render.desk`); without it the map has no tools and talks to nobody.
    tables
        Those of the results, where they are already there.
    """
    city = content_of(scene_of(results, language, tables))
    if desk is not None:
        city["desk"] = dict(desk)
    (south, west), (north, east) = city["bounds"]
    drawing = OfflineMap(
        assets=assets,
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=14,
        prefer_canvas=True,
        zoom_snap=0.25,
        zoom_delta=0.5,
        max_zoom=20,
    )
    drawing.add_child(CityLayers(city))
    figure = drawing.get_root()
    assert isinstance(figure, Figure)  # noqa: S101 - every folium map stands in one
    figure.title = html.escape(city["title"])
    return drawing


def write_map(path: Path, results: Results, language: Language, tables: Tables | None = None) -> None:
    """Write the map as one HTML file; the same inputs give the same bytes."""
    drawing = city_map(results, language, tables=tables)
    drawing._id = "city"  # noqa: SLF001 - folium's random ids would make every file differ
    path.write_text(drawing.get_root().render(), encoding="utf-8", newline="\n")


def as_script(content: dict[str, Any]) -> str:
    """Write JSON that may stand inside `<script>`: no text in it can end the script or open a comment."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPED)
