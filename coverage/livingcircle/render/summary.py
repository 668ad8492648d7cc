"""One JSON-safe account of an outcome, with every figure taken from the tables: for the terminal, `--json` and the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from livingcircle.faults import Fault, Language
from livingcircle.kernel.edge import district_of
from livingcircle.kernel.score import units_of
from livingcircle.model.checking import FileChecked
from livingcircle.model.plan import Plan
from livingcircle.model.results import Results
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Words
from livingcircle.model.study import Study
from livingcircle.model.verdict import WHOLE_STUDY
from livingcircle.render import tables
from livingcircle.render.clauses import is_told, shown_excess, shown_short
from livingcircle.render.completeness import completeness_said
from livingcircle.render.walking import assumptions
from livingcircle.render.words import LANGUAGES, in_one_language, say

RESIDENT_ESTIMATES = frozenset(
    {
        "residents_estimated",
        "residents_from_floor",
        "residents_spread",
        "residents_spread_from_raster",
        "residents_from_households",
    }
)
ESTIMATES = RESIDENT_ESTIMATES | {"households_estimated"}
"""Warnings that say the people are estimated; every output repeats them."""


def summary(results: Results) -> dict[str, Any]:
    """Return what an outcome says, as plain dicts, lists, texts and finite numbers; unknown numbers are `None`.

    It holds what a person reads; the tables hold the rest: districts at limits no clause sets, their ages, their remedies.
    Columns keep the names of the tables; a column in two languages becomes `{"zh": …, "en": …}`. Keys and their order are the same for
    every study.
    """
    study, assessment, plans, provenance = results.study, results.assessment, results.plans, results.provenance
    moved = tables.interval_drivers(results)
    return {
        "title": _both(study.title),
        "standard": {
            "id": study.standard.id,
            "title": _both(study.standard.title),
            "edition": study.standard.edition,
            "note": _both(study.standard.note),
        },
        "walker": {
            "id": study.walker.id,
            "name": _both(study.walker.name),
            "speed_metres_per_second": study.walker.speed_metres_per_second,
            "slope": study.walker.slope,
            "stairs_factor": study.walker.stairs_factor,
            "crossing_seconds": asdict(study.walker.crossing),
            "wide_roads": study.walker.wide_roads,
            "assumptions": {language: assumptions(study.walker, language) for language in LANGUAGES},
        },
        "counts": counts(study),
        "shown_limits": [seconds / 60 for seconds in assessment.shown_limits_seconds],
        "coverage": records(_of_districts_where_asked(study, tables.coverage(study, assessment))),
        "coverage_by_age": records(_where_asked(study, _whole_study(tables.coverage_by_age(study, assessment)))),
        "intervals": records(_of_districts_where_asked(study, tables.intervals(results))),
        "interval_drivers": records(moved[moved["scope"] == "study"]),
        "interval_members": records(tables.interval_members(results)),
        "interval_ranges": {language: tables.ranges_said(results, language) for language in LANGUAGES},
        **_of_access(results),
        "exchange": records(_where_asked(study, tables.exchange(study, assessment))),
        "population_check": records(tables.population_check(study)),
        "verdicts": records(tables.verdicts(study, assessment, results.intervals)),
        **_of_clauses(results),
        "isochrones": records(tables.isochrone_areas(study, results.isochrones)),
        "gaps": records(tables.gap_totals(study, results.gaps)),
        "gap_list": records(tables.gap_list(results)),
        "shortages": records(tables.shortages(results)),
        "gap_causes": records(tables.gap_causes(results)),
        "plans": plan_records(study, plans),
        "network_completeness": records(tables.network_completeness(study)),
        "warnings": fault_records(study.warnings),
        "quarantined": records(tables.quarantined(study)),
        "residents_estimated": residents_estimated(study),
        "attribution": list(study.attribution),
        "inputs": records(tables.inputs(study)),
        "provenance": {
            "settings_sha256": provenance.settings_sha256,
            "fingerprint": provenance.fingerprint,
            "standard": provenance.standard,
            "standard_files": dict(provenance.standard_files),
            "input_files": {key: dict(files) for key, files in provenance.input_files.items()},
            "program_sha256": provenance.program_sha256,
            "versions": dict(provenance.versions),
            "seeds": dict(provenance.seeds),
            "machine": dict(provenance.machine),
            "started_utc": provenance.started_utc,
            "stage_seconds": dict(provenance.stage_seconds),
        },
    }


def plan_records(study: Study, plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """Return every plan with the three numbers of its proof, in `plan_unit`, its sites, and what is told of them."""
    parts = {
        "sites": tables.plan_sites(study, plans),
        "clauses": tables.plan_clauses(study, plans),
        "uncovered": tables.plan_uncovered(study, plans),
        "frontier": tables.plan_frontier(study, plans),
        "stages": tables.plan_stages(plans),
    }
    return [
        {
            **row,
            "value": row["plan_value"],
            "bound": row["plan_bound"],
            "gap": row["gap_share"],
            **{name: records(table[table["plan"] == row["plan"]]) for name, table in parts.items()},
        }
        for row in records(tables.plan_quality(study, plans))
    ]


def _whole_study(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["scope"] == "study"]


def _where_asked(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that speak of a limit the standard sets for their service."""
    asked = {(rule.service, rule.limit_minutes) for rule in study.standard.requirements}
    rows = zip(table["service_id"], table["limit_minutes"], strict=True)
    return table[np.fromiter((row in asked for row in rows), bool, len(table))]


