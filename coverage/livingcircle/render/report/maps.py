"""The maps of a report, by the names of `figures`: what they show is what the map in the browser shows, in its colours and classes.

Figures in the legends are those of the tables, counted home by home; places of services that are published by district only are on no map.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.plan import Plan
from livingcircle.render import levels, tables
from livingcircle.render.report import figures
from livingcircle.render.report.choropleth import choropleth
from livingcircle.render.report.drawing import as_areas, draw_areas, draw_dots
from livingcircle.render.report.ground import (
    Ground,
    counted_places,
    draw_below,
    draw_borders,
    draw_homes,
    keys_besides,
    made_by,
    names_of_units,
    open_service,
    sheet_of,
    title_of,
)
from livingcircle.render.report.lettering import Label
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import TEXT_WIDTH_MM, Key, Legend, Plate, printed
from livingcircle.render.report.walk_classes import walk_classes
from livingcircle.render.scene import score_legend
from livingcircle.render.words import (
    BAD_RAMP,
    COVERED,
    MISSED,
    NOWHERE,
    PARTLY_WITHIN,
    PAST_LIMIT,
    PLAN,
    SERVICE_MARKERS,
    UNJOINED,
    say,
    shown_ages,
    shown_limit,
    shown_share,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERS = 20
"""Gap areas that bear their rank."""
_EXISTING, _NUMBERED = "#1f2933", "#8c1c14"
_LOW_CLASSES = 2
"""Classes of the score that have a rim, so that grey prints tell low ones from high ones."""
_LACKING = (1, 3, 6, 10)
"""Homes are shown by how many services they lack: none, 1–2, 3–5, 6–9, more."""


def draw_map(ground: Ground, name: str, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the map of that name.

    Raises
    ------
    KeyError
        When no map is called that.
    """
    if name.startswith(figures.SERVICE_MAP):
        return service_map(ground, name.removeprefix(figures.SERVICE_MAP), width_mm)
    if name.startswith(figures.PLAN_MAP):
        return plan_map(ground, int(name.removeprefix(figures.PLAN_MAP)), width_mm)
    return _WHOLE[name](ground, width_mm)


