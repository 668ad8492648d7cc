"""The rule of who may walk where, as a table: tags, answer, reason."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.sources.walkability import (
    TAGS_READ,
    WalkAccess,
    is_area,
    is_at_ground,
    is_walked_kind,
    walk_access,
    walk_directions,
)

OPEN, PRIVATE, CLOSED = WalkAccess.OPEN, WalkAccess.PRIVATE, WalkAccess.CLOSED


def tags(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


ACCESS = [
    # Classes walked by default
    *((f"highway={kind}", OPEN, "made for feet") for kind in ("footway", "path", "pedestrian", "steps", "corridor")),
    *((f"highway={kind}", OPEN, "a street one walks along") for kind in ("living_street", "residential", "service")),
    *((f"highway={kind}", OPEN, "no law forbids it") for kind in ("tertiary", "secondary", "primary", "primary_link")),
    ("highway=unclassified", OPEN, "the lowest class of through road"),
    ("highway=road", OPEN, "not yet classified: old surveys would fall to pieces"),
    ("highway=track", OPEN, "leads through fields and parks"),
    ("highway=trail", OPEN, "the old word for path"),
    ("highway=elevator", OPEN, "joins levels"),
    # Never walked
    ("highway=motorway", CLOSED, "forbidden by law"),
    ("highway=motorway foot=yes", CLOSED, "a slip of the mapper: no tag opens a motorway"),
    ("highway=motorway_link", CLOSED, "forbidden by law"),
    ("highway=construction", CLOSED, "not built yet"),
    ("highway=proposed foot=yes", CLOSED, "not built yet"),
    ("highway=abandoned", CLOSED, "no longer there"),
    ("highway=raceway", CLOSED, "for races"),
    ("highway=rest_area", CLOSED, "an area beside a motorway"),
    ("highway=bus_guideway", CLOSED, "concrete troughs for buses"),
    ("building=yes", CLOSED, "not a way"),
    ("railway=rail", CLOSED, "tracks"),
    ("", CLOSED, "nothing said"),
    # Shared only where a tag says so
    ("highway=cycleway", CLOSED, "for bicycles unless said otherwise"),
    ("highway=cycleway foot=designated", OPEN, "shared path, drawn as cycleway"),
    ("highway=cycleway foot=permissive", OPEN, "shared by leave of the owner"),
    ("highway=cycleway foot=no segregated=yes", CLOSED, "foot outranks segregated"),
    ("highway=cycleway segregated=yes", OPEN, "segregated is only used on shared ways"),
    ("highway=cycleway segregated=no", OPEN, "the same: both on one surface"),
    ("highway=cycleway foot=use_sidepath", CLOSED, "walkers are sent to the path beside it"),
    ("highway=bridleway", CLOSED, "for horses unless said otherwise"),
    ("highway=bridleway foot=yes", OPEN, "shared"),
    ("highway=busway", CLOSED, "for buses unless said otherwise"),
    ("highway=busway foot=yes", OPEN, "shared"),
    # Fast roads
    ("highway=trunk", CLOSED, "an elevated expressway in many cities"),
    ("highway=trunk sidewalk=both", OPEN, "has pavements"),
    ("highway=trunk sidewalk=right", OPEN, "has a pavement"),
    ("highway=trunk sidewalk=no", CLOSED, "has none"),
    ("highway=trunk sidewalk=separate", CLOSED, "its pavement is a way of its own"),
    ("highway=trunk sidewalk:both=yes", OPEN, "the newer way to say it"),
    ("highway=trunk_link sidewalk:left=yes", OPEN, "the newer way to say it"),
    ("highway=trunk foot=yes", OPEN, "expressly allowed"),
    ("highway=trunk sidewalk=both motorroad=yes", CLOSED, "a motorway in all but name"),
    ("highway=primary motorroad=yes", CLOSED, "the same"),
    ("highway=primary sidewalk=separate", OPEN, "kept: the pavement is often not joined to side streets"),
    ("highway=primary foot=use_sidepath", OPEN, "kept for the same reason"),
    # Platforms
    ("railway=platform", OPEN, "one walks along it between stairs and street"),
    ("public_transport=platform", OPEN, "the newer tag for the same"),
    ("highway=platform", OPEN, "the older tag for the same"),
    ("railway=platform access=no", CLOSED, "out of use"),
    ("railway=platform highway=construction", CLOSED, "a highway tag has the word"),
    ("highway=pedestrian area=yes", OPEN, "a square, walked along its outline"),
    # foot outranks access
    *((f"highway=service access=private foot={foot}", OPEN, "foot outranks access") for foot in
      ("yes", "designated", "permissive", "destination", "customers")),
    ("highway=service access=no foot=yes", OPEN, "closed to all but walkers: a bollard"),
    ("highway=footway access=yes foot=no", CLOSED, "foot outranks access"),
    ("highway=service access=yes foot=private", PRIVATE, "foot outranks access"),
    ("highway=path foot=designated;no", OPEN, "of several values the most generous one counts"),
    # access alone
    *((f"highway=service access={access}", PRIVATE, "only for some") for access in
      ("private", "residents", "permit", "employees", "members", "delivery")),
    ("highway=footway foot=residents", PRIVATE, "only for some"),
    ("highway=service access=no", CLOSED, "for nobody"),
    ("highway=service access=military", CLOSED, "for no civilian"),
    ("highway=service access=emergency", CLOSED, "for ambulances"),
    ("highway=service access=customers", OPEN, "who walks in is a customer"),
    ("highway=service access=destination", OPEN, "who walks in has an errand"),
    ("highway=track access=forestry", OPEN, "a sign against cars"),
    ("highway=path access=unknown", OPEN, "says nothing"),
    ("highway=path foot=unknown access=private", PRIVATE, "foot says nothing, so access has the word"),
    ("highway=residential motor_vehicle=no", OPEN, "says nothing of walkers"),
    ("highway=residential oneway=yes", OPEN, "says nothing of walkers"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer", "reason"), ACCESS, ids=[row[0] or "no tags" for row in ACCESS])
def test_access(text, answer, reason):
    assert walk_access(tags(text)) is answer, reason


DIRECTIONS = [
    ("highway=footway", (True, True), "nothing said"),
    ("highway=residential oneway=yes", (True, True), "oneway binds vehicles"),
    ("highway=footway oneway=yes", (True, True), "and on footways nobody knows whom it binds"),
    ("highway=footway oneway:foot=yes", (True, False), "speaks of walkers"),
    ("highway=footway oneway:foot=1", (True, False), "old spelling"),
    ("highway=footway oneway:foot=-1", (False, True), "against the order of the nodes"),
    ("highway=footway oneway:foot=no", (True, True), "says so"),
    ("highway=footway foot:backward=no", (True, False), "the other way to say it"),
    ("highway=footway foot:forward=no", (False, True), "the other way to say it"),
    ("highway=steps conveying=forward", (True, False), "an escalator runs one way"),
    ("highway=steps conveying=backward", (False, True), "against the order of the nodes"),
    ("highway=steps conveying=reversible", (True, True), "runs either way, depending on the hour"),
    ("highway=steps conveying=yes", (True, True), "nobody noted which way"),
    ("highway=steps conveying=forward oneway:foot=no", (True, True), "what is said of walkers outranks the machine"),
]


@pytest.mark.parametrize(("text", "answer", "reason"), DIRECTIONS, ids=[row[0] for row in DIRECTIONS])
def test_directions(text, answer, reason):
    assert walk_directions(tags(text)) == answer, reason


@pytest.mark.parametrize(
    ("text", "walked"),
    [
        ("highway=service access=private", True),
        ("highway=footway foot=no", True),
        ("highway=motorway foot=no", False),
        ("highway=cycleway access=no", False),
        ("highway=trunk foot=no", False),
    ],
)
def test_only_ways_somebody_could_have_walked_count_as_dropped(text, walked):
    assert is_walked_kind(tags(text)) is walked


VALUES = ("yes", "no", "private", "designated", "both", "platform", "footway", "cycleway", "trunk", "motorway", "-1")


@given(st.dictionaries(st.sampled_from(TAGS_READ), st.sampled_from(VALUES)))
def test_express_permission_never_closes_and_prohibition_never_opens(some):
    allowed = walk_access({**some, "foot": "yes"})
    forbidden = walk_access({**some, "foot": "no"})
    without = walk_access({key: value for key, value in some.items() if key != "foot"})
    severity = [OPEN, PRIVATE, CLOSED].index
    assert severity(allowed) <= severity(without) <= severity(forbidden)
    assert forbidden is CLOSED


@given(st.dictionaries(st.sampled_from(TAGS_READ), st.sampled_from(VALUES)))
def test_only_the_tags_listed_are_read(some):
    noise = {"name": "private", "oneway": "yes", "vehicle": "no", "bicycle": "no"}
    assert walk_access({**noise, **some}) is walk_access(some)
    assert walk_directions({**noise, **some}) == walk_directions(some)


def test_every_tag_listed_matters():
    """A tag nobody reads would be downloaded for nothing."""
    changing = set()
    for tag, kind in itertools.product(TAGS_READ, ("footway", "cycleway", "trunk", None)):
        base = {} if kind is None else {"highway": kind}
        for value in (*VALUES, "forward", "-1", "underground"):
            told = {**base, tag: value}
            if any(rule(told) != rule(base) for rule in (walk_access, walk_directions, is_at_ground, is_area)):
                changing.add(tag)
    assert changing == set(TAGS_READ)


GROUND = [
    ("highway=footway", True, "the usual case"),
    ("highway=service tunnel=yes", False, "the service tunnel under a city centre passes below its houses"),
    ("highway=footway tunnel=building_passage", True, "a passage through a building is at street level"),
    ("highway=primary bridge=yes layer=1", False, "houses beside a viaduct do not open onto it"),
    ("highway=path bridge=boardwalk", True, "a boardwalk lies on the ground"),
    ("highway=footway bridge=no tunnel=no", True, "said outright"),
    ("highway=pedestrian layer=-2", False, "below ground"),
    ("highway=footway layer=1", True, "a layer above says only what crosses over what"),
    ("highway=footway level=-1", False, "the platform of an underground line"),
    ("highway=steps level=-1;0", True, "stairs that come up"),
    ("highway=footway level=street", True, "no number, no news"),
    ("highway=footway indoor=yes", False, "inside a building"),
    ("highway=corridor", False, "inside a building"),
    ("highway=elevator", False, "a lift"),
    ("highway=footway location=underground", False, "the other way to say it"),
]


@pytest.mark.parametrize(("said", "expected", "reason"), GROUND)
def test_doors_open_only_onto_ways_at_ground(said, expected, reason):
    assert is_at_ground(dict(pair.split("=") for pair in said.split())) is expected, reason
