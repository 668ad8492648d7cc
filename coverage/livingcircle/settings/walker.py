"""Who walks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from livingcircle.model.walker import PRESETS
from livingcircle.settings.base import (
    Number,
    Settings,
    StudyPath,
    Title,
    Wait,
)


class CrossingSettings(Settings):
    """Seconds waited, on average, before crossing a road, divided or not; small streets with neither signal nor zebra cost nothing."""

    signal: Wait = 0.0
    """At a signal: about half of the red time, times the share of the cycle that is red."""
    zebra: Wait = 0.0
    """At a zebra crossing without signal."""
    tertiary: Wait = 0.0
    """Across a tertiary road with neither."""
    secondary: Wait = 0.0
    """Across a secondary road with neither."""
    primary: Wait = 0.0
    """Across a primary or trunk road with neither."""


class WalkerSettings(Settings):
    """A group of people who walk alike."""

    preset: Literal["everyone", "older", "children", "wheels"] = "everyone"
    """Sets name, speed and stairs, except where they are stated here: all residents, older people, children with carers, wheelchairs
    and prams."""
    name: Title = Title(zh="全体居民", en="all residents")
    """What the group is called."""
    speed_metres_per_second: Annotated[Number, Field(gt=0.1, lt=3)] = 1.25
    """Walking speed on level streets and on the way to them."""
    slope: Literal["level", "tobler"] = "level"
    """How speed changes with gradient: not at all, or by Tobler's hiking function; that needs `elevation`."""
    stairs: bool = True
    """Whether the group can use stairs; if not, stairs are closed to it."""
    stairs_factor: Annotated[Number, Field(ge=0.5, le=20)] = 1.0
    """Time on stairs over the time on level ground of the same length on the map, up as well as down; slope is not added to it."""
    crossing_seconds: CrossingSettings = CrossingSettings()
    """Waits at road crossings."""
    wide_roads: Literal["anywhere", "crossings"] = "anywhere"
    """Where wide roads are crossed: anywhere, or at crossings and junctions only; then a place is reached from its own side of the road."""

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        stated = {key: value for key, value in given.items() if value is not None}
        preset = PRESETS.get(str(stated.get("preset")))
        if preset is None:
            return stated
        usual: dict[str, Any] = {
            "name": {"zh": preset.name.zh, "en": preset.name.en},
            "speed_metres_per_second": preset.speed_metres_per_second,
            "stairs": preset.stairs_factor is not None,
            "stairs_factor": preset.stairs_factor or 1.0,
        }
        return usual | stated


class ElevationSettings(Settings):
    """Heights of the ground, for walkers who feel the slope."""

    path: StudyPath
    """GeoTIFF, SRTM tile (`.hgt`, also zipped) or `.vrt`, heights in metres. Bare ground is better than a surface with houses and trees."""
