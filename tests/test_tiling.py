"""Tiling changes no number: what is counted of a city in tiles equals, to the last bit, what is counted of it as one."""

from __future__ import annotations

import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import written_town as w
from livingcircle import cases
from livingcircle.settings import read_study, settings_from
from livingcircle.tiling import counted_together, cut_study, walks_in, ways_of
from test_limits_in_metres import STANDARD

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


def tiled(settings, tiles):
    """Load a study, and count it as one and in tiles; what is cut is written down and read again, as in a batch."""
    study = cases.load(settings)
    cut, each = cut_study(study, settings, tiles)
    walks = [walks_in(written_and_read(one)) for one in each]
    cut = written_and_read(cut)
    assert len(walks) == tiles
    return study, cases.assess(study, settings), counted_together(cut, settings, walks)


def written_and_read(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - of this test itself


def assert_same(whole, together):
    for name in ("coverage", "by_age", "cautious", "verdicts"):
        one, other = getattr(whole, name), getattr(together, name)
        assert (one is None) == (other is None)
        for field in fields(one) if one is not None else ():
            values = getattr(one, field.name), getattr(other, field.name)
            if isinstance(values[0], np.ndarray):
                np.testing.assert_array_equal(*values, err_msg=f"{name}.{field.name}")


@pytest.mark.parametrize("tiles", [1, 2, 6])
def test_a_town_in_tiles(tmp_path, tiles):
    settings = read_study(w.write_town(tmp_path), {"siting": [], "candidates": None})
    _, whole, together = tiled(settings, tiles)
    assert_same(whole, together)
    assert together.coverage.residents_covered[0] == w.COVERED_5


def test_limits_in_metres_with_stairs(tmp_path):
    """Metres are judged by plain walks, minutes by those of the walker: each is cut and counted by its own."""
    file = w.write_town(tmp_path)
    (tmp_path / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    refs = [f"<nd ref='{number}'/>" for number in range(1, 17)]
    whole_way = f"<way id='1' version='1'>{''.join(refs)}<tag k='highway' v='residential'/></way>"
    parts = [
        f"<way id='{number}' version='1'>{''.join(nodes)}<tag k='highway' v='{kind}'/></way>"
        for number, (nodes, kind) in enumerate(
            [(refs[:4], "residential"), (refs[3:6], "steps"), (refs[5:], "footway")], 1
        )
    ]
    w.change(tmp_path / "streets.osm", whole_way, "".join(parts))
    settings = read_study(file, {"siting": [], "candidates": None, "walker": {"stairs_factor": 2.0}})
    study, whole, together = tiled(settings, 3)
    assert set(ways_of(study)) == {"own", "plain"}
    assert_same(whole, together)


def test_the_sample_in_tiles():
    """Ages, requirements in metres, homes beyond the joining cap, and compounds whose gates are unknown."""
    unknown = {"compounds": {"gates": None, "unknown_gates": "band"}}
    study, whole, together = tiled(read_study(ROOT / "configs" / "qinghe.yaml", unknown), 5)
    assert "own walled" in ways_of(study)
    assert len(whole.by_age)
    assert_same(whole, together)


@pytest.mark.real_city
def test_las_palmas_in_tiles(shared_data, tmp_path):
    pbf = str(shared_data / "laspalmas" / "las_palmas_20230221.osm.pbf")
    content = {
        "id": "las-palmas",
        "title": {"en": "Las Palmas"},
        "network": {"kind": "osm_file", "path": pbf},
        "homes": {
            "kind": "osm_buildings",
            "path": pbf,
            "default_levels": 3,
            "residential_buildings": ["apartments", "residential", "house", "detached", "terrace", "yes"],
        },
        "facilities": [{"kind": "osm_tags", "path": pbf}],
        "standard": "gb50180_2018",
        "walker": {"preset": "older"},
    }
    study, whole, together = tiled(settings_from(content, tmp_path / "study.yaml"), 8)
    assert len(study.homes) > 10_000
    assert_same(whole, together)
