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


def street_km_per_km2(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Density of streets (`street_km_per_km2`): value = Σ length of streets inside the unit ÷ its area, km/km².

    Streets that cross the outline count as far as they lie inside. GB 50180-2018 6.0.2 asks it of roads of the city (城市道路): where
    the input tells roads from footpaths, driveways and other lanes inside compounds, private roads and paths do not count.
    """
    length, area = _streets(facts, units)
    return _street_ratio(units, area, length / 1000.0, area / 1e6)


def spacing_metres(rule: Rule, facts: Facts, units: Units) -> Measured:
    """Spacing (`spacing_metres`): of streets 2 · area ÷ length, the side of the square blocks that would give their density.

    Of places that of the place furthest from the threshold: the straight distance to the next one that offers the same. GB 50180-2018
    6.0.2 (路网间距), SH16-06 ff.
    """
    if rule.service == STREETS:
        length, area = _streets(facts, units)
        return _street_ratio(units, area, 2.0 * area, length)
    offering = facts.offering(facts.named(rule))
    facility, row = inside(offering, units)
    metres = np.full(len(facility), np.nan)
    if len(offering) > 1 and len(facility):
        metres = cKDTree(facts.facilities.xy[offering]).query(facts.facilities.xy[facility], k=2)[0][:, 1]
    return of_each(rule, facts, units, metres, "facilities", facility, row)


def _streets(facts: Facts, units: Units) -> tuple[FloatArray, FloatArray]:
    """The metres of street inside each unit, and its area in m²; both NaN for a study without districts."""
    if units.parts is not None:
        length, area = _streets(facts, units.parts)
        return length.sum(keepdims=True), area.sum(keepdims=True)
    length, area = np.full(len(units), np.nan), np.full(len(units), np.nan)
    shaped = np.flatnonzero([shape is not None for shape in units.geometry])
    if not len(shaped):
        return length, area
    shapes = units.geometry[shaped]
    area[shaped] = shapely.area(shapes)
    if not len(facts.street_lines):
        return length, area
    shapely.prepare(shapes)
    tree = shapely.STRtree(facts.street_lines)
    unit, street = tree.query(shapes, predicate="intersects")
    whole = shapely.contains(shapes[unit], facts.street_lines[street])
    part = np.ones(len(street))
    drawn = shapely.length(facts.street_lines[street[~whole]])
    cut = shapely.length(shapely.intersection(shapes[unit[~whole]], facts.street_lines[street[~whole]]))
    part[~whole] = np.divide(cut, drawn, out=np.zeros(len(cut)), where=drawn > 0)
    metres = np.bincount(unit, part * facts.street_metres[street], minlength=len(shapes))
    length[shaped] = metres
    return length, area


def _street_ratio(units: Units, area: FloatArray, supply: FloatArray, demand: FloatArray) -> Measured:
    if np.isnan(supply + demand).all():
        return unknown(units, "districts") if np.isnan(area).all() else unknown(units, "streets")
    value = np.divide(supply, demand, out=np.full(len(units), np.nan), where=demand > 0)
    return Measured(value, value, supply, demand, lacking="streets", empty="no_streets", kind="ratio")
