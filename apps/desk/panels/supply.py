"""Places beside those who need them: within reach per thousand, allocated, unmet; what people can choose from; what each district has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from desk import markup
from desk.markup import Cell
from desk.panels.coverage import more
from desk.rows import UNKNOWN, headers, rows, shown
from desk.view import Row, View

MOST_ROWS = 60
REACHED = (
    *("limit_minutes", "demand_of", "people", "places_known", "places_per_1000", "needed", "served"),
    *("served_share", "unmet", "unmet_out_of_reach"),
)
USED = ("places_known", "filled", "utilisation", "facility_places_per_1000", "mean_walk_minutes")
CHOSEN = (
    "limit_minutes",
    "nearest_count",
    "residents",
    "facilities_within_mean",
    "choice_share",
    "last_median_minutes",
)
OWNED = ("facilities_there", "facilities_stating", "supply_total", "demand_of", "people", "supply_per_1000")
_BARS: Mapping[str, str] = {"served_share": "residents", "utilisation": "homes", "choice_share": "residents"}


def supply(view: View) -> None:
    """Show capacity, use, choice and supply, in the place and of the service looked at."""
    parts = (
        _table(view, "capacity", REACHED),
        _use(view),
        _table(view, "choice", CHOSEN),
        _table(view, "supply", OWNED),
    )
    shown_parts = Markup().join(part for part in parts if part)
    markup.show(shown_parts or markup.paragraph(view.say("supply_none")))


def _table(view: View, name: str, columns: Sequence[str]) -> Markup:
    """Return a table of services here, or of one service in every district."""
    every = [row for row in rows(view.answers, name) if view.wanted(row)]
    by_district = bool(view.service and view.districts and not view.district)
    asked = [row for row in every if by_district or view.here(row)]
    asked = [row for row in asked if name != "supply" or row["facilities_there"]]
    if not asked:
        return Markup()
    columns = [one for one in columns if any(row[one] is not None for row in asked)]
    first = "district_name" if by_district else "service"
    table = [[_first(view, row, first), *_values(view, row, columns)] for row in asked[:MOST_ROWS]]
    title = markup.heading(view.say(f"{name}_of", place=_where(view)), view.say(f"{name}_note"))
    made = markup.table(name, headers(view, (first, *columns)), table, first_is_total=by_district)
    return title + made + more(view, len(asked), MOST_ROWS)


def _use(view: View) -> Markup:
    """Return how far each facility is used, the fullest first; of the whole study, as facilities know no district."""
    every = [row for row in rows(view.answers, "capacity_facilities") if view.wanted(row)]
    asked = [row for row in every if row["places_known"] is not None]
    if not asked or view.district:
        return Markup()
    asked = sorted(asked, key=lambda row: -1.0 if row["utilisation"] is None else row["utilisation"], reverse=True)
    columns = [one for one in USED if any(row[one] is not None for row in asked)]
    table = [
        [
            markup.stacked(row["facility_name"] or row["facility_id"], _kind(view, row)),
            *_values(view, row, columns),
        ]
        for row in asked[:MOST_ROWS]
    ]
    unknown = view.say("use_unknown", count=len(every) - len(asked)) if len(asked) < len(every) else ""
    title = markup.heading(view.say("use_of"), view.say("use_note") + unknown)
    made = markup.table("use", headers(view, ("facility_name", *columns)), table)
    return title + made + more(view, len(asked), MOST_ROWS)


def _values(view: View, row: Row, columns: Sequence[str]) -> list[Cell]:
    return [
        markup.bar(row[name], kind=_BARS[name])
        if name in _BARS
        else view.limit({"limit_metres": None, **row})
        if name == "limit_minutes"
        else shown(name, row[name], view.language)
        for name in columns
    ]


def _first(view: View, row: Row, column: str) -> Cell:
    if column == "service":
        return markup.stacked(view.service_name(row), _unit(view, row))
    return row["district_name"] or (view.say("whole_study") if row["scope"] == "study" else UNKNOWN)


def _kind(view: View, row: Row) -> str:
    return " · ".join((view.service_name(row), _unit(view, row)))


def _unit(view: View, row: Row) -> str:
    """Say in what places are counted, where they are."""
    return shown("supply_of", row["supply_of"], view.language) if "supply_of" in row else ""


def _where(view: View) -> str:
    return view.place if view.district or not view.service else view.services[view.service]
