"""What is assumed of the walker, in one sentence that every output carries."""

from __future__ import annotations

from dataclasses import asdict

from livingcircle.faults import Language
from livingcircle.kernel.slope import STEEPEST
from livingcircle.model.walker import CrossingSeconds, Walker
from livingcircle.render.words import say


def assumptions(walker: Walker, language: Language) -> str:
    """Say how slopes, stairs, crossings and wide roads count; what is neutral is said as well, for it is an assumption, too."""
    if walker.stairs_factor is None:
        stairs = say("walking.stairs_barred", language)
    elif walker.stairs_factor == 1:
        stairs = say("walking.stairs_level", language)
    else:
        stairs = say("walking.stairs_factor", language, factor=walker.stairs_factor)
    waits = walker.crossing != CrossingSeconds()
    parts = (
        say(f"walking.slope_{walker.slope}", language, steepest=100 * STEEPEST),
        stairs,
        say("walking.waits", language, **asdict(walker.crossing)) if waits else say("walking.no_waits", language),
        say(f"walking.wide_{walker.wide_roads}", language),
    )
    return say("walking.list", language, parts=("；" if language == "zh" else "; ").join(parts))
