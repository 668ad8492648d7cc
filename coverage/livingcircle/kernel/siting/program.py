"""A problem of covering as a mixed-integer program.

```
x  option open                 binary
z  site gets a new option      binary (the option itself, where a site has only one)
y  demand covered              0 … 1, an integer where it needs two or more
t  share of the worst-off      0 … 1

need · y ≤ Σ x over the options that reach it        Σ z ≤ most_sites        x ≤ z of its site
Σ cost · x + Σ site cost · z ≤ budget                z + z' ≤ 1 for sites too near each other
Σ floor · x ≤ floor of the site · z                  Σ weight · y ≥ least of a floor, or ≥ total · t
```

Every row that a user asked for belongs to a `Condition`, so that a conflict can be told in the user's terms (`conflict`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, csr_array

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.verify import TOLERANCE
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

MOST_OPTIONS_FOR_COVERS = 8
"""Options of a site up to which its minimal covers are written out: at most 70 rows."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something a user asked for: `family` says what sort of constraint, `position` which floor or bound (0 otherwise)."""

    family: str
    position: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Maximise (or minimise) `constant` + cost · v, row_lower ≤ matrix · v ≤ row_upper, lower ≤ v ≤ upper; the first columns are options.

    `condition` (rows,) are positions in `conditions`, -1 for rows that only define what covered or opened means.
    """

    maximise: bool
    constant: float
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    matrix: csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    condition: IntArray
    conditions: tuple[Condition, ...]
    site_column: IntArray
    demand_column: IntArray


@dataclass(slots=True)
class _Rows:
    """Rows as they are gathered."""

    columns: list[IntArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    rows: list[IntArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    condition: list[IntArray] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    count: int = 0

    def one(
        self, columns: ArrayLike, values: ArrayLike, lower: float, upper: float, condition: Condition | None = None
    ) -> None:
        columns = np.asarray(columns)
        self.many(np.zeros(len(columns), int), columns, values, [lower], [upper], condition)

    def many(
        self,
        row: ArrayLike,
        columns: ArrayLike,
        values: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        condition: Condition | None = None,
    ) -> None:
        """Add rows numbered from 0; `lower` and `upper` have one number for each of them."""
        rows = np.asarray(row, np.int64)
        self.rows.append((rows + self.count).astype(np.int32))
        self.columns.append(np.asarray(columns, np.int32))
        self.values.append(np.broadcast_to(np.asarray(values, float), rows.shape))
        lower = np.asarray(lower, float)
        self.lower.append(lower)
        self.upper.append(np.asarray(upper, float))
        number = -1
        if condition is not None:
            if condition not in self.conditions:
                self.conditions.append(condition)
            number = self.conditions.index(condition)
        self.condition.append(np.full(len(lower), number, np.int32))
        self.count += len(lower)


def program(problem: CoveringProblem, *, tight: bool = True) -> Program:
    """Write the program of a problem whose weights are positive; `tight` adds rows that only make its relaxation a better bound."""
    options = problem.options
    new = (problem.state == OptionState.FREE) | (problem.state == OptionState.REQUIRED)
    site_column, several = _site_columns(problem, new)
    columns = options + len(several)
    counted, constant = _counted(problem)
    demand_column = np.full(len(problem.weight), -1, np.int32)
    demand_column[counted] = columns + np.arange(len(counted), dtype=np.int32)
    columns += len(counted)
    share_column = columns
    columns += problem.objective == "best_worst_share"
    rows = _Rows()
    _define_covered(rows, problem, counted, demand_column)
    _define_opened(rows, problem, new, several, site_column)
    _bind_sites(rows, problem, new, site_column, tight=tight)
    _bind_money(rows, problem, new, site_column)
    _bind_floors(rows, problem, demand_column, share_column)
    lower, upper = np.zeros(columns), np.ones(columns)
    upper[:options][problem.state == OptionState.FORBIDDEN] = 0
    required = np.flatnonzero(problem.state == OptionState.REQUIRED)
    if len(required):
        each = np.arange(len(required))
        rows.many(each, required, 1.0, np.ones(len(required)), np.full(len(required), np.inf), Condition("required"))
    if problem.objective == "best_worst_share":
        upper[share_column] = _best_share(problem)
    integer = np.ones(columns, bool)
    integer[demand_column[counted]] = problem.need[counted] > 1
    integer[share_column:] = False
    cost = np.zeros(columns)
    new_options = np.flatnonzero(new)
    has_column = np.flatnonzero(site_column >= 0)
    if problem.objective == "most_covered":
        cost[demand_column[counted]] = problem.weight[counted]
    elif problem.objective == "least_cost":
        cost[new_options] = problem.cost_wan_yuan[new_options]
        np.add.at(cost, site_column[has_column], problem.site_cost_wan_yuan[has_column])
    elif problem.objective == "fewest_sites":
        cost[site_column[has_column]] = 1
    else:
        cost[share_column] = 1
    return Program(
        maximise=problem.objective in ("most_covered", "best_worst_share"),
        constant=constant,
        cost=cost,
        lower=lower,
        upper=upper,
        integer=integer,
        matrix=csr_array(
            coo_array(
                (np.concatenate(rows.values), (np.concatenate(rows.rows), np.concatenate(rows.columns))),
                shape=(rows.count, columns),
            )
        ),
        row_lower=np.concatenate(rows.lower),
        row_upper=np.concatenate(rows.upper),
        condition=np.concatenate(rows.condition),
        conditions=tuple(rows.conditions),
        site_column=site_column,
        demand_column=demand_column,
    )


def start_values(problem: CoveringProblem, written: Program, opened: IntArray) -> FloatArray:
    """Return the values of all columns that belong to a choice of options."""
    values = np.zeros(len(written.cost))
    values[opened] = 1
    new = opened[problem.state[opened] != OptionState.EXISTING]
    column = written.site_column[problem.site[new]]
    values[column[column >= 0]] = 1
    covered = problem.covered(opened) & (written.demand_column >= 0)
    values[written.demand_column[covered]] = 1
    if problem.objective == "best_worst_share":
        reached = problem.covered(opened)
        shares = [
            (floor.already + problem.weight[floor.demand[reached[floor.demand]]].sum()) / floor.total_weight
            for floor in problem.floors
            if floor.total_weight > 0
        ]
        values[-1] = min(shares, default=1.0)
    return values


def _site_columns(problem: CoveringProblem, new: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the column that says whether a site gets a new option (sites,), -1 for none, and the sites with a column of their own."""
    here = np.flatnonzero(new)
    count = np.bincount(problem.site[here], minlength=len(problem.site_floor_m2))
    column = np.full(len(count), -1, np.int32)
    single = here[count[problem.site[here]] == 1]
    column[problem.site[single]] = single
    several = np.flatnonzero(count > 1).astype(np.int32)
    column[several] = problem.options + np.arange(len(several), dtype=np.int32)
    return column, several


