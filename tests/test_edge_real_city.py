"""Circles cut out of a real city: what clipping takes away was called uncertain before, building by building."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.real_city
def test_no_loss_by_clipping_goes_unannounced(shared_data, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # the measurement is the one that docs/edge_effects.md shows
    edge = importlib.import_module("benchmarks.edge")
    if not (shared_data / edge.EXTRACT).is_file():
        pytest.skip("the extract of Las Palmas is not on this machine")
    city = edge.las_palmas(shared_data)
    centres = edge.circles(city, 8)
    clips = [edge.clip(city, centre, radius) for centre in centres for radius in edge.RADII_METRES]
    assert max(one.lost for one in clips) > 0.02, "clipping must cost something, or nothing is tested"
    assert all(one.unforeseen == 0 for one in clips)
    assert all(one.uncertain >= one.lost for one in clips)
    wide = [edge.clip(city, centre, 1000.0, 1500.0) for centre in centres[:2]]
    assert all(one.lost == one.uncertain == 0 for one in wide)
