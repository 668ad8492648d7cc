"""Studies of tiny towns for diagnosis: the walker makes 1 m/s, so a metre is a second, and residents are powers of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

import town as t
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.cause import causes
from livingcircle.kernel.compound import Walled, walled
from livingcircle.kernel.edge import seconds_to_cut
from livingcircle.kernel.gap import gap_areas, gap_members
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.remedy import diagnosed
from livingcircle.kernel.sides import with_sides
from livingcircle.model.columns import FloatArray
from livingcircle.model.compound import Compounds, Gates, Passage, no_walls
from livingcircle.model.diagnosis import Cause, Causes, GapDiagnosis, GapMembers
from livingcircle.model.network import Road, StreetEdges
from livingcircle.model.outcome import GapAreas
from livingcircle.model.places import Candidates, Districts, Facilities, Homes
from livingcircle.model.standard import Citation, Requirement, ServiceType, Standard, Words
from livingcircle.model.study import Study
from livingcircle.model.walker import Walker

Point = tuple[float, float]
WALKER = Walker("all", Words("居民", "residents"), 1.0)
GRID = t.grid_streets(6, 6)
NOON = 12 * 60.0
SERVICES = tuple(ServiceType(name, Words(name, name), ()) for name in ("clinic", "school"))


def texts(*values: object) -> np.ndarray:
    """Make a column of objects."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def requirement(service: str, limit_seconds: float) -> Requirement:
    """Ask for a service within some seconds."""
    cited = Citation("D", "Document", "1", "", "read_in_full")
    return Requirement(f"{service}_{limit_seconds:g}", service, limit_seconds, 0.9, cited)


CLINIC_300 = requirement("clinic", 300.0)


def gates(*xy: Point) -> Gates:
    """Make gates open to everyone."""
    count = len(xy)
    nan = np.full(count, np.nan)
    who = np.full(count, Passage.EVERYONE, np.int8)
    return Gates(np.array(xy, float).reshape(-1, 2), who, nan, nan.copy(), np.full(count, -1, np.int32))


def estate(
    *open_at: Point, streets: StreetEdges = GRID, shape: shapely.Polygon | None = None
) -> tuple[Walled, Compounds]:
    """Wall in the block around (200, 200), with some gates."""
    shape = shapely.box(110, 110, 290, 290) if shape is None else shape
    name = texts("锦绣苑")
    compounds = Compounds(name, name.copy(), texts(shape), np.array([False]))
    return walled(streets, compounds, gates(*open_at), "one_gate", NOON), compounds


def facilities(clinics: Sequence[Point], schools: Sequence[Point] = ()) -> Facilities:
    """Make facilities, those of the first service first."""
    xy = np.array([*clinics, *schools], float).reshape(-1, 2)
    serves = np.zeros((len(xy), 2), bool)
    serves[: len(clinics), 0] = serves[len(clinics) :, 1] = True
    names = texts(*(f"place/{number}" for number in range(len(xy))))
    return Facilities.plain(ids=names, names=names.copy(), xy=xy, geometry=_points(xy), serves=serves)


def candidates(*xy: Point, floor_m2: float = np.nan, cost: Sequence[float] | None = None) -> Candidates:
    """Make candidates; with a floor area they are stock."""
    at = np.array(xy, float).reshape(-1, 2)
    names = texts(*(f"stock/{number}" for number in range(len(at))))
    price = np.full(len(at), np.nan) if cost is None else np.array(cost, float)
    return Candidates(names, names.copy(), at, _points(at), price, np.full(len(at), floor_m2))


def districts(*shapes: shapely.Polygon) -> Districts:
    """Make districts of one level."""
    names = texts(*(f"district {number}" for number in range(len(shapes))))
    level = texts(*["community"] * len(shapes))
    return Districts(names, names.copy(), texts(*shapes), level, np.full(len(shapes), -1, np.int32))


