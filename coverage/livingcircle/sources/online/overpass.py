"""One question to Overpass, and its answer on disk."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.online.patience import (
    BUSY,
    PAUSE_SECONDS,
    REQUEST_TIMEOUT_SECONDS,
    BusyError,
    Tell,
    UnreachableError,
    overpass_servers,
    patiently,
    retry_after_seconds,
    user_agent,
)

_BASE = re.compile(rb'<meta [^>]*osm_base="([^"]+)"')
_REMARK = re.compile(rb"<remark>(.*?)</remark>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_REASON_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """OSM XML, compressed, at `path`; `date` is that of the database it was given from (ISO 8601, UTC), `""` where it does not say."""

    path: Path
    date: str
    kept: bool


def answer_to(query: str, what: str, cache_folder: Path, *, refresh: bool = False, tell: Tell | None = None) -> Answer:
    """Return the answer to a query, kept in `cache_folder` under the query's digest; ask only for what is not there, or to `refresh` it.

    Only whole answers are kept: one that was cut short, says that the server gave up half-way or is a web page counts as *busy*.

    Raises
    ------
    InputError
        When no server can be reached (`offline`), none answers in the end (`server_busy`), or one refuses the query (`download_failed`).
    """
    path = cache_folder / f"{hashlib.sha256(query.encode()).hexdigest()}.osm.gz"
    if refresh or not path.is_file():
        content = patiently(lambda server: _asked(server, query, what), overpass_servers(), what, tell)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_bytes(gzip.compress(content, compresslevel=4))
        part.replace(path)
        time.sleep(PAUSE_SECONDS)
        return Answer(path, _base(content), kept=False)
    with gzip.open(path) as file:
        return Answer(path, _base(file.read(4096)), kept=True)


def _base(start: bytes) -> str:
    found = _BASE.search(start[:4096])
    return "" if found is None else found[1].decode()


def _asked(server: str, query: str, what: str) -> bytes:
    """Return the XML one server answers with, or say why there is none."""
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "gzip"}
    form = urllib.parse.urlencode({"data": query}).encode()
    request = urllib.request.Request(f"{server}/interpreter", form, headers)  # noqa: S310 - an address of the settings
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_SECONDS + 20) as response:  # noqa: S310
            content: bytes = response.read()
            if response.headers.get("Content-Encoding") == "gzip":
                content = gzip.decompress(content)
    except urllib.error.HTTPError as error:
        reason = f"HTTP {error.code} {error.reason}"
        if error.code in BUSY:
            raise BusyError(reason, retry_after_seconds(error.headers.get("Retry-After"))) from error
        page = " ".join(_MARKUP.sub(" ", error.read(4000).decode("utf-8", "replace")).split())
        details = {"reason": f"{server}: {reason} {page}"[:_REASON_LETTERS].strip()}
        raise InputError(Fault("download_failed", value=what, details=details)) from error
    except TimeoutError as error:
        raise BusyError("timeout") from error
    except (http.client.HTTPException, ConnectionResetError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BusyError(f"the answer was cut short ({type(error).__name__})") from error
    except (OSError, ValueError) as error:  # ValueError: an address that is none
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            raise BusyError("timeout") from error
        raise UnreachableError(str(cause) or type(error).__name__) from error
    _check_whole(content)
    return content


def _check_whole(content: bytes) -> None:
    if b"<osm" not in content[:1000]:
        raise BusyError("a web page instead of data")
    remark = _REMARK.search(content[-4000:])
    if remark is not None and b"error" in remark[1]:
        raise BusyError(" ".join(remark[1].decode("utf-8", "replace").split())[:_REASON_LETTERS])
    if not content.rstrip().endswith(b"</osm>"):
        raise BusyError("the answer was cut short")
