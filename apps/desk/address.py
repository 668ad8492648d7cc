"""What the address of the page (its URL) says, so that a view can be sent to a colleague as a link.

Every choice is a short code that is the same in both languages: `?lang=en&study=helsinki&service=pharmacy&panel=verdicts`. The address is
read when the page is opened; from then on the page's own memory holds and the address follows it, because the browser may send an
outdated address along with a second choice made quickly after a first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import streamlit as st

from desk.widgets import saying


def asked(name: str, options: Sequence[str], default: str) -> str:
    """Return the code last chosen for `name`, else that of the address; the default where neither is one of the options."""
    code = _memory().get(name, st.query_params.get(name, default))
    return code if code in options else default


def chosen(
    widget: Callable[..., Any], name: str, label: str, options: Mapping[str, str], default: str, **appearance: object
) -> str:
    """Let the reader choose one of `options` (code to words), keep the choice in the address, and return its code."""
    key, code = f"choice_{name}", asked(name, list(options), default)
    _follow(name, code)
    with saying(key, code, list(options.items())):
        said = widget(
            label,
            list(options),
            format_func=lambda one: options.get(one, one),
            key=key,
            on_change=_keep,
            args=(name, key),
            **appearance,
        )
    return cast("str", said)


def go(name: str, code: str) -> None:
    """Choose `code` for `name`, as a widget would; for buttons that lead elsewhere."""
    _memory()[name] = code
    _follow(name, code)


def open_panel(name: str, labels: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one tab per entry of `labels` (code to words), the one in the address open; `.open` says which one is."""
    key = f"choice_{name}"
    codes = {label: code for code, label in labels.items()}
    code = asked(name, list(labels), next(iter(labels)))
    _follow(name, code)
    with saying(key, labels[code], list(labels)):
        tabs = st.tabs(list(labels.values()), key=key, on_change=_keep, args=(name, key, codes))
    return dict(zip(labels, tabs, strict=True))


def _keep(name: str, key: str, codes: Mapping[str, str] | None = None) -> None:
    said = st.session_state[key]
    _memory()[name] = codes[said] if codes else said


def _follow(name: str, code: str) -> None:
    """Write what was chosen to the address, where it is not there yet."""
    if name in _memory() and st.query_params.get(name) != code:
        st.query_params[name] = code


def _memory() -> dict[str, str]:
    memory: dict[str, str] = st.session_state.setdefault("address", {})
    return memory
