"""Who is within which limit, and why not: minutes by the walker's times, metres by the metres walked.

A limit in metres is judged in metres. Where the walker neither waits nor climbs, metres and seconds are one and the same but for the pace;
elsewhere a limit in metres is counted on the same streets walked plainly: at the walker's pace, on level ground, without waits, stairs like
any other street (for those who cannot use stairs they stay barred). All that follows from a limit, coverage, gap areas and
their causes, is then worked out on that plain walk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.cause import causes as find_causes
from livingcircle.kernel.edge import district_of, exchange_table, own_seconds, seconds_to_cut
from livingcircle.kernel.gap import divided, gap_areas, gap_members
from livingcircle.kernel.gauge import ServiceLimits, age_coverage_table, coverage_table
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.remedy import diagnosed
from livingcircle.kernel.search import threads_available
from livingcircle.model.columns import Columns, FloatArray, IntArray
from livingcircle.model.diagnosis import Causes, GapDiagnosis, GapMembers
from livingcircle.model.outcome import (
    NO_EXCHANGE,
    NO_GAPS,
    AgeCoverageTable,
    Assessment,
    CoverageTable,
    ExchangeTable,
    GapAreas,
    Reach,
)
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds, plain_walker
from livingcircle.questions import service_ids, services_open, services_there, walk_of

Table = TypeVar("Table", CoverageTable, ExchangeTable, AgeCoverageTable)


# ── Coverage ────────────────────────────────────────────────────────────────


class Counted(NamedTuple):
    """What is counted at every limit, by one walk; `cautious` is None where no gates are unknown."""

    reach: Reach
    coverage: CoverageTable
    exchange: ExchangeTable
    cautious: CoverageTable | None
    by_age: AgeCoverageTable


def counted(study: Study, limits: ServiceLimits) -> tuple[Counted, FloatArray | None]:
    """Count who is within each limit, and return also the seconds (s, r) of plain walks, by which limits in metres were counted.

    None where these are the walker's own seconds.
    """
    found, plain = _counted(study, limits), plain_study(study)
    if plain is None:
        return found, None
    again, metres = _counted(plain, limits), limits_in_metres(study)
    cautious = found.cautious
    if cautious is not None and again.cautious is not None:
        cautious = by_limit(cautious, again.cautious, metres)
    return found._replace(
        coverage=by_limit(found.coverage, again.coverage, metres),
        exchange=by_limit(found.exchange, again.exchange, metres),
        cautious=cautious,
        by_age=by_limit(found.by_age, again.by_age, metres),
    ), again.reach.seconds


def plain_study(study: Study) -> Study | None:
    """Return the study with a walker to whom all streets are alike; None where its own is one, or no limit is in metres."""
    walker, plain = study.walker, plain_walker(study.walker)
    stairs = walker.stairs_factor != plain.stairs_factor and study.network.streets.steps.any()
    climbs = walker.slope != "level" and study.grades is not None
    alike = walker.crossing == CrossingSeconds() and not stairs and not climbs
    if alike or not limits_in_metres(study):
        return None
    cautious = None if study.cautious is None else replace(study.cautious, walker=plain, grades=None)
    return replace(study, walker=plain, grades=None, cautious=cautious)


def limits_in_metres(study: Study) -> frozenset[tuple[int, float]]:
    """Return the services, by position, and limits in seconds that stand for limits in metres."""
    ids = service_ids(study)
    return frozenset(
        (ids.index(one.service), one.limit_seconds)
        for one in study.standard.requirements
        if one.limit_metres is not None
    )


def by_limit(own: Table, plain: Table, metres: frozenset[tuple[int, float]]) -> Table:
    """Return the rows of one table, those at limits in `metres` from another; both are made alike."""
    here = np.array([key in metres for key in zip(own.service.tolist(), own.limit_seconds.tolist(), strict=True)], bool)
    columns = {one.name: (getattr(own, one.name), getattr(plain, one.name)) for one in fields(own)}
    return replace(own, **{name: np.where(here, other, mine) for name, (mine, other) in columns.items()})


class Walks(NamedTuple):
    """Seconds (s, r) from homes to services and (r,) to the end of the data; `walled` with one gate where a compound's are unknown."""

    seconds: FloatArray
    to_cut: FloatArray
    walled: Walks | None = None


def coverage_of(
    study: Study, limits: ServiceLimits, walks: Walks
) -> tuple[CoverageTable, CoverageTable | None, AgeCoverageTable]:
    """Count who is within each limit of these walks: as told, by the more cautious of two walks where gates are unknown, and by age.

    Of the two walks of a home the longer counts: a wall may turn a place to another street, to which it happens to be nearer.
    """
    parent, joined, cautious = study.districts.parent, study.home_anchors.joined, None
    if study.cautious is not None and walks.walled is not None:
        longer = np.maximum(walks.seconds, walks.walled.seconds)
        both = joined & study.cautious.home_anchors.joined
        cautious = coverage_table(longer, study.homes, both, limits, parent, walks.walled.to_cut)
    return (
        coverage_table(walks.seconds, study.homes, joined, limits, parent, walks.to_cut),
        cautious,
        age_coverage_table(walks.seconds, study.homes, limits, parent),
    )


def _counted(study: Study, limits: ServiceLimits) -> Counted:
    walk = walk_of(study)
    reach = reach_nearest(
        study.network,
        walk,
        study.home_anchors,
        study.facility_anchors,
        study.facilities.serves,
        threads=threads_available(),
    )
    to_cut = seconds_to_cut(study.network, walk, study.home_anchors, study.homes.xy)
    walled = None if study.cautious is None else _walled(study.cautious)
    coverage, cautious, by_age = coverage_of(study, limits, Walks(reach.seconds, to_cut, walled))
    return Counted(reach, coverage, _exchange(study, walk, reach, limits), cautious, by_age)


