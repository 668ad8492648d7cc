"""A plan as an official reads it: what it gains and how sure that is, its sites in order, what more buys, and a page on every site."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from desk import markup, saving
from desk.address import chosen
from desk.markup import Header
from desk.panels.coverage import more
from desk.panels.equity import picture
from desk.rows import UNKNOWN, cells, headers
from desk.view import Row, View
from livingcircle.faults import Language
from livingcircle.render.words import say_code, shown_ages, shown_count, shown_share

if TYPE_CHECKING:
    from livingcircle.model.results import Results

MOST_ROWS = 60
PAGE_PIXELS = 760
FRONTIER = (
    "sites_new",
    "plan_cost_wan_yuan",
    "covered_residents",
    "covered_share",
    "worst_share",
    "districts_gini",
    "mean_walk_all_minutes",
)


def plan(view: View, row: Row, charts: Mapping[str, str]) -> Markup:
    """Return a plan in words, with its proof and its sites; `charts` are those of the frontiers by name."""
    kind = "plan_title_ranking" if _is_ranking(row) else "plan_title"
    title = markup.heading(
        row["plan_name"][view.language] or view.say(kind, service=view.service_name(row), sites=row["sites_chosen"])
    )
    made = title + _said(view, row)
    if row["sites"]:
        made += _sites(view, row)
    if row["uncovered"]:
        made += _left(view, row)
    if row["frontier"]:
        made += _frontier(view, row, charts.get(f"plan-{row['plan']}-frontier.svg", ""))
    return made


def pages(results: Results, language: Language) -> dict[str, str]:
    """Return the page on every site and the chart of every frontier by the name of its file, as the run folder has them."""
    from livingcircle.render.site_page import frontier_charts, site_pages
    from livingcircle.render.tables import Tables

    every = Tables(results)
    return dict([*site_pages(results, every, language), *frontier_charts(every, language)])


def offer_pages(view: View, made: Mapping[str, str], plans: Sequence[Row], name: str) -> None:
    """Let the reader open the page on a site, and take one or all of them along."""
    about = {file: text for file, text in made.items() if file.endswith(".html")}
    if not about:
        return
    labels = dict(zip(about, (_label(view, one, site) for one in plans for site in one["sites"]), strict=True))
    markup.show(markup.heading(view.say("siting_page")))
    label = view.say("siting_page_choose")
    first, second, third = st.columns([2, 1, 1], vertical_alignment="bottom")
    with first:
        file = chosen(
            st.selectbox, f"page_{name}", label, labels, next(iter(labels)), placeholder=view.say("nothing_found")
        )
    second.download_button(
        view.say("siting_page_download"), about[file].encode(), file, "text/html", on_click="ignore", width="stretch",
        key=f"page_{name}_one",
    )  # fmt: skip
    with third:
        saving.offer(
            view.say("siting_pages_download", count=len(about)), lambda: zipped(made), f"{view.answers.settings.id}-{name}.zip",
            "application/zip", key=f"page_{name}_all", language=view.language,
        )  # fmt: skip
    st.iframe(about[file], height=PAGE_PIXELS, alt=labels[file])


def zipped(files: Mapping[str, str]) -> bytes:
    """Return texts as one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def _label(view: View, one: Row, site: Row) -> str:
    name = site["site_name"] or site["candidate_id"]
    return f"{one['plan_name'][view.language] or view.service_name(site)} · {site['rank']} · {name}"


def _said(view: View, row: Row) -> Markup:
    several = row["limit_minutes"] is None
    result = ""
    if row["status"] != "nothing_to_gain":
        same = not several and row["added_residents"] == 0 and row["share_before"] is not None
        result = view.say(
            "plan_result_several" if several else "plan_result_same" if same else "plan_result",
            limit="" if several else view.limit(row),
            people=_people(view, row["demand_of"]),
            before=_share(row["share_before"]),
            after=_share(row["share_after"]),
            value=shown_count(row["added_residents"]),
        )
        if _has_worth(row):
            worth, unit = sum(site["marginal_value"] for site in row["sites"]), row["plan_unit"]
            result = f"{result} {view.say(f'added_{unit}', amount=_said_amount(worth, unit))}"
    status, proof = say_code("status", row["status"], view.language), row["proof"][view.language]
    if proof.casefold().startswith(status.casefold()):  # which the badge says already
        proof = proof[len(status) :].lstrip("：: ")
    proven = Markup() if _is_ranking(row) and result else markup.badge(row["status"], status)
    said = Markup('<p class="lc-text">{} {} {}</p>').format(result, proven, proof)
    return said + Markup().join(
        markup.small(text) for text in (_numbers(view, row), row["remarks"][view.language]) if text
    )


def _is_ranking(row: Row) -> bool:
    """Whether a plan lists candidates to choose from, of which nothing is proven."""
    return bool(row["model"] == "ranking")


