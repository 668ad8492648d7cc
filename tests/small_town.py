"""A small town built by hand, with answers from arithmetic: a grid of streets, a home at every crossing, walks along the grid."""

from __future__ import annotations

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.kernel.graph import build_network
from livingcircle.model.network import Anchors, StreetEdges
from livingcircle.model.outcome import (
    Assessment,
    CoverageTable,
    ExchangeTable,
    GapAreas,
    Isochrones,
    Provenance,
    Reach,
    VerdictTable,
)
from livingcircle.model.places import Candidates, Districts, Facilities, Homes
from livingcircle.model.plan import Frontier, Plan, PlanTask, Stage
from livingcircle.model.results import Results
from livingcircle.model.standard import Citation, Requirement, ServiceType, Standard, Words
from livingcircle.model.study import InputFile, Study
from livingcircle.model.walker import Walker

SPEED = 1.25
BLOCK_METRES = 250.0
ORIGIN = np.array([668_000.0, 3_548_000.0])
CRS = "EPSG:32650"
SCRIPT_NAME = "<script>alert(1)</script>"
FORMULA_NAME = '=HYPERLINK("http://bad")'
UNJOINED_HOME = 29
WALLED_HOME = 28
"""Joined to the streets, yet no kindergarten can be reached from it."""
ISOCHRONE_MINUTES = (5.0, 10.0, 15.0)


def objects(values):
    column = np.empty(len(values), object)
    column[:] = values
    return column


def positions(*values):
    return np.array(values, np.int32)


def grid_streets(columns, rows):
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    node_xy = ORIGIN + BLOCK_METRES * np.column_stack([x.ravel(), y.ravel()])
    number = np.arange(columns * rows).reshape(rows, columns)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]).astype(np.int32)
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()]).astype(np.int32)
    return StreetEdges.plain(
        start=start,
        end=end,
        lines=shapely.linestrings(np.stack([node_xy[start], node_xy[end]], axis=1)),
        node_xy=node_xy,
        crs=CRS,
    )


def anchors(places, unjoined=()):
    nearest = np.full(places, 10.0)
    nearest[list(unjoined)] = 400.0
    joined = np.flatnonzero(nearest <= 300).astype(np.int32)
    return Anchors(
        place=joined,
        edge=np.zeros(len(joined), np.int32),
        fraction=np.zeros(len(joined)),
        access_metres=np.full(len(joined), 10.0),
        nearest_metres=nearest,
        cap_metres=300.0,
    )


def standard(services, requirements):
    return Standard(
        id="quarter_hour",
        title=Words("十五分钟生活圈步行可达标准", "Quarter-hour living circle"),
        edition="2018",
        note=Words("", ""),
        services=services,
        requirements=requirements,
    )


SERVICES = (
    ServiceType("clinic", Words("社区卫生服务站", "Community clinic"), ()),
    ServiceType("kindergarten", Words("幼儿园", "Kindergarten"), ()),
    ServiceType("canteen", Words("老年助餐点", "Canteen for the elderly"), ()),
)
REQUIREMENTS = (
    Requirement(
        "clinic_15", "clinic", 900.0, 0.9,
        Citation("GB 50180-2018", "城市居住区规划设计标准", "附录B", "服务半径不宜大于1000m", "read_in_full"),
    ),
    Requirement(
        "kindergarten_5", "kindergarten", 300.0, 0.8,
        Citation("GB 50180-2018", "城市居住区规划设计标准", "附录C", "服务半径不宜大于300m", "recall_unverified"),
    ),
    Requirement("canteen_15", "canteen", 900.0, 1.0, Citation("民发〔2023〕1号", "助餐服务通知", "三", "", "news_match")),
)  # fmt: skip


