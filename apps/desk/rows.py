"""Rows of the tables of an outcome, made when a panel first asks for them, and how their values are written.

The tables are those of the workbook; the page shows the same numbers in the same words and rounds them by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import streamlit as st

from desk.answers import Answers
from desk.markup import Cell, Header
from desk.view import Row, View
from livingcircle.faults import Language
from livingcircle.render.columns import COLUMNS
from livingcircle.render.words import say, say_code, shown_ages, shown_count, shown_share

if TYPE_CHECKING:
    from livingcircle.model.results import Results

UNKNOWN = "—"
TABLES_KEPT = 120
SMALLEST_RATIO = 0.0001
_OF_AGES = frozenset({"age_group", "demand_of", "figure", "rank_by"})
DECIMALS = {
    **dict.fromkeys(("palma", "places_per_1000", "facility_places_per_1000", "supply_per_1000"), 2),
    **dict.fromkeys(("good_mean", "worst_tenth_mean", "gini"), 3),
    **dict.fromkeys(("theil", "theil_between", "theil_within", "concentration"), 4),
}
"""Columns of figures that are compared with one another."""
NOTHING = 1e-9
"""What is smaller is the rest of a sum that comes to nothing."""


def rows(answers: Answers, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table of the run folder as plain values; columns in two languages are one."""
    made = _own_rows if answers.is_own else _rows
    return made(answers.key, table, answers.results)


def shown(column: str, value: Any, language: Language) -> str:
    """Write a value of a column as people read it."""
    if isinstance(value, dict):
        return str(value[language])
    if isinstance(value, bool):
        return say(f"truth.{str(value).lower()}", language)
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        words = say_code(column, value, language)
        return (shown_ages(value, language) if words == value and column in _OF_AGES else words) or UNKNOWN
    kind = COLUMNS[column].kind
    if kind == "share":
        return shown_share(value)
    if kind == "count":
        return shown_count(value)
    if kind in {"minutes", "metres"}:
        return f"{value:,.1f}"
    return shown_index(value, DECIMALS[column]) if column in DECIMALS else shown_ratio(value)


def shown_index(value: float, decimals: int) -> str:
    """Write a figure of a column that is compared down its rows: as many decimals in each, none needed from a hundred on."""
    least = 10.0**-decimals
    if NOTHING < abs(value) < least / 2:
        return f"<{least:g}" if value > 0 else f">−{least:g}"
    return f"{value if abs(value) >= NOTHING else 0.0:,.{0 if abs(value) >= 100 else decimals}f}".replace("-", "−")


def shown_ratio(value: float) -> str:
    """Write a figure without a unit: three digits, four decimals at most; what is not quite nothing never reads `0`."""
    if abs(value) >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if abs(value) < NOTHING:
        return "0"
    if abs(value) < SMALLEST_RATIO:
        return f"<{SMALLEST_RATIO:g}" if value > 0 else f">-{SMALLEST_RATIO:g}"
    return f"{value:.4f}".rstrip("0") if abs(value) < 0.1 else f"{value:.3g}"


def headers(view: View, columns: Iterable[str]) -> list[Header]:
    """Return the headers of columns, with their units; numbers are set to the right."""
    return [
        Header(
            view.say("limit")  # its cells say minutes or metres, as the clause does
            if name == "limit_minutes"
            else view.header(f"{name}_{view.language}" if name not in COLUMNS else name),
            figures=name in COLUMNS and COLUMNS[name].kind != "text",
            wide=name not in COLUMNS,
        )
        for name in columns
    ]


def cells(view: View, row: Row, columns: Iterable[str]) -> list[Cell]:
    """Return the values of a row as people read them."""
    return [shown(name, row[name], view.language) for name in columns]


def _made(key: str, table: str, _results: Results) -> list[dict[str, Any]]:  # noqa: ARG001 - the cache's key
    from livingcircle.render.summary import records
    from livingcircle.render.tables import table_of

    return records(table_of(_results, table))


_rows = st.cache_resource(show_spinner=False, max_entries=TABLES_KEPT)(_made)
_own_rows = st.cache_resource(show_spinner=False, max_entries=TABLES_KEPT, scope="session")(_made)
