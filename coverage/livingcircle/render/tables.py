"""The tables of an outcome: the one place where positions become ids and names again, and the one source of every figure shown.

Columns have English snake_case names with their unit and hold unrounded values; `labelled` gives the same table as people read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from livingcircle.faults import Language
from livingcircle.kernel.gauge import covered, services_present
from livingcircle.kernel.totals import rolled_up
from livingcircle.model.columns import BoolArray, FloatArray, IntArray, TextArray
from livingcircle.model.network import Anchors
from livingcircle.model.outcome import Assessment, Catchments, GapAreas, Isochrones, Plan, ServiceAreas
from livingcircle.model.people import REVIEW_REASONS
from livingcircle.model.places import FACILITY_NUMBERS, Districts
from livingcircle.model.results import Results
from livingcircle.model.standard import Requirement, ServiceType
from livingcircle.model.study import Study
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.completeness import completeness_columns
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.words import LANGUAGES, say, say_code

Tables = Mapping[str, pd.DataFrame]
_CODED = frozenset(
    {
        "scope",
        "district_level",
        "verdict",
        "status",
        "facility_status",
        "reason",
        "rule",
        "verification",
        "role",
        "severity",
        "figure",
        "network_grade",
        "weakest",
    }
)


def tables_of(results: Results) -> Tables:
    """Return every table by name, in the order they are written."""
    study, assessment, plans = results.study, results.assessment, results.plans
    tables = {
        "coverage": coverage(study, assessment),
        "coverage_by_age": coverage_by_age(study, assessment),
        "exchange": exchange(study, assessment),
        "verdicts": verdicts(study, assessment),
        "isochrones": isochrone_areas(study, results.isochrones),
        "gaps": gap_areas(study, results.gaps),
        "plan": plan_sites(study, plans),
        "plan_quality": plan_quality(study, plans),
        "facilities": facilities(study, assessment),
        "review": facility_review(study),
        "merged": merged_facilities(study),
        "candidates": candidates(study),
        "homes": homes(study, assessment),
        "quarantined": quarantined(study),
        "population_check": population_check(study),
        "population_unplaced": population_unplaced(study),
        "network_completeness": network_completeness(study),
        "warnings": warnings(study),
        "inputs": inputs(study),
    }
    tables["dictionary"] = dictionary(tables)
    return MappingProxyType(tables)


def coverage(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Coverage per service, limit and district. What is covered is empty for a service without any known facility."""
    table = assessment.coverage
    known = present(study)[table.service]
    columns = {
        **_units(study, table.district),
        **_services(study, table.service),
        "limit_minutes": table.limit_seconds / 60,
        "facilities": study.facilities.serves.sum(axis=0)[table.service],
    }
    for name in ("residents", "households", "homes"):
        columns[name] = getattr(table, name)
        columns[f"{name}_covered"] = np.where(known, getattr(table, f"{name}_covered"), np.nan)
        columns[f"{name}_share"] = np.where(known, table.share(name), np.nan)
    columns["residents_unjoined"] = table.residents_unjoined
    columns["residents_uncertain"] = np.where(known, table.residents_uncertain, np.nan)
    columns["residents_share_highest"] = np.where(known, table.highest_share(), np.nan)
    cautious = assessment.cautious
    unknown = np.full(len(table), np.nan)
    columns["residents_covered_one_gate"] = (
        unknown if cautious is None else np.where(known, cautious.residents_covered, np.nan)
    )
    columns["residents_share_one_gate"] = unknown if cautious is None else np.where(known, cautious.share(), np.nan)
    return pd.DataFrame(columns)


