"""How much there is for people, for whom and how evenly: places beside demand, choice, score, inequality, ages at their own speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from livingcircle.kernel.equity import mean, quantile
from livingcircle.kernel.evenness import PLACES_PER
from livingcircle.kernel.gauge import WHOLE_STUDY
from livingcircle.kernel.provision import people_of
from livingcircle.kernel.score import units_of
from livingcircle.model.access import Access, AgeWalks, Choice, ServiceCapacity
from livingcircle.model.ages import group_named
from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.results import Results
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import is_open, limit_columns, named, present, service_columns, unit_columns

_UNIT = ("scope", "district_id", "district_name", "district_level", "parent_id", "district_within")
_SERVICE = ("service_id", "service_zh", "service_en")
_CAPACITY = (
    "people",
    "places_per_1000",
    "places_per_1000_decayed",
    "places_known",
    "places_reached",
    "places_idle",
    "facilities_counted",
    "facilities_unknown",
    "needed",
    "served",
    "unmet",
    "unmet_out_of_reach",
    "unmet_maybe",
    "served_share",
)
_CAPACITIES = (
    *(*_UNIT, *_SERVICE, "limit_minutes", "supply_of", "demand_of", "per_person", "decay"),
    *_CAPACITY,
)
_USE = (
    *(*_SERVICE, "facility_id", "facility_name", "supply_of", "places_known", "facility_places_per_1000"),
    *("filled", "utilisation", "mean_walk_minutes"),
)
_CHOICE = (
    *(*_UNIT, *_SERVICE, "limit_minutes", "nearest_count", "residents", "facilities_within_mean", "choice_share"),
    "last_median_minutes",
)
_SCORES = (
    *(*_UNIT, "residents", "living_circle_score", "services_reached_share", "closeness", "weakest_link"),
    *("all_reached_share", "weakest_median_minutes", "weakest_most_minutes", "weakest_service_id"),
    *("weakest_service_zh", "weakest_service_en", "weight_reached", "weight_closeness", "weight_weakest"),
    *("decay", "decay_range_limits", "services_counted", "services_unknown"),
)
_EQUITY = (
    *(*_UNIT, "good", *_SERVICE, "people", "good_mean", "worst_tenth_mean", "gini", "palma", "palma_unbounded"),
    *("theil", "theil_between", "theil_within", "concentration", "rank_by"),
)
_LORENZ = ("good", *_SERVICE, "people_share", "good_share")
_AGES = (
    *(
        *_UNIT,
        *_SERVICE,
        "limit_minutes",
        "limit_metres",
        "age_group",
        "age_side",
        "speed_metres_per_second",
        "residents",
    ),
    *("residents_covered", "residents_share", "residents_share_study_speed", "walk_median_minutes"),
    "walk_most_minutes",
)
_OF_PEOPLE = _AGES[_AGES.index("speed_metres_per_second") :]


def scores(study: Study, access: Access) -> pd.DataFrame:
    """Return the score of the living circle and the parts it is made of, by district; no rows where the standard requires nothing known."""
    score, table = access.score, access.scores
    if score is None or table is None:
        return _nothing(_SCORES)
    weights = score.weights.parts()
    return pd.DataFrame(
        {
            **unit_columns(study, table.unit),
            "residents": table.residents,
            "living_circle_score": table.score,
            "services_reached_share": table.reached,
            "closeness": table.closeness,
            "weakest_link": table.weakest,
            "all_reached_share": table.all_reached,
            "weakest_median_minutes": _minutes(table.weakest_median_seconds),
            "weakest_most_minutes": _minutes(table.weakest_most_seconds),
            **_weakest(study, table.weakest_service),
            "weight_reached": weights[0],
            "weight_closeness": weights[1],
            "weight_weakest": weights[2],
            "decay": score.decay.kind,
            "decay_range_limits": score.range_limits,
            "services_counted": len(score.services),
            "services_unknown": len(score.unknown),
        }
    )


def capacity(study: Study, access: Access) -> pd.DataFrame:
    """Return the places of every service asked about beside those who need them, by district; empty where nothing is known."""
    return _rows(
        _CAPACITIES,
        (
            pd.DataFrame(
                {
                    **unit_columns(study, np.array([unit for unit, _ in rows], np.int32)),
                    **service_columns(study, np.full(len(rows), found.asked.service, np.int32)),
                    "limit_minutes": found.asked.limit_seconds / 60,
                    "supply_of": found.asked.supply_of,
                    "demand_of": found.asked.demand_of,
                    "per_person": np.nan if found.asked.per_person is None else found.asked.per_person,
                    "decay": found.asked.decay.kind,
                    **{name: [row[name] for _, row in rows] for name in _CAPACITY},
                }
            )
            for found in access.capacity
            for rows in [list(_capacity_rows(study, found))]
        ),
    )


def capacity_facilities(study: Study, access: Access) -> pd.DataFrame:
    """Return how far each facility is used; those of services that are not published as points are left out."""
    found = [table for table in access.capacity if is_open(study.standard.services[table.asked.service])]
    return _rows(
        _USE,
        (
            pd.DataFrame(
                {
                    **service_columns(study, np.full(len(table.facility), table.asked.service, np.int32)),
                    "facility_id": study.facilities.ids[table.facility],
                    "facility_name": study.facilities.names[table.facility],
                    "supply_of": table.asked.supply_of,
                    "places_known": table.supply,
                    "facility_places_per_1000": np.nan
                    if table.catchment is None
                    else PLACES_PER * table.catchment.ratio * (table.asked.per_person or 1.0),
                    "filled": np.nan if table.allocation is None else table.allocation.filled,
                    "utilisation": _utilisation(table),
                    "mean_walk_minutes": np.nan if table.allocation is None else table.allocation.walk_seconds / 60,
                }
            )
            for table in found
        ),
    )


def choice(study: Study, access: Access) -> pd.DataFrame:
    """Return how many facilities people can choose from, and how far the last of them is, by district."""
    return _rows(_CHOICE, (_choice_rows(study, found) for found in access.choice))


def equity(study: Study, access: Access) -> pd.DataFrame:
    """Return how evenly each good is spread: of the whole study, the score also within each district."""
    table = access.equity
    if table is None:
        return _nothing(_EQUITY)
    return pd.DataFrame(
        {
            **unit_columns(study, table.unit),
            "good": table.measure,
            **_services_or_all(study, table.service),
            "people": table.residents,
            "good_mean": table.mean,
            "worst_tenth_mean": table.worst_mean,
            "gini": table.gini,
            "palma": np.where(np.isfinite(table.palma), table.palma, np.nan),
            "palma_unbounded": pd.array(np.isposinf(table.palma), dtype="boolean"),
            "theil": table.theil,
            "theil_between": table.theil_between,
            "theil_within": table.theil_within,
            "concentration": table.concentration,
            "rank_by": table.rank_by,
        }
    )


def lorenz(study: Study, access: Access) -> pd.DataFrame:
    """Return the Lorenz curve of each good of the whole study, a row per hundredth of the people."""
    table = access.lorenz
    if table is None:
        return _nothing(_LORENZ)
    return pd.DataFrame(
        {
            "good": table.measure,
            **_services_or_all(study, table.service),
            "people_share": table.residents_share,
            "good_share": table.value_share,
        }
    )


def coverage_own_speed(study: Study, access: Access) -> pd.DataFrame:
    """Return who is covered within the required limit when every age group walks at its own speed, beside the study's own."""
    return _nothing(_AGES) if access.ages is None else _of_ages(study, access.ages)


