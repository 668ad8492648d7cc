"""Homes and the people in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from livingcircle.kernel.gauge import covered
from livingcircle.model.outcome import Assessment
from livingcircle.model.people import REVIEW_REASONS
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import (
    is_open,
    join_columns,
    lonlat_columns,
    named,
    present,
    service_numbers,
    unit_columns,
    unknown,
)
from livingcircle.render.words import LANGUAGES, say, shown_limit


def homes(study: Study, assessment: Assessment, more: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Every home with its walks. Minutes are empty where it is not joined or unreachable; `joined` and `unreachable_…` say which.

    Services that are published by district only have no columns.

    `more` are columns (r,) that are shown after them.
    """
    places, reach = study.homes, assessment.reach
    joined = study.home_anchors.joined
    columns: dict[str, object] = {
        "home_id": places.ids,
        **lonlat_columns(study, places.xy),
        "district_id": named(study.districts.ids, places.district),
        "district_name": named(study.districts.names, places.district),
        "residents": places.residents,
        "households": places.households,
        **{f"residents_aged_{age}": places.residents_by_age[:, at] for at, age in enumerate(places.age_groups)},
        **join_columns(study.home_anchors),
    }
    known = present(study)
    for number, service in enumerate(study.standard.services):
        if not is_open(service):
            continue  # walks of a few homes are enough to find a place
        seconds = reach.seconds[number]
        reached = np.isfinite(seconds)
        columns[f"walk_minutes_{service.id}"] = np.where(reached, seconds / 60, np.nan)
        nowhere = pd.array(joined & np.isinf(seconds), dtype="boolean")
        columns[f"unreachable_{service.id}"] = nowhere if known[number] else unknown(len(places))
        columns[f"nearest_facility_{service.id}"] = named(study.facilities.ids, reach.facility[number])
    every = study.standard.requirements
    for rule, number in zip(every, service_numbers(study, every), strict=True):
        if not is_open(study.standard.services[number]):
            continue
        in_metres = assessment.plain_seconds if rule.limit_metres is not None else None
        walks = reach.seconds if in_metres is None else in_metres
        within = pd.array(covered(walks[number], rule.limit_seconds), dtype="boolean")
        columns[f"covered_{rule.id}"] = within if known[number] else unknown(len(places))
    frame = pd.DataFrame({**columns, **(more or {})})
    names = {service.id: (service.name.zh, service.name.en) for service in study.standard.services}
    frame.attrs["services"] = names
    frame.attrs["requirements"] = {
        rule.id: tuple(
            say("header.requirement", one, service=name, limit=shown_limit(rule.limit_minutes, rule.limit_metres, one))
            for one, name in zip(LANGUAGES, names[rule.service], strict=True)
        )
        for rule in every
    }
    return frame


def quarantined(study: Study) -> pd.DataFrame:
    """Rows of the layer of homes for review: those that cannot be right, those the user confirmed, and those that may be there twice."""
    rows = study.quarantined
    said = {
        language: [mark.join(REVIEW_REASONS[code].said(language) for code in row.split(";")) for row in rows.reasons]
        for language, mark in (("zh", "；"), ("en", "; "))
    }
    return pd.DataFrame(
        {
            "home_id": rows.ids,
            "home_name": rows.names,
            "row": rows.rows,
            **lonlat_columns(study, rows.xy),
            "residents": rows.residents,
            "households": rows.households,
            "residential_floor_m2": rows.floor_m2,
            "reason_ids": rows.reasons,
            **{f"reasons_{language}": texts for language, texts in said.items()},
            "counted": rows.kept,
        }
    )


def population_check(study: Study) -> pd.DataFrame:
    """Homes beside the population table, before they were scaled to it: a row per figure and district the table has."""
    found = study.population
    return pd.DataFrame(
        {
            "figure": found.figure,
            **unit_columns(study, found.district),
            "in_homes": found.in_homes,
            "in_table": found.in_table,
            "difference": found.in_homes - found.in_table,
            "difference_share": found.difference_share(),
        }
    )


def population_unplaced(study: Study) -> pd.DataFrame:
    """Population cells with people no home could take; their place is a point inside the cell."""
    cells = study.unplaced
    inside = shapely.get_coordinates(shapely.point_on_surface(cells.geometry)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "cell": cells.cells,
            "age_group": cells.age_groups,
            **lonlat_columns(study, inside),
            "residents": cells.residents,
        }
    )
