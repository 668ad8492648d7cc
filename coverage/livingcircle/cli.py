"""The command `living-circle`: arguments in, verbs called, words and exit codes out. No arithmetic, no file formats."""

from __future__ import annotations

import gc
import json
import math
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from livingcircle.errors import LivingCircleError, SitingError
from livingcircle.faults import Fault, Language

if TYPE_CHECKING:
    from livingcircle.model.batch import Done
    from livingcircle.progress import Stages
    from livingcircle.settings import StudySettings

DONE, INTERNAL_ERROR, USAGE_ERROR, INPUT_ERROR, NO_FEASIBLE_PLAN, STANDARD_NOT_MET = range(6)

app = typer.Typer(
    name="living-circle",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="15分钟生活圈规划工作台 / The desk on which a city plans its 15-minute living circle.",
    epilog=(
        "退出码 / exit codes: 0 完成 done; 1 程序错误 internal error; 2 用法错误 usage; 3 输入有误 faulty input; "
        "4 无可行方案 no feasible plan; 5 未达标 standard not met (--fail-if-unmet)"
    ),
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="研究配置 / study file (YAML)")]
AsJson = Annotated[bool, typer.Option("--json", help="只打印一个 JSON 对象 / print one JSON object and nothing else")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="只报告错误 / report errors only")]
In = Annotated[
    Literal["zh", "en"] | None, typer.Option("--language", "-l", help="语言，默认随研究配置 / default: the study's")
]
Standard = Annotated[str | None, typer.Option(help="改用另一标准（编号或 YAML）/ another standard (id or YAML file)")]
Group = Annotated[
    Literal["everyone", "older", "children", "wheels"] | None,
    typer.Option("--walker", help="改为另一人群的步速和台阶 / another group's speed and stairs"),
]
Model = Literal[
    "most_covered",
    "least_cost",
    "fewest_sites",
    "best_worst_share",
    "least_walk",
    "shortest_worst_walk",
    "most_served",
]
WithIntervals = Annotated[
    bool,
    typer.Option(
        "--intervals", help="计算覆盖率区间：步速、等候、出入口、接入距离变动 / how far figures move with assumptions"
    ),
]
FailIfUnmet = Annotated[
    bool,
    typer.Option(
        "--fail-if-unmet", help="总体有应执行条文不达标时退出码为 5 / exit 5 if a mandatory clause is unmet overall"
    ),
]
AdvisoryToo = Annotated[
    bool,
    typer.Option(
        "--advisory-too",
        help="推荐性条文和目标也计（与 --fail-if-unmet 同用）/ advisory clauses and targets count, too",
    ),
]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_TO_OTHERS = (
    "注意：监听 {bind}，网络上的其他人可以打开本页。请设置登录或由反向代理限制访问（docs/desk.md）。\n"
    "Note: listening on {bind}, so others on the network can open the page. Set up sign-in, or a proxy that does (docs/desk.md)."
)

OWN_TO_A_GROUP = dict.fromkeys(("name", "speed_metres_per_second", "stairs", "stairs_factor"))
"""Settings of a walker that another group brings along: what the study file says of them is put aside."""


# ── The verbs ───────────────────────────────────────────────────────────────


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="研究文件夹 / folder of the study")],
    sample: Annotated[
        bool,
        typer.Option(
            "--sample",
            help="复制示例（虚构的清河街道）：配置和全部数据，可直接运行 / copy the made-up sample, study file and data, ready to run",
        ),
    ] = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """新建研究：写出配置和待填的表格，或复制示例 / Begin a study: its study file and sheets to fill in, or the sample to replace."""
    said = language or "zh"
    try:
        from livingcircle import cases
        from livingcircle.render.terminal import Terminal

        files = cases.copy_sample(folder, said) if sample else cases.new_study(folder, said)
    except LivingCircleError as error:
        _report(error.faults, said, as_json=False)
        raise typer.Exit(INPUT_ERROR) from error
    if not quiet:
        Terminal(Console(), said).show({"new": {name: str(path) for name, path in files.items()}}, "new")


