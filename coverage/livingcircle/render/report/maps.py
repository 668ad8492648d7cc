"""The maps of a report, by the names of `figures`: what they show is what the map in the browser shows, in its colours and classes.

Figures in the legends are those of the tables, counted home by home; places of services that are published by district only are on no map.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.places import Districts
from livingcircle.model.plan import Plan
from livingcircle.render import levels, tables
from livingcircle.render import squares as gathering
from livingcircle.render.fonts import fonts_for
from livingcircle.render.report import figures
from livingcircle.render.report.choropleth import bounds_of, choropleth, labels_of
from livingcircle.render.report.drawing import as_areas, draw_areas, draw_dots, draw_lines
from livingcircle.render.report.lettering import Label
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import (
    TEXT_WIDTH_MM,
    Bounds,
    Key,
    Legend,
    Plate,
    Sheet,
    grid_of,
    made_line,
    printed,
)
from livingcircle.render.report.walk_classes import walk_classes
from livingcircle.render.scene import Scene, scene_of, score_legend
from livingcircle.render.words import (
    BAD_RAMP,
    COVERED,
    DISTRICT,
    MISSED,
    NOWHERE,
    PARTLY_WITHIN,
    PAST_LIMIT,
    PLAN,
    SERVICE_MARKERS,
    STREET,
    UNJOINED,
    say,
    shown_ages,
    shown_count,
    shown_day,
    shown_limit,
    shown_share,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERS = 20
"""Gap areas that bear their rank."""
_MOST_SHAPES = 12_000
"""Homes drawn one by one; more are gathered into squares."""
_MOST_SQUARES = 20_000
_PARK, _EXISTING, _NUMBERED = "#dce8d3", "#1f2933", "#8c1c14"
_LOW_CLASSES = 2
"""Classes of the score that have a rim, so that grey prints tell low ones from high ones."""
_LACKING = (1, 3, 6, 10)
"""Homes are shown by how many services they lack: none, 1–2, 3–5, 6–9, more."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all maps of a study share: its words and figures, what is drawn for a home, and the edges of the paper.

    `squares` stand for homes where these are many, `weight` is what each home counts for in its own.
    """

    of: Material
    scene: Scene
    units: Districts
    shapes: GeometryArray
    squares: gathering.Squares | None
    weight: FloatArray
    bounds: Bounds
    families: tuple[str, ...]

    def mean(self, score: FloatArray) -> FloatArray:
        """Return the score of every shape."""
        return score if self.squares is None else levels.square_scores(score, self.weight, self.squares)

    def most(self, classes: IntArray, count: int) -> IntArray:
        """Return the class of every shape: that of most of its people."""
        if self.squares is None:
            return classes
        key = self.squares.square_of.astype(np.int64) * count + classes
        people = np.bincount(key, self.weight, len(self.squares) * count).reshape(-1, count)
        return np.asarray(people.argmax(axis=1), np.int32)


def ground_of(of: Material) -> Ground:
    """Make ready what the maps of a study share."""
    study = of.results.study
    units = study.districts.take(study.districts.undivided)
    squares = gathering.gather(study.homes, _MOST_SQUARES) if len(study.homes) > _MOST_SHAPES else None
    held = [study.homes.geometry, *([units.geometry] if len(units) else [])]
    bounds = bounds_of(np.concatenate(held))
    side = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 400
    texts = [*units.names.tolist(), *study.attribution, _title(of)]
    return Ground(
        of=of,
        scene=scene_of(of.results, of.language, of.tables),
        units=units,
        shapes=as_areas(study.homes.geometry, side) if squares is None else squares.geometry,
        squares=squares,
        weight=np.empty(0) if squares is None else gathering.weights(study.homes, squares),
        bounds=bounds,
        families=fonts_for(texts).families,
    )


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
        _under(axes, ground)
        _homes(axes, ground, classes, keys)
        _borders(axes, ground)

    part = Legend(legend["title"], keys, say("map.legend_share", of.language))
    sheet = _sheet(ground, say("print.score", of.language), (part, _other_keys(ground)), width_mm)
    return printed(sheet, draw, _names(ground))


def service_map(ground: Ground, service_id: str, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw homes by the walk to the nearest of a service, in classes of the limits set for it, and its facilities."""
    of, study, language = ground.of, ground.of.results.study, ground.of.language
    number = _open_service(ground, service_id)
    service = study.standard.services[number].name.said(language)
    found = walk_classes(of, number)
    classes = ground.most(found.of_home, len(found.keys))
    keys = found.keys
    xy = study.facilities.xy[study.facilities.serves[:, number]]
    marker = SERVICE_MARKERS[number % len(SERVICE_MARKERS)]

    def draw(axes: Axes) -> None:
        _under(axes, ground)
        _homes(axes, ground, classes, keys)
        _borders(axes, ground)
        draw_dots(axes, xy, colour=marker, points=_dot_points(len(xy)), zorder=6)

    dots = Key(_counted(ground, xy, say("print.facility", language, service=service)), marker, "dot")
    rim = Key(say("print.walk_rim", language), MISSED, "outline")
    unit = "metres" if found.in_metres else "minutes"
    there = np.bincount(found.of_home, minlength=len(keys))
    told = tuple(key for key, homes in zip(keys, there, strict=True) if homes or key.colour != PARTLY_WITHIN)
    part = Legend(say(f"print.walk_{unit}", language), told, say("map.legend_share", language))
    title = say("print.service_metres" if found.in_metres else "print.service", language, service=service)
    sheet = _sheet(ground, title, (part, _other_keys(ground, dots, rim)), width_mm)
    return printed(sheet, draw, _names(ground), xy)


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
        _under(axes, ground)
        _homes(axes, ground, classes, keys)
        draw_areas(axes, shapes, fill="none", edge=_NUMBERED, points=0.6, zorder=4)
        _borders(axes, ground)

    part = Legend(say("print.lacking", language), keys, say("map.legend_share", language))
    ranks = Key(say("print.number", language, count=str(len(numbers)), total=str(len(rank))), _NUMBERED, "number")
    more = _other_keys(ground, ranks, Key(say("print.gap", language), _NUMBERED, "outline"))
    sheet = _sheet(ground, say("print.gaps", language), (part, more), width_mm)
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
        _open_service(ground, study.standard.services[service].id)
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
        _under(axes, ground)
        _homes(axes, ground, classes, keys)
        _borders(axes, ground)
        draw_dots(axes, xy, colour=_EXISTING, points=_dot_points(len(xy)), zorder=6, marker="s")
        draw_dots(axes, study.candidates.xy[sites], colour=PLAN, points=4, zorder=7)

    names = say("report.between", language).join(study.standard.services[one].name.said(language) for one in services)
    limits = dict.fromkeys(_limit_said(ground, plan, place) for place in range(len(plan.task.services)))
    head = say("print.homes_within", language, limit=say("report.between", language).join(limits))
    part = Legend(head, keys, whose)
    more = _other_keys(
        ground,
        Key(say("print.site", language), PLAN, "number"),
        Key(_counted(ground, xy, say("print.facilities", language)), _EXISTING, "square"),
    )
    sheet = _sheet(ground, say("print.plan", language, plan=str(number), services=names), (part, more), width_mm)
    return printed(sheet, draw, [*labels, *_names(ground)], xy)


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
        subtitle=_title(of),
        measure=say(f"print.{measure}", of.language),
        shown=shown,
        crs=of.results.study.crs,
        sources=tuple(of.own(one) for one in of.results.study.attribution),
        made=_made(of),
        language=of.language,
        more_is_better=better,
        width_mm=width_mm,
        least_step=0.05,
    )


