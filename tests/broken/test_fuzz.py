"""Whatever a file holds: a reading, or an error of this program; never another one."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import written_town as w
from broken.corpus import home_rows, homes
from livingcircle.errors import LivingCircleError, SettingsError
from livingcircle.settings import read_study, settings_from
from livingcircle.sources.column_names import header_parts, match_columns
from livingcircle.sources.columns import id_column, number_column, text_column
from livingcircle.sources.district_codes import plain_codes
from livingcircle.sources.formats import FORMATS, read_rows
from livingcircle.sources.layers import NEEDED_TYPES, LayerSource, open_layer
from livingcircle.sources.osm import read_buildings
from livingcircle.sources.streets import streets_from_graphml, streets_from_osm

DATE = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When the sound files were written: with dates of their own the same damage would fall on other bytes."""
EXAMPLES = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf", ".kml": "LIBKML"}
_LAYERS = [suffix for suffix in FORMATS if suffix not in {".osm", ".pbf", ".xls", ".xlsm"}]


@contextmanager
def told() -> Iterator[None]:
    """Let errors of this program pass that can be told in both languages."""
    try:
        yield
    except LivingCircleError as error:
        error.report("zh")
        error.report("en")


def sound_file(folder: Path, suffix: str) -> Path:
    """Write the homes of the town in a format, with the same bytes every time."""
    path = folder / f"homes{suffix}"
    path.unlink(missing_ok=True)
    frame = homes()
    if suffix in _DRIVERS:
        frame.to_file(path, driver=_DRIVERS[suffix])
    elif suffix == ".shp":
        frame.to_file(path, DBF_DATE_LAST_UPDATE=f"{DATE:%Y-%m-%d}")
    elif suffix in {".parquet", ".geoparquet"}:
        frame.to_parquet(path)
    elif suffix == ".xlsx":
        rows = home_rows()
        with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
            writer.book.set_properties({"created": DATE})
            pd.DataFrame(rows[1:], columns=rows[0]).to_excel(writer, index=False)
    elif suffix in {".zip", ".kmz"}:
        inner = sound_file(folder, {".zip": ".csv", ".kmz": ".kml"}[suffix])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo(inner.name, DATE.timetuple()[:6])
            archive.writestr(entry, inner.read_bytes(), zipfile.ZIP_DEFLATED)
    else:
        w.write_table(path, ("id", "lon", "lat", "居民数"), [tuple(row) for row in home_rows()[1:]])
    return path


def look_through(path: Path) -> None:
    """Read a file as a reader of homes would."""
    layer = open_layer(LayerSource(path), needed="any")
    columns = match_columns(layer, {"id": None, "residents": None, "name": None})
    id_column(layer, columns["id"])
    number_column(layer, columns["residents"], "residents")
    text_column(layer, columns["name"])
    with told():
        layer.projected("EPSG:32651")


@st.composite
def damage(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """Draw what happens to the bytes of a file: where, and which bytes come in."""
    one = st.tuples(st.sampled_from(["flip", "cut", "insert", "drop", "zero"]), st.floats(0, 1), st.binary(max_size=8))
    return draw(st.lists(one, min_size=1, max_size=4))


def damaged(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    """Apply drawn damage."""
    for how, where, new in changes:
        at = int(where * len(content))
        end = at + max(len(new), 1)
        content = {
            "flip": content[:at] + bytes(byte ^ 0x55 for byte in content[at:end]) + content[end:],
            "cut": content[:at],
            "insert": content[:at] + new + content[at:],
            "drop": content[:at] + content[end:],
            "zero": content[:at] + bytes(len(content[at:end])) + content[end:],
        }[how]
    return content


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Iterator[dict[str, Path]]:
    folder = tmp_path_factory.mktemp("sound")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{DATE:%Y-%m-%dT%H:%M:%SZ}"})
    yield {suffix: sound_file(folder, suffix) for suffix in _LAYERS}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_what_is_damaged_is_the_same_in_every_run(sound, tmp_path):
    for suffix, path in sound.items():
        assert sound_file(tmp_path, suffix).read_bytes() == path.read_bytes(), suffix


@pytest.mark.parametrize("suffix", _LAYERS)
@EXAMPLES
@given(changes=damage())
def test_damaged_layers(tmp_path, sound, suffix, changes):
    path = tmp_path / sound[suffix].name
    for part in sound[suffix].parent.glob("homes.*") if suffix == ".shp" else ():
        (tmp_path / part.name).write_bytes(part.read_bytes())
    path.write_bytes(damaged(sound[suffix].read_bytes(), changes))
    look_through(path)


@EXAMPLES
@given(changes=damage())
def test_damaged_attributes_of_a_shapefile(tmp_path, sound, changes):
    for part in sound[".shp"].parent.glob("homes.*"):
        (tmp_path / part.name).write_bytes(part.read_bytes())
    for name in ("homes.dbf", "homes.shx", "homes.prj", "homes.cpg"):
        (tmp_path / name).write_bytes(damaged((sound[".shp"].parent / name).read_bytes(), changes))
        look_through(tmp_path / "homes.shp")


@pytest.mark.parametrize("suffix", FORMATS)
@EXAMPLES
@given(content=st.binary(max_size=300))
def test_random_bytes(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with told():
        read_rows(path, "a=b" if suffix in {".osm", ".pbf"} else None)


@pytest.mark.parametrize("suffix", [".osm", ".graphml"])
@EXAMPLES
@given(changes=damage())
def test_damaged_streets(tmp_path, suffix, changes):
    w.write_town(tmp_path)
    if suffix == ".osm":
        sound, read = (tmp_path / "streets.osm").read_bytes(), streets_from_osm
    else:
        from broken.streets import _graph

        sound, read = _graph(tmp_path).read_bytes(), streets_from_graphml
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(damaged(sound, changes))
    for reader in (lambda: read(path, None), lambda: suffix == ".osm" and read_buildings(path)):
        with told():
            reader()


@EXAMPLES
@given(changes=damage())
def test_damaged_binary_extracts(tmp_path, changes):
    from broken.streets import _pbf

    w.write_town(tmp_path)
    path = tmp_path / "streets.osm.pbf"
    path.unlink(missing_ok=True)
    path = _pbf(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), changes))
    for reader in (lambda: streets_from_osm(path, None), lambda: read_buildings(path)):
        with told():
            reader()


# ── Cells, names, settings, shapes ──────────────────────────────────────────

_CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["1e400", "-0", "٣", "½", "1.2万㎡", "约3000户", "三百", "1,2,3", "0x10", "1_000", "∞", "#N/A", "9" * 400]
)


