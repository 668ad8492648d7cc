"""Policy as data: service types, requirements and where each is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from livingcircle.model.rule import Inconsistency, Rule


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in Chinese and in English."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """Return the Chinese for `zh`, the English for anything else."""
        return self.zh if language == "zh" else self.en


Level = Literal["district", "street", "community", "15min", "10min", "5min", "block"]
"""Whom a service is laid out for: an administrative unit, a living circle of that many minutes, or a block."""
Group = Literal["all", "elderly", "children", "disabled", "veterans", "migrants"]
Quality = Literal["good", "fair", "poor", "none"]
Privacy = Literal["open", "aggregate", "restricted"]


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A kind of community service, how it is recognised, and how it may be published.

    `osm_tags` are alternatives, each a set of tags that must all be present; `osm_quality` judges how far they can be trusted.
    `amap_codes` are typecodes of Amap, `name_pattern` a regular expression without lookarounds that names contain ("" for none). Types that
    share names are told apart by size: `least_land_m2` is the land a place needs to count as this one. `kind` says whether it is a place at
    all. `ages` are those of the people it is for, such as `3-6` or `60+`, "" for everyone. `privacy`: an `aggregate` service is published
    by district, never as points; a `restricted` one is not located at all. Only what `is_open` is drawn, or told of single homes.
    """

    id: str
    name: Words
    osm_tags: tuple[Mapping[str, str], ...]
    system: str = ""
    level: Level = "community"
    kind: Literal["facility", "network", "programme"] = "facility"
    group: Group = "all"
    ages: str = ""
    privacy: Privacy = "open"
    osm_quality: Quality = "fair"
    amap_codes: tuple[str, ...] = ()
    name_pattern: str = ""
    least_land_m2: float = 0.0

    @property
    def words(self) -> tuple[str, str, str]:
        """Whatever people may call it by: id, Chinese and English name."""
        return (self.id, self.name.zh, self.name.en)

    @property
    def is_open(self) -> bool:
        """Whether places may be shown, or anything from which they could be found: areas, and walks of single homes."""
        return self.privacy == "open"


@dataclass(frozen=True, slots=True)
class ServiceSystem:
    """A branch of community services, such as elderly care, that types belong to."""

    id: str
    name: Words


def service_named(name: str, services: Sequence[ServiceType]) -> ServiceType | None:
    """Return the service with this id, Chinese or English name, whatever its capitals; None if there is none."""
    wanted = name.strip().casefold()
    return next((service for service in services if wanted in {word.casefold() for word in service.words}), None)


Verification = Literal[
    "read_in_full",
    "primary_excerpt",
    "secondary_match",
    "single_secondary",
    "news_match",
    "recall_cross_checked",
    "recall_unverified",
]
"""How well a clause was checked, best first."""


RECALLED = frozenset({"recall_cross_checked", "recall_unverified"})
"""Grades of wording from memory."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a requirement is written, and how well that was verified.

    `verification` follows the grades of the built-in standards; only `read_in_full` and `primary_excerpt` were seen in the document itself.
    `confidence` (`high`, `medium`, `low`) is how far the number can be relied on all the same.
    """

    document: str
    title: str
    clause: str
    quote: str
    verification: str
    confidence: str = ""

    @property
    def verified(self) -> bool:
        """Whether the wording was seen in the document itself."""
        return self.verification in {"read_in_full", "primary_excerpt"}

    @property
    def recalled(self) -> bool:
        """Whether the wording is from memory, so that it is no quotation."""
        return self.verification in RECALLED


METRES_PER_SECOND = 1.25
"""Speed at which limits in metres are said in minutes; of the built-in groups, all residents walk at it."""


def seconds_of(minutes: float) -> float:
    """Return minutes as seconds, free of the dust of binary fractions: 4.1 minutes are 246 seconds, not a hair less."""
    return round(60.0 * minutes, 6)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A service must be within `limit_seconds` of walking for at least `minimum_share` of residents.

    Where the clause is written in metres, `limit_metres` says how many: `limit_seconds` is then the time they take at the pace of whoever
    walks (`at_pace`), at `METRES_PER_SECOND` before that is known. None where the clause is written in minutes.
    """

    id: str
    service: str
    limit_seconds: float
    minimum_share: float
    citation: Citation
    limit_metres: float | None = None

    @property
    def limit_minutes(self) -> float:
        """The limit as people say it; comparisons are always made in seconds."""
        return self.limit_seconds / 60


APART_SECONDS = 1e-4
"""By how much the seconds of a limit in metres differ from a limit in minutes that they would fall upon: far less than a tick."""


def at_pace(
    requirements: Sequence[Requirement], metres_per_second: float, minutes_seconds: Collection[float] = ()
) -> tuple[Requirement, ...]:
    """Return limits with the seconds that those in metres take somebody who walks so fast; those in minutes stay.

    On level streets without waits these are the limit itself; elsewhere it is counted by the metres walked (`livingcircle.counting`),
    and the seconds only name it. So that 300 m at 1 m/s are not taken for five minutes, they lie a hair beside limits of the same service
    in minutes, and those that every service is counted at, `minutes_seconds`.
    """
    taken = {(one.service, one.limit_seconds) for one in requirements if one.limit_metres is None}

    def paced(one: Requirement) -> Requirement:
        if one.limit_metres is None:
            return one
        seconds = round(one.limit_metres / metres_per_second, 6)
        beside = seconds in minutes_seconds or (one.service, seconds) in taken
        return replace(one, limit_seconds=seconds + APART_SECONDS * beside)

    return tuple(paced(one) for one in requirements)


@dataclass(frozen=True, slots=True)
class Standard:
    """A set of rules under one title; `services` are the types it speaks of, in order.

    `requirements` are the walking limits among `rules`, under the same ids: coverage, gap areas and siting work on them. A service that
    must be there, but for which no limit is written, has that of its circle, under the id of the rule that asks for it and `-walk`.
    `inconsistencies` are those between the documents it is made of.
    """

    id: str
    title: Words
    edition: str
    note: Words
    services: tuple[ServiceType, ...]
    requirements: tuple[Requirement, ...]
    rules: tuple[Rule, ...] = ()
    inconsistencies: tuple[Inconsistency, ...] = ()
    systems: tuple[ServiceSystem, ...] = ()