def elderly_and_children(study: Study, access: Access) -> pd.DataFrame:
    """Return the same for services for older people and for children only, each for the ages it is meant for.

    Where the homes do not know those ages there is one row, without figures. Services for no certain ages come with every group of their
    side; so do all where no ages are known at all, for everybody at the speed of that side.
    """
    if access.ages is None:
        return _nothing(_AGES)
    ages, services = access.ages, study.standard.services
    rows = _of_ages(study, ages)
    found = []
    for service in dict.fromkeys(ages.coverage.service.tolist()):
        type_, groups = services[service], study.homes.age_groups
        own = rows[ages.coverage.service == service]
        group = group_named(type_.ages, groups)
        if type_.group not in ("elderly", "children"):
            continue
        if type_.ages and groups and group is None:
            lacking = dict.fromkeys(_OF_PEOPLE, np.nan)
            found.append(own.iloc[:1].assign(age_group=type_.ages, age_side=type_.group, **lacking))
        else:
            found.append(own[own["age_group"] == group] if group else own[own["age_side"] == type_.group])
    return _rows(_AGES, found)


def home_columns(study: Study, access: Access) -> Mapping[str, object]:
    """Return what is known of each home (r,) of services open to all: its score, places per thousand, who finds one, and choice."""
    columns: dict[str, object] = {}
    score = access.score
    if score is not None:
        columns |= {
            "living_circle_score": score.score,
            "services_reached_share": score.reached,
            "closeness": score.closeness,
            "weakest_link": score.weakest,
            "weakest_minutes": _minutes(score.weakest_seconds),
            "weakest_service_id": named(
                np.array([service.id for service in study.standard.services], object), score.weakest_service
            ),
        }
    for found in access.capacity:
        if not is_open(study.standard.services[found.asked.service]):
            continue
        service = study.standard.services[found.asked.service].id
        if found.catchment is not None:
            columns[f"places_per_1000_{service}"] = (
                PLACES_PER * found.catchment.access * (found.asked.per_person or 1.0)
            )
        if found.allocation is not None:
            columns[f"unmet_{service}"] = found.demand - found.allocation.served
    for chosen in access.choice:
        if not is_open(study.standard.services[chosen.asked.service]):
            continue
        service = study.standard.services[chosen.asked.service].id
        columns[f"facilities_within_{service}"] = chosen.within
        columns[f"last_minutes_{service}"] = _minutes(chosen.seconds[-1])
    return columns


