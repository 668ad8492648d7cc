"""Coverage, verdicts, gaps and sites: each panel shows rows of the summary, and computes nothing."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from desk import markup
from desk.address import chosen
from desk.markup import Header
from desk.view import Row, View
from livingcircle.model.standard import RECALLED
from livingcircle.render.words import say_code, shown_count, shown_limit, shown_share

MOST_ROWS = 100
DENOMINATORS = ("residents", "households", "homes")


def coverage(view: View) -> None:
    """Show the share of residents, households and homes covered: by service, by district, or by limit."""
    every = view.answers.coverage
    words = {"standard": view.say("limit_standard")}
    words |= {
        f"{limit:.10g}": shown_limit(limit, None, view.language) for limit in view.answers.figures["shown_limits"]
    }
    limit = chosen(st.segmented_control, "limit", view.say("limit"), words, "standard", required=True)
    targets = view.targets()

    def at_limit(row: Row) -> bool:
        if limit == "standard":
            return (row["service_id"], row["limit_minutes"]) in targets
        return f"{row['limit_minutes']:.10g}" == limit

    rows = [row for row in every if view.wanted(row)]
    if not view.service:
        title = view.say("coverage_by_service", place=view.place)
        first, named = "service_id", view.service_name
        rows = [row for row in rows if view.here(row) and at_limit(row)]
    elif view.district or not view.districts:
        title = view.say("coverage_by_limit", service=view.services[view.service], place=view.place)
        first, named = "service_id", view.service_name
        rows = [row for row in rows if view.here(row)]
    else:
        title = view.say("coverage_by_district", service=view.services[view.service])
        first, named = "district_name", lambda row: row["district_name"] or view.say("whole_study")
        rows = [row for row in rows if at_limit(row)]
    by_district = first == "district_name"
    headers = [
        Header(view.header(first if by_district else f"service_{view.language}")),
        Header(view.say("limit")),
        *([] if by_district else [Header(view.header("facilities"), figures=True)]),
        *(Header(view.header(f"{name}_share"), wide=True) for name in DENOMINATORS),
        Header(view.header("residents_covered"), figures=True),
        Header(view.header("residents"), figures=True),
    ]
    cells = [
        [
            named(row),
            view.limit(row),
            *([] if by_district else [shown_count(row["facilities"])]),
            *(
                markup.bar(row[f"{name}_share"], targets.get((row["service_id"], row["limit_minutes"])), name)
                for name in DENOMINATORS
            ),
            _count(row["residents_covered"]),
            _count(row["residents"]),
        ]
        for row in rows
    ]
    shown = markup.table("coverage", headers, cells[:MOST_ROWS], first_is_total=by_district)
    markup.show(markup.heading(title, view.say("coverage_note")) + shown + _more(view, len(cells)))


def verdicts(view: View) -> None:
    """Show every requirement with its verdict, its clause, and how well the clause was verified."""
    every = [row for row in view.answers.figures["verdicts"] if view.wanted(row)]
    headers = [
        Header(view.header(f"service_{view.language}")),
        Header(view.say("limit")),
        Header(view.header("minimum_share"), figures=True),
        Header(view.header("residents_share"), figures=True),
        Header(view.header("verdict")),
        Header(view.header("residents_short"), figures=True),
        Header(view.say("basis"), wide=True),
    ]
    cells = [
        [
            view.service_name(row),
            view.limit(row),
            shown_share(row["minimum_share"]),
            _share(row["residents_share"]),
            _verdict(view, row),
            _count(row["residents_short"]) if row["verdict"] == "unmet" else "",
            _clause(view, row),
        ]
        for row in every
        if view.here(row)
    ]
    standard = view.answers.figures["standard"]
    shown = markup.heading(view.say("verdicts_of", place=view.place)) + markup.table("verdicts", headers, cells)
    if view.districts and not view.district:
        shown += _by_district(view, every)
    shown += markup.heading(view.say("about_standard")) + markup.paragraph(standard["note"][view.language])
    markup.show(shown)


def gaps(view: View) -> None:
    """Show where homes lie beyond the standard's limit, the most residents first."""
    rows = sorted(
        (row for row in view.answers.gaps if view.wanted(row)),
        key=lambda row: row["residents"],
        reverse=True,
    )
    title = markup.heading(view.say("gaps_of"), view.say("gaps_note"))
    if view.district:
        title += markup.small(view.say("gaps_district"))
    if not rows:
        markup.show(title + markup.paragraph(view.say("gaps_none")))
        return
    headers = [
        Header(view.header(f"service_{view.language}")),
        Header(view.say("limit")),
        Header(view.header("gap_rank"), figures=True),
        *(Header(view.header(name), figures=True) for name in ("residents", "households", "homes")),
        Header(view.header("median_walk_minutes"), figures=True),
        Header(view.say("position"), figures=True),
    ]
    cells = [
        [
            view.service_name(row),
            view.limit(row),
            str(row["gap_rank"]),
            *(_count(row[name]) for name in ("residents", "households", "homes")),
            view.say("unreachable") if row["median_walk_minutes"] is None else f"{row['median_walk_minutes']:.1f}",
            _position(row),
        ]
        for row in rows[:MOST_ROWS]
    ]
    markup.show(title + markup.table("gaps", headers, cells) + _more(view, len(rows)))


