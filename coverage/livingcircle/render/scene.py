"""What the city map shows, as one JSON object: Python decides every figure, class and word, the map's script draws them.

Outlines are written as of `livingcircle.render.outlines`. Per home and service there is a class (one base-36 digit: the first limit of the
service the walk does not exceed, then beyond all, unreachable, not joined) and the walk in tenths of a minute, rounded up so that what is
shown as 15.0 is never past 15 minutes. Of a limit in metres that another walk is judged by, `within` says who keeps to it. Where homes are
many, squares stand in for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.model.study import Study
from livingcircle.render import levels, tables, words
from livingcircle.render import squares as gathering
from livingcircle.render.background import background
from livingcircle.render.completeness import completeness_remark
from livingcircle.render.limit_scene import judged_by, limits_of, limits_said
from livingcircle.render.outlines import Frame, frame_around, lonlat_of, slimmed
from livingcircle.render.plan_scene import planned
from livingcircle.render.routes import GATES
from livingcircle.render.summary import ESTIMATES, clause_notes
from livingcircle.render.walking import assumptions
from livingcircle.render.words import (
    in_one_language,
    say,
    say_code,
    shown_count,
    shown_day,
    shown_minutes,
    shown_share,
)

_HOME_POSITIONS = 120_000
_AREA_POSITIONS = 60_000
_MAP_WORDS = (
    "service",
    "limit",
    "colour_by",
    "by_minutes",
    "by_cover",
    "by_score",
    "up_to",
    "past",
    "headline",
    "limit_required",
    "legend_minutes",
    "legend_cover",
    "legend_share",
    "legend_share_today",
    "unreachable",
    "unjoined",
    "covered",
    "uncovered",
    "layers",
    "group_base",
    "group_today",
    "group_future",
    "layer_streets",
    "layer_districts",
    "layer_homes",
    "layer_facilities",
    "layer_isochrones",
    "layer_gaps",
    "layer_candidates",
    "layer_plan",
    "layer_runner_ups",
    "layer_gained",
    "north",
    "fold",
    "keyboard",
    "zoom_in",
    "zoom_out",
    "residents",
    "people",
    "home",
    "cell",
    "minutes",
    "share_covered",
    "recalled",
    "between",
)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is drawn, in which language, with the tables its figures come from.

    `limits` are those each service was counted at, seconds, ascending; the legend tells only those in `shown`, which all services share.
    """

    results: Results
    language: Language
    frame: Frame
    limits: list[list[float]]
    shown: tuple[float, ...]
    tables: tables.Tables


def scene_of(results: Results, language: Language, every: tables.Tables | None = None) -> Scene:
    """Set a scene, with the tables of the results where they are already there."""
    every = tables.tables_of(results) if every is None else every
    study = results.study
    return Scene(
        results=results,
        language=language,
        frame=frame_around(study.homes.xy, study.crs),
        limits=limits_of(results.assessment),
        shown=results.assessment.shown_limits_seconds,
        tables=every,
    )


def content_of(scene: Scene) -> dict[str, Any]:
    """Return all that the map shows, as one JSON-safe object."""
    study, frame, language = scene.results.study, scene.frame, scene.language
    corners = lonlat_of(study.homes.xy, study.crs)
    services = [_service(scene, number) for number in open_services(study)]
    unjoined = study.homes.residents[~study.home_anchors.joined].sum()
    pyramid = levels.levels_of(study.homes, study.crs)
    return {
        "language": say("map.language", language),
        "title": say("map.title", language, title=study.title.said(language) or study.title.zh or study.title.en),
        "words": {
            **{key: say_code("map", key, language) for key in _MAP_WORDS},
            "partly": say("map.partly_covered", language),
            "no_data": say("verdict.no_data", language),
        },
        "colours": {
            "covered": words.COVERED,
            "partly": words.PARTLY_COVERED,
            "uncovered": words.UNCOVERED,
            "unjoined": words.UNJOINED,
            "gap": words.GAP,
            "plan": words.PLAN,
            "candidate": words.CANDIDATE,
            "district": words.DISTRICT,
            "street": words.STREET,
            "paper": words.PAPER,
            "ink": words.INK,
        },
        "origin": list(frame.origin),
        "bounds": np.round([corners.min(axis=0)[::-1], corners.max(axis=0)[::-1]], 6).tolist(),
        "streets": background(study.network.streets, frame),
        "districts": _districts(scene),
        "services": services,
        "start": next((number for number, one in enumerate(services) if one["known"]), 0),
        "homes": _homes(scene, pyramid),
        "score": score_legend(scene),
        "facilities": _facilities(scene),
        "candidates": _candidates(scene),
        "unjoined_text": shown_share(unjoined / study.homes.residents.sum()) if study.homes.residents.sum() else "",
        "notes": _notes(scene, pyramid[0].squares),
        "attribution": " · ".join(in_one_language(one, language) for one in study.attribution),
    }


def open_services(study: Study) -> list[int]:
    """Return the services on the map; those published by district only are not, for places can be found from walks of homes."""
    return [number for number, service in enumerate(study.standard.services) if tables.is_open(service)]


