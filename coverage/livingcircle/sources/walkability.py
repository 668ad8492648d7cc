"""Which ways of OpenStreetMap are walked, and in which direction: one rule for files, saved graphs and downloads.

The rule reads tags from the particular to the general, as OpenStreetMap means them: what `foot` says outranks `access`, and both outrank
what the class of the road suggests. It differs on purpose from the `walk` filter of OSMnx, which drops footpaths across private land that
are open to walkers, every cycleway, and every road whose pavement is drawn as a way of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class WalkAccess(Enum):
    """Who may walk a way."""

    OPEN = "open"
    """Anybody: it takes part in the network."""
    PRIVATE = "private"
    """Those who live or work behind it: it begins and ends walks, and none leads through."""
    CLOSED = "closed"
    """Nobody on foot."""


TAGS_READ = (
    "access",
    "area",
    "bridge",
    "conveying",
    "foot",
    "foot:backward",
    "foot:forward",
    "highway",
    "indoor",
    "layer",
    "level",
    "location",
    "motorroad",
    "oneway:foot",
    "public_transport",
    "railway",
    "segregated",
    "sidewalk",
    "sidewalk:both",
    "sidewalk:left",
    "sidewalk:right",
    "tunnel",
)
"""Every tag of ways the rule looks at: what a download must ask for."""

# Ways made for feet, and streets whose law or custom lets people walk along them. `road` is a way nobody has classified yet: leaving it out
# would cut old surveys to pieces; `trail` is the old word for `path`. A lift (`elevator`) joins levels. `track` leads through fields and
# parks, `service` into compounds and car parks: both are where the walk from the door begins.
_WALKED_BY_DEFAULT = frozenset(
    {
        "corridor",
        "elevator",
        "footway",
        "living_street",
        "path",
        "pedestrian",
        "platform",
        "primary",
        "primary_link",
        "residential",
        "road",
        "secondary",
        "secondary_link",
        "service",
        "steps",
        "tertiary",
        "tertiary_link",
        "track",
        "trail",
        "unclassified",
    }
)
# Made for others, shared with walkers only where a tag says so.
_WALKED_IF_SHARED = frozenset({"bridleway", "busway", "cycleway"})
# Fast roads, often fenced or on stilts in large cities, walked only where there is a pavement or an express permission.
_WALKED_BESIDE = frozenset({"trunk", "trunk_link"})
# Never walked: motorways, roads not built yet or no longer there, race tracks, rest areas; nor is any class not named here.
_NEVER_WALKED = frozenset(
    {
        "abandoned",
        "bus_guideway",
        "bus_stop",
        "construction",
        "demolished",
        "disused",
        "escape",
        "motorway",
        "motorway_link",
        "planned",
        "proposed",
        "raceway",
        "razed",
        "removed",
        "rest_area",
        "services",
    }
)
CLASSES_KNOWN = _WALKED_BY_DEFAULT | _WALKED_IF_SHARED | _WALKED_BESIDE | _NEVER_WALKED
"""Every value of `highway` of which the rule knows whether it is walked."""

_ALLOWED = frozenset({"yes", "designated", "permissive", "destination", "customers", "official", "public"})
_KEPT_TO_SOME = frozenset({"delivery", "employees", "members", "permit", "private", "residents", "staff", "students"})
_FORBIDDEN = frozenset({"emergency", "military", "never", "no", "restricted"})
_PAVEMENT = frozenset({"both", "left", "right", "yes"})
_PLATFORM_TAGS = ("highway", "public_transport", "railway")
PAVEMENT_TAGS = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")


def walk_access(tags: Mapping[str, str]) -> WalkAccess:
    """Return who may walk a way with these tags.

    A way of a kind that is not walked (`is_walked_kind`) is closed. Otherwise `foot` decides if it says anything known, then `access`, and
    a way with neither is open: in OpenStreetMap silence means the custom of its class.
    """
    if not is_walked_kind(tags):
        return WalkAccess.CLOSED
    # What is left (`agricultural`, `forestry`, `discouraged`, `unknown`, misspellings) is about vehicles, or says nothing.
    return access_said(tags) or WalkAccess.OPEN


def access_said(tags: Mapping[str, str]) -> WalkAccess | None:
    """Return what `foot`, and failing that `access`, say about walkers on a way or past a node; None where they say nothing known."""
    foot = _said(tags.get("foot"))
    # `use_sidepath` asks walkers to take the path beside the road. That path is often not joined to the side streets in the data, so the
    # road is kept, as are roads with `sidewalk=separate`: walking along either takes the same time.
    if foot & _ALLOWED or "use_sidepath" in foot:
        return WalkAccess.OPEN
    if foot & _FORBIDDEN:
        return WalkAccess.CLOSED
    if foot & _KEPT_TO_SOME:
        return WalkAccess.PRIVATE
    access = _said(tags.get("access"))
    if access & _ALLOWED:
        return WalkAccess.OPEN
    if access & _FORBIDDEN:
        return WalkAccess.CLOSED
    if access & _KEPT_TO_SOME:
        return WalkAccess.PRIVATE
    return None


def is_walked_kind(tags: Mapping[str, str]) -> bool:
    """Return whether people walk this kind of way at all, whoever may.

    Platforms count, whether tagged as a highway, a railway or public transport: one walks along them between stairs and street. Pedestrian
    areas count as well (`is_area`).
    """
    highway = tags.get("highway")
    if tags.get("motorroad") == "yes":
        return False  # a motorway in all but name
    if highway in _WALKED_BY_DEFAULT:
        return True
    if highway in _WALKED_IF_SHARED:
        # `segregated` is only ever put on ways shared with walkers, whether it says yes or no.
        return bool(_said(tags.get("foot")) & _ALLOWED) or "segregated" in tags
    if highway in _WALKED_BESIDE:
        return bool(_said(tags.get("foot")) & _ALLOWED) or any(tags.get(tag) in _PAVEMENT for tag in PAVEMENT_TAGS)
    return highway is None and "platform" in {tags.get("railway"), tags.get("public_transport")}


def is_area(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way of a walked kind is walked all over and not just along: squares, and platforms drawn as a shape."""
    area = tags.get("area")
    return area == "yes" or (area is None and "platform" in {tags.get(tag) for tag in _PLATFORM_TAGS})


