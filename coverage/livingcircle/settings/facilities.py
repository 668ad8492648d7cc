"""Facilities."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from livingcircle.settings.base import (
    Settings,
    StudyPath,
)
from livingcircle.settings.layers import Datum, LayerSettings, PointColumns
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
    """Service type (service, 设施类型, 类型 …) of each row, or several separated by `;`, `、`, `,` or `/`."""
    typecode: str | None = None
    """Amap's typecode (typecode, 分类编码 …), with `classify`."""
    type_text: str | None = None
    """Amap's type in words, such as 科教文化服务;学校;幼儿园, with `classify`."""
    status: str | None = None
    """Open, planned or closed (开放、规划、关闭 …); open when empty."""
    opened_year: str | None = None
    """Year of opening."""
    closed_year: str | None = None
    """Year of closing; the facility is closed unless its status says otherwise."""
    floor_m2: str | None = None
    """Gross floor area (建筑面积)."""
    usable_m2: str | None = None
    """Usable floor area (使用面积)."""
    activity_m2: str | None = None
    """Floor area open to residents' activities (居民活动面积)."""
    land_m2: str | None = None
    """Land (用地面积)."""
    width_metres: str | None = None
    """Width of a park or ground at its narrowest (最小宽度)."""
    staff: str | None = None
    """Persons who work there."""
    capacity: str | None = None
    """Places: school places, seats, persons served."""
    beds: str | None = None
    """Beds."""
    classes: str | None = None
    """Classes of a school or kindergarten (班数)."""
    hours: str | None = None
    """Opening hours, kept as written."""
    address: str | None = None
    """Address."""


class PoiFacilities(LayerSettings):
    """POIs of an online map, types told from their names, typecodes and types in words; what is not sure goes to the sheet `review`.

    `path` is what its search answered, as JSON (pages one after another, or one in each line), a table, or a folder of such files.
    Who uses it must keep to the provider's terms.
    """

    review: StudyPath | None = None
    """The sheet `review` of an earlier run (CSV, or the workbook) with 核对结果 filled in: these decisions stand."""
    count_planned: bool = False
    """Whether planned facilities count; closed ones never do."""
    columns: FacilityColumns = FacilityColumns()
    """Names of the columns of a table, where they are not those of the provider."""


class AmapFacilities(PoiFacilities):
    """POIs of Amap (高德), in GCJ-02 unless another `datum` is stated."""

    kind: Literal["amap"]
    datum: Datum | None = "gcj02"
    """What the coordinates refer to; Amap gives GCJ-02."""
    attribution: str = "© 高德地图 / Amap"
    """Credit that every output must show."""


class BaiduFacilities(PoiFacilities):
    """POIs of Baidu (百度), in BD-09 unless another `datum` is stated, such as gcj02 for those asked for with ret_coordtype=gcj02ll."""

    kind: Literal["baidu"]
    datum: Datum | None = "bd09"
    """What the coordinates refer to; Baidu gives BD-09 unless asked for something else."""
    attribution: str = "© 百度地图 / Baidu Maps"
    """Credit that every output must show."""


class LayerFacilities(LayerSettings):
    """A layer or table of facilities: one service type for all rows, a column that names it, or types told from names and typecodes."""

    kind: Literal["layer"]
    service: str | None = None
    """Service type of every row."""
    classify: bool = False
    """Whether service types are told from names, Amap typecodes and types in words; what is not sure goes to the sheet `review`."""
    review: StudyPath | None = None
    """The sheet `review` of an earlier run (CSV, or the workbook) with 核对结果 filled in: these decisions stand."""
    count_planned: bool = False
    """Whether planned facilities count; closed ones never do."""
    columns: FacilityColumns = FacilityColumns()
    """Names of its columns."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if [self.service is not None, self.columns.service is not None, self.classify].count(True) > 1:
            raise needed(
                "至多写明 service（适用于所有行）、columns.service（逐行读取）、classify: true（按名称和分类判定）三者之一的内容",
                "given no more than one of service (for all rows), columns.service (for each row) and classify: true (by names and types)",
            )
        if self.review is not None and not self.classify:
            raise needed("与 classify: true 一同给出 review", "given review together with classify: true")
        return self
