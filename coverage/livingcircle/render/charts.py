"""Charts as SVG: plain text that opens in every browser, prints sharp at any size and is the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from livingcircle.faults import Language
from livingcircle.render.words import COVERED, INK, PLAN, UNCOVERED, say, say_code, shown_share

if TYPE_CHECKING:
    import pandas as pd

WIDE, PANEL_HIGH, TOP, LEFT, RIGHT, BETWEEN, BOTTOM = 720, 170, 104, 76, 24, 44, 58
_AIMS = (
    ("most_covered", COVERED, "circle"),
    ("best_worst_share", PLAN, "square"),
    ("least_walk", UNCOVERED, "triangle"),
)
_FONT = "'Source Han Sans SC','Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC',Arial,sans-serif"
_FAINT, _RULE = "#5b6873", "#dfe4e8"
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """Values on an axis: the round ends around them, the ticks between, and the pixels they are drawn at."""

    low: float
    high: float
    step: float
    first_pixel: float
    last_pixel: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.first_pixel + (value - self.low) / (self.high - self.low) * (self.last_pixel - self.first_pixel)

    def ticks(self) -> list[float]:
        """Return the values that are labelled."""
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * number for number in range(count + 1)]


def scale_over(
    values: Sequence[float], first_pixel: float, last_pixel: float, *, ends: tuple[float, float] = (-math.inf, math.inf)
) -> Scale:
    """Return a scale with round ticks around values, not beyond `ends` if these are round themselves."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    low, high = max(low, ends[0]), min(high, ends[1])
    rough = (high - low) / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = min((one * power for one in (1, 2, 5, 10)), key=lambda one: abs(one - rough))
    return Scale(
        max(math.floor(low / step + 1e-9) * step, ends[0]),
        min(math.ceil(high / step - 1e-9) * step, ends[1]),
        step,
        first_pixel,
        last_pixel,
    )


def frontier_chart(points: pd.DataFrame, title: str, language: Language, *, by_money: bool, own: float | None) -> str:
    """Draw a frontier: what is put in to the right, and above one another the share covered, the worst district's, and the mean walk.

    The line joins the best of each so far; other points are the price of doing better in another panel.

    Parameters
    ----------
    points
        Rows of `tables.plan_frontier` of one plan.
    own
        Sites or money of the plan itself, marked if it lies within the chart.
    """
    spent = points["plan_cost_wan_yuan" if by_money else "sites_new"].to_numpy(float).tolist()
    panels = [
        ("share", "covered_share", 1.0),
        ("worst", "worst_share", 1.0),
        ("minutes", "mean_walk_all_minutes", -1.0),
    ]
    panels = [panel for panel in panels if np.isfinite(points[panel[1]].to_numpy(float)).any()]
    high = TOP + len(panels) * (PANEL_HIGH + BETWEEN) - BETWEEN + BOTTOM
    across = scale_over([*spent, *([] if own is None else [own])], LEFT + 12, WIDE - RIGHT - 12)
    if not by_money:
        across = whole_sites(across, spent, own)
    parts = list(_head(title, points["model"].tolist(), language))
    for number, (name, column, better) in enumerate(panels):
        top = TOP + number * (PANEL_HIGH + BETWEEN)
        values = points[column].to_numpy(float).tolist()
        parts += _panel(say(f"chart.{name}", language), spent, values, better, across, top, is_share=name != "minutes")
        parts += _points(
            points["model"].tolist(), spent, values, across, _upright(values, top, is_share=name != "minutes")
        )
    floor = TOP + len(panels) * (PANEL_HIGH + BETWEEN) - BETWEEN
    for tick in across.ticks():
        parts.append(_text(across.at(tick), floor + 18, f"{tick:,.0f}", anchor="middle"))
    parts.append(
        _text(
            (LEFT + WIDE - RIGHT) / 2,
            floor + 42,
            say("chart.cost" if by_money else "chart.sites", language),
            anchor="middle",
            fill=INK,
        )
    )
    if own is not None and across.low <= own <= across.high:
        x = across.at(own)
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{floor}" stroke="{PLAN}" stroke-dasharray="4 4"/>'
        )
        parts.append(_text(x, TOP - 12, say("chart.plan", language), anchor="middle", fill=PLAN))
    size = f'viewBox="0 0 {WIDE} {high}" width="{WIDE}" height="{high}" font-family="{_FONT}" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f'<rect width="{WIDE}" height="{high}" fill="#ffffff"/>', *parts, "</svg>"]) + "\n"


