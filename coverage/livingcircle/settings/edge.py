"""The edge of the data."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import (
    Positive,
    Settings,
)
from livingcircle.settings.layers import LayerSettings


class EdgeSettings(Settings):
    """How far streets and facilities must reach beyond the study area, and what happens where they do not."""

    buffer_metres: Positive | None = None
    """How far beyond the boundary; when left out 1,500 m, or what is walked within the longest limit if that is more."""
    when_short: Literal["warn", "refuse"] = "warn"
    """`warn` says so beside every result, `refuse` computes nothing."""
    natural_border: LayerSettings | None = None
    """Lines or polygons nobody walks across (coast, wide river, state border): streets that end there are not cut off."""
