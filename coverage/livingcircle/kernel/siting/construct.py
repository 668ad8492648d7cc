"""A good choice at once, whatever binds it: build by gain, prune, and tear down and rebuild in part.

Building opens the option that gains most for what it uses up of sites and money, first until every floor and bound is met, then for the
objective. A site that would be new counts with all its options that fit. Rebuilding is the large neighbourhood search of Shaw 1998 (CP'98,
LNCS 1520:417-431): a few sites are closed by chance and the rest built again; what is no worse is kept. The number of steps depends on
the size of the problem alone.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

ENTRIES_LOOKED_AT = 1_000_000_000
"""Entries of the table that rebuilding looks at in all: some seconds."""
FEWEST_STEPS, MOST_STEPS = 20, 2000
SHARPNESS = 30.0
"""How much the worst-off group comes first where the worst share counts: e³⁰ for a share that is 1 lower."""
SLACK = 1e-9
ROUNDED_UP = (0.7, 0.5, 0.3)
"""Parts of an option from which a relaxation is rounded up: each gives a choice."""


def constructed(problem: CoveringProblem, watch: Watch, seed: int = 0, *, steps: int | None = None) -> IntArray | None:
    """Return a choice that meets every condition, or None if none was found; the problem is a simplified one."""
    ground = _Ground(problem)
    best = _Choice(ground)
    best.build()
    best.prune()
    if steps is None:
        steps = int(np.clip(ENTRIES_LOOKED_AT / max(1, 4 * ground.work * best.size), FEWEST_STEPS, MOST_STEPS))
    chance = np.random.default_rng(seed)
    for _ in range(steps):
        if watch.remaining_seconds <= 0:
            break
        choice = best.copy()
        if not choice.ruin(chance):
            break
        choice.build(chance)
        choice.prune()
        if choice.merit() >= best.merit():
            best = choice
    return best.options() if best.merit()[0] >= -SLACK else None


def rounded(problem: CoveringProblem, parts: FloatArray, watch: Watch) -> IntArray | None:
    """Return the best choice begun with the options that a relaxation opens by more than a half or so, and built on; None without one."""
    ground = _Ground(problem)
    best: _Choice | None = None
    for least in ROUNDED_UP:
        choice = _Choice(ground)
        for option in np.argsort(-parts, kind="stable")[: int((parts >= least).sum())]:
            if watch.remaining_seconds <= 0:
                return None if best is None else best.options()
            if choice.allowed()[option] and choice.fits(int(option)):
                choice.switch(int(option), 1)
        choice.build()
        choice.prune()
        if choice.merit()[0] >= -SLACK and (best is None or choice.merit() > best.merit()):
            best = choice
    return None if best is None else best.options()


class _Ground:
    """What stays the same while choices change."""

    def __init__(self, problem: CoveringProblem) -> None:
        self.problem = problem
        demands, floors = len(problem.weight), len(problem.floors)
        self.table = csr_array(
            (np.ones(len(problem.demand)), problem.demand, problem.indptr), shape=(problem.options, demands)
        )
        self.worth = _incidence(
            [(floor.demand, problem.weight[floor.demand]) for floor in problem.floors], (demands, floors)
        )
        """(demands, floors) what covering a demand is worth to each floor."""
        self.worth_by_floor = csr_array(self.worth.T)
        self.worth_in_all = problem.weight + np.asarray(self.worth.sum(axis=1))
        self.pair_option, self.pair_floor, self.pair_worth = _pairs(problem, self.worth)
        self.least = np.array([floor.least_weight for floor in problem.floors])
        self.total = np.array([max(floor.total_weight, 1e-12) for floor in problem.floors])
        self.already = np.array([floor.already for floor in problem.floors])
        self.bound_least = np.array([bound.least for bound in problem.bounds])
        self.bound_most = np.array([bound.most for bound in problem.bounds])
        shape = (problem.options, len(problem.bounds))
        self.amount = _incidence([(bound.option, bound.amount) for bound in problem.bounds], shape)
        shape = (len(problem.site_floor_m2), len(problem.bounds))
        self.site_amount = _incidence([(bound.site, bound.site_amount) for bound in problem.bounds], shape)
        self.near: list[list[int]] = [[] for _ in range(len(problem.site_floor_m2))]
        for one, other in problem.apart.tolist():
            if one != other:
                self.near[one].append(other)
                self.near[other].append(one)
        self.existing = problem.state == OptionState.EXISTING
        self.free = problem.state == OptionState.FREE
        self.several = np.bincount(problem.site[~self.existing], minlength=len(problem.site_floor_m2))[problem.site] > 1
        self.work = len(problem.demand) + self.pair_worth.nnz + problem.options * (1 + len(problem.bounds))


def _incidence(columns: list[tuple[IntArray, FloatArray]], shape: tuple[int, int]) -> csr_array:
    rows = np.concatenate([np.zeros(0, np.int32), *(row for row, _ in columns)])
    number = np.repeat(np.arange(len(columns)), [len(row) for row, _ in columns])
    values = np.concatenate([np.zeros(0), *(value for _, value in columns)])
    return csr_array((values, (rows, number)), shape=shape)


def _pairs(problem: CoveringProblem, worth: csr_array) -> tuple[IntArray, IntArray, csr_array]:
    """Return option and floor of every pair that shares a demand, and what each demand is worth to the pair (pairs, demands)."""
    floors_of = np.diff(worth.indptr)[problem.demand]
    demand = np.repeat(problem.demand, floors_of)
    option = np.repeat(np.repeat(np.arange(problem.options), np.diff(problem.indptr)), floors_of)
    place = np.arange(len(demand)) - np.repeat(np.cumsum(floors_of) - floors_of, floors_of) + worth.indptr[demand]
    floor = worth.indices[place]
    floors = max(worth.shape[1], 1)
    pair, number = np.unique(option.astype(np.int64) * floors + floor, return_inverse=True)
    shape = (len(pair), worth.shape[0])
    return pair // floors, pair % floors, csr_array((worth.data[place], (number.ravel(), demand)), shape=shape)


class _Choice:
    """A choice of options and everything it uses up."""

    def __init__(self, ground: _Ground) -> None:
        problem = ground.problem
        self.ground = ground
        self.open = np.zeros(problem.options, bool)
        self.count = np.zeros(len(problem.weight), np.int32)
        self.new_at = np.zeros(len(problem.site_floor_m2), np.int32)
        self.held_m2 = np.zeros(len(problem.site_floor_m2))
        self.blocked = np.zeros(len(problem.site_floor_m2), np.int32)
        self.sums = np.zeros(len(problem.bounds))
        self.cost = 0.0
        for option in np.flatnonzero(ground.existing | (problem.state == OptionState.REQUIRED)):
            self.switch(int(option), 1)

    def copy(self) -> _Choice:
        twin = object.__new__(_Choice)
        twin.ground, twin.cost = self.ground, self.cost
        for name in ("open", "count", "new_at", "held_m2", "blocked", "sums"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    @property
    def size(self) -> int:
        return int(np.count_nonzero(self.open)) + 1

    @property
    def sites(self) -> int:
        return int(np.count_nonzero(self.new_at))

    def options(self) -> IntArray:
        return np.flatnonzero(self.open).astype(np.int32)

    def switch(self, option: int, way: int) -> None:
        """Open (1) or close (-1) an option."""
        ground, problem = self.ground, self.ground.problem
        site = int(problem.site[option])
        self.open[option] = way > 0
        self.count[problem.row(option)] += way
        self.held_m2[site] += way * problem.floor_m2[option]
        amount = ground.amount[[option], :]
        self.sums[amount.indices] += way * amount.data
        if ground.existing[option]:
            return
        before = self.new_at[site]
        self.new_at[site] += way
        self.cost += way * float(problem.cost_wan_yuan[option])
        if (before > 0) != (self.new_at[site] > 0):
            self.cost += way * float(problem.site_cost_wan_yuan[site])
            self.blocked[ground.near[site]] += way
            amount = ground.site_amount[[site], :]
            self.sums[amount.indices] += way * amount.data

    # ------------------------------------------------------------------------------------------------- what it is worth

    def covered(self) -> FloatArray:
        """Return what is covered of the objective and of each floor (1 + floors,)."""
        problem, ground = self.ground.problem, self.ground
        met = (self.count >= problem.need).astype(np.float64)
        return np.append(problem.weight @ met, ground.worth_by_floor @ met)

    def shortages(self) -> tuple[FloatArray, FloatArray]:
        """Return what floors and bounds lack."""
        floors = np.maximum(self.ground.least - self.covered()[1:] - SLACK * np.maximum(1, self.ground.total), 0)
        bounds = np.maximum(self.ground.bound_least - self.sums - SLACK * np.maximum(1, np.abs(self.sums)), 0)
        return floors, bounds

    def merit(self) -> tuple[float, float]:
        """Return what is lacking, negative, and the value, so that more is better."""
        problem, ground = self.ground.problem, self.ground
        floors, bounds = self.shortages()
        over = np.maximum(self.sums - ground.bound_most - SLACK * np.maximum(1, np.abs(self.sums)), 0)
        lacking = float((floors / ground.total).sum() + bounds.sum() + over.sum())
        if problem.most_sites is not None:
            lacking += max(0, self.sites - problem.most_sites)
        if problem.budget_wan_yuan is not None:
            lacking += max(0.0, self.cost - problem.budget_wan_yuan * (1 + SLACK) - SLACK)
        lacking += float(np.maximum(self.held_m2 - problem.site_floor_m2 * (1 + SLACK) - SLACK, 0).sum())
        lacking += int(np.count_nonzero(self.blocked[self.new_at > 0]))
        if problem.objective == "least_cost":
            return -lacking, -self.cost
        if problem.objective == "fewest_sites":
            return -lacking, float(-self.sites)
        covered = self.covered()
        if problem.objective == "most_covered":
            return -lacking, float(covered[0])
        return -lacking, float(((ground.already + covered[1:]) / ground.total).min(initial=np.inf))

    # ------------------------------------------------------------------------------------------------------ building it

    def allowed(self) -> BoolArray:
        """Return the options that may be opened next, as far as one glance tells (`fits` makes sure)."""
        problem, ground = self.ground.problem, self.ground
        opens = self.new_at[problem.site] == 0
        room = problem.site_floor_m2[problem.site] * (1 + SLACK) + SLACK
        allowed = ground.free & ~self.open & (self.held_m2[problem.site] + problem.floor_m2 <= room)
        allowed &= (self.blocked[problem.site] == 0) | ~opens
        if problem.most_sites is not None and self.sites >= problem.most_sites:
            allowed &= ~opens
        if problem.budget_wan_yuan is not None:
            price = problem.cost_wan_yuan + opens * problem.site_cost_wan_yuan[problem.site]
            allowed &= self.cost + price <= problem.budget_wan_yuan * (1 + SLACK) + SLACK
        if len(problem.bounds):
            full = (ground.bound_most - self.sums < -SLACK) | np.isfinite(ground.bound_most)
            left = np.where(full, ground.bound_most - self.sums, np.inf)
            entries = ground.amount.tocoo()
            bad = entries.data > left[entries.col] + SLACK * np.maximum(1, np.abs(entries.data))
            allowed &= np.bincount(entries.row[bad], minlength=problem.options) == 0
        return np.asarray(allowed)

    def fits(self, option: int) -> bool:
        """Tell whether an allowed option also keeps the bounds that count its site."""
        problem, ground = self.ground.problem, self.ground
        if not len(problem.bounds) or self.new_at[problem.site[option]] > 0:
            return True
        amount = (
            ground.amount[[option], :].toarray()[0] + ground.site_amount[[int(problem.site[option])], :].toarray()[0]
        )
        return bool(np.all((amount <= 0) | (self.sums + amount <= ground.bound_most + SLACK * np.maximum(1, amount))))

    def build(self, chance: np.random.Generator | None = None) -> None:
        """Open options until nothing more is gained."""
        barred = np.zeros(self.ground.problem.options, bool)
        while True:
            allowed = self.allowed() & ~barred
            score = self.scores(allowed)
            if chance is not None:
                score = score * chance.uniform(0.9, 1.0, len(score))
            option = int(score.argmax()) if len(score) else -1
            if option < 0 or score[option] <= 0:
                return
            if self.fits(option):
                self.switch(option, 1)
            else:
                barred[option] = True

    def scores(self, allowed: BoolArray) -> FloatArray:
        """Return what each allowed option gains for what it uses up; 0 where there is nothing to gain."""
        problem, ground = self.ground.problem, self.ground
        if not allowed.any():
            return np.zeros(problem.options)
        missing = (self.count < problem.need) / np.maximum(problem.need, 1)
        floors, bounds = self.shortages()
        score = np.zeros(problem.options)
        if floors.any():
            useful = np.minimum(ground.pair_worth @ missing, floors[ground.pair_floor])
            score += self._by_option(useful / ground.total[ground.pair_floor])
        if bounds.any():
            lacking = np.where(bounds > 0, bounds, 0)
            for amounts, row in ((ground.amount, slice(None)), (ground.site_amount, problem.site)):
                entries = amounts.tocoo()
                given = np.minimum(entries.data, lacking[entries.col]) / np.maximum(lacking[entries.col], 1e-12)
                total = np.bincount(entries.row, np.where(lacking[entries.col] > 0, given, 0), amounts.shape[0])
                score += total[row] if isinstance(row, slice) else np.where(self.new_at[row] == 0, total[row], 0)
        score = np.where(allowed, score, 0.0)
        if score.max() <= 0:
            if problem.objective == "most_covered":
                score = np.where(allowed, ground.table @ (problem.weight * missing), 0.0)
            elif problem.objective == "best_worst_share" and len(ground.total):
                share = (ground.already + self.covered()[1:]) / ground.total
                urgency = np.exp(-SHARPNESS * (share - share.min())) / ground.total
                gain = self._by_option((ground.pair_worth @ missing) * urgency[ground.pair_floor])
                score = np.where(allowed, gain, 0.0)
        return self._for_their_price(score)

    def _by_option(self, of_pair: FloatArray) -> FloatArray:
        """Add up over the floors what each option gives."""
        return np.asarray(np.bincount(self.ground.pair_option, of_pair, self.ground.problem.options), np.float64)

    def _for_their_price(self, score: FloatArray) -> FloatArray:
        """Divide scores by what is used up of sites and money; options of a closed site count with those that fit beside them."""
        problem, ground = self.ground.problem, self.ground
        opens = self.new_at[problem.site] == 0
        joint, cost = score.copy(), problem.cost_wan_yuan.astype(float).copy()
        together = np.flatnonzero(opens & ground.several & (score > 0))
        if len(together):
            order = together[np.lexsort((-score[together], problem.site[together]))]
            first = np.flatnonzero(np.diff(problem.site[order], prepend=-1))
            group = np.cumsum(np.diff(problem.site[order], prepend=-1) != 0) - 1
            running = np.cumsum(problem.floor_m2[order])
            running -= (running - problem.floor_m2[order])[first][group]
            fits = running + self.held_m2[problem.site[order]] <= problem.site_floor_m2[problem.site[order]] * (
                1 + SLACK
            )
            packed = np.bincount(group, score[order] * fits)
            packed_cost = np.bincount(group, problem.cost_wan_yuan[order] * fits)
            best = order[first]
            joint[together] = 0  # only the best of each site stands for it
            joint[best], cost[best] = packed, packed_cost
        if problem.objective == "least_cost" or problem.budget_wan_yuan is not None:
            scale = problem.budget_wan_yuan or max(float(cost.max()), 1e-9)
            price = (cost + opens * problem.site_cost_wan_yuan[problem.site]) / scale
        else:
            price = np.zeros(problem.options)
        if problem.most_sites is not None or problem.objective == "fewest_sites":
            price = price + opens / max(problem.most_sites or 1, 1)
        if not price.any():
            return joint
        return np.asarray(joint / np.maximum(price, 1e-6))

    # -------------------------------------------------------------------------------------------- taking parts of it back

    def ruin(self, chance: np.random.Generator) -> bool:
        """Close one to three sites by chance, and now and then an existing option; return whether there is anything to close."""
        problem, ground = self.ground.problem, self.ground
        sites = np.unique(problem.site[self.open & ground.free])
        existing = np.flatnonzero(ground.existing & self.open)
        closed = int(np.count_nonzero(ground.existing)) - len(existing)
        if not len(sites) and not (len(existing) and problem.most_closed > 0):
            return False
        if len(sites):
            for site in chance.choice(sites, min(len(sites), int(chance.integers(1, 4))), replace=False):
                for option in np.flatnonzero(self.open & ground.free & (problem.site == site)):
                    self.switch(int(option), -1)
        if problem.most_closed > 0 and chance.random() < 0.5:
            gone = np.flatnonzero(ground.existing & ~self.open)
            if closed >= problem.most_closed and len(gone):
                self.switch(int(chance.choice(gone)), 1)
                closed -= 1
            if closed < problem.most_closed and len(existing):
                self.switch(int(chance.choice(existing)), -1)
        return True

    def prune(self) -> None:
        """Close new options that nothing needs, the dearest first, and open existing ones again that were closed for nothing."""
        problem, ground = self.ground.problem, self.ground
        lacking, value = self.merit()
        for option in np.flatnonzero(ground.existing & ~self.open):
            self.switch(int(option), 1)
            if self.merit() < (lacking, value):
                self.switch(int(option), -1)
        opened = self.open & ground.free
        critical = (self.count == problem.need).astype(np.float64)
        if problem.objective in ("most_covered", "best_worst_share"):
            opened &= np.asarray(ground.table @ (ground.worth_in_all * critical)) <= 0
        elif lacking < -SLACK:
            return
        else:  # without these a floor would lack something, the more so once others are closed
            to_spare = self.covered()[1:] - ground.least + 2 * SLACK * np.maximum(1, ground.total)
            needed = ground.pair_worth @ critical > to_spare[ground.pair_floor]
            opened[ground.pair_option[needed]] = False
        candidates = np.flatnonzero(opened)
        price = problem.cost_wan_yuan[candidates] + problem.site_cost_wan_yuan[problem.site[candidates]]
        for option in candidates[np.argsort(-price, kind="stable")]:
            self.switch(int(option), -1)
            if self.merit() < (lacking, value):
                self.switch(int(option), 1)
            else:
                lacking, value = self.merit()


def tidied(problem: CoveringProblem, opened: IntArray) -> IntArray:
    """Return a choice without the new options that nothing needs, worth no less."""
    choice = _Choice(_Ground(problem))
    is_open = np.zeros(problem.options, bool)
    is_open[opened] = True
    for option in np.flatnonzero(choice.open != is_open):
        choice.switch(int(option), 1 if is_open[option] else -1)
    choice.prune()
    return choice.options()
