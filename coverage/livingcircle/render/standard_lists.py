"""Standards as lists: which there are, what each asks for and where it is written, and which service types there are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingcircle.faults import Language
from livingcircle.model.rule import Document, Profile, Rule
from livingcircle.model.standard import RECALLED, ServiceSystem, ServiceType, Standard, Words
from livingcircle.render.check_terminal import Print, folded
from livingcircle.render.clauses import MARK, asked_of, metric_said
from livingcircle.render.words import LANGUAGES, say, say_code

GRADES: Mapping[str, frozenset[str]] = {
    "seen": frozenset({"read_in_full", "primary_excerpt"}),
    "quoted": frozenset({"secondary_match", "single_secondary", "news_match"}),
    "recalled": RECALLED,
}
"""How well clauses were checked, in three classes."""
STYLES = {"seen": "", "quoted": "yellow", "recalled": "bold yellow"}


def grade_of(rule: Rule) -> str:
    """Return `seen`, `quoted` or `recalled`."""
    return next(grade for grade, verifications in GRADES.items() if rule.citation.verification in verifications)


def held_by(rule: Rule) -> str:
    """Say how a rule gets its verdict: `evaluated`, or by `list`, `register`, `checklist`, or kept by the tool itself (`design`)."""
    if rule.metric in {"checklist", "design"}:
        return rule.metric
    if rule.metric in {"register_share", "register_value"}:
        return "register"
    return "list" if rule.metric == "facility_list" and not rule.members else "evaluated"


# ── Figures ─────────────────────────────────────────────────────────────────


def library_figures(
    standards: Iterable[Standard],
    profiles: Mapping[str, Profile],
    documents: Mapping[str, tuple[Document, Sequence[Rule]]],
) -> dict[str, Any]:
    """Return what `living-circle standards` prints: standards and documents, with how many rules were seen, quoted or recalled."""
    return {
        "standards": [
            {
                "id": standard.id,
                "title": _both(standard.title),
                "rules": _counts(standard.rules),
                "extends": profiles[standard.id].parent if standard.id in profiles else "",
                "replaced": len(profiles[standard.id].replaces) if standard.id in profiles else 0,
                "note": _both(standard.note),
            }
            for standard in standards
        ],
        "documents": [
            {
                "id": name,
                "title": _both(document.title),
                "issuer": document.issuer,
                "number": document.number,
                "year": document.year,
                "status": document.status,
                "rules": _counts(rules),
                "note": _both(document.note),
            }
            for name, (document, rules) in documents.items()
        ],
    }


def _counts(rules: Iterable[Rule]) -> dict[str, int]:
    grades = [grade_of(rule) for rule in rules]
    return {"all": len(grades), **{grade: grades.count(grade) for grade in GRADES}}


def standard_figures(
    standard: Standard,
    documents: Mapping[str, Document],
    services: Iterable[ServiceType],
    conditions: Mapping[str, Words],
) -> dict[str, Any]:
    """Return what `living-circle standards show` prints: every rule with its source, and the disputes that touch them."""
    names = {service.id: service.name for service in (*services, *standard.services)}
    names["circle"] = Words(*(say("standards.circle", language) for language in LANGUAGES))
    cited = dict.fromkeys(rule.citation.document for rule in standard.rules)
    return {
        "id": standard.id,
        "title": _both(standard.title),
        "note": _both(standard.note),
        "documents": [
            {
                "id": name,
                "title": _both(documents[name].title) if name in documents else _both(Words(title, title)),
                "year": documents[name].year if name in documents else None,
                "status": documents[name].status if name in documents else "",
                "note": _both(documents[name].note) if name in documents else _both(Words("", "")),
            }
            for name, title in ((name, _title(standard, name)) for name in cited)
        ],
        "rules": [_rule(rule, names, conditions) for rule in standard.rules],
        "disputes": [
            {
                "id": one.id,
                "topic": _both(one.topic),
                "finding": _both(one.finding),
                "treatment": _both(one.treatment),
                "rules": [rule.id for rule in standard.rules if rule.dispute == one.id],
            }
            for one in standard.inconsistencies
        ],
    }


def _title(standard: Standard, document: str) -> str:
    return next(rule.citation.title for rule in standard.rules if rule.citation.document == document)


def _rule(rule: Rule, names: Mapping[str, Words], conditions: Mapping[str, Words]) -> dict[str, Any]:
    blank = math.nan if rule.value is None else rule.value
    return {
        "id": rule.id,
        "document": rule.citation.document,
        "clause": rule.citation.clause,
        "service": {"id": rule.service, **_both(names.get(rule.service, Words(rule.service, rule.service)))},
        "level": rule.level,
        "metric": rule.metric,
        "operator": rule.operator,
        "value": rule.value,
        "value_max": rule.value_max,
        "unit_as_printed": rule.unit_as_printed,
        "asked": {language: asked_of(rule, blank, language) for language in LANGUAGES},
        "statistic": rule.statistic,
        "binding": rule.binding,
        "compulsory": rule.compulsory,
        "measure": rule.measure,
        "base": rule.base,
        "deadline": rule.deadline,
        "applies_when": rule.applies_when,
        "condition": _both(conditions.get(rule.applies_when, Words(rule.applies_when, rule.applies_when))),
        "least_units": rule.least_units,
        "most_units": rule.most_units if math.isfinite(rule.most_units) else None,
        "members": [{"id": member, **_both(names.get(member, Words(member, member)))} for member in rule.members],
        "within_metres": rule.within_metres,
        "within_minutes": rule.within_minutes,
        "held": held_by(rule),
        "quote": rule.citation.quote,
        "verification": rule.citation.verification,
        "verified": rule.citation.verified,
        "grade": grade_of(rule),
        "confidence": rule.citation.confidence,
        "dispute": rule.dispute,
        "note": _both(rule.note),
    }


def service_figures(services: Iterable[ServiceType], systems: Iterable[ServiceSystem]) -> dict[str, Any]:
    """Return what `living-circle standards services` prints: service types by system."""
    every = tuple(services)
    return {
        "systems": [
            {
                "id": system.id,
                **_both(system.name),
                "services": [
                    {
                        "id": service.id,
                        **_both(service.name),
                        "level": service.level,
                        "kind": service.kind,
                        "group": service.group,
                        "ages": service.ages,
                        "privacy": service.privacy,
                    }
                    for service in every
                    if service.system == system.id
                ],
            }
            for system in systems
        ]
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


# ── On a terminal ───────────────────────────────────────────────────────────


def print_library(figures: Mapping[str, Any], language: Language, columns: int, write: Print) -> None:
    """Print standards and documents, two or three lines each, whatever the width of the terminal."""
    for part, heading in (("standards", "standards.title"), ("documents", "standards.documents")):
        _fold(say(heading, language), columns, write, "bold")
        for one in figures[part]:
            about = [one["title"][language]]
            if part == "documents":
                about.append(_about(one, language))
            write(f"  {one['id']}", "cyan")
            _fold("  ".join(about), columns, write, indent=4)
            style = "yellow" if one["rules"]["recalled"] else "dim"
            _fold(_counted(one["rules"], language), columns, write, style, indent=4)
            if one.get("extends"):
                key = "standards.replaces" if one["replaced"] else "standards.extends"
                said = say(key, language, parent=one["extends"], count=one["replaced"])
                _fold(said, columns, write, "dim", indent=4)
        write("", "")
    _fold(say("standards.legend", language), columns, write, "yellow")
    _fold(say("standards.more", language), columns, write, "dim")


def print_standard(figures: Mapping[str, Any], language: Language, columns: int, write: Print) -> None:
    """Print every rule of a standard under the document it is written in, then the disputes."""
    _fold(f"{figures['title'][language]}  {figures['id']}", columns, write, "bold")
    counts = {"all": len(figures["rules"])}
    counts |= {grade: sum(rule["grade"] == grade for rule in figures["rules"]) for grade in GRADES}
    _fold(_counted(counts, language), columns, write)
    if any(not rule["verified"] for rule in figures["rules"]):
        _fold(say("standards.legend", language), columns, write, "yellow")
    if figures["note"][language]:
        _fold(figures["note"][language], columns, write, "dim")
    for document in figures["documents"]:
        write("", "")
        title, about = document["title"][language], _about(document, language)
        _fold(say("standards.document", language, title=title, about=about) if about else title, columns, write, "bold")
        if document["note"][language]:
            _fold(document["note"][language], columns, write, "dim")
        for rule in figures["rules"]:
            if rule["document"] == document["id"]:
                _print_rule(rule, language, columns, write)
    if figures["disputes"]:
        write("", "")
        write(say("standards.disputes", language), "bold")
        for dispute in figures["disputes"]:
            rules = " ".join(dispute["rules"])
            _fold(f"‡ {dispute['id']} {dispute['topic'][language]}  {rules}", columns, write, "magenta", indent=2)
            _fold(dispute["finding"][language], columns, write, indent=4)
            treatment = say("standards.treatment", language, treatment=dispute["treatment"][language])
            _fold(treatment, columns, write, "bold", indent=4)


def _print_rule(rule: Mapping[str, Any], language: Language, columns: int, write: Print) -> None:
    mark = "" if rule["verified"] else f" {MARK} {say_code('verification', rule['verification'], language)}"
    dispute = f" ‡ {rule['dispute']}" if rule["dispute"] else ""
    _fold(f"{rule['id']}{mark}{dispute}", columns, write, STYLES[rule["grade"]] or "cyan", indent=2)
    service, level = rule["service"][language], say_code("rule_level", rule["level"], language)
    metric = metric_said(rule["metric"], rule["service"]["id"], language)
    asked = rule["asked"][language]
    _fold(f"{rule['clause']}  {service} · {level} · {metric} {asked}".strip(), columns, write, indent=4)
    metres, minutes = (say_code("metric_unit", metric, language) for metric in ("walk_metres", "walk_minutes"))
    distance = "" if rule["within_metres"] is None else f"{rule['within_metres']:g} {metres}"
    distance = distance if rule["within_minutes"] is None else f"{rule['within_minutes']:g} {minutes}"
    most = "∞" if rule["most_units"] is None else f"{rule['most_units']:,.0f}"
    sizes = "" if rule["most_units"] is None and not rule["least_units"] else f"{rule['least_units']:,.0f}–{most}"
    members = ("；" if language == "zh" else "; ").join(member[language] for member in rule["members"])
    facts = [
        say("standards.compulsory", language) if rule["compulsory"] else say_code("binding", rule["binding"], language),
        say_code("held", rule["held"], language) if rule["held"] != "evaluated" else "",
        say_code("measure", "radius", language) if rule["measure"] == "radius" else "",
        _if("standards.within", language, distance=distance),
        _if("standards.condition", language, condition=rule["condition"][language]),
        _if("standards.sizes", language, sizes=sizes),
        _if("standards.deadline", language, deadline=rule["deadline"]),
        _if("standards.members", language, members=members),
    ]
    key = "standards.gist" if rule["grade"] == "recalled" else "standards.quote"  # what is recalled is no quotation
    quote = _if(key, language, quote=rule["quote"])
    _fold("  ".join([" · ".join(fact for fact in facts if fact), quote]).strip(), columns, write, "dim", indent=4)
    if rule["note"][language]:
        _fold(rule["note"][language], columns, write, "dim italic", indent=4)


def _if(key: str, language: Language, **value: str) -> str:
    """Say a fact that has words, nothing of one that has none."""
    return say(key, language, **value) if any(value.values()) else ""


def print_services(figures: Mapping[str, Any], language: Language, columns: int, write: Print) -> None:
    """Print service types by system, one line each."""
    systems = figures["systems"]
    types = sum(len(system["services"]) for system in systems)
    _fold(say("standards.services", language, systems=len(systems), services=types), columns, write, "bold")
    for system in systems:
        write("", "")
        write(f"{system[language]}  {system['id']}", "cyan")
        for service in system["services"]:
            facts = [say_code("rule_level", service["level"], language)]
            facts += [say_code("privacy", service["privacy"], language)] if service["privacy"] != "open" else []
            _fold(f"{service['id']}  {service[language]} · {' · '.join(facts)}", columns, write, indent=2)


def _about(document: Mapping[str, Any], language: Language) -> str:
    facts = [str(document["year"] or ""), say_code("document_status", document["status"], language)]
    return " · ".join(fact for fact in facts if fact)


def _counted(counts: Mapping[str, int], language: Language) -> str:
    said = [say(f"standards.{grade}", language, count=counts[grade]) for grade in GRADES if counts[grade]]
    return say("standards.rules", language, all=counts["all"], parts=("，" if language == "zh" else ", ").join(said))


def _fold(text: str, columns: int, write: Print, style: str = "", *, indent: int = 0) -> None:
    """Print a text in as many lines as it takes, all but the first of a list entry set in."""
    for line in folded(text, max(columns - indent, 20)):
        write(f"{' ' * indent}{line}", style)
