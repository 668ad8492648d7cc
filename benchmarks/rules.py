"""How long verdicts and intervals take once walks are known: `python -m benchmarks.rules [--write]`.

Rules are judged on a synthetic city, because no extract holds floor areas, staff and beds: 100,000 homes in 300 communities of 30
sub-districts, and for all built-in service types as many places as communities, a tenth of them without figures. Intervals are swept
over Las Palmas (LIVING_CIRCLE_DATA or ../shared/data; left out without it), as parts of one search of the same study. Seconds are wall
clock, the median of some rounds, after a first one that compiles. `--write` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from benchmarks.run import REPORT, machine, studies
from livingcircle import cases
from livingcircle.kernel.edge import district_of
from livingcircle.kernel.judge import rule_verdicts
from livingcircle.kernel.metrics.facts import Facts
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.search import threads_available
from livingcircle.kernel.sweep import swept
from livingcircle.model.places import FACILITY_NUMBERS, Districts, Facilities, Homes
from livingcircle.questions import ranges_of, walk_of
from livingcircle.settings import read_study
from livingcircle.sources.standards import builtin_standards, read_services, read_standard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livingcircle.model.interval import Ranges
    from livingcircle.model.rule import Rule

HOMES, ACROSS, DOWN, STREETS = 100_000, 20, 15, 10
COMMUNITY_METRES = 600.0
ROUNDS, SWEEP_ROUNDS = 3, 15
RULES_GOAL_SECONDS = 10.0
MEMBERS_OF_GOAL = 5
"""A sweep of five members is to take no longer than five searches."""
SWEEPS = {
    "speed": {"crossing_seconds": [{}, {}], "join_cap_metres": [300, 300], "gates": False},
    "speed, waits": {"join_cap_metres": [300, 300], "gates": False},
    "speed, waits, cap": {},
}
"""Intervals by what is moved; a moved cap joins places again."""


class City(NamedTuple):
    """What rules are judged by, and the community of each facility."""

    facts: Facts
    districts: Districts
    facility_district: np.ndarray


def main() -> None:
    """Measure, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    report = "\n".join([f"Measured {machine()}.", "", *_rules(), "", *_intervals()])
    print(report)
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        found = re.sub(
            r"(<!-- rules -->\n).*?(<!-- /rules -->)", lambda m: m[1] + report + "\n" + m[2], text, flags=re.DOTALL
        )
        REPORT.write_text(found, encoding="utf-8")


