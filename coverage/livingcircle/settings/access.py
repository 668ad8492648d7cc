"""How much there is for people, for whom, and how the living circle is scored."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from livingcircle.settings.base import Number, Positive, Settings
from livingcircle.yaml_text import needed

Part = Annotated[Number, Field(ge=0, le=1)]
Weight = Annotated[Number, Field(ge=0, le=1000)]
Speed = Annotated[Number, Field(gt=0.1, lt=3)]


class DecaySettings(Settings):
    """How much a facility counts that is some way off: 1 at the door, less the longer the walk, 0 beyond the range."""

    kind: Literal["none", "steps", "linear", "gaussian"] = "steps"
    """`none`: the same throughout the range; `steps`: by `bands`; `linear`; `gaussian`, flat near the door and at the end of the range."""
    bands: Annotated[tuple[tuple[Part, Part], ...], Field(min_length=1, max_length=20)] = (
        (1 / 3, 1.0),
        (2 / 3, 0.68),
        (1.0, 0.22),
    )
    """For `steps`: up to which share of the range (0 to 1), what weight (0 to 1); no weight may be larger than the one before."""

    @model_validator(mode="after")
    def _falling(self) -> Self:
        ends, weights = [end for end, _ in self.bands], [weight for _, weight in self.bands]
        if ends != sorted(set(ends)) or weights != sorted(weights, reverse=True):
            raise needed("距离由近到远、权重由大到小的各档", "bands from near to far, with weights that do not grow")
        return self


class CapacityTask(Settings):
    """The places of one service beside those who need them."""

    service: str
    """Service type."""
    supply: Literal["capacity", "beds", "classes", "staff", "floor_m2", "usable_m2"] | None = None
    """What facilities offer, by the column it is in; the first of `capacity` and `beds` that is known when left out."""
    demand: str = ""
    """Who needs it: `residents`, `households`, or an age group of the homes such as `60+`. When left out, the age group the service is for
    (`ages` of service types: `3-6` for kindergartens), else all residents."""
    per_person: Positive | None = None
    """How much each of them needs, in the unit of the supply: 0.05 for one place for every 20 of them. Places are allocated only where this
    is stated, for nobody else can know it."""
    limit_minutes: Positive | None = None
    """Walking limit; that of the standard when left out, else 15."""
    decay: DecaySettings = DecaySettings()
    """Of the enhanced floating catchment, over the limit."""


class ChoiceTask(Settings):
    """How many facilities of one service people can choose from."""

    service: str
    """Service type."""
    nearest: Annotated[int, Field(ge=1, le=20, strict=True)] = 2
    """Up to which nearest facility walks are shown: 2 for what is left if the nearest closes."""
    limit_minutes: Positive | None = None
    """Within which facilities are counted; that of the standard when left out, else 15."""


class ScoreSettings(Settings):
    """How the living circle is scored. The three parts are always shown beside the score, with their weights; only proportions matter."""

    reached: Weight = 1.0
    """Weight of the share of required services within their limit."""
    closeness: Weight = 1.0
    """Weight of their mean value decayed by time."""
    weakest: Weight = 1.0
    """Weight of the decayed value of the farthest of them."""
    services: dict[str, Weight] = Field(default={})
    """Weights of single services; 1 for those left out, 0 for none."""
    decay: DecaySettings = DecaySettings(kind="gaussian")
    """How a service loses value with the walk."""
    range_limits: Annotated[Number, Field(ge=1, le=10)] = 2.0
    """Where it has lost all, in multiples of the service's limit."""

    @model_validator(mode="after")
    def _any_weight(self) -> Self:
        if not self.reached + self.closeness + self.weakest > 0:
            raise needed("至少一项权重大于 0", "at least one weight above 0")
        return self


class AgeSpeeds(Settings):
    """Walking speeds of ages, metres per second."""

    elderly: Speed = 0.8
    """Older people."""
    adult: Speed = 1.2
    """Ages in between, and groups whose name tells no age."""
    children: Speed = 0.9
    """Children with those who walk with them."""


class EquitySettings(Settings):
    """For whom the living circle is complete."""

    speeds_metres_per_second: AgeSpeeds = AgeSpeeds()
    """Every age group walks at its own speed, otherwise as `walker` says."""
    elderly_from: Annotated[int, Field(ge=40, le=100, strict=True)] = 60
    """Groups that begin at this age or later are elderly."""
    children_to: Annotated[int, Field(ge=1, le=18, strict=True)] = 15
    """Groups that end at this age or earlier are children."""
    rank_by: str = ""
    """Age group by whose share of residents the concentration index ranks homes; the largest elderly one when left out."""
