"""A study, loaded: everything the questions are asked of."""

from __future__ import annotations

from dataclasses import dataclass, field

from livingcircle.faults import Fault
from livingcircle.model.completeness import NOT_MEASURED, NetworkCompleteness
from livingcircle.model.compound import Compounds, Walls, no_walls
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.people import NO_QUARANTINED, NO_UNPLACED, QuarantinedHomes, UnplacedPeople
from livingcircle.model.places import (
    NO_CIRCLES,
    NO_ENTRANCES,
    NO_MERGED,
    NO_REVIEW,
    Candidates,
    Districts,
    Entrances,
    Facilities,
    FacilityReview,
    Homes,
    MergedFacilities,
)
from livingcircle.model.population import NO_POPULATION_CHECK, PopulationCheck
from livingcircle.model.register import NO_ANSWERS, Answers
from livingcircle.model.standard import Standard, Words
from livingcircle.model.terrain import Grades
from livingcircle.model.walker import Walker


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read: where it was, and what it was."""

    role: str
    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One city or part of it, joined to its streets and ready to be assessed.

    `warnings` are what every reader of the results must know of the data, `notes` how files were understood; `attribution` are the credits
    every output must carry. `grades` are the slopes of the network's streets, None where all ground counts as level. `cautious` is the same
    study with one gate for every compound whose gates are unknown, where this one leaves such walls out; None where nothing is assumed, or
    one assumption was chosen. `review` holds the facilities a person should confirm, `merged` those found to be one. `completeness` tells
    what is missing from the streets as read, as far as one can know, `population` how homes compare with a population table, before they
    were scaled to it. `answers` are what people told of rules that no map can answer. `walls` stand between places and streets, around
    those of the `compounds` that have any; `entrances` are those of facilities. `not_open` are the facilities that lists hold as planned or
    closed and that do not count. `circles` are the living circles a city drew, with `5min`, `10min` or `15min` for their
    level; where results speak of units, they come after the districts.
    """

    title: Words
    crs: str
    walker: Walker
    network: WalkNetwork
    homes: Homes
    facilities: Facilities
    candidates: Candidates
    districts: Districts
    home_anchors: Anchors
    facility_anchors: Anchors
    candidate_anchors: Anchors
    standard: Standard
    warnings: tuple[Fault, ...]
    attribution: tuple[str, ...]
    inputs: tuple[InputFile, ...]
    notes: tuple[Fault, ...] = ()
    unplaced: UnplacedPeople = NO_UNPLACED
    quarantined: QuarantinedHomes = NO_QUARANTINED
    grades: Grades | None = None
    cautious: Study | None = None
    review: FacilityReview = NO_REVIEW
    merged: MergedFacilities = NO_MERGED
    completeness: NetworkCompleteness = NOT_MEASURED
    population: PopulationCheck = NO_POPULATION_CHECK
    entrances: Entrances = NO_ENTRANCES
    answers: Answers = NO_ANSWERS
    walls: Walls = field(default_factory=no_walls)
    compounds: Compounds | None = None
    not_open: Facilities | None = None
    circles: Districts = NO_CIRCLES
