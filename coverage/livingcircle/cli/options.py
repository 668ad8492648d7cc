"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="研究配置 / study file (YAML)")]


AsJson = Annotated[bool, typer.Option("--json", help="只打印一个 JSON 对象 / print one JSON object and nothing else")]


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="只报告错误 / report errors only")]


In = Annotated[
    Literal["zh", "en"] | None, typer.Option("--language", "-l", help="语言，默认随研究配置 / default: the study's")
]


Standard = Annotated[str | None, typer.Option(help="改用另一标准（编号或 YAML）/ another standard (id or YAML file)")]


Since = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="自该次运行后无变化则不重算：成果文件夹，或 last（本次要写的文件夹）"
        " / compute only if anything changed since that run: a run folder, or `last`",
    ),
]


RunFolder = Annotated[Path | None, typer.Option("--output", "-o", help="成果文件夹 / run folder")]


ToPostgis = Annotated[
    str | None,
    typer.Option(
        metavar="SCHEMA",
        help="同时写入 PostGIS 的模式，连接见 LIVING_CIRCLE_DATABASE / write to a schema of PostGIS, too",
    ),
]


Group = Annotated[
    Literal["everyone", "older", "children", "wheels"] | None,
    typer.Option("--walker", help="改为另一人群的步速和台阶 / another group's speed and stairs"),
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


OWN_TO_A_GROUP = dict.fromkeys(("name", "speed_metres_per_second", "stairs", "stairs_factor"))
"""Settings of a walker that another group brings along: what the study file says of them is put aside."""
