"""What an unmet clause asks for: its shortfall as square metres to add, people to employ, places to open."""

from __future__ import annotations

import numpy as np

from livingcircle.kernel.metrics.facts import CIRCLE
from livingcircle.model.diagnosis import NO_UNIT_REMEDIES, Remedy, UnitRemedies
from livingcircle.model.rule import Metric, Rule
from livingcircle.model.verdict import RuleVerdicts

REMEDIES: dict[Metric, tuple[Remedy, str]] = {
    **dict.fromkeys(
        (
            "floor_m2",
            "floor_m2_per_100_households",
            "floor_m2_per_1000_residents",
            "floor_m2_per_bed",
            "share_of_building_floor",
        ),
        (Remedy.ENLARGE, "m2"),
    ),
    **dict.fromkeys(
        ("land_m2", "land_m2_per_1000_residents", "land_m2_per_resident", "land_m2_per_bed"),
        (Remedy.ENLARGE, "land_m2"),
    ),
    "activity_share_of_floor": (
        Remedy.ENLARGE,
        "activity_m2",
    ),  # of the rooms that are there: new ones would raise what is asked
    **dict.fromkeys(("staff_per_community", "staff_per_10000_residents"), (Remedy.ADD_STAFF, "staff")),
    **dict.fromkeys(("beds", "beds_per_1000_elderly"), (Remedy.ENLARGE, "beds")),
    "classes": (Remedy.ENLARGE, "classes"),
    "width_metres": (Remedy.ENLARGE, "metres"),
    "hours_per_day": (Remedy.EXTEND_HOURS, "hours"),
    **dict.fromkeys(
        (
            "presence",
            "one_per_unit",
            "share_of_units_with",
            "count",
            "count_total",
            "facility_list",
            "residents_per_unit",
            "dwellings_per_unit",
        ),
        (Remedy.NEW_SITE, "facilities"),
    ),
    "count_per_resident": (Remedy.NEW_SITE, "places"),
    "services_per_site": (Remedy.NEW_SITE, "services"),
    "colocation": (Remedy.NEW_SITE, "neighbours"),
    **dict.fromkeys(("share_within_walk", "walk_minutes", "walk_metres"), (Remedy.NEW_SITE, "residents")),
    "share_of_land_within": (Remedy.NEW_SITE, "m2"),
}
"""By metric: what adds to it, and what its shortfall is counted in. The others cannot be built: people answer for them."""
WHOLE = frozenset({"staff", "facilities", "places", "beds", "classes", "services", "neighbours"})
"""What comes in whole pieces: shortfalls are rounded up."""
LIVING = frozenset({"residents_per_unit", "dwellings_per_unit"})
"""How many live in a circle; of a service, how many share a place."""
DUST = 1e-9


def whole(amount: float) -> float:
    """Return the next whole number; what is as good as one, as sums of floating-point numbers go, is one."""
    return float(np.ceil(amount - DUST * max(amount, 1.0)))


def unit_remedies(rules: tuple[Rule, ...], verdicts: RuleVerdicts) -> UnitRemedies:
    """Return the remedy of every unmet clause of every unit of which it is known that something is missing, in the order of the verdicts.

    What there is too much of is no shortage and has no remedy here.
    """
    unmet = np.flatnonzero((verdicts.verdict == "unmet") & (verdicts.shortfall > 0))
    rows, kinds, amounts, units = [], [], [], []
    for row in unmet.tolist():
        rule = rules[verdicts.rule[row]]
        found = REMEDIES.get(rule.metric)
        if found is None or (rule.metric in LIVING and rule.service == CIRCLE):  # people are not built
            continue
        remedy, unit = found
        amount = float(verdicts.shortfall[row])
        rows.append(row)
        kinds.append(remedy)
        amounts.append(whole(amount) if unit in WHOLE else amount)
        units.append(unit)
    if not rows:
        return NO_UNIT_REMEDIES
    texts = np.empty(len(units), object)
    texts[:] = units
    return UnitRemedies(np.array(rows, np.int32), np.array(kinds, np.int8), np.array(amounts), texts)
