"""What the city map shows of limits: the share within each, the verdict, what these hang on, and by which walks it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from livingcircle.faults import Language
from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import Assessment
from livingcircle.model.results import Results
from livingcircle.render.words import say, say_code, shown_bounds, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    import pandas as pd

    from livingcircle.render.scene import Scene


def limits_of(assessment: Assessment) -> list[list[float]]:
    """Return the limits each service was counted at, seconds, ascending."""
    table = assessment.coverage
    services = range(len(assessment.reach.seconds))
    return [np.unique(table.limit_seconds[table.service == number]).tolist() for number in services]


def judged_by(results: Results, number: int, seconds: FloatArray) -> list[FloatArray]:
    """Return the walks (r,) that each limit of a service is judged by: `seconds`, for limits in metres those without waits and stairs."""
    assessment, standard = results.assessment, results.study.standard
    plain, own = assessment.plain_seconds, standard.services[number].id
    asked = (one for one in standard.requirements if one.service == own)
    metres = {one.limit_seconds for one in asked if one.limit_metres is not None}
    limits = limits_of(assessment)[number]
    return [seconds if plain is None or limit not in metres else plain[number] for limit in limits]


def limits_said(scene: Scene, number: int) -> list[dict[str, Any]]:
    """Return what the panel says of each limit of a service: the share, and the verdict where the standard asks for that limit."""
    service, language = scene.results.study.standard.services[number], scene.language
    table, verdicts, intervals = (
        every[every["service_id"] == service.id]
        for every in (scene.tables[name] for name in ("coverage", "verdicts", "intervals"))
    )
    intervals = intervals[intervals["scope"] == "study"]
    said, seconds = [], scene.results.assessment.reach.seconds[number]
    for limit, walks in zip(scene.limits[number], judged_by(scene.results, number, seconds), strict=True):
        rows = table[table["limit_minutes"] == limit / 60]
        whole = rows[rows["scope"] == "study"].iloc[0]
        share = whole["residents_share"]
        unjoined = whole["residents_unjoined"] / whole["residents"] if whole["residents"] else 0.0
        one: dict[str, Any] = {
            "limit": shown_limit(limit / 60, whole["limit_metres"], language),
            "share": share if np.isfinite(share) else None,
            "share_text": shown_share(share) if np.isfinite(share) else say("map.no_figure", language),
            "rest_text": shown_share(1 - share - unjoined),
            "rest_with_unjoined_text": shown_share(1 - share),
            "required": False,
            "demand": say("map.no_demand", language),
            "districts": [shown_share(value) for value in rows[rows["scope"] == "district"]["residents_share"]],
        }
        if np.isfinite(share):
            people = {"covered": shown_count(whole["residents_covered"]), "total": shown_count(whole["residents"])}
            one["people"] = say("map.headline_people", language, **people)
        if walks is not seconds:
            one["within"] = "".join(np.where(covered(walks, limit), "1", "0"))
        asked = verdicts[(verdicts["limit_minutes"] == limit / 60) & (verdicts["scope"] == "study")]
        strictest = asked.sort_values("minimum_share").iloc[-1] if len(asked) else None
        if strictest is not None:
            one.update(_verdict(strictest, language))
        moved = intervals[intervals["limit_minutes"] == limit / 60]
        one["caveats"] = [*_interval(moved, language), *_caveats(whole, strictest, language)]
        said.append(one)
    return said


def _verdict(row: pd.Series[Any], language: Language) -> dict[str, Any]:
    return {
        "required": True,
        "minimum": float(row["minimum_share"]),
        "demand": say("map.demand", language, share=shown_share(row["minimum_share"])),
        "verdict": row["verdict"],
        "verdict_text": say_code("verdict", row["verdict"], language),
        "clause": say("map.clause", language, document=row["document"], clause=row["clause"]).strip(),
        "recalled": not row["verified"],
    }


def _interval(moved: pd.DataFrame, language: Language) -> list[str]:
    """Say between which values a share lies while assumptions move, and what moves it most; nothing where that was not asked for."""
    said = []
    for row in moved[moved["driver_points"] > 0].to_dict("records"):
        low, high = shown_bounds(row["interval_low"], row["interval_high"])
        said.append(say("map.interval", language, low=low, high=high, driver=row[f"driver_name_{language}"]))
    return said


def _caveats(whole: pd.Series[Any], rule: pd.Series[Any] | None, language: Language) -> list[str]:
    """Say what a share and its verdict hang on: gates nobody knows, facilities beyond the end of the data."""
    said, lowest = [], whole["residents_share_one_gate"]
    if np.isfinite(lowest) and lowest < whole["residents_share"]:
        key = "map.one_gate_unmet" if rule is not None and rule["unmet_with_one_gate"] else "map.one_gate"
        said.append(say(key, language, share=shown_share(lowest)))
    if rule is not None and rule["met_if_uncertain_covered"]:
        said.append(say("map.uncertain", language))
    if rule is not None and rule["interval_low"] < rule["minimum_share"] <= rule["interval_high"]:
        said.append(say("map.verdict_moves", language))
    return said
