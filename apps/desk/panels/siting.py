"""选址求解: choose services and conditions, search in the background, stop when it is enough, and read the plan with its proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from desk import markup, picks, saving, searching
from desk.markup import Header
from desk.panels.coverage import more
from desk.panels.plans import offer_pages, pages, plan
from desk.panels.siting_task import (
    AIMS,
    MOST_SECONDS,
    MOST_SITES,
    ONE_SERVICE,
    WITH_FLOOR,
    WITH_FRONTIER,
    WITH_SITES,
    Form,
    asked_of,
    empty_form,
    first_task,
    form_of,
    kept,
    kept_said,
    task_name,
)
from desk.rows import rows, shown
from desk.searching import Search
from desk.view import Row, View
from livingcircle.faults import Fault
from livingcircle.kernel.siting.solution import relative_gap
from livingcircle.render.words import shown_share
from livingcircle.settings import SitingTask, StudySettings
from livingcircle.settings.candidates import PlacedCandidate
from livingcircle.yaml_text import YamlText, validated

SECONDS_BETWEEN = 0.5
MOST_CANDIDATES = 60
PER_LINE = 4
PLACED = ("placed", "placed_cost", "placed_floor")
"""What the form says of candidates placed on the map, which are there whatever the task."""


def siting(view: View) -> None:
    """Show the form, the search as it runs, its plan, and the plans of the study file."""
    known = view.answers.settings.candidates is not None or memory(view)["placed"]
    if not len(view.answers.results.study.candidates) and not known:
        markup.show(markup.heading(view.say("siting_title")) + markup.paragraph(view.say("siting_no_candidates")))
        return
    markup.show(markup.heading(view.say("siting_title"), view.say("siting_note")))
    ticked = picks.picked("candidate")  # listened to before there is anything to tick
    form = _form(view, ticked)
    task, faults, problem = task_of(view, form)
    search = searching.last(view.answers.key)
    if problem:
        markup.show(markup.notice(problem))
    started = st.button(
        view.say("siting_run"),
        type="primary",
        key="siting_run",
        disabled=task is None or bool(search and search.is_running),
    )
    if started and task is not None:
        search = searching.begin(view.answers.key, view.answers.results, settings_of(view, form), task)
    if faults:
        _refused(view, faults)
    if search is not None:
        _running(view, search) if search.is_running else _ended(view, search)
    _of_study(view)


def task_of(view: View, form: Form) -> tuple[SitingTask | None, tuple[Fault, ...], str]:
    """Return the task that a form asks for; else what is wrong with it, as faults of its keys or as what is still missing."""
    aim, services = form["aim"], form["services"]
    if not services and aim != "close_unmet":
        return None, (), view.say("siting_no_service")
    if len(services) > 1 and aim in ONE_SERVICE:
        return None, (), view.say("siting_one_service")
    if aim in WITH_SITES and not form["sites"] and not form["budget"] and "years" not in kept(form)[1]:
        return None, (), view.say("siting_needs_means")
    task, faults = validated(SitingTask, YamlText(file="", content=asked_of(form)))
    return task, faults, ""


def settings_of(view: View, form: Form) -> StudySettings:
    """Return the study's settings with the candidates that were placed on the map."""
    each = {"cost_wan_yuan": form["placed_cost"] or None, "floor_m2": form["placed_floor"] or None}
    placed = tuple(
        PlacedCandidate(id=one, name=name, lonlat=lonlat, **each) for one, (name, lonlat) in form["placed"].items()
    )
    own = view.answers.settings
    return own.model_copy(update={"placed_candidates": (*own.placed_candidates, *placed)}) if placed else own


# ── The form ────────────────────────────────────────────────────────────────