@app.command()
def check(
    study: StudyFile,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="网页报告 / report as a page")] = None,
    excel: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Excel 报告，标出有误的单元格 / workbook with bad cells marked")
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="把可确证的更正写成副本，逐项列出 / write corrected copies, and list each change"),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """检查全部输入文件 / Check every input file: all faults in one report, before anything is computed."""
    with _session(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.summary import check_summary

        checked = cases.check(session.settings, session.stages)
        cases.write_check(checked, session.settings, page=html, book=excel, language=session.language)
        figures = check_summary(checked.study, checked.files)
        written = {name: str(file) for name, file in (("page", html), ("book", excel)) if file is not None}
        fixed = cases.write_fixed(checked, study.resolve().parent).figures if fix else None
        parts = ("check", "fixed", "written") if fix else ("check", "written")
        session.show({**figures, **({"fixed": fixed} if fix else {}), "written": written}, *parts)
        if checked.faults:
            raise typer.Exit(INPUT_ERROR)


@app.command()
def checklist(
    study: StudyFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="写入的 .xlsx，默认在研究配置旁 / default: beside the study")
    ] = None,
    standard: Standard = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """写出须人工答复的核查表，填写后再读入 / Write the sheet of questions for people; the next run reads the answers."""
    with _session(study, as_json, quiet, language, standard=standard) as session:
        from livingcircle import cases

        file = output or study.resolve().parent / "checklist.xlsx"
        written = cases.write_checklist(session.settings, file, session.language)
        figures = {
            "questions": written.questions,
            "rows": written.rows,
            "answered": written.answered,
            "file": str(written.file),
        }
        session.show({"checklist": figures} if not as_json else figures, "checklist")


@app.command()
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
    asked = {"standard": standard, "walker": group, "intervals": _asked(intervals), "siting": siting}
    with _session(study, as_json, quiet, language, **asked) as session:
        from livingcircle import cases
        from livingcircle.render.summary import summary

        figures = summary(cases.answer(session.settings, session.stages, areas=False, siting=False))
        session.show(figures, "coverage", "access", "clauses", "warnings")
        if fail_if_unmet and _is_unmet(figures, advisory_too):
            raise typer.Exit(STANDARD_NOT_MET)


@app.command()
def trace(
    study: StudyFile,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="成果文件 / GeoPackage to write")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """绘制等时圈和缺口片区 / Draw isochrones and gap areas into a GeoPackage."""
    with _session(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.summary import summary

        results = cases.answer(session.settings, session.stages, siting=False)
        file = cases.write_areas(results, session.settings, output)
        session.show({**summary(results), "files": {"geopackage": str(file)}}, "areas", "warnings", "files")


@app.command()
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
    with _session(study, as_json, quiet, language) as session:
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


@app.command()
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
    with _session(study, as_json, quiet, language, standard=standard, walker=group) as session:
        from livingcircle import cases
        from livingcircle.render.diagnosis import diagnosis_figures

        results = cases.answer(session.settings, session.stages, siting=False)
        session.show(diagnosis_figures(results, cases.service_asked(results.study, service)), "gap_list", "warnings")


@app.command("what-if")
def what_if(
    study: StudyFile,
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="情景文件 / scenario files (YAML)")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="对比表 / CSV of the comparison")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """推演情景：增、迁、关设施，开门修路，改步速或标准 / What changes if something comes, moves or goes."""
    with _session(study, as_json, quiet, language) as session:
        from livingcircle import cases
        from livingcircle.render.scenario_terminal import scenario_figures
        from livingcircle.settings.scenario import read_scenario

        asked = {str(file): read_scenario(file) for file in scenarios}
        loaded, shown = cases.load(session.settings, session.stages), session.settings.outputs.isochrone_minutes
        done = cases.what_if(loaded, session.settings, asked, session.stages)
        if output is not None:
            cases.write_scenarios(done, shown, output)
        session.show(scenario_figures(loaded, done, shown), "scenarios")


@app.command()
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
    with _session(after, as_json, quiet, language) as session:
        from livingcircle.comparing import compare as compared
        from livingcircle.comparing import comparison_figures, write_comparison
        from livingcircle.settings import read_study

        found = compared(read_study(before), session.settings, session.stages)
        figures = comparison_figures(found)
        if output is not None:
            figures["files"] = {f"compare_{name}": str(file) for name, file in write_comparison(found, output).items()}
        session.show(figures, "compared", *(["files"] if output is not None else []))


@app.command()
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
    model: Annotated[Model | None, typer.Option(help="求什么最优 / what is made best")] = None,
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
        _session(study, as_json, quiet, language, standard=standard, siting=siting) as session,
        _stoppable(session) as is_stopped,
    ):
        from livingcircle import cases
        from livingcircle.render.summary import summary

        results = cases.answer(session.settings, session.stages, areas=False, is_stopped=is_stopped)
        session.show(summary(results), "plans", "warnings")


