"""Coverage with every age group at its own speed: who counts as covered at the speed of all residents, but is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.provision import people_of
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.score import MOST_WALK_LESS, required_limits, units_of
from livingcircle.model.access import AgeSide, AgeWalker, AgeWalks
from livingcircle.model.ages import ages_of
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import AgeCoverageTable, Reach
from livingcircle.model.standard import Requirement, at_pace
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds


def age_side(group: str, elderly_from: int, children_to: int) -> AgeSide:
    """Return the side of an age group by its name: `60+` and `65-79` are elderly from 60, `0-3` children to 15, all else is adult."""
    first, last = ages_of(group) or (0, None)
    if first >= elderly_from:
        return "elderly"
    return "children" if last is not None and last <= children_to else "adult"


def age_walks(study: Study, reach: Reach, walkers: tuple[AgeWalker, ...], *, threads: int = 1) -> AgeWalks:
    """Count the people of every group within the required limit of every required service, walking at the group's own speed.

    A limit in metres lasts as long as they take the group: its speed changes minutes, never who is within the metres. Rows come by service,
    the whole study before the districts in order, then by group.
    """
    homes = study.homes
    names = tuple(service.id for service in study.standard.services)
    limits = sorted(required_limits(study.standard.requirements, names).items())
    strictest = tuple({rule.service: rule for rule in sorted(study.standard.requirements, key=_leniency)}.values())
    walks = {
        speed: seconds_at(study, reach, speed, threads=threads)
        for speed in dict.fromkeys(walker.speed_metres_per_second for walker in walkers)
    }
    limits_at = {speed: required_limits(at_pace(strictest, speed), names) for speed in walks}
    units, members = zip(*units_of(homes.district, study.districts.parent), strict=True)
    home = np.concatenate(members)
    unit = np.repeat(np.arange(len(units), dtype=np.int32), [len(there) for there in members])
    people = np.column_stack([people_of(homes, walker.group or "residents") for walker in walkers])

    def per_unit(weights: FloatArray) -> FloatArray:
        """(k, g): people (r, g) summed over the homes of each unit."""
        return np.column_stack([np.bincount(unit, column[home], minlength=len(units)) for column in weights.T])

    total = per_unit(people)
    found: list[FloatArray] = []  # (4, k, g) of each service
    for service, limit in limits:
        own = np.column_stack([walks[walker.speed_metres_per_second][service] for walker in walkers])
        own_limits = [limits_at[walker.speed_metres_per_second][service] for walker in walkers]
        inside = np.column_stack([covered(walk, limit) for walk, limit in zip(own.T, own_limits, strict=True)])
        within = per_unit(people * inside)
        same = per_unit(people * covered(reach.seconds[service], limit)[:, None])
        found.append(np.stack([within, same, *_quantiles(own, people, home, unit, len(units))]))
    groups, rows = len(walkers), len(units) * len(walkers)
    every = np.stack(found).swapaxes(0, 1).reshape(4, -1) if found else np.empty((4, 0))
    table = AgeCoverageTable(
        service=np.repeat(np.array([service for service, _ in limits], np.int32), rows),
        limit_seconds=np.repeat(np.array([limit for _, limit in limits], float), rows),
        district=np.tile(np.repeat(np.array(units, np.int32), groups), len(limits)),
        age_group=np.tile(np.arange(groups, dtype=np.int32), len(limits) * len(units)),
        residents=np.tile(total.ravel(), len(limits)),
        residents_covered=every[0],
    )
    return AgeWalks(walkers, table, *every[1:])


def _leniency(rule: Requirement) -> float:
    return -rule.limit_seconds


def _quantiles(walks: FloatArray, people: FloatArray, home: IntArray, unit: IntArray, units: int) -> list[FloatArray]:
    """Return the walks (k, g) that half and nine tenths of each group do not exceed in each unit; NaN where there is nobody.

    `walks` and `people` are (r, g); `home` and `unit` list the homes of every unit, unit by unit.
    """
    shares = (0.5, MOST_WALK_LESS)
    found = np.full((len(shares), units, people.shape[1]), np.nan)
    ends = np.searchsorted(unit, np.arange(units + 1))
    order: IntArray | None = None
    for group in range(people.shape[1]):
        walk = np.nan_to_num(walks[:, group], nan=np.inf, posinf=np.inf)[home]
        if order is None or (walk[order][1:] < walk[order][:-1])[unit[1:] == unit[:-1]].any():
            order = np.lexsort((walk, unit)).astype(
                np.int32
            )  # mostly the same for all groups: those who walk faster all do
        heads = np.cumsum(people[home[order], group])
        before = np.concatenate([[0.0], heads])[ends]
        there = np.diff(before)
        for number, share in enumerate(shares):
            at = np.searchsorted(heads, before[:-1] + share * there * (1 - 1e-12))
            found[number, there > 0, group] = walk[order][at[there > 0]]
    return list(found)


def seconds_at(study: Study, reach: Reach, speed_metres_per_second: float, *, threads: int = 1) -> FloatArray:
    """Return the walks (s, r) to the nearest of every service at another speed, all else as the study's walker.

    Where nobody waits on the way, slope and stairs lengthen every second alike: the walks are those of the study scaled, to whole ticks.
    A street's own rounding is scaled with it, which comes to some tenths of a second on a walk of a quarter of an hour. Else they are
    searched for again, because a wait does not shrink with speed and another way may be shorter.
    """
    own = study.walker.speed_metres_per_second
    if speed_metres_per_second == own:
        return reach.seconds
    if study.walker.crossing == CrossingSeconds():
        with np.errstate(invalid="ignore"):
            return np.asarray(np.rint(reach.seconds * (own / speed_metres_per_second) * TICKS_PER_SECOND)) / (
                TICKS_PER_SECOND
            )
    walker = replace(study.walker, speed_metres_per_second=speed_metres_per_second)
    walk = walker_impedance(study.network, walker, study.grades)
    serves = study.facilities.serves
    again = reach_nearest(study.network, walk, study.home_anchors, study.facility_anchors, serves, threads=threads)
    return again.seconds
