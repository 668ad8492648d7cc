"""The street network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingcircle.settings.base import (
    Number,
    Positive,
    Settings,
    StudyPath,
)


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


class OsmPlaceNetwork(Network):
    """Walkable ways downloaded through OSMnx; kept in the cache once fetched."""

    kind: Literal["osm_place"]
    place: str
    """A place OpenStreetMap knows, e.g. "Gulou, Nanjing, China"."""
    buffer_metres: Annotated[Number, Field(ge=0)] = 1500
    """How far beyond the place's boundary streets are fetched; 1,500 m or more keeps its edge honest."""


class GraphmlNetwork(Network):
    """A graph saved by OSMnx."""

    kind: Literal["graphml"]
    path: StudyPath
    """`.graphml`."""
