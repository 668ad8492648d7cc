"""Tables as files: a workbook for people, CSVs for machines, a GeoPackage for GIS. Each writes only what it is told to write."""

from __future__ import annotations

import codecs
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyogrio
import shapely
import xlsxwriter

from livingcircle.faults import Language
from livingcircle.model.columns import GeometryArray
from livingcircle.model.results import Results
from livingcircle.render import tables
from livingcircle.render.clauses import IN_WORDS, MARK, SHARES, THERE_OR_NOT
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.completeness import NETWORK_MEASURES
from livingcircle.render.layout import Sheet, arranged, in_order, sheets_of
from livingcircle.render.words import VERDICT_FILLS, say

_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a Chinese Excel takes full-width signs for the same
_NUMBER_FORMATS = {
    "count": "#,##0",
    "share": "0.0 %",
    "minutes": "0.0",
    "metres": "#,##0.0",
    "degrees": "0.000000",
    "number": "#,##0.00",
    "figure": "General",  # of many units: as many digits as there is room for
    "text": "General",
}
MOST_ROWS = 10_000
_CAUSES = ("home_causes", "unit_remedies")
_PLACES = frozenset(
    {
        *("homes", "facilities", "candidates", "gaps", "quarantined", "population_unplaced", "review", "merged"),
        "city_districts",  # limits × districts
        "rule_verdicts",  # clauses × units
        "interval_drivers",  # coverage × parameters
        *_CAUSES,  # homes × requirements, clauses × units
    }
)
_CLAUSES = ("rules", "rule_verdicts", "disputes", "answers")
_INTERVALS = ("intervals", "interval_drivers", "interval_members")
_ACCESS = (
    "scores",
    "equity",
    "coverage_own_speed",
    "elderly_and_children",
    "capacity",
    "supply",
    "capacity_facilities",
    "choice",
    "lorenz",
)
_IN_THE_UNIT_OF_THE_METRIC = frozenset({"value", "threshold", "threshold_highest", "margin", "radius_value"})
_OCCASIONAL = frozenset(
    {
        "checklist",
        *("plan_ages", "plan_clauses", "plan_dominated", "plan_frontier", "plan_stages", "plan_uncovered"),
        "coverage_by_age",
        *_ACCESS,
        "quarantined",
        "population_unplaced",
        "review",
        "merged",
        *_CLAUSES,
        *_INTERVALS,
        *_CAUSES,
    }
)
"""Tables most studies have no rows for; their sheet is left out then."""
NO_DATE = "2000-01-01T00:00:00.000Z"
_WIDEST = 60
_HEADER_ON_ONE_LINE = 24
_SAMPLED_ROWS = 200
_WRAPPED = 26
_WRAPPED_AT: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("requirement_zh", "requirement_en", "explained_zh", "explained_en"), 30),
        **dict.fromkeys(("basis", "quote"), 22),
        **dict.fromkeys(("judged_zh", "judged_en", "verdict", "binding"), 11),
        **dict.fromkeys(("found_zh", "found_en", "asked_zh", "asked_en", "difference_zh", "difference_en"), 14),
        **dict.fromkeys(("checked_zh", "checked_en", "verification", "document_title", "clause"), 18),
        **dict.fromkeys(("finding_zh", "finding_en", "treatment_zh", "treatment_en", "readings_zh", "readings_en"), 44),
        **dict.fromkeys(("problem_zh", "problem_en", "remedy_zh", "remedy_en", "meaning_zh", "meaning_en"), 60),
        **dict.fromkeys(("causes_zh", "causes_en"), 40),
    }
)
"""Columns of text on sheets that wrap."""
_CHECKED = ("checked_zh", "checked_en")
_UNSEEN_INK = "#a63603"
_ROOM_FOR_TEXT = 0.92
"""Chinese signs are a little wider than two digits, by which columns are measured."""
_LINE_POINTS, _MOST_LINES = 15.0, 27
"""A row cannot be higher than 409 points."""
_A4 = 9
_WIDTH_OF_A_PAGE = 260.0
"""What fits across A4 at a size one can read, in the unit of column widths."""
_NUMBER: Mapping[str, Any] = MappingProxyType({"align": "right", "indent": 1})
"""Figures stand apart from what is written in the next column."""
_FOLDED_INK = "#7d8790"
_HEADER_FILL = "#eef2f5"
_RULE_COLOUR = "#c3cad0"


