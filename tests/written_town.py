"""A town written to files, as an office would hand them over: one street of 1.5 km, six homes, one pharmacy, answers by arithmetic.

Places lie at whole metres along a geodesic, 1 m beside the street's axis at most. The walker makes 1.25 m/s, so 5, 10 and 15 minutes are
375, 750 and 1,125 m. Residents are 1, 2, 4 … 32.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from pyproj import Geod

ORIGIN = (121.0, 31.98)
HOME_METRES = (100, 300, 500, 700, 1000, 1400)
RESIDENTS = tuple(2**number for number in range(6))
TOTAL = sum(RESIDENTS)
COVERED_5, COVERED_10, COVERED_15 = 1 + 2, 1 + 2 + 4 + 8, 1 + 2 + 4 + 8 + 16
WESTERN_HOMES = 4

STUDY = """\
# A town of one street.
id: town
title: {zh: 一街小镇, en: One-street town}
network: {kind: osm_file, path: streets.osm, minimum_island_metres: 100, join_cap_metres: 50}
homes: {kind: layer, path: homes.csv, columns: {id: id, residents: 居民数}, residents_per_household: 2}
facilities:
  - {kind: layer, path: pharmacies.csv, service: pharmacy, columns: {id: id, name: 名称}}
districts: {path: districts.geojson, columns: {id: code, name: name}}
standard: standard.yaml
candidates: {kind: layer, path: candidates.csv, columns: {id: id, name: 名称}}
siting: [{service: pharmacy, sites: 1}]
outputs: {folder: runs}
"""

STANDARD = """\
id: town
title: {zh: 小镇标准, en: Town standard}
edition: "2026"
note: {zh: 测试用, en: for tests}
minimum_share: 0.5
documents: {TOWN: 小镇标准}
requirements:
  - {id: near, service: pharmacy, limit_minutes: 5, citation: {document: TOWN, clause: "1", quote: "", verification: read_in_full}}
  - {id: far, service: pharmacy, limit_minutes: 15, citation: {document: TOWN, clause: "2", quote: "", verification: recall_unverified}}
  - {id: play, service: kindergarten, limit_minutes: 5, citation: {document: TOWN, clause: "3", quote: "", verification: read_in_full}}
"""


def lonlat(metres: float) -> tuple[float, float]:
    """Return the place that many metres east of the pharmacy."""
    lon, lat, _ = Geod(ellps="WGS84").fwd(*ORIGIN, 90, metres)
    return lon, lat


def write_town(folder: Path) -> Path:
    """Write all files and return the study file."""
    nodes = [lonlat(metres) for metres in range(0, 1501, 100)]
    xml = ["<?xml version='1.0' encoding='UTF-8'?>", "<osm version='0.6'>"]
    xml += [f"<node id='{i}' lat='{lat:.9f}' lon='{lon:.9f}' version='1'/>" for i, (lon, lat) in enumerate(nodes, 1)]
    refs = "".join(f"<nd ref='{i}'/>" for i in range(1, len(nodes) + 1))
    xml += [f"<way id='1' version='1'>{refs}<tag k='highway' v='residential'/></way>", "</osm>"]
    (folder / "streets.osm").write_text("\n".join(xml), encoding="utf-8")
    homes = [
        (f"H{i}", *lonlat(metres), people)
        for i, (metres, people) in enumerate(zip(HOME_METRES, RESIDENTS, strict=True), 1)
    ]
    write_table(folder / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    write_table(
        folder / "pharmacies.csv", ("id", "lon", "lat", "名称"), [("P1", *lonlat(0), "<script>alert(1)</script>")]
    )
    write_table(
        folder / "candidates.csv",
        ("id", "lon", "lat", "名称"),
        [("C1", *lonlat(600), "旧粮站"), ("C2", *lonlat(1400), "车库")],
    )
    (west, south), (middle, _), (east, north) = lonlat(-200), lonlat(850), lonlat(1700)
    districts = [("320601001", "西社区", west, middle), ("320601002", "东社区", middle, east)]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[a, south - 0.01], [b, south - 0.01], [b, north + 0.01], [a, north + 0.01], [a, south - 0.01]]
                ],
            },
        }
        for code, name, a, b in districts
    ]
    (folder / "districts.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    (folder / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    return folder / "study.yaml"


def write_table(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a CSV as Chinese Excel saves it."""
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def change(path: Path, before: str, after: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert before in text, before
    path.write_text(text.replace(before, after), encoding="utf-8")
