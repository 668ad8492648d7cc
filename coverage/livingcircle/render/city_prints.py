"""Printed maps of a city: a sheet for every limit the standards ask for, each as PNG at 300 dpi, and all of them as one PDF.

They show the shares of `districts.csv` in classes that are the same on every sheet and on the map in the browser. Libraries of the `report`
extra draw and set them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from livingcircle.faults import Fault, Language
from livingcircle.model.standard import Words
from livingcircle.render.city_map import BREAKS
from livingcircle.render.folder import replaced_file
from livingcircle.render.words import say, shown_day, shown_limit, shown_moment, shown_share

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

    from livingcircle.render.report.document import Section

MAPS, ATLAS = "maps", "maps.pdf"
Limit = tuple[str, float | None, float | None]
"""A service and its limit, in minutes or in metres."""
_SAME = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CityPrints:
    """What printed maps of a city show.

    `districts` are in degrees; `coverage` has a row for every limit and each of them, in their order; `whole` a row for the city and every
    limit. `limits` are those that are drawn. `crs` is that of the paper, None for one that suits the districts; `made` the day (ISO 8601)
    and `version` that of this program.
    """

    title: Words
    districts: geopandas.GeoDataFrame
    coverage: pd.DataFrame
    whole: pd.DataFrame
    limits: Collection[Limit]
    credits_: tuple[str, ...]
    crs: str | None
    made: str
    version: str
    language: Language


def write_city_prints(folder: Path, of: CityPrints) -> tuple[Fault, ...]:
    """Write the sheets into `folder/maps` and the atlas beside it, each complete or not at all; return what must be told of fonts.

    Sheets of an earlier time that are no more are removed. The same results give the same bytes.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    from livingcircle.render.report.document import Figure, Paragraph, Report, Section
    from livingcircle.render.report.pdf import write_pdf

    pictures: dict[str, bytes] = {}
    sections: list[Section] = []
    for limit in of.limits:
        rows = _of_limit(of.coverage, limit)
        if not len(rows) or rows["residents_share"].isna().all():
            continue
        name, title = _name(limit), _titled(of, rows)
        pictures[name] = _sheet(of, rows, title)
        share = _of_limit(of.whole, limit)["residents_share"].iloc[0]
        said = say("cityprint.whole", of.language, share="—" if np.isnan(share) else shown_share(float(share)))
        blocks = (
            Paragraph(said, "finding"),
            Figure(name, title, say("cityprint.alternative", of.language, title=title)),
        )
        sections.append(Section(1, title, blocks, number=str(len(sections) + 1)))
    forget_city_prints(folder, pictures)
    for name, picture in pictures.items():
        with replaced_file(folder / MAPS / f"{name}.png") as draft:
            draft.write_bytes(picture)
    if not pictures:
        return (Fault("nothing_to_print"),)
    facts = (
        (say("report.cover.made", of.language), shown_moment(of.made, of.language)),
        (say("report.cover.version", of.language), f"Living Circle {of.version}"),
    )
    told = Report(
        of.title.said(of.language),
        say("cityprint.atlas", of.language),
        of.language,
        facts,
        tuple(sections),
        of.credits_,
        of.made,
    )
    with replaced_file(folder / ATLAS) as draft:
        return write_pdf(draft, told, pictures).warnings


def forget_city_prints(folder: Path, but: Collection[str] = ()) -> None:
    """Remove sheets of an earlier time, whose figures are no longer those of the city, but for those that are written again."""
    for sheet in (folder / MAPS).glob("*.png"):
        if sheet.stem not in but:
            sheet.unlink(missing_ok=True)
    if not but:
        (folder / ATLAS).unlink(missing_ok=True)


def _of_limit(table: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    service, minutes, metres = limit
    if metres is None:
        same = table["limit_metres"].isna() & ((table["limit_minutes"] - (minutes or 0.0)).abs() < _SAME)
    else:
        same = (table["limit_metres"] - metres).abs() < _SAME
    return table[(table["service_id"] == service) & same]


def _name(limit: Limit) -> str:
    service, minutes, metres = limit
    return f"{service}-{minutes:g}min" if metres is None else f"{service}-{metres:g}m"


def _titled(of: CityPrints, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    metres = None if np.isnan(first["limit_metres"]) else float(first["limit_metres"])
    within = shown_limit(float(first["limit_minutes"]), metres, of.language)
    return say("cityprint.title", of.language, service=first[f"service_{of.language}"], limit=within)


def _sheet(of: CityPrints, rows: pd.DataFrame, title: str) -> bytes:
    from livingcircle.render.report.choropleth import choropleth
    from livingcircle.render.report.paper import made_line

    crs = of.crs or f"EPSG:{of.districts.estimate_utm_crs().to_epsg()}"
    plate = choropleth(
        np.asarray(shapely.force_2d(of.districts.to_crs(crs).geometry.to_numpy()), object),
        rows["residents_share"].to_numpy(float),
        of.districts["district_name"].tolist(),
        title=title,
        subtitle=of.title.said(of.language),
        measure=say("citymap.share", of.language),
        shown=shown_share,
        crs=crs,
        sources=of.credits_,
        made=made_line(of.version, shown_day(of.made, of.language), of.language),
        language=of.language,
        edges=(0.0, *BREAKS, 1.0),
    )
    return plate.png
