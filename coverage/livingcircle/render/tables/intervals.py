"""How far coverage moves with what was assumed, what moves it most, and what was assumed."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from livingcircle.faults import Language
from livingcircle.model.interval import Intervals, Member
from livingcircle.model.outcome import CoverageTable
from livingcircle.model.results import Results
from livingcircle.model.walker import CrossingSeconds
from livingcircle.render.tables.lookup import limit_columns, present, service_columns, unit_columns
from livingcircle.render.words import LANGUAGES, say, say_code

POINTS = 100.0
"""Percentage points of a share of 1."""


def intervals(results: Results) -> pd.DataFrame:
    """Lowest and highest share of every row of `coverage`, and what moves it most; no rows where intervals were not asked for.

    Shares are empty where `coverage` has none; there is no driver where nothing moves the share.
    """
    found = _found(results)
    known = _known(results, found)
    low, high = (np.where(known, edge(found.shares, axis=0), np.nan) for edge in (np.min, np.max))
    points = np.where(known, found.drivers(), np.nan) * POINTS
    names = np.array([*found.parameters, ""], object)
    strongest = np.zeros(len(known), np.intp) if not len(points) else np.nan_to_num(points, nan=-1.0).argmax(axis=0)
    most = np.full(len(known), np.nan) if not len(points) else points[strongest, np.arange(len(known))]
    driver = np.where(np.nan_to_num(most) > 0, names[strongest], "").astype(object)
    return pd.DataFrame(
        {
            **_rows(results, found.coverage),
            "residents": found.coverage.residents,
            "residents_share": np.where(known, found.coverage.share(), np.nan),
            "interval_low": low,
            "interval_high": high,
            "driver": driver,
            **_in_words(driver),
            "driver_points": most,
        }
    )


def interval_drivers(results: Results) -> pd.DataFrame:
    """Every parameter that alone moves the share of a row of `coverage`, the one that moves it most first; the others are left out."""
    found = _found(results)
    known = _known(results, found)
    points = np.where(known, found.drivers(), 0.0) * POINTS
    order = np.argsort(-points, axis=0, kind="stable")
    rank, row = (places.ravel() for places in np.indices(points.T.shape)[::-1])
    which = order.T.ravel()
    moves = np.nan_to_num(points[which, row]) > 0
    rank, row, which = rank[moves], row[moves], which[moves]
    spreads = np.array([found.spread(parameter) for parameter in found.parameters]).reshape(
        len(found.parameters), 2, len(known)
    )
    driver = np.array([*found.parameters, ""], object)[which]
    return pd.DataFrame(
        {
            **_rows(results, found.coverage.take(row)),
            "driver_rank": rank + 1,
            "driver": driver,
            **_in_words(driver),
            "driver_points": points[which, row],
            "driver_low": spreads[which, 0, row],
            "driver_high": spreads[which, 1, row],
        }
    )


def interval_members(results: Results) -> pd.DataFrame:
    """What each computation assumed, the study's own values first."""
    members = _found(results).members
    waits = [asdict(member.crossing) for member in members]
    return pd.DataFrame(
        {
            "member": [_name(member) for member in members],
            **{f"member_name_{language}": [_said(member, language) for member in members] for language in LANGUAGES},
            "speed_metres_per_second": [member.speed_metres_per_second for member in members],
            **{f"wait_{kind}_seconds": [wait[kind] for wait in waits] for kind in asdict(CrossingSeconds())},
            "join_cap_metres": [member.join_cap_metres for member in members],
            "one_gate": pd.array([member.one_gate for member in members], dtype="boolean"),
        }
    )


def ranges_said(results: Results, language: Language) -> str:
    """Say between which values each parameter was moved."""
    found = _found(results)
    parts = []
    for parameter in found.parameters:
        alone = [member for member in found.members if member.moved in ((), (parameter,))]
        column = {"speed": "speed_metres_per_second", "join_cap": "join_cap_metres"}.get(parameter)
        ends = [0.0] if column is None else [getattr(member, column) for member in alone]
        parts.append(say(f"interval.range.{parameter}", language, low=min(ends), high=max(ends)))
    return say("interval.between", language).join(parts)


def _found(results: Results) -> Intervals:
    """Return the intervals, without rows or members where none were asked for."""
    if results.intervals is not None:
        return results.intervals
    nothing: CoverageTable = results.assessment.coverage.take(np.empty(0, np.intp))
    return Intervals(nothing, (), np.empty((1, 0)))


def _known(results: Results, found: Intervals) -> np.ndarray:
    return present(results.study)[found.coverage.service]


def _rows(results: Results, table: CoverageTable) -> dict[str, object]:
    return {
        **unit_columns(results.study, table.district),
        **service_columns(results.study, table.service),
        **limit_columns(results.study, table.service, table.limit_seconds),
    }


def _in_words(driver: np.ndarray) -> dict[str, list[str]]:
    return {
        f"driver_name_{language}": [say_code("parameter", code, language) if code else "" for code in driver]
        for language in LANGUAGES
    }


def _name(member: Member) -> str:
    if not member.moved:
        return member.side
    return f"{member.moved[0] if len(member.moved) == 1 else 'all'}_{member.side}"


def _said(member: Member, language: Language) -> str:
    alone = len(member.moved) == 1
    what = say(f"parameter.{member.moved[0]}", language) if alone else say("interval.all", language)
    return say(f"side.{member.side}", language, what=what)
