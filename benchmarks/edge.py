"""What clipping the data costs, and whether our figure of uncertainty tells.

    python -m benchmarks.edge               print the tables
    python -m benchmarks.edge --write       put them into docs/edge_effects.md

Las Palmas (OpenStreetMap 2023): its buildings, weighed by footprint, and its pharmacies. Circles around buildings drawn by lot stand for
study areas; everything outside is cut away, streets in the middle of a block, as an extract would. What the rest says of the buildings
inside is held against what the whole city says.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.run import DATA, ROOT
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.edge import cut_nodes, seconds_to_cut
from livingcircle.kernel.gauge import covered, uncertain
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.network import StreetEdges
from livingcircle.sources.facilities import facilities_from_osm_tags
from livingcircle.sources.homes import homes_from_osm_buildings
from livingcircle.sources.standards import read_services
from livingcircle.sources.streets import streets_from_osm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from livingcircle.model.columns import BoolArray, FloatArray
    from livingcircle.model.places import Facilities, Homes

REPORT = ROOT / "docs" / "edge_effects.md"
EXTRACT = "laspalmas/las_palmas_20230221.osm.pbf"
SPEED_METRES_PER_SECOND = 1.25
ISLAND_METRES, CAP_METRES = 2000.0, 300.0
LIMIT_SECONDS = 900.0
RADII_METRES = (600.0, 1000.0, 1500.0)
MARGINS_METRES = (0.0, 500.0, 1125.0, 1500.0)
CIRCLES = 40
NEAR_END = 1e-6


@dataclass(frozen=True)
class City:
    """A whole city: streets as read, buildings weighed by footprint, facilities of one service, and the truth."""

    streets: StreetEdges
    homes: Homes
    facilities: Facilities
    seconds: FloatArray


@dataclass(frozen=True)
class Clip:
    """One circle: shares of its buildings' footprint, of 1."""

    radius_metres: float
    covered: float
    """In truth."""
    lost: float
    """Covered in truth, and not in what is left."""
    gained: float
    """Covered in what is left, and not in truth."""
    uncertain: float
    unforeseen: float
    """Lost although not called uncertain."""
    near_outline: float
    """Uncovered and within the walk of the circle as the crow flies: what a buffer rule would call uncertain."""
    uncertain_guessed: float
    """As `uncertain`, with ends of the data guessed from dead ends near the convex hull."""
    lost_to_guess: float
    """Lost although that guess did not call it uncertain."""


@cache
def las_palmas(data: Path) -> City:
    """Read the city and compute the truth: every building's walk to the nearest pharmacy."""
    path = data / EXTRACT
    streets = streets_from_osm(path, None).value
    homes = homes_from_osm_buildings(
        path,
        streets.crs,
        residential_buildings=("apartments", "residential", "house", "detached", "semidetached_house", "terrace",
                               "dormitory", "yes"),
        minimum_footprint_m2=30,
        default_levels=1,
        floor_m2_per_resident=40,
        residents_per_household=2.6,
    ).value.homes  # fmt: skip
    pharmacy = [service for service in read_services() if service.id == "pharmacy"]
    facilities = facilities_from_osm_tags(path, pharmacy, streets.crs).value
    seconds, _ = _walked(streets, homes.xy, facilities)
    return City(streets, homes, facilities, seconds)


def _walked(streets: StreetEdges, home_xy: FloatArray, facilities: Facilities) -> tuple[FloatArray, FloatArray]:
    """Return the seconds to the nearest facility and to the end of the data."""
    network, _ = build_network(with_lanes(streets), ISLAND_METRES)
    walk = impedance(network, SPEED_METRES_PER_SECOND)
    homes = join_points(home_xy, network, CAP_METRES)
    places = join_areas(facilities.geometry, network, CAP_METRES)
    seconds = reach_nearest(network, walk, homes, places, facilities.serves).seconds[0]
    return seconds, seconds_to_cut(network, walk, homes, home_xy)


