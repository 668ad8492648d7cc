"""The study file: what a study is made of, as frozen settings read from commented YAML.

Unknown keys are refused, every fault of the file is reported at once, and paths are relative to the file itself. The text under each
field is its documentation; `configs/study.schema.json` is generated from here for editors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from livingcircle.errors import SettingsError
from livingcircle.model.walker import PRESETS
from livingcircle.yaml_text import YamlText, needed, needed_key, read_yaml, validated

SCHEMA_NAME = "study.schema.json"


def _beside_study_file(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return path if folder is None or path.is_absolute() else (Path(folder) / path).resolve()


def _standard_beside_study_file(standard: str, info: ValidationInfo) -> str:
    path = Path(standard)
    return str(_beside_study_file(path, info)) if path.suffix.lower() in {".yaml", ".yml"} else standard


def _like(pattern: str, zh: str, en: str) -> AfterValidator:
    """Check a text against a pattern; who writes it is told in words, not in the pattern."""

    def checked(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise needed(zh, en)
        return text

    return AfterValidator(checked)


_SHORT_NAME = "^[a-z0-9][a-z0-9_-]*$"
_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"

ShortName = Annotated[
    str,
    _like(_SHORT_NAME, "由小写字母、数字、“-”和“_”组成的短名", "a short name of lower-case letters, digits, - and _"),
    Field(json_schema_extra={"pattern": _SHORT_NAME}),
]
TimeOfDay = Annotated[
    str,
    _like(_TIME_OF_DAY, "“10:00”这样的时刻（加引号）", "a time of day such as “10:00”, in quotes"),
    Field(json_schema_extra={"pattern": _TIME_OF_DAY}),
]
StudyPath = Annotated[Path, AfterValidator(_beside_study_file)]
Number = Annotated[float, Field(strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]
Wait = Annotated[Number, Field(ge=0, le=600)]


class _Settings(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        revalidate_instances="always",
    )


class Title(_Settings):
    """A name in both languages; either may stand for both."""

    zh: str = ""
    """In Chinese."""
    en: str = ""
    """In English."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if not (self.zh or self.en):
            raise needed("中文 zh 或英文 en 名称，至少写一个", "a name: zh, en or both")
        return self


# ── The street network ──────────────────────────────────────────────────────


class _Network(_Settings):
    minimum_island_metres: Positive = 2000
    """Parts of the network that are cut off from the rest and shorter than this are pruned; places near them join what remains."""
    join_cap_metres: Annotated[Number, Field(gt=0, le=5000)] = 300
    """A place farther than this from every walkable street is not joined, and listed."""


