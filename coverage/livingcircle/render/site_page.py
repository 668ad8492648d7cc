"""选址说明: one page on one site that can be laid on the table: why here, what it gains, who else, how sure, on what basis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from livingcircle.faults import Language
from livingcircle.model.plan import Plan
from livingcircle.model.results import Results
from livingcircle.model.study import Study
from livingcircle.render.charts import frontier_chart
from livingcircle.render.plans_terminal import counted_said
from livingcircle.render.sketch import LEGEND_COLOURS, sketch
from livingcircle.render.tables import Tables
from livingcircle.render.tables.plans import amount_said
from livingcircle.render.walking import assumptions
from livingcircle.render.words import (
    in_one_language,
    say,
    say_code,
    shown_ages,
    shown_count,
    shown_day,
    shown_limit,
    shown_share,
)

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).with_name("site_page.html.jinja")


def site_pages(results: Results, every: Tables, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the name of a file and the page on every pick of every plan; the figures are those of the tables."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    for number, plan in enumerate(results.plans, start=1):
        sites = every["plan"][every["plan"]["plan"] == number]
        for row, site in enumerate(sites.to_dict("records")):
            content = _content(results, plan, row, {str(name): value for name, value in site.items()}, every, language)
            yield page_name(number, site["rank"], str(site["candidate_id"])), template.render(content) + "\n"


def frontier_charts(every: Tables, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the name of a file and the chart of every plan that has a frontier; by money where sites cost and money was asked about."""
    for plan in every["plan_quality"].to_dict("records"):
        points = every["plan_frontier"][every["plan_frontier"]["plan"] == plan["plan"]]
        if len(points):
            by_money = points["frontier_by"].iloc[0] == "money"
            own = plan["plan_cost_wan_yuan" if by_money else "sites_chosen"]
            title = say("chart.frontier", language, service=plan[f"service_{language}"])
            chart = frontier_chart(points, title, language, by_money=by_money, own=own if own == own else None)  # noqa: PLR0124
            yield f"plan-{plan['plan']}-frontier.svg", chart


def page_name(plan: int, rank: int, candidate: str) -> str:
    """Return the name of the file on a pick: plan, place in the order to build, id of the candidate as far as names of files allow."""
    safe = re.sub(r"[^\w-]+", "-", candidate).strip("-")[:40]
    return f"plan-{plan}-site-{rank:02d}{f'-{safe}' if safe else ''}.html"


def _content(
    results: Results, plan: Plan, row: int, site: Mapping[str, Any], every: Tables, language: Language
) -> dict[str, Any]:
    study = results.study
    quality = every["plan_quality"][every["plan_quality"]["plan"] == site["plan"]].iloc[0]
    name = site["site_name"]
    drawing, kinds = sketch(study, plan, row, language)
    return {
        "language": "zh-CN" if language == "zh" else "en",
        "say": lambda key: say(f"site.{key}", language),
        "study": study.title.said(language) or study.title.zh or study.title.en,
        "heading": say("site.heading", language, rank=site["rank"], name=name),
        "under": " · ".join(
            text
            for text in (
                site[f"service_{language}"],
                _limit(site, language),
                say("site.counted", language, people=counted_said(site["demand_of"], language)),
                str(quality[f"plan_name_{language}"]),
            )
            if text
        ),
        "why": list(_why(site, every["plan"][every["plan"]["plan"] == site["plan"]], quality, language)),
        "figures": list(_figures(site, language)),
        "ages": _ages(every["plan_ages"], site, language),
        "clauses": _clauses(every["plan_clauses"], site, language),
        "asked_of_clauses": bool(len(study.standard.requirements)),
        "runner": say("site.runner_said", language, runner=site[f"runner_up_{language}"])
        if plan.runner_up[row] >= 0
        else site[f"runner_up_{language}"],
        "proof": [
            quality[f"proof_{language}"],
            say("site.proof_of_plan", language, model=say_code("model", quality["model"], language)),
        ],
        "left": _left(every["plan_uncovered"], site, language),
        "sketch": Markup(drawing),  # noqa: S704 - drawn by this program, texts escaped there
        "legend": [(kind, say(f"site.map_{kind}", language)) for kind in kinds],
        "colours": LEGEND_COLOURS,
        "sources": list(_sources(study, language)),
        "made": say(
            "site.made",
            language,
            date=shown_day(results.provenance.started_utc, language),
            version=results.provenance.versions.get("living-circle", ""),
        ),
    }


