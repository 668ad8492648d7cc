"""Districts shaded by one figure: round classes, the figure written in, for a study or for a whole city of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely

from livingcircle.faults import Language
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.render.fonts import fonts_for
from livingcircle.render.report.drawing import draw_areas, draw_lines
from livingcircle.render.report.lettering import Label
from livingcircle.render.report.paper import TEXT_WIDTH_MM, Bounds, Key, Legend, Plate, Sheet, grid_of, printed
from livingcircle.render.words import BAD_RAMP, DISTRICT, GOOD_RAMP, INK, STREET, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNKNOWN_FILL = "#e4e4e4"
_MOST_CLASSES = 5
_DARK = 0.55
_PLACES = ((), (2,), (1, 3), (1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3, 4))
"""Which shades of a ramp so many classes take."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0)


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
    least_step: float = 0.0,
    edges: Sequence[float] = (),
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
    least_step
        No class is narrower.
    edges
        Where the classes begin and the last one ends; found from the values when left out. Maps that are laid beside each other share them.
    """
    edges = list(edges) or round_edges(values, least_step=least_step)
    ramp = GOOD_RAMP if more_is_better else BAD_RAMP
    colours = [ramp[place] for place in _PLACES[len(edges) - 1]]
    found = classes_of(values, edges)
    counts = np.bincount(np.where(found < 0, len(colours), found), minlength=len(colours) + 1)
    keys = [
        Key(_range(shown(low), shown(high), language), colour, figure=str(count))
        for low, high, colour, count in zip(edges, edges[1:], colours, counts, strict=False)
    ]
    if counts[-1]:
        keys.append(Key(say("verdict.no_data", language), UNKNOWN_FILL, figure=str(counts[-1])))
    legend = Legend(measure, tuple(keys), say("print.districts_count", language))
    texts = [
        f"{name}\n{shown(value)}" if math.isfinite(value) else name for name, value in zip(names, values, strict=True)
    ]
    fills = [colours[place] if place >= 0 else UNKNOWN_FILL for place in found.tolist()]
    labels = labels_of(areas, texts, grounds=fills)
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

    def draw(axes: Axes) -> None:
        draw_areas(axes, areas, fill=fills, edge=DISTRICT, points=0.6, zorder=1)
        if streets is not None:
            draw_lines(axes, streets, colour=STREET, points=0.2, zorder=2)

    return printed(sheet, draw, labels)


def labels_of(areas: GeometryArray, texts: Sequence[str], *, grounds: Sequence[str] = ()) -> list[Label]:
    """Return a label inside every area, those of the larger areas first; white where its ground is dark."""
    xy = shapely.get_coordinates(shapely.point_on_surface(areas)).reshape(-1, 2)
    found = []
    for at in np.argsort(-shapely.area(areas), kind="stable").tolist():
        halo = grounds[at] if grounds else "#ffffff"
        colour = "#ffffff" if _lightness(halo) < _DARK else INK
        found.append(Label(float(xy[at, 0]), float(xy[at, 1]), texts[at], colour, 6.4, halo=halo))
    return found


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def bounds_of(areas: GeometryArray) -> Bounds:
    """Return west, south, east, north around areas."""
    west, south, east, north = shapely.total_bounds(areas).tolist()
    return west, south, east, north


def round_edges(values: FloatArray, most: int = _MOST_CLASSES, least_step: float = 0.0) -> list[float]:
    """Return at most `most` + 1 round numbers, evenly apart, that hold all finite values; `[0, 1]` where there are none.

    They are at least `least_step` apart, so that shades do not make much of what is almost alike.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return [0.0, 1.0]
    low, high = float(known.min()), float(known.max())
    if high - low < 1e-9 * max(abs(high), 1):
        low, high = low - 0.01 * max(abs(low), 0.1), high + 0.01 * max(abs(high), 0.1)
    power = 10.0 ** math.floor(math.log10(max((high - low) / most, least_step)))
    for step in (one * power for one in _STEPS if one * power >= least_step):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most:
            return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]
    raise AssertionError  # twenty times the step always holds them


def classes_of(values: FloatArray, edges: Sequence[float]) -> IntArray:
    """(n,) class of each value: the last edge belongs to the last class; -1 where a value is unknown."""
    found = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isnan(values), -1, found).astype(np.int32)


def _range(low: str, high: str, language: Language) -> str:
    """Write a class by its edges: round numbers without zeros, the unit once."""
    low, high = (re.sub(r"\.0+(?=\D|$)", "", text) for text in (low, high))
    unit = re.search(r"\D*$", high)
    if unit and unit.group():
        low = low.removesuffix(unit.group())
    return say("print.between", language, low=low, high=high)
