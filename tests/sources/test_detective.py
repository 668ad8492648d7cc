from __future__ import annotations

import numpy as np
import pytest
import shapely
import yaml

from livingcircle.loading import load_study
from livingcircle.progress import Stages
from livingcircle.settings import read_study
from livingcircle.sources.datum import converted
from livingcircle.sources.detective import Witnesses, cross_examined, suspicion
from livingcircle.sources.layers import LayerSource, inner_points, open_layer
from livingcircle.sources.osm import read_buildings, read_tagged, reprojected
from livingcircle.sources.projection import projected, unprojected
from livingcircle.sources.streets import streets_from_osm

CRS = "EPSG:32650"
CHINA = projected(np.array([118.78]), np.array([32.04]), CRS)[0]


def objects(values):
    column = np.empty(len(values), object)
    column[:] = values
    return column


def town(seed=1, size=4000.0):
    """Streets at uneven distances of 60 to 250 m; houses of 12 to 20 m stand 6 to 20 m beside them, two shops in three are in a house."""
    chance = np.random.default_rng(seed)
    lines = []
    for turned in (False, True):
        along = np.cumsum(chance.uniform(60, 250, 200))
        for offset in along[along < size]:
            line = np.array([[offset, 0], [offset, size]])
            lines.append(line[:, ::-1] if turned else line)
    streets = shapely.linestrings(np.array(lines) + CHINA)
    picked = np.array(lines)[chance.integers(0, len(lines), 2500)]
    place = picked[:, 0] + chance.uniform(0, 1, (2500, 1)) * (picked[:, 1] - picked[:, 0])
    across = (picked[:, 1] - picked[:, 0])[:, ::-1] / size * chance.choice([-1, 1], (2500, 1))
    half = chance.uniform(6, 10, (2500, 1))
    middle = place + across * (half + chance.uniform(6, 20, (2500, 1))) + CHINA
    houses = objects(shapely.box(*(middle - half).T, *(middle + half).T))
    houses = houses[~np.isin(np.arange(2500), shapely.STRtree(streets).query(houses, predicate="intersects")[0])]
    return streets, houses


STREETS, HOUSES = town()
SHOPS = shapely.get_coordinates(shapely.centroid(HOUSES))
NO_NAMES = objects([""] * 5000)


def offset(geometry, datum):
    """Return what is read when numbers in `datum` are taken for WGS-84."""
    corners = shapely.get_coordinates(geometry)
    numbers = converted(*unprojected(corners, CRS), "wgs84", datum)
    return shapely.set_coordinates(geometry.copy(), projected(*numbers, CRS))


def picked(count, seed=0, pool=SHOPS):
    chosen = np.random.default_rng(seed).permutation(len(pool))[:count]
    return np.asarray(shapely.points(pool[chosen]), object)


def witnesses(**more):
    return Witnesses(CRS, shapely.STRtree(STREETS), **more)


def asked(geometry, datum="wgs84", names=None, **more):
    names = NO_NAMES[: len(geometry)] if names is None else names
    return suspicion(geometry, names, datum, witnesses(**more))


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shops_in_another_datum_are_found_and_the_way_is_right(datum):
    shops = picked(200)
    moved = offset(shops, datum)
    found = asked(moved, footprints=shapely.STRtree(HOUSES))
    assert (found.datum, found.mixed) == (datum, False)
    assert found.metres == pytest.approx(np.median(shapely.distance(shops, moved)), rel=0.02)
    assert found.as_suspected.inside == 1
    assert found.as_read.inside < 0.3
    assert found.as_suspected.street_metres < found.as_read.street_metres


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_houses_tell_by_the_streets_that_cross_them(datum):
    found = asked(offset(HOUSES[:300], datum))
    assert found.datum == datum
    assert found.as_suspected.uncrossed == 1
    assert found.as_read.uncrossed < 0.9


