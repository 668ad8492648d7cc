"""Score, inequality, ages and places of the whole study on a terminal, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from livingcircle.faults import Language
from livingcircle.render.words import say, say_code, shown_count, shown_share

Row = Mapping[str, Any]


def access_lines(figures: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    """Yield the lines on the whole study, each with its style; no score without its parts and their weights.

    Of the age groups a service is for only the largest is told.
    """
    for row in _whole(figures["scores"]):
        yield from _score(row, language)
    for row in _whole(figures["equity"]):
        if row["good"] == "score":
            values = {"gini": row["gini"], "palma": row["palma"], "worst": row["worst_tenth_mean"]}
            yield say("terminal.equity", language, **{name: _number(value) for name, value in values.items()}), ""
    largest: dict[str, Row] = {}
    for row in _whole(figures["elderly_and_children"]):
        known = row["residents_share"] is not None  # that nothing is known of a service is among the warnings
        if known and row["residents"] > largest.get(row["service_id"], {"residents": 0})["residents"]:
            largest[row["service_id"]] = row
    for row in largest.values():
        yield _own_speed(row, language), ""
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


def _own_speed(row: Row, language: Language) -> str:
    group = row["age_group"]
    return say(
        "terminal.own_speed",
        language,
        group=group or say("terminal.own_speed_all", language, side=say_code("age_side", row["age_side"], language)),
        speed=row["speed_metres_per_second"],
        minutes=f"{row['limit_minutes']:g}",
        service=row["service"][language],
        share=_share(row["residents_share"]),
        same=_share(row["residents_share_study_speed"]),
    )


def _capacity(row: Row, language: Language) -> Iterator[tuple[str, str]]:
    service = row["service"][language]
    if row["places_per_1000"] is None:
        yield say("terminal.capacity_unknown", language, service=service), "yellow"
        return
    supply, demand = (say_code(f"{part}_of", row[f"{part}_of"], language) for part in ("supply", "demand"))
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
