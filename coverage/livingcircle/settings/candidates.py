"""Where something could be built."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import (
    Positive,
    Settings,
)
from livingcircle.settings.layers import LayerSettings, PointColumns


class CandidateColumns(PointColumns):
    """Names of the columns of a layer of candidates; those left out are recognised by name (docs/inputs.md)."""

    name: str | None = None
    """Name (name, 名称, 项目名称 …)."""
    cost_wan_yuan: str | None = None
    """Cost (cost, 造价, 投资, 改造费用 …) in 万元 (10,000 yuan), unless header or cell say otherwise."""
    floor_m2: str | None = None
    """Usable floor area (floor_m2, 建筑面积, 面积 …) in m², unless header or cell say otherwise."""


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
