"""Walled compounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingcircle.settings.base import (
    Number,
    Settings,
    StudyPath,
    TimeOfDay,
)
from livingcircle.settings.layers import LayerSettings


class GateColumns(Settings):
    """Names of the columns of a layer of gates."""

    lon: str = "lon"
    """Longitude, or easting in a table with a projected `crs`."""
    lat: str = "lat"
    """Latitude, or northing in a table with a projected `crs`."""
    who: str | None = None
    """Who may pass on foot: everyone (所有人, also when empty), residents (居民: out for those who live behind it, not in for visitors)
    or nobody (不开放)."""
    hours: str | None = None
    """When, e.g. 06:00-22:00; always when empty."""
    compound: str | None = None
    """Id of the compound a gate belongs to; when empty, those whose wall is within 15 m."""


class GateLayer(LayerSettings):
    """Gates of walled compounds (points)."""

    columns: GateColumns = GateColumns()
    """Names of its columns."""


class Compounds(Settings):
    """What is assumed of compounds, wherever they come from."""

    gates: GateLayer | None = None
    """Known gates; with `kind: osm` beside those of the extract."""
    unknown_gates: Literal["band", "open", "one_gate"] = "band"
    """Compounds none of whose gates is known: as if they had no wall (`open`), a single gate towards the largest street (`one_gate`), or
    both (`band`): the figures are then those of `open`, with those of `one_gate` beside them."""
    time_of_day: TimeOfDay = "10:00"
    """When people walk: gates that are shut at this hour are walls."""
    frontage_metres: Annotated[Number, Field(ge=0, le=100)] = 15
    """Facilities this near behind a wall are entered from the street as well: shops on the ground floor along it (沿街商铺)."""

    @property
    def at_minute(self) -> float:
        """`time_of_day` in minutes since midnight."""
        hours, minutes = self.time_of_day.split(":")
        return 60.0 * int(hours) + int(minutes)


class CompoundColumns(Settings):
    """Names of the columns of a layer of compounds."""

    id: str | None = None
    """Unique id; row numbers when left out."""
    name: str | None = None
    """Name; the id when left out."""
    through: str | None = None
    """Whether strangers may walk through, yes (是) or no (否, also when empty)."""


class LayerCompounds(Compounds, LayerSettings):
    """A layer of walled compounds (polygons), drawn along their walls."""

    kind: Literal["layer"]
    columns: CompoundColumns = CompoundColumns()
    """Names of its columns."""


class OsmCompounds(Compounds):
    """Residential areas of an OpenStreetMap extract, with the gates mapped there."""

    kind: Literal["osm"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    areas: Literal["walled", "residential"] = "walled"
    """Which residential areas count as compounds: those with a mapped wall or fence around most of them, or all of them, for walls are
    hardly ever mapped in China."""
