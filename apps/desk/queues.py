"""What the browser says to the page while that is busy: heard in order, all of it, and once.

Streamlit keeps only the last value of a trigger. So every value tells all that has not been acknowledged yet (`static/queue.js`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_QUEUE = Path(__file__).parents[1] / "static" / "queue.js"


def with_queue(script: str) -> str:
    """Return the JavaScript of a component that can call `queueOf(parentElement, data.heard)`."""
    return _QUEUE.read_text("utf-8") + script


def last_heard(key: str) -> tuple[str, int] | None:
    """Return the queue and the number of what was heard last from the component with this key, for its `data.heard`."""
    found: tuple[str, int] | None = st.session_state.get(f"{key}_heard")
    return found


def unheard(key: str, said: Mapping[str, Any]) -> Iterator[Any]:
    """Give the messages of a trigger's value that were not heard before, and note them as heard."""
    queue, last = last_heard(key) or ("", 0)
    last = last if queue == said["queue"] else 0
    for one in said["messages"]:
        if one["number"] > last:
            last = one["number"]
            st.session_state[f"{key}_heard"] = (said["queue"], last)
            yield one["message"]
