"""The place itself: how dense its streets are, and how far apart things lie."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

from livingcircle.kernel.metrics.area import of_each
from livingcircle.kernel.metrics.facts import STREETS, Facts, Measured, inside, unknown
from livingcircle.kernel.units import Units
from livingcircle.model.columns import FloatArray
from livingcircle.model.rule import Rule

WALKWAYS = "walkways"
"""The base of rules on all that can be walked on, where others speak of roads of the city."""


def street_km_per_km2(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Density of streets (`street_km_per_km2`): value = Σ length of streets inside the unit ÷ its area, km/km².

    Streets that cross the outline count as far as they lie inside. GB 50180-2018 6.0.2 asks it of roads of the city (城市道路): where
    the input tells roads from footpaths, driveways and other lanes inside compounds, private roads and paths do not count.
    """
    length, area = _streets(rule, facts, units)
    return _street_ratio(units, area, length / 1000.0, area / 1e6)


def spacing_metres(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Spacing (`spacing_metres`): of streets 2 · area ÷ length, the side of the square blocks that would give their density.

    In a grid of squares of side a, each square of a² has 2a of street to itself (half of four sides), so that a = 2 · area ÷ length.
    Roads of the city are asked by GB 50180-2018 6.0.2 (路网间距). With the base `walkways` streets are all that the public may walk on,
    lanes and paths among them, but nothing private: spacing of walking routes (步行通道间距; 上海市15分钟社区生活圈规划导则 2016,
    SH16-07). A pavement drawn beside its road counts as a way of its own, so that spacing comes out smaller where pavements are drawn. Of
    places it is that of the place furthest from the threshold: the straight distance to the next one that offers the same.
    """
    if rule.service == STREETS:
        length, area = _streets(rule, facts, units)
        return _street_ratio(units, area, 2.0 * area, length)
    offering = facts.offering(facts.named(rule))
    facility, row = inside(offering, units)
    metres = np.full(len(facility), np.nan)
    if len(offering) > 1 and len(facility):
        metres = cKDTree(facts.facilities.xy[offering]).query(facts.facilities.xy[facility], k=2)[0][:, 1]
    return of_each(rule, facts, units, metres, "facilities", facility, row)


def _streets(rule: Rule, facts: Facts, units: Units) -> tuple[FloatArray, FloatArray]:
    """The metres of street inside each unit, and its area in m²; both NaN for a study without districts."""
    lines, metres = facts.street_lines, facts.street_metres
    if rule.base == WALKWAYS and facts.walkway_lines is not None and facts.walkway_metres is not None:
        lines, metres = facts.walkway_lines, facts.walkway_metres
    if units.parts is not None:
        length, area = _streets(rule, facts, units.parts)
        return length.sum(keepdims=True), area.sum(keepdims=True)
    length, area = np.full(len(units), np.nan), np.full(len(units), np.nan)
    shaped = np.flatnonzero([shape is not None for shape in units.geometry])
    if not len(shaped):
        return length, area
    shapes = units.geometry[shaped]
    area[shaped] = shapely.area(shapes)
    if not len(lines):
        return length, area
    shapely.prepare(shapes)
    tree = shapely.STRtree(lines)
    unit, street = tree.query(shapes, predicate="intersects")
    whole = shapely.contains(shapes[unit], lines[street])
    part = np.ones(len(street))
    drawn = shapely.length(lines[street[~whole]])
    cut = shapely.length(shapely.intersection(shapes[unit[~whole]], lines[street[~whole]]))
    part[~whole] = np.divide(cut, drawn, out=np.zeros(len(cut)), where=drawn > 0)
    length[shaped] = np.bincount(unit, part * metres[street], minlength=len(shapes))
    return length, area


def _street_ratio(units: Units, area: FloatArray, supply: FloatArray, demand: FloatArray) -> Measured:
    if np.isnan(supply + demand).all():
        return unknown(units, "districts") if np.isnan(area).all() else unknown(units, "streets")
    value = np.divide(supply, demand, out=np.full(len(units), np.nan), where=demand > 0)
    return Measured(value, value, supply, demand, lacking="streets", empty="no_streets", kind="ratio")
