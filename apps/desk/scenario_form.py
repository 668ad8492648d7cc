"""Changes without drawing: every one as a form, places by coordinates, and what else may be assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import streamlit as st

from desk.board import Board, again
from livingcircle.errors import LivingCircleError
from livingcircle.faults import Language
from livingcircle.render.words import say, say_code

if TYPE_CHECKING:
    from livingcircle.settings.scenario import ScenarioChange

KINDS = ("add_site", "move_facility", "close_facility", "add_gate", "add_crossing", "add_path", "close_street")
SIZES = ("capacity", "beds", "floor_m2")
MOST_LISTED = 3000


def form(on: Board) -> None:
    """Offer every change as a form; places by coordinates, or those of a candidate or facility."""
    language, study = on.view.language, on.view.answers.results.study
    kind = st.selectbox(
        on.say("form_kind"), KINDS, format_func=lambda one: say_code("change", one, language), key="desk_form_kind"
    )
    asked: dict[str, Any] = {"kind": kind}
    if kind == "add_site":
        shown = {service.id: service.name.said(language) for service in study.standard.services if service.is_open}
        default = [on.view.service] if on.view.service in shown else []
        left, right = st.columns(2)
        asked["services"] = tuple(
            left.multiselect(
                on.say("form_services"),
                list(shown),
                default=default,
                format_func=lambda one: shown.get(one, one),
                key=f"desk_form_services_{on.view.service}",
            )
        )
        asked["name"] = right.text_input(on.say("form_name"), key="desk_form_name")
        for box, size in zip(st.columns(3), SIZES, strict=True):
            found = box.number_input(
                on.say(f"form_{size}"), 0.0, value=None, step=10.0, format="%.0f", placeholder=on.say("form_unknown"),
                key=f"desk_form_{size}",
            )  # fmt: skip
            asked |= {size: found} if found else {}
    if kind in {"move_facility", "close_facility"}:
        asked["facility"] = _pick_facility(on)
    text = ""
    if kind == "add_path":
        text = st.text_area(on.say("form_line"), key="desk_form_line", height=90)
    elif kind != "close_facility":
        asked["lonlat"] = _pick_place(on)
    if not st.button(on.say("form_add"), key="desk_form_add"):
        return
    if kind == "add_path":
        line, wrong = _line(text)
        if wrong or len(line) < 2:
            on.fault = on.say("form_line_wrong", line=wrong) if wrong else on.say("form_line_short")
            again()
        asked["line"] = line
    change = _checked(on, asked)
    if change is not None:
        with st.spinner(on.say("computing")):
            on.change(change)
    again()


def _checked(on: Board, asked: Mapping[str, Any]) -> ScenarioChange | None:
    """Return a change as the reader of scenario files takes it; what is wrong with it is said."""
    from livingcircle.settings.scenario import scenario_from

    head = {"id": "form", "title": {"zh": "form"}}
    content = {name: list(value) if isinstance(value, tuple) else value for name, value in asked.items()}
    try:
        return scenario_from(head | {"changes": [content]}, "").changes[0]
    except LivingCircleError as error:
        on.fault = " ".join(fault.sentence(on.view.language) for fault in error.faults)
        return None


def _pick_facility(on: Board) -> str:
    from livingcircle.render.tables import is_open

    study, places = on.view.answers.results.study, on.drafts.draft.at.facilities
    may = [is_open(service) for service in study.standard.services]
    shown = [number for number, serves in enumerate(places.serves) if (serves & may).any()]
    if len(shown) > MOST_LISTED:
        return str(st.text_input(on.say("form_facility"), key="desk_form_facility_id"))
    names = {str(places.ids[number]): str(places.names[number]) or str(places.ids[number]) for number in shown}
    found = st.selectbox(
        on.say("form_facility"), list(names), format_func=lambda one: names.get(one, one), key="desk_form_facility"
    )
    return str(found or "")


def _pick_place(on: Board) -> tuple[float, float]:
    from livingcircle.render.outlines import lonlat_of

    study, language = on.view.answers.results.study, on.view.language
    candidates = study.candidates
    middle = lonlat_of(study.homes.xy.mean(axis=0, keepdims=True), study.crs)[0].round(6)
    options: list[int] = [-1, *(range(len(candidates)) if len(candidates) <= MOST_LISTED else ())]

    def named(number: int) -> str:
        if number < 0:
            return on.say("form_own")
        return str(candidates.names[number]) or say("map.candidate", language, id=str(candidates.ids[number]))

    chosen = -1
    if len(options) > 1:
        chosen = st.selectbox(on.say("form_place"), options, format_func=named, key="desk_form_place")
    if chosen >= 0:
        x, y = lonlat_of(candidates.xy[[chosen]], study.crs)[0].round(7).tolist()
        return float(x), float(y)
    left, right = st.columns(2)
    lon = left.number_input(on.say("form_lon"), -180.0, 180.0, float(middle[0]), 0.0001, "%.6f", key="desk_form_lon")
    lat = right.number_input(on.say("form_lat"), -90.0, 90.0, float(middle[1]), 0.0001, "%.6f", key="desk_form_lat")
    return float(lon), float(lat)


def _line(text: str) -> tuple[list[tuple[float, float]], int]:
    """Return the points of a text, and the number of the first line that is none (0 for no such line)."""
    points: list[tuple[float, float]] = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        parts = [part for part in re.split(r"[,，\s]+", line.strip()) if part]
        try:
            x, y = (float(part) for part in parts)
        except ValueError:
            return points, number
        points.append((x, y))
    return points, 0


def assumptions(on: Board) -> None:
    """Offer another speed, a limit besides, another standard."""
    study, scenario, language = on.view.answers.results.study, on.drafts.draft.scenario, on.view.language
    own_speed = float(study.walker.speed_metres_per_second)
    titles = {study.standard.id: study.standard.title.said(language)} | {
        name: title for name, title in _standard_titles(language).items() if name != study.standard.id
    }
    standards = list(titles)
    with st.form("desk_assumptions", border=False):
        left, middle, right = st.columns([1, 1, 2])
        now = scenario.speed_metres_per_second or own_speed
        speed = left.number_input(on.say("speed"), 0.3, 3.0, now, 0.05, "%.2f")
        limit = middle.number_input(on.say("limit"), 0.0, 120.0, scenario.limit_minutes or 0.0, 1.0, "%.0f")
        current = scenario.standard or study.standard.id
        standard = right.selectbox(
            on.say("standard"),
            standards,
            index=standards.index(current) if current in standards else 0,
            format_func=lambda one: titles.get(one, one),
        )
        assumed = st.form_submit_button(on.say("assume"))
    if not assumed:
        return
    said_speed = None if round(speed, 2) == round(own_speed, 2) else round(speed, 2)
    said_standard = None if standard == study.standard.id else standard
    with st.spinner(on.say("computing")):
        on.work(lambda drafts: drafts.with_assumptions(said_speed, limit or None, said_standard))
    again()


@st.cache_data(show_spinner=False)
def _standard_titles(language: Language) -> dict[str, str]:
    """Return what the built-in standards are called; one that cannot be read is no choice."""
    from livingcircle.sources.standards import builtin_standards, read_standard

    titles = {}
    for name in builtin_standards():
        with suppress(LivingCircleError):
            titles[name] = read_standard(name).title.said(language)
    return titles
