"""Sensitivity of coverage: the same study under other walking speeds, waits, gates and joining caps.

Parameters are moved one at a time to either end of their range, and all at once to the favourable and to the unfavourable end. What does
not change is not computed again: streets are laid out once for each assumption on gates, places are joined once for each cap, walks end
at the longest limit that is asked for, and members that come to the same are one. Times are not scaled from those at another speed, though
level ground without waits would allow it: every street is rounded to a whole tick, and the sum of rounded times is not the rounded sum.
A limit in metres is one at every speed and with any waits: only gates and joining caps move who is within it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.gauge import residents_covered
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.reach import nearest_seconds
from livingcircle.kernel.rejoining import recapped
from livingcircle.model.columns import BoolArray, FloatArray
from livingcircle.model.interval import Intervals, Member, Parameter, Ranges
from livingcircle.model.network import Anchors
from livingcircle.model.outcome import Assessment, CoverageTable
from livingcircle.model.study import Study
from livingcircle.model.walker import Walker, plain_walker


def members(base: Member, ranges: Ranges) -> tuple[Member, ...]:
    """Return the study's own assumptions, each parameter moved alone to both ends, then all together to the favourable and the other end.

    An end that is where the study already stands is left out, and so is a corner in which fewer than two parameters are moved.
    """
    quick, slow = ranges.speed_metres_per_second
    short, long = ranges.crossing
    wide, narrow = ranges.join_cap_metres
    ends: list[tuple[Parameter, Member, Member]] = [
        ("speed", replace(base, speed_metres_per_second=quick), replace(base, speed_metres_per_second=slow)),
        ("crossing", replace(base, crossing=short), replace(base, crossing=long)),
        ("gates", base, replace(base, one_gate=base.one_gate or ranges.gates)),
        ("join_cap", replace(base, join_cap_metres=wide), replace(base, join_cap_metres=narrow)),
    ]
    corners = (
        Member((), "favourable", quick, short, wide, base.one_gate),
        Member((), "unfavourable", slow, long, narrow, base.one_gate or ranges.gates),
    )
    found = [base]
    moved: tuple[list[Parameter], list[Parameter]] = [], []
    for parameter, *both in ends:
        for number, end in enumerate(both):
            if end != base:
                found.append(replace(end, moved=(parameter,), side=corners[number].side))
                moved[number].append(parameter)
    found += [
        replace(corner, moved=tuple(changed))
        for corner, changed in zip(corners, moved, strict=True)
        if len(changed) > 1
    ]
    return tuple(found)


def swept(
    study: Study,
    assessment: Assessment,
    ranges: Ranges,
    *,
    threads: int = 1,
) -> Intervals:
    """Count the residents covered under every member, in the rows of the assessment's coverage.

    With one gate, the walk that counts is the longer of the one with open walls and the one with a single gate, as in
    `Assessment.cautious`. Gates are moved only where the study was loaded with both (`Study.cautious`).
    """
    coverage = assessment.coverage
    base = _base(study)
    grounds = (study,) if study.cautious is None else (study, study.cautious)
    every = members(base, replace(ranges, gates=ranges.gates and len(grounds) > 1))
    limits = tuple(dict.fromkeys(zip(coverage.service.tolist(), coverage.limit_seconds.tolist(), strict=True)))
    joints: dict[tuple[int, float], tuple[Anchors, Anchors]] = {
        (number, base.join_cap_metres): (ground.home_anchors, ground.facility_anchors)
        for number, ground in enumerate(grounds)
    }

    def joined(number: int, cap_metres: float) -> tuple[Anchors, Anchors]:
        if (number, cap_metres) not in joints:
            joints[number, cap_metres] = _joined(grounds[number], cap_metres)
        return joints[number, cap_metres]

    def same_places(member: Member) -> bool:
        own, other = joined(0, base.join_cap_metres), joined(0, member.join_cap_metres)
        return not member.one_gate and all(_same(*pair) for pair in zip(own, other, strict=True))

    def seconds_of(member: Member, walker: Walker) -> FloatArray:
        seconds = []
        for number in range(1 + member.one_gate):
            ground, (homes, facilities) = grounds[number], joined(number, member.join_cap_metres)
            walk = walker_impedance(ground.network, walker, ground.grades)
            serves, longest = study.facilities.serves, coverage.limit_seconds.max(initial=0.0)
            seconds.append(nearest_seconds(ground.network, walk, homes, facilities, serves, longest, threads=threads))
        return np.asarray(np.maximum.reduce(seconds))

    def within(member: Member, walker: Walker) -> FloatArray:
        return residents_covered(seconds_of(member, walker), study.homes, limits, study.districts.parent)

    in_metres = _rows_in_metres(study, coverage)
    plain: dict[Member, FloatArray] = {}

    def covered_by(member: Member) -> FloatArray:
        """Count with the member's walker, limits in metres with a plain one at the study's pace: 500 m stay 500 m at any speed."""
        walker = replace(study.walker, speed_metres_per_second=member.speed_metres_per_second, crossing=member.crossing)
        found = within(member, walker)
        if not in_metres.any():
            return found
        still = _assumed(replace(member, speed_metres_per_second=base.speed_metres_per_second, crossing=base.crossing))
        if still not in plain:
            own = known.get(still)
            plain[still] = within(member, plain_walker(study.walker)) if own is None else own
        return np.where(in_metres, plain[still], found)

    known: dict[Member, FloatArray] = {_assumed(base): coverage.residents_covered}
    if assessment.cautious is not None:
        known[_assumed(replace(base, one_gate=True))] = assessment.cautious.residents_covered
    for member in every:
        if _assumed(member) in known:
            continue
        as_joined = replace(member, join_cap_metres=base.join_cap_metres) if same_places(member) else member
        if _assumed(as_joined) not in known:
            known[_assumed(as_joined)] = covered_by(as_joined)
        known[_assumed(member)] = known[_assumed(as_joined)]
    return Intervals(coverage, every, np.array([known[_assumed(member)] for member in every]))


def member_studies(study: Study, ranges: Ranges) -> Iterator[tuple[Member, Study]]:
    """Yield the study as it is under every member but the first: its walker, its places joined within another cap, one gate each.

    Candidates are joined anew too, so that plans can be made again. With one gate the walk is that with a single gate alone.
    """
    base = _base(study)
    grounds = (study,) if study.cautious is None else (study, study.cautious)
    joints: dict[tuple[bool, float], Study] = {}
    for member in members(base, replace(ranges, gates=ranges.gates and len(grounds) > 1))[1:]:
        walker = replace(study.walker, speed_metres_per_second=member.speed_metres_per_second, crossing=member.crossing)
        cap, ground = member.join_cap_metres, grounds[member.one_gate]
        if cap == base.join_cap_metres:
            yield member, replace(ground, walker=walker)
            continue
        if (member.one_gate, cap) not in joints:
            homes, facilities = _joined(ground, cap)
            joints[member.one_gate, cap] = replace(
                ground,
                home_anchors=homes,
                facility_anchors=facilities,
                candidate_anchors=join_areas(study.candidates.geometry, ground.network, cap, walls=ground.walls),
            )
        yield member, replace(joints[member.one_gate, cap], walker=walker)


def _base(study: Study) -> Member:
    """Return the study's own assumptions."""
    return Member(
        moved=(),
        side="base",
        speed_metres_per_second=study.walker.speed_metres_per_second,
        crossing=study.walker.crossing,
        join_cap_metres=study.home_anchors.cap_metres,
        one_gate=False,
    )


