"""What if: changes to a study one after another, and other assumptions, as a file that can be kept, sent and computed again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from ruamel.yaml import YAML

from livingcircle.errors import SettingsError
from livingcircle.settings.base import Number, Positive, Settings, ShortName, Title
from livingcircle.yaml_text import YamlText, needed, read_yaml, validated

Degrees = tuple[Number, Number]


def _on_earth(lonlat: Degrees) -> Degrees:
    lon, lat = lonlat
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise needed("[经度, 纬度]，单位为度", "[longitude, latitude] in degrees")
    return lonlat


LonLat = Annotated[Degrees, AfterValidator(_on_earth)]
"""Longitude and latitude, degrees of WGS-84."""


class AddSite(Settings):
    """A facility opens."""

    kind: Literal["add_site"]
    services: Annotated[tuple[str, ...], Field(min_length=1)]
    """Service types it offers."""
    lonlat: LonLat
    """Where: longitude and latitude, degrees of WGS-84."""
    name: str = ""
    """Its name."""
    capacity: Positive | None = None
    """Places it has, for demand to be set beside; unknown when left out."""
    beds: Positive | None = None
    """Beds it has."""
    floor_m2: Positive | None = None
    """Floor area, m²; clauses on floor count it."""


class MoveFacility(Settings):
    """A facility moves; new ones are called `new-1`, `new-2` … in the order they open."""

    kind: Literal["move_facility"]
    facility: str
    """Its id."""
    lonlat: LonLat
    """Where to."""


class CloseFacility(Settings):
    """A facility closes."""

    kind: Literal["close_facility"]
    facility: str
    """Its id."""


class AddGate(Settings):
    """A gate opens in the wall nearest to a point, for residents and visitors; nobody walks through."""

    kind: Literal["add_gate"]
    lonlat: LonLat
    """Where in the wall."""


class AddCrossing(Settings):
    """A wide road can be crossed at the junction nearest to a point."""

    kind: Literal["add_crossing"]
    lonlat: LonLat
    """Near which junction."""


class AddPath(Settings):
    """A footpath opens; its ends meet the nearest streets."""

    kind: Literal["add_path"]
    line: Annotated[tuple[LonLat, ...], Field(min_length=2)]
    """Its course."""


class CloseStreet(Settings):
    """The piece of street nearest to a point closes to walkers."""

    kind: Literal["close_street"]
    lonlat: LonLat
    """On which street."""


ScenarioChange = Annotated[
    AddSite | MoveFacility | CloseFacility | AddGate | AddCrossing | AddPath | CloseStreet, Field(discriminator="kind")
]


class ScenarioSettings(Settings):
    """One scenario of a study."""

    id: ShortName
    """Short name."""
    title: Title
    """Title in comparisons."""
    changes: tuple[ScenarioChange, ...] = ()
    """What comes, moves and goes, in this order."""
    speed_metres_per_second: Positive | None = None
    """How fast people walk; as in the study when left out."""
    limit_minutes: Positive | None = None
    """A limit at which every service is counted besides its own."""
    standard: str | None = None
    """Another standard to judge by: a built-in one. Services the study does not hold are not judged."""


def read_scenario(path: Path) -> ScenarioSettings:
    """Read a scenario file.

    Raises
    ------
    SettingsError
        With every fault of the file and the line of each.
    """
    return _checked(read_yaml(path))


def scenario_from(content: Any, file: str) -> ScenarioSettings:
    """Check a scenario that was composed; `file` names it in faults.

    Raises
    ------
    SettingsError
        With every fault found.
    """
    return _checked(YamlText(file=file, content=content))


def scenario_text(scenario: ScenarioSettings) -> str:
    """Return a scenario as the YAML it can be read from again."""
    from io import StringIO

    yaml = YAML()
    yaml.default_flow_style = None  # a point stays on its line
    text = StringIO()
    yaml.dump(scenario.model_dump(mode="json", exclude_defaults=True), text)
    return text.getvalue()


def _checked(text: YamlText) -> ScenarioSettings:
    scenario, faults = validated(ScenarioSettings, text)
    if scenario is None:
        raise SettingsError(faults)
    return scenario
