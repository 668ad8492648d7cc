"""Derive `districts.geojson` from the postcodes in `helsinki.osm.pbf`.

Every feature that carries `addr:postcode` claims the ground nearest to it (Thiessen polygons); the claims of one code
are joined. The result approximates the postal areas, it is not their official boundary. Two things are tidied: a
postcode that most of its nearest neighbours contradict is outvoted, and a piece cut off from the main part of its
area goes to the area it borders on most. Same input, same file.

    python data/helsinki/make_districts.py
"""

# ruff: noqa: INP001 - a script beside its data

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import shapely
from scipy.spatial import cKDTree

FOLDER = Path(__file__).resolve().parent
NAMES = {
    "00100": "赫尔辛基市中心—埃图-特勒 Helsinki keskusta–Etu-Töölö",
    "00120": "普纳沃里 Punavuori",
    "00130": "卡尔廷考蓬基 Kaartinkaupunki",
    "00170": "克鲁努恩哈卡 Kruununhaka",
    "00530": "卡利奥 Kallio",
}
"""Street-address codes; codes of post-office boxes (00099, 00101, 00131 …) name no ground."""
METRES = "EPSG:3067"
NEIGHBOURS = 9
SIMPLIFY_METRES = 12
DEGREE_DIGITS = 7


def area_code(text: str) -> str | None:
    """Read a postcode; None where several are given, or none that names ground.

    Examples
    --------
    >>> area_code("000120"), area_code("00100; 00120"), area_code("00101")
    ('00120', None, None)
    """
    code = "00" + text.strip().lstrip("0")
    return code if code in NAMES else None


def postcodes(extract: Path) -> gpd.GeoDataFrame:
    """Read one point per feature with a postcode of the list."""
    factory = osmium.geom.WKBFactory()
    codes: list[str] = []
    points = []
    for feature in osmium.FileProcessor(extract).with_areas(osmium.filter.KeyFilter("addr:postcode")):
        code = area_code(feature.tags.get("addr:postcode", ""))
        if code is None:
            continue
        if feature.is_node():
            shape = shapely.Point(feature.location.lon, feature.location.lat)
        elif feature.is_area():
            shape = shapely.from_wkb(factory.create_multipolygon(feature)).representative_point()
        elif feature.is_way() and not feature.is_closed():
            shape = shapely.from_wkb(factory.create_linestring(feature)).representative_point()
        else:
            continue  # closed ways and relations come again as areas
        codes.append(code)
        points.append(shape)
    return gpd.GeoDataFrame({"code": codes}, geometry=points, crs="EPSG:4326")


def outvoted(xy: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Give each point the code most of its nearest neighbours carry; its own where the vote is tied."""
    _, nearest = cKDTree(xy).query(xy, k=NEIGHBOURS)
    winners = []
    for own, around in zip(codes, codes[nearest], strict=True):
        votes = Counter(around.tolist())
        winners.append(max(sorted(votes), key=lambda code: (votes[code], code == own)))
    return np.array(winners)


def without_exclaves(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every piece that is cut off from the largest part of its area to the area it shares most border with."""
    pieces = areas.explode(ignore_index=True)
    main = pieces.geometry.area.groupby(pieces["code"]).transform("max") == pieces.geometry.area
    for piece in pieces.index[~main]:
        shared = pieces[main].intersection(pieces.geometry[piece].boundary).length
        pieces.loc[piece, "code"] = pieces.loc[shared.idxmax(), "code"]
    return pieces.dissolve("code", as_index=False, method="coverage")


def districts(extract: Path) -> gpd.GeoDataFrame:
    """Build the areas: valid, without gap or overlap, filling the box of the extract."""
    bounds = osmium.FileProcessor(extract).header.box()
    box = shapely.box(bounds.bottom_left.lon, bounds.bottom_left.lat, bounds.top_right.lon, bounds.top_right.lat)
    points = postcodes(extract)
    points = points[points.within(box)].to_crs(METRES)
    points = points.loc[~points.geometry.duplicated()].reset_index(drop=True)
    points["code"] = outvoted(shapely.get_coordinates(points.geometry), points["code"].to_numpy())

    frame = shapely.segmentize(box, 0.001)
    frame = gpd.GeoSeries([frame], crs="EPSG:4326").to_crs(METRES).iloc[0]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.MultiPoint(points.geometry.to_numpy()), extend_to=frame.buffer(500), ordered=True
        )
    )
    areas = gpd.GeoDataFrame({"code": points["code"]}, geometry=cells, crs=METRES)
    areas = without_exclaves(areas.dissolve("code", as_index=False, method="coverage"))
    areas.geometry = shapely.coverage_simplify(areas.geometry.to_numpy(), SIMPLIFY_METRES)
    areas = areas.to_crs("EPSG:4326")
    areas.geometry = shapely.intersection(areas.geometry.to_numpy(), box)
    areas.geometry = shapely.transform(areas.geometry.to_numpy(), lambda xy: xy.round(DEGREE_DIGITS))
    if not (areas.is_valid.all() and shapely.coverage_is_valid(areas.geometry.to_numpy())):
        message = "the areas overlap or leave gaps"
        raise ValueError(message)
    areas["name"] = [f"{code} {NAMES[code]}" for code in areas["code"]]
    return areas[["code", "name", "geometry"]]


if __name__ == "__main__":
    made = districts(FOLDER / "helsinki.osm.pbf")
    made.to_file(
        FOLDER / "districts.geojson",
        driver="GeoJSON",
        engine="pyogrio",
        layer_options={
            "RFC7946": "YES",
            "COORDINATE_PRECISION": DEGREE_DIGITS,
            "DESCRIPTION": "Approximate postal areas derived from OpenStreetMap. © OpenStreetMap contributors, ODbL 1.0",
        },
    )
