"""What rules are judged by, and what a metric finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from livingcircle.kernel.units import Units
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray
from livingcircle.model.places import Facilities, Homes
from livingcircle.model.register import NO_ANSWERS, Answers
from livingcircle.model.rule import Rule
from livingcircle.model.standard import ServiceType

CIRCLE = "circle"
STREETS = "walk_network"
"""Services that are no places: the living circle as a whole, and the streets."""
BESIDE_METRES = 50.0
"""How near places are that share a site where a clause says only 邻近: this tool's default."""
ALONG_OUTLINE_METRES = 20.0
_NONE = np.empty(0, np.intp)


@dataclass(frozen=True, eq=False)
class Facts:
    """A study as arrays.

    Attributes
    ----------
    services
        The study's s service types.
    seconds, metres
        (s, r) the walk from each home to the nearest facility of each service, in seconds of the study's walker and in metres along the
        streets; `inf` where there is none, NaN in rows that were not asked for and at homes that are not joined to the streets.
    nearest, nearest_in_metres
        (s, r) the facility that `seconds` and `metres` lead to, -1 for none; None where nobody asks which.
    located
        (s,) whether the input holds any such facility that walkers can get to: of the others nothing is known.
    surveyed
        (s,) whether all facilities of the service are known to be in the input: then none means none.
    hours_per_day
        (f,) hours a facility is open on a usual day, NaN unknown.
    street_lines, street_metres
        (e,) every public road of the city once, and its length on the ground; every street where the input does not tell roads from paths.
    walkway_lines, walkway_metres
        The same of everything the public may walk on: streets, lanes and paths; None where that is no more than the roads.
    """

    homes: Homes
    facilities: Facilities
    services: tuple[ServiceType, ...]
    seconds: FloatArray
    metres: FloatArray
    located: BoolArray
    surveyed: BoolArray
    hours_per_day: FloatArray
    street_lines: GeometryArray
    street_metres: FloatArray
    nearest: IntArray | None = None
    nearest_in_metres: IntArray | None = None
    answers: Answers = NO_ANSWERS
    walkway_lines: GeometryArray | None = None
    walkway_metres: FloatArray | None = None
    _radius: dict[int, FloatArray] = field(default_factory=dict)

    @cached_property
    def in_use(self) -> BoolArray:
        """(f,) what is there already; what is planned adds no area, staff or beds."""
        return np.asarray(self.facilities.status != "planned")

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The number of each service by its id."""
        return {service.id: number for number, service in enumerate(self.services)}

    def named(self, rule: Rule) -> NDArray[np.intp]:
        """Return the services a rule counts, as far as the study knows them."""
        return np.array([self.position[name] for name in wanted_ids(rule) if name in self.position], np.intp)

    def known(self, services: NDArray[np.intp]) -> BoolArray:
        """Return for each of some services whether finding none in a place means that there is none."""
        offered = self.facilities.serves[:, services].any(axis=0)
        return np.asarray(offered | self.surveyed[services])

    def all_known(self, services: NDArray[np.intp]) -> bool:
        """Return whether that holds for all of some services; not for none at all."""
        return len(services) > 0 and bool(self.known(services).all())

    def offering(self, services: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the facilities in use that offer any of some services, each once however many it offers."""
        return np.flatnonzero(self.facilities.serves[:, services].any(axis=1) & self.in_use)

    def counted(self, rule: Rule) -> NDArray[np.intp]:
        """Return the facilities in use that a rule adds up: those that offer its services and none it leaves to another clause."""
        offering = self.offering(self.named(rule))
        elsewhere = [self.position[name] for name in rule.excluded if name in self.position]
        return offering[~self.facilities.serves[offering][:, elsewhere].any(axis=1)]

    def straight_metres(self, service: int) -> FloatArray:
        """Return the straight distance (r,) from each home to the nearest facility of a service, its outline if it is an area."""
        if service not in self._radius:
            offering = self.facilities.geometry[self.facilities.serves[:, service]]
            points = shapely.get_coordinates(shapely.segmentize(offering, ALONG_OUTLINE_METRES))
            nearest = cKDTree(points).query(self.homes.xy)[0] if len(points) else np.full(len(self.homes), np.inf)
            self._radius[service] = np.asarray(nearest, float)
        return self._radius[service]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a metric found in each of k units.

    The true value lies between `least` and `most` (k,): they are the same where everything is known, and NaN where there is nothing to
    measure, for the reason `empty`. `supply` and `demand` (k,) are what was added up, as far as it is known; `per` is the number of
    demands the value is for (100 for a figure per 100 households). `lacking` names what is unknown wherever `least` and `most` differ.
    `shortfall` and `excess` (k,) are what is missing or too much where that does not follow from supply and demand. `row` and `facility`
    (m,) list the facilities counted in each unit. `within` (r,) are the homes within a walking limit, None where that is unknown. `kind`
    says how units are put together: `ratio` of sums, `total` that is summed, or neither.
    """

    least: FloatArray
    most: FloatArray
    supply: FloatArray
    demand: FloatArray
    per: float = 1.0
    lacking: str = ""
    empty: str = ""
    kind: Literal["ratio", "total", "other"] = "other"
    shortfall: FloatArray | None = None
    excess: FloatArray | None = None
    radius: FloatArray | None = None
    within: BoolArray | None = None
    row: NDArray[np.intp] = field(default_factory=lambda: _NONE)
    facility: NDArray[np.intp] = field(default_factory=lambda: _NONE)
    remark: str = ""


class Sum(NamedTuple):
    """What the places of k units have together, as far as it is known; where `unsure` (k,), of some place `lacking` is not."""

    supply: FloatArray
    unsure: BoolArray
    lacking: str
    row: NDArray[np.intp]
    facility: NDArray[np.intp]


def summed(rule: Rule, facts: Facts, units: Units, values: FloatArray, column: str) -> Sum:
    """Sum a column (f,) of facilities over the places in each unit that offer the services of a rule, each place once.

    A service that is nowhere in the input leaves every unit unsure.
    """
    facility, row = inside(facts.counted(rule), units)
    counted, known = values[facility], facts.all_known(facts.named(rule))
    unsure = (np.bincount(row[np.isnan(counted)], minlength=len(units)) > 0) | (not known)
    supply = np.bincount(row, np.nan_to_num(counted), minlength=len(units)).astype(float)
    return Sum(supply, unsure, column if known else "facilities", row, facility)


def ratio(found: Sum, demand: FloatArray, per: float, empty: str) -> Measured:
    """Return per · supply ÷ demand for each unit; where some of the supply is unknown, that and anything more."""
    value = np.full(len(demand), np.nan)
    np.divide(per * found.supply, demand, out=value, where=demand > 0)
    return Measured(
        np.where(np.isnan(demand), 0.0, value),
        np.where(np.isnan(demand) | (found.unsure & (demand > 0)), np.inf, value),
        found.supply,
        demand,
        per=per,
        lacking=found.lacking,
        empty=empty,
        kind="ratio",
        row=found.row,
        facility=found.facility,
    )


def total(found: Sum) -> Measured:
    """Return a sum for each unit; where some of it is unknown, that and anything more."""
    return Measured(
        found.supply,
        np.where(found.unsure, np.inf, found.supply),
        found.supply,
        np.full(len(found.supply), np.nan),
        lacking=found.lacking,
        kind="total",
        row=found.row,
        facility=found.facility,
    )


def wanted_ids(rule: Rule) -> tuple[str, ...]:
    """Return the services a rule counts: its own; for the circle, and for land within reach or per head, the members it names."""
    of_several = rule.metric in {"share_of_land_within", "land_m2_per_resident"}
    with_members = rule.service == CIRCLE or (rule.members and of_several)
    return rule.members if with_members else (rule.service,)


def unknown(units: Units, lacking: str) -> Measured:
    """Return that nothing is known of any unit."""
    nothing, anything = np.full(len(units), np.nan), np.full(len(units), np.inf)
    return Measured(-anything, anything, nothing, nothing, lacking=lacking)


def inside(facilities: NDArray[np.intp], units: Units) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return those of some facilities that lie in a unit, and the unit of each."""
    kept = facilities[units.facility[facilities] >= 0]
    return kept, units.facility[kept].astype(np.intp)
