"""A study of one's own: upload, match, check, compute, one below the other on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from desk import address, markup, matching, saving, trouble
from desk.answers import told, turn
from desk.start import OWN, plain
from desk.workspace import (
    MOST_BYTES,
    MOST_FILE_BYTES,
    MOST_FILES,
    SIDECARS,
    Report,
    Workspace,
    workspace,
    zipped,
)
from livingcircle.composing import EXTRACTS, NEEDED, ROLES, Role, study_text
from livingcircle.errors import InputError, LivingCircleError
from livingcircle.faults import Fault, Language, reasons
from livingcircle.progress import Stages
from livingcircle.render.words import LANGUAGES, say, say_code
from livingcircle.sources.formats import FORMATS
from livingcircle.sources.safety import check_compressed

MEGABYTE = 2**20
REPORT_HEIGHT_PIXELS = 640
FIRST: tuple[Role, ...] = NEEDED
TYPES: Sequence[str] = sorted({*FORMATS, *SIDECARS, *(f".{name.rpartition('.')[2]}" for name in EXTRACTS)})


def uploads(extracts: Mapping[str, Path], language: Language) -> None:
    """Show the page."""
    held = workspace()
    note = say(
        "start.upload_note", language, file=MOST_FILE_BYTES // MEGABYTE, all=MOST_BYTES // MEGABYTE, files=MOST_FILES
    )
    head = Markup('<header class="lc-head"><h1>{}</h1><p>{}</p></header>')
    markup.show(head.format(say("start.upload_title", language), note))
    _files(held, extracts, language)
    markup.show(markup.heading(say("start.step_columns", language), say("start.datum_note", language)))
    matching.match(held, language)
    _check(held, language)
    _compute(held, language)


# ── Files ───────────────────────────────────────────────────────────────────


def _files(held: Workspace, extracts: Mapping[str, Path], language: Language) -> None:
    markup.show(markup.heading(say("start.step_files", language), say("start.replace_note", language)))
    for role, column in zip(FIRST, st.columns(len(FIRST)), strict=True):
        with column:
            _role(held, role, language)
            if role == "network":
                _extract(held, extracts, language)
    with st.expander(say("start.more_files", language)):
        rest = [role for role in ROLES if role not in FIRST]
        for role, column in zip(rest, st.columns(len(rest)), strict=True):
            with column:
                _role(held, role, language)


def _role(held: Workspace, role: Role, language: Language) -> None:
    turn = held.rounds.get(role, 0)
    key = f"files_{role}_{turn}"
    # A single file may still be a shapefile, which is several.
    st.file_uploader(
        say(f"start.file_{role}", language),
        type=TYPES,
        accept_multiple_files=True,
        key=key,
        max_upload_size=MOST_FILE_BYTES // MEGABYTE,
        on_change=_take,
        args=(held, role, key),
    )
    for kind, values in st.session_state.get(f"refused_{role}", ()):
        if kind is None:
            fault = values
            markup.show(markup.notice(f"{fault.problem(language)}。{fault.remedy(language)}", "fault"))
        else:
            markup.show(markup.notice(say(kind, language, **values), "fault"))
    for upload in held.of(role):
        name = upload.path.name
        size = _size(upload.path.stat().st_size)
        kept = (
            say("start.kept", language, name=name, size=size)
            if upload.is_here
            else say("start.on_server", language, name=name)
        )
        markup.show(Markup('<p class="lc-kept">{}</p>').format(kept))
        st.button(
            plain(say("start.remove", language, name=name)),
            key=f"remove_{upload.key}",
            type="tertiary",
            on_click=held.remove,
            args=(upload,),
        )


def _size(size_bytes: int) -> str:
    return f"{size_bytes / MEGABYTE:.1f} MB" if size_bytes >= MEGABYTE // 10 else f"{max(1, size_bytes // 1024)} KB"


def _take(held: Workspace, role: Role, key: str) -> None:
    """Move what was uploaded into the session's folder, unless it is too much; the widget is then made anew, empty."""
    files = st.session_state.get(key) or []
    refused: list[tuple[str | None, object]] = []
    refusal = held.refusal([file.size for file in files])
    if refusal is not None:
        refused.append(refusal)
    for file in files if refusal is None else ():
        try:
            upload = held.add(role, file.name, file.getbuffer())
        except OSError as error:
            refused.append((None, Fault("unwritable_folder", details=reasons(error))))
            continue
        if upload is not None:
            try:
                check_compressed(upload.path)
            except InputError as error:
                held.remove(upload)
                refused += [(None, fault) for fault in error.faults]
    st.session_state[f"refused_{role}"] = refused
    held.rounds[role] = held.rounds.get(role, 0) + 1


