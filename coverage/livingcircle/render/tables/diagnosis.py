"""Why people are left out and what closes the gaps: the list of problems, its gap areas, causes by home, remedies by district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from livingcircle.faults import Language
from livingcircle.model.columns import FloatArray, IntArray, TextArray
from livingcircle.model.diagnosis import COST_CLASS, NO_GAP_DIAGNOSIS, Cause, Diagnosis, GapDiagnosis, Remedy
from livingcircle.model.results import Results
from livingcircle.model.study import Study
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.tables.areas import gap_areas
from livingcircle.render.tables.lookup import (
    is_open,
    limit_columns,
    lonlat_columns,
    named,
    place_columns,
    service_columns,
    service_numbers,
    unit_columns,
)
from livingcircle.render.tables.shortages import cause_rows, home_rows, shortage_remedy, unit_remedy_said
from livingcircle.render.words import LANGUAGES, say, say_code, shown_count, shown_share

CAUSES_NAMED = 3
LEAST_NAMED = 0.05
STREETS_SHARE = 0.5
"""A place is called after a street or two where at least this share of its residents live by them; else it is said to be wide."""
"""Causes of a smaller share of an area's residents are left to the columns."""
SIDES = ("e", "ne", "n", "nw", "w", "sw", "s", "se")
UNIT_CAUSES = {
    Remedy.ENLARGE: "site_too_small",
    Remedy.ADD_STAFF: "understaffed",
    Remedy.EXTEND_HOURS: "hours",
    Remedy.NEW_SITE: "too_few",
}


def gap_findings(results: Results) -> pd.DataFrame:
    """Gap areas by requirement as `gap_areas` has them, with the place each is part of, its causes and its cheapest remedy.

    The columns stay empty where nothing was diagnosed.
    """
    study, gaps, found = results.study, results.gaps, results.diagnosis
    table = gap_areas(study, gaps)
    areas = found.areas if len(found.areas) == len(gaps) else _undiagnosed(len(gaps))
    known = areas.place >= 0
    ids, names = _place_texts(results, areas.place)
    with np.errstate(invalid="ignore", divide="ignore"):
        closed_share = areas.residents_closed / gaps.residents
    remedy = [Remedy(kind) for kind in areas.remedy]
    findings: dict[str, object] = {
        "gap_id": ids,
        **{f"gap_name_{language}": names[language] for language in LANGUAGES},
        "severity_resident_minutes": areas.severity,
        "cause": _texts(Cause(code).name.lower() if one else "" for code, one in zip(areas.cause, known, strict=True)),
        "cause_share": np.where(known, areas.share_by_cause.max(axis=1, initial=0), np.nan),
        **{
            f"causes_{language}": _texts(
                causes_said(share, language) if one else ""
                for share, one in zip(areas.share_by_cause, known, strict=True)
            )
            for language in LANGUAGES
        },
        "remedy_kind": _texts(
            one.name.lower() if diagnosed else "" for one, diagnosed in zip(remedy, known, strict=True)
        ),
        "cost_class": pd.array(
            [COST_CLASS[one] if ok else None for one, ok in zip(remedy, known, strict=True)], "Int8"
        ),
        **{
            f"remedy_{language}": _texts(
                remedy_said(results, areas, row, language) if known[row] else "" for row in range(len(gaps))
            )
            for language in LANGUAGES
        },
        "residents_gained": areas.residents_gained,
        "residents_closed": areas.residents_closed,
        "closed_share": np.where(gaps.residents > 0, closed_share, np.nan),
        "candidate_id": named(study.candidates.ids, areas.candidate),
        **_at_columns(study, areas.xy),
        "trials": areas.trials,
    }
    return pd.concat([table, pd.DataFrame(findings)], axis=1)


