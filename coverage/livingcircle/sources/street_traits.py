"""What tags make of streets and nodes, as columns: every rule is asked once for each distinct combination of tags, never for each way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, IntArray, SmallArray, TextArray
from livingcircle.sources.roads import ROAD_TAGS, crossing_kind, is_city_road, is_wide, road_class
from livingcircle.sources.walkability import (
    TAGS_READ,
    WalkAccess,
    is_area,
    is_at_ground,
    is_walked_kind,
    walk_access,
    walk_directions,
)

WAY_TAGS = tuple(sorted({*TAGS_READ, *ROAD_TAGS, "name"}))
"""Every tag of ways that is read."""
WAY_KEYS = ("highway", "public_transport", "railway")
"""A way without any of these is of no walked kind."""


class _Judgement(NamedTuple):
    kind: bool
    walked: bool
    private: bool
    at_ground: bool
    forward: bool
    backward: bool
    steps: bool
    area: bool
    wide: bool
    road: int
    city_road: bool
    crossing: int


@dataclass(frozen=True, slots=True, eq=False)
class StreetTraits(Columns):
    """What combinations of tags mean (t rows).

    `kind`: people walk such ways at all; `walked`: they may, if perhaps only those who belong there (`private`). `area` marks what is
    walked all over where its outline is closed, `crossing` (`Crossing`) what helps across the road that such a way leads across. `name` is
    a position in `names`, -1 without one. The others are as in `StreetEdges`.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"names"})

    kind: BoolArray
    walked: BoolArray
    private: BoolArray
    at_ground: BoolArray
    forward: BoolArray
    backward: BoolArray
    steps: BoolArray
    area: BoolArray
    wide: BoolArray
    road: SmallArray
    city_road: BoolArray
    crossing: SmallArray
    name: IntArray
    names: TextArray


def street_traits(tag_sets: Iterable[Mapping[str, str]]) -> StreetTraits:
    """Judge combinations of tags; the order is kept."""
    return merged_traits([tags] for tags in tag_sets)


def merged_traits(tag_groups: Iterable[Iterable[Mapping[str, str]]]) -> StreetTraits:
    """Judge streets made of pieces that may differ in their tags: they are as walkable as the worst of them and as big as the biggest road.

    Where pieces differ in direction both directions are left, where they differ in name none.
    """
    known: dict[frozenset[tuple[str, str]], _Judgement] = {}
    rows: list[_Judgement] = []
    named: list[str | None] = []
    for group in tag_groups:
        found, names = set(), set()
        for tags in group:
            bare = frozenset(pair for pair in tags.items() if pair[0] != "name")
            if bare not in known:
                known[bare] = _judged(dict(bare))
            found.add(known[bare])
            names.add(tags.get("name"))
        rows.append(found.pop() if len(found) == 1 else _merged(found))
        named.append(names.pop() if len(names) == 1 else None)
    position = {name: number for number, name in enumerate(sorted({name for name in named if name}))}
    marks = np.array(rows, np.int8).reshape(-1, len(_Judgement._fields)).T
    columns: dict[str, Any] = {
        name: mark.copy() if name in {"road", "crossing"} else mark.astype(bool)
        for name, mark in zip(_Judgement._fields, marks, strict=True)
    }
    return StreetTraits(
        **columns,
        name=np.array([position.get(name or "", -1) for name in named], np.int32),
        names=np.array(list(position), object),
    )


def _judged(tags: Mapping[str, str]) -> _Judgement:
    kind = is_walked_kind(tags)
    access = walk_access(tags)
    forward, backward = walk_directions(tags)
    return _Judgement(
        kind=kind,
        walked=access is not WalkAccess.CLOSED,
        private=access is WalkAccess.PRIVATE,
        at_ground=is_at_ground(tags),
        forward=forward,
        backward=backward,
        steps=tags.get("highway") == "steps",
        area=is_area(tags),
        wide=is_wide(tags),
        road=road_class(tags),
        city_road=is_city_road(tags),
        crossing=crossing_kind(tags),
    )


def _merged(rows: set[_Judgement]) -> _Judgement:
    directions = {(row.forward, row.backward) for row in rows}
    forward, backward = directions.pop() if len(directions) == 1 else (True, True)
    return _Judgement(
        kind=all(row.kind for row in rows),
        walked=all(row.walked for row in rows),
        private=any(row.private for row in rows),
        at_ground=any(row.at_ground for row in rows),
        forward=forward,
        backward=backward,
        steps=all(row.steps for row in rows),
        area=all(row.area for row in rows),
        wide=any(row.wide for row in rows),
        road=max(row.road for row in rows),
        city_road=any(row.city_road for row in rows),
        crossing=max(row.crossing for row in rows),
    )
