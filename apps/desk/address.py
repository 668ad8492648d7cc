"""What the address of the page (its URL) says, so that a view can be sent to a colleague as a link.

Every choice is a short code that is the same in both languages: `?lang=en&study=helsinki&service=pharmacy&panel=verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import streamlit as st


def asked(name: str, options: Sequence[str], default: str) -> str:
    """Return the code the address gives for `name`; the default where it gives none or one that is not an option."""
    code = st.query_params.get(name, default)
    return code if code in options else default


def chosen(
    widget: Callable[..., Any], name: str, label: str, options: Mapping[str, str], default: str, **appearance: object
) -> str:
    """Let the reader choose one of `options` (code to words), keep the choice in the address, and return its code."""
    key = f"choice_{name}"
    st.session_state[key] = asked(name, list(options), default)
    code = widget(
        label,
        list(options),
        format_func=lambda one: options.get(one, one),
        key=key,
        on_change=_keep,
        args=(name, key),
        **appearance,
    )
    return cast("str", code)


def open_panel(name: str, labels: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one tab per entry of `labels` (code to words), the one in the address open; `.open` says which one is."""
    key = f"choice_{name}"
    codes = {label: code for code, label in labels.items()}
    st.session_state[key] = labels[asked(name, list(labels), next(iter(labels)))]
    tabs = st.tabs(list(labels.values()), key=key, on_change=_keep, args=(name, key, codes))
    return dict(zip(labels, tabs, strict=True))


def _keep(name: str, key: str, codes: Mapping[str, str] | None = None) -> None:
    code = st.session_state[key]
    st.query_params[name] = codes[code] if codes else code