def gap_list(results: Results) -> pd.DataFrame:
    """The list of problems: a row for each place that lacks something, the most severe first, whatever services it lacks.

    Facilities that people reach in time, but that fall short, and units whose facilities fall short together, are places of their own.
    """
    study, found = results.study, results.diagnosis
    places, areas = found.places, found.areas
    rules = study.standard.requirements
    numbers = service_numbers(study, rules)
    own = [np.flatnonzero(areas.place == place) for place in range(len(places))]
    own = [rows[np.argsort(-areas.severity[rows], kind="stable")] for rows in own]
    short = [np.flatnonzero(found.shortages.place == place) for place in range(len(places))]
    lacking = [
        [*numbers[results.gaps.requirement[rows]].tolist(), *found.shortages.service[lacks].tolist()]
        for rows, lacks in zip(own, short, strict=True)
    ]
    services = [[study.standard.services[one] for one in dict.fromkeys(row)] for row in lacking]
    ids, names = _place_texts(results, np.arange(len(places), dtype=np.int32))
    inside = np.asarray(shapely.get_coordinates(shapely.point_on_surface(places.geometry))).reshape(-1, 2)
    shares = [
        _share_of(areas.share_by_cause[rows], results.gaps.residents[rows]) if len(rows) else _lacking(found, lacks)
        for rows, lacks in zip(own, short, strict=True)
    ]
    return pd.DataFrame(
        {
            "gap_id": ids,
            "place_rank": np.arange(1, len(places) + 1),
            **{f"gap_name_{language}": names[language] for language in LANGUAGES},
            **place_columns(study, places.district),
            **lonlat_columns(study, inside),
            "residents": places.residents,
            "households": places.households,
            "homes": places.homes,
            "severity_resident_minutes": places.severity,
            "services_missing": np.array([len(one) for one in services], np.int32),
            "lacking_ids": _texts(";".join(one.id for one in row) for row in services),
            "lacking_zh": _texts("、".join(one.name.zh for one in row) for row in services),
            "lacking_en": _texts(", ".join(one.name.en for one in row) for row in services),
            **{
                f"causes_{language}": _texts(causes_said(share, language) for share in shares) for language in LANGUAGES
            },
            **{
                f"remedy_{language}": _texts(
                    _remedies_said(results, rows, language) if len(rows) else _additions_said(results, lacks, language)
                    for rows, lacks in zip(own, short, strict=True)
                )
                for language in LANGUAGES
            },
        }
    )


