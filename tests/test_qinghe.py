"""The sample sub-district of Qinghe: made again from its seed, its totals, and the answers of ANSWERS.md by arithmetic on its files."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree as ET

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from conftest import ROOT
from livingcircle import cases
from livingcircle.model.study import Study
from livingcircle.settings import read_study
from livingcircle.sources.datum import converted
from livingcircle.sources.standards import read_services

FOLDER = ROOT / "data" / "qinghe"
STUDY = ROOT / "configs" / "qinghe.yaml"
METRES = "EPSG:4542"
LAYERS = {"社区": 9, "街道": 1, "小区": 55, "公共用地": 56, "出入口": 70, "存量空间": 9, "水系": 1}
NO_PLACES = {
    *("walk_network", "environment_care", "social_organisation", "info_platform", "enterprise_support"),
    "correction_rehab",
}


# ── Reading the files, without the program ──────────────────────────────────


def sheet(name: str) -> pd.DataFrame:
    """Read a workbook whose header is in the second row; rows below it without a second cell are remarks."""
    _, header, *rows = openpyxl.load_workbook(FOLDER / name).active.iter_rows(values_only=True)
    frame = pd.DataFrame(rows, columns=header)
    return frame[frame.iloc[:, 0].notna() & ~frame.iloc[:, 0].astype(str).str.startswith(("合计", "注"))]


def layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "qinghe.gpkg", layer=name)


@pytest.fixture(scope="module")
def houses() -> gpd.GeoDataFrame:
    return gpd.read_file(f"zip://{FOLDER / 'houses.zip'}", encoding="GBK")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return sheet("population.xlsx").set_index("社区名称")


@pytest.fixture(scope="module")
def places() -> gpd.GeoDataFrame:
    """The offices' list, with the community each place is in; planned and closed ones left out."""
    rows = sheet("facilities.xlsx")
    rows = rows[rows["状态"] == "开放"]
    points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["经度"], rows["纬度"]), crs="EPSG:4490")
    communities = layer("社区")[["名称", "geometry"]].rename(columns={"名称": "社区"})
    return gpd.sjoin(points, communities, predicate="within", how="left").drop(columns="index_right")


def serving(places: gpd.GeoDataFrame, service: str, community: str | None = None) -> gpd.GeoDataFrame:
    """Return the places in the sub-district that offer a service, one room once, however often it is listed."""
    found = places[np.array([service in kinds.split("；") for kinds in places["设施类型"]]) & places["社区"].notna()]
    found = found[found["社区"] == f"{community}社区"] if community else found
    return found.drop_duplicates(["设施名称", "经度", "纬度"])


def answer(number: str) -> str:
    """Return a line of ANSWERS.md."""
    return next(
        row
        for row in (FOLDER / "ANSWERS.md").read_text(encoding="utf-8").splitlines()
        if row.startswith(f"| {number} |")
    )


# ── Made again ──────────────────────────────────────────────────────────────


