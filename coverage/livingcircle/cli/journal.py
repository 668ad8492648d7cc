"""A journal of one call, for those who are not there when it runs: beginning, stages, studies, faults and end, a line each.

Everything goes through the logger `livingcircle` of the standard library; stages log themselves. Without `--log` nothing is kept.
"""

from __future__ import annotations

import functools
import inspect
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from livingcircle.faults import Fault
from livingcircle.progress import LOGGER

INTERRUPTED = 130
_UNWRITTEN = "日志无法写入 / the journal cannot be written"
LEVELS = {"fault": logging.ERROR, "warning": logging.WARNING, "note": logging.INFO}

Log = Annotated[
    Path | None,
    typer.Option(
        "--log", metavar="FILE", envvar="LIVING_CIRCLE_LOG", help="运行日志，追加 / journal of the call, appended"
    ),
]
LogJson = Annotated[
    bool,
    typer.Option(
        "--log-json",
        envvar="LIVING_CIRCLE_LOG_JSON",
        help="日志每行一个 JSON；未指定 --log 时写到标准错误 / a JSON object per line; on stderr without --log",
    ),
]


def journaled(verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb that also takes `--log` and `--log-json`, and keeps a journal where either is given."""

    @functools.wraps(verb)
    def call(*, log: Path | None = None, log_json: bool = False, **arguments: Any) -> None:
        of = next((str(value) for value in arguments.values() if isinstance(value, Path)), "")
        try:
            if log is None and not log_json:
                verb(**arguments)
                return
            with _kept(log, _Lines({"verb": verb.__name__.replace("_", "-"), "of": of}, as_json=log_json)):
                _journal(verb, arguments)
        except KeyboardInterrupt as ended:
            if log is not None or not log_json:
                tell_interrupted()
            raise typer.Exit(INTERRUPTED) from ended

    signature = inspect.signature(verb, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, default, kind in (("log", None, Log), ("log_json", False, LogJson))
    ]
    shown = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=[*shown, *added])  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in (*shown, *added)}
    return call


def tell_interrupted() -> None:
    """Say on stderr that somebody has ended the command."""
    from livingcircle.render.words import say

    typer.echo(f"{say('terminal.interrupted', 'zh')} / {say('terminal.interrupted', 'en')}", err=True)


def _journal(verb: Callable[..., None], arguments: Mapping[str, Any]) -> None:
    started, code = time.perf_counter(), 0
    LOGGER.info("begin", extra={"facts": {}})
    try:
        verb(**arguments)
    except typer.Exit as ended:
        code = ended.exit_code
        raise
    except typer.BadParameter as wrong:
        code = wrong.exit_code
        LOGGER.error("usage", extra={"facts": {"reason": wrong.message}})
        if owns_stderr():
            raise typer.Exit(code) from wrong  # it is told; words would spoil the journal
        raise
    except KeyboardInterrupt:
        code = INTERRUPTED
        raise
    except Exception as defect:
        code = 1
        LOGGER.critical("defect", exc_info=True, extra={"facts": {"reason": f"{type(defect).__name__}: {defect}"}})
        raise
    finally:
        facts = {"exit_code": code, "seconds": round(time.perf_counter() - started, 3)}
        LOGGER.log(logging.INFO if code == 0 else logging.ERROR, "end", extra={"facts": facts})


def note(event: str, facts: Mapping[str, str]) -> None:
    """Log what was said on the way."""
    LOGGER.info(event, extra={"facts": facts})


def note_faults(faults: Iterable[Fault]) -> None:
    """Log faults, warnings and notes, each with its place and its sentence in both languages."""
    for fault in faults:
        facts = {
            "kind": fault.kind,
            "file": fault.file,
            "row": fault.row,
            "sentence": {"zh": fault.sentence("zh"), "en": fault.sentence("en")},
        }
        LOGGER.log(LEVELS[fault.severity], fault.severity, extra={"facts": facts})


def note_warnings(records: Iterable[Mapping[str, Any]]) -> None:
    """Log the warnings that stand in figures."""
    for record in records:
        facts = {name: record[name] for name in ("kind", "file", "row", "sentence")}
        LOGGER.warning("warning", extra={"facts": facts})


def note_city(warnings: Iterable[Mapping[str, str]]) -> None:
    """Log what must be known of a city that was merged."""
    for warning in warnings:
        facts = {"kind": warning["kind"], "sentence": {language: warning[language] for language in ("zh", "en")}}
        LOGGER.log(LEVELS[warning["severity"]], warning["severity"], extra={"facts": facts})


def note_study(study: str, status: str, seconds: float, faults: Iterable[Mapping[str, str]]) -> None:
    """Log what became of one study of a batch, with the sentences of its faults."""
    facts = {
        "study": study,
        "status": status,
        "seconds": round(seconds, 3),
        "faults": [dict(fault) for fault in faults],
    }
    LOGGER.log(logging.ERROR if status == "failed" else logging.INFO, "study", extra={"facts": facts})


def owns_stderr() -> bool:
    """Whether the journal is on stderr, where words between its lines would spoil it."""
    return any(getattr(handler, "stream", None) is sys.stderr for handler in LOGGER.handlers)


@contextmanager
def _kept(file: Path | None, lines: logging.Formatter) -> Iterator[None]:
    """Let the logger write to a file, or to stderr, while a verb runs."""
    try:
        handler = logging.StreamHandler(sys.stderr) if file is None else _appending(file)
    except OSError as error:
        said = f"{_UNWRITTEN}: {file}: {error.strerror}"
        raise typer.BadParameter(said) from error
    handler.setFormatter(lines)
    level, passed_on = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        LOGGER.propagate = passed_on
        handler.close()


def _appending(file: Path) -> logging.FileHandler:
    file.parent.mkdir(parents=True, exist_ok=True)
    return _File(file, encoding="utf-8")


class _File(logging.FileHandler):
    """A journal on a disk that may fill up meanwhile: that is said once, and stops nothing."""

    is_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - named and called by `logging`
        self._tell(sys.exc_info()[1])

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            self._tell(error)

    def _tell(self, error: BaseException | None) -> None:
        if not self.is_told:
            typer.echo(f"{_UNWRITTEN}: {self.baseFilename}: {getattr(error, 'strerror', error)}", err=True)
        self.is_told = True


class _Lines(logging.Formatter):
    """A record as one line: time (UTC), level, verb, what it is of, event, and the facts of the event."""

    def __init__(self, context: Mapping[str, str], *, as_json: bool) -> None:
        super().__init__()
        self._context, self._as_json = context, as_json

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: dict[str, Any] = dict(getattr(record, "facts", {}))
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        event, level = record.getMessage(), record.levelname.lower()
        if self._as_json:
            told = {"time": when, "level": level, **self._context, "event": event, **facts}
            return json.dumps(told, ensure_ascii=False)
        said = facts.pop("sentence", None)
        parts = [f"{name}={_plain(value)}" for name, value in facts.items() if value not in (None, "", [])]
        if said:
            parts.append(said["zh"])
        return " ".join([when, level.upper(), *self._context.values(), event, *parts])


def _plain(value: object) -> str:
    """Return a fact on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\n", " | ")
