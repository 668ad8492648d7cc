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
from itertools import combinations

import numpy as np

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.mixed_integer import Condition, Program, Rows
from livingcircle.kernel.siting.verify import TOLERANCE
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

MOST_OPTIONS_FOR_COVERS = 8
"""Options of a site up to which its minimal covers are written out: at most 70 rows."""


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
    rows = Rows()
    _define_covered(rows, problem, counted, demand_column)
    _define_opened(rows, problem, new, several, site_column)
    _bind_sites(rows, problem, new, site_column, tight=tight)
    _bind_money(rows, problem, new, site_column)
    _bind_floors(rows, problem, demand_column, share_column)
    upper = np.ones(columns)
    upper[:options][problem.state == OptionState.FORBIDDEN] = 0
    required = np.flatnonzero(problem.state == OptionState.REQUIRED)
    if len(required):
        each = np.arange(len(required))
        rows.add(np.ones(len(required)), np.inf, (each, required, 1.0), condition=Condition("required"))
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
    return rows.program(
        cost,
        upper,
        integer,
        maximise=problem.objective in ("most_covered", "best_worst_share"),
        constant=constant,
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


def _define_covered(rows: Rows, problem: CoveringProblem, counted: IntArray, demand_column: IntArray) -> None:
    row_of = np.full(len(problem.weight), -1, np.int32)
    row_of[counted] = np.arange(len(counted))
    option = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    row = row_of[problem.demand]
    inside = row >= 0
    rows.add(
        np.full(len(counted), -np.inf),
        0.0,
        (row_of[counted], demand_column[counted], problem.need[counted]),
        (row[inside], option[inside], -1.0),
    )


def _define_opened(
    rows: Rows, problem: CoveringProblem, new: BoolArray, several: IntArray, site_column: IntArray
) -> None:
    """Say when a site with several new options is opened: x ≤ z, and z ≤ Σ x."""
    shared = np.zeros(len(site_column), bool)
    shared[several] = True
    inside = np.flatnonzero(new & shared[problem.site])
    each = np.arange(len(inside))
    column = site_column[problem.site[inside]]
    rows.add(np.full(len(inside), -np.inf), 0.0, (each, inside, 1.0), (each, column, -1.0))
    number = np.full(len(site_column), -1)
    number[several] = np.arange(len(several))
    rows.add(
        np.full(len(several), -np.inf),
        0.0,
        (np.arange(len(several)), site_column[several], 1.0),
        (number[problem.site[inside]], inside, -1.0),
    )


def _bind_sites(rows: Rows, problem: CoveringProblem, new: BoolArray, site_column: IntArray, *, tight: bool) -> None:
    opened = site_column[site_column >= 0]
    if problem.most_sites is not None:
        rows.add(-np.inf, problem.most_sites, (0, opened, 1.0), condition=Condition("sites"))
    existing = np.flatnonzero(problem.state == OptionState.EXISTING)
    if len(existing):
        least = len(existing) - max(problem.most_closed, 0)
        rows.add(least, np.inf, (0, existing, 1.0), condition=Condition("closed"))
    pairs = site_column[problem.apart].reshape(-1, 2)
    pairs = pairs[(pairs >= 0).all(axis=1)]
    if len(pairs):
        for clique in _cliques(pairs):
            rows.add(-np.inf, 1.0, (0, clique, 1.0), condition=Condition("apart"))
    holds = problem.state != OptionState.FORBIDDEN
    wanted_m2 = np.bincount(problem.site[holds], problem.floor_m2[holds], len(site_column))
    for site in np.flatnonzero(wanted_m2 > problem.site_floor_m2):
        there = np.flatnonzero(holds & (problem.site == site))
        entries = (0, there, problem.floor_m2[there])
        rows.add(-np.inf, problem.site_floor_m2[site], entries, condition=Condition("area", int(site)))
        if tight and new[there].all() and len(there) > 1:
            _tighten_area(rows, problem, int(site), there.astype(np.int32), int(site_column[site]))


def _tighten_area(rows: Rows, problem: CoveringProblem, site: int, there: IntArray, column: int) -> None:
    """Σ floor · x ≤ floor of the site · z, and at small sites: no set of options that is too large is opened whole (minimal covers)."""
    most_m2 = float(problem.site_floor_m2[site])
    need_m2 = problem.floor_m2[there]
    fits = need_m2 <= most_m2
    condition = Condition("area", site)
    rows.add(-np.inf, 0.0, (0, there, need_m2), (0, column, -most_m2), condition=condition)
    if len(there) > MOST_OPTIONS_FOR_COVERS:
        return
    for size in range(2, len(there) + 1):
        for chosen in combinations(np.flatnonzero(fits), size):
            floor_m2 = need_m2[list(chosen)]
            if floor_m2.sum() > most_m2 * (1 + TOLERANCE) >= floor_m2.sum() - floor_m2.min():
                entries = (0, there[list(chosen)], 1.0)
                rows.add(-np.inf, 0.0, entries, (0, column, 1.0 - size), condition=condition)


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


def _bind_money(rows: Rows, problem: CoveringProblem, new: BoolArray, site_column: IntArray) -> None:
    here = np.flatnonzero(new)
    opened = np.flatnonzero(site_column >= 0)
    if problem.budget_wan_yuan is not None:
        rows.add(
            -np.inf,
            problem.budget_wan_yuan,
            (0, here, problem.cost_wan_yuan[here]),
            (0, site_column[opened], problem.site_cost_wan_yuan[opened]),
            condition=Condition("budget"),
        )
    for position, bound in enumerate(problem.bounds):
        counted = site_column[bound.site] >= 0
        rows.add(
            bound.least,
            bound.most,
            (0, bound.option, bound.amount),
            (0, site_column[bound.site[counted]], bound.site_amount[counted]),
            condition=Condition("bound", position),
        )


def _bind_floors(rows: Rows, problem: CoveringProblem, demand_column: IntArray, share_column: int) -> None:
    for position, floor in enumerate(problem.floors):
        inside = floor.demand
        sure = float(problem.weight[inside[problem.need[inside] <= 0]].sum())
        columns = demand_column[inside[problem.need[inside] > 0]]
        weight = problem.weight[inside[problem.need[inside] > 0]]
        if floor.least_weight > sure:
            least = floor.least_weight - sure
            rows.add(least, np.inf, (0, columns, weight), condition=Condition("floor", position))
        if problem.objective == "best_worst_share" and floor.total_weight > 0:
            least = -(floor.already + sure) / floor.total_weight
            rows.add(least, np.inf, (0, columns, weight / floor.total_weight), (0, share_column, -1.0))