def _extract(held: Workspace, extracts: Mapping[str, Path], language: Language) -> None:
    if not extracts:
        return
    chosen = next((upload for upload in held.of("network") if not upload.is_here), None)
    codes = ["", *extracts]
    now = next((code for code, path in extracts.items() if chosen is not None and path == chosen.path), "")
    key = "choose_extract"
    st.session_state[key] = now

    def take() -> None:
        code = st.session_state[key]
        if code:
            held.use_extract(extracts[code])
        elif chosen is not None:
            held.remove(chosen)

    st.selectbox(
        say("start.extract", language),
        codes,
        format_func=lambda code: code or say("start.extract_none", language),
        key=key,
        on_change=take,
        placeholder=say("page.nothing_found", language),
    )


# ── Checking ────────────────────────────────────────────────────────────────


def _check(held: Workspace, language: Language) -> None:
    markup.show(markup.heading(say("start.step_check", language)))
    left, right = st.columns(2)
    with left:
        held.title = matching.kept(
            st.text_input, "study_title", say("start.title", language), held.title or say("start.title_default", language),
            max_chars=60,
        )  # fmt: skip
    with right:
        standards = _standards(language)
        held.standard = matching.kept_choice(
            "study_standard", say("start.standard", language), standards, held.standard, language
        )
    if any(upload.role == "network" and upload.part(held.folder).is_extract for upload in held.uploads):
        held.facility_tags = matching.kept(
            st.checkbox, "facility_tags", say("start.facility_tags", language), held.facility_tags
        )
    missing = [role for role in NEEDED if not held.of(role) and not (role == "facilities" and held.facility_tags)]
    if missing:
        between = say("page.between", language)
        roles = between.join(say_code("role", role, language) for role in missing)
        markup.show(markup.notice(say("start.missing", language, roles=roles)))
    asked = st.button(say("start.check", language), key="check_files", type="primary", disabled=bool(missing))
    if asked:
        held.report = None
        try:
            with told(say("start.checking", language), language) as stages, turn():
                held.report = checked(held, language, stages)
        except LivingCircleError as error:  # what is chosen makes no study; faults of the files are in the report
            trouble.show_faults(error.faults, language)
    if held.report is not None:
        _report(held, held.report, language)


