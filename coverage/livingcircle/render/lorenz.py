"""The Lorenz curve as SVG: how much of a good the worst-off share of people have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from livingcircle.faults import Language
from livingcircle.render.words import COVERED, INK, UNCOVERED, say

WIDE, HIGH, SIDE, LEFT, TOP = 420, 380, 290, 84, 34
_FONT = "'Source Han Sans SC','Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC',Arial,sans-serif"
_FAINT, _RULE = "#5b6873", "#dfe4e8"
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def lorenz_chart(curve: Sequence[tuple[float, float]], title: str, language: Language) -> str:
    """Draw a Lorenz curve beside the line of equal shares.

    Parameters
    ----------
    curve
        Share of the people, the worst off first, and the share of the good they have; both rise from 0 to 1.
    title
        What is spread, set above the drawing.
    """
    parts = [_text(LEFT, 20, title, weight=600, fill=INK), *_grid()]
    corners = " ".join(f"{_across(people):.1f},{_up(good):.1f}" for people, good in curve)
    parts += [
        f'<polygon points="{_across(0):.1f},{_up(0):.1f} {corners}" fill="{COVERED}" fill-opacity="0.14"/>',
        f'<line x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}" stroke="{UNCOVERED}" stroke-dasharray="6 4"/>',
        f'<polyline points="{corners}" fill="none" stroke="{COVERED}" stroke-width="2.5"/>',
        _text(_across(0.5) - 8, _up(0.5) - 10, say("lorenz.equal", language), anchor="end"),
        _text(_across(0.5), TOP + SIDE + 46, say("lorenz.people", language), anchor="middle", fill=INK),
        f'<g transform="translate(18 {_up(0.5)}) rotate(-90)">{_text(0, 0, say("lorenz.good", language), anchor="middle", fill=INK)}</g>',
    ]
    size = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" font-family="{_FONT}" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>', *parts, "</svg>"]) + "\n"


def _grid() -> Iterator[str]:
    for tick in _TICKS:
        x, y = _across(tick), _up(tick)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{LEFT + SIDE}" y2="{y}" stroke="{_RULE}"/>'
        yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{TOP + SIDE}" stroke="{_RULE}"/>'
        yield _text(LEFT - 8, y + 4.5, f"{tick:.0%}".replace("%", " %"), anchor="end")
        yield _text(x, TOP + SIDE + 20, f"{tick:.0%}".replace("%", " %"), anchor="middle")


def _across(share: float) -> float:
    return LEFT + share * SIDE


def _up(share: float) -> float:
    return TOP + (1 - share) * SIDE


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: int = 400, fill: str = _FAINT) -> str:
    look = f'text-anchor="{anchor}" font-weight="{weight}" fill="{fill}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
