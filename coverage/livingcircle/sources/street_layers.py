"""Streets from a layer of lines: edges that OSMnx exported, ways of OpenStreetMap in any vector format, or a city's own road layer.

The rules of walking are those of every other source (`livingcircle.sources.walkability`), on the columns there are. Where lines meet is
decided by `livingcircle.sources.street_joints`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import FloatArray, TextArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.columns import text_column
from livingcircle.sources.layers import Layer, LayerSource, missing_columns, open_layer, raise_faults
from livingcircle.sources.projection import crs_faults, projected, study_crs
from livingcircle.sources.reading import Reading
from livingcircle.sources.street_joints import JoinedLines, join_lines, numbers_of_ends
from livingcircle.sources.street_pieces import Outlines, Ways, street_pieces
from livingcircle.sources.street_traits import WAY_TAGS, merged_traits
from livingcircle.sources.walkability import CLASSES_KNOWN, PAVEMENT_TAGS

JoinedAt = Literal["ends", "inner_points"]

FIELDS = (*WAY_TAGS, "width", "u", "v", "osmid")
"""Everything a column of a street layer can hold."""
_ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "highway": ("fclass", "highway_type", "road_class", "道路等级", "道路类型", "道路类别", "道路分类", "道路级别"),
    "name": ("道路名称", "路名", "街道名称", "名称", "road_name", "roadname"),
    "lanes": ("车道数",),
    "oneway": ("单行", "是否单行", "单向"),
    "width": ("车行道宽度", "路面宽度", "carriageway_width"),
    "osmid": ("osm_id", "@id", "way_id", "full_id"),
}
_CLASSES_SAID: Mapping[str, str] = {
    "高速公路": "motorway",
    "高速": "motorway",
    "快速路": "trunk",
    "城市快速路": "trunk",
    "国道": "primary",
    "主干路": "primary",
    "主干道": "primary",
    "省道": "primary",
    "次干路": "secondary",
    "次干道": "secondary",
    "县道": "secondary",
    "支路": "tertiary",
    "乡道": "tertiary",
    "街巷": "residential",
    "巷道": "residential",
    "里弄": "residential",
    "村道": "unclassified",
    "小区道路": "service",
    "内部道路": "service",
    "居住区道路": "living_street",
    "步行街": "pedestrian",
    "步行道": "footway",
    "人行道": "footway",
    "人行天桥": "footway",
    "天桥": "footway",
    "人行地道": "footway",
    "地下通道": "footway",
    "绿道": "path",
    "小路": "path",
    "台阶": "steps",
    "梯道": "steps",
    "非机动车道": "cycleway",
    "track_grade1": "track",
    "track_grade2": "track",
    "track_grade3": "track",
    "track_grade4": "track",
    "track_grade5": "track",
}
"""Classes of city roads (GB 50220, CJJ 37) and of Geofabrik's layers, as OpenStreetMap calls them in China."""
_ABOVE, _BELOW = frozenset({"人行天桥", "天桥"}), frozenset({"人行地道", "地下通道"})
UNKNOWN_CLASS = "road"
"""What OpenStreetMap calls a way that nobody has classified: it is walked."""
_YES_OR_NO = frozenset({"area", "bridge", "dual_carriageway", "indoor", "motorroad", "oneway", "tunnel"})
_SAID = {"t": "yes", "true": "yes", "1": "yes", "y": "yes", "是": "yes", "f": "no", "false": "no", "0": "no", "n": "no"}
_SAID |= {"否": "no", "b": "no"}
_LANE_METRES = 3.5
_FOUR_LANES_METRES = 4 * _LANE_METRES
NUMBERS_APART_METRES = 1.0
"""Ends of one node number that are drawn farther apart do not meet, and then the numbers of the whole layer mean something else."""
EXAMPLES_SHOWN = 5


