"""Raster files: opened by GDAL wherever they are, and closed again; what is wrong with the file is one fault."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.sources.safety import check_is_file

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

RASTER_SUFFIXES = (".hgt", ".tif", ".tiff", ".asc", ".img", ".vrt")


@contextmanager
def opened_raster(path: Path) -> Iterator[DatasetReader]:
    """Open a raster that GDAL reads, or the only one in a `.zip`.

    Raises
    ------
    InputError
        When the file is missing or none, or cannot be read, also where that shows while it is being read.
    """
    import rasterio

    check_is_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", rasterio.errors.NotGeoreferencedWarning
            )  # it lies elsewhere then, which is told
            raster = rasterio.open(_raster_in(path))
        with raster:
            if any(kind.startswith("complex") for kind in raster.dtypes):
                raise InputError(unreadable(path, "complex numbers"))
            yield raster
    except (rasterio.errors.RasterioError, zipfile.BadZipFile, OSError) as error:
        raise InputError(unreadable(path, error)) from error


def _raster_in(path: Path) -> str:
    """Return what GDAL calls the raster; that of an archive is its only one."""
    if path.suffix.lower() != ".zip":
        return str(path)
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.lower().endswith(RASTER_SUFFIXES)]
    if len(inside) != 1:
        raise InputError(Fault("archive_rasters", file=str(path), details={"count": len(inside)}))
    return f"/vsizip/{path}/{inside[0]}"
