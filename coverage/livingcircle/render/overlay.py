"""What the page puts on a map that is there already: a route, and what a scenario changes. Only what differs is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import CoverageTable
from livingcircle.model.results import Results
from livingcircle.model.route import Explanation
from livingcircle.model.scenario import TriedScenario
from livingcircle.model.standard import Requirement
from livingcircle.model.study import Study
from livingcircle.render import levels as pyramid
from livingcircle.render import squares as gathering
from livingcircle.render.limit_scene import judged_by, limits_of
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.scene import open_services
from livingcircle.render.tables import published
from livingcircle.render.words import say, say_code, shown_count, shown_share

_DEGREE_DIGITS = 6


def route_line(study: Study, explanation: Explanation) -> dict[str, Any] | None:
    """Return the line of a walk in degrees; None where there is no walk."""
    if explanation.route is None:
        return None
    xy = shapely.get_coordinates(explanation.route.line)
    return {"line": np.round(lonlat_of(xy, study.crs), _DEGREE_DIGITS).tolist()}


def scenario_on_map(
    results: Results, tried: TriedScenario, levels: Sequence[pyramid.Level], language: Language
) -> dict[str, Any]:
    """Return classes of the homes a scenario changes, at every level of the map, and the headline of every service and limit.

    Homes that walk as long as before to another facility are left out: nothing on the map shows it. Limits in metres that walks of their
    own are judged by stay as they are, for a scenario does not walk those.
    """
    shown = open_services(results.study)
    limits = [limits_of(results.assessment)[number] for number in shown]
    before, after = results.assessment.reach.seconds[shown], tried.reach.seconds[shown]
    differs = ((before != after) & ~(np.isnan(before) & np.isnan(after))).any(axis=0)
    homes = np.flatnonzero(differs).astype(np.int32)
    judged = [judged_by(results, number, tried.reach.seconds[number]) for number in shown]
    parts = [_changed(results, level.squares, homes, after, limits, judged) for level in levels]
    return {
        "homes": parts[0],
        "levels": parts[1:],
        "headlines": [_headlines(results, tried, number, language) for number in shown],
    }


def drawn_on_map(study: Study, changes: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Return what a scenario builds, moves and closes, as signs and lines; new and moved facilities have a number they can be dragged by.

    `changes` are those of a scenario file as plain values. The number continues that of the facilities on the map. Facilities of services
    that are not published are not drawn.
    """
    shown = published(study)
    on_map = {str(name): number for number, name in enumerate(study.facilities.ids[shown])}
    places = study.facilities.xy[shown]
    opened = 0
    drawn: dict[str, dict[str, Any]] = {}
    for position, change in enumerate(changes):
        kind, name = str(change["kind"]), str(change.get("facility", ""))
        sign = {"sign": say(f"desk.sign_{kind}", language), "title": say_code("change", kind, language)}
        if kind == "add_site":
            opened += 1
            entry = {"kind": "site", "at": list(change["lonlat"]), "number": len(on_map) + opened - 1, **sign}
            drawn[f"new-{opened}"] = entry | {"title": change.get("name") or sign["title"]}
        elif kind == "move_facility" and name in drawn:
            drawn[name]["at"] = list(change["lonlat"])
            if "line" in drawn[name]:
                drawn[name]["line"][-1] = list(change["lonlat"])
        elif kind == "move_facility" and name in on_map:
            line = [_lonlat(study, places[on_map[name]]), list(change["lonlat"])]
            drawn[name] = {"kind": "moved", "at": line[-1], "line": line, "number": on_map[name], **sign}
        elif kind == "close_facility" and name in drawn:
            drawn[name] = {"kind": "closed", "at": drawn[name]["at"], **sign}
        elif kind == "close_facility" and name in on_map:
            drawn[name] = {"kind": "closed", "at": _lonlat(study, places[on_map[name]]), **sign}
        elif kind == "add_path":
            drawn[f"#{position}"] = {"kind": "path", "line": [list(one) for one in change["line"]], **sign}
        elif "lonlat" in change and not name:
            drawn[f"#{position}"] = {"kind": kind, "at": list(change["lonlat"]), **sign}
    return list(drawn.values())