def _of_districts_where_asked(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows on the whole study at every limit, and those on districts at the limits of the standard."""
    return table.loc[_whole_study(table).index.union(_where_asked(study, table).index)]


def _of_access(results: Results) -> dict[str, Any]:
    """Return score and inequality by district, ages at their own speed and places for the whole study; the rest is in the tables."""
    study, access = results.study, results.access
    return {
        "scores": records(tables.scores(study, access)),
        "equity": records(tables.equity(study, access)),
        "elderly_and_children": records(_whole_study(tables.elderly_and_children(study, access))),
        "capacity": records(_whole_study(tables.capacity(study, access))),
        "supply": records(tables.supply(study)),
        "choice": records(tables.choice(study, access)),
    }


def _of_clauses(results: Results) -> dict[str, Any]:
    """Return each clause once, the verdicts on the whole study, disputes and answers; verdicts on units are in the tables only."""
    study, assessment = results.study, results.assessment
    every = assessment.rule_verdicts
    whole = tables.rule_verdicts(study, replace(assessment, rule_verdicts=every.rows(every.unit == WHOLE_STUDY)))
    rules = {rule.id: rule for rule in study.standard.rules}
    by_verdict = whole["verdict"].value_counts()
    unmet = whole[(whole["verdict"] == "unmet") & (whole["binding"] == "mandatory")]
    return {
        "rules": records(tables.clauses(study, assessment)),
        "rule_counts": {
            "all": len(whole),
            **{verdict: int(by_verdict.get(verdict, 0)) for verdict in tables.VERDICTS},
            "unmet_mandatory": len(unmet),
            "unverified": int((whole["mark"] != "").sum()),
        },
        "rule_verdicts": [{**row, **_said_of(rules[row["rule_id"]], row)} for row in records(whole)],
        "disputes": records(tables.disputes(study, assessment)),
        "answers": records(tables.answers(study)),
    }


_LISTED: Mapping[Language, str] = {"zh": "，", "en": ", "}


def _said_of(rule: Rule, row: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Say what is missing or too much as people read it, rounded up and with units."""
    short, excess = (math.nan if row[name] is None else row[name] for name in ("shortfall", "excess"))
    told = is_told(row["reason_code"])
    return {
        "short": {
            language: _LISTED[language].join(
                shown
                for shown in (
                    shown_short(short, rule, language, told=told),
                    shown_excess(excess, rule, language, told=told),
                )
                if shown
            )
            for language in LANGUAGES
        },
    }


def counts(study: Study) -> dict[str, float]:
    """Count places, people and streets."""
    network = study.network.streets
    streets = network.take(network.drawn)
    x, y = network.node_xy.T
    return {
        "homes": len(study.homes),
        "homes_unjoined": int((~study.home_anchors.joined).sum()),
        "residents": float(study.homes.residents.sum()),
        "households": float(study.homes.households.sum()),
        "facilities": len(study.facilities),
        "facilities_unjoined": int((~study.facility_anchors.joined).sum()),
        "candidates": len(study.candidates),
        "districts": len(study.districts),
        "nodes": len(np.unique(x + 1j * y)),  # each once, however many copies the network has of it
        "edges": len(streets),
        "street_kilometres": float(streets.metres.sum()) / 1000,
    }


def counts_in(study: Study, district: int) -> dict[str, Any]:
    """Count the homes and residents of a district (-1: the whole study), and the facilities in it: in all, and by service (its id).

    Of a district only places that may be shown as points are counted: the others would be found by subtraction.
    """
    homes = dict(units_of(study.homes.district, study.districts.parent))[district]
    facilities, types = study.facilities, list(study.standard.services)
    inside = np.ones(len(facilities), bool)
    if district >= 0:
        place = district_of(facilities.xy, study.districts.geometry)
        inside = np.isin(np.arange(len(facilities)), dict(units_of(place, study.districts.parent))[district])
        inside &= tables.published(study)
        types = [service for service in types if service.is_open]
    offered = dict(zip((one.id for one in study.standard.services), facilities.serves[inside].sum(axis=0), strict=True))
    return {
        "homes": len(homes),
        "residents": float(study.homes.residents[homes].sum()),
        "facilities": int(inside.sum()),
        "facilities_of": {service.id: int(offered[service.id]) for service in types},
    }


def residents_estimated(study: Study) -> bool:
    """Whether a warning says that residents are an estimate."""
    return any(fault.kind in RESIDENT_ESTIMATES for fault in study.warnings)


def overview(results: Results, language: Language) -> list[tuple[str, str]]:
    """Return the lines of the workbook's first sheet: a label and a text each, the date last."""
    date = (say("overview.date", language), results.provenance.started_utc)
    return [*_notes(results, language), date]


def about(results: Results) -> pd.DataFrame:
    """Return the same lines without the date as a table in both languages: what travels with data that have no first sheet."""
    zh, en = (_notes(results, language) for language in LANGUAGES)
    return pd.DataFrame(
        [(*chinese, *english) for chinese, english in zip(zh, en, strict=True)],
        columns=["item_zh", "text_zh", "item_en", "text_en"],
    )


def _notes(results: Results, language: Language) -> list[tuple[str, str]]:
    study = results.study
    standard, walker, number = study.standard, study.walker, counts(study)
    verdicts = tables.verdicts(study, results.assessment)
    whole = verdicts[verdicts["scope"] == "study"]
    judged = whole["verdict"].value_counts()
    unverified = int((~whole["verified"].astype(bool)).sum())
    speed = walker.speed_metres_per_second
    lines = [
        (
            "standard",
            say("overview.standard_edition", language, title=standard.title.said(language), edition=standard.edition),
        ),
        (
            "walker",
            say(
                "overview.walker_speed", language, name=walker.name.said(language), speed=speed, kilometres=speed * 3.6
            ),
        ),
        ("walking", assumptions(walker, language)),
        *([] if results.intervals is None else [("intervals", tables.ranges_said(results, language))]),
        ("residents", f"{number['residents']:,.0f}"),
        ("homes", f"{number['homes']:,}"),
        ("facilities", f"{number['facilities']:,}"),
        ("met", say("overview.met_of", language, met=int(judged.get("met", 0)), all=len(whole))),
    ]
    if judged.get("no_data", 0):
        lines.append(("no_data", say("overview.no_data_of", language, count=int(judged["no_data"]))))
    lines += clause_notes(results, language)
    lines.append(("basis", say("overview.basis_text", language)))
    if standard.note.said(language):
        lines.append(("standard_note", standard.note.said(language)))
    if unverified:
        lines.append(("unverified", say("overview.unverified_text", language, count=unverified)))
    if len(study.completeness):
        lines.append(("network", completeness_said(study.completeness, 0, language)))
    lines += [
        ("estimate" if fault.kind in ESTIMATES else "warning", fault.sentence(language)) for fault in study.warnings
    ]
    lines += [("attribution", in_one_language(credit, language)) for credit in study.attribution]
    return [(say(f"overview.{key}", language), text) for key, text in lines]


def clause_notes(results: Results, language: Language) -> list[tuple[str, str]]:
    """Say how many clauses are met, how many of them were not seen in print, and how many are disputed."""
    clauses = tables.clauses(results.study, results.assessment)
    judged = clauses[clauses["verdict"] != ""]
    if not len(judged):
        return []
    number = {verdict: int((judged["verdict"] == verdict).sum()) for verdict in tables.VERDICTS}
    binding = int(((judged["verdict"] == "unmet") & (judged["binding"] == "mandatory")).sum())
    lines = [("rules", say("overview.rules_text", language, all=len(judged), binding=binding, **number))]
    unverified = int((judged["mark"] != "").sum())
    if unverified:
        lines.append(("rules_unverified", say("overview.rules_unverified_text", language, count=unverified)))
    disputed = len(results.study.standard.inconsistencies)
    if disputed:
        lines.append(("disputes", say("overview.disputes_text", language, count=disputed)))
    return lines


def check_summary(study: Study | None, files: Sequence[FileChecked]) -> dict[str, Any]:
    """Return what a check found, file by file and in three lists; `counts` is there only where the study could be loaded."""
    described: list[dict[str, Any]] = [
        {
            "roles": list(file.roles),
            "path": file.path,
            "layer": file.layer,
            "format": file.format,
            "encoding": file.encoding,
            "crs": file.crs,
            "datum": file.datum,
            "rows": file.rows,
            "columns": dict(file.columns),
            "units": dict(file.units),
            "faults": fault_records(file.faults),
            "warnings": fault_records(file.warnings),
            "notes": fault_records(file.notes),
        }
        for file in files
    ]
    found = {part: [record for file in described for record in file[part]] for part in ("faults", "warnings", "notes")}
    return {
        "fit_for_use": not found["faults"],
        **found,
        "files": described,
        **({} if study is None else {"counts": counts(study)}),
    }


def fault_records(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """Return faults and warnings with their place, and said in both languages."""
    return [
        {
            "severity": fault.severity,
            "kind": fault.kind,
            "file": fault.file,
            "row": fault.row,
            "column": fault.column,
            "value": fault.value,
            "problem": {language: fault.problem(language) for language in LANGUAGES},
            "remedy": {language: fault.remedy(language) for language in LANGUAGES},
            "sentence": {language: fault.sentence(language) for language in LANGUAGES},
        }
        for fault in faults
    ]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values; columns `x_zh` and `x_en` become one `x` in both languages, unless there is an `x`."""
    named = [name.removesuffix("_zh") for name in frame.columns if name.endswith("_zh")]
    paired = [name for name in named if name not in frame.columns]
    columns: dict[str, list[Any]] = {}
    for name in frame.columns:
        base = name[:-3]
        if base in paired and name.endswith(("_zh", "_en")):
            columns.setdefault(base, [{} for _ in range(len(frame))])
            for row, value in zip(columns[base], frame[name].tolist(), strict=True):
                row[name[-2:]] = value
        else:
            columns[name] = [_plain(value) for value in frame[name].tolist()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value is pd.NA else value


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
