"""Streets and who walks on them."""

from __future__ import annotations

import shapely

from livingcircle.model.network import StreetEdges
from livingcircle.model.walker import CrossingSeconds, Walker
from livingcircle.readers.named import cache_folder, file_parts, source_of, words_of
from livingcircle.settings import (
    GraphmlNetwork,
    OsmAreaNetwork,
    OsmFileNetwork,
    OsmPlaceNetwork,
    StreetLayerNetwork,
    StudySettings,
)
from livingcircle.sources.boundary import boundary_from_layer
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.layers import LONGITUDE_LATITUDE
from livingcircle.sources.online import Area, area_around, area_of_box
from livingcircle.sources.reading import Reading
from livingcircle.sources.street_cache import cached_streets
from livingcircle.sources.street_layers import streets_from_layer
from livingcircle.sources.streets import streets_from_area, streets_from_graphml, streets_from_osm, streets_from_place


def read_streets(settings: StudySettings) -> Reading[StreetEdges]:
    """Read the streets, or take them from the cache where the same file has been read before."""
    network, crs = settings.network, settings.crs
    if isinstance(network, OsmPlaceNetwork):
        return streets_from_place(network.place, network.buffer_metres, crs, cache_folder() / "osmnx", network.date)
    if isinstance(network, OsmAreaNetwork):
        area = area_of_network(network)
        streets = streets_from_area(area.value, crs, cache_folder() / "osmnx", network.date)
        return Reading(streets.value, (*area.warnings, *streets.warnings))
    if isinstance(network, StreetLayerNetwork):
        return _read_street_layer(network, crs)
    read = {OsmFileNetwork: streets_from_osm, GraphmlNetwork: streets_from_graphml}[type(network)]
    if not network.path.is_file():
        return read(network.path, crs)
    key = (file_sha256(network.path)[0], crs or "", network.kind, network.path.suffix.lower())
    return cached_streets(key, cache_folder() / "streets", lambda: read(network.path, crs), file=str(network.path))


def _read_street_layer(network: StreetLayerNetwork, crs: str | None) -> Reading[StreetEdges]:
    """Read a layer of streets, or take it from the cache where it has been read the same way."""
    columns = {str(field): column for field, column in network.columns.items()}

    def read() -> Reading[StreetEdges]:
        return streets_from_layer(
            source_of(network), columns, crs, snap_metres=network.snap_metres, joined_at=network.joined_at
        )

    if not network.path.is_file():
        return read()
    how = network.model_dump_json(exclude={"path", "attribution", "minimum_island_metres", "join_cap_metres"})
    key = (*(file_sha256(part)[0] for part in file_parts(network.path)), crs or "", how)
    return cached_streets(key, cache_folder() / "streets", read, file=str(network.path))


def area_of_network(network: OsmAreaNetwork) -> Reading[Area]:
    """Return the box or the polygons whose streets are downloaded, with the margin around them."""
    if network.area is None:
        return Reading(area_of_box(network.box, network.buffer_metres))
    read = boundary_from_layer(source_of(network.area), LONGITUDE_LATITUDE)
    return Reading(area_around(network.area.path.name, read.value, network.buffer_metres), read.warnings)


def area_of_study(settings: StudySettings) -> shapely.Geometry | None:
    """Return the boundary of a study, else the union of its districts, in longitude and latitude; None where it has neither.

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layers = settings.districts if settings.boundary is None else (settings.boundary,)
    shapes = [boundary_from_layer(source_of(layer), LONGITUDE_LATITUDE).value for layer in layers]
    return shapely.union_all(shapes) if shapes else None


def walker_of(settings: StudySettings) -> Walker:
    """Return the walker of the settings; stairs that bar the way have no factor."""
    walker = settings.walker
    return Walker(
        id=walker.preset,
        name=words_of(walker.name),
        speed_metres_per_second=walker.speed_metres_per_second,
        slope=walker.slope,
        stairs_factor=walker.stairs_factor if walker.stairs else None,
        crossing=CrossingSeconds(**walker.crossing_seconds.model_dump()),
        wide_roads=walker.wide_roads,
    )
