"""Who walks, and what slows them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from livingcircle.model.standard import Words


@dataclass(frozen=True, slots=True)
class CrossingSeconds:
    """Seconds waited, on average, before crossing a road: at a signal, at a zebra, and where there is neither by the class of the road.

    A `Crossing.UNMARKED` counts as neither. Residential streets with neither are crossed at once. Bridges and underpasses meet no road:
    they cost the walk and their stairs.
    """

    signal: float = 0.0
    zebra: float = 0.0
    tertiary: float = 0.0
    secondary: float = 0.0
    primary: float = 0.0
    """Also for trunk roads."""


@dataclass(frozen=True, slots=True)
class Walker:
    """A group of people who walk alike, on streets and on the way to them.

    `slope` names the function of speed by gradient; it is not applied to stairs. `stairs_factor` is the time on stairs over the time on
    level ground of the same length on the map, None for those who cannot use stairs. `wide_roads` says where wide roads are crossed.
    """

    id: str
    name: Words
    speed_metres_per_second: float
    slope: Literal["level", "tobler"] = "level"
    stairs_factor: float | None = 1.0
    crossing: CrossingSeconds = CrossingSeconds()
    wide_roads: Literal["anywhere", "crossings"] = "anywhere"


PRESETS: Mapping[str, Walker] = MappingProxyType(
    {
        preset.id: preset
        for preset in (
            Walker("everyone", Words("全体居民", "all residents"), 1.25),
            Walker("older", Words("老年人", "older people"), 0.9, stairs_factor=3.0),
            Walker("children", Words("儿童及其看护人", "children with carers"), 0.9, stairs_factor=3.0),
            Walker("wheels", Words("轮椅和婴儿车使用者", "people with wheelchairs or prams"), 0.7, stairs_factor=None),
        )
    }
)
"""Groups a study can name. Where the figures come from, and which of them could be checked, is in docs/walkers.md."""


def plain_walker(walker: Walker) -> Walker:
    """Return a walker at the same pace to whom all streets are alike: level, without waits, stairs like any other, unless barred."""
    stairs = None if walker.stairs_factor is None else 1.0
    return replace(walker, slope="level", stairs_factor=stairs, crossing=CrossingSeconds())
