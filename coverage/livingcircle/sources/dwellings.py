"""What the tags of an OpenStreetMap building say: whether people live in it, and on how many levels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from livingcircle.kernel.floors import MOST_LEVELS
from livingcircle.sources.osm import is_gone

# Keys that tell what a building is used for, where `building=yes` leaves it open.
USE_KEYS = frozenset(
    {
        "aeroway",
        "amenity",
        "club",
        "craft",
        "emergency",
        "government",
        "healthcare",
        "industrial",
        "leisure",
        "man_made",
        "military",
        "office",
        "power",
        "public_transport",
        "railway",
        "religion",
        "shop",
        "telecom",
        "tourism",
    }
)
USE_LANDUSES = frozenset(
    {"commercial", "construction", "education", "garages", "industrial", "military", "railway", "religious", "retail"}
)
RESIDENTIAL_USES = frozenset({"apartments", "dormitory", "house", "mixed", "residential"})

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def is_home(tags: Mapping[str, str], residential_buildings: Sequence[str]) -> bool:
    """Return whether people live in the building.

    Its `building` value must be one of `residential_buildings`, and it must not be disused. `building=yes` says nothing of its use, so
    `building:use` decides where it is given, and otherwise any tag of another use (a shop, a school, a station) rules it out. A house
    with a shop on the ground floor that is tagged `building=apartments` stays a home.
    """
    building = tags.get("building", "no")
    if building not in residential_buildings or is_gone(tags):
        return False
    if building != "yes":
        return True
    uses = tags.get("building:use")
    if uses is not None:
        return any(use.strip() in RESIDENTIAL_USES for use in uses.split(";"))
    return tags.get("landuse") not in USE_LANDUSES and all(tags[key] == "no" for key in USE_KEYS & tags.keys())


def levels_above_ground(tags: Mapping[str, str]) -> float | None:
    """Return `building:levels`, or None where it is missing or senseless.

    Of several numbers the largest counts: `2;3` and `2-3` are 3. `3,5` is 3.5 and `~4` is 4. Zero, negative numbers and more than 200 are
    taken as unknown. Attics (`roof:levels`) are not counted.
    """
    text = tags.get("building:levels", "").strip()
    if text.startswith("-"):
        return None
    levels = max((float(number.replace(",", ".")) for number in _NUMBER.findall(text)), default=0.0)
    return levels if 0 < levels <= MOST_LEVELS else None
