"""问题清单: the places that lack something, the worst first, why, and what would mend them at the least cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from desk import markup, picks
from desk.address import go
from desk.board import board
from desk.markup import Header
from desk.panels.coverage import more
from desk.rows import UNKNOWN, rows
from desk.view import Row, View
from livingcircle.render.words import say_code, shown_count

MOST_ROWS = 60
_LONG = 60
"""Characters of a remedy that are shown before it is folded."""


def gaps(view: View) -> None:
    """Show the places of the gap list in the district and of the service looked at; a button shows one on the map."""
    picked = picks.picked("gap")
    every = rows(view.answers, "gap_list")
    asked = [row for row in every if _is_here(view, row) and _lacks(view, row)]
    shown = markup.heading(view.say("gap_list"), view.say("gap_list_note"))
    if not asked:
        markup.show(shown + markup.paragraph(view.say("gaps_none")))
        return
    shown += _table(view, asked[:MOST_ROWS]) + more(view, len(asked), MOST_ROWS) + _causes(view)
    markup.show(shown)
    if picked:
        which, _ = picked.pop()
        picked.clear()
        if row := next((one for one in every if one["gap_id"] == which), None):
            focus(view, row)


def focus(view: View, row: Row) -> None:
    """Open the map where a place lies, with a word on it."""
    board(view).pointed = {
        "at": [row["lon"], row["lat"]],
        "title": f"{row['place_rank']} · {row['gap_name'][view.language]}",
        "facts": [
            [view.header("residents"), shown_count(row["residents"])],
            *([view.header(f"{name}_{view.language}"), row[name][view.language]] for name in ("lacking", "causes")),
        ],
    }
    go("panel", "map")
    st.rerun()


def _is_here(view: View, row: Row) -> bool:
    """Whether a place lies in the district looked at, or in one that is part of it."""
    return not view.district or view.district in {row["district_id"], row["parent_id"]} or _within(view, row)


def _within(view: View, row: Row) -> bool:
    parts = str(row["district_within"]).replace("，", "、").split("、")
    return view.place in parts


def _lacks(view: View, row: Row) -> bool:
    return not view.service or view.service in row["lacking_ids"].split(";")


def _table(view: View, asked: Sequence[Row]) -> Markup:
    headers = [
        Header(view.say("rank"), figures=True),
        Header(view.header(f"gap_name_{view.language}"), wide=True),
        Header(view.header("residents"), figures=True),
        Header(view.header("severity_resident_minutes"), figures=True),
        Header(view.header(f"lacking_{view.language}"), wide=True),
        Header(view.header(f"causes_{view.language}"), wide=True),
        Header(view.header(f"remedy_{view.language}"), wide=True),
        Header(view.say("map_column")),
    ]
    cells = [
        [
            str(row["place_rank"]),
            markup.stacked(
                row["gap_name"][view.language],
                view.say("gap_size", homes=shown_count(row["homes"]), households=shown_count(row["households"])),
                row["gap_id"],
            ),
            shown_count(row["residents"]),
            UNKNOWN if row["severity_resident_minutes"] is None else shown_count(row["severity_resident_minutes"]),
            markup.folded(row["lacking"][view.language], _LONG),
            row["causes"][view.language],
            markup.folded(row["remedy"][view.language], _LONG),
            picks.button("gap", row["gap_id"], view.say("on_map"), row["gap_name"][view.language]),
        ]
        for row in asked
    ]
    return markup.table("gaps", headers, cells)


def _causes(view: View) -> Markup:
    """Return why residents are left out of the service looked at; causes of several services must not be added up."""
    asked = [row for row in rows(view.answers, "gap_causes") if view.service and row["service_id"] == view.service]
    if not asked or view.district:
        return Markup()
    headers = [
        Header(view.header("cause")),
        Header(view.say("limit")),
        Header(view.header("cause_share"), wide=True),
        Header(view.header("residents"), figures=True),
        Header(view.header("homes"), figures=True),
    ]
    cells = [
        [
            say_code("cause", row["cause"], view.language),
            view.limit(row),
            markup.bar(row["cause_share"]),
            shown_count(row["residents"]),
            shown_count(row["homes"]),
        ]
        for row in asked
    ]
    title = markup.heading(view.say("causes_of", service=view.services[view.service]))
    return title + markup.table("causes", headers, cells)
