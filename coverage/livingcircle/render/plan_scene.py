"""What the city map shows of plans: picks in the order to build, their runners-up, the homes they newly cover."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from livingcircle.faults import Language
from livingcircle.model.plan import Plan
from livingcircle.render import tables
from livingcircle.render.plans_terminal import counted_said
from livingcircle.render.words import say, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    from livingcircle.render.scene import Scene

Row = Mapping[Hashable, Any]


def planned(scene: Scene, number: int) -> dict[str, Any]:
    """Return `plan`, `runner_ups` and `gained` of one service, each with the limit it is shown at.

    `gained` are positions of homes; none where squares stand in for homes or the service is not shown by place.
    """
    study, language = scene.results.study, scene.language
    picks: list[dict[str, Any]] = []
    rivals: list[dict[str, Any]] = []
    gained: list[dict[str, Any]] = []
    for plan in scene.results.plans:
        own = np.flatnonzero(plan.service == number)
        if not len(own):
            continue
        table = tables.plan_sites(study, [plan]).iloc[own]
        quality = tables.plan_quality(study, [plan]).iloc[0]
        for pick, row in zip(own.tolist(), table.to_dict("records"), strict=True):
            limit = _limit(scene, number, 60 * float(row["limit_minutes"]))
            (at,) = scene.frame.points(study.candidates.xy[plan.candidate[[pick]]])
            title = say("map.site", language, rank=int(row["rank"]), name=row["site_name"])
            facts = [[*fact] for fact in _facts(row, quality[f"proof_{language}"], language)]
            picks.append({"limit": limit, "at": at, "rank": int(row["rank"]), "title": title, "facts": facts})
            gained.append({"limit": limit, "homes": _homes(scene, plan, number, pick)})
            rivals += _runner_up(scene, plan, pick, limit, title)
    return {"plan": picks, "runner_ups": rivals, "gained": [one for one in gained if one["homes"]]}


def _limit(scene: Scene, number: int, seconds: float) -> int:
    """Return the limit a plan is shown at: its own, or, where coverage was not counted at that, the nearest."""
    return min(range(len(scene.limits[number])), key=lambda one: abs(scene.limits[number][one] - seconds))


def _homes(scene: Scene, plan: Plan, number: int, pick: int) -> list[int]:
    row = tables.rows_of(plan, plan.gained_by).get(number)
    if row is None or not tables.is_open(scene.results.study.standard.services[number]):
        return []
    homes: list[int] = np.flatnonzero(plan.gained_by[row] == pick).tolist()
    return homes


def _runner_up(scene: Scene, plan: Plan, pick: int, limit: int, title: str) -> Iterator[dict[str, Any]]:
    study, language = scene.results.study, scene.language
    rival = int(plan.runner_up[pick])
    if rival >= 0:
        (at,) = scene.frame.points(study.candidates.xy[[rival]])
        name = tables.place_name(study, rival)
        facts = [
            [say("map.runner_up_of", language), title],
            [say("map.site_runner_up", language), tables.runner_up_said(study, plan, pick, language)],
        ]
        yield {"limit": limit, "at": at, "title": say("map.runner_up", language, name=name), "facts": facts}


def _facts(row: Row, proof: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield why a pick is there: what it gains, what it costs, who else could, how sure that is; unknown figures are left out."""
    people = {
        name: say("map.people", language, count=shown_count(row[f"{name}_residents"]))
        for name in ("marginal", "cumulative", "exclusive")
    }
    if not math.isnan(row["year"]):
        yield say("plan.year", language), f"{row['year']:.0f}"
    if row["demand_of"] != "residents":
        yield say("map.site_counted", language), counted_said(row["demand_of"], language)
    yield say("map.limit", language), shown_limit(row["limit_minutes"], row["limit_metres"], language)
    yield say("map.site_marginal", language), people["marginal"]
    yield say("site.exclusive", language), people["exclusive"]
    yield say("map.site_cumulative", language), people["cumulative"]
    if not math.isnan(row["share_after"]):
        yield say("map.site_share", language), shown_share(row["share_after"])
    if not math.isnan(row["investment_wan_yuan"]):
        cost = f"{row['investment_wan_yuan']:,.1f}".removesuffix(".0")
        yield say("site.cost", language), say("site.wan_yuan", language, amount=cost)
    if not math.isnan(row["nearest_metres"]):
        metres = shown_count(row["nearest_metres"])
        yield (
            say("map.site_nearest", language),
            say(
                "map.site_nearest_of",
                language,
                name=row["nearest_name"] or say("map.untitled", language),
                metres=metres,
            ),
        )
    yield say("map.site_runner_up", language), row[f"runner_up_{language}"]
    if not math.isnan(row["kept_share"]):
        yield say("site.kept", language), shown_share(row["kept_share"])
    yield say("map.site_proof", language), proof
