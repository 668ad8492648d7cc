"""Clauses of policy texts as data: what is asked of whom, how much, and how surely it is written so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from livingcircle.model.standard import Citation, Level, Words

_UNSAID = Words("", "")

Metric = Literal[
    # Walking
    "walk_minutes",
    "walk_metres",
    "share_within_walk",
    "share_of_land_within",
    # Are there any, and how many
    "presence",
    "share_of_units_with",
    "one_per_unit",
    "count",
    "count_total",
    "count_per_resident",
    "named",
    "facility_list",
    # How large
    "floor_m2",
    "land_m2",
    "floor_m2_per_100_households",
    "floor_m2_per_1000_residents",
    "land_m2_per_1000_residents",
    "land_m2_per_resident",
    "floor_m2_per_bed",
    "land_m2_per_bed",
    "activity_share_of_floor",
    "share_of_building_floor",
    "width_metres",
    # For how many
    "residents_per_unit",
    "dwellings_per_unit",
    "households_per_community",
    # What it offers
    "staff_per_community",
    "staff_per_10000_residents",
    "beds",
    "beds_per_1000_elderly",
    "classes",
    "hours_per_day",
    "services_per_site",
    "colocation",
    # The place itself
    "spacing_metres",
    "street_km_per_km2",
    # Told by people
    "register_share",
    "register_value",
    "checklist",
    "design",
]
"""What is measured; `kernel.metrics` says how. The last four are told by people: as a figure of a register, as a share of it, as an
answer on the checklist, or as something the product itself keeps to."""
Operator = Literal[">=", ">", "<=", "<", "=", "between", "require", "prefer", "allow", "include", "avoid"]
Statistic = Literal["each", "mean", "aggregate"]
Binding = Literal["mandatory", "advisory", "target", "baseline"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One checkable clause.

    `value` (and `value_max` for `between`) are in the unit of the metric's name; `unit_as_printed` is what the text says. `service` is
    the id of a service type, or "circle" for the living circle as a whole. `level` is what the clause is written for; `statistic` whether
    every unit must pass, their mean, or all together. `measure` is `radius` where the text speaks of a straight service radius: that is
    computed beside the walk, which decides. `minimum_share` of residents must be within a walking limit where the clause names no share
    itself; it is this tool's default, not a clause. `applies_when` is a condition in words with a name the user can set; `least_units`
    and `most_units` bound the size of the units it applies to (households of a community, residents of a circle; 0 and infinity for all).
    `dispute` is the id of the inconsistency that touches it; a second reading of a disputed clause is a rule of its own, advisory, so that
    both are computed. `base` is whom a walking rule counts (`residents`, `households`, `homes` or `land`; residents where it is none of
    these). For floor and land `facility` says that every single facility must have as much, where otherwise all of a unit have it together.

    `members` are the service types a list names, each of which must be there, those to share a site with (`colocation`), or what is summed
    up for "circle" (every type laid out for its level where it names none); none where the text gives no list. Shares of residents or
    land are counted within `within_metres` or `within_minutes` (None where the clause says neither: the level's own limit, or that of the
    size of a park); places that share a site are within `within_metres`. `whole_city` says that the clause is about the city as a whole, so
    that it says nothing of a part of one. Of streets the base `walkways` counts everything people can walk on, not only roads of the city.
    What is added up leaves out places that offer any of `excluded`, too, as they count for another clause: a park counts at one level.
    """

    id: str
    service: str
    metric: Metric
    operator: Operator
    citation: Citation
    value: float | None = None
    value_max: float | None = None
    unit_as_printed: str = ""
    level: Level | Literal["all"] = "all"
    statistic: Statistic = "each"
    binding: Binding = "mandatory"
    compulsory: bool = False
    measure: Literal["network", "radius"] = "network"
    base: str = ""
    minimum_share: float = 0.9
    deadline: str = ""
    applies_when: str = ""
    least_units: float = 0.0
    most_units: float = float("inf")
    dispute: str = ""
    note: Words = _UNSAID
    members: tuple[str, ...] = ()
    within_metres: float | None = None
    within_minutes: float | None = None
    whole_city: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Where texts contradict each other or themselves, and how that is treated here."""

    id: str
    documents: tuple[str, ...]
    topic: Words
    finding: Words
    treatment: Words


@dataclass(frozen=True, slots=True)
class Profile:
    """Documents that are judged together; `parent` is read first, without the rules that `replaces` names local ones for."""

    id: str
    name: Words
    documents: tuple[str, ...]
    parent: str = ""
    note: Words = _UNSAID
    replaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A policy text or standard; `status` says whether it is in force, `read` how much of it was seen when its rules were written down."""

    id: str
    title: Words
    issuer: str
    number: str
    year: int | None
    jurisdiction: str
    status: str
    read: str
    note: Words = _UNSAID