def _form(view: View, ticked: list[tuple[str, bool | None]]) -> Form:
    """Show the form, remembered while the reader looks at other panels, and return what it says."""
    form = memory(view)
    _begin_with(view, form)
    first, second, third = st.columns([2, 1.6, 1])
    with first:
        form["services"] = _kept(
            view, st.multiselect, "services", {"default": form["services"]},
            view.say("siting_services"), options=list(_sitable(view)), format_func=lambda one: _sitable(view).get(one, one),
            placeholder=view.say("siting_services_hint"),
        )  # fmt: skip
    with second:
        form["aim"] = _kept(
            view, st.selectbox, "aim", {"index": AIMS.index(form["aim"])}, view.say("siting_aim"), options=AIMS,
            format_func=lambda one: view.say(f"aim_{one}"),
        )  # fmt: skip
    with third:
        _number(view, "limit", "siting_limit", 120.0, 1.0)
    _conditions(view, form)
    if form["aim"] in WITH_FRONTIER:
        form["frontier"] = _kept(
            view, st.checkbox, "frontier", {"value": form["frontier"]}, view.say("siting_frontier")
        )
    if said := kept_said(view, form):
        markup.show(markup.small(said))
    while ticked:
        which, is_ticked = ticked.pop(0)
        _tick(form, which, is_ticked=bool(is_ticked))
    _candidates(view, form)
    return form


def _begin_with(view: View, form: Form) -> None:
    """Offer the tasks of the study to begin with, and say what holds of the one begun with beside what the form shows."""
    tasks = range(len(view.answers.settings.siting))
    if not tasks:
        return
    key = f"siting_{view.answers.settings.id}_"

    def begun() -> None:
        number, placed = st.session_state[f"{key}task"], {name: form[name] for name in PLACED}
        form.clear()
        form.update((form_of(view, number) if number >= 0 else empty_form("")) | placed)
        for name in form.keys() - {"task"}:
            if f"{key}{name}" in st.session_state:
                st.session_state[f"{key}{name}"] = form[name]
                st.session_state.setdefault("siting_told", set()).add(f"{key}{name}")

    st.selectbox(
        view.say("task_begin"),
        [*tasks, -1],
        [*tasks, -1].index(form["task"]),
        key=f"{key}task",
        on_change=begun,
        placeholder=view.say("nothing_found"),
        format_func=lambda number: task_name(view, number) if number >= 0 else view.say("task_own"),
    )


def _conditions(view: View, form: Form) -> None:
    aim = form["aim"]
    fields: list[Callable[[], None]] = []
    if aim in WITH_SITES:
        fields.append(lambda: _number(view, "sites", "siting_sites", MOST_SITES, 1))
        fields.append(lambda: _number(view, "budget", "siting_budget", 1e6, 50.0))
    if aim == "target":
        fields.append(lambda: _number(view, "target", "siting_target", 100.0, 5.0, least=1.0))
    if aim in WITH_FLOOR and view.districts:
        fields.append(lambda: _number(view, "floor", "siting_floor", 100.0, 5.0))
    if aim == "most_served":
        fields.append(lambda: _number(view, "capacity", "siting_capacity", 1e6, 10.0))
        fields.append(lambda: _number(view, "capacity_of_existing", "siting_capacity_existing", 1e6, 10.0))
    fields.append(lambda: _number(view, "seconds", "siting_seconds", MOST_SECONDS, 10.0, least=1.0))
    if form["placed"]:
        fields.append(lambda: _number(view, "placed_cost", "siting_placed_cost", 1e6, 10.0))
        fields.append(lambda: _number(view, "placed_floor", "siting_placed_floor", 1e6, 50.0))
    for start in range(0, len(fields), PER_LINE):
        for column, show in zip(st.columns(PER_LINE), fields[start : start + PER_LINE], strict=False):
            with column:
                show()


def _candidates(view: View, form: Form) -> None:
    """Show the candidates as a table with tick boxes: what must be built and what must not."""
    every = [*rows(view.answers, "candidates"), *placed_rows(form)]
    form["required"] &= {row["candidate_id"] for row in every}
    form["forbidden"] &= {row["candidate_id"] for row in every}
    counts = {"count": len(every), "required": len(form["required"]), "forbidden": len(form["forbidden"])}
    with st.expander(view.say("siting_candidates"), key="siting_candidates", on_change="rerun") as opened:
        if not opened.open:
            return
        sought = ""
        if len(every) > MOST_CANDIDATES:
            sought = st.text_input(view.say("siting_find"), key="siting_find").strip().lower()
        found = [row for row in every if sought in f"{row['candidate_id']} {row['candidate_name']}".lower()]
        marked = form["required"] | form["forbidden"]
        found.sort(key=lambda row: row["candidate_id"] not in marked)
        markup.show(
            markup.small(view.say("siting_candidates_note", **counts))
            + _ticks(view, form, found[:MOST_CANDIDATES])
            + more(view, len(found), MOST_CANDIDATES)
        )


