"""The files of the made-up sub-district, each as an office would hand it over."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
import xlsxwriter

from ground import GAUSS_KRUEGER_ZONED, RIVER, Ground, degrees, drawn, outline
from livingcircle.sources.datum import converted
from people import COMMUNITIES, GROUPS, STREET_CODE, STREET_NAME
from registers import CHECKLIST, REGISTERS, Answer
from services import Facility, Poi

if TYPE_CHECKING:
    from generate import Town

FICTION = "虚构示例，不对应任何真实地点 / made up, no real place"
_MOMENT = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - what a workbook says of its making
_ZIP_MOMENT = (2026, 1, 1, 0, 0, 0)


def write_all(town: Town, folder: Path) -> None:
    """Write every file into a folder."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "streets.osm").write_text(_osm(town.ground), encoding="utf-8")
    _write_houses(town, folder / "houses.zip")
    _write_layers(town, folder / "qinghe.gpkg")
    _write_facilities(town.facilities, folder / "facilities.xlsx")
    _write_population(folder / "population.xlsx")
    _write_answers(folder / "registers.xlsx", "台账", "清河街道（虚构示例）条文台账", REGISTERS)
    _write_answers(folder / "checklist.xlsx", "核查表", "清河街道（虚构示例）人工核查", CHECKLIST)
    _write_gates(town.ground, folder / "gates.csv")
    _write_pois(town.pois, folder / "pois_gcj02.csv")


# ── Streets ─────────────────────────────────────────────────────────────────


def _osm(ground: Ground) -> str:
    """Return the streets in the format of OpenStreetMap; none of it is from there."""
    ways = list(ground.streets.ways())
    number: dict[Any, int] = {}
    for places, _ in ways:
        for place in places:
            number.setdefault(place, len(number) + 1)
    lonlat = {place: degrees(place) for place in number}
    lons, lats = zip(*lonlat.values(), strict=True)
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        f"<!-- 清河街道：{FICTION} -->",
        '<osm version="0.6" generator="data/qinghe/generate.py" copyright="made up, public domain (CC0)">',
        f'<bounds minlat="{min(lats)}" minlon="{min(lons)}" maxlat="{max(lats)}" maxlon="{max(lons)}"/>',
    ]
    for place, (lon, lat) in lonlat.items():
        tags = ground.streets.marks.get(place, {})
        lines.append(_element(f'node id="{number[place]}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"', [], tags))
    for count, (places, tags) in enumerate(ways, start=1):
        lines.append(_element(f'way id="{count}" version="1"', [number[place] for place in places], tags))
    return "\n".join([*lines, "</osm>", ""])


def _element(head: str, references: Sequence[int], tags: dict[str, str]) -> str:
    inner = [f'<nd ref="{reference}"/>' for reference in references]
    inner += [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
    return f"<{head}>{''.join(inner)}</{head.split(maxsplit=1)[0]}>" if inner else f"<{head}/>"


# ── Layers ──────────────────────────────────────────────────────────────────


def _write_houses(town: Town, path: Path) -> None:
    """Write the houses as a zipped shapefile in GBK, in metres of CGCS2000 with the number of the zone."""
    frame = gpd.GeoDataFrame(
        {
            "楼栋编号": [home.code for home in town.homes],
            "小区名称": [home.compound.name for home in town.homes],
            "层数": [home.house.levels for home in town.homes],
            "建筑面积": [round(home.house.floor_m2, 1) for home in town.homes],
            "户数": [home.households for home in town.homes],
            "常住人口": [home.residents for home in town.homes],
            **{group: [home.groups[k] for home in town.homes] for k, group in enumerate(GROUPS)},
        },
        geometry=[drawn(shapely.box(*home.house.box), in_degrees=False) for home in town.homes],
        crs=GAUSS_KRUEGER_ZONED,
    )
    with tempfile.TemporaryDirectory() as scratch:
        pyogrio.write_dataframe(frame, Path(scratch) / "houses.shp", encoding="GBK")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(scratch).iterdir()):
                archive.writestr(zipfile.ZipInfo(part.name, _ZIP_MOMENT), part.read_bytes(), zipfile.ZIP_DEFLATED)


