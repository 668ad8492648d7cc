"""Names and numbers on a map, set so that none covers another: at their place, or as near to it as there is room."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_RINGS_MM = (0.0, 2.0, 4.0, 6.5, 9.0)
_NUMBER_RINGS_MM = (*_RINGS_MM, 12.0, 16.0, 21.0, 27.0)
_DIRECTIONS = 12
_MARK_MM = 1.6

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A name or, in a disc, a number, at a place in metres of the map."""

    x: float
    y: float
    text: str
    colour: str
    points: float = 6.5
    bold: bool = False
    is_number: bool = False
    halo: str = "#ffffff"


def placed(
    labels: Sequence[Label], places: Sequence[Point], sizes: Sequence[Point], room: Box, marks: Sequence[Point] = ()
) -> list[Point | None]:
    """Return the centre of each label on the page (mm), or None for a name without room; the first ones choose first.

    `marks` are drawn places that names shall not cover, unless there is no other room for them. A number is always
    set, over others if there is no free place near.
    """
    taken: list[Box] = []
    dots = [_box(mark, (_MARK_MM, _MARK_MM)) for mark in marks]
    found: list[Point | None] = []
    for label, place, size in zip(labels, places, sizes, strict=True):
        spots = [one for one in _around(place, label) if _is_free(_box(one, size), taken, room)]
        clear = (one for one in spots if not _is_over(_box(one, size), dots))
        spot = next(clear, next(iter(spots), None))
        if spot is None and label.is_number:
            spot = place
        if spot is not None:
            taken.append(_box(spot, size))
        found.append(spot)
    return found


def _around(place: Point, label: Label) -> Iterator[Point]:
    for radius in _NUMBER_RINGS_MM if label.is_number else _RINGS_MM:
        for step in range(_DIRECTIONS if radius else 1):
            angle = 2 * math.pi * step / _DIRECTIONS + math.pi / 2
            yield place[0] + radius * math.cos(angle), place[1] + radius * math.sin(angle)


def _box(centre: Point, size: Point) -> Box:
    return centre[0] - size[0] / 2, centre[1] - size[1] / 2, centre[0] + size[0] / 2, centre[1] + size[1] / 2


def _is_free(box: Box, taken: Sequence[Box], room: Box) -> bool:
    inside = room[0] + 0.5 <= box[0] and box[2] <= room[2] - 0.5 and room[1] + 0.5 <= box[1] and box[3] <= room[3] - 0.5
    return inside and not _is_over(box, taken)


def _is_over(box: Box, taken: Sequence[Box]) -> bool:
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken)
