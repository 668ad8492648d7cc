"""Verdicts with their clauses: what the sheet 条文判定 of the workbook says, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.address import chosen
from desk.markup import Header
from desk.panels.coverage import more
from desk.rows import rows
from desk.view import Row, View
from livingcircle.model.standard import RECALLED
from livingcircle.render.words import say_code

MOST_ROWS = 100
VERDICTS = ("met", "unmet", "no_data", "not_applicable")
SAID = ("found", "asked", "difference", "explained")


def verdicts(view: View) -> None:
    """Show every clause with its verdict in the place looked at: what is asked, what was found, and what would mend it."""
    every = rows(view.answers, "rule_verdicts")
    standard = view.answers.figures["standard"]
    if not every:
        markup.show(
            markup.heading(view.say("verdicts_of", place=view.place)) + markup.paragraph(view.say("no_clauses"))
        )
        return
    of_service = [row for row in every if view.wanted(row)]
    wanted, in_each = _filters(view, of_service)
    here = [row for row in of_service if in_each or view.here(row)]
    asked = [row for row in here if wanted(row)]
    shown = markup.heading(view.say("verdicts_each" if in_each else "verdicts_of", place=view.place))
    shown += _counts(view, here)
    if asked:
        shown += _table(view, asked[:MOST_ROWS], named=in_each) + more(view, len(asked), MOST_ROWS)
    else:
        shown += markup.paragraph(view.say("no_such_clause"))
    shown += markup.heading(view.say("about_standard")) + markup.paragraph(standard["note"][view.language])
    markup.show(shown)


def _filters(view: View, every: Sequence[Row]) -> tuple[Callable[[Row], bool], bool]:
    """Let the reader choose verdict, service system, binding and place; return what is wanted, and whether each unit is shown."""
    language = view.language
    systems = {row["system"]["zh"]: row["system"][language] for row in every}
    present = {name: {row[name] for row in every} for name in ("verdict", "binding")}
    codes: Mapping[str, dict[str, str]] = {
        "verdict": {code: say_code("verdict", code, language) for code in VERDICTS if code in present["verdict"]},
        "system": dict(zip(systems, systems.values(), strict=True)),
        "binding": {code: say_code("binding", code, language) for code in sorted(present["binding"])},
    }
    units = {"": view.place, "each": view.say("each_unit")}
    chosen_codes = {}
    for column, (name, options) in zip(st.columns(4), {**codes, "units": units}.items(), strict=True):
        with column:
            label = view.say("units") if name == "units" else view.header("system_zh" if name == "system" else name)
            offered = options if name == "units" else {"": view.say("every")} | options
            chosen_codes[name] = chosen(
                st.selectbox, f"clause_{name}", label, offered, "", placeholder=view.say("nothing_found")
            )

    def wanted(row: Row) -> bool:
        own = {"verdict": row["verdict"], "system": row["system"]["zh"], "binding": row["binding"]}
        return all(not chosen_codes[name] or code == chosen_codes[name] for name, code in own.items())

    return wanted, chosen_codes["units"] == "each"


def _counts(view: View, every: Sequence[Row]) -> Markup:
    found = [row["verdict"] for row in every]
    badges = Markup(" ").join(
        markup.badge(code, f"{say_code('verdict', code, view.language)} {found.count(code)}")
        for code in VERDICTS
        if code in found
    )
    return Markup('<p class="lc-key">{}</p>').format(badges)


def _table(view: View, asked: Sequence[Row], *, named: bool) -> Markup:
    headers = [
        Header(view.header(f"requirement_{view.language}"), wide=True),
        *([Header(view.header(f"judged_{view.language}"))] if named else []),
        Header(view.header("verdict")),
        *(Header(view.header(f"{name}_{view.language}"), wide=True) for name in SAID),
        Header(view.header("binding")),
        Header(view.header(f"checked_{view.language}"), wide=True),
    ]
    cells = [
        [
            _requirement(view, row),
            *([row["judged"][view.language]] if named else []),
            markup.badge(row["verdict"], say_code("verdict", row["verdict"], view.language)),
            *(row[name][view.language] for name in SAID),
            say_code("binding", row["binding"], view.language),
            markup.badge("verified" if row["verified"] else "unverified", row["checked"][view.language]),
        ]
        for row in asked
    ]
    return markup.table("verdicts", headers, cells)


def _requirement(view: View, row: Row) -> Markup:
    """Return what is asked, its clause, and the wording of the clause; what is recalled is no quotation."""
    quoted = Markup("{}") if row["verification"] in RECALLED else Markup("<q>{}</q>")
    quote = Markup('<span lang="zh">{}</span>').format(quoted.format(row["quote"])) if row["quote"] else ""
    basis = Markup('<span lang="zh">{}</span>').format(row["basis"])
    return markup.stacked(row["requirement"][view.language], basis, quote, title=row["document_title"])
