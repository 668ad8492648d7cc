"""Every map and chart of a report, drawn at the size it is printed at."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.render.report.bars import draw_chart
from livingcircle.render.report.document import Report
from livingcircle.render.report.ground import ground_of
from livingcircle.render.report.maps import draw_map
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import TEXT_WIDTH_MM, Plate
from livingcircle.render.tables import Tables

_AT_ONCE = 2
"""While one picture is packed another is drawn."""


def plates(results: Results, tables: Tables, report: Report, language: Language) -> Mapping[str, Plate]:
    """Draw the figures of a report, by name, each with what is written on it."""
    of = Material(results, tables, language)
    ground = ground_of(of)
    widths = {figure.name: TEXT_WIDTH_MM * figure.width_share for figure in report.figures()}

    def drawn(name: str) -> Plate:
        return draw_map(ground, name, widths[name]) if name.startswith("map-") else draw_chart(of, name, widths[name])

    with ThreadPoolExecutor(_AT_ONCE) as hands:
        return dict(zip(widths, hands.map(drawn, widths), strict=True))


def pictures(results: Results, tables: Tables, report: Report, language: Language) -> Mapping[str, bytes]:
    """Draw the figures of a report as PNG, by name."""
    return {name: plate.png for name, plate in plates(results, tables, report, language).items()}
