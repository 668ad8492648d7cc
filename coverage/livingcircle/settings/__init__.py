"""The study file: what a study is made of, as frozen settings read from commented YAML.

Unknown keys are refused, every fault of the file is reported at once, and paths are relative to the file itself. The text under each
field is its documentation; `configs/study.schema.json` is generated from here for editors.
"""

from livingcircle.settings.access import CapacityTask, ChoiceTask, DecaySettings, EquitySettings, ScoreSettings
from livingcircle.settings.answers import AnswerColumns, AnswerSheet
from livingcircle.settings.base import Settings, Title
from livingcircle.settings.candidates import (
    CandidateColumns,
    GapCandidates,
    JunctionCandidates,
    LayerCandidates,
    MissingCost,
)
from livingcircle.settings.compounds import (
    CompoundColumns,
    Compounds,
    GateColumns,
    GateLayer,
    LayerCompounds,
    OsmCompounds,
)
from livingcircle.settings.districts import DistrictColumns, DistrictLayer, PopulationTable, PopulationTableColumns
from livingcircle.settings.edge import EdgeSettings
from livingcircle.settings.facilities import (
    AmapFacilities,
    BaiduFacilities,
    FacilityColumns,
    LayerFacilities,
    OsmTagFacilities,
    PoiFacilities,
)
from livingcircle.settings.homes import (
    AnyPopulation,
    FloorEstimateSettings,
    HomeColumns,
    LayerHomes,
    OsmBuildingHomes,
    PlausibleSettings,
    PopulationRasterSettings,
    PopulationSettings,
)
from livingcircle.settings.intervals import IntervalSettings
from livingcircle.settings.layers import LayerSettings, PointColumns
from livingcircle.settings.network import (
    GraphmlNetwork,
    Network,
    OsmAreaNetwork,
    OsmFileNetwork,
    OsmPlaceNetwork,
    StreetLayerNetwork,
)
from livingcircle.settings.outputs import Outputs
from livingcircle.settings.siting import SitedService, SitingFrontier, SitingTask, SitingTier, SitingYear
from livingcircle.settings.study import SCHEMA_NAME, StudySettings, read_study, schema, settings_from
from livingcircle.settings.walker import CrossingSettings, ElevationSettings, WalkerSettings

__all__ = [
    "SCHEMA_NAME",
    "AmapFacilities",
    "AnswerColumns",
    "AnswerSheet",
    "AnyPopulation",
    "BaiduFacilities",
    "CandidateColumns",
    "CapacityTask",
    "ChoiceTask",
    "CompoundColumns",
    "Compounds",
    "CrossingSettings",
    "DecaySettings",
    "DistrictColumns",
    "DistrictLayer",
    "EdgeSettings",
    "ElevationSettings",
    "EquitySettings",
    "FacilityColumns",
    "FloorEstimateSettings",
    "GapCandidates",
    "GateColumns",
    "GateLayer",
    "GraphmlNetwork",
    "HomeColumns",
    "IntervalSettings",
    "JunctionCandidates",
    "LayerCandidates",
    "LayerCompounds",
    "LayerFacilities",
    "LayerHomes",
    "LayerSettings",
    "MissingCost",
    "Network",
    "OsmAreaNetwork",
    "OsmBuildingHomes",
    "OsmCompounds",
    "OsmFileNetwork",
    "OsmPlaceNetwork",
    "OsmTagFacilities",
    "Outputs",
    "PlausibleSettings",
    "PoiFacilities",
    "PointColumns",
    "PopulationRasterSettings",
    "PopulationSettings",
    "PopulationTable",
    "PopulationTableColumns",
    "ScoreSettings",
    "Settings",
    "SitedService",
    "SitingFrontier",
    "SitingTask",
    "SitingTier",
    "SitingYear",
    "StreetLayerNetwork",
    "StudySettings",
    "Title",
    "WalkerSettings",
    "read_study",
    "schema",
    "settings_from",
]
