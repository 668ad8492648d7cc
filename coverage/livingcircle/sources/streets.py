"""Walkable streets from OpenStreetMap: extracts on disk, graphs saved by OSMnx, and downloads by place or area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import osmium

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.model.network import StreetEdges
from livingcircle.sources.extract import TaggedWays, read_extract
from livingcircle.sources.online import Area, area_of_place, download_walk_graph, walk_graph_date
from livingcircle.sources.pedestrian_areas import with_squares_crossed
from livingcircle.sources.projection import crs_faults
from livingcircle.sources.reading import Reading
from livingcircle.sources.roads import NODE_KEYS, NODE_TAGS
from livingcircle.sources.safety import check_xml
from livingcircle.sources.street_graphs import graph_ways
from livingcircle.sources.street_pieces import Ways, street_pieces
from livingcircle.sources.street_traits import WAY_KEYS, WAY_TAGS
from livingcircle.sources.walked_ways import walked_ways

OSM_FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
GRAPHML_FORMATS = (".graphml",)


def streets_from_osm(path: Path, crs: str | None) -> Reading[StreetEdges]:
    """Read the walkable streets of an extract (`.osm.pbf`, `.osm`), in metres of `crs` or of the UTM zone of its centre.

    Warnings tell of nodes that a clipped extract lacks (`broken_ways`), of ways left out because they are closed to walkers
    (`streets_dropped`) and of private ones (`private_streets`). Pieces are ordered by way number, then by their position on the way, and
    followed by the walks across squares; the order of the file does not matter.

    Raises
    ------
    InputError
        When the file is missing, of another format or damaged, holds no walkable street, or `crs` is unfit.
    """
    _check(path, crs, OSM_FORMATS)
    try:
        extract = _reader(path)(str(path), WAY_KEYS, NODE_KEYS, {*WAY_TAGS, *NODE_TAGS})
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        raise InputError(unreadable(path, error)) from error
    return _streets(walked_ways(extract), crs, str(path))


def streets_from_graphml(path: Path, crs: str | None) -> Reading[StreetEdges]:
    """Read the walkable streets of a graph saved by OSMnx (`.graphml`), simplified or not.

    A street that the graph holds once for each direction becomes one street walked both ways, and one that is one-way for cars is walked
    both ways as well. Where simplification merged ways with different tags, the street is walked only if each of them would be. Tags that
    the graph was saved without cannot be judged: OSMnx keeps `highway` and `access`, but not `foot`, unless told to.

    Raises
    ------
    InputError
        When the file is missing, of another format or not a street graph, holds no walkable street, or `crs` is unfit.
    """
    _check(path, crs, GRAPHML_FORMATS)
    import networkx as nx
    import osmnx  # takes seconds to load
    import pyproj

    try:
        graph = osmnx.load_graphml(path)
        ways = graph_ways(graph)
    # A graph of another program lacks attributes, or holds other types; XML that is cut short ends in a SyntaxError.
    except (
        AttributeError,
        KeyError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        nx.NetworkXException,
        pyproj.exceptions.ProjError,
    ) as error:
        raise InputError(unreadable(path, error)) from error
    return _streets(ways, crs, str(path))


def streets_from_place(
    place: str, buffer_metres: float, crs: str | None, cache_folder: Path, date: dt.date | None = None
) -> Reading[StreetEdges]:
    """Download the walkable streets of a place OpenStreetMap knows and of `buffer_metres` around it, as of `date` or of today.

    Answers of the servers are kept in `cache_folder` and used again.

    Raises
    ------
    InputError
        When the download fails, brings no walkable street, or `crs` is unfit.
    """
    _check_crs(crs)
    return streets_from_area(area_of_place(place, buffer_metres, cache_folder), crs, cache_folder, date)


def streets_from_area(
    area: Area, crs: str | None, cache_folder: Path, date: dt.date | None = None
) -> Reading[StreetEdges]:
    """Download the walkable streets of an area, as of `date` or of today; a note tells the day of the data.

    Answers of the servers are kept in `cache_folder` and used again.

    Raises
    ------
    InputError
        When the download fails, brings no walkable street, or `crs` is unfit.
    """
    _check_crs(crs)
    streets = _streets(graph_ways(download_walk_graph(area, cache_folder, date)), crs, area.label)
    day = walk_graph_date(area.label, area.buffer_metres, cache_folder, date)
    said = Fault("downloaded_streets", file=area.label, details={"date": day or "—"})
    return Reading(streets.value, (*streets.warnings, said))


def _check_crs(crs: str | None) -> None:
    faults = [] if crs is None else crs_faults(crs)
    if faults:
        raise InputError(faults)


def _streets(ways: Ways, crs: str | None, file: str) -> Reading[StreetEdges]:
    pieces = street_pieces(ways, crs=crs, file=file)
    return Reading(with_squares_crossed(pieces.value, ways), pieces.warnings)


def _check(path: Path, crs: str | None, formats: tuple[str, ...]) -> None:
    """Raise what is wrong with the name of the file and with `crs`, before anything is read."""
    faults = [] if crs is None else crs_faults(crs)
    if not path.exists():
        faults.append(Fault("missing_file", file=str(path)))
    elif not (path.is_file() and path.name.lower().endswith(formats)):
        faults.append(Fault("unknown_format", file=str(path), details={"formats": ", ".join(formats)}))
    if faults:
        raise InputError(faults)
    if path.suffix.lower() in {".osm", ".graphml"}:
        check_xml(path)


def _reader(path: Path) -> Callable[[str, Iterable[str], Iterable[str], Iterable[str]], TaggedWays]:
    """Choose how to read an extract: the fast reader knows `.osm.pbf` only, and needs numba."""
    if path.name.lower().endswith(".pbf"):
        with suppress(ImportError):
            from livingcircle.sources.pbf import read_pbf

            return read_pbf
    return read_extract
