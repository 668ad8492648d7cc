"""What is measured for clauses: a pure function for each metric of `livingcircle.model.rule`, from the facts to a figure per unit.

```
walking    how far people have, and the share of people or land within a limit
presence   is there one, how many, does every unit have its own
area       floor and land, in total and per head
people     how many live there, and for how many a place is
staff      persons at work
offer      beds, classes, hours, services under one roof or next door
place      streets and spacing
register   what only people can tell
```

The six meanings of 覆盖 stay six measures: 设施覆盖率 (`share_of_units_with`), 步行可达人口覆盖率 (`share_within_walk`),
服务人口覆盖率 (`register_share`, for no text says how it is measured), 用地半径覆盖率 and 公园绿地服务半径覆盖率
(`share_of_land_within`, with a stated limit or that of the size of a park), 每百户面积 (`floor_m2_per_100_households`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from livingcircle.kernel.metrics import area, offer, people, place, presence, register, staff, walking
from livingcircle.kernel.metrics.facts import Facts, Measured
from livingcircle.kernel.units import Units
from livingcircle.model.rule import Metric, Rule

METRICS: Mapping[Metric, Callable[[Rule, Facts, Units], Measured]] = MappingProxyType(
    {
        "walk_minutes": walking.walk,
        "walk_metres": walking.walk,
        "share_within_walk": walking.share_within,
        "share_of_land_within": walking.share_of_land,
        "presence": presence.presence,
        "share_of_units_with": presence.share_of_units,
        "one_per_unit": presence.share_of_units,
        "count": presence.count,
        "count_total": presence.count,
        "count_per_resident": presence.count_per_resident,
        "named": presence.presence,
        "facility_list": presence.facility_list,
        "floor_m2": area.floor_m2,
        "land_m2": area.land_m2,
        "floor_m2_per_100_households": area.floor_m2_per_100_households,
        "floor_m2_per_1000_residents": area.floor_m2_per_1000_residents,
        "land_m2_per_1000_residents": area.land_m2_per_1000_residents,
        "land_m2_per_resident": area.land_m2_per_resident,
        "floor_m2_per_bed": area.floor_m2_per_bed,
        "land_m2_per_bed": area.land_m2_per_bed,
        "activity_share_of_floor": area.activity_share_of_floor,
        "share_of_building_floor": area.share_of_building_floor,
        "width_metres": offer.width_metres,
        "residents_per_unit": people.residents_per_unit,
        "dwellings_per_unit": people.dwellings_per_unit,
        "households_per_community": people.households_per_community,
        "staff_per_community": staff.staff_per_community,
        "staff_per_10000_residents": staff.staff_per_10000_residents,
        "beds": offer.beds,
        "beds_per_1000_elderly": offer.beds_per_1000_elderly,
        "classes": offer.classes,
        "hours_per_day": offer.hours_per_day,
        "services_per_site": offer.services_per_site,
        "colocation": offer.colocation,
        "spacing_metres": place.spacing_metres,
        "street_km_per_km2": place.street_km_per_km2,
        "register_share": register.register,
        "register_value": register.register,
        "checklist": register.checklist,
        "design": register.design,
    }
)
"""Every metric a rule may name."""
TOLD = frozenset({"register_share", "register_value", "checklist"})
"""Those whose figure people tell."""
