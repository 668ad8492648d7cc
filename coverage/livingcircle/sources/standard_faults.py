"""Faults between the entries of a standard; they are looked for in whatever the file holds, also where single values are wrong."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from livingcircle.faults import Fault
from livingcircle.model.rule import Rule
from livingcircle.sources.standard_entries import CIRCLE, METRICS
from livingcircle.yaml_text import Location, YamlText, dotted, short

NO_NUMBER = frozenset({"presence", "named", "facility_list", "colocation", "checklist", "design"})
"""Metrics that ask yes or no, or for a list: a rule of them needs no number."""
TOLD_BY_PEOPLE = frozenset({"register_share", "register_value", "checklist"})
"""Metrics by which two rules of one service may well ask about different things."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of a file may refer to."""

    services: Collection[str]
    documents: Collection[str] = ()
    parent: Mapping[str, Rule] = field(default_factory=dict)
    extends: bool = False


def faults_between(text: YamlText, known: Known) -> Iterator[Fault]:
    """Find ids given twice, names that nothing bears, and rules that say too little."""
    yield from repeated(text, ("services",), "duplicate_id")
    yield from repeated(text, ("requirements", "rules"), "duplicate_requirement")
    services = [*known.services, *ids(text, "services").values()]
    documents = text.value(("documents",))
    titled = [str(name) for name in documents] if isinstance(documents, Mapping) else []
    for place, entry in _entries(text, "requirements"):
        yield from _strangers(text, place, entry, "service", "unknown_service", services)
        cited, location = text.value((*place, "citation", "document")), (*place, "citation", "document")
        if isinstance(cited, str) and cited.strip() not in titled:
            yield stranger(text, "unknown_document", location, cited, titled)
    for place, entry in _entries(text, "rules"):
        yield from _strangers(text, place, entry, "service", "unknown_service", [CIRCLE, *services])
        yield from _strangers(text, place, entry, "metric", "unknown_metric", METRICS)
        yield from _strangers(text, place, entry, "document", "unknown_document", [*titled, *known.documents])
        for named in ("members", "excluded"):
            listed = entry.get(named)
            for number, other in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(other, str) and other.strip() not in services:
                    yield stranger(text, "unknown_service", (*place, named, number), other, services)
        yield from _incomplete(text, place, entry, known.parent)
    dropped = text.value(("drop",))
    for number, name in enumerate(dropped if isinstance(dropped, list) else ()):
        if isinstance(name, str) and known.extends and name not in known.parent:
            yield stranger(text, "unknown_rule", ("drop", number), name, list(known.parent))


def missing_parts(text: YamlText) -> Iterator[Fault]:
    """Find what a standard that starts from no other must have: rules or requirements, and a share with the latter."""
    content = text.content
    if not isinstance(content, Mapping):
        return
    asked = ["minimum_share"] if content.get("requirements") else []
    if not (content.get("requirements") or content.get("rules") or content.get("extends")):
        asked = ["minimum_share", "requirements"]
    for key in asked:
        if key not in content:
            yield Fault("missing_setting", file=text.file, row=text.row((key,)), column=key)


def _incomplete(
    text: YamlText, place: Location, entry: Mapping[str, Any], parent: Mapping[str, Rule]
) -> Iterator[Fault]:
    name = entry.get("id")
    if not isinstance(name, str) or name in parent:
        return
    needed = ["service", "metric", "operator"]
    if entry.get("metric") in METRICS and entry.get("metric") not in NO_NUMBER and entry.get("binding") != "baseline":
        needed += ["value", "unit"]
    if entry.get("operator") == "between":
        needed.append("value_max")
    missing = [key for key in dict.fromkeys(needed) if entry.get(key) is None]
    if missing:
        details = {"missing": ", ".join(missing), "nearest": _nearest(name, list(parent))}
        yield Fault(
            "incomplete_rule",
            file=text.file,
            row=text.row(place),
            column=dotted(place),
            value=short(name),
            details=details,
        )