def placed_rows(form: Form) -> list[Row]:
    """Return the candidates placed on the map as rows of the table of candidates."""
    each = {"use": None, "capacity": None}
    each |= {"floor_m2": form["placed_floor"] or None, "cost_wan_yuan": form["placed_cost"] or None}
    return [
        {"candidate_id": one, "candidate_name": name, "lon": lonlat[0], "lat": lonlat[1], **each}
        for one, (name, lonlat) in form["placed"].items()
    ]


def _tick(form: Form, which: str, *, is_ticked: bool) -> None:
    """Note a box that was ticked or cleared; what must be built is not left out as well."""
    key, _, place = which.partition("/")
    if key not in {"required", "forbidden"}:
        return
    other = "forbidden" if key == "required" else "required"
    form[key] = form[key] | {place} if is_ticked else form[key] - {place}
    form[other] = form[other] - {place}


def _ticks(view: View, form: Form, found: Sequence[Row]) -> markup.Cell:
    known = ("use", "floor_m2", "cost_wan_yuan", "capacity")
    columns = [name for name in known if any(row.get(name) not in {None, ""} for row in found)]
    headers = [
        *(Header(view.say(f"siting_{key}")) for key in ("required", "forbidden")),
        Header(view.header("candidate_name"), wide=True),
        *(Header(view.header(name), figures=name != "use") for name in columns),
        Header(view.say("position"), figures=True),
    ]
    cells = [
        [
            *(
                picks.box(
                    "candidate", f"{key}/{row['candidate_id']}", f"{view.say(f'siting_{key}')} {_name(row)}",
                    ticked=row["candidate_id"] in form[key],
                )
                for key in ("required", "forbidden")
            ),
            markup.stacked(_name(row), row["candidate_id"] if row["candidate_name"] else ""),
            *(shown(name, row.get(name), view.language) for name in columns),
            f"{row['lon']:.5f}, {row['lat']:.5f}",
        ]
        for row in found
    ]  # fmt: skip
    return markup.table("candidates", headers, cells)


def _name(row: Row) -> str:
    return str(row["candidate_name"] or row["candidate_id"])


def _sitable(view: View) -> dict[str, str]:
    """Return the services that sites can be sought for: those that may be shown as points."""
    types = view.answers.results.study.standard.services
    return {service.id: service.name.said(view.language) for service in types if service.is_open}


def memory(view: View) -> Form:
    """Return what the form said last; at first a task of the study, where it has one that fits."""
    forms: dict[str, Form] = st.session_state.setdefault("siting_forms", {})
    if view.answers.settings.id not in forms:
        number, own = first_task(view), view.service if view.service in _sitable(view) else ""
        forms[view.answers.settings.id] = form_of(view, number) if number >= 0 else empty_form(own)
    return forms[view.answers.settings.id]


def _kept(view: View, widget: Callable[..., Any], name: str, now: Mapping[str, Any], label: str, **options: Any) -> Any:
    """Show a widget that says again what it said before its panel was closed.

    It is told what to say (`now`) as it is made: what is put into the session instead reaches the browser later than a quick reader does.
    """
    said, key = memory(view), f"siting_{view.answers.settings.id}_{name}"
    told: set[str] = st.session_state.setdefault("siting_told", set())
    given = {} if key in told else now
    told.discard(key)
    said[name] = widget(label, key=key, **given, **options)
    return said[name]


def _number(view: View, name: str, label: str, most: float, step: float, *, least: float = 0) -> None:
    kind = type(memory(view)[name])
    ends = {"min_value": kind(least), "max_value": kind(most), "step": kind(step)}
    _kept(
        view,
        st.number_input,
        name,
        {"value": memory(view)[name]},
        view.say(label),
        **ends,
        format="%d" if kind is int else "%g",
    )


# ── The search and what came of it ──────────────────────────────────────────