def district_access(results: Results) -> Mapping[str, object]:
    """Return what is known of each district (d,): score, parts and inequality, places per thousand, what finds none."""
    study, access = results.study, results.access
    columns: dict[str, object] = {}
    if access.scores is not None:
        within = scores(study, access).iloc[1:]
        parts = ("living_circle_score", "services_reached_share", "closeness", "weakest_link", "all_reached_share")
        columns |= {name: within[name].to_numpy() for name in parts}
    for found in access.capacity:
        service = study.standard.services[found.asked.service].id
        rows = pd.DataFrame(
            [row for unit, row in _capacity_rows(study, found) if unit != WHOLE_STUDY], columns=_CAPACITY
        )
        columns[f"places_per_1000_{service}"] = rows["places_per_1000"].to_numpy()
        if found.allocation is not None:
            columns[f"unmet_{service}"] = rows["unmet"].to_numpy()
    return columns


def facility_columns(study: Study, access: Access) -> Mapping[str, FloatArray]:
    """Return how far each facility (f,) is used, by service; those of services that are not published as points are left out."""
    columns = {}
    for found in access.capacity:
        service = study.standard.services[found.asked.service]
        if found.allocation is not None and is_open(service):
            used = np.full(len(study.facilities), np.nan)
            used[found.facility] = _utilisation(found)
            columns[f"utilisation_{service.id}"] = used
    return columns


def _capacity_rows(study: Study, found: ServiceCapacity) -> Iterable[tuple[int, Mapping[str, float]]]:
    people = people_of(study.homes, found.asked.demand_of)
    per_head = PLACES_PER * (found.asked.per_person or 1.0)  # from a unit of need back to a person
    for unit, members in units_of(study.homes.district, study.districts.parent):
        row = dict.fromkeys(_CAPACITY, np.nan)
        row["people"] = people[members].sum()
        if unit == WHOLE_STUDY:
            unknown = np.isnan(found.supply)
            row["facilities_counted"], row["facilities_unknown"] = (~unknown).sum(), unknown.sum()
            if not unknown.all():
                row["places_known"] = np.nansum(found.supply)
        if found.catchment is not None and found.enhanced is not None:
            row["places_per_1000"] = per_head * mean(found.catchment.access[members], people[members])
            row["places_per_1000_decayed"] = per_head * mean(found.enhanced.access[members], people[members])
            if unit == WHOLE_STUDY:
                row["places_reached"], row["places_idle"] = found.catchment.supply_reached, found.catchment.supply_idle
        if found.asked.per_person is not None:
            row["needed"] = found.demand[members].sum()
        if found.allocation is not None:
            served = found.allocation.served[members]
            unmet = found.demand[members] - served
            row["served"], row["unmet"] = served.sum(), unmet.sum()
            row["unmet_out_of_reach"] = unmet[found.out_of_reach[members]].sum()
            row["unmet_maybe"] = unmet[found.maybe_served[members]].sum()
            row["served_share"] = served.sum() / row["needed"] if row["needed"] > 0 else np.nan
        yield unit, row


