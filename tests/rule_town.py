"""A town of two communities and one sub-district for rules, as arrays: no streets are searched, walks are given.

Community A (0 to 1,000 m east) holds homes 0 and 1, community B (1,000 to 2,000 m) holds homes 2 and 3; both are part of sub-district S.
Residents are 100, 200, 400 and 800, households half of that.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.judge import rule_verdicts
from livingcircle.kernel.metrics.facts import Facts
from livingcircle.kernel.units import CIRCLES, units_at, whole_study
from livingcircle.model.places import Districts, Facilities, Homes
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Citation, ServiceType, Words

A, B, S, STUDY = 0, 1, 2, -1
RESIDENTS = np.array([100.0, 200.0, 400.0, 800.0])
SERVICES = tuple(
    ServiceType(name, Words(name, name), (), level=level)
    for name, level in (("station", "community"), ("clinic", "5min"), ("park", "15min"), ("stop", "5min"))
)


def objects(*values):
    column = np.empty(len(values), object)
    column[:] = values
    return column


def homes(**columns):
    xy = np.array([[100.0, 100], [900, 100], [1100, 100], [1900, 100]])
    usual = {
        "ids": objects("h0", "h1", "h2", "h3"),
        "xy": xy,
        "geometry": shapely.points(xy),
        "residents": RESIDENTS,
        "households": RESIDENTS / 2,
        "floor_m2": np.array([1000.0, 2000, 4000, 8000]),
        "footprint_m2": np.array([100.0, 100, 100, 100]),
        "district": np.array([A, A, B, B], np.int32),
    }
    return Homes(**(usual | columns))


def districts(levels=("community", "community", "subdistrict"), parent=(S, S, -1)):
    return Districts(
        ids=objects("a", "b", "s"),
        names=objects("A", "B", "S"),
        geometry=shapely.box([0, 1000, 0], [0, 0, 0], [1000, 2000, 2000], [1000, 1000, 1000]),
        level=objects(*levels),
        parent=np.array(parent, np.int32),
    )


def facilities(*places, **columns):
    """Make places (x, services) at y = 100."""
    xy = np.array([[x, 100.0] for x, _ in places]).reshape(-1, 2)
    names = [service.id for service in SERVICES]
    serves = np.zeros((len(places), len(SERVICES)), bool)
    for row, (_, offered) in enumerate(places):
        serves[row, [names.index(name) for name in offered.split()]] = True
    labels = objects(*(f"f{row}" for row in range(len(places))))
    arrays = {name: np.array(values, object if name == "status" else float) for name, values in columns.items()}
    return Facilities.plain(ids=labels, names=labels, xy=xy, geometry=shapely.points(xy), serves=serves, **arrays)


def facts(places=None, *, seconds=None, metres=None, surveyed=(), hours=None, streets=(), of=None, answers=None):
    """Make facts; walks to a service are `{name: [seconds of the four homes]}`."""
    places = facilities((500, "station")) if places is None else places
    people = homes() if of is None else of

    def walks(given):
        rows = np.full((len(SERVICES), len(people)), np.inf)
        for name, values in (given or {}).items():
            rows[[service.id for service in SERVICES].index(name)] = values
        return rows

    lines = np.asarray(shapely.linestrings(np.array(streets, float)), object) if len(streets) else np.empty(0, object)
    made = Facts(
        homes=people,
        facilities=places,
        services=SERVICES,
        seconds=walks(seconds),
        metres=walks(metres),
        located=places.serves.any(axis=0),
        surveyed=np.array([service.id in surveyed for service in SERVICES]),
        hours_per_day=np.full(len(places), np.nan) if hours is None else np.array(hours, float),
        street_lines=lines,
        street_metres=shapely.length(lines),
    )
    return made if answers is None else replace(made, answers=answers)


def rule(metric, operator=">=", value=None, service="station", **more):
    usual = {"level": "community"} | more
    citation = Citation("T", "test", "1", "quote", "read_in_full")
    return Rule(f"T-{metric}", service, metric, operator, citation, value, **usual)


def circles_drawn(*boxes, level="10min"):
    """Make circles from (west, east), all of them from 0 to 1,000 m north."""
    west, east = np.array(boxes, float).T
    names = objects(*(f"c{number}" for number in range(len(boxes))))
    shapes = shapely.box(west, 0, east, 1000)
    return Districts(names, names, shapes, np.full(len(boxes), level, object), np.full(len(boxes), -1, np.int32))


def judged(asked, known, areas=None, circles=CIRCLES, conditions=(), drawn=None, beside=()):
    """Judge one rule, with others `beside` it; return its rows by unit as dictionaries."""
    areas = districts() if areas is None else areas
    where = district_of(known.facilities.xy, areas.geometry)
    table = rule_verdicts(known, [asked, *beside], areas, where, circles=circles, conditions=conditions, drawn=drawn)
    table = table.rows(table.rule == 0)
    rows = {}
    names = (
        "verdict",
        "value",
        "threshold",
        "margin",
        "supply",
        "demand",
        "shortfall",
        "excess",
        "radius_value",
        "reason",
    )
    for row, unit in enumerate(table.unit.tolist()):
        rows[unit] = {name: getattr(table, name)[row] for name in names}
        rows[unit]["shares"] = table.walk_shares[row].tolist()
        rows[unit]["evidence"] = table.evidence[table.evidence_indptr[row] : table.evidence_indptr[row + 1]].tolist()
    return rows


def units(known, level="community"):
    areas = districts()
    where = district_of(known.facilities.xy, areas.geometry)
    return whole_study(areas, known.homes, where) if level == "all" else units_at(level, areas, known.homes, where)
