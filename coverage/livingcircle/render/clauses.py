"""Clauses as people read them: what is asked, how much was found, how much is missing, and why there is no verdict."""

from __future__ import annotations

import math
import re
from typing import get_args

from livingcircle.faults import Language
from livingcircle.kernel.metrics.facts import CIRCLE
from livingcircle.model.rule import Metric, Rule
from livingcircle.model.standard import Citation, Words
from livingcircle.render.words import LANGUAGES, WORDS, say, say_code, shown_share

METRICS: tuple[Metric, ...] = get_args(Metric)
SHARES: frozenset[Metric] = frozenset(
    {
        "share_within_walk",
        "share_of_land_within",
        "share_of_units_with",
        "activity_share_of_floor",
        "share_of_building_floor",
        "register_share",
    }
)
"""Metrics whose values are fractions of 1."""
THERE_OR_NOT: frozenset[Metric] = frozenset({"presence", "named"})
YES_OR_NO: frozenset[Metric] = frozenset({"checklist", "design", "colocation"})
IN_WORDS = THERE_OR_NOT | YES_OR_NO
"""Metrics whose values are 1 and 0, which people read as words."""
WALKS: frozenset[Metric] = frozenset({"walk_minutes", "walk_metres"})
REGISTERS: frozenset[Metric] = frozenset({"register_share", "register_value"})
_SHORT_AS_MEASURED: frozenset[Metric] = WALKS | {
    *("register_share", "register_value", "checklist", "floor_m2_per_bed", "land_m2_per_bed"),
    *("residents_per_unit", "dwellings_per_unit"),
}
"""Metrics of which a figure told by people is short in its own unit; of a ratio it is short of what stands above the line, as ever."""
TOLD_BY_PEOPLE: frozenset[Metric] = frozenset({"checklist", "register_share", "register_value"})
_ONE_OF = {
    **{
        f"{one}s": one
        for one in ("place", "resident", "person", "household", "home", "kind", "bed", "service", "dwelling")
    },
    "facilities": "facility",
    "classes": "class",
    "units": "unit",
    "items": "item",
}
MARK = "※"
"""Stands beside every clause that was not seen in the document itself."""
_NOT_ASKED_IN_FIGURES = frozenset({"require", "prefer", "allow", "include", "avoid"})


def measured_in(rule: Rule, language: Language) -> str:
    """Return the unit of a rule's values, "" for shares and for what is there or not."""
    if rule.metric == "register_value":
        return say_code("printed_unit", rule.unit_as_printed, language)
    return _unit("metric_unit", rule.metric, language)


def short_in(rule: Rule, language: Language, *, told: bool = False) -> str:
    """Return the unit of what is missing, "" for a share; of a figure that people `told`, where it is no ratio, its own unit."""
    if told and rule.metric in _SHORT_AS_MEASURED:
        return measured_in(rule, language)
    if rule.metric == "register_value":
        return measured_in(rule, language)
    if rule.metric in {"residents_per_unit", "dwellings_per_unit"} and rule.service != CIRCLE:
        return _unit("short_unit", "count", language)
    if rule.metric in WALKS | {"share_within_walk"} and rule.base in {"households", "homes", "land"}:
        return say(f"short_base.{rule.base}", language)
    return _unit("short_unit", rule.metric, language)


def _unit(group: str, metric: str, language: Language) -> str:
    words = WORDS.get(f"{group}.{metric}")
    return "" if words is None else words.said(language)


def shown_amount(value: float, rule: Rule, language: Language) -> str:
    """Write a value of a rule with its unit: `18.5 平方米/百户`, `87.0 %`, `已设`; a dash where it is unknown."""
    if not math.isfinite(value):
        return "—"
    if rule.metric in SHARES:
        return shown_share(value)
    if rule.metric in IN_WORDS:
        return say(f"found.{_words_of(rule.metric)}.{'yes' if value > 0 else 'no'}", language)
    return with_unit(shown_number(value), measured_in(rule, language))


