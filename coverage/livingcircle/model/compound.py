"""Walled compounds (小区), their gates (大门), and what is left of both once the streets are cut: walls between places and streets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import numpy as np

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray, SmallArray, TextArray


class Passage(IntEnum):
    """Who may pass a gate on foot."""

    NOBODY = 0
    """Locked, for vehicles only, or for emergencies."""
    RESIDENTS = 1
    """With a key or a card: those who live behind it set out through it, visitors do not come in."""
    EVERYONE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Compounds(Columns):
    """Walled compounds, one polygon each (c rows) in metres of the study's CRS; `through` says whether strangers may walk through."""

    ids: TextArray
    names: TextArray
    geometry: GeometryArray
    through: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Gates(Columns):
    """Known gates (g rows): where, who may pass (`Passage`), and when.

    `opens` and `closes` are minutes since midnight, NaN for a gate that never closes; a gate that closes before it opens is open over
    midnight. `compound` is a position in `Compounds`, -1 for a gate of whichever compounds have their wall there.
    """

    xy: FloatArray
    who: SmallArray
    opens: FloatArray
    closes: FloatArray
    compound: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Walls(Columns):
    """What keeps places from the streets beside them: walled `areas`, and the gates (g rows) in them.

    A gate leads from area `inside` to area `outside`, -1 for the open city. Visitors come in by those `arriving` only. Where a gate is
    `on_street`, a street leads through it; the others are reached straight across the area. Facilities behind a wall by less than
    `frontage_metres` are part of it, as shops are: they are entered from the street as well.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"areas"})

    areas: GeometryArray
    gate_xy: FloatArray
    inside: IntArray
    outside: IntArray
    arriving: BoolArray
    on_street: BoolArray
    frontage_metres: float = 0.0


def no_walls() -> Walls:
    """Return the walls of an open city: none."""
    none = np.empty(0, np.int32)
    return Walls(np.empty(0, object), np.empty((0, 2)), none, none.copy(), np.empty(0, bool), np.empty(0, bool))


@dataclass(frozen=True, slots=True, eq=False)
class Enclosures(Columns):
    """What is known of each compound (c rows), and what was assumed.

    `crossings` counts the places where streets pass its wall, `gates` the known gates that can be passed at the hour asked for, `shut`
    those that cannot. `assumed` says that there is none to be passed, so that an assumption took their place.
    """

    crossings: IntArray
    gates: IntArray
    shut: IntArray
    assumed: BoolArray

    @property
    def unknown(self) -> BoolArray:
        """(c,) which compounds have no known gate at all, whose wall is a matter of assumption."""
        none_shut: BoolArray = self.shut == 0
        return self.assumed & none_shut