def contradictions(text: YamlText, rules: Mapping[str, Rule]) -> Iterator[Fault]:
    """Find rules that cannot be kept together: same service, metric, level and condition, sizes that overlap, ranges that do not.

    Each pair is told where the file writes one of them, the later one.
    """
    rows = {name: place for section in ("rules", "requirements") for place, name in ids(text, section).items()}
    alike: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules.values():
        if rule.value is not None and rule.binding != "baseline" and rule.metric not in TOLD_BY_PEOPLE:
            key = (rule.service, rule.metric, rule.level, rule.applies_when, rule.base, *rule.members)
            alike.setdefault(key, []).append(rule)
    for first, second in (pair for group in alike.values() for pair in combinations(group, 2)):
        written = [rule for rule in (second, first) if rule.id in rows]
        if not written or not _sizes_overlap(first, second) or _together(first, second):
            continue
        here = max(written, key=lambda rule: text.row(rows[rule.id]) or 0)
        other = first if here is second else second
        location = rows[here.id]
        yield Fault(
            "contradicting_rules",
            file=text.file,
            row=text.row(location),
            column=dotted(location),
            value=here.id,
            details={
                "other": other.id,
                "service": here.service,
                "metric": here.metric,
                "asked": asked(here),
                "other_asked": asked(other),
            },
        )


def asked(rule: Rule) -> str:
    """Say what a rule asks of its number, in signs: `≥ 300`, `800–1000`; nothing where it asks for none."""
    if rule.value is None:
        return ""
    if rule.value_max is not None:
        return f"{rule.value:.10g}–{rule.value_max:.10g}"
    sign = {">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< ", "=": "= "}.get(rule.operator, "")
    return f"{sign}{rule.value:.10g}"


def _sizes_overlap(first: Rule, second: Rule) -> bool:
    return max(first.least_units, second.least_units) <= min(first.most_units, second.most_units)


def _together(first: Rule, second: Rule) -> bool:
    """Whether some number keeps both rules; where they touch in one number, neither may exclude it."""
    (low, high), (other_low, other_high) = _range(first), _range(second)
    least, most = max(low, other_low), min(high, other_high)
    excluded = any(rule.operator in {">", "<"} and rule.value == least for rule in (first, second))
    return least < most or (least == most and not excluded)


def _range(rule: Rule) -> tuple[float, float]:
    value = rule.value or 0.0
    if rule.operator == "between":
        return value, float("inf") if rule.value_max is None else rule.value_max
    if rule.operator in {">=", ">"}:
        return value, float("inf")
    if rule.operator in {"<=", "<"}:
        return float("-inf"), value
    return (value, value) if rule.operator == "=" else (float("-inf"), float("inf"))


# ── Names ───────────────────────────────────────────────────────────────────


def _entries(text: YamlText, section: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    content = text.value((section,))
    for number, entry in enumerate(content if isinstance(content, list) else ()):
        if isinstance(entry, Mapping):
            yield (section, number), entry


def ids(text: YamlText, section: str) -> dict[Location, str]:
    """Return the ids that entries of a section state, by place."""
    return {place: entry["id"] for place, entry in _entries(text, section) if isinstance(entry.get("id"), str)}


def repeated(text: YamlText, sections: tuple[str, ...], kind: str) -> Iterator[Fault]:
    """Find ids given twice in sections that share them."""
    first: dict[str, int] = {}
    for place, name in ((place, name) for section in sections for place, name in ids(text, section).items()):
        location = (*place, "id")
        row = text.row(location)
        if name in first:
            column, details = dotted(location), {"first": first[name]}
            yield Fault(kind, file=text.file, row=row, column=column, value=name, details=details)
        else:
            first[name] = row or 0


def _strangers(
    text: YamlText, place: Location, entry: Mapping[str, Any], key: str, kind: str, known: Collection[str]
) -> Iterator[Fault]:
    value = entry.get(key)
    if isinstance(value, str) and value.strip() not in known:
        yield stranger(text, kind, (*place, key), value, known)


def stranger(text: YamlText, kind: str, location: Location, value: str, known: Collection[str]) -> Fault:
    """Return the fault of a name that nothing bears, with the nearest ones that something does."""
    details = {"nearest": _nearest(value, known), "known": ", ".join(known) or "—"}
    return Fault(
        kind,
        file=text.file,
        row=text.row(location),
        column=dotted(location),
        value=short(value.strip()),
        details=details,
    )


def _nearest(value: str, known: Collection[str]) -> str:
    return ", ".join(difflib.get_close_matches(value, list(known), n=3, cutoff=0.4)) or "—"
