"""Walled compounds (小区) and their gates (大门), from layers or from OpenStreetMap."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.kernel.compound import GATE_METRES
from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.model.compound import Compounds, Gates, Passage
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, text_column
from livingcircle.sources.extract import read_extract
from livingcircle.sources.layers import Layer, LayerSource, inner_points, open_layer
from livingcircle.sources.osm import read_tagged, reprojected
from livingcircle.sources.reading import Reading

ALWAYS = (np.nan, np.nan)
WHO = {
    Passage.EVERYONE: ("", "everyone", "all", "public", "yes", "所有人", "全部", "任何人", "不限", "公众", "开放"),
    Passage.RESIDENTS: ("residents", "resident", "private", "业主", "居民", "住户", "本小区居民"),
    Passage.NOBODY: (
        "nobody",
        "no",
        "closed",
        "locked",
        "emergency",
        "vehicles",
        "不开放",
        "封闭",
        "关闭",
        "消防",
        "应急",
        "车行",
    ),
}
YES = frozenset({"yes", "true", "1", "是", "可", "可穿行"})
NO = frozenset({"", "no", "false", "0", "否", "不可", "不可穿行"})
ALL_DAY = frozenset({"", "24/7", "24小时", "24小时开放", "全天", "全天开放", "全天候"})
_HOURS = re.compile(r"(?:Mo-Su\s+)?(\d{1,2}):(\d{2})\s*[-–—~～至到]\s*(\d{1,2}):(\d{2})")

WALL_TAGS = frozenset({"wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail", "yes"})
GATE_BARRIERS = (
    "gate",
    "lift_gate",
    "swing_gate",
    "sliding_gate",
    "kissing_gate",
    "wicket_gate",
    "full-height_turnstile",
    "turnstile",
    "entrance",
)
GATE_ENTRANCES = ("yes", "main", "secondary", "exit", "emergency", "service")
ON_WALL_METRES = 5.0
"""A mapped wall this near an outline is that of the area, and an `entrance` this near it leads into the area, not into a house."""
WALLED_SHARE = 0.5
"""An area is walled when this part of its outline is."""
_OUTLINE_STEP_METRES = 5.0


# ── Layers ──────────────────────────────────────────────────────────────────


def compounds_from_layer(source: LayerSource, columns: Mapping[str, str | None], crs: str) -> Reading[Compounds]:
    """Read a layer of polygons, in the order of its rows.

    `columns` names those for `id` (row numbers when None), `name` (the id when empty) and `through`, whether strangers may walk through
    (yes or no; no when empty).

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layer = open_layer(source, needed="areas", columns=columns)
    columns = match_columns(layer, columns)
    ids = id_column(layer, columns.get("id"))
    names = text_column(layer, columns.get("name"))
    through = [text.lower() for text in text_column(layer, columns.get("through"))]
    for index, text in enumerate(through):
        if text not in YES | NO:
            layer.note("not_yes_or_no", index=index, column=columns.get("through") or "", value=text)
    geometry = layer.projected(crs)
    passable = np.array([text in YES for text in through], bool)
    return Reading(Compounds(ids, np.where(names == "", ids, names), geometry, passable), layer.warnings)


def gates_from_layer(
    source: LayerSource, columns: Mapping[str, str | None], compounds: Compounds, crs: str
) -> Reading[Gates]:
    """Read a layer or table of points, in the order of its rows.

    `columns` names those for `lon`, `lat`, `who` (see `WHO`; everyone when empty), `hours` ("06:00-22:00"; always open when empty) and
    `compound`, the id of the compound a gate belongs to (those whose wall is near when empty).

    Raises
    ------
    InputError
        With every fault of the layer.
    """
    layer = open_layer(source, needed="points", columns=columns)
    columns = match_columns(layer, columns)
    who = [_passage(layer, index, text, columns) for index, text in enumerate(text_column(layer, columns.get("who")))]
    hours = [_hours(layer, index, text, columns) for index, text in enumerate(text_column(layer, columns.get("hours")))]
    position = {name: place for place, name in enumerate(compounds.ids.tolist())}
    named = text_column(layer, columns.get("compound"))
    for index, name in enumerate(named):
        if name and name not in position:
            layer.note("unknown_compound", index=index, column=columns.get("compound") or "", value=name)
    geometry = layer.projected(crs)
    opens, closes = np.array(hours, float).reshape(-1, 2).T
    gates = Gates(
        xy=inner_points(geometry),
        who=np.array(who, np.int8),
        opens=opens.copy(),
        closes=closes.copy(),
        compound=np.array([position.get(name, -1) for name in named], np.int32),
    )
    return Reading(gates, layer.warnings)


def _passage(layer: Layer, index: int, text: str, columns: Mapping[str, str | None]) -> Passage:
    for passage, words in WHO.items():
        if text.lower() in words:
            return passage
    layer.note("unknown_passage", index=index, column=columns.get("who") or "", value=text)
    return Passage.NOBODY


def _hours(layer: Layer, index: int, text: str, columns: Mapping[str, str | None]) -> tuple[float, float]:
    minutes = minutes_of(text)
    if minutes is None:
        layer.note("bad_hours", index=index, column=columns.get("hours") or "", value=text)
    return minutes or ALWAYS


def minutes_of(hours: str) -> tuple[float, float] | None:
    """Return when hours such as "06:00-22:00" begin and end, in minutes since midnight.

    Both are NaN for what is always open (see `ALL_DAY`, or "00:00-24:00"); None for what cannot be read. Full-width signs and digits are
    read like others.
    """
    text = unicodedata.normalize("NFKC", hours).strip()
    if text in ALL_DAY:
        return ALWAYS
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    if max(from_hour, to_hour) > 24 or max(from_minute, to_minute) > 59:
        return None
    opens, closes = 60.0 * from_hour + from_minute, 60.0 * to_hour + to_minute
    return ALWAYS if (opens, closes) == (0, 24 * 60) else (opens, closes)