class OsmFileNetwork(_Network):
    """Walkable ways of an OpenStreetMap extract on disk."""

    kind: Literal["osm_file"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""


class OsmPlaceNetwork(_Network):
    """Walkable ways downloaded through OSMnx; kept in the cache once fetched."""

    kind: Literal["osm_place"]
    place: str
    """A place OpenStreetMap knows, e.g. "Gulou, Nanjing, China"."""
    buffer_metres: Annotated[Number, Field(ge=0)] = 1500
    """How far beyond the place's boundary streets are fetched; 1,500 m or more keeps its edge honest."""


class GraphmlNetwork(_Network):
    """A graph saved by OSMnx."""

    kind: Literal["graphml"]
    path: StudyPath
    """`.graphml`."""


# ── Layers and tables ───────────────────────────────────────────────────────


class LayerSettings(_Settings):
    """A layer or table on disk."""

    path: StudyPath
    """GeoPackage, GeoJSON, shapefile, GeoParquet, FlatGeobuf, CSV or Excel."""
    layer: str | None = None
    """Layer of a GeoPackage or sheet of a workbook; the first when left out."""
    crs: str | None = None
    """Coordinate reference system, e.g. EPSG:4326, where the file does not say; tables with lon and lat are EPSG:4326."""
    attribution: str = ""
    """Credit that every output must show, e.g. the name and licence of the publisher."""


class PointColumns(_Settings):
    """Names of columns; what is left out is looked for under this name itself."""

    id: str | None = None
    """Unique id; row numbers when left out."""
    lon: str = "lon"
    """Longitude, or easting in a table with a projected `crs`."""
    lat: str = "lat"
    """Latitude, or northing in a table with a projected `crs`."""


# ── Homes ───────────────────────────────────────────────────────────────────


class PopulationSettings(LayerSettings):
    """Population cells (polygons) whose residents are spread over the homes by floor area; totals are kept."""

    residents: str = "residents"
    """Column with the residents of each cell."""


class OsmBuildingHomes(_Settings):
    """Residential buildings of an OpenStreetMap extract; residents are estimated from floor area unless `population` is given."""

    kind: Literal["osm_buildings"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    residential_buildings: tuple[str, ...] = (
        "apartments",
        "residential",
        "house",
        "detached",
        "semidetached_house",
        "terrace",
        "dormitory",
    )
    """Values of the `building` tag that are homes; `yes` counts buildings of unknown use unless another tag tells their use."""
    minimum_footprint_m2: Positive = 30
    """Smaller buildings are sheds."""
    default_levels: Positive = 1
    """Levels of a building whose tag is missing."""
    floor_m2_per_resident: Positive = 40
    """Gross floor area per resident: the declared assumption behind estimated residents."""
    residents_per_household: Positive = 2.6
    """The declared assumption behind estimated households."""
    population: PopulationSettings | None = None
    """Spread these cells instead of estimating from floor area."""


class HomeColumns(PointColumns):
    """Names of the columns of a layer of homes."""

    residents: str | None = None
    """Residents."""
    households: str | None = None
    """Households."""
    floor_m2: str | None = None
    """Residential floor area in m²."""


class LayerHomes(LayerSettings):
    """A layer or table of residential footprints or points."""

    kind: Literal["layer"]
    columns: HomeColumns = HomeColumns()
    """Names of its columns."""
    residents_per_household: Positive = 2.6
    """Used only where one of residents and households is missing."""
    population: PopulationSettings | None = None
    """Spread these cells over the homes by floor area (or footprint) instead of reading residents."""


# ── Facilities, districts, candidates ───────────────────────────────────────


class OsmTagFacilities(_Settings):
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


class DistrictColumns(_Settings):
    """Names of the columns of a district layer."""

    id: str | None = None
    """Unique code; row numbers when left out."""
    name: str | None = None
    """Name; the code when left out."""


class DistrictLayer(LayerSettings):
    """Communities, sub-districts or other units to report by (polygons)."""

    columns: DistrictColumns = DistrictColumns()
    """Names of its columns."""


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


class JunctionCandidates(_Settings):
    """Street junctions near homes, one per grid cell, where no list of candidates exists: shows where to look, not what to buy."""

    kind: Literal["junctions"]
    spacing_metres: Positive = 200
    """Side of the grid cell."""


# ── The edge of the data ────────────────────────────────────────────────────


class EdgeSettings(_Settings):
    """How far streets and facilities must reach beyond the study area, and what happens where they do not."""

    buffer_metres: Positive | None = None
    """How far beyond the boundary; when left out 1,500 m, or what is walked within the longest limit if that is more."""
    when_short: Literal["warn", "refuse"] = "warn"
    """`warn` says so beside every result, `refuse` computes nothing."""
    natural_border: LayerSettings | None = None
    """Lines or polygons nobody walks across (coast, wide river, state border): streets that end there are not cut off."""


# ── Walled compounds ────────────────────────────────────────────────────────


class GateColumns(_Settings):
    """Names of the columns of a layer of gates."""

    lon: str = "lon"
    """Longitude, or easting in a table with a projected `crs`."""
    lat: str = "lat"
    """Latitude, or northing in a table with a projected `crs`."""
    who: str | None = None
    """Who may pass on foot: everyone (所有人, also when empty), residents (居民: out for those who live behind it, not in for visitors)
    or nobody (不开放)."""
    hours: str | None = None
    """When, e.g. 06:00-22:00; always when empty."""
    compound: str | None = None
    """Id of the compound a gate belongs to; when empty, those whose wall is within 15 m."""


class GateLayer(LayerSettings):
    """Gates of walled compounds (points)."""

    columns: GateColumns = GateColumns()
    """Names of its columns."""


class _Compounds(_Settings):
    gates: GateLayer | None = None
    """Known gates; with `kind: osm` beside those of the extract."""
    unknown_gates: Literal["band", "open", "one_gate"] = "band"
    """Compounds none of whose gates is known: as if they had no wall (`open`), a single gate towards the largest street (`one_gate`), or
    both (`band`): the figures are then those of `open`, with those of `one_gate` beside them."""
    time_of_day: TimeOfDay = "10:00"
    """When people walk: gates that are shut at this hour are walls."""
    frontage_metres: Annotated[Number, Field(ge=0, le=100)] = 15
    """Facilities this near behind a wall are entered from the street as well: shops on the ground floor along it (沿街商铺)."""

    @property
    def at_minute(self) -> float:
        """`time_of_day` in minutes since midnight."""
        hours, minutes = self.time_of_day.split(":")
        return 60.0 * int(hours) + int(minutes)


class CompoundColumns(_Settings):
    """Names of the columns of a layer of compounds."""

    id: str | None = None
    """Unique id; row numbers when left out."""
    name: str | None = None
    """Name; the id when left out."""
    through: str | None = None
    """Whether strangers may walk through, yes (是) or no (否, also when empty)."""


class LayerCompounds(_Compounds, LayerSettings):
    """A layer of walled compounds (polygons), drawn along their walls."""

    kind: Literal["layer"]
    columns: CompoundColumns = CompoundColumns()
    """Names of its columns."""


class OsmCompounds(_Compounds):
    """Residential areas of an OpenStreetMap extract, with the gates mapped there."""

    kind: Literal["osm"]
    path: StudyPath
    """`.osm.pbf` or `.osm` (XML)."""
    areas: Literal["walled", "residential"] = "walled"
    """Which residential areas count as compounds: those with a mapped wall or fence around most of them, or all of them, for walls are
    hardly ever mapped in China."""


# ── Questions ───────────────────────────────────────────────────────────────


class CrossingSettings(_Settings):
    """Seconds waited, on average, before crossing a road, divided or not; small streets with neither signal nor zebra cost nothing."""

    signal: Wait = 0.0
    """At a signal: about half of the red time, times the share of the cycle that is red."""
    zebra: Wait = 0.0
    """At a zebra crossing without signal."""
    tertiary: Wait = 0.0
    """Across a tertiary road with neither."""
    secondary: Wait = 0.0
    """Across a secondary road with neither."""
    primary: Wait = 0.0
    """Across a primary or trunk road with neither."""


class WalkerSettings(_Settings):
    """A group of people who walk alike."""

    preset: Literal["everyone", "older", "children", "wheels"] = "everyone"
    """Sets name, speed and stairs, except where they are stated here: all residents, older people, children with carers, wheelchairs
    and prams."""
    name: Title = Title(zh="全体居民", en="all residents")
    """What the group is called."""
    speed_metres_per_second: Annotated[Number, Field(gt=0.1, lt=3)] = 1.25
    """Walking speed on level streets and on the way to them."""
    slope: Literal["level", "tobler"] = "level"
    """How speed changes with gradient: not at all, or by Tobler's hiking function; that needs `elevation`."""
    stairs: bool = True
    """Whether the group can use stairs; if not, stairs are closed to it."""
    stairs_factor: Annotated[Number, Field(ge=0.5, le=20)] = 1.0
    """Time on stairs over the time on level ground of the same length on the map, up as well as down; slope is not added to it."""
    crossing_seconds: CrossingSettings = CrossingSettings()
    """Waits at road crossings."""
    wide_roads: Literal["anywhere", "crossings"] = "anywhere"
    """Where wide roads are crossed: anywhere, or at crossings and junctions only; then a place is reached from its own side of the road."""

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        stated = {key: value for key, value in given.items() if value is not None}
        preset = PRESETS.get(str(stated.get("preset")))
        if preset is None:
            return stated
        usual: dict[str, Any] = {
            "name": {"zh": preset.name.zh, "en": preset.name.en},
            "speed_metres_per_second": preset.speed_metres_per_second,
            "stairs": preset.stairs_factor is not None,
            "stairs_factor": preset.stairs_factor or 1.0,
        }
        return usual | stated


class ElevationSettings(_Settings):
    """Heights of the ground, for walkers who feel the slope."""

    path: StudyPath
    """GeoTIFF, SRTM tile (`.hgt`, also zipped) or `.vrt`, heights in metres. Bare ground is better than a surface with houses and trees."""


class SitingTask(_Settings):
    """How many sites of which service are sought."""

    service: str
    """Service type."""
    sites: Annotated[int, Field(gt=0, strict=True)]
    """Number of new sites; existing facilities are always kept and counted."""
    limit_minutes: Positive | None = None
    """Walking limit; that of the standard when left out."""
    time_limit_seconds: Positive = 10
    """How long an optimal plan is sought; the best one found and its proven gap are returned."""


class Outputs(_Settings):
    """Where results go and what is drawn."""

    folder: StudyPath = Field(default=Path("runs"), validate_default=True)
    """Folder the run folder is made in."""
    isochrone_minutes: Annotated[tuple[Positive, ...], Field(max_length=12)] = (5, 10, 15)
    """Limits at which coverage is tabulated and isochrones are drawn, beside those of the standard."""
    catchments: Literal["none", "each", "nearest", "both"] = "none"
    """Areas of single facilities in the GeoPackage: of `each` whatever else is near, or only from where it is the `nearest`."""
    catchment_direction: Literal["to_facility", "from_facility"] = "to_facility"
    """Whether the area of each facility is from where one walks to it, or where one walks from it."""
    rasters: Annotated[bool, Field(strict=True)] = False
    """Whether walking times to every service are written as rasters too (Cloud Optimized GeoTIFF, in seconds)."""
    language: Literal["zh", "en"] = "zh"
    """Language of map, tables and messages."""


class StudySettings(_Settings):
    """One study: where its data lie, which standard applies, and what is asked."""

    id: ShortName
    """Short name, used for the run folder."""
    title: Title
    """Title on map and tables."""
    crs: str | None = None
    """Projected coordinate reference system in metres; the UTM zone of the network when left out."""
    network: Annotated[OsmFileNetwork | OsmPlaceNetwork | GraphmlNetwork, Field(discriminator="kind")]
    """The streets people walk on."""
    homes: Annotated[OsmBuildingHomes | LayerHomes, Field(discriminator="kind")]
    """Where people live."""
    facilities: Annotated[
        tuple[Annotated[OsmTagFacilities | LayerFacilities, Field(discriminator="kind")], ...], Field(min_length=1)
    ]
    """What serves them."""
    districts: DistrictLayer | None = None
    """The units figures are reported by."""
    boundary: LayerSettings | None = None
    """The study area (polygons); the union of the districts when left out, without those no margin is asked for."""
    edge: EdgeSettings = EdgeSettings()
    """How far the data must reach beyond it."""
    standard: Annotated[str, AfterValidator(_standard_beside_study_file)] = "quarter_hour"
    """Id of a built-in standard, or the path of one of your own."""
    walker: WalkerSettings = WalkerSettings()
    """Who walks."""
    elevation: ElevationSettings | None = None
    """How the ground rises and falls."""
    compounds: Annotated[LayerCompounds | OsmCompounds, Field(discriminator="kind")] | None = None
    """Walled compounds, which are entered by their gates only and not walked through."""
    candidates: Annotated[LayerCandidates | JunctionCandidates, Field(discriminator="kind")] | None = None
    """Where something could be built."""
    siting: tuple[SitingTask, ...] = ()
    """Which sites are sought."""
    outputs: Outputs = Field(default=Outputs(), validate_default=True)
    """Where results go."""

    @model_validator(mode="after")
    def _candidates_for_siting(self) -> Self:
        if self.siting and self.candidates is None:
            raise needed_key("candidates")
        return self

    @model_validator(mode="after")
    def _elevation_for_slope(self) -> Self:
        if self.walker.slope != "level" and self.elevation is None:
            raise needed_key("elevation")
        return self


def read_study(path: Path, overrides: Mapping[str, Any] | None = None) -> StudySettings:
    """Read a study file; `overrides` take the place of its keys, or are merged into them where both are mappings.

    Raises
    ------
    SettingsError
        With every fault of the study file and the line of each: missing, not YAML, unknown keys, wrong values.
    """
    text = read_yaml(path)
    if overrides and isinstance(text.content, dict):
        merged = dict(text.content)
        for key, value in overrides.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if both else value
        text = replace(text, content=merged)
    return _checked(text, folder=path.resolve().parent)


def settings_from(content: Any, file: Path) -> StudySettings:
    """Check settings that were composed; `file` names them in faults and anchors relative paths.

    Raises
    ------
    SettingsError
        With every fault found.
    """
    return _checked(YamlText(file=str(file), content=content), folder=file.resolve().parent)


def _checked(text: YamlText, folder: Path) -> StudySettings:
    settings, faults = validated(StudySettings, text, folder=folder)
    if settings is None:
        raise SettingsError(faults)
    return settings


def schema() -> str:
    """Return the JSON schema of study files, as committed in `configs/study.schema.json`."""
    return json.dumps(StudySettings.model_json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
