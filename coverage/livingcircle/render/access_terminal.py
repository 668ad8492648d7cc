"""Score, inequality, ages and places of the whole study on a terminal, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from livingcircle.faults import Language
from livingcircle.model.ages import ages_of
from livingcircle.render.words import say, say_code, shown_ages, shown_count, shown_limit, shown_share

Row = Mapping[str, Any]
MOST_SERVICES = 4
"""Services told for older people, and for children."""


def access_lines(figures: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    """Yield the lines on the whole study, each with its style; no score without its parts and their weights."""
    for row in _whole(figures["scores"]):
        yield from _score(row, language)
    for row in _whole(figures["equity"]):
        if row["good"] == "score":
            values = {"gini": row["gini"], "palma": row["palma"], "worst": row["worst_tenth_mean"]}
            yield say("terminal.equity", language, **{name: _number(value) for name, value in values.items()}), ""
    yield from _elderly_and_children(list(_whole(figures["elderly_and_children"])), language)
    for row in _whole(figures["capacity"]):
        yield from _capacity(row, language)


def _score(row: Row, language: Language) -> Iterator[tuple[str, str]]:
    weights = {f"weight_{part}": shown_share(row[f"weight_{part}"]) for part in ("reached", "closeness", "weakest")}
    reached = shown_share(row["services_reached_share"])
    parts = {"closeness": _number(row["closeness"]), "weakest": _number(row["weakest_link"])}
    score = _number(row["living_circle_score"])
    yield say("terminal.score", language, score=score, reached=reached, **parts, **weights), "bold"
    half, most = (_minutes(row[f"weakest_{part}_minutes"], language) for part in ("median", "most"))
    service, share = row["weakest_service"][language], _share(row["all_reached_share"])
    yield say("terminal.score_all", language, share=share, half=half, most=most, service=service or "—"), ""
    if row["services_unknown"]:
        yield say("terminal.score_unknown", language, count=row["services_unknown"]), "yellow"


def _elderly_and_children(rows: list[Row], language: Language) -> Iterator[tuple[str, str]]:
    """Yield the services for older people, then those for children: a line each, the worst served first, as many as one can read.

    Of several age groups a service is for the largest is told. That nothing is known of a service is among the warnings.
    """
    for side in ("elderly", "children"):
        of_side = [row for row in rows if row["age_side"] == side]
        known = sorted((row for row in of_side if row["residents_share"] is not None), key=lambda row: row["residents"])
        largest = {row["service_id"]: row for row in known}
        worst = sorted(largest.values(), key=lambda row: row["residents_share"])
        lacking = dict.fromkeys(row["age_group"] for row in of_side if row["residents"] is None)
        if worst:
            yield say(f"terminal.{side}", language), "bold"
        for row in worst[:MOST_SERVICES]:
            yield _own_speed(row, language), ""
        if len(worst) > MOST_SERVICES:
            yield say("terminal.own_speed_more", language, count=len(worst) - MOST_SERVICES), "dim"
        if lacking:
            groups = say("terminal.between", language).join(shown_ages(group, language) for group in lacking)
            yield say("terminal.ages_unknown", language, groups=groups), "yellow"


def _own_speed(row: Row, language: Language) -> str:
    return say(
        "terminal.own_speed" if row["limit_metres"] is None else "terminal.own_metres",  # pace changes no metres
        language,
        group=shown_ages(row["age_group"], language) or say("terminal.own_speed_all", language),
        speed=row["speed_metres_per_second"],
        limit=shown_limit(row["limit_minutes"], row["limit_metres"], language),
        service=row["service"][language],
        share=_share(row["residents_share"]),
        same=_share(row["residents_share_study_speed"]),
    )


def _capacity(row: Row, language: Language) -> Iterator[tuple[str, str]]:
    service = row["service"][language]
    if row["people"] is None:
        groups = shown_ages(row["demand_of"], language)
        yield say("terminal.demand_unknown", language, service=service, groups=groups), "yellow"
        return
    if row["places_per_1000"] is None:
        yield say("terminal.capacity_unknown", language, service=service), "yellow"
        return
    supply, demand = (say_code(f"{part}_of", row[f"{part}_of"], language) for part in ("supply", "demand"))
    if ages_of(demand):
        demand = say("ages.residents", language, groups=shown_ages(demand, language))
    places = f"{row['places_per_1000']:,.1f}"
    yield say("terminal.capacity", language, service=service, places=places, supply=supply, demand=demand), ""
    if row["served_share"] is not None:
        unmet, far = shown_count(row["unmet"]), shown_count(row["unmet_out_of_reach"])
        share = shown_share(row["served_share"])
        yield say("terminal.served", language, service=service, share=share, unmet=unmet, far=far), ""
    if row["facilities_unknown"]:
        count = shown_count(row["facilities_unknown"])
        yield say("terminal.capacity_left_out", language, service=service, count=count), "yellow"


def _whole(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if row["scope"] == "study")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "—" if value is None else shown_share(value)


def _minutes(value: float | None, language: Language) -> str:
    if value is None:
        return say("terminal.score_nowhere", language)
    return say("terminal.score_minutes", language, minutes=f"{value:.1f}")
