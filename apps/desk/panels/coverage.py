"""Coverage: by service, by district and by limit, in residents, households, homes and residential land; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.address import chosen
from desk.markup import Header
from desk.rows import UNKNOWN, rows
from desk.view import Row, View
from livingcircle.render.summary import counts_in
from livingcircle.render.words import say, shown_count, shown_limit, shown_share

MOST_ROWS = 100
DENOMINATORS = ("residents", "households", "homes", "land")
_SHADES = 5
Limit = tuple[str, str, float]


def coverage(view: View) -> None:
    """Show the shares covered: by service, by district, or by limit, and of all services in all districts beside one another."""
    words = {"standard": view.say("limit_standard")}
    words |= {
        f"{limit:.10g}": shown_limit(limit, None, view.language) for limit in view.answers.figures["shown_limits"]
    }
    limit = chosen(st.segmented_control, "limit", view.say("limit"), words, "standard", required=True)
    targets, land = view.targets(), _land(view)

    def at_limit(row: Row) -> bool:
        if limit == "standard":
            return (row["service_id"], row["limit_minutes"]) in targets
        return f"{row['limit_minutes']:.10g}" == limit

    every = rows(view.answers, "coverage")
    asked = [row for row in every if view.wanted(row)]
    by_district = bool(view.service and view.districts and not view.district)
    if not view.service:
        title = view.say("coverage_by_service", place=view.place)
        asked = [row for row in asked if view.here(row) and at_limit(row)]
    elif not by_district:
        title = view.say("coverage_by_limit", service=view.services[view.service], place=view.place)
        asked = [row for row in asked if view.here(row)]
    else:
        title = view.say("coverage_by_district", service=view.services[view.service])
        asked = [row for row in asked if at_limit(row)]
    shown = markup.heading(title, view.say("coverage_note"))
    shown += _bars(view, asked[:MOST_ROWS], targets, land, by_district=by_district) + more(view, len(asked))
    if not view.service and not view.district and view.districts:
        shown += _by_district(view, [row for row in every if at_limit(row)], targets)
    markup.show(shown)


def more(view: View, count: int, most: int = MOST_ROWS) -> Markup:
    """Say that a table holds more rows than are shown, where it does."""
    if count <= most:
        return Markup()
    return markup.small(view.say("first_rows", rows=shown_count(count), shown=most))


def _bars(
    view: View,
    asked: Sequence[Row],
    targets: Mapping[tuple[str, float], float],
    land: Mapping[Limit, float | None],
    *,
    by_district: bool,
) -> Markup:
    """Return a row per service, limit or district, with the four shares as bars; of a district, facilities are those within it."""
    there = counts_in(view.answers.results.study, view.district_number)["facilities_of"] if view.district else {}
    headers = [
        Header(view.header("district_name" if by_district else f"service_{view.language}")),
        Header(view.say("limit")),
        *([] if by_district else [Header(view.header("facilities_there" if there else "facilities"), figures=True)]),
        *(Header(view.say(f"share_of_{name}"), wide=True) for name in DENOMINATORS),
        Header(view.header("residents_covered"), figures=True),
        Header(view.header("residents"), figures=True),
    ]
    cells = [
        [
            (row["district_name"] or view.say("whole_study")) if by_district else view.service_name(row),
            view.limit(row),
            *([] if by_district else [_count(there.get(row["service_id"]) if there else row["facilities"])]),
            *(
                markup.bar(share, targets.get((row["service_id"], row["limit_minutes"])), name)
                for name, share in zip(DENOMINATORS, _shares(row, land), strict=True)
            ),
            _count(row["residents_covered"]),
            _count(row["residents"]),
        ]
        for row in asked
    ]
    return markup.table("coverage", headers, cells, first_is_total=by_district)


def _shares(row: Row, land: Mapping[Limit, float | None]) -> list[float | None]:
    key = row["service_id"], row["district_id"], row["limit_minutes"]
    return [row["residents_share"], row["households_share"], row["homes_share"], land.get(key)]


def _land(view: View) -> dict[Limit, float | None]:
    """Return the share of residential land within each walking limit a clause sets, by service, district and minutes.

    Land is counted with clauses only; at limits that no clause sets it is not known.
    """
    found: dict[Limit, float | None] = {}
    for row in rows(view.answers, "rule_verdicts"):
        if row["metric"] == "walk_minutes" and row["threshold"] is not None:
            found[row["service_id"], row["district_id"], row["threshold"]] = row["within_land_share"]
    return found


def _by_district(view: View, every: Sequence[Row], targets: Mapping[tuple[str, float], float]) -> Markup:
    """Return a row per district and a column per service: the share of residents, the darker the higher, unmet ones marked."""
    whole = [row for row in every if row["scope"] == "study"]
    cells: dict[str, list[Markup | str]] = {}
    for row in every:
        name = row["district_name"] or view.say("whole_study")
        cells.setdefault(row["district_id"], [name]).append(_shade(view, row, targets))
    headers = [Header(view.say("district")), *(Header(_called(view, row, whole), figures=True) for row in whole)]
    key = Markup(" ").join(
        Markup('<span class="lc-cell lc-shade-{}">{}</span>').format(shade, f"{20 * shade}–{20 * shade + 20} %")
        for shade in range(_SHADES)
    )
    title = markup.heading(view.say("matrix"), view.say("matrix_note"))
    key = Markup('<p class="lc-key">{} <span class="lc-below">▼ {}</span></p>').format(key, view.say("matrix_below"))
    grid = markup.table("by-district", headers, list(cells.values())[:MOST_ROWS], first_is_total=True)
    return title + key + grid + more(view, len(cells))


def _shade(view: View, row: Row, targets: Mapping[tuple[str, float], float]) -> Markup | str:
    share = row["residents_share"]
    if share is None:
        return Markup('<span class="lc-unknown" title="{}">{}</span>').format(
            say("verdict.no_data", view.language), UNKNOWN
        )
    target = targets.get((row["service_id"], row["limit_minutes"]))
    below = Markup('<span class="lc-below" title="{}">▼</span>').format(view.say("matrix_below"))
    return Markup('<span class="lc-cell lc-shade-{}">{}{}</span>').format(
        min(_SHADES - 1, int(share * _SHADES)), shown_share(share), below if target and share < target else ""
    )


def _called(view: View, row: Row, every: Sequence[Row]) -> str:
    """Name a column by its service, and by its limit too where there are several of it."""
    alone = [other["service_id"] for other in every].count(row["service_id"]) == 1
    return view.service_name(row) if alone else f"{view.service_name(row)} {view.limit(row)}"


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else shown_count(value)
