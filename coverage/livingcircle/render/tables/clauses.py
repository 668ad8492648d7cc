"""Verdicts on clauses: every rule in every unit, each clause once, disputes, and what people answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from livingcircle.faults import Language
from livingcircle.kernel.metrics.walking import DENOMINATORS
from livingcircle.kernel.units import CIRCLES
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, TextArray
from livingcircle.model.outcome import Assessment
from livingcircle.model.rule import Rule
from livingcircle.model.study import Study
from livingcircle.model.verdict import WHOLE_STUDY, RuleVerdicts
from livingcircle.render.clauses import (
    asked_of,
    basis_of,
    checked_of,
    difference_of,
    is_told,
    measured_in,
    requirement_of,
    short_in,
    shown_amount,
    unverified_mark,
    why,
    wording,
)
from livingcircle.render.tables.lookup import is_open, published, unit_columns
from livingcircle.render.words import LANGUAGES, say, say_code

_OF_A_CLAUSE = ("binding", "document", "clause", "quote", "verification")
_IN_ONE_SENTENCE = ("basis", "requirement_zh", "requirement_en")
_FIRST_OF_VERDICTS = (
    *("rule_id", "mark", *_IN_ONE_SENTENCE, "judged_zh", "judged_en", "verdict", "found_zh", "found_en"),
    *("asked_zh", "asked_en", "difference_zh", "difference_en", "explained_zh", "explained_en"),
    *("checked_zh", "checked_en", "service_zh", "service_en", "scope", "district_name"),
    *(
        "value",
        "measured_in_zh",
        "measured_in_en",
        "shortfall",
        "excess",
        "short_in_zh",
        "short_in_en",
        "why_zh",
        "why_en",
    ),
    *_OF_A_CLAUSE,
)
_FIRST_OF_CLAUSES = (
    *("rule_id", "mark", *_IN_ONE_SENTENCE, "service_zh", "service_en", "verdict", "asked_zh", "asked_en"),
    *("units_unmet", "units_excess", "units_met", "units_no_data", "units_not_applicable"),
    *_OF_A_CLAUSE,
)
"""What people look for comes first; the rest follows in its order."""
VERDICTS = ("met", "unmet", "no_data", "not_applicable")


def rule_verdicts(
    study: Study, assessment: Assessment, remedies: Mapping[Language, TextArray] | None = None
) -> pd.DataFrame:
    """Return the verdict on every rule in the whole study and in every unit, with the clause, what was asked and what was found.

    The first columns say it as people read it, with units; the numbers behind them follow. `remedies` (`zh`, `en`) is what would mend
    each row of the verdicts. Of each clause the verdict on the whole study comes first. Facilities that were counted are named only
    where their service may be shown as points; `evidence_withheld` says where it may not.
    """
    return verdict_rows(study, assessment.rule_verdicts, remedies)


def verdict_rows(
    study: Study, table: RuleVerdicts, remedies: Mapping[Language, TextArray] | None = None
) -> pd.DataFrame:
    """Return the same of any verdicts on the rules of a study."""
    rules = study.standard.rules
    evidence, counted = _evidence(study, table)
    reasons, reason = np.unique(table.reason.astype(str), return_inverse=True)
    said = [why(code) for code in reasons]
    told = np.array([is_told(code) for code in reasons], bool)[reason]
    said_short = _both(rules, table.rule, "short_in", short_in)
    said_told = _both(rules, table.rule, "short_in", partial(short_in, told=True))
    excess = np.full(len(table), np.nan) if table.excess is None else table.excess
    frame = pd.DataFrame(
        {
            **_per_rule(rules, table.rule, _clause_columns(study)),
            **unit_columns(study, table.unit),
            **{
                f"judged_{one}": _texts(
                    name if unit != WHOLE_STUDY else say("checklist.whole", one)
                    for unit, name in zip(
                        table.unit.tolist(),
                        np.asarray(unit_columns(study, table.unit)["district_name"], object),
                        strict=True,
                    )
                )
                for one in LANGUAGES
            },
            "verdict": table.verdict,
            **_asked(study, table),
            **_found(rules, table, excess, told),
            **{
                f"explained_{one}": _explained(
                    _texts(words.said(one) for words in said)[reason], (remedies or {}).get(one), one
                )
                for one in LANGUAGES
            },
            "value": table.value,
            "threshold": table.threshold,
            "threshold_highest": _per_rule(rules, table.rule, {"": _highest})[""],
            "margin": table.margin,
            **_both(rules, table.rule, "measured_in", measured_in),
            "supply": table.supply,
            "demand": table.demand,
            "shortfall": table.shortfall,
            "excess": excess,
            **{one: np.where(told, said_told[one], texts) for one, texts in said_short.items()},
            "radius_value": table.radius_value,
            **{f"within_{name}_share": shares for name, shares in zip(DENOMINATORS, _walk_shares(table), strict=True)},
            "reason_code": table.reason,
            **{f"why_{one}": _texts(words.said(one) for words in said)[reason] for one in LANGUAGES},
            "evidence_count": counted,
            "evidence": evidence,
            "evidence_withheld": (counted > 0) & (evidence == ""),
            **_per_rule(rules, table.rule, _source_columns()),
        }
    )
    order = np.lexsort((table.unit != WHOLE_STUDY, table.rule))  # stable: units stay in their order
    return _led_by(frame, _FIRST_OF_VERDICTS).iloc[order].reset_index(drop=True)


def clauses(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Return each clause once: what it asks, the verdict on the whole study, and how many units it is met in."""
    table, rules = assessment.rule_verdicts, study.standard.rules
    every = np.arange(len(rules), dtype=np.int32)
    whole = table.unit == WHOLE_STUDY
    overall = np.full(len(rules), "", object)
    overall[table.rule[whole]] = table.verdict[whole]
    counts = {
        f"units_{verdict}": np.bincount(table.rule[~whole & (table.verdict == verdict)], minlength=len(rules))
        for verdict in VERDICTS
    }
    above = np.array(["excess" in str(codes).split(";") for codes in table.reason], bool)
    counts["units_excess"] = np.bincount(table.rule[~whole & above], minlength=len(rules))
    asked = {f"asked_{one}": _texts(asked_of(rule, _lowest(rule), one) for rule in rules) for one in LANGUAGES}
    asked |= {
        f"requirement_{one}": _texts(
            requirement_of(rule, _service_said(study, rule, one), _lowest(rule), one) for rule in rules
        )
        for one in LANGUAGES
    }
    frame = pd.DataFrame(
        {
            **_per_rule(rules, every, _clause_columns(study)),
            "verdict": overall,
            **asked,
            **counts,
            **_per_rule(rules, every, _source_columns()),
            "applies_when": _texts(rule.applies_when for rule in rules),
            **{f"note_{one}": _texts(rule.note.said(one) for rule in rules) for one in LANGUAGES},
        }
    )
    return _led_by(frame, _FIRST_OF_CLAUSES)