def _service(scene: Scene, number: int) -> dict[str, Any]:
    study, isochrones, limits = scene.results.study, scene.results.isochrones, scene.limits[number]
    service = study.standard.services[number]
    known = bool(tables.present(study)[number])
    shown, colours = dividing_limits(scene, number), _class_colours(scene, number)
    rules = [rule for rule in study.standard.requirements if rule.service == service.id]
    start = limits.index(rules[0].limit_seconds if rules else shown[-1])
    drawn = np.flatnonzero(isochrones.service == number)[::-1]
    drawn = drawn[np.argsort(-isochrones.limit_seconds[drawn], kind="stable")]
    shapes = slimmed(isochrones.geometry[drawn], _AREA_POSITIONS // len(study.standard.services), 2.0)
    return {
        "name": service.name.said(scene.language),
        "known": known,
        "marker": words.SERVICE_MARKERS[number % len(words.SERVICE_MARKERS)],
        "start": start,
        "limits": limits_said(scene, number),
        "classes": [{"colour": colours[shade]} for shade in [*np.searchsorted(shown, limits).tolist(), *range(-3, 0)]],
        "legend": minutes_legend(scene, number),
        "isochrones": [
            {"outline": outline, "colour": colours[int(np.searchsorted(shown, seconds))]}
            for outline, seconds in zip(
                scene.frame.outlines(shapes), isochrones.limit_seconds[drawn].tolist(), strict=True
            )
        ],
        "gaps": _gaps(scene, number),
        "facilities": _shown_facilities(study, number),
        **planned(scene, number),
    }


def dividing_limits(scene: Scene, number: int) -> Sequence[float]:
    """Return the limits that divide the colours of a service: those all share, its own where none are."""
    return scene.shown or scene.limits[number]


def _class_colours(scene: Scene, number: int) -> list[str]:
    return [*words.minute_colours(len(dividing_limits(scene, number))), words.BEYOND, words.UNREACHABLE, words.UNJOINED]


def minutes_legend(scene: Scene, number: int) -> list[dict[str, str]]:
    """Return label, colour and share of residents of every class of walks to a service, in the order of `levels.classes_of`."""
    limits, language, residents = dividing_limits(scene, number), scene.language, scene.results.study.homes.residents
    edges = [shown_minutes(limit) for limit in limits]
    labels = [
        say("map.within", language, minutes=edges[0]),
        *(say("map.between_limits", language, low=low, high=high) for low, high in itertools.pairwise(edges)),
        say("map.beyond", language, minutes=edges[-1]),
        say("map.unreachable", language),
        say("map.unjoined", language),
    ]
    found = levels.classes_of(scene.results.assessment.reach.seconds[number], limits)
    shares = (
        np.bincount(found, residents, len(labels)) / residents.sum()
        if residents.sum()
        else np.full(len(labels), np.nan)
    )
    return [
        {"label": label, "colour": colour, "share": shown_share(share)}
        for label, colour, share in zip(labels, _class_colours(scene, number), shares, strict=True)
    ]


def _gaps(scene: Scene, number: int) -> list[dict[str, Any]]:
    study, gaps, language = scene.results.study, scene.results.gaps, scene.language
    table = scene.tables["gaps"]
    own = np.flatnonzero(table["service_id"] == study.standard.services[number].id)
    outlines = scene.frame.outlines(slimmed(gaps.geometry[own], _AREA_POSITIONS // len(study.standard.services), 2.0))
    return [
        {
            "limit": scene.limits[number].index(study.standard.requirements[gaps.requirement[position]].limit_seconds),
            "outline": outline,
            "title": _gap_title(row, language),
            "facts": [
                [say("map.residents", language), _people(row["residents"], language)],
                [say("map.gap_homes", language), shown_count(row["homes"])],
                [say("map.gap_median", language), _minutes(row["median_walk_minutes"], language)],
                *_gap_findings(row, language),
            ],
        }
        for position, outline, row in zip(own, outlines, table.iloc[own].to_dict("records"), strict=True)
    ]


def _gap_title(row: Mapping[Hashable, Any], language: Language) -> str:
    name, rank = row[f"gap_name_{language}"], int(row["gap_rank"])
    return say("map.gap_named", language, rank=rank, name=name) if name else say("map.gap", language, rank=rank)


def _gap_findings(row: Mapping[Hashable, Any], language: Language) -> list[list[str]]:
    """Say why people are left out and what would bring them in; nothing where that was not asked."""
    if not row["gap_id"]:
        return []
    return [
        [say("map.gap_cause", language), row[f"causes_{language}"]],
        [say("map.gap_remedy", language), row[f"remedy_{language}"]],
        [say("map.gap_id", language), row["gap_id"]],
    ]


def _districts(scene: Scene) -> list[dict[str, Any]]:
    units, frame = scene.results.study.districts, scene.frame
    units = units.take(units.undivided)  # as in the rows of scope `district`
    inside = shapely.get_coordinates(shapely.point_on_surface(units.geometry)).reshape(-1, 2)
    outlines = frame.outlines(slimmed(units.geometry, _AREA_POSITIONS // 3, 2.0))
    return [
        {"name": name, "outline": outline, "at": at}
        for name, outline, at in zip(units.names.tolist(), outlines, frame.points(inside), strict=True)
    ]


def _homes(scene: Scene, pyramid: Sequence[levels.Level]) -> dict[str, Any]:
    results, shown = scene.results, open_services(scene.results.study)
    found = results.access.score
    return levels.homes_on_map(
        results.study.homes,
        pyramid,
        scene.frame,
        results.assessment.reach.seconds[shown],
        [scene.limits[number] for number in shown],
        [judged_by(results, number, results.assessment.reach.seconds[number]) for number in shown],
        None if found is None else found.score,
        _HOME_POSITIONS,
    )


def score_legend(scene: Scene) -> dict[str, Any] | None:
    """Return the legend of the score of the living circle; None where there is none."""
    found, residents, language = scene.results.access.score, scene.results.study.homes.residents, scene.language
    if found is None:
        return None
    edges = [0.0, *levels.SCORE_EDGES, 1.0]
    labels = [f"{100 * low:.0f}–{100 * high:.0f}" for low, high in itertools.pairwise(edges)]
    counted = np.bincount(levels.score_classes(found.score), residents, len(labels) + 1)
    shares = counted / residents.sum() if residents.sum() else np.full(len(counted), np.nan)
    colours = [*words.SCORE, words.UNJOINED]
    return {
        "title": say("map.legend_score", language),
        "classes": [
            {"label": label, "colour": colour, "share": shown_share(share)}
            for label, colour, share in zip([*labels, say("map.unjoined", language)], colours, shares, strict=True)
        ],
    }


def _shown_facilities(study: Study, number: int) -> list[int]:
    """Return the positions of a service's facilities among those on the map; none where they may not be shown."""
    shown = tables.published(study)
    if not tables.is_open(study.standard.services[number]):
        return []
    position = np.cumsum(shown) - 1
    return [int(place) for place in position[study.facilities.serves[:, number]]]


def _facilities(scene: Scene) -> list[dict[str, Any]]:
    language, table = scene.language, scene.tables["facilities"]
    found = []
    xy = scene.results.study.facilities.xy[tables.published(scene.results.study)]
    for at, row in zip(scene.frame.points(xy), table.to_dict("records"), strict=True):
        facts = [[say("map.facility_services", language), row[f"services_{language}"]]]
        if row["joined"]:
            facts.append([say("map.facility_residents", language), _people(row["nearest_residents"], language)])
        else:
            facts.append([say("map.unjoined", language), say("map.facility_unjoined", language)])
        name = row["facility_name"] or say("map.untitled", language)
        found.append({"at": at, "title": name, "facts": facts})
    return found


def _candidates(scene: Scene) -> list[dict[str, Any]]:
    language, table = scene.language, scene.tables["candidates"]
    found = []
    for at, row in zip(scene.frame.points(scene.results.study.candidates.xy), table.to_dict("records"), strict=True):
        facts = []
        if np.isfinite(row["cost_wan_yuan"]):
            facts.append(
                [say("map.cost", language), say("map.cost_wan_yuan", language, cost=f"{row['cost_wan_yuan']:,.10g}")]
            )
        if np.isfinite(row["floor_m2"]):
            facts.append(
                [say("map.floor", language), say("map.floor_m2", language, floor=shown_count(row["floor_m2"]))]
            )
        name = row["candidate_name"] or say("map.candidate", language, id=row["candidate_id"])
        found.append({"at": at, "title": name, "facts": facts})
    return found


def _notes(scene: Scene, cells: gathering.Squares | None) -> list[dict[str, Any]]:
    study, language = scene.results.study, scene.language
    standard, walker = study.standard, study.walker
    estimated = dict.fromkeys(fault.kind for fault in study.warnings if fault.kind in ESTIMATES)
    notes = [{"text": say(f"map.estimate_{kind}", language), "strong": True} for kind in estimated]
    if cells is not None:
        notes.append({"text": say("map.cells", language, metres=f"{cells.side_metres:g}"), "strong": False})
    texts = [
        say("map.standard", language, title=standard.title.said(language), edition=standard.edition),
        *([standard.note.said(language)] if standard.note.said(language) else []),
        say("map.walker", language, speed=walker.speed_metres_per_second, name=walker.name.said(language)),
        say("map.walking", language, assumptions=assumptions(walker, language)),
        *([completeness_remark(study.completeness, language)] if len(study.completeness) else []),
        *(fault.sentence(language) for fault in study.warnings if fault.kind in GATES),
        *(
            say("map.clauses", language, label=say(f"overview.{label}", language), text=text)
            for label, text in clause_notes(scene.results, language)
        ),
        say("map.made", language, date=shown_day(scene.results.provenance.started_utc, language)),
    ]
    return notes + [{"text": text, "strong": False} for text in texts]


def _people(count: float, language: Language) -> str:
    return say("map.people", language, count=shown_count(count))


def _minutes(minutes: float, language: Language) -> str:
    if not np.isfinite(minutes):
        return say("map.unreachable", language)
    return say("map.minutes", language, minutes=f"{minutes:.1f}")