def _choice_rows(study: Study, found: Choice) -> pd.DataFrame:
    residents, last = study.homes.residents, np.nan_to_num(found.seconds[-1], nan=np.inf, posinf=np.inf)
    units, rows = [], []
    for unit, members in units_of(study.homes.district, study.districts.parent):
        people, within = residents[members], found.within[members].astype(float)
        enough = (found.within[members] >= found.asked.count).astype(float)
        units.append(unit)
        rows.append((people.sum(), mean(within, people), mean(enough, people), quantile(last[members], people, 0.5)))
    total, within_mean, enough_share, half = np.array(rows).T
    known = present(study)[found.asked.service]
    return pd.DataFrame(
        {
            **unit_columns(study, np.array(units, np.int32)),
            **service_columns(study, np.full(len(units), found.asked.service, np.int32)),
            "limit_minutes": found.asked.limit_seconds / 60,
            "nearest_count": found.asked.count,
            "residents": total,
            "facilities_within_mean": np.where(known, within_mean, np.nan),
            "choice_share": np.where(known, enough_share, np.nan),
            "last_median_minutes": _minutes(half),
        }
    )


def _of_ages(study: Study, ages: AgeWalks) -> pd.DataFrame:
    table = ages.coverage
    known = present(study)[table.service]
    walkers = [ages.walkers[number] for number in table.age_group]
    same = np.divide(ages.same_speed, table.residents, out=np.full(len(table), np.nan), where=table.residents > 0)
    return pd.DataFrame(
        {
            **unit_columns(study, table.district),
            **service_columns(study, table.service),
            **limit_columns(study, table.service, table.limit_seconds),
            "age_group": [walker.group for walker in walkers],
            "age_side": [walker.side for walker in walkers],
            "speed_metres_per_second": [walker.speed_metres_per_second for walker in walkers],
            "residents": table.residents,
            "residents_covered": np.where(known, table.residents_covered, np.nan),
            "residents_share": np.where(known, table.share(), np.nan),
            "residents_share_study_speed": np.where(known, same, np.nan),
            "walk_median_minutes": np.where(known, _minutes(ages.half_seconds), np.nan),
            "walk_most_minutes": np.where(known, _minutes(ages.most_seconds), np.nan),
        }
    )


def _utilisation(found: ServiceCapacity) -> FloatArray:
    used = np.full(len(found.supply), np.nan)
    if found.allocation is not None:
        np.divide(found.allocation.filled, found.supply, out=used, where=found.supply > 0)
    return used


def _weakest(study: Study, service: IntArray) -> dict[str, object]:
    types = study.standard.services
    columns = {
        "id": [kind.id for kind in types],
        "zh": [kind.name.zh for kind in types],
        "en": [kind.name.en for kind in types],
    }
    return {f"weakest_service_{part}": named(np.array(texts, object), service) for part, texts in columns.items()}


def _services_or_all(study: Study, service: IntArray) -> dict[str, object]:
    """Return the service of each row, "" for what is of all of them."""
    types = study.standard.services
    columns = {
        "service_id": [kind.id for kind in types],
        "service_zh": [kind.name.zh for kind in types],
        "service_en": [kind.name.en for kind in types],
    }
    return {name: named(np.array(texts, object), service) for name, texts in columns.items()}


def _minutes(seconds: FloatArray) -> FloatArray:
    """Return minutes; empty where there is no walk."""
    return np.where(np.isfinite(seconds), seconds / 60, np.nan)


def _rows(columns: tuple[str, ...], frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    listed = list(frames)
    return pd.concat(listed, ignore_index=True) if listed else _nothing(columns)


def _nothing(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a table without rows, which has its columns all the same."""
    return pd.DataFrame({name: np.empty(0, object) for name in columns})
