"""How public servers are asked: one question at a time, a pause between them, and when they are busy a bounded number of times, ever later.

Overpass answers 429 to whoever asks too much and 504 when it is overloaded; its operators ask for pauses and for a name to complain to.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from threading import RLock
from typing import Any, TypeVar

import livingcircle
from livingcircle.errors import InputError
from livingcircle.faults import Fault

T = TypeVar("T")
Tell = Callable[[str, dict[str, Any]], None]
"""Who is told what happens: the event (`tile`, `kept` or `waiting`) and its figures."""

SERVERS = ("https://overpass-api.de/api", "https://overpass.private.coffee/api")
"""Public servers that also know the past."""
BUSY = frozenset({408, 429, 502, 503, 504})
"""Answers after which asking again later may help."""
ATTEMPTS = 6
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 120.0
PAUSE_SECONDS = 1.0
"""Between two questions."""
REQUEST_TIMEOUT_SECONDS = 180

_one_at_a_time = RLock()


class BusyError(Exception):
    """A server cannot answer now; `retry_after_seconds` is what it says itself, None where it says nothing."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        self.reason, self.retry_after_seconds = reason, retry_after_seconds
        super().__init__(reason)


class UnreachableError(Exception):
    """There is no way to a server: no connection, no such name, a closed port."""


def overpass_servers() -> tuple[str, ...]:
    """Return the addresses of Overpass servers, up to `/api`: those of LIVING_CIRCLE_OVERPASS (separated by commas), or public ones."""
    stated = (one.strip().rstrip("/") for one in os.environ.get("LIVING_CIRCLE_OVERPASS", "").split(","))
    return tuple(one.removesuffix("/interpreter") for one in stated if one) or SERVERS


def patiently(ask: Callable[[str], T], servers: tuple[str, ...], what: str, tell: Tell | None = None) -> T:
    """Return what `ask` gives for the first server that answers, for `ATTEMPTS` questions at most.

    A server that is busy makes way for the next. Before any is asked again there is a wait: what `Retry-After` says, or else twice as long
    each time, with chance in it so that many who wait do not come back together. A server that cannot be reached is left out from then on.

    Raises
    ------
    InputError
        `offline` when no server can be reached, `server_busy` when all attempts are spent or a wait would be too long.
    """
    reasons: dict[str, str] = {}
    left = list(servers)
    with _one_at_a_time:
        for attempt in range(ATTEMPTS):
            server = left[attempt % len(left)]
            try:
                return ask(server)
            except UnreachableError as error:
                reasons[server] = str(error)
                left.remove(server)
                if not left:
                    break
            except BusyError as error:
                reasons[server] = error.reason
                wait = _wait_seconds(attempt, error.retry_after_seconds)
                if wait is None or attempt == ATTEMPTS - 1:
                    break
                if tell is not None:
                    tell("waiting", {"seconds": round(wait), "reason": error.reason})
                time.sleep(wait)
    kind = "server_busy" if left else "offline"
    said = "; ".join(f"{server}: {reason}" for server, reason in reasons.items())
    raise InputError(Fault(kind, value=what, details={"reason": said}))


def _wait_seconds(attempt: int, asked_seconds: float | None) -> float | None:
    """Return how long to wait, None where it is longer than anybody should."""
    if asked_seconds is not None:
        return None if asked_seconds > LONGEST_WAIT_SECONDS else max(asked_seconds, PAUSE_SECONDS)
    longest = min(FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - chance among those who wait, not a secret


def retry_after_seconds(header: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header; None without one, or where it is a date (Overpass sends none)."""
    return float(header) if header is not None and header.strip().isdigit() else None


def user_agent() -> str:
    """Say who asks, as the servers' rules of use require."""
    try:
        return f"living-circle/{livingcircle.__version__}"
    except PackageNotFoundError:  # run from its source tree, not installed
        return "living-circle"
