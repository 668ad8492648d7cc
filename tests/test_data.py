"""The committed sample: the files are what SOURCE.md says they are."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections import Counter
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely

from livingcircle.settings import read_study
from livingcircle.sources.facilities import facilities_from_osm_tags
from livingcircle.sources.homes import homes_from_osm_buildings
from livingcircle.sources.standards import read_standard

FOLDER = Path(__file__).resolve().parents[1] / "data" / "helsinki"
EXTRACT = FOLDER / "helsinki.osm.pbf"
BOX = shapely.box(24.9351762, 60.1641550, 24.9534145, 60.1791130)


@pytest.fixture(scope="module")
def source():
    return (FOLDER / "SOURCE.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def districts():
    return gpd.read_file(FOLDER / "districts.geojson")


@pytest.fixture(scope="module")
def make_districts():
    spec = importlib.util.spec_from_file_location("make_districts", FOLDER / "make_districts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_extract_is_the_published_file(source):
    content = EXTRACT.read_bytes()
    assert f"{len(content):,} bytes" in source
    assert hashlib.sha256(content).hexdigest() in source


def test_the_counts_in_source_md(source):
    kinds, tagged, areas = Counter(), Counter(), Counter()
    levels = 0
    for feature in osmium.FileProcessor(EXTRACT).with_areas():
        if feature.is_area():
            areas[feature.tags.get("building")] += 1
            levels += "building" in feature.tags and "building:levels" in feature.tags
            continue
        kinds[feature.type_str()] += 1
        tagged.update(key for key in ("building", "amenity", "addr:postcode") if key in feature.tags)
    buildings = areas.total() - areas[None]
    assert f"| {kinds['n']:,} · {kinds['w']:,} · {kinds['r']} |" in source
    for line, count in [
        ("| features with `building` |", tagged["building"]),
        ("| building areas |", buildings),
        ("| … of unknown use |", areas["yes"]),
        ("| … with `building:levels` |", levels),
        ("| features with `amenity` |", tagged["amenity"]),
        ("| features with a postcode |", tagged["addr:postcode"]),
    ]:
        assert f"{line} {count:,} |" in source, line


def test_the_facilities_and_homes_in_source_md(source):
    study = read_study(FOLDER.parents[1] / "configs" / "helsinki.yaml")
    services = read_standard(study.standard).services
    facilities = facilities_from_osm_tags(EXTRACT, services, "EPSG:32635").value
    for service, count in zip(services, facilities.serves.sum(axis=0), strict=True):
        assert re.search(rf"\b{service.id} {count}\b", source), f"{service.id} {count}"
    settings = {name: getattr(study.homes, name) for name in type(study.homes).model_fields if name != "kind"}
    homes = homes_from_osm_buildings(settings.pop("path"), "EPSG:32635", **settings).value.homes
    assert f"takes {len(homes)} buildings as homes" in source


def test_the_credit_and_the_licence_are_stated(source):
    assert "© OpenStreetMap contributors, ODbL 1.0" in source
    assert "Not official boundaries" in source


def test_districts_fill_the_box_without_gap_or_overlap(districts):
    shapes = districts.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all(), "one piece each"
    assert shapely.union_all(shapes).symmetric_difference(BOX).area < 1e-6 * BOX.area


def test_districts_have_codes_and_names(districts, source):
    assert districts["code"].tolist() == ["00100", "00120", "00130", "00170", "00530"]
    for code, name in zip(districts["code"], districts["name"], strict=True):
        assert name.startswith(f"{code} ")
        assert f"| {code} | {name.removeprefix(code).strip()} |" in source


def test_districts_can_be_made_again(districts, make_districts):
    again = make_districts.districts(EXTRACT)
    assert again["name"].tolist() == districts["name"].tolist()
    difference = shapely.symmetric_difference(again.geometry.to_numpy(), districts.geometry.to_numpy())
    assert shapely.area(difference).sum() < 1e-6 * BOX.area


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00100", "00100"),
        ("000120", "00120"),
        (" 00530 ", "00530"),
        ("00100; 00120", None),
        ("00101", None),
        ("", None),
    ],
)
def test_postcodes_are_read_leniently_but_not_guessed(make_districts, text, code):
    assert make_districts.area_code(text) == code


def test_most_postcodes_lie_in_the_district_of_their_code(districts, make_districts):
    points = make_districts.postcodes(EXTRACT)
    inside = gpd.sjoin(points, districts, predicate="within", lsuffix="said", rsuffix="drawn")
    agree = (inside["code_said"] == inside["code_drawn"]).mean()
    assert agree > 0.97
