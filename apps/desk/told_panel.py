"""What is known of the home or facility that was clicked, and the walk to the nearest facility, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.board import Asked, Board
from desk.markup import Header
from desk.widgets import saying
from livingcircle.faults import Fault
from livingcircle.render.words import say, shown_count

if TYPE_CHECKING:
    from livingcircle.model.route import Explanation
    from livingcircle.render.told import Told

MOST_LISTED = 3000


def explained(on: Board) -> tuple[Told, Explanation | None]:
    """Return what is told of the place asked about, and the walk from a home to the service looked at."""
    from livingcircle import cases
    from livingcircle.render.told import facility_told, home_told

    asked, language, results, tried = on.asked, on.view.language, on.view.answers.results, on.tried
    assert asked is not None  # noqa: S101 - asked for only when there is one
    if asked.kind == "facility":
        return facility_told(results, asked.place, language, tried), None
    there = results.study if tried is None else tried.study
    told = home_told(results, asked.place, language, tried)
    home, service = str(results.study.homes.ids[asked.place]), results.study.standard.services[asked.service].id
    return told, cases.explain(there, home, service)


def told_panel(on: Board) -> None:
    """Show it, with boxes to ask for a place by its id."""
    language = on.view.language
    if on.asked is None:
        markup.show(markup.paragraph(say("desk.told_nothing", language)))
        _ask(on)
        return
    told, walk = explained(on)
    note = say("desk.square", language) if on.asked.in_square else ""
    facts = [[label, value] for label, value in told.facts]
    shown = markup.heading(told.title, note)
    shown += markup.table("facts", [Header(""), Header("", wide=True)], facts)
    if told.walks:
        names = ("service", "minutes", "facility", "limits", "causes")
        headers = [Header(say(f"desk.walk_{name}", language), wide=name == "causes") for name in names]
        rows = [
            [
                one.name,
                one.minutes + (say("desk.before", language, minutes=one.before) if one.before else ""),
                one.facility,
                Markup(" ").join(_met(on, limit, met=met) for limit, met in one.limits),
                say("gap.between", language).join(one.causes),
            ]
            for one in told.walks
        ]
        shown += markup.table("walks", headers, rows)
    markup.show(shown)
    if walk is not None:
        _route(on, walk)
    _ask(on)


def _met(on: Board, limit: str, *, met: bool | None) -> Markup:
    state = {True: "met", False: "unmet", None: "no_data"}[met]
    words = say(f"desk.limit_{'unknown' if met is None else state}", on.view.language, limit=limit)
    return markup.badge(state, words)


def _route(on: Board, walk: Explanation) -> None:
    from livingcircle.render.routes import route_figures
    from livingcircle.render.scene import open_services

    language, results, tried = on.view.language, on.view.answers.results, on.tried
    types = results.study.standard.services
    assert on.asked is not None  # noqa: S101 - a walk starts at the home asked about

    def chosen() -> None:
        if on.asked is not None:
            on.asked = Asked("home", on.asked.place, st.session_state["desk_route"], on.asked.in_square)

    with saying("desk_route", on.asked.service, (on.view.answers.key, language)):
        st.selectbox(
            say("desk.route_choose", language),
            open_services(results.study),
            format_func=lambda number: types[number].name.said(language),
            key="desk_route",
            on_change=chosen,
        )
    figures = route_figures(results.study if tried is None else tried.study, walk)
    title = markup.heading(say("desk.route_title", language, service=types[on.asked.service].name.said(language)))
    if figures["reason"]:
        markup.show(title + markup.paragraph(say(f"desk.route_none_{figures['reason']}", language)))
        return
    total = say(
        "desk.route_total",
        language,
        metres=shown_count(figures["metres"]),
        minutes=f"{np.ceil(figures['seconds'] / 6) / 10:.1f}",
        straight=shown_count(figures["straight_metres"]),
    )
    steps = [
        say("desk.route_step", language, text=step["text"][language], metres=shown_count(step["metres"]))
        for step in figures["steps"]
    ]
    markup.show(title + markup.paragraph(total) + markup.listed(steps))


def _ask(on: Board) -> None:
    """Let who uses no mouse ask for a home or a facility."""
    from livingcircle.questions import position_of
    from livingcircle.render.tables import published

    language, study = on.view.language, on.view.answers.results.study
    left, right = st.columns(2)
    service = _service(on)

    def home() -> None:
        name = str(st.session_state["desk_find_home"]).strip()
        if not name:
            return
        faults: list[Fault] = []
        place = position_of(study.homes.ids, name, "unknown_home", faults)
        on.unknown = " ".join(fault.sentence(language) for fault in faults)
        if not faults:
            on.asked, on.pointed = Asked("home", place, service, by_name=True), None

    left.text_input(say("desk.find_home", language), key="desk_find_home", on_change=home)
    shown = np.flatnonzero(published(study))
    if len(shown) <= MOST_LISTED:

        def facility() -> None:
            place = st.session_state["desk_find_facility"]
            on.unknown = ""
            if place is not None:
                on.asked, on.pointed = Asked("facility", int(place), service, by_name=True), None

        st.session_state["desk_find_facility"] = None
        right.selectbox(
            say("desk.find_facility", language),
            shown.tolist(),
            format_func=lambda place: str(study.facilities.names[place] or study.facilities.ids[place]),
            index=None,
            placeholder="",
            key="desk_find_facility",
            on_change=facility,
        )
    if on.unknown:
        markup.show(markup.notice(on.unknown, "fault"))


def _service(on: Board) -> int:
    from livingcircle.render.scene import open_services

    shown = open_services(on.view.answers.results.study)
    return shown[on.view.on_map or 0]