def _rows_in_metres(study: Study, coverage: CoverageTable) -> BoolArray:
    """Return which rows of coverage are at a limit that the standard writes in metres."""
    ids = [service.id for service in study.standard.services]
    metres = {
        (ids.index(one.service), one.limit_seconds)
        for one in study.standard.requirements
        if one.limit_metres is not None
    }
    rows = zip(coverage.service.tolist(), coverage.limit_seconds.tolist(), strict=True)
    return np.array([row in metres for row in rows], bool)


def _assumed(member: Member) -> Member:
    """Return what a member assumes, whatever it is called."""
    return replace(member, moved=(), side="base")


def _joined(study: Study, cap_metres: float) -> tuple[Anchors, Anchors]:
    """Join homes and facilities as loading does, under another cap."""
    walls, entrances, shapes = study.walls, study.entrances, study.facilities.geometry
    walled = len(walls.areas) > 0

    def homes(rows: NDArray[np.intp]) -> Anchors:
        return join_points(study.homes.xy[rows], study.network, cap_metres, walls=walls)

    def facilities(rows: NDArray[np.intp]) -> Anchors:
        number = np.full(len(shapes), -1, np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        own = entrances.take(number[entrances.place] >= 0)
        own = replace(own, place=number[own.place])
        return join_areas(shapes[rows], study.network, cap_metres, walls=walls, entrances=own)

    entered = np.isin(np.arange(len(shapes)), entrances.place) | walled
    return (
        recapped(study.home_anchors, cap_metres, homes, np.full(len(study.homes), walled)),
        recapped(study.facility_anchors, cap_metres, facilities, entered),
    )


def _same(own: Anchors, other: Anchors) -> bool:
    """Whether the same places meet the streets at the same joints."""
    return all(
        np.array_equal(getattr(own, name), getattr(other, name))
        for name in ("place", "edge", "fraction", "access_metres")
    )