def _running(view: View, search: Search) -> None:
    """Tell how far the search is, again and again, and offer to stop it."""

    @st.fragment(run_every=SECONDS_BETWEEN)
    def progress() -> None:
        if not search.is_running:
            st.rerun()
        text = view.say("siting_running", seconds=f"{search.passed_seconds:.0f}", limit=f"{search.limit_seconds:.0f}")
        text = view.say("listed").join((text, _so_far(view, search)))
        st.progress(min(1.0, search.passed_seconds / search.limit_seconds), text)
        label = view.say("siting_stopping" if search.is_stopping else "siting_stop")
        st.button(label, key="siting_stop", on_click=search.stop, disabled=search.is_stopping)

    progress()


def _so_far(view: View, search: Search) -> str:
    if not (math.isfinite(search.value) and math.isfinite(search.bound)):
        return view.say("siting_first")
    return view.say("siting_gap", gap=shown_share(relative_gap(search.value, search.bound)))


def _ended(view: View, search: Search) -> None:
    if search.defect is not None:
        raise search.defect
    if search.results is None:
        _refused(view, search.faults)
        return
    from livingcircle.render.summary import plan_records

    results = search.results
    found = plan_records(results.study, results.plans)
    made = pages(results, view.language)
    title, button = st.columns([4, 1], vertical_alignment="bottom")
    with title:
        markup.show(markup.heading(view.say("siting_found", seconds=f"{search.seconds:.1f}")))
    button.button(view.say("siting_forget"), key="siting_forget", on_click=searching.forget, width="stretch")
    markup.show(markup.joined(plan(view, row, made) for row in found))
    _take_along(view, search)
    offer_pages(view, made, found, "siting")


def _take_along(view: View, search: Search) -> None:
    """Offer the study file that gives the plan, and the tables with it."""
    from desk.downloads import XLSX, study_text, tables_with

    columns = st.columns(2)
    if view.file is not None:
        file = view.file
        with columns[0]:
            saving.offer(
                view.say("siting_task_download"),
                lambda: study_text(file, [search.task], search.settings.placed_candidates).encode(),
                f"{file.stem}-siting.yaml", "application/yaml",
                key="siting_study", language=view.language, about=view.say("siting_task_note"),
            )  # fmt: skip
    results = search.results
    if results is not None:
        with columns[1]:
            saving.offer(
                view.say("siting_tables_download"), lambda: tables_with(results, view.language),
                f"{view.answers.settings.id}-siting.xlsx", XLSX, key="siting_tables", language=view.language,
            )  # fmt: skip


def _refused(view: View, faults: Sequence[Fault]) -> None:
    """Say why there is no plan, and what to do."""
    headers = [Header(view.header(f"{name}_{view.language}"), wide=True) for name in ("problem", "remedy")]
    cells = [[fault.problem(view.language), fault.remedy(view.language)] for fault in faults]
    markup.show(markup.notice(view.say("siting_refused"), "fault") + markup.table("siting-faults", headers, cells))


def _of_study(view: View) -> None:
    """Show the plans that the study file asks for."""
    every: list[Mapping[str, Any]] = view.answers.figures["plans"]
    wanted = [row for row in every if not view.service or view.service in row["service_id"].split(";")]
    shown_plans = markup.heading(view.say("siting_of_study"))
    if not wanted:
        markup.show(shown_plans + markup.paragraph(view.say("plan_none")))
        return
    made = pages_of(view)
    shown_plans += markup.joined(plan(view, row, made) for row in wanted)
    candidates = view.answers.settings.candidates
    if candidates is not None and candidates.kind == "junctions":
        shown_plans += markup.small(view.say("plan_junctions"))
    if view.district:
        shown_plans += markup.small(view.say("plan_district"))
    markup.show(shown_plans)
    offer_pages(view, {name: text for name, text in made.items() if _is_of(name, wanted)}, wanted, "study")


def pages_of(view: View) -> Mapping[str, str]:
    """Return the pages and charts of the plans of the study file."""
    if view.answers.is_own:  # nothing of it is left with the server
        return pages(view.answers.results, view.language)
    return _pages_of(view.answers.key, view.language, view.answers.results)


def _is_of(name: str, plans: list[Mapping[str, Any]]) -> bool:
    return any(name.startswith(f"plan-{row['plan']}-") for row in plans)


@st.cache_resource(show_spinner=False, max_entries=12)
def _pages_of(key: str, language: Any, _results: Any) -> dict[str, str]:  # noqa: ARG001 - the cache's key
    return pages(_results, language)
