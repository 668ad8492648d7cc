"""How far coverage moves when assumptions do: which were moved, how far, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import CoverageTable
from livingcircle.model.walker import CrossingSeconds

Parameter = Literal["speed", "crossing", "gates", "join_cap"]
Side = Literal["base", "favourable", "unfavourable"]

LONG_WAITS = CrossingSeconds(signal=30.0, zebra=5.0, tertiary=5.0, secondary=15.0, primary=30.0)
"""Waits at crossings as long as a study is likely to state them (docs/walkers.md): the unfavourable side where nothing else is declared."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """From which to which value each assumption is moved, the favourable one first; both ends alike hold it still.

    `gates` says whether compounds with unknown gates also count with one gate each. A parameter's own value lies between its ends.
    """

    speed_metres_per_second: tuple[float, float]
    crossing: tuple[CrossingSeconds, CrossingSeconds]
    join_cap_metres: tuple[float, float]
    gates: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One set of assumptions that coverage is computed under; `moved` are those that differ from the study's own.

    `one_gate` tells whether compounds with unknown gates have a single gate each instead of what the study assumes.
    """

    moved: tuple[Parameter, ...]
    side: Side
    speed_metres_per_second: float
    crossing: CrossingSeconds
    join_cap_metres: float
    one_gate: bool


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The residents covered under every member, in the rows of `coverage`, the table the first member, the study itself, was counted in.

    `residents_covered` (m, c) holds a row per member.
    """

    coverage: CoverageTable
    members: tuple[Member, ...]
    residents_covered: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Return the share of residents covered (m, c); NaN where a district holds none."""
        shares = np.full(self.residents_covered.shape, np.nan)
        np.divide(self.residents_covered, self.coverage.residents, out=shares, where=self.coverage.residents > 0)
        return shares

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters that were moved on their own, in the order of members."""
        return tuple(dict.fromkeys(member.moved[0] for member in self.members if len(member.moved) == 1))

    def spread(self, parameter: Parameter) -> tuple[FloatArray, FloatArray]:
        """Return the lowest and the highest share (c,) when this parameter alone is moved, the study's own value among them."""
        alone = [number for number, member in enumerate(self.members) if member.moved in ((), (parameter,))]
        shares = self.shares[alone]
        return shares.min(axis=0), shares.max(axis=0)

    def drivers(self) -> FloatArray:
        """Return how far each of the parameters alone moves the share (p, c): highest less lowest."""
        spreads = [self.spread(parameter) for parameter in self.parameters]
        return np.array([high - low for low, high in spreads]).reshape(len(spreads), len(self.coverage))