def disputes(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Return where texts contradict each other or themselves, how that was treated, and what comes of every reading."""
    table, rules, found = assessment.rule_verdicts, study.standard.rules, study.standard.inconsistencies
    whole = np.flatnonzero(table.unit == WHOLE_STUDY)
    row_of = dict(zip(table.rule[whole].tolist(), whole.tolist(), strict=True))
    readings: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        readings.setdefault(rule.dispute, []).append(number)

    def said(number: int, language: Language) -> str:
        rule, row = rules[number], row_of.get(number)
        asked = requirement_of(rule, _service_said(study, rule, language), _lowest(rule), language)
        head = f"{rule.citation.document} {rule.citation.clause}{unverified_mark(rule)} {asked}"
        if row is None:
            return head
        amount = shown_amount(float(table.value[row]), rule, language)
        return f"{head} → {amount} {say_code('verdict', str(table.verdict[row]), language)}"

    parts = {"topic": "topic", "finding": "finding", "treatment": "treatment"}
    return pd.DataFrame(
        {
            "dispute_id": _texts(one.id for one in found),
            "documents": _texts(";".join(one.documents) for one in found),
            **{
                f"{name}_{language}": _texts(getattr(one, part).said(language) for one in found)
                for name, part in parts.items()
                for language in LANGUAGES
            },
            "rules_touched": np.array([len(readings.get(one.id, ())) for one in found], np.int32),
            **{
                f"readings_{language}": _texts(
                    mark.join(said(number, language) for number in readings.get(one.id, ())) for one in found
                )
                for language, mark in zip(LANGUAGES, ("；", "; "), strict=True)
            },
        }
    )


def answers(study: Study) -> pd.DataFrame:
    """Return what people told, by whom and when."""
    told, rules = study.answers, study.standard.rules
    nothing = np.full(len(told), "", object)
    return pd.DataFrame(
        {
            **_per_rule(rules, told.rule, {"rule_id": lambda rule: rule.id}),
            **unit_columns(study, told.unit),
            "value": told.value,
            **_both(rules, told.rule, "measured_in", measured_in),
            "exempt": np.zeros(len(told), bool) if told.exempt is None else told.exempt,
            "told_by": nothing if told.told_by is None else told.told_by,
            "told_on": nothing if told.told_on is None else told.told_on,
            "remark": nothing if told.remark is None else told.remark,
        }
    )


def district_verdicts(study: Study, assessment: Assessment) -> dict[str, IntArray]:
    """Return how many rules have which verdict in every district (d,)."""
    table = assessment.rule_verdicts
    inside = (table.unit >= 0) & (table.unit < len(study.districts))
    held = {verdict: table.unit[inside & (table.verdict == verdict)] for verdict in VERDICTS}
    return {
        f"rules_{verdict}": np.bincount(units, minlength=len(study.districts)).astype(np.int32)
        for verdict, units in held.items()
    }


def _walk_shares(table: RuleVerdicts) -> FloatArray:
    """(4, rows) the shares within a walking limit."""
    nothing = np.full((len(table), len(DENOMINATORS)), np.nan)
    return (nothing if table.walk_shares is None else table.walk_shares).T


def _led_by(frame: pd.DataFrame, first: Sequence[str]) -> pd.DataFrame:
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


# ── Columns of a rule, repeated for its rows ────────────────────────────────


def _clause_columns(study: Study) -> dict[str, Callable[[Rule], object]]:
    types = {service.id: service for service in study.standard.services}
    systems = {system.id: system.name for system in study.standard.systems}

    def service(language: Language) -> Callable[[Rule], str]:
        return lambda rule: _service_said(study, rule, language)

    def system(language: Language) -> Callable[[Rule], str]:
        def said(rule: Rule) -> str:
            own = types[rule.service].system if rule.service in types else ""
            return systems[own].said(language) if own in systems else own

        return said

    return {
        "rule_id": lambda rule: rule.id,
        "mark": unverified_mark,
        "basis": basis_of,
        **{f"checked_{one}": partial(checked_of, language=one) for one in LANGUAGES},
        "document": lambda rule: rule.citation.document,
        "clause": lambda rule: rule.citation.clause,
        "system_zh": system("zh"),
        "system_en": system("en"),
        "service_id": lambda rule: rule.service,
        "service_zh": service("zh"),
        "service_en": service("en"),
        "metric": lambda rule: rule.metric,
        "binding": lambda rule: rule.binding,
        "rule_level": lambda rule: rule.level,
    }


def _source_columns() -> dict[str, Callable[[Rule], object]]:
    return {
        "comparison": lambda rule: rule.operator,
        "statistic": lambda rule: rule.statistic,
        "measure": lambda rule: rule.measure,
        "compulsory": lambda rule: rule.compulsory,
        "deadline": lambda rule: rule.deadline,
        "dispute_id": lambda rule: rule.dispute,
        "document_title": lambda rule: rule.citation.title,
        "quote": lambda rule: wording(rule.citation),
        "unit_as_printed": lambda rule: rule.unit_as_printed,
        "verification": lambda rule: rule.citation.verification,
        "verified": lambda rule: rule.citation.verified,
    }


def _service_said(study: Study, rule: Rule, language: Language) -> str:
    names = {service.id: service.name for service in study.standard.services if service.id == rule.service}
    if names:
        return names[rule.service].said(language)
    return say_code("rule_level", rule.level, language) if rule.level in CIRCLES else _circle(language)


def _circle(language: Language) -> str:
    return say_code("rule_service", "circle", language)


def _per_rule(
    rules: Sequence[Rule], number: IntArray, columns: dict[str, Callable[[Rule], object]]
) -> dict[str, object]:
    """Work each column out once per rule and repeat it for the rows."""
    worked = {name: [take(rule) for rule in rules] for name, take in columns.items()}
    return {
        name: (np.array(values)[number] if values and isinstance(values[0], bool | float) else _texts(values)[number])
        for name, values in worked.items()
    }


def _both(
    rules: Sequence[Rule], number: IntArray, name: str, said: Callable[[Rule, Language], str]
) -> dict[str, TextArray]:
    return {f"{name}_{one}": _texts(said(rule, one) for rule in rules)[number] for one in LANGUAGES}


def _asked(study: Study, table: RuleVerdicts) -> dict[str, TextArray]:
    """Say what was asked, as a value and as a sentence, once for every threshold of a rule: it may differ by unit."""
    rules = study.standard.rules
    # NaN is not equal to itself; a number no clause uses stands for it.
    limits = np.where(np.isnan(table.threshold), np.inf, table.threshold)
    pairs, row = np.unique(np.column_stack([table.rule, limits]), axis=0, return_inverse=True)
    row = row.reshape(-1)
    of = [(rules[int(number)], float(limit)) for number, limit in pairs]
    return {
        f"{name}_{one}": _texts(said(rule, limit, one) for rule, limit in of)[row]
        for name, said in (
            ("asked", asked_of),
            ("requirement", lambda rule, limit, one: requirement_of(rule, _service_said(study, rule, one), limit, one)),
        )
        for one in LANGUAGES
    }


def _found(rules: Sequence[Rule], table: RuleVerdicts, excess: FloatArray, told: BoolArray) -> dict[str, TextArray]:
    """Say what was found, and how far that is from what was asked, with units."""
    figures = zip(
        table.rule.tolist(),
        table.value.tolist(),
        table.shortfall.tolist(),
        excess.tolist(),
        np.where(table.verdict == "met", table.margin, np.nan).tolist(),
        told.tolist(),
        strict=True,
    )
    rows = list(figures)
    return {
        **{
            f"found_{one}": _texts(shown_amount(value, rules[rule], one) for rule, value, *_ in rows)
            for one in LANGUAGES
        },
        **{
            f"difference_{one}": _texts(
                difference_of(short, over, margin, rules[rule], one, told=by_people)
                for rule, _, short, over, margin, by_people in rows
            )
            for one in LANGUAGES
        },
    }


def _explained(reasons: TextArray, remedies: TextArray | None, language: Language) -> TextArray:
    """Put remedy and reason of every row into one text."""
    if remedies is None:
        return reasons
    between = "。" if language == "zh" else "; "
    return _texts(between.join(part for part in parts if part) for parts in zip(remedies, reasons, strict=True))


def _evidence(study: Study, table: RuleVerdicts) -> tuple[TextArray, IntArray]:
    """Return the ids of the facilities each row counted, "" where they may not be shown, and how many there were."""
    types = {service.id: (number, service) for number, service in enumerate(study.standard.services)}
    shown_at_all = published(study)
    may: dict[int, BoolArray] = {}

    def shown(number: int) -> BoolArray:
        if number not in may:
            rule = study.standard.rules[number]
            named = [types[one] for one in (rule.service, *rule.members) if one in types]
            open_ones = [column for column, service in named if is_open(service)]
            may[number] = np.asarray(study.facilities.serves[:, open_ones].any(axis=1)) if named else shown_at_all
        return may[number]

    starts, ends = table.evidence_indptr[:-1], table.evidence_indptr[1:]
    texts = np.full(len(table), "", object)
    ids = study.facilities.ids
    for row in np.flatnonzero(ends > starts).tolist():
        places = table.evidence[starts[row] : ends[row]]
        places = places[shown(int(table.rule[row]))[places]]
        texts[row] = ";".join(ids[places].tolist())
    return texts, (ends - starts).astype(np.int32)


def _lowest(rule: Rule) -> float:
    return np.nan if rule.value is None else float(rule.value)


def _highest(rule: Rule) -> float:
    return np.nan if rule.value_max is None else float(rule.value_max)


def _texts(values: object) -> TextArray:
    listed = list(values)  # type: ignore[call-overload]
    column = np.empty(len(listed), object)
    column[:] = listed
    return column
