"""What each district has of its own, whoever else uses it: places, beds, floor, land, staff, and how much that is per 1,000 people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from livingcircle.kernel.edge import district_of
from livingcircle.kernel.provision import people_of
from livingcircle.kernel.score import units_of
from livingcircle.model.ages import group_named
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import is_open, service_columns, unit_columns

SUPPLIES = ("capacity", "beds", "floor_m2", "land_m2", "staff")
"""Columns of `Facilities` that are added up."""
PER = 1000.0
_COLUMNS = (
    "supply_of",
    "facilities_there",
    "facilities_stating",
    "supply_total",
    "demand_of",
    "people",
    "supply_per_1000",
)


def supply(study: Study) -> pd.DataFrame:
    """Return for the study and each district what the facilities within it have of each service, and per 1,000 of those it is for.

    There is a row for every service open to all and every figure that any of its facilities states, in each district: one without any is
    seen, with 0. Where there are facilities and none of them states it, it is empty; `facilities_stating` of `facilities_there` do. A place
    that offers several services counts with all it has for each of them. What is planned does not count; what lies beyond all districts
    is in the row of the study only.
    """
    facilities, homes, types = study.facilities, study.homes, study.standard.services
    in_use = np.asarray(facilities.status != "planned")
    own = district_of(facilities.xy, study.districts.geometry)
    there = dict(units_of(own, study.districts.parent))
    living = dict(units_of(homes.district, study.districts.parent))
    units: list[int] = []
    services: list[int] = []
    rows: list[tuple[object, ...]] = []
    for service, kind in enumerate(types):
        offering = facilities.serves[:, service] & in_use
        stated = [name for name in SUPPLIES if np.isfinite(getattr(facilities, name)[offering]).any()]
        if not is_open(kind) or not stated:
            continue
        group = group_named(kind.ages, homes.age_groups) if kind.ages else "residents"
        people = people_of(homes, group or kind.ages)
        for name in stated:
            values = getattr(facilities, name)
            for unit, inside in there.items():
                mine = values[inside[offering[inside]]]
                known = np.isfinite(mine)
                total = float(mine[known].sum()) if known.any() or not len(mine) else np.nan
                needing = float(people[living[unit]].sum())
                per = PER * total / needing if needing > 0 else np.nan
                units.append(unit)
                services.append(service)
                rows.append((name, len(mine), int(known.sum()), total, group or kind.ages, needing, per))
    columns = zip(*rows, strict=True) if rows else ((),) * len(_COLUMNS)
    return pd.DataFrame(
        {
            **unit_columns(study, np.array(units, np.int32)),
            **service_columns(study, np.array(services, np.int32)),
            **{name: list(values) for name, values in zip(_COLUMNS, columns, strict=True)},
        }
    )
