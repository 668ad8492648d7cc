"""What tags say about roads, crossings and barriers, as tables."""

from __future__ import annotations

import itertools

import pytest

from livingcircle.model.network import Crossing, Road
from livingcircle.sources.roads import NODE_TAGS, ROAD_TAGS, crossing_kind, is_city_road, is_wide, road_class, shuts_out
from livingcircle.sources.street_traits import WAY_TAGS, merged_traits, street_traits
from livingcircle.sources.walkability import TAGS_READ


def tags(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


ROADS = [
    ("highway=footway", Road.NONE, False, "for feet"),
    ("highway=pedestrian", Road.NONE, False, "for feet"),
    ("highway=cycleway lanes=4", Road.NONE, False, "no carriageway"),
    ("highway=service", Road.MINOR, False, "a yard"),
    ("highway=residential", Road.MINOR, False, "crossed anywhere"),
    ("highway=tertiary", Road.TERTIARY, False, "crossed anywhere, with a wait"),
    ("highway=tertiary lanes=6", Road.TERTIARY, True, "wide whatever its class"),
    ("highway=secondary", Road.SECONDARY, False, "one carriageway, two lanes"),
    ("highway=secondary lanes=4", Road.SECONDARY, True, "four lanes"),
    ("highway=secondary lanes=many", Road.SECONDARY, False, "no number says nothing"),
    ("highway=secondary oneway=yes", Road.SECONDARY, True, "one half of a divided road"),
    ("highway=secondary oneway=-1", Road.SECONDARY, True, "drawn against its direction"),
    ("highway=secondary oneway=yes lanes=1", Road.SECONDARY, False, "a one-way street of one lane"),
    ("highway=secondary dual_carriageway=yes lanes=1", Road.SECONDARY, True, "says so"),
    ("highway=secondary_link oneway=yes", Road.SECONDARY, False, "a short link"),
    ("highway=primary", Road.PRIMARY, True, "always"),
    ("highway=primary_link", Road.PRIMARY, False, "a short link"),
    ("highway=trunk", Road.TRUNK, True, "always"),
    ("railway=platform", Road.NONE, False, "no road"),
]


@pytest.mark.parametrize(("text", "road", "wide", "reason"), ROADS, ids=[row[0] for row in ROADS])
def test_roads(text, road, wide, reason):
    assert (road_class(tags(text)), is_wide(tags(text))) == (road, wide), reason


@pytest.mark.parametrize("kind", ["trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "road"])
def test_roads_of_the_city(kind):
    assert is_city_road({"highway": kind})


@pytest.mark.parametrize(
    "kind", ["motorway", "service", "living_street", "track", "footway", "path", "pedestrian", "primary_link", "steps"]
)
def test_what_is_no_road_of_the_city(kind):
    assert not is_city_road({"highway": kind, "service": "driveway"})


NONE, UNMARKED, ZEBRA, SIGNAL = Crossing
CROSSINGS = [
    ("highway=street_lamp", NONE, "no crossing"),
    ("highway=crossing", UNMARKED, "no details"),
    ("highway=crossing crossing=unmarked", UNMARKED, "says so"),
    ("highway=crossing crossing=island", UNMARKED, "an island is no right of way"),
    ("highway=crossing crossing=no", NONE, "crossing forbidden"),
    ("highway=crossing crossing=zebra", ZEBRA, "says so"),
    ("highway=crossing crossing=marked", ZEBRA, "newer word"),
    ("highway=crossing crossing=uncontrolled", ZEBRA, "older word: marked, without a signal"),
    ("highway=crossing crossing_ref=zebra", ZEBRA, "by its shape"),
    ("highway=crossing crossing:markings=yes", ZEBRA, "newest word"),
    ("highway=crossing crossing=traffic_signals", SIGNAL, "says so"),
    ("highway=crossing crossing=traffic_signals;marked", SIGNAL, "both"),
    ("highway=crossing crossing=marked crossing:signals=yes", SIGNAL, "newest word"),
    ("highway=crossing crossing=marked crossing:signals=no", ZEBRA, "expressly without"),
    ("highway=traffic_signals", SIGNAL, "the whole junction has lights"),
    ("highway=traffic_signals crossing=no", SIGNAL, "cars stop, whatever is painted"),
    ("crossing=zebra", ZEBRA, "without the highway tag"),
    ("railway=crossing crossing=uncontrolled", NONE, "rails, no road"),
    ("highway=footway footway=crossing crossing=marked", ZEBRA, "drawn across the road"),
    ("highway=footway footway=crossing", UNMARKED, "drawn, without details"),
    ("highway=footway crossing=marked", NONE, "leads somewhere else"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "reason"), CROSSINGS, ids=[row[0] for row in CROSSINGS])
def test_crossings(text, kind, reason):
    assert crossing_kind(tags(text)) is kind, reason


BARRIERS = [
    ("highway=crossing", False, "no barrier"),
    ("highway=crossing access=no", False, "speaks of cars; a crossing is no barrier"),
    ("barrier=gate", False, "gates open"),
    ("barrier=gate access=no", True, "closed for all"),
    ("barrier=gate access=no foot=yes", False, "except on foot"),
    ("barrier=gate access=private", False, "whether the street is private is a matter of the street"),
    ("barrier=gate access=private foot=no", True, "foot outranks access"),
    ("barrier=gate foot=private", False, "passed by those who live there"),
    ("barrier=lift_gate foot=no", True, "for cars only"),
    ("barrier=bollard", False, "stops cars"),
    ("barrier=turnstile", False, "made for walkers"),
    ("barrier=wall", True, "solid"),
    ("barrier=fence foot=yes", False, "there is a hole in it"),
    ("barrier=fence access=private", False, "somebody passes"),
    ("barrier=no access=no", False, "taken away"),
    ("barrier=gate access=emergency", True, "for ambulances"),
    ("entrance=emergency", True, "opens for nobody"),
    ("entrance=main", False, "a door"),
]


@pytest.mark.parametrize(("text", "shut", "reason"), BARRIERS, ids=[row[0] for row in BARRIERS])
def test_barriers(text, shut, reason):
    assert shuts_out(tags(text)) is shut, reason


VALUES = ("yes", "no", "4", "crossing", "footway", "secondary", "wall", "emergency", "crossing", "marked")
BASES = (
    "",
    "highway=secondary",
    "highway=footway",
    "highway=crossing",
    "barrier=gate",
    "crossing=marked",
    "footway=crossing highway=path",
)


@pytest.mark.parametrize(
    ("listed", "rules"), [(ROAD_TAGS, (road_class, is_wide, crossing_kind)), (NODE_TAGS, (crossing_kind, shuts_out))]
)
def test_every_tag_listed_matters_and_no_other_is_read(listed, rules):
    changing = set()
    for tag, base in itertools.product((*listed, *TAGS_READ, "name"), BASES):
        for value in VALUES:
            if any(rule({**tags(base), tag: value}) != rule(tags(base)) for rule in rules):
                changing.add(tag)
    assert changing == set(listed)


def test_tags_are_judged_once_for_many_names():
    traits = street_traits([tags("highway=steps name=A"), tags("highway=steps name=B"), tags("highway=steps")])
    assert traits.steps.tolist() == [True, True, True]
    assert [traits.names[number] if number >= 0 else None for number in traits.name] == ["A", "B", None]
    assert {"name", *TAGS_READ, *ROAD_TAGS} == set(WAY_TAGS)


def test_no_tags_at_all():
    assert len(street_traits([])) == 0


def test_streets_of_several_pieces_are_as_walkable_as_the_worst():
    pieces = [tags("highway=primary name=A"), tags("highway=footway access=private name=B")]
    traits = merged_traits([pieces, [tags("highway=steps oneway:foot=yes name=A"), tags("highway=path name=A")]])
    assert traits.private.tolist() == [True, False]
    assert traits.road.tolist() == [Road.PRIMARY, Road.NONE]
    assert traits.wide.tolist() == [True, False]
    assert traits.steps.tolist() == [False, False]
    assert traits.backward.tolist() == [True, True]
    assert traits.name.tolist() == [-1, 0]