def streets_from_layer(
    source: LayerSource,
    columns: Mapping[str, str],
    crs: str | None,
    *,
    snap_metres: float = 0.5,
    joined_at: JoinedAt | None = None,
) -> Reading[StreetEdges]:
    """Read the walkable streets of a layer of lines, in metres of `crs` or of the UTM zone of its centre.

    Parameters
    ----------
    columns
        The column of each of `FIELDS` that is not called as in OpenStreetMap.
    snap_metres
        Ends drawn this close to another end, or to a line, meet it; without effect where lines carry node numbers.
    joined_at
        Whether lines meet at ends only or at shared inner points as well; None decides by whether they carry numbers of OpenStreetMap.

    Raises
    ------
    InputError
        With every fault of the file; when it holds no walkable street, or `crs` is unfit.
    """
    layer = open_layer(source, needed="lines")
    layer.findings.extend(crs_faults(crs) if crs is not None else [])
    if not layer.readable:
        raise_faults(layer)
    found = _fields(layer, columns)
    lines, row = shapely.get_parts(layer.projected("EPSG:4326"), return_index=True)
    lon, lat = shapely.get_coordinates(lines).T
    chosen_crs = study_crs(crs, lon, lat)
    in_metres = shapely.set_coordinates(lines.copy(), projected(lon, lat, chosen_crs))
    joined = _joined(layer, found, in_metres, row, snap_metres, joined_at)
    ways = _ways(layer, found, joined, row, lon, lat)
    pieces = street_pieces(ways, crs=chosen_crs, file=layer.file)
    return Reading(pieces.value, (*layer.warnings, *pieces.warnings))


def _fields(layer: Layer, stated: Mapping[str, str]) -> dict[str, str]:
    """Return the column of every field that is stated or known by its name, and note the latter."""
    present = {_plain(name): str(name) for name in reversed(layer.frame.columns) if name != layer.frame.geometry.name}
    found = {
        field: present[name]
        for field in FIELDS
        for name in map(_plain, reversed((field, *_ALSO_CALLED.get(field, ()))))
        if name in present
    }
    recognised = {field: column for field, column in found.items() if field not in stated}
    if recognised:
        layer.note("columns_matched", columns="; ".join(f"{column} → {field}" for field, column in recognised.items()))
    absent = [column for column in stated.values() if column not in layer.frame.columns]
    layer.findings.extend(missing_columns(absent, layer.frame.columns, layer.file))
    return found | dict(stated)


def _joined(
    layer: Layer,
    found: Mapping[str, str],
    lines: NDArray[np.object_],
    row: NDArray[np.intp],
    snap_metres: float,
    joined_at: JoinedAt | None,
) -> JoinedLines:
    numbers = None
    if {"u", "v"} <= found.keys() and len(row) == len(layer.frame):
        ends = [pd.to_numeric(layer.frame[found[end]], errors="coerce") for end in ("u", "v")]
        if not any(end.isna().any() for end in ends):
            named = np.column_stack([end.to_numpy(np.int64) for end in ends])
            numbers = numbers_of_ends(lines, named, max(snap_metres, NUMBERS_APART_METRES))
        if numbers is None:
            layer.note("node_numbers_ignored", columns=f"{found['u']}, {found['v']}")
    at = joined_at or ("inner_points" if "osmid" in found and numbers is None else "ends")
    joined = join_lines(lines, snap_metres=snap_metres, at_inner_points=at == "inner_points", numbers=numbers)
    how = "numbers" if numbers is not None else at
    layer.note(
        "lines_joined",
        how_zh=_JOINING[how][0],
        how_en=_JOINING[how][1],
        count=len(joined),
        metres=snap_metres,
        moved=joined.ends_moved,
        on_lines=joined.ends_on_lines,
        twice=joined.twice,
    )
    if joined.inner_points_shared:
        layer.note("inner_points_shared", count=joined.inner_points_shared)
    return joined


_JOINING: Mapping[str, tuple[str, str]] = {
    "numbers": ("起止节点编号", "the numbers of their end nodes"),
    "ends": ("端点位置", "where their ends are drawn"),
    "inner_points": ("端点和共用的中间点", "their ends and the inner points they share"),
}


def _ways(
    layer: Layer,
    found: Mapping[str, str],
    joined: JoinedLines,
    row: NDArray[np.intp],
    lon: FloatArray,
    lat: FloatArray,
) -> Ways:
    """Return the lines of a walked kind as ways."""
    groups, group_of_row = _tag_groups(layer, found)
    traits = merged_traits(groups)
    of_line = row[joined.line]
    trait = group_of_row[of_line]
    kept = traits.kind[trait]
    counts = np.diff(joined.first)
    reference = np.repeat(kept, counts)
    ids = np.full(len(layer.frame), -1, np.int64)
    if "osmid" in found:
        numbers = pd.to_numeric(layer.frame[found["osmid"]].astype(str).str.lstrip("w"), errors="coerce")
        ids = numbers.fillna(-1).to_numpy(np.int64)
    none = np.empty(0, np.int64)
    point = joined.point[reference]
    return Ways(
        ids=ids[of_line[kept]],
        trait=trait[kept],
        traits=traits,
        first=np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int64),
        node=joined.node[reference],
        lon=lon[point],
        lat=lat[point],
        marked=none,
        crossing=np.empty(0, np.int8),
        closed=np.empty(0, bool),
        squares=Outlines(trait=np.empty(0, np.int32), first=np.zeros(1, np.int64), way=np.empty(0, np.intp)),
        bounds=None,
    )


