"""What all maps of a report share: the ground they are drawn on, and the sheet around it.

Homes are drawn one by one, or gathered into squares where they are many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.places import Districts
from livingcircle.render import levels, tables
from livingcircle.render import squares as gathering
from livingcircle.render.fonts import fonts_for
from livingcircle.render.report.choropleth import bounds_of, labels_of
from livingcircle.render.report.drawing import as_areas, draw_areas, draw_lines
from livingcircle.render.report.lettering import Label
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import Bounds, Key, Legend, Sheet, grid_of, made_line
from livingcircle.render.scene import Scene, scene_of
from livingcircle.render.words import DISTRICT, STREET, say, shown_count, shown_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_SHAPES = 12_000
"""Homes drawn one by one; more are gathered into squares."""
_MOST_SQUARES = 20_000
_PARK = "#dce8d3"


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
    texts = [*units.names.tolist(), *study.attribution, title_of(of)]
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


def draw_below(axes: Axes, ground: Ground) -> None:
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


def draw_homes(axes: Axes, ground: Ground, classes: IntArray, keys: Sequence[Key]) -> None:
    """Draw homes as the legend shows their classes."""
    found = [keys[place] for place in classes.tolist()]
    edges = [key.rim or key.colour for key in found]
    draw_areas(axes, ground.shapes, fill=[key.colour for key in found], edge=edges, points=0.35, zorder=3)


def draw_borders(axes: Axes, ground: Ground) -> None:
    """Draw the borders of the smallest districts, one that two of them share once."""
    if len(ground.units):
        lines = shapely.line_merge(shapely.union_all(shapely.boundary(ground.units.geometry)))
        draw_lines(axes, np.array([lines]), colour=DISTRICT, points=0.8, zorder=5, linestyles=(0, (5, 2)))


def names_of_units(ground: Ground) -> list[Label]:
    """Return the names of the smallest districts where they are written."""
    return labels_of(ground.units.geometry, ground.units.names.tolist()) if len(ground.units) else []


def counted_places(ground: Ground, xy: FloatArray, named: str) -> str:
    """Say how many places there are in the data, and that some lie beyond the study where they do."""
    west, south, east, north = ground.bounds
    outside = (xy < (west, south)) | (xy > (east, north))
    key = "print.counted_around" if outside.any() else "print.counted"
    return say(key, ground.of.language, named=named, count=shown_count(len(xy)))


def keys_besides(ground: Ground, *keys: Key) -> Legend:
    """Return the legend of what is drawn beside homes: what a map has of its own, and what all have."""
    language = ground.of.language
    found = list(keys)
    if len(ground.units):
        found.append(Key(say("print.district", language), DISTRICT, "dashed"))
    found.append(Key(say("print.street", language), STREET, "line"))
    if len(_parks(ground)):
        found.append(Key(say("print.park", language), _PARK))
    return Legend("", tuple(found))


def sheet_of(ground: Ground, title: str, legends: tuple[Legend, ...], width_mm: float) -> Sheet:
    """Return the sheet of a map: all that stands around what is drawn."""
    of, study, squares = ground.of, ground.of.results.study, ground.squares
    metres = "" if squares is None else f"{squares.side_metres:g}"
    notes = (say("print.squares", of.language, metres=metres),) if metres else ()
    credit = "; ".join(of.own(one) for one in study.attribution)
    return Sheet(
        title=title,
        subtitle=title_of(of),
        legends=legends,
        bounds=ground.bounds,
        sources=say("print.sources", of.language, sources=credit) if credit else "",
        made=made_by(of),
        grid=grid_of(study.crs, of.language),
        language=of.language,
        notes=notes,
        width_mm=width_mm,
        families=ground.families,
    )


def made_by(of: Material) -> str:
    """Say what made a map, and when."""
    provenance = of.results.provenance
    return made_line(
        provenance.versions.get("living-circle", ""), shown_day(provenance.started_utc, of.language), of.language
    )


def title_of(of: Material) -> str:
    """Return the title of a study in the language of the report, or in the other where it has none."""
    title = of.results.study.title
    return title.said(of.language) or title.zh or title.en


def open_service(ground: Ground, service_id: str) -> int:
    """Return the position of a service whose places may be shown."""
    services = ground.of.results.study.standard.services
    number = next(at for at, service in enumerate(services) if service.id == service_id)
    if not tables.is_open(services[number]):
        raise KeyError(service_id)
    return number
