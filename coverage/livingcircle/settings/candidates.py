"""Where something could be built."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from livingcircle.settings.base import (
    Number,
    Positive,
    Settings,
)
from livingcircle.settings.layers import LayerSettings, PointColumns
from livingcircle.settings.scenario import LonLat
from livingcircle.yaml_text import needed


class CandidateColumns(PointColumns):
    """Names of the columns of a layer of candidates; those left out are recognised by name (docs/inputs.md)."""

    name: str | None = None
    """Name (name, 名称, 项目名称 …)."""
    cost_wan_yuan: str | None = None
    """Cost (cost, 造价, 投资, 改造费用 …) in 万元 (10,000 yuan), unless header or cell say otherwise."""
    floor_m2: str | None = None
    """Usable floor area (floor_m2, 建筑面积, 面积 …) in m², unless header or cell say otherwise."""
    capacity: str | None = None
    """How many people it could serve (capacity, 服务能力, 容量 …)."""
    use: str | None = None
    """What it is or was used for (use, 用途 …)."""
    allowed: str | None = None
    """Which services may move in (allowed, 可用于, 适用设施 …), several separated by `;`, `、`, `,` or `/`; any where the cell is empty."""
    status: str | None = None
    """Whether it is to be built whatever else is (required, 必选, 已定 …), may not be (forbidden, 不可用, 已占用 …), or may be (candidate,
    候选, 可用 …, and where the cell is empty)."""


class MissingCost(Settings):
    """What a candidate costs of which the layer does not say it."""

    wan_yuan: Positive | None = None
    """Each (万元)."""
    yuan_per_m2: Positive | None = None
    """By floor area, where that is known (yuan per m²)."""


class LayerCandidates(LayerSettings):
    """Buildings and plots that could hold a facility (存量空间)."""

    kind: Literal["layer"]
    columns: CandidateColumns = CandidateColumns()
    """Names of its columns."""
    missing_cost: MissingCost = MissingCost()
    """What is taken where no cost is stated; unknown when left out; plans that count money then refuse it."""
    missing_cost_by_use: dict[str, MissingCost] = Field(default={})
    """The same for single uses, e.g. `闲置厂房: {yuan_per_m2: 1800}`; they go before `missing_cost`."""


class PlacedCandidate(Settings):
    """One place that was chosen by hand, in the study file or on the map of the page."""

    id: Annotated[str, Field(min_length=1)]
    """Its id."""
    name: str = ""
    """Its name."""
    lonlat: LonLat
    """Where: longitude and latitude, degrees of WGS-84."""
    cost_wan_yuan: Positive | None = None
    """What it would cost (万元); unknown when left out."""
    floor_m2: Positive | None = None
    """Usable floor area, m²; unknown when left out."""


class JunctionCandidates(Settings):
    """Street junctions near homes, one per grid cell, where no list of candidates exists: shows where to look, not what to buy."""

    kind: Literal["junctions"]
    spacing_metres: Positive = 200
    """Side of the grid cell."""


class GapCandidates(Settings):
    """Points along streets near the homes that siting tasks find uncovered, where no list exists: where to look, not what to buy.

    Each is named after its street, and how many were left out for which reason is told.
    """

    kind: Literal["gaps"]
    spacing_metres: Annotated[Number, Field(ge=20, le=2000)] = 100
    """How far apart points lie along a street."""
    near_metres: Positive | None = None
    """How far from an uncovered home a point may lie, straight; as far as one walks within the limit of the task when left out."""
    exclude: tuple[LayerSettings, ...] = ()
    """Layers of polygons where nothing may be built: water, industry, farmland …"""
    exclude_tags: tuple[str, ...] = ()
    """Areas of the OpenStreetMap extract of the streets where nothing may be built, e.g. `landuse=industrial`, `natural=water`."""
    most_slope: Annotated[Number, Field(gt=0, le=1)] | None = None
    """Steepest street a place may lie on (0.08 for 8 %); needs `elevation`."""
    least_metres_to_existing: Positive | None = None
    """How far from existing facilities of the services sought a point has to lie, straight."""

    @field_validator("exclude_tags")
    @classmethod
    def _tags(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.fullmatch(r"[^=\s]+=[^=]+", tag) for tag in given):
            raise needed(
                "“键=值”形式的标签，例如 landuse=industrial", "tags of the form key=value, e.g. landuse=industrial"
            )
        return given


AnyCandidates = Annotated[LayerCandidates | JunctionCandidates | GapCandidates, Field(discriminator="kind")]
