"""Scenarios: what was changed, what comes of it beside today, a form for those who do not draw, and scenarios side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.board import Board, Saved, again
from desk.markup import Header
from livingcircle.errors import LivingCircleError
from livingcircle.faults import Language
from livingcircle.render.words import say, say_code, shown_count, shown_limit

if TYPE_CHECKING:
    from livingcircle.settings.scenario import ScenarioChange, ScenarioSettings

KINDS = ("add_site", "move_facility", "close_facility", "add_gate", "add_crossing", "add_path", "close_street")
MOST_LISTED = 3000
MOST_UPLOAD_BYTES = 200_000
Row = Mapping[str, Any]


def what_if(on: Board) -> None:
    """Show the scenario in the making: its steps, its result, and what else may be changed."""
    if on.fault:
        markup.show(markup.notice(on.fault, "fault"))
    if on.is_changed:
        _result(on, figures_of(on))
    else:
        markup.show(markup.paragraph(_say(on, "what_if_note")) + markup.paragraph(_say(on, "no_steps")))
    _buttons(on)
    with st.expander(_say(on, "form"), expanded=False):
        _form(on)
    with st.expander(_say(on, "assumptions"), expanded=False):
        _assumptions(on)
    if on.is_changed:
        with st.expander(_say(on, "save"), expanded=False):
            _save(on)


def figures_of(on: Board) -> Row:
    """Return what comes of the scenario in the making, as the command prints it."""
    from livingcircle.render.scenario_terminal import scenario_figures

    tried = on.tried
    assert tried is not None  # noqa: S101 - asked for only when there is one
    answers = on.view.answers
    shown = answers.settings.outputs.isochrone_minutes
    figures: Row = scenario_figures(answers.results.study, [tried], shown)["scenarios"][0]
    return figures


# ── Steps and result ────────────────────────────────────────────────────────


def _result(on: Board, figures: Row) -> None:
    language = on.view.language
    rows = [row for row in figures["coverage"] if row["requirement_id"] and on.view.here(row) and on.view.wanted(row)]
    rows.sort(key=lambda row: -abs(row["residents_change"]))
    note = _say(on, "result_homes", homes=shown_count(figures["homes_changed"]))
    note += (
        _say(on, "result_seconds", seconds=f"{on.seconds:.2f}")
        if language == "zh"
        else " " + _say(on, "result_seconds", seconds=f"{on.seconds:.2f}")
    )
    shown = markup.heading(_say(on, "result", place=on.view.place), note)
    remarks = _remarks(on, figures)
    if remarks:
        shown += markup.notice(on.view.say("between_clauses").join(remarks), "trial")
    names = ("service", "limit", "before", "after", "people", "verdict")
    figured = {"people"}
    headers = [
        Header(_say(on, f"result_{name}"), figures=name in figured, wide=name in {"before", "after"}) for name in names
    ]
    shown += markup.table("scenario", headers, [_row(on, row) for row in rows])
    if figures["changes"]:
        headers = [
            Header(_say(on, f"step_{name}"), figures=name != "change") for name in ("rank", "change", "homes", "gained")
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
        shown += markup.heading(_say(on, "steps")) + markup.table("steps", headers, steps)
    markup.show(shown)


def _row(on: Board, row: Row) -> list[str | Markup]:
    language = on.view.language
    verdicts = [say_code("verdict", row[name], language) for name in ("verdict_before", "verdict")]
    said = verdicts[1] if verdicts[0] == verdicts[1] else " → ".join(verdicts)
    target = on.view.targets().get((row["service_id"], row["limit_minutes"]))
    return [
        row["service"][language],
        shown_limit(row["limit_minutes"], row["limit_metres"], language),
        markup.bar(row["share_before"], target, "homes"),
        markup.bar(row["share_after"], target),
        signed(row["residents_change"]),
        markup.badge(row["verdict"], said),
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
    return named.get(name) or name


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
    undo.button(
        _say(on, "undo"),
        key="desk_undo",
        disabled=not drafts.can_undo,
        width="stretch",
        on_click=lambda: on.work(lambda all_: all_.undone()),
    )
    redo.button(
        _say(on, "redo"),
        key="desk_redo",
        disabled=not drafts.can_redo,
        width="stretch",
        on_click=lambda: on.work(lambda all_: all_.redone()),
    )

    def cleared() -> None:
        from livingcircle.drafting import without_changes

        on.work(lambda all_: all_.with_scenario(without_changes(all_.draft.scenario)))

    clear.button(_say(on, "clear"), key="desk_clear", disabled=not on.is_changed, width="stretch", on_click=cleared)


# ── Without drawing ─────────────────────────────────────────────────────────


def _form(on: Board) -> None:
    """Offer every change as a form; places by coordinates, or those of a candidate or facility."""
    language, study = on.view.language, on.view.answers.results.study
    kind = st.selectbox(
        _say(on, "form_kind"), KINDS, format_func=lambda one: say_code("change", one, language), key="desk_form_kind"
    )
    asked: dict[str, Any] = {"kind": kind}
    if kind == "add_site":
        shown = {service.id: service.name.said(language) for service in study.standard.services if service.is_open}
        default = [on.view.service] if on.view.service in shown else []
        left, right = st.columns(2)
        asked["services"] = tuple(
            left.multiselect(
                _say(on, "form_services"),
                list(shown),
                default=default,
                format_func=lambda one: shown.get(one, one),
                key=f"desk_form_services_{on.view.service}",
            )
        )
        asked["name"] = right.text_input(_say(on, "form_name"), key="desk_form_name")
    if kind in {"move_facility", "close_facility"}:
        asked["facility"] = _pick_facility(on)
    if kind == "add_path":
        text = st.text_area(_say(on, "form_line"), key="desk_form_line", height=90)
    elif kind != "close_facility":
        asked["lonlat"] = _pick_place(on)
    if not st.button(_say(on, "form_add"), key="desk_form_add"):
        return
    if kind == "add_path":
        line, wrong = _line(text)
        if wrong or len(line) < 2:
            on.fault = _say(on, "form_line_wrong", line=wrong) if wrong else _say(on, "form_line_short")
            again()
        asked["line"] = line
    change = _checked(on, asked)
    if change is not None:
        with st.spinner(_say(on, "computing")):
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
        return str(st.text_input(_say(on, "form_facility"), key="desk_form_facility_id"))
    names = {str(places.ids[number]): str(places.names[number]) or str(places.ids[number]) for number in shown}
    found = st.selectbox(
        _say(on, "form_facility"), list(names), format_func=lambda one: names.get(one, one), key="desk_form_facility"
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
            return _say(on, "form_own")
        return str(candidates.names[number]) or say("map.candidate", language, id=str(candidates.ids[number]))

    chosen = -1
    if len(options) > 1:
        chosen = st.selectbox(_say(on, "form_place"), options, format_func=named, key="desk_form_place")
    if chosen >= 0:
        x, y = lonlat_of(candidates.xy[[chosen]], study.crs)[0].round(7).tolist()
        return float(x), float(y)
    left, right = st.columns(2)
    lon = left.number_input(_say(on, "form_lon"), -180.0, 180.0, float(middle[0]), 0.0001, "%.6f", key="desk_form_lon")
    lat = right.number_input(_say(on, "form_lat"), -90.0, 90.0, float(middle[1]), 0.0001, "%.6f", key="desk_form_lat")
    return float(lon), float(lat)


def _line(text: str) -> tuple[list[tuple[float, float]], int]:
    """Return the points of a text, and the number of the first line that is none (0 for no such line)."""
    points = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        parts = [part for part in re.split(r"[,，\s]+", line.strip()) if part]
        try:
            x, y = (float(part) for part in parts)
        except ValueError:
            return points, number
        points.append((x, y))
    return points, 0


def _assumptions(on: Board) -> None:
    study, scenario, language = on.view.answers.results.study, on.drafts.draft.scenario, on.view.language
    own_speed = float(study.walker.speed_metres_per_second)
    titles = {study.standard.id: study.standard.title.said(language)} | {
        name: title for name, title in _standard_titles(language).items() if name != study.standard.id
    }
    standards = list(titles)
    with st.form("desk_assumptions", border=False):
        left, middle, right = st.columns([1, 1, 2])
        now = scenario.speed_metres_per_second or own_speed
        speed = left.number_input(_say(on, "speed"), 0.3, 3.0, now, 0.05, "%.2f")
        limit = middle.number_input(_say(on, "limit"), 0.0, 120.0, scenario.limit_minutes or 0.0, 1.0, "%.0f")
        current = scenario.standard or study.standard.id
        standard = right.selectbox(
            _say(on, "standard"),
            standards,
            index=standards.index(current) if current in standards else 0,
            format_func=lambda one: titles.get(one, one),
        )
        assumed = st.form_submit_button(_say(on, "assume"))
    if not assumed:
        return
    said_speed = None if round(speed, 2) == round(own_speed, 2) else round(speed, 2)
    said_standard = None if standard == study.standard.id else standard
    with st.spinner(_say(on, "computing")):
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


# ── Saved ones ──────────────────────────────────────────────────────────────


def _save(on: Board) -> None:
    scenario = on.drafts.draft.scenario
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input(_say(on, "save_name"), _title(on, scenario), key="desk_save_name").strip()
    if right.button(_say(on, "save"), key="desk_save", width="stretch", disabled=not name):
        keep(on, name)
        on.section = "compare"
        again()
    st.caption(_say(on, "save_note"))


def keep(on: Board, name: str) -> None:
    """Keep the scenario in the making under a name; one of the same name gives way."""
    from livingcircle.settings.base import Title

    known = next((code for code, one in on.saved.items() if one.scenario.title.zh == name), None)
    code = known or f"scenario-{1 + max((int(one.rpartition('-')[2]) for one in on.saved), default=0)}"
    scenario = on.drafts.draft.scenario.model_copy(update={"id": code, "title": Title(zh=name, en=name)})
    figures = dict(figures_of(on)) | {"id": code, "title": {"zh": name, "en": name}}
    on.saved[code] = Saved(scenario, figures)


def compared(on: Board) -> None:
    """Show what was saved, side by side with today, and let scenarios be opened, taken along, brought and deleted."""
    from livingcircle.settings.scenario import scenario_text

    if on.fault:
        markup.show(markup.notice(on.fault, "fault"))
    if on.saved:
        _side_by_side(on, [one.figures for one in on.saved.values()])
        markup.show(markup.heading(_say(on, "saved")))
    for code, one in list(on.saved.items()):
        name, open_, download, delete = st.columns([4, 1, 1.3, 1], vertical_alignment="center")
        title = _title(on, one.scenario)
        name.text(title)

        def opened(scenario: ScenarioSettings = one.scenario) -> None:
            on.work(lambda drafts: drafts.with_scenario(scenario))

        open_.button(_say(on, "open"), key=f"desk_open_{code}", on_click=opened, width="stretch")
        download.download_button(
            _say(on, "download"),
            scenario_text(one.scenario).encode(),
            f"{code}.yaml",
            "application/yaml",
            key=f"desk_download_{code}",
            on_click="ignore",
            width="stretch",
        )
        delete.button(
            _say(on, "delete"), key=f"desk_delete_{code}", on_click=on.saved.pop, args=(code, None), width="stretch"
        )
    _bring(on)
    st.caption(_say(on, "save_note"))


def _bring(on: Board) -> None:
    """Take a scenario file up: it is opened, and can be saved."""
    brought = st.file_uploader(_say(on, "upload"), type=["yaml", "yml"], key="desk_upload", max_upload_size=1)
    if brought is None or st.session_state.get("desk_brought") == brought.file_id:
        return
    st.session_state["desk_brought"] = brought.file_id
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
            again()
    with st.spinner(_say(on, "computing")):
        if on.work(lambda drafts: drafts.with_scenario(scenario, brought.name)):
            keep(on, _title(on, scenario))
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
    title = markup.heading(_say(on, "compare"), _say(on, "compare_note"))
    if not differing:
        markup.show(title + markup.paragraph(_say(on, "compare_none")))
        return
    names = [figures["title"][language] or figures["title"]["zh"] for figures in all_]
    headers = [
        Header(_say(on, "result_service")),
        Header(_say(on, "result_limit")),
        Header(_say(on, "result_before"), wide=True),
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
    markup.show(title + markup.table("compared", headers, cells))


def _cell(row: Row | None, target: float | None, on: Board) -> Markup:
    if row is None:
        return Markup("—")
    verdict = say_code("verdict", row["verdict"], on.view.language)
    return markup.stacked(markup.bar(row["share_after"], target), f"{signed(row['residents_change'])} · {verdict}")


def signed(people: float) -> str:
    """Write a change in people with its sign."""
    from livingcircle.render.overlay import signed as written

    return written(people)


def _title(on: Board, scenario: ScenarioSettings) -> str:
    title = scenario.title
    return title.zh or title.en if on.view.language == "zh" else title.en or title.zh


def _say(on: Board, key: str, **values: str | float) -> str:
    return say(f"desk.{key}", on.view.language, **values)
