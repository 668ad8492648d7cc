"""The sheet a printed map stands on: title, map, legend, north, scale, sources; drawn by matplotlib at the size it is printed at.

Nothing here knows of studies. A sheet says what is written around the map, a function draws the map itself in metres of the study's CRS,
and labels are set where they do not cover one another. What was written comes back beside the picture, so that a test can compare it with
the tables. No state is shared between drawings: sheets may be drawn in several threads.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from livingcircle.faults import Language
from livingcircle.model.columns import FloatArray
from livingcircle.render.fonts import FAMILY, is_bold_whole, register
from livingcircle.render.report.lettering import Label, placed
from livingcircle.render.words import INK, PAPER, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

DPI = 300
TEXT_WIDTH_MM = 160.0
"""Between the margins of an A4 page."""
_MM_PER_INCH, _MM_PER_POINT = 25.4, 25.4 / 72
_PANEL_MM, _GAP_MM, _TITLE_MM, _EDGE_MM = 42.0, 2.5, 11.5, 0.3
_NAME_MM = 34.0
"""Longer names are broken."""
_LOWEST, _HIGHEST = 0.55, 1.15
"""Height of a map ÷ its width."""
RIM_POINTS = 0.6
"""How wide the rims of shapes are."""
_SHADES = 255
_FAINT = "#5b6873"

Mark = Literal["fill", "outline", "line", "dashed", "dot", "square", "number"]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in metres (or millimetres of the page)."""
NO_PLACES = np.empty((0, 2))


@dataclass(frozen=True, slots=True)
class Key:
    """One line of a legend: what it means, its colour and shape, the share or count it stands for, and the colour of a rim."""

    label: str
    colour: str
    mark: Mark = "fill"
    figure: str = ""
    rim: str = ""


@dataclass(frozen=True, slots=True)
class Legend:
    """A part of a legend: its heading and its lines."""

    title: str
    keys: tuple[Key, ...]
    figures_head: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written around a map. `sources` are the credits, `made` date and maker; `grid` names the CRS whose north is up."""

    title: str
    subtitle: str
    legends: tuple[Legend, ...]
    bounds: Bounds
    sources: str
    made: str
    grid: str
    language: Language
    notes: tuple[str, ...] = ()
    width_mm: float = TEXT_WIDTH_MM
    families: tuple[str, ...] = (FAMILY,)


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture, and what is written on it: legends as they stand there, labels that found a place, and length of the scale bar."""

    png: bytes
    title: str
    legends: tuple[Legend, ...] = ()
    labels: tuple[str, ...] = ()
    scale_metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes on a page whose axes count millimetres from the lower left corner."""

    page: Axes
    renderer: RendererAgg
    families: tuple[str, ...]

    def font(self, text: str, points: float, *, bold: bool = False) -> FontProperties:
        """Return the font of a text; bold only where the bold face has all of it."""
        from matplotlib.font_manager import FontProperties

        weight = "bold" if bold and is_bold_whole(text) else "normal"
        return FontProperties(family=list(self.families), size=points, weight=weight)

    def width(self, text: str, points: float, *, bold: bool = False) -> float:
        """Return how wide a line of text is, mm."""
        measure: Any = self.renderer.get_text_width_height_descent
        wide, _, _ = measure(text, self.font(text, points, bold=bold), ismath=False)
        return float(wide) / DPI * _MM_PER_INCH

    def wrapped(self, text: str, points: float, room_mm: float, *, bold: bool = False) -> list[str]:
        """Break a text into lines that fit: Latin between words, Chinese anywhere but before closing punctuation."""
        lines, line = [], ""
        for piece in _pieces(text):
            if line and self.width((line + piece).rstrip(), points, bold=bold) > room_mm:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() else lines

    def write(
        self,
        x: float,
        y: float,
        text: str,
        points: float,
        *,
        bold: bool = False,
        colour: str = INK,
        across: Literal["left", "center", "right"] = "left",
        halo: str = "",
    ) -> None:
        """Write one line centred at height `y` mm; dollars and backslashes are signs like others."""
        from matplotlib.patheffects import withStroke

        effects = [withStroke(linewidth=1.8, foreground=halo)] if halo else []
        self.page.text(
            x,
            y,
            text,
            color=colour,
            ha=across,
            va="center_baseline",
            fontproperties=self.font(text, points, bold=bold),
            parse_math=False,
            path_effects=effects,
            zorder=9,
        )


def blank(width_mm: float, height_mm: float, families: tuple[str, ...]) -> tuple[Figure, Pen]:
    """Return an empty page and the pen that writes on it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    register()
    figure = Figure((width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), dpi=DPI, facecolor="#ffffff")
    canvas = FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1), zorder=5)
    page.set(xlim=(0, width_mm), ylim=(0, height_mm))
    page.set_axis_off()
    page.patch.set_alpha(0)
    return figure, Pen(page, canvas.get_renderer(), families)  # type: ignore[no-untyped-call]


