"""Candidate sites, and where none may be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.model.columns import GeometryArray
from livingcircle.model.places import (
    Candidates,
)
from livingcircle.model.standard import ServiceType
from livingcircle.readers.named import cache_folder, source_of
from livingcircle.readers.report import Report
from livingcircle.settings import (
    GapCandidates,
    LayerCandidates,
    OsmFileNetwork,
    StudySettings,
)
from livingcircle.settings.candidates import PlacedCandidate
from livingcircle.sources.boundary import boundary_from_layer
from livingcircle.sources.candidates import AssumedCost, AssumedCosts, candidates_from_layer
from livingcircle.sources.osm import read_tagged, reprojected
from livingcircle.sources.projection import projected
from livingcircle.sources.reading import Reading


def read_candidates(settings: StudySettings, services: tuple[ServiceType, ...], crs: str) -> Reading[Candidates | None]:
    """Read the candidates a layer lists, None where there is no such layer."""
    stock = settings.candidates
    if isinstance(stock, LayerCandidates):
        by_use = {use: AssumedCost(**cost.model_dump()) for use, cost in stock.missing_cost_by_use.items()}
        assumed = AssumedCosts(AssumedCost(**stock.missing_cost.model_dump()), by_use)
        listed = candidates_from_layer(source_of(stock), stock.columns.model_dump(), crs, services, assumed)
        return Reading(listed.value, listed.warnings)
    return Reading(None)


def placed_candidates(placed: Sequence[PlacedCandidate], crs: str, services: int) -> Candidates:
    """Return places that were chosen by hand, in `crs`; every one of so many services may move in (0 where nothing is said of them)."""
    lonlat = np.array([one.lonlat for one in placed], float).reshape(-1, 2)
    xy = projected(lonlat[:, 0], lonlat[:, 1], crs)
    return Candidates(
        ids=np.array([one.id for one in placed], object),
        names=np.array([one.name for one in placed], object),
        xy=xy,
        geometry=np.asarray(shapely.points(xy), object),
        cost_wan_yuan=np.array([one.cost_wan_yuan for one in placed], float),
        floor_m2=np.array([one.floor_m2 for one in placed], float),
        allowed=np.ones((len(placed), services), bool),
    )


def read_excluded(settings: StudySettings, chosen: GapCandidates, crs: str, report: Report) -> GeometryArray:
    """Return the areas where no candidate is generated: those of layers, and those of the streets' extract under some tags."""
    read = [report.take(partial(boundary_from_layer, source_of(layer), crs)) for layer in chosen.exclude]
    areas = [np.array([area], object) for area in read if area is not None]
    if chosen.exclude_tags:
        if not isinstance(settings.network, OsmFileNetwork):
            report.faults.append(Fault("exclude_tags_need_extract", column="candidates.exclude_tags"))
        else:
            tags = [dict([tag.split("=", 1)]) for tag in chosen.exclude_tags]
            found = reprojected(read_tagged(settings.network.path, tags, cache_folder() / "places").geometry, crs)
            areas.append(found[shapely.get_dimensions(found) == 2])
    return np.concatenate([np.empty(0, object), *areas])
