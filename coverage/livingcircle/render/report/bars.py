"""Charts of a report, by the names of `figures`: drawn like the maps, with every figure they show written in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from livingcircle.render.charts import Scale, scale_over, whole_sites
from livingcircle.render.fonts import fonts_for
from livingcircle.render.report import figures
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import TEXT_WIDTH_MM, Key, Legend, Pen, Plate, blank, encoded
from livingcircle.render.words import (
    COVERED,
    INK,
    PLAN,
    UNCOVERED,
    minute_colours,
    say,
    say_code,
    shown_count,
    shown_limit,
    shown_share,
)

_FAINT, _RULE = "#5b6873", "#dfe4e8"
_POINTS = 7.0
_ROW_MM, _HEAD_MM, _MOST_ROWS = 5.4, 15.0, 34
_LORENZ_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_AIMS = {"most_covered": (COVERED, "o"), "best_worst_share": (PLAN, "s"), "least_walk": (UNCOVERED, "^")}


def draw_chart(of: Material, name: str, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the chart of that name.

    Raises
    ------
    KeyError
        When no chart is called that.
    """
    if name.startswith(figures.FRONTIER_CHART):
        return frontier_chart(of, int(name.removeprefix(figures.FRONTIER_CHART)), width_mm)
    drawn = {
        figures.COVERAGE_CHART: coverage_chart,
        figures.DISTRICTS_CHART: districts_chart,
        figures.LORENZ_CHART: lorenz_chart,
    }
    return drawn[name](of, width_mm)


