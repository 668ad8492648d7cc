"""Fetching an area of OpenStreetMap for a study: which area is meant, what is asked for, and where it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.readers import area_of_network, area_of_study, cache_folder
from livingcircle.settings import OsmAreaNetwork, OsmFileNetwork, OsmPlaceNetwork, StudySettings
from livingcircle.sources.boundary import boundary_from_layer
from livingcircle.sources.layers import LONGITUDE_LATITUDE, LayerSource
from livingcircle.sources.online import Area, Fetched, Tell, area_around, area_of_box, area_of_place, fetch_extract
from livingcircle.sources.standards import read_services, read_standard


def fetch(
    settings: StudySettings | None,
    output: Path | None,
    *,
    place: str | None = None,
    box: Sequence[float] | None = None,
    area: Path | None = None,
    buffer_metres: float = 1500.0,
    date: dt.date | None = None,
    refresh: bool = False,
    tell: Tell | None = None,
) -> Fetched:
    """Fetch a place, a box, the polygons of a layer, or the area of a study, and `buffer_metres` around it, into one extract.

    The area of a study is its boundary, else its districts, else the place, box or polygons of its network. Facilities are asked for by
    the tags of every built-in service type and of those of the study's standard. `output` may be left out for a study whose network is
    an `osm_file`: it is written there. A file that is there already is replaced only to `refresh` it.

    Raises
    ------
    InputError
        When no area is given or it cannot be read, and for whatever keeps the download from being made; see `fetch_extract`.
    """
    if output is None and settings is not None and isinstance(settings.network, OsmFileNetwork):
        output = settings.network.path
    if output is None:
        raise InputError(Fault("nowhere_to_write"))
    if output.exists() and not refresh:
        raise InputError(Fault("file_in_the_way", file=str(output)))
    wanted = _area(settings, place, box, area, buffer_metres)
    services = [*read_services(), *(() if settings is None else read_standard(settings.standard).services)]
    tags = [tags for service in services for tags in service.osm_tags]
    date = date or (None if settings is None else getattr(settings.network, "date", None))
    return fetch_extract(wanted, tags, output, cache_folder() / "overpass", date=date, refresh=refresh, tell=tell)


def _area(
    settings: StudySettings | None, place: str | None, box: Sequence[float] | None, area: Path | None, buffer: float
) -> Area:
    if place is not None:
        return area_of_place(place, buffer, cache_folder() / "osmnx")
    if box is not None:
        return area_of_box(box, buffer)
    if area is not None:
        return area_around(area.name, boundary_from_layer(LayerSource(area), LONGITUDE_LATITUDE).value, buffer)
    if settings is not None:
        shape = area_of_study(settings)
        if shape is not None:
            return area_around(settings.id, shape, buffer)
        if isinstance(settings.network, OsmPlaceNetwork):
            return area_of_place(settings.network.place, buffer, cache_folder() / "osmnx")
        if isinstance(settings.network, OsmAreaNetwork):
            return area_of_network(settings.network.model_copy(update={"buffer_metres": buffer})).value
    raise InputError(Fault("no_area_to_fetch"))
