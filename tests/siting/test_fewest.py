"""The fewest sites by maximal covering turned round, against all choices there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from covering_cases import best_value, plain_problems
from livingcircle.kernel.siting.covering import Floor
from livingcircle.kernel.siting.fewest import Halving, turned_round
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.verify import broken


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(plain_problems())
def test_halving_brackets_the_fewest_sites(problem):
    problem = replace(problem, most_sites=None, budget_wan_yuan=None)
    everything = problem.covered(np.flatnonzero(problem.state != 2).astype(np.int32))
    inside = np.arange(0, len(problem.weight), 2, dtype=np.int32)
    asked = 0.8 * float(problem.weight[inside[everything[inside]]].sum())
    floor = Floor("share", 0, inside, asked, float(problem.weight[inside].sum()))
    problem = replace(problem, objective="fewest_sites", floors=(floor,))
    turned = turned_round(problem)
    if turned is None:
        return
    best = best_value(problem)
    halving = Halving(problem, turned, Watch(30), (problem.options + 1.0, 0.0), 0)
    halving.run()
    assert halving.too_few < best <= halving.enough
    if halving.opened is not None:
        assert next(broken(problem, halving.opened), None) is None
        assert halving.enough == pytest.approx(best)
