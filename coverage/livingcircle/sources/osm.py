"""OpenStreetMap files (`.osm.pbf`, `.osm`): the places in them, as points and polygons in longitude and latitude.

Closed ways and multipolygon relations are assembled to polygons; what a clipped extract cuts through cannot be, and is left out. Objects
are filtered by tag in compiled code before Python sees them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.filter import EntityFilter, KeyFilter, TagFilter

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.model.columns import Columns, GeometryArray, TextArray
from livingcircle.sources.archive import Arrays, kept
from livingcircle.sources.digest import file_sha256
from livingcircle.sources.extract import deleted_by_editor
from livingcircle.sources.projection import projected
from livingcircle.sources.safety import check_xml

READER_VERSION = 2
"""Part of the key of what is kept. Raise it whenever the same file would yield other places."""
FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
_TYPES = ("node", "way", "relation")


@dataclass(frozen=True, slots=True, eq=False)
class OsmPlaces(Columns):
    """Objects of an OpenStreetMap file (n rows), ordered by type (node, way, relation) and number.

    `ids` are like `way/123`; `tags` holds one dict of text for each; `geometry` is a Point, Polygon or MultiPolygon in EPSG:4326.
    """

    ids: TextArray
    tags: TextArray
    geometry: GeometryArray


def read_buildings(path: Path, cache_folder: Path | None = None) -> OsmPlaces:
    """Read every area with a `building` tag, or take it from `cache_folder` if it was read before.

    Raises
    ------
    InputError
        When the file is missing, of another format, cut short or otherwise unreadable.
    """

    def read() -> OsmPlaces:
        processor = _file(path).with_areas(KeyFilter("building"))
        processor.with_filter(EntityFilter(osmium.osm.AREA)).with_filter(KeyFilter("building"))
        return _places(processor, lambda _: True, deleted_by_editor(str(path)))

    with _readable(path):
        return _kept(path, cache_folder, "buildings", [], read)


def read_tagged(path: Path, tag_sets: Sequence[Mapping[str, str]], cache_folder: Path | None = None) -> OsmPlaces:
    """Read every node and area that carries all the tags of at least one set, or take them from `cache_folder` if they were read before.

    Lines (ways that are not closed) and relations other than multipolygons and boundaries are left out. So is what is tagged as no longer
    there or not there yet, such as `disused=yes`.

    Raises
    ------
    InputError
        When the file is missing, of another format, cut short or otherwise unreadable.
    """

    def read() -> OsmPlaces:
        if not tag_sets:
            return _columns([])
        first_tags = TagFilter(*{next(iter(tags.items())) for tags in tag_sets})
        processor = _file(path).with_areas(first_tags)
        processor.with_filter(EntityFilter(osmium.osm.NODE | osmium.osm.AREA)).with_filter(first_tags)
        return _places(
            processor,
            lambda tags: not is_gone(tags) and any(matches(tags, one) for one in tag_sets),
            deleted_by_editor(str(path)),
        )

    with _readable(path):
        return _kept(path, cache_folder, "tagged", [dict(tags) for tags in tag_sets], read)


def _kept(
    path: Path, folder: Path | None, name: str, asked: list[dict[str, str]], read: Callable[[], OsmPlaces]
) -> OsmPlaces:
    if folder is None:
        return read()
    parts = (READER_VERSION, file_sha256(path)[0], asked)
    return kept(folder, name, parts, read, pack=_packed, unpack=_unpacked)


def _packed(places: OsmPlaces) -> Arrays:
    binaries = [shapely.to_wkb(shape) for shape in places.geometry]
    about = json.dumps({"ids": places.ids.tolist(), "tags": places.tags.tolist()}, ensure_ascii=False)
    return {
        "about": np.frombuffer(about.encode(), np.uint8),
        "wkb": np.frombuffer(b"".join(binaries), np.uint8),
        "ends": np.cumsum([len(binary) for binary in binaries], dtype=np.int64),
    }


def _unpacked(arrays: Arrays) -> OsmPlaces:
    about = json.loads(arrays["about"].tobytes())
    content, ends = arrays["wkb"].tobytes(), arrays["ends"].tolist()
    binaries = [content[start:end] for start, end in pairwise([0, *ends])]
    return OsmPlaces(
        _objects(about["ids"]), _objects(about["tags"]), _objects(list(shapely.from_wkb(np.array(binaries, object))))
    )


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def reprojected(geometry: GeometryArray, crs: str) -> GeometryArray:
    """Return longitude and latitude as coordinates of the study's projected reference system."""
    moved: GeometryArray = shapely.transform(geometry, lambda degrees: projected(degrees[:, 0], degrees[:, 1], crs))
    return moved