def _people(view: View, group: str) -> str:
    """Say whose shares these are: of all residents, as on other panels, of an age group, or of each service those it is for."""
    ages = shown_ages(group, view.language)
    if ages != group:
        return view.say("plan_people", ages=ages)
    return view.say("plan_people_several") if group == "several" else say_code("demand_of", group, view.language)


def _numbers(view: View, row: Row) -> str:
    """Say value, bound and gap where there is a bound, each in the unit of the aim."""
    if row["plan_bound"] is None or row["gap_share"] is None:
        return ""
    value, bound = (_amount(view, row[name], row["plan_unit"]) for name in ("plan_value", "plan_bound"))
    model = say_code("model", row["model"], view.language)
    gap = 0.0 if row["status"] == "optimal" else row["gap_share"]  # what is left is the solver's rounding
    return view.say("siting_proof_numbers", model=model, value=value, bound=bound, gap=shown_share(gap))


def _amount(view: View, value: float, unit: str) -> str:
    return view.say(f"amount_{unit}", amount=_said_amount(value, unit))


def _said_amount(value: float, unit: str) -> str:
    from livingcircle.render.tables.plans import amount_said

    return amount_said(value, unit)


def _has_worth(row: Row) -> bool:
    """Whether what sites add is counted by their walks, not by the residents they newly cover."""
    return any(site["marginal_value"] is not None for site in row["sites"])


def _sites(view: View, row: Row) -> Markup:
    sites = row["sites"]
    several = len({site["service_id"] for site in sites}) > 1
    money = any(site["investment_wan_yuan"] is not None for site in sites)
    kept = any(site["kept_share"] is not None for site in sites)
    target = view.targets().get((row["service_id"], row["limit_minutes"]))
    plain = [
        *(["year"] if any(site["year"] is not None for site in sites) else []),
        *(["service"] if several else []),
        *(["floor_m2", "investment_wan_yuan"] if money else []),
        *(() if _has_worth(row) and not row["added_residents"] else ("marginal_residents", "cumulative_residents")),
    ]
    worth = [Header(view.say(f"adds_{row['plan_unit']}"), figures=True)] if _has_worth(row) else []
    after = ["runner_up", *(["kept_share"] if kept else [])]
    made = [
        Header(view.header("rank"), figures=True),
        Header(view.header("candidate_name")),
        *worth,
        *headers(view, plain),
        Header(view.header("share_after"), wide=True),
        *headers(view, after),
    ]
    table = [
        [
            str(site["rank"]),
            markup.stacked(site["site_name"] or site["candidate_id"], _position(site)),
            *([_said_amount(site["marginal_value"], row["plan_unit"])] if worth else []),
            *cells(view, site, plain),
            markup.bar(site["share_after"], target),
            *cells(view, site, after),
        ]
        for site in sites[:MOST_ROWS]
    ]
    return markup.table("plan", made, table) + more(view, len(sites), MOST_ROWS)


def _left(view: View, row: Row) -> Markup:
    """Say who is still not covered once the plan is built, and why."""
    several = len({one["service_id"] for one in row["uncovered"]}) > 1
    text = view.say("listed").join(
        (f"{view.service_name(one)} " if several else "")
        + say_code("uncovered", one["uncovered"], view.language)
        + " "
        + view.say("people", count=shown_count(one["residents_left"]))
        for one in row["uncovered"]
        if one["scope"] == "study"
    )
    return markup.small(view.say("siting_left", text=text)) if text else Markup()


def _frontier(view: View, row: Row, chart: str) -> Markup:
    points = row["frontier"]
    first, final = (_point(view, point) for point in (points[0], points[-1]))
    said = view.say("siting_frontier_said", points=len(points), first=first, last=final)
    columns = [name for name in FRONTIER if any(point[name] is not None for point in points)]
    table = [
        [*cells(view, point, columns), say_code("model", point["model"], view.language), _share(point["gap_share"])]
        for point in points
    ]
    made = [*headers(view, columns), Header(view.header("model")), Header(view.header("gap_share"), figures=True)]
    shown = markup.heading(view.say("siting_frontier_of"), said)
    return shown + (picture(chart, said) if chart else Markup()) + markup.table("frontier", made, table)


def _point(view: View, point: Row) -> str:
    by_money = point["frontier_by"] == "money"
    inputs = (
        view.say("amount_wan_yuan", amount=f"{point['plan_cost_wan_yuan']:,.1f}".removesuffix(".0"))
        if by_money
        else view.say("amount_sites", amount=shown_count(point["sites_new"]))
    )
    return view.say("siting_points", inputs=inputs, share=_share(point["covered_share"]))


def _position(row: Row) -> str:
    return f"{row['lon']:.5f}, {row['lat']:.5f}"


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else shown_share(value)
