"""From walks to a problem of covering: who wants what within which time, and which new place would bring it.

An option is a service at a candidate, in a year where a plan has years, or a service of an existing facility that may be closed; a demand
is a service for a home, within one of the limits that are asked for. The table has a block per service:

```
                 demands of year 1 | year 2 | …      each: homes within the shortest limit | the next | …
built in year 1         reach          reach
built in year 2           .            reach
```
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_diag, csr_array, hstack, kron, vstack

from livingcircle.kernel.gauge import covered
from livingcircle.kernel.siting.covering import CoveringProblem, OptionState
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import ReachTable


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Who is within reach of places: as the walker walks, and by plain walks, by which limits in metres are counted.

    One table twice where nothing but the pace tells them apart, or where only one of them is asked for.
    """

    own: ReachTable
    plain: ReachTable

    def by(self, *, in_metres: bool) -> ReachTable:
        """Return the walks by which a limit in metres, or in minutes, is counted."""
        return self.plain if in_metres else self.own

    def of(self, places: IntArray) -> Walks:
        """Return the walks to some places, in that order."""
        own = rows_of(self.own, places)
        return Walks(own, own if self.plain is self.own else rows_of(self.plain, places))


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """One service that is sought.

    `limits_seconds` are its walking limits, the shorter first; `in_metres` says which of them are counted by the metres walked. `worth` is
    what a resident within each is worth, which does not grow.
    `weight` (r,) are the people of each home who count, `existing` (limits, r) from how many existing places each is within each limit.
    `candidate` are the candidates it may move into, ascending; there it takes `floor_m2` and costs `cost_wan_yuan` to fit out.
    """

    service: int
    limits_seconds: tuple[float, ...]
    in_metres: tuple[bool, ...]
    worth: tuple[float, ...]
    weight: FloatArray
    existing: IntArray
    candidate: IntArray
    floor_m2: float = 0.0
    cost_wan_yuan: float = 0.0
    most_sites: int | None = None

    @property
    def longest_seconds(self) -> float:
        """The longest of its limits."""
        return self.limits_seconds[-1]

    def plain(self) -> Sought:
        """Return the same with its longest limit only, within which a resident is worth one."""
        return Sought(
            self.service,
            self.limits_seconds[-1:],
            self.in_metres[-1:],
            (1.0,),
            self.weight,
            self.existing[-1:],
            self.candidate,
            self.floor_m2,
            self.cost_wan_yuan,
            self.most_sites,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tabulated:
    """A problem of covering and what its rows stand for.

    Of each option: `sought` (o,) the position of its service among those sought, `candidate` (o,) that it moves into or -1, `facility` (o,)
    that it is or -1, `year` (o,) the position of its year. Of each demand: `home`, `wanted` (position of the service), `tier` (position of
    the limit) and `by_year` (d,). `hopeless` (services, r) are homes that are not covered within the longest limit and that too few
    candidates reach: they are in no demand.
    """

    problem: CoveringProblem
    sought: IntArray
    candidate: IntArray
    facility: IntArray
    year: IntArray
    home: IntArray
    wanted: IntArray
    tier: IntArray
    by_year: IntArray
    hopeless: NDArray[np.bool_]


def tabulated(
    cover: Walks,
    services: tuple[Sought, ...],
    *,
    backup: int = 1,
    years: int = 1,
    closable: tuple[tuple[Walks, IntArray], ...] | None = None,
    keep_covered: bool = False,
) -> Tabulated:
    """Lay out the problem of covering without anything that binds the choice: every candidate is a site without cost and limit.

    Parameters
    ----------
    cover
        Homes within the longest limit of each candidate (c rows).
    services
        What is sought.
    backup
        From how many places a home has to be within a limit.
    years
        In how many years places may be built; a demand of each year counts for its part of the years.
    closable
        For each service the homes within its longest limit of each existing facility that may be closed, and their positions; these
        facilities become options, and what they cover is no longer taken for granted. None where none may be closed.
    keep_covered
        Whether every home is a demand: those that are covered already, which need nothing, those that nothing reaches and those without
        people who count, too. Such a problem is to be told from, not to be solved.
    """
    blocks: list[csr_array] = []
    options: dict[str, list[IntArray]] = {name: [] for name in ("sought", "candidate", "facility", "year")}
    demands: dict[str, list[IntArray]] = {name: [] for name in ("home", "wanted", "tier", "by_year")}
    weights, needs, hopeless = [], [], []
    candidates, every = cover.own.places, cover.own.homes
    triangle = np.triu(np.ones((years, years)))
    for position, one in enumerate(services):
        tiers, homes, need = [], [], []
        old = None if closable is None else closable[position]
        gains = -np.diff([*one.worth, 0.0])
        lost = np.zeros(every, bool)
        for tier, (limit, in_metres) in enumerate(zip(one.limits_seconds, one.in_metres, strict=True)):
            table = _within(cover.by(in_metres=in_metres), one.candidate, limit)
            if old is not None:
                walks, existing = old
                there = _within(walks.by(in_metres=in_metres), np.arange(len(existing), dtype=np.int32), limit)
                table = csr_array(vstack([table, there]))
            have = np.zeros(every, np.int32) if old is not None else one.existing[tier]
            missing = backup - have
            reached = np.bincount(table.indices, minlength=every)
            if tier == len(one.limits_seconds) - 1:
                lost = (reached < missing) & (one.weight > 0)
            wanted = (one.weight > 0) & (gains[tier] > 0) & (missing > 0) & (reached >= missing)
            wanted |= keep_covered
            own = np.flatnonzero(wanted).astype(np.int32)
            tiers.append(csr_array(table[:, own]))
            homes.append(own)
            need.append(missing[own])
        block = csr_array(hstack(tiers))
        many = sum(map(len, homes))
        places = block.shape[0]
        blocks.append(csr_array(kron(triangle, block)) if years > 1 else block)
        new = len(one.candidate)
        kept = 0 if old is None else len(old[1])
        options["sought"].append(np.full(places * years, position, np.int32))
        options["candidate"].append(np.tile(np.concatenate([one.candidate, np.full(kept, -1)]), years))
        options["facility"].append(
            np.tile(np.concatenate([np.full(new, -1), np.empty(0, np.int32) if old is None else old[1]]), years)
        )
        options["year"].append(np.repeat(np.arange(years), places))
        demands["home"].append(np.tile(np.concatenate(homes), years))
        demands["wanted"].append(np.full(many * years, position, np.int32))
        demands["tier"].append(np.tile(np.repeat(np.arange(len(homes)), [len(own) for own in homes]), years))
        demands["by_year"].append(np.repeat(np.arange(years), many))
        each = [one.weight[own] * gain for own, gain in zip(homes, gains, strict=True)]
        weights.append(np.tile(np.concatenate(each), years) / years)
        needs.append(np.tile(np.concatenate(need), years))
        hopeless.append(lost)
    table = csr_array(block_diag(blocks, format="csr")) if len(blocks) > 1 else blocks[0]
    table.sort_indices()
    of_option = {name: np.concatenate(parts).astype(np.int32) for name, parts in options.items()}
    of_demand = {name: np.concatenate(parts).astype(np.int32) for name, parts in demands.items()}
    count = table.shape[0]
    exists = of_option["facility"] >= 0
    sites = candidates + int(of_option["facility"].max(initial=-1)) + 1
    problem = CoveringProblem(
        weight=np.concatenate(weights).astype(float),
        need=np.concatenate(needs).astype(np.int32),
        indptr=table.indptr.astype(np.int32),
        demand=table.indices.astype(np.int32),
        site=np.where(exists, candidates + of_option["facility"], of_option["candidate"]).astype(np.int32),
        service=np.array([one.service for one in services], np.int32)[of_option["sought"]],
        cost_wan_yuan=np.zeros(count),
        floor_m2=np.zeros(count),
        state=np.where(exists, OptionState.EXISTING, OptionState.FREE).astype(np.int8),
        site_cost_wan_yuan=np.zeros(sites),
        site_floor_m2=np.full(sites, np.inf),
    )
    return Tabulated(problem, **of_option, **of_demand, hopeless=np.array(hopeless))


def _within(cover: ReachTable, places: IntArray, limit_seconds: float) -> csr_array:
    """Return which homes (columns) are within a limit of some places (rows)."""
    number = np.full(cover.places, -1, np.int32)
    number[places] = np.arange(len(places), dtype=np.int32)
    row = number[np.repeat(np.arange(cover.places), np.diff(cover.indptr))]
    keep = (row >= 0) & covered(cover.seconds, limit_seconds)
    shape = (len(places), cover.homes)
    return csr_array((np.ones(int(keep.sum())), (row[keep], cover.home[keep])), shape=shape)


def rows_of(table: ReachTable, places: IntArray) -> ReachTable:
    """Return the rows of some places, in that order."""
    lengths = np.diff(table.indptr)[places]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    entry = np.arange(indptr[-1]) + np.repeat(table.indptr[places] - indptr[:-1], lengths)
    return ReachTable(indptr, table.home[entry], table.seconds[entry], table.homes, table.limit_seconds)
