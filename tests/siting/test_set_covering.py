"""The 55 nodes of Washington, D.C. (Swain 1971): fewest sites for all, for most, and the tie between both ways to ask.

If p sites are the fewest that cover everybody, then the best p sites cover everybody and the best p - 1 do not (Church and ReVelle 1974).
The two are solved by different programs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from covering_cases import covering
from livingcircle.kernel.siting.covering import CoveringProblem, Floor
from livingcircle.kernel.siting.maximal import is_plain
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.solve import solve_covering


@pytest.fixture(scope="module")
def nodes(shared_data):
    """Coordinates and weights of the nodes."""
    lines = (shared_data / "siting" / "swain.dat").read_text().split()
    table = np.array([float(one.strip(",")) for one in lines]).reshape(-1, 4)
    assert len(table) == 55
    return table[:, 1:3], table[:, 3]


def within(nodes, distance: float) -> CoveringProblem:
    xy, weight = nodes
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= distance
    return covering([set(np.flatnonzero(row).tolist()) for row in near], weight)


def share_of_all(problem: CoveringProblem, share: float) -> CoveringProblem:
    total = float(problem.weight.sum())
    everybody = np.arange(len(problem.weight), dtype=np.int32)
    return replace(problem, objective="fewest_sites", floors=(Floor("target", -1, everybody, share * total, total),))


@pytest.mark.real_city
@pytest.mark.parametrize("distance", [8.0, 10.0, 12.0, 15.0, 20.0])
def test_fewest_sites_that_cover_everybody(nodes, distance):
    problem = within(nodes, distance)
    fewest = solve_covering(share_of_all(problem, 1.0), Watch(60))
    assert fewest.status == "optimal"
    sites = round(fewest.value)
    assert is_plain(replace(problem, most_sites=sites))
    total = float(problem.weight.sum())
    assert solve_covering(replace(problem, most_sites=sites), Watch(60)).value == pytest.approx(total)
    assert solve_covering(replace(problem, most_sites=sites - 1), Watch(60)).value < total


@pytest.mark.real_city
def test_fewest_sites_that_cover_a_part(nodes):
    problem = within(nodes, 10.0)
    total = float(problem.weight.sum())
    found = []
    for share in (0.5, 0.7, 0.9, 0.95, 1.0):
        solution = solve_covering(share_of_all(problem, share), Watch(60))
        sites = round(solution.value)
        covered = float(problem.weight[problem.covered(solution.opened)].sum())
        best = solve_covering(replace(problem, most_sites=sites), Watch(60)).value
        assert covered == pytest.approx(best, rel=2e-4), "of equally few sites the plan covers most"
        assert covered >= share * total - 1e-6
        if sites > 1:
            assert solve_covering(replace(problem, most_sites=sites - 1), Watch(60)).value < share * total
        found.append(sites)
    assert found == sorted(found)


@pytest.mark.real_city
def test_backup_covers_less_than_cover(nodes):
    problem = replace(within(nodes, 10.0), most_sites=6)
    once = solve_covering(problem, Watch(60)).value
    twice = solve_covering(replace(problem, need=np.full(55, 2, np.int32)), Watch(60))
    assert twice.status == "optimal"
    assert twice.value < once