def _report(held: Workspace, report: Report, language: Language) -> None:
    if report.of != _state(held, language):
        markup.show(markup.notice(say("start.outdated", language)))
    kind = "start.fit" if report.fit else "start.unfit"
    style = "note" if report.fit else "fault"
    markup.show(
        Markup('<div role="status">{}</div>').format(markup.notice(say(kind, language, **report.counts), style))
    )
    for file, datum in report.suspected.items():
        upload = next((one for one in held.uploads if str(one.path) == file), None)
        if upload is None or upload.datum == datum:
            continue
        words = {"name": upload.path.name, "datum": say(f"start.datum_{datum}", language)}
        markup.show(markup.notice(say("start.suspected", language, **words), "fault"))
        st.button(
            plain(say("start.suspected_use", language, **words)),
            key=f"datum_of_{upload.key}",
            on_click=matching.set_datum,
            args=(upload, datum),
        )
    untold = [upload.path.name for upload in held.uploads if str(upload.path) in report.untold and upload.datum is None]
    if untold:
        names = say("page.between", language).join(untold)
        markup.show(markup.notice(say("start.untold", language, names=names)))
    columns = st.columns(3)
    files = [("report_page", report.page[language].encode(), "html", "text/html")]
    files.append(
        ("report_book", report.book, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    )
    if report.copies is not None:
        files.append(("copies", report.copies, "zip", "application/zip"))
    for column, (name, content, suffix, mime) in zip(columns, files, strict=False):
        with column:
            st.download_button(
                say(f"start.{name}", language),
                data=content,
                file_name=f"check.{suffix}" if name != "copies" else "corrected.zip",
                mime=mime,
                key=f"download_{name}",
                on_click="ignore",
                width="stretch",
            )
    st.iframe(report.page[language], height=REPORT_HEIGHT_PIXELS, alt=say("start.report", language))


def checked(held: Workspace, language: Language, stages: Stages) -> Report:
    """Check the files as `living-circle check --fix` does.

    Raises
    ------
    LivingCircleError
        When what was chosen makes no study.
    """
    from livingcircle import cases
    from livingcircle.composing import compose, suspected_datums, untold_datums

    text = _text(held, language)
    state = _state(held, language)
    for stale in [*held.folder.rglob("*.fixed.*"), held.folder / "corrections.csv"]:
        stale.unlink(missing_ok=True)
    settings = compose(held.study, text)
    found = cases.check(settings, stages)
    page, book = held.folder / "check.html", held.folder / "check.xlsx"
    pages = {}
    try:
        for name in LANGUAGES:
            cases.write_check(found, settings, page=page, language=name)
            pages[name] = page.read_text(encoding="utf-8")
        cases.write_check(found, settings, book=book, language=language)
        fixed = cases.write_fixed(found, held.folder)
        copies = {copy.target.name: copy.target for copy in fixed.copies}
        if fixed.log is not None:
            copies[fixed.log.name] = fixed.log
        return Report(
            of=state,
            fit=not found.faults,
            counts={"faults": len(found.faults), "warnings": len(found.warnings)},
            page=pages,
            book=book.read_bytes(),
            copies=zipped(copies) if copies else None,
            suspected=suspected_datums([*found.faults, *found.warnings]),
            untold=untold_datums(found.notes),
        )
    finally:
        for made in (page, book, held.folder / "corrections.csv", *held.folder.rglob("*.fixed.*")):
            made.unlink(missing_ok=True)


def _text(held: Workspace, language: Language) -> str:
    parts = [upload.part(held.folder) for upload in held.uploads]
    return study_text(
        parts, held.title.strip() or say("start.title_default", language), standard=held.standard, language=language,
        facility_tags=held.facility_tags,
    )  # fmt: skip


def _state(held: Workspace, language: Language) -> object:
    """Return what a report is about: it is out of date when this is another."""
    text = _text(held, language).rpartition("# 成果")[0]
    return text, tuple(upload.stamp for upload in held.uploads)


@st.cache_data(show_spinner=False)
def _standards(language: Language) -> dict[str, str]:
    from livingcircle.clauses import overview

    return {row["id"]: row["title"][language] for row in overview()["standards"]}


# ── Computing ───────────────────────────────────────────────────────────────


def _compute(held: Workspace, language: Language) -> None:
    markup.show(markup.heading(say("start.step_compute", language), say("start.compute_note", language)))
    report = held.report
    if report is None or not report.fit or report.of != _state(held, language):
        markup.show(markup.small(say("start.not_yet", language)))
        return
    st.button(say("start.compute", language), key="compute", type="primary", on_click=address.go, args=("study", OWN))
    for key, label, make, name, mime in (
        ("download_own_study", "study_text", held.study.read_bytes, held.study.name, "application/yaml"),
        ("download_own_files", "study_zip", partial(_whole, held), "study.zip", "application/zip"),
    ):
        saving.offer(say(f"start.{label}", language), make, name, mime, key=key, language=language, stretch=False)


def _whole(held: Workspace) -> bytes:
    files = {str(path.relative_to(held.folder)): path for path in sorted(held.folder.rglob("*")) if path.is_file()}
    return zipped(files)
