"""Every Chinese and English word and every colour of the output, a file for each subject.

`say` looks a sentence up by key. Names of columns, their units and meanings are in `livingcircle.render.columns`; what can be wrong with
an input speaks for itself in `livingcircle.faults`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from livingcircle.faults import Language, filled
from livingcircle.model.ages import ages_of
from livingcircle.model.standard import Words
from livingcircle.render.words.access import ACCESS
from livingcircle.render.words.batch import BATCH
from livingcircle.render.words.checks import CHECKS
from livingcircle.render.words.codes import CODES
from livingcircle.render.words.colours import (
    BAD_RAMP,
    BEYOND,
    CANDIDATE,
    COVERED,
    DISTRICT,
    GAP,
    GOOD_RAMP,
    INK,
    MISSED,
    NEAR_TO_FAR,
    NOWHERE,
    PAPER,
    PARTLY_COVERED,
    PARTLY_WITHIN,
    PAST_LIMIT,
    PLAN,
    SCORE,
    SERVICE_MARKERS,
    STREET,
    UNCOVERED,
    UNJOINED,
    UNREACHABLE,
    VERDICT_FILLS,
    WITHIN_LIMIT,
    minute_colours,
)
from livingcircle.render.words.comparison import COMPARISON
from livingcircle.render.words.desk import DESK
from livingcircle.render.words.diagnosis import DIAGNOSIS
from livingcircle.render.words.entry import Entry
from livingcircle.render.words.intervals import INTERVALS
from livingcircle.render.words.map import MAP
from livingcircle.render.words.numbers import (
    shown_bounds,
    shown_count,
    shown_day,
    shown_minutes,
    shown_moment,
    shown_share,
)
from livingcircle.render.words.page import PAGE
from livingcircle.render.words.panels import PANELS
from livingcircle.render.words.plans import PLANS
from livingcircle.render.words.prints import PRINTS
from livingcircle.render.words.replay import REPLAY
from livingcircle.render.words.report import REPORT
from livingcircle.render.words.report_text import REPORT_TEXT
from livingcircle.render.words.routes import ROUTES
from livingcircle.render.words.rules import RULES
from livingcircle.render.words.scenarios import SCENARIOS
from livingcircle.render.words.standards import STANDARDS
from livingcircle.render.words.start import START
from livingcircle.render.words.terminal import TERMINAL

__all__ = [
    "BAD_RAMP",
    "BEYOND",
    "CANDIDATE",
    "COVERED",
    "DISTRICT",
    "GAP",
    "GOOD_RAMP",
    "INK",
    "LANGUAGES",
    "MISSED",
    "NEAR_TO_FAR",
    "NOWHERE",
    "PAPER",
    "PARTLY_COVERED",
    "PARTLY_WITHIN",
    "PAST_LIMIT",
    "PLAN",
    "SCORE",
    "SERVICE_MARKERS",
    "STREET",
    "UNCOVERED",
    "UNJOINED",
    "UNREACHABLE",
    "VERDICT_FILLS",
    "WITHIN_LIMIT",
    "WORDS",
    "in_one_language",
    "minute_colours",
    "say",
    "say_code",
    "shown_ages",
    "shown_bounds",
    "shown_count",
    "shown_day",
    "shown_limit",
    "shown_minutes",
    "shown_moment",
    "shown_share",
]

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def say(key: str, language: Language, **values: str | float) -> str:
    """Return the words for `key`, their braces filled from `values` (`livingcircle.faults.filling`).

    Raises
    ------
    KeyError
        When no words have that key: a defect of the caller.
    """
    return filled(WORDS[key].said(language), values)


def shown_limit(minutes: float, metres: float | None, language: Language) -> str:
    """Write a walking limit as its clause does, in metres or in minutes: `1000 米`, `1,000 m`, `15 min`.

    Everything that shows a limit to people says it by this; `metres` is None or NaN where the clause is in minutes.
    """
    if metres is None or math.isnan(metres):
        return say("limit.minutes", language, minutes=shown_minutes(60 * minutes))
    return say("limit.metres", language, metres=f"{metres:.10g}" if language == "zh" else f"{metres:,.10g}")


def shown_ages(group: str, language: Language) -> str:
    """Write whose ages a group is as people say it; a name that tells no ages stands for itself."""
    ages = ages_of(group)
    if ages is None:
        return group
    first, last = ages
    return (
        say("ages.from", language, first=first)
        if last is None
        else say("ages.between", language, first=first, last=last)
    )


def say_code(group: str, code: str, language: Language) -> str:
    """Return the words for a coded value such as a verdict, or the code itself where it has none."""
    words = WORDS.get(f"{group}.{code}")
    return code if words is None else words.said(language)


def _words(*entries: Entry) -> Mapping[str, Words]:
    table = {key: Words(zh, en) for key, zh, en in entries}
    if len(table) != len(entries):
        raise ValueError("a key of the words appears twice")
    return MappingProxyType(table)


def in_one_language(text: str, language: Language) -> str:
    """Return a text that is stated in both languages, `中文 / English`, in one of them; any other as it is."""
    parts = text.split(" / ")
    if len(parts) != 2 or _is_chinese(parts[0]) == _is_chinese(parts[1]):
        return text
    return parts[0] if _is_chinese(parts[0]) == (language == "zh") else parts[1]


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


WORDS: Mapping[str, Words] = _words(
    *CODES,
    *TERMINAL,
    *ROUTES,
    *MAP,
    *PAGE,
    *PANELS,
    *PLANS,
    *CHECKS,
    *RULES,
    *STANDARDS,
    *START,
    *INTERVALS,
    *DIAGNOSIS,
    *ACCESS,
    *SCENARIOS,
    *COMPARISON,
    *DESK,
    *BATCH,
    *REPORT,
    *REPORT_TEXT,
    *PRINTS,
    *REPLAY,
)
