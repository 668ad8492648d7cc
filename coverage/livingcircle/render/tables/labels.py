"""Tables as people read them, and the dictionary of their columns."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from livingcircle.faults import Language
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.words import LANGUAGES, say, say_code, shown_ages

_CODED = frozenset(
    {
        "scope",
        "cause",
        "remedy_kind",
        "amount_unit",
        "district_level",
        "verdict",
        "verdict_before",
        "change",
        "status",
        "candidate_status",
        "facility_status",
        "reason",
        "rule",
        "verification",
        "role",
        "severity",
        "figure",
        "network_grade",
        "weakest",
        "metric",
        "binding",
        "rule_level",
        "statistic",
        "measure",
        "comparison",
        "good",
        "age_side",
        "decay",
        "model",
        "study_status",
        "plan_unit",
        "plan_stage",
        "uncovered",
        "frontier_by",
        "supply_of",
        "demand_of",
    }
)

_AGES = frozenset({"age_group", "rank_by", "demand_of"})
"""Columns that may hold age groups, which are named by their ages: `60+`."""


def dictionary(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Describe every column of every table, once per table; columns of one kind per service share a row."""
    seen = dict.fromkeys((name, column_entry(column)[0]) for name, frame in tables.items() for column in frame.columns)
    entries = [COLUMNS[entry] for _, entry in seen]
    texts = {
        f"{part}_{language}": [getattr(entry, part).said(language) for entry in entries]
        for part in ("header", "unit", "meaning")
        for language in LANGUAGES
    }
    return pd.DataFrame({"table": [name for name, _ in seen], "column": [entry for _, entry in seen], **texts})


def labelled(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the table as people read it: headers with units, one language, codes and truth values in words; numbers unrounded."""
    columns = {}
    for name in shown_columns(frame, language):
        values = frame[name]
        if name in _CODED and not pd.api.types.is_float_dtype(values.dtype):  # none at all: empty numbers
            values = pd.Series([say_code(name.removesuffix("_before"), code, language) for code in values], dtype="str")
        elif name == "table":
            values = pd.Series([say(f"table.{code}", language) for code in values], dtype="str")
        elif values.dtype in (bool, "boolean"):
            words = {True: say("truth.true", language), False: say("truth.false", language)}
            values = values.astype("object").map(words).astype("str")
        if name in _AGES and not pd.api.types.is_numeric_dtype(values.dtype):
            values = pd.Series([shown_ages(group, language) for group in values.fillna("")], dtype="str")
        header = shown_header(name, frame, language)
        # Two services may share a name; their columns are then told apart by the name for machines.
        columns[header if header not in columns else f"{header} [{name}]"] = values
    return pd.DataFrame(columns)


def shown_columns(frame: pd.DataFrame, language: Language) -> list[str]:
    """Return the columns that `labelled` keeps, in their order: all but those in the other language."""
    other = "_en" if language == "zh" else "_zh"
    return [name for name in frame.columns if not name.endswith(other)]


def shown_header(name: str, frame: pd.DataFrame, language: Language) -> str:
    """Return what stands above a column: its name and unit, with the service, requirement or ages it is about."""
    entry, about = column_entry(name)
    header = COLUMNS[entry].display(language)
    number = LANGUAGES.index(language)
    services, requirements = (frame.attrs.get(group, {}) for group in ("services", "requirements"))
    return (
        header.replace("{service}", services.get(about, (about, about))[number])
        .replace("{requirement}", requirements.get(about, (about, about))[number])
        .replace("{age}", shown_ages(about, language))
    )
