"""The comparison with OSMnx's `walk` filter: its text is understood, and every kilometre of ours is accounted for."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "helsinki" / "helsinki.osm.pbf"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    yield lambda name: importlib.import_module(f"benchmarks.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


VERDICTS = [
    ("highway=residential", "walked by both"),
    ("highway=pedestrian area=yes", "only ours: squares, along their outline"),
    ("highway=cycleway foot=designated", "only ours: cycleways shared with walkers"),
    ("railway=platform", "only ours: platforms"),
    ("highway=service access=private foot=yes", "only ours: private ways open on foot"),
    ("highway=primary sidewalk=separate", "only ours: sidewalk=separate"),
    ("highway=service access=private", "restricted by us, left out by theirs"),
    ("highway=service access=permit", "restricted by us, open to theirs"),
    ("highway=trunk", "only theirs: trunk roads without a pavement"),
    ("highway=path access=no", "only theirs: closed by foot=* or access=*"),
    ("highway=primary motorroad=yes", "only theirs: motorroads"),
    ("highway=motorway", ""),
    ("highway=footway foot=no", ""),
    ("building=yes", ""),
]


@pytest.mark.parametrize(("text", "expected"), VERDICTS, ids=[row[0] for row in VERDICTS])
def test_who_walks_a_way_and_why_the_other_does_not(bench, text, expected):
    walk_filter = bench("walk_filter")
    tags = dict(pair.split("=", 1) for pair in text.split())
    assert walk_filter.verdict(tags, walk_filter.walk_filter()) == expected


def test_every_tag_of_the_filter_is_read(bench):
    walk_filter = bench("walk_filter")
    assert {clause.tag for clause in walk_filter.walk_filter()} == set(walk_filter.FILTER_TAGS)


def test_every_kilometre_of_the_sample_town_is_accounted_for(bench):
    network, sides = bench("network"), bench("walk_networks")
    extract = sides.read(SAMPLE)
    found = network.kilometres(extract, sides.verdicts(extract), sides.ours(extract))
    assert found.pop("unexplained") == pytest.approx(0, abs=1e-6)
    ours = sum(value for said, value in found.items() if not said.startswith("only theirs"))
    assert ours == pytest.approx(143.7, abs=0.1)
    theirs = found["walked by both"] + sum(value for said, value in found.items() if said.startswith("only theirs"))
    assert theirs == pytest.approx(sides.theirs(extract).metres.sum() / 1000)
    assert np.isfinite(list(found.values())).all()