def _words_of(metric: Metric) -> str:
    return "presence" if metric in THERE_OR_NOT else metric if metric == "colocation" else "checklist"


def shown_short(value: float, rule: Rule, language: Language, *, told: bool = False) -> str:
    """Write what is missing with its unit, rounded up: what is missing a little never reads as nothing; "" where nothing is."""
    if not math.isfinite(value) or value <= 0:
        return ""
    unit = short_in(rule, language, told=told)
    if rule.metric in SHARES and not unit:
        return say("asked.points", language, points=shown_number(100 * value))
    whole = math.ceil(value - 1e-9) if value >= 1 or unit in {"人", "residents", "处", "facilities"} else value
    return with_unit(shown_number(whole), unit)


def shown_excess(value: float, rule: Rule, language: Language, *, told: bool = False) -> str:
    """Write by how much what was found exceeds what is allowed; "" where it does not."""
    amount = shown_short(value, rule, language, told=told)
    return say("asked.exceeded", language, amount=amount) if amount else ""


def wording(citation: Citation, language: Language = "zh") -> str:
    """Return the wording of a clause; what is recalled is said to be its substance, for it is no quotation."""
    return (
        say("standards.gist", language, quote=citation.quote)
        if citation.recalled and citation.quote
        else citation.quote
    )


def shown_number(value: float) -> str:
    """Write a number with at most two decimals, one from 100 on, none needless: `1,500`, `0.34`; small ones keep two digits that count."""
    if value and abs(value) < 0.1:
        return f"{value:.2g}"
    text = f"{value:,.{1 if abs(value) >= 100 else 2}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def asked_of(rule: Rule, threshold: float, language: Language) -> str:
    """Write what a rule asks of a unit; `threshold` is NaN where the text names no figure or the unit has none of its own."""
    if rule.metric == "facility_list" and rule.members:
        threshold = len(rule.members)  # kinds of facility, where a text names some twice; as judged
    elif not math.isfinite(threshold) and rule.value is not None:
        threshold = rule.value
    if rule.metric in IN_WORDS:
        strength = rule.operator if rule.operator in {"prefer", "allow", "avoid"} else "require"
        return say(f"asked.{_words_of(rule.metric)}.{strength}", language)
    if rule.operator in _NOT_ASKED_IN_FIGURES:
        said = say(f"operator.{rule.operator}", language)
        return f"{said} {_plain_amount(threshold, rule, language)}" if math.isfinite(threshold) else said
    if not math.isfinite(threshold):
        return "—"
    if rule.operator == "between" and rule.value_max is not None:
        low, high = (_plain_amount(value, rule, language) for value in (rule.value or 0.0, rule.value_max))
        unit = "" if rule.metric in SHARES else measured_in(rule, language)
        value = f"{low.removesuffix(unit).strip()}–{high}"
    else:
        value = _plain_amount(threshold, rule, language)
    said = say(f"operator.{rule.operator}", language, value=value)
    if rule.metric in WALKS and rule.statistic == "each":
        return say("asked.for_share", language, asked=said, share=f"{100 * rule.minimum_share:.4g} %")
    return said


def requirement_of(rule: Rule, service: str, threshold: float, language: Language) -> str:
    """Write what a rule asks as one sentence: `社区服务站：每百户建筑面积 ≥ 20 平方米/百户`; `service` is the name of its service."""
    asked = asked_of(rule, threshold, language)
    stop = "：" if language == "zh" else ": "
    about = rule.note.said(language).split("。" if language == "zh" else ". ")[0].rstrip(".。") or wording(
        rule.citation, language
    )
    if rule.metric in {"checklist", "design"}:
        return f"{capitalised(service)}{stop}{about}"
    if rule.metric in IN_WORDS:
        return f"{capitalised(service)}{stop}{asked}"
    if rule.metric == "facility_list":  # of a list, one member stands for all
        return f"{capitalised(say_code('metric', rule.metric, language))}{stop}{asked}"
    measured = about if rule.metric in REGISTERS else metric_said(rule.metric, rule.service, language)
    return f"{capitalised(service)}{stop}{measured} {asked}"


