"""The page of Living Circle: `living-circle app STUDY.yaml`, or `streamlit run apps/streamlit_app.py -- STUDY.yaml`.

Widgets and cached calls only: what is computed comes from `livingcircle.cases`, what is shown from `livingcircle.render`. Streamlit runs
this file from top to bottom at every choice and puts its folder on the path; its options are in `.streamlit/config.toml` beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import streamlit as st

from desk import frame, markup, saving, studies, trouble
from desk.about_data import about_data
from desk.address import asked, chosen, open_panel
from desk.answers import answers
from desk.downloads import downloads
from desk.headline import headline
from desk.map_panel import map_panel
from desk.panels.coverage import coverage
from desk.panels.equity import equity
from desk.panels.gaps import gaps
from desk.panels.siting import siting
from desk.panels.supply import supply
from desk.panels.verdicts import verdicts
from desk.start import OWN, START, UPLOAD, start
from desk.view import View
from desk.workspace import own_study, workspace
from livingcircle.errors import LivingCircleError
from livingcircle.faults import Language
from livingcircle.render.words import LANGUAGES, say

STATIC = Path(__file__).with_name("static")
PANELS = {
    "verdicts": verdicts,
    "coverage": coverage,
    "gaps": gaps,
    "plan": siting,
    "equity": equity,
    "supply": supply,
    "data": about_data,
}


def main() -> None:
    """Show what the address asks for: the start, uploading, or a study; or say what is wrong with it."""
    files = studies.study_files(sys.argv[1:])
    own = own_study()
    named = {**files, **({OWN: own} if own else {})}
    code = asked("study", [START, UPLOAD, *named], studies.first(sys.argv[1:], files) or START)
    linked = st.query_params.get("study", "")  # before the address follows what is shown instead
    missing = "" if linked in {"", START, UPLOAD, OWN, *named, code} else linked
    language = cast("Language", asked("lang", LANGUAGES, studies.language_of(files.get(code))))
    st.set_page_config(
        page_title=say("page.name", language),
        page_icon=str(STATIC / "icon.png"),
        layout="wide",
        initial_sidebar_state=280,
    )
    st.html(STATIC / "page.css")
    try:
        with st.sidebar:
            frame.around(language)
        if frame.signed_in(language):
            if missing:
                markup.show(markup.notice(say("start.unknown_study", language, code=missing[:60])))
            shown(code, files, own, language)
    except LivingCircleError as error:
        trouble.show_faults(error.faults, language)
    except Exception as error:  # noqa: BLE001 - the last place to catch anything
        trouble.show_defect(error, code, language)
    with st.sidebar:
        frame.text_size(language)
        saving.listen(language)
    frame.landmarks(language)


def shown(code: str, files: Mapping[str, Path], own: Path | None, language: Language) -> None:
    """Show one of the pages."""
    titles = studies.titles(files, language)
    entries = {START: say("start.home", language), **titles, UPLOAD: say("start.upload_entry", language)}
    if own:
        entries[OWN] = say("start.own", language, title=workspace().title)
    with st.sidebar:
        select(say("page.study", language), "study", entries, code, language)
    if code == START:
        start(titles, language, gone=not own and st.query_params.get("study") == OWN)
    elif code == UPLOAD:
        from desk.uploads import uploads

        uploads(studies.extracts(files), language)
    else:
        desk(own if own and code == OWN else files[code], language, own=code == OWN)


def desk(file: Path, language: Language, *, own: bool = False) -> None:
    """Show one study: what to look at, how it stands, and the panels; `own` if this session uploaded it."""
    settings = studies.read(file)
    key = studies.fingerprint(file, settings)
    found = answers(key, settings, language, own=own)
    view = View(found, language)
    with st.sidebar:
        service = select(view.say("service"), "service", {"": view.say("all_services")} | view.services, "", language)
        district = ""
        if view.districts:
            options = {"": view.say("whole_study")} | view.districts
            district = select(view.say("district"), "district", options, "", language)
        downloads(View(found, language, service, district, file))
    view = View(found, language, service, district, file)
    headline(view)
    tabs = open_panel("panel", {name: view.say(f"panel_{name}") for name in ("map", *PANELS)})
    with tabs["map"]:
        if tabs["map"].open or "map_was_open" in st.session_state:
            st.session_state["map_was_open"] = True
            map_panel(view)
    for name, panel in PANELS.items():
        if tabs[name].open:
            with tabs[name]:
                panel(view)


def select(label: str, name: str, options: Mapping[str, str], default: str, language: Language) -> str:
    """Let the reader choose from a list that can be searched."""
    return chosen(st.selectbox, name, label, options, default, placeholder=say("page.nothing_found", language))


main()
