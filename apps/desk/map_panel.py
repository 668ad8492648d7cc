"""The map in the page: sent once, kept by the browser while nothing on it changes; what is clicked and drawn on it is answered below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from desk import bridge, trouble
from desk.answers import map_page
from desk.board import Asked, Board, board
from desk.chosen import choose
from desk.chosen import shown as chosen
from desk.scenario_compare import compared
from desk.scenario_panel import what_if
from desk.told_panel import explained, told_panel
from desk.view import View
from desk.widgets import saying
from livingcircle.errors import LivingCircleError
from livingcircle.render.words import say

if TYPE_CHECKING:
    from livingcircle.settings.scenario import ScenarioChange

HEIGHT_PIXELS = 620


def map_panel(view: View) -> None:
    """Show the map and what stands below it; a click works out again nothing but this."""
    name = view.say("map_name")
    st.iframe(map_page(view.answers, view.language), height=HEIGHT_PIXELS, alt=name)
    _answered(view)
    view.answers.start.ahead(view.answers.results, view.answers.settings)


@st.fragment
def _answered(view: View) -> None:
    try:
        _around_map(view)
    except LivingCircleError as error:
        trouble.show_faults(error.faults, view.language)
    except Exception as error:  # noqa: BLE001 - a click runs this alone, so nobody above catches anything
        trouble.show_defect(error, view.answers.settings.id, view.language)


def _around_map(view: View) -> None:
    on = board(view)
    name = view.say("map_name")
    bridge.tell(name, _asked_overlay(on), lambda message: _heard(board(view), message))
    bridge.show(name, _scenario_overlay(on))
    sections = {"told": "told_title", "what_if": "what_if", "compare": "compare"}
    with saying("desk_section", on.section, view.language):
        st.segmented_control(
            say("desk.told_title", view.language),
            list(sections),
            format_func=lambda one: say(f"desk.{sections[one]}", view.language),
            key="desk_section",
            on_change=lambda: setattr(on, "section", st.session_state["desk_section"]),
            required=True,
            label_visibility="collapsed",
        )
    {"told": told_panel, "what_if": what_if, "compare": compared}[on.section](on)


# ── What the map says ───────────────────────────────────────────────────────


def _heard(on: Board, message: Mapping[str, Any]) -> None:
    """Take up what was clicked or drawn; numbers that the map cannot have are passed over."""
    from livingcircle.render.scene import open_services

    shown = open_services(on.view.answers.results.study)
    service = message.get("service", 0)
    if not 0 <= service < len(shown):
        return
    if message["livingCircle"] == "clicked":
        _clicked(on, message, shown[service])
        return
    tool = message["tool"]
    if tool in {"undo", "redo"}:
        on.work(lambda drafts: drafts.undone() if tool == "undo" else drafts.redone())
        return
    if tool == "candidate":
        choose(on, message)
        return
    change = _change(on, message, shown[service])
    if change is not None:
        on.change(change)


def _clicked(on: Board, message: Mapping[str, Any], service: int) -> None:
    from livingcircle.render.told import home_at

    study = on.view.answers.results.study
    kind, number = message["kind"], message["number"]
    on.pointed = None
    if kind == "ground":
        on.asked = None
        return
    if kind == "home" and 0 <= number < len(study.homes):
        on.asked = Asked("home", number, service)
    elif kind == "square":
        level = message.get("level", -1) + 1
        squares = on.levels[level].squares if 0 <= level < len(on.levels) else None
        if squares is None or not 0 <= number < len(squares):
            return
        on.asked = Asked(
            "home",
            home_at(study, np.flatnonzero(squares.square_of == number).astype(np.int32)),
            service,
            in_square=True,
        )
    elif kind == "facility":
        place = _facility(on, number)
        if place is None:
            return
        on.asked = Asked("facility", place, service)
    else:
        return
    on.section, on.unknown = "told", ""


def _facility(on: Board, number: int) -> int | None:
    """Return the position of a facility by its number on the map; those a scenario opened follow."""
    from livingcircle.render.tables import published
    from livingcircle.render.told import place_on_map

    study = on.view.answers.results.study
    beyond = number - int(published(study).sum())
    tried = on.tried
    if beyond >= 0:
        opened = 0 if tried is None else len(tried.study.facilities) - len(study.facilities)
        return len(study.facilities) + beyond if beyond < opened else None
    place = place_on_map(study, number)
    return place if place >= 0 else None


def _change(on: Board, message: Mapping[str, Any], service: int) -> ScenarioChange | None:
    """Return the change that was drawn; None where it makes no sense."""
    from livingcircle.settings.scenario import (
        AddCrossing,
        AddGate,
        AddPath,
        AddSite,
        CloseFacility,
        CloseStreet,
        MoveFacility,
    )

    line = [(float(x), float(y)) for x, y in message["lonlat"]]
    tool = message["tool"]
    if tool == "path":
        return AddPath(kind="add_path", line=tuple(line)) if len(line) > 1 else None
    if len(line) != 1:
        return None
    lonlat = line[0]
    if tool in {"move", "close"}:
        place = _facility(on, message.get("number", -1))
        if place is None:
            return None
        name = str(on.drafts.draft.at.facilities.ids[place])
        if tool == "close":
            return CloseFacility(kind="close_facility", facility=name)
        return MoveFacility(kind="move_facility", facility=name, lonlat=lonlat)
    if tool == "site":
        kind = on.view.answers.results.study.standard.services[service]
        return AddSite(kind="add_site", services=(kind.id,), lonlat=lonlat)
    if tool == "gate":
        return AddGate(kind="add_gate", lonlat=lonlat)
    if tool == "crossing":
        return AddCrossing(kind="add_crossing", lonlat=lonlat)
    return CloseStreet(kind="close_street", lonlat=lonlat)


# ── What the page shows on the map ──────────────────────────────────────────


def _asked_overlay(on: Board) -> dict[str, Any]:
    from livingcircle.render.outlines import lonlat_of
    from livingcircle.render.overlay import route_line
    from livingcircle.render.told import popup_of

    overlay: dict[str, Any] = dict.fromkeys(("route", "popup", "focus", "near"))
    overlay |= {"service": on.view.on_map, "asked": ""}
    asked = on.asked
    if on.pointed is not None:
        return overlay | {
            "asked": f"{on.pointed['at']} {on.view.language}",
            "popup": on.pointed,
            "focus": on.pointed["at"],
        }
    if asked is None:
        return overlay
    study = on.view.answers.results.study
    told, walk = explained(on)
    there = study if on.tried is None else on.tried.study
    xy = study.homes.xy[asked.place] if asked.kind == "home" else there.facilities.xy[asked.place]
    lonlat = lonlat_of(xy[np.newaxis], study.crs)[0].round(6).tolist()
    overlay |= {
        "asked": f"{asked} {on.token} {on.view.language}",
        "popup": popup_of(told, lonlat, on.view.language, asked.service),
        "near": lonlat if asked.by_name else None,
    }
    if walk is not None:
        overlay["route"] = route_line(there, walk)
    return overlay


def _scenario_overlay(on: Board) -> dict[str, Any]:
    from livingcircle.render.overlay import drawn_on_map, scenario_on_map

    results, language = on.view.answers.results, on.view.language
    drafts = on._drafts  # noqa: SLF001 - a study that nobody changes is not made ready for it
    overlay: dict[str, Any] = {
        "scenario": f"{on.token} {language}" if on.token else "",
        "homes": None,
        "levels": [],
        "headlines": None,
        "drawn": [],
        "fault": on.fault,
        "can_undo": drafts is not None and drafts.can_undo,
        "can_redo": drafts is not None and drafts.can_redo,
        "chosen": chosen(on),
    }
    tried = on.tried
    if tried is not None and drafts is not None:
        overlay |= scenario_on_map(results, tried, on.levels, language)
        overlay["drawn"] = drawn_on_map(
            results.study, drafts.draft.scenario.model_dump(mode="json")["changes"], language
        )
    return overlay
