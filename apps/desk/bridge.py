"""Between the page and the map, which is one page of its own in a frame and is sent once.

Messages are plain JSON between frames of one origin:

* map → page `{livingCircle: "clicked", kind: "home" | "square" | "facility" | "candidate" | "pick" | "runner_up" | "gap" | "ground",
  number, level, service, lonlat: [x, y]}`: `number` counts what the map drew of that kind, squares on their `level` (-1 the coarsest),
  `service` is the position of the service looked at among those on the map;
* map → page `{livingCircle: "drawn", tool, number, service, lonlat: [[x, y], …]}`;
* map → page `{livingCircle: "ready"}`, answered with the last overlay;
* page → map `{livingCircle: "show", overlay}`, whose entries take the place of the last ones of their name: `service` to look at,
  `asked` (changes with what was clicked), `route`, `popup`, `focus` (where to look); `scenario` (changes with it),
  `homes`, `levels`, `headlines`, `drawn`, `can_undo`, `can_redo`; `chosen` (candidates marked for
  siting); `remark`, `fault`.

Both sides check origin, sender and shape; texts are set as text. The JavaScript is fixed: no data is ever written into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from desk.queues import last_heard, unheard, with_queue

KEY = "bridge"
SHOWN_KEY = "bridge_shown"
_SCRIPT = Path(__file__).parents[1] / "static" / "bridge.js"


def tell(map_name: str, overlay: Mapping[str, Any], heard: Callable[[Mapping[str, Any]], None]) -> None:
    """Show an overlay on the map with this name, and call `heard` with what the map says next, before the page runs again.

    Each message is heard once (`desk.queues`).
    """

    def on_said() -> None:
        if said := st.session_state[KEY].said:
            for message in unheard(KEY, said):
                heard(message)

    data = {"map": map_name, "overlay": dict(overlay), "hears": True, "heard": last_heard(KEY)}
    _bridge()(key=KEY, data=data, on_said_change=on_said, height=1)


def show(map_name: str, overlay: Mapping[str, Any]) -> None:
    """Show another part of the overlay, which is sent only when it changes."""
    data = {"map": map_name, "overlay": dict(overlay), "hears": False}
    _bridge()(key=SHOWN_KEY, data=data, on_said_change=_nothing, height=1)


def _nothing() -> None:
    """Streamlit asks for a callback to tell what a component may send."""


@st.cache_resource(show_spinner=False)
def _bridge() -> Callable[..., Any]:
    found: Callable[..., Any] = st.components.v2.component(
        "living_circle_bridge", js=with_queue(_SCRIPT.read_text("utf-8"))
    )
    return found
