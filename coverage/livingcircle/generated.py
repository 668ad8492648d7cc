"""Candidates where a study lists none: street junctions, or points along streets in the gaps of the services sought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import shapely
from scipy.spatial import cKDTree

from livingcircle.faults import Fault
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.reach import nearest_seconds
from livingcircle.kernel.siting.gap_points import points_in_gaps
from livingcircle.kernel.siting.junctions import junctions_near_homes
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.places import Candidates, Facilities, Homes
from livingcircle.model.standard import Standard, seconds_of, service_named
from livingcircle.model.terrain import Grades
from livingcircle.readers import Report, read_excluded
from livingcircle.settings import GapCandidates, JunctionCandidates, StudySettings
from livingcircle.sources.elevation import elevation_along

Ground = tuple[WalkNetwork, Impedance, Grades | None]
"""Streets, the time they take, and how they rise and fall."""


def candidates_generated(
    settings: StudySettings,
    standard: Standard,
    ground: Ground,
    places: tuple[Homes, Facilities],
    joined: Callable[[Homes, Facilities, Candidates, float], Mapping[str, Anchors]],
    report: Report,
) -> Candidates:
    """Return the candidates of a study that lists none; none where it asks for none either.

    `joined` joins homes, facilities and candidates to the streets, as far as some metres.
    """
    if isinstance(settings.candidates, GapCandidates):
        nowhere = joined(*places, _listed_at(np.empty((0, 2))), settings.network.join_cap_metres)
        return _gap_candidates(settings, settings.candidates, standard, ground, places, nowhere, report)
    return _junction_candidates(settings, ground[0], places[0])


def _junction_candidates(settings: StudySettings, network: WalkNetwork, homes: Homes) -> Candidates:
    """Return candidates where no layer lists them: junctions if asked for, else none."""
    xy = np.empty((0, 2))
    if isinstance(settings.candidates, JunctionCandidates):
        xy = network.streets.node_xy[junctions_near_homes(network, homes.xy, settings.candidates.spacing_metres)]
    return _listed_at(xy)


def _listed_at(xy: FloatArray) -> Candidates:
    """Return candidates at points of which nothing else is known, named by where they are: they keep their names when streets change."""
    names = np.array([f"{x:.0f}-{y:.0f}" for x, y in xy], object)
    unknown = np.full(len(xy), np.nan)
    return Candidates(
        ids=names,
        names=names.copy(),
        xy=xy,
        geometry=np.asarray(shapely.points(xy), object),
        cost_wan_yuan=unknown,
        floor_m2=unknown.copy(),
    )


def _gap_candidates(
    settings: StudySettings,
    chosen: GapCandidates,
    standard: Standard,
    ground: Ground,
    places: tuple[Homes, Facilities],
    joined: Mapping[str, Anchors],
    report: Report,
) -> Candidates:
    """Return points along streets near the homes that the services sought leave uncovered, each with where it is from."""
    (homes, facilities), (network, walk, grades) = places, ground
    near, wanted = np.zeros(len(homes)), np.full(len(homes), -1)
    services = {service for service, _ in _limits_sought(settings, standard)}
    for service, limit in _limits_sought(settings, standard):
        seconds = nearest_seconds(
            network, walk, joined["homes"], joined["facilities"], facilities.serves[:, [service]], limit
        )[0]
        beyond = ~covered(seconds, limit) & joined["homes"].joined & (homes.residents > 0)
        wanted[beyond & (near == 0)] = service
        reach = chosen.near_metres or limit * settings.walker.speed_metres_per_second
        near[beyond] = np.maximum(near[beyond], reach)
    lacking = np.flatnonzero(near > 0)
    points = points_in_gaps(network, homes.xy[lacking], near[lacking], chosen.spacing_metres)
    total, left_out = len(points.xy), {"excluded": 0, "steep": 0, "near": 0}
    keep = np.ones(total, bool)
    excluded = read_excluded(settings, chosen, network.streets.crs, report)
    barred = {
        "excluded": _inside_any(points.xy, excluded),
        "steep": _steeper(settings, chosen, network, grades, report)[points.edge],
        "near": _within_any(
            points.xy,
            facilities.xy[facilities.serves[:, sorted(services)].any(axis=1)],
            chosen.least_metres_to_existing,
        ),
    }
    for reason, bars in barred.items():
        left_out[reason] = int((keep & bars).sum())
        keep &= ~bars
    counts = {"metres": chosen.spacing_metres, "total": total, "kept": int(keep.sum()), **left_out}
    report.notes.append(Fault("candidates_generated", details=counts))
    if not keep.any():
        report.warnings.append(Fault("no_gap_for_candidates"))
    home = lacking[points.home[keep]]
    streets = network.streets
    named = np.append(streets.names, "")[streets.name[points.edge[keep]]]
    origin = np.array(
        [
            f"{street or '无名道路'}；{standard.services[int(wanted[one])].name.zh}缺口，距住宅 {homes.ids[one]} {metres:.0f} 米"
            for street, one, metres in zip(named, home, points.metres[keep], strict=True)
        ],
        object,
    )
    made = _listed_at(points.xy[keep])
    names = np.where(named == "", made.ids, [f"{street} {own}" for street, own in zip(named, made.ids, strict=True)])
    return replace(made, names=names.astype(object), origin=origin)


def _limits_sought(settings: StudySettings, standard: Standard) -> list[tuple[int, float]]:
    """Return the services of the siting tasks by position, and the longest limit of each."""
    found: dict[int, float] = {}
    for task in settings.siting:
        named = [(service_named(one.service, standard.services), one.limit_minutes) for one in task.asked]
        if not named:
            named = [(service, None) for service in standard.services if service.is_open]
        for service, minutes in named:
            if service is None:
                continue
            ruled = [rule.limit_seconds for rule in standard.requirements if rule.service == service.id]
            stated = [seconds_of(tier.minutes) for tier in task.tiers] or ([seconds_of(minutes)] if minutes else [])
            position = standard.services.index(service)
            if stated or ruled:
                found[position] = max(found.get(position, 0.0), max(stated) if stated else min(ruled))
    return list(found.items())


def _inside_any(xy: FloatArray, areas: GeometryArray) -> BoolArray:
    inside = np.zeros(len(xy), bool)
    if len(areas):
        point, _ = shapely.STRtree(areas).query(shapely.points(xy), predicate="intersects")
        inside[point] = True
    return inside


def _within_any(xy: FloatArray, others: FloatArray, metres: float | None) -> BoolArray:
    if metres is None or not len(others) or not len(xy):
        return np.zeros(len(xy), bool)
    return np.asarray(cKDTree(others).query(xy)[0] < metres)


def _steeper(
    settings: StudySettings, chosen: GapCandidates, network: WalkNetwork, grades: Grades | None, report: Report
) -> BoolArray:
    """Return which streets (e,) are steeper somewhere than a candidate may lie on."""
    steep = np.zeros(len(network.streets), bool)
    if chosen.most_slope is None or settings.elevation is None:
        return steep
    grades = grades or report.take(partial(elevation_along, settings.elevation.path, network.streets))
    if grades is None:
        return steep
    return np.asarray(np.maximum.reduceat(np.abs(grades.gradient), grades.indptr[:-1]) > chosen.most_slope)
