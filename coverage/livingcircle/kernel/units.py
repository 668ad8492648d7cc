"""The units that rules are judged in: which homes and facilities belong to each community, sub-district, county or living circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import shapely

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.gauge import WHOLE_STUDY
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.model.places import DistrictLevel, Districts, Homes

AdministrativeLevel = Literal["community", "street", "district"]
DISTRICT_LEVEL: Mapping[str, DistrictLevel] = MappingProxyType(
    {"community": "community", "street": "subdistrict", "district": "county"}
)
"""Which level of districts a clause means by 社区, 街道 and 区(县)."""
CIRCLES: Mapping[str, AdministrativeLevel] = MappingProxyType(
    {"5min": "community", "10min": "community", "15min": "street"}
)
"""Which units stand for the 5-, 10- and 15-minute circles where nobody drew circles: TD/T 1062-2021 lays the 15-minute level out by the
boundary of a sub-district or town, the 5-to-10-minute level by the area of a residents' committee (recalled, not seen in print)."""
WIDTH: Mapping[str, int] = MappingProxyType(
    {"block": 0, "5min": 1, "community": 1, "10min": 2, "15min": 3, "street": 3, "district": 4, "all": 5}
)
"""Which level is the wider one."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Units of one level (k): `position` in `Districts`, -1 for the whole study.

    `home` (r,) and `facility` (f,) are the number of the unit that each lies in, 0 to k - 1, or -1. `geometry` (k,) is None for a study
    without districts, and for a unit put together from others, its `parts`, which are None for any other.
    """

    position: IntArray
    home: IntArray
    facility: IntArray
    geometry: GeometryArray
    parts: Units | None = None

    def __len__(self) -> int:
        return len(self.position)

    def of_homes(self, amount: FloatArray) -> FloatArray:
        """Return the sum (k,) over the homes of each unit."""
        inside = self.home >= 0
        return np.bincount(self.home[inside], amount[inside], minlength=len(self)).astype(float)

    def together(self) -> Units:
        """Return one unit that holds all of these and nothing else: the whole study as the level sees it."""
        return Units(
            position=np.array([WHOLE_STUDY], np.int32),
            home=np.where(self.home >= 0, 0, -1).astype(np.int32),
            facility=np.where(self.facility >= 0, 0, -1).astype(np.int32),
            geometry=np.full(1, None, object),
            parts=self,
        )

    def chosen(self, keep: IntArray) -> Units:
        """Return the units at these numbers, in that order."""
        number = np.full(len(self) + 1, -1, np.int32)  # the last place is for those in no unit
        number[keep] = np.arange(len(keep), dtype=np.int32)
        return Units(self.position[keep], number[self.home], number[self.facility], self.geometry[keep])


def units_at(level: str, districts: Districts, homes: Homes, facility_district: IntArray) -> Units:
    """Return the inhabited districts of a level; none where the study has no districts of it, or the level is a block.

    A home belongs to its own district (`Homes.district`) and those that one is part of, a facility to the district that holds its point,
    `facility_district` (f,), and those that one is part of. Districts in which nobody lives are left out: nothing is laid out for them.
    """
    wanted = DISTRICT_LEVEL.get(level, "")
    position = np.flatnonzero((districts.level == wanted) & (wanted != "")).astype(np.int32)
    number = np.full(len(districts) + 1, -1, np.int32)
    number[position] = np.arange(len(position), dtype=np.int32)
    units = Units(
        position=position,
        home=number[districts.at_level(homes.district, wanted)],
        facility=number[districts.at_level(facility_district, wanted)],
        geometry=districts.geometry[position],
    )
    return units.chosen(np.flatnonzero(units.of_homes(homes.residents) > 0).astype(np.int32))


def drawn_units(level: str, circles: Districts, first: int, homes: Homes, facility_xy: FloatArray) -> Units:
    """Return the inhabited circles that a city drew for a level; none where it drew none.

    `circles` are polygons whose `level` is `5min`, `10min` or `15min`; their positions in results begin at `first`, after the districts. A
    home or a facility belongs to the first circle of the level that holds its point.
    """
    index = np.flatnonzero(circles.level == level).astype(np.int32)
    shapes = circles.geometry[index]
    units = Units(
        position=index + np.int32(first),
        home=district_of(homes.xy, shapes),
        facility=district_of(facility_xy, shapes),
        geometry=shapes,
    )
    return units.chosen(np.flatnonzero(units.of_homes(homes.residents) > 0).astype(np.int32))


def whole_study(districts: Districts, homes: Homes, facility_district: IntArray) -> Units:
    """Return the study as one unit: every home, and the facilities that lie in any district, or all where there are no districts."""
    inside = (facility_district >= 0) | (len(districts) == 0)
    return Units(
        position=np.array([WHOLE_STUDY], np.int32),
        home=np.zeros(len(homes), np.int32),
        facility=np.where(inside, 0, -1).astype(np.int32),
        geometry=_one_geometry(districts.geometry[districts.undivided]),
    )


def _one_geometry(geometry: GeometryArray) -> GeometryArray:
    one = np.full(1, None, object)
    one[0] = shapely.union_all(geometry) if len(geometry) else None
    return one
