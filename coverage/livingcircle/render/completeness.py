"""How complete the street network is, as a table and in a sentence that stands beside every result."""

from __future__ import annotations

import numpy as np

from livingcircle.faults import Language
from livingcircle.model.completeness import POOR, NetworkCompleteness
from livingcircle.render.words import LANGUAGES, say, say_code, shown_share

NETWORK_MEASURES = (
    "homes_far_share",
    "residents_far_share",
    "compounds",
    "compound_km_per_km2",
    "compounds_without_path",
    "parts",
    "apart_share",
    "dead_ends_per_km",
    "dropped_share",
    "private_share",
    "paths_share",
)


def completeness_columns(found: NetworkCompleteness) -> dict[str, object]:
    """Return grade, measures and what they mean, a column each."""
    return {
        "network_grade": np.where(found.grade == "", "unknown", found.grade),
        "weakest": np.where(found.weakest == "", "unknown", found.weakest),
        "street_kilometres": found.kilometres,
        **{name: getattr(found, name) for name in NETWORK_MEASURES},
        **{
            f"{part}_{language}": [say_part(found, row, language) for row in range(len(found))]
            for part, say_part in (("says", completeness_said), ("means", completeness_means))
            for language in LANGUAGES
        },
    }


def completeness_said(found: NetworkCompleteness, row: int, language: Language) -> str:
    """Say in one sentence how complete the network is in one row."""
    grade = found.grade[row] or "unknown"
    compounds = ""
    if found.compounds[row] > 0:
        compounds = say(
            "completeness.compounds",
            language,
            density=f"{found.compound_km_per_km2[row]:.1f}",
            count=f"{found.compounds[row]:.0f}",
            empty=f"{found.compounds_without_path[row]:.0f}",
        )
    dropped = ""
    if found.dropped_share[row] > 0:
        dropped = say("completeness.dropped", language, share=shown_share(found.dropped_share[row]))
    figures = say(
        "completeness.figures",
        language,
        far=shown_share(found.residents_far_share[row]),
        apart=shown_share(found.apart_share[row]),
        dead_ends=f"{found.dead_ends_per_km[row]:.1f}" if np.isfinite(found.dead_ends_per_km[row]) else "—",
        dropped=dropped,
        paths=shown_share(found.paths_share[row]),
        compounds=compounds,
    )
    return say("completeness.line", language, grade=say_code("network_grade", grade, language), figures=figures)


def completeness_means(found: NetworkCompleteness, row: int, language: Language) -> str:
    """Say what an incomplete network does to walking times; `""` where it is complete enough."""
    return say(f"completeness.means_{found.weakest[row]}", language) if found.grade[row] in POOR else ""


def completeness_remark(found: NetworkCompleteness, language: Language) -> str:
    """Say both of the whole study, for where there is room."""
    parts = [completeness_said(found, 0, language), completeness_means(found, 0, language)]
    return ("" if language == "zh" else " ").join(part for part in parts if part)
