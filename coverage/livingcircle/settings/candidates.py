"""Where something could be built."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import (
    Positive,
    Settings,
)
from livingcircle.settings.layers import LayerSettings, PointColumns


class CandidateColumns(PointColumns):
    """Names of the columns of a layer of candidates."""

    name: str | None = None
    """Name."""
    cost_wan_yuan: str | None = None
    """Cost in 万元 (10,000 yuan)."""
    floor_m2: str | None = None
    """Usable floor area in m²."""


class LayerCandidates(LayerSettings):
    """Buildings and plots that could hold a facility (存量空间)."""

    kind: Literal["layer"]
    columns: CandidateColumns = CandidateColumns()
    """Names of its columns."""


class JunctionCandidates(Settings):
    """Street junctions near homes, one per grid cell, where no list of candidates exists: shows where to look, not what to buy."""

    kind: Literal["junctions"]
    spacing_metres: Positive = 200
    """Side of the grid cell."""
