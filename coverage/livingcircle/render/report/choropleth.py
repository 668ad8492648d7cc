"""Districts shaded by one figure: round classes, the figure written in, for a study or for a whole city of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.render.fonts import fonts_for
from livingcircle.render.report.drawing import draw_areas, draw_lines
from livingcircle.render.report.lettering import Label
from livingcircle.render.report.paper import TEXT_WIDTH_MM, Bounds, Key, Legend, Plate, Sheet, grid_of, printed
from livingcircle.render.words import BAD_RAMP, DISTRICT, GOOD_RAMP, INK, STREET, say

UNKNOWN_FILL = "#e4e4e4"
_MOST_CLASSES = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def choropleth(
    areas: GeometryArray,
    values: FloatArray,
    names: Sequence[str],
    *,
    title: str,
    subtitle: str,
    measure: str,
    shown: Callable[[float], str],
    crs: str,
    sources: Sequence[str],
    made: str,
    language: Language,
    more_is_better: bool = True,
    streets: GeometryArray | None = None,
    width_mm: float = TEXT_WIDTH_MM,
) -> Plate:
    """Draw areas shaded by their values, each with its name and its figure.

    Parameters
    ----------
    areas, values, names
        Polygons in metres of `crs`, a figure for each (NaN where it is unknown or not to be told), and what each is called.
    measure, shown
        What the figure is, and how it is written.
    sources, made
        Credits, and the line on maker and date (`paper.made_line`).
    streets
        Lines drawn faintly above the shades.
    """
    edges = round_edges(values)
    ramp = GOOD_RAMP if more_is_better else BAD_RAMP
    colours = [ramp[place] for place in _spread(len(edges) - 1)]
    found = classes_of(values, edges)
    counts = np.bincount(np.where(found < 0, len(colours), found), minlength=len(colours) + 1)
    keys = [
        Key(say("print.between", language, low=shown(low), high=shown(high)), colour, figure=str(count))
        for low, high, colour, count in zip(edges, edges[1:], colours, counts, strict=False)
    ]
    if counts[-1]:
        keys.append(Key(say("verdict.no_data", language), UNKNOWN_FILL, figure=str(counts[-1])))
    legend = Legend(measure, tuple(keys), say("print.districts_count", language))
    texts = [f"{name}\n{shown(value)}" if math.isfinite(value) else name for name, value in zip(names, values, strict=True)]
    labels = labels_of(areas, texts)
    sheet = Sheet(
        title=title,
        subtitle=subtitle,
        legends=(legend,),
        bounds=bounds_of(areas),
        sources=say("print.sources", language, sources="; ".join(sources)) if sources else "",
        made=made,
        grid=grid_of(crs, language),
        language=language,
        width_mm=width_mm,
        families=fonts_for([*names, title, subtitle, *sources]).families,
    )

    def draw(axes: object) -> None:
        fills = [colours[place] if place >= 0 else UNKNOWN_FILL for place in found.tolist()]
        draw_areas(axes, areas, fill=fills, edge=DISTRICT, points=0.6, zorder=1)
        if streets is not None:
            draw_lines(axes, streets, colour=STREET, points=0.2, zorder=2)

    return printed(sheet, draw, labels)


def labels_of(areas: GeometryArray, texts: Sequence[str], *, points: float = 6.2) -> list[Label]:
    """Return a label inside every area, those of the larger areas first."""
    xy = shapely.get_coordinates(shapely.point_on_surface(areas)).reshape(-1, 2)
    order = np.argsort(-shapely.area(areas), kind="stable").tolist()
    return [Label(float(xy[at, 0]), float(xy[at, 1]), texts[at], INK, points) for at in order]


def bounds_of(areas: GeometryArray) -> Bounds:
    """Return west, south, east, north around areas."""
    west, south, east, north = shapely.total_bounds(areas).tolist()
    return west, south, east, north


def round_edges(values: FloatArray, most: int = _MOST_CLASSES) -> list[float]:
    """Return at most `most` + 1 round numbers, evenly apart, that hold all finite values; `[0, 1]` where there are none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [0.0, 1.0]
    low, high = float(known.min()), float(known.max())
    if high - low < 1e-9 * max(abs(high), 1):
        low, high = low - 0.01 * max(abs(low), 0.1), high + 0.01 * max(abs(high), 0.1)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (one * power for one in _STEPS):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most:
            return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]
    raise AssertionError  # ten times the step always holds them


def classes_of(values: FloatArray, edges: Sequence[float]) -> IntArray:
    """(n,) class of each value: the last edge belongs to the last class; -1 where a value is unknown."""
    found = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    classes: IntArray = np.where(np.isnan(values), -1, found).astype(np.int64)
    return classes


def _spread(count: int) -> list[int]:
    """Return `count` places of a ramp, as far apart as they go; the middle for one."""
    last = len(GOOD_RAMP) - 1
    return [2] if count == 1 else [round(last * place / (count - 1)) for place in range(count)]
