"""The ground of the made-up sub-district: streets, river, blocks, walled compounds, gates and houses.

Everything is laid out on a plan, `u` metres to the east and `v` metres to the north, whose streets are straight. `on_the_map` turns the
plan a little and bends it, so that the result looks like a place that grew, and puts it where nobody lives: on the open water of Qinghai
Lake.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx
import pyproj
import shapely

CENTRE_LON, CENTRE_LAT = 100.33, 36.80
"""On the open water of Qinghai Lake (青海湖): no street, house or person is here."""
GAUSS_KRUEGER = "EPSG:4542"
"""CGCS2000, 3-degree zone with central meridian 99° E, without the number of the zone in its eastings."""
GAUSS_KRUEGER_ZONED = "EPSG:4521"
"""The same with the number of the zone, 33, before its eastings."""
WIDTH, HEIGHT = 2400.0, 2100.0
OUTSKIRTS = 1700.0
"""How far streets go on beyond the sub-district."""
SOUTH_BANK, NORTH_BANK = 1330.0, 1470.0
RIVER = 1400.0
AVENUES = (0.0, 800.0, 1600.0, 2400.0)
ROWS = ((0.0, 700.0), (700.0, SOUTH_BANK), (NORTH_BANK, 2100.0))
BRIDGES = (800.0, 1600.0)
TURN_DEGREES = 6.0

Point = tuple[float, float]
_TO_DEGREES = pyproj.Transformer.from_crs(GAUSS_KRUEGER, "EPSG:4490", always_xy=True)
_ORIGIN = pyproj.Transformer.from_crs("EPSG:4490", GAUSS_KRUEGER, always_xy=True).transform(CENTRE_LON, CENTRE_LAT)


def on_the_map(u: float, v: float) -> Point:
    """Return easting and northing, in metres of `GAUSS_KRUEGER`, of a place on the plan."""
    bent_u = u - WIDTH / 2 + 20 * math.sin(2 * math.pi * v / 1900)
    bent_v = v - HEIGHT / 2 + 16 * math.sin(2 * math.pi * u / 2300)
    turn = math.radians(TURN_DEGREES)
    return (
        _ORIGIN[0] + bent_u * math.cos(turn) - bent_v * math.sin(turn),
        _ORIGIN[1] + bent_u * math.sin(turn) + bent_v * math.cos(turn),
    )


def degrees(place: Point) -> Point:
    """Return longitude and latitude (CGCS2000) of a place on the plan, to a centimetre."""
    lon, lat = _TO_DEGREES.transform(*on_the_map(*place))
    return round(lon, 7), round(lat, 7)


def outline(u0: float, v0: float, u1: float, v1: float) -> shapely.Polygon:
    """Return a rectangle of the plan with a corner every 60 m, so that its sides bend with the streets."""
    return shapely.segmentize(shapely.box(u0, v0, u1, v1), 60)


def drawn(shape: shapely.Geometry, *, in_degrees: bool = True) -> shapely.Geometry:
    """Return a shape of the plan on the map, in degrees or in metres with the number of the zone."""
    if in_degrees:
        return shapely.transform(shape, lambda xy: [degrees((u, v)) for u, v in xy])
    return shapely.transform(
        shape, lambda xy: [(round(x + 33e6, 2), round(y, 2)) for x, y in (on_the_map(u, v) for u, v in xy)]
    )


# ── Streets ─────────────────────────────────────────────────────────────────


@dataclass
class Street:
    """A straight street of the plan, along u (east–west) or v (north–south), with the places where something meets it."""

    along: str
    at: float
    first: float
    last: float
    tags: dict[str, str]
    stops: set[float] = field(default_factory=set)

    def place(self, position: float) -> Point:
        """Return a place of the street on the plan."""
        return (round(position, 2), self.at) if self.along == "u" else (self.at, round(position, 2))

    def holds(self, position: float) -> bool:
        """Whether the street comes this way."""
        return self.first - 0.01 <= position <= self.last + 0.01

    def meet(self, position: float) -> Point:
        """Return the place where something meets it, which becomes a node."""
        self.stops.add(round(position, 2))
        return self.place(position)


@dataclass
class Streets:
    """All streets, paths and what stands on their nodes."""

    straight: list[Street] = field(default_factory=list)
    paths: list[tuple[list[Point], dict[str, str]]] = field(default_factory=list)
    marks: dict[Point, dict[str, str]] = field(default_factory=dict)

    def add(self, along: str, at: float, first: float, last: float, **tags: str) -> Street:
        """Lay a straight street."""
        street = Street(along, at, first, last, tags)
        street.stops |= {first, last}
        self.straight.append(street)
        return street

    def path(self, *places: Point, **tags: str) -> None:
        """Lay a path by these places; it meets a street where it shares a node with it."""
        self.paths.append(([(round(u, 2), round(v, 2)) for u, v in places], tags))

    def nearest(self, along: str, at: float, position: float) -> Street:
        """Return the street of this direction nearest to a line of the plan, at a position along it."""
        there = [street for street in self.straight if street.along == along and street.holds(position)]
        return min(there, key=lambda street: abs(street.at - at))

    def ways(self) -> Iterator[tuple[list[Point], dict[str, str]]]:
        """Return every way with its nodes, streets cut where they become bridges."""
        for street in self.straight:
            stops = sorted(street.stops)
            bridge = street.along == "v" and street.at in BRIDGES
            for first, last in pairwise(stops):
                over = bridge and abs((first + last) / 2 - RIVER) < RIVER - SOUTH_BANK
                pieces = max(1, math.ceil((last - first) / 70))
                between = [street.place(first + (last - first) * k / pieces) for k in range(pieces + 1)]
                yield between, street.tags | ({"bridge": "yes", "layer": "1"} if over else {})
        yield from self.paths

    def graph(self) -> nx.Graph:
        """Return the streets as a graph whose edges carry metres on the ground."""
        graph = nx.Graph()
        for places, _ in self.ways():
            for one, other in pairwise(places):
                graph.add_edge(one, other, metres=math.dist(on_the_map(*one), on_the_map(*other)))
        return graph

    def join_crossing(self, some: Sequence[Street] | None = None) -> None:
        """Make nodes where straight streets, all or some, cross or meet; bridges only meet at their ends."""
        here = self.straight if some is None else some
        for one in here:
            for other in here:
                if one.along == "u" and other.along == "v" and one.holds(other.at) and other.holds(one.at):
                    one.meet(other.at)
                    other.meet(one.at)


def _main_streets(streets: Streets) -> None:
    kinds = {
        0.0: ("secondary", "西环路", {}),
        800.0: ("primary", "清河大道", {"lanes": "6"}),
        1600.0: ("secondary", "东渡路", {"lanes": "2"}),
        2400.0: ("secondary", "东环路", {"lanes": "2"}),
    }
    low, high = -OUTSKIRTS, HEIGHT + OUTSKIRTS
    for at, (highway, name, more) in kinds.items():
        for first, last in ((low, high),) if at in BRIDGES else ((low, SOUTH_BANK), (NORTH_BANK, high)):
            streets.add("v", at, first, last, highway=highway, name=name, **more)
    for at, highway, name in (
        (0.0, "tertiary", "南环路"),
        (700.0, "secondary", "文昌路"),
        (SOUTH_BANK, "tertiary", "滨河南路"),
        (NORTH_BANK, "tertiary", "滨河北路"),
        (2100.0, "tertiary", "北环路"),
    ):
        streets.add("u", at, low, WIDTH + OUTSKIRTS, highway=highway, name=name)
    for number, step in enumerate((550.0, 1100.0, 1650.0), start=1):
        for at in (-step, WIDTH + step):
            for first, last in ((low, SOUTH_BANK), (NORTH_BANK, high)):
                streets.add("v", at, first, last, highway="unclassified", name=f"郊{number}路")
        for at in (-step, HEIGHT + step):
            streets.add("u", at, low, WIDTH + OUTSKIRTS, highway="unclassified", name=f"外{number}街")


def _riverside(streets: Streets) -> None:
    """Lay the promenade below the south bank, with stairs up to the street; it passes under the bridges."""
    walk = 1352.0
    stairs = (90.0, 450.0, 760.0, 1010.0, 1330.0, 1560.0, 1890.0, 2280.0)
    bank = streets.nearest("u", SOUTH_BANK, 1000.0)
    streets.path(*((u, walk) for u in stairs), highway="footway", name="清河步道")
    for number, u in enumerate(stairs):
        ramp = number % 4 == 1
        kind = {"highway": "footway", "name": "无障碍坡道"} if ramp else {"highway": "steps", "name": "滨河台阶"}
        streets.path(bank.meet(u), (u, walk), **kind)


# ── Blocks ──────────────────────────────────────────────────────────────────


@dataclass
class Block:
    """Ground between streets: cells of a community, and what is on them."""

    community: int
    use: str
    u0: float
    v0: float
    u1: float
    v1: float

    def inside(self, inset: float = 0.0) -> tuple[float, float, float, float]:
        """Return its outline within the pavements, less an inset."""
        left, right = (24.0 if at == 800.0 else 15.0 if at in AVENUES else 9.0 for at in (self.u0, self.u1))
        low, high = (15.0 if at in {0, 700, SOUTH_BANK, NORTH_BANK, 2100} else 9.0 for at in (self.v0, self.v1))
        return (self.u0 + left + inset, self.v0 + low + inset, self.u1 - right - inset, self.v1 - high - inset)


LAYOUT = {
    # Cells (first column, first row, columns, rows) of a grid of 3 × 3; what is not named is a walled compound.
    1: "hub 1 1 1 1; home 0 0 1 1; home 1 0 1 1; primary 2 0 1 1; home 0 1 1 2; home 2 1 1 1; home 1 2 2 1",
    2: "hub 1 1 1 1; home 0 0 2 1; home 2 0 1 1; home 0 1 1 1; home 2 1 1 1; middle 0 2 1 1; home 1 2 1 1; home 2 2 1 1",
    3: "hub 1 1 1 1; home 0 0 1 1; home 1 0 1 1; home 2 0 1 2; home 0 1 1 1; primary 0 2 1 1; home 1 2 2 1",
    4: "hub 1 0 1 1; home 0 0 1 1; home 2 0 1 1; home 0 1 1 1; home 1 1 1 1; home 2 1 1 2; park 0 2 2 1",
    5: "hub 1 1 1 1; primary 0 0 1 1; home 1 0 1 1; home 2 0 1 1; home 0 1 1 2; home 2 1 1 1; square 1 2 1 1; home 2 2 1 1",
    6: "hub 0 1 1 1; home 0 0 1 1; estate 1 0 2 1; home 1 1 1 1; primary 2 1 1 1; home 0 2 1 1; home 1 2 2 1",
    7: "hub 1 1 1 1; home 0 0 2 1; primary 2 0 1 1; home 0 1 1 1; home 2 1 1 2; nursing 0 2 1 1; home 1 2 1 1",
    8: "hub 1 1 1 1; home 0 0 1 2; home 1 0 1 1; home 2 0 1 1; primary 2 1 1 1; garden 0 2 1 1; home 1 2 1 1; home 2 2 1 1",
    9: "hub 1 1 1 1; middle 0 0 1 1; home 1 0 2 1; home 0 1 1 1; home 2 1 1 1; home 0 2 1 1; home 1 2 1 1; home 2 2 1 1",
}
"""What each community is made of. `primary`, `middle` and `nursing` share their block with a smaller compound."""


def _blocks(streets: Streets, chance: random.Random) -> list[Block]:
    """Cut the communities into blocks, with a street between any two of them."""
    blocks: list[Block] = []
    for community, layout in LAYOUT.items():
        row, column = divmod(community - 1, 3)
        u_ends, v_ends = AVENUES[column : column + 2], ROWS[row]
        us, vs = (_cuts(*ends, chance) for ends in (u_ends, v_ends))
        owner = {}
        for one in layout.split(";"):
            use, *cells = one.split()
            a, b, wide, high = map(int, cells)
            owner |= {(x, y): len(blocks) for x in range(a, a + wide) for y in range(b, b + high)}
            blocks.append(Block(community, use, us[a], vs[b], us[a + wide], vs[b + high]))
        name = iter(_LANE_NAMES[community - 1])
        for along, cuts, ends in (("v", us, vs), ("u", vs, us)):
            for line in (1, 2):
                cell = [((line, k), (line - 1, k)) if along == "v" else ((k, line), (k, line - 1)) for k in range(3)]
                there = [owner[one] != owner[other] for one, other in cell]
                called = next(name)
                for first, last in _runs(there):
                    streets.add(along, cuts[line], ends[first], ends[last], highway="residential", name=called)
    return blocks


_LANE_NAMES = [
    [f"{stem}{kind}" for kind in ("一巷", "二巷", "前街", "后街")]
    for stem in ("清湾", "柳园", "石桥", "南营", "东渡", "新集", "北岸", "书院", "槐荫")
]


def _cuts(first: float, last: float, chance: random.Random) -> list[float]:
    third = (last - first) / 3
    cuts = [round(first + third * k + chance.uniform(-0.11, 0.11) * third, 1) for k in (1, 2)]
    return [first, *cuts, last]


def _runs(there: Iterable[bool]) -> list[tuple[int, int]]:
    """Return where runs of True begin and end."""
    runs: list[tuple[int, int]] = []
    for k, is_there in enumerate(there):
        if is_there and runs and runs[-1][1] == k:
            runs[-1] = (runs[-1][0], k + 1)
        elif is_there:
            runs.append((k, k + 1))
    return runs


# ── Compounds ───────────────────────────────────────────────────────────────


@dataclass
class Gate:
    """A gate in the wall, who may pass and when."""

    place: Point
    who: str
    hours: str


@dataclass
class House:
    """A house of a compound: its corners on the plan and its levels."""

    box: tuple[float, float, float, float]
    levels: int

    @property
    def floor_m2(self) -> float:
        """Gross floor area."""
        u0, v0, u1, v1 = self.box
        return (u1 - u0) * (v1 - v0) * self.levels


@dataclass
class Compound:
    """A walled compound: its wall on the plan, its gates and houses, and whether strangers walk through, as in old 新村."""

    code: str
    name: str
    community: int
    wall: tuple[float, float, float, float]
    estate: bool
    year: int
    through: bool
    gates: list[Gate] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)


_NAMES = (
    *("清河", "柳岸", "石桥", "和园", "兰亭", "翠苑", "春晓", "秋实", "锦绣", "安居", "康宁", "金桂"),
    *("银杏", "香樟", "梧桐", "青松", "紫薇", "海棠", "芙蓉", "玉兰", "书香", "文昌", "东苑", "西苑"),
    *("南苑", "北苑", "水岸", "望河", "听涛", "临江", "福禄", "吉祥", "如意", "长乐", "永安", "丰泽"),
    *("明珠", "阳光", "星辰", "月湾", "云锦", "霞光", "朝阳", "晨曦", "新华", "建设", "工农", "前进"),
    *("光明", "和平", "幸福", "团结", "胜利", "民主", "复兴", "兴业"),
)
_KINDS = ((1988, "新村", 6), (1998, "小区", 6), (2006, "花园", 11), (2013, "家园", 17), (2018, "雅居", 24))
SPLIT = 0.4
"""What part of a shared block its school or nursing home has."""
ESTATE_NAME = "清河锦园"


def _compounds(streets: Streets, blocks: list[Block], chance: random.Random) -> list[Compound]:
    compounds: list[Compound] = []
    names = iter(_NAMES)
    for block in blocks:
        u0, v0, u1, v1 = block.inside()
        if block.use in {"primary", "middle", "nursing"}:
            u0 = round(u0 + SPLIT * (u1 - u0), 1)
        elif block.use not in {"home", "estate"}:
            continue
        year, kind, levels = _KINDS[chance.choices(range(5), (3, 4, 4, 3, 2))[0]]
        estate = block.use == "estate"
        name = ESTATE_NAME if estate else next(names) + kind
        through = kind == "新村" and not estate
        built = year + chance.randrange(6)
        one = Compound(f"QH{len(compounds) + 1:03d}", name, block.community, (u0, v0, u1, v1), estate, built, through)
        ring = (u0 + 30, v0 + 30, u1 - 30, v1 - 30)
        before = len(streets.paths)
        laid = _lay_ring(streets, ring)
        _set_gates(streets, one, ring, chance)
        ways_in = [shapely.LineString(places) for places, _ in streets.paths[before:]]
        inner = [shapely.LineString([lane.place(lane.first), lane.place(lane.last)]) for lane in laid]
        lanes = shapely.union_all([*inner, *ways_in]).buffer(5)
        houses = _houses(one, ring, levels, lanes, chance)
        garden = u0 + 0.8 * (u1 - u0) if estate else u1  # the estate has a garden behind its gate
        one.houses = [house for house in houses if house.box[2] <= garden]
        compounds.append(one)
    return compounds


def _lay_ring(streets: Streets, ring: tuple[float, float, float, float]) -> list[Street]:
    """Lay the lane that leads around inside a compound, and one across where it is long."""
    u0, v0, u1, v1 = ring
    across = [("v", (u0 + u1) / 2, v0, v1)] if u1 - u0 > 230 else []
    across += [("u", (v0 + v1) / 2, u0, u1)] if v1 - v0 > 230 else []
    lanes = []
    for along, at, first, last in (("u", v0, u0, u1), ("u", v1, u0, u1), ("v", u0, v0, v1), ("v", u1, v0, v1), *across):
        lanes.append(
            streets.add(along, round(at, 2), round(first, 2), round(last, 2), highway="service", service="driveway")
        )
    streets.join_crossing(lanes)
    return lanes


def _set_gates(
    streets: Streets, compound: Compound, ring: tuple[float, float, float, float], chance: random.Random
) -> None:
    """Open one to three gates towards streets that may be walked along, never towards the avenue of six lanes."""
    u0, v0, u1, v1 = compound.wall
    sides = {"south": ("u", v0, -12.0), "north": ("u", v1, 12.0), "west": ("v", u0, -12.0), "east": ("v", u1, 12.0)}
    open_sides = []
    for side, (along, at, outward) in sides.items():
        middle = (u0 + u1) / 2 if along == "u" else (v0 + v1) / 2
        street = streets.nearest(along, at + outward, middle)
        if abs(street.at - at) < 30 and street.tags["highway"] not in {"primary", "service"}:
            open_sides.append((side, street))
    if compound.estate:
        chosen = [next(one for one in open_sides if one[0] == "north")]
    else:
        chosen = chance.sample(open_sides, min(len(open_sides), chance.choices((1, 2, 3, 4), (1, 3, 6, 6))[0]))
    for number, (side, street) in enumerate(chosen):
        along, at, _ = sides[side]
        first, last = (ring[0], ring[2]) if along == "u" else (ring[1], ring[3])
        share = 0.96 if compound.estate else chance.uniform(0.3, 0.7)
        position = round(first + share * (last - first), 2)
        on_ring = ring[{"south": 1, "north": 3, "west": 0, "east": 2}[side]]
        lane = min(
            (
                one
                for one in streets.straight
                if one.along == along and abs(one.at - on_ring) < 0.02 and one.holds(position)
            ),
            key=lambda one: abs(one.first - first),
        )
        wall = (position, round(at, 2)) if along == "u" else (round(at, 2), position)
        streets.path(street.meet(position), wall, lane.meet(position), highway="service", service="driveway")
        kept = number > 0 and chance.random() < 0.4
        who, hours = ("居民", "06:00-22:00") if kept else ("所有人", chance.choice(("全天", "全天", "05:30-23:30")))
        compound.gates.append(Gate(wall, who, hours))


def _houses(
    compound: Compound,
    ring: tuple[float, float, float, float],
    levels: int,
    lanes: shapely.Geometry,
    chance: random.Random,
) -> Iterator[House]:
    """Put rows of slabs on either side of the lane, some places left free, and none across a way in."""
    u0, v0, u1, v1 = compound.wall
    length, depth = (46.0, 12.0) if levels < 15 else (32.0, 17.0)
    apart = 26.0 if levels < 15 else 40.0
    rows = [
        (v0 + 9, u0 + 9, u1 - 9),
        *((v, ring[0] + 9, ring[2] - 9) for v in _steps(ring[1] + 9, ring[3] - 9, depth, apart)),
    ]
    rows.append((v1 - 9 - depth, u0 + 9, u1 - 9))
    places = [(u, v) for v, first, last in rows for u in _steps(first, last, length, 16)]
    for u, v in places:
        box = (round(u + chance.uniform(-3, 3), 1), round(v, 1))
        house = (*box, round(box[0] + length, 1), round(box[1] + depth, 1))
        if chance.random() > 0.05 and not shapely.box(*house).intersects(lanes):
            yield House(house, max(3, levels + (chance.choice((-1, 0, 0, 1)) if levels > 6 else 0)))


def _steps(first: float, last: float, size: float, apart: float) -> list[float]:
    """Return where things of a size begin that fill a length, spread evenly, at least so far apart."""
    count = int((last - first + apart) // (size + apart))
    gap = (last - first - count * size) / max(count - 1, 1)
    return [first + k * (size + gap) for k in range(count)]


def _lay_square(streets: Streets, block: Block) -> None:
    """Pave a square, walked all over, and join it to the streets around."""
    u0, v0, u1, v1 = block.inside()
    um, vm = round((u0 + u1) / 2, 1), round((v0 + v1) / 2, 1)
    sides = {"south": (um, vm - 36), "east": (um + 48, vm), "north": (um, vm + 36), "west": (um - 48, vm)}
    corners = [(um + du, vm + dv) for du, dv in ((-48, -36), (48, -36), (48, 36), (-48, 36))]
    ring = [place for pair in zip(corners, sides.values(), strict=True) for place in pair]
    streets.path(*ring, ring[0], highway="pedestrian", area="yes", name="清河广场")
    for side, place in sides.items():
        along, at = {
            "south": ("u", block.v0),
            "north": ("u", block.v1),
            "west": ("v", block.u0),
            "east": ("v", block.u1),
        }[side]
        street = streets.nearest(along, at, place[0] if along == "u" else place[1])
        streets.path(street.meet(place[0] if along == "u" else place[1]), place, highway="footway")


# ── All together ────────────────────────────────────────────────────────────


@dataclass
class Ground:
    """Everything that can be seen on the ground."""

    streets: Streets
    blocks: list[Block]
    compounds: list[Compound]
    communities: dict[int, shapely.Polygon]

    def block(self, community: int, use: str) -> Block:
        """Return the block of a community with this use."""
        return next(one for one in self.blocks if (one.community, one.use) == (community, use))


def lay_out(chance: random.Random) -> Ground:
    """Lay out streets, blocks and compounds."""
    streets = Streets()
    _main_streets(streets)
    streets.join_crossing()
    _riverside(streets)
    blocks = _blocks(streets, chance)
    streets.join_crossing()
    for v in (180.0, 520.0, 980.0, 1790.0):  # zebras between the junctions of the avenue
        streets.marks[streets.nearest("v", 800.0, v).meet(v)] = {"highway": "crossing", "crossing": "marked"}
    for u in AVENUES:
        for v in (0.0, 700.0, SOUTH_BANK, NORTH_BANK, 2100.0):
            streets.marks[u, v] = {"highway": "traffic_signals", "crossing": "traffic_signals"}
    compounds = _compounds(streets, blocks, chance)
    _lay_square(streets, next(one for one in blocks if one.use == "square"))
    lines = (0.0, 700.0, RIVER, HEIGHT)
    communities = {
        number: outline(
            AVENUES[(number - 1) % 3],
            lines[(number - 1) // 3],
            AVENUES[(number - 1) % 3 + 1],
            lines[(number - 1) // 3 + 1],
        )
        for number in LAYOUT
    }
    return Ground(streets, blocks, compounds, communities)
