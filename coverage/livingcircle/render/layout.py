"""Which columns of a table a sheet shows at once, and which it folds away to the right: people read ten columns, machines all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from livingcircle.faults import Language
from livingcircle.render.tables import shown_columns

if TYPE_CHECKING:
    import pandas as pd

IN_BRIEF = (
    *("basis", "requirement_zh", "requirement_en", "judged_zh", "judged_en", "verdict"),
    *("found_zh", "found_en", "asked_zh", "asked_en", "difference_zh", "difference_en"),
    *("explained_zh", "explained_en", "binding", "checked_zh", "checked_en"),
)
"""A verdict as people read it."""
_SAID_IN_BRIEF = frozenset(IN_BRIEF) - {"judged_zh", "judged_en", "verdict", "requirement_zh", "requirement_en"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a table: its name among the words, the columns to show in their order (empty: as they come) and those it leaves out."""

    name: str
    only: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    first: tuple[str, ...] = ()
    wraps: bool = False


SHEETS: Mapping[str, tuple[Sheet, ...]] = MappingProxyType(
    {
        "rule_verdicts": (
            Sheet("rule_verdicts", only=IN_BRIEF, wraps=True),
            Sheet("rule_verdict_details", without=_SAID_IN_BRIEF),
        ),
        "rules": (
            Sheet(
                "rules",
                first=(
                    *("basis", "requirement_zh", "requirement_en", "verdict", "units_unmet", "units_met"),
                    *("units_no_data", "units_not_applicable", "binding", "checked_zh", "checked_en"),
                    *("quote", "note_zh", "note_en"),
                ),
                wraps=True,
            ),
        ),
        "verdicts": (
            Sheet(
                "verdicts",
                first=(
                    *("service_zh", "service_en", "scope", "district_name", "limit_minutes", "limit_metres"),
                    *("minimum_share", "residents_share", "verdict", "residents_short"),
                    *(
                        "verdict_certain",
                        "unmet_with_one_gate",
                        "met_if_uncertain_covered",
                        "document_title",
                        "clause",
                        "verification",
                    ),
                ),
                wraps=True,
            ),
        ),
        "plan": (
            Sheet(
                "plan",
                first=(
                    *(
                        "plan",
                        "rank",
                        "year",
                        "site_name",
                        "service_zh",
                        "service_en",
                        "floor_m2",
                        "investment_wan_yuan",
                    ),
                    *("demand_of", "marginal_residents", "cumulative_residents", "residents_per_wan_yuan"),
                    *("runner_up_zh", "runner_up_en", "gap_share", "kept_share"),
                ),
                wraps=True,
            ),
        ),
        "plan_quality": (
            Sheet(
                "plan_quality",
                first=(
                    *(
                        "plan",
                        "plan_name_zh",
                        "plan_name_en",
                        "model",
                        "service_zh",
                        "service_en",
                        "limit_minutes",
                        "limit_metres",
                    ),
                    *("sites_chosen", "plan_cost_wan_yuan", "added_residents", "share_before", "share_after"),
                    *("proof_zh", "proof_en", "remarks_zh", "remarks_en"),
                ),
                wraps=True,
            ),
        ),
        "plan_frontier": (Sheet("plan_frontier", wraps=True),),
        "checklist": (
            Sheet(
                "checklist",
                first=(
                    *("basis", "service_zh", "service_en", "scope", "district_name", "question_zh", "question_en"),
                    *("answered", "answer_zh", "answer_en", "told_by", "told_on", "remark"),
                ),
                wraps=True,
            ),
        ),
        "disputes": (Sheet("disputes", wraps=True),),
        "gap_list": (Sheet("gap_list", wraps=True),),
        "warnings": (Sheet("warnings", wraps=True),),
        "dictionary": (Sheet("dictionary", wraps=True),),
    }
)
"""Tables that are shown in another way than column by column as they come."""

_ALWAYS_FOLDED = frozenset(
    {
        # Keys for machines, beside which stands a name
        *("service_id", "services", "alternatives", "requirement_id", "rule_id", "weakest_service_id", "lacking_ids"),
        *(
            "district_id",
            "parent_id",
            "district_level",
            "district_within",
            "candidate_id",
            "runner_up_id",
            "dominated_by_id",
        ),
        *("reason_code", "reason_ids", "kind", "mark", "document", "dispute_id", "driver", "member", "sha256"),
        # What the columns shown say in other words, or sum up
        *("document_title", "quote", "verified", "comparison", "statistic", "measure", "compulsory", "unit_as_printed"),
        *("metric", "rule_level", "system_zh", "system_en", "deadline", "clause", "verification", "applies_when"),
        *("evidence", "evidence_count", "evidence_withheld", "radius_value", "threshold_highest"),
        # For a map rather than a reader, or the same in every row
        *("lon", "lat", "remedy_lon", "remedy_lat", "trials", "confidence", "source"),
        *("decay", "decay_range_limits", "weight_reached", "weight_closeness", "weight_weakest"),
    }
)
_FOLDED_BY_BEGINNING = ("unreachable_", "nearest_facility_", "within_", "places_per_1000_", "residents_aged_")
_KEPT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "rule_verdict_details": frozenset({"rule_id", "within_residents_share"}),
        "answers": frozenset({"rule_id"}),
        "review": frozenset({"confidence"}),
        "quarantined": frozenset({"lon", "lat"}),
        "inputs": frozenset({"sha256"}),
        "candidates": frozenset({"candidate_id"}),
    }
)


_FIRST = (
    "rules",
    "rule_verdicts",
    "disputes",
    "checklist",
    "verdicts",
    "gap_list",
    "plan",
    "plan_quality",
    "plan_frontier",
)
_LAST = ("rule_verdict_details", "lorenz", "home_causes", "homes", "warnings", "inputs", "dictionary")


def in_order(parts: Iterable[tuple[Sheet, pd.DataFrame]]) -> list[tuple[Sheet, pd.DataFrame]]:
    """Put what is decided first and what only proves it last; the rest stays in its order."""

    def place(part: tuple[Sheet, pd.DataFrame]) -> int:
        name = part[0].name
        return _FIRST.index(name) - len(_FIRST) if name in _FIRST else 1 + _LAST.index(name) if name in _LAST else 0

    return sorted(parts, key=place)


def sheets_of(table: str) -> tuple[Sheet, ...]:
    """Return the sheets a table is written to."""
    return SHEETS.get(table, (Sheet(table),))


def arranged(sheet: Sheet, frame: pd.DataFrame, language: Language) -> tuple[list[str], int]:
    """Return the columns of a sheet in their order, and how many of the first of them stay unfolded.

    Folded away are keys for machines, what another column says in words, and columns without any value; at least one stays.
    """
    every = [name for name in shown_columns(frame, language) if name not in sheet.without]
    if sheet.only:
        every = [name for name in sheet.only if name in every]
    every.sort(key=lambda name: sheet.first.index(name) if name in sheet.first else len(sheet.first))
    kept = {*sheet.only, *sheet.first} | _KEPT.get(sheet.name, frozenset())
    shown = [name for name in every if name in kept or not (sheet.first or _is_folded(name))]
    shown = [name for name in shown if name in sheet.only or not _is_empty(frame[name])]
    shown = shown or every[:1]
    return [*shown, *(name for name in every if name not in shown)], len(shown)


def _is_folded(name: str) -> bool:
    return name in _ALWAYS_FOLDED or name.startswith(_FOLDED_BY_BEGINNING)


def _is_empty(values: pd.Series[Any]) -> bool:
    return bool(len(values)) and bool((values.isna() | (values == "")).all())
