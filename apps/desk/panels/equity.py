"""Score and equity: how near the living circle is, how evenly it is spread, and how older people and children fare at their own speed."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from markupsafe import Markup

from desk import markup
from desk.markup import Cell
from desk.panels.coverage import more
from desk.rows import UNKNOWN, cells, headers, rows, shown
from desk.view import Row, View
from livingcircle.render.lorenz import lorenz_chart
from livingcircle.render.words import say_code, shown_share

PARTS = ("living_circle_score", "services_reached_share", "closeness", "weakest_link")
MEASURES = (
    "people",
    "good_mean",
    "worst_tenth_mean",
    "gini",
    "palma",
    "theil",
    "theil_between",
    "theil_within",
    "concentration",
)
OWN_SPEED = ("residents", "speed_metres_per_second", "residents_share", "residents_share_study_speed")
MOST_ROWS = 100


def equity(view: View) -> None:
    """Show score, inequality with its curve, and the ages at their own speed, each where the study has it."""
    parts = (_scores(view), _inequality(view), _elderly_and_children(view), _own_speed(view))
    shown = Markup().join(part for part in parts if part)
    markup.show(shown or markup.paragraph(view.say("equity_none")))


def picture(svg: str, said: str) -> Markup:
    """Return a drawing that says to a screen reader what it shows."""
    data = base64.b64encode(svg.encode()).decode()
    return Markup('<img class="lc-chart" alt="{}" src="data:image/svg+xml;base64,{}">').format(said, data)


def _scores(view: View) -> Markup:
    """Return the score and its parts: of every district, or of the one looked at beside the whole."""
    every = rows(view.answers, "scores")
    if not every:
        return Markup()
    asked = [row for row in every if not view.district or row["scope"] == "study" or view.here(row)]
    columns = ("district_name", *PARTS, "all_reached_share", "weakest_median_minutes", "weakest_service", "residents")
    table = [
        [
            _place(view, row),
            *(markup.bar(row[name], kind="residents" if name == PARTS[0] else "homes") for name in PARTS),
            *cells(view, row, columns[len(PARTS) + 1 :]),
        ]
        for row in asked
    ]
    first = asked[0]
    weights = (first[name] for name in ("weight_reached", "weight_closeness", "weight_weakest"))
    said = dict(zip(("reached", "closeness", "weakest"), (shown_share(weight) for weight in weights), strict=True))
    note = view.say("score_note", counted=first["services_counted"], **said)
    if first["services_unknown"]:
        note += view.say("score_unknown", count=first["services_unknown"])
    title = markup.heading(view.say("score_of"), note)
    return (
        title
        + markup.table("scores", headers(view, columns), table[:MOST_ROWS], first_is_total=True)
        + more(view, len(table))
    )


def _inequality(view: View) -> Markup:
    """Return how evenly each good is spread, with the Lorenz curve of the score, or of the service looked at."""
    every = rows(view.answers, "equity")
    here = [row for row in every if view.here(row) and (not view.service or row["service_id"] in {"", view.service})]
    if not here:
        return Markup()
    columns = [name for name in ("good", *MEASURES, "rank_by") if any(row[name] not in {None, ""} for row in here)]
    table: list[list[Cell]] = []
    for row in here:
        good = say_code("good", row["good"], view.language)
        service = row["service"][view.language]
        about = cells(view, row, columns[1:])
        if row["palma_unbounded"] and "palma" in columns:
            about[columns.index("palma") - 1] = "∞"
        table.append([markup.stacked(service or good, good if service else ""), *about])
    shown_table = markup.table("equity", headers(view, columns), table)
    chart = Markup() if view.district else _curve(view, here)
    return markup.heading(view.say("equity_of", place=view.place), view.say("equity_note")) + chart + shown_table


def _curve(view: View, here: Sequence[Row]) -> Markup:
    """Return the Lorenz curve of the first good, that of the service looked at where it has one; the text says its Gini."""
    row = next((one for one in here if view.service and one["service_id"] == view.service), here[0])
    curve = [
        (point["people_share"], point["good_share"])
        for point in rows(view.answers, "lorenz")
        if point["good"] == row["good"] and point["service_id"] == row["service_id"]
    ]
    if not curve or row["gini"] is None:
        return Markup()
    good = say_code("good", row["good"], view.language)
    about = f"{row['service'][view.language]} {good}".strip()
    gini = shown("gini", row["gini"], view.language)
    half = max((share for people, share in curve if people <= 0.5), default=0.0)
    said = view.say("lorenz_said", good=about, gini=gini, share=shown_share(half))
    return picture(
        lorenz_chart(curve, view.say("lorenz_title", good=about, gini=gini), view.language), said
    ) + markup.small(said)


def _elderly_and_children(view: View) -> Markup:
    """Return services for older people and for children at their own speed; of one service by district."""
    asked = [row for row in rows(view.answers, "elderly_and_children") if view.wanted(row)]
    by_district = bool(view.service and view.districts and not view.district)
    asked = [row for row in asked if by_district or view.here(row)]
    if not asked:
        return Markup()
    title = markup.heading(view.say("one_old_one_young", place=view.place), view.say("own_speed_note"))
    return title + _ages(view, "elderly-and-children", asked, by_district=by_district)


def _own_speed(view: View) -> Markup:
    """Return every age group of the service looked at, at its own speed."""
    if not view.service:
        return markup.small(view.say("own_speed_choose")) if rows(view.answers, "coverage_own_speed") else Markup()
    asked = [row for row in rows(view.answers, "coverage_own_speed") if view.wanted(row) and view.here(row)]
    if not asked:
        return Markup()
    title = markup.heading(view.say("own_speed_of", service=view.services[view.service], place=view.place))
    return title + _ages(view, "own-speed", asked, by_district=False)


def _ages(view: View, name: str, asked: Sequence[Row], *, by_district: bool) -> Markup:
    columns = (
        "district_name" if by_district else "service",
        "limit_minutes",
        "age_group",
        *OWN_SPEED,
        "walk_median_minutes",
    )
    table = [
        [
            _place(view, row) if by_district else view.service_name(row),
            view.limit(row),
            *cells(view, row, ("age_group", "residents", "speed_metres_per_second")),
            *(
                markup.bar(row[share], kind=kind)
                for share, kind in zip(OWN_SPEED[2:], ("residents", "homes"), strict=True)
            ),
            *cells(view, row, ("walk_median_minutes",)),
        ]
        for row in asked[:MOST_ROWS]
    ]
    return markup.table(name, headers(view, columns), table) + more(view, len(asked))


def _place(view: View, row: Row) -> str:
    return row["district_name"] or (view.say("whole_study") if row["scope"] == "study" else UNKNOWN)
