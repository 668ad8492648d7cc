"""Bounds before any relaxation: by hand, and never better than the best of all choices there are."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest

from livingcircle.kernel.siting.covering import CoveringProblem, Floor, plain_covering
from livingcircle.kernel.siting.first_bound import first_bound
from livingcircle.kernel.siting.verify import broken, value_of

ROWS = ([0, 1, 2], [2, 3], [3, 4, 5], [5], [0, 4])


def _problem(**changes: object) -> CoveringProblem:
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in ROWS])]).astype(np.int32)
    plain = plain_covering(np.array([5.0, 1, 2, 4, 3, 6]), indptr, np.concatenate(ROWS).astype(np.int32), 2)
    return replace(plain, **changes)  # type: ignore[arg-type]


def _floor(least: float) -> Floor:
    return Floor("share", 0, np.arange(6, dtype=np.int32), least, 21.0)


def test_the_largest_givers_limit_what_is_covered() -> None:
    assert first_bound(_problem(most_sites=1)) == pytest.approx(13)  # 4 + 3 + 6
    assert first_bound(_problem(most_sites=2)) == pytest.approx(21)  # 13 + 8
    assert first_bound(_problem(most_sites=2, need=np.full(6, 2, np.int32))) == pytest.approx(10.5)


def test_what_a_floor_asks_for_takes_sites_and_money() -> None:
    asked = _problem(objective="fewest_sites", most_sites=None, floors=(_floor(14.0),))
    assert first_bound(asked) == 2
    money = replace(asked, objective="least_cost", cost_wan_yuan=np.array([8.0, 60, 26, 60, 60]))
    assert first_bound(money) == pytest.approx(8 + 26 * 6 / 13)
    assert first_bound(replace(money, floors=(_floor(0.0),))) == 0


@pytest.mark.parametrize("objective", ["most_covered", "least_cost", "fewest_sites", "best_worst_share"])
@pytest.mark.parametrize("seed", range(6))
def test_no_choice_betters_it(objective: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    counted = objective in ("most_covered", "best_worst_share")
    problem = _problem(
        objective=objective,
        need=random.integers(0, 3, 6).astype(np.int32),
        service=random.integers(0, 2, 5).astype(np.int32),
        site=np.array([0, 0, 1, 2, 2], np.int32),
        site_cost_wan_yuan=random.integers(0, 9, 3).astype(float),
        cost_wan_yuan=random.integers(0, 9, 5).astype(float),
        floor_m2=np.zeros(5),
        site_floor_m2=np.full(3, np.inf),
        state=random.choice([0, 0, 0, 3], 5).astype(np.int8),
        most_sites=2 if counted else None,
    )
    groups = (np.arange(3, dtype=np.int32), np.arange(3, 6, dtype=np.int32))
    everything = problem.covered(np.arange(5, dtype=np.int32))
    floors = []
    for group in groups:
        most = float(problem.weight[group[everything[group]]].sum())
        floors.append(
            Floor("share", len(floors), group, 0.0 if counted else 0.7 * most, float(problem.weight[group].sum()))
        )
    problem = replace(problem, floors=tuple(floors))
    choices = chain.from_iterable(combinations(range(5), count) for count in range(6))
    opened = (np.array(choice, np.int32) for choice in choices)
    values = [value_of(problem, one) for one in opened if next(broken(problem, one), None) is None]
    assert values
    if counted:
        assert max(values) <= first_bound(problem)
    else:
        assert min(values) >= first_bound(problem)