def write_workbook(
    path: Path,
    tables_by_name: Mapping[str, pd.DataFrame],
    language: Language,
    title: str,
    notes: Sequence[tuple[str, str]],
    *,
    made: str = "",
) -> None:
    """Write one Excel workbook: an overview, then a sheet per table with headers, units and words in `language`.

    Texts are always written as text, whatever they begin with, so that no name becomes a formula or a link. Missing numbers are empty
    cells. Tables without rows keep their header. Tables of places with more than `MOST_ROWS` rows are left to
    the CSVs, and the overview says so.

    Parameters
    ----------
    notes
        Lines of the overview, a label and a text each; `livingcircle.render.summary.overview` makes them.
    made
        When the run was made (ISO 8601), for the file's properties; without it they hold a fixed date.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        created = datetime.fromisoformat(made).replace(tzinfo=None) if made else datetime(2000, 1, 1)  # noqa: DTZ001
        book.set_properties({"title": title, "created": created})
        left_out = {name: frame for name, frame in tables_by_name.items() if name in _PLACES and len(frame) > MOST_ROWS}
        elsewhere = [
            (
                say(f"table.{name}", language),
                say("overview.elsewhere", language, rows=f"{len(frame):,}", file=f"{name}.csv"),
            )
            for name, frame in left_out.items()
        ]
        _write_overview(book, language, title, [*notes, *elsewhere])
        written = (
            (sheet, frame)
            for name, frame in tables_by_name.items()
            if name not in left_out and (len(frame) or name not in _OCCASIONAL)
            for sheet in sheets_of(name)
        )
        for sheet, frame in in_order(written):
            _write_sheet(book, sheet, frame, language)


def write_csvs(folder: Path, tables_by_name: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write every table to `folder` as `<name>.csv` and return the files; see `write_csv`."""
    files = [folder / f"{name}.csv" for name in tables_by_name]
    for file, frame in zip(files, tables_by_name.values(), strict=True):
        write_csv(file, frame)
    return files