def _changed(
    results: Results,
    squares: gathering.Squares | None,
    homes: IntArray,
    after: FloatArray,
    limits: Sequence[Sequence[float]],
    judged: Sequence[Sequence[FloatArray]],
) -> dict[str, Any]:
    if squares is None:
        walks, at, extra = after[:, homes], homes, {}
    else:
        at = np.unique(squares.square_of[homes])
        inside = np.flatnonzero(np.isin(squares.square_of, at))
        part = squares.take(at.astype(np.intp))
        of = np.searchsorted(at, squares.square_of[inside]).astype(np.int32)
        part = gathering.Squares(part.geometry, part.residents, part.homes, of, squares.side_metres)
        weight = gathering.weights(results.study.homes, squares)[inside]
        walks = np.array([gathering.median_seconds(walk, weight, part) for walk in after[:, inside]])
        here = [[walk[inside] for walk in walks_of_service] for walks_of_service in judged]
        extra = {"shares": pyramid.shares_of(here, limits, weight, part)}
    return {
        "at": at.tolist(),
        "classes": [pyramid.digits_of(walk, own) for walk, own in zip(walks, limits, strict=True)],
        "tenths": [pyramid.tenths_of(walk) for walk in walks],
        **extra,
    }


def _headlines(results: Results, tried: TriedScenario, service: int, language: Language) -> list[dict[str, Any] | None]:
    """Return the share of the whole study in the scenario, and by how much it differs, for each limit of a service on the map."""
    rules = results.study.standard.requirements
    name = results.study.standard.services[service].id
    said: list[dict[str, Any] | None] = []
    for seconds in limits_of(results.assessment)[service]:
        rule = next((one for one in rules if one.service == name and one.limit_seconds == seconds), None)
        then = next((one for one in tried.standard.requirements if rule and one.id == rule.id), None)
        said.append(_headline(tried, service, seconds, then, language))
    return said


def _headline(
    tried: TriedScenario, service: int, seconds: float, rule: Requirement | None, language: Language
) -> dict[str, Any] | None:
    limit = seconds if rule is None else rule.limit_seconds
    before, after = _row(tried.coverage_before, service, seconds), _row(tried.coverage, service, limit)
    if before is None or after is None:
        return None
    first, last = tried.coverage_before.share()[before], tried.coverage.share()[after]
    people = tried.coverage.residents_covered[after] - tried.coverage_before.residents_covered[before]
    found: dict[str, Any] = {
        "share": shown_share(last) if np.isfinite(last) else "—",
        "change": say("desk.headline_change", language, points=_signed_points(last - first), people=signed(people)),
    }
    if rule is not None:
        own = (tried.verdicts.requirement == tried.standard.requirements.index(rule)) & (tried.verdicts.district == -1)
        verdict = str(tried.verdicts.verdict[np.flatnonzero(own)[0]])
        found |= {"verdict": verdict, "verdict_text": say_code("verdict", verdict, language)}
    return found


def signed(people: float) -> str:
    """Write a change in people with its sign."""
    return ("+" if people > 0 else "−" if people < 0 else "±") + shown_count(abs(people))


def _signed_points(change: float) -> str:
    if not np.isfinite(change):
        return "—"
    return ("+" if change > 0 else "−" if change < 0 else "±") + f"{abs(100 * change):.1f}"


def _row(table: CoverageTable, service: int, seconds: float) -> int | None:
    try:
        return int(table.rows(service, seconds)[0])
    except KeyError:
        return None


def _lonlat(study: Study, xy: FloatArray) -> list[float]:
    found: list[float] = np.round(lonlat_of(xy[np.newaxis], study.crs)[0], _DEGREE_DIGITS).tolist()
    return found