def coverage_chart(of: Material, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the share of residents within each limit that all services share, a row for each service."""
    table, language = of.whole("coverage"), of.language
    limits = [seconds / 60 for seconds in of.results.assessment.shown_limits_seconds]
    limits = limits or sorted(set(table["limit_minutes"]))[-1:]
    names = dict(zip(table["service_id"], table[f"service_{language}"], strict=True))
    shares = table.set_index(["service_id", "limit_minutes"])["residents_share"]
    heads = [shown_limit(limit, None, language) for limit in limits]
    colours = minute_colours(len(limits))
    side, pen, left, high = _page(list(names.values()), width_mm)
    column = 13.5
    across = Scale(0.0, 1.0, 0.25, left, width_mm - column * len(limits) - 4)
    _legend_row(pen, left, high - 10.2, [Key(head, colour) for head, colour in zip(heads, colours, strict=True)])
    _upright_rules(pen, across, 5.5, high - _HEAD_MM + 1)
    written = []
    for number, head in enumerate(heads):
        right = width_mm - column * (len(limits) - 1 - number)
        pen.write(right, high - _HEAD_MM + 2.4, head, 6.2, across="right", colour=_FAINT)
    for row, (service, name) in enumerate(names.items()):
        y = high - _HEAD_MM - _ROW_MM * (row + 0.5)
        pen.write(left - 2, y, name, _POINTS, across="right")
        for number in reversed(range(len(limits))):
            share = float(shares.get((service, limits[number]), math.nan))
            if math.isfinite(share):
                _bar(pen, across.at(0), across.at(share), y, colours[number])
            right = width_mm - column * (len(limits) - 1 - number)
            pen.write(right, y, shown_share(share), 6.4, across="right")
            written.append(f"{name}\t{heads[number]}\t{shown_share(share)}")
    title = say("print.coverage", language)
    pen.write(0, high - 3.6, title, 10.5, bold=True)
    keys = tuple(Key(head, colour) for head, colour in zip(heads, colours, strict=True))
    return Plate(encoded(side), title, (Legend("", keys),), tuple(written))


def districts_chart(of: Material, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw the smallest districts by their residents' mean score, the highest first; the dashed line is the whole study."""
    language = of.language
    rows = of.smallest("scores").dropna(subset=["living_circle_score"])
    rows = rows.sort_values("living_circle_score", ascending=False, kind="stable")
    whole = float(of.whole("scores")["living_circle_score"].iloc[0])
    names, scores = rows["district_name"].tolist(), rows["living_circle_score"].tolist()
    if len(names) > _MOST_ROWS:  # the best and the worst; all of them are in the tables
        half = _MOST_ROWS // 2
        left_out = say("print.left_out", language, count=shown_count(len(names) - 2 * half))
        names = [*names[:half], left_out, *names[-half:]]
        scores = [*scores[:half], math.nan, *scores[-half:]]
    figure, pen, left, high = _page(names, width_mm)
    across = Scale(0.0, 1.0, 0.2, left, width_mm - 14)
    _upright_rules(pen, across, 5.5, high - _HEAD_MM + 1, as_points=True)
    for row, (name, score) in enumerate(zip(names, scores, strict=True)):
        y = high - _HEAD_MM - _ROW_MM * (row + 0.5)
        pen.write(left - 2, y, name, _POINTS, across="right")
        if math.isfinite(score):
            _bar(pen, across.at(0), across.at(score), y, COVERED if score >= whole else UNCOVERED)
            pen.write(across.at(score) + 1.2, y, f"{100 * score:.1f}", 6.4, halo="#ffffff")
    x = across.at(whole)
    _line(pen, [x, x], [5.5, high - _HEAD_MM + 1], INK, 0.9, style=(0, (4, 2)))
    said = say("print.whole", language, score=f"{100 * whole:.1f}")
    keys = (Key(say("print.above", language), COVERED), Key(say("print.beneath", language), UNCOVERED))
    _legend_row(pen, left, high - 10.2, [*keys, Key(said, INK, "dashed")])
    title = of.say("print.districts")
    pen.write(0, high - 3.6, title, 10.5, bold=True)
    shown = zip(names, scores, strict=True)
    written = [said, *(f"{name}\t{100 * score:.1f}" for name, score in shown if math.isfinite(score))]
    return Plate(encoded(figure), title, (Legend("", keys),), tuple(written))


def lorenz_chart(of: Material, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw how evenly the score is spread: the share of it that the worst-off share of residents have."""
    from matplotlib.patches import Polygon

    language = of.language
    rows = of.tables["lorenz"]
    rows = rows[rows["good"] == "score"]
    people, good = rows["people_share"].to_numpy(float), rows["good_share"].to_numpy(float)
    side = min(width_mm - 26, 86.0)
    high = side + 28.0
    figure, pen = blank(width_mm, high, fonts_for([]).families)
    left, bottom = (width_mm - side) / 2 + 5, 13.0
    across, up = Scale(0, 1, 0.25, left, left + side), Scale(0, 1, 0.25, bottom, bottom + side)
    for tick in _LORENZ_TICKS:
        _line(pen, [across.at(tick)] * 2, [bottom, bottom + side], _RULE, 0.6)
        _line(pen, [left, left + side], [up.at(tick)] * 2, _RULE, 0.6)
        pen.write(across.at(tick), bottom - 3, shown_tick(tick), 6.4, across="center", colour=_FAINT)
        pen.write(left - 1.5, up.at(tick), shown_tick(tick), 6.4, across="right", colour=_FAINT)
    curve = [(across.at(x), up.at(y)) for x, y in zip(people.tolist(), good.tolist(), strict=True)]
    pen.page.add_patch(Polygon([*curve, (across.at(1), up.at(1))], facecolor=COVERED, alpha=0.15, edgecolor="none"))
    _line(pen, [left, left + side], [bottom, bottom + side], UNCOVERED, 1.0, style=(0, (5, 3)))
    _line(pen, [x for x, _ in curve], [y for _, y in curve], COVERED, 1.8)
    pen.write(left + side / 2, bottom - 8, say("lorenz.people", language), _POINTS, across="center")
    pen.write(left - 10, bottom + side + 4, say("lorenz.good", language), _POINTS)
    pen.write(across.at(0.47), up.at(0.55), say("lorenz.equal", language), 6.4, across="right", colour=_FAINT)
    title = say("print.lorenz", language)
    pen.write(0, high - 3.6, title, 10.5, bold=True)
    return Plate(encoded(figure), title)


def frontier_chart(of: Material, number: int, width_mm: float = TEXT_WIDTH_MM) -> Plate:
    """Draw what more or less put into a plan would do: residents covered, the worst-off district, the mean walk."""
    language = of.language
    rows = of.tables["plan_frontier"]
    rows = rows[rows["plan"] == number]
    by_money = rows["frontier_by"].iloc[0] == "money"
    spent = rows["plan_cost_wan_yuan" if by_money else "sites_new"].to_numpy(float)
    panels = [
        (say("chart.share", language), rows["covered_share"].to_numpy(float), True),
        (say("chart.worst", language), rows["worst_share"].to_numpy(float), True),
        (say("chart.minutes", language), rows["mean_walk_all_minutes"].to_numpy(float), False),
    ]
    panels = [panel for panel in panels if np.isfinite(panel[1]).any()]
    each, left, title = 30.0, 18.0, say("print.frontier", language, plan=str(number))
    high = 16.0 + (each + 9.0) * len(panels) + 9.0
    figure, pen = blank(width_mm, high, fonts_for([title]).families)
    across = scale_over(spent.tolist(), left + 3, width_mm - 8)
    if not by_money:
        across = whole_sites(across, spent.tolist(), None)
    aims = [aim for aim in _AIMS if aim in set(rows["model"])]
    keys = [Key(say_code("model", aim, language), _AIMS[aim][0], "dot") for aim in aims]
    _legend_row(pen, left, high - 9.6, keys)
    written = []
    for place, (name, values, is_share) in enumerate(panels):
        top = high - 20.0 - (each + 9.0) * place
        ends = (0.0, 1.0) if is_share else (0.0, math.inf)
        up = scale_over(values[np.isfinite(values)].tolist(), top - each, top, ends=ends)
        pen.write(left, top + 3.2, name, _POINTS, bold=True)
        for tick in up.ticks():
            _line(pen, [left, width_mm - 4], [up.at(tick)] * 2, _RULE, 0.6)
            said = shown_share(tick) if is_share else f"{tick:g}"
            pen.write(left - 1.5, up.at(tick), said, 6.2, across="right", colour=_FAINT)
        written += _marks(pen, rows["model"].tolist(), spent, values, across, up, is_share=is_share)
    for tick in across.ticks():
        pen.write(across.at(tick), 9.0, f"{tick:,.10g}", 6.2, across="center", colour=_FAINT)
    pen.write(width_mm / 2, 3.6, say("chart.cost" if by_money else "chart.sites", language), _POINTS, across="center")
    pen.write(0, high - 3.6, title, 10.5, bold=True)
    return Plate(encoded(figure), title, (Legend("", tuple(keys)),), tuple(written))


def shown_tick(share: float) -> str:
    """Write a whole per cent on an axis: `25 %`."""
    return f"{share:.0%}".replace("%", " %")


def _page(names: Sequence[str], width_mm: float) -> tuple[Any, Pen, float, float]:
    """Return a page for rows of bars: figure, pen, where the bars begin, and its height."""
    families = fonts_for(names).families
    high = _HEAD_MM + _ROW_MM * len(names) + 6.0
    figure, pen = blank(width_mm, high, families)
    widest = max((pen.width(name, _POINTS) for name in names), default=0.0)
    return figure, pen, min(widest + 3, 0.4 * width_mm), high


def _upright_rules(pen: Pen, across: Scale, bottom: float, top: float, *, as_points: bool = False) -> None:
    for tick in across.ticks():
        _line(pen, [across.at(tick)] * 2, [bottom, top], _RULE, 0.6)
        said = f"{100 * tick:.0f}" if as_points else shown_tick(tick)
        pen.write(across.at(tick), bottom - 2.4, said, 6.2, across="center", colour=_FAINT)


def _bar(pen: Pen, start: float, end: float, y: float, colour: str) -> None:
    from matplotlib.patches import Rectangle

    pen.page.add_patch(Rectangle((start, y - 1.6), max(end - start, 0.15), 3.2, facecolor=colour, edgecolor="none"))


def _line(pen: Pen, x: Sequence[float], y: Sequence[float], colour: str, points: float, *, style: Any = "-") -> None:
    from matplotlib.lines import Line2D

    below = colour == _RULE  # rules lie below bars and curves
    line = Line2D(list(x), list(y), color=colour, linewidth=points, linestyle=style, zorder=0.5 if below else 2)
    pen.page.add_line(line)


def _legend_row(pen: Pen, left: float, y: float, keys: Sequence[Key]) -> None:
    from matplotlib.patches import Circle

    x = left
    for key in keys:
        if key.mark == "dashed":
            _line(pen, [x, x + 4.5], [y, y], key.colour, 0.9, style=(0, (3, 1.5)))
        elif key.mark == "dot":
            pen.page.add_patch(Circle((x + 2.2, y), 1.0, facecolor=key.colour, edgecolor="none"))
        else:
            _bar(pen, x, x + 4.5, y, key.colour)
        pen.write(x + 5.6, y, key.label, 6.6)
        x += 10 + pen.width(key.label, 6.6)


def _marks(
    pen: Pen,
    aims: Sequence[str],
    spent: Any,
    values: Any,
    across: Scale,
    up: Scale,
    *,
    is_share: bool,
) -> list[str]:
    written = []
    for aim, (colour, marker) in _AIMS.items():
        own = np.array([one == aim for one in aims]) & np.isfinite(values)
        x, y = [across.at(one) for one in spent[own]], [up.at(one) for one in values[own]]
        pen.page.scatter(x, y, s=22, c=colour, marker=marker, edgecolors="#ffffff", linewidths=0.6, zorder=8)
        written += [
            f"{a:g}\t{shown_share(b) if is_share else f'{b:.1f}'}" for a, b in zip(spent[own], values[own], strict=True)
        ]
    return written