def whole_sites(scale: Scale, spent: Sequence[float], own: float | None) -> Scale:
    """Return the scale with ticks at whole numbers of sites, from 0 or a little before the first."""
    every = [*spent, *([] if own is None else [own])]
    step = max(1, math.ceil((max(every) - min(every)) / 10))
    low = max(0, math.floor(min(every)) - step)
    high = low + step * math.ceil((max(every) - low) / step)
    return Scale(low, max(high, low + step), step, scale.first_pixel, scale.last_pixel)


def _head(title: str, aims: Sequence[str], language: Language) -> Iterator[str]:
    yield _text(LEFT, 26, title, size=17, weight=600, fill=INK)
    x = float(LEFT)
    for aim, colour, shape in _AIMS:
        if aim in aims:
            said = say_code("model", aim, language)
            yield _mark(x + 6, 46, colour, shape)
            yield _text(x + 17, 50.5, said)
            x += 34 + sum(13 if ord(sign) > 0x2E80 else 6.8 for sign in said)


def _upright(values: Sequence[float], top: float, *, is_share: bool) -> Scale:
    finite = [value for value in values if math.isfinite(value)]
    ends = (0.0, 1.0) if is_share else (0.0, math.inf)
    return scale_over(finite, top + PANEL_HIGH, top, ends=ends)


def _panel(
    name: str,
    spent: Sequence[float],
    values: Sequence[float],
    better: float,
    across: Scale,
    top: float,
    *,
    is_share: bool,
) -> Iterator[str]:
    upright = _upright(values, top, is_share=is_share)
    for tick in upright.ticks():
        y = upright.at(tick)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDE - RIGHT}" y2="{y:.1f}" stroke="{_RULE}"/>'
        yield _text(LEFT - 8, y + 4.5, shown_share(tick) if is_share else f"{tick:g}", anchor="end")
    yield _text(LEFT, top - 9, name, weight=600, fill=INK)
    best, corners, level = -math.inf, [], ""
    for x, value in sorted(zip(spent, values, strict=True), key=lambda one: (one[0], -better * one[1])):
        if math.isfinite(value) and better * value > best:
            corners += [f"{across.at(x):.1f},{level}"] if level else []  # what lies between two plans buys the first
            best, level = better * value, f"{upright.at(value):.1f}"
            corners.append(f"{across.at(x):.1f},{level}")
    if level:
        corners.append(f"{across.at(max(spent)):.1f},{level}")
    yield f'<polyline points="{" ".join(corners)}" fill="none" stroke="#9aa6af" stroke-width="1.5"/>'


def _points(
    aims: Sequence[str], spent: Sequence[float], values: Sequence[float], across: Scale, upright: Scale
) -> Iterator[str]:
    looks = {aim: (colour, shape) for aim, colour, shape in _AIMS}
    for aim, x, value in zip(aims, spent, values, strict=True):
        if math.isfinite(value):
            yield _mark(across.at(x), upright.at(value), *looks.get(aim, (INK, "circle")))


def _mark(x: float, y: float, colour: str, shape: str) -> str:
    look = f'fill="{colour}" stroke="#ffffff" stroke-width="1.2"'
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" {look}/>'
    if shape == "square":
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" {look}/>'
    corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y + 5:.1f} {x - 6:.1f},{y + 5:.1f}"
    return f'<polygon points="{corners}" {look}/>'


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, weight: int = 400, fill: str = _FAINT
) -> str:
    look = f'text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{fill}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