def gap_causes(results: Results) -> pd.DataFrame:
    """Residents and homes not covered by main cause, for each requirement: they add up to all who are not covered.

    Below come those who lack something at a facility in time, by what it falls short of: a clause, or places.
    """
    study, causes = results.study, results.diagnosis.causes
    rules, kinds = study.standard.requirements, len(Cause)
    key = causes.requirement.astype(np.int64) * kinds + causes.cause
    residents = np.bincount(key, study.homes.residents[causes.home], len(rules) * kinds)
    homes = np.bincount(key, minlength=len(rules) * kinds)
    total = np.repeat(residents.reshape(-1, kinds).sum(axis=1), kinds) if len(rules) else residents
    there = np.flatnonzero(homes)
    there = there[np.lexsort((there % kinds, -residents[there], there // kinds))]
    rule = (there // kinds).astype(np.int32)
    walks = pd.DataFrame(
        {
            **_rule_columns(study, rule),
            "cause": _texts(Cause(code).name.lower() for code in (there % kinds).tolist()),
            "residents": residents[there].astype(float),
            "homes": homes[there].astype(float),
            "cause_share": np.divide(
                residents[there], total[there], out=np.full(len(there), np.nan), where=total[there] > 0
            ),
        }
    )
    return _below(walks, cause_rows(results))


def home_causes(results: Results) -> pd.DataFrame:
    """The cause for every home and requirement that is not met, with its numbers; facilities that may not be shown stay unnamed.

    Below come the homes that lack something at a facility in time; `residents` are then those concerned.
    """
    study, causes = results.study, results.diagnosis.causes
    may = np.array([is_open(service) for service in study.standard.services], bool)
    shown = may[service_numbers(study, study.standard.requirements)[causes.requirement]] & (causes.facility >= 0)
    straight = np.where(shown & np.isfinite(causes.straight_metres), causes.straight_metres, np.nan)
    walk = causes.walk_seconds
    walks = pd.DataFrame(
        {
            "home_id": study.homes.ids[causes.home],
            **_rule_columns(study, causes.requirement),
            "residents": study.homes.residents[causes.home],
            "cause": _texts(cause.name.lower() for cause in Cause)[causes.cause],
            "facility_id": named(study.facilities.ids, np.where(shown, causes.facility, -1)),
            "straight_metres": straight,
            "walk_minutes": np.where(np.isfinite(walk), walk / 60, np.nan),
            "walk_to_straight": np.where(shown & np.isfinite(causes.walk_to_straight), causes.walk_to_straight, np.nan),
            "freed_minutes": causes.freed_seconds / 60,
        }
    )
    return _below(walks, home_rows(results))


def unit_remedies(results: Results) -> pd.DataFrame:
    """What each clause that a district does not meet asks for, from its shortfall."""
    study, found, verdicts = results.study, results.diagnosis.units, results.assessment.rule_verdicts
    rules = study.standard.rules
    types = {service.id: service.name for service in study.standard.services}
    own = [rules[number] for number in verdicts.rule[found.row]]
    kinds = [Remedy(kind) for kind in found.remedy]

    def service(language: Language) -> Iterable[str]:
        return (types[one.service].said(language) if one.service in types else one.service for one in own)

    def said(language: Language) -> Iterable[str]:
        for kind, amount, unit in zip(kinds, found.amount, found.unit, strict=True):
            yield unit_remedy_said(kind, float(amount), unit, language)

    return pd.DataFrame(
        {
            "rule_id": _texts(one.id for one in own),
            "service_id": _texts(one.service for one in own),
            **{f"service_{language}": _texts(service(language)) for language in LANGUAGES},
            **unit_columns(study, verdicts.unit[found.row]),
            "cause": _texts(UNIT_CAUSES.get(kind, "") for kind in kinds),
            "remedy_kind": _texts(kind.name.lower() for kind in kinds),
            "cost_class": pd.array([COST_CLASS[kind] for kind in kinds], "Int8"),
            "amount": found.amount,
            "amount_unit": found.unit,
            **{f"remedy_{language}": _texts(said(language)) for language in LANGUAGES},
        }
    )


def verdict_remedies(results: Results) -> Mapping[Language, TextArray]:
    """Return the remedy of every row of the verdicts on clauses (v,) in both languages, "" where there is none."""
    rows, said = results.diagnosis.units.row, unit_remedies(results)
    every: dict[Language, TextArray] = {}
    for language in LANGUAGES:
        every[language] = np.full(len(results.assessment.rule_verdicts), "", object)
        every[language][rows] = said[f"remedy_{language}"]
    return every


# ── In words ────────────────────────────────────────────────────────────────


def causes_said(share: FloatArray, language: Language) -> str:
    """Name the causes (causes,) of most residents with their shares, the greatest first."""
    order = [code for code in np.argsort(-share, kind="stable")[:CAUSES_NAMED] if share[code] > 0]
    named_ones = [code for code in order if share[code] >= LEAST_NAMED] or order[:1]
    said = (
        say(
            "gap.cause_share",
            language,
            cause=say_code("cause", Cause(code).name.lower(), language),
            share=shown_share(float(share[code])),
        )
        for code in named_ones
    )
    return say("gap.between", language).join(said)


def remedy_said(results: Results, areas: GapDiagnosis, row: int, language: Language) -> str:
    """Say what closes a gap area, where, and how many it brings within the limit."""
    study, kind = results.study, Remedy(areas.remedy[row])
    candidates, candidate = study.candidates, int(areas.candidate[row])
    if kind in {Remedy.COMPLETE_DATA, Remedy.IMPROVE_WAY}:
        return say(f"gap.{kind.name.lower()}", language)
    if kind == Remedy.OPEN_GATE:
        what = say("gap.open_gate", language, places=say("gap.and", language).join(_gates(study, areas, row, language)))
    elif kind == Remedy.ADD_CROSSING:
        what = say("gap.add_crossing", language, place=_road(study, areas.xy[row], language))
    elif candidate >= 0:
        place = str(candidates.names[candidate] or candidates.ids[candidate])
        key = "reuse_stock" if kind == Remedy.REUSE_STOCK else "new_site_at"
        what = say(f"gap.{key}", language, place=place, floor=shown_count(float(candidates.floor_m2[candidate])))
    else:
        what = say("gap.new_site", language)
    residents, closed = float(results.gaps.residents[row]), float(areas.residents_closed[row])
    share = shown_share(closed / residents) if residents > 0 else "—"
    gained = shown_count(float(areas.residents_gained[row]))
    return say("gap.brings", language, what=what, gained=gained, closed=shown_count(closed), share=share)


def _remedies_said(results: Results, rows: NDArray[np.intp], language: Language) -> str:
    """Say the remedies of all gap areas of a place, each with its services; what several of them share is said once."""
    study, areas = results.study, results.diagnosis.areas
    types = {service.id: service.name for service in study.standard.services}
    by_remedy: dict[str, dict[str, None]] = {}
    for row in rows.tolist():
        rule = study.standard.requirements[results.gaps.requirement[row]]
        name = types[rule.service].said(language)
        by_remedy.setdefault(remedy_said(results, areas, row, language), {})[name] = None
    return say("gap.between", language).join(
        say("gap.for_service", language, service=say("gap.and", language).join(names), what=what)
        for what, names in by_remedy.items()
    )


def _additions_said(results: Results, rows: NDArray[np.intp], language: Language) -> str:
    """Say what a facility or a unit that falls short has to add, the gravest first."""
    said = dict.fromkeys(shortage_remedy(results, row, language) for row in rows.tolist())
    return say("gap.between", language).join(said)


def _lacking(found: Diagnosis, rows: NDArray[np.intp]) -> FloatArray:
    """Return the shares by cause (causes,) of what falls short, each counted by its people."""
    share = np.zeros(len(Cause))
    np.add.at(share, found.shortages.cause[rows], found.shortages.people[rows] + 1e-9)
    together: FloatArray = share / share.sum()
    return together


def _below(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; pandas would make texts of columns that are empty in one."""
    return pd.concat([one, other], ignore_index=True) if len(other) else one


def _place_texts(results: Results, place: IntArray) -> tuple[np.ndarray, dict[Language, np.ndarray]]:
    """Return ids and names of places by position; -1 has none."""
    places = results.diagnosis.places
    names = {
        language: _texts(place_name(results, number, language) for number in range(len(places)))
        for language in LANGUAGES
    }
    return named(places.ids, place), {language: named(column, place) for language, column in names.items()}


def place_name(results: Results, place: int, language: Language) -> str:
    """Return what a place of the list of problems is called: a facility, a compound, streets, or its district."""
    places, units = results.diagnosis.places, results.study.districts
    own, facility = int(places.district[place]), int(places.facility[place])
    here = results.study.facilities
    words = {
        "estate": str(here.names[facility] or here.ids[facility]) if facility >= 0 else str(places.estate[place]),
        "street": str(places.street[place]),
        "street_2": str(places.street_2[place]),
        "district": str(units.names[own] or units.ids[own]) if own >= 0 else "",
    }
    if words["estate"]:
        said = say("gap.named_estate", language, **words)
    elif words["street"]:
        count = int(places.streets[place])
        said = say(f"gap.named_{_by_street(results, place)}", language, **words, count=count)
    elif words["district"]:
        return say("gap.named_district", language, **words)
    else:
        return say("gap.unnamed", language)
    return say("gap.in_district", language, place=said, district=words["district"]) if words["district"] else said


def _by_street(results: Results, place: int) -> str:
    """Return how a place is called after its streets: most of those who live in a wide one live by others, in one that is most of all."""
    places, everybody = results.diagnosis.places, results.study.homes.residents.sum()
    told = 1 + bool(places.street_2[place])
    if places.street_share[place] < STREETS_SHARE:
        if places.streets[place] == told:
            return "wide_street"
        return "most" if places.residents[place] > everybody / 2 else "wide"
    return "streets" if told > 1 else "street"


def _gates(study: Study, areas: GapDiagnosis, row: int, language: Language) -> Iterable[str]:
    for x, y, wall in areas.gates[row]:
        at = np.array([x, y])
        side = say(f"side_of.{_side(study, wall, at)}", language)
        yield say("gap.gate_side", language, place=_compound(study, at, language), side=side)


def _compound(study: Study, xy: FloatArray, language: Language) -> str:
    compounds = study.compounds
    if compounds is None or not len(compounds):
        return say("gap.compound", language)
    nearest = int(shapely.distance(compounds.geometry, shapely.Point(xy)).argmin())
    return str(compounds.names[nearest]) or say("gap.compound", language)


def _side(study: Study, wall: int, xy: FloatArray) -> str:
    """Tell on which side of a walled area a point of its wall lies."""
    centre = shapely.get_coordinates(shapely.centroid(study.walls.areas[wall]))[0]
    turn = np.arctan2(xy[1] - centre[1], xy[0] - centre[0]) / (np.pi / 4)
    return SIDES[round(float(turn)) % 8]


def _road(study: Study, xy: FloatArray, language: Language) -> str:
    streets = study.network.streets
    wide = np.flatnonzero(streets.wide & (streets.name >= 0))
    near = wide[shapely.dwithin(streets.lines[wide], shapely.Point(xy), 1.0)]
    return str(streets.names[streets.name[near[0]]]) if len(near) else say("gap.wide_road", language)


# ── Columns ─────────────────────────────────────────────────────────────────


def _rule_columns(study: Study, rule: IntArray) -> dict[str, object]:
    every = study.standard.requirements
    service = service_numbers(study, every)[rule] if len(rule) else np.zeros(0, np.int32)
    seconds = np.array([one.limit_seconds for one in every], float)
    return {
        "requirement_id": named(_texts(one.id for one in every), rule),
        **service_columns(study, service),
        **limit_columns(study, service, seconds[rule]),
    }


def _at_columns(study: Study, xy: FloatArray) -> dict[str, object]:
    at = np.full((len(xy), 2), np.nan)
    known = np.isfinite(xy[:, 0])
    if known.any():
        at[known] = lonlat_of(xy[known], study.crs)
    return {"remedy_lon": at[:, 0], "remedy_lat": at[:, 1]}


def _share_of(share: FloatArray, residents: FloatArray) -> FloatArray:
    """Return the shares by cause (causes,) of several areas together, each counted by its residents."""
    weight = residents + 1e-9
    together: FloatArray = (share * weight[:, None]).sum(axis=0) / weight.sum()
    return together


def _undiagnosed(count: int) -> GapDiagnosis:
    """Return empty findings for gap areas of which nothing was asked."""
    nothing = NO_GAP_DIAGNOSIS
    unknown = np.full(count, np.nan)
    none = np.full(count, -1, np.int32)
    return GapDiagnosis(
        cause=np.zeros(count, np.int8),
        share_by_cause=np.full((count, nothing.share_by_cause.shape[1]), np.nan),
        severity=unknown,
        remedy=np.zeros(count, np.int8),
        xy=np.full((count, 2), np.nan),
        candidate=none,
        gates=np.array([()] * count + [None], object)[:-1],
        residents_gained=unknown.copy(),
        residents_closed=unknown.copy(),
        trials=np.zeros(count, np.int32),
        place=none.copy(),
    )


def _texts(values: Iterable[object]) -> np.ndarray:
    listed = list(values)
    column = np.empty(len(listed), object)
    column[:] = listed
    return column
