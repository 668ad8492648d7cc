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
    """Names of the columns of a layer of gates; those left out are recognised by name (docs/inputs.md)."""

    lon: str | None = None
    """Longitude (lon, lng, 经度, x …), or easting in a table with a projected `crs`."""
    lat: str | None = None
    """Latitude (lat, 纬度, y …), or northing in a table with a projected `crs`."""
    who: str | None = None
    """Who (who, 通行对象, 通行权限 …) may pass on foot: everyone (所有人, also when empty), residents (居民: out for those who live behind
    it, not in for visitors) or nobody (不开放)."""
    hours: str | None = None
    """When (hours, 开放时间 …), e.g. 06:00-22:00; always when empty."""
    compound: str | None = None
    """Id of the compound (compound, 小区编号, 所属小区 …) a gate belongs to; when empty, those whose wall is within 15 m."""


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
    """Names of the columns of a layer of compounds; those left out are recognised by name (docs/inputs.md)."""

    id: str | None = None
    """Unique id (id, 编号, 编码 …); row numbers where there is none."""
    name: str | None = None
    """Name (name, 名称, 小区名称 …); the id where there is none."""
    through: str | None = None
    """Whether (through, 可穿行, 是否可穿行) strangers may walk through, yes (是) or no (否, also when empty)."""


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
