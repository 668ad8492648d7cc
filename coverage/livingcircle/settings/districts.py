"""Districts, and population tables of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from livingcircle.model.places import DistrictLevel
from livingcircle.settings.base import Settings
from livingcircle.settings.layers import LayerSettings


class DistrictColumns(Settings):
    """Names of the columns of a district layer."""

    id: str | None = None
    """Unique code; a column named 区划代码, code or the like, else row numbers when left out. Division codes are checked (GB/T 2260)."""
    name: str | None = None
    """Name; a column named 名称, name or the like, else the code when left out."""
    level: str | None = None
    """Level of each row: community, subdistrict, county, prefecture, province, or 社区, 街道, 区县, 地级市, 省."""
    parent: str | None = None
    """Id or name of the larger district each is part of; taken from division codes, else from the place, when left out."""


class DistrictLayer(LayerSettings):
    """Communities, sub-districts or other units to report by (polygons)."""

    level: DistrictLevel | None = None
    """Level of all of them; taken from the column, else from division codes when left out."""
    columns: DistrictColumns = DistrictColumns()
    """Names of its columns."""


def _as_list(content: object) -> object:
    """Take a single layer for a list of one, and nothing for an empty list."""
    return (content,) if isinstance(content, Mapping | DistrictLayer) else content or ()


DistrictLayers = Annotated[
    tuple[DistrictLayer, ...],
    BeforeValidator(_as_list, json_schema_input_type=DistrictLayer | tuple[DistrictLayer, ...] | None),
]


class PopulationTableColumns(Settings):
    """Names of the columns of a population table; those left out are found by their usual names."""

    id: str | None = None
    """Division code or other id of the district."""
    name: str | None = None
    """Name of the district, used where there is no code or no district has it."""
    parent: str | None = None
    """Name or code of the larger district, where several districts have one name."""
    residents: str | None = None
    """Residents."""
    households: str | None = None
    """Households."""


class PopulationTable(LayerSettings):
    """A table of residents, households and age groups per district, as a census or a register publishes it."""

    columns: PopulationTableColumns = PopulationTableColumns()
    """Names of its columns."""
    age_columns: dict[str, str] = Field(default={})
    """Columns with the residents of age groups, by the name of the group, e.g. `"60+": 60岁以上`."""
    use: Literal["check", "scale"] = "check"
    """`check` compares the homes of each district with it, `scale` also scales homes to it."""