@pytest.mark.parametrize("truth", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("declared", ["gcj02", "bd09"])
def test_a_wrong_declaration_is_found(truth, declared):
    shops = picked(200)
    numbers = unprojected(shapely.get_coordinates(shops), CRS)
    numbers = numbers if truth == "wgs84" else converted(*numbers, "wgs84", truth)
    as_read = np.asarray(shapely.points(projected(*converted(*numbers, declared), CRS)), object)
    found = asked(as_read, declared, footprints=shapely.STRtree(HOUSES))
    assert (found and found.datum) == (None if truth == declared else truth)


@pytest.mark.parametrize("count", [3, 8, 30, 300])
@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_suspected_who_is_where_he_says(count, seed):
    assert asked(picked(count, seed), footprints=shapely.STRtree(HOUSES)) is None
    assert asked(picked(count, seed)) is None
    chance = np.random.default_rng(seed)
    anywhere = CHINA + chance.uniform(0, 4000, (count, 2))
    assert asked(picked(count, seed, anywhere), footprints=shapely.STRtree(HOUSES)) is None


def test_blocks_of_equal_size_and_a_cluster_do_not_fool_it():
    at = np.arange(0, 4000.0, 100)
    lines = np.concatenate([[[(x, 0), (x, 4000)] for x in at], [[(0, y), (4000, y)] for y in at]])
    grid = Witnesses(CRS, shapely.STRtree(shapely.linestrings(lines + CHINA)))
    x, y = np.meshgrid(at + 20, at + 50)
    regular = np.asarray(shapely.points(np.column_stack([x.ravel(), y.ravel()]) + CHINA), object)
    for layer in (regular, offset(regular, "gcj02"), offset(regular, "bd09")):
        found = suspicion(layer[::7], NO_NAMES[: len(layer[::7])], "wgs84", grid)
        assert found is None or not found.mixed
    assert suspicion(regular[::7], NO_NAMES[: len(regular[::7])], "wgs84", grid) is None
    cluster = CHINA + 2000 + np.random.default_rng(2).uniform(0, 30, (400, 2))
    assert asked(picked(400, pool=cluster), footprints=shapely.STRtree(HOUSES)) is None


@pytest.mark.parametrize(
    ("places", "stated", "kind"),
    [
        ("regular", {}, "datum_not_told"),
        ("regular", {"crs": "EPSG:4490"}, None),  # surveyors' degrees are not offset
        ("regular", {"datum": "gcj02"}, None),  # somebody knows
        ("in houses", {}, None),
    ],
)
def test_where_places_do_not_tell_that_is_said_unless_somebody_knows(tmp_path, places, stated, kind):
    at = np.arange(0, 4000.0, 100)
    lines = np.concatenate([[[(x, 0), (x, 4000)] for x in at], [[(0, y), (4000, y)] for y in at]])
    grid = Witnesses(CRS, shapely.STRtree(shapely.linestrings(lines + CHINA)))
    known = grid if places == "regular" else witnesses(footprints=shapely.STRtree(HOUSES))
    x, y = np.meshgrid(at + 20, at + 50)
    xy = np.column_stack([x.ravel(), y.ravel()])[::7] + CHINA if places == "regular" else SHOPS[:200]
    rows = [f"{number},{lon},{lat}" for number, (lon, lat) in enumerate(np.column_stack(unprojected(xy, CRS)))]
    (tmp_path / "shops.csv").write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    layer = open_layer(LayerSource(tmp_path / "shops.csv", **stated), needed="points", columns={})
    found = cross_examined(layer, known)
    assert (found and found.kind) == kind


def test_few_places_are_enough_where_they_have_names():
    shops = picked(12)
    names = objects([f"第{number}幼儿园" for number in range(12)])
    spaced = objects([f" 第{number} 幼儿园" for number in range(12)])
    known = witnesses(names=spaced, named_xy=shapely.get_coordinates(shops) + 30)
    found = suspicion(offset(shops, "bd09"), names, "wgs84", known)
    assert found.datum == "bd09"
    assert (found.as_read.same_name, found.as_suspected.same_name) == (0, 12)


def test_a_mixed_layer_names_the_clearest_rows():
    shops = picked(300)
    mixed = np.concatenate([shops[:150], offset(shops[150:], "bd09")])
    found = asked(mixed, footprints=shapely.STRtree(HOUSES))
    assert (found.datum, found.mixed) == ("bd09", True)
    assert min(found.rows) >= 150


def test_outside_china_there_is_nothing_to_suspect():
    here = projected(np.array([24.94]), np.array([60.17]), "EPSG:32635")[0] - CHINA
    streets = shapely.set_coordinates(np.array(STREETS), shapely.get_coordinates(STREETS) + here)
    shops = np.asarray(shapely.points(SHOPS[:300] + here + 500), object)
    assert suspicion(shops, NO_NAMES[:300], "wgs84", Witnesses("EPSG:32635", shapely.STRtree(streets))) is None


@pytest.mark.real_city
@pytest.mark.parametrize(
    ("truth", "datum"), [("wgs84", None), ("bd09", None), ("gcj02", None), ("bd09", "bd09"), ("wgs84", "gcj02")]
)
def test_a_study_says_which_layer_is_in_another_datum(shared_data, tmp_path, truth, datum):
    extract = shared_data / "nanjing" / "nanjing_core_20210612.osm"
    shops = read_tagged(extract, [{"amenity": "restaurant"}, {"amenity": "cafe"}, {"amenity": "bank"}], None)
    lonlat = shapely.get_coordinates(shapely.point_on_surface(shops.geometry))
    numbers = np.column_stack(converted(*lonlat.T, "wgs84", truth))
    rows = [f"{name},{lon},{lat}" for name, (lon, lat) in enumerate(numbers.tolist())]
    (tmp_path / "shops.csv").write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    layer = {"kind": "layer", "path": "shops.csv", "service": "pharmacy", **({"datum": datum} if datum else {})}
    study = {
        "id": "nanjing",
        "title": {"zh": "南京"},
        "network": {"kind": "osm_file", "path": str(extract)},
        "homes": {"kind": "osm_buildings", "path": str(extract)},
        "facilities": [layer],
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    said = load_study(read_study(tmp_path / "study.yaml"), Stages()).warnings
    suspected = [warning for warning in said if warning.kind == "looks_like_datum"]
    if truth == (datum or "wgs84"):
        assert suspected == []
    else:
        (warning,) = suspected
        assert (warning.file, warning.details["datum"]) == ("shops.csv", truth)
        assert f"datum: {truth}" in warning.remedy("zh")


@pytest.mark.real_city
@pytest.mark.parametrize("extract", ["nanjing/nanjing_core_20210612.osm", "shenzhen/shenzhen_longgang_20191103.osm"])
def test_buildings_of_real_cities(shared_data, extract):
    streets = streets_from_osm(shared_data / extract, None).value
    buildings = reprojected(read_buildings(shared_data / extract, None).geometry, streets.crs)
    known = Witnesses(streets.crs, shapely.STRtree(streets.lines))
    for seed in range(3):
        some = buildings[np.random.default_rng(seed).permutation(len(buildings))[:130]]
        assert suspicion(some, NO_NAMES[:130], "wgs84", known) is None
        assert suspicion(np.asarray(shapely.points(inner_points(some)), object), NO_NAMES[:130], "wgs84", known) is None
        for datum in ("gcj02", "bd09"):
            corners = shapely.get_coordinates(some)
            numbers = projected(*converted(*unprojected(corners, streets.crs), "wgs84", datum), streets.crs)
            found = suspicion(shapely.set_coordinates(some.copy(), numbers), NO_NAMES[:130], "wgs84", known)
            assert (found.datum, found.mixed) == (datum, False)