def _walled(cautious: Study) -> Walks:
    walk, homes = walk_of(cautious), cautious.home_anchors
    serves, threads = cautious.facilities.serves, threads_available()
    reach = reach_nearest(cautious.network, walk, homes, cautious.facility_anchors, serves, threads=threads)
    return Walks(reach.seconds, seconds_to_cut(cautious.network, walk, homes, cautious.homes.xy))


def _exchange(study: Study, walk: Impedance, reach: Reach, limits: ServiceLimits) -> ExchangeTable:
    if not len(study.districts):
        return NO_EXCHANGE
    units = study.districts
    here = district_of(study.facilities.xy, units.geometry)
    tables = []
    for level in dict.fromkeys(units.level):
        homes = replace(study.homes, district=units.at_level(study.homes.district, level))
        facility_district = units.at_level(here, level)
        own = own_seconds(
            study.network,
            walk,
            study.home_anchors,
            study.facility_anchors,
            study.facilities.serves,
            homes.district,
            facility_district,
            max((limit for _, limit in limits), default=0.0),
        )
        table = exchange_table(reach.seconds, own, reach.facility, homes, facility_district, limits, len(units))
        tables.append(table.take(units.level[table.district] == level))
    every = reduce(ExchangeTable.followed_by, tables)
    return every.take(np.lexsort((every.district, every.limit_seconds, every.service)))


# ── Gaps ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A study with some of its requirements only, and the walks (s, r) these are judged by; `position` are theirs in the whole."""

    study: Study
    seconds: FloatArray
    position: IntArray

    def of(self, requirement: IntArray) -> IntArray:
        """Return the number here of requirements by their position in the whole."""
        return np.searchsorted(self.position, requirement).astype(np.int32)


def parts_of(study: Study, assessment: Assessment) -> tuple[Part, ...]:
    """Return the study as one part, or, where limits in metres are judged by plain walks, in two."""
    every = study.standard.requirements
    plain = plain_study(study)
    if plain is None or assessment.plain_seconds is None:
        return (Part(study, assessment.reach.seconds, np.arange(len(every), dtype=np.int32)),)
    metres = np.array([one.limit_metres is not None for one in every], bool)
    walks = ((study, assessment.reach.seconds, ~metres), (plain, assessment.plain_seconds, metres))
    return tuple(
        Part(_with_requirements(one, position), seconds, position.astype(np.int32))
        for one, seconds, here in walks
        if len(position := np.flatnonzero(here))
    )


def _with_requirements(study: Study, position: NDArray[np.intp]) -> Study:
    every = study.standard.requirements
    return replace(study, standard=replace(study.standard, requirements=tuple(every[one] for one in position.tolist())))


def gaps_of(study: Study, assessment: Assessment) -> GapAreas:
    """Group the homes beyond each requirement of open services into gap areas, by district, the most residents first in each."""
    found = [NO_GAPS]
    for part in parts_of(study, assessment):
        required, ids = part.study.standard.requirements, service_ids(study)
        known = services_there(study) & services_open(study)
        gaps = gap_areas(part.seconds, study.homes, required, ids, known)
        gaps = divided(gaps, part.seconds, study.homes, required, ids, study.districts.geometry)
        found.append(replace(gaps, requirement=part.position[gaps.requirement]))
    every = reduce(GapAreas.followed_by, found)
    return every.take(np.argsort(every.requirement, kind="stable"))


def reasons_of(study: Study, assessment: Assessment, gaps: GapAreas) -> tuple[Causes, GapMembers, GapDiagnosis]:
    """Return why homes do not meet the requirements of open services, the homes of each gap area, and its cheapest remedy."""
    drawn = {service.id for service in study.standard.services if service.is_open}
    causes: list[Causes] = []
    areas: list[GapDiagnosis] = []
    homes: list[IntArray] = [np.empty(0, np.int32)] * len(gaps)
    where: list[NDArray[np.intp]] = []
    for part in parts_of(study, assessment):
        here = np.flatnonzero(np.isin(gaps.requirement, part.position))
        own = gaps.take(here)
        own = replace(own, requirement=part.of(own.requirement))
        told = np.array([rule.service in drawn for rule in part.study.standard.requirements], bool)
        walk, threads = walk_of(part.study), threads_available()
        cut = seconds_to_cut(study.network, walk, study.home_anchors, study.homes.xy)
        found = find_causes(part.study, part.seconds, cut, threads=threads)
        members = gap_members(own, part.seconds, study.homes, part.study.standard.requirements, service_ids(study))
        found = found.take(told[found.requirement])
        areas.append(diagnosed(part.study, own, members, found, part.seconds, threads=threads))
        causes.append(replace(found, requirement=part.position[found.requirement]))
        where.append(here)
        for number, area in enumerate(here.tolist()):
            homes[area] = members.of(number)
    every, diagnosis = _followed(causes), _followed(areas)
    counts = np.array([len(one) for one in homes], np.int32)
    members = GapMembers(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), np.concatenate([np.empty(0, np.int32), *homes])
    )
    return (
        every.take(np.argsort(every.requirement, kind="stable")),
        members,
        diagnosis.take(np.argsort(np.concatenate(where), kind="stable")),
    )


Rows = TypeVar("Rows", bound=Columns)


def _followed(parts: Sequence[Rows]) -> Rows:
    return reduce(lambda one, other: one.followed_by(other), parts)