def coverage_by_age(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Coverage per service, limit, district and age group, as in `coverage`; no rows where no ages are known."""
    table = assessment.by_age
    known = present(study)[table.service]
    return pd.DataFrame(
        {
            **_units(study, table.district),
            **_services(study, table.service),
            "limit_minutes": table.limit_seconds / 60,
            "age_group": [study.homes.age_groups[number] for number in table.age_group],
            "residents": table.residents,
            "residents_covered": np.where(known, table.residents_covered, np.nan),
            "residents_share": np.where(known, table.share(), np.nan),
        }
    )


def exchange(study: Study, assessment: Assessment) -> pd.DataFrame:
    """What crosses the lines between districts; no row for a service without any known facility."""
    table = assessment.exchange.take(present(study)[assessment.exchange.service])
    inhabited = study.homes.take(study.homes.district >= 0)
    own = np.bincount(inhabited.district, inhabited.residents, minlength=len(study.districts))
    residents = rolled_up(own, study.districts.parent)[table.district]
    shares = np.full(len(table), np.nan)
    np.divide(table.residents_by_own, residents, out=shares, where=residents > 0)
    return pd.DataFrame(
        {
            **_district(study, table.district),
            **_services(study, table.service),
            "limit_minutes": table.limit_seconds / 60,
            "residents": residents,
            "residents_by_own": table.residents_by_own,
            "share_by_own": shares,
            "residents_from_outside": table.residents_from_outside,
            "outsiders_served": table.outsiders_served,
        }
    )


def population_check(study: Study) -> pd.DataFrame:
    """Homes beside the population table, before they were scaled to it: a row per figure and district the table has."""
    found = study.population
    return pd.DataFrame(
        {
            "figure": found.figure,
            **_units(study, found.district),
            "in_homes": found.in_homes,
            "in_table": found.in_table,
            "difference": found.in_homes - found.in_table,
            "difference_share": found.difference_share(),
        }
    )


def verdicts(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Return the verdict on every requirement, with the clause beside it."""
    table = assessment.verdicts
    every = study.standard.requirements
    rules = [every[number] for number in table.requirement]
    service = _service_of(study, every)[table.requirement] if rules else np.zeros(0, np.int32)
    share = assessment.coverage.share()[table.row]
    lowest = np.full(len(table), np.nan) if assessment.cautious is None else assessment.cautious.share()[table.row]
    highest = assessment.coverage.highest_share()[table.row]
    minimum = np.array([rule.minimum_share for rule in rules], float)
    return pd.DataFrame(
        {
            "requirement_id": [rule.id for rule in rules],
            **_services(study, service),
            **_units(study, table.district),
            "limit_minutes": [rule.limit_minutes for rule in rules],
            "minimum_share": [rule.minimum_share for rule in rules],
            "residents_share": np.where(present(study)[service], share, np.nan),
            "residents_share_one_gate": np.where(present(study)[service], lowest, np.nan),
            "residents_share_highest": np.where(present(study)[service], highest, np.nan),
            "verdict": table.verdict,
            "unmet_with_one_gate": (table.verdict == "met") & (lowest < minimum),
            "met_if_uncertain_covered": (table.verdict == "unmet") & (highest >= minimum),
            "residents_short": table.residents_short,
            "document": [rule.citation.document for rule in rules],
            "document_title": [rule.citation.title for rule in rules],
            "clause": [rule.citation.clause for rule in rules],
            "quote": [rule.citation.quote for rule in rules],
            "verification": [rule.citation.verification for rule in rules],
            "verified": [rule.citation.verified for rule in rules],
        }
    )


def homes(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Every home with its walks. Minutes are empty where it is not joined or unreachable; `joined` and `unreachable_…` say which."""
    places, reach = study.homes, assessment.reach
    joined = study.home_anchors.joined
    columns: dict[str, object] = {
        "home_id": places.ids,
        **_lonlat(study, places.xy),
        "district_id": _named(study.districts.ids, places.district),
        "district_name": _named(study.districts.names, places.district),
        "residents": places.residents,
        "households": places.households,
        **{f"residents_aged_{age}": places.residents_by_age[:, at] for at, age in enumerate(places.age_groups)},
        **_join(study.home_anchors),
    }
    known = present(study)
    for number, service in enumerate(study.standard.services):
        seconds = reach.seconds[number]
        reached = np.isfinite(seconds)
        columns[f"walk_minutes_{service.id}"] = np.where(reached, seconds / 60, np.nan)
        nowhere = pd.array(joined & np.isinf(seconds), dtype="boolean")
        columns[f"unreachable_{service.id}"] = nowhere if known[number] else _unknown(len(places))
        columns[f"nearest_facility_{service.id}"] = _named(study.facilities.ids, reach.facility[number])
    every = study.standard.requirements
    for rule, number in zip(every, _service_of(study, every), strict=True):
        within = pd.array(covered(reach.seconds[number], rule.limit_seconds), dtype="boolean")
        columns[f"covered_{rule.id}"] = within if known[number] else _unknown(len(places))
    frame = pd.DataFrame(columns)
    frame.attrs["services"] = {service.id: (service.name.zh, service.name.en) for service in study.standard.services}
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
            **_lonlat(study, rows.xy),
            "residents": rows.residents,
            "households": rows.households,
            "residential_floor_m2": rows.floor_m2,
            "reason_ids": rows.reasons,
            **{f"reasons_{language}": texts for language, texts in said.items()},
            "counted": rows.kept,
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
            **_lonlat(study, inside),
            "residents": cells.residents,
        }
    )


def facilities(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Every facility, with the homes and residents it is nearest to; each home counts once however many services it has there.

    Facilities that are not `published` are left out. Of what may be known of a facility only columns that tell something are shown.
    """
    places = study.facilities
    nearest = assessment.reach.facility
    reached = np.isfinite(assessment.reach.seconds) & (nearest >= 0)
    homes = len(study.homes)
    facility, home = np.divmod(np.unique(nearest[reached] * np.int64(homes) + np.nonzero(reached)[1]), homes)
    types = study.standard.services
    offered = [[types[number] for number in np.flatnonzero(row) if is_open(types[number])] for row in places.serves]
    known = {"facility_status": places.status, **{name: getattr(places, name) for name in FACILITY_NUMBERS}}
    known |= {"hours": places.hours, "address": places.address}
    told = {
        name: column
        for name, column in known.items()
        if (column != "" if column.dtype == object else ~np.isnan(column)).any()
    }
    if "facility_status" in told:
        told["facility_status"] = np.where(places.status == "", "unknown", places.status)
    frame = pd.DataFrame(
        {
            "facility_id": places.ids,
            "facility_name": places.names,
            **_named_types("services", offered),
            **_lonlat(study, places.xy),
            **_join(study.facility_anchors),
            "nearest_homes": np.bincount(facility, minlength=len(places)),
            "nearest_residents": np.bincount(facility, study.homes.residents[home], minlength=len(places)),
            **told,
            "confidence": places.confidence,
            "source": places.source,
        }
    )
    return frame[published(study)].reset_index(drop=True)


def _named_types(column: str, rows: Iterable[Iterable[ServiceType]]) -> Mapping[str, list[str]]:
    """Return ids, Chinese and English names of the services of every row."""
    listed = [tuple(row) for row in rows]
    return {
        column: [";".join(service.id for service in row) for row in listed],
        f"{column}_zh": ["；".join(service.name.zh for service in row) for row in listed],
        f"{column}_en": ["; ".join(service.name.en for service in row) for row in listed],
    }


def is_open(service: ServiceType) -> bool:
    """Return whether places of a service may be shown as points; the others are published by district."""
    return service.privacy == "open"


def published(study: Study) -> BoolArray:
    """Return which facilities (f,) may be shown as points: those with a service that may."""
    may = np.array([is_open(service) for service in study.standard.services], bool)
    return np.asarray(study.facilities.serves[:, may].any(axis=1))


def facility_review(study: Study) -> pd.DataFrame:
    """Return the rows of lists whose services are in doubt, with a column for the decision of a person, and those already decided."""
    review = study.review
    return pd.DataFrame(
        {
            "facility_id": review.ids,
            "facility_name": review.names,
            "file": review.files,
            "row": review.rows,
            **_named_types("services", review.services),
            "confidence": review.confidence,
            "reason": review.reason,
            **_named_types("alternatives", review.alternatives),
            "decision": review.decisions,
        }
    )


def to_look_at(study: Study) -> Tables:
    """Return the tables that a check shows beside the files: facilities in doubt, and what was merged."""
    return {"review": facility_review(study), "merged": merged_facilities(study)}


def merged_facilities(study: Study) -> pd.DataFrame:
    """Return what was merged into which facility, and why."""
    merged = study.merged
    return pd.DataFrame(
        {
            "kept_id": merged.kept_ids,
            "merged_id": merged.merged_ids,
            "distance_metres": merged.distance_metres,
            "kept_name": merged.kept_names,
            "merged_name": merged.merged_names,
            "rule": merged.rule,
        }
    )


def candidates(study: Study) -> pd.DataFrame:
    """Every candidate."""
    places = study.candidates
    return pd.DataFrame(
        {
            "candidate_id": places.ids,
            "candidate_name": places.names,
            **_lonlat(study, places.xy),
            "cost_wan_yuan": places.cost_wan_yuan,
            "floor_m2": places.floor_m2,
            **_join(study.candidate_anchors),
        }
    )


def isochrone_areas(study: Study, isochrones: Isochrones) -> pd.DataFrame:
    """How large each isochrone is; empty for a service without any known facility."""
    known = present(study)[isochrones.service]
    return pd.DataFrame(
        {
            **_services(study, isochrones.service),
            "limit_minutes": isochrones.limit_seconds / 60,
            "area_km2": np.where(known, shapely.area(isochrones.geometry) / 1e6, np.nan),
        }
    )


def catchments(study: Study, areas: Catchments) -> pd.DataFrame:
    """The areas of each facility on its own; only layers of the GeoPackage show them, without those that are not `published`."""
    return pd.DataFrame(
        {
            "facility_id": study.facilities.ids[areas.place],
            "facility_name": study.facilities.names[areas.place],
            "limit_minutes": areas.limit_seconds / 60,
            "area_km2": shapely.area(areas.geometry) / 1e6,
        }
    )


def service_areas(study: Study, areas: ServiceAreas) -> pd.DataFrame:
    """The areas from which a facility is the nearest of its service; only layers of the GeoPackage show them."""
    return pd.DataFrame(
        {
            **_services(study, areas.service),
            "facility_id": study.facilities.ids[areas.facility],
            "facility_name": study.facilities.names[areas.facility],
            "limit_minutes": areas.limit_seconds / 60,
            "area_km2": shapely.area(areas.geometry) / 1e6,
        }
    )


def gap_areas(study: Study, gaps: GapAreas) -> pd.DataFrame:
    """Gap areas by requirement, ranked within it; their place is a point inside the area."""
    every = study.standard.requirements
    service = _service_of(study, every)[gaps.requirement] if len(gaps) else np.zeros(0, np.int32)
    inside = shapely.get_coordinates(shapely.point_on_surface(gaps.geometry)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "requirement_id": [every[number].id for number in gaps.requirement],
            **_services(study, service),
            "limit_minutes": [every[number].limit_minutes for number in gaps.requirement],
            "gap_rank": pd.Series(gaps.requirement).groupby(gaps.requirement).cumcount().to_numpy() + 1,
            **_lonlat(study, inside),
            "residents": gaps.residents,
            "households": gaps.households,
            "homes": gaps.homes,
            "median_walk_minutes": np.where(np.isfinite(gaps.median_seconds), gaps.median_seconds / 60, np.nan),
        }
    )


def gap_totals(study: Study, gaps: GapAreas) -> pd.DataFrame:
    """How many gap areas each requirement has, and who lives in them; requirements that were not looked at are left out."""
    areas = gap_areas(study, gaps)
    keys = ["requirement_id", "service_id", "service_zh", "service_en", "limit_minutes"]
    totals = areas.groupby(keys, sort=False, as_index=False).agg(
        gap_areas=("gap_rank", "size"),
        residents=("residents", "sum"),
        households=("households", "sum"),
        homes=("homes", "sum"),
    )
    return pd.DataFrame(totals)


def plan_sites(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the sites of every plan in the order to build them."""
    chosen = _joined_columns([plan.chosen for plan in plans], np.int32)
    counts = [len(plan.chosen) for plan in plans]
    cumulative = _joined_columns([plan.cumulative_residents for plan in plans], float)
    baseline, total = (
        np.repeat(np.array([getattr(plan, name) for plan in plans], float), counts)
        for name in ("baseline_residents", "total_residents")
    )
    places = study.candidates
    return pd.DataFrame(
        {
            "plan": np.repeat(np.arange(1, len(plans) + 1, dtype=np.int32), counts),
            **_services(study, np.repeat(np.array([plan.service for plan in plans], np.int32), counts)),
            "limit_minutes": np.repeat(np.array([plan.limit_seconds / 60 for plan in plans], float), counts),
            "rank": _joined_columns([np.arange(1, count + 1, dtype=np.int32) for count in counts], np.int32),
            "candidate_id": places.ids[chosen],
            "candidate_name": places.names[chosen],
            **_lonlat(study, places.xy[chosen]),
            "cost_wan_yuan": places.cost_wan_yuan[chosen],
            "marginal_residents": _joined_columns([plan.marginal_residents for plan in plans], float),
            "cumulative_residents": cumulative,
            "share_after": np.divide(baseline + cumulative, total, out=np.full(len(total), np.nan), where=total > 0),
        }
    )


def plan_quality(study: Study, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return one row per plan: what it gains, and how far from the best it can be.

    Coverage before and after is unknown where the input holds no facility of the service.
    """
    known = present(study)[np.array([plan.service for plan in plans], np.intp)]
    before, after = (
        np.where(known, np.array([getattr(plan, name) for plan in plans], float), np.nan)
        for name in ("share_before", "share_after")
    )
    baseline = np.where(known, np.array([plan.baseline_residents for plan in plans], float), np.nan)
    return pd.DataFrame(
        {
            "plan": np.arange(1, len(plans) + 1, dtype=np.int32),
            **_services(study, np.array([plan.service for plan in plans], np.int32)),
            "limit_minutes": [plan.limit_seconds / 60 for plan in plans],
            "sites_asked": [plan.sites_asked for plan in plans],
            "sites_chosen": [len(plan.chosen) for plan in plans],
            "status": [plan.status for plan in plans],
            "total_residents": [plan.total_residents for plan in plans],
            "baseline_residents": baseline,
            "added_residents": [plan.value for plan in plans],
            "bound_residents": [plan.bound for plan in plans],
            "gap_share": [plan.gap for plan in plans],
            "share_before": before,
            "share_after": after,
        }
    )


def warnings(study: Study) -> pd.DataFrame:
    """Return what every reader must know of the data, in both languages."""
    columns = {
        f"{part}_{language}": [getattr(fault, part)(language) for fault in study.warnings]
        for part in ("place", "problem", "remedy")
        for language in LANGUAGES
    }
    return pd.DataFrame(
        {
            "severity": [fault.severity for fault in study.warnings],
            "kind": [fault.kind for fault in study.warnings],
            **columns,
        }
    )


def inputs(study: Study) -> pd.DataFrame:
    """Return the files that were read, with their digests."""
    return pd.DataFrame(
        {
            "role": [file.role for file in study.inputs],
            "file": [file.path for file in study.inputs],
            "size_bytes": [file.size_bytes for file in study.inputs],
            "sha256": [file.sha256 for file in study.inputs],
        }
    )


def network_completeness(study: Study) -> pd.DataFrame:
    """Grade and measures of the street network: the whole study, then every district."""
    found = study.completeness
    return pd.DataFrame({**_units(study, found.district), **completeness_columns(found)})


def dictionary(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Describe every column of every table, once per table; columns of one kind per service share a row."""
    seen = dict.fromkeys((name, column_entry(column)[0]) for name, frame in tables.items() for column in frame.columns)
    entries = [COLUMNS[entry] for _, entry in seen]
    texts = {
        f"{part}_{language}": [getattr(entry, part).said(language) for entry in entries]
        for part in ("header", "unit", "meaning")
        for language in LANGUAGES
    }
    return pd.DataFrame({"table": [name for name, _ in seen], "column": [entry for _, entry in seen], **texts})


def labelled(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the table as people read it: headers with units, one language, codes and truth values in words; numbers unrounded."""
    columns = {}
    for name in shown_columns(frame, language):
        values = frame[name]
        if name in _CODED:
            values = pd.Series([say_code(name, code, language) for code in values], dtype="str")
        elif name == "table":
            values = pd.Series([say(f"table.{code}", language) for code in values], dtype="str")
        elif values.dtype in (bool, "boolean"):
            words = {True: say("truth.true", language), False: say("truth.false", language)}
            values = values.astype("object").map(words).astype("str")
        header = _header(name, frame, language)
        # Two services may share a name; their columns are then told apart by the name for machines.
        columns[header if header not in columns else f"{header} [{name}]"] = values
    return pd.DataFrame(columns)


def shown_columns(frame: pd.DataFrame, language: Language) -> list[str]:
    """Return the columns that `labelled` keeps, in their order: all but those in the other language."""
    other = "_en" if language == "zh" else "_zh"
    return [name for name in frame.columns if not name.endswith(other)]


def present(study: Study) -> BoolArray:
    """(s,) whether the input holds any facility of each service that walkers can get to; else coverage is unknown, not nil."""
    return services_present(study.facilities.serves, study.facility_anchors.joined)


def _header(name: str, frame: pd.DataFrame, language: Language) -> str:
    entry, about = column_entry(name)
    header = COLUMNS[entry].display(language)
    zh, en = frame.attrs.get("services", {}).get(about, (about, about))
    return (
        header.replace("{service}", zh if language == "zh" else en)
        .replace("{requirement}", about)
        .replace("{age}", about)
    )


def _services(study: Study, service: IntArray) -> dict[str, object]:
    types = study.standard.services
    return {
        "service_id": [types[number].id for number in service],
        "service_zh": [types[number].name.zh for number in service],
        "service_en": [types[number].name.en for number in service],
    }


def _service_of(study: Study, requirements: Sequence[Requirement]) -> IntArray:
    position = {service.id: number for number, service in enumerate(study.standard.services)}
    return np.array([position[rule.service] for rule in requirements], np.int32)


def district_columns(units: Districts) -> dict[str, TextArray]:
    """Return id, name and level of every district (d,), the id of the one it is part of, and the names of all those, the smaller first."""
    within, larger = np.full(len(units), "", object), units.parent
    while (larger >= 0).any():
        within = within + np.where((within != "") & (larger >= 0), ", ", "") + _named(units.names, larger)
        larger = np.append(units.parent, np.int32(-1))[larger]
    return {
        "district_id": units.ids,
        "district_name": units.names,
        "district_level": units.level,
        "parent_id": _named(units.ids, units.parent),
        "district_within": within,
    }


def _units(study: Study, district: IntArray) -> dict[str, object]:
    undivided = np.append(study.districts.undivided, False)[district]
    scope = np.where(district < 0, "study", np.where(undivided, "district", "larger_district"))
    return {"scope": scope, **_district(study, district)}


def _district(study: Study, district: IntArray) -> dict[str, object]:
    return {name: _named(column, district) for name, column in district_columns(study.districts).items()}


def _named(names: TextArray, position: IntArray) -> TextArray:
    """Look names up; position -1 has none."""
    with_none: TextArray = np.append(names, np.array([""], object))
    return with_none[position]


def _lonlat(study: Study, xy: FloatArray) -> dict[str, object]:
    lonlat = lonlat_of(xy, study.crs)
    return {"lon": lonlat[:, 0], "lat": lonlat[:, 1]}


def _join(anchors: Anchors) -> dict[str, object]:
    metres = np.where(np.isfinite(anchors.nearest_metres), anchors.nearest_metres, np.nan)
    return {"joined": anchors.joined, "street_metres": metres}


def _unknown(length: int) -> pd.api.extensions.ExtensionArray:
    return pd.array([None] * length, dtype="boolean")


def _joined_columns(parts: Sequence[FloatArray | IntArray], kind: type) -> FloatArray | IntArray:
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind)