def coverage_of(study, seconds, limits_by_service):
    rows = []
    homes = study.homes
    # Homes of the easternmost of six columns walk that long to the end of the data.
    cut_seconds = np.where(np.arange(len(homes)) % 6 == 5, 200.0, np.inf)
    for service, limits in enumerate(limits_by_service):
        for limit in limits:
            for district in range(-1, len(study.districts)):
                here = homes.district == district if district >= 0 else np.ones(len(homes), bool)
                covered = here & (seconds[service] <= limit)
                rows.append(
                    (
                        service,
                        limit,
                        district,
                        homes.residents[here].sum(),
                        homes.residents[covered].sum(),
                        homes.households[here].sum(),
                        homes.households[covered].sum(),
                        here.sum(),
                        covered.sum(),
                        homes.residents[here & ~study.home_anchors.joined].sum(),
                        homes.residents[here & ~covered & (limit >= cut_seconds)].sum(),
                    )
                )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return CoverageTable(
        service=columns[0].astype(np.int32),
        limit_seconds=columns[1].astype(float),
        district=columns[2].astype(np.int32),
        **{
            name: columns[3 + number].astype(float)
            for number, name in enumerate(
                ("residents", "residents_covered", "households", "households_covered", "homes", "homes_covered",
                 "residents_unjoined", "residents_uncertain")
            )
        },
    )  # fmt: skip


def verdicts_of(study, coverage):
    ids = [service.id for service in study.standard.services]
    rows = []
    for number, requirement in enumerate(study.standard.requirements):
        service = ids.index(requirement.service)
        for district in range(-1, len(study.districts)):
            row = coverage.rows(service, requirement.limit_seconds)[district + 1]
            share = coverage.share()[row]
            if not study.facilities.serves[:, service].any():
                verdict, short = "no_data", np.nan
            elif share >= requirement.minimum_share:
                verdict, short = "met", 0.0
            else:
                needed = requirement.minimum_share * coverage.residents[row]
                verdict, short = "unmet", needed - coverage.residents_covered[row]
            rows.append((number, district, row, verdict, short))
    columns = list(zip(*rows, strict=True))
    return VerdictTable(
        requirement=positions(*columns[0]),
        district=positions(*columns[1]),
        row=positions(*columns[2]),
        verdict=objects(columns[3]),
        residents_short=np.array(columns[4], float),
    )


def exchange_of(study, seconds, nearest, facility_district):
    homes, rows = study.homes, []
    metres = np.abs(homes.xy[:, None, :] - study.facilities.xy[None, :, :]).sum(axis=2)
    for service in range(3):
        offering = study.facilities.serves[:, service]
        for limit in (300.0, 600.0, 900.0):
            for district in range(2):
                here, own = homes.district == district, offering & (facility_district == district)
                by_own = here & (metres[:, own] / SPEED <= limit).any(axis=1) & (seconds[service] <= limit)
                served = (seconds[service] <= limit) & (facility_district[nearest[service]] == district) & ~here
                rows.append(
                    (
                        service,
                        limit,
                        district,
                        *(
                            homes.residents[who].sum()
                            for who in (by_own, here & (seconds[service] <= limit) & ~by_own, served)
                        ),
                    )
                )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return ExchangeTable(
        columns[0].astype(np.int32), columns[1].astype(float), columns[2].astype(np.int32), *columns[3:]
    )


def grid_walk_seconds(homes_xy, facilities_xy, serves):
    """Walk along the grid, |dx| + |dy|, to the nearest facility of every service."""
    metres = np.abs(homes_xy[:, None, :] - facilities_xy[None, :, :]).sum(axis=2)
    seconds = np.full((serves.shape[1], len(homes_xy)), np.inf)
    nearest = np.full(seconds.shape, -1, np.int32)
    for service in range(serves.shape[1]):
        offering = np.flatnonzero(serves[:, service])
        if len(offering):
            best = metres[:, offering].argmin(axis=1)
            nearest[service] = offering[best]
            seconds[service] = metres[np.arange(len(homes_xy)), offering[best]] / SPEED
    return seconds, nearest


def squares(centres, side_metres):
    half = side_metres / 2
    return shapely.box(centres[:, 0] - half, centres[:, 1] - half, centres[:, 0] + half, centres[:, 1] + half)


