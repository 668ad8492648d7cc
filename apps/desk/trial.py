"""What if people walked slower, or more sites were built? The study computed anew with other settings, its file left alone."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from desk.view import View
from livingcircle.settings import SitingTask, StudySettings


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings to try: walking speed, and the number of sites of every siting task in order, None where a task asks for no number."""

    speed_metres_per_second: float
    sites: tuple[int | None, ...]

    def applied(self, settings: StudySettings) -> StudySettings:
        """Return the settings with the trial's in their place."""
        walker = settings.walker.model_copy(update={"speed_metres_per_second": self.speed_metres_per_second})
        tasks = zip(settings.siting, self.sites, strict=True)
        siting = tuple(task.model_copy(update={"sites": sites}) for task, sites in tasks)
        return settings.model_copy(update={"walker": walker, "siting": siting})


def trial_of(settings: StudySettings) -> Trial:
    """Return the trial that changes nothing."""
    return Trial(settings.walker.speed_metres_per_second, tuple(task.sites for task in settings.siting))


def current(key: str, settings: StudySettings) -> Trial:
    """Return the trial the reader asked for in the study with this fingerprint; else the one that changes nothing."""
    kept: dict[str, Trial] = st.session_state.setdefault("trials", {})
    return kept.get(key, trial_of(settings))


def ask(view: View, key: str, settings: StudySettings, now: Trial) -> None:
    """Offer the form of a trial; what was asked for holds from the next run of the page."""
    with st.form(f"trial_{key[:12]}", border=False):
        speed = st.slider(view.say("trial_walk"), *_between(now.speed_metres_per_second), 0.05, format="%.2f")
        sites = [
            st.number_input(
                view.say("trial_count", service=_called(view, task)),
                1,
                max(99, count),
                count,
                key=f"sites_{key[:12]}_{number}",
            )
            if count is not None
            else None
            for number, (task, count) in enumerate(zip(settings.siting, now.sites, strict=True))
        ]
        run = st.form_submit_button(view.say("trial_run"), width="stretch")
    if run:
        speed = now.speed_metres_per_second if speed == now.speed_metres_per_second else round(speed, 2)
        st.session_state["trials"][key] = Trial(speed, tuple(sites))
        st.rerun()
    if now != trial_of(settings):
        st.button(view.say("trial_reset"), width="stretch", on_click=_forget, args=(key,))


def changes(view: View, settings: StudySettings, now: Trial) -> str:
    """Say what a trial changes; empty where it changes nothing."""
    before = trial_of(settings)
    said = []
    if now.speed_metres_per_second != before.speed_metres_per_second:
        speed = now.speed_metres_per_second
        said.append(view.say("trial_speed", speed=speed, before=before.speed_metres_per_second))
    said += [
        view.say("trial_sites", service=_called(view, task), sites=sites, before=task.sites or 0)
        for task, sites in zip(settings.siting, now.sites, strict=True)
        if sites is not None and sites != task.sites
    ]
    return view.say("between").join(said)


def _called(view: View, task: SitingTask) -> str:
    """Return the name of a task: its own, else the services it is about."""
    return task.name or view.say("between").join(view.services.get(one.service, one.service) for one in task.asked)


def _forget(key: str) -> None:
    st.session_state["trials"].pop(key, None)
    for name in [name for name in st.session_state if str(name).startswith(f"sites_{key[:12]}")]:
        del st.session_state[name]


def _between(speed: float) -> tuple[float, float, float]:
    """Return least, most and present speed of the slider; a study may lie outside what is usual."""
    return min(0.5, speed), max(2.0, speed), speed
