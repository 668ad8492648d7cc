"""How complete the street network is that figures rest on, and how that is graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livingcircle.model.columns import Columns, FloatArray, IntArray, TextArray

GRADES = ("A", "B", "C", "D")
"""Good, fair, moderate, poor."""
POOR = frozenset({"C", "D"})
"""Grades of a whole study that whoever quotes its figures must know; of districts only D is told."""

MOST: Mapping[str, tuple[float, float, float]] = {
    "residents_far_share": (0.05, 0.15, 0.30),
    "apart_share": (0.02, 0.05, 0.10),
    "dropped_share": (0.05, 0.10, 0.20),
    "dead_ends_per_km": (2.5, 4.0, 6.0),
}
"""Most of each measure that still is an A, a B and a C; above is a D. The worst measure grades the network.

No standard says when a network is complete: the bounds are our judgement, drawn around what was measured (`docs/network.md`).

`residents_far_share`: fifty metres are forty seconds of walking, straight, over ground nobody has mapped. Where paths are drawn to the door
it is 0 to 4 % (Helsinki, Andorra, Las Palmas), in the core of Nanjing 21 %, in a suburb of Shenzhen 51 %.
`apart_share`: streets that nothing joins to the rest are pruned, or strand those beside them. It is 1 to 5 % in the same extracts; keeping
the islands of Las Palmas (5 %) moved coverage at 15 minutes by 2.8 points.
`dropped_share`: what `access` and `foot` close. It is 0 to 2 %, and moves coverage by less than 0.7 points then; a fifth of the length is
a fenced city, or a mistake in its tags.
`dead_ends_per_km`: each is a street that ends there in truth, or a path behind it that nobody drew. It is 0.9 to 2.3, and least
where least is drawn: few dead ends prove nothing, many are suspicious.
"""

LEAST: Mapping[str, tuple[float, float, float]] = {
    "compound_km_per_km2": (12.0, 6.0, 2.0),
    "paths_share": (0.05, 0.03, 0.01),
}
"""Least of each measure that still is an A, a B and a C.

`compound_km_per_km2`: rows of buildings 40 to 80 m apart with a path along each are 12 to 25 km of path per km². OpenStreetMap
leaves out private one-lane ways first (Zhou and Lin, on Hubei), and these are such. Below 2, most compounds have no path at all.
`paths_share`: footways, paths, steps and pedestrian streets. They are 6 to 78 % of the length in eight extracts; a layer of roads for cars
has next to none (Wuhan 0.3 %), and then every short cut through a park, a compound or an underpass is missing.
"""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCompleteness(Columns):
    """What is missing from the streets as far as the data tell: a row for the whole study (`district` -1), then one for each district.

    Shares are 0 to 1, NaN where there is nothing to take a share of. `homes_far_share` and `residents_far_share` are more than 50 m from
    every walked street. `compounds` counts compounds of a hectare or more, NaN where the study names none; of their paths
    `compound_km_per_km2` is the median density and `compounds_without_path` the number that have none. `parts` counts the pieces the
    network falls into, `apart_share` the share of its length outside the main one; pieces at the edge of the data belong to it, for
    they may join beyond. `dead_ends_per_km` leaves out gates of compounds and the edge of the data, and is NaN below a kilometre of
    street. `dropped_share` is the share of all streets' length closed to walkers by their tags, `private_share` the share of walked length
    that is private, `paths_share` the share that is no carriageway: footways, paths, steps, pedestrian streets. `grade` is one of
    `GRADES`, "" where nothing could be graded, and `weakest` the measure that decided it.
    """

    district: IntArray
    kilometres: FloatArray
    homes_far_share: FloatArray
    residents_far_share: FloatArray
    compounds: FloatArray
    compound_km_per_km2: FloatArray
    compounds_without_path: FloatArray
    parts: FloatArray
    apart_share: FloatArray
    dead_ends_per_km: FloatArray
    dropped_share: FloatArray
    private_share: FloatArray
    paths_share: FloatArray
    grade: TextArray
    weakest: TextArray


_NONE = np.empty(0)
NOT_MEASURED = NetworkCompleteness(
    district=np.empty(0, np.int32),
    kilometres=_NONE,
    homes_far_share=_NONE,
    residents_far_share=_NONE,
    compounds=_NONE,
    compound_km_per_km2=_NONE,
    compounds_without_path=_NONE,
    parts=_NONE,
    apart_share=_NONE,
    dead_ends_per_km=_NONE,
    dropped_share=_NONE,
    private_share=_NONE,
    paths_share=_NONE,
    grade=np.empty(0, object),
    weakest=np.empty(0, object),
)
"""A study whose streets nobody looked at."""