def score_map(ground: Ground, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw homes by their score of the living circle."""
    of = ground.of
    legend, found = score_legend(ground.scene), of.results.access.score
    if legend is None or found is None:
        raise KeyError(figures.SCORE_MAP)
    classes = levels.score_classes(ground.mean(found.score))
    keys = _shares(legend["classes"])
    keys = (*(replace(key, rim=MISSED) for key in keys[:_LOW_CLASSES]), *keys[_LOW_CLASSES:])

    def draw(axes: Axes) -> None:
        draw_below(axes, ground)
        draw_homes(axes, ground, classes, keys)
        draw_borders(axes, ground)

    part = Legend(legend["title"], keys, say("map.legend_share", of.language))
    sheet = sheet_of(ground, say("print.score", of.language), (part, keys_besides(ground)), width_mm)
    return printed(sheet, draw, names_of_units(ground))


def service_map(ground: Ground, service_id: str, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw homes by the walk to the nearest of a service, in classes of the limits set for it, and its facilities."""
    of, study, language = ground.of, ground.of.results.study, ground.of.language
    number = open_service(ground, service_id)
    service = study.standard.services[number].name.said(language)
    found = walk_classes(of, number)
    classes = ground.most(found.of_home, len(found.keys))
    keys = found.keys
    xy = study.facilities.xy[study.facilities.serves[:, number]]
    marker = SERVICE_MARKERS[number % len(SERVICE_MARKERS)]

    def draw(axes: Axes) -> None:
        draw_below(axes, ground)
        draw_homes(axes, ground, classes, keys)
        draw_borders(axes, ground)
        draw_dots(axes, xy, colour=marker, points=_dot_points(len(xy)), zorder=6)

    dots = Key(counted_places(ground, xy, say("print.facility", language, service=service)), marker, "dot")
    rim = Key(say("print.walk_rim", language), MISSED, "outline")
    unit = "metres" if found.in_metres else "minutes"
    there = np.bincount(found.of_home, minlength=len(keys))
    told = tuple(key for key, homes in zip(keys, there, strict=True) if homes or key.colour != PARTLY_WITHIN)
    part = Legend(say(f"print.walk_{unit}", language), told, say("map.legend_share", language))
    title = say("print.service_metres" if found.in_metres else "print.service", language, service=service)
    sheet = sheet_of(ground, title, (part, keys_besides(ground, dots, rim)), width_mm)
    return printed(sheet, draw, names_of_units(ground), xy)


def gaps_map(ground: Ground, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw homes by how many services they lack, and around them the first places of the gap list with their rank.

    Places of the list overlap, for each service leaves out homes of its own: shades of places would hide one another.
    """
    of, language = ground.of, ground.of.language
    places, rank = of.results.diagnosis.places, of.tables["gap_list"]["place_rank"].to_numpy(int)
    first = np.argsort(rank, kind="stable")[:MOST_NUMBERS]
    shapes = _outer(as_areas(places.geometry[first], (ground.bounds[2] - ground.bounds[0]) / 250))
    lacking = services_lacking(of)
    found = np.where(of.results.study.home_anchors.joined, np.searchsorted(_LACKING, lacking, side="right"), 5)
    classes = ground.most(found.astype(np.int32), 6)
    colours = (NOWHERE, *BAD_RAMP[1:], UNJOINED)
    texts = [
        say("print.lacks_none", language),
        *(
            say("print.between", language, low=str(low), high=str(high - 1))
            for low, high in itertools.pairwise(_LACKING)
        ),
        say("print.from", language, low=str(_LACKING[-1])),
        say("map.unjoined", language),
    ]
    shares = _class_shares(ground.of.results.study.homes.residents, found, 6)
    keys = tuple(Key(text, colour, figure=share) for text, colour, share in zip(texts, colours, shares, strict=True))
    keys = (replace(keys[0], rim=COVERED), *keys[1:])  # hollow: nothing is lacking there
    numbers = _ranks(shapes, rank[first])

    def draw(axes: Axes) -> None:
        draw_below(axes, ground)
        draw_homes(axes, ground, classes, keys)
        draw_areas(axes, shapes, fill="none", edge=_NUMBERED, points=0.6, zorder=4)
        draw_borders(axes, ground)

    part = Legend(say("print.lacking", language), keys, say("map.legend_share", language))
    ranks = Key(say("print.number", language, count=str(len(numbers)), total=str(len(rank))), _NUMBERED, "number")
    more = keys_besides(ground, ranks, Key(say("print.gap", language), _NUMBERED, "outline"))
    sheet = sheet_of(ground, say("print.gaps", language), (part, more), width_mm)
    return printed(sheet, draw, numbers)


def _outer(areas: GeometryArray) -> GeometryArray:
    """Return areas without their holes, smoothed a little."""
    parts, owner = shapely.get_parts(areas, return_index=True)
    filled = np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)))
    whole = [shapely.union_all(filled[owner == at]) for at in range(len(areas))]
    return np.array([shapely.simplify(one, 2.0) for one in whole], object)


def services_lacking(of: Material) -> IntArray:
    """(r,) how many services of the standard each home lacks within their limits; from the table of causes, home by home."""
    rows = of.tables["home_causes"]
    count = rows.groupby("home_id")["service_id"].nunique()
    return np.asarray(count.reindex(of.results.study.homes.ids, fill_value=0), np.int32)


def plan_map(ground: Ground, number: int, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the sites of a plan (`number` from 1) in the order to build, the homes they bring in time, and what is there already."""
    of, study, language = ground.of, ground.of.results.study, ground.of.language
    plan = of.results.plans[number - 1]
    services = list(dict.fromkeys(plan.service.tolist()))
    for service in services:
        open_service(ground, study.standard.services[service].id)
    classes = ground.most(_plan_classes(ground, plan, services), 4)
    colours = (COVERED, PLAN, PAST_LIMIT[0], UNJOINED)
    all_of = "_all" if len(plan.task.services) > 1 else ""
    named = (f"print.covered{all_of}", f"print.gained{all_of}", f"print.uncovered{all_of}", "map.unjoined")
    words = [say(key, language) for key in named]
    people, whose = _counted_by(ground, plan)
    shares = _class_shares(people, _plan_classes(ground, plan, services), 4)
    rims = ("", "", MISSED, "")
    keys = tuple(
        Key(word, colour, figure=share, rim=rim)
        for word, colour, share, rim in zip(words, colours, shares, rims, strict=True)
    )
    xy = study.facilities.xy[study.facilities.serves[:, services].any(axis=1)]
    sites = list(dict.fromkeys(plan.candidate.tolist()))
    ranks = {site: str(rank) for rank, site in enumerate(sites, start=1)}
    labels = [
        Label(x, y, ranks[site], PLAN, 6.0, bold=True, is_number=True)
        for site, (x, y) in zip(sites, study.candidates.xy[sites].tolist(), strict=True)
    ]

    def draw(axes: Axes) -> None:
        draw_below(axes, ground)
        draw_homes(axes, ground, classes, keys)
        draw_borders(axes, ground)
        draw_dots(axes, xy, colour=_EXISTING, points=_dot_points(len(xy)), zorder=6, marker="s")
        draw_dots(axes, study.candidates.xy[sites], colour=PLAN, points=4, zorder=7)

    names = say("report.between", language).join(study.standard.services[one].name.said(language) for one in services)
    limits = dict.fromkeys(_limit_said(ground, plan, place) for place in range(len(plan.task.services)))
    head = say("print.homes_within", language, limit=say("report.between", language).join(limits))
    part = Legend(head, keys, whose)
    more = keys_besides(
        ground,
        Key(say("print.site", language), PLAN, "number"),
        Key(counted_places(ground, xy, say("print.facilities", language)), _EXISTING, "square"),
    )
    sheet = sheet_of(ground, say("print.plan", language, plan=str(number), services=names), (part, more), width_mm)
    return printed(sheet, draw, [*labels, *names_of_units(ground)], xy)


def districts_map(ground: Ground, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the smallest districts by their residents' mean score."""
    scores = ground.of.tables["scores"]
    rows = scores[scores["scope"] == "district"]
    by_id = {
        str(name): float(score) for name, score in zip(rows["district_id"], rows["living_circle_score"], strict=True)
    }
    return _shaded(ground, by_id, "score_of_districts", "districts", _as_points, width_mm, better=True)


def unmet_map(ground: Ground, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the smallest districts by the share of clauses not met among those that could be judged there."""
    return _shaded(ground, unmet_shares(ground.of), "unmet_of_districts", "unmet", shown_share, width_mm, better=False)


def unmet_shares(of: Material) -> dict[str, float]:
    """Return the share of clauses not met, of those met or not met, by id of the smallest districts."""
    rows = of.tables["rule_verdicts"]
    judged = rows[(rows["scope"] == "district") & rows["verdict"].isin(["met", "unmet"])]
    unmet = (judged["verdict"] == "unmet").groupby(judged["district_id"]).mean()
    return {str(name): float(share) for name, share in unmet.items()}


_WHOLE: dict[str, Callable[[Ground, float], Plate]] = {
    figures.SCORE_MAP: score_map,
    figures.GAPS_MAP: gaps_map,
    figures.DISTRICTS_MAP: districts_map,
    figures.UNMET_MAP: unmet_map,
}


def _shaded(
    ground: Ground,
    values: dict[str, float],
    measure: str,
    title: str,
    shown: Callable[[float], str],
    width_mm: float,
    *,
    better: bool,
) -> Plate:
    of, units = ground.of, ground.units
    return choropleth(
        units.geometry,
        np.array([values.get(str(name), np.nan) for name in units.ids]),
        units.names.tolist(),
        title=of.say(f"print.{title}"),
        subtitle=title_of(of),
        measure=say(f"print.{measure}", of.language),
        shown=shown,
        crs=of.results.study.crs,
        sources=tuple(of.own(one) for one in of.results.study.attribution),
        made=made_by(of),
        language=of.language,
        more_is_better=better,
        width_mm=width_mm,
        least_step=0.05,
    )


def _as_points(score: float) -> str:
    return f"{100 * score:.1f}"


def _plan_classes(ground: Ground, plan: Plan, services: Sequence[int]) -> IntArray:
    """(r,) 0 within the limit today, 1 brought within it, 2 beyond it, 3 not joined; one of several services lacking is beyond."""
    study, found = ground.of.results.study, ground.of.results.assessment
    plain = found.reach.seconds if found.plain_seconds is None else found.plain_seconds
    today, gained = np.ones(len(study.homes), bool), np.zeros(len(study.homes), bool)
    for place, (service, limit) in enumerate(zip(plan.task.services, plan.task.limits_seconds, strict=True)):
        walks = found.reach.seconds if _limit_metres(ground, plan, place) is None else plain
        today &= covered(walks[service], limit)
    for service in services:
        row = tables.rows_of(plan, plan.gained_by).get(service)
        if row is not None:
            gained |= plan.gained_by[row] >= 0
    joined = study.home_anchors.joined
    return np.where(~joined, 3, np.where(gained, 1, np.where(today, 0, 2))).astype(np.int32)


def _counted_by(ground: Ground, plan: Plan) -> tuple[FloatArray, str]:
    """Return the people of every home whom a plan counts, and how to call them: residents, or one age group."""
    homes, language = ground.of.results.study.homes, ground.of.language
    groups = set(plan.task.groups)
    if len(groups) != 1 or groups.isdisjoint(homes.age_groups):
        return homes.residents, say("map.legend_share", language)
    (group,) = groups
    people = np.nan_to_num(homes.residents_by_age[:, homes.age_groups.index(group)])
    return people, say("print.share_of_ages", language, ages=shown_ages(group, language))


def _class_shares(people: FloatArray, classes: IntArray, count: int) -> list[str]:
    total = people.sum()
    counted = np.bincount(classes, people, count)
    return [shown_share(float(one / total)) if total else shown_share(np.nan) for one in counted]


def _limit_metres(ground: Ground, plan: Plan, place: int) -> float | None:
    """Return a limit of a plan in metres, by which it is judged then; None where the standard writes it in minutes."""
    rows, seconds = ground.of.results.study.standard.requirements, plan.task.limits_seconds[place]
    own = ground.of.results.study.standard.services[plan.task.services[place]].id
    return next((one.limit_metres for one in rows if one.service == own and one.limit_seconds == seconds), None)


def _limit_said(ground: Ground, plan: Plan, place: int) -> str:
    seconds = plan.task.limits_seconds[place]
    return shown_limit(seconds / 60, _limit_metres(ground, plan, place), ground.of.language)


def _ranks(shapes: GeometryArray, rank: IntArray) -> list[Label]:
    first = np.argsort(rank, kind="stable")[:MOST_NUMBERS]
    xy = shapely.get_coordinates(shapely.point_on_surface(shapes[first])).reshape(-1, 2).tolist()
    return [
        Label(x, y, str(number), _NUMBERED, 5.6, bold=True, is_number=True)
        for (x, y), number in zip(xy, rank[first].tolist(), strict=True)
    ]


def _shares(classes: Sequence[dict[str, str]]) -> tuple[Key, ...]:
    return tuple(Key(one["label"], one["colour"], figure=one["share"]) for one in classes)


def _dot_points(count: int) -> float:
    return 5.5 if count < 60 else 4.2 if count < 300 else 3.0
