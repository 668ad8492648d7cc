"""What people lack at facilities in time of them, facility by facility and unit by unit, and what each would have to add."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from livingcircle.faults import Language
from livingcircle.kernel.unit_remedy import whole
from livingcircle.model.columns import IntArray
from livingcircle.model.diagnosis import COST_CLASS, Cause, Remedy
from livingcircle.model.results import Results
from livingcircle.render.clauses import cited, unit_of
from livingcircle.render.tables.lookup import limit_columns, lonlat_columns, named, place_columns, service_columns
from livingcircle.render.words import LANGUAGES, WORDS, say, say_code, shown_count


def shortages(results: Results) -> pd.DataFrame:
    """Each facility or unit that falls short of its places, or of what a clause asks, with who lacks what and the remedy's gain."""
    study, found = results.study, results.diagnosis.shortages
    xy = study.facilities.xy[found.facility] if len(found) else np.empty((0, 2))
    at = lonlat_columns(study, xy)
    none = found.facility < 0
    return pd.DataFrame(
        {
            "gap_id": named(results.diagnosis.places.ids, found.place),
            "requirement_id": asked_ids(results),
            **service_columns(study, found.service),
            **place_columns(study, results.diagnosis.places.district[found.place]),
            "facility_id": named(study.facilities.ids, found.facility),
            "facility_name": named(study.facilities.names, found.facility),
            **limit_columns(study, found.service, found.limit_seconds),
            "cause": codes(Cause(code).name.lower() for code in found.cause),
            "people_lacking": found.people,
            "homes": found.homes,
            "severity_resident_minutes": found.severity,
            "remedy_kind": codes(Remedy(code).name.lower() for code in found.remedy),
            "cost_class": pd.array([COST_CLASS[Remedy(code)] for code in found.remedy], "Int8"),
            "amount": found.amount,
            "amount_unit": np.where(np.isfinite(found.amount), found.unit, ""),
            **{
                f"remedy_{language}": codes(shortage_remedy(results, row, language) for row in range(len(found)))
                for language in LANGUAGES
            },
            "people_gained": found.gained,
            **{f"remedy_{name}": np.where(none, np.nan, np.asarray(column, float)) for name, column in at.items()},
        }
    )


def asked_ids(results: Results) -> np.ndarray:
    """Return what each row falls short of: the id of a clause, or `capacity-` and the service whose places are set beside those in need."""
    found, standard = results.diagnosis.shortages, results.study.standard
    return codes(
        standard.rules[rule].id if rule >= 0 else f"capacity-{standard.services[service].id}"
        for rule, service in zip(found.rule, found.service, strict=True)
    )


def shortage_remedy(results: Results, row: int, language: Language) -> str:
    """Say what a facility or a unit has to add, for which clause, and for how many."""
    study, found = results.study, results.diagnosis.shortages
    kind, amount, facility = Remedy(found.remedy[row]), float(found.amount[row]), int(found.facility[row])
    place = str(study.facilities.names[facility] or study.facilities.ids[facility]) if facility >= 0 else ""
    if kind == Remedy.COMPLETE_DATA:
        return say("shortage.complete_data", language, place=place)
    what = unit_remedy_said(kind, amount, str(found.unit[row]), language)
    rule = int(found.rule[row])
    said = say("shortage.at", language, place=place, what=what) if place else what
    gained = shown_count(float(found.gained[row]))
    if rule < 0:
        return say("shortage.brings_places", language, what=said, gained=gained)
    return say("shortage.brings_clause", language, what=said, gained=gained, rule=cited(study.standard.rules[rule]))


def unit_remedy_said(kind: Remedy, amount: float, unit: str, language: Language) -> str:
    """Say what would close a shortfall, rounded up as the shortfall itself is: `扩建 50 平方米`, `增加用地 140 平方米`."""
    key = unit if f"unit_remedy.{unit}" in WORDS else kind.name.lower()
    shown = f"{amount:,.1f}" if unit in {"hours", "metres"} else shown_count(whole(amount))
    return say(
        f"unit_remedy.{key}", language, amount=shown, unit=unit_of(shown, say_code("amount_unit", unit, language))
    )


def home_rows(results: Results) -> pd.DataFrame:
    """Each home of each row, with the columns of `home_causes`; the facility is the one that falls short."""
    study, found = results.study, results.diagnosis.shortages
    row = np.repeat(np.arange(len(found), dtype=np.int32), np.diff(found.indptr))
    walk = results.assessment.reach.seconds[found.service[row], found.home]
    return pd.DataFrame(
        {
            "home_id": study.homes.ids[found.home],
            **_asked(results, row),
            "residents": found.home_people,
            "cause": codes(Cause(code).name.lower() for code in found.cause[row]),
            "facility_id": named(study.facilities.ids, found.facility[row]),
            "straight_metres": np.nan,
            "walk_minutes": np.where(np.isfinite(walk), walk / 60, np.nan),
            "walk_to_straight": np.nan,
            "freed_minutes": np.nan,
        }
    )


def cause_rows(results: Results) -> pd.DataFrame:
    """People and homes by what they fall short of and by cause, with the columns of `gap_causes`."""
    found = results.diagnosis.shortages
    first: dict[tuple[str, int], list[int]] = {}
    for row, asked in enumerate(asked_ids(results)):
        first.setdefault((asked, int(found.cause[row])), []).append(row)
    own = [np.array(rows) for rows in first.values()]
    people = np.array([found.people[rows].sum() for rows in own], float)
    asked = [key[0] for key in first]
    total = pd.Series(people).groupby(np.array(asked, object)).transform("sum").to_numpy(float) if asked else people
    return pd.DataFrame(
        {
            **_asked(results, np.array([rows[0] for rows in own], np.int32)),
            "cause": codes(Cause(key[1]).name.lower() for key in first),
            "residents": people,
            "homes": np.array([found.homes[rows].sum() for rows in own], float),
            "cause_share": np.divide(people, total, out=np.full(len(own), np.nan), where=total > 0),
        }
    )


def _asked(results: Results, row: IntArray) -> dict[str, object]:
    study, found = results.study, results.diagnosis.shortages
    return {
        "requirement_id": asked_ids(results)[row],
        **service_columns(study, found.service[row]),
        **limit_columns(study, found.service[row], found.limit_seconds[row]),
    }


def codes(values: Iterable[object]) -> np.ndarray:
    """Return texts as a column."""
    listed = list(values)
    column = np.empty(len(listed), object)
    column[:] = listed
    return column
