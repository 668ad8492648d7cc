"""The problem of covering, as it is asked: which options reach whom, what they cost, what binds the choice.

One record holds the family that starts from the maximal covering location problem (MCLP; Church and ReVelle 1974, Papers of the Regional
Science Association 32:101-118): the set covering problem (LSCP; Toregas, Swain, ReVelle and Bergman 1971, Operations Research 19:1363-1373)
and partial covering, backup coverage (Hogan and ReVelle 1986, Management Science 32:1434-1444), tiers of 5, 10 and 15 minutes, floors and
the best worst share, several services within one building, plans in years, and moving what is there.

```
option  one service at one site, perhaps in one year        (o columns)
demand  the people of a home who want a service in a tier   (d rows)
site    a building or plot that holds options               (s)
```
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np

from livingcircle.model.columns import BoolArray, FloatArray, IntArray, SmallArray

Objective = Literal["most_covered", "least_cost", "fewest_sites", "best_worst_share"]
"""Most weight covered; least cost in 万元; fewest sites opened; the highest share reached by the worst-off of the `floors`' groups."""


class OptionState(IntEnum):
    """What is already decided about an option."""

    FREE = 0
    REQUIRED = 1
    """It is opened whatever else is."""
    FORBIDDEN = 2
    EXISTING = 3
    """It is open, costs nothing, counts as no new site, and may be closed if `most_closed` lets it."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """Σ `amount` over the open ones of `option` + Σ `site_amount` over those of `site` with a new option is within `least` and `most`.

    `rule` is a key of the words it is told in (`budget`, `sites_of_service`, `floor_area_short`, `presence`, `year_budget` …), `subject`
    the position of what it is about (a service, district, year), -1 for none.
    """

    rule: str
    subject: int
    option: IntArray
    amount: FloatArray
    least: float = -np.inf
    most: float = np.inf
    site: IntArray = field(default_factory=lambda: np.empty(0, np.int32))
    site_amount: FloatArray = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """At least `least_weight` of the weight of `demand` has to be covered; `total_weight` is what its share is taken of.

    `already` is weight of the group that is covered whatever is chosen and is in no demand.
    """

    rule: str
    subject: int
    demand: IntArray
    least_weight: float
    total_weight: float
    already: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class CoveringProblem:
    """Options, demands, sites and what binds them.

    Demands: `weight` (d,) is what covering one is worth, `need` (d,) how many open options must reach it before it counts (1; 2 for
    backup), what existing facilities that stay already give having been taken off; a demand with `need` ≤ 0 is covered from the start.
    Options: `demand[indptr[o]:indptr[o + 1]]` are the demands option o reaches, each once, ascending; `site` (o,), `service` (o,),
    `cost_wan_yuan` (o,) and `floor_m2` (o,) of the option itself, `state` (o,) one of `OptionState`.
    Sites: `site_cost_wan_yuan` (s,) is paid once if any new option of it opens, `site_floor_m2` (s,) is what its options share (`inf`
    without limit), existing ones included. `apart` (k, 2) are pairs of sites of which at most one may get new options. `most_sites` counts
    sites with a new option.
    """

    weight: FloatArray
    need: IntArray
    indptr: IntArray
    demand: IntArray
    site: IntArray
    service: IntArray
    cost_wan_yuan: FloatArray
    floor_m2: FloatArray
    state: SmallArray
    site_cost_wan_yuan: FloatArray
    site_floor_m2: FloatArray
    apart: IntArray = field(default_factory=lambda: np.empty((0, 2), np.int32))
    objective: Objective = "most_covered"
    most_sites: int | None = None
    budget_wan_yuan: float | None = None
    most_closed: int = 0
    bounds: tuple[Bound, ...] = ()
    floors: tuple[Floor, ...] = ()

    @property
    def options(self) -> int:
        """Number of options."""
        return len(self.indptr) - 1

    def row(self, option: int) -> IntArray:
        """Return the demands that an option reaches."""
        return self.demand[self.indptr[option] : self.indptr[option + 1]]

    def covered(self, opened: IntArray) -> BoolArray:
        """Return the demands (d,) that are covered when these options are open, straight from the problem as it was asked."""
        reached = np.zeros(len(self.weight), np.int32)
        for option in opened:
            reached[self.row(int(option))] += 1
        return np.asarray(reached >= self.need)


def plain_covering(
    weight: FloatArray, indptr: IntArray, demand: IntArray, sites: int, *, need: IntArray | None = None
) -> CoveringProblem:
    """Return the plain maximal covering problem: at most `sites` of the options, each a site of its own without cost or area."""
    options = len(indptr) - 1
    nothing = np.zeros(options)
    return CoveringProblem(
        weight=weight,
        need=np.ones(len(weight), np.int32) if need is None else need,
        indptr=indptr,
        demand=demand,
        site=np.arange(options, dtype=np.int32),
        service=np.zeros(options, np.int32),
        cost_wan_yuan=nothing,
        floor_m2=nothing,
        state=np.zeros(options, np.int8),
        site_cost_wan_yuan=nothing,
        site_floor_m2=np.full(options, np.inf),
        most_sites=sites,
    )