def study(
    streets: StreetEdges | Walled,
    homes: Homes | Sequence[Point],
    places: Facilities,
    requirements: Sequence[Requirement],
    *,
    walker: Walker = WALKER,
    cap_metres: float = 300.0,
    listed: Candidates | None = None,
    units: Districts | None = None,
    compounds: Compounds | None = None,
) -> Study:
    """Join homes and facilities to the streets, as loading does."""
    walls = streets.walls if isinstance(streets, Walled) else no_walls()
    bare = streets.streets if isinstance(streets, Walled) else streets
    bare = with_sides(bare) if walker.wide_roads == "crossings" else bare
    network, _ = build_network(with_lanes(bare), 1)
    people = homes if isinstance(homes, Homes) else t.homes(homes)
    stock, parts = listed or candidates(), units or districts()
    return Study(
        title=Words("试验", "Test"),
        crs=t.CRS,
        walker=walker,
        network=network,
        homes=people,
        facilities=places,
        candidates=stock,
        districts=parts,
        home_anchors=join_points(people.xy, network, cap_metres, walls=walls),
        facility_anchors=join_areas(places.geometry, network, cap_metres, walls=walls),
        candidate_anchors=join_areas(stock.geometry, network, cap_metres, walls=walls),
        standard=Standard("s", Words("标准", "Standard"), "1", Words("", ""), SERVICES, tuple(requirements)),
        warnings=(),
        attribution=(),
        inputs=(),
        walls=walls,
        compounds=compounds,
    )


def walks(one: Study) -> FloatArray:
    """Search in full."""
    walk = walker_impedance(one.network, one.walker, one.grades)
    return reach_nearest(
        one.network, walk, one.home_anchors, one.facility_anchors, one.facilities.serves
    ).seconds  # fmt: skip


def found(one: Study) -> Causes:
    """Find the causes."""
    walk = walker_impedance(one.network, one.walker, one.grades)
    return causes(one, walks(one), seconds_to_cut(one.network, walk, one.home_anchors, one.homes.xy))


def cause_of(one: Study, home: int = 0, asked: int = 0) -> Cause | None:
    """Return the cause of one home, None where it is covered."""
    rows = found(one)
    (mine,) = np.nonzero((rows.home == home) & (rows.requirement == asked))
    assert len(mine) <= 1
    return Cause(rows.cause[mine[0]]) if len(mine) else None


def gaps_of(one: Study) -> tuple[GapAreas, GapMembers, GapDiagnosis]:
    """Draw the gap areas and say what closes them."""
    seconds, ids = walks(one), tuple(service.id for service in SERVICES)
    there = one.facilities.serves[one.facility_anchors.joined].any(axis=0)
    areas = gap_areas(seconds, one.homes, one.standard.requirements, ids, there)
    members = gap_members(areas, seconds, one.homes, one.standard.requirements, ids)
    return areas, members, diagnosed(one, areas, members, found(one), seconds)


def newly_covered(before: Study, after: Study, asked: int = 0) -> float:
    """Return the residents a change brings within a requirement's limit, by two full runs."""
    rule = before.standard.requirements[asked]
    service = [one.id for one in SERVICES].index(rule.service)
    now, then = (walks(one)[service] <= rule.limit_seconds for one in (after, before))
    return float(before.homes.residents[now & ~then].sum())


def with_facility(one: Study, at: Point) -> Study:
    """Open a clinic."""
    more = facilities([(float(x), float(y)) for x, y in one.facilities.xy] + [at])
    joined = join_areas(more.geometry, one.network, 300.0, walls=one.walls)
    return replace(one, facilities=more, facility_anchors=joined)


def wide_road() -> StreetEdges:
    """Lay a wide road of 800 m along y = 100; a lane ends at it from the south at x = 300, another from the north at x = 400."""
    road = [((x, 100.0), (x + 100.0, 100.0)) for x in np.arange(0.0, 800.0, 100.0)]
    streets = t.streets([*road, ((300.0, 0.0), (300.0, 100.0)), ((400.0, 100.0), (400.0, 200.0))])
    wide = np.arange(len(streets)) < len(road)
    return replace(streets, wide=wide, road=np.where(wide, Road.PRIMARY, Road.NONE).astype(np.int8))


def _points(xy: FloatArray) -> np.ndarray:
    return np.asarray(shapely.points(xy), object).reshape(-1)
