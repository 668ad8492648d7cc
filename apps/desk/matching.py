"""Which column is which field, where coordinates are from, and how the types of facilities are known: for every file uploaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.markup import Header
from desk.workspace import Upload, Workspace
from livingcircle.composing import FIELDS, Role, recognised
from livingcircle.faults import Language
from livingcircle.model.ages import age_group
from livingcircle.render.words import say, say_code, shown_count

if TYPE_CHECKING:
    from livingcircle.settings.layers import Datum
    from livingcircle.sources.peek import Peeked

MAIN: Mapping[Role, Sequence[str]] = {
    "network": ("highway", "name"),
    "homes": ("id", "name", "lon", "lat", "households", "residents", "floor_m2", "levels"),
    "facilities": ("id", "name", "lon", "lat", "service", "status", "capacity", "floor_m2"),
    "districts": ("id", "name", "level"),
    "population_table": ("id", "name", "residents", "households"),
    "candidates": ("id", "name", "lon", "lat", "floor_m2", "cost_wan_yuan"),
}
"""The fields that are asked for first; the others are a click away."""
DATUMS: Sequence[Datum] = ("wgs84", "gcj02", "bd09")
KINDS = ("layer", "service", "classify", "amap", "baidu")
PER_LINE = 4


def match(held: Workspace, language: Language) -> None:
    """Show every file with its columns."""
    shown = [upload for upload in held.uploads if not upload.part(held.folder).is_extract]
    if not shown:
        markup.show(markup.small(say("start.columns_none", language)))
    for upload in shown:
        with st.container(border=True):
            _file(held, upload, language)


def set_datum(upload: Upload, datum: Datum) -> None:
    """State the datum of a file, as if it had been chosen."""
    upload.datum = datum
    st.session_state[f"{upload.key}_datum"] = datum


def kept(widget: Callable[..., Any], key: str, label: str, value: Any, **appearance: object) -> Any:
    """Show a widget whose value outlives it: what is chosen is held in the session, also while another page is looked at."""
    if key not in st.session_state:
        st.session_state[key] = value
    return widget(label, key=key, **appearance)


def kept_choice(key: str, label: str, options: Mapping[str, str], value: str, language: Language) -> str:
    """Show a list to choose from (code to words); a choice that is no longer among them gives way."""
    if st.session_state.get(key, value) not in options:
        st.session_state[key] = value if value in options else next(iter(options))
    return cast(
        "str",
        kept(
            st.selectbox,
            key,
            label,
            value,
            options=list(options),
            format_func=lambda code: options.get(code, code),
            placeholder=say("page.nothing_found", language),
        ),
    )


def _file(held: Workspace, upload: Upload, language: Language) -> None:
    role = say_code("role", upload.role, language)
    title = say("start.file", language, role=role[0].upper() + role[1:], name=upload.path.name)
    markup.show(Markup('<h3 class="lc-file">{}</h3>').format(title))
    found = _peeked(held, upload)
    if upload.role == "facilities":
        _kind(upload, found, language)
        if upload.kind in {"amap", "baidu"}:
            return
    if found.layers:
        options = {"": say("start.layer_first", language)} | {name: name for name in found.layers}
        chosen = kept_choice(f"{upload.key}_layer", say("start.layer", language), options, upload.layer or "", language)
        if (chosen or None) != upload.layer:
            upload.layer, upload.columns = chosen or None, {}
            found = _peeked(held, upload)
    if found.faults:
        for fault in found.faults:
            stop = "。" if language == "zh" else ". "
            markup.show(markup.notice(f"{fault.problem(language)}{stop}{fault.remedy(language)}{stop}", "fault"))
        return
    _preview(upload, found, language)
    if upload.role != "population_table":
        _coordinates(upload, found, language)
    _columns(upload, found, language)
    if upload.role == "homes":
        upload.estimate = kept(st.checkbox, f"{upload.key}_estimate", say("start.estimate", language), upload.estimate)


def _known(upload: Upload, found: Peeked) -> dict[str, str]:
    return recognised(found.columns, upload.role, has_places=found.has_places, no_ids=found.no_ids)


def _peeked(held: Workspace, upload: Upload) -> Peeked:
    from livingcircle.sources.peek import peek

    key = (*upload.stamp, upload.layer)
    if key not in held.peeked:
        held.peeked[key] = peek(upload.path, upload.layer)
    return held.peeked[key]


def _preview(upload: Upload, found: Peeked, language: Language) -> None:
    """Show the first rows, and below each column what it is taken for."""
    known = _known(upload, found)
    taken = {column: field for field, column in (known | upload.columns).items() if column}
    headers = [Header(name) for name in found.columns]
    has_ages = upload.role in {"homes", "population_table"}
    said = []
    for name in found.columns:
        if name in taken:
            said.append(markup.badge("met", say_code("field", taken[name], language)))
        elif has_ages and age_group(name) is not None:
            said.append(markup.badge("met", say("start.column_ages", language)))
        else:
            said.append(markup.badge("no_data", say("start.column_unused", language)))
    shown = say("start.rows", language, rows=shown_count(found.rows), shown=len(found.first_rows))
    markup.show(markup.small(shown) + markup.table("preview", headers, [said, *found.first_rows]))


def _coordinates(upload: Upload, found: Peeked, language: Language) -> None:
    left, right = st.columns(2)
    with left:
        options: dict[str, str] = {name: say(f"start.datum_{name}", language) for name in DATUMS}
        datum = kept_choice(
            f"{upload.key}_datum", say("start.datum", language), options, upload.datum or "wgs84", language
        )
        upload.datum = None if datum == "wgs84" else cast("Datum", datum)
    with right:
        if found.crs:
            markup.show(markup.small(say("start.crs_known", language, crs=found.crs)))
        else:
            crs = kept(st.text_input, f"{upload.key}_crs", say("start.crs", language), upload.crs or "", max_chars=60)
            upload.crs = crs.strip() or None


def _kind(upload: Upload, found: Peeked, language: Language) -> None:
    left, right = st.columns(2)
    with left:
        options = {name: say(f"start.kind_{name}", language) for name in KINDS}
        known = _known(upload, found)
        first = "layer" if "service" in known or not known else "classify"
        now = "service" if upload.service is not None else upload.kind or first
        kind = kept_choice(f"{upload.key}_kind", say("start.kind", language), options, now, language)
    if kind == "service":
        with right:
            services = _services(language)
            first = upload.service or next(iter(services))
            upload.service = kept_choice(
                f"{upload.key}_service", say("start.service", language), services, first, language
            )
        upload.kind = "layer"
    else:
        upload.service = None
        upload.kind = cast("Any", kind)


def _columns(upload: Upload, found: Peeked, language: Language) -> None:
    known = _known(upload, found)
    fields = [name for name in FIELDS[upload.role] if not (found.has_places and name in {"lon", "lat"})]
    if upload.role == "facilities" and (upload.service is not None or upload.kind != "layer"):
        fields.remove("service")
    main = [name for name in MAIN[upload.role] if name in fields]
    rest = [name for name in fields if name not in main]
    chosen = _selects(upload, found, known, main, language)
    with st.expander(say("start.more_columns", language)):
        chosen |= _selects(upload, found, known, rest, language)
    # What is recognised anyway need not be stated, but whoever reads the study file shall see it.
    upload.columns = {name: column for name, column in chosen.items() if column}


def _selects(
    upload: Upload, found: Peeked, known: Mapping[str, str], fields: Sequence[str], language: Language
) -> dict[str, str]:
    options = {"": say("start.not_stated", language)} | {name: name for name in found.columns}
    chosen = {}
    for start in range(0, len(fields), PER_LINE):
        for name, column in zip(fields[start : start + PER_LINE], st.columns(PER_LINE), strict=False):
            with column:
                key = f"{upload.key}_{upload.layer or ''}_{name}"
                value = upload.columns.get(name, "" if upload.columns else known.get(name, ""))
                chosen[name] = kept_choice(key, say_code("field", name, language), options, value, language)
    return chosen


@st.cache_data(show_spinner=False)
def _services(language: Language) -> dict[str, str]:
    from livingcircle.sources.standards import read_services

    return {service.id: service.name.said(language) for service in read_services()}
