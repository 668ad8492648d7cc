"""The one place that talks to the network: streets of a named place, through OSMnx, from Nominatim and Overpass."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import livingcircle
from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.sources.roads import NODE_TAGS
from livingcircle.sources.street_traits import WAY_TAGS

if TYPE_CHECKING:
    import networkx as nx

REQUEST_TIMEOUT_SECONDS = 180
WAY_FILTERS = ('["highway"]', '["railway"="platform"]', '["public_transport"="platform"]')
"""What Overpass is asked for: every way the rule of `livingcircle.sources.walkability` may have something to say about."""

_one_at_a_time = Lock()


def download_walk_graph(place: str, buffer_metres: float, cache_folder: Path) -> nx.MultiDiGraph[Any]:
    """Download every way that might be walked in `place` and within `buffer_metres` of its boundary.

    The graph is not simplified (simplification merges ways with different tags), keeps its islands and holds each way in both directions.
    Answers are kept in `cache_folder` and used again without asking.

    Raises
    ------
    InputError
        When the place is not found, has no boundary, or a server cannot be reached or does not answer with data.
    """
    import osmnx  # takes seconds to load

    with _osmnx_settings(
        useful_tags_way=list(WAY_TAGS),
        useful_tags_node=list(NODE_TAGS),
        bidirectional_network_types=["walk"],
        all_oneway=False,
        use_cache=True,
        cache_folder=cache_folder,
        cache_only_mode=False,
        requests_timeout=REQUEST_TIMEOUT_SECONDS,
        http_user_agent=_user_agent(),
        http_referer="living-circle",
        doh_url_template=None,  # otherwise a machine without a name server would turn to one of Google's
        log_console=False,
        log_file=False,
    ):
        try:
            boundary = osmnx.geocode_to_gdf(place)
            in_metres = boundary.geometry.to_crs(boundary.estimate_utm_crs())
            area: Any = in_metres.buffer(buffer_metres).to_crs("EPSG:4326").union_all()
            graph: nx.MultiDiGraph[Any] = osmnx.graph_from_polygon(
                area, network_type="walk", simplify=False, retain_all=True, custom_filter=list(WAY_FILTERS)
            )
        # No connection and refusals are OSError (requests derives from it), answers without data ValueError, a place without a boundary
        # TypeError, answers of another shape KeyError.
        except (OSError, ValueError, TypeError, KeyError) as error:
            reason = str(error) or type(error).__name__
            raise InputError(Fault("download_failed", value=place, details={"reason": reason})) from error
    return graph


def _user_agent() -> str:
    """Say who asks, as the servers' rules of use require."""
    try:
        return f"living-circle/{livingcircle.__version__}"
    except PackageNotFoundError:  # run from its source tree, not installed
        return "living-circle"


@contextmanager
def _osmnx_settings(**wanted: Any) -> Iterator[None]:
    """Lend OSMnx our settings, which are global to the process, and put everything back as it was.

    OSMnx also replaces the process's name look-up while it talks to Overpass; that is put back as well.
    """
    from osmnx import settings

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