@app.command()
def run(
    study: StudyFile,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="成果文件夹 / run folder")] = None,
    standard: Standard = None,
    intervals: WithIntervals = False,
    fail_if_unmet: FailIfUnmet = False,
    advisory_too: AdvisoryToo = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """完成全部计算，写出地图、表格和方案 / Do everything; write map, tables and plan into one folder."""
    overrides = {"outputs": {"language": language}} if language else {}
    with _session(
        study, as_json, quiet, language, standard=standard, intervals=_asked(intervals), **overrides
    ) as session:
        from livingcircle import cases

        done = cases.run(session.settings, session.stages, output)
        figures = {**done.figures, "files": {name: str(path) for name, path in done.files.items()}}
        session.show(figures, "coverage", "access", "clauses", "plans", "warnings", "files")
        if fail_if_unmet and _is_unmet(figures, advisory_too):
            raise typer.Exit(STANDARD_NOT_MET)


@app.command()
def batch(
    city: Annotated[Path, typer.Argument(metavar="CITY", help="批处理文件 / batch file (YAML)")],
    workers: Annotated[int | None, typer.Option(min=1, help="同时计算的研究数 / studies at once")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask 调度器地址 / address of a Dask scheduler")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="全部重算 / compute everything again")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """批量计算多项研究并合并为全市结果 / Many studies in one go, merged into a city; goes on where it was interrupted."""
    said: Language = language or "zh"
    with _telling(said, as_json):
        from livingcircle.batch import batch_figures, run_city
        from livingcircle.render.batch_terminal import progress_line

        def tell(done: Done, count: int, total: int) -> None:
            if not (as_json or quiet):
                typer.echo(progress_line(done, count, total, said), err=True)

        results = run_city(city, workers=workers, scheduler=scheduler, fresh=fresh, tell=tell)
    figures = batch_figures(results)
    if as_json:
        _print_json(figures)
    elif not quiet:
        from livingcircle.render.batch_terminal import print_batch

        print_batch(figures, said, Console())
    if not all(done.is_done for done in results.studies):
        raise typer.Exit(INPUT_ERROR)


@app.command()
def fetch(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="研究配置 / study file (YAML)")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="写入的 .osm.pbf，默认为研究配置中的路网文件 / default: the study's network"
        ),
    ] = None,
    place: Annotated[str | None, typer.Option(help="地名 / a place, e.g. “Gulou, Nanjing, China”")] = None,
    box: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option(metavar="W S E N", help="西 南 东 北（度，WGS84）/ west south east north in degrees"),
    ] = None,
    area: Annotated[Path | None, typer.Option(metavar="FILE", help="面图层 / a layer of polygons")] = None,
    buffer: Annotated[float, typer.Option(min=0, help="向外扩展（米）/ metres around it")] = 1500.0,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="数据日期，默认最新 / the day the data are of; default: the latest"),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="重新下载并替换 / ask again, and replace the file")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """从 OpenStreetMap 下载研究区（道路、建筑、设施、大门），写成一个离线文件 / Fetch an area of OpenStreetMap into one file."""
    if sum(given is not None for given in (place, box, area)) > 1:
        raise typer.BadParameter("--place、--box、--area 只能给一个 / give one of them")
    with _telling(language or "zh", as_json):
        from livingcircle.downloads import fetch as fetch_area
        from livingcircle.readers import OSM_ATTRIBUTION
        from livingcircle.render.words import say
        from livingcircle.settings import read_study

        settings = None if study is None else read_study(study)
        said = language or ("zh" if settings is None else settings.outputs.language)
        console = Console(stderr=True)

        def tell(event: str, figures: Mapping[str, str | float]) -> None:
            if not (as_json or quiet):
                console.print(say(f"fetch.{event}", said, **figures), markup=False, highlight=False)

        fetched = fetch_area(
            settings,
            output,
            place=place,
            box=box,
            area=area,
            buffer_metres=buffer,
            date=None if date is None else date.date(),
            refresh=refresh,
            tell=tell,
        )
        figures: dict[str, str | int] = {
            "path": str(fetched.path),
            "streets": fetched.streets,
            "date": fetched.date[:10] or "—",
            "credit": OSM_ATTRIBUTION,
        }
        if as_json:
            _print_json({**figures, "tiles": fetched.tiles, "kept": fetched.kept})
        elif not quiet:
            Console().print(say("fetch.done", said, **figures), markup=False, highlight=False, soft_wrap=True)


# ── The rest ────────────────────────────────────────────────────────────────


@app.command(name="app")
def desk(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="[STUDY]", help="研究配置或其文件夹 / study file (YAML), or a folder of them"),
    ] = None,
    port: Annotated[int, typer.Option(help="端口 / port")] = 8501,
    bind: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    headless: Annotated[bool, typer.Option(help="不打开浏览器 / do not open a browser")] = False,
) -> None:
    """打开网页工作台 / Open the page in a browser."""
    if find_spec("streamlit") is None:
        Console(stderr=True).print("需要网页组件 / the page needs: pip install 'living-circle[app]'", markup=False)
        raise typer.Exit(USAGE_ERROR)
    if bind not in LOOPBACK:
        Console(stderr=True).print(OPEN_TO_OTHERS.format(bind=bind), markup=False, highlight=False)
    options = {
        "server.port": port,
        "server.address": bind,
        "server.headless": headless,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
    }
    flags = [f"--{name}={str(value).lower()}" for name, value in options.items()]
    page = [sys.executable, "-m", "streamlit", "run", str(_page()), *flags, "--", *([str(study)] if study else [])]
    raise typer.Exit(subprocess.call(page))  # noqa: S603 - our own page, with the arguments given here


@app.command()
def standards(
    what: Annotated[
        Literal["list", "show", "services"],
        typer.Argument(
            help="标准一览，一套标准的条文，服务类型 / the standards, the clauses of one, the service types"
        ),
    ] = "list",
    standard: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="标准或文件编号，或 YAML / id of a standard or document, or YAML"),
    ] = None,
    as_json: AsJson = False,
    language: In = None,
) -> None:
    """列出内置标准，或显示一套标准的全部条文与出处 / List the standards, or every clause of one with its source."""
    from livingcircle import clauses
    from livingcircle.render.standard_lists import print_library, print_services, print_standard

    said = language or "zh"
    console = Console(highlight=False)
    if what == "show" and standard is None:
        raise typer.BadParameter("living-circle standards show ID")
    with _telling(said, as_json):
        if what == "services":
            figures, show = clauses.service_list(), print_services
        elif what == "show":
            figures, show = clauses.clauses_of(standard or ""), print_standard
        else:
            figures, show = clauses.overview(), print_library
    if as_json:
        _print_json(figures)
    else:
        show(figures, said, console.width, lambda line, style: console.print(Text(line, style), soft_wrap=True))


@app.command()
def schema(
    output: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="写入的文件 / file to write")] = None,
    standard: Annotated[
        bool, typer.Option("--standard", help="自定义标准的 Schema / that of standards of one's own")
    ] = False,
) -> None:
    """打印研究配置的 JSON Schema / Print the JSON schema of study files, for editors."""
    from livingcircle.settings import schema as study_schema
    from livingcircle.sources.standards import standard_schema

    text = standard_schema() if standard else study_schema()
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="\n")


@app.command()
def info(as_json: AsJson = False, language: In = None) -> None:
    """显示版本、内置标准和本机情况 / Versions, built-in standards, and what this machine offers."""
    from livingcircle.provenance import about
    from livingcircle.render.terminal import Terminal

    facts = about()
    if as_json:
        _print_json(facts)
    else:
        Terminal(Console(), language or "zh").show(facts, "about")


def main() -> None:
    """Run the command; what the user can act on is said in words, anything else is a defect and shows where it is."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")  # what Windows would choose for a pipe lacks ©
    gc.set_threshold(
        200_000, 50, 50
    )  # a command lives for seconds; hunting for cycles every 700 objects costs a tenth of them
    try:
        app()
    except KeyboardInterrupt:
        from livingcircle.render.words import say

        sys.stderr.write(f"{say('terminal.interrupted', 'zh')} / {say('terminal.interrupted', 'en')}\n")
        sys.exit(130)
    except Exception:  # noqa: BLE001 - the last place to catch anything
        traceback.print_exc()
        sys.stderr.write("程序错误，请将以上内容报告给维护者 / internal error: please report the lines above\n")
        sys.exit(INTERNAL_ERROR)


# ── How a verb talks ────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Session:
    """One call of a verb: its settings, and how it reports."""

    settings: StudySettings
    stages: Stages
    language: Language
    as_json: bool
    quiet: bool
    listener: Callable[[str], None] | None = None

    def found(self, value: float, bound: float) -> None:
        """Show how good the best plan so far is, and how good any could be."""
        if self.listener is not None and math.isfinite(value) and math.isfinite(bound):
            from livingcircle.render.words import say

            gap = abs(bound - value) / abs(bound) if bound else 0.0
            self.listener(
                say("terminal.solving", self.language, value=f"{value:,.6g}", bound=f"{bound:,.6g}", gap=f"{gap:.2%}")
            )

    def show(self, figures: Mapping[str, Any], *parts: str) -> None:
        """Print figures: all of them as JSON, or some parts of them in words."""
        if self.as_json:
            _print_json(figures)
        elif not self.quiet:
            from livingcircle.render.terminal import Terminal

            Terminal(Console(), self.language).show(figures, *parts)


def _asked(intervals: bool) -> dict[str, object] | None:
    """Return what the option adds to the study file: the usual ranges beside those it declares, or nothing."""
    return {} if intervals else None


@contextmanager
def _session(
    study: Path, as_json: bool, quiet: bool, language: Language | None, **overrides: object
) -> Iterator[_Session]:
    """Read the settings, show progress meanwhile, and turn errors into words and exit codes."""
    said = language or "zh"
    standard = overrides.get("standard")
    if isinstance(standard, str) and Path(standard).suffix:
        overrides["standard"] = str(Path(standard).resolve())  # the caller's folder, not the study file's
    try:
        from livingcircle.progress import Stages
        from livingcircle.render.words import say
        from livingcircle.settings import read_study

        settings = read_study(study, {name: value for name, value in overrides.items() if value is not None})
        said = language or settings.outputs.language
        if not (as_json or quiet):
            _announce_compiling(said)
        with _progress(shown=not (as_json or quiet)) as listener:
            staged = None if listener is None else lambda stage: listener(say(f"stage.{stage}", said))
            yield _Session(settings, Stages(staged), said, as_json, quiet, listener)
    except LivingCircleError as error:
        _report(error.faults, said, as_json)
        raise typer.Exit(NO_FEASIBLE_PLAN if isinstance(error, SitingError) else INPUT_ERROR) from error


@contextmanager
def _stoppable(session: _Session) -> Iterator[Callable[[float, float], bool]]:
    """Let the first Ctrl-C end the search for a plan, from when a solver is at work; before that, and the second one, end the command.

    What is yielded is asked by solvers whether to stop, and shows how far they are.
    """
    from livingcircle.render.words import say

    asked = solving = False

    def is_stopped(value: float, bound: float) -> bool:
        nonlocal solving
        solving = True
        session.found(value, bound)
        return asked

    def interrupted(*_: object) -> None:
        nonlocal asked
        if asked or not solving:
            raise KeyboardInterrupt
        asked = True
        sys.stderr.write(say("terminal.stopping", session.language) + "\n")

    if threading.current_thread() is not threading.main_thread():
        yield is_stopped
        return
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield is_stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _telling(language: Language, as_json: bool) -> Iterator[None]:
    """Turn errors into words and exit codes, for a verb that needs no study."""
    try:
        yield
    except LivingCircleError as error:
        _report(error.faults, language, as_json)
        raise typer.Exit(INPUT_ERROR) from error


@contextmanager
def _progress(*, shown: bool) -> Iterator[Any]:
    """Yield what shows how far a run is on stderr, None if nobody is there to see it."""
    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda said: bar.update(task, description=said)


def _announce_compiling(language: Language) -> None:
    """Say why the first run takes longer, before it does."""
    from livingcircle.kernel.machine_code import is_first_run
    from livingcircle.render.words import say

    if is_first_run():
        Console(stderr=True).print(say("terminal.compiling", language), markup=False)


def _report(faults: Iterable[Fault], language: Language, as_json: bool) -> None:
    from livingcircle.render.summary import fault_records
    from livingcircle.render.terminal import Terminal

    if as_json:
        _print_json({"faults": fault_records(faults)})
    Terminal(Console(stderr=True), language).faults(faults)


def _is_unmet(figures: Mapping[str, Any], advisory_too: bool) -> bool:
    """Return whether the whole study fails a clause that counts; baselines never do, nor requirements of a clause that does not."""
    counted = {"mandatory", "advisory", "target"} if advisory_too else {"mandatory"}
    binding = {row["rule_id"]: row["binding"] for row in figures["rules"]}
    requirements = [(row["requirement_id"], row) for row in figures["verdicts"] if row["scope"] == "study"]
    clauses = [(row["rule_id"], row) for row in figures["rule_verdicts"]]
    return any(
        row["verdict"] == "unmet" and binding.get(own, "mandatory") in counted for own, row in [*requirements, *clauses]
    )


def _print_json(content: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def _page() -> Path:
    """Return the page's script: beside the package in a wheel, in the source tree otherwise."""
    package = Path(__file__).resolve().parent
    installed = package / "apps" / "streamlit_app.py"
    return installed if installed.is_file() else package.parents[1] / "apps" / "streamlit_app.py"
