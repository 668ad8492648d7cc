"""The fewest sites that cover a share of the people, by maximal covering turned round.

n sites are too few where even the bound on what n of them cover is less than what is asked for, and enough where a choice of n covers it.
Both are asked of `maximal_covering` for a few numbers, by halving what lies between; its search and its relaxation are far better than what
branch and bound finds about one row that adds up everybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.maximal import is_plain, maximal_covering
from livingcircle.kernel.siting.solution import Watch
from livingcircle.kernel.siting.verify import TOLERANCE
from livingcircle.model.columns import IntArray

_SHORT_LOOK, _LONG_LOOK = 5, 10
"""Stages of maximal covering after which a number of sites stays undecided."""

Answer = Literal["enough", "too few", "open"]


def turned_round(problem: CoveringProblem) -> CoveringProblem | None:
    """Return the maximal covering problem of the people that the one floor counts, or None where something else binds the choice."""
    if problem.objective != "fewest_sites" or len(problem.floors) != 1:
        return None
    weight = np.zeros(len(problem.weight))
    inside = problem.floors[0].demand
    weight[inside] = problem.weight[inside]
    sites = problem.options if problem.most_sites is None else problem.most_sites
    turned = replace(problem, objective="most_covered", floors=(), weight=weight, most_sites=sites)
    return turned if is_plain(turned) else None


class Halving:
    """What is known about numbers of sites: `too_few` and all below, `enough` and all above, and the choice that shows it."""

    def __init__(
        self, problem: CoveringProblem, turned: CoveringProblem, watch: Watch, known: tuple[float, float], seed: int
    ) -> None:
        floor = problem.floors[0]
        sure = float(problem.weight[floor.demand[problem.need[floor.demand] <= 0]].sum())
        self.asked = floor.least_weight - sure
        self.slack = 2 * TOLERANCE * max(1.0, abs(floor.least_weight), floor.total_weight)
        self.turned, self.watch, self.seed = turned, watch, seed
        self.value, self.bound = known
        required = int(np.count_nonzero(problem.state == OptionState.REQUIRED))
        most = int(turned.most_sites or 0)
        self.too_few = max(int(self.bound), required) - 1
        self.enough = int(min(self.value, most + 1))
        self.opened: IntArray | None = None
        self.answers: dict[int, Answer] = {}

    def run(self) -> None:
        """Halve first where a choice is found, then where a bound forbids it, and look longer at what is left between."""
        for wanted in ("enough", "too few"):
            low, high = self.too_few, self.enough
            while high - low > 1 and self.watch.remaining_seconds > 0:
                sites = (low + high) // 2
                answer = self.answers.get(sites) or self.look(sites, _SHORT_LOOK)
                if answer == "too few" or (answer == "open" and wanted == "enough"):
                    low = sites
                else:
                    high = sites
        while self.enough - self.too_few > 1 and self.watch.remaining_seconds > 0:
            if self.look(self.enough - 1, _LONG_LOOK) == "open":
                return

    def look(self, sites: int, stages: int) -> Answer:
        """Ask what so many sites cover, until that is decided or so many stages are over."""
        told = 0

        def decided(value: float, bound: float) -> bool:
            nonlocal told
            told += 1
            if self.watch.is_stopped(self.value, self.bound):
                self.watch.stopped = True
            over = value >= self.asked or bound < self.asked - self.slack
            return over or told >= stages or self.watch.stopped

        within = Watch(self.watch.remaining_seconds, is_stopped=decided)
        found = maximal_covering(replace(self.turned, most_sites=sites), within, seed=self.seed)
        if found.value >= self.asked:
            self.opened, self.enough, self.value = found.opened, sites, float(sites)
            answer: Answer = "enough"
        elif found.bound < self.asked - self.slack:
            self.too_few = max(self.too_few, sites)
            self.bound = max(self.bound, float(sites + 1))
            answer = "too few"
        else:
            answer = "open"
        self.answers[sites] = answer
        return answer
