"""选址方案与效果: the sites of every plan, what each brings, how good the plan is proven to be, and what stays open."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Paragraph, Section
from livingcircle.render.report.material import Material, Of, table_of
from livingcircle.render.words import shown_count, shown_limit, shown_share

MOST_SITES = 40
MOST_LEFT = 12


def chapter(of: Material) -> Iterator[Section]:
    """Yield all plans beside each other, then a section for each."""
    quality = of.tables["plan_quality"]
    if not len(quality):
        return
    beside = table_of(
        of,
        "plan_quality",
        "plan_quality",
        (
            Of("plan", 0.65),
            Of("service", 1.9),
            Of("limit_minutes", 0.9, shown="limit"),
            Of("demand_of", 1.2, "demand_of"),
            Of("sites_chosen", 0.95),
            Of("plan_cost_wan_yuan", 0.95),
            Of("added_residents", 1.0),
            Of("share_before", 0.9),
            Of("share_after", 0.95),
            Of("gap_share", 0.95),
        ),
        note=of.say("plans.note"),
    )
    yield Section(1, of.say("chapter.plans"), (Paragraph(of.say("plans.intro", count=len(quality))), *beside))
    for _, plan in quality.iterrows():
        number = int(plan["plan"])
        services = plan[of.both("plan_name")] or plan[of.both("service")]
        title = of.say("section.plan", plan=number, services=services)
        maps = (*figures.plan_map(of, number), *figures.frontier_chart(of, number))
        yield Section(2, title, (*_told(of, plan), *_sites(of, number), *_left(of, number), *maps))


def _told(of: Material, plan: pd.Series) -> Iterator[Block]:
    said = {
        "services": plan[of.both("service")],
        "limit": _walk(of, plan),
        "sites": shown_count(plan["sites_chosen"]),
        "gained": of.gained(plan),
        "before": shown_share(plan["share_before"]),
        "after": shown_share(plan["share_after"]),
    }
    yield Paragraph(of.say("plan.effect", **said))
    if plan[of.both("proof")]:
        yield Paragraph(of.say("plan.proof", proof=plan[of.both("proof")]), "finding")
    if plan[of.both("remarks")]:
        yield Paragraph(of.say("plan.remarks", remarks=plan[of.both("remarks")]), "note")


def _walk(of: Material, plan: pd.Series) -> str:
    if pd.isna(plan["limit_minutes"]):
        return of.say("plan.limits")
    limit = shown_limit(plan["limit_minutes"], plan["limit_metres"], of.language)
    return of.say("walk_minutes" if pd.isna(plan["limit_metres"]) else "walk_metres", limit=limit)


def _sites(of: Material, number: int) -> Iterator[Block]:
    sites = of.tables["plan"]
    own = sites[sites["plan"] == number]
    columns = [
        Of("rank", 0.5, "rank"),
        Of("site_name", 1.5),
        Of("service", 1.5),
        Of("floor_m2", 0.9, "floor"),
        Of("investment_wan_yuan", 0.8, "money"),
        Of("marginal_residents", 0.9, "gains"),
        Of("cumulative_residents", 0.9, "cumulative"),
        Of("share_after", 0.9, "share_after"),
        Of("runner_up", 1.6, "runner_up"),
    ]
    if own["year"].notna().any():
        columns.insert(1, Of("year", 0.6))
    yield from table_of(of, f"sites-{number}", "plan", columns, own, most=MOST_SITES, plan=str(number))
    clauses = of.tables["plan_clauses"]
    closed = clauses[clauses["plan"] == number]
    yield from table_of(
        of,
        f"plan_clauses-{number}",
        "plan_clauses",
        (
            Of("rank", 0.5, "rank"),
            Of("candidate_name", 1.4),
            Of("service", 1.6),
            Of("district_name", 1.2),
            Of("document_title", 2.2, "basis"),
            Of("clause", 1.2),
        ),
        closed,
        most=MOST_SITES,
        plan=str(number),
    )


def _left(of: Material, number: int) -> Iterator[Block]:
    """Who stays without, and why, in the whole study: by district it is in the workbook."""
    left = of.tables["plan_uncovered"]
    own = left[(left["plan"] == number) & (left["scope"] == "study") & (left["homes_left"] > 0)]
    yield from table_of(
        of,
        f"plan_left-{number}",
        "plan_uncovered",
        (Of("service", 1.6), Of("uncovered", 3.0, "why"), Of("homes_left", 1.0), Of("residents_left", 1.0)),
        own,
        most=MOST_LEFT,
        plan=str(number),
    )
