"""What groups, slopes, crossings and wide roads do to walking times, on real extracts.

    python -m benchmarks.walkers            print the tables
    python -m benchmarks.walkers --write    put them into docs/walkers.md

Andorra (OpenStreetMap 2026, SRTM at 3″) for slopes; Las Palmas (OpenStreetMap 2023) for crossings: its buildings, weighed by footprint, and
pharmacies; Nanjing and Shenzhen for what becomes of the network where wide roads are crossed at crossings only.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.run import DATA, ROOT
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.crossing import MEDIAN_METRES, PIECES_OF_A_ROAD, waits
from livingcircle.kernel.graph import as_ticks, build_network
from livingcircle.kernel.impedance import timed_streets, walker_impedance
from livingcircle.kernel.reach import reach_nearest, reach_table
from livingcircle.kernel.sides import with_sides
from livingcircle.kernel.slope import STEEPEST, slope_factors
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges
from livingcircle.model.walker import PRESETS, CrossingSeconds, Walker
from livingcircle.sources.elevation import elevation_along
from livingcircle.sources.facilities import facilities_from_osm_tags
from livingcircle.sources.homes import homes_from_osm_buildings
from livingcircle.sources.projection import projected
from livingcircle.sources.standards import read_services
from livingcircle.sources.streets import streets_from_osm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from livingcircle.model.columns import FloatArray
    from livingcircle.model.places import Facilities, Homes

REPORT = ROOT / "docs" / "walkers.md"
EXTRACTS = {
    "Las Palmas": "laspalmas/las_palmas_20230221.osm.pbf",
    "Nanjing, core": "nanjing/nanjing_core_20210612.osm",
    "Shenzhen, Longgang": "shenzhen/shenzhen_longgang_20191103.osm",
    "Helsinki, centre": "helsinki/Helsinki.osm.pbf",
}
ANDORRA = "andorra/andorra_20260403.osm.pbf"
HEIGHTS = "andorra/N42E001.hgt.zip"
CAPITAL = (1.5218, 42.5063)
VILLAGES = {
    "Sant Julià": (1.4913, 42.4637),
    "La Massana": (1.5148, 42.5449),
    "Encamp": (1.5800, 42.5361),
    "Ordino": (1.5331, 42.5562),
    "Canillo": (1.5976, 42.5676),
}
BUILDINGS = (
    "yes",
    "apartments",
    "residential",
    "house",
    "detached",
    "semidetached_house",
    "terrace",
    "dormitory",
    "bungalow",
)
MINUTES = (5, 10, 15)
EVERYONE = PRESETS["everyone"]
ROADS_ARE_SELDOM_STEEPER = 0.15
PLACES = 500
JOIN_CAP_METRES, MINIMUM_ISLAND_METRES = 300.0, 2000.0


@dataclass(frozen=True)
class City:
    """An extract: its streets, its buildings and the pharmacies."""

    streets: StreetEdges
    homes: Homes
    pharmacies: Facilities

    def minutes(self, walker: Walker, passing_seconds: float = 0.0) -> FloatArray:
        """Return the minutes from each building to the nearest pharmacy; every tagged crossing passed costs `passing_seconds`."""
        streets = with_sides(self.streets) if walker.wide_roads == "crossings" else self.streets
        if walker.stairs_factor is None:
            streets = replace(streets, at_ground=streets.at_ground & ~streets.steps)
        network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
        walk = walker_impedance(network, walker, None)
        if passing_seconds:
            tagged = network.streets.node_crossing > Crossing.NONE
            ends = (network.streets.start, network.streets.end)
            first, last = (as_ticks(tagged[end] * passing_seconds / 2) for end in ends)
            walk = timed_streets(
                network,
                walk.forward + first + last,
                walk.backward + first + last,
                first,
                last,
                walker.speed_metres_per_second,
            )
        reach = reach_nearest(
            network,
            walk,
            join_points(self.homes.xy, network, JOIN_CAP_METRES),
            join_areas(self.pharmacies.geometry, network, JOIN_CAP_METRES),
            self.pharmacies.serves.any(axis=1)[:, None],
        )
        return reach.seconds[0] / 60

    def coverage(self, walker: Walker, passing_seconds: float = 0.0) -> FloatArray:
        """Return the share of footprint within each of `MINUTES`, in per cent."""
        minutes, weight = self.minutes(walker, passing_seconds), self.homes.footprint_m2
        return np.array([100 * weight[minutes <= limit].sum() / weight.sum() for limit in MINUTES])


def slopes(data: Path) -> str:
    """Walks between the capital of Andorra and its villages."""
    streets = streets_from_osm(data / ANDORRA, None).value
    network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
    grades = elevation_along(data / HEIGHTS, network.streets).value
    steep = np.abs(grades.gradient)
    along, against = slope_factors(grades)
    metres = network.streets.metres
    level, hiker = (walker_impedance(network, replace(EVERYONE, slope=slope), grades) for slope in ("level", "tobler"))
    xy = dict(
        zip(["capital", *VILLAGES], projected(*np.array([CAPITAL, *VILLAGES.values()]).T, streets.crs), strict=True)
    )

    def minutes(walk: object, origin: str, destination: str) -> float:
        ends = [join_points(xy[name][None], network, JOIN_CAP_METRES) for name in (origin, destination)]
        return float(reach_nearest(network, walk, *ends, np.ones((1, 1), bool)).seconds[0, 0]) / 60

    rows = []
    for name in VILLAGES:
        flat, there, back = (
            minutes(level, "capital", name),
            minutes(hiker, "capital", name),
            minutes(hiker, name, "capital"),
        )
        rows.append(
            (
                name,
                f"{flat * 75 / 1000:.1f}",
                f"{flat:.1f}",
                f"{there:.1f}",
                f"{back:.1f}",
                f"{(there + back) / flat / 2:.2f}",
            )
        )
    share = {
        limit: 100 * grades.run_metres[steep > limit].sum() / grades.run_metres.sum()
        for limit in (0.05, 0.1, 0.2, STEEPEST)
    }
    told = "; ".join(f"{percent:.1f} % steeper than {100 * limit:.0f} %" for limit, percent in share.items())
    mean = ((along + against) / 2 * metres).sum() / metres.sum()
    head = f"{metres.sum() / 1000:,.0f} km of streets and paths in {len(grades.gradient):,} runs, of which {told}. "
    head += f"Weighed by length, there and back take {mean:.2f} times as long as on the level.\n\n"
    columns = (
        "From Andorra la Vella to",
        "km by the level way",
        "level, min",
        "there, min",
        "back, min",
        "there and back ÷ level",
    )
    spread = []
    roads = np.flatnonzero(network.streets.road >= Road.TERTIARY)
    for spacing in (10.0, 30.0, None, 200.0, 400.0):
        other = elevation_along(data / HEIGHTS, network.streets, spacing=spacing).value
        ratio = np.mean(slope_factors(other), axis=0)
        runs = np.isin(np.repeat(np.arange(other.streets), np.diff(other.indptr)), roads)
        too_steep = (
            other.run_metres[runs & (np.abs(other.gradient) > ROADS_ARE_SELDOM_STEEPER)].sum()
            / other.run_metres[runs].sum()
        )
        spread.append(
            (
                "one cell (93 m)" if spacing is None else f"{spacing:g} m",
                f"{(ratio * metres).sum() / metres.sum():.2f}",
                f"{(ratio * metres)[roads].sum() / metres[roads].sum():.2f}",
                f"{100 * too_steep:.0f} %",
            )
        )
    kinds = (
        "Heights every",
        "there and back ÷ level, all streets and paths",
        "roads from tertiary up",
        "of these steeper than 15 %",
    )
    return f"{head}{_table(columns, rows)}\n\n{_table(kinds, spread)}"


@cache
def las_palmas(data: Path) -> City:
    """Read the city."""
    path = data / EXTRACTS["Las Palmas"]
    streets = streets_from_osm(path, None).value
    homes = homes_from_osm_buildings(
        path,
        streets.crs,
        residential_buildings=BUILDINGS,
        minimum_footprint_m2=30,
        default_levels=1,
        floor_m2_per_resident=40,
        residents_per_household=2.6,
    ).value.homes
    services = [
        replace(service, osm_tags=service.osm_tags if service.id == "pharmacy" else ()) for service in read_services()
    ]
    return City(streets, homes, facilities_from_osm_tags(path, services, streets.crs).value)


def crossings(data: Path) -> str:
    """Coverage of Las Palmas as waits, wide roads and groups change."""
    city = las_palmas(data)
    walkers = {"everyone, 1.25 m/s, no waits": EVERYONE}
    for wait in (10, 20, 30):
        tagged = CrossingSeconds(signal=wait, zebra=wait)
        walkers[f"{wait} s at every signal and zebra"] = replace(EVERYONE, crossing=tagged)
        walkers[f"{wait} s at every crossing of a tertiary or larger road"] = replace(
            EVERYONE, crossing=CrossingSeconds(*[float(wait)] * 5)
        )
    example = CrossingSeconds(signal=30, zebra=5, tertiary=5, secondary=15, primary=30)
    walkers["30 s signal, 5 s zebra, else 5 / 15 / 30 s by class"] = replace(EVERYONE, crossing=example)
    walkers["wide roads at crossings only, no waits"] = replace(EVERYONE, wide_roads="crossings")
    walkers["wide roads at crossings only, waits as above"] = replace(
        EVERYONE, wide_roads="crossings", crossing=example
    )
    walkers["stairs take 3 times as long"] = replace(EVERYONE, stairs_factor=3.0)
    walkers |= {
        f"preset {name}, {preset.speed_metres_per_second:g} m/s": preset
        for name, preset in PRESETS.items()
        if name != "everyone"
    }
    usual = city.coverage(EVERYONE)
    rows = []
    passing = {
        f"for comparison: {wait} s at every tagged crossing passed, along the road as well": wait
        for wait in (10, 20, 30)
    }
    for name, walker in (walkers | dict.fromkeys(passing, EVERYONE)).items():
        found = city.coverage(walker, passing.get(name, 0))
        rows.append(
            (
                name,
                *(
                    f"{share:.1f} ({round(share - base, 1) + 0.0:+.1f})"
                    for share, base in zip(found, usual, strict=True)
                ),
            )
        )
    streets = city.streets
    crossing = np.bincount(streets.node_crossing, minlength=4)
    largest = np.zeros(len(streets.node_xy), np.int8)
    for ends in (streets.start, streets.end):
        np.maximum.at(largest, ends, streets.road)
    minor = (largest <= Road.MINOR) & (streets.node_crossing > Crossing.NONE)
    found = waits(streets, CrossingSeconds(*[2.0] * 5))
    stairs = f"{streets.steps.sum():,} stairs ({streets.metres[streets.steps].sum() / 1000:.0f} km)"
    kinds = f"{crossing[1]:,} unmarked, {crossing[2]:,} zebras, {crossing[3]:,} signals"
    text = (
        f"{len(city.homes):,} buildings, {len(city.pharmacies)} pharmacies; {stairs}. Nodes with a crossing: {kinds}; "
        f"{minor.sum():,} of them on small roads or on none. "
        f"{sum(int((half > 0).sum()) for half in found[:2]):,} ends of streets pay part of a crossing.\n\n"
    )
    return text + _table(("Walker", *(f"{limit} min, %" for limit in MINUTES)), rows)


def sides(data: Path) -> str:
    """What becomes of networks where wide roads are crossed at crossings only."""
    rows = []
    for name, path in EXTRACTS.items():
        streets = streets_from_osm(data / path, None).value
        part = _parts(streets)
        streets = streets.take(part == np.argmax(np.bincount(part, weights=streets.metres)))
        sided = with_sides(streets)
        part = _parts(sided)
        off = part != np.argmax(np.bincount(part, weights=sided.metres))
        side = np.isin(sided.lane, (Lane.LEFT, Lane.RIGHT))
        wide_nodes = np.unique(np.concatenate([streets.start[streets.wide], streets.end[streets.wide]]))
        rows.append(
            (
                name,
                f"{streets.metres.sum() / 1000:.0f}",
                f"{streets.metres[streets.wide].sum() / 1000:.1f}",
                f"{len(wide_nodes):,}",
                f"{(streets.node_crossing[wide_nodes] > Crossing.NONE).sum():,}",
                f"{(sided.lane == Lane.LINK).sum():,}",
                f"{sided.metres[off & ~side].sum():,.0f}",
                f"{sided.metres[off & side].sum():,.0f}",
                "{} ({})".format(*_between_carriageways(streets)),
                *(f"{100 * (ratio - 1):+.1f} %" for ratio in _detours(streets, sided)),
            )
        )
    columns = (
        "Extract",
        "streets, km",
        "wide, km",
        "nodes on them",
        "with a crossing",
        "ways across",
        "other streets cut off, m",
        "sides cut off, m",
        "paths between carriageways (signals at both)",
        "mean walk",
        "mean walk by a wide road",
    )
    return _table(columns, rows)


def _detours(streets: StreetEdges, sided: StreetEdges) -> tuple[float, float]:
    """Return how much longer walks of up to 20 minutes to places anywhere become: from places anywhere, and from places by a wide road."""
    random = np.random.default_rng(1)
    lengths = (streets.metres, streets.metres * streets.wide)
    chosen = np.concatenate([random.choice(len(streets), PLACES, p=metres / metres.sum()) for metres in lengths])
    on_street = shapely.line_interpolate_point(streets.lines[chosen], random.uniform(0, 1, 2 * PLACES), normalized=True)
    xy = shapely.get_coordinates(on_street) + random.uniform(-20, 20, (2 * PLACES, 2))
    seconds = []
    for made in (streets, sided):
        network, _ = build_network(made, MINIMUM_ISLAND_METRES)
        origins, destinations = (join_points(places, network, JOIN_CAP_METRES) for places in (xy, xy[:PLACES]))
        table = reach_table(network, walker_impedance(network, EVERYONE, None), origins, destinations, 4 * 1200)
        times = np.full((2 * PLACES, PLACES), np.nan)
        times[np.repeat(np.arange(2 * PLACES), np.diff(table.indptr)), table.home] = table.seconds
        seconds.append(times)
    anywhere, crossings = seconds
    compared = (anywhere > 0) & (anywhere <= 1200) & np.isfinite(crossings)
    halves = (slice(None, PLACES), slice(PLACES, None))
    every, by_wide = (crossings[half][compared[half]].sum() / anywhere[half][compared[half]].sum() for half in halves)
    return float(every), float(by_wide)


def _between_carriageways(streets: StreetEdges) -> tuple[int, int]:
    """Count the paths from one carriageway of a divided road straight on to the other, and those with signals at both ends."""
    ends, road = np.concatenate([streets.start, streets.end]), np.tile(streets.road, 2)
    through = np.zeros(len(streets.node_xy), np.int8)
    for size in Road:
        through[np.bincount(ends[road >= size], minlength=len(through)) >= PIECES_OF_A_ROAD] = size
    first, last = through[streets.start], through[streets.end]
    paths = (streets.road == Road.NONE) & (streets.metres <= MEDIAN_METRES) & (first == last) & (first >= Road.TERTIARY)
    signals = streets.node_crossing == Crossing.SIGNAL
    return int(paths.sum()), int((paths & signals[streets.start] & signals[streets.end]).sum())


def _parts(streets: StreetEdges) -> np.ndarray:
    nodes = len(streets.node_xy)
    links = coo_array((np.ones(len(streets)), (streets.start, streets.end)), shape=(nodes, nodes))
    return connected_components(links, directed=False)[1][streets.start]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/walkers.md")
    asked = parser.parse_args()
    text = REPORT.read_text(encoding="utf-8") if asked.write else ""
    for name, measure in {"slopes": slopes, "crossings": crossings, "sides": sides}.items():
        table = measure(DATA)
        print(f"## {name}\n\n{table}\n")
        block = f"<!-- {name} -->\n{table}\n<!-- /{name} -->"
        text = re.sub(rf"<!-- {name} -->.*<!-- /{name} -->", lambda _, block=block: block, text, flags=re.DOTALL)
    if asked.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