def test_the_files_can_be_made_again(tmp_path):
    subprocess.run([sys.executable, FOLDER / "generate.py", tmp_path], check=True)
    for name in ("streets.osm", "gates.csv", "pois_gcj02.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
    for name in ("facilities.xlsx", "population.xlsx", "registers.xlsx", "checklist.xlsx"):
        again = list(openpyxl.load_workbook(tmp_path / name).active.values)
        assert again == list(openpyxl.load_workbook(FOLDER / name).active.values), name
    for path, name in [("qinghe.gpkg", one) for one in LAYERS] + [("houses.zip", None)]:
        reading = {"encoding": "GBK"} if name is None else {"layer": name}
        again, kept = (pyogrio.read_dataframe(folder / path, **reading) for folder in (tmp_path, FOLDER))
        pd.testing.assert_frame_equal(again.drop(columns="geometry"), kept.drop(columns="geometry"))
        assert shapely.equals_exact(again.geometry.to_numpy(), kept.geometry.to_numpy(), 1e-6).all(), name or path


def test_it_is_small_and_says_that_it_is_made_up():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 1.5e6
    for name in ("SOURCE.md", "ANSWERS.md"):
        assert "虚构" in (FOLDER / name).read_text(encoding="utf-8")[:400]
    assert "虚构示例" in (FOLDER / "streets.osm").read_text(encoding="utf-8")[:200]
    for name in ("facilities.xlsx", "population.xlsx", "registers.xlsx", "checklist.xlsx"):
        assert "虚构示例" in openpyxl.load_workbook(FOLDER / name).active["A1"].value
    study = read_study(STUDY)
    assert "虚构" in study.title.zh
    assert "虚构" in study.network.attribution


# ── What is there ───────────────────────────────────────────────────────────


def test_layers_have_the_rows_they_are_said_to_have(houses):
    assert {name: len(layer(name)) for name, _ in pyogrio.list_layers(FOLDER / "qinghe.gpkg")} == LAYERS
    said = (FOLDER / "SOURCE.md").read_text(encoding="utf-8")
    counts = [(len(houses), "栋住宅"), (LAYERS["公共用地"], "处公园"), (len(sheet("facilities.xlsx")), "处设施")]
    for count, what in counts:
        assert f"{count} {what}" in said, what


def test_the_people_of_the_houses_are_those_of_the_communities(houses, people):
    assert (people["常住人口（人）"].sum(), people["户数（户）"].sum()) == (60_000, 23_000)
    centres = gpd.GeoDataFrame(houses.drop(columns="geometry"), geometry=houses.centroid).to_crs("EPSG:4490")
    found = gpd.sjoin(centres, layer("社区"), predicate="within").groupby("名称").sum(numeric_only=True)
    for header, name in (
        ("户数（户）", "户数"),
        ("常住人口（人）", "常住人口"),
        *((age, age) for age in people.columns[3:]),
    ):
        assert found[name].astype(int).to_dict() == people[header].astype(int).to_dict(), name
    older = houses[["60岁以上", "65岁以上", "80岁以上"]].to_numpy()
    assert (np.diff(older, axis=1) <= 0).all(), "groups hold those within"
    assert 30 < houses["建筑面积"].sum() / 60_000 < 50


def test_every_service_that_is_a_place_is_there(places):
    services = {service.id: service.name.zh for service in read_services()}
    listed = {kind for kinds in places["设施类型"] for kind in kinds.split("；")}
    grounds = {kind for kinds in layer("公共用地")["服务类型"] for kind in kinds.split(";")}
    study = read_study(STUDY)
    everything = read_study(STUDY, {"more_services": sorted(set(services) - NO_PLACES)})
    assert study.more_services != everything.more_services
    facilities = cases.load(everything).facilities
    found = dict(
        zip((one.id for one in cases.load(everything).standard.services), facilities.serves.any(axis=0), strict=True)
    )
    assert {one for one, there in found.items() if there} == set(services) - NO_PLACES
    assert not {services[one] for one in NO_PLACES} & listed
    assert not NO_PLACES & grounds


def test_points_of_the_online_map_stand_where_their_streets_are():
    rows = pd.read_csv(FOLDER / "pois_gcj02.csv")
    rows = rows[
        ~rows["name"].str.startswith("邻近")
    ]  # those around the sub-district stand in neighbourhoods without streets of their own
    lon, lat = converted(rows["lon"].to_numpy(), rows["lat"].to_numpy(), "gcj02")
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4490").to_crs(METRES)
    graph = streets()
    lines = shapely.STRtree([shapely.LineString(edge) for edge in graph.edges])
    _, metres = lines.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    assert metres.max() < 20
    offset = gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"]), crs="EPSG:4490").to_crs(METRES)
    assert offset.distance(points).min() > 50, "read as they are, they would be off"


def test_gates_stand_in_the_walls_of_their_compounds():
    with (FOLDER / "gates.csv").open(encoding="gbk", newline="") as stream:
        gates = pd.DataFrame(list(csv.DictReader(stream)))
    walls = layer("小区").set_index("编号").to_crs(METRES).geometry
    points = gpd.GeoSeries(
        gpd.points_from_xy(gates["经度"].astype(float), gates["纬度"].astype(float)), crs="EPSG:4490"
    ).to_crs(METRES)
    for compound, point in zip(gates["小区编号"], points, strict=True):
        assert walls[compound].boundary.distance(point) < 1
    assert set(gates["小区编号"]) == set(walls.index), "every compound has a gate"
    assert set(gates["通行对象"]) == {"所有人", "居民"}


def test_grounds_are_drawn_as_large_as_the_list_says():
    grounds = layer("公共用地").to_crs(METRES)
    assert np.abs(grounds.area / grounds["用地面积_平方米"] - 1).max() < 0.12
    doors = layer("出入口").to_crs(METRES)
    outlines = shapely.STRtree(grounds.boundary.to_numpy())
    _, metres = outlines.query_nearest(doors.geometry.to_numpy(), return_distance=True, all_matches=False)
    assert metres.max() < 1, "entrances lie on the outlines"


# ── The answers, by hand ────────────────────────────────────────────────────


def test_floor_of_the_stations(places, people):
    floor = {name: serving(places, "社区服务站", name)["建筑面积（㎡）"].sum() for name in ("石桥", "书院")}
    households = people["户数（户）"]
    assert floor["石桥"] / households["石桥社区"] * 100 == 18
    assert 20 * households["石桥社区"] / 100 - floor["石桥"] == 50
    assert 30 * households["石桥社区"] / 100 - floor["石桥"] == 300
    assert floor["书院"] / households["书院社区"] * 100 == 50
    assert (places["设施名称"] == "书院社区党群服务中心").sum() == 2, "listed twice"
    whole = serving(places, "社区服务站")["建筑面积（㎡）"].sum()
    assert whole == 8024
    assert 43 * 230 - whole == 1866
    assert 430 * 60 - whole == 17_776
    assert round(whole / 230, 2) == 34.89
    for number, told in (("A1", "50"), ("A2", "300"), ("A3", "1,866"), ("A4", "17,776")):
        assert f"**{told} ㎡**" in answer(number)


def test_staff_beds_and_sizes(places, people):
    staff = serving(places, "居（村）民委员会")["工作人员（人）"].sum()
    assert (staff, 18 * 6 - staff) == (102, 6)
    assert serving(places, "社区卫生服务站", "书院")["建筑面积（㎡）"].tolist() == [110]
    assert serving(places, "社区卫生服务站")["建筑面积（㎡）"].sort_values().tolist()[1] >= 120
    assert serving(places, "托育机构")["建筑面积（㎡）"].sort_values().tolist()[:2] == [180, 360]
    land = serving(places, "居家养老服务站").set_index("社区")["用地面积（㎡）"]
    per_resident = land / people["常住人口（人）"]
    assert per_resident[per_resident < 0.1].to_dict() == {"槐荫社区": 0.08}
    assert math.isclose(0.1 * 7000 - land["槐荫社区"], 140)
    grounds = layer("公共用地").set_index("名称")
    assert grounds.loc["柳园幼儿园", ["建筑面积_平方米", "用地面积_平方米"]].tolist() == [1800, 3000]
    assert "**6 人**" in answer("A5")


def test_what_communities_lack(places):
    rows = sheet("facilities.xlsx").set_index("设施名称")
    assert "东渡社区" not in set(serving(places, "老年人日间照料中心")["社区"])
    assert rows.loc["东渡老年人日间照料中心", "状态"] == "规划"
    assert rows.loc["槐荫老菜市场", ["状态", "关闭年份"]].tolist() == ["关闭", 2023]
    assert serving(places, "老年人日间照料中心")["社区"].nunique() == 8
    assert serving(places, "慈善超市")["社区"].nunique() == 4
    fitness = [name for name in layer("公共用地")["名称"] if name.endswith("健身广场")]
    assert len(fitness) == 8
    assert "南营健身广场" not in fitness


def test_hours_and_places_side_by_side(places):
    hours = {
        row["社区"]: float(np.diff([int(part[:2]) + int(part[3:]) / 60 for part in row["开放时间"].split("-")])[0])
        for _, row in serving(places, "社区服务站").iterrows()
    }
    assert {name for name, open_hours in hours.items() if open_hours < 8} == {"清湾社区"}
    assert hours["清湾社区"] == 7.5
    care, health = (
        serving(places, service).set_index("社区").to_crs(METRES).geometry
        for service in ("居家养老服务站", "社区卫生服务站")
    )
    apart = care.distance(health)
    assert round(apart["北岸社区"]) == 417
    assert apart.drop("北岸社区").max() < 15


def test_registers(people):
    told = sheet("registers.xlsx")
    volunteers = told[told["条文编号"] == "SD12-10"].set_index("分区名称")
    registered = volunteers["说明"].str.extract(r"(\d+)")[0].astype(int)
    share = registered / people["常住人口（人）"]
    assert share[share < 0.10].round(4).to_dict() == {"石桥社区": 0.09, "北岸社区": 0.08}
    assert (volunteers["答复"].str.rstrip("%").astype(float) / 100 - share).abs().max() < 1e-9
    satisfied = told[told["条文编号"] == "NT09-04"].set_index("分区名称")["答复"].str.rstrip("%").astype(int)
    assert satisfied[satisfied <= 70].to_dict() == {"南营社区": 70}
    correction = told[told["条文编号"].isin(["HN14-N10", "SD12-N09"])]
    assert set(correction["答复"]) == {"是"}


# ── Walking, by another program ─────────────────────────────────────────────


def streets() -> nx.Graph:
    """Read the streets as a graph of their points in metres; bridges are no different."""
    root = ET.parse(FOLDER / "streets.osm").getroot()  # noqa: S314 - our own file
    nodes = {node.get("id"): (float(node.get("lon")), float(node.get("lat"))) for node in root.iter("node")}
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*nodes.values(), strict=True)), crs="EPSG:4490").to_crs(METRES)
    at = dict(zip(nodes, map(tuple, shapely.get_coordinates(points)), strict=True))
    graph = nx.Graph()
    for way in root.iter("way"):
        references = [nd.get("ref") for nd in way.iter("nd")]
        kinds = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        for one, other in pairwise(references):
            graph.add_edge(
                at[one], at[other], metres=math.dist(at[one], at[other]), inside=kinds.get("service") == "driveway"
            )
    return graph