def matches(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Return whether all wanted tags are present with the same value."""
    return all(tags.get(key) == value for key, value in wanted.items())


def is_gone(tags: Mapping[str, str]) -> bool:
    """Return whether a plain tag says that the object is out of use, demolished, or not built yet."""
    return any(tags[key] == "yes" for key in _OUT_OF_USE & tags.keys())


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what osmium raises on a file into faults."""
    file = str(path)
    if not path.exists():
        raise InputError(Fault("missing_file", file=file))
    if not (path.is_file() and path.name.endswith(FORMATS)):
        raise InputError(Fault("unknown_format", file=file, details={"formats": ", ".join(FORMATS)}))
    if path.suffix == ".osm":
        check_xml(path)
    try:
        yield
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise InputError(unreadable(path, error)) from error


def _file(path: Path) -> osmium.FileProcessor:
    """Open a file so that its ways know where their nodes are, also where these come later, as in XML from the Overpass API."""
    processor = osmium.FileProcessor(str(path))
    if path.name.endswith(".pbf"):
        return processor.with_locations()
    locations = osmium.index.create_map("sparse_mem_map")
    with osmium.io.Reader(str(path), osmium.osm.NODE) as nodes:
        osmium.apply(nodes, osmium.NodeLocationsForWays(locations))
    return processor.with_locations(locations)  # type: ignore[arg-type]  # its annotation knows names of tables only


_OUT_OF_USE = frozenset({"abandoned", "construction", "demolished", "disused", "proposed", "razed", "ruined"})
_Row = tuple[int, int, dict[str, str], shapely.Geometry]


def _places(
    processor: osmium.FileProcessor,
    wanted: Callable[[Mapping[str, str]], bool],
    deleted: Mapping[str, frozenset[int]],
) -> OsmPlaces:
    factory = osmium.geom.WKBFactory()
    keys: list[tuple[int, int, dict[str, str]]] = []
    binaries: list[str] = []
    item: Any
    for item in processor:
        tags = dict(item.tags)
        kind = "node" if item.is_node() else "way" if item.from_way() else "relation"
        if not wanted(tags) or not item.visible or (item.id if kind == "node" else item.orig_id()) in deleted[kind]:
            continue
        try:
            if item.is_node():
                binaries.append(factory.create_point(item))
                keys.append((0, item.id, tags))
            else:
                binaries.append(factory.create_multipolygon(item))
                keys.append((1 if item.from_way() else 2, item.orig_id(), tags))
        except RuntimeError:  # a node without a location, a ring without nodes
            continue
    geometry = shapely.from_wkb(binaries)
    single = shapely.get_num_geometries(geometry) == 1
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    sound = shapely.is_valid(geometry) & ~shapely.is_empty(geometry)
    rows = [(*key, shape) for key, shape, good in zip(keys, geometry, sound, strict=True) if good]
    return _columns(sorted(_without_outlines(rows), key=lambda row: row[:2]))


def _without_outlines(rows: list[_Row]) -> list[_Row]:
    """Leave out ways that are the outline of a relation in the list: the same area, mapped with its tags twice.

    The relation stays, since it knows the courtyards, and takes over tags that only the way has.
    """
    outlines: dict[bytes, dict[str, str]] = {}
    boxes: set[tuple[float, ...]] = set()  # few ways share the box of a relation; only those are looked at closely
    for kind, _, tags, geometry in rows:
        if kind == 2:
            parts = shapely.get_parts(geometry)
            outlines.update((_outline(part), tags) for part in parts)
            boxes.update(map(tuple, shapely.bounds(parts).tolist()))
    kept: list[_Row] = []
    for row, box in zip(rows, shapely.bounds([row[3] for row in rows]).tolist(), strict=True):
        relation_tags = outlines.get(_outline(row[3])) if row[0] == 1 and tuple(box) in boxes else None
        if relation_tags is None:
            kept.append(row)
        else:
            relation_tags.update({key: value for key, value in row[2].items() if key not in relation_tags})
    return kept


def _outline(polygon: shapely.Geometry) -> bytes:
    """Return the same bytes for every polygon with the same outer ring, wherever the ring starts and however it turns."""
    corners = shapely.get_coordinates(shapely.get_exterior_ring(polygon))[:-1]
    return corners[np.lexsort(corners.T)].tobytes()


def _columns(rows: Sequence[_Row]) -> OsmPlaces:
    ids, tags, geometry = (np.empty(len(rows), dtype=object) for _ in range(3))
    for position, (kind, number, own_tags, shape) in enumerate(rows):
        ids[position], tags[position], geometry[position] = f"{_TYPES[kind]}/{number}", own_tags, shape
    return OsmPlaces(ids, tags, geometry)
