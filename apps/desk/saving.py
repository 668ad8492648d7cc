"""Files to take along, made when they are asked for; what could not be made says why below its button.

A file is made outside of the script of the page, and Streamlit tells of an error in English, for five seconds. Ours are kept in the
session; one listener for the whole page has it shown again when an error appears.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
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
    """Why a file could not be made; `time` counts the failures of the session."""

    error: Exception
    time: int

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


@dataclass(slots=True)
class Failures:
    """What this session could not make, by the key of its button: `count` of all times, of which `told` are on the page.

    `heard` is kept from when the browser shows an error until that is told: a run of the page may be broken off by the next one.
    """

    last: dict[str, NotMade] = field(default_factory=dict)
    count: int = 0
    told: int = 0
    heard: bool = False


def _failures() -> Failures:
    found: Failures = st.session_state.setdefault(_KEPT, Failures())
    return found


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
    kept = _failures()

    def made() -> bytes:
        try:
            content = make()
        except Exception as error:
            kept.count += 1
            kept.last[key] = NotMade(error, kept.count)
            _LOG.error("%s could not be made", file_name, exc_info=error)
            raise
        kept.last.pop(key, None)
        return content

    st.download_button(
        label, made, file_name, mime, key=key, help=about, on_click="ignore", width="stretch" if stretch else "content"
    )
    if (last := kept.last.get(key)) is not None:
        said = Markup("<strong>{}</strong> {}").format(
            say("page.not_made", language, name=file_name), last.words(language)
        )
        _alert(said, last.time)


def _alert(said: Markup | str, time: int) -> None:
    """Show what went wrong; `time` makes it another text than that of the last time, which the listener has hidden."""
    box = Markup('<div class="lc-not-made" role="alert" data-time="{}">{}</div>')
    markup.show(box.format(time, markup.notice(said, "fault")))


@st.cache_resource(show_spinner=False)
def _listener() -> Callable[..., Any]:
    return st.components.v2.component("living_circle_saving", js=_LISTEN)


def listen(language: Language) -> None:
    """Have the page shown again when a file could not be made; once on every page, after all buttons.

    What failed before anything was made, for a lost connection or a button that was just being renewed, is told here.
    """
    kept = _failures()
    _listener()(key="saving", on_failed_change=_hear)
    if kept.heard and kept.count == kept.told:
        kept.count += 1
        _alert(say("page.not_fetched", language), kept.count)
    kept.told, kept.heard = kept.count, False


def _hear() -> None:
    _failures().heard = True