def plans(view: View) -> None:
    """Show every plan: what it gains, how good it is proven to be, and its sites in the order to build them."""
    plans = view.answers.figures["plans"]
    wanted = [plan for plan in plans if not view.service or view.service in plan["service_id"].split(";")]
    if not wanted:
        markup.show(markup.paragraph(view.say("plan_none")))
        return
    shown = Markup().join(_plan(view, plan) for plan in wanted)
    candidates = view.answers.settings.candidates
    if candidates is not None and candidates.kind == "junctions":
        shown += markup.small(view.say("plan_junctions"))
    if view.district:
        shown += markup.small(view.say("plan_district"))
    markup.show(shown)


def _plan(view: View, plan: Row) -> Markup:
    title = markup.heading(
        plan["plan_name"] or view.say("plan_title", service=view.service_name(plan), sites=plan["sites_chosen"])
    )
    several = plan["limit_minutes"] is None
    said = Markup('<p class="lc-text">{} {} {}</p>').format(
        view.say(
            "plan_result_several" if several else "plan_result",
            limit="" if several else view.limit(plan),
            before=_share(plan["share_before"]),
            after=_share(plan["share_after"]),
            value=shown_count(plan["added_residents"]),
        )
        if plan["status"] != "nothing_to_gain"
        else "",
        markup.badge(plan["status"], say_code("status", plan["status"], view.language)),
        plan["proof"][view.language],
    )
    said += Markup().join(markup.small(text) for text in (plan["remarks"][view.language],) if text)
    headers = [
        Header(view.header("rank"), figures=True),
        Header(view.header("candidate_name")),
        Header(view.say("position"), figures=True),
        Header(view.header("marginal_residents"), figures=True),
        Header(view.header("cumulative_residents"), figures=True),
        Header(view.header("runner_up_zh")),
        Header(view.header("share_after"), wide=True),
    ]
    cells = [
        [
            str(site["rank"]),
            site["candidate_name"] or site["candidate_id"],
            _position(site),
            _count(site["marginal_residents"]),
            _count(site["cumulative_residents"]),
            site["runner_up"][view.language],
            markup.bar(site["share_after"], view.targets().get((plan["service_id"], plan["limit_minutes"]))),
        ]
        for site in plan["sites"]
    ]
    return title + said + (markup.table("plan", headers, cells) if cells else Markup())


def _by_district(view: View, every: list[Row]) -> Markup:
    """Return a row per district and a column per requirement, with share and verdict in the colour of the verdict."""
    rules = [row for row in every if row["scope"] == "study"]
    cells: dict[str, list[Markup | str]] = {}
    for row in every:
        if row["scope"] != "study":
            share = shown_share(row["residents_share"]) if row["residents_share"] is not None else "—"
            said = say_code("verdict", row["verdict"], view.language)
            cells.setdefault(row["district_id"], [row["district_name"]]).append(
                Markup('<span class="lc-cell lc-{}" title="{}">{}</span>').format(row["verdict"], said, share)
            )
    headers = [Header(view.say("district")), *(Header(_rule(view, rule, rules), figures=True) for rule in rules)]
    key = Markup(" ").join(
        markup.badge(code, say_code("verdict", code, view.language)) for code in ("met", "unmet", "no_data")
    )
    grid = markup.table("by-district", headers, list(cells.values())[:MOST_ROWS])
    title = markup.heading(view.say("verdicts_by_district"))
    return title + Markup('<p class="lc-small">{}</p>').format(key) + grid + _more(view, len(cells))


def _rule(view: View, rule: Row, rules: list[Row]) -> str:
    """Name a requirement by its service, and by its limit too where the standard asks for several."""
    name = view.service_name(rule)
    alone = [other["service_id"] for other in rules].count(rule["service_id"]) == 1
    return name if alone else f"{name} {view.limit(rule)}"


def _verdict(view: View, row: Row) -> Markup:
    return markup.badge(row["verdict"], say_code("verdict", row["verdict"], view.language))


def _clause(view: View, row: Row) -> Markup:
    grade = say_code("verification", row["verification"], view.language)
    # What is recalled is no quotation.
    quoted = Markup(" {}") if row["verification"] in RECALLED else Markup("<q>{}</q>")
    quote = quoted.format(row["quote"]) if view.language == "zh" else ""
    named = Markup('<span lang="zh">{} {}{}</span>').format(row["document"], row["clause"], quote)
    mark = markup.badge("verified" if row["verified"] else "unverified", grade)
    return markup.stacked(named, mark, title=row["document_title"])


def _more(view: View, rows: int) -> Markup:
    if rows <= MOST_ROWS:
        return Markup()
    return markup.small(view.say("first_rows", rows=shown_count(rows), shown=MOST_ROWS))


def _position(row: Row) -> str:
    return f"{row['lon']:.5f}, {row['lat']:.5f}"


def _count(value: float | None) -> str:
    return "—" if value is None else shown_count(value)


def _share(value: float | None) -> str:
    return "—" if value is None else shown_share(value)