def _tag_groups(layer: Layer, found: Mapping[str, str]) -> tuple[list[list[dict[str, str]]], NDArray[np.int32]]:
    """Return the distinct combinations of tags, each as the tag sets it may stand for, and the combination of each row."""
    tags = {field: _texts(layer, column) for field, column in found.items() if field in WAY_TAGS or field == "width"}
    if not tags:
        layer.note("no_street_classes")
        return [[{"highway": UNKNOWN_CLASS}]], np.zeros(len(layer.frame), np.int32)
    table = pd.DataFrame(tags)
    of_row = table.groupby(list(tags), sort=False).ngroup().to_numpy().astype(np.int32)
    first = np.unique(of_row, return_index=True)[1]
    rows = [dict(zip(tags, row, strict=True)) for row in table.iloc[first].itertuples(index=False, name=None)]
    unknown: dict[str, int] = {}
    sizes = np.bincount(of_row).tolist()
    groups = [_tag_sets(one, size, unknown) for one, size in zip(rows, sizes, strict=True)]
    if "highway" not in tags:
        layer.note("no_street_classes")
    elif unknown:
        examples = ", ".join(f"“{name}”" if name else "—" for name in list(unknown)[:EXAMPLES_SHOWN])
        layer.note("unknown_street_class", column=found["highway"], count=sum(unknown.values()), examples=examples)
    trunks = sum(
        size for group, size in zip(groups, sizes, strict=True) if group[0]["highway"] in {"trunk", "trunk_link"}
    )
    if trunks and not tags.keys() & {"foot", *PAVEMENT_TAGS}:
        layer.note("trunk_roads_unjudged", count=trunks)
    return groups, of_row


def _tag_sets(row: Mapping[str, str], size: int, unknown: dict[str, int]) -> list[dict[str, str]]:
    """Return every set of tags a row may stand for: OSMnx leaves a list where the ways it merged differ in class."""
    tags = {tag: said for tag in row if (said := _tag_said(tag, row[tag])) and tag != "width"}
    if "width" in row and "lanes" not in tags and _first_number(row["width"]) >= _FOUR_LANES_METRES:
        tags["lanes"] = str(int(_first_number(row["width"]) / _LANE_METRES))
    classes = []
    for said in _listed(row.get("highway", "")):
        plain = _CLASSES_SAID.get(said, said.lower())
        if "highway" in row and plain not in CLASSES_KNOWN:
            unknown[said] = unknown.get(said, 0) + size
        if said in _ABOVE:
            tags.setdefault("bridge", "yes")
        if said in _BELOW:
            tags.setdefault("tunnel", "yes")
        classes.append(plain if plain in CLASSES_KNOWN else UNKNOWN_CLASS)
    return [{**tags, "highway": one} for one in dict.fromkeys(classes)]


def _tag_said(tag: str, value: str) -> str:
    if tag in _YES_OR_NO:
        return _SAID.get(value.lower(), value)
    return re.sub(r"\.0+$", "", value) if tag in {"lanes", "layer", "level"} else ";".join(_listed(value))


def _listed(value: str) -> list[str]:
    """Return the values of a cell: one, or several in a list as Python or OpenStreetMap writes them."""
    if value[:1] in "[{(" and value:
        try:
            return [str(one).strip() for one in ast.literal_eval(value)]
        except (SyntaxError, ValueError, TypeError):
            return [value]
    return [part.strip() for part in value.split(";")]


def _first_number(value: str) -> float:
    digits = re.match(r"\d+(\.\d+)?", value)
    return float(digits[0]) if digits else 0.0


def _texts(layer: Layer, column: str) -> TextArray:
    """Return a column as text; lists, which GeoParquet can hold, as Python writes them."""
    if column in layer.frame.columns and layer.frame[column].dtype == object:
        cells: pd.Series[Any] = layer.frame[column].map(_written)
        layer = replace(layer, frame=layer.frame.assign(**{column: cells}))
    return text_column(layer, column)


def _written(cell: object) -> object:
    return repr(list(cell)) if isinstance(cell, np.ndarray | list | tuple) else cell


def _plain(name: object) -> str:
    return re.sub(r"[\s_:：]", "", str(name)).casefold()