def write_csv(file: Path, frame: pd.DataFrame) -> None:
    """Write one table with the names of columns for machines.

    UTF-8 with a byte order mark, so that Excel in Chinese opens it right; line feeds at line ends; the shortest digits that give the
    same number back; unknown is empty. A text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    safe = frame.copy()
    for column, values in frame.items():
        if pd.api.types.is_object_dtype(values.dtype):
            led = values.map(like_formula)
        elif pd.api.types.is_string_dtype(values.dtype):
            led = values.str.startswith(_FORMULA_STARTS).fillna(False)
        else:
            continue
        if led.any():
            safe[column] = values.where(~led, "'" + values)
    with file.open("wb") as stream:
        stream.write(codecs.BOM_UTF8)
        pyarrow.csv.write_csv(pa.Table.from_pandas(safe, preserve_index=False), stream)


def layers_of(results: Results, tables_by_name: Mapping[str, pd.DataFrame]) -> dict[str, geopandas.GeoDataFrame]:
    """Return homes, facilities, districts, gaps, isochrones, candidates, plan and areas of facilities as layers in the study's CRS.

    Attributes are those of the tables; districts carry `share_<service>_<minutes>`, the share of residents covered, and how
    complete their streets are, and `rules_<verdict>`, how many clauses have which verdict. A layer without rows
    is left out.
    """
    study, plans = results.study, results.plans
    places = study.candidates
    each = results.catchments.take(tables.published(study)[results.catchments.place])
    may = np.array([tables.is_open(service) for service in study.standard.services], bool)
    divided = results.service_areas.take(may[results.service_areas.service])
    picks = [np.zeros(0, np.int32), *(plan.candidate for plan in plans)]
    rivals = [np.zeros(0, np.int32), *(plan.runner_up for plan in plans)]
    chosen, rival = np.concatenate(picks), np.concatenate(rivals)
    gained, homes = tables.plan_homes(study, plans)
    layers = {
        "homes": (tables_by_name["homes"], study.homes.geometry),
        "facilities": (tables_by_name["facilities"], study.facilities.geometry[tables.published(study)]),
        "districts": (_districts(results, tables_by_name["coverage"]), study.districts.geometry),
        "gap_list": (tables_by_name["gap_list"], results.diagnosis.places.geometry),
        "gaps": (tables_by_name["gaps"], results.gaps.geometry),
        "isochrones": (tables_by_name["isochrones"], results.isochrones.geometry),
        "candidates": (tables_by_name["candidates"], places.geometry),
        "quarantined": (tables_by_name["quarantined"], np.asarray(shapely.points(study.quarantined.xy), object)),
        "population_unplaced": (tables_by_name["population_unplaced"], study.unplaced.geometry),
        "plan": (tables_by_name["plan"], places.geometry[chosen]),
        "plan_runner_ups": (tables_by_name["plan"][rival >= 0], places.geometry[rival[rival >= 0]]),
        "plan_homes": (gained, study.homes.geometry[homes]),
        "catchments": (tables.catchments(study, each), each.geometry),
        "service_areas": (tables.service_areas(study, divided), divided.geometry),
    }
    return {
        name: geopandas.GeoDataFrame(frame, geometry=_one_kind(geometry), crs=study.crs)
        for name, (frame, geometry) in layers.items()
        if len(frame)
    }


def write_geopackage(
    path: Path, results: Results, tables_by_name: Mapping[str, pd.DataFrame], about: pd.DataFrame
) -> None:
    """Write the layers of `layers_of`, and the tables of clauses and `about`, which have no geometry, into one GeoPackage.

    `about` carries credits and what must be known of the data. Its layers hold no time of writing, so that the same results are the same
    file.
    """
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": NO_DATE})
    try:
        for name, layer in layers_of(results, tables_by_name).items():
            layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio", use_arrow=True)
        for name in _CLAUSES:
            if len(tables_by_name[name]):
                pyogrio.write_dataframe(tables_by_name[name], path, layer=name, driver="GPKG")
        pyogrio.write_dataframe(about, path, layer="about", driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_geoparquet(folder: Path, layers: Mapping[str, geopandas.GeoDataFrame]) -> None:
    """Write every layer as GeoParquet 1.1, with the box of each row, so that a part of a city is read without the rest."""
    folder.mkdir()
    for name, layer in layers.items():
        layer.to_parquet(
            folder / f"{name}.parquet",
            index=False,
            compression="zstd",
            schema_version="1.1.0",
            write_covering_bbox=True,
        )


def _write_overview(book: Any, language: Language, title: str, notes: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(say("table.overview", language))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 92)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16, "valign": "vcenter"}))
    border = {"bottom": 1, "bottom_color": _RULE_COLOUR, "valign": "top"}
    label_style = book.add_format({**border, "font_color": "#4c5862"})
    text_style = book.add_format({**border, "text_wrap": True})
    for row, (label, text) in enumerate(notes, start=2):
        sheet.write_string(row, 0, label, label_style)
        sheet.write_string(row, 1, text, text_style)
        sheet.set_row(row, 16.5 * max(1, math.ceil(_width(text) / 90)))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def write_sheet(book: Any, name: str, frame: pd.DataFrame, language: Language) -> None:
    """Write one table as the sheets it goes by; columns only machines need are folded away at the right, under a `+`."""
    for sheet in sheets_of(name):
        _write_sheet(book, sheet, frame, language)


def _write_sheet(book: Any, layout: Sheet, frame: pd.DataFrame, language: Language) -> None:
    names, unfolded = arranged(layout, frame, language)
    frame = frame[names]
    sheet = book.add_worksheet(say(f"table.{layout.name}", language))
    shown = tables.labelled(frame, language)
    look = {"bold": True, "bg_color": _HEADER_FILL, "bottom": 1, "bottom_color": _RULE_COLOUR}
    look |= {"text_wrap": True, "valign": "vcenter"}
    header_style, folded_style = book.add_format(look), book.add_format({**look, "font_color": _FOLDED_INK})
    sheet.set_row(0, 34)
    cell = {"valign": "top", **({"bottom": 1, "bottom_color": _HEADER_FILL} if layout.wraps else {})}
    metrics = frame["metric"].tolist() if "metric" in frame.columns else [""] * len(frame)
    widths: list[float] = []
    for column, (name, header) in enumerate(zip(names, shown.columns, strict=True)):
        values, kind = shown[header], COLUMNS[column_entry(name)[0]].kind
        wraps = layout.wraps and kind == "text"
        aligned = {**cell, **({} if kind == "text" else _NUMBER)}
        style = book.add_format({**aligned, "num_format": _number_format(values, kind), "text_wrap": wraps})
        by_metric = {
            metric: book.add_format({**aligned, "num_format": said})
            for metric in (set(metrics) if name in _IN_THE_UNIT_OF_THE_METRIC else ())
            if (said := _format_of_metric(name, metric, language))
        }
        width = _column_width(header, values, kind)
        widths.append(min(width, _WRAPPED_AT.get(name, _WRAPPED)) if wraps else width)
        folded = {"level": 1, "hidden": True} if column >= unfolded else {}
        sheet.set_column(column, column, widths[-1], style, folded)
        sheet.write_string(0, column, header, header_style if column < unfolded else folded_style)
        for row, value in enumerate(values.tolist(), start=1):
            if isinstance(value, str):
                if value:
                    sheet.write_string(row, column, value, style)
            elif pd.notna(value) and math.isfinite(value):
                sheet.write_number(row, column, value, by_metric.get(metrics[row - 1], style))
    if layout.wraps:
        _set_heights(sheet, shown.iloc[:, :unfolded], widths)
    if unfolded < len(names):
        sheet.set_column(len(names), len(names), None, None, {"collapsed": True})
    last = (len(shown), max(len(names) - 1, 0))
    frozen = _frozen_columns(frame)
    sheet.freeze_panes(1, frozen)
    sheet.autofilter(0, 0, *last)
    _set_print(sheet, frozen, sum(widths[:unfolded]))
    if "verdict" in names and len(shown):
        _colour_verdicts(book, sheet, names.index("verdict"), last[0], language)
    for column in (names.index(name) for name in names if name in _CHECKED):
        unseen = {"type": "text", "criteria": "begins with", "value": MARK}
        look_twice = book.add_format({"font_color": _UNSEEN_INK})
        sheet.conditional_format(1, column, max(last[0], 1), column, {**unseen, "format": look_twice})


def _set_heights(sheet: Any, shown: pd.DataFrame, widths: Sequence[float]) -> None:
    """Make rows as high as their longest text needs: not every program does so by itself when it opens the file."""
    columns = enumerate(widths[: len(shown.columns)])
    texts = [(shown.iloc[:, at].tolist(), _ROOM_FOR_TEXT * width - 1) for at, width in columns]
    for row in range(len(shown)):
        folds = (math.ceil(_width(cells[row]) / room) for cells, room in texts if isinstance(cells[row], str))
        lines = max(folds, default=1)
        if lines > 1:
            sheet.set_row(row + 1, _LINE_POINTS * min(lines, _MOST_LINES))


def _set_print(sheet: Any, frozen: int, width: float) -> None:
    """Print on A4 across, the header on every page; what is too wide for one page at a readable size takes several."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(max(1, math.ceil(width / _WIDTH_OF_A_PAGE)), 0)
    sheet.repeat_rows(0)
    if frozen:
        sheet.repeat_columns(0, frozen - 1)
    sheet.set_footer("&L&A&R&P / &N")


