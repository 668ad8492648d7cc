"""Rules as they hold: entries over what they change, and the walking limits among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from livingcircle.model.rule import Rule
from livingcircle.model.standard import METRES_PER_SECOND, Citation, Level, Requirement, ServiceType, seconds_of
from livingcircle.sources.standard_entries import CIRCLE, RequirementEntry, RuleEntry, UnlessStated, words_of

SAME_NAME = (
    "service",
    "metric",
    "operator",
    "value",
    "value_max",
    "level",
    "statistic",
    "binding",
    "compulsory",
    "measure",
    "base",
    "minimum_share",
    "deadline",
    "applies_when",
    "least_units",
    "most_units",
    "dispute",
    "members",
    "within_metres",
    "within_minutes",
    "whole_city",
    "excluded",
)
"""What an entry and a rule call alike."""
OF_THE_CITATION = ("clause", "quote", "verification", "confidence")
WALKING_SECONDS = {"walk_minutes": 60.0, "walk_metres": 1 / METRES_PER_SECOND}
"""Seconds that one unit of a walking limit stands for."""
THERE = frozenset({"count", "one_per_unit", "presence"})
"""Metrics by which a rule asks that a service be there."""
CIRCLE_OF_MINUTES: Mapping[float, Level] = {5.0: "5min", 10.0: "10min", 15.0: "15min"}
"""The living circle a limit belongs to."""


def rule_from(entry: RuleEntry, parent: Rule | None, unless_stated: UnlessStated, document: str, title: str) -> Rule:
    """Return the rule an entry writes, or what it makes of the rule it changes.

    An entry that changes a rule keeps whatever it does not state; where it cites no document, the figure is the city's own, and is cited
    so if the value was changed.
    """
    stated = entry.model_dump(exclude_unset=True, exclude_none=True)
    if parent is None:
        stated = {**unless_stated.model_dump(exclude_none=True), **stated}
    changes: dict[str, Any] = {name: stated[name] for name in SAME_NAME if name in stated}
    if "unit" in stated:
        changes["unit_as_printed"] = stated["unit"]
    if "zh" in stated or "en" in stated:
        changes["note"] = words_of(stated.get("zh", ""), stated.get("en", ""))
    cited = {name: stated[name] for name in OF_THE_CITATION if name in stated}
    if parent is None:
        blank = Citation(document, title, "", "", "recall_unverified")
        return Rule(id=entry.id, citation=replace(blank, **cited), **changes)
    citation = parent.citation
    if "document" in stated or "value" in stated or "value_max" in stated:
        citation = Citation(document, title, "", "", "recall_unverified")
    return replace(parent, citation=replace(citation, **cited), **changes)


def rule_of_requirement(entry: RequirementEntry, minimum_share: float, title: str) -> Rule:
    """Return the rule that the short form of a walking limit stands for."""
    cited = entry.citation
    return Rule(
        id=entry.id,
        service=entry.service,
        metric="walk_minutes",
        operator="<=",
        citation=Citation(cited.document, title, cited.clause, cited.quote, cited.verification),
        value=entry.limit_minutes,
        unit_as_printed="分钟",
        level=CIRCLE_OF_MINUTES.get(entry.limit_minutes, "all"),
        minimum_share=entry.minimum_share or minimum_share,
    )


def requirements_of(
    rules: Iterable[Rule], types: Mapping[str, ServiceType], conditions: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """Return the walking limits among rules, in their order, each service and limit once.

    Rules about conditions that are not among `conditions` are left out, and so are services that are no places or may not be
    located. Services that must be there, but have no limit of their own, follow with the distance of their circle.
    """
    every = tuple(rule for rule in rules if not rule.applies_when or rule.applies_when in conditions)
    found: dict[tuple[str, float], Requirement] = {}
    for limit in _limits(every, types):
        found.setdefault((limit.service, limit.limit_seconds), limit)
    own = {service for service, _ in found}
    circles = {rule.level: rule for rule in every if rule.service == CIRCLE and rule.metric in WALKING_SECONDS}
    by_circle = {
        rule.service: _limit(circles[rule.level], rule.service, f"{rule.id}-walk")
        for rule in every
        if rule.metric in THERE and rule.level in circles and rule.service not in own and _walked_to(rule, types)
    }
    return (*found.values(), *by_circle.values())


def _limits(rules: Iterable[Rule], types: Mapping[str, ServiceType]) -> Iterator[Requirement]:
    for rule in rules:
        if rule.metric in WALKING_SECONDS and rule.operator in {"<=", "<", "between"} and _walked_to(rule, types):
            yield _limit(rule, rule.service, rule.id)


def _walked_to(rule: Rule, types: Mapping[str, ServiceType]) -> bool:
    service = types.get(rule.service)
    place = service is not None and service.kind == "facility" and service.privacy != "restricted"
    return place and rule.binding != "baseline"


def _limit(rule: Rule, service: str, name: str) -> Requirement:
    outer = rule.value if rule.value_max is None else rule.value_max
    if outer is None:
        message = f"walking rule {rule.id} has no value"
        raise ValueError(message)
    in_metres = rule.metric == "walk_metres"
    return Requirement(
        id=name,
        service=service,
        limit_seconds=round(outer * WALKING_SECONDS[rule.metric], 6) if in_metres else seconds_of(outer),
        minimum_share=rule.minimum_share,
        citation=rule.citation,
        limit_metres=outer if in_metres else None,
    )


def services_of(rules: Iterable[Rule], types: Mapping[str, ServiceType]) -> tuple[ServiceType, ...]:
    """Return the types that rules speak of, in the order they are spoken of; those of lists come after all that rules are about."""
    every = tuple(rules)
    named = [rule.service for rule in every] + [other for rule in every for other in (*rule.members, *rule.excluded)]
    return tuple(types[name] for name in dict.fromkeys(named) if name in types)
