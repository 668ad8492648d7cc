"""The one place that talks to the network.

- `fetch`: everything a study needs of an area, from Overpass, as one extract on disk that all other readers take;
- `walk_graph`: the walking network of an area through OSMnx, for studies that name a place instead of a file;
- `areas`: what is asked for; `patience`: how often, how long and of which servers; `overpass`: one question and its answer on disk.

Nothing here is imported at the cost of OSMnx, and no server is asked unless a download was.
"""

from livingcircle.sources.online.areas import Area, area_around, area_of_box
from livingcircle.sources.online.fetch import Fetched, fetch_extract
from livingcircle.sources.online.patience import Tell
from livingcircle.sources.online.walk_graph import WAY_FILTERS, area_of_place, download_walk_graph, walk_graph_date

__all__ = [
    "WAY_FILTERS",
    "Area",
    "Fetched",
    "Tell",
    "area_around",
    "area_of_box",
    "area_of_place",
    "download_walk_graph",
    "fetch_extract",
    "walk_graph_date",
]
