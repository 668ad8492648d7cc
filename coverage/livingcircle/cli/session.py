"""How a verb talks: progress while it works, then figures or faults, in words or as JSON, and an exit code."""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from livingcircle.cli.journal import note, note_faults, note_warnings, owns_stderr
from livingcircle.errors import LivingCircleError, SitingError
from livingcircle.faults import Fault, Language

if TYPE_CHECKING:
    from livingcircle.progress import Stages
    from livingcircle.settings import StudySettings


DONE, INTERNAL_ERROR, USAGE_ERROR, INPUT_ERROR, NO_FEASIBLE_PLAN, STANDARD_NOT_MET, NOT_REPRODUCED = range(7)


@dataclass(slots=True)
class Session:
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

    def tell(self, key: str, **values: str) -> None:
        """Say something on the way, on stderr, and in the journal."""
        from livingcircle.render.words import say

        note(key, values)
        if not (self.as_json or self.quiet or owns_stderr()):
            Console(stderr=True).print(say(key, self.language, **values), markup=False, highlight=False, soft_wrap=True)

    def show(self, figures: Mapping[str, Any], *parts: str) -> None:
        """Print figures: all of them as JSON, or some parts of them in words; what must be known of the data goes into the journal."""
        note_warnings(figures.get("warnings", ()))
        if self.as_json:
            print_json(figures)
        elif not self.quiet:
            from livingcircle.render.terminal import Terminal

            Terminal(Console(), self.language).show(figures, *parts)


@contextmanager
def opened(
    study: Path, as_json: bool, quiet: bool, language: Language | None, **overrides: object
) -> Iterator[Session]:
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
        if not (as_json or quiet or owns_stderr()):
            announce_compiling(said)
        with progress(shown=not (as_json or quiet)) as listener:
            staged = None if listener is None else lambda stage: listener(say(f"stage.{stage}", said))
            yield Session(settings, Stages(staged), said, as_json, quiet, listener)
    except LivingCircleError as error:
        report(error.faults, said, as_json)
        raise typer.Exit(NO_FEASIBLE_PLAN if isinstance(error, SitingError) else INPUT_ERROR) from error


@contextmanager
def stoppable(session: Session) -> Iterator[Callable[[float, float], bool]]:
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
def telling(language: Language, as_json: bool) -> Iterator[None]:
    """Turn errors into words and exit codes, for a verb that needs no study."""
    try:
        yield
    except LivingCircleError as error:
        report(error.faults, language, as_json)
        raise typer.Exit(INPUT_ERROR) from error


@contextmanager
def progress(*, shown: bool) -> Iterator[Any]:
    """Yield what shows how far a run is on stderr, None if nobody is there to see it."""
    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda said: bar.update(task, description=said)


def announce_compiling(language: Language) -> None:
    """Say why the first run takes longer, before it does."""
    from livingcircle.kernel.machine_code import is_first_run
    from livingcircle.render.words import say

    if is_first_run():
        Console(stderr=True).print(say("terminal.compiling", language), markup=False)


def report(faults: Iterable[Fault], language: Language, as_json: bool) -> None:
    """Say faults on stderr; as JSON on stdout as well, where that was asked for."""
    from livingcircle.render.summary import fault_records
    from livingcircle.render.terminal import Terminal

    told = list(faults)
    note_faults(told)
    if as_json:
        print_json({"faults": fault_records(told)})
    if not owns_stderr():
        Terminal(Console(stderr=True), language).faults(told)


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def asked_for_intervals(intervals: bool) -> dict[str, object] | None:
    """Return what the option adds to the study file: the usual ranges beside those it declares, or nothing."""
    return {} if intervals else None


def is_unmet(figures: Mapping[str, Any], advisory_too: bool) -> bool:
    """Return whether the whole study fails a clause that counts; baselines never do, nor requirements of a clause that does not."""
    counted = {"mandatory", "advisory", "target"} if advisory_too else {"mandatory"}
    binding = {row["rule_id"]: row["binding"] for row in figures["rules"]}
    requirements = [(row["requirement_id"], row) for row in figures["verdicts"] if row["scope"] == "study"]
    clauses = [(row["rule_id"], row) for row in figures["rule_verdicts"]]
    return any(
        row["verdict"] == "unmet" and binding.get(own, "mandatory") in counted for own, row in [*requirements, *clauses]
    )
