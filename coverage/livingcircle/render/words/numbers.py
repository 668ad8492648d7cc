"""Numbers as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

from livingcircle.faults import Language

_ZONES = {"zh": (timezone(timedelta(hours=8)), "（北京时间）"), "en": (UTC, " UTC")}
"""Where no machine's own zone may decide: the same results give the same files everywhere."""

# Only the display rounds; tables and comparisons never do.


def shown_count(value: float) -> str:
    """Write a number of people or things: `12,346`, or a dash where it is unknown."""
    return f"{value:,.0f}" if math.isfinite(value) else "—"


def shown_share(value: float) -> str:
    """Write a share: `76.3 %`.

    What is not quite all or not quite nothing never reads `100.0 %` or `0.0 %`, so a rounding cannot turn 未达标 into a full house.
    """
    if not math.isfinite(value):
        return "—"
    if 0.9995 <= value < 1:
        return ">99.9 %"
    if 0 < value < 0.0005:
        return "<0.1 %"
    return f"{value:.1%}".replace("%", " %")


def shown_bounds(low: float, high: float) -> tuple[str, str]:
    """Write the ends of an interval as whole per cents, rounded outwards so that it holds what it speaks of: `76` and `84 %`."""
    return f"{math.floor(100 * low + 1e-9)}", f"{math.ceil(100 * high - 1e-9)} %"


def shown_minutes(seconds: float) -> str:
    """Write a limit or time in minutes with one decimal at most, without needless zeros: `15`, `7.5`."""
    return f"{round(seconds / 60, 1):g}" if math.isfinite(seconds) else "—"


def shown_moment(utc: str, language: Language) -> str:
    """Write a moment (ISO 8601, UTC) as `2026-05-07 02:30（北京时间）` or `2026-05-06 18:30 UTC`."""
    zone, name = _ZONES[language]
    return f"{datetime.fromisoformat(utc).astimezone(zone):%Y-%m-%d %H:%M}{name}"


def shown_day(utc: str, language: Language) -> str:
    """Write the day of a moment, of the same zone."""
    return shown_moment(utc, language)[:10]
