"""Files to take along, made when they are asked for; what could not be made says why below its button.

A file is made outside of the script of the page, and Streamlit tells of an error in English, for five seconds. Ours are kept in the
session; one listener for the whole page has it shown again when an error appears.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from markupsafe import Markup

from desk import markup
from livingcircle.errors import LivingCircleError
from livingcircle.faults import Fault, Language, reasons
from livingcircle.render.words import say

_LOG = logging.getLogger("livingcircle.page")
_KEPT = "not_made"
_LISTEN = """
export default function (component) {
  const ERROR = '[data-testid="stDownloadButtonError"]', BUTTON = '[data-testid="stDownloadButton"]';
  const isError = (node) => node.nodeType === 1 && (node.matches(ERROR) || node.querySelector(ERROR));
  const watch = new MutationObserver((changes) => {
    if (changes.some((one) => [...one.addedNodes].some(isError))) component.setTriggerValue("failed", true);
  });
  const asked = (event) => {
    if (!event.target.closest || !event.target.closest(BUTTON)) return;
    for (const old of document.querySelectorAll(".lc-not-made")) old.hidden = true; // of the last time
  };
  watch.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("click", asked);
  return () => {
    watch.disconnect();
    document.removeEventListener("click", asked);
  };
}
"""


@dataclass(frozen=True, slots=True)
class NotMade:
    """Why a file could not be made, the how manieth time."""

    error: Exception
    times: int

    def words(self, language: Language) -> str:
        """Say it, and what to do about it."""
        error = self.error
        if isinstance(error, ImportError):
            return say("page.not_made_component", language, name=error.name or str(error))
        if isinstance(error, MemoryError):
            return say("page.not_made_memory", language)
        faults = error.faults if isinstance(error, LivingCircleError) else ()
        if isinstance(error, OSError):
            faults = (Fault("unwritable_folder", details=reasons(error)),)
        if not faults:
            return say("page.not_made_defect", language, error=f"{type(error).__name__}: {error}")
        stop = "。" if language == "zh" else ". "
        return "".join(f"{one.problem(language)}{stop}{one.remedy(language)}{stop}" for one in faults).strip()


def offer(
    label: str,
    make: Callable[[], bytes],
    file_name: str,
    mime: str,
    *,
    key: str,
    language: Language,
    about: str | None = None,
    stretch: bool = True,
) -> None:
    """Show a button that has a file made and taken along, and below it why that went wrong the last time."""
    kept: dict[str, NotMade] = st.session_state.setdefault(_KEPT, {})

    def made() -> bytes:
        try:
            content = make()
        except Exception as error:
            before = kept.get(key)
            kept[key] = NotMade(error, 1 + (before.times if before else 0))
            _LOG.error("%s could not be made", file_name, exc_info=error)
            raise
        kept.pop(key, None)
        return content

    st.download_button(
        label, made, file_name, mime, key=key, help=about, on_click="ignore", width="stretch" if stretch else "content"
    )
    if (last := kept.get(key)) is not None:
        said = Markup("<strong>{}</strong> {}").format(
            say("page.not_made", language, name=file_name), last.words(language)
        )
        box = Markup('<div class="lc-not-made" role="alert" data-times="{}">{}</div>')
        markup.show(box.format(last.times, markup.notice(said, "fault")))


@st.cache_resource(show_spinner=False)
def _listener() -> Callable[..., Any]:
    return st.components.v2.component("living_circle_saving", js=_LISTEN)


def listen() -> None:
    """Have the page shown again when a file could not be made; once on every page."""
    _listener()(key="saving", on_failed_change=_nothing)


def _nothing() -> None:
    """Streamlit asks for a callback to tell what a component may send."""
