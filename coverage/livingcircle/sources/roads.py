"""What OpenStreetMap says about roads for those who cross them: how big they are, what helps across, and what bars the way at a node."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.model.network import Crossing, Road
from livingcircle.sources.walkability import WalkAccess, access_said, number_said

ROAD_TAGS = (
    "crossing",
    "crossing:markings",
    "crossing:signals",
    "crossing_ref",
    "dual_carriageway",
    "footway",
    "highway",
    "lanes",
    "oneway",
    "railway",
)
"""Tags of ways that are read here, for a download to ask for."""
NODE_TAGS = (
    "access",
    "barrier",
    "crossing",
    "crossing:markings",
    "crossing:signals",
    "crossing_ref",
    "entrance",
    "foot",
    "highway",
    "railway",
)
"""Tags of nodes that are read here."""
NODE_KEYS = ("barrier", "crossing", "entrance", "highway")
"""A node without any of these says nothing here."""

_MANY_LANES = 4
_CLASSES = {
    "busway": Road.MINOR,
    "living_street": Road.MINOR,
    "primary": Road.PRIMARY,
    "primary_link": Road.PRIMARY,
    "residential": Road.MINOR,
    "road": Road.MINOR,
    "secondary": Road.SECONDARY,
    "secondary_link": Road.SECONDARY,
    "service": Road.MINOR,
    "tertiary": Road.TERTIARY,
    "tertiary_link": Road.TERTIARY,
    "track": Road.MINOR,
    "trunk": Road.TRUNK,
    "trunk_link": Road.TRUNK,
    "unclassified": Road.MINOR,
}
_CITY_ROADS = frozenset({"trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "road"})
_SIGNALS = frozenset({"traffic_signals", "pelican", "puffin", "toucan"})
_ZEBRAS = frozenset({"marked", "uncontrolled", "zebra"})
_PATHS_ACROSS = frozenset({"bridleway", "cycleway", "footway", "path"})
# A gate, bollard, stile or turnstile is where walkers pass; these are what they do not get through, unless a tag says so.
_SOLID = frozenset({"city_wall", "fence", "hedge", "retaining_wall", "wall"})


def road_class(tags: Mapping[str, str]) -> Road:
    """Return the class of the carriageway a way belongs to; ways for feet and bicycles have none."""
    return _CLASSES.get(tags.get("highway", ""), Road.NONE)


def is_city_road(tags: Mapping[str, str]) -> bool:
    """Return whether a way is one of the roads that a city lays out (城市道路: 快速路, 主干路, 次干路, 支路; GB 50180-2018 6.0.2).

    Service roads (driveways, alleys, car parks), living streets, tracks, busways and ways for feet and bicycles are none; nor are links,
    the ramps and slip lanes of roads that count themselves. A way nobody has classified (`road`) counts: a layer without classes is all
    of them.
    """
    return tags.get("highway") in _CITY_ROADS


def is_wide(tags: Mapping[str, str]) -> bool:
    """Return whether a road is too wide to be crossed just anywhere.

    Trunk and primary roads are, save the short links between them; so is any road of at least four lanes, and a secondary road that is
    divided: tagged as a dual carriageway, or drawn in one direction only and not known to have a single lane.
    """
    road = road_class(tags)
    if road is Road.NONE:
        return False
    if number_said(tags.get("lanes")) >= _MANY_LANES:
        return True
    if tags["highway"] in {"primary", "trunk"}:
        return True
    if tags["highway"] != "secondary":
        return False
    one_way = tags.get("oneway") in {"yes", "1", "true", "-1"} and tags.get("lanes") != "1"
    return one_way or tags.get("dual_carriageway") == "yes"


def crossing_kind(tags: Mapping[str, str]) -> Crossing:
    """Return what helps walkers across at a node, or along a way drawn across a road (`footway=crossing`).

    A crossing without details counts as unmarked, and so does one with no more than an island. Where trains are crossed, no road is.
    """
    highway = tags.get("highway")
    at_road = highway in {"crossing", "traffic_signals"}
    across = highway in _PATHS_ACROSS and tags.get("footway") == "crossing"
    if not (at_road or across) and (highway is not None or "crossing" not in tags or "railway" in tags):
        return Crossing.NONE
    said = frozenset(tags.get("crossing", "").split(";"))
    if highway == "traffic_signals" or said & _SIGNALS or tags.get("crossing:signals", "no") != "no":
        return Crossing.SIGNAL
    if said & _ZEBRAS or "crossing_ref" in tags or tags.get("crossing:markings", "no") != "no":
        return Crossing.ZEBRA
    return Crossing.NONE if "no" in said else Crossing.UNMARKED


def shuts_out(tags: Mapping[str, str]) -> bool:
    """Return whether nobody walks on past a node with these tags.

    Gates and other barriers are passed unless `access` forbids it and `foot` does not allow it again; walls, fences and hedges unless a
    tag lets somebody through. A *private* gate is passed as well: whether a street is private is a matter of the street, and a Dutch
    estate of open streets behind two private gates would otherwise be cut off (Conveyal R5 found it). Emergency exits open for nobody.
    """
    if tags.get("entrance") == "emergency":
        return True
    barrier = tags.get("barrier", "no")
    if barrier == "no":
        return False
    said = access_said(tags)
    return barrier in _SOLID if said is None else said is WalkAccess.CLOSED
