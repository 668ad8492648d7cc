"""Walking times and accessibility as rasters any GIS opens: one Cloud Optimized GeoTIFF each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from rasterio import Affine, MemoryFile
from rasterio.shutil import copy as copy_raster

from livingcircle.faults import Language
from livingcircle.model.study import Study
from livingcircle.model.surface import Measure, Surface
from livingcircle.render.words import in_one_language, say

UNITS: Mapping[Measure, str] = MappingProxyType(
    {"travel_time": "s", "services_within": "services", "living_circle_score": "1", "places_per_1000": "per 1,000"}
)


def raster_name(study: Study, surface: Surface) -> str:
    """Return the name of the file a surface goes to."""
    of = "" if surface.service < 0 else f"_{study.standard.services[surface.service].id}"
    return f"{surface.measure}{of}.tif"


def write_surface(path: Path, study: Study, surface: Surface, language: Language) -> None:
    """Write a surface: float32 in the study's CRS, NaN where unknown, with overviews.

    Title, credits and the unit travel in the file. The overviews hold means of the cells that have a value.
    """
    rows, columns = surface.values.shape
    cell = surface.cell_metres
    of = "" if surface.service < 0 else study.standard.services[surface.service].name.said(language)
    said = say(f"raster.{surface.measure}", language, service=of)
    title = f"{study.title.said(language)} · {said}"
    credit = "; ".join(in_one_language(one, language) for one in study.attribution)
    plain = {
        "driver": "GTiff",
        "width": columns,
        "height": rows,
        "count": 1,
        "dtype": "float32",
        "nodata": np.nan,
        "crs": study.crs,
        # Rows of a raster run southwards, and its corner is that of the first cell.
        "transform": Affine(cell, 0, surface.west - cell / 2, 0, -cell, surface.south + (rows - 0.5) * cell),
    }
    with MemoryFile() as memory:
        with memory.open(**plain) as raster:
            raster.write(surface.values[::-1], 1)
            raster.set_band_description(1, said)
            raster.set_band_unit(1, UNITS[surface.measure])
            raster.update_tags(
                TITLE=title, ATTRIBUTION=credit, TIFFTAG_IMAGEDESCRIPTION=title, TIFFTAG_COPYRIGHT=credit
            )
        copy_raster(
            memory.name,
            path,
            driver="COG",
            compress="DEFLATE",
            predictor="FLOATING_POINT",
            overview_resampling="AVERAGE",
        )
