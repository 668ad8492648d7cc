"""Small problems of covering with whatever may bind them, and every choice there is."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from livingcircle.kernel.siting.covering import Bound, CoveringProblem, Floor, OptionState
from livingcircle.kernel.siting.verify import broken, value_of

FREE, REQUIRED, FORBIDDEN, EXISTING = OptionState


def covering(rows, weight, **given) -> CoveringProblem:
    """A problem from the demands of each option; what is not given does not bind."""
    options = len(rows)
    site = np.asarray(given.pop("site", np.arange(options)), np.int32)
    sites = int(site.max(initial=-1)) + 1
    columns = {
        "weight": np.asarray(weight, float),
        "need": np.ones(len(weight), np.int32),
        "indptr": np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32),
        "demand": np.asarray([one for row in rows for one in sorted(row)], np.int32),
        "site": site,
        "service": np.zeros(options, np.int32),
        "cost_wan_yuan": np.zeros(options),
        "floor_m2": np.zeros(options),
        "state": np.zeros(options, np.int8),
        "site_cost_wan_yuan": np.zeros(sites),
        "site_floor_m2": np.full(sites, np.inf),
    }
    kinds = {name: column.dtype for name, column in columns.items()}
    for name, value in given.items():
        columns[name] = np.asarray(value, kinds[name]) if name in kinds else value
    return CoveringProblem(**columns)


def choices(problem: CoveringProblem):
    """Every choice that meets every condition."""
    for picked in product((False, True), repeat=problem.options):
        opened = np.flatnonzero(picked).astype(np.int32)
        if next(broken(problem, opened), None) is None:
            yield opened


def best_value(problem: CoveringProblem) -> float | None:
    """The value of the best choice, None if there is none."""
    values = [value_of(problem, opened) for opened in choices(problem)]
    if not values:
        return None
    return max(values) if problem.objective in ("most_covered", "best_worst_share") else min(values)


def feasible(problem: CoveringProblem) -> bool:
    return next(choices(problem), None) is not None


@st.composite
def problems(draw, most_options=7, objectives=("most_covered", "least_cost", "fewest_sites", "best_worst_share")):
    """Any mixture of constraints over a few options and demands."""
    options = draw(st.integers(1, most_options))
    demands = draw(st.integers(1, 8))
    some = lambda least, most, count: draw(st.lists(st.integers(least, most), min_size=count, max_size=count))  # noqa: E731
    rows = [draw(st.sets(st.integers(0, demands - 1))) for _ in range(options)]
    weight = some(1, 9, demands)
    site = some(0, max(0, options - 1), options) if draw(st.booleans()) else list(range(options))
    sites = max(site) + 1
    given = {"site": site, "cost_wan_yuan": some(0, 9, options), "objective": draw(st.sampled_from(objectives))}
    if draw(st.booleans()):
        given["need"] = some(0, 3, demands)
    if draw(st.booleans()):
        given["site_cost_wan_yuan"] = some(0, 5, sites)
    if draw(st.booleans()):
        given["floor_m2"] = some(0, 50, options)
        given["site_floor_m2"] = some(20, 100, sites)
    if draw(st.booleans()):
        given["state"] = [
            draw(st.sampled_from([FREE, FREE, FREE, REQUIRED, FORBIDDEN, EXISTING])) for _ in range(options)
        ]
        given["most_closed"] = draw(st.integers(0, 2))
    if draw(st.booleans()):
        given["most_sites"] = draw(st.integers(0, options))
    if draw(st.booleans()):
        given["budget_wan_yuan"] = float(draw(st.integers(0, 25)))
    if sites > 1 and draw(st.booleans()):
        pairs = draw(st.lists(st.lists(st.integers(0, sites - 1), min_size=2, max_size=2, unique=True), max_size=4))
        given["apart"] = np.array(pairs, np.int32).reshape(-1, 2)
    if draw(st.booleans()):
        given["bounds"] = tuple(draw(bounds(options, sites)) for _ in range(draw(st.integers(1, 2))))
    floors = 1 if given["objective"] == "best_worst_share" else 0
    floors = draw(st.integers(floors, 2))
    given["floors"] = tuple(draw(floor(weight)) for _ in range(floors))
    return covering(rows, weight, **given)


@st.composite
def bounds(draw, options, sites):
    option = sorted(draw(st.sets(st.integers(0, options - 1), min_size=1)))
    site = sorted(draw(st.sets(st.integers(0, sites - 1)))) if draw(st.booleans()) else []
    amounts = draw(st.lists(st.integers(-2, 6), min_size=len(option) + len(site), max_size=len(option) + len(site)))
    least = draw(st.sampled_from([-np.inf, 1, 3]))
    return Bound(
        "bound",
        -1,
        np.array(option, np.int32),
        np.array(amounts[: len(option)], float),
        least,
        draw(st.sampled_from([np.inf, max(least, 4.0), max(least, 8.0)])),
        np.array(site, np.int32),
        np.array(amounts[len(option) :], float),
    )


@st.composite
def floor(draw, weight):
    demand = sorted(draw(st.sets(st.integers(0, len(weight) - 1), min_size=1)))
    inside = float(sum(weight[one] for one in demand))
    already = float(draw(st.integers(0, 5)))
    asked = draw(st.sampled_from([0.0, 0.3, 0.6, 1.0]))
    return Floor(
        "floor", 0, np.array(demand, np.int32), asked * inside, inside + already + draw(st.integers(0, 3)), already
    )


@st.composite
def plain_problems(draw, most_options=7):
    """Maximal covering with nothing beside it but sites, money and states."""
    options, demands = draw(st.integers(1, most_options)), draw(st.integers(1, 8))
    rows = [draw(st.sets(st.integers(0, demands - 1))) for _ in range(options)]
    whole = lambda least, most, count: draw(st.lists(st.integers(least, most), min_size=count, max_size=count))  # noqa: E731
    given = {"need": whole(0, 1, demands), "cost_wan_yuan": whole(0, 9, options)}
    given["state"] = [draw(st.sampled_from([FREE, FREE, FREE, REQUIRED, FORBIDDEN, EXISTING])) for _ in range(options)]
    if draw(st.booleans()):
        given["most_sites"] = draw(st.integers(0, options))
    if draw(st.booleans()):
        given["budget_wan_yuan"] = float(draw(st.integers(0, 25)))
    return covering(rows, whole(1, 9, demands), **given)