def _as_points(score: float) -> str:
    return f"{100 * score:.1f}"


def _open_service(ground: Ground, service_id: str) -> int:
    """Return the position of a service whose places may be shown."""
    services = ground.of.results.study.standard.services
    number = next(at for at, service in enumerate(services) if service.id == service_id)
    if not tables.is_open(services[number]):
        raise KeyError(service_id)
    return number


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


def _under(axes: Axes, ground: Ground) -> None:
    """Draw what lies below: parks whose outline is known, and streets."""
    study = ground.of.results.study
    parks = study.facilities.geometry[_parks(ground)]
    draw_areas(axes, parks, fill=_PARK, zorder=1)
    streets = study.network.streets
    lines = streets.lines[streets.drawn]
    west, south, east, north = ground.bounds
    room = 0.35 * max(east - west, north - south)  # the sheet may be of another shape than the study
    around = shapely.box(west - room, south - room, east + room, north + room)
    near = lines[shapely.intersects(shapely.envelope(lines), around)]
    pixel = max(east - west, north - south) / 1500
    thin = shapely.simplify(near, pixel, preserve_topology=False)
    draw_lines(axes, thin, colour=STREET, points=0.55 if len(thin) < 4000 else 0.25, zorder=2)


def _parks(ground: Ground) -> IntArray:
    study = ground.of.results.study
    green = np.array([one.id.startswith("park") and one.is_open for one in study.standard.services], bool)
    areas = shapely.get_dimensions(study.facilities.geometry) == 2
    return np.flatnonzero(study.facilities.serves[:, green].any(axis=1) & areas).astype(np.int32)


