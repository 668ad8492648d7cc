"""How often the detective finds a wrong datum, and how often it cries wolf: `python -m benchmarks.detective [--samples N] [--write]`.

Places of real cities are drawn by lot, written in each datum and read as WGS-84. Cities outside China are laid down in Nanjing,
streets and all, where the datums differ. `--write` puts the table into docs/coordinates.md. Extracts come from LIVING_CIRCLE_DATA or
../shared/data.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict

import numpy as np
import shapely

from benchmarks.run import DATA, ROOT, machine
from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.sources.datum import Datum, converted
from livingcircle.sources.detective import Witnesses, suspicion
from livingcircle.sources.layers import inner_points
from livingcircle.sources.osm import read_buildings, read_tagged, reprojected
from livingcircle.sources.projection import projected, unprojected
from livingcircle.sources.streets import streets_from_osm

CITIES = {
    "Nanjing": "nanjing/nanjing_core_20210612.osm",
    "Longgang": "shenzhen/shenzhen_longgang_20191103.osm",
    "Helsinki": "helsinki/Helsinki.osm.pbf",
    "Las Palmas": "laspalmas/las_palmas_20230221.osm.pbf",
    "Andorra": "andorra/andorra_20260403.osm.pbf",
}
CRS, NANJING = "EPSG:32650", (118.7814, 32.04)
COUNTS = (10, 30, 100, 500)
SHOWN: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
AMENITIES = (
    "restaurant",
    "cafe",
    "bank",
    "pharmacy",
    "school",
    "kindergarten",
    "clinic",
    "fast_food",
    "bar",
    "toilets",
    "doctors",
)
KINDS = {
    "shops": "places as points; streets and buildings known",
    "shops, streets only": "places as points; streets known",
    "buildings": "buildings as areas; streets known",
}


def main() -> None:
    """Draw, ask, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    found: dict[tuple[str, int, str], list[bool]] = defaultdict(list)
    for city, extract in CITIES.items():
        for key, right in _asked(extract, asked.samples):
            found[key].append(right)
        print(city, "done", flush=True)
    report = _table(found)
    print(report)
    if asked.write:
        path = ROOT / "docs" / "coordinates.md"
        text = path.read_text(encoding="utf-8")
        text = re.sub(
            r"(<!-- detective -->\n).*?(<!-- /detective -->)",
            lambda m: m[1] + report + "\n" + m[2],
            text,
            flags=re.DOTALL,
        )
        path.write_text(text, encoding="utf-8")


def _asked(extract: str, samples: int) -> list[tuple[tuple[str, int, str], bool]]:
    """Return for every sample of a city its kind, size and datum, and whether the answer was right."""
    streets = streets_from_osm(DATA / extract, None).value
    tagged = read_tagged(DATA / extract, [{"amenity": amenity} for amenity in AMENITIES], None)
    shops = inner_points(reprojected(tagged.geometry, streets.crs))
    move = (
        projected(*np.array(NANJING)[:, None], CRS)[0] - np.median(shops, axis=0) if streets.crs != CRS else np.zeros(2)
    )
    if extract.startswith("shenzhen"):
        move = np.zeros(2)
    crs = CRS if move.any() else streets.crs
    lines, buildings = (
        shapely.set_coordinates(geometry.copy(), shapely.get_coordinates(geometry) + move)
        for geometry in (streets.lines, reprojected(read_buildings(DATA / extract, None).geometry, streets.crs))
    )
    along, houses = shapely.STRtree(lines), shapely.STRtree(buildings)
    points: GeometryArray = np.asarray(shapely.points(shops + move), object)
    chance = np.random.default_rng(1)
    answers = []
    for kind, pool, known in (
        ("shops", points, Witnesses(crs, along, houses)),
        ("shops, streets only", points, Witnesses(crs, along)),
        ("buildings", buildings, Witnesses(crs, along)),
    ):
        for count in COUNTS:
            for _ in range(samples if 2 * count <= len(pool) else 0):
                drawn = pool[chance.permutation(len(pool))[:count]]
                for truth in SHOWN:
                    said = suspicion(_as_wgs84(drawn, truth, crs), np.full(count, "", object), "wgs84", known)
                    told = "wgs84" if said is None else "mixed" if said.mixed else said.datum
                    answers.append(((kind, count, truth), told == truth))
                    if told not in {truth, "wgs84"}:
                        print("wrong:", extract, kind, count, truth, told)
    return answers


def _as_wgs84(geometry: GeometryArray, datum: Datum, crs: str) -> GeometryArray:
    """Return places as they are read when their coordinates in a datum are taken for WGS-84."""
    corners: FloatArray = shapely.get_coordinates(geometry)
    numbers = converted(*unprojected(corners, crs), "wgs84", datum)
    return shapely.set_coordinates(geometry.copy(), projected(*numbers, crs))


def _table(found: dict[tuple[str, int, str], list[bool]]) -> str:
    lines = [f"Measured {machine()}. Cities: {', '.join(CITIES)}.", ""]
    heads = (
        "图层与参照 layer and witnesses",
        "点数 places",
        "样本 samples",
        "误报 false alarms",
        "查出 GCJ-02 found",
        "查出 BD-09 found",
    )
    lines.append(f"| {' | '.join(heads)} |")
    lines.append("|---|---:|---:|---:|---:|---:|")
    for kind, told in KINDS.items():
        for count in COUNTS:
            true, gcj02, bd09 = (found[kind, count, datum] for datum in SHOWN)
            if true:
                shares = f"{len(true) - sum(true)} | {np.mean(gcj02):.0%} | {np.mean(bd09):.0%}"
                lines.append(f"| {told} | {count} | {len(true)} | {shares} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
