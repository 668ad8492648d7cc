"""Levels of a map of many homes: every home in one square of each level, nothing lost on the way, and blocks a browser can unpack."""

import base64
import json
import zlib

import numpy as np
import pytest

from livingcircle.model.places import Homes
from livingcircle.render import levels, squares
from livingcircle.render.desk import gcj02_shift
from livingcircle.render.outlines import frame_around

CRS = "EPSG:32651"


def homes_at(xy, residents):
    """Homes of 10 m at positions."""
    import shapely

    count = len(xy)
    none = np.full(count, np.nan)
    return Homes(
        ids=np.array([f"H{number}" for number in range(count)], object),
        xy=xy,
        geometry=shapely.box(*(xy - 5).T, *(xy + 5).T),
        residents=residents.astype(float),
        households=residents / 2,
        floor_m2=none,
        footprint_m2=none,
        district=np.full(count, -1, np.int32),
    )


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(squares, "MOST_HOMES", 50)
    monkeypatch.setattr(levels, "_FINER_SQUARES", 400)
    random = np.random.default_rng(3)
    return homes_at(
        random.uniform((458_000, 3_541_000), (461_000, 3_544_000), (900, 2)), residents=random.integers(0, 9, 900)
    )


def test_few_homes_are_one_level(many):
    assert [one.squares for one in levels.levels_of(many.take(np.arange(40)), CRS)] == [None]


def test_levels_get_finer_and_hold_everybody(many, monkeypatch):
    monkeypatch.setattr(squares.gather, "__defaults__", (60,))
    found = levels.levels_of(many, CRS)
    sides = [one.squares.side_metres for one in found[:-1]]
    assert sides == sorted(sides, reverse=True)
    assert found[-1].squares is None
    assert [one.from_zoom for one in found] == sorted(one.from_zoom for one in found)
    for one in found[:-1]:
        assert one.squares.residents.sum() == many.residents.sum()


def test_a_block_is_what_was_packed(many):
    seconds = np.full((1, len(many)), 100.0)
    parts = levels.Level(None, 0), levels.Level(None, 16)
    content = levels.homes_on_map(
        many, parts, frame_around(many.xy, CRS), seconds, [[300.0]], [[*seconds]], None, 50_000
    )
    block = json.loads(zlib.decompress(base64.b64decode(content["levels"][0]["block"])))
    assert block["classes"] == content["classes"] == ["0" * len(many)]
    assert "tenths" not in block


def test_scores_have_five_classes_and_one_for_unknown():
    score = np.array([0.0, 0.19, 0.2, 0.5, 0.8, 1.0, np.nan])
    assert levels.score_classes(score).tolist() == [0, 0, 1, 2, 4, 4, 5]


def test_amap_is_shifted_in_china_only(many):
    from types import SimpleNamespace

    east, north = gcj02_shift(SimpleNamespace(homes=many, crs=CRS))
    assert (east, north) == pytest.approx((0.0041, -0.0021), abs=5e-4)
    assert gcj02_shift(SimpleNamespace(homes=many, crs="EPSG:32635")) is None
