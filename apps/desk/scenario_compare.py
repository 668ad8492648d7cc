"""Scenarios that were saved: side by side with today, opened again, taken along as files and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.board import Board, Saved, again
from desk.markup import Header
from livingcircle.errors import LivingCircleError
from livingcircle.render.overlay import signed
from livingcircle.render.words import say_code, shown_limit

if TYPE_CHECKING:
    from livingcircle.settings.scenario import ScenarioSettings

MOST_UPLOAD_BYTES = 200_000
Row = Mapping[str, Any]


def save(on: Board) -> None:
    """Offer to keep the scenario in the making."""
    scenario = on.drafts.draft.scenario
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input(on.say("save_name"), on.titled(scenario), key="desk_save_name").strip()
    if right.button(on.say("save"), key="desk_save", width="stretch", disabled=not name):
        keep(on, name)
        on.section = "compare"
        again()
    st.caption(on.say("save_note"))


def keep(on: Board, name: str) -> None:
    """Keep the scenario in the making under a name; one of the same name gives way."""
    from livingcircle.settings.base import Title

    known = next((code for code, one in on.saved.items() if one.scenario.title.zh == name), None)
    code = known or f"scenario-{1 + max((int(one.rpartition('-')[2]) for one in on.saved), default=0)}"
    scenario = on.drafts.draft.scenario.model_copy(update={"id": code, "title": Title(zh=name, en=name)})
    found = dict(on.figures) | {"id": code, "title": {"zh": name, "en": name}}
    on.saved[code] = Saved(scenario, found)


def compared(on: Board) -> None:
    """Show what was saved, side by side with today, and let scenarios be opened, taken along, brought and deleted."""
    from livingcircle.settings.scenario import scenario_text

    if on.fault:
        markup.show(markup.notice(on.fault, "fault"))
    if on.saved:
        _side_by_side(on, [one.figures for one in on.saved.values()])
        markup.show(markup.heading(on.say("saved")))
    for code, one in list(on.saved.items()):
        name, open_, download, delete = st.columns([4, 1, 1.3, 1], vertical_alignment="center")
        title = on.titled(one.scenario)
        name.text(title)

        def opened(scenario: ScenarioSettings = one.scenario) -> None:
            on.work(lambda drafts: drafts.with_scenario(scenario))

        open_.button(on.say("open"), key=f"desk_open_{code}", on_click=opened, width="stretch")
        download.download_button(
            on.say("download"),
            scenario_text(one.scenario).encode(),
            f"{code}.yaml",
            "application/yaml",
            key=f"desk_download_{code}",
            on_click="ignore",
            width="stretch",
        )

        def deleted(saved: str = code) -> None:
            on.saved.pop(saved, None)

        delete.button(on.say("delete"), key=f"desk_delete_{code}", on_click=deleted, width="stretch")
    _bring(on)
    st.caption(on.say("save_note"))


def _bring(on: Board) -> None:
    """Take a scenario file up: it is opened, and can be saved."""
    brought = st.file_uploader(on.say("upload"), type=["yaml", "yml"], key="desk_upload", max_upload_size=1)
    if brought is None or st.session_state.get("desk_brought") == brought.file_id:
        return
    import tempfile
    from pathlib import Path

    from livingcircle.settings.scenario import read_scenario

    on.fault = ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_bytes(brought.getvalue()[:MOST_UPLOAD_BYTES])
        try:
            scenario = read_scenario(file)
        except LivingCircleError as error:
            on.fault = " ".join(fault.sentence(on.view.language) for fault in error.faults)
            st.session_state["desk_brought"] = brought.file_id
            again()
    with st.spinner(on.say("computing")):
        if on.work(lambda drafts: drafts.with_scenario(scenario, brought.name)):
            keep(on, on.titled(scenario))
            on.section = "compare"
        # Last, for whatever runs the page again meanwhile ends this run, and the next one has to take the file up.
        st.session_state["desk_brought"] = brought.file_id
    again()


def _side_by_side(on: Board, all_: Sequence[Row]) -> None:
    """A row per requirement that some scenario changes, a column per scenario; the bars are the chart."""
    language = on.view.language
    rows: dict[tuple[Any, ...], dict[str, Row]] = {}
    for figures in all_:
        for row in figures["coverage"]:
            if row["requirement_id"] and on.view.here(row) and on.view.wanted(row):
                rows.setdefault((row["service_id"], row["requirement_id"]), {})[figures["id"]] = row
    differing = [
        found
        for found in rows.values()
        if any(row["residents_change"] or row["verdict"] != row["verdict_before"] for row in found.values())
    ]
    title = markup.heading(on.say("compare"), on.say("compare_note"))
    if not differing:
        markup.show(title + markup.paragraph(on.say("compare_none")) + _standings(on, all_))
        return
    names = [figures["title"][language] or figures["title"]["zh"] for figures in all_]
    headers = [
        Header(on.say("result_service")),
        Header(on.say("result_limit")),
        Header(on.say("result_before"), wide=True),
    ]
    headers += [Header(name, wide=True) for name in names]
    cells = []
    for found in differing:
        first = next(iter(found.values()))
        target = on.view.targets().get((first["service_id"], first["limit_minutes"]))
        cells.append(
            [
                first["service"][language],
                shown_limit(first["limit_minutes"], first["limit_metres"], language),
                markup.bar(first["share_before"], target, "homes"),
                *(_cell(found.get(figures["id"]), target, on) for figures in all_),
            ]
        )
    markup.show(title + markup.table("compared", headers, cells) + _standings(on, all_))


def _standings(on: Board, all_: Sequence[Row]) -> Markup:
    """Return score, places and clauses of every scenario beside today."""
    language = on.view.language
    rows: dict[str, list[str]] = {}

    def note(what: str, number: int, before: str, after: str) -> None:
        cells = rows.setdefault(what, ["—"] * (1 + len(all_)))
        cells[0], cells[1 + number] = before, after

    for number, figures in enumerate(all_):
        for row in filter(on.view.here, figures["score"]):
            note(
                on.say("standing_score"),
                number,
                *(markup.points(row[f"living_circle_score{one}"]) for one in ("_before", "")),
            )
        for row in filter(on.view.here, figures["capacity"]):
            if on.view.wanted(row) and row["served_share"] is not None:
                limit = shown_limit(row["limit_minutes"], None, language)
                what = on.say("standing_places", service=row["service"][language], limit=limit)
                note(what, number, *(markup.share(row[f"served_share{one}"]) for one in ("_before", "")))
        if not figures["standard_changed"]:
            gone = [row for row in figures["clauses_changed"] if on.view.here(row)]
            met = [row["verdict"] == "met" for row in gone if row["verdict"] != row["verdict_before"]]
            note(
                on.say("standing_clauses"),
                number,
                "",
                on.say("standing_turned", met=sum(met), lost=len(met) - sum(met)),
            )
    if not rows:
        return Markup()
    headers = [Header(on.say("standing_what"), wide=True), Header(on.say("result_before"), figures=True)]
    headers += [Header(figures["title"][language] or figures["title"]["zh"], figures=True) for figures in all_]
    title = markup.heading(on.say("standing"), on.say("standing_note"))
    return title + markup.table("standings", headers, [[what, *cells] for what, cells in rows.items()])


def _cell(row: Row | None, target: float | None, on: Board) -> Markup:
    if row is None:
        return Markup("—")
    verdict = say_code("verdict", row["verdict"], on.view.language)
    return markup.stacked(markup.bar(row["share_after"], target), f"{signed(row['residents_change'])} · {verdict}")