def _why(site: Mapping[str, Any], sites: pd.DataFrame, quality: pd.Series[Any], language: Language) -> Iterator[str]:
    added, worth = quality["added_residents"], sites["marginal_value"].sum()
    if worth > 0:
        yield say(
            f"site.why_value_{site['plan_unit']}",
            language,
            limit=_limit(site, language),
            amount=amount_said(site["marginal_value"], site["plan_unit"]),
            share=shown_share(site["marginal_value"] / worth),
        )
    if site["marginal_residents"] > 0 or not worth > 0:
        yield say(
            "site.why_marginal",
            language,
            limit=_limit(site, language),
            residents=shown_count(site["marginal_residents"]),
            homes=shown_count(site["homes_gained"]),
            share=shown_share(site["marginal_residents"] / added) if added else "—",
        )
        yield say("site.why_exclusive", language, residents=shown_count(site["exclusive_residents"]))
    if site["nearest_metres"] == site["nearest_metres"]:  # not NaN
        metres = shown_count(site["nearest_metres"])
        yield say(
            "site.why_nearest", language, name=site["nearest_name"] or say("map.untitled", language), metres=metres
        )
    # The longest walk is up to all sites together: those of such a plan are told by the residents they gain.
    by = f"_{site['plan_unit']}" if worth > 0 and site["plan_unit"] != "seconds" else ""
    yield say(f"site.why_rank{by}", language, rank=site["rank"], sites=quality["sites_chosen"])
    if site["year"] == site["year"]:
        yield say("site.why_year", language, year=f"{site['year']:.0f}")


def _figures(site: Mapping[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    said = {
        "marginal": ("persons", site["marginal_residents"], shown_count),
        "cumulative": ("persons", site["cumulative_residents"], shown_count),
        "exclusive": ("persons", site["exclusive_residents"], shown_count),
        "homes": ("homes_of", site["homes_gained"], shown_count),
        "share": ("", site["share_after"], shown_share),
        "floor": ("m2", site["floor_m2"], shown_count),
        "cost": ("wan_yuan", site["investment_wan_yuan"], lambda value: f"{value:,.1f}".removesuffix(".0")),
        "each": ("yuan", site["yuan_per_resident"], shown_count),
        "kept": ("", site["kept_share"], shown_share),
    }
    for name, (unit, value, shown) in said.items():
        if value == value:  # noqa: PLR0124 - unknown figures are left out
            text = shown(value)
            yield say(f"site.{name}", language), say(f"site.{unit}", language, amount=text) if unit else text


def _of(table: pd.DataFrame, site: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = table[(table["plan"] == site["plan"]) & (table["rank"] == site["rank"])]
    return [{str(name): value for name, value in row.items()} for row in own.to_dict("records")]


def _ages(table: pd.DataFrame, site: Mapping[str, Any], language: Language) -> str:
    return say("plan.between", language).join(
        say(
            "site.age",
            language,
            ages=shown_ages(row["age_group"], language),
            residents=shown_count(row["marginal_residents"]),
        )
        for row in _of(table, site)
    )


def _clauses(table: pd.DataFrame, site: Mapping[str, Any], language: Language) -> list[str]:
    return [
        say(
            "site.clause",
            language,
            title=row["document_title"],
            clause=row["clause"],
            service=row[f"service_{language}"],
            where=row["district_name"] or say("site.whole_study", language),
        )
        for row in _of(table, site)
    ]


def _left(table: pd.DataFrame, site: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Return how many of the whole study stay uncovered, by reason; the tables have it by district."""
    own = table[(table["plan"] == site["plan"]) & (table["service_id"] == site["service_id"])]
    return [
        (
            say_code("uncovered", row["uncovered"], language),
            say("site.persons", language, amount=shown_count(row["residents_left"])),
        )
        for row in own[own["scope"] == "study"].to_dict("records")
    ]


def _sources(study: Study, language: Language) -> Iterator[str]:
    standard = study.standard
    yield say("site.standard", language, title=standard.title.said(language), edition=standard.edition)
    yield say("site.walking", language, assumptions=assumptions(study.walker, language))
    yield say("site.open_streets", language)
    yield from (in_one_language(credit, language) for credit in study.attribution)


def _limit(site: Mapping[str, Any], language: Language) -> str:
    return shown_limit(site["limit_minutes"], site["limit_metres"], language)
