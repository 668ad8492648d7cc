"""Widgets whose value the page itself keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st


@contextmanager
def saying(key: str, value: Any, shown: object = None) -> Iterator[None]:
    """Have the widget with this key, made within, say `value`; `shown` are the words it is shown with.

    The browser is told only where it would say something else. Told every time, it would take back what a quick reader has chosen since,
    and send the old choice along with the next one.
    """
    last: dict[str, object] = st.session_state.setdefault("widgets_shown", {})
    if key not in st.session_state or st.session_state[key] != value or last.get(key) != shown:
        st.session_state[key] = value
    yield
    last[key] = shown
