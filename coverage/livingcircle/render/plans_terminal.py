"""Plans on a terminal: projects in the order to build them, the proof, what is left, what more would buy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from livingcircle.faults import Language
from livingcircle.render.words import say, say_code, shown_ages, shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]
REMARKS_SHOWN = 6
SERVICES_NAMED = 4


def print_plans(plans: Sequence[Row], language: Language, console: Console) -> None:
    """Print every plan of a summary."""
    for plan in plans:
        _print_plan(plan, language, console)


def _print_plan(plan: Row, language: Language, console: Console) -> None:
    def write(key: str, style: str = "", **values: str | float) -> None:
        console.print(Text(say(key, language, **values)), style=style, soft_wrap=True)

    console.print(Text(plan_title(plan, language)), style="bold", soft_wrap=True)
    if plan["status"] == "nothing_to_gain":
        console.print(Text(plan["proof"][language]), soft_wrap=True)
        _print_left(plan, language, console)
        return
    if plan["demand_of"] != "residents":
        write("plan.counted", "dim", people=counted_said(plan["demand_of"], language))
    console.print(_projects(plan, language))
    before, after = (_share(plan[name]) for name in ("share_before", "share_after"))
    several = "_several" if ";" in plan["service_id"] else ""
    write(f"plan.result{several}", before=before, after=after, value=shown_count(plan["added_residents"]))
    if plan["share_before"] is None:
        write("plan.unknown_before", "yellow")
    if plan["plan_cost_wan_yuan"]:
        each = 1e4 * plan["plan_cost_wan_yuan"] / plan["added_residents"] if plan["added_residents"] else None
        write(f"plan.cost_result{several}", cost=_money(plan["plan_cost_wan_yuan"]), each=_count(each))
    if plan["sites_asked"] is not None and plan["sites_chosen"] < plan["sites_asked"]:
        write("plan.fewer", asked=f"{plan['sites_asked']:.0f}")
    console.print(Text(plan["proof"][language]), style="green" if plan["status"] == "optimal" else "", soft_wrap=True)
    turned = len(plan["clauses"])
    if turned:
        write("plan.turned", count=turned)
    _print_left(plan, language, console)
    _print_kept(plan["sites"], language, console)
    if plan["frontier"]:
        console.print(_frontier(plan["frontier"], language))


def _print_left(plan: Row, language: Language, console: Console) -> None:
    """Say who stays uncovered and why, then what is to be known of the plan."""
    whole = [row for row in plan["uncovered"] if row["scope"] == "study"]
    if whole:
        reasons = say("plan.between", language).join(
            say(
                "plan.reason",
                language,
                reason=say_code("uncovered", reason, language),
                residents=shown_count(sum(row["residents_left"] for row in whole if row["uncovered"] == reason)),
            )
            for reason in dict.fromkeys(row["uncovered"] for row in whole)
        )
        residents = shown_count(sum(row["residents_left"] for row in whole))
        key = "plan.left_several" if ";" in plan["service_id"] else "plan.left"
        console.print(Text(say(key, language, residents=residents, reasons=reasons)), soft_wrap=True)
    remarks = plan["remarks"][language].splitlines()
    for remark in remarks[:REMARKS_SHOWN]:
        console.print(Text(remark), style="yellow", soft_wrap=True)
    if len(remarks) > REMARKS_SHOWN:
        more = say("plan.more_remarks", language, count=len(remarks) - REMARKS_SHOWN)
        console.print(Text(more), style="yellow", soft_wrap=True)


def plan_title(plan: Row, language: Language) -> str:
    """Return what a plan is about: its name, or its services, walk, aim and sites."""
    own = plan["plan_name"][language]
    name = f"{own} · " if own else ""
    said = {
        "service": _services(plan["service"][language], language),
        "model": say_code("model", plan["model"], language),
    }
    sites = plan["sites_chosen"]
    if plan["limit_minutes"] is None:
        return name + say("plan.title_several", language, sites=sites, **said)
    limit = shown_limit(plan["limit_minutes"], plan["limit_metres"], language)
    return name + say("plan.title", language, limit=limit, sites=sites, **said)


def _services(named: str, language: Language) -> str:
    """Return the services of a plan as they are listed, of many the first and their number."""
    between = "；" if language == "zh" else "; "
    names = named.split(between)
    if len(names) <= SERVICES_NAMED:
        return named
    return say("plan.services", language, first=between.join(names[:SERVICES_NAMED]), count=len(names))


def counted_said(group: str, language: Language) -> str:
    """Say whose needs count: an age group by its ages, else all residents, or each service its own."""
    ages = shown_ages(group, language)
    return say_code("demand_of", group, language) if ages == group else ages


def _projects(plan: Row, language: Language) -> Table:
    sites = plan["sites"]
    several = len({site["service_id"] for site in sites}) > 1
    years, costs = (any(site[name] is not None for site in sites) for name in ("year", "investment_wan_yuan"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("plan.number", language), justify="right", no_wrap=True)
    if years:
        table.add_column(say("plan.year", language), no_wrap=True)
    table.add_column(say("plan.site", language), overflow="fold")
    if several:
        table.add_column(say("plan.service", language), overflow="fold")
    if costs:
        table.add_column(say("plan.cost", language), justify="right", no_wrap=True)
    table.add_column(say("plan.marginal", language), justify="right", no_wrap=True)
    table.add_column(say("plan.cumulative", language), justify="right", no_wrap=True)
    table.add_column(say("plan.runner_up", language), overflow="fold")
    for site in sites:
        table.add_row(
            str(site["rank"]),
            *([f"{site['year']:.0f}"] if years else []),
            Text(str(site["candidate_name"] or site["candidate_id"])),
            *([Text(site["service"][language])] if several else []),
            *([_money(site["investment_wan_yuan"])] if costs else []),
            shown_count(site["marginal_residents"]),
            shown_count(site["cumulative_residents"]),
            Text(site["runner_up"][language]),
        )
    return table


def _print_kept(sites: Sequence[Row], language: Language, console: Console) -> None:
    kept = [site["kept_share"] for site in sites]
    if not kept or any(share is None for share in kept):
        return
    if all(share == 1 for share in kept):
        text = say("plan.kept_all", language)
    else:
        named = (
            f"{site['candidate_name'] or site['candidate_id']} {shown_share(site['kept_share'])}" for site in sites
        )
        text = say("plan.kept", language, sites=say("plan.between", language).join(named))
    console.print(Text(text), soft_wrap=True)


def _frontier(points: Sequence[Row], language: Language) -> Table:
    title = say("plan.frontier", language, points=len(points))
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    columns: dict[str, Callable[[Row], str]] = {
        "frontier_sites": lambda row: f"{row['sites_new']}",
        "frontier_cost": lambda row: _money(row["plan_cost_wan_yuan"]),
        "frontier_share": lambda row: _share(row["covered_share"]),
        "frontier_worst": lambda row: _share(row["worst_share"]),
        "frontier_minutes": lambda row: (
            "—" if row["mean_walk_all_minutes"] is None else f"{row['mean_walk_all_minutes']:.1f}"
        ),
        "frontier_gap": lambda row: _share(row["gap_share"]),
    }
    used = {name: shown for name, shown in columns.items() if any(shown(row) != "—" for row in points)}
    for name in used:
        table.add_column(say(f"plan.{name}", language), justify="right")
    table.add_column(say("plan.frontier_aim", language))
    for row in points:
        table.add_row(*(shown(row) for shown in used.values()), say_code("model", row["model"], language))
    return table


def _share(value: float | None) -> str:
    return "—" if value is None else shown_share(value)


def _count(value: float | None) -> str:
    return "—" if value is None else shown_count(value)


def _money(value: float | None) -> str:
    return "—" if value is None else f"{value:,.1f}".removesuffix(".0")