def synthetic_city(homes: int = HOMES, across: int = ACROSS, down: int = DOWN) -> City:
    """Make squares of communities, every second row of them a sub-district of `STREETS` squares, full of homes and facilities."""
    chance = np.random.default_rng(5)
    services = read_services()
    communities, side = across * down, COMMUNITY_METRES
    x, y = np.meshgrid(np.arange(across) * side, np.arange(down) * side)
    squares = shapely.box(x.ravel(), y.ravel(), x.ravel() + side, y.ravel() + side)
    street_of = (np.arange(communities) // STREETS).astype(np.int32)
    streets = np.array([shapely.union_all(squares[street_of == one]) for one in range(street_of.max() + 1)], object)
    county = np.array([shapely.union_all(streets)], object)
    levels = ["community"] * communities + ["subdistrict"] * len(streets) + ["county"]
    above = [communities + street_of, np.full(len(streets), communities + len(streets)), [-1]]
    names = np.array([f"{level}/{number}" for number, level in enumerate(levels)], object)
    districts = Districts(
        ids=names,
        names=names.copy(),
        geometry=np.concatenate([squares, streets, county]),
        level=np.array(levels, object),
        parent=np.concatenate(above).astype(np.int32),
    )
    places = communities * len(services)
    extent = np.array([across * side, down * side])
    home_xy, place_xy = chance.uniform(0, extent, (homes, 2)), chance.uniform(0, extent, (places, 2))
    serves = np.zeros((places, len(services)), bool)
    serves[np.arange(places), np.arange(places) % len(services)] = True
    residents = chance.integers(1, 60, homes).astype(float)
    unknown = np.full(homes, np.nan)
    figures = {name: chance.uniform(10, 1000, places) for name in FACILITY_NUMBERS}
    for figure in figures.values():
        figure[chance.random(places) < 0.1] = np.nan
    seconds = chance.exponential(400, (len(services), homes))
    drawn = shapely.linestrings(chance.uniform(0, extent, (20_000, 1, 2)) + np.array([[0, 0], [60, 80]]))
    facts = Facts(
        homes=Homes(
            ids=np.arange(homes).astype(str).astype(object),
            xy=home_xy,
            geometry=shapely.points(home_xy),
            residents=residents,
            households=residents / 2.6,
            floor_m2=unknown,
            footprint_m2=unknown.copy(),
            district=_square_of(home_xy, across),
            residents_by_age=np.column_stack([residents * 0.06, residents * 0.2]),
            age_groups=("0-3", "60+"),
        ),
        facilities=Facilities.plain(
            ids=np.arange(places).astype(str).astype(object),
            names=np.arange(places).astype(str).astype(object),
            xy=place_xy,
            geometry=shapely.points(place_xy),
            serves=serves,
            **figures,
        ),
        services=services,
        seconds=seconds,
        metres=1.25 * seconds,
        located=np.ones(len(services), bool),
        surveyed=np.ones(len(services), bool),
        hours_per_day=chance.uniform(4, 24, places),
        street_lines=drawn,
        street_metres=shapely.length(drawn),
    )
    return City(facts, districts, _square_of(place_xy, across))


def _square_of(xy: np.ndarray, across: int) -> np.ndarray:
    column, row = np.floor(xy / COMMUNITY_METRES).astype(np.int32).T
    return (row * across + column).astype(np.int32)


def _rules() -> Iterator[str]:
    city = synthetic_city()
    yield (
        f"{len(city.facts.homes):,} homes, {len(city.facts.services)} service types, {ACROSS * DOWN} communities, "
        f"{len(city.facts.facilities):,} facilities:"
    )
    yield ""
    yield "| rules of | rules | rows of verdicts | seconds | goal |"
    yield "|---|---:|---:|---:|---:|"
    every: dict[str, Rule] = {}
    known = {service.id for service in city.facts.services}
    for name in builtin_standards():
        rules = tuple(rule for rule in read_standard(name).rules if rule.service in known or rule.service == "circle")
        every |= {rule.id: rule for rule in rules}
        if name == "gb50180_2018":
            yield _judged(f"`{name}`", rules, city)
    yield _judged("every built-in standard together", tuple(every.values()), city)


def _judged(name: str, rules: tuple[Rule, ...], city: City) -> str:
    def judge() -> int:
        facility_district = district_of(city.facts.facilities.xy, city.districts.geometry)
        facts = _fresh(city.facts)
        return len(rule_verdicts(facts, rules, city.districts, facility_district))

    rows, seconds = _timed(judge)
    return f"| {name} | {len(rules)} | {rows:,} | **{seconds:.2f}** | ≤ {RULES_GOAL_SECONDS:g} |"


def _fresh(facts: Facts) -> Facts:
    """Return the same facts without what earlier rules have left in them."""
    kept = {name: getattr(facts, name) for name in Facts.__dataclass_fields__ if name != "_radius"}
    return Facts(**kept)


def _intervals() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        study_file = studies(Path(folder)).get("Las Palmas")
        if study_file is None:
            yield "Las Palmas is not on this machine."
            return
        settings = read_study(study_file, {"siting": [], "candidates": None})
        study = cases.load(settings)
        assessment = cases.assess(study, settings)

        def reach() -> int:
            found = reach_nearest(
                study.network,
                walk_of(study),
                study.home_anchors,
                study.facility_anchors,
                study.facilities.serves,
                threads=threads_available(),
            )
            return found.seconds.size

        rows = []
        for name, declared in SWEEPS.items():
            asked = read_study(study_file, {"siting": [], "candidates": None, "intervals": declared}).intervals
            if asked is None:
                raise SystemExit(f"no intervals asked for: {name}")
            ranges = ranges_of(study, asked)

            def sweep(ranges: Ranges = ranges) -> int:
                return len(swept(study, assessment, ranges, threads=threads_available()).members)

            rows.append((name, *_beside(sweep, reach)))
        once = median(row[3] for row in rows)
        yield f"Las Palmas, {len(study.homes):,} homes, {len(study.standard.services)} services; one search takes {once:.3f} s:"
        yield ""
        yield "| moved | members, the study itself among them | seconds | searches' worth | goal |"
        yield "|---|---:|---:|---:|---:|"
        for name, count, seconds, one in rows:
            goal = f"≤ {count}" if count == MEMBERS_OF_GOAL else ""
            yield f"| {name} | {count} | {seconds:.3f} | **{seconds / one:.1f}** | {goal} |"


def _beside(work: Callable[[], int], other: Callable[[], int]) -> tuple[int, float, float]:
    """Return what some work gives, its seconds and those of another, measured in turn, so that a busy machine slows both."""
    found, pairs = work(), []
    other()
    for _ in range(SWEEP_ROUNDS):
        ticks = [time.perf_counter()]
        for each in (work, other):
            each()
            ticks.append(time.perf_counter())
        pairs.append(np.diff(ticks))
    return found, *np.median(pairs, axis=0).tolist()


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    """Return what some work gives, and its seconds: the median of some rounds after one that does not count."""
    found, seconds = work(), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - began)
    return found, median(seconds)


if __name__ == "__main__":
    main()