def build_town() -> Results:
    """5 rows of 6 crossings, 250 m apart; a home, a square of 60 m, at each; 200 s per block."""
    columns, rows = 6, 5
    streets = grid_streets(columns, rows)
    homes_xy = streets.node_xy.copy()
    count = len(homes_xy)
    west = homes_xy[:, 0] < ORIGIN[0] + 2.5 * BLOCK_METRES
    residents = 10.0 * np.arange(1, count + 1)
    homes = Homes(
        ids=objects([f"H{number:02d}" for number in range(1, count + 1)]),
        xy=homes_xy,
        geometry=squares(homes_xy + 45, 60),
        residents=residents,
        households=residents / 2.5,
        floor_m2=np.full(count, np.nan),
        footprint_m2=np.full(count, 3600.0),
        district=np.where(west, 0, 1).astype(np.int32),
    )
    facility_xy = streets.node_xy[[7, 22, 14]]
    facilities = Facilities.plain(
        ids=objects(["F1", "F2", "F3"]),
        names=objects(["宁海路社区卫生服务中心", SCRIPT_NAME, FORMULA_NAME]),
        xy=facility_xy,
        geometry=shapely.points(facility_xy),
        serves=np.array([[True, False, False], [True, True, False], [False, True, False]]),
    )
    candidate_xy = streets.node_xy[[0, 5, 24, 11]]
    candidates = Candidates(
        ids=objects(["C1", "C2", "C3", "C4"]),
        names=objects(["闲置厂房", "老旧菜场", "-空地", "@车库"]),
        xy=candidate_xy,
        geometry=shapely.points(candidate_xy),
        cost_wan_yuan=np.array([120.0, 80.0, np.nan, 60.0]),
        floor_m2=np.array([600.0, 450.0, np.nan, 300.0]),
    )
    left, bottom = ORIGIN - 150
    middle, right, top = ORIGIN[0] + 2.5 * BLOCK_METRES, ORIGIN[0] + 1400, ORIGIN[1] + 1150
    districts = Districts(
        ids=objects(["320106", "320102"]),
        names=objects(["宁海路街道", "玄武门街道"]),
        geometry=shapely.box(np.array([left, middle]), bottom, np.array([middle, right]), top),
        level=objects(["county", "county"]),
        parent=np.full(2, -1, np.int32),
    )
    joined_facilities = anchors(len(facilities))
    study = Study(
        title=Words("南京试验片区", "Nanjing test town"),
        crs=CRS,
        walker=Walker("all", Words("全体居民", "all residents"), SPEED),
        network=build_network(streets, 1.0)[0],
        homes=homes,
        facilities=facilities,
        candidates=candidates,
        districts=districts,
        home_anchors=anchors(count, unjoined=[UNJOINED_HOME]),
        facility_anchors=joined_facilities,
        candidate_anchors=anchors(len(candidates)),
        standard=standard(SERVICES, REQUIREMENTS),
        warnings=(
            Fault(
                "residents_estimated",
                file="nanjing.osm.pbf",
                details={"floor_m2_per_resident": 40.0, "share": 0.62, "default_levels": 1.0},
            ),
            Fault(
                "no_facility",
                details={"count": 1, "services_zh": "老年助餐点", "services_en": "Canteen for the elderly"},
            ),
        ),
        attribution=("© OpenStreetMap contributors, ODbL 1.0",),
        inputs=(InputFile("network", "data/nanjing.osm.pbf", "ab" * 32, 123_456),),
    )
    seconds, nearest = grid_walk_seconds(homes_xy, facility_xy, facilities.serves)
    seconds[1, WALLED_HOME] = np.inf
    nearest[1, WALLED_HOME] = -1
    seconds[:, UNJOINED_HOME] = np.nan
    nearest[:, UNJOINED_HOME] = -1
    coverage = coverage_of(study, seconds, [(300.0, 600.0, 900.0)] * 3)
    assessment = Assessment(
        shown_limits_seconds=(300.0, 600.0, 900.0),
        reach=Reach(
            seconds=seconds,
            facility=nearest,
            node_seconds=np.zeros((3, count)),
            node_facility=np.full((3, count), -1, np.int32),
        ),
        coverage=coverage,
        verdicts=verdicts_of(study, coverage),
        exchange=exchange_of(study, seconds, nearest, np.array([0, 1, 0])),
    )
    return Results(
        study=study,
        assessment=assessment,
        isochrones=isochrones_of(facility_xy, facilities.serves),
        gaps=gaps_of(homes, seconds),
        plans=(plan_of(homes, seconds),),
        provenance=Provenance(
            settings_sha256="cd" * 32,
            standard="quarter_hour 2018",
            versions={"living-circle": "0.1.0"},
            started_utc="2026-11-22T02:40:00Z",
            stage_seconds={"reach": 0.1},
        ),
    )