def encoded(figure: Figure) -> bytes:
    """Return a page as PNG with a palette; the same page gives the same bytes."""
    from PIL import Image

    canvas = figure.canvas
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[attr-defined]
    small = picture.quantize(_SHADES, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    small.save(file, "PNG", dpi=(DPI, DPI), compress_level=6)
    return file.getvalue()


def printed(
    sheet: Sheet,
    draw: Callable[[Axes], None],
    labels: Sequence[Label] = (),
    obstacles: FloatArray = NO_PLACES,
) -> Plate:
    """Draw a map on its sheet.

    Parameters
    ----------
    draw
        Draws the map onto axes in metres.
    labels
        Names and numbers to set on it, those that matter most first; names that find no place are left out, numbers never are.
    obstacles
        Marks (k, 2) in metres that names shall not cover.
    """
    west, south, east, north = sheet.bounds
    wide = sheet.width_mm - _PANEL_MM - _GAP_MM - _EDGE_MM
    _, pen = blank(sheet.width_mm, 10.0, sheet.families)
    panel = _panel_rows(sheet, pen)
    title = pen.wrapped(sheet.title, 10.5, sheet.width_mm, bold=True)
    subtitle = pen.wrapped(sheet.subtitle, 7.0, sheet.width_mm)
    foot = [*pen.wrapped(sheet.sources, 5.8, sheet.width_mm - 2), sheet.made]
    high = wide * min(max((north - south) / (east - west), _LOWEST), _HIGHEST)
    high = max(high, sum(row.height for row in panel) + 20.0)
    foot_mm = 3.0 * len(foot) + 2.2
    width_mm = sheet.width_mm
    height_mm = _TITLE_MM + 4.8 * (len(title) - 1) + 3.4 * (len(subtitle) - 1) + high + foot_mm
    figure, pen = blank(width_mm, height_mm, sheet.families)
    corner = (_EDGE_MM / width_mm, foot_mm / height_mm)
    axes = figure.add_axes((*corner, wide / width_mm, high / height_mm), zorder=1)
    bounds = _fitted(sheet.bounds, wide / high)
    axes.set(xlim=(bounds[0], bounds[2]), ylim=(bounds[1], bounds[3]), facecolor=PAPER, xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set(color=INK, linewidth=0.8)
    draw(axes)
    axes.set(xlim=(bounds[0], bounds[2]), ylim=(bounds[1], bounds[3]))
    metres_per_mm = (bounds[2] - bounds[0]) / wide
    written = _letter(
        pen, labels, bounds, metres_per_mm, (_EDGE_MM, foot_mm, _EDGE_MM + wide, foot_mm + high), obstacles
    )
    for number, line in enumerate(title):
        pen.write(0, height_mm - 3.6 - 4.8 * number, line, 10.5, bold=True)
    for number, line in enumerate(reversed(subtitle)):
        pen.write(0, foot_mm + high + _TITLE_MM - 8.6 + 3.4 * number, line, 7.0, colour=_FAINT)
    for number, line in enumerate(foot):
        pen.write(0, foot_mm - 3.4 - 3.0 * number, line, 5.8, colour=_FAINT)
    left, top = _EDGE_MM + wide + _GAP_MM, foot_mm + high
    for row in panel:
        row.set(pen, left, top)
        top -= row.height
    length = _scale_bar(pen, left, foot_mm + 9.5, metres_per_mm, sheet)
    _north(pen, left + 33.0, foot_mm + 8.5, sheet.language)
    return Plate(encoded(figure), sheet.title, sheet.legends, tuple(written), length)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the panel beside the map."""

    text: str
    points: float
    height: float
    bold: bool = False
    indent: float = 0.0
    key: Key | None = None
    figure: str = ""

    def set(self, pen: Pen, left: float, top: float) -> None:
        middle = top - self.height / 2
        if self.key is not None:
            _swatch(pen, left, middle, self.key)
        if self.text:
            pen.write(left + self.indent, middle, self.text, self.points, bold=self.bold)
        if self.figure:
            pen.write(left + _PANEL_MM - 0.5, middle, self.figure, self.points, across="right", colour=_FAINT)


def _panel_rows(sheet: Sheet, pen: Pen) -> list[_Row]:
    rows = [_Row(say("print.legend", sheet.language), 8.5, 5.0, bold=True)]
    for legend in sheet.legends:
        if legend.title:
            rows += [_Row(line, 6.8, 3.6) for line in pen.wrapped(legend.title, 6.8, _PANEL_MM)]
        if legend.figures_head:
            rows.append(_Row("", 5.8, 3.2, figure=legend.figures_head))
        for key in legend.keys:
            room = _PANEL_MM - 7.0 - (pen.width(key.figure, 6.8) + 1.5 if key.figure else 0)
            for number, line in enumerate(pen.wrapped(key.label, 6.8, room)):
                first = number == 0
                figure = key.figure if first else ""
                rows.append(
                    _Row(line, 6.8, 4.3 if first else 3.4, indent=7.0, key=key if first else None, figure=figure)
                )
        rows.append(_Row("", 1, 2.2))
    for note in sheet.notes:
        rows += [_Row(line, 5.8, 2.9) for line in pen.wrapped(note, 5.8, _PANEL_MM)]
        rows.append(_Row("", 1, 0.8))
    return rows


def _swatch(pen: Pen, left: float, middle: float, key: Key) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle, Rectangle

    rim: dict[str, Any] = {"facecolor": key.colour, "edgecolor": "#ffffff", "linewidth": 0.5}
    if key.mark in {"line", "dashed"}:
        style: Any = "-" if key.mark == "line" else (0, (4, 2))
        pen.page.add_line(Line2D([left, left + 5], [middle, middle], color=key.colour, linewidth=1.0, linestyle=style))
    elif key.mark == "square":
        pen.page.add_patch(Rectangle((left + 1.7, middle - 0.8), 1.6, 1.6, **rim))
    elif key.mark in {"dot", "number"}:
        pen.page.add_patch(Circle((left + 2.5, middle), 0.9 if key.mark == "dot" else 1.6, **rim))
        if key.mark == "number":
            pen.write(left + 2.5, middle, "1", 5.5, bold=True, colour="#ffffff", across="center")
    else:
        face = key.colour if key.mark == "fill" else "none"
        edge = key.rim or ("#8b959d" if key.mark == "fill" else key.colour)
        width = RIM_POINTS if key.rim else 0.3 if face != "none" else 1
        pen.page.add_patch(Rectangle((left, middle - 1.3), 5, 2.6, facecolor=face, edgecolor=edge, linewidth=width))


def _letter(
    pen: Pen, labels: Sequence[Label], bounds: Bounds, metres_per_mm: float, box: Bounds, obstacles: FloatArray
) -> list[str]:
    """Set labels on the map, a thin line leading from those that had to move; return those set."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle

    def on_page(x: float, y: float) -> tuple[float, float]:
        return box[0] + (x - bounds[0]) / metres_per_mm, box[1] + (y - bounds[1]) / metres_per_mm

    places = [on_page(label.x, label.y) for label in labels]
    marks = [on_page(x, y) for x, y in obstacles.tolist()]
    broken = [
        [part for line in label.text.split("\n") for part in pen.wrapped(line, label.points, _NAME_MM, bold=label.bold)]
        for label in labels
    ]
    sizes = []
    for label, lines in zip(labels, broken, strict=True):
        if label.is_number:
            sizes.append((3.4 if len(label.text) < 3 else 4.4, 3.4))
        else:
            wide = max(pen.width(line, label.points, bold=label.bold) for line in lines)
            sizes.append((wide + 0.8, len(lines) * label.points * _MM_PER_POINT * 1.25))
    written = []
    set_at = placed(labels, places, sizes, box, marks)
    for label, lines, (x, y), found, size in zip(labels, broken, places, set_at, sizes, strict=True):
        if found is None:
            continue
        at_x, at_y = found
        if math.hypot(at_x - x, at_y - y) > 2.5:
            pen.page.add_line(Line2D([x, at_x], [y, at_y], color=label.colour, linewidth=0.5, zorder=7))
        if label.is_number:
            pen.page.add_patch(
                Circle(found, size[0] / 2, facecolor=label.colour, edgecolor="#ffffff", linewidth=0.6, zorder=8)
            )
            pen.write(at_x, at_y, label.text, label.points, bold=True, colour="#ffffff", across="center")
        else:
            step = label.points * _MM_PER_POINT * 1.2
            for number, line in enumerate(lines):
                height = at_y + ((len(lines) - 1) / 2 - number) * step
                pen.write(
                    *(at_x, height, line, label.points),
                    bold=label.bold,
                    colour=label.colour,
                    across="center",
                    halo=label.halo,
                )
        written.append(label.text if label.is_number else "\n".join(lines))
    return written


def _scale_bar(pen: Pen, left: float, bottom: float, metres_per_mm: float, sheet: Sheet) -> float:
    """Draw a scale bar of round length and, below it, the grid; return its length in metres."""
    from matplotlib.patches import Rectangle

    metres = round_below(26.0 * metres_per_mm)
    long = metres / metres_per_mm
    for number, face in enumerate((INK, "#ffffff")):
        corner = (left + number * long / 2, bottom)
        pen.page.add_patch(Rectangle(corner, long / 2, 1.0, facecolor=face, edgecolor=INK, linewidth=0.6))
    kilometres = metres >= 1000
    unit = say("print.kilometres" if kilometres else "print.metres", sheet.language)
    pen.write(left, bottom + 2.6, "0", 6.0, across="left")
    end = f"{metres / 1000 if kilometres else metres:g} {unit}"
    pen.write(left + long, bottom + 2.6, end, 6.0, across="right" if pen.width(end, 6.0) < long - 3 else "left")
    for number, line in enumerate(pen.wrapped(sheet.grid, 5.4, _PANEL_MM)[:3]):
        pen.write(left, bottom - 2.4 - 2.6 * number, line, 5.4, colour=_FAINT)
    return metres


def _north(pen: Pen, x: float, bottom: float, language: Language) -> None:
    from matplotlib.patches import Polygon

    for side, face in ((-1.9, INK), (1.9, "#ffffff")):
        corners = [(x, bottom + 6), (x + side, bottom), (x, bottom + 1.3)]
        pen.page.add_patch(Polygon(corners, facecolor=face, edgecolor=INK, linewidth=0.6))
    pen.write(x, bottom + 8.2, say("map.north", language), 7.0, bold=True, across="center")


def grid_of(crs: str, language: Language) -> str:
    """Name a CRS, and say that its north is up."""
    from pyproj import CRS

    name = CRS.from_user_input(crs).name
    if language == "zh":
        name = _chinese_grid(name)
    return say("print.grid", language, name=name, code=crs)


def _chinese_grid(name: str) -> str:
    """Name the grids of Chinese and worldwide use in Chinese; any other keeps the name the register has."""
    if found := re.fullmatch(r"WGS 84 / UTM zone (\d+)([NS])", name):
        zone, half = found.groups()
        return f"WGS 84，UTM {zone} 带（{'北' if half == 'N' else '南'}半球）"
    if found := re.fullmatch(r"CGCS2000 / (3-degree )?Gauss-Kruger (?:CM (\d+)E|zone (\d+))", name):
        three, meridian, zone = found.groups()
        place = f"中央经线东经 {meridian}°" if meridian else f"第 {zone} 带"
        return f"2000 国家大地坐标系，高斯—克吕格投影 {3 if three else 6} 度带，{place}"
    return name


def made_line(version: str, date: str, language: Language) -> str:
    """Say who made a map and when."""
    return say("print.made", language, version=version, date=date)


def round_below(value: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20, 50 … that does not exceed `value` > 0."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (0.5, 1, 2, 5) if step * power <= value)  # log10 may round up


def _fitted(bounds: Bounds, shape: float) -> Bounds:
    """Widen bounds to a shape (width ÷ height), with a little room around."""
    west, south, east, north = bounds
    wide, high = (east - west) * 1.06, (north - south) * 1.06
    wide, high = max(wide, high * shape), max(high, wide / shape)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


_OPENING = "（《【“‘(["
_CLOSING = "，。；：？！）》】、”’％·,.;:?!)"
_CHINESE_FROM = 0x2E80


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may break: after spaces, around Chinese characters, never before closing or after opening punctuation."""
    pieces: list[str] = []
    for sign in text:
        joins = bool(pieces) and (
            sign in _CLOSING
            or sign == " "
            or pieces[-1][-1] in _OPENING
            or (ord(sign) < _CHINESE_FROM and ord(pieces[-1][-1]) < _CHINESE_FROM and not pieces[-1].endswith(" "))
        )
        if joins:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces
