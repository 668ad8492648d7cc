"""The study file, read whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault
from livingcircle.settings.access import CapacityTask, ChoiceTask, EquitySettings, ScoreSettings
from livingcircle.settings.answers import AnswerSheet
from livingcircle.settings.base import (
    Number,
    Settings,
    ShortName,
    Title,
    beside_study_file,
)
from livingcircle.settings.candidates import AnyCandidates, PlacedCandidate
from livingcircle.settings.circles import AdministrativeLevel, CircleLayer, CircleLevel
from livingcircle.settings.compounds import LayerCompounds, OsmCompounds
from livingcircle.settings.districts import DistrictLayers, PopulationTable
from livingcircle.settings.edge import EdgeSettings
from livingcircle.settings.facilities import AmapFacilities, BaiduFacilities, LayerFacilities, OsmTagFacilities
from livingcircle.settings.homes import LayerHomes, OsmBuildingHomes
from livingcircle.settings.intervals import IntervalSettings
from livingcircle.settings.layers import LayerSettings
from livingcircle.settings.network import (
    GraphmlNetwork,
    OsmAreaNetwork,
    OsmFileNetwork,
    OsmPlaceNetwork,
    StreetLayerNetwork,
)
from livingcircle.settings.outputs import Outputs
from livingcircle.settings.siting import SitingTask
from livingcircle.settings.walker import ElevationSettings, WalkerSettings
from livingcircle.yaml_text import YamlText, needed_key, read_yaml, validated

SCHEMA_NAME = "study.schema.json"


def _standardbeside_study_file(standard: str, info: ValidationInfo) -> str:
    path = Path(standard)
    return str(beside_study_file(path, info)) if path.suffix.lower() in {".yaml", ".yml"} else standard


class StudySettings(Settings):
    """One study: where its data lie, which standard applies, and what is asked."""

    id: ShortName
    """Short name, used for the run folder."""
    title: Title
    """Title on map and tables."""
    crs: str | None = None
    """Projected coordinate reference system in metres; the UTM zone of the network when left out."""
    network: Annotated[
        OsmFileNetwork | OsmPlaceNetwork | OsmAreaNetwork | GraphmlNetwork | StreetLayerNetwork,
        Field(discriminator="kind"),
    ]
    """The streets people walk on."""
    homes: Annotated[OsmBuildingHomes | LayerHomes, Field(discriminator="kind")]
    """Where people live."""
    facilities: Annotated[
        tuple[
            Annotated[
                OsmTagFacilities | LayerFacilities | AmapFacilities | BaiduFacilities, Field(discriminator="kind")
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    """What serves them."""
    more_services: tuple[str, ...] = ()
    """Service types that walking times are wanted for beyond those of the standard."""
    merge_metres: Annotated[Number, Field(ge=0, le=500)] = 50
    """How far apart two entries of about the same name and a common service may lie to be one facility; 0 merges nothing. What one source
    says of it goes before what later ones say."""
    entrances: LayerSettings | None = None
    """Points at which areas such as parks and schools are entered. Areas without one are entered where OpenStreetMap maps a gate or an
    entrance and where streets cross their outline, else along the street they lie on."""
    districts: DistrictLayers = ()
    """The units figures are reported by: one layer, or a list of layers for several levels."""
    population_table: PopulationTable | None = None
    """Residents, households and age groups per district, to check homes by or to scale them to."""
    boundary: LayerSettings | None = None
    """The study area (polygons); the union of the districts when left out, without those no margin is asked for."""
    edge: EdgeSettings = EdgeSettings()
    """How far the data must reach beyond it."""
    standard: Annotated[str, AfterValidator(_standardbeside_study_file)] = "quarter_hour"
    """Id of a built-in standard, or the path of one of your own."""
    circles: dict[CircleLevel, AdministrativeLevel | CircleLayer] = Field(default={})
    """The living circles that clauses speak of, as a layer of polygons for each of `5min`, `10min` and `15min`; where there is none, the
    units that stand for them: `5min` and `10min` are communities, `15min` sub-districts (街道) unless stated otherwise."""
    conditions: tuple[str, ...] = ()
    """Conditions of clauses that hold here, such as `new_development` or `old_city`; clauses with any other do not apply."""
    surveyed: tuple[str, ...] | Literal["all"] = ()
    """Service types of which every facility is known to be in the input (`all` for every type): where there is none of them, there is
    none, and not merely no data."""
    checklist: AnswerSheet | None = None
    """Answers to rules that a person has to answer: the sheet that `living-circle checklist` writes, filled in."""
    registers: tuple[AnswerSheet, ...] = ()
    """Figures of registers for rules, in the same columns; of several answers to a rule the last is taken, the checklist's before all."""
    walker: WalkerSettings = WalkerSettings()
    """Who walks."""
    elevation: ElevationSettings | None = None
    """How the ground rises and falls."""
    compounds: Annotated[LayerCompounds | OsmCompounds, Field(discriminator="kind")] | None = None
    """Walled compounds, which are entered by their gates only and not walked through."""
    intervals: IntervalSettings | None = None
    """How far coverage moves when speed, waits, gates and joining do; `intervals: {}` moves each between its usual ends. Not computed when
    left out."""
    candidates: AnyCandidates | None = None
    """Where something could be built."""
    placed_candidates: tuple[PlacedCandidate, ...] = ()
    """Places chosen by hand, beside `candidates` or in place of them."""
    siting: tuple[SitingTask, ...] = ()
    """Which sites are sought."""
    capacity: tuple[CapacityTask, ...] = ()
    """Services whose places are set beside those who need them; every service with any known capacity or beds when left out."""
    choice: tuple[ChoiceTask, ...] = ()
    """Services of which people should have several to choose from."""
    score: ScoreSettings = ScoreSettings()
    """How the living circle of homes and districts is scored."""
    equity: EquitySettings = EquitySettings()
    """Ages and their speeds, and by what inequality is ranked."""
    outputs: Outputs = Field(default=Outputs(), validate_default=True)
    """Where results go."""

    @property
    def circle_levels(self) -> dict[str, AdministrativeLevel]:
        """Return which administrative level is stated to stand for which circle."""
        return {circle: level for circle, level in self.circles.items() if not isinstance(level, CircleLayer)}

    @property
    def circle_layers(self) -> dict[CircleLevel, CircleLayer]:
        """Return the layers of circles that were drawn."""
        return {circle: layer for circle, layer in self.circles.items() if isinstance(layer, CircleLayer)}

    @field_validator("intervals")
    @classmethod
    def _ranges_hold_the_study(cls, given: IntervalSettings | None, info: ValidationInfo) -> IntervalSettings | None:
        walker, network = info.data.get("walker"), info.data.get("network")
        if given is not None and walker is not None and network is not None:
            given.check_around(walker, network.join_cap_metres)
        return given

    @model_validator(mode="after")
    def _candidates_for_siting(self) -> Self:
        if self.siting and self.candidates is None and not self.placed_candidates:
            raise needed_key("candidates")
        return self

    @model_validator(mode="after")
    def _districts_for_population(self) -> Self:
        if self.population_table is not None and not self.districts:
            raise needed_key("districts")
        return self

    @model_validator(mode="after")
    def _elevation_for_slope(self) -> Self:
        steep = getattr(self.candidates, "most_slope", None) is not None
        if (self.walker.slope != "level" or steep) and self.elevation is None:
            raise needed_key("elevation")
        return self


