"""Groups of walkers from the study file to the summary."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

import written_town as w
from livingcircle import cases
from livingcircle.cli.options import OWN_TO_A_GROUP
from livingcircle.errors import InputError
from livingcircle.model.network import Lane
from livingcircle.render.summary import summary
from livingcircle.settings import read_study

EAST = w.lonlat(1500)[0] - w.ORIGIN[0]  # degrees of the street's 1,500 m


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path) -> Path:
    return w.write_town(tmp_path)


def write_heights(path: Path, gradient: float) -> None:
    """Write a plane that rises eastward from the pharmacy, with cells of about 15 m."""
    columns = 160
    heights = (np.arange(columns) - 19.5) * 15 * gradient
    cell = EAST / 100
    kind = {"driver": "GTiff", "height": 20, "width": columns, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    placed = Affine(cell, 0, w.ORIGIN[0] - 20 * cell, 0, -cell, w.ORIGIN[1] + 10 * cell)
    with rasterio.open(path, "w", transform=placed, **kind) as made:
        made.write(np.tile(heights.astype(np.float32), (20, 1)), 1)


def seconds_of(study_file: Path, **walker: object) -> np.ndarray:
    settings = read_study(study_file, {"walker": walker} if walker else None)
    results = cases.answer(settings, areas=False, siting=False)
    pharmacy = [service.id for service in results.study.standard.services].index("pharmacy")
    return results.assessment.reach.seconds[pharmacy]


def test_every_home_feels_the_slope_on_its_way(study_file):
    """Walks lead west to the pharmacy: up where the land falls eastward, down where it rises."""
    level = seconds_of(study_file)
    with study_file.open("a", encoding="utf-8") as text:
        text.write("elevation: {path: dem.tif}\n")
    for gradient, factor in ((-0.05, math.exp(0.175)), (0.05, math.exp(-0.175)), (-0.2, math.exp(0.7))):
        write_heights(study_file.parent / "dem.tif", gradient)
        assert seconds_of(study_file, slope="tobler") == pytest.approx(level * factor, rel=0.01, abs=1.5)
        assert (seconds_of(study_file) == level).all()


def test_what_is_assumed_of_the_walker_is_in_the_summary(study_file):
    with study_file.open("a", encoding="utf-8") as text:
        text.write("elevation: {path: dem.tif}\n")
    write_heights(study_file.parent / "dem.tif", 0.05)
    settings = read_study(
        study_file, {"walker": {"preset": "wheels", "slope": "tobler", "crossing_seconds": {"signal": 25}}}
    )
    figures = summary(cases.answer(settings, areas=False, siting=False))
    walker = figures["walker"]
    assert (walker["id"], walker["slope"], walker["stairs_factor"]) == ("wheels", "tobler", None)
    assert walker["crossing_seconds"]["signal"] == 25
    for words in ("Tobler", "stairs cannot be used", "25 s at signals", "crossed anywhere"):
        assert words in walker["assumptions"]["en"]
    for words in ("托布勒", "台阶不可通行", "信号灯 25 秒", "处处可过"):
        assert words in walker["assumptions"]["zh"]
    assert "dem.tif" in {entry["file"] for entry in figures["inputs"]}


def test_a_group_from_the_command_line_walks_at_its_own_speed(study_file):
    group = {"preset": "older", **OWN_TO_A_GROUP}
    assert seconds_of(study_file, **group) == pytest.approx(seconds_of(study_file) * 1.25 / 0.9, abs=0.2)


def test_elevation_is_looked_at_beside_the_other_files(study_file):
    with study_file.open("a", encoding="utf-8") as text:
        text.write("elevation: {path: nowhere.tif}\n")
    (study_file.parent / "homes.csv").unlink()
    with pytest.raises(InputError) as caught:
        cases.load(read_study(study_file, {"walker": {"slope": "tobler"}}))
    missing = {Path(fault.file).name for fault in caught.value.faults if fault.kind == "missing_file"}
    assert {"nowhere.tif", "homes.csv"} <= missing


def test_wide_roads_have_sides_only_where_that_is_asked_for(study_file):
    w.change(study_file.parent / "streets.osm", "residential", "primary")
    anywhere, crossings = (
        cases.load(read_study(study_file, {"walker": {"wide_roads": rule}})) for rule in ("anywhere", "crossings")
    )
    assert set(anywhere.network.streets.lane) == {Lane.STREET}
    assert set(crossings.network.streets.lane) == {Lane.LEFT, Lane.RIGHT}
    assert crossings.network.streets.drawn.sum() == len(anywhere.network.streets)
