"""The problem of serving, as it is asked: who walks to which site, how far, and how many a site can take.

The family of the p-median (Hakimi 1964, Operations Research 12:450-459; ReVelle and Swain 1970, Geographical Analysis 2:30-42), the
p-center (Hakimi 1964) and covering with capacities (Current and Storbeck 1988, Environment and Planning B 15:153-163), over one table of
costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livingcircle.model.columns import FloatArray, IntArray, SmallArray

ServingObjective = Literal["least_total", "least_worst", "most_served"]
"""The p-median: least Σ weight × cost; the p-center: least greatest cost; covering with capacities: most weight served, then least cost."""


@dataclass(frozen=True, slots=True, eq=False)
class ServingProblem:
    """Demands, options and what it costs the one to use the other.

    `weight` (d,) are people, all of whom a demand sends to one option or, where options have a capacity, to several. Option
    `option[indptr[i]:indptr[i + 1]]` serves demand i at `cost` (walk seconds); what is not listed cannot. `unserved_cost` (d,) is what a
    demand costs if nobody serves it: `inf` where it has to be served. `state` (o,) is one of `OptionState`: existing ones stay open and
    are no new sites. `capacity` (o,) in people is `inf` without limit. At most `most_sites` free options are opened, for no more than
    `budget_wan_yuan` at `cost_wan_yuan` (o,) each.
    """

    weight: FloatArray
    indptr: IntArray
    option: IntArray
    cost: FloatArray
    unserved_cost: FloatArray
    state: SmallArray
    capacity: FloatArray
    cost_wan_yuan: FloatArray
    objective: ServingObjective = "least_total"
    most_sites: int | None = None
    budget_wan_yuan: float | None = None

    @property
    def options(self) -> int:
        """Number of options."""
        return len(self.state)