def walk_directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a way may be walked along (forward) and against (backward) the order of its nodes.

    Both, unless a tag speaks of walkers: `oneway` alone binds vehicles and is not read. Escalators and moving pavements
    (`conveying=forward` or `backward`) are walked the way they run; `reversible` ones, and those whose direction nobody noted, both ways.
    """
    said = tags.get("oneway:foot")
    if said in {"yes", "1", "true"}:
        return True, False
    if said in {"-1", "reverse"}:
        return False, True
    forward, backward = tags.get("foot:forward") != "no", tags.get("foot:backward") != "no"
    conveying = tags.get("conveying") if said is None else None
    return forward and conveying != "backward", backward and conveying != "forward"


def is_at_ground(tags: Mapping[str, str]) -> bool:
    """Return whether doors may open onto a way: not onto one in a tunnel, below ground, indoors or on a bridge.

    Such a way is walked like any other, but what stands above or beside it on the map is not reached from it. A passage through a building
    (`tunnel=building_passage`) and a boardwalk are at ground; so is a way of several levels if one of them is not below ground.
    """
    if tags.get("highway") in {"corridor", "elevator"} or tags.get("indoor", "no") != "no":
        return False
    if tags.get("tunnel", "no") not in {"no", "building_passage"} or tags.get("bridge", "no") not in {
        "no",
        "boardwalk",
    }:
        return False
    if tags.get("location") in {"underground", "indoor"}:
        return False
    levels = [number_said(level) for level in _said(tags.get("level"))]
    return number_said(tags.get("layer")) >= 0 and max(levels, default=0.0) >= 0


def number_said(value: str | None) -> float:
    """Read a level, a layer, a number of lanes; what is no number says nothing, which is 0: at ground."""
    try:
        return float(value or 0)
    except ValueError:
        return 0.0


def _said(value: str | None) -> frozenset[str]:
    """Split `yes;designated` into its values: where several are given, the most generous one counts."""
    return frozenset(part.strip() for part in value.split(";")) if value else frozenset()
