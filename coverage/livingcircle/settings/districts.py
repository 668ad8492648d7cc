"""Districts."""

from __future__ import annotations

from livingcircle.settings.base import (
    Settings,
)
from livingcircle.settings.layers import LayerSettings


class DistrictColumns(Settings):
    """Names of the columns of a district layer."""

    id: str | None = None
    """Unique code; row numbers when left out."""
    name: str | None = None
    """Name; the code when left out."""


class DistrictLayer(LayerSettings):
    """Communities, sub-districts or other units to report by (polygons)."""

    columns: DistrictColumns = DistrictColumns()
    """Names of its columns."""
