"""How far the figures move when what was assumed does, and what moves them most."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from desk import markup
from desk.panels.coverage import more
from desk.rows import cells, headers, rows
from desk.view import Row, View

MOST_ROWS = 60
RANGE = ("residents_share", "interval_low", "interval_high", "driver_name", "driver_points", "residents")
DRIVERS = ("driver_rank", "driver_name", "driver_points", "driver_low", "driver_high")


def certainty(view: View) -> Markup:
    """Return ranges of coverage and their drivers where the study asks for intervals, how complete its streets are, and people checked."""
    return _ranges(view) + _completeness(view) + _people(view)


def _ranges(view: View) -> Markup:
    every = rows(view.answers, "intervals")
    title = markup.heading(
        view.say("intervals_of", place=view.place), view.answers.figures["interval_ranges"][view.language]
    )
    if not every:
        return markup.heading(view.say("intervals_of", place=view.place)) + markup.paragraph(view.say("intervals_none"))
    asked = _asked(view, every)
    table = [[view.service_name(row), view.limit(row), *cells(view, row, RANGE)] for row in asked[:MOST_ROWS]]
    shown = title + markup.table("intervals", headers(view, ("service", "limit_minutes", *RANGE)), table)
    return shown + more(view, len(asked), MOST_ROWS) + _drivers(view)


def _drivers(view: View) -> Markup:
    asked = _asked(view, rows(view.answers, "interval_drivers"))
    if not asked:
        return Markup()
    table = [[view.service_name(row), view.limit(row), *cells(view, row, DRIVERS)] for row in asked[:MOST_ROWS]]
    title = markup.heading(view.say("drivers_of", place=view.place))
    made = markup.table("drivers", headers(view, ("service", "limit_minutes", *DRIVERS)), table)
    return title + made + more(view, len(asked), MOST_ROWS)


def _asked(view: View, every: Sequence[Row]) -> list[Row]:
    """Return the rows on the place and service looked at, at the limits a clause sets where there are such."""
    targets = view.targets()
    here = [row for row in every if view.here(row) and view.wanted(row)]
    at_limits = [row for row in here if (row["service_id"], row["limit_minutes"]) in targets]
    return at_limits or here


def _completeness(view: View) -> Markup:
    asked = [row for row in rows(view.answers, "network_completeness") if view.here(row)]
    if not asked:
        return Markup()
    said = Markup().join(
        markup.paragraph(row[name][view.language])
        for row in asked
        for name in ("says", "means")
        if row[name][view.language]
    )
    return markup.heading(view.say("streets_of", place=view.place)) + said


def _people(view: View) -> Markup:
    """Return where the people of homes and those of the population table differ; every district where none is chosen."""
    asked = [row for row in rows(view.answers, "population_check") if not view.district or view.here(row)]
    if not asked:
        return Markup()
    apart = [row for row in asked if row["difference"]]
    same = (
        markup.small(view.say("population_same", count=len(asked) - len(apart)))
        if len(apart) < len(asked)
        else Markup()
    )
    columns = ("district_name", "figure", "in_homes", "in_table", "difference", "difference_share")
    table = [
        [row["district_name"] or view.say("whole_study"), *cells(view, row, columns[1:])] for row in apart[:MOST_ROWS]
    ]
    shown = markup.heading(view.say("population_of", place=view.place))
    if apart:
        shown += markup.table("population", headers(view, columns), table) + more(view, len(apart), MOST_ROWS)
    return shown + same
