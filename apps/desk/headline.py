"""The top of the page: what is studied, how it stands, and what every reader must know first."""

from __future__ import annotations

from markupsafe import Markup

from desk import markup
from desk.view import Row, View
from livingcircle.model.verdict import WHOLE_STUDY
from livingcircle.render.summary import ESTIMATES, counts_in
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
    counts = counts_in(view.answers.results.study, view.district_number)
    markup.show(top + markup.tiles([_residents(view, counts), _facilities(view, counts), _met(view), _coverage(view)]))


def _residents(view: View, counts: Row) -> tuple[str, str, str]:
    estimated = view.answers.figures["residents_estimated"]
    return (
        _of(view, "tile_residents_estimated" if estimated else "tile_residents"),
        view.say("people", count=shown_count(counts["residents"])),
        view.say("tile_residents_note", homes=shown_count(counts["homes"])),
    )


def _facilities(view: View, counts: Row) -> tuple[str, str, str]:
    """Return the tile of the facilities here; those of a service that is published by district only are counted for the whole study."""
    label, note = _of(view, "tile_facilities"), view.say("tile_facilities_here")
    count = counts["facilities_of"].get(view.service) if view.service else counts["facilities"]
    if count is None:
        label = view.say("tile_in", tile=view.say("tile_facilities"), place=view.say("whole_study"))
        count = counts_in(view.answers.results.study, WHOLE_STUDY)["facilities_of"][view.service]
    if view.service:
        note = view.services[view.service]
    elif not view.district:
        kilometres = view.answers.figures["counts"]["street_kilometres"]
        note = view.say("tile_facilities_note", kilometres=shown_count(kilometres))
    return label, view.say("places", count=shown_count(count)), note


def _met(view: View) -> tuple[str, str, str]:
    verdicts = [row["verdict"] for row in view.answers.figures["verdicts"] if view.here(row) and view.wanted(row)]
    return (
        _of(view, "tile_met", service=True),
        view.say("tile_met_of", met=verdicts.count("met"), all=len(verdicts)),
        view.say("tile_met_note", unmet=verdicts.count("unmet"), no_data=verdicts.count("no_data")),
    )


def _coverage(view: View) -> tuple[str, Markup | str, str]:
    """Return the tile of the service looked at; where none is chosen, of the one that covers the fewest residents."""
    rows = [row for row in view.answers.figures["verdicts"] if view.here(row) and view.wanted(row)]
    label = _of(view, "tile_service" if view.service else "tile_lowest")
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


def _of(view: View, tile: str, *, service: bool = False) -> str:
    """Name a tile, and what was chosen that it speaks of: the district, or with `service` that as well."""
    chosen = [view.services[view.service]] if service and view.service else []
    chosen += [view.place] if view.district else []
    return (
        view.say("tile_in", tile=view.say(tile), place=view.say("between").join(chosen)) if chosen else view.say(tile)
    )


def _estimates(view: View) -> list[str]:
    """Return the kinds of estimates of people that the figures rest on, in the order of the warnings."""
    kinds = [warning["kind"] for warning in view.answers.figures["warnings"]]
    return [kind for kind in dict.fromkeys(kinds) if kind in ESTIMATES]
