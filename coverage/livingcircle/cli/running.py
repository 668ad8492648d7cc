"""Verbs that compute everything and leave it in folders: one study, or a whole city of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from livingcircle.cli.journal import note_city, note_study, owns_stderr
from livingcircle.cli.options import (
    AdvisoryToo,
    AsJson,
    FailIfUnmet,
    In,
    Quiet,
    RunFolder,
    Since,
    Standard,
    StudyFile,
    ToPostgis,
    WithIntervals,
)
from livingcircle.cli.repeating import Report, unchanged
from livingcircle.cli.session import (
    INPUT_ERROR,
    STANDARD_NOT_MET,
    USAGE_ERROR,
    Session,
    asked_for_intervals,
    is_unmet,
    opened,
    print_json,
    telling,
)
from livingcircle.faults import Language

if TYPE_CHECKING:
    from livingcircle.cases import Run
    from livingcircle.model.batch import Done


def run(
    study: StudyFile,
    output: RunFolder = None,
    standard: Standard = None,
    intervals: WithIntervals = False,
    to_postgis: ToPostgis = None,
    since: Since = None,
    fail_if_unmet: FailIfUnmet = False,
    advisory_too: AdvisoryToo = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """完成全部计算，写出地图、表格和方案 / Do everything; write map, tables and plan into one folder."""
    with opened(study, as_json, quiet, language, **_asked(standard, intervals, to_postgis, language)) as session:
        from livingcircle import cases

        figures = None if since is None else unchanged(session, since, output)
        if figures is None:
            figures = _figures(cases.run(session.settings, session.stages, output))
        _tell(session, figures, fail_if_unmet, advisory_too)


def report(
    study: StudyFile,
    output: RunFolder = None,
    before: Annotated[
        Path | None,
        typer.Option(
            "--before",
            metavar="OTHER",
            help="与之对比的研究，如上一年度 / compare with another study, such as last year's",
        ),
    ] = None,
    standard: Standard = None,
    intervals: WithIntervals = False,
    to_postgis: ToPostgis = None,
    since: Since = None,
    fail_if_unmet: FailIfUnmet = False,
    advisory_too: AdvisoryToo = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """完成全部计算，并写出报告（Word、PDF、网页）和成套地图 / Do everything, with a report (Word, PDF, page) and maps for print."""
    from livingcircle.render.report import FILES, missing_libraries

    if missing := missing_libraries():
        names = ", ".join(missing)
        needs = f"报告需要 {names} / the report needs {names}: pip install 'living-circle[report]'"
        Console(stderr=True).print(needs, markup=False, highlight=False)
        raise typer.Exit(USAGE_ERROR)
    with opened(study, as_json, quiet, language, **_asked(standard, intervals, to_postgis, language)) as session:
        from livingcircle import cases
        from livingcircle.comparing import change_of, compare
        from livingcircle.settings import read_study

        other = None if before is None else read_study(before)
        figures = None if since is None else unchanged(session, since, output, Report(FILES, other))
        if figures is None:
            change = None if other is None else change_of(compare(other, session.settings, session.stages))
            figures = _figures(cases.report(session.settings, session.stages, output, change))
        _tell(session, figures, fail_if_unmet, advisory_too)


def _asked(
    standard: str | None, intervals: bool, to_postgis: str | None, language: Language | None
) -> dict[str, object]:
    """Return what the options of both verbs put in the place of settings."""
    database = None if to_postgis is None else {"schema_name": to_postgis}
    outputs = {key: value for key, value in {"language": language, "postgis": database}.items() if value is not None}
    return {"standard": standard, "intervals": asked_for_intervals(intervals), "outputs": outputs or None}


def _figures(done: Run) -> dict[str, Any]:
    return {**done.figures, "files": {name: str(path) for name, path in done.files.items()}}


def _tell(session: Session, figures: dict[str, Any], fail_if_unmet: bool, advisory_too: bool) -> None:
    """Show what both verbs found, and end with its exit code where a clause is not met."""
    session.show(figures, "coverage", "access", "clauses", "plans", "warnings", "files")
    if fail_if_unmet and is_unmet(figures, advisory_too):
        raise typer.Exit(STANDARD_NOT_MET)


def batch(
    city: Annotated[Path, typer.Argument(metavar="CITY", help="批处理文件 / batch file (YAML)")],
    workers: Annotated[int | None, typer.Option(min=1, help="同时计算的研究数 / studies at once")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask 调度器地址 / address of a Dask scheduler")
    ] = None,
    tiles: Annotated[
        int | None,
        typer.Option(min=1, help="分块数；CITY 可为单个研究 / cut studies into tiles; CITY may be one study"),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="全部重算 / compute everything again")] = False,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="沿用另一次批量成果中无变化的研究 / take over what has not changed since another batch, from its folder",
        ),
    ] = None,
    prints: Annotated[
        bool, typer.Option("--prints", help="另制打印地图（PNG、PDF）/ maps of the city for print, too (PNG, PDF)")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: In = None,
) -> None:
    """批量计算多项研究并合并为全市结果 / Many studies in one go, merged into a city; goes on where it was interrupted."""
    if fresh and since is not None:
        raise typer.BadParameter("--fresh 与 --since 不能同用 / --fresh cannot be used with --since")
    from livingcircle.settings.batch import language_of

    said: Language = language or language_of(city)
    with telling(said, as_json):
        from livingcircle.batch import batch_figures, run_city
        from livingcircle.render.batch_terminal import progress_line

        def tell(done: Done, count: int, total: int) -> None:
            note_study(done.study, "skipped" if done.skipped else done.status, done.seconds, done.faults)
            if not (owns_stderr() or (done.is_done and (as_json or quiet))):
                typer.echo(progress_line(done, count, total, said), err=True)

        results = run_city(
            city,
            workers=workers,
            scheduler=scheduler,
            tiles=tiles,
            prints=prints or None,
            fresh=fresh,
            since=since,
            tell=tell,
        )
    figures = batch_figures(results)
    note_city(figures["warnings"])
    faulty = [told[said] for told in figures["warnings"] if told["severity"] == "fault"]
    if as_json:
        print_json(figures)
    elif not quiet:
        from livingcircle.render.batch_terminal import print_batch

        print_batch(figures, said, Console())
    elif not owns_stderr():
        for one in faulty:
            typer.echo(one, err=True)
    if faulty or not all(done.is_done for done in results.studies):
        raise typer.Exit(INPUT_ERROR)
