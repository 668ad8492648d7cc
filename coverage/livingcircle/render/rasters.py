"""Walking times as rasters any GIS opens: one Cloud Optimized GeoTIFF per service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rasterio import Affine, MemoryFile
from rasterio.shutil import copy as copy_raster

from livingcircle.faults import Language
from livingcircle.model.outcome import TravelTimes
from livingcircle.model.study import Study
from livingcircle.render.words import say


def write_travel_times(path: Path, study: Study, service: int, times: TravelTimes, language: Language) -> None:
    """Write the walking times to a service: float32 seconds in the study's CRS, NaN where unknown, with overviews.

    Title, credits and the unit travel in the file. The overviews hold means of the cells that have a time.
    """
    rows, columns = times.seconds.shape
    cell = times.cell_metres
    name = study.standard.services[service].name.said(language)
    title = f"{study.title.said(language)} · {say('raster.travel_time', language, service=name)}"
    credit = "; ".join(study.attribution)
    plain = {
        "driver": "GTiff",
        "width": columns,
        "height": rows,
        "count": 1,
        "dtype": "float32",
        "nodata": np.nan,
        "crs": study.crs,
        # Rows of a raster run southwards, and its corner is that of the first cell.
        "transform": Affine(cell, 0, times.west - cell / 2, 0, -cell, times.south + (rows - 0.5) * cell),
    }
    with MemoryFile() as memory:
        with memory.open(**plain) as raster:
            raster.write(times.seconds[::-1], 1)
            raster.set_band_description(1, say("raster.travel_time", language, service=name))
            raster.set_band_unit(1, "s")
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
