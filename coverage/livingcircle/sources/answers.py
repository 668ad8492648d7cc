"""Answers of people, read back: a sheet with a row for each rule and unit."""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from livingcircle.faults import several
from livingcircle.model.places import Districts
from livingcircle.model.register import Answers
from livingcircle.model.rule import Metric, Rule
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import text_column
from livingcircle.sources.layers import Layer, LayerSource, open_table, raise_faults
from livingcircle.sources.reading import Reading
from livingcircle.sources.standard_library import document_ids, read_document

YES = frozenset({"是", "有", "对", "yes", "y", "true", "√", "✓"})
NO = frozenset({"否", "无", "没有", "no", "n", "false", "×"})
EXEMPT = frozenset({"不适用", "不涉及", "notapplicable", "n/a", "na", "doesnotapply"})
YES_OR_NO: frozenset[Metric] = frozenset({"checklist", "colocation", "presence", "named"})
SHARES: frozenset[Metric] = frozenset(
    {
        *("register_share", "share_within_walk", "share_of_land_within", "share_of_units_with"),
        *("activity_share_of_floor", "share_of_building_floor"),
    }
)
WHOLE_STUDY = -1
EXAMPLES_SHOWN = 3


def answers_from_table(
    source: LayerSource, columns: Mapping[str, str | None], rules: Sequence[Rule], districts: Districts
) -> Reading[Answers]:
    """Read the answers of a sheet; rows without one are left out.

    An answer is 是 or 否, 不适用, or a figure: 是 to a rule that asks for a number of things means that number. Shares may be written 85%
    or 0.85. Rows of rules of other standards are warned of and left out, so that one sheet serves several.

    Raises
    ------
    InputError
        With every fault of the sheet: rules and districts that are unknown, answers that cannot be read, rows that answer twice.
    """
    layer = open_table(source, columns)
    found = match_columns(layer, columns)
    if layer.readable and not (found["rule"] and found["answer"]):
        present = ", ".join(str(column) for column in layer.frame.columns if column != "geometry")
        layer.note("answers_without_columns", columns=present)
    raise_faults(layer)
    text = {field: text_column(layer, found[field]) for field in columns}
    position = {rule.id: number for number, rule in enumerate(rules)}
    unit_of = {own: number for number, own in enumerate(districts.ids.tolist())} | {"": WHOLE_STUDY}
    others: list[str] = []
    rows: list[tuple[int, int, int, float, bool]] = []
    first: dict[tuple[int, int], int] = {}
    empty = 0
    for row in np.flatnonzero((text["rule"] != "") | (text["answer"] != "")).tolist():
        own, where, answer = (str(text[field][row]) for field in ("rule", "district", "answer"))
        if own not in position:
            if own in _other_rules():
                others.append(own)
            else:
                layer.note(
                    "unknown_rule", index=row, column=found["rule"] or "", value=own, nearest=_near(own, position)
                )
            continue
        unit = unit_of.get(where)
        if unit is None:
            column = found["district"] or ""
            layer.note("unknown_answer_unit", index=row, column=column, value=where, nearest=_near(where, unit_of))
            continue
        rule = position[own]
        if not answer:
            empty += 1
            continue
        earlier = first.setdefault((rule, unit), row)
        if earlier != row:
            layer.note("answer_repeated", index=row, value=own, first=layer.row(earlier))
            continue
        value, exempt = _understood(layer, row, found["answer"] or "", answer, rules[rule])
        rows.append((row, rule, unit, value, exempt))
    if others:
        examples = several(dict.fromkeys(others), EXAMPLES_SHOWN)
        layer.note("rules_of_other_standards", count=len(others), examples=examples)
    raise_faults(layer)
    exempt_ones = sum(exempt for *_, exempt in rows)
    layer.note("answers_read", count=len(rows), exempt=exempt_ones, empty=empty)
    kept = np.array([row for row, *_ in rows], np.intp)
    return Reading(
        Answers(
            rule=np.array([rule for _, rule, *_ in rows], np.int32),
            unit=np.array([unit for _, _, unit, *_ in rows], np.int32),
            value=np.array([value for *_, value, _ in rows], float),
            exempt=np.array([exempt for *_, exempt in rows], bool),
            told_by=text["told_by"][kept],
            told_on=text["told_on"][kept],
            remark=text["remark"][kept],
        ),
        layer.warnings,
    )


def _understood(layer: Layer, row: int, column: str, answer: str, rule: Rule) -> tuple[float, bool]:
    """Return the value of an answer, and whether it says that the rule does not apply; NaN after noting what is wrong."""
    plain = unicodedata.normalize("NFKC", answer).replace(" ", "").replace(",", "").casefold()
    if plain in EXEMPT:
        return math.nan, True
    asked = rule.value if rule.metric == "checklist" and rule.value is not None else 1.0
    if rule.metric in YES_OR_NO and plain in YES:
        return asked, False
    if rule.metric in YES_OR_NO and plain in NO:
        return 0.0, False
    try:
        value = float(plain.removesuffix("%")) / (100.0 if plain.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    share = rule.metric in SHARES
    if not math.isfinite(value) or (plain.endswith("%") and not share):
        kind = "yes" if rule.metric in YES_OR_NO else "share" if share else "number"
        zh, en = _EXPECTED[kind]
        layer.note("answer_not_understood", index=row, column=column, value=answer, expected_zh=zh, expected_en=en)
    elif value < 0:
        layer.note("answer_negative", index=row, column=column, value=answer)
    elif share and value > 1:
        layer.note("answer_share_above_one", index=row, column=column, value=answer)
    return value, False


_EXPECTED = {
    "yes": ("是、否或不适用", "yes, no or not applicable"),
    "share": ("百分数，如 85%，或不适用", "a share such as 85%, or not applicable"),
    "number": ("数字，或不适用", "a number, or not applicable"),
}


@cache
def _other_rules() -> frozenset[str]:
    """Return the ids of all built-in rules; only asked for where a sheet names a rule the standard has not."""
    return frozenset(own for document in document_ids() for own in read_document(document)[1])


def _near(value: str, known: Mapping[str, int]) -> str:
    return ", ".join(difflib.get_close_matches(value, [name for name in known if name])) or "—"
