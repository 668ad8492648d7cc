"""Homes on the map where they are many: a pyramid of squares, each level finer, and at its foot every home.

What is drawn first is sent as it is; finer levels are compressed, and the map's script unpacks one the first time the reader comes near
enough to tell its shapes apart. Squares are drawings; every figure is counted home by home.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.places import Homes
from livingcircle.render import squares as gathering
from livingcircle.render.outlines import Frame, lonlat_of, slimmed

_DIGITS = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
_METRES_PER_PIXEL_AT_EQUATOR = 156_543.03
_LEAST_PIXELS = 8
"""A square narrower than this on the screen is not worth drawing by itself."""
_HOMES_FROM_ZOOM = 16
_FINER_SQUARES = 20_000
_CORNERS_PER_HOME = 9
SCORE_EDGES = (0.2, 0.4, 0.6, 0.8)
"""Scores are shown in five classes; a sixth are homes that have none."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Squares that homes are gathered into, and from which zoom on they are shown; None stands for the homes themselves."""

    squares: gathering.Squares | None
    from_zoom: float


def levels_of(homes: Homes, crs: str) -> tuple[Level, ...]:
    """Return the levels of the map, the coarsest first; the homes alone where they are few enough."""
    if len(homes) <= gathering.MOST_HOMES:
        return (Level(None, 0),)
    coarse, fine = gathering.gather(homes), gathering.gather(homes, _FINER_SQUARES)
    latitude = float(np.radians(lonlat_of(homes.xy, crs)[:, 1].mean()))
    levels = [Level(coarse, 0)]
    if fine.side_metres < coarse.side_metres:
        wide = _LEAST_PIXELS * _METRES_PER_PIXEL_AT_EQUATOR * math.cos(latitude) / fine.side_metres
        levels.append(Level(fine, min(math.ceil(2 * math.log2(wide)) / 2, _HOMES_FROM_ZOOM - 1)))
    return (*levels, Level(None, _HOMES_FROM_ZOOM))


def classes_of(seconds: FloatArray, limits: Sequence[float]) -> IntArray:
    """(…) class of each walk: the first limit it does not exceed, then beyond all, unreachable, not joined."""
    last = len(limits)
    found = np.searchsorted(limits, np.where(np.isnan(seconds), np.inf, seconds), side="left")
    return np.where(np.isnan(seconds), last + 2, np.where(np.isinf(seconds), last + 1, found)).astype(np.int64)


def digits_of(seconds: FloatArray, limits: Sequence[float]) -> str:
    """Write classes as one base-36 digit each."""
    return "".join(_DIGITS[classes_of(seconds, limits)])


def tenths_of(seconds: FloatArray) -> list[int]:
    """Walks in tenths of a minute, rounded up, so that what is shown as 15.0 is never past 15 minutes; 0 where there is none."""
    tenths: list[int] = np.ceil(np.where(np.isfinite(seconds), seconds, 0) / 6).astype(int).tolist()
    return tenths


def score_classes(score: FloatArray) -> IntArray:
    """(…) class of each score: fifths of the way from 0 to 1, then not known."""
    return np.where(np.isnan(score), len(SCORE_EDGES) + 1, np.searchsorted(SCORE_EDGES, score, side="right")).astype(
        int
    )


def square_scores(score: FloatArray, weight: FloatArray, squares: gathering.Squares) -> FloatArray:
    """(c,) the mean score of those who live in each square and have one."""
    known = ~np.isnan(score)
    counted = np.bincount(squares.square_of[known], weight[known], len(squares))
    total = np.bincount(squares.square_of[known], (score * weight)[known], len(squares))
    mean: FloatArray = np.divide(total, counted, out=np.full(len(squares), np.nan), where=counted > 0)
    return mean


def shapes_of(
    homes: Homes,
    level: Level,
    frame: Frame,
    seconds: FloatArray,
    limits: Sequence[Sequence[float]],
    judged: Sequence[Sequence[FloatArray]],
    score: FloatArray | None,
    *,
    positions: int,
) -> dict[str, Any]:
    """Return outlines, people and classes of one level; `seconds` (services, r) and `limits` are of the services on the map.

    `judged` are the walks (r,) that each limit of each service is judged by.
    """
    squares = level.squares
    if squares is None:
        shapes, residents = slimmed(homes.geometry, positions, 0.3), homes.residents
        found: dict[str, Any] = {"ids": [str(name) for name in homes.ids]}
        shown = score
        walks = seconds
    else:
        weight = gathering.weights(homes, squares)
        shapes, residents = squares.geometry, squares.residents
        found = {"counts": squares.homes.astype(int).tolist(), "shares": shares_of(judged, limits, weight, squares)}
        shown = None if score is None else square_scores(score, weight, squares)
        walks = np.array([gathering.median_seconds(walk, weight, squares) for walk in seconds])
    if shown is not None:
        found["scores"] = score_classes(shown).tolist()
    return {
        "outlines": frame.outlines(shapes),
        "residents": np.rint(residents).astype(int).tolist(),
        "classes": [digits_of(walk, own) for walk, own in zip(walks, limits, strict=True)],
        "tenths": [tenths_of(walk) for walk in walks],
        **found,
    }


def shares_of(
    judged: Sequence[Sequence[FloatArray]],
    limits: Sequence[Sequence[float]],
    weight: FloatArray,
    squares: gathering.Squares,
) -> list[list[list[int]]]:
    """Return the percent covered of every square, by service and limit; `judged` are the walks that each limit is judged by."""
    return [
        [
            gathering.percent_covered(walk, limit, weight, squares).tolist()
            for walk, limit in zip(walks, own, strict=True)
        ]
        for walks, own in zip(judged, limits, strict=True)
    ]


def homes_on_map(
    homes: Homes,
    levels: Sequence[Level],
    frame: Frame,
    seconds: FloatArray,
    limits: Sequence[Sequence[float]],
    judged: Sequence[Sequence[FloatArray]],
    score: FloatArray | None,
    positions: int,
) -> dict[str, Any]:
    """Return the coarsest level as it is, and the finer ones compressed, without the minutes that only a full popup needs."""
    first = shapes_of(homes, levels[0], frame, seconds, limits, judged, score, positions=positions)
    content = {"cells": levels[0].squares is not None, **first}
    if len(levels) > 1:
        content["levels"] = [
            {
                "from_zoom": level.from_zoom,
                "block": packed(
                    {
                        name: value
                        for name, value in shapes_of(
                            homes,
                            level,
                            frame,
                            seconds,
                            limits,
                            judged,
                            score,
                            positions=_CORNERS_PER_HOME * len(homes),
                        ).items()
                        if name != "tenths"
                    }
                ),
            }
            for level in levels[1:]
        ]
    return content


def packed(content: dict[str, Any]) -> str:
    """Compress JSON to text that a browser unpacks by itself (zlib, base64)."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode("ascii")
