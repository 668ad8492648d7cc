"""Verbs that need no study: the page, the standards, the schema of study files, and what this machine offers."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from livingcircle.cli.options import (
    AsJson,
    In,
)
from livingcircle.cli.session import (
    USAGE_ERROR,
    print_json,
    telling,
)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


OPEN_TO_OTHERS = (
    "注意：监听 {bind}，网络上的其他人可以打开本页。请设置登录或由反向代理限制访问（docs/desk.md）。\n"
    "Note: listening on {bind}, so others on the network can open the page. Set up sign-in, or a proxy that does (docs/desk.md)."
)


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
    from streamlit.web.cli import main as streamlit  # in this process, so that whoever ends it ends the page

    streamlit(["run", str(page_script()), *flags, "--", *([str(study)] if study else [])])


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
    with telling(said, as_json):
        if what == "services":
            figures, show = clauses.service_list(), print_services
        elif what == "show":
            figures, show = clauses.clauses_of(standard or ""), print_standard
        else:
            figures, show = clauses.overview(), print_library
    if as_json:
        print_json(figures)
    else:
        show(figures, said, console.width, lambda line, style: console.print(Text(line, style), soft_wrap=True))


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
        from livingcircle.render.folder import write_text_file

        with telling("zh", as_json=False):
            write_text_file(output, text)


def info(as_json: AsJson = False, language: In = None) -> None:
    """显示版本、内置标准和本机情况 / Versions, built-in standards, and what this machine offers."""
    from livingcircle.provenance import about
    from livingcircle.render.terminal import Terminal

    facts = about()
    if as_json:
        print_json(facts)
    else:
        Terminal(Console(), language or "zh").show(facts, "about")


def page_script() -> Path:
    """Return the page's script: beside the package in a wheel, in the source tree otherwise."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "apps" / "streamlit_app.py"
    return installed if installed.is_file() else package.parents[1] / "apps" / "streamlit_app.py"