def _number_format(values: pd.Series[Any], kind: str) -> str:
    """Return how a column shows its numbers: what is whole in every row has no decimals, for a point with nothing behind it reads badly."""
    if kind == "number" and pd.api.types.is_numeric_dtype(values) and (values.dropna() % 1 == 0).all():
        kind = "count"
    return _NUMBER_FORMATS[kind]


def _format_of_metric(column: str, metric: str, language: Language) -> str:
    """Return how a number of a clause is shown where its metric is a share or is told in words; "" for any other."""
    if metric in SHARES:
        return _NUMBER_FORMATS["share"]
    if metric not in IN_WORDS or column == "radius_value":
        return ""
    subject = "presence" if metric in THERE_OR_NOT else "colocation" if metric == "colocation" else "checklist"
    words = {name: say(f"found.{subject}.{name}", language) for name in ("yes", "no")}
    return {
        "value": f'[>0]"{words["yes"]}";"{words["no"]}"',
        "threshold": f'"{say(f"asked.{subject}.require", language)}"',
        "margin": '[<0]"−";"—"',
    }.get(column, "")


def _colour_verdicts(book: Any, sheet: Any, column: int, last_row: int, language: Language) -> None:
    for verdict, fill in VERDICT_FILLS.items():
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{say(f"verdict.{verdict}", language)}"',
            "format": book.add_format({"bg_color": fill}),
        }
        sheet.conditional_format(1, column, last_row, column, rule)