def _write_layers(town: Town, path: Path) -> None:
    path.unlink(missing_ok=True)
    ground = town.ground
    code, name = "区划代码", "名称"
    shapes = [drawn(ground.communities[one.number]) for one in COMMUNITIES]
    _add(path, "社区", {code: [one.code for one in COMMUNITIES], name: [one.name for one in COMMUNITIES]}, shapes)
    _add(path, "街道", {code: [STREET_CODE], name: [STREET_NAME]}, [shapely.union_all(shapes)])
    _add(
        path,
        "小区",
        {
            "编号": [one.code for one in ground.compounds],
            "小区名称": [one.name for one in ground.compounds],
            "是否可穿行": ["是" if one.through else "否" for one in ground.compounds],
            "建成年份": [one.year for one in ground.compounds],
        },
        [drawn(outline(*one.wall)) for one in ground.compounds],
    )
    _add(
        path,
        "公共用地",
        {
            "编号": [one.code for one in town.sites],
            "名称": [one.name for one in town.sites],
            "服务类型": [";".join(one.services) for one in town.sites],
            "建筑面积_平方米": [one.floor_m2 for one in town.sites],
            "用地面积_平方米": [one.land_m2 for one in town.sites],
            "工作人员": [one.staff for one in town.sites],
            "学位": [one.capacity for one in town.sites],
            "开办年份": [one.opened for one in town.sites],
        },
        [drawn(one.area) for one in town.sites],
    )
    doors = [(one.code, place) for one in town.sites for place in one.entrances]
    _add(path, "出入口", {"所属": [of for of, _ in doors]}, [shapely.Point(degrees(place)) for _, place in doors])
    _add(path, "存量空间", *_candidates(ground))
    _add(path, "水系", {"名称": ["清河"]}, [drawn(outline(-1700, RIVER - 38, 4100, RIVER + 52))])


def _candidates(ground: Ground) -> tuple[dict[str, Sequence[Any]], list[shapely.Geometry]]:
    """List buildings and plots that stand empty, what they cost and what is allowed there."""
    table = (
        (1, "原清湾粮站", 620, 145, "老年人日间照料中心；社区食堂、老年助餐点；文化活动站", -40, -22, 30, 18),
        (2, "柳园闲置厂房", 1500, 320, "幼儿园；托育机构；文化活动站；室外综合健身场地", -92, 30, 34, 22),
        (3, "石桥老电影院", 900, 210, "社区服务站；文化活动站；儿童与青少年活动中心", 34, -28, 32, 20),
        (4, "南营空地", 400, 38, "室外综合健身场地；公共厕所", 34, 40, 24, 18),
        (5, "东渡旧仓库", 560, 128, "老年人日间照料中心；居家养老服务站；药店", 30, -24, 28, 18),
        (6, "新集原信用社", 300, 74, "药店；社区卫生服务站", -90, -40, 20, 14),
        (7, "北岸原供销社", 480, 96, "居家养老服务站；老年人日间照料中心；社区商业网点", 14, -40, 26, 16),
        (8, "书院旧校舍", 760, 150, "社区卫生服务站；托育机构", -92, -40, 30, 20),
        (9, "槐荫老菜市场", 600, 88, "菜市场或生鲜超市；公共厕所；室外综合健身场地", -50, -36, 28, 20),
    )
    shapes = []
    for number, _, _, _, _, du, dv, wide, high in table:
        u0, v0, u1, v1 = ground.block(number, "hub").inside()
        um, vm = (u0 + u1) / 2, (v0 + v1) / 2
        shapes.append(drawn(shapely.box(um + du, vm + dv, um + du + wide, vm + dv + high)))
    columns: dict[str, Sequence[Any]] = {
        "编号": [f"C{number}" for number, *_ in table],
        "名称": [row[1] for row in table],
        "建筑面积_平方米": [float(row[2]) for row in table],
        "改造费用_万元": [float(row[3]) for row in table],
        "可用于": [row[4] for row in table],
    }
    return columns, shapes


