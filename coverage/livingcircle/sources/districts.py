"""Districts of one level or several: read from their layers, and each put into the larger one it is part of.

What is stated goes first, then what the codes say, then where a district lies. What the shapes themselves get wrong is looked for by
`livingcircle.sources.district_shapes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import Columns, GeometryArray, IntArray, TextArray
from livingcircle.model.places import DISTRICT_LEVELS, DistrictLevel, Districts
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import id_column, text_column
from livingcircle.sources.district_codes import (
    LEVEL_OF_DIGITS,
    are_division_codes,
    in_scientific_notation,
    levels_of,
    parent_codes,
    plain_codes,
)
from livingcircle.sources.district_names import NameIndex
from livingcircle.sources.district_shapes import check_shapes
from livingcircle.sources.layers import Layer, LayerSource, open_layer, raise_faults
from livingcircle.sources.reading import Reading

EXAMPLES_SHOWN = 3
MOST_OF = 0.5
"""A district is part of the larger one that holds more than this share of its area."""
WITHIN = 0.95
"""A district is within a larger one when this share of its area is: boundaries of two levels are rarely drawn from one another."""

LEVEL_WORDS: Mapping[str, DistrictLevel] = {
    **{level: level for level in DISTRICT_LEVELS},
    **dict.fromkeys(("社区", "居委会", "社区居委会", "村", "村委会", "村居", "行政村", "village"), "community"),
    **dict.fromkeys(
        ("街道", "镇", "乡", "乡镇", "街镇", "街道办事处", "sub-district", "town", "township"), "subdistrict"
    ),
    **dict.fromkeys(("区", "县", "区县", "县级", "县级市", "市辖区", "district"), "county"),
    **dict.fromkeys(("市", "地市", "地级", "地级市", "city"), "prefecture"),
    **dict.fromkeys(("省", "省级", "自治区", "直辖市"), "province"),
}
"""What a column of levels may say."""
LEVELS_ZH: Mapping[DistrictLevel, str] = {
    "community": "社区（村）",
    "subdistrict": "街道（乡镇）",
    "county": "区县",
    "prefecture": "地级市",
    "province": "省",
}
_RANK: Mapping[str, int] = {**{level: rank for rank, level in enumerate(DISTRICT_LEVELS)}, "": -1}


@dataclass(frozen=True, slots=True)
class DistrictSource:
    """A layer of districts: where it is, its columns for `id`, `name`, `level` and `parent`, and the level of all of them if stated."""

    source: LayerSource
    columns: Mapping[str, str | None]
    level: DistrictLevel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows(Columns):
    """What layers say of their districts; `plain` are codes of divisions without fillings, `""` where ids are numbers of another kind.

    `rank` is the position of the level in `DISTRICT_LEVELS`, -1 where it is not known; `layer` and `row` say where each was read.
    """

    ids: TextArray
    names: TextArray
    plain: TextArray
    rank: IntArray
    stated: TextArray
    layer: IntArray
    row: IntArray

    @property
    def level(self) -> TextArray:
        """The level of each, `""` where it is not known."""
        return np.array([*DISTRICT_LEVELS, ""], object)[self.rank]

    def examples(self, positions: NDArray[np.intp], larger: IntArray | None = None) -> str:
        """Name the first few of some districts, with the larger district of each where that is given."""
        few = positions[:EXAMPLES_SHOWN]
        names = [str(name) for name in self.names[few]]
        if larger is not None:
            names = [f"{name} → {self.names[above]}" for name, above in zip(names, larger[few], strict=True)]
        return "; ".join(names) + ("…" if len(positions) > len(few) else "")


def districts_from_layers(sources: Sequence[DistrictSource], crs: str) -> Reading[Districts]:
    """Read layers of polygons into districts, those of the smallest level first, else in the order of layers and rows.

    A district without a name is called by its id, one without an id by its row. Levels are stated, by layer or row, or follow from division
    codes. A district is part of the one that its column `parent` names, else of the one whose code its own begins with, else of the
    smallest larger one that holds most of its area.

    Raises
    ------
    InputError
        With the faults of all layers.
    """
    layers, read = [], []
    for number, source in enumerate(sources):
        layer = open_layer(source.source, needed="areas")
        layers.append(layer)
        read.append(_rows(layer, source, number, alone=len(sources) == 1))
    if not read:
        return Reading(no_districts())
    rows = reduce(_Rows.followed_by, read)
    _note_repeated(rows, layers)
    raise_faults(*layers)
    geometry = np.concatenate([layer.projected(crs) for layer in layers])
    order = np.argsort(rows.rank, kind="stable")
    rows, geometry = rows.take(order), geometry[order]
    districts = Districts(rows.ids, rows.names, geometry, rows.level, _parents(rows, geometry, layers))
    check_shapes(districts, [layers[number] for number in rows.layer], crs)
    raise_faults(*layers)
    return Reading(districts, tuple(said for layer in layers for said in layer.warnings))


def no_districts() -> Districts:
    """Return the districts of a study that is not divided: none."""
    ids, names, geometry, level = (np.empty(0, dtype=object) for _ in range(4))
    return Districts(ids, names, geometry, level, np.empty(0, np.int32))


# ── One layer: ids, codes, levels ───────────────────────────────────────────


def _rows(layer: Layer, source: DistrictSource, number: int, *, alone: bool) -> _Rows:
    """Take the columns of one layer, and note what is wrong with codes and levels."""
    found = match_columns(layer, {"code" if key == "id" else key: column for key, column in source.columns.items()})
    code = found.get("code")
    ids, names = id_column(layer, code), text_column(layer, found.get("name"))
    coded = code is not None and are_division_codes(ids)
    plain = _checked_codes(layer, ids, code or "") if coded else np.full(len(ids), "", object)
    if code is None and not alone:
        ids = np.array([f"{source.level or number + 1}-{one}" for one in ids], object)  # row numbers repeat
    level_column = found.get("level")
    rank = _ranks(layer, source.level, text_column(layer, level_column), level_column or "", ids, plain)
    if (rank < 0).any() and layer.readable and (not alone or source.columns.get("parent")):
        layer.note("level_needed")
    return _Rows(
        ids=ids,
        names=np.where(names == "", ids, names),
        plain=plain,
        rank=rank,
        stated=text_column(layer, found.get("parent")),
        layer=np.full(len(ids), number, np.int32),
        row=np.arange(len(ids), dtype=np.int32),
    )


def _checked_codes(layer: Layer, ids: TextArray, column: str) -> TextArray:
    """Return the plain codes of a column, `""` for those that are none, which are noted."""
    plain = plain_codes(ids)
    rounded, right = in_scientific_notation(ids), levels_of(plain) != ""
    for index in np.flatnonzero(~right & (ids != "")):
        digits = plain[index].isdecimal() and len(plain[index]) in LEVEL_OF_DIGITS
        kind = "code_rounded" if rounded[index] else "code_of_no_province" if digits else "code_malformed"
        layer.note(kind, index=index, column=column, value=ids[index])
    # Codes that were rounded become alike by that: to make them unique by hand would be the wrong remedy.
    layer.findings[:] = [
        found
        for found in layer.findings
        if found.kind != "duplicate_id" or not in_scientific_notation(np.array([found.value], object))[0]
    ]
    changed = np.flatnonzero(right & (plain != ids))
    if len(changed):
        examples = "; ".join(f"{ids[one]} → {plain[one]}" for one in changed[:EXAMPLES_SHOWN])
        layer.note("codes_understood", column=column, count=len(changed), examples=examples)
    return np.where(right, plain, "").astype(object)


def _ranks(
    layer: Layer, stated: DistrictLevel | None, words: TextArray, column: str, ids: TextArray, plain: TextArray
) -> IntArray:
    """Return the rank of each level (n,): of the row, else of the layer, else of the code, else of most codes of the layer, else -1."""
    by_code = np.array([_RANK[level] for level in levels_of(plain).tolist()], np.int32)
    of_layer = _RANK[stated or ""]
    rank = np.full(len(ids), of_layer, np.int32)
    for word in np.unique(words.astype(str)).tolist():
        told = LEVEL_WORDS.get(word.casefold().strip())
        here = words == word
        if told:
            rank[here] = _RANK[told]
        elif word:
            known = ", ".join(DISTRICT_LEVELS)
            layer.note("level_unknown", index=np.flatnonzero(here)[0], column=column, value=word, known=known)
    contradicted = np.flatnonzero((rank >= 0) & (by_code >= 0) & (rank != by_code))
    if len(contradicted):
        layer.note("level_contradicts_code", count=len(contradicted), examples=_few(ids[contradicted]))
    open_ones = rank < 0
    if open_ones.any() and (by_code >= 0).any():
        mostly = np.bincount(by_code[by_code >= 0]).argmax()
        rank = np.where(open_ones, np.where(by_code >= 0, by_code, mostly), rank).astype(np.int32)
        counts = Counter(DISTRICT_LEVELS[one] for one in rank[open_ones].tolist())
        layer.note("levels_from_codes", levels_zh=_counted(counts, "zh"), levels_en=_counted(counts, "en"))
    return rank


def _counted(counts: Mapping[DistrictLevel, int], language: str) -> str:
    if language == "zh":
        return "，".join(f"{count} 个{LEVELS_ZH[level]}" for level, count in counts.items())
    return ", ".join(f"{level}: {count}" for level, count in counts.items())


def _few(texts: TextArray) -> str:
    return "; ".join(str(text) for text in texts[:EXAMPLES_SHOWN]) + ("…" if len(texts) > EXAMPLES_SHOWN else "")


# ── All layers: which district is part of which ─────────────────────────────


def _note_repeated(rows: _Rows, layers: Sequence[Layer]) -> None:
    """Note ids that an earlier layer has, too; those repeated within a layer were noted by its column."""
    first: dict[str, int] = {}
    for position in np.flatnonzero(pd.Series(rows.ids, dtype=object).duplicated(keep=False).to_numpy()):
        earlier = first.setdefault(rows.ids[position], int(rows.layer[position]))
        if earlier != rows.layer[position]:
            own = layers[rows.layer[position]]
            other = Path(layers[earlier].file).name
            own.note("district_in_two_layers", index=rows.row[position], value=rows.ids[position], other=other)


def _parents(rows: _Rows, geometry: GeometryArray, layers: Sequence[Layer]) -> IntArray:
    """Return the position of the district each is part of (d,), -1 for none, after noting what contradicts itself."""
    below_top = rows.rank < rows.rank.max()
    by_code = np.where(below_top, _by_code(rows), -1)
    stated = np.where(below_top, _by_statement(rows), -1)
    for position in np.flatnonzero((rows.stated != "") & below_top & (stated < 0)):
        layers[rows.layer[position]].note("parent_unknown", index=rows.row[position], value=rows.stated[position])
    for position in np.flatnonzero((stated >= 0) & (rows.rank[stated] <= rows.rank)):
        layers[rows.layer[position]].note("parent_not_larger", index=rows.row[position], value=rows.stated[position])
        stated[position] = -1
    apart = np.flatnonzero((stated >= 0) & (by_code >= 0) & (stated != by_code))
    # A row may well name a district higher up than the next one.
    apart = apart[[not _is_part_of(by_code, one, stated[one]) for one in apart.tolist()]] if len(apart) else apart
    _note_some("parent_contradicts_code", rows, apart, layers, stated)
    parent = np.where(stated >= 0, stated, by_code)
    placed = np.flatnonzero(below_top & (parent < 0))
    parent[placed] = _by_place(rows, geometry, placed)
    _note_some("parents_by_place", rows, placed[parent[placed] >= 0], layers, parent)
    _note_some("district_without_parent", rows, placed[parent[placed] < 0], layers)
    inner = np.flatnonzero(parent >= 0)
    inside_m2 = shapely.area(shapely.intersection(geometry[inner], geometry[parent[inner]]))
    _note_some(
        "district_outside_parent", rows, inner[inside_m2 < WITHIN * shapely.area(geometry[inner])], layers, parent
    )
    return parent.astype(np.int32)


def _by_statement(rows: _Rows) -> IntArray:
    """Return the position of the district whose id, code or name each row states (d,), -1 for none or several of that name."""
    found = _positions(rows, rows.stated)
    names = NameIndex(rows.names.tolist())
    for word in np.unique(rows.stated[(found < 0) & (rows.stated != "")].astype(str)).tolist():
        here = np.flatnonzero((rows.stated == word) & (found < 0))
        larger = [one for one in names.find(word) if rows.rank[one] > rows.rank[here].max()]
        if len(larger) == 1:
            found[here] = larger[0]
    return found


def _by_code(rows: _Rows) -> IntArray:
    """Return the position of the smallest district whose code each code begins with (d,), -1 for none."""
    found = np.full(len(rows), -1, np.int32)
    for way in parent_codes(rows.plain):
        at = _positions(rows, way)
        fits = (found < 0) & (at >= 0) & (rows.rank[at] > rows.rank)
        found[fits] = at[fits]
    return found


def _positions(rows: _Rows, texts: TextArray) -> IntArray:
    """Return the position of the district with that id or code (n,), -1 for none."""
    at: dict[str, int] = {}
    for names in (rows.ids, rows.plain):
        for position, name in enumerate(names.tolist()):
            if name:
                at.setdefault(name, position)
    plain = plain_codes(texts)
    return np.array(
        [at.get(text, at.get(code, -1)) for text, code in zip(texts.tolist(), plain.tolist(), strict=True)], np.int32
    )


def _is_part_of(parent: IntArray, position: int, larger: int) -> bool:
    while position >= 0 and position != larger:
        position = int(parent[position])
    return position == larger


def _by_place(rows: _Rows, geometry: GeometryArray, placed: NDArray[np.intp]) -> IntArray:
    """Return the smallest larger district that holds most of each of these (k,), -1 where none does."""
    found = np.full(len(placed), -1, np.int32)
    one, other = shapely.STRtree(geometry).query(geometry[placed], predicate="intersects")
    larger = rows.rank[other] > rows.rank[placed[one]]
    one, other = one[larger], other[larger]
    share = shapely.area(shapely.intersection(geometry[placed[one]], geometry[other])) / shapely.area(
        geometry[placed[one]]
    )
    most = np.flatnonzero(share > MOST_OF)
    most = most[np.lexsort((-share[most], rows.rank[other[most]], one[most]))]
    which, first = np.unique(one[most], return_index=True)
    found[which] = other[most][first]
    return found


def _note_some(
    kind: str, rows: _Rows, positions: NDArray[np.intp], layers: Sequence[Layer], larger: IntArray | None = None
) -> None:
    """Note how many districts of each layer something is true of, and name the first."""
    for number in np.unique(rows.layer[positions]):
        own = positions[rows.layer[positions] == number]
        layers[number].note(kind, count=len(own), examples=rows.examples(own, larger))
