"""People beside the homes: in which age groups they are, who could not be placed, and which rows wait for review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.places import Homes
from livingcircle.model.standard import Words


@dataclass(frozen=True, slots=True, eq=False)
class UnplacedPeople(Columns):
    """Population cells whose residents no home could take (u rows), within the extent of the homes.

    `cells` says which cell of the file it is: a row of a layer, or row and column of a raster. `age_groups` is `""` for all residents.
    """

    cells: TextArray
    geometry: GeometryArray
    residents: FloatArray
    age_groups: TextArray


@dataclass(frozen=True, slots=True, eq=False)
class QuarantinedHomes(Columns):
    """Rows of a layer of homes for review (q rows): their numbers cannot be right, or they may be there twice.

    `kept` are those that count all the same: the user has confirmed them, or they are merely pointed out.

    `rows` count as the user's program does; `xy` (q, 2) is in metres of the study's CRS. `reasons` are codes of `REVIEW_REASONS` joined by
    `;`.
    """

    ids: TextArray
    names: TextArray
    rows: IntArray
    xy: FloatArray
    residents: FloatArray
    households: FloatArray
    floor_m2: FloatArray
    reasons: TextArray
    kept: BoolArray


REVIEW_REASONS: Mapping[str, Words] = {
    "many_households": Words("户数过多", "too many households"),
    "many_residents": Words("人数过多", "too many residents"),
    "little_floor": Words("人均面积过小", "too little floor per resident"),
    "much_floor": Words("人均面积过大", "too much floor per resident"),
    "duplicate": Words("同名同址同数，疑为重复", "a copy of an earlier row"),
    "alike": Words("与邻近行同名", "an earlier row near by has its name"),
}
"""Why a row waits for review, by code."""


def _nothing() -> TextArray:
    return np.empty(0, object)


NO_UNPLACED = UnplacedPeople(_nothing(), _nothing(), np.empty(0), _nothing())
NO_QUARANTINED = QuarantinedHomes(
    _nothing(),
    _nothing(),
    np.empty(0, np.int32),
    np.empty((0, 2)),
    np.empty(0),
    np.empty(0),
    np.empty(0),
    _nothing(),
    np.empty(0, bool),
)


@dataclass(frozen=True, slots=True, eq=False)
class AgeCounts:
    """Residents (r, g) of each of g age groups, by home or by cell; a group is called as the user calls it, such as `60+`."""

    groups: tuple[str, ...]
    residents: FloatArray


def no_ages(rows: int) -> AgeCounts:
    """Return the age counts of places whose residents' ages are unknown."""
    return AgeCounts((), np.empty((rows, 0)))


@dataclass(frozen=True, slots=True, eq=False)
class Housing:
    """Where people live, and what has to be reviewed before the figures are relied on."""

    homes: Homes
    unplaced: UnplacedPeople = NO_UNPLACED
    quarantined: QuarantinedHomes = NO_QUARANTINED