def _add(path: Path, layer: str, columns: dict[str, Sequence[Any]], shapes: Iterable[shapely.Geometry]) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=np.array(list(shapes), object), crs="EPSG:4490")
    pyogrio.write_dataframe(
        frame, path, layer=layer, driver="GPKG", append=path.exists(),
        layer_options={"DESCRIPTION": FICTION, "SPATIAL_INDEX": "NO"},
    )  # fmt: skip


# ── Tables ──────────────────────────────────────────────────────────────────


def _write_facilities(rows: Sequence[Facility], path: Path) -> None:
    headers = (
        *("编号", "设施名称", "设施类型", "地址", "经度", "纬度", "建筑面积（㎡）", "使用面积（㎡）", "用地面积（㎡）"),
        *("工作人员（人）", "容量（人）", "床位数（张）", "开放时间", "状态", "开办年份", "关闭年份"),
    )
    cells = []
    for row in rows:
        lon, lat = degrees(row.place)
        sizes = (row.floor_m2, row.usable_m2, row.land_m2, row.staff, row.capacity, row.beds)
        cells.append(
            (
                row.code,
                row.name,
                "；".join(row.services),
                row.address,
                lon,
                lat,
                *sizes,
                row.hours,
                row.status,
                row.opened,
                row.closed,
            )
        )
    _write_book(path, "设施名录", "清河街道（虚构示例）公共服务设施名录", headers, cells)


def _write_population(path: Path) -> None:
    headers = ("社区代码", "社区名称", "户数（户）", "常住人口（人）", *GROUPS)
    cells = []
    for one in COMMUNITIES:
        *children, to_64, to_79, older = one.ages
        cells.append(
            (one.code, one.name, one.households, one.residents, *children, to_64 + to_79 + older, to_79 + older, older)
        )
    total = ("合计", "", *(sum(row[k] for row in cells) for k in range(2, len(headers))))
    _write_book(path, "人口", "清河街道（虚构示例）分社区户籍与常住人口", headers, [*cells, total])


def _write_answers(path: Path, sheet: str, title: str, answers: Sequence[Answer]) -> None:
    headers = ("条文编号", "分区编号", "分区名称", "答复", "填报人", "日期", "说明")
    names = {one.code: one.name for one in COMMUNITIES}
    cells = [
        (one.rule, one.district, names.get(one.district, ""), one.told, "虚构填报人", "2026-06-30", one.remark)
        for one in answers
    ]
    _write_book(path, sheet, title, headers, cells)


def _write_book(path: Path, sheet: str, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": title, "comments": FICTION, "created": _MOMENT})
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        page.write(0, 0, title, bold)
        for column, header in enumerate(headers):
            page.write(1, column, header, bold)
        for number, row in enumerate(rows, start=2):
            for column, cell in enumerate(row):
                if cell is not None and cell != "":
                    page.write(number, column, cell)
        page.write(len(rows) + 3, 0, f"注：{FICTION}")
        page.freeze_panes(2, 2)
        page.set_column(0, len(headers), 14)


def _write_gates(ground: Ground, path: Path) -> None:
    """Write the gates as the property office keeps them: CSV in GBK."""
    lines = [("小区编号", "小区名称", "经度", "纬度", "通行对象", "开放时间")]
    lines += [
        (one.code, one.name, *(f"{part:.7f}" for part in degrees(gate.place)), gate.who, gate.hours)
        for one in ground.compounds
        for gate in one.gates
    ]
    path.write_bytes(_csv(lines).encode("gbk"))


def _write_pois(rows: Sequence[Poi], path: Path) -> None:
    """Write the shops as an online map lists them: in GCJ-02, with its codes of types."""
    lonlat = np.array([degrees(row.place) for row in rows])
    lon, lat = converted(lonlat[:, 0], lonlat[:, 1], "wgs84", "gcj02")
    lines = [("id", "name", "typecode", "lon", "lat")]
    lines += [
        (row.code, row.name, row.typecode, f"{x:.6f}", f"{y:.6f}") for row, x, y in zip(rows, lon, lat, strict=True)
    ]
    path.write_text(_csv(lines), encoding="utf-8")


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
