"""The facilities of the made-up sub-district. What `ANSWERS.md` reckons with stands here as numbers, nothing of it is drawn by lot."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground import ESTATE_NAME, SPLIT, WIDTH, Block, Compound, Ground, Point, Streets, outline
from people import COMMUNITIES, Community

if TYPE_CHECKING:
    import shapely

STATION_M2 = {1: 910, 2: 880, 3: 450, 4: 945, 5: 960, 6: 848, 7: 980, 8: 1150, 9: 901}
"""Floor of the service stations: 石桥 (3) has 18 m² for each 100 of its 2,500 households."""
COMMITTEE_STAFF = {1: 12, 2: 12, 3: 10, 4: 12, 5: 11, 6: 12, 7: 11, 8: 10, 9: 12}
"""102 in all: 17 for each 10,000 residents."""
ELDERLY_LAND_M2 = {1: 816, 2: 864, 3: 780, 4: 840, 5: 744, 6: 828, 7: 768, 8: 720, 9: 560}
"""Land of the service stations for older people: 0.12 m² a resident, in 槐荫 (9) 0.08."""
DAY = "08:30-17:30"


@dataclass(frozen=True)
class Facility:
    """A row of a list of facilities; None where the list says nothing."""

    code: str
    name: str
    services: tuple[str, ...]
    place: Point
    address: str = ""
    floor_m2: float | None = None
    usable_m2: float | None = None
    land_m2: float | None = None
    staff: int | None = None
    capacity: int | None = None
    beds: int | None = None
    hours: str = ""
    status: str = "开放"
    opened: int | None = None
    closed: int | None = None


@dataclass(frozen=True)
class Site:
    """An area that serves, such as a park or a school, and where it is entered."""

    code: str
    name: str
    services: tuple[str, ...]
    area: shapely.Polygon
    land_m2: float
    entrances: tuple[Point, ...]
    floor_m2: float | None = None
    capacity: int | None = None
    staff: int | None = None
    opened: int | None = None


@dataclass(frozen=True)
class Poi:
    """A shop or stop as an online map lists it."""

    code: str
    name: str
    typecode: str
    place: Point


# ── Areas ───────────────────────────────────────────────────────────────────


def _paths_across(streets: Streets, block: Block, middle: Point) -> None:
    """Lay paths from the middle of a block to the streets on its sides, as far as there is one."""
    for along, at, towards in (("u", block.v0, 0), ("u", block.v1, 0), ("v", block.u0, 1), ("v", block.u1, 1)):
        street = streets.nearest(along, at, middle[towards])
        if abs(street.at - at) < 0.1 and street.tags["highway"] != "primary":
            streets.path(middle, street.meet(middle[towards]), highway="footway")


def _middle(block: Block) -> Point:
    u0, v0, u1, v1 = block.inside()
    return round((u0 + u1) / 2, 1), round((v0 + v1) / 2, 1)


def _hub_sites(ground: Ground, community: Community) -> Iterator[Site]:
    """Lay out the block in the middle of a community: kindergarten, pocket park, sports ground, playground."""
    number, stem = community.number, community.stem
    block = ground.block(number, "hub")
    u0, v0, u1, _ = block.inside()
    um, vm = _middle(block)
    _paths_across(ground.streets, block, (um, vm))
    wide, high = (60, 50) if number == 2 else (80, 70)
    yield Site(
        f"S{number}01",
        f"{stem}幼儿园",
        ("kindergarten",),
        outline(u0 + 4, v0 + 4, u0 + 4 + wide, v0 + 4 + high),
        wide * high,
        ((u0 + 4 + wide / 2, v0 + 4),),
        floor_m2=1800 if number == 2 else 3400,
        capacity=180 if number == 2 else 270,
        staff=22 if number == 2 else 36,
        opened=1996 + number,
    )
    park = (um + 6, v0 + 4, um + 6 + 76, v0 + 4 + 60)
    yield Site(
        f"S{number}02",
        f"{stem}游园",
        ("park_5",),
        outline(*park),
        4560,
        ((um + 6, v0 + 34), (um + 44, v0 + 4)),
        opened=2009,
    )
    field = (um + 50, vm + 44, um + 84, vm + 70)
    yield Site(
        f"S{number}03", f"{stem}球场", ("multi_field_small",), outline(*field), 884, ((um + 50, vm + 57),), opened=2012
    )
    if number != 4:
        ground_box = (um + 10, vm + 50, um + 30, vm + 62)
        yield Site(
            f"S{number}04",
            f"{stem}健身广场",
            ("outdoor_fitness",),
            outline(*ground_box),
            240,
            ((um + 10, vm + 56),),
            opened=2014,
        )
    play = (u1 - 40, vm + 10, u1 - 16, vm + 22)
    yield Site(
        f"S{number}05",
        f"{stem}儿童乐园",
        ("child_elder_ground",),
        outline(*play),
        288,
        ((u1 - 40, vm + 16),),
        opened=2016,
    )


def _school(ground: Ground, number: int, use: str, code: str, name: str, floor_m2: float, capacity: int) -> Site:
    block = ground.block(number, use)
    u0, v0, u1, v1 = block.inside()
    right = round(u0 + SPLIT * (u1 - u0) - 6, 1)
    side = ("u", block.v0, v0) if block.v0 > 0.1 else ("u", block.v1, v1)
    street = ground.streets.nearest("u", side[1], (u0 + right) / 2)
    gate = (round((u0 + right) / 2, 1), side[2])
    ground.streets.path(street.meet(gate[0]), gate, highway="footway")
    service = "primary_school" if use == "primary" else "middle_school"
    land = round((right - u0) * (v1 - v0), -1)
    return Site(
        code, name, (service,), outline(u0, v0, right, v1), land, (gate,), floor_m2=floor_m2, capacity=capacity,
        staff=capacity // 15, opened=1988,
    )  # fmt: skip


def _park(ground: Ground, number: int, use: str, code: str, name: str, services: tuple[str, ...]) -> Site:
    """Lay out a park with a path around and paths across, entered at four gates."""
    block = ground.block(number, use)
    u0, v0, u1, v1 = block.inside()
    um, vm = _middle(block)
    streets, gates = ground.streets, []
    inner = [
        (u0 + 25, v0 + 25),
        (um, v0 + 18),
        (u1 - 25, v0 + 25),
        (u1 - 18, vm),
        (u1 - 25, v1 - 25),
        (um, v1 - 18),
        (u0 + 25, v1 - 25),
        (u0 + 18, vm),
    ]
    streets.path(*inner, inner[0], highway="footway", name=f"{name}环路")
    for along, at, place, towards, wall in (
        ("u", block.v0, inner[1], 0, (um, v0)),
        ("u", block.v1, inner[5], 0, (um, v1)),
        ("v", block.u0, inner[7], 1, (u0, vm)),
        ("v", block.u1, inner[3], 1, (u1, vm)),
    ):
        streets.path(place, (um, vm), highway="footway")
        street = streets.nearest(along, at, place[towards])
        if abs(street.at - at) < 0.1 and street.tags["highway"] != "primary":
            streets.path(street.meet(place[towards]), wall, place, highway="footway")
            gates.append(wall)
    land = round((u1 - u0) * (v1 - v0), -1)
    return Site(code, name, services, outline(u0, v0, u1, v1), land, tuple(gates), opened=2003)


def sites(ground: Ground) -> list[Site]:
    """Lay out every area that serves."""
    found = [site for community in COMMUNITIES for site in _hub_sites(ground, community)]
    found += [
        *(
            _school(ground, number, "primary", f"S{number}11", f"{stem}小学", 9800, 810)
            for number, stem in ((1, "清湾"), (3, "石桥"), (5, "东渡"), (6, "新集"), (7, "北岸"), (8, "书院"))
        ),
        _school(ground, 2, "middle", "S211", "清河初级中学", 14500, 1350),
        _school(ground, 9, "middle", "S911", "清河第二初级中学", 14500, 1200),
        _park(ground, 4, "park", "S421", "清河公园", ("park_15", "park_10", "park_5")),
        _park(ground, 8, "garden", "S821", "书院公园", ("park_10", "park_5")),
    ]
    for number, use, code, name, service, wide, high in (
        (4, "park", "S422", "清河公园足球场", "multi_field_large", 90, 45),
        (8, "garden", "S822", "书院公园篮球场", "multi_field_medium", 48, 30),
    ):
        um, vm = _middle(ground.block(number, use))
        box = (um + 22, vm + 16, um + 22 + wide, vm + 16 + high)
        found.append(Site(code, name, (service,), outline(*box), wide * high, ((um + 22, vm + 20),), opened=2010))
    return found


# ── Lists of offices ────────────────────────────────────────────────────────


def _of_community(ground: Ground, community: Community) -> Iterator[Facility]:
    number, stem = community.number, community.stem
    block = ground.block(number, "hub")
    um, vm = _middle(block)
    count = iter(range(1, 99))
    address = f"清河街道{ground.streets.nearest('v', um, vm).tags.get('name') or stem + '路'}{number * 2}号"

    def row(name: str, services: str, du: float, dv: float, **known: object) -> Facility:
        known = {"address": address, "hours": DAY, "opened": 2005 + number} | known
        return Facility(f"F{number}{next(count):02d}", name, tuple(services.split("；")), (um + du, vm + dv), **known)

    station = STATION_M2[number]
    desk = (
        "社区服务站；就业服务窗口；民政与救助服务站；法律援助与人民调解；退役军人服务站；流动人口服务站；"
        "志愿服务站点；公共信息栏；政务自助服务终端"
    )
    yield row(
        f"{stem}社区党群服务中心", desk, -14, 18, floor_m2=station, usable_m2=station * (0.5 if number == 6 else 0.65),
        land_m2=600, staff=4, hours="09:00-16:30" if number == 1 else DAY,
    )  # fmt: skip
    if number == 8:  # the same rooms in the list of another office: they count once
        yield row(f"{stem}社区党群服务中心", "社区学校", -14, 18, floor_m2=station, usable_m2=station * 0.65)
    yield row(f"{stem}社区居民委员会", "居（村）民委员会", -24, 18, floor_m2=60, staff=COMMITTEE_STAFF[number])
    reading = "；图书馆、阅览室" if number % 2 else ""
    yield row(
        f"{stem}文化活动室", "文化活动站；社区学校" + reading, -36, 20, floor_m2=320, hours="09:00-20:30", capacity=120
    )
    yield row(f"{stem}社区警务室", "社区警务室", -46, 14, floor_m2=30, staff=2, hours="全天")
    yield row(
        f"{stem}社区卫生服务站",
        "社区卫生服务站",
        24,
        20,
        floor_m2=110 if number == 8 else 160,
        staff=6,
        hours="08:00-20:00",
    )
    apart = (10.0 - um, -40.0) if number == 7 else (38.0, 20.0)
    meals = "；社区食堂、老年助餐点" if number in {1, 2, 4, 6, 8, 9} else ""
    yield row(
        f"{stem}居家养老服务站", "居家养老服务站；老年活动室" + meals, *apart, floor_m2=300, land_m2=ELDERLY_LAND_M2[number],
        staff=5, capacity=80, hours="08:00-18:00",
    )  # fmt: skip
    later = {"status": "规划", "opened": 2028} if number == 5 else {}
    yield row(f"{stem}老年人日间照料中心", "老年人日间照料中心", 52, 20, floor_m2=400, capacity=30, staff=6, **later)
    if number in {1, 2, 4, 6, 8, 9}:
        yield row(f"{stem}托育园", "托育机构", -60, 26, floor_m2=180 if number == 4 else 360, capacity=60, staff=12)
    if number != 3:
        more = "；儿童托管" if number in {1, 2, 5, 6, 8} else ""
        yield row(f"{stem}儿童之家", "儿童与青少年活动中心" + more, -70, 16, floor_m2=120, capacity=40)
    yield row(f"{stem}微型消防站", "微型消防站；应急物资储备", -8, 34, floor_m2=40, staff=6, hours="全天")
    if number != 9:
        yield row(f"{stem}公共厕所", "公共厕所", 8, -26, floor_m2=45, land_m2=80, hours="全天")
    if number in {2, 5, 8}:
        yield row(f"{stem}垃圾收集站", "生活垃圾收集站", -84, 40, land_m2=150, floor_m2=90, hours="05:00-22:00")
    if number != 1:
        yield row(f"{stem}再生资源回收点", "再生资源回收点", -84, 52, land_m2=8, hours="08:00-18:00")
    yield row(f"{stem}公共停车场", "机动车停车场（库）", 66, 60, land_m2=2400, capacity=90, hours="全天")
    yield row(f"{stem}非机动车停车棚", "非机动车停车场（库）", 70, 36, land_m2=60, capacity=120, hours="全天")
    far = _far_corner(ground, number)
    if number != 2:
        yield row(
            f"{stem}第二幼儿园", "幼儿园", far[0] - um, far[1] - vm, floor_m2=3300, land_m2=5400, capacity=270, staff=34
        )
    if number != 9:
        yield row(
            f"{stem}第二公共厕所", "公共厕所", far[0] - um + 16, far[1] - vm, floor_m2=40, land_m2=70, hours="全天"
        )
    yield row(f"{stem}文化活动室分站", "文化活动站", far[0] - um + 28, far[1] - vm, floor_m2=320, hours="09:00-20:30")
    if number in {1, 4, 6, 8}:
        yield row(f"{stem}慈善超市", "慈善超市", -30, 34, floor_m2=80, hours="09:00-18:00")
    if number in {2, 5, 9}:
        yield row(f"{stem}捐赠接收点", "捐赠接收点", -30, 34, floor_m2=15)
    if number in {3, 6, 8}:
        yield row(f"{stem}残疾人康复站", "助残服务与康复室", 14, 34, floor_m2=90, staff=3)
    if number not in {4, 7}:
        yield row(f"{stem}便民商业中心", "社区商业网点", 20, -14, floor_m2=1500, land_m2=900, hours="08:00-21:00")


def _of_subdistrict(ground: Ground, health_centre: Point) -> Iterator[Facility]:
    square, garden, park = (_middle(ground.block(*one)) for one in ((5, "square"), (8, "garden"), (4, "park")))
    nursing, hub2, hub9 = ground.block(7, "nursing"), _middle(ground.block(2, "hub")), _middle(ground.block(9, "hub"))
    nu, nv = nursing.inside()[0] + 45, (nursing.v0 + nursing.v1) / 2
    table: tuple[tuple[str, str, Point, dict[str, object]], ...] = (
        (
            "清河区政务服务中心",
            "区级社区（政务）服务中心",
            (square[0] - 70, square[1] + 10),
            {"floor_m2": 3200, "land_m2": 2600, "staff": 85},
        ),
        (
            "清河街道社区服务中心",
            "街道社区服务中心；一站式政务服务大厅；社会保险与退休人员服务点",
            (square[0] - 60, square[1] - 24),
            {"floor_m2": 1200, "usable_m2": 860, "land_m2": 900, "staff": 24},
        ),
        (
            "清河街道办事处",
            "街道办事处",
            (square[0] - 60, square[1] - 50),
            {"floor_m2": 1800, "land_m2": 1500, "staff": 60},
        ),
        (
            "清河街道社区卫生服务中心",
            "社区卫生服务中心；计划生育与妇幼保健服务",
            health_centre,
            {"floor_m2": 1500, "land_m2": 1800, "staff": 70, "beds": 30, "hours": "08:00-20:00"},
        ),
        *(
            (
                f"清河街道社区卫生服务中心{stem}分中心",
                "社区卫生服务中心",
                place,
                {"floor_m2": 1750, "land_m2": 1900, "staff": 48, "beds": 20},
            )
            for stem, place in (("清湾", (420.0, 12.0)), ("北岸", (700.0, 1483.0)))
        ),
        ("清河区疾病预防控制中心", "疾病预防控制机构", (hub2[0] - 84, hub2[1] + 60), {"floor_m2": 2000, "staff": 40}),
        (
            "清河街道养老院",
            "养老院",
            (nu, nv + 20),
            {"floor_m2": 8000, "land_m2": 6250, "beds": 250, "staff": 90, "hours": "全天"},
        ),
        (
            "清河老年养护院",
            "老年养护院、护理院",
            (nu, nv - 40),
            {"floor_m2": 4200, "land_m2": 2400, "beds": 120, "staff": 55, "hours": "全天"},
        ),
        ("清河老年大学", "老年大学", (garden[0] - 90, garden[1] - 108), {"floor_m2": 900, "capacity": 300}),
        (
            "清河街道文化活动中心",
            "文化活动中心",
            (square[0] + 64, square[1] + 20),
            {"floor_m2": 3200, "land_m2": 3000, "capacity": 400, "hours": "09:00-21:00"},
        ),
        (
            "清河体育馆",
            "体育场馆、全民健身中心",
            (garden[0] + 70, garden[1] - 108),
            {"floor_m2": 2600, "land_m2": 5200, "hours": "06:30-21:30"},
        ),
        (
            "清河派出所",
            "派出所",
            (hub2[0] - 84, hub2[1] + 74),
            {"floor_m2": 1100, "land_m2": 1000, "staff": 45, "hours": "全天"},
        ),
        ("清河司法所", "司法所", (square[0] + 60, square[1] - 30), {"floor_m2": 240, "staff": 5}),
        ("清河街道社工站", "社工站", (square[0] + 60, square[1] - 48), {"floor_m2": 120, "staff": 6}),
        ("清河街道心理健康服务室", "心理与家庭服务", (square[0] + 70, square[1] - 60), {"floor_m2": 60, "staff": 2}),
        ("清河商场", "商场", (square[0] + 60, square[1] + 56), {"floor_m2": 2800, "hours": "09:30-21:30"}),
        ("清河供电营业厅", "供电、供水、燃气、广电网点", (square[0] - 20, square[1] + 70), {"floor_m2": 160}),
        (
            "清河公园应急避难场所",
            "应急避难场所",
            (park[0] - 40, park[1] - 30),
            {"land_m2": 18000, "capacity": 9000, "hours": "全天"},
        ),
        (
            "书院公园应急避难场所",
            "应急避难场所",
            (garden[0] - 30, garden[1] - 40),
            {"land_m2": 9000, "capacity": 4500, "hours": "全天"},
        ),
        ("清湾菜市场", "菜市场或生鲜超市", _corner(ground, 1), {"floor_m2": 1200, "hours": "06:00-19:00"}),
        ("石桥菜市场", "菜市场或生鲜超市", _corner(ground, 3), {"floor_m2": 900, "hours": "06:00-19:00"}),
        ("新集农贸市场", "菜市场或生鲜超市", _corner(ground, 6), {"floor_m2": 1100, "hours": "06:00-19:00"}),
        ("南营菜市场", "菜市场或生鲜超市", _corner(ground, 4), {"floor_m2": 1000, "hours": "06:00-19:00"}),
        ("北岸菜市场", "菜市场或生鲜超市", _corner(ground, 7), {"floor_m2": 1000, "hours": "06:00-19:00"}),
        ("书院菜市场", "菜市场或生鲜超市", _corner(ground, 8), {"floor_m2": 1000, "hours": "06:00-19:00"}),
        (
            "槐荫老菜市场",
            "菜市场或生鲜超市",
            _corner(ground, 9),
            {"floor_m2": 600, "status": "关闭", "opened": 1994, "closed": 2023},
        ),
        ("槐荫文化礼堂", "殡葬与婚丧喜庆场所", (hub9[0] - 60, hub9[1] - 14), {"floor_m2": 500}),
        ("槐荫供销社", "农资供应与供销社", (hub9[0] - 80, hub9[1] - 14), {"floor_m2": 180}),
    )
    for number, (name, services, place, known) in enumerate(table, start=1):
        usual: dict[str, object] = {"hours": DAY, "opened": 1999 + number % 20}
        yield Facility(f"J{number:02d}", name, tuple(services.split("；")), place, **(usual | known))


def _far_corner(ground: Ground, number: int) -> Point:
    """Return a place beside the largest compound of a community, on a lane."""
    wall = max(
        (one.wall for one in ground.compounds if one.community == number), key=lambda w: (w[2] - w[0]) * (w[3] - w[1])
    )
    return (wall[0] + wall[2]) / 2, (wall[3] + 3 if wall[3] % 700 < 660 else wall[1] - 3)


def _corner(ground: Ground, number: int) -> Point:
    """Return a place on the pavement at the corner of the hub block of a community."""
    u0, v0, _, _ = ground.block(number, "hub").inside()
    return u0 - 2, v0 - 2


def _of_compound(compound: Compound) -> Iterator[Facility]:
    gate = compound.gates[0].place
    u0, v0, u1, v1 = compound.wall
    place = (min(max(gate[0], u0 + 22), u1 - 22), min(max(gate[1], v0 + 22), v1 - 22))
    floor = round(sum(house.floor_m2 for house in compound.houses) * 0.0022)
    yield Facility(
        f"W{compound.code[2:]}", f"{compound.name}物业服务中心", ("物业管理与服务用房",), place, address=compound.name,
        floor_m2=floor, hours="08:00-20:00", opened=compound.year,
    )  # fmt: skip
    yield Facility(
        f"L{compound.code[2:]}", f"{compound.name}垃圾分类投放点", ("生活垃圾收集点",), (place[0] + 9, place[1] + 6),
        address=compound.name, hours="06:00-21:00", opened=2020,
    )  # fmt: skip


BEYOND = tuple(
    (u, v)
    for u in (-1100.0, -550.0, 1200.0, WIDTH + 550.0, WIDTH + 1100.0)
    for v in (-1100.0, -550.0, 400.0, 1700.0, 2650.0)
    if not (0 < u < WIDTH and 0 < v < 2100)
)
"""Centres of the neighbourhoods around the sub-district."""


NEIGHBOURHOOD = (
    "社区服务站；居（村）民委员会；社区商业网点；志愿服务站点；居家养老服务站；机动车停车场（库）；生活垃圾收集点；法律援助与人民调解；"
    "政务自助服务终端；维修点；家政服务网点；美容美发店；微型消防站；应急物资储备；儿童托管；社区卫生服务站；门诊部、诊所；再生资源回收点；"
    "就业服务窗口；民政与救助服务站；退役军人服务站；流动人口服务站；公共信息栏；社区学校；老年活动室；儿童与青少年活动中心；社区警务室；"
    "小型多功能运动场地；儿童、老年人活动场地；物业管理与服务用房；非机动车停车场（库）；洗衣店；充电设施"
)


def _beyond() -> Iterator[Facility]:
    """Tell what serves the neighbourhoods around: people walk across borders."""
    always = ("幼儿园", "老年人日间照料中心", "文化活动站", "室外综合健身场地", "公共厕所", "公园、游园")
    kinds = (*always, "社区食堂、老年助餐点", "托育机构", "菜市场或生鲜超市", "小学", "初中")
    for number, (u, v) in enumerate(BEYOND, start=1):
        for step, kind in enumerate(kinds):
            if step < len(always) or (number + step) % 3 == 0:
                called = kind.split("、")[-1].removesuffix("或生鲜超市")
                name = f"邻近片区{number}号{called}"
                yield Facility(
                    f"X{number:02d}{step}", name, (kind,), (u + 18 + 11 * step, v + 12), address="邻近街道", hours=DAY
                )
        yield Facility(
            f"X{number:02d}",
            f"邻近片区{number}号邻里中心",
            tuple(NEIGHBOURHOOD.split("；")),
            (u - 14, v + 12),
            address="邻近街道",
            hours=DAY,
        )
    for number, (u, v) in enumerate(((-1080.0, 120.0), (1200.0, -1088.0), (1200.0, 3212.0)), start=1):
        yield Facility(
            f"X9{number}",
            f"邻近街道第{number}社区卫生服务中心",
            ("社区卫生服务中心",),
            (u, v),
            address="邻近街道",
            hours=DAY,
        )


def facilities(ground: Ground, health_centre: Point) -> list[Facility]:
    """List every place that offices know."""
    found = [row for community in COMMUNITIES for row in _of_community(ground, community)]
    found += _of_subdistrict(ground, health_centre)
    found += [row for compound in ground.compounds for row in _of_compound(compound)]
    return [*found, *_beyond()]


# ── An online map ───────────────────────────────────────────────────────────

SHOPS = (
    # Name, Amap's typecode, how many in each community, or in which communities.
    ("药房", "090601", (*range(1, 10), *range(1, 10), 2, 6)),
    ("超市", "060400", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 4, 6, 7)),
    ("便利店", "060200", tuple(range(1, 10)) * 3),
    ("面馆", "050100", tuple(range(1, 10)) * 2),
    ("早餐店", "050300", tuple(range(1, 10))),
    ("理发店", "071100", tuple(range(1, 10))),
    ("洗衣店", "071500", (1, 2, 4, 5, 6, 8)),
    ("维修点", "071200", (1, 3, 4, 6, 7, 9)),
    ("家政服务部", "070000", (2, 5, 6, 8)),
    ("图文打印店", "071300", (1, 5, 8, 9)),
    ("快递驿站", "070500", tuple(range(1, 10)) * 2),
    ("银行", "160100", (1, 2, 5, 6, 9)),
    ("电信营业厅", "070600", (2, 5, 8)),
    ("邮政支局", "070400", (3, 5)),
    ("健身房", "080111", (2, 5, 6)),
    ("口腔门诊部", "090300", (1, 5, 6, 8)),
    ("充电站", "011100", (1, 4, 5, 6, 9)),
)


def pois(ground: Ground, chance: random.Random) -> list[Poi]:
    """Put shops along the lanes of the communities and the roads around them, stops along the main streets."""
    found: list[Poi] = []
    stems = {community.number: community.stem for community in COMMUNITIES}

    def put(name: str, typecode: str, place: Point) -> None:
        found.append(Poi(f"P{len(found) + 1:04d}", name, typecode, place))

    def lanes(number: int) -> list[tuple[str, float, float, float]]:
        stem = stems[number]
        return [
            (one.along, one.at, one.first, one.last)
            for one in ground.streets.straight
            if one.tags.get("name", "").startswith(stem) and one.tags["highway"] == "residential"
        ]

    taken: dict[str, int] = {}
    for kind, typecode, communities in SHOPS:
        for number in communities:
            along, at, first, last = chance.choice(lanes(number))
            position, side = round(chance.uniform(first + 20, last - 20), 1), chance.choice((-7.0, 7.0))
            place = (position, at + side) if along == "u" else (at + side, position)
            taken[f"{stems[number]}{kind}"] = again = taken.get(f"{stems[number]}{kind}", 0) + 1
            put(f"{stems[number]}{'' if again == 1 else ('第二', '第三')[again - 2]}{kind}", typecode, place)
        for number, (u, v) in enumerate(BEYOND, start=1):
            if (number + len(kind)) % 2 and kind in {"药房", "超市", "便利店", "银行", "快递驿站", "面馆"}:
                put(f"邻近片区{number}号{kind}", typecode, (u + 20 + 9 * (len(found) % 9), v - 10))
    for u, v, name in _STOPS:
        put(f"{name}公交站", "150702", (u, v))
    put("地铁清河大道站A口", "150501", (826.0, 716.0))
    put("地铁清河大道站B口", "150501", (774.0, 684.0))
    return found


_STOPS = tuple(
    (u, v + side, f"{name}{'北' if side > 0 else '南'}侧")
    for u, v, name in (
        *(
            (400.0, 700.0, "文昌路西"),
            (1200.0, 700.0, "文昌路中"),
            (2000.0, 700.0, "文昌路东"),
            (400.0, 0.0, "南环路西"),
        ),
        *(
            (1200.0, 0.0, "南环路中"),
            (2000.0, 0.0, "南环路东"),
            (400.0, 1470.0, "滨河北路西"),
            (1200.0, 1470.0, "滨河北路中"),
        ),
        *(
            (2000.0, 1470.0, "滨河北路东"),
            (1200.0, 2100.0, "北环路中"),
            (-825.0, 700.0, "城西"),
            (3225.0, 700.0, "城东"),
        ),
        *(
            (400.0, 1330.0, "滨河南路西"),
            (1200.0, 1330.0, "滨河南路中"),
            (2000.0, 1330.0, "滨河南路东"),
            (2000.0, 2100.0, "北环路东"),
        ),
    )
    for side in (-10.0, 10.0)
) + tuple(
    (u + side, v, f"{name}{'东' if side > 0 else '西'}侧")
    for u, name in ((0.0, "西环路"), (800.0, "清河大道"), (1600.0, "东渡路"), (2400.0, "东环路"))
    for v, name in ((350.0, f"{name}南"), (1010.0, f"{name}中"), (1790.0, f"{name}北"))
    for side in ((-18.0, 18.0) if u == 800.0 else (-10.0, 10.0))
)


# ── The estate whose gate faces the wrong way ───────────────────────────────


def estate_of(ground: Ground) -> Compound:
    """Return the estate that only one gate, on its far side, leads out of."""
    return next(one for one in ground.compounds if one.name == ESTATE_NAME)


def new_gate(estate: Compound) -> tuple[Point, Point]:
    """Return where a gate in the south wall would be, and the place of 文昌路 before it."""
    u0, v0, _, _ = estate.wall
    return (u0 + 150, v0), (u0 + 150, 700.0)
