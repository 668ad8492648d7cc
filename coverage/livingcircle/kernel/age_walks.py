"""Coverage with every age group at its own speed: who counts as covered at the speed of all residents, but is not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from livingcircle.kernel.equity import quantile
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.provision import people_of
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.score import MOST_WALK_LESS, required_limits, units_of
from livingcircle.model.access import AgeSide, AgeWalker, AgeWalks
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import AgeCoverageTable, Reach
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds

_FROM, _BETWEEN = re.compile(r"(\d+)\+"), re.compile(r"(\d+)[-–—~～](\d+)")


def age_side(group: str, elderly_from: int, children_to: int) -> AgeSide:
    """Return the side of an age group by its name: `60+` and `65-79` are elderly from 60, `0-3` children to 14, all else is adult."""
    found, between = _FROM.fullmatch(group.strip()), _BETWEEN.fullmatch(group.strip())
    if found or between:
        first = int((found or between)[1])  # type: ignore[index]
        if first >= elderly_from:
            return "elderly"
        if between and int(between[2]) <= children_to:
            return "children"
    return "adult"


def age_walks(study: Study, reach: Reach, walkers: tuple[AgeWalker, ...], *, threads: int = 1) -> AgeWalks:
    """Count the people of every group within the required limit of every required service, walking at the group's own speed.

    Rows come by service, the whole study before the districts in order, then by group.
    """
    homes = study.homes
    limits = sorted(
        required_limits(study.standard.requirements, tuple(service.id for service in study.standard.services)).items()
    )
    walks = {
        speed: seconds_at(study, reach, speed, threads=threads)
        for speed in dict.fromkeys(walker.speed_metres_per_second for walker in walkers)
    }
    units = [(unit, members) for unit, members in units_of(homes.district, study.districts.parent)]
    people = [people_of(homes, walker.group or "residents") for walker in walkers]
    rows: list[tuple[float, ...]] = []
    for service, limit in limits:
        same = covered(reach.seconds[service], limit)
        for unit, members in units:
            for number, walker in enumerate(walkers):
                own, there = walks[walker.speed_metres_per_second][service][members], people[number][members]
                all_walks = np.nan_to_num(own, nan=np.inf, posinf=np.inf)
                rows.append(
                    (
                        service,
                        limit,
                        unit,
                        number,
                        there.sum(),
                        there[covered(own, limit)].sum(),
                        there[same[members]].sum(),
                        quantile(all_walks, there, 0.5),
                        quantile(all_walks, there, MOST_WALK_LESS),
                    )
                )
    service_, limit_, unit_, group_, total, within, at_same, half, most = (
        np.array(column, float) for column in (zip(*rows, strict=True) if rows else [()] * 9)
    )
    positions = (column.astype(np.int32) for column in (service_, unit_, group_))
    service_of, unit_of, group_of = positions
    return AgeWalks(
        walkers, AgeCoverageTable(service_of, limit_, unit_of, group_of, total, within), at_same, half, most
    )


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
