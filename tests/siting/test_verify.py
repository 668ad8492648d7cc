"""Each claim of a solution is checked: one thing broken at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from covering_cases import EXISTING, FORBIDDEN, FREE, REQUIRED, covering
from livingcircle.kernel.siting.covering import Bound, Floor
from livingcircle.kernel.siting.solution import Solution
from livingcircle.kernel.siting.verify import verify

ROWS = [{0}, {1}, {2}, {3}]
WEIGHT = [4, 3, 2, 1]


def opened(*options: int) -> np.ndarray:
    return np.array(options, np.int32)


@pytest.mark.parametrize(
    ("given", "chosen", "said"),
    [
        ({}, (1, 0), "ascending"),
        ({}, (0, 0), "ascending"),
        ({}, (0, 9), "ascending"),
        ({"state": [FORBIDDEN, FREE, FREE, FREE]}, (0,), "forbidden"),
        ({"state": [REQUIRED, FREE, FREE, FREE]}, (1,), "required"),
        ({"state": [EXISTING, EXISTING, FREE, FREE], "most_closed": 1}, (2,), "2 existing options are closed"),
        ({"most_sites": 1}, (0, 1), "2 sites are opened"),
        ({"budget_wan_yuan": 5.0, "cost_wan_yuan": [3, 3, 0, 0]}, (0, 1), "costs 6"),
        ({"budget_wan_yuan": 5.0, "site_cost_wan_yuan": [3, 3, 0, 0]}, (0, 1), "costs 6"),
        ({"budget_wan_yuan": 5.0, "cost_wan_yuan": [np.nan, 3, 0, 0]}, (0,), "costs nan"),
        ({"site": [0, 0, 1, 1], "floor_m2": [6, 6, 1, 1], "site_floor_m2": [10, 10]}, (0, 1), "floor area"),
        ({"apart": np.array([[0, 1]], np.int32)}, (0, 1), "too near"),
        ({"bounds": (Bound("year", 0, opened(0, 1), np.array([2.0, 2.0]), most=3),)}, (0, 1), "year 0"),
        ({"bounds": (Bound("m2", 1, opened(0, 1), np.array([2.0, 2.0]), least=3),)}, (0,), "m2 1"),
        ({"bounds": (Bound("s", 2, opened(), np.zeros(0), 2, 9, opened(0), np.ones(1)),)}, (0,), "s 2"),
        ({"floors": (Floor("floor", 7, opened(0, 1), 5.0, 7.0),)}, (0,), "floor 7"),
    ],
)
def test_a_broken_constraint_is_named(given, chosen, said):
    problem = covering(ROWS, WEIGHT, **given)
    value = float(sum(WEIGHT[one] for one in chosen if one < 4))
    with pytest.raises(AssertionError, match=said):
        verify(problem, Solution(opened(*chosen), value, value, 0.0, "optimal"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": 8.0, "bound": 8.0}, "the value is 7"),
        ({"bound": 6.0, "gap": 1 / 6}, "better than its bound"),
        ({"bound": np.inf, "gap": np.nan}, "better than its bound"),
        ({"bound": 10.0, "gap": 0.1, "status": "feasible"}, "the gap is said"),
        ({"bound": 10.0, "gap": 0.3}, "said to be optimal"),
        ({"status": "infeasible"}, "said to be infeasible"),
    ],
)
def test_a_wrong_number_is_named(changes, said):
    problem = covering(ROWS, WEIGHT, most_sites=2)
    right = Solution(opened(0, 1), 7.0, 7.0, 0.0, "optimal")
    verify(problem, right)
    with pytest.raises(AssertionError, match=said):
        verify(problem, replace(right, **changes))


def test_the_worst_share_counts_what_is_covered_already():
    floors = (Floor("floor", 0, opened(0, 1), 0.0, 10.0, 3.0), Floor("floor", 1, opened(2), 0.0, 2.0))
    problem = covering(ROWS, WEIGHT, objective="best_worst_share", floors=floors)
    verify(problem, Solution(opened(0, 2), 0.7, 1.0, 0.3, "feasible"))
    with pytest.raises(AssertionError, match=r"the value is 0\.7"):
        verify(problem, Solution(opened(0, 2), 0.9, 1.0, 0.1, "feasible"))


def test_less_is_better_where_money_counts():
    problem = covering(ROWS, WEIGHT, objective="least_cost", cost_wan_yuan=[3, 3, 3, 3])
    verify(problem, Solution(opened(0), 3.0, 2.0, 0.5, "feasible"))
    with pytest.raises(AssertionError, match="better than its bound"):
        verify(problem, Solution(opened(0), 3.0, 4.0, 0.25, "feasible"))
