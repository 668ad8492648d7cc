"""Every colour of the output."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Blue against orange is told apart with every common kind of colour blindness; within the blues, lightness carries the order.

NEAR_TO_FAR = ("#08519c", "#3f8fc5", "#9ccbe2")
BEYOND = "#f0a04b"
UNREACHABLE = "#a63603"
UNJOINED = "#b4b4b4"
COVERED = "#2f7fb8"
PARTLY_COVERED = "#b9b3c9"
UNCOVERED = "#e8833a"
GAP = "#d7301f"
PLAN = "#5b2a86"
CANDIDATE = "#5f6b73"
DISTRICT = "#55606a"
STREET = "#c9ced3"
PAPER = "#f6f5f1"
INK = "#3c4a54"
SERVICE_MARKERS = ("#14532d", "#7a0f5c", "#1f2933", "#5d4300", "#004d61", "#801515", "#3f3f8f", "#4a5d00")
SCORE = ("#f0a04b", "#f7d9b5", "#c6dcec", "#6aa9d2", "#08519c")
"""Scores from 0 to 1 by fifths: lacking in orange, complete in dark blue."""
WITHIN_LIMIT = ("#08519c", "#3585c2", "#78b4dc")
PARTLY_WITHIN = "#cfe4f2"
PAST_LIMIT = ("#f09a3e", "#fbcd94", "#fef2e2")
NOWHERE, MISSED = "#ffffff", "#8c2d04"
"""Walks on paper, from near to far: lightness goes one way; whoever misses a limit is rimmed with `MISSED`, for prints in grey."""
GOOD_RAMP = ("#eff5fa", "#b7d4ea", "#75acd4", "#2f77b4", "#08366f")
BAD_RAMP = ("#fdeedd", "#fbcf9f", "#f0a04b", "#c4641a", "#7d3205")
"""Districts by a figure, from low to high, where more is better and where more is worse: lightness alone carries the order."""
VERDICT_FILLS: Mapping[str, str] = MappingProxyType(
    {"met": "#d6e8f5", "unmet": "#fbdcc4", "no_data": "#e9e9e9", "not_applicable": "#ffffff"}
)


def minute_colours(limits: int) -> tuple[str, ...]:
    """Return one colour per limit, from dark (near) to light (far).

    Three are the palette itself; other numbers are spread evenly along it.
    """
    last = len(NEAR_TO_FAR) - 1
    if limits == 1:
        return (NEAR_TO_FAR[1],)
    stops = [last * position / (limits - 1) for position in range(limits)]
    return tuple(_between(stop) for stop in stops)


def _between(stop: float) -> str:
    low = min(int(stop), len(NEAR_TO_FAR) - 2)
    part = stop - low
    pairs = zip(_channels(NEAR_TO_FAR[low]), _channels(NEAR_TO_FAR[low + 1]), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * part):02x}" for first, second in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