def _homes(axes: Axes, ground: Ground, classes: IntArray, keys: Sequence[Key]) -> None:
    """Draw homes as the legend shows their classes."""
    found = [keys[place] for place in classes.tolist()]
    edges = [key.rim or key.colour for key in found]
    draw_areas(axes, ground.shapes, fill=[key.colour for key in found], edge=edges, points=0.35, zorder=3)


def _borders(axes: Axes, ground: Ground) -> None:
    if len(ground.units):
        lines = shapely.line_merge(
            shapely.union_all(shapely.boundary(ground.units.geometry))
        )  # a shared one is drawn once
        draw_lines(axes, np.array([lines]), colour=DISTRICT, points=0.8, zorder=5, linestyles=(0, (5, 2)))


def _names(ground: Ground) -> list[Label]:
    return labels_of(ground.units.geometry, ground.units.names.tolist()) if len(ground.units) else []


def _ranks(shapes: GeometryArray, rank: IntArray) -> list[Label]:
    first = np.argsort(rank, kind="stable")[:MOST_NUMBERS]
    xy = shapely.get_coordinates(shapely.point_on_surface(shapes[first])).reshape(-1, 2).tolist()
    return [
        Label(x, y, str(number), _NUMBERED, 5.6, bold=True, is_number=True)
        for (x, y), number in zip(xy, rank[first].tolist(), strict=True)
    ]


def _counted(ground: Ground, xy: FloatArray, named: str) -> str:
    """Say how many places there are in the data, and that some lie beyond the study where they do."""
    west, south, east, north = ground.bounds
    outside = (xy < (west, south)) | (xy > (east, north))
    key = "print.counted_around" if outside.any() else "print.counted"
    return say(key, ground.of.language, named=named, count=shown_count(len(xy)))


def _shares(classes: Sequence[dict[str, str]]) -> tuple[Key, ...]:
    return tuple(Key(one["label"], one["colour"], figure=one["share"]) for one in classes)


def _other_keys(ground: Ground, *keys: Key) -> Legend:
    language = ground.of.language
    found = list(keys)
    if len(ground.units):
        found.append(Key(say("print.district", language), DISTRICT, "dashed"))
    found.append(Key(say("print.street", language), STREET, "line"))
    if len(_parks(ground)):
        found.append(Key(say("print.park", language), _PARK))
    return Legend("", tuple(found))


def _sheet(ground: Ground, title: str, legends: tuple[Legend, ...], width_mm: float) -> Sheet:
    of, study, squares = ground.of, ground.of.results.study, ground.squares
    metres = "" if squares is None else f"{squares.side_metres:g}"
    notes = (say("print.squares", of.language, metres=metres),) if metres else ()
    credit = "; ".join(of.own(one) for one in study.attribution)
    return Sheet(
        title=title,
        subtitle=_title(of),
        legends=legends,
        bounds=ground.bounds,
        sources=say("print.sources", of.language, sources=credit) if credit else "",
        made=_made(of),
        grid=grid_of(study.crs, of.language),
        language=of.language,
        notes=notes,
        width_mm=width_mm,
        families=ground.families,
    )


def _made(of: Material) -> str:
    provenance = of.results.provenance
    return made_line(
        provenance.versions.get("living-circle", ""), shown_day(provenance.started_utc, of.language), of.language
    )


def _title(of: Material) -> str:
    title = of.results.study.title
    return title.said(of.language) or title.zh or title.en


def _dot_points(count: int) -> float:
    return 5.5 if count < 60 else 4.2 if count < 300 else 3.0
