"""Where a reader begins: the studies there are, and the way to one of their own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from desk import address, markup, saving, studies, trouble
from desk.workspace import zipped
from livingcircle.faults import Language
from livingcircle.render.words import say

START, UPLOAD, OWN = ".start", ".upload", ".own"
"""What the address calls the start, uploading, and the study a session made; no study file is called so."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!$:|<>~&])")


def start(titles: Mapping[str, str], language: Language, *, gone: bool = False) -> None:
    """Offer the studies by title, uploading, the sheets to fill in, and the sample."""
    head = Markup('<header class="lc-head"><h1>{}</h1><p>{}</p></header>')
    shown = head.format(say("page.name", language), say("start.note", language))
    markup.show(shown + markup.notice(say("start.gone", language)) if gone else shown)
    left, right = st.columns(2, gap="large")
    with left:
        markup.show(markup.heading(say("start.studies", language)))
        for code, title in titles.items():
            st.button(
                plain(say("start.open", language, title=title)),
                key=f"open_{code}",
                on_click=address.go,
                args=("study", code),
                width="stretch",
            )
        if not titles:
            trouble.show_no_study(studies.configs_folders(), language)
    with right:
        markup.show(markup.heading(say("start.new", language)) + markup.paragraph(say("start.new_note", language)))
        st.button(
            say("start.upload_open", language),
            key="open_upload",
            type="primary",
            on_click=address.go,
            args=("study", UPLOAD),
            width="stretch",
        )
        for name in ("templates", "sample"):
            saving.offer(
                say(f"start.{name}", language),
                partial(starting_files, name, language),
                f"living-circle-{name}.zip",
                "application/zip",
                key=f"download_{name}",
                language=language,
            )


@st.cache_data(show_spinner=False, max_entries=4)
def starting_files(name: str, language: Language) -> bytes:
    """Return the sheets of a new study, or the sample, as `living-circle new` writes them."""
    from livingcircle import cases

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / name
        base.mkdir()
        write = cases.copy_sample if name == "sample" else cases.new_study
        write(base, language)
        return zipped({str(file.relative_to(base)): file for file in sorted(base.rglob("*")) if file.is_file()})


def plain(text: str) -> str:
    """Return text that a label shows as it is: labels are Markdown, and a title may hold what is none."""
    return _MARKDOWN.sub(r"\\\1", text)