def isochrones_of(facility_xy, serves):
    rows = [
        (
            service,
            minutes * 60,
            shapely.union_all(shapely.buffer(shapely.points(facility_xy[serves[:, service]]), minutes * 60 * SPEED * 0.7)),
        )
        for service in range(serves.shape[1])
        if serves[:, service].any()
        for minutes in ISOCHRONE_MINUTES
    ]  # fmt: skip
    services, limits, areas = zip(*rows, strict=True)
    return Isochrones(positions(*services), np.array(limits, float), objects(areas))


def gaps_of(homes, seconds):
    far = np.flatnonzero(~(seconds[1] <= 300))
    west = far[homes.district[far] == 0]
    east = far[homes.district[far] == 1]
    groups = [east, west]
    return GapAreas(
        requirement=positions(1, 1),
        geometry=objects(
            [shapely.buffer(shapely.union_all(homes.geometry[group]), 60).simplify(5) for group in groups]
        ),
        residents=np.array([homes.residents[group].sum() for group in groups]),
        households=np.array([homes.households[group].sum() for group in groups]),
        homes=np.array([float(len(group)) for group in groups]),
        median_seconds=np.array([620.0, np.inf]),
        district=positions(1, 0),
    )


def plan_of(homes, seconds):
    """Two canteens at candidates 3 and 0; candidate 1 would do as the second's runner-up."""
    before = seconds[1] <= 300
    gained = np.full((1, len(homes)), -1, np.int32)
    gained[0, positions(23, 17)], gained[0, positions(6)] = 0, 1
    gains = np.array([homes.residents[gained[0] == pick].sum() for pick in range(2)])
    ages = np.array([homes.residents_by_age[gained[0] == pick].sum(axis=0) for pick in range(2)])
    unreachable = np.zeros(len(homes), bool)
    unreachable[[WALLED_HOME]] = True
    opened = np.empty(3, object)
    opened[:] = [positions(3), positions(0, 3), positions(0, 1, 3)]
    value = float(gains.sum())
    return Plan(
        task=PlanTask(name=Words("", ""), model="most_covered", services=(1,), limits_seconds=(300.0,), sites=2),
        candidate=positions(3, 0),
        service=positions(1, 1),
        year=positions(0, 0),
        cost_wan_yuan=np.array([120.0, np.nan]),
        floor_m2=np.array([400.0, np.nan]),
        marginal_residents=gains,
        cumulative_residents=np.cumsum(gains),
        exclusive_residents=gains - [5.0, 0.0],
        marginal_by_age=ages,
        homes_gained=np.array([2.0, 1.0]),
        clauses_closed=positions(1, 0),
        runner_up=positions(-1, 1),
        runner_up_loss=np.array([gains[0], 12.0]),
        kept_share=np.array([1.0, 0.75]),
        closed=positions(),
        unreachable=unreachable[None],
        covered_after=(before | (gained[0] >= 0))[None],
        total_residents=float(homes.residents.sum()),
        baseline_residents=float(homes.residents[before].sum()),
        value=value,
        bound=value + 20.0,
        gap=20.0 / (value + 20.0),
        unit="residents",
        status="feasible",
        solve_seconds=0.5,
        runner_up_ties=positions(0, 1),
        nearest_facility=positions(0, 0),
        nearest_metres=np.array([640.0, 415.5]),
        gained_by=gained,
        turned=np.array([[0, 1, 0]], np.int32),
        dominated_by=positions(-1, 0, -1, -1)[:4],
        stages=(Stage("greedy", value - 10, np.inf, 0.1), Stage("lp", value, value + 20.0, 0.4)),
        frontier=Frontier(
            sites=positions(1, 2, 3),
            cost_wan_yuan=np.array([120.0, np.nan, np.nan]),
            covered_residents=float(homes.residents[before].sum()) + np.array([gains[0], value, value + 15.0]),
            worst_share=np.array([0.4, 0.45, 0.62]),
            gini=np.array([0.2, 0.18, 0.1]),
            mean_seconds=np.array([420.0, 390.0, 360.0]),
            objective=np.array(["most_covered", "least_walk", "best_worst_share"], object),
            value=np.array([gains[0], 1e5, 0.62]),
            bound=np.array([gains[0], 9.9e4, 0.62]),
            gap=np.array([0.0, 0.01, 0.0]),
            status=np.array(["optimal", "feasible", "optimal"], object),
            opened=opened,
        ),
    )