def clipped(streets: StreetEdges, area: shapely.Geometry) -> StreetEdges:
    """Cut streets at the outline of an area, where new nodes mark that they go on."""
    shapely.prepare(area)
    inside = shapely.contains_properly(area, streets.lines)
    across = np.flatnonzero(~inside & shapely.intersects(area, streets.lines))
    parts, owner = shapely.get_parts(shapely.intersection(streets.lines[across], area), return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    parts, parent = parts[lines], across[owner[lines]]
    whole = streets.lines[parent]
    ends = np.stack([
        shapely.line_locate_point(whole, shapely.get_point(parts, 0), normalized=True),
        shapely.line_locate_point(whole, shapely.get_point(parts, -1), normalized=True),
    ])  # fmt: skip
    turned = ends[0] > ends[1]
    parts[turned] = shapely.reverse(parts[turned])
    ends.sort(axis=0)

    kept = streets.take(np.concatenate([np.flatnonzero(inside), parent]))
    first = len(kept) - len(parts)
    start, end = kept.start.copy(), kept.end.copy()
    metres, geometry = kept.metres.copy(), kept.lines.copy()
    new_xy: list[FloatArray] = []
    for row, (part, begin, stop) in enumerate(zip(parts, *ends, strict=True), first):
        xy = shapely.get_coordinates(part)
        metres[row] *= stop - begin
        geometry[row] = part
        if begin > NEAR_END:
            start[row] = len(streets.node_xy) + len(new_xy)
            new_xy.append(xy[0])
        if stop < 1 - NEAR_END:
            end[row] = len(streets.node_xy) + len(new_xy)
            new_xy.append(xy[-1])
    added = len(new_xy)
    return replace(
        kept,
        start=start,
        end=end,
        metres=metres,
        lines=geometry,
        node_xy=np.concatenate([streets.node_xy, np.reshape(new_xy, (-1, 2))]),
        node_crossing=np.concatenate([streets.node_crossing, np.zeros(added, np.int8)]),
        node_cut=np.concatenate([streets.node_cut, np.ones(added, bool)]),
    )


def clip(city: City, centre: FloatArray, radius_metres: float, margin_metres: float = 0.0) -> Clip:
    """Judge the buildings in a circle by what is left of the city within it and a margin around it."""
    circle = shapely.buffer(shapely.Point(centre), radius_metres, quad_segs=32)
    area = shapely.buffer(shapely.Point(centre), radius_metres + margin_metres, quad_segs=32)
    here = shapely.contains_xy(circle, *city.homes.xy.T)
    streets = clipped(city.streets, area)
    left = city.facilities.take(shapely.contains_xy(area, *city.facilities.xy.T))
    seconds, cut_seconds = _walked(streets, city.homes.xy[here], left)
    cut, _ = cut_nodes(replace(streets, node_cut=np.zeros(len(streets.node_cut), bool)))
    _, guessed_seconds = _walked(replace(streets, node_cut=cut), city.homes.xy[here], left)
    truth, seen = covered(city.seconds[here], LIMIT_SECONDS), covered(seconds, LIMIT_SECONDS)
    unsure = uncertain(seconds, cut_seconds, LIMIT_SECONDS)
    guessed = uncertain(seconds, guessed_seconds, LIMIT_SECONDS)
    outline = shapely.distance(shapely.points(city.homes.xy[here]), shapely.boundary(area))
    weight = city.homes.footprint_m2[here]

    def share(of: BoolArray) -> float:
        return float(weight[of].sum() / weight.sum())

    return Clip(
        radius_metres=radius_metres,
        covered=share(truth),
        lost=share(truth & ~seen),
        gained=share(seen & ~truth),
        uncertain=share(unsure),
        unforeseen=share(truth & ~seen & ~unsure),
        near_outline=share(~seen & (outline < LIMIT_SECONDS * SPEED_METRES_PER_SECOND)),
        uncertain_guessed=share(guessed),
        lost_to_guess=share(truth & ~seen & ~guessed),
    )


def circles(city: City, count: int) -> FloatArray:
    """Return the centres (count, 2): buildings drawn by lot, always the same."""
    return city.homes.xy[np.random.default_rng(20230221).choice(len(city.homes), count, replace=False)]


def report(data: Path, count: int = CIRCLES) -> str:
    """Return the tables in Markdown."""
    city = las_palmas(data)
    centres = circles(city, count)
    by_radius = {radius: [clip(city, centre, radius) for centre in centres] for radius in RADII_METRES}
    rows = _head("radius (m)", "covered in truth", "lost: mean, worst", "gained: worst", "uncertain: mean",
                 "lost and not called uncertain: worst", "circles where more was lost than called uncertain")  # fmt: skip
    for radius, clips in by_radius.items():
        lost, unsure, unforeseen = (_column(clips, name) for name in ("lost", "uncertain", "unforeseen"))
        rows += _row(
            f"{radius:,.0f}",
            _points(_column(clips, "covered").mean()),
            f"{_points(lost.mean())}, {_points(lost.max())}",
            _points(_column(clips, "gained").max(), 2),
            _points(unsure.mean()),
            _points(unforeseen.max(), 2),
            f"{(unsure < lost).sum()} of {len(clips)}",
        )
    rows += ["", *_head("radius (m)", "uncertain by the walk to a cut", "by the distance to the outline", "by guessed cuts",
                        "lost and not called so by the guess: worst")]  # fmt: skip
    for radius, clips in by_radius.items():
        names = ("uncertain", "near_outline", "uncertain_guessed")
        means = [_points(_column(clips, name).mean()) for name in names]
        rows += _row(f"{radius:,.0f}", *means, _points(_column(clips, "lost_to_guess").max(), 2))
    rows += ["", *_head("margin around a circle of 1,000 m (m)", "lost: mean, worst", "uncertain: mean, worst")]
    for margin in MARGINS_METRES:
        clips = [clip(city, centre, 1000.0, margin) for centre in centres]
        lost, unsure = _column(clips, "lost"), _column(clips, "uncertain")
        rows += _row(
            f"{margin:,.0f}",
            f"{_points(lost.mean(), 2)}, {_points(lost.max(), 2)}",
            f"{_points(unsure.mean())}, {_points(unsure.max())}",
        )
    return "\n".join(rows)


def _head(*titles: str) -> list[str]:
    return [*_row(*titles), *_row(*["---"] * len(titles))]


def _row(*cells: str) -> list[str]:
    return [f"| {' | '.join(cells)} |"]


def _column(clips: Sequence[Clip], name: str) -> FloatArray:
    return np.array([getattr(one, name) for one in clips])


def _points(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}"


def main() -> None:
    """Print the tables, or write them into the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/edge_effects.md")
    parser.add_argument("--circles", type=int, default=CIRCLES)
    asked = parser.parse_args()
    tables = report(DATA, asked.circles)
    print(tables)
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        mark = r"(<!-- tables -->\n).*?(<!-- /tables -->)"
        REPORT.write_text(re.sub(mark, rf"\1\n{tables}\n\n\2", text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
