"""The check as one page that opens anywhere: both languages in it, no script, nothing fetched, everything escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from livingcircle.faults import Language
from livingcircle.model.standard import Words
from livingcircle.render.check_terminal import column_words, file_facts, verdict
from livingcircle.render.words import LANGUAGES, WORDS, say, say_code, shown_count, shown_moment

TEMPLATE = Path(__file__).with_name("check_page.html.jinja")
MOST_FINDINGS = 500
"""Findings listed of one file; the workbook has the rest."""

_TOTALS = (
    ("homes", "check.homes", "check.places_of"),
    ("residents", "check.people", "check.persons_of"),
    ("households", "check.households", "check.households_of"),
    ("facilities", "check.facilities", "check.places_of"),
    ("candidates", "check.candidates", "check.places_of"),
    ("districts", "check.districts", "check.places_of"),
    ("street_kilometres", "check.streets", "check.kilometres_of"),
)


def check_page(figures: Mapping[str, Any], title: Words, language: Language, *, made: datetime, version: str) -> str:
    """Return the page; `language` is the one it opens in, a switch above the title shows the other.

    Parameters
    ----------
    figures
        What `livingcircle.render.summary.check_summary` returns.
    title
        The study's.
    made, version
        When the check was made, and by which version of this program.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False)
    words = {name: verdict(figures, name)[0] for name in LANGUAGES}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title={"zh": title.zh, "en": title.en},
        language=language,
        made=shown_moment(made.isoformat(), language),
        version=version,
        verdict=words,
        verdict_class="fault" if figures["faults"] else "warning" if figures["warnings"] else "good",
        totals=totals(figures),
        has_counts="counts" in figures,
        files=[_file(file) for file in figures["files"]],
        said=_both,
    )


def totals(figures: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return what the files amount to, each with the key of its name: files and rows, then people and places where they are known."""
    files = [file for file in figures["files"] if file["path"]]
    rows = sum(file["rows"] or 0 for file in files)
    found = [("check.files", _plain(shown_count(len(files)))), ("check.row_count", _plain(shown_count(rows)))]
    counts = figures.get("counts", {})
    return found + [
        (name, _both(unit, count=shown_count(counts[key]))) for key, name, unit in _TOTALS if counts.get(key)
    ]


def role_of(file: Mapping[str, Any]) -> dict[str, str]:
    """Return what a file is used for, in both languages."""
    if not file["path"]:
        return _both("check.whole")
    between = {"zh": "、", "en": ", "}
    return {
        name: between[name].join(say_code("role", role, name) for role in file["roles"]) or say("check.other", name)
        for name in LANGUAGES
    }


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    findings = [*file["faults"], *file["warnings"], *file["notes"]]
    facts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        for name, fact in file_facts(file, language):
            facts.setdefault(name, {})[language] = fact
    unnamed = {"layer", "row_count", "format"}  # these say themselves what they are
    return {
        "role": role_of(file),
        "name": Path(file["path"]).name,
        "format": file["format"],
        "rows": "—" if file["rows"] is None else shown_count(file["rows"]),
        "counts": {"fault": len(file["faults"]), "warning": len(file["warnings"]), "note": len(file["notes"])},
        "worst": "fault" if file["faults"] else "warning" if file["warnings"] else "note",
        "facts": [("" if name in unnamed else name, said) for name, said in facts.items()],
        "columns": [
            ({"zh": zh, "en": en}, column)
            for (column, zh), (_, en) in zip(column_words(file, "zh"), column_words(file, "en"), strict=True)
        ],
        "findings": findings[:MOST_FINDINGS],
        "has_places": any(found["row"] is not None or found["column"] or found["value"] for found in findings),
        "left_out": max(0, len(findings) - MOST_FINDINGS),
    }


def _both(key: str, **values: str | float) -> dict[str, str]:
    return {language: WORDS[key].said(language).format(**values) for language in LANGUAGES}


def _plain(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)
