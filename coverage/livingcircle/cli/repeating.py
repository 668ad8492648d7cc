"""Verbs that make again what was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from livingcircle.cli.options import AsJson, In, Quiet
from livingcircle.cli.session import NOT_REPRODUCED, print_json, progress, telling
from livingcircle.faults import Language


def replay(
    record: Annotated[Path, typer.Argument(metavar="RUN", help="成果文件夹或 run.json / run folder, or its run.json")],
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="输入文件所在文件夹，可重复；默认当前文件夹和成果文件夹 / where inputs are; default: this folder and the record's",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="保留新成果的文件夹 / folder to keep the new run in")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """由运行记录重新计算，逐字节核对成果 / Make a run again from its record, and compare what it gives byte by byte."""
    said: Language = language or "zh"
    with telling(said, as_json), progress(shown=not (as_json or quiet)) as listener:
        from livingcircle.progress import Stages
        from livingcircle.render.words import say
        from livingcircle.replaying import replay as replayed
        from livingcircle.replaying import replay_figures

        staged = None if listener is None else lambda stage: listener(say(f"stage.{stage}", said))
        figures = replay_figures(replayed(record, inputs or (), output, Stages(staged)))
    if as_json:
        print_json(figures)
    elif not quiet:
        from livingcircle.render.replay_terminal import print_replay

        print_replay(figures, said, Console())
    if not figures["identical"]:
        raise typer.Exit(NOT_REPRODUCED)
