"""Facilities."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from livingcircle.settings.base import (
    Settings,
    StudyPath,
)
from livingcircle.settings.layers import LayerSettings, PointColumns
from livingcircle.yaml_text import needed


class OsmTagFacilities(Settings):
    """Facilities of an OpenStreetMap extract, by the tags of each service type."""

    kind: Literal["osm_tags"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    services: tuple[str, ...] = ()
    """Service types to take; all types of the standard when left out."""


class FacilityColumns(PointColumns):
    """Names of the columns of a layer of facilities."""

    name: str | None = None
    """Name of the facility."""
    service: str | None = None
    """Service type of each row; several are separated by `;`."""


class LayerFacilities(LayerSettings):
    """A layer or table of facilities: one service type for all rows, or a column that names it."""

    kind: Literal["layer"]
    service: str | None = None
    """Service type of every row."""
    columns: FacilityColumns = FacilityColumns()
    """Names of its columns."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.service is None) == (self.columns.service is None):
            raise needed(
                "写明 service（适用于所有行）或 columns.service（逐行读取）二者之一的内容",
                "given either service (for all rows) or columns.service (for each row)",
            )
        return self