@settings(EXAMPLES, max_examples=60)
@given(cells=st.lists(_CELLS, min_size=1, max_size=5), header=_CELLS)
def test_random_cells_and_headers(tmp_path, cells, header):
    frame = pd.DataFrame({"id": cells, "lon": cells, "lat": "31", header or "x": cells, "居民数": cells, "面积": cells})
    frame = frame.loc[:, ~frame.columns.duplicated()]
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False, encoding="utf-8")
    look_through(path)
    header_parts(header)
    plain_codes(np.array(cells, object))


_COORDINATE = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-180, 180)
_POINT = st.tuples(_COORDINATE, _COORDINATE)
_SHAPES = st.one_of(
    st.none(),
    st.just(shapely.Point()),
    st.builds(shapely.Point, _POINT),
    st.lists(_POINT, min_size=2, max_size=5).map(lambda xy: shapely.LineString(np.array(xy))),
    st.lists(_POINT, min_size=4, max_size=8).map(lambda xy: shapely.Polygon(np.array(xy))),
    st.lists(_POINT.map(shapely.Point), max_size=3).map(shapely.GeometryCollection),
    st.lists(_POINT, max_size=3).map(lambda xy: shapely.MultiPoint(xy) if xy else shapely.MultiPoint()),
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy speaks of the infinite coordinates that are drawn
@settings(EXAMPLES, max_examples=30)
@given(
    shapes=st.lists(_SHAPES, min_size=1, max_size=4), crs=st.sampled_from([None, "EPSG:4326", "EPSG:4549", "EPSG:3857"])
)
def test_random_shapes(tmp_path, shapes, crs):
    path = tmp_path / "a.parquet"
    column = np.empty(len(shapes), object)
    column[:] = shapes
    gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=column, crs=crs).to_parquet(path)
    for needed in NEEDED_TYPES:
        layer = open_layer(LayerSource(path), needed=needed)
        with told():
            layer.projected("EPSG:32651")


_KEYS = st.sampled_from(
    ["id", "title", "zh", "network", "kind", "path", "homes", "columns", "facilities", "standard", "edge", "walker",
     "preset", "outputs", "siting", "service", "sites", "population", "box", "date", "crs", "datum", "compounds"]
) | st.text(max_size=5)  # fmt: skip
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["layer", "osm_file", "osm_area", "raster", "EPSG:4326", "bd09", "a.csv", "2024-01-01"]),
    st.dates(),
)
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=15
)


@settings(EXAMPLES, max_examples=30)
@given(tree=st.dictionaries(_KEYS, _TREES, max_size=6))
def test_random_settings(tmp_path, tree):
    with pytest.raises(SettingsError) as raised:
        settings_from(tree, tmp_path / "study.yaml")
    assert raised.value.report("zh")


@settings(EXAMPLES, max_examples=60)
@given(changes=damage())
def test_damaged_study_files(tmp_path, changes):
    study = w.write_town(tmp_path)
    study.write_bytes(damaged(study.read_bytes(), changes))
    with told():
        read_study(study)
