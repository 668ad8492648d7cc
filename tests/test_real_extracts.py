"""Real extracts, as planners have them, load through a study file and give plausible walks between known places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from livingcircle import cases
from livingcircle.settings import read_study

STUDY = """
id: extract
title: {{zh: 真实路网, en: A real extract}}
network: {{kind: {kind}, path: "{path}"}}
homes: {{kind: layer, path: homes.csv}}
facilities: [{{kind: layer, path: facilities.csv, service: pharmacy}}]
"""


@dataclass(frozen=True)
class Extract:
    """What is expected of an extract: junctions and kilometres as measured, islands, and a walk between two places (lon, lat)."""

    kind: str
    path: str
    junctions: int
    kilometres: float
    islands: int
    home: tuple[float, float]
    pharmacy: tuple[float, float]
    straight_metres: float
    walked_metres: float
    grade: str


# Junctions are those of the network once islands are pruned; 5 % either way leaves room for better rules of reading, not for lost parts.
EXTRACTS = {
    # 1,751 nodes in the file; footpaths cross and steps lead over its expressways. Tairan 5th Road to the south-east corner.
    "Shenzhen, Futian (OSMnx)": Extract(
        "graphml",
        "shenzhen/shenzhen_futian_all_osmnx_20230525.graphml",
        *(1736, 208, 3, (114.0235, 22.5340), (114.0370, 22.5260), 1649, 2168, "A"),
    ),
    # Long roads stick out of the core, and 43 footpaths in compounds hang on nothing. Xinjiekou to Daxinggong.
    "Nanjing, Xinjiekou (Overpass)": Extract(
        "osm_file",
        "nanjing/nanjing_core_20210612.osm",
        *(497, 80, 43, (118.7784, 32.0415), (118.7905, 32.0465), 1270, 1673, "C"),
    ),
    # 516 highways in 15 km²: hardly more than the roads.
    "Shenzhen, Longgang (OSM API)": Extract(
        "osm_file",
        "shenzhen/shenzhen_longgang_20191103.osm",
        *(682, 147, 34, (114.2185, 22.6920), (114.2100, 22.6840), 1245, 1676, "B"),
    ),
    # The whole country, mapped to the door. Plaça del Poble to the Caldea baths along the river.
    "Andorra (PBF)": Extract(
        "osm_file",
        "andorra/andorra_20260403.osm.pbf",
        *(11832, 2083, 172, (1.5218, 42.5075), (1.5340, 42.5097), 1032, 1163, "A"),
    ),
    # Roads for cars of the whole city, as an undirected graph: 12,965 of 92,667 lines are expressways, left out. Jianghan Road to Hankou.
    "Wuhan (GeoParquet)": Extract(
        "street_layer",
        "wuhan/wuhan_streets_osm_original.parquet",
        *(65918, 5700, 47, (114.2885, 30.5830), (114.2730, 30.5950), 1996, 3032, "D"),
    ),
}


@pytest.mark.real_city
@pytest.mark.parametrize("name", EXTRACTS)
def test_an_extract_loads_and_routes(shared_data, tmp_path, monkeypatch, name):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    one = EXTRACTS[name]
    if not (shared_data / one.path).is_file():
        pytest.skip(f"{one.path} is not on this machine")
    (tmp_path / "homes.csv").write_text(f"id,lon,lat,residents\nA,{one.home[0]},{one.home[1]},10\n", encoding="utf-8")
    place = f"id,name,lon,lat\nB,药店,{one.pharmacy[0]},{one.pharmacy[1]}\n"
    (tmp_path / "facilities.csv").write_text(place, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(
        STUDY.format(kind=one.kind, path=(shared_data / one.path).as_posix()), encoding="utf-8"
    )
    study = cases.load(read_study(tmp_path / "study.yaml", {}))
    streets = study.network.streets
    assert study.network.nodes == pytest.approx(one.junctions, rel=0.05)
    assert streets.metres[streets.drawn].sum() / 1000 == pytest.approx(one.kilometres, rel=0.03)
    warned = {warning.kind: warning.details for warning in study.warnings}
    assert warned["islands_pruned"]["count"] == pytest.approx(one.islands, abs=5)
    assert study.completeness.grade[0] == one.grade
    assert ("network_incomplete" in warned) == (one.grade in "CD")
    assert study.completeness.dead_ends_per_km[0] < 2.5
    if one.kind != "street_layer" and "andorra" not in one.path:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(streets.names)), "Chinese names are read"

    route = cases.explain(study, "A", "pharmacy").route
    assert route is not None
    assert route.straight_metres == pytest.approx(one.straight_metres, abs=2)
    assert route.metres == pytest.approx(one.walked_metres, rel=0.05)
    assert 1.0 <= route.detour_ratio < 1.6
    assert np.isfinite(route.seconds)