def _frozen_columns(frame: pd.DataFrame) -> int:
    """Keep what a row is about in sight while scrolling to the right: an id, or clause and requirement."""
    first = str(frame.columns[0]) if len(frame.columns) else ""
    return 1 if first.endswith("_id") or first.startswith(("service_", "basis")) else 0


def _column_width(header: str, values: pd.Series[Any], kind: str) -> float:
    """Fit the longest of the first distinct values as its kind is shown; a long header may wrap once, a short one loses its bracket."""
    texts = [
        value if isinstance(value, str) else f"{value:,.6f}" if kind == "degrees" else f"{value:,.1f}"
        for value in values.drop_duplicates().head(_SAMPLED_ROWS).tolist()
        if pd.notna(value)
    ]
    longest = max((_width(text) for text in texts), default=0)
    heading = _width(header)
    heading_width = heading + 2 if heading <= _HEADER_ON_ONE_LINE else heading / 2 + 4
    room = 2 if kind == "text" else 3.5  # figures are set in from the edge
    return float(min(max(longest + room, heading_width, 8), _WIDEST))


def _width(text: str) -> int:
    """Return columns a text takes: Chinese characters are two wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def like_formula(value: Any) -> bool:
    """Return whether a spreadsheet would take a text for a formula."""
    return isinstance(value, str) and value.startswith(_FORMULA_STARTS)


def _districts(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    study = results.study
    table = table[table["scope"] != "study"]
    columns: dict[str, Any] = {**tables.district_columns(study.districts)}
    for (service, minutes), rows in table.groupby(["service_id", "limit_minutes"], sort=False):
        columns.setdefault("residents", rows["residents"].to_numpy())
        columns.setdefault("households", rows["households"].to_numpy())
        columns.setdefault("homes", rows["homes"].to_numpy())
        columns[f"share_{service}_{minutes:.10g}"] = rows["residents_share"].to_numpy()
    if len(study.completeness):
        grades = tables.network_completeness(study).iloc[1:]
        columns |= {name: grades[name].to_numpy() for name in ("network_grade", *NETWORK_MEASURES)}
    columns |= tables.district_access(results)
    if len(results.assessment.rule_verdicts):
        columns |= tables.district_verdicts(study, results.assessment)
    return pd.DataFrame(columns)


def _one_kind(geometry: GeometryArray) -> GeometryArray:
    """Write areas of one layer all as multipolygons where some are; GIS programs expect one kind per layer."""
    kinds = shapely.get_type_id(geometry)
    if set(kinds.tolist()) != {3, 6}:
        return geometry
    whole: GeometryArray = geometry.copy()
    whole[kinds == 3] = [shapely.multipolygons([area]) for area in geometry[kinds == 3]]
    return whole