def _counted(problem: CoveringProblem) -> tuple[IntArray, float]:
    """Return the demands that need a column, and what is covered whatever is chosen."""
    covered = problem.need <= 0
    counted = ~covered
    if problem.objective != "most_covered":
        inside = np.zeros(len(covered), bool)
        for floor in problem.floors:
            inside[floor.demand] = True
        return np.flatnonzero(counted & inside).astype(np.int32), 0.0
    return np.flatnonzero(counted).astype(np.int32), float(problem.weight[covered].sum())


def _best_share(problem: CoveringProblem) -> float:
    """Return the share that the worst-off group had if every demand were covered."""
    shares = [
        (floor.already + problem.weight[floor.demand].sum()) / floor.total_weight
        for floor in problem.floors
        if floor.total_weight > 0
    ]
    return float(min(shares, default=1.0))


def _define_covered(rows: _Rows, problem: CoveringProblem, counted: IntArray, demand_column: IntArray) -> None:
    row_of = np.full(len(problem.weight), -1, np.int32)
    row_of[counted] = np.arange(len(counted))
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    row = row_of[problem.demand]
    inside = row >= 0
    rows.many(
        np.concatenate([row_of[counted], row[inside]]),
        np.concatenate([demand_column[counted], option[inside]]),
        np.concatenate([problem.need[counted].astype(float), np.full(int(inside.sum()), -1.0)]),
        np.full(len(counted), -np.inf),
        np.zeros(len(counted)),
    )


def _define_opened(
    rows: _Rows, problem: CoveringProblem, new: BoolArray, several: IntArray, site_column: IntArray
) -> None:
    """Say when a site with several new options is opened: x ≤ z, and z ≤ Σ x."""
    shared = np.zeros(len(site_column), bool)
    shared[several] = True
    inside = np.flatnonzero(new & shared[problem.site])
    each = np.arange(len(inside))
    columns = np.concatenate([inside, site_column[problem.site[inside]]])
    values = np.repeat([1.0, -1.0], len(inside))
    rows.many(np.tile(each, 2), columns, values, np.full(len(inside), -np.inf), np.zeros(len(inside)))
    number = np.full(len(site_column), -1)
    number[several] = np.arange(len(several))
    rows.many(
        np.concatenate([np.arange(len(several)), number[problem.site[inside]]]),
        np.concatenate([site_column[several], inside]),
        np.concatenate([np.ones(len(several)), np.full(len(inside), -1.0)]),
        np.full(len(several), -np.inf),
        np.zeros(len(several)),
    )


