"""Buttons and tick boxes within tables: the tables are HTML (`desk.markup`), and this tells Python which of them was used.

A row carries `data-lc-pick="what:which"`; one listener for the whole page sends it. Nothing from data is put into the script.
Buttons are hidden while the browser has the table but not yet the listener, so that no click is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from markupsafe import Markup

from desk.queues import last_heard, unheard, with_queue

_LISTEN = """
export default function ({ data, parentElement, setTriggerValue }) {
  if (parentElement.stopListening) parentElement.stopListening(); // of the last time: this is called again whenever the data change
  const queued = queueOf(parentElement, data.heard), kind = data.of + ":";
  const listen = (event) => {
    const found = event.target.closest && event.target.closest("[data-lc-pick]");
    if (!found || !found.dataset.lcPick.startsWith(kind)) return;
    const isBox = found.type === "checkbox";
    if (isBox !== (event.type === "change")) return;
    setTriggerValue("picked", queued({ which: found.dataset.lcPick.slice(kind.length), ticked: isBox ? found.checked : null }));
  };
  document.addEventListener("click", listen);
  document.addEventListener("change", listen);
  const shown = document.createElement("style"); // until now a click went nowhere, and page.css hid them
  shown.textContent = `html [data-lc-pick^="${kind}"] { visibility: visible; }`;
  document.head.append(shown);
  return (parentElement.stopListening = () => {
    document.removeEventListener("click", listen);
    document.removeEventListener("change", listen);
    shown.remove();
  });
}
"""


@st.cache_resource(show_spinner=False)
def _listener() -> Callable[..., Any]:
    return st.components.v2.component("living_circle_picks", js=with_queue(_LISTEN))


def picked(of: str) -> list[tuple[str, bool | None]]:
    """Return what was picked among the buttons and boxes of this kind, in order, and whether a box is now ticked.

    Who deals with one takes it out of the list. Until then it stays there, as a run of the page may be broken off by the next pick.
    """
    key = f"picks_{of}"
    waiting: list[tuple[str, bool | None]] = st.session_state.setdefault(f"{key}_waiting", [])

    def hear() -> None:
        if said := st.session_state[key].picked:
            waiting.extend((str(one["which"]), one["ticked"]) for one in unheard(key, said))

    _listener()(key=key, data={"of": of, "heard": last_heard(key)}, on_picked_change=hear)
    return waiting


def button(of: str, which: str, text: str, about: str) -> Markup:
    """Return a button; `about` says to a screen reader what it is of."""
    return Markup('<button type="button" class="lc-pick" data-lc-pick="{}:{}" aria-label="{}">{}</button>').format(
        of, which, f"{text}：{about}" if about else text, text
    )


def box(of: str, which: str, about: str, *, ticked: bool) -> Markup:
    """Return a tick box; `about` is its label for a screen reader."""
    state = Markup(" checked") if ticked else Markup()
    return Markup('<input type="checkbox" data-lc-pick="{}:{}" aria-label="{}"{}>').format(of, which, about, state)