def joined(graph: nx.Graph, point: tuple[float, float], **kept: bool) -> str:
    """Join a place at right angles to the nearest street, of those inside compounds or not if stated."""
    edges = [edge for edge in graph.edges if all(graph.edges[edge].get("inside") is value for value in kept.values())]
    lines = [shapely.LineString(edge) for edge in edges]
    nearest = int(shapely.STRtree(lines).nearest(shapely.Point(point)))
    line, name = lines[nearest], f"place {point}"
    along, across = line.project(shapely.Point(point)), line.distance(shapely.Point(point))
    graph.add_edge(name, edges[nearest][0], metres=along + across)
    graph.add_edge(name, edges[nearest][1], metres=line.length - along + across)
    return name


def estate_metres(
    houses: gpd.GeoDataFrame, places: gpd.GeoDataFrame, *, new_gate: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far it is from each house of the estate to the health centre, and who lives there."""
    estate = layer("小区").set_index("小区名称").to_crs(METRES).geometry["清河锦园"]
    others = layer("小区").to_crs(METRES)
    closed = shapely.union_all(
        others[(others["小区名称"] != "清河锦园") & (others["是否可穿行"] == "否")].buffer(-3).to_numpy()
    )
    graph = streets()
    shapely.prepare(closed)
    graph.remove_edges_from([edge for edge in graph.edges if closed.intersects(shapely.LineString(edge))])
    mine = houses[houses["小区名称"] == "清河锦园"].to_crs(METRES)
    if new_gate:
        corners = shapely.get_coordinates(shapely.convex_hull(estate).exterior)
        west, south = corners[np.argmin(corners @ [1, 1])], corners[np.argmin(corners @ [-0.5, 1])]
        along = (south - west) / np.hypot(*(south - west))
        gate = west + 150 * along
        inward = np.array([-along[1], along[0]])
        inside, outside = gate + 30 * inward, gate - 15 * inward
        one, other = joined(graph, tuple(inside), inside=True), joined(graph, tuple(outside), inside=False)
        graph.add_edge(one, other, metres=45.0)
    centre = places.set_index("设施名称").to_crs(METRES).geometry["清河街道社区卫生服务中心"]
    goal = joined(graph, (centre.x, centre.y), inside=False)
    starts = [joined(graph, (point.x, point.y), inside=True) for point in mine.centroid]
    metres = nx.single_source_dijkstra_path_length(graph, goal, weight="metres")
    return np.array([metres[start] for start in starts]), mine["常住人口"].to_numpy()


def test_the_estate_whose_gate_faces_the_wrong_way(houses, places):
    now, residents = estate_metres(houses, places, new_gate=False)
    assert residents.sum() == 1957
    assert abs(np.average(now, weights=residents) - 1524) < 3
    assert now.min() > 1125 + 190, "everybody is beyond 15 minutes"
    then, _ = estate_metres(houses, places, new_gate=True)
    assert then.max() < 1125, "nobody is, with a gate in the south wall"
    assert abs(np.average(then, weights=residents) - 901) < 15


# ── The program ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def study() -> Study:
    return cases.load(read_study(STUDY))


def test_the_check_finds_no_fault_and_says_what_it_should(study):
    said = {fault.kind for fault in study.warnings}
    assert said <= {"planned_left_out", "rules_of_other_standards", "unknown_condition"}
    assert "planned_left_out" in said
    assert not any("OpenStreetMap" in credit for credit in study.attribution)
    assert math.isclose(study.homes.residents.sum(), 60_000)
    assert math.isclose(study.homes.households.sum(), 23_000)


CLAUSES = {
    # Clause of ANSWERS.md: community (0 for all of them together), shortfall in the clause's own unit, None where there is none.
    "nantong_2009": [
        *(("NT09-01", 3, 50), ("JS07-09", 4, 1), ("JS07-04", 2, 1), ("JS07-04", 1, None), ("JS07-11", 7, None)),
        *(("JS07-10", 9, 1), ("JS07-10", 1, None)),
    ],
    "shandong_12": [
        ("SD12-07", 3, 50),
        ("SD12-12", 0, 1),
        ("SD12-N13", 5, 1),
        ("SD12-N13", 4, None),
        ("SD12-02", 10, None),
    ],
    "complete_community_2020": [
        *(("WZ22-01", 3, 300), ("WZ22-01", 8, None), ("WZ20-03", 2, 400), ("WZ20-04", 2, 500), ("WZ20-20", 8, 10)),
        ("WZ20-05", 4, 20),
    ],
    "hunan_14": [
        *(
            ("HN14-02", 0, 1866),
            ("HN14-02-printed", 0, 17_776),
            ("HN14-04", 0, 6),
            ("HN14-07", 9, 140),
            ("HN14-07", 1, None),
        ),
        *(("HN14-09", 1, 0.5), ("HN14-09", 2, None), ("HN14-08", 7, 1), ("HN14-08", 3, None)),
    ],
}


@pytest.mark.parametrize("standard", CLAUSES)
def test_the_program_judges_as_arithmetic_does(standard):
    settings = read_study(STUDY, {"standard": standard, "siting": []})
    study = cases.load(settings)
    verdicts = cases.assess(study, settings).rule_verdicts
    rules = [rule.id for rule in study.standard.rules]
    units = [int(code[-3:]) if len(code) == 12 else 10 for code in study.districts.ids.tolist()]
    found = {
        (rules[rule], 0 if unit < 0 else units[unit]): (verdict, shortfall)
        for rule, unit, verdict, shortfall in zip(
            verdicts.rule, verdicts.unit, verdicts.verdict, verdicts.shortfall, strict=True
        )
    }
    for rule, community, shortfall in CLAUSES[standard]:
        verdict, missing = found[rule, community]
        assert verdict == ("met" if shortfall is None else "unmet"), (rule, community)
        assert shortfall is None or math.isclose(missing, shortfall), (rule, community, missing)


def test_the_program_walks_as_far(study, houses, places):
    service = [one.id for one in study.standard.services].index("community_health_centre")
    seconds = cases.assess(study, read_study(STUDY)).reach.seconds[service]
    mine = [
        str(one).startswith("QH") and one in set(houses.loc[houses["小区名称"] == "清河锦园", "楼栋编号"])
        for one in study.homes.ids
    ]
    now, _ = estate_metres(houses, places, new_gate=False)
    assert np.allclose(np.sort(seconds[mine]) * 1.25, np.sort(now), rtol=1e-3)


def test_the_density_of_streets_leaves_out_the_lanes_of_compounds():
    settings = read_study(STUDY, {"standard": "gb50180_2018", "siting": []})
    study = cases.load(settings)
    root = ET.parse(FOLDER / "streets.osm").getroot()  # noqa: S314 - our own file
    at = {node.get("id"): (float(node.get("lon")), float(node.get("lat"))) for node in root.iter("node")}
    public = {"primary", "secondary", "tertiary", "residential", "unclassified"}
    lines = [
        shapely.LineString([at[ref.get("ref")] for ref in way.iter("nd")])
        for way in root.iter("way")
        if public & {tag.get("v") for tag in way.iter("tag") if tag.get("k") == "highway"}
    ]
    area = gpd.read_file(FOLDER / "qinghe.gpkg", layer="社区").to_crs(study.network.streets.crs).union_all()
    roads = gpd.GeoSeries(lines, crs=4326).to_crs(study.network.streets.crs).intersection(area)
    density = (roads.length.sum() / 1e3) / (area.area / 1e6)
    verdicts = cases.assess(study, settings).rule_verdicts
    rows = {study.standard.rules[rule].id: row for row, rule in enumerate(verdicts.rule) if verdicts.unit[row] < 0}
    row = rows["GB50180-602"]
    assert verdicts.verdict[row] == "unmet"
    assert math.isclose(density, 7.65, abs_tol=0.02)
    assert math.isclose(verdicts.value[row], density, rel_tol=2e-3)
    assert math.isclose(verdicts.value[rows["GB50180-602s"]], 2000 / density, rel_tol=2e-3)
