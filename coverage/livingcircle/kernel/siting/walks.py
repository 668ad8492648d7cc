"""From walks to a problem of serving: who walks to which new place, or stays with what is there.

Where nothing limits how many a place can take, everybody goes to the nearest. What exists is then one option, at the walk to the nearest of
it, and a new place is listed only for whom it is nearer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from livingcircle.kernel.siting.covering import OptionState
from livingcircle.kernel.siting.serving import ServingObjective, ServingProblem
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.outcome import ReachTable

LONGEST_WALK_SECONDS = 2 * 3600.0
"""A home that nobody serves counts as a walk of two hours: whoever lives there does not go."""


def nearest_walks(
    cover: ReachTable, existing_seconds: FloatArray, people: FloatArray, objective: ServingObjective
) -> tuple[ServingProblem, IntArray]:
    """Return the problem of the shortest walks, and the homes (d,) that are its demands.

    Options are the candidates (c), then what exists, as one. `existing_seconds` (r,) is the walk to the nearest existing place, `inf` or
    NaN without one.
    """
    candidates = cover.places
    place = np.repeat(np.arange(candidates), np.diff(cover.indptr))
    now = np.where(existing_seconds < LONGEST_WALK_SECONDS, existing_seconds, LONGEST_WALK_SECONDS)
    nearer = cover.seconds < now[cover.home]
    served = np.flatnonzero(existing_seconds < LONGEST_WALK_SECONDS)
    home = np.concatenate([cover.home[nearer], served])
    option = np.concatenate([place[nearer], np.full(len(served), candidates)])
    seconds = np.concatenate([cover.seconds[nearer], existing_seconds[served]])
    wanted = np.zeros(cover.homes, bool)
    wanted[home] = True
    homes = np.flatnonzero(wanted & (people > 0)).astype(np.int32)
    nothing = np.zeros(candidates + 1)
    state = np.full(candidates + 1, OptionState.FREE, np.int8)
    state[candidates] = OptionState.EXISTING
    problem = ServingProblem(
        weight=people[homes].astype(float),
        **_listed(home, option, seconds, homes, candidates + 1),
        unserved_cost=np.full(len(homes), LONGEST_WALK_SECONDS),
        state=state,
        capacity=np.full(candidates + 1, np.inf),
        cost_wan_yuan=nothing,
        objective=objective,
    )
    return problem, homes


def limited_places(
    cover: ReachTable, around: ReachTable, people: FloatArray, capacity: FloatArray, capacity_of_existing: FloatArray
) -> tuple[ServingProblem, IntArray]:
    """Return the problem of serving most people within a limit and capacities, and the homes (d,) that are its demands.

    Options are the candidates (c), with `capacity` (c,), then the existing places (e), with theirs; `cover` and `around` list who is within
    the limit of each.
    """
    candidates, places = cover.places, cover.places + around.places
    option = np.repeat(
        np.arange(places, dtype=np.int32), np.concatenate([np.diff(cover.indptr), np.diff(around.indptr)])
    )
    home, seconds = np.concatenate([cover.home, around.home]), np.concatenate([cover.seconds, around.seconds])
    wanted = np.zeros(cover.homes, bool)
    wanted[home] = True
    homes = np.flatnonzero(wanted & (people > 0)).astype(np.int32)
    problem = ServingProblem(
        weight=people[homes].astype(float),
        **_listed(home, option, seconds, homes, places),
        unserved_cost=np.full(len(homes), LONGEST_WALK_SECONDS),
        state=np.where(np.arange(places) < candidates, OptionState.FREE, OptionState.EXISTING).astype(np.int8),
        capacity=np.concatenate([capacity, capacity_of_existing]),
        cost_wan_yuan=np.zeros(places),
        objective="most_served",
    )
    return problem, homes


def _listed(home: IntArray, option: IntArray, seconds: FloatArray, homes: IntArray, options: int) -> dict[str, Any]:
    """Return the table by demand; a walk of no time at all is a walk."""
    number = np.full(int(home.max(initial=-1)) + 1, -1, np.int32)
    number[homes] = np.arange(len(homes), dtype=np.int32)
    keep = number[home] >= 0
    entry = np.arange(1, int(keep.sum()) + 1)
    table = csr_array((entry, (number[home[keep]], option[keep])), shape=(len(homes), options))
    table.sort_indices()
    return {
        "indptr": table.indptr.astype(np.int32),
        "option": table.indices.astype(np.int32),
        "cost": seconds[keep][table.data - 1].astype(float),
    }
