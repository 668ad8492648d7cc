"""The street network."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from livingcircle.settings.base import (
    Number,
    Positive,
    Settings,
    StudyPath,
)
from livingcircle.settings.layers import LayerSettings
from livingcircle.yaml_text import needed

StreetField = Literal[
    "highway",
    "name",
    "foot",
    "access",
    "sidewalk",
    "oneway",
    "lanes",
    "width",
    "bridge",
    "tunnel",
    "layer",
    "level",
    "u",
    "v",
    "osmid",
]


class Network(Settings):
    """What every network has, wherever it comes from."""

    minimum_island_metres: Positive = 2000
    """Parts of the network that are cut off from the rest and shorter than this are pruned; places near them join what remains."""
    join_cap_metres: Annotated[Number, Field(gt=0, le=5000)] = 300
    """A place farther than this from every walkable street is not joined, and listed."""


class OsmFileNetwork(Network):
    """Walkable ways of an OpenStreetMap extract on disk."""

    kind: Literal["osm_file"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    attribution: str = ""
    """Credit that every output must show instead of that to OpenStreetMap, for streets that are in its format but not from there."""


class OsmPlaceNetwork(Network):
    """Walkable ways downloaded through OSMnx; kept in the cache once fetched."""

    kind: Literal["osm_place"]
    place: str
    """A place OpenStreetMap knows, e.g. "Gulou, Nanjing, China"."""
    buffer_metres: Annotated[Number, Field(ge=0)] = 1500
    """How far beyond the place's boundary streets are fetched; 1,500 m or more keeps its edge honest."""
    date: dt.date | None = None
    """The day the data shall be of (its first moment, UTC), e.g. 2026-01-01; today's when left out, and then kept in the cache."""


class OsmAreaNetwork(Network):
    """Walkable ways of a box or of polygons, downloaded through OSMnx; kept in the cache once fetched."""

    kind: Literal["osm_area"]
    box: tuple[Number, Number, Number, Number] | None = None
    """West, south, east and north in degrees (WGS84)."""
    area: LayerSettings | None = None
    """Polygons."""
    buffer_metres: Annotated[Number, Field(ge=0)] = 1500
    """How far beyond it streets are fetched; 1,500 m or more keeps its edge honest."""
    date: dt.date | None = None
    """The day the data shall be of (its first moment, UTC), e.g. 2026-01-01; today's when left out, and then kept in the cache."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.box is None) == (self.area is None):
            raise needed("写明 box（范围）或 area（面图层）二者之一", "given either box or area (polygons)")
        return self


class StreetLayerNetwork(Network, LayerSettings):
    """Streets from a layer of lines: edges exported from OSMnx, ways of OpenStreetMap in any vector format, or a city's own road layer.

    Its `attribution` replaces the credit to OpenStreetMap, which is given where none is stated.
    """

    kind: Literal["street_layer"]
    columns: dict[StreetField, str] = Field(default_factory=dict)
    """The column of each tag of OpenStreetMap that is not called like it, e.g. `highway: 道路等级`; `u`, `v` (numbers of end nodes),
    `osmid` and `width` (carriageway, metres) may be named as well."""
    snap_metres: Annotated[Number, Field(ge=0, le=10)] = 0.5
    """Ends drawn this close to another end, or to a line, meet it."""
    joined_at: Literal["ends", "inner_points"] | None = None
    """Whether lines meet at their ends only, or also at inner points they share, as ways of OpenStreetMap do; without it they do the
    latter if the layer has numbers of OpenStreetMap (osm_id). Lines that only cross on the map never meet."""


class GraphmlNetwork(Network):
    """A graph saved by OSMnx."""

    kind: Literal["graphml"]
    path: StudyPath
    """`.graphml`."""
