"""Verbs before a study is computed: begin it, fetch its streets, check its files, ask people what no file says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from livingcircle.cli.options import (
    AsJson,
    In,
    Quiet,
    Standard,
    StudyFile,
)
from livingcircle.cli.session import (
    INPUT_ERROR,
    opened,
    print_json,
    report,
    telling,
)
from livingcircle.errors import LivingCircleError


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
        report(error.faults, said, as_json=False)
        raise typer.Exit(INPUT_ERROR) from error
    if not quiet:
        Terminal(Console(), said).show({"new": {name: str(path) for name, path in files.items()}}, "new")


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
    with telling(language or "zh", as_json):
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
            print_json({**figures, "tiles": fetched.tiles, "kept": fetched.kept})
        elif not quiet:
            Console().print(say("fetch.done", said, **figures), markup=False, highlight=False, soft_wrap=True)


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
    with opened(study, as_json, quiet, language) as session:
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
    with opened(study, as_json, quiet, language, standard=standard) as session:
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
