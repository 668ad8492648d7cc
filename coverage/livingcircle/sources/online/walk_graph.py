"""The walking network of an area through OSMnx, from Nominatim and Overpass."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.online.areas import Area, area_around
from livingcircle.sources.online.patience import (
    BUSY,
    PAUSE_SECONDS,
    REQUEST_TIMEOUT_SECONDS,
    BusyError,
    UnreachableError,
    overpass_servers,
    patiently,
    retry_after_seconds,
    user_agent,
)
from livingcircle.sources.roads import NODE_TAGS
from livingcircle.sources.street_traits import WAY_TAGS

if TYPE_CHECKING:
    import networkx as nx
    import requests

T = TypeVar("T")

WAY_FILTERS = ('["highway"]', '["railway"="platform"]', '["public_transport"="platform"]')
"""What Overpass is asked for: every way the rule of `livingcircle.sources.walkability` may have something to say about."""
NOMINATIM = "https://nominatim.openstreetmap.org/"

_SERVER = "server.txt"
"""Beside the answers: who gave them."""
_one_at_a_time = RLock()


def area_of_place(place: str, buffer_metres: float, cache_folder: Path) -> Area:
    """Return the boundary of a place that Nominatim knows (that of LIVING_CIRCLE_NOMINATIM, or the public one), and a margin around it.

    Raises
    ------
    InputError
        When the place is not found, has no boundary, or the server cannot be reached or does not answer with data.
    """
    import osmnx  # takes seconds to load

    address = os.environ.get("LIVING_CIRCLE_NOMINATIM", "").rstrip("/") + "/"
    server = NOMINATIM if address == "/" else address
    with _osmnx_settings(cache_folder, nominatim_url=server):
        found = patiently(lambda _: _asked(lambda: osmnx.geocode_to_gdf(place), place), (server,), place)
    return area_around(place, found.geometry.union_all(), buffer_metres)


def download_walk_graph(area: Area, cache_folder: Path, date: dt.date | None = None) -> nx.MultiDiGraph[Any]:
    """Download every way that might be walked in `area`, as it was at the first moment (UTC) of `date`, or as it is now.

    The graph is not simplified (simplification merges ways with different tags), keeps its islands and holds each way in both directions.
    Answers are kept in a folder of `cache_folder` and used again without asking; `walk_graph_date` tells their date.

    Raises
    ------
    InputError
        When the servers cannot be reached (`offline`), do not answer in the end (`server_busy`) or not with data (`download_failed`).
    """
    import osmnx  # takes seconds to load

    shape: Any = area.shape
    past = "" if date is None else f'[date:"{date.isoformat()}T00:00:00Z"]'

    def ask(server: str) -> nx.MultiDiGraph[Any]:
        osmnx.settings.overpass_url = server
        graph: nx.MultiDiGraph[Any] = osmnx.graph_from_polygon(
            shape, network_type="walk", simplify=False, retain_all=True, custom_filter=list(WAY_FILTERS)
        )
        return graph

    answers = _answers(area.label, area.buffer_metres, cache_folder, date)
    with _osmnx_settings(
        answers,
        overpass_url="",
        overpass_settings="[out:json][timeout:{timeout}]{maxsize}" + past,
    ):
        # OSMnx looks for what it kept under the address that gave it.
        before = (answers / _SERVER).read_text(encoding="utf-8") if (answers / _SERVER).is_file() else ""
        servers = tuple(sorted(overpass_servers(), key=lambda server: server != before))
        graph = patiently(lambda server: _asked(lambda: ask(server), area.label), servers, area.label)
        (answers / _SERVER).write_text(osmnx.settings.overpass_url, encoding="utf-8")
        return graph


def walk_graph_date(label: str, buffer_metres: float, cache_folder: Path, date: dt.date | None = None) -> str:
    """Return the day (YYYY-MM-DD) of the streets that `download_walk_graph` gave for this area, `""` before it did."""
    if date is not None:
        return date.isoformat()
    days = []
    for file in _answers(label, buffer_metres, cache_folder, date).glob("*.json"):
        answer = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(answer, dict):
            days.append(str(answer.get("osm3s", {}).get("timestamp_osm_base", ""))[:10])
    return min(filter(None, days), default="")


def _answers(label: str, buffer_metres: float, cache_folder: Path, date: dt.date | None) -> Path:
    """Return the folder of the answers about one area at one date."""
    return cache_folder / hashlib.sha256(f"{label}\n{buffer_metres:g}\n{date}".encode()).hexdigest()[:16]


def _asked(ask: Callable[[], T], what: str) -> T:
    """Return what OSMnx gives, or say in our words why there is nothing."""
    import requests

    try:
        return ask()
    except (requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise BusyError(type(error).__name__) from error
    except (requests.ConnectionError, socket.gaierror) as error:
        inner = getattr(error.args[0], "reason", error) if error.args else error
        raise UnreachableError(str(inner).rpartition(": ")[2]) from error
    # Refusals are OSError (requests derives from it), answers without data ValueError, a place without a boundary TypeError, answers of
    # another shape KeyError.
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = str(error) or type(error).__name__
        raise InputError(Fault("download_failed", value=what, details={"reason": reason})) from error


def _pause(response: requests.Response, **_: object) -> None:
    """Pause after each answer, and keep OSMnx from asking a busy server again by itself, as it would for ever."""
    time.sleep(PAUSE_SECONDS)
    if response.status_code in BUSY:
        reason = f"HTTP {response.status_code} {response.reason}"
        raise BusyError(reason, retry_after_seconds(response.headers.get("Retry-After")))


@contextmanager
def _osmnx_settings(cache_folder: Path, **wanted: Any) -> Iterator[None]:
    """Lend OSMnx our settings, which are global to the process, and put everything back as it was.

    OSMnx also replaces the process's name look-up while it talks to Overpass; that is put back as well.
    """
    from osmnx import settings

    wanted |= {
        "useful_tags_way": list(WAY_TAGS),
        "useful_tags_node": list(NODE_TAGS),
        "bidirectional_network_types": ["walk"],
        "all_oneway": False,
        "use_cache": True,
        "cache_folder": cache_folder,
        "cache_only_mode": False,
        "overpass_rate_limit": False,  # asks for free slots, and waits for them for ever; here a busy server is asked again later
        "requests_timeout": REQUEST_TIMEOUT_SECONDS,
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": _pause}},
        "http_user_agent": user_agent(),
        "http_referer": "living-circle",
        "doh_url_template": None,  # otherwise a machine without a name server would turn to one of Google's
        "log_console": False,
        "log_file": False,
    }
    with _one_at_a_time:
        before = {name: getattr(settings, name) for name in wanted}
        look_up = socket.getaddrinfo
        try:
            for name, value in wanted.items():
                setattr(settings, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(settings, name, value)
            socket.getaddrinfo = look_up
