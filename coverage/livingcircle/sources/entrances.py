"""Where areas such as parks and schools are entered: points of a layer, or gates and entrances mapped in OpenStreetMap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from livingcircle.kernel.compound import GATE_METRES
from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray
from livingcircle.model.compound import Passage
from livingcircle.model.places import Entrances
from livingcircle.sources.compounds import GATE_BARRIERS, GATE_ENTRANCES, ON_WALL_METRES, osm_passage
from livingcircle.sources.layers import LayerSource, read_layer
from livingcircle.sources.osm import read_tagged, reprojected
from livingcircle.sources.reading import Reading

ON_OUTLINE_METRES = 1.0
"""An `entrance` is mapped on the outline it belongs to, so that the door of the house next door is not taken for it."""


@dataclass(frozen=True, slots=True, eq=False)
class EntrancePoints(Columns):
    """Points at which something may be entered (p rows): each belongs to areas whose outline is within `reach_metres`.

    `stated` are those the user lists.
    """

    xy: FloatArray
    reach_metres: FloatArray
    stated: BoolArray


def entrances_from_layer(source: LayerSource, crs: str) -> Reading[EntrancePoints]:
    """Read a layer or table of points; each belongs to the areas whose outline is within 15 m.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    read = read_layer(source, needed="points")
    xy = shapely.get_coordinates(np.asarray(read.value.to_crs(crs).geometry, object))
    count = len(xy)
    return Reading(EntrancePoints(xy, np.full(count, GATE_METRES), np.ones(count, bool)), read.warnings)


def entrances_from_osm(path: Path, crs: str, cache_folder: Path | None = None) -> Reading[EntrancePoints]:
    """Read gates and gaps (`barrier`) and entrances (`entrance`) that somebody may pass on foot.

    Raises
    ------
    InputError
        When the file is missing, of another format, cut short or otherwise unreadable.
    """
    tags = [{"barrier": value} for value in GATE_BARRIERS] + [{"entrance": value} for value in GATE_ENTRANCES]
    places = read_tagged(path, tags, cache_folder)
    passable = np.array([osm_passage(own) != Passage.NOBODY for own in places.tags], bool)
    points = np.flatnonzero(passable & (shapely.get_dimensions(places.geometry) == 0))
    is_door = np.array(["entrance" in own for own in places.tags[points]], bool)
    return Reading(
        EntrancePoints(
            xy=shapely.get_coordinates(reprojected(places.geometry[points], crs)),
            reach_metres=np.where(is_door, ON_OUTLINE_METRES, ON_WALL_METRES),
            stated=np.zeros(len(points), bool),
        )
    )


def no_entrances() -> EntrancePoints:
    """Return the entrances of a study that knows none."""
    return EntrancePoints(np.empty((0, 2)), np.empty(0), np.empty(0, bool))


def entrances_of(geometry: GeometryArray, sources: Sequence[EntrancePoints]) -> Entrances:
    """Pair areas with the points on their outlines; an area with stated entrances has no others."""
    points = no_entrances()
    for more in sources:
        points = points.followed_by(more)
    areas = np.flatnonzero(shapely.get_dimensions(geometry) == 2)
    tree = shapely.STRtree(shapely.boundary(geometry[areas]))
    point, area = tree.query(shapely.points(points.xy), predicate="dwithin", distance=points.reach_metres)
    place = areas[area]
    stated = np.zeros(len(geometry), bool)
    stated[place[points.stated[point]]] = True
    kept = points.stated[point] | ~stated[place]
    place, point = place[kept], point[kept]
    order = np.lexsort((point, place))
    return Entrances(place[order].astype(np.int32), points.xy[point[order]], stated[place[order]])