def metric_said(metric: str, service: str, language: Language) -> str:
    """Name a metric: how many live in a circle (`单元人口`) is for a service how many share one place of it (`每处服务人口`)."""
    group = "metric_of_places" if service != CIRCLE and f"metric_of_places.{metric}" in WORDS else "metric"
    return say_code(group, metric, language)


def capitalised(text: str) -> str:
    """Return a text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def basis_of(rule: Rule) -> str:
    """Name document and clause as people cite them: `《城市居住区规划设计标准》 GB 50180-2018 附录C`; remarks on a title are left out."""
    title = re.sub(r"（[^（）]*）$", "", rule.citation.title).strip() or rule.citation.document
    return f"{title} {rule.citation.clause}".strip()


def cited(rule: Rule) -> str:
    """Name a clause in short, by the number of its document: `GB 50180-2018 附录C`."""
    return f"{rule.citation.document} {rule.citation.clause}".strip()


def checked_of(rule: Rule, language: Language) -> str:
    """Say whether the wording was seen in the document, led by the mark of those that were not."""
    return f"{unverified_mark(rule)} {say_code('verification', rule.citation.verification, language)}".strip()


def difference_of(
    shortfall: float, excess: float, margin: float, rule: Rule, language: Language, *, told: bool = False
) -> str:
    """Write by how much a rule is missed, `缺 50 平方米`, or how far it is kept, `有余 5 平方米/百户`; "" where neither is known."""
    missing, over = (shown_short(shortfall, rule, language, told=told), shown_excess(excess, rule, language, told=told))
    if missing or over:
        parts = (say("difference.short", language, amount=missing) if missing else "", over)
        return ("，" if language == "zh" else ", ").join(part for part in parts if part)
    if rule.metric in IN_WORDS or not math.isfinite(margin) or margin < 0:
        return ""
    if margin == 0:
        return say("difference.none", language)
    points = rule.metric in SHARES
    spare = say("asked.points", language, points=shown_number(100 * margin)) if points else ""
    return say(
        "difference.spare", language, amount=spare or with_unit(shown_number(margin), measured_in(rule, language))
    )


def _plain_amount(value: float, rule: Rule, language: Language) -> str:
    if rule.metric in SHARES:
        return f"{100 * value:.4g} %"
    return with_unit(shown_number(value), measured_in(rule, language))


def with_unit(number: str, unit: str) -> str:
    """Write a number with its unit; one of a thing is one thing: `1 place`, `2 places`."""
    return f"{number} {unit_of(number, unit)}".strip()


def unit_of(number: str, unit: str) -> str:
    """Return the unit of a number as it is shown."""
    return _ONE_OF.get(unit, unit) if number == "1" else unit


def why(codes: str) -> Words:
    """Return the words of reasons such as `circle:15min=street;missing:floor_m2`; a code without words stands for itself."""
    said = [[_one_reason(code, language) for code in codes.split(";") if code] for language in LANGUAGES]
    return Words("；".join(said[0]), "; ".join(said[1]))


def _one_reason(code: str, language: Language) -> str:
    kind, _, what = code.partition(":")
    if f"why.{kind}" not in WORDS:
        return code
    whose, _, taken = what.partition("=")
    return say(f"why.{kind}", language, what=_what(whose, language), taken=_what(taken, language))


def _what(code: str, language: Language) -> str:
    for group in ("why_what", "field", "metric", "rule_level", "statistic"):
        if f"{group}.{code}" in WORDS:
            return say(f"{group}.{code}", language)
    return code


def is_told(reason: str) -> bool:
    """Return whether the figure behind a verdict was told by people."""
    return "told" in reason.split(";")


def unverified_mark(rule: Rule) -> str:
    """Return the mark of a clause that was not seen in the document itself, "" for one that was."""
    return "" if rule.citation.verified else MARK
