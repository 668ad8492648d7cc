"""The command `living-circle`: arguments in, verbs called, words and exit codes out. No arithmetic, no file formats."""

from __future__ import annotations

import gc
import sys
import traceback
from io import TextIOWrapper

import typer

from livingcircle.cli import answering, looking, preparing, repeating, running
from livingcircle.cli.journal import INTERRUPTED, journaled, tell_interrupted
from livingcircle.cli.session import (
    DONE,
    INPUT_ERROR,
    INTERNAL_ERROR,
    NO_FEASIBLE_PLAN,
    NOT_REPRODUCED,
    STANDARD_NOT_MET,
    USAGE_ERROR,
)

__all__ = [
    "DONE",
    "INPUT_ERROR",
    "INTERNAL_ERROR",
    "NOT_REPRODUCED",
    "NO_FEASIBLE_PLAN",
    "STANDARD_NOT_MET",
    "USAGE_ERROR",
    "app",
    "main",
]

app = typer.Typer(
    name="living-circle",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="15分钟生活圈规划工作台 / The desk on which a city plans its 15-minute living circle.",
    epilog=(
        "退出码 / exit codes: 0 完成 done; 1 程序错误 internal error; 2 用法错误 usage; 3 输入有误 faulty input; "
        "4 无可行方案 no feasible plan; 5 未达标 standard not met (--fail-if-unmet); 6 重算结果不同 a replay differs; "
        "130 被中断 interrupted"
    ),
)

for _verb in (
    preparing.new,
    preparing.check,
    preparing.checklist,
    answering.assess,
    answering.trace,
    answering.explain,
    answering.diagnose,
    answering.what_if,
    answering.compare,
    answering.propose,
    running.run,
    running.report,
    running.batch,
    repeating.replay,
    preparing.fetch,
    looking.desk,
    looking.standards,
    looking.schema,
    looking.info,
):
    app.command("app" if _verb is looking.desk else None)(journaled(_verb))


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
        tell_interrupted()
        sys.exit(INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last place to catch anything
        traceback.print_exc()
        sys.stderr.write("程序错误，请将以上内容报告给维护者 / internal error: please report the lines above\n")
        sys.exit(INTERNAL_ERROR)
