"""Living circles that a city drew."""

from __future__ import annotations

from typing import Literal

from livingcircle.settings.base import Settings
from livingcircle.settings.layers import LayerSettings

CircleLevel = Literal["5min", "10min", "15min"]
AdministrativeLevel = Literal["community", "street", "district"]


class CircleColumns(Settings):
    """Names of the columns of a layer of circles."""

    id: str | None = None
    """Unique id; a column named 编号, 代码, id or the like, else row numbers when left out."""
    name: str | None = None
    """Name; a column named 名称, name or the like, else the id when left out."""


class CircleLayer(LayerSettings):
    """Living circles of one size (polygons), as a plan lays them out."""

    columns: CircleColumns = CircleColumns()
    """Names of its columns."""
