"""Where a site is, as a small plain map: streets, homes by what the plan does for them, existing places, the runner-up."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.plan import Plan
from livingcircle.model.study import Study
from livingcircle.render import tables
from livingcircle.render.words import CANDIDATE, INK, PAPER, PLAN, UNCOVERED, say

SIDE = 520
"""Pixels of either side."""
_NEAREST, _FARTHEST = 250.0, 2_500.0
"""Metres from the site to the edge of the sketch, at least and at most."""
_COVERED, _STREET, _OTHER = "#b7d3e6", "#cdd2d6", "#8d78a8"


def sketch(study: Study, plan: Plan, row: int, language: Language) -> tuple[str, list[str]]:
    """Draw the surroundings of one pick as SVG, and tell what kinds of marks are on it (keys of `LEGEND_COLOURS`).

    Where its service is not shown by place, there are streets, the plan's sites and the runner-up only.
    """
    service = int(plan.service[row])
    told = tables.is_open(study.standard.services[service])
    xy = study.candidates.xy
    here, rival = xy[plan.candidate[row]], xy[plan.runner_up[row : row + 1]][: int(plan.runner_up[row] >= 0)]
    gained, covered = _homes_of(study, plan, row)
    existing = study.facilities.xy[study.facilities.serves[:, service] & told]
    frame = _Frame(here, _half_side(here, study.homes.xy[gained & told], rival, existing))
    streets = study.network.streets
    marks: dict[str, list[str]] = {}
    if told:
        shapes = study.homes.geometry
        marks["covered"] = list(frame.homes(shapes[covered & ~gained], _COVERED))
        marks["uncovered"] = list(frame.homes(shapes[~covered], UNCOVERED))
        marks["gained"] = list(frame.homes(shapes[gained], PLAN))
        look = f'width="10" height="10" fill="{INK}" stroke="#fff" stroke-width="1.5"'
        marks["existing"] = [f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" {look}/>' for x, y in frame.inside(existing)]
    look = f'r="9" fill="#fff" fill-opacity=".85" stroke="{CANDIDATE}" stroke-width="2.5" stroke-dasharray="4 2.5"'
    marks["rival"] = [f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}/>' for x, y in frame.inside(rival)]
    others = dict.fromkeys(plan.candidate[plan.candidate != plan.candidate[row]].tolist())
    marks["other"] = [
        text
        for one in others
        for x, y in frame.inside(xy[one : one + 1])
        for text in _pin(x, y, int(np.flatnonzero(plan.candidate == one)[0]) + 1, _OTHER, 9)
    ]
    marks["pick"] = list(_pin(SIDE / 2, SIDE / 2, row + 1, PLAN, 13))
    name = escape(say("site.map", language))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{name}">',
        f'<rect width="{SIDE}" height="{SIDE}" fill="{PAPER}"/>',
        *frame.lines(streets.lines[streets.drawn]),
        *(text for drawn in marks.values() for text in drawn),
        *_scale_bar(frame.half, language),
        *_north(language),
        "</svg>",
    ]
    return "\n".join(parts), [kind for kind in LEGEND_COLOURS if marks.get(kind)]


LEGEND_COLOURS = {
    "pick": PLAN,
    "other": _OTHER,
    "rival": CANDIDATE,
    "existing": INK,
    "gained": PLAN,
    "covered": _COVERED,
    "uncovered": UNCOVERED,
}


def _homes_of(study: Study, plan: Plan, row: int) -> tuple[BoolArray, BoolArray]:
    """Return the homes (r,) this pick is the first to cover, and all that are covered once the plan is built."""
    service = int(plan.service[row])
    nobody = np.zeros(len(study.homes), bool)
    by = tables.rows_of(plan, plan.gained_by).get(service)
    after = tables.rows_of(plan, plan.covered_after).get(service)
    gained = nobody if by is None else np.asarray(plan.gained_by[by] == row)
    return gained, nobody if after is None else plan.covered_after[after] | gained


def _half_side(here: FloatArray, gained: FloatArray, rival: FloatArray, existing: FloatArray) -> float:
    def farthest(points: FloatArray) -> float:
        return float(np.abs(points - here).max(initial=0.0))

    reach = max(_NEAREST, 1.12 * farthest(gained))
    if farthest(rival) < 2 * reach:
        reach = max(reach, 1.12 * farthest(rival))
    if len(existing):
        nearest = existing[[np.argmin(np.linalg.norm(existing - here, axis=1))]]
        if farthest(nearest) < 2 * reach:
            reach = max(reach, 1.12 * farthest(nearest))
    return min(reach, _FARTHEST)


class _Frame:
    """A square of the study drawn to pixels."""

    def __init__(self, here: FloatArray, half: float) -> None:
        self.here, self.half = here, half
        self.box = shapely.box(*(here - half), *(here + half))

    def pixels(self, points: FloatArray) -> FloatArray:
        """Return points (n, 2) in metres as pixels, north up."""
        away = (points - self.here) / self.half * (SIDE / 2)
        return np.asarray(np.column_stack([SIDE / 2 + away[:, 0], SIDE / 2 - away[:, 1]]))

    def inside(self, points: FloatArray) -> list[list[float]]:
        """Return the pixels of those points that lie in the square."""
        within = (np.abs(points - self.here) <= self.half).all(axis=1)
        drawn: list[list[float]] = self.pixels(points[within]).tolist()
        return drawn

    def lines(self, lines: GeometryArray) -> Iterator[str]:
        """Yield the streets of the square, as one path."""
        near = lines[shapely.intersects(lines, self.box)]
        steps = self._paths(shapely.get_parts(shapely.intersection(near, self.box)))
        if steps:
            yield f'<path d="{steps}" fill="none" stroke="{_STREET}" stroke-width="1.6"/>'

    def homes(self, shapes: GeometryArray, colour: str) -> Iterator[str]:
        """Yield homes as their outlines, or as dots where they are points."""
        near = shapes[shapely.intersects(shapes, self.box)]
        areas = near[shapely.get_dimensions(near) == 2]
        steps = self._paths(shapely.get_exterior_ring(shapely.get_parts(areas)), end="Z")
        if steps:
            yield f'<path d="{steps}" fill="{colour}" stroke="#fff" stroke-width=".4"/>'
        points = near[shapely.get_dimensions(near) < 2]
        if len(points):
            centres = shapely.centroid(points)
            for x, y in self.inside(np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])):
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" stroke="#fff" stroke-width=".5"/>'

    def _paths(self, lines: GeometryArray, end: str = "") -> str:
        xy, line = shapely.get_coordinates(lines, return_index=True)
        texts = [f"{x:.1f} {y:.1f}" for x, y in self.pixels(xy).tolist()]
        bounds = [*np.flatnonzero(np.diff(line, prepend=-1)).tolist(), len(texts)]
        return "".join(f"M{'L'.join(texts[first:last])}{end}" for first, last in pairwise(bounds))


def _pin(x: float, y: float, rank: int, colour: str, radius: float) -> Iterator[str]:
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="#fff" stroke-width="2"/>'
    look = f'font-size="{radius}" font-weight="700" fill="#fff" text-anchor="middle" font-family="Arial,sans-serif"'
    yield f'<text x="{x:.1f}" y="{y + radius * 0.36:.1f}" {look}>{rank}</text>'


def _scale_bar(half: float, language: Language) -> Iterator[str]:
    metres = max(one for one in (50, 100, 200, 500, 1000) if one <= half / 2 or one == 50)
    wide, left, low = metres / half * SIDE / 2, 16, SIDE - 16
    yield f'<path d="M{left} {low - 5}v5h{wide:.1f}v-5" fill="none" stroke="{INK}" stroke-width="1.5"/>'
    text = escape(say("site.scale", language, metres=f"{metres:,}"))
    look = f'font-size="12" fill="{INK}" text-anchor="middle" paint-order="stroke" stroke="#fff" stroke-width="3"'
    yield f'<text x="{left + wide / 2:.1f}" y="{low - 8}" {look}>{text}</text>'


def _north(language: Language) -> Iterator[str]:
    x = SIDE - 24
    yield f'<path d="M{x} 14l6 18-6-4-6 4z" fill="{INK}"/>'
    text = escape(say("map.north", language))
    yield f'<text x="{x}" y="46" font-size="12" fill="{INK}" text-anchor="middle">{text}</text>'
