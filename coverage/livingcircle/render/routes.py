"""A walk as figures and as GeoJSON: what `explain` prints, and what a GIS program draws."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import FloatArray
from livingcircle.model.route import Explanation, Route, StepKind
from livingcircle.model.study import Study
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.tables import present
from livingcircle.render.walking import assumptions
from livingcircle.render.words import LANGUAGES, say

HEADINGS = ("east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast")
SHORTEST_HEADING_METRES = 10.0
"""A step that leads less far has no direction worth telling."""
GATES = ("gates_unknown", "gates_shut")
"""Warnings that say how walls were taken, without which a walk along them cannot be understood."""
DEGREE_DIGITS = 7
"""A centimetre; RFC 7946 advises against more."""


def route_figures(study: Study, explanation: Explanation) -> dict[str, Any]:
    """Return what is known of a walk as plain values; keys are the same whether there is one or not, with None for what is unknown."""
    home, service, route = explanation.home, study.standard.services[explanation.service], explanation.route
    facility = explanation.facility if route is None else route.facility
    seconds = np.array([np.inf if route is None else route.seconds])
    judged = explanation.facility < 0 and bool(
        present(study)[explanation.service]
    )  # of what nobody recorded nothing is known
    rules = [rule for rule in study.standard.requirements if rule.service == service.id]
    walker = study.walker
    return {
        "home_id": str(study.homes.ids[home]),
        "service_id": service.id,
        "service": {"zh": service.name.zh, "en": service.name.en},
        "facility_id": None if facility < 0 else str(study.facilities.ids[facility]),
        "facility_name": None if facility < 0 else str(study.facilities.names[facility]),
        "asked_for": explanation.facility >= 0,
        "reason": None if explanation.reason is None else str(explanation.reason),
        "walker": {
            "id": walker.id,
            "name": {"zh": walker.name.zh, "en": walker.name.en},
            "speed_metres_per_second": walker.speed_metres_per_second,
            "assumptions": {language: assumptions(walker, language) for language in LANGUAGES},
        },
        "gates": [
            {language: fault.sentence(language) for language in LANGUAGES}
            for fault in study.warnings
            if fault.kind in GATES
        ],
        "requirements": [
            {
                "requirement_id": rule.id,
                "limit_minutes": rule.limit_minutes,
                "limit_metres": rule.limit_metres,
                "covered": bool(covered(seconds, rule.limit_seconds)[0]) if judged else None,
                "document": rule.citation.document,
                "clause": rule.citation.clause,
            }
            for rule in rules
        ],
        **_measures(route),
        "steps": [] if route is None else _steps(route),
        "attribution": list(study.attribution),
    }


def route_geojson(study: Study, explanation: Explanation) -> str:
    """Return a GeoJSON of the steps as lines, the straight line, and home and facility as points, with the figures and credits beside.

    Without a route only home and facility, if one was asked for, are drawn.
    """
    figures, route, crs = route_figures(study, explanation), explanation.route, study.crs
    home = study.homes.xy[explanation.home]
    facility = explanation.facility if route is None else route.facility
    features = [_feature("Point", home[np.newaxis], crs, {"kind": "home", "home_id": figures["home_id"]})]
    if facility >= 0:
        place = {name: figures[name] for name in ("facility_id", "facility_name")}
        at = study.facilities.xy[facility] if route is None else shapely.get_coordinates(route.line)[-1]
        features.append(_feature("Point", at[np.newaxis], crs, {"kind": "facility", **place}))
    if route is not None:
        ends = shapely.get_coordinates(route.line)[[0, -1]]
        features.append(_feature("LineString", ends, crs, {"kind": "straight", "metres": route.straight_metres}))
        for number, (step, line) in enumerate(zip(figures["steps"], route.steps.lines, strict=True), 1):
            said = {f"text_{language}": step["text"][language] for language in LANGUAGES}
            plain = {name: value for name, value in step.items() if name != "text"}
            xy = shapely.get_coordinates(line)
            features.append(_feature("LineString", xy, crs, {"step": number, **plain, **said}))
    beside = {name: value for name, value in figures.items() if name != "steps"}
    content = {"type": "FeatureCollection", "explanation": beside, "features": features}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _measures(route: Route | None) -> dict[str, Any]:
    if route is None:
        names = ("seconds", "minutes", "metres", "straight_metres", "detour_ratio", "parts")
        return {**dict.fromkeys(names), "waits": []}
    parts = route.parts
    return {
        "seconds": route.seconds,
        "minutes": route.seconds / 60,
        "metres": route.metres,
        "straight_metres": route.straight_metres,
        "detour_ratio": route.detour_ratio if np.isfinite(route.detour_ratio) else None,
        "parts": {
            "level_seconds": parts.level_seconds,
            "access_seconds": parts.access_seconds,
            "slope_seconds": parts.slope_seconds,
            "stairs_seconds": parts.stairs_seconds,
            "crossing_seconds": parts.crossing_seconds,
        },
        "waits": [
            {"crossing": wait.crossing.name.lower(), "times": wait.times, "seconds": wait.seconds}
            for wait in route.waits
        ],
    }


def _steps(route: Route) -> list[dict[str, Any]]:
    steps = route.steps
    rows = zip(steps.kind, steps.name, steps.metres.tolist(), steps.seconds.tolist(), steps.lines, strict=True)
    return [
        {
            "kind": kind,
            "name": name,
            "heading": _heading(line),
            "metres": metres,
            "seconds": seconds,
            "text": {language: _told(kind, name, _heading(line), language) for language in LANGUAGES},
        }
        for kind, name, metres, seconds, line in rows
    ]


def _told(kind: str, name: str, heading: str | None, language: Language) -> str:
    if kind in (StepKind.LEAVE, StepKind.ENTER):
        return say(f"route.{kind}", language)
    way = say(f"route.{kind}_named" if name else f"route.{kind}", language, name=name)
    if heading is None:
        return way
    return say("route.heading", language, heading=say(f"route.to_{heading}", language), way=way)


def _heading(line: shapely.LineString) -> str | None:
    """Return the point of the compass from a line's first to its last point, on the grid of the study's CRS."""
    (x, y), (to_x, to_y) = shapely.get_coordinates(line)[[0, -1]].tolist()
    if math.hypot(to_x - x, to_y - y) < SHORTEST_HEADING_METRES:
        return None
    return HEADINGS[round(math.atan2(to_y - y, to_x - x) / (math.pi / 4)) % len(HEADINGS)]


def _feature(kind: str, xy: FloatArray, crs: str, properties: dict[str, Any]) -> dict[str, Any]:
    places = np.round(lonlat_of(xy, crs), DEGREE_DIGITS).tolist()
    coordinates = places[0] if kind == "Point" else places
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