_RECORD = "run.json"
"""What a run leaves; whoever compares with last year's may well name that."""


def read_study(
    path: Path, overrides: Mapping[str, Any] | None = None, defaults: Mapping[str, Any] | None = None
) -> StudySettings:
    """Read a study file; `overrides` take the place of its keys, or are merged into them where both are mappings.

    `defaults` hold where the file says nothing; mappings are merged, what the file says before what they say.

    Raises
    ------
    SettingsError
        With every fault of the study file and the line of each: missing, not YAML, unknown keys, wrong values; for results of a run.
    """
    if path.name == _RECORD or (path / _RECORD).is_file():
        raise SettingsError(Fault("record_not_study", file=str(path)))
    text = read_yaml(path)
    if defaults and isinstance(text.content, Mapping):
        text = replace(text, content=merged_beneath(defaults, text.content))
    if overrides and isinstance(text.content, dict):
        merged = dict(text.content)
        for key, value in overrides.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if both else value
        text = replace(text, content=merged)
    return _checked(text, folder=path.resolve().parent)


def merged_beneath(defaults: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stated, and the defaults where nothing is; mappings are merged, all else is taken whole."""
    both = {**defaults, **stated}
    for key in defaults.keys() & stated.keys():
        if isinstance(defaults[key], Mapping) and isinstance(stated[key], Mapping):
            both[key] = merged_beneath(defaults[key], stated[key])
    return both


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
