"""What is asked for: an area on the ground with a margin around it, and the tiles it is asked for in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from livingcircle.errors import InputError
from livingcircle.faults import Fault

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

TILE_DEGREES = 0.1
"""Side of a tile at most: about 11 km, which one answer of Overpass holds with all its buildings."""
LARGEST_KM2 = 5000.0
"""Public servers are not for more than a city; whoever needs more takes an extract that others have cut."""
_METRES_PER_DEGREE = 111_320.0
_LON_LAT = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Area:
    """An area in longitude and latitude (EPSG:4326), with its margin of `buffer_metres` included; `label` is what people call it."""

    label: str
    shape: shapely.Geometry
    buffer_metres: float = 0.0

    @property
    def box(self) -> Box:
        """The box around it, on whole ten-thousandths of a degree, outwards: the same area asks the same question."""
        west, south, east, north = shapely.bounds(self.shape).tolist()
        return (_floor(west), _floor(south), -_floor(-east), -_floor(-north))


def area_of_box(box: Sequence[float] | None, buffer_metres: float) -> Area:
    """Return the box `west, south, east, north` (degrees) and `buffer_metres` around it.

    Raises
    ------
    InputError
        When it is no box: None, not four numbers, beyond the Earth, or with sides the wrong way round. Over the 180th meridian none is.
    """
    box = () if box is None else box
    label = ", ".join(f"{side:.10g}" for side in box)
    if len(box) != 4 or not all(map(math.isfinite, box)):
        raise InputError(Fault("bad_box", value=label))
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 < south < north < 90):
        raise InputError(Fault("bad_box", value=label))
    return area_around(label, shapely.box(west, south, east, north), buffer_metres)


def area_around(label: str, shape: shapely.Geometry, buffer_metres: float) -> Area:
    """Return a shape in longitude and latitude, and `buffer_metres` around it, measured in the UTM zone of its centre."""
    if not buffer_metres:
        return Area(label, shape)
    series = gpd.GeoSeries([shape], crs=_LON_LAT)
    in_metres = series.to_crs(series.estimate_utm_crs())
    return Area(label, in_metres.buffer(buffer_metres).to_crs(_LON_LAT).iloc[0], buffer_metres)


def tiles(area: Area) -> tuple[Box, ...]:
    """Cut the box around an area into equal tiles, from south to north and in each row from west to east.

    Raises
    ------
    InputError
        When it is larger than `LARGEST_KM2`.
    """
    west, south, east, north = area.box
    across = math.cos(math.radians((south + north) / 2))
    km2 = (east - west) * (north - south) * across * (_METRES_PER_DEGREE / 1000) ** 2
    if km2 > LARGEST_KM2:
        raise InputError(Fault("area_too_large", value=area.label, details={"km2": km2, "most": LARGEST_KM2}))
    columns = max(1, math.ceil((east - west) * across / TILE_DEGREES))
    rows = max(1, math.ceil((north - south) / TILE_DEGREES))
    lons = np.round(np.linspace(west, east, columns + 1), 7).tolist()
    lats = np.round(np.linspace(south, north, rows + 1), 7).tolist()
    return tuple(
        (lons[column], lats[row], lons[column + 1], lats[row + 1]) for row in range(rows) for column in range(columns)
    )


def _floor(degrees: float) -> float:
    # A hair of rounding must not cost another question.
    return math.floor(round(degrees * 1e4, 3)) / 1e4
