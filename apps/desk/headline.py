"""The top of the page: what is studied, how it stands, and what every reader must know first."""

from __future__ import annotations

from markupsafe import Markup

from desk import markup
from desk.view import Row, View
from livingcircle.render.summary import ESTIMATES
from livingcircle.render.words import say_code, shown_count, shown_share


def headline(view: View) -> None:
    """Show title, standard and walker, the notices, and the headline figures."""
    figures, language = view.answers.figures, view.language
    standard, walker = figures["standard"], figures["walker"]
    title = figures["title"][language] or figures["title"]["zh"] or figures["title"]["en"]
    subtitle = view.say(
        "subtitle",
        standard=standard["title"][language],
        edition=standard["edition"],
        walker=walker["name"][language] or walker["name"]["zh"] or walker["name"]["en"],
        speed=walker["speed_metres_per_second"],
    )
    top = Markup('<header class="lc-head"><h1>{}</h1><p>{}</p></header>').format(title, subtitle)
    reasons = [view.say(f"estimate_{kind}") for kind in _estimates(view)]
    if reasons:
        top += markup.notice(view.say("estimates", reasons=view.say("between_clauses").join(reasons)))
    markup.show(top + markup.tiles([_residents(view), _facilities(view), _met(view), _coverage(view)]))


def _residents(view: View) -> tuple[str, str, str]:
    counts = view.answers.figures["counts"]
    estimated = view.answers.figures["residents_estimated"]
    return (
        view.say("tile_residents_estimated" if estimated else "tile_residents"),
        view.say("people", count=shown_count(counts["residents"])),
        view.say("tile_residents_note", homes=shown_count(counts["homes"])),
    )


def _facilities(view: View) -> tuple[str, str, str]:
    counts = view.answers.figures["counts"]
    return (
        view.say("tile_facilities"),
        view.say("places", count=shown_count(counts["facilities"])),
        view.say("tile_facilities_note", kilometres=shown_count(counts["street_kilometres"])),
    )


def _met(view: View) -> tuple[str, str, str]:
    verdicts = [row["verdict"] for row in view.answers.figures["verdicts"] if view.here(row)]
    return (
        _in_district(view, "tile_met"),
        view.say("tile_met_of", met=verdicts.count("met"), all=len(verdicts)),
        view.say("tile_met_note", unmet=verdicts.count("unmet"), no_data=verdicts.count("no_data")),
    )


def _coverage(view: View) -> tuple[str, Markup | str, str]:
    """Return the tile of the service looked at; where none is chosen, of the one that covers the fewest residents."""
    rows = [row for row in view.answers.figures["verdicts"] if view.here(row) and view.wanted(row)]
    label = _in_district(view, "tile_service" if view.service else "tile_lowest")
    known = [row for row in rows if row["residents_share"] is not None]
    if not known:
        return label, say_code("verdict", "no_data", view.language), view.services.get(view.service, "")
    lowest: Row = min(known, key=lambda row: row["residents_share"])
    figure = Markup("{} {}").format(
        shown_share(lowest["residents_share"]),
        markup.badge(lowest["verdict"], say_code("verdict", lowest["verdict"], view.language)),
    )
    note = view.say("tile_service_note", service=view.service_name(lowest), limit=view.limit(lowest))
    return label, figure, note


def _in_district(view: View, tile: str) -> str:
    """Name a tile that speaks of the district looked at."""
    return view.say("tile_in", tile=view.say(tile), place=view.place) if view.district else view.say(tile)


def _estimates(view: View) -> list[str]:
    """Return the kinds of estimates of people that the figures rest on, in the order of the warnings."""
    kinds = [warning["kind"] for warning in view.answers.figures["warnings"]]
    return [kind for kind in dict.fromkeys(kinds) if kind in ESTIMATES]