def no_gates() -> Gates:
    """Return the gates of a study that knows none."""
    none = np.empty(0)
    return Gates(np.empty((0, 2)), np.empty(0, np.int8), none, none.copy(), np.empty(0, np.int32))


# ── OpenStreetMap ───────────────────────────────────────────────────────────


def compounds_from_osm(
    path: Path, crs: str, *, every_residential_area: bool, cache_folder: Path | None = None
) -> Reading[tuple[Compounds, Gates]]:
    """Read residential areas (`landuse=residential`) with a wall around them, and the gates in it.

    An area is walled when it carries `barrier` itself or half of its outline has a mapped barrier beside it; with `every_residential_area`
    all of them are taken to be, as Chinese data show the areas and hardly ever the walls. Gates are gates and gaps (`barrier=gate`,
    `entrance` …) near an outline, and entrances (`entrance=*`) right on it. `foot` and `access`, `locked` and `opening_hours` say who
    passes and when; hours that cannot be read count as always open, with a warning.

    Raises
    ------
    InputError
        When the file is missing, of another format, cut short or otherwise unreadable.
    """
    wanted = [{"landuse": "residential"}, *({"barrier": value} for value in GATE_BARRIERS)]
    places = read_tagged(path, [*wanted, *({"entrance": value} for value in GATE_ENTRANCES)], cache_folder)
    geometry = reprojected(places.geometry, crs)
    flat = shapely.get_dimensions(geometry) == 2
    residential = flat & np.array([tags.get("landuse") == "residential" for tags in places.tags], bool)
    areas = np.flatnonzero(residential)
    if not every_residential_area:
        own = np.array([tags.get("barrier") in WALL_TAGS for tags in places.tags[areas]], bool)
        areas = areas[own | (_walled_share(geometry[areas], _barriers(path, crs)) >= WALLED_SHARE)]
    compounds = Compounds(
        ids=places.ids[areas],
        names=np.array(
            [tags.get("name") or place for tags, place in zip(places.tags[areas], places.ids[areas], strict=True)],
            object,
        ),
        geometry=geometry[areas],
        through=np.zeros(len(areas), bool),
    )

    is_gate = np.array([tags.get("barrier") in GATE_BARRIERS for tags in places.tags], bool)
    points = np.flatnonzero(shapely.get_dimensions(geometry) == 0)
    outlines = shapely.STRtree(shapely.boundary(compounds.geometry))
    reach_metres = np.where(is_gate[points], GATE_METRES, ON_WALL_METRES)
    near, _ = outlines.query(geometry[points], predicate="dwithin", distance=reach_metres)
    points = points[np.unique(near)]
    hours = [minutes_of(tags.get("opening_hours", "")) for tags in places.tags[points]]
    opens, closes = np.array([when or ALWAYS for when in hours], float).reshape(-1, 2).T
    gates = Gates(
        xy=shapely.get_coordinates(geometry[points]),
        who=np.array([osm_passage(tags) for tags in places.tags[points]], np.int8),
        opens=opens.copy(),
        closes=closes.copy(),
        compound=np.full(len(points), -1, np.int32),
    )
    unread = hours.count(None)
    warnings = (Fault("gate_hours_unread", file=str(path), details={"count": unread}),) if unread else ()
    return Reading((compounds, gates), warnings)


def osm_passage(tags: Mapping[str, str]) -> Passage:
    """Return who passes a gate on foot: `foot` before `access`; a lock keeps everybody out unless `foot` says otherwise."""
    said = tags.get("foot") or tags.get("access", "")
    if said in {"no", "emergency", "delivery", "agricultural", "forestry"} or tags.get("entrance") == "emergency":
        return Passage.NOBODY
    if tags.get("locked") == "yes" and "foot" not in tags:
        return Passage.NOBODY
    return Passage.RESIDENTS if said in {"private", "residents", "permit"} else Passage.EVERYONE


def _barriers(path: Path, crs: str) -> GeometryArray:
    """Return the lines of mapped walls and fences; what a clipped extract lacks of one is left out."""
    ways = read_extract(str(path), ["barrier"], [], ["barrier"])
    wall = np.array([tags.get("barrier") in WALL_TAGS for tags in ways.tag_sets], bool)
    way = np.repeat(np.arange(len(ways)), np.diff(ways.first))
    kept = wall[ways.tag_set[way]] & np.isfinite(ways.lon) & np.isfinite(ways.lat)
    lonlat, way = np.column_stack([ways.lon, ways.lat])[kept], way[kept]
    enough = np.bincount(way, minlength=1)[way] > 1
    _, line = np.unique(way[enough], return_inverse=True)
    return reprojected(np.asarray(shapely.linestrings(lonlat[enough], indices=line), object), crs)


def _walled_share(areas: GeometryArray, barriers: GeometryArray) -> FloatArray:
    """Return the part of each area's outline (a,) that has a barrier within `ON_WALL_METRES`."""
    steps = shapely.segmentize(shapely.boundary(areas), _OUTLINE_STEP_METRES)
    points, area = shapely.get_coordinates(steps, return_index=True)
    near, _ = shapely.STRtree(barriers).query(shapely.points(points), predicate="dwithin", distance=ON_WALL_METRES)
    counts = np.bincount(area, minlength=len(areas))
    return np.bincount(area[np.unique(near)], minlength=len(areas)) / np.maximum(counts, 1)