def _bind_sites(rows: _Rows, problem: CoveringProblem, new: BoolArray, site_column: IntArray, *, tight: bool) -> None:
    opened = site_column[site_column >= 0]
    if problem.most_sites is not None:
        rows.one(opened, 1.0, -np.inf, problem.most_sites, Condition("sites"))
    existing = np.flatnonzero(problem.state == OptionState.EXISTING)
    if len(existing):
        rows.one(existing, 1.0, len(existing) - max(problem.most_closed, 0), np.inf, Condition("closed"))
    pairs = site_column[problem.apart].reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    if len(pairs):
        for clique in _cliques(pairs):
            rows.one(clique, 1.0, -np.inf, 1.0, Condition("apart"))
    holds = problem.state != OptionState.FORBIDDEN
    wanted_m2 = np.bincount(problem.site[holds], problem.floor_m2[holds], len(site_column))
    for site in np.flatnonzero(wanted_m2 > problem.site_floor_m2):
        there = np.flatnonzero(holds & (problem.site == site))
        rows.one(
            there, problem.floor_m2[there], -np.inf, float(problem.site_floor_m2[site]), Condition("area", int(site))
        )
        if tight and new[there].all() and len(there) > 1:
            _tighten_area(rows, problem, int(site), there.astype(np.int32), int(site_column[site]))


def _tighten_area(rows: _Rows, problem: CoveringProblem, site: int, there: IntArray, column: int) -> None:
    """Σ floor · x ≤ floor of the site · z, and at small sites: no set of options that is too large is opened whole (minimal covers)."""
    most_m2 = float(problem.site_floor_m2[site])
    need_m2 = problem.floor_m2[there]
    fits = need_m2 <= most_m2
    rows.one(np.append(there, column), np.append(need_m2, -most_m2), -np.inf, 0.0, Condition("area", site))
    if len(there) > MOST_OPTIONS_FOR_COVERS:
        return
    for size in range(2, len(there) + 1):
        for chosen in combinations(np.flatnonzero(fits), size):
            floor_m2 = need_m2[list(chosen)]
            if floor_m2.sum() > most_m2 * (1 + TOLERANCE) >= floor_m2.sum() - floor_m2.min():
                values = np.append(np.ones(size), 1.0 - size)
                rows.one(np.append(there[list(chosen)], column), values, -np.inf, 0.0, Condition("area", site))


def _cliques(pairs: IntArray) -> Iterable[list[int]]:
    """Cover pairs that exclude each other by sets of which any two do: one row for each is tighter than one for each pair."""
    near: dict[int, set[int]] = {}
    for one, other in pairs.tolist():
        if one != other:
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
    done: set[tuple[int, int]] = set()
    for one in sorted(near):
        for other in sorted(near[one]):
            if other < one or (one, other) in done:
                continue
            clique = [one, other]
            shared = near[one] & near[other]
            while shared:
                another = min(shared)
                clique.append(another)
                shared = shared & near[another]
            clique.sort()
            done.update(combinations(clique, 2))
            yield clique


def _bind_money(rows: _Rows, problem: CoveringProblem, new: BoolArray, site_column: IntArray) -> None:
    here = np.flatnonzero(new)
    opened = np.flatnonzero(site_column >= 0)
    if problem.budget_wan_yuan is not None:
        rows.one(
            np.concatenate([here, site_column[opened]]),
            np.concatenate([problem.cost_wan_yuan[here], problem.site_cost_wan_yuan[opened]]),
            -np.inf,
            problem.budget_wan_yuan,
            Condition("budget"),
        )
    for position, bound in enumerate(problem.bounds):
        counted = site_column[bound.site] >= 0
        columns = np.concatenate([bound.option, site_column[bound.site[counted]]])
        amounts = np.concatenate([bound.amount, bound.site_amount[counted]])
        rows.one(columns, amounts, bound.least, bound.most, Condition("bound", position))


def _bind_floors(rows: _Rows, problem: CoveringProblem, demand_column: IntArray, share_column: int) -> None:
    for position, floor in enumerate(problem.floors):
        inside = floor.demand
        sure = float(problem.weight[inside[problem.need[inside] <= 0]].sum())
        columns = demand_column[inside[problem.need[inside] > 0]]
        weight = problem.weight[inside[problem.need[inside] > 0]]
        if floor.least_weight > sure:
            rows.one(columns, weight, floor.least_weight - sure, np.inf, Condition("floor", position))
        if problem.objective == "best_worst_share" and floor.total_weight > 0:
            values = np.append(weight / floor.total_weight, -1.0)
            least = -(floor.already + sure) / floor.total_weight
            rows.one(np.append(columns, share_column), values, least, np.inf)
