"""Plans by years against every sequence of years, and what a later year may never undo."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covering_cases import covering
from livingcircle.errors import SitingError
from livingcircle.kernel.siting.phases import YearLimit, phased
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve import solve_covering


def in_years(rows, weight, years, **given):
    """A problem with an option for each of `rows` and year; demands of year k are numbered k · demands + demand, of equal weight."""
    demands = len(weight)
    laid = [
        {later * demands + one for later in range(year, years) for one in row} for year in range(years) for row in rows
    ]
    columns = {name: value * years for name, value in given.items() if name in ("site", "cost_wan_yuan", "floor_m2")}
    site = columns.pop("site", list(range(len(rows))) * years)
    rest = {name: value for name, value in given.items() if name not in columns and name != "site"}
    problem = covering(laid, list(np.tile(weight, years) / years), site=site, **columns, **rest)
    return problem, np.repeat(np.arange(years, dtype=np.int32), len(rows))


def best_of_all(rows, weight, years, limits, site, cost, site_cost):
    """Try every year, or none, for every option."""
    best = -1.0
    for built in product(range(years + 1), repeat=len(rows)):  # `years` is never
        when = {}
        fits = True
        for option, year in enumerate(built):
            if year < years:
                fits &= when.setdefault(site[option], year) == year
        for year, limit in enumerate(limits):
            there = [place for place, own in when.items() if own == year]
            spent = sum(cost[option] for option, own in enumerate(built) if own == year)
            spent += sum(site_cost[place] for place in there)
            fits &= limit.most_sites is None or len(there) <= limit.most_sites
            fits &= limit.budget_wan_yuan is None or spent <= limit.budget_wan_yuan
        if fits:
            total = 0.0
            for year in range(years):
                reached = set().union(*(rows[option] for option, own in enumerate(built) if own <= year))
                total += sum(weight[one] for one in reached) / years
            best = max(best, total)
    return best


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_best_of_all_years_together(data):
    options, demands, years = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6)), data.draw(st.integers(1, 3))
    rows = [data.draw(st.sets(st.integers(0, demands - 1))) for _ in range(options)]
    numbers = lambda least, most, count: data.draw(st.lists(st.integers(least, most), min_size=count, max_size=count))  # noqa: E731
    weight, cost = numbers(1, 9, demands), [float(one) for one in numbers(0, 5, options)]
    site = numbers(0, options - 1, options)
    site_cost = [float(one) for one in numbers(0, 5, max(site) + 1)]
    maybe = lambda most: data.draw(st.none() | st.integers(0, most))  # noqa: E731
    limits = [YearLimit(maybe(2), maybe(9)) for _ in range(years)]
    problem, year = in_years(rows, weight, years, site=site, cost_wan_yuan=cost, site_cost_wan_yuan=site_cost)
    problem = phased(problem, year, limits)
    solution = solve_covering(problem, Watch(30))
    assert solution.value == pytest.approx(best_of_all(rows, weight, years, limits, site, cost, site_cost), abs=1e-6)
    opened = [set((solution.opened[year[solution.opened] <= one] % options).tolist()) for one in range(years)]
    assert all(before <= after for before, after in pairwise(opened)), "each year extends the last"


def test_a_year_that_is_too_poor_is_named():
    problem, year = in_years([{0}], [5], 2, cost_wan_yuan=[8.0])
    problem = phased(problem, year, [YearLimit(budget_wan_yuan=2.0), YearLimit(budget_wan_yuan=7.0)])
    assert not len(solve_covering(problem, Watch(10)).opened)
    state = problem.state.copy()
    state[1] = 1
    with pytest.raises(SitingError) as raised:
        solve_covering(replace(problem, state=state), Watch(10), names={"year_budget": ["2026", "2027"]})
    assert "“budget of 2027 (10,000 yuan)” of at most 7" in raised.value.report("en")
    assert "8 is the nearest it can be" in raised.value.report("en")


def test_sites_too_near_each_other_stay_so_over_the_years():
    problem, year = in_years([{0}, {1}], [5, 4], 2, apart=np.array([[0, 1]], np.int32))
    problem = phased(problem, year, [YearLimit(), YearLimit()])
    solution = solve_covering(problem, Watch(10))
    assert solution.value == 5
    assert solution.opened.tolist() == [0]
