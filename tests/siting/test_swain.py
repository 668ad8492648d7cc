"""Swain's 55 places in Washington D.C.: maximal covering, each plan proven by HiGHS on the whole model as well."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, eye_array, hstack

from livingcircle.kernel.siting.covering import plain_covering
from livingcircle.kernel.siting.maximal import maximal_covering
from livingcircle.kernel.siting.solution import Watch

pytestmark = pytest.mark.real_city


@pytest.fixture(scope="module")
def places(shared_data):
    """Coordinates (55, 2) and people (55,)."""
    path = shared_data / "siting" / "swain.txt"
    if not path.is_file():
        pytest.skip("Swain's places are not on this machine")
    rows = np.loadtxt(path, skiprows=1)
    assert rows.shape == (55, 4)
    return rows[:, 1:3], rows[:, 3]


def best_by_highs(near, people, sites):
    number = len(people)
    covers = hstack([csr_array(-near.T.astype(float)), eye_array(number)])
    within = coo_array((np.ones(number), (np.zeros(number, int), np.arange(number))), shape=(1, 2 * number))
    found = milp(
        np.concatenate([np.zeros(number), -people]),
        integrality=np.concatenate([np.ones(number), np.zeros(number)]),
        bounds=(0, 1),
        constraints=[LinearConstraint(covers, ub=0), LinearConstraint(within, ub=sites)],
        options={"mip_rel_gap": 0},
    )
    return -found.fun


@pytest.mark.parametrize("radius", [5.0, 10.0, 15.0])
def test_every_number_of_sites_is_proven(places, radius):
    xy, people = places
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= radius
    rows = csr_array(near.astype(np.int8))
    covered = []
    for sites in (1, 2, 3, 5, 8, 12, 55):
        solution = maximal_covering(
            plain_covering(people, rows.indptr.astype(np.int32), rows.indices.astype(np.int32), sites), Watch()
        )
        assert solution.status == "optimal"
        assert solution.value == round(best_by_highs(near, people, sites))
        assert len(solution.opened) <= sites
        covered.append(solution.value)
    assert covered[0] == (near * people).sum(axis=1).max()
    assert covered[-1] == people.sum()
    assert covered == sorted(covered)


def test_no_five_sites_drawn_by_lot_cover_more_than_the_bound(places):
    xy, people = places
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 10.0
    rows = csr_array(near.astype(np.int8))
    problem = plain_covering(people, rows.indptr.astype(np.int32), rows.indices.astype(np.int32), 5)
    best = maximal_covering(problem, Watch())
    chance = np.random.default_rng(0)
    for _ in range(200):
        some = chance.choice(55, 5, replace=False)
        assert people[near[some].any(axis=0)].sum() <= best.bound
