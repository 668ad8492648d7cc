"""The map of many studies: every district coloured by the share of its residents within the limit chosen; one file, no internet."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from branca.element import Figure, MacroElement
from folium.template import Template

from livingcircle.faults import Language
from livingcircle.model.standard import Words
from livingcircle.render.leaflet import CITY_ASSETS, OfflineMap
from livingcircle.render.maps import as_script
from livingcircle.render.words import PAPER, SCORE, say, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

BREAKS = (0.2, 0.4, 0.6, 0.8)
"""Shares from which a darker colour begins."""
SIMPLIFIED_DEGREES = 2e-5
"""Outlines may move by this much, two metres, on the map; no figure is taken from them."""


class DistrictShares(MacroElement):
    """The districts, drawn by the vendored script from one JSON object."""

    _template = Template(
        "{% macro script(this, kwargs) %}livingCircleCity.draw({{ this._parent.get_name() }}, {{ this.content }});{% endmacro %}"
    )

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DistrictShares"
        self.content = as_script(content)


def write_city_map(
    path: Path,
    title: Words,
    districts: geopandas.GeoDataFrame,
    coverage: pd.DataFrame,
    credits_: Sequence[str],
    language: Language,
) -> None:
    """Write the map as one HTML file; the same inputs give the same bytes.

    `coverage` has a row for every limit of every service and each of the `districts` (degrees), in their order.
    """
    west, south, east, north = (float(one) for one in districts.total_bounds)
    drawing = OfflineMap(
        files=CITY_ASSETS,
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=11,
        prefer_canvas=True,
        zoom_snap=0.25,
        max_zoom=18,
    )
    drawing._id = "city"  # noqa: SLF001 - folium's random ids would make every file differ
    content = {
        "title": title.said(language),
        "bounds": [[south, west], [north, east]],
        "credits": " · ".join(credits_),
        "paper": PAPER,
        "colours": SCORE,
        "breaks": [shown_share(one) for one in (0.0, *BREAKS, 1.0)],
        "words": {
            name: say(f"citymap.{name}", language)
            for name in ("choose", "share", "unknown", "residents", "study", "rank")
        },
        "limits": _limits(coverage, language),
        "districts": _outlines(districts, coverage, language),
    }
    shares = DistrictShares(content)
    shares._id = "districts"  # noqa: SLF001
    drawing.add_child(shares)
    figure = drawing.get_root()
    assert isinstance(figure, Figure)  # noqa: S101 - every folium map stands in one
    figure.title = html.escape(title.said(language))
    path.write_text(figure.render(), encoding="utf-8", newline="\n")


def _limits(coverage: pd.DataFrame, language: Language) -> list[dict[str, Any]]:
    """Return every limit of which anything is known, with the class (-1 unknown), the share and the rank of all districts as shown."""
    if not len(coverage):
        return []
    found = []
    keys = ["service_id", "limit_minutes", "limit_metres"]
    for _, rows in coverage.groupby(keys, sort=False, dropna=False):
        first, share = rows.iloc[0], rows["residents_share"].to_numpy(float)
        if np.isnan(share).all():
            continue
        metres = None if np.isnan(first["limit_metres"]) else float(first["limit_metres"])
        limit = shown_limit(float(first["limit_minutes"]), metres, language)
        found.append(
            {
                "name": f"{first[f'service_{language}']} · {limit}",
                "class": np.where(np.isnan(share), -1, np.digitize(share, BREAKS)).tolist(),
                "share": ["—" if np.isnan(one) else shown_share(one) for one in share],
                "rank": ["—" if np.isnan(one) else f"{one:.0f}" for one in rows["share_rank"]],
            }
        )
    return found


def _outlines(districts: geopandas.GeoDataFrame, coverage: pd.DataFrame, language: Language) -> list[dict[str, Any]]:
    shapes = shapely.simplify(districts.geometry.to_numpy(), SIMPLIFIED_DEGREES)
    known = len(coverage) > 0
    residents = coverage["residents"].to_numpy()[: len(districts)] if known else np.full(len(districts), np.nan)
    titles = (coverage[f"study_title_{language}"] if known else districts["study"])[: len(districts)]
    return [
        {
            "name": row.district_name,
            "study": title,
            "residents": "—" if np.isnan(people) else shown_count(people),
            "shape": json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))),
        }
        for row, shape, people, title in zip(districts.itertuples(), shapes, residents, titles, strict=True)
    ]
