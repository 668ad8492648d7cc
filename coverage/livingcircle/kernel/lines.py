"""Cut lines into pieces at given places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import FloatArray, GeometryArray

_SHORTEST_METRES = 0.01
"""No piece is shorter than this."""


class Cuts(NamedTuple):
    """The pieces of lines that were cut (p rows, in order along each line), and the places they were cut at, `xy` (c, 2).

    `line` is the position of each piece's line, `share` its part of the line's length; `begins` and `stops` are the cuts at its ends, -1
    where it begins or stops with the line itself.
    """

    pieces: GeometryArray
    line: NDArray[np.intp]
    share: FloatArray
    begins: NDArray[np.intp]
    stops: NDArray[np.intp]
    xy: FloatArray


def cut_lines(lines: GeometryArray, line: NDArray[np.intp], along_metres: FloatArray) -> Cuts:
    """Cut `line` (c,), positions in `lines`, at `along_metres` (c,); lines that are not named have no pieces.

    Cuts at either end of a line, or within a centimetre of another, are left out.
    """
    order = np.lexsort((along_metres, line))
    line, along = line[order], along_metres[order]
    apart = np.ones(len(line), bool)
    apart[1:] = (line[1:] != line[:-1]) | (along[1:] - along[:-1] > _SHORTEST_METRES)
    kept = apart & (along > _SHORTEST_METRES) & (along < shapely.length(lines[line]) - _SHORTEST_METRES)
    line, along = line[kept], along[kept]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along)).reshape(-1, 2)

    # Corners and cuts of all lines in one list, in order along each; a cut stands twice: as the end of one piece and the start of the next.
    cut_line = np.unique(line)
    corners, owner = shapely.get_coordinates(lines[cut_line], return_index=True)
    steps = np.hypot(*np.diff(corners, axis=0, prepend=corners[:1]).T)
    run = np.cumsum(steps)
    first = np.searchsorted(owner, np.arange(len(cut_line)))
    corner_along = run - run[first][owner]
    length = np.maximum.reduceat(corner_along, first) if len(first) else np.empty(0)
    all_line = np.concatenate([cut_line[owner], line])
    all_along = np.concatenate([corner_along, along])
    number = np.concatenate([np.full(len(owner), -1), np.arange(len(line))])
    order = np.lexsort((number, all_along, all_line))
    twice = np.repeat(order, 1 + (number[order] >= 0))
    starts = np.zeros(len(twice), bool)
    starts[1:] = (twice[1:] == twice[:-1]) | (all_line[twice[1:]] != all_line[twice[:-1]])
    starts[:1] = True
    piece = np.cumsum(starts) - 1
    begin = np.flatnonzero(starts)
    stop = np.concatenate([begin[1:], [len(twice)]]) - 1 if len(begin) else begin
    of_piece = all_line[twice[begin]]
    span = all_along[twice[stop]] - all_along[twice[begin]]
    return Cuts(
        pieces=np.asarray(shapely.linestrings(np.concatenate([corners, at])[twice], indices=piece), object),
        line=of_piece,
        share=span / length[np.searchsorted(cut_line, of_piece)],
        begins=number[twice[begin]],
        stops=number[twice[stop]],
        xy=at,
    )
