"""The scenario in the making: what was changed, and what comes of it beside today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.board import Board
from desk.markup import Cell, Header
from desk.scenario_compare import save
from desk.scenario_form import assumptions, form
from livingcircle.faults import Language
from livingcircle.render.overlay import signed
from livingcircle.render.words import say, say_code, shown_count, shown_limit

MOST_CLAUSES = 40
Row = Mapping[str, Any]


def what_if(on: Board) -> None:
    """Show the scenario in the making: its steps, its result, and what else may be changed."""
    if on.fault:
        markup.show(markup.notice(on.fault, "fault"))
    if on.is_changed:
        _result(on, on.figures)
    else:
        markup.show(markup.paragraph(on.say("what_if_note")) + markup.paragraph(on.say("no_steps")))
    _buttons(on)
    with st.expander(on.say("form"), expanded=False):
        form(on)
    with st.expander(on.say("assumptions"), expanded=False):
        assumptions(on)
    if on.is_changed:
        with st.expander(on.say("save"), expanded=False):
            save(on)


# ── Steps and result ────────────────────────────────────────────────────────


def _result(on: Board, figures: Row) -> None:
    language = on.view.language
    rows = [row for row in figures["coverage"] if row["requirement_id"] and on.view.here(row) and on.view.wanted(row)]
    rows.sort(key=lambda row: -abs(row["residents_change"]))
    note = on.say("result_homes", homes=shown_count(figures["homes_changed"]))
    note += (
        on.say("result_seconds", seconds=f"{on.seconds:.2f}")
        if language == "zh"
        else " " + on.say("result_seconds", seconds=f"{on.seconds:.2f}")
    )
    shown = markup.heading(on.say("result", place=on.view.place), note)
    remarks = _remarks(on, figures)
    if remarks:
        shown += markup.notice(on.view.say("between_clauses").join(remarks), "trial")
    names = ("service", "limit", "before", "after", "people", "verdict")
    figured = {"people"}
    headers = [
        Header(on.say(f"result_{name}"), figures=name in figured, wide=name in {"before", "after"}) for name in names
    ]
    shown += markup.table("scenario", headers, [_row(on, row) for row in rows])
    if figures["changes"]:
        headers = [
            Header(on.say(f"step_{name}"), figures=name != "change") for name in ("rank", "change", "homes", "gained")
        ]
        steps = [
            [
                str(step["rank"]),
                _step(on, step["rank"] - 1),
                shown_count(step["homes_changed"]),
                signed(step["required_residents_gained"]),
            ]
            for step in figures["changes"]
        ]
        shown += markup.heading(on.say("steps")) + markup.table("steps", headers, steps)
    markup.show(shown + _standing(on, figures))


def _standing(on: Board, figures: Row) -> Markup:
    """Return score and places beside today, and the clauses whose figure or verdict changes."""
    language, here = on.view.language, on.view.here
    rows: list[list[Cell]] = []
    for row in filter(here, figures["score"]):
        name, whole = "living_circle_score", on.say("standing_score")
        rows.append([whole, *(markup.points(row[key]) for key in (f"{name}_before", name)), _points_change(row, name)])
    for row in filter(here, figures["capacity"]):
        if on.view.wanted(row) and row["served_share"] is not None:
            said = on.say(
                "standing_places",
                service=row["service"][language],
                limit=shown_limit(row["limit_minutes"], None, language),
            )
            gained = "—" if row["served_before"] is None else signed(row["served"] - row["served_before"])
            shares = (markup.share(row[name]) for name in ("served_share_before", "served_share"))
            rows.append([said, *shares, gained])
    shown = Markup()
    if rows:
        names = ("what", "before", "after", "change")
        headers = [Header(on.say(f"standing_{one}"), figures=one != "what", wide=one == "what") for one in names]
        shown += markup.heading(on.say("standing"), on.say("standing_note")) + markup.table("standing", headers, rows)
    return shown + _clauses(on, figures)


def _clauses(on: Board, figures: Row) -> Markup:
    language = on.view.language
    if figures["standard_changed"]:
        return markup.small(on.say("clause_other"))
    if not on.view.answers.results.study.standard.rules:
        return Markup()
    changed = [row for row in figures["clauses_changed"] if on.view.here(row)]
    title = markup.heading(on.say("clause_title"), on.say("clause_note", place=on.view.place))
    if not changed:
        return title + markup.paragraph(on.say("clause_same"))
    headers = [
        Header(on.say(f"clause_{one}"), wide=one == "requirement")
        for one in ("basis", "requirement", "before", "after", "verdict")
    ]
    cells = [
        [
            row["basis"],
            row["requirement"][language],
            row["found_before"][language],
            row["found"][language],
            markup.badge(row["verdict"], _verdicts(row, language)),
        ]
        for row in changed[:MOST_CLAUSES]
    ]
    return title + markup.table("clauses", headers, cells)


def _verdicts(row: Row, language: Language) -> str:
    before, after = (say_code("verdict", row[name], language) for name in ("verdict_before", "verdict"))
    return after if before == after else f"{before} → {after}"


def _points_change(row: Row, name: str) -> str:
    before, after = row[f"{name}_before"], row[name]
    return "—" if before is None or after is None else f"{100 * (after - before):+.1f}".replace("-", "−")


def _row(on: Board, row: Row) -> list[str | Markup]:
    language = on.view.language
    target = on.view.targets().get((row["service_id"], row["limit_minutes"]))
    return [
        row["service"][language],
        shown_limit(row["limit_minutes"], row["limit_metres"], language),
        markup.bar(row["share_before"], target, "homes"),
        markup.bar(row["share_after"], target),
        signed(row["residents_change"]),
        markup.badge(row["verdict"], _verdicts(row, language)),
    ]


def _step(on: Board, position: int) -> str:
    change = on.drafts.draft.scenario.changes[position]
    kind = say_code("change", change.kind, on.view.language)
    types = on.view.services
    about = [types.get(name, name) for name in getattr(change, "services", ())]
    about += [
        name for name in (getattr(change, "name", ""), _facility_name(on, getattr(change, "facility", ""))) if name
    ]
    return (
        f"{kind}：{'，'.join(about)}"
        if about and on.view.language == "zh"
        else ": ".join([kind, ", ".join(about)])
        if about
        else kind
    )


def _facility_name(on: Board, name: str) -> str:
    """Return what a facility is called; its id where it has no name."""
    if not name:
        return ""
    places = on.drafts.draft.at.facilities
    named = {str(one): str(said) for one, said in zip(places.ids, places.names, strict=True)}
    said = named.get(name) or name
    if said == name and name.startswith("new-"):
        return on.say("new_place", number=name.removeprefix("new-"))
    return said


def _remarks(on: Board, figures: Row) -> list[str]:
    language = on.view.language
    speed, before = figures["speed_metres_per_second"], figures["speed_metres_per_second_before"]
    said = [] if speed == before else [say("scenario.speed", language, speed=speed, before=before)]
    if figures["standard_changed"]:
        said.append(say("scenario.standard", language, title=figures["standard"][language]))
    if figures["services_not_judged"]:
        said.append(say("scenario.not_judged", language, count=len(figures["services_not_judged"])))
    return said


def _buttons(on: Board) -> None:
    drafts = on.drafts
    undo, redo, clear, _ = st.columns([1, 1, 1.3, 5])

    def undone() -> None:
        on.work(lambda all_: all_.undone())

    def redone() -> None:
        on.work(lambda all_: all_.redone())

    def cleared() -> None:
        from livingcircle.drafting import without_changes

        on.work(lambda all_: all_.with_scenario(without_changes(all_.draft.scenario)))

    undo.button(on.say("undo"), key="desk_undo", disabled=not drafts.can_undo, width="stretch", on_click=undone)
    redo.button(on.say("redo"), key="desk_redo", disabled=not drafts.can_redo, width="stretch", on_click=redone)
    clear.button(on.say("clear"), key="desk_clear", disabled=not on.is_changed, width="stretch", on_click=cleared)
