"""Verbs that answer one question of a study, writing only what they are asked to write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livingcircle.cli.options import (
    OWN_TO_A_GROUP,
    AdvisoryToo,
    AsJson,
    FailIfUnmet,
    Group,
    In,
    Quiet,
    Standard,
    StudyFile,
    WithIntervals,
)
from livingcircle.cli.session import (
    STANDARD_NOT_MET,
    asked_for_intervals,
    is_unmet,
    opened,
    stoppable,
)
from livingcircle.model.siting_model import AskedModel


def assess(
    study: StudyFile,
    standard: Standard = None,
    walker: Group = None,
    intervals: WithIntervals = False,
    fail_if_unmet: FailIfUnmet = False,
    advisory_too: AdvisoryToo = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """评估覆盖率与达标情况 / Who can walk where, and what the standard says to that."""
    group = None if walker is None else {"preset": walker, **OWN_TO_A_GROUP}
    # The study's siting tasks may well be about services of its own standard.
    siting: list[object] | None = None if standard is None else []
    asked = {"standard": standard, "walker": group, "intervals": asked_for_intervals(intervals), "siting": siting}
    with opened(study, as_json, quiet, language, **asked) as session:
        from livingcircle import cases
        from livingcircle.render.summary import summary

        figures = summary(cases.answer(session.settings, session.stages, areas=False, siting=False))
        session.show(figures, "coverage", "access", "clauses", "warnings")
        if fail_if_unmet and is_unmet(figures, advisory_too):
            raise typer.Exit(STANDARD_NOT_MET)


def diagnose(
    study: StudyFile,
    service: Annotated[
        str | None, typer.Option(help="只看一类服务（编号或名称）/ one service type (id or name)")
    ] = None,
    standard: Standard = None,
    walker: Group = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """诊断缺口：成因、问题清单和最省措施 / Why people are left out, and the cheapest remedy of each gap."""
    group = None if walker is None else {"preset": walker, **OWN_TO_A_GROUP}
    with opened(study, as_json, quiet, language, standard=standard, walker=group) as session:
        from livingcircle import cases
        from livingcircle.render.diagnosis import diagnosis_figures

        results = cases.answer(session.settings, session.stages, siting=False)
        session.show(diagnosis_figures(results, cases.service_asked(results.study, service)), "gap_list", "warnings")


def trace(
    study: StudyFile,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="成果文件 / GeoPackage to write")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """绘制等时圈和缺口片区 / Draw isochrones and gap areas into a GeoPackage."""
    with opened(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.summary import summary

        results = cases.answer(session.settings, session.stages, siting=False)
        file = cases.write_areas(results, session.settings, output)
        session.show({**summary(results), "files": {"geopackage": str(file)}}, "areas", "warnings", "files")


def explain(
    study: StudyFile,
    home: Annotated[str, typer.Option(metavar="ID", help="住宅编号 / id of the home")],
    service: Annotated[str, typer.Option(help="服务类型（编号或名称）/ service type (id or name)")],
    facility: Annotated[
        str | None,
        typer.Option(metavar="ID", help="设施编号，默认最近的一处 / id of the facility; default: the nearest"),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="路径 / GeoJSON to write")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """说明从一处住宅到设施怎么走、用时花在哪里 / The walk from a home to a facility, and what makes it take its time."""
    with opened(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.routes import route_figures

        loaded = cases.load(session.settings, session.stages)
        explanation = cases.explain(loaded, home, service, facility)
        figures = route_figures(loaded, explanation)
        if output is None:
            session.show(figures, "route")
        else:
            file = cases.write_route(loaded, explanation, output)
            session.show({**figures, "files": {"route": str(file)}}, "route", "files")


def what_if(
    study: StudyFile,
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="情景文件 / scenario files (YAML)")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="对比表 / CSV of the comparison")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """推演情景：增、迁、关设施，开门修路，改步速或标准 / What changes if something comes, moves or goes."""
    with opened(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.scenario_terminal import scenario_figures
        from livingcircle.settings.scenario import read_scenario

        asked = {str(file): read_scenario(file) for file in scenarios}
        loaded, shown = cases.load(session.settings, session.stages), session.settings.outputs.isochrone_minutes
        done = cases.what_if(loaded, session.settings, asked, session.stages)
        if output is not None:
            cases.write_scenarios(done, shown, output)
        session.show(scenario_figures(loaded, done, shown), "scenarios")


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="对比的基准研究 / the study to compare with (YAML)")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="另一研究 / the other study (YAML)")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="对比表的文件夹 / folder for its tables")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """对比两项研究：变了什么、因何而变 / What changed between two studies, and which input it comes from."""
    with opened(after, as_json, quiet, language) as session:
        from livingcircle.comparing import compare as compared
        from livingcircle.comparing import comparison_figures, write_comparison
        from livingcircle.settings import read_study

        found = compared(read_study(before), session.settings, session.stages)
        figures = comparison_figures(found)
        if output is not None:
            figures["files"] = {f"compare_{name}": str(file) for name, file in write_comparison(found, output).items()}
        session.show(figures, "compared", *(["files"] if output is not None else []))


def propose(
    study: StudyFile,
    service: Annotated[
        list[str] | None,
        typer.Option(
            help="服务类型，可重复（一室多用），默认按研究配置 / service type, several share sites; default: the study's tasks"
        ),
    ] = None,
    sites: Annotated[
        int | None, typer.Option(min=1, help="至多新增处数，默认 1 / at most so many new sites, default 1")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0.01, help="预算（万元）/ money (10,000 yuan)")] = None,
    target: Annotated[
        float | None,
        typer.Option(min=0.001, max=1, help="目标覆盖率，如 0.95：求最省的方案 / share to reach, at the least cost"),
    ] = None,
    close_unmet: Annotated[
        bool,
        typer.Option("--close-unmet", help="以最省的方案补齐不达标条文 / close every unmet clause at the least cost"),
    ] = False,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="全部候选点按增益排序 / rank all candidates by what they add")
    ] = False,
    limit_minutes: Annotated[float | None, typer.Option(min=0.1, help="步行时限，默认按标准 / walking limit")] = None,
    floor: Annotated[
        float | None,
        typer.Option(min=0.001, max=1, help="各分区最低覆盖率，如 0.8 / share every district has to reach"),
    ] = None,
    model: Annotated[AskedModel | None, typer.Option(help="求什么最优 / what is made best")] = None,
    group: Annotated[str | None, typer.Option(help="服务对象年龄组，如 60+ / whose needs count")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.1, help="求解时限（秒）/ seconds to search")] = None,
    standard: Standard = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """建议选址并证明其优劣 / Where the next ones should go, with a proof of how good the choice is.

    按一次 Ctrl-C 中止求解，给出此前最好的方案 / Ctrl-C ends the search once and shows the best plan so far.
    """
    stated = {
        "sites": sites,
        "budget_wan_yuan": budget,
        "target_share": target,
        "close_unmet": close_unmet or None,
        "ranking": ranking or None,
        "limit_minutes": limit_minutes,
        "floor_share": floor,
        "model": model,
        "group": group,
        "time_limit_seconds": time_limit,
    }
    asked: dict[str, object] = {key: value for key, value in stated.items() if value is not None}
    if asked and not service and not close_unmet:
        raise typer.BadParameter("这些选项须与 --service 或 --close-unmet 同用 / they need --service or --close-unmet")
    if service and not asked.keys() & {"sites", "budget_wan_yuan", "target_share", "close_unmet", "ranking"}:
        asked["sites"] = 1
    if service:
        asked |= {"service": service[0]} if len(service) == 1 else {"services": [{"service": one} for one in service]}
    siting = [asked] if asked else None
    with (
        opened(study, as_json, quiet, language, standard=standard, siting=siting) as session,
        stoppable(session) as is_stopped,
    ):
        from livingcircle import cases
        from livingcircle.render.summary import summary

        results = cases.answer(session.settings, session.stages, areas=False, is_stopped=is_stopped)
        session.show(summary(results), "plans", "warnings")
